//! What a facility must post, as a page of its own (F-12: posted matters are on the web too): that it
//! follows the guideline (L-05), that it prescribes no psychotropics at an online first visit (criterion
//! エ), how it is reached (L-06), what it costs. What the facility has not declared is not said for it.

use maud::{Markup, html};

use super::facility::{self, Known, Ours};
use super::sheet::day;
use crate::format::{Lang, numbers};
use crate::model::public::Posting;
use crate::model::terms::FeeItem;

/// What stands below the heading.
pub fn body(known: &Known, ours: &Ours, lang: Lang) -> Markup {
    html! {
        (facility::facts(known, lang))
        h2 { (lang.pick("お約束していること", "What this facility declares")) }
        (declared(ours.posting.as_ref(), lang))
        h2 { (lang.pick("届け出ている施設基準", "Criteria notified")) }
        @let held = facility::in_effect(known);
        @if held.is_empty() { p { (lang.pick("なし", "None")) } }
        @else {
            ul {
                @for past in held {
                    li { (facility::criterion(&past.criterion, lang)) " " (past.acceptance_number) }
                }
            }
        }
        h2 { (lang.pick("費用", "Fees")) }
        (fees(ours, lang))
        h2 { (lang.pick("担当する医師", "Doctors")) }
        (facility::doctors(ours, lang))
        h2 { (lang.pick("オンライン診療の時間", "Hours of online care")) }
        (facility::hours(ours, known.today, lang))
        h2 { (lang.pick("急なときの連絡先", "In an emergency")) }
        p {
            @match lang {
                Lang::Ja => {
                    "症状が急に悪くなったときは、" a href="tel:119" { "119" } "へ。当院の電話は "
                    a href=(format!("tel:{}", ours.facility.telephone)) { (ours.facility.telephone) } " です。"
                }
                Lang::En => {
                    "If you suddenly feel worse, call " a href="tel:119" { "119" } ". Our telephone is "
                    a href=(format!("tel:{}", ours.facility.telephone)) { (ours.facility.telephone) } "."
                }
            }
        }
        p.screen-only {
            a href=(format!("/facilities/{}?lang={}", known.institution.code10, lang.tag())) {
                (lang.pick("この医療機関のページ", "This facility's page"))
            }
        }
    }
}

fn declared(posting: Option<&Posting>, lang: Lang) -> Markup {
    let Some(posting) = posting else {
        let nothing = lang.pick(
            "この医療機関は、まだ掲示の内容を確かめていません。",
            "This facility has not confirmed its posting yet.",
        );
        return html! { p.warning { (nothing) } };
    };
    let guideline = lang.pick(
        "厚生労働省「オンライン診療の適切な実施に関する指針」に沿って診療しています。",
        "We follow the guideline on the proper conduct of online care of the Ministry of Health, Labour and Welfare.",
    );
    let psychotropics = lang.pick(
        "オンラインの初診では、向精神薬を処方しません。",
        "We prescribe no psychotropics at an online first visit.",
    );
    let note = lang.pick(&posting.note_ja, &posting.note_en);
    html! {
        ul {
            @if posting.follows_guideline { li { (guideline) } }
            @if posting.no_psychotropics { li { (psychotropics) } }
        }
        @if !posting.follows_guideline && !posting.no_psychotropics {
            p.warning { (lang.pick("確かめた事項はありません。", "Nothing is declared.")) }
        }
        @if !note.is_empty() { p { (note) } }
        p.small {
            (lang.pick("医療機関が確かめた日：", "Confirmed by the facility on "))
            (day(crate::time::zone::date_of(chrono_tz::Asia::Tokyo, posting.declared_at), lang))
        }
    }
}

fn fees(ours: &Ours, lang: Lang) -> Markup {
    html! {
        @for (offer, items) in &ours.offers {
            h3 { (lang.pick(&offer.name_ja, &offer.name_en)) }
            p { (lang.pick(&offer.fee_note_ja, &offer.fee_note_en)) }
            @if !items.is_empty() {
                ul { @for item in items { li { (fee(item, lang)) } } }
            }
        }
    }
}

fn fee(item: &FeeItem, lang: Lang) -> Markup {
    let note = lang.pick(&item.note_ja, &item.note_en);
    html! {
        (lang.pick(&item.name_ja, &item.name_en))
        @if let Some(yen) = item.yen { " " (numbers::grouped(yen)) (lang.pick("円", " yen")) }
        @if !note.is_empty() { "（" (note) "）" }
    }
}
