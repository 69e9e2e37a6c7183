//! Half-open spans of instants and of dates: the start belongs to it, the end does not.

use chrono::{NaiveDate, TimeDelta};

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
    #[must_use]
    pub fn pad(self, before: TimeDelta, after: TimeDelta) -> Self {
        Self { start: self.start - before, end: self.end + after }
    }

    /// How long it lasts.
    pub fn length(self) -> TimeDelta {
        self.end - self.start
    }
}

/// From a date up to, not including, another; an end that is not known is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dates {
    /// The first day inside; none means since ever.
    pub from: Option<NaiveDate>,
    /// The first day after it; none means for ever.
    pub until: Option<NaiveDate>,
}

impl Dates {
    /// Every day there is.
    pub const ALWAYS: Self = Self { from: None, until: None };

    /// Every day from `from` on.
    pub const fn since(from: NaiveDate) -> Self {
        Self { from: Some(from), until: None }
    }

    /// The days from `from` up to, not including, `until`.
    pub const fn between(from: NaiveDate, until: NaiveDate) -> Self {
        Self { from: Some(from), until: Some(until) }
    }

    /// Whether `date` lies inside.
    pub fn contains(self, date: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= date) && self.until.is_none_or(|until| date < until)
    }

    /// Whether the two share a day. A span without days shares none.
    pub fn overlaps(self, other: Self) -> bool {
        let from = self.from.max(other.from);
        let until = [self.until, other.until].into_iter().flatten().min();
        match (from, until) {
            (Some(from), Some(until)) => from < until,
            _ => true,
        }
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

/// Those of `spans` that reach into `window`. They must be sorted and disjoint, as [`union`]
/// leaves them.
pub fn within(spans: &[Span], window: Span) -> &[Span] {
    let first = spans.partition_point(|span| span.end <= window.start);
    let count = spans[first..].partition_point(|span| span.start < window.end);
    &spans[first..first + count]
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

        #[test]
        fn within_finds_what_overlaps(a in spans(), start in 0i64..120, length in 1i64..40) {
            let (joined, window) = (union(a), Span::new(at(start), at(start + length)).unwrap());
            let found: Vec<_> = joined.iter().copied().filter(|s| s.overlaps(window)).collect();
            prop_assert_eq!(within(&joined, window), found);
        }

        #[test]
        fn dates_overlap_when_a_day_is_in_both(
            a in (prop::option::of(0u16..9), prop::option::of(0u16..9)),
            b in (prop::option::of(0u16..9), prop::option::of(0u16..9)),
        ) {
            let day = |n: u16| NaiveDate::from_ymd_opt(2026, 1, 10).unwrap() + chrono::Days::new(n.into());
            let dates = |(from, until): (Option<u16>, Option<u16>)| Dates {
                from: from.map(day),
                until: until.map(day),
            };
            let (a, b) = (dates(a), dates(b));
            let shared = |n: i64| {
                let date = day(0) + TimeDelta::days(n);
                a.contains(date) && b.contains(date)
            };
            prop_assert_eq!(a.overlaps(b), (-5..20).any(shared));
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
