//! What is taken of the facilities whose free times somebody looked at, kept until any of it
//! changes: whoever looks through the weeks, and whoever looks at the same clinic, reads it once.
//! Beside it lie the lists that were made of it, as they were written down; each for a minute,
//! within which time alone changes nothing: all rules speak of whole minutes.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use chrono::NaiveDate;

use super::super::calendar::{Calendars, Range};
use crate::model::{ClinicianId, FacilityId, ServiceId};
use crate::time::Instant;

/// How many taken times are kept in all: some tens of megabytes.
const MOST: usize = 400_000;
/// How many bytes of lists.
const MOST_WRITTEN: usize = 64 * 1024 * 1024;
/// How many lists of one facility.
const LISTS: usize = 16;

/// Which list of a facility's free times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct List {
    /// For which kind of visit.
    pub(crate) service: ServiceId,
    /// With whom; nobody named means anybody.
    pub(crate) clinician: Option<ClinicianId>,
    /// From which date on; today where none is given.
    pub(crate) from: Option<NaiveDate>,
    /// Of how many days.
    pub(crate) count: u16,
    /// In which of the forms in which it can be written.
    pub(crate) form: u8,
}

/// Within which minute `now` is; a whole minute stands for itself. What may start at it still may
/// not after it, and what ends with it, as a day does, is over at it.
fn minute(now: Instant) -> (i64, i64) {
    let micros = now.timestamp_micros();
    (micros.div_euclid(60_000_000), -(-micros).div_euclid(60_000_000))
}

/// Calendars by facility.
#[derive(Default)]
pub(super) struct Kept {
    entries: HashMap<FacilityId, Entry>,
    /// The facilities of the entries, the oldest first.
    order: VecDeque<FacilityId>,
    /// How many taken times the entries have.
    taken: usize,
    /// How many bytes of lists.
    written: usize,
    /// The last reading that told of a change of a facility.
    changed: HashMap<FacilityId, u64>,
}

struct Entry {
    calendars: Arc<Calendars>,
    range: Range,
    /// It was loaded after this reading was done, so that it has all that was told by then.
    as_of: u64,
    /// The lists that were made of it, each with its minute.
    lists: HashMap<List, ((i64, i64), Bytes)>,
}

impl Entry {
    fn written(&self) -> usize {
        self.lists.values().map(|(_, text)| text.len()).sum()
    }
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
        let lists = HashMap::new();
        let old = self.entries.insert(facility, Entry { calendars, range, as_of, lists });
        match old {
            Some(old) => self.forget(&old),
            None => self.order.push_back(facility),
        }
        self.make_room();
    }

    /// A list as it was written down, if it was made of `calendars` and in this minute.
    pub(super) fn list(
        &self,
        facility: FacilityId,
        calendars: &Arc<Calendars>,
        list: &List,
        now: Instant,
    ) -> Option<Bytes> {
        let entry = self.entries.get(&facility)?;
        let (of, text) = entry.lists.get(list)?;
        (*of == minute(now) && Arc::ptr_eq(&entry.calendars, calendars)).then(|| text.clone())
    }

    /// Keeps a list that was made of `calendars`, if these are kept still.
    pub(super) fn keep_list(
        &mut self,
        facility: FacilityId,
        calendars: &Arc<Calendars>,
        (list, text): (List, Bytes),
        now: Instant,
    ) {
        let Some(entry) = self.entries.get_mut(&facility) else { return };
        if !Arc::ptr_eq(&entry.calendars, calendars) {
            return;
        }
        self.written -= entry.written();
        if entry.lists.len() >= LISTS {
            entry.lists.clear();
        }
        entry.lists.insert(list, (minute(now), text));
        self.written += entry.written();
        self.make_room();
    }

    fn make_room(&mut self) {
        while (self.taken > MOST || self.written > MOST_WRITTEN)
            && let Some(oldest) = self.order.pop_front()
        {
            if let Some(entry) = self.entries.remove(&oldest) {
                self.forget(&entry);
            }
        }
    }

    fn forget(&mut self, entry: &Entry) {
        self.taken -= entry.calendars.taken();
        self.written -= entry.written();
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

    #[test]
    fn a_list_is_right_for_a_minute_and_for_what_it_was_made_of() {
        let at = |text: &str| text.parse::<Instant>().unwrap();
        let (one, other) = (FacilityId::new(), FacilityId::new());
        let (begin, end) = (at("2026-12-01T00:00:00.000001Z"), at("2026-12-01T00:00:59.999999Z"));
        let service = ServiceId::new();
        let list = |form| List { service, clinician: None, from: None, count: 7, form };
        let of = Arc::new(Calendars::until(at("2027-01-01T00:00:00Z")));
        let mut kept = Kept::default();
        let range = days("2026-12-01", 7);
        kept.keep_list(one, &of, (list(0), Bytes::from_static(b"never kept")), begin);
        kept.keep(one, Arc::clone(&of), (range, 1));
        assert_eq!(kept.list(one, &of, &list(0), begin), None);
        kept.keep_list(one, &of, (list(0), Bytes::from_static(b"list")), begin);
        let found = |kept: &Kept, now| kept.list(one, &of, &list(0), now).is_some();
        assert!(found(&kept, begin) && found(&kept, end));
        assert!(!found(&kept, at("2026-12-01T00:00:00Z")));
        assert!(!found(&kept, at("2026-12-01T00:01:00Z")));
        assert!(kept.list(one, &of, &list(1), begin).is_none());
        assert!(kept.list(other, &of, &list(0), begin).is_none());
        // Loaded anew, nothing of the old is left, and what was made of it comes too late.
        let anew = Arc::new(Calendars::until(at("2027-01-01T00:00:00Z")));
        kept.keep(one, Arc::clone(&anew), (range, 2));
        kept.keep_list(one, &of, (list(0), Bytes::from_static(b"late")), begin);
        assert!(!found(&kept, begin) && kept.list(one, &anew, &list(0), begin).is_none());
        assert_eq!((kept.taken, kept.written), (0, 0));
    }

    #[test]
    fn what_was_kept_the_longest_makes_room() {
        let now = "2026-12-01T00:00:00Z".parse().unwrap();
        let ids: Vec<_> = (0..5).map(|_| FacilityId::new()).collect();
        let mut kept = Kept::default();
        for id in &ids {
            let of = Arc::new(Calendars::until(Instant::MAX_UTC));
            kept.keep(*id, Arc::clone(&of), (days("2026-12-01", 7), 1));
            let service = ServiceId::new();
            let list = List { service, clinician: None, from: None, count: 7, form: 0 };
            kept.keep_list(*id, &of, (list, vec![0; MOST_WRITTEN / 3].into()), now);
        }
        let left = |id: &&FacilityId| kept.get(**id, days("2026-12-01", 7), now).is_some();
        assert_eq!(ids.iter().filter(left).collect::<Vec<_>>(), [&ids[2], &ids[3], &ids[4]]);
        assert!(kept.written <= MOST_WRITTEN && kept.order.len() == 3);
    }
}
