//! Between what a visit may start: notice, in time and in working days, and horizon.

use chrono::NaiveDate;

use crate::model::schedule::Service;
use crate::time::Instant;
use crate::time::zone::LocalDay;

use super::super::availability::Calendar;

/// How many days ahead working days are looked for. A facility that works on none of them cannot
/// be booked with such a notice.
const FARTHEST: u16 = 120;

/// Between what a visit may start.
pub(super) struct Bounds {
    /// The first instant that the notice allows.
    pub(super) earliest: Instant,
    /// The first local day that the notice in working days allows, where there is one.
    pub(super) first_day: Option<NaiveDate>,
    /// The last local day of the horizon.
    pub(super) last: NaiveDate,
}

impl Bounds {
    pub(super) fn new(calendar: &Calendar<'_>, service: &Service, now: Instant) -> Self {
        let zone = calendar.practice.zone;
        let today = LocalDay::of(zone, now).map_or(now.date_naive(), |day| day.date);
        let ahead = chrono::Days::new(service.horizon_days.into());
        let notice = now.checked_add_signed(service.notice).unwrap_or(Instant::MAX_UTC);
        let working_days = service.demands.notice_working_days;
        let first_day = (working_days > 0).then(|| nth_working_day(calendar, today, working_days));
        let opens = first_day
            .map(|date| LocalDay::new(zone, date).map_or(Instant::MAX_UTC, |day| day.span.start));
        Self {
            earliest: opens.map_or(notice, |opens| opens.max(notice)),
            first_day,
            last: today.checked_add_days(ahead).unwrap_or(NaiveDate::MAX),
        }
    }
}

/// The `count`-th working day after `today`.
fn nth_working_day(calendar: &Calendar<'_>, today: NaiveDate, count: u8) -> NaiveDate {
    let days = today.iter_days().skip(1).take(FARTHEST.into());
    let mut working = days.filter(|date| calendar.is_working_day(*date));
    working.nth(usize::from(count) - 1).unwrap_or(NaiveDate::MAX)
}
