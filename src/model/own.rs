//! The service's own side: what is counted of its visits.

use std::str::FromStr;

use super::booking::{UnknownName, named};
use serde::{Deserialize, Serialize};

named! {
    /// What is counted of visits, by the month for which they were agreed last.
    Measure {
        /// Times that the service offered to somebody who waited for one.
        Offered = "offered",
        /// Times that somebody chose and held, a patient or the clinic for them.
        Held = "held",
        /// Visits that were agreed.
        Booked = "booked",
        /// Of those: the visit took place.
        Kept = "kept",
        /// It went on in person.
        Converted = "converted",
        /// It was called off.
        Cancelled = "cancelled",
        /// The patient did not come.
        PatientAbsent = "patient_absent",
        /// The doctor did not come.
        DoctorAbsent = "doctor_absent",
        /// The connection could not be made or kept.
        Failed = "failed",
        /// It was not closed yet.
        Open = "open",
    }
}

impl Measure {
    /// What became of visits that were agreed: together they are [`Measure::Booked`].
    pub const OUTCOMES: [Self; 7] = [
        Self::Kept,
        Self::Converted,
        Self::Cancelled,
        Self::PatientAbsent,
        Self::DoctorAbsent,
        Self::Failed,
        Self::Open,
    ];
}

/// A number below which patients are not counted publicly.
pub const FEW: i64 = 5;

/// One count: of a municipality or of all (`all`), of a month (`2026-12`) or of a year (`2026`).
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Count {
    /// Six digits of a municipality, or `all`.
    pub place: String,
    /// A month or a year.
    pub period: String,
    /// What was counted.
    pub measure: Measure,
    /// How many visits.
    pub visits: i64,
    /// Of how many different patients; five stands for five and more.
    pub patients: i64,
    /// Whether the number may be shown.
    pub shown: bool,
}
