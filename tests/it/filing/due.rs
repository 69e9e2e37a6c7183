//! What is due: the notification of online care until 31 March 2027, and the self-check of each
//! 1 August.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{check, demands, handed_in};
use crate::support::{Site, at, on_both_engines, raw};

fn of<'d>(mine: &'d Value, duty: &str) -> Option<&'d Value> {
    mine["deadlines"].as_array().unwrap().iter().find(|one| one["duty"] == duty)
}

on_both_engines! {
    async fn who_gave_online_care_before_the_law_notifies_until_march(site: Site) {
        let (mut desk, mut tokyo) = (site.signed_in("desk").await, site.signed_in("tokyo").await);
        let mine = desk.get("/api/filings").await.expect(StatusCode::OK);
        let due = of(&mine, "online_care").unwrap();
        assert_eq!((&due["due_on"], &due["days_left"]), (&json!("2027-03-31"), &json!(120)));
        // Four clinics of the demo are bound; the fifth has lapsed.
        let late = tokyo.get("/api/admin/filings/due").await.expect(StatusCode::OK);
        assert_eq!((&late["bound"], &late["notified"], &late["due_on"]), (&json!(4), &json!(0), &json!("2027-03-31")));
        let codes = |late: &Value| -> Vec<String> {
            late["items"].as_array().unwrap().iter().map(|one| one["code10"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(codes(&late), ["1319990010", "1319990028", "1319990036", "1319990044"]);
        let rest = tokyo.get("/api/admin/filings/due?after=1319990028").await.expect(StatusCode::OK);
        assert_eq!(codes(&rest), ["1319990036", "1319990044"]);
        let elsewhere = tokyo.get("/api/admin/filings/due?prefecture=11").await.expect(StatusCode::OK);
        assert_eq!((&elsewhere["bound"], codes(&elsewhere).len()), (&json!(0), 0));

        // A draft is seen and does not count; what is handed in does.
        let begun = desk.post("/api/filings", json!({ "kind": "online_care" })).await.expect(StatusCode::CREATED);
        assert_eq!(begun["filing"]["due_on"], "2027-03-31");
        let late = tokyo.get("/api/admin/filings/due").await.expect(StatusCode::OK);
        assert_eq!((&late["notified"], &late["items"][0]["state"]), (&json!(0), &json!("draft")));
        let id = begun["filing"]["id"].as_str().unwrap();
        desk.post(&format!("/api/filings/{id}/withdraw"), json!({ "version": 1 })).await.expect(StatusCode::OK);
        let (id, version) = handed_in(&mut desk, "online_care").await;
        let late = tokyo.get("/api/admin/filings/due").await.expect(StatusCode::OK);
        assert_eq!((&late["bound"], &late["notified"]), (&json!(4), &json!(1)));
        assert_eq!(codes(&late), ["1319990028", "1319990036", "1319990044"]);
        let mine = desk.get("/api/filings").await.expect(StatusCode::OK);
        assert!(of(&mine, "online_care").is_none(), "{mine}");
        // Given back, it is due again.
        let wish = json!({ "version": version, "reason": "直す" });
        tokyo.post(&format!("/api/admin/filings/{id}/return"), wish).await.expect(StatusCode::OK);
        site.app.clock.set(at("2027-03-31T15:00:00Z"));
        let mut desk = site.signed_in("desk").await;
        let mine = desk.get("/api/filings").await.expect(StatusCode::OK);
        assert_eq!(of(&mine, "online_care").unwrap()["days_left"], -1, "1 April in Tokyo");
    }

    async fn each_first_of_august_is_checked_once(site: Site) {
        let (mut desk, mut tokyo) = (site.signed_in("desk").await, site.signed_in("tokyo").await);
        let mine = desk.get("/api/filings").await.expect(StatusCode::OK);
        let due = of(&mine, "self_check").unwrap();
        assert_eq!((&due["year"], &due["due_on"]), (&json!(2026), &json!("2026-08-01")));
        let stand = |all: &Value| -> Vec<Value> {
            all["items"].as_array().unwrap().iter().map(|one| one["unmet"].clone()).collect()
        };
        let all = tokyo.get("/api/admin/self-checks/2026").await.expect(StatusCode::OK);
        // The fifth of the demo lapsed in October: it was bound in August.
        assert_eq!(stand(&all), vec![Value::Null; 5]);
        let mut checks: Vec<Value> = demands("criterion").iter().map(|item| check(item)).collect();
        checks[1]["met"] = json!(false);
        checks[1]["evidence"] = json!("");
        let path = "/api/clinic/self-checks/2026";
        let unsaid = desk.put(path, json!({ "checks": checks.clone() })).await
            .refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        assert_eq!(unsaid["errors"][0]["pointer"], "/checks/in_person/evidence");
        checks[1]["evidence"] = json!("担当医が休職中");
        let three = json!({ "checks": checks[..3].to_vec() });
        let missing = desk.put(path, three).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        assert_eq!(missing["errors"][0]["pointer"], "/checks/posting");
        let whole = json!({ "checks": checks });
        desk.put("/api/clinic/self-checks/2027", whole.clone()).await.refused(StatusCode::CONFLICT, "self_check_not_due");
        desk.put("/api/clinic/self-checks/2021", whole.clone()).await.refused(StatusCode::CONFLICT, "self_check_not_due");
        let done = desk.put(path, whole.clone()).await.expect(StatusCode::OK);
        assert_eq!((&done["done"][0]["year"], &done["done"][0]["unmet"]), (&json!(2026), &json!(1)));
        desk.put(path, whole).await.refused(StatusCode::CONFLICT, "self_check_done");
        let mine = desk.get("/api/filings").await.expect(StatusCode::OK);
        assert!(of(&mine, "self_check").is_none(), "{mine}");
        let all = tokyo.get("/api/admin/self-checks/2026").await.expect(StatusCode::OK);
        assert_eq!(stand(&all).iter().filter(|one| **one == json!(1)).count(), 1);
        let told = "SELECT count(*) FROM audit_entry WHERE action = 'self_check.put'";
        assert_eq!(raw::numbers(&site.url, told).await, [1]);
    }
}
