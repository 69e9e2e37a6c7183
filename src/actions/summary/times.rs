//! The free times of one facility as far as they are known, and what a search reads of them.

use std::collections::HashMap;

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::super::calendar::filled;
use super::super::rules::Rules;
use crate::engine::availability::{Busy, Calendar, Practice, Roster};
use crate::engine::holidays::Holidays;
use crate::engine::slots;
use crate::engine::starts::Starts;
use crate::model::facility::Offer;
use crate::model::schedule::Service;
use crate::model::{ClinicianId, RoomId, ServiceId};
use crate::time::Instant;
use crate::time::zone::{Days, LocalDay};

/// How many free times a search shows of each facility.
const SHOWN: usize = 3;

/// The local days of a zone from today on.
#[derive(Debug)]
pub(crate) struct Ahead {
    today: NaiveDate,
    /// A date that never came has no day.
    days: Vec<Option<LocalDay>>,
}

impl Ahead {
    pub(crate) fn new(zone: Tz, now: Instant) -> Self {
        let today = LocalDay::of(zone, now).map_or(now.date_naive(), |day| day.date);
        let dates = today.iter_days().take(usize::from(Service::FARTHEST) + 1);
        Self { today, days: dates.map(|date| LocalDay::new(zone, date)).collect() }
    }

    /// Whether they begin with the day of `now`.
    pub(crate) fn is_of(&self, now: Instant) -> bool {
        self.day(0).is_some_and(|day| day.span.start <= now && now < day.span.end)
    }

    /// How many days `date` lies ahead; 0 for what is over.
    pub(crate) fn index_of(&self, date: NaiveDate) -> usize {
        usize::try_from((date - self.today).num_days()).unwrap_or(0)
    }

    fn date(&self, index: usize) -> NaiveDate {
        self.today + chrono::Days::new(index as u64)
    }

    fn day(&self, index: usize) -> Option<&LocalDay> {
        self.days.get(index)?.as_ref()
    }
}

/// The free starts of a facility, day by day, each kind of visit for itself.
#[derive(Debug)]
pub(crate) struct Times {
    /// The day with which they begin.
    today: NaiveDate,
    /// They leave out what was too near then.
    since: Instant,
    /// When a hold among what is taken runs out.
    until: Instant,
    /// Of each day that is known, the starts of each kind of visit in the order of the rules.
    days: Vec<Option<Box<[Starts]>>>,
}

impl Times {
    /// Whether they are right still, if nothing was booked and no rule changed.
    pub(crate) fn hold_at(&self, ahead: &Ahead, now: Instant) -> bool {
        self.today == ahead.today && self.since <= now && now < self.until
    }

    fn of(&self, index: usize) -> Option<&[Starts]> {
        self.days.get(index)?.as_deref()
    }

    /// Adds what is known of more days.
    pub(crate) fn add(&mut self, more: Self) {
        self.since = self.since.max(more.since);
        self.until = self.until.min(more.until);
        if self.days.len() < more.days.len() {
            self.days.resize_with(more.days.len(), || None);
        }
        for (mine, new) in self.days.iter_mut().zip(more.days) {
            if new.is_some() {
                *mine = new;
            }
        }
    }
}

/// What a search asks of each facility.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    /// From which local date on.
    pub(crate) from: Option<NaiveDate>,
    /// Of how many days the free times are counted.
    pub(crate) days: u16,
    /// Which kinds of visit count.
    pub(crate) wanted: Wanted,
}

/// Which kinds of visit a search is about.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wanted {
    /// For first or for repeat visits.
    pub(crate) visit: Option<crate::model::facility::Stage>,
    /// What kind of act.
    pub(crate) kind: Option<crate::model::facility::ServiceKind>,
}

impl Wanted {
    /// Whether it is one of them.
    pub(crate) fn fits(self, offer: &Offer) -> bool {
        use crate::model::facility::Stage::Any;
        self.kind.is_none_or(|kind| kind == offer.kind)
            && self.visit.is_none_or(|visit| offer.visit == Any || offer.visit == visit)
    }
}

/// What a search shows of a facility's free times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// The first free times, each with its kind of visit.
    pub next: Vec<(Instant, ServiceId)>,
    /// How many there are on the day of the first.
    pub free_count: u32,
    /// How many there are on each of the days that were asked for.
    pub days: Vec<(NaiveDate, u32)>,
}

/// Reads what a search shows of `times`, or says of which day too little is known.
pub(crate) fn view(
    rules: &Rules,
    times: Option<&Times>,
    ahead: &Ahead,
    asked: &Asked,
    now: Instant,
) -> Result<View, usize> {
    let offers = rules.offers.iter().enumerate();
    let offers: Vec<(usize, &Service, Instant)> = offers
        .filter(|(_, offer)| asked.wanted.fits(offer))
        .map(|(at, offer)| {
            let earliest = now.checked_add_signed(offer.service.notice);
            (at, &offer.service, earliest.unwrap_or(Instant::MAX_UTC))
        })
        .collect();
    let from = asked.from.map_or(0, |date| ahead.index_of(date));
    let counted = from + usize::from(asked.days);
    let end = offers.iter().map(|(_, service, _)| usize::from(service.horizon_days) + 1).max();
    let end = end.unwrap_or(0);
    let mut view = View::default();
    for index in from..end.max(counted) {
        if view.next.len() >= SHOWN && index >= counted {
            break;
        }
        let mut all = Starts::default();
        if index < end {
            let known = times.and_then(|times| times.of(index)).ok_or(index)?;
            if let Some(day) = ahead.day(index) {
                let free = |at: usize, earliest| known[at].since(day.span, earliest);
                for (at, _, earliest) in &offers {
                    all = all.or(free(*at, *earliest));
                }
                for start in all.iter(day.span).take(SHOWN - view.next.len()) {
                    let has = |at, earliest| free(at, earliest).has(day.span, start);
                    let first = offers.iter().find(|(at, _, earliest)| has(*at, *earliest));
                    view.next.extend(first.map(|(_, service, _)| (start, service.id)));
                }
            }
        }
        if view.free_count == 0 && !all.is_empty() {
            view.free_count = all.count();
        }
        if index < counted {
            view.days.push((ahead.date(index), all.count()));
        }
    }
    Ok(view)
}

/// Days of a facility whose free times are to be found out.
pub(crate) struct Chunk {
    pub(crate) from: usize,
    pub(crate) until: usize,
    /// Whether the rules leave hours on any of them: otherwise nothing need be known of bookings.
    pub(crate) open: bool,
}

impl Chunk {
    /// The days from `first` on until `count` of them have hours, and at least to `least`.
    pub(crate) fn plan(
        rules: &Rules,
        holidays: &Holidays,
        ahead: &Ahead,
        first: usize,
        (count, least): (usize, usize),
    ) -> Self {
        let end = rules.offers.iter().map(|offer| usize::from(offer.service.horizon_days) + 1);
        let end = end.max().unwrap_or(0).max(first + 1).min(ahead.days.len());
        let (mut open, mut until) = (0, first);
        while until < end && (open < count || until < least) {
            open += usize::from(has_hours(rules, holidays, ahead.day(until)));
            until += 1;
        }
        Self { from: first, until, open: open > 0 }
    }

    /// All instants of its days.
    pub(crate) fn span(&self, ahead: &Ahead) -> Option<crate::time::span::Span> {
        let first = (self.from..self.until).find_map(|index| ahead.day(index))?;
        let last = (self.from..self.until).rev().find_map(|index| ahead.day(index))?;
        crate::time::span::Span::new(first.span.start, last.span.end)
    }
}

fn has_hours(rules: &Rules, holidays: &Holidays, day: Option<&LocalDay>) -> bool {
    let Some(day) = day else { return false };
    rules.rosters.iter().any(|roster| {
        let others = &rules.rosters;
        let calendar = Calendar { practice: &rules.practice, roster, holidays, others };
        rules.offers.iter().any(|offer| calendar.open(offer.service.id, day).is_ok())
    })
}

/// Finds out the free times of a facility on the days of `chunk`.
pub(crate) fn find(
    rules: &Rules,
    holidays: &Holidays,
    ahead: &Ahead,
    chunk: &Chunk,
    taken: &mut HashMap<ClinicianId, Vec<Busy>>,
    rooms: &HashMap<RoomId, Vec<Busy>>,
    (now, until): (Instant, Instant),
) -> Times {
    // What is too near is left out when they are read; so those that search in the same minute
    // share what one of them found out.
    let since = minute_of(now).max(ahead.day(0).map_or(now, |day| day.span.start));
    let none = || vec![Starts::default(); rules.offers.len()].into_boxed_slice();
    let mut days: Vec<Option<Box<[Starts]>>> = (0..chunk.until).map(|_| None).collect();
    for day in &mut days[chunk.from..] {
        *day = Some(none());
    }
    let mut times = Times { today: ahead.today, since, until, days };
    if chunk.open {
        let (practice, rosters) = filled(rules, taken, rooms);
        fill(&mut times, rules, &practice, &rosters, holidays, ahead, chunk);
    }
    times
}

fn fill(
    times: &mut Times,
    rules: &Rules,
    practice: &Practice,
    rosters: &[Roster],
    holidays: &Holidays,
    ahead: &Ahead,
    chunk: &Chunk,
) {
    let count = u16::try_from(chunk.until - chunk.from).unwrap_or(u16::MAX);
    let days = Days::new(practice.zone, ahead.date(chunk.from), count);
    for (at, offer) in rules.offers.iter().enumerate() {
        for roster in rosters {
            let calendar = Calendar { practice, roster, holidays, others: rosters };
            for found in slots::offers(&calendar, &offer.service, &days, times.since) {
                let index = ahead.index_of(found.date);
                let Some(day) = ahead.day(index) else { continue };
                let Some(Some(starts)) = times.days.get_mut(index) else { continue };
                for slot in &found.slots {
                    starts[at].add(day.span, slot.visit.start);
                }
            }
        }
    }
}

/// The beginning of the minute.
fn minute_of(now: Instant) -> Instant {
    let past = now.timestamp().rem_euclid(60);
    let whole = now.timestamp() - past;
    chrono::DateTime::from_timestamp(whole, 0).unwrap_or(now)
}
