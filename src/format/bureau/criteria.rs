//! Which symbol in a list means which criterion, and when.

use chrono::NaiveDate;
use serde::Deserialize;

use crate::model::register::Criterion;

/// One symbol (受理記号) by which lists of a period mean a criterion.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Alias {
    /// The criterion meant.
    pub criterion: Criterion,
    /// The fee table (区分) it is meant in: 医科. The same symbol may mean another thing elsewhere.
    pub category: String,
    /// The symbol, to be equal and not contained: 情報通信 is in 歯情報通信.
    pub symbol: String,
    /// The name (受理届出名称) that goes with it.
    pub name: String,
    /// The first day on which a list may use it so.
    pub valid_from: NaiveDate,
    /// The last such day, if there is one.
    pub valid_to: Option<NaiveDate>,
}

/// Why a table of further symbols is not taken: in which of its lines, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct BadAlias {
    /// The line, from 1.
    pub line: u64,
    /// Why.
    pub why: String,
}

/// The columns of a table of symbols, in this order.
const COLUMNS: [&str; 6] = ["criterion", "category", "symbol", "name", "valid_from", "valid_to"];
/// The fee table (区分) whose rows are followed.
pub(super) const MEDICINE: &str = "医科";

/// All symbols that are followed.
#[derive(Clone, Debug, Default)]
pub struct Criteria(Vec<Alias>);

impl Criteria {
    /// The table of these rows.
    pub fn new(aliases: Vec<Alias>) -> Self {
        Self(aliases)
    }

    /// How many rows it has.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is followed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The symbols of a criterion.
    pub fn of(&self, criterion: Criterion) -> impl Iterator<Item = &Alias> {
        self.0.iter().filter(move |alias| alias.criterion == criterion)
    }

    /// This table with the rows of another, a CSV of the same columns: further symbols by which the
    /// lists of a period mean a criterion that is known.
    ///
    /// # Errors
    /// The first row that names an unknown criterion, lies outside of its criterion's time, or whose
    /// symbol means something in its time already.
    pub fn extended(&self, text: &str) -> Result<Self, BadAlias> {
        let bad = |line, why| Err(BadAlias { line, why });
        let mut all = self.clone();
        let text = text.trim_start_matches('\u{feff}');
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        for (place, record) in reader.records().enumerate() {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    let line = error.position().map_or(1, csv::Position::line);
                    return bad(line, format!("a row has {} columns", COLUMNS.len()));
                }
            };
            let line = record.position().map_or(1, csv::Position::line);
            let cells: Vec<&str> = record.iter().map(str::trim).collect();
            if place == 0 {
                if cells != COLUMNS {
                    return bad(line, format!("expected the columns {}", COLUMNS.join(",")));
                }
                continue;
            }
            match self.alias(&cells).and_then(|alias| all.room_for(alias)) {
                Ok(alias) => all.0.push(alias),
                Err(why) => return bad(line, why),
            }
        }
        if all.len() == self.len() {
            return bad(1, "there is no row".to_owned());
        }
        Ok(all)
    }

    /// A row of a further table.
    fn alias(&self, cells: &[&str]) -> Result<Alias, String> {
        let &[criterion, category, symbol, name, from, to] = cells else {
            return Err(format!("a row has {} columns", COLUMNS.len()));
        };
        let Ok(known) = criterion.parse::<Criterion>() else {
            let all: Vec<&str> = Criterion::ALL.iter().map(|one| one.code()).collect();
            return Err(format!(
                "no criterion is called {criterion}: there are {}",
                all.join(", ")
            ));
        };
        if category != MEDICINE {
            return Err(format!("only rows of {MEDICINE} are followed, not of {category}"));
        }
        if symbol.is_empty() || name.is_empty() {
            return Err("the symbol and its name must be there".to_owned());
        }
        let day = |text: &str| {
            let wrong = |_| format!("{text} is no day: expected YYYY-MM-DD");
            text.parse::<NaiveDate>().map_err(wrong)
        };
        let valid_from = day(from)?;
        let valid_to = (!to.is_empty()).then(|| day(to)).transpose()?;
        if valid_to.is_some_and(|last| last < valid_from) {
            return Err(format!("{to} is before {from}"));
        }
        let within = |of: &Alias| {
            let ends = of.valid_to.is_none_or(|last| valid_to.is_some_and(|end| end <= last));
            of.valid_from <= valid_from && ends
        };
        if !self.of(known).any(within) {
            return Err(format!("{criterion} was not in force through all of that time"));
        }
        Ok(Alias {
            criterion: known,
            category: category.to_owned(),
            symbol: symbol.to_owned(),
            name: name.to_owned(),
            valid_from,
            valid_to,
        })
    }

    /// The same alias, if its symbol means nothing yet in its time.
    fn room_for(&self, new: Alias) -> Result<Alias, String> {
        let overlaps = |old: &&Alias| {
            old.symbol == new.symbol
                && old.category == new.category
                && old.valid_to.is_none_or(|last| new.valid_from <= last)
                && new.valid_to.is_none_or(|last| old.valid_from <= last)
        };
        match self.0.iter().find(overlaps) {
            None => Ok(new),
            Some(old) => {
                Err(format!("{} means {} already in that time", old.symbol, old.criterion.code()))
            }
        }
    }

    /// What `symbol` in fee table `category` means in a list as of `day`.
    pub fn find(&self, category: &str, symbol: &str, day: NaiveDate) -> Option<&Alias> {
        self.in_force(category, day).find(|alias| alias.symbol == symbol)
    }

    /// The symbols of fee table `category` that a list as of `day` may use.
    pub fn in_force<'a, 'c>(
        &'a self,
        category: &'c str,
        day: NaiveDate,
    ) -> impl Iterator<Item = &'a Alias> + use<'a, 'c> {
        self.0.iter().filter(move |alias| {
            let valid = alias.valid_from <= day && alias.valid_to.is_none_or(|last| day <= last);
            valid && alias.category == category
        })
    }

    /// The first day of a criterion, whatever its symbol was.
    pub fn beginning(&self, criterion: Criterion) -> Option<NaiveDate> {
        self.of(criterion).map(|alias| alias.valid_from).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::seeds::criteria;

    #[test]
    fn the_symbol_is_equal_and_in_its_time() {
        let found = |category, symbol, day: &str| {
            criteria().find(category, symbol, day.parse().unwrap()).map(|alias| alias.criterion)
        };
        assert_eq!(found("医科", "情報通信", "2025-09-01"), Some(Criterion::IctCare));
        assert_eq!(found("医科", "情報通信", "2022-03-31"), None);
        assert_eq!(found("医科", "歯情報通信", "2025-09-01"), None);
        assert_eq!(found("歯科", "情報通信", "2025-09-01"), None);
        assert_eq!(found("医科", "オン診", "2022-03-31"), Some(Criterion::OnlineCareFeeLegacy));
        assert_eq!(found("医科", "オン診", "2022-04-01"), None);
    }
}
