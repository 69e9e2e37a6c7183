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

    /// What `symbol` in fee table `category` means in a list as of `day`.
    pub fn find(&self, category: &str, symbol: &str, day: NaiveDate) -> Option<&Alias> {
        self.0.iter().find(|alias| {
            let valid = alias.valid_from <= day && alias.valid_to.is_none_or(|last| day <= last);
            valid && alias.symbol == symbol && alias.category == category
        })
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
