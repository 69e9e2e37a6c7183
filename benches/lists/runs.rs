//! One reading of a file, each way.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use calamine::{Reader, Xlsx};
use serde::Deserialize;

/// What a reading took.
pub(crate) struct Run {
    pub(crate) seconds: f64,
    /// Rows of data.
    pub(crate) rows: u32,
    /// Bytes of memory at most, where it is a process of its own.
    pub(crate) peak: Option<u64>,
}

pub(crate) fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').take(3).collect::<Vec<_>>().join(" ")
}

/// The bare reading: each cell once, nothing made of it.
pub(crate) fn bare(path: &Path) -> Run {
    let begun = Instant::now();
    let file = std::io::BufReader::new(std::fs::File::open(path).unwrap());
    let mut book = Xlsx::new(file).unwrap();
    let name = book.sheet_names()[0].clone();
    let mut cells = book.worksheet_cells_reader(&name).unwrap();
    let (mut rows, mut last) = (0, u32::MAX);
    while let Some(cell) = cells.next_cell().unwrap() {
        let (row, _) = cell.get_position();
        // The fourth row is the header.
        if row >= 4 && row != last {
            (rows, last) = (rows + 1, row);
        }
        std::hint::black_box(cell.get_value());
    }
    Run { seconds: begun.elapsed().as_secs_f64(), rows, peak: None }
}

#[derive(Deserialize)]
struct Report {
    files: Vec<Part>,
}

#[derive(Deserialize)]
struct Part {
    rows: u32,
}

/// The program: a process of its own, from its start to its end, with an empty register in SQLite.
pub(crate) fn import(path: &Path, folder: &Path, look: bool) -> Run {
    let own = tempfile::tempdir_in(folder).unwrap();
    let command = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_onshin"));
        command
            .current_dir(own.path())
            // The bench's own; the program knows no such setting.
            .env_remove("ONSHIN_SHARED")
            .env("ONSHIN_DATABASE", format!("sqlite:{}/bench.db", own.path().display()))
            .stdin(Stdio::null())
            .stderr(Stdio::inherit());
        command
    };
    assert!(command().arg("migrate").status().unwrap().success());
    let told = std::fs::File::create(own.path().join("told")).unwrap();
    let mut command = command();
    command.args(["import", "bureau", "--json"]).args(look.then_some("--dry-run")).arg(path);
    let begun = Instant::now();
    let mut child = command.stdout(told).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    let done = loop {
        peak = peak.max(high_water(&status));
        if let Some(done) = child.try_wait().unwrap() {
            break done;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let seconds = begun.elapsed().as_secs_f64();
    assert!(done.success(), "{done}");
    let told = std::fs::read(own.path().join("told")).unwrap();
    let report: Report = serde_json::from_slice(&told).unwrap();
    let rows = report.files.iter().map(|part| part.rows).sum();
    Run { seconds, rows, peak: Some(peak) }
}

/// The most memory that a process has had so far, in bytes.
fn high_water(status: &str) -> u64 {
    let text = std::fs::read_to_string(status).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or_default() * 1024
}

#[derive(Deserialize)]
struct Told {
    rows: u32,
    seconds: f64,
}

/// What an analyst would use. The start of Python does not count.
pub(crate) fn peer(python: &Path, way: &str, path: &Path) -> Run {
    let output = Command::new(python).arg("bench/peers/lists/read.py").arg(way).arg(path).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let Told { rows, seconds } = serde_json::from_slice(&output.stdout).unwrap();
    Run { seconds, rows, peak: None }
}
