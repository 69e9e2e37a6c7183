//! All cards, as a list.

use maud::{Markup, html};

use crate::format::Lang;
use crate::format::cards::{CARDS, MAP};

/// What stands below the heading. Whether there is a map depends on whether there are boundaries.
pub fn body(lang: Lang, map: bool) -> Markup {
    html! {
        p {
            (lang.pick(
                "数・図・表を、印刷や表計算にも使える形で公開しています。どの数からも、その施設の一覧に進めます。",
                "Numbers, figures and tables, also for print and spreadsheets. Every number leads to the facilities behind it.",
            ))
        }
        ul.cards {
            @for card in CARDS.iter().chain(map.then_some(&MAP)) {
                li { a href=(format!("/cards/{}?lang={}", card.id, lang.tag())) { (card.title(lang)) } }
            }
        }
        @if !map {
            p.small {
                (lang.pick(
                    "区市町村別・圏域別は、多い順の棒グラフで示します。境界データが設定されていないため、地図はありません。",
                    "Municipalities and areas are drawn as bars, the greatest first. There is no map: no boundaries have been set up.",
                ))
            }
        }
        p { a href="/api/data" { (lang.pick("データの一覧（API、登録不要）", "Data (API, without registration)")) } }
    }
}
