//! Zip archives, which an xlsx is too: their names, and the limits that keep a small upload from
//! unpacking into a large one. No path of an archive is ever opened or written.

use std::io::{Cursor, ErrorKind, Read};

use zip::ZipArchive;
use zip::read::ZipFile;

use super::Error;

/// How much an upload may unpack to. Tokyo's list, the largest, is about 100 MB of XML; a bureau's
/// ten prefectures, in one archive, workbook or sheet, about 300 MB.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of one entry, unpacked.
    pub entry: u64,
    /// Bytes of all workbooks of an upload, unpacked.
    pub total: u64,
    /// Entries of one archive.
    pub entries: usize,
    /// Bytes of a workbook's shared texts, which stay in memory while it is read.
    pub shared_texts: u64,
    /// Medical institutions of an upload. All of Japan has about 110,000.
    pub institutions: usize,
}

const MB: u64 = 1_000_000;

impl Default for Limits {
    fn default() -> Self {
        Self {
            entry: 400 * MB,
            total: 1_200 * MB,
            entries: 256,
            shared_texts: 48 * MB,
            institutions: 150_000,
        }
    }
}

/// What is left of the limits while an upload is read.
pub(super) struct Budget {
    limits: Limits,
    left: u64,
    institutions: usize,
}

impl Budget {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, left: limits.total, institutions: limits.institutions }
    }

    /// Takes one institution of those that may come.
    pub(super) fn institution(&mut self, file: &str) -> Result<(), Error> {
        self.institutions = self.institutions.checked_sub(1).ok_or_else(|| {
            let what = format!("more than {} institutions", self.limits.institutions);
            Error::TooLarge { file: file.to_owned(), what }
        })?;
        Ok(())
    }

    /// Takes `bytes` of what is left.
    fn take(&mut self, file: &str, bytes: u64) -> Result<(), Error> {
        let total = self.limits.total / MB;
        self.left =
            self.left.checked_sub(bytes).ok_or_else(|| too_large(file, total, "all entries"))?;
        Ok(())
    }
}

fn too_large(file: &str, megabytes: u64, of: &str) -> Error {
    Error::TooLarge { file: file.to_owned(), what: format!("{of} unpacked over {megabytes} MB") }
}

fn bad(file: &str, reason: impl std::fmt::Display) -> Error {
    Error::BadArchive { file: file.to_owned(), reason: format!("{reason}") }
}

/// What an upload is.
pub(super) enum Kind {
    /// An xlsx.
    Workbook,
    /// A zip that is none, so perhaps one that holds some.
    Archive,
}

/// Tells an xlsx from a zip of some by its contents.
pub(super) fn kind(file: &str, bytes: &[u8]) -> Result<Kind, Error> {
    if !bytes.starts_with(b"PK") {
        let expected = super::EXPECTED.to_owned();
        return Err(Error::NotAList { file: file.to_owned(), expected });
    }
    let archive = open(file, bytes)?;
    let workbook = archive.index_for_name("[Content_Types].xml").is_some();
    Ok(if workbook { Kind::Workbook } else { Kind::Archive })
}

fn open<'a>(file: &str, bytes: &'a [u8]) -> Result<ZipArchive<Cursor<&'a [u8]>>, Error> {
    ZipArchive::new(Cursor::new(bytes)).map_err(|error| bad(file, error))
}

/// A member of an archive, as it is handed on.
pub(super) enum Member<'a> {
    /// Its bytes, unpacked.
    File(std::borrow::Cow<'a, [u8]>),
    /// Not worth unpacking: by its name it is no xlsx, or one of dentists or pharmacies.
    Other,
}

/// Unpacks the members of a zip one after the other and hands each to `visit` with its full name.
pub(super) fn each_member(
    file: &str,
    bytes: &[u8],
    budget: &mut Budget,
    mut visit: impl FnMut(&str, Member<'_>, &mut Budget) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut archive = open(file, bytes)?;
    check_entries(file, archive.len(), budget)?;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|error| bad(file, error))?;
        if entry.is_dir() {
            continue;
        }
        let name = format!("{file}/{}", entry_name(&entry));
        if is_other(&name) {
            drop(entry);
            visit(&name, Member::Other, budget)?;
            continue;
        }
        let mut content = Vec::new();
        pump(&name, &mut entry, budget.limits.entry, |chunk| content.extend_from_slice(chunk))?;
        drop(entry);
        // The list itself is counted when its own entries are: this is only its packed form.
        visit(&name, Member::File(content.into()), budget)?;
    }
    Ok(())
}

fn check_entries(file: &str, entries: usize, budget: &Budget) -> Result<(), Error> {
    if entries > budget.limits.entries {
        let what = format!("more than {} entries", budget.limits.entries);
        return Err(Error::TooLarge { file: file.to_owned(), what });
    }
    Ok(())
}

/// Whether a member cannot be a list of medical institutions, by the words the bureaus use.
fn is_other(name: &str) -> bool {
    let name = name.to_lowercase();
    let hidden =
        name.contains("__macosx/") || name.rsplit('/').next().is_some_and(|n| n.starts_with('.'));
    let own = name.rsplit('/').next().unwrap_or_default();
    let others = ["歯科", "薬局", "_shika", "_yakkyoku", "yakkyoku_", "shika_"];
    // A mixed list of all three tables names 医科 too, or none of them.
    let other = others.iter().any(|word| own.contains(word)) && !own.contains("医科");
    let extension = own.rsplit_once('.').map(|(_, extension)| extension);
    hidden || other || !matches!(extension, Some("xlsx" | "xlsm" | "xls"))
}

/// The entry's name: UTF-8 where its flag (bit 11) says so, otherwise `Shift_JIS` (cp932).
fn entry_name<R: Read>(entry: &ZipFile<'_, R>) -> String {
    let raw = entry.name_raw();
    let marked = entry.flags().as_u16() & (1 << 11) != 0;
    let (shift_jis, _, wrong) = encoding_rs::SHIFT_JIS.decode(raw);
    match std::str::from_utf8(raw) {
        Ok(utf8) if marked || wrong => utf8.to_owned(),
        _ if marked => String::from_utf8_lossy(raw).into_owned(),
        _ => shift_jis.into_owned(),
    }
}

/// Reads an entry to its end and hands on its bytes; fails when there are more than `limit`,
/// whatever size its header claims.
fn pump(
    file: &str,
    entry: &mut impl Read,
    limit: u64,
    mut sink: impl FnMut(&[u8]),
) -> Result<u64, Error> {
    let mut buffer = vec![0; 64 * 1024];
    let mut count = 0_u64;
    loop {
        match entry.read(&mut buffer) {
            Ok(0) => return Ok(count),
            Ok(length) => {
                count += length as u64;
                if count > limit {
                    return Err(too_large(file, limit / MB, "an entry"));
                }
                sink(&buffer[..length]);
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(bad(file, error)),
        }
    }
}

/// Unpacks every entry of an xlsx once, into nothing, to see that it stays within the limits and
/// that no checksum fails; so the reader behind may trust it.
pub(super) fn check_workbook(file: &str, bytes: &[u8], budget: &mut Budget) -> Result<(), Error> {
    let mut archive = open(file, bytes)?;
    check_entries(file, archive.len(), budget)?;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|error| bad(file, error))?;
        let name = String::from_utf8_lossy(entry.name_raw()).to_lowercase();
        let mut head = Head::new(&name);
        let shared = is_shared_texts(&name);
        let limit = if shared { budget.limits.shared_texts } else { budget.limits.entry };
        let count = pump(file, &mut entry, limit, |chunk| head.look(chunk))?;
        head.check(file, count)?;
        budget.take(file, count)?;
    }
    Ok(())
}

/// Whether a part, its name in lower case, holds the shared texts, in whatever folder.
fn is_shared_texts(name: &str) -> bool {
    name.ends_with("sharedstrings.xml")
}

/// Looks at the bytes of an XML part for what would mislead its reader.
///
/// The reader reserves memory for as many shared texts as `uniqueCount` claims, so the claim is
/// held against the size of the part; and because the claim is looked for in bytes, parts in other
/// encodings than UTF-8 are refused (no spreadsheet program writes them).
struct Head {
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
    fn new(name: &str) -> Self {
        let extension = name.rsplit_once('.').map(|(_, extension)| extension);
        let xml = matches!(extension, Some("xml" | "rels"));
        let shared = is_shared_texts(name);
        Self { xml, shared, start: Vec::new(), tail: Vec::new(), claim: 0 }
    }

    fn look(&mut self, chunk: &[u8]) {
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

    fn check(&self, file: &str, size: u64) -> Result<(), Error> {
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

    fn member(name: &str) -> bool {
        !is_other(&format!("all.zip/{name}"))
    }

    #[test]
    fn members_are_told_by_the_words_of_the_bureaus() {
        assert!(member("13届出受理医療機関名簿（医科）東京r0711.xlsx"));
        assert!(member("sub/2026.5_sisetukijun_osaka_ika.xlsx"));
        assert!(member("34_広島_届出受理医療機関名簿.xlsx"));
        assert!(member("医科・歯科・薬局.xlsx"));
        assert!(!member("r7_10_shisetsu_saga_shika_02.xlsx"));
        assert!(!member("r7_10_shisetsu_saga_yakkyoku_02.xlsx"));
        assert!(!member("02_01 香川 歯科 届出受理医療機関名簿.xlsx"));
        assert!(!member("読んでください.txt"));
        assert!(!member("__MACOSX/._13.xlsx"));
    }

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
