//! The data sheet of a notification, for paper: for the criterion of care by ICT devices the items of
//! 様式1 (F-02), for the other kinds what theirs ask. It is what was filled in here, not the office's
//! own form.

use chrono::NaiveDate;
use maud::{Markup, html};

use crate::engine::filing::is_shown;
use crate::format::Lang;
use crate::format::page::Page;
use crate::format::wareki;
use crate::model::filing::{
    Check, Definition, Field, FieldType, Filing, FilingKind, Form, Reception,
};

/// What stands on the sheet.
#[derive(Debug)]
pub struct Sheet<'a> {
    /// In which language.
    pub language: Lang,
    /// The notification.
    pub filing: &'a Filing,
    /// What its kind asks.
    pub definition: &'a Definition,
    /// Whose it is.
    pub name: &'a str,
    /// Street address.
    pub address: &'a str,
    /// What is filled in: as it was handed in last, or as it is being written.
    pub form: &'a Form,
    /// What stands for its demands.
    pub checks: &'a [Check],
    /// The place that is notified.
    pub site: Option<&'a Reception>,
    /// The names of the institutions that are linked with that place.
    pub linked: &'a [&'a str],
    /// The day of printing.
    pub today: NaiveDate,
}

/// The sheet as a page.
pub fn page(sheet: &Sheet<'_>) -> Page {
    let l = sheet.language;
    let title = match sheet.filing.kind {
        FilingKind::Criterion => l.pick(
            "様式1 記載事項（情報通信機器を用いた診療の施設基準）",
            "Form 1 data sheet (facility criteria of care by communication devices)",
        ),
        FilingKind::OnlineCare | FilingKind::ReceptionFacility => {
            l.pick(&sheet.definition.ja, &sheet.definition.en)
        }
    };
    Page {
        title: title.to_owned(),
        language: l,
        path: Some(format!("/filings/{}/form1", sheet.filing.id)),
        body: body(sheet),
        embed: false,
    }
}

/// A day as the offices write it: 令和8年12月1日.
fn day(date: NaiveDate, language: Lang) -> String {
    match language {
        Lang::Ja => wareki::format(date),
        Lang::En => date.to_string(),
    }
}

fn body(sheet: &Sheet<'_>) -> Markup {
    let l = sheet.language;
    let draft = sheet.filing.submitted_on.is_none();
    html! {
        @if draft {
            p.warning { (l.pick("下書きです。まだ提出していません。", "A draft. It has not been handed in yet.")) }
        }
        p.small {
            (l.pick("届出先", "To")) "：" (l.pick(&sheet.definition.to_ja, &sheet.definition.to_en)) "　"
            (l.pick("印刷日", "Printed")) "：" (day(sheet.today, l))
        }
        (who(sheet))
        (fields(sheet))
        (demands(sheet))
        (office(sheet))
        p.small { (l.pick(
            "この用紙は、記入した内容の控えです。届出には、届出先が定める様式を使ってください。",
            "This sheet repeats what was filled in. To notify, use the form of the office named above.",
        )) }
    }
}

/// One row of a table: what it is, and what was said.
fn row(what: &str, said: &str) -> Markup {
    html! { tr { th scope="row" { (what) } td { @if said.is_empty() { "―" } @else { (lines(said)) } } } }
}

/// Lines stay lines.
fn lines(text: &str) -> Markup {
    html! {
        @for (at, line) in text.lines().enumerate() {
            @if at > 0 { br; }
            (line)
        }
    }
}

fn who(sheet: &Sheet<'_>) -> Markup {
    let l = sheet.language;
    html! {
        h2 { (l.pick("届け出る者", "Who notifies")) }
        table.data-sheet {
            tbody {
                @if let Some(code) = &sheet.filing.code10 {
                    (row(l.pick("医療機関コード", "Institution code"), code))
                }
                @if let Some(site) = sheet.site {
                    (row(l.pick("設置者", "Operator"), &site.operator_name))
                }
                (row(l.pick("名称", "Name"), sheet.name))
                (row(l.pick("所在地", "Address"), sheet.address))
                @if let Some(site) = sheet.site {
                    (row(l.pick("電話", "Telephone"), &site.telephone))
                    (row(l.pick("24時間の連絡先", "Contact at any hour"), &site.contact_24h))
                    (row(l.pick("開いている時間", "Open"), &site.open_hours))
                    (row(l.pick("利用料", "Usage fee"), &format!("{}円", site.usage_fee)))
                    (row(
                        l.pick("看護師等の配置", "A nurse is there"),
                        if site.has_nurse { l.pick("あり", "Yes") } else { l.pick("なし", "No") },
                    ))
                    (row(l.pick("連携する医療機関", "Linked institutions"), &sheet.linked.join("、")))
                }
            }
        }
    }
}

/// What was said to a field, in words.
fn said(field: &Field, form: &Form, language: Lang) -> String {
    let text = form.get(&field.id).map_or("", String::as_str);
    match field.of {
        FieldType::Choice => {
            let chosen = field.options.iter().find(|option| option.id == text);
            chosen.map_or("", |option| language.pick(&option.ja, &option.en)).to_owned()
        }
        FieldType::Date => text.parse().map_or(String::new(), |date| day(date, language)),
        FieldType::Text | FieldType::Long => text.to_owned(),
    }
}

fn fields(sheet: &Sheet<'_>) -> Markup {
    let l = sheet.language;
    let shown = sheet.definition.fields.iter().filter(|field| is_shown(field, sheet.form));
    html! {
        h2 { (l.pick("記載事項", "Items")) }
        table.data-sheet {
            thead { tr {
                th scope="col" { (l.pick("項目", "Item")) }
                th scope="col" { (l.pick("内容", "Answer")) }
                th scope="col" { (l.pick("根拠", "Source")) }
            } }
            tbody {
                @for field in shown {
                    tr {
                        th scope="row" { (l.pick(&field.ja, &field.en)) }
                        td {
                            @let text = said(field, sheet.form, l);
                            @if text.is_empty() { "―" } @else { (lines(&text)) }
                        }
                        td.small { (field.source) }
                    }
                }
            }
        }
    }
}

fn demands(sheet: &Sheet<'_>) -> Markup {
    let l = sheet.language;
    let date = |day_of: Option<NaiveDate>| day_of.map_or("―".to_owned(), |date| day(date, l));
    html! {
        h2 { (l.pick("基準と、それを示すもの", "Criteria and their evidence")) }
        table.data-sheet {
            thead { tr {
                th scope="col" { (l.pick("基準", "Criterion")) }
                th scope="col" { (l.pick("適否", "Met")) }
                th scope="col" { (l.pick("示すもの", "Evidence")) }
            } }
            tbody {
                @for demand in &sheet.definition.demands {
                    @let check = sheet.checks.iter().find(|check| check.item == demand.item);
                    tr {
                        th scope="row" { (demand.letter) " " (l.pick(&demand.ja, &demand.en)) }
                        td { (match check {
                            Some(check) if check.met => l.pick("適", "Yes"),
                            Some(_) => l.pick("否", "No"),
                            None => "―",
                        }) }
                        td {
                            @if let Some(check) = check {
                                (lines(&check.evidence))
                                @if let Some(url) = &check.url {
                                    br; (url)
                                    br; (l.pick("確かめた日", "Looked at on")) " " (date(check.checked_on))
                                    "、" (l.pick("控えの日", "Copy of")) " " (date(check.snapshot_on))
                                }
                            } @else { "―" }
                        }
                    }
                }
            }
        }
    }
}

fn office(sheet: &Sheet<'_>) -> Markup {
    let l = sheet.language;
    let date = |of: Option<NaiveDate>| of.map_or(String::new(), |date| day(date, l));
    let filing = sheet.filing;
    html! {
        h2 { (l.pick("提出と受理", "Handing in and acceptance")) }
        table.data-sheet {
            tbody {
                (row(l.pick("提出年月日", "Handed in on"), &date(filing.submitted_on)))
                (row(l.pick("受理番号", "Acceptance number"), filing.acceptance_number.as_deref().unwrap_or_default()))
                (row(l.pick("受理年月日", "Accepted on"), &date(filing.accepted_on)))
                (row(l.pick("算定開始・効力の始まる日", "In effect from"), &date(filing.effective_from)))
                @if filing.ended_on.is_some() {
                    (row(l.pick("効力のなくなった日", "In effect until (exclusive)"), &date(filing.ended_on)))
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::filings::definition;
    use crate::format::page::Styles;
    use crate::model::FilingId;

    #[test]
    fn the_sheet_shows_what_is_asked_and_nothing_else() {
        let filing = Filing {
            prefecture: "13".to_owned(),
            code10: Some("1319990010".to_owned()),
            ..Filing::draft(FilingId::new(), FilingKind::Criterion)
        };
        let form: Form =
            [("manager", "<音無>"), ("outside_planned", "no"), ("outside_place", "自宅")]
                .map(|(id, text)| (id.to_owned(), text.to_owned()))
                .into();
        let check = Check {
            item: "posting".to_owned(),
            met: true,
            evidence: "掲載\n確認済み".to_owned(),
            url: Some("https://otonashi.example/".to_owned()),
            checked_on: NaiveDate::from_ymd_opt(2026, 12, 1),
            snapshot_on: NaiveDate::from_ymd_opt(2026, 11, 30),
        };
        let sheet = Sheet {
            language: Lang::Ja,
            filing: &filing,
            definition: definition(FilingKind::Criterion).unwrap(),
            name: "音無医院",
            address: "千代田区",
            form: &form,
            checks: &[check],
            site: None,
            linked: &[],
            today: NaiveDate::from_ymd_opt(2026, 12, 1).unwrap(),
        };
        let text = page(&sheet).render(Styles::Linked);
        for there in [
            "下書きです",
            "&lt;音無&gt;",
            "掲載<br>確認済み",
            "https://otonashi.example/",
            "エ オンラインの初診で",
            "令和8年12月1日",
        ] {
            assert!(text.contains(there), "{there}: {text}");
        }
        // What is asked only of doctors outside.
        assert!(!text.contains("自宅") && !text.contains("医療資源"), "{text}");
    }
}
