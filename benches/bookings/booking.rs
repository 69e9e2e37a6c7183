//! One booking as a browser makes it, and the cells that book.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use chrono::SecondsFormat;
use serde_json::{Value, json};

use crate::data::{Data, FreeTime, Kind, id};
use crate::http::Caller;
use crate::measure::{self, Found, Turn};
use crate::server::Server;

/// Times that nobody has, given out one after the other, in the whole run.
#[derive(Clone)]
pub(crate) struct Times {
    data: Data,
    next: Arc<AtomicU64>,
}

impl Times {
    pub(crate) fn new(data: Data) -> Self {
        Self { data, next: Arc::new(AtomicU64::new(0)) }
    }

    /// The next one.
    pub(crate) fn next(&self) -> FreeTime {
        self.data.free(self.next.fetch_add(1, Ordering::Relaxed))
    }

    /// Leaves out so many, which others take.
    pub(crate) fn skip(&self, count: u64) -> u64 {
        self.next.fetch_add(count, Ordering::Relaxed)
    }
}

/// Holds a time: how it ended, and the booking with its cookie where it is held.
pub(crate) async fn wish(caller: &mut Caller, time: &FreeTime) -> (Turn, Option<(String, String)>) {
    let wish = json!({
        "facility_id": id(Kind::Facility, time.facility),
        "service_id": id(Kind::Service, time.facility),
        "clinician_id": id(Kind::Clinician, time.clinician),
        "start": time.start.to_rfc3339_opts(SecondsFormat::Secs, true),
    });
    let held = caller.post("/api/bookings", None, &wish.to_string()).await;
    let body: Value = serde_json::from_slice(&held.body).unwrap_or_default();
    match (held.status, body["id"].as_str(), held.cookie) {
        (201, Some(booking), Some(cookie)) => (Turn::Done, Some((booking.to_owned(), cookie))),
        (409, ..) if body["code"] == "slot_taken" => {
            let offered = body["alternatives"].as_array().map_or(0, Vec::len);
            (Turn::Refused(offered), None)
        }
        (503, ..) => (Turn::Busy, None),
        (status, ..) => panic!("holding was answered {status}: {body}"),
    }
}

/// Holds and confirms, as somebody who has never been here.
pub(crate) async fn book(caller: &mut Caller, time: &FreeTime) -> Turn {
    booked(caller, time).await.err().unwrap_or(Turn::Done)
}

/// Holds and confirms: the booking and its patient's cookie, or how else it ended.
pub(crate) async fn booked(caller: &mut Caller, time: &FreeTime) -> Result<(String, String), Turn> {
    static PERSONS: AtomicU64 = AtomicU64::new(0);
    let (turn, held) = wish(caller, time).await;
    let (booking, cookie) = held.ok_or(turn)?;
    let person = PERSONS.fetch_add(1, Ordering::Relaxed);
    let answers = json!({
        "for_whom": "self",
        "name": "試験 花子",
        "kana": "シケン ハナコ",
        "birth_date": "1980-01-01",
        "phone": format!("090{:08}", person % 100_000_000),
        "language": "ja",
        "symptoms": "せきが三日つづいています。熱はありません。",
        "consent": true,
    });
    let path = format!("/api/bookings/{booking}/confirm");
    let confirmed = caller.post(&path, Some(&cookie), &answers.to_string()).await;
    if confirmed.status == 503 {
        return Err(Turn::Busy);
    }
    let said = || String::from_utf8_lossy(&confirmed.body).into_owned();
    assert_eq!(confirmed.status, 200, "confirming: {}", said());
    Ok((booking, cookie))
}

/// `callers` wish one time at the same moment, `rounds` times. The refusals' times, and how many
/// rounds had one winner.
pub(crate) async fn hot(
    server: &Server,
    callers: usize,
    rounds: usize,
    times: &Times,
) -> (Found, usize) {
    let mut open: Vec<Caller> = (0..callers).map(|_| Caller::new(server.address)).collect();
    for caller in &mut open {
        // Connected before the race.
        caller.get("/livez").await;
    }
    let (before, mut refusals, mut right) = (server.processes.cost(), Vec::new(), 0);
    for _ in 0..rounds {
        let time = times.next();
        let start = tokio::time::Instant::now() + Duration::from_millis(5);
        let mut race = tokio::task::JoinSet::new();
        for mut caller in open.drain(..) {
            race.spawn(async move {
                tokio::time::sleep_until(start).await;
                let begun = Instant::now();
                let turn = wish(&mut caller, &time).await.0;
                (caller, u64::try_from(begun.elapsed().as_micros()).unwrap(), turn)
            });
        }
        let mut winners = 0;
        for (caller, took, turn) in race.join_all().await {
            open.push(caller);
            match turn {
                Turn::Done => winners += 1,
                Turn::Refused(_) | Turn::Busy => refusals.push((took, turn)),
            }
        }
        right += usize::from(winners == 1);
    }
    (measure::collect(refusals, &before, &server.processes.cost()), right)
}
