//! A place in a clinician's time (temporary shape).
use super::{BookingId, ClinicianId, FacilityId, PatientId, ServiceId};
use crate::time::Instant;

#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    sqlx::Type,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Held,
    Requested,
    Booked,
    CheckedIn,
    InProgress,
    Fulfilled,
    Converted,
    Aborted,
    Cancelled,
    Declined,
    Expired,
    NoShow,
    DoctorAbsent,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booking {
    pub id: BookingId,
    pub number: Option<String>,
    pub facility: FacilityId,
    pub clinician: ClinicianId,
    pub service: ServiceId,
    pub patient: Option<PatientId>,
    pub status: Status,
    pub starts_at: Instant,
    pub ends_at: Instant,
    pub busy_from: Instant,
    pub busy_until: Instant,
    pub hold_expires_at: Option<Instant>,
    pub hold_extended: bool,
    pub version: i64,
    pub created_at: Instant,
}
