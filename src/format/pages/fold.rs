//! What the checks found: whether bookings stand as what happened to them says.

use maud::{Markup, html};

use crate::format::dates::Style;
use crate::format::{Lang, numbers};
use crate::model::event::{Check, CheckScope};

/// A check, and the first bookings that stand otherwise: id, code, detail.
pub type Seen = (Check, Vec<(String, String, String)>);

/// The page's title.
pub fn title(lang: Lang) -> &'static str {
    lang.pick("予約と記録の突き合わせ", "Bookings and their record")
}

fn scope(scope: CheckScope, lang: Lang) -> &'static str {
    match scope {
        CheckScope::Whole => lang.pick("すべて", "All"),
        CheckScope::Changed => lang.pick("変わったもの", "What changed"),
    }
}

/// The page below its heading: the last checks, the newest first.
pub fn body(seen: &[Seen], lang: Lang) -> Markup {
    let style = Style::from(lang);
    html! {
        p { (lang.pick(
            "予約の今の状態は、その予約に起きたことの記録から導けるはずです。毎晩すべてを、日中は変わったものを確かめています。",
            "How a booking stands must follow from the record of what happened to it. All are checked every night, and what changed in between.")) }
        @if seen.is_empty() {
            p.warning { (lang.pick("まだ確かめていません。", "No check has been made yet.")) }
        }
        @if seen.iter().any(|(check, _)| check.divergent > 0) {
            p.warning role="alert" { (lang.pick("食い違いがあります。運用者に連絡してください。", "Some bookings differ. Please tell the operator.")) }
        }
        div.scroll tabindex="0" role="region" aria-label=(title(lang)) { table {
            caption { (lang.pick("最近の確認", "The last checks")) }
            thead { tr {
                th scope="col" { (lang.pick("日時", "When")) }
                th scope="col" { (lang.pick("対象", "What")) }
                th.figures scope="col" { (lang.pick("予約", "Bookings")) }
                th.figures scope="col" { (lang.pick("記録", "Events")) }
                th.figures scope="col" { (lang.pick("食い違い", "Differ")) }
            } }
            tbody { @for (check, _) in seen { tr {
                th scope="row" { (style.minute(check.started_at)) }
                td { (scope(check.scope, lang)) }
                td.figures { (numbers::grouped(check.bookings)) }
                td.figures { (numbers::grouped(check.events)) }
                td.figures { (numbers::grouped(check.divergent)) }
            } } }
        } }
        @for (check, found) in seen.iter().filter(|(_, found)| !found.is_empty()) {
            h2 { (style.minute(check.started_at)) }
            ul { @for (id, code, detail) in found {
                li { code { (id) } " " (code) " " (detail) }
            } }
        }
    }
}
