//! Recurrence rules (RFC 5545, 3.3.10), expanded in the local time that they are written in.
//!
//! The crate `rrule` does the calendar's sums. It is asked only for rules that cannot keep it busy:
//! rules finer than days, great counts and long lists are refused unread; a rule that can have no
//! day within the window is not asked about at all; one without a count begins shortly before the
//! window, not in the year when somebody wrote it. What is left is charged to a [`Budget`].

use std::collections::HashMap;
use std::fmt::Write as _;
use std::num::ParseIntError;

use chrono::{Datelike, Months, NaiveDate, NaiveDateTime, TimeDelta, Weekday};
use rrule::{RRule, RRuleSet, Tz, Unvalidated};

use super::parse::Fault;
use super::value::When;

/// The most occurrences that a rule may count.
const COUNT: u32 = 10_000;
/// The most times of one day that a rule may name.
const TIMES: usize = 24;
/// How many steps the rules of one file may take together.
const STEPS: u64 = 500_000;
/// What the crate takes before it gives a rule up that never comes.
const BARREN: u64 = 100_000;

/// What the rules of one file may still cost.
#[derive(Debug)]
pub struct Budget(u64);

impl Default for Budget {
    fn default() -> Self {
        Self(STEPS)
    }
}

impl Budget {
    /// Takes `steps` from it.
    pub fn spend(&mut self, steps: u64) -> Result<(), Fault> {
        self.0 = self.0.checked_sub(steps).ok_or(Fault::TooMuchWork)?;
        Ok(())
    }
}

/// How often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frequency {
    /// Days.
    Daily,
    /// Weeks.
    Weekly,
    /// Months.
    Monthly,
    /// Years.
    Yearly,
}

/// A rule that can be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// How often.
    pub frequency: Frequency,
    /// In each of how many.
    pub interval: u16,
    /// How many times in all.
    pub count: Option<u32>,
    /// The last time at which it may come.
    pub until: Option<When>,
    /// Its other parts, such as `BYDAY`, by their names in capitals.
    pub parts: HashMap<String, String>,
}

/// The rule cannot be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;

impl Rule {
    /// Reads a rule. Refuses with a fault of the whole file what nobody writes but to do harm.
    pub fn parse(text: &str) -> Result<Result<Self, Unreadable>, Fault> {
        let mut parts = HashMap::new();
        for part in text.trim().split(';').filter(|part| !part.is_empty()) {
            let Some((name, value)) = part.split_once('=') else { return Ok(Err(Unreadable)) };
            let (name, value) = (name.trim().to_uppercase(), value.trim().to_uppercase());
            if parts.insert(name, value).is_some() {
                return Ok(Err(Unreadable));
            }
        }
        let too_often = |what: &str| Err(Fault::RuleTooOften(what.to_owned()));
        let frequency = match parts.remove("FREQ").as_deref() {
            Some("DAILY") => Frequency::Daily,
            Some("WEEKLY") => Frequency::Weekly,
            Some("MONTHLY") => Frequency::Monthly,
            Some("YEARLY") => Frequency::Yearly,
            Some(finer @ ("HOURLY" | "MINUTELY" | "SECONDLY")) => return too_often(finer),
            _ => return Ok(Err(Unreadable)),
        };
        if let Some(count) = parts.get("COUNT")
            && count.bytes().all(|b| b.is_ascii_digit())
            && count.parse().is_ok_and(|n: u32| n > COUNT) | (count.len() > 9)
        {
            return too_often(&format!("COUNT={}", count.chars().take(12).collect::<String>()));
        }
        let times = ["BYHOUR", "BYMINUTE", "BYSECOND"].map(|name| length(&parts, name));
        if times.iter().product::<usize>() > TIMES {
            return too_often("BYHOUR, BYMINUTE, BYSECOND");
        }
        Ok(Self::of(frequency, parts))
    }

    fn of(frequency: Frequency, mut parts: HashMap<String, String>) -> Result<Self, Unreadable> {
        let interval = parts.remove("INTERVAL").map_or(Ok(1), |text| text.parse());
        let interval = interval.map_err(|_| Unreadable)?;
        let count = parts.remove("COUNT").map(|text| text.parse()).transpose();
        let count = count.map_err(|_| Unreadable)?;
        let until = parts.remove("UNTIL").map(|text| When::parse(&text).ok_or(Unreadable));
        let until = until.transpose()?;
        parts.retain(|name, _| !name.starts_with("X-"));
        let known = |name: &String| name == "WKST" || name.starts_with("BY");
        if interval == 0 || count == Some(0) || !parts.keys().all(known) {
            return Err(Unreadable);
        }
        Ok(Self { frequency, interval, count, until, parts })
    }

    /// The local times from `from` up to, not including, `to` at which it comes, when it begins at
    /// `start` and comes no more after `until`. In order; `start` is among them only where it
    /// follows the rule.
    pub fn occurrences(
        &self,
        start: NaiveDateTime,
        until: Option<NaiveDateTime>,
        (from, to): (NaiveDateTime, NaiveDateTime),
        budget: &mut Budget,
    ) -> Result<Result<Vec<NaiveDateTime>, Unreadable>, Fault> {
        let last = until.map_or(to, |until| to.min(until + TimeDelta::seconds(1)));
        let begin = self.begin_near(start, from);
        let Some(set) = self.set(begin) else { return Ok(Err(Unreadable)) };
        budget.spend(self.steps(begin, from, last))?;
        let Some(last_day) = self.last_day(start.date(), from.date(), last.date()) else {
            return Ok(Ok(Vec::new()));
        };
        let (mut found, mut seen) = (Vec::new(), 0);
        let mut all = set.limit().into_iter();
        loop {
            let Some(at) = all.next().map(|at| at.naive_utc()) else {
                // It ended by its count, or the crate gave it up.
                if self.count != Some(seen) {
                    budget.spend(BARREN)?;
                }
                break;
            };
            seen += 1;
            if at >= last || at.date() > last_day {
                break;
            }
            if at >= from && at >= start {
                found.push(at);
            }
            // The search for one more would only end after it left the window.
            if at.date() == last_day && self.times_of_day() == 1 {
                break;
            }
        }
        Ok(Ok(found))
    }

    /// The rule for the crate. Local times go in as if they were UTC: what they mean is the zone's
    /// affair, and the crate knows only some.
    fn set(&self, begin: NaiveDateTime) -> Option<RRuleSet> {
        let mut text = match self.frequency {
            Frequency::Daily => "FREQ=DAILY",
            Frequency::Weekly => "FREQ=WEEKLY",
            Frequency::Monthly => "FREQ=MONTHLY",
            Frequency::Yearly => "FREQ=YEARLY",
        }
        .to_owned();
        let _ = write!(text, ";INTERVAL={}", self.interval);
        if let Some(count) = self.count {
            let _ = write!(text, ";COUNT={count}");
        }
        for (name, value) in &self.parts {
            let _ = write!(text, ";{name}={value}");
        }
        let begin = begin.and_utc().with_timezone(&Tz::UTC);
        let rule: RRule<Unvalidated> = text.parse().ok()?;
        Some(RRuleSet::new(begin).rrule(rule.validate(begin).ok()?))
    }

    /// A start that gives the same occurrences from `from` on. Counted rules need the true one.
    fn begin_near(&self, start: NaiveDateTime, from: NaiveDateTime) -> NaiveDateTime {
        let interval = i64::from(self.interval);
        let days = (from.date() - start.date()).num_days();
        if self.count.is_some() || days < 0 {
            return start;
        }
        let months = |step: i64, average: i64| {
            // The last days of a month are not in every one.
            let periods = (days / average - 2) / step * step;
            let by = if start.day() > 28 { 0 } else { periods.max(0) };
            start.checked_add_months(Months::new(u32::try_from(by).unwrap_or(0)))
        };
        let whole_days = |step: i64| {
            let by = (days / step - 1).max(0) * step;
            start.checked_add_signed(TimeDelta::days(by))
        };
        match self.frequency {
            Frequency::Daily => whole_days(interval),
            Frequency::Weekly => whole_days(interval * 7),
            Frequency::Monthly => months(interval, 32),
            Frequency::Yearly => months(interval * 12, 32),
        }
        .unwrap_or(start)
    }

    /// What it costs to follow the rule from `begin` to `last`, where the window begins at `from`.
    fn steps(&self, begin: NaiveDateTime, from: NaiveDateTime, last: NaiveDateTime) -> u64 {
        let days = (last - begin).num_days().max(0).unsigned_abs();
        let (period, weight) = match self.frequency {
            Frequency::Daily => (1, 1),
            Frequency::Weekly => (7, 1),
            Frequency::Monthly => (28, 2),
            Frequency::Yearly => (365, 6),
        };
        // What looking at each day of the window costs, and what follows.
        let window = (last - from).num_days().max(0).unsigned_abs();
        20 + window / 4 + days / (period * u64::from(self.interval)) * weight
    }

    /// The last day up to `last` on which it could come by the parts that name days; nothing where
    /// none from `from` on is one.
    fn last_day(&self, start: NaiveDate, from: NaiveDate, last: NaiveDate) -> Option<NaiveDate> {
        let days = self.days().ok()?;
        let mut date = last;
        while date >= from && date >= start {
            if days.fit(date) && self.in_step(start, date) {
                return Some(date);
            }
            date = date.pred_opt()?;
        }
        None
    }

    /// Whether the period of `date` is one of those that the interval leaves.
    fn in_step(&self, start: NaiveDate, date: NaiveDate) -> bool {
        let months = |date: NaiveDate| i64::from(date.year()) * 12 + i64::from(date.month0());
        let monday = |date: NaiveDate| {
            let first = self.parts.get("WKST").and_then(|text| weekday(text));
            let into = date.weekday().days_since(first.unwrap_or(Weekday::Mon));
            i64::from(date.num_days_from_ce()) - i64::from(into)
        };
        let apart = match self.frequency {
            Frequency::Daily => (date - start).num_days(),
            Frequency::Weekly => (monday(date) - monday(start)) / 7,
            Frequency::Monthly => months(date) - months(start),
            // By week numbers a year can begin in another.
            Frequency::Yearly if self.parts.contains_key("BYWEEKNO") => 0,
            Frequency::Yearly => i64::from(date.year() - start.year()),
        };
        apart % i64::from(self.interval) == 0
    }

    fn days(&self) -> Result<NamedDays, Unreadable> {
        let weekdays = self.parts.get("BYDAY").map(|text| {
            text.split(',')
                .filter_map(|day| weekday(day.get(day.len().checked_sub(2)?..)?))
                .collect()
        });
        Ok(NamedDays {
            months: numbers(&self.parts, "BYMONTH")?,
            month_days: numbers(&self.parts, "BYMONTHDAY")?,
            year_days: numbers(&self.parts, "BYYEARDAY")?,
            weekdays,
        })
    }

    fn times_of_day(&self) -> usize {
        ["BYHOUR", "BYMINUTE", "BYSECOND"].map(|name| length(&self.parts, name)).iter().product()
    }
}

/// The days that a rule's parts name, each part where it is there.
struct NamedDays {
    months: Option<Vec<i32>>,
    month_days: Option<Vec<i32>>,
    year_days: Option<Vec<i32>>,
    weekdays: Option<Vec<Weekday>>,
}

impl NamedDays {
    /// Whether `date` is in all of them.
    fn fit(&self, date: NaiveDate) -> bool {
        let signed = |list: &Option<Vec<i32>>, day: u32, of: u32| {
            let (day, of) = (day.cast_signed(), of.cast_signed());
            list.as_ref().is_none_or(|list| list.contains(&day) || list.contains(&(day - of - 1)))
        };
        let year = if date.leap_year() { 366 } else { 365 };
        let month = u32::from(date.num_days_in_month());
        self.months.as_ref().is_none_or(|list| list.contains(&date.month().cast_signed()))
            && signed(&self.month_days, date.day(), month)
            && signed(&self.year_days, date.ordinal(), year)
            && self.weekdays.as_ref().is_none_or(|list| list.contains(&date.weekday()))
    }
}

/// A weekday by its two letters.
pub fn weekday(text: &str) -> Option<Weekday> {
    Some(match text {
        "MO" => Weekday::Mon,
        "TU" => Weekday::Tue,
        "WE" => Weekday::Wed,
        "TH" => Weekday::Thu,
        "FR" => Weekday::Fri,
        "SA" => Weekday::Sat,
        "SU" => Weekday::Sun,
        _ => return None,
    })
}

/// The numbers that a part lists, where it is there; [`Unreadable`] where it lists something else.
fn numbers(parts: &HashMap<String, String>, name: &str) -> Result<Option<Vec<i32>>, Unreadable> {
    let text = parts.get(name).map(|text| text.split(',').map(str::parse).collect());
    text.transpose().map_err(|_: ParseIntError| Unreadable)
}

/// How many values a part lists; one where it is not there.
fn length(parts: &HashMap<String, String>, name: &str) -> usize {
    parts.get(name).map_or(1, |text| text.split(',').count())
}
