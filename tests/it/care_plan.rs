//! The plan of online care: nine sections, versions that stay, read and agreed to by the patient.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{Site, hana, nagi, on_both_engines, raw};

/// A plan whose writer saw `version`, with `content` in its first section.
pub(crate) fn plan(version: i64, content: &str) -> Value {
    json!({ "version": version, "recording": "none", "sections": {
        "content": content, "in_person_combination": "三か月に一度は来院", "booking": "月に一度",
        "method": "このシステム", "conditions_to_stop": "映像が止まったとき",
        "patient_cooperation": "体の様子を話す", "emergency_response": "当院に電話",
        "doctors": "音無 静", "security_responsibility": "機器は患者、仕組みは当院",
    } })
}

const AT: &str = "2026-12-01T00:15:00Z";

on_both_engines! {
    async fn a_plan_has_nine_sections_and_versions_that_stay(site: Site) {
        let (mut hers, mut doctor) = (site.browser(), site.signed_in("doctor").await);
        let id = hers.book(AT, &hana()).await["booking"]["id"].take();
        let id = id.as_str().unwrap();
        let (own, clinic) = (format!("/api/visits/{id}/care-plan"), format!("/api/clinic/visits/{id}/care-plan"));
        assert_eq!(hers.get(&own).await.expect(StatusCode::OK), json!({ "plan": null, "versions": [] }));
        let mut short = plan(0, "血圧の薬の調整");
        short["sections"]["doctors"] = json!("  ");
        let refused = doctor.put(&clinic, short).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        assert_eq!(refused["errors"][0]["pointer"], "/sections/doctors");
        let mut eight = plan(0, "血圧の薬の調整");
        eight["sections"].as_object_mut().unwrap().remove("doctors");
        doctor.put(&clinic, eight).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "malformed");

        let first = doctor.put(&clinic, plan(0, "血圧の薬の調整")).await.expect(StatusCode::OK);
        assert_eq!(first["version"], 1);
        // Who saw none, while there is one, writes nothing.
        doctor.put(&clinic, plan(0, "ほかの計画")).await.refused(StatusCode::CONFLICT, "stale");
        let second = doctor.put(&clinic, plan(1, "薬を減らす")).await.expect(StatusCode::OK);
        assert_eq!(second["version"], 2);
        let read = hers.get(&own).await.expect(StatusCode::OK);
        assert_eq!(read["plan"]["sections"]["content"], "薬を減らす");
        assert_eq!(read["plan"]["agreed_at"], Value::Null);

        // What was written stays, also past the application.
        for sql in [
            "UPDATE care_plan_version SET recording = 'both'", "DELETE FROM care_plan_version",
            "UPDATE care_plan_version SET version = 7 WHERE version = 1",
        ] {
            let error = raw::execute(&site.url, sql).await.unwrap_err();
            assert!(error.contains("care_plan_version_is_final"), "{error}");
        }
        assert_eq!(raw::numbers(&site.url, "SELECT count(*) FROM care_plan_version").await, [2]);
        assert_eq!(raw::numbers(&site.url, "SELECT count(*) FROM care_plan").await, [1]);
    }

    async fn earlier_versions_are_read_by_the_patient_and_the_doctor(site: Site) {
        let (mut hers, mut his) = (site.browser(), site.browser());
        let mut doctor = site.signed_in("doctor").await;
        let id = hers.book(AT, &hana()).await["booking"]["id"].take();
        let id = id.as_str().unwrap();
        his.book("2026-12-01T03:00:00Z", &nagi()).await;
        let (own, clinic) = (format!("/api/visits/{id}/care-plan"), format!("/api/clinic/visits/{id}/care-plan"));
        doctor.put(&clinic, plan(0, "血圧の薬の調整")).await.expect(StatusCode::OK);
        hers.post(&format!("{own}/agree"), json!({ "version": 1 })).await.expect(StatusCode::OK);
        site.app.clock.advance(chrono::TimeDelta::minutes(1));
        doctor.put(&clinic, plan(1, "薬を減らす")).await.expect(StatusCode::OK);
        let newest = hers.get(&own).await.expect(StatusCode::OK);
        assert_eq!((&newest["plan"]["version"], &newest["plan"]["agreed_at"]), (&json!(2), &Value::Null));
        let numbers: Vec<_> = newest["versions"].as_array().unwrap().iter().map(|one| &one["version"]).collect();
        assert_eq!(numbers, [2, 1], "the newest first");
        assert!(newest["versions"][0]["created_at"].as_str() > newest["versions"][1]["created_at"].as_str());
        for (reader, path) in [(&mut hers, &own), (&mut doctor, &clinic)] {
            let first = reader.get(&format!("{path}?version=1")).await.expect(StatusCode::OK);
            assert_eq!(first["versions"], newest["versions"]);
            let read = &first["plan"];
            assert_eq!((&read["version"], &read["sections"]["content"]), (&json!(1), &json!("血圧の薬の調整")));
            assert_eq!((&read["agreed_by"], &read["created_at"]), (&json!("tapped"), &first["versions"][1]["created_at"]));
            for none in [0, 3] {
                reader.get(&format!("{path}?version={none}")).await.refused(StatusCode::NOT_FOUND, "not_found");
            }
        }
        // Others read no version, as they read none before.
        his.get(&format!("{own}?version=1")).await.refused(StatusCode::NOT_FOUND, "not_found");
        site.signed_in("umikaze").await.get(&format!("{clinic}?version=1")).await.refused(StatusCode::NOT_FOUND, "not_found");
        let read = "SELECT detail FROM audit_entry WHERE action = 'care_plan.read'";
        let read = raw::texts(&site.url, read).await;
        assert_eq!(read.iter().filter(|detail| detail.contains(r#""version":1"#)).count(), 2, "{read:?}");
    }

    async fn the_patient_agrees_to_the_version_they_read(site: Site) {
        let (mut hers, mut his) = (site.browser(), site.browser());
        let mut doctor = site.signed_in("doctor").await;
        let id = hers.book(AT, &hana()).await["booking"]["id"].take();
        let id = id.as_str().unwrap();
        let agree = format!("/api/visits/{id}/care-plan/agree");
        hers.post(&agree, json!({ "version": 1 })).await.refused(StatusCode::CONFLICT, "no_care_plan");
        let clinic = format!("/api/clinic/visits/{id}/care-plan");
        doctor.put(&clinic, plan(0, "血圧の薬の調整")).await.expect(StatusCode::OK);
        doctor.put(&clinic, plan(1, "薬を減らす")).await.expect(StatusCode::OK);
        // An old version is not agreed to, and nobody agrees in another's name.
        hers.post(&agree, json!({ "version": 1 })).await.refused(StatusCode::CONFLICT, "stale");
        his.book("2026-12-01T03:00:00Z", &nagi()).await;
        his.post(&agree, json!({ "version": 2 })).await.refused(StatusCode::NOT_FOUND, "not_found");
        let tapped = json!({ "version": 2, "method": "tapped" });
        doctor.post(&format!("{clinic}/agree"), tapped).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        let agreed = hers.post(&agree, json!({ "version": 2 })).await.expect(StatusCode::OK);
        assert_eq!(agreed["agreed_by"], "tapped");
        // Once more changes nothing.
        hers.post(&agree, json!({ "version": 2 })).await.expect(StatusCode::OK);
        let kept = "SELECT method || CASE WHEN account_id IS NULL THEN '' ELSE '?' END FROM care_plan_agreement";
        assert_eq!(raw::texts(&site.url, kept).await, ["tapped"]);

        // Others at the clinic, and another clinic, do not write; the desk does not read.
        let mut desk = site.signed_in("desk").await;
        desk.get(&clinic).await.refused(StatusCode::FORBIDDEN, "forbidden");
        let mut other = site.signed_in("umikaze").await;
        other.put(&clinic, plan(2, "ほか")).await.refused(StatusCode::NOT_FOUND, "not_found");
        // The same patient's next visit has the plan, and agrees anew, by word.
        let next = hers.book("2026-12-02T00:15:00Z", &hana()).await["booking"]["id"].take();
        let next = format!("/api/clinic/visits/{}/care-plan", next.as_str().unwrap());
        let read = doctor.get(&next).await.expect(StatusCode::OK);
        assert_eq!((&read["plan"]["version"], &read["plan"]["agreed_at"]), (&json!(2), &Value::Null));
        let spoken = json!({ "version": 2, "method": "spoken" });
        let agreed = doctor.post(&format!("{next}/agree"), spoken).await.expect(StatusCode::OK);
        assert_eq!(agreed["agreed_by"], "spoken");
        let reads = "SELECT count(*) FROM audit_entry WHERE action = 'care_plan.read'";
        assert!(raw::numbers(&site.url, reads).await[0] >= 1);
    }
}
