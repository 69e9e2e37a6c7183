//! Many at once want overlapping times. With the feature `no-overlap-check` the application looks
//! away, and the database alone keeps them apart.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use serde_json::json;
use tokio::task::JoinSet;

use crate::support::{Browser, NIGHT, NIGHT_VISIT, Site, on_both_engines, raw};

const CALLERS: usize = 32;
/// Three kinds of visit of one clinic, of other lengths on other grids, so that times overlap
/// without being equal: the demo's quarter of an hour, a long one with time kept free around it,
/// and one that the clinic must approve.
const LONG_VISIT: &str = "0d300300-0000-0000-0000-4ead72fa0001";
const ASKED_VISIT: &str = "0d300300-0000-0000-0000-4ead72fa0002";
/// Two more doctors, who work all day and night as the demo's one.
const MORE_DOCTORS: [&str; 2] =
    ["0d300200-0000-0000-0000-4ead72fa0001", "0d300200-0000-0000-0000-4ead72fa0002"];
const DOCTOR: &str = "0d300200-0000-0000-0000-4ead72fa0000";

/// For how long the callers call: a minute where the database stands alone, a moment otherwise.
fn seconds() -> u64 {
    let asked = std::env::var("ONSHIN_RACE_SECONDS").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(4)
}

async fn prepare(site: &Site) {
    let id = |text: &str| raw::id(&site.url, text);
    let (night, visit) = (id(NIGHT), id(NIGHT_VISIT));
    let mut script = String::new();
    for (new, length, buffer, approval) in
        [(LONG_VISIT, 40, 5, "needs_approval"), (ASKED_VISIT, 25, 0, "TRUE")]
    {
        let _ = write!(
            script,
            "INSERT INTO service (id, facility_id, kind, name_ja, name_en, fee_note_ja, fee_note_en,
                insured, length_min, buffer_before_min, buffer_after_min, step_min, notice_min,
                horizon_days, change_cutoff_min, cancel_cutoff_min, needs_approval)
             SELECT {}, facility_id, kind, name_ja, name_en, fee_note_ja, fee_note_en, insured,
                {length}, {buffer}, {buffer} * 2, 5, 0, 30, 0, 0, {approval}
             FROM service WHERE id = {visit};",
            id(new)
        );
    }
    for doctor in MORE_DOCTORS.map(id) {
        let _ = write!(
            script,
            "INSERT INTO clinician (id, facility_id, name, name_en, license_year,
                training_completed_on, hours_version)
             SELECT {doctor}, facility_id, name, name_en, license_year, training_completed_on, 1
             FROM clinician WHERE facility_id = {night} LIMIT 1;
             INSERT INTO weekly_hours (facility_id, clinician_id, position, weekday, opens, closes)
             SELECT facility_id, {doctor}, position, weekday, opens, closes FROM weekly_hours
             WHERE clinician_id = {};",
            id(DOCTOR)
        );
    }
    raw::execute(&site.url, &script).await.unwrap();
}

/// Somebody who calls again and again, by turns that follow from a number.
struct Caller {
    number: usize,
    turn: usize,
    desk: Browser,
    statuses: Vec<StatusCode>,
}

impl Caller {
    fn chance(&mut self, of: usize) -> usize {
        self.turn += 1;
        let mixed = (self.number * 7919 + self.turn * 104_729) as u64;
        (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33) as usize % of
    }

    fn start(&mut self) -> String {
        format!("2026-12-01T{:02}:{:02}:00Z", 3 + self.chance(3), self.chance(12) * 5)
    }

    /// Holds a time, and goes on with it as chance has it.
    async fn call(&mut self, site: &Site) {
        let mut browser = site.browser();
        let service = [NIGHT_VISIT, LONG_VISIT, ASKED_VISIT][self.chance(3)];
        let mut wish =
            json!({ "facility_id": NIGHT, "service_id": service, "start": self.start() });
        if self.chance(3) > 0 {
            wish["clinician_id"] =
                json!([DOCTOR, MORE_DOCTORS[0], MORE_DOCTORS[1]][self.chance(3)]);
        }
        let held = browser.post("/api/bookings", wish).await;
        self.statuses.push(held.status);
        if held.status != StatusCode::CREATED {
            return;
        }
        let held = held.expect(StatusCode::CREATED);
        let id = held["id"].as_str().unwrap().to_owned();
        let path = format!("/api/bookings/{id}");
        // Two callers share a patient, who cannot be in two visits either.
        let who = json!({
            "for_whom": "self", "name": "試験", "kana": "シケン", "phone": "09000000000",
            "birth_date": format!(
                "19{:02}-{:02}-{:02}", self.number / 2 + 10, self.turn / 140 % 12 + 1,
                self.turn / 5 % 28 + 1
            ),
            "language": "ja", "symptoms": "-", "consent": true,
        });
        let confirmed = browser.post(&format!("{path}/confirm"), who).await;
        self.statuses.push(confirmed.status);
        if confirmed.status != StatusCode::OK {
            let released = browser.post(&format!("{path}/release"), json!({})).await;
            self.statuses.push(released.status);
            return;
        }
        let version = held["version"].as_i64().unwrap() + 1;
        if self.chance(2) == 0 {
            let doctor = [DOCTOR, MORE_DOCTORS[0], MORE_DOCTORS[1]][self.chance(3)];
            let to = json!({ "clinician_id": doctor, "start": self.start(), "version": version });
            let moved = browser.post(&format!("{path}/move"), to).await;
            self.statuses.push(moved.status);
        }
        if service == ASKED_VISIT {
            let (deed, reason) = [("approve", None), ("decline", Some("other"))][self.chance(2)];
            let mut wish = json!({ "version": version });
            if let Some(reason) = reason {
                wish["reason"] = json!(reason);
            }
            let answer = self.desk.post(&format!("/api/clinic/requests/{id}/{deed}"), wish).await;
            self.statuses.push(answer.status);
        }
        let cancelled = browser.post(&format!("{path}/cancel"), json!({ "reason": "other" })).await;
        self.statuses.push(cancelled.status);
    }
}

on_both_engines! {
    async fn a_race_for_overlapping_times_has_no_two_winners(site: Site) {
        prepare(&site).await;
        let site = Arc::new(site);
        let until = Instant::now() + Duration::from_secs(seconds());
        let watcher = {
            let url = site.url.clone();
            tokio::spawn(async move {
                let mut worst = 0;
                while Instant::now() < until {
                    worst = worst.max(raw::overlaps(&url).await);
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                worst
            })
        };
        let desk = site.signed_in("desk").await;
        let mut callers = JoinSet::new();
        for number in 0..CALLERS {
            let (site, desk) = (site.clone(), desk.clone());
            callers.spawn(async move {
                let mut caller = Caller { number, turn: 0, desk, statuses: Vec::new() };
                while Instant::now() < until {
                    caller.call(&site).await;
                }
                caller.statuses
            });
        }
        let statuses: Vec<_> = callers.join_all().await.into_iter().flatten().collect();
        let count = |wanted: StatusCode| statuses.iter().filter(|s| **s == wanted).count();
        assert_eq!(raw::overlaps(&site.url).await, 0);
        assert_eq!(watcher.await.unwrap(), 0);
        crate::events::all_stand(&site).await;
        // Who waits for longer than three seconds is told that the service is busy; on a machine
        // that others use too that can happen, but not often.
        let busy = count(StatusCode::SERVICE_UNAVAILABLE);
        assert!(busy * 50 <= statuses.len(), "{busy} of {} were told to wait", statuses.len());
        let known = |s: &StatusCode| {
            s.is_success() || [StatusCode::CONFLICT, StatusCode::SERVICE_UNAVAILABLE].contains(s)
        };
        let odd: Vec<_> = statuses.iter().filter(|s| !known(s)).collect();
        assert!(odd.is_empty(), "{odd:?}");
        // It was a race: somebody won and somebody lost.
        let (won, lost) = (count(StatusCode::CREATED), count(StatusCode::CONFLICT));
        assert!(won >= 10 && lost >= 50, "{won} won, {lost} lost");
        println!(
            "{} answers in {} s: {won} holds won, {lost} refused, {busy} told to wait",
            statuses.len(),
            seconds()
        );
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
