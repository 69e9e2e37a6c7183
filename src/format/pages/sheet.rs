//! The planning sheet of the medical care plan: 現状・課題・今後の方向性・目標・想定する評価指標, with the
//! figures that are known. Laid out for A4 across.

use chrono::NaiveDate;
use maud::{Markup, PreEscaped, html};

use crate::format::chart::series;
use crate::format::report::indicators::{FigureReport, IndicatorReport};
use crate::format::seeds::plan::SheetSection;
use crate::format::seeds::{self, SeriesPoint};
use crate::format::{Lang, numbers, table, wareki};
use crate::model::indicator::{Goal, Topic};
use crate::model::register::Criterion;

/// What stands in a sheet.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// The prefecture's name.
    pub prefecture: String,
    /// Whether the plan is this prefecture's. Of another, nothing of the plan is told.
    pub planned: bool,
    /// The day whose knowledge it shows.
    pub as_of: NaiveDate,
    /// The indicators with their values up to that day.
    pub indicators: Vec<IndicatorReport>,
    /// The published series up to that day.
    pub series: Vec<SeriesPoint>,
    /// What the rows of the register say of that day, where there is a list.
    pub current: Option<Current>,
}

/// Facilities counted from rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Current {
    /// The day of the last list by then.
    pub list: NaiveDate,
    /// Distinct institutions that hold care by communication devices.
    pub facilities: i64,
}

/// The heading of the sheet.
pub fn title(sheet: &Sheet, lang: Lang) -> String {
    match lang {
        Lang::Ja => format!("医療計画 検討シート　医療DXの推進（{}）", sheet.prefecture),
        Lang::En => {
            let prefecture = seeds::prefecture_called(&sheet.prefecture, lang);
            format!("Planning sheet: digital medical care ({prefecture})")
        }
    }
}

/// What stands below it.
pub fn body(sheet: &Sheet, lang: Lang) -> Markup {
    html! {
        div.sheet {
            p.small {
                (lang.pick("時点：", "As of "))
                (day(sheet.as_of, lang))
            }
            @if sheet.planned {
                @for (number, section) in (1_usize..).zip(seeds::plan::sheet()) {
                    (part(sheet, section, number, lang))
                }
                (chart(sheet, lang))
            } @else {
                (rows_only(sheet, lang))
            }
        }
    }
}

/// What stands where nothing is set.
fn not_set(lang: Lang) -> Markup {
    html! { p { (lang.pick("設定なし", "Not set")) } }
}

/// The sheet of a prefecture whose plan is not at hand: what its rows say, and that the rest is not
/// set. Another's prose and figures under its name would be false.
fn rows_only(sheet: &Sheet, lang: Lang) -> Markup {
    let columns = [
        lang.pick("課題", "Problems"),
        lang.pick("今後の方向性", "Directions"),
        lang.pick("目標", "Goal"),
        lang.pick("想定する評価指標", "Indicators"),
    ];
    html! {
        section.sheet-part {
            h2 { (lang.pick("オンライン診療", "Online care")) }
            div.sheet-columns {
                section {
                    h3 { (lang.pick("現状", "Situation")) }
                    @if sheet.current.is_some() { (facilities(sheet, lang)) }
                    @else { (not_set(lang)) (counted_note(sheet, lang)) }
                    h4 { (lang.pick("これまでの取組", "So far")) }
                    (not_set(lang))
                }
                @for heading in columns { section { h3 { (heading) } (not_set(lang)) } }
            }
        }
    }
}

fn part(sheet: &Sheet, section: &SheetSection, number: usize, lang: Lang) -> Markup {
    let columns = [
        (lang.pick("課題", "Problems"), lang.pick(&section.problems_ja, &section.problems_en)),
        (
            lang.pick("今後の方向性", "Directions"),
            lang.pick(&section.directions_ja, &section.directions_en),
        ),
        (lang.pick("目標", "Goal"), lang.pick(&section.goal_ja, &section.goal_en)),
    ];
    html! {
        section.sheet-part {
            h2 { (number) "　" (lang.pick(&section.title_ja, &section.title_en)) }
            div.sheet-columns {
                section {
                    h3 { (lang.pick("現状", "Situation")) }
                    @for figures in &section.figures { (figure(sheet, figures, lang)) }
                    (list(lang.pick(&section.situation_ja, &section.situation_en)))
                    h4 { (lang.pick("これまでの取組", "So far")) }
                    (list(lang.pick(&section.efforts_ja, &section.efforts_en)))
                }
                @for (heading, texts) in columns {
                    section { h3 { (heading) } (list(texts)) }
                }
                section {
                    h3 { (lang.pick("想定する評価指標", "Indicators")) }
                    (evaluation(sheet, section, lang))
                }
            }
        }
    }
}

fn list(texts: &[String]) -> Markup {
    html! { ul { @for text in texts { li { (text) } } } }
}

/// The indicators by which a section is to be evaluated; 設定なし where there are none.
fn evaluation(sheet: &Sheet, section: &SheetSection, lang: Lang) -> Markup {
    let own = |one: &&IndicatorReport| {
        one.goal.is_some() && section.figures.iter().any(|figures| figures == topic(one.topic))
    };
    let indicators: Vec<&IndicatorReport> = sheet.indicators.iter().filter(own).collect();
    let target = lang.pick(&section.target_ja, &section.target_en);
    html! {
        @if indicators.is_empty() { (not_set(lang)) }
        @else {
            ul {
                @for one in indicators {
                    li {
                        (lang.pick(&one.title_ja, &one.title_en))
                        @match one.goal {
                            Some(Goal::Lower) => { (lang.pick("の割合（下げる）", " (to be lowered)")) }
                            _ => { (lang.pick("の割合（上げる）", " (to be raised)")) }
                        }
                        @if let Some(last) = one.points.last() {
                            br;
                            (lang.pick("最新 ", "Latest ")) (last.shown) " "
                            (lang.pick(&last.label_ja, &last.label_en))
                        }
                    }
                }
            }
            @if let Some(target) = target { p.small { (lang.pick("※", "* ")) (target) } }
        }
    }
}

fn topic(topic: Topic) -> &'static str {
    match topic {
        Topic::Records => "records",
        Topic::Network => "network",
        Topic::Population => "population",
    }
}

fn figure(sheet: &Sheet, name: &str, lang: Lang) -> Markup {
    let of = |topic| sheet.indicators.iter().filter(move |one| one.topic == topic);
    match name {
        "records" => shares(of(Topic::Records), lang),
        "network" => shares(of(Topic::Network), lang),
        "population" => population(of(Topic::Population), lang),
        "facilities" => facilities(sheet, lang),
        _ => html! {},
    }
}

/// Shares with their fractions and surveys.
fn shares<'a>(indicators: impl Iterator<Item = &'a IndicatorReport>, lang: Lang) -> Markup {
    html! {
        ul.sheet-shares {
            @for one in indicators {
                li {
                    (lang.pick(&one.title_ja, &one.title_en))
                    ul {
                        @for point in &one.points {
                            li {
                                b { (point.shown) } " "
                                span.small {
                                    (lang.pick(&point.label_ja, &point.label_en))
                                    " " (point.source)
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Groups of the population, a column a time, and what the last is more than the one before.
fn population<'a>(all: impl Iterator<Item = &'a IndicatorReport>, lang: Lang) -> Markup {
    let (groups, others): (Vec<_>, Vec<_>) =
        all.partition(|one| one.unit == crate::model::indicator::Unit::TenThousandPeople);
    let mut times: Vec<(&str, &str)> = Vec::new();
    for point in groups.iter().flat_map(|one| &one.points) {
        let time = (point.period.as_str(), lang.pick(&point.label_ja, &point.label_en).as_str());
        if !times.contains(&time) {
            times.push(time);
        }
    }
    times.sort_unstable();
    let at = |one: &IndicatorReport, period: &str| {
        let point: Option<&FigureReport> = one.points.iter().find(|point| point.period == period);
        point.map_or_else(|| table::none(lang).to_owned(), |point| point.shown.clone())
    };
    let change = |one: &IndicatorReport| {
        let last = one.points.last().and_then(|point| point.change_shown.clone());
        last.unwrap_or_else(|| table::none(lang).to_owned())
    };
    // What the change is against: the last time but one.
    let base = times.iter().rev().nth(1).map_or("", |time| time.1);
    let caption = lang.pick("人口の推移（単位：万人）", "Population (in units of 10,000)");
    html! {
        div.scroll tabindex="0" role="region" aria-label=(caption) {
            table #population {
                caption { (caption) }
                thead {
                    tr {
                        th scope="col" { (lang.pick("区分", "Group")) }
                        @for (_, label) in &times { th.figures scope="col" { (label) } }
                        th.figures scope="col" {
                            @match lang {
                                Lang::Ja => { "対" (base) "増減" }
                                Lang::En => { "Since " (base) }
                            }
                        }
                    }
                }
                tbody {
                    @for one in groups {
                        tr {
                            th scope="row" { (lang.pick(&one.title_ja, &one.title_en)) }
                            @for (period, _) in &times { td.figures { (at(one, period)) } }
                            td.figures { (change(one)) }
                        }
                    }
                }
            }
        }
        @for one in others {
            @if let Some(last) = one.points.last() {
                p.small {
                    (lang.pick(&one.title_ja, &one.title_en)) " "
                    (last.shown) (lang.pick("人", "")) " "
                    (lang.pick(&last.label_ja, &last.label_en)) " " (last.source)
                }
            }
        }
    }
}

/// `H30`, `R5.7`: a point of the series as the sheet heads its column.
pub fn column(point: &SeriesPoint) -> String {
    let month = point.as_of.as_deref().and_then(|text| format!("{text}-01").parse().ok());
    match month {
        Some(day) if !point.year_end => wareki::short_month(day),
        _ => wareki::short_fiscal_year(point.fiscal_year),
    }
}

/// Both series, one row each, and what rows say now in a column of its own.
fn facilities(sheet: &Sheet, lang: Lang) -> Markup {
    let cell = |criterion: Criterion, point: &SeriesPoint| {
        if point.criterion == criterion {
            numbers::grouped(i64::from(point.count))
        } else {
            String::new()
        }
    };
    let caption = lang.pick(
        "オンライン診療に係る施設基準の届出受理医療機関数",
        "Facilities accepted for online care",
    );
    html! {
        div.scroll tabindex="0" role="region" aria-label=(caption) {
            table #facilities {
                caption { (caption) }
                thead {
                    tr {
                        th scope="col" { (lang.pick("施設基準", "Criterion")) }
                        @for point in &sheet.series { th.figures scope="col" { (column(point)) } }
                        @if let Some(current) = sheet.current {
                            th.figures.counted scope="col" {
                                (lang.pick("名簿の行", "From rows")) br; (wareki::short_month(current.list))
                            }
                        }
                    }
                }
                tbody {
                    @for name in &seeds::CRITERION_NAMES {
                        tr {
                            th scope="row" { (lang.pick(name.ja, name.en)) }
                            @for point in &sheet.series {
                                td.figures { (cell(name.criterion, point)) }
                            }
                            @if let Some(current) = sheet.current {
                                td.figures.counted {
                                    @if name.criterion == Criterion::IctCare {
                                        (numbers::grouped(current.facilities))
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        @if sheet.planned {
            @for note in lang.pick(seeds::SERIES_NOTES_JA, seeds::SERIES_NOTES_EN) {
                p.small { (note) }
            }
            p.small { (lang.pick(seeds::SERIES_SOURCE_JA, seeds::SERIES_SOURCE_EN)) }
        }
        (counted_note(sheet, lang))
    }
}

/// Where the number from rows comes from; that there is none, where there is none.
fn counted_note(sheet: &Sheet, lang: Lang) -> Markup {
    let Some(current) = sheet.current else {
        let none = lang.pick(
            "名簿の行から数えた値：この日までの名簿が取り込まれていない。",
            "Counted from rows: no list up to this day has been read.",
        );
        return html! { p.small { (none) } };
    };
    let list = day(current.list, lang);
    html! {
        p.small {
            @match lang {
                Lang::Ja => { "名簿の行：" (list) "現在の名簿の行を数えた値。公表値とはつながない。" }
                Lang::En => { "From rows: counted in the list as of " (list) ", not joined to what was published." }
            }
            " " (lang.pick(seeds::BUREAU_SOURCE_JA, seeds::BUREAU_SOURCE_EN))
        }
    }
}

fn chart(sheet: &Sheet, lang: Lang) -> Markup {
    let drawing = series::svg(&sheet.series, &series::Words::published(lang), lang);
    html! { figure.sheet-chart { (PreEscaped(drawing)) } }
}

/// A day: `令和7年9月1日`, `1 September 2025`.
pub fn day(day: NaiveDate, lang: Lang) -> String {
    crate::format::period::label(crate::model::indicator::Period::Day(day), false, lang)
}
