//! What holds whatever people do, in whatever order: sequences of what happens in a visit, and after
//! each step what everybody was told.

use std::collections::BTreeMap;

use futures_util::FutureExt;
use proptest::prelude::*;

use super::*;
use crate::engine::visit::polite;
use crate::live::message::{PARTICIPANTS_MOST, WAITING_MOST};

/// Who is in the visits of these tests, by place.
const CAST: [Role; 5] =
    [Role::Clinician, Role::Staff, Role::Patient, Role::Interpreter, Role::Observer];

/// What may happen.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// A page comes, the first or the second of the person.
    Join(usize, bool),
    /// It comes back with its token, and has heard all.
    Resume(usize),
    /// Its socket breaks.
    Lose(usize),
    Knock(usize),
    /// The database let somebody in.
    Admit(usize),
    Deny(usize),
    Leave(usize),
    /// Everybody inside sends all that is meant for others.
    Talk(usize),
    /// So many seconds pass.
    Wait(i64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let who = 0..CAST.len();
    let step = prop_oneof![
        3 => (who.clone(), any::<bool>()).prop_map(|(who, second)| Step::Join(who, second)),
        2 => who.clone().prop_map(Step::Resume),
        1 => who.clone().prop_map(Step::Lose),
        2 => who.clone().prop_map(Step::Knock),
        2 => who.clone().prop_map(Step::Admit),
        1 => who.clone().prop_map(Step::Deny),
        1 => who.clone().prop_map(Step::Leave),
        3 => who.prop_map(Step::Talk),
        1 => prop_oneof![Just(1_i64), Just(61), Just(121)].prop_map(Step::Wait),
    ];
    prop::collection::vec(step, 1..60)
}

/// A visit, what each person's page was told, and what the database would know.
struct World {
    hub: Hub,
    booking: BookingId,
    people: Vec<ParticipantId>,
    pages: BTreeMap<usize, Page>,
    tabs: BTreeMap<usize, String>,
    heard: BTreeMap<usize, u64>,
    admitted: Vec<bool>,
    epoch: i64,
    now: i64,
}

impl World {
    fn new() -> Self {
        Self {
            hub: Hub::default(),
            booking: BookingId::new(),
            people: CAST.iter().map(|_| ParticipantId::new()).collect(),
            pages: BTreeMap::new(),
            tabs: BTreeMap::new(),
            heard: BTreeMap::new(),
            admitted: vec![false; CAST.len()],
            epoch: 0,
            now: 0,
        }
    }

    fn inside(&self, who: usize) -> bool {
        CAST[who].is_host() || self.admitted[who]
    }

    fn joining(&self, who: usize, tab: &str) -> Joining {
        Joining {
            booking: self.booking,
            participant: self.people[who],
            role: CAST[who],
            name: format!("{:?}", CAST[who]),
            admitted: self.admitted[who],
            account: None,
            resume_token: String::new(),
            heard: None,
            tab: Some(tab.to_owned()),
            state: VisitState::Open,
            epoch: self.epoch,
            moves: 0,
            present: Vec::new(),
            video: VideoSeconds::default(),
            ice_servers: json!([]),
            policy: IcePolicy::All,
            now: at(self.now),
        }
    }

    fn seat(&mut self, who: usize, joining: Joining) {
        let (seat, outbox) = self.hub.join(joining);
        self.epoch = self.epoch.max(seat.raised_epoch().unwrap_or_default());
        self.pages.insert(who, Page { seat, outbox });
    }

    fn say(&mut self, who: usize, message: &Value) -> Vec<Act> {
        let Some(page) = self.pages.get(&who) else { return Vec::new() };
        self.hub.handle(&page.seat, &message.to_string(), at(self.now))
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Join(who, second) => {
                let tab = if second { "second" } else { "first" };
                self.tabs.insert(who, tab.to_owned());
                self.seat(who, self.joining(who, tab));
            }
            Step::Resume(who) => {
                let Some(tab) = self.tabs.get(&who).cloned() else { return };
                let heard = self.heard.get(&who).copied().unwrap_or_default();
                let joining = self.joining(who, &tab);
                self.seat(who, Joining { heard: Some(Heard::UpTo(heard)), ..joining });
            }
            Step::Lose(who) => {
                if let Some(page) = self.pages.remove(&who) {
                    self.hub.left(&page.seat, at(self.now));
                }
            }
            Step::Knock(who) => {
                if self.say(who, &json!({"t": "knock"})).contains(&Act::Knock) {
                    self.hub.knocked(self.booking, self.people[who], at(self.now));
                }
            }
            Step::Admit(who) => {
                // The database says so, and then the hub is told, whoever is there.
                if !CAST[who].is_host() && self.pages.contains_key(&who) {
                    self.admitted[who] = true;
                    let raised = self.hub.admitted(self.booking, self.people[who], self.epoch);
                    self.epoch = self.epoch.max(raised.unwrap_or_default());
                }
            }
            Step::Deny(who) => self.hub.denied(self.booking, self.people[who]),
            Step::Leave(who) => {
                self.say(who, &json!({"t": "leave"}));
                self.pages.remove(&who);
            }
            Step::Talk(who) => {
                for to in 0..CAST.len() {
                    let pc = pc_id(self.people[who], self.people[to], self.epoch);
                    let neg = u32::try_from(self.now).unwrap() + 1;
                    self.say(who, &sdp(self.people[to], &pc, neg));
                    self.say(who, &ice(self.people[to], &pc, neg));
                    self.say(who, &json!({"t": "quality", "pc": pc}));
                }
                self.say(who, &json!({"t": "state", "audio": true, "video": true}));
                self.say(who, &json!({"t": "chat", "text": "hello"}));
                self.say(who, &json!({"t": "caption", "text": "a", "lang": "ja", "final": true}));
            }
            Step::Wait(seconds) => {
                self.now += seconds;
                self.hub.sweep(at(self.now));
            }
        }
        self.now += 1;
    }

    /// What was told since the last look, person by person.
    fn told(&mut self) -> Vec<(usize, Vec<Value>)> {
        let mut all = Vec::new();
        for (who, page) in &mut self.pages {
            let mut heard = Vec::new();
            while let Some(Some(out)) = page.outbox.recv().now_or_never() {
                heard.push(match out {
                    Out::Text(text) => serde_json::from_slice(&text).unwrap(),
                    Out::Close { .. } => json!({"t": "closed"}),
                });
            }
            all.push((*who, heard));
        }
        all
    }
}

/// Kinds that are only for those who take part.
const WITHIN: [&str; 8] =
    ["sdp", "ice", "state", "quality", "chat", "caption", "participant", "topology"];

fn look(world: &mut World, told: Vec<(usize, Vec<Value>)>, was_inside: &[bool]) {
    for (who, messages) in told {
        for message in messages {
            let kind = message["t"].as_str().unwrap().to_owned();
            if kind == "closed" {
                world.pages.remove(&who);
                continue;
            }
            if WITHIN.contains(&kind.as_str()) {
                assert!(world.inside(who) || was_inside[who], "{who} was told {message}");
            }
            if let Some(from) = message.get("from") {
                assert_ne!(from, &json!(world.people[who]), "{message}");
            }
            // The numbers have no gap, whatever breaks.
            if let Some(seq) = message["seq"].as_u64() {
                let last = world.heard.get(&who).copied().unwrap_or_default();
                let first = kind == "welcome" || kind == "resumed";
                assert!(first || seq == last + 1, "after {last}: {message}");
                world.heard.insert(who, seq);
            }
            let topology = match kind.as_str() {
                "topology" => &message,
                "welcome" | "snapshot" | "resumed" => &message["snapshot"]["topology"],
                _ => continue,
            };
            for link in topology["peers"].as_array().into_iter().flatten() {
                let other = world.people.iter().position(|id| json!(id) == link["participant"]);
                let other = other.unwrap();
                assert!(world.inside(who) && world.inside(other), "{who} to {other}");
                // In a room the page always offers.
                let gives_way = polite(world.people[who], world.people[other]);
                assert_eq!(link["polite"], gives_way && topology["mode"] == "p2p");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_in_whatever_order(steps in steps()) {
        let mut world = World::new();
        for step in steps {
            let was_inside: Vec<_> = (0..CAST.len()).map(|who| world.inside(who)).collect();
            world.step(step);
            let told = world.told();
            look(&mut world, told, &was_inside);
        }
    }
}

#[tokio::test]
async fn a_visit_has_six_and_twenty_wait() {
    let visit = Visit::new();
    let mut doctor = visit.join(visit.doctor, Role::Clinician, "d", at(0));
    let mut guests = Vec::new();
    for _ in 1..PARTICIPANTS_MOST {
        let joining = visit.joining(ParticipantId::new(), Role::Interpreter, "g", at(0));
        guests.push(visit.seat(Joining { admitted: true, ..joining }));
    }
    for place in 0..=WAITING_MOST {
        let (who, role) = match place {
            0 => (visit.patient, Role::Patient),
            _ => (ParticipantId::new(), Role::Nurse),
        };
        let mut page = visit.join(who, role, "n", at(0));
        page.heard().await;
        let acts = visit.say(&page, &json!({"t": "knock"}));
        if place < WAITING_MOST {
            assert_eq!(acts, [Act::Knock]);
            visit.hub.knocked(visit.booking, who, at(0));
        } else {
            assert_eq!(acts, []);
            assert_eq!(page.hears("error").await["code"], "visit_full");
        }
        guests.push(page);
    }
    doctor.heard().await;
    let admit = json!({"t": "admit", "participant": visit.patient});
    assert_eq!(visit.say(&doctor, &admit), []);
    assert_eq!(doctor.hears("error").await["code"], "visit_full");
    // One goes, and there is a place.
    visit.say(&guests[0], &json!({"t": "leave"}));
    assert_eq!(visit.say(&doctor, &admit), [Act::Admit(visit.patient)]);
}
