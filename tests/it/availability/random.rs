//! Rules by chance, set through HTTP; and what is free by a plain reading of them, minute by
//! minute, which knows nothing of the engine: the list has it, it can be held, and nothing else.

use std::collections::BTreeSet;

use super::*;

const SEEDS: u64 = 8;
/// The days that are read: the second and the third of December.
const DAYS: usize = 2;

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: i64) -> i64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((self.0 >> 33) % sides.unsigned_abs()).unwrap()
    }

    /// Two times of a day in units of five minutes, the first before the second.
    fn stretch(&mut self) -> (i64, i64) {
        let from = self.roll(250);
        (from * 5, (from + 1 + self.roll(287 - from)) * 5)
    }
}

/// What holds, as a person would write it down. Minutes count from the midnight of the 2nd.
struct Plain {
    hours: Vec<(usize, i64, i64)>,
    instead: Option<(usize, i64, i64)>,
    pause: Option<(usize, i64, i64)>,
    closed: Option<usize>,
    length: i64,
    step: i64,
    before: i64,
    after: i64,
    notice: i64,
    horizon: i64,
    /// How many share one visit, or how many visits there are on a day; one of the two.
    seats: i64,
    most: Option<i64>,
    /// The starts that are booked, one entry for each patient.
    booked: Vec<i64>,
}

impl Plain {
    fn roll(dice: &mut Dice) -> Self {
        let day = |dice: &mut Dice| usize::try_from(dice.roll(2)).unwrap();
        let mut hours: Vec<(usize, i64, i64)> = Vec::new();
        for _ in 0..5 {
            let (which, (from, to)) = (day(dice), dice.stretch());
            // Hours that overlap are refused; those that touch are one.
            if hours.iter().all(|one| one.0 != which || one.2 < from || to < one.1) {
                hours.push((which, from, to));
            }
        }
        let some = |dice: &mut Dice| {
            let (which, (from, to)) = (day(dice), dice.stretch());
            (dice.roll(3) == 0).then_some((which, from, to))
        };
        let (instead, pause, limits) = (some(dice), some(dice), dice.roll(4));
        Self {
            closed: (dice.roll(6) == 0).then(|| day(dice)),
            length: 5 + dice.roll(12) * 5,
            step: 5 + dice.roll(8) * 5,
            before: dice.roll(4) * 5,
            after: dice.roll(4) * 5,
            notice: [0, 1000, 1500][usize::try_from(dice.roll(3)).unwrap()],
            horizon: 1 + dice.roll(3),
            seats: [1, 2][usize::from(limits == 1)],
            most: (limits == 2).then(|| 1 + dice.roll(3)),
            booked: Vec::new(),
            hours,
            instead,
            pause,
        }
    }

    fn open(&self, minute: i64) -> bool {
        let (Ok(day), at) = (usize::try_from(minute.div_euclid(1440)), minute.rem_euclid(1440))
        else {
            return false;
        };
        let within = |one: &(usize, i64, i64)| one.0 == day && one.1 <= at && at < one.2;
        let opened = match &self.instead {
            Some(instead) if instead.0 == day => within(instead),
            _ => self.hours.iter().any(within),
        };
        opened && self.closed != Some(day) && !self.pause.as_ref().is_some_and(within)
    }

    fn free(&self, minute: i64) -> bool {
        let midnight = minute.div_euclid(1440) * 1440;
        let all_open = (minute..minute + self.length).all(|m| self.open(m) && m < midnight + 1440);
        if !all_open {
            return false;
        }
        let mut opening = minute;
        while opening > midnight && self.open(opening - 1) {
            opening -= 1;
        }
        // Who has a seat in this visit takes no time from those who join it.
        let same = self.booked.iter().filter(|start| **start == minute).count();
        let others = self.booked.iter().filter(|start| self.seats == 1 || **start != minute);
        let kept = |start: i64| start - self.before..start + self.length + self.after;
        let taken: Vec<_> = others.map(|start| kept(*start)).collect();
        let clear = |m: i64| !taken.iter().any(|taken| taken.contains(&m));
        let that_day = self.booked.iter().filter(|start| *start / 1440 == minute / 1440).count();
        if i64::try_from(same).unwrap() >= self.seats
            || self.most.is_some_and(|most| i64::try_from(that_day).unwrap() >= most)
        {
            return false;
        }
        // It is 9:00 of the 1st.
        let (ahead, day) = (minute + 15 * 60, 1 + minute.div_euclid(1440));
        (minute - opening) % self.step == 0
            && kept(minute).all(clear)
            && ahead >= self.notice
            && day <= self.horizon
    }

    /// All minutes at which a visit can start, of those at which any can.
    fn starts(&self) -> BTreeSet<i64> {
        (0..2 * 1440).step_by(5).filter(|minute| self.free(*minute)).collect()
    }

    /// Makes it so, as the clinic's staff would.
    async fn set(&self, desk: &mut Browser) {
        // Wednesday and Thursday.
        let stretch = |one: &(usize, i64, i64)| json!({ "weekday": 3 + one.0, "opens": one.1, "closes": one.2 });
        hours(desk, json!(self.hours.iter().map(stretch).collect::<Vec<_>>())).await;
        let date = |day: usize| format!("2026-12-{:02}", 2 + day);
        let edit = |difference: &str, one: (usize, i64, i64)| {
            json!({ "kind": "add_exception", "date": date(one.0), "difference": difference,
                "opens": one.1, "closes": one.2 })
        };
        let mut edits = Vec::new();
        edits.extend(self.instead.map(|one| edit("open", one)));
        edits.extend(self.pause.map(|one| edit("break", one)));
        edits.extend(self.closed.map(
            |day| json!({ "kind": "add_exception", "date": date(day), "difference": "closed" }),
        ));
        if !edits.is_empty() {
            desk.change_hours(json!(edits)).await;
        }
        rules(
            desk,
            NIGHT_VISIT,
            &[
                ("length_min", json!(self.length)),
                ("step_min", json!(self.step)),
                ("buffer_before_min", json!(self.before)),
                ("buffer_after_min", json!(self.after)),
                ("notice_min", json!(self.notice)),
                ("horizon_days", json!(self.horizon)),
                ("capacity", json!(self.seats)),
                ("daily_limit", json!(self.most)),
            ],
        )
        .await;
    }
}

fn instant(minute: i64) -> String {
    let at = crate::support::at("2026-12-01T15:00:00Z") + chrono::TimeDelta::minutes(minute);
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The minutes that the list has.
async fn listed(site: &Site) -> BTreeSet<i64> {
    let path =
        format!("/api/facilities/{NIGHT}/slots?service={NIGHT_VISIT}&from=2026-12-02&days={DAYS}");
    let days = site.browser().get(&path).await.expect(StatusCode::OK);
    let all = days["days"].as_array().unwrap().iter();
    let slots = all.flat_map(|day| day["slots"].as_array().unwrap());
    let begin = crate::support::at("2026-12-01T15:00:00Z");
    slots
        .map(|one| (crate::support::at(one["start"].as_str().unwrap()) - begin).num_minutes())
        .collect()
}

on_both_engines! {
    async fn what_is_listed_is_what_rules_leave_and_what_can_be_held(site: Site) {
        let mut desk = site.signed_in("desk").await;
        let seed = std::env::var("ONSHIN_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
        let (mut dice, mut free, mut kept) = (Dice(seed.unwrap_or(3)), 0, 0);
        for case in 0..SEEDS {
            let sql = "UPDATE booking SET status = 'expired', hold_expires_at = NULL WHERE status = 'held';
                UPDATE booking SET status = 'cancelled' WHERE occupies; DELETE FROM date_exception";
            raw::execute(&site.url, sql).await.unwrap();
            let mut plain = Plain::roll(&mut dice);
            plain.set(&mut desk).await;
            for booked in 0..4 {
                let starts: Vec<_> = plain.starts().into_iter().collect();
                assert_eq!(listed(&site).await, starts.iter().copied().collect(), "case {case}, {booked} booked");
                let Some(many) = i64::try_from(starts.len()).ok().filter(|many| *many > 0) else { break };
                // Now and then somebody joins who is there, if they can.
                let last = plain.booked.last().filter(|start| starts.contains(start));
                let any = starts[usize::try_from(dice.roll(many)).unwrap()];
                let minute = last.filter(|_| booked % 2 == 1).copied().unwrap_or(any);
                let mut who = nagi();
                who["birth_date"] = json!(format!("19{:02}-05-{:02}", 50 + case, 1 + booked));
                site.browser().book(&instant(minute), &who).await;
                plain.booked.push(minute);
                kept += 1;
            }
            let starts = plain.starts();
            assert_eq!(listed(&site).await, starts, "case {case}");
            // Every five minutes of the first day are asked for, and given where they are listed.
            for minute in (0..1440).step_by(5) {
                let mut browser = site.browser();
                let held = browser.hold(&instant(minute)).await;
                assert_eq!(held.status == StatusCode::CREATED, starts.contains(&minute), "case {case}, {minute}: {}", held.text);
                if held.status == StatusCode::CREATED {
                    let held = held.expect(StatusCode::CREATED);
                    let path = format!("/api/bookings/{}/release", held["id"].as_str().unwrap());
                    browser.post(&path, json!({})).await.expect(StatusCode::NO_CONTENT);
                    free += 1;
                }
            }
        }
        assert!(free > 20 && kept > 8, "{free} free, {kept} booked: too few to say anything");
    }
}
