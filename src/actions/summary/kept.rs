//! What is taken of the facilities whose free times somebody looked at, kept until any of it
//! changes: whoever looks through the weeks, and whoever looks at the same clinic, reads it once.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::super::calendar::{Calendars, Range};
use crate::model::FacilityId;
use crate::time::Instant;

/// How many taken times are kept in all: some tens of megabytes.
const MOST: usize = 400_000;

/// Calendars by facility.
#[derive(Default)]
pub(super) struct Kept {
    entries: HashMap<FacilityId, Entry>,
    /// The facilities of the entries, the oldest first.
    order: VecDeque<FacilityId>,
    /// How many taken times the entries have.
    taken: usize,
    /// The last reading that told of a change of a facility.
    changed: HashMap<FacilityId, u64>,
}

struct Entry {
    calendars: Arc<Calendars>,
    range: Range,
    /// It was loaded after this reading was done, so that it has all that was told by then.
    as_of: u64,
}

impl Kept {
    /// Notes that reading `number` told of a change.
    pub(super) fn changed(&mut self, facility: FacilityId, number: u64) {
        self.changed.insert(facility, number);
    }

    /// The calendars of these days, if nothing has changed since they were loaded.
    pub(super) fn get(
        &self,
        facility: FacilityId,
        range: Range,
        now: Instant,
    ) -> Option<Arc<Calendars>> {
        let entry = self.entries.get(&facility)?;
        let changed = self.changed.get(&facility).is_some_and(|number| *number > entry.as_of);
        let right = !changed && entry.range.covers(range) && entry.calendars.hold_at(now);
        right.then(|| Arc::clone(&entry.calendars))
    }

    /// Keeps calendars that were loaded after reading `as_of`.
    pub(super) fn keep(
        &mut self,
        facility: FacilityId,
        calendars: Arc<Calendars>,
        (range, as_of): (Range, u64),
    ) {
        self.taken += calendars.taken();
        let old = self.entries.insert(facility, Entry { calendars, range, as_of });
        match old {
            Some(old) => self.taken -= old.calendars.taken(),
            None => self.order.push_back(facility),
        }
        while self.taken > MOST
            && let Some(oldest) = self.order.pop_front()
        {
            let gone = self.entries.remove(&oldest);
            self.taken -= gone.map_or(0, |entry| entry.calendars.taken());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(from: &str, count: u16) -> Range {
        Range { from: from.parse().unwrap(), count }
    }

    #[test]
    fn what_changed_or_is_over_is_not_given() {
        let (one, other) = (FacilityId::new(), FacilityId::new());
        let now: Instant = "2026-12-01T00:00:00Z".parse().unwrap();
        let later = now + chrono::TimeDelta::minutes(10);
        let range = days("2026-12-01", 7);
        let mut kept = Kept::default();
        let has = |kept: &Kept, range, now| kept.get(one, range, now).is_some();
        assert!(!has(&kept, range, now));
        kept.changed(one, 4);
        kept.keep(one, Arc::new(Calendars::until(later)), (range, 4));
        assert!(has(&kept, range, now) && has(&kept, days("2026-12-03", 5), now));
        // Other days, another clinic, a hold that ran out.
        assert!(!has(&kept, days("2026-12-03", 6), now) && !has(&kept, days("2026-11-30", 2), now));
        assert!(kept.get(other, range, now).is_none());
        assert!(!has(&kept, range, later));
        // A change elsewhere, and one here that was told while it was loaded or after.
        kept.changed(other, 9);
        assert!(has(&kept, range, now));
        kept.changed(one, 5);
        assert!(!has(&kept, range, now));
        kept.keep(one, Arc::new(Calendars::until(later)), (range, 5));
        assert!(has(&kept, range, now));
    }
}
