//! The master key and its database belong together: no other key is taken, and none is made.

use std::path::Path;
use std::process::Output;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::support::raw;
use crate::support::served::onshin;

/// Runs a command of the program on this database.
fn run(folder: &Path, database: &str, key: Option<u8>, args: &[&str]) -> Output {
    let mut command = onshin(folder);
    command.args(args).env("ONSHIN_DATABASE", database);
    if let Some(byte) = key {
        command.env("ONSHIN_MASTER_KEY", STANDARD.encode([byte; 32]));
    }
    command.output().unwrap()
}

fn ends(done: &Output, code: i32) -> String {
    let told = String::from_utf8_lossy(&done.stderr).into_owned();
    let out = String::from_utf8_lossy(&done.stdout).into_owned();
    assert_eq!(done.status.code(), Some(code), "{told}{out}");
    told + &out
}

const OTHER: &str = "the master key is not the one this database was sealed with";

/// What a command with another key could have left behind.
async fn rows(url: &str) -> Vec<i64> {
    let sql = "SELECT count(*) FROM institution UNION ALL SELECT count(*) FROM account
               UNION ALL SELECT count(*) FROM audit_entry
               UNION ALL SELECT count(*) FROM master_key_check";
    raw::numbers(url, sql).await
}

async fn another_key_is_refused(database: &str) {
    let folder = tempfile::tempdir().unwrap();
    let run = |key, args: &[&str]| run(folder.path(), database, key, args);
    ends(&run(Some(7), &["migrate"]), 0);
    let before = rows(database).await;
    assert_eq!(before, [0, 0, 0, 1]);
    for args in [&["migrate"][..], &["seed", "demo"], &["serve", "--listen", "127.0.0.1:0"]] {
        assert!(ends(&run(Some(8), args), 1).contains(OTHER), "{args:?}");
    }
    assert_eq!(rows(database).await, before);
    assert!(ends(&run(Some(8), &["doctor"]), 1).contains(OTHER));
    assert!(ends(&run(Some(7), &["doctor"]), 0).contains("that of the database"));
    ends(&run(Some(7), &["migrate"]), 0);
}

fn no_key_is_made_beside_a_sealed_database(database: &str) {
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    ends(&run(first.path(), database, Some(7), &["migrate"]), 0);
    for folder in [&first, &second] {
        let told = ends(&run(folder.path(), database, None, &["migrate"]), 3);
        assert!(told.contains("master.key: bring back"), "{told}");
        assert!(ends(&run(folder.path(), database, None, &["doctor"]), 1).contains("bring back"));
        assert!(!folder.path().join("var/master.key").exists());
    }
}

/// A first start that was cut short leaves a file without tables, which has no key to lose.
#[test]
fn an_empty_database_gets_its_key() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("var")).unwrap();
    std::fs::write(folder.path().join("var/onshin.db"), "").unwrap();
    ends(&run(folder.path(), "sqlite:var/onshin.db", None, &["migrate"]), 0);
    assert!(folder.path().join("var/master.key").exists());
    ends(&run(folder.path(), "sqlite:var/onshin.db", None, &["doctor"]), 0);
}

#[tokio::test]
async fn sqlite_refuses_another_key() {
    let folder = tempfile::tempdir().unwrap();
    another_key_is_refused(&format!("sqlite:{}/keys.db", folder.path().display())).await;
}

#[tokio::test]
async fn postgres_refuses_another_key() {
    another_key_is_refused(&raw::fresh_postgres().await).await;
}

#[test]
fn sqlite_with_a_proof_gets_no_new_key() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}/keys.db", folder.path().display());
    no_key_is_made_beside_a_sealed_database(&url);
}

#[tokio::test]
async fn postgres_with_a_proof_gets_no_new_key() {
    no_key_is_made_beside_a_sealed_database(&raw::fresh_postgres().await);
}
