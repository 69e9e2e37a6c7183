//! What random rows rarely show: the days between two lists, before the first, after the criterion,
//! re-designations, what was known when.

use chrono::NaiveDate;
use onshin::engine::counts::answer::Answer;
use onshin::engine::counts::snapshot::{FilingRow, PairRow, Rows, Snapshot, StateRow};
use onshin::engine::counts::{By, NoCount};
use onshin::model::register::{Criterion, Size};

use super::model::{ask, code, day, in_force, instant, lists, places};

fn filing(number: u32, start: u64, lapsed: Option<(u64, u64)>) -> FilingRow {
    FilingRow {
        code: code(number),
        criterion: Criterion::IctCare,
        effective_from: Some(day(start)),
        first_seen: day(30),
        lapsed: lapsed.map(|(after, on)| (day(after), day(on))),
        recorded_at: instant(0),
        superseded_at: None,
    }
}

fn state(number: u32, from: u64, until: Option<u64>) -> StateRow {
    StateRow {
        code: code(number),
        valid_from: day(from),
        valid_until: until.map(day),
        municipality: Some("131016".into()),
        size: Size::ClinicWithoutBeds,
        recorded_at: instant(0),
        superseded_at: None,
    }
}

fn facilities(answer: &Answer) -> Option<(u32, u32)> {
    answer.total.map(|part| (part.figures.facilities, part.figures.uncertain))
}

fn on(register: &Snapshot, number: u64) -> Option<(u32, u32)> {
    facilities(&ask(register, By::Kind, day(number), instant(10), None))
}

/// The old code is on the list of day 30 and not on that of day 60, the new one the other way round,
/// with the old one's start.
fn pair(new_start: u64) -> Snapshot {
    let rows = Rows {
        lists: lists(&[30, 60]),
        states: vec![state(0, 30, Some(60)), state(1, 60, None), state(2, 30, None)],
        filings: vec![filing(0, 5, Some((30, 60))), filing(1, new_start, None), filing(2, 5, None)],
        pairs: vec![PairRow {
            old: code(0),
            new: code(1),
            recorded_at: instant(0),
            superseded_at: Some(instant(50)),
        }],
    };
    Snapshot::new(rows, &places(), in_force())
}

#[test]
fn between_two_lists_what_lapsed_counts_as_in_effect_and_as_uncertain() {
    let rows = Rows {
        lists: lists(&[30, 60]),
        states: vec![state(0, 30, Some(60)), state(1, 30, None)],
        filings: vec![filing(0, 5, Some((30, 60))), filing(1, 5, None)],
        pairs: Vec::new(),
    };
    let register = Snapshot::new(rows, &places(), in_force());
    assert_eq!(on(&register, 30), Some((2, 0)));
    assert_eq!(on(&register, 31), Some((2, 1)));
    assert_eq!(on(&register, 59), Some((2, 1)));
    assert_eq!(on(&register, 60), Some((1, 0)));
}

#[test]
fn nothing_is_counted_before_the_first_list() {
    let register = pair(5);
    let before = ask(&register, By::Municipality, day(29), instant(10), None);
    assert_eq!((before.total, before.reason), (None, Some(NoCount::BeforeFirstList)));
    assert_eq!(before.missing[0].first_list, Some(day(30)));
    assert!(before.rows.is_empty());
    let unknown = ask(&Snapshot::default(), By::Kind, day(40), instant(10), None);
    assert_eq!(unknown.reason, Some(NoCount::NoList));
}

#[test]
fn a_criterion_ends_with_its_last_day() {
    let date = |text: &str| text.parse::<NaiveDate>().unwrap();
    let old = FilingRow {
        criterion: Criterion::OnlineCareFeeLegacy,
        effective_from: Some(date("2019-05-01")),
        ..filing(0, 0, None)
    };
    let mut all = lists(&[30]);
    for list in &mut all {
        list.as_of = date("2020-04-01");
    }
    let rows = Rows { lists: all, states: Vec::new(), filings: vec![old], pairs: Vec::new() };
    let register = Snapshot::new(rows, &places(), in_force());
    let asked = |text: &str, criterion| {
        let asked = onshin::engine::counts::answer::Asked {
            by: By::Criterion,
            as_of: date(text),
            known: instant(10),
            criterion,
            within: onshin::engine::counts::ask::Within::default(),
            since: None,
        };
        onshin::engine::counts::answer::answer(&register, &asked)
    };
    let legacy = Some(Criterion::OnlineCareFeeLegacy);
    assert_eq!(facilities(&asked("2022-03-31", legacy)), Some((1, 0)));
    let after = asked("2022-04-01", legacy);
    assert_eq!((after.total, after.reason), (None, Some(NoCount::NotInForce)));
    // Without naming one: of both, none is left.
    assert_eq!(facilities(&asked("2022-04-01", None)), Some((0, 0)));
    assert_eq!(facilities(&asked("2022-03-31", None)), Some((1, 0)));
}

#[test]
fn a_redesignation_is_one_facility_on_every_day_and_neither_loss_nor_gain() {
    // Whether the new code begins between the lists, keeps the old start, or begins late.
    for (start, boundary) in [(45, 45), (5, 31), (75, 60)] {
        let register = pair(start);
        for number in [30, 31, 44, 45, 59, 60, 70, 80] {
            let found = on(&register, number).unwrap();
            let expected = if start == 75 && (60..75).contains(&number) { 1 } else { 2 };
            assert_eq!(found.0, expected, "on {number} with a start at {start}");
            // Nor is it two among all that there are.
            let all = ask(&register, By::Kind, day(number), instant(10), None).total.unwrap();
            assert_eq!(all.figures.institutions, 2, "on {number} with a start at {start}");
            let unsure = u32::from((31..boundary).contains(&number));
            assert_eq!(found.1, unsure, "on {number} with a start at {start}");
        }
    }
    let flows = |register: &Snapshot, at: u64| {
        let answer = ask(register, By::Kind, day(70), instant(at), Some(day(30)));
        let flows = answer.total.unwrap().flows.unwrap();
        (flows.accepted, flows.lapsed, flows.redesignated, flows.net)
    };
    assert_eq!(flows(&pair(45), 10), (0, 0, 1, 0));
    assert_eq!(flows(&pair(5), 10), (0, 0, 1, 0));
    // Once a person has said that they are two, they are.
    assert_eq!(flows(&pair(45), 60), (1, 1, 0, 0));
}

#[test]
fn what_was_known_on_a_day_is_what_was_recorded_by_then() {
    let mut late = filing(1, 20, None);
    late.recorded_at = instant(40);
    let mut wrong = filing(0, 5, None);
    wrong.superseded_at = Some(instant(60));
    let rows = Rows {
        lists: lists(&[30]),
        states: vec![state(0, 30, None), state(1, 30, None)],
        filings: vec![wrong, late],
        pairs: Vec::new(),
    };
    let register = Snapshot::new(rows, &places(), in_force());
    let known = |at| facilities(&ask(&register, By::Area, day(35), instant(at), None)).unwrap().0;
    assert_eq!([39, 40, 59, 60].map(known), [1, 2, 2, 1]);
}

#[test]
fn shares_need_lists_that_show_all_and_rates_the_residents_of_the_whole_part() {
    let rows = Rows {
        lists: lists(&[30]),
        states: vec![state(0, 30, None), state(1, 30, None), state(3, 30, None)],
        filings: vec![filing(0, 5, None), filing(3, 5, None)],
        pairs: Vec::new(),
    };
    let register = Snapshot::new(rows, &places(), in_force());
    let answer = ask(&register, By::Prefecture, day(35), instant(10), None);
    let part = |key: &str| answer.rows.iter().find(|row| row.key == key).unwrap().part;
    assert_eq!(part("13").share(), Some(0.5));
    // The other prefecture's list shows only who has filed something.
    assert_eq!((part("14").share(), part("14").figures.institutions), (None, 1));
    assert_eq!(part("13").residents, Some(640_000));
    let rate = part("13").per_100k().unwrap();
    assert!((rate - 100_000.0 / 640_000.0).abs() < 1e-9, "{rate}");
    let areas = ask(&register, By::Area, day(35), instant(10), None);
    let keys: Vec<(&str, u32)> =
        areas.rows.iter().map(|row| (row.key.as_str(), row.part.figures.facilities)).collect();
    assert!(keys.contains(&("区南部", 0)), "{keys:?}");
    assert_eq!(areas.rows.iter().map(|row| row.part.figures.facilities).sum::<u32>(), 2);
}
