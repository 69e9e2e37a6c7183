//! Indicators of the plan and their values: what was known is superseded and never changed.

use sqlx::FromRow;

use super::{Error, Result, Tx, on, run};
use crate::format::seeds::plan;
use crate::model::indicator::{Entered, Figure, Indicator, Origin, Period};
use crate::model::person::Actor;
use crate::model::{FigureId, PublishedId};
use crate::time::Instant;

#[derive(FromRow)]
struct Found {
    id: FigureId,
    indicator_key: String,
    period: String,
    projection: bool,
    thousandths: i64,
    numerator: Option<i64>,
    denominator: Option<i64>,
    source: String,
    origin: Origin,
    recorded_at: Option<Instant>,
}

/// The period of a column.
pub(super) fn period(text: &str) -> Result<Period> {
    text.parse().map_err(|()| {
        let source = format!("not a period: {text}").into();
        Error::Database(sqlx::Error::ColumnDecode { index: "period".to_owned(), source })
    })
}

impl TryFrom<Found> for Figure {
    type Error = Error;

    fn try_from(row: Found) -> Result<Self> {
        let entered = Entered {
            period: period(&row.period)?,
            key: row.indicator_key,
            projection: row.projection,
            thousandths: row.thousandths,
            fraction: row.numerator.zip(row.denominator),
            source: row.source,
        };
        Ok(Self { id: row.id, entered, origin: row.origin, recorded_at: row.recorded_at })
    }
}

impl Tx {
    /// Whether the built-in figures are there, every one as often as the seeds have it.
    pub(super) async fn has_plan_figures(&mut self) -> Result<bool> {
        let sql = "SELECT (SELECT count(*) FROM indicator),
            (SELECT count(*) FROM indicator_value WHERE origin = 'seed'),
            (SELECT count(*) FROM published_count WHERE origin = 'seed')";
        let found: (i64, i64, i64) = on!(self, |db| sqlx::query_as(sql).fetch_one(db).await?);
        let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let wanted = (
            count(plan::indicators().len()),
            count(plan::indicator_values().len()),
            count(plan::published_counts().len()),
        );
        Ok(found.0 >= wanted.0 && found.1 >= wanted.1 && found.2 >= wanted.2)
    }

    /// Puts in the built-in figures that are not there. Those that somebody corrected stay so.
    pub(super) async fn plant_plan_figures(&mut self) -> Result<()> {
        for (position, one) in (0_i64..).zip(plan::indicators()) {
            let sql = "INSERT INTO indicator (key, topic, unit, goal, title_ja, title_en, position)
                VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
            run!(
                &mut *self,
                sqlx::query(sql)
                    .bind(&one.key)
                    .bind(one.topic)
                    .bind(one.unit)
                    .bind(one.goal)
                    .bind(&one.title_ja)
                    .bind(&one.title_en)
                    .bind(position)
            );
        }
        for value in plan::indicator_values() {
            let name = format!("{} {} {}", value.key, value.period, value.source);
            let id = FigureId(seed_id(&name));
            self.add_figure(id, value, Origin::Seed, None).await?;
        }
        for count in plan::published_counts() {
            let name = format!("{} {} {}", count.criterion.code(), count.period, count.source);
            let id = PublishedId(seed_id(&name));
            self.add_published(id, &count, Origin::Seed, None).await?;
        }
        Ok(())
    }

    /// The indicators, in the order in which they are shown.
    pub async fn indicators(&mut self) -> Result<Vec<Indicator>> {
        let sql = "SELECT key, topic, unit, goal, title_ja, title_en FROM indicator
            ORDER BY position";
        Ok(on!(self, |db| sqlx::query_as(sql).fetch_all(db).await?))
    }

    /// The values that are known, in order of time.
    pub async fn figures(&mut self) -> Result<Vec<Figure>> {
        let sql = "SELECT id, indicator_key, period, projection, thousandths, numerator,
                denominator, source, origin, recorded_at
            FROM indicator_value WHERE superseded_at IS NULL ORDER BY period, id";
        let rows: Vec<Found> = on!(self, |db| sqlx::query_as(sql).fetch_all(db).await?);
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Supersedes the value of the same indicator, time and source, if there is one.
    pub async fn supersede_figure(&mut self, value: &Entered, now: Instant) -> Result<bool> {
        let sql = "UPDATE indicator_value SET superseded_at = $4
            WHERE indicator_key = $1 AND period = $2 AND source = $3 AND superseded_at IS NULL";
        let changed = run!(
            self,
            sqlx::query(sql)
                .bind(&value.key)
                .bind(value.period.to_string())
                .bind(&value.source)
                .bind(now)
        );
        Ok(changed > 0)
    }

    /// Supersedes a value by its id; false where it is not known any more.
    pub async fn retract_figure(&mut self, id: FigureId, now: Instant) -> Result<bool> {
        let sql = "UPDATE indicator_value SET superseded_at = $2
            WHERE id = $1 AND superseded_at IS NULL";
        Ok(run!(self, sqlx::query(sql).bind(id).bind(now)) == 1)
    }

    /// Adds a value, recorded by an account at an instant. A built-in one that is there stays.
    pub async fn add_figure(
        &mut self,
        id: FigureId,
        value: &Entered,
        origin: Origin,
        recorded: Option<(&Actor, Instant)>,
    ) -> Result<()> {
        let sql = "INSERT INTO indicator_value (id, indicator_key, period, projection, thousandths,
                numerator, denominator, source, origin, recorded_by, recorded_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING";
        let by = recorded.and_then(|(actor, _)| actor.account()).map(|account| account.id);
        run!(
            self,
            sqlx::query(sql)
                .bind(id)
                .bind(&value.key)
                .bind(value.period.to_string())
                .bind(value.projection)
                .bind(value.thousandths)
                .bind(value.fraction.map(|fraction| fraction.0))
                .bind(value.fraction.map(|fraction| fraction.1))
                .bind(&value.source)
                .bind(origin)
                .bind(by)
                .bind(recorded.map(|(_, at)| at))
        );
        Ok(())
    }
}

/// An id that is the same for the same built-in figure, at each start.
fn seed_id(name: &str) -> uuid::Uuid {
    uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, format!("onshin plan {name}").as_bytes())
}
