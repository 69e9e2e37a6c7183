//! Doctors' calendars elsewhere, read at their addresses: what is taken there is not offered, not
//! held and not confirmed here; what has not been read for too long is not believed.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use onshin::actions::{App, outside};
use onshin::work;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::support::{
    Browser, NIGHT, NIGHT_VISIT, Site, UMIKAZE_DOCTOR, hana, nagi, on_both_engines, raw,
};

mod source;
mod untrusted;

use source::{Says, Source, answer, calendar, hour};

/// The only doctor of the clinic that is always open.
const DOCTOR: &str = "0d300200-0000-0000-0000-4ead72fa0000";
const ADDRESSES: &str = "/api/clinic/outside/addresses";
const DOWN: &str = "503 Service Unavailable";

async fn add(desk: &mut Browser, url: &str) -> Value {
    let wish = json!({ "clinician_id": DOCTOR, "url": url });
    desk.post(ADDRESSES, wish).await.expect(StatusCode::CREATED)
}

async fn listed(desk: &mut Browser) -> Vec<Value> {
    let all = desk.get(&format!("/api/clinic/outside?clinician={DOCTOR}")).await;
    all.expect(StatusCode::OK)["items"].as_array().unwrap().clone()
}

/// Everything that is due is read.
async fn read_due(app: &App) {
    while outside::fetch_due(app).await.unwrap() {}
}

fn path_of(one: &Value, rest: &str) -> String {
    format!("/api/clinic/outside/{}{rest}", one["id"].as_str().unwrap())
}

/// Whether anybody can hold this time; what was held is given back.
async fn is_free(site: &Site, start: &str) -> bool {
    let mut somebody = site.browser();
    let held = somebody.hold(start).await;
    if held.status == StatusCode::CREATED {
        let id = held.expect(StatusCode::CREATED)["id"].as_str().unwrap().to_owned();
        somebody.post(&format!("/api/bookings/{id}/release"), json!({})).await;
        return true;
    }
    held.refused(StatusCode::CONFLICT, "slot_taken");
    false
}

/// The service with a calendar at an address that takes the hour from 3:00 UTC on 2 December.
async fn with_calendar(site: Site) -> (Site, Source, Browser, Value) {
    let source = Source::start().await;
    source.has(&hour("20261202T030000Z"));
    let site = site.sending(source.allowed());
    let mut desk = site.signed_in("desk").await;
    let added = add(&mut desk, &source.secret()).await;
    (site, source, desk, added)
}

on_both_engines! {
    async fn an_address_is_read_again_and_again_and_told_to_nobody(site: Site) {
        let (site, source, mut desk, added) = with_calendar(site).await;
        let host = source.origin().replace("http://", "");
        assert_eq!((&added["address"]["host"], &added["entries"]), (&json!(host), &json!(1)));
        assert!(source.asked()[0].starts_with("GET /ical/geheim-4712/basic.ics HTTP/1.1\r\n"));
        let shown = desk.get(&format!("/api/clinic/outside?clinician={DOCTOR}")).await.text;
        assert!(!format!("{added}{shown}").contains("geheim"), "{shown}");
        let kept = if let Some(file) = site.url.strip_prefix("sqlite:") {
            let parts = [std::fs::read(file).unwrap(), std::fs::read(format!("{file}-wal")).unwrap()];
            String::from_utf8_lossy(&parts.concat()).into_owned()
        } else {
            let sql = "SELECT encode(url, 'escape') || host || outside_calendar.ignored FROM outside_address
                JOIN outside_calendar ON id = calendar_id UNION ALL SELECT detail::text FROM audit_entry";
            raw::texts(&site.url, sql).await.concat()
        };
        assert!(kept.contains(&host));
        assert!(!kept.contains("geheim-4712") && !kept.contains("Geheimnis-882"));
        assert!(!is_free(&site, "2026-12-02T03:45:00Z").await);
        assert!(is_free(&site, "2026-12-02T05:00:00Z").await);
        // Nothing is asked before it is due, and nothing is free while it is asked.
        read_due(&site.app).await;
        assert_eq!(source.asked().len(), 1);
        source.has(&hour("20261202T050000Z"));
        site.app.clock.advance(TimeDelta::minutes(16));
        read_due(&site.app).await;
        assert_eq!(source.asked().len(), 2);
        assert!(is_free(&site, "2026-12-02T03:45:00Z").await);
        assert!(!is_free(&site, "2026-12-02T05:00:00Z").await);
        let one = &listed(&mut desk).await[0];
        assert_eq!(one["fetched_at"], "2026-12-01T00:16:00Z");
        assert_eq!(one["address"]["due_at"], "2026-12-01T00:31:00Z");
        assert_eq!((&one["address"]["stale"], &one["address"]["failure"]), (&json!(false), &json!(null)));
        // Taken away, its times are free, and its server has peace.
        assert_eq!(desk.delete(&path_of(one, "")).await.status, StatusCode::NO_CONTENT);
        assert!(is_free(&site, "2026-12-02T05:00:00Z").await);
        site.app.clock.advance(TimeDelta::minutes(16));
        read_due(&site.app).await;
        assert_eq!(source.asked().len(), 2);
        let rows = "SELECT (SELECT count(*) FROM outside_address) + (SELECT count(*) FROM outside_busy)";
        assert_eq!(raw::numbers(&site.url, rows).await, [0]);
    }

    async fn what_did_not_change_is_not_sent_again(site: Site) {
        let (site, source, mut desk, _) = with_calendar(site).await;
        let tagged = "ETag: \"v1\"\r\nLast-Modified: Tue, 01 Dec 2026 00:00:00 GMT\r\n";
        source.says(answer("200 OK", tagged, &calendar(&hour("20261202T030000Z"))));
        let again = async |minutes: i64| {
            site.app.clock.advance(TimeDelta::minutes(minutes));
            read_due(&site.app).await;
            source.asked().last().unwrap().to_lowercase()
        };
        assert!(!again(16).await.contains("if-none-match"));
        source.says(b"HTTP/1.1 304 Not Modified\r\n\r\n".to_vec());
        let asked = again(16).await;
        assert!(asked.contains("if-none-match: \"v1\"\r\n"), "{asked}");
        assert!(asked.contains("if-modified-since: tue, 01 dec 2026 00:00:00 gmt\r\n"), "{asked}");
        let one = &listed(&mut desk).await[0];
        assert_eq!(one["fetched_at"], "2026-12-01T00:32:00Z");
        assert!(!is_free(&site, "2026-12-02T03:00:00Z").await);
        // Once a day it is asked for whole, so that what is known reaches as far as before.
        source.says(answer("200 OK", tagged, &calendar(&hour("20261202T050000Z"))));
        assert!(!again(24 * 60).await.contains("if-none-match"));
        let mut desk = site.signed_in("desk").await;
        assert_eq!(listed(&mut desk).await[0]["known_until"], "2028-01-06T00:32:00Z");
    }

    async fn a_calendar_is_the_clinics_own(site: Site) {
        let (site, source, mut desk, added) = with_calendar(site).await;
        let mut other = site.signed_in("umikaze").await;
        other.post(&path_of(&added, "/fetch"), json!({})).await.refused(StatusCode::NOT_FOUND, "not_found");
        other.delete(&path_of(&added, "")).await.refused(StatusCode::NOT_FOUND, "not_found");
        let wish = json!({ "clinician_id": DOCTOR, "url": source.secret() });
        other.post(ADDRESSES, wish).await.refused(StatusCode::NOT_FOUND, "not_found");
        let wish = json!({ "clinician_id": UMIKAZE_DOCTOR, "url": source.secret() });
        desk.post(ADDRESSES, wish.clone()).await.refused(StatusCode::NOT_FOUND, "not_found");
        let mut nobody = site.browser();
        nobody.post(ADDRESSES, wish.clone()).await.refused(StatusCode::UNAUTHORIZED, "signed_out");
        assert_eq!(source.asked().len(), 1, "nobody was asked for those");
        // Each clinic's takes the time of its own doctor.
        other.post(ADDRESSES, wish).await.expect(StatusCode::CREATED);
        assert_eq!(listed(&mut desk).await.len(), 1);
        // A file has no address to be read at.
        let all = format!("/api/clinic/outside?clinician={DOCTOR}");
        let file = crate::calendars::upload(&mut desk, &all, &calendar("")).await.expect(StatusCode::CREATED);
        assert_eq!(file["address"], json!(null));
        desk.post(&path_of(&file, "/fetch"), json!({})).await.refused(StatusCode::NOT_FOUND, "not_found");
    }

    async fn what_became_taken_elsewhere_is_not_confirmed(site: Site) {
        let (site, source, _, _) = with_calendar(site).await;
        let mut patient = site.browser();
        let held = patient.hold("2026-12-02T05:00:00Z").await.expect(StatusCode::CREATED);
        let confirm = format!("/api/bookings/{}/confirm", held["id"].as_str().unwrap());
        // Asked a moment ago, it is not asked again.
        source.has(&hour("20261202T050000Z"));
        assert_eq!(source.asked().len(), 1);
        site.app.clock.advance(TimeDelta::minutes(2));
        // Also within the unit of work of a request with a key.
        let asked = (Method::POST, confirm.clone(), hana());
        let refused = patient.keyed("4f9c0a1f7e5d4f0f9a3c2b1d", &asked).await;
        let refused = refused.refused(StatusCode::CONFLICT, "slot_taken");
        assert_eq!(source.asked().len(), 2);
        assert_eq!(refused["alternatives"].as_array().unwrap().len(), 3, "{refused}");
        for near in refused["alternatives"].as_array().unwrap() {
            let start = near["start"].as_str().unwrap();
            assert!(!("2026-12-02T05:00:00Z".."2026-12-02T06:00:00Z").contains(&start), "{near}");
        }
        let left = "SELECT (SELECT count(*) FROM patient) + (SELECT count(*) FROM outbox)
            + (SELECT count(*) FROM booking WHERE status <> 'held') + (SELECT count(*) FROM visit)";
        assert_eq!(raw::numbers(&site.url, left).await, [0], "nothing half done");
        patient.post(&confirm, hana()).await.refused(StatusCode::CONFLICT, "slot_taken");
        assert_eq!(source.asked().len(), 2, "a moment ago again");
        // What is free elsewhere again can be confirmed; the visit itself is in nobody's way.
        source.has(&hour("20261202T060000Z"));
        site.app.clock.advance(TimeDelta::minutes(2));
        patient.post(&confirm, hana()).await.expect(StatusCode::OK);
        // Nor is a visit moved to where something is elsewhere now.
        source.has(&hour("20261202T080000Z"));
        site.app.clock.advance(TimeDelta::minutes(2));
        let mine = patient.get("/api/bookings").await.expect(StatusCode::OK);
        let to = |start: &str| json!({ "clinician_id": DOCTOR, "start": start, "version": mine["items"][0]["version"] });
        let path = format!("/api/bookings/{}/move", held["id"].as_str().unwrap());
        let refused = patient.post(&path, to("2026-12-02T08:00:00Z")).await;
        refused.refused(StatusCode::CONFLICT, "slot_taken");
        let kept = patient.get("/api/bookings").await.expect(StatusCode::OK);
        assert_eq!(kept["items"][0], mine["items"][0]);
        patient.post(&path, to("2026-12-02T06:00:00Z")).await.expect(StatusCode::OK);
        assert_eq!(source.asked().len(), 4);
    }

    async fn nor_is_it_approved_or_booked_in_a_series(site: Site) {
        let (site, source, mut desk, _) = with_calendar(site).await;
        let visit = raw::id(&site.url, NIGHT_VISIT);
        let approve = "UPDATE service SET needs_approval = TRUE, answer_within_min = 600, version = version + 1";
        raw::execute(&site.url, &format!("{approve} WHERE id = {visit}")).await.unwrap();
        let mut patient = site.browser();
        let asked = patient.book("2026-12-02T05:00:00Z", &hana()).await["booking"].take();
        let id = asked["id"].as_str().unwrap();
        source.has(&hour("20261202T050000Z"));
        site.app.clock.advance(TimeDelta::minutes(2));
        let approve = (format!("/api/clinic/requests/{id}/approve"), json!({ "version": asked["version"] }));
        desk.post(&approve.0, approve.1.clone()).await.refused(StatusCode::CONFLICT, "slot_taken");
        source.has(&hour("20261209T050000Z"));
        site.app.clock.advance(TimeDelta::minutes(2));
        desk.post(&approve.0, approve.1).await.expect(StatusCode::OK);
        let path = format!("/api/bookings/{id}/series");
        let again = |start: &str| json!({ "visits": [{ "clinician_id": DOCTOR, "start": start }] });
        source.has(&hour("20261216T050000Z"));
        site.app.clock.advance(TimeDelta::minutes(2));
        let refused = patient.post(&path, again("2026-12-16T05:00:00Z")).await;
        refused.refused(StatusCode::CONFLICT, "slot_taken");
        assert_eq!(raw::numbers(&site.url, "SELECT count(*) FROM booking").await, [1]);
        patient.post(&path, again("2026-12-09T05:00:00Z")).await.expect(StatusCode::CREATED);
        assert_eq!(source.asked().len(), 4);
    }

    async fn who_does_not_answer_keeps_nobody_waiting_for_long(site: Site) {
        let (site, source, mut desk, added) = with_calendar(site).await;
        let mut patient = site.browser();
        let held = patient.hold("2026-12-02T05:00:00Z").await.expect(StatusCode::CREATED);
        source.does(Says { after: Duration::from_mins(1), answer: Vec::new(), dribbles: false });
        site.app.clock.advance(TimeDelta::minutes(2));
        let began = std::time::Instant::now();
        let confirm = format!("/api/bookings/{}/confirm", held["id"].as_str().unwrap());
        // What was known two minutes ago will do.
        patient.post(&confirm, hana()).await.expect(StatusCode::OK);
        let waited = began.elapsed();
        assert!(waited > Duration::from_secs(2) && waited < Duration::from_secs(8), "{waited:?}");
        // The reading went on without the patient, and says how it ended.
        let told = desk.post(&path_of(&added, "/fetch"), json!({})).await.expect(StatusCode::OK);
        assert_eq!(told["address"]["failure"]["code"], "timeout");
        assert_eq!(source.asked().len(), 2, "staff waited for the same reading");
        assert!(!is_free(&site, "2026-12-02T03:00:00Z").await);
    }

    async fn the_service_reads_by_itself(site: Site) {
        let (site, source, mut desk, _) = with_calendar(site).await;
        let (tracker, stop) = (TaskTracker::new(), CancellationToken::new());
        work::start(&site.app, &tracker, &stop);
        source.has(&hour("20261202T050000Z"));
        site.app.clock.advance(TimeDelta::minutes(16));
        let began = std::time::Instant::now();
        while listed(&mut desk).await[0]["fetched_at"] != "2026-12-01T00:16:00Z" {
            assert!(began.elapsed() < Duration::from_secs(20));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert!(!is_free(&site, "2026-12-02T05:00:00Z").await);
        stop.cancel();
        tracker.close();
        tokio::time::timeout(Duration::from_secs(15), tracker.wait()).await.unwrap();
    }

    async fn times_are_replaced_and_never_missing(site: Site) {
        let (site, source, _, _) = with_calendar(site).await;
        let done = std::sync::atomic::AtomicBool::new(false);
        let read_often = async {
            for round in 0..20 {
                // The same hour, each time within another stretch.
                let start = if round % 2 == 0 { "20261202T023000Z" } else { "20261202T030000Z" };
                source.has(&hour(start).replace("PT1H", &format!("PT{}M", 120 + round)));
                site.app.clock.advance(TimeDelta::minutes(16));
                read_due(&site.app).await;
            }
            done.store(true, std::sync::atomic::Ordering::Relaxed);
        };
        let try_often = async {
            let mut tried = 0;
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                let held = site.browser().hold("2026-12-02T03:15:00Z").await;
                held.refused(StatusCode::CONFLICT, "slot_taken");
                tried += 1;
            }
            tried
        };
        let ((), tried) = tokio::join!(read_often, try_often);
        assert_eq!(source.asked().len(), 21);
        // As many as the machine had time for.
        assert!(tried > 3, "{tried}");
    }

    async fn a_calendar_that_is_taken_away_while_it_is_read_stays_away(site: Site) {
        let (site, source, mut desk, added) = with_calendar(site).await;
        source.does(Says {
            after: Duration::from_millis(700),
            answer: answer("200 OK", "", &calendar(&hour("20261202T050000Z"))),
            dribbles: false,
        });
        site.app.clock.advance(TimeDelta::minutes(16));
        let app = site.app.clone();
        let reading = tokio::spawn(async move { read_due(&app).await });
        while source.asked().len() < 2 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(desk.delete(&path_of(&added, "")).await.status, StatusCode::NO_CONTENT);
        reading.await.unwrap();
        assert_eq!(listed(&mut desk).await, [] as [Value; 0]);
        assert!(is_free(&site, "2026-12-02T05:00:00Z").await);
        assert!(is_free(&site, "2026-12-02T03:00:00Z").await);
    }

    async fn of_several_servers_one_reads(site: Site) {
        let (site, source, mut desk, _) = with_calendar(site).await;
        let (one, other) = (site.beside(source.allowed()), site.beside(source.allowed()));
        let slow = |inner: &str, millis| Says {
            after: Duration::from_millis(millis),
            answer: answer("200 OK", "", &calendar(inner)),
            dribbles: false,
        };
        source.does(slow(&hour("20261202T050000Z"), 300));
        site.app.clock.advance(TimeDelta::minutes(16));
        tokio::join!(read_due(&one), read_due(&other), read_due(&site.app));
        assert_eq!(source.asked().len(), 2);
        assert!(!is_free(&site, "2026-12-02T05:00:00Z").await);
        // One that is so slow that its lease runs out does not overwrite what came later.
        source.does(slow(&hour("20261202T070000Z"), 1500));
        site.app.clock.advance(TimeDelta::minutes(16));
        let late = tokio::spawn(async move { read_due(&one).await });
        while source.asked().len() < 3 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        source.has(&hour("20261202T090000Z"));
        site.app.clock.advance(TimeDelta::seconds(61));
        read_due(&other).await;
        late.await.unwrap();
        assert_eq!(source.asked().len(), 4);
        assert!(!is_free(&site, "2026-12-02T09:00:00Z").await);
        assert!(is_free(&site, "2026-12-02T07:00:00Z").await);
        assert_eq!(listed(&mut desk).await[0]["address"]["failures"], 0);
    }
}

/// The code for which the first day of a list of free times is closed, and how many times it has.
async fn first_day(site: &Site) -> (Value, usize) {
    let path = format!("/api/facilities/{NIGHT}/slots?service={NIGHT_VISIT}&days=2");
    let list = site.browser().get(&path).await.expect(StatusCode::OK);
    let day = &list["days"][1];
    (day["closed_reason"].clone(), day["slots"].as_array().unwrap().len())
}

/// What the search shows of the clinic's next free times.
async fn searched(site: &Site) -> usize {
    let found = site.browser().get("/api/facilities").await.expect(StatusCode::OK);
    let card = found["items"].as_array().unwrap().iter().find(|card| card["id"] == NIGHT);
    card.unwrap()["next_free"].as_array().unwrap().len()
}

async fn why(desk: &mut Browser, start: &str) -> Value {
    let path = format!("/api/clinic/explain?service={NIGHT_VISIT}&start={start}");
    let told = desk.get(&path).await.expect(StatusCode::OK);
    let findings = told["clinicians"][0]["findings"].as_array().unwrap().clone();
    findings.into_iter().find(|one| one["against"] == true).unwrap_or_default()
}

on_both_engines! {
    async fn what_was_read_too_long_ago_is_not_offered(site: Site) {
        let (site, source, mut desk, added) = with_calendar(site).await;
        source.says(answer(DOWN, "", ""));
        let mut failures = Vec::new();
        for _ in 0..200 {
            read_due(&site.app).await;
            let one = &listed(&mut desk).await[0]["address"];
            failures.push(one["failures"].as_i64().unwrap());
            site.app.clock.advance(TimeDelta::minutes(1));
        }
        // After a quarter of an hour, then after 1, 2, 4, 8, 16, 32 and 60 minutes.
        let when = |count: i64| failures.iter().position(|failed| *failed == count).unwrap();
        assert_eq!([1, 2, 3, 4, 5, 6, 7, 8].map(when), [15, 16, 18, 22, 30, 46, 78, 138]);
        let one = &listed(&mut desk).await[0];
        assert_eq!((&one["fetched_at"], &one["address"]["stale"]), (&added["fetched_at"], &json!(false)));
        assert_eq!(one["address"]["failure"]["code"], "unavailable");
        assert!(one["address"]["failure"]["detail"].as_str().unwrap().ends_with('。'));
        // A minute before it is a day: what was known counts, everywhere.
        site.app.clock.advance(TimeDelta::minutes(24 * 60 - 201));
        assert!(!is_free(&site, "2026-12-02T03:00:00Z").await);
        assert!(is_free(&site, "2026-12-02T05:00:00Z").await);
        let mut patient = site.browser();
        let held = patient.hold("2026-12-02T05:00:00Z").await.expect(StatusCode::CREATED);
        let mut booked = site.browser();
        let visit = booked.book("2026-12-02T06:00:00Z", &nagi()).await;
        assert_eq!((searched(&site).await, first_day(&site).await.0), (3, json!(null)));
        // A day: nothing of this doctor's is, by whatever way.
        site.app.clock.advance(TimeDelta::minutes(1));
        assert_eq!(first_day(&site).await, (json!("calendar_stale"), 0));
        assert_eq!(searched(&site).await, 0);
        let mut desk = site.signed_in("desk").await;
        site.browser().hold("2026-12-02T07:00:00Z").await.refused(StatusCode::CONFLICT, "calendar_stale");
        let wish = json!({ "service_id": NIGHT_VISIT, "start": "2026-12-02T07:00:00Z" });
        desk.post("/api/clinic/bookings", wish).await.refused(StatusCode::CONFLICT, "calendar_stale");
        let confirm = format!("/api/bookings/{}/confirm", held["id"].as_str().unwrap());
        patient.post(&confirm, hana()).await.refused(StatusCode::CONFLICT, "calendar_stale");
        let path = format!("/api/bookings/{}/move", visit["booking"]["id"].as_str().unwrap());
        let to = json!({ "clinician_id": DOCTOR, "start": "2026-12-02T07:00:00Z", "version": visit["booking"]["version"] });
        booked.post(&path, to).await.refused(StatusCode::CONFLICT, "calendar_stale");
        let told = why(&mut desk, "2026-12-02T07:00:00Z").await;
        assert_eq!((&told["code"], &told["about"]["kind"]), (&json!("calendar_stale"), &json!("calendar_age")));
        assert_eq!(told["about"]["as_of"], added["fetched_at"]);
        assert_eq!(listed(&mut desk).await[0]["address"]["stale"], true);
        // Read again, at the clinic's wish, it counts at once; the hold is there still.
        source.has(&hour("20261202T080000Z"));
        let read = desk.post(&path_of(&added, "/fetch"), json!({})).await.expect(StatusCode::OK);
        assert_eq!((&read["address"]["stale"], &read["address"]["failures"]), (&json!(false), &json!(0)));
        assert_eq!(searched(&site).await, 3);
        patient.post(&confirm, hana()).await.expect(StatusCode::OK);
        assert!(!is_free(&site, "2026-12-02T08:00:00Z").await);
        assert_eq!(why(&mut desk, "2026-12-02T07:00:00Z").await, json!(null));
    }

    async fn who_confirms_reads_what_was_too_old(site: Site) {
        let (site, source, _, _) = with_calendar(site).await;
        site.app.clock.advance(TimeDelta::minutes(24 * 60 - 5));
        let mut patient = site.browser();
        let held = patient.hold("2026-12-02T05:00:00Z").await.expect(StatusCode::CREATED);
        site.app.clock.advance(TimeDelta::minutes(6));
        assert_eq!(first_day(&site).await.0, "calendar_stale");
        let confirm = format!("/api/bookings/{}/confirm", held["id"].as_str().unwrap());
        patient.post(&confirm, hana()).await.expect(StatusCode::OK);
        assert_eq!(source.asked().len(), 2);
        assert_eq!(first_day(&site).await.0, json!(null));
    }

    async fn a_file_does_not_age_but_ends(site: Site) {
        let mut desk = site.signed_in("desk").await;
        let all = format!("/api/clinic/outside?clinician={DOCTOR}");
        let file = calendar(&hour("20261202T030000Z"));
        let added = crate::calendars::upload(&mut desk, &all, &file).await.expect(StatusCode::CREATED);
        assert_eq!(added["known_until"], "2028-01-05T00:00:00Z");
        site.app.clock.advance(TimeDelta::days(395));
        let mut patient = site.browser();
        patient.hold("2028-01-04T23:45:00Z").await.expect(StatusCode::CREATED);
        // A visit must be over by then.
        patient.hold("2028-01-05T00:00:00Z").await.refused(StatusCode::CONFLICT, "calendar_unknown");
        let mut desk = site.signed_in("desk").await;
        let told = why(&mut desk, "2028-01-05T00:00:00Z").await;
        assert_eq!((&told["code"], &told["about"]["kind"]), (&json!("calendar_unknown"), &json!("calendar_reach")));
        let path = format!("/api/facilities/{NIGHT}/slots?service={NIGHT_VISIT}&from=2028-01-05&days=2");
        let list = site.browser().get(&path).await.expect(StatusCode::OK);
        assert_eq!(list["days"][0]["slots"].as_array().unwrap().last().unwrap()["start"], "2028-01-04T23:30:00Z");
        assert_eq!(list["days"][1]["closed_reason"], "calendar_unknown");
        assert_eq!(desk.delete(&path_of(&added, "")).await.status, StatusCode::NO_CONTENT);
        patient.hold("2028-01-05T00:00:00Z").await.expect(StatusCode::CREATED);
    }
}
