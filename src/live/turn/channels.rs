//! Channels that the crate has granted, so that their packets need not go through it: it copies each
//! of them three times and allocates as often.
//!
//! What is granted is learnt from what passes the door: a `ChannelBind` that goes in, and the
//! success that comes out with the same transaction. A channel is known here as long as it is there
//! (RFC 8656, section 12: ten minutes from the last success); whatever is not known goes to the crate.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant};

use super::conn::Line;
use super::stun::{CHANNEL_BIND, channel_number, peers, type_of};

/// How long a channel lasts.
const LASTS: Duration = Duration::from_mins(10);
/// The type of its success.
const BOUND: u16 = CHANNEL_BIND | 0x0100;

/// Where the packets of a channel go.
#[derive(Clone)]
pub(super) struct Way {
    pub(super) line: Arc<Line>,
    pub(super) peer: SocketAddr,
    until: Instant,
}

/// A `ChannelBind` on its way through the crate, which handles one request at a time.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    transaction: [u8; 12],
    client: SocketAddr,
    number: u16,
    peer: SocketAddr,
}

impl Asked {
    /// What `request` of `client` asks for, if it is a `ChannelBind`.
    pub(super) fn of(request: &[u8], client: SocketAddr) -> Option<Self> {
        let transaction = *request.get(8..)?.first_chunk()?;
        let peer = peers(request).next()??;
        let number = channel_number(request)?;
        let wanted = type_of(request)? == CHANNEL_BIND;
        wanted.then_some(Self { transaction, client, number, peer })
    }

    /// Whether `response` to `target` grants it.
    pub(super) fn is_granted(&self, response: &[u8], target: SocketAddr) -> bool {
        type_of(response) == Some(BOUND)
            && target == self.client
            && response.get(8..20) == Some(&self.transaction[..])
    }
}

/// All channels of one server.
#[derive(Default)]
pub(super) struct Channels(RwLock<Known>);

#[derive(Default)]
struct Known {
    /// The allocation of each client.
    lines: HashMap<SocketAddr, Arc<Line>>,
    out: HashMap<(SocketAddr, u16), Way>,
    back: HashMap<(SocketAddr, SocketAddr), (u16, Instant)>,
}

impl Channels {
    /// `client` has an allocation.
    pub(super) fn opened(&self, client: SocketAddr, line: Arc<Line>) {
        self.write().lines.insert(client, line);
    }

    /// It has none any more, if it is still this one.
    pub(super) fn closed(&self, client: SocketAddr, line: &Arc<Line>) {
        let mut known = self.write();
        if known.lines.get(&client).is_some_and(|one| Arc::ptr_eq(one, line)) {
            known.lines.remove(&client);
            known.out.retain(|(of, _), _| *of != client);
            known.back.retain(|(of, _), _| *of != client);
        }
    }

    /// A channel was granted.
    pub(super) fn bound(&self, asked: Asked, now: Instant) {
        let mut known = self.write();
        let Some(line) = known.lines.get(&asked.client).cloned() else { return };
        let (until, Asked { client, number, peer, .. }) = (now + LASTS, asked);
        known.out.insert((client, number), Way { line, peer, until });
        known.back.insert((client, peer), (number, until));
    }

    /// Where what `client` sends on a channel goes.
    pub(super) fn way(&self, client: SocketAddr, number: u16, now: Instant) -> Option<Way> {
        self.read().out.get(&(client, number)).filter(|way| now < way.until).cloned()
    }

    /// The channel on which `client` hears `peer`.
    pub(super) fn number(&self, client: SocketAddr, peer: SocketAddr, now: Instant) -> Option<u16> {
        let known = self.read();
        let (number, until) = known.back.get(&(client, peer))?;
        (now < *until).then_some(*number)
    }

    fn read(&self) -> RwLockReadGuard<'_, Known> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Known> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The number and the data of a `ChannelData` message (RFC 8656, section 12.4).
pub(super) fn channel_data(datagram: &[u8]) -> Option<(u16, &[u8])> {
    let (head, rest) = datagram.split_first_chunk::<4>()?;
    let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
    Some((u16::from_be_bytes([head[0], head[1]]), rest.get(..length)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_of_a_channel_is_as_long_as_it_says() {
        assert_eq!(channel_data(&[0x40, 1, 0, 2, 7, 8, 0, 0]), Some((0x4001, &[7, 8][..])));
        assert_eq!(channel_data(&[0x40, 1, 0, 0]), Some((0x4001, &[][..])));
        assert_eq!(channel_data(&[0x40, 1, 0, 3, 7, 8]), None);
        assert_eq!(channel_data(&[0x40, 1, 0]), None);
    }

    #[test]
    fn only_the_success_of_the_same_request_grants() {
        let client: SocketAddr = "127.0.0.1:5000".parse().unwrap();
        // Channel 0x4001 to 203.0.113.9:8080.
        let mut request = vec![0, 9, 0, 20, 0x21, 0x12, 0xa4, 0x42];
        request.extend([7; 12]);
        request.extend([0, 0x0c, 0, 4, 0x40, 1, 0, 0]);
        request.extend([0, 0x12, 0, 8, 0, 1, 0x3e, 0x82, 0xea, 0x12, 0xd5, 0x4b]);
        let asked = Asked::of(&request, client).unwrap();
        assert_eq!((asked.number, asked.peer), (0x4001, "203.0.113.9:8080".parse().unwrap()));
        let said =
            |kind: [u8; 2], transaction: u8| [&kind[..], &[0; 6], &[transaction; 12]].concat();
        assert!(asked.is_granted(&said([1, 9], 7), client));
        assert!(!asked.is_granted(&said([1, 0x19], 7), client), "refused");
        assert!(!asked.is_granted(&said([1, 9], 8), client), "another request");
        assert!(!asked.is_granted(&said([1, 9], 7), "127.0.0.1:5001".parse().unwrap()));
        request[1] = 8;
        assert!(Asked::of(&request, client).is_none(), "a permission is no channel");
    }
}
