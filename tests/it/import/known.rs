//! Two lists of one prefecture that follow each other: who was accepted before, between and after,
//! counted from the rows by the days for which they hold. The first is a real list, the second the
//! same a month later with edits whose effects are known.

use std::collections::BTreeMap;

use calamine::{Reader, Xlsx};
use onshin::format::bureau;
use onshin::model::register::{Listing, Size};
use rust_xlsxwriter::Workbook;

use super::*;
use crate::bureau::folder;

/// Facilities accepted on `day`, by a column of how institutions were on that day.
async fn accepted(site: &Site, day: &str, column: &str) -> BTreeMap<String, usize> {
    let sql = format!(
        "SELECT {column} || ' ' || CAST(count(DISTINCT n.code10) AS text)
         FROM notification AS n JOIN institution_state AS s ON s.code10 = n.code10
         WHERE n.source = 'bureau' AND n.criterion = 'ict_care' AND n.superseded_at IS NULL
           AND n.effective_from <= '{day}' AND (n.lapsed_on IS NULL OR n.lapsed_on > '{day}')
           AND s.superseded_at IS NULL AND s.valid_from <= '{day}'
           AND (s.valid_until IS NULL OR s.valid_until > '{day}')
         GROUP BY {column}"
    );
    let rows = raw::texts(&site.url, &sql).await.into_iter();
    rows.map(|row| {
        let (code, count) = row.rsplit_once(' ').unwrap();
        (code.to_owned(), count.parse().unwrap())
    })
    .collect()
}

async fn institutions(site: &Site, day: &str) -> String {
    let sql = format!(
        "SELECT CAST(count(DISTINCT code10) AS text) FROM institution_state
         WHERE superseded_at IS NULL AND valid_from <= '{day}'
           AND (valid_until IS NULL OR valid_until > '{day}')"
    );
    raw::texts(&site.url, &sql).await.remove(0)
}

/// How one institution was, by the known states: name and days.
async fn states(site: &Site, code10: &str) -> Vec<String> {
    let sql = format!(
        "SELECT name || ' ' || CAST(valid_from AS text) || ' ' || COALESCE(CAST(valid_until AS text), '-')
         FROM institution_state WHERE superseded_at IS NULL AND code10 = '{code10}' ORDER BY valid_from"
    );
    raw::texts(&site.url, &sql).await
}

/// The cells of a list, from its first row on.
fn cells(bytes: &[u8]) -> Vec<Vec<String>> {
    let mut book = Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    sheet.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect()
}

fn written(rows: &[Vec<String>]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(cells) {
            sheet.write_string(row, column, cell).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

/// Columns of the sheet.
const NUMBER: usize = 4;
const NAME: usize = 7;
const BEDS: usize = 12;
const SYMBOL: usize = 14;

/// The list a month later: three accepted clinics are gone, two have given the filing back, four
/// others have filed (two in between, two on the day of the list), one has a new code at its old
/// place, one has beds now and one another name.
fn a_month_later(rows: &[Vec<String>], list: &Listing) -> (Vec<Vec<String>>, Edited) {
    let accepted: Vec<_> =
        list.notifications.iter().map(|n| n.institution.number().to_owned()).collect();
    let (gone, given_back) = (&accepted[..3], &accepted[3..5]);
    let recoded = accepted[5].clone();
    let without_beds = list.institutions.iter().find(|i| {
        i.size == Size::ClinicWithoutBeds
            && accepted[6..].iter().any(|number| number == i.code.number())
    });
    let bedded = without_beds.unwrap().code.number().to_owned();
    let renamed = accepted[6..].iter().find(|number| **number != bedded).unwrap().clone();
    let mut fresh = list.institutions.iter().map(|i| i.code.number().to_owned());
    let fresh: Vec<String> =
        fresh.by_ref().filter(|number| !accepted.contains(number)).take(4).collect();
    let mut later = Vec::new();
    for row in rows {
        let mut row = row.clone();
        if row[0].contains("現在") {
            row[0] = row[0].replace("令和７年９月１日 現在", "令和７年１０月１日 現在");
            assert!(row[0].contains("１０月１日 現在"), "{}", row[0]);
        }
        let number = row[NUMBER].clone();
        if gone.contains(&number) || (given_back.contains(&number) && row[SYMBOL] == "情報通信")
        {
            continue;
        }
        if number == recoded {
            "0999998".clone_into(&mut row[NUMBER]);
            if row[SYMBOL] == "情報通信" {
                "第9998号".clone_into(&mut row[SYMBOL + 1]);
                "令和 7年10月 1日".clone_into(&mut row[SYMBOL + 2]);
            }
        }
        if number == bedded {
            "一般　5".clone_into(&mut row[BEDS]);
        }
        if number == renamed {
            "名前の変わった医院".clone_into(&mut row[NAME]);
        }
        if let Some(place) = fresh.iter().position(|one| *one == number)
            && later.last().is_none_or(|last: &Vec<String>| last[NUMBER] != number)
        {
            let mut filing = row.clone();
            let start = if place < 2 { "令和 7年 9月15日" } else { "令和 7年10月 1日" };
            let number = format!("第99{place}号");
            let cells =
                ["情報通信機器を用いた診療に係る基準", "情報通信", &number, start, "", "", ""];
            filing[SYMBOL - 1..SYMBOL + 6].clone_from_slice(&cells.map(str::to_owned));
            later.push(filing);
        }
        later.push(row);
    }
    (later, Edited { bedded, renamed, recoded })
}

struct Edited {
    bedded: String,
    renamed: String,
    recoded: String,
}

on_both_engines! {
    async fn two_lists_of_one_prefecture_before_between_and_after(site: Site) {
        let Some(folder) = folder() else { return };
        let path = folder.join("kanto-shinetsu/19届出受理医療機関名簿（医科）山梨r0710.xlsx");
        let first = std::fs::read(&path).unwrap();
        let reading = bureau::read("first.xlsx", &first).unwrap();
        let (later, edited) = a_month_later(&cells(&first), &reading.files[0].listing);
        let done = import(&site, first).await.unwrap();
        assert_eq!(done.summary.notifications, tally(55, 0, 0, 0));
        site.app.clock.advance(chrono::TimeDelta::days(1));
        let done = import(&site, written(&later)).await.unwrap();
        // The four that filed and the one with a new code; that one's old code, three gone, two given back.
        assert_eq!(done.summary.notifications, tally(5, 0, 6, 49));
        assert_eq!((done.summary.institutions.new, done.summary.institutions.lapsed), (1, 4));
        assert_eq!(done.summary.redesignations.len(), 1);
        assert_eq!(done.summary.redesignations[0].old.number(), edited.recoded);

        let sizes = [("bedded_clinic", 4), ("clinic_without_beds", 44), ("hospital", 7)];
        let sizes: BTreeMap<String, usize> = sizes.map(|(size, n)| (size.to_owned(), n)).into();
        for (day, total, all) in [
            ("2025-09-01", 55, "630"),
            ("2025-09-14", 55, "630"),
            ("2025-09-15", 57, "630"),
            ("2025-09-30", 57, "630"),
            ("2025-10-01", 54, "627"),
            ("2026-04-01", 54, "627"),
        ] {
            let by_size = accepted(&site, day, "s.size").await;
            assert_eq!(by_size.values().sum::<usize>(), total, "{day}");
            let by_place = accepted(&site, day, "COALESCE(s.municipality_code, '-')").await;
            assert_eq!(by_place.values().sum::<usize>(), total, "{day}");
            let prefecture = accepted(&site, day, "substr(s.code10, 1, 2)").await;
            assert_eq!(prefecture, [("19".to_owned(), total)].into(), "{day}");
            assert_eq!(institutions(&site, day).await, all, "{day}");
            if day < "2025-09-15" {
                assert_eq!(by_size, sizes, "{day}");
            }
        }
        // The one that has beds since the second list was without until then.
        let bedded = format!("191{}", edited.bedded);
        let size_on = |day: &str| format!("SELECT size FROM institution_state WHERE superseded_at IS NULL
            AND code10 = '{bedded}' AND valid_from <= '{day}' AND (valid_until IS NULL OR valid_until > '{day}')");
        assert_eq!(raw::texts(&site.url, &size_on("2025-09-30")).await, ["clinic_without_beds"]);
        assert_eq!(raw::texts(&site.url, &size_on("2025-10-01")).await, ["bedded_clinic"]);
        let names = states(&site, &format!("191{}", edited.renamed)).await;
        assert_eq!(names.len(), 2);
        assert!(names[0].ends_with(" 2025-09-01 2025-10-01"), "{names:?}");
        assert_eq!(names[1], "名前の変わった医院 2025-10-01 -");
        let recoded = states(&site, &format!("191{}", edited.recoded)).await;
        assert!(recoded[0].ends_with(" 2025-09-01 2025-10-01"), "{recoded:?}");

        // As it was known when only the first list was there.
        site.app.clock.advance(chrono::TimeDelta::days(1));
        let id = done.imports[0];
        imports::undo(&site.app, &Actor::Command, id).await.unwrap();
        for day in ["2025-09-01", "2025-09-20", "2025-10-01", "2026-04-01"] {
            assert_eq!(accepted(&site, day, "s.size").await, sizes, "{day}");
            assert_eq!(institutions(&site, day).await, "630", "{day}");
        }
    }

    async fn how_institutions_were_from_list_to_list(site: Site) {
        for bytes in [september(), october(), november()] {
            import(&site, bytes).await.unwrap();
        }
        assert_eq!(states(&site, "1110110114").await, ["川口診療所 2025-09-01 -"]);
        // Filed since October, which is another state.
        let second = ["戸田第二医院 2025-09-01 2025-10-01", "戸田第二医院 2025-10-01 -"];
        assert_eq!(states(&site, "1110110148").await, second);
        // Not there in October.
        let toda = ["戸田クリニック 2025-09-01 2025-10-01", "戸田クリニック 2025-11-01 -"];
        assert_eq!(states(&site, "1110110130").await, toda);
        assert_eq!(states(&site, "1110110155").await, ["草加クリニック 2025-10-01 -"]);
    }
}
