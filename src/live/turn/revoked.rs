//! Names that are good for nothing although they have not expired: their visit has ended, was moved
//! or cancelled, or their holder was shown out.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::TimeDelta;

use crate::live::ice::Name;
use crate::model::{BookingId, ParticipantId};
use crate::time::Instant;

/// No name lives longer than four hours; a little more for clocks that differ.
const REMEMBERED: TimeDelta = TimeDelta::hours(5);

/// Of a visit, or of one person in it, and until when names were issued that are dead now.
type Dead = HashMap<(BookingId, Option<ParticipantId>), Instant>;

/// What was revoked. Cheap to clone; all clones are one.
#[derive(Clone, Default)]
pub(super) struct Revoked(Arc<Mutex<Dead>>);

impl Revoked {
    /// From now on no name that was issued up to `now` holds. Later ones do: a visit that was moved
    /// takes place another time.
    pub(super) fn add(&self, booking: BookingId, who: Option<ParticipantId>, now: Instant) {
        let mut dead = self.lock();
        dead.retain(|_, at| now - *at < REMEMBERED);
        dead.insert((booking, who), now);
    }

    /// Whether `name` is among them.
    pub(super) fn holds(&self, name: &Name) -> bool {
        let dead = self.lock();
        let of = |who| dead.get(&(name.booking, who)).is_some_and(|at| name.issued <= *at);
        of(None) || of(Some(name.participant))
    }

    fn lock(&self) -> MutexGuard<'_, Dead> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_or_a_whole_visit_is_revoked_and_later_names_are_not() {
        let revoked = Revoked::default();
        let now: Instant = "2026-12-01T01:00:00Z".parse().unwrap();
        let (booking, one, other) = (BookingId::new(), ParticipantId::new(), ParticipantId::new());
        let name = |participant, after| {
            let issued = now + TimeDelta::seconds(after);
            Name { expiry: now + TimeDelta::hours(1), booking, participant, issued }
        };
        revoked.add(booking, Some(one), now);
        assert!(revoked.holds(&name(one, 0)) && !revoked.holds(&name(other, 0)));
        assert!(!revoked.holds(&name(one, 1)), "given out afterwards");
        revoked.add(booking, None, now + TimeDelta::seconds(10));
        assert!(revoked.holds(&name(other, 10)) && !revoked.holds(&name(other, 11)));
        let elsewhere = Name { booking: BookingId::new(), ..name(one, 0) };
        assert!(!revoked.holds(&elsewhere));
        revoked.add(BookingId::new(), None, now + TimeDelta::hours(6));
        assert_eq!(revoked.lock().len(), 1, "what has expired anyway is forgotten");
    }
}
