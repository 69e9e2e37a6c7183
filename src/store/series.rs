//! Visits that are booked together.

use super::{Result, Tx, on, run};
use crate::model::{BookingId, SeriesId, new_id};
use crate::time::Instant;

/// What the patient agreed to, by text.
#[derive(sqlx::FromRow)]
struct AgreedRow {
    kind: String,
    text_id: uuid::Uuid,
    version: i64,
    method: String,
    account_id: Option<uuid::Uuid>,
    at: Instant,
}

impl Tx {
    /// Makes a booking one of a series.
    pub async fn put_in_series(&mut self, id: BookingId, series: SeriesId) -> Result<()> {
        let sql = "UPDATE booking SET series_id = $2 WHERE id = $1 AND series_id IS NULL";
        run!(self, sqlx::query(sql).bind(id).bind(series));
        Ok(())
    }

    /// The bookings of a series that are still ahead, in order.
    pub async fn series_ahead(
        &mut self,
        series: SeriesId,
        from: Instant,
    ) -> Result<Vec<BookingId>> {
        let sql = "SELECT id FROM booking
            WHERE series_id = $1 AND lead_id IS NULL AND starts_at >= $2
              AND status IN ('requested', 'booked', 'checked_in') ORDER BY starts_at, id";
        Ok(on!(self, |db| sqlx::query_scalar(sql).bind(series).bind(from).fetch_all(db).await?))
    }

    /// All bookings of a series that were agreed once, in order.
    pub async fn series_visits(&mut self, series: SeriesId) -> Result<Vec<BookingId>> {
        let sql = "SELECT id FROM booking
            WHERE series_id = $1 AND lead_id IS NULL AND status NOT IN ('held', 'expired')
            ORDER BY starts_at, id";
        Ok(on!(self, |db| sqlx::query_scalar(sql).bind(series).fetch_all(db).await?))
    }

    /// Lets `to` rest on what was shown and agreed to for `from`: the versions, and the consents
    /// that were not withdrawn. The basis of a first visit is not carried on.
    pub async fn carry_intake(&mut self, from: BookingId, to: BookingId) -> Result<()> {
        let sql = "INSERT INTO intake (booking_id, facility_id, questionnaire_id, triage_id,
                fee_version_id, refusal_acknowledged_at, fee_acknowledged_at, version)
            SELECT $1, facility_id, questionnaire_id, triage_id, fee_version_id,
                refusal_acknowledged_at, fee_acknowledged_at, 1
            FROM intake WHERE booking_id = $2";
        run!(&mut *self, sqlx::query(sql).bind(to).bind(from));
        let sql = "SELECT kind, text_id, version, method, account_id, at FROM consent
                   WHERE booking_id = $1 AND withdrawn_at IS NULL";
        let agreed: Vec<AgreedRow> =
            on!(&mut *self, |db| sqlx::query_as(sql).bind(from).fetch_all(db).await?);
        let sql = "INSERT INTO consent
                (id, booking_id, facility_id, kind, text_id, version, method, account_id, at)
            SELECT $1, $2, facility_id, $3, $4, $5, $6, $7, $8 FROM booking WHERE id = $2";
        for one in agreed {
            run!(
                &mut *self,
                sqlx::query(sql)
                    .bind(new_id())
                    .bind(to)
                    .bind(&one.kind)
                    .bind(one.text_id)
                    .bind(one.version)
                    .bind(&one.method)
                    .bind(one.account_id)
                    .bind(one.at)
            );
        }
        Ok(())
    }
}
