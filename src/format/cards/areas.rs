//! The card of secondary medical areas over the years.

use super::{Card, Filled, fill};
use crate::engine::counts::By;
use crate::engine::counts::answer::{Answer, Row};
use crate::engine::counts::members::What;
use crate::format::chart::answer::{Measure, days_of_lists, points, printed};
use crate::format::chart::multiples::{Multiples, Part, each, svg};
use crate::format::dates::Style;
use crate::format::links;
use crate::format::table::answer::{criterion_name, part_label, row_label};
use crate::format::table::{Cell, Column, Table, none};
use crate::format::xlsx::Drawn;
use crate::model::register::Criterion;

/// The card, filled: `whole` is the answer for all areas together, `areas` that of each, by its key.
pub fn areas(card: &Card, whole: &Answer, areas: &[(String, Answer)], style: Style) -> Filled {
    let lang = style.lang;
    let filled = fill(card, whole, Measure::Facilities, style);
    let name = |key: &str| part_label(By::Area, key, lang);
    let part = |(key, answer): &(String, Answer)| Part {
        label: name(key),
        points: points(answer, style),
        hrefs: answer.rows.iter().map(|row| Some(lead(answer, row))).collect(),
    };
    let chart = Multiples {
        id: card.id.to_owned(),
        title: filled.title.clone(),
        subtitle: format!(
            "{}　{}",
            days_of_lists(whole, style),
            lang.pick("施設数（縦軸は共通）", "facilities (all on one scale)")
        ),
        parts: areas.iter().map(part).collect(),
        notes: printed(whole, style),
    };
    let mut table = Table { columns: columns(whole, style), ..Table::default() };
    table.notes = marks(whole, style);
    table.notes.extend(filled.table.notes.iter().cloned());
    let mut hrefs = Vec::new();
    let total = (lang.pick("計", "Total").to_owned(), "total", whole);
    let rows = areas.iter().map(|(key, answer)| (name(key), key.as_str(), answer));
    for (label, key, answer) in rows.chain([total]) {
        let (mut cells, mut row_hrefs) =
            (vec![Cell::text(key), Cell::text(&label)], vec![None, None]);
        for at in &whole.rows {
            let row = answer.rows.iter().find(|row| row.key == at.key);
            let missing = Cell { shown: none(lang).to_owned(), data: String::new() };
            cells.push(row.map_or(missing, |row| Cell::count(row.part.figures.facilities)));
            row_hrefs.push(row.map(|row| lead(answer, row)));
        }
        table.rows.push(cells);
        hrefs.push(row_hrefs);
    }
    Filled {
        svg: svg(&chart, lang),
        parts: each(&chart, lang),
        drawn: Drawn::Columns(
            table.columns.iter().skip(2).map(|column| column.key.clone()).collect(),
        ),
        table,
        hrefs,
        ..filled
    }
}

fn lead(answer: &Answer, row: &Row) -> String {
    links::facilities(answer, Some(row), What::Accepted, None)
}

/// The criteria of the days, in order, each once.
fn criteria(whole: &Answer) -> Vec<Criterion> {
    let days = whole.rows.iter().filter_map(|row| row.day);
    let mut kinds: Vec<Criterion> = days.map(|day| day.criterion).collect();
    kinds.dedup();
    kinds
}

/// Which mark stands for which criterion, where there are two.
fn marks(whole: &Answer, style: Style) -> Vec<String> {
    let kinds = criteria(whole);
    if kinds.len() < 2 {
        return Vec::new();
    }
    let mark = |(mark, criterion): (&str, &Criterion)| {
        let name = criterion_name(*criterion, style.lang);
        let of = |row: &&Row| row.day.is_some_and(|day| day.criterion == *criterion);
        let days: Vec<String> =
            whole.rows.iter().filter(of).map(|row| row_label(By::Year, row, style)).collect();
        let days = days.join(style.lang.pick("、", ", "));
        style.lang.pick(format!("{mark} {name}：{days}"), format!("{mark} {name}: {days}"))
    };
    ["●", "◆"].into_iter().cycle().zip(&kinds).map(mark).collect()
}

/// One column for each day. For programs its key names the criterion too, where there are two.
fn columns(whole: &Answer, style: Style) -> Vec<Column> {
    let lang = style.lang;
    let mut columns = vec![
        Column::text("code", lang.pick("コード", "Code")),
        Column::text("label", lang.pick("二次保健医療圏", "Secondary medical area")),
    ];
    let several = criteria(whole).len() > 1;
    for row in &whole.rows {
        let key = match row.day.filter(|_| several) {
            Some(day) => format!("{}_{}", row.key, day.criterion.code()),
            None => row.key.clone(),
        };
        columns.push(Column::number(&key, &row_label(By::Year, row, style)));
    }
    columns
}
