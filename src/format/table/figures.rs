//! Tables of indicators and of the reconciliation.

use super::{Cell, Column, Table, none};
use crate::format::report::indicators::{IndicatorReport, Reconciled, verdict};
use crate::format::{Lang, numbers};

/// The values of all indicators.
pub fn indicators(reports: &[IndicatorReport], lang: Lang) -> Table {
    let mut rows = Vec::new();
    for report in reports {
        for point in &report.points {
            let whole = |number: Option<i64>| {
                Cell::text(&number.map_or_else(String::new, |number| number.to_string()))
            };
            rows.push(vec![
                Cell {
                    shown: lang.pick(&report.title_ja, &report.title_en).clone(),
                    data: report.key.clone(),
                },
                Cell {
                    shown: lang.pick(&point.label_ja, &point.label_en).clone(),
                    data: point.period.clone(),
                },
                Cell::text(if point.projection { "true" } else { "false" }),
                Cell { shown: point.shown.clone(), data: point.value.to_string() },
                whole(point.numerator),
                whole(point.denominator),
                Cell::text(&point.source),
            ]);
        }
    }
    let title = |ja, en| lang.pick(ja, en);
    Table {
        columns: vec![
            Column::text("key", title("指標", "Indicator")),
            Column::text("period", title("時点", "When")),
            Column::text("projection", title("推計", "Projected")),
            Column::number("value", title("値", "Value")),
            Column::number("numerator", title("分子", "Part")),
            Column::number("denominator", title("分母", "Whole")),
            Column::text("source", title("出典", "Source")),
        ],
        rows,
        notes: Vec::new(),
    }
}

/// Published counts beside the rows.
pub fn reconciliation(rows: &[Reconciled], lang: Lang) -> Table {
    let number = |number: Option<i64>| match number {
        Some(number) => Cell { shown: numbers::grouped(number), data: number.to_string() },
        None => Cell { shown: none(lang).to_owned(), data: String::new() },
    };
    let row = |one: &Reconciled| {
        let said = verdict(one.verdict, lang);
        let shown = match &one.explanation {
            Some(explanation) => format!("{said}（{explanation}）"),
            None => said.to_owned(),
        };
        vec![
            Cell { shown: one.prefecture.clone(), data: one.prefecture_code.clone() },
            Cell {
                shown: lang.pick(&one.label_ja, &one.label_en).clone(),
                data: one.period.clone(),
            },
            Cell {
                shown: super::counts::criterion_name(one.criterion, lang).to_owned(),
                data: one.criterion.code().to_owned(),
            },
            number(Some(one.published)),
            number(one.from_rows),
            number(one.difference),
            number(one.remaining),
            Cell { shown, data: one.verdict.code().to_owned() },
            Cell::text(&one.source),
        ]
    };
    let title = |ja, en| lang.pick(ja, en);
    Table {
        columns: vec![
            Column::text("prefecture", title("都道府県", "Prefecture")),
            Column::text("period", title("時点", "When")),
            Column::text("criterion", title("施設基準", "Criterion")),
            Column::number("published", title("公表値", "Published")),
            Column::number("from_rows", title("名簿の行", "From rows")),
            Column::number("difference", title("差", "Difference")),
            Column::number("remaining", title("後の名簿に残る施設", "Remaining later")),
            Column::text("verdict", title("判定", "Verdict")),
            Column::text("source", title("出典", "Source")),
        ],
        rows: rows.iter().map(row).collect(),
        notes: vec![note(lang).to_owned()],
    }
}

/// To be shown with every reconciliation.
pub fn note(lang: Lang) -> &'static str {
    lang.pick(
        "公表値と名簿の行から数えた値は並べて示すだけで、足したり一つの系列につないだりしない。名簿の行は、月だけ分かる公表値は\
         その月の1日、年度末は3月31日で数えた。",
        "Published counts and counts from rows stand side by side and are never joined. The rows are counted on the first of a month of which no day is stated, and on 31 March for a year end.",
    )
}
