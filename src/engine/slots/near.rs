//! What to offer to somebody whose wished time has gone.

use chrono::TimeDelta;

use crate::model::schedule::Service;
use crate::time::Instant;
use crate::time::zone::{Days, LocalDay};

use super::super::availability::Calendar;
use super::{Slot, offers};

/// How many days to both sides are searched, one after the other, until enough are found.
pub const REACH: [u16; 3] = [2, 8, 36];

/// At most `count` free times nearest to `wished`, over all clinicians given: nearest first, of
/// two equally near the earlier. Each start comes once, with the clinician named first in the
/// list. Times more than 36 days away are not found.
pub fn alternatives(
    calendars: &[Calendar<'_>],
    service: &Service,
    wished: Instant,
    now: Instant,
    count: usize,
) -> Vec<Slot> {
    let within = |step| alternatives_within(calendars, service, wished, now, count, step);
    (0..REACH.len()).find_map(within).unwrap_or_default()
}

/// The same from the days of one step of [`REACH`]: nothing where there may be nearer ones outside
/// of them. The last step always has an answer. Only what is taken in these days need be known.
pub fn alternatives_within(
    calendars: &[Calendar<'_>],
    service: &Service,
    wished: Instant,
    now: Instant,
    count: usize,
    step: usize,
) -> Option<Vec<Slot>> {
    let reach = *REACH.get(step)?;
    let mut found = nearest(calendars, service, wished, now, reach);
    // Days differ in length; so much within them is certainly nearer than all outside.
    let sure = TimeDelta::hours(i64::from(reach) * 24 - 26);
    let near = found.iter().filter(|slot| distance(slot, wished) <= sure).count();
    found.truncate(count);
    (near >= count || step + 1 == REACH.len()).then_some(found)
}

fn nearest(
    calendars: &[Calendar<'_>],
    service: &Service,
    wished: Instant,
    now: Instant,
    reach: u16,
) -> Vec<Slot> {
    let mut found = Vec::new();
    for calendar in calendars {
        let day = LocalDay::of(calendar.practice.zone, wished);
        let first = day.and_then(|day| day.date.checked_sub_days(chrono::Days::new(reach.into())));
        let Some(first) = first else { continue };
        let days = Days::new(calendar.practice.zone, first, 2 * reach + 1);
        found.extend(offers(calendar, service, &days, now).into_iter().flat_map(|day| day.slots));
    }
    // Stable, so that of the same start the clinician named first stays first.
    found.sort_by_key(|slot| (distance(slot, wished), slot.visit.start));
    found.dedup_by_key(|slot| slot.visit.start);
    found
}

fn distance(slot: &Slot, wished: Instant) -> TimeDelta {
    (slot.visit.start - wished).abs()
}
