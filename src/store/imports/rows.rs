//! Many rows in one statement: a prefecture has thousands of institutions, and a statement for each
//! would cost more than reading the list.

use std::fmt::Write;

use chrono::NaiveDate;
use sqlx::AssertSqlSafe;

use super::super::{Result, Tx, on};
use crate::model::register::{Institution, Notification};
use crate::model::{ImportId, NotificationId};
use crate::time::Instant;

/// Rows of one statement. SQLite takes 32,766 values in one, PostgreSQL 65,535; longer statements
/// than these are not faster.
pub(super) const ROWS: usize = 200;

/// `($1, $2), ($3, $4)` for so many rows of so many columns; `(?, ?), (?, ?)` for SQLite, which looks
/// a numbered place up among all of a statement's, each time that one is bound.
fn places(rows: usize, columns: usize, numbered: bool) -> String {
    let mut text = String::new();
    for row in 0..rows {
        text += if row == 0 { "(" } else { ", (" };
        for column in 1..=columns {
            text += if column == 1 { "" } else { ", " };
            if numbered {
                // Writing to a String does not fail.
                let _ = write!(text, "${}", row * columns + column);
            } else {
                text += "?";
            }
        }
        text += ")";
    }
    text
}

impl Tx {
    /// The places of a statement for so many rows of so many columns.
    pub(super) fn places(&self, rows: usize, columns: usize) -> String {
        places(rows, columns, matches!(self, Self::Postgres(_)))
    }

    /// Adds institutions, of a list or of a demo, or brings them up to date.
    pub async fn put_institutions(&mut self, all: &[&Institution], source: &str) -> Result<()> {
        for chunk in all.chunks(ROWS) {
            let sql = format!(
                "INSERT INTO institution (code10, prefecture_code, name, postal_code, address,
                    municipality_code, beds, size, filed, source)
                VALUES {}
                ON CONFLICT (code10) DO UPDATE SET name = excluded.name,
                    postal_code = excluded.postal_code, address = excluded.address,
                    municipality_code = excluded.municipality_code, beds = excluded.beds,
                    size = excluded.size, filed = excluded.filed, source = excluded.source,
                    gone_on = NULL",
                self.places(chunk.len(), 10)
            );
            on!(&mut *self, |db| {
                let mut query = sqlx::query(AssertSqlSafe(sql));
                for i in chunk {
                    query = query
                        .bind(i.code.as_str())
                        .bind(i.code.prefecture())
                        .bind(&i.name)
                        .bind(&i.postal_code)
                        .bind(&i.address)
                        .bind(&i.municipality)
                        .bind(i.beds.map(i64::from))
                        .bind(i.size.code())
                        .bind(i.filed)
                        .bind(source);
                }
                query.execute(db).await?.rows_affected()
            });
        }
        Ok(())
    }

    /// Adds notifications of a list. `lapsed` are the days between which all of them lapsed.
    pub(super) async fn add_notifications(
        &mut self,
        all: &[&Notification],
        lapsed: Option<(NaiveDate, NaiveDate)>,
        import: ImportId,
        now: Instant,
    ) -> Result<()> {
        for chunk in all.chunks(ROWS) {
            let sql = format!(
                "INSERT INTO notification (id, code10, criterion, acceptance_number,
                    effective_from, lapsed_after, lapsed_on, source, import_id, recorded_at)
                VALUES {}",
                self.places(chunk.len(), 10)
            );
            on!(&mut *self, |db| {
                let mut query = sqlx::query(AssertSqlSafe(sql));
                for n in chunk {
                    query = query
                        .bind(NotificationId::new())
                        .bind(n.institution.as_str())
                        .bind(n.criterion.code())
                        .bind(&n.acceptance_number)
                        .bind(n.effective_from)
                        .bind(lapsed.map(|days| days.0))
                        .bind(lapsed.map(|days| days.1))
                        .bind("bureau")
                        .bind(import)
                        .bind(now);
                }
                query.execute(db).await?.rows_affected()
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn places_are_numbered_through() {
        assert_eq!(super::places(2, 3, true), "($1, $2, $3), ($4, $5, $6)");
        assert_eq!(super::places(1, 1, true), "($1)");
        assert_eq!(super::places(2, 3, false), "(?, ?, ?), (?, ?, ?)");
    }
}
