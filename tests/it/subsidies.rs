//! The subsidy programme: once for each institution, whatever is tried.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{Answer, Browser, Site, on_both_engines, raw};

const NIGHT: &str = "1319990010";
const UMIKAZE: &str = "1319990028";
const PATH: &str = "/api/admin/subsidies";

fn application(code: &str) -> Value {
    json!({
        "code10": code, "applied_on": "2026-06-01", "requested_yen": 300_000, "not_public": true,
        "items": [
            { "kind": "pc", "name": "ノートパソコン", "quantity": 1, "yen": 200_000 },
            { "kind": "camera", "name": "カメラ", "quantity": 2, "yen": 120_000 },
        ],
    })
}

async fn step(browser: &mut Browser, id: &str, version: i64, wish: Value) -> Answer {
    let mut body = wish;
    body["version"] = json!(version);
    browser.post(&format!("{PATH}/{id}/steps"), body).await
}

on_both_engines! {
    async fn from_the_application_to_the_payment(site: Site) {
        let mut tokyo = site.signed_in("tokyo").await;
        let grant = tokyo.post(PATH, application(NIGHT)).await.expect(StatusCode::CREATED);
        assert_eq!((grant["fiscal_year"].as_i64(), grant["status"].as_str()), (Some(2026), Some("applied")));
        assert_eq!((grant["report_due"].as_str(), grant["items"].as_array().unwrap().len()), (Some("2027-02-28"), 2));
        let id = grant["id"].as_str().unwrap().to_owned();
        let early = json!({ "step": "pay", "on": "2026-07-01", "yen": 1 });
        step(&mut tokyo, &id, 1, early).await.refused(StatusCode::CONFLICT, "subsidy_order");
        let more = json!({ "step": "decide", "on": "2026-07-01", "yen": 300_001 });
        step(&mut tokyo, &id, 1, more).await.refused(StatusCode::CONFLICT, "subsidy_amount");
        let decide = json!({ "step": "decide", "on": "2026-07-01", "yen": 250_000 });
        let decided = step(&mut tokyo, &id, 1, decide.clone()).await.expect(StatusCode::OK);
        assert_eq!((decided["status"].as_str(), decided["version"].as_i64()), (Some("decided"), Some(2)));
        step(&mut tokyo, &id, 1, decide).await.refused(StatusCode::CONFLICT, "stale");
        let bare = json!({ "step": "report", "on": "2026-11-01", "yen": 240_000 });
        step(&mut tokyo, &id, 2, bare.clone()).await.refused(StatusCode::CONFLICT, "subsidy_papers");
        let mut report = bare;
        report["papers"] = json!([{ "kind": "receipt", "name": "領収書1" }, { "kind": "photo", "name": "写真1" }]);
        step(&mut tokyo, &id, 2, report).await.expect(StatusCode::OK);
        let pay = json!({ "step": "pay", "on": "2026-12-01", "yen": 240_000 });
        let paid = step(&mut tokyo, &id, 3, pay).await.expect(StatusCode::OK);
        assert_eq!((paid["status"].as_str(), paid["paid_yen"].as_i64()), (Some("paid"), Some(240_000)));
        assert_eq!(paid["papers"][1]["name"], "写真1");
        let listed = tokyo.get(&format!("{PATH}?fiscal_year=2026")).await.expect(StatusCode::OK);
        assert_eq!(listed["items"].as_array().unwrap().len(), 1);
        let other = tokyo.get(&format!("{PATH}?fiscal_year=2025")).await.expect(StatusCode::OK);
        assert_eq!(other["items"].as_array().unwrap().len(), 0);
        // Each step says who took it.
        let entries = "SELECT count(*) FROM audit_entry WHERE action LIKE 'subsidy.%' AND actor_id IS NOT NULL";
        assert_eq!(raw::numbers(&site.url, entries).await, [4]);
    }

    async fn once_for_each_institution(site: Site) {
        let mut tokyo = site.signed_in("tokyo").await;
        let first = tokyo.post(PATH, application(NIGHT)).await.expect(StatusCode::CREATED);
        let mut later = application(NIGHT);
        later["applied_on"] = json!("2026-11-30");
        tokyo.post(PATH, later.clone()).await.refused(StatusCode::CONFLICT, "subsidy_once");
        // Two at the same moment: the database lets one in.
        let (mut a, mut b) = (site.signed_in("tokyo").await, site.signed_in("tokyo").await);
        let both = tokio::join!(a.post(PATH, application(UMIKAZE)), b.post(PATH, application(UMIKAZE)));
        let mut statuses = [both.0.status.as_u16(), both.1.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409]);
        // What was refused does not count.
        let id = first["id"].as_str().unwrap();
        let silent = json!({ "step": "refuse", "on": "2026-07-01" });
        step(&mut tokyo, id, 1, silent).await.refused(StatusCode::CONFLICT, "subsidy_reason");
        let refuse = json!({ "step": "refuse", "on": "2026-07-01", "reason": "書類の不足" });
        step(&mut tokyo, id, 1, refuse).await.expect(StatusCode::OK);
        tokyo.post(PATH, later).await.expect(StatusCode::CREATED);
    }

    async fn what_is_not_paid_for_is_not_applied_for(site: Site) {
        let mut tokyo = site.signed_in("tokyo").await;
        let mut wish = application(NIGHT);
        wish["items"][1]["name"] = json!("iPhone（診療用）");
        wish["not_public"] = json!(false);
        let problem = tokyo.post(PATH, wish).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        let pointers: Vec<&str> =
            problem["errors"].as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
        assert_eq!(pointers, ["/items/1/name", "/not_public"]);
        let mut wish = application("1300000000");
        tokyo.post(PATH, wish.clone()).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        wish["code10"] = json!(NIGHT);
        wish["requested_yen"] = json!(320_001);
        tokyo.post(PATH, wish).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        assert_eq!(raw::numbers(&site.url, "SELECT count(*) FROM subsidy_grant").await, [0]);
        let mut doctor = site.signed_in("doctor").await;
        doctor.post(PATH, application(NIGHT)).await.refused(StatusCode::FORBIDDEN, "forbidden");
    }

    /// Rows that no way of the service makes, tried on the database itself.
    async fn the_database_keeps_order_by_itself(site: Site) {
        let id = raw::id(&site.url, "0d3a0000-0000-0000-0000-000000000001");
        let columns = "id, code10, fiscal_year, status, applied_on, decided_on, reported_on, paid_on,
            requested_yen, decided_yen, spent_yen, paid_yen, reason, version, created_at";
        let row = |values: &str| {
            let sql = format!("INSERT INTO subsidy_grant ({columns}) VALUES ({id}, {values}, '', 1, '2026-12-01T00:00:00+00:00')");
            [sql, "DELETE FROM subsidy_grant".to_owned()]
        };
        let rows = [
            row("'1319990010', 2026, 'applied', '2026-06-01', NULL, NULL, NULL, 300000, NULL, NULL, NULL"),
            row("'1319990010', 2026, 'paid', '2026-06-01', '2026-07-01', '2027-02-01', '2027-03-01', 300000, 250000, 240000, 240000"),
            // A payment without a report, more than granted, more than spent, before the report.
            row("'1319990010', 2026, 'paid', '2026-06-01', '2026-07-01', NULL, '2027-03-01', 300000, 250000, NULL, 240000"),
            row("'1319990010', 2026, 'paid', '2026-06-01', '2026-07-01', '2027-02-01', '2027-03-01', 300000, 250000, 260000, 250001"),
            row("'1319990010', 2026, 'paid', '2026-06-01', '2026-07-01', '2027-02-01', '2027-03-01', 300000, 250000, 240000, 240001"),
            row("'1319990010', 2026, 'paid', '2026-06-01', '2026-07-01', '2027-02-01', '2027-01-31', 300000, 250000, 240000, 240000"),
            // Another fiscal year; a refusal without a reason; granted while only applied for.
            row("'1319990010', 2025, 'applied', '2026-06-01', NULL, NULL, NULL, 300000, NULL, NULL, NULL"),
            row("'1319990010', 2026, 'refused', '2026-06-01', '2026-07-01', NULL, NULL, 300000, NULL, NULL, NULL"),
            row("'1319990010', 2026, 'applied', '2026-06-01', '2026-07-01', NULL, NULL, 300000, 250000, NULL, NULL"),
        ];
        let accepted = raw::each_accepted(&site.url, &rows).await;
        assert_eq!(accepted, [true, true, false, false, false, false, false, false, false]);
    }
}
