//! The tables of the register: the published series, the counts.

use super::{Cell, Column, Table, none};
use crate::engine::counts::{Counts, Figures, NoGrowth, Point, UNKNOWN, growth};
use crate::format::seeds::{self, SeriesPoint};
use crate::format::{Lang, numbers};
use crate::model::register::{Criterion, Size};

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

/// What a part is called: a prefecture, a municipality, a kind, a fiscal year.
pub fn part_label(by: crate::engine::counts::By, key: &str, lang: Lang) -> String {
    use crate::engine::counts::By;
    if key == UNKNOWN {
        return own(lang.pick("不明", "unknown"));
    }
    let known = match by {
        By::Prefecture => seeds::prefecture(key).map(str::to_owned),
        By::Municipality => seeds::municipality(key).map(|place| place.name.clone()),
        By::Kind => {
            Size::ALL.into_iter().find(|size| size.code() == key).map(|s| own(size_name(s, lang)))
        }
        By::StartYear => key.parse().ok().map(|year| match lang {
            Lang::Ja => crate::format::wareki::format_fiscal_year(year),
            Lang::En => format!("FY{year}"),
        }),
    };
    known.unwrap_or_else(|| key.to_owned())
}

/// Counts by whatever they were divided by, the greatest first, and their total.
pub fn counts(counts: &Counts, by: crate::engine::counts::By, lang: Lang) -> Table {
    let title = |ja, en| lang.pick(ja, en);
    let mut parts: Vec<_> = counts.parts.iter().collect();
    parts.sort_by_key(|(_, figures)| std::cmp::Reverse(figures.facilities));
    let mut rows: Vec<Vec<Cell>> = parts
        .into_iter()
        .map(|(key, figures)| cells(key, &part_label(by, key, lang), figures))
        .collect();
    rows.push(cells("total", title("計", "Total"), &counts.total));
    Table {
        columns: vec![
            Column::text("code", title("コード", "Code")),
            Column::text("label", title("区分", "Part")),
            Column::number("facilities", title("届出受理", "Accepted")),
            Column::number("hospitals", size_name(Size::Hospital, lang)),
            Column::number("bedded_clinics", size_name(Size::BeddedClinic, lang)),
            Column::number("clinics_without_beds", size_name(Size::ClinicWithoutBeds, lang)),
            Column::number("institutions", title("医療機関", "Institutions")),
        ],
        rows,
        notes: vec![own(title(seeds::BUREAU_SOURCE_JA, seeds::BUREAU_SOURCE_EN))],
    }
}

fn cells(key: &str, label: &str, figures: &Figures) -> Vec<Cell> {
    let figures = [
        figures.facilities,
        figures.hospitals,
        figures.bedded_clinics,
        figures.clinics_without_beds,
        figures.institutions,
    ];
    [Cell::text(key), Cell::text(label)].into_iter().chain(figures.map(Cell::count)).collect()
}

/// 病院, 有床診療所, 無床診療所.
pub fn size_name(size: Size, lang: Lang) -> &'static str {
    match size {
        Size::Hospital => lang.pick("病院", "Hospitals"),
        Size::BeddedClinic => lang.pick("有床診療所", "Clinics with beds"),
        Size::ClinicWithoutBeds => lang.pick("無床診療所", "Clinics without beds"),
    }
}

/// A criterion and the visits to which it applied.
pub fn criterion_name(criterion: Criterion, lang: Lang) -> &'static str {
    let name = seeds::CRITERION_NAMES.iter().find(|name| name.criterion == criterion);
    name.map_or(criterion.code(), |name| lang.pick(name.ja, name.en))
}

fn own(text: &str) -> String {
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::Bom;
    use super::*;
    use crate::engine::counts::By;

    #[test]
    fn the_series_gives_no_growth_across_the_break() {
        insta::assert_snapshot!("series_text", series(seeds::series(), Lang::Ja).to_text());
        let csv = series(seeds::series(), Lang::Ja).to_csv(Bom::Without);
        assert!(csv.contains("2021,,online_care_fee_legacy,1051,true,0.7723\r\n"), "{csv}");
        assert!(csv.contains("2022,,ict_care,915,true,\r\n"), "{csv}");
        assert!(csv.contains("2023,2023-07,ict_care,1715,false,\r\n"), "{csv}");
    }

    #[test]
    fn counts_are_sorted_named_and_summed() {
        let figure = |facilities| Figures { facilities, institutions: 10, ..Figures::default() };
        let parts = [("131016", figure(3)), ("131024", figure(5)), (UNKNOWN, figure(1))];
        let parts = parts.into_iter().map(|(key, figures)| (key.to_owned(), figures)).collect();
        let table = counts(&Counts { parts, total: figure(9) }, By::Municipality, Lang::Ja);
        let labels: Vec<&str> = table.rows.iter().map(|row| row[1].shown.as_str()).collect();
        assert_eq!(labels, ["中央区", "千代田区", "不明", "計"]);
        assert_eq!(part_label(By::Kind, "hospital", Lang::En), "Hospitals");
        assert_eq!(part_label(By::StartYear, "2022", Lang::Ja), "令和4年度");
    }
}
