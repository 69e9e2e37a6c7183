//! Every sentence is there in both languages, for and against, and says what it must.

use chrono_tz::Asia::Tokyo;

use super::*;

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn date() -> NaiveDate {
    "2026-12-01".parse().unwrap()
}

fn exception(note: &str) -> Exception {
    Exception { exception_id: ExceptionId::new(), clinician_id: None, note: note.to_owned() }
}

/// One of each.
fn all() -> Vec<About> {
    let (start, end) = (at("2026-12-01T01:30:00Z"), at("2026-12-01T01:45:00Z"));
    let (clinician_id, name) = (ClinicianId::new(), "音無".to_owned());
    let booking = |status, hold_expires_at| About::Booking {
        booking_id: BookingId::new(),
        number: Some("ABCD-1234".to_owned()),
        status: Some(status),
        start,
        end,
        hold_expires_at,
    };
    vec![
        About::Time,
        About::Present { now: start },
        About::Notice { earliest: start, minutes: 60 },
        About::WorkingDays { days: 2, first_day: date() },
        About::Horizon { last: date(), days: 60 },
        About::Offered { clinician_id, name: name.clone() },
        About::Acceptance { date: date(), periods: vec![] },
        About::Acceptance {
            date: date(),
            periods: vec![Period { from: Some(date()), until: Some(date()) }],
        },
        About::Training { date: date(), completed_on: None },
        About::Training { date: date(), completed_on: Some(date()) },
        About::Exception { date: date(), exception: exception("学会") },
        About::Closure {
            closure_id: ClosureId::new(), name: "年末年始".to_owned(), date: date()
        },
        About::Holiday { name: "文化の日".to_owned(), date: date() },
        About::HolidaysUnknown { date: date() },
        About::Weekly { date: date(), weekday: 2 },
        About::Hours { stretches: vec![Stretch { start, end }], exceptions: vec![] },
        About::Hours { stretches: vec![Stretch { start, end }], exceptions: vec![exception("x")] },
        About::Grid { before: Some(start), after: end, step_min: 15 },
        booking(Status::Booked, None),
        booking(Status::Held, Some(end)),
        About::Outside { start, end },
        About::Seats { taken: 2, of: 3 },
        About::DayLimit { used: 4, most: 4 },
        About::Colleague { clinician_id, name },
        About::Rooms { free: 0, of: 2 },
    ]
}

#[test]
fn everything_that_can_be_looked_at_has_sentences() {
    for about in all() {
        for code in [None, Some("code")] {
            let told = Finding::new(about.clone(), code, Tokyo);
            assert!(told.ja.ends_with('。') && told.en.ends_with('.'), "{told:?}");
            let value = serde_json::to_value(&told).unwrap();
            assert!(value["about"]["kind"].is_string(), "{value}");
        }
    }
}

#[test]
fn a_sentence_names_what_it_points_to() {
    let told = |about: &About| {
        let finding = Finding::new(about.clone(), Some("code"), Tokyo);
        (finding.ja, finding.en)
    };
    for (about, words) in all().iter().zip([
        "時刻",
        "10:30",
        "60分",
        "2診療日",
        "60日先",
        "音無",
        "届出がありません",
        "2026-12-01から",
        "登録されていません",
        "修了日",
        "学会",
        "年末年始",
        "文化の日",
        "公表されていません",
        "火曜日",
        "毎週",
        "この日だけ",
        "10:30、10:45",
        "ABCD-1234",
        "10:45まで仮押さえ",
        "ほかの予定表",
        "3人のうち2人",
        "4件まで",
        "音無",
        "2室のうち0室",
    ]) {
        assert!(told(about).0.contains(words), "{words}: {}", told(about).0);
    }
    assert!(told(&all()[18]).1.starts_with("Booking ABCD-1234 has it: Tue 2026-12-01 10:30–10:45"));
}
