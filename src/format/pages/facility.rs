//! A facility's public page: who, where, which criteria, their history in both times, who sees
//! patients and when.

use chrono::NaiveDate;
use maud::{Markup, html};

use super::sheet::day;
use crate::format::table::answer::size_of_one;
use crate::format::table::counts::criterion_name;
use crate::format::{Lang, numbers, seeds, table};
use crate::model::facility::{Clinician, Facility, Offer};
use crate::model::public::{Past, Posting, PublicInstitution, Redesignated};
use crate::model::register::{Criterion, Size};
use crate::model::schedule::{OnHolidays, WeeklyHours, Weeks};
use crate::model::terms::FeeItem;

/// What is known of a facility.
#[derive(Debug)]
pub struct Known {
    /// The institution.
    pub institution: PublicInstitution,
    /// All that was ever known of its notifications, the latest knowledge first.
    pub past: Vec<Past>,
    /// Institutions that it probably was before, or became later.
    pub redesignated: Vec<Redesignated>,
    /// The facility here, where it works with this service.
    pub ours: Option<Ours>,
    /// The present day in Japan.
    pub today: NaiveDate,
}

/// A facility that works with this service.
#[derive(Debug)]
pub struct Ours {
    /// The facility.
    pub facility: Facility,
    /// Its doctors.
    pub clinicians: Vec<Clinician>,
    /// Hours of any of its doctors.
    pub hours: Vec<WeeklyHours>,
    /// What it offers, each with its fees.
    pub offers: Vec<(Offer, Vec<FeeItem>)>,
    /// What it declares.
    pub posting: Option<Posting>,
}

/// The institution's name, in English where it is known.
pub fn name(known: &Known, lang: Lang) -> &str {
    match (&known.ours, lang) {
        (Some(ours), Lang::En) if !ours.facility.name_en.is_empty() => &ours.facility.name_en,
        _ => &known.institution.name,
    }
}

/// What stands below the heading.
pub fn body(known: &Known, lang: Lang) -> Markup {
    html! {
        @if let Some(gone) = known.institution.gone_on {
            p.warning {
                @match lang {
                    Lang::Ja => { (day(gone, lang)) "現在の名簿には載っていません。" }
                    Lang::En => { "No longer in the list as of " (day(gone, lang)) "." }
                }
            }
        }
        @if let Some(ours) = &known.ours {
            p.screen-only {
                a href=(format!("/clinics/{}", ours.facility.id)) {
                    (lang.pick("オンライン診療を予約する", "Book an online visit"))
                }
                " ｜ "
                a href=(posting_address(known, lang)) {
                    (lang.pick("掲示事項", "Posted matters"))
                }
            }
        }
        (redesignated(known, lang))
        (facts(known, lang))
        h2 { (lang.pick("オンライン診療の施設基準", "Criteria of online care")) }
        (present(known, lang))
        @if let Some(ours) = &known.ours {
            h2 { (lang.pick("担当する医師", "Doctors")) }
            (doctors(ours, lang))
            h2 { (lang.pick("オンライン診療の時間", "Hours of online care")) }
            (hours(ours, known.today, lang))
        }
        h2 { (lang.pick("届出の履歴", "History of notifications")) }
        (history(known, lang))
        p.small { (lang.pick(seeds::BUREAU_SOURCE_JA, seeds::BUREAU_SOURCE_EN)) }
    }
}

/// That a new code at the same address is probably the same institution; nobody but a person knows.
fn redesignated(known: &Known, lang: Lang) -> Markup {
    html! {
        @for other in &known.redesignated {
            p {
                a href=(format!("/facilities/{}?lang={}", other.code10, lang.tag())) { (other.name) }
                @match (other.earlier == 1, lang) {
                    (true, Lang::Ja) => { "（" (other.code10) "）から、" (day(other.as_of, lang)) "までに指定し直されたとみられます。" }
                    (false, Lang::Ja) => { "（" (other.code10) "）に、" (day(other.as_of, lang)) "までに指定し直されたとみられます。" }
                    (true, Lang::En) => { " (" (other.code10) ") probably became this institution by " (day(other.as_of, lang)) "." }
                    (false, Lang::En) => { " (" (other.code10) ") is probably what this institution became by " (day(other.as_of, lang)) "." }
                }
            }
        }
    }
}

fn posting_address(known: &Known, lang: Lang) -> String {
    format!("/facilities/{}/posting?lang={}", known.institution.code10, lang.tag())
}

/// Who and where.
pub(super) fn facts(known: &Known, lang: Lang) -> Markup {
    let institution = &known.institution;
    let size = Size::ALL.into_iter().find(|size| size.code() == institution.size);
    let place = institution.municipality_code.as_deref().and_then(seeds::municipality);
    let ours = known.ours.as_ref().map(|ours| &ours.facility);
    html! {
        dl.facts {
            dt { (lang.pick("医療機関コード", "Code")) } dd { (institution.code10) }
            @if let Some(size) = size {
                dt { (lang.pick("種別", "Kind")) }
                dd {
                    (size_of_one(size, lang))
                    @if let Some(beds) = institution.beds {
                        @let beds = numbers::grouped(beds);
                        (lang.pick(format!(" 病床数 {beds}"), format!(", {beds} beds")))
                    }
                }
            }
            dt { (lang.pick("所在地", "Address")) }
            dd {
                @if let Some(code) = &institution.postal_code { "〒" (code) " " }
                (address(institution))
            }
            @if let Some(place) = place {
                dt { (lang.pick("市区町村", "Municipality")) }
                dd {
                    (seeds::place_in(&place.code, lang).unwrap_or_default())
                    @if let Some(area) = seeds::area_in_english(&place.medical_area) {
                        @match lang {
                            Lang::Ja => { "（二次保健医療圏：" (place.medical_area) "）" }
                            Lang::En => { " (medical area: " (area) ")" }
                        }
                    }
                }
            }
            @if let Some(facility) = ours {
                dt { (lang.pick("電話", "Telephone")) }
                dd { a href=(format!("tel:{}", facility.telephone)) { (facility.telephone) } }
                dt { (lang.pick("診療科", "Departments")) } dd { (facility.departments.join(lang.pick("、", ", "))) }
            }
        }
    }
}

/// The address with its prefecture, which most lists leave out.
pub fn address(institution: &PublicInstitution) -> String {
    let prefecture = seeds::prefecture(&institution.prefecture_code).unwrap_or_default();
    if institution.address.starts_with(prefecture) {
        institution.address.clone()
    } else {
        format!("{prefecture}{}", institution.address)
    }
}

/// The notifications that are known now and in effect on `today`.
pub(super) fn in_effect(known: &Known) -> Vec<&Past> {
    let holds = |past: &&Past| {
        past.superseded_at.is_none()
            && past.effective_from.is_none_or(|from| from <= known.today)
            && past.lapsed_on.is_none_or(|lapsed| known.today < lapsed)
    };
    known.past.iter().filter(holds).collect()
}

fn present(known: &Known, lang: Lang) -> Markup {
    let held = in_effect(known);
    html! {
        @if held.is_empty() {
            p { (lang.pick("届出はありません。", "No notification is in effect.")) }
        } @else {
            ul {
                @for past in held {
                    li {
                        (criterion(&past.criterion, lang)) " " (past.acceptance_number) " "
                        (since(past.effective_from, lang))
                    }
                }
            }
        }
    }
}

pub(super) fn criterion(code: &str, lang: Lang) -> &str {
    match code.parse::<Criterion>() {
        Ok(criterion) => criterion_name(criterion, lang),
        Err(_) => code,
    }
}

fn since(from: Option<NaiveDate>, lang: Lang) -> String {
    match (from, lang) {
        (Some(from), Lang::Ja) => format!("{}から", day(from, lang)),
        (Some(from), Lang::En) => format!("since {}", day(from, lang)),
        (None, _) => lang.pick("開始日不明", "start unknown").to_owned(),
    }
}

/// The doctors with their training, which one needs for online care (guideline V3(1)).
pub(super) fn doctors(ours: &Ours, lang: Lang) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label=(lang.pick("医師", "Doctors")) {
            table {
                thead {
                    tr {
                        th scope="col" { (lang.pick("医師", "Doctor")) }
                        th scope="col" { (lang.pick("医籍登録年", "Registered")) }
                        th scope="col" {
                            (lang.pick("オンライン診療の研修", "Training for online care"))
                        }
                    }
                }
                tbody {
                    @for one in &ours.clinicians {
                        tr {
                            th scope="row" { (lang.pick(&one.name, &one.name_en)) }
                            td { (one.license_year) (lang.pick("年", "")) }
                            td {
                                @match one.training_completed_on {
                                    Some(done) => {
                                        @let done = day(done, lang);
                                        (lang.pick(format!("{done} 修了"), format!("completed on {done}")))
                                    }
                                    None => { (lang.pick("修了の記録なし", "not recorded")) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

const DAYS: [(&str, &str); 7] = [
    ("月", "Mon"),
    ("火", "Tue"),
    ("水", "Wed"),
    ("木", "Thu"),
    ("金", "Fri"),
    ("土", "Sat"),
    ("日", "Sun"),
];

/// Hours by weekday, those of all doctors together.
pub(super) fn hours(ours: &Ours, today: NaiveDate, lang: Lang) -> Markup {
    let on = |weekday: u8| -> Vec<String> {
        let own = ours.hours.iter().filter(|one| {
            one.weekday == weekday && one.valid.until.is_none_or(|until| today < until)
        });
        let mut texts: Vec<(u16, String)> =
            own.map(|one| (one.opens, stretch(one, lang))).collect();
        texts.sort();
        texts.dedup();
        texts.into_iter().map(|(_, text)| text).collect()
    };
    let holidays = match ours.facility.on_holidays {
        OnHolidays::Closed => lang.pick("祝日は休診", "Closed on public holidays"),
        OnHolidays::Open => lang.pick("祝日も診療", "Open on public holidays"),
    };
    html! {
        dl.facts {
            @for (weekday, names) in (1_u8..).zip(DAYS) {
                dt { (lang.pick(names.0, names.1)) }
                dd {
                    @let texts = on(weekday);
                    @if texts.is_empty() { (table::none(lang)) } @else { (texts.join(lang.pick("、", ", "))) }
                }
            }
        }
        p.small { (holidays) }
    }
}

fn stretch(one: &WeeklyHours, lang: Lang) -> String {
    let clock = |minute: u16| format!("{}:{:02}", minute / 60, minute % 60);
    let hours = format!("{}–{}", clock(one.opens), clock(one.closes));
    let weeks = match one.weeks {
        Weeks::Every => String::new(),
        Weeks::OfMonth(which) => {
            let weeks: Vec<String> =
                (0..5).filter(|at| which >> at & 1 == 1).map(|at| (at + 1).to_string()).collect();
            match lang {
                Lang::Ja => format!("（第{}週）", weeks.join("・")),
                Lang::En => format!(" (weeks {} of the month)", weeks.join(", ")),
            }
        }
        Weeks::Alternate(_) => lang.pick("（隔週）", " (every other week)").to_owned(),
    };
    let from = one.valid.from.map(|from| format!("（{}）", since(Some(from), lang)));
    format!("{hours}{weeks}{}", from.unwrap_or_default())
}

/// What was known when: a line a notification as it was recorded, and until when that stood.
fn history(known: &Known, lang: Lang) -> Markup {
    let instant = |at: crate::time::Instant| {
        day(crate::time::zone::date_of(chrono_tz::Asia::Tokyo, at), lang)
    };
    html! {
        @if known.past.is_empty() { p { (lang.pick("記録はありません。", "Nothing is recorded.")) } }
        @else {
            div.scroll tabindex="0" role="region" aria-label=(lang.pick("届出の履歴", "History")) {
                table.wide {
                    thead {
                        tr {
                            th scope="col" { (lang.pick("施設基準", "Criterion")) }
                            th scope="col" { (lang.pick("受理番号", "Number")) }
                            th scope="col" { (lang.pick("有効な期間", "In effect")) }
                            th scope="col" { (lang.pick("この内容が分かっていた期間", "Known")) }
                            th scope="col" { (lang.pick("もと", "From")) }
                        }
                    }
                    tbody {
                        @for past in &known.past {
                            tr {
                                th scope="row" { (criterion(&past.criterion, lang)) }
                                td { (past.acceptance_number) }
                                td {
                                    (since(past.effective_from, lang))
                                    @if let Some(lapsed) = past.lapsed_on { br; (lapse(past.lapsed_after, lapsed, lang)) }
                                }
                                td {
                                    (instant(past.recorded_at)) "–"
                                    @if let Some(until) = past.superseded_at { (instant(until)) }
                                    @else { (lang.pick("今も", "now")) }
                                }
                                td { (origin(past, lang)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The lists show no day of lapsing, only that it lies between two of them.
fn lapse(after: Option<NaiveDate>, on: NaiveDate, lang: Lang) -> String {
    match (after, lang) {
        (Some(after), Lang::Ja) => {
            format!("{}より後、{}までに失効", day(after, lang), day(on, lang))
        }
        (Some(after), Lang::En) => {
            format!("lapsed after {}, by {}", day(after, lang), day(on, lang))
        }
        (None, Lang::Ja) => format!("{}に失効", day(on, lang)),
        (None, Lang::En) => format!("lapsed on {}", day(on, lang)),
    }
}

fn origin(past: &Past, lang: Lang) -> String {
    match (past.source.as_str(), past.as_of) {
        ("bureau", Some(as_of)) => match lang {
            Lang::Ja => format!("{}現在の名簿", day(as_of, lang)),
            Lang::En => format!("list as of {}", day(as_of, lang)),
        },
        ("filing", _) => lang.pick("このサービスでの届出", "filed here").to_owned(),
        _ => lang.pick("見本", "demo").to_owned(),
    }
}
