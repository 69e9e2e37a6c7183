//! The socket of one allocation, and what may pass it. A permission is asked for once and holds for
//! minutes, in which a relay can end and its port become a service's; so every packet is looked at
//! again here, in both directions.

use std::any::Any;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use async_trait::async_trait;
use tokio::net::UdpSocket;
use turn::relay::RelayAddressGenerator;
use webrtc_util::Conn;

use super::relay::{Holder, Rates, Relays};
use super::{Cause, CrateResult, refusal};

/// Bytes before the data of a channel.
const HEAD: usize = 4;

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
        if use_ipv4 == relays.are_v6() {
            return Err(refusal(Cause::Family));
        }
        let socket = UdpSocket::bind((relays.bound, requested_port)).await;
        let socket = socket.map_err(|error| refusal(Cause::Socket(error.to_string())))?;
        let address = socket.local_addr();
        let port = address.map_err(|error| refusal(Cause::Socket(error.to_string())))?.port();
        let taken = relays.take(port).map_err(|cause| {
            relays.counters.allocations_refused.fetch_add(1, Ordering::Relaxed);
            refusal(cause)
        })?;
        relays.counters.allocations.fetch_add(1, Ordering::Relaxed);
        let (socket, relays, client) = (Arc::new(socket), relays.clone(), taken.client);
        let line = Arc::new(Line { socket, rates: taken.rates, relays });
        line.relays.channels.opened(client, line.clone());
        let public = (line.relays.public, port).into();
        let (holder, name, closed) = (taken.holder, taken.name, AtomicBool::new(false));
        Ok((Arc::new(RelayConn { line, client, port, holder, name, closed }), public))
    }
}

/// What packets go through.
pub(super) struct Line {
    socket: Arc<UdpSocket>,
    rates: Arc<Rates>,
    relays: Arc<Relays>,
}

impl Line {
    /// Sends to a peer what its client may. A forbidden packet is dropped as if it had been sent: an
    /// error would be logged by the crate for every one of them, and would tell a prober what is
    /// there.
    pub(super) async fn out(&self, packet: &[u8], peer: SocketAddr) -> std::io::Result<()> {
        let counters = &self.relays.counters;
        let Some(target) = self.relays.outward(peer) else {
            counters.peers_refused.fetch_add(1, Ordering::Relaxed);
            return Ok(());
        };
        if !self.rates.lets_out(packet.len()) {
            counters.over_rate.fetch_add(1, Ordering::Relaxed);
            return Ok(());
        }
        #[cfg(debug_assertions)]
        if self.impaired(packet, target) {
            return Ok(());
        }
        counters.relayed(self.socket.send_to(packet, target).await?);
        Ok(())
    }

    /// Whom a packet of `length` bytes from `source` comes from, if it may come in.
    fn lets_in(&self, source: SocketAddr, length: usize) -> Option<SocketAddr> {
        let counters = &self.relays.counters;
        let Some(peer) = self.relays.inward(source) else {
            counters.peers_refused.fetch_add(1, Ordering::Relaxed);
            return None;
        };
        #[cfg(debug_assertions)]
        if self.loses(source) {
            return None;
        }
        if !self.rates.lets_in(length) {
            counters.over_rate.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        counters.relayed(length);
        Some(peer)
    }
}

#[cfg(debug_assertions)]
impl Line {
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
        let impair = self.relays.impair.filter(|_| !self.relays.is_live(source.port()));
        impair.is_some_and(|impair| impair.loses(&self.relays.counters.impaired))
    }
}

/// An allocation as the crate holds it.
struct RelayConn {
    line: Arc<Line>,
    client: SocketAddr,
    port: u16,
    holder: Holder,
    name: String,
    closed: AtomicBool,
}

impl RelayConn {
    fn release(&self) {
        if !self.closed.swap(true, Ordering::AcqRel) {
            let relays = &self.line.relays;
            relays.channels.closed(self.client, &self.line);
            relays.give_back(self.holder, &self.name, self.port);
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

    /// What comes on a channel goes to the client from here; the rest is the crate's.
    async fn recv_from(&self, buf: &mut [u8]) -> webrtc_util::Result<(usize, SocketAddr)> {
        let relays = &self.line.relays;
        loop {
            let room = buf.get_mut(HEAD..).unwrap_or_default();
            let (length, source) = self.line.socket.recv_from(room).await?;
            let Some(peer) = self.line.lets_in(source, length) else { continue };
            let number = relays.channels.number(self.client, peer, Instant::now());
            let Some((number, door)) = number.zip(relays.door.get()) else {
                buf.copy_within(HEAD..HEAD + length, 0);
                return Ok((length, peer));
            };
            let (Some(head), Ok(size)) = (buf.first_chunk_mut::<HEAD>(), u16::try_from(length))
            else {
                continue;
            };
            let ([a, b], [c, d]) = (number.to_be_bytes(), size.to_be_bytes());
            *head = [a, b, c, d];
            if let Err(error) = door.send_to(&buf[..HEAD + length], self.client).await {
                tracing::debug!(%error, "a packet could not be sent to a client");
            }
        }
    }

    async fn send(&self, _: &[u8]) -> webrtc_util::Result<usize> {
        Err(std::io::Error::from(std::io::ErrorKind::NotConnected).into())
    }

    async fn send_to(&self, buf: &[u8], target: SocketAddr) -> webrtc_util::Result<usize> {
        self.line.out(buf, target).await?;
        Ok(buf.len())
    }

    fn local_addr(&self) -> webrtc_util::Result<SocketAddr> {
        Ok(self.line.socket.local_addr()?)
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
