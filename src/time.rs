//! Instants in UTC, half-open spans of them, and the local days of a zone.
//!
//! Nothing below asks the machine for the time: a [`Clock`] is passed in. Times are whole
//! microseconds, because PostgreSQL keeps no more and a value must come back as it went in.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

pub mod span;
pub mod zone;

/// An instant, in UTC, in whole microseconds.
pub type Instant = DateTime<Utc>;

/// Where the present comes from. Cheap to clone; a test holds one that it sets by hand.
#[derive(Clone, Default)]
pub enum Clock {
    /// The machine's own clock.
    #[default]
    System,
    /// A clock that stands still until it is moved.
    Manual(Arc<Mutex<Instant>>),
}

impl Clock {
    /// A clock that stands at `instant` until [`Clock::advance`] moves it.
    pub fn manual(instant: Instant) -> Self {
        Self::Manual(Arc::new(Mutex::new(instant.trunc_subsecs(6))))
    }

    /// The present, in whole microseconds.
    pub fn now(&self) -> Instant {
        match self {
            #[expect(clippy::disallowed_methods, reason = "this is the one place that may ask")]
            Self::System => Utc::now().trunc_subsecs(6),
            Self::Manual(at) => *at.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Moves a manual clock by `delta`; the system's clock is not ours to move.
    pub fn advance(&self, delta: TimeDelta) {
        if let Self::Manual(at) = self {
            *at.lock().unwrap_or_else(PoisonError::into_inner) += delta;
        }
    }

    /// Sets a manual clock to `instant`; the system's clock is not ours to set.
    pub fn set(&self, instant: Instant) {
        if let Self::Manual(at) = self {
            *at.lock().unwrap_or_else(PoisonError::into_inner) = instant.trunc_subsecs(6);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_only_when_moved_and_keeps_microseconds() {
        let start = "2026-12-01T00:00:00.123456789Z".parse().unwrap();
        let clock = Clock::manual(start);
        assert_eq!(clock.now().to_rfc3339(), "2026-12-01T00:00:00.123456+00:00");
        clock.advance(TimeDelta::minutes(5));
        assert_eq!(clock.now().to_rfc3339(), "2026-12-01T00:05:00.123456+00:00");
    }
}
