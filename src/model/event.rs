//! What happened to a booking. The rows are written by the database itself with each change
//! (migration 0025), and from them alone follows how the booking stands.

use std::str::FromStr;

use sqlx::FromRow;

use super::booking::{Origin, Status, UnknownName, named};
use super::{BookingId, CheckId, ClinicianId, FacilityId, PatientId, RoomId};
use crate::time::Instant;
use serde::{Deserialize, Serialize};

/// One thing that happened to a booking.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct BookingEvent {
    /// To which.
    #[sqlx(rename = "booking_id")]
    pub booking: BookingId,
    /// Its place among the booking's events, from 1.
    pub seq: i64,
    /// When.
    pub at: Instant,
    /// How the booking stood before; nothing at its beginning.
    pub was: Option<Status>,
    /// What came of it.
    #[sqlx(flatten)]
    pub state: State,
    /// Whether this is how the booking stood when events began to be written: what was before it
    /// nobody wrote down.
    pub backfilled: bool,
}

/// How a booking stands: what follows from its events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromRow)]
pub struct State {
    /// Where it stands.
    pub status: Status,
    /// With whom.
    #[sqlx(rename = "clinician_id")]
    pub clinician: ClinicianId,
    /// For whom, once that is known.
    #[sqlx(rename = "patient_id")]
    pub patient: Option<PatientId>,
    /// Where the patient is received.
    #[sqlx(rename = "room_id")]
    pub room: Option<RoomId>,
    /// Start of the visit.
    pub starts_at: Instant,
    /// End of the visit.
    pub ends_at: Instant,
    /// Its version.
    pub version: i64,
}

/// A booking's row, as far as it is compared with its events, and what never changes of it.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Standing {
    /// Its id.
    pub id: BookingId,
    /// Where.
    #[sqlx(rename = "facility_id")]
    pub facility: FacilityId,
    /// The booking for which this row keeps a companion's time.
    #[sqlx(rename = "lead_id")]
    pub lead: Option<BookingId>,
    /// How it came to be.
    pub origin: Origin,
    /// How it stands.
    #[sqlx(flatten)]
    pub state: State,
}

named! {
    /// What of the bookings a check looked at.
    CheckScope {
        /// All of them.
        Whole = "whole",
        /// Those that changed since the check before.
        Changed = "changed",
    }
}

/// A check that bookings stand as their events say.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Check {
    /// Its id.
    pub id: CheckId,
    /// What it looked at.
    pub scope: CheckScope,
    /// When it began.
    pub started_at: Instant,
    /// When it ended; nothing while it goes on, or where it was broken off.
    pub finished_at: Option<Instant>,
    /// How many bookings it looked at.
    pub bookings: i64,
    /// How many events.
    pub events: i64,
    /// How many bookings stand otherwise than their events say.
    pub divergent: i64,
}
