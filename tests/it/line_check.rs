//! The server's own peer of the line check, against a peer that plays the browser.

#![expect(clippy::unwrap_used, reason = "in a test, what goes wrong is told by a panic")]

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

use onshin::engine::line::{LineVerdict, judge};
use onshin::live::ice::{IceServers, Relay};
use onshin::live::media::echo::{
    CHECK_LASTS, CHECKS_AT_ONCE, ClientNumbers, ClientPath, LineCheckError, LineChecks,
};
use onshin::live::reach::Reach;
use onshin::live::turn::{Handle, TurnConfig, TurnServer};
use onshin::model::{BookingId, ParticipantId};
use onshin::time::Clock;
use tokio::time::timeout;
use uuid::Uuid;
use webrtc::data_channel::DataChannelEvent;
use webrtc::peer_connection::{RTCConfigurationBuilder, RTCIceServer, RTCIceTransportPolicy};

mod browser;
mod kept;

use browser::Browser;

const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn path(sent: u32, received: u32) -> ClientPath {
    ClientPath { sent, received, rtt_ms: 1.0, jitter_ms: 0.5 }
}

fn numbers(sent: u32, received: u32) -> ClientNumbers {
    ClientNumbers { direct: path(sent, received), ..ClientNumbers::default() }
}

fn checks() -> LineChecks {
    LineChecks::new(LOCAL, Reach::default())
}

#[tokio::test]
async fn a_hundred_probes_come_back_and_the_server_counts_them() {
    let checks = checks();
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
    let direct = found.direct;
    assert_eq!((direct.sent, direct.echoed, direct.received), (100, 100, 100));
    assert_eq!((found.up_kbps, found.relay), (None, None));
    assert_eq!(judge(found, false).verdict, LineVerdict::Ok);
    assert_eq!(checks.count(), 0);
    assert!(checks.finish(id, numbers(100, 100)).await.is_none(), "once");
    browser.connection.close().await.unwrap();
}

#[tokio::test]
async fn what_is_no_offer_of_data_is_refused_and_takes_no_place() {
    let checks = checks();
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
    let checks = checks();
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

#[tokio::test]
async fn a_picture_s_worth_is_counted_both_ways() {
    let checks = checks();
    let browser = Browser::new().await;
    let (id, answer) = checks.answer(&browser.offer).await.unwrap();
    browser.connect(answer).await;
    // 400 kbit up within a second.
    for _ in 0..50 {
        browser.up.send(bytes::BytesMut::zeroed(1000)).await.unwrap();
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    browser.down.send_text("go").await.unwrap();
    let (began, mut bytes) = (Instant::now(), 0);
    while let Ok(event) = timeout(Duration::from_millis(500), browser.down.poll()).await {
        if let Some(DataChannelEvent::OnMessage(message)) = event {
            bytes += message.data.len();
        }
    }
    let took = began.elapsed().saturating_sub(Duration::from_millis(500));
    println!("{bytes} bytes came down in {took:?}");
    // 1.5 Mbit/s for two seconds, and not more.
    assert!((300_000..400_000).contains(&bytes), "{bytes} bytes down");
    assert!((1_800..2_600).contains(&took.as_millis()), "{took:?}");
    let found = checks.finish(id, numbers(0, 0)).await.unwrap();
    let up = found.up_kbps.unwrap();
    assert!((180..=200).contains(&up), "400 kbit in two seconds: {up}");
    browser.connection.close().await.unwrap();
}

/// The relay lets packets through to the check's peer, and only as long as the check lives.
#[tokio::test]
async fn the_relays_way_is_tried_through_the_relay_itself() {
    let relay = Relay::Embedded { public: "127.0.0.1:3478".to_owned() };
    let ice = IceServers::new(relay, b"the secret of this test", "onshin");
    let (reach, handle, clock) = (Reach::default(), Handle::default(), Clock::System);
    let config = TurnConfig {
        listen: (LOCAL, 0).into(),
        relay_ip: LOCAL,
        ice: ice.clone(),
        clock: clock.clone(),
        reach: reach.clone(),
        handle,
        impair: None,
    };
    let server = TurnServer::start(config).await.unwrap();
    let now = clock.now();
    let servers = ice.for_participant(BookingId::new(), ParticipantId::new(), now, now);
    let relayed = RTCConfigurationBuilder::new()
        .with_ice_transport_policy(RTCIceTransportPolicy::Relay)
        .with_ice_servers(vec![RTCIceServer {
            urls: vec![format!("turn:{}?transport=udp", server.local_addr())],
            username: servers[1].username.clone().unwrap(),
            credential: servers[1].credential.clone().unwrap(),
        }]);
    let checks = LineChecks::new(LOCAL, reach);
    let (direct, relay) = (Browser::new().await, Browser::by(relayed).await);
    let ways = (relay.offer.contains("typ relay"), relay.offer.contains("typ host"));
    assert_eq!(ways, (true, false), "{}", relay.offer);
    let (id, answer) = checks.answer(&direct.offer).await.unwrap();
    direct.connect(answer).await;
    let answer = checks.answer_relayed(id, &relay.offer).await.unwrap().unwrap();
    relay.connect(answer).await;
    // As a page does: nothing is sent twice, and a busy machine loses some.
    let (begun, mut echoed) = (Instant::now(), 0);
    for seq in 0..40 {
        relay.probe(seq).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    while timeout(Duration::from_millis(500), relay.echo()).await.is_ok() {
        echoed += 1;
    }
    println!("{echoed} of 40 came back in {:?}", begun.elapsed());
    assert!(echoed >= 30, "{echoed} of 40");
    let again = checks.answer_relayed(id, &relay.offer).await.unwrap();
    assert_eq!(again, None, "one relayed connection for each check");
    let counted = ClientNumbers { relay: Some(path(40, 40)), ..numbers(0, 0) };
    let found = checks.finish(id, counted).await.unwrap();
    let there = found.relay.unwrap().echoed;
    assert!((echoed..=40).contains(&there) && found.direct.echoed == 0, "{found:?}");
    let counts = server.counters();
    assert!(counts.packets_relayed >= 80, "through the relay: {counts:?}");
    assert_eq!((counts.permissions_refused, checks.count()), (0, 0));
    assert_eq!(checks.answer_relayed(id, &relay.offer).await.unwrap(), None, "it is over");
    direct.connection.close().await.unwrap();
    relay.connection.close().await.unwrap();
    server.close().await;
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
    let checks = checks();
    let before = sockets();
    for round in 0..30 {
        let browser = Browser::new().await;
        let (id, answer) = checks.answer(&browser.offer).await.unwrap();
        browser.connect(answer).await;
        browser.probe(round).await;
        browser.echo().await;
        assert_eq!(checks.finish(id, numbers(1, 1)).await.unwrap().direct.echoed, 1);
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
