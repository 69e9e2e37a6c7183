//! "Why is this time not free?", by the API and the command line.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::support::served::onshin;
use crate::support::{Browser, NIGHT_VISIT, Site, UMIKAZE_DOCTOR, hana, on_both_engines, raw};

const DOCTOR: &str = "0d300200-0000-0000-0000-4ead72fa0000";
const UMIKAZE_VISIT: &str = "0d300300-0000-0000-0000-4ead730c0000";

async fn why(desk: &mut Browser, service: &str, start: &str) -> Value {
    let path = format!("/api/clinic/explain?service={service}&start={start}");
    desk.get(&path).await.expect(StatusCode::OK)
}

/// The findings that are against, of the first doctor.
fn against(why: &Value) -> Vec<Value> {
    let findings = why["clinicians"][0]["findings"].as_array().unwrap();
    findings.iter().filter(|one| one["against"] == true).cloned().collect()
}

on_both_engines! {
    async fn each_cause_is_named_with_what_it_points_to(site: Site) {
        let (mut hers, mut his, mut desk) =
            (site.browser(), site.browser(), site.signed_in("desk").await);
        let free = why(&mut desk, NIGHT_VISIT, "2026-12-02T03:00:00Z").await;
        assert_eq!((&free["clinicians"][0]["free"], &free["clinicians"][0]["name"]), (&json!(true), &json!("音無 静")));
        assert_eq!(against(&free), [] as [Value; 0]);
        for finding in free["clinicians"][0]["findings"].as_array().unwrap() {
            assert!(finding["ja"].as_str().unwrap().ends_with('。') && finding["en"].as_str().unwrap().ends_with('.'));
        }

        let booked = hers.book("2026-12-02T03:00:00Z", &hana()).await["booking"].take();
        his.hold("2026-12-02T03:15:00Z").await.expect(StatusCode::CREATED);
        let told = &against(&why(&mut desk, NIGHT_VISIT, "2026-12-02T12:00:00%2B09:00").await)[0];
        assert_eq!((&told["code"], &told["about"]["number"]), (&json!("slot_taken"), &booked["number"]));
        assert!(told["ja"].as_str().unwrap().contains(booked["number"].as_str().unwrap()), "{told}");
        // A plus that was not escaped is understood.
        let told = &against(&why(&mut desk, NIGHT_VISIT, "2026-12-02T12:15:00+09:00").await)[0];
        assert_eq!((&told["about"]["kind"], &told["about"]["status"]), (&json!("booking"), &json!("held")));
        assert_eq!(told["about"]["hold_expires_at"], "2026-12-01T00:10:00Z");

        let closed = desk.change_hours(json!([
            { "kind": "add_exception", "date": "2026-12-03", "difference": "closed", "note": "学会のため" },
            { "kind": "add_exception", "date": "2026-12-04", "difference": "break", "opens": 720, "closes": 780, "note": "会議" },
        ])).await;
        let told = &against(&why(&mut desk, NIGHT_VISIT, "2026-12-03T03:00:00Z").await)[0];
        assert_eq!((&told["code"], &told["about"]["exception"]["exception_id"]), (&json!("closed_day"), &closed["edits"][0]["exception_id"]));
        assert!(told["ja"].as_str().unwrap().contains("学会のため"), "{told}");
        let told = &against(&why(&mut desk, NIGHT_VISIT, "2026-12-04T03:15:00Z").await)[0];
        assert_eq!((&told["code"], &told["about"]["exceptions"][0]["note"]), (&json!("outside_hours"), &json!("会議")));
    }

    async fn bad_times_get_a_sentence(site: Site) {
        let mut desk = site.signed_in("desk").await;
        for (start, code, kind) in [
            ("2026-11-30T03:00:00Z", "in_past", "present"),
            ("9999-12-31T23:00:00Z", "invalid_time", "time"),
            ("1066-10-14T09:00:00Z", "invalid_time", "time"),
            ("2026-12-02T03:07:00Z", "off_grid", "grid"),
            ("2026-12-02T03:00:00.5Z", "invalid_time", "time"),
            ("2027-06-01T03:00:00Z", "beyond_horizon", "horizon"),
        ] {
            let told = &against(&why(&mut desk, NIGHT_VISIT, start).await)[0];
            assert_eq!((&told["code"], &told["about"]["kind"]), (&json!(code), &json!(kind)), "{start}");
        }
        for (start, code) in [
            ("2026-12-02T03:00:00", "no_zone"), ("2026-12-02T03:00", "no_zone"), ("2026-12-02%2003:00", "no_zone"),
            ("tomorrow", "time"), ("", "time"), ("2026-02-30T03:00:00Z", "time"), ("2026-12-02T25:00:00Z", "time"),
            ("12345", "time"), ("%00", "time"),
        ] {
            let path = format!("/api/clinic/explain?service={NIGHT_VISIT}&start={start}");
            let told = desk.get(&path).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
            let error = &told["errors"][0];
            assert_eq!((&error["pointer"], &error["code"]), (&json!("/start"), &json!(code)), "{start}");
            assert!(error["detail"].as_str().unwrap().contains("2026-12-01T10:30+09:00"), "{told}");
        }
    }

    async fn a_clinic_asks_about_its_own(site: Site) {
        let (mut desk, mut umikaze) = (site.signed_in("desk").await, site.signed_in("umikaze").await);
        // Each doctor; a Wednesday is only the second's.
        let told = why(&mut umikaze, UMIKAZE_VISIT, "2026-12-02T01:00:00Z").await;
        let codes: Vec<_> = told["clinicians"].as_array().unwrap().iter().map(|one| &one["code"]).collect();
        assert_eq!(codes, [&json!("outside_hours"), &Value::Null]);
        assert_eq!(against(&told)[0]["about"], json!({ "kind": "weekly", "date": "2026-12-02", "weekday": 3 }));
        // New Year's Day, which is also beyond its horizon.
        raw::execute(&site.url, "UPDATE service SET horizon_days = 300").await.unwrap();
        let told = why(&mut umikaze, UMIKAZE_VISIT, "2027-01-01T01:00:00Z").await;
        assert_eq!(against(&told)[0]["about"], json!({ "kind": "holiday", "name": "元日", "date": "2027-01-01" }));
        for path in [
            format!("/api/clinic/explain?service={UMIKAZE_VISIT}&start=2026-12-02T01:00:00Z"),
            format!("/api/clinic/explain?service={NIGHT_VISIT}&start=2026-12-02T01:00:00Z&clinician={UMIKAZE_DOCTOR}"),
        ] {
            desk.get(&path).await.refused(StatusCode::NOT_FOUND, "not_found");
        }
        // No acceptance on the day, no training by then.
        let sql = "UPDATE notification SET lapsed_after = '2026-12-08', lapsed_on = '2026-12-09';
            UPDATE clinician SET training_completed_on = '2026-12-10'";
        raw::execute(&site.url, sql).await.unwrap();
        let told = against(&why(&mut desk, NIGHT_VISIT, "2026-12-09T01:00:00Z").await);
        let codes: Vec<_> = told.iter().map(|one| one["code"].as_str().unwrap()).collect();
        assert_eq!(codes, ["not_accepted", "not_trained"]);
        assert_eq!(told[0]["about"]["periods"], json!([{ "from": "2022-04-01", "until": "2026-12-09" }]));
        assert_eq!(told[1]["about"]["completed_on"], "2026-12-10");
    }

    async fn the_command_line_says_the_same(site: Site) {
        let folder = tempfile::tempdir().unwrap();
        let run = |more: &[&str]| {
            let args = ["slots", "explain", "--database", &site.url, "--facility", "1319990010", "--service", NIGHT_VISIT];
            let done = onshin(folder.path()).args(args).args(more).output().unwrap();
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
            (done.status.code().unwrap(), text(&done.stdout), text(&done.stderr))
        };
        // The command line has no clock but the machine's; this is past for all of them.
        let (code, out, _) = run(&["--at", "2020-06-01T10:30+09:00", "--lang", "en"]);
        assert_eq!(code, 0);
        assert!(out.starts_with("Mon 2020-06-01 10:30 (Asia/Tokyo)\n音無 静  cannot be booked: in_past\n"), "{out}");
        assert!(out.contains("\n  x This time is in the past."), "{out}");
        assert!(out.contains("\n  x The acceptance for online care is not in effect on Mon 2020-06-01."), "{out}");
        let (code, out, _) = run(&["--at", "2020-06-01T01:30:00Z", "--format", "json", "--clinician", "音無 静"]);
        let told: Value = serde_json::from_str(&out).unwrap();
        assert_eq!((code, &told["schema"], &told["clinicians"][0]["clinician_id"]),
            (0, &json!("onshin.slots.explain/1"), &json!(DOCTOR)));
        let (code, out, err) = run(&["--at", "2020-06-01T10:30"]);
        assert_eq!((code, out.as_str()), (5, ""));
        assert!(err.contains("has no offset"), "{err}");
        let (code, _, err) = run(&["--at", "2020-06-01T10:30Z", "--clinician", "nobody"]);
        assert_eq!((code, err.as_str()), (3, "onshin: no doctor nobody\n"));
    }
}
