//! A thousand connections to the line check's peer and to the forwarding room, one after the other
//! in a process of its own: what each took is given back.

#![expect(clippy::unwrap_used, reason = "in a test, what goes wrong is told by a panic")]

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use onshin::live::media::echo::{ClientNumbers, ClientPath, LineChecks};
use onshin::live::media::ports::Ports;
use onshin::live::media::room::{RoomDeed, RoomSaid, Rooms, Settings};
use onshin::live::reach::Reach;
use onshin::model::{BookingId, ParticipantId, new_id};
use tokio::runtime::Handle;
use tokio::sync::{Mutex, mpsc};
use tokio::time::{sleep, timeout};
use webrtc::data_channel::{DataChannel, DataChannelEvent};
use webrtc::peer_connection::{
    PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler, RTCIceGatheringState,
    RTCSessionDescription, SettingEngineBuilder,
};

#[path = "it/room/page.rs"]
#[expect(dead_code, reason = "what only the tests of the room need of it")]
mod page;

use page::Page;

const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const SOON: Duration = Duration::from_secs(20);
const CYCLES: usize = 1_000;
/// What is made once and kept: threads, arenas of the allocator, tables.
const WARM: usize = 200;

/// Both in turns: the process is one.
static ALONE: Mutex<()> = Mutex::const_new(());

/// What the process holds.
#[derive(Clone, Copy, Debug)]
struct Held {
    /// KiB of memory.
    memory: u64,
    files: usize,
    tasks: usize,
}

impl Held {
    fn now() -> Self {
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        Self {
            memory: line.split_whitespace().next().unwrap().parse().unwrap(),
            files: fs::read_dir("/proc/self/fd").unwrap().count(),
            tasks: Handle::current().metrics().num_alive_tasks(),
        }
    }

    /// What is held when nothing is going on any more.
    async fn settled() -> Self {
        let mut least = Self::now();
        for _ in 0..40 {
            sleep(Duration::from_millis(100)).await;
            let now = Self::now();
            least = Self {
                memory: now.memory,
                files: least.files.min(now.files),
                tasks: least.tasks.min(now.tasks),
            };
        }
        least
    }

    fn assert_flat(self, before: Self, what: &str) {
        println!("{what}: {before:?} after {WARM}, {self:?} after {CYCLES}");
        assert!(self.files <= before.files, "{what}: descriptors: {before:?} {self:?}");
        assert!(self.tasks <= before.tasks, "{what}: tasks: {before:?} {self:?}");
        // A leak of one connection in each cycle would be some hundred KiB each.
        let most = before.memory + before.memory / 20 + 4 * 1024;
        assert!(self.memory <= most, "{what}: memory: {before:?} {self:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn echo() {
    let _alone = ALONE.lock().await;
    let checks = LineChecks::new(LOCAL, Reach::default());
    let mut before = None;
    for cycle in 0..CYCLES {
        if cycle == WARM {
            before = Some(Held::settled().await);
        }
        let check = async {
            let browser = Browser::new().await;
            let (id, answer) = checks.answer(&browser.offer).await.unwrap();
            browser.probe(answer).await;
            let direct = ClientPath { sent: 1, received: 1, rtt_ms: 1.0, jitter_ms: 0.0 };
            let numbers = ClientNumbers { direct, ..ClientNumbers::default() };
            assert_eq!(checks.finish(id, numbers).await.unwrap().direct.echoed, 1);
            browser.connection.close().await.unwrap();
        };
        timeout(SOON, check).await.expect("a check");
    }
    assert_eq!(checks.count(), 0);
    // Each check has a task that looks after its limit of twelve seconds.
    sleep(onshin::live::media::echo::CHECK_LASTS).await;
    Held::settled().await.assert_flat(before.unwrap(), "echo");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn room() {
    let _alone = ALONE.lock().await;
    let rooms = Rooms::new(Settings {
        ip: LOCAL,
        told: None,
        ports: Ports::default(),
        reach: Reach::default(),
    });
    let mut heard = rooms.heard().unwrap();
    let visit = BookingId(new_id());
    // Somebody stays throughout, so that each cycle is somebody's coming and leaving.
    let stays = ParticipantId(new_id());
    let host = enter(&rooms, &mut heard, visit, stays).await;
    let mut before = None;
    for cycle in 0..CYCLES {
        if cycle == WARM {
            before = Some(Held::settled().await);
        }
        let who = ParticipantId(new_id());
        let guest = enter(&rooms, &mut heard, visit, who).await;
        if cycle % 2 == 0 {
            guest.stop().await;
        } else {
            guest.vanish();
        }
        rooms.deed(visit, RoomDeed::Leave { who });
        // A visit that is over now and then, and another room that is opened.
        if cycle % 10 == 0 {
            let other = BookingId(new_id());
            let alone = enter(&rooms, &mut heard, other, who).await;
            alone.stop().await;
            rooms.deed(other, RoomDeed::Close);
        }
    }
    let patience = Instant::now() + SOON;
    while rooms.counts().rooms > 1 || rooms.counts().members > 1 {
        assert!(Instant::now() < patience, "{:?}", rooms.counts());
        sleep(Duration::from_millis(20)).await;
    }
    while heard.try_recv().is_ok() {}
    Held::settled().await.assert_flat(before.unwrap(), "room");
    host.stop().await;
    rooms.deed(visit, RoomDeed::Close);
    while rooms.counts().rooms > 0 {
        assert!(Instant::now() < patience + SOON, "{:?}", rooms.counts());
        sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(rooms.ports().count(), 0);
}

async fn enter(
    rooms: &Rooms,
    heard: &mut mpsc::Receiver<(BookingId, RoomSaid)>,
    visit: BookingId,
    who: ParticipantId,
) -> page::Running {
    let mut page = Page::of_a_room(1).await;
    rooms.deed(visit, RoomDeed::Open { who, neg: 1, sdp: page.offer() });
    let answer = async {
        loop {
            match heard.recv().await.unwrap().1 {
                RoomSaid::Answer { who: of, sdp, .. } if of == who => return sdp,
                RoomSaid::Refused { who: of } if of == who => panic!("refused"),
                _ => {}
            }
        }
    };
    let answer = timeout(SOON, answer).await.expect("an answer");
    page.accept(&answer);
    let page = page.run();
    let connected = async {
        while !page.shared.connected.load(Relaxed) {
            sleep(Duration::from_millis(2)).await;
        }
    };
    timeout(SOON, connected).await.expect("a connection");
    page
}

struct Gathered(mpsc::Sender<()>);

#[async_trait]
impl PeerConnectionEventHandler for Gathered {
    async fn on_ice_gathering_state_change(&self, state: RTCIceGatheringState) {
        if state == RTCIceGatheringState::Complete {
            let _ = self.0.try_send(());
        }
    }
}

/// One who tries the line.
struct Browser {
    connection: Box<dyn PeerConnection>,
    channel: Arc<dyn DataChannel>,
    offer: String,
}

impl Browser {
    async fn new() -> Self {
        let (gathered, mut gathering) = mpsc::channel(1);
        let settings = SettingEngineBuilder::new().with_include_loopback_candidate(true).build();
        let builder = PeerConnectionBuilder::new()
            .with_setting_engine(settings)
            .with_handler(Arc::new(Gathered(gathered)))
            .with_udp_addrs(vec![SocketAddr::new(LOCAL, 0)]);
        let connection = Box::pin(builder.build()).await.unwrap();
        let channel = connection.create_data_channel("probes", None).await.unwrap();
        let offer = connection.create_offer(None).await.unwrap();
        connection.set_local_description(offer).await.unwrap();
        gathering.recv().await.unwrap();
        let offer = connection.local_description().await.unwrap().sdp;
        Self { connection: Box::new(connection), channel, offer }
    }

    /// One probe there and back.
    async fn probe(&self, answer: String) {
        let answer = RTCSessionDescription::answer(answer).unwrap();
        self.connection.set_remote_description(answer).await.unwrap();
        loop {
            match self.channel.poll().await.unwrap() {
                DataChannelEvent::OnOpen => self.channel.send_text("{\"seq\":0}").await.unwrap(),
                DataChannelEvent::OnMessage(_) => return,
                _ => {}
            }
        }
    }
}
