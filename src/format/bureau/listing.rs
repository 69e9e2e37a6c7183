//! From rows to listings. A row is one notification; the institution's cells are repeated on each.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;
use unicode_normalization::UnicodeNormalization;

use super::archive::OddRoom;
use super::criteria::MEDICINE;
use super::part::Part;
use super::rows::Row;
use super::sheet::Columns;
use super::{Reader, dates};
use crate::format::seeds;
use crate::model::register::{Code10, Listing, WarningCode};

/// The others that lists hold beside it.
const OTHERS: [&str; 3] = ["歯科", "薬局", "調剤"];

/// The lists of one sheet, by prefecture: a sheet should hold one, but nothing promises it.
pub(super) struct Lists<'r> {
    reader: &'r Reader<'r>,
    as_of: NaiveDate,
    created_on: Option<NaiveDate>,
    all_institutions: bool,
    header: Vec<String>,
    parts: Vec<Part>,
    /// Rows that belong to no prefecture.
    strays: Part,
    room: Arc<OddRoom>,
    last: Option<Last>,
}

/// What became of a sheet's rows.
pub(super) struct Finished {
    /// The listings of prefectures that have medical institutions.
    pub(super) listings: Vec<Listing>,
    /// Rows with errors that are told with none of them, as there is none.
    pub(super) lost: usize,
}

/// Whose the row before was: an institution's rows follow each other.
struct Last {
    prefecture: String,
    category: String,
    number: String,
    part: usize,
    /// Its place among the part's institutions; none for dentists and pharmacies.
    place: Option<usize>,
}

/// Whether a row brought an institution.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Came {
    /// One that was not there yet.
    New,
    /// None, or one that was.
    Known,
}

/// Places in [`super::sheet::COLUMNS`].
pub(super) mod column {
    pub(in super::super) const PREFECTURE_CODE: usize = 0;
    pub(in super::super) const PREFECTURE: usize = 1;
    pub(in super::super) const CATEGORY: usize = 2;
    pub(in super::super) const NUMBER: usize = 3;
    pub(in super::super) const NAME: usize = 4;
    pub(in super::super) const ADDRESS: usize = 5;
    pub(in super::super) const BEDS: usize = 6;
    pub(in super::super) const CRITERION: usize = 7;
    pub(in super::super) const SYMBOL: usize = 8;
    pub(in super::super) const ACCEPTANCE: usize = 9;
    pub(in super::super) const START: usize = 10;
}

/// NFKC, and single spaces.
pub(super) fn plain(text: &str) -> String {
    let text: String = text.nfkc().collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// NFKC, without any space.
fn squeezed(text: &str) -> String {
    text.nfkc().filter(|c| !c.is_whitespace()).collect()
}

impl<'r> Lists<'r> {
    /// Lists under `title` and `header`; nothing where the title does not say of which day they are.
    pub(super) fn new(
        title: &str,
        header: Vec<String>,
        reader: &'r Reader<'r>,
        room: Arc<OddRoom>,
    ) -> Option<Self> {
        let as_of = dates::before(title, "現在").or_else(|| dates::before(title, "時点"))?;
        Some(Self {
            reader,
            as_of,
            created_on: dates::before(title, "作成"),
            all_institutions: title.contains("全医療機関出力"),
            header,
            parts: Vec::new(),
            strays: Part::new(String::new(), Arc::clone(&room)),
            room,
            last: None,
        })
    }

    /// Takes one row of data in.
    pub(super) fn row(&mut self, row: &Row<'_>, columns: &Columns) -> Came {
        let prefecture = row.cell(columns, column::PREFECTURE_CODE);
        let category = row.cell(columns, column::CATEGORY);
        let number = row.cell(columns, column::NUMBER);
        let error = row.error(columns).filter(|_| !OTHERS.contains(&squeezed(category).as_str()));
        if error.is_none()
            && let Some(last) = &self.last
            && last.number == number
            && last.prefecture == prefecture
            && last.category == category
        {
            let part = &mut self.parts[last.part];
            part.rows += 1;
            if let Some(place) = last.place {
                part.filing(place, self.reader, self.as_of, row, columns);
            }
            return Came::Known;
        }
        self.last = None;
        let Some(code) = prefecture_code(prefecture, row.cell(columns, column::PREFECTURE)) else {
            self.strays.rows += 1;
            self.strays.warn(WarningCode::BadPrefecture, row, prefecture.to_owned());
            return Came::Known;
        };
        let found = self.parts.iter().position(|part| part.code == code);
        let at = found.unwrap_or_else(|| {
            self.parts.push(Part::new(code, Arc::clone(&self.room)));
            self.parts.len() - 1
        });
        let part = &mut self.parts[at];
        part.rows += 1;
        if let Some(error) = error {
            part.warn(WarningCode::ErrorCell, row, error.to_owned());
            return Came::Known;
        }
        let known = part.institutions.len();
        let place = match category {
            MEDICINE => part.medical(number, self.reader, row, columns),
            other => match squeezed(other).as_str() {
                MEDICINE => part.medical(number, self.reader, row, columns),
                other if OTHERS.contains(&other) => Ok(None),
                _ => {
                    part.warn(WarningCode::UnknownCategory, row, category.to_owned());
                    Err(())
                }
            },
        };
        // A row with an error is looked at again each time, so that each is told.
        let Ok(place) = place else { return Came::Known };
        let came = if part.institutions.len() > known { Came::New } else { Came::Known };
        if let Some(place) = place {
            part.filing(place, self.reader, self.as_of, row, columns);
        }
        self.last = Some(Last {
            prefecture: prefecture.to_owned(),
            category: category.to_owned(),
            number: number.to_owned(),
            part: at,
            place,
        });
        came
    }

    /// All rows are in.
    pub(super) fn finish(self) -> Finished {
        let Self { reader, as_of, created_on, all_institutions, parts, strays, header, .. } = self;
        let (mut parts, empty): (Vec<Part>, Vec<Part>) =
            parts.into_iter().partition(|part| !part.institutions.is_empty());
        // Dentists' rows of a prefecture without an error are nothing to tell.
        let mut lost: Vec<Part> = empty.into_iter().filter(|part| part.errors.all() > 0).collect();
        lost.push(strays);
        // Rows of nobody are told with the prefecture that the sheet is most about.
        if let Some(largest) = parts.iter_mut().max_by_key(|part| part.institutions.len()) {
            for mut part in lost.drain(..) {
                largest.take_in(&mut part);
            }
        }
        parts.sort_by(|a, b| a.code.cmp(&b.code));
        let listing = |part: Part| {
            let mut listing = part.finish(created_on, reader.criteria, as_of);
            listing.created_on = created_on;
            listing.all_institutions = all_institutions;
            listing.columns.clone_from(&header);
            listing
        };
        Finished {
            listings: parts.into_iter().map(listing).collect(),
            lost: lost.iter().map(|part| part.errors.all()).sum(),
        }
    }
}

/// The two digits of a prefecture from the cell of its code or, where that is empty, of its name.
fn prefecture_code(code: &str, name: &str) -> Option<String> {
    let code = squeezed(code);
    if code.is_empty() {
        let name = squeezed(name);
        let all = (1..=47).map(|number| format!("{number:02}"));
        return all.into_iter().find(|code| seeds::prefecture(code) == Some(name.as_str()));
    }
    let digits = code.len() <= 2 && code.bytes().all(|byte| byte.is_ascii_digit());
    let number: u8 = code.parse().ok().filter(|number| digits && (1..=47).contains(number))?;
    Some(format!("{number:02}"))
}

/// The code of the medical institution that a cell numbers in a prefecture. Other systems write
/// `01,1234,5`, `01-12345` or `01.2345.6`, and some all ten digits.
pub(super) fn institution_code(prefecture: &str, cell: &str) -> Option<Code10> {
    let plain = cell.len() == 7 && cell.bytes().all(|byte| byte.is_ascii_digit());
    if plain {
        return Code10::medical(prefecture, cell).ok();
    }
    let digits: String = squeezed(cell).chars().filter(|c| !matches!(c, ',' | '.' | '-')).collect();
    let own = format!("{prefecture}{}", Code10::MEDICINE);
    let number = if digits.len() == 10 { digits.strip_prefix(&own)? } else { &digits };
    // Leading zeros are lost where a spreadsheet took the text for a number.
    (4..=7).contains(&number.len()).then(|| Code10::medical(prefecture, number).ok())?
}

/// Where institutions stand among those of a part, by code.
pub(super) type Places = HashMap<Code10, usize>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_as_other_systems_write_them() {
        let code = |cell: &str| institution_code("13", cell).map(|code| code.to_string());
        for cell in [
            "0112345",
            "01,1234,5",
            "01-12345",
            "01.1234.5",
            "０１１２３４５",
            "112345",
            "1310112345",
        ] {
            assert_eq!(code(cell).as_deref(), Some("1310112345"), "{cell}");
        }
        for cell in ["", "0", "x112345", "01123456", "1410112345", "12345678901"] {
            assert_eq!(code(cell), None, "{cell}");
        }
    }

    #[test]
    fn a_prefecture_is_one_of_forty_seven() {
        assert_eq!(prefecture_code("11", "").as_deref(), Some("11"));
        assert_eq!(prefecture_code("8", "").as_deref(), Some("08"));
        assert_eq!(prefecture_code("０８", "").as_deref(), Some("08"));
        assert_eq!(prefecture_code("", "埼玉県").as_deref(), Some("11"));
        for code in ["00", "48", "埼玉", "+1", "011"] {
            assert_eq!(prefecture_code(code, "埼玉県"), None, "{code}");
        }
        assert_eq!(prefecture_code("", "武蔵国"), None);
    }
}
