//! How a try went of what this process has leased: a delivery of a message, or a letter.

use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::{Result, Tx, run};
use crate::model::message::DeliveryState;
use crate::model::{DeliveryId, LetterId};
use crate::time::Instant;

/// What was leased, with how often it was tried: whoever has tried it since has another count.
#[derive(Clone, Copy, Debug)]
pub enum Lease {
    /// A message by one way.
    Delivery(DeliveryId, i64),
    /// A letter that tells of a deadline.
    Letter(LetterId, i64),
}

impl Lease {
    fn row(self) -> (&'static str, Uuid, i64) {
        match self {
            Self::Delivery(id, attempts) => ("delivery", id.0, attempts),
            Self::Letter(id, attempts) => ("filing_letter", id.0, attempts),
        }
    }

    /// How often it was tried, this time counted.
    pub fn attempts(self) -> i64 {
        self.row().2
    }
}

impl Tx {
    /// Ends what was leased; nothing where somebody else has tried it since.
    pub async fn finish_try(
        &mut self,
        lease: Lease,
        state: DeliveryState,
        reason: Option<&str>,
        now: Instant,
    ) -> Result<()> {
        let (table, id, attempts) = lease.row();
        let sql = format!(
            "UPDATE {table} SET state = $3, reason = $4, finished_at = $5
             WHERE id = $1 AND attempts = $2 AND state = 'waiting'"
        );
        run!(
            self,
            sqlx::query(AssertSqlSafe(sql))
                .bind(id)
                .bind(attempts)
                .bind(state)
                .bind(reason)
                .bind(now)
        );
        Ok(())
    }

    /// Puts off what was leased, to be tried again at `due`.
    pub async fn put_off_try(&mut self, lease: Lease, reason: &str, due: Instant) -> Result<()> {
        let (table, id, attempts) = lease.row();
        let sql = format!(
            "UPDATE {table} SET due_at = $3, reason = $4
             WHERE id = $1 AND attempts = $2 AND state = 'waiting'"
        );
        run!(self, sqlx::query(AssertSqlSafe(sql)).bind(id).bind(attempts).bind(due).bind(reason));
        Ok(())
    }
}
