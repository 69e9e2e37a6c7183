//! A local day of a zone, and the instants in it.

use std::borrow::Cow;

use chrono::{Datelike, LocalResult, NaiveDate, NaiveTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use super::Instant;
use super::span::Span;

/// Minutes in a day of 24 hours; also the greatest minute of a day, meaning its end.
pub const DAY_MINUTES: u16 = 24 * 60;

/// The years whose days can be asked for.
const YEARS: std::ops::RangeInclusive<i32> = 1..=9999;

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

/// One local day of a zone, ready to turn minutes into instants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalDay {
    /// The zone whose day it is.
    pub zone: Tz,
    /// Its date there.
    pub date: NaiveDate,
    /// From its first instant to the first of the next day.
    pub span: Span,
    /// Whether its clocks run through without a change, so that minutes can simply be added.
    even: bool,
}

impl LocalDay {
    /// The day `date` of `zone`; nothing where that date never came, and nothing for a year of more
    /// than four digits: nobody means it, and its sums could leave what can be represented.
    pub fn new(zone: Tz, date: NaiveDate) -> Option<Self> {
        let date = Some(date).filter(|date| YEARS.contains(&date.year()))?;
        let span = day(zone, date)?;
        let offset = |at: Instant| zone.offset_from_utc_datetime(&at.naive_utc()).fix();
        let last = span.end - TimeDelta::microseconds(1);
        let even = span.length() == TimeDelta::days(1) && offset(span.start) == offset(last);
        Some(Self { zone, date, span, even })
    }

    /// The day that holds `instant`. Days follow each other without a gap or an overlap, so there
    /// is just one; it can be the day after the date that the clocks show, where they are put back
    /// over midnight and show the end of a day for the second time.
    pub fn of(zone: Tz, instant: Instant) -> Option<Self> {
        if !YEARS.contains(&instant.year()) {
            return None;
        }
        let shown = date_of(zone, instant);
        [Some(shown), shown.succ_opt(), shown.pred_opt()]
            .into_iter()
            .filter_map(|date| Self::new(zone, date?))
            .find(|day| day.span.start <= instant && instant < day.span.end)
    }

    /// As [`instant_at`], for this day.
    pub fn at(&self, minute: u16) -> Option<Instant> {
        if self.even && minute <= DAY_MINUTES {
            return Some(self.span.start + TimeDelta::minutes(i64::from(minute)));
        }
        instant_at(self.zone, self.date, minute)
    }
}

/// Successive local days of a zone. Made once, they serve every clinician of that zone.
#[derive(Clone, Debug)]
pub struct Days {
    zone: Tz,
    from: NaiveDate,
    count: u16,
    list: Vec<LocalDay>,
}

impl Days {
    /// `count` days of `zone` from `from` on; a date that never came is left out.
    pub fn new(zone: Tz, from: NaiveDate, count: u16) -> Self {
        let dates = from.iter_days().take(usize::from(count));
        let list = dates.filter_map(|date| LocalDay::new(zone, date)).collect();
        Self { zone, from, count, list }
    }

    /// The same dates in `zone`.
    pub fn in_zone(&self, zone: Tz) -> Cow<'_, Self> {
        if zone == self.zone {
            Cow::Borrowed(self)
        } else {
            Cow::Owned(Self::new(zone, self.from, self.count))
        }
    }

    /// The days, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, LocalDay> {
        self.list.iter()
    }
}

impl<'a> IntoIterator for &'a Days {
    type Item = &'a LocalDay;
    type IntoIter = std::slice::Iter<'a, LocalDay>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
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

    #[test]
    fn the_second_end_of_a_day_belongs_to_the_next() {
        // St John's put its clocks back from 00:01 to 23:01 of the day before, until 2011.
        let zone = chrono_tz::America::St_Johns;
        let again = utc("2010-11-07T03:00:00Z");
        assert_eq!(date_of(zone, again), date("2010-11-06"));
        assert_eq!(LocalDay::of(zone, again).unwrap().date, date("2010-11-07"));
    }

    #[test]
    fn days_of_a_zone_leave_out_the_one_that_never_came() {
        let zone = chrono_tz::Pacific::Apia;
        let dates = |days: &Days| days.iter().map(|day| day.date).collect::<Vec<_>>();
        let days = Days::new(chrono_tz::Asia::Tokyo, date("2011-12-29"), 3);
        assert_eq!(dates(&days).len(), 3);
        assert_eq!(dates(&days.in_zone(zone)), [date("2011-12-29"), date("2011-12-31")]);
    }
}
