//! Calendars as people's programs write them, and worse: zones, changes of the clocks, rules,
//! exceptions. The same seed gives the same calendar.

use std::fmt::Write as _;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use onshin::time::span::Span;

/// A calendar and what is asked of it.
pub(super) struct Made {
    pub(super) text: String,
    /// The clinic's zone.
    pub(super) zone: &'static str,
    pub(super) window: Span,
}

/// A sequence of numbers (splitmix64).
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn roll(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % below
    }

    fn number(&mut self, below: u64) -> i64 {
        self.roll(below).cast_signed()
    }

    pub(super) fn one_in(&mut self, of: u64) -> bool {
        self.roll(of) == 0
    }

    pub(super) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.roll(of.len() as u64)).unwrap()]
    }

    /// Some of them, at least one, in order.
    fn some<T: Copy>(&mut self, of: &[T], most: usize) -> Vec<T> {
        let mut found: Vec<T> = of.iter().copied().filter(|_| self.one_in(3)).take(most).collect();
        if found.is_empty() {
            found.push(self.pick(of));
        }
        found
    }
}

const CLINICS: &[&str] = &["Asia/Tokyo", "America/New_York", "Europe/London"];
const ZONES: &[&str] = &[
    "Asia/Tokyo",
    "America/New_York",
    "Europe/London",
    "Europe/Berlin",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
    "America/St_Johns",
];
const WINDOWS: &[&str] =
    &["Tokyo Standard Time", "W. Europe Standard Time", "Eastern Standard Time"];
/// Days around which clocks change somewhere.
const CHANGES: &[(i32, u32, u32)] =
    &[(2026, 3, 8), (2026, 3, 29), (2026, 4, 5), (2026, 10, 4), (2026, 10, 25), (2026, 11, 1)];
const DAYS: &[&str] = &["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

/// How an event says when it is.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Utc,
    Zone(&'static str),
    Floating,
    Day,
}

impl Form {
    fn write(self, name: &str, at: NaiveDateTime) -> String {
        let (date, time) = (at.format("%Y%m%d"), at.format("%Y%m%dT%H%M%S"));
        match self {
            Self::Utc => format!("{name}:{time}Z\r\n"),
            Self::Zone(zone) => format!("{name};TZID={zone}:{time}\r\n"),
            Self::Floating => format!("{name}:{time}\r\n"),
            Self::Day => format!("{name};VALUE=DATE:{date}\r\n"),
        }
    }
}

/// The calendar of `seed`.
pub(super) fn calendar(seed: u64) -> Made {
    let mut dice = Dice(seed);
    let begin = NaiveDate::from_ymd_opt(2025, 11, 1).unwrap() + TimeDelta::days(dice.number(300));
    let start =
        begin.and_time(chrono::NaiveTime::MIN).and_utc() + TimeDelta::hours(dice.number(24));
    let window = Span::of(start, TimeDelta::days(20 + dice.number(380))).unwrap();
    let mut text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//test//EN\r\n".to_owned();
    text.push_str(OURS);
    for number in 0..=dice.roll(5) {
        event(&mut text, &mut dice, window.start, number);
    }
    text.push_str("END:VCALENDAR\r\n");
    Made { text, zone: dice.pick(CLINICS), window }
}

/// A zone that only this calendar knows.
const OURS: &str = "BEGIN:VTIMEZONE\r\nTZID:Ours\r\nBEGIN:STANDARD\r\nDTSTART:20101107T030000\r\n\
    TZOFFSETFROM:+0930\r\nTZOFFSETTO:+0830\r\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU\r\n\
    END:STANDARD\r\nBEGIN:DAYLIGHT\r\nDTSTART:20100314T020000\r\nTZOFFSETFROM:+0830\r\n\
    TZOFFSETTO:+0930\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n";

fn form(dice: &mut Dice) -> Form {
    match dice.roll(10) {
        0 => Form::Utc,
        1 => Form::Floating,
        2 | 3 => Form::Day,
        4 => Form::Zone("Ours"),
        5 => Form::Zone(dice.pick(WINDOWS)),
        _ => Form::Zone(dice.pick(ZONES)),
    }
}

fn event(text: &mut String, dice: &mut Dice, near: DateTime<Utc>, number: u64) {
    let form = form(dice);
    let day = if dice.one_in(2) {
        let (year, month, day) = dice.pick(CHANGES);
        NaiveDate::from_ymd_opt(year, month, day).unwrap() - TimeDelta::days(dice.number(30))
    } else {
        near.date_naive() + TimeDelta::days(dice.number(500) - 250)
    };
    // Many in the hours in which clocks change.
    let minute = if dice.one_in(3) { dice.number(16) * 15 } else { dice.number(288) * 5 };
    let start = day.and_time(chrono::NaiveTime::MIN) + TimeDelta::minutes(minute);
    let start = if form == Form::Day { day.and_time(chrono::NaiveTime::MIN) } else { start };
    let rule = (!dice.one_in(4)).then(|| rule(dice, start, form));
    let _ = write!(text, "BEGIN:VEVENT\r\nUID:{number}@test\r\nDTSTAMP:20251001T000000Z\r\n");
    text.push_str(&form.write("DTSTART", start));
    text.push_str(&lasting(dice, form, start));
    let mut excluded = Vec::new();
    if let Some((rule, step)) = &rule {
        let _ = write!(text, "RRULE:{rule}\r\n");
        excluded = exceptions(text, dice, form, (start, *step));
    }
    states(text, dice);
    text.push_str("END:VEVENT\r\n");
    if let Some((_, step)) = rule {
        let replaced = start + TimeDelta::days(step * dice.number(12));
        // A time both left out and moved contradicts itself; readers differ.
        if !excluded.contains(&replaced) {
            replacement(text, dice, form, number, replaced);
        }
    }
}

/// An end, a length, or for a whole day sometimes neither.
fn lasting(dice: &mut Dice, form: Form, start: NaiveDateTime) -> String {
    let days = 1 + dice.number(3);
    let minutes = dice.pick(&[5, 15, 30, 60, 90, 600, 1440]);
    match (form, dice.roll(3)) {
        (Form::Day, 0) => String::new(),
        (Form::Day, 1) => format!("DURATION:P{days}D\r\n"),
        (Form::Day, _) => form.write("DTEND", start + TimeDelta::days(days)),
        (_, 0) => format!("DURATION:PT{minutes}M\r\n"),
        (_, _) => form.write("DTEND", start + TimeDelta::minutes(minutes.min(90))),
    }
}

/// A rule whose first time is `start`, and a step in days that often hits one of its times.
fn rule(dice: &mut Dice, start: NaiveDateTime, form: Form) -> (String, i64) {
    let weekday = DAYS[start.weekday().num_days_from_monday() as usize];
    let nth = start.day0() / 7 + 1;
    let interval = 1 + dice.roll(4);
    let (mut rule, step) = match dice.roll(9) {
        0 | 1 => (format!("FREQ=DAILY;INTERVAL={interval}"), interval.cast_signed()),
        2 => {
            let mut days = dice.some(DAYS, 4);
            if !days.contains(&weekday) {
                days.push(weekday);
            }
            (format!("FREQ=DAILY;BYDAY={}", days.join(",")), 1)
        }
        3 => (format!("FREQ=WEEKLY;INTERVAL={interval}"), 7 * interval.cast_signed()),
        4 => {
            let mut days = dice.some(DAYS, 4);
            if !days.contains(&weekday) {
                days.push(weekday);
            }
            let week = dice.pick(&["MO", "SU"]);
            (format!("FREQ=WEEKLY;INTERVAL={interval};WKST={week};BYDAY={}", days.join(",")), 1)
        }
        5 if nth < 5 => (format!("FREQ=MONTHLY;BYDAY={nth}{weekday}"), 28),
        6 if nth < 5 => (format!("FREQ=MONTHLY;BYDAY={weekday};BYSETPOS={nth}"), 28),
        7 => (format!("FREQ=MONTHLY;INTERVAL={interval};BYMONTHDAY={}", start.day()), 30),
        _ => {
            let last =
                dice.pick(&["BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "BYMONTHDAY=-1", "BYDAY=-1FR"]);
            (format!("FREQ=MONTHLY;{last}"), 30)
        }
    };
    let end = start + TimeDelta::days(20 + dice.number(300));
    let last = match dice.roll(3) {
        0 => format!(";COUNT={}", 1 + dice.roll(60)),
        1 if form == Form::Day => format!(";UNTIL={}", end.format("%Y%m%d")),
        1 if form == Form::Floating => format!(";UNTIL={}", end.format("%Y%m%dT%H%M%S")),
        // Seconds that no time of the series has in any zone.
        1 => format!(";UNTIL={}", end.format("%Y%m%dT%H%M37Z")),
        _ => String::new(),
    };
    rule.push_str(&last);
    (rule, step)
}

/// Times left out, which it returns, and one added.
fn exceptions(
    text: &mut String,
    dice: &mut Dice,
    form: Form,
    (start, step): (NaiveDateTime, i64),
) -> Vec<NaiveDateTime> {
    let mut excluded = Vec::new();
    for _ in 0..dice.roll(4) {
        let at = start + TimeDelta::days(step * (1 + dice.number(20)));
        excluded.push(at);
        text.push_str(&form.write("EXDATE", at));
    }
    if dice.one_in(3) {
        let at = start + TimeDelta::days(dice.number(200)) + TimeDelta::minutes(35);
        let at = if form == Form::Day { at.date().and_time(chrono::NaiveTime::MIN) } else { at };
        text.push_str(&form.write("RDATE", at));
    }
    excluded
}

fn states(text: &mut String, dice: &mut Dice) {
    match dice.roll(12) {
        0 => text.push_str("STATUS:CANCELLED\r\n"),
        1 => text.push_str("TRANSP:TRANSPARENT\r\n"),
        2 => text.push_str("STATUS:TENTATIVE\r\nTRANSP:OPAQUE\r\n"),
        _ => {}
    }
}

/// One time of the series moved, made longer or called off.
fn replacement(
    text: &mut String,
    dice: &mut Dice,
    form: Form,
    number: u64,
    replaced: NaiveDateTime,
) {
    if !dice.one_in(3) {
        return;
    }
    let moved = replaced + TimeDelta::days(dice.number(3)) + TimeDelta::minutes(20);
    let moved =
        if form == Form::Day { moved.date().and_time(chrono::NaiveTime::MIN) } else { moved };
    let _ = write!(text, "BEGIN:VEVENT\r\nUID:{number}@test\r\nDTSTAMP:20251002T000000Z\r\n");
    text.push_str(&form.write("RECURRENCE-ID", replaced));
    text.push_str(&form.write("DTSTART", moved));
    text.push_str(&lasting(dice, form, moved));
    if dice.one_in(4) {
        text.push_str("STATUS:CANCELLED\r\n");
    }
    text.push_str("SEQUENCE:1\r\nEND:VEVENT\r\n");
}
