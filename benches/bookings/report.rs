//! Lines of the table, printed as they come.

use crate::machine;
use crate::measure::{Found, Rounds};

/// What a cell is to reach, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    /// Processor time per request, of server and database.
    Cpu(f64),
    /// The time within which 99 of 100 requests are answered.
    P99(f64),
}

/// A line that has begun: the load of the machine is that before the cell.
pub(crate) struct Line {
    engine: &'static str,
    name: &'static str,
    callers: u64,
    load: String,
}

pub(crate) fn head() {
    println!(
        "  {:10} {:46} {:>7}  {:14}  {:>20} {:>20} {:>20} {:>22}",
        "engine",
        "cell",
        "callers",
        "load before",
        "CPU ms/request",
        "p50 ms",
        "p99 ms",
        "per second"
    );
}

impl Line {
    pub(crate) fn begin(engine: &'static str, name: &'static str, callers: u64) -> Self {
        Self { engine, name, callers, load: machine::load() }
    }

    /// Prints the rounds' medians with their smallest and largest, and what of the targets is met.
    pub(crate) fn end(self, rounds: &[Found], targets: &[Target]) {
        let figures = |of: fn(&Found) -> f64| Rounds::of(rounds.iter().map(of));
        let cpu = figures(|found| found.server + found.database);
        let busy: u64 = rounds.iter().map(|found| found.busy).sum();
        let p99 = figures(|found| found.within(0.99));
        println!(
            "  {:10} {:46} {:>7}  {:14}  {:>20} {:>20} {:>20} {:>22}{}{}",
            self.engine,
            self.name,
            self.callers,
            self.load,
            cpu,
            figures(|found| found.within(0.5)),
            p99,
            figures(|found| found.rate),
            if busy == 0 { String::new() } else { format!("  {busy} told that it is busy") },
            verdicts(targets, cpu.median, p99.median, busy),
        );
    }
}

fn verdicts(targets: &[Target], cpu: f64, p99: f64, busy: u64) -> String {
    let one = |target: &Target| {
        let (name, figure, most) = match *target {
            Target::Cpu(most) => ("CPU", cpu, most),
            Target::P99(most) => ("p99", p99, most),
        };
        format!("  {name} ≤ {most}: {}", reached(figure <= most && busy == 0))
    };
    targets.iter().map(one).collect()
}

/// In words.
pub(crate) fn reached(yes: bool) -> &'static str {
    if yes { "reached" } else { "NOT reached" }
}
