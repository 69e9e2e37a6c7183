//! Searching over all facilities: what it shows is what the free times say, at any time, on any
//! server, whatever happened.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{
    NIGHT, NIGHT_VISIT, Site, UMIKAZE, UMIKAZE_DOCTOR, UMIKAZE_VISIT, hana, on_both_engines, raw,
};

mod statements;

async fn get(site: &Site, path: &str) -> Value {
    site.browser().get(path).await.expect(StatusCode::OK)
}

/// The free starts of a kind of visit, day by day for as long as can be booked.
async fn starts(site: &Site, facility: &str, service: &str) -> Vec<(String, Vec<String>)> {
    let path = format!("/api/facilities/{facility}/slots?service={service}&days=62&by=start");
    let day = |day: &Value| {
        let starts = day["slots"].as_array().unwrap().iter();
        let starts = starts.map(|slot| slot["start"].as_str().unwrap().to_owned()).collect();
        (day["date"].as_str().unwrap().to_owned(), starts)
    };
    get(site, &path).await["days"].as_array().unwrap().iter().map(day).collect()
}

/// What a search should show of a facility: next free times, count, and counts of three days.
async fn expected(site: &Site, card: &Value) -> (Value, Value, Value) {
    let facility = card["id"].as_str().unwrap();
    let mut days: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for service in card["services"].as_array().unwrap() {
        let service = service["id"].as_str().unwrap();
        for (date, starts) in starts(site, facility, service).await {
            let day = days.entry(date).or_default();
            for start in starts {
                day.entry(start).or_insert_with(|| service.to_owned());
            }
        }
    }
    let next = days.values().flatten().take(3);
    let next = next.map(|(start, service)| json!({ "start": start, "service_id": service }));
    let count = days.values().map(BTreeMap::len).find(|count| *count > 0).unwrap_or(0);
    let three = days.iter().take(3).map(|(date, day)| json!({ "date": date, "free": day.len() }));
    (next.collect(), json!(count), three.collect())
}

/// Compares a search with all free times, each asked for by itself.
async fn compare(site: &Site, after: &str) {
    let found = get(site, "/api/facilities?days=3").await;
    let items = found["items"].as_array().unwrap();
    assert_eq!(items.len(), 5, "{after}");
    for card in items {
        let (next, count, days) = expected(site, card).await;
        let name = &card["name"];
        assert_eq!(card["next_free"], next, "{after}: next of {name}");
        assert_eq!(card["free_count"], count, "{after}: count of {name}");
        assert_eq!(card["days"], days, "{after}: days of {name}");
    }
    let first = |card: &Value| {
        let first = card["next_free"][0]["start"].as_str().map(str::to_owned);
        (first.is_none(), first)
    };
    assert!(items.is_sorted_by_key(first), "{after}");
}

/// Numbers that follow from a seed.
struct Chance(u64);

impl Chance {
    fn of(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        (self.0 >> 33) as usize % most
    }

    /// Does something to the first free time of a facility, or to the facility or the clock.
    async fn deed(
        &mut self,
        sites: &[Site; 2],
        held: &mut Vec<(crate::support::Browser, String)>,
    ) -> String {
        let site = &sites[self.of(2)];
        match self.of(8) {
            0..=2 => {
                let found = get(site, "/api/facilities").await;
                let items = found["items"].as_array().unwrap();
                let card = &items[self.of(4)];
                let next = &card["next_free"][self.of(3)];
                let wish = json!({ "facility_id": card["id"], "service_id": next["service_id"], "start": next["start"] });
                let mut browser = site.browser();
                let answer = browser.post("/api/bookings", wish).await.expect(StatusCode::CREATED);
                held.push((browser, answer["id"].as_str().unwrap().to_owned()));
                format!("a hold of {}", next["start"])
            }
            3 if !held.is_empty() => {
                let (mut browser, id) = held.swap_remove(self.of(held.len()));
                browser.post(&format!("/api/bookings/{id}/release"), json!({})).await;
                "a release".to_owned()
            }
            4 => {
                let minutes = [1, 4, 11, 50, 700][self.of(5)];
                site.app.clock.advance(TimeDelta::minutes(minutes));
                format!("{minutes} minutes")
            }
            5 => {
                let date = format!("2026-12-{:02}", 1 + self.of(6));
                let close =
                    json!([{ "kind": "add_exception", "date": date, "difference": "closed" }]);
                // A day that is over by the clock of the test is refused.
                let wish = json!({ "edits": close });
                let mut desk = site.signed_in("umikaze").await;
                if desk.post("/api/clinic/hours-changes", wish).await.status == StatusCode::CREATED
                {
                    desk.change_hours(close).await;
                }
                format!("a closed day {date}")
            }
            6 => {
                let from = 540 + 30 * self.of(10);
                let sql = format!(
                    "UPDATE weekly_hours SET opens = {from} WHERE closes > {from} AND weekday = {}",
                    1 + self.of(7)
                );
                raw::execute(&site.url, &sql).await.unwrap();
                sql
            }
            _ => {
                onshin::actions::booking::expire_holds(&site.app).await.unwrap();
                "holds swept".to_owned()
            }
        }
    }
}

on_both_engines! {
    async fn a_search_shows_what_is_free_whatever_happened(site: Site) {
        let sites = [site.another().await, site];
        let (mut chance, mut held) = (Chance(7), Vec::new());
        compare(&sites[0], "the beginning").await;
        for step in 0..24 {
            let deed = chance.deed(&sites, &mut held).await;
            for (which, site) in sites.iter().enumerate() {
                compare(site, &format!("step {step}, server {which}: {deed}")).await;
            }
        }
        let fresh = sites[0].another().await;
        let all = get(&fresh, "/api/facilities?days=14").await;
        assert_eq!(all, get(&sites[0], "/api/facilities?days=14").await);
    }

    async fn a_change_of_any_rule_is_seen_at_once(site: Site) {
        let other = site.another().await;
        let id = |text: &str| raw::id(&site.url, text);
        let (clinic, doctor, visit) = (id(UMIKAZE), id(UMIKAZE_DOCTOR), id(UMIKAZE_VISIT));
        let new = id("0d30ffff-0000-0000-0000-000000000001");
        let changes = [
            format!("UPDATE facility SET on_holidays = 'open' WHERE id = {clinic}"),
            format!("UPDATE clinician SET training_completed_on = '2026-12-03' WHERE id = {doctor}"),
            format!("UPDATE service SET length_min = 45 WHERE id = {visit}"),
            format!("INSERT INTO service_clinician (service_id, clinician_id, facility_id) VALUES ({visit}, {doctor}, {clinic})"),
            "DELETE FROM service_clinician".to_owned(),
            format!("INSERT INTO service_team (service_id, clinician_id, facility_id) VALUES ({visit}, {doctor}, {clinic})"),
            "DELETE FROM service_team".to_owned(),
            format!("UPDATE weekly_hours SET closes = 660 WHERE facility_id = {clinic} AND opens < 660"),
            format!("DELETE FROM weekly_hours WHERE clinician_id = {doctor}"),
            format!("INSERT INTO weekly_hours (facility_id, clinician_id, position, weekday, opens, closes) VALUES ({clinic}, {doctor}, 1, 2, 600, 700)"),
            format!("INSERT INTO date_exception (id, facility_id, on_date, note) VALUES ({new}, {clinic}, '2026-12-02', '')"),
            "UPDATE date_exception SET on_date = '2026-12-01'".to_owned(),
            "DELETE FROM date_exception".to_owned(),
            format!("INSERT INTO reception_site (id, name, address, municipality_code, telephone) VALUES ({new}, '-', '-', '131032', '-'); INSERT INTO room (id, site_id, name) VALUES ({new}, {new}, '-'); INSERT INTO facility_room (facility_id, room_id) VALUES ({clinic}, {new})"),
            format!("UPDATE service SET needs_room = TRUE WHERE id = {visit}"),
            "UPDATE room SET closed_at = '2026-12-01 00:00:00+00:00'".to_owned(),
            "DELETE FROM facility_room".to_owned(),
            format!("UPDATE notification SET effective_from = '2026-12-04' WHERE code10 = (SELECT code10 FROM facility WHERE id = {clinic})"),
            format!("DELETE FROM notification WHERE code10 = (SELECT code10 FROM facility WHERE id = {clinic})"),
        ];
        let version = "SELECT sum(rules_version) FROM facility WHERE name_en LIKE 'Umikaze%'";
        let version = version.replace("sum(", "max(").leak();
        compare(&site, "the beginning").await;
        compare(&other, "the beginning").await;
        for sql in changes {
            let before = raw::numbers(&site.url, version).await;
            raw::execute(&site.url, &sql).await.unwrap();
            assert!(raw::numbers(&site.url, version).await > before, "{sql}");
            compare(&site, &sql).await;
            compare(&other, &sql).await;
        }
    }

    async fn a_room_that_another_clinic_gives_back_is_free(site: Site) {
        let id = |text: &str| raw::id(&site.url, text);
        let room = id("0d30ffff-0000-0000-0000-000000000001");
        let sql = format!(
            "INSERT INTO reception_site (id, name, address, municipality_code, telephone) VALUES ({room}, '-', '-', '131032', '-');
             INSERT INTO room (id, site_id, name) VALUES ({room}, {room}, '-');
             INSERT INTO facility_room (facility_id, room_id) VALUES ({}, {room}), ({}, {room});
             UPDATE service SET needs_room = TRUE WHERE id IN ({}, {})",
            id(NIGHT), id(UMIKAZE), id(NIGHT_VISIT), id(UMIKAZE_VISIT),
        );
        raw::execute(&site.url, &sql).await.unwrap();
        compare(&site, "a shared room").await;
        let next = starts(&site, UMIKAZE, UMIKAZE_VISIT).await[0].1[0].clone();
        let mut browser = site.browser();
        let held = browser.hold(&next).await.expect(StatusCode::CREATED);
        compare(&site, "the other clinic took it").await;
        assert!(!starts(&site, UMIKAZE, UMIKAZE_VISIT).await[0].1.contains(&next));
        let path = format!("/api/bookings/{}/release", held["id"].as_str().unwrap());
        browser.post(&path, json!({})).await.expect(StatusCode::NO_CONTENT);
        compare(&site, "the other clinic gave it back").await;
        assert!(starts(&site, UMIKAZE, UMIKAZE_VISIT).await[0].1.contains(&next));
        browser.hold(&next).await.expect(StatusCode::CREATED);
        site.app.clock.advance(TimeDelta::minutes(10));
        compare(&site, "the other clinic's hold ran out").await;
    }

    async fn a_search_keeps_to_what_is_asked(site: Site) {
        let names = async |query: &str| {
            let found = get(&site, &format!("/api/facilities?{query}")).await;
            let items = found["items"].as_array().unwrap();
            assert_eq!(found["total"], items.len(), "{query}");
            let mut names: Vec<String> =
                items.iter().map(|card| card["name_en"].as_str().unwrap()[..4].to_owned()).collect();
            names.sort();
            names
        };
        assert_eq!(names("municipality=131032").await, ["Umik"]);
        assert_eq!(names("municipality=131%27").await, [""; 0]);
        assert_eq!(names("area=%E5%8C%BA%E4%B8%AD%E5%A4%AE%E9%83%A8").await, ["Umik"]);
        assert_eq!(names("q=%EF%BE%93%E3%81%BF").await, [""; 0]);
        assert_eq!(names("q=UMI").await, ["Umik"]);
        assert_eq!(names("language=zh-Hans").await, ["Umik"]);
        assert_eq!(names("department=%E7%9A%AE%E8%86%9A%E7%A7%91").await.len(), 1);
        assert_eq!(names("kind=pre_consultation").await.len(), 2);
        assert_eq!(names("").await.len(), 5);
        // Only repeat visits and talks: times of those alone are shown.
        raw::execute(&site.url, "UPDATE service SET visit = 'repeat' WHERE kind = 'online_care'").await.unwrap();
        assert_eq!(names("visit=first&kind=online_care").await, [""; 0]);
        let found = get(&site, "/api/facilities?visit=first&municipality=131032").await;
        let talk = &found["items"][0]["services"].as_array().unwrap()[1];
        assert_eq!(found["items"][0]["next_free"][0]["service_id"], talk["id"]);
        // From a date on.
        let found = get(&site, "/api/facilities?municipality=131041&date=2026-12-20&days=2").await;
        let card = &found["items"][0];
        assert_eq!(card["next_free"][0]["start"], "2026-12-19T15:00:00Z");
        assert_eq!(card["days"], json!([{ "date": "2026-12-20", "free": 96 }, { "date": "2026-12-21", "free": 96 }]));

        let mut browser = site.browser();
        for (query, pointer) in [
            ("area=x", "/area"), ("date=9999-01-01", "/date"), ("days=15", "/days"),
            ("limit=0", "/limit"), ("limit=2001", "/limit"), ("cursor=x", "/cursor"),
        ] {
            let told = browser.get(&format!("/api/facilities?{query}")).await;
            let told = told.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
            assert_eq!(told["errors"][0]["pointer"], pointer);
        }
        let choices = get(&site, "/api/search-choices").await;
        assert_eq!(choices["areas"][0]["name"], "区中央部");
        assert_eq!(choices["areas"][0]["municipalities"][0]["facilities"], 1);
        assert_eq!(choices["languages"][1], json!({ "tag": "ja", "facilities": 5 }));
    }

    async fn pages_of_a_search_follow_each_other(site: Site) {
        let whole = get(&site, "/api/facilities").await;
        let mut pages: Vec<Value> = Vec::new();
        let mut query = "limit=2".to_owned();
        loop {
            let page = get(&site, &format!("/api/facilities?{query}")).await;
            assert_eq!(page["total"], 5);
            pages.extend(page["items"].as_array().unwrap().iter().cloned());
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            query = format!("limit=2&cursor={cursor}");
        }
        assert_eq!(whole["items"], json!(pages));
    }

    async fn days_and_starts_count_what_is_free(site: Site) {
        let second = crate::support::UMIKAZE_SECOND;
        let slots = |rest: &str| format!("/api/facilities/{UMIKAZE}/slots?service={UMIKAZE_VISIT}&days=5{rest}");
        let all = get(&site, &slots("")).await;
        let by_start = get(&site, &slots("&by=start")).await;
        let one = get(&site, &slots(&format!("&clinician={second}"))).await;
        let counted = get(&site, &format!("/api/facilities/{UMIKAZE}/days?service={UMIKAZE_VISIT}")).await;
        assert_eq!(counted["days"].as_array().unwrap().len(), 61);
        for day in 0..5 {
            let of = |answer: &Value| answer["days"][day]["slots"].as_array().unwrap().clone();
            let mut starts: BTreeMap<String, u64> = BTreeMap::new();
            for slot in of(&all) {
                *starts.entry(slot["start"].to_string()).or_default() += 1;
            }
            for slot in of(&all).iter().chain(&of(&by_start)) {
                assert_eq!(slot["clinicians"], starts[&slot["start"].to_string()]);
            }
            assert_eq!(of(&by_start).len(), starts.len());
            assert!(of(&by_start).iter().all(|slot| slot["clinician_id"].is_null()));
            assert_eq!(counted["days"][day]["free"], starts.len());
            let mine = of(&all).into_iter().filter(|slot| slot["clinician_id"] == second);
            assert!(mine.map(|slot| slot["start"].clone()).eq(of(&one).into_iter().map(|slot| slot["start"].clone())));
            assert!(of(&one).iter().all(|slot| slot["clinicians"] == 1));
        }
        let unknown = format!("/api/facilities/{UMIKAZE}/days?service={NIGHT_VISIT}");
        site.browser().get(&unknown).await.refused(StatusCode::NOT_FOUND, "not_found");
        site.browser().get(&slots(&format!("&clinician={NIGHT}"))).await.refused(StatusCode::NOT_FOUND, "not_found");
    }

    async fn whoever_confirms_or_moves_too_late_is_told_what_is_near(site: Site) {
        let mut hers = site.browser();
        let booked = hers.book("2026-12-02T03:00:00Z", &hana()).await["booking"].take();
        // Everything for a fortnight around is closed but one day.
        let clinic = raw::id(&site.url, NIGHT);
        for day in (1..=16).filter(|day| ![2, 14].contains(day)) {
            let id = raw::id(&site.url, &format!("0d30ffff-0000-0000-0000-{day:012}"));
            let sql = format!("INSERT INTO date_exception (id, facility_id, on_date, note) VALUES ({id}, {clinic}, '2026-12-{day:02}', '')");
            raw::execute(&site.url, &sql).await.unwrap();
        }
        let path = format!("/api/bookings/{}/move", booked["id"].as_str().unwrap());
        let to = json!({ "clinician_id": booked["clinician"]["id"], "start": "2026-12-08T03:00:00Z", "version": booked["version"] });
        let told = hers.post(&path, to).await.refused(StatusCode::CONFLICT, "closed_day");
        let near = &told["alternatives"];
        assert_eq!(near[0]["start"], "2026-12-13T15:00:00Z");
        assert_eq!(near.as_array().unwrap().len(), 3);
    }
}
