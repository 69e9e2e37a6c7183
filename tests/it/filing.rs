//! Notifications made through the service: the whole way of one, who may do what, what the register
//! and bookings make of it, and what is due.

use axum::http::StatusCode;
use onshin::actions::demo;
use onshin::actions::filings::register::take_effect_due;
use onshin::actions::people::{NewAccount, add_account};
use onshin::model::person::{Actor, Role};
use serde_json::{Value, json};

use crate::support::{Browser, Site, at, on_both_engines, raw};

mod database;
mod due;
mod letters;
mod machine;
mod reception;
mod register;
mod replaced;

/// A clinic of the demo whose criterion has lapsed, and what it offers.
pub(crate) const YUNAGI: &str = "0d300100-0000-0000-0000-4ead73230000";
const YUNAGI_VISIT: &str = "0d300300-0000-0000-0000-4ead73230000";
const CODE: &str = "1319990051";

/// Somebody at the desk of that clinic.
async fn yunagi(site: &Site) -> Browser {
    let new = NewAccount {
        login: "yunagi".to_owned(),
        name: "夕凪 岸".to_owned(),
        password: demo::PASSWORD.to_owned(),
        role: Role::ClinicStaff,
        facility: Some(YUNAGI.parse().unwrap()),
        clinician: None,
    };
    add_account(&site.app, &Actor::Command, new).await.unwrap();
    site.signed_in("yunagi").await
}

/// A whole form of a kind.
fn form(kind: &str) -> Value {
    match kind {
        "criterion" => json!({
            "founder": "医療法人ゆうなぎ", "manager": "夕凪 潮", "contact": "事務 0120-000-105",
            "guideline_system": "指針に沿う", "in_person_system": "平日に来院できる",
            "posting_place": "ウェブサイト", "outside_planned": "no",
        }),
        "online_care" => json!({
            "founder": "医療法人ゆうなぎ", "manager": "夕凪 潮", "contact": "事務 0120-000-105",
            "started_on": "2022-04-01", "departments": "皮膚科", "system": "このサービス",
        }),
        _ => json!({
            "operator_address": "東京都新宿区仮想町1", "opened_on": "2026-12-01",
            "room_note": "防音の個室", "device_note": "端末2台",
        }),
    }
}

/// The demands of a kind.
fn demands(kind: &str) -> &'static [&'static str] {
    match kind {
        "criterion" => &["places", "in_person", "cooperation", "posting"],
        "online_care" => {
            &["equipment", "patient_place", "explanation", "sudden_change", "training"]
        }
        _ => &["private_place", "contact_told", "links_published", "fee_shown"],
    }
}

fn check(item: &str) -> Value {
    let mut check = json!({ "item": item, "met": true, "evidence": "院内で確かめた" });
    if item == "posting" {
        check["url"] = json!("https://yunagi.example/online");
        check["checked_on"] = json!("2026-11-30");
        check["snapshot_on"] = json!("2026-11-30");
    }
    check
}

/// Begins a filing and fills it in: its id, its version.
async fn written(filer: &mut Browser, kind: &str, site_id: Option<&str>) -> (String, i64) {
    let begun = filer.post("/api/filings", json!({ "kind": kind, "site_id": site_id })).await;
    let begun = begun.expect(StatusCode::CREATED);
    let id = begun["filing"]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/filings/{id}");
    let put = json!({ "version": begun["filing"]["version"], "form": form(kind) });
    let put = filer.put(&path, put).await.expect(StatusCode::OK);
    for item in demands(kind) {
        filer.put(&format!("{path}/check"), check(item)).await.expect(StatusCode::OK);
    }
    (id, put["filing"]["version"].as_i64().unwrap())
}

/// The same, handed in.
async fn handed_in(filer: &mut Browser, kind: &str) -> (String, i64) {
    let (id, version) = written(filer, kind, None).await;
    (id.clone(), submit(filer, &id, version).await)
}

async fn submit(filer: &mut Browser, id: &str, version: i64) -> i64 {
    let path = format!("/api/filings/{id}/submit");
    let done = filer.post(&path, json!({ "version": version })).await.expect(StatusCode::OK);
    done["filing"]["version"].as_i64().unwrap()
}

/// What an acceptance says.
fn acceptance(version: i64, number: &str, from: &str) -> Value {
    json!({ "version": version, "acceptance_number": number, "accepted_on": "2026-12-01",
        "effective_from": from })
}

async fn accept(tokyo: &mut Browser, id: &str, wish: Value) -> Value {
    tokyo.post(&format!("/api/admin/filings/{id}/accept"), wish).await.expect(StatusCode::OK)
}

/// Whether anything can be booked at the clinic on a day.
async fn bookable(site: &Site, date: &str) -> bool {
    let path = format!("/api/facilities/{YUNAGI}/slots?service={YUNAGI_VISIT}&from={date}&days=1");
    let days = site.browser().get(&path).await.expect(StatusCode::OK);
    !days["days"][0]["slots"].as_array().unwrap().is_empty()
}

/// What the register knows of the clinic now: source, number, days.
async fn registered(site: &Site) -> Vec<String> {
    raw::texts(
        &site.url,
        "SELECT source || ' ' || acceptance_number || ' ' || CAST(effective_from AS TEXT)
            || COALESCE(' until ' || CAST(lapsed_on AS TEXT), '')
         FROM notification WHERE code10 = '1319990051' AND superseded_at IS NULL
         ORDER BY recorded_at, source, effective_from",
    )
    .await
}

/// What was done to a filing, by its own record and by the audit log.
async fn steps(site: &Site, id: &str) -> (Vec<String>, Vec<String>) {
    let own = format!(
        "SELECT step || ' ' || from_state || ' ' || to_state FROM filing_event
         WHERE filing_id = {} ORDER BY number",
        raw::id(&site.url, id)
    );
    let audit = format!(
        "SELECT action FROM audit_entry WHERE subject = '{id}'
           AND action NOT IN ('filing.begin', 'filing.put', 'filing.check') ORDER BY at, id"
    );
    (raw::texts(&site.url, &own).await, raw::texts(&site.url, &audit).await)
}

/// Hands in what was given back, and accepts it: in effect, in the register, and bookable.
async fn corrected_and_accepted(
    site: &Site,
    (desk, tokyo): (&mut Browser, &mut Browser),
    id: &str,
    version: i64,
) {
    let version = submit(desk, id, version).await;
    let admin = format!("/api/admin/filings/{id}");
    let wrong = acceptance(version, "（情報通信）第9号", "2026-11-30");
    let refused = tokyo
        .post(&format!("{admin}/accept"), wrong)
        .await
        .refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
    assert_eq!(refused["errors"][0]["pointer"], "/effective_from");
    let done = accept(tokyo, id, acceptance(version, " （情報通信）第９号", "2026-12-01")).await;
    // Its first day has come: in effect at once.
    assert_eq!(done["filing"]["state"], "in_effect");
    assert_eq!(done["filing"]["acceptance_number"], "(情報通信)第9号");
    assert!(bookable(site, "2026-12-03").await, "bookings follow");
    let expected = [
        "demo （情報通信）見本第9990051号 2022-04-01 until 2026-10-01",
        "filing (情報通信)第9号 2026-12-01",
    ];
    assert_eq!(registered(site).await, expected);
    let (own, audit) = steps(site, id).await;
    assert_eq!(
        own,
        [
            "submit draft submitted",
            "return submitted returned_for_correction",
            "resubmit returned_for_correction resubmitted",
            "accept resubmitted accepted",
            "take_effect accepted in_effect",
        ]
    );
    let mut named = audit.clone();
    named.sort_unstable();
    assert_eq!(
        named,
        [
            "filing.accept",
            "filing.resubmit",
            "filing.return",
            "filing.submit",
            "filing.take_effect"
        ]
    );
}

on_both_engines! {
    async fn a_filing_goes_its_whole_way(site: Site) {
        let (mut desk, mut tokyo) = (yunagi(&site).await, site.signed_in("tokyo").await);
        assert!(!bookable(&site, "2026-12-03").await, "the criterion has lapsed");
        let begun = desk.post("/api/filings", json!({ "kind": "criterion" })).await;
        let begun = begun.expect(StatusCode::CREATED);
        let id = begun["filing"]["id"].as_str().unwrap().to_owned();
        let path = format!("/api/filings/{id}");
        // Nothing is filled in, nothing is shown: it cannot be handed in, and says why.
        let refused = desk.post(&format!("{path}/submit"), json!({ "version": 1 })).await;
        let refused = refused.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        let pointers: Vec<&str> =
            refused["errors"].as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
        for there in ["/form/manager", "/form/outside_planned", "/checks/places", "/checks/posting"] {
            assert!(pointers.contains(&there), "{there}: {pointers:?}");
        }
        // Another of its kind cannot be begun beside it.
        desk.post("/api/filings", json!({ "kind": "criterion" })).await
            .refused(StatusCode::CONFLICT, "filing_under_way");
        let put = desk.put(&path, json!({ "version": 1, "form": form("criterion") })).await;
        assert_eq!(put.expect(StatusCode::OK)["filing"]["version"], 2);
        desk.put(&path, json!({ "version": 1, "form": {} })).await.refused(StatusCode::CONFLICT, "stale");
        for item in ["places", "in_person", "cooperation"] {
            desk.put(&format!("{path}/check"), check(item)).await.expect(StatusCode::OK);
        }
        // エ without its page and its days.
        let bare = json!({ "item": "posting", "met": true, "evidence": "載せてある" });
        let refused = desk.put(&format!("{path}/check"), bare).await
            .refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        assert_eq!(refused["errors"].as_array().unwrap().len(), 3, "{refused}");
        let refused = desk.post(&format!("{path}/submit"), json!({ "version": 2 })).await
            .refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        assert_eq!(refused["errors"][0]["pointer"], "/checks/posting");
        desk.put(&format!("{path}/check"), check("posting")).await.expect(StatusCode::OK);

        // Whoever reviews sees nothing of a draft, and all of what was handed in.
        let admin = format!("/api/admin/filings/{id}");
        tokyo.get(&admin).await.refused(StatusCode::NOT_FOUND, "not_found");
        let version = submit(&mut desk, &id, 2).await;
        let queue = tokyo.get("/api/admin/filings?state=submitted").await.expect(StatusCode::OK);
        assert_eq!((&queue["items"][0]["id"], &queue["items"][0]["name"]), (&json!(id), &json!("ゆうなぎ皮膚科")));
        let seen = tokyo.get(&admin).await.expect(StatusCode::OK);
        assert_eq!(seen["form"]["manager"], "夕凪 潮");
        assert_eq!(seen["may"], json!(["return", "accept"]));
        // What was handed in stays as it is.
        desk.put(&path, json!({ "version": version, "form": {} })).await.refused(StatusCode::CONFLICT, "wrong_status");

        let back = json!({ "version": version, "reason": "所在の書き方", "correct_by": "2026-12-15",
            "remarks": { "posting_place": "ページ名も", "posting": "控えが古い" } });
        let stray = json!({ "version": version, "reason": "x", "remarks": { "who": "x" } });
        let path_back = format!("{admin}/return");
        tokyo.post(&path_back, stray).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        let without = json!({ "version": version, "reason": " " });
        tokyo.post(&path_back, without).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        tokyo.post(&path_back, back).await.expect(StatusCode::OK);
        let mine = desk.get("/api/filings").await.expect(StatusCode::OK);
        let all = mine["deadlines"].as_array().unwrap();
        let due = all.iter().find(|one| one["duty"] == "correction").unwrap();
        assert_eq!((&due["duty"], &due["due_on"], &due["days_left"]), (&json!("correction"), &json!("2026-12-15"), &json!(14)));
        let read = desk.get(&path).await.expect(StatusCode::OK);
        assert_eq!(read["events"][1]["remarks"]["posting"], "控えが古い");
        assert_eq!(read["events"][1]["by"], "都庁 太郎");

        let version = read["filing"]["version"].as_i64().unwrap();
        corrected_and_accepted(&site, (&mut desk, &mut tokyo), &id, version).await;
    }

    async fn nobody_reads_or_does_what_is_not_theirs(site: Site) {
        let (mut desk, mut other, mut tokyo) =
            (yunagi(&site).await, site.signed_in("umikaze").await, site.signed_in("tokyo").await);
        let mut station = site.signed_in("station").await;
        let (id, version) = written(&mut desk, "criterion", None).await;
        let path = format!("/api/filings/{id}");
        for stranger in [&mut other, &mut station] {
            stranger.get(&path).await.refused(StatusCode::NOT_FOUND, "not_found");
            stranger.get(&format!("/filings/{id}/form1")).await.refused(StatusCode::NOT_FOUND, "not_found");
            let put = json!({ "version": version, "form": {} });
            stranger.put(&path, put).await.refused(StatusCode::NOT_FOUND, "not_found");
            stranger.put(&format!("{path}/check"), check("places")).await.refused(StatusCode::NOT_FOUND, "not_found");
            for deed in ["submit", "withdraw"] {
                let wish = if deed == "submit" { json!({ "version": version }) } else { json!({ "version": version, "reason": "x" }) };
                stranger.post(&format!("{path}/{deed}"), wish).await.refused(StatusCode::NOT_FOUND, "not_found");
            }
        }
        // A clinic notifies no reception facility, and who runs one no criterion.
        desk.post("/api/filings", json!({ "kind": "reception_facility" })).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        station.post("/api/filings", json!({ "kind": "criterion" })).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        // Who files does not review, and the other way round.
        desk.post(&format!("/api/admin/filings/{id}/accept"), acceptance(version, "1", "2026-12-01")).await.refused(StatusCode::FORBIDDEN, "forbidden");
        tokyo.post(&format!("{path}/submit"), json!({ "version": version })).await.refused(StatusCode::FORBIDDEN, "forbidden");
        // Nobody accepts a draft, nor takes it away.
        for (deed, wish) in [
            ("accept", acceptance(version, "1", "2026-12-01")),
            ("return", json!({ "version": version, "reason": "x" })),
            ("revoke", json!({ "version": version, "reason": "x", "ended_on": "2026-12-01" })),
        ] {
            tokyo.post(&format!("/api/admin/filings/{id}/{deed}"), wish).await.refused(StatusCode::NOT_FOUND, "not_found");
        }
        let read = desk.get(&path).await.expect(StatusCode::OK);
        assert_eq!((&read["filing"]["state"], &read["filing"]["version"]), (&json!("draft"), &json!(version)));
    }

    async fn what_is_accepted_ahead_takes_effect_on_its_day(site: Site) {
        let (mut desk, mut tokyo) = (yunagi(&site).await, site.signed_in("tokyo").await);
        let (id, version) = handed_in(&mut desk, "criterion").await;
        let done = accept(&mut tokyo, &id, acceptance(version, "第1号", "2026-12-10")).await;
        assert_eq!(done["filing"]["state"], "accepted");
        // Days ahead can be booked, days before cannot.
        assert_eq!((bookable(&site, "2026-12-03").await, bookable(&site, "2026-12-10").await), (false, true));
        site.app.clock.set(at("2026-12-09T14:59:59Z"));
        assert_eq!(take_effect_due(&site.app).await.unwrap(), 0);
        // Midnight in Tokyo.
        site.app.clock.set(at("2026-12-09T15:00:00Z"));
        assert_eq!(take_effect_due(&site.app).await.unwrap(), 1);
        assert_eq!(take_effect_due(&site.app).await.unwrap(), 0);
        let mut desk = site.signed_in("yunagi").await;
        let read = desk.get(&format!("/api/filings/{id}")).await.expect(StatusCode::OK);
        assert_eq!(read["filing"]["state"], "in_effect");
        assert_eq!(read["events"][2]["by"], Value::Null, "its day came");
        assert_eq!(registered(&site).await.len(), 2, "once in the register");
    }

    async fn a_change_takes_the_place_of_what_was(site: Site) {
        let (mut desk, mut tokyo) = (yunagi(&site).await, site.signed_in("tokyo").await);
        let (first, version) = handed_in(&mut desk, "criterion").await;
        accept(&mut tokyo, &first, acceptance(version, "第1号", "2026-12-01")).await;
        // What was filled in is there already; the evidence is shown anew.
        let begun = desk.post("/api/filings", json!({ "kind": "criterion" })).await.expect(StatusCode::CREATED);
        assert_eq!((&begun["filing"]["replaces_id"], &begun["form"]["manager"]), (&json!(first), &json!("夕凪 潮")));
        assert_eq!(begun["checks"], json!([]));
        let second = begun["filing"]["id"].as_str().unwrap().to_owned();
        for item in demands("criterion") {
            desk.put(&format!("/api/filings/{second}/check"), check(item)).await.expect(StatusCode::OK);
        }
        let version = submit(&mut desk, &second, 1).await;
        // The number of another is no number.
        let taken = acceptance(version, "第1号", "2026-12-05");
        let refused = tokyo.post(&format!("/api/admin/filings/{second}/accept"), taken).await
            .refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        assert_eq!(refused["errors"][0]["code"], "taken");
        accept(&mut tokyo, &second, acceptance(version, "第2号", "2026-12-05")).await;
        let read = desk.get(&format!("/api/filings/{first}")).await.expect(StatusCode::OK);
        assert_eq!(read["filing"]["state"], "in_effect", "until the other's day");
        assert_eq!(registered(&site).await.last().unwrap(), "filing 第1号 2026-12-01");
        site.app.clock.set(at("2026-12-05T00:00:00Z"));
        assert_eq!(take_effect_due(&site.app).await.unwrap(), 1);
        let mut desk = site.signed_in("yunagi").await;
        let read = desk.get(&format!("/api/filings/{first}")).await.expect(StatusCode::OK);
        assert_eq!((&read["filing"]["state"], &read["filing"]["ended_on"]), (&json!("changed"), &json!("2026-12-05")));
        let known = registered(&site).await;
        let filed = known.iter().filter(|one| one.starts_with("filing")).collect::<Vec<_>>();
        // What was so until then is not forgotten.
        assert_eq!(filed, ["filing 第1号 2026-12-01 until 2026-12-05", "filing 第2号 2026-12-05"]);
        assert!(bookable(&site, "2026-12-07").await);
    }

    async fn what_ends_is_no_longer_booked(site: Site) {
        let (mut desk, mut tokyo) = (yunagi(&site).await, site.signed_in("tokyo").await);
        let (id, version) = handed_in(&mut desk, "criterion").await;
        let done = accept(&mut tokyo, &id, acceptance(version, "第1号", "2026-12-01")).await;
        let version = done["filing"]["version"].as_i64().unwrap();
        let withdraw = format!("/api/filings/{id}/withdraw");
        let past = json!({ "version": version, "reason": "閉院", "ended_on": "2026-11-30" });
        desk.post(&withdraw, past).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        let silent = json!({ "version": version, "ended_on": "2026-12-08" });
        desk.post(&withdraw, silent).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        let wish = json!({ "version": version, "reason": "閉院", "ended_on": "2026-12-08" });
        let done = desk.post(&withdraw, wish).await.expect(StatusCode::OK);
        assert_eq!(done["filing"]["state"], "withdrawn");
        // The last day is the one before.
        assert_eq!((bookable(&site, "2026-12-07").await, bookable(&site, "2026-12-08").await), (true, false));
        assert_eq!(registered(&site).await.last().unwrap(), "filing 第1号 2026-12-01 until 2026-12-08");

        // Taken away as if it had never been: nothing of it stands in the register.
        let (id, version) = handed_in(&mut desk, "criterion").await;
        let done = accept(&mut tokyo, &id, acceptance(version, "第2号", "2026-12-10")).await;
        let version = &done["filing"]["version"];
        let wish = json!({ "version": version, "reason": "虚偽", "ended_on": "2026-12-10" });
        let done = tokyo.post(&format!("/api/admin/filings/{id}/revoke"), wish).await.expect(StatusCode::OK);
        assert_eq!(done["filing"]["state"], "revoked");
        assert!(!bookable(&site, "2026-12-10").await);
        assert_eq!(registered(&site).await.len(), 2);
        // A draft is put away without a word.
        let (id, version) = written(&mut desk, "criterion", None).await;
        let gone = desk.post(&format!("/api/filings/{id}/withdraw"), json!({ "version": version })).await;
        assert_eq!(gone.expect(StatusCode::OK)["filing"]["state"], "withdrawn");
    }

    /// What is accepted may count from a day before it was handed in, but not end before that.
    async fn what_is_taken_away_ends_no_earlier_than_it_was_handed_in(site: Site) {
        site.app.clock.set(at("2026-12-05T00:00:00Z"));
        let (mut desk, mut tokyo) = (yunagi(&site).await, site.signed_in("tokyo").await);
        let (id, version) = handed_in(&mut desk, "criterion").await;
        let wish = json!({ "version": version, "acceptance_number": "第3号",
            "accepted_on": "2026-12-05", "effective_from": "2026-12-01" });
        let done = accept(&mut tokyo, &id, wish).await;
        let path = format!("/api/admin/filings/{id}/revoke");
        let wish = |end: &str| {
            json!({ "version": done["filing"]["version"], "reason": "虚偽", "ended_on": end })
        };
        for early in ["2026-11-30", "2026-12-01", "2026-12-04"] {
            let refused = tokyo.post(&path, wish(early)).await
                .refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
            let told = (&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]);
            assert_eq!(told, (&json!("/ended_on"), &json!("too_early_end")), "{early}");
        }
        let done = tokyo.post(&path, wish("2026-12-05")).await.expect(StatusCode::OK);
        assert_eq!(done["filing"]["state"], "revoked");
        assert_eq!(registered(&site).await.last().unwrap(), "filing 第3号 2026-12-01 until 2026-12-05");
    }

    async fn the_data_sheet_is_a_page_for_paper(site: Site) {
        let (mut desk, mut tokyo) = (yunagi(&site).await, site.signed_in("tokyo").await);
        let (id, version) = written(&mut desk, "criterion", None).await;
        let path = format!("/filings/{id}/form1");
        let draft = desk.get(&path).await;
        assert_eq!(draft.status, StatusCode::OK);
        for there in ["<html lang=\"ja\">", "様式1", "下書きです", CODE, "夕凪 潮", "平日に来院できる", "https://yunagi.example/online", "令和8年11月30日"] {
            assert!(draft.text.contains(there), "{there}: {}", draft.text);
        }
        assert!(!draft.text.contains("医療資源の少ない"), "asked only of doctors outside");
        tokyo.get(&path).await.refused(StatusCode::NOT_FOUND, "not_found");
        let version = submit(&mut desk, &id, version).await;
        accept(&mut tokyo, &id, acceptance(version, "第77号", "2026-12-01")).await;
        let english = tokyo.get(&format!("{path}?lang=en")).await;
        assert_eq!(english.status, StatusCode::OK);
        for there in ["<html lang=\"en\">", "Form 1 data sheet", "第77号", "2026-12-01"] {
            assert!(english.text.contains(there), "{there}: {}", english.text);
        }
        assert!(!english.text.contains("A draft."));
    }
}
