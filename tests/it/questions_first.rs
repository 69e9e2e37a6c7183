//! The basis of a first visit, what a repeat visit follows, and talks before care.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::closing::facts;
use crate::questions::{FIRST, FIRST_AT, REPEAT, TALK, first, hold, known, told};
use crate::support::{Browser, Site, hana, nagi, on_both_engines, place, raw};
use crate::visit::{Page, serve, ticket};

/// 9:00 on Wednesday, for repeat visits; 17:00 on Friday, for talks.
const REPEAT_AT: &str = "2026-12-02T00:00:00Z";
const TALK_AT: &str = "2026-12-04T08:00:00Z";

async fn confirm(browser: &mut Browser, path: &str, wish: Value) -> crate::support::Answer {
    browser.post(&format!("{path}/confirm"), wish).await
}

fn of(path: &str) -> String {
    path.replace("/api/bookings/", "/api/clinic/visits/")
}

/// The field and the code of the one thing that is wrong.
fn fault(problem: &Value) -> (&str, &str) {
    assert_eq!(problem["errors"].as_array().unwrap().len(), 1, "{problem}");
    let error = &problem["errors"][0];
    (error["pointer"].as_str().unwrap(), error["code"].as_str().unwrap())
}

/// Lets the visits of a service take place, as far as the closing form looks.
async fn begin(site: &Site, service: &str) {
    let service = raw::id(&site.url, service);
    let ids = format!("SELECT id FROM booking WHERE service_id = {service} AND status = 'booked'");
    let seen = format!(
        "UPDATE visit SET patient_video_seconds = 60, clinician_video_seconds = 60 WHERE booking_id IN ({ids})"
    );
    raw::execute(&site.url, &seen).await.unwrap();
    let begun = format!("UPDATE booking SET status = 'in_progress' WHERE id IN ({ids})");
    raw::execute(&site.url, &begun).await.unwrap();
}

/// Books a talk before care and closes it with this outcome.
async fn talk(site: &Site, who: Value, start: &str, outcome: &str) {
    let mut browser = site.browser();
    let path = hold(&mut browser, TALK, start).await;
    let mut wish = told(who);
    wish["refusal_acknowledged"] = json!(true);
    wish["fee_acknowledged"] = json!(true);
    confirm(&mut browser, &path, wish).await.expect(StatusCode::OK);
    begin(site, TALK).await;
    let close = json!({ "outcome": "done", "pre_consultation_outcome": outcome });
    let mut doctor = site.signed_in("kodama").await;
    doctor.post(&format!("{}/close", of(&path)), close).await.expect(StatusCode::OK);
}

on_both_engines! {
    async fn a_first_visit_without_a_basis_is_the_clinics_to_decide(site: Site) {
        let (mut hers, mut his) = (site.browser(), site.browser());
        let path = hold(&mut hers, FIRST, FIRST_AT).await;
        let done = confirm(&mut hers, &path, first(hana())).await.expect(StatusCode::OK);
        assert_eq!(done["booking"]["status"], "requested");
        let mut clinic = site.signed_in("kodama").await;
        let waiting = clinic.get("/api/clinic/requests").await.expect(StatusCode::OK);
        assert_eq!(waiting["items"].as_array().unwrap().len(), 1);

        // Or it is refused, where the clinic chose so.
        let rule = format!("/api/clinic/services/{FIRST}/first-visit");
        let refuse = json!({ "without_basis": "refuse" });
        site.signed_in("desk").await.put(&rule, refuse.clone()).await.refused(StatusCode::NOT_FOUND, "not_found");
        assert_eq!(clinic.get(&rule).await.expect(StatusCode::OK), json!({ "without_basis": "request" }));
        clinic.put(&rule, refuse.clone()).await.expect(StatusCode::OK);
        assert_eq!(clinic.get(&rule).await.expect(StatusCode::OK), refuse);
        let path = hold(&mut his, FIRST, "2026-12-04T06:30:00Z").await;
        let refused = confirm(&mut his, &path, first(nagi())).await;
        refused.refused(StatusCode::CONFLICT, "first_visit_basis_required");
        confirm(&mut his, &path, known(nagi())).await.expect(StatusCode::OK);
    }

    async fn each_basis_needs_what_it_rests_on(site: Site) {
        let mut hers = site.browser();
        let path = hold(&mut hers, FIRST, FIRST_AT).await;
        let basis = |basis: &str| {
            let mut wish = first(hana());
            wish["first_visit_basis"] = json!(basis);
            wish
        };
        let told = confirm(&mut hers, &path, basis("kakaritsuke")).await;
        let told = told.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        assert_eq!(fault(&told), ("/last_in_person_on", "required"));
        let mut tomorrow = basis("kakaritsuke");
        tomorrow["last_in_person_on"] = json!("2026-12-02");
        let told = confirm(&mut hers, &path, tomorrow).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        assert_eq!(fault(&told), ("/last_in_person_on", "in_future"));
        let told = confirm(&mut hers, &path, basis("info_sufficient")).await;
        let told = told.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        assert_eq!(fault(&told), ("/medical_information_source", "required"));
        let told = confirm(&mut hers, &path, basis("pre_consultation")).await;
        told.refused(StatusCode::CONFLICT, "no_pre_consultation");
        assert_eq!(raw::numbers(&site.url, "SELECT count(*) FROM patient").await, [0]);
        let mut records = basis("info_sufficient");
        records["medical_information_source"] = json!(["referral_letter"]);
        let done = confirm(&mut hers, &path, records).await.expect(StatusCode::OK);
        assert_eq!(done["booking"]["status"], "booked");
    }

    async fn a_talk_before_care_is_acknowledged_and_becomes_a_basis(site: Site) {
        // Nobody books one without knowing that care may be refused, and the fee.
        let mut hers = site.browser();
        let terms = hers.get(&format!("/api/services/{TALK}/terms")).await.expect(StatusCode::OK);
        assert_eq!(terms["acknowledge"], json!(["refusal", "fee"]));
        let path = hold(&mut hers, TALK, TALK_AT).await;
        let refused = confirm(&mut hers, &path, told(hana())).await;
        let refused = refused.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        let pointers: Vec<_> = refused["errors"].as_array().unwrap().iter().map(|e| &e["pointer"]).collect();
        assert_eq!(pointers, ["/refusal_acknowledged", "/fee_acknowledged"]);
        hers.post(&format!("{path}/release"), json!({})).await.expect(StatusCode::NO_CONTENT);

        talk(&site, hana(), TALK_AT, "in_person_here").await;
        let mut wish = first(hana());
        wish["first_visit_basis"] = json!("pre_consultation");
        let path = hold(&mut hers, FIRST, FIRST_AT).await;
        let refused = confirm(&mut hers, &path, wish.clone()).await;
        refused.refused(StatusCode::CONFLICT, "no_pre_consultation");
        // Somebody else's talk is not hers, nor is one at another clinic.
        talk(&site, nagi(), "2026-12-04T08:20:00Z", "proceed_online").await;
        let refused = confirm(&mut hers, &path, wish.clone()).await;
        refused.refused(StatusCode::CONFLICT, "no_pre_consultation");
        talk(&site, hana(), "2026-12-07T08:00:00Z", "proceed_online").await;
        let done = confirm(&mut hers, &path, wish).await.expect(StatusCode::OK);
        assert_eq!(done["booking"]["status"], "booked");
        let mut clinic = site.signed_in("kodama").await;
        let read = clinic.get(&format!("{}/intake", of(&path))).await.expect(StatusCode::OK);
        assert_eq!(read["first_visit"]["basis"], "pre_consultation");
        assert!(read["first_visit"]["pre_consultation_id"].is_string());
        // The database's own word: a talk after which care was not agreed is no basis.
        let lie = "UPDATE intake SET first_visit_basis = 'pre_consultation', pre_consultation_outcome = 'proceed_online',
            pre_consultation_id = (SELECT booking_id FROM pre_consultation WHERE outcome = 'in_person_here')
            WHERE first_visit_basis IS NOT NULL";
        let told = raw::execute(&site.url, lie).await.unwrap_err().to_lowercase();
        assert!(told.contains("foreign key"), "{told}");
    }

    async fn an_outcome_of_a_talk_is_of_a_talk_that_took_place(site: Site) {
        let mut hers = site.browser();
        let path = hold(&mut hers, FIRST, FIRST_AT).await;
        confirm(&mut hers, &path, known(hana())).await.expect(StatusCode::OK);
        begin(&site, FIRST).await;
        let mut doctor = site.signed_in("kodama").await;
        let close = json!({ "outcome": "done", "pre_consultation_outcome": "decline", "facts": facts() });
        let told = doctor.post(&format!("{}/close", of(&path)), close).await;
        let told = told.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        assert_eq!(fault(&told), ("/pre_consultation_outcome", "unknown"));
        let close = json!({ "outcome": "done", "facts": facts() });
        doctor.post(&format!("{}/close", of(&path)), close).await.expect(StatusCode::OK);
    }

    async fn a_repeat_visit_follows_another_here(site: Site) {
        let mut hers = site.browser();
        let path = hold(&mut hers, REPEAT, REPEAT_AT).await;
        let refused = confirm(&mut hers, &path, told(hana())).await;
        let refused = refused.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        assert_eq!(fault(&refused), ("/last_in_person_on", "required"));
        // A talk before care is no visit; what the patient says is enough.
        talk(&site, hana(), TALK_AT, "proceed_online").await;
        let refused = confirm(&mut hers, &path, told(hana())).await;
        refused.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        let mut wish = told(hana());
        wish["last_in_person_on"] = json!("2026-11-02");
        let done = confirm(&mut hers, &path, wish).await.expect(StatusCode::OK);
        assert_eq!(done["booking"]["status"], "booked");
        // After that visit took place the next needs nothing said.
        begin(&site, REPEAT).await;
        let mut doctor = site.signed_in("kodama").await;
        doctor.post(&format!("{}/close", of(&path)), json!({ "outcome": "done", "facts": facts() })).await.expect(StatusCode::OK);
        let path = hold(&mut hers, REPEAT, "2026-12-02T00:30:00Z").await;
        confirm(&mut hers, &path, told(hana())).await.expect(StatusCode::OK);
    }

    async fn a_family_books_for_a_child(site: Site) {
        let mut hers = site.browser();
        let path = hold(&mut hers, FIRST, FIRST_AT).await;
        let mut wish = known(hana());
        wish["for_whom"] = json!("family");
        wish["relation"] = json!("母");
        wish["booker_name"] = json!("音無 咲");
        wish["birth_date"] = json!("2021-02-03");
        let done = confirm(&mut hers, &path, wish).await.expect(StatusCode::OK);
        assert_eq!(done["booking"]["patient_name"], "音無 花");
        let day = site.signed_in("kodama").await.get("/api/clinic/visits?date=2026-12-04").await;
        assert_eq!(day.expect(StatusCode::OK)["items"][0]["patient"]["booker_name"], "音無 咲");
    }

    async fn nobody_is_let_into_a_first_visit_without_a_basis(site: Site) {
        let server = serve(&site).await;
        let mut hers = site.browser();
        let path = hold(&mut hers, FIRST, "2026-12-01T06:00:00Z").await;
        let done = confirm(&mut hers, &path, first(hana())).await.expect(StatusCode::OK);
        let id = done["booking"]["id"].as_str().unwrap();
        let mut doctor = site.signed_in("kodama").await;
        let approve = json!({ "version": done["booking"]["version"] });
        doctor.post(&format!("/api/clinic/requests/{id}/approve"), approve).await.expect(StatusCode::OK);
        site.app.clock.set("2026-12-01T05:50:00Z".parse().unwrap());
        let mut doctor = site.signed_in("kodama").await;
        let mine = ticket(&mut hers, &format!("/api/visits/{id}")).await;
        let theirs = ticket(&mut doctor, &format!("/api/clinic/visits/{id}")).await;
        let mut patient = Page::open(server, id, &mine).await;
        let mut clinician = Page::open(server, id, &theirs).await;
        clinician.hear("welcome").await;
        patient.say(json!({ "t": "knock" })).await;
        let waiting = clinician.hear("waiting").await;
        let admit = json!({ "t": "admit", "participant": waiting["participant"] });
        clinician.say(admit.clone()).await;
        assert_eq!(clinician.hear("error").await["code"], "first_visit_basis_missing");

        // The doctor sees what there is, and says what it rests on.
        let basis = format!("{}/basis", of(&path));
        let said = |basis: &str, version: i64| json!({ "version": version, "basis": basis });
        doctor.put(&basis, said("info_sufficient", 1)).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        doctor.put(&basis, said("pre_consultation", 1)).await.refused(StatusCode::CONFLICT, "no_pre_consultation");
        let mut wish = said("info_sufficient", 1);
        wish["medical_information_source"] = json!(["past_records"]);
        let mut other = site.signed_in("doctor").await;
        other.put(&basis, wish.clone()).await.refused(StatusCode::NOT_FOUND, "not_found");
        let read = doctor.put(&basis, wish.clone()).await.expect(StatusCode::OK);
        assert_eq!(read["first_visit"]["medical_information_source"], json!(["past_records"]));
        assert_eq!(read["first_visit"]["confirmed_at"], "2026-12-01T05:50:00Z");
        // The answers beside it are as they were.
        assert_eq!(read["questionnaire"]["items"][3]["answer"], "金剛錠 5mg 朝1錠");
        doctor.put(&basis, wish).await.refused(StatusCode::CONFLICT, "stale");
        hers.put(&format!("/api/visits/{id}/place"), place()).await.expect(StatusCode::OK);
        clinician.say(admit.clone()).await;
        patient.hear("admitted").await;
    }

    async fn nobody_is_let_in_who_no_longer_agrees(site: Site) {
        let server = serve(&site).await;
        let mut hers = site.browser();
        let path = hold(&mut hers, FIRST, "2026-12-01T06:00:00Z").await;
        let done = confirm(&mut hers, &path, known(hana())).await.expect(StatusCode::OK);
        let id = done["booking"]["id"].as_str().unwrap();
        hers.post(&format!("{path}/consents/online_care/withdraw"), json!({})).await.expect(StatusCode::NO_CONTENT);
        site.app.clock.set("2026-12-01T05:50:00Z".parse().unwrap());
        let mut doctor = site.signed_in("kodama").await;
        let mine = ticket(&mut hers, &format!("/api/visits/{id}")).await;
        let theirs = ticket(&mut doctor, &format!("/api/clinic/visits/{id}")).await;
        let mut patient = Page::open(server, id, &mine).await;
        let mut clinician = Page::open(server, id, &theirs).await;
        clinician.hear("welcome").await;
        patient.say(json!({ "t": "knock" })).await;
        let waiting = clinician.hear("waiting").await;
        clinician.say(json!({ "t": "admit", "participant": waiting["participant"] })).await;
        assert_eq!(clinician.hear("error").await["code"], "consent_withdrawn");
        patient.hears_no("admitted").await;
    }

    async fn a_first_visit_asks_the_houses_questions_until_the_clinic_has_its_own(site: Site) {
        // The always open clinic turns its only service into one for first visits.
        let night = raw::id(&site.url, crate::support::NIGHT_VISIT);
        let turn = format!("UPDATE service SET visit = 'first', version = version + 1 WHERE id = {night}");
        raw::execute(&site.url, &turn).await.unwrap();
        let (mut hers, mut desk) = (site.browser(), site.signed_in("desk").await);
        let asked = format!("/api/services/{}/questionnaire", crate::support::NIGHT_VISIT);
        let asked = hers.get(&asked).await.expect(StatusCode::OK);
        assert_eq!(asked["version"], 1);
        let wish = |who: Value| {
            let mut wish = known(who);
            for field in ["triage", "triage_version", "fee_version"] {
                wish.as_object_mut().unwrap().remove(field);
            }
            wish
        };
        let mut his = site.browser();
        hers.book("2026-12-01T03:00:00Z", &wish(hana())).await;
        his.book("2026-12-01T04:00:00Z", &wish(nagi())).await;
        assert_eq!(raw::numbers(&site.url, "SELECT count(*) FROM questionnaire_version").await, [2]);
        let edit = format!("/api/clinic/services/{}/questionnaire", crate::support::NIGHT_VISIT);
        let list = desk.get(&edit).await.expect(StatusCode::OK);
        assert_eq!((&list["version"], &list["questions"]), (&json!(1), &asked["questions"]));
        let put = json!({ "version": 1, "questions": [] });
        assert_eq!(desk.put(&edit, put).await.expect(StatusCode::OK)["version"], 2);
    }
}
