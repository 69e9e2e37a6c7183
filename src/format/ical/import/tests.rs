//! Hours out and in again, and hours that we have no word for.

use super::*;
use crate::format::ical::hours::{Hours, availability};
use crate::model::ClinicianId;

const TOKYO: Tz = chrono_tz::Asia::Tokyo;

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn today() -> NaiveDate {
    date("2026-12-01")
}

fn part(body: &str) -> Result<Import, Refusal> {
    parts(&[body])
}

fn parts(bodies: &[&str]) -> Result<Import, Refusal> {
    let one = |body: &&str| format!("BEGIN:AVAILABLE\n{body}\nEND:AVAILABLE\n");
    let inner: String = bodies.iter().map(one).collect();
    let text =
        format!("BEGIN:VCALENDAR\nBEGIN:VAVAILABILITY\n{inner}END:VAVAILABILITY\nEND:VCALENDAR\n");
    hours(text.as_bytes(), TOKYO, today())
}

#[test]
fn hours_come_back_as_they_went_out() {
    let every = WeeklyHours::every(1, 540, 720);
    let all = [
        every,
        WeeklyHours { weekday: 2, closes: 1440, ..every },
        WeeklyHours { weekday: 3, weeks: Weeks::Alternate(date("2026-12-07")), ..every },
        WeeklyHours {
            weekday: 4,
            valid: Dates::between(date("2027-01-10"), date("2027-03-01")),
            ..every
        },
        WeeklyHours { weekday: 6, weeks: Weeks::OfMonth(0b01010), ..every },
        WeeklyHours { weekday: 7, service: Some(ServiceId::new()), ..every },
    ];
    let others = [
        OtherDay { date: date("2026-12-28"), open: Vec::new() },
        OtherDay { date: date("2026-12-29"), open: vec![(600, 660), (780, 900)] },
        OtherDay { date: date("2027-01-01"), open: vec![(600, 660)] },
    ];
    let written = availability(
        &Hours {
            clinician: ClinicianId::new(),
            zone: TOKYO,
            hours: &all,
            from: today(),
            others: &others,
            until: date("2028-01-01"),
        },
        "2026-12-01T00:00:00Z".parse().unwrap(),
    );
    let read = hours(written.as_bytes(), TOKYO, today()).unwrap();
    assert_eq!(read.others, others);
    assert_eq!(read.hours.len(), all.len());
    for day in today().iter_days().take(400) {
        let open = |hours: &[WeeklyHours]| {
            let open = hours.iter().filter(|one| one.apply(day, one.service.unwrap_or_default()));
            open.map(|one| (one.service, one.opens, one.closes)).collect::<BTreeSet<_>>()
        };
        assert_eq!(open(&read.hours), open(&all), "{day}\n{written}");
    }
}

#[test]
fn what_others_write_is_understood() {
    let found = part(
        "DTSTART;TZID=Tokyo Standard Time:20261201T090000\nDURATION:PT3H\n\
         RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR\nEXDATE;TZID=Asia/Tokyo:20261208T090000",
    )
    .unwrap();
    assert_eq!(found.hours.len(), 5);
    assert_eq!(found.others, [OtherDay { date: date("2026-12-08"), open: Vec::new() }]);
    let saturdays = part(
        "DTSTART:20261212T090000\nDTEND:20261212T120000\nRRULE:FREQ=MONTHLY;BYDAY=SA;BYSETPOS=2,4",
    );
    assert_eq!(saturdays.unwrap().hours[0].weeks, Weeks::OfMonth(0b01010));
    let counted = part("DTSTART:20261207T090000\nDTEND:20261207T120000\nRRULE:FREQ=WEEKLY;COUNT=3");
    let valid = counted.unwrap().hours[0].valid;
    // The first is the next Monday anyway.
    assert_eq!(valid, Dates { from: None, until: Some(date("2026-12-22")) });
    let later = part("DTSTART:20261214T090000\nDTEND:20261214T120000\nRRULE:FREQ=WEEKLY");
    assert_eq!(later.unwrap().hours[0].valid, Dates::since(date("2026-12-14")));
    let once = part("DTSTART:20261207T090000\nDTEND:20261207T120000").unwrap();
    assert_eq!(once.others, [OtherDay { date: date("2026-12-07"), open: vec![(540, 720)] }]);
}

#[test]
fn what_we_have_no_word_for_is_refused_by_name() {
    let at = "DTSTART:20261207T090000\nDTEND:20261207T120000\n";
    let cases = [
        ("DTSTART;TZID=America/New_York:20261207T090000\nDURATION:PT1H", "hours_zone"),
        ("DTSTART:20261207T000000Z\nDTEND:20261207T010000Z", "hours_zone"),
        ("DTSTART:20261207T090100\nDURATION:PT1H", "hours_minutes"),
        ("DTSTART:20261207T220000\nDTEND:20261208T020000", "hours_minutes"),
        ("DTSTART;VALUE=DATE:20261207", "hours_times"),
        ("SUMMARY:nothing", "hours_times"),
        (&format!("{at}RRULE:FREQ=WEEKLY;INTERVAL=3"), "hours_rule"),
        (&format!("{at}RRULE:FREQ=YEARLY"), "hours_rule"),
        (&format!("{at}RRULE:FREQ=MONTHLY;BYMONTHDAY=7"), "hours_rule"),
        (&format!("{at}RRULE:FREQ=MONTHLY;BYDAY=-1MO"), "hours_rule"),
        (&format!("{at}RRULE:FREQ=SECONDLY"), "hours_rule"),
        (&format!("{at}RRULE:FREQ=WEEKLY\nEXDATE:tomorrow"), "hours_date"),
    ];
    for (body, code) in cases {
        assert_eq!(part(body).map_err(|refusal| refusal.code()), Err(code), "{body}");
    }
    let weekly = format!("{at}RRULE:FREQ=WEEKLY");
    let twice = parts(&[&weekly, "DTSTART:20261207T110000\nDURATION:PT2H\nRRULE:FREQ=WEEKLY"]);
    assert_eq!(twice.map_err(|refusal| refusal.code()), Err("hours_overlap"));
    // A start that is no day of its rule is an hour that the rule does not say.
    let outside = part(&format!("{at}RRULE:FREQ=WEEKLY;BYDAY=TU"));
    assert_eq!(outside, Err(Refusal::Differs(date("2026-12-07"))));
    assert_eq!(hours(b"BEGIN:VCALENDAR\nEND:VCALENDAR", TOKYO, today()), Err(Refusal::NoHours));
}
