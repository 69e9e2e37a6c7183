//! Published counts beside counts from rows.

use maud::{Markup, html};

use super::sheet::day;
use crate::format::report::indicators::{Reconciled, verdict};
use crate::format::table::counts::criterion_name;
use crate::format::table::figures::note;
use crate::format::{Lang, numbers, seeds, table};

/// What stands below the heading.
pub fn body(rows: &[Reconciled], lang: Lang) -> Markup {
    let flagged = rows.iter().filter(|row| row.flagged).count();
    html! {
        p { (note(lang)) }
        @if flagged > 0 {
            p.warning {
                @match lang {
                    Lang::Ja => { "要確認が" (flagged) "件あります。" }
                    Lang::En => { (flagged) " to be looked into." }
                }
            }
        }
        div.scroll tabindex="0" role="region" aria-label=(lang.pick("突合の表", "Reconciliation")) {
            table.wide {
                thead {
                    tr {
                        th scope="col" { (lang.pick("時点", "When")) }
                        th scope="col" { (lang.pick("施設基準", "Criterion")) }
                        th.figures scope="col" { (lang.pick("公表値", "Published")) }
                        th.figures scope="col" { (lang.pick("名簿の行", "From rows")) }
                        th.figures scope="col" { (lang.pick("差", "Difference")) }
                        th scope="col" { (lang.pick("判定", "Verdict")) }
                        th scope="col" { (lang.pick("出典", "Source")) }
                    }
                }
                tbody { @for one in rows { (row(one, lang)) } }
            }
        }
        @if rows.is_empty() { p { (lang.pick("公表値がありません。", "No published counts.")) } }
        p { a href=(format!("/reconciliation.csv?lang={}", lang.tag())) download { "CSV" } }
    }
}

fn row(one: &Reconciled, lang: Lang) -> Markup {
    let number =
        |number: Option<i64>| number.map_or_else(|| table::none(lang).to_owned(), numbers::grouped);
    html! {
        tr class=(if one.flagged { "flagged" } else { "" }) {
            th scope="row" {
                (seeds::prefecture_called(&one.prefecture, lang)) " " (lang.pick(&one.label_ja, &one.label_en))
            }
            td { (criterion_name(one.criterion, lang)) }
            td.figures { (numbers::grouped(one.published)) }
            td.figures {
                (number(one.from_rows))
                div.small { (day(one.day, lang)) }
            }
            td.figures { (number(one.difference)) }
            td {
                (verdict(one.verdict, lang))
                @if let Some(explanation) = &one.explanation { div { (explanation) } }
                @if let Some(remaining) = one.remaining {
                    div.small {
                        @match lang {
                            Lang::Ja => {
                                "最初の名簿の施設のうち、この日までに始めていたもの：" (numbers::grouped(remaining))
                            }
                            Lang::En => {
                                "Of the first list, begun by then: " (numbers::grouped(remaining))
                            }
                        }
                    }
                }
                @if let Some(filings) = one.filings.filter(|filings| *filings > 0) {
                    div.small {
                        (lang.pick("届出済みでまだ名簿にないもの：", "Filed and in no list yet: "))
                        (numbers::grouped(filings))
                    }
                }
            }
            td { (one.source) }
        }
    }
}
