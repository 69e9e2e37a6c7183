//! The visits in progress. The hub decides what a text from a page may do, passes on what may be
//! passed on, and hands back what the database must agree to first; afterwards it is told.
//!
//! Nothing here waits: a person who reads too slowly is cut off, never waited for.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use serde_json::Value;

use crate::engine::visit::{Role, VisitState};
use crate::model::{AccountId, BookingId, ParticipantId};
use crate::time::Instant;

use super::doors::Doors;
use super::media::room::Rooms;
use super::message::{self, Bye, Event, Precheck, ServerMessage};

mod door;
mod ends;
mod filter;
mod forward;
mod measured;
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
pub use measured::Measured;
pub use outbox::{Out, Outbox};
pub use video::VideoSeconds;

use room::{Room, Wait};

/// Seconds between two pings of a page. Browsers do not see the socket's own.
pub const PING_SECONDS: u32 = 10;

/// Most sockets of one account.
const PER_ACCOUNT: usize = 4;

/// All visits of this process. Cheap to clone; all clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Hub {
    state: Arc<State>,
    /// How many sockets may be open.
    pub doors: Doors,
    /// Where three and more see each other.
    rooms: Option<Rooms>,
}

/// Each visit has a lock of its own, and whoever is seated in it needs no other. Who needs several
/// takes that of the accounts first, then a visit's, then that of the list.
#[derive(Debug)]
struct State {
    visits: RwLock<HashMap<BookingId, Arc<Visit>>>,
    /// The sockets of each account, oldest first.
    accounts: Mutex<HashMap<AccountId, VecDeque<Taken>>>,
    sessions: AtomicU64,
    life: u64,
}

impl Default for State {
    fn default() -> Self {
        Self {
            visits: RwLock::default(),
            accounts: Mutex::default(),
            sessions: AtomicU64::new(0),
            life: rand::random(),
        }
    }
}

/// A visit and its lock.
#[derive(Debug)]
struct Visit(Mutex<Room>);

impl Visit {
    fn lock(&self) -> MutexGuard<'_, Room> {
        // Whoever panicked left at worst this room in disorder.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
    visit: Arc<Visit>,
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
    /// How good somebody's connection was.
    Measured(Measured),
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
        let session = self.state.sessions.fetch_add(1, Ordering::Relaxed) + 1;
        let Joining { booking, participant, role, account, now, .. } = joining;
        let (visit, outbox, raised) = loop {
            // Whoever is in it has not heard yet that it is at another time now.
            self.moved_since(joining.booking, joining.moves);
            let visit = self.visit_of(&joining);
            let mut room = visit.lock();
            // It ended between the list and here.
            if !room.over {
                let (outbox, raised) = seated(&mut room, joining, session);
                self.pass(booking, &mut room);
                drop(room);
                break (visit, outbox, raised);
            }
        };
        if let Some(account) = account {
            self.crowd(account, Taken { booking, participant, session }, now);
        }
        (Seat { booking, participant, role, session, raised, visit }, outbox)
    }

    /// Tells this hub from all others there are and were. The numbers of messages go on only where
    /// they began.
    pub fn life(&self) -> u64 {
        self.state.life
    }

    /// Takes a text that came from the person's socket. What is returned is for the caller to do.
    pub fn handle(&self, seat: &Seat, text: &str, now: Instant) -> Vec<Act> {
        // What needs no visit is done before anybody waits for it.
        let read = message::read(text);
        let mut room = seat.visit.lock();
        if !seat.is_good(&room) {
            return Vec::new();
        }
        room.now = room.now.max(now);
        let acts = relay::text(&mut room, seat.participant, read, now);
        self.pass(seat.booking, &mut room);
        acts
    }

    /// The person waits, since `since` as stored.
    pub fn knocked(&self, booking: BookingId, participant: ParticipantId, since: Instant) {
        let Some(visit) = self.visit(booking) else { return };
        let mut room = visit.lock();
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
        let visit = self.visit(booking)?;
        let mut room = visit.lock();
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
            let state = room.state;
            room.tell_all(&ServerMessage::Visit { state });
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
        self.pass(booking, &mut room);
        raised
    }

    /// The person was not let in. They may knock again.
    pub fn denied(&self, booking: BookingId, participant: ParticipantId) {
        let Some(visit) = self.visit(booking) else { return };
        let mut room = visit.lock();
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

    /// Gives the person fresh relay servers, as `RTCIceServer` objects.
    pub fn ice_servers(&self, seat: &Seat, servers: Value) {
        seat.tell(&ServerMessage::IceServers { ice_servers: servers });
    }

    /// Tells the person that what they asked for did not happen; `code` is a name, never a text.
    pub fn refused(&self, seat: &Seat, code: &'static str) {
        let (re, fatal, retry_after_ms) = (None, false, None);
        seat.tell(&ServerMessage::Error { re, code, fatal, retry_after_ms });
    }

    /// The person's socket is gone. Their place is kept for a while. Returns what is left to note
    /// about picture and connection, because no later report may come.
    pub fn left(&self, seat: &Seat, now: Instant) -> Vec<Act> {
        let mut room = seat.visit.lock();
        let member = room.members.get(&seat.participant);
        // A newer socket may have taken the place meanwhile.
        if member.is_none_or(|one| one.session != seat.session) {
            return Vec::new();
        }
        room.lose(seat.participant, now);
        relay::last_numbers(&mut room, Some(seat.participant), now)
    }

    /// Sends one person away for good. False if they are not here.
    pub fn send_away(&self, booking: BookingId, who: ParticipantId, bye: Bye) -> bool {
        let Some(visit) = self.visit(booking) else { return false };
        let mut room = visit.lock();
        let Some(one) = room.members.get_mut(&who) else { return false };
        if let Some(line) = one.line.take() {
            line.close(bye);
        }
        room.remove(who);
        self.pass(booking, &mut room);
        true
    }

    /// Sends everybody away to come back soon: the process is about to stop.
    pub fn close_all(&self, now: Instant) {
        for (_, visit) in self.all() {
            let mut room = visit.lock();
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
        let visit = self.visit(booking)?;
        let room = visit.lock();
        let participant = *room.queue().first()?;
        let one = room.members.get(&participant)?;
        let connected = one.line.is_some();
        Some(FirstWaiting { participant, since: one.waiting_since?, connected })
    }

    /// Whether the person has a place, with a socket or without.
    pub fn is_here(&self, booking: BookingId, who: ParticipantId) -> bool {
        self.visit(booking).is_some_and(|visit| visit.lock().members.contains_key(&who))
    }

    /// Sockets that are there now.
    pub fn connected(&self) -> usize {
        let there = |(_, visit): &(_, Arc<Visit>)| {
            visit.lock().members.values().filter(|one| one.line.is_some()).count()
        };
        self.all().iter().map(there).sum()
    }

    fn visit(&self, booking: BookingId) -> Option<Arc<Visit>> {
        self.list().get(&booking).cloned()
    }

    /// The visit that somebody comes into, which may be new to this process.
    fn visit_of(&self, joining: &Joining) -> Arc<Visit> {
        let known = self.visit(joining.booking);
        known.unwrap_or_else(|| {
            let mut list = self.list_mut();
            let fresh = || Arc::new(Visit(Mutex::new(door::rebuilt(joining))));
            Arc::clone(list.entry(joining.booking).or_insert_with(fresh))
        })
    }

    /// The visits as they are listed now.
    fn all(&self) -> Vec<(BookingId, Arc<Visit>)> {
        self.list().iter().map(|(booking, visit)| (*booking, Arc::clone(visit))).collect()
    }

    /// Counts a socket of an account; its oldest one gives way when there are too many.
    fn crowd(&self, account: AccountId, taken: Taken, now: Instant) {
        let mut accounts = self.accounts();
        let sockets = accounts.entry(account).or_default();
        sockets
            .retain(|one| self.visit(one.booking).is_some_and(|visit| one.is_open(&visit.lock())));
        sockets.push_back(taken);
        if sockets.len() > PER_ACCOUNT
            && let Some(oldest) = sockets.pop_front()
            && let Some(visit) = self.visit(oldest.booking)
        {
            visit.lock().close(oldest.participant, Bye::Replaced, now);
        }
    }

    fn list(&self) -> RwLockReadGuard<'_, HashMap<BookingId, Arc<Visit>>> {
        self.state.visits.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn list_mut(&self) -> RwLockWriteGuard<'_, HashMap<BookingId, Arc<Visit>>> {
        self.state.visits.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn accounts(&self) -> MutexGuard<'_, HashMap<AccountId, VecDeque<Taken>>> {
        self.state.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    /// Whether their socket is still the one that counts.
    fn is_good(&self, room: &Room) -> bool {
        let one = room.members.get(&self.participant);
        one.is_some_and(|one| one.session == self.session && one.line.is_some())
    }

    fn tell(&self, message: &ServerMessage) {
        let mut room = self.visit.lock();
        if self.is_good(&room) {
            room.tell(self.participant, message);
        }
    }
}

/// Seats a person in their visit: their outbox, and the epoch if it rose.
fn seated(room: &mut Room, joining: Joining, session: u64) -> (Outbox, Option<i64>) {
    // Who was looked up before a move makes the room one of before it, for the next round to see.
    room.moves = room.moves.min(joining.moves);
    room.state = room.state.max(joining.state);
    room.ways.at_least(joining.epoch);
    room.stored_epoch = room.stored_epoch.max(joining.epoch);
    room.now = room.now.max(joining.now);
    room.rules = filter::Rules::of(joining.policy, &joining.ice_servers);
    let (line, outbox) = outbox::line();
    let (before, who) = (room.ways.epoch(), joining.participant);
    let greeting = door::seat(room, joining, line, session);
    let changed = room.align();
    door::greet(room, who, session, greeting);
    if changed {
        room.announce();
    }
    room.tell_of(who, Event::Joined);
    if room.members.get(&who).is_some_and(|one| one.role == Role::Patient && one.inside()) {
        people::ask_again(room, who);
    }
    (outbox, (room.ways.epoch() > before).then_some(room.ways.epoch()))
}

/// A socket that was opened.
#[derive(Debug)]
struct Taken {
    booking: BookingId,
    participant: ParticipantId,
    session: u64,
}

impl Taken {
    fn is_open(&self, room: &Room) -> bool {
        let member = room.members.get(&self.participant);
        member.is_some_and(|one| one.session == self.session && one.line.is_some())
    }
}
