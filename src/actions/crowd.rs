//! Who wants the same at the same moment: one goes first, the others learn when it is done, and
//! what is then to be known, if whoever went first says it.
//!
//! Only a courtesy within this process, so that a crowd before one time does not do sixty times
//! what one of it can do for all. That one of them wins is the database's promise.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use uuid::Uuid;

/// How long to wait for whoever goes first: who takes longer holds nobody up.
const PATIENCE: Duration = Duration::from_secs(2);

/// Who is at it, by what they want.
pub(super) struct Crowd<T = ()>(Arc<Mutex<Leaders<T>>>);

type Leaders<T> = HashMap<Uuid, watch::Receiver<Option<T>>>;

/// A place in the crowd.
pub(super) enum Place<T> {
    /// Nobody else is at it.
    First(Lead<T>),
    /// Somebody is.
    Behind(Ahead<T>),
}

/// Who goes first, until it is dropped.
pub(super) struct Lead<T> {
    crowd: Crowd<T>,
    wanted: Uuid,
    /// With it ends the wait of all who are behind.
    done: watch::Sender<Option<T>>,
}

/// Who is ahead.
pub(super) struct Ahead<T>(watch::Receiver<Option<T>>);

impl<T> Clone for Crowd<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Default for Crowd<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T> Crowd<T> {
    /// Takes a place among those who want `wanted`.
    pub(super) fn join(&self, wanted: Uuid) -> Place<T> {
        let mut leaders = self.leaders();
        if let Some(ahead) = leaders.get(&wanted) {
            return Place::Behind(Ahead(ahead.clone()));
        }
        let (done, ahead) = watch::channel(None);
        leaders.insert(wanted, ahead);
        Place::First(Lead { crowd: self.clone(), wanted, done })
    }

    fn leaders(&self) -> MutexGuard<'_, Leaders<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Lead<T> {
    /// Whether anybody waits.
    pub(super) fn is_followed(&self) -> bool {
        // One receiver is kept for those who are still to come.
        self.done.receiver_count() > 1
    }

    /// Is done, and lets those behind know `what`; who comes later goes first.
    pub(super) fn tell(self, what: T) {
        self.done.send_replace(Some(what));
    }
}

impl<T: Clone> Ahead<T> {
    /// Waits until who is ahead is done, or for so long that it is better to go on; what they said.
    pub(super) async fn done(mut self) -> Option<T> {
        // Nothing is sent where the sender is gone or the wait was too long.
        let _ = tokio::time::timeout(PATIENCE, self.0.changed()).await;
        self.0.borrow().clone()
    }
}

impl<T> Drop for Lead<T> {
    fn drop(&mut self) {
        self.crowd.leaders().remove(&self.wanted);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_goes_first_and_all_others_go_on_when_it_is_done() {
        let (crowd, one, other) = (Crowd::<u8>::default(), Uuid::from_u128(1), Uuid::from_u128(2));
        let Place::First(lead) = crowd.join(one) else { panic!("nobody else is at it") };
        assert!(matches!(crowd.join(other), Place::First(_)));
        let behind: Vec<_> = (0..3)
            .map(|_| match crowd.join(one) {
                Place::Behind(ahead) => tokio::spawn(ahead.done()),
                Place::First(_) => panic!("somebody is at it"),
            })
            .collect();
        tokio::time::sleep(PATIENCE / 2).await;
        assert!(behind.iter().all(|waits| !waits.is_finished()));
        drop(lead);
        for waits in behind {
            assert_eq!(waits.await.unwrap(), None);
        }
        assert!(crowd.leaders().is_empty() && matches!(crowd.join(one), Place::First(_)));
    }

    #[tokio::test(start_paused = true)]
    async fn those_behind_are_told_and_those_who_come_later_are_not() {
        let (crowd, one) = (Crowd::default(), Uuid::from_u128(1));
        let Place::First(lead) = crowd.join(one) else { panic!("nobody else is at it") };
        assert!(!lead.is_followed());
        let Place::Behind(ahead) = crowd.join(one) else { panic!("somebody is at it") };
        assert!(lead.is_followed());
        lead.tell("gone");
        assert!(matches!(crowd.join(one), Place::First(_)));
        assert_eq!(ahead.done().await, Some("gone"));
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_ever() {
        let crowd = Crowd::<()>::default();
        let _lead = crowd.join(Uuid::nil());
        let Place::Behind(ahead) = crowd.join(Uuid::nil()) else { panic!("somebody is at it") };
        tokio::time::timeout(PATIENCE * 2, ahead.done()).await.unwrap();
    }
}
