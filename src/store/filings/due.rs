//! Who must notify online care to the governor and has not yet (医療法 M-03).

use chrono::NaiveDate;
use sqlx::FromRow;

use crate::store::{Result, Tx, on};

/// An institution that gave online care on the law's first day and has not notified it.
#[derive(Clone, Debug, FromRow)]
#[expect(missing_docs, reason = "columns, named as in the schema")]
pub struct DueRow {
    pub code10: String,
    pub name: String,
    pub municipality_code: Option<String>,
    pub effective_from: Option<NaiveDate>,
    /// Where its notification stands, if it began one.
    pub state: Option<crate::model::filing::FilingState>,
}

/// A part of those institutions, and how many there are in all.
#[derive(Clone, Debug)]
pub struct DuePage {
    /// How many gave online care on the law's first day, and still do.
    pub bound: i64,
    /// How many of them have handed a notification in.
    pub notified: i64,
    /// Some of the others, in order of their codes.
    pub rows: Vec<DueRow>,
}

/// Institutions whose care by ICT devices was in effect on `$1`, and is on `$2`, of a prefecture.
macro_rules! bound {
    () => {
        "FROM institution AS i JOIN notification AS n ON n.code10 = i.code10
            AND n.criterion = 'ict_care' AND n.superseded_at IS NULL
            AND (n.effective_from IS NULL OR n.effective_from <= $1)
            AND (n.lapsed_on IS NULL OR n.lapsed_on > $1)
            AND EXISTS (SELECT 1 FROM notification AS still WHERE still.code10 = i.code10
                AND still.criterion = 'ict_care' AND still.superseded_at IS NULL
                AND (still.effective_from IS NULL OR still.effective_from <= $2)
                AND (still.lapsed_on IS NULL OR still.lapsed_on > $2))
            LEFT JOIN filing AS f ON f.code10 = i.code10 AND f.kind = 'online_care'
                AND f.state NOT IN ('changed', 'withdrawn', 'revoked')
         WHERE ($3 IS NULL OR i.prefecture_code = $3) "
    };
}

impl Tx {
    /// Who must notify online care and has not, after the institution `after`.
    pub async fn due_filings(
        &mut self,
        law: NaiveDate,
        today: NaiveDate,
        prefecture: Option<&str>,
        after: &str,
        limit: i64,
    ) -> Result<DuePage> {
        let sql = concat!("SELECT count(DISTINCT i.code10) ", bound!());
        let bound: i64 = on!(&mut *self, |db| {
            let query = sqlx::query_scalar(sql).bind(law).bind(today).bind(prefecture);
            query.fetch_one(db).await?
        });
        let sql = concat!(
            "SELECT count(DISTINCT i.code10) ",
            bound!(),
            "AND f.state IN ('submitted', 'resubmitted', 'accepted', 'in_effect')"
        );
        let notified: i64 = on!(&mut *self, |db| {
            let query = sqlx::query_scalar(sql).bind(law).bind(today).bind(prefecture);
            query.fetch_one(db).await?
        });
        let sql = concat!(
            "SELECT i.code10, MIN(i.name) AS name, MIN(i.municipality_code) AS municipality_code,
                MIN(n.effective_from) AS effective_from, MIN(f.state) AS state ",
            bound!(),
            "AND i.code10 > $4
             GROUP BY i.code10
             HAVING COUNT(CASE WHEN f.state IN ('submitted', 'resubmitted', 'accepted',
                'in_effect') THEN 1 END) = 0
             ORDER BY i.code10 LIMIT $5"
        );
        let rows = on!(self, |db| {
            let query = sqlx::query_as(sql).bind(law).bind(today).bind(prefecture);
            query.bind(after).bind(limit).fetch_all(db).await?
        });
        Ok(DuePage { bound, notified, rows })
    }
}
