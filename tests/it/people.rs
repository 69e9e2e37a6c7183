//! Third persons in a visit, over real sockets: invited by the clinic, let in by the patient each
//! time, sent away for good.

use std::net::SocketAddr;

use axum::http::StatusCode;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{Browser, ORIGIN, Site, hana, on_both_engines, raw};
use crate::visit::{Page, serve, ticket};

mod beside;
mod listening;
mod servers;

/// A visit in which patient and doctor are.
struct Visit {
    id: String,
    server: SocketAddr,
    hers: Browser,
    doctor: Browser,
    patient: Page,
    clinician: Page,
}

impl Visit {
    async fn begun(site: &Site) -> Self {
        let server = serve(site).await;
        let (mut hers, mut doctor) = (site.browser(), site.signed_in("doctor").await);
        let booked = hers.book("2026-12-01T00:15:00Z", &hana()).await["booking"].take();
        let id = booked["id"].as_str().unwrap().to_owned();
        let mine = ticket(&mut hers, &format!("/api/visits/{id}")).await;
        let theirs = ticket(&mut doctor, &format!("/api/clinic/visits/{id}")).await;
        let mut patient = Page::open(server, &id, &mine).await;
        let mut clinician = Page::open(server, &id, &theirs).await;
        clinician.hear("welcome").await;
        patient.say(json!({ "t": "knock" })).await;
        let waiting = clinician.hear("waiting").await;
        clinician.say(json!({ "t": "admit", "participant": waiting["participant"] })).await;
        patient.hear("admitted").await;
        clinician.hear("admitted").await;
        Self { id, server, hers, doctor, patient, clinician }
    }

    fn people(&self) -> String {
        format!("/api/clinic/visits/{}/people", self.id)
    }

    /// Invites somebody: their part's id, and the secret of their link.
    async fn invite(&mut self, role: &str, name: &str) -> (Value, String) {
        let wish = json!({ "role": role, "name": name, "language": "ja" });
        let invited = self.doctor.post(&self.people(), wish).await.expect(StatusCode::CREATED);
        let link = invited["link"].as_str().unwrap();
        let secret = link.strip_prefix(&format!("{ORIGIN}/visit#g.")).unwrap();
        (invited["participant"].clone(), secret.to_owned())
    }

    /// Comes by a link, and waits.
    async fn come(&mut self, guest: &mut Browser, secret: &str) -> Page {
        let wish = json!({ "token": secret });
        let opened = guest.post("/api/visitor/guest", wish).await.expect(StatusCode::OK);
        assert_eq!(opened["booking_id"], self.id);
        self.wait(guest).await
    }

    /// Waits with a new socket; the clinic hears it.
    async fn wait(&mut self, guest: &mut Browser) -> Page {
        let good = ticket(guest, &format!("/api/visits/{}", self.id)).await;
        let mut page = Page::open(self.server, &self.id, &good).await;
        let welcome = page.hear("welcome").await;
        assert_eq!(welcome["snapshot"]["participants"].as_array().unwrap().len(), 1, "{welcome}");
        page.say(json!({ "t": "knock" })).await;
        // What is told of those who came before is not it.
        while self.clinician.hear("waiting").await["event"] != "entered" {}
        page
    }

    /// Invites a nurse, who comes and is let in by the patient's yes: their part's id, and their page.
    async fn let_in(&mut self, guest: &mut Browser) -> (Value, Page) {
        let (who, secret) = self.invite("nurse", "看護 緑").await;
        let mut page = self.come(guest, &secret).await;
        self.admit(&who).await;
        self.patient.hear("consent_request").await;
        self.answer(&who, true).await;
        page.hear("admitted").await;
        (who, page)
    }

    async fn admit(&mut self, who: &Value) {
        self.clinician.say(json!({ "t": "admit", "participant": who })).await;
    }

    async fn answer(&mut self, who: &Value, yes: bool) {
        self.patient.say(json!({ "t": "consent", "participant": who, "yes": yes })).await;
    }
}

on_both_engines! {
    async fn a_third_person_comes_in_by_the_patients_yes_every_time(site: Site) {
        let mut visit = Visit::begun(&site).await;
        let (who, secret) = visit.invite("interpreter", "手話 結").await;
        let mut guest = site.browser();
        let mut page = visit.come(&mut guest, &secret).await;
        // What the person may see is where to be; nothing of the patient.
        let room = guest.get(&format!("/api/visits/{}/guest", visit.id)).await;
        assert!(!room.text.contains("音無 花") && !room.text.contains("せきが"), "{}", room.text);
        let room = room.expect(StatusCode::OK);
        assert_eq!((&room["role"], &room["clinician"]["name"]), (&json!("interpreter"), &json!("音無 静")));
        for path in ["visits", "bookings"] {
            let theirs = guest.get(&format!("/api/{path}/{}", visit.id)).await;
            theirs.refused(StatusCode::NOT_FOUND, "not_found");
        }
        // Who waits hears and says nothing.
        visit.clinician.say(json!({ "t": "chat", "text": "secret" })).await;
        visit.patient.hear("chat").await;
        page.hears_no("chat").await;
        page.say(json!({ "t": "chat", "text": "hello" })).await;
        assert_eq!(page.hear("error").await["code"], "forbidden");

        visit.admit(&who).await;
        let asked = visit.patient.hear("consent_request").await;
        assert_eq!((&asked["participant"], &asked["name"], &asked["role"]),
            (&who, &json!("手話 結"), &json!("interpreter")));
        page.hears_no("admitted").await;
        visit.answer(&who, false).await;
        page.hear("denied").await;
        let rows = "SELECT answer || method FROM visit_consent ORDER BY id";
        assert_eq!(raw::texts(&site.url, rows).await, ["notapped"]);
        // What was answered is answered.
        visit.answer(&who, true).await;
        assert_eq!(visit.patient.hear("error").await["code"], "not_waiting");

        let again = json!({ "t": "knock" });
        page.say(again).await;
        while visit.clinician.hear("waiting").await["event"] != "entered" {}
        visit.admit(&who).await;
        visit.patient.hear("consent_request").await;
        visit.answer(&who, true).await;
        page.hear("admitted").await;
        let people = visit.patient.hear("participant").await;
        assert_eq!((&people["name"], &people["state"]), (&json!("手話 結"), &json!("joined")));
        visit.clinician.say(json!({ "t": "chat", "text": "welcome" })).await;
        page.hear("chat").await;
        let inside = "SELECT count(*) FROM visit_participant
            WHERE admitted_at IS NOT NULL AND consent_id IS NOT NULL";
        assert_eq!(raw::numbers(&site.url, inside).await, [1]);
        let listed = visit.doctor.get(&visit.people()).await.expect(StatusCode::OK);
        assert_eq!((&listed["items"][0]["state"], &listed["items"][0]["consent"]["answer"]), (&json!("inside"), &json!("yes")));

        // Another page of the same person is the same stay; going out ends it.
        let again = ticket(&mut guest, &format!("/api/visits/{}", visit.id)).await;
        let mut newer = Page::open(visit.server, &visit.id, &again).await;
        assert_eq!(newer.hear("welcome").await["snapshot"]["admission"], "admitted");
        newer.say(json!({ "t": "leave" })).await;
        assert_eq!(newer.closed().await, 1000);
        assert_eq!(raw::numbers(&site.url, inside).await, [0]);
        let mut back = visit.wait(&mut guest).await;
        visit.admit(&who).await;
        visit.patient.hear("consent_request").await;
        back.hears_no("admitted").await;
        visit.answer(&who, true).await;
        back.hear("admitted").await;
        assert_eq!(raw::texts(&site.url, rows).await, ["notapped", "yestapped", "yestapped"]);
        let deeds = "SELECT action FROM audit_entry
            WHERE action IN ('visit.invite', 'visit.guest', 'visit.consent', 'visit.leave') ORDER BY id";
        assert_eq!(raw::texts(&site.url, deeds).await,
            ["visit.invite", "visit.guest", "visit.consent", "visit.consent", "visit.leave", "visit.consent"]);
    }

    async fn whose_place_was_given_up_is_asked_about_again(site: Site) {
        let mut visit = Visit::begun(&site).await;
        let mut guest = site.browser();
        let (who, page) = visit.let_in(&mut guest).await;
        drop(page);
        visit.clinician.hear("participant").await;
        // Longer than a place is kept; nothing of it was noted yet.
        let inside = "SELECT count(*) FROM visit_participant WHERE consent_id IS NOT NULL";
        while visit.clinician.hear("participant").await["event"] != "reconnecting" {}
        site.app.clock.advance(TimeDelta::seconds(121));
        for (id, gone) in site.app.hub.sweep(site.app.clock.now()) {
            assert_eq!(json!(gone), who);
            onshin::actions::visit::participants::left(&site.app, id, gone).await.unwrap();
        }
        assert_eq!(raw::numbers(&site.url, inside).await, [0]);
        let mut back = visit.wait(&mut guest).await;
        back.hears_no("admitted").await;
    }

    async fn nobody_answers_for_the_patient(site: Site) {
        let mut visit = Visit::begun(&site).await;
        let (who, secret) = visit.invite("observer", "見学 学").await;
        let mut guest = site.browser();
        let mut page = visit.come(&mut guest, &secret).await;
        // Staff may not ask, and nobody but the patient may answer.
        let mut desk = site.signed_in("desk").await;
        let theirs = ticket(&mut desk, &format!("/api/clinic/visits/{}", visit.id)).await;
        let mut staff = Page::open(visit.server, &visit.id, &theirs).await;
        staff.hear("welcome").await;
        staff.say(json!({ "t": "admit", "participant": who })).await;
        assert_eq!(staff.hear("error").await["code"], "forbidden");
        visit.admit(&who).await;
        visit.patient.hear("consent_request").await;
        let yes = json!({ "t": "consent", "participant": who, "yes": true });
        for answers in [&mut visit.clinician, &mut staff, &mut page] {
            answers.say(yes.clone()).await;
            assert_eq!(answers.hear("error").await["code"], "forbidden");
        }
        page.hears_no("admitted").await;
        // She loads her page anew: she is asked again. She takes too long: the clinic may ask again.
        let again = ticket(&mut visit.hers, &format!("/api/visits/{}", visit.id)).await;
        visit.patient = Page::open(visit.server, &visit.id, &again).await;
        visit.patient.hear("consent_request").await;
        site.app.clock.advance(TimeDelta::seconds(60));
        site.app.hub.sweep(site.app.clock.now());
        assert_eq!(visit.clinician.hear("error").await["code"], "no_answer");
        visit.answer(&who, true).await;
        assert_eq!(visit.patient.hear("error").await["code"], "not_waiting");
        // She is away: nobody is asked, and nobody comes in.
        visit.patient.say(json!({ "t": "leave" })).await;
        assert_eq!(visit.patient.closed().await, 1000);
        visit.admit(&who).await;
        assert_eq!(visit.clinician.hear("error").await["code"], "patient_away");
        // What she says aloud is for her doctor to write down.
        let path = format!("{}/{}/consent", visit.people(), who.as_str().unwrap());
        let said = json!({ "answer": "yes" });
        desk.put(&path, said.clone()).await.refused(StatusCode::FORBIDDEN, "forbidden");
        let mut other = site.signed_in("umikaze").await;
        other.put(&path, said.clone()).await.refused(StatusCode::NOT_FOUND, "not_found");
        let listed = visit.doctor.put(&path, said.clone()).await.expect(StatusCode::OK);
        assert_eq!((&listed["items"][0]["state"], &listed["items"][0]["consent"]["method"]), (&json!("inside"), &json!("spoken")));
        page.hear("admitted").await;
        // Nobody is connected directly to whom only looks on: the room passes nothing of them on.
        assert_eq!(page.hear("topology").await["mode"], "room");
        visit.doctor.put(&path, said).await.refused(StatusCode::CONFLICT, "not_waiting");
        let heard = "SELECT count(*) FROM visit_consent WHERE account_id IS NOT NULL";
        assert_eq!(raw::numbers(&site.url, heard).await, [1]);
    }

    async fn a_link_is_for_one_browser_and_is_void_once_it_is_taken_back(site: Site) {
        let mut visit = Visit::begun(&site).await;
        let people = visit.people();
        let wish = |role: &str, name: &str| json!({ "role": role, "name": name, "language": "en" });
        for (role, name) in [("clinician", "x"), ("patient", "x"), ("staff", "x"), ("nurse", " "), ("nurse", &"x".repeat(101))] {
            visit.doctor.post(&people, wish(role, name)).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        }
        let mut elsewhere = site.signed_in("umikaze").await;
        elsewhere.post(&people, wish("nurse", "x")).await.refused(StatusCode::NOT_FOUND, "not_found");
        elsewhere.get(&people).await.refused(StatusCode::NOT_FOUND, "not_found");

        let (who, secret) = visit.invite("family_proxy", "音無 空").await;
        let token = json!({ "token": secret });
        let mut guest = site.browser();
        let mut page = visit.come(&mut guest, &secret).await;
        guest.post("/api/visitor/guest", token.clone()).await.expect(StatusCode::OK);
        let stranger = || site.browser();
        stranger().post("/api/visitor/guest", token.clone()).await.refused(StatusCode::CONFLICT, "invite_used");
        let invented = json!({ "token": "A".repeat(43) });
        stranger().post("/api/visitor/guest", invented).await.refused(StatusCode::NOT_FOUND, "not_found");
        // Of the patient nothing is in the database as it can be read, nor the secret.
        let names = "SELECT count(*) FROM visit_participant WHERE name IS NOT NULL";
        assert_eq!(raw::numbers(&site.url, names).await, [1]);

        let path = format!("{people}/{}", who.as_str().unwrap());
        elsewhere.delete(&path).await.refused(StatusCode::NOT_FOUND, "not_found");
        let listed = visit.doctor.delete(&path).await.expect(StatusCode::OK);
        assert_eq!(listed["items"][0]["state"], "removed");
        assert_eq!(page.closed().await, 4403);
        let tickets = format!("/api/visits/{}/signal-ticket", visit.id);
        guest.post(&tickets, json!({})).await.refused(StatusCode::NOT_FOUND, "not_found");
        guest.get(&format!("/api/visits/{}/guest", visit.id)).await.refused(StatusCode::NOT_FOUND, "not_found");
        guest.post("/api/visitor/guest", token).await.refused(StatusCode::NOT_FOUND, "not_found");

        // A link of yesterday; one that was taken back before it was opened.
        let (_, late) = visit.invite("nurse", "看護 緑").await;
        let (gone, void) = visit.invite("nurse", "看護 青").await;
        visit.doctor.delete(&format!("{people}/{}", gone.as_str().unwrap())).await.expect(StatusCode::OK);
        stranger().post("/api/visitor/guest", json!({ "token": void })).await.refused(StatusCode::NOT_FOUND, "not_found");
        site.app.clock.advance(TimeDelta::days(2));
        stranger().post("/api/visitor/guest", json!({ "token": late })).await.refused(StatusCode::CONFLICT, "invite_expired");
    }

    async fn the_doctor_sends_somebody_away_from_the_call(site: Site) {
        let mut visit = Visit::begun(&site).await;
        let mut guest = site.browser();
        let (who, mut page) = visit.let_in(&mut guest).await;
        // The patient may not; nor may the clinic's own be sent away.
        let out = |whom: &Value| json!({ "t": "remove", "participant": whom });
        visit.patient.say(out(&who)).await;
        assert_eq!(visit.patient.hear("error").await["code"], "forbidden");
        visit.clinician.say(out(&who)).await;
        assert_eq!(page.closed().await, 4403);
        let left = visit.patient.hear("participant").await;
        assert_eq!((&left["event"], &left["participant"]), (&json!("left"), &who));
        let row = "SELECT count(*) FROM visit_participant
            WHERE removed_at IS NOT NULL AND admitted_at IS NULL AND consent_id IS NULL AND stay = 2";
        assert_eq!(raw::numbers(&site.url, row).await, [1]);
        let tickets = format!("/api/visits/{}/signal-ticket", visit.id);
        guest.post(&tickets, json!({})).await.refused(StatusCode::NOT_FOUND, "not_found");
    }

    async fn a_call_that_is_hung_up_ends_every_stay(site: Site) {
        let mut visit = Visit::begun(&site).await;
        let mut guest = site.browser();
        let (_, mut page) = visit.let_in(&mut guest).await;
        visit.clinician.say(json!({ "t": "end" })).await;
        assert_eq!(page.closed().await, 4410);
        // Doctor and patient may take it up again; the nurse is asked about anew.
        let theirs = ticket(&mut visit.doctor, &format!("/api/clinic/visits/{}", visit.id)).await;
        visit.clinician = Page::open(visit.server, &visit.id, &theirs).await;
        visit.clinician.hear("welcome").await;
        let mut back = visit.wait(&mut guest).await;
        back.hears_no("admitted").await;
        let inside = "SELECT count(*) FROM visit_participant WHERE consent_id IS NOT NULL";
        assert_eq!(raw::numbers(&site.url, inside).await, [0]);
    }

    async fn a_remote_specialist_is_told_of_the_case_before(site: Site) {
        let mut visit = Visit::begun(&site).await;
        let people = visit.people();
        let wish = json!({ "role": "specialist", "name": "遠山 詠", "language": "ja",
            "responsibility": " 主治医が負う。皮膚の所見は遠山が述べる ", "briefed": true });
        for (field, value, code) in [
            ("responsibility", json!(" "), "required"), ("briefed", json!(false), "required"),
            ("responsibility", json!("負".repeat(2_001)), "too_long"),
        ] {
            let mut wish = wish.clone();
            wish[field] = value;
            let answer = visit.doctor.post(&people, wish).await;
            let body = answer.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
            assert!(body.to_string().contains(field) && body.to_string().contains(code), "{body}");
        }
        let invited = visit.doctor.post(&people, wish).await.expect(StatusCode::CREATED);
        assert_eq!(invited["responsibility"], "主治医が負う。皮膚の所見は遠山が述べる");
        let listed = visit.doctor.get(&people).await.expect(StatusCode::OK);
        assert_eq!(listed["items"][0]["responsibility"], invited["responsibility"]);
        // Not in the clear, and nobody is in without, whatever the program thinks.
        let kept = "SELECT count(*) FROM visit_participant WHERE briefed AND length(responsibility) > 60";
        assert_eq!(raw::numbers(&site.url, kept).await, [1]);
        let who = invited["participant"].clone();
        let secret = invited["link"].as_str().unwrap().split_once("#g.").unwrap().1.to_owned();
        let mut guest = site.browser();
        let mut page = visit.come(&mut guest, &secret).await;
        raw::execute(&site.url, "UPDATE visit_participant SET briefed = FALSE").await.unwrap();
        visit.admit(&who).await;
        visit.patient.hear("consent_request").await;
        visit.answer(&who, true).await;
        assert_eq!(visit.patient.hear("error").await["code"], "failed");
        raw::execute(&site.url, "UPDATE visit_participant SET briefed = TRUE WHERE role = 'specialist'").await.unwrap();
        visit.admit(&who).await;
        visit.patient.hear("consent_request").await;
        visit.answer(&who, true).await;
        page.hear("admitted").await;
        let undone = "UPDATE visit_participant SET responsibility = NULL WHERE role = 'specialist'";
        let refused = raw::execute(&site.url, undone).await.unwrap_err();
        assert!(refused.contains("visit_participant_specialist"), "{refused}");
    }

    async fn the_seventh_does_not_come_in(site: Site) {
        let mut visit = Visit::begun(&site).await;
        for number in 1..=5 {
            let (who, secret) = visit.invite("observer", &format!("見学 {number}")).await;
            let mut page = visit.come(&mut site.browser(), &secret).await;
            visit.admit(&who).await;
            if number < 5 {
                visit.patient.hear("consent_request").await;
                visit.answer(&who, true).await;
                page.hear("admitted").await;
            } else {
                assert_eq!(visit.clinician.hear("error").await["code"], "visit_full");
                visit.patient.hears_no("consent_request").await;
                // Nor by word of mouth.
                let path = format!("{}/{}/consent", visit.people(), who.as_str().unwrap());
                let full = visit.doctor.put(&path, json!({ "answer": "yes" })).await;
                full.refused(StatusCode::CONFLICT, "visit_full");
                page.hears_no("admitted").await;
            }
        }
    }
}
