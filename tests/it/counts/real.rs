//! The real lists of twelve prefectures in the register, counted by prefecture, size, start year and
//! municipality, against what two other readers found; and every municipality × size × year of the
//! start against a third, whose figures are kept in `tests/corpus/counts`.

use std::collections::BTreeMap;

use onshin::actions::counts::{self, Query};
use onshin::actions::imports::{How, Upload};
use onshin::engine::counts::answer::Answer;
use onshin::engine::counts::ask::Within;
use onshin::engine::counts::{By, NoCount};
use onshin::format::seeds::municipality;
use onshin::model::register::Size;

use crate::bureau::{EXPECTED, Expected, SAITAMA, folder};
use crate::support::Site;
use crate::support::book::import_lists;

async fn count(site: &Site, by: By, prefecture: &str) -> Answer {
    let within = Within { prefecture: Some(prefecture.to_owned()), ..Within::default() };
    counts::count(&site.app, by, &Query { within, ..Query::default() }).await.unwrap()
}

fn facilities(answer: &Answer, key: &str) -> usize {
    let row = answer.rows.iter().find(|row| row.key == key);
    row.map_or(0, |row| row.part.figures.facilities as usize)
}

async fn check(site: &Site, expected: &Expected) {
    let code = expected.code;
    let kinds = count(site, By::Kind, code).await;
    let total = kinds.total.unwrap();
    assert_eq!(total.figures.institutions as usize, expected.institutions, "{code}");
    assert_eq!(kinds.lists.unwrap().1.to_string(), expected.as_of, "{code}");
    let sizes =
        ["hospital", "bedded_clinic", "clinic_without_beds"].map(|key| facilities(&kinds, key));
    let all = total.figures.facilities as usize;
    assert_eq!([all, sizes[0], sizes[1], sizes[2]], expected.online_care, "{code}");
    let years = count(site, By::StartYear, code).await;
    let upto =
        |last: i32| (2022..=last).map(|year| facilities(&years, &year.to_string())).sum::<usize>();
    assert_eq!([2022, 2023, 2024, 2025].map(upto), expected.started, "{code}");
    let towns = count(site, By::Municipality, code).await;
    let sum: u32 = towns.rows.iter().map(|row| row.part.figures.facilities).sum();
    assert_eq!(sum as usize, all, "the towns of {code}");
    assert_eq!(facilities(&towns, "unknown"), 0, "every facility of {code} has its town");
    // Before its list a prefecture has no number, whatever the starts of today's holders say.
    let within = Within { prefecture: Some(code.to_owned()), ..Within::default() };
    let before = Query { as_of: "2024-04-01".parse().ok(), within, ..Query::default() };
    let before = counts::count(&site.app, By::Kind, &before).await.unwrap();
    assert_eq!((before.total, before.reason), (None, Some(NoCount::BeforeFirstList)));
}

/// Facilities of one municipality and size, by the fiscal year of their start.
type Years = BTreeMap<String, u32>;

/// What `tests/bureau/figures.py` found in the same files: a reader of its own, with no part of this
/// service in it.
fn independent() -> BTreeMap<(String, String, String), Years> {
    let mut found: BTreeMap<_, Years> = BTreeMap::new();
    for line in include_str!("../../corpus/counts/lists.csv").lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let [prefecture, town, size, year, facilities] = cells[..] else { panic!("{line}") };
        let key = (prefecture.to_owned(), town.to_owned(), size.to_owned());
        found.entry(key).or_default().insert(year.to_owned(), facilities.parse().unwrap());
    }
    found
}

/// The same from the register.
async fn registered(site: &Site, prefecture: &str) -> BTreeMap<(String, String, String), Years> {
    let towns = count(site, By::Municipality, prefecture).await;
    let mut found = BTreeMap::new();
    for town in towns.rows.iter().filter(|row| row.part.figures.facilities > 0) {
        for size in Size::ALL {
            let within = Within {
                prefecture: Some(prefecture.to_owned()),
                municipality: Some(town.key.clone()),
                size: Some(size),
                ..Within::default()
            };
            let query = Query { within, ..Query::default() };
            let years = counts::count(&site.app, By::StartYear, &query).await.unwrap();
            let rows = years.rows.iter().map(|row| (row.key.clone(), row.part.figures.facilities));
            let years: Years = rows.filter(|row| row.1 > 0).collect();
            if !years.is_empty() {
                let key = (prefecture.to_owned(), town.key.clone(), size.code().to_owned());
                found.insert(key, years);
            }
        }
    }
    found
}

async fn check_every_cell(site: &Site) {
    let expected = independent();
    let all: u32 = expected.values().flat_map(BTreeMap::values).sum();
    assert_eq!(all as usize, EXPECTED.iter().map(|one| one.online_care[0]).sum::<usize>());
    let mut found = BTreeMap::new();
    for one in &EXPECTED {
        found.extend(registered(site, one.code).await);
    }
    // One by one, so that a difference names its municipality.
    for (key, years) in &expected {
        assert_eq!(found.get(key), Some(years), "{key:?}");
    }
    let more: Vec<_> = found.keys().filter(|key| !expected.contains_key(key)).collect();
    assert!(more.is_empty(), "{more:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_twelve_lists_in_the_register_count_as_others_counted_them() {
    let Some(folder) = folder() else { return };
    let site = Site::on_sqlite().await;
    for bureau in ["kanto-shinetsu", "other-bureaus"] {
        for entry in std::fs::read_dir(folder.join(bureau)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let upload = Upload { name, bytes: std::fs::read(&path).unwrap() };
            let how = How { dry_run: false, confirm_drop: false };
            let done = import_lists(&site.app, vec![upload], how).await;
            assert!(done.unwrap().written);
        }
    }
    for expected in &EXPECTED {
        check(&site, expected).await;
    }
    check_every_cell(&site).await;
    let towns = count(&site, By::Municipality, "11").await;
    let named = |name: &str| {
        let row =
            towns.rows.iter().find(|row| municipality(&row.key).is_some_and(|m| m.name == name));
        row.map(|row| row.part.figures.facilities as usize)
    };
    for (name, expected) in SAITAMA {
        assert_eq!(named(name), Some(expected), "{name}");
    }
    let some = towns.rows.iter().filter(|row| row.part.figures.facilities > 0).count();
    assert_eq!(some, 61);
    let all = counts::count(&site.app, By::Prefecture, &Query::default()).await.unwrap();
    let sum: usize = EXPECTED.iter().map(|one| one.online_care[0]).sum();
    assert_eq!(all.total.unwrap().figures.facilities as usize, sum);
    assert_eq!(all.rows.len(), 12);
}
