//! The real lists of twelve prefectures, against counts that two other readers agreed on.

#![expect(clippy::unwrap_used, reason = "a test fails where something is missing")]

mod fuzz;
mod layouts;
mod losses;
mod shapes;

use std::path::PathBuf;

use onshin::format::bureau;
use onshin::format::report::{FileReport, reports};
use onshin::format::seeds::municipality;

/// The folder of the real lists, which are not part of this repository.
pub(crate) fn folder() -> Option<PathBuf> {
    let shared = std::env::var_os("ONSHIN_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let folder = shared.join("data/bureau");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: no lists at {}; set ONSHIN_SHARED to try them", folder.display());
    None
}

fn read(path: &std::path::Path) -> Vec<FileReport> {
    let bytes = std::fs::read(path).unwrap();
    let name = path.file_name().unwrap().to_str().unwrap();
    reports(&bureau::read(name, &bytes).unwrap())
}

pub(crate) struct Expected {
    pub(crate) code: &'static str,
    pub(crate) as_of: &'static str,
    rows: u32,
    pub(crate) institutions: usize,
    without_filing: usize,
    /// Facilities, hospitals, bedded clinics, clinics without beds.
    pub(crate) online_care: [usize; 4],
    /// Cumulated to the end of fiscal 2022, 2023, 2024 and 2025.
    pub(crate) started: [usize; 4],
}

const fn expected(
    code: &'static str,
    as_of: &'static str,
    [rows, institutions, without_filing]: [usize; 3],
    online_care: [usize; 4],
    started: [usize; 4],
) -> Expected {
    #[expect(clippy::cast_possible_truncation, reason = "these are the small numbers below")]
    let rows = rows as u32;
    Expected { code, as_of, rows, institutions, without_filing, online_care, started }
}

const SEPTEMBER: &str = "2025-09-01";
const OCTOBER: &str = "2025-10-01";

/// Tottori's file holds dentists and pharmacies too: 920 institutions in all, 411 of medicine.
pub(crate) const EXPECTED: [Expected; 12] = [
    expected("08", SEPTEMBER, [14_329, 1_578, 178], [179, 23, 15, 141], [64, 115, 150, 179]),
    expected("09", SEPTEMBER, [10_831, 1_286, 143], [127, 15, 8, 104], [60, 93, 114, 127]),
    expected("10", SEPTEMBER, [13_776, 1_395, 116], [199, 22, 7, 170], [86, 143, 185, 199]),
    expected("11", SEPTEMBER, [35_541, 4_305, 454], [669, 75, 27, 567], [297, 464, 613, 669]),
    expected("15", SEPTEMBER, [11_629, 1_334, 137], [172, 20, 3, 149], [88, 131, 156, 172]),
    expected("16", OCTOBER, [12_734, 658, 0], [102, 14, 3, 85], [38, 72, 86, 102]),
    expected("18", OCTOBER, [5_586, 506, 28], [76, 10, 9, 57], [44, 60, 72, 76]),
    expected("19", SEPTEMBER, [4_857, 630, 77], [55, 7, 4, 44], [28, 37, 47, 55]),
    expected("20", SEPTEMBER, [14_654, 1_395, 139], [181, 25, 6, 150], [94, 131, 172, 181]),
    expected("31", OCTOBER, [9_294, 411, 0], [58, 14, 3, 41], [26, 39, 55, 58]),
    expected("39", OCTOBER, [11_175, 469, 0], [67, 29, 0, 38], [26, 48, 61, 67]),
    expected("41", OCTOBER, [12_456, 635, 0], [75, 13, 4, 58], [36, 52, 69, 75]),
];

fn check(report: &FileReport, expected: &Expected) {
    let name = &report.file;
    assert_eq!(report.prefecture_code, expected.code, "{name}");
    assert_eq!(report.as_of.to_string(), expected.as_of, "{name}");
    assert_eq!(report.rows, expected.rows, "rows of {name}");
    assert_eq!(report.institutions, expected.institutions, "institutions of {name}");
    assert_eq!(report.institutions_without_filing, expected.without_filing, "no filing in {name}");
    let care = &report.online_care;
    let sizes = [care.facilities, care.hospitals, care.bedded_clinics, care.clinics_without_beds];
    assert_eq!(sizes, expected.online_care, "online care in {name}");
    let upto = |last: i32| {
        let years = care.by_start_fiscal_year.iter();
        years
            .filter(|(year, _)| year.parse::<i32>().unwrap() <= last)
            .map(|(_, n)| n)
            .sum::<usize>()
    };
    assert_eq!([2022, 2023, 2024, 2025].map(upto), expected.started, "starts in {name}");
    let placed: usize = care.by_municipality.values().sum();
    assert_eq!(placed, care.facilities, "every facility of {name} has a municipality");
}

/// Facilities of Saitama by municipality, from the greatest.
pub(crate) const SAITAMA: [(&str, usize); 12] = [
    ("川口市", 54),
    ("川越市", 35),
    ("越谷市", 35),
    ("さいたま市南区", 34),
    ("さいたま市大宮区", 33),
    ("所沢市", 32),
    ("春日部市", 25),
    ("さいたま市浦和区", 23),
    ("草加市", 22),
    ("戸田市", 21),
    ("上尾市", 21),
    ("鶴ヶ島市", 3),
];

fn check_saitama(report: &FileReport) {
    let found = &report.online_care.by_municipality;
    assert_eq!(found.len(), 61);
    for (name, count) in SAITAMA {
        let here = found.iter().find(|(code, _)| municipality(code).unwrap().name == name);
        assert_eq!(here.map(|(_, count)| *count), Some(count), "{name}");
    }
}

#[test]
fn the_twelve_lists_count_as_others_counted_them() {
    let Some(folder) = folder() else { return };
    let mut files = Vec::new();
    for bureau in ["kanto-shinetsu", "other-bureaus"] {
        let entries = std::fs::read_dir(folder.join(bureau)).unwrap();
        files.extend(entries.map(|entry| entry.unwrap().path()));
    }
    let mut found: Vec<FileReport> = files.iter().flat_map(|path| read(path)).collect();
    found.sort_by(|a, b| a.prefecture_code.cmp(&b.prefecture_code));
    assert_eq!(found.len(), EXPECTED.len());
    for (report, expected) in found.iter().zip(&EXPECTED) {
        check(report, expected);
    }
    check_saitama(found.iter().find(|report| report.prefecture_code == "11").unwrap());
}

#[test]
fn an_archive_gives_what_its_members_give() {
    let Some(folder) = folder() else { return };
    let found = read(&folder.join("zip-container/shisetsu_ika_r0710.zip"));
    let codes: Vec<&str> = found.iter().map(|report| report.prefecture_code.as_str()).collect();
    assert_eq!(codes, ["09", "19"]);
    check(&found[0], &EXPECTED[1]);
    check(&found[1], &EXPECTED[7]);
    assert!(
        found[0].file.ends_with("/09届出受理医療機関名簿（医科）栃木r0710.xlsx"),
        "{}",
        found[0].file
    );
    let alone = read(&folder.join("kanto-shinetsu/09届出受理医療機関名簿（医科）栃木r0710.xlsx"));
    assert_eq!(alone[0].sha256, found[0].sha256);
}
