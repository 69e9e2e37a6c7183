//! What happened to bookings: the database writes it with each change, whoever makes it; how a
//! booking stands follows from it; and the check finds where it does not.

use axum::http::StatusCode;
use chrono::TimeDelta;
use onshin::actions::fold;
use onshin::model::event::{Check, CheckScope};
use onshin::model::person::Actor;
use serde_json::json;

use crate::support::{Site, hana, nagi, on_both_engines, raw};

/// What was written of a booking, in order: `was>status`.
async fn written(site: &Site, id: &str) -> Vec<String> {
    let id = raw::id(&site.url, id);
    let sql = format!(
        "SELECT coalesce(was, '-') || '>' || status FROM booking_event WHERE booking_id = {id}
         ORDER BY seq"
    );
    raw::texts(&site.url, &sql).await
}

/// A check of all, as the night's.
async fn all(site: &Site) -> fold::Checked {
    fold::whole(&site.app, &Actor::System, None).await.unwrap().unwrap()
}

/// What whoever watches over the server reads.
async fn metrics(site: &Site) -> String {
    use tower::ServiceExt;
    let request = axum::http::Request::get("/metrics").body(axum::body::Body::empty());
    let answer = onshin::http::metrics::router(site.app.clone()).oneshot(request.unwrap());
    let body = axum::body::to_bytes(answer.await.unwrap().into_body(), 65_536).await.unwrap();
    String::from_utf8(body.to_vec()).unwrap()
}

/// Codes and details of what was found.
fn found(checked: &fold::Checked) -> Vec<(String, String)> {
    let rows = checked.divergences.iter();
    rows.map(|row| (row.code.clone(), row.detail.clone())).collect()
}

/// Takes away what keeps events from being changed, does something, and puts nothing back.
async fn tampered(site: &Site, sql: &str) {
    let lift = if site.url.starts_with("sqlite:") {
        "DROP TRIGGER booking_event_no_update; DROP TRIGGER booking_event_no_delete"
    } else {
        "DROP TRIGGER booking_event_no_update ON booking_event"
    };
    // The second time they are gone already.
    let _ = raw::execute(&site.url, lift).await;
    raw::execute(&site.url, sql).await.unwrap();
}

/// That every booking stands as what happened to it says, and that there are bookings.
pub(crate) async fn all_stand(site: &Site) {
    let checked = all(site).await;
    assert_eq!(found(&checked), []);
    assert!(checked.check.bookings > 0 && checked.check.events >= checked.check.bookings);
}

/// A visit that took place, through all its states.
pub(crate) async fn kept(site: &Site, who: &serde_json::Value, start: &str) -> String {
    let booked = site.browser().book(start, who).await["booking"].take();
    let id = booked["id"].as_str().unwrap().to_owned();
    for status in ["checked_in", "in_progress", "fulfilled"] {
        set(site, &id, status).await;
    }
    id
}

/// Puts a booking into another state, past the application.
pub(crate) async fn set(site: &Site, id: &str, status: &str) {
    let sql = format!(
        "UPDATE booking SET status = '{status}', version = version + 1 WHERE id = {}",
        raw::id(&site.url, id)
    );
    raw::execute(&site.url, &sql).await.unwrap();
}

on_both_engines! {
    async fn every_door_leaves_its_events(site: Site) {
        let mut hers = site.browser();
        let held = hers.hold("2026-12-01T03:00:00Z").await.expect(StatusCode::CREATED);
        let id = held["id"].as_str().unwrap().to_owned();
        assert_eq!(written(&site, &id).await, ["->held"]);
        hers.post(&format!("/api/bookings/{id}/extend"), json!({})).await.expect(StatusCode::OK);
        hers.post(&format!("/api/bookings/{id}/confirm"), hana()).await.expect(StatusCode::OK);
        assert_eq!(written(&site, &id).await, ["->held", "held>held", "held>booked"]);
        let now = hers.get(&format!("/api/bookings/{id}")).await.expect(StatusCode::OK);
        let moved = json!({ "clinician_id": now["clinician"]["id"], "start": "2026-12-01T04:00:00Z", "version": now["version"] });
        hers.post(&format!("/api/bookings/{id}/move"), moved).await.expect(StatusCode::OK);
        hers.post(&format!("/api/bookings/{id}/cancel"), json!({ "reason": "feeling_better" })).await
            .expect(StatusCode::OK);
        let events = written(&site, &id).await;
        assert_eq!(events[2..], ["held>booked", "booked>booked", "booked>cancelled"], "{events:?}");
        // A hold that runs out is nobody's deed and is written all the same.
        let second = site.browser().hold("2026-12-01T05:00:00Z").await.expect(StatusCode::CREATED);
        site.app.clock.advance(TimeDelta::minutes(11));
        onshin::actions::booking::expire_holds(&site.app).await.unwrap();
        let second = second["id"].as_str().unwrap();
        assert_eq!(written(&site, second).await, ["->held", "held>expired"]);
        // What was refused left nothing.
        let refused = site.browser().hold("2020-12-01T05:00:00Z").await;
        assert_ne!(refused.status, StatusCode::CREATED);
        let counted = "SELECT count(DISTINCT booking_id) FROM booking_event";
        let rows = "SELECT count(*) FROM booking";
        assert_eq!(raw::numbers(&site.url, counted).await, raw::numbers(&site.url, rows).await);
        let checked = all(&site).await;
        assert_eq!(found(&checked), []);
        assert_eq!(checked.check.bookings, raw::numbers(&site.url, rows).await[0]);
    }

    async fn events_are_final(site: Site) {
        site.browser().book("2026-12-01T03:00:00Z", &hana()).await;
        for sql in [
            "UPDATE booking_event SET status = 'cancelled'",
            "DELETE FROM booking_event",
        ] {
            let refused = raw::execute(&site.url, sql).await.unwrap_err();
            assert!(refused.contains("booking_event_is_final"), "{refused}");
        }
        if site.url.starts_with("postgres") {
            let refused = raw::execute(&site.url, "TRUNCATE booking_event").await.unwrap_err();
            assert!(refused.contains("booking_event_is_final"), "{refused}");
        } else {
            let again = "INSERT OR REPLACE INTO booking_event SELECT * FROM booking_event";
            let refused = raw::execute(&site.url, again).await.unwrap_err();
            assert!(refused.contains("booking_event_is_final"), "{refused}");
        }
    }

    async fn a_planted_divergence_is_found(site: Site) {
        let id = kept(&site, &hana(), "2026-12-01T03:00:00Z").await;
        let other = site.browser().book("2026-12-01T04:00:00Z", &nagi()).await["booking"]["id"].take();
        let (row, other) = (raw::id(&site.url, &id), other.as_str().unwrap().to_owned());
        assert!(!metrics(&site).await.contains("booking_divergences"), "none was checked yet");
        assert_eq!(found(&all(&site).await), []);
        let told = metrics(&site).await;
        assert!(told.contains("\nonshin_booking_divergences{scope=\"whole\"} 0\n"), "{told}");
        let differs = |code: &str, detail: &str| vec![(code.to_owned(), detail.to_owned())];

        // A state that no rule leads to.
        set(&site, &id, "cancelled").await;
        assert_eq!(found(&all(&site).await), differs("transition", "fulfilled cancelled"));
        // The row says something else than its events.
        tampered(&site, &format!("DELETE FROM booking_event WHERE booking_id = {row} AND seq > 5")).await;
        assert_eq!(found(&all(&site).await), differs("differs", "status"));
        // An event is missing.
        tampered(&site, &format!("DELETE FROM booking_event WHERE booking_id = {row} AND seq = 3")).await;
        assert_eq!(found(&all(&site).await), differs("order", "3 4"));
        // All of them are.
        tampered(&site, &format!("DELETE FROM booking_event WHERE booking_id = {row}")).await;
        let checked = all(&site).await;
        assert_eq!(found(&checked), differs("no_events", ""));
        // Something else about the other one: its time was changed past everybody.
        let shifted = format!(
            "UPDATE booking_event SET starts_at = '2026-12-01T04:05:00+00:00' WHERE booking_id = {}
               AND status = 'booked'", raw::id(&site.url, &other)
        );
        tampered(&site, &shifted).await;
        let checked = all(&site).await;
        assert_eq!(checked.check.divergent, 2);
        let told = metrics(&site).await;
        assert!(told.contains("\nonshin_booking_divergences{scope=\"whole\"} 2\n"), "{told}");
        let began = checked.check.started_at.timestamp();
        let line = format!("\nonshin_booking_check_time_seconds{{scope=\"whole\"}} {began}\n");
        assert!(told.contains(&line) && !told.contains("scope=\"changed\""), "{told}");
        assert!(found(&checked).contains(&("differs".into(), "starts_at".into())));

        // It is shown, with what and which, to officials and to the operator.
        for login in ["tokyo", "operator"] {
            let mut official = site.signed_in(login).await;
            let seen = official.get("/api/checks").await.expect(StatusCode::OK);
            assert_eq!(seen["items"][0]["divergent"], 2, "{seen}");
            let ids: Vec<_> = seen["items"][0]["divergences"].as_array().unwrap().iter()
                .map(|one| one["booking_id"].as_str().unwrap().to_owned()).collect();
            assert!(ids.contains(&id) && ids.contains(&other), "{ids:?}");
            let page = official.get("/checks?lang=ja").await;
            assert_eq!(page.status, StatusCode::OK);
            assert!(page.text.contains("食い違いがあります") && page.text.contains(&id), "{}", page.text);
        }
        site.signed_in("doctor").await.get("/checks").await.refused(StatusCode::FORBIDDEN, "forbidden");
    }

    async fn events_without_a_booking_are_found(site: Site) {
        site.browser().book("2026-12-01T03:00:00Z", &hana()).await;
        let stray = format!(
            "INSERT INTO booking_event (booking_id, seq, at, was, status, clinician_id, starts_at,
                ends_at, version)
             SELECT {}, 1, at, NULL, 'held', clinician_id, starts_at, ends_at, 1
             FROM booking_event WHERE seq = 1",
            raw::id(&site.url, "ffffffff-0000-0000-0000-000000000000")
        );
        raw::execute(&site.url, &stray).await.unwrap();
        assert_eq!(found(&all(&site).await), [("no_row".to_owned(), String::new())]);
    }

    async fn between_the_nights_what_changed_is_looked_at(site: Site) {
        // Before the first check of all there is nothing to go on from.
        assert!(fold::changed(&site.app).await.unwrap().is_none());
        let id = kept(&site, &hana(), "2026-12-01T03:00:00Z").await;
        let night = fold::round(&site.app).await;
        night.unwrap();
        let checks = fold::seen(&site.app, 9).await.unwrap();
        assert_eq!(checks.len(), 1);
        assert_eq!((checks[0].check.scope, checks[0].check.bookings), (CheckScope::Whole, 1));
        // PostgreSQL tells again what is newer than the oldest transaction of all its databases: on a
        // server that others use too, more is looked at than changed, never less.
        let alone = site.url.starts_with("sqlite:");
        let looked = |check: &Check, least: i64| {
            assert!(check.bookings == least || !alone && check.bookings > least, "{check:?}");
        };
        // Nothing changed: nothing is written.
        let started = checks[0].check.started_at;
        site.app.clock.advance(TimeDelta::minutes(5));
        fold::round(&site.app).await.unwrap();
        assert!(!alone || fold::seen(&site.app, 9).await.unwrap()[0].check.started_at == started);
        // One is booked and one is spoilt: both are looked at, and no others.
        site.app.clock.advance(TimeDelta::minutes(5));
        site.browser().book("2026-12-01T04:00:00Z", &nagi()).await;
        set(&site, &id, "cancelled").await;
        fold::round(&site.app).await.unwrap();
        let checks = fold::seen(&site.app, 9).await.unwrap();
        let check = &checks[0].check;
        looked(check, 2);
        assert_eq!((check.scope, check.divergent), (CheckScope::Changed, 1));
        // An event that was planted is a change as well.
        site.app.clock.advance(TimeDelta::minutes(5));
        let planted = format!(
            "INSERT INTO booking_event (booking_id, seq, at, was, status, clinician_id, patient_id,
                starts_at, ends_at, version)
             SELECT booking_id, 99, at, status, 'declined', clinician_id, patient_id, starts_at,
                ends_at, version FROM booking_event WHERE booking_id = {} AND seq = 1",
            raw::id(&site.url, &id)
        );
        raw::execute(&site.url, &planted).await.unwrap();
        let checked = fold::changed(&site.app).await.unwrap().unwrap();
        looked(&checked.check, 1);
        assert_eq!(checked.check.divergent, 1);
        // The next night all are looked at again, once for two servers.
        site.app.clock.advance(TimeDelta::days(1));
        fold::round(&site.app).await.unwrap();
        let another = site.another().await;
        fold::round(&another.app).await.unwrap();
        let whole = fold::seen(&site.app, 9).await.unwrap();
        let whole = whole.iter().filter(|one| one.check.scope == CheckScope::Whole);
        assert_eq!(whole.count(), 2);
    }

    async fn a_check_that_was_broken_off_is_done_by_another(site: Site) {
        fold::round(&site.app).await.unwrap();
        raw::execute(&site.url, "UPDATE fold_check SET finished_at = NULL").await.unwrap();
        site.app.clock.advance(TimeDelta::minutes(59));
        fold::round(&site.app).await.unwrap();
        assert_eq!(fold::seen(&site.app, 9).await.unwrap().len(), 0);
        site.app.clock.advance(TimeDelta::minutes(2));
        fold::round(&site.app).await.unwrap();
        assert_eq!(fold::seen(&site.app, 9).await.unwrap().len(), 1);
    }

    async fn many_pages_are_gone_through(site: Site) {
        // More bookings than a page holds, written past the application as they stand before the
        // first check.
        let id = kept(&site, &hana(), "2026-12-01T03:00:00Z").await;
        let row = raw::id(&site.url, &id);
        let ids = if site.url.starts_with("sqlite:") {
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1300)
             SELECT randomblob(16) AS id FROM n".to_owned()
        } else {
            "SELECT gen_random_uuid() AS id FROM generate_series(1, 1300)".to_owned()
        };
        let copied = format!(
            "INSERT INTO booking (id, facility_id, clinician_id, service_id, status, starts_at,
                ends_at, busy_from, busy_until, hold_expires_at, hold_extended, version, created_at,
                session_key, changed_at)
             SELECT many.id, b.facility_id, b.clinician_id, b.service_id, 'expired', b.starts_at,
                b.ends_at, b.busy_from, b.busy_until, NULL, FALSE, 1, b.created_at, many.id,
                b.changed_at
             FROM booking AS b CROSS JOIN ({ids}) AS many WHERE b.id = {row}"
        );
        raw::execute(&site.url, &copied).await.unwrap();
        let checked = all(&site).await;
        assert_eq!(checked.check.bookings, 1301);
        assert_eq!(checked.check.events, 1300 + 5);
        // None of them began as a hold; all are counted, a thousand are kept.
        assert_eq!((checked.check.divergent, checked.divergences.len()), (1300, 1000));
    }
}
