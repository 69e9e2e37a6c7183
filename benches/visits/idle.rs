//! Sockets that say nothing but that they are there: how many are held, and what each holds.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::Plan;
use crate::machine;
use crate::people::{self, People, Person};
use crate::report::reached;
use crate::signaling::{enter, on_processor};
use crate::socket::Socket;

/// How often a page says that it is there.
const PING: Duration = Duration::from_secs(10);
/// Longer than a socket is held of which nothing is heard.
const HELD: Duration = Duration::from_secs(40);
/// People who come at once; a ticket is good for half a minute.
const TOGETHER: usize = 40;
/// KiB that a socket may hold.
const MOST: f64 = 25.0;

/// A page that waits.
struct Page {
    socket: Socket,
    pongs: Cell<u32>,
    open: Cell<bool>,
}

pub(crate) async fn measure(plan: &Plan, people: &People) {
    let all: Vec<&Person> = people.pairs.iter().flatten().take(plan.idle).collect();
    println!("\nIdle sockets: {} people; load average {}", all.len(), machine::load());
    let server = people.engine.serve("warn").await;
    on_processor(server.processes.server, 0);
    let (before, begun) = (server.processes.memory_kib(), Instant::now());
    let mut pages: Vec<Rc<Page>> = Vec::with_capacity(all.len());
    let mut rounds = tokio::time::interval(PING / 10);
    for together in all.chunks(TOGETHER) {
        let tickets = people::tickets(&server, together).await;
        for (person, ticket) in together.iter().zip(tickets) {
            let (socket, _) = enter(&server, person, &ticket).await;
            let page = Page { socket, pongs: Cell::new(0), open: Cell::new(true) };
            pages.push(Rc::new(page));
            listen(pages[pages.len() - 1].clone());
        }
        if begun.elapsed() > PING {
            // Whoever came first has to be heard while others come.
            tenth(&pages, &mut rounds).await;
        }
    }
    println!("  all are there after {:.0} s", begun.elapsed().as_secs_f64());
    let (cost, until) = (server.processes.cost(), Instant::now() + HELD);
    while Instant::now() < until {
        tenth(&pages, &mut rounds).await;
    }
    let after = server.processes.cost();
    let memory = server.processes.memory_kib();
    for page in &pages {
        page.pongs.set(0);
    }
    for _ in 0..20 {
        tenth(&pages, &mut rounds).await;
    }
    let held = pages.iter().filter(|page| page.open.get() && page.pongs.get() > 0).count();
    #[expect(clippy::cast_precision_loss, reason = "a count")]
    let each = (memory - before) as f64 / pages.len() as f64;
    println!(
        "  held after {} s and answered: {held} of {}: {}",
        HELD.as_secs(),
        pages.len(),
        reached(held == pages.len())
    );
    println!(
        "  memory: {} MiB before, {} MiB with all: {each:.1} KiB a socket; ≤ {MOST}: {}",
        before / 1024,
        memory / 1024,
        reached(each <= MOST)
    );
    println!(
        "  a ping of each every {} s: {:.1} % of a processor",
        PING.as_secs(),
        after.since(&cost).0 / 10.0 / after.elapsed(&cost)
    );
}

fn listen(page: Rc<Page>) {
    tokio::task::spawn_local(async move {
        let pong = |text: &[u8]| {
            if text.windows(6).any(|bytes| bytes == b"\"pong\"") {
                page.pongs.set(page.pongs.get() + 1);
            }
        };
        while page.socket.hear(pong).await {}
        page.open.set(false);
    });
}

/// A tenth of the pages pings, each after a tenth of the time.
async fn tenth(pages: &[Rc<Page>], rounds: &mut tokio::time::Interval) {
    thread_local! {
        static TURN: Cell<usize> = const { Cell::new(0) };
    }
    rounds.tick().await;
    let turn = TURN.get();
    TURN.set((turn + 1) % 10);
    for page in pages.iter().skip(turn).step_by(10).filter(|page| page.open.get()) {
        page.socket.say(br#"{"t":"ping","ts":1,"ack":1000}"#);
    }
}
