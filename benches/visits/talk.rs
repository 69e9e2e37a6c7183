//! What two pages say to set up a connection, in the words of each server: an offer and an answer of
//! four kilobytes and eight ways from each side, every one a message of its own. Each carries when
//! it was sent.

use std::fmt::Write as _;

use serde_json::{Value, json};

/// Before the time in a message; nothing else in it looks so.
const MARK: &[u8] = b"Zq";
/// Digits of the time: microseconds, hexadecimal.
const DIGITS: usize = 12;
/// Bytes of a description.
const DESCRIPTION: usize = 4096;
/// Ways from each side.
pub(crate) const WAYS: u32 = 8;
/// Messages of one set-up.
pub(crate) const MESSAGES: u32 = 2 + 2 * WAYS;

/// Whose words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Onshin,
    PeerServer,
    YWebrtc,
    /// The server that looks at nothing but the name.
    Bare,
}

/// What is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    Offer,
    Answer,
    Way,
}

const SAID: [Said; 3] = [Said::Offer, Said::Answer, Said::Way];

/// To whom, over which connection.
#[derive(Clone, Debug)]
pub(crate) struct Way<'a> {
    pub(crate) to: &'a str,
    pub(crate) pc: &'a str,
}

/// The messages of one end, each split where its time stands.
#[derive(Debug)]
pub(crate) struct Talk {
    dialect: Dialect,
    texts: [(String, String); 3],
}

/// Numbers that only Onshin's pages give.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Numbers {
    pub(crate) id: u64,
    pub(crate) ack: u64,
    pub(crate) neg: u32,
}

impl Talk {
    pub(crate) fn new(dialect: Dialect, way: &Way<'_>) -> Self {
        let split = |said| {
            let text = message(dialect, way, said).to_string();
            let (before, after) = text.split_once("TIME").unwrap();
            // The numbers come first.
            (before[1..].to_owned(), after.to_owned())
        };
        Self { dialect, texts: SAID.map(split) }
    }

    /// Writes what is said at a time, in microseconds.
    pub(crate) fn write(&self, text: &mut String, said: Said, at: u64, numbers: Numbers) {
        let (before, after) = &self.texts[said as usize];
        let Numbers { id, ack, neg } = numbers;
        text.clear();
        text.push('{');
        if self.dialect == Dialect::Onshin {
            // Its kind comes first, as pages write it.
            let kind = if said == Said::Way { "ice" } else { "sdp" };
            write!(text, r#""t":"{kind}","id":{id},"ack":{ack},"neg":{neg},"#).unwrap();
        }
        text.push_str(before);
        write!(text, "Zq{}{at:012x}", said as u8).unwrap();
        text.push_str(after);
    }
}

/// What was said and when, if it is one of these messages.
pub(crate) fn read(text: &[u8]) -> Option<(Said, u64)> {
    let at = text.windows(MARK.len()).take(1024).position(|bytes| bytes == MARK)? + MARK.len();
    let said = *SAID.get(usize::from(text.get(at)?.wrapping_sub(b'0')))?;
    let digits = text.get(at + 1..=at + DIGITS)?;
    Some((said, u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?))
}

fn message(dialect: Dialect, Way { to, pc }: &Way<'_>, said: Said) -> Value {
    let desc = |kind| json!({ "type": kind, "sdp": description() });
    let way = json!({
        "candidate": "candidate:TIME 1 udp 1677729535 203.0.113.9 46154 typ srflx \
            raddr 192.168.1.5 rport 46154 generation 0 ufrag Abcd network-id 1 network-cost 10",
        "sdpMid": "0",
        "sdpMLineIndex": 0,
        "usernameFragment": "Abcd",
    });
    match (dialect, said) {
        (Dialect::Onshin, Said::Offer) => {
            json!({ "to": to, "pc": pc, "desc": desc("offer") })
        }
        (Dialect::Onshin, Said::Answer) => {
            json!({ "to": to, "pc": pc, "desc": desc("answer") })
        }
        (Dialect::Onshin, Said::Way) => json!({ "to": to, "pc": pc, "cands": [way] }),
        (Dialect::PeerServer, said) => {
            let (kind, what) = match said {
                Said::Offer => ("OFFER", ("sdp", desc("offer"))),
                Said::Answer => ("ANSWER", ("sdp", desc("answer"))),
                Said::Way => ("CANDIDATE", ("candidate", way)),
            };
            let payload = json!({ "type": "media", "connectionId": pc, what.0: what.1 });
            json!({ "type": kind, "dst": to, "payload": payload })
        }
        (Dialect::YWebrtc | Dialect::Bare, said) => {
            let signal = match said {
                Said::Offer => desc("offer"),
                Said::Answer => desc("answer"),
                Said::Way => json!({ "type": "candidate", "candidate": way }),
            };
            json!({ "type": "publish", "topic": to, "from": pc, "signal": signal })
        }
    }
}

/// A description as browsers write them, of sound and a picture.
fn description() -> String {
    let mut sdp = String::from("v=0\r\no=- TIME 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n");
    for (mid, kind) in ["audio", "video"].into_iter().enumerate() {
        write!(
            sdp,
            "m={kind} 9 UDP/TLS/RTP/SAVPF 96 97 98 99 100\r\nc=IN IP4 0.0.0.0\r\n\
             a=rtcp:9 IN IP4 0.0.0.0\r\na=ice-ufrag:Abcd\r\na=ice-pwd:asd88fgpdd777uzjYhagZg12\r\n\
             a=ice-options:trickle\r\na=fingerprint:sha-256 {}\r\na=setup:actpass\r\na=mid:{mid}\r\n\
             a=sendrecv\r\na=rtcp-mux\r\n",
            vec!["AB"; 32].join(":")
        )
        .unwrap();
        let mut codec = 96;
        while sdp.len() < DESCRIPTION * (mid + 1) / 2 {
            write!(
                sdp,
                "a=rtpmap:{codec} H264/90000\r\na=rtcp-fb:{codec} nack pli\r\n\
                 a=fmtp:{codec} level-asymmetry-allowed=1;packetization-mode=1\r\n"
            )
            .unwrap();
            codec += 1;
        }
    }
    sdp
}
