//! `make bench`, the bureaus' lists: how many rows a second the importer takes, from the file to the
//! committed register, beside the bare reading of the same file cell by cell and beside what an
//! analyst would use.

#![expect(clippy::unwrap_used, reason = "a bench that cannot go on should say where")]
#![expect(clippy::cast_precision_loss, reason = "rows and bytes are far below 2^52")]

use std::path::{Path, PathBuf};
use std::time::Instant;

mod book;
mod runs;

use runs::{Run, bare, import, peer};

/// Rows of a whole bureau's list (関東信越, R8.5).
const BUREAU: u32 = 283_750;
/// Rows of the largest prefecture's list that could be had (埼玉, R7.9).
const PREFECTURE: u32 = 35_541;
/// What an import may hold in memory.
const MEMORY: f64 = 300.0;

fn main() {
    let mode = std::env::var("BENCH").unwrap_or_default();
    if !["", "quick", "lists"].contains(&mode.as_str()) {
        return; // a part of another bench
    }
    let rounds = if mode == "quick" { 1 } else { 3 };
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("lists");
    std::fs::create_dir_all(&folder).unwrap();
    let python = analyst(&folder);
    println!("\n  Bureaus' lists: {rounds} rounds, medians; load average {}", runs::load());
    for (name, path, rows) in files(&folder, mode == "quick") {
        measure(&name, &path, rows, rounds, python.as_deref(), &folder);
    }
}

/// The largest real list, where it is at hand, and made ones.
fn files(folder: &Path, quick: bool) -> Vec<(String, PathBuf, u32)> {
    let mut files = Vec::new();
    let shared = std::env::var_os("ONSHIN_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let real =
        shared.join("data/bureau/kanto-shinetsu/11届出受理医療機関名簿（医科）埼玉r0710.xlsx");
    if real.exists() {
        files.push(("Saitama's list, as published".to_owned(), real, PREFECTURE));
    } else {
        println!("  no list of Saitama at {}: a made one instead", real.display());
        files.push(made(folder, PREFECTURE, "a made list of one prefecture"));
    }
    if !quick {
        files.push(made(folder, BUREAU, "a made list of a whole bureau"));
    }
    files
}

fn made(folder: &Path, rows: u32, name: &str) -> (String, PathBuf, u32) {
    let path = folder.join(format!("made-1-{rows}.xlsx"));
    if !path.exists() {
        book::write(&path, rows);
    }
    (name.to_owned(), path, rows)
}

/// The interpreter of an environment with the analyst's packages, or nothing and why.
fn analyst(folder: &Path) -> Option<PathBuf> {
    let installed = folder.join("analyst");
    let done = std::process::Command::new("bench/peers/lists/install.sh").arg(&installed).status();
    if done.is_ok_and(|status| status.success()) {
        return Some(installed.join("bin/python"));
    }
    println!("  openpyxl and pandas: SKIPPED, they could not be fetched");
    None
}

fn measure(
    name: &str,
    path: &Path,
    rows: u32,
    rounds: usize,
    python: Option<&Path>,
    folder: &Path,
) {
    let size = std::fs::metadata(path).unwrap().len() as f64 / 1e6;
    println!("\n  {name}: {rows} rows, {size:.1} MB");
    let begun = Instant::now();
    // One after the other within a round, so that a busy moment falls on all of them.
    let mut found: [Vec<Run>; 5] = Default::default();
    for round in 0..rounds {
        found[0].push(bare(path));
        found[1].push(import(path, folder, false));
        found[2].push(import(path, folder, true));
        let Some(python) = python else { continue };
        found[3].push(peer(python, "pandas", path));
        // It takes a minute: once is enough to know what it is like.
        if round == 0 {
            found[4].push(peer(python, "openpyxl", path));
        }
    }
    let names = [
        "calamine alone, cell by cell",
        "Onshin, into the register",
        "Onshin, looking only",
        "pandas with calamine",
        "openpyxl, read_only",
    ];
    for (name, runs) in names.iter().zip(&found).filter(|(_, runs)| !runs.is_empty()) {
        let [low, middle, high] = rates(rows, runs);
        let memory = runs.iter().filter_map(|run| run.peak).max();
        let memory =
            memory.map_or_else(String::new, |bytes| format!(", peak {:.0} MB", bytes as f64 / 1e6));
        println!("    {name:30} {middle:>9.0} rows/s ({low:.0} to {high:.0}){memory}");
        for run in runs {
            assert_eq!(run.rows, rows, "{name} read other rows");
        }
    }
    let own = rates(rows, &found[1])[1];
    for (name, runs, least) in [
        ("calamine alone", &found[0], 0.6),
        ("openpyxl", &found[4], 6.0),
        ("pandas", &found[3], 2.5),
    ] {
        if !runs.is_empty() {
            let times = own / rates(rows, runs)[1];
            println!("    {times:.2} times {name}, ≥ {least}: {}", reached(times >= least));
        }
    }
    let peak = found[1].iter().filter_map(|run| run.peak).max().unwrap_or_default() as f64 / 1e6;
    println!("    peak ≤ {MEMORY} MB: {}", reached(peak > 0.0 && peak <= MEMORY));
    println!("    ({:.0} s; load average {})", begun.elapsed().as_secs_f64(), runs::load());
}

fn reached(yes: bool) -> &'static str {
    if yes { "reached" } else { "NOT reached" }
}

/// Rows a second: the slowest run's, the median, the fastest.
fn rates(rows: u32, runs: &[Run]) -> [f64; 3] {
    let mut rates: Vec<f64> = runs.iter().map(|run| f64::from(rows) / run.seconds).collect();
    rates.sort_by(f64::total_cmp);
    [rates[0], rates[rates.len() / 2], rates[rates.len() - 1]]
}
