//! Who is connected to whom: two people directly, three and more through the forwarding room, and two
//! of whom one only looks on as well. When it changes from one to the other, the old connections stay
//! until the new ones carry pictures.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use crate::engine::visit;
use crate::live::media::room::RoomDeed;
use crate::live::message::{Mode, PeerLink, Topology, VideoCap};
use crate::model::ParticipantId;
use crate::time::Instant;

#[cfg(test)]
mod tests;

/// Old connections are closed after so long, pictures or not.
const KEEP_MOST: TimeDelta = TimeDelta::seconds(8);
/// A room of two goes on for so long, as somebody may come back.
const TWO_MOST: TimeDelta = TimeDelta::seconds(20);
/// Connections are given up no more often.
const GIVE_UP_GAP: TimeDelta = TimeDelta::seconds(10);
/// The most that a camera sends to a room of three, and of more.
const OF_THREE: VideoCap = VideoCap { width: 1280, height: 720, fps: 30, kbps: 1_500 };
const OF_MORE: VideoCap = VideoCap { width: 640, height: 360, fps: 30, kbps: 600 };

/// The connections there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Shape {
    #[default]
    None,
    /// Two, directly.
    Pair(ParticipantId, ParticipantId),
    /// All through the room.
    Room(BTreeSet<ParticipantId>),
}

/// Connections and by what they are named.
#[derive(Clone, Debug)]
struct Named {
    shape: Shape,
    epoch: i64,
    opening: u32,
}

impl Named {
    /// To whom somebody has a connection, and the name of it.
    fn peers(&self, who: ParticipantId) -> Vec<(ParticipantId, String)> {
        match &self.shape {
            Shape::Pair(..) => self
                .other(who)
                .map(|other| (other, visit::pc_id(who, other, self.epoch)))
                .into_iter()
                .collect(),
            Shape::Room(people) if people.contains(&who) => {
                let name = visit::room_pc_id(who, self.epoch, self.opening);
                let others = people.iter().filter(|other| **other != who);
                others.map(|other| (*other, name.clone())).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The other one of two who are connected directly.
    fn other(&self, who: ParticipantId) -> Option<ParticipantId> {
        match self.shape {
            Shape::Pair(a, b) if who == a => Some(b),
            Shape::Pair(a, b) if who == b => Some(a),
            _ => None,
        }
    }

    fn is_room(&self) -> bool {
        matches!(self.shape, Shape::Room(_))
    }
}

/// The connections before, while they are kept.
#[derive(Debug)]
struct Keep {
    named: Named,
    until: Instant,
    ready: BTreeSet<ParticipantId>,
}

/// The connections of one visit.
#[derive(Debug)]
pub(super) struct Ways {
    named: Named,
    keep: Option<Keep>,
    /// A connection of this epoch was given up by one side: its name must not be used again.
    torn: bool,
    two_since: Option<Instant>,
    given_up: Option<Instant>,
    quiet: BTreeSet<ParticipantId>,
    deeds: Vec<RoomDeed>,
}

impl Ways {
    /// None yet. `life` tells this process from those before: rooms do not outlive one, and their
    /// connections must not keep their names.
    pub(super) fn new(epoch: i64, life: u32) -> Self {
        let named = Named { shape: Shape::None, epoch, opening: life };
        let (keep, two_since, given_up) = (None, None, None);
        let (quiet, deeds) = (BTreeSet::new(), Vec::new());
        Self { named, keep, torn: false, two_since, given_up, quiet, deeds }
    }

    /// The epoch: it rises when names must not be used again.
    pub(super) const fn epoch(&self) -> i64 {
        self.named.epoch
    }

    /// The epoch is at least this, as stored.
    pub(super) fn at_least(&mut self, epoch: i64) {
        self.named.epoch = self.named.epoch.max(epoch);
    }

    /// What the room is to be asked for since this was last asked.
    pub(super) fn deeds(&mut self) -> Vec<RoomDeed> {
        std::mem::take(&mut self.deeds)
    }

    /// A page's offer for the room.
    pub(super) fn offer(&mut self, who: ParticipantId, neg: u32, sdp: String) {
        let sends = !self.quiet.contains(&who);
        self.deeds.push(RoomDeed::Open { who, neg, sdp, sends });
    }

    /// Who is neither seen nor heard. What their pages send is stopped in the room, so they are
    /// connected to nobody directly.
    pub(super) fn quieten(&mut self, quiet: BTreeSet<ParticipantId>) {
        self.quiet = quiet;
    }

    /// A person's page is a new one: a direct connection cannot go on. In a room nobody else
    /// notices.
    pub(super) fn tear(&mut self, who: ParticipantId) {
        if matches!(self.named.shape, Shape::Pair(a, b) if who == a || who == b) {
            self.named.shape = Shape::None;
            self.torn = true;
        }
    }

    /// A person's connection was restarted in vain: all are built anew, those before are not kept.
    /// False when that was done just now, as several pages may say it of the same line.
    pub(super) fn give_up(&mut self, now: Instant) -> bool {
        if self.given_up.is_some_and(|at| now - at < GIVE_UP_GAP) {
            return false;
        }
        self.given_up = Some(now);
        self.end_keep();
        if self.named.is_room() {
            self.deeds.push(RoomDeed::Close);
        }
        self.named.shape = Shape::None;
        self.torn = true;
        true
    }

    /// Works out anew who connects to whom, of those who see and hear each other. True when it
    /// changed, and is to be announced.
    pub(super) fn align(&mut self, people: &BTreeSet<ParticipantId>, now: Instant) -> bool {
        let wanted = self.wanted(people, now);
        self.drop_kept(people);
        if wanted == self.named.shape {
            return false;
        }
        let before = self.named.clone();
        match (&before.shape, &wanted) {
            (Shape::Room(old), Shape::Room(new)) => {
                self.deeds.extend(old.difference(new).map(|who| RoomDeed::Leave { who: *who }));
            }
            (Shape::Pair(..), Shape::Room(_)) | (Shape::Room(_), Shape::Pair(..)) => {
                self.end_keep();
                self.rise();
                let until = now + KEEP_MOST;
                self.keep = Some(Keep { named: before.clone(), until, ready: BTreeSet::new() });
                self.drop_kept(people);
            }
            (Shape::Pair(..), Shape::Pair(..)) => self.rise(),
            (_, Shape::None) => {
                // One side may still hold what the other has closed.
                self.torn |= !before.is_room();
                self.end_keep();
                if before.is_room() {
                    self.deeds.push(RoomDeed::Close);
                }
            }
            (Shape::None, _) if self.torn => self.rise(),
            (Shape::None, _) => {}
        }
        self.named.shape = wanted;
        if self.named.is_room() && !before.is_room() {
            self.named.opening = self.named.opening.wrapping_add(1);
        }
        true
    }

    fn rise(&mut self) {
        self.named.epoch += 1;
        self.torn = false;
    }

    fn wanted(&mut self, people: &BTreeSet<ParticipantId>, now: Instant) -> Shape {
        let ends = people.first().copied().zip(people.last().copied());
        let quiet = !people.is_disjoint(&self.quiet);
        if people.len() != 2 || quiet || !self.named.is_room() {
            self.two_since = None;
        }
        match (people.len(), ends) {
            (0 | 1, _) | (_, None) => Shape::None,
            _ if quiet => Shape::Room(people.clone()),
            (2, Some((a, b))) => {
                let rests = self.named.is_room() && {
                    let since = *self.two_since.get_or_insert(now);
                    now - since < TWO_MOST
                };
                if rests { Shape::Room(people.clone()) } else { Shape::Pair(a, b) }
            }
            _ => Shape::Room(people.clone()),
        }
    }

    /// Whoever is no longer there is in no room that is kept.
    fn drop_kept(&mut self, people: &BTreeSet<ParticipantId>) {
        let Some(Keep { named: Named { shape: Shape::Room(kept), .. }, .. }) = &mut self.keep
        else {
            return;
        };
        self.deeds.extend(kept.difference(people).map(|who| RoomDeed::Leave { who: *who }));
        kept.retain(|who| people.contains(who));
    }

    fn end_keep(&mut self) {
        if self.keep.take().is_some_and(|keep| keep.named.is_room()) {
            self.deeds.push(RoomDeed::Close);
        }
    }

    /// Whether this is the name of a person's connection, and not one that is only kept.
    pub(super) fn is_current(&self, who: ParticipantId, pc: &str) -> bool {
        self.named.peers(who).iter().any(|(_, name)| name == pc)
    }

    /// Somebody has pictures of everybody on the connection of this name.
    pub(super) fn ready(&mut self, who: ParticipantId, pc: &str) {
        if self.is_current(who, pc)
            && let Some(keep) = &mut self.keep
        {
            keep.ready.insert(who);
        }
    }

    /// Whether something comes of time alone: connections that are kept end, a room of two ends.
    pub(super) const fn waits(&self) -> bool {
        self.keep.is_some() || self.two_since.is_some()
    }

    /// Ends what was kept for long enough, or is needed by nobody. True when that is to be
    /// announced.
    pub(super) fn rest(&mut self, now: Instant) -> bool {
        let Some(keep) = &self.keep else { return false };
        let all = match &self.named.shape {
            Shape::None => true,
            Shape::Pair(a, b) => keep.ready.contains(a) && keep.ready.contains(b),
            Shape::Room(people) => people.is_subset(&keep.ready),
        };
        let over = all || now >= keep.until;
        if over {
            self.end_keep();
        }
        over
    }

    /// The person at the other end of a direct connection of this name, old or new.
    pub(super) fn other_end(&self, who: ParticipantId, pc: &str) -> Option<ParticipantId> {
        let kept = self.keep.as_ref().map(|keep| &keep.named);
        let mut all = [Some(&self.named), kept].into_iter().flatten();
        all.find_map(|one| {
            let other = one.other(who)?;
            visit::is_pc_id(pc, who, other, one.epoch).then_some(other)
        })
    }

    /// Whether this is the name of the person's connection with the room, old or new.
    pub(super) fn is_room(&self, who: ParticipantId, pc: &str) -> bool {
        let kept = self.keep.as_ref().map(|keep| &keep.named);
        let mut all = [Some(&self.named), kept].into_iter().flatten().filter(|one| one.is_room());
        all.any(|one| one.peers(who).iter().any(|(_, name)| name == pc))
    }

    /// The name of a person's connection with the room, as long as there is one.
    pub(super) fn room_name(&self, who: ParticipantId) -> Option<String> {
        let kept = self.keep.as_ref().map(|keep| &keep.named);
        let room = [Some(&self.named), kept].into_iter().flatten().find(|one| one.is_room())?;
        room.peers(who).pop().map(|(_, name)| name)
    }

    /// To whom somebody connects.
    pub(super) fn topology(&self, who: ParticipantId) -> Topology {
        let room = self.named.is_room();
        let peers: Vec<_> = self
            .named
            .peers(who)
            .into_iter()
            .map(|(participant, pc)| {
                // Before the room the page alone offers.
                let polite = !room && visit::polite(who, participant);
                PeerLink { participant, pc, polite }
            })
            .collect();
        let mut keep: Vec<String> =
            self.keep.iter().flat_map(|keep| keep.named.peers(who)).map(|one| one.1).collect();
        keep.dedup();
        let (mode, video) = match (&self.named.shape, peers.is_empty()) {
            (_, true) | (Shape::None, _) => (Mode::None, None),
            (Shape::Pair(..), _) => (Mode::P2p, None),
            (Shape::Room(people), _) if people.len() <= 3 => (Mode::Room, Some(OF_THREE)),
            (Shape::Room(_), _) => (Mode::Room, Some(OF_MORE)),
        };
        Topology { mode, epoch: self.named.epoch, peers, keep, video }
    }
}
