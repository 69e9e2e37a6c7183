//! A request with an idempotency key: found again when it is repeated, kept when it was answered.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{App, Result};
use crate::seal::{BlindIndex, SealError, Vault};
use crate::store::KeptAnswer;
use crate::store::once::Unit;

pub use crate::store::once::once;

/// How long an answer is kept for repeats of its request.
pub const KEPT: TimeDelta = TimeDelta::hours(24);

/// How long a repeat waits for the request that came first.
const PATIENCE: Duration = Duration::from_secs(10);

/// A key as somebody used it, and what they asked under it. Both only as keyed digests: a key is a
/// secret where nobody is signed in, and a request tells who is ill.
#[derive(Clone, Debug)]
pub struct Claim {
    key: BlindIndex,
    request: BlindIndex,
}

impl Claim {
    /// The claim of `owner` on `key` for what `method`, `target` and `body` ask.
    pub fn new(
        vault: &Vault,
        owner: &str,
        key: &str,
        (method, target, body): (&str, &str, &[u8]),
    ) -> Self {
        let body = STANDARD.encode(Sha256::digest(body));
        Self {
            key: vault.index("idempotency.key", &format!("{owner}\0{key}")),
            request: vault.index("idempotency.request", &format!("{method}\0{target}\0{body}")),
        }
    }

    /// The unit of work for this request.
    pub fn unit(&self) -> Unit {
        Unit::new(self.key.clone())
    }
}

/// An answer as it is given again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

/// What is known of a claim.
#[derive(Debug)]
pub enum Earlier {
    /// Nothing yet.
    Nothing,
    /// The same was asked before, and this was answered.
    Same(Reply),
    /// Something else was asked under this key.
    Other,
}

/// Whether the request was answered before.
pub async fn earlier(app: &App, claim: &Claim) -> Result<Earlier> {
    let kept = app.store.read().await?.kept_answer(&claim.key).await?;
    let Some(kept) = kept else { return Ok(Earlier::Nothing) };
    if kept.request_index != claim.request {
        return Ok(Earlier::Other);
    }
    let answer = app.vault.open_answer(&claim.key, &kept.answer)?;
    Ok(Earlier::Same(serde_json::from_slice(&answer).map_err(|_| SealError)?))
}

/// Keeps `reply` in the same transaction as what `unit` did.
pub async fn keep(app: &App, unit: &Unit, claim: &Claim, reply: &Reply) -> Result<()> {
    let plain = serde_json::to_vec(reply).map_err(|_| SealError)?;
    let answer = app.vault.seal_answer(&claim.key, &plain);
    let kept = KeptAnswer { request_index: claim.request.clone(), answer };
    Ok(unit.keep(&app.store, &kept, app.clock.now()).await?)
}

/// Forgets the answers that were kept long enough; how many.
pub async fn forget_answers(app: &App) -> Result<u64> {
    let mut tx = app.store.begin().await?;
    let forgotten = tx.forget_answers(app.clock.now() - KEPT).await?;
    tx.commit_unaudited().await?;
    Ok(forgotten)
}

/// Who is being served under which key in this process. Several processes meet in the database.
#[derive(Default)]
pub struct Turns(Mutex<Queues>);

/// One place per key. Where an answer was kept the queue is closed: all who wait may have it.
type Queues = HashMap<BlindIndex, Arc<Semaphore>>;

/// The turn of one request; the next of the same key follows when it is dropped.
pub struct Turn<'a> {
    turns: &'a Turns,
    key: BlindIndex,
    queue: Arc<Semaphore>,
    place: Option<OwnedSemaphorePermit>,
}

impl Turns {
    /// Waits until nobody else is served under the claim's key, or until the answer is there;
    /// nothing when that takes too long.
    pub async fn wait(&self, claim: &Claim) -> Option<Turn<'_>> {
        let new = || Arc::new(Semaphore::new(1));
        let queue = self.queues().entry(claim.key.clone()).or_insert_with(new).clone();
        // Made before the wait, so that the queue is forgotten also when the wait is given up.
        let key = claim.key.clone();
        let mut turn = Turn { turns: self, key, queue: queue.clone(), place: None };
        turn.place = tokio::time::timeout(PATIENCE, queue.acquire_owned()).await.ok()?.ok();
        Some(turn)
    }

    fn queues(&self) -> MutexGuard<'_, Queues> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn<'_> {
    /// The answer is kept: nobody needs to wait for it any more.
    pub fn answered(&self) {
        self.queue.close();
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        drop(self.place.take());
        let mut queues = self.turns.queues();
        // The map's and this one's: nobody else waits. Others can join only through the map.
        if queues.get(&self.key).is_some_and(|queue| Arc::strong_count(queue) <= 2) {
            queues.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::Key;

    fn claim(owner: &str, key: &str) -> Claim {
        let vault = Vault::new(&Key::from_slice(&[7; 32]).unwrap());
        Claim::new(&vault, owner, key, ("POST", "/api/bookings", b"{}"))
    }

    #[tokio::test]
    async fn one_is_served_at_a_time_and_nothing_is_left() {
        let turns = Turns::default();
        let (mine, other) = (claim("a", "1"), claim("b", "1"));
        let first = turns.wait(&mine).await.unwrap();
        let second = turns.wait(&mine);
        tokio::pin!(second);
        assert!(futures_pending(&mut second).await);
        drop(turns.wait(&other).await.unwrap());
        drop(first);
        let second = second.await.unwrap();
        let (third, fourth) = (turns.wait(&mine), turns.wait(&mine));
        second.answered();
        let both = (third.await.unwrap(), fourth.await.unwrap());
        drop((second, both));
        assert!(turns.queues().is_empty());
    }

    async fn futures_pending<F: Future + Unpin>(future: &mut F) -> bool {
        tokio::time::timeout(Duration::from_millis(20), future).await.is_err()
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_ever() {
        let turns = Turns::default();
        let first = turns.wait(&claim("a", "1")).await.unwrap();
        assert!(turns.wait(&claim("a", "1")).await.is_none());
        drop(first);
        assert!(turns.queues().is_empty());
    }
}
