//! The forwarding room, with pages that need no browser.

#![expect(clippy::unwrap_used, reason = "in a test, what goes wrong is told by a panic")]

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use onshin::live::media::ports::Ports;
use onshin::live::media::room::{RoomDeed, RoomSaid, Rooms, Settings};
use onshin::live::message::{Track, TrackKind};
use onshin::live::reach::Reach;
use onshin::model::{BookingId, ParticipantId, new_id};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

#[path = "room/page.rs"]
mod page;

use page::{Numbers, Page, Running, Sends};

const SOON: Duration = Duration::from_secs(10);
/// What the first page's slots are called: sounds, pictures, the screen.
const SOUND: usize = 3;
const PICTURE: usize = 8;
const SCREEN: &str = "13";

/// A visit with a room, as the hub would see it.
struct Visit {
    id: BookingId,
    rooms: Rooms,
    reach: Reach,
    /// Where pages were told that the room is.
    told: Vec<SocketAddr>,
    heard: mpsc::Receiver<(BookingId, RoomSaid)>,
    tracks: HashMap<ParticipantId, Vec<Track>>,
    gone: Vec<ParticipantId>,
    neg: u32,
    /// Who only looks on.
    quiet: Option<ParticipantId>,
}

impl Visit {
    fn new() -> Self {
        Self::on(Ports::default())
    }

    fn on(ports: Ports) -> Self {
        let (ip, reach) = (IpAddr::V4(Ipv4Addr::LOCALHOST), Reach::default());
        let rooms = Rooms::new(Settings { ip, told: None, ports, reach: reach.clone() });
        let heard = rooms.heard().unwrap();
        let (tracks, gone, told) = (HashMap::new(), Vec::new(), Vec::new());
        Self {
            id: BookingId(new_id()),
            rooms,
            reach,
            told,
            heard,
            tracks,
            gone,
            neg: 0,
            quiet: None,
        }
    }

    /// Asks the room and waits for its answer; None when it refuses.
    async fn offers(&mut self, who: ParticipantId, sdp: String) -> Option<String> {
        self.neg += 1;
        let asked = self.neg;
        let sends = self.quiet != Some(who);
        self.rooms.deed(self.id, RoomDeed::Open { who, neg: asked, sdp, sends });
        loop {
            match self.hears().await {
                RoomSaid::Answer { who: of, neg, sdp } if of == who && neg == asked => {
                    return Some(sdp);
                }
                RoomSaid::Refused { who: of } if of == who => return None,
                _ => {}
            }
        }
    }

    async fn hears(&mut self) -> RoomSaid {
        let (_, said) = timeout(SOON, self.heard.recv()).await.expect("a word").unwrap();
        match &said {
            RoomSaid::Tracks { of, tracks } => {
                self.tracks.insert(*of, tracks.clone());
            }
            RoomSaid::Gone { who } => self.gone.push(*who),
            _ => {}
        }
        said
    }

    /// Takes in what has been said by now.
    async fn settles(&mut self) {
        while timeout(Duration::from_millis(200), self.hears()).await.is_ok() {}
    }

    /// Brings a page in and waits until it is connected.
    async fn enters(&mut self, who: ParticipantId, mut page: Page) -> Running {
        let offer = page.offer();
        let answer = self.offers(who, offer).await.expect("an answer");
        let told = address(&answer);
        assert_eq!(self.reach.bound(told), Some(told), "the relay lets packets through to it");
        self.told.push(told);
        page.accept(&answer);
        let page = page.run();
        until(|| page.shared.connected.load(Relaxed)).await;
        page
    }

    /// The slot of a page in which somebody is.
    fn slot(&self, of: ParticipantId, who: ParticipantId, kind: TrackKind) -> Option<String> {
        let tracks = self.tracks.get(&of)?;
        let track = tracks.iter().find(|one| one.participant == who && one.kind == kind)?;
        Some(track.mid.clone())
    }

    /// Ends it, and looks that nothing is left.
    async fn ends(self, pages: Vec<Running>) {
        for page in pages {
            page.stop().await;
        }
        self.rooms.deed(self.id, RoomDeed::Close);
        let rooms = &self.rooms;
        until(|| rooms.counts().rooms == 0).await;
        assert_eq!(rooms.counts().members, 0);
        assert_eq!(rooms.ports().count(), 0, "all ports are given back");
        let reached = self.told.iter().filter(|told| self.reach.bound(**told).is_some());
        assert_eq!(reached.count(), 0, "and the relay lets nothing through to them any more");
    }
}

/// The address in a room's answer.
fn address(answer: &str) -> SocketAddr {
    let candidate = answer.lines().find(|line| line.starts_with("a=candidate:")).unwrap();
    let words: Vec<&str> = candidate.split(' ').collect();
    SocketAddr::new(words[4].parse().unwrap(), words[5].parse().unwrap())
}

async fn until(is: impl Fn() -> bool) {
    let patience = Instant::now() + SOON;
    while !is() {
        assert!(Instant::now() < patience, "it never came to that");
        sleep(Duration::from_millis(10)).await;
    }
}

fn people(count: usize) -> Vec<ParticipantId> {
    (0..count).map(|_| ParticipantId(new_id())).collect()
}

/// Everybody in one room, each with a page of their own number.
async fn everybody(visit: &mut Visit, ids: &[ParticipantId]) -> Vec<Running> {
    let mut pages = Vec::new();
    for (number, who) in (1..).zip(ids) {
        pages.push(visit.enters(*who, Page::of_a_room(number).await).await);
    }
    visit.settles().await;
    pages
}

/// The tool itself: what a page counts is what another one sent.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_see_each_other_without_a_room() {
    let mut one = Page::new(1, &[Sends::Sound, Sends::Camera], (0, 0), page::USUAL).await;
    let mut other = Page::new(2, &[], (0, 0), page::USUAL).await;
    let answer = other.answer(&one.offer());
    one.accept(&answer);
    let (one, other) = (one.run(), other.run());
    until(|| other.got("0").packets > 20 && other.got("1").frames > 20).await;
    let (sound, picture) = (other.got("0"), other.got("1"));
    assert_eq!((sound.from, picture.from, picture.jumps), (1, 1, 0), "{picture:?}");
    assert_eq!(one.shared.received.load(Relaxed), 0);
    other.stop().await;
    one.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn six_see_each_other() {
    let mut visit = Visit::new();
    let ids = people(6);
    let pages = everybody(&mut visit, &ids).await;
    sleep(Duration::from_secs(2)).await;
    for (of, page) in ids.iter().zip(&pages) {
        for (who, other) in ids.iter().zip(&pages).filter(|(who, _)| *who != of) {
            for (kind, least) in [(TrackKind::Audio, 60), (TrackKind::Video, 100)] {
                let slot = visit.slot(*of, *who, kind).expect("a slot");
                let got = page.got(&slot);
                assert_eq!(got.from, other.number, "whose it is, in the slot that was told");
                assert!(got.packets >= least, "{kind:?} {got:?}");
                assert_eq!(got.backwards, 0, "{got:?}");
                assert!(kind == TrackKind::Audio || got.began_with_key, "{got:?}");
                assert!(kind == TrackKind::Audio || got.frames >= 30, "{got:?}");
            }
        }
        assert_eq!(visit.tracks[of].len(), 10, "five others, and no screen");
    }
    // A seventh has no place.
    let mut seventh = Page::of_a_room(7).await;
    assert!(visit.offers(people(1)[0], seventh.offer()).await.is_none());
    let counts = visit.rooms.counts();
    assert_eq!((counts.rooms, counts.members), (1, 6));
    assert!(counts.forwarded > 4 * counts.received, "{counts:?}");
    visit.ends(pages).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keyframe_on_join() {
    let mut visit = Visit::new();
    let ids = people(3);
    let first = everybody(&mut visit, &ids[..2]).await;
    let asked = first[0].shared.asked.load(Relaxed);
    sleep(Duration::from_millis(1_100)).await;
    let third = visit.enters(ids[2], Page::of_a_room(3).await).await;
    visit.settles().await;
    let slot = visit.slot(ids[2], ids[0], TrackKind::Video).unwrap();
    until(|| third.got(&slot).frames > 0).await;
    assert!(first[0].shared.asked.load(Relaxed) > asked, "the camera was asked");
    assert!(third.got(&slot).began_with_key, "nothing before a key frame");
    sleep(Duration::from_secs(3)).await;
    let all = first[0].shared.asked.load(Relaxed) - asked;
    assert!(all <= 4, "no more than one a second: {all}");
    let mut pages = first;
    pages.push(third);
    visit.ends(pages).await;
}

/// A screen on which nothing moves sends nothing of itself: whoever comes would wait for its change.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_picture_at_rest_is_asked_for_when_somebody_comes() {
    let mut visit = Visit::new();
    let ids = people(3);
    let mut pages = everybody(&mut visit, &ids[..2]).await;
    pages[0].shared.camera.store(false, Relaxed);
    // What was asked for before has been asked by then.
    sleep(Duration::from_millis(1_500)).await;
    let asked = pages[0].shared.asked.load(Relaxed);
    pages.push(visit.enters(ids[2], Page::of_a_room(3).await).await);
    until(|| pages[0].shared.asked.load(Relaxed) > asked).await;
    visit.ends(pages).await;
}

/// Whoever only looks on is neither seen nor heard, whatever their page sends (`Role::sends_media`).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_who_only_looks_on_nothing_is_passed_on() {
    let mut visit = Visit::new();
    let ids = people(3);
    visit.quiet = Some(ids[1]);
    let pages = everybody(&mut visit, &ids).await;
    pages[1].shared.screen.store(true, Relaxed);
    let slot = |visit: &Visit, of: usize, who: usize, kind| visit.slot(ids[of], ids[who], kind);
    for (of, who) in [(0, 2), (2, 0), (1, 0), (1, 2)] {
        for kind in [TrackKind::Audio, TrackKind::Video] {
            let slot = slot(&visit, of, who, kind).expect("a slot");
            until(|| pages[of].got(&slot).packets > 50).await;
            assert_eq!(pages[of].got(&slot).from, pages[who].number);
        }
    }
    visit.settles().await;
    assert!(pages[1].shared.sent.load(Relaxed) > 100, "it does send");
    for of in [0, 2] {
        for kind in [TrackKind::Audio, TrackKind::Video, TrackKind::Screen] {
            assert_eq!(slot(&visit, of, 1, kind), None);
        }
        let got = pages[of].shared.got.lock().unwrap();
        assert!(got.values().all(|got| got.packets == 0 || got.from != 2), "{got:?}");
    }
    visit.ends(pages).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_viewer_slows_nobody() {
    let mut visit = Visit::new();
    let ids = people(3);
    let pages = everybody(&mut visit, &ids).await;
    pages[2].shared.deaf.store(true, Relaxed);
    sleep(Duration::from_millis(300)).await;
    pages[0].shared.delays.lock().unwrap().clear();
    let slot = visit.slot(ids[0], ids[1], TrackKind::Video).unwrap();
    let before = pages[0].got(&slot);
    sleep(Duration::from_secs(3)).await;
    let after = pages[0].got(&slot);
    assert!(after.frames - before.frames >= 60, "{before:?} {after:?}");
    assert_eq!(after.jumps, before.jumps, "nothing is lost for the others");
    let mut delays = std::mem::take(&mut *pages[0].shared.delays.lock().unwrap());
    delays.sort_unstable();
    let late = delays[delays.len() * 9 / 10];
    assert!(late < 100_000, "nine of ten within {late} µs");
    // Who was slow goes on where the others are.
    pages[2].shared.deaf.store(false, Relaxed);
    let slot = visit.slot(ids[2], ids[1], TrackKind::Video).unwrap();
    let before = pages[2].got(&slot).packets;
    until(|| pages[2].got(&slot).packets > before + 60).await;
    visit.ends(pages).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_payload_types() {
    let mut visit = Visit::new();
    let ids = people(2);
    let up = [Sends::Sound, Sends::Camera, Sends::Screen];
    let other = Page::new(2, &up, (5, 6), Numbers { opus: 109, vp8: 120 }).await;
    let pages = vec![
        visit.enters(ids[0], Page::of_a_room(1).await).await,
        visit.enters(ids[1], other).await,
    ];
    visit.settles().await;
    for (of, who, page) in [(0, 1, &pages[0]), (1, 0, &pages[1])] {
        for kind in [TrackKind::Audio, TrackKind::Video] {
            let slot = visit.slot(ids[of], ids[who], kind).unwrap();
            until(|| page.got(&slot).packets > 50).await;
        }
    }
    visit.ends(pages).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slot_goes_on_with_another_person() {
    let mut visit = Visit::new();
    let ids = people(3);
    let mut pages = everybody(&mut visit, &ids[..2]).await;
    let slot = visit.slot(ids[0], ids[1], TrackKind::Video).unwrap();
    assert_eq!(slot, PICTURE.to_string());
    until(|| pages[0].got(&slot).frames > 10).await;
    visit.rooms.deed(visit.id, RoomDeed::Leave { who: ids[1] });
    visit.settles().await;
    assert!(visit.tracks[&ids[0]].is_empty(), "nobody else is there");
    pages.pop().unwrap().stop().await;
    pages.push(visit.enters(ids[2], Page::of_a_room(3).await).await);
    visit.settles().await;
    assert_eq!(visit.slot(ids[0], ids[2], TrackKind::Video).as_ref(), Some(&slot));
    let sound = visit.slot(ids[0], ids[2], TrackKind::Audio).unwrap();
    assert_eq!(sound, SOUND.to_string());
    let before = pages[0].got(&slot);
    until(|| pages[0].got(&slot).from == 3 && pages[0].got(&slot).frames > before.frames + 20)
        .await;
    let (picture, sound) = (pages[0].got(&slot), pages[0].got(&sound));
    assert_eq!((picture.jumps, picture.backwards, sound.backwards), (0, 0, 0), "{picture:?}");
    visit.ends(pages).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_newest_screen_is_shown_to_the_others() {
    let mut visit = Visit::new();
    let ids = people(3);
    let pages = everybody(&mut visit, &ids).await;
    pages[1].shared.screen.store(true, Relaxed);
    until(|| pages[0].got(SCREEN).from == 2 && pages[2].got(SCREEN).from == 2).await;
    visit.settles().await;
    assert_eq!(visit.slot(ids[0], ids[1], TrackKind::Screen).as_deref(), Some(SCREEN));
    assert_eq!(visit.slot(ids[1], ids[1], TrackKind::Screen), None, "not to oneself");
    assert_eq!(pages[1].got(SCREEN).packets, 0);
    pages[2].shared.screen.store(true, Relaxed);
    until(|| pages[0].got(SCREEN).from == 3 && pages[1].got(SCREEN).from == 3).await;
    visit.settles().await;
    assert_eq!(visit.slot(ids[0], ids[2], TrackKind::Screen).as_deref(), Some(SCREEN));
    assert_eq!(pages[0].got(SCREEN).backwards, 0);
    visit.ends(pages).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_member_comes_back() {
    let mut visit = Visit::new();
    let ids = people(3);
    let mut pages = everybody(&mut visit, &ids).await;
    // The page's machine dies; another page of the same person comes before that is noticed.
    pages.pop().unwrap().vanish();
    sleep(Duration::from_millis(300)).await;
    pages.push(visit.enters(ids[2], Page::of_a_room(4).await).await);
    visit.settles().await;
    let slot = visit.slot(ids[0], ids[2], TrackKind::Video).unwrap();
    until(|| pages[0].got(&slot).from == 4).await;
    let back = visit.slot(ids[2], ids[0], TrackKind::Video).unwrap();
    until(|| pages[2].got(&back).frames > 20).await;
    assert_eq!(visit.rooms.counts().members, 3, "once");
    // A page that closes its connection is gone, and the visit is told.
    pages.pop().unwrap().stop().await;
    let patience = Instant::now() + SOON;
    while visit.gone.is_empty() && Instant::now() < patience {
        let _ = timeout(Duration::from_millis(100), visit.hears()).await;
    }
    assert_eq!(visit.gone, [ids[2]]);
    visit.ends(pages).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ice_restart_keeps_the_connection() {
    let mut visit = Visit::new();
    let ids = people(2);
    let mut pages = everybody(&mut visit, &ids).await;
    let ports = visit.rooms.ports().count();
    let slot = visit.slot(ids[0], ids[1], TrackKind::Video).unwrap();
    let mut page = pages.remove(0).pause().await;
    let offer = page.restart();
    let answer = visit.offers(ids[0], offer).await.expect("an answer");
    page.accept(&answer);
    let page = page.run();
    let before = page.got(&slot).frames;
    until(|| page.got(&slot).frames > before + 20).await;
    assert_eq!(page.got(&slot).backwards, 0);
    assert_eq!(visit.rooms.ports().count(), ports, "the same sockets");
    pages.push(page);
    visit.ends(pages).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_offer_of_the_form_is_refused() {
    let mut visit = Visit::on(Ports::within(47_320..=47_321));
    let ids = people(3);
    let mut plain = Page::new(1, &[Sends::Sound, Sends::Camera], (1, 1), page::USUAL).await;
    let good = Page::of_a_room(1).await.offer();
    let unkeyed = good.replace("a=fingerprint", "a=nothing");
    for wrong in [String::new(), "v=0".to_owned(), plain.offer(), unkeyed] {
        assert!(visit.offers(ids[0], wrong).await.is_none());
    }
    let rooms = &visit.rooms;
    until(|| rooms.counts().rooms == 0).await;
    assert_eq!(visit.rooms.ports().count(), 0);
    // As many as there are ports.
    let pages = everybody(&mut visit, &ids[..2]).await;
    assert!(visit.offers(ids[2], Page::of_a_room(3).await.offer()).await.is_none());
    visit.ends(pages).await;
}
