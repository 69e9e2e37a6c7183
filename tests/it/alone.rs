//! How many servers one database has: a SQLite file one, PostgreSQL as many as are started.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use onshin::time::Clock;
use serde_json::{Value, json};

use crate::support::served::{Served, onshin};
use crate::support::{NIGHT, NIGHT_VISIT, raw};

/// The end of a server that should not come up.
fn second(folder: &Path, more: &[&str]) -> Output {
    let mut command = onshin(folder);
    command.args(["serve", "--listen", "127.0.0.1:0"]).args(more).env("ONSHIN_TURN__MODE", "off");
    command.output().unwrap()
}

fn signed_in(served: &Served, login: &str, password: &str) -> u16 {
    let wish = json!({ "login": login, "password": password });
    served.ask("POST", "/api/session", "", &wish).status
}

#[test]
fn a_second_server_on_one_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(onshin(folder.path()));
    let refused = second(folder.path(), &[]);
    assert_eq!(refused.status.code(), Some(4));
    let told = String::from_utf8(refused.stderr).unwrap();
    let wanted = format!("sqlite:var/onshin.db is served by another process ({})", served.id());
    assert!(told.contains(&wanted) && told.contains("stop that one first"), "{told}");
    assert!(refused.stdout.is_empty());
    // By another name it is the same file.
    std::os::unix::fs::symlink("var/onshin.db", folder.path().join("other.db")).unwrap();
    let whole = format!("sqlite:{}/var/onshin.db", folder.path().display());
    for name in ["sqlite:other.db", "sqlite://var/../var/onshin.db?mode=rwc", &whole] {
        let refused = second(folder.path(), &["--database", name, "--json"]);
        let problem: Value = serde_json::from_slice(&refused.stderr).unwrap();
        assert_eq!(
            (&problem["code"], &problem["exit_code"]),
            (&json!("database_in_use"), &json!(4))
        );
    }
    // The first has noticed nothing.
    assert_eq!(signed_in(&served, "desk", onshin::actions::demo::PASSWORD), 200);
    served.stop();
    Served::start(onshin(folder.path())).stop();
}

#[test]
fn a_server_that_was_killed_leaves_no_lock() {
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..3 {
        // Dropping it is SIGKILL.
        drop(Served::start(onshin(folder.path())));
    }
    assert!(folder.path().join("var/onshin.db.lock").exists());
    Served::start(onshin(folder.path())).stop();
}

#[test]
fn commands_work_beside_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(onshin(folder.path()));
    let run = |args: &[&str]| {
        let done = onshin(folder.path()).args(args).output().unwrap();
        assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap()
    };
    run(&["doctor"]);
    run(&["report", "counts", "--by", "kind", "--json"]);
    let start = ["--service", NIGHT_VISIT, "--at", "2099-12-01T10:30+09:00"];
    run(&[&["slots", "explain", "--facility", NIGHT][..], &start].concat());
    let add = ["--login", "night2", "--name", "二人目", "--role", "clinic_staff"];
    let added =
        run(&[&["--json", "admin", "user", "add", "--facility", "1319990010"][..], &add].concat());
    let added: Value = serde_json::from_str(&added).unwrap();
    // What a command wrote the server knows at once.
    assert_eq!(signed_in(&served, "night2", added["password"].as_str().unwrap()), 200);
    served.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_share_postgresql() {
    let (url, folder) = (raw::fresh_postgres().await, tempfile::tempdir().unwrap());
    let program = || -> Command {
        let mut command = onshin(folder.path());
        command.env("ONSHIN_DATABASE", &url).stdin(Stdio::null());
        command
    };
    let servers = [Served::start(program()), Served::start(program())];
    assert_eq!(
        servers.each_ref().map(|server| signed_in(server, "desk", onshin::actions::demo::PASSWORD)),
        [200; 2]
    );
    // One time, asked of both at once: one of all has it.
    let now = Clock::System.now();
    for round in 2..5 {
        let day = (now + chrono::TimeDelta::days(round)).format("%Y-%m-%dT03:00:00Z").to_string();
        let wish = json!({ "facility_id": NIGHT, "service_id": NIGHT_VISIT, "start": day });
        let mut statuses: Vec<u16> = std::thread::scope(|scope| {
            let wish = &wish;
            let ask = |server| {
                let server: &Served = server;
                scope.spawn(move || server.ask("POST", "/api/bookings", "", wish).status)
            };
            let asked: Vec<_> = servers.iter().cycle().take(6).map(ask).collect();
            asked.into_iter().map(|one| one.join().unwrap()).collect()
        });
        statuses.sort_unstable();
        assert_eq!(statuses, [[201].as_slice(), &[409; 5]].concat(), "{day}");
    }
    assert_eq!(raw::overlaps(&url).await, 0);
    for server in servers {
        server.stop();
    }
}
