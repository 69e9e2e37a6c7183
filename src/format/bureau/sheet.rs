//! From a workbook to its lists. Sheets are streamed: one of 100 MB never stands in memory as a
//! whole, only the shared texts do.

use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Reader as _, SheetType, SheetVisible, Xlsx};
use unicode_normalization::UnicodeNormalization;

use super::archive::{Budget, Watched, bad};
use super::listing::{Came, Finished, Lists};
use super::rows::{self, Row};
use super::{Error, Reader};
use crate::model::register::Listing;

/// Within how many rows the header stands.
const HEADER_WITHIN: u32 = 15;
/// Within how many rows something like a header is looked for where none was found.
const LIKE_WITHIN: u32 = 200;
/// So many names of columns in one row look like a header.
const LIKE: usize = 4;

/// The columns that a list must have, by the names in its header (in NFKC).
pub(super) const COLUMNS: [&str; 11] = [
    "都道府県コード",
    "都道府県名",
    "区分",
    "医療機関番号",
    "医療機関名称",
    "医療機関所在地(住所)",
    "病床数",
    "受理届出名称",
    "受理記号",
    "受理番号",
    "算定開始年月日",
];
const POSTAL_CODE: &str = "医療機関所在地(郵便番号)";
const KIND: &str = "種別コード";
/// Other names that some of them have had, or may have: the column and the name.
const SYNONYMS: [(&str, &str); 5] = [
    ("医療機関所在地(住所)", "医療機関所在地"),
    ("医療機関名称", "医療機関名"),
    ("受理届出名称", "届出名称"),
    ("算定開始年月日", "算定開始日"),
    ("病床数", "許可病床数"),
];

/// Where each of [`COLUMNS`], the postal code and the code of the kind stand.
pub(super) struct Columns {
    at: [usize; COLUMNS.len()],
    postal_code: Option<usize>,
    kind: Option<usize>,
    /// Whether the workbook counts days from 1904: a bare number is no day then.
    pub(super) from_1904: bool,
}

/// A sheet that gave no list.
pub(super) struct Unread {
    /// Its name.
    pub(super) sheet: String,
    /// Why.
    pub(super) why: String,
    /// Whether it looks like a list, so that a prefecture may be missing.
    pub(super) list: bool,
}

/// What a workbook holds.
pub(super) struct Sheets {
    /// Each prefecture's list in each sheet, in the order of the workbook.
    pub(super) lists: Vec<(String, Listing)>,
    /// The sheets without one.
    pub(super) unread: Vec<Unread>,
    /// How many sheets there are.
    pub(super) count: usize,
}

impl<'a> Row<'a> {
    /// The cell of the column of this place in [`COLUMNS`], spaces at its ends removed.
    pub(super) fn cell(&self, columns: &Columns, place: usize) -> &'a str {
        self.text(columns.at[place]).trim()
    }

    /// The cell of the postal code.
    pub(super) fn postal_code(&self, columns: &Columns) -> &'a str {
        columns.postal_code.map_or("", |column| self.text(column).trim())
    }

    /// The cell of the kind's code: 22 is a hospital, 23 a clinic.
    pub(super) fn kind(&self, columns: &Columns) -> &'a str {
        columns.kind.map_or("", |column| self.text(column).trim())
    }

    /// The first cell that is read and holds an error of a spreadsheet.
    pub(super) fn error(&self, columns: &Columns) -> Option<&'a str> {
        let read = columns.at.iter().chain(&columns.postal_code).chain(&columns.kind);
        read.map(|column| self.text(*column).trim()).find(|cell| rows::is_error(cell))
    }
}

/// Reads all sheets of a workbook, whose days are counted from 1904 or not.
pub(super) fn read(
    file: &str,
    bytes: Watched<'_>,
    from_1904: bool,
    reader: &Reader<'_>,
    budget: &mut Budget,
) -> Result<Sheets, Error> {
    // The reader behind panics on a few packages that contradict themselves (a sheet whose path
    // has no folder, a column of 20 letters); for us that is one more damaged file.
    let read = AssertUnwindSafe(|| workbook(file, bytes, from_1904, reader, budget));
    catch_unwind(read).unwrap_or_else(|_| {
        let reason = "the workbook contradicts itself".to_owned();
        Err(Error::BadArchive { file: file.to_owned(), reason })
    })
}

fn workbook(
    file: &str,
    bytes: Watched<'_>,
    from_1904: bool,
    reader: &Reader<'_>,
    budget: &mut Budget,
) -> Result<Sheets, Error> {
    let mut workbook = Xlsx::new(bytes).map_err(|error| bad(file, error))?;
    let sheets = workbook.sheets_metadata().iter();
    let sheets = sheets.filter(|sheet| sheet.typ == SheetType::WorkSheet);
    let sheets: Vec<(String, bool)> =
        sheets.map(|sheet| (sheet.name.clone(), sheet.visible == SheetVisible::Visible)).collect();
    let (mut lists, mut unread) = (Vec::new(), Vec::new());
    let count = sheets.len();
    for (name, visible) in sheets {
        let mut none = |why: String, list| {
            unread.push(Unread { sheet: name.clone(), why, list });
        };
        if !visible {
            none("非表示のシート (a hidden sheet)".to_owned(), false);
            continue;
        }
        match sheet(file, &name, &mut workbook, from_1904, reader, budget)? {
            Ended::Read(Finished { listings, lost }) => {
                if lost > 0 {
                    none(format!("エラーのない医科の行がない (errors in all rows): {lost}"), true);
                } else if listings.is_empty() {
                    none("医科の行がない (no 医科 rows)".to_owned(), false);
                }
                lists.extend(listings.into_iter().map(|list| (name.clone(), list)));
            }
            Ended::NoHeader { like } => none(no_header(), like),
            Ended::Missing(columns) => {
                none(format!("列 {columns} がない (no column {columns})"), true);
            }
        }
    }
    Ok(Sheets { lists, unread, count })
}

/// What a sheet's rows are read as: first its head, then its data.
enum Stage<'r> {
    Head {
        title: String,
        like: bool,
    },
    Data(Columns, Box<Lists<'r>>),
    /// The header lacks these columns; the rows below are not read.
    Missing(String),
}

/// How a sheet was read.
enum Ended {
    Read(Finished),
    /// Without a header, and whether anything was like one.
    NoHeader {
        like: bool,
    },
    /// These columns are missing.
    Missing(String),
}

fn sheet<'r>(
    file: &str,
    name: &str,
    workbook: &mut Xlsx<Watched<'_>>,
    from_1904: bool,
    reader: &'r Reader<'r>,
    budget: &mut Budget,
) -> Result<Ended, Error> {
    let mut cells = workbook.worksheet_cells_reader(name).map_err(|error| bad(file, error))?;
    let mut stage = Stage::Head { title: String::new(), like: false };
    let mut open = true;
    let read = rows::each(file, &mut cells, |row| {
        open = stage.row(file, row, from_1904, reader, budget)?;
        // The rest of a sheet without a header is no list: it is not gone through.
        if open { Ok(()) } else { Err(no_list(file)) }
    });
    match read {
        Err(Error::NotAList { .. }) if !open => {}
        other => other?,
    }
    Ok(match stage {
        Stage::Head { like, .. } => Ended::NoHeader { like },
        Stage::Missing(columns) => Ended::Missing(columns),
        Stage::Data(_, lists) => Ended::Read(lists.finish()),
    })
}

/// What ends the reading of a sheet that is none.
fn no_list(file: &str) -> Error {
    Error::NotAList { file: file.to_owned(), expected: no_header() }
}

fn no_header() -> String {
    format!(
        "見出し「項番」の行が{HEADER_WITHIN}行目までにあること (a header row with 項番 within the first {HEADER_WITHIN} rows)"
    )
}

impl<'r> Stage<'r> {
    /// Takes the next row in, and says whether more are wanted.
    fn row(
        &mut self,
        file: &str,
        row: &Row<'_>,
        from_1904: bool,
        reader: &'r Reader<'r>,
        budget: &mut Budget,
    ) -> Result<bool, Error> {
        match self {
            Self::Head { title, like } => {
                let names: Vec<String> = row.cells.iter().map(|cell| column_name(cell)).collect();
                *like |= looks_like_header(&names);
                if row.number > HEADER_WITHIN {
                    return Ok(!*like && row.number < LIKE_WITHIN);
                }
                if let Some(next) = Self::head(title, &names, file, row, from_1904, reader, budget)?
                {
                    *self = next;
                }
            }
            Self::Data(columns, lists) => {
                if !row.is_blank() && lists.row(row, columns) == Came::New {
                    budget.institution(file)?;
                }
            }
            Self::Missing(_) => return Ok(false),
        }
        Ok(true)
    }

    /// What follows the header, if the row is that; otherwise it is a part of the title.
    fn head(
        title: &mut String,
        names: &[String],
        file: &str,
        row: &Row<'_>,
        from_1904: bool,
        reader: &'r Reader<'r>,
        budget: &Budget,
    ) -> Result<Option<Self>, Error> {
        let has = |wanted: &str| names.iter().any(|name| name == wanted);
        if has("項番") || (has("医療機関番号") && has("受理記号")) {
            let columns = match Columns::new(names, from_1904) {
                Ok(columns) => columns,
                Err(missing) => return Ok(Some(Self::Missing(missing))),
            };
            let written = row.cells.iter().map(|cell| cell.trim().to_owned()).collect();
            let lists = Lists::new(title, written, reader, budget.odd())
                .ok_or_else(|| Error::NoAsOf { file: file.to_owned() })?;
            return Ok(Some(Self::Data(columns, Box::new(lists))));
        }
        for name in names {
            title.push_str(name);
            title.push('\n');
        }
        Ok(None)
    }
}

/// Whether these could be names of a list's columns: the first one's, or some of the others'.
fn looks_like_header(names: &[String]) -> bool {
    let known = |name: &&String| {
        let name = name.as_str();
        COLUMNS.contains(&name) || SYNONYMS.iter().any(|(_, other)| *other == name)
    };
    names.iter().any(|name| name == "項番") || names.iter().filter(known).count() >= LIKE
}

impl Columns {
    /// Finds the columns by `names`; otherwise the names that are missing.
    fn new(names: &[String], from_1904: bool) -> Result<Self, String> {
        let column_of = |wanted: &str| names.iter().position(|name| name == wanted);
        let find = |wanted: &str| {
            let synonym =
                SYNONYMS.iter().find(|(name, _)| *name == wanted).map(|(_, other)| *other);
            column_of(wanted).or_else(|| synonym.and_then(column_of))
        };
        let mut at = [0; COLUMNS.len()];
        let mut missing = Vec::new();
        for (place, wanted) in COLUMNS.into_iter().enumerate() {
            match find(wanted) {
                Some(column) => at[place] = column,
                None => missing.push(wanted),
            }
        }
        if !missing.is_empty() {
            return Err(missing.join("、"));
        }
        Ok(Self { at, postal_code: find(POSTAL_CODE), kind: find(KIND), from_1904 })
    }
}

/// A header's text without spaces and in NFKC: brackets and letters come in two widths.
fn column_name(text: &str) -> String {
    text.nfkc().filter(|c| !c.is_whitespace()).collect()
}
