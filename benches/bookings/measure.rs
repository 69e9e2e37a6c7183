//! A closed loop: so many callers, each of whom asks again as soon as it is answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::booking::{self, Times};
use crate::http::Caller;
use crate::machine;
use crate::server::Server;

/// What a caller does again and again.
#[derive(Clone)]
pub(crate) enum Job {
    /// Asks for one path after the other.
    Get(Arc<Vec<String>>),
    /// Books: holds a time that nobody has, and confirms it.
    Book(Times),
}

/// How a turn ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    Done,
    /// The time was somebody else's; with how many alternatives.
    Refused(usize),
    /// The service said that it is busy.
    Busy,
}

/// What a loop found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    /// Microseconds of each turn, in order of size.
    times: Vec<u64>,
    pub(crate) refused: u64,
    /// Turns that were told that the service is busy; they count in nothing else.
    pub(crate) busy: u64,
    /// Alternatives that the refusals offered.
    pub(crate) alternatives: u64,
    /// Milliseconds of processor time per turn: the server's and the database's.
    pub(crate) server: f64,
    pub(crate) database: f64,
    /// Turns per second.
    pub(crate) rate: f64,
}

impl Found {
    /// The time within which `share` of the turns ended, in milliseconds.
    pub(crate) fn within(&self, share: f64) -> f64 {
        if self.times.is_empty() {
            return f64::NAN;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "an index"
        )]
        let at = ((self.times.len() as f64 * share).ceil() as usize).clamp(1, self.times.len());
        millis(self.times[at - 1])
    }
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of a bench")]
fn millis(micros: u64) -> f64 {
    micros as f64 / 1e3
}

/// Lets `callers` do `job` for `time`.
pub(crate) async fn run(server: &Server, callers: u64, time: Duration, job: &Job) -> Found {
    let numbers = Arc::new(AtomicU64::new(0));
    let before = server.processes.cost();
    let until = Instant::now() + time;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..callers {
        let (job, numbers, address) = (job.clone(), numbers.clone(), server.address);
        tasks.spawn(async move {
            let mut caller = Caller::new(address);
            let mut turns = Vec::with_capacity(4096);
            while Instant::now() < until {
                let number = numbers.fetch_add(1, Ordering::Relaxed);
                let begun = Instant::now();
                let turn = job.turn(&mut caller, number).await;
                turns.push((u64::try_from(begun.elapsed().as_micros()).unwrap(), turn));
            }
            turns
        });
    }
    let turns: Vec<(u64, Turn)> = tasks.join_all().await.into_iter().flatten().collect();
    collect(turns, &before, &server.processes.cost())
}

/// Puts turns together with what they cost.
#[expect(clippy::cast_precision_loss, reason = "counts of a bench")]
pub(crate) fn collect(
    turns: Vec<(u64, Turn)>,
    before: &machine::Cost,
    after: &machine::Cost,
) -> Found {
    let (server, database) = after.since(before);
    let asked = turns.len();
    let turns: Vec<_> = turns.into_iter().filter(|(_, turn)| *turn != Turn::Busy).collect();
    let busy = (asked - turns.len()) as u64;
    let count = turns.len().max(1) as f64;
    let offers = |turn: &Turn| if let Turn::Refused(offers) = turn { Some(*offers) } else { None };
    let refusals: Vec<usize> = turns.iter().filter_map(|(_, turn)| offers(turn)).collect();
    let mut times: Vec<u64> = turns.into_iter().map(|(time, _)| time).collect();
    times.sort_unstable();
    Found {
        times,
        refused: refusals.len() as u64,
        busy,
        alternatives: refusals.iter().map(|offers| *offers as u64).sum(),
        server: server / count,
        database: database / count,
        rate: count / after.elapsed(before),
    }
}

impl Job {
    /// Does it once.
    pub(crate) async fn turn(&self, caller: &mut Caller, number: u64) -> Turn {
        match self {
            Self::Get(paths) => {
                let at = usize::try_from(number).unwrap() % paths.len();
                let answer = caller.get(&paths[at]).await;
                if answer.status == 503 {
                    return Turn::Busy;
                }
                let said = || String::from_utf8_lossy(&answer.body).into_owned();
                assert_eq!(answer.status, 200, "{}: {}", paths[at], said());
                Turn::Done
            }
            Self::Book(times) => booking::book(caller, &times.next()).await,
        }
    }
}

/// Several rounds of a figure: its median, its smallest and its largest.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rounds {
    pub(crate) median: f64,
    smallest: f64,
    largest: f64,
}

impl Rounds {
    pub(crate) fn of(figures: impl IntoIterator<Item = f64>) -> Self {
        let mut all: Vec<f64> = figures.into_iter().collect();
        all.sort_by(f64::total_cmp);
        Self { median: all[all.len() / 2], smallest: all[0], largest: all[all.len() - 1] }
    }
}

impl std::fmt::Display for Rounds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = |x: f64| match x {
            x if x >= 100.0 => format!("{x:.0}"),
            x if x >= 10.0 => format!("{x:.1}"),
            x => format!("{x:.2}"),
        };
        let text =
            format!("{} ({}–{})", digits(self.median), digits(self.smallest), digits(self.largest));
        f.pad(&text)
    }
}
