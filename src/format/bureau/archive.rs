//! Zip archives, which an xlsx is too: their names, and the limits that keep a small upload from
//! unpacking into a large one. No path of an archive is ever opened or written.

use std::io::{self, Cursor, ErrorKind, Read, Seek, SeekFrom};
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use zip::ZipArchive;
use zip::read::ZipFile;

use super::Error;
use super::head::{Head, is_shared_texts};

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
    /// Odd rows of an upload that are kept as they stand, for whoever corrects it.
    pub odd_rows: usize,
    /// Bytes of all of them.
    pub odd_bytes: usize,
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
            odd_rows: 10_000,
            odd_bytes: 16_000_000,
        }
    }
}

/// What is left of the limits while an upload is read.
#[derive(Clone)]
pub(super) struct Budget {
    limits: Limits,
    left: u64,
    institutions: usize,
    odd: Arc<OddRoom>,
}

/// Room for odd rows, one for all lists of an upload.
#[derive(Debug)]
pub(super) struct OddRoom {
    rows: AtomicUsize,
    bytes: AtomicUsize,
}

impl OddRoom {
    /// Takes the room of one row of so many bytes, if it is there. One thread takes rows in, so the
    /// two need not change together.
    pub(super) fn take(&self, bytes: usize) -> bool {
        let take = |room: &AtomicUsize, count| {
            let less = |left: usize| left.checked_sub(count);
            room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok()
        };
        take(&self.rows, 1) && take(&self.bytes, bytes)
    }
}

impl Budget {
    pub(super) fn new(limits: Limits) -> Self {
        let odd = OddRoom { rows: limits.odd_rows.into(), bytes: limits.odd_bytes.into() };
        let (left, institutions) = (limits.total, limits.institutions);
        Self { limits, left, institutions, odd: Arc::new(odd) }
    }

    /// The room for odd rows.
    pub(super) fn odd(&self) -> Arc<OddRoom> {
        Arc::clone(&self.odd)
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

/// A damaged archive, and what is wrong with it.
pub(super) fn bad(file: &str, reason: impl std::fmt::Display) -> Error {
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

/// The bytes of an xlsx whose sheets are still being checked: they cannot be read any more once a
/// check has failed, so what is unpacked from them stays within the limits too.
pub(super) struct Watched<'a> {
    bytes: Cursor<&'a [u8]>,
    refused: &'a AtomicBool,
}

impl Read for Watched<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.refused.load(Ordering::Relaxed) {
            return Err(io::Error::other("refused"));
        }
        self.bytes.read(buffer)
    }
}

impl Seek for Watched<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.bytes.seek(to)
    }
}

/// Unpacks every entry of an xlsx once, into nothing, to see that it stays within the limits and
/// that no checksum fails; so `read` may trust it. The sheets, nearly all of a list, are unpacked
/// while `read` is at them: what it makes of them counts only when nothing was wrong.
pub(super) fn checked<T>(
    file: &str,
    bytes: &[u8],
    budget: &mut Budget,
    read: impl FnOnce(Watched<'_>, &mut Budget) -> Result<T, Error>,
) -> Result<T, Error> {
    let mut archive = open(file, bytes)?;
    check_entries(file, archive.len(), budget)?;
    let sheet =
        |index: &usize| matches!(archive.name_for_index(*index), Some(Ok(name)) if is_sheet(&name));
    let (sheets, others): (Vec<_>, Vec<_>) = (0..archive.len()).partition(sheet);
    check_all(file, &mut archive, &others, budget)?;
    let refused = AtomicBool::new(false);
    let mut room = budget.clone();
    let (checked, read) = thread::scope(|scope| {
        let checked = scope.spawn(|| {
            let checked = check_all(file, &mut archive, &sheets, &mut room);
            refused.store(checked.is_err(), Ordering::Relaxed);
            checked
        });
        let read = read(Watched { bytes: Cursor::new(bytes), refused: &refused }, budget);
        (checked.join().unwrap_or_else(|panic| resume_unwind(panic)), read)
    });
    checked?;
    budget.left = room.left;
    read
}

/// Unpacks entries of an xlsx into nothing.
fn check_all(
    file: &str,
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    entries: &[usize],
    budget: &mut Budget,
) -> Result<(), Error> {
    for &index in entries {
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

/// Whether an xlsx counts its days from 1904 and not from 1900, by what its parts of this name say.
pub(super) fn counts_from_1904(file: &str, bytes: &[u8]) -> Result<bool, Error> {
    let mut archive = open(file, bytes)?;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(|error| bad(file, error))?;
        if !String::from_utf8_lossy(entry.name_raw()).to_lowercase().ends_with("workbook.xml") {
            continue;
        }
        let mut text = Vec::new();
        entry.take(MB).read_to_end(&mut text).map_err(|error| bad(file, error))?;
        if claims_1904(&String::from_utf8_lossy(&text)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether an attribute `date1904` in `xml` is true.
fn claims_1904(xml: &str) -> bool {
    xml.split("date1904").skip(1).any(|rest| {
        let value = rest.trim_start().strip_prefix('=').map_or("", str::trim_start);
        let value = value.trim_start_matches(['"', '\'']);
        value.starts_with('1') || value.starts_with("true")
    })
}

/// Whether a part is a sheet by its name, and so none of those that are held in memory: the reader
/// behind goes through `worksheets/sheet1.xml` cell by cell.
fn is_sheet(name: &str) -> bool {
    let own = name.rsplit_once("worksheets/sheet").and_then(|(_, own)| own.strip_suffix(".xml"));
    own.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::bureau::testing::{Packed, zipped};

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
    fn only_a_sheet_is_read_while_it_is_checked() {
        assert!(is_sheet("xl/worksheets/sheet1.xml") && is_sheet("xl/worksheets/sheet12.xml"));
        for other in [
            "xl/sharedStrings.xml",
            "xl/worksheets/sharedStrings.xml",
            "xl/worksheets/sheet/sharedStrings.xml",
            "xl/worksheets/sheet1.xml/styles.xml",
            "xl/worksheets/_rels/sheet1.xml.rels",
            "xl/workbook.xml",
        ] {
            assert!(!is_sheet(other), "{other}");
        }
    }

    #[test]
    fn days_from_1904_are_seen() {
        for yes in ["<workbookPr date1904=\"1\"/>", "<a date1904 = 'true'>"] {
            assert!(claims_1904(yes), "{yes}");
        }
        for no in ["<workbookPr/>", "<a date1904=\"0\"/>", "<a date1904='false'/>", "date1904"] {
            assert!(!claims_1904(no), "{no}");
        }
    }

    #[test]
    fn a_sheet_that_is_refused_is_not_read_to_its_end() {
        let sheet = vec![b' '; 50_001];
        let bytes = zipped(&[Packed::utf8("xl/worksheets/sheet1.xml", &sheet)]);
        let mut budget = Budget::new(Limits { entry: 50_000, ..Limits::default() });
        let read = checked("x", &bytes, &mut budget, |mut watched, _| {
            let stopped = (0..50_000_000).any(|_| {
                thread::yield_now();
                watched.rewind().unwrap();
                watched.read(&mut [0]).is_err()
            });
            assert!(stopped);
            Ok(())
        });
        assert!(matches!(read, Err(Error::TooLarge { .. })));
    }

    #[test]
    fn the_sheets_of_all_workbooks_count_together() {
        let sheet = vec![b' '; 30_000];
        let bytes = zipped(&[Packed::utf8("xl/worksheets/sheet1.xml", &sheet)]);
        let mut budget = Budget::new(Limits { total: 50_000, ..Limits::default() });
        let mut read = || checked("x", &bytes, &mut budget, |_, _| Ok(()));
        assert!(read().is_ok());
        assert!(matches!(read(), Err(Error::TooLarge { .. })));
    }
}
