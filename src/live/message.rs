//! The messages of `tele.v1`: JSON texts with their kind in `t`. What a page sends is read
//! strictly, because the other page is what it would reach; what a page gets is written here and
//! never passed through as it came.

use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

use crate::engine::visit::{Kind, Role, VisitState};
use crate::model::ParticipantId;
use crate::model::facility::IcePolicy;
use crate::time::Instant;

mod client;
mod description;
mod limits;
mod quick;
mod server;
mod strict;
#[cfg(test)]
mod tests;

pub use client::{
    Candidate, ClientMessage, Line, Media, OffBy, Precheck, Quality, Received, Resume,
};
pub use description::{Description, DescriptionKind, WAYS};
pub use limits::{
    CANDIDATES, CANDIDATES_PER_NEG, CAPTIONS, CHAT, FRAME_MOST, GIVEN_UP, Limits, MESSAGES,
    PARTICIPANTS_MOST, Rate, WAITING_MOST,
};
pub use server::{
    Admission, Bye, Event, Me, Mode, Moderation, PeerLink, Person, Presence, QueuePlace, Reconnect,
    ServerMessage, Snapshot, Topology, Track, TrackKind, VideoCap, Waiter,
};

use limits::PLAIN_FRAME_MOST;

/// A message with the number that its sender gave it.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// The sender's number; answers carry it as `re`.
    pub id: Option<u64>,
    /// The highest `seq` that the sender has handled.
    pub ack: Option<u64>,
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
    quick::read(text).unwrap_or_else(|| of_any_kind(text))
}

/// Reads a message of any kind, whatever comes first in it.
fn of_any_kind(text: &str) -> Result<Frame, BadMessage> {
    let malformed = |why: serde_json::Error| BadMessage::Malformed(why.to_string());
    let mut fields = strict::object(text).map_err(malformed)?;
    let mut number = |name: &str| match fields.remove(name) {
        None => Ok(None),
        Some(Value::Number(number)) if number.is_u64() => Ok(number.as_u64()),
        Some(_) => Err(BadMessage::Malformed(format!("{name} is not a number"))),
    };
    let (id, ack) = (number("id")?, number("ack")?);
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
    Ok(Frame { id, ack, message })
}
