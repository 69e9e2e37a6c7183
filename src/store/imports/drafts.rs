//! Lists that were read and wait for somebody's word: what each would change, row by row.

use chrono::NaiveDate;
use sqlx::{AssertSqlSafe, FromRow};

use super::super::{Result, Tx, on, run};
use super::rows::ROWS;
use crate::model::{AccountId, DraftId, ImportId};
use crate::time::Instant;

/// A draft.
#[derive(Clone, Debug, FromRow)]
pub struct DraftRow {
    /// Its id.
    pub id: DraftId,
    /// Who brought it.
    pub account_id: Option<AccountId>,
    /// The files' names.
    pub file: String,
    /// When it was read.
    pub created_at: Instant,
    /// Until when it is kept.
    pub expires_at: Instant,
    /// When it went into the register.
    pub committed_at: Option<Instant>,
}

/// One prefecture's list of a draft.
#[derive(Clone, Debug, FromRow)]
pub struct DraftList {
    /// Its place in the draft: the lists are kept in this order.
    pub position: i64,
    /// The id that the import will have.
    pub import_id: ImportId,
    /// The import with which it was compared.
    pub base_id: Option<ImportId>,
    /// The prefecture's two digits.
    pub prefecture_code: String,
    /// The day whose state the list shows.
    pub as_of: NaiveDate,
    /// The day of the list before.
    pub lapsed_after: Option<NaiveDate>,
    /// The day the list was made.
    pub created_on: Option<NaiveDate>,
    /// Whether the list shows institutions without filings too.
    pub all_institutions: bool,
    /// Whether there is anything to keep of it.
    pub changes: bool,
    /// The file.
    pub file: String,
    /// SHA-256 of the file.
    pub sha256: String,
    /// The report of the reading, as JSON.
    pub report: String,
    /// What it changes, in figures, as JSON.
    pub summary: String,
    /// The names of its columns, as JSON.
    pub columns: String,
}

/// Which rows of a draft's list.
#[derive(Clone, Copy, Debug)]
pub struct RowKey {
    /// The draft.
    pub draft: DraftId,
    /// The list's place in it.
    pub position: i64,
    /// `institution` or `notification`.
    pub thing: &'static str,
    /// `new`, `changed`, `lapsed`, `unchanged`, `error` or `warning`.
    pub kind: &'static str,
}

impl Tx {
    /// Keeps a draft; its lists and rows follow.
    pub async fn add_draft(&mut self, draft: &DraftRow) -> Result<()> {
        let sql = "INSERT INTO import_draft (id, account_id, file, created_at, expires_at)
            VALUES ($1, $2, $3, $4, $5)";
        run!(
            self,
            sqlx::query(sql)
                .bind(draft.id)
                .bind(draft.account_id)
                .bind(&draft.file)
                .bind(draft.created_at)
                .bind(draft.expires_at)
        );
        Ok(())
    }

    /// Keeps a list of a draft.
    pub async fn add_draft_list(&mut self, draft: DraftId, list: &DraftList) -> Result<()> {
        let sql = "INSERT INTO import_draft_list (draft_id, position, import_id, base_id,
                prefecture_code, as_of, lapsed_after, created_on, all_institutions, changes, file,
                sha256, report, summary, columns)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
        run!(
            self,
            sqlx::query(sql)
                .bind(draft)
                .bind(list.position)
                .bind(list.import_id)
                .bind(list.base_id)
                .bind(&list.prefecture_code)
                .bind(list.as_of)
                .bind(list.lapsed_after)
                .bind(list.created_on)
                .bind(list.all_institutions)
                .bind(list.changes)
                .bind(&list.file)
                .bind(&list.sha256)
                .bind(&list.report)
                .bind(&list.summary)
                .bind(&list.columns)
        );
        Ok(())
    }

    /// Keeps rows of a draft's list, each as JSON, in this order.
    pub async fn add_draft_rows(&mut self, key: RowKey, bodies: &[String]) -> Result<()> {
        let mut number = 0_i64;
        for chunk in bodies.chunks(ROWS) {
            let sql = format!(
                "INSERT INTO import_draft_row (draft_id, position, thing, kind, number, body)
                VALUES {}",
                self.places(chunk.len(), 6)
            );
            on!(&mut *self, |db| {
                let mut query = sqlx::query(AssertSqlSafe(sql));
                for (number, body) in (number..).zip(chunk) {
                    query = query
                        .bind(key.draft)
                        .bind(key.position)
                        .bind(key.thing)
                        .bind(key.kind)
                        .bind(number)
                        .bind(body);
                }
                query.execute(db).await?.rows_affected()
            });
            number += i64::try_from(chunk.len()).unwrap_or(i64::MAX);
        }
        Ok(())
    }

    /// A draft that is kept at `now`.
    pub async fn draft(&mut self, id: DraftId, now: Instant) -> Result<Option<DraftRow>> {
        let sql = "SELECT id, account_id, file, created_at, expires_at, committed_at
            FROM import_draft WHERE id = $1 AND expires_at > $2";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(id).bind(now).fetch_optional(db).await?))
    }

    /// The drafts that wait for somebody's word at `now`, newest first.
    pub async fn open_drafts(&mut self, now: Instant) -> Result<Vec<DraftRow>> {
        let sql = "SELECT id, account_id, file, created_at, expires_at, committed_at
            FROM import_draft WHERE committed_at IS NULL AND expires_at > $1
            ORDER BY created_at DESC, id DESC LIMIT 20";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(now).fetch_all(db).await?))
    }

    /// The drafts from which imports came, as long as they are kept.
    pub async fn drafts_of_imports(&mut self, now: Instant) -> Result<Vec<(ImportId, DraftId)>> {
        let sql = "SELECT l.import_id, l.draft_id
            FROM import_draft_list AS l JOIN import_draft AS d ON d.id = l.draft_id
            WHERE d.committed_at IS NOT NULL AND d.expires_at > $1";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(now).fetch_all(db).await?))
    }

    /// A draft's lists, in order.
    pub async fn draft_lists(&mut self, id: DraftId) -> Result<Vec<DraftList>> {
        let sql = "SELECT position, import_id, base_id, prefecture_code, as_of, lapsed_after,
                created_on, all_institutions, changes, file, sha256, report, summary, columns
            FROM import_draft_list WHERE draft_id = $1 ORDER BY position";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(id).fetch_all(db).await?))
    }

    /// Rows of a draft's list, from the `from`th on.
    pub async fn draft_rows(&mut self, key: RowKey, from: i64, limit: i64) -> Result<Vec<String>> {
        let sql = "SELECT body FROM import_draft_row
            WHERE draft_id = $1 AND position = $2 AND thing = $3 AND kind = $4 AND number >= $5
            ORDER BY number LIMIT $6";
        Ok(on!(self, |db| {
            sqlx::query_scalar(sql)
                .bind(key.draft)
                .bind(key.position)
                .bind(key.thing)
                .bind(key.kind)
                .bind(from)
                .bind(limit)
                .fetch_all(db)
                .await?
        }))
    }

    /// Says that a draft went into the register; whether nobody had said so before.
    pub async fn commit_draft(
        &mut self,
        id: DraftId,
        until: Instant,
        now: Instant,
    ) -> Result<bool> {
        let sql = "UPDATE import_draft SET committed_at = $2, expires_at = $3
            WHERE id = $1 AND committed_at IS NULL AND expires_at > $2";
        Ok(run!(self, sqlx::query(sql).bind(id).bind(now).bind(until)) == 1)
    }

    /// Forgets a draft that did not go into the register; whether there was one.
    pub async fn drop_draft(&mut self, id: DraftId) -> Result<bool> {
        let sql = "DELETE FROM import_draft WHERE id = $1 AND committed_at IS NULL";
        Ok(run!(self, sqlx::query(sql).bind(id)) == 1)
    }

    /// Forgets drafts whose time is over.
    pub async fn forget_drafts(&mut self, now: Instant) -> Result<u64> {
        let sql = "DELETE FROM import_draft WHERE expires_at <= $1";
        Ok(run!(self, sqlx::query(sql).bind(now)))
    }
}
