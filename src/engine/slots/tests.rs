//! The list, the verdict and the explanation against each other, and the cases one by one.

use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::engine::availability::tests::{date, places, world};
use crate::engine::availability::{Busy, Cause, Elsewhere, Practice, Roster};
use crate::engine::holidays::Holidays;
use crate::model::schedule::{DateException, Demands, Difference, OnHolidays, WeeklyHours};
use crate::model::{BookingId, ExceptionId, FacilityId, ServiceId};
use crate::time::span::Dates;

use super::*;

mod demands;
mod naive;

fn minutes(minutes: i64) -> TimeDelta {
    TimeDelta::minutes(minutes)
}

pub(crate) fn service() -> Service {
    Service {
        id: ServiceId::new(),
        facility: FacilityId::new(),
        length: minutes(15),
        buffer_before: minutes(0),
        buffer_after: minutes(0),
        step: minutes(15),
        notice: minutes(0),
        horizon_days: 60,
        cancel_cutoff: minutes(60),
        change_cutoff: minutes(120),
        needs_approval: false,
        demands: Demands::default(),
    }
}

fn services() -> impl Strategy<Value = Service> {
    (1i64..13, 1i64..13, 0i64..5, 0i64..5, 0i64..900, 0u16..9).prop_map(
        |(length, step, before, after, notice, horizon_days)| Service {
            length: minutes(length * 5),
            step: minutes(step * 5),
            buffer_before: minutes(before * 5),
            buffer_after: minutes(after * 5),
            notice: minutes(notice * 5),
            horizon_days,
            ..service()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn every_listed_time_can_be_booked_and_every_bookable_time_is_listed(
        ((zone, first), (mut practice, roster, holidays)) in
            places().prop_flat_map(|place| (Just(place), world(place.1, 8))),
        service in services(),
        (units, micros) in (0i64..3 * 288, 0i64..2),
        elsewhere in prop::option::of((0i64..27, 0i64..240)),
    ) {
        practice.zone = zone;
        let roster = match (elsewhere, Days::new(zone, first, 1).iter().next()) {
            (Some((age, reach)), Some(day)) => {
                let as_of = day.span.start + minutes(units * 5) - TimeDelta::hours(age);
                let until = day.span.start + minutes(reach * 55);
                roster.knowing(Elsewhere::default().and(as_of, until, true))
            }
            _ => roster,
        };
        let calendar = Calendar { practice: &practice, roster: &roster, holidays: &holidays, others: &[] };
        let days = Days::new(zone, first, 8);
        let (from, to) = (days.iter().next().unwrap().span.start, days.iter().last().unwrap().span.end);
        // Just on a start that the notice allows, or just too late for it.
        let now = from + minutes(units * 5) + TimeDelta::microseconds(micros);
        let listed = offers(&calendar, &service, &days, now);
        let mut starts = BTreeSet::new();
        for day in &listed {
            prop_assert!(day.closed.is_none() || day.slots.is_empty());
            for slot in &day.slots {
                prop_assert_eq!(check(&calendar, &service, slot.visit.start, now), Ok(*slot));
                let on = LocalDay::of(zone, slot.visit.start).map(|day| day.date);
                prop_assert_eq!(on, Some(day.date));
                prop_assert!(starts.insert(slot.visit.start), "listed twice");
            }
        }
        let first = listed.iter().flat_map(|day| &day.slots).next().copied();
        prop_assert_eq!(earliest(&calendar, &service, &days, now), first);
        let mut at = from;
        while at < to {
            let verdict = check(&calendar, &service, at, now);
            prop_assert_eq!(verdict.is_ok(), starts.contains(&at), "{} {:?}", at, verdict);
            at += minutes(5);
        }
    }
}

/// One clinician in Tokyo, Monday to Friday 9 to 12 and 13 to 15, with holidays of 2026.
struct World {
    practice: Practice,
    roster: Roster,
    holidays: Holidays,
}

impl World {
    fn new(exceptions: Vec<DateException>, busy: &[(&str, &str)]) -> Self {
        let hours = (1..=5)
            .flat_map(|day| [WeeklyHours::every(day, 540, 720), WeeklyHours::every(day, 780, 900)]);
        let busy = busy.iter().map(|(from, until)| Busy {
            span: Span::new(jst(from), jst(until)).unwrap(),
            cause: Cause::Booking(BookingId::new()),
            visit: None,
        });
        let accepted = vec![Dates::between(date("2026-11-01"), date("2026-12-01"))];
        let (zone, policy) = (chrono_tz::Asia::Tokyo, OnHolidays::Closed);
        Self {
            practice: Practice::new(FacilityId::new(), zone, policy, accepted, exceptions),
            roster: Roster::new(
                ClinicianId::new(),
                Some(NaiveDate::MIN),
                hours.collect(),
                busy.collect(),
            ),
            holidays: Holidays::new([(date("2026-11-03"), "文化の日")]),
        }
    }

    fn calendar(&self) -> Calendar<'_> {
        let Self { practice, roster, holidays } = self;
        Calendar { practice, roster, holidays, others: &[] }
    }

    fn starts(&self, service: &Service, day: &str, now: &str) -> Vec<String> {
        let days = Days::new(chrono_tz::Asia::Tokyo, date(day), 1);
        let day = offers(&self.calendar(), service, &days, jst(now)).remove(0);
        day.slots.iter().map(|slot| clock(slot.visit.start)).collect()
    }

    fn code(&self, service: &Service, start: &str, now: &str) -> &'static str {
        match check(&self.calendar(), service, jst(start), jst(now)) {
            Ok(_) => "ok",
            Err(refusal) => refusal.code(),
        }
    }
}

fn jst(text: &str) -> Instant {
    format!("{}:00+09:00", text.replace(' ', "T")).parse().unwrap()
}

fn clock(at: Instant) -> String {
    at.with_timezone(&chrono_tz::Asia::Tokyo).format("%H:%M").to_string()
}

#[test]
fn the_grid_is_counted_from_the_opening_not_from_the_last_booking() {
    let world = World::new(vec![], &[("2026-11-02 09:20", "2026-11-02 09:50")]);
    let service = Service { step: minutes(20), length: minutes(20), ..service() };
    let starts = world.starts(&service, "2026-11-02", "2026-11-01 12:00");
    assert_eq!(starts[..4], ["09:00", "10:00", "10:20", "10:40"]);
    assert_eq!(starts[starts.len() - 6..], ["13:00", "13:20", "13:40", "14:00", "14:20", "14:40"]);
}

#[test]
fn buffers_reach_outside_the_hours_but_not_into_what_is_taken() {
    let busy = [("2026-11-02 10:00", "2026-11-02 10:30"), ("2026-11-02 12:20", "2026-11-02 13:00")];
    let world = World::new(vec![], &busy);
    let ten = minutes(10);
    let service = Service { buffer_before: ten, buffer_after: ten, ..service() };
    let starts = world.starts(&service, "2026-11-02", "2026-11-01 12:00");
    // 09:00 keeps time free before the opening, 11:45 after the closing. 09:45 would keep time
    // free that is taken, so would 10:30 and 13:00, and 09:30 ends at 09:45: just enough.
    assert_eq!(starts[..4], ["09:00", "09:15", "09:30", "10:45"]);
    assert_eq!(starts[starts.len() - 8..][..2], ["11:45", "13:15"]);
}

#[test]
fn each_rule_refuses_under_its_own_name() {
    let closed = |day: &str| DateException {
        id: ExceptionId::new(),
        clinician: None,
        date: date(day),
        difference: Difference::Closed,
    };
    let world = World::new(vec![closed("2026-11-06")], &[("2026-11-02 10:00", "2026-11-02 10:30")]);
    let service = Service { notice: minutes(60), horizon_days: 25, ..service() };
    let now = "2026-11-02 09:10";
    for (start, code) in [
        ("2026-11-02 09:00", "in_past"),
        ("2026-11-02 10:00", "too_soon"),
        ("2026-11-02 10:15", "taken"),
        ("2026-11-02 10:30", "ok"),
        ("2026-11-02 10:35", "off_grid"),
        ("2026-11-02 11:50", "outside_hours"),
        ("2026-11-02 12:15", "outside_hours"),
        ("2026-11-07 10:00", "outside_hours"),
        ("2026-11-03 10:00", "holiday"),
        ("2026-11-06 10:00", "closed_day"),
        ("2026-11-27 10:00", "ok"),
        ("2026-11-30 10:00", "beyond_horizon"),
        ("2026-12-01 10:00", "beyond_horizon"),
        ("9999-12-30 10:00", "beyond_horizon"),
    ] {
        assert_eq!(world.code(&service, start, now), code, "{start}");
    }
    let far = Service { horizon_days: 100, ..service.clone() };
    assert_eq!(world.code(&far, "2026-12-01 10:00", now), "not_accepted");
    assert_eq!(world.code(&far, "2026-11-30 10:00", now), "ok");
    let mut far_year = world;
    far_year.practice.acceptance = vec![Dates::ALWAYS];
    assert_eq!(far_year.code(&far, "2027-01-04 10:00", now), "holidays_unknown");
}

#[test]
fn what_is_no_time_is_refused_and_never_panics() {
    let world = World::new(vec![], &[]);
    let now = jst("2026-11-02 08:00");
    let verdict = |service: &Service, start| {
        check(&world.calendar(), service, start, now).map_err(|refusal| refusal.code())
    };
    let good = jst("2026-11-02 09:00");
    assert!(verdict(&service(), good).is_ok());
    for start in [Instant::MAX_UTC, Instant::MIN_UTC, good + TimeDelta::nanoseconds(1)] {
        assert_eq!(verdict(&service(), start), Err("invalid_time"), "{start:?}");
        assert!(alternatives(&[world.calendar()], &service(), start, now, 3).len() <= 3);
    }
    assert_eq!(verdict(&service(), good + TimeDelta::seconds(1)), Err("off_grid"));
    for length in [TimeDelta::zero(), minutes(-15), minutes(25 * 60), TimeDelta::MAX] {
        let service = Service { length, step: length, buffer_after: length, ..service() };
        assert_eq!(verdict(&service, good), Err("invalid_time"));
        let days = Days::new(chrono_tz::Asia::Tokyo, date("2026-11-02"), 3);
        let listed = offers(&world.calendar(), &service, &days, now);
        assert!(listed.iter().all(|day| day.slots.is_empty()));
    }
    let days = Days::new(chrono_tz::Asia::Tokyo, NaiveDate::MAX, 31);
    assert!(offers(&world.calendar(), &service(), &days, now).is_empty());
}

#[test]
fn notice_and_horizon_are_inclusive() {
    let world = World::new(vec![], &[]);
    let service = Service { notice: minutes(60), horizon_days: 0, ..service() };
    let starts = |now| world.starts(&service, "2026-11-02", now).first().cloned();
    assert_eq!(starts("2026-11-02 09:00").as_deref(), Some("10:00"));
    assert_eq!(starts("2026-11-02 09:01").as_deref(), Some("10:15"));
    assert_eq!(starts("2026-11-01 23:59"), None);
    assert_eq!(starts("2026-11-02 00:00").as_deref(), Some("09:00"));
}

#[test]
fn a_day_says_why_it_is_empty() {
    let world = World::new(vec![], &[("2026-11-04 00:00", "2026-11-05 00:00")]);
    let days = Days::new(chrono_tz::Asia::Tokyo, date("2026-11-01"), 31);
    let service = Service { horizon_days: 29, ..service() };
    let listed = offers(&world.calendar(), &service, &days, jst("2026-11-02 08:00"));
    let closed = |n: usize| listed[n - 1].closed.as_ref().map(Reason::code);
    assert_eq!(closed(1), Some("past"));
    assert_eq!((closed(2), listed[1].slots.len()), (None, 20));
    assert_eq!((closed(3), listed[2].holiday.as_deref()), (Some("holiday"), Some("文化の日")));
    assert_eq!((closed(4), listed[3].slots.len()), (None, 0), "all taken");
    assert_eq!(closed(7), Some("no_hours"));
    assert_eq!(closed(31), Some("not_accepted"));
    let service = Service { horizon_days: 28, ..service };
    let listed = offers(&world.calendar(), &service, &days, jst("2026-11-02 08:00"));
    assert_eq!(listed[30].closed, Some(Reason::BeyondHorizon));
}

#[test]
fn several_clinicians_make_one_list() {
    let one = World::new(vec![], &[("2026-11-02 00:00", "2026-11-05 00:00")]);
    let mut two = World::new(vec![], &[]);
    two.roster.hours.retain(|hours| hours.weekday != 4);
    let days = Days::new(chrono_tz::Asia::Tokyo, date("2026-11-02"), 6);
    let now = jst("2026-11-02 08:00");
    let calendars = [one.calendar(), two.calendar()];
    let listed = offers_of_all(&calendars, &service(), &days, now);
    let with =
        |n: usize| listed[n].slots.iter().map(|slot| slot.clinician).collect::<BTreeSet<_>>();
    assert_eq!(with(0), BTreeSet::from([two.roster.clinician]));
    assert_eq!(with(3), BTreeSet::from([one.roster.clinician]), "a Thursday");
    assert_eq!((with(4).len(), listed[4].slots.len()), (2, 40));
    assert!(listed.iter().all(|day| day.slots.is_sorted()));
    assert_eq!((&listed[3].closed, &listed[5].closed), (&None, &Some(Reason::NoHours)));
}

#[test]
fn an_explanation_names_all_that_is_in_the_way() {
    let closed = DateException {
        id: ExceptionId::new(),
        clinician: None,
        date: date("2026-12-03"),
        difference: Difference::Closed,
    };
    let world = World::new(vec![closed], &[("2026-12-03 10:00", "2026-12-03 10:30")]);
    let start = jst("2026-12-03 10:20");
    let service = Service { horizon_days: 7, ..service() };
    let told = explain(&world.calendar(), &service, start, jst("2026-11-02 09:00"));
    let against: Vec<_> = told
        .findings
        .iter()
        .filter_map(|finding| finding.refusal.as_ref())
        .map(Refusal::code)
        .collect();
    assert_eq!(against, ["beyond_horizon", "not_accepted", "closed_day", "taken"]);
    assert!(
        told.findings.iter().any(|f| f.fact == Fact::Closed(Reason::FacilityClosed(closed.id)))
    );

    let told =
        explain(&world.calendar(), &service, jst("2026-11-04 10:20"), jst("2026-11-02 09:00"));
    let grid = Fact::Grid(Some(jst("2026-11-04 10:15")), jst("2026-11-04 10:30"));
    assert!(told.findings.contains(&Finding { fact: grid, refusal: Some(Refusal::OffGrid) }));
    assert_eq!(told.refusal(), Some(&Refusal::OffGrid));
}

#[test]
fn the_nearest_free_times_are_offered_instead() {
    let one = World::new(vec![], &[("2026-11-02 10:00", "2026-11-02 10:45")]);
    let two = World::new(vec![], &[("2026-11-02 09:00", "2026-11-02 10:15")]);
    let (now, wished) = (jst("2026-11-01 08:00"), jst("2026-11-02 10:00"));
    let near = |calendars: &[Calendar<'_>], wished| {
        let found = alternatives(calendars, &service(), wished, now, 3);
        found.iter().map(|slot| (clock(slot.visit.start), slot.clinician)).collect::<Vec<_>>()
    };
    let (a, b) = (one.roster.clinician, two.roster.clinician);
    let both = [one.calendar(), two.calendar()];
    assert_eq!(
        near(&both, wished),
        [("09:45".into(), a), ("10:15".into(), b), ("09:30".into(), a)]
    );
    // In the evening of a Friday its own afternoon is nearer than the Monday.
    assert_eq!(near(&both[..1], jst("2026-11-06 21:00"))[0].0, "14:45");
    // In the midday pause 11:45 is 35 minutes away, 13:00 is 40.
    assert_eq!(near(&both[..1], jst("2026-11-26 12:20"))[0].0, "11:45");
    assert_eq!(near(&both, jst("2027-03-01 12:00")), []);
    assert_eq!(alternatives(&[], &service(), wished, now, 3), []);
}

#[test]
fn what_is_nearer_but_in_another_week_is_found() {
    // 23:55 of a Wednesday: the Monday before began 71 h 55 min ago, in 48 h 5 min Saturday does.
    let mut world = World::new(vec![], &[]);
    world.roster.hours = vec![WeeklyHours::every(1, 0, 45), WeeklyHours::every(6, 0, 45)];
    let (now, wished) = (jst("2026-11-01 08:00"), jst("2026-11-11 23:55"));
    let found = alternatives(&[world.calendar()], &service(), wished, now, 3);
    let starts: Vec<_> = found.iter().map(|slot| slot.visit.start).collect();
    assert_eq!(starts, ["00:00", "00:15", "00:30"].map(|at| jst(&format!("2026-11-14 {at}"))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn no_free_time_is_nearer_than_those_offered(
        (practice, roster, holidays) in world(date("2026-10-30"), 8),
        service in services(),
        at in 0i64..12 * 288,
    ) {
        let calendar = Calendar { practice: &practice, roster: &roster, holidays: &holidays, others: &[] };
        let days = Days::new(practice.zone, date("2026-10-20"), 40);
        let (now, wished) = (jst("2026-10-30 00:00"), jst("2026-10-29 00:00") + minutes(at * 5));
        let mut all: Vec<_> =
            offers(&calendar, &service, &days, now).into_iter().flat_map(|day| day.slots).collect();
        all.sort_by_key(|slot| ((slot.visit.start - wished).abs(), slot.visit.start));
        all.truncate(3);
        prop_assert_eq!(alternatives(&[calendar], &service, wished, now, 3), all);
    }
}
