//! Where facilities' own programs hear of their bookings.

use sqlx::FromRow;

use super::{Result, Tx, on, run};
use crate::model::{FacilityId, WebhookId};
use crate::seal::Sealed;
use crate::time::Instant;

/// An endpoint as it is stored.
#[derive(Debug, FromRow)]
#[expect(missing_docs, reason = "columns, named as in the schema")]
pub struct WebhookRow {
    pub id: WebhookId,
    pub facility_id: FacilityId,
    pub url: Sealed,
    pub secret: Sealed,
    pub created_at: Instant,
}

impl Tx {
    /// Adds an endpoint.
    pub async fn add_webhook(&mut self, w: &WebhookRow) -> Result<()> {
        let sql = "INSERT INTO webhook (id, facility_id, url, secret, created_at)
                   VALUES ($1, $2, $3, $4, $5)";
        run!(
            self,
            sqlx::query(sql)
                .bind(w.id)
                .bind(w.facility_id)
                .bind(&w.url)
                .bind(&w.secret)
                .bind(w.created_at)
        );
        Ok(())
    }

    /// The endpoints of a facility, the oldest first.
    pub async fn webhooks(&mut self, facility: FacilityId) -> Result<Vec<WebhookRow>> {
        let sql = "SELECT id, facility_id, url, secret, created_at FROM webhook
                   WHERE facility_id = $1 AND removed_at IS NULL ORDER BY id";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(facility).fetch_all(db).await?))
    }

    /// One endpoint, unless it was removed.
    pub async fn webhook(&mut self, id: WebhookId) -> Result<Option<WebhookRow>> {
        let sql = "SELECT id, facility_id, url, secret, created_at FROM webhook
                   WHERE id = $1 AND removed_at IS NULL";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(id).fetch_optional(db).await?))
    }

    /// Removes an endpoint of the facility and forgets its address and secret; whether there was
    /// one.
    pub async fn remove_webhook(
        &mut self,
        facility: FacilityId,
        id: WebhookId,
        now: Instant,
    ) -> Result<bool> {
        let sql = "UPDATE webhook SET removed_at = $3, url = NULL, secret = NULL
                   WHERE id = $1 AND facility_id = $2 AND removed_at IS NULL";
        Ok(run!(self, sqlx::query(sql).bind(id).bind(facility).bind(now)) == 1)
    }
}
