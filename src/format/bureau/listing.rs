//! From rows to listings. A row is one notification; the institution's cells are repeated on each.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;
use unicode_normalization::UnicodeNormalization;

use super::sheet::{Columns, Row};
use super::{Reader, beds};
use crate::format::wareki::{self, NoDate};
use crate::model::register::{
    Code10, Criterion, Institution, Listing, Notification, Size, Warning, WarningCode,
};

/// The fee table that we follow.
const MEDICINE: &str = "医科";
/// More warnings than these tell nobody more.
const MOST_WARNINGS: usize = 200;

/// The lists of one sheet, by prefecture: a sheet should hold one, but nothing promises it.
pub(super) struct Lists<'r> {
    reader: &'r Reader<'r>,
    as_of: NaiveDate,
    created_on: Option<NaiveDate>,
    all_institutions: bool,
    parts: BTreeMap<String, Part>,
}

/// Whether a row brought an institution.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Came {
    /// One that was not there yet.
    New,
    /// None, or one that was.
    Known,
}

/// One prefecture's part while it is read.
#[derive(Default)]
struct Part {
    prefecture: String,
    rows: u32,
    institutions: Vec<Institution>,
    places: HashMap<Code10, usize>,
    notifications: Vec<Notification>,
    notified: HashSet<(Code10, Criterion)>,
    warnings: Vec<Warning>,
    unsaid: usize,
}

/// Places in [`super::sheet::COLUMNS`].
mod column {
    pub(super) const PREFECTURE_CODE: usize = 0;
    pub(super) const PREFECTURE: usize = 1;
    pub(super) const CATEGORY: usize = 2;
    pub(super) const NUMBER: usize = 3;
    pub(super) const NAME: usize = 4;
    pub(super) const ADDRESS: usize = 5;
    pub(super) const BEDS: usize = 6;
    pub(super) const CRITERION: usize = 7;
    pub(super) const SYMBOL: usize = 8;
    pub(super) const ACCEPTANCE: usize = 9;
    pub(super) const START: usize = 10;
}

/// NFKC, and single spaces.
fn plain(text: &str) -> String {
    let text: String = text.nfkc().collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl<'r> Lists<'r> {
    /// Lists under `title`; nothing where it does not say of which day they are.
    pub(super) fn new(title: &str, reader: &'r Reader<'r>) -> Option<Self> {
        let dates = wareki::find(title);
        let before = |word: &str| dates.iter().find(|(_, after)| after.starts_with(word));
        let as_of = before("現在")?.0.ok()?;
        let created_on = before("作成").and_then(|(date, _)| date.ok());
        let all_institutions = title.contains("全医療機関出力");
        Some(Self { reader, as_of, created_on, all_institutions, parts: BTreeMap::new() })
    }

    /// Takes one row of data in.
    pub(super) fn row(&mut self, row: &Row<'_>, columns: &Columns) -> Came {
        let prefecture = row.cell(columns, column::PREFECTURE_CODE);
        let (reader, as_of) = (self.reader, self.as_of);
        let part = match self.parts.get_mut(prefecture.as_ref()) {
            Some(part) => part,
            None => self.parts.entry(prefecture.clone().into_owned()).or_default(),
        };
        part.rows += 1;
        let category = row.cell(columns, column::CATEGORY);
        if category != MEDICINE {
            return Came::Known;
        }
        if part.prefecture.is_empty() {
            part.prefecture = plain(&row.cell(columns, column::PREFECTURE));
        }
        let number = row.cell(columns, column::NUMBER);
        let Ok(code) = Code10::medical(&prefecture, &number) else {
            part.warn(WarningCode::BadCode, row, number.into_owned());
            return Came::Known;
        };
        let known = part.institutions.len();
        let place = part.institution(code, row, columns, reader);
        let came = if part.institutions.len() > known { Came::New } else { Came::Known };
        let symbol = row.cell(columns, column::SYMBOL);
        if symbol.is_empty() && row.cell(columns, column::CRITERION).is_empty() {
            return came;
        }
        part.institutions[place].filed = true;
        if let Some(alias) = reader.criteria.find(&category, &symbol, as_of) {
            let name = plain(&row.cell(columns, column::CRITERION));
            if name != plain(&alias.name) {
                part.warn(WarningCode::CriterionName, row, format!("{symbol}: {name}"));
            }
            part.notification(code, alias.criterion, as_of, row, columns);
        }
        came
    }

    /// The listings of prefectures that have medical institutions.
    pub(super) fn finish(self) -> Vec<Listing> {
        let Self { as_of, created_on, all_institutions, parts, .. } = self;
        let parts = parts.into_iter().filter(|(_, part)| !part.institutions.is_empty());
        parts
            .map(|(prefecture, mut part)| {
                part.close(created_on);
                part.institutions.sort_by_key(|institution| institution.code);
                part.notifications.sort_by_key(|n| (n.institution, n.criterion));
                Listing {
                    prefecture_code: format!("{prefecture:0>2}"),
                    prefecture: part.prefecture,
                    as_of,
                    created_on,
                    all_institutions,
                    rows: part.rows,
                    institutions: part.institutions,
                    notifications: part.notifications,
                    warnings: part.warnings,
                }
            })
            .collect()
    }
}

impl Part {
    fn warn(&mut self, code: WarningCode, row: &Row<'_>, detail: String) {
        if self.warnings.len() < MOST_WARNINGS {
            self.warnings.push(Warning { code, row: Some(row.number), detail });
        } else {
            self.unsaid += 1;
        }
    }

    /// Adds the warnings that belong to no row.
    fn close(&mut self, created_on: Option<NaiveDate>) {
        let mut say = |code, detail| self.warnings.push(Warning { code, row: None, detail });
        if created_on.is_none() {
            say(WarningCode::NoCreationDate, "作成".to_owned());
        }
        if self.unsaid > 0 {
            say(WarningCode::More, format!("+{}", self.unsaid));
        }
    }

    /// The place of the row's institution, which is read where the row is its first.
    fn institution(
        &mut self,
        code: Code10,
        row: &Row<'_>,
        columns: &Columns,
        reader: &Reader<'_>,
    ) -> usize {
        if let Some(place) = self.places.get(&code) {
            return *place;
        }
        let address = plain(&row.cell(columns, column::ADDRESS));
        let municipality = reader.places.find(code.prefecture(), &address).map(str::to_owned);
        if !code.check_digit_fits() {
            self.warn(WarningCode::CheckDigit, row, code.to_string());
        }
        if municipality.is_none() {
            self.warn(WarningCode::UnknownMunicipality, row, address.clone());
        }
        let beds = beds::total(&row.cell(columns, column::BEDS));
        let postal_code = plain(&row.postal_code(columns));
        let place = self.institutions.len();
        self.institutions.push(Institution {
            code,
            name: plain(&row.cell(columns, column::NAME)),
            postal_code: Some(postal_code).filter(|code| !code.is_empty()),
            address,
            municipality,
            beds,
            size: Size::of(beds),
            filed: false,
        });
        self.places.insert(code, place);
        place
    }

    /// Keeps the row's notification, unless the institution has already notified the criterion.
    fn notification(
        &mut self,
        code: Code10,
        criterion: Criterion,
        as_of: NaiveDate,
        row: &Row<'_>,
        columns: &Columns,
    ) {
        let acceptance_number = plain(&row.cell(columns, column::ACCEPTANCE));
        if !self.notified.insert((code, criterion)) {
            self.warn(
                WarningCode::DuplicateNotification,
                row,
                format!("{code} {acceptance_number}"),
            );
            return;
        }
        let start = row.cell(columns, column::START);
        let effective_from = match wareki::parse(&start) {
            Ok(date) => Some(date),
            Err(NoDate::Form | NoDate::Impossible) => {
                self.warn(WarningCode::ImpossibleDate, row, plain(&start));
                None
            }
        };
        if effective_from.is_some_and(|date| date > as_of) {
            self.warn(WarningCode::StartAfterAsOf, row, plain(&start));
        }
        let notification =
            Notification { institution: code, criterion, acceptance_number, effective_from };
        self.notifications.push(notification);
    }
}
