//! Small lists of a bureau as real xlsx files: row 1 empty, the title in A2, the header of 24
//! columns in row 4, data from row 5, every cell a text.

use onshin::actions::imports::{self, How, Imported, Upload};
use onshin::actions::{App, Error};
use onshin::format::bureau::HEADER;
use onshin::model::person::Actor;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook};

/// A title of the form of the bureaus: the day of the state, and the day of making.
pub(crate) fn title(as_of: &str, made: &str) -> String {
    format!("[{as_of} 現在 ]{made}作成 全医療機関出力")
}

/// An institution with its filings.
#[derive(Clone)]
pub(crate) struct Institution {
    cells: [String; 24],
    filings: Vec<[String; 4]>,
}

/// A medical institution of Saitama that has filed nothing.
pub(crate) fn institution(number: &str, name: &str, address: &str, beds: &str) -> Institution {
    let mut cells: [String; 24] = Default::default();
    for (column, text) in [
        (1, "11"),
        (2, "埼玉県"),
        (3, "医科"),
        (4, number),
        (7, name),
        (8, "330-0001"),
        (9, address),
        (10, "048-000-0000"),
        (12, beds),
    ] {
        text.clone_into(&mut cells[column]);
    }
    Institution { cells, filings: Vec::new() }
}

impl Institution {
    /// In another fee table: 歯科 or 薬局.
    pub(crate) fn in_table(mut self, table: &str) -> Self {
        table.clone_into(&mut self.cells[3]);
        self
    }

    /// Of another prefecture.
    pub(crate) fn of(mut self, code: &str, name: &str) -> Self {
        code.clone_into(&mut self.cells[1]);
        name.clone_into(&mut self.cells[2]);
        self
    }

    /// With care by communication devices, under this acceptance number, since this day.
    pub(crate) fn online(self, number: &str, start: &str) -> Self {
        self.filed("情報通信機器を用いた診療に係る基準", "情報通信", number, start)
    }

    /// With any other filing.
    pub(crate) fn filed(mut self, name: &str, symbol: &str, number: &str, start: &str) -> Self {
        self.filings.push([name, symbol, number, start].map(str::to_owned));
        self
    }
}

/// The rows of a list: its header, then a row for each filing.
pub(crate) fn rows(institutions: &[Institution]) -> Vec<Vec<String>> {
    let mut rows = vec![HEADER.map(str::to_owned).to_vec()];
    for institution in institutions {
        let none = vec![<[String; 4]>::default()];
        let filings = if institution.filings.is_empty() { &none } else { &institution.filings };
        for (place, filing) in filings.iter().enumerate() {
            let mut cells = institution.cells.clone();
            cells[0] = (place + 1).to_string();
            cells[13..17].clone_from_slice(filing);
            rows.push(cells.to_vec());
        }
    }
    rows
}

/// The bytes of a list.
pub(crate) fn list(title: &str, institutions: &[Institution]) -> Vec<u8> {
    sheets(&[("Sheet1", title, &rows(institutions))])
}

/// The bytes of a workbook of lists: name, title, rows from the header on.
pub(crate) fn sheets(all: &[(&str, &str, &[Vec<String>])]) -> Vec<u8> {
    let mut book = Workbook::new();
    // The same list is the same bytes, whenever it is written.
    let made = ExcelDateTime::from_ymd(2025, 10, 1).unwrap();
    book.set_properties(&DocProperties::new().set_creation_datetime(&made));
    for (name, title, rows) in all {
        let sheet = book.add_worksheet();
        sheet.set_name(*name).unwrap();
        sheet.write_string(1, 0, *title).unwrap();
        for (row, cells) in (3..).zip(*rows) {
            for (column, cell) in (0..).zip(cells) {
                sheet.write_string(row, column, cell).unwrap();
            }
        }
    }
    book.save_to_buffer().unwrap()
}

/// Reads lists and keeps what they change, as the command does.
pub(crate) async fn import_lists(
    app: &App,
    uploads: Vec<Upload>,
    how: How,
) -> Result<Imported, Error> {
    let lists = imports::read(app.criteria.clone(), uploads).await?;
    imports::import(app, &Actor::Command, lists, how).await
}
