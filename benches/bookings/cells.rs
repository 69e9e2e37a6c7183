//! The cells that book, each beside a bare loop of the same statements in the same minute.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::{Connection, PgConnection, SqliteConnection};

use crate::bare::{self, RESERVED};
use crate::booking::{self, Times, book};
use crate::data::Data;
use crate::databases::{Pair, Postgres};
use crate::http::Caller;
use crate::measure::{Found, Job, Rounds, run};
use crate::report::{Line, Target, reached};
use crate::server::{Engine, Server};
use crate::statements::{self, Log, Statement, Step, is_bracket};
use crate::{Plan, search};

/// What a booking says, and how many statements a search says.
pub(crate) struct Said {
    pub(crate) booking: Vec<Step>,
}

/// Reads the statements of one booking and of one search from PostgreSQL's log.
pub(crate) async fn listen(data: Data, postgres: &Postgres, pair: &Pair, times: &Times) -> Said {
    let server = pair.ahead.serve(statements::FILTER).await;
    let mut caller = Caller::new(server.address);
    // Before that every connection of the pool has prepared what it will say.
    for _ in 0..30 {
        book(&mut caller, &times.next()).await;
    }
    for sql in statements::ON {
        postgres.administer(sql).await;
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    let mut searches = Vec::new();
    for (name, path) in search::one_each(data) {
        let said = loop {
            let log = Log::from_here(&postgres.log, &server.log);
            caller.get(&path).await;
            if let Some(said) = log.read().await {
                break said;
            }
        };
        searches.push((name, said));
    }
    let mut heard = Vec::new();
    while heard.len() < 2 {
        let (time, log) = (times.next(), Log::from_here(&postgres.log, &server.log));
        book(&mut caller, &time).await;
        heard.extend(log.read().await.map(|said| (said, time)));
    }
    let [(one, first), (other, _)] = &heard[..] else { unreachable!("two were heard") };
    for sql in statements::OFF {
        postgres.administer(sql).await;
    }
    println!("\n  SQL statements of a request (beside those that begin and end a transaction)");
    for (name, said) in &searches {
        let count = count(said);
        println!("    {name}: {count}; to reach ≤ 4: {}", reached(count <= 4));
    }
    println!(
        "    one booking (hold and confirm): {} in {} transactions",
        count(one),
        one.iter().filter(|s| s.sql.starts_with("BEGIN")).count()
    );
    let mut booking = statements::steps(one, other, first);
    let mut db = PgConnection::connect(&pair.ahead.url).await.unwrap();
    statements::learn_types(&mut booking, &mut db).await;
    Said { booking }
}

fn count(said: &[Statement]) -> usize {
    said.iter().filter(|one| !is_bracket(&one.sql)).count()
}

/// Bookings at different times on PostgreSQL, beside pgbench.
pub(crate) async fn postgres(plan: &Plan, data: Data, pair: &Pair, said: &Said, times: &Times) {
    let (engine, job) = (&pair.ahead, Job::Book(times.clone()));
    for callers in [16, 64] {
        let line = Line::begin(engine.name, "bookings at different times", callers);
        let (mut rounds, mut bare) = (Vec::new(), Vec::new());
        for _ in 0..plan.rounds {
            let server = engine.serve("warn").await;
            run(&server, callers, plan.book / 4, &job).await;
            rounds.push(run(&server, callers, plan.book, &job).await);
            drop(server);
            let reserved = RESERVED * plan.book.as_secs();
            let script = engine.folder.join("booking.pgbench");
            let text = bare::script(&said.booking, data, times.skip(reserved), reserved / callers);
            std::fs::write(&script, text).unwrap();
            let (url, time) = (engine.url.clone(), plan.book);
            let rate =
                tokio::task::spawn_blocking(move || bare::pgbench(&url, &script, callers, time));
            bare.push(rate.await.unwrap());
        }
        finish(line, engine, &rounds, &bare, "pgbench").await;
    }
}

/// Bookings at different times on SQLite, beside a bare loop with as many deeds to a commit.
pub(crate) async fn sqlite(plan: &Plan, data: Data, pair: &Pair, said: &Said, times: &Times) {
    let (engine, job) = (&pair.ahead, Job::Book(times.clone()));
    let path = PathBuf::from(engine.url.trim_start_matches("sqlite:"));
    for callers in [16, 64] {
        let group = group(engine, callers, plan.book / 4, &job).await;
        let line = Line::begin(engine.name, "bookings at different times", callers);
        let (mut rounds, mut bare) = (Vec::new(), Vec::new());
        for _ in 0..plan.rounds {
            let server = engine.serve("warn").await;
            run(&server, callers, plan.book / 4, &job).await;
            rounds.push(run(&server, callers, plan.book, &job).await);
            drop(server);
            let first = times.skip(RESERVED * plan.book.as_secs());
            bare.push(bare::sqlite(&path, &said.booking, group, data, first, plan.book).await);
        }
        println!("    {group:.1} deeds to a commit");
        finish(line, engine, &rounds, &bare, "bare loop").await;
    }
}

/// How many deeds share a commit of SQLite, by the server's own log.
async fn group(engine: &Engine, callers: u64, time: Duration, job: &Job) -> f64 {
    let server = engine.serve("warn,onshin::store::group=trace").await;
    run(&server, callers, time, job).await;
    let log = std::fs::read_to_string(&server.log).unwrap();
    let deeds = log.lines().filter(|line| line.contains("committed"));
    let deeds: Vec<f64> = deeds.filter_map(|line| number_after(line, "\"deeds\":")).collect();
    assert!(!deeds.is_empty(), "the server logged no commit");
    #[expect(clippy::cast_precision_loss, reason = "a mean")]
    let mean = deeds.iter().sum::<f64>() / deeds.len() as f64;
    mean.max(1.0)
}

fn number_after(line: &str, name: &str) -> Option<f64> {
    let digits = line.split_once(name)?.1;
    digits.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// Prints a cell, unless two bookings overlap: then it has no figure.
async fn finish(line: Line, engine: &Engine, rounds: &[Found], bare: &[f64], beside: &str) {
    let overlaps = overlaps(&engine.url).await;
    if overlaps > 0 {
        println!("    NO FIGURE: {overlaps} pairs of bookings overlap");
        return;
    }
    let refused: u64 = rounds.iter().map(|found| found.refused).sum();
    line.end(rounds, &[]);
    let ratios = rounds.iter().zip(bare).map(|(found, bare)| found.rate / bare);
    let (ratio, bare) = (Rounds::of(ratios), Rounds::of(bare.iter().copied()));
    println!(
        "    {beside}, the same statements: {bare} a second; ratio {ratio}; to reach ≥ 0.5: {}; \
         0 overlapping pairs, {refused} refused",
        reached(ratio.median >= 0.5)
    );
}

/// So many races go before: PostgreSQL plans a statement anew for each of a connection's first five
/// times, and the connections take turns.
const WARM_RACES: usize = 100;

/// Many callers, one time.
pub(crate) async fn hot(plan: &Plan, pair: &Pair, times: &Times) {
    let engine = &pair.ahead;
    let server: Server = engine.serve("warn").await;
    let line = Line::begin(engine.name, "one time, refusals", 64);
    booking::hot(&server, 64, WARM_RACES, times).await;
    let (mut rounds, mut right) = (Vec::new(), 0);
    for _ in 0..plan.rounds {
        let (found, winners) = booking::hot(&server, 64, plan.races, times).await;
        rounds.push(found);
        right += winners;
    }
    let overlaps = overlaps(&engine.url).await;
    line.end(&rounds, &[Target::P99(20.0)]);
    let (refusals, offers) =
        rounds.iter().fold((0, 0), |(a, b), f| (a + f.refused, b + f.alternatives));
    println!(
        "    one winner in {right} of {} races; {refusals} refusals offered {offers} alternatives; \
         {overlaps} overlapping pairs",
        plan.rounds * plan.races
    );
}

/// Pairs of bookings that occupy one clinician at once, counted without the constraint that
/// forbids them.
async fn overlaps(url: &str) -> i64 {
    let sql = "SELECT count(*) FROM (
            SELECT busy_from, max(busy_until) OVER (PARTITION BY clinician_id, lane
                ORDER BY busy_from, busy_until, id
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
            FROM booking WHERE occupies) AS visits
        WHERE busy_from < before";
    if url.starts_with("sqlite:") {
        let mut db = SqliteConnection::connect(url).await.unwrap();
        sqlx::query_scalar(sql).fetch_one(&mut db).await.unwrap()
    } else {
        let mut db = PgConnection::connect(url).await.unwrap();
        sqlx::query_scalar(sql).fetch_one(&mut db).await.unwrap()
    }
}

/// Where the bench keeps its files.
pub(crate) fn folder() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or("target".into(), PathBuf::from);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(target).join("bench");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}
