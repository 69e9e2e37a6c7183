//! What can be changed about hours, as it is asked for and as it is kept: one list of edits, and
//! the list that brings back what was before.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::actions::{Error, Result};
use crate::model::closure::{Closure, Extent, WhichHoliday};
use crate::model::schedule::{
    DateException, Difference, HoursFault, OnHolidays, WeeklyHours, Weeks, check_hours,
    check_minutes,
};
use crate::model::{ClinicianId, ClosureId, ExceptionId, ServiceId};
use crate::time::span::Dates;

/// Stretches of one clinician's week at most.
pub const MOST_STRETCHES: usize = 200;
/// Edits of one change at most.
pub const MOST_EDITS: usize = 1000;

/// A stretch of hours on one day of the week.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Stretch {
    /// Monday is 1, Sunday 7.
    #[schema(minimum = 1, maximum = 7)]
    pub weekday: u8,
    /// First minute of the local day.
    #[schema(minimum = 0, maximum = 1435)]
    pub opens: u16,
    /// The minute after the last.
    #[schema(minimum = 5, maximum = 1440)]
    pub closes: u16,
    /// On which such weekdays of a month only: bit 0 is the first. None means on all.
    pub weeks_of_month: Option<u8>,
    /// Every other week only, among them the week of this date.
    pub alternate_from: Option<NaiveDate>,
    /// From this date on only.
    pub valid_from: Option<NaiveDate>,
    /// Up to, not including, this date only.
    pub valid_until: Option<NaiveDate>,
    /// For this kind of visit only.
    pub service_id: Option<ServiceId>,
}

impl From<WeeklyHours> for Stretch {
    fn from(hours: WeeklyHours) -> Self {
        let (weeks_of_month, alternate_from) = match hours.weeks {
            Weeks::Every => (None, None),
            Weeks::OfMonth(which) => (Some(which), None),
            Weeks::Alternate(date) => (None, Some(date)),
        };
        Self {
            weekday: hours.weekday,
            opens: hours.opens,
            closes: hours.closes,
            weeks_of_month,
            alternate_from,
            valid_from: hours.valid.from,
            valid_until: hours.valid.until,
            service_id: hours.service,
        }
    }
}

impl TryFrom<Stretch> for WeeklyHours {
    type Error = Error;

    fn try_from(s: Stretch) -> Result<Self> {
        let weeks = match (s.weeks_of_month, s.alternate_from) {
            (None, None) => Weeks::Every,
            (Some(which @ 1..=31), None) => Weeks::OfMonth(which),
            (None, Some(date)) => Weeks::Alternate(date),
            _ => return Err(Error::invalid("/hours", "range")),
        };
        Ok(Self {
            weekday: s.weekday,
            opens: s.opens,
            closes: s.closes,
            weeks,
            valid: Dates { from: s.valid_from, until: s.valid_until },
            service: s.service_id,
        })
    }
}

/// The hours of a list of stretches, if they can be kept.
pub fn weekly_hours(stretches: Vec<Stretch>) -> Result<Vec<WeeklyHours>> {
    if stretches.len() > MOST_STRETCHES {
        return Err(Error::invalid("/hours", "too_many"));
    }
    let hours = stretches.into_iter().map(WeeklyHours::try_from);
    let hours = hours.collect::<Result<Vec<_>>>()?;
    check_hours(&hours).map_err(faulty)?;
    Ok(hours)
}

/// What is wrong with hours, as the fault of a field.
pub(crate) fn faulty(fault: HoursFault) -> Error {
    let code = match fault {
        HoursFault::Weekday(_) => "weekday",
        HoursFault::Order(_) => "order",
        HoursFault::Unit(_) => "unit",
        HoursFault::Overlap(..) => "overlap",
    };
    Error::invalid("/hours", code)
}

/// What is different on a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExceptionKind {
    /// No visit that day.
    Closed,
    /// These hours instead of the weekly ones.
    Open,
    /// A pause, taken from whatever the hours are.
    Break,
}

impl ExceptionKind {
    /// Kind, first minute and the minute after the last of a difference.
    pub fn of(difference: Difference) -> (Self, Option<u16>, Option<u16>) {
        match difference {
            Difference::Closed => (Self::Closed, None, None),
            Difference::Open { opens, closes } => (Self::Open, Some(opens), Some(closes)),
            Difference::Break { from, to } => (Self::Break, Some(from), Some(to)),
        }
    }

    /// The difference of this kind with these minutes.
    pub fn with(self, opens: Option<u16>, closes: Option<u16>) -> Result<Difference> {
        let difference = match (self, opens, closes) {
            (Self::Closed, None, None) => return Ok(Difference::Closed),
            (Self::Open, Some(opens), Some(closes)) => Difference::Open { opens, closes },
            (Self::Break, Some(from), Some(to)) => Difference::Break { from, to },
            _ => return Err(Error::invalid("/opens", "required")),
        };
        let (opens, closes) = opens.zip(closes).unwrap_or_default();
        check_minutes(opens, closes, 0).map_err(faulty)?;
        Ok(difference)
    }
}

/// From one day of the year to another, both included, as `12-29` and `01-03`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct YearlyDays {
    /// The first day.
    #[schema(example = "12-29")]
    pub from: String,
    /// The last day; in the next year where it comes before the first.
    #[schema(example = "01-03")]
    pub to: String,
}

/// From one date to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DateRange {
    /// The first date.
    pub from: NaiveDate,
    /// The last date.
    pub to: NaiveDate,
}

/// One thing that is to be changed.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = HoursEdit)]
pub enum Edit {
    /// Replaces a clinician's weekly hours.
    WeeklyHours {
        /// Whose.
        clinician_id: ClinicianId,
        /// The version that the person saw.
        version: i64,
        /// The hours.
        hours: Vec<Stretch>,
    },
    /// Adds a date that differs.
    AddException {
        /// Given when it is planned.
        #[serde(default)]
        exception_id: Option<ExceptionId>,
        /// Whom it concerns; nobody named means the whole clinic.
        #[serde(default)]
        clinician_id: Option<ClinicianId>,
        /// The local date.
        date: NaiveDate,
        /// What is different.
        difference: ExceptionKind,
        /// First minute of the local day, where it is open or a break.
        #[serde(default)]
        opens: Option<u16>,
        /// The minute after the last, where it is open or a break.
        #[serde(default)]
        closes: Option<u16>,
        /// Why, for the staff.
        #[serde(default)]
        note: String,
    },
    /// Removes a date that differs.
    RemoveException {
        /// Which.
        exception_id: ExceptionId,
    },
    /// Closes several days.
    AddClosure {
        /// Given when it is planned.
        #[serde(default)]
        closure_id: Option<ClosureId>,
        /// Whom it concerns; nobody named means the whole clinic.
        #[serde(default)]
        clinician_id: Option<ClinicianId>,
        /// What it is called.
        name: String,
        /// The same days of every year.
        #[serde(default)]
        yearly: Option<YearlyDays>,
        /// These dates, once.
        #[serde(default)]
        dates: Option<DateRange>,
    },
    /// Opens days that were closed.
    RemoveClosure {
        /// Which.
        closure_id: ClosureId,
    },
    /// What the clinic does on the holidays of a name, or on the holiday of a date.
    Holiday {
        /// The name.
        #[serde(default)]
        name: Option<String>,
        /// The date.
        #[serde(default)]
        date: Option<NaiveDate>,
        /// Open or closed; nothing means as on all others.
        #[serde(default)]
        open: Option<bool>,
    },
    /// What the clinic does on holidays for which nothing else is said.
    OnHolidays {
        /// Open as on any other day, or closed.
        open: bool,
    },
}

impl Edit {
    /// The edit that adds this exception.
    pub fn add_exception(exception: &DateException, note: String) -> Self {
        let (difference, opens, closes) = ExceptionKind::of(exception.difference);
        Self::AddException {
            exception_id: Some(exception.id),
            clinician_id: exception.clinician,
            date: exception.date,
            difference,
            opens,
            closes,
            note,
        }
    }

    /// The edit that adds this closure.
    pub fn add_closure(closure: &Closure) -> Self {
        let (yearly, dates) = match closure.extent {
            Extent::Yearly { from, to } => {
                (Some(YearlyDays { from: from.to_string(), to: to.to_string() }), None)
            }
            Extent::Dates { from, to } => (None, Some(DateRange { from, to })),
        };
        Self::AddClosure {
            closure_id: Some(closure.id),
            clinician_id: closure.clinician,
            name: closure.name.to_string(),
            yearly,
            dates,
        }
    }

    /// The edit that makes this choice, or takes it back.
    pub fn holiday(which: &WhichHoliday, open: Option<bool>) -> Self {
        let (name, date) = match which {
            WhichHoliday::Named(name) => (Some(name.to_string()), None),
            WhichHoliday::On(date) => (None, Some(*date)),
        };
        Self::Holiday { name, date, open }
    }
}

/// The days of a closure, if they make one.
pub(super) fn extent(yearly: Option<YearlyDays>, dates: Option<DateRange>) -> Result<Extent> {
    match (yearly, dates) {
        (Some(days), None) => {
            let day = |text: &str| text.parse().map_err(|_| Error::invalid("/yearly", "month_day"));
            Ok(Extent::Yearly { from: day(&days.from)?, to: day(&days.to)? })
        }
        (None, Some(DateRange { from, to })) if from <= to => Ok(Extent::Dates { from, to }),
        (None, Some(_)) => Err(Error::invalid("/dates", "order")),
        _ => Err(Error::invalid("/dates", "required")),
    }
}

/// What the clinic does on holidays, of a yes or no.
pub(super) fn on_holidays(open: bool) -> OnHolidays {
    if open { OnHolidays::Open } else { OnHolidays::Closed }
}
