//! The server's own peer of the line check, against a peer that plays the browser.

#![expect(clippy::unwrap_used, reason = "in a test, what goes wrong is told by a panic")]

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use onshin::engine::line::{LineVerdict, judge};
use onshin::live::media::echo::{
    CHECK_LASTS, CHECKS_AT_ONCE, ClientNumbers, LineCheckError, LineChecks,
};
use tokio::sync::mpsc;
use tokio::time::timeout;
use uuid::Uuid;
use webrtc::data_channel::{DataChannel, DataChannelEvent, RTCDataChannelInit};
use webrtc::peer_connection::{
    PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler, RTCIceGatheringState,
    RTCSessionDescription, SettingEngineBuilder,
};

const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const SOON: Duration = Duration::from_secs(8);

struct Gathered(mpsc::Sender<()>);

#[async_trait]
impl PeerConnectionEventHandler for Gathered {
    async fn on_ice_gathering_state_change(&self, state: RTCIceGatheringState) {
        if state == RTCIceGatheringState::Complete {
            let _ = self.0.try_send(());
        }
    }
}

/// One who tries the line: a connection with one lossy, unordered channel, as the page makes it.
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
        let lossy =
            RTCDataChannelInit { ordered: false, max_retransmits: Some(0), ..Default::default() };
        let channel = connection.create_data_channel("probes", Some(lossy)).await.unwrap();
        let offer = connection.create_offer(None).await.unwrap();
        connection.set_local_description(offer).await.unwrap();
        timeout(SOON, gathering.recv()).await.unwrap();
        let offer = connection.local_description().await.unwrap().sdp;
        Self { connection: Box::new(connection), channel, offer }
    }

    /// The offer as a browser without permission for the camera makes it: a name that only its own
    /// network could resolve.
    fn hidden_offer(&self) -> String {
        let hide = |line: &str| {
            let mut words: Vec<&str> = line.split(' ').collect();
            if line.starts_with("a=candidate:") {
                words[4] = "6f6d1c2e-0a57-4a46-a0b1-2f3c6b0b8d11.local";
            }
            words.join(" ") + "\r\n"
        };
        self.offer.lines().map(hide).collect()
    }

    async fn connect(&self, answer: String) {
        let answer = RTCSessionDescription::answer(answer).unwrap();
        self.connection.set_remote_description(answer).await.unwrap();
        let open = async {
            while !matches!(self.channel.poll().await.unwrap(), DataChannelEvent::OnOpen) {}
        };
        timeout(SOON, open).await.expect("the channel opens");
    }

    async fn probe(&self, seq: u32) {
        let text = format!("{{\"seq\":{seq},\"pad\":\"{}\"}}", "x".repeat(170));
        self.channel.send_text(&text).await.unwrap();
    }

    /// The next message that comes back.
    async fn echo(&self) -> (bool, Vec<u8>) {
        let next = async {
            loop {
                if let DataChannelEvent::OnMessage(message) = self.channel.poll().await.unwrap() {
                    return (message.is_string, message.data.to_vec());
                }
            }
        };
        timeout(SOON, next).await.expect("an echo")
    }
}

fn numbers(sent: u32, received: u32) -> ClientNumbers {
    ClientNumbers { sent, received, rtt_ms: 1.0, jitter_ms: 0.5, relay: false }
}

#[tokio::test]
async fn a_hundred_probes_come_back_and_the_server_counts_them() {
    let checks = LineChecks::new(LOCAL);
    let browser = Browser::new().await;
    let (id, answer) = checks.answer(&browser.hidden_offer()).await.unwrap();
    assert!(answer.contains("127.0.0.1"), "the answer holds its candidates: {answer}");
    browser.connect(answer).await;
    let mut back = HashSet::new();
    for seq in 0..100 {
        browser.probe(seq).await;
        let (text, data) = browser.echo().await;
        assert!(text);
        let value: serde_json::Value = serde_json::from_slice(&data).unwrap();
        assert_eq!(value["pad"].as_str().unwrap().len(), 170, "as it went out");
        back.insert(value["seq"].as_u64().unwrap());
    }
    assert_eq!(back.len(), 100);
    browser.probe(7).await;
    browser.echo().await;
    browser.channel.send(bytes::BytesMut::from(&[0_u8, 255, 1][..])).await.unwrap();
    assert_eq!(browser.echo().await, (false, vec![0, 255, 1]), "binary stays binary");

    let found = checks.finish(id, numbers(100, 100)).await.unwrap();
    assert_eq!((found.sent, found.echoed, found.received, found.duplicates), (100, 100, 100, 1));
    assert_eq!(judge(found).verdict, LineVerdict::Ok);
    assert_eq!(checks.count(), 0);
    assert!(checks.finish(id, numbers(100, 100)).await.is_none(), "once");
    browser.connection.close().await.unwrap();
}

#[tokio::test]
async fn what_is_no_offer_of_data_is_refused_and_takes_no_place() {
    let checks = LineChecks::new(LOCAL);
    let browser = Browser::new().await;
    let without_keys: String = browser
        .offer
        .lines()
        .filter(|line| !line.starts_with("a=fingerprint") && !line.starts_with("a=ice-"))
        .map(|line| line.to_owned() + "\r\n")
        .collect();
    let video = format!("{}m=video 9 UDP/TLS/RTP/SAVPF 96\r\n", browser.offer);
    for wrong in ["", "hello", "m=application ", "v=0\r\n", &without_keys, &video] {
        let refused = checks.answer(wrong).await;
        assert!(matches!(refused, Err(LineCheckError::BadOffer)), "{wrong:?}: {refused:?}");
    }
    assert_eq!(checks.count(), 0);
    assert!(checks.finish(Uuid::nil(), numbers(1, 1)).await.is_none());
    browser.connection.close().await.unwrap();
}

#[tokio::test]
async fn the_ninth_at_once_waits_and_an_abandoned_check_ends_by_itself() {
    let checks = LineChecks::new(LOCAL);
    let browser = Browser::new().await;
    let mut ids = Vec::new();
    let began = Instant::now();
    for _ in 0..CHECKS_AT_ONCE {
        ids.push(checks.answer(&browser.offer).await.unwrap().0);
    }
    assert_eq!(checks.count(), 8);
    assert!(matches!(checks.answer(&browser.offer).await, Err(LineCheckError::Busy)));
    checks.finish(ids[0], numbers(0, 0)).await.unwrap();
    checks.answer(&browser.offer).await.expect("a place given back is free");
    let ended = async {
        while checks.count() > 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(CHECK_LASTS + Duration::from_secs(5), ended).await.expect("all end by themselves");
    assert!(began.elapsed() >= CHECK_LASTS);
    browser.connection.close().await.unwrap();
}

/// UDP sockets of this process; other tests of this binary have some as well.
fn sockets() -> usize {
    let of =
        |entry: std::io::Result<std::fs::DirEntry>| std::fs::read_link(entry.ok()?.path()).ok();
    std::fs::read_dir("/proc/self/fd")
        .unwrap()
        .filter_map(of)
        .filter(|link| link.to_string_lossy().starts_with("socket:"))
        .count()
}

#[tokio::test]
async fn thirty_checks_one_after_the_other_leave_nothing() {
    let checks = LineChecks::new(LOCAL);
    let before = sockets();
    for round in 0..30 {
        let browser = Browser::new().await;
        let (id, answer) = checks.answer(&browser.offer).await.unwrap();
        browser.connect(answer).await;
        browser.probe(round).await;
        browser.echo().await;
        assert_eq!(checks.finish(id, numbers(1, 1)).await.unwrap().echoed, 1);
        browser.connection.close().await.unwrap();
    }
    assert_eq!(checks.count(), 0);
    let mut after = sockets();
    for _ in 0..50 {
        if after <= before + 10 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        after = sockets();
    }
    println!("sockets before {before}, after {after}");
    // A leak would leave thirty; the other tests come and go meanwhile.
    assert!(after < before + 25, "sockets before {before}, after {after}");
}
