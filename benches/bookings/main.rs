//! `make bench`: what the service costs, on both engines, beside bare limits and beside peers.
//!
//! The program runs as it is shipped, in a process of its own, and is asked over HTTP. What the
//! figures mean and how they are taken is in bench/README.md.

#![expect(clippy::unwrap_used, reason = "a bench that cannot go on should say where")]

use std::time::{Duration, Instant};

use onshin::time::Clock;

mod bare;
mod booking;
mod cells;
mod changes;
mod data;
mod databases;
mod http;
mod load;
mod machine;
mod measure;
mod peers;
mod report;
mod search;
mod server;
mod statements;

use booking::Times;
use data::Data;
use databases::Postgres;

/// How much is measured.
#[derive(Clone, Copy, Debug)]
struct Plan {
    facilities: u64,
    /// Bookings that are over, in the second database of each engine.
    past: u64,
    rounds: usize,
    /// Of a round of a search.
    search: Duration,
    /// Of a round of bookings.
    book: Duration,
    /// For one time, in a round.
    races: usize,
}

impl Plan {
    const FULL: Self = Self {
        facilities: 1715,
        past: 1_000_000,
        rounds: 3,
        search: Duration::from_secs(3),
        book: Duration::from_secs(6),
        races: 40,
    };
    const QUICK: Self = Self {
        facilities: 100,
        past: 60_000,
        rounds: 1,
        search: Duration::from_secs(1),
        book: Duration::from_secs(2),
        races: 10,
    };
}

fn main() {
    let mode = std::env::var("BENCH").unwrap_or_default();
    if ["signaling", "idle", "forwarding", "relay", "lists", "counts"].contains(&mode.as_str()) {
        return; // parts of the other bench
    }
    let plan = if mode == "quick" { Plan::QUICK } else { Plan::FULL };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let begun = Instant::now();
    runtime.block_on(all(&plan, &mode));
    println!("\nended after {:.0} s", begun.elapsed().as_secs_f64());
}

/// Everything, or one part of it.
async fn all(plan: &Plan, mode: &str) {
    let on = |part| ["", "quick", part].contains(&mode);
    let folder = cells::folder();
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    println!(
        "{cores} processors; load average {}; 8 KiB are on the disk after {} µs",
        machine::load(),
        machine::sync_cost(&folder)
    );
    // The day in Tokyo.
    let today = (Clock::System.now() + chrono::TimeDelta::hours(9)).date_naive();
    let data = Data { facilities: plan.facilities, today };
    println!(
        "data: {} facilities of {} clinicians, {} open days from {today} on, {} bookings a day each",
        plan.facilities,
        data::CLINICIANS,
        data.open_days().len(),
        data::BOOKED
    );
    let postgres = Postgres::start(&folder);
    let on_postgres = postgres.load(plan, data, &folder).await;
    let on_sqlite = databases::sqlite(plan, data, &folder).await;
    let times = [Times::new(data), Times::new(data)];
    report::head();
    for pair in [&on_postgres, &on_sqlite].into_iter().filter(|_| on("search")) {
        search::measure(plan, data, pair).await;
        search::past(plan, data, pair).await;
    }
    if on("bookings") {
        let said = cells::listen(data, &postgres, &on_postgres, &times[0]).await;
        cells::postgres(plan, data, &on_postgres, &said, &times[0]).await;
        cells::hot(plan, &on_postgres, &times[0]).await;
        cells::sqlite(plan, data, &on_sqlite, &said, &times[1]).await;
        cells::hot(plan, &on_sqlite, &times[1]).await;
    }
    if on("peers") {
        peers::measure(plan, data, &postgres, &on_postgres, &folder).await;
    }
}
