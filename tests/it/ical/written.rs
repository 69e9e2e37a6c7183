//! What we write, with what a reader should find in it.

use std::collections::BTreeMap;
use std::fs;

use chrono::{NaiveDate, TimeDelta};
use chrono_tz::Tz;
use onshin::engine::availability::{Calendar, Practice, Roster};
use onshin::engine::holidays::Holidays;
use onshin::format::Lang;
use onshin::format::ical::event::{self, Appointment, Method, Parties};
use onshin::format::ical::freebusy::freebusy;
use onshin::format::ical::hours::{Hours, availability, other_days};
use onshin::format::seeds;
use onshin::model::booking::Status;
use onshin::model::schedule::{
    DateException, Difference, OnHolidays, WeeklyHours, Weeks, check_hours,
};
use onshin::model::{BookingId, ClinicianId, ExceptionId, FacilityId, ServiceId};
use onshin::time::Instant;
use onshin::time::span::{Dates, Span, union};
use onshin::time::zone::{Days, day};
use serde_json::{Value, json};

use super::generate::Dice;
use super::{folder, seconds};

const ZONES: [Tz; 4] = [
    chrono_tz::Asia::Tokyo,
    chrono_tz::America::New_York,
    chrono_tz::Europe::London,
    chrono_tz::Australia::Lord_Howe,
];

fn now() -> Instant {
    "2026-11-30T04:00:00Z".parse().unwrap()
}

/// Visits in hours in which the clocks of their zones change, and in others.
fn appointment(dice: &mut Dice) -> Appointment {
    let changes = ["2026-11-01T04:00:00Z", "2027-03-14T05:00:00Z", "2026-12-04T00:00:00Z"];
    let start: Instant = dice.pick(&changes).parse().unwrap();
    let start = start + TimeDelta::minutes(dice.roll(50).cast_signed() * 5);
    let long = "a-path-that-makes-the-line-long-enough-to-be-folded/".repeat(2);
    Appointment {
        booking: BookingId::new(),
        visit: Span::of(start, TimeDelta::minutes(15)).unwrap(),
        zone: dice.pick(&ZONES),
        status: dice.pick(&[Status::Booked, Status::Requested, Status::Cancelled]),
        sequence: dice.roll(5).cast_signed(),
        portal: format!("https://onshin.example/予約,;/{long}"),
    }
}

fn told(one: &Appointment, cancels: bool, language: Lang) -> Value {
    let status = match one.status {
        _ if cancels => "CANCELLED",
        Status::Booked => "CONFIRMED",
        Status::Requested => "TENTATIVE",
        _ => "CANCELLED",
    };
    json!({
        "uid": format!("{}@onshin", one.booking),
        "sequence": one.sequence,
        "start": one.visit.start.timestamp(),
        "end": one.visit.end.timestamp(),
        "summary": language.pick("予約", "Appointment"),
        "status": status,
        "class": "CONFIDENTIAL",
        "conference": [one.portal],
    })
}

#[test]
fn visits_feeds_and_busy_times_are_written_for_the_checker() {
    let folder = folder("written");
    let keep = |name: &str, text: String, expected: Value| {
        fs::write(folder.join(format!("{name}.ics")), text).unwrap();
        fs::write(folder.join(format!("{name}.json")), expected.to_string()).unwrap();
    };
    let parties = Parties { organizer: "clinic@onshin.example", attendee: "hana@onshin.example" };
    for seed in 0..60 {
        let mut dice = Dice(seed);
        let one = appointment(&mut dice);
        let language = dice.pick(&[Lang::Ja, Lang::En]);
        let methods = [Method::Publish, Method::Request(parties), Method::Cancel(parties)];
        let method = dice.pick(&methods);
        let cancels = matches!(method, Method::Cancel(_));
        let text = event::single(&one, method, language, now());
        let events = [told(&one, cancels, language)];
        keep(&format!("visit-{seed}"), text, json!({ "method": method.name(), "events": events }));
        let visits: Vec<_> = (0..dice.roll(8)).map(|_| appointment(&mut dice)).collect();
        let text = event::feed(&visits, "予約; 診療,\r\nX:1", 60, language, now());
        let events: Vec<_> = visits.iter().map(|one| told(one, false, language)).collect();
        keep(&format!("feed-{seed}"), text, json!({ "method": "PUBLISH", "events": events }));
        let busy: Vec<_> = visits.iter().map(|one| one.visit).collect();
        let window = Span::of(now(), TimeDelta::days(60)).unwrap();
        let text = freebusy("someone", "https://onshin.example", window, &busy, now());
        let busy = union(busy.iter().filter_map(|span| span.cut(window)).collect());
        let expected = json!({ "method": "PUBLISH", "events": [], "busy": seconds(&busy) });
        keep(&format!("busy-{seed}"), text, expected);
    }
}

fn weekly(dice: &mut Dice, from: NaiveDate, service: ServiceId) -> Vec<WeeklyHours> {
    let mut hours = Vec::new();
    for _ in 0..3 + dice.roll(8) {
        let weekday = u8::try_from(1 + dice.roll(7)).unwrap();
        let opens = u16::try_from(360 + dice.roll(150) * 5).unwrap();
        let closes = (opens + u16::try_from(5 + dice.roll(60) * 5).unwrap()).min(1440);
        let start = from + TimeDelta::days(dice.roll(200).cast_signed() - 60);
        let weeks = match dice.roll(4) {
            0 => Weeks::Alternate(start),
            1 => Weeks::OfMonth(u8::try_from(1 + dice.roll(31)).unwrap()),
            _ => Weeks::Every,
        };
        let valid = match dice.roll(3) {
            0 => Dates::between(start, start + TimeDelta::days(120)),
            1 => Dates::since(start),
            _ => Dates::ALWAYS,
        };
        let service = dice.one_in(4).then_some(service);
        hours.push(WeeklyHours { weekday, opens, closes, weeks, valid, service });
        if check_hours(&hours).is_err() {
            hours.pop();
        }
    }
    hours
}

fn exceptions(dice: &mut Dice, from: NaiveDate, clinician: ClinicianId) -> Vec<DateException> {
    (0..dice.roll(12))
        .map(|_| {
            let opens = u16::try_from(360 + dice.roll(100) * 5).unwrap();
            let open = Difference::Open { opens, closes: opens + 90 };
            DateException {
                id: ExceptionId::new(),
                clinician: dice.one_in(2).then_some(clinician),
                date: from + TimeDelta::days(dice.roll(120).cast_signed()),
                difference: if dice.one_in(2) { open } else { Difference::Closed },
            }
        })
        .collect()
}

#[test]
fn hours_are_written_for_the_checker() {
    let folder = folder("hours");
    let list = seeds::holidays().iter().map(|day| (day.date, day.name.as_str()));
    let holidays = Holidays::new(list);
    for seed in 0..40 {
        let mut dice = Dice(1000 + seed);
        let from: NaiveDate = "2026-11-20".parse().unwrap();
        let (zone, count) = (ZONES[usize::try_from(seed % 2).unwrap()], 300);
        let (clinician, service) = (ClinicianId::new(), ServiceId::new());
        let hours = weekly(&mut dice, from, service);
        let roster =
            Roster::new(clinician, Some(from - TimeDelta::days(900)), hours.clone(), Vec::new());
        let on = dice.pick(&[OnHolidays::Closed, OnHolidays::Open]);
        let until = from + TimeDelta::days(250);
        let accepted = vec![Dates::between(from + TimeDelta::days(3), until)];
        let exceptions = exceptions(&mut dice, from, clinician);
        let practice = Practice::new(FacilityId::new(), zone, on, accepted, exceptions);
        let others = std::slice::from_ref(&roster);
        let calendar =
            Calendar { practice: &practice, roster: &roster, holidays: &holidays, others };
        let differ = other_days(&calendar, from, count);
        let end = from + TimeDelta::days(count.into());
        let of = Hours { clinician, zone, hours: &hours, from, others: &differ, until: end };
        let days = Days::new(zone, from, count);
        let mut open = BTreeMap::new();
        for which in [service, ServiceId::new()] {
            let spans = union(calendar.open_over(which, &days));
            open.insert(which.to_string(), seconds(&spans));
        }
        let start = day(zone, from).unwrap().start;
        let window = (start.timestamp(), day(zone, end).unwrap().start.timestamp());
        let expected = json!({ "zone": zone.name(), "window": window, "open": open });
        fs::write(folder.join(format!("{seed:02}.ics")), availability(&of, now())).unwrap();
        fs::write(folder.join(format!("{seed:02}.json")), expected.to_string()).unwrap();
    }
}
