//! Waiting for a time: what is given back goes to those who wait, as a hold of theirs.

use axum::http::StatusCode;
use chrono::TimeDelta;
use onshin::actions::waitlist::offer_round;
use serde_json::{Value, json};

use crate::support::{Browser, NIGHT, NIGHT_VISIT, Site, at, hana, nagi, on_both_engines, raw};

/// Noon in Tokyo on the day of the tests.
const NOON: &str = "2026-12-01T03:00:00Z";

/// Waits for a quarter of an hour at noon.
fn wish(name: &str, born: &str) -> Value {
    json!({
        "facility_id": NIGHT, "service_id": NIGHT_VISIT, "from": "2026-12-01",
        "until": "2026-12-01", "from_minute": 720, "until_minute": 735, "for_whom": "self",
        "name": name, "kana": "マツ", "birth_date": born, "phone": "09011112222",
        "language": "ja", "consent": true,
    })
}

async fn waits(site: &Site, name: &str, born: &str) -> Browser {
    let mut browser = site.browser();
    browser.post("/api/waitlist", wish(name, born)).await.expect(StatusCode::CREATED);
    browser
}

/// What the browser was offered: its only hold.
async fn offered(browser: &mut Browser) -> Option<Value> {
    let mine = browser.get("/api/bookings").await.expect(StatusCode::OK);
    let held = |booking: &&Value| booking["status"] == "held";
    mine["items"].as_array().unwrap().iter().find(held).cloned()
}

/// Books noon and gives it back.
async fn give_back(site: &Site) {
    let mut hers = site.browser();
    let booked = hers.book(NOON, &hana()).await;
    let path = format!("/api/bookings/{}/cancel", booked["booking"]["id"].as_str().unwrap());
    hers.post(&path, json!({ "reason": "feeling_better" })).await.expect(StatusCode::OK);
}

async fn confirm(
    browser: &mut Browser,
    held: &Value,
    name: &str,
    born: &str,
) -> crate::support::Answer {
    let path = format!("/api/bookings/{}/confirm", held["id"].as_str().unwrap());
    let mut who = nagi();
    for (key, value) in
        [("name", name), ("kana", "マツ"), ("birth_date", born), ("phone", "09011112222")]
    {
        who[key] = json!(value);
    }
    browser.post(&path, who).await
}

async fn clinic_says(site: &Site, mode: &str) {
    let policy = json!({ "mode": mode, "window_min": 30, "most": 5, "quiet_from": 1260,
        "quiet_until": 480, "version": 0 });
    let mut desk = site.signed_in("desk").await;
    let said = desk.put("/api/clinic/waitlist/policy", policy.clone()).await;
    assert_eq!(said.status, StatusCode::NO_CONTENT, "{}", said.text);
    desk.put("/api/clinic/waitlist/policy", policy).await.refused(StatusCode::CONFLICT, "stale");
}

on_both_engines! {
    async fn a_freed_time_is_offered_one_by_one_as_a_hold(site: Site) {
        let mut first = waits(&site, "待 一", "1950-01-01").await;
        let mut second = waits(&site, "待 二", "1960-01-01").await;
        give_back(&site).await;
        assert_eq!(offer_round(&site.app).await.unwrap(), 1);
        assert_eq!(offer_round(&site.app).await.unwrap(), 0, "one at a time");
        let told = "SELECT count(*) FROM outbox WHERE kind = 'offered'";
        assert_eq!(raw::numbers(&site.url, told).await, [1], "and told once");
        let held = offered(&mut first).await.unwrap();
        assert_eq!((&held["start"], &held["hold_expires_at"]), (&json!(NOON), &json!("2026-12-01T00:30:00Z")));
        assert_eq!(offered(&mut second).await, None);
        // Nobody else can have it meanwhile.
        site.browser().hold(NOON).await.refused(StatusCode::CONFLICT, "slot_taken");
        // The first lets it run out; it goes on to the second.
        site.app.clock.advance(TimeDelta::minutes(30));
        assert_eq!(offer_round(&site.app).await.unwrap(), 1);
        confirm(&mut first, &held, "待 一", "1950-01-01").await.refused(StatusCode::CONFLICT, "hold_expired");
        let held = offered(&mut second).await.unwrap();
        let booked = confirm(&mut second, &held, "待 二", "1960-01-01").await.expect(StatusCode::OK);
        assert_eq!(booked["booking"]["status"], "booked");
        assert_eq!(offer_round(&site.app).await.unwrap(), 0);
        assert_eq!(second.get("/api/waitlist").await.expect(StatusCode::OK)["items"], json!([]));
        let list = site.signed_in("desk").await.get("/api/clinic/waitlist").await.expect(StatusCode::OK);
        assert_eq!((&list["offered"], &list["filled"]), (&json!(1), &json!(1)));
        let names: Vec<_> = list["items"].as_array().unwrap().iter().map(|e| &e["patient_name"]).collect();
        assert_eq!(names, ["待 一"]);
        assert_eq!(raw::overlaps(&site.url).await, 0);
        crate::events::all_stand(&site).await;
    }

    async fn of_all_who_are_offered_it_one_gets_it(site: Site) {
        clinic_says(&site, "all").await;
        let mut waiting = Vec::new();
        for n in 0..4 {
            waiting.push(waits(&site, &format!("待 {n}"), &format!("195{n}-01-01")).await);
        }
        give_back(&site).await;
        assert_eq!(offer_round(&site.app).await.unwrap(), 4);
        let mut held = Vec::new();
        for browser in &mut waiting {
            held.push(offered(browser).await.unwrap());
        }
        let mut tries = tokio::task::JoinSet::new();
        for (n, (mut browser, held)) in waiting.into_iter().zip(held).enumerate() {
            tries.spawn(async move {
                confirm(&mut browser, &held, &format!("待 {n}"), &format!("195{n}-01-01")).await.status
            });
        }
        let statuses = tries.join_all().await;
        let count = |wanted| statuses.iter().filter(|status| **status == wanted).count();
        assert_eq!((count(StatusCode::OK), count(StatusCode::CONFLICT)), (1, 3), "{statuses:?}");
        let booked = "SELECT count(*) FROM booking WHERE occupies";
        assert_eq!(raw::numbers(&site.url, booked).await, [1]);
        assert_eq!(raw::overlaps(&site.url).await, 0);
        crate::events::all_stand(&site).await;
    }

    async fn nobody_is_woken_and_what_is_booked_meanwhile_is_not_offered(site: Site) {
        let mut hers = waits(&site, "待 一", "1950-01-01").await;
        give_back(&site).await;
        // The night before, in Tokyo.
        let morning = site.app.clock.now();
        site.app.clock.advance(at("2026-11-30T14:00:00Z") - morning);
        assert_eq!(offer_round(&site.app).await.unwrap(), 0);
        site.app.clock.advance(morning - at("2026-11-30T14:00:00Z"));
        let taken = site.browser().hold(NOON).await;
        taken.expect(StatusCode::CREATED);
        assert_eq!(offer_round(&site.app).await.unwrap(), 0);
        assert_eq!(offered(&mut hers).await, None);
    }

    async fn who_waits_is_asked_right_and_can_leave(site: Site) {
        let mut hers = waits(&site, "待 一", "1950-01-01").await;
        let again = hers.post("/api/waitlist", wish("待 一", "1950-01-01")).await;
        again.refused(StatusCode::CONFLICT, "already_waiting");
        let mut bad = wish("", "2050-01-01");
        bad["until"] = json!("2028-01-01");
        bad["until_minute"] = json!(700);
        let told = hers.post("/api/waitlist", bad).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        assert_eq!(told["errors"].as_array().unwrap().len(), 4, "{told}");
        let mine = hers.get("/api/waitlist").await.expect(StatusCode::OK);
        let path = format!("/api/waitlist/{}", mine["items"][0]["id"].as_str().unwrap());
        let mut other = waits(&site, "待 二", "1960-01-01").await;
        other.delete(&path).await.refused(StatusCode::NOT_FOUND, "not_found");
        assert_eq!(hers.delete(&path).await.status, StatusCode::NO_CONTENT);
        hers.delete(&path).await.refused(StatusCode::NOT_FOUND, "not_found");
    }
}
