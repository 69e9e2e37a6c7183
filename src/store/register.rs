//! The register of institutions and their notifications, with what was known when.

use chrono::NaiveDate;
use sqlx::FromRow;

use super::{Error, Result, Tx, run};
use crate::model::NotificationId;
use crate::model::register::{Code10, Institution, Notification, Size};
use crate::time::Instant;

#[derive(FromRow)]
pub(super) struct InstitutionRow {
    code10: String,
    name: String,
    postal_code: Option<String>,
    address: String,
    municipality_code: Option<String>,
    beds: Option<i64>,
    size: String,
    filed: bool,
}

#[derive(FromRow)]
pub(super) struct NotificationRow {
    code10: String,
    criterion: String,
    acceptance_number: String,
    effective_from: Option<NaiveDate>,
}

/// A stored text that is not what its column promises.
pub(super) fn odd(column: &str, text: &str) -> Error {
    Error::Database(sqlx::Error::ColumnDecode {
        index: column.to_owned(),
        source: format!("not a {column}: {text}").into(),
    })
}

pub(super) fn code(text: &str) -> Result<Code10> {
    text.parse().map_err(|_| odd("code10", text))
}

impl TryFrom<InstitutionRow> for Institution {
    type Error = Error;

    fn try_from(row: InstitutionRow) -> Result<Self> {
        let beds = row.beds.and_then(|beds| u32::try_from(beds).ok());
        let size = Size::ALL.into_iter().find(|size| size.code() == row.size);
        Ok(Self {
            code: code(&row.code10)?,
            name: row.name,
            postal_code: row.postal_code,
            address: row.address,
            municipality: row.municipality_code,
            beds,
            size: size.ok_or_else(|| odd("size", &row.size))?,
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
    /// Adds a notification of a demo. `lapsed` are the days between which it lapsed.
    pub async fn add_notification(
        &mut self,
        n: &Notification,
        lapsed: Option<(NaiveDate, NaiveDate)>,
        now: Instant,
    ) -> Result<()> {
        let sql = "INSERT INTO notification (id, code10, criterion, acceptance_number,
                effective_from, lapsed_after, lapsed_on, source, recorded_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
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
                .bind("demo")
                .bind(now)
        );
        Ok(())
    }
}
