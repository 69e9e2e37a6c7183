//! The yearly self-check of a clinic's criterion (F-04).

use chrono::NaiveDate;
use sqlx::FromRow;

use crate::model::filing::Check;
use crate::model::{AccountId, FacilityId};
use crate::store::{Result, Tx, on, run};
use crate::time::Instant;

/// A self-check that is done.
#[derive(Clone, Debug, FromRow)]
pub struct SelfChecked {
    /// Of which year: as of its 1 August.
    pub year: i64,
    /// How many demands do not hold.
    pub unmet: i64,
    /// When it was done.
    pub at: Instant,
}

impl Tx {
    /// The self-checks that are done, the newest first.
    pub async fn self_checks(&mut self, facility: FacilityId) -> Result<Vec<SelfChecked>> {
        let sql = "SELECT year, unmet, at FROM self_check_done WHERE facility_id = $1
            ORDER BY year DESC";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(facility).fetch_all(db).await?))
    }

    /// What was found in a year's self-check.
    pub async fn self_check(&mut self, facility: FacilityId, year: i64) -> Result<Vec<Check>> {
        let sql = "SELECT item, met, evidence, url, checked_on, snapshot_on
            FROM self_check WHERE facility_id = $1 AND year = $2 ORDER BY item";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(facility).bind(year).fetch_all(db).await?))
    }

    /// Keeps a whole self-check; fails with [`Exists`](crate::store::Error::Exists) where that year's is
    /// done.
    pub async fn add_self_check(
        &mut self,
        facility: FacilityId,
        year: i64,
        checks: &[Check],
        by: AccountId,
        now: Instant,
    ) -> Result<()> {
        let unmet = checks.iter().filter(|check| !check.met).count();
        let sql = "INSERT INTO self_check_done (facility_id, year, unmet, account_id, at)
            VALUES ($1, $2, $3, $4, $5)";
        let unmet = i64::try_from(unmet).unwrap_or(i64::MAX);
        run!(&mut *self, sqlx::query(sql).bind(facility).bind(year).bind(unmet).bind(by).bind(now));
        let sql = "INSERT INTO self_check (facility_id, year, item, met, evidence, url, checked_on,
                snapshot_on, account_id, at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        for check in checks {
            run!(
                &mut *self,
                sqlx::query(sql)
                    .bind(facility)
                    .bind(year)
                    .bind(&check.item)
                    .bind(check.met)
                    .bind(&check.evidence)
                    .bind(&check.url)
                    .bind(check.checked_on)
                    .bind(check.snapshot_on)
                    .bind(by)
                    .bind(now)
            );
        }
        Ok(())
    }
}

/// How a clinic's self-check of a year stands.
#[derive(Clone, Debug, FromRow)]
#[expect(missing_docs, reason = "columns, named as in the schema")]
pub struct SelfCheckedBy {
    pub facility_id: FacilityId,
    pub name: String,
    /// How many demands do not hold; nothing where it is not done.
    pub unmet: Option<i64>,
    pub at: Option<Instant>,
}

impl Tx {
    /// The clinics whose criterion is in effect on `august`, with that year's self-check.
    pub async fn self_checks_of_all(
        &mut self,
        year: i64,
        august: NaiveDate,
    ) -> Result<Vec<SelfCheckedBy>> {
        let sql = "SELECT facility.id AS facility_id, facility.name, d.unmet, d.at
            FROM facility LEFT JOIN self_check_done AS d
                ON d.facility_id = facility.id AND d.year = $1
            WHERE EXISTS (SELECT 1 FROM notification AS n WHERE n.code10 = facility.code10
                AND n.criterion = 'ict_care' AND n.superseded_at IS NULL
                AND n.effective_from <= $2 AND (n.lapsed_on IS NULL OR n.lapsed_on > $2))
            ORDER BY facility.id LIMIT 2000";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(year).bind(august).fetch_all(db).await?))
    }
}
