//! Values of properties: dates, times, lengths.

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use crate::time::Instant;

/// Years that a calendar may speak of. Outlook begins its zones in 1601.
const YEARS: std::ops::RangeInclusive<i32> = 1600..=2200;

/// A date or a time, as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum When {
    /// A whole day.
    Date(NaiveDate),
    /// What the clocks of a zone show; which zone, the property says, or none does.
    Local(NaiveDateTime),
    /// An instant.
    Utc(Instant),
}

impl When {
    /// Reads `20261201`, `20261201T090000` or `20261201T090000Z`; nothing for any other text or a
    /// year that nobody means. A leap second is the second before it.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (date, rest) = text.split_at_checked(8)?;
        let date =
            NaiveDate::from_ymd_opt(number(&date[..4])?, digits(date, 4)?, digits(date, 6)?)?;
        if !YEARS.contains(&date.year()) {
            return None;
        }
        if rest.is_empty() {
            return Some(Self::Date(date));
        }
        let time = rest.strip_prefix(['T', 't'])?;
        let (time, utc) = match time.strip_suffix(['Z', 'z']) {
            Some(time) => (time, true),
            None => (time, false),
        };
        if time.len() != 6 || !time.is_ascii() {
            return None;
        }
        let second = digits(time, 4)?;
        let second = if second == 60 { 59 } else { second };
        let time = NaiveTime::from_hms_opt(digits(time, 0)?, digits(time, 2)?, second)?;
        let local = date.and_time(time);
        Some(if utc { Self::Utc(local.and_utc()) } else { Self::Local(local) })
    }
}

fn digits(text: &str, at: usize) -> Option<u32> {
    number(text.get(at..at + 2)?)
}

/// A number of digits alone: no sign, no space.
fn number<N: std::str::FromStr>(text: &str) -> Option<N> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}

/// How long something takes: days by the calendar, then exact time. `P1D` is to the same time of
/// the next day, also over a change of the clocks; `PT24H` is not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Length {
    /// Days by the calendar.
    pub days: u32,
    /// Exact time.
    pub exact: TimeDelta,
}

impl Length {
    /// The longest that is believed, in days.
    pub const LONGEST: u32 = 400;

    /// Reads `P15DT5H0M20S`, `P7W`, `PT30M`; nothing for any other text, or a negative length, or
    /// one that nobody means.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix('+').unwrap_or(text).strip_prefix('P')?;
        let (dates, times) = text.split_once('T').map_or((text, None), |(d, t)| (d, Some(t)));
        let (mut days, mut seconds) = (0_u32, 0_u32);
        for (count, unit) in parts(dates)? {
            days = days.checked_add(count.checked_mul(match unit {
                'W' => 7,
                'D' => 1,
                _ => return None,
            })?)?;
        }
        for (count, unit) in parts(times.unwrap_or_default())? {
            seconds = seconds.checked_add(count.checked_mul(match unit {
                'H' => 3600,
                'M' => 60,
                'S' => 1,
                _ => return None,
            })?)?;
        }
        let said = !dates.is_empty() || times.is_some_and(|times| !times.is_empty());
        let within = days <= Self::LONGEST && seconds <= Self::LONGEST * 24 * 3600;
        let exact = TimeDelta::seconds(seconds.into());
        (said && within).then_some(Self { days, exact })
    }
}

/// `15D3H` as its numbers and units.
fn parts(mut text: &str) -> Option<Vec<(u32, char)>> {
    let mut found = Vec::new();
    while let Some(at) = text.find(|c: char| !c.is_ascii_digit()) {
        let unit = text[at..].chars().next()?;
        found.push((number(&text[..at])?, unit));
        text = &text[at + unit.len_utf8()..];
    }
    text.is_empty().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_times_are_read_or_refused() {
        let when = |text| When::parse(text).map(|when| format!("{when:?}"));
        assert_eq!(when("20261201").unwrap(), "Date(2026-12-01)");
        assert_eq!(when("20261201T090000").unwrap(), "Local(2026-12-01T09:00:00)");
        assert_eq!(when("20161231T235960Z").unwrap(), "Utc(2016-12-31T23:59:59Z)");
        assert_eq!(when("20240229").unwrap(), "Date(2024-02-29)");
        for bad in [
            "",
            "2026",
            "20260229",
            "20261301",
            "99990101",
            "00000101",
            "20261201T",
            "20261201T0900",
            "20261201T250000",
            "20261201T090000X",
            "+2026120",
            "2026-12-01",
            "２０２６１２０１",
            "20261201T09０0",
            "20261201 090000",
            "20261201T090061",
        ] {
            assert_eq!(when(bad), None, "{bad}");
        }
    }

    #[test]
    fn lengths_are_read_or_refused() {
        let length = |text| Length::parse(text).map(|l| (l.days, l.exact.num_seconds()));
        assert_eq!(length("P15DT5H0M20S"), Some((15, 18020)));
        assert_eq!(length("P7W"), Some((49, 0)));
        assert_eq!(length("+PT30M"), Some((0, 1800)));
        for bad in ["", "P", "PT", "-PT5M", "PT5", "P1H", "PT1D", "P9999999999D", "P401D", "5M"] {
            assert_eq!(length(bad), None, "{bad}");
        }
    }
}
