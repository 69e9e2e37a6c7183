//! Descriptions of connections (RFC 8866), line by line: the longest that pages say.

use super::client::{ensure, most};
use super::limits::{MEDIA_LINES_MOST, SDP_MOST};
use super::{BadMessage, Deserialize, Serialize};

/// Lines that are never in a description as it is passed on: ways are told one by one.
pub const WAYS: [&str; 3] = ["a=candidate:", "a=end-of-candidates", "a=remote-candidates:"];

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

impl Description {
    /// Looks at size and shape, and that exactly one key is named for all of it: what else is in it
    /// is for the two browsers to agree on.
    pub(super) fn check(&self) -> Result<(), BadMessage> {
        most(&self.sdp, SDP_MOST, "sdp")?;
        ensure(self.sdp.starts_with("v=0"), "sdp")?;
        let (mut media, mut first) = (0, None);
        for line in self.lines() {
            if line.starts_with("m=") {
                media += 1;
            } else if let Some(mark) = line.strip_prefix("a=fingerprint:") {
                let (mark, first) = (mark.trim(), *first.get_or_insert(mark.trim()));
                ensure(mark.eq_ignore_ascii_case(first), "fingerprint")?;
            } else {
                // Keys in the text (RFC 4568) would be known to whoever passes it on.
                ensure(!line.starts_with("a=crypto:"), "crypto")?;
            }
        }
        ensure(media <= MEDIA_LINES_MOST, "sdp")?;
        let algorithm = first.and_then(|mark| mark.split(' ').next()).unwrap_or_default();
        let known = ["sha-256", "sha-384", "sha-512"];
        ensure(known.iter().any(|one| algorithm.eq_ignore_ascii_case(one)), "fingerprint")
    }

    /// Its lines, without what ends them.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.ended_lines().map(|line| {
            let line = line.strip_suffix('\n').unwrap_or(line);
            line.strip_suffix('\r').unwrap_or(line)
        })
    }

    /// Whether it is what is passed on already: each line ended as it should be, none empty, and
    /// no way among them. Most are, and need not be written anew.
    pub fn is_tidy(&self) -> bool {
        self.ended_lines().all(|line| {
            let Some(text) = line.strip_suffix("\r\n") else { return false };
            let blank = text.ends_with(char::is_whitespace) || text.is_empty();
            !blank && !WAYS.iter().any(|start| text.starts_with(start))
        })
    }

    /// Its lines with their ends.
    fn ended_lines(&self) -> impl Iterator<Item = &str> {
        let sdp = self.sdp.as_str();
        let ends = memchr::memchr_iter(b'\n', sdp.as_bytes()).map(|end| end + 1);
        // The last may have no end.
        let ends = ends.chain(std::iter::once(sdp.len()));
        let mut from = 0;
        ends.map(move |end| &sdp[std::mem::replace(&mut from, end)..end]).filter(|l| !l.is_empty())
    }
}
