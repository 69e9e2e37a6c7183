//! A bad network, for tests: packets that the relay loses or delays on purpose. Programs that are
//! built for use do not have it.

use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rand::Rng;
use serde::Deserialize;

/// How bad, as `loss=10,delay=40`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Impair {
    /// Packets lost of a hundred.
    pub loss: u8,
    /// How long each of the others takes longer.
    pub delay: Duration,
}

impl FromStr for Impair {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "expected loss=PERCENT,delay=MILLISECONDS".to_owned();
        let mut impair = Self::default();
        for part in text.split(',').filter(|part| !part.is_empty()) {
            let (key, value) = part.split_once('=').ok_or_else(wrong)?;
            let value: u16 = value.parse().map_err(|_| wrong())?;
            match key {
                "loss" => impair.loss = u8::try_from(value).map_err(|_| wrong())?,
                "delay" => impair.delay = Duration::from_millis(value.into()),
                _ => return Err(wrong()),
            }
        }
        if impair.loss > 100 { Err(wrong()) } else { Ok(impair) }
    }
}

impl TryFrom<String> for Impair {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl Impair {
    /// Whether the next packet is lost, counted in `lost`.
    pub(super) fn loses(self, lost: &AtomicU64) -> bool {
        let loses = self.loss > 0 && rand::rng().random_range(0..100) < self.loss;
        if loses {
            lost.fetch_add(1, Ordering::Relaxed);
        }
        loses
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_network_is_described_in_one_line() {
        let read = |text: &str| text.parse::<Impair>();
        let delay = Duration::from_millis(40);
        assert_eq!(read("loss=10,delay=40"), Ok(Impair { loss: 10, delay }));
        assert_eq!(read("loss=3"), Ok(Impair { loss: 3, delay: Duration::ZERO }));
        assert_eq!(read(""), Ok(Impair::default()));
        for wrong in ["loss", "loss=101", "loss=-1", "delay=x", "jitter=3"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn about_as_many_are_lost_as_were_asked_for() {
        let (impair, lost) = (Impair { loss: 10, delay: Duration::ZERO }, AtomicU64::new(0));
        let count = (0..10_000).filter(|_| impair.loses(&lost)).count();
        assert!((800..1200).contains(&count), "{count}");
        assert_eq!(lost.into_inner(), count as u64);
    }
}
