//! How good the connections of a visit were is kept with it, and goes on over a restart.

use super::resume::meet;
use super::*;

/// Reports, each after six seconds: a relayed connection with pictures, at last without.
async fn report(site: &Site, page: &mut Page, pc: &Value, frames: &[u64]) {
    for frames in frames {
        site.app.clock.advance(TimeDelta::seconds(6));
        page.say(json!({ "t": "quality", "pc": pc, "frames_decoded": frames, "relay": true,
            "rtt_ms": 41.6, "jitter_ms": 3.2, "loss": 0.0125 }))
            .await;
        page.say(json!({ "t": "ping", "ts": 1 })).await;
        page.hear("pong").await;
    }
}

/// Waits until the one row is this: seconds, of those with pictures, of those over a relay.
async fn kept(site: &Site, row: [i64; 3]) {
    let sql = "SELECT (seconds * 1000 + picture_seconds) * 1000 + relay_seconds FROM visit_quality";
    let wanted = [(row[0] * 1000 + row[1]) * 1000 + row[2]];
    let mut found = Vec::new();
    for _ in 0..100 {
        found = raw::numbers(&site.url, sql).await;
        if found == wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{found:?} and not {wanted:?}");
}

on_both_engines! {
    async fn numbers_add_up_over_a_restart(site: Site) {
        let server = serve(&site).await;
        let mut met = meet(&site, server, "2026-12-01T00:15:00Z").await;
        report(&site, &mut met.patient, &met.pc, &[10, 100, 100]).await;
        drop(met.patient);
        kept(&site, [12, 6, 12]).await;
        let again = site.restarted().await;
        let server = serve(&again).await;
        let token = &met.welcomes[0]["resume_token"];
        let mut patient = Page::resume(server, &met.id, token, 9).await;
        patient.hear("resumed").await;
        report(&again, &mut patient, &met.pc, &[200, 300]).await;
        drop(patient);
        kept(&again, [18, 12, 18]).await;
        let newest = "SELECT rtt_ms * 1000000 + jitter_ms * 1000 + loss_permille FROM visit_quality";
        assert_eq!(raw::numbers(&again.url, newest).await, [42_003_013]);
        // Its clinic sees it, and no other.
        let path = format!("/api/clinic/visits/{}/quality", met.id);
        let shown = again.signed_in("doctor").await.get(&path).await.expect(StatusCode::OK);
        let items = shown["items"].as_array().unwrap();
        assert_eq!(items.len(), 1, "{shown}");
        let told = ["seconds", "picture_seconds", "relay_seconds", "rtt_ms", "jitter_ms", "loss_permille"];
        assert_eq!(told.map(|name| items[0][name].as_i64()), [18, 12, 18, 42, 3, 13].map(Some), "{shown}");
        assert_eq!((&items[0]["role"], &items[0]["fps"]), (&json!("patient"), &Value::Null));
        again.signed_in("umikaze").await.get(&path).await.refused(StatusCode::NOT_FOUND, "not_found");
        for (change, constraint) in [
            ("picture_seconds = seconds + 1", "visit_quality_parts"),
            ("relay_seconds = -1", "visit_quality_parts"),
            ("last_at = '2020-01-01T00:00:00+00:00'", "visit_quality_times"),
        ] {
            let sql = format!("UPDATE visit_quality SET {change}");
            let refused = raw::execute(&again.url, &sql).await.unwrap_err();
            assert!(refused.contains(constraint), "{refused}");
        }
    }
}
