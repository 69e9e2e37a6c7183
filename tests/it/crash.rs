//! The real program, killed again and again while patients book; then a quiet time, and a look at
//! what is left. `make crash` does it for long (`ONSHIN_CRASH_SECONDS`), the tests for a moment. What
//! was drawn by chance follows from `ONSHIN_CRASH_SEED`, which is printed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DurationRound, TimeDelta};
use onshin::time::Clock;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::support::raw;

mod check;
mod client;
mod cluster;
mod doctored;
mod house;
mod http;
mod journal;
mod post;
mod server;
mod stored;

use check::{Complaint, Wrong, complaints};
use client::{Chance, Client, World};
use house::House;
use journal::Entry;
use stored::Stored;

const CLIENTS: u64 = 16;
/// How long everybody may take once nothing is killed any more.
const QUIET: Duration = Duration::from_secs(30);

/// What is done to the house.
#[derive(Clone, Copy, Debug)]
struct Plan {
    seconds: u64,
    /// How often something is killed at least.
    kills: usize,
    seed: u64,
    keyed: bool,
}

impl Plan {
    /// As the caller wishes: a minute and a half by `make crash`, a moment in the tests.
    fn asked() -> Self {
        let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
        let seconds = number("ONSHIN_CRASH_SECONDS").unwrap_or(15);
        let now = Clock::System.now().timestamp_micros().cast_unsigned();
        let seed = number("ONSHIN_CRASH_SEED").unwrap_or(now % 1_000_000);
        // Twenty-five in a minute and a half.
        let kills = usize::try_from(seconds * 25 / 90).unwrap();
        Self { seconds, kills, seed, keyed: true }
    }
}

/// What came of it.
struct Found {
    journal: Vec<Entry>,
    stored: Stored,
    taken: Vec<String>,
    kills: usize,
    wrong: Vec<Complaint>,
}

impl Found {
    /// How often each kind of thing is wrong.
    fn counts(&self) -> BTreeMap<Wrong, usize> {
        let mut counts = BTreeMap::new();
        for Complaint(kind, _) in &self.wrong {
            *counts.entry(*kind).or_default() += 1;
        }
        counts
    }

    fn print(&self, name: &str, plan: &Plan, house: &House) {
        let (tries, told): (u32, usize) = (
            self.journal.iter().map(|e| e.tries).sum(),
            self.journal.iter().filter(|e| e.told.is_some()).count(),
        );
        let done = self.journal.iter().filter(|entry| entry.is_done()).count();
        println!(
            "{name}, seed {}: {}; {CLIENTS} clients wished {} things in {tries} tries, {told} were \
             answered, {done} done; {} bookings, {} news of them told {} times; wrong: {:?}",
            plan.seed,
            house.killed(),
            self.journal.len(),
            self.stored.bookings.len(),
            self.stored.outbox.len(),
            self.taken.len(),
            self.counts(),
        );
    }
}

/// Runs the clients while `house` is struck, then lets them end.
async fn live(house: &mut House, plan: &Plan) -> Vec<Entry> {
    let first = Clock::System.now() + TimeDelta::days(3);
    let first = first.duration_round(TimeDelta::minutes(15)).unwrap();
    let (begun, ports) = (Instant::now(), house.ports());
    let world = Arc::new(World { begun, ports, first, keyed: plan.keyed });
    let calm = Arc::new(AtomicBool::new(false));
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        let (world, calm, seed) = (world.clone(), calm.clone(), plan.seed);
        clients.spawn(async move {
            let mut client = Client::new(world, number, seed);
            while !calm.load(Ordering::SeqCst) {
                client.story().await;
            }
            // One more, in peace.
            client.story().await;
            client.journal
        });
    }
    let (mut chance, mut kills) = (Chance::new(plan.seed), 0);
    let until = Duration::from_secs(plan.seconds);
    while begun.elapsed() < until || (kills < plan.kills && begun.elapsed() < until * 3) {
        sleep(Duration::from_millis(1000 + chance.below(2000))).await;
        if plan.kills > 0 {
            house.strike(&mut chance).await;
            kills += 1;
        }
    }
    calm.store(true, Ordering::SeqCst);
    let ended = timeout(QUIET, clients.join_all()).await;
    let ended = ended.unwrap_or_else(|_| panic!("not all ended in {QUIET:?}:\n{}", house.words()));
    ended.into_iter().flatten().collect()
}

async fn found(house: &mut House, plan: &Plan) -> Found {
    house.open().await;
    let journal = live(house, plan).await;
    let drained = house.drain().await;
    house.close();
    let stored = Stored::read(&house.url).await;
    let (taken, kills) = (house.post.taken(), house.kills());
    let mut wrong = complaints(&journal, &stored);
    wrong.extend(drained.err().map(|text| Complaint(Wrong::Untold, text)));
    wrong.extend(post::delivered(&taken, &stored, kills));
    wrong.extend(house.post.letters(&house.url).await);
    Found { journal, stored, taken, kills, wrong }
}

/// That nothing is wrong after kills; and that it is seen when something is.
async fn killed(name: &str, mut house: House) {
    let plan = Plan::asked();
    println!("{name}, seed {}", plan.seed);
    let found = found(&mut house, &plan).await;
    found.print(name, &plan, &house);
    let some: Vec<_> = found.wrong.iter().take(20).collect();
    assert!(found.wrong.is_empty(), "{some:#?}\n{}", house.words());
    // It was a run: much was done, and much was asked in vain.
    let done = found.journal.iter().filter(|entry| entry.is_done()).count();
    let again = found.journal.iter().filter(|entry| entry.tries > 1).count();
    let refused = found.journal.iter().filter(|entry| entry.told.is_some() && !entry.is_done());
    assert!(found.kills >= plan.kills, "{} kills", found.kills);
    assert!(done > 100 && again > 10 && refused.count() > 5, "{done} done, {again} again");
    doctored::database(&house.url, &found).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_acknowledged_outlives_kills_on_sqlite() {
    killed("SQLite", House::on_sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_acknowledged_outlives_kills_on_postgresql() {
    killed("PostgreSQL", House::on_postgres("kept", "").await).await;
}
