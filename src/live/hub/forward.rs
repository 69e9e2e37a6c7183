//! The hub and the forwarding rooms: what a visit asks of its room, and what the room says.

use crate::live::media::room::{RoomDeed, RoomSaid, Rooms};
use crate::live::message::{Description, DescriptionKind, Quality, ServerMessage};
use crate::model::{BookingId, ParticipantId};
use crate::time::Instant;

use super::room::Room;
use super::{Hub, Role, State};

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
        let mut state = self.lock();
        let Some(room) = state.rooms.get_mut(&booking) else { return };
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
        let mut state = self.lock();
        let raised = |(booking, room): (&BookingId, &mut Room)| {
            let epoch = room.ways.epoch();
            let rose = epoch > room.stored_epoch;
            room.stored_epoch = epoch;
            rose.then_some((*booking, epoch))
        };
        state.rooms.iter_mut().filter_map(raised).collect()
    }

    /// Asks a visit's forwarding room for what came up.
    pub(super) fn pass(&self, state: &mut State, booking: BookingId) {
        let Some(room) = state.rooms.get_mut(&booking) else { return };
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

/// Whether a picture between these two is one between doctor and patient.
pub(super) const fn between(one: Role, other: Role) -> bool {
    matches!((one, other), (Role::Patient, Role::Clinician) | (Role::Clinician, Role::Patient))
}

/// What a page says of its connection with the room: the others see how good it is, and pictures
/// between doctor and patient are counted.
pub(super) fn quality(room: &mut Room, who: ParticipantId, quality: Quality, now: Instant) {
    let Some(role) = room.members.get(&who).map(|one| one.role) else { return };
    for received in quality.from.iter().flatten() {
        let other = room.members.get(&received.participant);
        let between = other.is_some_and(|other| between(role, other.role));
        let Some(one) = room.members.get_mut(&who) else { return };
        let seen = one.frames.insert(received.participant, (received.frames_decoded, now));
        if let Some((before, at)) = seen
            && received.frames_decoded > before
            && between
        {
            room.video.saw(role, at, now);
        }
    }
    // What came from whom is for the server; `from` is the sender's name here.
    let quality = Quality { from: None, ..quality };
    room.tell_inside(who, &ServerMessage::Quality { from: who, quality });
}
