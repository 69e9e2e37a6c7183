//! What a booking was made with: consents, versions, the basis of a first visit.

use sqlx::FromRow;
use uuid::Uuid;

use super::{Error, Result, Tx, on, run};
use crate::model::intake::{FirstVisitBasis, Intake, TalkOutcome};
use crate::model::terms::{ConsentKind, ConsentMethod, ConsentText};
use crate::model::{AccountId, BookingId, FacilityId, PatientId, new_id};
use crate::seal::Sealed;
use crate::time::Instant;

/// A consent as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct ConsentRow {
    /// To what.
    pub kind: ConsentKind,
    /// To which version of its text.
    pub version: i64,
    /// The text itself.
    pub text_id: Uuid,
    /// How.
    pub method: ConsentMethod,
    /// When.
    pub at: Instant,
    /// When it was withdrawn.
    pub withdrawn_at: Option<Instant>,
}

/// How and when somebody agrees, and who heard or saw it.
#[derive(Clone, Copy, Debug)]
pub struct Agreed {
    /// How.
    pub method: ConsentMethod,
    /// The account of who heard or saw it; nobody for a box that was ticked.
    pub witness: Option<AccountId>,
    /// When.
    pub at: Instant,
}

impl Tx {
    /// Keeps what a booking was made with.
    pub async fn add_intake(&mut self, intake: &Intake) -> Result<()> {
        let sql = "INSERT INTO intake (booking_id, facility_id, questionnaire_id, triage_id,
                fee_version_id, refusal_acknowledged_at, fee_acknowledged_at, first_visit_basis,
                pre_consultation_id, pre_consultation_outcome, version)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
        run!(
            self,
            sqlx::query(sql)
                .bind(intake.booking)
                .bind(intake.facility)
                .bind(intake.questionnaire_id)
                .bind(intake.triage_id)
                .bind(intake.fee_version_id)
                .bind(intake.refusal_acknowledged_at)
                .bind(intake.fee_acknowledged_at)
                .bind(intake.first_visit_basis)
                .bind(intake.pre_consultation_id)
                .bind(intake.pre_consultation_id.map(|_| TalkOutcome::ProceedOnline))
                .bind(intake.version)
        );
        Ok(())
    }

    /// What a booking was made with; nothing for one of before this was kept.
    pub async fn intake(&mut self, booking: BookingId) -> Result<Option<Intake>> {
        let sql = "SELECT booking_id, facility_id, questionnaire_id, triage_id, fee_version_id,
                refusal_acknowledged_at, fee_acknowledged_at, first_visit_basis,
                pre_consultation_id, confirmed_at, confirmed_by, version
            FROM intake WHERE booking_id = $1";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(booking).fetch_optional(db).await?))
    }

    /// Keeps a doctor's word on the basis of a first visit, if it is still as of `version`.
    pub async fn put_basis(
        &mut self,
        booking: BookingId,
        version: i64,
        basis: FirstVisitBasis,
        talk: Option<BookingId>,
        confirmed: (AccountId, Instant),
    ) -> Result<()> {
        let sql = "UPDATE intake SET first_visit_basis = $3, pre_consultation_id = $4,
                pre_consultation_outcome = $5, confirmed_by = $6, confirmed_at = $7,
                version = version + 1
            WHERE booking_id = $1 AND version = $2";
        let changed = run!(
            self,
            sqlx::query(sql)
                .bind(booking)
                .bind(version)
                .bind(basis)
                .bind(talk)
                .bind(talk.map(|_| TalkOutcome::ProceedOnline))
                .bind(confirmed.0)
                .bind(confirmed.1)
        );
        if changed == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// Replaces the sealed answers of a booking.
    pub async fn put_answers(&mut self, booking: BookingId, sealed: &Sealed) -> Result<()> {
        let sql = "UPDATE booking SET questionnaire = $2 WHERE id = $1";
        run!(self, sqlx::query(sql).bind(booking).bind(sealed));
        Ok(())
    }

    /// Keeps that the patient of a booking agreed to a text.
    pub async fn add_consent(
        &mut self,
        booking: BookingId,
        facility: FacilityId,
        text: &ConsentText,
        agreed: Agreed,
    ) -> Result<()> {
        let sql = "INSERT INTO consent
                (id, booking_id, facility_id, kind, text_id, version, method, account_id, at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        run!(
            self,
            sqlx::query(sql)
                .bind(new_id())
                .bind(booking)
                .bind(facility)
                .bind(text.kind)
                .bind(text.id)
                .bind(text.version)
                .bind(agreed.method)
                .bind(agreed.witness)
                .bind(agreed.at)
        );
        Ok(())
    }

    /// The consents of a booking, withdrawn ones too, in the order of their giving.
    pub async fn consents(&mut self, booking: BookingId) -> Result<Vec<ConsentRow>> {
        let sql = "SELECT kind, version, text_id, method, at, withdrawn_at FROM consent
                   WHERE booking_id = $1 ORDER BY at, kind, id";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(booking).fetch_all(db).await?))
    }

    /// Withdraws a consent; false when there is none that stands.
    pub async fn withdraw_consent(
        &mut self,
        booking: BookingId,
        kind: ConsentKind,
        now: Instant,
    ) -> Result<bool> {
        let sql = "UPDATE consent SET withdrawn_at = $3
                   WHERE booking_id = $1 AND kind = $2 AND withdrawn_at IS NULL";
        Ok(run!(self, sqlx::query(sql).bind(booking).bind(kind).bind(now)) == 1)
    }

    /// Keeps what came of a talk before care.
    pub async fn add_talk_outcome(
        &mut self,
        booking: BookingId,
        facility: FacilityId,
        outcome: TalkOutcome,
        now: Instant,
    ) -> Result<()> {
        let sql = "INSERT INTO pre_consultation (booking_id, facility_id, outcome, recorded_at)
                   VALUES ($1, $2, $3, $4)";
        run!(self, sqlx::query(sql).bind(booking).bind(facility).bind(outcome).bind(now));
        Ok(())
    }

    /// The latest talk of a patient at a facility after which online care may follow.
    pub async fn agreed_talk(
        &mut self,
        patient: PatientId,
        facility: FacilityId,
    ) -> Result<Option<BookingId>> {
        let sql = "SELECT b.id FROM booking AS b
                JOIN service AS s ON s.id = b.service_id
                JOIN pre_consultation AS t ON t.booking_id = b.id
            WHERE b.patient_id = $1 AND (b.facility_id = $2) IS TRUE AND b.status = 'fulfilled'
              AND s.kind = 'pre_consultation' AND t.outcome = 'proceed_online'
            ORDER BY b.starts_at DESC LIMIT 1";
        Ok(on!(self, |db| {
            sqlx::query_scalar(sql).bind(patient).bind(facility).fetch_optional(db).await?
        }))
    }

    /// Whether the patient was treated at the facility but for this visit; a talk before care is no
    /// treatment.
    pub async fn seen_before(
        &mut self,
        patient: PatientId,
        facility: FacilityId,
        visit: BookingId,
    ) -> Result<bool> {
        let sql = "SELECT count(*) FROM booking AS b JOIN service AS s ON s.id = b.service_id
            WHERE b.patient_id = $1 AND b.facility_id = $2 AND b.status = 'fulfilled'
              AND s.kind = 'online_care' AND b.id <> $3";
        let count: i64 = on!(self, |db| {
            sqlx::query_scalar(sql).bind(patient).bind(facility).bind(visit).fetch_one(db).await?
        });
        Ok(count > 0)
    }
}
