//! Abuse cases around one booking: clicks in a storm, wishes that exclude each other, the deadline.

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::{Asked, Browser, NIGHT, NIGHT_VISIT, Site, hana, on_both_engines, raw};

const CLICKS: usize = 20;

fn post(path: String, body: Value) -> Asked {
    (Method::POST, path, body)
}

fn path_of(booking: &Value, deed: &str) -> String {
    format!("/api/bookings/{}/{deed}", booking["id"].as_str().unwrap())
}

/// Sends the same many times at once, all under `key` or each without one; the statuses.
async fn storm(browser: &Browser, key: Option<&str>, asked: &Asked) -> Vec<StatusCode> {
    let mut clicks = JoinSet::new();
    for _ in 0..CLICKS {
        let (mut browser, asked) = (browser.clone(), asked.clone());
        let key = key.map(str::to_owned);
        clicks.spawn(async move {
            match key {
                Some(key) => browser.keyed(&key, &asked).await.status,
                None => browser.post(&asked.1, asked.2).await.status,
            }
        });
    }
    clicks.join_all().await
}

fn count(statuses: &[StatusCode], wanted: StatusCode) -> usize {
    statuses.iter().filter(|status| **status == wanted).count()
}

/// A browser with a session, in which nothing is held.
async fn with_session(site: &Site) -> Browser {
    let mut browser = site.browser();
    let held = browser.hold("2026-12-01T13:00:00Z").await.expect(StatusCode::CREATED);
    let released = browser.post(&path_of(&held, "release"), json!({})).await;
    released.expect(StatusCode::NO_CONTENT);
    browser
}

async fn occupied(site: &Site) -> i64 {
    raw::numbers(&site.url, "SELECT count(*) FROM booking WHERE occupies").await[0]
}

on_both_engines! {
    async fn a12_a_storm_of_clicks_is_one_booking_with_and_without_a_key(site: Site) {
        let wish = |start: &str| post("/api/bookings".to_owned(), json!({
            "facility_id": NIGHT, "service_id": NIGHT_VISIT, "start": start,
        }));
        let mut hers = with_session(&site).await;
        // With a key all clicks are one.
        let statuses = storm(&hers, Some("hold"), &wish("2026-12-01T03:00:00Z")).await;
        assert_eq!(count(&statuses, StatusCode::CREATED), CLICKS, "{statuses:?}");
        // Without one the time itself is the key: it is taken, by oneself.
        let statuses = storm(&hers, None, &wish("2026-12-01T04:00:00Z")).await;
        assert_eq!(count(&statuses, StatusCode::CREATED), 1, "{statuses:?}");
        assert_eq!(count(&statuses, StatusCode::CONFLICT), CLICKS - 1, "{statuses:?}");
        assert_eq!(occupied(&site).await, 2);

        let listed = hers.get("/api/bookings").await.expect(StatusCode::OK);
        let held = |at: usize| path_of(&listed["items"][at], "confirm");
        let statuses = storm(&hers, Some("confirm"), &post(held(0), hana())).await;
        assert_eq!(count(&statuses, StatusCode::OK), CLICKS, "{statuses:?}");
        let statuses = storm(&hers, None, &post(held(1), hana())).await;
        assert_eq!(count(&statuses, StatusCode::OK), 1, "{statuses:?}");
        assert_eq!(count(&statuses, StatusCode::CONFLICT), CLICKS - 1, "{statuses:?}");
        let confirmed = "SELECT count(*) FROM audit_entry WHERE action = 'booking.confirm'";
        assert_eq!((occupied(&site).await, raw::numbers(&site.url, confirmed).await), (2, vec![2]));
    }

    async fn a13_cancel_and_move_at_once_leave_one_place_or_none(site: Site) {
        let (mut moved_first, mut cancelled_first) = (0, 0);
        for round in 0..12 {
            // Each time another person, so that no limit decides it.
            let mut who = hana();
            who["birth_date"] = json!(format!("1950-01-{:02}", round + 1));
            let mut hers = site.browser();
            let booked = hers.book("2026-12-01T03:00:00Z", &who).await["booking"].take();
            let to = json!({
                "clinician_id": booked["clinician"]["id"], "start": "2026-12-01T05:00:00Z",
                "version": booked["version"],
            });
            let (mut one, mut other) = (hers.clone(), hers.clone());
            let (cancel, to_path) = (path_of(&booked, "cancel"), path_of(&booked, "move"));
            let cancelling = tokio::spawn(async move {
                one.post(&cancel, json!({ "reason": "other" })).await
            });
            let moving = tokio::spawn(async move { other.post(&to_path, to).await });
            let (cancelled, moved) = (cancelling.await.unwrap(), moving.await.unwrap());
            match (cancelled.status, moved.status) {
                (StatusCode::OK, StatusCode::CONFLICT) => {
                    cancelled_first += 1;
                    assert_eq!(occupied(&site).await, 0);
                }
                (StatusCode::CONFLICT, StatusCode::OK) => {
                    moved_first += 1;
                    assert_eq!(cancelled.expect(StatusCode::CONFLICT)["code"], "stale");
                    assert_eq!(occupied(&site).await, 1);
                    let gone = hers.post(&path_of(&booked, "cancel"), json!({ "reason": "other" })).await;
                    gone.expect(StatusCode::OK);
                }
                // One after the other: moved, and then the moved one cancelled.
                (StatusCode::OK, StatusCode::OK) => {
                    moved_first += 1;
                    assert_eq!(occupied(&site).await, 0);
                }
                other => panic!("{other:?}: {} {}", cancelled.text, moved.text),
            }
            assert_eq!(raw::overlaps(&site.url).await, 0);
        }
        println!("{moved_first} were moved first, {cancelled_first} cancelled first");
    }

    async fn a14_at_the_deadline_a_hold_has_one_outcome(site: Site) {
        let edge = TimeDelta::milliseconds(1);
        for (round, (early, wins)) in [(edge, true), (TimeDelta::zero(), false), (-edge, false)].into_iter().enumerate() {
            let start = format!("2026-12-01T{:02}:00:00Z", 4 + round);
            let (mut hers, mut his) = (site.browser(), site.browser());
            let held = hers.hold(&start).await.expect(StatusCode::CREATED);
            let deadline: onshin::time::Instant =
                serde_json::from_value(held["hold_expires_at"].clone()).unwrap();
            site.app.clock.set(deadline - early);
            // She confirms, the sweeper clears, and somebody else wants the time, all at once.
            let mut who = hana();
            who["birth_date"] = json!(format!("1960-01-{:02}", round + 1));
            let (confirm, app) = (path_of(&held, "confirm"), site.app.clone());
            let sweeping = tokio::spawn(async move {
                onshin::actions::booking::expire_holds(&app).await.unwrap()
            });
            let holding = tokio::spawn(async move { his.hold(&start).await });
            let confirmed = hers.post(&confirm, who).await;
            let (swept, taken) = (sweeping.await.unwrap(), holding.await.unwrap());
            if wins {
                confirmed.expect(StatusCode::OK);
                taken.refused(StatusCode::CONFLICT, "slot_taken");
                assert_eq!(swept, 0);
            } else {
                let told = confirmed.expect(StatusCode::CONFLICT);
                assert!(["hold_expired", "stale"].contains(&told["code"].as_str().unwrap()), "{told}");
                taken.expect(StatusCode::CREATED);
            }
            assert_eq!(raw::overlaps(&site.url).await, 0);
            // Hers of the first round; and who came instead, until the next round.
            assert_eq!(occupied(&site).await, if wins { 1 } else { 2 });
        }
    }
}
