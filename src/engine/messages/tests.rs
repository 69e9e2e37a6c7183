use super::*;
use crate::engine::booking::hold;
use crate::engine::slots::tests::service;
use crate::engine::slots::{Place, Slot};
use crate::model::{BookingId, ClinicianId, MessageId};
use crate::time::span::Span;

const TOKYO: Tz = chrono_tz::Asia::Tokyo;

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

/// 10:00 to 10:15 on 8 December in Tokyo.
fn booking(status: Status) -> Booking {
    let visit = Span::of(at("2026-12-08T01:00:00Z"), service().length).unwrap();
    let slot = Slot { visit, clinician: ClinicianId::new() };
    let made = at("2026-12-01T00:00:00Z");
    let held = hold(BookingId::new(), &Place::plain(slot), &service(), None, made);
    let hold_expires_at = held.hold_expires_at.filter(|_| status == Status::Held);
    Booking { status, hold_expires_at, changed_at: at("2026-12-02T00:00:00Z"), ..held }
}

fn message(kind: Kind, of: &Booking) -> Message {
    let created_at = at("2026-12-01T00:00:00Z");
    Message {
        id: MessageId::new(),
        facility: of.facility,
        booking: of.id,
        kind,
        lead_min: None,
        turn: of.version,
        due_at: created_at,
        created_at,
    }
}

fn reminder(of: &Booking, lead: i64) -> Message {
    let due_at = of.starts_at - TimeDelta::minutes(lead);
    Message { lead_min: Some(lead), due_at, ..message(Kind::Reminder, of) }
}

#[test]
fn visits_are_reminded_of_at_the_times_that_lie_ahead() {
    let start = at("2026-12-08T01:00:00Z");
    let dues = |now: &str| -> Vec<String> {
        reminders(start, at(now)).map(|(lead, due)| format!("{lead} {due:?}")).collect()
    };
    assert_eq!(
        dues("2026-12-01T00:59:59Z"),
        ["10080 2026-12-01T01:00:00Z", "1440 2026-12-07T01:00:00Z", "60 2026-12-08T00:00:00Z"]
    );
    assert_eq!(dues("2026-12-01T01:00:00Z").len(), 2);
    assert_eq!(dues("2026-12-07T23:59:59Z"), ["60 2026-12-08T00:00:00Z"]);
    assert!(dues("2026-12-08T00:00:00Z").is_empty());
}

/// Every kind in every state: what may be said of it.
#[test]
fn a_message_is_true_in_its_states_alone() {
    use Status::{Booked, Cancelled, CheckedIn, Declined, Expired, Held, InProgress, Requested};
    let now = at("2026-12-01T00:05:00Z");
    for kind in Kind::ALL.iter().copied().filter(|kind| *kind != Kind::Reminder) {
        let meant: &[Status] = match kind {
            Kind::Booked | Kind::Approved | Kind::Called => &[Booked, CheckedIn, InProgress],
            Kind::Requested => &[Requested],
            Kind::Declined => &[Declined, Expired],
            Kind::Moved => &[Requested, Booked, CheckedIn, InProgress],
            Kind::Cancelled => &[Cancelled],
            Kind::Offered => &[Held],
            Kind::NewTimes => &[Requested, Booked],
            Kind::Reminder => &[],
        };
        for status in Status::ALL.iter().copied() {
            let booking = booking(status);
            let message = message(kind, &booking);
            let told = still_true(&message, &booking, false, now);
            let expected = if meant.contains(&status) { Ok(()) } else { Err(Untrue::Changed) };
            assert_eq!(told, expected, "{kind} of {status}");
            let newer = still_true(&message, &booking, true, now);
            assert_eq!(newer, Err(Untrue::Superseded), "{kind} of {status}");
        }
    }
}

#[test]
fn what_is_over_is_not_told() {
    let booked = booking(Status::Booked);
    let told = |kind, now: &str| still_true(&message(kind, &booked), &booked, false, at(now));
    assert_eq!(told(Kind::Booked, "2026-12-08T01:14:59Z"), Ok(()));
    assert_eq!(told(Kind::Booked, "2026-12-08T01:15:00Z"), Err(Untrue::Over));
    assert_eq!(told(Kind::NewTimes, "2026-12-08T01:00:00Z"), Err(Untrue::Over));
    let held = booking(Status::Held);
    let offered = |now: &str| still_true(&message(Kind::Offered, &held), &held, false, at(now));
    assert_eq!(offered("2026-12-01T00:09:59Z"), Ok(()));
    assert_eq!(offered("2026-12-01T00:10:00Z"), Err(Untrue::Over));
}

#[test]
fn a_reminder_dies_with_its_time() {
    let booked = booking(Status::Booked);
    let told = |lead, booking: &Booking, now: &str| {
        still_true(&reminder(&booked, lead), booking, false, at(now))
    };
    assert_eq!(told(1440, &booked, "2026-12-07T01:00:00Z"), Ok(()));
    // Late, but before the next one; then the next one speaks.
    assert_eq!(told(1440, &booked, "2026-12-07T23:59:59Z"), Ok(()));
    assert_eq!(told(1440, &booked, "2026-12-08T00:00:00Z"), Err(Untrue::Over));
    assert_eq!(told(60, &booked, "2026-12-08T00:59:59Z"), Ok(()));
    assert_eq!(told(60, &booked, "2026-12-08T01:00:00Z"), Err(Untrue::Over));
    // The visit was moved by five minutes, or cancelled.
    let later = booked.starts_at + TimeDelta::minutes(5);
    let moved = Booking { starts_at: later, ..booked.clone() };
    assert_eq!(told(60, &moved, "2026-12-08T00:30:00Z"), Err(Untrue::Changed));
    let cancelled = Booking { status: Status::Cancelled, ..booked.clone() };
    assert_eq!(told(60, &cancelled, "2026-12-08T00:30:00Z"), Err(Untrue::Changed));
    // Who is in the waiting room needs none.
    let here = Booking { status: Status::CheckedIn, ..booked.clone() };
    assert_eq!(told(60, &here, "2026-12-08T00:40:00Z"), Err(Untrue::Changed));
}

#[test]
fn pauses_grow_to_a_bound_and_end() {
    let pauses: Vec<_> =
        (1..ATTEMPTS).map(|n| pause_after(n, 0.5).unwrap().num_seconds()).collect();
    assert_eq!(pauses, [30, 60, 120, 240, 480, 960, 1920, 3840, 7200]);
    assert_eq!(pause_after(ATTEMPTS, 0.5), None);
    for chance in [0.0, 0.3, 1.0, 7.0, f64::NAN] {
        let pause = pause_after(1, chance).unwrap().num_milliseconds();
        assert!((22_500..=37_500).contains(&pause), "{chance} {pause}");
    }
    assert_eq!(pause_after(1, 0.0).unwrap().num_milliseconds(), 22_500);
    assert!(pause_after(0, 0.5).is_some());
}

#[test]
fn links_die_after_the_day_that_follows_the_visit() {
    let opens = |booking: &Booking, now: &str| link_opens(booking, TOKYO, at(now));
    for status in [Status::Booked, Status::Fulfilled, Status::NoShow, Status::Held] {
        let one = booking(status);
        assert!(opens(&one, "2026-12-09T14:59:59Z"), "{status}");
        assert!(!opens(&one, "2026-12-09T15:00:00Z"), "{status}");
    }
    let cancelled = booking(Status::Cancelled);
    assert!(opens(&cancelled, "2026-12-08T23:59:59Z"));
    assert!(!opens(&cancelled, "2026-12-09T00:00:00Z"));
}
