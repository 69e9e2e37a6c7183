//! Visits that come again: proposed, chosen, booked in one step, called off together.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{Site, hana, on_both_engines, raw};

/// Wednesday noon in Tokyo.
const NOON: &str = "2026-12-02T03:00:00Z";

fn starts(items: &Value) -> Vec<String> {
    let start = |item: &Value| item["slot"]["start"].as_str().unwrap_or("none").to_owned();
    items["items"].as_array().unwrap().iter().map(start).collect()
}

on_both_engines! {
    async fn visits_come_again_at_the_same_local_time(site: Site) {
        let mut hers = site.browser();
        let booked = hers.book(NOON, &hana()).await["booking"].clone();
        let path = format!("/api/bookings/{}/series", booked["id"].as_str().unwrap());
        // Somebody else has the second of the times.
        site.browser().hold("2026-12-16T03:00:00Z").await.expect(StatusCode::CREATED);
        let told = hers.get(&format!("{path}?every_days=7&count=5")).await.expect(StatusCode::OK);
        assert_eq!(starts(&told), [
            "2026-12-09T03:00:00Z", "none", "2026-12-23T03:00:00Z", "2026-12-30T03:00:00Z", "none",
        ]);
        let second = &told["items"][1];
        assert_eq!((&second["code"], &second["alternatives"][0]["start"]), (&json!("slot_taken"), &json!("2026-12-16T02:45:00Z")));
        assert_eq!(told["items"][4]["code"], "beyond_horizon");
        assert!(second["detail"].as_str().is_some_and(|words| words.ends_with('。')), "{second}");
        assert_eq!(told["items"][0]["detail"], Value::Null);
        let list = format!("{path}/visits");
        assert_eq!(hers.get(&list).await.expect(StatusCode::OK)["items"], json!([]));
        let doctor = &booked["clinician"]["id"];
        let visits = |starts: &[&str]| json!({ "visits": starts.iter()
            .map(|start| json!({ "clinician_id": doctor, "start": start })).collect::<Vec<_>>() });
        // One that is taken: none is booked.
        let all = hers.post(&path, visits(&["2026-12-09T03:00:00Z", "2026-12-16T03:00:00Z"])).await;
        all.refused(StatusCode::CONFLICT, "slot_taken");
        assert_eq!(raw::numbers(&site.url, "SELECT count(*) FROM booking WHERE status = 'booked'").await, [1]);
        let chosen = visits(&["2026-12-09T03:00:00Z", "2026-12-16T02:45:00Z", "2026-12-23T03:00:00Z"]);
        let made = hers.post(&path, chosen).await.expect(StatusCode::CREATED);
        let numbers: std::collections::BTreeSet<_> =
            made["items"].as_array().unwrap().iter().map(|b| b["number"].to_string()).collect();
        assert_eq!(numbers.len(), 3);
        assert_eq!(made["items"][0]["patient_name"], "音無 花");
        assert_eq!(raw::numbers(&site.url, "SELECT count(DISTINCT series_id) FROM booking WHERE series_id IS NOT NULL").await, [1]);
        // Of the consents of the first the others have their own.
        let agreed = "SELECT count(*) FROM consent GROUP BY booking_id";
        let agreed = raw::numbers(&site.url, agreed).await;
        assert!(agreed.windows(2).all(|pair| pair[0] == pair[1]), "{agreed:?}");
        // By herself she may not have more than five ahead.
        let more = hers.post(&path, visits(&["2026-12-30T03:00:00Z", "2026-12-30T04:00:00Z"])).await;
        more.refused(StatusCode::CONFLICT, "too_many_bookings");
        let listed = |told: &Value| -> Vec<String> { told["items"].as_array().unwrap().iter()
            .map(|b| format!("{} {}", b["start"].as_str().unwrap(), b["status"].as_str().unwrap())).collect() };
        assert_eq!(listed(&hers.get(&list).await.expect(StatusCode::OK)), [
            "2026-12-02T03:00:00Z booked", "2026-12-09T03:00:00Z booked",
            "2026-12-16T02:45:00Z booked", "2026-12-23T03:00:00Z booked",
        ]);
        // From the third on she calls them off; a stranger cannot, nor sees them.
        site.browser().get(&list).await.refused(StatusCode::UNAUTHORIZED, "signed_out");
        let mut stranger = site.browser();
        stranger.hold("2026-12-02T04:00:00Z").await.expect(StatusCode::CREATED);
        stranger.get(&list).await.refused(StatusCode::NOT_FOUND, "not_found");
        let third = made["items"][1]["id"].as_str().unwrap();
        let cancel = format!("/api/bookings/{third}/series/cancel");
        site.browser().post(&cancel, json!({ "reason": "other" })).await.refused(StatusCode::UNAUTHORIZED, "signed_out");
        let done = hers.post(&cancel, json!({ "reason": "feeling_better" })).await.expect(StatusCode::OK);
        assert_eq!(done["items"].as_array().unwrap().iter().filter(|one| one["code"].is_null()).count(), 2);
        assert_eq!(raw::numbers(&site.url, "SELECT count(*) FROM booking WHERE status = 'booked'").await, [2]);
        // What was called off stays in the list, as that.
        let told = listed(&hers.get(&list).await.expect(StatusCode::OK));
        assert_eq!(told.iter().filter(|one| one.ends_with("cancelled")).count(), 2, "{told:?}");
        assert_eq!(raw::overlaps(&site.url).await, 0);
        crate::events::all_stand(&site).await;
    }

    async fn the_desk_books_a_course_and_bad_plans_are_told(site: Site) {
        let booked = site.browser().book(NOON, &hana()).await["booking"].clone();
        let path = format!("/api/clinic/visits/{}/series", booked["id"].as_str().unwrap());
        let mut desk = site.signed_in("desk").await;
        for bad in ["every_days=0&count=2", "every_days=7&count=0", "every_days=7&count=12", "every_days=57&count=1"] {
            desk.get(&format!("{path}?{bad}")).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        }
        let told = desk.get(&format!("{path}?every_days=2&count=11")).await.expect(StatusCode::OK);
        let visits: Vec<_> = starts(&told).iter().map(|start| json!({
            "clinician_id": booked["clinician"]["id"], "start": start })).collect();
        let made = desk.post(&path, json!({ "visits": visits })).await.expect(StatusCode::CREATED);
        assert_eq!(made["items"].as_array().unwrap().len(), 11);
        let list = format!("{path}/visits");
        assert_eq!(desk.get(&list).await.expect(StatusCode::OK)["items"].as_array().unwrap().len(), 12);
        let mut other = site.signed_in("umikaze").await;
        other.get(&format!("{path}?every_days=7&count=1")).await.refused(StatusCode::NOT_FOUND, "not_found");
        other.get(&list).await.refused(StatusCode::NOT_FOUND, "not_found");
        crate::events::all_stand(&site).await;
    }
}
