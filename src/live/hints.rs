//! Marks of change: what a clinic's page of the day waits for. A mark says nothing but that
//! something differs from before; who is told looks for themselves, as who they are.
//!
//! Marks live in one process: of what another process changed a page hears nothing here, which is
//! why it looks again from time to time without being told.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::model::FacilityId;

/// The marks of this process. Clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Hints {
    marks: Arc<Mutex<HashMap<FacilityId, watch::Sender<u64>>>>,
    closed: CancellationToken,
}

impl Hints {
    fn of(&self, facility: FacilityId) -> watch::Sender<u64> {
        let mut marks = self.marks.lock().unwrap_or_else(PoisonError::into_inner);
        marks.entry(facility).or_insert_with(|| watch::channel(0).0).clone()
    }

    /// Something changed in the day of a facility.
    pub fn tell(&self, facility: FacilityId) {
        self.of(facility).send_modify(|mark| *mark += 1);
    }

    /// The facility's mark: at once where nothing was `seen`, else as soon as it differs, and after
    /// `patience` in any case.
    pub async fn mark(&self, facility: FacilityId, seen: Option<u64>, patience: Duration) -> u64 {
        let mut marks = self.of(facility).subscribe();
        if let Some(seen) = seen {
            tokio::select! {
                _ = tokio::time::timeout(patience, marks.wait_for(|mark| *mark != seen)) => {}
                () = self.closed.cancelled() => {}
            }
        }
        *marks.borrow()
    }

    /// Nobody waits any longer: the service stops.
    pub fn close(&self) {
        self.closed.cancel();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_hours(1);

    #[tokio::test(start_paused = true)]
    async fn who_waits_hears_of_their_own_facility_only() {
        let (hints, ours, theirs) = (Hints::default(), FacilityId::new(), FacilityId::new());
        let seen = hints.mark(ours, None, LONG).await;
        let waiting = tokio::spawn({
            let hints = hints.clone();
            async move { hints.mark(ours, Some(seen), LONG).await }
        });
        tokio::task::yield_now().await;
        hints.tell(theirs);
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        hints.tell(ours);
        assert_ne!(waiting.await.unwrap(), seen);
        // What happened between two questions is not missed.
        assert_ne!(hints.mark(ours, Some(seen), LONG).await, seen);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_ever() {
        let (hints, facility) = (Hints::default(), FacilityId::new());
        let second = Duration::from_secs(1);
        assert_eq!(hints.mark(facility, Some(0), second).await, 0);
        let waiting = tokio::spawn({
            let hints = hints.clone();
            async move { hints.mark(facility, Some(0), LONG).await }
        });
        tokio::task::yield_now().await;
        hints.close();
        tokio::time::timeout(second, waiting).await.unwrap().unwrap();
    }
}
