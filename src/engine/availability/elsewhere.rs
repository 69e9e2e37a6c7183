//! How far it is known what a clinician does elsewhere, by the calendars that were read.
//!
//! A calendar that is read at its address again and again is believed for [`FRESH`] after it was
//! last read. Then the clinician has no free times until it is read again, or taken away: a patient
//! who is turned away is told so, one who is booked into somebody else's appointment is not. A day
//! is what the large calendar services take themselves to follow each other, and longer than their
//! outages, through which a clinic must be able to work; whoever confirms a time asks for the
//! calendar once more anyway.
//!
//! A calendar that came as a file has no age at which it is wrong. What it says ends with
//! `known_until`, and so does what is known of any calendar: later times are not offered, as are
//! the days of which it is not published whether they are holidays.

use chrono::TimeDelta;

use crate::time::Instant;
use crate::time::span::Span;

/// How long what was read at an address is believed.
pub const FRESH: TimeDelta = TimeDelta::hours(24);

/// What is known of a clinician's calendars elsewhere, all of them together. There may be none:
/// then nothing is in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    /// As of when what is known of it the longest is.
    pub as_of: Option<Instant>,
    /// The first minute in which that is too old.
    pub fresh_until: Instant,
    /// Until when they were followed.
    pub known_until: Instant,
}

impl Default for Elsewhere {
    fn default() -> Self {
        Self { as_of: None, fresh_until: Instant::MAX_UTC, known_until: Instant::MAX_UTC }
    }
}

impl Elsewhere {
    /// The same with one calendar more: as of when it is, until when it was followed, and whether
    /// it is read at an address.
    #[must_use]
    pub fn and(self, as_of: Instant, known_until: Instant, by_address: bool) -> Self {
        let known_until = self.known_until.min(known_until);
        if !by_address || self.as_of.is_some_and(|oldest| oldest <= as_of) {
            return Self { known_until, ..self };
        }
        // Whole minutes, because what a search found out serves all searches of a minute.
        let until = as_of.checked_add_signed(FRESH).unwrap_or(Instant::MAX_UTC);
        let past = TimeDelta::microseconds(until.timestamp_micros().rem_euclid(60_000_000));
        let fresh_until = until.checked_sub_signed(past).unwrap_or(until);
        Self { as_of: Some(as_of), fresh_until, known_until }
    }

    /// Since when it is too old, if it is at `now`.
    pub fn stale_at(&self, now: Instant) -> Option<Instant> {
        self.as_of.filter(|_| self.fresh_until <= now)
    }

    /// Whether it reaches to the end of `span`.
    pub fn reaches(&self, span: Span) -> bool {
        span.end <= self.known_until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test]
    fn the_oldest_address_and_the_nearest_end_decide() {
        let (none, far) = (Elsewhere::default(), at("2028-01-01T00:00:00Z"));
        assert_eq!(none.stale_at(Instant::MAX_UTC), None);
        let file = none.and(at("2020-01-01T00:00:00Z"), far, false);
        assert_eq!((file.stale_at(Instant::MAX_UTC), file.known_until), (None, far));
        let (old, new) = (at("2026-12-01T10:00:30.5Z"), at("2026-12-01T11:00:00Z"));
        let sooner = at("2027-06-01T00:00:00Z");
        for both in [
            file.and(old, far, true).and(new, sooner, true),
            file.and(new, sooner, true).and(old, far, true),
        ] {
            assert_eq!((both.as_of, both.known_until), (Some(old), sooner));
            // A whole minute, at most a day after.
            assert_eq!(both.fresh_until, at("2026-12-02T10:00:00Z"));
            assert_eq!(both.stale_at(at("2026-12-02T09:59:59.999999Z")), None);
            assert_eq!(both.stale_at(at("2026-12-02T10:00:00Z")), Some(old));
        }
    }
}
