//! Brings the data set into a database whose schema `onshin migrate` made. Exclusion constraints,
//! triggers and secondary indexes are put away for the time of it and made again as they were.

use std::fmt::Write;
use std::marker::PhantomData;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, Row, SqliteConnection};

use crate::data::{Cell, Data, Sink, mixed};

/// Rows as text for one engine, a table at a time, given on whenever there are many.
struct Rows<W: Writer> {
    _writer: PhantomData<W>,
    batches: std::sync::mpsc::SyncSender<Batch>,
    open: Vec<Batch>,
}

/// Rows of one table.
struct Batch {
    table: &'static str,
    columns: &'static str,
    rows: usize,
    text: String,
}

trait Writer {
    /// How many rows are given on at once.
    const ROWS: usize;
    fn cell(text: &mut String, cell: &Cell<'_>);
    fn row(text: &mut String, cells: &[Cell<'_>], first: bool);
}

impl<W: Writer> Sink for Rows<W> {
    fn row(&mut self, table: &'static str, columns: &'static str, cells: &[Cell<'_>]) {
        let at = self.open.iter().position(|batch| batch.table == table).unwrap_or_else(|| {
            self.open.push(Batch { table, columns, rows: 0, text: String::new() });
            self.open.len() - 1
        });
        let batch = &mut self.open[at];
        W::row(&mut batch.text, cells, batch.rows == 0);
        batch.rows += 1;
        if batch.rows == W::ROWS {
            // In the order of their tables, for those that refer to others.
            for batch in self.open.drain(..) {
                self.batches.send(batch).unwrap();
            }
        }
    }
}

impl<W: Writer> Rows<W> {
    fn finish(self) {
        for batch in self.open {
            self.batches.send(batch).unwrap();
        }
    }
}

struct Copy;

impl Writer for Copy {
    const ROWS: usize = 20_000;

    fn cell(text: &mut String, cell: &Cell<'_>) {
        match cell {
            Cell::Id(id) => _ = write!(text, "{id}"),
            Cell::Text(words) => text.push_str(words),
            Cell::Number(number) => _ = write!(text, "{number}"),
            Cell::Truth(truth) => text.push(if *truth { 't' } else { 'f' }),
            Cell::Date(date) => _ = write!(text, "{date}"),
            Cell::Time(time) => _ = write!(text, "{}", time.format("%Y-%m-%d %H:%M:%S+00")),
            Cell::Bytes(salt, length) => {
                text.push_str("\\\\x");
                hex(text, *salt, *length);
            }
        }
    }

    fn row(text: &mut String, cells: &[Cell<'_>], _: bool) {
        for (at, cell) in cells.iter().enumerate() {
            if at > 0 {
                text.push('\t');
            }
            Self::cell(text, cell);
        }
        text.push('\n');
    }
}

struct Values;

impl Writer for Values {
    const ROWS: usize = 400;

    fn cell(text: &mut String, cell: &Cell<'_>) {
        match cell {
            Cell::Id(id) => _ = write!(text, "x'{}'", id.simple()),
            Cell::Text(words) => _ = write!(text, "'{words}'"),
            Cell::Number(number) => _ = write!(text, "{number}"),
            Cell::Truth(truth) => text.push(if *truth { '1' } else { '0' }),
            Cell::Date(date) => _ = write!(text, "'{date}'"),
            Cell::Time(time) => _ = write!(text, "'{}'", time.format("%Y-%m-%dT%H:%M:%S+00:00")),
            Cell::Bytes(salt, length) => {
                text.push_str("x'");
                hex(text, *salt, *length);
                text.push('\'');
            }
        }
    }

    fn row(text: &mut String, cells: &[Cell<'_>], first: bool) {
        text.push_str(if first { "(" } else { ",(" });
        for (at, cell) in cells.iter().enumerate() {
            if at > 0 {
                text.push(',');
            }
            Self::cell(text, cell);
        }
        text.push(')');
    }
}

/// `length` bytes that follow from `salt`; the first eight tell salts apart.
fn hex(text: &mut String, salt: u64, length: usize) {
    let (mut left, mut word) = (length * 2, mixed(salt));
    while left > 0 {
        let digits = left.min(16);
        _ = write!(text, "{:0digits$x}", word >> (64 - 4 * digits));
        (left, word) = (left - digits, mixed(word));
    }
}

/// What is to be loaded.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part {
    /// The facilities and, where they are `booked`, the bookings ahead.
    Base { booked: bool },
    /// So many bookings that are over.
    Past(u64),
}

fn generate<W: Writer>(data: Data, part: Part) -> std::sync::mpsc::Receiver<Batch> {
    let (batches, received) = std::sync::mpsc::sync_channel(4);
    std::thread::spawn(move || {
        let mut rows = Rows::<W> { _writer: PhantomData, batches, open: Vec::new() };
        match part {
            Part::Base { booked } => {
                data.fill(&mut rows);
                if booked {
                    data.bookings(&mut rows);
                }
            }
            Part::Past(count) => data.past(count, &mut rows),
        }
        rows.finish();
    });
    received
}

/// Loads `part` into the PostgreSQL at `url`.
pub(crate) async fn postgres(url: &str, data: Data, part: Part) {
    let mut db = PgConnection::connect(url).await.unwrap();
    // References are right by construction, and not looked at row by row.
    run(&mut db, "SET session_replication_role = replica; SET maintenance_work_mem = '512MB'")
        .await;
    let sql = "SELECT 'ALTER TABLE booking DROP CONSTRAINT ' || conname,
               'ALTER TABLE booking ADD CONSTRAINT ' || conname || ' ' || pg_get_constraintdef(oid)
        FROM pg_constraint WHERE conrelid = 'booking'::regclass AND contype = 'x'
        UNION ALL
        SELECT 'DROP INDEX ' || i.indexrelid::regclass, pg_get_indexdef(i.indexrelid)
        FROM pg_index AS i WHERE i.indrelid = 'booking'::regclass
          AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = i.indexrelid)";
    let put_away: Vec<(String, String)> = sqlx::query_as(sql).fetch_all(&mut db).await.unwrap();
    for (away, _) in &put_away {
        run(&mut db, away).await;
    }
    for batch in generate::<Copy>(data, part) {
        let sql = format!("COPY {} ({}) FROM STDIN", batch.table, batch.columns);
        let mut copy = db.copy_in_raw(&sql).await.unwrap();
        copy.send(batch.text.into_bytes()).await.unwrap();
        copy.finish().await.unwrap();
    }
    for (_, again) in put_away {
        run(&mut db, &again).await;
    }
    for sql in ["VACUUM (ANALYZE) booking", "ANALYZE", "CHECKPOINT"] {
        run(&mut db, sql).await;
    }
    db.close().await.unwrap();
}

async fn run(db: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(db).await.unwrap();
}

/// Loads `part` into the SQLite at `path`.
pub(crate) async fn sqlite(path: &std::path::Path, data: Data, part: Part) {
    let options = SqliteConnectOptions::new().filename(path).pragma("synchronous", "OFF");
    let options = options.pragma("cache_size", "-400000").foreign_keys(false);
    let mut db: SqliteConnection = options.connect().await.unwrap();
    let sql = "SELECT type, name, sql FROM sqlite_schema
        WHERE tbl_name = 'booking' AND sql IS NOT NULL AND type IN ('index', 'trigger')";
    let put_away = sqlx::query(sql).fetch_all(&mut db).await.unwrap();
    for row in &put_away {
        let sql = format!("DROP {} {}", row.get::<String, _>(0), row.get::<String, _>(1));
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut db).await.unwrap();
    }
    sqlx::raw_sql("BEGIN").execute(&mut db).await.unwrap();
    for batch in generate::<Values>(data, part) {
        let Batch { table, columns, text, .. } = batch;
        let sql = format!("INSERT INTO {table} ({columns}) VALUES {text}");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut db).await.unwrap();
    }
    for row in put_away {
        sqlx::raw_sql(AssertSqlSafe(row.get::<String, _>(2))).execute(&mut db).await.unwrap();
    }
    sqlx::raw_sql("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut db).await.unwrap();
    db.close().await.unwrap();
}
