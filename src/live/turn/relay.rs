//! What relays may speak with, and how many and how much one user may have.

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::net::UdpSocket;

use super::Cause;
use super::channels::Channels;
use super::counters::Counters;
use super::filter::is_public;
#[cfg(debug_assertions)]
use super::impair::Impair;
use crate::live::reach::Reach;
use crate::model::{BookingId, ParticipantId};

/// Allocations that one participant of a visit may hold. A browser makes one for each of its networks
/// and address families (Wi-Fi and mobile, IPv4 and IPv6: up to four), and another of each when it
/// looks for a new way, while those of the way that died live on until their lifetime is over; a
/// reload leaves some behind as well. So the six of the design of visits hold, which took half of
/// what `LiveKit` allows, and not the four of W-02, for which no source is named: with four, a network
/// that changes once uses up what the new way needs. What four would bound is bounded by bytes:
/// [`RATE`] is of the holder, however many allocations they have.
pub(super) const PER_USER: usize = 6;
/// Allocations in all.
const IN_ALL: usize = 600;
/// Bytes that one holder may send, and as many that they may receive, a second: 3 Mbit/s. A picture of
/// 720 lines with its sound takes about two thirds of it.
const RATE: u32 = 3_000_000 / 8;
/// Bytes at once: a key frame comes all together.
const BURST: u32 = RATE;

/// Whose allocations are counted together: a participant of a visit.
pub(super) type Holder = (BookingId, ParticipantId);

/// The allocations that live now, shared by all sockets of one server.
pub(super) struct Relays {
    /// The address that clients are told.
    pub(super) public: IpAddr,
    /// The address that the sockets are bound to. Another than `public` behind a translator.
    pub(super) bound: IpAddr,
    /// Our own media peers, which may be reached as well.
    reach: Reach,
    pub(super) counters: Arc<Counters>,
    /// The socket of the clients.
    pub(super) door: OnceLock<Arc<UdpSocket>>,
    pub(super) channels: Channels,
    #[cfg(debug_assertions)]
    pub(super) impair: Option<Impair>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Whose request is being handled. The crate asks for a socket without saying for whom, but it
    /// has one task that reads requests, and that task asks [`Relays::asked_by`] first every time.
    asking: Option<(Holder, String, SocketAddr)>,
    held: HashMap<Holder, Held>,
    ports: HashSet<u16>,
}

/// What one holder has.
struct Held {
    /// The names of each allocation; who asks for credentials again gets another name.
    names: Vec<String>,
    rates: Arc<Rates>,
}

/// An allocation that may be made.
pub(super) struct Taken {
    pub(super) holder: Holder,
    pub(super) name: String,
    pub(super) client: SocketAddr,
    pub(super) rates: Arc<Rates>,
}

/// What one holder may still send and receive this second, over all of their allocations.
pub(super) struct Rates {
    out: DefaultDirectRateLimiter,
    back: DefaultDirectRateLimiter,
}

impl Rates {
    fn new() -> Self {
        let nonzero = |value| NonZeroU32::new(value).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_second(nonzero(RATE)).allow_burst(nonzero(BURST));
        Self { out: RateLimiter::direct(quota), back: RateLimiter::direct(quota) }
    }

    pub(super) fn lets_out(&self, length: usize) -> bool {
        within(&self.out, length)
    }

    pub(super) fn lets_in(&self, length: usize) -> bool {
        within(&self.back, length)
    }
}

/// Whether a packet of `length` bytes is within what the limiter allows.
fn within(limiter: &DefaultDirectRateLimiter, length: usize) -> bool {
    let cells = u32::try_from(length).ok().and_then(NonZeroU32::new);
    cells.is_none_or(|cells| matches!(limiter.check_n(cells), Ok(Ok(()))))
}

impl Relays {
    /// Relays told to clients as `public`; they are bound to it where this machine has it, and to
    /// `otherwise` where a translator does.
    pub(super) fn new(
        public: IpAddr,
        otherwise: IpAddr,
        reach: Reach,
        counters: Arc<Counters>,
    ) -> Self {
        let here = std::net::UdpSocket::bind((public, 0)).is_ok();
        let bound = if here { public } else { otherwise };
        Self {
            public,
            bound,
            reach,
            counters,
            door: OnceLock::new(),
            channels: Channels::default(),
            #[cfg(debug_assertions)]
            impair: None,
            state: Mutex::default(),
        }
    }

    /// The same on a bad network.
    #[cfg(debug_assertions)]
    pub(super) fn impaired(self, impair: Option<Impair>) -> Self {
        Self { impair, ..self }
    }

    /// Notes whose request is being handled, after the name has been checked.
    pub(super) fn asked_by(&self, holder: Holder, username: &str, client: SocketAddr) {
        self.lock().asking = Some((holder, username.to_owned(), client));
    }

    /// Whether relays have addresses of IPv6, and no others.
    pub(super) fn are_v6(&self) -> bool {
        self.public.is_ipv6()
    }

    /// Whether a relay may speak with `peer` as far as the filter goes. For one of the other family
    /// the crate has an answer of its own (443).
    pub(super) fn may_reach(&self, peer: SocketAddr) -> bool {
        let other_family = peer.is_ipv4() != self.public.is_ipv4();
        self.outward(peer).is_some() || (other_family && self.stranger(peer.ip().to_canonical()))
    }

    /// How many live.
    pub(super) fn live(&self) -> usize {
        self.lock().ports.len()
    }

    /// The names under which allocations of the visit of `booking` are held, of all who are in it or
    /// of one.
    pub(super) fn names(&self, booking: BookingId, who: Option<ParticipantId>) -> Vec<String> {
        let state = self.lock();
        let held = state.held.iter();
        let meant = held.filter(|((visit, holder), _)| {
            *visit == booking && who.is_none_or(|participant| participant == *holder)
        });
        let mut names: Vec<_> = meant.flat_map(|(_, held)| held.names.iter().cloned()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Where a packet for `peer` goes: nowhere when the filter refuses it. Live relays of this same
    /// server are allowed wherever they are, so that two browsers behind relays meet even on a
    /// private network; they are reached directly, not by way of a translator that may not turn
    /// packets around. This machine's public address is otherwise as forbidden as its loopback.
    pub(super) fn outward(&self, peer: SocketAddr) -> Option<SocketAddr> {
        let ip = peer.ip().to_canonical();
        if ip == self.public && self.lock().ports.contains(&peer.port()) {
            return Some((self.inside(), peer.port()).into());
        }
        if self.stranger(ip) {
            return (ip.is_ipv4() == self.public.is_ipv4()).then_some((ip, peer.port()).into());
        }
        self.reach.bound(SocketAddr::new(ip, peer.port()))
    }

    /// Whether `ip` is on the public internet and not this machine.
    fn stranger(&self, ip: IpAddr) -> bool {
        is_public(ip) && ip != self.public && ip != self.bound
    }

    /// Whom a packet from `source` comes from, by the same rule.
    pub(super) fn inward(&self, source: SocketAddr) -> Option<SocketAddr> {
        let ip = source.ip().to_canonical();
        let live = || self.lock().ports.contains(&source.port());
        if (ip == self.inside() || ip == self.public) && live() {
            return Some((self.public, source.port()).into());
        }
        let source = SocketAddr::new(ip, source.port());
        if self.stranger(ip) { Some(source) } else { self.reach.told(source) }
    }

    fn inside(&self) -> IpAddr {
        match self.bound {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            ip => ip,
        }
    }

    /// Whether a relay of this server has that port.
    #[cfg(debug_assertions)]
    pub(super) fn is_live(&self, port: u16) -> bool {
        self.lock().ports.contains(&port)
    }

    pub(super) fn take(&self, port: u16) -> Result<Taken, Cause> {
        let mut state = self.lock();
        let (holder, name, client) = state.asking.clone().ok_or(Cause::Quota)?;
        let has = state.held.get(&holder).map_or(0, |held| held.names.len());
        if has >= PER_USER || state.ports.len() >= IN_ALL {
            return Err(Cause::Quota);
        }
        let new = || Held { names: Vec::new(), rates: Arc::new(Rates::new()) };
        let held = state.held.entry(holder).or_insert_with(new);
        held.names.push(name.clone());
        let rates = held.rates.clone();
        state.ports.insert(port);
        Ok(Taken { holder, name, client, rates })
    }

    pub(super) fn give_back(&self, holder: Holder, name: &str, port: u16) {
        let mut state = self.lock();
        state.ports.remove(&port);
        if let Some(held) = state.held.get_mut(&holder) {
            if let Some(at) = held.names.iter().position(|held| held == name) {
                held.names.swap_remove(at);
            }
            if held.names.is_empty() {
                state.held.remove(&holder);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
