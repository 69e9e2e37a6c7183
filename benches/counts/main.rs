//! `BENCH=counts make bench`: what any count costs over 100,000 institutions with ten years of
//! history. The program runs as it is shipped, in a process of its own on SQLite, and is asked over
//! HTTP; what it answers is compared with the database's own counting.

#![expect(clippy::unwrap_used, reason = "a bench that cannot go on should say where")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sqlx::sqlite::SqlitePool;

const PROGRAM: &str = env!("CARGO_BIN_EXE_onshin");
/// Within which every count must be answered.
const MOST: Duration = Duration::from_millis(50);

/// How much is counted.
struct Plan {
    institutions: u32,
    rounds: usize,
}

fn main() {
    let mode = std::env::var("BENCH").unwrap_or_default();
    let plan = match mode.as_str() {
        "" | "counts" => Plan { institutions: 100_000, rounds: 21 },
        "quick" => Plan { institutions: 10_000, rounds: 5 },
        _ => return, // parts of the other benches
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(measure(&plan));
}

async fn measure(plan: &Plan) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("counts.db").display());
    let done = command(folder.path(), &url).arg("migrate").status().unwrap();
    assert!(done.success());
    let pool = SqlitePool::connect(&url).await.unwrap();
    fill(&pool, plan.institutions).await;
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let child = command(folder.path(), &url)
        .args(["serve", "--listen", &address.to_string()])
        .spawn()
        .unwrap();
    let server = Server { child, address };
    server.ready().await;
    println!("\ncounts over {} institutions with ten years of history, SQLite", plan.institutions);
    let begun = Instant::now();
    get(address, "/api/counts?by=kind");
    println!(
        "the first count after an import reads the register: {} ms",
        begun.elapsed().as_millis()
    );
    compare(&pool, address).await;
    println!("{:<78} {:>8} {:>8} {:>8}", "count", "median", "worst", "bytes");
    let mut worst = Duration::ZERO;
    for path in PATHS {
        let (mut times, mut bytes) = (Vec::new(), 0);
        for _ in 0..plan.rounds {
            let begun = Instant::now();
            bytes = get(address, path).len();
            times.push(begun.elapsed());
        }
        times.sort_unstable();
        let (median, most) = (times[times.len() / 2], times[times.len() - 1]);
        worst = worst.max(median);
        println!("{path:<78} {:>5.1} ms {:>5.1} ms {bytes:>8}", millis(median), millis(most));
    }
    let kept = if worst <= MOST { "kept" } else { "MISSED" };
    println!(
        "the slowest median is {:.1} ms; the target of {} ms is {kept}",
        millis(worst),
        MOST.as_millis()
    );
    println!("memory of the server: {} MiB", memory(server.child.id()));
}

/// Every division, on days of today and years ago, as known now and then.
const PATHS: [&str; 13] = [
    "/api/counts?by=kind",
    "/api/counts?by=municipality&prefecture=13",
    "/api/counts?by=area&prefecture=13&since=2025-04-01",
    "/api/counts?by=prefecture",
    "/api/counts?by=criterion&as_of=2021-05-01",
    "/api/counts?by=start_year",
    "/api/counts?by=year",
    "/api/counts?by=month",
    "/api/counts?by=month&known_on=2024-01-15",
    "/api/counts?by=municipality&prefecture=13&as_of=2023-07-01&known_on=2023-08-15&since=2022-04-01",
    "/api/data/facilities?time=2026-03-31&by=municipality&prefecture=13",
    "/cards/municipalities?prefecture=13",
    "/cards/months?prefecture=13",
];

/// The program's counts are the database's.
async fn compare(pool: &SqlitePool, address: SocketAddr) {
    let sql = "SELECT count(DISTINCT code10) FROM notification WHERE criterion = 'ict_care'
        AND (superseded_at IS NULL OR superseded_at > strftime('%Y-%m-%dT%H:%M:%S', 'now'))
        AND effective_from <= '2024-06-15'
        AND (lapsed_on IS NULL OR lapsed_on > '2024-06-15')";
    let (expected,): (i64,) = sqlx::query_as(sql).fetch_one(pool).await.unwrap();
    let answer = get(address, "/api/counts?by=kind&as_of=2024-06-15");
    let answer: serde_json::Value = serde_json::from_slice(&answer).unwrap();
    assert_eq!(answer["total"]["facilities"].as_i64(), Some(expected));
    println!("on 15 June 2024: {expected} facilities, as the database counts them");
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn memory(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|l| l.split_whitespace().next()).and_then(|n| n.parse::<u64>().ok());
    kib.unwrap_or_default() / 1024
}

fn command(folder: &Path, url: &str) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .current_dir(folder)
        .env("ONSHIN_DATABASE", url)
        .env("ONSHIN_MASTER_KEY", "b25zaGluIGJlbmNoLCBhIGtleSB0aGF0IGlzIG5vbmU=")
        .env("ONSHIN_TURN__MODE", "off")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// A running server; dropping it ends the process.
struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    async fn ready(&self) {
        for _ in 0..600 {
            if TcpStream::connect(self.address).is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the server does not answer");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The body of an answer, over a connection of its own.
fn get(address: SocketAddr, path: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    let head = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap() + 4;
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{path}: {}", String::from_utf8_lossy(&answer));
    answer.split_off(end)
}

/// A hundred and twenty lists of Tokyo, one a month; institutions some of which changed their beds
/// or address; acceptances of both criteria, of which some lapsed and some were corrected.
async fn fill(pool: &SqlitePool, institutions: u32) {
    let mut tx = pool.begin().await.unwrap();
    let counted =
        "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $1)";
    let run = |sql: String| sqlx::query(sqlx::AssertSqlSafe(sql));
    let lists = format!(
        "{counted} INSERT INTO bureau_import (id, prefecture_code, as_of, created_on, file, sha256,
            report, imported_at, all_institutions)
        SELECT randomblob(16), '13', date('2016-10-01', i || ' months'), NULL, 'list.xlsx',
            printf('%064d', i), '{{}}',
            date('2016-10-20', i || ' months') || 'T00:00:00+00:00', 1 FROM n"
    );
    run(lists).bind(120).execute(&mut *tx).await.unwrap();
    let numbered = "CREATE TEMP TABLE list AS
        SELECT row_number() OVER (ORDER BY as_of) - 1 AS place, id FROM bureau_import";
    run(numbered.to_owned()).execute(&mut *tx).await.unwrap();
    let import = "(SELECT id FROM list WHERE place = i % 120)";
    let known = "date('2016-10-20', (i % 120) || ' months') || 'T00:00:00+00:00'";
    let town = "(SELECT code FROM town WHERE place = i % 62)";
    let towns = "CREATE TEMP TABLE town (place INTEGER PRIMARY KEY, code TEXT)";
    run(towns.to_owned()).execute(&mut *tx).await.unwrap();
    let tokyo = onshin::format::seeds::municipalities();
    let tokyo = tokyo.iter().filter(|town| town.prefecture_code == "13");
    for (place, town) in (0_i64..).zip(tokyo) {
        let sql = "INSERT INTO town VALUES ($1, $2)";
        sqlx::query(sql).bind(place).bind(&town.code).execute(&mut *tx).await.unwrap();
    }
    let size = "CASE i % 20 WHEN 0 THEN 'hospital' WHEN 1 THEN 'bedded_clinic' ELSE 'clinic_without_beds' END";
    let code = "printf('131%07d', i)";
    for sql in [
        format!(
            "{counted} INSERT INTO institution (code10, prefecture_code, name, postal_code, address,
                municipality_code, beds, size, filed, source, gone_on)
            SELECT {code}, '13', 'clinic', NULL, 'address', {town}, NULL, {size}, 1, 'bureau', NULL
            FROM n"
        ),
        // Two of three have one state for all the time, the third was another before.
        format!(
            "{counted} INSERT INTO institution_state (id, code10, valid_from, valid_until, name,
                address, municipality_code, size, filed, import_id, recorded_at)
            SELECT randomblob(16), {code}, date('2016-10-01', (i % 97) || ' months'),
                CASE WHEN i % 3 = 0 THEN date('2016-10-01', (i % 97 + 20) || ' months') END,
                'clinic', 'address', {town}, {size}, 1, {import}, {known} FROM n"
        ),
        format!(
            "{counted} INSERT INTO institution_state (id, code10, valid_from, name, address,
                municipality_code, size, filed, import_id, recorded_at)
            SELECT randomblob(16), {code}, date('2016-10-01', (i % 97 + 20) || ' months'),
                'clinic', 'address', (SELECT code FROM town WHERE place = i % 61), {size}, 1,
                {import}, {known} FROM n WHERE i % 3 = 0"
        ),
        format!(
            "{counted} INSERT INTO notification (id, code10, criterion, acceptance_number,
                effective_from, lapsed_after, lapsed_on, source, import_id, recorded_at)
            SELECT randomblob(16), {code}, 'online_care_fee_legacy', 'x',
                date('2018-04-01', (i % 48) || ' months'),
                CASE WHEN i % 5 = 0 THEN date('2018-08-01', (i % 48) || ' months') END,
                CASE WHEN i % 5 = 0 THEN date('2018-09-01', (i % 48) || ' months') END,
                'bureau', {import}, {known} FROM n WHERE i % 2 = 0"
        ),
        // What was known first was corrected a year later.
        format!(
            "{counted} INSERT INTO notification (id, code10, criterion, acceptance_number,
                effective_from, source, import_id, recorded_at, superseded_at)
            SELECT randomblob(16), {code}, 'ict_care', 'x', date('2022-05-01', (i % 50) || ' months'),
                'bureau', {import}, {known}, date('2017-10-20', (i % 120) || ' months') || 'T00:00:00+00:00'
            FROM n"
        ),
        format!(
            "{counted} INSERT INTO notification (id, code10, criterion, acceptance_number,
                effective_from, lapsed_after, lapsed_on, source, import_id, recorded_at)
            SELECT randomblob(16), {code}, 'ict_care', 'x', date('2022-04-01', (i % 50) || ' months'),
                CASE WHEN i % 7 = 0 THEN date('2022-10-01', (i % 50) || ' months') END,
                CASE WHEN i % 7 = 0 THEN date('2022-11-01', (i % 50) || ' months') END,
                'bureau', {import}, {known} FROM n"
        ),
    ] {
        run(sql).bind(institutions).execute(&mut *tx).await.unwrap();
    }
    tx.commit().await.unwrap();
}
