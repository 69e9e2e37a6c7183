//! `make bench`, the part about visits: what signaling, forwarding and relaying cost, beside peers in
//! the same run. How the figures are taken is in bench/README.md.

#![expect(clippy::unwrap_used, reason = "a bench that cannot go on should say where")]

use std::process::Command;
use std::time::{Duration, Instant};

#[path = "../bookings/booking.rs"]
#[expect(dead_code, reason = "what only bookings need of it")]
mod booking;
#[path = "../bookings/data.rs"]
#[expect(dead_code, reason = "what only bookings need of it")]
mod data;
mod bare;
mod forwarding;
#[path = "../bookings/http.rs"]
mod http;
mod idle;
mod janus;
#[path = "../bookings/load.rs"]
#[expect(dead_code, reason = "what only bookings need of it")]
mod load;
#[path = "../bookings/machine.rs"]
#[expect(dead_code, reason = "what only bookings need of it")]
mod machine;
#[path = "../bookings/measure.rs"]
#[expect(dead_code, reason = "what only bookings need of it")]
mod measure;
#[path = "../../tests/it/room/page.rs"]
#[expect(dead_code, reason = "what only the tests need of it")]
mod page;
mod people;
#[path = "../../tests/it/turn/raw.rs"]
#[expect(dead_code, reason = "what only the tests need of it")]
mod raw;
mod relay;
#[path = "../bookings/report.rs"]
#[expect(dead_code, reason = "what only bookings need of it")]
mod report;
mod rooms;
#[path = "../bookings/server.rs"]
mod server;
mod signaling;
mod socket;
mod talk;

/// Set where this program plays the pages of the signaling part.
const PAGES: &str = "BENCH_PAGES";

/// How much is measured.
#[derive(Clone, Copy, Debug)]
struct Plan {
    rounds: usize,
    /// Of a round, after everybody is connected.
    time: Duration,
    /// Six-person rooms at once.
    rooms: &'static [usize],
    /// Sockets that are held.
    idle: usize,
}

impl Plan {
    const FULL: Self =
        Self { rounds: 3, time: Duration::from_secs(8), rooms: &[1, 2, 4], idle: 10_000 };
    const QUICK: Self = Self { rounds: 1, time: Duration::from_secs(3), rooms: &[1], idle: 1_000 };
}

fn main() {
    // The rooms run in a process of their own, whose cost can be told from that of the load: this
    // program again.
    if let Ok(address) = std::env::var(rooms::ADDRESS) {
        return rooms::serve(address.parse().unwrap());
    }
    if let Ok(port) = std::env::var(bare::PORT) {
        return bare::serve(port.parse().unwrap());
    }
    let mode = std::env::var("BENCH").unwrap_or_default();
    let plan = if mode == "quick" { Plan::QUICK } else { Plan::FULL };
    if std::env::var_os(PAGES).is_some() {
        return pages(&plan, &mode);
    }
    let on = |part: &str| ["", "quick", part].contains(&mode.as_str());
    let begun = Instant::now();
    if on("signaling") || on("idle") {
        pages_on_the_second();
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    if on("forwarding") {
        runtime.block_on(forwarding::measure(&plan));
    }
    if on("relay") {
        runtime.block_on(relay::measure(&plan));
    }
    println!("\nended after {:.0} s", begun.elapsed().as_secs_f64());
}

/// Runs the pages on one processor, with as many descriptors as the machine gives: this program
/// again. What they start begins there and is moved to the other.
fn pages_on_the_second() {
    let ended = Command::new("sh")
        .args(["-c", "ulimit -n $(ulimit -Hn); exec taskset -c 1 \"$0\" --bench"])
        .arg(std::env::current_exe().unwrap())
        .env(PAGES, "yes")
        .status();
    assert!(ended.is_ok_and(|status| status.success()), "the pages failed");
}

fn pages(plan: &Plan, mode: &str) {
    let on = |part| ["", "quick", part].contains(&mode);
    let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(target).join("bench");
    std::fs::create_dir_all(&folder).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, async {
        let visits = if on("idle") { plan.idle / 2 } else { 0 }.max(signaling::PAIRS);
        let people = people::People::make(visits, &folder).await;
        if on("signaling") {
            signaling::measure(plan, &people, &folder).await;
        }
        if on("idle") {
            idle::measure(plan, &people).await;
        }
    });
}
