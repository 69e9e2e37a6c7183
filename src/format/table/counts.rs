//! The table of the published series.

pub use super::answer::{criterion_name, size_name};
use super::{Cell, Column, Table, none};
use crate::engine::counts::{NoGrowth, Point, growth};
use crate::format::seeds::{self, SeriesPoint};
use crate::format::{Lang, numbers};

/// The points as the engine counts growth of them.
pub fn points(series: &[SeriesPoint]) -> Vec<Point> {
    let point = |p: &SeriesPoint| Point {
        fiscal_year: p.fiscal_year,
        year_end: p.year_end,
        criterion: p.criterion,
        count: p.count,
    };
    series.iter().map(point).collect()
}

/// What stands for a growth that is not given: never a number.
fn no_growth(reason: NoGrowth, lang: Lang) -> String {
    let note = match reason {
        NoGrowth::SeriesBreak => lang.pick("（注１）", " (note 1)"),
        NoGrowth::NotYearEnd => lang.pick("（注２）", " (note 2)"),
        NoGrowth::First | NoGrowth::NoBase => "",
    };
    format!("{}{note}", none(lang))
}

/// The published series with its growth, its notes and its source.
pub fn series(series: &[SeriesPoint], lang: Lang) -> Table {
    let growths = growth(&points(series));
    let row = |(point, growth): (&SeriesPoint, Result<f64, NoGrowth>)| {
        let (shown, data) = match growth {
            Ok(ratio) => (numbers::growth(ratio), format!("{ratio:.4}")),
            Err(reason) => (no_growth(reason, lang), String::new()),
        };
        vec![
            Cell {
                shown: own(lang.pick(&point.label_ja, &point.label_en)),
                data: point.fiscal_year.to_string(),
            },
            Cell::text(point.as_of.as_deref().unwrap_or_default()),
            Cell {
                shown: own(criterion_name(point.criterion, lang)),
                data: point.criterion.code().to_owned(),
            },
            Cell::count(point.count),
            Cell::text(if point.year_end { "true" } else { "false" }),
            Cell { shown, data },
        ]
    };
    let rows: Vec<Vec<Cell>> = series.iter().zip(growths).map(row).collect();
    let title = |ja, en| lang.pick(ja, en);
    let mut table = Table {
        columns: vec![
            Column::text("fiscal_year", title("年度", "Fiscal year")),
            Column::text("as_of", title("時点", "As of")),
            Column::text("criterion", title("施設基準", "Criterion")),
            Column::number("facilities", title("施設数", "Facilities")),
            Column::text("year_end", title("年度末", "Year end")),
            Column::number("growth", title("前年度比", "Growth")),
        ],
        rows,
        notes: lang.pick(seeds::SERIES_NOTES_JA, seeds::SERIES_NOTES_EN).map(own).to_vec(),
    };
    table.notes.push(own(lang.pick(seeds::SERIES_SOURCE_JA, seeds::SERIES_SOURCE_EN)));
    for row in &mut table.rows {
        row[4].shown = own(if row[4].data == "true" { "○" } else { none(lang) });
    }
    table
}

fn own(text: &str) -> String {
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::Bom;
    use super::*;

    #[test]
    fn the_series_gives_no_growth_across_the_break() {
        insta::assert_snapshot!("series_text", series(seeds::series(), Lang::Ja).to_text());
        let csv = series(seeds::series(), Lang::Ja).to_csv(Bom::Without);
        assert!(csv.contains("2021,,online_care_fee_legacy,1051,true,0.7723\r\n"), "{csv}");
        assert!(csv.contains("2022,,ict_care,915,true,\r\n"), "{csv}");
        assert!(csv.contains("2023,2023-07,ict_care,1715,false,\r\n"), "{csv}");
    }
}
