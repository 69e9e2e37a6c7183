//! Descriptions and ways, read at once into what they are. A page says little else while it connects,
//! and to read a text first as any JSON and then as its kind costs twice as much.

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};

use super::limits::PLAIN_FRAME_MOST;
use super::{BadMessage, Candidate, ClientMessage, Description, Frame, ParticipantId};

/// A text of one of the two kinds, as pages write it: its kind comes first. Nothing for any other.
pub(super) fn read(text: &str) -> Option<Result<Frame, BadMessage>> {
    let frame = if text.starts_with(r#"{"t":"sdp","#) {
        serde_json::from_str(text).map(Sdp::frame)
    } else if text.starts_with(r#"{"t":"ice","#) {
        serde_json::from_str(text).map(Ice::frame)
    } else {
        return None;
    };
    let frame = frame.map_err(|why| BadMessage::Malformed(why.to_string()));
    Some(frame.and_then(|frame| {
        let ways = matches!(frame.message, ClientMessage::Ice { .. });
        if ways && text.len() > PLAIN_FRAME_MOST {
            return Err(BadMessage::TooLarge);
        }
        frame.message.check()?;
        Ok(frame)
    }))
}

// A field that is there twice is refused by serde itself.

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sdp {
    #[serde(rename = "t")]
    _kind: IgnoredAny,
    #[serde(default, deserialize_with = "number")]
    id: Option<u64>,
    #[serde(default, deserialize_with = "number")]
    ack: Option<u64>,
    to: Option<ParticipantId>,
    pc: String,
    neg: u32,
    desc: Description,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ice {
    #[serde(rename = "t")]
    _kind: IgnoredAny,
    #[serde(default, deserialize_with = "number")]
    id: Option<u64>,
    #[serde(default, deserialize_with = "number")]
    ack: Option<u64>,
    to: Option<ParticipantId>,
    pc: String,
    neg: u32,
    cands: Vec<Candidate>,
    end: Option<bool>,
}

impl Sdp {
    fn frame(self) -> Frame {
        let Self { id, ack, to, pc, neg, desc, .. } = self;
        Frame { id, ack, message: ClientMessage::Sdp { to, pc, neg, desc } }
    }
}

impl Ice {
    fn frame(self) -> Frame {
        let Self { id, ack, to, pc, neg, cands, end, .. } = self;
        Frame { id, ack, message: ClientMessage::Ice { to, pc, neg, cands, end } }
    }
}

/// A number that may be left out, but is one where it is there.
fn number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    u64::deserialize(from).map(Some)
}
