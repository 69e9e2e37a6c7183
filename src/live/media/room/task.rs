//! One room: everything of it happens in one task, in turns. What a page sends is decrypted once and
//! encrypted for each of the others; nobody is waited for.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::Poll;
use std::time::{Duration, Instant};

use rtc::rtp::packet::Packet;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

use super::member::{Heard, Member};
use super::offer::{self, Source};
use super::slots::OTHERS;
use super::{Counts, RoomDeed, RoomSaid, Settings, vp8};
use crate::live::message::{Track, TrackKind};
use crate::model::ParticipantId;

/// How often the protocol's clocks are looked at, and stuck sockets tried again.
const TICK: Duration = Duration::from_millis(10);
/// After this long without a packet nobody shows a screen any more.
const SCREEN_RESTS: Duration = Duration::from_secs(10);
/// A stream that rested this long and goes on counts as begun anew.
const SCREEN_ANEW: Duration = Duration::from_secs(2);
/// The place of the screen among a page's slots, behind the sounds and the pictures.
const SCREEN: usize = 2 * OTHERS;

/// The members of one room and who sees whom.
pub(super) struct Task {
    settings: Settings,
    counts: Arc<Counts>,
    members: BTreeMap<ParticipantId, Member>,
    /// Whose screen is shown.
    screen: Option<ParticipantId>,
    said: Vec<RoomSaid>,
    buffer: Vec<u8>,
}

impl Task {
    pub(super) fn new(settings: Settings, counts: Arc<Counts>) -> Self {
        let (members, said, buffer) = (BTreeMap::new(), Vec::new(), Vec::new());
        Self { settings, counts, members, screen: None, said, buffer }
    }

    /// One turn: waits for something to happen and does what follows. False when there is nobody
    /// left to ask for anything.
    pub(super) async fn turn(
        &mut self,
        deeds: &mut mpsc::Receiver<RoomDeed>,
        clock: &mut tokio::time::Interval,
    ) -> bool {
        let mut open = true;
        tokio::select! {
            deed = deeds.recv() => match deed {
                Some(deed) => self.deed(deed, Instant::now()),
                None => open = false,
            },
            () = readable(&mut self.members) => self.read(Instant::now()),
            _ = clock.tick() => self.tick(Instant::now()),
        }
        self.flush(Instant::now());
        open
    }

    /// What is to be told, as it came up.
    pub(super) fn said(&mut self) -> impl Iterator<Item = RoomSaid> + '_ {
        self.said.drain(..)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Does what the visit asks for.
    fn deed(&mut self, deed: RoomDeed, now: Instant) {
        match deed {
            RoomDeed::Open { who, neg, sdp, sends } => self.open((who, sends), neg, &sdp, now),
            RoomDeed::Leave { who } => self.leave(who, now),
            RoomDeed::Close => {
                let all: Vec<_> = self.members.keys().copied().collect();
                for who in all {
                    self.leave(who, now);
                }
            }
        }
    }

    fn open(&mut self, (who, sends): (ParticipantId, bool), neg: u32, sdp: &str, now: Instant) {
        let Some(offer) = offer::read(sdp) else {
            self.said.push(RoomSaid::Refused { who });
            return;
        };
        let same = self.members.get(&who).is_some_and(|one| one.session == offer.session);
        if !same {
            self.leave(who, now);
            if self.members.len() > OTHERS {
                self.said.push(RoomSaid::Refused { who });
                return;
            }
            match Member::new(&self.settings, (&offer, sends), now) {
                Ok(member) => self.seat(who, member),
                Err(error) => {
                    tracing::warn!(%error, "a room takes nobody in");
                    self.said.push(RoomSaid::Refused { who });
                    return;
                }
            }
        }
        let Some(member) = self.members.get_mut(&who) else { return };
        match member.answer(&offer, now) {
            Ok(sdp) => {
                self.said.push(RoomSaid::Answer { who, neg, sdp });
                self.tell_all();
            }
            Err(error) => {
                tracing::debug!(%error, "an offer to a room was not understood");
                self.leave(who, now);
                self.said.push(RoomSaid::Refused { who });
            }
        }
    }

    /// Puts a new member in everybody's slots, and everybody in theirs. Who only looks on is in none.
    fn seat(&mut self, who: ParticipantId, mut member: Member) {
        for (other, one) in &mut self.members {
            if one.sends {
                member.slots.seat(*other);
            }
            if !member.sends {
                continue;
            }
            if let Some(slot) = one.slots.seat(who) {
                one.change(slot);
                one.change(slot + OTHERS);
            }
        }
        self.members.insert(who, member);
        self.counts.members.fetch_add(1, Relaxed);
    }

    fn leave(&mut self, who: ParticipantId, now: Instant) {
        let Some(mut member) = self.members.remove(&who) else { return };
        member.close(now);
        self.counts.members.fetch_sub(1, Relaxed);
        for one in self.members.values_mut() {
            if let Some(slot) = one.slots.leave(who) {
                one.change(slot);
                one.change(slot + OTHERS);
            }
        }
        if self.screen == Some(who) {
            self.show_screen(None);
        }
        self.tell_all();
    }

    /// Somebody's connection is over without having been asked to end.
    fn lose(&mut self, who: ParticipantId, now: Instant) {
        if self.members.contains_key(&who) {
            self.leave(who, now);
            self.said.push(RoomSaid::Gone { who });
        }
    }

    fn read(&mut self, now: Instant) {
        let all: Vec<_> = self.members.keys().copied().collect();
        let mut buffer = std::mem::take(&mut self.buffer);
        for who in all {
            if let Some(member) = self.members.get_mut(&who) {
                member.take(&mut buffer, now);
            }
            self.listen(who, now);
        }
        self.buffer = buffer;
    }

    /// Does what follows from what a member's page said.
    fn listen(&mut self, who: ParticipantId, now: Instant) {
        while let Some(heard) = self.members.get_mut(&who).and_then(Member::heard) {
            match heard {
                Heard::Media(source, packet) => {
                    self.counts.received.fetch_add(1, Relaxed);
                    self.forward(who, source, &packet, now);
                }
                Heard::Needs(place) => self.need(who, place),
                Heard::Connected => self.need_all(who),
                Heard::Gone => self.lose(who, now),
            }
        }
    }

    fn forward(&mut self, from: ParticipantId, source: Source, packet: &Packet, now: Instant) {
        if self.members.get(&from).is_none_or(|one| !one.sends) {
            return;
        }
        if source == Source::Screen && !self.shows_screen(from, now) {
            return;
        }
        let (mut sent, mut lost, mut blind) = (0, 0, false);
        let begins = source != Source::Audio && vp8::begins_key_frame(&packet.payload);
        for (_, one) in self.members.iter_mut().filter(|(who, one)| **who != from && one.connected)
        {
            let place = match source {
                Source::Screen => SCREEN,
                Source::Audio | Source::Camera => match one.slots.of(from) {
                    Some(slot) if source == Source::Audio => slot,
                    Some(slot) => slot + OTHERS,
                    None => continue,
                },
            };
            // Without a key frame to begin with, what follows would be drawn over another picture.
            if source != Source::Audio && !begins && !one.running(place) {
                blind = true;
                continue;
            }
            lost += one.forward(place, packet.clone(), now);
            sent += 1;
        }
        self.counts.forwarded.fetch_add(sent, Relaxed);
        self.counts.dropped.fetch_add(lost as u64, Relaxed);
        if blind && let Some(member) = self.members.get_mut(&from) {
            match source {
                Source::Screen => member.screen.want(),
                _ => member.camera.want(),
            }
        }
    }

    /// Whether this person's screen is the one that is shown: the one that began last.
    fn shows_screen(&mut self, who: ParticipantId, now: Instant) -> bool {
        let Some(member) = self.members.get_mut(&who) else { return false };
        let before = member.screen_at.replace(now);
        let anew = before.is_none_or(|at| now.saturating_duration_since(at) > SCREEN_ANEW);
        if self.screen != Some(who) && (anew || self.screen.is_none()) {
            self.show_screen(Some(who));
            self.tell_all();
        }
        self.screen == Some(who)
    }

    fn show_screen(&mut self, who: Option<ParticipantId>) {
        self.screen = who;
        for one in self.members.values_mut() {
            one.change(SCREEN);
        }
    }

    /// The stream at a viewer's place needs a key frame.
    fn need(&mut self, viewer: ParticipantId, place: usize) {
        if place == SCREEN {
            let shown = self.screen.and_then(|who| self.members.get_mut(&who));
            if let Some(member) = shown {
                member.screen.want();
            }
            return;
        }
        let slot = place.checked_sub(OTHERS);
        let viewer = self.members.get(&viewer);
        let Some(from) = slot.and_then(|slot| viewer?.slots.person(slot)) else { return };
        if let Some(member) = self.members.get_mut(&from) {
            member.camera.want();
        }
    }

    /// Somebody's connection stands: they see nothing until everybody begins anew.
    fn need_all(&mut self, viewer: ParticipantId) {
        let seen = |who: ParticipantId, one: &Member| who != viewer && one.sends;
        for (_, member) in self.members.iter_mut().filter(|(who, one)| seen(**who, one)) {
            member.camera.want();
            member.screen.want();
        }
    }

    fn tick(&mut self, now: Instant) {
        let all: Vec<_> = self.members.keys().copied().collect();
        for who in all {
            let there = self.members.get_mut(&who).is_some_and(|member| member.tick(now));
            self.listen(who, now);
            if !there {
                self.lose(who, now);
            }
        }
        let rests = self.screen.is_some_and(|who| {
            let at = self.members.get(&who).and_then(|one| one.screen_at);
            at.is_none_or(|at| now.saturating_duration_since(at) > SCREEN_RESTS)
        });
        if rests {
            self.show_screen(None);
            self.tell_all();
        }
    }

    fn flush(&mut self, now: Instant) {
        for member in self.members.values_mut() {
            let asked = member.ask_key_frames(now);
            self.counts.key_frames.fetch_add(asked as u64, Relaxed);
            member.flush(now);
        }
    }

    /// Tells every page who is in which of its slots.
    fn tell_all(&mut self) {
        for (of, one) in &self.members {
            let track = |place: usize, participant, kind| {
                Some(Track { mid: one.mid(place)?.to_owned(), participant, kind })
            };
            let mut tracks: Vec<Track> = Vec::new();
            for (slot, who) in one.slots.people() {
                tracks.extend(track(slot, who, TrackKind::Audio));
                tracks.extend(track(slot + OTHERS, who, TrackKind::Video));
            }
            if let Some(who) = self.screen.filter(|who| who != of) {
                tracks.extend(track(SCREEN, who, TrackKind::Screen));
            }
            self.said.push(RoomSaid::Tracks { of: *of, tracks });
        }
    }
}

/// The clock of a room.
pub(super) fn clock() -> tokio::time::Interval {
    let mut clock = interval(TICK);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    clock
}

/// Ready when a page said something. Exclusive, because the crate's connections are not to be
/// shared between threads.
async fn readable(members: &mut BTreeMap<ParticipantId, Member>) {
    poll_fn(|context| {
        let mut any = Poll::Pending;
        // All of them are asked, so that each wakes this task.
        for member in members.values_mut() {
            if member.poll_readable(context).is_ready() {
                any = Poll::Ready(());
            }
        }
        any
    })
    .await;
}
