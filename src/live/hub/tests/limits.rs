//! Too much, too fast, too old, and nothing that could be read.

use super::*;

#[tokio::test]
async fn a_stale_negotiation_is_dropped() {
    let visit = Visit::new();
    let (doctor, mut patient) = visit.met().await;
    let pc = visit.pc();
    for (message, arrives) in [
        (sdp(visit.patient, &pc, 2), true),
        (sdp(visit.patient, &pc, 2), false),
        (sdp(visit.patient, &pc, 1), false),
        (ice(visit.patient, &pc, 1), false),
        (ice(visit.patient, &pc, 2), true),
        (sdp(visit.patient, &pc, 3), true),
    ] {
        visit.say(&doctor, &message);
        assert_eq!(!patient.heard().await.is_empty(), arrives, "{message}");
    }
}

#[tokio::test]
async fn a_flood_is_stopped_and_the_other_does_not_notice() {
    let visit = Visit::new();
    let (mut doctor, mut patient) = visit.met().await;
    let ping = json!({"t": "ping", "ts": 1}).to_string();
    let mut pongs = 0;
    for _ in 0..200 {
        visit.hub.handle(&patient.seat, &ping, at(100));
        pongs += patient.heard().await.iter().filter(|message| message["t"] == "pong").count();
    }
    assert_eq!(pongs, 200);
    visit.hub.handle(&patient.seat, &ping, at(100));
    let error = patient.hears("error").await;
    assert_eq!((&error["code"], &error["retry_after_ms"]), (&json!("rate_limited"), &json!(1000)));
    visit.hub.handle(&patient.seat, &ping, at(101));
    assert_eq!(patient.hears("pong").await["ts"], 1, "a second brings fifty");
    for _ in 0..60 {
        visit.hub.handle(&patient.seat, &ping, at(101));
    }
    let heard = patient.heard().await;
    assert_eq!(heard.last(), Some(&json!({"t": "closed", "code": 4429})));
    let heard = doctor.heard().await;
    assert_eq!(heard.len(), 1, "{heard:#?}");
    assert_eq!(heard[0]["event"], "reconnecting");
}

#[tokio::test]
async fn nonsense_is_answered_and_five_in_a_minute_close_the_socket() {
    let visit = Visit::new();
    let (_doctor, mut patient) = visit.met().await;
    for _ in 0..9 {
        visit.hub.handle(&patient.seat, r#"{"t":"wave","id":4}"#, at(0));
    }
    let error = patient.hears("error").await;
    assert_eq!((&error["code"], &error["re"]), (&json!("unknown_type"), &json!(4)));
    for second in [0, 1, 2, 3, 61] {
        visit.hub.handle(&patient.seat, "{", at(second));
        assert_eq!(patient.hears("error").await["code"], "malformed");
    }
    visit.hub.handle(&patient.seat, "{", at(61));
    visit.hub.handle(&patient.seat, "{", at(61));
    assert_eq!(patient.heard().await.last(), Some(&json!({"t": "closed", "code": 4400})));
}

#[tokio::test]
async fn who_does_not_read_is_closed_alone() {
    let visit = Visit::new();
    let (mut doctor, mut patient) = visit.met().await;
    // Large messages: the bytes run out before the places do.
    let text = format!("v=0\r\n{MARK}\r\n{}", "x".repeat(90_000));
    for neg in 1..=7 {
        let mut message = sdp(visit.patient, &visit.pc(), neg);
        message["desc"]["sdp"] = json!(text);
        visit.hub.handle(&doctor.seat, &message.to_string(), at(1));
    }
    let outs = patient.outs().await;
    assert_eq!(outs, [Out::Close { code: 4429, reason: "too_much" }]);
    visit.hub.left(&patient.seat, at(2));
    assert_eq!(doctor.hears("participant").await["event"], "reconnecting");
    // Small messages: the places run out.
    let mut back = visit.join(visit.patient, Role::Patient, "p", at(3));
    for step in 0..300 {
        let now = at(4) + TimeDelta::milliseconds(step * 20);
        visit.hub.handle(&doctor.seat, r#"{"t":"state","audio":true,"video":true}"#, now);
    }
    assert_eq!(back.outs().await, [Out::Close { code: 4429, reason: "too_much" }]);
    visit.hub.handle(&doctor.seat, r#"{"t":"ping","ts":3}"#, at(20));
    assert_eq!(doctor.hears("pong").await["ts"], 3);
}

#[tokio::test]
async fn a_reader_in_time_is_never_cut() {
    let visit = Visit::new();
    let (doctor, mut patient) = visit.met().await;
    let mut heard = 0;
    for neg in 1..=40 {
        let mut message = sdp(visit.patient, &visit.pc(), neg);
        message["desc"]["sdp"] = json!(format!("v=0\r\n{MARK}\r\n{}", "x".repeat(90_000)));
        visit.hub.handle(&doctor.seat, &message.to_string(), at(1));
        heard += patient.heard().await.iter().filter(|message| message["t"] == "sdp").count();
    }
    assert_eq!(heard, 40);
}

#[tokio::test]
async fn candidates_have_a_number_for_each_description_and_each_minute() {
    let visit = Visit::new();
    let (mut doctor, patient) = visit.met().await;
    let many = |neg: u32, count: usize| {
        let mut message = ice(visit.doctor, &visit.pc(), neg);
        message["cands"] = json!(vec![json!({"candidate": WAY}); count]);
        message
    };
    visit.say(&patient, &sdp(visit.doctor, &visit.pc(), 1));
    for _ in 0..4 {
        visit.say(&patient, &many(1, 16));
    }
    let heard = doctor.heard().await;
    assert_eq!(heard.len(), 5, "64 of one description pass");
    visit.say(&patient, &many(1, 1));
    assert_eq!(doctor.heard().await, [] as [Value; 0]);
    // 65 are gone; 135 more in this minute, each time with a new description.
    for neg in 2..=8 {
        visit.say(&patient, &sdp(visit.doctor, &visit.pc(), neg));
        visit.say(&patient, &many(neg, 19));
    }
    let ways = |heard: &[Value]| heard.iter().filter(|message| message["t"] == "ice").count();
    assert_eq!(ways(&doctor.heard().await), 7);
    visit.say(&patient, &many(8, 3));
    let heard = doctor.heard().await;
    assert_eq!(ways(&heard), 0);
    assert_eq!(heard[0]["event"], "reconnecting", "closed: {heard:#?}");
}

#[tokio::test]
async fn captions_have_a_pace_and_are_for_those_inside() {
    let visit = Visit::new();
    let (mut doctor, mut patient) = visit.met().await;
    let caption = json!({"t": "caption", "text": "hello", "lang": "ja", "final": false});
    for _ in 0..6 {
        visit.say(&patient, &caption);
    }
    let heard = doctor.heard().await;
    assert_eq!(heard.len(), 5, "{heard:#?}");
    assert_eq!((&heard[0]["t"], &heard[0]["final"]), (&json!("caption"), &json!(false)));
    assert_eq!(heard[0].get("seq"), None, "what is of the moment has no number");
    assert_eq!(patient.hears("error").await["code"], "rate_limited");
    visit.hub.handle(&patient.seat, &caption.to_string(), at(2));
    assert_eq!(doctor.heard().await.len(), 1);
}

#[tokio::test]
async fn a_clinician_may_ask_for_silence_but_not_make_it() {
    let visit = Visit::new();
    let (mut doctor, mut patient) = visit.met().await;
    let ask = |whom: ParticipantId| json!({"t": "mute_request", "participant": whom});
    visit.say(&doctor, &ask(visit.patient));
    assert_eq!(patient.hears("moderation").await["kind"], "mute_request");
    visit.say(&patient, &ask(visit.doctor));
    assert_eq!(patient.hears("error").await["code"], "forbidden");
    visit.say(&doctor, &ask(ParticipantId::new()));
    assert_eq!(doctor.hears("error").await["code"], "not_here");
}

#[tokio::test]
async fn with_relays_only_no_address_reaches_the_other() {
    let visit = Visit::new();
    let rows = |participant, role, tab| {
        let joining = visit.joining(participant, role, tab, at(0));
        visit.seat(Joining { policy: IcePolicy::Relay, admitted: true, ..joining })
    };
    let mut doctor = rows(visit.doctor, Role::Clinician, "d");
    let patient = rows(visit.patient, Role::Patient, "p");
    doctor.heard().await;
    let mut offer = sdp(visit.doctor, &visit.pc(), 1);
    let text = format!("v=0\r\n{MARK}\r\nc=IN IP4 203.0.113.9\r\na={WAY}\r\n");
    offer["desc"]["sdp"] = json!(text);
    visit.say(&patient, &offer);
    visit.say(&patient, &ice(visit.doctor, &visit.pc(), 1));
    let heard = doctor.heard().await;
    assert_eq!(heard.len(), 1, "the way of a host is kept back: {heard:#?}");
    assert_eq!(heard[0]["desc"]["sdp"], json!(format!("v=0\r\n{MARK}\r\nc=IN IP4 0.0.0.0\r\n")));
}

#[tokio::test]
async fn a_connection_is_called_lost_by_who_has_it_and_not_often() {
    let visit = Visit::new();
    let (mut doctor, mut patient) = visit.met().await;
    let lost = |page: &Page, pc: &str, second: i64| {
        let message = json!({"t": "quality", "pc": pc, "failed": true}).to_string();
        visit.hub.handle(&page.seat, &message, at(second))
    };
    let epoch = |topology: &Value| topology["epoch"].as_i64().unwrap();
    let pc = |epoch| pc_id(visit.doctor, visit.patient, epoch);
    lost(&patient, &pc(7), 1);
    assert!(doctor.heard().await.is_empty(), "no connection of theirs");
    for (nth, second) in [(2, 1), (3, 12), (4, 23)] {
        lost(&patient, &pc(nth - 1), second);
        assert_eq!(epoch(&doctor.hears("topology").await), nth);
    }
    lost(&patient, &pc(4), 34);
    assert_eq!(patient.hears("error").await["code"], "rate_limited");
    // The other has a number of their own; coming back gives no new one.
    lost(&doctor, &pc(4), 35);
    assert_eq!(epoch(&patient.hears("topology").await), 5);
    let mut patient = visit.join(visit.patient, Role::Patient, "p", at(46));
    lost(&patient, &pc(5), 46);
    assert_eq!(patient.hears("error").await["code"], "rate_limited");
    lost(&patient, &pc(5), 130);
    assert_eq!(epoch(&doctor.hears("topology").await), 6);
}
