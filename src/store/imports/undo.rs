//! Taking an import back: what it recorded is superseded, what it superseded is recorded anew with
//! the same valid times. Nothing is deleted, so that what was known in between can still be asked.

use chrono::NaiveDate;
use sqlx::{AssertSqlSafe, FromRow};

use super::super::{Result, Tx, on, run};
use super::ImportRow;
use super::rows::ROWS;
use crate::model::{ImportId, new_id};
use crate::time::Instant;

#[derive(FromRow)]
struct OldNotification {
    code10: String,
    criterion: String,
    acceptance_number: String,
    effective_from: Option<NaiveDate>,
    lapsed_after: Option<NaiveDate>,
    lapsed_on: Option<NaiveDate>,
    source: String,
    import_id: Option<ImportId>,
}

#[derive(FromRow)]
struct OldState {
    code10: String,
    valid_from: NaiveDate,
    valid_until: Option<NaiveDate>,
    name: String,
    postal_code: Option<String>,
    address: String,
    municipality_code: Option<String>,
    beds: Option<i64>,
    size: String,
    filed: bool,
    import_id: ImportId,
}

/// The institutions that an import says something about.
const TOUCHED: &str = "SELECT code10 FROM institution_state
    WHERE import_id = $1 OR superseded_import_id = $1";

impl Tx {
    /// Takes `import` back at `now`. The caller has seen that no later one stands on it, and tells
    /// again what filings made here did since.
    pub async fn undo_import(&mut self, import: &ImportRow, now: Instant) -> Result<()> {
        for sql in [
            "UPDATE notification SET superseded_at = $2
             WHERE import_id = $1 AND superseded_at IS NULL",
            "UPDATE institution_state SET superseded_at = $2
             WHERE import_id = $1 AND superseded_at IS NULL",
            "UPDATE redesignation SET superseded_at = $2
             WHERE import_id = $1 AND superseded_at IS NULL",
            "UPDATE bureau_import SET undone_at = $2 WHERE id = $1",
        ] {
            run!(&mut *self, sqlx::query(sql).bind(import.id).bind(now));
        }
        self.make_room(import, now).await?;
        self.restore_notifications(import.id, now).await?;
        self.restore_states(import.id, now).await?;
        self.restore_institutions(import).await
    }

    /// What was told of filings made here since the list came, by those whose notification it
    /// changed, gives way to what the register held then; the caller tells it again.
    async fn make_room(&mut self, import: &ImportRow, now: Instant) -> Result<()> {
        let sql = "UPDATE notification SET superseded_at = $2
            WHERE superseded_at IS NULL AND source = 'filing' AND recorded_at >= $3 AND EXISTS (
                SELECT 1 FROM notification AS list
                WHERE list.code10 = notification.code10
                  AND list.criterion = notification.criterion
                  AND (list.import_id = $1 OR list.superseded_import_id = $1))";
        run!(&mut *self, sqlx::query(sql).bind(import.id).bind(now).bind(import.imported_at));
        Ok(())
    }

    async fn restore_notifications(&mut self, import: ImportId, now: Instant) -> Result<()> {
        let sql = "SELECT code10, criterion, acceptance_number, effective_from, lapsed_after,
                lapsed_on, source, import_id
            FROM notification WHERE superseded_import_id = $1";
        let old: Vec<OldNotification> =
            on!(&mut *self, |db| sqlx::query_as(sql).bind(import).fetch_all(db).await?);
        for chunk in old.chunks(ROWS) {
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
                        .bind(new_id())
                        .bind(&n.code10)
                        .bind(&n.criterion)
                        .bind(&n.acceptance_number)
                        .bind(n.effective_from)
                        .bind(n.lapsed_after)
                        .bind(n.lapsed_on)
                        .bind(&n.source)
                        .bind(n.import_id)
                        .bind(now);
                }
                query.execute(db).await?.rows_affected()
            });
        }
        Ok(())
    }

    async fn restore_states(&mut self, import: ImportId, now: Instant) -> Result<()> {
        let sql = "SELECT code10, valid_from, valid_until, name, postal_code, address,
                municipality_code, beds, size, filed, import_id
            FROM institution_state WHERE superseded_import_id = $1";
        let old: Vec<OldState> =
            on!(&mut *self, |db| sqlx::query_as(sql).bind(import).fetch_all(db).await?);
        for chunk in old.chunks(ROWS) {
            let sql = format!(
                "INSERT INTO institution_state (id, code10, valid_from, valid_until, name,
                    postal_code, address, municipality_code, beds, size, filed, import_id,
                    recorded_at)
                VALUES {}",
                self.places(chunk.len(), 13)
            );
            on!(&mut *self, |db| {
                let mut query = sqlx::query(AssertSqlSafe(sql));
                for s in chunk {
                    query = query
                        .bind(new_id())
                        .bind(&s.code10)
                        .bind(s.valid_from)
                        .bind(s.valid_until)
                        .bind(&s.name)
                        .bind(&s.postal_code)
                        .bind(&s.address)
                        .bind(&s.municipality_code)
                        .bind(s.beds)
                        .bind(&s.size)
                        .bind(s.filed)
                        .bind(s.import_id)
                        .bind(now);
                }
                query.execute(db).await?.rows_affected()
            });
        }
        Ok(())
    }

    /// Brings the present state of the institutions back that the import touched.
    async fn restore_institutions(&mut self, import: &ImportRow) -> Result<()> {
        let set = |from: &str, source: &str, gone_on: &str| {
            format!(
                "UPDATE institution SET name = {from}.name, postal_code = {from}.postal_code,
                    address = {from}.address, municipality_code = {from}.municipality_code,
                    beds = {from}.beds, size = {from}.size, filed = {from}.filed,
                    source = {source}, gone_on = {gone_on}"
            )
        };
        // What stood in the place of those that were new to the lists.
        let sql = format!(
            "{} FROM import_replaced AS r
             WHERE r.import_id = $1 AND r.code10 = institution.code10",
            set("r", "r.source", "r.gone_on")
        );
        run!(&mut *self, sqlx::query(AssertSqlSafe(sql)).bind(import.id));
        // How the list before showed the others that it showed.
        let sql = format!(
            "{} FROM institution_state AS s
             WHERE s.code10 = institution.code10 AND s.superseded_at IS NULL
               AND s.valid_until IS NULL AND institution.code10 IN ({TOUCHED})",
            set("s", "'bureau'", "NULL")
        );
        run!(&mut *self, sqlx::query(AssertSqlSafe(sql)).bind(import.id));
        // No list shows the rest any more. Their rows stay: what was known of them names them.
        let sql = format!(
            "UPDATE institution SET gone_on = $2
             WHERE code10 IN ({TOUCHED})
               AND code10 NOT IN (SELECT code10 FROM import_replaced WHERE import_id = $1)
               AND NOT EXISTS (SELECT 1 FROM institution_state AS s
                   WHERE s.code10 = institution.code10 AND s.superseded_at IS NULL
                     AND s.valid_until IS NULL)"
        );
        run!(&mut *self, sqlx::query(AssertSqlSafe(sql)).bind(import.id).bind(import.as_of));
        Ok(())
    }
}
