//! How much a page may say (video.md 6), and what of it pages are told.

use super::Serialize;

/// Largest frame that carries a description, in bytes; the door needs no larger limit.
pub const FRAME_MOST: usize = 128 * 1024;
/// Largest frame of any other kind, in bytes.
pub(super) const PLAIN_FRAME_MOST: usize = 16 * 1024;
/// Longest description, in bytes, and the most media sections it may have.
pub(super) const SDP_MOST: usize = 96 * 1024;
pub(super) const MEDIA_LINES_MOST: usize = 40;
/// Longest candidate, in bytes, and the most of them in one message.
pub(super) const CANDIDATE_MOST: usize = 512;
pub(super) const CANDIDATES_MOST: usize = 20;
/// Longest line of chat and longest caption, in characters.
pub(super) const CHAT_MOST: usize = 2_000;
pub(super) const CAPTION_MOST: usize = 500;
/// Longest name of a language (BCP 47), in bytes.
pub(super) const LANG_MOST: usize = 35;
/// Longest name that a page gives to something (a tab, a line of chat, a connection), in bytes.
pub(super) const NAME_MOST: usize = 128;
/// Longest ticket, token or reason, in bytes.
pub(super) const TEXT_MOST: usize = 512;
/// The most people who take part in one visit, and the most who wait for it.
pub const PARTICIPANTS_MOST: usize = 6;
pub const WAITING_MOST: usize = 20;

/// Candidates of one description.
pub const CANDIDATES_PER_NEG: usize = 64;

/// How often something may be said: a bucket of `burst` that fills by `per_minute`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Rate {
    /// How often in a minute.
    pub per_minute: i64,
    /// How often at once, after a rest.
    pub burst: i64,
}

/// Messages of all kinds.
pub const MESSAGES: Rate = Rate { per_minute: 50 * 60, burst: 200 };
/// Lines of chat.
pub const CHAT: Rate = Rate { per_minute: 60, burst: 5 };
/// Captions.
pub const CAPTIONS: Rate = Rate { per_minute: 5 * 60, burst: 5 };
/// Connections that a page calls lost for good. It restarts one for two minutes before.
pub const GIVEN_UP: Rate = Rate { per_minute: 1, burst: 3 };
/// Candidates, one by one.
pub const CANDIDATES: Rate = Rate { per_minute: 200, burst: 200 };

/// The limits as a page is told them, so that it need not run into them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// Largest frame with a description, in bytes.
    pub sdp_frame_bytes: usize,
    /// Largest frame of any other kind, in bytes.
    pub frame_bytes: usize,
    /// Longest description, in bytes.
    pub sdp_bytes: usize,
    /// Most media sections of a description.
    pub media_lines: usize,
    /// Longest candidate, in bytes.
    pub candidate_bytes: usize,
    /// Most candidates in one message.
    pub candidates: usize,
    /// Longest line of chat, in characters.
    pub chat_chars: usize,
    /// Longest caption, in characters.
    pub caption_chars: usize,
    /// Most candidates of one description.
    pub candidates_per_neg: usize,
    /// Candidates.
    pub candidate_rate: Rate,
    /// Messages of all kinds.
    pub message_rate: Rate,
    /// Lines of chat.
    pub chat_rate: Rate,
    /// Captions.
    pub caption_rate: Rate,
    /// Most people who take part.
    pub participants: usize,
    /// Most people who wait.
    pub waiting: usize,
}

impl Limits {
    /// What every page is told.
    pub const TOLD: Self = Self {
        sdp_frame_bytes: FRAME_MOST,
        frame_bytes: PLAIN_FRAME_MOST,
        sdp_bytes: SDP_MOST,
        media_lines: MEDIA_LINES_MOST,
        candidate_bytes: CANDIDATE_MOST,
        candidates: CANDIDATES_MOST,
        chat_chars: CHAT_MOST,
        caption_chars: CAPTION_MOST,
        candidates_per_neg: CANDIDATES_PER_NEG,
        candidate_rate: CANDIDATES,
        message_rate: MESSAGES,
        chat_rate: CHAT,
        caption_rate: CAPTIONS,
        participants: PARTICIPANTS_MOST,
        waiting: WAITING_MOST,
    };
}
