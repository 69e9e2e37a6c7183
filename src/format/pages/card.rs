//! A card: number, figure, table, notes, source, and the addresses by which all of it can be had
//! again. Whoever does not see the figure has the table, with the same filters; nothing needs a
//! script.

use maud::{Markup, PreEscaped, html};

use crate::format::cards::{Card, Filled};
use crate::format::chart::answer::Measure;
use crate::format::dates::Style;
use crate::format::table::{Column, Table};
use crate::model::register::Criterion;

/// What a card was asked with, as its form and its addresses repeat it.
#[derive(Clone, Debug, Default)]
pub struct Form {
    /// Prefectures to choose from: digits and name.
    pub prefectures: Vec<(String, String)>,
    /// The prefecture that was asked about.
    pub prefecture: Option<String>,
    /// The day, as it was asked.
    pub as_of: Option<String>,
    /// As known on which day, as it was asked.
    pub known_on: Option<String>,
    /// Since when what came and went is told.
    pub since: Option<String>,
    /// The criterion, as it was asked.
    pub criterion: Option<Criterion>,
    /// What is drawn.
    pub measure: Measure,
    /// Whether years are western.
    pub western: bool,
}

/// Addresses of a card.
#[derive(Clone, Debug)]
pub struct Addresses {
    /// The same card as it is now: with both days.
    pub permalink: String,
    /// The whole address of the frame that others put into their pages.
    pub embed: String,
    /// As CSV.
    pub csv: String,
    /// As a workbook.
    pub xlsx: String,
    /// The drawing alone.
    pub svg: String,
    /// The data of it, where they have an address.
    pub api: Option<String>,
}

/// What stands below the heading.
pub fn body(
    card: &Card,
    filled: &Filled,
    form: &Form,
    at: &Addresses,
    style: Style,
    embed: bool,
) -> Markup {
    let lang = style.lang;
    html! {
        p.great {
            @match &filled.number_href {
                Some(href) => { a href=(href) target="_top" { (filled.number) } }
                None => { (filled.number) }
            }
            " " span.unit { (filled.unit) }
        }
        @if let Some(comparison) = &filled.comparison { p.comparison { (comparison) } }
        p { (filled.about) }
        @if !embed { (choices(card, form, style)) }
        figure {
            @if filled.parts.is_empty() {
                div.scroll tabindex="0" role="region" aria-label=(lang.pick("図", "Figure")) { (PreEscaped(&filled.svg)) }
            } @else {
                // As many beside each other as there is room for: one below the other on a telephone.
                div.multiples { @for part in &filled.parts { (PreEscaped(part)) } }
            }
        }
        details open {
            summary { (lang.pick("表", "Table")) }
            (table(&filled.table, &filled.hrefs, &filled.title, lang.pick("表", "Table")))
        }
        @if !filled.table.notes.is_empty() {
            ul.notes { @for note in &filled.table.notes { li { (note) } } }
        }
        (foot(filled, at, style, embed))
    }
}

/// The form: it only asks for another address, so it works everywhere.
fn choices(card: &Card, form: &Form, style: Style) -> Markup {
    let lang = style.lang;
    let counted = card.by.is_some();
    html! {
        form.choices method="get" action=(format!("/cards/{}", card.id)) {
            input type="hidden" name="lang" value=(lang.tag());
            @if counted {
                label {
                    span { (lang.pick("都道府県", "Prefecture")) }
                    select name="prefecture" {
                        option value="all" selected[form.prefecture.is_none()] { (lang.pick("すべて", "All")) }
                        @for (code, name) in &form.prefectures {
                            option value=(code) selected[form.prefecture.as_ref() == Some(code)] { (name) }
                        }
                    }
                }
                label {
                    span { (lang.pick("いつの時点の数か", "As of")) }
                    input type="date" name="as_of" value=[form.as_of.as_deref()];
                }
                label {
                    span { (lang.pick("いつまでに分かった内容か", "As known on")) }
                    input type="date" name="known_on" value=[form.known_on.as_deref()];
                }
                @if card.by.is_some_and(|by| !by.is_time()) {
                    label {
                        span { (lang.pick("この日からの増減", "Changes since")) }
                        input type="date" name="since" value=[form.since.as_deref()];
                    }
                }
                label {
                    span { (lang.pick("施設基準", "Criterion")) }
                    select name="criterion" {
                        option value="" selected[form.criterion.is_none()] { (lang.pick("その日に有効な基準", "In force on the day")) }
                        @for criterion in Criterion::ALL {
                            option value=(criterion.code()) selected[form.criterion == Some(criterion)] {
                                (crate::format::table::answer::criterion_name(criterion, lang))
                            }
                        }
                    }
                }
            }
            @if card.measures.len() > 1 {
                label {
                    span { (lang.pick("図に示すもの", "Drawn")) }
                    select name="measure" {
                        @for measure in card.measures {
                            option value=(measure.code()) selected[*measure == form.measure] { (measure.name(lang)) }
                        }
                    }
                }
            }
            label {
                span { (lang.pick("年の表し方", "Years")) }
                select name="years" {
                    option value="era" selected[!form.western] { (lang.pick("和暦", "Japanese era")) }
                    option value="western" selected[form.western] { (lang.pick("西暦", "Western")) }
                }
            }
            button type="submit" { (lang.pick("表示する", "Show")) }
        }
    }
}

/// A table whose numbers lead somewhere; `hrefs` has a place for each cell.
pub fn table(table: &Table, hrefs: &[Vec<Option<String>>], caption: &str, label: &str) -> Markup {
    // Keys are for programs; people have the label.
    let shown: Vec<(usize, &Column)> =
        table.columns.iter().enumerate().filter(|(_, column)| column.key != "code").collect();
    let href =
        |row: usize, at: usize| hrefs.get(row).and_then(|row| row.get(at)).and_then(Option::as_ref);
    html! {
        div.scroll tabindex="0" role="region" aria-label=(label) {
            table {
                caption { (caption) }
                thead { tr { @for (_, column) in &shown { th scope="col" .figures[column.number] { (column.title) } } } }
                tbody {
                    @for (at, row) in table.rows.iter().enumerate() {
                        tr .total[row.first().is_some_and(|cell| cell.data == "total")] {
                            @for (nth, (place, column)) in shown.iter().enumerate() {
                                @let cell = &row[*place];
                                @if nth == 0 {
                                    th scope="row" { (cell.shown) }
                                } @else {
                                    td .figures[column.number] {
                                        @match href(at, *place) {
                                            Some(href) => { a href=(href) target="_top" { (cell.shown) } }
                                            None => { (cell.shown) }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn foot(filled: &Filled, at: &Addresses, style: Style, embed: bool) -> Markup {
    let lang = style.lang;
    html! {
        footer.card-foot {
            p {
                a.permalink href=(at.permalink) target="_top" rel="bookmark" { (filled.as_of) }
                @if let Some(known) = &filled.known_on { (lang.pick(format!("（{known}）"), format!(" ({known})"))) }
            }
            ul.files {
                li { a href=(at.csv) download { "CSV" } }
                li { a href=(at.xlsx) download { (lang.pick("Excel（グラフ付き）", "Excel (with chart)")) } }
                li { a href=(at.svg) target="_top" { (lang.pick("図（SVG）", "Figure (SVG)")) } }
                @if let Some(api) = &at.api { li { a href=(api) target="_top" { (lang.pick("API（JSON）", "API (JSON)")) } } }
                @if !embed { li { a href=(format!("/cards?lang={}", lang.tag())) { (lang.pick("すべてのカード", "All cards")) } } }
            }
            @if !embed {
                details.screen-only {
                    summary { (lang.pick("ほかのページに埋め込む", "Put into another page")) }
                    label {
                        span { (lang.pick("このコードを貼り付けます", "Paste this code")) }
                        textarea readonly rows="3" cols="40" { (at.embed) }
                    }
                }
            }
        }
    }
}
