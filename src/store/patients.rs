//! Patients: sealed columns, found by blind indexes.

use super::{Result, Tx, on, run};
use crate::model::PatientId;
use crate::seal::{BlindIndex, Sealed};
use crate::time::Instant;

/// A patient as stored: readable only with their key.
#[derive(Debug, sqlx::FromRow)]
pub struct PatientRow {
    /// Their id.
    pub id: PatientId,
    /// Their key under the master key; gone when they are forgotten.
    pub wrapped_key: Option<Sealed>,
    /// Of name in kana, birth date and telephone together: the same person books as the same row,
    /// so that the constraint on a patient's time covers all clinics.
    pub identity_index: BlindIndex,
    /// Of the telephone number.
    pub phone_index: BlindIndex,
    /// Name.
    pub name: Sealed,
    /// Name in kana.
    pub kana: Sealed,
    /// Birth date, ISO 8601.
    pub birth_date: Sealed,
    /// Telephone.
    pub phone: Sealed,
    /// E-mail address.
    pub email: Option<Sealed>,
}

impl Tx {
    /// Adds the patient unless one of the same identity is there; either way, the id and the
    /// wrapped key of the row that is there now.
    pub async fn keep_patient(
        &mut self,
        row: &PatientRow,
        now: Instant,
    ) -> Result<(PatientId, Option<Sealed>)> {
        let sql = "INSERT INTO patient (id, wrapped_key, identity_index, phone_index, name, kana,
                       birth_date, phone, email, created_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                   ON CONFLICT (identity_index) DO NOTHING";
        run!(
            self,
            sqlx::query(sql)
                .bind(row.id)
                .bind(&row.wrapped_key)
                .bind(&row.identity_index)
                .bind(&row.phone_index)
                .bind(&row.name)
                .bind(&row.kana)
                .bind(&row.birth_date)
                .bind(&row.phone)
                .bind(&row.email)
                .bind(now)
        );
        let sql = "SELECT id, wrapped_key FROM patient WHERE identity_index = $1";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(&row.identity_index).fetch_one(db).await?))
    }

    /// The patient with this id.
    pub async fn patient(&mut self, id: PatientId) -> Result<Option<PatientRow>> {
        let sql = "SELECT id, wrapped_key, identity_index, phone_index, name, kana, birth_date,
                       phone, email
                   FROM patient WHERE id = $1";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(id).fetch_optional(db).await?))
    }
}
