use chrono::TimeDelta;
use serde_json::{Value, json};

use super::*;
use crate::engine::visit::pc_id;
use crate::model::facility::IcePolicy;

mod limits;
mod measured;
mod restart;
mod resume;
mod rooms;
mod rules;

/// A key, as every description names one.
const MARK: &str = "a=fingerprint:sha-256 0A:1B:2C";

const WAY: &str = "candidate:1 1 udp 2122260223 192.0.2.1 46154 typ host";

fn at(seconds: i64) -> Instant {
    let start: Instant = "2026-12-01T01:00:00Z".parse().unwrap();
    start + TimeDelta::seconds(seconds)
}

/// A page: its seat and what it was told.
struct Page {
    seat: Seat,
    outbox: Outbox,
}

impl Page {
    /// All that is in the outbox now.
    async fn outs(&mut self) -> Vec<Out> {
        let mut outs = Vec::new();
        while let Ok(Some(out)) =
            tokio::time::timeout(std::time::Duration::from_millis(2), self.outbox.recv()).await
        {
            outs.push(out);
        }
        outs
    }

    /// The messages that are in the outbox now; a close is written `{"t": "closed"}`.
    async fn heard(&mut self) -> Vec<Value> {
        let read = |out| match out {
            Out::Text(text) => serde_json::from_slice(&text).unwrap(),
            Out::Close { code, .. } => json!({"t": "closed", "code": code}),
        };
        self.outs().await.into_iter().map(read).collect()
    }

    /// The newest message of a kind; fails if there is none.
    async fn hears(&mut self, kind: &str) -> Value {
        let heard = self.heard().await;
        let found = heard.iter().rev().find(|message| message["t"] == kind);
        found.unwrap_or_else(|| panic!("no {kind} in {heard:#?}")).clone()
    }
}

/// A visit with its people.
struct Visit {
    hub: Hub,
    booking: BookingId,
    doctor: ParticipantId,
    patient: ParticipantId,
}

impl Visit {
    fn new() -> Self {
        let (doctor, patient) = (ParticipantId::new(), ParticipantId::new());
        Self { hub: Hub::default(), booking: BookingId::new(), doctor, patient }
    }

    fn join(&self, participant: ParticipantId, role: Role, tab: &str, now: Instant) -> Page {
        self.seat(self.joining(participant, role, tab, now))
    }

    fn seat(&self, joining: Joining) -> Page {
        let (seat, outbox) = self.hub.join(joining);
        Page { seat, outbox }
    }

    fn joining(&self, participant: ParticipantId, role: Role, tab: &str, now: Instant) -> Joining {
        Joining {
            booking: self.booking,
            participant,
            role,
            name: format!("{role:?}"),
            admitted: false,
            account: None,
            resume_token: String::new(),
            heard: None,
            tab: Some(tab.to_owned()),
            state: VisitState::Open,
            epoch: 1,
            moves: 0,
            present: Vec::new(),
            video: VideoSeconds::default(),
            ice_servers: json!([{"urls": ["stun:stun.example"]}]),
            policy: IcePolicy::All,
            now,
        }
    }

    fn say(&self, page: &Page, message: &Value) -> Vec<Act> {
        self.hub.handle(&page.seat, &message.to_string(), at(1))
    }

    /// Doctor and patient, in the visit, with empty outboxes.
    async fn met(&self) -> (Page, Page) {
        let mut doctor = self.join(self.doctor, Role::Clinician, "d", at(0));
        let mut patient = self.join(self.patient, Role::Patient, "p", at(0));
        assert_eq!(self.say(&patient, &json!({"t": "knock"})), [Act::Knock]);
        self.hub.knocked(self.booking, self.patient, at(0));
        let admit = json!({"t": "admit", "participant": self.patient});
        assert_eq!(self.say(&doctor, &admit), [Act::Admit(self.patient)]);
        assert_eq!(self.hub.admitted(self.booking, self.patient, 1), None);
        doctor.heard().await;
        patient.heard().await;
        (doctor, patient)
    }

    fn pc(&self) -> String {
        pc_id(self.doctor, self.patient, 1)
    }
}

fn sdp(to: ParticipantId, pc: &str, neg: u32) -> Value {
    let desc = json!({"type": "offer", "sdp": format!("v=0\r\n{MARK}\r\n")});
    json!({"t": "sdp", "id": 77, "to": to, "pc": pc, "neg": neg, "desc": desc})
}

fn ice(to: ParticipantId, pc: &str, neg: u32) -> Value {
    json!({"t": "ice", "to": to, "pc": pc, "neg": neg, "cands": [{"candidate": WAY}]})
}

#[tokio::test]
async fn a_patient_waits_is_admitted_and_both_connect() {
    let visit = Visit::new();
    let mut doctor = visit.join(visit.doctor, Role::Clinician, "d", at(0));
    let mut patient = visit.join(visit.patient, Role::Patient, "p", at(0));
    let welcome = patient.hears("welcome").await;
    assert_eq!(welcome["seq"], 1);
    assert_eq!(welcome["self"]["participant"], json!(visit.patient));
    assert_eq!((&welcome["self"]["role"], &welcome["policy"]), (&json!("patient"), &json!("all")));
    assert_eq!(welcome["ice_servers"][0]["urls"][0], "stun:stun.example");
    assert_eq!(welcome["snapshot"]["admission"], "none");
    assert_eq!(welcome["snapshot"]["participants"].as_array().unwrap().len(), 1);

    assert_eq!(visit.say(&patient, &json!({"t": "knock"})), [Act::Knock]);
    visit.hub.knocked(visit.booking, visit.patient, at(0));
    let waiting = patient.hears("waiting").await;
    assert_eq!((&waiting["event"], &waiting["position"]), (&json!("entered"), &json!(1)));
    let seen = doctor.hears("waiting").await;
    assert_eq!((&seen["participant"], &seen["name"]), (&json!(visit.patient), &json!("Patient")));
    let first = visit.hub.waiting(visit.booking).unwrap();
    assert_eq!((first.participant, first.connected), (visit.patient, true));
    assert_eq!(visit.say(&patient, &json!({"t": "knock"})), [], "knocking twice changes nothing");

    visit.hub.admitted(visit.booking, visit.patient, 1);
    assert_eq!(visit.hub.waiting(visit.booking), None);
    let heard = patient.heard().await;
    let kinds: Vec<_> = heard.iter().map(|message| message["t"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["waiting", "admitted", "visit", "snapshot", "topology"]);
    assert_eq!(heard[2]["state"], "in_progress");
    let seqs: Vec<_> = heard.iter().map(|message| message["seq"].as_u64().unwrap()).collect();
    assert!(seqs.is_sorted_by(|a, b| a < b), "{seqs:?}");
    let (mine, theirs) = (&heard[4]["peers"][0], &doctor.hears("topology").await["peers"][0]);
    assert_eq!((&mine["pc"], &theirs["pc"]), (&json!(visit.pc()), &json!(visit.pc())));
    assert_eq!(mine["participant"], json!(visit.doctor));
    assert_ne!(mine["polite"], theirs["polite"]);
}

#[tokio::test]
async fn what_two_people_say_reaches_the_other_with_the_servers_from() {
    let visit = Visit::new();
    let (mut doctor, mut patient) = visit.met().await;
    let pc = visit.pc();
    for (message, kind) in [
        (sdp(visit.patient, &pc, 1), "sdp"),
        (ice(visit.patient, &pc, 1), "ice"),
        (json!({"t": "state", "audio": true, "video": false}), "state"),
        (json!({"t": "quality", "pc": pc, "relay": false, "frames_decoded": 1}), "quality"),
        (json!({"t": "chat", "text": "hello", "client_id": "c"}), "chat"),
    ] {
        assert_eq!(visit.say(&doctor, &message), [], "{kind}");
        let heard = patient.hears(kind).await;
        assert_eq!(heard["from"], json!(visit.doctor), "{kind}");
        for (field, value) in message.as_object().unwrap() {
            if !["to", "id"].contains(&field.as_str()) {
                assert_eq!(&heard[field], value, "{kind}.{field}");
            }
        }
        assert_eq!(doctor.heard().await.len(), 0, "{kind} came back");
    }
    visit.say(&patient, &json!({"t": "ping", "id": 5, "ts": 9}));
    let pong = patient.hears("pong").await;
    assert_eq!((&pong["re"], &pong["ts"]), (&json!(5), &json!(9)));
}

#[tokio::test]
async fn a_forged_message_reaches_nobody() {
    let visit = Visit::new();
    let (mut doctor, mut patient) = visit.met().await;
    let staff_id = ParticipantId::new();
    let mut staff = visit.join(staff_id, Role::Staff, "s", at(0));
    let other = Visit { hub: visit.hub.clone(), ..Visit::new() };
    let (mut elsewhere, _patient) = other.met().await;
    let (good, stale) = (visit.pc(), pc_id(visit.doctor, visit.patient, 2));
    let foreign = pc_id(visit.patient, other.doctor, 1);
    let mut from_forged = sdp(visit.doctor, &good, 1);
    from_forged["from"] = json!(visit.doctor);
    let forged = [
        sdp(other.doctor, &good, 1),
        sdp(other.doctor, &foreign, 1),
        sdp(visit.patient, &good, 1),
        sdp(staff_id, &good, 1),
        sdp(staff_id, &pc_id(visit.patient, staff_id, 1), 1),
        sdp(visit.doctor, &stale, 1),
        ice(visit.doctor, &stale, 1),
        ice(other.doctor, &good, 1),
        json!({"t": "quality", "pc": stale, "relay": false}),
        json!({"t": "admit", "participant": visit.patient}),
        json!({"t": "end"}),
    ];
    doctor.heard().await;
    for (place, message) in forged.iter().enumerate() {
        patient.heard().await;
        staff.heard().await;
        assert_eq!(visit.say(&patient, message), [], "{message}");
        assert_eq!(patient.hears("error").await["code"], "forbidden", "{message}");
        for page in [&mut doctor, &mut staff, &mut elsewhere] {
            assert_eq!(page.heard().await, [] as [Value; 0], "forged message {place}");
        }
    }
    visit.say(&patient, &from_forged);
    assert_eq!(patient.hears("error").await["code"], "malformed");
    assert_eq!(doctor.heard().await, [] as [Value; 0]);
}

#[tokio::test]
async fn a_patient_who_waits_reaches_nobody_and_sees_nobody() {
    let visit = Visit::new();
    let mut doctor = visit.join(visit.doctor, Role::Clinician, "d", at(0));
    let mut patient = visit.join(visit.patient, Role::Patient, "p", at(0));
    visit.hub.knocked(visit.booking, visit.patient, at(0));
    doctor.heard().await;
    patient.heard().await;
    for message in [
        sdp(visit.doctor, &visit.pc(), 1),
        ice(visit.doctor, &visit.pc(), 1),
        json!({"t": "quality", "pc": visit.pc()}),
        json!({"t": "chat", "text": "hello"}),
        json!({"t": "admit", "participant": visit.patient}),
    ] {
        assert_eq!(visit.say(&patient, &message), []);
        assert_eq!(patient.hears("error").await["code"], "forbidden");
    }
    visit.say(&patient, &json!({"t": "state", "audio": true, "video": true}));
    assert_eq!(doctor.heard().await, [] as [Value; 0]);
    visit.say(&doctor, &json!({"t": "chat", "text": "secret"}));
    visit.say(&doctor, &json!({"t": "state", "audio": true, "video": true}));
    let staff = visit.join(ParticipantId::new(), Role::Staff, "s", at(0));
    assert_eq!(patient.heard().await, [] as [Value; 0]);
    drop(staff);
}

#[tokio::test]
async fn a_denied_patient_may_knock_again_and_nobody_is_admitted_unasked() {
    let visit = Visit::new();
    let mut doctor = visit.join(visit.doctor, Role::Clinician, "d", at(0));
    let mut patient = visit.join(visit.patient, Role::Patient, "p", at(0));
    let admit = json!({"t": "admit", "participant": visit.patient});
    assert_eq!(visit.say(&doctor, &admit), []);
    assert_eq!(doctor.hears("error").await["code"], "not_waiting");
    visit.hub.knocked(visit.booking, visit.patient, at(0));
    let deny = json!({"t": "deny", "participant": visit.patient});
    assert_eq!(visit.say(&doctor, &deny), [Act::Deny(visit.patient)]);
    visit.hub.denied(visit.booking, visit.patient);
    assert_eq!(patient.hears("denied").await["participant"], json!(visit.patient));
    assert_eq!(visit.say(&doctor, &admit), [], "no longer waits");
    assert_eq!(visit.say(&patient, &json!({"t": "knock"})), [Act::Knock]);
}

#[tokio::test]
async fn the_newest_page_wins_and_connects_anew() {
    let visit = Visit::new();
    let (mut doctor, mut old) = visit.met().await;
    let mut new = visit.join(visit.patient, Role::Patient, "p2", at(2));
    let heard = old.heard().await;
    assert_eq!((&heard[0]["t"], &heard[0]["code"]), (&json!("bye"), &json!("replaced")));
    assert_eq!(heard[0]["reconnect"], "never");
    assert_eq!(heard[1], json!({"t": "closed", "code": 4409}));
    assert_eq!(old.outs().await, [], "nothing comes after the close");
    assert_eq!(new.seat.raised_epoch(), Some(2));
    let snapshot = &new.hears("welcome").await["snapshot"];
    assert_eq!(snapshot["admission"], "admitted");
    let pc = pc_id(visit.doctor, visit.patient, 2);
    assert_eq!(snapshot["topology"]["peers"][0]["pc"], json!(pc));
    assert_eq!(doctor.hears("topology").await["peers"][0]["pc"], json!(pc));
    // The old page has no voice any more, and its end changes nothing.
    visit.say(&old, &json!({"t": "chat", "text": "still here"}));
    visit.hub.left(&old.seat, at(3));
    assert_eq!(doctor.heard().await, [] as [Value; 0]);
    assert_eq!(visit.hub.connected(), 2);
    visit.say(&new, &sdp(visit.doctor, &pc, 1));
    assert_eq!(doctor.hears("sdp").await["neg"], 1);
}

#[tokio::test]
async fn a_page_that_comes_back_in_time_keeps_its_connection() {
    let visit = Visit::new();
    let (mut doctor, patient) = visit.met().await;
    visit.hub.left(&patient.seat, at(10));
    let gone = doctor.hears("participant").await;
    assert_eq!((&gone["event"], &gone["state"]), (&json!("reconnecting"), &json!("reconnecting")));
    assert_eq!(visit.hub.connected(), 1);
    visit.hub.sweep(at(129));
    let mut back = visit.join(visit.patient, Role::Patient, "p", at(129));
    assert_eq!(back.seat.raised_epoch(), None);
    let snapshot = &back.hears("welcome").await["snapshot"];
    assert_eq!(snapshot["admission"], "admitted");
    assert_eq!(snapshot["topology"]["peers"][0]["pc"], json!(visit.pc()));
    let heard = doctor.heard().await;
    assert_eq!(heard.len(), 1, "{heard:#?}");
    assert_eq!((&heard[0]["t"], &heard[0]["event"]), (&json!("participant"), &json!("joined")));
}

#[tokio::test]
async fn a_page_that_comes_back_too_late_starts_anew() {
    let visit = Visit::new();
    let (mut doctor, patient) = visit.met().await;
    visit.hub.left(&patient.seat, at(10));
    visit.hub.sweep(at(130));
    let heard = doctor.heard().await;
    assert_eq!(heard[1]["event"], "left");
    assert_eq!((&heard[2]["t"], &heard[2]["mode"]), (&json!("topology"), &json!("none")));
    // The rows still say that they were let in.
    visit.join(visit.patient, Role::Patient, "p", at(131));
    visit.hub.admitted(visit.booking, visit.patient, 1);
    let pc = pc_id(visit.doctor, visit.patient, 2);
    assert_eq!(doctor.hears("topology").await["peers"][0]["pc"], json!(pc));
}

#[tokio::test]
async fn a_place_in_the_waiting_room_is_kept_for_a_minute_and_empty_rooms_go() {
    let visit = Visit::new();
    let patient = visit.join(visit.patient, Role::Patient, "p", at(0));
    visit.hub.knocked(visit.booking, visit.patient, at(0));
    visit.hub.left(&patient.seat, at(10));
    visit.hub.sweep(at(69));
    assert!(visit.hub.waiting(visit.booking).is_some_and(|first| !first.connected));
    let mut back = visit.join(visit.patient, Role::Patient, "p", at(69));
    let snapshot = &back.hears("welcome").await["snapshot"];
    assert_eq!((&snapshot["admission"], &snapshot["position"]), (&json!("waiting"), &json!(1)));
    visit.hub.left(&back.seat, at(70));
    visit.hub.sweep(at(130));
    assert_eq!(visit.hub.waiting(visit.booking), None);
    assert!(visit.hub.list().is_empty());
}

#[tokio::test]
async fn the_end_sends_everybody_away_for_good_and_a_stop_for_a_while() {
    let visit = Visit::new();
    let (mut doctor, mut patient) = visit.met().await;
    visit.hub.close_all(at(2));
    for page in [&mut doctor, &mut patient] {
        let heard = page.heard().await;
        assert_eq!(
            (&heard[0]["code"], &heard[0]["reconnect"]),
            (&json!("draining"), &json!("resume"))
        );
        assert_eq!(heard[1], json!({"t": "closed", "code": 4503}));
    }
    assert_eq!(visit.hub.connected(), 0);
    let visit = Visit::new();
    let (mut doctor, mut patient) = visit.met().await;
    visit.hub.ended(visit.booking);
    for page in [&mut doctor, &mut patient] {
        let heard = page.heard().await;
        assert_eq!(heard[0]["state"], "ended");
        assert_eq!((&heard[1]["code"], &heard[1]["reconnect"]), (&json!("ended"), &json!("never")));
        assert_eq!(heard[2], json!({"t": "closed", "code": 4410}));
    }
    assert_eq!(visit.say(&doctor, &json!({"t": "turn"})), []);
}

#[tokio::test]
async fn who_leaves_is_gone_at_once() {
    let visit = Visit::new();
    let (mut doctor, mut patient) = visit.met().await;
    assert_eq!(visit.say(&patient, &json!({"t": "leave"})), [Act::Leave]);
    assert_eq!(patient.heard().await.last(), Some(&json!({"t": "closed", "code": 1000})));
    let heard = doctor.heard().await;
    assert_eq!((&heard[0]["event"], &heard[0]["state"]), (&json!("left"), &json!("left")));
    assert_eq!(heard[1]["mode"], "none");
}

#[tokio::test]
async fn the_clinic_sees_the_precheck_and_gets_relay_servers_when_asked() {
    let visit = Visit::new();
    let mut doctor = visit.join(visit.doctor, Role::Clinician, "d", at(0));
    let mut patient = visit.join(visit.patient, Role::Patient, "p", at(0));
    let result = json!({"camera": true, "microphone": false, "speaker": true, "line": "ok"});
    let acts = visit.say(&patient, &json!({"t": "precheck", "result": result}));
    assert!(matches!(&acts[..], [Act::Precheck(found)] if !found.microphone));
    visit.hub.knocked(visit.booking, visit.patient, at(0));
    assert_eq!(doctor.hears("waiting").await["precheck"], result);
    assert!(patient.hears("waiting").await.get("precheck").is_none());
    assert_eq!(visit.say(&patient, &json!({"t": "turn"})), [Act::Turn]);
    visit.hub.ice_servers(&patient.seat, json!([{"urls": ["turn:turn.example"]}]));
    let servers = patient.hears("ice_servers").await;
    assert_eq!(servers["ice_servers"][0]["urls"][0], "turn:turn.example");
}
