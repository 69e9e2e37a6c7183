//! Tables: for the terminal, in columns that full-width text keeps straight, and as CSV.

use super::{Lang, width};

pub mod august;
pub mod counts;

/// A table of texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows: as many cells as there are columns.
    pub rows: Vec<Vec<Cell>>,
    /// Notes and source, printed below; not in CSV, where a reader would take them for rows.
    pub notes: Vec<String>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its heading for people.
    pub title: String,
    /// Its heading for programs, in CSV.
    pub key: String,
    /// Whether it holds numbers, which stand to the right.
    pub number: bool,
}

impl Column {
    /// A column of texts.
    pub fn text(key: &str, title: &str) -> Self {
        Self { title: title.to_owned(), key: key.to_owned(), number: false }
    }

    /// A column of numbers.
    pub fn number(key: &str, title: &str) -> Self {
        Self { number: true, ..Self::text(key, title) }
    }
}

/// A cell: what people read and what programs read, `1,051` and `1051`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// As printed.
    pub shown: String,
    /// As data.
    pub data: String,
}

impl Cell {
    /// The same for both.
    pub fn text(text: &str) -> Self {
        Self { shown: text.to_owned(), data: text.to_owned() }
    }

    /// A count: grouped for people, plain for programs.
    pub fn count(count: u32) -> Self {
        let shown = super::numbers::grouped(i64::from(count));
        Self { shown, data: count.to_string() }
    }
}

/// Whether a CSV begins with a byte order mark: spreadsheet programs of Japanese systems take a
/// file without one for `Shift_JIS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bom {
    /// It does.
    With,
    /// It does not.
    Without,
}

impl Table {
    /// For the terminal: a heading, a rule, the rows, the notes.
    pub fn to_text(&self) -> String {
        let widths: Vec<usize> = (0..self.columns.len()).map(|place| self.width(place)).collect();
        let mut text = String::new();
        let titles: Vec<&str> = self.columns.iter().map(|column| column.title.as_str()).collect();
        self.line(&mut text, &widths, &titles);
        let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
        text.push_str(&rule.join("  "));
        text.push('\n');
        for row in &self.rows {
            let cells: Vec<&str> = row.iter().map(|cell| cell.shown.as_str()).collect();
            self.line(&mut text, &widths, &cells);
        }
        for note in &self.notes {
            text.push_str(note);
            text.push('\n');
        }
        text
    }

    fn width(&self, place: usize) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.get(place));
        let widest = cells.map(|cell| width::of(&cell.shown)).max().unwrap_or(0);
        widest.max(width::of(&self.columns[place].title))
    }

    fn line(&self, text: &mut String, widths: &[usize], cells: &[&str]) {
        let mut line = String::new();
        for ((column, width), cell) in self.columns.iter().zip(widths).zip(cells) {
            let space = " ".repeat(width.saturating_sub(width::of(cell)));
            if !line.is_empty() {
                line.push_str("  ");
            }
            let parts = if column.number { [space.as_str(), cell] } else { [cell, space.as_str()] };
            line.push_str(&parts.concat());
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }

    /// As CSV (RFC 4180, UTF-8, CRLF). A text that a spreadsheet would take for a formula is led by
    /// an apostrophe.
    pub fn to_csv(&self, bom: Bom) -> String {
        let mut text = String::new();
        if bom == Bom::With {
            text.push('\u{feff}');
        }
        let keys = self.columns.iter().map(|column| column.key.as_str());
        record(&mut text, keys, &self.columns);
        for row in &self.rows {
            record(&mut text, row.iter().map(|cell| cell.data.as_str()), &self.columns);
        }
        text
    }
}

fn record<'a>(text: &mut String, cells: impl Iterator<Item = &'a str>, columns: &[Column]) {
    for (place, cell) in cells.enumerate() {
        if place > 0 {
            text.push(',');
        }
        let number = columns.get(place).is_some_and(|column| column.number);
        let safe = defused(cell, number);
        if safe.contains(['"', ',', '\n', '\r']) {
            text.push('"');
            text.push_str(&safe.replace('"', "\"\""));
            text.push('"');
        } else {
            text.push_str(&safe);
        }
    }
    text.push_str("\r\n");
}

/// A cell that no spreadsheet computes. Numbers in columns of numbers stay what they are.
fn defused(cell: &str, number: bool) -> String {
    let plain = number && cell.parse::<f64>().is_ok();
    let starts = cell
        .trim_start_matches(' ')
        .starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    if starts && !plain { format!("'{cell}") } else { cell.to_owned() }
}

/// The sign for a figure that does not exist, which is not 0.
pub fn none(lang: Lang) -> &'static str {
    lang.pick("―", "–")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        Table {
            columns: vec![Column::text("name", "市区町村"), Column::number("count", "数")],
            rows: vec![
                vec![Cell::text("川口市"), Cell::count(1054)],
                vec![Cell::text("さいたま市南区"), Cell::count(34)],
            ],
            notes: vec!["出典".into()],
        }
    }

    #[test]
    fn columns_stand_straight_with_full_width_text() {
        let expected = "市区町村           数\n--------------  -----\n川口市          1,054\nさいたま市南区     34\n出典\n";
        assert_eq!(table().to_text(), expected);
    }

    #[test]
    fn csv_has_plain_numbers_and_a_mark_on_demand() {
        assert_eq!(
            table().to_csv(Bom::Without),
            "name,count\r\n川口市,1054\r\nさいたま市南区,34\r\n"
        );
        assert!(table().to_csv(Bom::With).starts_with('\u{feff}'));
    }

    #[test]
    fn no_cell_is_computed_and_quotes_are_doubled() {
        let cells = ["=1+1", "+1", "-1", "@x", "\tx", " =1", "＝1", "a,\"b\"", "ok"];
        let columns = vec![Column::text("a", "a")];
        let rows = cells.iter().map(|cell| vec![Cell::text(cell)]).collect();
        let csv = Table { columns, rows, notes: Vec::new() }.to_csv(Bom::Without);
        let lines: Vec<&str> = csv.lines().skip(1).collect();
        assert_eq!(
            lines,
            ["'=1+1", "'+1", "'-1", "'@x", "'\tx", "' =1", "'＝1", "\"a,\"\"b\"\"\"", "ok"]
        );
        let number = Cell { shown: "▲0.1".into(), data: "-0.1".into() };
        let table = Table {
            columns: vec![Column::number("g", "g")],
            rows: vec![vec![number]],
            notes: vec![],
        };
        assert_eq!(table.to_csv(Bom::Without), "g\r\n-0.1\r\n");
    }
}
