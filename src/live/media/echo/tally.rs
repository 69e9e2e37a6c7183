//! What reached the server on one connection of a check.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::Deserialize;

/// Probes are numbered from 0 to one less than this.
const PROBES: u32 = 4096;
/// Messages and bytes that one connection takes; two seconds of 1.5 Mbit/s fit in four times.
const MESSAGES: u32 = 2 * PROBES;
const BYTES: usize = 2 * 1024 * 1024;
/// Data channels on one connection.
const CHANNELS: u32 = 4;
/// What arrives later than this after the first packet of a burst is not counted: it waited
/// somewhere on the way.
pub(super) const BURST: Duration = Duration::from_secs(2);

#[derive(Default)]
pub(super) struct Tally(Mutex<Seen>);

#[derive(Default)]
struct Seen {
    probes: HashSet<u32>,
    messages: u32,
    bytes: usize,
    channels: u32,
    burst: Option<(Instant, usize)>,
}

/// A probe, as the browser numbers it. What else it says is its own business.
#[derive(Deserialize)]
struct Probe {
    seq: u32,
}

impl Tally {
    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a message to be echoed; false when the connection has had all it may.
    pub(super) fn count(&self, message: &[u8]) -> bool {
        let mut seen = self.lock();
        if !seen.takes(message.len()) {
            return false;
        }
        if let Ok(Probe { seq: seq @ 0..PROBES }) = serde_json::from_slice(message) {
            seen.probes.insert(seq);
        }
        true
    }

    /// Counts a packet of the browser's burst, as [`Tally::count`] does.
    pub(super) fn count_burst(&self, length: usize, now: Instant) -> bool {
        let mut seen = self.lock();
        if !seen.takes(length) {
            return false;
        }
        let (since, bytes) = seen.burst.get_or_insert((now, 0));
        if now.duration_since(*since) <= BURST {
            *bytes += length;
        }
        true
    }

    pub(super) fn takes_channel(&self) -> bool {
        let mut seen = self.lock();
        seen.channels += 1;
        seen.channels <= CHANNELS
    }

    /// Different probes that arrived.
    pub(super) fn probes(&self) -> u32 {
        u32::try_from(self.lock().probes.len()).unwrap_or(u32::MAX)
    }

    /// Kilobits a second that came up; nothing if there was no burst.
    pub(super) fn kbps(&self) -> Option<u32> {
        let (_, bytes) = self.lock().burst?;
        u32::try_from(bytes as u128 * 8 / BURST.as_millis()).ok()
    }
}

impl Seen {
    fn takes(&mut self, length: usize) -> bool {
        self.messages += 1;
        self.bytes += length;
        self.messages <= MESSAGES && self.bytes <= BYTES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probes_are_counted_once_each() {
        let tally = Tally::default();
        for message in
            ["{\"seq\":0}", "{\"seq\":1,\"at\":5}", "{\"seq\":1}", "hello", "{\"seq\":-1}"]
        {
            assert!(tally.count(message.as_bytes()));
        }
        assert!(tally.count(b"{\"seq\":4096}"), "is echoed, but is no probe");
        assert_eq!((tally.probes(), tally.lock().messages), (2, 6));
    }

    #[test]
    fn a_connection_has_its_fill() {
        let tally = Tally::default();
        let message = vec![b' '; BYTES / 2];
        assert!(tally.count(&message) && tally.count(&message));
        assert!(!tally.count(b"1") && !tally.count_burst(1, Instant::now()));
        assert_eq!((0..10).filter(|_| tally.takes_channel()).count(), 4);
    }

    #[test]
    fn a_burst_is_counted_for_two_seconds_from_its_first_packet() {
        let (tally, start) = (Tally::default(), Instant::now());
        assert_eq!(tally.kbps(), None);
        for tenth in 0..30 {
            assert!(tally.count_burst(12_500, start + Duration::from_millis(100 * tenth)));
        }
        assert_eq!(tally.kbps(), Some(1050), "21 packets of 100 kbit in two seconds");
    }
}
