//! The yearly report as a page for A4, in the order of the form (rules.md 2.1). The form's number
//! differs between notices and is not printed.

use chrono::NaiveDate;
use maud::{Markup, html};

use crate::format::dates::Style;
use crate::format::pages::own::rate;
use crate::format::table::none;
use crate::format::{Lang, numbers, seeds, wareki};
use crate::model::august::{
    AreaRow, AugustFault, AugustForm, CountSource, DoctorRow, Figures, Final, Month, Problem,
    Report, TalkStyles,
};
use crate::model::closing::{DoctorPlace, RecordAccess};

/// A day, as official papers print it.
fn day(date: NaiveDate, lang: Lang) -> String {
    Style::from(lang).date(date)
}

/// The page's title.
pub fn title(report: &Report, lang: Lang) -> String {
    let year = lang.pick(wareki::year_of(report.until), report.year.to_string());
    lang.pick(
        format!("情報通信機器を用いた診療に係る報告書（{year}8月報告）"),
        format!("Report on care using ICT devices, August {year}"),
    )
}

/// An area's name: a prefecture's by two digits, a municipality's by six.
pub fn area_name(code: &str, lang: Lang) -> String {
    let place = seeds::place_in(code, lang);
    place.unwrap_or_else(|| seeds::prefecture_in(code, lang).unwrap_or(code).to_owned())
}

/// Where a number comes from.
pub fn source(source: CountSource, lang: Lang) -> &'static str {
    match source {
        CountSource::Derived => lang.pick("ファイル", "file"),
        CountSource::Manual => lang.pick("手入力", "typed"),
    }
}

/// What stands against a report, in a sentence.
pub fn problem(problem: &Problem, lang: Lang) -> String {
    let count = problem.count;
    match problem.code {
        AugustFault::NotOver => lang
            .pick("報告の期間がまだ終わっていません。", "The period of the report is not over.")
            .to_owned(),
        AugustFault::NoVisits => lang
            .pick(
                "期間中に診察がなく、報告は要りません。",
                "There was no visit, so no report is due.",
            )
            .to_owned(),
        AugustFault::UnknownPlace => lang.pick(
            format!("患者の所在が分からない診察が {count} 件あります。"),
            format!("Of {count} visits nobody knows where the patient was."),
        ),
        AugustFault::InPersonMissing => lang.pick(
            format!("対面診療の件数が {count} か月分入っていません。"),
            format!("Counts of visits in person are missing for {count} months."),
        ),
        AugustFault::ArrangementMissing => lang.pick(
            format!("対面診療の体制が {count} の地域について入っていません。"),
            format!("How care in person is arranged is missing for {count} areas."),
        ),
        AugustFault::TalkStyleMissing => lang
            .pick(
                "診療前相談の方法が入っていません。",
                "How talks before care are held is missing.",
            )
            .to_owned(),
        AugustFault::NotInEffect => lang.pick(
            format!("届出が有効でない日の診察 {count} 件は数えていません。"),
            format!(
                "{count} visits on days on which the criterion was not in effect are not counted."
            ),
        ),
        AugustFault::SelfPay => lang.pick(
            format!("自由診療 {count} 件は数えていません。"),
            format!("{count} visits paid by the patient alone are not counted."),
        ),
    }
}

/// The page below its heading.
pub fn body(report: &Report, version: Option<&Final>, lang: Lang) -> Markup {
    html! {
        @match version {
            Some(one) => p { (lang.pick("確定版 第", "Final version ")) (one.version)
                (lang.pick("版（", " (")) (day(one.at.with_timezone(&chrono_tz::Asia::Tokyo).date_naive(), lang))
                (lang.pick("）", ")")) },
            None => p.warning { strong { (lang.pick("下書き（提出できません）", "Draft, not to be handed in")) } },
        }
        @if version.is_none() && !report.problems.is_empty() {
            ul { @for one in &report.problems { li { (problem(one, lang)) } } }
        }
        (head(report, lang))
        (placed(report, lang))
        (arrangements(report, lang))
        (doctors(&report.doctors, lang))
        (fees(report, lang))
        (check(report, lang))
        (talk(report.talk, lang))
    }
}

fn head(report: &Report, lang: Lang) -> Markup {
    let head = &report.head;
    html! {
        dl.facts {
            dt { (lang.pick("保険医療機関名", "Institution")) } dd { (head.name) }
            dt { (lang.pick("医療機関コード（7桁）", "Code (7 digits)")) } dd { (head.code7) }
            dt { (lang.pick("所在地", "Address")) } dd { (head.address) }
            dt { (lang.pick("報告の期間", "Period")) }
            dd { (day(report.from, lang)) (lang.pick("から", " to ")) (day(report.until, lang)) (lang.pick("まで", "")) }
        }
    }
}

fn month_name(month: NaiveDate, lang: Lang) -> String {
    let text = month.format("%-m").to_string();
    lang.pick(format!("{text}月"), month.format("%Y-%m").to_string())
}

fn number(value: i64) -> Markup {
    html! { td.figures { (numbers::grouped(value)) } }
}

fn perhaps(value: Option<i64>, lang: Lang) -> Markup {
    let missing = lang.pick("未入力", "missing");
    html! { td.figures { (value.map_or(missing.to_owned(), numbers::grouped)) } }
}

/// A table with a row for each month and the total behind them.
fn monthly(
    report: &Report,
    caption: &str,
    headings: &[&str],
    row: impl Fn(&Figures, Option<&Month>) -> Markup,
    lang: Lang,
) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label=(caption) { table {
            caption { (caption) }
            thead { tr {
                th scope="col" { (lang.pick("月", "Month")) }
                @for heading in headings { th.figures scope="col" { (heading) } }
            } }
            tbody { @for month in &report.months { tr {
                th scope="row" { (month_name(month.month, lang)) }
                (row(&month.figures, Some(month)))
            } } }
            tfoot { tr { th scope="row" { (lang.pick("計", "Total")) } (row(&report.total, None)) } }
        } }
    }
}

fn placed(report: &Report, lang: Lang) -> Markup {
    let (own, elsewhere) = match report.head.form {
        AugustForm::Medical => (
            lang.pick("① 同一都道府県", "1: same prefecture"),
            lang.pick("② 他の都道府県", "2: other prefecture"),
        ),
        AugustForm::Dental => (
            lang.pick("① 同一市区町村", "1: same municipality"),
            lang.pick("② 他の市区町村", "2: other municipality"),
        ),
    };
    let referred = lang.pick("うち紹介", "referred");
    let unknown = lang.pick("所在不明", "unknown");
    let row = |figures: &Figures, _: Option<&Month>| {
        html! {
            (number(figures.same.visits)) (number(figures.same.referred))
            (number(figures.other.visits)) (number(figures.other.referred))
            (number(figures.unknown.visits))
        }
    };
    let share = report.share.map(|share| (share.part, share.whole));
    html! {
        h2 { "1-1 " (lang.pick("患者の所在地別の件数", "Visits by the place of the patient")) }
        (monthly(report, lang.pick("診察の件数", "Visits"), &[own, referred, elsewhere, referred, unknown], row, lang))
        p { (lang.pick("②÷（①＋②）: ", "2 ÷ (1 + 2): ")) strong { (rate(share.or(Some((0, 0))), lang)) } }
        p.small { (lang.pick(
            "「うち紹介」は、自院では対応が困難または緊急のため他の医療機関に紹介した件数。",
            "Referred: sent to another institution as beyond the own ability or as urgent.")) }
    }
}

fn arrangements(report: &Report, lang: Lang) -> Markup {
    let (limit, areas) = match report.head.form {
        AugustForm::Medical => ("20％", 10),
        AugustForm::Dental => ("80％", 5),
    };
    let row = |row: &AreaRow| {
        let missing = lang.pick("未入力", "missing");
        let said = row.arrangement.as_ref();
        html! { tr {
            th scope="row" { (area_name(&row.area, lang)) }
            td.figures { (numbers::grouped(row.visits)) }
            td { (said.map_or(missing, |said| said.institution.as_str())) }
            td { (said.map_or("", |said| said.referral.as_str())) }
            td { (said.map_or("", |said| if said.agreed { lang.pick("あり", "yes") } else { lang.pick("なし", "no") })) }
        } }
    };
    html! {
        h2 { "1-2 " (lang.pick("所在地が離れた患者の対面診療の体制", "Care in person for patients elsewhere")) }
        @if report.areas.is_empty() {
            p { (lang.pick(format!("②が{limit}を超えないため、記載は要りません。"), format!("Not asked for: the share does not exceed {limit}."))) }
        } @else {
            div.scroll tabindex="0" role="region" aria-label=(lang.pick("対面診療の体制", "Care in person")) { table {
                caption { (lang.pick(format!("件数の多い{areas}の地域"), format!("The {areas} areas with most visits"))) }
                thead { tr {
                    th scope="col" { (lang.pick("地域", "Area")) }
                    th.figures scope="col" { (lang.pick("件数", "Visits")) }
                    th scope="col" { (lang.pick("対面診療を行う医療機関", "Institution")) }
                    th scope="col" { (lang.pick("紹介の方法", "Way of referral")) }
                    th scope="col" { (lang.pick("事前の合意", "Agreed before")) }
                } }
                tbody { @for one in &report.areas { (row(one)) } }
            } }
        }
    }
}

fn doctors(rows: &[DoctorRow], lang: Lang) -> Markup {
    html! {
        h2 { "1-3 " (lang.pick("医療機関の外で診療した医師", "Doctors who were outside the institution")) }
        @if rows.is_empty() {
            p { (lang.pick("いません。", "None.")) }
        } @else {
            div.scroll tabindex="0" role="region" aria-label=(lang.pick("医師", "Doctors")) { table {
                thead { tr {
                    th scope="col" { (lang.pick("氏名", "Name")) }
                    th scope="col" { (lang.pick("常勤・非常勤", "Employment")) }
                    th scope="col" { (lang.pick("場所", "Place")) }
                    th scope="col" { (lang.pick("都道府県", "Prefecture")) }
                    th scope="col" { (lang.pick("過去の診療録の確認", "Past records")) }
                    th.figures scope="col" { (lang.pick("件数", "Visits")) }
                } }
                tbody { @for row in rows { tr {
                    th scope="row" { (row.name) }
                    td { (if row.full_time { lang.pick("常勤", "full time") } else { lang.pick("非常勤", "part time") }) }
                    td { (doctor_place(row.place, lang)) }
                    td { (row.prefecture.as_deref().map_or_else(|| none(lang).to_owned(), |code| area_name(code, lang))) }
                    td { (row.record_access.map_or(none(lang), |access| record_access(access, lang))) }
                    td.figures { (numbers::grouped(row.visits)) }
                } } }
            } }
        }
    }
}

/// Where a doctor was.
pub fn doctor_place(place: DoctorPlace, lang: Lang) -> &'static str {
    match place {
        DoctorPlace::Clinic => lang.pick("医療機関内", "in the institution"),
        DoctorPlace::Home => lang.pick("自宅等", "at home or the like"),
        DoctorPlace::OtherFacility => {
            lang.pick("開設・所属する他の医療機関", "another institution of theirs")
        }
        DoctorPlace::Other => lang.pick("その他", "elsewhere"),
    }
}

/// How past records were seen.
pub fn record_access(access: RecordAccess, lang: Lang) -> &'static str {
    match access {
        RecordAccess::InHouse => lang.pick("院内の診療録", "the institution's own"),
        RecordAccess::CloudEmr => lang.pick("クラウド型電子カルテ", "cloud EMR"),
        RecordAccess::Other => lang.pick("その他", "otherwise"),
    }
}

fn fees(report: &Report, lang: Lang) -> Markup {
    let headings = [
        lang.pick("対面 初診料", "In person, first"),
        lang.pick("対面 再診料等", "In person, repeat"),
        lang.pick("対面の出所", "Source"),
        lang.pick("オンライン 初診料", "Online, first"),
        lang.pick("うち診療前相談あり", "with a talk before"),
        lang.pick("うち以後の対面なし", "without a later visit here"),
        lang.pick("オンライン 再診料等", "Online, repeat"),
    ];
    let row = |figures: &Figures, month: Option<&Month>| {
        let from = month.and_then(|month| month.in_person_source);
        html! {
            (perhaps(figures.in_person_first, lang)) (perhaps(figures.in_person_repeat, lang))
            td { (from.map_or("", |from| source(from, lang))) }
            (number(figures.online_first)) (number(figures.first_with_talk))
            (number(figures.first_without_later)) (number(figures.online_repeat))
        }
    };
    html! {
        h2 { "2 " (lang.pick("算定の件数", "Visits by fee")) }
        (monthly(report, lang.pick("初診料・再診料等の件数", "Visits by fee"), &headings, row, lang))
        p.small { (lang.pick(
            "オンラインの件数は、このサービスで行われた診察から数えています。対面の件数は、すべての患者について医療機関が入力したものです。",
            "Online visits are counted from the visits of this service; visits in person are of all patients and were entered by the institution.")) }
    }
}

fn check(report: &Report, lang: Lang) -> Markup {
    let total = &report.total;
    let (left, right) =
        (total.same.visits + total.other.visits, total.online_first + total.online_repeat);
    html! {
        h2 { (lang.pick("確認", "Check")) }
        p #check {
            "①＋② = " (numbers::grouped(left)) " "
            (if report.sums_agree { "=" } else { "≠" }) " "
            (lang.pick("オンライン 初診料＋再診料等", "online first + repeat")) " = " (numbers::grouped(right)) " "
            strong { (if report.sums_agree { lang.pick("一致", "agrees") } else { lang.pick("不一致", "does not agree") }) }
        }
    }
}

fn talk(talk: Option<TalkStyles>, lang: Lang) -> Markup {
    let styles = talk.unwrap_or_default();
    let ways = [
        (styles.series, lang.pick("診療前相談から続けて診療", "talk and care in one go")),
        (
            styles.separated,
            lang.pick("診療前相談と診療を別に行う", "talk and care at different times"),
        ),
        (styles.other, lang.pick("その他", "otherwise")),
    ];
    html! {
        h2 { "3 " (lang.pick("診療前相談の方法", "How talks before care are held")) }
        @if talk.is_none() {
            p { (lang.pick("未入力", "missing")) }
        } @else {
            ul { @for (chosen, name) in ways { li { (if chosen { "☑ " } else { "☐ " }) (name) } } }
        }
    }
}

#[cfg(test)]
mod tests;
