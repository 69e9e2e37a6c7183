//! Calendars for tests/ical/check.py: what we write, and what we read out of generated ones. The
//! step `ical` of tests/run.sh lets others' code judge both.

use std::fs;
use std::path::PathBuf;

use chrono_tz::Tz;
use onshin::format::ical::busy;
use onshin::time::span::Span;
use serde_json::json;

mod generate;
mod written;

/// A folder for `what` under the target folder, empty.
fn folder(what: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("ical").join(what);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn seconds(spans: &[Span]) -> Vec<(i64, i64)> {
    spans.iter().map(|span| (span.start.timestamp(), span.end.timestamp())).collect()
}

/// How many calendars are generated.
const CALENDARS: u64 = 400;

#[test]
fn busy_times_of_generated_calendars_are_written_for_the_checker() {
    let folder = folder("busy");
    let mut taken = 0;
    for seed in 0..CALENDARS {
        let made = generate::calendar(seed);
        let zone: Tz = made.zone.parse().unwrap();
        let reading = busy::read(made.text.as_bytes(), zone, made.window).unwrap();
        taken += reading.taken.len();
        let answer = json!({
            "zone": made.zone,
            "window": seconds(&[made.window])[0],
            "entries": reading.entries,
            "taken": seconds(&reading.taken),
        });
        fs::write(folder.join(format!("{seed:03}.ics")), &made.text).unwrap();
        fs::write(folder.join(format!("{seed:03}.json")), answer.to_string()).unwrap();
    }
    assert!(taken > 10_000, "{taken}");
}
