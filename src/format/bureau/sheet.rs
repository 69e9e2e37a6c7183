//! From a workbook to its lists. Sheets are streamed: one of 100 MB never stands in memory as a
//! whole, only the shared texts do.

use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Reader as _, SheetType, Xlsx};
use unicode_normalization::UnicodeNormalization;

use super::archive::{Budget, Watched, bad};
use super::listing::{Came, Lists};
use super::rows::{self, Row};
use super::{Error, Reader};
use crate::model::register::Listing;

/// Within how many rows the header stands.
const HEADER_WITHIN: u32 = 15;

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
/// Other names that some of them have had, or may have: the column and the name.
const SYNONYMS: [(&str, &str); 5] = [
    ("医療機関所在地(住所)", "医療機関所在地"),
    ("医療機関名称", "医療機関名"),
    ("受理届出名称", "届出名称"),
    ("算定開始年月日", "算定開始日"),
    ("病床数", "許可病床数"),
];

/// Where each of [`COLUMNS`] and the postal code stand.
pub(super) struct Columns {
    at: [usize; COLUMNS.len()],
    postal_code: Option<usize>,
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
}

/// Reads all sheets: each prefecture's list in each, in the order of the workbook.
pub(super) fn read(
    file: &str,
    bytes: Watched<'_>,
    reader: &Reader<'_>,
    budget: &mut Budget,
) -> Result<Vec<(String, Listing)>, Error> {
    // The reader behind panics on a few packages that contradict themselves (a sheet whose path
    // has no folder, a column of 20 letters); for us that is one more damaged file.
    let read = AssertUnwindSafe(|| workbook(file, bytes, reader, budget));
    catch_unwind(read).unwrap_or_else(|_| {
        let reason = "the workbook contradicts itself".to_owned();
        Err(Error::BadArchive { file: file.to_owned(), reason })
    })
}

fn workbook(
    file: &str,
    bytes: Watched<'_>,
    reader: &Reader<'_>,
    budget: &mut Budget,
) -> Result<Vec<(String, Listing)>, Error> {
    let mut workbook = Xlsx::new(bytes).map_err(|error| bad(file, error))?;
    let sheets = workbook.sheets_metadata().iter();
    let sheets = sheets.filter(|sheet| sheet.typ == SheetType::WorkSheet);
    let names: Vec<String> = sheets.map(|sheet| sheet.name.clone()).collect();
    let (mut read, mut none) = (Vec::new(), None);
    for name in names {
        match sheet(file, &name, &mut workbook, reader, budget) {
            Ok(listings) => read.extend(listings.into_iter().map(|list| (name.clone(), list))),
            Err(error @ Error::NotAList { .. }) => none = none.or(Some(error)),
            Err(error) => return Err(error),
        }
    }
    // A sheet of explanations beside lists is no reason to refuse them.
    match none {
        Some(error) if read.is_empty() => Err(error),
        _ => Ok(read),
    }
}

/// What a sheet's rows are read as: first its head, then its data.
enum Stage<'r> {
    Head(String),
    Data(Columns, Box<Lists<'r>>),
}

fn sheet<'r>(
    file: &str,
    name: &str,
    workbook: &mut Xlsx<Watched<'_>>,
    reader: &'r Reader<'r>,
    budget: &mut Budget,
) -> Result<Vec<Listing>, Error> {
    let mut cells = workbook.worksheet_cells_reader(name).map_err(|error| bad(file, error))?;
    let mut stage = Stage::Head(String::new());
    rows::each(file, &mut cells, |row| stage.row(file, row, reader, budget))?;
    match stage {
        Stage::Head(_) => Err(no_header(file)),
        Stage::Data(_, lists) => Ok(lists.finish()),
    }
}

fn no_header(file: &str) -> Error {
    let expected = format!(
        "見出し「項番」の行が{HEADER_WITHIN}行目までにあること (a header row with 項番 within the first {HEADER_WITHIN} rows)"
    );
    Error::NotAList { file: file.to_owned(), expected }
}

impl<'r> Stage<'r> {
    /// Takes the next row in.
    fn row(
        &mut self,
        file: &str,
        row: &Row<'_>,
        reader: &'r Reader<'r>,
        budget: &mut Budget,
    ) -> Result<(), Error> {
        match self {
            Self::Head(title) => {
                if let Some(data) = Self::head(title, file, row, reader)? {
                    *self = data;
                }
            }
            Self::Data(columns, lists) => {
                if !row.is_blank() && lists.row(row, columns) == Came::New {
                    budget.institution(file)?;
                }
            }
        }
        Ok(())
    }

    /// What follows the header, if the row is that; otherwise it is a part of the title.
    fn head(
        title: &mut String,
        file: &str,
        row: &Row<'_>,
        reader: &'r Reader<'r>,
    ) -> Result<Option<Self>, Error> {
        let names: Vec<String> = row.cells.iter().map(|cell| column_name(cell)).collect();
        let has = |wanted: &str| names.iter().any(|name| name == wanted);
        if has("項番") || (has("医療機関番号") && has("受理記号")) {
            let columns = Columns::new(&names).map_err(|missing| Error::NotAList {
                file: file.to_owned(),
                expected: format!("列 {missing} (the columns {missing})"),
            })?;
            let written = row.cells.iter().map(|cell| cell.trim().to_owned()).collect();
            let lists = Lists::new(title, written, reader)
                .ok_or_else(|| Error::NoAsOf { file: file.to_owned() })?;
            return Ok(Some(Self::Data(columns, Box::new(lists))));
        }
        if row.number >= HEADER_WITHIN {
            return Err(no_header(file));
        }
        for name in names {
            title.push_str(&name);
            title.push('\n');
        }
        Ok(None)
    }
}

impl Columns {
    /// Finds the columns by `names`; otherwise the names that are missing.
    fn new(names: &[String]) -> Result<Self, String> {
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
        Ok(Self { at, postal_code: find(POSTAL_CODE) })
    }
}

/// A header's text without spaces and in NFKC: brackets and letters come in two widths.
fn column_name(text: &str) -> String {
    text.nfkc().filter(|c| !c.is_whitespace()).collect()
}
