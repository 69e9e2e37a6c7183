//! Rules that hold on the day of a visit, by chance, and a plain reading of them.

use chrono::{Datelike, NaiveDate, TimeDelta};
use onshin::actions::App;
use onshin::engine::holidays::Lookup;
use onshin::time::Instant;
use serde_json::{Value, json};

use super::DOCTOR;
use crate::support::{Browser, Site, raw};

/// Numbers that are the same every time for a seed.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn roll(&mut self, sides: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// What holds on the day of the visit.
#[derive(Debug)]
pub(super) struct World {
    pub(super) date: NaiveDate,
    /// Minute of the local day at which the visit would start.
    pub(super) minute: i64,
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
    /// Nothing, nine working days of notice, ten days of horizon, a room where there is none.
    demand: u64,
}

/// Holidays of the next hundred days, but for the first three.
fn holidays(app: &App, today: NaiveDate) -> Vec<NaiveDate> {
    let days = today.iter_days().skip(3).take(100);
    days.filter(|day| matches!(app.holidays.lookup(*day), Lookup::Holiday(_))).collect()
}

impl World {
    pub(super) fn generate(app: &App, today: NaiveDate, dice: &mut Dice) -> Self {
        let holidays = holidays(app, today);
        let holiday = dice.roll(3) == 0 && !holidays.is_empty();
        let date = if holiday {
            holidays[usize::try_from(dice.roll(holidays.len() as u64)).unwrap()]
        } else {
            today + chrono::Days::new(3 + dice.roll(30))
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
            // Often, since only these tell a channel that passes over notice or horizon.
            demand: if dice.roll(2) == 0 { 1 + dice.roll(3) } else { 0 },
        }
    }

    pub(super) fn start(&self) -> Instant {
        let local = self.date.and_hms_opt(0, 0, 0).unwrap() + TimeDelta::minutes(self.minute);
        local.and_local_timezone(chrono_tz::Asia::Tokyo).unwrap().to_utc()
    }

    /// Whether the rules of the day, plainly read, let somebody come; nothing where the demands of
    /// the visit decide.
    pub(super) fn plainly(&self, app: &App) -> Option<bool> {
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
    pub(super) async fn build(&self, site: &Site, desk: &mut Browser) {
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
            "notice_working_days = 9",
            "horizon_days = 10",
            "needs_room = (1 = 1)",
        ];
        let on_holidays = if self.closes_on_holidays { "closed" } else { "open" };
        let sql = format!(
            "{notification} UPDATE clinician SET training_completed_on = {trained} WHERE name = '音無 静';
             UPDATE service SET {}, step_min = 15, needs_approval = (1 = 0) WHERE name_ja LIKE 'オンライン診療（初診%';
             UPDATE facility SET on_holidays = '{on_holidays}' {mine}",
            demand[usize::try_from(self.demand).unwrap()],
        );
        raw::execute(&site.url, &sql).await.unwrap();
        let edits = self.edits();
        if !edits.is_empty() {
            desk.change_hours(json!(edits)).await;
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

/// Nothing takes time, nothing is closed, nobody waits, and visits start every five minutes.
pub(super) async fn reset(site: &Site) {
    let sql = "UPDATE waitlist_entry SET status = 'left', ended_at = created_at WHERE status = 'waiting';
        UPDATE freed_time SET done_at = freed_at WHERE done_at IS NULL;
        UPDATE booking SET status = 'expired', hold_expires_at = NULL WHERE status = 'held';
        UPDATE booking SET status = 'cancelled' WHERE occupies;
        DELETE FROM date_exception; DELETE FROM closure;
        DELETE FROM holiday_choice;
        UPDATE facility SET on_holidays = 'open' WHERE code10 = '1319990010';
        UPDATE clinician SET training_completed_on = '2022-03-01' WHERE name = '音無 静';
        UPDATE notification SET effective_from = '2022-04-01', lapsed_after = NULL, lapsed_on = NULL,
            superseded_at = NULL WHERE code10 = '1319990010';
        UPDATE service SET notice_working_days = 0, horizon_days = 366, needs_room = (1 = 0),
            step_min = 5, change_cutoff_min = 0, cancel_cutoff_min = 0 WHERE name_ja LIKE 'オンライン診療（初診%'";
    raw::execute(&site.url, sql).await.unwrap();
}
