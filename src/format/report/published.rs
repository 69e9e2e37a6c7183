//! The published series and the indicators as data: what `/api/series`, `/api/indicators` and
//! `--format json` give.

use serde::Serialize;
use utoipa::ToSchema;

use crate::engine::counts::{NoGrowth, growth};
use crate::format::Lang;
use crate::format::seeds::{self, IndicatorPoint, SeriesPoint};
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

/// An indicator and its points.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct IndicatorReport {
    /// Its word in data.
    pub key: String,
    /// In Japanese.
    pub title_ja: String,
    /// In English.
    pub title_en: String,
    /// In order of time.
    pub points: Vec<ShareReport>,
}

/// A share at a time.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ShareReport {
    /// When, in Japanese.
    pub label_ja: String,
    /// When, in English.
    pub label_en: String,
    /// In per cent, as its source prints it.
    pub value_pct: f64,
    /// Its part, where printed.
    pub numerator: Option<u32>,
    /// Its whole, where printed.
    pub denominator: Option<u32>,
    /// The survey it comes from.
    pub source: String,
}

/// The points gathered by indicator, in the order they came.
pub fn indicators(points: &[IndicatorPoint]) -> Vec<IndicatorReport> {
    let mut reports: Vec<IndicatorReport> = Vec::new();
    for point in points {
        let share = ShareReport {
            label_ja: point.label_ja.clone(),
            label_en: point.label_en.clone(),
            value_pct: point.value_pct,
            numerator: point.numerator,
            denominator: point.denominator,
            source: point.source.clone(),
        };
        match reports.iter_mut().find(|report| report.key == point.key) {
            Some(report) => report.points.push(share),
            None => reports.push(IndicatorReport {
                key: point.key.clone(),
                title_ja: point.title_ja.clone(),
                title_en: point.title_en.clone(),
                points: vec![share],
            }),
        }
    }
    reports
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

    #[test]
    fn indicators_are_gathered_by_key() {
        let reports = indicators(seeds::indicators());
        let found: Vec<_> = reports.iter().map(|r| (r.key.as_str(), r.points.len())).collect();
        let expected = [
            ("emr_hospital", 2),
            ("emr_clinic", 2),
            ("network_in_use", 2),
            ("network_planned", 1),
            ("network_not_planned", 1),
        ];
        assert_eq!(found, expected);
    }
}
