//! Hours as `VAVAILABILITY` (RFC 7953): when somebody can be booked, as rules.
//!
//! Weekly hours become `AVAILABLE` with a rule; a date that differs is left out of it and, where it
//! has other hours, has `AVAILABLE`s of its own. Dates are known for a range only: beyond it the
//! rules stand as they are.

use std::fmt::Write as _;

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use chrono_tz::Tz;
use uuid::Uuid;

use super::line::{Lines, local};
use super::zone;
use crate::engine::availability::Calendar;
use crate::model::schedule::{WeeklyHours, Weeks};
use crate::model::{ClinicianId, ServiceId};
use crate::time::Instant;
use crate::time::span::Span;
use crate::time::zone::DAY_MINUTES;

/// The property that says of which kind of visit an `AVAILABLE` is.
pub const SERVICE: &str = "X-ONSHIN-SERVICE";

/// The two letters of the days of a week, Monday first.
pub const DAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

/// A date on which the weekly hours do not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherDay {
    /// The local date.
    pub date: NaiveDate,
    /// Its hours, in minutes of the day; none where it is closed.
    pub open: Vec<(u16, u16)>,
}

/// What is written of one clinician's hours.
#[derive(Clone, Debug)]
pub struct Hours<'a> {
    /// Whose.
    pub clinician: ClinicianId,
    /// The zone of the facility.
    pub zone: Tz,
    /// The weekly hours.
    pub hours: &'a [WeeklyHours],
    /// The first date that is described.
    pub from: NaiveDate,
    /// Each date that differs, in order.
    pub others: &'a [OtherDay],
    /// The date after the last whose differences are known.
    pub until: NaiveDate,
}

/// The hours as a calendar. `now` is when it is written.
pub fn availability(of: &Hours<'_>, now: Instant) -> String {
    let mut lines = Lines::calendar(Some("PUBLISH"));
    let midnight = |date: NaiveDate| date.and_time(chrono::NaiveTime::MIN);
    let reach = Span::new(midnight(of.from).and_utc(), midnight(of.until).and_utc());
    if let Some(reach) = reach {
        zone::write(&mut lines, of.zone, reach);
    }
    lines.begin("VAVAILABILITY");
    let uid = format!("{}-hours@onshin", of.clinician);
    lines.put("UID", &uid);
    lines.instant("DTSTAMP", now);
    lines.put("BUSYTYPE", "BUSY-UNAVAILABLE");
    lines.with("DTSTART", &[("TZID", of.zone.name())], &local(midnight(of.from)));
    for (number, one) in of.hours.iter().enumerate() {
        if let Some(first) = first_date(one, of.from) {
            lines.begin("AVAILABLE");
            lines.put("UID", &format!("{uid}-{number}"));
            lines.instant("DTSTAMP", now);
            stretch(&mut lines, of.zone, first, (one.opens, one.closes));
            lines.put("RRULE", &rule(one, of.zone));
            let start = minute(one.opens);
            let out =
                of.others.iter().filter(|other| other.date >= first && applies(one, other.date));
            for other in out {
                let at = local(midnight(other.date) + start);
                lines.with("EXDATE", &[("TZID", of.zone.name())], &at);
            }
            if let Some(service) = one.service {
                lines.put(SERVICE, &service.to_string());
            }
            lines.end("AVAILABLE");
        }
    }
    for other in of.others {
        for (number, hours) in other.open.iter().enumerate() {
            lines.begin("AVAILABLE");
            lines.put("UID", &format!("{uid}-{}-{number}", other.date));
            lines.instant("DTSTAMP", now);
            stretch(&mut lines, of.zone, other.date, *hours);
            lines.end("AVAILABLE");
        }
    }
    lines.end("VAVAILABILITY");
    lines.finish()
}

/// The dates, of `count` from `from` on, on which the engine says otherwise than the weekly hours:
/// closed for whatever reason, or open at other times.
pub fn other_days(calendar: &Calendar<'_>, from: NaiveDate, count: u16) -> Vec<OtherDay> {
    let hours = &calendar.roster.hours;
    let other = |date: NaiveDate| {
        if calendar.closures(date).next().is_some() {
            let kept = hours.iter().any(|one| applies(one, date));
            return kept.then(|| OtherDay { date, open: Vec::new() });
        }
        let open = calendar.openings(date).map(|(_, opens, closes)| (opens, closes));
        let open = joined(open.collect());
        (!open.is_empty()).then_some(OtherDay { date, open })
    };
    from.iter_days().take(count.into()).filter_map(other).collect()
}

/// Openings of one date, joined where they meet.
fn joined(mut open: Vec<(u16, u16)>) -> Vec<(u16, u16)> {
    open.sort_unstable();
    let mut out: Vec<(u16, u16)> = Vec::new();
    for (opens, closes) in open {
        match out.last_mut() {
            Some(last) if opens <= last.1 => last.1 = last.1.max(closes),
            _ => out.push((opens, closes)),
        }
    }
    out
}

fn minute(minute: u16) -> TimeDelta {
    TimeDelta::minutes(minute.into())
}

/// Whether hours are kept on `date`, for whichever kind of visit they are.
pub(super) fn applies(hours: &WeeklyHours, date: NaiveDate) -> bool {
    hours.apply(date, hours.service.unwrap_or(ServiceId(Uuid::nil())))
}

/// The first date from `from` on; nothing where their dates are over, or none comes for years.
fn first_date(hours: &WeeklyHours, from: NaiveDate) -> Option<NaiveDate> {
    let from = hours.valid.from.map_or(from, |first| from.max(first));
    // A fifth weekday of a month comes within weeks; every other week within two.
    from.iter_days().take(400).find(|date| applies(hours, *date))
}

/// The start and end of hours on `date`.
fn stretch(lines: &mut Lines, zone: Tz, date: NaiveDate, (opens, closes): (u16, u16)) {
    let midnight = date.and_time(chrono::NaiveTime::MIN);
    let at = |at: NaiveDateTime| local(at);
    lines.with("DTSTART", &[("TZID", zone.name())], &at(midnight + minute(opens)));
    lines.with("DTEND", &[("TZID", zone.name())], &at(midnight + minute(closes.min(DAY_MINUTES))));
}

/// The rule of weekly hours.
fn rule(hours: &WeeklyHours, zone: Tz) -> String {
    let day = DAYS[usize::from(hours.weekday.clamp(1, 7) - 1)];
    let mut rule = match hours.weeks {
        Weeks::Every => format!("FREQ=WEEKLY;BYDAY={day}"),
        Weeks::Alternate(_) => format!("FREQ=WEEKLY;INTERVAL=2;WKST=MO;BYDAY={day}"),
        Weeks::OfMonth(which) => {
            let days = (1..=5).filter(|nth| which >> (nth - 1) & 1 == 1);
            let days: Vec<_> = days.map(|nth| format!("{nth}{day}")).collect();
            format!("FREQ=MONTHLY;BYDAY={}", days.join(","))
        }
    };
    if let Some(until) = hours.valid.until
        && let Some(end) = zone::instant(zone, until.and_time(chrono::NaiveTime::MIN))
    {
        let last = end - TimeDelta::seconds(1);
        let _ = write!(rule, ";UNTIL={}", super::line::utc(last));
    }
    rule
}
