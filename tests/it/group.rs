//! What a deed on SQLite was told is kept survives a process that is killed in the middle.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use onshin::model::audit::Entry;
use onshin::model::person::Actor;
use onshin::seal::token::Token;
use onshin::store::Store;

use super::support::{at, raw};

/// Names the database to the child.
const DATABASE: &str = "ONSHIN_TEST_GROUP";
/// How many write at once.
const CALLERS: usize = 24;

/// Not a test of its own: the process that is killed. Each deed writes a session and an audit
/// entry that names it, and each number is printed once its deed was told that it is kept.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by `what_was_told_is_kept_when_the_process_is_killed`"]
async fn child() {
    let Ok(url) = std::env::var(DATABASE) else { return };
    let store = Store::open(&url).await.unwrap();
    let mut callers = tokio::task::JoinSet::new();
    for caller in 0..CALLERS {
        let store = store.clone();
        callers.spawn(async move {
            for number in (caller..).step_by(CALLERS) {
                let mut tx = store.begin().await.unwrap();
                let now = at("2026-12-01T00:00:00Z");
                tx.add_session(&Token::random().hash(), None, now).await.unwrap();
                let entry = Entry::of(&Actor::System, "group.deed", number, now);
                if number % 7 == 3 {
                    // Taken back: its session would be one too many.
                    continue;
                }
                tx.commit(entry).await.unwrap();
                let told = format!("\nkept {number}\n");
                std::io::stdout().write_all(told.as_bytes()).unwrap();
            }
        });
    }
    callers.join_all().await;
}

#[tokio::test]
async fn what_was_told_is_kept_when_the_process_is_killed() {
    for milliseconds in [60, 150, 333] {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}/test.db", folder.path().display());
        Store::open(&url).await.unwrap().close().await;
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "group::child", "--ignored", "--nocapture", "--test-threads=1"])
            .env(DATABASE, &url)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut told = BTreeSet::new();
        let number = |line: String| line.strip_prefix("kept ").and_then(|n| n.parse::<i64>().ok());
        // Killed some time after it has begun to write.
        while told.is_empty() {
            told.extend(number(lines.next().expect("the child writes").unwrap()));
        }
        std::thread::sleep(Duration::from_millis(milliseconds));
        child.kill().unwrap();
        child.wait().unwrap();
        told.extend(lines.map_while(Result::ok).filter_map(number));
        let sql = "SELECT CAST(subject AS INTEGER) FROM audit_entry WHERE action = 'group.deed'";
        let stored: BTreeSet<i64> = raw::numbers(&url, sql).await.into_iter().collect();
        let lost: Vec<_> = told.difference(&stored).collect();
        assert!(lost.is_empty(), "told to be kept and lost: {lost:?}");
        assert!(told.len() > CALLERS, "only {} deeds were told before the end", told.len());
        // What was kept and not told is at most what was under way.
        assert!(stored.len() - told.len() <= CALLERS);
        assert!(stored.iter().all(|number| number % 7 != 3), "a deed that was taken back is there");
        let sessions = raw::numbers(&url, "SELECT count(*) FROM session").await[0];
        assert_eq!(usize::try_from(sessions).unwrap(), stored.len(), "half a deed is there");
    }
}
