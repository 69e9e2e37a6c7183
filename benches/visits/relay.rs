//! Calls by way of a relay: pairs of people, each of whom sends to the other's relay on a channel, as
//! browsers do.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use onshin::live::ice::{IceServers, Relay};
use onshin::model::{BookingId, ParticipantId};
use onshin::time::Clock;
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

use crate::Plan;
use crate::machine;
use crate::raw::Raw;

const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// The program, built beside the bench in the same profile.
const PROGRAM: &str = env!("CARGO_BIN_EXE_onshin");
const SECRET: &str = "the secret of this bench";
/// What one person may hold and send is limited; twenty stay well within it.
const PEOPLE: usize = 20;
/// Bytes of a packet, as of sound and pictures together.
const PACKET: usize = 500;
/// Packets a second that all people send together.
const RATES: [u32; 2] = [2_500, 9_500];
/// One packet in so many tells how long it took.
const SAMPLE: u64 = 8;
/// Where a packet of a channel begins.
const HEAD: usize = 4;

/// A relay in a process of its own.
struct Server {
    child: Child,
    address: SocketAddr,
    /// Its files; gone with it.
    _folder: tempfile::TempDir,
}

/// What a round found.
struct Found {
    /// Packets a second that arrived.
    rate: f64,
    /// Microseconds of processor time per packet that arrived.
    cost: f64,
    sent: u64,
    lost: u64,
    /// Microseconds from one person to the other.
    p50: u32,
    p99: u32,
}

/// One person's side of a call.
struct Person {
    socket: Arc<UdpSocket>,
    channel: u16,
    server: SocketAddr,
}

/// What all people of a round count together.
#[derive(Default)]
struct Counts {
    sent: AtomicU64,
    received: AtomicU64,
    stop: AtomicBool,
}

pub(crate) async fn measure(plan: &Plan) {
    println!(
        "\nRelaying, {PEOPLE} people in pairs, {PACKET} bytes: load average {}",
        machine::load()
    );
    println!(
        "  {:8} {:>6} {:>5}  {:>10} {:>15} {:>9} {:>6} {:>9} {:>9}",
        "server", "rate", "round", "arrived/s", "CPU µs/packet", "sent", "lost", "p50 µs", "p99 µs"
    );
    for rate in RATES {
        let mut costs = [Vec::new(), Vec::new()];
        for round in 1..=plan.rounds {
            for (place, name) in ["onshin", "coturn"].into_iter().enumerate() {
                let Some(server) = Server::start(name).await else {
                    println!("  coturn is not installed: skipped");
                    continue;
                };
                let found = one(&server, rate, plan.time).await;
                costs[place].push(found.cost);
                println!(
                    "  {name:8} {rate:>6} {round:>5}  {:>10.0} {:>15.2} {:>9} {:>6} {:>9} {:>9}",
                    found.rate, found.cost, found.sent, found.lost, found.p50, found.p99
                );
            }
        }
        let [ours, theirs] = costs.map(median);
        if let Some((ours, theirs)) = ours.zip(theirs) {
            println!("  at {rate}/s onshin takes {:.2} times what coturn takes", ours / theirs);
        }
    }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

impl Server {
    /// Starts it; None where it is not installed.
    async fn start(name: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let address = std::net::UdpSocket::bind((LOCAL, 0)).unwrap().local_addr().unwrap();
        let mut command = if name == "onshin" { ours(address) } else { coturn(address, &folder) };
        command.current_dir(folder.path()).stdin(Stdio::null());
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()?;
        let server = Self { child, address, _folder: folder };
        server.answers().await;
        Some(server)
    }

    /// Waits until it answers a question for the sender's address.
    async fn answers(&self) {
        let socket = UdpSocket::bind((LOCAL, 0)).await.unwrap();
        let question = [&[0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42][..], &[7; 12]].concat();
        for _ in 0..200 {
            let _ = socket.send_to(&question, self.address).await;
            let mut buffer = [0; 500];
            let answer = socket.recv_from(&mut buffer);
            if matches!(tokio::time::timeout(Duration::from_millis(100), answer).await, Ok(Ok(_))) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("no relay answers at {}", self.address);
    }

    /// Processor time so far, of all threads, in nanoseconds.
    fn cost(&self) -> u64 {
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.child.id())).unwrap();
        threads
            .filter_map(|thread| {
                std::fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()
            })
            .filter_map(|stat| stat.split(' ').next()?.parse::<u64>().ok())
            .sum()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn ours(address: SocketAddr) -> Command {
    let web = TcpListener::bind((LOCAL, 0)).unwrap().local_addr().unwrap();
    let mut command = Command::new(PROGRAM);
    command
        .args(["serve", "--listen", &web.to_string()])
        .env("ONSHIN_DATABASE", "sqlite:onshin.db")
        .env("ONSHIN_TURN__LISTEN", address.to_string())
        .env("ONSHIN_TURN__SECRET", SECRET);
    command
}

fn coturn(address: SocketAddr, folder: &tempfile::TempDir) -> Command {
    let file = |name: &str| folder.path().join(name).display().to_string();
    let mut command = Command::new("turnserver");
    command
        .args(["-n", "--no-tls", "--no-dtls", "--no-cli", "--use-auth-secret", "--realm=onshin"])
        .args(["--allow-loopback-peers", "--log-file=stdout"])
        .arg(format!("--static-auth-secret={SECRET}"))
        .arg(format!("--listening-ip={}", address.ip()))
        .arg(format!("--relay-ip={}", address.ip()))
        .arg(format!("--listening-port={}", address.port()))
        .arg(format!("--pidfile={}", file("pid")))
        .arg(format!("--userdb={}", file("turndb")));
    command
}

#[expect(clippy::cast_precision_loss, reason = "counts of a bench")]
async fn one(server: &Server, rate: u32, time: Duration) -> Found {
    let mut people = Vec::new();
    for _ in 0..PEOPLE / 2 {
        people.extend(pair(server.address).await);
    }
    let (counts, began) = (Arc::new(Counts::default()), Instant::now());
    let readers: Vec<_> = people.iter().map(|person| person.hears(&counts, began)).collect();
    let each = f64::from(rate) / PEOPLE as f64;
    let senders: Vec<_> = people.iter().map(|person| person.speaks(&counts, began, each)).collect();
    // Until everything that is made only once is made.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let (before, started) = ((counts.received.load(Relaxed), server.cost()), Instant::now());
    tokio::time::sleep(time).await;
    let (received, cost) = (counts.received.load(Relaxed) - before.0, server.cost() - before.1);
    let seconds = started.elapsed().as_secs_f64();
    counts.stop.store(true, Relaxed);
    for sender in senders {
        sender.await.unwrap();
    }
    let mut delays = Vec::new();
    for reader in readers {
        delays.extend(reader.await.unwrap());
    }
    delays.sort_unstable();
    let sent = counts.sent.load(Relaxed);
    Found {
        rate: received as f64 / seconds,
        cost: cost as f64 / 1e3 / received.max(1) as f64,
        sent,
        lost: sent.saturating_sub(counts.received.load(Relaxed)),
        p50: delays[delays.len() / 2],
        p99: delays[delays.len() * 99 / 100],
    }
}

/// Two people of one visit, each with a channel to the other's relay.
async fn pair(server: SocketAddr) -> [Person; 2] {
    let (booking, now) = (BookingId::new(), Clock::System.now());
    let ice = Relay::Embedded { public: server.to_string() };
    let ice = IceServers::new(ice, SECRET.as_bytes(), "onshin");
    let mut both = Vec::new();
    for _ in 0..2 {
        let until = now + TimeDelta::hours(1);
        let servers = ice.for_participant(booking, ParticipantId::new(), until, now);
        let turn = servers.into_iter().find(|server| server.username.is_some()).unwrap();
        let login = (turn.username.unwrap(), turn.credential.unwrap());
        let mut raw = Raw::new(server, LOCAL, &login).await;
        assert_eq!(raw.allocate(None).await.code, 0, "an allocation");
        both.push(raw);
    }
    let relayed = [both[1].relayed.unwrap(), both[0].relayed.unwrap()];
    for (raw, peer) in both.iter_mut().zip(relayed) {
        assert_eq!(raw.bind(peer).await.code, 0, "a channel");
    }
    let people = both.into_iter().map(|raw| {
        let (socket, channel) = raw.into_channel();
        Person { socket: Arc::new(socket), channel, server }
    });
    <[Person; 2]>::try_from(people.collect::<Vec<_>>()).ok().unwrap()
}

impl Person {
    /// Sends `each` packets a second until told to stop.
    fn speaks(&self, counts: &Arc<Counts>, began: Instant, each: f64) -> JoinHandle<()> {
        let (socket, server, counts) = (self.socket.clone(), self.server, counts.clone());
        let mut packet = vec![0; HEAD + PACKET];
        packet[..2].copy_from_slice(&self.channel.to_be_bytes());
        packet[2..HEAD].copy_from_slice(&u16::try_from(PACKET).unwrap().to_be_bytes());
        tokio::spawn(async move {
            let (first, mut sent) = (Instant::now(), 0.0);
            while !counts.stop.load(Relaxed) {
                while sent < first.elapsed().as_secs_f64() * each {
                    let now = u64::try_from(began.elapsed().as_micros()).unwrap();
                    packet[HEAD..HEAD + 8].copy_from_slice(&now.to_be_bytes());
                    socket.send_to(&packet, server).await.unwrap();
                    counts.sent.fetch_add(1, Relaxed);
                    sent += 1.0;
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        })
    }

    /// Counts what comes until all is still; gives how long some of it took, in microseconds.
    fn hears(&self, counts: &Arc<Counts>, began: Instant) -> JoinHandle<Vec<u32>> {
        let (socket, counts) = (self.socket.clone(), counts.clone());
        tokio::spawn(async move {
            let (mut buffer, mut delays, mut heard) = ([0; 1500], Vec::new(), 0_u64);
            loop {
                let next =
                    tokio::time::timeout(Duration::from_millis(500), socket.recv_from(&mut buffer));
                let Ok(received) = next.await else {
                    if counts.stop.load(Relaxed) {
                        return delays;
                    }
                    continue;
                };
                assert_eq!(received.unwrap().0, HEAD + PACKET);
                counts.received.fetch_add(1, Relaxed);
                heard += 1;
                if heard % SAMPLE == 0 {
                    let then = u64::from_be_bytes(*buffer[HEAD..].first_chunk().unwrap());
                    let now = u64::try_from(began.elapsed().as_micros()).unwrap();
                    delays.push(u32::try_from(now - then).unwrap());
                }
            }
        })
    }
}
