//! Every channel gives the same verdict on a time (T-01). In 2021 a booking site let the call centre
//! book at places that took no bookings there: each way in had rules of its own. Here every way
//! that there is must agree, with each other and with a plain reading of the rules, whatever they
//! are.

use std::path::Path;

use axum::http::StatusCode;
use chrono::{NaiveDate, TimeDelta};
use onshin::actions::waitlist::offer_round;
use onshin::time::Instant;
use serde_json::{Value, json};

use crate::support::served::onshin;
use crate::support::{
    Answer, Browser, NIGHT, NIGHT_VISIT, Site, at, hana, nagi, on_both_engines, raw,
};

mod world;

use world::{Dice, World, reset};

const DOCTOR: &str = "0d300200-0000-0000-0000-4ead72fa0000";
const CASES: u64 = 40;

/// What a channel says: free, or why not.
type Verdict = Result<(), String>;

/// The verdict of an answer to a hold, a confirmation or a move.
fn verdict(answer: &Answer) -> Verdict {
    if answer.status.is_success() {
        return Ok(());
    }
    assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.text);
    let problem: Value = serde_json::from_str(&answer.text).unwrap();
    Err(problem["code"].as_str().unwrap().to_owned())
}

/// The verdict of an explanation, and what it would be without notice and horizon.
fn explained(why: &Value) -> (Verdict, Verdict) {
    let told = &why["clinicians"][0];
    let code = |code: &Value| code.as_str().map_or(Ok(()), |code| Err(code.to_owned()));
    assert_eq!(told["free"].as_bool().unwrap(), told["code"].is_null());
    let against = told["findings"].as_array().unwrap().iter().filter(|one| one["against"] == true);
    let mut later =
        against.filter(|one| !matches!(one["code"].as_str(), Some("too_soon" | "beyond_horizon")));
    (code(&told["code"]), later.next().map_or(Ok(()), |one| code(&one["code"])))
}

fn path_of(of: &Value, deed: &str) -> String {
    format!("/api/bookings/{}/{deed}", of["id"].as_str().unwrap())
}

/// Somebody with this reading, another one for each world: whose visits are called off again and
/// again books no more.
fn person(mut who: Value, kana: &str, case: u64) -> Value {
    who["kana"] = json!(kana);
    who["birth_date"] = json!(format!("19{:02}-02-03", 30 + case));
    who["phone"] = json!(format!("090-{:04}-1234", 1000 + case));
    who
}

/// One time in one world, for all who ask for it.
struct Asked<'a> {
    site: &'a Site,
    case: u64,
    world: &'a World,
    start: Instant,
}

impl Asked<'_> {
    /// Calls a booking off, so that the next channel finds the time as this one did.
    async fn call_off(&self, browser: &mut Browser, booking: &Value) {
        let gone = browser.post(&path_of(booking, "cancel"), json!({ "reason": "other" })).await;
        gone.expect(StatusCode::OK);
    }

    /// Books a time far from the one that is asked for, to be moved to it.
    async fn booked_far(&self, browser: &mut Browser, hour: u8, kana: &str) -> Value {
        let far = self.site.app.clock.now().date_naive() + TimeDelta::days(150);
        let who = person(nagi(), kana, self.case);
        browser.book(&format!("{far}T{hour:02}:00:00Z"), &who).await["booking"].take()
    }

    /// What was held before the rules changed, and is confirmed after; or what was asked for, and is
    /// approved after.
    async fn begun(&self, browser: &mut Browser) -> Value {
        let held = browser.hold(&self.start.to_rfc3339()).await.expect(StatusCode::CREATED);
        if self.case.is_multiple_of(2) {
            return held;
        }
        let sql = "UPDATE service SET needs_approval = (1 = 1)";
        raw::execute(&self.site.url, sql).await.unwrap();
        let who = person(hana(), "オトナシ ハナ", self.case);
        let asked = browser.post(&path_of(&held, "confirm"), who).await.expect(StatusCode::OK);
        assert_eq!(asked["booking"]["status"], "requested");
        asked["booking"].clone()
    }

    async fn finished(&self, browser: &mut Browser, desk: &mut Browser, begun: &Value) -> Verdict {
        if begun["status"] == "requested" {
            let path =
                |deed| format!("/api/clinic/requests/{}/{deed}", begun["id"].as_str().unwrap());
            let mut wish = json!({ "version": begun["version"] });
            let approved = verdict(&desk.post(&path("approve"), wish.clone()).await);
            if approved.is_ok() {
                self.call_off(browser, begun).await;
            } else {
                wish["reason"] = json!("other");
                desk.post(&path("decline"), wish).await.expect(StatusCode::OK);
            }
            return approved;
        }
        let who = person(hana(), "オトナシ ハナ", self.case);
        let confirmed = verdict(&browser.post(&path_of(begun, "confirm"), who).await);
        if confirmed.is_ok() {
            self.call_off(browser, begun).await;
        } else {
            browser
                .post(&path_of(begun, "release"), json!({}))
                .await
                .expect(StatusCode::NO_CONTENT);
        }
        confirmed
    }

    /// A hold in a patient's browser.
    async fn held(&self, browser: &mut Browser) -> Verdict {
        let wish = json!({ "facility_id": NIGHT, "service_id": NIGHT_VISIT,
            "clinician_id": DOCTOR, "start": self.start });
        let held = browser.post("/api/bookings", wish).await;
        let verdict = verdict(&held);
        if verdict.is_ok() {
            let held = held.expect(StatusCode::CREATED);
            let released = browser.post(&path_of(&held, "release"), json!({})).await;
            released.expect(StatusCode::NO_CONTENT);
        }
        verdict
    }

    /// A booking by the desk, as on the telephone: held, confirmed and called off; with a reason to
    /// pass over notice and horizon, or in a capacity beside the ordinary one, where there are any.
    async fn by_desk(&self, desk: &mut Browser, over: Value) -> Verdict {
        let mut wish = over;
        wish["service_id"] = json!(NIGHT_VISIT);
        wish["clinician_id"] = json!(DOCTOR);
        wish["start"] = json!(self.start);
        let held = desk.post("/api/clinic/bookings", wish).await;
        let verdict = verdict(&held);
        if verdict.is_ok() {
            let held = held.expect(StatusCode::CREATED);
            let id = held["id"].as_str().unwrap();
            let mut who = person(nagi(), "デンワ ノ ヒト", self.case);
            who["consent_method"] = json!("spoken");
            let done = desk.post(&format!("/api/clinic/bookings/{id}/confirm"), who).await;
            done.expect(StatusCode::OK);
            let cancel = json!({ "reason": "clinic_unavailable" });
            let gone = desk.post(&format!("/api/clinic/visits/{id}/cancel"), cancel).await;
            gone.expect(StatusCode::OK);
        }
        verdict
    }

    /// What is proposed as the next of a series whose first is a day before, and what becomes of the
    /// wish for it.
    async fn by_series(&self, browser: &mut Browser, first: &Value) -> (Verdict, Verdict) {
        let path = path_of(first, "series");
        let told = browser.get(&format!("{path}?every_days=1&count=1")).await;
        let told = told.expect(StatusCode::OK);
        let item = &told["items"][0];
        assert_eq!(item["slot"].is_null(), item["code"].is_string(), "{item}");
        let proposed = item["code"].as_str().map_or(Ok(()), |code| Err(code.to_owned()));
        let visit = json!({ "clinician_id": DOCTOR, "start": self.start });
        let made = browser.post(&path, json!({ "visits": [visit] })).await;
        let booked = verdict(&made);
        if booked.is_ok() {
            let made = made.expect(StatusCode::CREATED);
            self.call_off(browser, &made["items"][0]).await;
        }
        (proposed, booked)
    }

    /// Whether the time is offered, when it is given back, to somebody who waits for it.
    async fn offered(&self) -> bool {
        let mut browser = self.site.browser();
        let minute = self.world.minute;
        let mut wish = person(nagi(), "マツ ヒト", self.case);
        for (key, value) in [
            ("facility_id", json!(NIGHT)),
            ("service_id", json!(NIGHT_VISIT)),
            ("from", json!(self.world.date)),
            ("until", json!(self.world.date)),
            ("from_minute", json!(minute)),
            ("until_minute", json!(minute + 5)),
        ] {
            wish[key] = value;
        }
        wish.as_object_mut().unwrap().remove("symptoms");
        browser.post("/api/waitlist", wish).await.expect(StatusCode::CREATED);
        let url = &self.site.url;
        let utc = |at: Instant| at.format("'%Y-%m-%dT%H:%M:%S+00:00'").to_string();
        let sql = format!(
            "INSERT INTO freed_time (id, facility_id, clinician_id, starts_at, ends_at, freed_at)
             VALUES ({}, {}, {}, {}, {}, {})",
            raw::id(url, &format!("0d300900-0000-0000-0000-{:012}", self.case)),
            raw::id(url, NIGHT),
            raw::id(url, DOCTOR),
            utc(self.start),
            utc(self.start + TimeDelta::minutes(15)),
            utc(self.site.app.clock.now()),
        );
        raw::execute(url, &sql).await.unwrap();
        let made = offer_round(&self.site.app).await.unwrap();
        let mine = browser.get("/api/bookings").await.expect(StatusCode::OK);
        let held: Vec<_> = mine["items"].as_array().unwrap().iter().collect();
        assert_eq!(made, held.len());
        for one in &held {
            assert_eq!(at(one["start"].as_str().unwrap()), self.start);
            let released = browser.post(&path_of(one, "release"), json!({})).await;
            released.expect(StatusCode::NO_CONTENT);
        }
        made == 1
    }

    /// Whether the list has the time; that the days are counted as they are listed, and that the
    /// search shows the first time of the list.
    async fn listed(&self) -> bool {
        let (date, today) = (self.world.date, self.site.app.clock.now().date_naive());
        let mut browser = self.site.browser();
        let slots = |from: NaiveDate, days: u8| {
            format!("/api/facilities/{NIGHT}/slots?service={NIGHT_VISIT}&from={from}&days={days}")
        };
        let day = browser.get(&slots(date, 1)).await.expect(StatusCode::OK);
        let day = day["days"][0]["slots"].as_array().unwrap();
        let has = day.iter().any(|slot| at(slot["start"].as_str().unwrap()) == self.start);

        let path = format!("/api/facilities/{NIGHT}/days?service={NIGHT_VISIT}");
        let counts = browser.get(&path).await.expect(StatusCode::OK);
        let mut counts = counts["days"].as_array().unwrap().iter();
        let count = counts.find(|one| one["date"] == json!(date));
        let count = count.map_or(0, |one| one["free"].as_u64().unwrap());
        assert_eq!(count, day.len() as u64, "counted");

        let days = browser.get(&slots(today, 62)).await.expect(StatusCode::OK);
        let days = days["days"].as_array().unwrap();
        let first = days.iter().flat_map(|day| day["slots"].as_array().unwrap()).next();
        let first = first.map_or(Value::Null, |slot| slot["start"].clone());
        let found = browser.get("/api/facilities?q=%E3%81%8A%E3%81%A8%E3%81%AA%E3%81%97").await;
        let found = found.expect(StatusCode::OK);
        let found = found["items"][0]["next_free"].get(0);
        let found = found.map_or(Value::Null, |one| one["start"].clone());
        // The list was asked for two months, the search knows the whole horizon.
        let far = |text| at(text).date_naive() >= today + chrono::Days::new(61);
        let beyond = found.as_str().is_some_and(far);
        assert!(found == first || first.is_null() && beyond, "searched {found}, listed {first}");
        has
    }

    /// What the command line says.
    fn command(&self, folder: &Path) -> Value {
        let at = self.start.to_rfc3339();
        let of = ["slots", "explain", "--facility", "1319990010", "--service", NIGHT_VISIT];
        let for_whom = ["--at", &at, "--clinician", DOCTOR, "--format", "json"];
        let mut command = onshin(folder);
        let done = command.args(of).args(for_whom).args(["--database", &self.site.url]);
        let done = done.output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        serde_json::from_slice(&done.stdout).unwrap()
    }
}

/// Asks every channel in one world; whether the time is free, and whether notice or horizon alone
/// keep it from being so.
async fn ask_all(
    asked: &Asked<'_>,
    desk: &mut Browser,
    lane: &Value,
    folder: &Path,
) -> (bool, bool) {
    let (site, start) = (asked.site, asked.start);
    reset(site).await;
    let [mut hers, mut his, mut theirs, mut course] = std::array::from_fn(|_| site.browser());
    let him = asked.booked_far(&mut his, 3, "ナミノ ナギ").await;
    let them = asked.booked_far(&mut theirs, 4, "ナミノ ハマ").await;
    let first = person(nagi(), "ツヅキ クル", asked.case);
    let first =
        course.book(&(start - TimeDelta::days(1)).to_rfc3339(), &first).await["booking"].take();
    let begun = asked.begun(&mut hers).await;
    asked.world.build(site, desk).await;

    let why = format!(
        "/api/clinic/explain?service={NIGHT_VISIT}&clinician={DOCTOR}&start={}",
        start.format("%Y-%m-%dT%H:%M:%SZ")
    );
    let finished = asked.finished(&mut hers, desk, &begun).await;
    let (told, told_over) = explained(&desk.get(&why).await.expect(StatusCode::OK));
    assert_eq!(finished, told_over, "confirmed or approved, {}", begun["status"]);
    if let Some(plainly) = asked.world.plainly(&site.app) {
        assert_eq!(told.is_ok(), plainly, "explained {told:?}, read plainly {plainly}");
    }
    assert_eq!(explained(&asked.command(folder)).0, told, "the command line");
    assert_eq!(asked.listed().await, told.is_ok(), "listed");
    assert_eq!(asked.held(&mut hers).await, told, "held");
    assert_eq!(asked.by_desk(desk, json!({})).await, told, "booked by the desk");
    let over = json!({ "override_reason": "urgent" });
    assert_eq!(asked.by_desk(desk, over).await, told_over, "by the desk with a reason");
    let beside = json!({ "override_reason": "urgent", "overbooking_id": lane });
    assert_eq!(asked.by_desk(desk, beside).await, told_over, "overbooked by the desk");
    assert_eq!(asked.offered().await, told.is_ok(), "offered to who waits");
    let (proposed, booked) = asked.by_series(&mut course, &first).await;
    assert_eq!((&proposed, &booked), (&told, &told), "proposed and booked as the next of a series");

    let to =
        |of: &Value| json!({ "clinician_id": DOCTOR, "start": start, "version": of["version"] });
    let moved = verdict(&his.post(&path_of(&him, "move"), to(&him)).await);
    assert_eq!(moved, told, "moved by the patient");
    if moved.is_ok() {
        asked.call_off(&mut his, &him).await;
    }
    let path = format!("/api/clinic/visits/{}/move", them["id"].as_str().unwrap());
    assert_eq!(verdict(&desk.post(&path, to(&them)).await), told, "moved by the clinic");
    (told.is_ok(), told != told_over)
}

on_both_engines! {
    async fn every_channel_gives_the_same_verdict(site: Site) {
        // The command line has no clock but the machine's.
        let present = onshin::time::Clock::System.now();
        site.app.clock.advance(present - site.app.clock.now());
        let mut desk = site.signed_in("desk").await;
        let policy = json!({ "mode": "one", "window_min": 30, "most": 5, "quiet_from": 0,
            "quiet_until": 0, "version": 0 });
        let said = desk.put("/api/clinic/waitlist/policy", policy).await;
        said.expect(StatusCode::NO_CONTENT);
        let lanes = desk.post("/api/clinic/overbookings", json!({ "name": "急患" })).await;
        let lane = lanes.expect(StatusCode::CREATED)["items"][0]["id"].take();
        let folder = tempfile::tempdir().unwrap();
        let seed = std::env::var("ONSHIN_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = seed.unwrap_or(20_210_426);
        let mut dice = Dice(seed);
        let (mut free, mut not, mut soon) = (0, 0, 0);
        for case in 0..CASES {
            let today = site.app.clock.now().date_naive();
            let world = World::generate(&site.app, today, &mut dice);
            println!("ONSHIN_TEST_SEED={seed}, case {case}: {world:?}");
            let asked = Asked { site: &site, case, world: &world, start: world.start() };
            let (is_free, only_over) = ask_all(&asked, &mut desk, &lane, folder.path()).await;
            free += u32::from(is_free);
            not += u32::from(!is_free);
            soon += u32::from(only_over);
        }
        // The worlds are of all kinds.
        assert!(free >= 4 && not >= 8 && soon >= 3, "{free} free, {not} not, {soon} too soon or far");
    }
}
