//! The busy times of somebody's calendar, within a window.
//!
//! Entries are followed in their own local time and become instants one by one, so that a meeting
//! at nine stays at nine when the clocks change. What cannot be understood is left out and counted
//! by its reason: a calendar in use always holds something odd, and its other entries still count.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use chrono_tz::Tz;

use super::parse::{Component, Fault, parse};
use super::rule::{Budget, Rule};
use super::start::{Start, Zones};
use super::value::{Length, When};
use crate::time::Instant;
use crate::time::span::{Span, union};

/// The longest window that is followed, in days.
pub const WINDOW_DAYS: i64 = 400;
/// The most busy times that are taken from one file.
pub const OCCURRENCES: usize = 50_000;

/// The most entries that may repeat: more are refused before the first is followed.
pub const RULES: usize = 2_000;

/// Why an entry, or a part of one, takes no time or other than its writer may have meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// It is called off.
    Cancelled,
    /// Its writer says that it leaves the time free.
    Transparent,
    /// It has no length.
    NoLength,
    /// It has no start, or none that can be read.
    NoStart,
    /// Its end or length cannot be read, or lies before its start.
    BadEnd,
    /// Its recurrence cannot be read; its first time was taken.
    BadRule,
    /// A date that is left out of, added to or moved within a recurrence cannot be read.
    BadDate,
    /// It names a zone that nobody knows; its times were taken as the clinic's.
    UnknownZone,
    /// It changes this and all later times of a recurrence; only this one was changed.
    LaterToo,
}

impl Why {
    /// A stable name, for interfaces.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Transparent => "transparent",
            Self::NoLength => "no_length",
            Self::NoStart => "no_start",
            Self::BadEnd => "bad_end",
            Self::BadRule => "bad_rule",
            Self::BadDate => "bad_date",
            Self::UnknownZone => "unknown_zone",
            Self::LaterToo => "later_too",
        }
    }
}

/// How often something was left out, and where first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ignored {
    /// How many entries.
    pub count: usize,
    /// The first of them: 1 is the first entry of the file.
    pub first: usize,
}

/// What a calendar says of a window.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// How many entries the file has, in the window or not.
    pub entries: usize,
    /// Each time in the window that is taken, in order; not joined, not cut.
    pub taken: Vec<Span>,
    /// What was left out.
    pub ignored: BTreeMap<Why, Ignored>,
}

impl Reading {
    /// When it is busy: the times joined and cut to `window`.
    pub fn busy(&self, window: Span) -> Vec<Span> {
        union(self.taken.iter().filter_map(|span| span.cut(window)).collect())
    }

    fn ignore(&mut self, why: Why, entry: usize) {
        self.ignored.entry(why).or_insert(Ignored { count: 0, first: entry }).count += 1;
    }
}

/// Reads the busy times of a calendar. `zone` is the clinic's, in which whole days and times
/// without a zone are meant; the window is cut to [`WINDOW_DAYS`].
pub fn read(bytes: &[u8], zone: Tz, window: Span) -> Result<Reading, Fault> {
    let calendars = parse(bytes)?;
    let entries = calendars.iter().flat_map(|calendar| &calendar.components);
    if entries.filter(|entry| entry.property("RRULE").is_some()).count() > RULES {
        return Err(Fault::TooMuchWork);
    }
    let days = TimeDelta::days(WINDOW_DAYS);
    let window = window.cut(Span { start: window.start, end: window.start + days });
    let Some(window) = window else { return Ok(Reading::default()) };
    let mut reader = Reader::new(zone, window);
    for calendar in &calendars {
        reader.calendar(calendar)?;
    }
    reader.reading.taken.sort_unstable();
    Ok(reader.reading)
}

/// An entry with what is known of it before it is followed.
struct Entry<'a> {
    /// Its place in the file.
    number: usize,
    component: &'a Component,
    start: Start,
    /// The time of its series that it replaces.
    replaces: Option<Start>,
}

/// How long an entry lasts.
#[derive(Clone, Copy)]
enum Lasting {
    /// To the same distance on the clocks: whole days.
    Clocks(TimeDelta),
    /// For the same time, whatever the clocks show.
    Exact(TimeDelta),
    /// Days by the calendar, then time.
    Length(Length),
}

struct Reader {
    clinic: Tz,
    window: Span,
    budget: Budget,
    reading: Reading,
}

impl Reader {
    fn new(clinic: Tz, window: Span) -> Self {
        Self { clinic, window, budget: Budget::default(), reading: Reading::default() }
    }

    fn calendar(&mut self, calendar: &Component) -> Result<(), Fault> {
        let zones = Zones::read(calendar, self.clinic, self.window, &mut self.budget)?;
        let mut series: HashMap<&str, Vec<Entry<'_>>> = HashMap::new();
        for component in &calendar.components {
            match component.name.as_str() {
                "VEVENT" => {
                    self.reading.entries += 1;
                    if let Some(entry) = self.entry(component, &zones) {
                        // Without a UID each stands for itself.
                        let uid = component.value("UID").unwrap_or_default();
                        series.entry(uid).or_default().push(entry);
                    }
                }
                "VFREEBUSY" => {
                    self.reading.entries += 1;
                    self.freebusy(component)?;
                }
                _ => {}
            }
        }
        let mut names: Vec<_> = series.keys().copied().collect();
        names.sort_unstable();
        for name in names {
            let entries = series.remove(name).unwrap_or_default();
            let entries = if name.is_empty() { entries } else { newest(entries) };
            self.follow(&entries, &zones)?;
        }
        Ok(())
    }

    /// An entry with a start that can be read.
    fn entry<'a>(&mut self, component: &'a Component, zones: &Zones) -> Option<Entry<'a>> {
        let number = self.reading.entries;
        let start = component.property("DTSTART").and_then(|start| zones.start(start));
        let Some((start, known)) = start else {
            self.reading.ignore(Why::NoStart, number);
            return None;
        };
        if !known {
            self.reading.ignore(Why::UnknownZone, number);
        }
        let which = component.property("RECURRENCE-ID");
        let replaces = which.and_then(|which| Some(zones.start(which)?.0));
        if which.is_some_and(|which| which.parameter("RANGE").is_some()) {
            self.reading.ignore(Why::LaterToo, number);
        }
        if which.is_some() && replaces.is_none() {
            self.reading.ignore(Why::BadDate, number);
        }
        Some(Entry { number, component, start, replaces })
    }

    /// Takes the times of the entries of one UID: a series and those that replace some of it.
    fn follow(&mut self, entries: &[Entry<'_>], zones: &Zones) -> Result<(), Fault> {
        let replaced = Replaced::of(entries);
        for entry in entries {
            let Some(lasting) = self.lasting(entry, zones) else { continue };
            if entry.replaces.is_some() {
                self.take(&entry.start, lasting)?;
                continue;
            }
            for start in self.starts(entry, lasting, zones)? {
                if !replaced.contain(&start) {
                    self.take(&start, lasting)?;
                }
            }
        }
        Ok(())
    }

    /// How long an entry takes time; nothing where it takes none, which is noted.
    fn lasting(&mut self, entry: &Entry<'_>, zones: &Zones) -> Option<Lasting> {
        let is = |name, value: &str| {
            entry.component.value(name).is_some_and(|said| said.eq_ignore_ascii_case(value))
        };
        let lasting = lasting(entry, zones);
        let why = match lasting {
            _ if is("STATUS", "CANCELLED") => Why::Cancelled,
            _ if is("TRANSP", "TRANSPARENT") => Why::Transparent,
            Ok(lasting) => return Some(lasting),
            Err(why) => why,
        };
        self.reading.ignore(why, entry.number);
        None
    }

    /// When an entry starts, each time, within the window or shortly before.
    fn starts(
        &mut self,
        entry: &Entry<'_>,
        lasting: Lasting,
        zones: &Zones,
    ) -> Result<Vec<Start>, Fault> {
        let first = &entry.start;
        // An entry that began before the window may reach into it.
        let reach = lasting.longest() + TimeDelta::days(2);
        let from = first.zone.wall(self.window.start) - reach;
        let to = first.zone.wall(self.window.end) + TimeDelta::days(1);
        let mut locals = vec![first.local];
        for text in entry.component.all("RRULE") {
            let Ok(rule) = Rule::parse(&text.value)? else {
                self.reading.ignore(Why::BadRule, entry.number);
                continue;
            };
            let until = rule.until.map(|until| last_of(until, first));
            let found = rule.occurrences(first.local, until, (from, to), &mut self.budget)?;
            match found {
                Ok(found) => locals.extend(found),
                Err(_) => self.reading.ignore(Why::BadRule, entry.number),
            }
        }
        locals.sort_unstable();
        locals.dedup();
        let mut starts: Vec<Start> = locals
            .into_iter()
            .map(|local| if local == first.local { first.clone() } else { first.at(local) })
            .collect();
        starts.extend(self.dates(entry, "RDATE", zones));
        let excluded = self.dates(entry, "EXDATE", zones);
        let excluded = Replaced::at(excluded.iter());
        starts.retain(|start| !excluded.contain(start));
        let mut seen = HashSet::new();
        starts.retain(|start| seen.insert(start.instant()));
        Ok(starts)
    }

    /// The dates that a property lists.
    fn dates(&mut self, entry: &Entry<'_>, name: &str, zones: &Zones) -> Vec<Start> {
        let mut found = Vec::new();
        for property in entry.component.all(name) {
            let zone = property.parameter("TZID");
            for text in property.value.split(',') {
                // Of a period only the start is taken; the entry says how long.
                let start = text.split('/').next().unwrap_or_default();
                match When::parse(start) {
                    Some(when) => found.push(zones.place(when, zone).0),
                    None => self.reading.ignore(Why::BadDate, entry.number),
                }
            }
        }
        found
    }

    fn freebusy(&mut self, component: &Component) -> Result<(), Fault> {
        let number = self.reading.entries;
        for property in component.all("FREEBUSY") {
            if property.parameter("FBTYPE").is_some_and(|kind| kind.eq_ignore_ascii_case("FREE")) {
                continue;
            }
            for period in property.value.split(',') {
                match read_period(period) {
                    Some(span) => self.keep(span)?,
                    None => self.reading.ignore(Why::BadEnd, number),
                }
            }
        }
        Ok(())
    }

    fn take(&mut self, start: &Start, lasting: Lasting) -> Result<(), Fault> {
        let Some(from) = start.instant() else { return Ok(()) };
        let until = match lasting {
            Lasting::Exact(length) => from.checked_add_signed(length),
            Lasting::Clocks(length) => start.zone.instant(start.local + length),
            Lasting::Length(length) if length.days == 0 => from.checked_add_signed(length.exact),
            Lasting::Length(length) => {
                let days = TimeDelta::days(length.days.into());
                let end = start.zone.instant(start.local + days);
                end.and_then(|end| end.checked_add_signed(length.exact))
            }
        };
        until.and_then(|until| Span::new(from, until)).map_or(Ok(()), |span| self.keep(span))
    }

    fn keep(&mut self, span: Span) -> Result<(), Fault> {
        if span.overlaps(self.window) {
            if self.reading.taken.len() == OCCURRENCES {
                return Err(Fault::TooMuchWork);
            }
            self.reading.taken.push(span);
        }
        Ok(())
    }
}

impl Lasting {
    /// No occurrence lasts longer.
    fn longest(self) -> TimeDelta {
        match self {
            Self::Clocks(length) | Self::Exact(length) => length,
            Self::Length(length) => length.exact + TimeDelta::days(length.days.into()),
        }
    }
}

/// How long an entry lasts by its end or its length.
fn lasting(entry: &Entry<'_>, zones: &Zones) -> Result<Lasting, Why> {
    let (start, longest) = (&entry.start, TimeDelta::days(Length::LONGEST.into()));
    if let Some(end) = entry.component.property("DTEND") {
        let (end, _) = zones.start(end).ok_or(Why::BadEnd)?;
        let by_clocks = start.whole_day || end.whole_day || (start.floating && end.floating);
        let length = if by_clocks {
            Lasting::Clocks(end.local - start.local)
        } else {
            let (from, until) = (start.instant(), end.instant());
            Lasting::Exact(until.ok_or(Why::BadEnd)? - from.ok_or(Why::NoStart)?)
        };
        return match length.longest() {
            long if long < TimeDelta::zero() || long > longest => Err(Why::BadEnd),
            none if none.is_zero() && start.whole_day => Ok(Lasting::Clocks(TimeDelta::days(1))),
            none if none.is_zero() => Err(Why::NoLength),
            _ => Ok(length),
        };
    }
    match entry.component.value("DURATION") {
        Some(text) => match Length::parse(text).ok_or(Why::BadEnd)? {
            none if none == Length::default() => Err(Why::NoLength),
            length => Ok(Lasting::Length(length)),
        },
        None if start.whole_day => Ok(Lasting::Clocks(TimeDelta::days(1))),
        None => Err(Why::NoLength),
    }
}

/// The last local time of a series that begins at `first`.
fn last_of(until: When, first: &Start) -> NaiveDateTime {
    match until {
        When::Utc(at) if first.exact.is_some() => at.naive_utc(),
        When::Utc(at) => first.zone.wall(at),
        When::Local(at) => at,
        // A day that is named belongs to the series.
        When::Date(date) if first.whole_day => date.and_time(NaiveTime::MIN),
        When::Date(date) => date.and_time(NaiveTime::MIN) + TimeDelta::seconds(86_399),
    }
}

/// Of several versions of the same entry the newest, by SEQUENCE, then by place in the file.
fn newest(entries: Vec<Entry<'_>>) -> Vec<Entry<'_>> {
    let sequence = |entry: &Entry<'_>| {
        entry.component.value("SEQUENCE").and_then(|text| text.parse().ok()).unwrap_or(0_u64)
    };
    let mut best: HashMap<Option<Instant>, Entry<'_>> = HashMap::new();
    for entry in entries {
        let key = entry.replaces.as_ref().and_then(Start::instant);
        match best.get(&key) {
            Some(other) if sequence(other) > sequence(&entry) => {}
            _ => drop(best.insert(key, entry)),
        }
    }
    let mut kept: Vec<_> = best.into_values().collect();
    kept.sort_by_key(|entry| entry.number);
    kept
}

/// Times of a series that do not count: replaced by other entries, or left out.
#[derive(Default)]
struct Replaced {
    instants: HashSet<Instant>,
    dates: HashSet<NaiveDate>,
}

impl Replaced {
    fn of(entries: &[Entry<'_>]) -> Self {
        Self::at(entries.iter().filter_map(|entry| entry.replaces.as_ref()))
    }

    fn at<'a>(starts: impl Iterator<Item = &'a Start>) -> Self {
        let mut replaced = Self::default();
        for start in starts {
            if start.whole_day {
                replaced.dates.insert(start.local.date());
            } else {
                replaced.instants.extend(start.instant());
            }
        }
        replaced
    }

    fn contain(&self, start: &Start) -> bool {
        self.dates.contains(&start.local.date())
            || start.instant().is_some_and(|at| self.instants.contains(&at))
    }
}

/// `start/end` or `start/length`, in UTC.
fn read_period(text: &str) -> Option<Span> {
    let (start, end) = text.trim().split_once('/')?;
    let Some(When::Utc(start)) = When::parse(start) else { return None };
    match When::parse(end) {
        Some(When::Utc(end)) => Span::new(start, end),
        Some(_) => None,
        None => {
            let length = Length::parse(end)?;
            Span::of(start, length.exact + TimeDelta::days(length.days.into()))
        }
    }
}

#[cfg(test)]
mod tests;
