//! The database without the service in between: what is really stored.

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{Connection, Executor, PgConnection, SqliteConnection};

/// The address of a new, empty database on the PostgreSQL of the test run.
pub(crate) async fn fresh_postgres() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let admin = std::env::var("ONSHIN_TEST_POSTGRES").expect(
        "ONSHIN_TEST_POSTGRES names the PostgreSQL for tests; `make test` starts one and sets it",
    );
    let name = format!("t_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let mut connection = PgConnection::connect(&admin).await.unwrap();
    let sql = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
    connection.execute(sqlx::raw_sql(sql)).await.unwrap();
    let (server, _) = admin.rsplit_once('/').unwrap();
    format!("{server}/{name}")
}

/// Runs `sql` on the database at `url`; the error's message if it is refused.
pub(crate) async fn execute(url: &str, sql: &str) -> Result<(), String> {
    let sql = sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned()));
    let done = if url.starts_with("sqlite:") {
        let mut connection = SqliteConnection::connect(url).await.unwrap();
        connection.execute("PRAGMA foreign_keys = ON").await.unwrap();
        connection.execute(sql).await.map(|_| ())
    } else {
        PgConnection::connect(url).await.unwrap().execute(sql).await.map(|_| ())
    };
    done.map_err(|error| error.to_string())
}

/// Which of these rows the database takes: each is tried by the first statement and, where it was
/// taken, undone by the second.
pub(crate) async fn each_accepted(url: &str, rows: &[[String; 2]]) -> Vec<bool> {
    let mut accepted = Vec::new();
    if url.starts_with("sqlite:") {
        let mut connection = SqliteConnection::connect(url).await.unwrap();
        connection.execute("PRAGMA foreign_keys = ON").await.unwrap();
        connection.execute("BEGIN").await.unwrap();
        for [try_it, undo] in rows {
            let taken = connection.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(try_it.clone())));
            let taken = taken.await.is_ok();
            if taken {
                connection.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(undo.clone()))).await.unwrap();
            }
            accepted.push(taken);
        }
        connection.execute("ROLLBACK").await.unwrap();
    } else {
        let mut connection = PgConnection::connect(url).await.unwrap();
        for [try_it, undo] in rows {
            let taken = connection.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(try_it.clone())));
            let taken = taken.await.is_ok();
            if taken {
                connection.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(undo.clone()))).await.unwrap();
            }
            accepted.push(taken);
        }
    }
    accepted
}

/// The numbers in the first column of what `sql` finds.
pub(crate) async fn numbers(url: &str, sql: &'static str) -> Vec<i64> {
    if url.starts_with("sqlite:") {
        let mut connection = SqliteConnection::connect(url).await.unwrap();
        sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap()
    } else {
        let mut connection = PgConnection::connect(url).await.unwrap();
        sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap()
    }
}

/// The texts in the first column of what `sql` finds.
pub(crate) async fn texts(url: &str, sql: &str) -> Vec<String> {
    let sql = sqlx::AssertSqlSafe(sql.to_owned());
    if url.starts_with("sqlite:") {
        let mut connection = SqliteConnection::connect(url).await.unwrap();
        sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap()
    } else {
        let mut connection = PgConnection::connect(url).await.unwrap();
        sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap()
    }
}

/// How this engine writes a UUID.
pub(crate) fn id(url: &str, id: &str) -> String {
    if url.starts_with("sqlite:") {
        format!("x'{}'", id.replace('-', ""))
    } else {
        format!("CAST('{id}' AS uuid)")
    }
}

/// Pairs of rows that occupy the same clinician, seat, room or patient at once.
pub(crate) async fn overlaps(url: &str) -> i64 {
    let sql = "SELECT count(*) FROM booking AS a JOIN booking AS b ON a.id < b.id
        WHERE a.occupies AND b.occupies AND (
            (a.clinician_id = b.clinician_id AND a.lane = b.lane AND a.session_key <> b.session_key
                AND a.busy_from < b.busy_until AND b.busy_from < a.busy_until)
            OR (a.session_key = b.session_key AND a.seat = b.seat)
            OR (a.room_id = b.room_id AND a.busy_from < b.busy_until
                AND b.busy_from < a.busy_until)
            OR (a.patient_id = b.patient_id AND a.starts_at < b.ends_at
                AND b.starts_at < a.ends_at))";
    numbers(url, sql).await[0]
}
