use chrono::TimeDelta;
use chrono_tz::Asia::Tokyo;
use proptest::prelude::*;

use super::*;
use crate::engine::booking::{self as rules, Wish};
use crate::model::booking::{Booking, Origin, Outcome, Party};
use crate::model::{BookingId, ClinicianId, FacilityId, PatientId, ServiceId};
use crate::time::Instant;

fn at(minute: i64) -> Instant {
    Instant::from_timestamp(1_800_000_000 + minute * 60, 0).unwrap()
}

/// A booking as it is first held, its start `at(60)`.
fn held() -> Booking {
    let id = BookingId::new();
    Booking {
        id,
        number: None,
        facility: FacilityId::new(),
        clinician: ClinicianId::new(),
        service: ServiceId::new(),
        patient: None,
        status: Status::Held,
        starts_at: at(60),
        ends_at: at(75),
        busy_from: at(60),
        busy_until: at(75),
        hold_expires_at: Some(at(10)),
        hold_extended: false,
        version: 1,
        created_at: at(0),
        lead: None,
        session_key: id.0,
        seat: 0,
        lane: 0,
        room: None,
        local_date: None,
        day_seat: None,
        sequence: 0,
        series: None,
        origin: Origin::Patient,
        answer_by: None,
        changed_at: at(0),
    }
}

fn state(b: &Booking) -> State {
    State {
        status: b.status,
        clinician: b.clinician,
        patient: b.patient,
        room: b.room,
        starts_at: b.starts_at,
        ends_at: b.ends_at,
        version: b.version,
    }
}

/// Every wish that needs no place, and the moments at which each of them is in time.
fn wishes(patient: PatientId) -> Vec<(Wish<'static>, i64)> {
    let confirm = |answer_within| Wish::Confirm { patient, number: "N1".into(), answer_within };
    let mut all = vec![
        (Wish::Extend, 1),
        (confirm(None), 1),
        (confirm(Some(TimeDelta::minutes(30))), 1),
        (Wish::Approve, 5),
        (Wish::Decline, 5),
        (Wish::Release, 1),
        (Wish::Cancel { by: Party::Patient, cutoff: TimeDelta::zero() }, 5),
        (Wish::Cancel { by: Party::Clinic, cutoff: TimeDelta::zero() }, 61),
        (Wish::CheckIn { zone: Tokyo }, 50),
        (Wish::Admit, 60),
        (Wish::Expire, 70),
    ];
    all.extend(Outcome::ALL.iter().map(|outcome| (Wish::Close(*outcome), 76)));
    all
}

fn standing(b: &Booking) -> Standing {
    Standing { id: b.id, facility: b.facility, lead: b.lead, origin: b.origin, state: state(b) }
}

/// Lets wishes be fulfilled one after the other, as far as the rules let them; the booking that
/// came of it and what was written.
fn lived(choices: &[usize]) -> (Booking, Vec<BookingEvent>) {
    let mut booking = held();
    let opening = BookingEvent {
        booking: booking.id,
        seq: 1,
        at: booking.changed_at,
        was: None,
        state: state(&booking),
        backfilled: false,
    };
    let mut events = vec![opening];
    let all = wishes(PatientId::new());
    for choice in choices {
        let (wish, minute) = &all[choice % all.len()];
        let Ok(next) = rules::apply(&booking, wish.clone(), at(*minute)) else { continue };
        events.push(BookingEvent {
            booking: booking.id,
            seq: i64::try_from(events.len()).unwrap() + 1,
            at: next.changed_at,
            was: Some(booking.status),
            state: state(&next),
            backfilled: false,
        });
        booking = next;
    }
    (booking, events)
}

proptest! {
    #[test]
    fn whatever_the_rules_let_happen_folds_to_how_the_booking_stands(
        choices in prop::collection::vec(0_usize..64, 0..14)
    ) {
        let (booking, events) = lived(&choices);
        prop_assert_eq!(check(Some(&standing(&booking)), &events), Ok(state(&booking)));
    }

    #[test]
    fn an_event_that_is_lost_twice_there_or_changed_is_found(
        choices in prop::collection::vec(0_usize..64, 3..14), which in 0_usize..14, how in 0..4
    ) {
        let (booking, mut events) = lived(&choices);
        let (written, which) = (events.clone(), which % events.len());
        match how {
            0 => { events.remove(which); }
            1 => { let again = events[which].clone(); events.insert(which, again); }
            2 => events[which].state.status = Status::Declined,
            // Before the last event it would be told as a move there and back.
            _ => {
                let last = events.len() - 1;
                events[last].state.starts_at += TimeDelta::minutes(5);
            }
        }
        let found = check(Some(&standing(&booking)), &events);
        prop_assert_eq!(found.is_ok(), events == written, "{:?}", found);
    }
}

#[test]
fn the_table_of_transitions_is_that_of_the_rules() {
    let mut reached = Vec::new();
    for from in Status::ALL {
        for (wish, minute) in wishes(PatientId::new()) {
            for version in [1, 2] {
                let booking = Booking {
                    status: *from,
                    patient: Some(PatientId::new()),
                    version,
                    hold_expires_at: (*from == Status::Held).then(|| at(10)),
                    ..held()
                };
                if let Ok(next) = rules::apply(&booking, wish.clone(), at(minute)) {
                    assert!(follows(*from, next.status), "{from} {}", next.status);
                    reached.push((*from, next.status));
                }
            }
        }
    }
    // Moves are the only ones that are not tried here.
    let moves = [
        (Status::Requested, Status::Requested),
        (Status::Booked, Status::Booked),
        (Status::CheckedIn, Status::Booked),
    ];
    reached.extend(moves);
    for from in Status::ALL {
        for to in Status::ALL {
            assert_eq!(follows(*from, *to), reached.contains(&(*from, *to)), "{from} {to}");
        }
    }
}

#[test]
fn a_row_without_events_and_events_without_a_row_are_told() {
    let (booking, events) = lived(&[1]);
    assert_eq!(check(Some(&standing(&booking)), &[]), Err(Divergence::NoEvents));
    assert_eq!(check(None, &events), Err(Divergence::NoRow));
    let other = Standing {
        state: State { status: Status::Cancelled, ..state(&booking) },
        ..standing(&booking)
    };
    assert_eq!(check(Some(&other), &events), Err(Divergence::Differs("status")));
}

#[test]
fn what_stood_before_events_were_written_is_taken_as_it_stood() {
    let (booking, events) = lived(&[1]);
    let mut last = events.last().unwrap().clone();
    (last.seq, last.was, last.backfilled) = (1, None, true);
    assert_eq!(fold(std::slice::from_ref(&last)), Ok(state(&booking)));
    last.backfilled = false;
    assert_eq!(fold(&[last]), Err(Divergence::Opening(Status::Booked)));
}
