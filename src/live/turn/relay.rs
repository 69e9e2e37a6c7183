//! The sockets from which the relay speaks with others, what may pass them, and how many one user
//! may have.

use std::any::Any;
use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::net::UdpSocket;
use turn::relay::RelayAddressGenerator;
use webrtc_util::Conn;

use super::counters::Counters;
use super::filter::is_public;
#[cfg(debug_assertions)]
use super::impair::Impair;
use super::{Cause, CrateResult, refusal};
use crate::live::reach::Reach;
use crate::model::{BookingId, ParticipantId};

/// Allocations that one participant of a visit may hold: a browser makes one for each of its
/// interfaces and address families, and a reload leaves those before it behind for a while.
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
    public: IpAddr,
    /// The address that the sockets are bound to. Another than `public` behind a translator.
    bound: IpAddr,
    /// Our own media peers, which may be reached as well.
    reach: Reach,
    counters: Arc<Counters>,
    #[cfg(debug_assertions)]
    impair: Option<Impair>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Whose request is being handled. The crate asks for a socket without saying for whom, but it
    /// has one task that reads requests, and that task asks [`Relays::asked_by`] first every time.
    asking: Option<(Holder, String)>,
    held: HashMap<Holder, Held>,
    ports: HashSet<u16>,
}

/// What one holder has.
struct Held {
    /// The names of each allocation; who asks for credentials again gets another name.
    names: Vec<String>,
    rates: Arc<Rates>,
}

/// What one holder may still send and receive this second, over all of their allocations.
struct Rates {
    out: DefaultDirectRateLimiter,
    back: DefaultDirectRateLimiter,
}

impl Rates {
    fn new() -> Self {
        let nonzero = |value| NonZeroU32::new(value).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_second(nonzero(RATE)).allow_burst(nonzero(BURST));
        Self { out: RateLimiter::direct(quota), back: RateLimiter::direct(quota) }
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
    pub(super) fn asked_by(&self, holder: Holder, username: &str) {
        self.lock().asking = Some((holder, username.to_owned()));
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
    fn outward(&self, peer: SocketAddr) -> Option<SocketAddr> {
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
    fn inward(&self, source: SocketAddr) -> Option<SocketAddr> {
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

    fn take(&self, port: u16) -> Result<(Holder, String, Arc<Rates>), Cause> {
        let mut state = self.lock();
        let (holder, name) = state.asking.clone().ok_or(Cause::Quota)?;
        let has = state.held.get(&holder).map_or(0, |held| held.names.len());
        if has >= PER_USER || state.ports.len() >= IN_ALL {
            return Err(Cause::Quota);
        }
        let new = || Held { names: Vec::new(), rates: Arc::new(Rates::new()) };
        let held = state.held.entry(holder).or_insert_with(new);
        held.names.push(name.clone());
        let rates = held.rates.clone();
        state.ports.insert(port);
        Ok((holder, name, rates))
    }

    fn give_back(&self, holder: Holder, name: &str, port: u16) {
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

/// Opens a socket for each allocation.
pub(super) struct Generator(pub(super) Arc<Relays>);

#[async_trait]
impl RelayAddressGenerator for Generator {
    fn validate(&self) -> CrateResult<()> {
        Ok(())
    }

    async fn allocate_conn(
        &self,
        use_ipv4: bool,
        requested_port: u16,
    ) -> CrateResult<(Arc<dyn Conn + Send + Sync>, SocketAddr)> {
        let relays = &self.0;
        if use_ipv4 != relays.public.is_ipv4() {
            return Err(refusal(Cause::Family));
        }
        let socket = UdpSocket::bind((relays.bound, requested_port)).await;
        let socket = socket.map_err(|error| refusal(Cause::Socket(error.to_string())))?;
        let address = socket.local_addr();
        let port = address.map_err(|error| refusal(Cause::Socket(error.to_string())))?.port();
        let (holder, name, rates) = relays.take(port).map_err(|cause| {
            relays.counters.allocations_refused.fetch_add(1, Ordering::Relaxed);
            refusal(cause)
        })?;
        relays.counters.allocations.fetch_add(1, Ordering::Relaxed);
        let closed = AtomicBool::new(false);
        let (socket, relays) = (Arc::new(socket), relays.clone());
        let conn = RelayConn { socket, port, holder, name, rates, relays, closed };
        let public = conn.relays.public;
        Ok((Arc::new(conn), (public, port).into()))
    }
}

/// The socket of one allocation. A permission is asked for once and holds for minutes, in which a
/// relay can end and its port become a service's; so every packet is looked at again here, in both
/// directions.
struct RelayConn {
    socket: Arc<UdpSocket>,
    port: u16,
    holder: Holder,
    name: String,
    rates: Arc<Rates>,
    relays: Arc<Relays>,
    closed: AtomicBool,
}

impl RelayConn {
    fn release(&self) {
        if !self.closed.swap(true, Ordering::AcqRel) {
            self.relays.give_back(self.holder, &self.name, self.port);
        }
    }
}

#[cfg(debug_assertions)]
impl RelayConn {
    /// Whether a packet to `target` is lost on purpose, or sent later.
    fn impaired(&self, packet: &[u8], target: SocketAddr) -> bool {
        let Some(impair) = self.relays.impair else { return false };
        let counters = self.relays.counters.clone();
        if impair.loses(&counters.impaired) {
            return true;
        }
        if impair.delay.is_zero() {
            return false;
        }
        let (socket, packet) = (self.socket.clone(), packet.to_vec());
        tokio::spawn(async move {
            tokio::time::sleep(impair.delay).await;
            if let Ok(length) = socket.send_to(&packet, target).await {
                counters.relayed(length);
            }
        });
        true
    }

    /// Whether a packet from `source` is lost on purpose. What comes from another relay of this
    /// server was tried there.
    fn loses(&self, source: SocketAddr) -> bool {
        let from_relay = self.relays.lock().ports.contains(&source.port());
        let impair = self.relays.impair.filter(|_| !from_relay);
        impair.is_some_and(|impair| impair.loses(&self.relays.counters.impaired))
    }
}

impl Drop for RelayConn {
    fn drop(&mut self) {
        self.release();
    }
}

#[async_trait]
impl Conn for RelayConn {
    async fn connect(&self, _: SocketAddr) -> webrtc_util::Result<()> {
        Err(std::io::Error::from(std::io::ErrorKind::Unsupported).into())
    }

    async fn recv(&self, buf: &mut [u8]) -> webrtc_util::Result<usize> {
        Ok(self.recv_from(buf).await?.0)
    }

    async fn recv_from(&self, buf: &mut [u8]) -> webrtc_util::Result<(usize, SocketAddr)> {
        loop {
            let (length, source) = self.socket.recv_from(buf).await?;
            let Some(peer) = self.relays.inward(source) else {
                self.relays.counters.peers_refused.fetch_add(1, Ordering::Relaxed);
                continue;
            };
            #[cfg(debug_assertions)]
            if self.loses(source) {
                continue;
            }
            if within(&self.rates.back, length) {
                self.relays.counters.relayed(length);
                return Ok((length, peer));
            }
            self.relays.counters.over_rate.fetch_add(1, Ordering::Relaxed);
        }
    }

    async fn send(&self, _: &[u8]) -> webrtc_util::Result<usize> {
        Err(std::io::Error::from(std::io::ErrorKind::NotConnected).into())
    }

    /// A forbidden packet is dropped as if it had been sent: an error would be logged by the crate
    /// for every one of them, and would tell a prober what is there.
    async fn send_to(&self, buf: &[u8], target: SocketAddr) -> webrtc_util::Result<usize> {
        let Some(target) = self.relays.outward(target) else {
            self.relays.counters.peers_refused.fetch_add(1, Ordering::Relaxed);
            return Ok(buf.len());
        };
        if !within(&self.rates.out, buf.len()) {
            self.relays.counters.over_rate.fetch_add(1, Ordering::Relaxed);
            return Ok(buf.len());
        }
        #[cfg(debug_assertions)]
        if self.impaired(buf, target) {
            return Ok(buf.len());
        }
        let length = self.socket.send_to(buf, target).await?;
        self.relays.counters.relayed(length);
        Ok(length)
    }

    fn local_addr(&self) -> webrtc_util::Result<SocketAddr> {
        Ok(self.socket.local_addr()?)
    }

    fn remote_addr(&self) -> Option<SocketAddr> {
        None
    }

    async fn close(&self) -> webrtc_util::Result<()> {
        self.release();
        Ok(())
    }

    fn as_any(&self) -> &(dyn Any + Send + Sync) {
        self
    }
}
