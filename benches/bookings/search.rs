//! The cells that search.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use serde_json::Value;

use crate::data::{CLINICIANS, DAYS, Data, Kind, TOGETHER, id, instant, mixed, quarter_at, taken};
use crate::http::Caller;
use crate::measure::{Found, Job, Rounds, Turn, collect, run};
use crate::report::{Line, Target, reached};
use crate::server::Server;
use crate::{Plan, databases::Pair};

/// Where the earliest time of each facility is asked for.
const EARLIEST: &str = "/api/facilities";
/// The same for all of them in one answer.
const EARLIEST_OF_ALL: &str = "/api/facilities?limit=2000";
/// Where the facilities of one municipality are, with their times of the next days.
const MUNICIPALITY: &str = "/api/facilities?municipality=";

/// One search.
struct Cell {
    name: &'static str,
    job: Job,
    targets: fn(u64) -> Vec<Target>,
}

fn cells(data: Data) -> Vec<Cell> {
    let of_any = (0..400).map(|nth| slots(mixed(nth) % data.facilities, data));
    let places = data.facilities / TOGETHER;
    let municipality = |nth| format!("{MUNICIPALITY}{}", Data::municipality(nth * TOGETHER));
    vec![
        Cell {
            name: "free times, 5 clinicians × 60 days",
            job: Job::Get(Arc::new(of_any.collect())),
            targets: |callers| {
                let mut all = vec![Target::Cpu(2.0)];
                all.extend((callers == 16).then_some(Target::P99(10.0)));
                all
            },
        },
        Cell {
            name: "earliest time per facility, the first 50",
            job: Job::Get(Arc::new(vec![EARLIEST.to_owned()])),
            targets: |_| vec![Target::P99(20.0)],
        },
        Cell {
            name: "earliest time per facility, all in one answer",
            job: Job::Get(Arc::new(vec![EARLIEST_OF_ALL.to_owned()])),
            targets: |_| vec![Target::P99(20.0)],
        },
        Cell {
            name: "250 clinicians of one municipality",
            job: Job::Get(Arc::new((0..places).map(municipality).collect())),
            targets: |_| vec![Target::P99(30.0)],
        },
    ]
}

/// The free times of one facility for all the days ahead.
pub(crate) fn slots(facility: u64, data: Data) -> String {
    format!(
        "/api/facilities/{}/slots?service={}&from={}&days={}&by=start",
        id(Kind::Facility, facility),
        id(Kind::Service, facility),
        data.today.succ_opt().unwrap(),
        DAYS - 1
    )
}

/// Who is free when, in an answer to [`slots`].
pub(crate) fn listed(body: &[u8]) -> Vec<(String, String)> {
    let body: Value = serde_json::from_slice(body).unwrap();
    let days = body["days"].as_array().into_iter().flatten();
    let slots = days.flat_map(|day| day["slots"].as_array().into_iter().flatten());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let with = |slot: &'_ Value| slot["with"].as_array().cloned().unwrap_or_default();
    let who = |place: &Value| {
        text(&body["clinicians"][usize::try_from(place.as_u64().unwrap()).unwrap()])
    };
    let mut free = Vec::new();
    for slot in slots {
        free.extend(with(slot).iter().map(|place| (who(place), text(&slot["start"]))));
    }
    free
}

/// All searches at 1, 4, 16 and 64 callers.
pub(crate) async fn measure(plan: &Plan, data: Data, pair: &Pair) {
    let server = pair.ahead.serve("warn").await;
    cold(&server).await;
    right(&server, data).await;
    first_looks(&server, data).await;
    for cell in cells(data) {
        for callers in [1, 4, 16, 64] {
            let line = Line::begin(pair.ahead.name, cell.name, callers);
            let mut rounds = Vec::new();
            for _ in 0..plan.rounds {
                rounds.push(run(&server, callers, plan.search, &cell.job).await);
            }
            line.end(&rounds, &(cell.targets)(callers));
        }
    }
    println!("    resident memory of the server: {} MiB", server.processes.memory());
}

/// The first request after the start.
async fn cold(server: &Server) {
    let begun = Instant::now();
    let answer = Caller::new(server.address).get(EARLIEST_OF_ALL).await;
    let took = begun.elapsed().as_secs_f64() * 1e3;
    let count = serde_json::from_slice::<Value>(&answer.body).unwrap_or_default();
    let count = count["items"].as_array().map_or(0, Vec::len);
    println!(
        "    earliest time per facility, the first request after the start: {took:.1} ms, {count} \
         facilities in the answer; to reach ≤ 300 ms with all"
    );
}

/// Free times of facilities at which nobody has looked, so that nothing is kept of them.
async fn first_looks(server: &Server, data: Data) {
    let looked = |nth: &u64| (0..10).any(|earlier| mixed(earlier) % data.facilities == *nth);
    let facilities = (0..data.facilities).rev().filter(|nth| !looked(nth)).take(80);
    let found = look(server, data, facilities).await;
    println!(
        "    free times of 80 facilities at which nobody has looked before: {:.2} ms CPU each, p50 \
         {:.1} ms, p99 {:.1} ms",
        found.server + found.database,
        found.within(0.5),
        found.within(0.99)
    );
}

/// Looks once at the free times of each of these facilities.
async fn look(server: &Server, data: Data, facilities: impl Iterator<Item = u64>) -> Found {
    let (mut caller, mut turns) = (Caller::new(server.address), Vec::new());
    let before = server.processes.cost();
    for facility in facilities {
        let begun = Instant::now();
        caller.get(&slots(facility, data)).await;
        turns.push((u64::try_from(begun.elapsed().as_micros()).unwrap(), Turn::Done));
    }
    collect(turns, &before, &server.processes.cost())
}

/// Whether the answers are those that the rules give: a figure for wrong answers means nothing.
async fn right(server: &Server, data: Data) {
    let (mut caller, mut compared) = (Caller::new(server.address), 0);
    for facility in (0..10).map(|nth| mixed(nth) % data.facilities) {
        let answer = caller.get(&slots(facility, data)).await;
        let all = listed(&answer.body);
        let listed: BTreeSet<(String, String)> = all.into_iter().collect();
        let expected = expected(facility, data);
        assert_eq!(listed.len(), expected.len(), "facility {facility}");
        assert_eq!(listed, expected, "facility {facility}");
        compared += listed.len();
    }
    println!("    free times of 10 facilities equal the rules less the bookings: {compared}");
}

/// The free times of a facility, counted out without the engine.
fn expected(facility: u64, data: Data) -> BTreeSet<(String, String)> {
    let mut free = BTreeSet::new();
    for clinician in facility * CLINICIANS..(facility + 1) * CLINICIANS {
        for day in data.open_days() {
            let taken = taken(clinician, day);
            for quarter in (0..32_usize).filter(|quarter| !taken.contains(quarter)) {
                let start = instant(day, quarter_at(quarter));
                let start = start.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
                free.insert((id(Kind::Clinician, clinician).to_string(), start));
            }
        }
    }
    free
}

/// The first look at each of many facilities, with and without many bookings that are over, in turns,
/// so that what else the machine does falls on both. What was looked at before is not read again,
/// so each round has a server of its own.
pub(crate) async fn past(plan: &Plan, data: Data, pair: &Pair) {
    let mut costs: [Vec<f64>; 2] = [Vec::new(), Vec::new()];
    for _ in 0..plan.rounds * 2 {
        for (engine, found) in [&pair.ahead, &pair.past].into_iter().zip(&mut costs) {
            let server = engine.serve("warn").await;
            Caller::new(server.address).get(EARLIEST).await;
            let looked = look(&server, data, 0..data.facilities.min(400)).await;
            found.push(looked.server + looked.database);
        }
    }
    let [none, many] = costs.map(Rounds::of);
    let grows = (many.median / none.median - 1.0) * 100.0;
    println!(
        "  {}: first looks at free times beside bookings that are over: CPU with none {none} ms, with \
         {} {many} ms: {grows:+.1} %; to reach ≤ +5 %: {}",
        pair.ahead.name,
        plan.past,
        reached(grows <= 5.0)
    );
}

/// One path of each search.
pub(crate) fn one_each(data: Data) -> Vec<(&'static str, String)> {
    let first = |cell: Cell| match cell.job {
        Job::Get(paths) => Some((cell.name, paths[0].clone())),
        Job::Book(_) => None,
    };
    cells(data).into_iter().filter_map(first).collect()
}
