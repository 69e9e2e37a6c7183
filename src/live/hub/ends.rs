//! How visits come off the list: over, at another time, or empty since nobody came back.

use std::sync::Arc;

use crate::engine::visit::VisitState;
use crate::live::media::room::RoomDeed;
use crate::live::message::{Bye, ServerMessage};
use crate::model::{BookingId, ParticipantId};
use crate::time::Instant;

use super::room::{Member, Room};
use super::{Hub, Visit, forward, outbox, people};

impl Hub {
    /// The visit is at another time now: everybody is sent away.
    pub fn moved(&self, booking: BookingId) {
        self.moved_since(booking, i64::MAX);
    }

    /// The visit was moved so often by now: if that is more than when its people came, everybody is
    /// sent away. True if somebody was in it.
    pub fn moved_since(&self, booking: BookingId, moves: i64) -> bool {
        let Some(gone) = self.forget(booking, |room| room.moves < moves) else { return false };
        for line in gone.into_iter().filter_map(|one| one.line) {
            line.close(Bye::Moved);
        }
        true
    }

    /// The visit is over: everybody is told and sent away.
    pub fn ended(&self, booking: BookingId) {
        let last = ServerMessage::Visit { state: VisitState::Ended };
        for one in self.forget(booking, |_| true).into_iter().flatten() {
            let text = outbox::written(Some(one.kept.next()), &last);
            if let Some((line, text)) = one.line.zip(text) {
                line.close_with(text, Bye::Ended);
            }
        }
    }

    /// Gives up the places of those who did not come back in time, and empty rooms. Returns who is
    /// gone, to be stored: after a restart they are not looked for.
    pub fn sweep(&self, now: Instant) -> Vec<(BookingId, ParticipantId)> {
        let mut all = Vec::new();
        for (booking, visit) in self.all() {
            let mut room = visit.lock();
            if room.rests() {
                continue;
            }
            people::forget_questions(&mut room, now);
            let over = |one: &Member| one.gone_since.is_some_and(|at| now - at >= one.grace());
            let gone: Vec<_> =
                room.members.iter().filter(|(_, one)| over(one)).map(|(id, _)| *id).collect();
            for id in gone {
                room.remove(id);
                all.push((booking, id));
            }
            forward::rest(&mut room, now);
            self.pass(booking, &mut room);
            if room.members.is_empty() {
                self.strike(booking, &visit, &mut room);
            }
        }
        let mut accounts = self.accounts();
        let list = self.list();
        accounts.retain(|_, sockets| sockets.iter().any(|one| list.contains_key(&one.booking)));
        all
    }

    /// Takes a visit off the list, with all who were in it, if it is one of those meant.
    fn forget(&self, booking: BookingId, meant: impl Fn(&Room) -> bool) -> Option<Vec<Member>> {
        let visit = self.visit(booking)?;
        let mut room = visit.lock();
        if room.over || !meant(&room) {
            return None;
        }
        self.strike(booking, &visit, &mut room);
        self.ask(booking, RoomDeed::Close);
        Some(std::mem::take(&mut room.members).into_values().collect())
    }

    /// Takes a visit off the list: nobody is seated in this room any more.
    fn strike(&self, booking: BookingId, visit: &Arc<Visit>, room: &mut Room) {
        room.over = true;
        let mut list = self.list_mut();
        // A visit of the same name may have begun since.
        if list.get(&booking).is_some_and(|listed| Arc::ptr_eq(listed, visit)) {
            list.remove(&booking);
        }
    }
}
