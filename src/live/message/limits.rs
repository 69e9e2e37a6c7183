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
    };
}
