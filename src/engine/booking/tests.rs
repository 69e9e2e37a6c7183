//! Every wish in every state, the deadlines to the microsecond, and long sequences by chance.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use proptest::prelude::*;

use crate::engine::availability::{Calendar, Practice, Roster};
use crate::engine::holidays::Holidays;
use crate::engine::slots::tests::service;
use crate::engine::slots::{Slot, check};
use crate::model::schedule::{OnHolidays, WeeklyHours};
use crate::model::{ClinicianId, FacilityId};
use crate::time::span::Dates;

use super::*;
use Status::{
    Aborted, Booked, Cancelled, CheckedIn, Converted, Declined, DoctorAbsent, Expired, Fulfilled,
    Held, InProgress, NoShow, Requested,
};

const TOKYO: Tz = chrono_tz::Asia::Tokyo;
const TICK: TimeDelta = TimeDelta::microseconds(1);

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

/// 10:00 to 10:15 in Tokyo.
fn start() -> Instant {
    at("2026-12-01T01:00:00Z")
}

fn slot(start: Instant) -> Slot {
    let visit = Span::of(start, service().length).unwrap();
    Slot { visit, clinician: ClinicianId::new() }
}

/// A booking in `status`; a hold has been one since five minutes before `now`.
fn in_status(status: Status, now: Instant) -> Booking {
    let held = now - TimeDelta::minutes(5);
    let booking = hold(BookingId::new(), &Place::plain(slot(start())), &service(), None, held);
    let hold_expires_at = booking.hold_expires_at.filter(|_| status == Held);
    let number = (status != Held).then(|| "22222222".to_owned());
    Booking { status, hold_expires_at, number, version: 3, ..booking }
}

fn confirm_wish(needs_approval: bool) -> Wish<'static> {
    {
        let answer_within = needs_approval.then(|| TimeDelta::days(2));
        Wish::Confirm { patient: PatientId::new(), number: "33333333".into(), answer_within }
    }
}

fn cancel_wish(by: Party) -> Wish<'static> {
    Wish::Cancel { by, cutoff: TimeDelta::minutes(60) }
}

fn move_wish(by: Party, service: &Service) -> Wish<'_> {
    Wish::Move { by, to: Place::plain(slot(start() + TimeDelta::hours(3))), service, version: 3 }
}

/// Where each wish leads from each state it can be wished in; everywhere else it is refused.
fn assert_leads(wish: &Wish<'_>, now: Instant, leads: &[(Status, Status)]) {
    for status in Status::ALL {
        let before = in_status(*status, now);
        let result = apply(&before, wish.clone(), now);
        let expected = leads.iter().find(|(from, _)| from == status).map(|(_, to)| *to);
        let reached = result.as_ref().ok().map(|after| after.status);
        assert_eq!(reached, expected, "{wish:?} of {status} gave {result:?}");
        if let Ok(after) = result {
            assert_eq!(after.version, before.version + 1);
            assert_eq!(after.hold_expires_at.is_some(), after.status == Held);
            assert_eq!((after.id, after.created_at), (before.id, before.created_at));
        }
    }
}

#[test]
fn each_wish_leads_somewhere_from_some_states_only() {
    let service = service();
    let ahead = start() - TimeDelta::hours(5);
    assert_leads(&Wish::Extend, ahead, &[(Held, Held)]);
    assert_leads(&confirm_wish(false), ahead, &[(Held, Booked)]);
    assert_leads(&confirm_wish(true), ahead, &[(Held, Requested)]);
    assert_leads(&Wish::Approve, ahead, &[(Requested, Booked)]);
    assert_leads(&Wish::Decline, ahead, &[(Requested, Declined)]);
    assert_leads(&Wish::Release, ahead, &[(Held, Expired)]);
    for by in Party::ALL {
        let called_off = [(Requested, Cancelled), (Booked, Cancelled), (CheckedIn, Cancelled)];
        assert_leads(&cancel_wish(*by), ahead, &called_off);
        let moved = [(Held, Held), (Requested, Requested), (Booked, Booked), (CheckedIn, Booked)];
        assert_leads(&move_wish(*by, &service), ahead, &moved);
    }
    assert_leads(&Wish::CheckIn { zone: TOKYO }, start(), &[(Booked, CheckedIn)]);
    assert_leads(&Wish::CheckIn { zone: TOKYO }, ahead, &[]);
    assert_leads(&Wish::Admit, start(), &[(CheckedIn, InProgress)]);
    assert_leads(&Wish::Expire, ahead, &[]);
    assert_leads(&Wish::Expire, start(), &[(Requested, Expired)]);
}

#[test]
fn each_outcome_closes_what_it_can_mean() {
    let later = start() + GRACE;
    let close = Wish::Close;
    assert_leads(&close(Outcome::Done), later, &[(InProgress, Fulfilled)]);
    let in_person = [(CheckedIn, Converted), (InProgress, Converted)];
    assert_leads(&close(Outcome::ConvertedToInPerson), later, &in_person);
    let absent = [(Booked, NoShow), (CheckedIn, NoShow)];
    assert_leads(&close(Outcome::PatientAbsent), later, &absent);
    let absent = [(Booked, DoctorAbsent), (CheckedIn, DoctorAbsent)];
    assert_leads(&close(Outcome::DoctorAbsent), later, &absent);
    let cut_off = [(Booked, Aborted), (CheckedIn, Aborted), (InProgress, Aborted)];
    assert_leads(&close(Outcome::CouldNotConnect), later, &cut_off);

    // Nobody is absent before the grace is over, and no connection fails before the start.
    let soon = start() + GRACE - TICK;
    assert_leads(&close(Outcome::PatientAbsent), soon, &[]);
    assert_leads(&close(Outcome::DoctorAbsent), soon, &[]);
    assert_leads(&close(Outcome::CouldNotConnect), start() - TICK, &[(InProgress, Aborted)]);
}

#[test]
fn a_hold_ends_at_its_deadline_not_after() {
    let now = at("2026-12-01T00:00:00.000001Z");
    let held = hold(BookingId::new(), &Place::plain(slot(start())), &service(), None, now);
    let deadline = held.hold_expires_at.unwrap();
    assert_eq!(deadline, now + TimeDelta::minutes(10));
    for wish in [Wish::Extend, confirm_wish(false), Wish::Release] {
        assert!(apply(&held, wish.clone(), deadline - TICK).is_ok());
        assert_eq!(apply(&held, wish, deadline), Err(Refusal::HoldExpired));
    }
    assert_eq!(
        apply(&held, move_wish(Party::Clinic, &service()), deadline),
        Err(Refusal::HoldExpired)
    );
    assert_eq!(
        apply(&held, Wish::Expire, deadline - TICK),
        Err(Refusal::TooEarly { from: deadline })
    );
    let expired = apply(&held, Wish::Expire, deadline).unwrap();
    assert_eq!((expired.status, expired.hold_expires_at), (Expired, None));
    // What was swept in the meantime is told as what it was.
    assert_eq!(apply(&expired, confirm_wish(false), deadline), Err(Refusal::HoldExpired));
    assert!(held.occupied(deadline - TICK).is_some());
    assert_eq!(held.occupied(deadline), None);
}

#[test]
fn a_hold_is_extended_once_from_its_deadline() {
    let now = at("2026-12-01T00:00:00Z");
    let held = hold(BookingId::new(), &Place::plain(slot(start())), &service(), None, now);
    let once = apply(&held, Wish::Extend, now + TimeDelta::minutes(1)).unwrap();
    assert_eq!(once.hold_expires_at, Some(now + TimeDelta::minutes(20)));
    assert_eq!(apply(&once, Wish::Extend, now), Err(Refusal::AlreadyExtended));
    // A moved hold keeps its deadline and its one extension.
    let service = service();
    let to = slot(start() + TimeDelta::hours(1));
    let wish =
        Wish::Move { by: Party::Patient, to: Place::plain(to), service: &service, version: 2 };
    let moved = apply(&once, wish, now).unwrap();
    assert_eq!((moved.hold_expires_at, moved.hold_extended), (once.hold_expires_at, true));
}

#[test]
fn confirming_gives_patient_and_number() {
    let now = start() - TimeDelta::hours(5);
    let patient = PatientId::new();
    let held = in_status(Held, now);
    let wish = Wish::Confirm { patient, number: "44444444".into(), answer_within: None };
    let booked = apply(&held, wish, now).unwrap();
    assert_eq!((booked.patient, booked.number.as_deref()), (Some(patient), Some("44444444")));
    assert_eq!((booked.starts_at, booked.ends_at), (held.starts_at, held.ends_at));
    assert_eq!(
        apply(&booked, confirm_wish(false), now),
        Err(Refusal::WrongStatus(Booked)),
        "no second confirmation"
    );
}

#[test]
fn the_patient_has_two_cut_offs_and_the_clinic_has_none() {
    let service = service();
    let (cancel, change) = (start() - TimeDelta::minutes(60), start() - TimeDelta::minutes(120));
    let of = |status| in_status(status, start());
    for status in [Booked, CheckedIn] {
        let (cancels, moves) = (cancel_wish(Party::Patient), move_wish(Party::Patient, &service));
        assert!(apply(&of(status), cancels.clone(), cancel - TICK).is_ok());
        let late = Err(Refusal::CutOffPassed { until: cancel });
        assert_eq!(apply(&of(status), cancels, cancel), late);
        assert!(apply(&of(status), moves.clone(), change - TICK).is_ok());
        let late = Err(Refusal::CutOffPassed { until: change });
        assert_eq!(apply(&of(status), moves, change), late);
    }
    // A request can be taken back until it would begin.
    assert!(apply(&of(Requested), cancel_wish(Party::Patient), start() - TICK).is_ok());
    assert!(apply(&of(Requested), cancel_wish(Party::Patient), start()).is_err());
    let end = of(Booked).ends_at;
    for wish in [cancel_wish(Party::Clinic), move_wish(Party::Clinic, &service)] {
        assert!(apply(&of(Booked), wish.clone(), end - TICK).is_ok());
        assert_eq!(apply(&of(Booked), wish, end), Err(Refusal::TooLate { until: end }));
    }
}

#[test]
fn a_move_is_one_step_that_keeps_what_people_know() {
    let now = start() - TimeDelta::hours(5);
    let ten = TimeDelta::minutes(10);
    let service = Service { buffer_before: ten, buffer_after: ten, ..service() };
    let booked = in_status(Booked, now);
    let to = slot(start() + TimeDelta::hours(24));
    let wish = |to, version| Wish::Move { by: Party::Patient, to, service: &service, version };
    let moved = apply(&booked, wish(Place::plain(to), 3), now).unwrap();
    assert_eq!((moved.id, &moved.number, moved.version), (booked.id, &booked.number, 4));
    assert_eq!((moved.clinician, moved.visit()), (to.clinician, Some(to.visit)));
    assert_eq!(moved.occupied(now), Some(service.occupied(to.visit)));
    assert_eq!(apply(&moved, wish(Place::plain(to), 3), now), Err(Refusal::Stale { version: 4 }));
    assert_eq!(apply(&moved, wish(Place::plain(to), 4), now), Err(Refusal::Unchanged));
    let other = Slot { clinician: ClinicianId::new(), ..to };
    assert!(
        apply(&moved, wish(Place::plain(other), 4), now).is_ok(),
        "another clinician at the same time"
    );
}

#[test]
fn the_waiting_room_opens_half_an_hour_before_and_closes_after_the_next_day() {
    let (opens, closes) = (start() - TimeDelta::minutes(30), at("2026-12-02T15:00:00Z"));
    let booked = in_status(Booked, start());
    let enter = |now| apply(&booked, Wish::CheckIn { zone: TOKYO }, now);
    assert_eq!(check_in_window(&booked, TOKYO), Span::new(opens, closes));
    assert_eq!(enter(opens - TICK), Err(Refusal::TooEarly { from: opens }));
    assert!(enter(opens).is_ok());
    assert!(enter(closes - TICK).is_ok());
    assert_eq!(enter(closes), Err(Refusal::TooLate { until: closes }));
    // 30 December 2011 never came to Samoa: the day after the 29th is the 31st.
    let zone = chrono_tz::Pacific::Apia;
    let booked = Booking { starts_at: at("2011-12-29T20:00:00Z"), ..booked };
    assert_eq!(check_in_window(&booked, zone).unwrap().end, at("2011-12-31T10:00:00Z"));
}

#[test]
fn refusals_have_stable_names() {
    let time = Refusal::from(slots::Refusal::Taken);
    assert_eq!((time.code(), time.to_string().as_str()), ("taken", "this time is taken"));
    assert_eq!(Refusal::WrongStatus(Booked).code(), "wrong_status");
    let until = start();
    assert_eq!(Refusal::CutOffPassed { until }.code(), "cut_off_passed");
}

/// Two clinicians who are always there, and everything that was ever booked with them.
struct Diary {
    practice: Practice,
    clinicians: [ClinicianId; 2],
    bookings: BTreeMap<BookingId, Booking>,
    service: Service,
    holidays: Holidays,
}

impl Diary {
    fn new() -> Self {
        let (policy, always) = (OnHolidays::Open, vec![Dates::ALWAYS]);
        let facility = FacilityId::new();
        let ten = TimeDelta::minutes(10);
        Self {
            practice: Practice::new(facility, TOKYO, policy, always, vec![]),
            clinicians: [ClinicianId::new(), ClinicianId::new()],
            bookings: BTreeMap::new(),
            service: Service { buffer_after: ten, step: ten, facility, ..service() },
            holidays: Holidays::default(),
        }
    }

    /// A free slot at the wished time, leaving out what is to be moved to it.
    fn find(
        &self,
        whose: usize,
        start: Instant,
        moving: Option<BookingId>,
        now: Instant,
    ) -> Option<Slot> {
        let clinician = self.clinicians[whose];
        let with = self.bookings.values().filter(|booking| booking.clinician == clinician);
        let hours = (1..=7).map(|weekday| WeeklyHours::every(weekday, 0, 1440)).collect();
        let roster = Roster::new(clinician, Some(NaiveDate::MIN), hours, busy(with, now).collect());
        let roster = moving.map_or_else(|| roster.clone(), |id| roster.without(id));
        let (practice, holidays) = (&self.practice, &self.holidays);
        check(
            &Calendar { practice, roster: &roster, holidays, others: &[] },
            &self.service,
            start,
            now,
        )
        .ok()
    }

    /// One deed by chance. What it leaves must keep what always holds.
    fn act(&mut self, (kind, which, whose, units): (u8, usize, usize, i64), now: Instant) {
        let start = at("2026-12-01T00:00:00Z") + TimeDelta::minutes(units * 10);
        let chosen = self.bookings.values().nth(which % self.bookings.len().max(1)).cloned();
        let Some(before) = chosen.filter(|_| kind > 1) else {
            if let Some(slot) = self.find(whose, start, None, now) {
                let held = hold(BookingId::new(), &Place::plain(slot), &self.service, None, now);
                self.bookings.insert(held.id, held);
            }
            return;
        };
        let cutoff = self.service.cancel_cutoff;
        let by = Party::ALL[whose];
        let wish = match kind {
            2 => Wish::Extend,
            3..=5 => confirm_wish(kind == 3),
            6 => Wish::Approve,
            7 => Wish::Decline,
            8 => Wish::Release,
            9 => Wish::Cancel { by, cutoff },
            10 | 11 => match self.find(whose, start, Some(before.id), now) {
                Some(to) => Wish::Move {
                    by,
                    to: Place::plain(to),
                    service: &self.service,
                    version: before.version,
                },
                None => return,
            },
            12 | 13 => Wish::CheckIn { zone: TOKYO },
            14 => Wish::Admit,
            15 => Wish::Close(Outcome::ALL[which % Outcome::ALL.len()]),
            _ => Wish::Expire,
        };
        if let Ok(after) = apply(&before, wish, now) {
            assert!(!before.status.is_terminal(), "{} revived as {}", before.status, after.status);
            assert_eq!((after.id, after.version), (before.id, before.version + 1));
            assert!(before.number.is_none() || after.number == before.number);
            assert!(after.status == Held || after.hold_expires_at.is_none());
            assert!(before.status == Held || after.status != Held, "nothing becomes a hold again");
            self.bookings.insert(after.id, after);
        }
    }

    /// No two live bookings of one clinician share an instant.
    fn assert_sound(&self, now: Instant) {
        let live: Vec<_> =
            self.bookings.values().filter_map(|b| Some((b, b.occupied(now)?))).collect();
        for (n, (one, span)) in live.iter().enumerate() {
            for (other, taken) in &live[..n] {
                let clash = one.clinician == other.clinician && span.overlaps(*taken);
                assert!(!clash, "{one:?} and {other:?}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]
    #[test]
    fn no_sequence_of_wishes_books_twice_or_revives_what_is_over(
        deeds in prop::collection::vec(
            ((0u8..17, 0usize..40, 0usize..2, 0i64..36), 0i64..8), 1..120
        )
    ) {
        let mut diary = Diary::new();
        let mut now = at("2026-11-30T22:00:00Z");
        for (deed, minutes) in deeds {
            now += TimeDelta::minutes(minutes);
            diary.act(deed, now);
            diary.assert_sound(now);
        }
    }
}
