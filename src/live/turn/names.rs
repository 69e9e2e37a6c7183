//! Which names the relay takes, and for what.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use turn::auth::{AuthHandler, generate_auth_key};

use super::counters::Counters;
use super::relay::Relays;
use super::revoked::Revoked;
use super::{Cause, CrateResult, refusal};
use crate::live::ice::{IceServers, Name};
use crate::time::{Clock, Instant};

/// Checks names. The crate asks for every signed request, so that a name that has expired or was
/// revoked does not keep its allocations up either.
pub(super) struct Names {
    ice: IceServers,
    clock: Clock,
    revoked: Revoked,
    relays: Arc<Relays>,
    counters: Arc<Counters>,
    /// When this relay began. What was revoked before is forgotten, so that names from before open
    /// nothing; their pages ask for others when they come back.
    since: Instant,
}

impl Names {
    pub(super) fn new(
        ice: IceServers,
        clock: Clock,
        revoked: Revoked,
        relays: Arc<Relays>,
        counters: Arc<Counters>,
    ) -> Self {
        let since = clock.now();
        Self { ice, clock, revoked, relays, counters, since }
    }

    /// Whether `username` is good, but for no new allocation any more.
    pub(super) fn is_too_old(&self, username: &str) -> bool {
        let now = self.clock.now();
        let found = self.ice.check(username, now);
        found.is_some_and(|(name, _)| {
            !name.opens(now) || name.issued.timestamp_millis() < self.since.timestamp_millis()
        })
    }

    /// What a good name says, and the key that its password makes.
    pub(super) fn key(&self, username: &str, realm: &str) -> Option<(Name, Vec<u8>)> {
        let (name, password) = self.ice.check(username, self.clock.now())?;
        let good = realm == self.ice.realm() && !self.revoked.holds(&name);
        good.then(|| (name, generate_auth_key(username, realm, &password)))
    }
}

impl AuthHandler for Names {
    fn auth_handle(&self, username: &str, realm: &str, from: SocketAddr) -> CrateResult<Vec<u8>> {
        let Some((name, key)) = self.key(username, realm) else {
            self.counters.names_refused.fetch_add(1, Ordering::Relaxed);
            return Err(refusal(Cause::Name));
        };
        self.relays.asked_by((name.booking, name.participant), username, from);
        Ok(key)
    }
}

/// The crate takes its checker whole; ours is shared with the gate.
pub(super) struct Shared(pub(super) Arc<Names>);

impl AuthHandler for Shared {
    fn auth_handle(&self, username: &str, realm: &str, from: SocketAddr) -> CrateResult<Vec<u8>> {
        self.0.auth_handle(username, realm, from)
    }
}
