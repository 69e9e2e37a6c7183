//! Closures, choices for holidays and breaks, against the oracle and one by one.

use chrono::TimeDelta;
use proptest::prelude::*;

use crate::engine::availability::tests::{date, oracle, places, shown_once, world};
use crate::engine::availability::{Reason, Roster};
use crate::engine::holidays::Holidays;
use crate::model::closure::Extent;
use crate::model::schedule::WeeklyHours;
use crate::model::{ClosureId, FacilityId, ServiceId};
use crate::time::span::Dates;
use crate::time::zone::Days;

use super::*;

/// Whether closures and holidays close a date that no exception opens, asked one by one.
pub(crate) fn closed(
    practice: &Practice,
    me: ClinicianId,
    holidays: &Holidays,
    date: NaiveDate,
) -> bool {
    for closure in &practice.own.closures {
        let mine = closure.clinician.is_none() || closure.clinician == Some(me);
        let text = date.format("%m-%d").to_string();
        let inside = match closure.extent {
            Extent::Dates { from, to } => from <= date && date <= to,
            Extent::Yearly { from, to } => {
                let (from, to) = (from.to_string(), to.to_string());
                if from > to { text >= from || text <= to } else { text >= from && text <= to }
            }
        };
        if mine && inside {
            return true;
        }
    }
    let Lookup::Holiday(name) = holidays.lookup(date) else { return false };
    let (mut by_name, mut by_date) = (None, None);
    for choice in &practice.own.holidays {
        match &choice.which {
            WhichHoliday::Named(known) if *known == name => by_name = by_name.or(Some(choice.open)),
            WhichHoliday::On(on) if *on == date => by_date = by_date.or(Some(choice.open)),
            _ => {}
        }
    }
    let open = by_date.or(by_name).unwrap_or(practice.on_holidays == OnHolidays::Open);
    !open
}

/// Closures, choices and breaks around a date.
fn own_days(first: NaiveDate, days: u16) -> impl Strategy<Value = (OwnDays, Vec<DateException>)> {
    let closures = prop::collection::vec((0..days, 0..days, 0u8..4), 0..4);
    let choices = prop::collection::vec((0..days, any::<bool>(), any::<bool>()), 0..4);
    let breaks = prop::collection::vec((0..days, 0u16..280, 1u16..60), 0..4);
    (closures, choices, breaks).prop_map(move |(closures, choices, breaks)| {
        let day = |n: u16| first + TimeDelta::days(n.into());
        let closure = |(a, b, kind): (u16, u16, u8)| {
            let (from, to) = (day(a), day(b));
            let extent = if kind < 2 {
                Extent::Dates { from: from.min(to), to: from.max(to) }
            } else {
                // Also such as reach from the last day to the first of the next year.
                use crate::model::closure::MonthDay;
                Extent::Yearly { from: MonthDay::of(from), to: MonthDay::of(to) }
            };
            let clinician = (kind % 2 == 0).then(ClinicianId::new);
            Closure { id: ClosureId::new(), clinician, name: "closed".into(), extent }
        };
        let choice = |(n, named, open): (u16, bool, bool)| HolidayChoice {
            which: if named {
                WhichHoliday::Named("a holiday".into())
            } else {
                WhichHoliday::On(day(n))
            },
            open,
        };
        let pause = |(n, from, length): (u16, u16, u16)| DateException {
            id: ExceptionId::new(),
            clinician: None,
            date: day(n),
            difference: Difference::Break { from: from * 5, to: (from + length).min(288) * 5 },
        };
        let own = OwnDays {
            closures: closures.into_iter().map(closure).collect(),
            holidays: choices.into_iter().map(choice).collect(),
        };
        (own, breaks.into_iter().map(pause).collect())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(80))]
    #[test]
    fn free_is_what_closures_choices_and_breaks_leave_minute_by_minute(
        (zone, first, (practice, roster, holidays), (own, breaks)) in places().prop_flat_map(|place| {
            (Just(place.0), Just(place.1), world(place.1, 6), own_days(place.1, 6))
        }),
        mine in any::<bool>(),
    ) {
        let mut own = own;
        for closure in own.closures.iter_mut().filter(|_| mine) {
            closure.clinician = closure.clinician.map(|_| roster.clinician);
        }
        let practice = Practice { zone, ..practice }.with_own_days(own).with_exceptions(&[], &breaks);
        let calendar =
            Calendar { practice: &practice, roster: &roster, holidays: &holidays, others: &[] };
        let days = Days::new(zone, first, 6);
        let free = calendar.free_over(ServiceId::default(), &days);
        let (from, to) = (days.iter().next().unwrap().span.start, days.iter().last().unwrap().span.end);
        let minutes = std::iter::successors(Some(from), |at| Some(*at + TimeDelta::minutes(5)));
        for at in minutes.take_while(|at| *at < to).filter(|at| shown_once(zone, *at)) {
            let listed = free.iter().any(|span| span.start <= at && at < span.end);
            let expected = oracle(&practice, &roster, &holidays, at);
            prop_assert_eq!(listed, expected, "{} {}", zone, at.with_timezone(&zone));
        }
    }
}

fn new_year() -> Holidays {
    Holidays::new([
        (date("2026-01-01"), "元日"),
        (date("2026-11-03"), "文化の日"),
        (date("2027-01-01"), "元日"),
        (date("2027-11-03"), "文化の日"),
    ])
}

fn reason(practice: &Practice, roster: &Roster, day: &str) -> Option<Reason> {
    let holidays = new_year();
    let calendar = Calendar { practice, roster, holidays: &holidays, others: &[] };
    let day = LocalDay::new(practice.zone, date(day)).unwrap();
    calendar.open(ServiceId::default(), &day).err()
}

fn daily(on_holidays: OnHolidays, own: OwnDays) -> (Practice, Roster) {
    let zone = chrono_tz::Asia::Tokyo;
    let accepted = vec![Dates::ALWAYS];
    let practice = Practice::new(FacilityId::new(), zone, on_holidays, accepted, vec![]);
    let hours = (1..=7).map(|day| WeeklyHours::every(day, 540, 720)).collect();
    let roster = Roster::new(ClinicianId::new(), Some(NaiveDate::MIN), hours, vec![]);
    (practice.with_own_days(own), roster)
}

#[test]
fn a_date_says_more_than_a_name_and_a_name_more_than_the_rule_for_all() {
    let named = |name: &str, open| HolidayChoice { which: WhichHoliday::Named(name.into()), open };
    let on = |day, open| HolidayChoice { which: WhichHoliday::On(date(day)), open };
    let holidays = vec![named("文化の日", true), on("2027-11-03", false)];
    let (practice, roster) = daily(OnHolidays::Closed, OwnDays { holidays, ..OwnDays::default() });
    assert_eq!(reason(&practice, &roster, "2026-11-03"), None);
    assert_eq!(reason(&practice, &roster, "2027-11-03"), Some(Reason::Holiday("文化の日".into())));
    assert_eq!(reason(&practice, &roster, "2027-01-01"), Some(Reason::Holiday("元日".into())));
    // What is not known yet may be one on which it closes; a date for which it chose is known.
    assert_eq!(reason(&practice, &roster, "2028-01-01"), Some(Reason::HolidaysUnknown));
    let holidays = vec![named("元日", false), on("2028-02-11", true)];
    let (practice, roster) = daily(OnHolidays::Open, OwnDays { holidays, ..OwnDays::default() });
    assert_eq!(reason(&practice, &roster, "2026-11-03"), None);
    assert_eq!(reason(&practice, &roster, "2027-01-01"), Some(Reason::Holiday("元日".into())));
    assert_eq!(reason(&practice, &roster, "2028-01-01"), Some(Reason::HolidaysUnknown));
    assert_eq!(reason(&practice, &roster, "2028-02-11"), None);
    let (practice, roster) = daily(OnHolidays::Open, OwnDays::default());
    assert_eq!(reason(&practice, &roster, "2028-01-01"), None);
}

#[test]
fn a_closure_has_its_name_and_can_be_opened_for_a_day() {
    let id = ClosureId::new();
    let extent = Extent::Yearly { from: "12-29".parse().unwrap(), to: "01-03".parse().unwrap() };
    let closures = vec![Closure { id, clinician: None, name: "年末年始".into(), extent }];
    let own = OwnDays { closures, ..OwnDays::default() };
    let (practice, roster) = daily(OnHolidays::Open, own);
    let closed = Some(Reason::ClosedPeriod(id, "年末年始".into()));
    assert_eq!(reason(&practice, &roster, "2026-12-28"), None);
    assert_eq!(reason(&practice, &roster, "2026-12-29"), closed);
    assert_eq!(reason(&practice, &roster, "2027-01-03"), closed);
    let open = DateException {
        id: ExceptionId::new(),
        clinician: None,
        date: date("2026-12-30"),
        difference: Difference::Open { opens: 540, closes: 600 },
    };
    let practice = practice.with_exceptions(&[], &[open]);
    assert_eq!(reason(&practice, &roster, "2026-12-30"), None);
    let holidays = new_year();
    let calendar =
        Calendar { practice: &practice, roster: &roster, holidays: &holidays, others: &[] };
    assert!(calendar.is_working_day(date("2026-12-30")));
    assert!(!calendar.is_working_day(date("2026-12-31")));
}
