//! The reference data that is built in, from `seeds/`: municipalities, holidays, criteria, and the
//! published series and indicators. `seeds/README.md` names the sources.
//!
//! A row that cannot be read is left out here; the tests below count every file, so that none is.

use std::sync::LazyLock;

use chrono::NaiveDate;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::bureau::criteria::Criteria;
use super::bureau::place::Municipalities;
use crate::model::clearance;
use crate::model::questionnaire::Question;
use crate::model::register::Criterion;
use crate::model::terms::Points;

mod english;
pub mod plan;

pub use english::{
    municipality_in, municipality_in_english, place_in, prefecture_called, prefecture_in,
};

/// A municipality (市区町村) or ward of a designated city.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Municipality {
    /// Six digits (JIS X 0402 with check digit), `131016`.
    pub code: String,
    /// The prefecture's two digits.
    pub prefecture_code: String,
    /// The prefecture's name.
    pub prefecture: String,
    /// Its name; towns and villages outside Tokyo carry their county (郡).
    pub name: String,
    /// Its reading in hiragana, where known (Tokyo).
    pub kana: String,
    /// Its secondary medical area (二次保健医療圏), where known (Tokyo).
    pub medical_area: String,
    /// Residents on 1 January 2025 (住民基本台帳).
    pub population_2025_01_01: Option<u32>,
    /// Medical institutions (保険医療機関, 医科) in August 2025, where known (Tokyo).
    pub institutions_2025_08: Option<u32>,
}

/// A national holiday (国民の祝日・休日).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holiday {
    /// The day.
    pub date: NaiveDate,
    /// Its name as the Cabinet Office prints it; substitute days are called 休日.
    pub name: String,
}

/// One point of the published series: facilities of Tokyo whose notification was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeriesPoint {
    /// `令和3年度`, `R5.7時点`.
    pub label_ja: String,
    /// `FY2021`, `as of July 2023`.
    pub label_en: String,
    /// The year in which its fiscal year began.
    pub fiscal_year: i32,
    /// The month of a point that is no year end: `2023-07`. The source states no day.
    pub as_of: Option<String>,
    /// Which criterion was counted.
    pub criterion: Criterion,
    /// How many facilities.
    pub count: u32,
    /// Whether the point stands for the end of its fiscal year.
    pub year_end: bool,
}

/// Names of the two criteria, for people.
pub struct CriterionName {
    /// Which.
    pub criterion: Criterion,
    /// In Japanese.
    pub ja: &'static str,
    /// In English.
    pub en: &'static str,
}

/// What each criterion is called, and to which visits it applied.
pub const CRITERION_NAMES: [CriterionName; 2] = [
    CriterionName {
        criterion: Criterion::OnlineCareFeeLegacy,
        ja: "オンライン診療料（再診のみ）",
        en: "Online care fee (repeat visits only)",
    },
    CriterionName {
        criterion: Criterion::IctCare,
        ja: "情報通信機器を用いた診療（初・再診）",
        en: "Care by communication devices (first and repeat visits)",
    },
];

/// What the series counts.
pub const SERIES_TITLE_JA: &str =
    "オンライン診療に係る施設基準の届出受理医療機関数の推移（東京都）";
/// What the series counts, in English.
pub const SERIES_TITLE_EN: &str = "Facilities in Tokyo accepted for online care, by fiscal year";
/// Notes that go with every drawing and table of the series, in Japanese.
pub const SERIES_NOTES_JA: [&str; 2] = [
    "注１　施設基準は、令和３年度まではオンライン診療料（再診のみ）、令和４年度からは情報通信機器を用いた診療（初・再診）。\
     基準が異なるため、前後の数は比べられない。",
    "注２　R5.7は令和５年７月時点の数で、年度末の数ではない。",
];
/// The same notes in English.
pub const SERIES_NOTES_EN: [&str; 2] = [
    "Note 1: The criterion is the online care fee (repeat visits only) up to FY2021 and care by communication devices \
     (first and repeat visits) from FY2022. The two cannot be compared.",
    "Note 2: The last point is July 2023, not a year end.",
];
/// Where the series comes from, in Japanese.
pub const SERIES_SOURCE_JA: &str = "（備考）関東信越厚生局「届出受理医療機関名簿」より作成";
/// Where the series comes from, in English.
pub const SERIES_SOURCE_EN: &str = "Source: made from the list of accepted institutions of the Kanto-Shin'etsu Regional Bureau of Health and Welfare";
/// The attribution that goes with every count made from imported lists.
pub const BUREAU_SOURCE_JA: &str =
    "出典：各地方厚生（支）局「届出受理医療機関名簿」（厚生労働省）を加工";
/// The attribution in English.
pub const BUREAU_SOURCE_EN: &str = "Source: lists of accepted institutions of the regional bureaus of health and welfare (Ministry of Health, Labour and Welfare), processed";

/// Reads the rows of one built-in file.
fn rows<T: DeserializeOwned>(text: &str) -> Vec<T> {
    csv::Reader::from_reader(text.as_bytes()).deserialize().filter_map(Result::ok).collect()
}

/// All municipalities of Japan, in order of code.
pub fn municipalities() -> &'static [Municipality] {
    static ALL: LazyLock<Vec<Municipality>> =
        LazyLock::new(|| rows(include_str!("../../seeds/municipalities.csv")));
    &ALL
}

/// The same, arranged to be found in an address.
pub fn places() -> &'static Municipalities {
    static PLACES: LazyLock<Municipalities> =
        LazyLock::new(|| Municipalities::new(municipalities()));
    &PLACES
}

/// The municipality of a six-digit code.
pub fn municipality(code: &str) -> Option<&'static Municipality> {
    let all = municipalities();
    all.binary_search_by(|place| place.code.as_str().cmp(code)).ok().map(|at| &all[at])
}

/// Tokyo's secondary medical areas (二次保健医療圏) in English.
const AREAS: [(&str, &str); 13] = [
    ("区中央部", "Central wards"),
    ("区南部", "Southern wards"),
    ("区西南部", "South-western wards"),
    ("区西部", "Western wards"),
    ("区西北部", "North-western wards"),
    ("区東北部", "North-eastern wards"),
    ("区東部", "Eastern wards"),
    ("西多摩", "Nishi-Tama"),
    ("南多摩", "Minami-Tama"),
    ("北多摩西部", "Western Kita-Tama"),
    ("北多摩南部", "Southern Kita-Tama"),
    ("北多摩北部", "Northern Kita-Tama"),
    ("島しょ", "Islands"),
];

/// A secondary medical area's name in English.
pub fn area_in_english(area: &str) -> Option<&'static str> {
    AREAS.iter().find(|(ja, _)| *ja == area).map(|(_, en)| *en)
}

/// The name of a prefecture by its two digits.
pub fn prefecture(code: &str) -> Option<&'static str> {
    let found = municipalities().iter().find(|place| place.prefecture_code == code);
    found.map(|place| place.prefecture.as_str())
}

/// Which symbols in a list mean which criterion, and when.
pub fn criteria() -> &'static Criteria {
    static CRITERIA: LazyLock<Criteria> =
        LazyLock::new(|| Criteria::new(rows(include_str!("../../seeds/criteria.csv"))));
    &CRITERIA
}

/// The national holidays, 1955 to [`holidays_known_until`], in order.
pub fn holidays() -> &'static [Holiday] {
    static ALL: LazyLock<Vec<Holiday>> =
        LazyLock::new(|| rows(include_str!("../../seeds/holidays.csv")));
    &ALL
}

/// The holiday on `date`, if it is one.
pub fn holiday(date: NaiveDate) -> Option<&'static Holiday> {
    let all = holidays();
    all.binary_search_by_key(&date, |holiday| holiday.date).ok().map(|at| &all[at])
}

/// The last year whose holidays are known. Beyond it nobody may say that a day is none.
pub fn holidays_known_until() -> i32 {
    use chrono::Datelike;
    holidays().last().map_or(0, |last| last.date.year())
}

/// The published series, in order of time.
pub fn series() -> &'static [SeriesPoint] {
    static ALL: LazyLock<Vec<SeriesPoint>> =
        LazyLock::new(|| rows(include_str!("../../seeds/series.csv")));
    &ALL
}

/// The questions from which a clinic starts its own questionnaire; a first visit without one of its
/// own asks them. They ask what guideline V1(2) and V1(5) want known.
pub fn default_questions() -> &'static [Question] {
    #[derive(Deserialize)]
    struct File {
        question: Vec<Question>,
    }
    static ALL: LazyLock<Vec<Question>> = LazyLock::new(|| {
        let file = toml::from_str::<File>(include_str!("../../seeds/questionnaire.toml"));
        file.map(|file| file.question).unwrap_or_default()
    });
    &ALL
}

/// The table of points, oldest first.
pub fn points() -> &'static [Points] {
    static ALL: LazyLock<Vec<Points>> =
        LazyLock::new(|| rows(include_str!("../../seeds/fee_points.csv")));
    &ALL
}

/// What must be clear around a visit, each rule with its days.
pub fn clearance() -> &'static [clearance::Rule] {
    static ALL: LazyLock<Vec<clearance::Rule>> =
        LazyLock::new(|| rows(include_str!("../../seeds/clearance.csv")));
    &ALL
}

/// The points of `code` on a date, where the table has them.
pub fn points_on(code: &str, date: NaiveDate) -> Option<&'static Points> {
    let holds = |row: &&Points| {
        row.code == code
            && row.valid_from <= date
            && row.valid_until.is_none_or(|until| date < until)
    };
    points().iter().find(holds)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines of a file of rows, its header left out.
    fn lines(text: &str) -> usize {
        text.lines().count() - 1
    }

    #[test]
    fn every_row_of_every_file_is_read() {
        assert_eq!(municipalities().len(), lines(include_str!("../../seeds/municipalities.csv")));
        assert_eq!(holidays().len(), lines(include_str!("../../seeds/holidays.csv")));
        assert_eq!(series().len(), lines(include_str!("../../seeds/series.csv")));
        assert_eq!(criteria().len(), lines(include_str!("../../seeds/criteria.csv")));
        assert_eq!(points().len(), lines(include_str!("../../seeds/fee_points.csv")));
        assert_eq!(clearance().len(), lines(include_str!("../../seeds/clearance.csv")));
    }

    #[test]
    fn points_are_those_of_the_day() {
        let on = |date: &str| {
            let date = date.parse().unwrap();
            let of = |code| points_on(code, date).map(|row| row.points);
            [of("first_visit_ict"), of("repeat_visit_ict"), of("outpatient_ict")]
        };
        assert_eq!(on("2022-03-31"), [None; 3]);
        assert_eq!(on("2022-04-01"), [Some(251), Some(73), Some(73)]);
        assert_eq!(on("2024-05-31"), [Some(251), Some(73), Some(73)]);
        assert_eq!(on("2024-06-01"), [Some(253), Some(75), Some(75)]);
    }

    #[test]
    fn every_visit_since_the_guideline_is_asked_for_something() {
        use crate::model::clearance::{Due, Item};
        use crate::model::facility::ServiceKind;
        let rules = clearance();
        let care = rules.iter().filter(|rule| rule.kind == ServiceKind::OnlineCare);
        assert!(care.clone().any(|rule| rule.valid_from == "2018-03-30".parse().unwrap()));
        // What stops the patient from being let in is known since the guideline's first day.
        let place = care.clone().find(|rule| rule.item == Item::LocationConfirmed).unwrap();
        assert_eq!(place.due, Due::Admission);
        assert!(rules.iter().all(|rule| rule.valid_until.is_none_or(|end| rule.valid_from < end)));
        assert!(rules.iter().all(|rule| !rule.source.is_empty()));
    }

    #[test]
    fn the_default_questions_are_a_list_that_can_be_kept() {
        use crate::model::intake::Source;
        use crate::model::questionnaire::{ListOf, SOURCES, check};
        let list = default_questions();
        assert_eq!(check(list, ListOf::Questions), []);
        // Guideline V1(2): medicines, allergies, history; V1(5): what is taken now.
        for id in ["takes_medicines", "medicines", "allergies", "past_history", SOURCES] {
            assert!(list.iter().any(|question| question.id == id), "{id}");
        }
        let sources = list.iter().find(|question| question.id == SOURCES).unwrap();
        for option in &sources.options {
            let name = serde_json::Value::String(option.id.clone());
            assert!(serde_json::from_value::<Source>(name).is_ok(), "{}", option.id);
        }
        assert_eq!(sources.options.len(), 6);
    }

    #[test]
    fn codes_are_sorted_and_carry_their_check_digit() {
        let all = municipalities();
        assert!(all.is_sorted_by(|a, b| a.code < b.code));
        for place in all {
            let digits: Vec<u32> = place.code.chars().filter_map(|c| c.to_digit(10)).collect();
            let sum: u32 = (0_u32..5).map(|at| digits[at as usize] * (6 - at)).sum();
            assert_eq!((11 - sum % 11) % 10, digits[5], "{}", place.code);
            assert_eq!(place.code[..2], place.prefecture_code);
        }
    }

    #[test]
    fn tokyo_is_whole() {
        let tokyo: Vec<_> = municipalities().iter().filter(|m| m.prefecture_code == "13").collect();
        let people: u32 = tokyo.iter().filter_map(|m| m.population_2025_01_01).sum();
        let institutions: u32 = tokyo.iter().filter_map(|m| m.institutions_2025_08).sum();
        let areas: std::collections::BTreeSet<_> = tokyo.iter().map(|m| &m.medical_area).collect();
        assert_eq!((tokyo.len(), people, institutions, areas.len()), (62, 14_002_534, 13_760, 13));
        assert_eq!(municipality("131016").map(|m| m.kana.as_str()), Some("ちよだく"));
        assert_eq!(prefecture("47"), Some("沖縄県"));
    }

    #[test]
    fn holidays_are_known_from_1955_to_2027() {
        let day = |text: &str| holiday(text.parse().unwrap()).map(|h| h.name.as_str());
        assert_eq!(day("2026-11-23"), Some("勤労感謝の日"));
        assert_eq!(day("1955-01-01"), Some("元日"));
        assert_eq!(day("2026-05-06"), Some("休日"));
        assert_eq!(day("2026-11-24"), None);
        assert!(holidays().is_sorted_by(|a, b| a.date < b.date));
        assert_eq!(holidays_known_until(), 2027);
    }

    #[test]
    fn every_medical_area_has_an_english_name() {
        let areas: std::collections::BTreeSet<&str> =
            municipalities().iter().map(|place| &*place.medical_area).collect();
        let named = areas.iter().filter(|area| area_in_english(area).is_some()).count();
        // All but those of which the area is not known.
        assert_eq!((named, areas.len()), (13, 14));
    }
}
