//! Plans of online care: one for each patient of a facility, in versions that stay.

use sqlx::FromRow;
use uuid::Uuid;

use super::{Error, Result, Tx, on, run};
use crate::model::care_plan::{PlanMethod, Recording};
use crate::model::{AccountId, BookingId, FacilityId, PatientId, new_id};
use crate::seal::Sealed;
use crate::time::Instant;

/// One version of a plan.
#[derive(Debug, FromRow)]
#[expect(missing_docs, reason = "columns, named as in the schema")]
pub struct PlanRow {
    pub id: Uuid,
    pub version: i64,
    pub body: Sealed,
    pub recording: Recording,
    pub account_id: AccountId,
    pub created_at: Instant,
}

/// That a version was agreed to for a visit.
#[derive(Debug, FromRow)]
#[expect(missing_docs, reason = "columns, named as in the schema")]
pub struct AgreementRow {
    pub version_id: Uuid,
    pub method: PlanMethod,
    pub at: Instant,
}

impl Tx {
    /// A version of a patient's plan at a facility; the newest where none is named.
    pub async fn care_plan(
        &mut self,
        patient: PatientId,
        facility: FacilityId,
        version: Option<i64>,
    ) -> Result<Option<PlanRow>> {
        let sql = "SELECT v.id, v.version, v.body, v.recording, v.account_id, v.created_at
            FROM care_plan AS p JOIN care_plan_version AS v ON v.plan_id = p.id
            WHERE p.patient_id = $1 AND p.facility_id = $2 AND v.version = COALESCE($3, v.version)
            ORDER BY v.version DESC LIMIT 1";
        Ok(on!(self, |db| {
            sqlx::query_as(sql)
                .bind(patient)
                .bind(facility)
                .bind(version)
                .fetch_optional(db)
                .await?
        }))
    }

    /// The numbers of all versions of a patient's plan at a facility and when each was written, the
    /// newest first.
    pub async fn care_plan_versions(
        &mut self,
        patient: PatientId,
        facility: FacilityId,
    ) -> Result<Vec<(i64, Instant)>> {
        let sql = "SELECT v.version, v.created_at
            FROM care_plan AS p JOIN care_plan_version AS v ON v.plan_id = p.id
            WHERE p.patient_id = $1 AND p.facility_id = $2 ORDER BY v.version DESC";
        Ok(on!(self, |db| {
            sqlx::query_as(sql).bind(patient).bind(facility).fetch_all(db).await?
        }))
    }

    /// A plan's next version, where `row.version` is the one after what its writer saw.
    pub async fn add_care_plan_version(
        &mut self,
        patient: PatientId,
        facility: FacilityId,
        row: &PlanRow,
    ) -> Result<()> {
        let sql = "INSERT INTO care_plan (id, facility_id, patient_id) VALUES ($1, $2, $3)
            ON CONFLICT DO NOTHING";
        run!(&mut *self, sqlx::query(sql).bind(new_id()).bind(facility).bind(patient));
        let sql = "SELECT id FROM care_plan WHERE facility_id = $1 AND patient_id = $2";
        let plan: Uuid = on!(&mut *self, |db| {
            sqlx::query_scalar(sql).bind(facility).bind(patient).fetch_one(db).await?
        });
        let sql = "INSERT INTO care_plan_version (id, plan_id, facility_id, version, body,
                recording, account_id, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";
        let added = run!(
            self,
            sqlx::query(sql)
                .bind(row.id)
                .bind(plan)
                .bind(facility)
                .bind(row.version)
                .bind(&row.body)
                .bind(row.recording)
                .bind(row.account_id)
                .bind(row.created_at)
        );
        if added == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// What of the plans was agreed to for a visit, the newest first.
    pub async fn care_plan_agreements(&mut self, booking: BookingId) -> Result<Vec<AgreementRow>> {
        let sql = "SELECT version_id, method, at FROM care_plan_agreement WHERE booking_id = $1
            ORDER BY at DESC";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(booking).fetch_all(db).await?))
    }

    /// Keeps that a version was agreed to for a visit; false where it was before.
    pub async fn agree_care_plan(
        &mut self,
        booking: BookingId,
        facility: FacilityId,
        agreed: &AgreementRow,
        witness: Option<AccountId>,
    ) -> Result<bool> {
        let sql = "INSERT INTO care_plan_agreement
                (version_id, booking_id, facility_id, method, account_id, at)
            SELECT $1, $2, $3, $4, $5, $6 WHERE NOT EXISTS
                (SELECT 1 FROM care_plan_agreement WHERE version_id = $1 AND booking_id = $2)";
        let added = run!(
            self,
            sqlx::query(sql)
                .bind(agreed.version_id)
                .bind(booking)
                .bind(facility)
                .bind(agreed.method)
                .bind(witness)
                .bind(agreed.at)
        );
        Ok(added == 1)
    }
}
