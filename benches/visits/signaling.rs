//! What a relayed message costs, beside two servers that relay messages and do nothing else.

use std::cell::{Cell, RefCell};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::Plan;
use crate::bare;
use crate::machine::{self, Processes};
use crate::measure::Rounds;
use crate::people::{self, People, Person};
use crate::report::reached;
use crate::server::Server;
use crate::socket::Socket;
use crate::talk::{Dialect, MESSAGES, Numbers, Said, Talk, WAYS, Way, read};

/// Pairs of pages. Each sets up so often in a round that no limit of the service is touched.
pub(crate) const PAIRS: usize = 500;
/// Set-ups a second.
const RATES: [u32; 3] = [100, 500, 1_000];
/// Before the first cell, so that what is compiled as it runs is compiled.
const WARM: (u32, Duration) = (500, Duration::from_secs(2));
/// How long it is looked at what a server does while nobody says anything.
const REST: Duration = Duration::from_secs(5);
/// Microseconds of processor time that a message may cost.
const MOST: f64 = 8.0;

/// The servers, in the order in which they are measured.
const SERVERS: [(Dialect, &str); 4] = [
    (Dialect::Onshin, "onshin"),
    (Dialect::Bare, "bare relay, no look"),
    (Dialect::PeerServer, "PeerServer"),
    (Dialect::YWebrtc, "y-webrtc-signaling"),
];
/// Of these, those that are there without fetching.
const OWN: usize = 2;

/// A server of the round; dropping it ends it.
enum Running {
    Ours(Server),
    Peer(Child, SocketAddr),
}

/// One end of a pair.
struct End {
    socket: Socket,
    talk: Talk,
    numbers: Cell<Numbers>,
}

/// Two pages that set up a connection again and again.
struct Pair {
    ends: [End; 2],
    begun: Cell<u64>,
    arrived: Cell<u32>,
}

/// What arrived.
struct Tally {
    start: Instant,
    delays: RefCell<Vec<u64>>,
    set_ups: RefCell<Vec<u64>>,
}

/// What a cell found; delays in microseconds.
struct Found {
    cost: f64,
    busy: f64,
    lost: u64,
    relay: [f64; 2],
    set_up: [f64; 2],
}

pub(crate) async fn measure(plan: &Plan, people: &People, folder: &Path) {
    println!(
        "\nSignaling: {PAIRS} pairs of pages, {MESSAGES} messages a set-up; server on one \
         processor, pages on the other; load average {}",
        machine::load()
    );
    let installed = folder.join("signaling");
    let fetched = fetch(&installed);
    if let Err(why) = &fetched {
        println!("  peers: SKIPPED, they could not be fetched: {why}");
    }
    let here = if fetched.is_ok() { SERVERS.len() } else { OWN };
    let mut all: Vec<[Vec<Found>; 3]> = (0..here).map(|_| Default::default()).collect();
    let mut rests: Vec<Vec<f64>> = vec![Vec::new(); here];
    for _ in 0..plan.rounds {
        for ((found, rest), (dialect, _)) in all.iter_mut().zip(&mut rests).zip(SERVERS) {
            let server = start(dialect, people, &installed).await;
            let pairs = connect(dialect, &server, people).await;
            let tally = Rc::new(Tally::new());
            let readers = listen(&pairs, &tally);
            run(&pairs, &tally, &server, WARM).await;
            rest.push(at_rest(&server).await);
            for (cell, rate) in found.iter_mut().zip(RATES) {
                // The kernel counts in hundredths of a second, and few messages cost few of them.
                let time = if rate < 500 { plan.time * 2 } else { plan.time };
                cell.push(run(&pairs, &tally, &server, (rate, time)).await);
            }
            for reader in readers {
                reader.abort();
            }
        }
    }
    print(&all);
    println!("  while nobody says anything, milliseconds of processor time a second:");
    for ((_, name), rests) in SERVERS.iter().zip(rests) {
        println!("  {name:20} {:>9}", Rounds::of(rests).to_string());
    }
}

/// Milliseconds of processor time in a second in which nothing is said.
async fn at_rest(server: &Running) -> f64 {
    let processes = server.processes();
    let before = processes.cost();
    tokio::time::sleep(REST).await;
    let after = processes.cost();
    after.since(&before).0 / after.elapsed(&before)
}

fn print(all: &[[Vec<Found>; 3]]) {
    println!(
        "  {:20} {:>9} {:>20} {:>18} {:>18} {:>18} {:>18} {:>7} {:>5}",
        "server",
        "set-ups/s",
        "CPU µs/message",
        "relay p50 ms",
        "relay p99 ms",
        "set-up p50 ms",
        "set-up p99 ms",
        "CPU %",
        "lost"
    );
    for (at, rate) in RATES.into_iter().enumerate() {
        let cost = |cells: &[Vec<Found>; 3]| Rounds::of(cells[at].iter().map(|found| found.cost));
        for ((_, name), cells) in SERVERS.iter().zip(all) {
            let of = |figure: fn(&Found) -> f64| Rounds::of(cells[at].iter().map(figure));
            println!(
                "  {name:20} {rate:>9} {:>20} {:>18} {:>18} {:>18} {:>18} {:>7.1} {:>5}",
                cost(cells),
                of(|found| found.relay[0]),
                of(|found| found.relay[1]),
                of(|found| found.set_up[0]),
                of(|found| found.set_up[1]),
                of(|found| found.busy).median,
                cells[at].iter().map(|found| found.lost).sum::<u64>(),
            );
        }
        let own = cost(&all[0]).median;
        let bare = cost(&all[1]).median;
        let peers = all[OWN..].iter().map(|cells| cost(cells).median);
        let better = peers.fold(f64::INFINITY, f64::min);
        println!(
            "    at {rate}: {:.2} of the bare relay; CPU ≤ {MOST} µs: {}; below a third of the better \
             peer ({:.2} of it): {}",
            own / bare,
            reached(own <= MOST),
            own / better,
            if better.is_finite() { reached(own * 3.0 < better) } else { "no peer" },
        );
    }
}

fn fetch(installed: &Path) -> Result<(), String> {
    let fetched = Command::new("bench/peers/signaling/install.sh").arg(installed).output();
    let fetched = fetched.map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&fetched.stderr);
    let last = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("nothing was said");
    if fetched.status.success() { Ok(()) } else { Err(last.to_owned()) }
}

async fn start(dialect: Dialect, people: &People, installed: &Path) -> Running {
    let script = match dialect {
        Dialect::Onshin => {
            let server = people.engine.serve("warn").await;
            on_processor(server.processes.server, 0);
            return Running::Ours(server);
        }
        Dialect::Bare => None,
        Dialect::PeerServer => Some("node_modules/peer/dist/bin/peerjs.js"),
        Dialect::YWebrtc => Some("node_modules/y-webrtc/bin/server.js"),
    };
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let port = address.port().to_string();
    let mut command = if let Some(script) = script {
        let mut node = Command::new("node");
        node.arg(installed.join(script));
        node
    } else {
        let mut bare = Command::new(std::env::current_exe().unwrap());
        bare.env_remove(crate::PAGES).env(bare::PORT, &port);
        bare
    };
    let child = command
        .env("NODE_ENV", "production")
        .env("PORT", port)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    on_processor(child.id(), 0);
    let running = Running::Peer(child, address);
    for _ in 0..200 {
        if tokio::net::TcpStream::connect(address).await.is_ok() {
            return running;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{dialect:?} does not listen");
}

/// Puts a process and all its threads on one processor.
pub(crate) fn on_processor(pid: u32, processor: usize) {
    let mut taskset = Command::new("taskset");
    taskset.args(["-a", "-c", "-p", &processor.to_string(), &pid.to_string()]);
    let done = taskset.stdout(Stdio::null()).status();
    assert!(done.is_ok_and(|status| status.success()), "taskset failed");
}

impl Running {
    fn address(&self) -> SocketAddr {
        match self {
            Self::Ours(server) => server.address,
            Self::Peer(_, address) => *address,
        }
    }

    fn processes(&self) -> Processes {
        match self {
            Self::Ours(server) => server.processes.clone(),
            Self::Peer(child, _) => Processes { server: child.id(), postgres: None },
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Self::Peer(child, _) = self {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

async fn connect(dialect: Dialect, server: &Running, people: &People) -> Rc<Vec<Pair>> {
    let mut pairs = Vec::with_capacity(PAIRS);
    for (number, together) in people.pairs[..PAIRS].iter().enumerate() {
        let ends = match server {
            Running::Ours(server) => ours(server, together).await,
            Running::Peer(..) => theirs(dialect, server.address(), number).await,
        };
        pairs.push(Pair { ends, begun: Cell::new(0), arrived: Cell::new(0) });
    }
    Rc::new(pairs)
}

/// Opens a person's socket with a ticket and hears the greeting.
pub(crate) async fn enter(server: &Server, person: &Person, ticket: &str) -> (Socket, Value) {
    let path = format!("/api/visits/{}/signal", person.visit);
    let socket = Socket::open(server.address, &path, Some("tele.v1")).await;
    let hello = json!({ "t": "hello", "ticket": ticket, "tab": "page" });
    socket.say(hello.to_string().as_bytes());
    let welcome = socket.until("\"welcome\"").await;
    (socket, serde_json::from_str(&welcome).unwrap())
}

async fn ours(server: &Server, together: &[Person; 2]) -> [End; 2] {
    let [doctor, patient] = together;
    let tickets = people::tickets(server, &[doctor, patient]).await;
    let (hers, first) = enter(server, doctor, &tickets[0]).await;
    let (his, second) = enter(server, patient, &tickets[1]).await;
    let id = |welcome: &Value| welcome["self"]["participant"].as_str().unwrap().to_owned();
    let pc = second["snapshot"]["topology"]["peers"][0]["pc"].as_str().unwrap();
    let end = |socket, to: &str| End {
        socket,
        talk: Talk::new(Dialect::Onshin, &Way { to, pc }),
        numbers: Cell::default(),
    };
    [end(hers, &id(&second)), end(his, &id(&first))]
}

async fn theirs(dialect: Dialect, server: SocketAddr, number: usize) -> [End; 2] {
    let names = ["a", "b"].map(|side| format!("{side}{number}"));
    let mut ends = Vec::new();
    for (own, to) in [(0, 1), (1, 0)] {
        let (own, to) = (&names[own], &names[to]);
        let socket = if dialect == Dialect::PeerServer {
            let path = format!("/peerjs?key=peerjs&id={own}&token={own}&version=1.5.5");
            let socket = Socket::open(server, &path, None).await;
            socket.until("OPEN").await;
            socket
        } else if dialect == Dialect::Bare {
            Socket::open(server, &format!("/{own}"), None).await
        } else {
            // Each has a topic of their own, so that a message is relayed once.
            let socket = Socket::open(server, "/", None).await;
            let subscribe = json!({ "type": "subscribe", "topics": [own] });
            socket.say(subscribe.to_string().as_bytes());
            socket.say(br#"{"type":"ping"}"#);
            socket.until("pong").await;
            socket
        };
        let talk = Talk::new(dialect, &Way { to, pc: "mc_3jk2l1h4g5" });
        ends.push(End { socket, talk, numbers: Cell::default() });
    }
    ends.try_into().unwrap_or_else(|_| unreachable!("two ends"))
}

fn listen(pairs: &Rc<Vec<Pair>>, tally: &Rc<Tally>) -> Vec<tokio::task::JoinHandle<()>> {
    let ends = (0..pairs.len()).flat_map(|pair| [(pair, 0), (pair, 1)]);
    let reader = |(pair, side): (usize, usize)| {
        let (pairs, tally) = (Rc::clone(pairs), Rc::clone(tally));
        tokio::task::spawn_local(async move {
            let pair = &pairs[pair];
            while pair.ends[side].socket.hear(|text| pair.heard(side, text, &tally)).await {}
        })
    };
    ends.map(reader).collect()
}

/// Sets up so often a second for so long, whether or not the server keeps up.
async fn run(
    pairs: &[Pair],
    tally: &Tally,
    server: &Running,
    (rate, time): (u32, Duration),
) -> Found {
    tally.delays.take();
    tally.set_ups.take();
    let processes = server.processes();
    let (before, begun) = (processes.cost(), Instant::now());
    let mut made = 0_u32;
    while begun.elapsed() < time {
        let due = (begun.elapsed().as_secs_f64() * f64::from(rate)).floor();
        while f64::from(made) < due {
            pairs[usize::try_from(made).unwrap() % pairs.len()].begin(tally);
            made += 1;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let patience = Instant::now() + Duration::from_secs(5);
    let sent = u64::from(made) * u64::from(MESSAGES);
    while (tally.delays.borrow().len() as u64) < sent && Instant::now() < patience {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let after = processes.cost();
    let (delays, set_ups) = (tally.delays.take(), tally.set_ups.take());
    let (millis, lost) = (after.since(&before).0, sent - delays.len() as u64);
    #[expect(clippy::cast_precision_loss, reason = "counts of a bench")]
    let messages = delays.len().max(1) as f64;
    Found {
        cost: millis * 1e3 / messages,
        busy: millis / 10.0 / after.elapsed(&before),
        lost,
        relay: within(delays),
        set_up: within(set_ups),
    }
}

/// The time within which half of them came, and 99 of a hundred, in milliseconds.
#[expect(clippy::cast_precision_loss, reason = "microseconds of a bench")]
fn within(mut micros: Vec<u64>) -> [f64; 2] {
    micros.sort_unstable();
    let at = |share: usize| micros.get(micros.len() * share / 100).map_or(f64::NAN, |n| *n as f64);
    [at(50), at(99)].map(|micros| micros / 1e3)
}

impl Pair {
    /// One side offers, and tells its ways.
    fn begin(&self, tally: &Tally) {
        self.arrived.set(0);
        self.begun.set(tally.now());
        self.ends[0].say(Said::Offer, tally);
    }

    /// The other side answers in the same way.
    fn heard(&self, side: usize, text: &[u8], tally: &Tally) {
        self.ends[side].noted(text);
        let Some((said, at)) = read(text) else { return };
        tally.delays.borrow_mut().push(tally.now() - at);
        if said == Said::Offer {
            self.ends[side].say(Said::Answer, tally);
        }
        self.arrived.set(self.arrived.get() + 1);
        if self.arrived.get() == MESSAGES {
            tally.set_ups.borrow_mut().push(tally.now() - self.begun.get());
        }
    }
}

impl End {
    /// Says a description and the ways that go with it, each in a write of its own.
    fn say(&self, description: Said, tally: &Tally) {
        let mut numbers = self.numbers.get();
        numbers.neg += 1;
        let mut text = String::with_capacity(8192);
        for nth in 0..=WAYS {
            numbers.id += 1;
            let said = if nth == 0 { description } else { Said::Way };
            self.talk.write(&mut text, said, tally.now(), numbers);
            self.socket.say(text.as_bytes());
        }
        self.numbers.set(numbers);
    }

    /// Remembers the number of a message, to say later that it was handled.
    fn noted(&self, text: &[u8]) {
        let Some(rest) = text.strip_prefix(b"{\"seq\":") else { return };
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit());
        let ack = digits.fold(0, |number, digit| number * 10 + u64::from(digit - b'0'));
        self.numbers.set(Numbers { ack, ..self.numbers.get() });
    }
}

impl Tally {
    fn new() -> Self {
        Self { start: Instant::now(), delays: RefCell::default(), set_ups: RefCell::default() }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_micros()).unwrap()
    }
}
