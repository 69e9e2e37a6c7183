//! What is asked, told and agreed before a visit: versions, faults by their place, refusals that
//! bring what stands now, and what the clinic reads afterwards.

use axum::http::StatusCode;
use onshin::actions::demo;
use onshin::model::person::Actor;
use serde_json::{Value, json};

use crate::support::{Answer, Browser, Site, hana, nagi, on_both_engines, raw};

/// The clinic of the demo with a service of each kind.
pub(crate) const KODAMA: &str = "0d300100-0000-0000-0000-4ead73140000";
pub(crate) const REPEAT: &str = "0d300300-0000-0000-0000-4ead73140000";
pub(crate) const TALK: &str = "0d300300-0000-0000-0000-4ead73140001";
pub(crate) const FIRST: &str = "0d300300-0000-0000-0000-4ead73140002";
pub(crate) const SELF_PAY: &str = "0d300300-0000-0000-0000-4ead73140003";

/// A time of its first visits: 15:00 on Friday.
pub(crate) const FIRST_AT: &str = "2026-12-04T06:00:00Z";

/// Holds a time of a service at the clinic; the path of the hold.
pub(crate) async fn hold(browser: &mut Browser, service: &str, start: &str) -> String {
    let wish = json!({ "facility_id": KODAMA, "service_id": service, "start": start });
    let held = browser.post("/api/bookings", wish).await.expect(StatusCode::CREATED);
    format!("/api/bookings/{}", held["id"].as_str().unwrap())
}

/// The answers of `who` with both consents, the clinic's signs denied, and the first fees.
pub(crate) fn told(who: Value) -> Value {
    let mut wish = who;
    wish.as_object_mut().unwrap().remove("consent");
    wish["consents"] = json!([
        { "kind": "online_care", "version": 1 }, { "kind": "privacy", "version": 1 },
    ]);
    wish["triage_version"] = json!(1);
    wish["triage"] = json!({ "limp": false, "hard_to_breathe": false });
    wish["fee_version"] = json!(1);
    wish
}

/// The same for a first visit, with its questions answered.
pub(crate) fn first(who: Value) -> Value {
    let mut wish = told(who);
    wish["questionnaire_version"] = json!(1);
    wish["answers"] = json!({
        "symptom_since": "days", "takes_medicines": true, "medicines": "金剛錠 5mg 朝1錠",
        "has_allergies": false, "has_past_history": false, "pregnancy": "no",
    });
    wish
}

/// The same with the doctor who knows the patient.
pub(crate) fn known(who: Value) -> Value {
    let mut wish = first(who);
    wish["first_visit_basis"] = json!("kakaritsuke");
    wish["last_in_person_on"] = json!("2026-05-01");
    wish
}

async fn confirm(browser: &mut Browser, path: &str, wish: &Value) -> Answer {
    browser.post(&format!("{path}/confirm"), wish.clone()).await
}

/// Pointers and codes of what is wrong.
fn faults(problem: &Value) -> Vec<(&str, &str)> {
    let errors = problem["errors"].as_array().unwrap();
    errors.iter().map(|e| (e["pointer"].as_str().unwrap(), e["code"].as_str().unwrap())).collect()
}

fn of(path: &str) -> String {
    path.replace("/api/bookings/", "/api/clinic/visits/")
}

on_both_engines! {
    async fn a_patient_answers_and_the_clinic_reads(site: Site) {
        let mut hers = site.browser();
        let asked = hers.get(&format!("/api/services/{FIRST}/questionnaire")).await;
        let asked = asked.expect(StatusCode::OK);
        assert_eq!((&asked["version"], &asked["red_flags"]["version"]), (&json!(1), &json!(1)));
        assert_eq!(asked["first_visit"], json!({ "visit": "first", "without_basis": "request" }));
        assert_eq!(asked["questions"][3]["shown_when"], json!({ "question": "takes_medicines", "is": true }));
        let terms = hers.get(&format!("/api/services/{FIRST}/terms")).await.expect(StatusCode::OK);
        let kinds: Vec<_> = terms["consents"].as_array().unwrap().iter().map(|c| &c["kind"]).collect();
        assert_eq!(kinds, ["online_care", "privacy"]);
        let points = &terms["fees"]["items"][0]["points"];
        assert_eq!((&points["points"], &points["estimates"][0]["yen"]), (&json!(253), &json!(760)));
        let older = hers.get(&format!("/api/services/{FIRST}/terms?on=2024-05-31")).await;
        assert_eq!(older.expect(StatusCode::OK)["fees"]["items"][0]["points"]["points"], 251);

        let path = hold(&mut hers, FIRST, FIRST_AT).await;
        let mut wish = known(hana());
        wish["answers"]["medical_information_source"] = json!(["phr", "medication_notebook"]);
        let done = confirm(&mut hers, &path, &wish).await.expect(StatusCode::OK);
        assert_eq!(done["booking"]["status"], "booked");

        let mut doctor = site.signed_in("kodama").await;
        let read = doctor.get(&format!("{}/intake", of(&path))).await.expect(StatusCode::OK);
        let list = &read["questionnaire"];
        assert_eq!(list["version"], 1);
        let answer = |id: &str| {
            let items = list["items"].as_array().unwrap();
            items.iter().find(|item| item["question"]["id"] == id).unwrap()["answer"].clone()
        };
        assert_eq!(answer("medicines"), "金剛錠 5mg 朝1錠");
        assert_eq!(answer("allergies"), Value::Null);
        assert_eq!(read["triage"]["items"][0]["answer"], false);
        assert_eq!(read["symptoms"], hana()["symptoms"]);
        let consents = read["consents"].as_array().unwrap();
        let methods: Vec<_> = consents.iter().map(|c| (&c["kind"], &c["method"], &c["version"])).collect();
        assert_eq!(methods, [
            (&json!("online_care"), &json!("checkbox"), &json!(1)), (&json!("privacy"), &json!("checkbox"), &json!(1)),
        ]);
        assert_eq!(read["fees"]["items"][0]["points"]["points"], 253);
        let basis = &read["first_visit"];
        assert_eq!((&basis["basis"], &basis["last_in_person_on"]), (&json!("kakaritsuke"), &json!("2026-05-01")));
        assert_eq!(basis["medical_information_source"], json!(["medication_notebook", "phr"]));

        // Answers are kept as they were asked, whatever is asked later.
        let edit = format!("/api/clinic/services/{FIRST}/questionnaire");
        let put = json!({ "version": 1, "questions": [] });
        doctor.put(&edit, put).await.expect(StatusCode::OK);
        let again = doctor.get(&format!("{}/intake", of(&path))).await.expect(StatusCode::OK);
        assert_eq!(again["questionnaire"], *list);
        // It is nobody else's to read.
        let path = format!("{}/intake", of(&path));
        site.signed_in("desk").await.get(&path).await.refused(StatusCode::NOT_FOUND, "not_found");
        let read = "SELECT count(*) FROM audit_entry WHERE action = 'intake.read'";
        assert_eq!(raw::numbers(&site.url, read).await, [2]);
    }

    async fn what_was_answered_is_stored_under_seal(site: Site) {
        let mut hers = site.browser();
        let path = hold(&mut hers, FIRST, FIRST_AT).await;
        confirm(&mut hers, &path, &known(hana())).await.expect(StatusCode::OK);
        let sql = if site.url.starts_with("sqlite:") {
            "SELECT hex(questionnaire) || quote(first_visit_basis) FROM booking JOIN intake ON booking_id = id"
        } else {
            "SELECT upper(encode(questionnaire, 'hex')) || first_visit_basis FROM booking JOIN intake ON booking_id = id"
        };
        let kept = raw::texts(&site.url, sql).await.concat();
        assert!(kept.contains("kakaritsuke"));
        for secret in ["金剛錠", "2026-05-01", "takes_medicines"] {
            let hex = secret.bytes().fold(String::new(), |hex, byte| format!("{hex}{byte:02X}"));
            assert!(!kept.contains(&hex), "{secret}");
        }
    }

    async fn every_fault_is_told_at_its_place(site: Site) {
        let mut hers = site.browser();
        let path = hold(&mut hers, FIRST, FIRST_AT).await;
        let mut wish = first(hana());
        wish["kana"] = json!("音無");
        wish["answers"] = json!({ "symptom_since": "never", "takes_medicines": true, "has_allergies": "no",
            "has_past_history": false, "temperature": 60, "my secret": "胸が痛い" });
        wish["triage"] = json!({ "limp": false });
        wish["consents"] = json!([{ "kind": "online_care", "version": 1 }]);
        wish["first_visit_basis"] = json!("info_sufficient");
        let told = confirm(&mut hers, &path, &wish).await;
        assert!(!told.text.contains("胸が痛い") && !told.text.contains("my secret"), "{}", told.text);
        let told = told.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        assert_eq!(faults(&told), [
            ("/kana", "kana"), ("/triage/hard_to_breathe", "required"), ("/answers", "unknown"),
            ("/answers/symptom_since", "unknown"), ("/answers/temperature", "range"),
            ("/answers/medicines", "required"), ("/answers/has_allergies", "wrong_kind"),
            ("/answers/pregnancy", "required"), ("/consents", "required"),
            ("/medical_information_source", "required"),
        ]);
        for error in told["errors"].as_array().unwrap() {
            assert_ne!(error["detail"], "内容をお確かめください。", "{error}");
        }
        assert_eq!(raw::numbers(&site.url, "SELECT count(*) FROM patient").await, [0]);
        confirm(&mut hers, &path, &known(hana())).await.expect(StatusCode::OK);
    }

    async fn what_changed_meanwhile_is_shown_again(site: Site) {
        let (mut hers, mut clinic) = (site.browser(), site.signed_in("kodama").await);
        let path = hold(&mut hers, FIRST, FIRST_AT).await;
        let mut wish = known(hana());

        let edit = format!("/api/clinic/services/{FIRST}/questionnaire");
        let mut list = clinic.get(&edit).await.expect(StatusCode::OK);
        assert_eq!(list["template"], list["questions"]);
        list.as_object_mut().unwrap().remove("template");
        list["questions"].as_array_mut().unwrap().truncate(1);
        clinic.put(&edit, list.clone()).await.expect(StatusCode::OK);
        clinic.put(&edit, list.clone()).await.refused(StatusCode::CONFLICT, "stale");
        let told = confirm(&mut hers, &path, &wish).await;
        let told = told.refused(StatusCode::CONFLICT, "questionnaire_changed");
        let now = hers.get(&format!("/api/services/{FIRST}/questionnaire")).await.expect(StatusCode::OK);
        assert_eq!(told["current"]["questionnaire"], now);
        wish["questionnaire_version"] = now["version"].clone();
        wish["answers"] = json!({ "symptom_since": "days" });

        let fees = format!("/api/clinic/services/{FIRST}/fees");
        let mut put = clinic.get(&fees).await.expect(StatusCode::OK);
        put.as_object_mut().unwrap().remove("insured");
        put["items"][1]["yen"] = json!(550);
        assert_eq!(clinic.put(&fees, put).await.expect(StatusCode::OK)["version"], 2);
        let told = confirm(&mut hers, &path, &wish).await.refused(StatusCode::CONFLICT, "fee_changed");
        assert_eq!(told["current"]["terms"]["fees"]["items"][1]["yen"], 550);
        wish["fee_version"] = told["current"]["terms"]["fees"]["version"].clone();

        let words = json!({ "version": 1, "text_ja": "当院の説明です。", "text_en": "Our own words." });
        clinic.put("/api/clinic/consent-texts/privacy", words.clone()).await.expect(StatusCode::OK);
        clinic.put("/api/clinic/consent-texts/privacy", words).await.refused(StatusCode::CONFLICT, "stale");
        let told = confirm(&mut hers, &path, &wish).await.refused(StatusCode::CONFLICT, "consent_changed");
        let privacy = &told["current"]["terms"]["consents"][1];
        assert_eq!((&privacy["version"], &privacy["text_en"]), (&json!(2), &json!("Our own words.")));
        wish["consents"][1]["version"] = json!(2);
        confirm(&mut hers, &path, &wish).await.expect(StatusCode::OK);
        let read = clinic.get(&format!("{}/intake", of(&path))).await.expect(StatusCode::OK);
        assert_eq!((&read["consents"][1]["version"], &read["fees"]["version"]), (&json!(2), &json!(2)));
        // The clinic next door has the house's words still.
        let mut desk = site.signed_in("desk").await;
        let texts = desk.get("/api/clinic/consent-texts").await.expect(StatusCode::OK);
        assert_eq!((&texts["items"][1]["version"], &texts["items"][1]["own"]), (&json!(1), &json!(false)));
    }

    async fn a_page_of_one_box_books_where_nothing_more_is_asked(site: Site) {
        // At the clinic that asks but for symptoms.
        let mut hers = site.browser();
        let booked = hers.book("2026-12-01T03:00:00Z", &hana()).await;
        let mut desk = site.signed_in("desk").await;
        let path = format!("/api/clinic/visits/{}/intake", booked["booking"]["id"].as_str().unwrap());
        let read = desk.get(&path).await.expect(StatusCode::OK);
        assert_eq!((&read["questionnaire"], &read["fees"]), (&Value::Null, &Value::Null));
        // That page shows one text, and nobody agreed to what was not shown.
        assert_eq!(read["consents"].as_array().unwrap().len(), 1);
        assert_eq!(read["consents"][0]["kind"], "online_care");
        // Words of the clinic's own were not on that page.
        let words = json!({ "version": 1, "text_ja": "当院の説明です。", "text_en": "Our own words." });
        desk.put("/api/clinic/consent-texts/online_care", words).await.expect(StatusCode::OK);
        let held = site.browser().hold("2026-12-01T04:00:00Z").await.expect(StatusCode::CREATED);
        let mut his = site.browser();
        let held_by_him = his.hold("2026-12-01T05:00:00Z").await.expect(StatusCode::CREATED);
        let path = format!("/api/bookings/{}", held_by_him["id"].as_str().unwrap());
        confirm(&mut his, &path, &nagi()).await.refused(StatusCode::CONFLICT, "consent_changed");
        assert_ne!(held["id"], held_by_him["id"]);
        // Where more is asked, it does not book.
        let path = hold(&mut hers, SELF_PAY, "2026-12-05T00:00:00Z").await;
        confirm(&mut hers, &path, &hana()).await.refused(StatusCode::CONFLICT, "questionnaire_changed");
    }

    async fn a_sign_that_must_not_wait_leads_to_the_telephone(site: Site) {
        let mut hers = site.browser();
        let path = hold(&mut hers, FIRST, FIRST_AT).await;
        let mut wish = known(hana());
        wish["triage"]["limp"] = json!(true);
        // Whatever else is wrong: this comes first.
        wish["kana"] = json!("");
        let told = confirm(&mut hers, &path, &wish).await.refused(StatusCode::CONFLICT, "call_the_clinic");
        assert_eq!((&told["telephone"], &told["emergency"]), (&json!("0120-000-103"), &json!("119")));
        assert!(told["detail"].as_str().unwrap().contains("119"));
        assert_eq!(hers.get(&path).await.expect(StatusCode::OK)["status"], "held");
        let seen = "SELECT detail FROM audit_entry WHERE action = 'booking.red_flag'";
        assert_eq!(raw::texts(&site.url, seen).await, [r#"{"questionnaire_version":1,"triage_version":1}"#]);

        // The clinic, on the telephone, judges for itself.
        let mut clinic = site.signed_in("kodama").await;
        wish["kana"] = json!("オトナシ ハナ");
        let by_staff = format!("{}/confirm", path.replace("/api/", "/api/clinic/"));
        let told = clinic.post(&by_staff, wish.clone()).await;
        assert_eq!(faults(&told.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid")), [("/consent_method", "required")]);
        wish["consent_method"] = json!("spoken");
        let mut desk = site.signed_in("desk").await;
        desk.post(&by_staff, wish.clone()).await.refused(StatusCode::NOT_FOUND, "not_found");
        let told = confirm(&mut hers, &path, &wish).await;
        assert_eq!(faults(&told.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid")), [("/consent_method", "unknown")]);
        let done = clinic.post(&by_staff, wish).await.expect(StatusCode::OK);
        assert_eq!(done["booking"]["status"], "booked");
        let read = clinic.get(&format!("{}/intake", of(&path))).await.expect(StatusCode::OK);
        assert_eq!(read["consents"][0]["method"], "spoken");
        assert_eq!(read["triage"]["items"][0]["answer"], true);

        // Its list is the clinic's own, and holds nothing but signs.
        let list = clinic.get("/api/clinic/triage").await.expect(StatusCode::OK);
        let mut put = list.clone();
        put["questions"][0]["kind"] = json!("yes_no");
        let told = clinic.put("/api/clinic/triage", put).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        assert_eq!(faults(&told), [("/questions/0/kind", "unknown")]);
        clinic.put("/api/clinic/triage", json!({ "version": 1, "questions": [] })).await.expect(StatusCode::OK);
        let asked = hers.get(&format!("/api/services/{FIRST}/questionnaire")).await.expect(StatusCode::OK);
        assert_eq!(asked["red_flags"], Value::Null);
        assert_eq!(desk.get("/api/clinic/triage").await.expect(StatusCode::OK)["version"], Value::Null);
    }

    async fn insured_care_has_no_fee_for_the_booking(site: Site) {
        let mut clinic = site.signed_in("kodama").await;
        let fees = |service: &str| format!("/api/clinic/services/{service}/fees");
        let item = json!({ "kind": "reservation_fee", "name_ja": "予約料", "name_en": "Booking", "yen": 500 });
        let put = json!({ "version": 1, "items": [item] });
        let told = clinic.put(&fees(REPEAT), put.clone()).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        assert_eq!(faults(&told), [("/items/0/kind", "reservation_fee")]);
        assert_eq!(clinic.put(&fees(SELF_PAY), put.clone()).await.expect(StatusCode::OK)["version"], 2);
        let odd = json!({ "version": 2, "items": [{ "kind": "other", "name_ja": "あ", "name_en": "a", "points_code": "none" }] });
        let told = clinic.put(&fees(SELF_PAY), odd).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        assert_eq!(faults(&told), [("/items/0/points_code", "range"), ("/items/0/points_code", "unknown")]);
        site.signed_in("desk").await.put(&fees(SELF_PAY), put).await.refused(StatusCode::NOT_FOUND, "not_found");

        // The database's own word, whoever writes: not of an insured service, not by turning one.
        let lie = "INSERT INTO fee_item (fee_version_id, position, insured, kind, name_ja, name_en, note_ja, note_en, yen)
            SELECT id, 99, insured, 'reservation_fee', 'a', 'a', '', '', 500 FROM fee_version WHERE insured";
        assert!(raw::execute(&site.url, lie).await.unwrap_err().contains("fee_item_reservation"));
        let flag = if site.url.starts_with("sqlite:") { "0" } else { "false" };
        let other = lie.replace("99, insured", &format!("99, {flag}"));
        let told = raw::execute(&site.url, &other).await.unwrap_err().to_lowercase();
        assert!(told.contains("foreign key"), "{told}");
        let turn = "UPDATE service SET insured = NOT insured";
        assert!(raw::execute(&site.url, turn).await.is_err());
        // What was shown stays as it was shown.
        for table in ["fee_item", "fee_version", "questionnaire_version", "triage_version", "consent_text"] {
            for sql in [format!("DELETE FROM {table}"), format!("UPDATE {table} SET version = version + 1")] {
                let sql = sql.replace("fee_item SET version = version", "fee_item SET position = position");
                let told = raw::execute(&site.url, &sql).await.unwrap_err();
                assert!(told.contains(&format!("{table}_is_final")), "{sql}: {told}");
            }
        }
    }

    async fn faulty_lists_are_not_kept(site: Site) {
        let mut clinic = site.signed_in("kodama").await;
        let edit = format!("/api/clinic/services/{REPEAT}/questionnaire");
        let first = clinic.get(&edit).await.expect(StatusCode::OK);
        assert_eq!((&first["version"], &first["questions"]), (&Value::Null, &json!([])));
        assert!(first["template"].as_array().unwrap().len() > 8);
        let question = |id: &str, kind: &str| json!({ "id": id, "kind": kind, "label_ja": "問", "label_en": "Q" });
        let mut later = question("b", "text");
        later["shown_when"] = json!({ "question": "c", "is": true });
        let put = json!({ "version": null, "questions": [question("a", "choice"), later, question("A/~", "text")] });
        let told = clinic.put(&edit, put).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        assert_eq!(faults(&told), [
            ("/questions/0/options", "required"), ("/questions/1/shown_when", "unknown"), ("/questions/2/id", "id"),
        ]);
        let put = json!({ "version": null, "questions": [question("a", "song")] });
        clinic.put(&edit, put).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "malformed");
        let put = json!({ "version": null, "questions": [question("a", "text")] });
        let mut desk = site.signed_in("desk").await;
        desk.put(&edit, put.clone()).await.refused(StatusCode::NOT_FOUND, "not_found");
        desk.get(&edit).await.refused(StatusCode::NOT_FOUND, "not_found");
        assert_eq!(clinic.put(&edit, put).await.expect(StatusCode::OK)["version"], 1);
    }

    async fn consent_can_be_withdrawn_once(site: Site) {
        let (mut hers, mut his) = (site.browser(), site.browser());
        let path = hold(&mut hers, FIRST, FIRST_AT).await;
        confirm(&mut hers, &path, &known(hana())).await.expect(StatusCode::OK);
        let withdraw = format!("{path}/consents/privacy/withdraw");
        his.hold("2026-12-01T04:00:00Z").await.expect(StatusCode::CREATED);
        his.post(&withdraw, json!({})).await.refused(StatusCode::NOT_FOUND, "not_found");
        hers.post(&withdraw, json!({})).await.expect(StatusCode::NO_CONTENT);
        hers.post(&withdraw, json!({})).await.refused(StatusCode::NOT_FOUND, "not_found");
        let odd = format!("{path}/consents/everything/withdraw");
        hers.post(&odd, json!({})).await.refused(StatusCode::NOT_FOUND, "not_found");
        let mut clinic = site.signed_in("kodama").await;
        let read = clinic.get(&format!("{}/intake", of(&path))).await.expect(StatusCode::OK);
        assert_eq!(read["consents"][0]["withdrawn_at"], Value::Null);
        assert_eq!(read["consents"][1]["withdrawn_at"], "2026-12-01T00:00:00Z");
    }
}

#[tokio::test]
async fn the_demo_fills_once_with_a_service_of_each_kind() {
    let site = Site::on_sqlite().await;
    assert!(!demo::fill(&site.app, &Actor::System).await.unwrap());
    let mut browser = site.browser();
    let clinic = browser.get(&format!("/api/facilities/{KODAMA}")).await.expect(StatusCode::OK);
    let kinds: Vec<_> = clinic["services"].as_array().unwrap().iter().map(|s| &s["id"]).collect();
    assert_eq!(kinds, [REPEAT, TALK, FIRST, SELF_PAY]);
    // Each has hours of its own: none can be booked at a time of another.
    let mut seen = std::collections::BTreeSet::new();
    for service in [REPEAT, TALK, FIRST, SELF_PAY] {
        let path =
            format!("/api/facilities/{KODAMA}/slots?service={service}&from=2026-12-07&days=7");
        let days = browser.get(&path).await.expect(StatusCode::OK);
        let slots = days["days"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|day| day["slots"].as_array().unwrap());
        for slot in slots {
            assert!(
                seen.insert(format!("{} {}", slot["clinician_id"], slot["start"])),
                "{service} {slot}"
            );
        }
    }
    assert!(seen.len() > 30, "{}", seen.len());
}
