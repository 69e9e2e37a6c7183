//! The audit log: append only; the database refuses to change it.

use super::{Result, Tx, on, run};
use crate::model::audit::Entry;

impl Tx {
    /// Appends `entry` beside the one that [`Tx::commit`] brings: of several deeds in one unit of work
    /// each has its own.
    pub async fn note(&mut self, entry: &Entry) -> Result<()> {
        self.add_entry(entry).await
    }

    /// Appends `entry`. Called by [`Tx::commit`] and [`Tx::note`] alone.
    pub(super) async fn add_entry(&mut self, entry: &Entry) -> Result<()> {
        let sql = "INSERT INTO audit_entry
            (id, at, actor_kind, actor_id, facility_id, action, subject, detail)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        run!(
            self,
            sqlx::query(sql)
                .bind(entry.id)
                .bind(entry.at)
                .bind(entry.actor_kind)
                .bind(entry.actor_id)
                .bind(entry.facility)
                .bind(entry.action)
                .bind(&entry.subject)
                .bind(entry.detail.to_string())
        );
        Ok(())
    }

    /// The actions done to `subject`, oldest first, with the kind of who did them.
    pub async fn entries_of(&mut self, subject: &str) -> Result<Vec<(String, String)>> {
        let sql = "SELECT action, actor_kind FROM audit_entry WHERE subject = $1 ORDER BY at, id";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(subject).fetch_all(db).await?))
    }
}
