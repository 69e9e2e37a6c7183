//! Peers under the same rules: their answers are compared before their times are told.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Plan;
use crate::changes::{self, Stretch};
use crate::data::{BOOKED, CLINICIANS, DAYS, Data, instant, quarter_at, taken};
use crate::databases::{Pair, Postgres};
use crate::http::Caller;
use crate::measure::{Job, Rounds, run};
use crate::search;

/// What a peer answers.
#[derive(Deserialize)]
struct Answer {
    /// Milliseconds of processor time, each round.
    cpu: Vec<f64>,
    /// The free times of each clinician.
    free: Vec<Vec<DateTime<Utc>>>,
    /// The stretches of each case of [`changes`].
    changes: Vec<Vec<Stretch>>,
}

/// A peer: its name, its folder of bench/peers, and how its driver is started.
struct Peer {
    name: &'static str,
    folder: &'static str,
    command: fn(&Path, &str) -> Command,
}

const PEERS: [Peer; 2] = [
    Peer {
        name: "cal.com's engine",
        folder: "calcom",
        command: |installed, _| {
            let mut command = Command::new("node");
            command.arg("bench/peers/calcom/run.mjs").arg(installed);
            command
        },
    },
    Peer {
        name: "django-appointment",
        folder: "django",
        command: |installed, database| {
            let mut command = Command::new(installed.join("bin/python"));
            command.arg("bench/peers/django/run.py").arg(database);
            command
        },
    },
];

/// The first facility's rules and bookings, as peers are told.
fn scenario(plan: &Plan, data: Data) -> Value {
    let text = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let busy = |clinician: u64| -> Vec<[String; 2]> {
        let days = data.open_days().into_iter();
        let starts = days.flat_map(|day| {
            let taken = taken(clinician, day).into_iter();
            taken.map(move |quarter| instant(day, quarter_at(quarter)))
        });
        starts.map(|start| [text(start), text(start + TimeDelta::minutes(15))]).collect()
    };
    json!({
        "rounds": plan.rounds,
        "zone": "Asia/Tokyo",
        "windows": [["09:00", "12:00"], ["13:00", "18:00"]],
        "from": text(instant(data.today + chrono::Days::new(1), 0)),
        "to": text(instant(data.today + chrono::Days::new(DAYS), 0)),
        "days": data.open_days(),
        "busy": (0..CLINICIANS).map(busy).collect::<Vec<_>>(),
        "changes": changes::asked(),
    })
}

/// All peers that can be fetched, beside Onshin over HTTP with PostgreSQL.
pub(crate) async fn measure(
    plan: &Plan,
    data: Data,
    postgres: &Postgres,
    pair: &Pair,
    folder: &Path,
) {
    println!(
        "\n  Peers: {CLINICIANS} clinicians × {} days, {BOOKED} bookings a day each",
        DAYS - 1
    );
    let path = search::slots(0, data);
    let server = pair.past.serve("warn").await;
    let own = free(&Caller::new(server.address).get(&path).await.body);
    let job = Job::Get(vec![path].into());
    let mut found = Vec::new();
    for _ in 0..plan.rounds {
        found.push(run(&server, 1, plan.search / 2, &job).await);
    }
    let cpu = Rounds::of(found.iter().map(|found| found.server + found.database));
    println!("    Onshin, over HTTP with PostgreSQL: {cpu} ms CPU");
    drop(server);
    let mut told = Vec::new();
    for peer in &PEERS {
        match asked(peer, &scenario(plan, data), postgres, folder).await {
            Ok(answer) => {
                let theirs = Rounds::of(answer.cpu.iter().copied());
                let times = theirs.median / cpu.median;
                println!("    {}: {}", peer.name, compared(&own, &answer.free));
                println!("    {}: {theirs} ms CPU, {times:.0} times Onshin's", peer.name);
                told.push((peer.name, answer.changes));
            }
            Err(why) => println!("    {}: SKIPPED, {why}", peer.name),
        }
    }
    changes::print(&told);
}

/// Each clinician's free times, in the order of the clinicians.
fn free(body: &[u8]) -> Vec<Vec<DateTime<Utc>>> {
    let mut all: BTreeMap<String, Vec<DateTime<Utc>>> = BTreeMap::new();
    for (clinician, start) in search::listed(body) {
        all.entry(clinician).or_default().push(start.parse().unwrap());
    }
    all.into_values().collect()
}

/// How two lists of free times differ, in words.
fn compared(own: &[Vec<DateTime<Utc>>], theirs: &[Vec<DateTime<Utc>>]) -> String {
    let count: usize = own.iter().map(Vec::len).sum();
    if own == theirs {
        return format!("the same {count} free times");
    }
    let pairs = || own.iter().zip(theirs);
    let missing: usize = pairs().map(|(a, b)| a.iter().filter(|at| !b.contains(at)).count()).sum();
    let further: usize = pairs().map(|(a, b)| b.iter().filter(|at| !a.contains(at)).count()).sum();
    format!(
        "OTHER ANSWERS, so that the times compare other work: of {count} free times {missing} \
             are missing and {further} are listed beside them"
    )
}

/// Fetches a peer and asks it. An error says why it is not there.
async fn asked(
    peer: &Peer,
    scenario: &Value,
    postgres: &Postgres,
    folder: &Path,
) -> Result<Answer, String> {
    let installed: PathBuf = folder.join(peer.folder);
    let script = format!("bench/peers/{}/install.sh", peer.folder);
    let fetched = Command::new(&script).arg(&installed).output().map_err(|e| e.to_string())?;
    if !fetched.status.success() {
        return Err(format!("it could not be fetched: {}", last_line(&fetched.stderr)));
    }
    let database = format!("peer_{}", peer.folder);
    postgres.administer(&format!("DROP DATABASE IF EXISTS {database}")).await;
    postgres.administer(&format!("CREATE DATABASE {database}")).await;
    let mut child = (peer.command)(&installed, &postgres.address(&database))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let mut stdin = child.stdin.take().ok_or("no input")?;
    stdin.write_all(scenario.to_string().as_bytes()).map_err(|error| error.to_string())?;
    drop(stdin);
    let output = child.wait_with_output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(format!("it failed: {}", last_line(&output.stderr)));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| format!("its answer is none: {error}"))
}

fn last_line(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("nothing was said").to_owned()
}
