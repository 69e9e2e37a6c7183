//! A clinic's own days: closures of several days, and what it does on each holiday.

use chrono::NaiveDate;

use crate::model::closure::{Closure, HolidayChoice, WhichHoliday};
use crate::model::schedule::{DateException, Difference, OnHolidays};
use crate::model::{ClinicianId, ExceptionId};
use crate::time::span::{Span, union};
use crate::time::zone::LocalDay;

use super::super::holidays::Lookup;
use super::{Calendar, Practice, Reason};

/// The days that a facility has made its own.
#[derive(Clone, Debug, Default)]
pub struct OwnDays {
    /// Days on which it, or one clinician, is closed for longer.
    pub closures: Vec<Closure>,
    /// What it does on single holidays.
    pub holidays: Vec<HolidayChoice>,
}

impl OwnDays {
    /// What was chosen for the holiday of `name` on `date`. A date says more than a name.
    pub fn choice(&self, date: NaiveDate, name: Option<&str>) -> Option<&HolidayChoice> {
        let of_date = |one: &&HolidayChoice| one.which == WhichHoliday::On(date);
        let of_name = |one: &&HolidayChoice| matches!(&one.which, WhichHoliday::Named(known) if Some(&**known) == name);
        let mut choices = self.holidays.iter();
        choices.clone().find(of_date).or_else(|| choices.find(of_name))
    }
}

impl Practice {
    /// The same with days of its own.
    #[must_use]
    pub fn with_own_days(mut self, own: OwnDays) -> Self {
        self.own = own;
        self
    }

    /// The same without the exceptions that `gone` names, and with `more`.
    #[must_use]
    pub fn with_exceptions(mut self, gone: &[ExceptionId], more: &[DateException]) -> Self {
        self.exceptions.retain(|exception| !gone.contains(&exception.id));
        self.exceptions.extend_from_slice(more);
        self.exceptions.sort_by_key(|exception| exception.date);
        self
    }

    /// Whether the facility closes on what the list of holidays says of `date`.
    pub fn closes_on(&self, date: NaiveDate, day: &Lookup) -> bool {
        let closes = self.on_holidays == OnHolidays::Closed;
        let name = match day {
            Lookup::Ordinary => return false,
            Lookup::Holiday(name) => Some(&**name),
            Lookup::Unknown => None,
        };
        match self.own.choice(date, name) {
            Some(choice) => !choice.open,
            // It may turn out to be a holiday on which it closes.
            None if name.is_none() => closes || self.own.holidays.iter().any(closes_by_name),
            None => closes,
        }
    }
}

fn closes_by_name(choice: &HolidayChoice) -> bool {
    !choice.open && matches!(choice.which, WhichHoliday::Named(_))
}

impl Calendar<'_> {
    /// The closure of several days that holds `date`, of all or of `whom`, unless an exception opens
    /// it.
    pub(super) fn closed_period(
        &self,
        date: NaiveDate,
        whom: Option<ClinicianId>,
    ) -> Option<Reason> {
        let mut closures = self.practice.own.closures.iter();
        let concerns = |one: &Closure| one.clinician.is_none() || one.clinician == whom;
        let closure = closures.find(|one| concerns(one) && one.extent.covers(date))?;
        let opened = self.openings(date).next().is_some();
        (!opened).then(|| Reason::ClosedPeriod(closure.id, closure.name.clone()))
    }

    /// The breaks of `date`.
    pub fn breaks(&self, date: NaiveDate) -> impl Iterator<Item = (ExceptionId, u16, u16)> {
        self.concerning(date).filter_map(|exception| match exception.difference {
            Difference::Break { from, to } => Some((exception.id, from, to)),
            Difference::Open { .. } | Difference::Closed => None,
        })
    }

    /// The breaks of `day` as instants, sorted and joined.
    pub(super) fn pauses(&self, day: &LocalDay) -> Vec<Span> {
        let span = |(_, from, to)| Span::new(day.at(from)?, day.at(to)?);
        union(self.breaks(day.date).filter_map(span).collect())
    }
}

#[cfg(test)]
pub(crate) mod tests;
