//! How long a name is good for, and how much its holder may have (reliability W-02, A-39, A-40).

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use onshin::model::{BookingId, ParticipantId};
use webrtc_util::Conn;

use super::raw::{Raw, Said};
use super::{LOCAL, Site, arrives, site};

const GRANTED: Said = Said { code: 0, signed: true };

async fn raw(site: &Site, booking: BookingId, participant: ParticipantId) -> Raw {
    let login = site.credentials(booking, participant);
    Raw::new(site.server.local_addr(), LOCAL, &login).await
}

#[tokio::test]
async fn a_name_opens_for_five_minutes_and_keeps_up_until_it_expires() {
    let site = site().await;
    let (booking, participant) = (BookingId::new(), ParticipantId::new());
    let mut early = raw(&site, booking, participant).await;
    let mut late = raw(&site, booking, participant).await;
    assert_eq!(early.allocate(None).await, GRANTED);
    site.clock.advance(TimeDelta::minutes(5) + TimeDelta::milliseconds(1));
    assert_eq!(late.allocate(None).await, Said { code: 403, signed: true });
    assert_eq!(early.refresh().await, GRANTED);
    site.clock.advance(TimeDelta::minutes(25));
    assert_eq!(early.refresh().await.code, 400, "expired");
    site.server.close().await;
}

#[tokio::test]
async fn names_from_before_the_relay_began_open_nothing() {
    let site = site().await;
    let now = site.clock.now() - TimeDelta::seconds(1);
    let servers = site.ice.for_participant(BookingId::new(), ParticipantId::new(), now, now);
    let login = (servers[1].username.clone().unwrap(), servers[1].credential.clone().unwrap());
    let mut before = Raw::new(site.server.local_addr(), LOCAL, &login).await;
    assert_eq!(before.allocate(None).await, Said { code: 403, signed: true });
    site.server.close().await;
}

#[tokio::test]
async fn who_is_shown_out_loses_the_relay_at_once_and_the_others_keep_theirs() {
    let site = site().await;
    let (booking, out, stays) = (BookingId::new(), ParticipantId::new(), ParticipantId::new());
    let mut shown = raw(&site, booking, out).await;
    let mut second = raw(&site, booking, out).await;
    let mut other = raw(&site, booking, stays).await;
    for raw in [&mut shown, &mut other] {
        assert_eq!(raw.allocate(None).await, GRANTED);
    }
    site.settles_at(2).await;
    site.handle.revoke(booking, Some(out), site.clock.now());
    site.settles_at(1).await;
    assert_eq!(shown.refresh().await.code, 400);
    assert_eq!(second.allocate(None).await.code, 400, "nor anything new");
    assert_eq!(other.refresh().await, GRANTED);

    site.handle.revoke(booking, None, site.clock.now());
    site.settles_at(0).await;
    assert_eq!(other.allocate(None).await.code, 400, "the visit is over for all");
    // A visit that was moved takes place another time.
    site.clock.advance(TimeDelta::milliseconds(1));
    assert_eq!(raw(&site, booking, stays).await.allocate(None).await, GRANTED);
    site.server.close().await;
}

#[tokio::test]
async fn packets_of_a_channel_pass_both_ways_and_end_with_the_allocation() {
    let site = site().await;
    let (booking, one, other) = (BookingId::new(), ParticipantId::new(), ParticipantId::new());
    let (mut here, mut there) = (raw(&site, booking, one).await, raw(&site, booking, other).await);
    for raw in [&mut here, &mut there] {
        assert_eq!(raw.allocate(None).await, GRANTED);
    }
    let (from, to) = (here.relayed.unwrap(), there.relayed.unwrap());
    assert_eq!(here.bind(to).await, GRANTED);
    assert_eq!(there.bind(from).await, GRANTED);
    let ((here, out), (there, back)) = (here.into_channel(), there.into_channel());
    let packet = |channel: u16, data: &[u8]| {
        let length = u16::try_from(data.len()).unwrap();
        [&channel.to_be_bytes()[..], &length.to_be_bytes(), data].concat()
    };
    let server = site.server.local_addr();
    for round in 0..20_u8 {
        here.send_to(&packet(out, &[round; 33]), server).await.unwrap();
        assert_eq!(arrives(&there).await, Some(packet(back, &[round; 33])));
        there.send_to(&packet(back, &[round, 1]), server).await.unwrap();
        assert_eq!(arrives(&here).await, Some(packet(out, &[round, 1])));
    }
    // What is longer than it is, and a channel that was never asked for.
    here.send_to(&[0x40, 0, 0, 9, 1], server).await.unwrap();
    here.send_to(&packet(out + 1, b"nobody"), server).await.unwrap();
    assert_eq!(arrives(&there).await, None);
    let counts = site.server.counters();
    assert_eq!(counts.packets_relayed, 80, "each passes two relays: {counts:?}");

    site.handle.revoke(booking, Some(one), site.clock.now());
    site.settles_at(1).await;
    here.send_to(&packet(out, b"after the end"), server).await.unwrap();
    there.send_to(&packet(back, b"to nobody"), server).await.unwrap();
    assert_eq!((arrives(&there).await, arrives(&here).await), (None, None));
    assert_eq!(site.server.counters().packets_relayed, 80);
    site.server.close().await;
}

#[tokio::test]
async fn one_holder_sends_three_megabits_a_second_and_the_rest_is_dropped() {
    let site = site().await;
    let (one, here) = site.allocate(&site.anyone()).await.unwrap();
    let (other, there) = site.allocate(&site.anyone()).await.unwrap();
    let (from, to) = (here.local_addr().unwrap(), there.local_addr().unwrap());
    there.send_to(b"open", from).await.unwrap();
    here.send_to(b"open", to).await.unwrap();
    // 10 Mbit/s for two seconds: 2.5 MB, of which one second's allowance stands at the beginning.
    let (packet, began) = ([0; 1000], Instant::now());
    for round in 0..2500_u32 {
        here.send_to(&packet, to).await.unwrap();
        let due = Duration::from_micros(u64::from(round) * 800);
        tokio::time::sleep(due.saturating_sub(began.elapsed())).await;
    }
    let took = began.elapsed().as_secs_f64();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let counts = site.server.counters();
    let allowed = (375_000.0 * (took + 1.0)) / 1000.0;
    let passed = 2500.0 - f64::from(u32::try_from(counts.over_rate).unwrap());
    assert!(
        (allowed * 0.85..allowed * 1.15).contains(&passed),
        "{passed} of {allowed}: {counts:?}"
    );
    drop((one, other));
    site.server.close().await;
}
