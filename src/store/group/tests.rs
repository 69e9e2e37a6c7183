use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use sqlx::Row;
use sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use tempfile::TempDir;
use tokio::task::JoinHandle;

use super::*;

type Table = BTreeMap<i64, i64>;

/// A database with one table, and a reader beside the writer.
struct Site {
    writer: Writer,
    reader: SqliteConnection,
    _folder: TempDir,
}

impl Site {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = SqliteConnectOptions::new()
            .filename(folder.path().join("test.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true);
        let patience = Duration::from_secs(3);
        let writer = Writer::connect(options.clone(), patience).await.unwrap();
        let mut deed = writer.begin(Length::Short).await.unwrap();
        let sql = "CREATE TABLE kept (key INTEGER PRIMARY KEY, value INTEGER NOT NULL) STRICT;
            CREATE TABLE owed (key INTEGER REFERENCES kept (key) DEFERRABLE INITIALLY DEFERRED);";
        sqlx::raw_sql(sql).execute(&mut *deed).await.unwrap();
        deed.commit().await.unwrap();
        let reader = options.read_only(true).connect().await.unwrap();
        Self { writer, reader, _folder: folder }
    }

    /// What is committed.
    async fn committed(&mut self) -> Table {
        table(&mut self.reader).await
    }
}

async fn table(connection: &mut SqliteConnection) -> Table {
    let rows = sqlx::query("SELECT key, value FROM kept").fetch_all(connection).await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

async fn put(deed: &mut Deed, key: i64, value: i64) {
    let sql = "INSERT INTO kept VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = $2";
    sqlx::query(sql).bind(key).bind(value).execute(&mut **deed).await.unwrap();
}

/// Lets the group's commit fail: a reference that leads nowhere is looked at only then.
async fn spoil(deed: &mut Deed) {
    sqlx::query("INSERT INTO owed VALUES (-1)").execute(&mut **deed).await.unwrap();
}

/// Commits without waiting for it.
fn committing(deed: Deed) -> JoinHandle<Result<()>> {
    tokio::spawn(deed.commit())
}

/// Gives the desk time to do all that it can.
async fn settled() {
    tokio::time::sleep(Duration::from_millis(20)).await;
}

#[tokio::test]
async fn a_deed_is_told_only_after_the_commit_that_it_shares() {
    let mut site = Site::new().await;
    let mut first = site.writer.begin(Length::Short).await.unwrap();
    put(&mut first, 1, 1).await;
    // Waits already, so that the group goes on with it.
    let writer = site.writer.clone();
    let second = tokio::spawn(async move { writer.begin(Length::Short).await });
    settled().await;
    let first = committing(first);
    let mut second = second.await.unwrap().unwrap();
    settled().await;
    assert!(!first.is_finished(), "told although the group goes on");
    assert_eq!(site.committed().await, Table::new(), "others see what is not committed");
    assert_eq!(table(&mut second).await, Table::from([(1, 1)]), "a deed sees those before it");
    put(&mut second, 2, 2).await;
    second.commit().await.unwrap();
    first.await.unwrap().unwrap();
    assert_eq!(site.committed().await, Table::from([(1, 1), (2, 2)]));
}

#[tokio::test]
async fn a_dropped_deed_takes_back_its_own_writing_alone() {
    let mut site = Site::new().await;
    let mut first = site.writer.begin(Length::Short).await.unwrap();
    put(&mut first, 1, 1).await;
    let (one, two) = (site.writer.clone(), site.writer.clone());
    let second = tokio::spawn(async move { one.begin(Length::Short).await });
    settled().await;
    let third = tokio::spawn(async move { two.begin(Length::Short).await });
    settled().await;
    let first = committing(first);
    let mut second = second.await.unwrap().unwrap();
    put(&mut second, 1, 22).await;
    put(&mut second, 2, 2).await;
    drop(second);
    let mut third = third.await.unwrap().unwrap();
    assert_eq!(table(&mut third).await, Table::from([(1, 1)]));
    put(&mut third, 3, 3).await;
    third.commit().await.unwrap();
    first.await.unwrap().unwrap();
    assert_eq!(site.committed().await, Table::from([(1, 1), (3, 3)]));
}

#[tokio::test]
async fn a_commit_that_fails_fails_for_the_whole_group_and_for_nobody_after_it() {
    let mut site = Site::new().await;
    let mut first = site.writer.begin(Length::Short).await.unwrap();
    put(&mut first, 1, 1).await;
    let writer = site.writer.clone();
    let second = tokio::spawn(async move { writer.begin(Length::Short).await });
    settled().await;
    let first = committing(first);
    let mut second = second.await.unwrap().unwrap();
    spoil(&mut second).await;
    let second = second.commit().await;
    assert!(matches!(second, Err(Error::Unavailable(_))), "{second:?}");
    let first = first.await.unwrap();
    assert!(matches!(first, Err(Error::Unavailable(_))), "{first:?}");
    let mut third = site.writer.begin(Length::Short).await.unwrap();
    put(&mut third, 3, 3).await;
    third.commit().await.unwrap();
    assert_eq!(site.committed().await, Table::from([(3, 3)]));
}

#[tokio::test]
async fn what_rolls_the_whole_transaction_back_loses_the_group_and_says_so() {
    for goes_on in [false, true] {
        let mut site = Site::new().await;
        let mut first = site.writer.begin(Length::Short).await.unwrap();
        put(&mut first, 1, 1).await;
        let (one, two) = (site.writer.clone(), site.writer.clone());
        let second = tokio::spawn(async move { one.begin(Length::Short).await });
        settled().await;
        let third = tokio::spawn(async move { two.begin(Length::Short).await });
        settled().await;
        let first = committing(first);
        let mut second = second.await.unwrap().unwrap();
        // As SQLite does by itself where the disk is full.
        let sql = "INSERT OR ROLLBACK INTO kept VALUES (1, 2)";
        assert!(sqlx::query(sql).execute(&mut *second).await.is_err());
        let second = if goes_on {
            Some(committing(second))
        } else {
            drop(second);
            None
        };
        // With the group the next in the queue may be lost too, and is then told at once.
        if let Ok(third) = third.await.unwrap() {
            third.commit().await.unwrap();
        }
        assert!(first.await.unwrap().is_err());
        if let Some(second) = second {
            assert!(second.await.unwrap().is_err());
        }
        assert_eq!(site.committed().await, Table::new());
        let mut fourth = site.writer.begin(Length::Short).await.unwrap();
        put(&mut fourth, 4, 4).await;
        fourth.commit().await.unwrap();
        assert_eq!(site.committed().await, Table::from([(4, 4)]));
    }
}

#[tokio::test]
async fn nobodys_commit_waits_for_a_long_deed() {
    let mut site = Site::new().await;
    let mut first = site.writer.begin(Length::Short).await.unwrap();
    put(&mut first, 1, 1).await;
    let writer = site.writer.clone();
    let long = tokio::spawn(async move { writer.begin(Length::Long).await });
    settled().await;
    tokio::time::timeout(Duration::from_secs(5), first.commit()).await.unwrap().unwrap();
    let mut long = long.await.unwrap().unwrap();
    put(&mut long, 2, 2).await;
    assert_eq!(site.committed().await, Table::from([(1, 1)]));
    long.commit().await.unwrap();
    assert_eq!(site.committed().await, Table::from([(1, 1), (2, 2)]));
}

#[tokio::test]
async fn who_waits_too_long_is_told_and_who_went_away_holds_nobody_up() {
    let mut site = Site::new().await;
    let impatient = Writer { patience: Duration::from_millis(30), ..site.writer.clone() };
    let mut first = site.writer.begin(Length::Short).await.unwrap();
    put(&mut first, 1, 1).await;
    let refused = impatient.begin(Length::Short).await;
    assert!(matches!(refused, Err(Error::Unavailable(sqlx::Error::PoolTimedOut))), "{refused:?}");
    let writer = site.writer.clone();
    let gone = tokio::spawn(async move { writer.begin(Length::Short).await.map(drop) });
    settled().await;
    gone.abort();
    // Both still stand in the queue: the group must not wait for either.
    first.commit().await.unwrap();
    assert_eq!(site.committed().await, Table::from([(1, 1)]));
    assert!(gone.await.unwrap_err().is_cancelled());
}

#[tokio::test]
async fn closing_keeps_what_was_promised_and_refuses_what_comes_later() {
    let mut site = Site::new().await;
    let mut deed = site.writer.begin(Length::Short).await.unwrap();
    put(&mut deed, 1, 1).await;
    let commit = committing(deed);
    site.writer.close().await;
    commit.await.unwrap().unwrap();
    assert!(site.writer.begin(Length::Short).await.is_err());
    assert_eq!(site.committed().await, Table::from([(1, 1)]));
}

/// In the schema nothing is looked at only when all is committed: one deed's mistake would then
/// be that of its whole group.
#[tokio::test]
async fn the_schema_defers_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}/test.db", folder.path().display());
    let store = crate::store::Store::open(&url).await.unwrap();
    let mut tx = store.read().await.unwrap();
    let crate::store::Tx::Sqlite(tx) = &mut tx else { panic!("not SQLite") };
    let sql = "SELECT count(*), sum(sql LIKE '%deferr%') FROM sqlite_schema WHERE sql IS NOT NULL";
    let row = sqlx::query(sql).fetch_one(&mut **tx).await.unwrap();
    assert!(row.get::<i64, _>(0) > 20);
    assert_eq!(row.get::<i64, _>(1), 0);
}

/// What a deed does after it has written.
#[derive(Clone, Copy, Debug)]
enum End {
    Commit,
    /// Commits, and goes away before it is told.
    CommitAndLeave,
    Drop,
    Panic,
    /// Goes away in the middle of a statement.
    Cancel,
    /// Lets the commit of its group fail.
    Spoil,
}

#[derive(Clone, Debug)]
struct Plan {
    writes: Vec<(i64, i64)>,
    end: End,
    /// Whether the next stands in the queue before this one ends, so that they share a group.
    followed: bool,
}

fn plans() -> impl Strategy<Value = Vec<Plan>> {
    let end = prop_oneof![
        8 => Just(End::Commit),
        2 => Just(End::CommitAndLeave),
        3 => Just(End::Drop),
        1 => Just(End::Panic),
        2 => Just(End::Cancel),
        1 => Just(End::Spoil),
    ];
    let writes = prop::collection::vec((0..6_i64, 0..1000_i64), 0..4);
    let plan = (writes, end, any::<bool>());
    let plan = plan.prop_map(|(writes, end, followed)| Plan { writes, end, followed });
    prop::collection::vec(plan, 1..24)
}

/// How a deed ended: what to ask for its commit, or nothing where it was taken back.
type Ended = Option<oneshot::Receiver<Result<()>>>;

async fn act(mut deed: Deed, plan: &Plan) -> Ended {
    for (key, value) in &plan.writes {
        put(&mut deed, *key, *value).await;
    }
    match plan.end {
        End::Commit | End::CommitAndLeave => {}
        End::Spoil => spoil(&mut deed).await,
        End::Drop => return None,
        End::Panic => {
            let panicked = std::panic::catch_unwind(AssertUnwindSafe(move || {
                let _deed = deed;
                std::panic::resume_unwind(Box::new("on purpose"));
            }));
            assert!(panicked.is_err());
            return None;
        }
        End::Cancel => {
            let sql = "WITH RECURSIVE n (i) AS (SELECT 7 UNION ALL SELECT i + 1 FROM n LIMIT 5000)
                INSERT INTO kept SELECT i, 0 FROM n";
            let insert = sqlx::query(sql).execute(&mut *deed);
            // Polled, so that it has begun, and dropped; mostly before its end.
            drop(tokio::time::timeout(Duration::ZERO, insert).await);
            return None;
        }
    }
    let (tell, told) = oneshot::channel();
    let commit = committing(deed);
    if matches!(plan.end, End::CommitAndLeave) {
        tokio::task::yield_now().await;
        commit.abort();
    }
    tokio::spawn(async move {
        if let Ok(done) = commit.await {
            let _ = tell.send(done);
        }
    });
    Some(told)
}

/// Runs the plans. What is committed at the end must be the writing of those that were kept, in
/// their order; a deed that left before it was told is kept together with its group or not at all.
async fn run(plans: Vec<Plan>) {
    let mut site = Site::new().await;
    let mut ended: Vec<(Plan, Ended)> = Vec::new();
    let mut waiting: Option<JoinHandle<Result<Deed>>> = None;
    for plan in plans {
        let deed = match waiting.take() {
            Some(waiting) => waiting.await.unwrap(),
            None => site.writer.begin(Length::Short).await,
        };
        if plan.followed {
            let writer = site.writer.clone();
            waiting = Some(tokio::spawn(async move { writer.begin(Length::Short).await }));
            tokio::task::yield_now().await;
        }
        let told = act(deed.unwrap(), &plan).await;
        ended.push((plan, told));
    }
    if let Some(waiting) = waiting {
        waiting.abort();
    }
    // Of those that left before they were told either may hold; all others say.
    let mut possible = vec![Table::new()];
    for (plan, told) in ended {
        let Some(told) = told else { continue };
        let kept = told.await.ok().map(|told| told.is_ok());
        if matches!(plan.end, End::Spoil) {
            assert_eq!(kept, Some(false), "a commit that could not succeed did");
        }
        let written = |table: &Table| {
            let mut table = table.clone();
            table.extend(plan.writes.iter().copied());
            table
        };
        possible = match kept {
            Some(true) => possible.iter().map(written).collect(),
            Some(false) => possible,
            None => possible.iter().flat_map(|table| [table.clone(), written(table)]).collect(),
        };
        possible.dedup();
    }
    site.writer.close().await;
    let committed = site.committed().await;
    assert!(possible.contains(&committed), "{committed:?} is none of {possible:?}");
}

#[test]
fn what_is_committed_is_what_was_promised() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config = Config { cases: 150, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new(config);
    let ran = runner.run(&plans(), |plans| {
        runtime.block_on(run(plans));
        Ok(())
    });
    if let Err(error) = ran {
        panic!("{error}");
    }
}
