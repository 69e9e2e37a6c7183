//! When a clinician can be booked: weekly hours, dates that differ, kinds of visit.

use chrono::{Datelike, NaiveDate, TimeDelta};
use serde::{Deserialize, Serialize};

use crate::time::span::{Dates, Span};
use crate::time::zone::{DAY_MINUTES, weekday};

use super::{ClinicianId, ExceptionId, FacilityId, ServiceId};

/// Times of visits are multiples of this.
pub const UNIT_MINUTES: u16 = 5;

/// In which weeks weekly hours are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weeks {
    /// In all of them.
    #[default]
    Every,
    /// On the first, second … fifth such weekday of a month: bit 0 is the first. "2nd and 4th
    /// Saturday" is `0b01010`.
    OfMonth(u8),
    /// Every other week, among them the week (Monday to Sunday) of this date.
    Alternate(NaiveDate),
}

impl Weeks {
    /// Whether `date` falls in one of them.
    pub fn contain(self, date: NaiveDate) -> bool {
        match self {
            Self::Every => true,
            Self::OfMonth(which) => which >> (date.day0() / 7) & 1 == 1,
            Self::Alternate(anchor) => (week_number(date) - week_number(anchor)) % 2 == 0,
        }
    }

    /// Whether a week can be in both.
    fn may_meet(self, other: Self) -> bool {
        match (self, other) {
            (Self::OfMonth(a), Self::OfMonth(b)) => a & b != 0,
            (Self::Alternate(a), Self::Alternate(b)) => other.contain(a) || self.contain(b),
            _ => true,
        }
    }
}

/// Weeks since a Monday long ago.
fn week_number(date: NaiveDate) -> i32 {
    // Day 1 of the common era was a Monday.
    (date.num_days_from_ce() - 1).div_euclid(7)
}

/// Hours on one day of the week, in minutes of the local day: `opens < closes <= 1440`, both
/// multiples of [`UNIT_MINUTES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WeeklyHours {
    /// Monday is 1, Sunday 7.
    pub weekday: u8,
    /// First minute of the local day.
    pub opens: u16,
    /// The minute after the last.
    pub closes: u16,
    /// In which weeks.
    pub weeks: Weeks,
    /// On which dates.
    pub valid: Dates,
    /// For which kind of visit; none named means for all.
    pub service: Option<ServiceId>,
}

impl WeeklyHours {
    /// Hours of every week, without an end, for all kinds of visit.
    pub const fn every(weekday: u8, opens: u16, closes: u16) -> Self {
        let (weeks, valid) = (Weeks::Every, Dates::ALWAYS);
        Self { weekday, opens, closes, weeks, valid, service: None }
    }

    /// Whether they are kept on `date` for `service`.
    pub fn apply(&self, date: NaiveDate, service: ServiceId) -> bool {
        self.service.is_none_or(|only| only == service) && self.fall_on(date)
    }

    /// Whether they are kept on `date` for some kind of visit.
    pub fn fall_on(&self, date: NaiveDate) -> bool {
        self.weekday == weekday(date) && self.valid.contains(date) && self.weeks.contain(date)
    }

    /// Whether some instant can be in both for one kind of visit.
    fn clashes(&self, other: &Self) -> bool {
        let services = self.service.is_none() || other.service.is_none();
        self.weekday == other.weekday
            && (services || self.service == other.service)
            && self.opens < other.closes
            && other.opens < self.closes
            && self.valid.overlaps(other.valid)
            && self.weeks.may_meet(other.weeks)
    }
}

/// What is wrong with hours that somebody entered; the numbers are positions in their list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HoursFault {
    /// No such weekday.
    #[error("hours {0}: a weekday is a number from 1 (Monday) to 7 (Sunday)")]
    Weekday(usize),
    /// They close before they open, or after the end of the day.
    #[error("hours {0}: they must close after they open and by 24:00")]
    Order(usize),
    /// Not in units of five minutes.
    #[error("hours {0}: minutes must be multiples of 5")]
    Unit(usize),
    /// Two of them share a time.
    #[error("hours {0} and {1} overlap")]
    Overlap(usize, usize),
}

/// Whether hours can be kept as they are.
pub fn check_hours(hours: &[WeeklyHours]) -> Result<(), HoursFault> {
    for (at, one) in hours.iter().enumerate() {
        if !(1..=7).contains(&one.weekday) {
            return Err(HoursFault::Weekday(at));
        }
        check_minutes(one.opens, one.closes, at)?;
        if let Some(other) = hours[..at].iter().position(|other| other.clashes(one)) {
            return Err(HoursFault::Overlap(other, at));
        }
    }
    Ok(())
}

/// Whether minutes of a day are hours; `at` is their position in a list, for the complaint.
pub fn check_minutes(opens: u16, closes: u16, at: usize) -> Result<(), HoursFault> {
    if opens >= closes || closes > DAY_MINUTES {
        return Err(HoursFault::Order(at));
    }
    if !opens.is_multiple_of(UNIT_MINUTES) || !closes.is_multiple_of(UNIT_MINUTES) {
        return Err(HoursFault::Unit(at));
    }
    Ok(())
}

/// What a facility does on public holidays.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    sqlx::Type,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum OnHolidays {
    /// No visit, unless an exception opens the date.
    #[default]
    Closed,
    /// The weekly hours, as on any other day.
    Open,
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
    /// A pause: these minutes are taken from whatever the hours are.
    Break {
        /// First minute of the local day.
        from: u16,
        /// The minute after the last.
        to: u16,
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
    /// How long before its start the patient can still cancel it.
    pub cancel_cutoff: TimeDelta,
    /// How long before its start the patient can still change its time.
    pub change_cutoff: TimeDelta,
    /// Whether the clinic must approve a booking; until it does, the time is occupied.
    pub needs_approval: bool,
    /// What it needs beside one clinician's time.
    pub demands: Demands,
}

/// What a kind of visit needs beside one clinician's time, and how often it can be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demands {
    /// How many working days of the facility must lie between the booking and the visit's day,
    /// that day included: 1 is the next working day.
    pub notice_working_days: u8,
    /// How many of them a clinician has on one local day at most.
    pub daily_limit: Option<u16>,
    /// How many patients share one visit.
    pub capacity: u16,
    /// Whether the patient is received in a room.
    pub needs_room: bool,
    /// Who offers it; nobody named means everybody of the facility.
    pub clinicians: Vec<ClinicianId>,
    /// Who must be there together, beside the clinician with whom it is booked.
    pub team: Vec<ClinicianId>,
}

impl Default for Demands {
    /// One patient, one clinician, as often as there is time.
    fn default() -> Self {
        Self {
            notice_working_days: 0,
            daily_limit: None,
            capacity: 1,
            needs_room: false,
            clinicians: Vec::new(),
            team: Vec::new(),
        }
    }
}

impl Demands {
    /// Whether a clinician's free time is all it takes.
    pub fn are_plain(&self) -> bool {
        self.daily_limit.is_none() && self.capacity <= 1 && !self.needs_room && self.team.is_empty()
    }

    /// Whether `clinician` offers it.
    pub fn offered_by(&self, clinician: ClinicianId) -> bool {
        self.clinicians.is_empty() || self.clinicians.contains(&clinician)
    }

    /// Who must be there beside `lead`.
    pub fn companions(&self, lead: ClinicianId) -> impl Iterator<Item = ClinicianId> {
        self.team.iter().copied().filter(move |one| *one != lead)
    }
}

/// What is wrong with a kind of visit, by the name of its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServiceFault {
    /// A length of time that must be within limits.
    #[error("{0} must be whole units of 5 minutes, at least {1} and at most {2} minutes")]
    Minutes(&'static str, i64, i64),
    /// Too many days ahead.
    #[error("horizon_days must be at most {0}")]
    Horizon(u16),
}

impl Service {
    /// The longest visit, in minutes.
    pub const LONGEST: i64 = 8 * 60;
    /// The farthest horizon, in days.
    pub const FARTHEST: u16 = 400;

    /// The time that a visit takes from the clinician, with what is kept free around it.
    pub fn occupied(&self, visit: Span) -> Span {
        visit.pad(self.buffer_before, self.buffer_after)
    }

    /// The same without notice and with the farthest horizon: for times that were given out
    /// already, and for staff who pass over both.
    #[must_use]
    pub fn without_notice(&self) -> Self {
        let demands = Demands { notice_working_days: 0, ..self.demands.clone() };
        Self { notice: TimeDelta::zero(), horizon_days: Self::FARTHEST, demands, ..self.clone() }
    }

    /// Whether it can be offered as it is.
    pub fn check(&self) -> Result<(), ServiceFault> {
        let unit = i64::from(UNIT_MINUTES);
        let year = 366 * 24 * 60;
        for (name, value, least, most) in [
            ("length", self.length, unit, Self::LONGEST),
            ("step", self.step, unit, 24 * 60),
            ("buffer_before", self.buffer_before, 0, 4 * 60),
            ("buffer_after", self.buffer_after, 0, 4 * 60),
            ("notice", self.notice, 0, year),
            ("cancel_cutoff", self.cancel_cutoff, 0, year),
            ("change_cutoff", self.change_cutoff, 0, year),
        ] {
            let minutes = value.num_minutes();
            let whole = value == TimeDelta::minutes(minutes) && minutes % unit == 0;
            if !whole || !(least..=most).contains(&minutes) {
                return Err(ServiceFault::Minutes(name, least, most));
            }
        }
        if self.horizon_days > Self::FARTHEST {
            return Err(ServiceFault::Horizon(Self::FARTHEST));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn dates_of(hours: WeeklyHours, month: &str) -> Vec<u32> {
        let first = date(&format!("{month}-01"));
        let days = first.iter_days().take_while(|day| day.month() == first.month());
        days.filter(|day| hours.apply(*day, ServiceId::default())).map(|day| day.day()).collect()
    }

    #[test]
    fn second_and_fourth_saturday_and_every_other_week() {
        let saturday = WeeklyHours::every(6, 540, 720);
        assert_eq!(dates_of(saturday, "2026-08"), [1, 8, 15, 22, 29]);
        let second_fourth = WeeklyHours { weeks: Weeks::OfMonth(0b01010), ..saturday };
        assert_eq!(dates_of(second_fourth, "2026-08"), [8, 22]);
        // A Sunday belongs to the week of the Monday before it.
        let other = WeeklyHours { weeks: Weeks::Alternate(date("2026-08-16")), ..saturday };
        assert_eq!(dates_of(other, "2026-08"), [1, 15, 29]);
        assert_eq!(dates_of(other, "2026-07"), [4, 18]);
    }

    #[test]
    fn hours_can_be_of_some_dates_and_of_one_kind_of_visit() {
        let monday = WeeklyHours::every(1, 540, 720);
        let valid = Dates::between(date("2026-08-10"), date("2026-08-24"));
        assert_eq!(dates_of(WeeklyHours { valid, ..monday }, "2026-08"), [10, 17]);
        let only = ServiceId::new();
        let service = Some(only);
        assert_eq!(dates_of(WeeklyHours { service, ..monday }, "2026-08"), [0u32; 0]);
        assert!(WeeklyHours { service, ..monday }.apply(date("2026-08-10"), only));
    }

    #[test]
    fn faulty_hours_are_named() {
        let hours = WeeklyHours::every;
        assert_eq!(check_hours(&[hours(1, 540, 720), hours(1, 720, 1440)]), Ok(()));
        assert_eq!(check_hours(&[hours(8, 540, 720)]), Err(HoursFault::Weekday(0)));
        assert_eq!(check_hours(&[hours(0, 540, 720)]), Err(HoursFault::Weekday(0)));
        assert_eq!(check_hours(&[hours(1, 720, 720)]), Err(HoursFault::Order(0)));
        assert_eq!(check_hours(&[hours(1, 720, 1445)]), Err(HoursFault::Order(0)));
        assert_eq!(check_hours(&[hours(1, 541, 720)]), Err(HoursFault::Unit(0)));
        let overlapping = [hours(2, 540, 720), hours(1, 540, 725), hours(1, 720, 800)];
        assert_eq!(check_hours(&overlapping), Err(HoursFault::Overlap(1, 2)));
    }

    #[test]
    fn hours_of_other_weeks_dates_or_services_do_not_clash() {
        let all = WeeklyHours::every(6, 540, 720);
        let week = |text| WeeklyHours { weeks: Weeks::Alternate(date(text)), ..all };
        assert_eq!(check_hours(&[week("2026-08-01"), week("2026-08-08")]), Ok(()));
        assert!(check_hours(&[week("2026-08-01"), week("2026-08-15")]).is_err());
        let month = |which| WeeklyHours { weeks: Weeks::OfMonth(which), ..all };
        assert_eq!(check_hours(&[month(0b01010), month(0b10101)]), Ok(()));
        assert!(check_hours(&[month(0b01010), all]).is_err());
        let before =
            WeeklyHours { valid: Dates { from: None, until: Some(date("2026-09-01")) }, ..all };
        let after = WeeklyHours { valid: Dates::since(date("2026-09-01")), ..all };
        assert_eq!(check_hours(&[before, after]), Ok(()));
        let first = WeeklyHours { service: Some(ServiceId::new()), ..all };
        let repeat = WeeklyHours { service: Some(ServiceId::new()), ..all };
        assert_eq!(check_hours(&[first, repeat]), Ok(()));
        assert!(check_hours(&[first, all]).is_err());
    }

    #[test]
    fn a_kind_of_visit_has_sane_lengths() {
        let minutes = TimeDelta::minutes;
        let good = Service {
            id: ServiceId::new(),
            facility: FacilityId::new(),
            length: minutes(15),
            buffer_before: minutes(0),
            buffer_after: minutes(5),
            step: minutes(15),
            notice: minutes(60),
            horizon_days: 60,
            cancel_cutoff: minutes(60),
            change_cutoff: minutes(120),
            needs_approval: false,
            demands: Demands::default(),
        };
        assert_eq!(good.check(), Ok(()));
        for length in [0, -15, 1, 7, 25 * 60] {
            assert!(
                Service { length: minutes(length), ..good.clone() }.check().is_err(),
                "{length}"
            );
        }
        let step = TimeDelta::minutes(5) + TimeDelta::seconds(1);
        assert!(Service { step, ..good.clone() }.check().is_err());
        assert!(Service { step: minutes(0), ..good.clone() }.check().is_err());
        assert!(Service { notice: TimeDelta::MAX, ..good.clone() }.check().is_err());
        assert!(Service { buffer_after: minutes(-5), ..good.clone() }.check().is_err());
        assert!(Service { horizon_days: 401, ..good }.check().is_err());
    }
}
