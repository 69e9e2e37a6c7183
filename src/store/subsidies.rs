//! The subsidy programme. That it is granted once to each institution is an index of the schema.

use chrono::NaiveDate;
use sqlx::FromRow;

use super::{Error, Result, Tx, on, run};
use crate::model::GrantId;
use crate::model::subsidy::{Grant, Item, Paper, Status};
use crate::time::Instant;

#[derive(FromRow)]
struct Found {
    id: GrantId,
    code10: String,
    fiscal_year: i64,
    status: Status,
    applied_on: NaiveDate,
    decided_on: Option<NaiveDate>,
    reported_on: Option<NaiveDate>,
    paid_on: Option<NaiveDate>,
    requested_yen: i64,
    decided_yen: Option<i64>,
    spent_yen: Option<i64>,
    paid_yen: Option<i64>,
    reason: String,
    version: i64,
    name: String,
}

/// A grant with the name of its institution.
#[derive(Clone, Debug)]
pub struct GrantRow {
    /// The grant.
    pub grant: Grant,
    /// The institution's name.
    pub name: String,
}

impl TryFrom<Found> for GrantRow {
    type Error = Error;

    fn try_from(row: Found) -> Result<Self> {
        let grant = Grant {
            institution: super::register::code(&row.code10)?,
            id: row.id,
            fiscal_year: row.fiscal_year,
            status: row.status,
            applied_on: row.applied_on,
            decided_on: row.decided_on,
            reported_on: row.reported_on,
            paid_on: row.paid_on,
            requested_yen: row.requested_yen,
            decided_yen: row.decided_yen,
            spent_yen: row.spent_yen,
            paid_yen: row.paid_yen,
            reason: row.reason,
            version: row.version,
        };
        Ok(Self { grant, name: row.name })
    }
}

macro_rules! grants {
    () => {
        "SELECT g.id, g.code10, fiscal_year, status, applied_on, decided_on, reported_on, paid_on,
            requested_yen, decided_yen, spent_yen, paid_yen, reason, version, i.name
         FROM subsidy_grant AS g JOIN institution AS i ON i.code10 = g.code10"
    };
}

impl Tx {
    /// The grants of a fiscal year or of all years, the newest first.
    pub async fn grants(&mut self, fiscal_year: Option<i64>) -> Result<Vec<GrantRow>> {
        let sql = concat!(
            grants!(),
            " WHERE CAST($1 AS bigint) IS NULL OR fiscal_year = $1
              ORDER BY applied_on DESC, g.id DESC LIMIT 2000"
        );
        let rows: Vec<Found> =
            on!(self, |db| sqlx::query_as(sql).bind(fiscal_year).fetch_all(db).await?);
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// One grant.
    pub async fn grant(&mut self, id: GrantId) -> Result<Option<GrantRow>> {
        let sql = concat!(grants!(), " WHERE g.id = $1");
        let row: Option<Found> =
            on!(self, |db| sqlx::query_as(sql).bind(id).fetch_optional(db).await?);
        row.map(TryInto::try_into).transpose()
    }

    /// What a grant is for, in its order.
    pub async fn grant_items(&mut self, id: GrantId) -> Result<Vec<Item>> {
        let sql = "SELECT kind, name, quantity, yen FROM subsidy_item WHERE grant_id = $1
            ORDER BY position";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(id).fetch_all(db).await?))
    }

    /// The papers of its report, in their order.
    pub async fn grant_papers(&mut self, id: GrantId) -> Result<Vec<Paper>> {
        let sql = "SELECT kind, name FROM subsidy_paper WHERE grant_id = $1 ORDER BY position";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(id).fetch_all(db).await?))
    }

    /// Adds an application.
    pub async fn add_grant(&mut self, grant: &Grant, items: &[Item], now: Instant) -> Result<()> {
        let sql = "INSERT INTO subsidy_grant (id, code10, fiscal_year, status, applied_on,
                requested_yen, reason, version, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        run!(
            &mut *self,
            sqlx::query(sql)
                .bind(grant.id)
                .bind(grant.institution.as_str())
                .bind(grant.fiscal_year)
                .bind(grant.status)
                .bind(grant.applied_on)
                .bind(grant.requested_yen)
                .bind(&grant.reason)
                .bind(grant.version)
                .bind(now)
        );
        for (position, item) in (0_i64..).zip(items) {
            let sql = "INSERT INTO subsidy_item (grant_id, position, kind, name, quantity, yen)
                VALUES ($1, $2, $3, $4, $5, $6)";
            run!(
                &mut *self,
                sqlx::query(sql)
                    .bind(grant.id)
                    .bind(position)
                    .bind(item.kind)
                    .bind(&item.name)
                    .bind(item.quantity)
                    .bind(item.yen)
            );
        }
        Ok(())
    }

    /// Keeps a grant after a step, if it still stands at the version before.
    pub async fn put_grant(&mut self, grant: &Grant, papers: &[Paper]) -> Result<()> {
        let sql = "UPDATE subsidy_grant SET status = $3, decided_on = $4, reported_on = $5,
                paid_on = $6, decided_yen = $7, spent_yen = $8, paid_yen = $9, reason = $10,
                version = $2
            WHERE id = $1 AND version = $2 - 1";
        let changed = run!(
            &mut *self,
            sqlx::query(sql)
                .bind(grant.id)
                .bind(grant.version)
                .bind(grant.status)
                .bind(grant.decided_on)
                .bind(grant.reported_on)
                .bind(grant.paid_on)
                .bind(grant.decided_yen)
                .bind(grant.spent_yen)
                .bind(grant.paid_yen)
                .bind(&grant.reason)
        );
        if changed != 1 {
            return Err(Error::Stale);
        }
        for (position, paper) in (0_i64..).zip(papers) {
            let sql = "INSERT INTO subsidy_paper (grant_id, position, kind, name)
                VALUES ($1, $2, $3, $4)";
            run!(
                &mut *self,
                sqlx::query(sql).bind(grant.id).bind(position).bind(paper.kind).bind(&paper.name)
            );
        }
        Ok(())
    }
}
