//! A PostgreSQL of the run's own, with all its processes: some are killed one by one, and sometimes
//! all at once, as when the machine's memory runs out.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::client::Chance;

/// PostgreSQL, until it is dropped.
pub(super) struct Cluster {
    state: PathBuf,
    folder: PathBuf,
    pub(super) url: String,
}

impl Cluster {
    pub(super) fn start(name: &str, options: &str) -> Self {
        let state = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("crash-{name}-{}.folder", std::process::id()));
        let started = script("start", &state)
            .env("ONSHIN_POSTGRES_OPTIONS", options)
            .stderr(Stdio::inherit())
            .output()
            .unwrap();
        assert!(started.status.success(), "PostgreSQL does not start");
        let url = String::from_utf8(started.stdout).unwrap().trim().to_owned();
        let folder = PathBuf::from(std::fs::read_to_string(&state).unwrap().trim());
        Self { state, folder, url }
    }

    fn postmaster(&self) -> Option<u32> {
        let text = std::fs::read_to_string(self.folder.join("data/postmaster.pid")).ok()?;
        text.lines().next()?.trim().parse().ok()
    }

    /// Kills one process that serves a connection; PostgreSQL then throws out all the others and
    /// recovers by itself. Whether there was one.
    pub(super) fn kill_a_backend(&self, chance: &mut Chance) -> bool {
        let children = self.postmaster().map(children).unwrap_or_default();
        let serves = |pid: &u32| title(*pid).starts_with("postgres: postgres ");
        let backends: Vec<_> = children.into_iter().filter(serves).collect();
        if backends.is_empty() {
            return false;
        }
        let one = usize::try_from(chance.below(backends.len() as u64)).unwrap();
        kill(backends[one]);
        true
    }

    /// Stops the process that writes the log for those who do not wait for it, for good.
    pub(super) fn hold_the_log(&self) {
        let children = self.postmaster().map(children).unwrap_or_default();
        let mut writers = children.into_iter().filter(|pid| title(*pid).contains("walwriter"));
        signal("-STOP", writers.next().unwrap());
    }

    /// Kills the first process and all that it began.
    pub(super) fn kill_all(&self) {
        let Some(postmaster) = self.postmaster() else { return };
        let children = children(postmaster);
        kill(postmaster);
        // They end by themselves when they see that they are orphans; who is gone is left alone.
        for pid in children.into_iter().filter(|pid| title(*pid).starts_with("postgres")) {
            kill(pid);
        }
    }

    /// Starts it where it was.
    pub(super) fn start_again(&self) {
        let done = script("again", &self.state).status().unwrap();
        assert!(done.success(), "PostgreSQL does not come back: {}", self.log());
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let stopped = script("stop", &self.state).status();
        if !stopped.is_ok_and(|status| status.success()) {
            eprintln!("PostgreSQL was not stopped: {}", self.state.display());
        }
    }
}

fn script(what: &str, state: &Path) -> Command {
    let mut command = Command::new("tests/postgres.sh");
    command.arg(what).arg(state).stdin(Stdio::null());
    command
}

fn children(pid: u32) -> Vec<u32> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
    text.unwrap_or_default().split_whitespace().filter_map(|pid| pid.parse().ok()).collect()
}

fn title(pid: u32) -> String {
    std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default()
}

fn kill(pid: u32) {
    signal("-KILL", pid);
}

fn signal(which: &str, pid: u32) {
    // It may be gone.
    let _ = Command::new("kill").args([which, &pid.to_string()]).stderr(Stdio::null()).status();
}
