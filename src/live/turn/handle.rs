//! The relay as the rest of the program knows it, whether it runs in this process or not.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use turn::server::Server;

use super::counters::{Counters, TurnCounts};
use super::relay::Relays;
use super::revoked::Revoked;
use crate::model::{BookingId, ParticipantId};
use crate::time::Instant;

/// Ends what people hold of the relay, and counts. Cheap to clone; all clones are one.
#[derive(Clone, Default)]
pub struct Handle {
    pub(super) revoked: Revoked,
    running: Arc<Mutex<Option<Running>>>,
}

/// What is behind a relay that runs.
#[derive(Clone)]
pub(super) struct Running {
    pub(super) server: Arc<Server>,
    pub(super) relays: Arc<Relays>,
    pub(super) counters: Arc<Counters>,
}

impl Handle {
    /// Names that were given out up to `now` for the visit of `booking`, to all or to one, are good
    /// for nothing from now on, and what is held under them ends at once. An external relay is not
    /// told: what is held there ends with its lifetime of ten minutes or the name's, whichever
    /// comes later.
    pub fn revoke(&self, booking: BookingId, who: Option<ParticipantId>, now: Instant) {
        self.revoked.add(booking, who, now);
        let Some(running) = self.running() else { return };
        for name in running.relays.names(booking, who) {
            let server = running.server.clone();
            tokio::spawn(async move {
                if let Err(error) = server.delete_allocations_by_username(name).await {
                    tracing::warn!(%error, "the relay could not end allocations");
                }
            });
        }
    }

    /// What the relay of this process has counted; nothing if there is none.
    pub fn counts(&self) -> Option<TurnCounts> {
        self.running().map(|running| running.counters.read(running.relays.live()))
    }

    pub(super) fn runs(&self, running: Option<Running>) {
        *self.lock() = running;
    }

    fn running(&self) -> Option<Running> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
