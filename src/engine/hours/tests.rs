//! What takes a visit's time, and whom which other time is offered.

use chrono::TimeDelta;
use proptest::prelude::*;

use crate::engine::slots::tests::service;
use crate::model::schedule::Service;
use crate::time::Instant;

use super::*;

fn at(minutes: i64) -> Instant {
    let start: Instant = "2026-12-01T00:00:00Z".parse().unwrap();
    start + TimeDelta::minutes(minutes)
}

fn visit(minutes: i64, length: i64) -> Span {
    Span::of(at(minutes), TimeDelta::minutes(length)).unwrap()
}

/// A quarter of an hour every quarter of an hour.
fn quarter() -> Service {
    let quarter = TimeDelta::minutes(15);
    Service { length: quarter, step: quarter, ..service() }
}

fn with_buffer(after: i64) -> Service {
    Service { buffer_after: TimeDelta::minutes(after), ..quarter() }
}

/// Free times every 15 minutes from `from` on.
fn free(service: ServiceId, whom: ClinicianId, from: i64, count: i64) -> Free {
    let mut free = Free::default();
    let slot = |n: i64| Slot { visit: visit(from + n * 15, 15), clinician: whom };
    free.add(service, (0..count).map(slot));
    free
}

fn stranded(service: &Service, whom: ClinicianId, start: i64) -> Stranded {
    Stranded {
        visit: visit(start, 15),
        clinician: whom,
        service: service.id,
        elsewhere: Vec::new(),
    }
}

#[test]
fn everybody_has_a_first_time_of_their_own_and_the_nearest_that_is_left() {
    let (service, me) = (with_buffer(0), ClinicianId::new());
    let services = BTreeMap::from([(service.id, service.clone())]);
    let lost: Vec<_> = (0..4).map(|n| stranded(&service, me, n * 15)).collect();
    let offered = allot(&lost, &free(service.id, me, 1440, 4), &services, 3);
    let firsts: Vec<_> = offered.iter().map(|slots| slots[0].visit.start).collect();
    assert_eq!(firsts, [at(1440), at(1455), at(1470), at(1485)]);
    // Nothing is left beside what is promised.
    assert!(offered.iter().all(|slots| slots.len() == 1));
    let offered = allot(&lost[..1], &free(service.id, me, 1440, 9), &services, 3);
    let starts: Vec<_> = offered[0].iter().map(|slot| slot.visit.start).collect();
    assert_eq!(starts, [at(1440), at(1455), at(1470)]);
}

#[test]
fn the_same_doctor_comes_first_unless_a_colleague_is_two_weeks_sooner() {
    let service = with_buffer(0);
    let services = BTreeMap::from([(service.id, service.clone())]);
    let (me, other) = (ClinicianId::new(), ClinicianId::new());
    let day = 1440;
    let mut both = free(service.id, me, 10 * day, 2);
    both.add(
        service.id,
        free(service.id, other, day, 5).0[&service.id][&other]
            .iter()
            .map(|visit| Slot { visit: *visit, clinician: other }),
    );
    let offered = allot(&[stranded(&service, me, 0)], &both, &services, 3);
    let whom: Vec<_> = offered[0].iter().map(|slot| slot.clinician).collect();
    assert_eq!(whom, [me, me, other]);
    let mut late = free(service.id, me, 16 * day, 2);
    late.add(service.id, [Slot { visit: visit(day, 15), clinician: other }]);
    let offered = allot(&[stranded(&service, me, 0)], &late, &services, 3);
    assert_eq!(offered[0][0].clinician, other);
}

#[test]
fn nobody_is_offered_a_time_at_which_they_are_elsewhere() {
    let (service, me) = (with_buffer(0), ClinicianId::new());
    let services = BTreeMap::from([(service.id, service.clone())]);
    let busy = Stranded { elsewhere: vec![visit(1435, 20)], ..stranded(&service, me, 0) };
    let offered = allot(&[busy], &free(service.id, me, 1440, 3), &services, 3);
    let starts: Vec<_> = offered[0].iter().map(|slot| slot.visit.start).collect();
    assert_eq!(starts, [at(1455), at(1470)]);
}

proptest! {
    #[test]
    fn all_first_times_can_be_taken_together(
        lost in prop::collection::vec((0i64..200, 0u8..3), 1..30),
        count in 1i64..40, buffer in prop::sample::select(vec![0i64, 5, 15]),
    ) {
        let service = with_buffer(buffer);
        let services = BTreeMap::from([(service.id, service.clone())]);
        let doctors = [ClinicianId::new(), ClinicianId::new(), ClinicianId::new()];
        let mut free = Free::default();
        for (n, doctor) in (0..).zip(doctors) {
            let slot = |at: i64| Slot { visit: visit(3000 + at * 15 + n, 15), clinician: doctor };
            free.add(service.id, (0..count).map(slot));
        }
        let lost: Vec<_> = lost.iter()
            .map(|(start, who)| stranded(&service, doctors[usize::from(*who)], start * 5))
            .collect();
        let offered = allot(&lost, &free, &services, 3);
        prop_assert_eq!(offered.len(), lost.len());
        let occupied = |slot: &Slot| service.occupied(slot.visit);
        let firsts: Vec<_> = offered.iter().filter_map(|slots| slots.first()).collect();
        for (at, one) in firsts.iter().enumerate() {
            for other in &firsts[at + 1..] {
                let apart = one.clinician != other.clinician || !occupied(one).overlaps(occupied(other));
                prop_assert!(apart, "{:?} {:?}", one, other);
            }
        }
        // Nobody's further time is another's first.
        for (at, slots) in offered.iter().enumerate() {
            for (n, first) in offered.iter().enumerate().filter_map(|(n, all)| Some((n, all.first()?))) {
                let clash = |slot: &Slot| slot.clinician == first.clinician && occupied(slot).overlaps(occupied(first));
                prop_assert!(n == at || !slots.iter().any(clash));
            }
            prop_assert!(slots.len() <= 3);
        }
    }
}
