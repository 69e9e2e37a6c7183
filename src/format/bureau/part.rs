//! One prefecture's part of a sheet while it is read.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;

use super::archive::OddRoom;
use super::criteria::{Criteria, MEDICINE};
use super::listing::{Places, column, institution_code, plain};
use super::rows::Row;
use super::sheet::Columns;
use super::symbols::Ordinary;
use super::{Reader, beds, dates};
use crate::model::register::{
    Code10, Criterion, Errors, Institution, Listing, Notification, OddRow, Warning, WarningCode,
};

/// More warnings than these tell nobody more.
const MOST_WARNINGS: usize = 200;

/// A part of a sheet.
pub(super) struct Part {
    /// The prefecture's two digits.
    pub(super) code: String,
    prefecture: String,
    /// Rows of every fee table.
    pub(super) rows: u32,
    /// Medical institutions, in the order of the sheet.
    pub(super) institutions: Vec<Institution>,
    places: Places,
    notifications: Vec<Notification>,
    notified: HashMap<(Code10, Criterion), usize>,
    warnings: Vec<Warning>,
    odd: Vec<OddRow>,
    room: Arc<OddRoom>,
    /// Rows that an error left out.
    pub(super) errors: Errors,
    unsaid: usize,
    ordinary: Ordinary,
}

impl Part {
    /// An empty part of the prefecture of these two digits; its odd rows are kept while there is
    /// room.
    pub(super) fn new(code: String, room: Arc<OddRoom>) -> Self {
        Self {
            code,
            prefecture: String::new(),
            rows: 0,
            institutions: Vec::new(),
            places: Places::new(),
            notifications: Vec::new(),
            notified: HashMap::new(),
            warnings: Vec::new(),
            odd: Vec::new(),
            room,
            errors: Errors::default(),
            unsaid: 0,
            ordinary: Ordinary::default(),
        }
    }

    /// Tells of something odd in a row.
    pub(super) fn warn(&mut self, code: WarningCode, row: &Row<'_>, detail: String) {
        if code.leaves_out_institution() {
            self.errors.institutions += 1;
        } else if code.is_error() {
            self.errors.notifications += 1;
        }
        let texts: usize = row.cells.iter().map(|cell| cell.len()).sum();
        let bytes = detail.len() + texts + row.cells.len() * size_of::<String>();
        if self.room.take(bytes) {
            let (row, cells) = (row.number, row.texts());
            self.odd.push(OddRow { row, code, detail: detail.clone(), cells });
        }
        if self.warnings.len() < MOST_WARNINGS {
            self.warnings.push(Warning { code, row: Some(row.number), detail });
        } else {
            self.unsaid += 1;
        }
    }

    /// Takes in what was told of rows that belong to no prefecture, or to one without institutions.
    pub(super) fn take_in(&mut self, strays: &mut Self) {
        self.rows += strays.rows;
        self.errors.institutions += strays.errors.institutions;
        self.errors.notifications += strays.errors.notifications;
        self.odd.append(&mut strays.odd);
        self.warnings.append(&mut strays.warnings);
        self.unsaid += strays.unsaid + self.warnings.len().saturating_sub(MOST_WARNINGS);
        self.warnings.truncate(MOST_WARNINGS);
    }

    /// The place of the medical institution of a row, which is read where the row is its first. An
    /// error is told.
    pub(super) fn medical(
        &mut self,
        number: &str,
        reader: &Reader<'_>,
        row: &Row<'_>,
        columns: &Columns,
    ) -> Result<Option<usize>, ()> {
        if self.prefecture.is_empty() {
            self.prefecture = plain(row.cell(columns, column::PREFECTURE));
        }
        let Some(code) = institution_code(&self.code, number) else {
            self.warn(WarningCode::BadCode, row, number.to_owned());
            return Err(());
        };
        if let Some(place) = self.places.get(&code) {
            return Ok(Some(*place));
        }
        let name = plain(row.cell(columns, column::NAME));
        if name.is_empty() {
            self.warn(WarningCode::NoName, row, code.to_string());
            return Err(());
        }
        let address = plain(row.cell(columns, column::ADDRESS));
        let municipality = reader.places.find(code.prefecture(), &address).map(str::to_owned);
        if !code.check_digit_fits() {
            self.warn(WarningCode::CheckDigit, row, code.to_string());
        }
        if municipality.is_none() {
            self.warn(WarningCode::UnknownMunicipality, row, address.clone());
        }
        let stated = row.cell(columns, column::BEDS);
        let kind = row.kind(columns);
        let beds::Beds { total: beds, unclear } = beds::read(stated);
        let (size, contradicted) = beds::size(kind, beds);
        if unclear || contradicted {
            self.warn(WarningCode::UnclearBeds, row, plain(&format!("{stated} {kind}")));
        }
        let postal_code = plain(row.postal_code(columns));
        let place = self.institutions.len();
        self.institutions.push(Institution {
            code,
            name,
            postal_code: Some(postal_code).filter(|code| !code.is_empty()),
            address,
            municipality,
            beds,
            size,
            filed: false,
        });
        self.places.insert(code, place);
        Ok(Some(place))
    }

    /// Takes in what the row says that the institution at `place` has notified.
    pub(super) fn filing(
        &mut self,
        place: usize,
        reader: &Reader<'_>,
        as_of: NaiveDate,
        row: &Row<'_>,
        columns: &Columns,
    ) {
        let symbol = row.cell(columns, column::SYMBOL);
        if symbol.is_empty() && row.cell(columns, column::CRITERION).is_empty() {
            return;
        }
        self.institutions[place].filed = true;
        let found = reader.criteria.find(MEDICINE, symbol, as_of).or_else(|| {
            // A cell that was broken in two lines, or padded inside.
            let spaced = symbol.chars().any(char::is_whitespace);
            let squeezed: String = symbol.chars().filter(|c| !c.is_whitespace()).collect();
            spaced.then(|| reader.criteria.find(MEDICINE, &squeezed, as_of))?
        });
        let name = row.cell(columns, column::CRITERION);
        let Some(alias) = found else {
            if self.ordinary.hides(symbol, name, reader.criteria, as_of) {
                let detail = plain(&format!("{symbol}: {name}"));
                self.warn(WarningCode::OtherSymbol, row, detail);
            }
            return;
        };
        let name = plain(name);
        if name != plain(&alias.name) {
            self.warn(WarningCode::CriterionName, row, format!("{symbol}: {name}"));
        }
        let criterion = (alias.criterion, reader.criteria.beginning(alias.criterion));
        self.notification(self.institutions[place].code, criterion, as_of, row, columns);
    }

    /// Keeps the row's notification, unless the institution has already notified the criterion, of
    /// which the first day is told too.
    fn notification(
        &mut self,
        code: Code10,
        (criterion, beginning): (Criterion, Option<NaiveDate>),
        as_of: NaiveDate,
        row: &Row<'_>,
        columns: &Columns,
    ) {
        let acceptance_number = plain(row.cell(columns, column::ACCEPTANCE));
        let start = row.cell(columns, column::START);
        if columns.from_1904 && dates::is_bare(start) {
            self.warn(WarningCode::BareDay, row, plain(start));
            return;
        }
        let parsed = dates::parse(start);
        let notification = Notification {
            institution: code,
            criterion,
            acceptance_number,
            effective_from: parsed.ok(),
        };
        if let Some(kept) = self.notified.get(&(code, criterion)) {
            // A detail of the same filing repeats it; another number or start contradicts it.
            let same = self.notifications[*kept] == notification;
            let code = if same {
                WarningCode::DuplicateNotification
            } else {
                WarningCode::ConflictingNotification
            };
            let detail = format!("{} {}", notification.institution, notification.acceptance_number);
            self.warn(code, row, detail);
            return;
        }
        if parsed.is_err() {
            self.warn(WarningCode::ImpossibleDate, row, plain(start));
        }
        if notification.effective_from.is_some_and(|date| date > as_of) {
            self.warn(WarningCode::StartAfterAsOf, row, plain(start));
        }
        if let (Some(date), Some(first)) = (notification.effective_from, beginning)
            && date < first
        {
            self.warn(WarningCode::StartBeforeCriterion, row, plain(start));
        }
        self.notified.insert((code, criterion), self.notifications.len());
        self.notifications.push(notification);
    }

    /// The part as a listing of the day `as_of`; the caller knows the rest of its title.
    pub(super) fn finish(
        mut self,
        created_on: Option<NaiveDate>,
        criteria: &Criteria,
        as_of: NaiveDate,
    ) -> Listing {
        let mut say = |code, detail| self.warnings.push(Warning { code, row: None, detail });
        let none = self.notifications.is_empty();
        if let Some(alias) = criteria.in_force(MEDICINE, as_of).next().filter(|_| none) {
            say(WarningCode::NothingAccepted, alias.name.clone());
        }
        if created_on.is_none() {
            say(WarningCode::NoCreationDate, "作成".to_owned());
        }
        if self.unsaid > 0 {
            say(WarningCode::More, format!("+{}", self.unsaid));
        }
        self.institutions.sort_by_key(|institution| institution.code);
        self.notifications.sort_by_key(|n| (n.institution, n.criterion));
        self.odd.sort_by_key(|odd| odd.row);
        Listing {
            as_of,
            prefecture_code: self.code,
            prefecture: self.prefecture,
            rows: self.rows,
            institutions: self.institutions,
            notifications: self.notifications,
            warnings: self.warnings,
            odd: self.odd,
            errors: self.errors,
            ..Listing::default()
        }
    }
}
