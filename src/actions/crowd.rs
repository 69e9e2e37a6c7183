//! Who wants the same at the same moment: one goes first, the others learn when it is done.
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
#[derive(Clone, Default)]
pub(super) struct Crowd(Arc<Mutex<Leaders>>);

type Leaders = HashMap<Uuid, watch::Receiver<()>>;

/// A place in the crowd.
pub(super) enum Place {
    /// Nobody else is at it.
    First(Lead),
    /// Somebody is.
    Behind(Ahead),
}

/// Who goes first, until it is dropped.
pub(super) struct Lead {
    crowd: Crowd,
    wanted: Uuid,
    /// With it ends the wait of all who are behind.
    _done: watch::Sender<()>,
}

/// Who is ahead.
pub(super) struct Ahead(watch::Receiver<()>);

impl Crowd {
    /// Takes a place among those who want `wanted`.
    pub(super) fn join(&self, wanted: Uuid) -> Place {
        let mut leaders = self.leaders();
        if let Some(ahead) = leaders.get(&wanted) {
            return Place::Behind(Ahead(ahead.clone()));
        }
        let (done, ahead) = watch::channel(());
        leaders.insert(wanted, ahead);
        Place::First(Lead { crowd: self.clone(), wanted, _done: done })
    }

    fn leaders(&self) -> MutexGuard<'_, Leaders> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ahead {
    /// Waits until who is ahead is done, or for so long that it is better to go on.
    pub(super) async fn done(mut self) {
        // Nothing is ever sent: either the sender is gone, or the wait was too long.
        let _ = tokio::time::timeout(PATIENCE, self.0.changed()).await;
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        self.crowd.leaders().remove(&self.wanted);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_goes_first_and_all_others_go_on_when_it_is_done() {
        let (crowd, one, other) = (Crowd::default(), Uuid::from_u128(1), Uuid::from_u128(2));
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
            waits.await.unwrap();
        }
        assert!(crowd.leaders().is_empty() && matches!(crowd.join(one), Place::First(_)));
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_ever() {
        let crowd = Crowd::default();
        let _lead = crowd.join(Uuid::nil());
        let Place::Behind(ahead) = crowd.join(Uuid::nil()) else { panic!("somebody is at it") };
        tokio::time::timeout(PATIENCE * 2, ahead.done()).await.unwrap();
    }
}
