//! The yearly report as a table for programs: one number a line, with its section and source.

use super::{Cell, Column, Table};
use crate::format::Lang;
use crate::format::pages::august::area_name;
use crate::model::august::{CountSource, Figures, Final, Month, Report};

/// One line: section, item, month or area, number, source.
type Line = (&'static str, &'static str, String, Option<i64>, &'static str);

/// The report, a number a line; a draft says in each of its lines that it is one.
pub fn table(report: &Report, version: Option<&Final>, lang: Lang) -> Table {
    let status = version.map_or("draft".to_owned(), |one| format!("final {}", one.version));
    let mut lines: Vec<Line> = Vec::new();
    for month in &report.months {
        let key = month.month.format("%Y-%m").to_string();
        lines.extend(figures(&month.figures, &key, Some(month)));
    }
    lines.extend(figures(&report.total, "total", None));
    if let Some(share) = report.share {
        lines.push(("1-1", "share_part", "total".into(), Some(share.part), DERIVED));
        lines.push(("1-1", "share_whole", "total".into(), Some(share.whole), DERIVED));
    }
    let sums = i64::from(report.sums_agree);
    lines.push(("check", "sums_agree", "total".into(), Some(sums), DERIVED));
    let number = |(section, item, of, value, source): Line| {
        let value = value.map_or(String::new(), |value| value.to_string());
        row(report, &status, [section, item, &of, &value, source, "", "", ""])
    };
    let mut rows: Vec<Vec<Cell>> = lines.into_iter().map(number).collect();
    for area in &report.areas {
        let said = area.arrangement.as_ref();
        let agreed = said.map_or("", |said| if said.agreed { "agreed" } else { "not_agreed" });
        let institution = said.map_or("", |said| said.institution.as_str());
        let way = said.map_or("", |said| said.referral.as_str());
        let (name, visits) = (area_name(&area.area, Lang::Ja), area.visits.to_string());
        let cells = ["1-2", &area.area, &name, &visits, DERIVED, institution, way, agreed];
        rows.push(row(report, &status, cells));
    }
    for doctor in &report.doctors {
        let visits = doctor.visits.to_string();
        let employment = if doctor.full_time { "full_time" } else { "part_time" };
        let access = doctor.record_access.map_or("", |access| access.as_str());
        let at = doctor.prefecture.as_deref().unwrap_or_default();
        let cells =
            ["1-3", doctor.place.as_str(), at, &visits, DERIVED, &doctor.name, employment, access];
        rows.push(row(report, &status, cells));
    }
    if let Some(talk) = report.talk {
        for (item, chosen) in
            [("series", talk.series), ("separated", talk.separated), ("other", talk.other)]
        {
            let value = i64::from(chosen).to_string();
            let cells = ["3", item, "total", &value, CountSource::Manual.as_str(), "", "", ""];
            rows.push(row(report, &status, cells));
        }
    }
    Table { columns: columns(lang), rows, notes: Vec::new() }
}

const DERIVED: &str = CountSource::Derived.as_str();

fn figures(figures: &Figures, of: &str, month: Option<&Month>) -> Vec<Line> {
    let said = month.and_then(|month| month.in_person_source).map_or("", CountSource::as_str);
    let later = month.map_or("", |month| month.later_source.as_str());
    let line = |section, item, value, source| (section, item, of.to_owned(), value, source);
    vec![
        line("1-1", "same", Some(figures.same.visits), DERIVED),
        line("1-1", "same_referred", Some(figures.same.referred), DERIVED),
        line("1-1", "other", Some(figures.other.visits), DERIVED),
        line("1-1", "other_referred", Some(figures.other.referred), DERIVED),
        line("1-1", "unknown", Some(figures.unknown.visits), DERIVED),
        line("2", "in_person_first", figures.in_person_first, said),
        line("2", "in_person_repeat", figures.in_person_repeat, said),
        line("2", "online_first", Some(figures.online_first), DERIVED),
        line("2", "online_repeat", Some(figures.online_repeat), DERIVED),
        line("2", "first_with_talk", Some(figures.first_with_talk), DERIVED),
        line("2", "first_without_later", Some(figures.first_without_later), later),
    ]
}

fn columns(lang: Lang) -> Vec<Column> {
    let text = |key, ja, en| Column::text(key, lang.pick(ja, en));
    vec![
        text("institution_code7", "医療機関コード", "Code"),
        text("institution", "医療機関", "Institution"),
        Column::number("year", lang.pick("年", "Year")),
        text("status", "状態", "Status"),
        text("section", "欄", "Section"),
        text("item", "項目", "Item"),
        text("of", "月・地域", "Month or area"),
        Column::number("count", lang.pick("件数", "Count")),
        text("count_source", "出所", "Source"),
        text("name", "名称・氏名", "Name"),
        text("detail", "詳細", "Detail"),
        text("more", "備考", "More"),
    ]
}

fn row(report: &Report, status: &str, cells: [&str; 8]) -> Vec<Cell> {
    let year = report.year.to_string();
    let head = [report.head.code7.as_str(), &report.head.name, &year, status];
    head.into_iter().chain(cells).map(Cell::text).collect()
}
