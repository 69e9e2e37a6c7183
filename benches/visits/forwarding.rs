//! Rooms of six: each sends sound and a picture of 612 kbit/s, and gets those of five others.

use std::net::IpAddr;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use crate::Plan;
use onshin::live::media::ports::own_address;

use crate::janus::Janus;
use crate::machine::{self, Processes};
use crate::page::Running;
use crate::rooms::Forwarder;

/// Who forwards.
enum Server {
    Ours(Box<Forwarder>),
    Janus(Janus),
}

/// What a round found.
struct Found {
    /// Packets a second that came in at the server, and that went out.
    sent: f64,
    received: f64,
    /// Microseconds of processor time per packet that went out.
    cost: f64,
    /// Processors kept busy.
    busy: f64,
    /// Of a thousand packets that should have come.
    lost: f64,
    /// Microseconds from one page to another.
    p50: u32,
    p99: u32,
}

pub(crate) async fn measure(plan: &Plan) {
    // Janus offers no address of the loopback interface.
    let ip = own_address(IpAddr::from([0, 0, 0, 0]));
    println!("Forwarding, rooms of six: load average {}; pages at {ip}", machine::load());
    println!(
        "  {:8} {:>5} {:>5}  {:>9} {:>9} {:>12} {:>11} {:>8} {:>9} {:>9}",
        "server",
        "rooms",
        "round",
        "in/s",
        "out/s",
        "CPU µs/out",
        "processors",
        "lost ‰",
        "p50 ms",
        "p99 ms"
    );
    for rooms in plan.rooms {
        let mut per_room = [Vec::new(), Vec::new()];
        for round in 1..=plan.rounds {
            for (place, name) in ["onshin", "janus"].into_iter().enumerate() {
                let Some(server) = start(name, ip).await else {
                    println!("  janus is not installed: skipped");
                    continue;
                };
                let found = one(server, *rooms, plan.time).await;
                #[expect(clippy::cast_precision_loss, reason = "a handful of rooms")]
                per_room[place].push(found.busy / *rooms as f64);
                print(name, *rooms, round, &found);
            }
        }
        for (name, mut busy) in ["onshin", "janus"].into_iter().zip(per_room) {
            busy.sort_by(f64::total_cmp);
            if let Some(median) = busy.get(busy.len() / 2) {
                println!(
                    "  {name:8} {rooms:>5} rooms: {:.3} processors each; two processors would bear {:.0}",
                    median,
                    (2.0 / median).floor()
                );
            }
        }
    }
}

async fn start(name: &str, ip: IpAddr) -> Option<Server> {
    if name == "onshin" {
        Some(Server::Ours(Box::new(Forwarder::start(ip))))
    } else {
        Janus::start(ip).await.map(Server::Janus)
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of a bench")]
async fn one(mut server: Server, rooms: usize, time: Duration) -> Found {
    let mut pages = Vec::new();
    for room in 0..u64::try_from(rooms).unwrap() {
        match &mut server {
            Server::Ours(forwarder) => forwarder.fill(room, &mut pages).await,
            Server::Janus(janus) => janus.fill(room, &mut pages).await,
        }
    }
    connected(&pages).await;
    // The first key frames are asked for and sent.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let pid = match &server {
        Server::Ours(forwarder) => forwarder.pid(),
        Server::Janus(janus) => janus.pid(),
    };
    let processes = Processes { server: pid, postgres: None };
    for page in &pages {
        page.shared.delays.lock().unwrap().clear();
    }
    let (sent, received, before) = (total(&pages, true), total(&pages, false), processes.cost());
    tokio::time::sleep(time).await;
    let after = processes.cost();
    let (sent, received) = (total(&pages, true) - sent, total(&pages, false) - received);
    let (millis, seconds) = (after.since(&before).0, after.elapsed(&before));
    let mut delays: Vec<u32> = pages
        .iter()
        .flat_map(|page| std::mem::take(&mut *page.shared.delays.lock().unwrap()))
        .collect();
    delays.sort_unstable();
    for page in pages {
        page.stop().await;
    }
    let wanted = 5.0 * sent as f64;
    Found {
        sent: sent as f64 / seconds,
        received: received as f64 / seconds,
        cost: millis * 1e3 / (received.max(1) as f64),
        busy: millis / 1e3 / seconds,
        lost: (wanted - received as f64) / wanted * 1e3,
        p50: delays[delays.len() / 2],
        p99: delays[delays.len() * 99 / 100],
    }
}

fn total(pages: &[Running], sent: bool) -> u64 {
    pages
        .iter()
        .map(|page| if sent { &page.shared.sent } else { &page.shared.received })
        .map(|count| count.load(Relaxed))
        .sum()
}

pub(crate) async fn connected(pages: &[Running]) {
    let patience = Instant::now() + Duration::from_secs(20);
    while !pages.iter().all(|page| page.shared.connected.load(Relaxed)) {
        let there = pages.iter().filter(|page| page.shared.connected.load(Relaxed)).count();
        assert!(Instant::now() < patience, "{there} of {} are connected", pages.len());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn print(name: &str, rooms: usize, round: usize, found: &Found) {
    println!(
        "  {name:8} {rooms:>5} {round:>5}  {:>9.0} {:>9.0} {:>12.2} {:>11.3} {:>8.2} {:>9.2} {:>9.2}",
        found.sent,
        found.received,
        found.cost,
        found.busy,
        found.lost,
        f64::from(found.p50) / 1e3,
        f64::from(found.p99) / 1e3
    );
}
