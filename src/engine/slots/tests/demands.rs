//! Seats, limits, colleagues, rooms and working days: what is given out against what may be.

use uuid::Uuid;

use crate::engine::availability::{Placed, RoomTime};
use crate::model::RoomId;

use super::*;

/// A clinic with three clinicians and two rooms, and six kinds of visit.
struct Clinic {
    practice: Practice,
    rosters: Vec<Roster>,
    holidays: Holidays,
    services: Vec<Service>,
    given: Vec<(Place, Span, usize)>,
}

impl Clinic {
    fn new() -> Self {
        let world = World::new(vec![], &[]);
        let hours = world.roster.hours;
        let trained = Some(date("2020-01-01"));
        let who: Vec<_> = (0..3).map(|_| ClinicianId::new()).collect();
        let roster = |id: &ClinicianId| Roster::new(*id, trained, hours.clone(), vec![]);
        let mut practice = world.practice;
        practice.rooms = (0..2).map(|_| RoomTime { room: RoomId::new(), busy: vec![] }).collect();
        let wants = |length, demands| Service {
            id: ServiceId::new(),
            length: minutes(length),
            buffer_after: minutes(5),
            demands,
            ..service()
        };
        let plain = Demands::default;
        let services = vec![
            wants(15, plain()),
            wants(30, Demands { capacity: 3, ..plain() }),
            wants(15, Demands { daily_limit: Some(2), ..plain() }),
            wants(25, Demands { needs_room: true, ..plain() }),
            wants(20, Demands { team: who[1..].to_vec(), clinicians: vec![who[0]], ..plain() }),
            wants(45, Demands { capacity: 2, needs_room: true, daily_limit: Some(3), ..plain() }),
        ];
        Self {
            practice,
            rosters: who.iter().map(roster).collect(),
            holidays: world.holidays,
            services,
            given: Vec::new(),
        }
    }

    fn calendars(&self) -> Vec<Calendar<'_>> {
        let (practice, holidays, others) = (&self.practice, &self.holidays, &self.rosters[..]);
        others.iter().map(|roster| Calendar { practice, roster, holidays, others }).collect()
    }

    /// Takes the place, if there is one, as a booking would.
    fn take(&mut self, kind: usize, start: Instant, now: Instant) -> Result<(), Refusal> {
        let service = self.services[kind].clone();
        let place = choose(&self.calendars(), &service, start, now)?;
        let span = service.occupied(place.slot.visit);
        let day_seat = place.day.map(|(_, seat)| seat);
        let placed = Placed { service: service.id, start, seat: place.seat, day_seat };
        let cause = Cause::Booking(BookingId::new());
        let busy = Busy { span, cause, visit: Some(placed) };
        for roster in &mut self.rosters {
            let me = roster.clinician;
            if me == place.slot.clinician || place.companions.contains(&me) {
                let all = roster.busy_in(everywhere()).copied().chain([busy]).collect();
                *roster = Roster::new(me, roster.trained_on, roster.hours.clone(), all)
                    .knowing(roster.elsewhere);
            }
        }
        for room in self.practice.rooms.iter_mut().filter(|room| Some(room.room) == place.room) {
            room.busy.push(busy);
        }
        self.given.push((place, span, kind));
        Ok(())
    }

    /// What the database's constraints would say of everything given out.
    fn assert_kept_apart(&self) {
        for (at, (a, span, kind)) in self.given.iter().enumerate() {
            let service = &self.services[*kind];
            assert_eq!(a.room.is_some(), service.demands.needs_room);
            assert!(a.seat < service.demands.capacity);
            for (b, other, of) in &self.given[..at] {
                let who = |p: &Place| {
                    let all = p.companions.iter().copied().chain([p.slot.clinician]);
                    all.collect::<BTreeSet<_>>()
                };
                let one_group = a.session.is_some() && a.session == b.session;
                let apart = !span.overlaps(*other) || who(a).is_disjoint(&who(b));
                assert!(apart || one_group, "{a:?} {b:?}");
                assert!(!one_group || a.seat != b.seat, "one seat twice");
                let one_room = a.room.is_some() && a.room == b.room;
                assert!(!one_room || !span.overlaps(*other), "one room twice");
                let one_day = kind == of && a.slot.clinician == b.slot.clinician;
                assert!(!one_day || a.day.is_none() || a.day != b.day, "one of the day's twice");
            }
            assert!(a.day.is_none_or(|(_, seat)| Some(seat) < service.demands.daily_limit));
        }
    }
}

fn everywhere() -> Span {
    Span::new(jst("2000-01-01 00:00"), jst("2090-01-01 00:00")).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn what_is_given_out_is_kept_apart_and_lists_agree_with_verdicts(
        wishes in prop::collection::vec((0usize..6, 0i64..12 * 6, 0i64..2), 1..40),
        elsewhere in prop::option::of((0usize..3, 20i64..26, 0i64..48)),
    ) {
        let mut clinic = Clinic::new();
        let now = jst("2026-11-01 12:00");
        if let Some((who, age, reach)) = elsewhere {
            let until = jst("2026-11-04 00:00") + TimeDelta::hours(reach);
            let known = Elsewhere::default().and(now - TimeDelta::hours(age), until, true);
            clinic.rosters[who].elsewhere = known;
        }
        for (kind, unit, day) in wishes {
            let start = jst("2026-11-04 09:00") + minutes(unit * 5) + TimeDelta::days(day);
            let _ = clinic.take(kind, start, now);
        }
        clinic.assert_kept_apart();
        let days = Days::new(chrono_tz::Asia::Tokyo, date("2026-11-04"), 2);
        for service in &clinic.services {
            for calendar in clinic.calendars() {
                let listed: BTreeSet<_> = offers(&calendar, service, &days, now)
                    .into_iter().flat_map(|day| day.slots).map(|slot| slot.visit.start).collect();
                for unit in 0..12 * 24 * 2 {
                    let at = jst("2026-11-04 00:00") + minutes(unit * 5);
                    let verdict = check(&calendar, service, at, now);
                    prop_assert_eq!(verdict.is_ok(), listed.contains(&at), "{} {:?}", at, verdict);
                }
            }
        }
    }
}

#[test]
fn a_group_shares_one_time_until_it_is_full() {
    let (mut clinic, now) = (Clinic::new(), jst("2026-11-01 12:00"));
    let start = jst("2026-11-04 09:00");
    clinic.rosters.truncate(1);
    for seat in 0..3 {
        assert_eq!(clinic.take(1, start, now), Ok(()), "{seat}");
    }
    assert_eq!(clinic.take(1, start, now), Err(Refusal::Taken), "full");
    assert_eq!(clinic.take(1, start + minutes(15), now), Err(Refusal::Taken), "half of the group");
    assert_eq!(clinic.take(0, start, now), Err(Refusal::Taken), "somebody for themselves");
    let sessions: BTreeSet<Option<Uuid>> =
        clinic.given.iter().map(|(place, ..)| place.session).collect();
    assert_eq!(sessions.len(), 1);
    let told = explain(&clinic.calendars()[0], &clinic.services[1], start, now);
    let last = told.findings.last().map(|finding| finding.fact.clone());
    assert_eq!(last, Some(Fact::Seats { taken: 3, of: 3 }));
}

#[test]
fn a_team_needs_all_of_it() {
    let (mut clinic, now) = (Clinic::new(), jst("2026-11-01 12:00"));
    let start = jst("2026-11-04 09:00");
    assert_eq!(clinic.take(4, start, now), Ok(()));
    assert_eq!(clinic.given[0].0.companions.len(), 2);
    // All three are taken now, also those who only came along.
    assert_eq!(clinic.take(0, start, now), Err(Refusal::Taken));
    clinic.rosters[2].trained_on = None;
    let later = clinic.calendars()[0];
    let refused = check(&later, &clinic.services[4], start + minutes(120), now);
    assert_eq!(refused, Err(Refusal::TeamNotFree));
}

#[test]
fn a_team_is_not_free_while_nobody_knows_what_one_of_it_does_elsewhere() {
    let (mut clinic, now) = (Clinic::new(), jst("2026-11-02 12:00"));
    let start = jst("2026-11-04 10:00");
    let known =
        |age, until| Elsewhere::default().and(now - TimeDelta::minutes(age), jst(until), true);
    for (elsewhere, refusal) in [
        (known(24 * 60, "2027-01-01 00:00"), Some(Refusal::TeamNotFree)),
        (known(0, "2026-11-04 10:20"), Some(Refusal::TeamNotFree)),
        (known(24 * 60 - 1, "2026-11-04 10:25"), None),
    ] {
        clinic.rosters[1].elsewhere = elsewhere;
        assert_eq!(clinic.take(4, start, now).err(), refusal, "{elsewhere:?}");
    }
}

#[test]
fn the_training_counts_on_the_day_of_the_visit() {
    let mut world = World::new(vec![], &[]);
    world.roster.trained_on = Some(date("2026-11-05"));
    assert_eq!(world.code(&service(), "2026-11-04 10:00", "2026-11-01 12:00"), "not_trained");
    assert_eq!(world.code(&service(), "2026-11-05 10:00", "2026-11-01 12:00"), "ok");
    world.roster.trained_on = None;
    assert_eq!(world.code(&service(), "2026-11-05 10:00", "2026-11-01 12:00"), "not_trained");
}

#[test]
fn notice_in_working_days_skips_holidays_closed_days_and_weekends() {
    let closed = DateException {
        id: ExceptionId::new(),
        clinician: None,
        date: date("2026-11-04"),
        difference: Difference::Closed,
    };
    let world = World::new(vec![closed], &[]);
    let after = |days| Service {
        demands: Demands { notice_working_days: days, ..Demands::default() },
        ..service()
    };
    // Monday the 2nd; Tuesday is 文化の日, Wednesday closed: the next working day is Thursday.
    let now = "2026-11-02 09:10";
    assert_eq!(world.code(&after(1), "2026-11-02 14:00", now), "too_soon");
    assert_eq!(world.code(&after(1), "2026-11-05 09:00", now), "ok");
    assert_eq!(world.code(&after(2), "2026-11-05 14:00", now), "too_soon");
    assert_eq!(world.code(&after(2), "2026-11-06 09:00", now), "ok");
    assert_eq!(world.code(&after(3), "2026-11-09 09:00", now), "ok");
    assert_eq!(world.starts(&after(3), "2026-11-09", now).len(), 20);
    // Who never works cannot be booked with such a notice, and nothing panics.
    let mut idle = world;
    idle.roster.hours.clear();
    assert_eq!(idle.code(&after(1), "2026-11-05 09:00", now), "too_soon");
}

#[test]
fn the_one_with_the_least_to_do_is_chosen() {
    let (mut clinic, now) = (Clinic::new(), jst("2026-11-01 12:00"));
    for at in ["09:00", "09:00", "10:00", "10:00", "11:00", "11:00"] {
        assert_eq!(clinic.take(0, jst(&format!("2026-11-04 {at}")), now), Ok(()));
    }
    let mut of: Vec<_> = clinic.given.iter().map(|(place, ..)| place.slot.clinician).collect();
    of.sort_unstable();
    let counts: Vec<_> = of.chunk_by(|a, b| a == b).map(<[_]>::len).collect();
    assert_eq!(counts, [2, 2, 2]);
}
