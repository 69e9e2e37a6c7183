//! The program under measurement: the same binary that is shipped, as a process of its own.

use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::http::Caller;
use crate::machine::Processes;

/// The program, built beside the bench in the same profile.
const PROGRAM: &str = env!("CARGO_BIN_EXE_onshin");

/// One engine with a database.
#[derive(Clone, Debug)]
pub(crate) struct Engine {
    pub(crate) name: &'static str,
    /// The database's address.
    pub(crate) url: String,
    /// PostgreSQL's first process, and the database's name.
    pub(crate) postgres: Option<(u32, String)>,
    /// Where logs and the master key go.
    pub(crate) folder: PathBuf,
}

/// A running server; dropping it ends the process.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) processes: Processes,
    /// What it has logged.
    pub(crate) log: PathBuf,
}

impl Engine {
    fn command(&self, log: &Path) -> Command {
        let mut command = Command::new(PROGRAM);
        let log = File::create(log).unwrap();
        command
            .current_dir(&self.folder)
            .env("ONSHIN_DATABASE", &self.url)
            .env("ONSHIN_MASTER_KEY", "b25zaGluIGJlbmNoLCBhIGtleSB0aGF0IGlzIG5vbmU=")
            .env("ONSHIN_TURN__MODE", "off")
            .env("ONSHIN_LOG__FORMAT", "json")
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log);
        command
    }

    /// Makes the schema.
    pub(crate) fn migrate(&self) {
        let log = self.folder.join(format!("{}-migrate.log", self.name));
        let done = self.command(&log).arg("migrate").status().unwrap();
        assert!(done.success(), "{}", std::fs::read_to_string(log).unwrap_or_default());
    }

    /// Starts the server and waits until it answers. `filter` says what it logs.
    pub(crate) async fn serve(&self, filter: &str) -> Server {
        // The listener is gone before the server binds; nobody else takes the port meanwhile.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let log = self.folder.join(format!("{}.log", self.name));
        let child = self
            .command(&log)
            .args(["serve", "--listen", &address.to_string()])
            .env("ONSHIN_LOG__FILTER", filter)
            .spawn()
            .unwrap();
        let processes = Processes { server: child.id(), postgres: self.postgres.clone() };
        let server = Server { child, address, processes, log };
        for _ in 0..600 {
            if tokio::net::TcpStream::connect(address).await.is_ok() {
                let ready = Caller::new(address).get("/readyz").await;
                assert!(ready.status < 500, "{ready:?}");
                return server;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{}", std::fs::read_to_string(&server.log).unwrap_or_default());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Gone already, or going now: both are an end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
