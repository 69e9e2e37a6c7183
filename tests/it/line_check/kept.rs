//! What a check found is kept with the appointment as numbers, and the clinic sees it.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::Browser as Peer;
use crate::support::{Site, hana, on_both_engines, raw};

on_both_engines! {
    async fn the_clinic_sees_the_last_check_in_numbers(site: Site) {
        let (mut patient, mut desk) = (site.browser(), site.signed_in("desk").await);
        let booked = patient.book("2026-12-01T03:00:00Z", &hana()).await["booking"].take();
        let path = format!("/api/bookings/{}/line-check", booked["id"].as_str().unwrap());
        let peer = Peer::new().await;
        let begun = patient.post(&path, json!({ "sdp": peer.offer })).await.expect(StatusCode::OK);
        assert_eq!(begun["ice_servers"], json!([]), "this site has no relay");
        peer.connect(begun["sdp"].as_str().unwrap().to_owned()).await;
        for seq in 0..100 {
            peer.probe(seq).await;
            peer.echo().await;
        }
        let finish = format!("{path}/{}/finish", begun["check_id"].as_str().unwrap());
        let counted = json!({ "direct": numbers(100, 90), "down_kbps": 1200, "took_ms": 8000 });
        let result = patient.post(&finish, counted.clone()).await.expect(StatusCode::OK);
        let found = (&result["verdict"], &result["reason"], &result["relay_ok"]);
        assert_eq!(found, (&json!("degraded"), &json!("loss_down"), &Value::Null));
        patient.post(&finish, counted).await.refused(StatusCode::NOT_FOUND, "not_found");

        // Nobody came the second time: the server counted nothing, whatever the browser says.
        site.app.clock.advance(chrono::TimeDelta::seconds(10));
        let begun = patient.post(&path, json!({ "sdp": peer.offer })).await.expect(StatusCode::OK);
        let finish = format!("{path}/{}/finish", begun["check_id"].as_str().unwrap());
        let claim = json!({ "direct": numbers(100, 100), "took_ms": 9 });
        let result = patient.post(&finish, claim).await.expect(StatusCode::OK);
        assert_eq!(result["reason"], "inconsistent");
        let day = desk.get("/api/clinic/visits?date=2026-12-01").await.expect(StatusCode::OK);
        let line = &day["items"][0]["line"];
        assert_eq!((&line["verdict"], &line["reason"]), (&json!("failed"), &json!("inconsistent")));
        let sql = "SELECT loss_down_permille FROM line_check WHERE verdict = 'degraded'";
        assert_eq!(raw::numbers(&site.url, sql).await, [100]);
        let sql = "SELECT down_kbps + took_ms FROM line_check WHERE verdict = 'degraded'";
        assert_eq!(raw::numbers(&site.url, sql).await, [9200]);
        peer.connection.close().await.unwrap();
    }

    async fn of_one_visit_twenty_checks_are_kept(site: Site) {
        let mut patient = site.browser();
        let booked = patient.book("2026-12-01T03:00:00Z", &hana()).await["booking"].take();
        let path = format!("/api/bookings/{}/line-check", booked["id"].as_str().unwrap());
        let peer = Peer::new().await;
        for _ in 0..23 {
            let begun = patient.post(&path, json!({ "sdp": peer.offer })).await;
            let check = begun.expect(StatusCode::OK)["check_id"].as_str().unwrap().to_owned();
            let counted = json!({ "direct": numbers(0, 0), "took_ms": 1 });
            let result = patient.post(&format!("{path}/{check}/finish"), counted).await;
            assert_eq!(result.expect(StatusCode::OK)["reason"], "no_connection");
            site.app.clock.advance(chrono::TimeDelta::seconds(10));
        }
        assert_eq!(raw::numbers(&site.url, "SELECT count(*) FROM line_check").await, [20]);
        peer.connection.close().await.unwrap();
    }

    async fn where_all_places_are_taken_the_page_is_told_when_to_come_back(site: Site) {
        let (mut patient, mut other) = (site.browser(), site.browser());
        let booked = patient.book("2026-12-01T03:00:00Z", &hana()).await["booking"].take();
        let id = booked["id"].as_str().unwrap();
        let path = format!("/api/bookings/{id}/line-check");
        let peer = Peer::new().await;
        for _ in 0..8 {
            patient.post(&path, json!({ "sdp": peer.offer })).await.expect(StatusCode::OK);
        }
        let ninth = patient.post(&path, json!({ "sdp": peer.offer })).await;
        assert_eq!(ninth.headers["retry-after"], "4");
        ninth.refused(StatusCode::TOO_MANY_REQUESTS, "line_check_busy");
        let theirs = other.post(&path, json!({ "sdp": peer.offer })).await;
        assert_ne!(theirs.status, StatusCode::OK, "somebody else's booking");
        patient.post(&format!("/api/bookings/{id}/cancel"), json!({ "reason": "other" })).await
            .expect(StatusCode::OK);
        let late = patient.post(&path, json!({ "sdp": peer.offer })).await;
        late.refused(StatusCode::CONFLICT, "too_late");
        site.app.line_checks.close().await;
        peer.connection.close().await.unwrap();
    }
}

fn numbers(sent: u32, received: u32) -> Value {
    json!({ "sent": sent, "received": received, "rtt_ms": 20.0, "jitter_ms": 1.0 })
}
