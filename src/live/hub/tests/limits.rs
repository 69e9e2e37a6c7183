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
    let text = format!("v=0{}", "x".repeat(90_000));
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
        message["desc"]["sdp"] = json!(format!("v=0{}", "x".repeat(90_000)));
        visit.hub.handle(&doctor.seat, &message.to_string(), at(1));
        heard += patient.heard().await.iter().filter(|message| message["t"] == "sdp").count();
    }
    assert_eq!(heard, 40);
}
