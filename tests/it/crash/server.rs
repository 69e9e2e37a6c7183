//! The program as a process, which is killed without a word and started again.

use std::fs::{File, OpenOptions};
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::http::Ask;
use crate::support::served::onshin;

/// How long a start may take, also where it has to wait for its database.
const START: Duration = Duration::from_secs(30);

/// How a server is started, always the same.
#[derive(Clone)]
pub(super) struct Recipe {
    pub(super) folder: PathBuf,
    pub(super) settings: Vec<(&'static str, String)>,
}

/// A server at a port that stays its own.
pub(super) struct Server {
    pub(super) port: u16,
    recipe: Recipe,
    child: Option<Child>,
}

impl Server {
    pub(super) fn new(recipe: &Recipe) -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        Self { port, recipe: recipe.clone(), child: None }
    }

    fn log(&self) -> PathBuf {
        self.recipe.folder.join(format!("{}.log", self.port))
    }

    /// The end of what it has written.
    pub(super) fn last_words(&self) -> String {
        let text = std::fs::read_to_string(self.log()).unwrap_or_default();
        let lines: Vec<_> = text.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }

    fn command(&self) -> Command {
        let log: File = OpenOptions::new().create(true).append(true).open(self.log()).unwrap();
        let mut command = onshin(&self.recipe.folder);
        command
            .args(["serve", "--demo", "--listen", &format!("127.0.0.1:{}", self.port)])
            .env("ONSHIN_TURN__MODE", "off")
            .envs(self.recipe.settings.iter().map(|(name, value)| (name, value)))
            .stdout(log.try_clone().unwrap())
            .stderr(log);
        command
    }

    /// Starts it, and does not wait for it.
    pub(super) fn spawn(&mut self) {
        self.child = Some(self.command().spawn().unwrap());
    }

    /// Starts it, again where its database is not there yet, until it answers.
    pub(super) async fn start(&mut self) {
        let begun = Instant::now();
        while begun.elapsed() < START {
            if !self.is_running() {
                self.spawn();
            }
            let ready = get("/readyz").send(self.port).await;
            if ready.is_some_and(|answer| answer.status == 200) {
                return;
            }
            sleep(Duration::from_millis(20)).await;
        }
        panic!("no server after {START:?}:\n{}", self.last_words());
    }

    pub(super) fn is_running(&mut self) -> bool {
        self.child.as_mut().is_some_and(|child| child.try_wait().unwrap().is_none())
    }

    /// SIGKILL.
    pub(super) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It may have ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// SIGTERM, and waits for its end.
    pub(super) fn stop(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        let pid = child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        assert!(child.wait().unwrap().success(), "{}", self.last_words());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

fn get(path: &str) -> Ask {
    let (path, body, from) = (path.to_owned(), Value::Null, Ipv4Addr::LOCALHOST);
    Ask { method: "GET", path, body, key: None, cookie: None, from }
}
