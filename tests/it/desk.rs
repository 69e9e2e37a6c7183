//! The clinic's desk: requests that wait for an answer, times held for patients, overbooking.

use axum::http::StatusCode;
use chrono::TimeDelta;
use onshin::actions::approval;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::{
    Browser, NIGHT_VISIT, Site, UMIKAZE, UMIKAZE_DOCTOR, UMIKAZE_VISIT, hana, nagi,
    on_both_engines, raw,
};

const START: &str = "2026-12-01T03:00:00Z";

async fn sql(site: &Site, text: &str) {
    raw::execute(&site.url, text).await.unwrap();
}

/// Lets the night clinic approve its visits, and books one as `who`.
async fn request(site: &Site, browser: &mut Browser, start: &str, who: &Value) -> Value {
    let visit = raw::id(&site.url, NIGHT_VISIT);
    let change = "UPDATE service SET needs_approval = TRUE, answer_within_min = 60";
    sql(site, &format!("{change}, version = version + 1 WHERE id = {visit}")).await;
    let booked = browser.book(start, who).await;
    assert_eq!(booked["booking"]["status"], "requested");
    booked["booking"].clone()
}

fn path(booking: &Value, deed: &str) -> String {
    format!("/api/clinic/requests/{}/{deed}", booking["id"].as_str().unwrap())
}

on_both_engines! {
    async fn a_request_occupies_and_is_approved_once(site: Site) {
        let mut hers = site.browser();
        let booking = request(&site, &mut hers, START, &hana()).await;
        site.browser().hold(START).await.refused(StatusCode::CONFLICT, "slot_taken");
        let mut desk = site.signed_in("desk").await;
        let waiting = desk.get("/api/clinic/requests").await.expect(StatusCode::OK);
        assert_eq!(waiting["items"][0]["patient"]["name"], "音無 花");
        let mut answers = JoinSet::new();
        for _ in 0..20 {
            let (mut desk, path) = (desk.clone(), path(&booking, "approve"));
            let wish = json!({ "version": booking["version"] });
            answers.spawn(async move { desk.post(&path, wish).await.status });
        }
        let statuses = answers.join_all().await;
        let count = |wanted| statuses.iter().filter(|status| **status == wanted).count();
        assert_eq!((count(StatusCode::OK), count(StatusCode::CONFLICT)), (1, 19), "{statuses:?}");
        let seen = hers.get(&format!("/api/bookings/{}", booking["id"].as_str().unwrap())).await;
        assert_eq!(seen.expect(StatusCode::OK)["status"], "booked");
        // Nobody else's clinic sees or answers it.
        let mut other = site.signed_in("umikaze").await;
        let none = other.get("/api/clinic/requests").await.expect(StatusCode::OK);
        assert_eq!(none["items"], json!([]));
        let foreign = other.post(&path(&booking, "decline"), json!({ "version": 3, "reason": "other" })).await;
        foreign.refused(StatusCode::NOT_FOUND, "not_found");
    }

    async fn a_declined_or_unanswered_request_gives_its_time_back(site: Site) {
        let (mut hers, mut his) = (site.browser(), site.browser());
        let booking = request(&site, &mut hers, START, &hana()).await;
        let mut desk = site.signed_in("desk").await;
        let wish = json!({ "version": booking["version"], "reason": "in_person_needed" });
        let declined = desk.post(&path(&booking, "decline"), wish).await.expect(StatusCode::OK);
        assert_eq!(declined["status"], "declined");
        let again = request(&site, &mut his, START, &nagi()).await;
        site.app.clock.advance(TimeDelta::minutes(59));
        assert_eq!(approval::expire_requests(&site.app).await.unwrap(), 0);
        site.app.clock.advance(TimeDelta::minutes(1));
        assert_eq!(approval::expire_requests(&site.app).await.unwrap(), 1);
        let mut desk = site.signed_in("desk").await;
        let late = desk.post(&path(&again, "approve"), json!({ "version": again["version"] })).await;
        late.refused(StatusCode::CONFLICT, "stale");
        site.browser().hold(START).await.expect(StatusCode::CREATED);
    }

    async fn a_request_is_not_approved_on_a_day_without_acceptance(site: Site) {
        let booking = request(&site, &mut site.browser(), START, &hana()).await;
        sql(&site, "UPDATE notification SET lapsed_after = '2026-11-01', lapsed_on = '2026-12-01'
            WHERE code10 = '1319990010'").await;
        let mut desk = site.signed_in("desk").await;
        let wish = json!({ "version": booking["version"] });
        desk.post(&path(&booking, "approve"), wish).await.refused(StatusCode::CONFLICT, "not_accepted");
    }

    async fn the_desk_holds_beyond_notice_only_with_a_reason(site: Site) {
        let mut desk = site.signed_in("umikaze").await;
        // Half an hour ahead; the clinic wants an hour of notice.
        let mut wish = json!({ "service_id": UMIKAZE_VISIT, "start": "2026-12-01T00:30:00Z" });
        desk.post("/api/clinic/bookings", wish.clone()).await.refused(StatusCode::CONFLICT, "too_soon");
        wish["override_reason"] = json!("urgent");
        let held = desk.post("/api/clinic/bookings", wish.clone()).await.expect(StatusCode::CREATED);
        assert_eq!((&held["status"], &held["clinician"]["id"]), (&json!("held"), &json!(UMIKAZE_DOCTOR)));
        let noted = raw::texts(&site.url, "SELECT detail FROM audit_entry WHERE action = 'desk.hold'").await;
        assert!(noted[0].contains("urgent"), "{noted:?}");
        desk.post("/api/clinic/bookings", wish.clone()).await.refused(StatusCode::CONFLICT, "slot_taken");
        // Not outside the hours, nor another clinic's visits, whatever the reason.
        let night = json!({ "service_id": UMIKAZE_VISIT, "start": "2026-12-01T18:00:00Z", "override_reason": "urgent" });
        desk.post("/api/clinic/bookings", night).await.refused(StatusCode::CONFLICT, "outside_hours");
        let foreign = json!({ "service_id": NIGHT_VISIT, "start": "2026-12-01T18:00:00Z" });
        desk.post("/api/clinic/bookings", foreign).await.refused(StatusCode::NOT_FOUND, "not_found");
        let release = format!("/api/clinic/bookings/{}/release", held["id"].as_str().unwrap());
        site.signed_in("desk").await.post(&release, json!({})).await.refused(StatusCode::NOT_FOUND, "not_found");
        assert_eq!(desk.post(&release, json!({})).await.status, StatusCode::NO_CONTENT);
        desk.post("/api/clinic/bookings", wish).await.expect(StatusCode::CREATED);
    }

    async fn overbooking_is_a_named_capacity_of_its_own(site: Site) {
        let lane = "0d300700-0000-0000-0000-000000000001";
        sql(&site, &format!("INSERT INTO overbooking (id, facility_id, lane, name) VALUES ({}, {}, 1, '急患')",
            raw::id(&site.url, lane), raw::id(&site.url, UMIKAZE))).await;
        let mut desk = site.signed_in("umikaze").await;
        let ordinary = json!({ "service_id": UMIKAZE_VISIT, "start": "2026-12-01T05:00:00Z" });
        desk.post("/api/clinic/bookings", ordinary.clone()).await.expect(StatusCode::CREATED);
        desk.post("/api/clinic/bookings", ordinary).await.refused(StatusCode::CONFLICT, "slot_taken");
        let mut beside = json!({ "service_id": UMIKAZE_VISIT, "start": "2026-12-01T05:00:00Z", "overbooking_id": lane });
        desk.post("/api/clinic/bookings", beside.clone()).await.refused(StatusCode::CONFLICT, "override_needed");
        beside["override_reason"] = json!("urgent");
        desk.post("/api/clinic/bookings", beside.clone()).await.expect(StatusCode::CREATED);
        desk.post("/api/clinic/bookings", beside.clone()).await.refused(StatusCode::CONFLICT, "slot_taken");
        // It is that clinic's capacity, and patients cannot name it.
        let mut other = site.signed_in("desk").await;
        let theirs = json!({ "service_id": NIGHT_VISIT, "start": START, "overbooking_id": lane, "override_reason": "urgent" });
        other.post("/api/clinic/bookings", theirs).await.refused(StatusCode::NOT_FOUND, "not_found");
        beside["facility_id"] = json!(UMIKAZE);
        let hers = site.browser().post("/api/bookings", beside).await;
        assert_eq!(hers.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", hers.text);
        assert_eq!(raw::overlaps(&site.url).await, 0);
    }

    async fn the_desk_moves_a_visit_after_the_cut_off_with_a_reason(site: Site) {
        let booked = site.browser().book("2026-12-01T00:15:00Z", &hana()).await;
        site.app.clock.advance(TimeDelta::minutes(10));
        let mut desk = site.signed_in("desk").await;
        let path = format!("/api/clinic/visits/{}/move", booked["booking"]["id"].as_str().unwrap());
        let mut to = json!({ "clinician_id": booked["booking"]["clinician"]["id"],
            "start": "2026-12-01T02:00:00Z", "version": booked["booking"]["version"] });
        desk.post(&path, to.clone()).await.refused(StatusCode::CONFLICT, "override_needed");
        site.signed_in("umikaze").await.post(&path, to.clone()).await.refused(StatusCode::NOT_FOUND, "not_found");
        to["override_reason"] = json!("clinic_caused");
        let moved = desk.post(&path, to).await.expect(StatusCode::OK);
        assert_eq!(moved["start"], "2026-12-01T02:00:00Z");
    }
}
