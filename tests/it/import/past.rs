//! What an earlier list showed was so on its day, whatever a later one says of other days.

use chrono::NaiveDate;
use onshin::actions::counts::register;
use onshin::engine::counts::members::{Behind, What, members};
use onshin::model::ImportId;
use onshin::model::register::{Criterion, WarningCode};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

use super::undo::{stands, tick, undo};
use super::*;

const USUAL: &str = "令和 6年 4月 1日";
const MISTYPED: &str = "令和17年 4月 1日";
const UNREADABLE: &str = "令和 7年99月 1日";

/// A clinic with online care; each stands somewhere else.
fn clinic(code: usize, filing: &str, start: &str) -> Institution {
    let place = format!("川口市本町{code}");
    institution(&format!("01102{code:02}"), "町の診療所", &place, "").online(filing, start)
}

fn code10(code: usize) -> String {
    format!("11101102{code:02}")
}

fn of(month: &str, made: &str, all: &[Institution]) -> Vec<u8> {
    list(&title(&format!("令和７年{month}月１日"), &format!("令和７年１２月{made}日")), all)
}

async fn kept(site: &Site, bytes: Vec<u8>) -> (ImportId, Imported) {
    tick(site);
    let done = import(site, bytes).await.unwrap();
    tick(site);
    (done.imports[0], done)
}

/// Codes of those who are accepted on a day.
async fn accepted(site: &Site, day: &str) -> Vec<String> {
    let within = Within { prefecture: Some("11".into()), ..Within::default() };
    let asked = Behind {
        what: What::Accepted,
        as_of: day.parse().unwrap(),
        known: site.app.clock.now(),
        criterion: Some(Criterion::IctCare),
        within,
        since: None,
        started: None,
    };
    let found = members(&register(&site.app).await.unwrap(), &asked);
    found.iter().map(|member| member.code.to_string()).collect()
}

/// How many are on each of these days.
async fn on<const N: usize>(site: &Site, days: [&str; N]) -> [usize; N] {
    let mut found = [0; N];
    for (count, day) in found.iter_mut().zip(days) {
        *count = accepted(site, day).await.len();
    }
    found
}

/// What came and went up to a day.
async fn flows(site: &Site, since: &str, as_of: &str) -> (u32, u32) {
    let day = |text: &str| text.parse::<NaiveDate>().ok();
    let query = Query { since: day(since), as_of: day(as_of), ..Query::default() };
    let answer = counts::count(&site.app, By::Prefecture, &query).await.unwrap();
    let flows = answer.rows[0].part.flows.unwrap();
    (flows.accepted, flows.lapsed)
}

on_both_engines! {
    async fn a_later_list_leaves_the_days_of_earlier_ones_as_they_were(site: Site) {
        let september: Vec<_> = (1..=6).map(|code| clinic(code, "第1号", USUAL)).collect();
        kept(&site, of("９", "１", &september)).await;
        let september_stands = stands(&site).await;
        let october = [
            clinic(1, "第21号", "令和 7年 9月15日"), clinic(2, "第22号", "令和 7年10月 1日"),
            clinic(3, "第1号", UNREADABLE), clinic(4, "第1号", MISTYPED),
            clinic(5, "第25号", UNREADABLE), clinic(6, "第1号", USUAL),
        ];
        let (second, done) = kept(&site, of("１０", "２", &october)).await;
        // One change each; where nothing else is told than an impossible day, nothing changes.
        assert_eq!(done.summary.notifications, tally(0, 3, 0, 3));
        let october_stands = stands(&site).await;
        let days = ["2025-09-01", "2025-09-14", "2025-09-15", "2025-09-30", "2025-10-01", "2026-04-01"];
        assert_eq!(on(&site, days).await, [6; 6]);
        assert_eq!(flows(&site, "2025-09-01", "2025-10-01").await, (0, 0));
        let renewed = ["第1号 - - superseded", "第1号 2025-09-01 2025-09-15 known", "第21号 - - known"];
        assert_eq!(history(&site, &code10(1)).await, renewed);
        assert_eq!(history(&site, &code10(4)).await, ["第1号 - - known"]);
        let starts = "SELECT CAST(effective_from AS text) FROM notification
            WHERE code10 = '1110110205' AND acceptance_number = '第25号'";
        assert_eq!(raw::texts(&site.url, starts).await, ["2024-04-01"]);

        let november = [
            clinic(1, "第31号", "令和 7年10月20日"), clinic(2, "第22号", "令和 7年10月 1日"),
            clinic(3, "第1号", USUAL), clinic(4, "第34号", "令和 7年11月 1日"), clinic(6, "第1号", USUAL),
        ];
        let (third, _) = kept(&site, of("１１", "３", &november)).await;
        assert_eq!(on(&site, days).await, [6, 6, 6, 6, 6, 5]);
        assert_eq!(on(&site, ["2025-10-19", "2025-10-20", "2025-11-01"]).await, [6, 6, 5]);
        assert_eq!(flows(&site, "2025-09-01", "2025-11-01").await, (0, 1));
        undo(&site, third).await.unwrap();
        assert_eq!(stands(&site).await, october_stands);
        assert_eq!(on(&site, days).await, [6; 6]);
        undo(&site, second).await.unwrap();
        assert_eq!(stands(&site).await, september_stands);
        assert_eq!(on(&site, days).await, [6; 6]);
    }

    async fn a_start_that_cannot_be_is_unknown_and_so_is_not_after_the_list(site: Site) {
        let all = [clinic(1, "第1号", MISTYPED), clinic(2, "第2号", UNREADABLE), clinic(3, "第3号", USUAL)];
        let (_, done) = kept(&site, of("９", "１", &all)).await;
        let told = &done.files[0].warnings;
        let odd = |code| told.iter().filter(|one| one.code == code).count();
        assert_eq!((odd(WarningCode::StartAfterAsOf), odd(WarningCode::ImpossibleDate)), (1, 1), "{told:?}");
        assert_eq!((done.files[0].online_care.facilities, on(&site, ["2025-09-01"]).await), (3, [3]));
        // The same list once more says nothing new.
        assert!(!import(&site, of("９", "１", &all)).await.unwrap().written);
        // Without a start, gone and back: it was away on the day of the list between.
        kept(&site, of("１０", "２", &[clinic(1, "第1号", USUAL), clinic(3, "第3号", USUAL)])).await;
        let back = [clinic(1, "第1号", USUAL), clinic(2, "第2号", UNREADABLE), clinic(3, "第3号", USUAL)];
        kept(&site, of("１１", "３", &back)).await;
        assert_eq!(on(&site, ["2025-09-01", "2025-10-01", "2025-11-01"]).await, [3, 2, 3]);
        // It tells a start at last: that is another one than was shown before.
        let dated = [clinic(1, "第1号", USUAL), clinic(2, "第2号", "令和 7年11月 9日"), clinic(3, "第3号", USUAL)];
        kept(&site, of("１２", "４", &dated)).await;
        let days = ["2025-09-01", "2025-10-01", "2025-11-01", "2025-11-09", "2025-12-01"];
        assert_eq!(on(&site, days).await, [3, 2, 3, 3, 3]);
    }

    async fn a_correction_of_a_day_corrects_that_day_and_none_before(site: Site) {
        let september = [clinic(1, "第1号", USUAL), clinic(2, "第2号", USUAL), clinic(3, "第3号", USUAL)];
        kept(&site, of("９", "１", &september)).await;
        let october = [
            clinic(1, "第11号", "令和 7年 9月15日"), clinic(2, "第2号", USUAL), clinic(3, "第13号", "令和 7年 9月15日"),
        ];
        kept(&site, of("１０", "２", &october)).await;
        let mut past = vec![stands(&site).await];
        let mut imports = Vec::new();
        // The first was as in September, the second is gone, the third began a week later.
        let corrected = [clinic(1, "第1号", USUAL), clinic(3, "第13号", "令和 7年 9月22日")];
        imports.push(kept(&site, of("１０", "３", &corrected)).await.0);
        let days = ["2025-09-01", "2025-09-20", "2025-10-01"];
        assert_eq!(on(&site, days).await, [3, 3, 2]);
        let first = history(&site, &code10(1)).await;
        assert_eq!(first.iter().filter(|row| row.ends_with("known")).collect::<Vec<_>>(), ["第1号 - - known"]);
        let third = history(&site, &code10(3)).await;
        assert!(third.contains(&"第3号 2025-09-01 2025-09-22 known".to_owned()), "{third:?}");
        assert!(third.contains(&"第3号 2025-09-01 2025-09-15 superseded".to_owned()), "{third:?}");
        past.push(stands(&site).await);
        // And once more: the second was there after all, without a readable day; the third was not.
        let corrected = [clinic(1, "第1号", USUAL), clinic(2, "第2号", UNREADABLE)];
        imports.push(kept(&site, of("１０", "４", &corrected)).await.0);
        assert_eq!(on(&site, days).await, [3, 3, 2]);
        assert_eq!(accepted(&site, "2025-10-01").await, [code10(1), code10(2)]);
        let third = history(&site, &code10(3)).await;
        assert!(third.contains(&"第3号 2025-09-01 2025-10-01 known".to_owned()), "{third:?}");
        while let Some(last) = imports.pop() {
            undo(&site, last).await.unwrap();
            assert_eq!(stands(&site).await, past.pop().unwrap());
        }
        assert_eq!(on(&site, days).await, [3, 3, 3]);
    }

    async fn whatever_lists_come_what_each_showed_stays_so_on_its_day(site: Site) {
        let mut random = StdRng::seed_from_u64(11);
        let months = [("７", 7), ("８", 8), ("９", 9), ("１０", 10), ("１１", 11)];
        let mut past: Vec<(ImportId, NaiveDate, Vec<String>)> = Vec::new();
        for (digit, month) in months {
            let day = NaiveDate::from_ymd_opt(2025, month, 1).unwrap();
            for made in 1..=random.random_range(1..=3) {
                let shown: Vec<usize> = (1..=9).filter(|_| random.random_bool(0.7)).chain([10]).collect();
                let between = format!("令和 7年{:2}月15日", month - 1);
                let starts = [USUAL, USUAL, MISTYPED, UNREADABLE, &between];
                let mut one = |code| {
                    let filing = format!("第{}号", random.random_range(1..4));
                    clinic(code, &filing, starts.choose(&mut random).unwrap())
                };
                let all: Vec<Institution> = shown.iter().map(|code| one(*code)).collect();
                let (id, _) = kept(&site, of(digit, &made.to_string(), &all)).await;
                past.push((id, day, shown.into_iter().map(code10).collect()));
                as_shown(&site, &past).await;
                if past.len() > 1 && random.random_bool(0.25) {
                    undo(&site, past.pop().unwrap().0).await.unwrap();
                    tick(&site);
                    as_shown(&site, &past).await;
                }
            }
        }
        assert!(past.len() > 5, "{}", past.len());
        while past.len() > 1 {
            undo(&site, past.pop().unwrap().0).await.unwrap();
            tick(&site);
            as_shown(&site, &past).await;
        }
    }
}

/// Whoever a list showed is accepted on its day, as long as no other list of that day stands; on the
/// last day nobody else is.
async fn as_shown(site: &Site, past: &[(ImportId, NaiveDate, Vec<String>)]) {
    for (place, (_, day, shown)) in past.iter().enumerate() {
        if past[place + 1..].iter().any(|(_, later, _)| later == day) {
            continue;
        }
        let found = accepted(site, &day.to_string()).await;
        let missing: Vec<_> = shown.iter().filter(|code| !found.contains(code)).collect();
        assert!(missing.is_empty(), "{day} of {} lists: {missing:?}", past.len());
        if place + 1 == past.len() {
            assert_eq!(&found, shown, "{day}");
        }
    }
}
