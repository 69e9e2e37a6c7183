//! A table as a workbook for a spreadsheet program: numbers are numbers, and the chart is the
//! program's own, drawn from the cells, so that an office can restyle it and paste it elsewhere.

use chrono::{Datelike, NaiveDate};
use rust_xlsxwriter::{
    Chart, ChartDataLabel, ChartFormat, ChartLegendPosition, ChartLine, ChartMarker,
    ChartMarkerType, ChartSolidFill, ChartType, DocProperties, ExcelDateTime, Format, FormatAlign,
    Workbook, Worksheet, XlsxError,
};

use super::Lang;
use super::table::{Cell, Table};
use super::width;

/// What goes into a workbook.
#[derive(Clone, Debug)]
pub struct Book<'a> {
    /// What it shows.
    pub title: &'a str,
    /// As of when, as known when.
    pub subtitle: &'a str,
    /// The table.
    pub table: &'a Table,
    /// What is drawn of it.
    pub drawn: Drawn,
    /// The day that stands as that of its making.
    pub made: NaiveDate,
    /// The language of the sheets' names.
    pub lang: Lang,
}

/// What is drawn of a table; columns are named by their keys.
#[derive(Clone, Debug)]
pub enum Drawn {
    /// Lying bars of one column, the first row on top.
    Bars(&'static str),
    /// Standing columns of some, row by row.
    Columns(Vec<String>),
    /// Standing columns of some, of these rows alone. What is no number, because it must not be
    /// shown, is an empty place and not 0.
    Months {
        /// The columns.
        keys: Vec<&'static str>,
        /// How many rows from the first on.
        rows: usize,
    },
    /// A line of `value` for each of `groups`, never joined; `hollow` are rows that stand alone.
    Lines {
        /// The column of values.
        value: &'static str,
        /// What each row belongs to.
        groups: Vec<String>,
        /// Rows that are no regular points.
        hollow: Vec<bool>,
        /// What those are called.
        hollow_name: String,
    },
}

/// The rows of titles above the table.
const HEAD: u32 = 3;
const COLOURS: [&str; 2] = ["#0B3FA8", "#B8460E"];

/// The workbook's bytes. Fails only where a text or a table is longer than the format allows.
pub fn workbook(book: &Book<'_>) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    workbook.set_properties(&properties(book)?);
    let data = workbook.add_worksheet();
    data.set_name(book.lang.pick("データ", "Data"))?;
    write_data(data, book)?;
    let none = book.table.rows.is_empty() || matches!(book.drawn, Drawn::Months { rows: 0, .. });
    if !none {
        let sheet = workbook.add_worksheet();
        sheet.set_name(book.lang.pick("グラフ", "Chart"))?;
        sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 1);
        draw(sheet, book)?;
    }
    workbook.save_to_buffer()
}

fn properties(book: &Book<'_>) -> Result<DocProperties, XlsxError> {
    let year = u16::try_from(book.made.year()).unwrap_or(2018);
    let (month, day) = (book.made.month(), book.made.day());
    let narrow = |number: u32| u8::try_from(number).unwrap_or(1);
    let made = ExcelDateTime::from_ymd(year, narrow(month), narrow(day))?;
    Ok(DocProperties::new().set_title(book.title).set_creation_datetime(&made))
}

fn write_data(sheet: &mut Worksheet, book: &Book<'_>) -> Result<(), XlsxError> {
    let table = book.table;
    sheet.write_with_format(0, 0, book.title, &Format::new().set_bold().set_font_size(14.0))?;
    sheet.write(1, 0, book.subtitle)?;
    let heading = Format::new().set_bold().set_background_color("#F0F0F4").set_text_wrap();
    for (at, column) in (0_u16..).zip(&table.columns) {
        sheet.write_with_format(HEAD, at, &column.title, &heading)?;
        let cells = table.rows.iter().filter_map(|row| row.get(usize::from(at)));
        let widest = cells.map(|cell| width::of(&cell.shown)).max().unwrap_or(0);
        let columns = widest.max(width::of(&column.title).min(14)).clamp(6, 48);
        sheet.set_column_width(at, f64::from(u32::try_from(columns).unwrap_or(6)) + 2.0)?;
    }
    for (at, row) in (HEAD + 1..).zip(&table.rows) {
        for ((place, cell), column) in (0_u16..).zip(row).zip(&table.columns) {
            write_cell(sheet, (at, place), cell, &column.key, column.number)?;
        }
    }
    let below = HEAD + 2 + length(table.rows.len());
    for (at, note) in (below..).zip(&table.notes) {
        sheet.write(at, 0, note)?;
    }
    sheet.set_freeze_panes(HEAD + 1, 2)?;
    sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
    sheet.set_repeat_rows(HEAD, HEAD)?;
    Ok(())
}

fn length(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX / 2)
}

fn write_cell(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    cell: &Cell,
    key: &str,
    number: bool,
) -> Result<(), XlsxError> {
    match cell.data.parse::<f64>() {
        Ok(value) if number => {
            let pattern = match key {
                "share" => "0.0%",
                "growth" => "+0.0%;▲0.0%;0.0%",
                "per_100k" | "percent" => "0.0",
                "net" | "moved" => "+#,##0;▲#,##0;0",
                _ => "#,##0;▲#,##0",
            };
            let format = Format::new().set_num_format(pattern);
            sheet.write_number_with_format(row, column, value, &format)?;
        }
        _ if number => {
            let format = Format::new().set_align(FormatAlign::Right);
            sheet.write_string_with_format(row, column, &cell.shown, &format)?;
        }
        _ => {
            sheet.write_string(row, column, &cell.shown)?;
        }
    }
    Ok(())
}

/// A range of the sheet with the data: its name, first row and column, last row and column.
type Range<'a> = (&'a str, u32, u16, u32, u16);

fn draw(sheet: &mut Worksheet, book: &Book<'_>) -> Result<(), XlsxError> {
    let name = book.lang.pick("データ", "Data");
    // What sums up is no part.
    let parts = book.table.rows.iter().filter(|row| row.first().is_none_or(|c| c.data != "total"));
    let last = HEAD + length(parts.count());
    let labels = column(book.table, "label").unwrap_or(1);
    let range = |column: u16| -> Range<'_> { (name, HEAD + 1, column, last, column) };
    let chart = match &book.drawn {
        Drawn::Bars(key) => {
            let mut chart = new_chart(ChartType::Bar, book);
            let value = column(book.table, key).unwrap_or(2);
            add(&mut chart, range(value), range(labels), (name, HEAD, value), COLOURS[0]);
            chart.y_axis().set_reverse();
            chart.legend().set_hidden();
            chart.set_width(960).set_height(160 + 22 * (last - HEAD));
            chart
        }
        Drawn::Columns(keys) => {
            let mut chart = new_chart(ChartType::Column, book);
            for (place, key) in keys.iter().enumerate() {
                let value = column(book.table, key).unwrap_or(2);
                let colour = COLOURS[place % COLOURS.len()];
                add(&mut chart, range(value), range(labels), (name, HEAD, value), colour);
            }
            chart.set_width(960).set_height(480);
            chart
        }
        Drawn::Months { keys, rows } => months(sheet, book, keys, *rows, labels)?,
        Drawn::Lines { value, groups, hollow, hollow_name } => {
            lines(sheet, book, (value, labels), (groups, hollow, hollow_name))?
        }
    };
    sheet.insert_chart(0, 0, &chart)?;
    Ok(())
}

fn column(table: &Table, key: &str) -> Option<u16> {
    let at = table.columns.iter().position(|column| column.key == key)?;
    u16::try_from(at).ok()
}

fn new_chart(kind: ChartType, book: &Book<'_>) -> Chart {
    let mut chart = Chart::new(kind);
    chart.title().set_name(book.title);
    chart.legend().set_position(ChartLegendPosition::Bottom);
    chart.set_alt_text(format!("{} {}", book.title, book.subtitle));
    chart
}

fn add(
    chart: &mut Chart,
    values: Range<'_>,
    labels: Range<'_>,
    (sheet, row, column): (&str, u32, u16),
    colour: &str,
) {
    let series = chart.add_series();
    series.set_values(values).set_categories(labels).set_name((sheet, row, column));
    series.set_format(ChartFormat::new().set_solid_fill(ChartSolidFill::new().set_color(colour)));
    series.set_data_label(ChartDataLabel::new().show_value()).set_gap(60);
}

/// Columns of rows with holes: their numbers stand once more beside the chart, where a text would be
/// drawn as 0 and an empty cell is not drawn.
fn months(
    sheet: &mut Worksheet,
    book: &Book<'_>,
    keys: &[&str],
    rows: usize,
    labels: u16,
) -> Result<Chart, XlsxError> {
    let name = book.lang.pick("グラフ", "Chart");
    let top = 26;
    let last = top + length(rows.min(book.table.rows.len()));
    for (at, row) in (top + 1..=last).zip(&book.table.rows) {
        if let Some(cell) = row.get(usize::from(labels)) {
            sheet.write_string(at, 0, &cell.shown)?;
        }
    }
    let mut chart = new_chart(ChartType::Column, book);
    let format = Format::new().set_num_format("#,##0");
    for ((at, key), colour) in (1_u16..).zip(keys).zip(COLOURS.iter().cycle()) {
        let Some(from) = column(book.table, key).map(usize::from) else { continue };
        sheet.write_string(top, at, &book.table.columns[from].title)?;
        for (row_at, row) in (top + 1..=last).zip(&book.table.rows) {
            if let Some(value) = row.get(from).and_then(|cell| cell.data.parse::<f64>().ok()) {
                sheet.write_number_with_format(row_at, at, value, &format)?;
            }
        }
        add(
            &mut chart,
            (name, top + 1, at, last, at),
            (name, top + 1, 0, last, 0),
            (name, top, at),
            colour,
        );
    }
    chart.set_width(960).set_height(480);
    Ok(chart)
}

/// Lines stand on columns of their own beside the chart: one for each group, with empty cells where
/// another group is counted, which no line crosses.
fn lines(
    sheet: &mut Worksheet,
    book: &Book<'_>,
    (value, labels): (&str, u16),
    (groups, hollow, hollow_name): (&[String], &[bool], &str),
) -> Result<Chart, XlsxError> {
    let name = book.lang.pick("グラフ", "Chart");
    let mut names: Vec<&str> = Vec::new();
    for group in groups {
        if !names.contains(&group.as_str()) {
            names.push(group);
        }
    }
    let values = usize::from(column(book.table, value).unwrap_or(2));
    let top = 26;
    for (at, row) in (top + 1..).zip(&book.table.rows) {
        let place = usize::try_from(at - top - 1).unwrap_or_default();
        let alone = hollow.get(place).copied().unwrap_or(false);
        let group = groups.get(place).map_or("", String::as_str);
        let own =
            if alone { names.len() } else { names.iter().position(|n| *n == group).unwrap_or(0) };
        if let Some(cell) = row.get(usize::from(labels)) {
            sheet.write_string(at, 0, &cell.shown)?;
        }
        let number = row.get(values).and_then(|cell| cell.data.parse::<f64>().ok());
        if let (Some(number), Ok(own)) = (number, u16::try_from(own + 1)) {
            let format = Format::new().set_num_format("#,##0");
            sheet.write_number_with_format(at, own, number, &format)?;
        }
    }
    sheet.set_column_width(0, 16.0)?;
    let mut chart = new_chart(ChartType::Line, book);
    let last = top + length(book.table.rows.len());
    let kinds = [ChartMarkerType::Circle, ChartMarkerType::Diamond];
    let some_hollow = hollow.iter().any(|hollow| *hollow);
    let all = names.iter().copied().chain(some_hollow.then_some(hollow_name));
    for (place, title) in all.enumerate() {
        let at = u16::try_from(place + 1).unwrap_or(1);
        sheet.write_string(top, at, title)?;
        sheet.set_column_width(at, 20.0)?;
        let alone = place == names.len();
        // A point that stands alone has the colour of the last line, and is hollow.
        let of = if alone { place - 1 } else { place };
        let colour = COLOURS[of % COLOURS.len()];
        let series = chart.add_series();
        series.set_values((name, top + 1, at, last, at));
        series.set_categories((name, top + 1, 0, last, 0)).set_name((name, top, at));
        let mut line = ChartFormat::new();
        if alone {
            line.set_no_line();
        } else {
            line.set_line(ChartLine::new().set_color(colour).set_width(2.25));
        }
        series.set_format(&mut line);
        let inside = if alone { "#FFFFFF" } else { colour };
        let mut look = ChartFormat::new();
        look.set_solid_fill(ChartSolidFill::new().set_color(inside));
        look.set_border(ChartLine::new().set_color(colour).set_width(2));
        let mut marker = ChartMarker::new();
        marker.set_type(kinds[of % 2]).set_size(9).set_format(&mut look);
        series.set_marker(&marker).set_data_label(ChartDataLabel::new().show_value());
    }
    chart.set_width(960).set_height(480);
    Ok(chart)
}
