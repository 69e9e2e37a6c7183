//! Hours and free time against a naive oracle that looks at one minute after the other.

use chrono::{Datelike, LocalResult, NaiveTime, Offset, TimeDelta, TimeZone, Timelike};
use chrono_tz::Tz;
use proptest::prelude::*;

use crate::model::schedule::Weeks;
use crate::time::Instant;
use crate::time::zone::{DAY_MINUTES, date_of, weekday};

use super::*;

pub(crate) fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn exception(clinician: Option<ClinicianId>, day: &str, difference: Difference) -> DateException {
    DateException { id: ExceptionId::new(), clinician, date: date(day), difference }
}

const TOKYO: Tz = chrono_tz::Asia::Tokyo;

/// Monday to Friday, 9 to 12.
fn mornings() -> Vec<WeeklyHours> {
    (1..=5).map(|weekday| WeeklyHours::every(weekday, 540, 720)).collect()
}

fn year_2026() -> Holidays {
    Holidays::new([(date("2026-11-03"), "文化の日"), (date("2026-11-23"), "勤労感謝の日")])
}

/// The local minutes of the stretches of a day in Tokyo, or why there are none.
fn hours_of(practice: &Practice, roster: &Roster, day: &str) -> Result<Vec<(u32, u32)>, Reason> {
    let holidays = year_2026();
    let calendar = Calendar { practice, roster, holidays: &holidays, others: &[] };
    let day = LocalDay::new(TOKYO, date(day)).unwrap();
    let minute = |at: Instant| at.with_timezone(&TOKYO).num_seconds_from_midnight() / 60;
    let open = calendar.open(ServiceId::default(), &day)?;
    Ok(open.iter().map(|span| (minute(span.start), minute(span.end))).collect())
}

#[test]
fn the_first_rule_that_closes_a_day_decides() {
    let me = ClinicianId::new();
    let roster = Roster::new(me, Some(NaiveDate::MIN), mornings(), vec![]);
    let open = Difference::Open { opens: 780, closes: 900 };
    let exceptions = vec![
        exception(None, "2026-11-04", Difference::Closed),
        exception(Some(me), "2026-11-04", Difference::Closed),
        exception(Some(me), "2026-11-05", Difference::Closed),
        exception(Some(me), "2026-11-05", open),
        exception(Some(me), "2026-11-23", open),
        exception(Some(ClinicianId::new()), "2026-11-06", Difference::Closed),
        exception(Some(me), "2026-11-07", open),
        exception(None, "2026-11-07", Difference::Open { opens: 540, closes: 600 }),
        exception(Some(me), "2026-12-01", open),
    ];
    let accepted = vec![Dates::between(date("2026-11-02"), date("2026-12-01"))];
    let facility = FacilityId::new();
    let ids: Vec<_> = exceptions.iter().map(|exception| exception.id).collect();
    let practice = Practice::new(facility, TOKYO, OnHolidays::Closed, accepted, exceptions);
    let hours = |day| hours_of(&practice, &roster, day);

    assert_eq!(hours("2026-10-30"), Err(Reason::NotAccepted));
    assert_eq!(hours("2026-11-02"), Ok(vec![(540, 720)]));
    assert_eq!(hours("2026-11-03"), Err(Reason::Holiday("文化の日".into())));
    assert_eq!(hours("2026-11-04"), Err(Reason::FacilityClosed(ids[0])));
    assert_eq!(hours("2026-11-05"), Err(Reason::ClinicianClosed(ids[2])));
    assert_eq!(hours("2026-11-06"), Ok(vec![(540, 720)]), "another's closed day");
    assert_eq!(hours("2026-11-07"), Ok(vec![(540, 600), (780, 900)]), "a Saturday, opened");
    assert_eq!(hours("2026-11-08"), Err(Reason::NoHours));
    assert_eq!(hours("2026-11-23"), Ok(vec![(780, 900)]), "a holiday, opened");
    assert_eq!(hours("2026-12-01"), Err(Reason::NotAccepted), "opened, but not accepted");
    let open_days = Practice { on_holidays: OnHolidays::Open, ..practice };
    assert_eq!(hours_of(&open_days, &roster, "2026-11-03"), Ok(vec![(540, 720)]));
}

#[test]
fn a_facility_that_closes_on_holidays_offers_nothing_while_they_are_unknown() {
    let roster = Roster::new(ClinicianId::new(), Some(NaiveDate::MIN), mornings(), vec![]);
    let rules = |on| Practice::new(FacilityId::new(), TOKYO, on, vec![Dates::ALWAYS], vec![]);
    let closed = hours_of(&rules(OnHolidays::Closed), &roster, "2027-01-05");
    assert_eq!(closed, Err(Reason::HolidaysUnknown));
    assert_eq!(hours_of(&rules(OnHolidays::Open), &roster, "2027-01-05"), Ok(vec![(540, 720)]));
}

/// Random rules of one clinician around a date: everything that can close, open or take a time.
pub(crate) fn world(
    first: NaiveDate,
    days: u16,
) -> impl Strategy<Value = (Practice, Roster, Holidays)> {
    let hours = (1u8..=7, 0u16..286, 1u16..130, 0u8..6, 0u16..20);
    let hours = prop::collection::vec(hours, 0..14);
    let exceptions = prop::collection::vec((0..days, 0u8..5, 0u16..280, 1u16..80), 0..5);
    let accepted = prop::collection::vec((0..days, 1..=days), 1..3);
    let busy = prop::collection::vec((0i64..i64::from(days) * 288, 1i64..40), 0..12);
    let holidays = prop::collection::vec(0..days, 0..3);
    (hours, exceptions, accepted, busy, holidays, any::<bool>(), 0u8..4).prop_map(
        move |(hours, exceptions, accepted, busy, holidays, open, always)| {
            let day = |n: u16| first + TimeDelta::days(n.into());
            let me = ClinicianId::new();
            let weeks = |kind: u8| match kind {
                0 => Weeks::OfMonth(0b10101),
                1 => Weeks::Alternate(first),
                _ => Weeks::Every,
            };
            let hours = hours.into_iter().map(|(weekday, opens, length, kind, from)| {
                let closes = (opens + length).min(288) * 5;
                let valid = if from > 14 { Dates::since(day(from - 14)) } else { Dates::ALWAYS };
                let weeks = weeks(kind);
                WeeklyHours { weeks, valid, ..WeeklyHours::every(weekday, opens * 5, closes) }
            });
            let exceptions = exceptions.into_iter().map(|(n, kind, opens, length)| {
                let clinician = (kind % 2 == 0).then_some(me);
                let closes = (opens + length).min(288) * 5;
                let open = Difference::Open { opens: opens * 5, closes };
                let difference = if kind < 2 { Difference::Closed } else { open };
                DateException { id: ExceptionId::new(), clinician, date: day(n), difference }
            });
            let accepted = accepted.into_iter().map(|(n, length)| {
                if always == 0 { Dates::between(day(n), day(n + length)) } else { Dates::ALWAYS }
            });
            let start = first.and_time(NaiveTime::MIN).and_utc() - TimeDelta::hours(14);
            let busy = busy.into_iter().map(|(at, length)| {
                let minutes = |units: i64| TimeDelta::minutes(units * 5);
                let span = Span::of(start + minutes(at), minutes(length)).unwrap();
                Busy { span, cause: Cause::Booking(BookingId::new()), visit: None }
            });
            let on_holidays = if open { OnHolidays::Open } else { OnHolidays::Closed };
            let holidays = holidays.into_iter().map(|n| (day(n), "a holiday"));
            // Two that are always there, so that every year in question is known.
            let known = [(first - TimeDelta::days(400), ""), (first + TimeDelta::days(400), "")];
            (
                Practice::new(
                    FacilityId::new(),
                    TOKYO,
                    on_holidays,
                    accepted.collect(),
                    exceptions.collect(),
                ),
                Roster::new(me, Some(NaiveDate::MIN), hours.collect(), busy.collect()),
                Holidays::new(holidays.chain(known)),
            )
        },
    )
}

/// Days on which something happens to the clocks, and one on which nothing does.
pub(crate) fn places() -> impl Strategy<Value = (Tz, NaiveDate)> {
    use chrono_tz::{America, Asia, Atlantic, Australia, Europe, Pacific};
    prop::sample::select(vec![
        (Asia::Tokyo, date("2026-10-30")),
        (America::New_York, date("2026-03-05")),
        (America::New_York, date("2026-10-29")),
        (Australia::Lord_Howe, date("2026-04-02")),
        (Australia::Lord_Howe, date("2026-10-01")),
        (America::St_Johns, date("2010-11-04")),
        (Pacific::Apia, date("2011-12-27")),
        (Asia::Beirut, date("2026-03-26")),
        (Atlantic::Azores, date("2026-10-22")),
        (Europe::London, date("2026-10-22")),
        (Asia::Kathmandu, date("2026-04-01")),
    ])
}

/// Whether rules and local time leave the minute free, asked as a person would, rule by rule.
pub(crate) fn oracle(
    practice: &Practice,
    roster: &Roster,
    holidays: &Holidays,
    at: Instant,
) -> bool {
    let local = at.with_timezone(&practice.zone);
    let (date, minute) = (local.date_naive(), local.hour() * 60 + local.minute());
    if !practice.acceptance.iter().any(|period| period.contains(date)) {
        return false;
    }
    let (mut opened, mut breaks) = (Vec::new(), Vec::new());
    for exception in &practice.exceptions {
        let mine = exception.clinician.is_none() || exception.clinician == Some(roster.clinician);
        if exception.date == date && mine {
            match exception.difference {
                Difference::Closed => return false,
                Difference::Open { opens, closes } => opened.push((opens, closes)),
                Difference::Break { from, to } => breaks.push((from, to)),
            }
        }
    }
    if opened.is_empty() {
        if own::tests::closed(practice, roster.clinician, holidays, date) {
            return false;
        }
        let kept = roster.hours.iter().filter(|one| {
            let monday = |date: NaiveDate| date - TimeDelta::days(i64::from(weekday(date)) - 1);
            let weeks = match one.weeks {
                Weeks::Every => true,
                Weeks::OfMonth(which) => which & 1 << ((date.day() - 1) / 7) != 0,
                Weeks::Alternate(with) => (monday(date) - monday(with)).num_weeks() % 2 == 0,
            };
            weeks && one.weekday == weekday(date) && one.valid.contains(date)
        });
        opened.extend(kept.map(|one| (one.opens, one.closes)));
    }
    let hold = |(from, to): &(u16, u16)| (u32::from(*from)..u32::from(*to)).contains(&minute);
    opened.iter().any(hold)
        && !breaks.iter().any(hold)
        && !roster.busy.iter().any(|busy| busy.span.start <= at && at < busy.span.end)
}

/// Whether the clocks of `zone` show the time of `at` just once.
pub(crate) fn shown_once(zone: Tz, at: Instant) -> bool {
    let local = at.with_timezone(&zone).naive_local();
    matches!(zone.from_local_datetime(&local), LocalResult::Single(_))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]
    #[test]
    fn free_is_what_the_rules_leave_minute_by_minute(
        ((zone, first), (practice, roster, holidays)) in
            places().prop_flat_map(|place| (Just(place), world(place.1, 8)))
    ) {
        let practice = Practice { zone, ..practice };
        let calendar = Calendar { practice: &practice, roster: &roster, holidays: &holidays, others: &[] };
        let days = Days::new(zone, first, 8);
        let free = calendar.free_over(ServiceId::default(), &days);
        prop_assert!(free.windows(2).all(|pair| pair[0].end <= pair[1].start));
        let (from, to) = (days.iter().next().unwrap().span.start, days.iter().last().unwrap().span.end);
        let minutes = std::iter::successors(Some(from), |at| Some(*at + TimeDelta::minutes(1)));
        for at in minutes.take_while(|at| *at < to).filter(|at| shown_once(zone, *at)) {
            let listed = free.iter().any(|span| span.start <= at && at < span.end);
            let expected = oracle(&practice, &roster, &holidays, at);
            prop_assert_eq!(listed, expected, "{} {}", zone, at.with_timezone(&zone));
        }
    }
}

/// The local dates of 20 years on which the offset of `zone` changes. Each day is looked at: some
/// zones have changed twice within weeks.
fn changes(zone: Tz) -> Vec<NaiveDate> {
    let offset = |at: Instant| zone.offset_from_utc_datetime(&at.naive_utc()).fix();
    let midnight = |date: NaiveDate| date.and_time(NaiveTime::MIN).and_utc();
    let (first, end) = (date("2010-01-01"), date("2030-01-01"));
    let (mut found, mut known) = (Vec::new(), offset(midnight(first)));
    for day in first.iter_days().take_while(|day| *day < end) {
        let next = offset(midnight(day) + TimeDelta::days(1));
        if next != known {
            let hours = (0..24).map(|hour| midnight(day) + TimeDelta::hours(hour));
            let before = hours.take_while(|hour| offset(*hour) == known).last();
            found.push(date_of(zone, before.unwrap_or(midnight(day))));
        }
        known = next;
    }
    found
}

/// Checks one day's opening against the rule; how many ends were compared.
fn opening_equals_rule(zone: Tz, day: NaiveDate, opens: u16, closes: u16) -> usize {
    let facility = FacilityId::new();
    let always = vec![Dates::ALWAYS];
    let practice = Practice::new(facility, zone, OnHolidays::Open, always, vec![]);
    let hours = vec![WeeklyHours::every(weekday(day), opens, closes)];
    let roster = Roster::new(ClinicianId(uuid::Uuid::nil()), Some(NaiveDate::MIN), hours, vec![]);
    let holidays = Holidays::default();
    let calendar =
        Calendar { practice: &practice, roster: &roster, holidays: &holidays, others: &[] };
    let open = calendar.open_over(ServiceId(uuid::Uuid::nil()), &Days::new(zone, day, 1));
    let mut compared = 0;
    for (minute, is_start) in [(opens, true), (closes, false)] {
        let local = day.and_time(NaiveTime::MIN) + TimeDelta::minutes(minute.into());
        if let LocalResult::Single(at) = zone.from_local_datetime(&local) {
            let ends = open.first().map(|span| if is_start { span.start } else { span.end });
            assert!(open.len() == 1, "{zone} {local}: {open:?}");
            let shown = ends.unwrap().with_timezone(&zone).naive_local();
            assert_eq!((shown, ends.unwrap()), (local, at.to_utc()), "{zone}");
            compared += 1;
        }
    }
    compared
}

#[test]
fn local_opening_minutes_equal_the_rule_in_every_zone() {
    let compare = |zones: &[Tz]| {
        let mut compared = 0;
        for zone in zones {
            for change in changes(*zone) {
                let around = (-1..=1).map(|n| change + TimeDelta::days(n));
                for day in around.filter(|day| LocalDay::new(*zone, *day).is_some()) {
                    for (opens, closes) in [(0, 240), (60, DAY_MINUTES), (150, 780), (1380, 1435)] {
                        compared += opening_equals_rule(*zone, day, opens, closes);
                    }
                }
            }
        }
        compared
    };
    let (one, other) = chrono_tz::TZ_VARIANTS.split_at(chrono_tz::TZ_VARIANTS.len() / 2);
    let compared = std::thread::scope(|scope| {
        let other = scope.spawn(|| compare(other));
        compare(one) + other.join().unwrap()
    });
    assert!(compared > 100_000, "only {compared} ends of hours were compared");
}

#[test]
fn every_instant_belongs_to_the_one_day_that_spans_it() {
    for (zone, day) in [
        (chrono_tz::America::St_Johns, "2010-11-06"),
        (chrono_tz::America::New_York, "2026-11-01"),
        (chrono_tz::Asia::Beirut, "2026-03-29"),
        (chrono_tz::Pacific::Apia, "2011-12-29"),
        (TOKYO, "2026-11-01"),
    ] {
        let days = Days::new(zone, date(day), 4);
        let spans: Vec<_> = days.iter().map(|day| day.span).collect();
        assert!(spans.windows(2).all(|pair| pair[0].end == pair[1].start), "{zone}");
        for day in &days {
            let middle = day.span.start + day.span.length() / 2;
            for at in [day.span.start, middle, day.span.end - TimeDelta::microseconds(1)] {
                assert_eq!(LocalDay::of(zone, at), Some(*day), "{zone} {at}");
            }
        }
    }
}
