//! The waiting room over real sockets: places with one doctor, kept over reloads and devices, and
//! that the doctor is late; and the page of the clinic's day, which hears of what changes.

use std::time::Duration;

use axum::http::StatusCode;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{Browser, Site, UMIKAZE_DOCTOR, hana, nagi, on_both_engines, place, raw};
use crate::visit::{Page, serve, ticket};

/// A patient with a browser, who has booked.
struct Patient {
    browser: Browser,
    id: String,
}

impl Patient {
    async fn booked(site: &Site, start: &str, who: &Value) -> Self {
        let mut browser = site.browser();
        let booked = browser.book(start, who).await["booking"].take();
        Self { browser, id: booked["id"].as_str().unwrap().to_owned() }
    }

    async fn page(&mut self, server: std::net::SocketAddr) -> (Page, Value) {
        let good = ticket(&mut self.browser, &format!("/api/visits/{}", self.id)).await;
        let mut page = Page::open(server, &self.id, &good).await;
        let welcome = page.hear("welcome").await;
        (page, welcome)
    }

    /// Waits: the page, and the place that was told.
    async fn waits(&mut self, server: std::net::SocketAddr) -> (Page, Value) {
        let mut page = self.page(server).await.0;
        page.say(json!({ "t": "knock" })).await;
        let place = page.hear("place").await;
        (page, place)
    }
}

async fn doctors_page(
    doctor: &mut Browser,
    server: std::net::SocketAddr,
    id: &str,
) -> (Page, Value) {
    let theirs = ticket(doctor, &format!("/api/clinic/visits/{id}")).await;
    let mut page = Page::open(server, id, &theirs).await;
    let welcome = page.hear("welcome").await;
    (page, welcome)
}

fn numbers(place: &Value) -> (i64, i64) {
    (place["position"].as_i64().unwrap(), place["ahead"].as_i64().unwrap())
}

const CHANGES: &str = "/api/clinic/visits/changes";

/// The mark of a clinic's day as it is now.
async fn mark(staff: &mut Browser) -> Value {
    staff.get(CHANGES).await.expect(StatusCode::OK)["mark"].clone()
}

/// What keeps the first patient of the day from being let in.
async fn opens(doctor: &mut Browser) -> Value {
    let day = doctor.get("/api/clinic/visits").await.expect(StatusCode::OK);
    day["items"][0]["open"].clone()
}

on_both_engines! {
    async fn places_are_with_the_doctor_and_outlast_pages(site: Site) {
        let server = serve(&site).await;
        let mut doctor = site.signed_in("doctor").await;
        let mut second = Patient::booked(&site, "2026-12-01T00:30:00Z", &nagi()).await;
        let mut first = Patient::booked(&site, "2026-12-01T00:15:00Z", &hana()).await;
        // Who comes first with the later time has the first place until the other is there.
        let (mut late, place) = second.waits(server).await;
        assert_eq!(numbers(&place), (1, 0));
        let (_early, place) = first.waits(server).await;
        assert_eq!(numbers(&place), (1, 0));
        let place = late.hear("place").await;
        assert_eq!(numbers(&place), (2, 1));
        assert_eq!(place["expected_at"], "2026-12-01T00:30:00Z");
        assert!(place.get("late_min").is_none(), "{place}");
        assert!(!place.to_string().contains("花"));

        // Three reloads, and another device: the place is the same.
        for _ in 0..3 {
            let (_, welcome) = second.page(server).await;
            assert_eq!(numbers(&welcome["snapshot"]["place"]), (2, 1), "{welcome}");
        }
        let mut device = Patient { browser: second.browser.clone(), id: second.id.clone() };
        let (mut late, welcome) = device.page(server).await;
        assert_eq!(numbers(&welcome["snapshot"]["place"]), (2, 1));

        // The first is let in: the second is next, and somebody is being seen.
        let (mut clinician, welcome) = doctors_page(&mut doctor, server, &first.id).await;
        let who = &welcome["snapshot"]["waiting"][0]["participant"];
        clinician.say(json!({ "t": "admit", "participant": who })).await;
        clinician.hear("admitted").await;
        assert_eq!(numbers(&late.hear("place").await), (1, 1));
        // It takes longer than agreed.
        site.app.clock.advance(TimeDelta::minutes(40));
        onshin::actions::waiting::round(&site.app).await.unwrap();
        let place = late.hear("place").await;
        assert_eq!((numbers(&place), &place["late_min"]), ((1, 1), &json!(12)), "{place}");
        clinician.say(json!({ "t": "end" })).await;
        assert_eq!(clinician.closed().await, 4410);
        let close = format!("/api/clinic/visits/{}/close", first.id);
        doctor.post(&close, json!({ "outcome": "could_not_connect" })).await.expect(StatusCode::OK);
        assert_eq!(numbers(&late.hear("place").await), (1, 0));
    }

    async fn a_doctor_who_is_late_is_told_to_those_who_wait(site: Site) {
        let server = serve(&site).await;
        let mut doctor = site.signed_in("doctor").await;
        let mut patient = Patient::booked(&site, "2026-12-01T00:15:00Z", &hana()).await;
        let (mut page, _) = patient.waits(server).await;
        let delay = "/api/clinic/delay";
        let said = doctor.put(delay, json!({ "minutes": 10 })).await.expect(StatusCode::OK);
        assert_eq!((&said["items"][0]["minutes"], &said["date"]), (&json!(10), &json!("2026-12-01")));
        let late = page.hear("late").await;
        assert_eq!((&late["minutes"], &late["expected_at"]), (&json!(10), &json!("2026-12-01T00:25:00Z")));
        let place = page.hear("place").await;
        assert_eq!(place["late_min"], 10, "{place}");
        // Whoever comes later is told with the place.
        let mut other = Patient::booked(&site, "2026-12-01T00:30:00Z", &nagi()).await;
        assert_eq!(other.waits(server).await.1["late_min"], 10);
        let taken_back = doctor.put(delay, json!({ "minutes": 0 })).await.expect(StatusCode::OK);
        assert_eq!(taken_back["items"][0]["minutes"], 0);
        assert_eq!(page.hear("late").await["minutes"], 0);

        // The desk says for whom; nobody says it of another clinic's, and none by other minutes.
        let mut desk = site.signed_in("desk").await;
        desk.put(delay, json!({ "minutes": 5 })).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        let whom = said["items"][0]["clinician_id"].clone();
        let for_doctor = json!({ "clinician_id": whom, "minutes": 5 });
        desk.put(delay, for_doctor).await.expect(StatusCode::OK);
        let foreign = json!({ "clinician_id": UMIKAZE_DOCTOR, "minutes": 5 });
        desk.put(delay, foreign).await.refused(StatusCode::NOT_FOUND, "not_found");
        for minutes in [-5, 1, 20] {
            doctor.put(delay, json!({ "minutes": minutes })).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        }
        // Tomorrow is another day.
        site.app.clock.advance(TimeDelta::hours(16));
        let mut doctor = site.signed_in("doctor").await;
        assert_eq!(doctor.get(delay).await.expect(StatusCode::OK)["items"], json!([]));
    }

    async fn a_page_of_the_day_hears_of_what_changed(site: Site) {
        let server = serve(&site).await;
        let mut doctor = site.signed_in("doctor").await;
        let mut elsewhere = site.signed_in("umikaze").await;
        let mut browser = site.browser();
        let held = browser.hold("2026-12-01T00:15:00Z").await.expect(StatusCode::CREATED);
        let id = held["id"].as_str().unwrap().to_owned();
        let (first, foreign) = (mark(&mut doctor).await, mark(&mut elsewhere).await);
        let waiting = tokio::spawn({
            let (mut doctor, after) = (doctor.clone(), format!("{CHANGES}?after={first}"));
            async move { doctor.get(&after).await.expect(StatusCode::OK)["mark"].clone() }
        });
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(!waiting.is_finished(), "nothing changed yet");
        let booked = std::time::Instant::now();
        browser.post(&format!("/api/bookings/{id}/confirm"), hana()).await.expect(StatusCode::OK);
        assert_ne!(waiting.await.unwrap(), first);
        assert!(booked.elapsed() < Duration::from_secs(5), "{:?}", booked.elapsed());

        // What must be clear before she is let in is in the list, and goes out of it.
        let open = ["location_confirmed", "emergency_contact", "surroundings"];
        assert_eq!(opens(&mut doctor).await, json!(open));
        let before = mark(&mut doctor).await;
        browser.put(&format!("/api/visits/{id}/place"), place()).await.expect(StatusCode::OK);
        assert_ne!(mark(&mut doctor).await, before);
        assert_eq!(opens(&mut doctor).await, json!([]));
        let before = mark(&mut doctor).await;
        let mut patient = Patient { browser, id };
        let _page = patient.waits(server).await;
        assert_ne!(mark(&mut doctor).await, before);
        // Of another clinic's day nobody hears anything.
        assert_eq!(mark(&mut elsewhere).await, foreign);
    }

    async fn patience_and_refusal_are_kept(site: Site) {
        let server = serve(&site).await;
        let mut doctor = site.signed_in("doctor").await;
        let mut patient = Patient::booked(&site, "2026-12-01T00:15:00Z", &hana()).await;
        let (mut page, _) = patient.waits(server).await;
        let (mut clinician, welcome) = doctors_page(&mut doctor, server, &patient.id).await;
        let who = welcome["snapshot"]["waiting"][0]["participant"].clone();
        clinician.say(json!({ "t": "hold", "participant": who })).await;
        page.hear("held").await;
        assert_eq!(clinician.hear("waiting").await["held"], true);
        let held = "SELECT count(*) FROM visit_participant WHERE held_at IS NOT NULL";
        assert_eq!(raw::numbers(&site.url, held).await, [1]);
        clinician.say(json!({ "t": "deny", "participant": who })).await;
        page.hear("denied").await;
        let denied = "SELECT count(*) FROM visit_participant AS p JOIN visit AS v ON v.booking_id = p.booking_id
            WHERE denied_at IS NOT NULL AND v.waiting_since IS NULL";
        assert_eq!(raw::numbers(&site.url, denied).await, [1]);
        // She asks again, from now on.
        site.app.clock.advance(TimeDelta::minutes(1));
        page.say(json!({ "t": "knock" })).await;
        assert_eq!(clinician.hear("waiting").await["event"], "entered");
        let since = "SELECT count(*) FROM visit_participant AS p JOIN visit AS v ON v.booking_id = p.booking_id
            WHERE p.role = 'patient' AND denied_at IS NULL AND v.waiting_since > '2026-12-01T00:00:30+00:00'";
        assert_eq!(raw::numbers(&site.url, since).await, [1]);
        let deeds = "SELECT action FROM audit_entry WHERE action IN ('visit.hold', 'visit.deny') ORDER BY id";
        assert_eq!(raw::texts(&site.url, deeds).await, ["visit.hold", "visit.deny"]);
    }

    async fn a_browser_that_is_known_needs_the_link_alone(site: Site) {
        let mut browser = site.browser();
        let booked = browser.book("2026-12-01T00:15:00Z", &hana()).await;
        let link = booked["link"].as_str().unwrap();
        let secret = link.split_once('#').unwrap().1;
        let id = &booked["booking"]["id"];
        let token = json!({ "token": secret });
        assert_eq!(browser.post("/api/visitor", token.clone()).await.expect(StatusCode::OK)["booking_id"], *id);
        // Another browser is told whom to telephone, and asked for the birth date.
        let mut other = site.browser();
        let asked = other.post("/api/visitor", token.clone()).await;
        assert!(!asked.text.contains("音無 花"), "{}", asked.text);
        let asked = asked.expect(StatusCode::OK);
        assert_eq!(asked["booking_id"], Value::Null);
        assert!(asked["facility"]["telephone"].as_str().is_some_and(|number| !number.is_empty()));
        other.get(&format!("/api/visits/{}", id.as_str().unwrap())).await.refused(StatusCode::UNAUTHORIZED, "signed_out");
        let wrong = json!({ "token": secret, "birth_date": "1948-05-04" });
        other.post("/api/visitor", wrong).await.refused(StatusCode::FORBIDDEN, "wrong_birth_date");
        let right = json!({ "token": secret, "birth_date": "1948-05-03" });
        assert_eq!(other.post("/api/visitor", right).await.expect(StatusCode::OK)["booking_id"], *id);
        assert_eq!(other.post("/api/visitor", token).await.expect(StatusCode::OK)["booking_id"], *id);
        let invented = json!({ "token": "A".repeat(43) });
        other.post("/api/visitor", invented).await.refused(StatusCode::NOT_FOUND, "not_found");
    }
}
