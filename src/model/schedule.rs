//! When a clinician can be booked: weekly hours, dates that differ, kinds of visit.

use chrono::{NaiveDate, TimeDelta};

use super::{ClinicianId, ExceptionId, FacilityId, ServiceId};

/// Times of visits are multiples of this.
pub const UNIT_MINUTES: u16 = 5;

/// Hours on one day of every week, in minutes of the local day: `opens < closes <= 1440`, both
/// multiples of [`UNIT_MINUTES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WeeklyHours {
    /// Monday is 1, Sunday 7.
    pub weekday: u8,
    /// First minute of the local day.
    pub opens: u16,
    /// The minute after the last.
    pub closes: u16,
}

/// What is different on a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// No visit that day.
    Closed,
    /// These hours instead of the weekly ones, also on a holiday. Several exceptions of one date
    /// add up.
    Open {
        /// First minute of the local day.
        opens: u16,
        /// The minute after the last.
        closes: u16,
    },
}

/// A date that differs from the weekly hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateException {
    /// Its id.
    pub id: ExceptionId,
    /// Whom it concerns; nobody named means the whole facility.
    pub clinician: Option<ClinicianId>,
    /// The local date at the facility.
    pub date: NaiveDate,
    /// What is different.
    pub difference: Difference,
}

/// A kind of visit: what the patient chooses and how long it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its id.
    pub id: ServiceId,
    /// Who offers it.
    pub facility: FacilityId,
    /// Length of the visit.
    pub length: TimeDelta,
    /// Time kept free before it.
    pub buffer_before: TimeDelta,
    /// Time kept free after it.
    pub buffer_after: TimeDelta,
    /// Distance between offered starts, counted from the opening of each stretch of hours.
    pub step: TimeDelta,
    /// How long before its start it must be booked.
    pub notice: TimeDelta,
    /// How many local days ahead it can be booked: 0 is today only.
    pub horizon_days: u16,
}
