use super::*;
use crate::model::august::{Head, Placed, Share};

fn report() -> Report {
    let total = Figures {
        same: Placed { visits: 30, referred: 2 },
        other: Placed { visits: 10, referred: 0 },
        online_first: 12,
        online_repeat: 28,
        in_person_first: Some(1500),
        in_person_repeat: None,
        ..Figures::default()
    };
    let month = NaiveDate::from_ymd_opt(2025, 8, 1).unwrap();
    Report {
        head: Head {
            name: "<みほん>医院".into(),
            code7: "0529818".into(),
            address: "東京都新宿区".into(),
            prefecture: "13".into(),
            municipality: "131041".into(),
            form: AugustForm::Medical,
        },
        year: 2026,
        from: month,
        until: NaiveDate::from_ymd_opt(2026, 7, 31).unwrap(),
        months: vec![Month {
            month,
            figures: total,
            in_person_source: Some(CountSource::Manual),
            later_source: CountSource::Derived,
        }],
        total,
        share: Some(Share { part: 10, whole: 40, over: true }),
        areas: vec![AreaRow { area: "14".into(), visits: 10, arrangement: None }],
        doctors: Vec::new(),
        talk: None,
        sums_agree: true,
        problems: vec![Problem {
            code: AugustFault::ArrangementMissing,
            count: 1,
            blocks: true,
            of: vec!["14".into()],
        }],
    }
}

#[test]
fn a_draft_says_so_and_what_is_missing() {
    let report = report();
    let page = body(&report, None, Lang::Ja).into_string();
    assert!(page.contains("下書き（提出できません）") && page.contains("未入力"), "{page}");
    assert!(page.contains("①＋② = 40 = オンライン 初診料＋再診料等 = 40 <strong>一致"), "{page}");
    assert!(page.contains("25.0％（10/40）") && page.contains("神奈川県"));
    assert!(page.contains("&lt;みほん&gt;医院") && page.contains("令和7年8月1日"));
    assert!(title(&report, Lang::Ja).contains("令和8年8月報告"));
    let english = body(&report, None, Lang::En).into_string();
    assert!(english.contains("Draft") && english.contains("1 August 2025"), "{english}");
}

#[test]
fn a_final_version_has_its_number_and_no_list_of_problems() {
    let report = report();
    let one =
        Final { version: 2, at: "2026-08-03T01:00:00Z".parse().unwrap(), report: report.clone() };
    let page = body(&report, Some(&one), Lang::Ja).into_string();
    assert!(page.contains("確定版 第2版（令和8年8月3日）") && !page.contains("下書き"), "{page}");
}
