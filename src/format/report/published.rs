//! The published series as data: what `/api/series` and `--format json` give.

use serde::Serialize;
use utoipa::ToSchema;

use crate::engine::counts::{NoGrowth, growth};
use crate::format::Lang;
use crate::format::seeds::{self, SeriesPoint};
use crate::format::table::counts::points;
use crate::model::register::Criterion;

/// The published series.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SeriesReport {
    /// What was counted, the oldest first.
    pub criteria: Vec<CriterionReport>,
    /// In order of time.
    pub points: Vec<PointReport>,
    /// To be shown with every use.
    pub notes: Vec<String>,
    /// To be shown with every use.
    pub source: String,
}

/// A criterion and its names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CriterionReport {
    /// Its word in data.
    pub code: Criterion,
    /// In Japanese.
    pub name_ja: String,
    /// In English.
    pub name_en: String,
}

/// A point of the series.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PointReport {
    /// `令和3年度`.
    pub label_ja: String,
    /// `FY2021`.
    pub label_en: String,
    /// The year in which its fiscal year began.
    pub fiscal_year: i32,
    /// The month of a point that is no year end: `2023-07`.
    pub as_of: Option<String>,
    /// What was counted.
    pub criterion: Criterion,
    /// How many facilities.
    pub count: u32,
    /// Whether it stands for the end of its fiscal year.
    pub year_end: bool,
    /// Against the year end before it, as a fraction: 0.85 is 85 %.
    pub growth: Option<f64>,
    /// Why there is none.
    pub growth_reason: Option<NoGrowth>,
}

/// The series of `points`, its growth reckoned.
pub fn series(series: &[SeriesPoint], lang: Lang) -> SeriesReport {
    let growths = growth(&points(series));
    let point = |(point, growth): (&SeriesPoint, Result<f64, NoGrowth>)| PointReport {
        label_ja: point.label_ja.clone(),
        label_en: point.label_en.clone(),
        fiscal_year: point.fiscal_year,
        as_of: point.as_of.clone(),
        criterion: point.criterion,
        count: point.count,
        year_end: point.year_end,
        growth: growth.ok(),
        growth_reason: growth.err(),
    };
    let criterion = |name: &seeds::CriterionName| CriterionReport {
        code: name.criterion,
        name_ja: name.ja.to_owned(),
        name_en: name.en.to_owned(),
    };
    let notes = lang.pick(seeds::SERIES_NOTES_JA, seeds::SERIES_NOTES_EN);
    SeriesReport {
        criteria: seeds::CRITERION_NAMES.iter().map(criterion).collect(),
        points: series.iter().zip(growths).map(point).collect(),
        notes: notes.map(str::to_owned).to_vec(),
        source: lang.pick(seeds::SERIES_SOURCE_JA, seeds::SERIES_SOURCE_EN).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_series_says_why_a_growth_is_missing() {
        let report = serde_json::to_value(series(seeds::series(), Lang::Ja)).unwrap();
        let at = |place: usize| {
            let point = &report["points"][place];
            (point["growth"].clone(), point["growth_reason"].clone())
        };
        assert_eq!(at(0), (json!(null), json!("first")));
        assert_eq!(at(4), (json!(null), json!("series_break")));
        assert_eq!(at(5), (json!(null), json!("not_year_end")));
        assert!((at(3).0.as_f64().unwrap() - 0.7723).abs() < 0.0001);
        assert_eq!(report["points"][5]["as_of"], json!("2023-07"));
        assert_eq!(report["criteria"][1]["code"], json!("ict_care"));
    }
}
