//! One visit: who is in it, what each may see of it, and who connects to whom.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use crate::engine::visit::{Role, VisitState};
use crate::live::message::{
    Admission, Bye, Event, GIVEN_UP, Media, Person, Precheck, Presence, QueuePlace, ServerMessage,
    Snapshot, Waiter,
};
use crate::model::ParticipantId;
use crate::time::Instant;

use super::filter::Rules;
use super::measured::Measure;
use super::outbox::{self, Kept, Line};
use super::pace::{Bucket, Pace};
use super::video::Video;
use super::ways::Ways;

/// How long a place is kept after the socket is gone: in the visit, and in the waiting room.
const GRACE_INSIDE: TimeDelta = TimeDelta::seconds(120);
const GRACE_WAITING: TimeDelta = TimeDelta::seconds(60);

/// A description that was sent, and what followed it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Negotiation {
    pub(super) neg: u32,
    pub(super) candidates: usize,
}

/// What became of somebody's waiting.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wait {
    /// They were asked for more patience.
    pub(super) held: bool,
    /// Since when the patient is being asked whether they may come in.
    pub(super) asked: Option<Instant>,
    /// Their place among those whom the clinician sees today, as they were told it last.
    pub(super) place: Option<QueuePlace>,
}

/// One person in a visit.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) role: Role,
    pub(super) name: String,
    pub(super) admitted: bool,
    pub(super) denied: bool,
    pub(super) waiting_since: Option<Instant>,
    /// What became of their waiting so far.
    pub(super) wait: Wait,
    pub(super) media: Option<Media>,
    pub(super) precheck: Option<Precheck>,
    /// The page they are there with.
    pub(super) tab: Option<String>,
    /// Their socket, while there is one.
    pub(super) line: Option<Line>,
    /// Which of their sockets it is.
    pub(super) session: u64,
    /// What they may not have heard yet.
    pub(super) kept: Kept,
    /// A page was seated here, so the numbers of what is kept are known to it.
    pub(super) greeted: bool,
    pub(super) gone_since: Option<Instant>,
    pub(super) pace: Pace,
    /// How often they may call a connection lost; not filled by coming back.
    pub(super) given_up: Bucket,
    /// The newest description sent to each other person.
    pub(super) negs: BTreeMap<ParticipantId, Negotiation>,
    /// How good their connection is.
    pub(super) measure: Measure,
    /// Pictures decoded from each other person, as last reported.
    pub(super) frames: BTreeMap<ParticipantId, (u64, Instant)>,
}

impl Member {
    /// Somebody of whom nothing else is known, and whose socket is not there.
    pub(super) fn new(role: Role, name: String, now: Instant) -> Self {
        Self {
            role,
            name,
            admitted: false,
            denied: false,
            waiting_since: None,
            wait: Wait::default(),
            media: None,
            precheck: None,
            tab: None,
            line: None,
            session: 0,
            kept: Kept::new(),
            greeted: false,
            gone_since: None,
            pace: Pace::new(now),
            given_up: Bucket::full(GIVEN_UP, now),
            negs: BTreeMap::new(),
            measure: Measure::default(),
            frames: BTreeMap::new(),
        }
    }

    /// Says something to them. What counts is kept until they have handled it; what does not is for
    /// whoever listens.
    pub(super) fn say(&mut self, message: &ServerMessage) {
        let seq = message.kept().then(|| self.kept.next());
        if seq.is_none() && self.line.is_none() {
            return;
        }
        let Some(text) = outbox::written(seq, message) else { return };
        if let Some(line) = &self.line {
            line.send(text.clone());
        }
        if seq.is_some() {
            self.kept.push(text);
        }
    }

    /// Whether they are in the visit, and so may know who is.
    pub(super) fn inside(&self) -> bool {
        self.role.is_host() || self.admitted
    }

    /// Whether they take part, and so see and hear the others.
    pub(super) fn takes_part(&self) -> bool {
        self.inside() && self.role.takes_media()
    }

    pub(super) fn waits(&self) -> bool {
        !self.inside() && self.waiting_since.is_some()
    }

    pub(super) fn grace(&self) -> TimeDelta {
        if self.inside() { GRACE_INSIDE } else { GRACE_WAITING }
    }

    fn admission(&self) -> Admission {
        if self.inside() {
            Admission::Admitted
        } else if self.waiting_since.is_some() {
            Admission::Waiting
        } else if self.denied {
            Admission::Denied
        } else {
            Admission::None
        }
    }

    fn presence(&self) -> Presence {
        if self.line.is_none() {
            Presence::Reconnecting
        } else if self.inside() {
            Presence::Joined
        } else {
            Presence::Waiting
        }
    }
}

/// One visit.
#[derive(Debug)]
pub(super) struct Room {
    pub(super) state: VisitState,
    /// What the pages may tell each other of the ways to themselves.
    pub(super) rules: Rules,
    pub(super) members: BTreeMap<ParticipantId, Member>,
    pub(super) video: Video,
    pub(super) ways: Ways,
    /// The epoch as the database has it.
    pub(super) stored_epoch: i64,
    /// How often the visit had been moved when its people came: who is here is in that one.
    pub(super) moves: i64,
    /// The newest moment that was told here.
    pub(super) now: Instant,
    /// It is on no list any more; nobody is seated in it.
    pub(super) over: bool,
}

impl Room {
    pub(super) fn new(
        state: VisitState,
        epoch: i64,
        rules: Rules,
        video: Video,
        now: Instant,
    ) -> Self {
        let (members, ways) = (BTreeMap::new(), Ways::new(epoch, rand::random()));
        let (stored_epoch, moves) = (epoch, 0);
        Self { state, rules, members, video, ways, stored_epoch, moves, now, over: false }
    }

    /// Whether nothing comes of time alone: all are there, nobody is asked about, and no connection
    /// waits for anything.
    pub(super) fn rests(&self) -> bool {
        let still = |one: &Member| one.gone_since.is_none() && one.wait.asked.is_none();
        let there = self.members.values().all(still);
        !self.members.is_empty() && there && !self.ways.waits()
    }

    /// How many see and hear each other.
    pub(super) fn takers(&self) -> usize {
        self.members.values().filter(|one| one.takes_part()).count()
    }

    /// Says something to one person.
    pub(super) fn tell(&mut self, who: ParticipantId, message: &ServerMessage) {
        if let Some(one) = self.members.get_mut(&who) {
            one.say(message);
        }
    }

    /// Says something to all who are in the visit, but for one.
    pub(super) fn tell_inside(&mut self, but: ParticipantId, message: &ServerMessage) {
        self.tell_where(|id, one| id != but && one.inside(), message);
    }

    /// Says something to all who see and hear each other, but for one: what is said in a visit is
    /// not for the clinic's staff (E-05).
    pub(super) fn tell_taking(&mut self, but: ParticipantId, message: &ServerMessage) {
        self.tell_where(|id, one| id != but && one.takes_part(), message);
    }

    /// Says something to the clinic's people.
    pub(super) fn tell_hosts(&mut self, message: &ServerMessage) {
        self.tell_where(|_, one| one.role.is_host(), message);
    }

    /// Says something to everybody.
    pub(super) fn tell_all(&mut self, message: &ServerMessage) {
        self.tell_where(|_, _| true, message);
    }

    fn tell_where(&mut self, to: impl Fn(ParticipantId, &Member) -> bool, message: &ServerMessage) {
        for (id, one) in &mut self.members {
            if to(*id, one) {
                one.say(message);
            }
        }
    }

    /// Works out anew who connects to whom. True when it changed, and is to be announced.
    pub(super) fn align(&mut self) -> bool {
        let taking = || self.members.iter().filter(|(_, one)| one.takes_part());
        let quiet = taking().filter(|(_, one)| !one.role.sends_media());
        let quiet = quiet.map(|(id, _)| *id).collect();
        let people = taking().map(|(id, _)| *id).collect();
        self.ways.quieten(quiet);
        let before = self.ways.epoch();
        let changed = self.ways.align(&people, self.now);
        if self.ways.epoch() > before {
            for one in self.members.values_mut() {
                one.negs.clear();
                one.frames.clear();
            }
        }
        changed
    }

    /// Tells everybody inside to whom they connect.
    pub(super) fn announce(&mut self) {
        let inside: Vec<_> =
            self.members.iter().filter(|(_, one)| one.inside()).map(|(id, _)| *id).collect();
        for id in inside {
            self.tell(id, &ServerMessage::Topology(self.ways.topology(id)));
        }
    }

    /// So many pictures of `other` were decoded by `who` so far. Whether more than before; those
    /// between doctor and patient are counted.
    pub(super) fn pictures(
        &mut self,
        who: ParticipantId,
        other: ParticipantId,
        frames: u64,
        now: Instant,
    ) -> bool {
        // Of somebody who is not there nothing is kept: a page may say what it likes.
        let Some(other_role) = self.members.get(&other).map(|one| one.role) else { return false };
        let Some(one) = self.members.get_mut(&who) else { return false };
        let Some((before, at)) = one.frames.insert(other, (frames, now)) else { return false };
        if frames <= before {
            return false;
        }
        if let (Role::Patient, Role::Clinician) | (Role::Clinician, Role::Patient) =
            (one.role, other_role)
        {
            self.video.saw(one.role, at, now);
        }
        true
    }

    /// Everything that one person may see.
    pub(super) fn snapshot(&self, who: ParticipantId) -> Option<Snapshot> {
        let me = self.members.get(&who)?;
        let seen = |id: ParticipantId, one: &Member| id == who || (me.inside() && one.inside());
        let participants = self.members.iter().filter(|(id, one)| seen(**id, one));
        Some(Snapshot {
            state: self.state,
            participants: participants.map(|(id, one)| person(*id, one)).collect(),
            waiting: me.role.is_host().then(|| self.waiters()),
            topology: self.ways.topology(who),
            admission: me.admission(),
            position: self.position(who),
            place: me.wait.place.filter(|_| me.waits()),
        })
    }

    /// Those who wait, in order.
    pub(super) fn queue(&self) -> Vec<ParticipantId> {
        let mut queue: Vec<_> = self
            .members
            .iter()
            .filter(|(_, one)| one.waits())
            .map(|(id, one)| (one.waiting_since, *id))
            .collect();
        queue.sort_unstable();
        queue.into_iter().map(|(_, id)| id).collect()
    }

    fn position(&self, who: ParticipantId) -> Option<usize> {
        self.queue().iter().position(|id| *id == who).map(|place| place + 1)
    }

    fn waiters(&self) -> Vec<Waiter> {
        let waiter = |id: ParticipantId| {
            let one = self.members.get(&id)?;
            Some(Waiter {
                participant: id,
                name: one.name.clone(),
                role: one.role,
                since: one.waiting_since?,
                precheck: one.precheck.clone(),
                held: one.wait.held,
                asked: one.wait.asked.is_some(),
            })
        };
        self.queue().into_iter().filter_map(waiter).collect()
    }

    /// Tells a person who waits their place, and the clinic who they are.
    pub(super) fn tell_waiting(&mut self, who: ParticipantId, event: Event) {
        self.tell_place(who, event);
        let Some(one) = self.members.get(&who) else { return };
        let message = ServerMessage::Waiting {
            event,
            participant: who,
            name: Some(one.name.clone()),
            role: Some(one.role),
            since: one.waiting_since,
            position: self.position(who),
            precheck: one.precheck.clone(),
            held: Some(one.wait.held),
            asked: Some(one.wait.asked.is_some()),
        };
        self.tell_hosts(&message);
    }

    /// Tells a person who waits their place.
    pub(super) fn tell_place(&mut self, who: ParticipantId, event: Event) {
        let message = ServerMessage::Waiting {
            event,
            participant: who,
            name: None,
            role: None,
            since: self.members.get(&who).and_then(|one| one.waiting_since),
            position: self.position(who),
            precheck: None,
            held: None,
            asked: None,
        };
        self.tell(who, &message);
    }

    /// The queue became shorter: those behind move up.
    pub(super) fn tell_queue(&mut self) {
        for id in self.queue() {
            self.tell_place(id, Event::Updated);
        }
    }

    /// Tells those inside about a person inside.
    pub(super) fn tell_of(&mut self, who: ParticipantId, event: Event) {
        let Some(one) = self.members.get(&who).filter(|one| one.inside()) else { return };
        let message = ServerMessage::Participant { event, person: person(who, one) };
        self.tell_inside(who, &message);
    }

    /// Closes a person's socket; their place is kept.
    pub(super) fn close(&mut self, who: ParticipantId, bye: Bye, now: Instant) {
        if let Some(line) = self.members.get_mut(&who).and_then(|one| one.line.take()) {
            line.close(bye);
        }
        self.lose(who, now);
    }

    /// A person's socket is gone; their place is kept.
    pub(super) fn lose(&mut self, who: ParticipantId, now: Instant) {
        let Some(one) = self.members.get_mut(&who) else { return };
        one.line = None;
        if one.gone_since.is_none() {
            one.gone_since = Some(now);
            self.tell_of(who, Event::Reconnecting);
        }
    }

    /// A person is gone for good.
    pub(super) fn remove(&mut self, who: ParticipantId) {
        let Some(one) = self.members.remove(&who) else { return };
        if one.inside() {
            let person = Person { state: Presence::Left, ..person(who, &one) };
            self.tell_inside(who, &ServerMessage::Participant { event: Event::Left, person });
        } else if one.waits() {
            self.tell_hosts(&ServerMessage::Waiting {
                event: Event::Left,
                participant: who,
                name: None,
                role: None,
                since: None,
                position: None,
                precheck: None,
                held: None,
                asked: None,
            });
            self.tell_queue();
        }
        if let Some(line) = one.line {
            line.close(Bye::Left);
        }
        if self.align() {
            self.announce();
        }
    }
}

fn person(id: ParticipantId, one: &Member) -> Person {
    Person {
        participant: id,
        role: one.role,
        name: one.name.clone(),
        state: one.presence(),
        media: one.media.clone(),
    }
}
