//! Many at once want overlapping times. With the feature `no-overlap-check` the application looks
//! away, and the database alone keeps them apart.

use axum::http::StatusCode;
use serde_json::json;
use tokio::task::JoinSet;

use crate::support::{Browser, NIGHT, Site, on_both_engines, raw};

const CALLERS: usize = 32;
const TRIES: usize = 12;

/// A second kind of visit of the same clinic, of another length on a finer grid, so that times
/// overlap without being equal.
const LONG_VISIT: &str = "0d300300-0000-0000-0000-4ead72fa0001";

async fn add_long_visit(site: &Site) {
    let sql = "INSERT INTO service (id, facility_id, kind, name_ja, name_en, fee_note_ja,
            fee_note_en, insured, length_min, buffer_before_min, buffer_after_min, step_min,
            notice_min, horizon_days, change_cutoff_min, cancel_cutoff_min, needs_approval)
        SELECT ID, facility_id, kind, name_ja, name_en, fee_note_ja, fee_note_en, insured, 40, 5,
            10, 5, 0, 30, 0, 0, needs_approval FROM service WHERE horizon_days = 30 AND step_min = 15";
    let hex = LONG_VISIT.replace('-', "");
    let id = if site.url.starts_with("sqlite:") {
        format!("x'{hex}'")
    } else {
        format!("CAST('{LONG_VISIT}' AS uuid)")
    };
    raw::execute(
        &site.url,
        &sql.replacen("ID", &id, 1).replace(" AND step_min = 15", " AND notice_min = 0"),
    )
    .await
    .unwrap();
}

/// Holds, confirms, moves and cancels within one busy hour; the statuses that came back.
async fn one_caller(mut browser: Browser, caller: usize) -> Vec<StatusCode> {
    let mut statuses = Vec::new();
    for turn in 0..TRIES {
        let minute = (caller * 7 + turn * 11) % 12 * 5;
        let short = crate::support::NIGHT_VISIT;
        let (service, minute) = if (caller + turn).is_multiple_of(2) {
            (LONG_VISIT, minute)
        } else {
            (short, minute / 15 * 15)
        };
        let start = format!("2026-12-01T03:{minute:02}:00Z");
        let wish = json!({ "facility_id": NIGHT, "service_id": service, "start": start });
        let held = browser.post("/api/bookings", wish).await;
        statuses.push(held.status);
        if held.status != StatusCode::CREATED {
            continue;
        }
        let held = held.expect(StatusCode::CREATED);
        let path = format!("/api/bookings/{}", held["id"].as_str().unwrap());
        let who = json!({
            "for_whom": "self", "name": format!("試験 {caller}"), "kana": "シケン",
            "birth_date": format!("19{:02}-01-{:02}", caller + 10, turn + 1), "phone": "09000000000",
            "language": "ja", "symptoms": "-", "consent": true,
        });
        let confirmed = browser.post(&format!("{path}/confirm"), who).await;
        statuses.push(confirmed.status);
        let to = json!({
            "clinician_id": held["clinician"]["id"],
            "start": format!("2026-12-01T03:{:02}:00Z", (minute + 30) % 60),
            "version": held["version"].as_i64().unwrap() + 1,
        });
        statuses.push(browser.post(&format!("{path}/move"), to).await.status);
        let cancelled = browser.post(&format!("{path}/cancel"), json!({ "reason": "other" })).await;
        statuses.push(cancelled.status);
    }
    statuses
}

on_both_engines! {
    async fn a_race_for_overlapping_times_has_no_two_winners(site: Site) {
        add_long_visit(&site).await;
        let watcher = {
            let url = site.url.clone();
            tokio::spawn(async move {
                let mut worst = 0;
                for _ in 0..20 {
                    worst = worst.max(raw::overlaps(&url).await);
                    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                }
                worst
            })
        };
        let mut callers = JoinSet::new();
        for caller in 0..CALLERS {
            callers.spawn(one_caller(site.browser(), caller));
        }
        let statuses: Vec<_> = callers.join_all().await.into_iter().flatten().collect();
        let count = |wanted: StatusCode| statuses.iter().filter(|s| **s == wanted).count();
        assert_eq!(raw::overlaps(&site.url).await, 0);
        assert_eq!(watcher.await.unwrap(), 0);
        let odd: Vec<_> = statuses.iter().filter(|s| s.is_server_error()).collect();
        assert!(odd.is_empty(), "{odd:?}");
        // It was a race: somebody won and somebody lost.
        let (won, lost) = (count(StatusCode::CREATED), count(StatusCode::CONFLICT));
        assert!(won >= 10 && lost >= 100, "{won} won, {lost} lost");
        println!("{} answers: {won} holds won, {lost} refused", statuses.len());
    }

    async fn a_race_for_one_slot_has_one_winner_each_time(site: Site) {
        for round in 0..10 {
            let start = format!("2026-12-01T{:02}:00:00Z", 3 + round);
            let mut callers = JoinSet::new();
            for _ in 0..CALLERS {
                let (mut browser, start) = (site.browser(), start.clone());
                callers.spawn(async move { browser.hold(&start).await.status });
            }
            let statuses = callers.join_all().await;
            let won = statuses.iter().filter(|s| **s == StatusCode::CREATED).count();
            let lost = statuses.iter().filter(|s| **s == StatusCode::CONFLICT).count();
            assert_eq!((won, lost), (1, CALLERS - 1), "{statuses:?}");
        }
    }
}
