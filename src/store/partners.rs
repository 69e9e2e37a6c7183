//! Institutions that take a clinic's patients in an emergency.

use sqlx::FromRow;

use super::{Result, Tx, on, run};
use crate::model::{FacilityId, PartnerId};
use crate::time::Instant;

/// An institution that takes a clinic's patients.
#[derive(Clone, Debug, FromRow)]
#[expect(missing_docs, reason = "columns, named as in the schema")]
pub struct PartnerRow {
    pub id: PartnerId,
    pub name: String,
    pub telephone: String,
    pub address: String,
    pub municipality_code: String,
}

impl Tx {
    /// The partners of a clinic, in the order of their coming.
    pub async fn partners(&mut self, facility: FacilityId) -> Result<Vec<PartnerRow>> {
        let sql = "SELECT id, name, telephone, address, municipality_code FROM partner_institution
            WHERE facility_id = $1 AND closed_at IS NULL ORDER BY id";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(facility).fetch_all(db).await?))
    }

    /// Adds a partner.
    pub async fn add_partner(&mut self, facility: FacilityId, row: &PartnerRow) -> Result<()> {
        let sql = "INSERT INTO partner_institution
                (id, facility_id, name, telephone, address, municipality_code)
            VALUES ($1, $2, $3, $4, $5, $6)";
        run!(
            self,
            sqlx::query(sql)
                .bind(row.id)
                .bind(facility)
                .bind(&row.name)
                .bind(&row.telephone)
                .bind(&row.address)
                .bind(&row.municipality_code)
        );
        Ok(())
    }

    /// Takes a partner away; false where there is none.
    pub async fn close_partner(
        &mut self,
        facility: FacilityId,
        id: PartnerId,
        now: Instant,
    ) -> Result<bool> {
        let sql = "UPDATE partner_institution SET closed_at = $3
            WHERE facility_id = $1 AND id = $2 AND closed_at IS NULL";
        Ok(run!(self, sqlx::query(sql).bind(facility).bind(id).bind(now)) == 1)
    }
}
