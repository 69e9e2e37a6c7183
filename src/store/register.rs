//! The register of institutions and their notifications, with what was known when.

use chrono::NaiveDate;
use sqlx::FromRow;

use super::{Error, Result, Tx, on, run};
use crate::engine::import::{Diff, Stored};
use crate::model::register::{Code10, Institution, Notification, Size};
use crate::model::{ImportId, NotificationId};
use crate::time::Instant;

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
    /// The file's name.
    pub file: String,
    /// SHA-256 of the file.
    pub sha256: String,
    /// The report of the reading, as JSON.
    pub report: String,
    /// When it was read.
    pub imported_at: Instant,
}

#[derive(FromRow)]
struct InstitutionRow {
    code10: String,
    name: String,
    postal_code: Option<String>,
    address: String,
    municipality_code: Option<String>,
    beds: Option<i64>,
    filed: bool,
}

#[derive(FromRow)]
struct NotificationRow {
    code10: String,
    criterion: String,
    acceptance_number: String,
    effective_from: Option<NaiveDate>,
}

/// A stored text that is not what its column promises.
fn odd(column: &str, text: &str) -> Error {
    Error::Database(sqlx::Error::ColumnDecode {
        index: column.to_owned(),
        source: format!("not a {column}: {text}").into(),
    })
}

fn code(text: &str) -> Result<Code10> {
    text.parse().map_err(|_| odd("code10", text))
}

impl TryFrom<InstitutionRow> for Institution {
    type Error = Error;

    fn try_from(row: InstitutionRow) -> Result<Self> {
        let beds = row.beds.and_then(|beds| u32::try_from(beds).ok());
        Ok(Self {
            code: code(&row.code10)?,
            name: row.name,
            postal_code: row.postal_code,
            address: row.address,
            municipality: row.municipality_code,
            beds,
            size: Size::of(beds),
            filed: row.filed,
        })
    }
}

impl TryFrom<NotificationRow> for Notification {
    type Error = Error;

    fn try_from(row: NotificationRow) -> Result<Self> {
        Ok(Self {
            institution: code(&row.code10)?,
            criterion: row.criterion.parse().map_err(|_| odd("criterion", &row.criterion))?,
            acceptance_number: row.acceptance_number,
            effective_from: row.effective_from,
        })
    }
}

impl Tx {
    /// What the register holds of a prefecture from its last list.
    pub async fn stored_list(&mut self, prefecture: &str) -> Result<Option<Stored>> {
        let sql = "SELECT as_of, sha256 FROM bureau_import WHERE prefecture_code = $1
                   ORDER BY as_of DESC, imported_at DESC LIMIT 1";
        let last: Option<(NaiveDate, String)> =
            on!(&mut *self, |db| sqlx::query_as(sql).bind(prefecture).fetch_optional(db).await?);
        let Some((as_of, sha256)) = last else { return Ok(None) };
        let sql = "SELECT code10, name, postal_code, address, municipality_code, beds, filed
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
        Ok(Some(Stored {
            as_of,
            sha256,
            institutions: institutions.into_iter().map(TryInto::try_into).collect::<Result<_>>()?,
            notifications: notifications
                .into_iter()
                .map(TryInto::try_into)
                .collect::<Result<_>>()?,
        }))
    }

    /// Keeps that a list was read.
    pub async fn add_import(&mut self, row: &ImportRow) -> Result<()> {
        let sql = "INSERT INTO bureau_import
            (id, prefecture_code, as_of, created_on, file, sha256, report, imported_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        run!(
            self,
            sqlx::query(sql)
                .bind(row.id)
                .bind(&row.prefecture_code)
                .bind(row.as_of)
                .bind(row.created_on)
                .bind(&row.file)
                .bind(&row.sha256)
                .bind(&row.report)
                .bind(row.imported_at)
        );
        Ok(())
    }

    /// Keeps what a list changes.
    pub async fn apply_diff(&mut self, diff: &Diff, import: ImportId, now: Instant) -> Result<()> {
        for institution in &diff.institutions.new {
            self.put_institution(institution, "bureau").await?;
        }
        for change in &diff.institutions.changed {
            self.put_institution(&change.new, "bureau").await?;
        }
        for gone in &diff.institutions.lapsed {
            let sql = "UPDATE institution SET gone_on = $2 WHERE code10 = $1";
            run!(&mut *self, sqlx::query(sql).bind(gone.code.as_str()).bind(diff.lapsed_by));
        }
        let (mut open, mut lapsed) = (Vec::new(), Vec::new());
        open.extend(&diff.notifications.new);
        for change in &diff.notifications.changed {
            self.supersede(&change.old, now).await?;
            open.push(&change.new);
        }
        for old in &diff.notifications.lapsed {
            self.supersede(old, now).await?;
            lapsed.push(old);
        }
        for notification in open {
            self.add_notification(notification, Some(import), None, now).await?;
        }
        // A corrected list of the same day takes back what was never so: that did not lapse.
        let days = diff.lapsed_after.map(|after| (after, diff.lapsed_by));
        for notification in lapsed.into_iter().filter(|_| days.is_some_and(|d| d.0 < d.1)) {
            self.add_notification(notification, Some(import), days, now).await?;
        }
        Ok(())
    }

    /// Adds an institution, or brings it up to date.
    pub async fn put_institution(&mut self, i: &Institution, source: &str) -> Result<()> {
        let sql = "INSERT INTO institution (code10, prefecture_code, name, postal_code, address,
                municipality_code, beds, size, filed, source, gone_on)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, NULL)
            ON CONFLICT (code10) DO UPDATE SET name = excluded.name,
                postal_code = excluded.postal_code, address = excluded.address,
                municipality_code = excluded.municipality_code, beds = excluded.beds,
                size = excluded.size, filed = excluded.filed, source = excluded.source,
                gone_on = NULL";
        run!(
            self,
            sqlx::query(sql)
                .bind(i.code.as_str())
                .bind(i.code.prefecture())
                .bind(&i.name)
                .bind(&i.postal_code)
                .bind(&i.address)
                .bind(&i.municipality)
                .bind(i.beds.map(i64::from))
                .bind(i.size.code())
                .bind(i.filed)
                .bind(source)
        );
        Ok(())
    }

    async fn supersede(&mut self, old: &Notification, now: Instant) -> Result<()> {
        let sql = "UPDATE notification SET superseded_at = $3
                   WHERE code10 = $1 AND criterion = $2 AND superseded_at IS NULL
                     AND lapsed_on IS NULL";
        run!(
            self,
            sqlx::query(sql).bind(old.institution.as_str()).bind(old.criterion.code()).bind(now)
        );
        Ok(())
    }

    /// Adds a notification: from a list where `import` names one, else of a demo. `lapsed` are the
    /// days between which it lapsed.
    pub async fn add_notification(
        &mut self,
        n: &Notification,
        import: Option<ImportId>,
        lapsed: Option<(NaiveDate, NaiveDate)>,
        now: Instant,
    ) -> Result<()> {
        let sql = "INSERT INTO notification (id, code10, criterion, acceptance_number,
                effective_from, lapsed_after, lapsed_on, source, import_id, recorded_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        run!(
            self,
            sqlx::query(sql)
                .bind(NotificationId::new())
                .bind(n.institution.as_str())
                .bind(n.criterion.code())
                .bind(&n.acceptance_number)
                .bind(n.effective_from)
                .bind(lapsed.map(|days| days.0))
                .bind(lapsed.map(|days| days.1))
                .bind(if import.is_some() { "bureau" } else { "demo" })
                .bind(import)
                .bind(now)
        );
        Ok(())
    }

    /// The readings, newest first.
    pub async fn imports(&mut self, limit: i64) -> Result<Vec<ImportRow>> {
        let sql = "SELECT id, prefecture_code, as_of, created_on, file, sha256, report, imported_at
                   FROM bureau_import ORDER BY imported_at DESC, id DESC LIMIT $1";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(limit).fetch_all(db).await?))
    }
}
