//! Abuse cases around one booking: clicks in a storm, wishes that exclude each other, the deadline;
//! times, texts and numbers that are none. Each is named after its case.
//!
//! Elsewhere: A-17 also in [`super::calendars`], A-19 in [`super::constraints`] and
//! [`super::services`], A-20 and A-21 in [`super::quota`], A-23 in [`super::messages`].

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use chrono::TimeDelta;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::{
    Asked, Browser, NIGHT, NIGHT_VISIT, ORIGIN, Site, UMIKAZE, UMIKAZE_DOCTOR, UMIKAZE_VISIT, hana,
    nagi, on_both_engines, raw,
};

mod texts;
mod times;

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

    async fn a11_two_who_want_the_last_time_at_once_are_one_and_none(site: Site) {
        let noon = crate::support::at("2026-12-02T03:00:00Z");
        for round in 0..100 {
            let start = (noon + TimeDelta::minutes(15 * round)).to_rfc3339();
            let (mut hers, mut his, other) = (site.browser(), site.browser(), start.clone());
            let (her, him) = (
                tokio::spawn(async move { hers.hold(&start).await.status }),
                tokio::spawn(async move { his.hold(&other).await.status }),
            );
            let both = [her.await.unwrap(), him.await.unwrap()];
            let both = [count(&both, StatusCode::CREATED), count(&both, StatusCode::CONFLICT)];
            assert_eq!(both, [1, 1], "round {round}");
        }
        assert_eq!((occupied(&site).await, raw::overlaps(&site.url).await), (100, 0));
    }

    async fn a15_hours_that_end_while_they_are_booked_leave_nobody_unseen(site: Site) {
        let (mut desk, mut kept, mut closed) = (site.signed_in("desk").await, 0, 0);
        for round in 1..12 {
            let date = format!("2026-12-{:02}", round + 1);
            let mut who = hana();
            who["birth_date"] = json!(format!("1950-01-{round:02}"));
            let mut hers = site.browser();
            let held = hers.hold(&format!("{date}T03:00:00Z")).await.expect(StatusCode::CREATED);
            let close = json!([{ "kind": "add_exception", "date": date, "difference": "closed" }]);
            let plan = desk.post("/api/clinic/hours-changes", json!({ "edits": close })).await;
            let plan = plan.expect(StatusCode::CREATED);
            let apply = format!("/api/clinic/hours-changes/{}/apply", plan["id"].as_str().unwrap());
            let (mut clinic, confirm) = (desk.clone(), path_of(&held, "confirm"));
            let confirming = tokio::spawn(async move { hers.post(&confirm, who).await });
            let applying = tokio::spawn(async move { clinic.post(&apply, json!({ "version": 1 })).await });
            let (confirmed, applied) = (confirming.await.unwrap(), applying.await.unwrap());
            match (confirmed.status, applied.status) {
                // Booked first: the plan told of nobody, and is not made.
                (StatusCode::OK, StatusCode::CONFLICT) => {
                    kept += 1;
                    assert_eq!(applied.expect(StatusCode::CONFLICT)["code"], "plan_changed");
                }
                // Closed first: the day is not booked any more.
                (StatusCode::CONFLICT, StatusCode::OK) => {
                    closed += 1;
                    assert_eq!(confirmed.expect(StatusCode::CONFLICT)["code"], "closed_day");
                }
                other => panic!("{other:?}: {} {}", confirmed.text, applied.text),
            }
        }
        println!("{kept} were booked first, {closed} closed first");
        let booked = "SELECT count(*) FROM booking WHERE status = 'booked'";
        assert_eq!(raw::numbers(&site.url, booked).await, [kept]);
        // Nobody has a visit on a day that was closed.
        let list = desk.get("/api/clinic/stranded").await.expect(StatusCode::OK);
        assert_eq!(list["items"], json!([]));
    }

    async fn a16_templates_without_end_are_refused_at_once(site: Site) {
        let mut desk = site.signed_in("desk").await;
        let path = "/api/clinic/hours-changes";
        // 53 weeks of 96 stretches for each of 1,000 doctors, as it would be sent: 5 million edits
        // are too many bytes, fewer are too many edits, or too many stretches of one.
        let edit = json!({ "kind": "add_exception", "date": "2027-01-05", "difference": "open",
            "opens": 540, "closes": 555 });
        let stretch = json!({ "weekday": 1, "opens": 540, "closes": 545 });
        let week = |whose: usize, stretches: usize| json!({ "kind": "weekly_hours",
            "clinician_id": format!("0d300200-0000-0000-0000-{whose:012}"), "version": 1,
            "hours": vec![&stretch; stretches] });
        for (edits, status, code) in [
            (vec![edit.clone(); 53 * 96], StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
            (vec![edit; 53 * 96 * 8], StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
            ((0..1000).map(|whose| week(whose, 96)).collect(), StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
            ((0..1000).map(|whose| week(whose, 1)).collect(), StatusCode::NOT_FOUND, "not_found"),
        ] {
            let begun = std::time::Instant::now();
            let told = desk.post(path, json!({ "edits": edits })).await;
            assert!(begun.elapsed().as_secs() < 2, "{:?}: {}", begun.elapsed(), told.text);
            told.refused(status, code);
        }
        assert_eq!(raw::numbers(&site.url, "SELECT count(*) FROM hours_change").await, [0]);
    }

    async fn a22_what_is_invented_opens_nothing_and_one_person_is_in_one_place(site: Site) {
        let mut hers = site.browser();
        let done = hers.book("2026-12-03T03:00:00Z", &hana()).await;
        let secret = done["link"].as_str().unwrap().split_once('#').unwrap().1.to_owned();
        let number = done["booking"]["number"].as_str().unwrap().to_owned();
        let mut turned: Vec<char> = secret.chars().collect();
        turned.reverse();
        let turned: String = turned.into_iter().collect();
        // A number is not a key, and neither is a secret that nobody was given.
        for token in [number.as_str(), &turned, "", "0", &"A".repeat(43), &"A".repeat(10_000)] {
            let open = json!({ "token": token, "birth_date": "1948-05-03" });
            let told = site.browser().post("/api/visitor", open).await;
            told.refused(StatusCode::NOT_FOUND, "not_found");
        }
        // Birth dates are not tried out.
        let mut refused = Vec::new();
        for day in 1..=12 {
            let open = json!({ "token": secret, "birth_date": format!("1948-06-{day:02}") });
            refused.push(site.browser().post("/api/visitor", open).await.status.as_u16());
        }
        assert!(refused.starts_with(&[403]) && refused.ends_with(&[429]), "{refused:?}");
        // One person is in one place at a time, at whichever clinic.
        let wish = json!({ "facility_id": UMIKAZE, "service_id": UMIKAZE_VISIT,
            "clinician_id": UMIKAZE_DOCTOR, "start": "2026-12-03T03:00:00Z" });
        let mut elsewhere = site.browser();
        let held = elsewhere.post("/api/bookings", wish).await.expect(StatusCode::CREATED);
        let again = elsewhere.post(&path_of(&held, "confirm"), hana()).await;
        again.refused(StatusCode::CONFLICT, "patient_busy");
        elsewhere.post(&path_of(&held, "confirm"), nagi()).await.expect(StatusCode::OK);
        assert_eq!(raw::overlaps(&site.url).await, 0);
    }
}
