//! Makes one stream of what comes from one person after another: a viewer's slot keeps its numbers
//! and its clock when the person in it changes, so that nothing there has to be told anew.

use std::time::{Duration, Instant};

/// The numbers of one outgoing stream.
#[derive(Debug)]
pub(super) struct Rewrite {
    /// Ticks of the stream's clock in a second.
    rate: u32,
    /// The first packet of who is forwarded now; None while nobody is.
    source: Option<Source>,
    /// The newest packet that went out, and when.
    last: Option<(u16, u32, Instant)>,
}

#[derive(Debug)]
struct Source {
    first: u16,
    sequence: u16,
    timestamp: u32,
}

impl Rewrite {
    pub(super) const fn new(rate: u32) -> Self {
        Self { rate, source: None, last: None }
    }

    /// Somebody else, or the same person anew, comes next.
    pub(super) fn change(&mut self) {
        self.source = None;
    }

    /// Whether a packet of the present person went out.
    pub(super) const fn running(&self) -> bool {
        self.source.is_some()
    }

    /// The numbers with which a packet goes out. None for a packet older than the first of its
    /// person: its number belongs to whoever was there before.
    pub(super) fn map(
        &mut self,
        sequence: u16,
        timestamp: u32,
        now: Instant,
    ) -> Option<(u16, u32)> {
        let last = self.last;
        let rate = self.rate;
        let source = self.source.get_or_insert_with(|| {
            let (next, clock) = last.map_or((sequence, timestamp), |(sequence, timestamp, at)| {
                let passed = ticks(now.saturating_duration_since(at), rate).max(1);
                (sequence.wrapping_add(1), timestamp.wrapping_add(passed))
            });
            Source {
                first: sequence,
                sequence: next.wrapping_sub(sequence),
                timestamp: clock.wrapping_sub(timestamp),
            }
        });
        if older(sequence, source.first) {
            return None;
        }
        // Half the circle later an old number would look older than the first one.
        if sequence.wrapping_sub(source.first) > u16::MAX / 4 {
            source.first = sequence.wrapping_sub(u16::MAX / 8);
        }
        let out =
            (sequence.wrapping_add(source.sequence), timestamp.wrapping_add(source.timestamp));
        if last.is_none_or(|(newest, ..)| older(newest, out.0)) {
            self.last = Some((out.0, out.1, now));
        }
        Some(out)
    }
}

fn ticks(passed: Duration, rate: u32) -> u32 {
    // A clock that goes round is the point; an hour at 90 kHz fits.
    u32::try_from(passed.as_micros() * u128::from(rate) / 1_000_000).unwrap_or(u32::MAX)
}

/// Whether one number of a circle lies before another.
const fn older(one: u16, other: u16) -> bool {
    one != other && other.wrapping_sub(one) < 0x8000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_goes_on_where_the_person_before_stopped() {
        let start = Instant::now();
        let mut slot = Rewrite::new(90_000);
        assert_eq!(slot.map(65_534, 7, start), Some((65_534, 7)));
        assert_eq!(slot.map(65_535, 3_007, start), Some((65_535, 3_007)));
        assert_eq!(slot.map(0, 6_007, start), Some((0, 6_007)));
        assert_eq!(
            slot.map(65_535, 3_007, start),
            Some((65_535, 3_007)),
            "a repeated one keeps its own"
        );
        slot.change();
        assert!(!slot.running());
        let later = start + Duration::from_secs(1);
        assert_eq!(slot.map(100, 1_000_000, later), Some((1, 6_007 + 90_000)));
        assert_eq!(slot.map(99, 999_000, later), None, "its number is somebody else's");
        assert_eq!(
            slot.map(102, 1_003_000, later),
            Some((3, 6_007 + 93_000)),
            "a hole stays a hole"
        );
        assert_eq!(slot.map(101, 1_000_000, later), Some((2, 6_007 + 90_000)));
    }

    #[test]
    fn a_long_visit_goes_round_many_times() {
        let now = Instant::now();
        let mut slot = Rewrite::new(48_000);
        let mut sequence = 5_u16;
        for step in 0..400_000_u32 {
            let out = slot.map(sequence, step.wrapping_mul(960), now);
            assert_eq!(out, Some((sequence, step.wrapping_mul(960))), "step {step}");
            sequence = sequence.wrapping_add(1);
        }
    }
}
