//! The open data: where they are, what they hold, under which licence.

use chrono::NaiveDate;
use maud::{Markup, html};

use super::sheet::day;
use crate::format::open_data::{COLUMNS, LICENCE, LICENCE_ADDRESS};
use crate::format::{Lang, seeds};

/// What stands below the heading; `days` are prefectures with the days of their last lists.
pub fn body(days: &[(String, NaiveDate)], lang: Lang) -> Markup {
    let what = lang.pick(
        "オンライン診療（情報通信機器を用いた診療）の届出が受理された医療機関の一覧です。自治体標準オープンデータセット「医療機関一覧」の項目に合わせたCSV（UTF-8）です。",
        "Institutions accepted for online care as CSV (UTF-8), in the columns of the municipalities' standard data set of medical institutions (医療機関一覧).",
    );
    html! {
        p { (what) }
        dl.facts {
            dt { (lang.pick("ライセンス", "Licence")) }
            dd { a href=(LICENCE_ADDRESS) rel="license" { (LICENCE) } }
            dt { (lang.pick("出典", "Source")) }
            dd { (lang.pick(seeds::BUREAU_SOURCE_JA, seeds::BUREAU_SOURCE_EN)) }
        }
        h2 { (lang.pick("ファイル", "Files")) }
        @if days.is_empty() {
            p { (lang.pick("名簿がまだ取り込まれていません。", "No list has been read yet.")) }
        } @else {
            ul {
                @for (code, as_of) in days {
                    @let address = format!("/open-data/medical-institutions.csv?prefecture={code}");
                    li {
                        (seeds::prefecture_in(code, lang).unwrap_or(code)) " "
                        (lang.pick("（", "(")) (day(*as_of, lang)) (lang.pick("現在）", ")")) " "
                        a href=(address) { (lang.pick("オンライン診療の届出あり", "accepted for online care")) }
                        " ｜ "
                        a href=(format!("{address}&all=true")) { (lang.pick("すべての医療機関", "all institutions")) }
                    }
                }
            }
        }
        h2 { (lang.pick("項目", "Columns")) }
        p {
            (lang.pick(
                "名簿にない項目は空です。カナ、電話番号、診療科目は、このサービスを使う医療機関だけにあります。",
                "What no list states is empty. Kana, telephone and departments are known of facilities that work with this service.",
            ))
        }
        ol.small { @for column in COLUMNS { li { (column) } } }
    }
}
