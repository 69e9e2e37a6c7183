//! The hub and the forwarding rooms: what a visit asks of its room, and what the room says.

use std::sync::Arc;

use crate::live::media::room::{RoomDeed, RoomSaid, Rooms};
use crate::live::message::{Description, DescriptionKind, Quality, ServerMessage};
use crate::model::{BookingId, ParticipantId};
use crate::time::Instant;

use super::room::Room;
use super::{Hub, Visit};

/// The name of what a page is told whose offer the room does not take.
const REFUSED: &str = "room_refused";

impl Hub {
    /// A hub with rooms for three and more people; without, only two see each other.
    #[must_use]
    pub fn with_rooms(self, rooms: Rooms) -> Self {
        Self { rooms: Some(rooms), ..self }
    }

    /// Passes on what a visit's room said.
    pub fn heard(&self, booking: BookingId, said: RoomSaid) {
        let Some(visit) = self.visit(booking) else { return };
        let mut room = visit.lock();
        match said {
            RoomSaid::Answer { who, neg, sdp } => {
                let Some(pc) = room.ways.room_name(who) else { return };
                let desc = Description { kind: DescriptionKind::Answer, sdp };
                room.tell(who, &ServerMessage::Sdp { from: None, pc, neg, desc });
            }
            RoomSaid::Tracks { of, tracks } => room.tell(of, &ServerMessage::Tracks { tracks }),
            RoomSaid::Refused { who } => {
                let (re, code, fatal, retry_after_ms) = (None, REFUSED, false, None);
                room.tell(who, &ServerMessage::Error { re, code, fatal, retry_after_ms });
            }
            // Their page notices, and offers again.
            RoomSaid::Gone { who } => tracing::debug!(participant = %who, "out of the room"),
        }
    }

    /// The epochs that rose since they were last asked for; each is to be stored, so that it is the
    /// same after a restart.
    pub fn raised(&self) -> Vec<(BookingId, i64)> {
        let raised = |(booking, visit): (BookingId, Arc<Visit>)| {
            let mut room = visit.lock();
            let epoch = room.ways.epoch();
            let rose = epoch > room.stored_epoch;
            room.stored_epoch = epoch;
            rose.then_some((booking, epoch))
        };
        self.all().into_iter().filter_map(raised).collect()
    }

    /// Asks a visit's forwarding room for what came up.
    pub(super) fn pass(&self, booking: BookingId, room: &mut Room) {
        for deed in room.ways.deeds() {
            self.ask(booking, deed);
        }
    }

    /// Asks a visit's forwarding room for something.
    pub(super) fn ask(&self, booking: BookingId, deed: RoomDeed) {
        if let Some(rooms) = &self.rooms {
            rooms.deed(booking, deed);
        }
    }
}

/// Ends what was kept long enough, and goes back from the room to a pair when it is time. What
/// follows is told.
pub(super) fn rest(room: &mut Room, now: Instant) {
    room.now = room.now.max(now);
    let (aligned, rested) = (room.align(), room.ways.rest(now));
    if aligned || rested {
        room.announce();
    }
}

/// A page could not go on with its connection: all are built anew.
pub(super) fn failed(room: &mut Room) {
    if room.ways.give_up(room.now) && room.align() {
        room.announce();
    }
}

/// Whether pictures came in over a page's connection with the room, of whomever.
pub(super) fn pictures(
    room: &mut Room,
    who: ParticipantId,
    quality: &Quality,
    now: Instant,
) -> bool {
    let mut some = false;
    for received in quality.from.iter().flatten() {
        some |= room.pictures(who, received.participant, received.frames_decoded, now);
    }
    some
}
