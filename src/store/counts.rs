//! What counting reads of the register.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::{Result, Tx, on};
use crate::engine::counts::Row;
use crate::model::register::{Criterion, Size};

/// Prefecture, municipality, beds, the accepted institution's code again, since when.
type Found = (String, Option<String>, Option<i64>, Option<String>, Option<NaiveDate>);

impl Tx {
    /// The day of each prefecture's last list.
    pub async fn list_days(&mut self) -> Result<HashMap<String, NaiveDate>> {
        let sql = "SELECT prefecture_code, max(as_of) FROM bureau_import GROUP BY prefecture_code";
        let rows: Vec<(String, NaiveDate)> =
            on!(self, |db| sqlx::query_as(sql).fetch_all(db).await?);
        Ok(rows.into_iter().collect())
    }

    /// The institutions of the last lists, of one prefecture or of all, each with whether it is
    /// accepted under `criterion`.
    pub async fn counted(
        &mut self,
        prefecture: Option<&str>,
        criterion: Criterion,
    ) -> Result<Vec<Row>> {
        let sql =
            "SELECT i.prefecture_code, i.municipality_code, i.beds, n.code10, n.effective_from
            FROM institution AS i LEFT JOIN notification AS n
                ON n.code10 = i.code10 AND n.criterion = $2 AND n.superseded_at IS NULL
                AND n.lapsed_on IS NULL
            WHERE ($1 IS NULL OR i.prefecture_code = $1) AND i.source = 'bureau'
              AND i.gone_on IS NULL";
        let rows: Vec<Found> = on!(self, |db| {
            sqlx::query_as(sql).bind(prefecture).bind(criterion.code()).fetch_all(db).await?
        });
        let row = |(prefecture, municipality, beds, accepted, start): Found| Row {
            prefecture,
            municipality,
            size: Size::of(beds.and_then(|beds| u32::try_from(beds).ok())),
            accepted: accepted.is_some(),
            start,
        };
        Ok(rows.into_iter().map(row).collect())
    }
}
