use proptest::prelude::*;

use super::*;
use crate::model::BookingId;
use crate::model::august::{Arrangement, InPerson, TalkStyles};

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn head(form: AugustForm) -> Head {
    Head {
        name: "みほん医院".into(),
        code7: "0529818".into(),
        address: "東京都新宿区".into(),
        prefecture: "13".into(),
        municipality: "131041".into(),
        form,
    }
}

fn visit(day: &str, prefecture: Option<&str>, first: bool) -> Visit {
    Visit {
        booking: BookingId::new(),
        date: date(day),
        first,
        talk: false,
        later_in_person: false,
        referral: None,
        prefecture: prefecture.map(str::to_owned),
        municipality: None,
        insured: true,
        clinician: ClinicianId(uuid::Uuid::nil()),
        doctor_place: DoctorPlace::Clinic,
        doctor_prefecture: None,
        record_access: None,
    }
}

const ALWAYS: [Dates; 1] = [Dates::ALWAYS];

/// The report of 2026 of these visits, looked at in August, with all of the rest said.
fn of(form: AugustForm, visits: &[Visit], effective: &[Dates]) -> Report {
    let months = months_between(date("2025-08-01"), date("2026-07-31"));
    let said = InPerson { first: 2, repeat: 3, no_later_visit: None, source: CountSource::Manual };
    let answers = Answers {
        version: 1,
        talk: Some(TalkStyles { series: true, ..TalkStyles::default() }),
        in_person: months.into_iter().map(|month| (month, said)).collect(),
        ..Answers::default()
    };
    made(form, visits, effective, &answers)
}

fn made(form: AugustForm, visits: &[Visit], effective: &[Dates], answers: &Answers) -> Report {
    let doctors = HashMap::from([(ClinicianId(uuid::Uuid::nil()), ("音無 医師".into(), false))]);
    let made = Made {
        head: head(form),
        year: 2026,
        effective,
        visits,
        doctors: &doctors,
        answers,
        today: date("2026-08-01"),
    };
    report(&made).unwrap()
}

fn codes(report: &Report) -> Vec<AugustFault> {
    report.problems.iter().map(|problem| problem.code).collect()
}

#[test]
fn the_year_runs_from_august_to_july_or_from_the_first_day_in_effect() {
    let is = |effective: &[Dates]| period(2026, effective);
    let whole = Some((date("2025-08-01"), date("2026-07-31")));
    assert_eq!(is(&ALWAYS), whole);
    assert_eq!(is(&[Dates::since(date("2020-01-01"))]), whole);
    let late = Some((date("2026-02-15"), date("2026-07-31")));
    assert_eq!(is(&[Dates::since(date("2026-02-15"))]), late);
    assert_eq!(is(&[Dates::since(date("2026-08-01"))]), None);
    assert_eq!(is(&[Dates::between(date("2020-01-01"), date("2025-08-01"))]), None);
    let visits = [
        visit("2025-07-31", Some("13"), false),
        visit("2025-08-01", Some("13"), false),
        visit("2026-07-31", Some("13"), true),
        visit("2026-08-01", Some("13"), true),
    ];
    let report = of(AugustForm::Medical, &visits, &ALWAYS);
    assert_eq!((report.total.online_repeat, report.total.online_first), (1, 1));
    assert_eq!(report.months.len(), 12);
    let late = of(AugustForm::Medical, &visits, &[Dates::since(date("2026-02-15"))]);
    assert_eq!((late.months.len(), late.total.online_repeat), (6, 0));
}

#[test]
fn an_unknown_prefecture_is_never_the_own_one_and_blocks() {
    let visits = [visit("2026-01-05", Some("13"), true), visit("2026-01-06", None, false)];
    let report = of(AugustForm::Medical, &visits, &ALWAYS);
    assert_eq!((report.total.same.visits, report.total.unknown.visits), (1, 1));
    assert!(!report.sums_agree && !may_be_final(&report));
    assert_eq!(codes(&report), [AugustFault::UnknownPlace]);
    assert_eq!(report.problems[0].of, [visits[1].booking.to_string()]);
    assert!(may_be_final(&of(AugustForm::Medical, &visits[..1], &ALWAYS)));
}

#[test]
fn more_than_a_fifth_elsewhere_is_explained_for_ten_prefectures() {
    let mut visits = vec![visit("2026-01-05", Some("13"), true); 44];
    for number in 1..=11 {
        visits.push(visit("2026-01-05", Some(&format!("{:02}", 30 + number)), true));
    }
    // 11 of 55 is a fifth and not more.
    let even = of(AugustForm::Medical, &visits, &ALWAYS);
    assert_eq!(even.share, Some(Share { part: 11, whole: 55, over: false }));
    assert!(even.areas.is_empty() && may_be_final(&even));
    visits.push(visit("2026-01-06", Some("41"), false));
    let over = of(AugustForm::Medical, &visits, &ALWAYS);
    assert!(over.share.unwrap().over);
    assert_eq!(over.areas.len(), 10);
    assert_eq!((over.areas[0].area.as_str(), over.areas[0].visits), ("41", 2));
    assert_eq!(codes(&over), [AugustFault::ArrangementMissing]);
    assert_eq!(over.problems[0].count, 10);
    let said =
        Arrangement {
            institution: "見本総合病院".into(), referral: "紹介状".into(), agreed: true
        };
    let answers = Answers {
        arrangements: over.areas.iter().map(|row| (row.area.clone(), said.clone())).collect(),
        ..Answers::default()
    };
    let all = made(AugustForm::Medical, &visits, &ALWAYS, &answers);
    assert!(!codes(&all).contains(&AugustFault::ArrangementMissing));
}

#[test]
fn dentistry_asks_for_the_municipality() {
    let at = |place: &str| Visit {
        municipality: Some(place.into()),
        ..visit("2026-01-05", Some("13"), true)
    };
    let mut visits = vec![at("131041")];
    visits.extend(["131016", "131024", "131032", "131059"].map(at));
    let report = of(AugustForm::Dental, &visits, &ALWAYS);
    assert_eq!(report.share, Some(Share { part: 4, whole: 5, over: false }));
    visits.extend(["131067", "131075"].map(at));
    let report = of(AugustForm::Dental, &visits, &ALWAYS);
    assert!(report.share.unwrap().over);
    assert_eq!(report.areas.len(), 5);
    let none = of(AugustForm::Dental, &[visit("2026-01-05", Some("13"), true)], &ALWAYS);
    assert_eq!(codes(&none), [AugustFault::UnknownPlace]);
}

#[test]
fn what_is_not_counted_is_told() {
    let mut own = visit("2026-01-05", Some("13"), true);
    own.insured = false;
    let effective =
        [Dates::between(date("2025-01-01"), date("2026-03-01")), Dates::since(date("2026-05-01"))];
    let visits = [
        own,
        visit("2026-04-10", Some("13"), true),
        visit("2026-02-28", Some("13"), true),
        visit("2026-05-01", Some("13"), false),
    ];
    let report = of(AugustForm::Medical, &visits, &effective);
    assert_eq!((report.total.online_first, report.total.online_repeat), (1, 1));
    assert_eq!(codes(&report), [AugustFault::NotInEffect, AugustFault::SelfPay]);
    assert!(may_be_final(&report));
}

#[test]
fn a_report_waits_for_its_end_and_for_what_is_said() {
    let mut talk = visit("2026-01-05", Some("13"), true);
    talk.talk = true;
    let report = made(AugustForm::Medical, &[talk], &ALWAYS, &Answers::default());
    assert_eq!(codes(&report), [AugustFault::InPersonMissing, AugustFault::TalkStyleMissing]);
    assert_eq!((report.problems[0].count, report.total.in_person_first), (12, None));
    let nobody = of(AugustForm::Medical, &[], &ALWAYS);
    assert_eq!((codes(&nobody), nobody.share), (vec![AugustFault::NoVisits], None));
}

#[test]
fn doctors_outside_stand_once_for_each_place() {
    let home = |day: &str, prefecture: &str| Visit {
        doctor_place: DoctorPlace::Home,
        doctor_prefecture: Some(prefecture.into()),
        record_access: Some(RecordAccess::CloudEmr),
        ..visit(day, Some("13"), true)
    };
    let visits = [
        home("2026-01-05", "14"),
        home("2026-02-05", "14"),
        home("2026-02-06", "13"),
        visit("2026-02-07", Some("13"), true),
    ];
    let rows = of(AugustForm::Medical, &visits, &ALWAYS).doctors;
    let shown: Vec<_> = rows
        .iter()
        .map(|row| (row.name.as_str(), row.full_time, row.prefecture.as_deref(), row.visits))
        .collect();
    assert_eq!(shown, [("音無 医師", false, Some("13"), 1), ("音無 医師", false, Some("14"), 2)]);
}

proptest! {
    /// rules.md 8.6 number 8.
    #[test]
    fn sums_agree_and_months_make_the_total(
        seeds in prop::collection::vec((0_u64..420, 0_usize..4, any::<[bool; 6]>()), 0..60)
    ) {
        let places = [None, Some("13"), Some("14"), Some("27")];
        let visits: Vec<Visit> = seeds.iter().map(|(day, place, flags)| Visit {
            date: date("2025-07-10") + chrono::Days::new(*day),
            talk: flags[1],
            later_in_person: flags[2],
            referral: flags[3].then_some(if flags[4] { ReferralReason::Urgent } else { ReferralReason::Other }),
            insured: flags[5],
            ..visit("2026-01-01", places[*place], flags[0])
        }).collect();
        let report = of(AugustForm::Medical, &visits, &ALWAYS);
        let inside = visits.iter().filter(|visit| visit.insured
            && date("2025-08-01") <= visit.date && visit.date <= date("2026-07-31"));
        let total = &report.total;
        let placed = total.same.visits + total.other.visits + total.unknown.visits;
        prop_assert_eq!(placed, total.online_first + total.online_repeat);
        prop_assert_eq!(placed, i64::try_from(inside.count()).unwrap());
        prop_assert_eq!(report.sums_agree, total.unknown.visits == 0);
        let of_months = |pick: fn(&Figures) -> i64| -> i64 {
            report.months.iter().map(|month| pick(&month.figures)).sum()
        };
        prop_assert_eq!(of_months(|f| f.same.visits), total.same.visits);
        prop_assert_eq!(of_months(|f| f.other.referred), total.other.referred);
        prop_assert_eq!(of_months(|f| f.online_first), total.online_first);
        prop_assert_eq!(of_months(|f| f.first_without_later), total.first_without_later);
        prop_assert!(total.first_with_talk <= total.online_first);
        prop_assert_eq!(may_be_final(&report), total.unknown.visits == 0 && placed > 0
            && report.problems.iter().all(|p| p.code != AugustFault::ArrangementMissing));
    }
}
