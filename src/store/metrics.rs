//! What is counted for whoever watches over the server.

use super::{Result, Tx, on};
use crate::time::Instant;

impl Tx {
    /// How many deliveries of messages are due and have not been made.
    pub async fn deliveries_due(&mut self, now: Instant) -> Result<i64> {
        let sql = "SELECT count(*) FROM delivery WHERE state = 'waiting' AND due_at <= $1";
        Ok(on!(self, |db| sqlx::query_scalar(sql).bind(now).fetch_one(db).await?))
    }
}
