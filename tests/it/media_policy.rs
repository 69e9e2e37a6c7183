//! Which paths the media of a clinic's visits may take, as the clinic says and the server allows.

use axum::http::StatusCode;
use onshin::http::metrics;
use serde_json::json;
use tower::ServiceExt;

use crate::support::{Site, hana, on_both_engines, raw};

const PATH: &str = "/api/clinic/media-policy";

on_both_engines! {
    async fn a_clinic_without_a_relay_cannot_ask_for_one(site: Site) {
        let mut desk = site.signed_in("desk").await;
        let stands = desk.get(PATH).await.expect(StatusCode::OK);
        assert_eq!((&stands["policy"], &stands["has_relay"]), (&json!("all"), &json!(false)));
        let wish = json!({ "policy": "relay", "version": stands["version"] });
        desk.put(PATH, wish).await.refused(StatusCode::CONFLICT, "no_relay");
        site.browser().get(PATH).await.refused(StatusCode::UNAUTHORIZED, "signed_out");
        let mut patient = site.browser();
        patient.book("2026-12-01T03:00:00Z", &hana()).await;
        assert_ne!(patient.get(PATH).await.status, StatusCode::OK);
    }

    async fn a_policy_is_changed_from_what_was_seen_and_written_down(site: Site) {
        let mut desk = site.signed_in("desk").await;
        let stands = desk.get(PATH).await.expect(StatusCode::OK);
        let version = stands["version"].as_i64().unwrap();
        let wish = |version| json!({ "policy": "all", "version": version });
        let changed = desk.put(PATH, wish(version)).await.expect(StatusCode::OK);
        assert_eq!(changed["version"], version + 1);
        desk.put(PATH, wish(version)).await.refused(StatusCode::CONFLICT, "stale");
        assert_eq!(desk.get(PATH).await.expect(StatusCode::OK), changed);
        let told = "SELECT count(*) FROM audit_entry WHERE action = 'media_policy.put'";
        assert_eq!(raw::numbers(&site.url, told).await, [1]);
    }

    async fn counts_are_read_where_nobody_else_comes_in(site: Site) {
        let request = || axum::http::Request::get("/metrics").body(axum::body::Body::empty());
        let counts = metrics::router(site.app.clone()).oneshot(request().unwrap()).await.unwrap();
        assert_eq!(counts.status(), StatusCode::OK);
        let body = axum::body::to_bytes(counts.into_body(), 65_536).await.unwrap();
        let text = String::from_utf8(body.to_vec()).unwrap();
        assert!(text.contains("\nonshin_sockets 0\n"), "{text}");
        assert!(text.contains("\nonshin_outbox_waiting 0\n"), "{text}");
        let outside = site.browser().get("/metrics").await;
        assert!(!outside.text.contains("onshin_sockets"), "never where the world comes in");
    }
}
