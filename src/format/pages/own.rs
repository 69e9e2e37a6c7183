//! The service's own counts as a page: bars by month, the rate with its fraction, municipalities.

use maud::{Markup, PreEscaped, html};

use crate::engine::own::{ALL, Published};
use crate::format::chart::months::{self, MonthBar, MonthChart};
use crate::format::dates::Style;
use crate::format::page::with;
use crate::format::table::{Cell, Column, Table, none};
use crate::format::xlsx::{Book, Drawn};
use crate::format::{Lang, numbers, seeds};
use crate::model::event::Check;
use crate::model::own::Measure;
use crate::time::zone;

/// What stands where a number must not be shown.
pub const HIDDEN: &str = "＊";

/// What the page is made of.
#[derive(Clone, Copy, Debug)]
pub struct Own<'a> {
    /// What may be shown.
    pub published: &'a Published,
    /// The check that counted.
    pub check: Option<&'a Check>,
    /// The years that can be chosen.
    pub years: &'a [String],
    /// One municipality, or [`ALL`].
    pub place: &'a str,
}

/// A measure in words.
pub fn measure(measure: Measure, lang: Lang) -> &'static str {
    match measure {
        Measure::Offered => lang.pick("空き待ちへの提示", "Offered to those waiting"),
        Measure::Held => lang.pick("仮押さえ", "Held"),
        Measure::Booked => lang.pick("予約", "Booked"),
        Measure::Kept => lang.pick("実施", "Kept"),
        Measure::Converted => lang.pick("対面へ切替", "Went on in person"),
        Measure::Cancelled => lang.pick("取消", "Cancelled"),
        Measure::PatientAbsent => lang.pick("患者不在", "Patient absent"),
        Measure::DoctorAbsent => lang.pick("医師不在", "Doctor absent"),
        Measure::Failed => lang.pick("接続できず", "Failed technically"),
        Measure::Open => lang.pick("未完了", "Not closed"),
    }
}

/// A municipality's name; all of them have one, too.
fn place_name(place: &str, lang: Lang) -> &str {
    if place == ALL {
        return lang.pick("全体", "All");
    }
    seeds::municipality_in(place, lang).unwrap_or(place)
}

/// The same in a table; as data a municipality keeps its own name.
fn place_cell(place: &str, lang: Lang) -> Cell {
    let shown = place_name(place, lang).to_owned();
    let data = if place == ALL { shown.clone() } else { place_name(place, Lang::Ja).to_owned() };
    Cell { shown, data }
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// `2026-11` as `11月` or `Nov`, `2026` as `計`.
fn period_name(period: &str, lang: Lang) -> String {
    match period.split_once('-') {
        Some((_, month)) => {
            let number = month.trim_start_matches('0');
            let at = number.parse::<usize>().unwrap_or(0).saturating_sub(1);
            let english = MONTHS.get(at).copied().unwrap_or(number);
            lang.pick(format!("{number}月"), english.to_owned())
        }
        None => lang.pick("計", "Year").to_owned(),
    }
}

fn shown(value: Option<i64>) -> String {
    value.map_or(HIDDEN.to_owned(), numbers::grouped)
}

/// `83.3％（25/30）`, the mark where one of the two must not be shown, nothing where none were booked.
pub fn rate(kept: Option<(i64, i64)>, lang: Lang) -> String {
    match kept {
        None => HIDDEN.to_owned(),
        Some((_, 0)) => crate::format::table::none(lang).to_owned(),
        Some((part, whole)) => {
            let number = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
            numbers::share(number(part), number(whole))
        }
    }
}

/// The page's title.
pub fn title(lang: Lang) -> &'static str {
    lang.pick("このサービスでの診察の件数", "Visits of this service")
}

/// The page below its heading.
pub fn body(own: &Own<'_>, lang: Lang) -> Markup {
    let published = own.published;
    let here = format!("/counts/own?year={}", published.year);
    html! {
        (choices(own, lang))
        @if published.months.is_empty() {
            p.warning { (lang.pick("終わった月がまだ数えられていません。", "No month that is over has been counted yet.")) }
        } @else {
            figure { div.scroll tabindex="0" role="region" aria-label=(title(lang)) {
                (PreEscaped(drawing(own, lang)))
            } }
            h2 { (place_name(own.place, lang)) " " (published.year) }
            (by_month(own, lang))
            @if own.place == ALL {
                h2 { (lang.pick("区市町村別", "By municipality")) }
                (by_place(published, &here, lang))
            } @else {
                p { a href=(here) { (lang.pick("全体へ", "All municipalities")) } }
            }
            ul.files {
                @let file = |kind: &str| format!("/counts/own.{kind}?year={}&lang={}", published.year, lang.tag());
                li { a href=(file("csv")) download { "CSV" } }
                li { a href=(file("xlsx")) download { (lang.pick("Excel（グラフ付き）", "Excel (with chart)")) } }
            }
        }
        (notes(own.check, lang))
    }
}

fn choices(own: &Own<'_>, lang: Lang) -> Markup {
    html! {
        nav.screen-only aria-label=(lang.pick("年", "Year")) {
            @for year in own.years {
                @if *year == own.published.year { strong aria-current="page" { (year) } } @else {
                    a href=(with("/counts/own", "year", year)) { (year) }
                }
                " "
            }
        }
    }
}

/// The chart of one municipality, or of all.
pub fn drawing(own: &Own<'_>, lang: Lang) -> String {
    let published = own.published;
    let figure = |month: &str, measure| published.figure(own.place, month, measure);
    let bar = |month: &String| MonthBar {
        label: period_name(month, lang),
        whole: figure(month, Measure::Booked),
        part: figure(month, Measure::Kept),
    };
    let chart = MonthChart {
        id: "own-months".to_owned(),
        title: format!("{} {} {}", title(lang), place_name(own.place, lang), published.year),
        legend: [Measure::Booked, Measure::Kept].map(|one| measure(one, lang).to_owned()),
        hidden: HIDDEN.to_owned(),
        bars: published.months.iter().map(bar).collect(),
    };
    months::svg(&chart, lang)
}

fn headings(first: &str, lang: Lang) -> Markup {
    html! {
        thead { tr {
            th scope="col" { (first) }
            @for one in Measure::ALL { th.figures scope="col" { (measure(*one, lang)) } }
            th.figures scope="col" { (lang.pick("実施率", "Kept of booked")) }
        } }
    }
}

fn cells(published: &Published, place: &str, period: &str, lang: Lang) -> Markup {
    html! {
        @for one in Measure::ALL {
            td.figures { (shown(published.figure(place, period, *one))) }
        }
        td.figures { (rate(published.kept(place, period), lang)) }
    }
}

fn by_month(own: &Own<'_>, lang: Lang) -> Markup {
    let published = own.published;
    html! {
        div.scroll tabindex="0" role="region" aria-label=(lang.pick("月別", "By month")) { table {
            caption { (lang.pick("月別（診察の開始日の月。件）", "By the month in which the visit begins")) }
            (headings(lang.pick("月", "Month"), lang))
            tbody {
                @for month in &published.months {
                    tr { th scope="row" { (period_name(month, lang)) } (cells(published, own.place, month, lang)) }
                }
            }
            tfoot { tr {
                th scope="row" { (period_name(&published.year, lang)) }
                (cells(published, own.place, &published.year, lang))
            } }
        } }
    }
}

fn by_place(published: &Published, here: &str, lang: Lang) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label=(lang.pick("区市町村別", "By municipality")) { table {
            caption { (lang.pick("医療機関の所在地の区市町村別（件）", "By the municipality of the clinic")) }
            (headings(lang.pick("区市町村", "Municipality"), lang))
            tbody {
                @for place in &published.places {
                    tr {
                        th scope="row" { a href=(with(here, "place", place)) { (place_name(place, lang)) } }
                        (cells(published, place, &published.year, lang))
                    }
                }
            }
            tfoot { tr {
                th scope="row" { (place_name(ALL, lang)) }
                (cells(published, ALL, &published.year, lang))
            } }
        } }
    }
}

fn notes(check: Option<&Check>, lang: Lang) -> Markup {
    html! {
        h2 { (lang.pick("注", "Notes")) }
        ul.small {
            li { (lang.pick(
                "患者5人未満を表す数と、そこから計算できてしまう数は「＊」とし、載せません。",
                "Numbers that stand for fewer than five patients, and numbers from which those would follow, are shown as ＊.")) }
            li { (lang.pick(
                "予約＝実施＋対面へ切替＋取消＋患者不在＋医師不在＋接続できず＋未完了。実施率＝実施÷予約。",
                "Booked is the sum of kept, went on in person, cancelled, patient absent, doctor absent, failed and not closed.")) }
            li { (lang.pick(
                "仮押さえと提示は、患者や医療機関が押さえた時間、空き待ちの人に提示した時間の数で、予約に至らないものを含みます。",
                "Held and offered count times that were held by somebody or offered to those waiting, whether or not a visit was booked.")) }
            li { (lang.pick(
                "終わった月だけを、予約に起きたことの記録から数えています。",
                "Only months that are over are counted, from the record of what happened to each booking.")) }
            @if let Some(check) = check {
                li { (checked(check, lang)) }
            }
        }
    }
}

/// What the check found, in a sentence.
fn checked(check: &Check, lang: Lang) -> String {
    let at = Style::from(lang).minute(check.started_at);
    let bookings = numbers::grouped(check.bookings);
    let divergent = numbers::grouped(check.divergent);
    lang.pick(
        format!(
            "{at} に予約 {bookings} 件すべてを記録と突き合わせ、食い違いは {divergent} 件でした。"
        ),
        format!(
            "At {at} all {bookings} bookings were compared with their record; {divergent} differed."
        ),
    )
}

/// All numbers as a table for programs.
pub fn table(published: &Published, lang: Lang) -> Table {
    let row = |(place, period, one, value): (&str, &str, Measure, Option<i64>)| {
        let number =
            value.map_or(Cell { shown: HIDDEN.to_owned(), data: String::new() }, |value| Cell {
                shown: numbers::grouped(value),
                data: value.to_string(),
            });
        let status = if value.is_some() { "" } else { "suppressed" };
        vec![
            Cell::text(place),
            place_cell(place, lang),
            Cell::text(period),
            Cell { shown: measure(one, lang).to_owned(), data: one.as_str().to_owned() },
            number,
            Cell::text(status),
        ]
    };
    Table {
        columns: vec![
            Column::text("place", lang.pick("区市町村コード", "Code")),
            Column::text("place_name", lang.pick("区市町村", "Municipality")),
            Column::text("period", lang.pick("期間", "Period")),
            Column::text("measure", lang.pick("区分", "Measure")),
            Column::number("visits", lang.pick("件数", "Visits")),
            Column::text("status", lang.pick("状態", "Status")),
        ],
        rows: published.figures().map(row).collect(),
        notes: Vec::new(),
    }
}

/// The numbers as people calculate with them: a row for each municipality and month, the months of
/// all municipalities first.
pub fn wide(published: &Published, lang: Lang) -> Table {
    let number = |value: Option<i64>| {
        value.map_or(Cell { shown: HIDDEN.to_owned(), data: String::new() }, |value| Cell {
            shown: numbers::grouped(value),
            data: value.to_string(),
        })
    };
    let mut rows = Vec::new();
    for place in [ALL].into_iter().chain(published.places.iter().map(String::as_str)) {
        for period in published.months.iter().chain([&published.year]) {
            let mut row = vec![
                Cell::text(place),
                place_cell(place, lang),
                Cell { shown: period_name(period, lang), data: period.clone() },
            ];
            row.extend(
                Measure::ALL.iter().map(|one| number(published.figure(place, period, *one))),
            );
            let kept = published.kept(place, period);
            let share = kept.filter(|(_, whole)| *whole > 0).map(|(part, whole)| {
                let [part, whole] = [part, whole].map(|n| f64::from(i32::try_from(n).unwrap_or(0)));
                format!("{:.4}", part / whole)
            });
            row.push(Cell { shown: rate(kept, lang), data: share.unwrap_or_default() });
            rows.push(row);
        }
    }
    let mut columns = vec![
        Column::text("place", lang.pick("区市町村コード", "Code")),
        Column::text("place_name", lang.pick("区市町村", "Municipality")),
        Column::text("label", lang.pick("月", "Month")),
    ];
    columns
        .extend(Measure::ALL.iter().map(|one| Column::number(one.as_str(), measure(*one, lang))));
    columns.push(Column::number("share", lang.pick("実施率", "Kept of booked")));
    let hidden = lang.pick(
        format!("{HIDDEN}：患者5人未満を表す数と、そこから計算できてしまう数。{}：予約なし。", none(lang)),
        format!("{HIDDEN}: stands for fewer than five patients, or such a number would follow from it. {}: none were booked.", none(lang)),
    );
    Table { columns, rows, notes: vec![hidden] }
}

/// A workbook of [`wide`], which draws the months of all municipalities.
pub fn book<'a>(
    published: &Published,
    table: &'a Table,
    check: Option<&Check>,
    (title, subtitle): (&'a str, &'a str),
    lang: Lang,
) -> Book<'a> {
    let first = chrono::NaiveDate::from_ymd_opt(2018, 1, 1).unwrap_or_default();
    Book {
        title,
        subtitle,
        table,
        drawn: Drawn::Months {
            keys: vec![Measure::Booked.as_str(), Measure::Kept.as_str()],
            rows: published.months.len(),
        },
        made: check.map_or(first, counted_on),
        lang,
    }
}

/// What a workbook says below its title: the year, and what the check found.
pub fn subtitle(published: &Published, check: Option<&Check>, lang: Lang) -> String {
    let year = lang.pick(format!("{}年", published.year), published.year.clone());
    check.map_or_else(|| year.clone(), |check| format!("{year}　{}", checked(check, lang)))
}

/// The date of a check in Tokyo, for programs.
pub fn counted_on(check: &Check) -> chrono::NaiveDate {
    zone::date_of(chrono_tz::Asia::Tokyo, check.started_at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_shows_its_fraction_or_nothing() {
        assert_eq!(rate(Some((25, 30)), Lang::Ja), "83.3％（25/30）");
        assert_eq!(rate(Some((0, 0)), Lang::Ja), "―");
        assert_eq!(rate(None, Lang::En), HIDDEN);
    }
}
