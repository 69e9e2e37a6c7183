//! The forwarding room: three to six people, each of whom sends once and sees all others. Nothing
//! that passes is kept, looked at (but for where a key frame begins) or written anywhere.
//!
//! The page offers, this side only answers, and nobody is ever asked to offer again: an offer has
//! slots for all others that may come, and the visit is told who is in which
//! ([`RoomSaid::Tracks`]). One task per room does all of its work in turns, with the sans-I/O crate
//! below: no packet waits in a channel, and no page for another.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc::{self, error::TrySendError};

use super::ports::Ports;
use crate::live::message::Track;
use crate::live::reach::Reach;
use crate::model::{BookingId, ParticipantId};

mod keyframes;
mod member;
mod offer;
mod peer;
mod queue;
mod rewrite;
mod rtcp;
mod slots;
mod task;
mod vp8;

pub use slots::OTHERS;

use task::Task;

/// Rooms at once; each of six people takes about a tenth of a core.
const ROOMS: usize = 64;
/// Deeds that may wait for one room, and what it said that may wait to be told.
const DEEDS: usize = 64;
const SAID: usize = 4096;

/// What a visit asks of its room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoomDeed {
    /// A page's offer: it comes in, comes in anew, or restarts ICE.
    Open {
        /// Whose page.
        who: ParticipantId,
        /// The number of the offer, which the answer repeats.
        neg: u32,
        /// The offer.
        sdp: String,
        /// Whether the person is seen and heard. From a page of anybody else nothing is passed on,
        /// whatever it sends.
        sends: bool,
    },
    /// Somebody is no longer in it.
    Leave {
        /// Who.
        who: ParticipantId,
    },
    /// The visit needs no room any more.
    Close,
}

/// What a room has to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoomSaid {
    /// The answer to a page's offer, with all of its candidates.
    Answer {
        /// Whose page.
        who: ParticipantId,
        /// The number of the offer.
        neg: u32,
        /// The answer.
        sdp: String,
    },
    /// Who is in which of a page's slots, all of them.
    Tracks {
        /// Whose page.
        of: ParticipantId,
        /// The slots in use.
        tracks: Vec<Track>,
    },
    /// The offer is none of the room's form, or there is no place.
    Refused {
        /// Whose offer.
        who: ParticipantId,
    },
    /// Somebody's connection is over, and nobody asked for that: their page has to begin anew.
    Gone {
        /// Whose.
        who: ParticipantId,
    },
}

/// Where rooms are reached.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The machine's address at which the pages' sockets are opened.
    pub ip: IpAddr,
    /// The address that pages are told, where it is another (as behind a NAT that passes the ports
    /// on).
    pub told: Option<IpAddr>,
    /// Their ports.
    pub ports: Ports,
    /// Where the relay learns of them, which speaks with nothing else of this machine.
    pub reach: Reach,
}

/// What all rooms did since the start.
#[derive(Debug, Default)]
struct Counts {
    members: AtomicU64,
    received: AtomicU64,
    forwarded: AtomicU64,
    dropped: AtomicU64,
    key_frames: AtomicU64,
}

/// What all rooms did since the start, and how many there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RoomCounts {
    /// Rooms now.
    pub rooms: usize,
    /// People in them now.
    pub members: u64,
    /// Media packets that came.
    pub received: u64,
    /// Media packets that were sent on, one for each who sees them.
    pub forwarded: u64,
    /// Media packets that one viewer was too slow for.
    pub dropped: u64,
    /// Requests for a key frame.
    pub key_frames: u64,
}

/// All rooms of this process. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Rooms(Arc<Shared>);

impl std::fmt::Debug for Rooms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rooms").field("counts", &self.counts()).finish_non_exhaustive()
    }
}

struct Shared {
    settings: Settings,
    rooms: Mutex<HashMap<BookingId, mpsc::Sender<RoomDeed>>>,
    said: mpsc::Sender<(BookingId, RoomSaid)>,
    heard: Mutex<Option<mpsc::Receiver<(BookingId, RoomSaid)>>>,
    counts: Arc<Counts>,
}

impl Rooms {
    /// No rooms yet, at this address.
    pub fn new(settings: Settings) -> Self {
        let (said, heard) = mpsc::channel(SAID);
        let (rooms, heard) = (Mutex::default(), Mutex::new(Some(heard)));
        Self(Arc::new(Shared { settings, rooms, said, heard, counts: Arc::default() }))
    }

    /// What the rooms say, for the one who passes it on: the first who asks gets it.
    pub fn heard(&self) -> Option<mpsc::Receiver<(BookingId, RoomSaid)>> {
        lock(&self.0.heard).take()
    }

    /// Asks a visit's room for something; an offer opens it. Never waits. Must be called where tasks
    /// can be started.
    pub fn deed(&self, visit: BookingId, deed: RoomDeed) {
        let mut rooms = lock(&self.0.rooms);
        let deed = match rooms.get(&visit) {
            None => deed,
            Some(room) => match room.try_send(deed) {
                Ok(()) => return,
                Err(TrySendError::Full(deed)) => {
                    drop(rooms);
                    return self.refuse(visit, &deed);
                }
                Err(TrySendError::Closed(deed)) => deed,
            },
        };
        // Leaving a room that is gone leaves nothing.
        let RoomDeed::Open { .. } = deed else { return };
        if rooms.len() >= ROOMS {
            drop(rooms);
            return self.refuse(visit, &deed);
        }
        let (deeds, asked) = mpsc::channel(DEEDS);
        // There is room for the first.
        let _ = deeds.try_send(deed);
        rooms.insert(visit, deeds);
        drop(rooms);
        tokio::spawn(self.clone().run(visit, asked));
    }

    /// Closes all rooms, as when the server stops.
    pub fn close(&self) {
        let open: Vec<_> = lock(&self.0.rooms).values().cloned().collect();
        for room in open {
            // A room that has no place for this among its deeds ends with the process.
            let _ = room.try_send(RoomDeed::Close);
        }
    }

    /// What all rooms did.
    pub fn counts(&self) -> RoomCounts {
        let Counts { members, received, forwarded, dropped, key_frames } = &*self.0.counts;
        RoomCounts {
            rooms: lock(&self.0.rooms).len(),
            members: members.load(Relaxed),
            received: received.load(Relaxed),
            forwarded: forwarded.load(Relaxed),
            dropped: dropped.load(Relaxed),
            key_frames: key_frames.load(Relaxed),
        }
    }

    /// The ports at which they are reached.
    pub fn ports(&self) -> &Ports {
        &self.0.settings.ports
    }

    async fn run(self, visit: BookingId, mut deeds: mpsc::Receiver<RoomDeed>) {
        let mut task = Task::new(self.0.settings.clone(), self.0.counts.clone());
        let mut clock = task::clock();
        while task.turn(&mut deeds, &mut clock).await {
            for said in task.said() {
                self.say(visit, said);
            }
            if task.is_empty() && self.ends(visit, &deeds) {
                return;
            }
        }
    }

    /// Takes an empty room away, unless somebody is about to come in.
    fn ends(&self, visit: BookingId, deeds: &mpsc::Receiver<RoomDeed>) -> bool {
        let mut rooms = lock(&self.0.rooms);
        let ends = deeds.is_empty();
        if ends {
            rooms.remove(&visit);
        }
        ends
    }

    fn refuse(&self, visit: BookingId, deed: &RoomDeed) {
        if let RoomDeed::Open { who, .. } = deed {
            tracing::warn!("no place in a room");
            self.say(visit, RoomSaid::Refused { who: *who });
        }
    }

    fn say(&self, visit: BookingId, said: RoomSaid) {
        if self.0.said.try_send((visit, said)).is_err() {
            // A page that hears no answer offers again.
            tracing::warn!("what a room said was not passed on");
        }
    }
}

fn lock<T>(one: &Mutex<T>) -> MutexGuard<'_, T> {
    one.lock().unwrap_or_else(PoisonError::into_inner)
}
