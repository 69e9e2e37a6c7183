//! What the relay counts. Numbers only: neither names nor addresses.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;
use utoipa::ToSchema;

/// The counts, as they run.
#[derive(Default)]
pub(super) struct Counters {
    pub(super) allocations: AtomicU64,
    pub(super) allocations_refused: AtomicU64,
    pub(super) names_refused: AtomicU64,
    pub(super) requests_refused: AtomicU64,
    pub(super) challenges: AtomicU64,
    pub(super) packets_relayed: AtomicU64,
    pub(super) bytes_relayed: AtomicU64,
    pub(super) peers_refused: AtomicU64,
    pub(super) permissions_refused: AtomicU64,
    pub(super) over_rate: AtomicU64,
    pub(super) throttled: AtomicU64,
    pub(super) junk: AtomicU64,
    /// Packets lost on purpose.
    #[cfg(debug_assertions)]
    pub(super) impaired: AtomicU64,
}

/// The counts since the start, at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct TurnCounts {
    /// Allocations that live now.
    pub live: u64,
    /// Allocations made.
    pub allocations: u64,
    /// Allocations refused because a user, or all together, had enough.
    pub allocations_refused: u64,
    /// Requests under a name that is malformed or has expired.
    pub names_refused: u64,
    /// Requests answered with an error that is no challenge: wrong passwords among them.
    pub requests_refused: u64,
    /// Challenges sent (401, 438).
    pub challenges: u64,
    /// Packets relayed, both ways.
    pub packets_relayed: u64,
    /// Bytes relayed, both ways, without headers.
    pub bytes_relayed: u64,
    /// Packets dropped because of the other side's address.
    pub peers_refused: u64,
    /// Permissions and channels refused for the same reason.
    pub permissions_refused: u64,
    /// Packets dropped because their holder sends or receives more than one may.
    pub over_rate: u64,
    /// Requests dropped because there were too many of them.
    pub throttled: u64,
    /// Datagrams dropped that are not of the protocol.
    pub junk: u64,
}

impl Counters {
    pub(super) fn relayed(&self, length: usize) {
        self.packets_relayed.fetch_add(1, Ordering::Relaxed);
        self.bytes_relayed.fetch_add(length as u64, Ordering::Relaxed);
    }

    pub(super) fn read(&self, live: usize) -> TurnCounts {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        TurnCounts {
            live: live as u64,
            allocations: of(&self.allocations),
            allocations_refused: of(&self.allocations_refused),
            names_refused: of(&self.names_refused),
            requests_refused: of(&self.requests_refused),
            challenges: of(&self.challenges),
            packets_relayed: of(&self.packets_relayed),
            bytes_relayed: of(&self.bytes_relayed),
            peers_refused: of(&self.peers_refused),
            permissions_refused: of(&self.permissions_refused),
            over_rate: of(&self.over_rate),
            throttled: of(&self.throttled),
            junk: of(&self.junk),
        }
    }
}
