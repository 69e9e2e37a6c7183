//! The packed register against a reckoning that looks at every row for every day.

use chrono::{Days, NaiveDate};
use onshin::engine::counts::answer::{Answer, Asked, answer};
use onshin::engine::counts::ask::Within;
use onshin::engine::counts::members::{Behind, What, members};
use onshin::engine::counts::snapshot::{
    FilingRow, InForce, ListRow, Place, Rows, Snapshot, StateRow,
};
use onshin::engine::counts::{By, Flows, Part};
use onshin::model::register::{Code10, Criterion, Size};
use onshin::time::Instant;
use proptest::prelude::*;

/// The first list, and 1 January 2025 as day 0 of everything below.
const FIRST: u64 = 30;

pub(super) fn day(number: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2025, 1, 1).unwrap() + Days::new(number)
}

pub(super) fn instant(number: u64) -> Instant {
    (day(0).and_hms_opt(0, 0, 0).unwrap().and_utc())
        + chrono::TimeDelta::hours(i64::try_from(number).unwrap())
}

pub(super) fn code(number: u32) -> Code10 {
    Code10::medical(if number % 4 == 3 { "14" } else { "13" }, &number.to_string()).unwrap()
}

pub(super) fn places() -> Vec<Place> {
    let place = |code: &str, area: Option<&str>, residents: u32| Place {
        code: code.into(),
        area: area.map(Into::into),
        residents: Some(residents),
        whole: true,
    };
    vec![
        place("131016", Some("区中央部"), 60_000),
        place("131024", Some("区中央部"), 180_000),
        place("131091", Some("区南部"), 400_000),
        place("141003", None, 3_700_000),
    ]
}

pub(super) fn in_force() -> Vec<InForce> {
    let day = |text: &str| text.parse().unwrap();
    vec![
        InForce {
            criterion: Criterion::OnlineCareFeeLegacy,
            from: day("2018-04-01"),
            until: Some(day("2022-04-01")),
        },
        InForce { criterion: Criterion::IctCare, from: day("2022-04-01"), until: None },
    ]
}

pub(super) fn lists(days: &[u64]) -> Vec<ListRow> {
    let list = |prefecture: &str, at: u64| ListRow {
        prefecture: prefecture.into(),
        as_of: day(at),
        all_institutions: prefecture == "13",
        recorded_at: instant(0),
        undone_at: None,
    };
    days.iter().flat_map(|at| [list("13", *at), list("14", *at)]).collect()
}

fn states() -> impl Strategy<Value = Vec<StateRow>> {
    let known = (0..100_u64, prop::option::of(1..100_u64));
    let place = prop::sample::select(vec![None, Some("131016"), Some("131091"), Some("141003")]);
    let size = prop::sample::select(Size::ALL.to_vec());
    // One row for each slot of time, so that never two are known at once of one day.
    let row = (0..14_u32, 0..6_u64, 1..30_u64, place, size, known);
    prop::collection::vec(row, 0..50).prop_map(|rows| {
        let mut taken = std::collections::BTreeSet::new();
        let mut found = Vec::new();
        for (number, slot, length, place, size, (from, known_for)) in rows {
            if !taken.insert((number, slot)) {
                continue;
            }
            let start = FIRST + slot * 30;
            found.push(StateRow {
                code: code(number),
                valid_from: day(start),
                valid_until: (slot != 5).then(|| day(start + length)),
                municipality: place.map(str::to_owned),
                size,
                recorded_at: instant(from),
                superseded_at: known_for.map(|length| instant(from + length)),
            });
        }
        found
    })
}

fn filings() -> impl Strategy<Value = Vec<FilingRow>> {
    let start = prop::option::weighted(0.9, 0..200_u64);
    let lapsed = prop::option::of((0..200_u64, 1..40_u64));
    let row = (0..14_u32, start, lapsed, 0..100_u64, prop::option::of(1..100_u64));
    prop::collection::vec(row, 0..40).prop_map(|rows| {
        let rows = rows.into_iter().map(|(number, start, lapsed, from, known_for)| FilingRow {
            code: code(number),
            criterion: Criterion::IctCare,
            effective_from: start.map(day),
            first_seen: day(FIRST),
            lapsed: lapsed.map(|(after, length)| (day(after), day(after + length))),
            recorded_at: instant(from),
            superseded_at: known_for.map(|length| instant(from + length)),
        });
        rows.collect()
    })
}

/// How the slow reckoning sees an institution.
struct Seen {
    code: Code10,
    place: Option<String>,
    size: Size,
    sure: bool,
}

fn known(from: Instant, until: Option<Instant>, at: Instant) -> bool {
    from <= at && until.is_none_or(|until| at < until)
}

/// Everybody accepted on a day, by looking at every row.
fn slow(rows: &Rows, on: NaiveDate, at: Instant) -> Vec<Seen> {
    let mut codes: Vec<Code10> = rows.filings.iter().map(|row| row.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let seen = |code: Code10| {
        let held = |sure: bool| {
            rows.filings.iter().any(|row| {
                let start = row.effective_from.unwrap_or(row.first_seen);
                let end =
                    row.lapsed.map(|(after, by)| if sure { after + Days::new(1) } else { by });
                row.code == code
                    && known(row.recorded_at, row.superseded_at, at)
                    && start <= on
                    && end.is_none_or(|end| on < end)
            })
        };
        if !held(false) {
            return None;
        }
        let mut states: Vec<&StateRow> = rows
            .states
            .iter()
            .filter(|row| row.code == code && known(row.recorded_at, row.superseded_at, at))
            .collect();
        states.sort_by_key(|row| row.valid_from);
        let before = states.iter().rfind(|row| row.valid_from <= on);
        let state = before.or(states.first());
        Some(Seen {
            code,
            place: state.and_then(|row| row.municipality.clone()),
            size: state.map_or(Size::ClinicWithoutBeds, |row| row.size),
            sure: held(true),
        })
    };
    codes.into_iter().filter_map(seen).collect()
}

/// How many institutions there are on a day, by looking at every row: shown, or accepted.
fn slow_all(rows: &Rows, on: NaiveDate, at: Instant) -> usize {
    let shown = rows.states.iter().filter(|row| {
        known(row.recorded_at, row.superseded_at, at)
            && row.valid_from <= on
            && row.valid_until.is_none_or(|until| on < until)
    });
    let mut all: Vec<Code10> = shown.map(|row| row.code).collect();
    all.extend(slow(rows, on, at).iter().map(|seen| seen.code));
    all.sort_unstable();
    all.dedup();
    all.len()
}

pub(super) fn ask(
    register: &Snapshot,
    by: By,
    on: NaiveDate,
    at: Instant,
    since: Option<NaiveDate>,
) -> Answer {
    let within = Within::default();
    let asked =
        Asked { by, as_of: on, known: at, criterion: Some(Criterion::IctCare), within, since };
    answer(register, &asked)
}

fn figures(answer: &Answer) -> Part {
    answer.total.unwrap_or_default()
}

/// Sums of parts are the whole, in every column.
fn check_sums(answer: &Answer) {
    let total = figures(answer);
    let sum = |of: fn(&Part) -> i64| answer.rows.iter().map(|row| of(&row.part)).sum::<i64>();
    let columns: [fn(&Part) -> i64; 5] = [
        |part| part.figures.facilities.into(),
        |part| part.figures.hospitals.into(),
        |part| part.figures.bedded_clinics.into(),
        |part| part.figures.clinics_without_beds.into(),
        |part| part.figures.uncertain.into(),
    ];
    for (at, of) in columns.into_iter().enumerate() {
        assert_eq!(sum(of), of(&total), "column {at} by {:?}", answer.asked.by);
    }
    let whole = total.figures;
    assert_eq!(
        whole.hospitals + whole.bedded_clinics + whole.clinics_without_beds,
        whole.facilities
    );
    assert!(whole.facilities <= whole.institutions, "{whole:?}");
    if !matches!(answer.asked.by, By::Criterion | By::StartYear) {
        assert_eq!(sum(|part| part.figures.institutions.into()), i64::from(whole.institutions));
        for row in &answer.rows {
            let part = row.part.figures;
            assert!(part.facilities <= part.institutions, "{} {part:?}", row.key);
        }
    }
    for part in answer.rows.iter().map(|row| &row.part).chain(&answer.total) {
        if let Some(flows) = part.flows {
            check_flows(flows);
        }
    }
    if let Some(flows) = total.flows {
        let sum = |of: fn(&Flows) -> i64| {
            answer.rows.iter().filter_map(|row| row.part.flows.as_ref()).map(of).sum::<i64>()
        };
        assert_eq!(sum(|f| f.net.into()), i64::from(flows.net), "net by {:?}", answer.asked.by);
        assert_eq!(sum(|f| f.accepted.into()), i64::from(flows.accepted));
        assert_eq!(sum(|f| f.lapsed.into()), i64::from(flows.lapsed));
    }
}

fn check_flows(flows: Flows) {
    let [accepted, lapsed] = [flows.accepted, flows.lapsed].map(i64::from);
    assert_eq!(i64::from(flows.net), accepted - lapsed + i64::from(flows.moved), "{flows:?}");
}

/// Who stands behind each number is as many as the number says.
fn check_members(register: &Snapshot, answer: &Answer, at: Instant, since: Option<NaiveDate>) {
    for row in &answer.rows {
        let within = match answer.asked.by {
            By::Municipality => Within { municipality: Some(row.key.clone()), ..Within::default() },
            By::Area => Within { area: Some(row.key.clone()), ..Within::default() },
            By::Prefecture => Within { prefecture: Some(row.key.clone()), ..Within::default() },
            _ => Within {
                size: Size::ALL.into_iter().find(|s| s.code() == row.key),
                ..Within::default()
            },
        };
        let behind = |what| {
            let (criterion, within) = (Some(Criterion::IctCare), within.clone());
            let as_of = answer.asked.as_of;
            let asked = Behind { what, as_of, known: at, criterion, within, since, started: None };
            u32::try_from(members(register, &asked).len()).unwrap()
        };
        let of = &row.part.figures;
        assert_eq!(behind(What::Accepted), of.facilities, "{} by {:?}", row.key, answer.asked.by);
        assert_eq!(behind(What::Uncertain), of.uncertain, "{}", row.key);
        assert_eq!(behind(What::Institutions), of.institutions, "{}", row.key);
        if let Some(flows) = row.part.flows {
            assert_eq!(behind(What::New), flows.accepted, "{}", row.key);
            assert_eq!(behind(What::Lapsed), flows.lapsed, "{}", row.key);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn counts_are_what_a_look_at_every_row_gives(
        states in states(),
        filings in filings(),
        on in FIRST..220,
        back in 1..200_u64,
        at in 0..220_u64,
    ) {
        let rows = Rows { lists: lists(&[FIRST, 90, 180]), states, filings, pairs: Vec::new() };
        let register = Snapshot::new(rows.clone(), &places(), in_force());
        let (on_day, at) = (day(on), instant(at));
        let since = day(on.saturating_sub(back).max(FIRST));
        let (expected, all) = (slow(&rows, on_day, at), slow_all(&rows, on_day, at));
        for by in By::ALL.into_iter().filter(|by| !by.is_time()) {
            let found = ask(&register, by, on_day, at, Some(since));
            prop_assert_eq!(figures(&found).figures.facilities as usize, expected.len());
            prop_assert_eq!(figures(&found).figures.institutions as usize, all);
            let unsure = expected.iter().filter(|one| !one.sure).count();
            prop_assert_eq!(figures(&found).figures.uncertain as usize, unsure);
            check_sums(&found);
            if matches!(by, By::Prefecture | By::Municipality | By::Area | By::Kind) {
                check_members(&register, &found, at, Some(since));
            }
            if let Some(flows) = figures(&found).flows {
                let before = i64::try_from(slow(&rows, since, at).len()).unwrap();
                let now = i64::try_from(expected.len()).unwrap();
                prop_assert_eq!(i64::from(flows.net), now - before);
            }
        }
        let by_size = ask(&register, By::Kind, on_day, at, None);
        let by_place = ask(&register, By::Municipality, on_day, at, None);
        for one in &expected {
            prop_assert!(by_size.rows.iter().any(|row| row.key == one.size.code() && row.part.figures.facilities > 0));
            let place = one.place.clone().unwrap_or_else(|| "unknown".into());
            prop_assert!(by_place.rows.iter().any(|row| row.key == place && row.part.figures.facilities > 0), "{}", one.code);
        }
    }

    #[test]
    fn each_day_of_a_row_is_what_a_question_about_it_gives(
        states in states(),
        filings in filings(),
        at in 0..220_u64,
    ) {
        let rows = Rows { lists: lists(&[FIRST, 90, 180]), states, filings, pairs: Vec::new() };
        let register = Snapshot::new(rows, &places(), in_force());
        let at = instant(at);
        for by in [By::Month, By::Year] {
            let row = ask(&register, by, day(400), at, None);
            prop_assert!(row.rows.len() >= 2);
            let mut before: Option<u32> = None;
            for step in &row.rows {
                let date = step.day.unwrap().date;
                let alone = ask(&register, By::Kind, date, at, None);
                prop_assert_eq!(step.part.figures, alone.total.unwrap().figures, "{} {}", by.code(), date);
                if let (Some(before), Some(flows)) = (before, step.part.flows) {
                    check_flows(flows);
                    let net = i64::from(step.part.figures.facilities) - i64::from(before);
                    prop_assert_eq!(i64::from(flows.net), net, "{}", date);
                }
                before = Some(step.part.figures.facilities);
            }
        }
    }
}
