//! The visits in progress. The hub decides what a text from a page may do, passes on what may be
//! passed on, and hands back what the database must agree to first; afterwards it is told.
//!
//! Nothing here waits: a person who reads too slowly is cut off, never waited for.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use crate::engine::visit::{Role, VisitState};
use crate::model::{AccountId, BookingId, ParticipantId};
use crate::time::Instant;

use super::doors::Doors;
use super::media::room::{RoomDeed, Rooms};
use super::message::{Bye, Event, Precheck, ServerMessage};

mod door;
mod filter;
mod forward;
mod outbox;
mod pace;
mod people;
mod relay;
mod room;
#[cfg(test)]
mod tests;
mod video;
mod ways;

pub use door::{Heard, Joining, Present};
pub use outbox::{Out, Outbox};
pub use video::VideoSeconds;

use room::{Member, Room, Wait};

/// Seconds between two pings of a page. Browsers do not see the socket's own.
pub const PING_SECONDS: u32 = 10;

/// Most sockets of one account.
const PER_ACCOUNT: usize = 4;

/// All visits of this process. Cheap to clone; all clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Hub {
    state: Arc<Mutex<State>>,
    /// How many sockets may be open.
    pub doors: Doors,
    /// Where three and more see each other.
    rooms: Option<Rooms>,
}

#[derive(Debug)]
struct State {
    rooms: HashMap<BookingId, Room>,
    /// The sockets of each account, oldest first.
    accounts: HashMap<AccountId, VecDeque<Taken>>,
    sessions: u64,
    life: u64,
}

impl Default for State {
    fn default() -> Self {
        Self { rooms: HashMap::new(), accounts: HashMap::new(), sessions: 0, life: rand::random() }
    }
}

/// A person's place in the hub, for as long as one socket lasts.
#[derive(Debug)]
pub struct Seat {
    booking: BookingId,
    participant: ParticipantId,
    role: Role,
    session: u64,
    raised: Option<i64>,
}

impl Seat {
    /// The visit.
    pub const fn booking(&self) -> BookingId {
        self.booking
    }

    /// The person's part in it.
    pub const fn participant(&self) -> ParticipantId {
        self.participant
    }

    /// What they are.
    pub const fn role(&self) -> Role {
        self.role
    }

    /// The visit's new epoch, if their coming made connections start anew: it should be stored, so
    /// that it is the same after a restart.
    pub const fn raised_epoch(&self) -> Option<i64> {
        self.raised
    }
}

/// What a page wants and the database has to agree to, or should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// They wait: [`Hub::knocked`].
    Knock,
    /// Their devices and line, for the record.
    Precheck(Precheck),
    /// They let somebody in: [`Hub::admitted`].
    Admit(ParticipantId),
    /// They do not let somebody in: [`Hub::denied`].
    Deny(ParticipantId),
    /// They ask somebody who waits for more patience: [`Hub::held`].
    Hold(ParticipantId),
    /// The patient answered whether a third person may come in: [`Hub::admitted`] or
    /// [`Hub::denied`].
    Consent {
        /// About whom.
        participant: ParticipantId,
        /// What.
        yes: bool,
    },
    /// They send somebody away for good: [`Hub::send_away`].
    Remove(ParticipantId),
    /// They end the visit: [`Hub::ended`].
    End,
    /// They need relay servers: [`Hub::ice_servers`].
    Turn,
    /// They left; the hub has seen to it.
    Leave,
    /// For how many seconds each side saw a picture since the visit began; never fewer than before.
    Video {
        /// The patient's page.
        patient_seconds: i64,
        /// The clinician's page.
        clinician_seconds: i64,
    },
}

impl Act {
    const fn video(seconds: VideoSeconds) -> Self {
        Self::Video { patient_seconds: seconds.patient, clinician_seconds: seconds.clinician }
    }
}

/// Who is first in a visit's queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstWaiting {
    /// The person.
    pub participant: ParticipantId,
    /// Since when.
    pub since: Instant,
    /// Whether their socket is there now.
    pub connected: bool,
}

impl Hub {
    /// Seats a person. Their older socket, if there is one, is sent away. What the page has to know
    /// is in the outbox at once.
    pub fn join(&self, joining: Joining) -> (Seat, Outbox) {
        let mut state = self.lock();
        state.sessions += 1;
        let session = state.sessions;
        let account = joining.account;
        let taken = Taken { booking: joining.booking, participant: joining.participant, session };
        let now = joining.now;
        let room = state.rooms.entry(joining.booking).or_insert_with(|| door::rebuilt(&joining));
        room.state = room.state.max(joining.state);
        room.ways.at_least(joining.epoch);
        room.stored_epoch = room.stored_epoch.max(joining.epoch);
        room.now = room.now.max(now);
        room.rules = filter::Rules::of(joining.policy, &joining.ice_servers);
        let Joining { booking, participant, role, .. } = joining;
        let (line, outbox) = outbox::line();
        let before = room.ways.epoch();
        let greeting = door::seat(room, joining, line, session);
        let changed = room.align();
        door::greet(room, participant, session, greeting);
        if changed {
            room.announce();
        }
        room.tell_of(participant, Event::Joined);
        if role == Role::Patient && room.members.get(&participant).is_some_and(Member::inside) {
            people::ask_again(room, participant);
        }
        let raised = (room.ways.epoch() > before).then_some(room.ways.epoch());
        self.pass(&mut state, booking);
        if let Some(account) = account {
            crowd(&mut state, account, taken, now);
        }
        (Seat { booking, participant, role, session, raised }, outbox)
    }

    /// Tells this hub from all others there are and were. The numbers of messages go on only where
    /// they began.
    pub fn life(&self) -> u64 {
        self.lock().life
    }

    /// Takes a text that came from the person's socket. What is returned is for the caller to do.
    pub fn handle(&self, seat: &Seat, text: &str, now: Instant) -> Vec<Act> {
        let mut state = self.lock();
        let Some(room) = room_of(&mut state, seat) else { return Vec::new() };
        room.now = room.now.max(now);
        let acts = relay::text(room, seat.participant, text, now);
        self.pass(&mut state, seat.booking);
        acts
    }

    /// The person waits, since `since` as stored.
    pub fn knocked(&self, booking: BookingId, participant: ParticipantId, since: Instant) {
        let mut state = self.lock();
        let Some(room) = state.rooms.get_mut(&booking) else { return };
        let Some(one) = room.members.get_mut(&participant).filter(|one| !one.inside()) else {
            return;
        };
        one.denied = false;
        one.wait.held = false;
        one.waiting_since = Some(since);
        room.tell_waiting(participant, Event::Entered);
    }

    /// The person was let in. Returns the visit's new epoch if connections had to start anew.
    pub fn admitted(
        &self,
        booking: BookingId,
        participant: ParticipantId,
        epoch: i64,
    ) -> Option<i64> {
        let mut state = self.lock();
        let room = state.rooms.get_mut(&booking)?;
        room.ways.at_least(epoch);
        let before = room.ways.epoch();
        let one = room.members.get_mut(&participant)?;
        one.admitted = true;
        one.denied = false;
        one.waiting_since = None;
        one.wait = Wait::default();
        let message = ServerMessage::Admitted { participant };
        room.tell_hosts(&message);
        if room.members.get(&participant).is_some_and(|one| !one.role.is_host()) {
            room.tell(participant, &message);
        }
        if room.state < VisitState::InProgress {
            room.state = VisitState::InProgress;
            room.tell_all(&ServerMessage::Visit { state: room.state });
        }
        let changed = room.align();
        if let Some(snapshot) = room.snapshot(participant) {
            room.tell(participant, &ServerMessage::Snapshot { snapshot });
        }
        room.tell_of(participant, Event::Joined);
        if changed {
            room.announce();
        }
        room.tell_queue();
        let raised = (room.ways.epoch() > before).then_some(room.ways.epoch());
        self.pass(&mut state, booking);
        raised
    }

    /// The person was not let in. They may knock again.
    pub fn denied(&self, booking: BookingId, participant: ParticipantId) {
        let mut state = self.lock();
        let Some(room) = state.rooms.get_mut(&booking) else { return };
        let Some(one) = room.members.get_mut(&participant).filter(|one| !one.inside()) else {
            return;
        };
        one.denied = true;
        one.waiting_since = None;
        one.wait = Wait::default();
        let message = ServerMessage::Denied { participant };
        room.tell(participant, &message);
        room.tell_hosts(&message);
        room.tell_queue();
    }

    /// The visit is at another time now: everybody is sent away.
    pub fn moved(&self, booking: BookingId) {
        let Some(room) = self.lock().rooms.remove(&booking) else { return };
        self.ask(booking, RoomDeed::Close);
        for line in room.members.into_values().filter_map(|one| one.line) {
            line.close(Bye::Moved);
        }
    }

    /// The visit is over: everybody is told and sent away.
    pub fn ended(&self, booking: BookingId) {
        let Some(room) = self.lock().rooms.remove(&booking) else { return };
        self.ask(booking, RoomDeed::Close);
        let last = ServerMessage::Visit { state: VisitState::Ended };
        for one in room.members.into_values() {
            let text = outbox::written(Some(one.kept.next()), &last);
            if let Some((line, text)) = one.line.zip(text) {
                line.close_with(text, Bye::Ended);
            }
        }
    }

    /// Gives the person fresh relay servers, as `RTCIceServer` objects.
    pub fn ice_servers(&self, seat: &Seat, servers: Value) {
        let mut state = self.lock();
        let Some(room) = room_of(&mut state, seat) else { return };
        room.tell(seat.participant, &ServerMessage::IceServers { ice_servers: servers });
    }

    /// Tells the person that what they asked for did not happen; `code` is a name, never a text.
    pub fn refused(&self, seat: &Seat, code: &'static str) {
        let mut state = self.lock();
        let Some(room) = room_of(&mut state, seat) else { return };
        let (re, fatal, retry_after_ms) = (None, false, None);
        room.tell(seat.participant, &ServerMessage::Error { re, code, fatal, retry_after_ms });
    }

    /// The person's socket is gone. Their place is kept for a while. Returns what is left to note
    /// about the picture, because no later report may come.
    pub fn left(&self, seat: &Seat, now: Instant) -> Option<Act> {
        let mut state = self.lock();
        let room = state.rooms.get_mut(&seat.booking)?;
        // A newer socket may have taken the place meanwhile.
        if room.members.get(&seat.participant)?.session != seat.session {
            return None;
        }
        room.lose(seat.participant, now);
        room.video.rest(now).map(Act::video)
    }

    /// Gives up the places of those who did not come back in time, and empty rooms. Returns who is
    /// gone, to be stored: after a restart they are not looked for.
    pub fn sweep(&self, now: Instant) -> Vec<(BookingId, ParticipantId)> {
        let mut all = Vec::new();
        let mut state = self.lock();
        state.rooms.retain(|booking, room| {
            people::forget_questions(room, now);
            let over = |one: &Member| one.gone_since.is_some_and(|at| now - at >= one.grace());
            let gone: Vec<_> =
                room.members.iter().filter(|(_, one)| over(one)).map(|(id, _)| *id).collect();
            for id in gone {
                room.remove(id);
                all.push((*booking, id));
            }
            forward::rest(room, now);
            for deed in room.ways.deeds() {
                self.ask(*booking, deed);
            }
            !room.members.is_empty()
        });
        let State { rooms, accounts, .. } = &mut *state;
        accounts.retain(|_, sockets| sockets.iter().any(|one| rooms.contains_key(&one.booking)));
        all
    }

    /// Sends one person away for good. False if they are not here.
    pub fn send_away(&self, booking: BookingId, who: ParticipantId, bye: Bye) -> bool {
        let mut state = self.lock();
        let Some(room) = state.rooms.get_mut(&booking) else { return false };
        let Some(one) = room.members.get_mut(&who) else { return false };
        if let Some(line) = one.line.take() {
            line.close(bye);
        }
        room.remove(who);
        self.pass(&mut state, booking);
        true
    }

    /// Sends everybody away to come back soon: the process is about to stop.
    pub fn close_all(&self, now: Instant) {
        for room in self.lock().rooms.values_mut() {
            let lines: Vec<_> =
                room.members.values_mut().filter_map(|one| Some((one.line.take()?, one))).collect();
            for (line, one) in lines {
                one.gone_since = Some(now);
                line.close(Bye::Draining);
            }
        }
    }

    /// Who is first in a visit's queue.
    pub fn waiting(&self, booking: BookingId) -> Option<FirstWaiting> {
        let state = self.lock();
        let room = state.rooms.get(&booking)?;
        let participant = *room.queue().first()?;
        let one = room.members.get(&participant)?;
        let connected = one.line.is_some();
        Some(FirstWaiting { participant, since: one.waiting_since?, connected })
    }

    /// Whether the person has a place, with a socket or without.
    pub fn is_here(&self, booking: BookingId, who: ParticipantId) -> bool {
        self.lock().rooms.get(&booking).is_some_and(|room| room.members.contains_key(&who))
    }

    /// Sockets that are there now.
    pub fn connected(&self) -> usize {
        let state = self.lock();
        let members = state.rooms.values().flat_map(|room| room.members.values());
        members.filter(|one| one.line.is_some()).count()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Whoever panicked left at worst one room in disorder; the others must go on.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A socket that was opened.
#[derive(Debug)]
struct Taken {
    booking: BookingId,
    participant: ParticipantId,
    session: u64,
}

/// Counts a socket of an account; its oldest one gives way when there are too many.
fn crowd(state: &mut State, account: AccountId, taken: Taken, now: Instant) {
    let State { rooms, accounts, .. } = state;
    let sockets = accounts.entry(account).or_default();
    let there = |one: &Taken| {
        let room = rooms.get(&one.booking)?;
        let member = room.members.get(&one.participant)?;
        (member.session == one.session && member.line.is_some()).then_some(())
    };
    sockets.retain(|one| there(one).is_some());
    sockets.push_back(taken);
    if sockets.len() > PER_ACCOUNT
        && let Some(oldest) = sockets.pop_front()
        && let Some(room) = rooms.get_mut(&oldest.booking)
    {
        room.close(oldest.participant, Bye::Replaced, now);
    }
}

/// The seat's room, if the seat is still good.
fn room_of<'a>(state: &'a mut State, seat: &Seat) -> Option<&'a mut Room> {
    let room = state.rooms.get_mut(&seat.booking)?;
    let one = room.members.get(&seat.participant)?;
    (one.session == seat.session && one.line.is_some()).then_some(room)
}
