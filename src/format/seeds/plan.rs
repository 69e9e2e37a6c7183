//! The figures and the prose of the medical care plan that are built in.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{SeriesPoint, rows, series};
use crate::model::indicator::{self, Entered, Indicator, PublishedCount};

/// A value of an indicator of the medical care plan, as its file states it.
#[derive(Deserialize)]
struct IndicatorRow {
    /// Of which indicator.
    key: String,
    /// A year, a month or a day.
    period: String,
    /// Whether it was projected and not counted.
    projection: bool,
    /// In the indicator's unit.
    value: String,
    /// The share's part, where printed.
    numerator: Option<i64>,
    /// The share's whole, where printed.
    denominator: Option<i64>,
    /// The survey it comes from.
    source: String,
}

impl IndicatorRow {
    fn entered(self) -> Option<Entered> {
        Some(Entered {
            period: self.period.parse().ok()?,
            projection: self.projection,
            thousandths: indicator::thousandths(&self.value)?,
            fraction: self.numerator.zip(self.denominator),
            key: self.key,
            source: self.source,
        })
    }
}

/// The indicators of the plan, in the order in which they are shown.
pub fn indicators() -> &'static [Indicator] {
    static ALL: LazyLock<Vec<Indicator>> =
        LazyLock::new(|| rows(include_str!("../../../seeds/indicator_names.csv")));
    &ALL
}

/// Their values, in order of indicator and time.
pub fn indicator_values() -> &'static [Entered] {
    static ALL: LazyLock<Vec<Entered>> = LazyLock::new(|| {
        let all: Vec<IndicatorRow> = rows(include_str!("../../../seeds/indicators.csv"));
        all.into_iter().filter_map(IndicatorRow::entered).collect()
    });
    &ALL
}

/// A section of the planning sheet: its prose, and which figures stand in it. Of each pair the first
/// is Japanese, the second English.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "columns of the sheet, named as on it")]
pub struct SheetSection {
    pub title_ja: String,
    pub title_en: String,
    /// `records`, `network`, `population`, `facilities`.
    pub figures: Vec<String>,
    pub situation_ja: Vec<String>,
    pub situation_en: Vec<String>,
    pub efforts_ja: Vec<String>,
    pub efforts_en: Vec<String>,
    pub problems_ja: Vec<String>,
    pub problems_en: Vec<String>,
    pub directions_ja: Vec<String>,
    pub directions_en: Vec<String>,
    pub goal_ja: Vec<String>,
    pub goal_en: Vec<String>,
    /// What is said of the values to be reached; nothing where no indicator is set.
    pub target_ja: Option<String>,
    pub target_en: Option<String>,
}

/// The sections of the planning sheet.
pub fn sheet() -> &'static [SheetSection] {
    #[derive(Deserialize)]
    struct File {
        section: Vec<SheetSection>,
    }
    static ALL: LazyLock<Vec<SheetSection>> = LazyLock::new(|| {
        let file = toml::from_str::<File>(include_str!("../../../seeds/sheet.toml"));
        file.map(|file| file.section).unwrap_or_default()
    });
    &ALL
}

/// The published series as counts of Tokyo, each with the month that its source names.
pub fn published_counts() -> Vec<PublishedCount> {
    let count = |point: &SeriesPoint| {
        // A fiscal year ends in March of the year after.
        let month = point.as_of.clone().unwrap_or_else(|| format!("{}-03", point.fiscal_year + 1));
        Some(PublishedCount {
            prefecture: "13".to_owned(),
            criterion: point.criterion,
            period: month.parse().ok()?,
            year_end: point.year_end,
            facilities: i64::from(point.count),
            source: "関東信越厚生局「届出受理医療機関名簿」より作成（東京都）".to_owned(),
        })
    };
    series().iter().filter_map(count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read_and_every_share_is_what_its_fraction_says() {
        let lines = |text: &str| text.lines().count() - 1;
        assert_eq!(indicators().len(), lines(include_str!("../../../seeds/indicator_names.csv")));
        assert_eq!(indicator_values().len(), lines(include_str!("../../../seeds/indicators.csv")));
        assert_eq!((sheet().len(), published_counts().len()), (2, series().len()));
        for value in indicator_values() {
            assert!(indicators().iter().any(|one| one.key == value.key), "{}", value.key);
            if let Some((part, whole)) = value.fraction {
                let off = (value.thousandths * whole - part * 100_000).abs();
                assert!(off <= 50 * whole, "{value:?}");
            }
        }
    }

    #[test]
    fn the_residents_are_those_of_the_municipalities() {
        let here = super::super::municipalities().iter().filter(|one| one.prefecture_code == "13");
        let people: u32 = here.filter_map(|one| one.population_2025_01_01).sum();
        let stated = indicator_values().iter().find(|one| one.key == "residents").unwrap();
        assert_eq!(stated.thousandths, i64::from(people) * 1000);
    }

    #[test]
    fn the_sheet_says_everything_in_both_languages() {
        for one in sheet() {
            let pairs = [
                (&one.situation_ja, &one.situation_en),
                (&one.efforts_ja, &one.efforts_en),
                (&one.problems_ja, &one.problems_en),
                (&one.directions_ja, &one.directions_en),
                (&one.goal_ja, &one.goal_en),
            ];
            assert!(pairs.iter().all(|(ja, en)| !ja.is_empty() && ja.len() == en.len()));
            assert_eq!(one.target_ja.is_some(), one.target_en.is_some());
        }
    }
}
