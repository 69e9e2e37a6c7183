//! What staff set: the rules of services, rooms, named capacities.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{NIGHT, NIGHT_VISIT, Site, UMIKAZE_DOCTOR, on_both_engines, raw};

const DOCTOR: &str = "0d300200-0000-0000-0000-4ead72fa0000";

fn path() -> String {
    format!("/api/clinic/services/{NIGHT_VISIT}")
}

fn with(rules: &Value, field: &str, value: Value) -> Value {
    let mut rules = rules.clone();
    rules[field] = value;
    rules
}

on_both_engines! {
    async fn rules_are_set_once_for_each_version_and_decide_what_is_free(site: Site) {
        let mut desk = site.signed_in("desk").await;
        let known = desk.get(&path()).await.expect(StatusCode::OK);
        let (version, rules) = (&known["version"], &known["rules"]);
        assert_eq!((&rules["length_min"], &rules["capacity"], &rules["visit"]), (&json!(15), &json!(1), &json!("any")));
        let mut new = with(rules, "length_min", json!(30));
        for (field, value) in [("step_min", json!(60)), ("notice_working_days", json!(1)), ("daily_limit", json!(3)),
            ("clinicians", json!([DOCTOR])), ("needs_approval", json!(true)), ("answer_within_min", json!(60))] {
            new[field] = value;
        }
        let put = desk.put(&path(), json!({ "version": version, "rules": new })).await.expect(StatusCode::OK);
        assert_eq!(put["rules"], new);
        assert_eq!(put["version"], version.as_i64().unwrap() + 1);
        assert_eq!(desk.get(&path()).await.expect(StatusCode::OK), put);
        let stale = desk.put(&path(), json!({ "version": version, "rules": rules })).await;
        stale.refused(StatusCode::CONFLICT, "stale");

        let slots = format!("/api/facilities/{NIGHT}/slots?service={NIGHT_VISIT}&days=2");
        let days = site.browser().get(&slots).await.expect(StatusCode::OK);
        assert_eq!(days["days"][0]["slots"], json!([]), "tomorrow is the next working day");
        assert_eq!(days["days"][1]["slots"].as_array().unwrap().len(), 24);
        let audited = raw::texts(&site.url, "SELECT action FROM audit_entry WHERE action LIKE 'service%'").await;
        assert_eq!(audited, ["service.put"]);
    }

    async fn every_value_out_of_its_limits_gets_a_sentence(site: Site) {
        let mut desk = site.signed_in("desk").await;
        let known = desk.get(&path()).await.expect(StatusCode::OK);
        for (field, value, pointer, code) in [
            ("length_min", json!(0), "/length_min", "range"),
            ("length_min", json!(245), "/length_min", "range"),
            ("length_min", json!(1500), "/length_min", "range"),
            ("length_min", json!(-15), "/length_min", "range"),
            ("length_min", json!(17), "/length_min", "unit"),
            ("step_min", json!(0), "/step_min", "range"),
            ("buffer_after_min", json!(65), "/buffer_after_min", "range"),
            ("notice_min", json!(i64::MAX), "/notice_min", "range"),
            ("horizon_days", json!(367), "/horizon_days", "range"),
            ("notice_working_days", json!(31), "/notice_working_days", "range"),
            ("daily_limit", json!(0), "/daily_limit", "range"),
            ("capacity", json!(51), "/capacity", "range"),
            ("patient_daily_limit", json!(0), "/patient_daily_limit", "range"),
            ("answer_within_min", json!(0), "/answer_within_min", "range"),
            ("clinicians", json!([UMIKAZE_DOCTOR]), "/clinicians", "unknown"),
            ("team", json!([DOCTOR, DOCTOR]), "/team", "unknown"),
        ] {
            let rules = with(&known["rules"], field, value);
            let told = desk.put(&path(), json!({ "version": known["version"], "rules": rules })).await;
            let told = told.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
            let errors = told["errors"].as_array().unwrap();
            assert_eq!((errors.len(), &errors[0]["pointer"], &errors[0]["code"]), (1, &json!(pointer), &json!(code)));
            assert!(errors[0]["detail"].as_str().unwrap().ends_with('。'), "{told}");
        }
        let mut group = with(&known["rules"], "capacity", json!(5));
        group["needs_room"] = json!(true);
        group["team"] = json!([DOCTOR]);
        let told = desk.put(&path(), json!({ "version": known["version"], "rules": group })).await;
        let told = told.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        let pointers: Vec<_> = told["errors"].as_array().unwrap().iter().map(|one| &one["pointer"]).collect();
        assert_eq!(pointers, ["/needs_room", "/team"]);
        let malformed = desk.put(&path(), json!({ "version": 1, "rules": { "length_min": "15" } })).await;
        malformed.refused(StatusCode::UNPROCESSABLE_ENTITY, "malformed");
        assert_eq!(desk.get(&path()).await.expect(StatusCode::OK), known, "nothing was kept");
        let mut other = site.signed_in("umikaze").await;
        other.get(&path()).await.refused(StatusCode::NOT_FOUND, "not_found");
        let theirs = other.put(&path(), json!({ "version": known["version"], "rules": known["rules"] })).await;
        theirs.refused(StatusCode::NOT_FOUND, "not_found");
    }

    async fn rooms_are_added_named_and_left(site: Site) {
        let (mut desk, mut other) = (site.signed_in("desk").await, site.signed_in("umikaze").await);
        let site_wish = json!({ "name": "多摩公民館", "address": "東京都架空村1", "municipality_code": "131041", "telephone": "0120-000-900" });
        let rooms = desk.post("/api/clinic/rooms", json!({ "name": "第1室", "site": site_wish })).await;
        let rooms = rooms.expect(StatusCode::CREATED)["items"].take();
        let site_id = &rooms[0]["site"]["id"];
        let again = desk.post("/api/clinic/rooms", json!({ "name": "第1室", "site_id": site_id })).await;
        assert_eq!(again.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid")["errors"][0]["code"], "taken");
        let rooms = desk.post("/api/clinic/rooms", json!({ "name": "第2室", "site_id": site_id })).await;
        let rooms = rooms.expect(StatusCode::CREATED)["items"].take();
        assert_eq!(rooms.as_array().unwrap().len(), 2);
        // Not another clinic's place or room.
        let theirs = other.post("/api/clinic/rooms", json!({ "name": "x", "site_id": site_id })).await;
        theirs.refused(StatusCode::NOT_FOUND, "not_found");
        let room = format!("/api/clinic/rooms/{}", rooms[0]["id"].as_str().unwrap());
        other.delete(&room).await.refused(StatusCode::NOT_FOUND, "not_found");
        let stale = desk.put(&room, json!({ "was": "第9室", "name": "和室" })).await;
        stale.refused(StatusCode::CONFLICT, "stale");
        let named = desk.put(&room, json!({ "was": "第1室", "name": "和室" })).await.expect(StatusCode::OK);
        assert_eq!(named["items"][0]["name"], "和室");
        for bad in [json!({ "name": "", "site_id": site_id }), json!({ "name": "a\nb", "site_id": site_id }), json!({ "name": "x" }),
            json!({ "name": "x", "site": { "name": "y", "address": "z", "municipality_code": "999999", "telephone": "1" } })] {
            desk.post("/api/clinic/rooms", bad).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        }

        // A visit that needs a room takes it, and keeps it from being left.
        let known = desk.get(&path()).await.expect(StatusCode::OK);
        let rules = with(&known["rules"], "needs_room", json!(true));
        desk.put(&path(), json!({ "version": known["version"], "rules": rules })).await.expect(StatusCode::OK);
        site.browser().book("2026-12-02T03:00:00Z", &crate::support::hana()).await;
        desk.delete(&room).await.refused(StatusCode::CONFLICT, "room_in_use");
        let second = format!("/api/clinic/rooms/{}", rooms[1]["id"].as_str().unwrap());
        assert_eq!(desk.delete(&second).await.status, StatusCode::NO_CONTENT);
        desk.delete(&second).await.refused(StatusCode::NOT_FOUND, "not_found");
        assert_eq!(raw::numbers(&site.url, "SELECT count(*) FROM room WHERE closed_at IS NOT NULL").await, [1]);
    }

    async fn named_capacities_have_lanes_of_their_own(site: Site) {
        let (mut desk, mut other) = (site.signed_in("desk").await, site.signed_in("umikaze").await);
        let capacities = "/api/clinic/overbookings";
        for n in 1..=8 {
            let all = desk.post(capacities, json!({ "name": format!("別枠{n}") })).await.expect(StatusCode::CREATED);
            assert_eq!(all["items"][n - 1]["lane"], n);
        }
        desk.post(capacities, json!({ "name": "別枠9" })).await.refused(StatusCode::CONFLICT, "too_many_overbookings");
        let all = desk.get(capacities).await.expect(StatusCode::OK);
        let path = format!("{capacities}/{}", all["items"][2]["id"].as_str().unwrap());
        other.delete(&path).await.refused(StatusCode::NOT_FOUND, "not_found");
        assert_eq!(desk.delete(&path).await.status, StatusCode::NO_CONTENT);
        let taken = desk.post(capacities, json!({ "name": "別枠1" })).await;
        assert_eq!(taken.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid")["errors"][0]["code"], "taken");
        // The lane that was closed is given again.
        let all = desk.post(capacities, json!({ "name": "急患" })).await.expect(StatusCode::CREATED);
        assert_eq!((&all["items"][2]["lane"], &all["items"][2]["name"]), (&json!(3), &json!("急患")));
        let path = format!("{capacities}/{}", all["items"][2]["id"].as_str().unwrap());
        desk.put(&path, json!({ "was": "別枠3", "name": "x" })).await.refused(StatusCode::CONFLICT, "stale");
        let named = desk.put(&path, json!({ "was": "急患", "name": "急患枠" })).await.expect(StatusCode::OK);
        assert_eq!(named["items"][2]["name"], "急患枠");
        assert_eq!(other.get(capacities).await.expect(StatusCode::OK)["items"], json!([]));
    }
}
