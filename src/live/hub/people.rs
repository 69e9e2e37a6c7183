//! Third persons and the waiting room: who is asked for patience or turned away for good, whom the
//! patient is asked about, and the places that those who wait are told.

use std::sync::Arc;

use chrono::TimeDelta;

use crate::engine::visit::Role;
use crate::live::message::{Event, QueuePlace, ServerMessage};
use crate::model::{BookingId, ParticipantId};
use crate::time::Instant;

use super::room::Room;
use super::{Hub, Visit};

/// How long the patient may think about whether somebody may come in.
const ANSWER: TimeDelta = TimeDelta::seconds(60);

impl Hub {
    /// Whether anybody is looked for or there in this visit.
    pub fn knows(&self, booking: BookingId) -> bool {
        self.visit(booking).is_some()
    }

    /// The visits in which anybody is looked for or there.
    pub fn visits(&self) -> Vec<BookingId> {
        self.list().keys().copied().collect()
    }

    /// Somebody who waits was asked for more patience.
    pub fn held(&self, booking: BookingId, who: ParticipantId) {
        let Some(visit) = self.visit(booking) else { return };
        let mut room = visit.lock();
        let Some(one) = room.members.get_mut(&who).filter(|one| one.waits()) else { return };
        one.wait.held = true;
        room.tell(who, &ServerMessage::Held { participant: who });
        room.tell_waiting(who, Event::Updated);
    }

    /// Tells the patient of a visit, where they wait, their place among those whom the clinician
    /// sees today; once, until it changes.
    pub fn place(&self, booking: BookingId, place: QueuePlace) {
        let Some(visit) = self.visit(booking) else { return };
        let mut room = visit.lock();
        let Some((who, one)) = room.patient() else { return };
        if one.waits() && one.wait.place != Some(place) {
            one.wait.place = Some(place);
            room.tell(who, &ServerMessage::Place(place));
        }
    }

    /// Tells those who wait in a visit that the clinician is late.
    pub fn late(&self, booking: BookingId, minutes: u32, expected_at: Option<Instant>) {
        let Some(visit) = self.visit(booking) else { return };
        let mut room = visit.lock();
        for who in room.queue() {
            room.tell(who, &ServerMessage::Late { minutes, expected_at });
        }
    }

    /// The number of the newest message to a visit's patient, while their page is connected.
    pub fn told_patient(&self, booking: BookingId) -> Option<u64> {
        let visit = self.visit(booking)?;
        let mut room = visit.lock();
        let (_, one) = room.patient()?;
        one.line.as_ref().map(|_| one.kept.next() - 1)
    }

    /// Whether the page of a visit's patient is connected and said that it handled all up to this
    /// message: a telephone that sleeps keeps its connection and handles nothing.
    pub fn patient_handled(&self, booking: BookingId, seq: u64) -> bool {
        let Some(visit) = self.visit(booking) else { return false };
        let mut room = visit.lock();
        room.patient().is_some_and(|(_, one)| one.line.is_some() && one.kept.first() > seq)
    }

    /// The visits whose patient waits here.
    pub fn waited_for(&self) -> Vec<BookingId> {
        let waits = |(booking, visit): (BookingId, Arc<Visit>)| {
            let mut room = visit.lock();
            room.patient().is_some_and(|(_, one)| one.waits()).then_some(booking)
        };
        self.all().into_iter().filter_map(waits).collect()
    }
}

/// Asks the patient whether a third person who waits may come in. Why it is not asked, as a code.
pub(super) fn ask(room: &mut Room, whom: ParticipantId, now: Instant) -> Result<(), &'static str> {
    let there = room.patient().filter(|(_, one)| one.inside() && one.line.is_some());
    let Some((patient, _)) = there else { return Err("patient_away") };
    let Some(one) = room.members.get_mut(&whom) else { return Err("not_waiting") };
    one.wait.asked = Some(now);
    let (name, role) = (one.name.clone(), one.role);
    room.tell(patient, &ServerMessage::ConsentRequest { participant: whom, name, role });
    room.tell_waiting(whom, Event::Updated);
    Ok(())
}

/// Asks the patient, who came back, what is not answered yet.
pub(super) fn ask_again(room: &mut Room, patient: ParticipantId) {
    let asked = room.members.iter().filter(|(_, one)| one.wait.asked.is_some() && one.waits());
    let requests: Vec<_> = asked
        .map(|(id, one)| ServerMessage::ConsentRequest {
            participant: *id,
            name: one.name.clone(),
            role: one.role,
        })
        .collect();
    for request in requests {
        room.tell(patient, &request);
    }
}

/// Gives up questions that were not answered in time; the clinic may ask again.
pub(super) fn forget_questions(room: &mut Room, now: Instant) {
    let late = room
        .members
        .iter_mut()
        .filter(|(_, one)| one.wait.asked.is_some_and(|at| now - at >= ANSWER));
    let late: Vec<_> = late
        .map(|(id, one)| {
            one.wait.asked = None;
            *id
        })
        .collect();
    for id in late {
        room.tell_waiting(id, Event::Updated);
        let (re, fatal, retry_after_ms) = (None, false, None);
        room.tell_hosts(&ServerMessage::Error { re, code: "no_answer", fatal, retry_after_ms });
    }
}

impl Room {
    /// The patient, while they have a place here.
    pub(super) fn patient(&mut self) -> Option<(ParticipantId, &mut super::room::Member)> {
        let mut members = self.members.iter_mut();
        members.find(|(_, one)| one.role == Role::Patient).map(|(id, one)| (*id, one))
    }
}
