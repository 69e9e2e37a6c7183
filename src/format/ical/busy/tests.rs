//! Single rules by hand; whole calendars are compared with another program's reading by
//! `tests/ical/check.py`.

use super::*;

const TOKYO: Tz = chrono_tz::Asia::Tokyo;

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn december() -> Span {
    Span::new(at("2026-12-01T00:00:00Z"), at("2027-01-01T00:00:00Z")).unwrap()
}

fn wrapped(inner: &str) -> String {
    format!("BEGIN:VCALENDAR\nVERSION:2.0\n{inner}END:VCALENDAR\n")
}

fn events(bodies: &[&str]) -> String {
    let one = |body: &&str| format!("BEGIN:VEVENT\n{body}\nEND:VEVENT\n");
    wrapped(&bodies.iter().map(one).collect::<String>())
}

fn reading(bodies: &[&str]) -> Reading {
    read(events(bodies).as_bytes(), TOKYO, december()).unwrap()
}

/// The times taken, as `day hour:minute-hour:minute` in UTC.
fn taken(bodies: &[&str]) -> Vec<String> {
    let text =
        |span: &Span| format!("{}-{}", span.start.format("%d %H:%M"), span.end.format("%H:%M"));
    reading(bodies).taken.iter().map(text).collect()
}

#[test]
fn days_and_times_without_a_zone_are_the_clinics() {
    assert_eq!(taken(&["DTSTART;VALUE=DATE:20261205"]), ["04 15:00-15:00"]);
    assert_eq!(taken(&["DTSTART:20261205T090000\nDURATION:PT1H"]), ["05 00:00-01:00"]);
    assert_eq!(taken(&["DTSTART:20261205T090000Z\nDTEND:20261205T100000Z"]), ["05 09:00-10:00"]);
    let windows = "DTSTART;TZID=Eastern Standard Time:20261205T090000\nDURATION:PT1H";
    assert_eq!(taken(&[windows]), ["05 14:00-15:00"]);
    let quoted = "DTSTART;TZID=\"Asia/Tokyo\":20261205T090000\nDURATION:PT1H";
    assert_eq!(taken(&[quoted]), ["05 00:00-01:00"]);
}

#[test]
fn what_leaves_the_time_free_or_cannot_be_read_is_counted() {
    let found = reading(&[
        "DTSTART:20261205T090000\nDURATION:PT1H\nSTATUS:CANCELLED",
        "DTSTART:20261205T090000\nDURATION:PT1H\nTRANSP:TRANSPARENT",
        "DTSTART:20261205T090000\nDTEND:20261205T080000",
        "DTSTART:20261205T090000\nDURATION:PT1H\nTRANSP:TRANSPARENT",
        "SUMMARY:no start",
        "DTSTART:99991231T000000\nDURATION:PT1H",
        "DTSTART:20261205T090000",
        "DTSTART;TZID=Nowhere:20261205T090000\nDURATION:PT1H",
        "DTSTART:20261205T090000\nDURATION:PT1H\nRRULE:FREQ=FORTNIGHTLY",
    ]);
    assert_eq!((found.entries, found.taken.len()), (9, 2));
    let said: Vec<_> =
        found.ignored.iter().map(|(why, one)| (why.code(), one.count, one.first)).collect();
    let expected = [
        ("cancelled", 1, 1),
        ("transparent", 2, 2),
        ("no_length", 1, 7),
        ("no_start", 2, 5),
        ("bad_end", 1, 3),
        ("bad_rule", 1, 9),
        ("unknown_zone", 1, 8),
    ];
    assert_eq!(said, expected);
}

#[test]
fn a_moved_time_of_a_series_is_taken_where_it_went() {
    let weekly = "UID:a\nDTSTART;TZID=Asia/Tokyo:20261201T090000\nDURATION:PT1H\n\
        RRULE:FREQ=WEEKLY;COUNT=4\nEXDATE;TZID=Asia/Tokyo:20261215T090000";
    let moved = "UID:a\nRECURRENCE-ID:20261208T000000Z\nDTSTART:20261209T030000Z\nDURATION:PT2H";
    let again = "UID:a\nRECURRENCE-ID:20261208T000000Z\nDTSTART:20261210T030000Z\nDURATION:PT2H\n\
        SEQUENCE:2";
    let off = "UID:a\nRECURRENCE-ID;TZID=Asia/Tokyo:20261222T090000\n\
        DTSTART;TZID=Asia/Tokyo:20261222T090000\nDURATION:PT1H\nSTATUS:CANCELLED";
    assert_eq!(taken(&[weekly, again, off, moved]), ["01 00:00-01:00", "10 03:00-05:00"]);
}

#[test]
fn free_and_busy_periods_are_read() {
    let inner = "BEGIN:VFREEBUSY\nFREEBUSY:20261205T000000Z/20261205T010000Z,20261206T000000Z/PT30M\n\
        FREEBUSY;FBTYPE=FREE:20261207T000000Z/PT30M\n\
        FREEBUSY;FBTYPE=BUSY-TENTATIVE:20261208T000000Z/PT30M\nEND:VFREEBUSY\n";
    let found = read(wrapped(inner).as_bytes(), TOKYO, december()).unwrap();
    let minutes: Vec<_> = found.taken.iter().map(|span| span.length().num_minutes()).collect();
    assert_eq!(minutes, [60, 30, 30]);
}

#[test]
fn what_began_before_the_window_reaches_into_it() {
    let long = "DTSTART:20261129T000000Z\nDTEND:20261202T000000Z";
    let found = reading(&[long]);
    assert_eq!(found.busy(december())[0].start, december().start);
    let weekly = "DTSTART:20200106T000000Z\nDTEND:20200109T000000Z\nRRULE:FREQ=WEEKLY";
    assert_eq!(taken(&[weekly])[0], "30 00:00-00:00");
}

#[test]
fn a_zone_of_the_calendar_counts_where_nobody_knows_its_name() {
    let zone = "BEGIN:VTIMEZONE\nTZID:Ours\nBEGIN:STANDARD\nDTSTART:19700101T000000\n\
        TZOFFSETFROM:+0330\nTZOFFSETTO:+0330\nEND:STANDARD\nEND:VTIMEZONE\nBEGIN:VEVENT\n\
        DTSTART;TZID=Ours:20261205T090000\nDURATION:PT1H\nEND:VEVENT\n";
    let found = read(wrapped(zone).as_bytes(), TOKYO, december()).unwrap();
    assert_eq!(found.taken[0].start, at("2026-12-05T05:30:00Z"));
    assert!(found.ignored.is_empty());
}

/// Files that want to keep the program busy, and the code with which each is refused; nothing
/// where it is simply read. Unoptimised and beside other tests the dearest takes a second; the bound
/// only shows that none runs on.
#[test]
fn bombs_are_refused_and_cheap() {
    let event = |rule: &str| format!("DTSTART:20200101T000000Z\nDURATION:PT5M\nRRULE:{rule}");
    let many = |rule: &str, times| {
        let one = event(rule);
        events(&vec![one.as_str(); times])
    };
    let cases = [
        (many("FREQ=SECONDLY", 1), Some("calendar_rule_too_often")),
        (many("FREQ=MINUTELY;COUNT=5", 1), Some("calendar_rule_too_often")),
        (many("FREQ=DAILY;COUNT=1000000000", 1), Some("calendar_rule_too_often")),
        (many("FREQ=DAILY;COUNT=99999999999999999999", 1), Some("calendar_rule_too_often")),
        (
            many("FREQ=DAILY;BYHOUR=0,1,2,3,4;BYMINUTE=0,1,2,3,4", 1),
            Some("calendar_rule_too_often"),
        ),
        (many("FREQ=DAILY", 9_000), Some("calendar_too_much")),
        (many("FREQ=DAILY", 2_000), Some("calendar_too_much")),
        (many("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", 2_000), None),
        (many("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=SU", 900), None),
        (many("FREQ=MONTHLY;BYDAY=5SA;BYMONTHDAY=1", 2_000), Some("calendar_too_much")),
        (many("FREQ=DAILY;BYSETPOS=2;BYHOUR=1", 2_000), Some("calendar_too_much")),
        (many("FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6", 2_000), Some("calendar_too_much")),
        (many("FREQ=WEEKLY;INTERVAL=65535", 2_000), None),
        (many("FREQ=WEEKLY;INTERVAL=65536", 1), None),
        (many(&format!("FREQ=DAILY;BYMONTHDAY={}1", "1,".repeat(100_000)), 1), None),
        (many("FREQ=DAILY", 100_000), Some("calendar_too_large")),
    ];
    let window = Span::of(december().start, TimeDelta::days(400)).unwrap();
    let mut wrong = Vec::new();
    for (text, expected) in cases {
        let begun = std::time::Instant::now();
        let found = read(text.as_bytes(), TOKYO, window);
        let ms = begun.elapsed().as_millis();
        let which = text.lines().nth(5).unwrap_or_default();
        let which = &which[..which.len().min(60)];
        eprintln!("{ms} ms {which}");
        let code = found.err().map(|fault| fault.code());
        if code != expected || ms > 10_000 {
            wrong.push(format!("{which}: {code:?} in {ms} ms"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
