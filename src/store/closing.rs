//! How a visit ended, and what the law and the yearly report ask of one that took place.

use chrono::NaiveDate;
use sqlx::FromRow;

use super::{Result, Tx, on, run};
use crate::model::booking::Booking;
use crate::model::closing::{
    CareMode, DoctorPlace, Facts, PrescriptionKind, RecordAccess, ReferralReason,
};
use crate::model::facility::ServiceKind;
use crate::model::{AccountId, BookingId, ClinicianId};
use crate::seal::Sealed;
use crate::time::Instant;

/// What is kept of a visit that took place.
#[derive(Debug)]
pub struct NewClosing<'a> {
    /// Its booking.
    pub booking: &'a Booking,
    /// What kind of act it was.
    pub kind: ServiceKind,
    /// The facility's date on which it took place.
    pub local_date: NaiveDate,
    /// Where it took place in the end.
    pub mode: CareMode,
    /// Whether a talk before care went before it.
    pub pre_consultation_done: bool,
    /// What the doctor said; its texts are kept sealed, below.
    pub facts: &'a Facts,
    /// The texts.
    pub texts: ClosingTexts,
    /// When the exchange number runs out.
    pub exchange_expires_at: Option<Instant>,
    /// Who closed it.
    pub by: AccountId,
    /// When.
    pub at: Instant,
}

/// The personal texts of a closing form.
#[derive(Debug)]
#[expect(missing_docs, reason = "columns, named as in the schema")]
pub struct ClosingTexts {
    pub exchange_number: Option<Sealed>,
    pub referred_to: Option<Sealed>,
    pub onward_policy: Option<Sealed>,
    pub nurse_acts: Option<Sealed>,
}

/// What is read again of a visit that took place.
#[derive(Debug, FromRow)]
#[expect(missing_docs, reason = "columns, named as in the schema")]
pub struct ClosingRow {
    pub mode: CareMode,
    pub local_date: NaiveDate,
    pub prescription: PrescriptionKind,
    pub days: Option<i64>,
    pub exchange_number: Option<Sealed>,
    pub exchange_expires_at: Option<Instant>,
    pub exchange_shown_at: Option<Instant>,
    pub referral_reason: Option<ReferralReason>,
    pub referred_to: Option<Sealed>,
    pub onward_policy: Option<Sealed>,
    pub next_booking_id: Option<BookingId>,
}

/// Where a doctor was at the last visit that they closed.
#[derive(Debug, FromRow)]
#[expect(missing_docs, reason = "columns, named as in the schema")]
pub struct LastPlace {
    pub doctor_place: DoctorPlace,
    pub doctor_prefecture: Option<String>,
    pub record_access: Option<RecordAccess>,
}

impl Tx {
    /// Closes a visit with its outcome and sealed note; false when it was closed before.
    pub async fn close_visit(
        &mut self,
        booking: BookingId,
        outcome: &str,
        note: Option<&Sealed>,
        now: Instant,
    ) -> Result<bool> {
        let sql = "UPDATE visit SET outcome = $2, note = $3, closed_at = $4,
                ended_at = COALESCE(ended_at, $4)
            WHERE booking_id = $1 AND outcome IS NULL";
        Ok(run!(self, sqlx::query(sql).bind(booking).bind(outcome).bind(note).bind(now)) == 1)
    }

    /// Keeps what a doctor said of a visit that took place.
    pub async fn add_closing(&mut self, new: &NewClosing<'_>) -> Result<()> {
        let sql = "INSERT INTO visit_closing (booking_id, facility_id, clinician_id, kind,
                local_date, mode, guideline_first_visit, billing_first_visit,
                pre_consultation_done, underlying_info_known, medications_confirmed, prescription,
                days, narcotic, psychotropic, high_risk, exchange_number, exchange_expires_at,
                referral_reason, referred_to, conversion_reason, onward_policy, nurse_acts,
                patient_prefecture, patient_municipality, doctor_place, doctor_prefecture,
                record_access, next_booking_id, closed_by, closed_at, version)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
                $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, 1)";
        let NewClosing { booking, facts, texts, .. } = new;
        run!(
            self,
            sqlx::query(sql)
                .bind(booking.id)
                .bind(booking.facility)
                .bind(booking.clinician)
                .bind(new.kind)
                .bind(new.local_date)
                .bind(new.mode)
                .bind(facts.guideline_first_visit)
                .bind(facts.billing_first_visit)
                .bind(new.pre_consultation_done)
                .bind(facts.underlying_info_known)
                .bind(facts.medications_confirmed)
                .bind(facts.prescription.kind)
                .bind(facts.prescription.days)
                .bind(facts.prescription.narcotic)
                .bind(facts.prescription.psychotropic)
                .bind(facts.prescription.high_risk)
                .bind(&texts.exchange_number)
                .bind(new.exchange_expires_at)
                .bind(facts.referral.as_ref().map(|referral| referral.reason))
                .bind(&texts.referred_to)
                .bind(facts.conversion_reason)
                .bind(&texts.onward_policy)
                .bind(&texts.nurse_acts)
                .bind(&facts.patient_prefecture)
                .bind(&facts.patient_municipality)
                .bind(facts.doctor_place)
                .bind(&facts.doctor_prefecture)
                .bind(facts.record_access)
                .bind(facts.next_booking_id)
                .bind(new.by)
                .bind(new.at)
        );
        Ok(())
    }

    /// What is kept of a visit that took place.
    pub async fn closing(&mut self, booking: BookingId) -> Result<Option<ClosingRow>> {
        let sql = "SELECT mode, local_date, prescription, days, exchange_number,
                exchange_expires_at, exchange_shown_at, referral_reason, referred_to,
                onward_policy, next_booking_id
            FROM visit_closing WHERE booking_id = $1";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(booking).fetch_optional(db).await?))
    }

    /// Where a doctor was at the last visit that they closed.
    pub async fn last_place(&mut self, clinician: ClinicianId) -> Result<Option<LastPlace>> {
        let sql = "SELECT doctor_place, doctor_prefecture, record_access FROM visit_closing
            WHERE clinician_id = $1 ORDER BY closed_at DESC LIMIT 1";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(clinician).fetch_optional(db).await?))
    }

    /// Takes an exchange number out of its row, since it is shown now; false when somebody was
    /// faster.
    pub async fn take_exchange_number(&mut self, booking: BookingId, now: Instant) -> Result<bool> {
        let sql = "UPDATE visit_closing SET exchange_number = NULL, exchange_shown_at = $2
            WHERE booking_id = $1 AND exchange_number IS NOT NULL";
        Ok(run!(self, sqlx::query(sql).bind(booking).bind(now)) == 1)
    }

    /// Gives a visit's electronic prescription its exchange number, a new one as well; false where
    /// there is no such prescription.
    pub async fn put_exchange_number(
        &mut self,
        booking: BookingId,
        number: &Sealed,
        expires_at: Instant,
    ) -> Result<bool> {
        let sql = "UPDATE visit_closing SET exchange_number = $2, exchange_expires_at = $3,
                exchange_shown_at = NULL, version = version + 1
            WHERE booking_id = $1 AND prescription = 'electronic'";
        Ok(run!(self, sqlx::query(sql).bind(booking).bind(number).bind(expires_at)) == 1)
    }

    /// Erases the exchange numbers that have run out; how many.
    pub async fn erase_exchange_numbers(&mut self, now: Instant) -> Result<u64> {
        let sql = "UPDATE visit_closing SET exchange_number = NULL
            WHERE exchange_number IS NOT NULL AND exchange_expires_at <= $1";
        Ok(run!(self, sqlx::query(sql).bind(now)))
    }
}
