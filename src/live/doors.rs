//! How many sockets may be open, and how long a page waits that shows nothing good (video.md 6).

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;

use crate::time::Instant;

/// Most sockets of one address, and of this process.
const PER_ADDRESS: usize = 40;
const IN_ALL: usize = 10_000;
/// How long a first failure is answered late, and the longest that any is.
const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(25);
/// After so long without a failure an address has a clean slate.
const FORGOTTEN: TimeDelta = TimeDelta::minutes(10);

/// The doors of this process. Clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Doors {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    open: HashMap<IpAddr, usize>,
    all: usize,
    failures: HashMap<IpAddr, (u32, Instant)>,
}

/// One socket; it counts until this is dropped.
#[derive(Debug)]
pub struct Guard {
    doors: Doors,
    address: IpAddr,
}

impl Doors {
    /// A place for one more socket from this address, if there is one.
    pub fn open(&self, address: IpAddr) -> Option<Guard> {
        let address = neighbours(address);
        let mut state = self.lock();
        let here = state.open.get(&address).copied().unwrap_or_default();
        if state.all >= IN_ALL || here >= PER_ADDRESS {
            return None;
        }
        state.all += 1;
        state.open.insert(address, here + 1);
        Some(Guard { doors: self.clone(), address })
    }

    /// How late a page at this address is told that what it showed was not good. Twice as late each
    /// time; who shows something good never waits.
    pub fn failed(&self, address: IpAddr, now: Instant) -> Duration {
        let mut state = self.lock();
        state.failures.retain(|_, (_, at)| now - *at < FORGOTTEN);
        let (count, at) = state.failures.entry(neighbours(address)).or_insert((0, now));
        let wait = FIRST.saturating_mul(1 << (*count).min(16)).min(LONGEST);
        *count += 1;
        *at = now;
        wait
    }

    /// Sockets that are open.
    pub fn count(&self) -> usize {
        self.lock().all
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let mut state = self.doors.lock();
        state.all -= 1;
        let left = state.open.get_mut(&self.address).map(|count| {
            *count -= 1;
            *count
        });
        if left == Some(0) {
            state.open.remove(&self.address);
        }
    }
}

/// Whoever has an IPv6 address has the whole network of its first half.
fn neighbours(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Instant {
        let start: Instant = "2026-12-01T01:00:00Z".parse().unwrap();
        start + TimeDelta::seconds(seconds)
    }

    #[test]
    fn an_address_has_forty_and_the_network_of_a_house_is_one() {
        let doors = Doors::default();
        let house = |host: u16| IpAddr::from([0x2001, 0xdb8, 0, 1, 0, 0, 0, host]);
        let mut open: Vec<_> = (0..40).map(|host| doors.open(house(host)).unwrap()).collect();
        assert!(doors.open(house(99)).is_none());
        assert!(doors.open(IpAddr::from([0x2001, 0xdb8, 0, 2, 0, 0, 0, 1])).is_some());
        assert_eq!(doors.count(), 40);
        open.pop();
        assert!(doors.open(house(99)).is_some());
        drop(open);
        assert_eq!((doors.count(), doors.lock().open.len()), (0, 0));
    }

    #[test]
    fn all_addresses_together_have_ten_thousand() {
        let doors = Doors::default();
        let open: Vec<_> =
            (0..10_000_u32).map(|n| doors.open(IpAddr::V4(n.into())).unwrap()).collect();
        assert!(doors.open(IpAddr::from([192, 0, 2, 1])).is_none());
        drop(open);
        assert!(doors.open(IpAddr::from([192, 0, 2, 1])).is_some());
    }

    #[test]
    fn each_failure_is_answered_twice_as_late_up_to_25_seconds() {
        let doors = Doors::default();
        let (one, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let waits: Vec<_> = (0..10).map(|_| doors.failed(one, at(0)).as_millis()).collect();
        assert_eq!(waits, [100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_000, 25_000]);
        assert_eq!(doors.failed(other, at(0)).as_millis(), 100);
        assert_eq!(doors.failed(one, at(599)).as_millis(), 25_000);
        assert_eq!(doors.failed(one, at(599 + 600)).as_millis(), 100);
        for _ in 0..200 {
            doors.failed(other, at(0));
        }
    }
}
