//! A client: patient after patient who books, changes and calls off, and asks again under the same
//! key until there is an answer, whichever server gives it.

use std::collections::VecDeque;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::http::{Answer, Ask};
use super::journal::{Deed, Entry, Place, Seen, Told};
use crate::support::{NIGHT, NIGHT_VISIT};

/// The doctors of the clinic that is always open: the demo's, and those that are added to it.
pub(super) const DOCTORS: [&str; 3] = [
    "0d300200-0000-0000-0000-4ead72fa0000",
    "0d300200-0000-0000-0000-4ead72fa0001",
    "0d300200-0000-0000-0000-4ead72fa0002",
];
/// Quarters of an hour that all want: few enough that they meet.
const QUARTERS: u64 = 160;
/// Bookings that a client keeps before it comes back to the oldest.
const KEPT: usize = 5;

/// Numbers that look like chance and follow from a seed.
#[derive(Clone, Debug)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x2545_f491_4f6c_dd1d))
    }

    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }

    /// Whether something happens that happens so many times in a hundred.
    pub(super) fn happens(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

/// What all clients share.
pub(super) struct World {
    pub(super) begun: Instant,
    /// Where the servers are.
    pub(super) ports: Vec<u16>,
    /// The first quarter of an hour that can be had.
    pub(super) first: DateTime<Utc>,
    /// Without keys a wish that is asked again is another wish: a planted fault.
    pub(super) keyed: bool,
}

/// A visit that a client keeps, and what opens it.
struct Kept {
    seen: Seen,
    session: Session,
}

#[derive(Clone)]
struct Session {
    cookie: Option<String>,
    from: Ipv4Addr,
}

/// One of many.
pub(super) struct Client {
    world: Arc<World>,
    number: u64,
    chance: Chance,
    keys: u64,
    person: u64,
    kept: VecDeque<Kept>,
    pub(super) journal: Vec<Entry>,
}

impl Client {
    pub(super) fn new(world: Arc<World>, number: u64, seed: u64) -> Self {
        let chance = Chance::new(seed.wrapping_add(number * 7919));
        let (kept, journal) = (VecDeque::new(), Vec::new());
        Self { world, number, chance, keys: 0, person: 0, kept, journal }
    }

    /// One patient's visit to the page, from the hold to whatever comes of it.
    pub(super) async fn story(&mut self) {
        static NEXT: AtomicU32 = AtomicU32::new(0x7f01_0001);
        let from = Ipv4Addr::from_bits(NEXT.fetch_add(1, Ordering::Relaxed));
        let mut session = Session { cookie: None, from };
        let place = self.place();
        let wish = json!({
            "facility_id": NIGHT, "service_id": NIGHT_VISIT,
            "clinician_id": place.clinician, "start": place.start,
        });
        if self.chance.happens(3) {
            return self.walk_away(&session, &wish).await;
        }
        let held = self.deed(Deed::Hold, &mut session, None, "/api/bookings", wish).await;
        let Some(held) = held else { return };
        let path = format!("/api/bookings/{}", held.id);
        if self.chance.happens(10) {
            let release = format!("{path}/release");
            self.deed(Deed::Release, &mut session, Some(&held), &release, json!({})).await;
            return;
        }
        let who = self.patient();
        let confirm = format!("{path}/confirm");
        let booked = self.deed(Deed::Confirm, &mut session, Some(&held), &confirm, who).await;
        let Some(mut seen) = booked else {
            // Their day is full, or they are elsewhere at that time.
            let release = format!("{path}/release");
            self.deed(Deed::Release, &mut session, Some(&held), &release, json!({})).await;
            return;
        };
        for _ in 0..self.chance.below(3) {
            self.move_on(&mut session, &mut seen).await;
        }
        if self.chance.happens(50) {
            self.cancel(&mut session, &seen).await;
            return;
        }
        self.kept.push_back(Kept { seen, session });
        if self.kept.len() > KEPT {
            let Some(Kept { mut seen, mut session }) = self.kept.pop_front() else { return };
            self.move_on(&mut session, &mut seen).await;
            self.cancel(&mut session, &seen).await;
        }
    }

    async fn move_on(&mut self, session: &mut Session, seen: &mut Seen) {
        let place = self.place();
        let to = json!({
            "clinician_id": place.clinician, "start": place.start, "version": seen.version,
        });
        let path = format!("/api/bookings/{}/move", seen.id);
        if let Some(moved) = self.deed(Deed::Move, session, Some(seen), &path, to).await {
            *seen = moved;
        }
    }

    async fn cancel(&mut self, session: &mut Session, seen: &Seen) {
        let path = format!("/api/bookings/{}/cancel", seen.id);
        let reason = json!({ "reason": "other" });
        self.deed(Deed::Cancel, session, Some(seen), &path, reason).await;
    }

    fn place(&mut self) -> Place {
        let quarter = i64::try_from(self.chance.below(QUARTERS)).unwrap();
        let start = self.world.first + TimeDelta::minutes(15 * quarter);
        let doctor = usize::try_from(self.chance.below(DOCTORS.len() as u64)).unwrap();
        let start = start.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        Place { clinician: DOCTORS[doctor].to_owned(), start }
    }

    /// The answers of a patient; now and then the one who was here before.
    fn patient(&mut self) -> Value {
        if self.person == 0 || self.chance.happens(75) {
            self.person += 1;
        }
        let (client, person) = (self.number, self.person);
        let mut answers = json!({
            "for_whom": "self", "name": "試験 花子", "kana": "シケン ハナコ",
            "birth_date": "1980-01-01", "phone": format!("090{client:03}{person:05}"),
            "language": "ja", "symptoms": "せきが三日つづいています。", "consent": true,
        });
        if person % 2 == 0 {
            answers["email"] = json!(format!("p{person}.c{client}@mail.example"));
        }
        answers
    }

    /// Holds a time and closes the page before the answer is there.
    async fn walk_away(&mut self, session: &Session, wish: &Value) {
        let ask = self.ask("/api/bookings", session, wish.clone());
        let sent = self.world.begun.elapsed();
        let port = self.port();
        let patience = Duration::from_millis(self.chance.below(30));
        let _ = tokio::time::timeout(patience, ask.send(port)).await;
        let (booking, told, odd) = (None, None, Vec::new());
        self.journal.push(Entry { deed: Deed::Hold, booking, sent, tries: 1, told, odd });
    }

    fn ask(&mut self, path: &str, session: &Session, body: Value) -> Ask {
        self.keys += 1;
        let key = format!("key-{:032x}-{}-{}", self.chance.below(u64::MAX), self.number, self.keys);
        let (path, key) = (path.to_owned(), self.world.keyed.then_some(key));
        let Session { cookie, from } = session.clone();
        Ask { method: "POST", path, body, key, cookie, from }
    }

    fn port(&mut self) -> u16 {
        let count = self.world.ports.len() as u64;
        self.world.ports[usize::try_from(self.chance.below(count)).unwrap()]
    }

    /// Does something, as often as it takes to be answered, and writes it down; the booking after
    /// it, where it was done.
    async fn deed(
        &mut self,
        deed: Deed,
        session: &mut Session,
        before: Option<&Seen>,
        path: &str,
        body: Value,
    ) -> Option<Seen> {
        sleep(Duration::from_millis(5 + self.chance.below(30))).await;
        let ask = self.ask(path, session, body);
        let sent = self.world.begun.elapsed();
        let booking = before.map(|seen| seen.id.clone());
        let entry = Entry { deed, booking, sent, tries: 0, told: None, odd: Vec::new() };
        self.journal.push(entry);
        let place = self.journal.len() - 1;
        // What was answered in vain: the client did not hear it.
        let mut unheard: Option<Answer> = None;
        let answer = loop {
            let port = self.port();
            self.journal[place].tries += 1;
            match ask.send(port).await {
                Some(answer) if is_final(&answer) => {
                    if unheard.is_none() && self.chance.happens(8) {
                        unheard = Some(answer);
                    } else {
                        break answer;
                    }
                }
                Some(answer) if answer.status != 503 && answer.status != 409 => {
                    self.journal[place].odd.push(format!("{} {}", answer.status, answer.body));
                }
                _ => {}
            }
            sleep(Duration::from_millis(20 + self.chance.below(180))).await;
        };
        let differs = unheard.filter(|first| *first != answer);
        let differs = differs.map(|first| format!("{first:?}, then {answer:?}"));
        if let Some(cookie) = &answer.cookie {
            session.cookie = Some(cookie.clone());
        }
        let seen = if answer.status < 300 { Seen::of(&answer) } else { None };
        let (at, status) = (self.world.begun.elapsed(), answer.status);
        let entry = &mut self.journal[place];
        if let Some(seen) = &seen {
            entry.booking = Some(seen.id.clone());
        }
        if !answer_is_known(&answer) {
            entry.odd.push(format!("{status} {}", answer.body));
        }
        entry.told = Some(Told { at, status, seen: seen.clone(), differs });
        seen
    }
}

/// Whether asking again would bring nothing new.
fn is_final(answer: &Answer) -> bool {
    let wait = answer.status == 429
        || answer.status >= 500
        || answer.json()["code"] == "idempotency_key_in_use";
    !wait
}

/// Done, or refused by a rule.
fn answer_is_known(answer: &Answer) -> bool {
    (200..300).contains(&answer.status) || answer.status == 409
}
