//! On what a first visit without a meeting in person may rest (guideline V1(2)), and what a
//! booking was made with.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{AccountId, BookingId, FacilityId};
use crate::time::Instant;

/// The basis of a first visit.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum FirstVisitBasis {
    /// The doctor knows the patient from visits in person (かかりつけの医師).
    Kakaritsuke,
    /// Enough is known from records of others.
    InfoSufficient,
    /// Doctor and patient agreed on it in a talk before (診療前相談).
    PreConsultation,
}

/// Where information about a patient comes from.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Records of visits in the past.
    PastRecords,
    /// 診療情報提供書.
    ReferralLetter,
    /// 健診結果.
    CheckupResult,
    /// 地域医療情報ネットワーク.
    RegionalNetwork,
    /// お薬手帳.
    MedicationNotebook,
    /// Personal health record.
    Phr,
}

/// What becomes of a wish for a first visit without a basis.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum WithoutBasis {
    /// The clinic decides: it becomes a request.
    #[default]
    Request,
    /// It is refused.
    Refuse,
}

/// What came of a talk before care.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum TalkOutcome {
    /// Online care can follow.
    ProceedOnline,
    /// The patient comes to this clinic.
    InPersonHere,
    /// The patient goes to another clinic.
    ReferElsewhere,
    /// Nothing follows here.
    Decline,
}

/// What a booking was made with. Answers, dates and sources are sealed with the booking.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Intake {
    /// The booking.
    #[sqlx(rename = "booking_id")]
    pub booking: BookingId,
    /// Where.
    #[sqlx(rename = "facility_id")]
    pub facility: FacilityId,
    /// The version of the questionnaire that was answered.
    pub questionnaire_id: Option<Uuid>,
    /// The version of the clinic's list of signs that was answered.
    pub triage_id: Option<Uuid>,
    /// The version of the fees that was shown.
    pub fee_version_id: Option<Uuid>,
    /// When it was acknowledged that online care may be refused.
    pub refusal_acknowledged_at: Option<Instant>,
    /// When the fee was acknowledged.
    pub fee_acknowledged_at: Option<Instant>,
    /// The basis of a first visit.
    pub first_visit_basis: Option<FirstVisitBasis>,
    /// The talk on which it rests.
    pub pre_consultation_id: Option<BookingId>,
    /// When the doctor confirmed the basis.
    pub confirmed_at: Option<Instant>,
    /// Who did.
    pub confirmed_by: Option<AccountId>,
    /// Rises with each change.
    pub version: i64,
}
