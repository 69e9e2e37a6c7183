//! How a visit is closed: what its doctor must say, what the database refuses by itself, what the
//! yearly report finds, and the number for the pharmacy that is shown once.

use axum::http::StatusCode;
use onshin::engine::prescription::{Ground, forbids};
use onshin::model::closing::{Prescription, PrescriptionKind};
use onshin::model::facility::ServiceKind;
use serde_json::{Value, json};

use crate::support::{Browser, Site, hana, nagi, on_both_engines, raw};

/// What is said of a plain repeat visit.
pub(crate) fn facts() -> Value {
    json!({
        "guideline_first_visit": false, "billing_first_visit": false,
        "underlying_info_known": true, "medications_confirmed": false,
        "prescription": { "kind": "none", "days": null }, "doctor_place": "clinic",
    })
}

/// Facts with some of them said otherwise.
fn with(change: &Value) -> Value {
    let mut all = facts();
    for (field, value) in change.as_object().unwrap() {
        all[field] = value.clone();
    }
    all
}

/// Books a visit and lets it take place.
async fn seen(site: &Site, who: &mut Browser, start: &str, answers: &Value) -> String {
    let booked = who.book(start, answers).await["booking"].take();
    let id = booked["id"].as_str().unwrap().to_owned();
    let row = raw::id(&site.url, &id);
    let begun = format!(
        "UPDATE visit SET patient_video_seconds = 60, clinician_video_seconds = 60
            WHERE booking_id = {row};
         UPDATE booking SET status = 'in_progress' WHERE id = {row}"
    );
    raw::execute(&site.url, &begun).await.unwrap();
    id
}

async fn close(
    doctor: &mut Browser,
    id: &str,
    outcome: &str,
    facts: &Value,
) -> crate::support::Answer {
    let wish = json!({ "outcome": outcome, "facts": facts });
    doctor.post(&format!("/api/clinic/visits/{id}/close"), wish).await
}

/// Fields that were refused, with their codes.
fn told(problem: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let errors = problem["errors"].as_array().unwrap().iter();
    errors.map(|error| (text(&error["pointer"]), text(&error["code"]))).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(field, code)| ((*field).to_owned(), (*code).to_owned())).collect()
}

const AT: &str = "2026-12-01T00:15:00Z";

on_both_engines! {
    async fn a_doctor_says_what_the_law_asks(site: Site) {
        let (mut hers, mut doctor) = (site.browser(), site.signed_in("doctor").await);
        let id = seen(&site, &mut hers, AT, &hana()).await;
        let nothing = doctor.post(&format!("/api/clinic/visits/{id}/close"), json!({ "outcome": "done" })).await;
        let nothing = nothing.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        assert_eq!(told(&nothing), pairs(&[("/facts", "required")]));

        // Everything that stands against it is told at once.
        let wrong = with(&json!({
            "guideline_first_visit": true, "underlying_info_known": false, "doctor_place": "home",
            "prescription": { "kind": "electronic", "days": 8, "psychotropic": true, "high_risk": true },
            "exchange_number": "12345", "conversion_reason": "unsuitable",
            "patient_municipality": "999999",
        }));
        let refused = close(&mut doctor, &id, "done", &wrong).await;
        let refused = refused.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        let expected = pairs(&[
            ("/facts/prescription/psychotropic", "prescription_first_visit"),
            ("/facts/prescription/high_risk", "prescription_high_risk"),
            ("/facts/prescription/days", "prescription_too_long"),
            ("/facts/medications_confirmed", "required"),
            ("/facts/onward_policy", "required"),
            ("/facts/conversion_reason", "not_converted"),
            ("/facts/doctor_prefecture", "required"),
            ("/facts/record_access", "required"),
            ("/facts/exchange_number", "exchange_number"),
            ("/facts/patient_municipality", "unknown"),
        ]);
        assert_eq!(told(&refused), expected);
        // Nothing of it was kept.
        assert_eq!(raw::numbers(&site.url, "SELECT count(*) FROM visit_closing").await, [0]);

        let right = with(&json!({
            "guideline_first_visit": true, "underlying_info_known": false,
            "medications_confirmed": true, "prescription": { "kind": "paper", "days": 7 },
            "onward_policy": "  三日でよくならなければ電話を。 ",
        }));
        // Nor is a first visit done before the patient's identity was checked (guideline V1(4)).
        let refused = close(&mut doctor, &id, "done", &right).await;
        refused.refused(StatusCode::CONFLICT, "identity_missing");
        let identity = format!("/api/clinic/visits/{id}/clearance/identity_patient");
        let checked = json!({ "version": 0, "passed": true, "method": "photo_id" });
        doctor.put(&identity, checked).await.expect(StatusCode::OK);
        // Nor before it is known on what it rests, which the door could not ask of a service for
        // everybody (G-02); nobody lets that go.
        let waive = format!("/api/clinic/visits/{id}/clearance/medical_information/waive");
        let reason = json!({ "version": 0, "reason": "お薬手帳を見た" });
        doctor.post(&waive, reason).await.refused(StatusCode::CONFLICT, "not_waivable");
        for waived in [false, true] {
            if waived {
                // Nor by a row of a time when it could be written.
                let row = format!("INSERT INTO clearance_item (booking_id, facility_id, item, state, reason, account_id, at, version)
                    SELECT id, facility_id, 'medical_information', 'waived', link_hash,
                        (SELECT id FROM account ORDER BY login LIMIT 1), '2026-12-01T00:00:00+00:00', 1
                    FROM booking WHERE id = {}", raw::id(&site.url, &id));
                raw::execute(&site.url, &row).await.unwrap();
            }
            let refused = close(&mut doctor, &id, "done", &right).await;
            let refused = refused.refused(StatusCode::CONFLICT, "clearance_missing");
            assert_eq!(told(&refused), pairs(&[("/clearance/medical_information", "required")]));
            let detail = refused["errors"][0]["detail"].as_str().unwrap();
            assert!(detail.contains("初診の根拠"), "{detail}");
        }
        let form = doctor.get(&format!("/api/clinic/visits/{id}/closing")).await.expect(StatusCode::OK);
        assert_eq!(form["suggested"]["basis_known"], false);
        let basis = json!({ "version": form["suggested"]["basis_version"], "basis": "info_sufficient",
            "medical_information_source": ["medication_notebook"] });
        doctor.put(&format!("/api/clinic/visits/{id}/basis"), basis).await.expect(StatusCode::OK);
        close(&mut doctor, &id, "done", &right).await.expect(StatusCode::OK);
        // Where the patient was is what they said.
        let place = "SELECT patient_prefecture || patient_municipality FROM visit_closing";
        assert_eq!(raw::texts(&site.url, place).await, ["13131041"]);
        let seen = hers.get(&format!("/api/visits/{id}/closing")).await.expect(StatusCode::OK);
        assert_eq!(seen["outcome"], "done");
        let said = json!({
            "mode": "online", "prescription": "paper", "days": 7, "exchange": null,
            "referral": null, "onward_policy": "三日でよくならなければ電話を。", "next": null,
        });
        assert_eq!(seen["said"], said);
    }

    async fn only_its_doctor_and_its_patient_read_it(site: Site) {
        let (mut hers, mut his) = (site.browser(), site.browser());
        let mut doctor = site.signed_in("doctor").await;
        let id = seen(&site, &mut hers, AT, &hana()).await;
        his.book("2026-12-01T03:00:00Z", &nagi()).await;
        let (own, clinic) = (format!("/api/visits/{id}/closing"), format!("/api/clinic/visits/{id}/closing"));
        assert_eq!(hers.get(&own).await.expect(StatusCode::OK)["outcome"], Value::Null);
        his.get(&own).await.refused(StatusCode::NOT_FOUND, "not_found");
        site.signed_in("umikaze").await.get(&clinic).await.refused(StatusCode::NOT_FOUND, "not_found");
        site.signed_in("desk").await.get(&clinic).await.refused(StatusCode::FORBIDDEN, "forbidden");

        // The form suggests what is known: nobody was here before, and there is no basis.
        let form = doctor.get(&clinic).await.expect(StatusCode::OK);
        let suggested = json!({
            "kind": "online_care", "video_seen": true, "guideline_first_visit": true,
            "billing_first_visit": true, "underlying_info_known": false, "identity_checked": false,
            "identity_version": 0, "basis_known": false, "basis_version": 1, "language": "ja", "patient_prefecture": "13",
            "doctor_place": "clinic", "doctor_prefecture": null, "record_access": null,
        });
        assert_eq!(form["suggested"], suggested);
        assert_eq!(form["closed"]["outcome"], Value::Null);
        let home = with(&json!({ "doctor_place": "home", "doctor_prefecture": "14", "record_access": "cloud_emr" }));
        close(&mut doctor, &id, "done", &home).await.expect(StatusCode::OK);
        // The next time it knows the patient, and where the doctor was.
        let next = seen(&site, &mut hers, "2026-12-01T00:30:00Z", &hana()).await;
        let form = doctor.get(&format!("/api/clinic/visits/{next}/closing")).await.expect(StatusCode::OK);
        let suggested = json!({
            "kind": "online_care", "video_seen": true, "guideline_first_visit": false,
            "billing_first_visit": false, "underlying_info_known": true, "identity_checked": false,
            "identity_version": 0, "basis_known": false, "basis_version": 1, "language": "ja", "patient_prefecture": "13",
            "doctor_place": "home", "doctor_prefecture": "14", "record_access": "cloud_emr",
        });
        assert_eq!(form["suggested"], suggested);
        close(&mut doctor, &next, "done", &home).await.expect(StatusCode::OK);
        // In which language the patient reads what follows, as they chose it.
        let theirs = seen(&site, &mut his, "2026-12-01T01:00:00Z", &nagi()).await;
        let form = doctor.get(&format!("/api/clinic/visits/{theirs}/closing")).await.expect(StatusCode::OK);
        assert_eq!(form["suggested"]["language"], "en");
    }

    async fn the_yearly_report_finds_its_facts(site: Site) {
        let (mut hers, mut doctor) = (site.browser(), site.signed_in("doctor").await);
        let id = seen(&site, &mut hers, "2026-12-01T14:45:00Z", &hana()).await;
        // Booked for a quarter to midnight, admitted ten minutes past it: the report counts the
        // day of the visit, not the one it was booked for.
        let row = raw::id(&site.url, &id);
        let late = format!("UPDATE visit SET admitted_at = '2026-12-01T15:10:00+00:00' WHERE booking_id = {row}");
        raw::execute(&site.url, &late).await.unwrap();
        let later = hers.book("2026-12-03T03:00:00Z", &hana()).await["booking"]["id"].take();
        let said = with(&json!({
            "billing_first_visit": true, "patient_municipality": "141003",
            "doctor_place": "other_facility", "doctor_prefecture": "13", "record_access": "other",
            "referral": { "reason": "beyond_ability", "to": "見本総合病院 内科" },
            "next_booking_id": later,
        }));
        let mut foreign = said.clone();
        foreign["next_booking_id"] = json!("0d3fffff-0000-0000-0000-000000000000");
        let refused = close(&mut doctor, &id, "done", &foreign).await;
        let refused = refused.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        assert_eq!(told(&refused), pairs(&[("/facts/next_booking_id", "unknown")]));
        close(&mut doctor, &id, "done", &said).await.expect(StatusCode::OK);
        let kept = "SELECT CAST(local_date AS TEXT) || ' ' || mode || ' ' || patient_prefecture
            || ' ' || patient_municipality || ' ' || referral_reason || ' ' || doctor_place || ' '
            || doctor_prefecture || ' ' || record_access || ' '
            || CASE WHEN billing_first_visit AND NOT guideline_first_visit
                AND NOT pre_consultation_done THEN 'first by the fees' ELSE 'wrong' END
            FROM visit_closing";
        let expected = "2026-12-02 online 14 141003 beyond_ability other_facility 13 other first by the fees";
        assert_eq!(raw::texts(&site.url, kept).await, [expected]);
        let read = hers.get(&format!("/api/visits/{id}/closing")).await.expect(StatusCode::OK);
        assert_eq!(read["said"]["referral"]["to"], "見本総合病院 内科");
        assert_eq!(read["said"]["next"], json!({ "id": later, "start": "2026-12-03T03:00:00Z" }));

        // What goes on in person says why; what did not take place says nothing.
        let second = seen(&site, &mut site.browser(), "2026-12-01T16:00:00Z", &nagi()).await;
        let refused = close(&mut doctor, &second, "converted_to_in_person", &facts()).await;
        let refused = refused.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        assert_eq!(told(&refused), pairs(&[("/facts/conversion_reason", "required")]));
        let refused = close(&mut doctor, &second, "could_not_connect", &facts()).await;
        let refused = refused.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        assert_eq!(told(&refused), pairs(&[("/facts", "not_taken_place")]));
        let said = with(&json!({ "conversion_reason": "examination_needed", "guideline_first_visit": true }));
        close(&mut doctor, &second, "converted_to_in_person", &said).await.expect(StatusCode::OK);
        let modes = raw::texts(&site.url, "SELECT mode FROM visit_closing ORDER BY mode").await;
        assert_eq!(modes, ["in_person", "online"]);
    }

    async fn an_exchange_number_is_shown_once_and_runs_out(site: Site) {
        let (mut hers, mut his) = (site.browser(), site.browser());
        let mut doctor = site.signed_in("doctor").await;
        let id = seen(&site, &mut hers, AT, &hana()).await;
        his.book("2026-12-01T03:00:00Z", &nagi()).await;
        let (path, clinic) = (format!("/api/visits/{id}/exchange-number"), format!("/api/clinic/visits/{id}/exchange-number"));
        hers.post(&path, json!({})).await.refused(StatusCode::CONFLICT, "no_exchange_number");
        doctor.put(&clinic, json!({ "number": "481516" })).await.refused(StatusCode::CONFLICT, "no_electronic_prescription");
        let said = with(&json!({
            "medications_confirmed": true, "exchange_number": "234200",
            "prescription": { "kind": "electronic", "days": 14 },
        }));
        close(&mut doctor, &id, "done", &said).await.expect(StatusCode::OK);

        let closing = format!("/api/visits/{id}/closing");
        let ready = hers.get(&closing).await;
        assert!(!ready.text.contains("234200"), "{}", ready.text);
        // Four days with the day of issue: over at the end of 4 December in Tokyo.
        let expected = json!({ "state": "ready", "at": "2026-12-04T15:00:00Z" });
        assert_eq!(ready.expect(StatusCode::OK)["said"]["exchange"], expected);
        his.post(&path, json!({})).await.refused(StatusCode::NOT_FOUND, "not_found");
        let shown = hers.post(&path, json!({})).await.expect(StatusCode::OK);
        assert_eq!(shown, json!({ "number": "234200", "expires_at": "2026-12-04T15:00:00Z" }));
        hers.post(&path, json!({})).await.refused(StatusCode::CONFLICT, "exchange_number_shown");
        let left = "SELECT count(*) FROM visit_closing WHERE exchange_number IS NOT NULL";
        assert_eq!(raw::numbers(&site.url, left).await, [0]);
        assert_eq!(hers.get(&closing).await.expect(StatusCode::OK)["said"]["exchange"]["state"], "shown");

        // A new one, which nobody looks at before it runs out.
        doctor.put(&clinic, json!({ "number": "48151" })).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        doctor.put(&clinic, json!({ "number": "481516" })).await.expect(StatusCode::NO_CONTENT);
        let ends = |at: &str| {
            format!("UPDATE visit_closing SET exchange_expires_at = '2026-12-01T00:00:{at}+00:00'")
        };
        raw::execute(&site.url, &ends("01")).await.unwrap();
        onshin::actions::visit::closing::erase_expired(&site.app).await.unwrap();
        assert_eq!(raw::numbers(&site.url, left).await, [1]);
        // The first instant at which it is over.
        raw::execute(&site.url, &ends("00")).await.unwrap();
        hers.post(&path, json!({})).await.refused(StatusCode::CONFLICT, "exchange_number_expired");
        onshin::actions::visit::closing::erase_expired(&site.app).await.unwrap();
        assert_eq!(raw::numbers(&site.url, left).await, [0]);
        assert_eq!(hers.get(&closing).await.expect(StatusCode::OK)["said"]["exchange"]["state"], "expired");
        // Each deed has its line, and none of them the number.
        let deeds = "SELECT detail FROM audit_entry WHERE action LIKE 'exchange_number.%'";
        let deeds = raw::texts(&site.url, deeds).await;
        assert_eq!(deeds.len(), 2);
        assert!(deeds.iter().all(|detail| !detail.contains("234200")), "{deeds:?}");
    }

    async fn the_engine_and_the_database_agree(site: Site) {
        let id = seen(&site, &mut site.browser(), AT, &hana()).await;
        // What a first visit rests on is another rule's.
        let rests = "UPDATE intake SET first_visit_basis = 'info_sufficient'";
        raw::execute(&site.url, rests).await.unwrap();
        let (cases, rows) = cases(&site.url, &id);
        let accepted = raw::each_accepted(&site.url, &rows).await;
        assert_eq!(accepted.len(), cases.len());
        let mut allowed = 0;
        for ((prescription, ground), accepted) in cases.iter().zip(accepted) {
            let why = forbids(prescription, ground);
            assert_eq!(why.is_empty(), accepted, "{prescription:?} {ground:?} {why:?}");
            allowed += usize::from(accepted);
        }
        assert!(allowed > 50 && allowed < cases.len() / 2, "{allowed} of {}", cases.len());
    }
}

/// Every prescription on every ground, and how it would be written past the application.
fn cases(url: &str, booking: &str) -> (Vec<(Prescription, Ground)>, Vec<[String; 2]>) {
    let (mut cases, mut rows) = (Vec::new(), Vec::new());
    let text = |value: bool| if value { "TRUE" } else { "FALSE" };
    let id = raw::id(url, booking);
    let delete = format!("DELETE FROM visit_closing WHERE booking_id = {id}");
    for kind in PrescriptionKind::ALL {
        for days in [None, Some(0), Some(1), Some(7), Some(8), Some(180), Some(181)] {
            for bits in 0_u8..128 {
                let bit = |place: u8| bits >> place & 1 == 1;
                let prescription = Prescription {
                    kind: *kind,
                    days,
                    narcotic: bit(0),
                    psychotropic: bit(1),
                    high_risk: bit(2),
                };
                let talk = bit(3);
                let ground = Ground {
                    kind: if talk { ServiceKind::PreConsultation } else { ServiceKind::OnlineCare },
                    guideline_first_visit: bit(4),
                    underlying_info_known: bit(5),
                    medications_confirmed: bit(6),
                };
                // A first visit in a talk is refused for another reason.
                if talk && ground.guideline_first_visit {
                    continue;
                }
                let days = days.map_or("NULL".to_owned(), |days| days.to_string());
                let insert = format!(
                    "INSERT INTO visit_closing (booking_id, facility_id, clinician_id, kind,
                        local_date, mode, guideline_first_visit, billing_first_visit,
                        pre_consultation_done, underlying_info_known, medications_confirmed,
                        prescription, days, narcotic, psychotropic, high_risk, onward_policy,
                        doctor_place, closed_by, closed_at, version)
                     SELECT id, facility_id, clinician_id, '{}', '2026-12-01', 'online', {}, FALSE,
                        FALSE, {}, {}, '{kind}', {days}, {}, {}, {}, link_hash, 'clinic',
                        (SELECT id FROM account ORDER BY login LIMIT 1),
                        '2026-12-01T00:30:00+00:00', 1
                     FROM booking WHERE id = {id}",
                    if talk { "pre_consultation" } else { "online_care" },
                    text(ground.guideline_first_visit),
                    text(ground.underlying_info_known),
                    text(ground.medications_confirmed),
                    text(prescription.narcotic),
                    text(prescription.psychotropic),
                    text(prescription.high_risk),
                );
                cases.push((prescription, ground));
                rows.push([insert, delete.clone()]);
            }
        }
    }
    (cases, rows)
}
