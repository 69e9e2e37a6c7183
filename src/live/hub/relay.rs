//! What becomes of a text that a page sent: refused, passed on to those it may reach, or turned
//! into an act that the database has to agree to first.

use crate::engine::visit::{self, Role};
use crate::live::message::{
    BadMessage, Bye, CANDIDATES_PER_NEG, Candidate, ClientMessage, Description, DescriptionKind,
    Event, Frame, Media, Moderation, PARTICIPANTS_MOST, Quality, ServerMessage, WAITING_MOST,
};
use crate::model::ParticipantId;
use crate::time::Instant;

use super::pace::{Pace, Verdict};
use super::room::{Negotiation, Room};
use super::{Act, filter, forward, people};

/// When a page that was too fast may try again, in milliseconds.
const RETRY_MS: u32 = 1_000;

/// Where a message came from: the person, and the number they gave it.
#[derive(Clone, Copy)]
struct From {
    who: ParticipantId,
    id: Option<u64>,
}

/// Takes a text from a person in the room, as it was read.
pub(super) fn text(
    room: &mut Room,
    who: ParticipantId,
    read: Result<Frame, BadMessage>,
    now: Instant,
) -> Vec<Act> {
    let Some(member) = room.members.get_mut(&who) else { return Vec::new() };
    match member.pace.text(now) {
        Verdict::Fine => {}
        Verdict::Slower => {
            refuse(room, From { who, id: None }, "rate_limited");
            return Vec::new();
        }
        Verdict::Close => {
            tracing::warn!(participant = %who, "closed for sending too much");
            room.close(who, Bye::TooMuch, now);
            return Vec::new();
        }
    }
    match read {
        Ok(frame) => {
            if let Some((one, ack)) = room.members.get_mut(&who).zip(frame.ack) {
                one.kept.handled(ack);
            }
            take(room, From { who, id: frame.id }, frame.message, now)
        }
        Err(bad) => {
            nonsense(room, who, &bad, now);
            Vec::new()
        }
    }
}

fn nonsense(room: &mut Room, who: ParticipantId, bad: &BadMessage, now: Instant) {
    if let BadMessage::UnknownType { id } = bad {
        // A newer page may know more than this server: no fault of its.
        refuse(room, From { who, id: *id }, bad.code());
        return;
    }
    refuse(room, From { who, id: None }, bad.code());
    if room.members.get_mut(&who).is_some_and(|one| one.pace.bad(now)) {
        tracing::warn!(participant = %who, "closed for sending what is no message");
        room.close(who, Bye::BadMessages, now);
    }
}

fn take(room: &mut Room, from: From, message: ClientMessage, now: Instant) -> Vec<Act> {
    let Some(member) = room.members.get(&from.who) else { return Vec::new() };
    let kind = message.kind();
    if !visit::may_send(member.role, member.inside(), kind) {
        forbid(room, from, kind.as_str());
        return Vec::new();
    }
    match message {
        ClientMessage::Sdp { to: Some(to), pc, neg, desc } => sdp(room, from, (to, pc, neg), desc),
        ClientMessage::Sdp { to: None, pc, neg, desc } => room_sdp(room, from, &pc, neg, desc),
        ClientMessage::Ready { pc } => {
            room.ways.ready(from.who, &pc);
            forward::rest(room, now);
        }
        ClientMessage::Ice { to: Some(to), pc, neg, cands, end } => {
            ice(room, from, (to, pc, neg, end), cands, now);
        }
        ClientMessage::MuteRequest { participant } => mute(room, from, participant),
        ClientMessage::Caption { text, lang, is_final } => {
            let caption = ServerMessage::Caption { from: from.who, text, lang, is_final };
            converse(room, from, |pace| pace.caption(now), &caption);
        }
        ClientMessage::State(media) => state(room, from.who, media),
        ClientMessage::Chat { text, client_id } => {
            let chat = ServerMessage::Chat { from: from.who, text, client_id };
            converse(room, from, |pace| pace.chat(now), &chat);
        }
        ClientMessage::Ping { ts } => {
            room.tell(from.who, &ServerMessage::Pong { re: from.id, ts });
        }
        // The room learns a page's addresses when it knocks.
        ClientMessage::Hello { .. }
        | ClientMessage::Ack {}
        | ClientMessage::Ice { to: None, .. } => {}
        ClientMessage::Quality(report) => return quality(room, from, report, now),
        ClientMessage::Precheck { result } => {
            if let Some(one) = room.members.get_mut(&from.who) {
                one.precheck = Some(result.clone());
            }
            if room.queue().contains(&from.who) {
                room.tell_waiting(from.who, Event::Updated);
            }
            return vec![Act::Precheck(result)];
        }
        ClientMessage::Knock {} => return knock(room, from),
        ClientMessage::Hold { participant } => return hold(room, from, participant),
        ClientMessage::Consent { participant, yes } => {
            return consent(room, from, participant, yes);
        }
        ClientMessage::Remove { participant } => return remove(room, from, participant),
        ClientMessage::Admit { participant } if is_third(room, participant) => {
            ask(room, from, participant, now);
        }
        ClientMessage::Admit { participant } => return decide(room, from, participant, true),
        ClientMessage::Deny { participant } => return decide(room, from, participant, false),
        ClientMessage::Turn {} => return vec![Act::Turn],
        ClientMessage::End { .. } => return and_last_numbers(room, None, Act::End, now),
        ClientMessage::Leave {} => {
            let acts = and_last_numbers(room, Some(from.who), Act::Leave, now);
            room.remove(from.who);
            return acts;
        }
    }
    Vec::new()
}

/// The numbers that were not told yet, of one person or of all, and then the act.
fn and_last_numbers(
    room: &mut Room,
    of: Option<ParticipantId>,
    act: Act,
    now: Instant,
) -> Vec<Act> {
    last_numbers(room, of, now).into_iter().chain([act]).collect()
}

/// The numbers that were not told yet, of one person or of all.
pub(super) fn last_numbers(room: &mut Room, of: Option<ParticipantId>, now: Instant) -> Vec<Act> {
    let members = room.members.iter_mut().filter(|(id, _)| of.is_none_or(|of| of == **id));
    let measured = members.filter_map(|(id, one)| one.measure.rest(*id)).map(Act::Measured);
    room.video.rest(now).map(Act::video).into_iter().chain(measured).collect()
}

/// Whether `from` has a connection of this name with `to`; says so if not.
fn linked(room: &mut Room, from: From, to: ParticipantId, pc: &str) -> bool {
    let linked = room.ways.other_end(from.who, pc) == Some(to);
    if !linked {
        forbid(room, from, "pc");
    }
    linked
}

/// A page's offer to the forwarding room, which alone answers it.
fn room_sdp(room: &mut Room, from: From, pc: &str, neg: u32, desc: Description) {
    if desc.kind == DescriptionKind::Offer && room.ways.is_room(from.who, pc) {
        room.ways.offer(from.who, neg, desc.sdp);
    } else {
        forbid(room, from, "pc");
    }
}

fn sdp(
    room: &mut Room,
    from: From,
    (to, pc, neg): (ParticipantId, String, u32),
    desc: Description,
) {
    if !linked(room, from, to, &pc) {
        return;
    }
    let rules = room.rules;
    let Some(member) = room.members.get_mut(&from.who) else { return };
    if member.negs.get(&to).is_some_and(|newest| neg <= newest.neg) {
        return;
    }
    member.negs.insert(to, Negotiation { neg, candidates: 0 });
    let desc = filter::description(desc, rules);
    room.tell(to, &ServerMessage::Sdp { from: Some(from.who), pc, neg, desc });
}

fn ice(
    room: &mut Room,
    from: From,
    (to, pc, neg, end): (ParticipantId, String, u32, Option<bool>),
    cands: Vec<Candidate>,
    now: Instant,
) {
    if !linked(room, from, to, &pc) {
        return;
    }
    let rules = room.rules;
    let Some(member) = room.members.get_mut(&from.who) else { return };
    if !member.pace.candidates(cands.len(), now) {
        tracing::warn!(participant = %from.who, "closed for sending too many candidates");
        room.close(from.who, Bye::TooMuch, now);
        return;
    }
    let newest = member.negs.entry(to).or_insert(Negotiation { neg, candidates: 0 });
    if neg < newest.neg {
        return;
    }
    newest.candidates += cands.len();
    if newest.candidates > CANDIDATES_PER_NEG {
        return refuse(room, from, "too_many_candidates");
    }
    let sent = cands.len();
    let cands: Vec<_> = cands.into_iter().filter_map(|one| filter::candidate(one, rules)).collect();
    // Nothing is left to say when all of them were dropped, but that there are no more.
    if cands.is_empty() && sent > 0 && end.is_none() {
        return;
    }
    room.tell(to, &ServerMessage::Ice { from: Some(from.who), pc, neg, cands, end });
}

fn state(room: &mut Room, who: ParticipantId, media: Media) {
    let Some(one) = room.members.get_mut(&who) else { return };
    one.media = Some(media.clone());
    if one.inside() {
        room.tell_inside(who, &ServerMessage::State { from: who, media });
    }
}

/// Says something to the others who see and hear each other, unless it comes too fast.
fn converse(
    room: &mut Room,
    from: From,
    fits: impl Fn(&mut Pace) -> bool,
    message: &ServerMessage,
) {
    let Some(one) = room.members.get_mut(&from.who) else { return };
    if fits(&mut one.pace) {
        room.tell_taking(from.who, message);
    } else {
        refuse(room, from, "rate_limited");
    }
}

/// Asks somebody to switch their microphone off. Only they can.
fn mute(room: &mut Room, from: From, whom: ParticipantId) {
    if room.members.get(&whom).is_none_or(|one| !one.inside()) {
        return refuse(room, from, "not_here");
    }
    room.tell(whom, &ServerMessage::Moderation { kind: Moderation::MuteRequest });
}

/// A page lost its connection for good: all are built anew. Only whoever has the connection can say
/// it, and not often: it interrupts everybody.
fn give_up(room: &mut Room, from: From, pc: &str, now: Instant) {
    // Both ends say it, and the second names what is gone already.
    if !room.ways.is_current(from.who, pc) {
        return;
    }
    if room.members.get_mut(&from.who).is_some_and(|one| one.given_up.take(1, now)) {
        forward::failed(room);
    } else {
        refuse(room, from, "rate_limited");
    }
}

fn quality(room: &mut Room, from: From, quality: Quality, now: Instant) -> Vec<Act> {
    if quality.failed == Some(true) {
        give_up(room, from, &quality.pc, now);
        return Vec::new();
    }
    let (pictures, to) = if room.ways.is_room(from.who, &quality.pc) {
        (forward::pictures(room, from.who, &quality, now), None)
    } else if let Some(other) = room.ways.other_end(from.who, &quality.pc) {
        let frames = quality.frames_decoded;
        let some = frames.is_some_and(|frames| room.pictures(from.who, other, frames, now));
        (some, Some(other))
    } else {
        forbid(room, from, "pc");
        return Vec::new();
    };
    let Some(one) = room.members.get_mut(&from.who) else { return Vec::new() };
    one.measure.report(&quality, pictures, now);
    let measured = one.measure.due(from.who).map(Act::Measured);
    // What came from whom in a room is for the server; `from` is the sender's name here.
    let quality = Quality { from: None, ..quality };
    let message = ServerMessage::Quality { from: from.who, quality };
    match to {
        Some(other) => room.tell(other, &message),
        None => room.tell_taking(from.who, &message),
    }
    room.video.due(now).map(Act::video).into_iter().chain(measured).collect()
}

/// Knocking twice changes nothing.
fn knock(room: &mut Room, from: From) -> Vec<Act> {
    let Some(one) = room.members.get(&from.who) else { return Vec::new() };
    if one.inside() {
        return Vec::new();
    }
    if one.waiting_since.is_some() {
        room.tell_place(from.who, Event::Updated);
        return Vec::new();
    }
    if room.queue().len() >= WAITING_MOST {
        refuse(room, from, "visit_full");
        return Vec::new();
    }
    vec![Act::Knock]
}

fn decide(room: &mut Room, from: From, whom: ParticipantId, admit: bool) -> Vec<Act> {
    if room.queue().contains(&whom) {
        if admit && room.takers() >= PARTICIPANTS_MOST {
            refuse(room, from, "visit_full");
            return Vec::new();
        }
        return vec![if admit { Act::Admit(whom) } else { Act::Deny(whom) }];
    }
    let already =
        room.members.get(&whom).is_some_and(|one| one.role == Role::Patient && one.admitted);
    if !(admit && already) {
        refuse(room, from, "not_waiting");
    }
    Vec::new()
}

fn is_third(room: &Room, who: ParticipantId) -> bool {
    room.members.get(&who).is_some_and(|one| one.role.is_third())
}

/// A third person comes in by the patient's word, which only the doctor may ask for.
fn ask(room: &mut Room, from: From, whom: ParticipantId, now: Instant) {
    if room.members.get(&from.who).is_none_or(|one| one.role != Role::Clinician) {
        forbid(room, from, "admit");
    } else if !room.queue().contains(&whom) {
        refuse(room, from, "not_waiting");
    } else if room.takers() >= PARTICIPANTS_MOST {
        refuse(room, from, "visit_full");
    } else if let Err(code) = people::ask(room, whom, now) {
        refuse(room, from, code);
    }
}

/// Only what was asked can be answered.
fn consent(room: &mut Room, from: From, whom: ParticipantId, yes: bool) -> Vec<Act> {
    let asked = room.members.get_mut(&whom).filter(|one| one.waits());
    if asked.and_then(|one| one.wait.asked.take()).is_some() {
        room.tell_waiting(whom, Event::Updated);
        return vec![Act::Consent { participant: whom, yes }];
    }
    refuse(room, from, "not_waiting");
    Vec::new()
}

fn hold(room: &mut Room, from: From, whom: ParticipantId) -> Vec<Act> {
    if room.queue().contains(&whom) {
        return vec![Act::Hold(whom)];
    }
    refuse(room, from, "not_waiting");
    Vec::new()
}

/// The clinic's own people are not sent away from here.
fn remove(room: &mut Room, from: From, whom: ParticipantId) -> Vec<Act> {
    if room.members.get(&whom).is_some_and(|one| !one.role.is_host()) {
        return vec![Act::Remove(whom)];
    }
    forbid(room, from, "remove");
    Vec::new()
}

fn forbid(room: &mut Room, from: From, what: &str) {
    tracing::warn!(participant = %from.who, what, "message refused");
    refuse(room, from, "forbidden");
}

fn refuse(room: &mut Room, from: From, code: &'static str) {
    let retry_after_ms = (code == "rate_limited").then_some(RETRY_MS);
    room.tell(from.who, &ServerMessage::Error { re: from.id, code, fatal: false, retry_after_ms });
}
