//! The starts of a day that are free, as a set: small enough to keep those of every facility for
//! weeks ahead.

use crate::model::schedule::UNIT_MINUTES;
use crate::time::Instant;
use crate::time::span::Span;

/// Words of a set: a day of 25 hours has 300 units of five minutes.
const WORDS: usize = 5;

/// A set of starts of one local day, in units of five minutes from its first instant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Starts([u64; WORDS]);

impl Starts {
    /// Adds the start of a visit on the day that spans `day`. Whatever is outside of it is left out.
    pub fn add(&mut self, day: Span, start: Instant) {
        if let Some(unit) = unit(day, start) {
            self.0[unit / 64] |= 1 << (unit % 64);
        }
    }

    /// Whether `start` is one of them.
    pub fn has(self, day: Span, start: Instant) -> bool {
        unit(day, start).is_some_and(|unit| self.0[unit / 64] >> (unit % 64) & 1 == 1)
    }

    /// Those of either.
    #[must_use]
    pub fn or(mut self, other: Self) -> Self {
        for (mine, others) in self.0.iter_mut().zip(other.0) {
            *mine |= others;
        }
        self
    }

    /// Those that are not before `from`.
    #[must_use]
    pub fn since(mut self, day: Span, from: Instant) -> Self {
        if from <= day.start {
            return self;
        }
        let seconds = (from - day.start).num_seconds();
        let whole = from.timestamp_subsec_nanos() == day.start.timestamp_subsec_nanos();
        let length = i64::from(UNIT_MINUTES) * 60;
        let units = seconds / length + i64::from(seconds % length != 0 || !whole);
        let units = usize::try_from(units).unwrap_or(usize::MAX);
        for (at, word) in self.0.iter_mut().enumerate() {
            let gone = units.saturating_sub(at * 64);
            *word = if gone >= 64 { 0 } else { *word >> gone << gone };
        }
        self
    }

    /// How many there are.
    pub fn count(self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.0 == [0; WORDS]
    }

    /// The starts, in order.
    pub fn iter(self, day: Span) -> impl Iterator<Item = Instant> {
        let units = self.0.into_iter().enumerate().flat_map(|(at, word)| {
            let rest = |word: &u64| Some(*word & (*word).wrapping_sub(1));
            std::iter::successors(Some(word), rest)
                .take_while(|word| *word != 0)
                .map(move |word| 64 * (0..).nth(at).unwrap_or(0) + i64::from(word.trailing_zeros()))
        });
        units
            .map(move |unit| day.start + chrono::TimeDelta::minutes(unit * i64::from(UNIT_MINUTES)))
    }
}

fn unit(day: Span, start: Instant) -> Option<usize> {
    let minutes = (start - day.start).num_minutes();
    let unit = usize::try_from(minutes / i64::from(UNIT_MINUTES)).ok()?;
    (start >= day.start && unit < WORDS * 64).then_some(unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_set_of_starts_is_what_was_added(
            units in prop::collection::btree_set(0i64..300, 0..40),
            more in prop::collection::btree_set(0i64..300, 0..40),
            from in -600i64..108_000,
        ) {
            let start: Instant = "2026-11-30T15:00:00Z".parse().unwrap();
            let day = Span::of(start, TimeDelta::hours(25)).unwrap();
            let at = |unit: &i64| start + TimeDelta::minutes(unit * 5);
            let set = |units: &std::collections::BTreeSet<i64>| {
                let mut set = Starts::default();
                for unit in units {
                    set.add(day, at(unit));
                }
                set
            };
            let all: Vec<_> = set(&units).or(set(&more)).iter(day).collect();
            prop_assert_eq!(&all, &units.union(&more).map(at).collect::<Vec<_>>());
            let from = start + TimeDelta::seconds(from);
            let left: Vec<_> = set(&units).since(day, from).iter(day).collect();
            let expected: Vec<_> = units.iter().map(at).filter(|at| *at >= from).collect();
            prop_assert_eq!(u32::try_from(left.len()).unwrap(), set(&units).since(day, from).count());
            prop_assert_eq!(left, expected);
        }
    }
}
