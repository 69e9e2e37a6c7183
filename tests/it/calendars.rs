//! Feeds that others read, hours and busy times in and out.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use serde_json::{Value, json};

use crate::support::{Answer, Browser, ORIGIN, Site, hana, on_both_engines};

/// The doctor of the clinic that is always open.
const DOCTOR: &str = "0d300200-0000-0000-0000-4ead72fa0000";

pub(crate) async fn upload(browser: &mut Browser, path: &str, text: &str) -> Answer {
    let request = Request::builder().method(Method::POST).uri(path).header(header::ORIGIN, ORIGIN);
    let request = request.header(header::CONTENT_TYPE, "text/calendar");
    browser.request(request.body(Body::from(text.to_owned())).unwrap()).await
}

fn calendar(inner: &str) -> String {
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//EN\r\n{inner}END:VCALENDAR\r\n")
}

/// The path of a feed's address.
fn path(feed: &Value) -> String {
    let address = feed["address"].as_str().unwrap();
    address[address.find("/calendars/").unwrap()..].to_owned()
}

on_both_engines! {
    async fn a_feed_shows_visits_until_it_is_revoked(site: Site) {
        let mut patient = site.browser();
        patient.book("2026-12-01T03:00:00Z", &hana()).await;
        let mine = patient.post("/api/feeds", json!({})).await.expect(StatusCode::CREATED);
        let desk = &mut site.signed_in("desk").await;
        let wish = json!({ "clinician_id": DOCTOR });
        let theirs = desk.post("/api/clinic/feeds", wish).await.expect(StatusCode::CREATED);
        // A program without a cookie; a visit booked later is there as well.
        let program = &mut site.browser();
        patient.book("2026-12-01T05:00:00Z", &hana()).await;
        for feed in [&mine, &theirs] {
            let answer = program.get(&path(feed)).await;
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
            assert_eq!(answer.text.matches("BEGIN:VEVENT").count(), 2, "{}", answer.text);
            assert!(answer.text.contains("SUMMARY:予約\r\n"), "{}", answer.text);
            let secret = path(feed).replace("/calendars/", "").replace(".ics", "");
            assert!(!answer.text.contains(&secret));
        }
        let listed = patient.get("/api/feeds").await.expect(StatusCode::OK);
        assert_eq!(listed["items"][0]["id"], mine["id"]);
        assert!(listed["items"][0]["address"].is_null() && !listed["items"][0]["read_at"].is_null());
        // Nobody else's to revoke.
        let route = |feed: &Value, clinic: &str| format!("/api{clinic}/feeds/{}", feed["id"].as_str().unwrap());
        let mut other = site.browser();
        other.book("2026-12-01T07:00:00Z", &crate::support::nagi()).await;
        other.delete(&route(&mine, "")).await.refused(StatusCode::NOT_FOUND, "not_found");
        let umikaze = &mut site.signed_in("umikaze").await;
        umikaze.delete(&route(&theirs, "/clinic")).await.refused(StatusCode::NOT_FOUND, "not_found");
        assert_eq!(patient.delete(&route(&mine, "")).await.status, StatusCode::NO_CONTENT);
        assert_eq!(desk.delete(&route(&theirs, "/clinic")).await.status, StatusCode::NO_CONTENT);
        for feed in [&mine, &theirs] {
            program.get(&path(feed)).await.refused(StatusCode::NOT_FOUND, "not_found");
        }
        program.get("/calendars/short.ics").await.refused(StatusCode::NOT_FOUND, "not_found");
    }

    async fn busy_times_elsewhere_cannot_be_booked(site: Site) {
        let desk = &mut site.signed_in("desk").await;
        let all = format!("/api/clinic/outside?clinician={DOCTOR}");
        let text = calendar(
            "BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Geheimnis-881\r\nDTSTART;TZID=Asia/Tokyo:20261201T120000\r\n\
             DURATION:PT1H\r\nRRULE:FREQ=DAILY;COUNT=3\r\nEND:VEVENT\r\n\
             BEGIN:VEVENT\r\nUID:2\r\nDTSTART:20261201T050000Z\r\nDURATION:PT1H\r\n\
             STATUS:CANCELLED\r\nEND:VEVENT\r\n",
        );
        let added = upload(desk, &all, &text).await.expect(StatusCode::CREATED);
        assert_eq!(added["entries"], 2);
        assert_eq!(added["ignored"]["cancelled"]["first"], 2);
        let mut patient = site.browser();
        let refused = patient.hold("2026-12-01T03:00:00Z").await;
        refused.refused(StatusCode::CONFLICT, "slot_taken");
        patient.hold("2026-12-02T03:45:00Z").await.refused(StatusCode::CONFLICT, "slot_taken");
        patient.hold("2026-12-01T05:00:00Z").await.expect(StatusCode::CREATED);
        let busy = desk.get(&format!("/api/clinic/freebusy.ics?clinician={DOCTOR}")).await;
        assert!(busy.text.contains(":20261201T030000Z/20261201T040000Z"), "{}", busy.text);
        assert!(!busy.text.contains("Geheimnis"));
        // Another file takes its place; then nothing does.
        let id = added["id"].as_str().unwrap();
        let empty = calendar("");
        let next = upload(desk, &format!("{all}&replaces={id}"), &empty).await;
        let next = next.expect(StatusCode::CREATED);
        assert_eq!(desk.get(&all).await.expect(StatusCode::OK)["items"].as_array().unwrap().len(), 1);
        patient.hold("2026-12-01T03:00:00Z").await.expect(StatusCode::CREATED);
        let route = format!("/api/clinic/outside/{}", next["id"].as_str().unwrap());
        let umikaze = &mut site.signed_in("umikaze").await;
        umikaze.delete(&route).await.refused(StatusCode::NOT_FOUND, "not_found");
        upload(umikaze, &all, &empty).await.refused(StatusCode::NOT_FOUND, "not_found");
        assert_eq!(desk.delete(&route).await.status, StatusCode::NO_CONTENT);
    }

    async fn files_that_mean_harm_get_a_sentence(site: Site) {
        let desk = &mut site.signed_in("desk").await;
        let all = format!("/api/clinic/outside?clinician={DOCTOR}");
        let event = |rule: &str| {
            format!("BEGIN:VEVENT\r\nDTSTART:20261201T000000Z\r\nDURATION:PT1M\r\n{rule}END:VEVENT\r\n")
        };
        let cases = [
            ("hello".to_owned(), "calendar_unreadable"),
            (calendar(&event("").repeat(100_000)), "too_large"),
            (" ".repeat((2 << 20) + 5), "calendar_too_large"),
            (calendar(&"BEGIN:VEVENT\r\nEND:VEVENT\r\n".repeat(20_000)), "calendar_too_many"),
            (calendar(&event("RRULE:FREQ=SECONDLY\r\n")), "calendar_rule_too_often"),
            (calendar(&event("RRULE:FREQ=DAILY;COUNT=1000000000\r\n")), "calendar_rule_too_often"),
            (calendar(&event("RRULE:FREQ=DAILY\r\n").repeat(5_000)), "calendar_too_much"),
        ];
        for (text, code) in cases {
            let answer = upload(desk, &all, &text).await;
            assert!(answer.text.contains(&format!("\"{code}\"")), "{code}: {}", answer.text);
            assert!(answer.status.is_client_error());
        }
        desk.post(&all, json!({})).await.refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "wrong_media_type");
        assert_eq!(desk.get(&all).await.expect(StatusCode::OK)["items"], json!([]));
    }

    async fn hours_go_out_and_come_back(site: Site) {
        let desk = &mut site.signed_in("desk").await;
        let route = format!("/api/clinic/hours?clinician={DOCTOR}");
        let file = format!("/api/clinic/hours.ics?clinician={DOCTOR}");
        let before = desk.get(&route).await.expect(StatusCode::OK);
        let written = desk.get(&file).await;
        assert!(written.text.contains("BEGIN:VAVAILABILITY"), "{}", written.text);
        let read = upload(desk, &file, &written.text).await.expect(StatusCode::OK);
        desk.change_hours(json!([{ "kind": "weekly_hours", "clinician_id": DOCTOR,
            "version": before["version"], "hours": read["hours"] }])).await;
        let after = desk.get(&route).await.expect(StatusCode::OK);
        assert_eq!(after["hours"], before["hours"]);
        assert_ne!(after["version"], before["version"]);
        let other = calendar(
            "BEGIN:VAVAILABILITY\r\nBEGIN:AVAILABLE\r\nDTSTART;TZID=Asia/Tokyo:20261207T090000\r\n\
             DURATION:PT3H\r\nRRULE:FREQ=YEARLY\r\nEND:AVAILABLE\r\nEND:VAVAILABILITY\r\n",
        );
        let answer = upload(desk, &file, &other).await;
        assert!(answer.text.contains("\"hours_rule\""), "{}", answer.text);
    }
}
