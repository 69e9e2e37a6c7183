//! What the server says.

use super::{
    Candidate, Description, IcePolicy, Instant, Limits, Media, Number, ParticipantId, Precheck,
    Quality, Role, Serialize, Value, VisitState,
};

/// What the server says.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum ServerMessage {
    /// The first message: who the page is and how everything stands.
    Welcome {
        session: String,
        /// Lets the same page come back without a ticket.
        resume_token: String,
        #[serde(rename = "self")]
        me: Me,
        limits: Limits,
        /// Seconds for which a place is kept after the socket is gone.
        grace_s: i64,
        /// Seconds between two pings.
        ping_s: u32,
        ice_servers: Value,
        /// Which paths media may take.
        policy: IcePolicy,
        snapshot: Box<Snapshot>,
    },
    /// The first message to a page that came back with its token. Its number is that of the message
    /// after which the count goes on.
    Resumed {
        /// All that was said meanwhile follows; otherwise the snapshot stands for it.
        continuity: bool,
        resume_token: String,
        ice_servers: Value,
        #[serde(skip_serializing_if = "Option::is_none")]
        snapshot: Option<Snapshot>,
    },
    /// How everything stands.
    Snapshot {
        snapshot: Snapshot,
    },
    /// Somebody waits, or no longer does.
    Waiting {
        event: Event,
        participant: ParticipantId,
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        role: Option<Role>,
        #[serde(skip_serializing_if = "Option::is_none")]
        since: Option<Instant>,
        /// Place in the queue, from 1.
        #[serde(skip_serializing_if = "Option::is_none")]
        position: Option<usize>,
        #[serde(skip_serializing_if = "Option::is_none")]
        precheck: Option<Precheck>,
        /// They were asked for more patience.
        #[serde(skip_serializing_if = "Option::is_none")]
        held: Option<bool>,
        /// The patient was asked whether they may come in.
        #[serde(skip_serializing_if = "Option::is_none")]
        asked: Option<bool>,
    },
    /// The reader's own place among those whom the clinician sees today.
    Place(QueuePlace),
    /// The patient is asked whether a third person may come in.
    ConsentRequest {
        participant: ParticipantId,
        name: String,
        role: Role,
    },
    Admitted {
        participant: ParticipantId,
    },
    Denied {
        participant: ParticipantId,
    },
    Held {
        participant: ParticipantId,
    },
    /// Somebody came, is looked for, or left.
    Participant {
        event: Event,
        #[serde(flatten)]
        person: Person,
    },
    /// Who connects to whom.
    Topology(Topology),
    /// Whose picture and sound come in which media section of the forwarding room's connection.
    Tracks {
        tracks: Vec<Track>,
    },
    /// `from` is absent when the forwarding room speaks.
    Sdp {
        #[serde(skip_serializing_if = "Option::is_none")]
        from: Option<ParticipantId>,
        pc: String,
        neg: u32,
        desc: Description,
    },
    /// `from` is absent when the forwarding room speaks.
    Ice {
        #[serde(skip_serializing_if = "Option::is_none")]
        from: Option<ParticipantId>,
        pc: String,
        neg: u32,
        cands: Vec<Candidate>,
        #[serde(skip_serializing_if = "Option::is_none")]
        end: Option<bool>,
    },
    State {
        from: ParticipantId,
        #[serde(flatten)]
        media: Media,
    },
    Quality {
        from: ParticipantId,
        #[serde(flatten)]
        quality: Quality,
    },
    Chat {
        from: ParticipantId,
        text: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        client_id: Option<String>,
    },
    Caption {
        from: ParticipantId,
        text: String,
        lang: String,
        #[serde(rename = "final")]
        is_final: bool,
    },
    /// The clinician asks for something that only the reader can do.
    Moderation {
        kind: Moderation,
    },
    /// The clinician calls the reader, who waits.
    Ring {},
    /// The clinician is late.
    Late {
        minutes: u32,
        #[serde(skip_serializing_if = "Option::is_none")]
        expected_at: Option<Instant>,
    },
    IceServers {
        ice_servers: Value,
    },
    Visit {
        state: VisitState,
    },
    /// A message was not taken.
    Error {
        #[serde(skip_serializing_if = "Option::is_none")]
        re: Option<u64>,
        code: &'static str,
        fatal: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_after_ms: Option<u32>,
    },
    /// The socket is about to be closed.
    Bye {
        code: &'static str,
        reason: &'static str,
        reconnect: Reconnect,
        /// Where the visit is, when it is not here.
        #[serde(skip_serializing_if = "Option::is_none")]
        url: Option<String>,
    },
    Pong {
        #[serde(skip_serializing_if = "Option::is_none")]
        re: Option<u64>,
        ts: Number,
    },
}

impl ServerMessage {
    /// Whether it has a number and is said again to a page that comes back: all but what is of the
    /// moment, and what is about the socket itself.
    pub const fn kept(&self) -> bool {
        !matches!(
            self,
            Self::Resumed { .. }
                | Self::Quality { .. }
                | Self::Caption { .. }
                | Self::Error { .. }
                | Self::Bye { .. }
                | Self::Pong { .. }
        )
    }
}

/// Who a page is.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Me {
    /// Their part in the visit.
    pub participant: ParticipantId,
    /// What they are.
    pub role: Role,
    /// What a page may do in this part.
    pub caps: &'static [&'static str],
}

/// What the clinician asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Moderation {
    /// That the microphone be switched off.
    MuteRequest,
}

/// A place among those whom the clinician sees today: numbers only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct QueuePlace {
    /// From 1.
    pub position: usize,
    /// How many come first.
    pub ahead: usize,
    /// When their turn is expected to come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_at: Option<Instant>,
    /// How late that is, in minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub late_min: Option<u32>,
}

/// One track of the forwarding room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Track {
    /// The media section.
    pub mid: String,
    /// Whose it is.
    pub participant: ParticipantId,
    /// What it is.
    pub kind: TrackKind,
}

/// What a track carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TrackKind {
    /// Sound.
    Audio,
    /// A camera's picture.
    Video,
    /// A screen.
    Screen,
}

/// What happened to a person or their place in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// Began to wait.
    Entered,
    /// Something about them changed.
    Updated,
    /// Came, or came back.
    Joined,
    /// Their socket is gone; their place is kept.
    Reconnecting,
    /// Is gone.
    Left,
}

/// Where a person is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// In the waiting room.
    Waiting,
    /// In the visit.
    Joined,
    /// The socket is gone; the place is kept.
    Reconnecting,
    /// Gone.
    Left,
}

/// A person as others see them.
#[derive(Clone, Debug, Serialize)]
pub struct Person {
    /// Their part in the visit.
    pub participant: ParticipantId,
    /// What they are.
    pub role: Role,
    /// How they are called.
    pub name: String,
    /// Where they are.
    pub state: Presence,
    /// What they have switched on, when they have said it.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub media: Option<Media>,
}

/// Somebody who waits, as the clinic sees them.
#[derive(Clone, Debug, Serialize)]
pub struct Waiter {
    /// Their part in the visit.
    pub participant: ParticipantId,
    /// How they are called.
    pub name: String,
    /// What they are.
    pub role: Role,
    /// Since when.
    pub since: Instant,
    /// What their page found out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub precheck: Option<Precheck>,
    /// They were asked for more patience.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub held: bool,
    /// The patient was asked whether they may come in.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub asked: bool,
}

/// Whether somebody is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Admission {
    /// Has not asked.
    None,
    /// Asked.
    Waiting,
    /// Yes.
    Admitted,
    /// No.
    Denied,
}

/// How everything stands, as one person may see it.
#[derive(Clone, Debug, Serialize)]
pub struct Snapshot {
    /// How far the visit has come.
    pub state: VisitState,
    /// Who takes part; to those who wait, only they themselves.
    pub participants: Vec<Person>,
    /// Who waits; the clinic only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting: Option<Vec<Waiter>>,
    /// Who connects to whom.
    pub topology: Topology,
    /// Whether the reader is let in.
    pub admission: Admission,
    /// The reader's place in the queue, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<usize>,
    /// The reader's place among those whom the clinician sees today.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<QueuePlace>,
}

/// Who connects to whom, as one person sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Topology {
    /// How.
    pub mode: Mode,
    /// Rises when connections have to be built anew.
    pub epoch: i64,
    /// To whom. In a forwarding room all of them have the one connection's name, and the reader is
    /// never polite: the page offers and the room answers.
    pub peers: Vec<PeerLink>,
    /// Connections that stay until the new ones carry pictures, by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keep: Vec<String>,
    /// The most that a page should send.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub video: Option<VideoCap>,
}

/// The most that a page should send of its camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct VideoCap {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Pictures a second.
    pub fps: u32,
    /// Kilobits a second.
    pub kbps: u32,
}

/// How people are connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// From page to page.
    P2p,
    /// Through the forwarding room.
    Room,
    /// Not at all.
    None,
}

/// A connection to one other person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PeerLink {
    /// The other one.
    pub participant: ParticipantId,
    /// The connection's name.
    pub pc: String,
    /// Whether the reader gives way when both offer at once.
    pub polite: bool,
}

/// Whether a page that was sent away may come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reconnect {
    /// At once; what it has is still good.
    Resume,
    /// With a new ticket.
    Rejoin,
    /// No.
    Never,
}

/// Why a socket is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bye {
    /// Too much that is no message.
    BadMessages,
    /// The same person is there with another page.
    Replaced,
    /// The visit is over.
    Ended,
    /// Too many messages, or too few read.
    TooMuch,
    /// The server is going away.
    Draining,
    /// The page said good-bye.
    Left,
    /// The page said nothing for too long.
    Silent,
    /// No ticket that is good; another will do.
    Unauthorized,
    /// There is no such visit for them.
    NoVisit,
    /// Their session is over: signed out, or the account was closed.
    SignedOut,
    /// The token is too old; a ticket will do.
    Expired,
    /// The clinician sent them out, or they are not invited any more.
    Removed,
    /// The visit is at another time now.
    Moved,
}

impl Bye {
    /// The close code of the socket.
    pub const fn close_code(self) -> u16 {
        match self {
            Self::BadMessages => 4400,
            Self::Unauthorized | Self::SignedOut | Self::Expired => 4401,
            Self::Removed => 4403,
            Self::NoVisit => 4404,
            Self::Silent => 4408,
            Self::Replaced => 4409,
            Self::Ended | Self::Moved => 4410,
            Self::TooMuch => 4429,
            Self::Draining => 4503,
            Self::Left => 1000,
        }
    }

    /// Its name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::BadMessages => "bad_message",
            Self::Replaced => "replaced",
            Self::Ended => "ended",
            Self::TooMuch => "too_much",
            Self::Draining => "draining",
            Self::Left => "left",
            Self::Silent => "silent",
            Self::Unauthorized => "unauthorized",
            Self::NoVisit => "no_visit",
            Self::SignedOut => "signed_out",
            Self::Expired => "expired",
            Self::Removed => "removed",
            Self::Moved => "moved",
        }
    }

    /// Whether the page may come back.
    pub const fn reconnect(self) -> Reconnect {
        match self {
            Self::Replaced
            | Self::Ended
            | Self::Left
            | Self::NoVisit
            | Self::SignedOut
            | Self::Removed
            | Self::Moved => Reconnect::Never,
            Self::Unauthorized | Self::Expired => Reconnect::Rejoin,
            Self::BadMessages | Self::TooMuch | Self::Silent | Self::Draining => Reconnect::Resume,
        }
    }

    /// The message that says it.
    pub const fn message(self) -> ServerMessage {
        let code = self.code();
        ServerMessage::Bye { code, reason: code, reconnect: self.reconnect(), url: None }
    }
}
