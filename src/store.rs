//! Storage: one set of queries, two engines.
//!
//! SQLite is the embedded default and PostgreSQL the production engine. Every query is written
//! once, in the SQL both understand; [`on!`] runs it on whichever engine is behind the
//! transaction. What they cannot share is in `migrations/{sqlite,postgres}`, behind the same
//! names. Every test runs on both: three kinds of fault show on one engine only.
//!
//! Traps: never `SELECT *` (a prepared one fails after a migration adds a column); no `now()`, no
//! `ILIKE`, no `= ANY`; sort text in Rust; `SUM` of a bigint needs a `CAST`. A forgotten `bind` is
//! refused by PostgreSQL and silently NULL on SQLite.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Connection, Postgres, SqliteConnection, Transaction};

use crate::model::audit::Entry;
use group::Length;
use once::Part;

mod accounts;
mod audit;
mod august;
mod bookings;
mod busy;
mod changes;
mod calendars;
mod care_plan;
mod clearance;
mod closing;
mod counts;
mod events;
mod facilities;
mod filings;
mod group;
mod hours;
mod imports;
mod intake;
mod idempotency;
mod indicators;
mod keys;
mod line;
mod media_policy;
mod metrics;
mod outbox;
mod outside;
mod own;
mod own_days;
mod participants;
pub mod once;
mod partners;
mod patients;
mod public_pages;
mod published;
mod quality;
mod questions;
mod quota;
mod reception;
mod register;
mod rooms;
mod schedules;
mod series;
mod services;
mod subsidies;
mod tries;
mod visits;
mod waiting;
mod waitlist;
mod webhooks;

pub use accounts::{AccountRow, PatientSession};
pub use august::FinalRow;
pub use bookings::{BookingDetails, BookingView, Confirmation};
pub use busy::Taken;
pub use calendars::FeedRow;
pub use care_plan::{AgreementRow, PlanRow};
pub use changes::Changes;
pub use clearance::{FactsRow, ItemRow, NewPlace, PlaceRow};
pub use closing::{ClosingRow, ClosingTexts, LastPlace, NewClosing};
pub use counts::{Described, ListsVersion};
pub use events::{DivergenceRow, Horizon};
pub use facilities::FacilityFilter;
pub use filings::{
    DuePage, DueRow, LetterRow, QueueRow, Recipient, SelfChecked, SelfCheckedBy, Step,
    UndeliveredLetter, Whose,
};
pub use group::{Deed, SqliteTx, Writer};
pub use hours::{HoursChangeRow, StrandedRow, VisitAhead};
pub use idempotency::KeptAnswer;
pub use imports::{DraftList, DraftRow, ImportRow, RowKey};
pub use intake::{Agreed, ConsentRow};
pub use line::{LastLine, LineRow};
pub use outbox::{Leased, MESSAGES_AT_ONCE};
pub use outside::{AddressRow, LeasedCalendar, OutsideRow, OutsideTimes, Tried, Turn, Validators};
pub use participants::{AnswerRow, GuestRow, NewGuest};
pub use partners::PartnerRow;
pub use patients::PatientRow;
pub use quality::QualityRow;
pub use questions::{Asking, Made, QuestionList};
pub use quota::Share;
pub use reception::LinkRow;
pub use rooms::{OverbookingRow, RoomRow, SiteRow};
pub use subsidies::GrantRow;
pub use tries::Lease;
pub use visits::{PresentRow, Ticketed, VisitRow, VisitStanding};
pub use waiting::DelayRow;
pub use waitlist::{FreedRow, WaitlistRow};
pub use webhooks::WebhookRow;

/// How long a caller waits for a connection before it is told that the service is busy.
const WAIT: Duration = Duration::from_secs(3);

/// A pool of connections to one of the two engines.
#[derive(Clone, Debug)]
pub enum Store {
    /// One connection that writes, so that writers queue in order instead of starving each other,
    /// and several that read beside it.
    Sqlite {
        /// The only connection that writes; deeds that wait for it share a commit.
        writer: Writer,
        /// Connections that read.
        readers: SqlitePool,
    },
    /// The production engine.
    Postgres(PgPool),
}

/// A unit of work: every query is a method on it, and dropping it rolls everything back.
#[derive(Debug)]
pub enum Tx {
    /// On SQLite.
    Sqlite(Part<SqliteTx>),
    /// On PostgreSQL.
    Postgres(Part<Transaction<'static, Postgres>>),
}

/// Runs `$body` with `$db` bound to the connection of whichever engine is behind `$tx`.
macro_rules! on {
    ($tx:expr, |$db:ident| $body:expr) => {
        match $tx {
            $crate::store::Tx::Sqlite(tx) => {
                let $db = &mut **tx;
                $body
            }
            $crate::store::Tx::Postgres(tx) => {
                let $db = &mut **tx;
                $body
            }
        }
    };
}
use on;

/// Runs a statement and gives the number of rows that it changed.
macro_rules! run {
    ($tx:expr, $query:expr) => {
        $crate::store::on!($tx, |db| $query.execute(db).await?.rows_affected())
    };
}
use run;

/// Why storage could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The clinician's time is taken.
    #[error("the clinician's time is taken")]
    ClinicianOverlap,
    /// The patient has another visit at that time.
    #[error("the patient has another visit at that time")]
    PatientOverlap,
    /// The clinician has another visit in progress.
    #[error("the clinician has another visit in progress")]
    OneInProgress,
    /// Someone else changed it first.
    #[error("someone else changed it first")]
    Stale,
    /// This request was answered before; see [`once`].
    #[error("this request was answered before")]
    Repeated,
    /// A part of what a request did was rolled back, and the rest went on; see [`once`].
    #[error("a part of the request failed after another was done")]
    Torn,
    /// A value that cannot be stored: it came from outside and means nothing.
    #[error("a value that cannot be stored")]
    Unstorable,
    /// Something of that name exists already.
    #[error("something of that name exists already: {0}")]
    Exists(String),
    /// The database gave up one of two units of work that waited for each other; try again.
    #[error("two units of work waited for each other")]
    Retry(#[source] sqlx::Error),
    /// No connection was free in time, or the database does not answer.
    #[error("the database does not answer")]
    Unavailable(#[source] sqlx::Error),
    /// The schema of the database could not be brought up to date.
    #[error("the database schema could not be brought up to date")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// Rows of the database point to rows that are not there.
    #[error("rows of the database point to rows that are not there")]
    Orphans,
    /// The address of the database is not one.
    #[error("the database address {0} is neither sqlite: nor postgres:")]
    Address(String),
    /// Anything else.
    #[error(transparent)]
    Database(sqlx::Error),
}

/// What storage answers.
pub type Result<T> = std::result::Result<T, Error>;

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        if matches!(error, sqlx::Error::PoolTimedOut | sqlx::Error::Io(_) | sqlx::Error::PoolClosed)
        {
            return Self::Unavailable(error);
        }
        let Some(e) = error.as_database_error() else { return Self::Database(error) };
        // PostgreSQL names the constraint; the SQLite trigger raises the same name as its message.
        let is = |name: &str| e.constraint() == Some(name) || e.message() == name;
        if is("booking_clinician_overlap") {
            return Self::ClinicianOverlap;
        }
        if is("booking_room_overlap") || is("booking_seat") || is("booking_day_seat") {
            return Self::ClinicianOverlap;
        }
        if is("booking_patient_overlap") {
            return Self::PatientOverlap;
        }
        if is("booking_one_in_progress") {
            return Self::OneInProgress;
        }
        if e.is_unique_violation() {
            return Self::Exists(e.constraint().unwrap_or(e.message()).to_owned());
        }
        match e.code().as_deref() {
            // Serialization failure and deadlock of PostgreSQL; busy and its snapshot of SQLite.
            Some("40001" | "40P01" | "55P03" | "5" | "517") => Self::Retry(error),
            // A text with a NUL, or an instant outside of what PostgreSQL can keep.
            Some("22021" | "22007" | "22008") => Self::Unstorable,
            // The server is shutting down or starting; the disk is full.
            Some("57014" | "57P01" | "57P02" | "57P03" | "53100" | "13") => {
                Self::Unavailable(error)
            }
            _ => Self::Database(error),
        }
    }
}

/// Begins a transaction in a task of its own, which ends also when the caller has gone away: sqlx
/// 0.9 returns a connection whose `BEGIN` was sent, and whose answer nobody waited for, with the
/// transaction open in it, and the next to get it would go on in a stranger's.
async fn begin_whole(
    pool: &PgPool,
    sql: &'static str,
) -> sqlx::Result<Transaction<'static, Postgres>> {
    let pool = pool.clone();
    let begun = tokio::spawn(async move { pool.begin_with(sql).await });
    begun.await.unwrap_or(Err(sqlx::Error::PoolClosed))
}

/// How many migrations were applied to an SQLite file; none where there is no table of them yet.
async fn migrations(db: &mut SqliteConnection) -> i64 {
    let count = sqlx::query_scalar("SELECT count(*) FROM _sqlx_migrations");
    count.fetch_one(db).await.unwrap_or(0)
}

impl Store {
    /// Opens the database at `url`, `sqlite:` or `postgres:`, without touching its schema.
    pub async fn connect(url: &str) -> Result<Self> {
        if url.starts_with("sqlite:") {
            let options: SqliteConnectOptions = url.parse()?;
            let options = options
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                // NORMAL may lose the last commits when the power fails.
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(WAIT);
            let writer = Writer::connect(options.clone(), WAIT).await?;
            let pool = SqlitePoolOptions::new().acquire_timeout(WAIT);
            let readers = pool.max_connections(4).connect_lazy_with(options.read_only(true));
            Ok(Self::Sqlite { writer, readers })
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let options: PgConnectOptions = url.parse()?;
            let options = options.application_name("onshin").options([
                ("statement_timeout", "10s"),
                ("lock_timeout", "3s"),
                ("timezone", "UTC"),
            ]);
            let pool = PgPoolOptions::new().max_connections(24).acquire_timeout(WAIT);
            Ok(Self::Postgres(pool.connect_with(options).await?))
        } else {
            Err(Error::Address(url.split(':').next().unwrap_or_default().to_owned()))
        }
    }

    /// [`Store::connect`], and brings the schema up to date.
    pub async fn open(url: &str) -> Result<Self> {
        let store = Self::connect(url).await?;
        store.migrate().await?;
        Ok(store)
    }

    /// Brings the schema up to date.
    pub async fn migrate(&self) -> Result<()> {
        match self {
            Self::Sqlite { writer, .. } => {
                // A table that is made anew must not take its children along.
                let options = writer.options().clone().foreign_keys(false);
                let mut connection = SqliteConnection::connect_with(&options).await?;
                let before = migrations(&mut connection).await;
                sqlx::migrate!("migrations/sqlite").run(&mut connection).await?;
                // Looks at every row, so not at each start.
                if before != migrations(&mut connection).await {
                    let orphans = sqlx::query("PRAGMA foreign_key_check");
                    if !orphans.fetch_all(&mut connection).await?.is_empty() {
                        return Err(Error::Orphans);
                    }
                }
                connection.close().await?;
            }
            Self::Postgres(pool) => sqlx::migrate!("migrations/postgres").run(pool).await?,
        }
        self.plant().await
    }

    /// Puts in the built-in figures of the plan, where some are not there yet.
    async fn plant(&self) -> Result<()> {
        if self.read().await?.has_plan_figures().await? {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        tx.plant_plan_figures().await?;
        tx.commit_unaudited().await
    }

    /// Whether the database is the embedded one.
    pub fn is_embedded(&self) -> bool {
        matches!(self, Self::Sqlite { .. })
    }

    /// Begins a unit of work that only reads: a snapshot, beside which others may write.
    pub async fn read(&self) -> Result<Tx> {
        if let Some(tx) = once::current().and_then(|unit| unit.reading(self)) {
            return Ok(tx);
        }
        Ok(match self {
            Self::Sqlite { readers, .. } => {
                Tx::Sqlite(Part::Own(SqliteTx::Read(readers.begin().await?)))
            }
            Self::Postgres(pool) => {
                let sql = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
                Tx::Postgres(Part::Own(begin_whole(pool, sql).await?))
            }
        })
    }

    /// Begins a unit of work that may write. SQLite takes its write lock now rather than at the
    /// first write, so two writers queue instead of one of them failing half way; those that wait
    /// share a commit. There what it reads may be another's that is not durable yet: who answers
    /// "done" has committed.
    pub async fn begin(&self) -> Result<Tx> {
        match once::current() {
            Some(unit) => unit.begin(self, Length::Short).await,
            None => self.begin_own(Length::Short).await,
        }
    }

    /// [`Store::begin`] for what takes seconds: on SQLite nobody's commit waits for it, though all
    /// who write wait for its end.
    pub async fn begin_long(&self) -> Result<Tx> {
        match once::current() {
            Some(unit) => unit.begin(self, Length::Long).await,
            None => self.begin_own(Length::Long).await,
        }
    }

    /// Begins one that is not part of a request's unit.
    async fn begin_own(&self, length: Length) -> Result<Tx> {
        Ok(match self {
            Self::Sqlite { writer, .. } => {
                Tx::Sqlite(Part::Own(SqliteTx::Write(writer.begin(length).await?)))
            }
            Self::Postgres(pool) => Tx::Postgres(Part::Own(begin_whole(pool, "BEGIN").await?)),
        })
    }

    /// Closes all connections, and folds SQLite's log into its file.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }

    /// The settings on which durability rests, as the database reports them: for SQLite
    /// `synchronous` 2 (full), `journal_mode` wal, `foreign_keys` 1; for PostgreSQL `fsync`,
    /// `synchronous_commit` and `full_page_writes` on. The first that differs is an error.
    pub async fn durability(&self) -> Result<std::result::Result<(), String>> {
        let wanted: &[(&str, &str)] = match self {
            Self::Sqlite { .. } => &[
                ("SELECT CAST(synchronous AS TEXT) FROM pragma_synchronous", "2"),
                ("SELECT journal_mode FROM pragma_journal_mode", "wal"),
                ("SELECT CAST(foreign_keys AS TEXT) FROM pragma_foreign_keys", "1"),
            ],
            Self::Postgres(_) => &[
                ("SELECT current_setting('fsync')", "on"),
                ("SELECT current_setting('synchronous_commit')", "on"),
                ("SELECT current_setting('full_page_writes')", "on"),
            ],
        };
        let mut tx = self.begin().await?;
        for &(sql, wanted) in wanted {
            let found: String = on!(&mut tx, |db| sqlx::query_scalar(sql).fetch_one(db).await?);
            if found != wanted {
                return Ok(Err(format!("{sql}: {found} where {wanted} is needed")));
            }
        }
        Ok(Ok(()))
    }
}

/// What stands for a facility's hours among the locks; another than for the facility itself.
fn hours_key(facility: crate::model::FacilityId) -> uuid::Uuid {
    uuid::Uuid::from_u128(facility.0.as_u128() ^ 0x5ced)
}

impl Tx {
    /// Keeps everything, together with the entry that says who did it.
    pub async fn commit(mut self, entry: Entry) -> Result<()> {
        self.add_entry(&entry).await?;
        self.commit_unaudited().await
    }

    /// Keeps everything that is nobody's deed: leases, sessions seen, holds that ran out.
    pub async fn commit_unaudited(self) -> Result<()> {
        match self {
            Self::Sqlite(Part::Own(tx)) => tx.commit().await?,
            Self::Postgres(Part::Own(tx)) => tx.commit().await?,
            Self::Sqlite(Part::Lent(part)) => part.may_stay(),
            Self::Postgres(Part::Lent(part)) => part.may_stay(),
        }
        Ok(())
    }

    /// Makes other writers of `key` wait until this unit of work ends. SQLite has one writer
    /// anyway; on PostgreSQL an update cannot say `ON CONFLICT`, so two that move bookings of one
    /// clinician would otherwise wait for each other and one would be shot.
    pub async fn lock(&mut self, key: uuid::Uuid) -> Result<()> {
        if let Self::Postgres(tx) = self {
            let (high, low) = key.as_u64_pair();
            let sql = "SELECT pg_advisory_xact_lock($1)";
            sqlx::query(sql).bind((high ^ low).cast_signed()).execute(&mut **tx).await?;
        }
        Ok(())
    }

    /// Makes all wait who decide by the hours of a facility, or change them: this unit of work
    /// changes them.
    pub async fn change_hours(&mut self, facility: crate::model::FacilityId) -> Result<()> {
        self.lock(hours_key(facility)).await
    }

    /// Waits for who changes the hours of a facility, and makes the next of those wait: this unit
    /// of work decides by them, beside others that do.
    pub async fn rely_on_hours(&mut self, facility: crate::model::FacilityId) -> Result<()> {
        if let Self::Postgres(tx) = self {
            let (high, low) = hours_key(facility).as_u64_pair();
            let sql = "SELECT pg_advisory_xact_lock_shared($1)";
            sqlx::query(sql).bind((high ^ low).cast_signed()).execute(&mut **tx).await?;
        }
        Ok(())
    }
}
