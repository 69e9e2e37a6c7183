//! Answers that are kept for the repeats of their requests.

use super::{Result, Tx, on, run};
use crate::seal::{BlindIndex, Sealed};
use crate::time::Instant;

/// The answer to a request that was made before.
#[derive(Debug, sqlx::FromRow)]
pub struct KeptAnswer {
    /// What was asked, so that another request under the same key is told from a repeat.
    pub request_index: BlindIndex,
    /// What was answered.
    pub answer: Sealed,
}

impl Tx {
    /// The answer kept under `key`.
    pub async fn kept_answer(&mut self, key: &BlindIndex) -> Result<Option<KeptAnswer>> {
        let sql = "SELECT request_index, answer FROM idempotency WHERE key_index = $1";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(key).fetch_optional(db).await?))
    }

    /// Keeps an answer under `key`; whether there was none yet.
    pub(super) async fn keep_answer(
        &mut self,
        key: &BlindIndex,
        kept: &KeptAnswer,
        now: Instant,
    ) -> Result<bool> {
        let sql = "INSERT INTO idempotency (key_index, request_index, answer, created_at)
                   VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
        let KeptAnswer { request_index, answer } = kept;
        let added =
            run!(self, sqlx::query(sql).bind(key).bind(request_index).bind(answer).bind(now));
        Ok(added == 1)
    }

    /// Forgets the answers that were given until `before`; how many.
    pub async fn forget_answers(&mut self, before: Instant) -> Result<u64> {
        let sql = "DELETE FROM idempotency WHERE created_at <= $1";
        Ok(run!(self, sqlx::query(sql).bind(before)))
    }
}
