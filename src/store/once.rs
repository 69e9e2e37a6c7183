//! One effect and one answer for a request, however often it is repeated.
//!
//! Within [`once`] all that a request writes is a single unit of work. `commit` only says that a
//! deed may stay; what is begun or read after it goes on in the same unit and sees it. At the end
//! [`Unit::keep`] writes the answer beside the deeds and commits all together, so that there is no
//! moment at which an effect is kept and its answer is not.
//!
//! The first unit of work that begins locks the key and looks whether another process answered it
//! meanwhile; then it fails with [`Error::Repeated`]. What a request spawns is not part of it.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sqlx::{Postgres, Transaction};
use tokio::sync::OwnedMutexGuard;

use super::group::Length;
use super::{Error, KeptAnswer, Result, SqliteTx, Store, Tx, begin_whole};
use crate::seal::BlindIndex;
use crate::time::Instant;

tokio::task_local! {
    static UNIT: Unit;
}

/// Where a unit's transaction lies while nobody works with it.
type Slot<T> = Arc<tokio::sync::Mutex<Option<T>>>;

/// All that one request does.
#[derive(Clone)]
pub struct Unit(Arc<Parts>);

struct Parts {
    key: BlindIndex,
    sqlite: Slot<SqliteTx>,
    postgres: Slot<Transaction<'static, Postgres>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// A deed may stay.
    done: bool,
    /// A later one was dropped half way.
    torn: bool,
    /// Somebody else answered the same request.
    repeated: bool,
    /// What is to happen after the commit.
    after: Vec<Box<dyn FnOnce() + Send>>,
}

/// Does `deeds` as one unit of work, whose end is the caller's to decide.
pub async fn once<F: Future>(unit: Unit, deeds: F) -> F::Output {
    UNIT.scope(unit, deeds).await
}

/// The unit of the request that is being served, where it has one.
pub(super) fn current() -> Option<Unit> {
    UNIT.try_with(Unit::clone).ok()
}

/// Does `deed` once what was written before it is kept for good: at once, or with the request's
/// unit. For what is told to others, who would look at the database.
pub fn after_commit(deed: impl FnOnce() + Send + 'static) {
    match current() {
        Some(unit) => unit.state().after.push(Box::new(deed)),
        None => deed(),
    }
}

impl Unit {
    /// The unit of a request that is known by `key`.
    pub fn new(key: BlindIndex) -> Self {
        let (sqlite, postgres) = (Slot::default(), Slot::default());
        Self(Arc::new(Parts { key, sqlite, postgres, state: Mutex::default() }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it was found that the same request was answered before.
    pub fn is_repeated(&self) -> bool {
        self.state().repeated
    }

    pub(super) async fn begin(&self, store: &Store, length: Length) -> Result<Tx> {
        let mut tx = match store {
            Store::Sqlite { writer, .. } => {
                let begin = async { writer.begin(length).await.map(SqliteTx::Write) };
                Tx::Sqlite(self.lend(&self.0.sqlite, begin).await?)
            }
            Store::Postgres(pool) => {
                let begin = async { Ok(begin_whole(pool, "BEGIN").await?) };
                Tx::Postgres(self.lend(&self.0.postgres, begin).await?)
            }
        };
        if !self.state().done {
            tx.lock(self.0.key.id()).await?;
            if tx.kept_answer(&self.0.key).await?.is_some() {
                self.state().repeated = true;
                return Err(Error::Repeated);
            }
        }
        Ok(tx)
    }

    /// The transaction in `slot`, or a new one.
    async fn lend<T>(
        &self,
        slot: &Slot<T>,
        begin: impl Future<Output = Result<T>>,
    ) -> Result<Part<T>> {
        // Two at once in one request: the second would wait for the first for ever.
        let slot = slot.clone().try_lock_owned();
        let mut slot = slot.map_err(|_| Error::Unavailable(sqlx::Error::PoolTimedOut))?;
        if slot.is_none() {
            *slot = Some(begin.await?);
        }
        Ok(Part::Lent(Lent { slot, unit: self.clone(), may_stay: false }))
    }

    /// The same transaction for reading, where something was done in it.
    pub(super) fn reading(&self, store: &Store) -> Option<Tx> {
        if !self.state().done {
            return None;
        }
        match store {
            Store::Sqlite { .. } => Some(Tx::Sqlite(self.lend_again(&self.0.sqlite)?)),
            Store::Postgres(_) => Some(Tx::Postgres(self.lend_again(&self.0.postgres)?)),
        }
    }

    fn lend_again<T>(&self, slot: &Slot<T>) -> Option<Part<T>> {
        let slot = slot.clone().try_lock_owned().ok().filter(|slot| slot.is_some())?;
        Some(Part::Lent(Lent { slot, unit: self.clone(), may_stay: true }))
    }

    /// Keeps `answer` together with all that was done. Fails with [`Error::Repeated`] when another
    /// answer was kept meanwhile; then nothing of this request is.
    pub async fn keep(&self, store: &Store, answer: &KeptAnswer, now: Instant) -> Result<()> {
        if self.state().torn {
            self.give_up();
            return Err(Error::Torn);
        }
        let mut tx = match self.take() {
            Some(tx) => tx,
            None => store.begin_own(Length::Short).await?,
        };
        if !tx.keep_answer(&self.0.key, answer, now).await? {
            return Err(Error::Repeated);
        }
        tx.commit_unaudited().await?;
        let after = std::mem::take(&mut self.state().after);
        for deed in after {
            deed();
        }
        Ok(())
    }

    /// Lets all that was done go.
    pub fn give_up(&self) {
        drop(self.take());
        *self.state() = State::default();
    }

    fn take(&self) -> Option<Tx> {
        if let Some(tx) = self.0.sqlite.try_lock().ok().and_then(|mut slot| slot.take()) {
            return Some(Tx::Sqlite(Part::Own(tx)));
        }
        let tx = self.0.postgres.try_lock().ok().and_then(|mut slot| slot.take())?;
        Some(Tx::Postgres(Part::Own(tx)))
    }
}

/// A transaction to work with.
pub enum Part<T> {
    /// It ends with this unit of work.
    Own(T),
    /// It goes on until its request is answered.
    Lent(Lent<T>),
}

/// A transaction that goes back to its unit.
pub struct Lent<T> {
    slot: OwnedMutexGuard<Option<T>>,
    unit: Unit,
    may_stay: bool,
}

impl<T> Lent<T> {
    /// What was done may stay, if all the rest can.
    pub(super) fn may_stay(mut self) {
        self.may_stay = true;
        self.unit.state().done = true;
    }
}

impl<T> Drop for Lent<T> {
    fn drop(&mut self) {
        if self.may_stay {
            return;
        }
        let mut state = self.unit.state();
        if state.done {
            state.torn = true;
        } else {
            // Nothing came before it: a transaction rolls back when it is dropped.
            *self.slot = None;
        }
    }
}

impl<T: Deref> Deref for Part<T> {
    type Target = T::Target;

    fn deref(&self) -> &T::Target {
        match self {
            Self::Own(tx) => tx,
            Self::Lent(part) => match &*part.slot {
                Some(tx) => tx,
                None => unreachable!("only what has a transaction is lent"),
            },
        }
    }
}

impl<T: DerefMut> DerefMut for Part<T> {
    fn deref_mut(&mut self) -> &mut T::Target {
        match self {
            Self::Own(tx) => tx,
            Self::Lent(part) => match &mut *part.slot {
                Some(tx) => tx,
                None => unreachable!("only what has a transaction is lent"),
            },
        }
    }
}

impl<T> fmt::Debug for Part<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[transaction]")
    }
}
