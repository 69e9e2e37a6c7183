//! When a clinician can be booked: rules of the facility, hours of the clinician, and what is
//! taken.
//!
//! The rules are asked in this order, and the first that closes a day decides:
//!
//! 1. the facility's acceptance must be in effect on the day of the visit;
//! 2. the clinician's training must be completed by then (guideline V3(1));
//! 3. a closed date of the facility;
//! 4. a closed date of the clinician;
//! 5. open dates, of the facility or the clinician, replace the weekly hours, also on a holiday;
//! 6. closures of several days, of the facility or the clinician;
//! 7. public holidays on which the facility closes;
//! 8. the weekly hours.
//!
//! What opens a date opens it also within a closure and on a holiday. Breaks are taken from
//! whatever the hours are.
//!
//! Each local day stands for itself: hours end at midnight, so a visit does not cross it.

use std::sync::Arc;

use chrono::NaiveDate;
use chrono_tz::Tz;

use crate::model::schedule::{DateException, Difference, OnHolidays, WeeklyHours};
use crate::model::{BookingId, ClinicianId, ClosureId, ExceptionId, FacilityId, RoomId, ServiceId};
use crate::time::Instant;
use crate::time::span::{Dates, Span, subtract, union};
use crate::time::zone::{Days, LocalDay};

use super::holidays::{Holidays, Lookup};

mod elsewhere;
mod own;

pub use elsewhere::{Elsewhere, FRESH};
pub use own::OwnDays;

/// What holds for all clinicians of a facility.
#[derive(Clone, Debug)]
pub struct Practice {
    /// Whose rules they are.
    pub facility: FacilityId,
    /// The zone of its local days.
    pub zone: Tz,
    /// What it does on public holidays.
    pub on_holidays: OnHolidays,
    /// When its acceptance of the criterion for online care is in effect.
    pub acceptance: Vec<Dates>,
    /// Its closures, and what it does on single holidays.
    pub own: OwnDays,
    /// The rooms in which its patients are received.
    pub rooms: Vec<RoomTime>,
    /// Sorted by date.
    exceptions: Vec<DateException>,
}

/// A room and what is taken of it.
#[derive(Clone, Debug)]
pub struct RoomTime {
    /// Which.
    pub room: RoomId,
    /// When it is taken; spans may overlap.
    pub busy: Vec<Busy>,
}

impl RoomTime {
    /// Whether nothing takes a part of `span`.
    pub fn is_free(&self, span: Span) -> bool {
        !self.busy.iter().any(|one| one.span.overlaps(span))
    }
}

impl Practice {
    /// Takes the rules; `exceptions` are those of the facility and of all its clinicians.
    pub fn new(
        facility: FacilityId,
        zone: Tz,
        on_holidays: OnHolidays,
        acceptance: Vec<Dates>,
        mut exceptions: Vec<DateException>,
    ) -> Self {
        exceptions.sort_by_key(|exception| exception.date);
        let (own, rooms) = (OwnDays::default(), Vec::new());
        Self { facility, zone, on_holidays, acceptance, own, rooms, exceptions }
    }

    /// Whether the facility's acceptance is in effect on `date`.
    pub fn is_accepted(&self, date: NaiveDate) -> bool {
        self.acceptance.iter().any(|period| period.contains(date))
    }

    fn exceptions_on(&self, date: NaiveDate) -> &[DateException] {
        let first = self.exceptions.partition_point(|exception| exception.date < date);
        let count = self.exceptions[first..].partition_point(|exception| exception.date == date);
        &self.exceptions[first..first + count]
    }
}

/// Why a time is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// A booking, or a hold, of the clinician.
    Booking(BookingId),
    /// Something outside: a calendar elsewhere, or another visit of the same patient.
    Outside,
}

/// A time that is taken, with what is kept free around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Busy {
    /// From when until when.
    pub span: Span,
    /// By what.
    pub cause: Cause,
    /// Which visit it is; nothing for what is outside.
    pub visit: Option<Placed>,
}

/// A visit that takes a time, as far as other visits of its kind ask for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Placed {
    /// The kind of visit.
    pub service: ServiceId,
    /// When it starts, without what is kept free before.
    pub start: Instant,
    /// Which seat of its session it has.
    pub seat: u16,
    /// Its place among the day's visits of this kind, where they are limited.
    pub day_seat: Option<u16>,
}

impl Busy {
    /// The visit, if it is of this kind.
    fn visit_of(&self, service: ServiceId) -> Option<Placed> {
        self.visit.filter(|placed| placed.service == service)
    }
}

/// One clinician: hours, and what is taken of them.
#[derive(Clone, Debug)]
pub struct Roster {
    /// Who it is.
    pub clinician: ClinicianId,
    /// When the training for online care was completed; nothing means never.
    pub trained_on: Option<NaiveDate>,
    /// The weekly hours.
    pub hours: Vec<WeeklyHours>,
    /// How far it is known what else takes their time.
    pub elsewhere: Elsewhere,
    busy: Vec<Busy>,
    /// `busy`, joined.
    taken: Vec<Span>,
}

impl Roster {
    /// Takes hours and busy times, in any order; busy times may overlap.
    pub fn new(
        clinician: ClinicianId,
        trained_on: Option<NaiveDate>,
        hours: Vec<WeeklyHours>,
        busy: Vec<Busy>,
    ) -> Self {
        let taken = union(busy.iter().map(|one| one.span).collect());
        Self { clinician, trained_on, hours, elsewhere: Elsewhere::default(), busy, taken }
    }

    /// The same with calendars elsewhere.
    #[must_use]
    pub fn knowing(self, elsewhere: Elsewhere) -> Self {
        Self { elsewhere, ..self }
    }

    /// The same without what `booking` takes: what it could be moved to.
    #[must_use]
    pub fn without(&self, booking: BookingId) -> Self {
        let others = self.busy.iter().filter(|one| one.cause != Cause::Booking(booking));
        let others = others.copied().collect();
        Self::new(self.clinician, self.trained_on, self.hours.clone(), others)
            .knowing(self.elsewhere)
    }

    /// What takes a part of `span`.
    pub fn busy_in(&self, span: Span) -> impl Iterator<Item = &Busy> {
        self.busy.iter().filter(move |one| one.span.overlaps(span))
    }

    /// The clinician's visits of one kind.
    pub fn visits_of(&self, service: ServiceId) -> impl Iterator<Item = (&Busy, Placed)> {
        let placed = move |one: &'_ Busy| one.visit_of(service);
        self.busy.iter().filter_map(move |one| Some((one, placed(one)?)))
    }

    /// What is taken by anything but visits of one kind, sorted and joined.
    pub fn taken_by_others(&self, service: ServiceId) -> Vec<Span> {
        let others = self.busy.iter().filter(|one| one.visit_of(service).is_none());
        union(others.map(|one| one.span).collect())
    }

    /// What is taken, sorted and joined.
    pub fn taken(&self) -> &[Span] {
        &self.taken
    }
}

/// Why nothing can be booked on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The facility's acceptance is not in effect on it.
    NotAccepted,
    /// The clinician has not completed the training for online care by then.
    NotTrained,
    /// The facility has closed the date.
    FacilityClosed(ExceptionId),
    /// The clinician has closed the date.
    ClinicianClosed(ExceptionId),
    /// One of several days that the facility or the clinician has closed, under this name.
    ClosedPeriod(ClosureId, Arc<str>),
    /// The facility closes on public holidays, and this is the one of this name.
    Holiday(Arc<str>),
    /// The facility closes on public holidays, and whether this is one has not been published
    /// yet, or the list was not brought up to date. Offering it could strand a patient.
    HolidaysUnknown,
    /// What the clinician does elsewhere was read too long ago.
    CalendarStale,
    /// What the clinician does elsewhere is not known for so far ahead.
    CalendarUnknown,
    /// There are no hours on it.
    NoHours,
    /// It is over, or too near for the notice that is needed.
    Past,
    /// It is farther ahead than can be booked yet.
    BeyondHorizon,
}

impl Reason {
    /// A stable name, for interfaces.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAccepted => "not_accepted",
            Self::NotTrained => "not_trained",
            Self::FacilityClosed(_) => "facility_closed",
            Self::ClinicianClosed(_) => "clinician_closed",
            Self::ClosedPeriod(..) => "closed_period",
            Self::Holiday(_) => "holiday",
            Self::HolidaysUnknown => "holidays_unknown",
            Self::CalendarStale => "calendar_stale",
            Self::CalendarUnknown => "calendar_unknown",
            Self::NoHours => "no_hours",
            Self::Past => "past",
            Self::BeyondHorizon => "beyond_horizon",
        }
    }
}

/// All that decides when one clinician can be booked. Cheap to copy: it only refers.
#[derive(Clone, Copy, Debug)]
pub struct Calendar<'a> {
    /// The facility's rules.
    pub practice: &'a Practice,
    /// The clinician's.
    pub roster: &'a Roster,
    /// The public holidays.
    pub holidays: &'a Holidays,
    /// All clinicians of the facility: for visits that need several, and for its working days.
    pub others: &'a [Roster],
}

/// A rule that can close a day.
type Rule = fn(&Calendar<'_>, NaiveDate) -> Option<Reason>;

/// The rules that close whole days, in the order in which they decide.
const RULES: [Rule; 6] = [
    |calendar, date| calendar.not_accepted(date),
    |calendar, date| calendar.not_trained(date),
    |calendar, date| calendar.facility_closed(date),
    |calendar, date| calendar.clinician_closed(date),
    |calendar, date| calendar.closed_period(date, Some(calendar.roster.clinician)),
    |calendar, date| calendar.closed_by_holiday(date),
];

impl Calendar<'_> {
    /// The same facility's calendar of a colleague.
    pub fn colleague(&self, clinician: ClinicianId) -> Option<Self> {
        let roster = self.others.iter().find(|roster| roster.clinician == clinician)?;
        Some(Calendar { roster, ..*self })
    }

    /// The stretches of hours of `day` for a kind of visit, sorted and disjoint; or why there are
    /// none.
    pub fn open(&self, service: ServiceId, day: &LocalDay) -> Result<Vec<Span>, Reason> {
        match self.closures(day.date).next() {
            Some(reason) => Err(reason),
            None => Some(self.stretches(service, day))
                .filter(|stretches| !stretches.is_empty())
                .ok_or(Reason::NoHours),
        }
    }

    /// The open hours of `days` for a kind of visit.
    pub fn open_over(&self, service: ServiceId, days: &Days) -> Vec<Span> {
        let days = days.in_zone(self.practice.zone);
        days.iter().filter_map(|day| self.open(service, day).ok()).flatten().collect()
    }

    /// The open hours of `days` that nothing has taken.
    pub fn free_over(&self, service: ServiceId, days: &Days) -> Vec<Span> {
        subtract(&self.open_over(service, days), self.roster.taken())
    }

    /// Everything that closes `date`, the rule that decides first.
    pub fn closures(&self, date: NaiveDate) -> impl Iterator<Item = Reason> {
        RULES.iter().filter_map(move |rule| rule(self, date))
    }

    /// The exceptions that open `date` otherwise than every week.
    pub fn openings(&self, date: NaiveDate) -> impl Iterator<Item = (ExceptionId, u16, u16)> {
        self.concerning(date).filter_map(|exception| match exception.difference {
            Difference::Open { opens, closes } => Some((exception.id, opens, closes)),
            Difference::Closed | Difference::Break { .. } => None,
        })
    }

    fn not_accepted(&self, date: NaiveDate) -> Option<Reason> {
        (!self.practice.is_accepted(date)).then_some(Reason::NotAccepted)
    }

    fn not_trained(&self, date: NaiveDate) -> Option<Reason> {
        let trained = self.roster.trained_on.is_some_and(|day| day <= date);
        (!trained).then_some(Reason::NotTrained)
    }

    /// Whether the facility works on `date`: nothing closes it, and somebody has hours.
    pub fn is_working_day(&self, date: NaiveDate) -> bool {
        let closed = self
            .facility_closed(date)
            .or_else(|| self.closed_period(date, None))
            .or_else(|| self.closed_by_holiday(date));
        let own = std::iter::once(self.roster);
        let mut hours = own.chain(self.others).flat_map(|roster| &roster.hours);
        closed.is_none()
            && (hours.any(|one| one.fall_on(date)) || self.openings(date).next().is_some())
    }

    fn facility_closed(&self, date: NaiveDate) -> Option<Reason> {
        self.closed_for(date, None).map(Reason::FacilityClosed)
    }

    fn clinician_closed(&self, date: NaiveDate) -> Option<Reason> {
        self.closed_for(date, Some(self.roster.clinician)).map(Reason::ClinicianClosed)
    }

    fn closed_by_holiday(&self, date: NaiveDate) -> Option<Reason> {
        let day = self.holidays.lookup(date);
        if !self.practice.closes_on(date, &day) {
            return None;
        }
        let reason = match day {
            Lookup::Ordinary => return None,
            Lookup::Holiday(name) => Reason::Holiday(name),
            Lookup::Unknown => Reason::HolidaysUnknown,
        };
        self.openings(date).next().is_none().then_some(reason)
    }

    fn closed_for(&self, date: NaiveDate, whom: Option<ClinicianId>) -> Option<ExceptionId> {
        let mut concerning = self.concerning(date).filter(|exception| exception.clinician == whom);
        let closed = concerning.find(|exception| exception.difference == Difference::Closed);
        closed.map(|exception| exception.id)
    }

    /// The exceptions of `date` that concern this clinician, in person or as one of all.
    fn concerning(&self, date: NaiveDate) -> impl Iterator<Item = &DateException> {
        let me = self.roster.clinician;
        let of_date = self.practice.exceptions_on(date).iter();
        of_date.filter(move |exception| exception.clinician.is_none_or(|whom| whom == me))
    }

    /// Open exceptions, or else weekly hours, as instants.
    fn stretches(&self, service: ServiceId, day: &LocalDay) -> Vec<Span> {
        let span = |opens, closes| Span::new(day.at(opens)?, day.at(closes)?);
        let mut open: Vec<Span> =
            self.openings(day.date).filter_map(|(_, opens, closes)| span(opens, closes)).collect();
        if self.openings(day.date).next().is_none() {
            let hours = self.roster.hours.iter().filter(|one| one.apply(day.date, service));
            open.extend(hours.filter_map(|one| span(one.opens, one.closes)));
        }
        subtract(&union(open), &self.pauses(day))
    }
}

#[cfg(test)]
pub(crate) mod tests;
