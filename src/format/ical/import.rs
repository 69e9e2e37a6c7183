//! Hours of others: `VAVAILABILITY` (RFC 7953) as weekly hours and dates that differ.
//!
//! What cannot be said in our words is refused by name, never bent: hours that nobody meant would
//! be booked. At the end the weekly hours are laid out beside the file's own times, day by day, and
//! must be the same.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};
use chrono_tz::Tz;

use super::hours::{OtherDay, SERVICE, applies};
use super::parse::{Component, Fault, parse};
use super::rule::{Budget, Frequency, Rule, weekday};
use super::start::{Start, Zones};
use super::value::When;
use super::zone::Zone;
use crate::model::ServiceId;
use crate::model::schedule::{HoursFault, WeeklyHours, Weeks, check_hours};
use crate::time::span::{Dates, Span};
use crate::time::zone::DAY_MINUTES;

/// The most `AVAILABLE`s that are taken.
const STRETCHES: usize = 400;
/// For how many days the file's times and the hours made of them are compared.
const DAYS: i64 = 400;

/// Why a file's hours are not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It cannot be read at all.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// It holds no hours.
    #[error("the file has no VAVAILABILITY with AVAILABLE hours")]
    NoHours,
    /// It holds more than are taken.
    #[error("the file has more than {STRETCHES} AVAILABLE parts")]
    TooMany,
    /// One part cannot be said in our words.
    #[error("AVAILABLE {0}: {1}")]
    Part(usize, Cannot),
    /// The parts overlap, or break another rule of hours.
    #[error(transparent)]
    Hours(#[from] HoursFault),
    /// Together they mean something else on this date.
    #[error("on {0} the hours would not be those of the file")]
    Differs(NaiveDate),
}

impl Refusal {
    /// A stable name, for interfaces.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Fault(fault) => fault.code(),
            Self::NoHours => "hours_none",
            Self::TooMany => "hours_too_many",
            Self::Part(_, cannot) => cannot.code(),
            Self::Hours(_) => "hours_overlap",
            Self::Differs(_) => "hours_differ",
        }
    }
}

/// What we have no word for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Cannot {
    /// A start or an end is missing or cannot be read.
    #[error("its start or end cannot be read")]
    Times,
    /// Its times are another zone's.
    #[error("its times are those of another zone than the clinic's")]
    Zone,
    /// It is a whole day, goes over midnight, or is not in units of five minutes.
    #[error("it must begin and end on one day, at minutes that are multiples of 5")]
    Minutes,
    /// A recurrence other than weekly, every other week, or by weekdays of a month.
    #[error("it recurs in a way that weekly hours cannot")]
    Rule,
    /// A date left out or added cannot be read.
    #[error("a date that it leaves out or adds cannot be read")]
    Date,
}

impl Cannot {
    /// A stable name, for interfaces.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Times => "hours_times",
            Self::Zone => "hours_zone",
            Self::Minutes => "hours_minutes",
            Self::Rule => "hours_rule",
            Self::Date => "hours_date",
        }
    }
}

/// Hours as we keep them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Import {
    /// What holds every week.
    pub hours: Vec<WeeklyHours>,
    /// The dates that differ, in order.
    pub others: Vec<OtherDay>,
}

/// Reads hours. `zone` is the clinic's; of the past, before `today`, nothing is taken.
pub fn hours(bytes: &[u8], zone: Tz, today: NaiveDate) -> Result<Import, Refusal> {
    let calendars = parse(bytes)?;
    let midnight = today.and_time(NaiveTime::MIN).and_utc();
    let window = Span { start: midnight, end: midnight + TimeDelta::days(DAYS) };
    let mut parts = Vec::new();
    for calendar in &calendars {
        let zones = Zones::read(calendar, zone, window, &mut Budget::default())?;
        for outer in calendar.inner("VAVAILABILITY") {
            let bounds = bounds(outer, &zones);
            for inner in outer.inner("AVAILABLE") {
                let number = parts.len() + 1;
                if number > STRETCHES {
                    return Err(Refusal::TooMany);
                }
                let part = Part::read(inner, &zones, zone, bounds);
                parts.push(part.map_err(|cannot| Refusal::Part(number, cannot))?);
            }
        }
    }
    if parts.is_empty() {
        return Err(Refusal::NoHours);
    }
    assemble(&parts, today)
}

/// The local dates of a `VAVAILABILITY`.
fn bounds(outer: &Component, zones: &Zones) -> Dates {
    let date = |name| Some(zones.start(outer.property(name)?)?.0.local.date());
    Dates { from: date("DTSTART"), until: date("DTEND") }
}

/// An `AVAILABLE`, understood.
struct Part {
    first: NaiveDate,
    opens: u16,
    closes: u16,
    rule: Option<Rule>,
    until: Option<NaiveDateTime>,
    left_out: Vec<NaiveDate>,
    added: Vec<NaiveDate>,
    bounds: Dates,
    service: Option<ServiceId>,
}

impl Part {
    fn read(part: &Component, zones: &Zones, clinic: Tz, bounds: Dates) -> Result<Self, Cannot> {
        let start = part.property("DTSTART").and_then(|start| zones.start(start));
        let (start, known) = start.ok_or(Cannot::Times)?;
        if !known || !is_clinics(&start, clinic) {
            return Err(Cannot::Zone);
        }
        let end = end_of(part, zones, &start)?;
        let (opens, closes) = minutes(start.local, end).ok_or(Cannot::Minutes)?;
        if start.whole_day {
            return Err(Cannot::Minutes);
        }
        let rule = match part.value("RRULE") {
            None => None,
            Some(text) => {
                let rule = Rule::parse(text).map_err(|_| Cannot::Rule)?;
                Some(rule.map_err(|_| Cannot::Rule)?)
            }
        };
        if part.property("RECURRENCE-ID").is_some() || part.all("RRULE").count() > 1 {
            return Err(Cannot::Rule);
        }
        let until = rule.as_ref().and_then(|rule| rule.until).map(|until| match until {
            When::Utc(at) => super::zone::wall(clinic, at),
            When::Local(at) => at,
            When::Date(date) => date.and_time(NaiveTime::MIN) + TimeDelta::seconds(86_399),
        });
        let service = part.value(SERVICE).and_then(|id| id.parse().ok());
        let (left_out, added) = (dates(part, "EXDATE", clinic)?, dates(part, "RDATE", clinic)?);
        let first = start.local.date();
        Ok(Self { first, opens, closes, rule, until, left_out, added, bounds, service })
    }

    /// The dates from `from` up to, not including, `to` on which it is open.
    fn dates(
        &self,
        from: NaiveDate,
        to: NaiveDate,
        budget: &mut Budget,
    ) -> Result<BTreeSet<NaiveDate>, Refusal> {
        let opens = NaiveTime::MIN + TimeDelta::minutes(self.opens.into());
        let mut found: BTreeSet<_> = self.added.iter().copied().collect();
        found.insert(self.first);
        if let Some(rule) = &self.rule {
            let reach = (from.and_time(NaiveTime::MIN), to.and_time(NaiveTime::MIN));
            let times = rule.occurrences(self.first.and_time(opens), self.until, reach, budget)?;
            let times = times.map_err(|_| Refusal::Part(0, Cannot::Rule))?;
            found.extend(times.iter().map(NaiveDateTime::date));
        }
        found.retain(|date| {
            *date >= from
                && *date < to
                && self.bounds.contains(*date)
                && !self.left_out.contains(date)
        });
        Ok(found)
    }

    /// The weekly hours of its rule.
    fn weekly(&self, today: NaiveDate, budget: &mut Budget) -> Result<Vec<WeeklyHours>, Cannot> {
        let Some(rule) = &self.rule else { return Ok(Vec::new()) };
        let valid = self.valid(rule, today, budget)?;
        let one = |weekday: u8, weeks| WeeklyHours {
            weekday,
            opens: self.opens,
            closes: self.closes,
            weeks,
            valid,
            service: self.service,
        };
        let named = named_days(rule, self.first)?.into_iter();
        Ok(named.map(|(day, weeks)| from_now_on(one(day, weeks), today)).collect())
    }

    /// From its first date to its last, within those of all hours. A first date that is over is no
    /// bound: the hours simply hold.
    fn valid(&self, rule: &Rule, today: NaiveDate, budget: &mut Budget) -> Result<Dates, Cannot> {
        let from = Some(self.first).max(self.bounds.from).filter(|from| *from > today);
        let mut until = self.until.and_then(|until| {
            let opens = NaiveTime::MIN + TimeDelta::minutes(self.opens.into());
            // The last day counts only where the hours begin by then.
            if until.time() >= opens { until.date().succ_opt() } else { Some(until.date()) }
        });
        if let Some(count) = rule.count {
            let start = self.first.and_time(NaiveTime::MIN);
            let reach = (start, start + TimeDelta::days(366 * 30));
            let all = rule.occurrences(start, None, reach, budget).map_err(|_| Cannot::Rule)?;
            let all = all.map_err(|_| Cannot::Rule)?;
            if all.len() != usize::try_from(count).unwrap_or(usize::MAX) {
                return Err(Cannot::Rule);
            }
            until = all.last().and_then(|last| last.date().succ_opt());
        }
        let until = [until, self.bounds.until].into_iter().flatten().min();
        Ok(Dates { from, until })
    }
}

/// The same without a first date, where none of its days lies between today and that date anyway.
fn from_now_on(hours: WeeklyHours, today: NaiveDate) -> WeeklyHours {
    let open = WeeklyHours { valid: Dates { from: None, ..hours.valid }, ..hours };
    let first = hours.valid.from.unwrap_or(today);
    let mut before = today.iter_days().take_while(|date| *date < first);
    let missed = before.any(|date| applies(&open, date));
    if missed { hours } else { open }
}

/// The days of the week that a rule means, and in which weeks.
fn named_days(rule: &Rule, first: NaiveDate) -> Result<Vec<(u8, Weeks)>, Cannot> {
    let known = ["BYDAY", "WKST", "BYSETPOS"];
    if !rule.parts.keys().all(|name| known.contains(&name.as_str())) {
        return Err(Cannot::Rule);
    }
    let own = crate::time::zone::weekday(first);
    let by_day = rule.parts.get("BYDAY").map(|text| text.split(',').map(nth_weekday));
    let days: Option<Vec<(Option<i8>, u8)>> = match by_day {
        Some(days) => days.collect(),
        None => Some(vec![(None, own)]),
    };
    let days = days.ok_or(Cannot::Rule)?;
    let positions = rule.parts.get("BYSETPOS");
    let plain = days.iter().all(|(nth, _)| nth.is_none()) && positions.is_none();
    let in_weeks = |weeks| Ok(days.iter().map(|(_, day)| (*day, weeks)).collect());
    match (rule.frequency, rule.interval) {
        (Frequency::Daily, 1) if plain && rule.parts.contains_key("BYDAY") => {
            in_weeks(Weeks::Every)
        }
        (Frequency::Daily, 1) if plain => Ok((1..=7).map(|day| (day, Weeks::Every)).collect()),
        (Frequency::Weekly, 1) if plain => in_weeks(Weeks::Every),
        (Frequency::Weekly, 2) if plain => {
            // Our weeks begin on Monday; with another first day only one that Monday shares fits.
            let same = rule.parts.get("WKST").is_none_or(|first| first == "MO") || days.len() == 1;
            if same { in_weeks(Weeks::Alternate(first)) } else { Err(Cannot::Rule) }
        }
        (Frequency::Monthly, 1) => of_month(&days, positions),
        _ => Err(Cannot::Rule),
    }
}

/// Weekdays of a month: `2SA,4SA`, or `SA` with `BYSETPOS=2,4`.
fn of_month(
    days: &[(Option<i8>, u8)],
    positions: Option<&String>,
) -> Result<Vec<(u8, Weeks)>, Cannot> {
    let positions: Option<Vec<Option<i8>>> =
        positions.map(|text| text.split(',').map(|number| number.parse().ok()).collect());
    let mut found: BTreeMap<u8, u8> = BTreeMap::new();
    let mut add = |day: u8, nth: Option<i8>| {
        let nth = nth.filter(|nth| (1..=5).contains(nth)).ok_or(Cannot::Rule)?;
        *found.entry(day).or_default() |= 1 << (nth - 1);
        Ok(())
    };
    match (positions, days) {
        (None, _) => days.iter().try_for_each(|(nth, day)| match nth {
            None => (1..=5).try_for_each(|nth| add(*day, Some(nth))),
            nth => add(*day, *nth),
        })?,
        (Some(positions), [(None, day)]) => {
            positions.into_iter().try_for_each(|nth| add(*day, nth))?;
        }
        _ => return Err(Cannot::Rule),
    }
    Ok(found.into_iter().map(|(day, which)| (day, Weeks::OfMonth(which))).collect())
}

/// `SA` or `2SA`: which of the month, and the number of the day.
fn nth_weekday(text: &str) -> Option<(Option<i8>, u8)> {
    let text = text.trim();
    let (nth, day) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let day = weekday(day)?.number_from_monday();
    let nth = if nth.is_empty() { None } else { Some(nth.parse().ok()?) };
    Some((nth, u8::try_from(day).ok()?))
}

/// Whether a time is given in the clinic's zone, or in one without a name.
fn is_clinics(start: &Start, clinic: Tz) -> bool {
    match start.zone {
        Zone::Known(zone) => zone == clinic,
        Zone::Own(_) => false,
    }
}

fn end_of(part: &Component, zones: &Zones, start: &Start) -> Result<NaiveDateTime, Cannot> {
    if let Some(end) = part.property("DTEND") {
        let (end, known) = zones.start(end).ok_or(Cannot::Times)?;
        let same = matches!((&end.zone, &start.zone), (Zone::Known(a), Zone::Known(b)) if a == b);
        return if known && same { Ok(end.local) } else { Err(Cannot::Zone) };
    }
    let length = part.value("DURATION").and_then(super::value::Length::parse);
    let length = length.ok_or(Cannot::Times)?;
    Ok(start.local + length.exact + TimeDelta::days(length.days.into()))
}

/// The minutes of one local day, both multiples of five.
fn minutes(start: NaiveDateTime, end: NaiveDateTime) -> Option<(u16, u16)> {
    let opens = start.num_seconds_from_midnight();
    let closes = i64::from(opens) + (end - start).num_seconds();
    let minute = |seconds: i64| (seconds % 300 == 0).then(|| u16::try_from(seconds / 60).ok())?;
    let (opens, closes) = (minute(opens.into())?, minute(closes)?);
    (opens < closes && closes <= DAY_MINUTES).then_some((opens, closes))
}

/// The local dates that a property lists.
fn dates(part: &Component, name: &str, clinic: Tz) -> Result<Vec<NaiveDate>, Cannot> {
    let listed = part.all(name).flat_map(|property| property.value.split(','));
    let date = |text: &str| match When::parse(text)? {
        When::Date(date) => Some(date),
        When::Local(at) => Some(at.date()),
        When::Utc(at) => Some(super::zone::wall(clinic, at).date()),
    };
    listed.map(|text| date(text).ok_or(Cannot::Date)).collect()
}

/// The minutes at which the parts open on each date; of all kinds of visit, or of one.
type Open = BTreeMap<NaiveDate, BTreeSet<(Option<ServiceId>, u16, u16)>>;

fn assemble(parts: &[Part], today: NaiveDate) -> Result<Import, Refusal> {
    let mut budget = Budget::default();
    let mut import = Import::default();
    let mut open = Open::new();
    let until = today + TimeDelta::days(DAYS);
    let mut special = BTreeSet::new();
    for (at, part) in parts.iter().enumerate() {
        let weekly = part.weekly(today, &mut budget);
        import.hours.extend(weekly.map_err(|cannot| Refusal::Part(at + 1, cannot))?);
        for date in part.dates(today, until, &mut budget)? {
            open.entry(date).or_default().insert((part.service, part.opens, part.closes));
        }
        special.extend(&part.left_out);
        special.extend(&part.added);
        if part.rule.is_none() {
            special.insert(part.first);
        }
    }
    import.hours.sort_unstable();
    import.hours.dedup();
    check_hours(&import.hours)?;
    compare(&mut import, &open, &special, (today, until))?;
    Ok(import)
}

/// Makes dates that differ of those that the file treats on their own, and holds all others to
/// what the weekly hours say.
fn compare(
    import: &mut Import,
    open: &Open,
    special: &BTreeSet<NaiveDate>,
    (today, until): (NaiveDate, NaiveDate),
) -> Result<(), Refusal> {
    for date in today.iter_days().take_while(|date| *date < until) {
        let said = open.get(&date).cloned().unwrap_or_default();
        let kept = import.hours.iter().filter(|one| applies(one, date));
        let kept: BTreeSet<_> = kept.map(|one| (one.service, one.opens, one.closes)).collect();
        if said == kept {
            continue;
        }
        // A date that differs has its hours for all kinds of visit.
        let for_all = said.iter().all(|(service, ..)| service.is_none());
        if !special.contains(&date) || !for_all {
            return Err(Refusal::Differs(date));
        }
        let open = said.into_iter().map(|(_, opens, closes)| (opens, closes)).collect();
        import.others.push(OtherDay { date, open });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
