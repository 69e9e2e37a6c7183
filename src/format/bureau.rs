//! The regional health bureaus' lists of accepted institutions (届出受理医療機関名簿): the bytes of
//! an xlsx, or of a zip of them, become one [`FileListing`] per prefecture.
//!
//! All eight bureaus publish the same sheet of 24 columns; they differ in packing, in the names of
//! files and in scope. So nothing is taken from a file's name: what a file is, whose it is and of
//! which day is read from its cells.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::Lang;
use crate::model::register::{Listing, Warning, WarningCode};

mod archive;
mod beds;
pub mod criteria;
mod dates;
pub mod errors;
mod head;
mod listing;
mod part;
pub mod place;
mod rows;
mod sheet;
mod symbols;

pub use archive::Limits;
use archive::{Budget, Kind};
use criteria::Criteria;
use place::Municipalities;

/// The columns of a list, as every bureau's generator writes them (original files of October 2025).
/// Reading goes by these names and not by their places.
pub const HEADER: [&str; 24] = [
    "項番",
    "都道府県コード",
    "都道府県名",
    "区分",
    "医療機関番号",
    "併設医療機関番号",
    "医療機関記号番号",
    "医療機関名称",
    "医療機関所在地（郵便番号）",
    "医療機関所在地（住所）",
    "電話番号",
    "FAX番号",
    "病床数",
    "受理届出名称",
    "受理記号",
    "受理番号",
    "算定開始年月日",
    "個別有効開始年月日",
    "備考（見出し）",
    "備考（データ）",
    "市町村コード",
    "市町村名",
    "種別コード",
    "種別",
];

/// What [`Error::NotAList`] says was expected, where nothing more exact is known.
const EXPECTED: &str =
    "a list of medical institutions (届出受理医療機関名簿、医科) as xlsx, or a zip of such lists";

/// Why bytes could not be read as lists. Nothing has been kept when one of these is returned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It is something else.
    #[error("{file}: not a list of accepted institutions; expected {expected}")]
    NotAList {
        /// The file or member.
        file: String,
        /// What was expected of it.
        expected: String,
    },
    /// It would take more room than a list may.
    #[error("{file}: too large: {what}")]
    TooLarge {
        /// The file or member.
        file: String,
        /// Which limit it passes.
        what: String,
    },
    /// A zip or xlsx that is damaged, encrypted or contradicts itself.
    #[error("{file}: damaged archive: {reason}")]
    BadArchive {
        /// The file or member.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The title does not say of which day the list is (現在).
    #[error("{file}: the title above the header gives no as-of date (「令和…年…月…日 現在」)")]
    NoAsOf {
        /// The file or member.
        file: String,
    },
    /// The day of the list is still to come.
    #[error("{file}: the list is as of {as_of}, which is after today")]
    Future {
        /// The file or member.
        file: String,
        /// Of which day.
        as_of: chrono::NaiveDate,
    },
    /// The same prefecture and day twice, with different contents.
    #[error(
        "{file}: a second list of {prefecture} as of {as_of} with other contents; import them one by one"
    )]
    Contradiction {
        /// The second file or member.
        file: String,
        /// Whose list.
        prefecture: String,
        /// Of which day.
        as_of: chrono::NaiveDate,
    },
}

impl Error {
    /// The error as a sentence for the person who brought the file.
    pub fn message(&self, lang: Lang) -> String {
        if lang == Lang::En {
            return self.to_string();
        }
        match self {
            Self::NotAList { file, expected } => {
                let why = expected.strip_prefix(EXPECTED).unwrap_or(expected);
                format!(
                    "{file}：届出受理医療機関名簿（医科）のxlsxでも、それを収めたzipでもありません{}",
                    why.replace("; ", "。")
                )
            }
            Self::TooLarge { file, what } => format!("{file}：大きすぎます（{what}）"),
            Self::BadArchive { file, reason } => format!("{file}：壊れています（{reason}）"),
            Self::NoAsOf { file } => {
                format!(
                    "{file}：見出しの上に「令和…年…月…日 現在」がなく、いつの名簿か分かりません"
                )
            }
            Self::Future { file, as_of } => format!(
                "{file}：{}現在の名簿となっていますが、今日より後の日です",
                super::wareki::format(*as_of)
            ),
            Self::Contradiction { file, prefecture, as_of } => format!(
                "{file}：{prefecture}の{}現在の名簿が、内容の違うもう一つと重なっています。一つずつ取り込んでください",
                super::wareki::format(*as_of)
            ),
        }
    }
}

/// One prefecture's list and the file it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileListing {
    /// The file; `archive.zip/member.xlsx` in an archive, `file.xlsx#sheet` where there are several.
    pub file: String,
    /// SHA-256 of the xlsx, in lower-case hexadecimal: a member has the hash it has by itself.
    pub sha256: String,
    /// What it says.
    pub listing: Listing,
}

/// All that was read from one upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// At least one, in order of prefecture and as-of date: to be imported in this order.
    pub files: Vec<FileListing>,
    /// Members and sheets that were left out, and why. Those that look like lists are errors, which
    /// the first list counts too.
    pub skipped: Vec<Warning>,
}

impl Reading {
    /// Refuses lists of a day after `today`: a slip in a title would shut out all later lists.
    ///
    /// # Errors
    /// The first such list.
    pub fn until(&self, today: chrono::NaiveDate) -> Result<(), Error> {
        match self.files.iter().find(|file| file.listing.as_of > today) {
            None => Ok(()),
            Some(file) => Err(Error::Future { file: file.file.clone(), as_of: file.listing.as_of }),
        }
    }
}

/// Reads lists with the built-in criteria and municipalities and the usual limits.
pub fn read(file: &str, bytes: &[u8]) -> Result<Reading, Error> {
    let (criteria, places) = (super::seeds::criteria(), super::seeds::places());
    Reader { criteria, places, limits: Limits::default() }.read(file, bytes)
}

/// Reads lists with criteria, municipalities and limits of the caller's choice.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    /// Which symbols are followed.
    pub criteria: &'a Criteria,
    /// What an address is searched for.
    pub places: &'a Municipalities,
    /// How much room a list may take.
    pub limits: Limits,
}

impl Reader<'_> {
    /// Reads `bytes`, an xlsx or a zip of some, which came under the name `file`.
    pub fn read(&self, file: &str, bytes: &[u8]) -> Result<Reading, Error> {
        let mut budget = Budget::new(self.limits);
        let mut files = Vec::new();
        let mut skipped = Vec::new();
        match archive::kind(file, bytes)? {
            Kind::Workbook => {
                let (lists, unread) = self.workbook(file, bytes, &mut budget)?;
                if let ([], [first, ..]) = (lists.as_slice(), unread.as_slice()) {
                    let most = unread.iter().find(|one| one.list).unwrap_or(first);
                    let expected = format!("{EXPECTED}; {}", most.why);
                    return Err(Error::NotAList { file: file.to_owned(), expected });
                }
                files = lists;
                skipped.extend(unread.into_iter().map(Left::warning));
            }
            Kind::Archive => {
                archive::each_member(file, bytes, &mut budget, |name, content, budget| {
                    self.member(name, content, budget, &mut files, &mut skipped)
                })?;
            }
        }
        if files.is_empty() {
            return Err(Error::NotAList { file: file.to_owned(), expected: EXPECTED.to_owned() });
        }
        let mut files = without_repeats(files, &mut skipped)?;
        if let Some(first) = files.first_mut() {
            first.listing.errors.lists =
                skipped.iter().filter(|warning| warning.code.is_error()).count();
        }
        Ok(Reading { files, skipped })
    }

    /// Reads one member of an archive, or says why it is left out.
    fn member(
        &self,
        name: &str,
        content: archive::Member<'_>,
        budget: &mut Budget,
        files: &mut Vec<FileListing>,
        skipped: &mut Vec<Warning>,
    ) -> Result<(), Error> {
        let archive::Member::File(bytes) = content else {
            let why = "医科のxlsxではない (not an xlsx of medical institutions)".to_owned();
            skipped.push(Left { place: name.to_owned(), why, list: false }.warning());
            return Ok(());
        };
        let (lists, unread) = self.workbook(name, &bytes, budget)?;
        files.extend(lists);
        skipped.extend(unread.into_iter().map(Left::warning));
        Ok(())
    }

    /// Reads all sheets of one xlsx: their lists, and what gave none.
    fn workbook(
        &self,
        file: &str,
        bytes: &[u8],
        budget: &mut Budget,
    ) -> Result<(Vec<FileListing>, Vec<Left>), Error> {
        let sheets = archive::checked(file, bytes, budget, |watched, budget| {
            let from_1904 = archive::counts_from_1904(file, bytes)?;
            sheet::read(file, watched, from_1904, self, budget)
        })?;
        let sha256 = hex(&Sha256::digest(bytes));
        let named = |sheet: &str, alone: bool| {
            if alone { file.to_owned() } else { format!("{file}#{sheet}") }
        };
        let alone = sheets.lists.len() == 1;
        let lists = sheets.lists.into_iter().map(|(sheet, listing)| FileListing {
            file: named(&sheet, alone),
            sha256: sha256.clone(),
            listing,
        });
        let left = sheets.unread.into_iter().map(|unread| Left {
            place: named(&unread.sheet, sheets.count == 1),
            why: unread.why,
            list: unread.list,
        });
        Ok((lists.collect(), left.collect()))
    }
}

/// A member or sheet that was left out.
struct Left {
    place: String,
    why: String,
    /// Whether it looks like a list.
    list: bool,
}

impl Left {
    fn warning(self) -> Warning {
        let code = if self.list { WarningCode::UnreadList } else { WarningCode::SkippedMember };
        Warning { code, row: None, detail: format!("{}: {}", self.place, self.why) }
    }
}

/// Sorts by prefecture and day, and settles lists that come twice: equal ones once, a re-issue
/// instead of what it corrects. Two of one making and different contents nobody can settle.
fn without_repeats(
    mut files: Vec<FileListing>,
    skipped: &mut Vec<Warning>,
) -> Result<Vec<FileListing>, Error> {
    files.sort_by(|a, b| key(a).cmp(&key(b)));
    let mut kept: BTreeMap<(String, chrono::NaiveDate), FileListing> = BTreeMap::new();
    for file in files {
        let key = (file.listing.prefecture_code.clone(), file.listing.as_of);
        let Some(older) = kept.get(&key) else {
            kept.insert(key, file);
            continue;
        };
        if !says_the_same(older, &file) && !corrects(older, &file) {
            return Err(contradiction(file));
        }
        skipped.push(replaced(older, &file));
        kept.insert(key, file);
    }
    Ok(kept.into_values().collect())
}

/// The readings of several files that were brought together, with their lists in the order in which
/// they came. Lists that come twice are settled as within one archive, but what says the same twice
/// is left as it is: it changes nothing.
pub fn together(readings: Vec<Reading>) -> Result<Vec<Reading>, Error> {
    let mut kept: Vec<Reading> = Vec::new();
    for Reading { files, mut skipped } in readings {
        let mut own = Vec::new();
        for file in files {
            let before = kept.iter().flat_map(|reading| &reading.files);
            let before = before.chain(&own).find(|before| one_day(before, &file));
            let Some(before) = before.filter(|before| !says_the_same(before, &file)) else {
                own.push(file);
                continue;
            };
            if corrects(before, &file) {
                skipped.push(replaced(before, &file));
                for reading in &mut kept {
                    reading.files.retain(|before| !one_day(before, &file));
                }
                own.push(file);
            } else if corrects(&file, before) {
                skipped.push(replaced(&file, before));
            } else {
                return Err(contradiction(file));
            }
        }
        kept.push(Reading { files: own, skipped });
    }
    // What was left out is told with a list that is not.
    let (mut kept, emptied): (Vec<_>, Vec<_>) =
        kept.into_iter().partition(|reading| !reading.files.is_empty());
    if let Some(first) = kept.first_mut() {
        first.skipped.extend(emptied.into_iter().flat_map(|reading| reading.skipped));
    }
    Ok(kept)
}

/// Whether two lists are of one prefecture and one day.
fn one_day(one: &FileListing, other: &FileListing) -> bool {
    one.listing.prefecture_code == other.listing.prefecture_code
        && one.listing.as_of == other.listing.as_of
}

fn says_the_same(one: &FileListing, other: &FileListing) -> bool {
    one.listing.institutions == other.listing.institutions
        && one.listing.notifications == other.listing.notifications
}

/// Whether `newer` is a corrected issue of `older`: it was made later, or is called so.
fn corrects(older: &FileListing, newer: &FileListing) -> bool {
    let made = |file: &FileListing| file.listing.created_on;
    made(older) < made(newer)
        || (made(older) == made(newer) && is_reissue(&older.file, &newer.file))
}

fn contradiction(file: FileListing) -> Error {
    let Listing { prefecture, as_of, .. } = file.listing;
    Error::Contradiction { file: file.file, prefecture, as_of }
}

fn replaced(older: &FileListing, newer: &FileListing) -> Warning {
    let detail = format!("{}: {} が代わる (replaced by)", older.file, newer.file);
    Warning { code: WarningCode::RepeatedList, row: None, detail }
}

/// Whether `second` is the corrected issue of `first` by its name: Kinki puts an `s` before it.
fn is_reissue(first: &str, second: &str) -> bool {
    own_name(second).strip_prefix('s') == Some(own_name(first))
}

/// The name of a member without its folders.
fn own_name(file: &str) -> &str {
    file.rsplit('/').next().unwrap_or(file)
}

type Key<'a> = (&'a str, chrono::NaiveDate, Option<chrono::NaiveDate>, &'a str);

fn key(file: &FileListing) -> Key<'_> {
    let Listing { prefecture_code, as_of, created_on, .. } = &file.listing;
    (prefecture_code, *as_of, *created_on, &file.file)
}

/// Lower-case hexadecimal.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
pub mod testing;
#[cfg(test)]
mod tests;
