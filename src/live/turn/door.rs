//! The socket on which clients come in. The crate keeps a nonce for every challenge and never
//! sweeps them, so that a flood of first requests would fill the memory for good. Here the door
//! gives the challenges itself, all with one nonce that it fetches from the crate now and then; and
//! it measures out what may come in at all.

use std::any::Any;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::UdpSocket;
use webrtc_util::Conn;

use super::channels::{Asked, channel_data};
use super::gate::{Barred, Gate};
use super::nonces::Nonces;
use super::relay::Relays;
use super::stun::{ALLOCATE, Kind, NONCE, challenge, error_code, kind, message, value};

/// Bytes that the kernel may hold for us: at the default a busy machine lost 2 % of the packets.
const RECEIVE_BUFFER: usize = 4 * 1024 * 1024;
/// Requests without a signature from one source: so many at once, and so many a second after that.
const UNSIGNED: (NonZeroU32, NonZeroU32) = (nonzero(60), nonzero(10));
/// Signed requests from one source; a signature may be nonsense and must still be looked at.
const SIGNED: (NonZeroU32, NonZeroU32) = (nonzero(300), nonzero(50));
/// Requests from one source that are signed by nobody, in the same way; then it is not listened to for
/// a while, because each costs as much as a good one.
const BAD: (NonZeroU32, NonZeroU32) = (nonzero(20), nonzero(5));
const DEAF: Duration = Duration::from_secs(1);
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
    bad: DefaultKeyedRateLimiter<IpAddr>,
    /// The sources that are not listened to, and until when.
    deaf: Mutex<HashMap<IpAddr, Instant>>,
    seen: AtomicU32,
}

impl Measure {
    fn new() -> Self {
        Self {
            unsigned: RateLimiter::keyed(quota(UNSIGNED)),
            signed: RateLimiter::keyed(quota(SIGNED)),
            in_all: RateLimiter::direct(quota(UNSIGNED_IN_ALL)),
            bad: RateLimiter::keyed(quota(BAD)),
            deaf: Mutex::default(),
            seen: AtomicU32::new(0),
        }
    }

    fn passes(&self, kind: Kind, ip: IpAddr, now: Instant) -> bool {
        let of_source = match kind {
            Kind::Data => return true,
            Kind::Junk => return false,
            Kind::Signed => &self.signed,
            Kind::Binding | Kind::Unsigned => &self.unsigned,
        };
        if self.seen.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            self.signed.retain_recent();
            self.unsigned.retain_recent();
            self.bad.retain_recent();
            self.deaf().retain(|_, until| now < *until);
        }
        let source = shared(of_source, ip);
        let heard = kind != Kind::Signed || self.deaf().get(&source).is_none_or(|end| now >= *end);
        heard
            && of_source.check_key(&source).is_ok()
            && (kind == Kind::Signed || self.in_all.check().is_ok())
    }

    /// A request of this source was signed by nobody.
    fn was_bad(&self, ip: IpAddr, now: Instant) {
        let source = shared(&self.bad, ip);
        if self.bad.check_key(&source).is_err() {
            self.deaf().insert(source, now + DEAF);
        }
    }

    fn deaf(&self) -> MutexGuard<'_, HashMap<IpAddr, Instant>> {
        self.deaf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Under what a source is measured: itself, or what all new ones share when there are too many.
fn shared(limiter: &DefaultKeyedRateLimiter<IpAddr>, ip: IpAddr) -> IpAddr {
    if limiter.len() >= SOURCES { Ipv6Addr::UNSPECIFIED.into() } else { source_of(ip) }
}

/// Where nobody is: in its name the door asks the crate for a nonce.
const NOBODY: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);

/// The listening socket behind its measure.
pub(super) struct Door {
    socket: Arc<UdpSocket>,
    measure: Measure,
    realm: String,
    gate: Gate,
    nonces: Nonces,
    relays: Arc<Relays>,
    /// The channel that the crate is being asked for.
    asked: Mutex<Option<Asked>>,
}

impl Door {
    /// Listens on `address`, as `realm`; signed requests pass the gate.
    pub(super) fn open(
        address: SocketAddr,
        realm: &str,
        gate: Gate,
        relays: Arc<Relays>,
    ) -> std::io::Result<Self> {
        let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
        if let Err(error) = socket.set_recv_buffer_size(RECEIVE_BUFFER) {
            tracing::warn!(%error, "the relay keeps the system's small receive buffer");
        }
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        let socket = Arc::new(UdpSocket::from_std(socket.into())?);
        // There is one door to a server's relays.
        let _ = relays.door.set(socket.clone());
        let (realm, nonces, asked) = (realm.to_owned(), Nonces::default(), Mutex::default());
        Ok(Self { socket, measure: Measure::new(), realm, gate, nonces, relays, asked })
    }

    /// Sends what came on a channel that is known; false if it is for the crate.
    async fn passes_on(&self, datagram: &[u8], client: SocketAddr) -> bool {
        let Some((number, data)) = channel_data(datagram) else { return false };
        let way = self.relays.channels.way(client, number, Instant::now());
        let Some(way) = way else { return false };
        if let Err(error) = way.line.out(data, way.peer).await {
            tracing::debug!(%error, "a packet could not be relayed");
        }
        true
    }

    fn asked(&self) -> MutexGuard<'_, Option<Asked>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What `datagram` gets instead of being handled, if it is due that: a challenge or a refusal.
    fn response(&self, kind: Kind, datagram: &[u8], ip: IpAddr) -> Option<Vec<u8>> {
        let code = match kind {
            Kind::Unsigned => 401,
            Kind::Signed => match value(datagram, NONCE) {
                Some(nonce) if !self.nonces.knows(nonce) => 438,
                _ => return self.barred(datagram, ip),
            },
            _ => return None,
        };
        let response = challenge(datagram, code, &self.realm, &self.nonces.present()?)?;
        self.relays.counters.challenges.fetch_add(1, Ordering::Relaxed);
        Some(response)
    }

    fn barred(&self, datagram: &[u8], ip: IpAddr) -> Option<Vec<u8>> {
        let (barred, response) = self.gate.bars(datagram)?;
        if matches!(barred, Barred::Name | Barred::Signature) {
            self.measure.was_bad(ip, Instant::now());
        }
        let counters = &self.relays.counters;
        counters.requests_refused.fetch_add(1, Ordering::Relaxed);
        let more = match barred {
            Barred::Name => Some(&counters.names_refused),
            Barred::Signature => None,
            Barred::Peer => Some(&counters.permissions_refused),
            Barred::Allocation => Some(&counters.allocations_refused),
        };
        if let Some(counter) = more {
            counter.fetch_add(1, Ordering::Relaxed);
        }
        Some(response)
    }

    async fn answer(&self, response: &[u8], target: SocketAddr) {
        if let Err(error) = self.socket.send_to(response, target).await {
            tracing::debug!(%error, "a response could not be sent");
        }
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
            // The crate reads again only after it has answered, so this is never asked twice.
            if self.nonces.are_wanted(Instant::now()) {
                let request = message(ALLOCATE, &[0; 12], &[]);
                if let Some(start) = buf.get_mut(..request.len()) {
                    start.copy_from_slice(&request);
                    return Ok((request.len(), NOBODY));
                }
            }
            let (length, source) = match self.socket.recv_from(buf).await {
                Ok(received) => received,
                Err(error) => {
                    tracing::warn!(%error, "the relay could not read");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            };
            let kind = kind(&buf[..length]);
            if kind == Kind::Data && self.passes_on(&buf[..length], source).await {
                continue;
            }
            if self.measure.passes(kind, source.ip(), Instant::now()) {
                let Some(response) = self.response(kind, &buf[..length], source.ip()) else {
                    if kind == Kind::Signed {
                        *self.asked() = Asked::of(&buf[..length], source);
                    }
                    return Ok((length, source));
                };
                self.answer(&response, source).await;
                continue;
            }
            let counter = match kind {
                Kind::Junk => &self.relays.counters.junk,
                _ => &self.relays.counters.throttled,
            };
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    async fn send(&self, _: &[u8]) -> webrtc_util::Result<usize> {
        Err(std::io::Error::from(std::io::ErrorKind::NotConnected).into())
    }

    async fn send_to(&self, buf: &[u8], target: SocketAddr) -> webrtc_util::Result<usize> {
        if target == NOBODY {
            if let Some(nonce) = value(buf, NONCE) {
                self.nonces.learn(nonce, Instant::now());
            }
            return Ok(buf.len());
        }
        let granted = self.asked().take_if(|asked| asked.is_granted(buf, target));
        if let Some(asked) = granted {
            self.relays.channels.bound(asked, Instant::now());
        }
        if error_code(buf).is_some() {
            self.relays.counters.requests_refused.fetch_add(1, Ordering::Relaxed);
        }
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

    #[test]
    fn a_flood_from_one_source_leaves_the_others_their_share() {
        let measure = Measure::new();
        let (one, other) = ("198.51.100.1".parse().unwrap(), "198.51.100.2".parse().unwrap());
        let now = Instant::now();
        let passed = (0..500).filter(|_| measure.passes(Kind::Unsigned, one, now)).count();
        assert!((60..=65).contains(&passed), "{passed}");
        assert!(measure.passes(Kind::Unsigned, other, now));
        assert!(measure.passes(Kind::Signed, one, now), "signed requests have another measure");
        assert!((0..10_000).all(|_| measure.passes(Kind::Data, one, now)));
    }

    #[test]
    fn whoever_signs_badly_again_and_again_is_not_listened_to_for_a_second() {
        let measure = Measure::new();
        let (one, other) = ("198.51.100.1".parse().unwrap(), "198.51.100.2".parse().unwrap());
        let now = Instant::now();
        for _ in 0..20 {
            assert!(measure.passes(Kind::Signed, one, now));
            measure.was_bad(one, now);
        }
        assert!(measure.passes(Kind::Signed, one, now), "twenty may be mistakes");
        (0..5).for_each(|_| measure.was_bad(one, now));
        assert!(!measure.passes(Kind::Signed, one, now));
        assert!(measure.passes(Kind::Unsigned, one, now), "it may still ask who it is");
        assert!(measure.passes(Kind::Signed, other, now));
        assert!(measure.passes(Kind::Signed, one, now + DEAF));
    }

    #[test]
    fn addresses_of_one_household_are_one_source() {
        let source = |text: &str| source_of(text.parse().unwrap());
        assert_eq!(source("2400:1:2:3::1"), source("2400:1:2:3:ffff::2"));
        assert_ne!(source("2400:1:2:3::1"), source("2400:1:2:4::1"));
        assert_eq!(source("::ffff:198.51.100.1"), source("198.51.100.1"));
    }
}
