//! A local day of a zone, and the instants in it.

use chrono::{Datelike, LocalResult, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use super::Instant;
use super::span::Span;

/// Minutes in a day of 24 hours; also the greatest minute of a day, meaning its end.
pub const DAY_MINUTES: u16 = 24 * 60;

/// The local date of `instant` in `zone`.
pub fn date_of(zone: Tz, instant: Instant) -> NaiveDate {
    instant.with_timezone(&zone).date_naive()
}

/// The instant at which the clocks of `zone` show `minute` (0 to 1440) of `date`.
///
/// Where that time comes twice the first is meant; where it does not come at all, the first
/// instant after the gap. So hours that span a change of the clocks keep both their ends.
pub fn instant_at(zone: Tz, date: NaiveDate, minute: u16) -> Option<Instant> {
    let (date, minute) = if minute >= DAY_MINUTES {
        (date.succ_opt()?, minute - DAY_MINUTES)
    } else {
        (date, minute)
    };
    let local = date.and_time(NaiveTime::MIN) + TimeDelta::minutes(i64::from(minute));
    match zone.from_local_datetime(&local) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => Some(at.with_timezone(&Utc)),
        LocalResult::None => after_gap(zone, local),
    }
}

/// The first instant whose local time is `local` or later. No zone has skipped more than a day.
fn after_gap(zone: Tz, local: chrono::NaiveDateTime) -> Option<Instant> {
    // Gaps start and end on whole seconds; the far end is found by halving.
    let (mut low, mut high) = (0_i64, 26 * 3600);
    let shifted = |seconds: i64| zone.from_local_datetime(&(local + TimeDelta::seconds(seconds)));
    while low + 1 < high {
        let middle = low.midpoint(high);
        if matches!(shifted(middle), LocalResult::None) {
            low = middle;
        } else {
            high = middle;
        }
    }
    shifted(high).earliest().map(|at| at.with_timezone(&Utc))
}

/// All of the local day `date`, from its first instant to the first of the next.
pub fn day(zone: Tz, date: NaiveDate) -> Option<Span> {
    Span::new(instant_at(zone, date, 0)?, instant_at(zone, date, DAY_MINUTES)?)
}

/// Monday is 1, Sunday 7, as ISO 8601 counts.
pub fn weekday(date: NaiveDate) -> u8 {
    u8::try_from(date.weekday().number_from_monday()).unwrap_or(7)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn tokyo_is_nine_hours_ahead() {
        let at = instant_at(chrono_tz::Asia::Tokyo, date("2026-12-01"), 540).unwrap();
        assert_eq!(at, utc("2026-12-01T00:00:00Z"));
        assert_eq!(
            date_of(chrono_tz::Asia::Tokyo, utc("2026-12-01T15:00:00Z")),
            date("2026-12-02")
        );
    }

    #[test]
    fn the_change_day_in_new_york_keeps_its_afternoon() {
        let (zone, day) = (chrono_tz::America::New_York, date("2026-03-08"));
        assert_eq!(instant_at(zone, day, 13 * 60), Some(utc("2026-03-08T17:00:00Z")));
        assert_eq!(instant_at(zone, day, 18 * 60), Some(utc("2026-03-08T22:00:00Z")));
        // 02:30 does not come that day; the clocks go on at 03:00.
        assert_eq!(instant_at(zone, day, 150), Some(utc("2026-03-08T07:00:00Z")));
    }

    #[test]
    fn a_skipped_day_ends_where_the_next_begins() {
        // Samoa went over the date line: 30 December 2011 never came.
        let zone = chrono_tz::Pacific::Apia;
        assert_eq!(
            instant_at(zone, date("2011-12-30"), 600),
            instant_at(zone, date("2011-12-31"), 0)
        );
    }
}
