//! Days on which clocks change: the same hours by Onshin's engine and by the peers'.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use onshin::engine::availability::{Calendar, Practice, Roster};
use onshin::engine::holidays::Holidays;
use onshin::engine::slots;
use onshin::model::schedule::{Demands, OnHolidays, Service, WeeklyHours};
use onshin::model::{ClinicianId, FacilityId, ServiceId};
use onshin::time::span::Dates;
use onshin::time::zone::Days;
use serde_json::{Value, json};

/// Zone, date and window. Of those of 2026 the faults of peers were told; the others lie ahead,
/// since some answer for no day that is over.
const CASES: [(&str, &str, &str, &str); 12] = [
    ("America/New_York", "2026-03-08", "13:00", "18:00"),
    ("America/New_York", "2026-03-08", "01:00", "04:00"),
    ("America/New_York", "2027-03-14", "13:00", "18:00"),
    ("America/New_York", "2027-03-14", "01:00", "04:00"),
    ("America/New_York", "2027-11-07", "09:00", "17:00"),
    ("Europe/Berlin", "2027-03-28", "13:00", "18:00"),
    ("Europe/Berlin", "2027-03-28", "01:00", "04:00"),
    ("Australia/Lord_Howe", "2027-10-03", "01:00", "04:00"),
    ("Australia/Lord_Howe", "2027-10-03", "13:00", "18:00"),
    ("Asia/Kolkata", "2027-03-28", "13:00", "18:00"),
    ("Asia/Kathmandu", "2027-03-28", "09:00", "12:00"),
    ("Asia/Tokyo", "2027-03-28", "13:00", "18:00"),
];

/// From the start to the end, in UTC.
pub(crate) type Stretch = (DateTime<Utc>, DateTime<Utc>);

/// The cases, as peers are asked.
pub(crate) fn asked() -> Vec<Value> {
    let case = |(zone, date, opens, closes)| json!({ "zone": zone, "date": date, "window": [opens, closes] });
    CASES.into_iter().map(case).collect()
}

fn minute(text: &str) -> u16 {
    let (hours, minutes) = text.split_once(':').unwrap();
    hours.parse::<u16>().unwrap() * 60 + minutes.parse::<u16>().unwrap()
}

/// What a clock on the wall says: every quarter of an hour that begins within the window, by the
/// zone's clocks alone.
fn by_the_clock(zone: Tz, date: NaiveDate, opens: u16, closes: u16) -> Vec<Stretch> {
    let from = date.pred_opt().unwrap().and_time(chrono::NaiveTime::MIN).and_utc();
    let quarters = (0..288).map(|quarter| from + TimeDelta::minutes(15 * quarter));
    let within = |at: &DateTime<Utc>| {
        let local = at.with_timezone(&zone).naive_local();
        let minutes = (local.time() - chrono::NaiveTime::MIN).num_minutes();
        local.date() == date && (i64::from(opens)..i64::from(closes)).contains(&minutes)
    };
    joined(quarters.filter(within))
}

/// Quarters of an hour that follow each other, as stretches.
fn joined(starts: impl Iterator<Item = DateTime<Utc>>) -> Vec<Stretch> {
    let mut stretches: Vec<Stretch> = Vec::new();
    for start in starts {
        let end = start + TimeDelta::minutes(15);
        match stretches.last_mut() {
            Some((_, last)) if *last == start => *last = end,
            _ => stretches.push((start, end)),
        }
    }
    stretches
}

/// What Onshin's engine lists.
fn by_onshin(zone: Tz, date: NaiveDate, opens: u16, closes: u16) -> Vec<Stretch> {
    let (facility, clinician) = (FacilityId::new(), ClinicianId::new());
    let quarter = TimeDelta::minutes(15);
    let service = Service {
        id: ServiceId::new(),
        facility,
        length: quarter,
        buffer_before: TimeDelta::zero(),
        buffer_after: TimeDelta::zero(),
        step: quarter,
        notice: TimeDelta::zero(),
        horizon_days: 60,
        cancel_cutoff: TimeDelta::zero(),
        change_cutoff: TimeDelta::zero(),
        needs_approval: false,
        demands: Demands::default(),
    };
    let always = vec![Dates::ALWAYS];
    let practice = Practice::new(facility, zone, OnHolidays::Open, always, Vec::new());
    let hours = (1..=7).map(|weekday| WeeklyHours::every(weekday, opens, closes)).collect();
    let roster = Roster::new(clinician, NaiveDate::from_ymd_opt(2020, 1, 1), hours, Vec::new());
    let holidays = Holidays::new(Vec::<(NaiveDate, &str)>::new());
    let calendar =
        Calendar { practice: &practice, roster: &roster, holidays: &holidays, others: &[] };
    let now = (date - chrono::Days::new(3)).and_time(chrono::NaiveTime::MIN).and_utc();
    let days = slots::offers(&calendar, &service, &Days::new(zone, date, 1), now);
    joined(days.into_iter().flat_map(|day| day.slots).map(|slot| slot.visit.start))
}

/// Prints the table with what the peers answered: each peer's name with a list of stretches a case.
pub(crate) fn print(peers: &[(&str, Vec<Vec<Stretch>>)]) {
    println!("\n  Days on which clocks change: a quarter of an hour each, in UTC");
    let mut wrong = vec![0; peers.len() + 1];
    for (at, (zone, date, opens, closes)) in CASES.into_iter().enumerate() {
        let (tz, day): (Tz, NaiveDate) = (zone.parse().unwrap(), date.parse().unwrap());
        let right = by_the_clock(tz, day, minute(opens), minute(closes));
        println!("    {zone} {date} {opens}–{closes}: by the clock {}", shown(&right));
        let own = by_onshin(tz, day, minute(opens), minute(closes));
        let others =
            peers.iter().map(|(name, all)| (*name, all.get(at).cloned().unwrap_or_default()));
        for (nth, (name, said)) in std::iter::once(("Onshin", own)).chain(others).enumerate() {
            let verdict = if said.is_empty() {
                "no answer"
            } else if said == right {
                "right"
            } else {
                "WRONG"
            };
            wrong[nth] += usize::from(verdict == "WRONG");
            println!("      {name:20} {verdict:9} {}", shown(&said));
        }
    }
    assert_eq!(wrong[0], 0, "Onshin's own hours are wrong");
}

fn shown(stretches: &[Stretch]) -> String {
    let one =
        |(start, end): &Stretch| format!("{}→{}", start.format("%d. %H:%M"), end.format("%H:%M"));
    stretches.iter().map(one).collect::<Vec<_>>().join(", ")
}
