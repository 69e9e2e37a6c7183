//! The yearly report of a clinic: drawn up from visits that took place, filled in, made final once.

use std::fmt::Write;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use serde_json::{Value, json};

use crate::closing::facts;
use crate::support::{Answer, Browser, NIGHT, ORIGIN, Site, at, hana, nagi, on_both_engines, raw};

const YEAR: &str = "/api/clinic/august/2027";

/// Books a visit, lets it take place, and closes it with these facts beside the plain ones.
async fn closed(site: &Site, who: &Value, start: &str, said: &Value) -> String {
    let booked = site.browser().book(start, who).await["booking"].take();
    let id = booked["id"].as_str().unwrap().to_owned();
    let row = raw::id(&site.url, &id);
    let begun = format!(
        "UPDATE visit SET patient_video_seconds = 60, clinician_video_seconds = 60
            WHERE booking_id = {row};
         UPDATE booking SET status = 'checked_in' WHERE id = {row};
         UPDATE booking SET status = 'in_progress' WHERE id = {row}"
    );
    raw::execute(&site.url, &begun).await.unwrap();
    let mut all = facts();
    for (field, value) in said.as_object().unwrap() {
        all[field] = value.clone();
    }
    let wish = json!({ "outcome": "done", "facts": all });
    let path = format!("/api/clinic/visits/{id}/close");
    site.signed_in("doctor").await.post(&path, wish).await.expect(StatusCode::OK);
    id
}

/// Sends a text as a file of that kind.
async fn send_csv(browser: &mut Browser, text: &str) -> Answer {
    let request = Request::builder()
        .method(Method::PUT)
        .uri(format!("{YEAR}/months.csv"))
        .header(header::ORIGIN, ORIGIN)
        .header(header::CONTENT_TYPE, "text/csv");
    browser.request(request.body(Body::from(text.to_owned())).unwrap()).await
}

/// Twelve months of counts as CSV.
fn months() -> String {
    let mut text = "month,in_person_first,in_person_repeat,no_later_visit\r\n".to_owned();
    for month in 0..12 {
        let (year, month) = if month < 5 { (2026, month + 8) } else { (2027, month - 4) };
        writeln!(text, "{year}-{month:02},10,200,\r").unwrap();
    }
    text
}

fn codes(august: &Value) -> Vec<&str> {
    let problems = august["report"]["problems"].as_array().unwrap();
    problems.iter().map(|one| one["code"].as_str().unwrap()).collect()
}

/// Makes the report final, which is done once for each state of things and never undone.
async fn made_final(site: &Site, desk: &mut Browser) {
    // Final once: a version, that never changes.
    let august = desk.post(&format!("{YEAR}/final"), json!({})).await.expect(StatusCode::OK);
    assert_eq!(august["finals"][0]["version"], 1);
    desk.post(&format!("{YEAR}/final"), json!({}))
        .await
        .refused(StatusCode::CONFLICT, "report_unchanged");
    let page = desk.get(&format!("{YEAR}/report.html?version=1&lang=ja")).await;
    assert!(page.text.contains("確定版 第1版") && !page.text.contains("下書き"), "{}", page.text);
    assert!(
        page.text.contains("①＋② = 3 = オンライン 初診料＋再診料等 = 3 <strong>一致"),
        "{}",
        page.text
    );
    let csv = desk.get(&format!("{YEAR}/report.csv?version=1")).await;
    assert!(csv.text.contains(",final 1,2,online_first,total,1,derived"), "{}", csv.text);
    let more = json!({ "months": [{ "month": "2027-03-01", "in_person_first": 13, "in_person_repeat": 190, "no_later_visit": null }] });
    desk.put(&format!("{YEAR}/months"), more).await.expect(StatusCode::OK);
    let august = desk.post(&format!("{YEAR}/final"), json!({})).await.expect(StatusCode::OK);
    assert_eq!(august["finals"][0]["version"], 2);
    let first = desk.get(&format!("{YEAR}/report.csv?version=1")).await;
    assert_eq!(first.text, csv.text);
    desk.get(&format!("{YEAR}/report.csv?version=3"))
        .await
        .refused(StatusCode::NOT_FOUND, "not_found");
    for sql in ["UPDATE august_report SET body = '{}'", "DELETE FROM august_report"] {
        let refused = raw::execute(&site.url, sql).await.unwrap_err();
        assert!(refused.contains("august_report_is_final"), "{refused}");
    }
    let deeds = raw::texts(
        &site.url,
        "SELECT action FROM audit_entry WHERE action LIKE 'august.%' ORDER BY at, id",
    )
    .await;
    assert_eq!(deeds.iter().filter(|deed| *deed == "august.finish").count(), 2, "{deeds:?}");
    assert!(deeds.contains(&"august.place".to_owned()));
}

on_both_engines! {
    async fn a_report_is_drawn_up_from_visits_and_made_final_once(site: Site) {
        // At half past midnight in Tokyo: the visit is of the JST day, and of December.
        closed(&site, &hana(), "2026-12-01T15:30:00Z", &json!({
            "billing_first_visit": true,
            "referral": { "reason": "urgent", "to": "見本総合病院" },
        })).await;
        closed(&site, &nagi(), "2026-12-01T03:00:00Z", &json!({
            "patient_prefecture": "14", "doctor_place": "home", "doctor_prefecture": "14",
            "record_access": "cloud_emr",
        })).await;
        let unknown = closed(&site, &nagi(), "2026-12-02T03:00:00Z", &json!({})).await;
        let lost = format!(
            "UPDATE visit_closing SET patient_prefecture = NULL, patient_municipality = NULL
             WHERE booking_id = {}", raw::id(&site.url, &unknown)
        );
        raw::execute(&site.url, &lost).await.unwrap();
        let mut desk = site.signed_in("desk").await;
        let years = desk.get("/api/clinic/august").await.expect(StatusCode::OK);
        assert_eq!(years["items"][0]["year"], 2027, "{years}");
        let august = desk.get(YEAR).await.expect(StatusCode::OK);
        let report = &august["report"];
        assert_eq!((report["from"].as_str(), report["until"].as_str()), (Some("2026-08-01"), Some("2027-07-31")));
        let total = &report["total"];
        assert_eq!(total["same"], json!({ "visits": 1, "referred": 1 }));
        assert_eq!(total["other"], json!({ "visits": 1, "referred": 0 }));
        assert_eq!((&total["unknown"]["visits"], &total["online_first"], &total["online_repeat"]), (&json!(1), &json!(1), &json!(2)));
        assert_eq!(report["months"][4]["month"], "2026-12-01");
        assert_eq!(report["months"][4]["figures"]["online_first"], 1);
        assert_eq!(report["head"]["code7"].as_str().unwrap().len(), 7);
        assert_eq!(report["doctors"][0]["place"], "home");
        // Half of those whose place is known were elsewhere: more than a fifth.
        assert_eq!(report["share"], json!({ "part": 1, "whole": 2, "over": true }));
        assert_eq!((&report["sums_agree"], &august["ready"]), (&json!(false), &json!(false)));
        assert_eq!(codes(&august), ["not_over", "unknown_place", "in_person_missing", "arrangement_missing"]);
        assert_eq!(report["problems"][1]["of"], json!([unknown]));
        desk.post(&format!("{YEAR}/final"), json!({})).await.refused(StatusCode::CONFLICT, "report_not_ready");
        let draft = desk.get(&format!("{YEAR}/report.html?lang=ja")).await;
        assert!(draft.text.contains("下書き") && draft.text.contains("≠"), "{}", draft.text);

        // What is missing is said.
        site.app.clock.set(at("2027-08-02T00:00:00Z"));
        let mut desk = site.signed_in("desk").await;
        let place = format!("{YEAR}/visits/{unknown}/place");
        desk.put(&place, json!({ "prefecture": "48" })).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        desk.put(&place, json!({ "prefecture": "13", "municipality": "141003" })).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        site.signed_in("umikaze").await.put(&place, json!({ "prefecture": "13" })).await.refused(StatusCode::NOT_FOUND, "not_found");
        desk.put(&place, json!({ "prefecture": "13", "municipality": "131041" })).await.expect(StatusCode::OK);
        // What somebody said is not said over.
        desk.put(&place, json!({ "prefecture": "14" })).await.refused(StatusCode::NOT_FOUND, "not_found");
        let answers = json!({
            "talk": { "series": true, "separated": false, "other": false }, "version": 0,
            "arrangements": { "14": { "institution": " 横浜見本病院 ", "referral": "紹介状を送る", "agreed": true } },
        });
        desk.put(&format!("{YEAR}/answers"), answers.clone()).await.expect(StatusCode::OK);
        desk.put(&format!("{YEAR}/answers"), answers).await.refused(StatusCode::CONFLICT, "stale");
        let august = send_csv(&mut desk, &months()).await.expect(StatusCode::OK);
        assert_eq!((&august["ready"], &august["report"]["sums_agree"]), (&json!(true), &json!(true)), "{august}");
        assert_eq!(codes(&august), [""; 0]);
        assert_eq!(august["report"]["total"]["in_person_repeat"], 2400);
        assert_eq!(august["report"]["months"][0]["in_person_source"], "derived");
        assert_eq!(august["report"]["areas"][0]["arrangement"]["institution"], "横浜見本病院");
        let month = json!({ "months": [{ "month": "2027-03-01", "in_person_first": 12, "in_person_repeat": 190, "no_later_visit": 0 }] });
        let august = desk.put(&format!("{YEAR}/months"), month).await.expect(StatusCode::OK);
        assert_eq!(august["report"]["months"][7]["in_person_source"], "manual");

        made_final(&site, &mut desk).await;
    }

    async fn a_file_that_is_none_is_told_by_its_lines(site: Site) {
        let mut desk = site.signed_in("desk").await;
        let header = "month,in_person_first,in_person_repeat\n";
        let bad = format!("{header}2026-08,1,2\n2026-13,1,2\n2026-08,3,4\n2026-09,x,2\n");
        let told = send_csv(&mut desk, &bad).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        let lines: Vec<_> = told["errors"].as_array().unwrap().iter()
            .map(|one| (one["pointer"].as_str().unwrap(), one["code"].as_str().unwrap())).collect();
        assert_eq!(lines, [("/line/3", "form"), ("/line/4", "twice"), ("/line/5", "form")]);
        for (text, code) in [(header.to_owned(), "required"), (format!("{header}2026-07,1,2\n"), "range"), (format!("{header}2026-08,-1,2\n"), "count")] {
            let told = send_csv(&mut desk, &text).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
            assert_eq!(told["errors"][0]["code"], code);
        }
        let with_mark = format!("\u{feff}{header} 2026-08 , 1 , 2 \n");
        send_csv(&mut desk, &with_mark).await.expect(StatusCode::OK);
        // None of the refused lines was kept.
        assert_eq!(raw::numbers(&site.url, "SELECT count(*) FROM august_month").await, [1]);
    }

    async fn what_went_on_in_person_is_no_online_visit_but_a_later_one(site: Site) {
        closed(&site, &hana(), "2026-12-01T03:00:00Z", &json!({ "billing_first_visit": true })).await;
        let second = closed(&site, &hana(), "2026-12-03T03:00:00Z", &json!({})).await;
        let mut desk = site.signed_in("desk").await;
        let figures = |august: &Value| {
            let total = &august["report"]["total"];
            ["online_first", "online_repeat", "first_without_later"].map(|of| total[of].as_i64().unwrap())
        };
        assert_eq!(figures(&desk.get(YEAR).await.expect(StatusCode::OK)), [1, 1, 1]);
        let row = raw::id(&site.url, &second);
        let converted = format!(
            "UPDATE visit_closing SET mode = 'in_person', conversion_reason = 'other' WHERE booking_id = {row}"
        );
        raw::execute(&site.url, &converted).await.unwrap();
        assert_eq!(figures(&desk.get(YEAR).await.expect(StatusCode::OK)), [1, 0, 0]);
        // What the clinic says goes before what the service knows, and says so.
        let said = json!({ "months": [{ "month": "2026-12-01", "in_person_first": 5, "in_person_repeat": 6, "no_later_visit": 1 }] });
        let august = desk.put(&format!("{YEAR}/months"), said).await.expect(StatusCode::OK);
        assert_eq!(figures(&august), [1, 0, 1]);
        assert_eq!(august["report"]["months"][4]["later_source"], "manual");
    }

    async fn self_pay_and_days_without_effect_are_told_and_not_counted(site: Site) {
        closed(&site, &hana(), "2026-12-01T03:00:00Z", &json!({ "billing_first_visit": true })).await;
        closed(&site, &nagi(), "2026-12-02T03:00:00Z", &json!({})).await;
        let mut desk = site.signed_in("desk").await;
        let paid = format!("UPDATE service SET insured = FALSE WHERE facility_id = {}", raw::id(&site.url, NIGHT));
        raw::execute(&site.url, &paid).await.unwrap();
        let august = desk.get(YEAR).await.expect(StatusCode::OK);
        assert_eq!(august["report"]["total"]["online_first"], 0);
        assert!(codes(&august).contains(&"self_pay") && codes(&august).contains(&"no_visits"));
        let insured = paid.replace("FALSE", "TRUE");
        raw::execute(&site.url, &insured).await.unwrap();
        let late = "UPDATE notification SET effective_from = '2026-12-02' WHERE superseded_at IS NULL";
        raw::execute(&site.url, late).await.unwrap();
        let august = desk.get(YEAR).await.expect(StatusCode::OK);
        assert_eq!(august["report"]["from"], "2026-12-02");
        assert_eq!(august["report"]["months"].as_array().unwrap().len(), 8);
        assert_eq!((&august["report"]["total"]["online_first"], &august["report"]["total"]["online_repeat"]), (&json!(0), &json!(1)));
        // Before it was in effect there is no report.
        desk.get("/api/clinic/august/2026").await.refused(StatusCode::CONFLICT, "not_reported");
        desk.get("/api/clinic/august/1900").await.refused(StatusCode::NOT_FOUND, "not_found");
    }
}
