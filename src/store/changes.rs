//! What others have committed meanwhile: how a server that keeps rules and free times in memory
//! learns which of them are old.

use super::{Result, Store, Tx, on};
use crate::model::FacilityId;

/// Which facilities changed since a reading before.
///
/// Changes are numbered by the database in an order in which readers see them: the transaction's
/// number on PostgreSQL, a counter on SQLite, which has one writer. No clock is asked, so servers
/// whose clocks differ and transactions that last long hide nothing.
#[derive(Debug, Default)]
pub struct Changes {
    /// From where to read the next time.
    pub next: i64,
    /// Facilities whose rules changed, with the version that these have now.
    pub rules: Vec<(FacilityId, i64)>,
    /// Facilities one of whose bookings changed, and the number of the change. While another unit
    /// of work lasts, the same change is told again.
    pub bookings: Vec<(FacilityId, i64)>,
}

const SQL: &str = "SELECT change_horizon.low, changed.id, changed.changed_in, changed.rules_version
    FROM change_horizon LEFT JOIN (
        SELECT facility_id AS id, CAST(NULL AS bigint) AS rules_version, changed_in
        FROM booking WHERE changed_in >= $1
        UNION ALL SELECT id, rules_version, changed_in FROM facility WHERE changed_in >= $1
    ) AS changed ON changed.changed_in < change_horizon.high";

/// The same for who knows nothing yet: all rules, and no booking, for what is not known cannot be
/// old. Bookings that are being written meanwhile are told by the next reading.
const FIRST: &str =
    "SELECT change_horizon.low, facility.id, facility.changed_in, facility.rules_version
    FROM change_horizon LEFT JOIN facility
        ON facility.changed_in >= $1 AND facility.changed_in < change_horizon.high";

/// What to ask, and since when.
fn asked(since: Option<i64>) -> (&'static str, i64) {
    since.map_or((FIRST, 0), |since| (SQL, since))
}

type Row = (i64, Option<FacilityId>, Option<i64>, Option<i64>);

impl Changes {
    fn of(rows: Vec<Row>, since: i64) -> Self {
        // There is always one row.
        let next = rows.first().map_or(since, |(low, ..)| *low);
        let mut changes = Self { next, ..Self::default() };
        for (_, id, change, version) in rows {
            match (id.zip(change), version) {
                (Some(change), None) => changes.bookings.push(change),
                (Some((id, _)), Some(version)) => changes.rules.push((id, version)),
                (None, _) => {}
            }
        }
        changes
    }
}

impl Store {
    /// What changed since `since`, as [`Changes::next`] of the reading before gave it, if there was
    /// one: one statement and nothing around it.
    pub async fn changes(&self, since: Option<i64>) -> Result<Changes> {
        let (sql, since) = asked(since);
        let rows: Vec<Row> = match self {
            Self::Sqlite { readers, .. } => {
                sqlx::query_as(sql).bind(since).fetch_all(readers).await?
            }
            Self::Postgres(pool) => sqlx::query_as(sql).bind(since).fetch_all(pool).await?,
        };
        Ok(Changes::of(rows, since))
    }
}

impl Tx {
    /// The same within a unit of work that only reads.
    pub async fn changes(&mut self, since: Option<i64>) -> Result<Changes> {
        let (sql, since) = asked(since);
        let rows: Vec<Row> = on!(self, |db| sqlx::query_as(sql).bind(since).fetch_all(db).await?);
        Ok(Changes::of(rows, since))
    }
}
