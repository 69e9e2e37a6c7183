//! Counts as data: what `/api/counts` and `--format json` give. A value that does not exist is null
//! with a reason beside it, never 0.

use chrono::{NaiveDate, SecondsFormat};
use serde::Serialize;
use utoipa::ToSchema;

use crate::engine::counts::answer::{Answer, Row};
use crate::engine::counts::members::What;
use crate::engine::counts::{By, Figures, Flows, Missing, NoCount, NoGrowth, Part};
use crate::format::dates::Style;
use crate::format::links;
use crate::format::table::answer::{criterion_name, notes, row_label};
use crate::format::{Lang, seeds};
use crate::model::register::Criterion;
use crate::time::Instant;

/// Counts of imported lists.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CountsReport {
    /// By what they are divided.
    pub by: By,
    /// What was counted.
    pub criterion: Criterion,
    /// What that is called.
    pub criterion_name: String,
    /// The day that was asked about.
    pub asked_as_of: NaiveDate,
    /// As known when.
    #[schema(value_type = String, format = DateTime)]
    pub known_on: String,
    /// The day of the oldest list that is counted.
    pub as_of: Option<NaiveDate>,
    /// The day of the newest list that is counted, which is often another: each prefecture has its
    /// own.
    pub as_of_until: Option<NaiveDate>,
    /// The parts: places by how many there are, the rest in order.
    pub rows: Vec<PartReport>,
    /// All parts together; of years and months the last.
    pub total: Option<TotalReport>,
    /// Why there is no total.
    pub reason: Option<NoCount>,
    /// The list of all facilities that are counted.
    pub facilities_at: String,
    /// Prefectures that were asked about and are not in it.
    pub missing: Vec<MissingReport>,
    /// To be shown with every use.
    pub notes: Vec<String>,
    /// To be shown with every use.
    pub source: String,
}

/// What is reckoned of figures.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct TotalReport {
    /// The figures.
    #[serde(flatten)]
    pub figures: Figures,
    /// Residents, where known.
    pub residents: Option<u32>,
    /// Facilities for each 100,000 residents.
    pub per_100k: Option<f64>,
    /// All institutions, where the lists show all.
    pub denominator: Option<u32>,
    /// The share of all institutions, as a fraction: 0.155 is 15.5 %.
    pub share: Option<f64>,
    /// What came and went, where that was asked.
    pub flows: Option<Flows>,
}

/// One part.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PartReport {
    /// Two digits, six digits, an area, a kind, a year, a month, or `unknown`.
    pub code: String,
    /// What it is called.
    pub label: String,
    /// Its figures.
    #[serde(flatten)]
    pub total: TotalReport,
    /// The day, of years and months.
    pub date: Option<NaiveDate>,
    /// Whether that is a year's end or a month's beginning.
    pub regular: Option<bool>,
    /// What was counted on it.
    pub criterion: Option<Criterion>,
    /// Of year ends: against the one before, as a fraction.
    pub growth: Option<f64>,
    /// Why there is none.
    pub growth_reason: Option<NoGrowth>,
    /// The list of the facilities.
    pub facilities_at: String,
}

/// A prefecture that cannot be counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MissingReport {
    /// Its two digits.
    pub prefecture: String,
    /// What it is called.
    pub label: String,
    /// Why.
    pub reason: NoCount,
    /// The day of its first list, where there is one.
    pub first_list: Option<NaiveDate>,
}

/// The answer as data.
pub fn counts(answer: &Answer, lang: Lang) -> CountsReport {
    CountsReport {
        by: answer.asked.by,
        criterion: answer.criterion,
        criterion_name: criterion_name(answer.criterion, lang).to_owned(),
        asked_as_of: answer.asked.as_of,
        known_on: instant(answer.asked.known),
        as_of: answer.lists.map(|(first, _)| first),
        as_of_until: answer.lists.map(|(_, last)| last),
        rows: answer.rows.iter().map(|row| part(answer, row, lang)).collect(),
        total: answer.total.as_ref().map(total),
        reason: answer.reason,
        facilities_at: links::facilities(answer, None, What::Accepted, None),
        missing: answer.missing.iter().map(|one| missing(one, lang)).collect(),
        notes: notes(answer, Style::from(lang)),
        source: lang.pick(seeds::BUREAU_SOURCE_JA, seeds::BUREAU_SOURCE_EN).to_owned(),
    }
}

/// An instant as an address or a program takes it.
pub fn instant(instant: Instant) -> String {
    instant.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

fn total(part: &Part) -> TotalReport {
    TotalReport {
        figures: part.figures,
        residents: part.residents,
        per_100k: part.per_100k(),
        denominator: part.denominator,
        share: part.share(),
        flows: part.flows,
    }
}

fn part(answer: &Answer, row: &Row, lang: Lang) -> PartReport {
    let growth = row.day.and_then(|day| day.growth);
    PartReport {
        code: row.key.clone(),
        label: row_label(answer.asked.by, row, Style::from(lang)),
        total: total(&row.part),
        date: row.day.map(|day| day.date),
        regular: row.day.map(|day| day.regular),
        criterion: row.day.map(|day| day.criterion),
        growth: growth.and_then(Result::ok),
        growth_reason: growth.and_then(Result::err),
        facilities_at: links::facilities(answer, Some(row), What::Accepted, None),
    }
}

fn missing(missing: &Missing, lang: Lang) -> MissingReport {
    MissingReport {
        prefecture: missing.prefecture.clone(),
        label: seeds::prefecture_in(&missing.prefecture, lang).unwrap_or_default().to_owned(),
        reason: missing.reason,
        first_list: missing.first_list,
    }
}
