//! Three in a visit: through the forwarding room, which is asked and speaks for itself.

use crate::live::media::room::RoomSaid;
use crate::live::message::{Track, TrackKind};

use super::*;

/// A third person, let in.
fn third(visit: &Visit, now: Instant) -> (ParticipantId, Page) {
    let who = ParticipantId::new();
    let joining = Joining { admitted: true, ..visit.joining(who, Role::Interpreter, "i", now) };
    (who, visit.seat(joining))
}

fn offer(pc: &Value, neg: u32) -> Value {
    let sdp = format!("v=0\r\n{MARK}\r\nm=audio 9 UDP/TLS/RTP/SAVPF 96\r\n");
    json!({"t": "sdp", "pc": pc, "neg": neg, "desc": {"type": "offer", "sdp": sdp}})
}

#[tokio::test]
async fn the_third_opens_the_room_and_pictures_end_the_direct_connection() {
    let visit = Visit::new();
    let (mut doctor, mut patient) = visit.met().await;
    let (_, mut third) = third(&visit, at(2));
    let there = third.hears("welcome").await["snapshot"]["topology"].clone();
    assert_eq!((&there["mode"], there["peers"].as_array().unwrap().len()), (&json!("room"), 2));
    let mut pcs = vec![there["peers"][0]["pc"].clone()];
    for (page, other) in [(&mut doctor, visit.patient), (&mut patient, visit.doctor)] {
        let told = page.hears("topology").await;
        assert_eq!((&told["mode"], &told["epoch"]), (&json!("room"), &json!(2)));
        assert_eq!(told["keep"].as_array().unwrap().len(), 1, "{told}");
        let pair = pc_id(visit.doctor, visit.patient, 1);
        assert_eq!(told["keep"][0], json!(pair));
        assert_eq!(told["video"]["height"], json!(720));
        pcs.push(told["peers"][0]["pc"].clone());
        // What is kept can still be repaired.
        let again = json!({"t": "ice", "to": other, "pc": pair, "neg": 9, "cands": [
            {"candidate": WAY, "sdpMid": "0"}]});
        assert!(visit.say(page, &again).is_empty());
    }
    assert_eq!(doctor.hears("ice").await["from"], json!(visit.patient));
    for (page, pc) in [&third, &doctor, &patient].into_iter().zip(&pcs) {
        visit.say(page, &json!({"t": "ready", "pc": pc}));
    }
    assert!(doctor.hears("topology").await.get("keep").is_none());
    assert_eq!(visit.hub.raised(), [(visit.booking, 2)], "to be stored");
    assert!(visit.hub.raised().is_empty());
}

#[tokio::test]
async fn the_room_answers_the_one_who_offered_and_tells_who_is_where() {
    let visit = Visit::new();
    let (mut doctor, mut patient) = visit.met().await;
    let (who, mut third) = third(&visit, at(2));
    let own = third.hears("welcome").await["snapshot"]["topology"]["peers"][0]["pc"].clone();
    visit.say(&third, &offer(&own, 1));
    assert!(third.heard().await.iter().all(|said| said["t"] != "error"), "it is passed on");
    // Another one's connection, and an answer to what nobody offered.
    visit.say(&patient, &offer(&own, 1));
    assert_eq!(patient.hears("error").await["code"], "forbidden");
    let mut answer = offer(&own, 2);
    answer["desc"]["type"] = json!("answer");
    visit.say(&third, &answer);
    assert_eq!(third.hears("error").await["code"], "forbidden");

    doctor.heard().await;
    visit.hub.heard(visit.booking, RoomSaid::Answer { who, neg: 1, sdp: "v=0".to_owned() });
    let track = Track { mid: "3".to_owned(), participant: visit.doctor, kind: TrackKind::Audio };
    visit.hub.heard(visit.booking, RoomSaid::Tracks { of: who, tracks: vec![track] });
    let heard = third.heard().await;
    let said = |kind: &str| heard.iter().find(|one| one["t"] == kind).unwrap();
    assert_eq!((&said("sdp")["pc"], &said("sdp")["neg"]), (&own, &json!(1)));
    assert!(said("sdp").get("from").is_none(), "no person's");
    assert_eq!(said("tracks")["tracks"][0]["kind"], "audio");
    visit.hub.heard(visit.booking, RoomSaid::Refused { who });
    assert_eq!(third.hears("error").await["code"], "room_refused");
    assert!(doctor.heard().await.is_empty(), "nobody else's business");
}

#[tokio::test]
async fn two_are_on_their_own_again_after_twenty_seconds() {
    let visit = Visit::new();
    let (mut doctor, _patient) = visit.met().await;
    let (_, third) = third(&visit, at(2));
    doctor.heard().await;
    visit.hub.handle(&third.seat, &json!({"t": "leave"}).to_string(), at(30));
    assert_eq!(doctor.hears("topology").await["mode"], "room");
    visit.hub.sweep(at(49));
    assert!(doctor.heard().await.iter().all(|said| said["mode"] != "p2p"));
    visit.hub.sweep(at(50));
    let told = doctor.hears("topology").await;
    assert_eq!((&told["mode"], &told["epoch"]), (&json!("p2p"), &json!(3)));
    assert_eq!(told["keep"].as_array().unwrap().len(), 1);
    visit.hub.sweep(at(58));
    assert!(doctor.hears("topology").await.get("keep").is_none());
}

#[tokio::test]
async fn only_the_picture_between_doctor_and_patient_counts() {
    let visit = Visit::new();
    let (mut doctor, _patient) = visit.met().await;
    let (who, _third) = third(&visit, at(2));
    let pc = doctor.hears("topology").await["peers"][0]["pc"].clone();
    let mut acts = Vec::new();
    for (second, frames) in [(3, 0), (8, 100), (13, 200)] {
        for (other, frames) in [(who, frames), (visit.patient, 0)] {
            let from = json!([{"participant": other, "frames_decoded": frames}]);
            let report = json!({"t": "quality", "pc": pc, "from": from});
            acts.extend(visit.hub.handle(&doctor.seat, &report.to_string(), at(second)));
        }
    }
    assert!(acts.is_empty(), "she saw the interpreter alone: {acts:?}");
    for (second, frames) in [(18, 10), (23, 20)] {
        let from = json!([{"participant": visit.patient, "frames_decoded": frames}]);
        let report = json!({"t": "quality", "pc": pc, "from": from});
        acts.extend(visit.hub.handle(&doctor.seat, &report.to_string(), at(second)));
    }
    assert!(matches!(acts.last(), Some(Act::Video { clinician_seconds: 5.., .. })), "{acts:?}");
}

#[tokio::test]
async fn of_who_is_not_there_nothing_is_kept() {
    let visit = Visit::new();
    let (mut doctor, _patient) = visit.met().await;
    let (_, _third) = third(&visit, at(2));
    let pc = doctor.hears("topology").await["peers"][0]["pc"].clone();
    for frames in [1, 2] {
        let from = json!([{"participant": ParticipantId::new(), "frames_decoded": frames}]);
        let report = json!({"t": "quality", "pc": pc, "from": from});
        visit.hub.handle(&doctor.seat, &report.to_string(), at(3));
    }
    let room = visit.hub.visit(visit.booking).unwrap();
    assert!(room.lock().members[&visit.doctor].frames.is_empty());
}
