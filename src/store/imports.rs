//! The bureaus' lists as they went into the register: what each import changed, written so that it
//! can be taken back and so that what was known before can still be asked.

use chrono::NaiveDate;
use sqlx::FromRow;

use super::register::{InstitutionRow, NotificationRow};
use super::{Result, Tx, on, run};
use crate::engine::import::{Diff, Stored};
use crate::model::ImportId;
use crate::model::register::Institution;
use crate::time::Instant;

mod drafts;
mod notifications;
mod rows;
mod states;
mod undo;

pub use drafts::{DraftList, DraftRow, RowKey};

/// One reading of a prefecture's list.
#[derive(Clone, Debug, FromRow)]
pub struct ImportRow {
    /// Its id.
    pub id: ImportId,
    /// The prefecture's two digits.
    pub prefecture_code: String,
    /// The day whose state the list shows.
    pub as_of: NaiveDate,
    /// The day the list was made.
    pub created_on: Option<NaiveDate>,
    /// Whether the list shows institutions without filings too.
    pub all_institutions: bool,
    /// The file's name.
    pub file: String,
    /// SHA-256 of the file.
    pub sha256: String,
    /// The report of the reading, as JSON.
    pub report: String,
    /// When it was read.
    pub imported_at: Instant,
    /// When it was taken back, where it was.
    pub undone_at: Option<Instant>,
}

impl Tx {
    /// The newest import of a prefecture that was not taken back.
    pub async fn newest_import(&mut self, prefecture: &str) -> Result<Option<ImportRow>> {
        let sql = "SELECT id, prefecture_code, as_of, created_on, all_institutions, file, sha256,
                report, imported_at, undone_at
            FROM bureau_import WHERE prefecture_code = $1 AND undone_at IS NULL
            ORDER BY as_of DESC, imported_at DESC, id DESC LIMIT 1";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(prefecture).fetch_optional(db).await?))
    }

    /// One import.
    pub async fn import(&mut self, id: ImportId) -> Result<Option<ImportRow>> {
        let sql = "SELECT id, prefecture_code, as_of, created_on, all_institutions, file, sha256,
                report, imported_at, undone_at
            FROM bureau_import WHERE id = $1";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(id).fetch_optional(db).await?))
    }

    /// The imports, newest first.
    pub async fn imports(&mut self, limit: i64) -> Result<Vec<ImportRow>> {
        let sql = "SELECT id, prefecture_code, as_of, created_on, all_institutions, file, sha256,
                report, imported_at, undone_at
            FROM bureau_import ORDER BY imported_at DESC, id DESC LIMIT $1";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(limit).fetch_all(db).await?))
    }

    /// What the register holds of a prefecture from its last list.
    pub async fn stored_list(&mut self, prefecture: &str) -> Result<Option<Stored>> {
        let Some(last) = self.newest_import(prefecture).await? else { return Ok(None) };
        let sql = "SELECT code10, name, postal_code, address, municipality_code, beds, size, filed
                   FROM institution
                   WHERE prefecture_code = $1 AND source = 'bureau' AND gone_on IS NULL";
        let institutions: Vec<InstitutionRow> =
            on!(&mut *self, |db| sqlx::query_as(sql).bind(prefecture).fetch_all(db).await?);
        let sql = "SELECT n.code10, criterion, acceptance_number, effective_from
                   FROM notification AS n JOIN institution AS i ON i.code10 = n.code10
                   WHERE prefecture_code = $1 AND n.source = 'bureau' AND superseded_at IS NULL
                     AND lapsed_on IS NULL";
        let notifications: Vec<NotificationRow> =
            on!(self, |db| sqlx::query_as(sql).bind(prefecture).fetch_all(db).await?);
        let institutions = institutions.into_iter().map(TryInto::try_into);
        let notifications = notifications.into_iter().map(TryInto::try_into);
        Ok(Some(Stored {
            import: last.id,
            all_institutions: last.all_institutions,
            as_of: last.as_of,
            institutions: institutions.collect::<Result<_>>()?,
            notifications: notifications.collect::<Result<_>>()?,
        }))
    }

    /// Keeps that a list was read.
    pub async fn add_import(&mut self, row: &ImportRow) -> Result<()> {
        let sql = "INSERT INTO bureau_import (id, prefecture_code, as_of, created_on,
                all_institutions, file, sha256, report, imported_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        run!(
            self,
            sqlx::query(sql)
                .bind(row.id)
                .bind(&row.prefecture_code)
                .bind(row.as_of)
                .bind(row.created_on)
                .bind(row.all_institutions)
                .bind(&row.file)
                .bind(&row.sha256)
                .bind(&row.report)
                .bind(row.imported_at)
        );
        Ok(())
    }

    /// Keeps what a list of this prefecture changes.
    pub async fn apply_diff(
        &mut self,
        prefecture: &str,
        diff: &Diff,
        import: ImportId,
        now: Instant,
    ) -> Result<()> {
        let institutions = &diff.institutions;
        self.keep_replaced(prefecture, &institutions.new, import).await?;
        let changed = institutions.changed.iter().map(|change| &change.new);
        let shown: Vec<&Institution> = institutions.new.iter().chain(changed).collect();
        self.put_institutions(&shown, "bureau").await?;
        for change in &institutions.changed {
            self.end_state(change.old.code, diff.lapsed_by, import, now).await?;
        }
        for gone in &institutions.lapsed {
            self.end_state(gone.code, diff.lapsed_by, import, now).await?;
            let sql = "UPDATE institution SET gone_on = $2 WHERE code10 = $1";
            run!(&mut *self, sqlx::query(sql).bind(gone.code.as_str()).bind(diff.lapsed_by));
        }
        self.add_states(&shown, diff.lapsed_by, import, now).await?;
        self.apply_notifications(prefecture, diff, import, now).await?;
        self.add_redesignations(diff, import, now).await
    }
}
