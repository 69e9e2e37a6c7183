//! From the cells of a workbook to rows. Cells are streamed: a sheet of 100 MB never stands in
//! memory as a whole, only its shared texts do.

use std::borrow::Cow;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, Reader as _, SheetType, Xlsx, XlsxError};
use unicode_normalization::UnicodeNormalization;

use super::archive::Budget;
use super::listing::{Came, Lists};
use super::{Error, Reader};
use crate::model::register::Listing;

/// Within how many rows the header stands.
const HEADER_WITHIN: u32 = 15;
/// No list has more columns; cells beyond are not looked at.
const WIDTH: usize = 64;
/// Bytes that are read of a cell: 200 full-width characters.
const LONGEST: usize = 600;

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

/// One row of a sheet.
pub(super) struct Row<'a> {
    /// Counted from 1.
    pub(super) number: u32,
    cells: &'a [DataRef<'a>],
}

impl<'a> Row<'a> {
    fn text(&self, column: usize) -> Cow<'a, str> {
        self.cells.get(column).map_or(Cow::Borrowed(""), |cell| text(cell))
    }

    /// The cell of the column of this place in [`COLUMNS`], spaces at its ends removed.
    pub(super) fn cell(&self, columns: &Columns, place: usize) -> Cow<'a, str> {
        trimmed(self.text(columns.at[place]))
    }

    /// The cell of the postal code.
    pub(super) fn postal_code(&self, columns: &Columns) -> Cow<'a, str> {
        columns.postal_code.map_or(Cow::Borrowed(""), |column| trimmed(self.text(column)))
    }

    /// All cells, as they stand there.
    pub(super) fn texts(&self) -> Vec<String> {
        self.cells.iter().map(|cell| text(cell).into_owned()).collect()
    }

    fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| text(cell).trim().is_empty())
    }
}

fn trimmed(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}

/// A cell as text, cut where no list goes on: one long text, shared by all rows, would otherwise
/// multiply. Lists hold texts only; a number or a date is what a spreadsheet made of one.
fn text<'a>(cell: &'a DataRef<'a>) -> Cow<'a, str> {
    let cut = |text: &'a str| Cow::Borrowed(&text[..text.floor_char_boundary(LONGEST)]);
    match cell {
        DataRef::SharedString(text) => cut(text),
        DataRef::String(text) => cut(text),
        DataRef::Int(number) => Cow::Owned(number.to_string()),
        DataRef::Float(number) => Cow::Owned(number.to_string()),
        DataRef::DateTime(time) => {
            let (year, month, day, ..) = time.to_ymd_hms_milli();
            Cow::Owned(format!("{year}-{month:02}-{day:02}"))
        }
        DataRef::DateTimeIso(text) => cut(text.split('T').next().unwrap_or_default()),
        _ => Cow::Borrowed(""),
    }
}

/// Reads all sheets: each prefecture's list in each, in the order of the workbook.
pub(super) fn read(
    file: &str,
    bytes: &[u8],
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
    bytes: &[u8],
    reader: &Reader<'_>,
    budget: &mut Budget,
) -> Result<Vec<(String, Listing)>, Error> {
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(|error| bad(file, &error))?;
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

fn bad(file: &str, error: &XlsxError) -> Error {
    Error::BadArchive { file: file.to_owned(), reason: error.to_string() }
}

/// What a sheet's rows are read as: first its head, then its data.
enum Stage<'r> {
    Head(String),
    Data(Columns, Box<Lists<'r>>),
}

fn sheet<'r>(
    file: &str,
    name: &str,
    workbook: &mut Xlsx<Cursor<&[u8]>>,
    reader: &'r Reader<'r>,
    budget: &mut Budget,
) -> Result<Vec<Listing>, Error> {
    let mut cells = workbook.worksheet_cells_reader(name).map_err(|error| bad(file, &error))?;
    let mut stage = Stage::Head(String::new());
    let mut row: Vec<DataRef<'_>> = Vec::with_capacity(WIDTH);
    let mut number = 0;
    loop {
        let cell = cells.next_cell().map_err(|error| bad(file, &error))?;
        let at = cell.as_ref().map(calamine::Cell::get_position);
        if at.is_none_or(|(at, _)| at.saturating_add(1) != number) && !row.is_empty() {
            stage = stage.row(file, &Row { number, cells: &row }, reader, budget)?;
            row.clear();
        }
        let (Some(cell), Some((at, column))) = (cell, at) else { break };
        number = at.saturating_add(1);
        let column = usize::try_from(column).unwrap_or(WIDTH);
        if column < WIDTH {
            if row.len() <= column {
                row.resize(column + 1, DataRef::Empty);
            }
            row[column] = cell.get_value().clone();
        }
    }
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
        self,
        file: &str,
        row: &Row<'_>,
        reader: &'r Reader<'r>,
        budget: &mut Budget,
    ) -> Result<Self, Error> {
        match self {
            Self::Head(title) => Self::head(title, file, row, reader),
            Self::Data(columns, mut lists) => {
                if !row.is_blank() && lists.row(row, &columns) == Came::New {
                    budget.institution(file)?;
                }
                Ok(Self::Data(columns, lists))
            }
        }
    }

    fn head(
        mut title: String,
        file: &str,
        row: &Row<'_>,
        reader: &'r Reader<'r>,
    ) -> Result<Self, Error> {
        let names: Vec<String> = row.cells.iter().map(|cell| column_name(&text(cell))).collect();
        let has = |wanted: &str| names.iter().any(|name| name == wanted);
        if has("項番") || (has("医療機関番号") && has("受理記号")) {
            let columns = Columns::new(&names).map_err(|missing| Error::NotAList {
                file: file.to_owned(),
                expected: format!("列 {missing} (the columns {missing})"),
            })?;
            let written = row.cells.iter().map(|cell| text(cell).trim().to_owned()).collect();
            let lists = Lists::new(&title, written, reader)
                .ok_or_else(|| Error::NoAsOf { file: file.to_owned() })?;
            return Ok(Self::Data(columns, Box::new(lists)));
        }
        if row.number >= HEADER_WITHIN {
            return Err(no_header(file));
        }
        for name in names {
            title.push_str(&name);
            title.push('\n');
        }
        Ok(Self::Head(title))
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
