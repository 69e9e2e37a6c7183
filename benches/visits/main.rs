//! `make bench`, the part about visits: what forwarding and relaying cost, beside peers in the same
//! run. How the figures are taken is in bench/README.md.

#![expect(clippy::unwrap_used, reason = "a bench that cannot go on should say where")]

use std::time::{Duration, Instant};

mod forwarding;
#[path = "../bookings/http.rs"]
#[expect(dead_code, reason = "what only bookings need of it")]
mod http;
mod janus;
#[path = "../bookings/machine.rs"]
#[expect(dead_code, reason = "what only bookings need of it")]
mod machine;
#[path = "../../tests/it/room/page.rs"]
#[expect(dead_code, reason = "what only the tests need of it")]
mod page;
#[path = "../../tests/it/turn/raw.rs"]
#[expect(dead_code, reason = "what only the tests need of it")]
mod raw;
mod relay;
mod rooms;

/// How much is measured.
#[derive(Clone, Copy, Debug)]
struct Plan {
    rounds: usize,
    /// Of a round, after everybody is connected.
    time: Duration,
    /// Six-person rooms at once.
    rooms: &'static [usize],
}

impl Plan {
    const FULL: Self = Self { rounds: 3, time: Duration::from_secs(8), rooms: &[1, 2, 4] };
    const QUICK: Self = Self { rounds: 1, time: Duration::from_secs(3), rooms: &[1] };
}

fn main() {
    // The rooms run in a process of their own, whose cost can be told from that of the load: this
    // program again.
    if let Ok(address) = std::env::var(rooms::ADDRESS) {
        return rooms::serve(address.parse().unwrap());
    }
    let mode = std::env::var("BENCH").unwrap_or_default();
    let on = |part: &str| ["", "quick", part].contains(&mode.as_str());
    let plan = if mode == "quick" { Plan::QUICK } else { Plan::FULL };
    let begun = Instant::now();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    if on("forwarding") {
        runtime.block_on(forwarding::measure(&plan));
    }
    if on("relay") {
        runtime.block_on(relay::measure(&plan));
    }
    println!("\nended after {:.0} s", begun.elapsed().as_secs_f64());
}
