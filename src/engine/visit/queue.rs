//! Who is next with a clinician: the places of those who wait, and when their turn is expected.
//! Numbers only: nobody learns who the others are.

use chrono::TimeDelta;

use crate::model::BookingId;
use crate::time::Instant;

/// What a visit that is going on is expected to take at least, from now on.
const SOON: TimeDelta = TimeDelta::minutes(2);

/// A visit of the day with one clinician whose patient waits or is being seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// The visit.
    pub booking: BookingId,
    /// When it was to start.
    pub starts_at: Instant,
    /// How long it is to take.
    pub length: TimeDelta,
    /// How far it has come.
    pub stand: Stand,
}

/// How far a visit has come whose patient is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stand {
    /// The patient waits since then.
    Waiting(Instant),
    /// The patient is being seen since then.
    Seen(Instant),
}

/// The place of one who waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Whose.
    pub booking: BookingId,
    /// Among those who wait, from 1.
    pub position: usize,
    /// How many are seen before, with the one who is being seen.
    pub ahead: usize,
    /// When the turn is expected to come.
    pub expected_at: Instant,
    /// How many whole minutes after the time that was agreed this is.
    pub late_min: i64,
}

/// The places of those who wait for one clinician, who said to be late by `delay`. They are seen in
/// the order of the times that were agreed, and of those of one time whoever came first.
pub fn places(arrived: &[Arrived], now: Instant, delay: TimeDelta) -> Vec<Place> {
    let mut waiting: Vec<(Instant, Instant, &Arrived)> = Vec::new();
    // When the clinician is free for the next one.
    let (mut free, mut ahead) = (now, 0);
    for visit in arrived {
        match visit.stand {
            Stand::Waiting(since) => waiting.push((visit.starts_at, since, visit)),
            Stand::Seen(since) => {
                free = free.max(since + visit.length).max(now + SOON);
                ahead += 1;
            }
        }
    }
    waiting.sort_by_key(|(starts_at, since, visit)| (*starts_at, *since, visit.booking));
    let place = |(at, (starts_at, _, visit)): (usize, (Instant, Instant, &Arrived))| {
        let expected_at = free.max(starts_at + delay);
        free = expected_at + visit.length;
        Place {
            booking: visit.booking,
            position: at + 1,
            ahead: ahead + at,
            expected_at,
            late_min: (expected_at - starts_at).num_minutes().max(0),
        }
    };
    waiting.into_iter().enumerate().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(minutes: i64) -> Instant {
        Instant::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::minutes(minutes)
    }

    fn visit(starts: i64, stand: Stand) -> Arrived {
        let (booking, length) = (BookingId::new(), TimeDelta::minutes(15));
        Arrived { booking, starts_at: at(starts), length, stand }
    }

    fn none() -> TimeDelta {
        TimeDelta::zero()
    }

    #[test]
    fn they_are_seen_in_the_order_that_was_agreed() {
        // Who came first has the later time.
        let later = visit(15, Stand::Waiting(at(-20)));
        let first = visit(0, Stand::Waiting(at(-5)));
        let found = places(&[later, first], at(0), none());
        let told: Vec<_> = found.iter().map(|p| (p.booking, p.position, p.ahead)).collect();
        assert_eq!(told, [(first.booking, 1, 0), (later.booking, 2, 1)]);
        assert_eq!([found[0].expected_at, found[1].expected_at], [at(0), at(15)]);
        assert_eq!([found[0].late_min, found[1].late_min], [0, 0]);
    }

    #[test]
    fn whoever_came_first_is_first_of_those_of_one_time() {
        let (late, early) = (visit(0, Stand::Waiting(at(-1))), visit(0, Stand::Waiting(at(-2))));
        let found = places(&[late, early], at(0), none());
        assert_eq!(found[0].booking, early.booking);
        assert_eq!((found[1].position, found[1].expected_at), (2, at(15)));
    }

    #[test]
    fn one_who_is_being_seen_comes_before_all_and_is_no_place() {
        let seen = visit(0, Stand::Seen(at(4)));
        let next = visit(15, Stand::Waiting(at(10)));
        let found = places(&[next, seen], at(12), none());
        assert_eq!((found[0].position, found[0].ahead), (1, 1));
        // Seen since 4, for a quarter of an hour: free at 19.
        assert_eq!((found[0].expected_at, found[0].late_min), (at(19), 4));
        // It takes longer than agreed: never expected in the past.
        let found = places(&[next, seen], at(40), none());
        assert_eq!((found[0].expected_at, found[0].late_min), (at(42), 27));
    }

    #[test]
    fn what_the_clinician_said_counts_from_the_time_agreed() {
        let (one, two) = (visit(0, Stand::Waiting(at(-5))), visit(15, Stand::Waiting(at(-5))));
        let found = places(&[one, two], at(0), TimeDelta::minutes(10));
        assert_eq!([found[0].late_min, found[1].late_min], [10, 10]);
        assert_eq!(found[1].expected_at, at(25));
        // Later than said: what is seen wins.
        let found = places(&[one, two], at(20), TimeDelta::minutes(10));
        assert_eq!([found[0].late_min, found[1].late_min], [20, 20]);
    }

    fn some() -> impl Strategy<Value = Vec<Arrived>> {
        let one = (0i64..12, -30i64..60, any::<bool>()).prop_map(|(quarter, since, seen)| {
            let stand = if seen { Stand::Seen(at(since)) } else { Stand::Waiting(at(since)) };
            visit(quarter * 15, stand)
        });
        proptest::collection::vec(one, 0..8)
    }

    proptest! {
        #[test]
        fn places_are_counted_through_and_nobody_is_expected_early(
            visits in some(), now in -30i64..200, delay in prop_oneof![Just(0i64), Just(5), Just(15)],
        ) {
            let found = places(&visits, at(now), TimeDelta::minutes(delay));
            let seen = visits.iter().filter(|one| matches!(one.stand, Stand::Seen(_))).count();
            prop_assert_eq!(found.len() + seen, visits.len());
            for (index, place) in found.iter().enumerate() {
                let agreed = visits.iter().find(|one| one.booking == place.booking).unwrap().starts_at;
                prop_assert_eq!((place.position, place.ahead), (index + 1, seen + index));
                prop_assert!(place.expected_at >= agreed + TimeDelta::minutes(delay));
                prop_assert!(place.expected_at >= at(now));
                prop_assert_eq!(place.late_min, (place.expected_at - agreed).num_minutes());
                if let Some(next) = found.get(index + 1) {
                    prop_assert!(next.expected_at >= place.expected_at + TimeDelta::minutes(15));
                }
            }
        }
    }
}
