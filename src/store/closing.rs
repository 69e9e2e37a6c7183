//! How a visit ended.

use super::{Result, Tx, run};
use crate::model::BookingId;
use crate::seal::Sealed;
use crate::time::Instant;

impl Tx {
    /// Closes a visit with its outcome and sealed note; false when it was closed before.
    pub async fn close_visit(
        &mut self,
        booking: BookingId,
        outcome: &str,
        note: Option<&Sealed>,
        now: Instant,
    ) -> Result<bool> {
        let sql = "UPDATE visit SET outcome = $2, note = $3, closed_at = $4,
                ended_at = COALESCE(ended_at, $4)
            WHERE booking_id = $1 AND outcome IS NULL";
        Ok(run!(self, sqlx::query(sql).bind(booking).bind(outcome).bind(note).bind(now)) == 1)
    }
}
