//! A thousand connections to the line check's peer and to the forwarding room, some at once, in a
//! process of their own: what each took is given back. `ONSHIN_SOAK_CYCLES` says how many.

#![expect(clippy::unwrap_used, reason = "in a test, what goes wrong is told by a panic")]

use std::alloc::System;
use std::collections::HashMap;
use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use futures_util::stream::{self, StreamExt};
use onshin::live::media::echo::{
    CHECK_LASTS, CHECKS_AT_ONCE, ClientNumbers, ClientPath, LineChecks,
};
use onshin::live::media::ports::Ports;
use onshin::live::media::room::{RoomDeed, RoomSaid, Rooms, Settings};
use onshin::live::reach::Reach;
use onshin::model::{BookingId, ParticipantId, new_id};
use stats_alloc::StatsAlloc;
use tokio::runtime::Handle;
use tokio::sync::{Mutex, oneshot};
use tokio::time::{sleep, timeout};

#[path = "it/line_check/browser.rs"]
#[expect(dead_code, reason = "what only the tests of the line check need of it")]
mod browser;
#[path = "it/room/page.rs"]
#[expect(dead_code, reason = "what only the tests of the room need of it")]
mod page;

use browser::Browser;
use page::Page;

/// Counts what is allocated and given back.
#[global_allocator]
static MEMORY: StatsAlloc<System> = StatsAlloc::system();

const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const SOON: Duration = Duration::from_secs(20);
/// Cycles that count, unless told otherwise.
const CYCLES: usize = 1_000;
/// Those before them: threads, tables and arenas of the allocator are made once and kept.
const WARM: usize = 100;
/// What may have to be sent again is kept: of each stream up to 1,024 packets, and fifty of sound
/// are sent a second.
const BUFFERS_FULL: Duration = Duration::from_secs(25);
/// Most of a cycle is waiting.
const LANES: usize = 6;
/// The machine stands still for so long, so often, before anything counts: the crate's queues keep
/// the room that they took when much came at once.
const STALL: Duration = Duration::from_millis(450);
const STALLS: usize = 4;
/// Of the allocations of a leak no more than one in four cycles may be left. Bytes alone, without
/// allocations, are room that grew: a queue that was fuller than ever before, of the few hundred.
const LEFT_BYTES: usize = 1024 * 1024;

/// Both in turns where one process is asked for both.
static ALONE: Mutex<()> = Mutex::const_new(());

fn cycles() -> usize {
    std::env::var("ONSHIN_SOAK_CYCLES").map_or(CYCLES, |text| text.parse().unwrap())
}

/// What the process holds.
#[derive(Clone, Copy, Debug)]
struct Held {
    /// KiB of memory, as the machine sees it.
    memory: usize,
    files: usize,
    tasks: usize,
    /// Allocations, and their bytes.
    pieces: usize,
    bytes: usize,
}

impl Held {
    fn now() -> Self {
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        let heap = MEMORY.stats();
        Self {
            memory: line.split_whitespace().next().unwrap().parse().unwrap(),
            files: fs::read_dir("/proc/self/fd").unwrap().count(),
            tasks: Handle::current().metrics().num_alive_tasks(),
            pieces: heap.allocations.saturating_sub(heap.deallocations),
            bytes: heap.bytes_allocated.saturating_sub(heap.bytes_deallocated),
        }
    }

    /// The least that is held within two seconds, when nothing is going on any more.
    async fn settled() -> Self {
        let mut least = Self::now();
        for _ in 0..20 {
            sleep(Duration::from_millis(100)).await;
            let now = Self::now();
            least = Self {
                memory: now.memory,
                files: least.files.min(now.files),
                tasks: least.tasks.min(now.tasks),
                pieces: least.pieces.min(now.pieces),
                bytes: least.bytes.min(now.bytes),
            };
        }
        least
    }

    fn assert_flat(self, before: Self, what: &str) {
        let cycles = cycles();
        println!("{what}: {before:?} before, {self:?} after {cycles} cycles");
        assert!(self.files <= before.files, "{what}: descriptors");
        assert!(self.tasks <= before.tasks, "{what}: tasks");
        assert!(self.pieces <= before.pieces + cycles / 4, "{what}: allocations");
        assert!(self.bytes <= before.bytes + LEFT_BYTES, "{what}: bytes");
        // What the allocator keeps for later comes and goes: one connection is some hundred KiB.
        assert!(self.memory <= before.memory + before.memory / 20 + 4 * 1024, "{what}: memory");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn echo() {
    let _alone = ALONE.lock().await;
    let checks = LineChecks::new(LOCAL, Reach::default());
    let some = async |count| {
        let check = |_| timeout(SOON, check(&checks));
        let all = stream::iter(0..count).map(check).buffer_unordered(CHECKS_AT_ONCE);
        all.for_each(async |done| done.expect("a check")).await;
        assert_eq!(checks.count(), 0);
        // Each check has a task that looks after its limit.
        sleep(CHECK_LASTS).await;
        Held::settled().await
    };
    let before = some(WARM).await;
    some(cycles()).await.assert_flat(before, "echo");
}

/// One check from its offer to its end.
async fn check(checks: &LineChecks) {
    let browser = Browser::new().await;
    let (id, answer) = checks.answer(&browser.offer).await.unwrap();
    browser.connect(answer).await;
    browser.probe(0).await;
    browser.echo().await;
    let direct = ClientPath { sent: 1, received: 1, rtt_ms: 1.0, jitter_ms: 0.0 };
    let numbers = ClientNumbers { direct, ..ClientNumbers::default() };
    assert_eq!(checks.finish(id, numbers).await.unwrap().direct.echoed, 1);
    browser.connection.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn room() {
    let _alone = ALONE.lock().await;
    let house = House::new();
    // In each visit somebody stays throughout, so that each cycle is somebody's coming and leaving.
    let mut visits = Vec::new();
    for _ in 0..LANES {
        let visit = BookingId(new_id());
        visits.push((visit, house.enter(visit, ParticipantId(new_id()), true).await));
    }
    let some = async |count: usize| {
        let lanes = visits.iter().map(|(visit, _)| house.come_and_go(*visit, count / LANES));
        futures_util::future::join_all(lanes).await;
        house.until(LANES).await;
        Held::settled().await
    };
    sleep(BUFFERS_FULL).await;
    stall().await;
    let before = some(WARM).await;
    some(cycles()).await.assert_flat(before, "room");
    for (visit, host) in visits {
        host.stop().await;
        house.rooms.deed(visit, RoomDeed::Close);
    }
    house.until(0).await;
    assert_eq!(house.rooms.ports().count(), 0);
}

/// Both threads of the runtime stand still, again and again; what was due meanwhile comes at once.
async fn stall() {
    for _ in 0..STALLS {
        let both = [(); 2].map(|()| tokio::spawn(async { std::thread::sleep(STALL) }));
        futures_util::future::join_all(both).await;
        sleep(STALL).await;
    }
}

/// Rooms, and who waits for an answer of theirs.
struct House {
    rooms: Rooms,
    asked: Arc<Mutex<HashMap<ParticipantId, oneshot::Sender<String>>>>,
}

impl House {
    fn new() -> Self {
        let rooms = Rooms::new(Settings {
            ip: LOCAL,
            told: None,
            ports: Ports::default(),
            reach: Reach::default(),
        });
        let mut heard = rooms.heard().unwrap();
        let asked: Arc<Mutex<HashMap<_, oneshot::Sender<_>>>> = Arc::default();
        let waiting = asked.clone();
        tokio::spawn(async move {
            while let Some((_, said)) = heard.recv().await {
                if let RoomSaid::Answer { who, sdp, .. } = said
                    && let Some(one) = waiting.lock().await.remove(&who)
                {
                    one.send(sdp).unwrap();
                }
            }
        });
        Self { rooms, asked }
    }

    /// Somebody comes in; whoever only looks on sends nothing.
    async fn enter(&self, visit: BookingId, who: ParticipantId, sends: bool) -> page::Running {
        let mut page = Page::of_a_room(1).await;
        page.shared.sound.store(sends, Relaxed);
        page.shared.camera.store(sends, Relaxed);
        let (said, answer) = oneshot::channel();
        self.asked.lock().await.insert(who, said);
        self.rooms.deed(visit, RoomDeed::Open { who, neg: 1, sdp: page.offer(), sends: true });
        page.accept(&timeout(SOON, answer).await.expect("an answer").unwrap());
        let page = page.run();
        let connected = async {
            while !page.shared.connected.load(Relaxed) {
                sleep(Duration::from_millis(2)).await;
            }
        };
        timeout(SOON, connected).await.expect("a connection");
        page
    }

    /// So many people one after the other: some say that they leave, some vanish.
    async fn come_and_go(&self, visit: BookingId, count: usize) {
        for cycle in 0..count {
            let who = ParticipantId(new_id());
            let guest = self.enter(visit, who, false).await;
            if cycle % 2 == 0 {
                guest.stop().await;
            } else {
                guest.vanish();
            }
            self.rooms.deed(visit, RoomDeed::Leave { who });
            // A visit that is over now and then, and another room that is opened.
            if cycle % 10 == 0 {
                let other = BookingId(new_id());
                let alone = self.enter(other, who, true).await;
                alone.stop().await;
                self.rooms.deed(other, RoomDeed::Close);
            }
        }
    }

    /// Waits until there are so many rooms of one person each.
    async fn until(&self, rooms: usize) {
        let patience = Instant::now() + SOON;
        while self.rooms.counts().rooms > rooms || self.rooms.counts().members > rooms as u64 {
            assert!(Instant::now() < patience, "{:?}", self.rooms.counts());
            sleep(Duration::from_millis(20)).await;
        }
    }
}
