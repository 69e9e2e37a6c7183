//! Small lists as real xlsx and zip files, for tests. The shape is the bureaus': row 1 empty, the
//! title in A2, the header of 24 columns in row 4, every cell a text.

use std::io::{Cursor, Read, Write};
use std::sync::OnceLock;

use rust_xlsxwriter::Workbook;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::HEADER;

/// A title as of 1 September 2025, made a month later.
pub fn title() -> String {
    "[令和７年９月１日 現在 ]令和７年１０月１日作成 全医療機関出力".to_owned()
}

/// One row, by column.
#[derive(Clone)]
pub struct ListRow([String; 24]);

/// A medical institution of Saitama without a filing.
pub fn facility(number: &str, name: &str, address: &str, beds: &str) -> ListRow {
    let mut cells: [String; 24] = Default::default();
    for (column, text) in [
        (0, "1"),
        (1, "11"),
        (2, "埼玉県"),
        (3, "医科"),
        (4, number),
        (7, name),
        (8, "330-0001"),
        (9, address),
        (12, beds),
    ] {
        text.clone_into(&mut cells[column]);
    }
    ListRow(cells)
}

impl ListRow {
    /// Adds a notification: its name, symbol, acceptance number and start.
    pub fn filing(&mut self, name: &str, symbol: &str, number: &str, start: &str) {
        for (column, text) in [(13, name), (14, symbol), (15, number), (16, start)] {
            text.clone_into(&mut self.0[column]);
        }
    }

    /// The cells.
    pub fn cells(self) -> Vec<String> {
        self.0.to_vec()
    }
}

/// A workbook of sheets: name, title, rows of data below the header. A sheet without rows has its
/// title only.
pub fn book(sheets: &[(&str, &str, &[Vec<String>])]) -> Vec<u8> {
    let mut book = Workbook::new();
    for (name, title, rows) in sheets {
        let sheet = book.add_worksheet();
        sheet.set_name(*name).unwrap();
        sheet.write_string(1, 0, *title).unwrap();
        if rows.is_empty() {
            continue;
        }
        let header = HEADER.map(str::to_owned).to_vec();
        for (row, cells) in (3..).zip(std::iter::once(&header).chain(*rows)) {
            for (column, cell) in (0..).zip(cells) {
                sheet.write_string(row, column, cell).unwrap();
            }
        }
    }
    book.save_to_buffer().unwrap()
}

/// A workbook of one sheet with these rows from its first on, and nothing else.
pub fn raw_book(rows: &[Vec<String>]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(cells) {
            sheet.write_string(row, column, cell).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

/// A small list, made once.
pub fn cached() -> Vec<u8> {
    static LIST: OnceLock<Vec<u8>> = OnceLock::new();
    let make = || {
        let mut row = facility("0110114", "川口診療所", "川口市本町１", "一般　5");
        row.filing("情報通信機器を用いた診療に係る基準", "情報通信", "第1号", "令和 4年 4月 1日");
        book(&[(
            "Sheet1",
            &title(),
            &[row.cells(), facility("0110122", "b", "越谷市", "").cells()],
        )])
    };
    LIST.get_or_init(make).clone()
}

/// A member of an archive and how its name is written.
pub struct Packed<'a> {
    name: Vec<u8>,
    content: &'a [u8],
    utf8: bool,
}

impl<'a> Packed<'a> {
    /// Its name in `Shift_JIS`, without the flag of UTF-8, as the bureaus' archives have it.
    pub fn shift_jis(name: &str, content: &'a [u8]) -> Self {
        let name = encoding_rs::SHIFT_JIS.encode(name).0.into_owned();
        Self { name, content, utf8: false }
    }

    /// Its name in UTF-8, with the flag.
    pub fn utf8(name: &str, content: &'a [u8]) -> Self {
        Self { name: name.as_bytes().to_vec(), content, utf8: true }
    }
}

/// An archive of these members.
pub fn zipped(members: &[Packed<'_>]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (place, member) in members.iter().enumerate() {
        // The writer takes names as text: each gets a stand-in of the same length, replaced below.
        let name = stand_in(place, member.name.len());
        writer.start_file(name, SimpleFileOptions::default()).unwrap();
        writer.write_all(member.content).unwrap();
    }
    let mut bytes = writer.finish().unwrap().into_inner();
    for (place, member) in members.iter().enumerate() {
        let name = stand_in(place, member.name.len()).into_bytes();
        // Once in the local header (30 bytes before the name, flags at 6) and once in the central
        // directory (46 bytes before it, flags at 8).
        for (before, flags) in [(30, 6), (46, 8)] {
            let at = bytes.windows(name.len()).position(|window| window == name).unwrap();
            bytes[at..at + name.len()].copy_from_slice(&member.name);
            bytes[at - before + flags + 1] |= if member.utf8 { 0x08 } else { 0 };
        }
    }
    bytes
}

fn stand_in(place: usize, length: usize) -> String {
    let mark = char::from_u32(u32::try_from(0x41 + place).unwrap()).unwrap();
    mark.to_string().repeat(length)
}

/// The same archive with one part rewritten as text.
pub fn edited(archive: &[u8], part: &str, edit: impl FnOnce(String) -> String) -> Vec<u8> {
    let mut from = ZipArchive::new(Cursor::new(archive)).unwrap();
    let mut to = ZipWriter::new(Cursor::new(Vec::new()));
    let mut edit = Some(edit);
    for index in 0..from.len() {
        let mut entry = from.by_index(index).unwrap();
        let name = entry.name().unwrap().into_owned();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        if name == part
            && let Some(edit) = edit.take()
        {
            content = edit(String::from_utf8(content).unwrap()).into_bytes();
        }
        to.start_file(name, SimpleFileOptions::default()).unwrap();
        to.write_all(&content).unwrap();
    }
    assert!(edit.is_none(), "no part is called {part}");
    to.finish().unwrap().into_inner()
}
