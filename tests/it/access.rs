//! Who may do what: every row of the authorization table against every kind of caller, the same
//! site only, nobody else's bookings, nobody else's clinic, and sessions that end.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use chrono::TimeDelta;
use onshin::http::access::{Access, TABLE};
use onshin::model::person::Role;
use serde_json::{Value, json};

use crate::support::{
    Answer, Browser, NIGHT, NIGHT_VISIT, ORIGIN, Site, UMIKAZE_DOCTOR, hana, nagi, on_both_engines,
    raw,
};

/// An id that nothing has.
const NOTHING: &str = "0d3fffff-0000-0000-0000-000000000000";
/// The doctor of the clinic that is always open.
const NIGHT_DOCTOR: &str = "0d300200-0000-0000-0000-4ead72fa0000";

/// The logins of the demo, and what they are.
const ACCOUNTS: [(&str, Role); 5] = [
    ("doctor", Role::Clinician),
    ("desk", Role::ClinicStaff),
    ("station", Role::FacilityOperator),
    ("tokyo", Role::PrefectureAdmin),
    ("operator", Role::Operator),
];

/// What only doctors may do, of all that is a clinic's.
const DOCTORS: &[&str] = &[
    "/close",
    "/closing",
    "/basis",
    "/exchange-number",
    "/care-plan",
    "/care-plan/agree",
    "/consent",
];

/// An address that fits the route.
fn address(path: &str) -> String {
    let path = path.replace("{*rest}", "any").replace("{*file}", "any.js");
    let path = path.replace("/by/{file}", "/by/kind.csv");
    path.split('/')
        .map(|part| if part.starts_with('{') { NOTHING } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

fn is_safe(method: &Method) -> bool {
    *method == Method::GET || *method == Method::HEAD
}

/// A request of a page of this site.
fn ours(method: &Method, path: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(address(path)).header(header::ORIGIN, ORIGIN)
}

fn json_body(request: axum::http::request::Builder) -> Request<Body> {
    request.header(header::CONTENT_TYPE, "application/json").body(Body::from("{}")).unwrap()
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Who {
    Anonymous,
    Patient,
    Account(Role),
}

/// The code with which the guard turns a caller away; nothing where it lets them through.
fn turned_away(access: Access, who: Who) -> Option<(StatusCode, &'static str)> {
    let signed_out = Some((StatusCode::UNAUTHORIZED, "signed_out"));
    match (access, who) {
        (Access::Public | Access::Visitor | Access::Ticket, _)
        | (Access::Patient, Who::Patient) => None,
        (Access::Patient, _) | (Access::Staff(_), Who::Anonymous | Who::Patient) => signed_out,
        (Access::Staff(roles), Who::Account(role)) if roles.contains(&role) => None,
        (Access::Staff(_), Who::Account(_)) => Some((StatusCode::FORBIDDEN, "forbidden")),
    }
}

/// Rows as they are meant, said here a second time: the table is not its own witness.
fn meant(path: &str) -> Option<&'static [Who]> {
    const FILERS: &[Who] = &[
        Who::Account(Role::Clinician),
        Who::Account(Role::ClinicStaff),
        Who::Account(Role::FacilityOperator),
    ];
    const CLINIC: &[Who] = &[Who::Account(Role::Clinician), Who::Account(Role::ClinicStaff)];
    let doctors = DOCTORS.iter().any(|end| path.ends_with(end));
    if path.starts_with("/api/clinic/visits/") && doctors {
        Some(&CLINIC[..1])
    } else if path.starts_with("/api/clinic/") {
        Some(CLINIC)
    } else if path.starts_with("/api/filings") {
        Some(FILERS)
    } else if path.starts_with("/api/reception/") {
        Some(&FILERS[2..])
    } else if path.starts_with("/api/admin/") {
        Some(&[Who::Account(Role::PrefectureAdmin)])
    } else if path.starts_with("/api/bookings/") {
        Some(&[Who::Patient])
    } else {
        None
    }
}

async fn everybody(site: &Site) -> Vec<(Who, Browser)> {
    let mut patient = site.browser();
    patient.book("2026-12-01T03:00:00Z", &hana()).await;
    let mut all = vec![(Who::Anonymous, site.browser()), (Who::Patient, patient)];
    for (login, role) in ACCOUNTS {
        all.push((Who::Account(role), site.signed_in(login).await));
    }
    all
}

/// Sends a request of `method` to the row's route and compares with what the row says.
async fn check(who: Who, browser: &mut Browser, row: &(Method, &str, Access)) {
    let (method, path, access) = row;
    let answer = browser.request(json_body(ours(method, path))).await;
    let told = format!("{who:?} {method} {path}: {} {}", answer.status, answer.text);
    if let Some(meant) = meant(path) {
        assert_eq!(turned_away(*access, who).is_none(), meant.contains(&who), "{told}");
    }
    if let Some((status, code)) = turned_away(*access, who) {
        assert_eq!(answer.status, status, "{told}");
        answer.refused(status, code);
    } else {
        let through = !matches!(
            answer.status,
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::METHOD_NOT_ALLOWED
        );
        assert!(through && !answer.status.is_server_error(), "{told}");
    }
}

/// The same answer, but for what the caller named.
fn same(one: &Answer, other: &Answer) {
    assert_eq!((one.status, &one.text), (other.status, &other.text));
}

on_both_engines! {
    async fn every_row_of_the_table_holds_for_every_caller(site: Site) {
        for (who, mut browser) in everybody(&site).await {
            // Signing out comes last, since it ends the session.
            let (last, rows): (Vec<_>, Vec<_>) =
                TABLE.iter().partition(|row| row.0 == Method::DELETE && row.1 == "/api/session");
            for row in rows.into_iter().chain(last) {
                check(who, &mut browser, row).await;
            }
        }
    }

    async fn other_sites_change_nothing(site: Site) {
        let odd: [(&str, &[(&str, &str)]); 6] = [
            ("no origin", &[]),
            ("a foreign origin", &[("origin", "https://evil.example")]),
            ("a longer host", &[("origin", "http://onshin.test.evil.example")]),
            ("an opaque origin", &[("origin", "null")]),
            ("another site", &[("origin", ORIGIN), ("sec-fetch-site", "cross-site")]),
            ("a sibling", &[("origin", ORIGIN), ("sec-fetch-site", "same-site")]),
        ];
        for (who, mut browser) in everybody(&site).await {
            for (method, path, access) in TABLE {
                if is_safe(method) && *access != Access::Ticket {
                    continue;
                }
                for (what, headers) in odd {
                    let mut request = Request::builder().method(method).uri(address(path));
                    for (name, value) in headers {
                        request = request.header(*name, *value);
                    }
                    let answer = browser.request(json_body(request)).await;
                    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{who:?} {method} {path}: {what}");
                    answer.refused(StatusCode::FORBIDDEN, "cross_site");
                }
                if *method == Method::DELETE && *path == "/api/session" {
                    continue; // It would be signed out for the rows that follow.
                }
                // A page of ours says so in both ways, and is let through to what comes next.
                let request = ours(method, path).header("sec-fetch-site", "same-origin");
                let answer = browser.request(json_body(request)).await;
                assert!(!answer.text.contains("cross_site"), "{who:?} {method} {path}: {}", answer.text);
            }
        }
        // None of it kept anybody from the time that is booked, or booked another.
        assert_eq!(raw::numbers(&site.url, "SELECT count(*) FROM booking").await, [1]);
    }

    async fn unsafe_routes_cannot_be_asked_by_links_or_by_forms(site: Site) {
        let document = serde_json::to_value(onshin::http::openapi()).unwrap();
        for (_, mut browser) in everybody(&site).await {
            for (method, path, access) in TABLE.iter().filter(|row| !is_safe(&row.0)) {
                let gettable = TABLE.iter().any(|row| row.0 == Method::GET && row.1 == *path);
                if !gettable {
                    let answer = browser.request(ours(&Method::GET, path).body(Body::empty()).unwrap()).await;
                    let refused = matches!(answer.status.as_u16(), 404 | 405);
                    assert!(refused, "GET {path}: {} {}", answer.status, answer.text);
                }
                let has_body = !document["paths"][*path][method.as_str().to_lowercase()]["requestBody"].is_null();
                if !has_body || matches!(access, Access::Staff(_) | Access::Patient) {
                    continue;
                }
                text_is_no_json(&mut browser, method, path).await;
            }
        }
        // Those that need somebody, asked by that somebody.
        let (mut patient, mut desk, tokyo) =
            (site.browser(), site.signed_in("desk").await, site.signed_in("tokyo").await);
        patient.hold("2026-12-01T05:00:00Z").await.expect(StatusCode::CREATED);
        for (mut browser, method, path) in [
            (patient.clone(), Method::POST, "/api/bookings/{id}/confirm"),
            (patient.clone(), Method::POST, "/api/bookings/{id}/cancel"),
            (patient.clone(), Method::POST, "/api/bookings/{id}/move"),
            (desk.clone(), Method::POST, "/api/clinic/visits/{id}/cancel"),
            (desk.clone(), Method::POST, "/api/clinic/hours-changes"),
            (tokyo.clone(), Method::POST, "/api/admin/imports/drafts"),
        ] {
            text_is_no_json(&mut browser, &method, path).await;
        }
        let request = Request::builder().method(Method::PUT).header(header::ORIGIN, ORIGIN)
            .uri(format!("/api/clinic/services/{NIGHT_VISIT}"))
            .header(header::CONTENT_TYPE, "text/plain").body(Body::from("{}")).unwrap();
        desk.request(request).await.refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "wrong_media_type");
    }

    async fn nobody_finds_the_bookings_of_others(site: Site) {
        let (mut hers, mut his) = (site.browser(), site.browser());
        let booked = hers.book("2026-12-01T03:00:00Z", &hana()).await["booking"].take();
        his.book("2026-12-01T04:00:00Z", &nagi()).await;
        let held = hers.hold("2026-12-01T06:00:00Z").await.expect(StatusCode::CREATED);
        let to = json!({
            "clinician_id": booked["clinician"]["id"], "start": "2026-12-01T07:00:00Z",
            "version": booked["version"],
        });
        let device = json!({ "camera": true, "microphone": true, "speaker": true });
        let deeds: [(&str, Value); 8] = [
            ("bookings/ID/extend", json!({})), ("bookings/ID/release", json!({})),
            ("bookings/ID/confirm", nagi()), ("bookings/ID/cancel", json!({ "reason": "other" })),
            ("bookings/ID/move", to), ("bookings/ID/device-check", device),
            ("bookings/ID/line-check/1/finish", json!({})), ("visits/ID/signal-ticket", json!({})),
        ];
        for id in [&booked["id"], &held["id"]].map(|id| id.as_str().unwrap()) {
            for of in ["bookings", "visits"] {
                let theirs = his.get(&format!("/api/{of}/{id}")).await;
                same(&theirs, &his.get(&format!("/api/{of}/{NOTHING}")).await);
                theirs.refused(StatusCode::NOT_FOUND, "not_found");
            }
            for (deed, body) in &deeds {
                let of = |id: &str| format!("/api/{}", deed.replace("ID", id));
                let theirs = his.post(&of(id), body.clone()).await;
                same(&theirs, &his.post(&of(NOTHING), body.clone()).await);
                theirs.refused(StatusCode::NOT_FOUND, "not_found");
            }
        }
        let all = his.get("/api/bookings").await.expect(StatusCode::OK);
        assert_eq!(all["items"].as_array().unwrap().len(), 1);
        assert_eq!(all["items"][0]["patient_name"], "波野 凪");
        // What is not theirs is as it was.
        let now = hers.get(&format!("/api/bookings/{}", booked["id"].as_str().unwrap())).await;
        assert_eq!(now.expect(StatusCode::OK), booked);
    }

    async fn no_clinic_sees_or_changes_another(site: Site) {
        let mut patient = site.browser();
        let booked = patient.book("2026-12-01T03:00:00Z", &hana()).await["booking"].take();
        let id = booked["id"].as_str().unwrap();
        let (mut own, mut other) = (site.signed_in("desk").await, site.signed_in("umikaze").await);

        let seen = own.get("/api/clinic/visits?date=2026-12-01").await.expect(StatusCode::OK);
        assert_eq!(seen["items"][0]["patient"]["name"], "音無 花");
        let seen = other.get("/api/clinic/visits?date=2026-12-01").await.expect(StatusCode::OK);
        assert_eq!(seen["items"], json!([]));

        let reason = json!({ "reason": "clinic_unavailable" });
        let theirs = other.get(&format!("/api/clinic/visits/{id}")).await;
        same(&theirs, &other.get(&format!("/api/clinic/visits/{NOTHING}")).await);
        theirs.refused(StatusCode::NOT_FOUND, "not_found");
        for (deed, body) in [
            ("cancel", reason.clone()), ("signal-ticket", json!({})),
            ("close", json!({ "outcome": "patient_absent" })),
        ] {
            let of = |id: &str| format!("/api/clinic/visits/{id}/{deed}");
            let theirs = other.post(&of(id), body.clone()).await;
            same(&theirs, &other.post(&of(NOTHING), body).await);
            theirs.refused(StatusCode::NOT_FOUND, "not_found");
        }

        let hours = format!("/api/clinic/hours?clinician={NIGHT_DOCTOR}");
        let before = own.get(&hours).await.expect(StatusCode::OK);
        other.get(&hours).await.refused(StatusCode::NOT_FOUND, "not_found");
        let changes = "/api/clinic/hours-changes";
        let edit = |hours: Value| json!({ "edits": [{ "kind": "weekly_hours",
            "clinician_id": NIGHT_DOCTOR, "version": before["version"], "hours": hours }] });
        other.post(changes, edit(json!([]))).await.refused(StatusCode::NOT_FOUND, "not_found");
        assert_eq!(own.get(&hours).await.expect(StatusCode::OK), before);
        let not_ours = format!("/api/clinic/hours?clinician={UMIKAZE_DOCTOR}");
        own.get(&not_ours).await.refused(StatusCode::NOT_FOUND, "not_found");
        // Hours of one's own doctor for a visit of another clinic's.
        let foreign = json!([{ "weekday": 1, "opens": 540, "closes": 600,
            "service_id": "0d300300-0000-0000-0000-4ead730c0000" }]);
        own.post(changes, edit(foreign)).await.refused(StatusCode::NOT_FOUND, "not_found");
        assert_eq!(own.get(&hours).await.expect(StatusCode::OK), before);

        let closed = |whose: &str| json!([{ "kind": "add_exception", "clinician_id": whose,
            "date": "2026-12-02", "difference": "closed", "note": "研修" }]);
        let listed = "/api/clinic/exceptions?from=2026-12-01&to=2026-12-31";
        other.post(changes, json!({ "edits": closed(NIGHT_DOCTOR) })).await
            .refused(StatusCode::NOT_FOUND, "not_found");
        let added = own.change_hours(closed(NIGHT_DOCTOR)).await["edits"][0]["exception_id"].take();
        assert_eq!(other.get(listed).await.expect(StatusCode::OK)["items"], json!([]));
        let gone = |id: &Value| json!([{ "kind": "remove_exception", "exception_id": id }]);
        let theirs = other.post(changes, json!({ "edits": gone(&added) })).await;
        same(&theirs, &other.post(changes, json!({ "edits": gone(&json!(NOTHING)) })).await);
        theirs.refused(StatusCode::NOT_FOUND, "not_found");
        assert_eq!(own.get(listed).await.expect(StatusCode::OK)["items"].as_array().unwrap().len(), 1);
        own.change_hours(gone(&added)).await;

        // The booking is as it was, and its own clinic may cancel it.
        assert_eq!(patient.get(&format!("/api/bookings/{id}")).await.expect(StatusCode::OK), booked);
        let done = own.post(&format!("/api/clinic/visits/{id}/cancel"), reason).await;
        assert_eq!(done.expect(StatusCode::OK)["status"], "cancelled");
        let doctors = other.get("/api/clinic/clinicians").await.expect(StatusCode::OK);
        let names: Vec<_> = doctors["items"].as_array().unwrap().iter().map(|d| &d["name"]).collect();
        assert!(names.contains(&&json!("海野 渚")) && !names.contains(&&json!("音無 静")), "{names:?}");
    }

    async fn sessions_end(site: Site) {
        // By signing out: the cookie of before opens nothing, another device's does.
        let mut desk = site.signed_in("desk").await;
        let (mut kept, mut second) = (desk.clone(), site.signed_in("desk").await);
        desk.delete("/api/session").await.expect(StatusCode::NO_CONTENT);
        for browser in [&mut desk, &mut kept] {
            browser.get("/api/session").await.refused(StatusCode::UNAUTHORIZED, "signed_out");
        }
        second.get("/api/session").await.expect(StatusCode::OK);

        // By lying idle for an hour; use before that keeps it alive, but not for ever.
        site.app.clock.advance(TimeDelta::minutes(59));
        second.get("/api/session").await.expect(StatusCode::OK);
        site.app.clock.advance(TimeDelta::minutes(60));
        second.get("/api/session").await.refused(StatusCode::UNAUTHORIZED, "signed_out");
        let mut busy = site.signed_in("desk").await;
        for _ in 0..14 {
            site.app.clock.advance(TimeDelta::minutes(50));
            busy.get("/api/session").await.expect(StatusCode::OK);
        }
        site.app.clock.advance(TimeDelta::minutes(20));
        busy.get("/api/session").await.refused(StatusCode::UNAUTHORIZED, "signed_out");

        // By the account being disabled.
        let mut doctor = site.signed_in("doctor").await;
        doctor.get("/api/clinic/visits").await.expect(StatusCode::OK);
        let sql = "UPDATE account SET disabled_at = created_at WHERE login = 'doctor'";
        raw::execute(&site.url, sql).await.unwrap();
        doctor.get("/api/clinic/visits").await.refused(StatusCode::UNAUTHORIZED, "signed_out");
        let again = sign_in(&mut doctor, "doctor", onshin::actions::demo::PASSWORD).await;
        again.refused(StatusCode::FORBIDDEN, "wrong_login");
    }

    async fn a_patients_session_ends_too(site: Site) {
        let mut hers = site.browser();
        hers.book("2026-12-02T03:00:00Z", &hana()).await;
        site.app.clock.advance(TimeDelta::hours(11));
        hers.get("/api/bookings").await.expect(StatusCode::OK);
        site.app.clock.advance(TimeDelta::hours(1));
        hers.get("/api/bookings").await.refused(StatusCode::UNAUTHORIZED, "signed_out");
    }

    async fn a_wrong_login_tells_nothing(site: Site) {
        let (mut one, mut two) = (site.browser(), site.browser());
        let password = sign_in(&mut one, "desk", "not the password").await;
        let login = sign_in(&mut two, "nobody-of-this-name", onshin::actions::demo::PASSWORD).await;
        same(&password, &login);
        assert!(password.headers.get(header::SET_COOKIE).is_none());
        password.refused(StatusCode::FORBIDDEN, "wrong_login");
        // Neither a longer nor an empty password is another matter.
        for odd in ["", &"x".repeat(5000)] {
            same(&login, &sign_in(&mut two, "desk", odd).await);
        }
    }

    async fn guessing_is_slowed_down(site: Site) {
        // One address, whichever logins it tries: ten at once, one more each twenty seconds, of
        // which a busy machine may see some pass.
        let mut guesser = site.browser();
        let mut tried = 0;
        let last = loop {
            let answer = sign_in(&mut guesser, &format!("guess-{tried}"), "wrong").await;
            if answer.status == StatusCode::TOO_MANY_REQUESTS {
                break answer;
            }
            answer.refused(StatusCode::FORBIDDEN, "wrong_login");
            tried += 1;
            assert!(tried < 15, "nobody stops it");
        };
        assert!(tried >= 10, "{tried}");
        limited(last);
        // With the right password it is no other matter.
        limited(sign_in(&mut guesser, "desk", onshin::actions::demo::PASSWORD).await);
        site.signed_in("desk").await;

        // One link, from whichever address, even with the right date at last.
        let booked = site.browser().book("2026-12-01T03:00:00Z", &hana()).await;
        let secret = booked["link"].as_str().unwrap().split_once('#').unwrap().1.to_owned();
        let wish = |date: &str| json!({ "token": secret, "birth_date": date });
        for day in 1..=5 {
            let answer = site.browser().post("/api/visitor", wish(&format!("1948-06-0{day}"))).await;
            answer.refused(StatusCode::FORBIDDEN, "wrong_birth_date");
        }
        limited(site.browser().post("/api/visitor", wish("1948-05-03")).await);

        // One address, whichever links it tries.
        let mut guesser = site.browser();
        for turn in 0..20 {
            let wish = json!({ "token": format!("{turn:043}"), "birth_date": "1948-05-03" });
            guesser.post("/api/visitor", wish).await.refused(StatusCode::NOT_FOUND, "not_found");
        }
        let wish = json!({ "token": format!("{:043}", 99), "birth_date": "1948-05-03" });
        limited(guesser.post("/api/visitor", wish).await);
        assert_eq!(raw::numbers(&site.url, "SELECT count(*) FROM session_booking").await, [1]);
    }
}

async fn sign_in(browser: &mut Browser, login: &str, password: &str) -> Answer {
    browser.post("/api/session", json!({ "login": login, "password": password })).await
}

/// That it was one try too many, and says for how long to wait.
fn limited(answer: Answer) {
    let wait = answer.headers.get(header::RETRY_AFTER).cloned();
    answer.refused(StatusCode::TOO_MANY_REQUESTS, "rate_limited");
    let wait: u32 = wait.unwrap().to_str().unwrap().parse().unwrap();
    assert!((1..=180).contains(&wait), "{wait}");
}

/// That a body which a form of another site could send is refused for its kind.
async fn text_is_no_json(browser: &mut Browser, method: &Method, path: &str) {
    for kind in ["text/plain", "application/x-www-form-urlencoded"] {
        let request = ours(method, path).header(header::CONTENT_TYPE, kind);
        let answer = browser.request(request.body(Body::from("{}")).unwrap()).await;
        assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{path}: {}", answer.text);
        answer.refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "wrong_media_type");
    }
}

#[test]
fn the_ids_of_this_file_are_those_of_the_demo() {
    assert_eq!(NIGHT.replace("0d3001", "0d3002"), NIGHT_DOCTOR);
}
