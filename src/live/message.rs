//! The messages of `tele.v1`: JSON texts with their kind in `t`. What a page sends is read
//! strictly, because the other page is what it would reach; what a page gets is written here and
//! never passed through as it came.

use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

use crate::engine::visit::{Kind, Role, VisitState};
use crate::model::ParticipantId;
use crate::time::Instant;

mod strict;
#[cfg(test)]
mod tests;

/// Largest frame that carries a description, in bytes; the door needs no larger limit.
pub const FRAME_MOST: usize = 128 * 1024;
/// Largest frame of any other kind, in bytes.
const PLAIN_FRAME_MOST: usize = 16 * 1024;
/// Longest description, in bytes, and the most media sections it may have.
const SDP_MOST: usize = 96 * 1024;
const MEDIA_LINES_MOST: usize = 40;
/// Longest candidate, in bytes, and the most of them in one message.
const CANDIDATE_MOST: usize = 512;
const CANDIDATES_MOST: usize = 20;
/// Longest line of chat, in characters.
const CHAT_MOST: usize = 2_000;
/// Longest name that a page gives to something (a tab, a line of chat, a connection), in bytes.
const NAME_MOST: usize = 128;
/// Longest ticket and longest reason, in bytes.
const TEXT_MOST: usize = 512;

/// What a page says.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case", deny_unknown_fields)]
pub enum ClientMessage {
    /// Who is there: a ticket that is good once. `tab` names the page, so that one that comes back
    /// can be told from one that was loaded anew.
    Hello {
        ticket: String,
        tab: Option<String>,
        caps: Option<Vec<String>>,
    },
    Precheck {
        result: Precheck,
    },
    Knock {},
    Admit {
        participant: ParticipantId,
    },
    Deny {
        participant: ParticipantId,
    },
    Sdp {
        to: ParticipantId,
        pc: String,
        neg: u32,
        desc: Description,
    },
    Ice {
        to: ParticipantId,
        pc: String,
        neg: u32,
        cands: Vec<Candidate>,
        end: Option<bool>,
    },
    State(Media),
    Quality(Quality),
    Chat {
        text: String,
        client_id: Option<String>,
    },
    End {
        reason: Option<String>,
    },
    Leave {},
    Turn {},
    Ping {
        ts: Number,
    },
}

/// What a page found out about its devices and its line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Precheck {
    /// There is a picture.
    pub camera: bool,
    /// There is sound.
    pub microphone: bool,
    /// The patient heard the tone.
    pub speaker: bool,
    /// What the line check said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<Line>,
}

/// What the line check said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// Good enough.
    Ok,
    /// Usable.
    Degraded,
    /// Not usable.
    Failed,
}

/// A description of a connection, as browsers exchange it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// Offer or answer; a rollback is each side's own affair.
    #[serde(rename = "type")]
    pub kind: DescriptionKind,
    /// The text.
    pub sdp: String,
}

/// Which half of a negotiation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DescriptionKind {
    /// The first half.
    Offer,
    /// The second half.
    Answer,
}

/// A way on which a connection could run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Candidate {
    /// The candidate's line.
    pub candidate: String,
    /// The media section by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sdp_mid: Option<String>,
    /// The media section by place.
    #[serde(rename = "sdpMLineIndex", skip_serializing_if = "Option::is_none")]
    pub sdp_m_line_index: Option<u16>,
    /// Which negotiation it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username_fragment: Option<String>,
}

/// What a person has switched on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Media {
    /// The microphone.
    pub audio: bool,
    /// The camera.
    pub video: bool,
    /// The screen is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub screen: Option<bool>,
    /// The hand is up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hand: Option<bool>,
}

/// How good a connection is, as one of its ends measured it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quality {
    /// Which connection.
    pub pc: String,
    /// Round trip, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rtt_ms: Option<f64>,
    /// Part of the packets that were lost, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loss: Option<f64>,
    /// Jitter, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jitter_ms: Option<f64>,
    /// Pictures shown per second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fps: Option<f64>,
    /// Pictures decoded since the connection began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frames_decoded: Option<u64>,
    /// Whether it runs over a relay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relay: Option<bool>,
    /// The page's own verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
}

/// A message with the number that its sender gave it.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// The sender's number; answers carry it as `re`.
    pub id: Option<u64>,
    /// The message.
    pub message: ClientMessage,
}

/// A text that is no message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadMessage {
    /// Longer than its kind may be.
    #[error("message too large")]
    TooLarge,
    /// Not JSON, a field missing, doubled, unknown or of the wrong kind.
    #[error("malformed message: {0}")]
    Malformed(String),
    /// A kind that this server does not know: a newer page may send it.
    #[error("unknown type of message")]
    UnknownType {
        /// The sender's number.
        id: Option<u64>,
    },
    /// A field beyond its limits.
    #[error("invalid {0}")]
    Invalid(&'static str),
}

impl BadMessage {
    /// Its name in `error.code`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::Malformed(_) => "malformed",
            Self::UnknownType { .. } => "unknown_type",
            Self::Invalid(_) => "invalid",
        }
    }
}

/// Reads a message.
///
/// # Errors
///
/// [`BadMessage`] says which rule the text breaks.
pub fn parse(text: &str) -> Result<ClientMessage, BadMessage> {
    read(text).map(|frame| frame.message)
}

/// Reads a message and its sender's number.
///
/// # Errors
///
/// As [`parse`].
pub fn read(text: &str) -> Result<Frame, BadMessage> {
    if text.len() > FRAME_MOST {
        return Err(BadMessage::TooLarge);
    }
    let malformed = |why: serde_json::Error| BadMessage::Malformed(why.to_string());
    let mut fields = strict::object(text).map_err(malformed)?;
    let id = match fields.remove("id") {
        None => None,
        Some(Value::Number(id)) if id.is_u64() => id.as_u64(),
        Some(_) => return Err(BadMessage::Malformed("id is not a number".to_owned())),
    };
    let Some(Value::String(name)) = fields.get("t") else {
        return Err(BadMessage::Malformed("t is missing".to_owned()));
    };
    let kind = Kind::named(name).ok_or(BadMessage::UnknownType { id })?;
    if kind != Kind::Sdp && text.len() > PLAIN_FRAME_MOST {
        return Err(BadMessage::TooLarge);
    }
    let message: ClientMessage =
        serde_json::from_value(Value::Object(fields)).map_err(malformed)?;
    message.check()?;
    Ok(Frame { id, message })
}

impl ClientMessage {
    /// Its kind.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Hello { .. } => Kind::Hello,
            Self::Precheck { .. } => Kind::Precheck,
            Self::Knock {} => Kind::Knock,
            Self::Admit { .. } => Kind::Admit,
            Self::Deny { .. } => Kind::Deny,
            Self::Sdp { .. } => Kind::Sdp,
            Self::Ice { .. } => Kind::Ice,
            Self::State(_) => Kind::State,
            Self::Quality(_) => Kind::Quality,
            Self::Chat { .. } => Kind::Chat,
            Self::End { .. } => Kind::End,
            Self::Leave {} => Kind::Leave,
            Self::Turn {} => Kind::Turn,
            Self::Ping { .. } => Kind::Ping,
        }
    }

    fn check(&self) -> Result<(), BadMessage> {
        match self {
            Self::Hello { ticket, tab, caps } => {
                most(ticket, TEXT_MOST, "ticket")?;
                most(tab.as_deref().unwrap_or_default(), NAME_MOST, "tab")?;
                ensure(caps.as_ref().is_none_or(|caps| caps.len() <= 32), "caps")
            }
            Self::Sdp { pc, desc, .. } => {
                most(pc, NAME_MOST, "pc")?;
                desc.check()
            }
            Self::Ice { pc, cands, .. } => {
                most(pc, NAME_MOST, "pc")?;
                ensure(cands.len() <= CANDIDATES_MOST, "cands")?;
                cands.iter().try_for_each(Candidate::check)
            }
            Self::Quality(quality) => quality.check(),
            Self::Chat { text, client_id } => {
                most(client_id.as_deref().unwrap_or_default(), NAME_MOST, "client_id")?;
                ensure(!text.trim().is_empty() && text.chars().count() <= CHAT_MOST, "text")
            }
            Self::End { reason } => {
                most(reason.as_deref().unwrap_or_default(), TEXT_MOST, "reason")
            }
            Self::Precheck { .. }
            | Self::Knock {}
            | Self::Admit { .. }
            | Self::Deny { .. }
            | Self::State(_)
            | Self::Leave {}
            | Self::Turn {}
            | Self::Ping { .. } => Ok(()),
        }
    }
}

impl Description {
    /// Looks at size and shape only: what is in it is for the two browsers to agree on.
    fn check(&self) -> Result<(), BadMessage> {
        most(&self.sdp, SDP_MOST, "sdp")?;
        ensure(self.sdp.starts_with("v=0"), "sdp")?;
        let media = self.sdp.lines().filter(|line| line.starts_with("m=")).count();
        ensure(media <= MEDIA_LINES_MOST, "sdp")
    }
}

impl Candidate {
    fn check(&self) -> Result<(), BadMessage> {
        most(&self.candidate, CANDIDATE_MOST, "candidate")?;
        most(self.sdp_mid.as_deref().unwrap_or_default(), NAME_MOST, "sdpMid")?;
        // RFC 8839 allows 256 characters.
        most(self.username_fragment.as_deref().unwrap_or_default(), 256, "usernameFragment")
    }
}

impl Quality {
    fn check(&self) -> Result<(), BadMessage> {
        most(&self.pc, NAME_MOST, "pc")?;
        let numbers = [self.rtt_ms, self.loss, self.jitter_ms, self.fps, self.score];
        ensure(numbers.into_iter().flatten().all(|n| (0.0..=1e9).contains(&n)), "quality")?;
        ensure(self.loss.unwrap_or_default() <= 1.0, "loss")
    }
}

fn most(text: &str, bytes: usize, what: &'static str) -> Result<(), BadMessage> {
    ensure(text.len() <= bytes, what)
}

fn ensure(holds: bool, what: &'static str) -> Result<(), BadMessage> {
    if holds { Ok(()) } else { Err(BadMessage::Invalid(what)) }
}

mod server;
pub use server::{
    Admission, Bye, Event, Me, Mode, PeerLink, Person, Presence, Reconnect, ServerMessage,
    Snapshot, Topology, Waiter,
};
