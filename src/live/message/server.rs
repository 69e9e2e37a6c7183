//! What the server says.

use super::{
    Candidate, Description, Instant, Media, Number, ParticipantId, Precheck, Quality, Role,
    Serialize, Value, VisitState,
};

/// What the server says.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum ServerMessage {
    /// The first message: who the page is and how everything stands.
    Welcome {
        session: String,
        #[serde(rename = "self")]
        me: Me,
        /// Seconds for which a place is kept after the socket is gone.
        grace_s: i64,
        /// Seconds between two pings.
        ping_s: u32,
        ice_servers: Value,
        snapshot: Snapshot,
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
        since: Option<Instant>,
        /// Place in the queue, from 1.
        #[serde(skip_serializing_if = "Option::is_none")]
        position: Option<usize>,
        #[serde(skip_serializing_if = "Option::is_none")]
        precheck: Option<Precheck>,
    },
    Admitted {
        participant: ParticipantId,
    },
    Denied {
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
    Sdp {
        from: ParticipantId,
        pc: String,
        neg: u32,
        desc: Description,
    },
    Ice {
        from: ParticipantId,
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
    },
    Pong {
        #[serde(skip_serializing_if = "Option::is_none")]
        re: Option<u64>,
        ts: Number,
    },
}

/// Who a page is.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Me {
    /// Their part in the visit.
    pub participant: ParticipantId,
    /// What they are.
    pub role: Role,
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
    /// Since when.
    pub since: Instant,
    /// What their page found out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub precheck: Option<Precheck>,
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
}

/// Who connects to whom, as one person sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Topology {
    /// How.
    pub mode: Mode,
    /// Rises when connections have to be built anew.
    pub epoch: i64,
    /// To whom.
    pub peers: Vec<PeerLink>,
}

/// How people are connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// From page to page.
    P2p,
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
}

impl Bye {
    /// The close code of the socket.
    pub const fn close_code(self) -> u16 {
        match self {
            Self::BadMessages => 4400,
            Self::Replaced => 4409,
            Self::Ended => 4410,
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
        }
    }

    /// Whether the page may come back.
    pub const fn reconnect(self) -> Reconnect {
        match self {
            Self::Replaced | Self::Ended | Self::Left => Reconnect::Never,
            Self::BadMessages | Self::TooMuch | Self::Draining => Reconnect::Resume,
        }
    }

    /// The message that says it.
    pub const fn message(self) -> ServerMessage {
        let code = self.code();
        ServerMessage::Bye { code, reason: code, reconnect: self.reconnect() }
    }
}
