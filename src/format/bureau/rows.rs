//! From the cells of a sheet to its rows: one thread reads, another takes in. Reading the XML is most
//! of the work, and each row would otherwise wait for what is made of the one before.

use std::borrow::Cow;
use std::io::{Read, Seek};
use std::panic::resume_unwind;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use calamine::{DataRef, XlsxCellReader, XlsxError};

use super::Error;
use super::archive::bad;

/// No list has more columns; cells beyond are not looked at.
const WIDTH: usize = 64;
/// Bytes that are read of a cell: 200 full-width characters.
const LONGEST: usize = 600;
/// Rows that are handed over together: one by one would cost more than is gained.
const TOGETHER: usize = 256;
/// How many times as many may wait. Texts are cut, so that is 50 MB at most, whatever the sheet.
const WAITING: usize = 3;

/// One row of a sheet.
pub(super) struct Row<'a> {
    /// Counted from 1.
    pub(super) number: u32,
    /// Its cells from the first column on.
    pub(super) cells: &'a [Cow<'a, str>],
}

impl<'a> Row<'a> {
    /// The cell of a column, counted from 0.
    pub(super) fn text(&self, column: usize) -> &'a str {
        self.cells.get(column).map_or("", |cell| cell.as_ref())
    }

    /// All cells, as they stand there.
    pub(super) fn texts(&self) -> Vec<String> {
        self.cells.iter().map(|cell| cell.clone().into_owned()).collect()
    }

    /// Whether no cell holds anything.
    pub(super) fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| cell.trim().is_empty())
    }
}

/// Rows on their way from one thread to the other.
#[derive(Default)]
struct Batch<'a> {
    cells: Vec<Cow<'a, str>>,
    /// Each row's number, and where its cells end.
    rows: Vec<(u32, usize)>,
}

impl<'a> Batch<'a> {
    /// Puts a cell into the row that is being read.
    fn put(&mut self, column: usize, text: Cow<'a, str>) {
        let place = self.row_start() + column;
        if place < self.cells.len() {
            self.cells[place] = text;
        } else {
            self.cells.resize(place, Cow::Borrowed(""));
            self.cells.push(text);
        }
    }

    /// Where the cells of the row that is being read begin.
    fn row_start(&self) -> usize {
        self.rows.last().map_or(0, |(_, end)| *end)
    }

    /// Ends the row that is being read. One without a cell is none.
    fn end_row(&mut self, number: u32) {
        if self.cells.len() > self.row_start() {
            self.rows.push((number, self.cells.len()));
        }
    }

    /// Hands the rows to `take`, until it fails.
    fn each(&self, mut take: impl FnMut(&Row<'_>) -> Result<(), Error>) -> Result<(), Error> {
        let mut start = 0;
        for &(number, end) in &self.rows {
            take(&Row { number, cells: &self.cells[start..end] })?;
            start = end;
        }
        Ok(())
    }
}

/// Hands the rows of a sheet to `take` in their order, in a thread of its own, while the cells are
/// read in this one. Of two errors that of `take` is told: its row stands before the unreadable one.
pub(super) fn each<R: Read + Seek>(
    file: &str,
    cells: &mut XlsxCellReader<'_, R>,
    mut take: impl FnMut(&Row<'_>) -> Result<(), Error> + Send,
) -> Result<(), Error> {
    thread::scope(|scope| {
        let (sender, batches) = sync_channel::<Batch<'_>>(WAITING);
        let taken = scope.spawn(move || batches.iter().try_for_each(|batch| batch.each(&mut take)));
        let read = send(cells, &sender);
        drop(sender);
        taken.join().unwrap_or_else(|panic| resume_unwind(panic))?;
        read.map_err(|error| bad(file, error))
    })
}

/// Reads all cells and sends their rows, also those before an error, until nobody takes them.
fn send<'a, R: Read + Seek>(
    cells: &mut XlsxCellReader<'a, R>,
    sender: &SyncSender<Batch<'a>>,
) -> Result<(), XlsxError> {
    let mut batch = Batch::default();
    let mut number = 0;
    let read = loop {
        let cell = match cells.next_cell() {
            Ok(Some(cell)) => cell,
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        };
        let (row, column) = cell.get_position();
        let next = row.saturating_add(1);
        if next != number {
            batch.end_row(number);
            number = next;
            if batch.rows.len() >= TOGETHER && sender.send(std::mem::take(&mut batch)).is_err() {
                return Ok(());
            }
        }
        if let Some(column) = usize::try_from(column).ok().filter(|column| *column < WIDTH) {
            batch.put(column, text(cell.get_value()));
        }
    };
    if read.is_ok() {
        batch.end_row(number);
    }
    // Whether anybody takes them is told by who does not.
    _ = sender.send(batch);
    read
}

/// A cell as text, cut where no list goes on: one long text, shared by all rows, would otherwise
/// multiply. Lists hold texts only; a number or a date is what a spreadsheet made of one.
fn text<'a>(cell: &DataRef<'a>) -> Cow<'a, str> {
    match cell {
        DataRef::SharedString(text) => Cow::Borrowed(cut(text)),
        DataRef::String(text) => Cow::Owned(cut(text).to_owned()),
        DataRef::Int(number) => Cow::Owned(number.to_string()),
        DataRef::Float(number) => Cow::Owned(number.to_string()),
        DataRef::DateTime(time) => {
            let (year, month, day, ..) = time.to_ymd_hms_milli();
            Cow::Owned(format!("{year}-{month:02}-{day:02}"))
        }
        DataRef::DateTimeIso(text) => {
            Cow::Owned(cut(text.split('T').next().unwrap_or_default()).to_owned())
        }
        DataRef::Error(error) => Cow::Owned(error.to_string()),
        _ => Cow::Borrowed(""),
    }
}

/// Whether a cell holds an error of a spreadsheet, or the text of one.
pub(super) fn is_error(cell: &str) -> bool {
    let of_error = |byte| matches!(byte, b'A'..=b'Z' | b'0' | b'/' | b'!' | b'?' | b'_');
    cell.strip_prefix('#').is_some_and(|rest| {
        rest.len() >= 3 && rest.ends_with(['A', '!', '?']) && rest.bytes().all(of_error)
    })
}

fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST)]
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;
    use std::io::Cursor;

    use calamine::{Reader as _, Xlsx};

    use super::*;
    use crate::format::bureau::testing::{edited, raw_book};

    /// A workbook whose sheet has this XML for its rows.
    fn book(rows: &str) -> Vec<u8> {
        edited(&raw_book(&[]), "xl/worksheets/sheet1.xml", |_| {
            format!("<worksheet><sheetData>{rows}</sheetData></worksheet>")
        })
    }

    fn cell(place: &str, text: &str) -> String {
        format!("<c r=\"{place}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
    }

    fn many(count: u32) -> String {
        (1..=count).fold(String::new(), |mut xml, row| {
            write!(xml, "<row r=\"{row}\">{}</row>", cell(&format!("A{row}"), "a")).unwrap();
            xml
        })
    }

    fn each_of(
        bytes: &[u8],
        take: impl FnMut(&Row<'_>) -> Result<(), Error> + Send,
    ) -> Result<(), Error> {
        let mut book = Xlsx::new(Cursor::new(bytes)).unwrap();
        each("x", &mut book.worksheet_cells_reader("Sheet1").unwrap(), take)
    }

    fn refused() -> Error {
        Error::NoAsOf { file: "x".to_owned() }
    }

    #[test]
    fn cells_stand_in_their_columns_however_they_come() {
        let rows = [
            format!("<row r=\"2\">{}{}{}</row>", cell("C2", "c"), cell("A2", "a"), cell("C2", "d")),
            format!("<row r=\"5\">{}</row>", cell("BM5", "beyond")),
            format!("<row r=\"7\">{}</row>", cell("B7", "b")),
        ];
        let mut found = Vec::new();
        let keep = |row: &Row<'_>| {
            found.push((row.number, row.texts()));
            Ok(())
        };
        each_of(&book(&rows.concat()), keep).unwrap();
        let texts = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(found, [(2, texts(&["a", "", "d"])), (7, texts(&["", "b"]))]);
    }

    #[test]
    fn no_row_is_lost_between_two_threads() {
        let last = u32::try_from(TOGETHER * WAITING * 3 + 1).unwrap();
        let mut numbers = Vec::new();
        let keep = |row: &Row<'_>| {
            assert_eq!(row.texts(), ["a"]);
            numbers.push(row.number);
            Ok(())
        };
        each_of(&book(&many(last)), keep).unwrap();
        assert_eq!(numbers, (1..=last).collect::<Vec<_>>());
    }

    #[test]
    fn what_comes_first_in_the_sheet_is_what_is_told() {
        let torn = format!("{}<row r=\"4\"><c r=\"A4\" t=\"s\"><v>99</v></c></row>", many(3));
        for (refuse_at, expected) in [(2, refused()), (4, bad("x", ""))] {
            let mut taken = 0;
            let take = |row: &Row<'_>| {
                taken = row.number;
                if row.number == refuse_at { Err(refused()) } else { Ok(()) }
            };
            let told = each_of(&book(&torn), take).unwrap_err();
            assert_eq!(std::mem::discriminant(&told), std::mem::discriminant(&expected), "{told}");
            assert_eq!(taken, 2);
        }
    }

    #[test]
    fn nobody_waits_for_one_who_takes_no_more() {
        let rows = u32::try_from(TOGETHER * (WAITING + 3)).unwrap();
        assert_eq!(each_of(&book(&many(rows)), |_| Err(refused())), Err(refused()));
    }
}
