//! Figures from a file that somebody fills in a spreadsheet: values of indicators, published counts.
//! Every row is looked at; each fault names its row as the spreadsheet counts and its column.

use std::collections::HashMap;

use csv::StringRecord;

use super::seeds;
use crate::engine::indicators;
use crate::model::indicator::{Entered, Indicator, PublishedCount, thousandths};
use crate::model::register::Criterion;

/// The most rows of one file.
pub const ROWS: usize = 1000;

/// What is wrong with a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellFault {
    /// The row, counted from 1 with the heading as the first; 0 for the whole file.
    pub row: usize,
    /// The column's name in data; `file` for the whole.
    pub column: &'static str,
    /// A stable code.
    pub code: &'static str,
}

impl CellFault {
    fn of_file(code: &'static str) -> Self {
        Self { row: 0, column: "file", code }
    }

    /// A JSON pointer to the cell.
    pub fn pointer(&self) -> String {
        if self.row == 0 {
            "/file".to_owned()
        } else {
            format!("/rows/{}/{}", self.row, self.column)
        }
    }
}

/// A column: its name in data, and the headings by which it is known.
type Column = (&'static str, &'static [&'static str]);

const VALUES: [Column; 7] = [
    ("key", &["key", "indicator", "指標"]),
    ("period", &["period", "時点"]),
    ("projection", &["projection", "推計"]),
    ("value", &["value", "値"]),
    ("numerator", &["numerator", "分子"]),
    ("denominator", &["denominator", "分母"]),
    ("source", &["source", "出典"]),
];

const COUNTS: [Column; 6] = [
    ("prefecture", &["prefecture", "都道府県"]),
    ("criterion", &["criterion", "施設基準"]),
    ("period", &["period", "時点"]),
    ("year_end", &["year_end", "年度末"]),
    ("facilities", &["facilities", "施設数"]),
    ("source", &["source", "出典"]),
];

/// The values in a file, or all that is wrong with it.
pub fn values(bytes: &[u8], known: &[Indicator]) -> Result<Vec<Entered>, Vec<CellFault>> {
    let optional = ["projection", "numerator", "denominator"];
    read(bytes, &VALUES, &optional, |cells| {
        let mut faults = Vec::new();
        let name = cells.get("key");
        let indicator = known.iter().find(|one| {
            [&one.key, &one.title_ja, &one.title_en].map(String::as_str).contains(&name)
        });
        let fraction = match (cells.whole("numerator"), cells.whole("denominator")) {
            (Ok(Some(part)), Ok(Some(whole))) => Some((part, whole)),
            (Ok(None), Ok(None)) => None,
            _ => {
                faults.push(("numerator", "number"));
                None
            }
        };
        let period = cells.get("period").parse();
        let value = thousandths(cells.get("value"));
        let projection = cells.flag("projection");
        for (bad, column, code) in [
            (period.is_err(), "period", "period"),
            (value.is_none(), "value", "number"),
            (projection.is_none(), "projection", "flag"),
        ] {
            if bad {
                faults.push((column, code));
            }
        }
        let (Ok(period), Some(thousandths), Some(projection)) = (period, value, projection) else {
            return Err(faults);
        };
        let key = indicator.map_or_else(String::new, |one| one.key.clone());
        let source = cells.get("source").to_owned();
        let entered = Entered { key, period, projection, thousandths, fraction, source };
        faults.extend(indicators::check(indicator, &entered));
        if faults.is_empty() { Ok(entered) } else { Err(faults) }
    })
}

/// The published counts in a file, or all that is wrong with it.
pub fn counts(bytes: &[u8]) -> Result<Vec<PublishedCount>, Vec<CellFault>> {
    read(bytes, &COUNTS, &["year_end"], |cells| {
        let mut faults = Vec::new();
        let prefecture = prefecture(cells.get("prefecture"));
        let criterion = criterion(cells.get("criterion"));
        let period = cells.get("period").parse();
        let facilities = cells.whole("facilities").ok().flatten().filter(|n| *n <= 1_000_000);
        let year_end = cells.flag("year_end");
        let source = cells.get("source").to_owned();
        for (bad, column, code) in [
            (prefecture.is_none(), "prefecture", "unknown"),
            (criterion.is_none(), "criterion", "unknown"),
            (period.is_err(), "period", "period"),
            (facilities.is_none(), "facilities", "number"),
            (year_end.is_none(), "year_end", "flag"),
            (source.is_empty(), "source", "required"),
            (source.chars().count() > 200, "source", "too_long"),
        ] {
            if bad {
                faults.push((column, code));
            }
        }
        let (Some(prefecture), Some(criterion), Ok(period), Some(facilities), Some(year_end)) =
            (prefecture, criterion, period, facilities, year_end)
        else {
            return Err(faults);
        };
        let count = PublishedCount { prefecture, criterion, period, year_end, facilities, source };
        if faults.is_empty() { Ok(count) } else { Err(faults) }
    })
}

/// Two digits, or the name.
fn prefecture(text: &str) -> Option<String> {
    if seeds::prefecture(text).is_some() {
        return Some(text.to_owned());
    }
    let found = seeds::municipalities().iter().find(|place| place.prefecture == text);
    found.map(|place| place.prefecture_code.clone())
}

/// The word in data, or the name with or without what stands in brackets.
fn criterion(text: &str) -> Option<Criterion> {
    let name = text.split('（').next().unwrap_or_default();
    let named = seeds::CRITERION_NAMES.iter().find(|one| one.ja.split('（').next() == Some(name));
    text.parse().ok().or(named.map(|one| one.criterion))
}

/// The cells of a row, by the name of their column.
struct Cells<'a> {
    record: &'a StringRecord,
    places: &'a HashMap<&'static str, usize>,
}

impl<'a> Cells<'a> {
    fn get(&self, column: &str) -> &'a str {
        let place = self.places.get(column);
        place.and_then(|place| self.record.get(*place)).unwrap_or_default().trim()
    }

    /// A whole number; nothing where the cell is empty.
    fn whole(&self, column: &str) -> Result<Option<i64>, ()> {
        match self.get(column) {
            "" => Ok(None),
            text => match thousandths(text) {
                Some(number) if number % 1000 == 0 => Ok(Some(number / 1000)),
                _ => Err(()),
            },
        }
    }

    /// Yes or no; an empty cell is no.
    fn flag(&self, column: &str) -> Option<bool> {
        match self.get(column).to_lowercase().as_str() {
            "" | "false" | "0" | "no" | "いいえ" | "×" => Some(false),
            "true" | "1" | "yes" | "はい" | "○" | "〇" => Some(true),
            _ => None,
        }
    }
}

fn read<T>(
    bytes: &[u8],
    columns: &[Column],
    optional: &[&str],
    row: impl Fn(&Cells<'_>) -> Result<T, Vec<indicators::Fault>>,
) -> Result<Vec<T>, Vec<CellFault>> {
    let text = decoded(bytes).ok_or_else(|| vec![CellFault::of_file("encoding")])?;
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let broken = |_| vec![CellFault::of_file("not_csv")];
    let places = places(reader.headers().map_err(broken)?, columns);
    let missing = columns.iter().filter(|(name, _)| !places.contains_key(name));
    let missing: Vec<CellFault> = missing
        .filter(|(name, _)| !optional.contains(name))
        .map(|(column, _)| CellFault { row: 1, column, code: "no_column" })
        .collect();
    if !missing.is_empty() {
        return Err(missing);
    }
    let (mut read, mut faults) = (Vec::new(), Vec::new());
    for (number, record) in (2_usize..).zip(reader.records()) {
        let record = record.map_err(broken)?;
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        match row(&Cells { record: &record, places: &places }) {
            Ok(value) => read.push(value),
            Err(found) => faults.extend(found.into_iter().map(|(column, code)| CellFault {
                row: number,
                column,
                code,
            })),
        }
    }
    match read.len() {
        _ if !faults.is_empty() => Err(faults),
        0 => Err(vec![CellFault::of_file("empty")]),
        1..=ROWS => Ok(read),
        _ => Err(vec![CellFault::of_file("too_many")]),
    }
}

fn places(headings: &StringRecord, columns: &[Column]) -> HashMap<&'static str, usize> {
    let place = |(name, known): &Column| {
        let at = headings.iter().position(|heading| known.contains(&heading.trim()))?;
        Some((*name, at))
    };
    columns.iter().filter_map(place).collect()
}

/// UTF-8 with or without a mark, or what spreadsheet programs of Japanese systems write.
fn decoded(bytes: &[u8]) -> Option<String> {
    let plain = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if let Ok(text) = std::str::from_utf8(plain) {
        return Some(text.to_owned());
    }
    let (text, _, faulty) = encoding_rs::SHIFT_JIS.decode(bytes);
    (!faulty).then(|| text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::seeds::plan;

    fn faults(text: &str) -> Vec<(usize, &'static str, &'static str)> {
        let found = values(text.as_bytes(), plan::indicators()).unwrap_err();
        found.iter().map(|fault| (fault.row, fault.column, fault.code)).collect()
    }

    #[test]
    fn the_built_in_file_is_read_as_it_is_built_in() {
        let bytes = include_bytes!("../../seeds/indicators.csv");
        assert_eq!(values(bytes, plan::indicators()).unwrap(), plan::indicator_values());
    }

    #[test]
    fn a_spreadsheet_of_a_japanese_office_is_read() {
        let text = "指標,時点,値,分子,分母,出典\r\n電子カルテを導入している病院,2026-03,\"70.0％\",\"２１０\",300,都調査\r\n,,,,,\r\n";
        let (bytes, _, _) = encoding_rs::SHIFT_JIS.encode(text);
        let read = values(&bytes, plan::indicators()).unwrap();
        assert_eq!((read.len(), read[0].key.as_str()), (1, "emr_hospital"));
        assert_eq!((read[0].thousandths, read[0].fraction), (70_000, Some((210, 300))));
        let counts = counts(
            "都道府県,施設基準,時点,年度末,施設数,出典\n東京都,情報通信機器を用いた診療,2025-03,○,\"3,100\",厚生局\n"
                .as_bytes(),
        );
        let count = &counts.unwrap()[0];
        assert_eq!(
            (count.prefecture.as_str(), count.facilities, count.year_end),
            ("13", 3100, true)
        );
        assert_eq!(count.day().to_string(), "2025-03-31");
    }

    #[test]
    fn every_fault_of_every_row_is_told() {
        let text = "key,period,value,numerator,denominator,source\n\
                    nobody,2026,1,,,s\n\
                    emr_clinic,2026-13,x,1,,s\n\
                    emr_clinic,2026,50.0,1,3,\n";
        assert_eq!(
            faults(text),
            [
                (2, "key", "unknown"),
                (3, "numerator", "number"),
                (3, "period", "period"),
                (3, "value", "number"),
                (4, "source", "required"),
                (4, "value", "not_the_fraction"),
            ]
        );
        assert_eq!(faults("key,period\n"), [(1, "value", "no_column"), (1, "source", "no_column")]);
        assert_eq!(faults("key,period,value,source\n"), [(0, "file", "empty")]);
        let odd = values(&[0xff, 0xfe, 0x81], plan::indicators()).unwrap_err();
        assert_eq!(odd[0].pointer(), "/file");
    }
}
