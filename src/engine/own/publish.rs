//! What of the service's own counts may be shown: numbers that stand for few patients are not, nor
//! those from which they would follow.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use super::ALL;
use crate::engine::suppress::Cube;
use crate::model::own::{Count, FEW, Measure};

/// A year's counts as they may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The year.
    pub year: String,
    /// Its months that are over, `2026-11`.
    pub months: Vec<String>,
    /// The municipalities with any visit, in order of code.
    pub places: Vec<String>,
    figures: BTreeMap<(String, String, Measure), Option<i64>>,
}

impl Published {
    /// Of a year's counts, as [`judged`] left them.
    pub fn new(year: &str, months: Vec<String>, counts: &[Count]) -> Self {
        let places = places(counts);
        let mut figures = BTreeMap::new();
        for place in places.iter().map(String::as_str).chain([ALL]) {
            for period in months.iter().map(String::as_str).chain([year]) {
                for measure in Measure::ALL {
                    figures.insert((place.to_owned(), period.to_owned(), *measure), Some(0));
                }
            }
        }
        for count in counts {
            let key = (count.place.clone(), count.period.clone(), count.measure);
            figures.insert(key, count.shown.then_some(count.visits));
        }
        Self { year: year.to_owned(), months, places, figures }
    }

    /// A number: of a municipality or [`ALL`], of a month or the year; nothing where it must not be
    /// shown.
    pub fn figure(&self, place: &str, period: &str, measure: Measure) -> Option<i64> {
        let key = (place.to_owned(), period.to_owned(), measure);
        self.figures.get(&key).copied().unwrap_or(Some(0))
    }

    /// All numbers: place, period, what, how many.
    pub fn figures(&self) -> impl Iterator<Item = (&str, &str, Measure, Option<i64>)> {
        self.figures.iter().map(|((place, period, measure), value)| {
            (place.as_str(), period.as_str(), *measure, *value)
        })
    }

    /// How many of the visits that were agreed took place, of how many; nothing where one of the two
    /// must not be shown.
    pub fn kept(&self, place: &str, period: &str) -> Option<(i64, i64)> {
        let figure = |measure| self.figure(place, period, measure);
        Some((figure(Measure::Kept)?, figure(Measure::Booked)?))
    }
}

/// The months of a year that are over on a day.
pub fn months_over(year: i32, today: NaiveDate) -> Vec<String> {
    let over = match today.year() {
        now if now > year => 12,
        now if now == year => today.month() - 1,
        _ => 0,
    };
    (1..=over).map(|month| format!("{year}-{month:02}")).collect()
}

fn places(counts: &[Count]) -> Vec<String> {
    let named = counts.iter().filter(|count| count.place != ALL);
    let mut places: Vec<String> = named.map(|count| count.place.clone()).collect();
    places.sort_unstable();
    places.dedup();
    places
}

/// The counts of a year with what may be shown of them, and rows for nothing where even that must
/// not be told.
pub fn judged(year: &str, months: &[String], counts: &[Count]) -> Vec<Count> {
    let known: BTreeMap<(&str, &str, Measure), &Count> = counts
        .iter()
        .map(|count| ((count.place.as_str(), count.period.as_str(), count.measure), count))
        .collect();
    let places = places(counts);
    let all_places: Vec<&str> = places.iter().map(String::as_str).chain([ALL]).collect();
    let periods: Vec<&str> = months.iter().map(String::as_str).chain([year]).collect();
    let mut outcomes = Measure::OUTCOMES.to_vec();
    // The sum stands behind its parts.
    outcomes.push(Measure::Booked);
    let mut judged = Vec::new();
    for measures in [&[Measure::Offered][..], &[Measure::Held], &outcomes] {
        let mut parts = vec![places.len(), months.len()];
        if measures.len() > 1 {
            parts.push(measures.len() - 1);
        }
        let cells: Vec<(&str, &str, Measure)> = all_places
            .iter()
            .flat_map(|place| periods.iter().map(move |period| (*place, *period)))
            .flat_map(|(place, period)| measures.iter().map(move |one| (place, period, *one)))
            .collect();
        let mut cube = Cube::new(parts);
        for (at, cell) in cells.iter().enumerate() {
            if let Some(count) = known.get(cell) {
                cube.values[at] = count.visits;
                cube.few[at] = count.visits < FEW || count.patients < FEW;
            }
        }
        let hidden = cube.hidden();
        for (at, (place, period, measure)) in cells.into_iter().enumerate() {
            let count = known.get(&(place, period, measure));
            if count.is_some() || hidden[at] {
                judged.push(Count {
                    place: place.to_owned(),
                    period: period.to_owned(),
                    measure,
                    visits: cube.values[at],
                    patients: count.map_or(0, |count| count.patients),
                    shown: !hidden[at],
                });
            }
        }
    }
    judged
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a municipality and all together have, in a month that is the year's only one.
    fn of(cells: &[(&str, Measure, i64, i64)]) -> Published {
        let counts: Vec<Count> = cells
            .iter()
            .flat_map(|(place, measure, visits, patients)| {
                ["2026-11", "2026"].map(|period| Count {
                    place: (*place).into(),
                    period: period.into(),
                    measure: *measure,
                    visits: *visits,
                    patients: *patients,
                    shown: false,
                })
            })
            .collect();
        let months = vec!["2026-11".to_owned()];
        let judged = judged("2026", &months, &counts);
        Published::new("2026", months, &judged)
    }

    #[test]
    fn four_patients_are_not_shown_and_five_are() {
        for (patients, shown) in [(4, None), (5, Some(12))] {
            let measures = [Measure::Booked, Measure::Kept];
            let cells: Vec<_> = ["131016", ALL]
                .iter()
                .flat_map(|place| measures.map(|measure| (*place, measure, 12, patients)))
                .collect();
            let published = of(&cells);
            assert_eq!(published.figure("131016", "2026-11", Measure::Kept), shown);
            assert_eq!(published.figure(ALL, "2026", Measure::Booked), shown);
            assert_eq!(published.kept(ALL, "2026"), shown.map(|all| (all, all)));
            // Nobody is nobody's secret.
            assert_eq!(published.figure("131016", "2026-11", Measure::Failed), Some(0));
        }
    }

    #[test]
    fn a_small_outcome_does_not_follow_from_the_others() {
        let mut cells = Vec::new();
        for place in ["131016", ALL] {
            cells.push((place, Measure::Booked, 30, 5));
            cells.push((place, Measure::Kept, 20, 5));
            cells.push((place, Measure::Cancelled, 8, 5));
            cells.push((place, Measure::PatientAbsent, 2, 2));
        }
        let published = of(&cells);
        let hidden = Measure::OUTCOMES
            .iter()
            .filter(|measure| published.figure("131016", "2026-11", **measure).is_none());
        assert!(hidden.count() >= 2);
        assert_eq!(published.figure("131016", "2026-11", Measure::PatientAbsent), None);
    }

    #[test]
    fn only_months_that_are_over_are_told() {
        let day = |text: &str| text.parse().unwrap();
        assert_eq!(months_over(2026, day("2026-03-01")), ["2026-01", "2026-02"]);
        assert_eq!(months_over(2025, day("2026-03-01")).len(), 12);
        assert!(months_over(2027, day("2026-03-01")).is_empty());
    }
}
