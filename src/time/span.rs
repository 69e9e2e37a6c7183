//! Half-open spans of instants: the start belongs to it, the end does not.

use chrono::TimeDelta;

use super::Instant;

/// From `start` up to, not including, `end`. Never empty: `start < end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The first instant inside.
    pub start: Instant,
    /// The first instant after it.
    pub end: Instant,
}

impl Span {
    /// The span from `start` to `end`, or nothing when that would be empty.
    pub fn new(start: Instant, end: Instant) -> Option<Self> {
        (start < end).then_some(Self { start, end })
    }

    /// The span of `length` from `start`, or nothing when `length` is not positive.
    pub fn of(start: Instant, length: TimeDelta) -> Option<Self> {
        Self::new(start, start.checked_add_signed(length)?)
    }

    /// Whether the two share an instant. Spans that only touch do not.
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// Whether all of `other` lies inside.
    pub fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// The part that both share.
    pub fn cut(self, other: Self) -> Option<Self> {
        Self::new(self.start.max(other.start), self.end.min(other.end))
    }

    /// The span with `before` and `after` added at its ends.
    pub fn pad(self, before: TimeDelta, after: TimeDelta) -> Self {
        Self { start: self.start - before, end: self.end + after }
    }

    /// How long it lasts.
    pub fn length(self) -> TimeDelta {
        self.end - self.start
    }
}

/// Sorts spans and joins those that overlap or touch.
pub fn union(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    let mut joined: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match joined.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => joined.push(span),
        }
    }
    joined
}

/// What is left of `from` without `taken`. Both must be sorted and disjoint, as [`union`] leaves
/// them; the result is too.
pub fn subtract(from: &[Span], taken: &[Span]) -> Vec<Span> {
    let mut left = Vec::with_capacity(from.len());
    let mut first = 0;
    for span in from {
        let mut start = span.start;
        while first < taken.len() && taken[first].end <= span.start {
            first += 1;
        }
        for hole in taken[first..].iter().take_while(|hole| hole.start < span.end) {
            left.extend(Span::new(start, hole.start));
            start = start.max(hole.end);
        }
        left.extend(Span::new(start, span.end));
    }
    left
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(minute: i64) -> Instant {
        Instant::from_timestamp(minute * 60, 0).unwrap()
    }

    fn spans() -> impl Strategy<Value = Vec<Span>> {
        prop::collection::vec((0i64..100, 1i64..20), 0..12).prop_map(|list| {
            list.into_iter().filter_map(|(s, l)| Span::new(at(s), at(s + l))).collect()
        })
    }

    fn covers(spans: &[Span], minute: i64) -> bool {
        spans.iter().any(|s| s.start <= at(minute) && at(minute) < s.end)
    }

    proptest! {
        #[test]
        fn union_and_subtract_agree_with_asking_minute_by_minute(a in spans(), b in spans()) {
            let (joined, taken) = (union(a.clone()), union(b.clone()));
            let left = subtract(&joined, &taken);
            for minute in 0..130 {
                prop_assert_eq!(covers(&joined, minute), covers(&a, minute));
                prop_assert_eq!(covers(&left, minute), covers(&a, minute) && !covers(&b, minute));
            }
            prop_assert!(left.windows(2).all(|w| w[0].end <= w[1].start));
        }
    }

    #[test]
    fn touching_is_not_overlapping_and_an_empty_span_does_not_exist() {
        let (morning, noon) = (Span::new(at(0), at(60)), Span::new(at(60), at(120)));
        assert!(!morning.unwrap().overlaps(noon.unwrap()));
        assert_eq!(Span::new(at(5), at(5)), None);
        assert_eq!(Span::of(at(5), TimeDelta::zero()), None);
    }
}
