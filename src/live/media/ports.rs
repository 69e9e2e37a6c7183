//! The UDP ports of the server's own peers: from a range that a firewall can be told of, or any.

use std::collections::HashSet;
use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr, UdpSocket};
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use socket2::SockRef;

/// Bytes that the machine holds for a socket in each direction: a key frame of each of five people
/// arrives in one burst.
const BUFFER: usize = 1024 * 1024;

/// The ports and which of them are in use. Cheap to clone; all clones are one.
#[derive(Clone, Debug, Default)]
pub struct Ports(Arc<Mutex<Given>>);

#[derive(Debug, Default)]
struct Given {
    /// None: whatever the machine gives.
    range: Option<RangeInclusive<u16>>,
    next: u16,
    used: HashSet<u16>,
}

/// A port in use; given back when dropped. Keep it no shorter than its socket.
#[derive(Debug)]
pub struct Lease {
    ports: Ports,
    port: u16,
}

/// A range of ports that is none.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is no range of ports, as 50000-50199 is")]
pub struct BadRange(String);

impl Ports {
    /// Ports of this range only.
    pub fn within(range: RangeInclusive<u16>) -> Self {
        let next = *range.start();
        Self(Arc::new(Mutex::new(Given { range: Some(range), next, used: HashSet::new() })))
    }

    /// Reads a range as it is written in the configuration, `50000-50199`; nothing means any port.
    ///
    /// # Errors
    /// When it is no range, is empty, or holds the ports below 1024.
    pub fn read(text: &str) -> Result<Self, BadRange> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        let bad = || BadRange(text.to_owned());
        let (first, last) = text.split_once('-').ok_or_else(bad)?;
        let number = |text: &str| text.trim().parse::<u16>().map_err(|_| bad());
        let (first, last) = (number(first)?, number(last)?);
        if first < 1024 || last < first { Err(bad()) } else { Ok(Self::within(first..=last)) }
    }

    /// A socket at `ip` on a port that is free.
    ///
    /// # Errors
    /// When there is none left, or the machine refuses.
    pub fn bind(&self, ip: IpAddr) -> io::Result<(UdpSocket, Lease)> {
        let mut given = self.lock();
        let Some(range) = given.range.clone() else {
            let socket = open(ip, 0)?;
            let port = socket.local_addr()?.port();
            given.used.insert(port);
            return Ok((socket, Lease { ports: self.clone(), port }));
        };
        // In turn, so that a port that somebody still sends to rests before it is used again.
        let mut none = io::Error::from(io::ErrorKind::AddrInUse);
        for _ in range.clone() {
            let port = given.next;
            given.next = if port == *range.end() { *range.start() } else { port + 1 };
            if given.used.contains(&port) {
                continue;
            }
            match open(ip, port) {
                Ok(socket) => {
                    given.used.insert(port);
                    return Ok((socket, Lease { ports: self.clone(), port }));
                }
                Err(error) => none = error,
            }
        }
        Err(none)
    }

    /// Whether one of our peers has this port now.
    pub fn in_use(&self, port: u16) -> bool {
        self.lock().used.contains(&port)
    }

    /// How many are in use.
    pub fn count(&self) -> usize {
        self.lock().used.len()
    }

    fn lock(&self) -> MutexGuard<'_, Given> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.ports.lock().used.remove(&self.port);
    }
}

/// The address of this machine that stands for `ip`: itself, or where it means all addresses, the
/// one from which the machine would speak to others.
pub fn own_address(ip: IpAddr) -> IpAddr {
    if !ip.is_unspecified() {
        return ip;
    }
    // Nothing is sent: the machine only says from where it would be. The other address is one of
    // those that are kept for examples (RFC 5737, section 3; RFC 3849, section 4).
    let far = if ip.is_ipv4() { "192.0.2.1:9" } else { "[2001:db8::1]:9" };
    let way = UdpSocket::bind(SocketAddr::new(ip, 0))
        .and_then(|probe| probe.connect(far).and_then(|()| probe.local_addr()));
    let alone =
        if ip.is_ipv4() { IpAddr::from([127, 0, 0, 1]) } else { Ipv6Addr::LOCALHOST.into() };
    way.map_or(alone, |address| address.ip())
}

fn open(ip: IpAddr, port: u16) -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind(SocketAddr::new(ip, port))?;
    socket.set_nonblocking(true)?;
    // The machine may allow less, and says nothing of it.
    let buffers = SockRef::from(&socket);
    let _ = buffers.set_recv_buffer_size(BUFFER);
    let _ = buffers.set_send_buffer_size(BUFFER);
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    #[test]
    fn a_range_is_used_up_and_comes_back() {
        let ports = Ports::within(47_310..=47_313);
        let held: Vec<_> = (0..4).filter_map(|_| ports.bind(LOCAL).ok()).collect();
        assert!(ports.bind(LOCAL).is_err(), "no fifth of four");
        let port = held[0].0.local_addr().unwrap().port();
        assert!(ports.in_use(port) && !ports.in_use(47_309));
        drop(held);
        assert_eq!(ports.count(), 0);
        assert!(ports.bind(LOCAL).is_ok());
    }

    #[test]
    fn an_address_that_means_all_is_replaced_by_one() {
        assert_eq!(own_address(LOCAL), LOCAL);
        let own = own_address(IpAddr::from([0, 0, 0, 0]));
        assert!(own.is_ipv4() && !own.is_unspecified(), "{own}");
    }

    #[test]
    fn ranges_are_read_as_they_are_written() {
        assert!(Ports::read("").is_ok() && Ports::read("50000-50199").is_ok());
        for bad in ["50000", "50199-50000", "80-90", "a-b", "1-70000"] {
            assert!(Ports::read(bad).is_err(), "{bad}");
        }
    }
}
