//! How institutions were from one list to the next, and which of them probably became another.

use std::collections::HashSet;

use chrono::NaiveDate;
use sqlx::AssertSqlSafe;

use super::super::{Result, Tx, on, run};
use super::rows::ROWS;
use crate::engine::import::Diff;
use crate::model::register::{Code10, Institution};
use crate::model::{ImportId, new_id};
use crate::time::Instant;

impl Tx {
    /// Keeps how institutions are from `day` on.
    pub(super) async fn add_states(
        &mut self,
        all: &[&Institution],
        day: NaiveDate,
        import: ImportId,
        now: Instant,
    ) -> Result<()> {
        for chunk in all.chunks(ROWS) {
            let sql = format!(
                "INSERT INTO institution_state (id, code10, valid_from, name, postal_code, address,
                    municipality_code, beds, size, filed, import_id, recorded_at)
                VALUES {}",
                self.places(chunk.len(), 12)
            );
            on!(&mut *self, |db| {
                let mut query = sqlx::query(AssertSqlSafe(sql));
                for i in chunk {
                    query = query
                        .bind(new_id())
                        .bind(i.code.as_str())
                        .bind(day)
                        .bind(&i.name)
                        .bind(&i.postal_code)
                        .bind(&i.address)
                        .bind(&i.municipality)
                        .bind(i.beds.map(i64::from))
                        .bind(i.size.code())
                        .bind(i.filed)
                        .bind(import)
                        .bind(now);
                }
                query.execute(db).await?.rows_affected()
            });
        }
        Ok(())
    }

    /// An institution is otherwise, or no more, from `day` on: the open state is superseded, and
    /// recorded anew with its end. One that began on that same day was never so.
    pub(super) async fn end_state(
        &mut self,
        code: Code10,
        day: NaiveDate,
        import: ImportId,
        now: Instant,
    ) -> Result<()> {
        let sql = "UPDATE institution_state SET superseded_at = $2, superseded_import_id = $3
                   WHERE code10 = $1 AND superseded_at IS NULL AND valid_until IS NULL";
        run!(&mut *self, sqlx::query(sql).bind(code.as_str()).bind(now).bind(import));
        let sql = "INSERT INTO institution_state (id, code10, valid_from, valid_until, name,
                postal_code, address, municipality_code, beds, size, filed, import_id, recorded_at)
            SELECT $1, code10, valid_from, $2, name, postal_code, address, municipality_code,
                beds, size, filed, $3, $4
            FROM institution_state
            WHERE code10 = $5 AND superseded_import_id = $3 AND valid_until IS NULL
              AND valid_from < $2";
        run!(
            self,
            sqlx::query(sql).bind(new_id()).bind(day).bind(import).bind(now).bind(code.as_str())
        );
        Ok(())
    }

    /// Keeps what stands in the place of institutions that are new to the lists: a demo's, a
    /// filing's, or what is left of one that was gone. An undo puts it back.
    pub(super) async fn keep_replaced(
        &mut self,
        prefecture: &str,
        new: &[Institution],
        import: ImportId,
    ) -> Result<()> {
        let sql = "SELECT code10 FROM institution
                   WHERE prefecture_code = $1 AND (source <> 'bureau' OR gone_on IS NOT NULL)";
        let others: Vec<String> =
            on!(&mut *self, |db| sqlx::query_scalar(sql).bind(prefecture).fetch_all(db).await?);
        let others: HashSet<&str> = others.iter().map(String::as_str).collect();
        for institution in new.iter().filter(|new| others.contains(new.code.as_str())) {
            let sql = "INSERT INTO import_replaced (import_id, code10, name, postal_code, address,
                    municipality_code, beds, size, filed, source, gone_on)
                SELECT $1, code10, name, postal_code, address, municipality_code, beds, size,
                    filed, source, gone_on
                FROM institution WHERE code10 = $2";
            run!(&mut *self, sqlx::query(sql).bind(import).bind(institution.code.as_str()));
        }
        Ok(())
    }

    /// Keeps which institutions probably became which.
    pub(super) async fn add_redesignations(
        &mut self,
        diff: &Diff,
        import: ImportId,
        now: Instant,
    ) -> Result<()> {
        for pair in &diff.redesignations {
            let sql = "INSERT INTO redesignation
                    (id, import_id, old_code10, new_code10, address, recorded_at)
                VALUES ($1, $2, $3, $4, $5, $6)";
            run!(
                &mut *self,
                sqlx::query(sql)
                    .bind(new_id())
                    .bind(import)
                    .bind(pair.old.as_str())
                    .bind(pair.new.as_str())
                    .bind(&pair.address)
                    .bind(now)
            );
        }
        Ok(())
    }
}
