//! What an XML part of a workbook claims of itself, before anybody believes it.

use super::Error;
use super::archive::bad;

/// Whether a part, its name in lower case, holds the shared texts, in whatever folder.
pub(super) fn is_shared_texts(name: &str) -> bool {
    name.ends_with("sharedstrings.xml")
}

/// Looks at the bytes of an XML part for what would mislead its reader.
///
/// The reader reserves memory for as many shared texts as `uniqueCount` claims, so the claim is
/// held against the size of the part; and because the claim is looked for in bytes, parts in other
/// encodings than UTF-8 are refused (no spreadsheet program writes them).
pub(super) struct Head {
    xml: bool,
    shared: bool,
    start: Vec<u8>,
    tail: Vec<u8>,
    claim: u64,
}

const CLAIM: &[u8] = b"uniqueCount";
/// Within how many bytes behind its name a claim must be over.
const CLAIM_ROOM: usize = 64;

/// The first number in `text`; one that does not end in time is taken for endless.
fn claimed(text: &[u8]) -> u64 {
    let text = &text[..text.len().min(CLAIM_ROOM)];
    let start = text.iter().position(u8::is_ascii_digit).unwrap_or(text.len());
    let digits = text[start..].iter().take_while(|byte| byte.is_ascii_digit());
    let length = digits.clone().count();
    if start + length == CLAIM_ROOM {
        return u64::MAX;
    }
    digits.fold(0, |n: u64, byte| n.saturating_mul(10).saturating_add(u64::from(byte - b'0')))
}

impl Head {
    /// For a part of this name, in lower case.
    pub(super) fn new(name: &str) -> Self {
        let extension = name.rsplit_once('.').map(|(_, extension)| extension);
        let xml = matches!(extension, Some("xml" | "rels"));
        let shared = is_shared_texts(name);
        Self { xml, shared, start: Vec::new(), tail: Vec::new(), claim: 0 }
    }

    /// Looks at the next bytes.
    pub(super) fn look(&mut self, chunk: &[u8]) {
        let room = 256_usize.saturating_sub(self.start.len());
        self.start.extend_from_slice(&chunk[..room.min(chunk.len())]);
        if !self.shared {
            return;
        }
        // A claim may lie across two chunks, so the end of the last is looked at again.
        self.tail.extend_from_slice(chunk);
        let mut from = 0;
        while let Some(at) = find(&self.tail[from..], CLAIM) {
            from += at + CLAIM.len();
            self.claim = self.claim.max(claimed(&self.tail[from..]));
        }
        let done = self.tail.len().saturating_sub(CLAIM.len() + CLAIM_ROOM);
        self.tail.drain(..done);
    }

    /// Fails if they would mislead; the part has `size` bytes.
    pub(super) fn check(&self, file: &str, size: u64) -> Result<(), Error> {
        if !self.xml {
            return Ok(());
        }
        if !is_utf8(&self.start) {
            return Err(bad(file, "a part is not written in UTF-8"));
        }
        // The shortest shared text takes five bytes.
        if self.claim > size / 5 + 1 {
            return Err(bad(file, "more shared texts are announced than there is room for"));
        }
        Ok(())
    }
}

/// Whether an XML part that starts so is in UTF-8: no mark of another encoding, no zero byte, and
/// a declaration, if there is one, that is over within this start and names no other.
fn is_utf8(start: &[u8]) -> bool {
    if start.contains(&0) || start.starts_with(&[0xFE, 0xFF]) || start.starts_with(&[0xFF, 0xFE]) {
        return false;
    }
    let text = String::from_utf8_lossy(start).to_lowercase();
    let text: String = text.chars().filter(|c| !c.is_whitespace() && *c != '\u{feff}').collect();
    let Some(declaration) = text.strip_prefix("<?xml") else { return true };
    let Some((declaration, _)) = declaration.split_once("?>") else { return false };
    let named = declaration.split_once("encoding=").map(|(_, name)| name);
    named.is_none_or(|name| name.trim_start_matches(['"', '\'']).starts_with("utf-8"))
}

/// Where `needle` begins in `hay`.
fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    hay.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_encodings_are_seen_however_they_are_spelled() {
        assert!(is_utf8(b"<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?><a>"));
        assert!(is_utf8(b"\xEF\xBB\xBF<?xml version='1.0' encoding='utf-8'?>"));
        assert!(is_utf8(b"<sst/>") && is_utf8(b""));
        assert!(!is_utf8(b"<?xml version='1.0' encoding = 'ISO-2022-JP'?>"));
        assert!(!is_utf8(b"<?xml version='1.0'          "));
        assert!(!is_utf8(b"\xFF\xFE<\0s\0") && !is_utf8(b"<\0s\0") && !is_utf8(b"\xFE\xFF"));
    }

    #[test]
    fn a_claim_of_shared_texts_is_found_across_chunks() {
        let text = format!("{}<sst uniqueCount=\"4000000000\">", " ".repeat(300));
        for cut in 1..text.len() {
            let mut head = Head::new("xl/sharedstrings.xml");
            head.look(&text.as_bytes()[..cut]);
            head.look(&text.as_bytes()[cut..]);
            assert!(head.claim >= 4_000_000_000, "cut at {cut}: {}", head.claim);
            assert!(head.check("x", text.len() as u64).is_err());
        }
    }
}
