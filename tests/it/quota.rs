//! Nobody keeps a clinic's time from others: neither one browser, nor one network, nor one patient
//! who books and calls off (abuse cases ).

use axum::http::StatusCode;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{Answer, Browser, Site, UMIKAZE_DOCTOR, hana, nagi, on_both_engines, raw};

/// The `number`th time from noon on, a quarter of an hour each.
fn start(number: i64) -> String {
    let noon = crate::support::at("2026-12-01T03:00:00Z");
    (noon + TimeDelta::minutes(15 * number)).format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

async fn hold(browser: &mut Browser, number: i64) -> Answer {
    browser.hold(&start(number)).await
}

fn path_of(held: &Value, deed: &str) -> String {
    format!("/api/bookings/{}/{deed}", held["id"].as_str().unwrap())
}

/// A time at another clinic than [`hold`]'s.
async fn elsewhere(browser: &mut Browser, number: i64) -> Answer {
    let found = browser.get("/api/facilities?q=umikaze").await.expect(StatusCode::OK);
    let facility = found["items"][0]["id"].as_str().unwrap().to_owned();
    let detail = browser.get(&format!("/api/facilities/{facility}")).await.expect(StatusCode::OK);
    let wish = json!({
        "facility_id": facility, "service_id": detail["services"][0]["id"],
        "clinician_id": UMIKAZE_DOCTOR, "start": start(number),
    });
    browser.post("/api/bookings", wish).await
}

on_both_engines! {
    async fn one_network_holds_eight_times_of_a_clinic(site: Site) {
        let network = site.browser();
        for number in 0..8 {
            // Each without a cookie, as a script would do it.
            hold(&mut network.clone(), number).await.expect(StatusCode::CREATED);
        }
        let refused = hold(&mut network.clone(), 8).await;
        refused.refused(StatusCode::CONFLICT, "too_many_network_holds");
        // Nothing of the ninth was kept, and others are served.
        let held = "SELECT count(*) FROM booking WHERE occupies";
        assert_eq!(raw::numbers(&site.url, held).await, [8]);
        hold(&mut site.browser(), 8).await.expect(StatusCode::CREATED);
        elsewhere(&mut network.clone(), 0).await.expect(StatusCode::CREATED);
        // As holds run out, there is room again.
        site.app.clock.advance(TimeDelta::minutes(10));
        hold(&mut network.clone(), 9).await.expect(StatusCode::CREATED);
    }

    async fn at_once_a_network_holds_no_more_than_one_after_the_other(site: Site) {
        let network = site.browser();
        let mut callers = tokio::task::JoinSet::new();
        for number in 0..20 {
            let mut browser = network.clone();
            callers.spawn(async move {
                loop {
                    let status = hold(&mut browser, number).await.status;
                    if status != StatusCode::SERVICE_UNAVAILABLE {
                        return status;
                    }
                }
            });
        }
        let statuses = callers.join_all().await;
        let held = statuses.iter().filter(|status| **status == StatusCode::CREATED).count();
        assert_eq!(held, 8, "{statuses:?}");
    }

    async fn hold_and_expire_for_ever_ends(site: Site) {
        let mut hers = site.browser();
        for number in 0..3 {
            let held = hold(&mut hers, number).await.expect(StatusCode::CREATED);
            site.app.clock.advance(TimeDelta::minutes(9));
            // Given back at the last moment, or not at all: it was not used.
            if number == 1 {
                site.app.clock.advance(TimeDelta::minutes(1));
            } else {
                hers.post(&path_of(&held, "release"), json!({})).await.expect(StatusCode::NO_CONTENT);
            }
        }
        hold(&mut hers, 3).await.refused(StatusCode::CONFLICT, "too_many_unused_holds");
        // Until the first of them was made half an hour ago.
        site.app.clock.advance(TimeDelta::minutes(2) - TimeDelta::microseconds(1));
        hold(&mut hers, 3).await.refused(StatusCode::CONFLICT, "too_many_unused_holds");
        site.app.clock.advance(TimeDelta::microseconds(1));
        hold(&mut hers, 3).await.expect(StatusCode::CREATED);

        // Without cookies it is the network that is counted, over two hours.
        let network = site.browser();
        for number in 4..28 {
            hold(&mut network.clone(), number).await.expect(StatusCode::CREATED);
            site.app.clock.advance(TimeDelta::minutes(4));
        }
        site.app.clock.advance(TimeDelta::minutes(10));
        hold(&mut network.clone(), 40).await.refused(StatusCode::CONFLICT, "too_many_network_holds");
        hold(&mut site.browser(), 40).await.expect(StatusCode::CREATED);
    }

    async fn who_changes_their_mind_does_not_wait(site: Site) {
        let mut hers = site.browser();
        for number in 0..12 {
            let held = hold(&mut hers, number).await.expect(StatusCode::CREATED);
            site.app.clock.advance(TimeDelta::minutes(2));
            hers.post(&path_of(&held, "release"), json!({})).await.expect(StatusCode::NO_CONTENT);
        }
        hold(&mut hers, 20).await.expect(StatusCode::CREATED);
    }

    async fn browsers_of_one_patient_are_counted_together(site: Site) {
        let mut hers = site.browser();
        let done = hers.book(&start(0), &hana()).await;
        let secret = done["link"].as_str().unwrap().split_once('#').unwrap().1;
        let open = json!({ "token": secret, "birth_date": "1948-05-03" });
        let mut held = 0;
        for number in 0..3 {
            let mut browser = site.browser();
            browser.post("/api/visitor", open.clone()).await.expect(StatusCode::OK);
            for at in 0..2 {
                let answer = hold(&mut browser, 2 + number * 2 + at).await;
                if held == 4 {
                    answer.refused(StatusCode::CONFLICT, "too_many_patient_holds");
                } else {
                    answer.expect(StatusCode::CREATED);
                    held += 1;
                }
            }
        }
        assert_eq!(held, 4);
    }

    async fn a_patient_has_two_visits_on_a_day_at_a_clinic(site: Site) {
        let mut hers = site.browser();
        hers.book(&start(0), &hana()).await;
        let second = hers.book(&start(4), &hana()).await;
        let third = hold(&mut hers, 8).await.expect(StatusCode::CREATED);
        let refused = hers.post(&path_of(&third, "confirm"), hana()).await;
        refused.refused(StatusCode::CONFLICT, "too_many_on_the_day");
        // Somebody else may, and she may tomorrow: local midnight is 15:00 in UTC.
        hers.post(&path_of(&third, "confirm"), nagi()).await.expect(StatusCode::OK);
        let mut second_browser = site.browser();
        let tomorrow = second_browser.book("2026-12-01T15:00:00Z", &hana()).await;
        // But not move tomorrow's to today.
        let to = json!({
            "clinician_id": tomorrow["booking"]["clinician"]["id"], "start": "2026-12-01T14:45:00Z",
            "version": tomorrow["booking"]["version"],
        });
        let moved = second_browser.post(&path_of(&tomorrow["booking"], "move"), to.clone()).await;
        moved.refused(StatusCode::CONFLICT, "too_many_on_the_day");
        let cancel = json!({ "reason": "feeling_better" });
        let gone = hers.post(&path_of(&second["booking"], "cancel"), cancel).await;
        gone.expect(StatusCode::OK);
        let moved = second_browser.post(&path_of(&tomorrow["booking"], "move"), to).await;
        moved.expect(StatusCode::OK);
    }

    async fn booking_and_calling_off_fifty_times_ends_at_five(site: Site) {
        let (mut booked, mut refused) = (0, 0);
        for number in 0..50 {
            let mut hers = site.browser();
            let held = hold(&mut hers, number % 30).await.expect(StatusCode::CREATED);
            let answer = hers.post(&path_of(&held, "confirm"), hana()).await;
            if answer.status == StatusCode::OK {
                booked += 1;
                let cancel = json!({ "reason": "no_longer_needed" });
                hers.post(&path_of(&held, "cancel"), cancel).await.expect(StatusCode::OK);
            } else {
                answer.refused(StatusCode::CONFLICT, "too_many_called_off");
                refused += 1;
                hers.post(&path_of(&held, "release"), json!({})).await.expect(StatusCode::NO_CONTENT);
            }
        }
        assert_eq!((booked, refused), (5, 45));
        // A week later it is forgotten.
        site.app.clock.advance(TimeDelta::days(7));
        site.browser().book("2026-12-08T03:00:00Z", &hana()).await;
    }

    async fn what_the_clinic_calls_off_is_not_held_against_anybody(site: Site) {
        let mut desk = site.signed_in("desk").await;
        for number in 0..6 {
            let done = site.browser().book(&start(number), &hana()).await;
            let path = format!("/api/clinic/visits/{}/cancel", done["booking"]["id"].as_str().unwrap());
            desk.post(&path, json!({ "reason": "clinic_unavailable" })).await.expect(StatusCode::OK);
        }
        site.browser().book(&start(8), &hana()).await;
    }

    async fn invented_names_from_one_network_end_too(site: Site) {
        let network = site.browser();
        let mut booked = 0;
        for number in 0..30 {
            site.app.clock.advance(TimeDelta::seconds(30));
            let mut hers = network.clone();
            let mut who = hana();
            who["birth_date"] = json!(format!("1950-01-{:02}", number + 1));
            let held = hold(&mut hers, number).await;
            // The limit of tries in memory goes by the real time, not by the test's.
            if held.status == StatusCode::TOO_MANY_REQUESTS {
                break;
            }
            let held = held.expect(StatusCode::CREATED);
            let answer = hers.post(&path_of(&held, "confirm"), who).await;
            if answer.status == StatusCode::OK {
                booked += 1;
                let cancel = json!({ "reason": "no_longer_needed" });
                hers.post(&path_of(&held, "cancel"), cancel).await.expect(StatusCode::OK);
            } else {
                answer.refused(StatusCode::CONFLICT, "too_many_called_off");
                hers.post(&path_of(&held, "release"), json!({})).await.expect(StatusCode::NO_CONTENT);
            }
        }
        assert_eq!(booked, 20);
    }

    async fn networks_are_kept_as_digests_for_a_day(site: Site) {
        let mut hers = site.browser();
        hold(&mut hers, 0).await.expect(StatusCode::CREATED);
        let length = "SELECT CAST(length(network_index) AS bigint) FROM hold_origin";
        assert_eq!(raw::numbers(&site.url, length).await, [32]);
        site.app.clock.advance(TimeDelta::hours(24) - TimeDelta::microseconds(1));
        assert_eq!(onshin::actions::quota::forget_origins(&site.app).await.unwrap(), 0);
        site.app.clock.advance(TimeDelta::microseconds(1));
        assert_eq!(onshin::actions::quota::forget_origins(&site.app).await.unwrap(), 1);
    }
}
