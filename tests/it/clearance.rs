//! What must be clear around a visit, and what is wanted in an emergency.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{ADDRESS, Browser, CONTACT, Site, hana, nagi, on_both_engines, place, raw};
use crate::visit::{Page, serve, ticket};

const AT: &str = "2026-12-01T00:15:00Z";

/// Books without saying where the patient is.
async fn booked(browser: &mut Browser, start: &str, who: &Value) -> String {
    let held = browser.hold(start).await.expect(StatusCode::CREATED);
    let id = held["id"].as_str().unwrap().to_owned();
    browser.post(&format!("/api/bookings/{id}/confirm"), who.clone()).await.expect(StatusCode::OK);
    id
}

/// How an item stands.
fn state<'c>(clearance: &'c Value, item: &str) -> (&'c str, &'c str) {
    let items = clearance["items"].as_array().unwrap();
    let found = items.iter().find(|one| one["item"] == item);
    let found = found.unwrap_or_else(|| panic!("no {item}: {clearance}"));
    (found["due"].as_str().unwrap(), found["state"].as_str().unwrap())
}

on_both_engines! {
    async fn nobody_is_let_in_before_it_is_known_where_they_are(site: Site) {
        let server = serve(&site).await;
        let (mut hers, mut doctor) = (site.browser(), site.signed_in("doctor").await);
        let id = booked(&mut hers, AT, &hana()).await;
        let (mine, theirs) = (format!("/api/visits/{id}"), format!("/api/clinic/visits/{id}"));
        let mut patient = Page::open(server, &id, &ticket(&mut hers, &mine).await).await;
        let mut clinician = Page::open(server, &id, &ticket(&mut doctor, &theirs).await).await;
        clinician.hear("welcome").await;
        patient.say(json!({ "t": "knock" })).await;
        let waiting = clinician.hear("waiting").await;
        let admit = json!({ "t": "admit", "participant": waiting["participant"] });
        clinician.say(admit.clone()).await;
        assert_eq!(clinician.hear("error").await["code"], "clearance_missing");
        let read = doctor.get(&format!("{theirs}/clearance")).await.expect(StatusCode::OK);
        for item in ["location_confirmed", "emergency_contact", "surroundings"] {
            assert_eq!(state(&read, item), ("admission", "pending"), "{item}");
        }
        assert_eq!(state(&read, "consent_online_care"), ("admission", "done"));
        // Of a patient who is new here it is shown what will be asked at the end of a first visit.
        assert_eq!(state(&read, "identity_patient"), ("closing", "pending"));
        assert_eq!(state(&read, "medical_information"), ("closing", "pending"));
        assert_eq!(read["place"], Value::Null);

        let path = format!("{mine}/place");
        hers.put(&path, place()).await.expect(StatusCode::OK);
        let read = doctor.get(&format!("{theirs}/clearance")).await.expect(StatusCode::OK);
        assert_eq!(state(&read, "location_confirmed"), ("admission", "done"));
        assert_eq!(read["place"]["area"], "東京都新宿区");
        clinician.say(admit).await;
        patient.hear("admitted").await;
    }

    async fn a_place_is_said_by_whom_it_concerns_and_offered_again(site: Site) {
        let (mut hers, mut his) = (site.browser(), site.browser());
        let id = booked(&mut hers, AT, &hana()).await;
        booked(&mut his, "2026-12-01T03:00:00Z", &nagi()).await;
        let path = format!("/api/visits/{id}/place");
        assert_eq!(hers.get(&path).await.expect(StatusCode::OK), json!({ "now": null, "before": null }));
        his.put(&path, place()).await.refused(StatusCode::NOT_FOUND, "not_found");
        his.get(&path).await.refused(StatusCode::NOT_FOUND, "not_found");
        let mut wrong = place();
        wrong["address"] = json!(" ");
        wrong["municipality_code"] = json!("131040");
        wrong["contact"] = json!({ "name": "", "relation": "", "phone": "12" });
        let refused = hers.put(&path, wrong).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        let fields: Vec<_> = refused["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect();
        assert_eq!(fields, ["/address", "/municipality_code", "/contact/name", "/contact/phone"]);
        let said = hers.put(&path, place()).await.expect(StatusCode::OK);
        assert_eq!((&said["prefecture_code"], &said["contact"]["phone"]), (&json!("13"), &json!("08055500147")));

        // At the next visit it is offered, and counts only when it is said again.
        let next = booked(&mut hers, "2026-12-02T00:15:00Z", &hana()).await;
        let read = hers.get(&format!("/api/visits/{next}/place")).await.expect(StatusCode::OK);
        assert_eq!((&read["now"], &read["before"]["address"]), (&Value::Null, &json!(ADDRESS)));
        // The clinic may write what it hears on the telephone; another clinic may not.
        let clinic = format!("/api/clinic/visits/{next}/place");
        site.signed_in("umikaze").await.put(&clinic, place()).await.refused(StatusCode::NOT_FOUND, "not_found");
        site.signed_in("desk").await.put(&clinic, place()).await.expect(StatusCode::OK);
        let by = "SELECT CASE WHEN account_id IS NULL THEN 'patient' ELSE 'clinic' END FROM visit_place ORDER BY at, 1 DESC";
        assert_eq!(raw::texts(&site.url, by).await, ["patient", "clinic"]);
    }

    async fn what_is_let_go_has_a_reason_and_consent_is_not_let_go(site: Site) {
        let (mut hers, mut desk) = (site.browser(), site.signed_in("desk").await);
        let id = booked(&mut hers, AT, &hana()).await;
        let item = |item: &str| format!("/api/clinic/visits/{id}/clearance/{item}");
        let waive = |item_name: &str| format!("{}/waive", item(item_name));
        let because = json!({ "version": 0, "reason": "往診の医師がそばにいる" });
        let refused = desk.post(&waive("location_confirmed"), json!({ "version": 0, "reason": " " })).await;
        let refused = refused.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        assert_eq!(refused["errors"][0]["pointer"], "/reason");
        desk.post(&waive("consent_privacy"), because.clone()).await.refused(StatusCode::CONFLICT, "not_waivable");
        desk.post(&waive("no_such_item"), because.clone()).await.refused(StatusCode::NOT_FOUND, "not_found");
        let read = desk.post(&waive("location_confirmed"), because.clone()).await.expect(StatusCode::OK);
        assert_eq!(state(&read, "location_confirmed"), ("admission", "waived"));
        let waived = read["items"].as_array().unwrap().iter().find(|one| one["item"] == "location_confirmed").unwrap();
        assert_eq!(waived["reason"], "往診の医師がそばにいる");
        // Who saw an older state changes nothing.
        desk.post(&waive("location_confirmed"), because).await.refused(StatusCode::CONFLICT, "stale");

        // Identity and insurance say how they were checked, each in its own ways.
        let passed = |method: Value| json!({ "version": 0, "passed": true, "method": method });
        for (name, method, code) in [
            ("identity_patient", Value::Null, "invalid"), ("identity_patient", json!("certificate"), "invalid"),
            ("eligibility", json!("photo_id"), "invalid"), ("identity_patient", json!("1234-5678-9012"), "malformed"),
        ] {
            desk.put(&item(name), passed(method)).await.refused(StatusCode::UNPROCESSABLE_ENTITY, code);
        }
        desk.put(&item("location_confirmed"), passed(Value::Null)).await.refused(StatusCode::CONFLICT, "not_tickable");
        desk.put(&item("eligibility"), passed(json!("certificate"))).await.expect(StatusCode::OK);
        let failed = json!({ "version": 0, "passed": false });
        let read = desk.put(&item("identity_patient"), failed).await.expect(StatusCode::OK);
        assert_eq!(state(&read, "identity_patient"), ("closing", "failed"));
        assert_eq!(state(&read, "eligibility"), ("advised", "done"));
        hers.get(&item("x").replace("/clearance/x", "/clearance")).await.refused(StatusCode::UNAUTHORIZED, "signed_out");
    }

    async fn the_basis_is_asked_of_whoever_is_new_here(site: Site) {
        let (mut hers, mut doctor) = (site.browser(), site.signed_in("doctor").await);
        let id = booked(&mut hers, AT, &hana()).await;
        let (clearance, basis) = (format!("/api/clinic/visits/{id}/clearance"), format!("/api/clinic/visits/{id}/basis"));
        let says = |read: &Value, item: &str, what: &str| {
            let items = read["items"].as_array().unwrap();
            items.iter().find(|one| one["item"] == item).unwrap()[what].as_bool().unwrap()
        };
        let waivable = |read: &Value, item: &str| says(read, item, "waivable");
        let read = doctor.get(&clearance).await.expect(StatusCode::OK);
        assert_eq!(state(&read, "medical_information"), ("closing", "pending"));
        for (item, may) in [("medical_information", false), ("identity_patient", false), ("consent_privacy", false), ("device_test", true)] {
            assert_eq!(waivable(&read, item), may, "{item}");
        }
        for (item, only) in [("medical_information", true), ("identity_patient", true), ("consent_privacy", false), ("device_test", false)] {
            assert_eq!(says(&read, item, "if_first"), only, "{item}");
        }
        // It stops nobody at the door: whether the visit is a first one is said at its end.
        let today = doctor.get("/api/clinic/visits?date=2026-12-01").await.expect(StatusCode::OK);
        assert!(!today["items"][0]["open"].to_string().contains("medical_information"), "{today}");
        let said = json!({ "version": 1, "basis": "info_sufficient", "medical_information_source": ["phr"] });
        doctor.put(&basis, said).await.expect(StatusCode::OK);
        let read = doctor.get(&clearance).await.expect(StatusCode::OK);
        assert_eq!(state(&read, "medical_information"), ("closing", "done"));

        // Who was treated here is not asked again; the visit in which it was asked still shows it.
        let row = raw::id(&site.url, &id);
        raw::execute(&site.url, &format!("UPDATE booking SET status = 'fulfilled' WHERE id = {row}")).await.unwrap();
        let read = doctor.get(&clearance).await.expect(StatusCode::OK);
        assert_eq!(state(&read, "medical_information"), ("closing", "done"));
        let next = booked(&mut hers, "2026-12-02T00:15:00Z", &hana()).await;
        let read = doctor.get(&format!("/api/clinic/visits/{next}/clearance")).await.expect(StatusCode::OK);
        let items = read["items"].as_array().unwrap();
        assert!(items.iter().all(|one| one["item"] != "medical_information"), "{read}");
        assert_eq!(state(&read, "identity_patient"), ("advised", "pending"));
        assert!(waivable(&read, "identity_patient") && !says(&read, "identity_patient", "if_first"));
    }

    async fn the_database_keeps_the_rules_of_clearance(site: Site) {
        let id = booked(&mut site.browser(), AT, &hana()).await;
        let id = raw::id(&site.url, &id);
        let insert = |item: &str, state: &str, method: &str, reason: &str| {
            format!("INSERT INTO clearance_item (booking_id, facility_id, item, state, method, reason, account_id, at, version)
                SELECT id, facility_id, '{item}', '{state}', {method}, {reason},
                    (SELECT id FROM account ORDER BY login LIMIT 1), '2026-12-01T00:00:00+00:00', 1
                FROM booking WHERE id = {id}")
        };
        for (sql, name) in [
            (insert("eligibility", "waived", "NULL", "NULL"), "clearance_item_waived"),
            (insert("eligibility", "done", "'certificate'", "link_hash"), "clearance_item_waived"),
            (insert("consent_privacy", "waived", "NULL", "link_hash"), "clearance_item_consent"),
            (insert("identity_patient", "done", "NULL", "NULL"), "clearance_item_method"),
            (insert("identity_patient", "done", "'certificate'", "NULL"), "clearance_item_method"),
            (insert("device_test", "done", "'photo_id'", "NULL"), "clearance_item_method"),
        ] {
            let error = raw::execute(&site.url, &sql).await.unwrap_err();
            assert!(error.contains(name), "{error}, not {name}");
        }
        raw::execute(&site.url, &insert("identity_patient", "done", "'photo_id'", "NULL")).await.unwrap();
        // A municipality is of its prefecture.
        let place = format!("INSERT INTO visit_place (booking_id, facility_id, kind, address, prefecture_code, municipality_code, private_ok, at, version)
            SELECT id, facility_id, 'home', link_hash, '14', '131041', TRUE, '2026-12-01T00:00:00+00:00', 1 FROM booking WHERE id = {id}");
        let error = raw::execute(&site.url, &place).await.unwrap_err();
        assert!(error.contains("visit_place_prefecture"), "{error}");
    }

    async fn an_emergency_shows_the_address_and_the_nearest_partner(site: Site) {
        let (mut hers, mut desk) = (site.browser(), site.signed_in("desk").await);
        let id = hers.book(AT, &hana()).await["booking"]["id"].take();
        let id = id.as_str().unwrap();
        let (mine, theirs) = (format!("/api/visits/{id}/emergency"), format!("/api/clinic/visits/{id}/emergency"));
        let partners = "/api/clinic/partners";
        let partner = |name: &str, code: &str| json!({ "name": name, "telephone": "03-0000-0001", "address": "1-1", "municipality_code": code });
        let alone = hers.post(&mine, json!({})).await.expect(StatusCode::OK);
        assert_eq!((&alone["number"], &alone["partner"]), (&json!("119"), &Value::Null));
        assert_eq!((&alone["place"]["address"], &alone["place"]["contact"]["name"]), (&json!(ADDRESS), &json!(CONTACT)));
        desk.post(partners, partner("", "131041")).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        desk.post(partners, partner("遠い病院", "999999")).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        for (name, code) in [("横浜の病院", "141003"), ("港区の病院", "131032"), ("中野の病院", "131148")] {
            desk.post(partners, partner(name, code)).await.expect(StatusCode::OK);
        }
        // 新宿区 and 中野区 are of one medical area; 港区 is not; 横浜 is in another prefecture.
        assert_eq!(hers.post(&mine, json!({})).await.expect(StatusCode::OK)["partner"]["name"], "中野の病院");
        let list = desk.get(partners).await.expect(StatusCode::OK);
        let nakano = list["items"].as_array().unwrap().iter().find(|one| one["name"] == "中野の病院").unwrap();
        let gone = format!("{partners}/{}", nakano["id"].as_str().unwrap());
        site.signed_in("umikaze").await.delete(&gone).await.refused(StatusCode::NOT_FOUND, "not_found");
        desk.delete(&gone).await.expect(StatusCode::OK);
        assert_eq!(desk.post(&theirs, json!({})).await.expect(StatusCode::OK)["partner"]["name"], "港区の病院");
        site.signed_in("umikaze").await.post(&theirs, json!({})).await.refused(StatusCode::NOT_FOUND, "not_found");
        let opened = "SELECT count(*) FROM audit_entry WHERE action = 'emergency.open'";
        assert_eq!(raw::numbers(&site.url, opened).await, [3]);
        let towns = desk.get("/api/municipalities?prefecture=13").await.expect(StatusCode::OK);
        assert_eq!(towns["items"].as_array().unwrap().len(), 62);
    }
}
