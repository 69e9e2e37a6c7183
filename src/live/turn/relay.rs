//! The sockets from which the relay speaks with others, what may pass them, and how many one user
//! may have.

use std::any::Any;
use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use tokio::net::UdpSocket;
use turn::relay::RelayAddressGenerator;
use webrtc_util::Conn;

use super::counters::Counters;
use super::filter::is_public;
use super::{Cause, CrateResult, refusal};

/// Allocations that one participant of a visit may hold: a browser makes one for each of its
/// interfaces and address families, and a reload leaves those before it behind for a while.
pub(super) const PER_USER: usize = 6;
/// Allocations in all.
const IN_ALL: usize = 600;

/// The allocations that live now, shared by all sockets of one server.
pub(super) struct Relays {
    /// The address that clients are told.
    public: IpAddr,
    /// The address that the sockets are bound to. Another than `public` behind a translator.
    bound: IpAddr,
    counters: Arc<Counters>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Whose request is being handled. The crate asks for a socket without saying for whom, but it
    /// has one task that reads requests, and that task asks [`Relays::asked_by`] first every time.
    asking: String,
    of_user: HashMap<String, usize>,
    ports: HashSet<u16>,
}

impl Relays {
    /// Relays told to clients as `public`; they are bound to it where this machine has it, and to
    /// `otherwise` where a translator does.
    pub(super) fn new(public: IpAddr, otherwise: IpAddr, counters: Arc<Counters>) -> Self {
        let here = std::net::UdpSocket::bind((public, 0)).is_ok();
        let bound = if here { public } else { otherwise };
        Self { public, bound, counters, state: Mutex::default() }
    }

    /// Notes whose request is being handled, after the name has been checked.
    pub(super) fn asked_by(&self, username: &str) {
        username.clone_into(&mut self.lock().asking);
    }

    /// How many live.
    pub(super) fn live(&self) -> usize {
        self.lock().ports.len()
    }

    /// The names ending in `suffix` that hold any.
    pub(super) fn users(&self, suffix: &str) -> Vec<String> {
        self.lock().of_user.keys().filter(|name| name.ends_with(suffix)).cloned().collect()
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
        let ours = ip == self.public || ip == self.bound;
        let passes = is_public(ip) && !ours && ip.is_ipv4() == self.public.is_ipv4();
        passes.then_some(SocketAddr::new(ip, peer.port()))
    }

    /// Whom a packet from `source` comes from, by the same rule.
    fn inward(&self, source: SocketAddr) -> Option<SocketAddr> {
        let ip = source.ip().to_canonical();
        let live = || self.lock().ports.contains(&source.port());
        if (ip == self.inside() || ip == self.public) && live() {
            return Some((self.public, source.port()).into());
        }
        let ours = ip == self.public || ip == self.bound;
        (is_public(ip) && !ours).then_some(SocketAddr::new(ip, source.port()))
    }

    fn inside(&self) -> IpAddr {
        match self.bound {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            ip => ip,
        }
    }

    fn take(&self, port: u16) -> Result<String, Cause> {
        let mut state = self.lock();
        let user = state.asking.clone();
        let same = |(name, _): &(&String, &usize)| holder(name) == holder(&user);
        let held: usize = state.of_user.iter().filter(same).map(|(_, held)| held).sum();
        if user.is_empty() || held >= PER_USER || state.ports.len() >= IN_ALL {
            return Err(Cause::Quota);
        }
        *state.of_user.entry(user.clone()).or_default() += 1;
        state.ports.insert(port);
        Ok(user)
    }

    fn give_back(&self, user: &str, port: u16) {
        let mut state = self.lock();
        state.ports.remove(&port);
        if let Some(held) = state.of_user.get_mut(user) {
            *held -= 1;
            if *held == 0 {
                state.of_user.remove(user);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whom a name stands for, without its expiry: who asks for credentials again gets another name,
/// and no more allocations for it.
fn holder(name: &str) -> &str {
    name.split_once(':').map_or(name, |(_, holder)| holder)
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
        let user = relays.take(port).map_err(|cause| {
            relays.counters.allocations_refused.fetch_add(1, Ordering::Relaxed);
            refusal(cause)
        })?;
        relays.counters.allocations.fetch_add(1, Ordering::Relaxed);
        let closed = AtomicBool::new(false);
        let conn = RelayConn { socket, port, user, relays: relays.clone(), closed };
        Ok((Arc::new(conn), (relays.public, port).into()))
    }
}

/// The socket of one allocation. The crate grants every `CreatePermission` and `ChannelBind`, to
/// whatever address, and has no hook to refuse one; so the permission exists, and here no packet
/// makes use of it, in either direction.
struct RelayConn {
    socket: UdpSocket,
    port: u16,
    user: String,
    relays: Arc<Relays>,
    closed: AtomicBool,
}

impl RelayConn {
    fn release(&self) {
        if !self.closed.swap(true, Ordering::AcqRel) {
            self.relays.give_back(&self.user, self.port);
        }
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
            if let Some(peer) = self.relays.inward(source) {
                self.relays.counters.relayed(length);
                return Ok((length, peer));
            }
            self.relays.counters.peers_refused.fetch_add(1, Ordering::Relaxed);
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
