//! The verdict on one time, with every rule that was asked and what it found.

use chrono::{NaiveDate, Timelike};

use crate::model::schedule::Service;
use crate::model::{ClinicianId, ExceptionId};
use crate::time::Instant;
use crate::time::span::Span;
use crate::time::zone::LocalDay;

use super::super::availability::{Busy, Calendar, Reason};
use super::bounds::Bounds;
use super::{Refusal, Slot, claims, on_grid};

/// What a rule looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// Whether it is a time at all.
    Time,
    /// The present.
    Now(Instant),
    /// The first time that the notice allows.
    Notice(Instant),
    /// The first day that the notice in working days of the facility allows.
    WorkingDays(u8, NaiveDate),
    /// Whether the clinician offers this kind of visit.
    Offered(ClinicianId),
    /// The last local day of the horizon.
    Horizon(NaiveDate),
    /// The day is closed.
    Closed(Reason),
    /// The day has these hours, because of these exceptions or, if there are none, every week.
    Hours(Vec<Span>, Vec<ExceptionId>),
    /// The starts before and after, where the wished one lies within the hours.
    Grid(Option<Instant>, Instant),
    /// When the clinician's calendar elsewhere was last read.
    CalendarAge {
        /// As of when what is known of it is.
        as_of: Instant,
        /// When that is too old.
        fresh_until: Instant,
    },
    /// Until when the clinician's calendars elsewhere are known.
    CalendarReach(Instant),
    /// What takes the time, or what must be kept free around it.
    Busy(Busy),
    /// The seats of the group that are taken, of how many.
    Seats {
        /// Taken.
        taken: usize,
        /// All.
        of: u16,
    },
    /// How many visits of this kind the clinician has that day, and may have.
    DayLimit {
        /// Booked or held.
        used: usize,
        /// The limit.
        most: u16,
    },
    /// Somebody else who must be there.
    Colleague(ClinicianId),
    /// The rooms that are free, of how many.
    Rooms {
        /// Free at that time.
        free: usize,
        /// All that the facility uses.
        of: usize,
    },
}

/// One rule that was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it looked at.
    pub fact: Fact,
    /// Why it is against; nothing when it is not.
    pub refusal: Option<Refusal>,
}

/// All that speaks for and against a time, in the order in which the rules are asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The wished start.
    pub start: Instant,
    /// What was found. The first that is against decides; the others show what would still be in
    /// its way.
    pub findings: Vec<Finding>,
}

impl Explanation {
    /// Why the time cannot be booked; nothing when it can.
    pub fn refusal(&self) -> Option<&Refusal> {
        self.findings.iter().find_map(|finding| finding.refusal.as_ref())
    }

    fn add(&mut self, fact: Fact, refusal: Option<Refusal>) {
        self.findings.push(Finding { fact, refusal });
    }
}

/// Whether a visit can start at `start`; the one answer for hold, booking and change.
///
/// A visit that is being moved must be left out of `calendar` first, as
/// [`Roster::without`](super::super::availability::Roster::without) does.
pub fn check(
    calendar: &Calendar<'_>,
    service: &Service,
    start: Instant,
    now: Instant,
) -> Result<Slot, Refusal> {
    if let Some(refusal) = explain(calendar, service, start, now).refusal() {
        return Err(refusal.clone());
    }
    let visit = Span::of(start, service.length).ok_or(Refusal::InvalidTime)?;
    Ok(Slot { visit, clinician: calendar.roster.clinician })
}

/// Why a visit can or cannot start at `start`.
pub fn explain(
    calendar: &Calendar<'_>,
    service: &Service,
    start: Instant,
    now: Instant,
) -> Explanation {
    let mut told = Explanation { start, findings: Vec::new() };
    let sound = start.nanosecond() == 0 && service.check().is_ok();
    let visit = Span::of(start, service.length).filter(|_| sound);
    let day = LocalDay::of(calendar.practice.zone, start);
    let (Some(visit), Some(day)) = (visit, day) else {
        told.add(Fact::Time, Some(Refusal::InvalidTime));
        return told;
    };
    told.add(Fact::Time, None);
    ask_bounds(&mut told, calendar, service, &day, now);
    ask_hours(&mut told, calendar, service, &day, visit);
    ask_elsewhere(&mut told, calendar, service.occupied(visit), now);
    let busy = calendar.roster.busy_in(service.occupied(visit));
    for busy in busy.filter(|one| claims::is_in_the_way(one, service, visit)) {
        told.add(Fact::Busy(*busy), Some(Refusal::Taken));
    }
    told.findings.extend(claims::findings(calendar, service, visit, now));
    told
}

fn ask_bounds(
    told: &mut Explanation,
    calendar: &Calendar<'_>,
    service: &Service,
    day: &LocalDay,
    now: Instant,
) {
    let start = told.start;
    let Bounds { earliest, first_day, last } = Bounds::new(calendar, service, now);
    let clinician = calendar.roster.clinician;
    let offered = service.demands.offered_by(clinician);
    told.add(Fact::Offered(clinician), (!offered).then_some(Refusal::NotOffered));
    told.add(Fact::Now(now), (start < now).then_some(Refusal::InPast));
    let too_soon = (start < earliest).then_some(Refusal::TooSoon { earliest });
    if let Some(first_day) = first_day {
        let days = service.demands.notice_working_days;
        told.add(Fact::WorkingDays(days, first_day), too_soon);
    } else {
        told.add(Fact::Notice(earliest), too_soon);
    }
    let beyond = day.date > last;
    told.add(Fact::Horizon(last), beyond.then_some(Refusal::BeyondHorizon { last }));
}

fn ask_hours(
    told: &mut Explanation,
    calendar: &Calendar<'_>,
    service: &Service,
    day: &LocalDay,
    visit: Span,
) {
    for reason in calendar.closures(day.date) {
        let refusal = refusal_of(&reason);
        told.add(Fact::Closed(reason), Some(refusal));
    }
    let stretches = match calendar.open(service.id, day) {
        Ok(stretches) => stretches,
        Err(Reason::NoHours) => {
            told.add(Fact::Closed(Reason::NoHours), Some(Refusal::OutsideHours));
            return;
        }
        // Told already, with whatever else closes the day.
        Err(_) => return,
    };
    let stretch = stretches.iter().copied().find(|stretch| stretch.contains(visit));
    let differing = calendar.openings(day.date).chain(calendar.breaks(day.date));
    let opened_by = differing.map(|(id, ..)| id).collect();
    let outside = stretch.is_none().then_some(Refusal::OutsideHours);
    told.add(Fact::Hours(stretches, opened_by), outside);
    if let Some(next) = stretch.and_then(|one| on_grid(one.start, service.step, visit.start)) {
        let off = next != visit.start;
        let before = off.then(|| next - service.step);
        told.add(Fact::Grid(before, next), off.then_some(Refusal::OffGrid));
    }
}

/// How far it is known what the clinician does elsewhere, where there is anything to know.
fn ask_elsewhere(told: &mut Explanation, calendar: &Calendar<'_>, occupied: Span, now: Instant) {
    let elsewhere = calendar.roster.elsewhere;
    if let Some(as_of) = elsewhere.as_of {
        let stale = elsewhere.stale_at(now).map(|as_of| Refusal::CalendarStale { as_of });
        told.add(Fact::CalendarAge { as_of, fresh_until: elsewhere.fresh_until }, stale);
    }
    if !elsewhere.reaches(occupied) {
        let known_until = elsewhere.known_until;
        let refusal = Refusal::CalendarUnknown { known_until };
        told.add(Fact::CalendarReach(known_until), Some(refusal));
    }
}

fn refusal_of(reason: &Reason) -> Refusal {
    match reason {
        Reason::NotAccepted => Refusal::NotAccepted,
        Reason::NotTrained => Refusal::NotTrained,
        Reason::FacilityClosed(_) | Reason::ClinicianClosed(_) => Refusal::ClosedDay,
        Reason::ClosedPeriod(_, name) => Refusal::ClosedPeriod(name.clone()),
        Reason::Holiday(name) => Refusal::Holiday(name.clone()),
        Reason::HolidaysUnknown => Refusal::HolidaysUnknown,
        // Calendars elsewhere, notice and horizon close no date by themselves: they are asked for
        // each time.
        Reason::NoHours
        | Reason::CalendarStale
        | Reason::CalendarUnknown
        | Reason::Past
        | Reason::BeyondHorizon => Refusal::OutsideHours,
    }
}
