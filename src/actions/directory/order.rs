//! In which order a search shows what it found, and where its next page begins.

use uuid::Uuid;

use crate::model::FacilityId;
use crate::time::Instant;

/// The place of a facility in a search: by its first free time; of equal ones by chance that is
/// the same for everybody within an hour, and the better the more times are free; those without a
/// free time last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    /// Seconds; the greatest where there is none.
    first: i64,
    chance: u64,
    id: FacilityId,
}

impl Key {
    pub(super) fn new(id: FacilityId, first: Option<Instant>, free: u32, hour: i64) -> Self {
        let first = first.map_or(i64::MAX, |first| first.timestamp());
        Self { first, chance: chance(id, free, hour), id }
    }
}

/// The hour of `now`, by which the order of equals changes.
pub(super) fn hour_of(now: Instant) -> i64 {
    now.timestamp().div_euclid(3600)
}

/// Smaller is earlier. Each facility draws an evenly spread number and divides its logarithm by how
/// many times it has free: so it comes before others in proportion to these.
fn chance(id: FacilityId, free: u32, hour: i64) -> u64 {
    let (high, low) = id.0.as_u64_pair();
    let drawn = mixed(high ^ mixed(low ^ mixed(hour.cast_unsigned())));
    // 53 bits, between 0 and 1 and neither of them.
    #[expect(clippy::cast_precision_loss, reason = "53 bits are kept as they are")]
    let even = ((drawn >> 12) as f64 + 0.5) / (1_u64 << 52) as f64;
    // The bits of positive numbers are in the order of the numbers.
    (-even.ln() / f64::from(free.max(1))).to_bits()
}

/// Spreads numbers that lie near each other over all (the finalizer of SplitMix64).
fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// After what a page begins, and by the order of which hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cursor {
    pub(super) hour: i64,
    pub(super) after: Key,
}

impl Cursor {
    /// As text.
    pub(super) fn text(self) -> String {
        let Key { first, chance, id } = self.after;
        format!("{}.{first}.{chance:x}.{}", self.hour, id.0.simple())
    }

    /// From text.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let mut part = || parts.next();
        let (hour, first) = (part()?.parse().ok()?, part()?.parse().ok()?);
        let chance = u64::from_str_radix(part()?, 16).ok()?;
        let id = FacilityId(Uuid::try_parse(part()?).ok()?);
        parts.next().is_none().then_some(Self { hour, after: Key { first, chance, id } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_was() {
        let id = FacilityId(Uuid::from_u128(7));
        let after = Key::new(id, Some("2026-12-01T00:00:00Z".parse().unwrap()), 3, 495_000);
        let cursor = Cursor { hour: 495_000, after };
        assert_eq!(Cursor::parse(&cursor.text()), Some(cursor));
        for bad in ["", "1", "1.2.3", "1.2.zz.4", "x.2.3.4", &format!("{}.1", cursor.text())] {
            assert_eq!(Cursor::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn who_has_more_free_times_comes_first_more_often_and_nobody_always() {
        let ids: Vec<FacilityId> = (1..=4).map(|n| FacilityId(Uuid::from_u128(n << 70))).collect();
        let mut wins = [0_u32; 4];
        for hour in 0..4000 {
            let key = |at: &usize| Key::new(ids[*at], None, [1, 1, 2, 4][*at], hour);
            wins[(0..4).min_by_key(key).unwrap()] += 1;
        }
        // In proportion 1 : 1 : 2 : 4 of 4000, within five standard deviations.
        for (won, expected) in wins.into_iter().zip([500, 500, 1000, 2000]) {
            assert!(won.abs_diff(expected) < 160, "{wins:?}");
        }
    }
}
