//! The card of the map.

use super::{Card, Filled, fill};
use crate::engine::counts::By;
use crate::engine::counts::answer::{Answer, Row};
use crate::engine::counts::members::What;
use crate::format::boundaries::{Boundaries, SOURCE_EN, SOURCE_JA};
use crate::format::chart::answer::{Measure, days_of_lists, printed};
use crate::format::chart::map::{Area, MapChart, svg};
use crate::format::dates::Style;
use crate::format::table::answer::row_label;
use crate::format::{links, numbers, seeds};

/// Tokyo's medical area of islands, which lie up to a thousand kilometres out.
const ISLANDS: &str = "島しょ";

/// The card of the map, filled: as that of municipalities, but drawn where they are.
pub fn map(
    card: &Card,
    answer: &Answer,
    measure: Measure,
    boundaries: &Boundaries,
    style: Style,
) -> Filled {
    let filled = fill(card, answer, measure, style);
    let lang = style.lang;
    let area = |row: &Row| {
        let rings = boundaries.of(&row.key)?;
        let known = seeds::municipality(&row.key);
        let (value, shown) = figure(row, measure);
        Some(Area {
            label: row_label(By::Municipality, row, style),
            value,
            shown: shown.unwrap_or_else(|| lang.pick("設定なし", "not set").to_owned()),
            href: Some(links::facilities(answer, Some(row), What::Accepted, None)),
            apart: known.is_some_and(|place| place.medical_area == ISLANDS),
            rings,
        })
    };
    let areas: Vec<Area<'_>> = answer.rows.iter().filter_map(area).collect();
    let mut notes = Vec::new();
    let lost = answer.rows.iter().filter(|row| boundaries.of(&row.key).is_none());
    let lost: u32 = lost.map(|row| row.part.figures.facilities).sum();
    if lost > 0 {
        let lost = numbers::grouped(i64::from(lost));
        notes.push(lang.pick(
            format!("地図にない区市町村（不明を含む）に {lost} 施設。表には載る。"),
            format!("{lost} facilities are in municipalities that the map does not show, or that are unknown; the table has them."),
        ));
    }
    if areas.iter().any(|area| area.apart) {
        notes.push(
            lang.pick(
                "島しょ部は枠ごとに縮尺が異なる。",
                "Islands: each frame has a scale of its own.",
            )
            .to_owned(),
        );
    }
    notes.extend(printed(answer, style));
    notes.push(lang.pick(SOURCE_JA, SOURCE_EN).to_owned());
    let chart = MapChart {
        id: card.id.to_owned(),
        title: filled.title.clone(),
        subtitle: format!("{}　{}", days_of_lists(answer, style), measure.name(lang)),
        breaks: match measure {
            Measure::Per100k | Measure::Share => [5, 10, 15, 20],
            Measure::Facilities | Measure::Flows => [10, 30, 60, 100],
        },
        areas,
        notes,
    };
    Filled { svg: svg(&chart, lang), ..filled }
}

/// What colours a municipality, and how it is printed.
fn figure(row: &Row, measure: Measure) -> (Option<f64>, Option<String>) {
    let tenth = |value: Option<f64>| (value, value.map(numbers::tenth));
    match measure {
        Measure::Facilities | Measure::Flows => {
            let count = row.part.figures.facilities;
            (Some(f64::from(count)), Some(numbers::grouped(i64::from(count))))
        }
        Measure::Per100k => tenth(row.part.per_100k()),
        Measure::Share => tenth(row.part.share().map(|share| share * 100.0)),
    }
}
