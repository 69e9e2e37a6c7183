//! Every channel gives the same verdict on a time. In 2021 a booking site let the call centre book
//! at places that took no bookings there: each way in had rules of its own. Here every way that
//! there is must agree, with each other and with a plain reading of the rules, whatever they are.

use axum::http::StatusCode;
use chrono::{Datelike, NaiveDate, TimeDelta};
use onshin::actions::App;
use onshin::engine::holidays::Lookup;
use onshin::time::Instant;
use serde_json::{Value, json};

use crate::support::served::onshin;
use crate::support::{Browser, NIGHT, NIGHT_VISIT, Site, at, hana, nagi, on_both_engines, raw};

const DOCTOR: &str = "0d300200-0000-0000-0000-4ead72fa0000";
const CASES: u64 = 32;

/// Numbers that are the same every time for a seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// What holds on the day of the visit.
#[derive(Debug)]
struct World {
    date: NaiveDate,
    /// Minute of the local day at which the visit would start.
    minute: i64,
    /// In effect, none, lapsed that day, lapsed the day after, suspended.
    acceptance: u64,
    /// Long ago, that day, the day after, never.
    training: u64,
    /// None, closed, a break from 12 to 13, open from 9 to 12, closed for the doctor.
    exception: u64,
    /// None, of every year, of dates.
    closure: u64,
    closes_on_holidays: bool,
    /// For the holiday of the date.
    choice: Option<bool>,
    /// Nothing, three working days of notice, ten days of horizon, a room where there is none.
    demand: u64,
}

/// Holidays from the second day on of the next hundred.
fn holidays(app: &App, today: NaiveDate) -> Vec<NaiveDate> {
    let days = today.iter_days().skip(2).take(100);
    days.filter(|day| matches!(app.holidays.lookup(*day), Lookup::Holiday(_))).collect()
}

impl World {
    fn generate(app: &App, today: NaiveDate, dice: &mut Dice) -> Self {
        let holidays = holidays(app, today);
        let holiday = dice.roll(3) == 0 && !holidays.is_empty();
        let date = if holiday {
            holidays[usize::try_from(dice.roll(holidays.len() as u64)).unwrap()]
        } else {
            today + chrono::Days::new(2 + dice.roll(30))
        };
        // Most of the time nothing is in the way, so that times are free in some worlds.
        let mostly = |dice: &mut Dice, sides: u64| match dice.roll(5) {
            0 => 1 + dice.roll(sides - 1),
            _ => 0,
        };
        let step = if dice.roll(8) == 0 { 5 } else { 15 };
        Self {
            date,
            minute: i64::try_from(dice.roll(1440 / step) * step).unwrap(),
            acceptance: mostly(dice, 5),
            training: mostly(dice, 4),
            exception: mostly(dice, 5),
            closure: mostly(dice, 3),
            closes_on_holidays: dice.roll(2) == 0,
            choice: holiday
                .then(|| [None, Some(true), Some(false)][usize::try_from(dice.roll(3)).unwrap()])
                .flatten(),
            demand: mostly(dice, 4),
        }
    }

    fn start(&self) -> Instant {
        let local = self.date.and_hms_opt(0, 0, 0).unwrap() + TimeDelta::minutes(self.minute);
        local.and_local_timezone(chrono_tz::Asia::Tokyo).unwrap().to_utc()
    }

    /// Whether the rules of the day, plainly read, let somebody come; nothing where the demands of
    /// the visit decide.
    fn plainly(&self, app: &App) -> Option<bool> {
        let accepted = matches!(self.acceptance, 0 | 3);
        let trained = self.training <= 1;
        let opened = self.exception == 3;
        let shut = self.choice.map_or(self.closes_on_holidays, |open| !open);
        let closed = matches!(self.exception, 1 | 4)
            || !opened && self.closure != 0
            || !opened && shut && app.holidays.lookup(self.date) != Lookup::Ordinary;
        let (minute, end) = (self.minute, self.minute + 15);
        let in_hours = match self.exception {
            2 => end <= 720 || minute >= 780,
            3 => minute >= 540 && end <= 720,
            _ => true,
        };
        let free = accepted && trained && !closed && in_hours && minute % 15 == 0;
        if free && self.demand != 0 { None } else { Some(free) }
    }

    /// Makes it so.
    async fn build(&self, site: &Site, desk: &mut Browser) {
        let day = |ahead: i64| (self.date + TimeDelta::days(ahead)).to_string();
        let mine = "WHERE code10 = '1319990010'";
        let notification = match self.acceptance {
            0 => String::new(),
            1 => format!("UPDATE notification SET effective_from = '{}' {mine};", day(1)),
            2 => format!(
                "UPDATE notification SET lapsed_after = '{}', lapsed_on = '{}' {mine};",
                day(-1),
                day(0)
            ),
            3 => format!(
                "UPDATE notification SET lapsed_after = '{}', lapsed_on = '{}' {mine};",
                day(0),
                day(1)
            ),
            _ => format!("UPDATE notification SET superseded_at = recorded_at {mine};"),
        };
        let trained = match self.training {
            0 => "'2022-03-01'".to_owned(),
            1 => format!("'{}'", day(0)),
            2 => format!("'{}'", day(1)),
            _ => "NULL".to_owned(),
        };
        let demand = [
            "length_min = 15",
            "notice_working_days = 3",
            "horizon_days = 10",
            "needs_room = (1 = 1)",
        ];
        let on_holidays = if self.closes_on_holidays { "closed" } else { "open" };
        let sql = format!(
            "{notification} UPDATE clinician SET training_completed_on = {trained} WHERE name = '音無 静';
             UPDATE service SET {} WHERE name_ja LIKE 'オンライン診療（初診%';
             UPDATE facility SET on_holidays = '{on_holidays}' {mine}",
            demand[usize::try_from(self.demand).unwrap()],
        );
        raw::execute(&site.url, &sql).await.unwrap();
        let edits = self.edits();
        if !edits.is_empty() {
            let plan = desk.post("/api/clinic/hours-changes", json!({ "edits": edits })).await;
            let plan = plan.expect(StatusCode::CREATED);
            let path = format!("/api/clinic/hours-changes/{}/apply", plan["id"].as_str().unwrap());
            desk.post(&path, json!({ "version": 1 })).await.expect(StatusCode::OK);
        }
    }

    fn edits(&self) -> Vec<Value> {
        let mut edits = Vec::new();
        let exception = |difference: &str, whom: Option<&str>, hours: Option<(u16, u16)>| {
            json!({ "kind": "add_exception", "date": self.date, "difference": difference,
                "clinician_id": whom, "opens": hours.map(|h| h.0), "closes": hours.map(|h| h.1) })
        };
        match self.exception {
            0 => {}
            1 => edits.push(exception("closed", None, None)),
            2 => edits.push(exception("break", None, Some((720, 780)))),
            3 => edits.push(exception("open", None, Some((540, 720)))),
            _ => edits.push(exception("closed", Some(DOCTOR), None)),
        }
        let named = |more: Value| {
            let mut edit = json!({ "kind": "add_closure", "name": "休み" });
            edit.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            edit
        };
        let until = self.date + TimeDelta::days(1);
        let of_year = |day: NaiveDate| format!("{:02}-{:02}", day.month(), day.day());
        match self.closure {
            0 => {}
            1 => edits.push(named(
                json!({ "yearly": { "from": of_year(self.date), "to": of_year(until) } }),
            )),
            _ => edits.push(named(json!({ "dates": { "from": self.date, "to": until } }))),
        }
        if let Some(open) = self.choice {
            edits.push(json!({ "kind": "holiday", "date": self.date, "open": open }));
        }
        edits
    }
}

/// Nothing takes time, nothing is closed.
async fn reset(site: &Site) {
    let sql = "UPDATE booking SET status = 'expired', hold_expires_at = NULL WHERE status = 'held';
        UPDATE booking SET status = 'cancelled' WHERE occupies;
        DELETE FROM date_exception; DELETE FROM closure;
        DELETE FROM holiday_choice;
        UPDATE facility SET on_holidays = 'open' WHERE code10 = '1319990010';
        UPDATE clinician SET training_completed_on = '2022-03-01' WHERE name = '音無 静';
        UPDATE notification SET effective_from = '2022-04-01', lapsed_after = NULL, lapsed_on = NULL,
            superseded_at = NULL WHERE code10 = '1319990010';
        UPDATE service SET notice_working_days = 0, horizon_days = 366, needs_room = (1 = 0),
            change_cutoff_min = 0, cancel_cutoff_min = 0 WHERE name_ja LIKE 'オンライン診療（初診%'";
    raw::execute(&site.url, sql).await.unwrap();
}

/// What a channel says: free, or why not.
type Verdict = Result<(), String>;

/// The verdict of an answer to a hold, a confirmation or a move.
fn verdict(answer: &crate::support::Answer) -> Verdict {
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

/// Whether the list has the time, and the first time of the next 13 days.
async fn listed(site: &Site, start: Instant, date: NaiveDate, today: NaiveDate) -> (bool, Value) {
    let mut browser = site.browser();
    let slots = |from: NaiveDate, days: u8| {
        format!("/api/facilities/{NIGHT}/slots?service={NIGHT_VISIT}&from={from}&days={days}")
    };
    let day = browser.get(&slots(date, 1)).await.expect(StatusCode::OK);
    let has = day["days"][0]["slots"]
        .as_array()
        .unwrap()
        .iter()
        .any(|slot| at(slot["start"].as_str().unwrap()) == start);
    let days = browser.get(&slots(today, 62)).await.expect(StatusCode::OK);
    let days = days["days"].as_array().unwrap();
    let first = days.iter().flat_map(|day| day["slots"].as_array().unwrap()).next();
    (has, first.map_or(Value::Null, |slot| slot["start"].clone()))
}

fn third() -> Value {
    let mut third = nagi();
    third["kana"] = json!("ナミノ ハマ");
    third["birth_date"] = json!("1960-07-07");
    third
}

/// Somebody else for each world: whose visits are called off again and again books no more.
fn of_world(mut who: Value, case: u64) -> Value {
    who["birth_date"] = json!(format!("19{:02}-02-03", 30 + case));
    who["phone"] =
        json!(format!("090-{:04}-{:04}", 1000 + case, who["kana"].as_str().unwrap().len()));
    who
}

/// What the command line says.
fn command(site: &Site, folder: &std::path::Path, start: Instant) -> Value {
    let at = start.to_rfc3339();
    let args = [
        "slots",
        "explain",
        "--facility",
        "1319990010",
        "--service",
        NIGHT_VISIT,
        "--at",
        &at,
        "--clinician",
        DOCTOR,
        "--format",
        "json",
        "--database",
        &site.url,
    ];
    let done = onshin(folder).args(args).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    serde_json::from_slice(&done.stdout).unwrap()
}

/// A hold by the desk, as on the telephone, which is given back.
async fn held_by_desk(desk: &mut Browser, start: Instant) -> Verdict {
    let wish = json!({ "service_id": NIGHT_VISIT, "clinician_id": DOCTOR, "start": start });
    let held = desk.post("/api/clinic/bookings", wish).await;
    let verdict = verdict(&held);
    if verdict.is_ok() {
        let held = held.expect(StatusCode::CREATED);
        let path = format!("/api/clinic/bookings/{}/release", held["id"].as_str().unwrap());
        desk.post(&path, json!({})).await.expect(StatusCode::NO_CONTENT);
    }
    verdict
}

/// Asks every channel in one world.
async fn ask_all(
    site: &Site,
    desk: &mut Browser,
    (case, world): (u64, &World),
    folder: Option<&std::path::Path>,
) -> bool {
    reset(site).await;
    let (start, today) = (world.start(), site.app.clock.now().date_naive());
    let far = (today + TimeDelta::days(150)).to_string();
    let (mut hers, mut his, mut theirs) = (site.browser(), site.browser(), site.browser());
    let him =
        his.book(&format!("{far}T03:00:00Z"), &of_world(nagi(), case)).await["booking"].take();
    let them =
        theirs.book(&format!("{far}T04:00:00Z"), &of_world(third(), case)).await["booking"].take();
    let held = hers.hold(&start.to_rfc3339()).await;
    world.build(site, desk).await;

    let why = format!(
        "/api/clinic/explain?service={NIGHT_VISIT}&clinician={DOCTOR}&start={}",
        start.format("%Y-%m-%dT%H:%M:%SZ")
    );
    let path_of =
        |of: &Value, deed: &str| format!("/api/bookings/{}/{deed}", of["id"].as_str().unwrap());
    // Made before the rules changed, confirmed after.
    let confirmed = match held.status {
        StatusCode::CREATED => {
            let held = held.expect(StatusCode::CREATED);
            let confirmed =
                verdict(&hers.post(&path_of(&held, "confirm"), of_world(hana(), case)).await);
            let deed = if confirmed.is_ok() { "cancel" } else { "release" };
            let gone = hers.post(&path_of(&held, deed), json!({ "reason": "other" })).await;
            assert!(gone.status.is_success(), "{}", gone.text);
            Some(confirmed)
        }
        _ => None,
    };
    let (told, told_to_confirm) = explained(&desk.get(&why).await.expect(StatusCode::OK));
    if let Some(confirmed) = confirmed {
        assert_eq!(confirmed, told_to_confirm, "confirmed");
    }
    if let Some(plainly) = world.plainly(&site.app) {
        assert_eq!(told.is_ok(), plainly, "explained {told:?}, read plainly {plainly}");
    }
    let (has, first) = listed(site, start, world.date, today).await;
    assert_eq!(has, told.is_ok(), "listed");
    let found = site.browser().get("/api/facilities?q=%E3%81%8A%E3%81%A8%E3%81%AA%E3%81%97").await;
    let found = found.expect(StatusCode::OK);
    let found = found["items"][0]["next_free"].get(0);
    let found = found.map_or(Value::Null, |one| one["start"].clone());
    // The list was asked for two months, the search knows the whole horizon.
    let beyond =
        found.as_str().is_some_and(|text| at(text).date_naive() >= today + chrono::Days::new(61));
    assert!(found == first || first.is_null() && beyond, "searched {found}, listed {first}");
    if let Some(folder) = folder {
        assert_eq!(explained(&command(site, folder, start)).0, told, "the command line");
    }
    let wish = json!({ "facility_id": NIGHT, "service_id": NIGHT_VISIT, "clinician_id": DOCTOR, "start": start });
    let held = hers.post("/api/bookings", wish).await;
    assert_eq!(verdict(&held), told, "held");
    if held.status == StatusCode::CREATED {
        let held = held.expect(StatusCode::CREATED);
        hers.post(&path_of(&held, "release"), json!({})).await.expect(StatusCode::NO_CONTENT);
    }
    assert_eq!(held_by_desk(desk, start).await, told, "held by the desk");
    let to =
        |of: &Value| json!({ "clinician_id": DOCTOR, "start": start, "version": of["version"] });
    let moved = his.post(&path_of(&him, "move"), to(&him)).await;
    assert_eq!(verdict(&moved), told, "moved by the patient");
    if moved.status.is_success() {
        let gone = his.post(&path_of(&him, "cancel"), json!({ "reason": "other" })).await;
        gone.expect(StatusCode::OK);
    }
    let path = format!("/api/clinic/visits/{}/move", them["id"].as_str().unwrap());
    assert_eq!(verdict(&desk.post(&path, to(&them)).await), told, "moved by the clinic");
    told.is_ok()
}

on_both_engines! {
    async fn every_channel_gives_the_same_verdict(site: Site) {
        // The command line has no clock but the machine's.
        let present = onshin::time::Clock::System.now();
        site.app.clock.advance(present - site.app.clock.now());
        let mut desk = site.signed_in("desk").await;
        let folder = tempfile::tempdir().unwrap();
        let seed = std::env::var("ONSHIN_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = seed.unwrap_or(20_210_426);
        let mut dice = Dice(seed);
        let (mut free, mut not) = (0, 0);
        for case in 0..CASES {
            let today = site.app.clock.now().date_naive();
            let world = World::generate(&site.app, today, &mut dice);
            println!("ONSHIN_TEST_SEED={seed}, case {case}: {world:?}");
            let folder = (case % 4 == 0).then(|| folder.path());
            if ask_all(&site, &mut desk, (case, &world), folder).await { free += 1 } else { not += 1 }
        }
        // The worlds are of both kinds.
        assert!(free >= 4 && not >= 8, "{free} free, {not} not");
    }
}
