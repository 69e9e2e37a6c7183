//! Zones: written as `VTIMEZONE`, read from the names and the `VTIMEZONE`s of others.

use std::sync::{Arc, LazyLock};

use chrono::{Datelike, LocalResult, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::{OffsetName, Tz};

use super::line::{self, Lines};
use super::parse::{Component, Fault};
use super::rule::{Budget, Rule};
use super::value::When;
use crate::time::Instant;
use crate::time::span::Span;

/// No zone has skipped more than a day.
const LONGEST_GAP_HOURS: i64 = 26;
/// The most changes of the clocks that are taken from one `VTIMEZONE`.
const CHANGES: usize = 2_000;

/// What the clocks of `zone` show at `at`.
pub fn wall(zone: Tz, at: Instant) -> NaiveDateTime {
    at.with_timezone(&zone).naive_local()
}

/// What is meant by a local time (RFC 5545, 3.3.5): where it comes twice, the first; where it
/// never comes, the instant that the clocks would have shown before they were put forward.
pub fn instant(zone: Tz, local: NaiveDateTime) -> Option<Instant> {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => Some(at.with_timezone(&Utc)),
        LocalResult::None => (1..=LONGEST_GAP_HOURS).find_map(|hours| {
            let gap = TimeDelta::hours(hours);
            let before = zone.from_local_datetime(&local.checked_sub_signed(gap)?).latest()?;
            before.with_timezone(&Utc).checked_add_signed(gap)
        }),
    }
}

/// Describes `zone` as far as `span` needs it: each change of its clocks is an observance of its
/// own, without a rule, so that nothing is claimed of years that we know nothing of.
pub fn write(lines: &mut Lines, zone: Tz, span: Span) {
    let mut at = span.start - TimeDelta::days(366);
    let until = span.end + TimeDelta::days(366);
    lines.begin("VTIMEZONE");
    lines.put("TZID", zone.name());
    let begin = Instant::UNIX_EPOCH.naive_utc();
    observance(lines, zone, at, (offset(zone, at), begin));
    while at < until {
        let next = at + TimeDelta::days(1);
        if offset(zone, at) != offset(zone, next) {
            let change = change_between(zone, at, next);
            let before = offset(zone, at);
            let onset = change.naive_utc() + TimeDelta::seconds(before);
            observance(lines, zone, change, (before, onset));
        }
        at = next;
    }
    lines.end("VTIMEZONE");
}

/// Seconds east of UTC.
fn offset(zone: Tz, at: Instant) -> i64 {
    zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc().into()
}

/// The first second with the offset of `after`.
fn change_between(zone: Tz, before: Instant, after: Instant) -> Instant {
    let (mut low, mut high) = (0, (after - before).num_seconds());
    while low + 1 < high {
        let middle = low.midpoint(high);
        let same = offset(zone, before + TimeDelta::seconds(middle)) == offset(zone, before);
        if same { low = middle } else { high = middle }
    }
    before + TimeDelta::seconds(high)
}

/// The time of the zone from `at` on, which its clocks enter at `onset` from the offset `before`.
fn observance(lines: &mut Lines, zone: Tz, at: Instant, (before, onset): (i64, NaiveDateTime)) {
    let local = zone.offset_from_utc_datetime(&at.naive_utc());
    let kind = if chrono_tz::OffsetComponents::dst_offset(&local).is_zero() {
        "STANDARD"
    } else {
        "DAYLIGHT"
    };
    lines.begin(kind);
    lines.put("DTSTART", &line::local(onset));
    lines.put("TZOFFSETFROM", &signed(before));
    lines.put("TZOFFSETTO", &signed(offset(zone, at)));
    if let Some(name) = local.abbreviation() {
        lines.text("TZNAME", name);
    }
    lines.end(kind);
}

/// `+0900`.
fn signed(seconds: i64) -> String {
    let (sign, seconds) = (if seconds < 0 { '-' } else { '+' }, seconds.abs());
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if rest == 0 {
        format!("{sign}{hours:02}{minutes:02}")
    } else {
        format!("{sign}{hours:02}{minutes:02}{rest:02}")
    }
}

/// A zone of somebody's calendar.
#[derive(Clone, Debug)]
pub enum Zone {
    /// One that everybody knows.
    Known(Tz),
    /// One that the calendar itself describes.
    Own(Arc<Changes>),
}

impl Zone {
    /// The zone that everybody knows by `name`: an IANA name, also with a prefix as
    /// `/example.org/Asia/Tokyo`, or the name that Windows gives it.
    pub fn known(name: &str) -> Option<Self> {
        let name = name.trim().trim_matches('"');
        let found = name.parse().ok().or_else(|| windows(name));
        found.or_else(|| prefixed(name)).map(Self::Known)
    }

    /// What is meant by a local time; as [`instant`].
    pub fn instant(&self, local: NaiveDateTime) -> Option<Instant> {
        match self {
            Self::Known(zone) => instant(*zone, local),
            Self::Own(changes) => changes.instant(local),
        }
    }

    /// What its clocks show at `at`.
    pub fn wall(&self, at: Instant) -> NaiveDateTime {
        match self {
            Self::Known(zone) => wall(*zone, at),
            Self::Own(changes) => changes.wall(at),
        }
    }
}

/// The last two or three words of a path that ends with an IANA name.
fn prefixed(name: &str) -> Option<Tz> {
    let words: Vec<&str> = name.trim_matches('/').split('/').collect();
    [3, 2].into_iter().find_map(|count| {
        let from = words.len().checked_sub(count).filter(|from| *from > 0)?;
        words[from..].join("/").parse().ok()
    })
}

/// The zone that Windows calls by `name`, in its most populous place (Unicode CLDR, windowsZones).
fn windows(name: &str) -> Option<Tz> {
    static NAMES: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
        let rows = include_str!("../../../seeds/windows-zones.csv").lines().skip(1);
        rows.filter_map(|row| row.rsplit_once(',')).collect()
    });
    let found = NAMES.iter().find(|(windows, _)| windows.eq_ignore_ascii_case(name))?;
    found.1.parse().ok()
}

/// The changes of the clocks that a `VTIMEZONE` describes, in order.
#[derive(Clone, Debug, Default)]
pub struct Changes(Vec<Change>);

/// From `at` on `to` seconds east of UTC, before it `from`.
#[derive(Clone, Copy, Debug)]
struct Change {
    at: NaiveDateTime,
    from: i64,
    to: i64,
}

impl Changes {
    /// Reads a `VTIMEZONE` as far as `window` needs it; nothing where it describes no zone.
    pub fn read(
        zone: &Component,
        window: Span,
        budget: &mut Budget,
    ) -> Result<Option<Self>, Fault> {
        let mut all = Vec::new();
        let kinds = ["STANDARD", "DAYLIGHT"];
        for part in zone.components.iter().filter(|part| kinds.contains(&part.name.as_str())) {
            all.extend(observances(part, window, budget)?);
            if all.len() > CHANGES {
                return Err(Fault::TooMuchWork);
            }
        }
        all.sort_by_key(|change| change.at);
        Ok(Some(Self(all)).filter(|changes| !changes.0.is_empty()))
    }

    fn instant(&self, local: NaiveDateTime) -> Option<Instant> {
        // Until the clocks have passed both what they left and what they came to, the old time
        // holds: a time that comes twice is the first, one that never comes is the old one.
        let passed = |c: &&Change| local >= c.at + TimeDelta::seconds(c.from.max(c.to));
        let offset = self.0.iter().take_while(passed).last().map(|c| c.to);
        let offset = offset.or(self.0.first().map(|c| c.from))?;
        Some(local.checked_sub_signed(TimeDelta::seconds(offset))?.and_utc())
    }

    fn wall(&self, at: Instant) -> NaiveDateTime {
        let at = at.naive_utc();
        let offset = self.0.iter().take_while(|c| c.at <= at).last().map(|c| c.to);
        let offset = offset.or(self.0.first().map(|c| c.from)).unwrap_or(0);
        at + TimeDelta::seconds(offset)
    }
}

/// The changes to one kind of time; none where it lacks what makes one.
fn observances(part: &Component, window: Span, budget: &mut Budget) -> Result<Vec<Change>, Fault> {
    let none = Vec::new();
    let offset = |name| part.value(name).and_then(read_offset);
    let (Some(from), Some(to)) = (offset("TZOFFSETFROM"), offset("TZOFFSETTO")) else {
        return Ok(none);
    };
    let Some(When::Local(start)) = part.value("DTSTART").and_then(When::parse) else {
        return Ok(none);
    };
    let mut onsets = vec![start];
    for date in part.all("RDATE").flat_map(|dates| dates.value.split(',')) {
        if let Some(When::Local(at)) = When::parse(date) {
            onsets.push(at);
        }
    }
    if let Some(rule) = part.value("RRULE") {
        let Ok(rule) = Rule::parse(rule)? else { return Ok(none) };
        let until = rule.until.map(|until| match until {
            When::Utc(at) => at.naive_utc() + TimeDelta::seconds(from),
            When::Local(at) => at,
            When::Date(date) => date.and_hms_opt(23, 59, 59).unwrap_or(start),
        });
        // The last change before the window is needed, whatever the interval of the rule.
        let years = TimeDelta::days(366 * 3);
        let reach = (window.start.naive_utc() - years, window.end.naive_utc() + years);
        let ended = until.filter(|until| *until < reach.0 && until.year() > 1600);
        let reach = ended.map_or(reach, |until| (until - years, reach.1));
        onsets.extend(rule.occurrences(start, until, reach, budget)?.unwrap_or_default());
    }
    onsets.sort_unstable();
    onsets.dedup();
    let change = |onset| Change { at: onset - TimeDelta::seconds(from), from, to };
    Ok(onsets.into_iter().map(change).collect())
}

/// `+0900` or `-033000` in seconds.
fn read_offset(text: &str) -> Option<i64> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let pair = |at: usize| digits.get(at..at + 2)?.parse::<u8>().ok().map(i64::from);
    let seconds = match digits.len() {
        4 => 0,
        6 => pair(4)?,
        _ => return None,
    };
    let (hours, minutes) = (pair(0)?, pair(2)?);
    let sane = hours < 24 && minutes < 60 && seconds < 60;
    sane.then_some(sign * (hours * 3600 + minutes * 60 + seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::ical::parse;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn local(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    #[test]
    fn names_of_all_kinds_are_known() {
        let known = |name| match Zone::known(name) {
            Some(Zone::Known(zone)) => Some(zone.name()),
            _ => None,
        };
        assert_eq!(known("Asia/Tokyo"), Some("Asia/Tokyo"));
        assert_eq!(known("Tokyo Standard Time"), Some("Asia/Tokyo"));
        assert_eq!(known("/citadel.org/20210210_1/Asia/Tokyo"), Some("Asia/Tokyo"));
        assert_eq!(known("/x/America/Argentina/Ushuaia"), Some("America/Argentina/Ushuaia"));
        assert_eq!(known("Customized Time Zone"), None);
    }

    #[test]
    fn what_we_write_of_a_zone_says_the_same_when_read() {
        let zones = [
            chrono_tz::Asia::Tokyo,
            chrono_tz::America::New_York,
            chrono_tz::Europe::Dublin,
            chrono_tz::Australia::Lord_Howe,
            chrono_tz::Asia::Kathmandu,
        ];
        let window = Span::new(at("2026-01-01T00:00:00Z"), at("2026-12-31T00:00:00Z")).unwrap();
        for zone in zones {
            let mut lines = Lines::calendar(None);
            write(&mut lines, zone, window);
            let text = lines.finish();
            let calendars = parse::parse(text.as_bytes()).unwrap();
            let described = calendars[0].inner("VTIMEZONE").next().unwrap();
            let changes =
                Changes::read(described, window, &mut Budget::default()).unwrap().unwrap();
            for half in 0..365 * 48 {
                let instant = window.start + TimeDelta::minutes(30 * half);
                assert_eq!(changes.wall(instant), wall(zone, instant), "{zone} {instant}\n{text}");
                let clocks = window.start.naive_utc() + TimeDelta::minutes(30 * half);
                assert_eq!(
                    changes.instant(clocks),
                    super::instant(zone, clocks),
                    "{zone} {clocks}"
                );
            }
        }
    }

    #[test]
    fn a_zone_of_its_own_has_its_own_rules() {
        let text = "BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:Ours\nBEGIN:STANDARD\n\
            DTSTART:16010101T030000\nTZOFFSETFROM:+1030\nTZOFFSETTO:+0930\n\
            RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11\nEND:STANDARD\nBEGIN:DAYLIGHT\n\
            DTSTART:16010101T020000\nTZOFFSETFROM:+0930\nTZOFFSETTO:+1030\n\
            RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3\nEND:DAYLIGHT\nEND:VTIMEZONE\nEND:VCALENDAR\n";
        let calendars = parse::parse(text.as_bytes()).unwrap();
        let window = Span::new(at("2026-01-01T00:00:00Z"), at("2026-12-31T00:00:00Z")).unwrap();
        let zone = &calendars[0].components[0];
        let changes = Changes::read(zone, window, &mut Budget::default()).unwrap().unwrap();
        let instant = |text| changes.instant(local(text)).unwrap();
        assert_eq!(instant("2026-01-10T09:00:00"), at("2026-01-09T23:30:00Z"));
        assert_eq!(instant("2026-07-10T09:00:00"), at("2026-07-09T22:30:00Z"));
        // 8 March: 02:00 to 03:00 never comes; 1 November: 02:00 to 03:00 comes twice.
        assert_eq!(instant("2026-03-08T02:30:00"), at("2026-03-07T17:00:00Z"));
        assert_eq!(instant("2026-11-01T02:30:00"), at("2026-10-31T16:00:00Z"));
        assert_eq!(instant("2026-11-01T03:00:00"), at("2026-10-31T17:30:00Z"));
    }
}
