//! The two databases with the data set: a PostgreSQL of the bench's own, which keeps what it is
//! given, and a file of SQLite, kept in target/bench from one run of a day to the next.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::Plan;
use crate::data::Data;
use crate::load::{self, Part};
use crate::server::Engine;

/// PostgreSQL, until it is dropped.
pub(crate) struct Postgres {
    state: PathBuf,
    admin: String,
    postmaster: u32,
    /// What it logs.
    pub(crate) log: PathBuf,
}

impl Postgres {
    pub(crate) fn start(folder: &Path) -> Self {
        let state = folder.join("postgres.folder");
        let output = Command::new("tests/postgres.sh")
            .args(["start".as_ref(), state.as_os_str()])
            .env(
                "ONSHIN_POSTGRES_OPTIONS",
                "-c shared_buffers=512MB -c max_wal_size=4GB -c checkpoint_timeout=15min \
                 -c max_parallel_maintenance_workers=1 -c jit=off",
            )
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let admin = String::from_utf8(output.stdout).unwrap().trim().to_owned();
        let place = PathBuf::from(fs::read_to_string(&state).unwrap().trim());
        let pid = fs::read_to_string(place.join("data/postmaster.pid")).unwrap();
        let postmaster = pid.lines().next().unwrap().trim().parse().unwrap();
        Self { state, admin, postmaster, log: place.join("log") }
    }

    /// Runs `sql` beside the databases that are measured.
    pub(crate) async fn administer(&self, sql: &str) {
        let mut db = PgConnection::connect(&self.admin).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut db).await.unwrap();
    }

    /// The address of one of its databases.
    pub(crate) fn address(&self, database: &str) -> String {
        let (server, _) = self.admin.rsplit_once('/').unwrap();
        format!("{server}/{database}")
    }

    fn engine(&self, database: &str, folder: &Path) -> Engine {
        Engine {
            name: "PostgreSQL",
            url: self.address(database),
            postgres: Some((self.postmaster, database.to_owned())),
            folder: folder.to_owned(),
        }
    }

    /// The data set, and the same with many bookings that are over.
    pub(crate) async fn load(&self, plan: &Plan, data: Data, folder: &Path) -> Pair {
        let begun = Instant::now();
        let ahead = self.engine("onshin", folder);
        self.administer("CREATE DATABASE onshin").await;
        ahead.migrate();
        load::postgres(&ahead.url, data, Part::Base { booked: true }).await;
        self.administer("CREATE DATABASE onshin_past TEMPLATE onshin").await;
        let past = self.engine("onshin_past", folder);
        load::postgres(&past.url, data, Part::Past(plan.past)).await;
        println!("  PostgreSQL loaded in {:.0} s", begun.elapsed().as_secs_f64());
        Pair { ahead, past }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let stopped = Command::new("tests/postgres.sh").arg("stop").arg(&self.state).status();
        if !stopped.is_ok_and(|status| status.success()) {
            eprintln!("PostgreSQL was not stopped: {}", self.state.display());
        }
    }
}

/// One engine twice: the data set, and the same with many bookings that are over.
pub(crate) struct Pair {
    pub(crate) ahead: Engine,
    pub(crate) past: Engine,
}

/// The data set in SQLite. The files are made once a day, since the days ahead begin with today.
pub(crate) async fn sqlite(plan: &Plan, data: Data, folder: &Path) -> Pair {
    let begun = Instant::now();
    let made = made_of();
    let kept = |part: &str| {
        folder.join(format!("{}-{}-{made:08x}-{part}.db", data.today, data.facilities))
    };
    let (ahead, past) = (kept("ahead"), kept("past"));
    if !past.exists() {
        forget_others(folder);
        let work = folder.join("loading.db");
        remove(&work);
        engine(&work, folder).migrate();
        load::sqlite(&work, data, Part::Base { booked: true }).await;
        fs::copy(&work, &ahead).unwrap();
        load::sqlite(&work, data, Part::Past(plan.past)).await;
        fs::rename(&work, &past).unwrap();
        remove(&work);
    }
    // What is measured is written to; the files that are kept are not.
    let copy = |from: &Path, name: &str| {
        let to = folder.join(name);
        remove(&to);
        fs::copy(from, &to).unwrap();
        engine(&to, folder)
    };
    let pair = Pair { ahead: copy(&ahead, "ahead.db"), past: copy(&past, "past.db") };
    println!("  SQLite ready in {:.0} s", begun.elapsed().as_secs_f64());
    pair
}

fn engine(path: &Path, folder: &Path) -> Engine {
    let url = format!("sqlite:{}", path.display());
    Engine { name: "SQLite", url, postgres: None, folder: folder.to_owned() }
}

/// A number that changes with the schema and with what fills it.
fn made_of() -> u64 {
    let files = fs::read_dir("migrations/sqlite").unwrap().map(|file| file.unwrap().path());
    let own = ["data.rs", "load.rs"].map(|name| PathBuf::from("benches/bookings").join(name));
    let mut files: Vec<_> = files.chain(own).collect();
    files.sort();
    let texts = files.iter().flat_map(|file| fs::read(file).unwrap());
    texts.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

fn forget_others(folder: &Path) {
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.ends_with("-ahead.db") || name.ends_with("-past.db") {
            remove(&path);
        }
    }
}

/// Removes a database with the files beside it, if it is there.
fn remove(path: &Path) {
    for end in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        match fs::remove_file(PathBuf::from(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => panic!("{error}"),
            _ => {}
        }
    }
}
