//! Public holidays, from the list that the Cabinet Office publishes year by year.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};

/// The public holidays of whole years.
///
/// The list ends where the Cabinet Office has not yet published: it gives the holidays of a year
/// in February of the year before. A date after it is not "no holiday" but unknown.
#[derive(Clone, Debug, Default)]
pub struct Holidays {
    names: BTreeMap<NaiveDate, Arc<str>>,
}

/// What the list says of a date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// It is no holiday.
    Ordinary,
    /// It is the holiday of this name.
    Holiday(Arc<str>),
    /// It is in a year that the list does not cover.
    Unknown,
}

impl Holidays {
    /// Takes the list; the order does not matter. It is held to be complete for every year from
    /// its first to its last date.
    pub fn new<N: Into<Arc<str>>>(list: impl IntoIterator<Item = (NaiveDate, N)>) -> Self {
        Self { names: list.into_iter().map(|(date, name)| (date, name.into())).collect() }
    }

    /// What `date` is.
    pub fn lookup(&self, date: NaiveDate) -> Lookup {
        match self.names.get(&date) {
            Some(name) => Lookup::Holiday(Arc::clone(name)),
            None if self.covers(date) => Lookup::Ordinary,
            None => Lookup::Unknown,
        }
    }

    /// The name of the holiday on `date`, if it is known to be one.
    pub fn name(&self, date: NaiveDate) -> Option<&Arc<str>> {
        self.names.get(&date)
    }

    /// Whether some holiday of the list has this name.
    pub fn has_name(&self, name: &str) -> bool {
        self.names.values().any(|known| **known == *name)
    }

    /// The holidays from `from` to `to`, both included, in order.
    pub fn between(
        &self,
        from: NaiveDate,
        to: NaiveDate,
    ) -> impl Iterator<Item = (NaiveDate, &Arc<str>)> {
        // A range that ends before it begins is empty, and would panic.
        let to = to.max(from);
        self.names.range(from..=to).map(|(date, name)| (*date, name))
    }

    /// The last day of which the list can tell; nothing while it is empty.
    pub fn known_until(&self) -> Option<NaiveDate> {
        let (last, _) = self.names.last_key_value()?;
        NaiveDate::from_ymd_opt(last.year(), 12, 31)
    }

    fn covers(&self, date: NaiveDate) -> bool {
        let first = self.names.first_key_value().map(|(first, _)| first.year());
        first.is_some_and(|first| first <= date.year()) && self.known_until() >= Some(date)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_year_that_is_not_in_the_list_is_unknown() {
        let list = [(date("2027-02-11"), "建国記念の日"), (date("2026-11-03"), "文化の日")];
        let holidays = Holidays::new(list);
        assert_eq!(holidays.lookup(date("2026-11-03")), Lookup::Holiday("文化の日".into()));
        assert_eq!(holidays.lookup(date("2026-11-04")), Lookup::Ordinary);
        assert_eq!(holidays.lookup(date("2026-01-02")), Lookup::Ordinary);
        assert_eq!(holidays.lookup(date("2025-12-31")), Lookup::Unknown);
        assert_eq!(holidays.lookup(date("2027-12-31")), Lookup::Ordinary);
        assert_eq!(holidays.lookup(date("2028-01-01")), Lookup::Unknown);
        assert_eq!(holidays.known_until(), Some(date("2027-12-31")));
        assert_eq!(holidays.name(date("2027-02-11")).map(|name| &**name), Some("建国記念の日"));
    }

    #[test]
    fn an_empty_list_knows_nothing() {
        assert_eq!(Holidays::default().lookup(date("2026-01-01")), Lookup::Unknown);
        assert_eq!(Holidays::default().known_until(), None);
    }
}
