//! The machine: how busy it is, and what processes have cost.

use std::fs;
use std::time::{Duration, Instant};

/// The kernel counts processor time in hundredths of a second (`USER_HZ`, the same on every Linux).
const TICK: Duration = Duration::from_millis(10);

/// The load averages, as the kernel writes them.
pub(crate) fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').take(3).collect::<Vec<_>>().join(" ")
}

/// Processes whose cost is counted together.
#[derive(Clone, Debug)]
pub(crate) struct Processes {
    /// The server.
    pub(crate) server: u32,
    /// PostgreSQL's first process, and the database whose backends count.
    pub(crate) postgres: Option<(u32, String)>,
}

impl Processes {
    /// Processor time so far: the server's, and that of the backends that serve it.
    pub(crate) fn cost(&self) -> Cost {
        let backends = self.postgres.as_ref().map(backends).unwrap_or_default();
        Cost {
            server: ticks(self.server),
            database: backends.into_iter().map(ticks).sum(),
            at: Instant::now(),
        }
    }

    /// Resident memory of the server in MiB.
    pub(crate) fn memory(&self) -> u64 {
        self.memory_kib() / 1024
    }

    /// The same in KiB.
    pub(crate) fn memory_kib(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.server));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|l| l.split_whitespace().next()).and_then(|n| n.parse().ok());
        kib.unwrap_or(0_u64)
    }
}

/// Processor time at a moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    server: Duration,
    database: Duration,
    at: Instant,
}

impl Cost {
    /// Milliseconds of processor time of the server and of the database since `before`.
    pub(crate) fn since(&self, before: &Self) -> (f64, f64) {
        let millis = |now: Duration, then: Duration| now.saturating_sub(then).as_secs_f64() * 1e3;
        (millis(self.server, before.server), millis(self.database, before.database))
    }

    /// Seconds since `before`.
    pub(crate) fn elapsed(&self, before: &Self) -> f64 {
        (self.at - before.at).as_secs_f64()
    }
}

/// PostgreSQL's backends that serve a database, by their titles.
fn backends((postmaster, database): &(u32, String)) -> Vec<u32> {
    let begin = format!("postgres: postgres {database} ");
    let children = fs::read_to_string(format!("/proc/{postmaster}/task/{postmaster}/children"));
    let children = children.unwrap_or_default();
    let children = children.split_whitespace().filter_map(|pid| pid.parse().ok());
    let serves = |pid: &u32| {
        let title = fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        title.starts_with(&begin)
    };
    children.filter(serves).collect()
}

fn ticks(pid: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name may hold spaces, and ends with the last bracket.
    let fields = stat.rsplit_once(')').map(|(_, rest)| rest.split_whitespace());
    let own: u32 = fields
        .map_or(0, |fields| fields.skip(11).take(2).filter_map(|n| n.parse::<u32>().ok()).sum());
    TICK * own
}

/// How long 8 KiB take to be on the disk, in microseconds: the median of a hundred. What bounds
/// every durable commit.
pub(crate) fn sync_cost(folder: &std::path::Path) -> u128 {
    use std::io::{Seek, Write};
    let mut file = tempfile::tempfile_in(folder).unwrap();
    let mut times: Vec<u128> = (0..100)
        .map(|_| {
            let begun = Instant::now();
            file.rewind().unwrap();
            file.write_all(&[7; 8192]).unwrap();
            file.sync_data().unwrap();
            begun.elapsed().as_micros()
        })
        .collect();
    times.sort_unstable();
    times[times.len() / 2]
}
