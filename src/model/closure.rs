//! Days on which a clinic, or one of its clinicians, is closed for longer, and what the clinic does
//! on each holiday.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};

use super::{ClinicianId, ClosureId};

/// A day of every year, as 12-29.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MonthDay(u16);

impl MonthDay {
    /// The day, if some year has it.
    pub fn new(month: u32, day: u32) -> Option<Self> {
        // A leap year has all of them.
        NaiveDate::from_ymd_opt(2024, month, day).map(Self::of)
    }

    /// The day of the year that `date` is.
    pub fn of(date: NaiveDate) -> Self {
        Self(u16::try_from(date.month() * 100 + date.day()).unwrap_or_default())
    }

    /// Month × 100 + day, as it is stored.
    pub fn number(self) -> i64 {
        self.0.into()
    }

    /// Reads what [`MonthDay::number`] gave.
    pub fn from_number(number: i64) -> Option<Self> {
        let number = u32::try_from(number).ok()?;
        Self::new(number / 100, number % 100)
    }
}

impl fmt::Display for MonthDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}-{:02}", self.0 / 100, self.0 % 100)
    }
}

/// A text that is no day of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a day of every year is written as 12-29")]
pub struct NoMonthDay;

impl FromStr for MonthDay {
    type Err = NoMonthDay;

    fn from_str(text: &str) -> Result<Self, NoMonthDay> {
        let two = |text: &str| {
            let right = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
            right.then(|| text.parse().ok()).flatten()
        };
        let (month, day) = text.split_once('-').ok_or(NoMonthDay)?;
        two(month).zip(two(day)).and_then(|(m, d)| Self::new(m, d)).ok_or(NoMonthDay)
    }
}

/// Which days a closure covers; both ends belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Of every year, and into the next where it ends before it begins.
    Yearly {
        /// The first day.
        from: MonthDay,
        /// The last day.
        to: MonthDay,
    },
    /// Once.
    Dates {
        /// The first day.
        from: NaiveDate,
        /// The last day.
        to: NaiveDate,
    },
}

impl Extent {
    /// Whether `date` is one of its days.
    pub fn covers(self, date: NaiveDate) -> bool {
        match self {
            Self::Dates { from, to } => (from..=to).contains(&date),
            Self::Yearly { from, to } => {
                let day = MonthDay::of(date);
                if from <= to { from <= day && day <= to } else { from <= day || day <= to }
            }
        }
    }
}

/// Days on which nobody can be booked, unless an exception opens one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closure {
    /// Its id.
    pub id: ClosureId,
    /// Whom it concerns; nobody named means the whole facility.
    pub clinician: Option<ClinicianId>,
    /// What it is called, as 年末年始.
    pub name: Arc<str>,
    /// Which days.
    pub extent: Extent,
}

/// The holidays that a choice is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WhichHoliday {
    /// All of this name.
    Named(Arc<str>),
    /// The one of this date.
    On(NaiveDate),
}

/// What the clinic does on a holiday, where that is not what it does on all others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HolidayChoice {
    /// On which.
    pub which: WhichHoliday,
    /// Open as on any other day, or closed.
    pub open: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn yearly(from: &str, to: &str) -> Extent {
        Extent::Yearly { from: from.parse().unwrap(), to: to.parse().unwrap() }
    }

    #[test]
    fn a_year_end_reaches_into_every_new_year() {
        let year_end = yearly("12-29", "01-03");
        for day in ["2026-12-29", "2026-12-31", "2027-01-01", "2027-01-03", "2030-01-02"] {
            assert!(year_end.covers(date(day)), "{day}");
        }
        for day in ["2026-12-28", "2027-01-04", "2027-07-01"] {
            assert!(!year_end.covers(date(day)), "{day}");
        }
        let obon = yearly("08-13", "08-15");
        assert!(obon.covers(date("2027-08-13")) && obon.covers(date("2027-08-15")));
        assert!(!obon.covers(date("2027-08-12")) && !obon.covers(date("2027-08-16")));
        let once = Extent::Dates { from: date("2027-08-13"), to: date("2027-08-15") };
        assert!(once.covers(date("2027-08-15")) && !once.covers(date("2028-08-14")));
    }

    #[test]
    fn days_of_a_year_are_written_in_one_way() {
        for (text, number) in [("12-29", 1229), ("02-29", 229), ("01-01", 101)] {
            let day: MonthDay = text.parse().unwrap();
            assert_eq!((day.to_string().as_str(), day.number()), (text, number));
            assert_eq!(MonthDay::from_number(number), Some(day));
        }
        for bad in ["02-30", "13-01", "1-1", "12/29", "2026-12-29", "+1-01", ""] {
            assert_eq!(bad.parse::<MonthDay>(), Err(NoMonthDay), "{bad}");
        }
        assert_eq!(MonthDay::from_number(-1), None);
    }
}
