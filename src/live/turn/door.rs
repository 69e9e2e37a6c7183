//! The socket on which clients come in. The crate keeps a nonce for every challenge and never
//! sweeps them, so what provokes challenges is measured out before the crate sees it.

use std::any::Any;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::UdpSocket;
use webrtc_util::Conn;

use super::counters::Counters;

/// Bytes that the kernel may hold for us: at the default a busy machine lost 2 % of the packets.
const RECEIVE_BUFFER: usize = 4 * 1024 * 1024;
/// Requests without a signature from one source: so many at once, and so many a second after that.
const UNSIGNED: (NonZeroU32, NonZeroU32) = (nonzero(60), nonzero(10));
/// Signed requests from one source; a signature may be nonsense and still provoke a challenge.
const SIGNED: (NonZeroU32, NonZeroU32) = (nonzero(300), nonzero(50));
/// Requests without a signature from everywhere, because sources can be forged.
const UNSIGNED_IN_ALL: (NonZeroU32, NonZeroU32) = (nonzero(1000), nonzero(300));
/// After so many requests the sources that have been quiet are forgotten.
const SWEEP_EVERY: u32 = 4096;
/// Sources remembered at most; beyond that new ones share one place.
const SOURCES: usize = 50_000;

const fn nonzero(value: u32) -> NonZeroU32 {
    match NonZeroU32::new(value) {
        Some(value) => value,
        None => NonZeroU32::MIN,
    }
}

fn quota((burst, per_second): (NonZeroU32, NonZeroU32)) -> Quota {
    Quota::per_second(per_second).allow_burst(burst)
}

/// What a datagram from a client is, as far as the door must know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Data for a channel, or an indication: passes only an existing allocation.
    Data,
    /// A request with MESSAGE-INTEGRITY.
    Signed,
    /// A request without.
    Unsigned,
    /// Nothing that the protocol knows.
    Junk,
}

/// The attributes of a STUN message as (type, value).
fn attributes(message: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    let mut rest = message.get(20..).unwrap_or_default();
    std::iter::from_fn(move || {
        let (head, tail) = rest.split_first_chunk::<4>()?;
        let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
        let value = tail.get(..length)?;
        rest = tail.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some((u16::from_be_bytes([head[0], head[1]]), value))
    })
}

fn kind(datagram: &[u8]) -> Kind {
    match datagram {
        [0x40..=0x7f, _, _, _, ..] => Kind::Data,
        [first @ 0..=0x3f, second, _, _, 0x21, 0x12, 0xa4, 0x42, ..] if datagram.len() >= 20 => {
            match (first & 0x01, second & 0x10) {
                (0, 0) if attributes(datagram).any(|(kind, _)| kind == 0x0008) => Kind::Signed,
                (0, 0) => Kind::Unsigned,
                (0, _) => Kind::Data,
                _ => Kind::Junk,
            }
        }
        _ => Kind::Junk,
    }
}

/// The code of an error response, such as 401.
fn error_code(message: &[u8]) -> Option<u16> {
    let [first @ 0..=0x3f, second, ..] = message else { return None };
    if first & 0x01 == 0 || second & 0x10 == 0 {
        return None;
    }
    let (_, value) = attributes(message).find(|(kind, _)| *kind == 0x0009)?;
    Some(u16::from(*value.get(2)? & 0x07) * 100 + u16::from(*value.get(3)?))
}

/// One household's IPv6 addresses count as one source.
fn source_of(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64).into(),
        ip @ IpAddr::V4(_) => ip,
    }
}

/// Measures requests out.
struct Measure {
    unsigned: DefaultKeyedRateLimiter<IpAddr>,
    signed: DefaultKeyedRateLimiter<IpAddr>,
    in_all: DefaultDirectRateLimiter,
    seen: AtomicU32,
}

impl Measure {
    fn new() -> Self {
        Self {
            unsigned: RateLimiter::keyed(quota(UNSIGNED)),
            signed: RateLimiter::keyed(quota(SIGNED)),
            in_all: RateLimiter::direct(quota(UNSIGNED_IN_ALL)),
            seen: AtomicU32::new(0),
        }
    }

    fn passes(&self, kind: Kind, ip: IpAddr) -> bool {
        let of_source = match kind {
            Kind::Data => return true,
            Kind::Junk => return false,
            Kind::Signed => &self.signed,
            Kind::Unsigned => &self.unsigned,
        };
        if self.seen.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            self.signed.retain_recent();
            self.unsigned.retain_recent();
        }
        let full = of_source.len() >= SOURCES;
        let source = if full { Ipv6Addr::UNSPECIFIED.into() } else { source_of(ip) };
        of_source.check_key(&source).is_ok()
            && (kind == Kind::Signed || self.in_all.check().is_ok())
    }
}

/// The listening socket behind its measure.
pub(super) struct Door {
    socket: UdpSocket,
    measure: Measure,
    counters: Arc<Counters>,
}

impl Door {
    /// Listens on `address`.
    pub(super) fn open(address: SocketAddr, counters: Arc<Counters>) -> std::io::Result<Self> {
        let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
        if let Err(error) = socket.set_recv_buffer_size(RECEIVE_BUFFER) {
            tracing::warn!(%error, "the relay keeps the system's small receive buffer");
        }
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        let socket = UdpSocket::from_std(socket.into())?;
        Ok(Self { socket, measure: Measure::new(), counters })
    }
}

#[async_trait]
impl Conn for Door {
    async fn connect(&self, _: SocketAddr) -> webrtc_util::Result<()> {
        Err(std::io::Error::from(std::io::ErrorKind::Unsupported).into())
    }

    async fn recv(&self, buf: &mut [u8]) -> webrtc_util::Result<usize> {
        Ok(self.recv_from(buf).await?.0)
    }

    /// Never fails: the crate would take an error as the end of the server.
    async fn recv_from(&self, buf: &mut [u8]) -> webrtc_util::Result<(usize, SocketAddr)> {
        loop {
            let (length, source) = match self.socket.recv_from(buf).await {
                Ok(received) => received,
                Err(error) => {
                    tracing::warn!(%error, "the relay could not read");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            };
            let kind = kind(&buf[..length]);
            if self.measure.passes(kind, source.ip()) {
                return Ok((length, source));
            }
            let counter = match kind {
                Kind::Junk => &self.counters.junk,
                _ => &self.counters.throttled,
            };
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    async fn send(&self, _: &[u8]) -> webrtc_util::Result<usize> {
        Err(std::io::Error::from(std::io::ErrorKind::NotConnected).into())
    }

    async fn send_to(&self, buf: &[u8], target: SocketAddr) -> webrtc_util::Result<usize> {
        match error_code(buf) {
            Some(401 | 438) => self.counters.challenges.fetch_add(1, Ordering::Relaxed),
            Some(_) => self.counters.requests_refused.fetch_add(1, Ordering::Relaxed),
            None => 0,
        };
        Ok(self.socket.send_to(buf, target).await?)
    }

    fn local_addr(&self) -> webrtc_util::Result<SocketAddr> {
        Ok(self.socket.local_addr()?)
    }

    fn remote_addr(&self) -> Option<SocketAddr> {
        None
    }

    /// Does nothing: the crate calls it at the end of every allocation.
    async fn close(&self) -> webrtc_util::Result<()> {
        Ok(())
    }

    fn as_any(&self) -> &(dyn Any + Send + Sync) {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: u16, attributes: &[u8]) -> Vec<u8> {
        let mut bytes = kind.to_be_bytes().to_vec();
        bytes.extend(u16::try_from(attributes.len()).unwrap().to_be_bytes());
        bytes.extend([0x21, 0x12, 0xa4, 0x42]);
        bytes.extend([7; 12]);
        bytes.extend(attributes);
        bytes
    }

    #[test]
    fn requests_are_told_from_data_and_junk() {
        let integrity = [&[0, 6, 0, 3, b'a', b'b', b'c', 0, 0, 8, 0, 20][..], &[0; 20]].concat();
        assert_eq!(kind(&message(0x0003, &[])), Kind::Unsigned);
        assert_eq!(kind(&message(0x0003, &integrity)), Kind::Signed);
        assert_eq!(kind(&message(0x0016, &[])), Kind::Data, "a Send indication is never signed");
        assert_eq!(kind(&[0x40, 0, 0, 1, 9]), Kind::Data);
        assert_eq!(kind(&message(0x0103, &[])), Kind::Junk, "a client sends no responses");
        assert_eq!(kind(&[0, 1, 0, 0]), Kind::Junk);
        assert_eq!(kind(&[0xff; 40]), Kind::Junk);
        // A length that runs past the end must not be followed.
        assert_eq!(kind(&message(0x0003, &[0, 8, 0xff, 0xff])), Kind::Unsigned);
    }

    #[test]
    fn the_code_of_an_error_is_read() {
        assert_eq!(error_code(&message(0x0113, &[0, 9, 0, 4, 0, 0, 4, 1])), Some(401));
        assert_eq!(error_code(&message(0x0103, &[0, 9, 0, 4, 0, 0, 4, 1])), None);
        assert_eq!(error_code(&message(0x0113, &[])), None);
    }

    #[test]
    fn a_flood_from_one_source_leaves_the_others_their_share() {
        let measure = Measure::new();
        let (one, other) = ("198.51.100.1".parse().unwrap(), "198.51.100.2".parse().unwrap());
        let passed = (0..500).filter(|_| measure.passes(Kind::Unsigned, one)).count();
        assert!((60..=65).contains(&passed), "{passed}");
        assert!(measure.passes(Kind::Unsigned, other));
        assert!(measure.passes(Kind::Signed, one), "signed requests have a measure of their own");
        assert!((0..10_000).all(|_| measure.passes(Kind::Data, one)));
    }

    #[test]
    fn addresses_of_one_household_are_one_source() {
        let source = |text: &str| source_of(text.parse().unwrap());
        assert_eq!(source("2400:1:2:3::1"), source("2400:1:2:3:ffff::2"));
        assert_ne!(source("2400:1:2:3::1"), source("2400:1:2:4::1"));
        assert_eq!(source("::ffff:198.51.100.1"), source("198.51.100.1"));
    }
}
