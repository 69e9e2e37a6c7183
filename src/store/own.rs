//! Counts of the service's own visits, as the last whole check left them.

use super::{Result, Tx, on, run};
use crate::model::FacilityId;
use crate::model::own::Count;

impl Tx {
    /// Replaces all counts.
    pub async fn put_own_counts(&mut self, counts: &[Count]) -> Result<()> {
        let sql = "DELETE FROM own_month";
        run!(&mut *self, sqlx::query(sql));
        let sql = "INSERT INTO own_month (place, period, measure, visits, patients, shown)
            VALUES ($1, $2, $3, $4, $5, $6)";
        for count in counts {
            run!(
                &mut *self,
                sqlx::query(sql)
                    .bind(&count.place)
                    .bind(&count.period)
                    .bind(count.measure)
                    .bind(count.visits)
                    .bind(count.patients)
                    .bind(count.shown)
            );
        }
        Ok(())
    }

    /// The counts of a year, `2026`: of the year and of its months.
    pub async fn own_counts(&mut self, year: &str) -> Result<Vec<Count>> {
        let sql = "SELECT place, period, measure, visits, patients, shown FROM own_month
            WHERE substr(period, 1, 4) = $1 ORDER BY place, period, measure";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(year).fetch_all(db).await?))
    }

    /// The years of which there are counts.
    pub async fn own_years(&mut self) -> Result<Vec<String>> {
        let sql = "SELECT DISTINCT period FROM own_month WHERE length(period) = 4 ORDER BY period";
        Ok(on!(self, |db| sqlx::query_scalar(sql).fetch_all(db).await?))
    }

    /// Of each facility its municipality and its zone.
    pub async fn facility_zones(&mut self) -> Result<Vec<(FacilityId, String, String)>> {
        let sql = "SELECT id, municipality_code, zone FROM facility";
        Ok(on!(self, |db| sqlx::query_as(sql).fetch_all(db).await?))
    }
}
