//! A booking: a place in time for one visit, from the first hold to its outcome.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::time::Instant;
use crate::time::span::Span;

use super::{BookingId, ClinicianId, FacilityId, PatientId, RoomId, SeriesId, ServiceId};

/// Makes an enum whose values have one name everywhere: in the database, in JSON, in code.
macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $value:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
            Serialize, Deserialize, sqlx::Type, utoipa::ToSchema,
        )]
        #[sqlx(type_name = "text", rename_all = "snake_case")]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$of])* $value,)+ }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$value,)+];

            /// Its name.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$value => $text,)+ }
            }
        }

        impl FromStr for $name {
            type Err = UnknownName;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text { $($text => Ok(Self::$value),)+ _ => Err(UnknownName) }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

pub(super) use named;

/// A text that names none of the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such name")]
pub struct UnknownName;

named! {
    /// Where a booking stands.
    Status {
        /// Kept for a short time while the patient answers the questions.
        Held = "held",
        /// Waiting for the clinic's approval.
        Requested = "requested",
        /// Agreed.
        Booked = "booked",
        /// The patient is in the waiting room.
        CheckedIn = "checked_in",
        /// The clinician has admitted the patient.
        InProgress = "in_progress",
        /// The visit took place.
        Fulfilled = "fulfilled",
        /// The visit was turned into one in person.
        Converted = "converted",
        /// The connection could not be made or kept.
        Aborted = "aborted",
        /// Called off by the patient or the clinic.
        Cancelled = "cancelled",
        /// The clinic did not approve it.
        Declined = "declined",
        /// A hold that was not confirmed or was given back, or a request left unanswered.
        Expired = "expired",
        /// The patient did not come.
        NoShow = "no_show",
        /// The clinician did not come.
        DoctorAbsent = "doctor_absent",
    }
}

impl Status {
    /// Whether it takes the clinician's and the patient's time. The databases' constraints list
    /// the same states.
    pub const fn occupies(self) -> bool {
        matches!(
            self,
            Self::Held | Self::Requested | Self::Booked | Self::CheckedIn | Self::InProgress
        )
    }

    /// Whether nothing comes after it.
    pub const fn is_terminal(self) -> bool {
        !self.occupies()
    }
}

named! {
    /// How a visit ended, as the clinician closes it.
    Outcome {
        /// It took place.
        Done = "done",
        /// It goes on in person.
        ConvertedToInPerson = "converted_to_in_person",
        /// The patient did not come.
        PatientAbsent = "patient_absent",
        /// The clinician did not come.
        DoctorAbsent = "doctor_absent",
        /// The connection could not be made or kept.
        CouldNotConnect = "could_not_connect",
    }
}

impl Outcome {
    /// The state it leaves the booking in.
    pub const fn status(self) -> Status {
        match self {
            Self::Done => Status::Fulfilled,
            Self::ConvertedToInPerson => Status::Converted,
            Self::PatientAbsent => Status::NoShow,
            Self::DoctorAbsent => Status::DoctorAbsent,
            Self::CouldNotConnect => Status::Aborted,
        }
    }
}

named! {
    /// Whose wish it is.
    Party {
        /// The patient, or who acts for the patient.
        Patient = "patient",
        /// Staff of the clinic.
        Clinic = "clinic",
    }
}

named! {
    /// How a booking came to be.
    Origin {
        /// By the patient.
        Patient = "patient",
        /// By staff, as on the telephone.
        Staff = "staff",
        /// From the waiting list.
        Waitlist = "waitlist",
        /// As one of several visits.
        Series = "series",
    }
}

/// A place in time for one visit.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Booking {
    /// Its id, the same for its whole life.
    pub id: BookingId,
    /// What people call it; given when it is confirmed, and kept.
    pub number: Option<String>,
    /// Where.
    #[sqlx(rename = "facility_id")]
    pub facility: FacilityId,
    /// With whom.
    #[sqlx(rename = "clinician_id")]
    pub clinician: ClinicianId,
    /// The kind of visit.
    #[sqlx(rename = "service_id")]
    pub service: ServiceId,
    /// For whom; a hold need not know yet.
    #[sqlx(rename = "patient_id")]
    pub patient: Option<PatientId>,
    /// Where it stands.
    pub status: Status,
    /// Start of the visit.
    pub starts_at: Instant,
    /// End of the visit.
    pub ends_at: Instant,
    /// From when the clinician is taken, with what is kept free before.
    pub busy_from: Instant,
    /// Until when, with what is kept free after.
    pub busy_until: Instant,
    /// The first instant at which a hold is no longer one; only a hold has it.
    pub hold_expires_at: Option<Instant>,
    /// Whether the hold was extended; it can be once.
    pub hold_extended: bool,
    /// Rises by one with each change: `ETag`.
    pub version: i64,
    /// When it was first held.
    pub created_at: Instant,
    /// The booking for which this row keeps another clinician's time.
    #[sqlx(rename = "lead_id")]
    pub lead: Option<BookingId>,
    /// What shares the clinician's time: the seats of one group; otherwise the booking alone.
    pub session_key: uuid::Uuid,
    /// The seat in the group, from 0.
    pub seat: i64,
    /// 0 is ordinary time; others are named overbooking capacities.
    pub lane: i64,
    /// Where the patient is received.
    #[sqlx(rename = "room_id")]
    pub room: Option<RoomId>,
    /// The facility's date, where the day's visits of this kind are limited.
    pub local_date: Option<chrono::NaiveDate>,
    /// The place among them, from 0.
    pub day_seat: Option<i64>,
    /// iCalendar's SEQUENCE: rises with each change of place, and when it is called off.
    pub sequence: i64,
    /// The visits with which it was booked.
    #[sqlx(rename = "series_id")]
    pub series: Option<SeriesId>,
    /// Who made it.
    pub origin: Origin,
    /// Until when the clinic must answer a request.
    pub answer_by: Option<Instant>,
    /// When it was last changed.
    pub changed_at: Instant,
}

impl Booking {
    /// The row that keeps a companion's time for this booking.
    #[must_use]
    pub fn companion(&self, clinician: ClinicianId) -> Self {
        let id = BookingId::new();
        Self {
            id,
            clinician,
            lead: Some(self.id),
            session_key: id.0,
            seat: 0,
            patient: None,
            number: None,
            room: None,
            local_date: None,
            day_seat: None,
            ..self.clone()
        }
    }

    /// The visit itself; nothing if the times do not make one.
    pub fn visit(&self) -> Option<Span> {
        Span::new(self.starts_at, self.ends_at)
    }

    /// What it takes of the clinician's time at `now`; nothing once it is over, also not when it
    /// is a hold that has run out and only not been swept yet.
    pub fn occupied(&self, now: Instant) -> Option<Span> {
        let run_out = self.hold_expires_at.is_some_and(|expires| expires <= now);
        let takes = self.status.occupies() && !run_out;
        Span::new(self.busy_from, self.busy_until).filter(|_| takes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_has_one_name_everywhere() {
        for status in Status::ALL {
            assert_eq!(status.as_str().parse(), Ok(*status));
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
        }
        for outcome in Outcome::ALL {
            assert_eq!(serde_json::to_value(outcome).unwrap(), outcome.as_str());
        }
        assert_eq!("Held".parse::<Status>(), Err(UnknownName));
    }

    #[test]
    fn five_states_take_time() {
        use Status::{Booked, CheckedIn, Held, InProgress, Requested};
        let taking: Vec<_> = Status::ALL.iter().filter(|s| s.occupies()).collect();
        assert_eq!(taking, [&Held, &Requested, &Booked, &CheckedIn, &InProgress]);
    }
}
