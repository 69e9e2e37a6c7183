//! The embedded relay over loopback, with the client of the crate: who is let in, what is relayed,
//! and above all what is not.

#![expect(clippy::unwrap_used, reason = "in a test, what goes wrong is told by a panic")]

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use onshin::live::ice::{IceServers, Relay};
use onshin::live::reach::Reach;
use onshin::live::turn::{Handle, TurnConfig, TurnServer};
use onshin::model::{BookingId, ParticipantId};
use onshin::time::{Clock, Instant};
use tokio::net::UdpSocket;
use tokio::time::timeout;
use turn::client::{Client, ClientConfig};
use webrtc_util::Conn;

mod bounds;
mod floods;
mod probe;
mod raw;
mod uclient;

const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const SOON: Duration = Duration::from_secs(3);

struct Site {
    server: TurnServer,
    ice: IceServers,
    clock: Clock,
    handle: Handle,
    reach: Reach,
}

async fn site() -> Site {
    site_at(LOCAL).await
}

/// A relay on `ip`, its addresses there as well.
async fn site_at(ip: IpAddr) -> Site {
    let clock = Clock::manual("2026-12-01T01:00:00Z".parse().unwrap());
    let relay = Relay::Embedded { public: "127.0.0.1:3478".to_owned() };
    let ice = IceServers::new(relay, b"the secret of this test", "onshin");
    let (handle, reach) = (Handle::default(), Reach::default());
    let config = TurnConfig {
        listen: (ip, 0).into(),
        relay_ip: ip,
        ice: ice.clone(),
        clock: clock.clone(),
        reach: reach.clone(),
        handle: handle.clone(),
        impair: None,
    };
    Site { server: TurnServer::start(config).await.unwrap(), ice, clock, handle, reach }
}

impl Site {
    fn credentials(&self, booking: BookingId, participant: ParticipantId) -> (String, String) {
        let now: Instant = self.clock.now();
        let servers = self.ice.for_participant(booking, participant, now, now);
        (servers[1].username.clone().unwrap(), servers[1].credential.clone().unwrap())
    }

    fn anyone(&self) -> (String, String) {
        self.credentials(BookingId::new(), ParticipantId::new())
    }

    async fn client(&self, username: &str, password: &str) -> Client {
        let address = self.server.local_addr().to_string();
        let config = ClientConfig {
            stun_serv_addr: address.clone(),
            turn_serv_addr: address,
            username: username.to_owned(),
            password: password.to_owned(),
            realm: String::new(),
            software: String::new(),
            rto_in_ms: 0,
            conn: Arc::new(UdpSocket::bind((LOCAL, 0)).await.unwrap()),
            vnet: None,
        };
        let client = Client::new(config).await.unwrap();
        client.listen().await.unwrap();
        client
    }

    /// A client and its relay, or the error's text.
    async fn allocate(
        &self,
        (username, password): &(String, String),
    ) -> Result<(Client, impl Conn + use<>), String> {
        let client = self.client(username, password).await;
        let relay = client.allocate().await.map_err(|error| error.to_string())?;
        Ok((client, relay))
    }

    async fn settles_at(&self, live: u64) {
        let settled = async {
            while self.server.counters().live != live {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let counts = || self.server.counters();
        timeout(SOON, settled).await.unwrap_or_else(|_| panic!("not {live}: {:?}", counts()));
    }
}

/// What arrives within half a second.
async fn arrives(socket: &UdpSocket) -> Option<Vec<u8>> {
    let mut buffer = [0; 1500];
    let received = timeout(Duration::from_millis(500), socket.recv_from(&mut buffer)).await.ok()?;
    Some(buffer[..received.unwrap().0].to_vec())
}

#[tokio::test]
async fn stun_tells_the_address_without_credentials() {
    let site = site().await;
    let client = site.client("", "").await;
    let seen = client.send_binding_request().await.unwrap();
    assert_eq!(seen.ip(), LOCAL);
    site.server.close().await;
}

#[tokio::test]
async fn good_credentials_allocate_and_bad_ones_do_not() {
    let site = site().await;
    let good = site.anyone();
    let (client, relay) = site.allocate(&good).await.unwrap();
    assert_eq!(relay.local_addr().unwrap().ip(), LOCAL);
    let counts = site.server.counters();
    assert_eq!((counts.live, counts.allocations, counts.names_refused), (1, 1, 0));

    let wrong = (good.0.clone(), "bm90IHRoZSBwYXNzd29yZA==".to_owned());
    assert!(site.allocate(&wrong).await.is_err(), "a wrong password");
    assert_eq!(site.server.counters().names_refused, 0, "the name itself was good");
    assert!(site.server.counters().requests_refused >= 1);
    for name in ["1796086800", "x:y:z", "", &format!("{}:", good.0)] {
        assert!(site.allocate(&(name.to_owned(), good.1.clone())).await.is_err(), "{name:?}");
    }
    assert!(site.server.counters().names_refused >= 3);
    assert_eq!(site.server.counters().live, 1);

    site.clock.advance(TimeDelta::minutes(5));
    let (second, _relay) = site.allocate(&good).await.expect("opens for five minutes");
    site.clock.advance(TimeDelta::milliseconds(1));
    let old = site.allocate(&good).await.err().expect("and no longer");
    assert!(old.contains("403"), "{old}");
    site.clock.advance(TimeDelta::minutes(25));
    assert!(site.allocate(&good).await.is_err(), "expired");
    for client in [client, second] {
        client.close().await.unwrap();
    }
    site.server.close().await;
}

#[tokio::test]
async fn two_relays_of_one_server_exchange_packets_both_ways() {
    let site = site().await;
    let (one, here) = site.allocate(&site.anyone()).await.unwrap();
    let (other, there) = site.allocate(&site.anyone()).await.unwrap();
    let (from, to) = (here.local_addr().unwrap(), there.local_addr().unwrap());
    let mut buffer = [0; 1500];
    // Each sends first to open its own side; what comes before that is dropped, as it should be.
    there.send_to(b"open", from).await.unwrap();
    for round in 0..20_u8 {
        here.send_to(&[round, 1], to).await.unwrap();
        let (length, source) = timeout(SOON, there.recv_from(&mut buffer)).await.unwrap().unwrap();
        assert_eq!((&buffer[..length], source), (&[round, 1][..], from));
        there.send_to(&[round, 2], from).await.unwrap();
        loop {
            let (length, source) =
                timeout(SOON, here.recv_from(&mut buffer)).await.unwrap().unwrap();
            assert_eq!(source, to);
            if &buffer[..length] != b"open" {
                assert_eq!(&buffer[..length], [round, 2]);
                break;
            }
        }
    }
    let counts = site.server.counters();
    assert!(counts.packets_relayed >= 80, "in and out, both ways: {counts:?}");
    assert_eq!(counts.peers_refused, 0);
    drop((one, other));
    site.server.close().await;
}

#[tokio::test]
async fn nothing_reaches_a_service_that_is_not_a_relay() {
    let site = site().await;
    let service = UdpSocket::bind((LOCAL, 0)).await.unwrap();
    let victim = service.local_addr().unwrap();
    let (_client, relay) = site.allocate(&site.anyone()).await.unwrap();
    let from = relay.local_addr().unwrap();

    // No permission, and the client sends nothing without one. The server's own door is a service
    // as well.
    let own = site.server.local_addr();
    for special in [victim, own, "10.0.0.1:53".parse().unwrap(), "[::1]:5432".parse().unwrap()] {
        let refused = relay.send_to(b"let me in", special).await.unwrap_err().to_string();
        assert!(refused.contains("403"), "{special}: {refused}");
    }
    assert_eq!(arrives(&service).await, None, "a packet reached a service on loopback");

    // Nor the other way: a service cannot speak to the holder of the relay.
    service.send_to(b"a secret", from).await.unwrap();
    let mut buffer = [0; 64];
    let answer = timeout(Duration::from_millis(300), relay.recv_from(&mut buffer)).await;
    assert!(answer.is_err(), "a packet came back from loopback");
    let counts = site.server.counters();
    assert!(counts.permissions_refused >= 4, "{counts:?}");
    assert_eq!((counts.peers_refused, counts.packets_relayed), (1, 0));
    site.server.close().await;
}

#[tokio::test]
async fn our_own_media_peers_are_reached_as_long_as_they_live() {
    let site = site().await;
    let peer = UdpSocket::bind((LOCAL, 0)).await.unwrap();
    let address = peer.local_addr().unwrap();
    let (_client, relay) = site.allocate(&site.anyone()).await.unwrap();
    let reached = site.reach.add(address, address);
    relay.send_to(b"probe", address).await.unwrap();
    assert_eq!(arrives(&peer).await.as_deref(), Some(&b"probe"[..]));
    peer.send_to(b"echo", relay.local_addr().unwrap()).await.unwrap();
    let mut buffer = [0; 64];
    let (length, source) = timeout(SOON, relay.recv_from(&mut buffer)).await.unwrap().unwrap();
    assert_eq!((&buffer[..length], source), (&b"echo"[..], address));

    drop(reached);
    relay.send_to(b"probe", address).await.unwrap();
    assert_eq!(arrives(&peer).await, None, "the permission outlives the peer, and is no use");
    assert_eq!(site.server.counters().peers_refused, 1);
    site.server.close().await;
}

#[tokio::test]
async fn a_port_that_was_a_relay_is_none_afterwards() {
    let site = site().await;
    let (_one, here) = site.allocate(&site.anyone()).await.unwrap();
    let (other, there) = site.allocate(&site.anyone()).await.unwrap();
    let gone = there.local_addr().unwrap();
    here.send_to(b"to the relay", gone).await.unwrap();
    there.close().await.unwrap();
    other.close().await.unwrap();
    site.settles_at(1).await;
    let before = site.server.counters().peers_refused;
    here.send_to(b"to whoever has the port now", gone).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(site.server.counters().peers_refused, before + 1);
    site.server.close().await;
}

#[tokio::test]
async fn one_participant_holds_six_allocations_and_gets_a_place_back() {
    let site = site().await;
    let (booking, participant) = (BookingId::new(), ParticipantId::new());
    let name = site.credentials(booking, participant);
    let mut held = Vec::new();
    for number in 0..6 {
        held.push(site.allocate(&name).await.unwrap_or_else(|error| panic!("{number}: {error}")));
    }
    let refused = site.allocate(&name).await.err().expect("the seventh is one too many");
    assert!(refused.contains("508"), "{refused}");
    site.clock.advance(TimeDelta::minutes(25));
    let renewed = site.credentials(booking, participant);
    assert_ne!(renewed.0, name.0);
    assert!(site.allocate(&renewed).await.is_err(), "new credentials are no new quota");
    assert_eq!(site.server.counters().allocations_refused, 2);
    let (_client, _relay) = site.allocate(&site.anyone()).await.expect("others are not affected");

    let (client, relay) = held.pop().unwrap();
    relay.close().await.unwrap();
    client.close().await.unwrap();
    site.settles_at(6).await;
    held.push(site.allocate(&renewed).await.expect("a place given back is free again"));
    site.server.close().await;
}

#[tokio::test]
async fn a_flood_of_first_requests_is_measured_out() {
    let site = site().await;
    let socket = UdpSocket::bind((LOCAL, 0)).await.unwrap();
    // Allocate, no attributes: each would cost a nonce.
    let mut request = vec![0, 3, 0, 0, 0x21, 0x12, 0xa4, 0x42];
    request.extend([1; 12]);
    for round in 0..2000 {
        socket.send_to(&request, site.server.local_addr()).await.unwrap();
        if round % 50 == 0 {
            tokio::task::yield_now().await;
        }
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    let counts = site.server.counters();
    assert!(counts.throttled >= 1500, "{counts:?}");
    assert!((1..150).contains(&counts.challenges), "{counts:?}");
    site.server.close().await;
}

/// A request of STUN with these attributes.
fn request(kind: u8, attributes: &[u8]) -> Vec<u8> {
    let length = u8::try_from(attributes.len()).unwrap();
    let head = [0, kind, 0, length, 0x21, 0x12, 0xa4, 0x42];
    [&head[..], &[9; 12], attributes].concat()
}

/// The crate would keep a nonce for each of these, for good.
#[tokio::test]
async fn all_challenges_carry_one_nonce_whatever_is_asked() {
    let site = site().await;
    let socket = UdpSocket::bind((LOCAL, 0)).await.unwrap();
    let foreign = [&[0, 0x15, 0, 4][..], b"mine", &[0, 8, 0, 20], &[0; 20]].concat();
    let mut nonces = Vec::new();
    for (kind, attributes, code) in
        [(3, &[][..], [4, 1]), (3, &[], [4, 1]), (4, &[], [4, 1]), (3, &foreign, [4, 38])]
    {
        socket.send_to(&request(kind, attributes), site.server.local_addr()).await.unwrap();
        let response = arrives(&socket).await.expect("a challenge");
        assert_eq!(response[..2], [1, 0x10 | kind]);
        assert_eq!(response[8..20], [9; 12]);
        assert_eq!(response[20..28], [0, 9, 0, 4, 0, 0, code[0], code[1]]);
        assert_eq!(response[28..30], [0, 0x15], "the nonce comes next");
        nonces.push(response[28..].to_vec());
    }
    assert!(nonces.iter().all(|nonce| *nonce == nonces[0]), "{nonces:?}");
    assert_eq!(site.server.counters().challenges, 4);
    site.server.close().await;
}

#[tokio::test]
async fn closing_ends_everything_and_frees_the_port() {
    let site = site().await;
    let address = site.server.local_addr();
    let _held = site.allocate(&site.anyone()).await.unwrap();
    site.server.close().await;
    let free = async {
        while UdpSocket::bind(address).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(SOON, free).await.expect("the port is free again");
}
