//! Every word of the rules of availability, set through HTTP and seen in what is free.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{
    Browser, NIGHT, NIGHT_VISIT, Site, UMIKAZE, UMIKAZE_DOCTOR, UMIKAZE_SECOND, UMIKAZE_VISIT,
    hana, nagi, on_both_engines, raw,
};

mod random;

/// The doctor of the clinic that is always open.
const DOCTOR: &str = "0d300200-0000-0000-0000-4ead72fa0000";

/// The local starts that are free on a date.
async fn free(site: &Site, (facility, service): (&str, &str), date: &str) -> Vec<String> {
    let path = format!("/api/facilities/{facility}/slots?service={service}&from={date}&days=1");
    let days = site.browser().get(&path).await.expect(StatusCode::OK);
    let local = |slot: &Value| {
        let at = crate::support::at(slot["start"].as_str().unwrap());
        at.with_timezone(&chrono_tz::Asia::Tokyo).format("%H:%M").to_string()
    };
    days["days"][0]["slots"].as_array().unwrap().iter().map(local).collect()
}

const AT_NIGHT: (&str, &str) = (NIGHT, NIGHT_VISIT);
const AT_UMIKAZE: (&str, &str) = (UMIKAZE, UMIKAZE_VISIT);

/// On which of these days of December 2026 anything is free.
async fn open_days(site: &Site, days: &[u8]) -> Vec<u8> {
    let mut open = Vec::new();
    for day in days {
        if !free(site, AT_NIGHT, &format!("2026-12-{day:02}")).await.is_empty() {
            open.push(*day);
        }
    }
    open
}

/// Gives the doctor of the clinic that is always open these hours, by a plan.
async fn hours(desk: &mut Browser, hours: Value) {
    let path = format!("/api/clinic/hours?clinician={DOCTOR}");
    let known = desk.get(&path).await.expect(StatusCode::OK);
    let edit = json!({ "kind": "weekly_hours", "clinician_id": DOCTOR,
        "version": known["version"], "hours": hours });
    desk.change_hours(json!([edit])).await;
}

/// Sets rules of a kind of visit.
async fn rules(desk: &mut Browser, service: &str, set: &[(&str, Value)]) {
    let path = format!("/api/clinic/services/{service}");
    let known = desk.get(&path).await.expect(StatusCode::OK);
    let mut rules = known["rules"].clone();
    for (field, value) in set {
        rules[field] = value.clone();
    }
    let put = desk.put(&path, json!({ "version": known["version"], "rules": rules })).await;
    put.expect(StatusCode::OK);
}

on_both_engines! {
    async fn hours_are_of_weeks_of_the_month_of_every_other_week_and_of_dates(site: Site) {
        let mut desk = site.signed_in("desk").await;
        let saturdays = [5, 12, 19, 26];
        let saturday = |more: Value| {
            let mut one = json!({ "weekday": 6, "opens": 540, "closes": 600 });
            one.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            json!([one])
        };
        // "2nd and 4th Saturday".
        hours(&mut desk, saturday(json!({ "weeks_of_month": 0b01010 }))).await;
        assert_eq!(open_days(&site, &saturdays).await, [12, 26]);
        assert_eq!(free(&site, AT_NIGHT, "2026-12-12").await, ["09:00", "09:15", "09:30", "09:45"]);
        // Every other week.
        hours(&mut desk, saturday(json!({ "alternate_from": "2026-12-02" }))).await;
        assert_eq!(open_days(&site, &saturdays).await, [5, 19]);
        // From a date to a date.
        hours(&mut desk, saturday(json!({ "valid_from": "2026-12-12", "valid_until": "2026-12-26" }))).await;
        assert_eq!(open_days(&site, &saturdays).await, [12, 19]);
        // No other day has hours.
        assert_eq!(open_days(&site, &[2, 3, 4, 6, 7]).await, [0u8; 0]);
    }

    async fn dates_differ_and_breaks_are_taken(site: Site) {
        let mut desk = site.signed_in("desk").await;
        hours(&mut desk, json!([{ "weekday": 3, "opens": 540, "closes": 660 }])).await;
        let edit = |date: &str, difference: &str, hours: Option<(u16, u16)>| json!({
            "kind": "add_exception", "date": date, "difference": difference,
            "opens": hours.map(|h| h.0), "closes": hours.map(|h| h.1) });
        desk.change_hours(json!([
            edit("2026-12-02", "closed", None),
            edit("2026-12-03", "open", Some((600, 630))),
            edit("2026-12-09", "open", Some((840, 870))),
            edit("2026-12-16", "break", Some((570, 630))),
        ])).await;
        assert_eq!(free(&site, AT_NIGHT, "2026-12-02").await, [""; 0]);
        assert_eq!(free(&site, AT_NIGHT, "2026-12-03").await, ["10:00", "10:15"], "a Thursday, opened");
        assert_eq!(free(&site, AT_NIGHT, "2026-12-09").await, ["14:00", "14:15"], "other hours");
        assert_eq!(free(&site, AT_NIGHT, "2026-12-16").await, ["09:00", "09:15", "10:30", "10:45"]);
    }

    async fn holidays_year_end_and_obon_are_the_clinics_own(site: Site) {
        let mut desk = site.signed_in("desk").await;
        rules(&mut desk, NIGHT_VISIT, &[("horizon_days", json!(366))]).await;
        let count = async |date: &str| free(&site, AT_NIGHT, date).await.len();
        assert_eq!((count("2027-01-01").await, count("2027-01-11").await), (96, 96), "open on holidays");
        desk.change_hours(json!([
            { "kind": "on_holidays", "open": false },
            { "kind": "holiday", "name": "成人の日", "open": true },
            { "kind": "holiday", "date": "2027-02-23", "open": true },
            { "kind": "add_closure", "name": "年末年始", "yearly": { "from": "12-29", "to": "01-03" } },
            { "kind": "add_closure", "name": "夏季休診", "yearly": { "from": "08-13", "to": "08-15" } },
            { "kind": "add_closure", "name": "研修", "dates": { "from": "2027-03-02", "to": "2027-03-03" } },
        ])).await;
        for (date, open) in [
            ("2026-12-28", true), ("2026-12-29", false), ("2027-01-01", false), ("2027-01-03", false),
            ("2027-01-04", true), ("2027-01-11", true), ("2027-02-11", false), ("2027-02-23", true),
            ("2027-03-01", true), ("2027-03-02", false), ("2027-03-03", false), ("2027-03-04", true),
            ("2027-08-12", true), ("2027-08-13", false), ("2027-08-15", false), ("2027-08-16", true),
        ] {
            assert_eq!(count(date).await > 0, open, "{date}");
        }
    }

    async fn length_distance_notice_horizon_and_limits_are_set(site: Site) {
        let mut desk = site.signed_in("desk").await;
        hours(&mut desk, json!((1..=7).map(|day| json!({ "weekday": day, "opens": 540, "closes": 720 })).collect::<Vec<_>>())).await;
        let tomorrow = "2026-12-02";
        rules(&mut desk, NIGHT_VISIT, &[("length_min", json!(40)), ("step_min", json!(30))]).await;
        assert_eq!(free(&site, AT_NIGHT, tomorrow).await, ["09:00", "09:30", "10:00", "10:30", "11:00"]);
        // Ten minutes before and twenty after what is booked from 10:00 to 10:40.
        rules(&mut desk, NIGHT_VISIT, &[("buffer_before_min", json!(10)), ("buffer_after_min", json!(20))]).await;
        site.browser().book("2026-12-02T01:00:00Z", &hana()).await;
        assert_eq!(free(&site, AT_NIGHT, tomorrow).await, [""; 0], "9:00 ends at 9:40, and needs until 10:00 with what 10:00 needs before");
        rules(&mut desk, NIGHT_VISIT, &[("length_min", json!(15)), ("step_min", json!(5)), ("buffer_before_min", json!(0)), ("buffer_after_min", json!(5))]).await;
        let times = free(&site, AT_NIGHT, tomorrow).await;
        // The visit keeps what it was booked with: from 9:50 to 11:00.
        assert_eq!((times[6].as_str(), times[7].as_str()), ("09:30", "11:00"));
        rules(&mut desk, NIGHT_VISIT, &[("step_min", json!(15)), ("notice_min", json!(24 * 60 + 120))]).await;
        // Now is 9:00 of the 1st.
        assert_eq!(free(&site, AT_NIGHT, tomorrow).await[0], "11:00");
        rules(&mut desk, NIGHT_VISIT, &[("notice_min", json!(0)), ("notice_working_days", json!(2)), ("horizon_days", json!(4))]).await;
        assert_eq!(open_days(&site, &[1, 2, 3, 4, 5, 6]).await, [3, 4, 5]);
        rules(&mut desk, NIGHT_VISIT, &[("daily_limit", json!(1)), ("notice_working_days", json!(0))]).await;
        assert_eq!(open_days(&site, &[2, 3]).await, [3], "the one of the 2nd is taken");
    }

    async fn groups_rooms_teams_and_any_of_these_are_set(site: Site) {
        let mut desk = site.signed_in("umikaze").await;
        let friday = "2026-12-04";
        let wish = json!({ "facility_id": UMIKAZE, "service_id": UMIKAZE_VISIT, "start": "2026-12-04T05:00:00Z" });
        // Either of two, and the one who has less to do.
        rules(&mut desk, UMIKAZE_VISIT, &[("clinicians", json!([UMIKAZE_DOCTOR, UMIKAZE_SECOND]))]).await;
        let mut of = Vec::new();
        for start in ["05:00", "05:15", "05:30", "05:45"] {
            let mut wish = wish.clone();
            wish["start"] = json!(format!("2026-12-04T{start}:00Z"));
            let held = site.browser().post("/api/bookings", wish).await.expect(StatusCode::CREATED);
            of.push(held["clinician"]["id"].as_str().unwrap().to_owned());
        }
        of.sort_unstable();
        assert_eq!(of, [UMIKAZE_DOCTOR, UMIKAZE_DOCTOR, UMIKAZE_SECOND, UMIKAZE_SECOND], "fairly");
        raw::execute(&site.url, "UPDATE booking SET status = 'expired', hold_expires_at = NULL").await.unwrap();
        // Only the first; then the first and the second together, who share Friday afternoon.
        rules(&mut desk, UMIKAZE_VISIT, &[("clinicians", json!([UMIKAZE_DOCTOR]))]).await;
        assert_eq!(free(&site, AT_UMIKAZE, friday).await[0], "09:00");
        rules(&mut desk, UMIKAZE_VISIT, &[("team", json!([UMIKAZE_SECOND]))]).await;
        assert_eq!(free(&site, AT_UMIKAZE, friday).await[0], "14:00");
        // Two patients in one visit.
        rules(&mut desk, UMIKAZE_VISIT, &[("team", json!([])), ("capacity", json!(2))]).await;
        for status in [StatusCode::CREATED, StatusCode::CREATED, StatusCode::CONFLICT] {
            assert_eq!(site.browser().post("/api/bookings", wish.clone()).await.status, status);
        }
        // A room, of which there is one.
        rules(&mut desk, UMIKAZE_VISIT, &[("capacity", json!(1)), ("needs_room", json!(true)), ("clinicians", json!([]))]).await;
        assert_eq!(free(&site, AT_UMIKAZE, friday).await, [""; 0]);
        let place = json!({ "name": "会館", "address": "東京都架空村1", "municipality_code": "131041", "telephone": "0120-000-900" });
        desk.post("/api/clinic/rooms", json!({ "name": "第1室", "site": place })).await.expect(StatusCode::CREATED);
        let mut later = wish.clone();
        later["start"] = json!("2026-12-04T06:00:00Z");
        for status in [StatusCode::CREATED, StatusCode::CONFLICT] {
            assert_eq!(site.browser().post("/api/bookings", later.clone()).await.status, status);
        }
    }

    async fn each_kind_of_visit_is_added_with_hours_of_its_own(site: Site) {
        let mut desk = site.signed_in("desk").await;
        let known = desk.get(&format!("/api/clinic/services/{NIGHT_VISIT}")).await.expect(StatusCode::OK);
        let mut ids = Vec::new();
        for (kind, name, insured, visit) in [
            ("online_care", "初診", true, "first"), ("online_care", "再診", true, "repeat"),
            ("pre_consultation", "診療前相談", false, "any"), ("online_care", "自費診療", false, "any"),
        ] {
            let mut rules = known["rules"].clone();
            rules["visit"] = json!(visit);
            let wish = json!({ "kind": kind, "name_ja": name, "name_en": kind, "insured": insured, "rules": rules });
            let added = desk.post("/api/clinic/services", wish.clone()).await.expect(StatusCode::CREATED);
            assert_eq!((&added["kind"], &added["insured"], &added["rules"]), (&json!(kind), &json!(insured), &rules));
            let again = desk.post("/api/clinic/services", wish).await;
            assert_eq!(again.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid")["errors"][0]["code"], "taken");
            ids.push(added["id"].as_str().unwrap().to_owned());
        }
        let stretches = ids.iter().zip([540, 600, 660, 720]).map(|(id, opens)| json!({
            "weekday": 3, "opens": opens, "closes": opens + 60, "service_id": id }));
        hours(&mut desk, json!(stretches.collect::<Vec<_>>())).await;
        for (id, first) in ids.iter().zip(["09:00", "10:00", "11:00", "12:00"]) {
            let times = free(&site, (NIGHT, id), "2026-12-02").await;
            assert_eq!((times.len(), times[0].as_str()), (4, first));
        }
        assert_eq!(free(&site, AT_NIGHT, "2026-12-02").await, [""; 0], "hours of one kind are of no other");
        // A first visit is booked with its basis or asked for; patients see what was added.
        let shown = site.browser().get(&format!("/api/facilities/{NIGHT}")).await.expect(StatusCode::OK);
        assert_eq!(shown["services"].as_array().unwrap().len(), 5);

        // Nothing that is agreed or has hours is closed.
        let path = |id: &str| format!("/api/clinic/services/{id}");
        desk.delete(&path(&ids[0])).await.refused(StatusCode::CONFLICT, "service_has_hours");
        let wish = json!({ "facility_id": NIGHT, "service_id": ids[3], "start": "2026-12-02T03:00:00Z" });
        let mut hers = site.browser();
        hers.post("/api/bookings", wish).await.expect(StatusCode::CREATED);
        desk.delete(&path(&ids[3])).await.refused(StatusCode::CONFLICT, "service_in_use");
        site.signed_in("umikaze").await.delete(&path(&ids[3])).await.refused(StatusCode::NOT_FOUND, "not_found");
        assert_eq!(desk.delete(&path(NIGHT_VISIT)).await.status, StatusCode::NO_CONTENT);
        desk.delete(&path(NIGHT_VISIT)).await.refused(StatusCode::NOT_FOUND, "not_found");
        let shown = site.browser().get(&format!("/api/facilities/{NIGHT}")).await.expect(StatusCode::OK);
        assert_eq!(shown["services"].as_array().unwrap().len(), 4);
    }

    async fn a_new_kind_of_visit_is_checked_like_any_other(site: Site) {
        let mut desk = site.signed_in("desk").await;
        let known = desk.get(&format!("/api/clinic/services/{NIGHT_VISIT}")).await.expect(StatusCode::OK);
        let good = json!({ "kind": "online_care", "name_ja": "再診", "name_en": "Repeat", "insured": true, "rules": known["rules"] });
        for (pointer, value, at, code) in [
            ("/name_ja", json!(" "), "/name_ja", "required"),
            ("/name_en", json!(""), "/name_en", "required"),
            ("/name_ja", json!("あ".repeat(101)), "/name_ja", "too_long"),
            ("/name_ja", json!("再\r\n診"), "/name_ja", "one_line"),
            ("/rules/length_min", json!(1500), "/length_min", "range"),
            ("/rules/clinicians", json!([UMIKAZE_DOCTOR]), "/clinicians", "unknown"),
        ] {
            let mut bad = good.clone();
            *bad.pointer_mut(pointer).unwrap() = value;
            let told = desk.post("/api/clinic/services", bad).await;
            let told = told.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
            assert_eq!((&told["errors"][0]["pointer"], &told["errors"][0]["code"]), (&json!(at), &json!(code)));
            assert!(told["errors"][0]["detail"].as_str().unwrap().ends_with('。'), "{told}");
        }
        let all = desk.get("/api/clinic/services").await.expect(StatusCode::OK);
        assert_eq!(all["items"].as_array().unwrap().len(), 1, "nothing was kept");
        for n in 1..50 {
            let mut one = good.clone();
            one["name_ja"] = json!(format!("診療{n}"));
            desk.post("/api/clinic/services", one).await.expect(StatusCode::CREATED);
        }
        desk.post("/api/clinic/services", good).await.refused(StatusCode::CONFLICT, "too_many_services");
    }

    async fn what_else_takes_a_visits_time_is_listed_and_moves_nothing(site: Site) {
        let mut desk = site.signed_in("umikaze").await;
        let (mut hers, mut his) = (site.browser(), site.browser());
        for (browser, who, start) in [(&mut hers, hana(), "2026-12-04T05:00:00Z"), (&mut his, nagi(), "2026-12-07T05:00:00Z")] {
            let wish = json!({ "facility_id": UMIKAZE, "service_id": UMIKAZE_VISIT, "clinician_id": UMIKAZE_DOCTOR, "start": start });
            let held = browser.post("/api/bookings", wish).await.expect(StatusCode::CREATED);
            let path = format!("/api/bookings/{}/confirm", held["id"].as_str().unwrap());
            browser.post(&path, who).await.expect(StatusCode::OK);
        }
        let listed = async |desk: &mut Browser| {
            let found = desk.get("/api/clinic/stranded").await.expect(StatusCode::OK);
            let codes = found["items"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap().to_owned());
            codes.collect::<Vec<_>>()
        };
        assert_eq!(listed(&mut desk).await, [""; 0]);
        // Other rules of the kind of visit take no time from what is agreed: it keeps its own.
        rules(&mut desk, UMIKAZE_VISIT, &[("length_min", json!(240)), ("step_min", json!(240)), ("notice_min", json!(60_000)),
            ("horizon_days", json!(0)), ("daily_limit", json!(1)), ("capacity", json!(1))]).await;
        assert_eq!(listed(&mut desk).await, [""; 0]);
        // Who may give it does, and who must be there: the second works on Friday afternoon only.
        let path = format!("/api/clinic/services/{UMIKAZE_VISIT}");
        let known = desk.get(&path).await.expect(StatusCode::OK);
        let mut wish = json!({ "version": known["version"], "rules": known["rules"] });
        wish["rules"]["clinicians"] = json!([UMIKAZE_SECOND]);
        let told = desk.put(&path, wish.clone()).await.refused(StatusCode::CONFLICT, "strands_visits");
        let starts: Vec<_> = told["stranded"].as_array().unwrap().iter().map(|one| &one["start"]).collect();
        assert_eq!(starts, ["2026-12-04T05:00:00Z", "2026-12-07T05:00:00Z"]);
        assert_eq!(desk.get(&path).await.expect(StatusCode::OK), known, "nothing was set");
        wish["keeps_visits"] = json!(true);
        desk.put(&path, wish).await.expect(StatusCode::OK);
        assert_eq!(listed(&mut desk).await, ["not_offered", "not_offered"]);
        rules(&mut desk, UMIKAZE_VISIT, &[("clinicians", json!([])), ("team", json!([UMIKAZE_SECOND]))]).await;
        assert_eq!(listed(&mut desk).await, [""; 0], "she works on both days");
        rules(&mut desk, UMIKAZE_VISIT, &[("team", json!([]))]).await;
        // The register and the training, from outside.
        raw::execute(&site.url, "UPDATE clinician SET training_completed_on = '2026-12-06' WHERE name = '海野 渚'").await.unwrap();
        assert_eq!(listed(&mut desk).await, ["not_trained"]);
        raw::execute(&site.url, "UPDATE clinician SET training_completed_on = '2022-03-01'").await.unwrap();
        raw::execute(&site.url, "UPDATE notification SET lapsed_after = '2026-12-01', lapsed_on = '2026-12-02' WHERE code10 = '1319990028'").await.unwrap();
        assert_eq!(listed(&mut desk).await, ["not_accepted", "not_accepted"]);
        assert_eq!(raw::numbers(&site.url, "SELECT count(*) FROM booking WHERE status = 'booked'").await, [2]);
    }

    async fn the_training_is_recorded_and_decides_on_the_day_of_the_visit(site: Site) {
        let mut desk = site.signed_in("desk").await;
        let path = format!("/api/clinic/clinicians/{DOCTOR}/training");
        let put = |was: Value, date: Value| json!({ "was": was, "completed_on": date });
        let known = desk.get("/api/clinic/clinicians").await.expect(StatusCode::OK);
        assert_eq!(known["items"][0]["training_completed_on"], "2022-03-01");
        site.browser().book("2026-12-02T03:00:00Z", &hana()).await;
        // A doctor without it gives no visit: the one that is agreed is told first.
        let mut none = put(json!("2022-03-01"), Value::Null);
        let told = desk.put(&path, none.clone()).await.refused(StatusCode::CONFLICT, "strands_visits");
        assert_eq!(told["stranded"][0]["start"], "2026-12-02T03:00:00Z");
        assert_eq!(free(&site, AT_NIGHT, "2026-12-02").await.len(), 95);
        none["keeps_visits"] = json!(true);
        desk.put(&path, none.clone()).await.expect(StatusCode::OK);
        assert_eq!(free(&site, AT_NIGHT, "2026-12-02").await, [""; 0]);
        let list = desk.get("/api/clinic/stranded").await.expect(StatusCode::OK);
        assert_eq!(list["items"][0]["code"], "not_trained");
        desk.put(&path, none).await.refused(StatusCode::CONFLICT, "stale");
        for (date, code) in [("2026-12-02", "in_future"), ("1999-12-31", "range")] {
            let told = desk.put(&path, put(Value::Null, json!(date))).await;
            assert_eq!(told.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid")["errors"][0]["code"], code);
        }
        let malformed = desk.put(&path, put(Value::Null, json!("2023-02-29"))).await;
        malformed.refused(StatusCode::UNPROCESSABLE_ENTITY, "malformed");
        let done = desk.put(&path, put(Value::Null, json!("2026-12-01"))).await.expect(StatusCode::OK);
        assert_eq!(done["items"][0]["training_completed_on"], "2026-12-01");
        assert_eq!(free(&site, AT_NIGHT, "2026-12-02").await.len(), 95);
        let theirs = site.signed_in("umikaze").await.put(&path, put(Value::Null, Value::Null)).await;
        theirs.refused(StatusCode::NOT_FOUND, "not_found");
        // Patients are not told of anybody's certificate.
        let shown = site.browser().get(&format!("/api/facilities/{NIGHT}")).await.expect(StatusCode::OK);
        assert!(shown["clinicians"][0]["training_completed_on"].is_null());
    }
}
