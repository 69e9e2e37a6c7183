//! Booking as patients do it, through the front door.

use axum::http::StatusCode;
use chrono::TimeDelta;
use serde_json::json;

use crate::support::{NIGHT, NIGHT_VISIT, Site, hana, nagi, on_both_engines, raw};

on_both_engines! {
    async fn a_patient_books_and_comes_back(site: Site) {
        let mut hers = site.browser();
        let found = hers.get("/api/facilities?q=%E3%81%8A%E3%81%A8%E3%81%AA%E3%81%97").await;
        let found = found.expect(StatusCode::OK);
        assert_eq!(found["items"][0]["next_free"][0]["start"], "2026-12-01T00:00:00Z");
        let path = format!("/api/facilities/{NIGHT}/slots?service={NIGHT_VISIT}&days=2");
        let days = hers.get(&path).await.expect(StatusCode::OK);
        // From nine in the morning on today, all day tomorrow.
        assert_eq!(days["days"][0]["slots"].as_array().unwrap().len(), 60);
        assert_eq!(days["days"][1]["slots"].as_array().unwrap().len(), 96);

        let held = hers.hold("2026-12-01T03:00:00Z").await.expect(StatusCode::CREATED);
        assert_eq!((&held["status"], &held["hold_expires_at"]), (&json!("held"), &json!("2026-12-01T00:10:00Z")));
        let days = hers.get(&path).await.expect(StatusCode::OK);
        assert_eq!(days["days"][0]["slots"].as_array().unwrap().len(), 59);

        // Somebody else wants it, and is told at once what is near.
        let told = site.browser().hold("2026-12-01T03:00:00Z").await;
        let told = told.refused(StatusCode::CONFLICT, "slot_taken");
        assert_eq!(told["alternatives"][0]["start"], "2026-12-01T02:45:00Z");
        assert_eq!(told["alternatives"].as_array().unwrap().len(), 3);

        let id = held["id"].as_str().unwrap().to_owned();
        let extended = hers.post(&format!("/api/bookings/{id}/extend"), json!({})).await;
        assert_eq!(extended.expect(StatusCode::OK)["hold_expires_at"], "2026-12-01T00:20:00Z");
        let again = hers.post(&format!("/api/bookings/{id}/extend"), json!({})).await;
        again.refused(StatusCode::CONFLICT, "already_extended");

        let done = hers.post(&format!("/api/bookings/{id}/confirm"), hana()).await;
        let done = done.expect(StatusCode::OK);
        assert_eq!(done["booking"]["status"], "booked");
        assert_eq!(done["booking"]["patient_name"], "音無 花");
        assert!(done["booking"]["number"].as_str().unwrap().len() >= 8);
        let link = done["link"].as_str().unwrap();
        let (page, secret) = link.split_once('#').unwrap();
        assert_eq!(page, "http://onshin.test/visit");

        // On another device: the link, and the birth date.
        let mut phone = site.browser();
        phone.get(&format!("/api/bookings/{id}")).await.refused(StatusCode::UNAUTHORIZED, "signed_out");
        let wrong = phone.post("/api/visitor", json!({ "token": secret, "birth_date": "1948-05-04" })).await;
        wrong.refused(StatusCode::FORBIDDEN, "wrong_birth_date");
        let right = phone.post("/api/visitor", json!({ "token": secret, "birth_date": "1948-05-03" })).await;
        assert_eq!(right.expect(StatusCode::OK)["booking_id"], id.as_str());
        let seen = phone.get(&format!("/api/bookings/{id}")).await.expect(StatusCode::OK);
        assert_eq!(seen["number"], done["booking"]["number"]);
        assert_eq!(raw::overlaps(&site.url).await, 0);
    }

    async fn a_booking_is_moved_in_one_step_and_cancelled(site: Site) {
        let (mut hers, mut his) = (site.browser(), site.browser());
        let booked = hers.book("2026-12-01T03:00:00Z", &hana()).await["booking"].take();
        his.book("2026-12-01T04:00:00Z", &nagi()).await;
        let path = format!("/api/bookings/{}", booked["id"].as_str().unwrap());
        let to = |start: &str, version: i64| json!({
            "clinician_id": booked["clinician"]["id"], "start": start, "version": version,
        });
        let version = booked["version"].as_i64().unwrap();
        let taken = hers.post(&format!("{path}/move"), to("2026-12-01T04:00:00Z", version)).await;
        taken.refused(StatusCode::CONFLICT, "slot_taken");
        let moved = hers.post(&format!("{path}/move"), to("2026-12-01T04:15:00Z", version)).await;
        let moved = moved.expect(StatusCode::OK);
        assert_eq!((&moved["start"], &moved["number"]), (&json!("2026-12-01T04:15:00Z"), &booked["number"]));
        let stale = hers.post(&format!("{path}/move"), to("2026-12-01T05:00:00Z", version)).await;
        stale.refused(StatusCode::CONFLICT, "stale");
        // The old time is free again, the new one is not.
        let mut other = site.browser();
        other.hold("2026-12-01T03:00:00Z").await.expect(StatusCode::CREATED);
        other.hold("2026-12-01T04:15:00Z").await.expect(StatusCode::CONFLICT);

        let cancelled = hers.post(&format!("{path}/cancel"), json!({ "reason": "feeling_better" })).await;
        assert_eq!(cancelled.expect(StatusCode::OK)["status"], "cancelled");
        let again = hers.post(&format!("{path}/cancel"), json!({ "reason": "other" })).await;
        again.refused(StatusCode::CONFLICT, "wrong_status");
        other.hold("2026-12-01T04:15:00Z").await.expect(StatusCode::CREATED);
    }

    async fn a_hold_that_ran_out_blocks_nobody_and_cannot_be_confirmed(site: Site) {
        let (mut hers, mut his) = (site.browser(), site.browser());
        let held = hers.hold("2026-12-01T03:00:00Z").await.expect(StatusCode::CREATED);
        site.app.clock.advance(TimeDelta::minutes(10));
        let path = format!("/api/bookings/{}/confirm", held["id"].as_str().unwrap());
        hers.post(&path, hana()).await.refused(StatusCode::CONFLICT, "hold_expired");
        his.hold("2026-12-01T03:00:00Z").await.expect(StatusCode::CREATED);
        hers.post(&path, hana()).await.refused(StatusCode::CONFLICT, "hold_expired");
    }

    async fn nobody_is_in_two_visits_and_nobody_holds_a_clinic(site: Site) {
        let mut hers = site.browser();
        hers.book("2026-12-01T03:00:00Z", &hana()).await;
        // The same person at another clinic, from another browser, at the same time.
        let mut second = site.browser();
        let umikaze = second.get("/api/facilities?q=umikaze").await.expect(StatusCode::OK);
        let facility = umikaze["items"][0]["id"].as_str().unwrap().to_owned();
        let detail = second.get(&format!("/api/facilities/{facility}")).await.expect(StatusCode::OK);
        let wish = |start: &str| json!({
            "facility_id": facility, "service_id": detail["services"][0]["id"], "start": start,
        });
        let held = second.post("/api/bookings", wish("2026-12-01T03:00:00Z")).await;
        let held = held.expect(StatusCode::CREATED);
        let path = format!("/api/bookings/{}", held["id"].as_str().unwrap());
        let refused = second.post(&format!("{path}/confirm"), hana()).await;
        refused.refused(StatusCode::CONFLICT, "patient_busy");
        second.post(&format!("{path}/release"), json!({})).await.expect(StatusCode::NO_CONTENT);

        // Two holds at once, no more.
        let mut greedy = site.browser();
        for start in ["2026-12-01T05:00:00Z", "2026-12-01T06:00:00Z"] {
            greedy.hold(start).await.expect(StatusCode::CREATED);
        }
        greedy.hold("2026-12-01T07:00:00Z").await.refused(StatusCode::CONFLICT, "too_many_holds");
    }

    async fn only_accepted_facilities_offer_times(site: Site) {
        let mut browser = site.browser();
        let found = browser.get("/api/facilities?q=yunagi").await.expect(StatusCode::OK);
        let card = &found["items"][0];
        assert_eq!(card["next_free"], json!([]));
        let id = card["id"].as_str().unwrap();
        let detail = browser.get(&format!("/api/facilities/{id}")).await.expect(StatusCode::OK);
        let service = detail["services"][0]["id"].as_str().unwrap();
        let days = browser.get(&format!("/api/facilities/{id}/slots?service={service}&days=7")).await;
        for day in days.expect(StatusCode::OK)["days"].as_array().unwrap() {
            assert_eq!((&day["slots"], &day["closed_reason"]), (&json!([]), &json!("not_accepted")));
        }
        let wish = json!({ "facility_id": id, "service_id": service, "start": "2026-12-03T01:00:00Z" });
        let refused = browser.post("/api/bookings", wish).await;
        refused.refused(StatusCode::CONFLICT, "not_accepted");

        // An acceptance that lapses in a week: the day before it is bookable, that day is not.
        let sql = "UPDATE notification SET lapsed_after = '2026-12-07', lapsed_on = '2026-12-08'
                   WHERE code10 = '1319990010'";
        raw::execute(&site.url, sql).await.unwrap();
        let mut patient = site.browser();
        patient.hold("2026-12-07T14:30:00Z").await.expect(StatusCode::CREATED);
        let refused = patient.hold("2026-12-07T15:00:00Z").await;
        refused.refused(StatusCode::CONFLICT, "not_accepted");
    }

    async fn a_day_that_closes_meanwhile_is_not_booked_nor_offered_instead(site: Site) {
        let (mut hers, mut desk) = (site.browser(), site.signed_in("desk").await);
        let held = hers.hold("2026-12-02T03:00:00Z").await.expect(StatusCode::CREATED);
        desk.change_hours(json!([{ "kind": "add_exception", "date": "2026-12-02", "difference": "closed" }])).await;
        let path = format!("/api/bookings/{}/confirm", held["id"].as_str().unwrap());
        let refused = hers.post(&path, hana()).await.refused(StatusCode::CONFLICT, "closed_day");
        let near = refused["alternatives"].as_array().unwrap();
        assert_eq!(near.len(), 3);
        for time in near {
            site.browser().hold(time["start"].as_str().unwrap()).await.expect(StatusCode::CREATED);
        }
    }

    async fn who_waited_for_the_old_time_does_not_wait_for_the_new(site: Site) {
        let mut hers = site.browser();
        let booked = hers.book("2026-12-01T00:30:00Z", &hana()).await["booking"].take();
        let id = booked["id"].as_str().unwrap();
        let ticket = hers.post(&format!("/api/visits/{id}/signal-ticket"), json!({})).await;
        ticket.expect(StatusCode::OK);
        let waits = "UPDATE visit SET waiting_since = '2026-12-01T00:05:00+00:00'";
        raw::execute(&site.url, waits).await.unwrap();
        let to = json!({ "clinician_id": booked["clinician"]["id"], "start": "2026-12-01T05:00:00Z",
            "version": booked["version"] });
        hers.post(&format!("/api/bookings/{id}/move"), to).await.expect(StatusCode::OK);
        assert_eq!(raw::numbers(&site.url, "SELECT count(*) FROM signal_ticket").await, [0]);
        let waiting = "SELECT count(*) FROM visit WHERE waiting_since IS NOT NULL";
        assert_eq!(raw::numbers(&site.url, waiting).await, [0]);
    }

    async fn what_was_typed_this_time_is_what_the_clinic_reads(site: Site) {
        let (mut first, mut second) = (site.browser(), site.browser());
        first.book("2026-12-01T03:00:00Z", &hana()).await;
        let mut again = hana();
        again["name"] = json!("音無 華");
        again["phone"] = json!("+81 90 1234 5678");
        again["email"] = json!("new@mail.example");
        let done = second.book("2026-12-01T05:00:00Z", &again).await;
        assert_eq!(done["booking"]["patient_name"], "音無 華");
        // It is the same person all the same.
        assert_eq!(raw::numbers(&site.url, "SELECT count(*) FROM patient").await, [1]);
        let day = site.signed_in("desk").await.get("/api/clinic/visits").await.expect(StatusCode::OK);
        assert_eq!(day["items"][1]["patient"]["email"], "new@mail.example");
    }

    async fn what_no_database_keeps_is_refused_on_both(site: Site) {
        let mut browser = site.browser();
        for path in ["/api/facilities?q=%00", "/api/facilities?municipality=%00", "/api/counts?by=kind&prefecture=%00"] {
            let status = browser.get(path).await.status;
            assert!(status.is_success() || status == StatusCode::UNPROCESSABLE_ENTITY, "{path}: {status}");
        }
        let path = format!("/api/facilities/{NIGHT}/slots?service={NIGHT_VISIT}&from=-5000-01-01");
        browser.get(&path).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        browser.hold("-5000-01-01T00:00:00Z").await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        let login = json!({ "login": "a\u{0}", "password": "x" });
        assert!(browser.post("/api/session", login).await.status.is_client_error());
    }

    async fn bad_input_gets_a_sentence_and_changes_nothing(site: Site) {
        let mut browser = site.browser();
        for (start, code) in [
            ("2026-11-30T23:45:00Z", "in_past"),
            ("2026-12-01T03:07:00Z", "off_grid"),
            ("2026-12-01T03:00:00.5Z", "invalid_time"),
            ("2027-02-01T03:00:00Z", "beyond_horizon"),
            ("9999-12-31T23:00:00Z", "invalid_time"),
        ] {
            browser.hold(start).await.refused(StatusCode::CONFLICT, code);
        }
        let odd = json!({ "facility_id": NIGHT, "service_id": NIGHT_VISIT, "start": "tomorrow" });
        browser.post("/api/bookings", odd).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        let more = json!({
            "facility_id": NIGHT, "service_id": NIGHT_VISIT, "start": "2026-12-01T03:00:00Z",
            "status": "booked",
        });
        browser.post("/api/bookings", more).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "malformed");
        let held = browser.hold("2026-12-01T03:00:00Z").await.expect(StatusCode::CREATED);
        let path = format!("/api/bookings/{}/confirm", held["id"].as_str().unwrap());
        let mut bad = hana();
        bad["consent"] = json!(false);
        bad["kana"] = json!("音無");
        let told = browser.post(&path, bad).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        let pointers: Vec<_> = told["errors"].as_array().unwrap().iter().map(|e| &e["pointer"]).collect();
        assert_eq!(pointers, ["/kana", "/consent"]);
        assert_eq!(raw::numbers(&site.url, "SELECT count(*) FROM patient").await, [0]);
        browser.post(&path, hana()).await.expect(StatusCode::OK);
    }
}
