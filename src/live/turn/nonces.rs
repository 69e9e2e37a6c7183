//! The one nonce that all challenges carry. A nonce keeps a signed request from being replayed much
//! later; the crate accepts each of its own for an hour from anybody, so one serves all.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// After this the next one is fetched; the one before stays good, so that both stay well within
/// the hour of the crate.
const RENEWED_AFTER: Duration = Duration::from_mins(25);

/// The present nonce and the one before it.
#[derive(Default)]
pub(super) struct Nonces(Mutex<Option<Known>>);

struct Known {
    present: Vec<u8>,
    before: Option<Vec<u8>>,
    since: Instant,
}

impl Nonces {
    /// Whether the next one should be fetched.
    pub(super) fn are_wanted(&self, now: Instant) -> bool {
        self.lock().as_ref().is_none_or(|known| now.duration_since(known.since) >= RENEWED_AFTER)
    }

    /// Takes what was fetched.
    pub(super) fn learn(&self, nonce: &[u8], now: Instant) {
        let mut state = self.lock();
        let before = state.take().map(|known| known.present);
        *state = Some(Known { present: nonce.to_vec(), before, since: now });
    }

    /// What a challenge carries now.
    pub(super) fn present(&self) -> Option<Vec<u8>> {
        self.lock().as_ref().map(|known| known.present.clone())
    }

    /// Whether a request with it may go on.
    pub(super) fn knows(&self, nonce: &[u8]) -> bool {
        self.lock()
            .as_ref()
            .is_some_and(|known| known.present == nonce || known.before.as_deref() == Some(nonce))
    }

    fn lock(&self) -> MutexGuard<'_, Option<Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_is_renewed_and_the_one_before_it_stays_good_once() {
        let (nonces, start) = (Nonces::default(), Instant::now());
        assert!(nonces.are_wanted(start) && !nonces.knows(b""));
        nonces.learn(b"one", start);
        assert!(!nonces.are_wanted(start + RENEWED_AFTER.saturating_sub(Duration::from_secs(1))));
        assert!(nonces.are_wanted(start + RENEWED_AFTER));
        nonces.learn(b"two", start + RENEWED_AFTER);
        assert_eq!(nonces.present().unwrap(), b"two");
        assert!(nonces.knows(b"one") && nonces.knows(b"two"));
        nonces.learn(b"three", start + 2 * RENEWED_AFTER);
        assert!(!nonces.knows(b"one") && nonces.knows(b"two"));
    }
}
