//! Counts that others published, and what the rows of the register say of the same days.

use chrono::NaiveDate;
use sqlx::FromRow;

use super::indicators::period;
use super::{Error, Result, Tx, on, run};
use crate::model::PublishedId;
use crate::model::indicator::{Origin, Published, PublishedCount};
use crate::model::person::Actor;
use crate::model::register::Criterion;
use crate::time::Instant;

#[derive(FromRow)]
struct Found {
    id: PublishedId,
    prefecture_code: String,
    criterion: String,
    period: String,
    year_end: bool,
    facilities: i64,
    source: String,
    origin: Origin,
    explanation: Option<String>,
}

impl TryFrom<Found> for Published {
    type Error = Error;

    fn try_from(row: Found) -> Result<Self> {
        let criterion = row.criterion.parse().map_err(|_| {
            let source = format!("not a criterion: {}", row.criterion).into();
            Error::Database(sqlx::Error::ColumnDecode { index: "criterion".to_owned(), source })
        })?;
        let count = PublishedCount {
            prefecture: row.prefecture_code,
            criterion,
            period: period(&row.period)?,
            year_end: row.year_end,
            facilities: row.facilities,
            source: row.source,
        };
        Ok(Self { id: row.id, count, origin: row.origin, explanation: row.explanation })
    }
}

impl Tx {
    /// The published counts that are known, in order of prefecture and time.
    pub async fn published_counts(&mut self) -> Result<Vec<Published>> {
        let sql = "SELECT id, prefecture_code, criterion, period, year_end, facilities, source,
                origin, explanation
            FROM published_count WHERE superseded_at IS NULL
            ORDER BY prefecture_code, period, criterion, id";
        let rows: Vec<Found> = on!(self, |db| sqlx::query_as(sql).fetch_all(db).await?);
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Supersedes the count of the same prefecture, criterion, time and source, if there is one.
    pub async fn supersede_published(
        &mut self,
        count: &PublishedCount,
        now: Instant,
    ) -> Result<bool> {
        let sql = "UPDATE published_count SET superseded_at = $5
            WHERE prefecture_code = $1 AND criterion = $2 AND period = $3 AND source = $4
              AND superseded_at IS NULL";
        let changed = run!(
            self,
            sqlx::query(sql)
                .bind(&count.prefecture)
                .bind(count.criterion.code())
                .bind(count.period.to_string())
                .bind(&count.source)
                .bind(now)
        );
        Ok(changed > 0)
    }

    /// Adds a count, recorded by an account at an instant. A built-in one that is there stays.
    pub async fn add_published(
        &mut self,
        id: PublishedId,
        count: &PublishedCount,
        origin: Origin,
        recorded: Option<(&Actor, Instant)>,
    ) -> Result<()> {
        let sql = "INSERT INTO published_count (id, prefecture_code, criterion, period, year_end,
                facilities, source, origin, recorded_by, recorded_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING";
        let by = recorded.and_then(|(actor, _)| actor.account()).map(|account| account.id);
        run!(
            self,
            sqlx::query(sql)
                .bind(id)
                .bind(&count.prefecture)
                .bind(count.criterion.code())
                .bind(count.period.to_string())
                .bind(count.year_end)
                .bind(count.facilities)
                .bind(&count.source)
                .bind(origin)
                .bind(by)
                .bind(recorded.map(|(_, at)| at))
        );
        Ok(())
    }

    /// Says why a count differs from the rows, or takes the reason back; false where there is no
    /// such count.
    pub async fn explain_published(
        &mut self,
        id: PublishedId,
        explanation: Option<&str>,
        (actor, now): (&Actor, Instant),
    ) -> Result<bool> {
        let sql = "UPDATE published_count
            SET explanation = $2, explained_by = $3, explained_at = $4
            WHERE id = $1 AND superseded_at IS NULL";
        let by = explanation.and(actor.account()).map(|account| account.id);
        let changed = run!(
            self,
            sqlx::query(sql).bind(id).bind(explanation).bind(by).bind(explanation.map(|_| now))
        );
        Ok(changed == 1)
    }

    /// The day of the first list of a prefecture.
    pub async fn first_list(&mut self, prefecture: &str) -> Result<Option<NaiveDate>> {
        let sql = "SELECT min(as_of) FROM bureau_import
            WHERE prefecture_code = $1 AND undone_at IS NULL";
        Ok(on!(self, |db| sqlx::query_scalar(sql).bind(prefecture).fetch_one(db).await?))
    }

    /// The day of a prefecture's last list of `day` or before.
    pub async fn last_list_by(
        &mut self,
        prefecture: &str,
        day: NaiveDate,
    ) -> Result<Option<NaiveDate>> {
        let sql = "SELECT max(as_of) FROM bureau_import
            WHERE prefecture_code = $1 AND as_of <= $2 AND undone_at IS NULL";
        Ok(on!(self, |db| {
            sqlx::query_scalar(sql).bind(prefecture).bind(day).fetch_one(db).await?
        }))
    }

    /// How many institutions of a prefecture held a criterion on a day by the rows of `source` that
    /// are known now. Where the start is unknown, the day of the list that showed it stands. Of a
    /// bureau's lists this is a count from the first of them on; before it, only those are known who
    /// have held it since.
    pub async fn begun_by(
        &mut self,
        prefecture: &str,
        criterion: Criterion,
        day: NaiveDate,
        source: &str,
    ) -> Result<i64> {
        let sql = "SELECT count(DISTINCT n.code10)
            FROM notification AS n JOIN institution AS i ON i.code10 = n.code10
                LEFT JOIN bureau_import AS b ON b.id = n.import_id
            WHERE i.prefecture_code = $1 AND n.criterion = $2 AND n.source = $4
                AND n.superseded_at IS NULL AND coalesce(n.effective_from, n.lapsed_after, b.as_of) <= $3
                AND (n.lapsed_on IS NULL OR n.lapsed_on > $3)";
        Ok(on!(self, |db| {
            sqlx::query_scalar(sql)
                .bind(prefecture)
                .bind(criterion.code())
                .bind(day)
                .bind(source)
                .fetch_one(db)
                .await?
        }))
    }
}
