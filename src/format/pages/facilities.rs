//! The list of facilities behind a number.

use chrono::NaiveDate;
use maud::{Markup, html};

use crate::engine::counts::members::{Member, What};
use crate::format::dates::Style;
use crate::format::table::answer::size_of_one;
use crate::format::{Lang, numbers, seeds};

/// A facility of the list.
#[derive(Clone, Debug)]
pub struct Line {
    /// What was counted.
    pub member: Member,
    /// Its name, where the lists tell.
    pub name: Option<String>,
    /// Its address, as its list states it.
    pub address: Option<String>,
}

/// A page of the list.
#[derive(Clone, Debug)]
pub struct Listing {
    /// Which number.
    pub what: What,
    /// On which day.
    pub as_of: NaiveDate,
    /// As known on this day.
    pub known_on: NaiveDate,
    /// How many there are in all.
    pub count: usize,
    /// The place of the first on this page, from 0.
    pub from: usize,
    /// Those of the page.
    pub lines: Vec<Line>,
    /// What narrows it, in words.
    pub narrowed: Vec<String>,
    /// The page before.
    pub before: Option<String>,
    /// The page after.
    pub after: Option<String>,
}

/// The heading.
pub fn title(what: What, lang: Lang) -> &'static str {
    match what {
        What::Accepted => lang.pick("届出が受理されている医療機関", "Accepted facilities"),
        What::Uncertain => {
            lang.pick("失効した可能性のある医療機関", "Facilities that may have lapsed")
        }
        What::Institutions => lang.pick("名簿に載っている医療機関", "Institutions on the list"),
        What::New => lang.pick("新たに届出が受理された医療機関", "Newly accepted facilities"),
        What::Lapsed => lang.pick("届出が失効した医療機関", "Facilities that lapsed"),
        What::Redesignated => {
            lang.pick("指定替えとみられる医療機関", "Probably re-designated facilities")
        }
    }
}

/// What stands below the heading.
pub fn body(listing: &Listing, style: Style) -> Markup {
    let lang = style.lang;
    let number = |count: usize| numbers::grouped(i64::try_from(count).unwrap_or(i64::MAX));
    let (as_of, known) = (style.date(listing.as_of), style.date(listing.known_on));
    html! {
        p.great { (number(listing.count)) " " span.unit { (lang.pick("施設", "facilities")) } }
        p {
            (lang.pick(format!("{as_of}時点（{known}に分かっていた内容）"), format!("as of {as_of} (as known on {known})")))
            @for one in &listing.narrowed { "　" (one) }
        }
        @if !listing.lines.is_empty() {
            div.scroll tabindex="0" role="region" aria-label=(title(listing.what, lang)) {
                table {
                    caption {
                        (number(listing.from + 1)) "–" (number(listing.from + listing.lines.len()))
                        " / " (number(listing.count))
                    }
                    thead {
                        tr {
                            th scope="col" { (lang.pick("医療機関", "Facility")) }
                            th scope="col" { (lang.pick("所在地", "Address")) }
                            th scope="col" { (lang.pick("区市町村", "Municipality")) }
                            th scope="col" { (lang.pick("区分", "Kind")) }
                            th scope="col" { (lang.pick("算定開始", "Since")) }
                            th scope="col" { (lang.pick("コード", "Code")) }
                        }
                    }
                    tbody { @for line in &listing.lines { (row(line, style)) } }
                }
            }
        } @else {
            p { (lang.pick("該当する医療機関はありません。", "There are none.")) }
        }
        nav.pages aria-label=(lang.pick("ページ", "Pages")) {
            @if let Some(before) = &listing.before { a rel="prev" href=(before) { (lang.pick("前のページ", "Previous page")) } " " }
            @if let Some(after) = &listing.after { a rel="next" href=(after) { (lang.pick("次のページ", "Next page")) } }
        }
        p.small { (lang.pick(seeds::BUREAU_SOURCE_JA, seeds::BUREAU_SOURCE_EN)) }
    }
}

fn row(line: &Line, style: Style) -> Markup {
    let lang = style.lang;
    let code = line.member.code;
    let place =
        line.member.municipality.as_deref().and_then(|code| seeds::municipality_in(code, lang));
    html! {
        tr {
            th scope="row" {
                a href=(format!("/facilities/{code}?lang={}", lang.tag())) { (line.name.as_deref().unwrap_or(code.as_str())) }
            }
            td { (line.address.as_deref().unwrap_or_default()) }
            td { (place.unwrap_or(lang.pick("不明", "unknown"))) }
            td { (size_of_one(line.member.size, lang)) }
            td { (line.member.since.map_or_else(|| lang.pick("不明", "unknown").to_owned(), |since| style.date(since))) }
            td { (code) }
        }
    }
}
