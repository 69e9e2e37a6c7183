//! What a page says, kind by kind, and the limits of each field.

use super::limits::{
    CANDIDATE_MOST, CANDIDATES_MOST, CAPTION_MOST, CHAT_MOST, LANG_MOST, NAME_MOST,
    PARTICIPANTS_MOST, TEXT_MOST,
};
use super::{BadMessage, Description, Deserialize, Kind, Number, ParticipantId, Serialize};

/// What a page says.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case", deny_unknown_fields)]
pub enum ClientMessage {
    /// Who is there: a ticket that is good once. `tab` names the page, so that one that comes back
    /// can be told from one that was loaded anew. A page that was seated before may show the token
    /// it was given instead of a ticket.
    Hello {
        ticket: Option<String>,
        resume: Option<Resume>,
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
    /// Asks somebody who waits for more patience.
    Hold {
        participant: ParticipantId,
    },
    /// The patient's answer to whether a third person may come in.
    Consent {
        participant: ParticipantId,
        yes: bool,
    },
    /// `to` is absent when the forwarding room is meant.
    Sdp {
        to: Option<ParticipantId>,
        pc: String,
        neg: u32,
        desc: Description,
    },
    /// `to` is absent when the forwarding room is meant.
    Ice {
        to: Option<ParticipantId>,
        pc: String,
        neg: u32,
        cands: Vec<Candidate>,
        end: Option<bool>,
    },
    /// The first picture of everybody on the connection was decoded, or it took too long.
    Ready {
        pc: String,
    },
    State(Media),
    Quality(Quality),
    Chat {
        text: String,
        client_id: Option<String>,
    },
    /// What is being said, in writing.
    Caption {
        text: String,
        lang: String,
        #[serde(rename = "final")]
        is_final: bool,
    },
    /// Sends somebody out for good.
    Remove {
        participant: ParticipantId,
    },
    /// Asks somebody to switch their microphone off; nobody else can.
    MuteRequest {
        participant: ParticipantId,
    },
    End {
        reason: Option<String>,
    },
    Leave {},
    Turn {},
    /// Says nothing but the frame's `ack`.
    Ack {},
    Ping {
        ts: Number,
    },
}

/// What a page shows that was seated before.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resume {
    /// The token of the last `welcome` or `resumed`.
    pub token: String,
    /// The `seq` of the last message that the page handled.
    pub last_seq: u64,
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// The media section that carries the screen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub screen_mid: Option<String>,
    /// Why the camera is off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub video_off_by: Option<OffBy>,
}

/// Why a camera is off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OffBy {
    /// Its owner wants it so.
    User,
    /// The line carries only sound.
    Line,
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
    /// Sound comes through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audio_ok: Option<bool>,
    /// It was restarted in vain and has to be built anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<bool>,
    /// In a forwarding room: what came from each of the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Vec<Received>>,
    /// The page's own verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
}

/// What a page received from one other person in a forwarding room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Received {
    /// The other one.
    pub participant: ParticipantId,
    /// Pictures decoded since the connection began.
    pub frames_decoded: u64,
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
            Self::Hold { .. } => Kind::Hold,
            Self::Consent { .. } => Kind::Consent,
            Self::Sdp { .. } => Kind::Sdp,
            Self::Ice { .. } => Kind::Ice,
            Self::Ready { .. } => Kind::Ready,
            Self::State(_) => Kind::State,
            Self::Quality(_) => Kind::Quality,
            Self::Chat { .. } => Kind::Chat,
            Self::Caption { .. } => Kind::Caption,
            Self::Remove { .. } => Kind::Remove,
            Self::MuteRequest { .. } => Kind::MuteRequest,
            Self::End { .. } => Kind::End,
            Self::Leave {} => Kind::Leave,
            Self::Turn {} => Kind::Turn,
            Self::Ack {} => Kind::Ack,
            Self::Ping { .. } => Kind::Ping,
        }
    }

    pub(super) fn check(&self) -> Result<(), BadMessage> {
        match self {
            Self::Hello { ticket, resume, tab, caps } => {
                ensure(ticket.is_some() != resume.is_some(), "ticket")?;
                most(ticket.as_deref().unwrap_or_default(), TEXT_MOST, "ticket")?;
                let token = resume.as_ref().map(|resume| resume.token.as_str());
                most(token.unwrap_or_default(), TEXT_MOST, "resume")?;
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
            Self::Ready { pc } => most(pc, NAME_MOST, "pc"),
            Self::State(media) => {
                most(media.screen_mid.as_deref().unwrap_or_default(), NAME_MOST, "screen_mid")
            }
            Self::Quality(quality) => quality.check(),
            Self::Caption { text, lang, .. } => {
                most(lang, LANG_MOST, "lang")?;
                ensure(!text.trim().is_empty() && text.chars().count() <= CAPTION_MOST, "text")
            }
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
            | Self::Hold { .. }
            | Self::Consent { .. }
            | Self::Remove { .. }
            | Self::MuteRequest { .. }
            | Self::Leave {}
            | Self::Turn {}
            | Self::Ack {}
            | Self::Ping { .. } => Ok(()),
        }
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
        ensure(self.loss.unwrap_or_default() <= 1.0, "loss")?;
        ensure(self.from.as_ref().is_none_or(|from| from.len() < PARTICIPANTS_MOST), "from")
    }
}

pub(super) fn most(text: &str, bytes: usize, what: &'static str) -> Result<(), BadMessage> {
    ensure(text.len() <= bytes, what)
}

pub(super) fn ensure(holds: bool, what: &'static str) -> Result<(), BadMessage> {
    if holds { Ok(()) } else { Err(BadMessage::Invalid(what)) }
}
