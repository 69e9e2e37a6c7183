//! Who is seen in which place. A page offers once for all others that may ever come: its slots are
//! filled and emptied without another offer.

use crate::model::ParticipantId;

/// Whom one page sees besides itself, at most.
pub const OTHERS: usize = 5;

/// The slots of one viewer. A person keeps a slot for as long as they are there.
#[derive(Debug, Default)]
pub(super) struct Slots([Option<ParticipantId>; OTHERS]);

impl Slots {
    /// Gives a person a slot; the one they have already, if they have one. None when all are taken.
    pub(super) fn seat(&mut self, who: ParticipantId) -> Option<usize> {
        self.of(who).or_else(|| {
            let free = self.0.iter().position(Option::is_none)?;
            self.0[free] = Some(who);
            Some(free)
        })
    }

    /// Empties a person's slot.
    pub(super) fn leave(&mut self, who: ParticipantId) -> Option<usize> {
        let slot = self.of(who)?;
        self.0[slot] = None;
        Some(slot)
    }

    /// A person's slot.
    pub(super) fn of(&self, who: ParticipantId) -> Option<usize> {
        self.0.iter().position(|one| *one == Some(who))
    }

    /// The person in a slot.
    pub(super) fn person(&self, slot: usize) -> Option<ParticipantId> {
        self.0.get(slot).copied().flatten()
    }

    /// Everybody, with their slots.
    pub(super) fn people(&self) -> impl Iterator<Item = (usize, ParticipantId)> + '_ {
        self.0.iter().enumerate().filter_map(|(slot, who)| Some((slot, (*who)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::new_id;

    #[test]
    fn people_keep_their_slot_and_leave_it_free() {
        let ids: Vec<ParticipantId> = (0..6).map(|_| ParticipantId(new_id())).collect();
        let mut slots = Slots::default();
        for (place, id) in ids.iter().take(5).enumerate() {
            assert_eq!(slots.seat(*id), Some(place));
        }
        assert_eq!(slots.seat(ids[3]), Some(3), "once");
        assert_eq!(slots.seat(ids[5]), None, "no sixth");
        assert_eq!(slots.leave(ids[1]), Some(1));
        assert_eq!(slots.leave(ids[1]), None);
        assert_eq!(slots.seat(ids[5]), Some(1));
        assert_eq!((slots.person(1), slots.person(9)), (Some(ids[5]), None));
        assert_eq!(slots.people().count(), 5);
    }
}
