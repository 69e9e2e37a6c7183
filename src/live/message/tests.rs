use proptest::prelude::*;
use serde_json::json;

use super::limits::*;
use super::*;

/// A key, as every description names one.
const MARK: &str = "a=fingerprint:sha-256 0A:1B:2C";

const ID: &str = "01930000-0000-7000-8000-000000000001";

/// One good message of each kind, as the page writes it.
fn good() -> Vec<Value> {
    vec![
        json!({"t": "hello", "id": 1, "ticket": "t", "tab": "x", "caps": []}),
        json!({"t": "precheck", "id": 2,
            "result": {"camera": true, "microphone": true, "speaker": false, "line": "degraded"}}),
        json!({"t": "knock", "id": 3}),
        json!({"t": "admit", "id": 4, "participant": ID}),
        json!({"t": "deny", "id": 5, "participant": ID}),
        json!({"t": "hold", "id": 15, "participant": ID}),
        json!({"t": "consent", "id": 16, "participant": ID, "yes": true}),
        json!({"t": "sdp", "id": 6, "to": ID, "pc": "p", "neg": 1,
            "desc": {"type": "offer",
                "sdp": format!("v=0\r\n{MARK}\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n")}}),
        json!({"t": "ice", "id": 7, "to": ID, "pc": "p", "neg": 1, "end": true,
            "cands": [{"candidate": "candidate:1 1 udp 1 192.0.2.1 9 typ host", "sdpMid": null,
                "sdpMLineIndex": 0, "usernameFragment": "abcd"}]}),
        json!({"t": "ready", "id": 17, "pc": "p"}),
        json!({"t": "state", "id": 8, "audio": true, "video": false, "screen": true,
            "screen_mid": "2", "video_off_by": "line"}),
        json!({"t": "quality", "id": 9, "pc": "p", "rtt_ms": 12.5, "loss": 0.01, "jitter_ms": 3.2,
            "fps": 29.97, "relay": false, "frames_decoded": 300, "audio_ok": true, "failed": false,
            "from": [{"participant": ID, "frames_decoded": 7}]}),
        json!({"t": "chat", "id": 10, "text": "hello", "client_id": "c1"}),
        json!({"t": "caption", "id": 18, "text": "hello", "lang": "ja", "final": false}),
        json!({"t": "remove", "id": 19, "participant": ID}),
        json!({"t": "mute_request", "id": 20, "participant": ID}),
        json!({"t": "end", "id": 11, "reason": "done"}),
        json!({"t": "leave", "id": 12}),
        json!({"t": "turn", "id": 13}),
        json!({"t": "ack", "id": 21, "ack": 40}),
        json!({"t": "ping", "id": 14, "ts": 1_764_547_200_000_u64}),
    ]
}

#[test]
fn a_good_message_of_every_kind_is_read() {
    let kinds: Vec<Kind> =
        good().iter().map(|text| parse(&text.to_string()).unwrap().kind()).collect();
    assert_eq!(kinds, Kind::ALL);
}

#[test]
fn an_unknown_field_is_refused_in_every_kind() {
    for mut value in good() {
        value["from"] = json!(ID);
        let result = parse(&value.to_string());
        assert!(matches!(result, Err(BadMessage::Malformed(_))), "{value} gave {result:?}");
    }
}

#[test]
fn an_unknown_kind_is_told_from_a_malformed_message() {
    assert_eq!(parse(r#"{"t":"wave","id":7}"#), Err(BadMessage::UnknownType { id: Some(7) }));
    for text in ["", "[]", "null", "{", "{}", r#"{"t":1}"#, r#"{"t":"knock","id":"1"}"#] {
        assert!(matches!(parse(text), Err(BadMessage::Malformed(_))), "{text}");
    }
}

#[test]
fn double_keys_are_refused_wherever_they_are() {
    for text in [
        r#"{"t":"knock","t":"leave"}"#,
        r#"{"t":"knock","id":1,"id":2}"#,
        r#"{"t":"chat","text":"a","text":"b"}"#,
        r#"{"t":"precheck","result":{"camera":true,"microphone":true,"speaker":true,"camera":false}}"#,
    ] {
        assert!(matches!(parse(text), Err(BadMessage::Malformed(_))), "{text}");
    }
}

fn sdp(text: &str) -> Result<ClientMessage, BadMessage> {
    let desc = json!({"type": "offer", "sdp": text});
    parse(&json!({"t": "sdp", "to": ID, "pc": "p", "neg": 1, "desc": desc}).to_string())
}

#[test]
fn descriptions_have_limits() {
    let of = |lines: usize| format!("v=0\r\n{MARK}\r\n{}", "m=audio 9\r\n".repeat(lines));
    assert!(sdp(&of(40)).is_ok());
    assert_eq!(sdp(&of(41)), Err(BadMessage::Invalid("sdp")));
    assert_eq!(sdp("m=audio 9"), Err(BadMessage::Invalid("sdp")));
    let start = format!("v=0\r\n{MARK}\r\n");
    let long = |bytes: usize| format!("{start}{}", "x".repeat(bytes - start.len()));
    assert!(sdp(&long(SDP_MOST)).is_ok());
    assert_eq!(sdp(&long(SDP_MOST + 1)), Err(BadMessage::Invalid("sdp")));
    assert_eq!(sdp(&long(FRAME_MOST)), Err(BadMessage::TooLarge));
}

#[test]
fn a_description_names_one_key_and_carries_none() {
    let marks = |marks: &[&str]| {
        let lines = marks.iter().map(|mark| format!("m=audio 9\r\na=fingerprint:{mark}\r\n"));
        sdp(&format!("v=0\r\n{}", lines.collect::<String>()))
    };
    assert!(marks(&["sha-256 0A:1B", "SHA-256 0a:1b"]).is_ok());
    assert!(marks(&["sha-512 0A:1B"]).is_ok());
    for wrong in
        [&[][..], &["sha-256 0A:1B", "sha-256 0A:1C"], &["sha-1 0A:1B"], &["md5 0A"], &[""]]
    {
        assert_eq!(marks(wrong), Err(BadMessage::Invalid("fingerprint")), "{wrong:?}");
    }
    let key = format!("v=0\r\n{MARK}\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\r\n");
    assert_eq!(sdp(&key), Err(BadMessage::Invalid("crypto")));
}

#[test]
fn candidates_and_chat_have_limits() {
    let ice = |bytes: usize, count: usize| {
        let cands = vec![json!({"candidate": "c".repeat(bytes)}); count];
        parse(&json!({"t": "ice", "to": ID, "pc": "p", "neg": 1, "cands": cands}).to_string())
    };
    assert!(ice(512, 20).is_ok());
    assert_eq!(ice(513, 1), Err(BadMessage::Invalid("candidate")));
    assert_eq!(ice(1, 21), Err(BadMessage::Invalid("cands")));
    let chat = |text: String| parse(&json!({"t": "chat", "text": text}).to_string());
    assert!(chat("診".repeat(2_000)).is_ok());
    assert_eq!(chat("a".repeat(2_001)), Err(BadMessage::Invalid("text")));
    assert_eq!(chat("a".repeat(17_000)), Err(BadMessage::TooLarge));
    assert_eq!(chat(" ".to_owned()), Err(BadMessage::Invalid("text")));
}

#[test]
fn a_hello_shows_a_ticket_or_a_token_and_any_frame_may_acknowledge() {
    let hello = |fields: &str| read(&format!(r#"{{"t":"hello","tab":"x"{fields}}}"#));
    assert!(hello(r#","ticket":"t""#).is_ok());
    let resume = r#","resume":{"token":"t","last_seq":7}"#;
    assert!(hello(resume).is_ok());
    assert_eq!(hello("").unwrap_err(), BadMessage::Invalid("ticket"));
    let both = hello(&format!(r#"{resume},"ticket":"t""#));
    assert_eq!(both.unwrap_err(), BadMessage::Invalid("ticket"));
    assert_eq!(read(r#"{"t":"knock","ack":3}"#).unwrap().ack, Some(3));
    assert!(matches!(read(r#"{"t":"knock","ack":-3}"#), Err(BadMessage::Malformed(_))));
    let caption = |text: String| {
        parse(&json!({"t": "caption", "text": text, "lang": "ja", "final": true}).to_string())
    };
    assert!(caption("診".repeat(500)).is_ok());
    assert_eq!(caption("a".repeat(501)), Err(BadMessage::Invalid("text")));
}

#[test]
fn deep_nesting_is_refused() {
    let text = format!(r#"{{"t":"chat","text":{}{}}}"#, "[".repeat(5_000), "]".repeat(5_000));
    assert!(matches!(parse(&text), Err(BadMessage::Malformed(_))));
}

/// As pages write it: what it is comes first.
fn kind_first(message: &Value) -> String {
    let mut rest = message.clone();
    let kind = rest.as_object_mut().unwrap().remove("t").unwrap();
    format!(r#"{{"t":{kind},{}"#, &rest.to_string()[1..])
}

/// What is read at once, and how it is read otherwise.
fn both(text: &str) -> [Option<Result<Frame, &'static str>>; 2] {
    let read = quick::read(text).map(|read| read.map_err(|bad| bad.code()));
    let other = read.is_some().then(|| super::of_any_kind(text).map_err(|bad| bad.code()));
    [read, other]
}

#[test]
fn what_is_read_at_once_is_read_as_all_else_is() {
    let good = good();
    let at_once: Vec<_> = good.iter().filter(|one| both(&kind_first(one))[0].is_some()).collect();
    assert_eq!(at_once.iter().map(|one| &one["t"]).collect::<Vec<_>>(), ["sdp", "ice"]);
    for one in at_once {
        for (field, value) in [
            ("id", json!(null)),
            ("id", json!("7")),
            ("ack", json!(-1)),
            ("ack", json!(1.0)),
            ("neg", json!(1.5)),
            ("neg", json!(u64::MAX)),
            ("to", json!(null)),
            ("to", json!("me")),
            ("end", json!(null)),
            ("further", json!(1)),
            ("pc", json!("p".repeat(129))),
            ("pc", json!("診".repeat(17_000))),
        ] {
            let mut other = one.clone();
            other[field] = value;
            let [quick, slow] = both(&kind_first(&other));
            assert!(quick.is_some());
            assert_eq!(quick, slow, "{other}");
        }
        let text = kind_first(one);
        for text in [
            text.replace(r#""neg":1"#, r#""neg":1,"neg":1"#),
            text.replace(r#""pc":"#, r#""t":"sdp","pc":"#),
            text.replace(r#""type":"#, r#""type":"offer","type":"#),
            text.replace(r#""candidate":"#, r#""candidate":"","candidate":"#),
            text.replace(r#""pc":"p""#, r#""\u0070c":"p""#),
            text.replace(r#""to":"#, r#""end":false,"to":"#),
            text[..text.len() - 1].to_owned(),
            text.clone() + "}",
        ] {
            let [quick, slow] = both(&text);
            assert_eq!(quick, slow, "{text}");
        }
    }
}

proptest! {
    /// A description or ways with one stretch replaced.
    #[test]
    fn what_is_changed_is_read_alike(
        which in 7..9_usize, at in 11..300_usize, len in 0..20_usize,
        with in "[a-z\\PC\"{}\\[\\]:,0-9]{0,6}",
    ) {
        let text: Vec<char> = kind_first(&good()[which]).chars().collect();
        let at = at.min(text.len());
        let end = (at + len).min(text.len());
        let text: String =
            text[..at].iter().copied().chain(with.chars()).chain(text[end..].iter().copied()).collect();
        let [quick, slow] = both(&text);
        prop_assert!(quick.is_some());
        prop_assert_eq!(quick, slow);
    }

    #[test]
    fn no_text_panics(text in any::<String>()) {
        let _ = parse(&text);
    }

    /// A good message with one stretch of it replaced.
    #[test]
    fn no_mutation_panics(
        which in 0..21_usize, at in 0..400_usize, len in 0..40_usize, with in "[\\PC\"{}\\[\\]:,0-9]{0,12}",
    ) {
        let text: Vec<char> = good()[which].to_string().chars().collect();
        let at = at.min(text.len());
        let end = (at + len).min(text.len());
        let mutated: String =
            text[..at].iter().copied().chain(with.chars()).chain(text[end..].iter().copied()).collect();
        let _ = parse(&mutated);
    }
}
