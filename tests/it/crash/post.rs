//! Who is told of the bookings: a mail server and a clinic's program, which half of the time take
//! nothing and are restarted with the rest, and at last are well.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use onshin::actions::demo;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::check::{Complaint, Wrong};
use super::http::Ask;
use super::server::Server;
use super::stored::{Message, Spelling, Stored, rows};
use crate::messages::sink::{MailServer, Mood, Receiver};
use crate::support::raw;

const OK: &str = "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n";
const BUSY: &str = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n";

/// How many may arrive twice, in a hundred; and what every kill may cut off on top of that: the
/// tries under way, whose end nobody noted.
const TWICE: usize = 5;

/// Both.
pub(super) struct Post {
    mail: MailServer,
    hooks: Receiver,
    well: Arc<AtomicBool>,
    /// Which requests the clinic's program has taken.
    taken: Arc<Mutex<Vec<usize>>>,
}

impl Post {
    pub(super) async fn start() -> Self {
        let well = Arc::new(AtomicBool::new(false));
        let taken: Arc<Mutex<Vec<usize>>> = Arc::default();
        let is_well = well.clone();
        let mail = MailServer::start(move |brought| match brought % 4 {
            1 if !is_well.load(Ordering::SeqCst) => Mood::Later,
            3 if !is_well.load(Ordering::SeqCst) => Mood::HangsUp,
            _ => Mood::Takes,
        });
        let (is_well, note) = (well.clone(), taken.clone());
        let hooks = Receiver::start(move |count| {
            if count % 2 == 1 && !is_well.load(Ordering::SeqCst) {
                return BUSY;
            }
            note.lock().unwrap().push(count);
            OK
        });
        Self { mail: mail.await, hooks: hooks.await, well, taken }
    }

    /// What a server is told of them.
    pub(super) fn settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("ONSHIN_MAIL__HOST", "127.0.0.1".to_owned()),
            ("ONSHIN_MAIL__PORT", self.mail.port.to_string()),
            ("ONSHIN_MAIL__SECURITY", "plain".to_owned()),
            ("ONSHIN_MAIL__FROM", "care@onshin.test".to_owned()),
            ("ONSHIN_OUTGOING__ALLOW", self.hooks.origin()),
        ]
    }

    /// Has the clinic name its program.
    pub(super) async fn subscribe(&self, port: u16) {
        let ask = |path: &str, body: Value, cookie: Option<String>| {
            let (path, from) = (path.to_owned(), Ipv4Addr::LOCALHOST);
            Ask { method: "POST", path, body, key: None, cookie, from }
        };
        let login = json!({ "login": "desk", "password": demo::PASSWORD });
        let signed_in = ask("/api/session", login, None).send(port).await.unwrap();
        assert_eq!(signed_in.status, 200, "{}", signed_in.body);
        let url = json!({ "url": self.hooks.origin() });
        let added = ask("/api/clinic/webhooks", url, signed_in.cookie).send(port).await.unwrap();
        assert_eq!(added.status, 201, "{}", added.body);
    }

    /// The mail server ends with all its connections and is there again.
    pub(super) async fn restart(&mut self) {
        self.mail.restart().await;
    }

    /// Lets time pass until nothing waits any more: what was put off, or leased by who was killed,
    /// is due now, and everybody is well.
    pub(super) async fn drain(&self, url: &str, servers: &mut [Server]) -> Result<(), String> {
        self.well.store(true, Ordering::SeqCst);
        let waiting = "SELECT (SELECT count(*) FROM delivery WHERE state = 'waiting')
            + (SELECT count(*) FROM outbox WHERE state = 'waiting' AND kind <> 'reminder')";
        for _ in 0..4 {
            for server in servers.iter_mut() {
                server.stop();
            }
            let due = "UPDATE delivery SET due_at = '2020-01-01T00:00:00+00:00'
                WHERE state = 'waiting'";
            raw::execute(url, due).await?;
            for server in servers.iter_mut() {
                server.start().await;
            }
            let mut last = (i64::MAX, 0);
            // As long as it goes on.
            while last.1 < 10 {
                sleep(Duration::from_millis(500)).await;
                let now = raw::numbers(url, waiting).await[0];
                if now == 0 {
                    return Ok(());
                }
                last = if now < last.0 { (now, 0) } else { (last.0, last.1 + 1) };
            }
        }
        Err(format!("{} messages still wait", raw::numbers(url, waiting).await[0]))
    }

    /// The ids of the messages that the clinic's program took, in order.
    pub(super) fn taken(&self) -> Vec<String> {
        let posted = self.hooks.posted();
        let id = |place: &usize| posted[*place].header("webhook-id").replace("msg_", "");
        self.taken.lock().unwrap().iter().map(id).collect()
    }

    /// What is wrong with the letters: those that the database has as sent must have arrived, in
    /// order, and none may be given up.
    pub(super) async fn letters(&self, url: &str) -> Vec<Complaint> {
        let spell = Spelling::of(url);
        let (id, booking) = (spell.id("d.id"), spell.id("d.booking_id"));
        let rest = "FROM delivery AS d JOIN outbox AS o ON o.id = d.message_id
            WHERE d.channel = 'mail' AND o.kind <> 'reminder'";
        let all = rows(url, [&id, &booking, "o.turn", "d.state"], rest).await;
        let arrived: Vec<String> = self.mail.letters().iter().map(|letter| id_of(letter)).collect();
        let once: BTreeSet<&String> = arrived.iter().collect();
        let mut wrong = Vec::new();
        let mut messages = Vec::new();
        for [id, booking, turn, state] in all {
            let there = once.contains(&id);
            if state == "sent" && !there || !["sent", "dropped", "no_address"].contains(&&*state) {
                let text = format!("letter {id} is {state}, arrived: {there}");
                wrong.push(Complaint(Wrong::Untold, text));
            }
            let turn = turn.parse().unwrap();
            messages.push(Message { id, booking, kind: String::new(), turn });
        }
        wrong.extend(order(&arrived, &messages));
        wrong
    }
}

fn id_of(letter: &str) -> String {
    let line = letter.lines().find_map(|line| line.strip_prefix("Message-ID: <")).unwrap();
    line.split('@').next().unwrap().replace('-', "")
}

/// What is wrong with the messages that the clinic's program took, all of which it must have: every
/// committed change, in order, hardly any twice.
pub(super) fn delivered(taken: &[String], stored: &Stored, kills: usize) -> Vec<Complaint> {
    let once: BTreeSet<&str> = taken.iter().map(String::as_str).collect();
    let missing = stored.outbox.iter().filter(|message| !once.contains(message.id.as_str()));
    let mut wrong: Vec<_> =
        missing.map(|m| Complaint(Wrong::Untold, format!("{m:?} never arrived"))).collect();
    wrong.extend(order(taken, &stored.outbox));
    let twice = taken.len() - once.len();
    if twice > taken.len() * TWICE / 100 + kills {
        let text = format!("{twice} of {} arrived twice, in {kills} kills", taken.len());
        wrong.push(Complaint(Wrong::Duplicate, text));
    }
    wrong
}

/// That of each booking nothing new came before what is older, repeats left out.
fn order(arrived: &[String], messages: &[Message]) -> Vec<Complaint> {
    let of: BTreeMap<&str, &Message> =
        messages.iter().map(|message| (message.id.as_str(), message)).collect();
    let mut last: BTreeMap<&str, i64> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for id in arrived.iter().filter(|id| seen.insert(id.as_str())) {
        let Some(message) = of.get(id.as_str()) else {
            wrong.push(Complaint(Wrong::Ghost, format!("{id} was told and never happened")));
            continue;
        };
        let before = last.insert(&message.booking, message.turn).unwrap_or(0);
        if before > message.turn {
            wrong.push(Complaint(Wrong::Untold, format!("{message:?} came after {before}")));
        }
    }
    wrong
}
