//! How people come into the hub: anew, with another page, and after this process was not there.

use serde_json::Value;

use crate::engine::visit::{self, Role, VisitState};
use crate::live::message::{Bye, Limits, Me, ServerMessage};
use crate::model::facility::IcePolicy;
use crate::model::{AccountId, BookingId, ParticipantId};
use crate::time::Instant;

use super::PING_SECONDS;
use super::filter::Rules;
use super::outbox::{self, Line};
use super::room::{Member, Room};
use super::video::{Video, VideoSeconds};

/// A person whose ticket was good.
#[derive(Clone, Debug)]
pub struct Joining {
    /// The visit.
    pub booking: BookingId,
    /// Their part in it.
    pub participant: ParticipantId,
    /// What they are.
    pub role: Role,
    /// How others see them called.
    pub name: String,
    /// Whether they were let in before; the clinic's people always count as let in.
    pub admitted: bool,
    /// Their account, if they have one.
    pub account: Option<AccountId>,
    /// Lets the page come back without a ticket.
    pub resume_token: String,
    /// For a page that comes back so: the number of the last message that it handled, if this hub
    /// said it.
    pub heard: Option<Heard>,
    /// The page, as it named itself: one that comes back keeps its connections, another does not.
    pub tab: Option<String>,
    /// How far the visit has come, as stored.
    pub state: VisitState,
    /// The connections' epoch, as stored.
    pub epoch: i64,
    /// How often the visit was moved, as stored.
    pub moves: i64,
    /// Who was in the visit when it was last heard of, as stored, the person among them: after a
    /// restart they are looked for, and their connections go on.
    pub present: Vec<Present>,
    /// For how long each side saw a picture, as stored.
    pub video: VideoSeconds,
    /// Relay servers for this person, as `RTCIceServer` objects.
    pub ice_servers: Value,
    /// Which paths media may take.
    pub policy: IcePolicy,
    /// The present.
    pub now: Instant,
}

/// Somebody who was in a visit when it was last heard of.
#[derive(Clone, Debug)]
pub struct Present {
    /// Their part in it.
    pub participant: ParticipantId,
    /// What they are.
    pub role: Role,
    /// How others see them called.
    pub name: String,
    /// The page they were there with.
    pub tab: String,
}

/// The room of a visit that this process does not know yet. Who was in it is looked for until the
/// grace is over; meanwhile the connections between them stay listed, because they are alive: media
/// go from page to page, and no server is missed by them.
pub(super) fn rebuilt(joining: &Joining) -> Room {
    let mut room = {
        let rules = Rules::of(joining.policy, &joining.ice_servers);
        let video = Video::from(joining.video);
        Room::new(joining.state, joining.epoch, rules, video, joining.now)
    };
    room.moves = joining.moves;
    for one in &joining.present {
        let member = Member {
            admitted: !one.role.is_host(),
            tab: Some(one.tab.clone()),
            gone_since: Some(joining.now),
            ..Member::new(one.role, one.name.clone(), joining.now)
        };
        room.members.insert(one.participant, member);
    }
    room.align();
    room
}

/// What a page that comes back with its token has heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// All up to this number, of this hub.
    UpTo(u64),
    /// Something of another hub.
    Elsewhere,
}

/// What the page is told first.
pub(super) struct Greeting {
    resume_token: String,
    ice_servers: Value,
    policy: IcePolicy,
    heard: Option<Heard>,
    /// The place was taken before, by the same page.
    same_page: bool,
}

/// Puts the person in their place, old or new.
pub(super) fn seat(room: &mut Room, joining: Joining, line: Line, session: u64) -> Greeting {
    let who = joining.participant;
    let mut greeting = Greeting {
        resume_token: joining.resume_token,
        ice_servers: joining.ice_servers,
        policy: joining.policy,
        heard: joining.heard,
        same_page: false,
    };
    let fresh = Member {
        admitted: joining.admitted,
        tab: joining.tab,
        line: Some(line),
        session,
        ..Member::new(joining.role, joining.name, joining.now)
    };
    let Some(old) = room.members.remove(&who) else {
        room.members.insert(who, fresh);
        return greeting;
    };
    greeting.same_page = old.greeted && old.tab.is_some() && old.tab == fresh.tab;
    let another_page = old.tab.is_some() && fresh.tab.is_some() && old.tab != fresh.tab;
    if let Some(line) = old.line {
        line.close(Bye::Replaced);
    }
    let kept = Member {
        admitted: old.admitted || fresh.admitted,
        denied: old.denied,
        waiting_since: old.waiting_since,
        wait: old.wait,
        media: old.media,
        precheck: old.precheck,
        tab: fresh.tab.or(old.tab),
        negs: old.negs,
        frames: old.frames,
        measure: old.measure,
        kept: old.kept,
        given_up: old.given_up,
        ..fresh
    };
    room.members.insert(who, kept);
    if another_page {
        room.ways.tear(who);
    }
    greeting
}

/// Says the first message: how everything stands or, to a page that comes back, what it missed.
pub(super) fn greet(room: &mut Room, who: ParticipantId, session: u64, greeting: Greeting) {
    let Some(snapshot) = room.snapshot(who) else { return };
    let Some(one) = room.members.get_mut(&who) else { return };
    one.greeted = true;
    let Greeting { resume_token, ice_servers, policy, heard, same_page } = greeting;
    let Some(heard) = heard else {
        one.kept.clear();
        let message = ServerMessage::Welcome {
            session: session.to_string(),
            resume_token,
            me: Me { participant: who, role: one.role, caps: visit::caps(one.role) },
            limits: Limits::TOLD,
            grace_s: one.grace().num_seconds(),
            ping_s: PING_SECONDS,
            ice_servers,
            policy,
            snapshot: Box::new(snapshot),
        };
        return one.say(&message);
    };
    let missed: Option<(u64, Vec<_>)> = match heard {
        Heard::UpTo(seq) if same_page => {
            one.kept.since(seq).map(|texts| (seq, texts.cloned().collect()))
        }
        _ => None,
    };
    let (continuity, snapshot) = (missed.is_some(), missed.is_none().then_some(snapshot));
    if !continuity {
        one.kept.clear();
    }
    let (seq, texts) = missed.unwrap_or((one.kept.next() - 1, Vec::new()));
    let message = ServerMessage::Resumed { continuity, resume_token, ice_servers, snapshot };
    let first = outbox::written(Some(seq), &message);
    if let Some(line) = &one.line {
        first.into_iter().chain(texts).for_each(|text| line.send(text));
    }
}
