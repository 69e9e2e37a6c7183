//! Free time becomes offers: starts on a grid, with room for the visit and what is kept free
//! around it.
//!
//! The list of free times ([`offers`]), the verdict on one time ([`check`]) and the answer to
//! "why not?" ([`explain`]) follow the same rules; a property test holds them together:
//!
//! - Starts are counted in the service's steps from the opening of each stretch of hours, never
//!   from the end of another booking, so that a booking does not shift the times after it.
//! - The visit itself lies within one stretch of hours. What is kept free before and after it may
//!   reach outside the hours, but not into anything that is taken.
//! - It starts no sooner than now plus the notice, and no later than on the last local day of the
//!   horizon.
//! - What the clinician does elsewhere is known for all of it, and was read not too long ago
//!   ([`Elsewhere`](super::availability::Elsewhere)).
//!
//! The cost grows with days and free times, not with past bookings, and [`Days`] made once serve
//! every clinician of a zone: five clinicians × 60 days with four visits a day take about a
//! millisecond, the earliest time of each of 1,715 such facilities together some tens of them.

use std::borrow::Cow;
use std::sync::Arc;

use chrono::{NaiveDate, TimeDelta};

use crate::model::ClinicianId;
use crate::model::schedule::Service;
use crate::time::Instant;
use crate::time::span::{Span, subtract, union, within};
use crate::time::zone::{Days, LocalDay};

use super::availability::{Calendar, Reason};

mod bounds;
mod claims;
mod explain;
mod near;
mod place;

pub use explain::{Explanation, Fact, Finding, check, explain};
pub use near::{REACH, alternatives, alternatives_within};
pub use place::{Place, choose, place};

use bounds::Bounds;

/// A time that can be booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot {
    /// From the start of the visit to its end.
    pub visit: Span,
    /// With whom.
    pub clinician: ClinicianId,
}

/// What can be booked on a local day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayOffers {
    /// The date at the facility.
    pub date: NaiveDate,
    /// The name of the public holiday, whether or not the facility closes on it.
    pub holiday: Option<Arc<str>>,
    /// The free times, in order.
    pub slots: Vec<Slot>,
    /// Why there can be none; nothing when there are some, or when all were taken.
    pub closed: Option<Reason>,
}

/// Why a time cannot be booked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not a time that can be meant: a fraction of a second, or a year far away.
    #[error("this is not a time that can be booked")]
    InvalidTime,
    /// It is over.
    #[error("this time is in the past")]
    InPast,
    /// It starts before the notice that is needed.
    #[error("too soon: the first time that can be booked is {earliest}")]
    TooSoon {
        /// Now plus the notice.
        earliest: Instant,
    },
    /// It is farther ahead than can be booked yet.
    #[error("too far ahead: the last day that can be booked is {last}")]
    BeyondHorizon {
        /// The last local day of the horizon.
        last: NaiveDate,
    },
    /// The facility's acceptance is not in effect on that day.
    #[error("the facility's acceptance for online care is not in effect on that day")]
    NotAccepted,
    /// The clinician has not completed the training for online care by that day.
    #[error("the clinician has not completed the training for online care by that day")]
    NotTrained,
    /// The clinician does not offer this kind of visit.
    #[error("the clinician does not offer this kind of visit")]
    NotOffered,
    /// The facility or the clinician is closed on that date.
    #[error("closed on that day")]
    ClosedDay,
    /// One of several days on which the facility or the clinician is closed.
    #[error("closed: {0}")]
    ClosedPeriod(Arc<str>),
    /// A public holiday on which the facility is closed.
    #[error("closed on the public holiday {0}")]
    Holiday(Arc<str>),
    /// The public holidays of that year are not known yet.
    #[error("the public holidays of that year are not known yet")]
    HolidaysUnknown,
    /// Not, or not wholly, within the hours.
    #[error("outside the hours")]
    OutsideHours,
    /// Between two starts.
    #[error("visits do not start at this minute")]
    OffGrid,
    /// What the clinician does elsewhere was read too long ago.
    #[error("the clinician's calendar elsewhere was last read at {as_of}")]
    CalendarStale {
        /// When.
        as_of: Instant,
    },
    /// What the clinician does elsewhere is not known for so far ahead.
    #[error("the clinician's calendar elsewhere is known until {known_until}")]
    CalendarUnknown {
        /// Until when it is.
        known_until: Instant,
    },
    /// Something else has it, or a part of it.
    #[error("this time is taken")]
    Taken,
    /// No more visits of this kind that day.
    #[error("all visits of this kind on that day are taken")]
    DailyLimit,
    /// Somebody else who must be there is not free.
    #[error("not everybody who must be there is free")]
    TeamNotFree,
    /// No room is free.
    #[error("no room is free")]
    NoRoom,
}

impl Refusal {
    /// A stable name, for interfaces.
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidTime => "invalid_time",
            Self::InPast => "in_past",
            Self::TooSoon { .. } => "too_soon",
            Self::BeyondHorizon { .. } => "beyond_horizon",
            Self::NotAccepted => "not_accepted",
            Self::NotTrained => "not_trained",
            Self::NotOffered => "not_offered",
            Self::ClosedDay => "closed_day",
            Self::ClosedPeriod(_) => "closed_period",
            Self::Holiday(_) => "holiday",
            Self::HolidaysUnknown => "holidays_unknown",
            Self::OutsideHours => "outside_hours",
            Self::OffGrid => "off_grid",
            Self::CalendarStale { .. } => "calendar_stale",
            Self::CalendarUnknown { .. } => "calendar_unknown",
            Self::Taken => "taken",
            Self::DailyLimit => "daily_limit",
            Self::TeamNotFree => "team_not_free",
            Self::NoRoom => "no_room",
        }
    }
}

/// What can be booked on each of `days`; a date that never came at the facility is left out.
pub fn offers(
    calendar: &Calendar<'_>,
    service: &Service,
    days: &Days,
    now: Instant,
) -> Vec<DayOffers> {
    let search = Search::new(*calendar, service, now);
    let days = days.in_zone(calendar.practice.zone);
    days.iter().map(|day| search.day_offers(day)).collect()
}

/// What can be booked on each of `days` with any of the clinicians of one facility. A day counts
/// as closed when it is for all of them, by the reason of the first.
pub fn offers_of_all(
    calendars: &[Calendar<'_>],
    service: &Service,
    days: &Days,
    now: Instant,
) -> Vec<DayOffers> {
    let mut all = calendars.iter().map(|calendar| offers(calendar, service, days, now));
    let mut merged = all.next().unwrap_or_default();
    for of_one in all {
        debug_assert!(merged.iter().map(|day| day.date).eq(of_one.iter().map(|day| day.date)));
        for (day, more) in merged.iter_mut().zip(of_one) {
            day.slots.extend(more.slots);
            if more.closed.is_none() {
                day.closed = None;
            }
        }
    }
    for day in &mut merged {
        day.slots.sort_unstable();
    }
    merged
}

/// The first time that can be booked on one of `days`. Stops looking when it has found it.
pub fn earliest(
    calendar: &Calendar<'_>,
    service: &Service,
    days: &Days,
    now: Instant,
) -> Option<Slot> {
    let search = Search::new(*calendar, service, now);
    let days = days.in_zone(calendar.practice.zone);
    days.iter().find_map(|day| {
        let stretches = search.stretches(day).ok()?;
        search.slots(day, &stretches).next()
    })
}

/// The bounds that notice and horizon set, and what is taken, for one clinician and service.
struct Search<'a> {
    calendar: Calendar<'a>,
    service: &'a Service,
    now: Instant,
    bounds: Bounds,
    /// Whether the service is one that can be offered at all.
    sound: bool,
    /// The starts and ends that a visit must keep clear of: what is taken, widened by what this
    /// service keeps free after and before it.
    blocked: Vec<Span>,
}

impl<'a> Search<'a> {
    fn new(calendar: Calendar<'a>, service: &'a Service, now: Instant) -> Self {
        let bounds = Bounds::new(&calendar, service, now);
        let (before, after) = (service.buffer_before, service.buffer_after);
        let offered = service.demands.offered_by(calendar.roster.clinician);
        let sound = offered && service.check().is_ok();
        let taken: Cow<'_, [Span]> = match service.demands.capacity {
            0 | 1 => calendar.roster.taken().into(),
            _ => calendar.roster.taken_by_others(service.id).into(),
        };
        let blocked = if !sound {
            Vec::new()
        } else if before.is_zero() && after.is_zero() {
            taken.into_owned()
        } else {
            union(taken.iter().map(|span| span.pad(after, before)).collect())
        };
        Self { calendar, service, now, bounds, sound, blocked }
    }

    fn day_offers(&self, day: &LocalDay) -> DayOffers {
        let (slots, closed) = match self.stretches(day) {
            Ok(stretches) => (self.slots(day, &stretches).collect(), None),
            Err(reason) => (Vec::new(), Some(reason)),
        };
        let holiday = self.calendar.holidays.name(day.date).cloned();
        DayOffers { date: day.date, holiday, slots, closed }
    }

    /// The hours of `day`, or why nothing on it can be booked.
    fn stretches(&self, day: &LocalDay) -> Result<Vec<Span>, Reason> {
        if day.span.end <= self.bounds.earliest {
            return Err(Reason::Past);
        }
        if day.date > self.bounds.last {
            return Err(Reason::BeyondHorizon);
        }
        if !self.sound {
            return Err(Reason::NoHours);
        }
        let open = self.calendar.open(self.service.id, day)?;
        let elsewhere = self.calendar.roster.elsewhere;
        if elsewhere.stale_at(self.now).is_some() {
            return Err(Reason::CalendarStale);
        }
        if elsewhere.known_until <= day.span.start {
            return Err(Reason::CalendarUnknown);
        }
        Ok(open)
    }

    /// The free times in `stretches` of `day`.
    fn slots<'s>(
        &'s self,
        day: &LocalDay,
        stretches: &'s [Span],
    ) -> impl Iterator<Item = Slot> + 's {
        let blocked = within(&self.blocked, day.span);
        let slots = stretches.iter().flat_map(move |stretch| {
            let gaps = subtract(&[*stretch], blocked);
            gaps.into_iter().flat_map(move |gap| self.starts(*stretch, gap))
        });
        let known =
            |slot: &Slot| self.calendar.roster.elsewhere.reaches(self.service.occupied(slot.visit));
        slots
            .filter(known)
            .filter(|slot| claims::are_met(&self.calendar, self.service, slot.visit, self.now))
    }

    /// The free times in a `gap` of a `stretch`.
    fn starts(&self, stretch: Span, gap: Span) -> impl Iterator<Item = Slot> + use<> {
        let (step, length) = (self.service.step, self.service.length);
        let first = on_grid(stretch.start, step, gap.start.max(self.bounds.earliest));
        let visit = first.and_then(|start| Span::of(start, length));
        let visits = std::iter::successors(visit, move |visit| {
            Some(Span { start: visit.start + step, end: visit.end + step })
        });
        let clinician = self.calendar.roster.clinician;
        visits
            .take_while(move |visit| visit.end <= gap.end)
            .map(move |visit| Slot { visit, clinician })
    }
}

/// The first of `opening`, `opening + step`, … that is not before `from`.
fn on_grid(opening: Instant, step: TimeDelta, from: Instant) -> Option<Instant> {
    let step = step.num_microseconds().filter(|step| *step > 0)?;
    let past = (from - opening).num_microseconds()?.max(0);
    // Rounded up; what is added is never negative.
    let steps = past / step + i64::from(past % step != 0);
    opening.checked_add_signed(TimeDelta::microseconds(steps.checked_mul(step)?))
}

#[cfg(test)]
pub(crate) mod tests;
