//! The list against a naive oracle: minute after minute, with nothing of the engine's own spans,
//! grids or bounds.

use chrono_tz::Tz;

use crate::engine::availability::tests::{oracle, shown_once};
use crate::time::Instant;

use super::*;

/// Every minute of some days, as a clock on the wall would show it.
struct Minutes {
    zone: Tz,
    first: Instant,
    /// Whether rules and hours leave the minute open; nothing where the clocks show it twice.
    open: Vec<Option<bool>>,
    busy: Vec<(Instant, Instant)>,
}

impl Minutes {
    fn new(
        (practice, roster, holidays): &(Practice, Roster, Holidays),
        first: Instant,
        days: i64,
    ) -> Self {
        // What is taken is asked for apart: what is kept free around a visit may lie outside the
        // hours.
        let idle = Roster::new(roster.clinician, roster.trained_on, roster.hours.clone(), vec![]);
        let zone = practice.zone;
        let open = |n| {
            let at = first + minutes(n);
            shown_once(zone, at).then(|| oracle(practice, &idle, holidays, at))
        };
        let everywhere =
            Span::new(first - TimeDelta::days(30), first + TimeDelta::days(60)).unwrap();
        let busy = roster.busy_in(everywhere).map(|one| (one.span.start, one.span.end)).collect();
        Self { zone, first, open: (0..days * 1440).map(open).collect(), busy }
    }

    fn at(&self, n: i64) -> Option<bool> {
        usize::try_from(n).ok().and_then(|n| self.open.get(n)).copied().flatten()
    }

    fn date(&self, n: i64) -> NaiveDate {
        (self.first + minutes(n)).with_timezone(&self.zone).date_naive()
    }

    /// The minute at which the hours around this one began, on its day; nothing where the clocks
    /// were changed since.
    fn opening(&self, n: i64) -> Option<i64> {
        let mut began = n;
        while self.date(began - 1) == self.date(n) && self.at(began - 1)? {
            began -= 1;
        }
        Some(began)
    }

    /// Whether a visit can start at this minute; nothing where the clocks are changed nearby.
    fn bookable(&self, service: &Service, n: i64, now: Instant) -> Option<bool> {
        let (start, length) = (self.first + minutes(n), service.length.num_minutes());
        for minute in n..n + length {
            if !self.at(minute)? || self.date(minute) != self.date(n) {
                return Some(false);
            }
        }
        if (n - self.opening(n)?) % service.step.num_minutes() != 0 {
            return Some(false);
        }
        let (from, until) =
            (-service.buffer_before.num_minutes(), length + service.buffer_after.num_minutes());
        for minute in from..until {
            let at = start + minutes(minute);
            if self.busy.iter().any(|(from, until)| *from <= at && at < *until) {
                return Some(false);
            }
        }
        let today = now.with_timezone(&self.zone).date_naive();
        let ahead = (self.date(n) - today).num_days();
        Some(
            (start - now) >= service.notice
                && start >= now
                && ahead <= i64::from(service.horizon_days),
        )
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]
    #[test]
    fn free_is_what_rules_leave_and_nothing_takes(
        ((zone, first), world) in
            places().prop_flat_map(|place| (Just(place), world(place.1, 8))),
        service in services(),
        units in -288i64..3 * 288,
    ) {
        let (mut practice, roster, holidays) = world;
        practice.zone = zone;
        let calendar = Calendar { practice: &practice, roster: &roster, holidays: &holidays, others: &[] };
        let days = Days::new(zone, first, 8);
        let begins = days.iter().next().unwrap().span.start;
        let now = begins + minutes(units * 5);
        let listed: BTreeSet<_> = offers(&calendar, &service, &days, now)
            .into_iter().flat_map(|day| day.slots).map(|slot| slot.visit).collect();
        let minutes_of = Minutes::new(&(practice.clone(), roster.clone(), holidays.clone()), begins, 8);
        for n in 0..7 * 1440 {
            if let Some(bookable) = minutes_of.bookable(&service, n, now) {
                let at = begins + minutes(n);
                let visit = Span { start: at, end: at + service.length };
                prop_assert_eq!(listed.contains(&visit), bookable, "{} {}", zone, at.with_timezone(&zone));
            }
        }
    }
}

/// That the oracle has an opinion and both kinds of it, so that the test above tests.
#[test]
fn the_oracle_finds_both_kinds() {
    let world = World::new(vec![], &[("2026-11-04 10:00", "2026-11-04 10:30")]);
    let (begins, now) = (jst("2026-11-04 00:00"), jst("2026-11-01 00:00"));
    let minutes_of = Minutes::new(&(world.practice, world.roster, world.holidays), begins, 2);
    let service = Service { buffer_after: minutes(5), ..service() };
    let found: Vec<_> =
        (0..1440).filter(|n| minutes_of.bookable(&service, *n, now) == Some(true)).collect();
    // 9:30 ends at 9:45 and needs five minutes more; 9:45 would reach 10:05.
    assert_eq!(found[..5], [540, 555, 570, 630, 645]);
    assert_eq!(found.len(), 12 - 3 + 8);
}
