//! Where this server's own media peers can be reached now. The relay speaks with nothing of this
//! machine but with them.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The addresses that live. Cheap to clone; all clones are one.
#[derive(Clone, Debug, Default)]
pub struct Reach(Arc<Mutex<HashMap<SocketAddr, SocketAddr>>>);

/// Keeps an address reachable until it is dropped.
#[derive(Debug)]
pub struct Reached {
    told: SocketAddr,
    reach: Reach,
}

impl Reach {
    /// A peer listens at `bound`, and others are told that it is at `told`: the same, but behind a
    /// translator.
    pub fn add(&self, told: SocketAddr, bound: SocketAddr) -> Reached {
        self.lock().insert(told, bound);
        Reached { told, reach: self.clone() }
    }

    /// Where the peer listens whom others know at `told`.
    pub fn bound(&self, told: SocketAddr) -> Option<SocketAddr> {
        self.lock().get(&told).copied()
    }

    /// Where others know the peer that listens at `bound`.
    pub fn told(&self, bound: SocketAddr) -> Option<SocketAddr> {
        self.lock().iter().find(|(_, at)| **at == bound).map(|(told, _)| *told)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SocketAddr, SocketAddr>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Reached {
    fn drop(&mut self) {
        self.reach.lock().remove(&self.told);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_reachable_as_long_as_it_is_held() {
        let reach = Reach::default();
        let (told, bound) = ("203.0.113.9:50000", "10.0.0.2:50000");
        let (told, bound) = (told.parse().unwrap(), bound.parse().unwrap());
        let held = reach.add(told, bound);
        assert_eq!((reach.bound(told), reach.told(bound)), (Some(bound), Some(told)));
        assert_eq!((reach.bound(bound), reach.told(told)), (None, None));
        drop(held);
        assert_eq!((reach.bound(told), reach.told(bound)), (None, None));
    }
}
