//! The drawing of an answer: bars of parts, columns of months, two lines of years.

use super::bars::{self, Bar, BarChart};
use super::columns::{self, Column, ColumnChart};
use super::series;
use crate::engine::counts::By;
use crate::engine::counts::answer::{Answer, Row};
use crate::engine::counts::members::What;
use crate::format::dates::Style;
use crate::format::seeds::{self, SeriesPoint};
use crate::format::table::answer::{notes, row_label};
use crate::format::{Lang, links};
use crate::model::register::fiscal_year;

/// What is drawn of each part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Measure {
    /// How many facilities.
    #[default]
    Facilities,
    /// For each 100,000 residents.
    Per100k,
    /// The share of all institutions.
    Share,
    /// What came and went.
    Flows,
}

impl Measure {
    /// All.
    pub const ALL: [Self; 4] = [Self::Facilities, Self::Per100k, Self::Share, Self::Flows];

    /// The word for it in addresses.
    pub fn code(self) -> &'static str {
        match self {
            Self::Facilities => "facilities",
            Self::Per100k => "per_100k",
            Self::Share => "share",
            Self::Flows => "flows",
        }
    }

    /// What people call it.
    pub fn name(self, lang: Lang) -> &'static str {
        match self {
            Self::Facilities => lang.pick("施設数", "facilities"),
            Self::Per100k => lang.pick("人口10万対", "per 100,000 residents"),
            Self::Share => lang.pick("医療機関に占める割合（％）", "share of institutions (%)"),
            Self::Flows => lang.pick("新規（上）と失効（下）", "new (up) and lapsed (down)"),
        }
    }
}

/// The drawing, under `title`; `id` leads the ids inside.
pub fn svg(answer: &Answer, measure: Measure, id: &str, title: &str, style: Style) -> String {
    match (answer.asked.by, measure) {
        (By::Year, Measure::Facilities) => years(answer, title, style),
        (By::Year | By::Month, _) => days(answer, measure, id, title, style),
        _ => parts(answer, measure, id, title, style),
    }
}

/// `令和7年9月1日現在`, or the days between which the lists lie.
pub fn days_of_lists(answer: &Answer, style: Style) -> String {
    let lang = style.lang;
    match answer.lists {
        None => lang.pick("名簿なし", "no list").to_owned(),
        Some((first, last)) if first == last => {
            let day = style.date(last);
            lang.pick(format!("{day} 現在"), format!("as of {day}"))
        }
        Some((first, last)) => {
            let (first, last) = (style.date(first), style.date(last));
            lang.pick(format!("{first} から {last} 現在"), format!("as of {first} to {last}"))
        }
    }
}

/// The year ends of an answer, as the published series has them.
pub fn points(answer: &Answer, style: Style) -> Vec<SeriesPoint> {
    let point = |row: &Row| {
        let day = row.day?;
        let label = row_label(By::Year, row, style);
        Some(SeriesPoint {
            label_ja: label.clone(),
            label_en: label,
            fiscal_year: fiscal_year(day.date),
            as_of: (!day.regular).then(|| day.date.format("%Y-%m").to_string()),
            criterion: day.criterion,
            count: row.part.figures.facilities,
            year_end: day.regular,
        })
    };
    answer.rows.iter().filter_map(point).collect()
}

/// What stands below a drawing.
pub fn printed(answer: &Answer, style: Style) -> Vec<String> {
    let mut notes = notes(answer, style);
    notes.push(style.lang.pick(seeds::BUREAU_SOURCE_JA, seeds::BUREAU_SOURCE_EN).to_owned());
    notes
}

fn parts(answer: &Answer, measure: Measure, id: &str, title: &str, style: Style) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "tenths of a rate")]
    let tenths = |value: f64| (value * 10.0).round() as u32;
    let value = |row: &Row| match measure {
        Measure::Facilities | Measure::Flows => Some((row.part.figures.facilities, None)),
        Measure::Per100k => row.part.per_100k().map(|v| (tenths(v), Some(format!("{v:.1}")))),
        Measure::Share => row.part.share().map(|v| {
            let percent = v * 100.0;
            (tenths(percent), Some(crate::format::numbers::percent(percent)))
        }),
    };
    let by = answer.asked.by;
    let bar = |row: &Row| {
        let (value, shown) = value(row)?;
        let href = links::facilities(answer, Some(row), What::Accepted, None);
        let label = row_label(by, row, style);
        (value > 0).then_some(Bar { label, value, shown, href: Some(href) })
    };
    let chart = BarChart {
        id: id.to_owned(),
        title: title.to_owned(),
        subtitle: format!("{}　{}", days_of_lists(answer, style), measure.name(style.lang)),
        bars: answer.rows.iter().filter_map(bar).collect(),
        sorted: !matches!(by, By::StartYear | By::Kind | By::Criterion),
        tenths: matches!(measure, Measure::Per100k | Measure::Share),
        notes: printed(answer, style),
    };
    bars::svg(&chart, style.lang)
}

fn days(answer: &Answer, measure: Measure, id: &str, title: &str, style: Style) -> String {
    let flows = measure == Measure::Flows;
    let mut before = None;
    let column = |row: &Row| {
        let day = row.day?;
        let breaks = before.is_some_and(|criterion| criterion != day.criterion);
        before = Some(day.criterion);
        let (up, down, what) = if flows {
            let flows = row.part.flows?;
            (flows.accepted, flows.lapsed, What::New)
        } else {
            (row.part.figures.facilities, 0, What::Accepted)
        };
        let label = if !day.regular {
            style.as_of(day.date)
        } else if answer.asked.by == By::Month {
            style.short_month(day.date)
        } else {
            row_label(By::Year, row, style)
        };
        let href = Some(links::facilities(answer, Some(row), what, None));
        Some(Column { label, up, down, hollow: !day.regular, breaks, href })
    };
    let chart = ColumnChart {
        id: id.to_owned(),
        title: title.to_owned(),
        subtitle: measure.name(style.lang).to_owned(),
        break_label: style.lang.pick("基準の変更", "criterion changed").to_owned(),
        columns: answer.rows.iter().filter_map(column).collect(),
        notes: printed(answer, style),
    };
    columns::svg(&chart, style.lang)
}

/// Years are drawn as the published series is, on an axis of time.
fn years(answer: &Answer, title: &str, style: Style) -> String {
    let points = points(answer, style);
    let words = series::Words {
        title: title.to_owned(),
        notes: notes(answer, style),
        source: style.lang.pick(seeds::BUREAU_SOURCE_JA, seeds::BUREAU_SOURCE_EN).to_owned(),
        break_label: style.lang.pick("基準の変更", "criterion changed").to_owned(),
        unit: style.lang.pick("施設数", "facilities").to_owned(),
    };
    series::svg(&points, &words, style.lang)
}
