//! Facilities into counts, and counts into growth: "as of day X, as known on day Y". Sums of parts
//! equal the whole: every facility falls into exactly one part of every division, if only the one
//! called "unknown". What is counted are institutions, each once, and never rows.
//!
//! [`snapshot`] holds the register's rows with both of their times, [`pieces`] turns the rows that
//! are known on a day into the times through which an institution is accepted, and everything else
//! is read off those: [`ask`] a day, [`trend`] a row of days, [`members`] who they are.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::model::register::{Criterion, Size};

pub mod answer;
pub mod ask;
pub mod members;
pub mod pieces;
pub mod snapshot;
pub mod trend;

/// The part of those whose place or start nobody knows.
pub const UNKNOWN: &str = "unknown";

/// By what facilities are divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// The ends of fiscal years, from the first list on; the key is the year it began in.
    Year,
    /// The first day of each month, from the first list on; the key is `2025-09`.
    Month,
    /// By prefecture; the key is its two digits.
    Prefecture,
    /// By municipality; the key is its six digits.
    Municipality,
    /// By secondary medical area (二次保健医療圏); the key is its name.
    Area,
    /// By hospital, clinic with beds, clinic without; the key is [`Size::code`].
    Kind,
    /// By criterion; the key is [`Criterion::code`].
    Criterion,
    /// By the fiscal year in which the present acceptance took effect. These are a day's holders by
    /// their start, not the numbers of the past: closed clinics are not among them.
    StartYear,
}

impl By {
    /// All.
    pub const ALL: [Self; 8] = [
        Self::Year,
        Self::Month,
        Self::Prefecture,
        Self::Municipality,
        Self::Area,
        Self::Kind,
        Self::Criterion,
        Self::StartYear,
    ];

    /// The word for it in data and on the command line.
    pub fn code(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::Month => "month",
            Self::Prefecture => "prefecture",
            Self::Municipality => "municipality",
            Self::Area => "area",
            Self::Kind => "kind",
            Self::Criterion => "criterion",
            Self::StartYear => "start_year",
        }
    }

    /// Whether its parts are days, of which each has the whole, and not parts of a day.
    pub fn is_time(self) -> bool {
        matches!(self, Self::Year | Self::Month)
    }
}

impl std::str::FromStr for By {
    type Err = String;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|by| by.code() == code);
        found.ok_or_else(|| format!("counts are not divided by {code:?}"))
    }
}

/// The figures of one part, or of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Figures {
    /// Accepted institutions.
    pub facilities: u32,
    /// Of these: with 20 beds or more.
    pub hospitals: u32,
    /// Of these: with 1 to 19 beds.
    pub bedded_clinics: u32,
    /// Of these: with none.
    pub clinics_without_beds: u32,
    /// Of these: those who may have lapsed already, since a later list does not show them.
    pub uncertain: u32,
    /// Institutions there are on the day, accepted or not: those that a list shows, and those whose
    /// acceptance reaches back before the first list that shows them.
    pub institutions: u32,
}

impl Figures {
    pub(crate) fn add_facility(&mut self, size: Size) {
        self.facilities += 1;
        match size {
            Size::Hospital => self.hospitals += 1,
            Size::BeddedClinic => self.bedded_clinics += 1,
            Size::ClinicWithoutBeds => self.clinics_without_beds += 1,
        }
    }

    /// Of accepted institutions, those of a size.
    pub fn of(&self, size: Size) -> u32 {
        match size {
            Size::Hospital => self.hospitals,
            Size::BeddedClinic => self.bedded_clinics,
            Size::ClinicWithoutBeds => self.clinics_without_beds,
        }
    }
}

/// What came and went within a time. `net` is always `accepted - lapsed + moved`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Flows {
    /// Institutions that became accepted.
    pub accepted: u32,
    /// Institutions that ceased to be.
    pub lapsed: u32,
    /// Institutions that went on under another code: neither accepted anew nor lapsed.
    pub redesignated: u32,
    /// Came into this part from others, less those who went: another address, other beds.
    pub moved: i32,
    /// By how many there are more at the end than at the beginning.
    pub net: i32,
}

/// Why there is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoCount {
    /// No list of the prefecture was known.
    NoList,
    /// The day lies before the first list. Lists show who holds an acceptance on their day and not
    /// who held one before, so nothing can be counted of it.
    BeforeFirstList,
    /// The criterion was not in force on the day.
    NotInForce,
    /// The list does not show all institutions, so there is no whole to have a share of.
    NoDenominator,
    /// How many residents there are is not known.
    NoResidents,
}

/// One part, or all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// Its figures.
    pub figures: Figures,
    /// What came and went, where that was asked.
    pub flows: Option<Flows>,
    /// Residents, where known.
    pub residents: Option<u32>,
    /// All institutions, where the lists show all: what a share is of.
    pub denominator: Option<u32>,
}

impl Part {
    /// Facilities for each 100,000 residents.
    pub fn per_100k(&self) -> Option<f64> {
        let residents = self.residents.filter(|residents| *residents > 0)?;
        Some(f64::from(self.figures.facilities) * 100_000.0 / f64::from(residents))
    }

    /// The share of all institutions, as a fraction.
    pub fn share(&self) -> Option<f64> {
        let whole = self.denominator.filter(|whole| *whole > 0)?;
        Some(f64::from(self.figures.facilities) / f64::from(whole))
    }
}

/// A prefecture of which nothing can be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Its two digits.
    pub prefecture: String,
    /// Why.
    pub reason: NoCount,
    /// The day of its first list, where there is one.
    pub first_list: Option<NaiveDate>,
}

/// A division of facilities on a day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// The parts by key, in order of key. A part may have institutions and no facility, or nothing.
    pub parts: BTreeMap<String, Part>,
    /// All parts together; none where nothing can be said.
    pub total: Option<Part>,
    /// Why there is no total.
    pub reason: Option<NoCount>,
    /// The days of the lists that answer: the first and the last, of several prefectures.
    pub lists: Option<(NaiveDate, NaiveDate)>,
    /// Prefectures that were asked about and are not in it.
    pub missing: Vec<Missing>,
}

/// One point of a series of counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// The fiscal year it lies in.
    pub fiscal_year: i32,
    /// Whether it stands for that year's end.
    pub year_end: bool,
    /// What was counted.
    pub criterion: Criterion,
    /// How many.
    pub count: u32,
}

/// Why a point has no growth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoGrowth {
    /// The year before was counted under another criterion.
    SeriesBreak,
    /// The point is no year end.
    NotYearEnd,
    /// Nothing was counted before.
    First,
    /// The year before is missing, or was 0.
    NoBase,
}

/// The growth of each of `points`, which are in order of time, against the year end before it: a
/// fraction, 0.85 for 85 %. Never across a change of the criterion.
pub fn growth(points: &[Point]) -> Vec<Result<f64, NoGrowth>> {
    let at = |index: usize| {
        let point = &points[index];
        if !point.year_end {
            return Err(NoGrowth::NotYearEnd);
        }
        let earlier = points[..index].iter().rev().filter(|before| before.year_end);
        let Some(before) = earlier.clone().find(|b| b.criterion == point.criterion) else {
            let other = earlier.clone().next().is_some();
            return Err(if other { NoGrowth::SeriesBreak } else { NoGrowth::First });
        };
        if before.fiscal_year + 1 != point.fiscal_year || before.count == 0 {
            return Err(NoGrowth::NoBase);
        }
        Ok((f64::from(point.count) - f64::from(before.count)) / f64::from(before.count))
    };
    (0..points.len()).map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: Criterion = Criterion::OnlineCareFeeLegacy;
    const NEW: Criterion = Criterion::IctCare;

    fn point(fiscal_year: i32, criterion: Criterion, count: u32) -> Point {
        Point { fiscal_year, year_end: true, criterion, count }
    }

    #[test]
    fn no_growth_is_given_across_the_break_nor_for_july() {
        let mut points = vec![
            point(2018, OLD, 108),
            point(2019, OLD, 200),
            point(2020, OLD, 593),
            point(2021, OLD, 1051),
            point(2022, NEW, 915),
            point(2023, NEW, 1715),
        ];
        points[5].year_end = false;
        let found: Vec<String> = growth(&points)
            .into_iter()
            .map(|g| g.map_or_else(|reason| format!("{reason:?}"), |g| format!("{g:.3}")))
            .collect();
        assert_eq!(found, ["First", "0.852", "1.965", "0.772", "SeriesBreak", "NotYearEnd"]);
    }

    #[test]
    fn growth_skips_points_that_are_no_year_end_and_needs_the_year_before() {
        let mut points = vec![point(2022, NEW, 100), point(2023, NEW, 150), point(2023, NEW, 200)];
        points[1].year_end = false;
        assert_eq!(growth(&points)[2], Ok(1.0));
        assert_eq!(growth(&[point(2020, NEW, 5), point(2022, NEW, 9)])[1], Err(NoGrowth::NoBase));
        assert_eq!(growth(&[point(2021, NEW, 0), point(2022, NEW, 9)])[1], Err(NoGrowth::NoBase));
        assert_eq!(growth(&[]), []);
    }

    #[test]
    fn shares_need_a_whole_and_rates_need_residents() {
        let figures = Figures { facilities: 3, ..Figures::default() };
        let mut part = Part { figures, ..Part::default() };
        assert_eq!((part.share(), part.per_100k()), (None, None));
        (part.denominator, part.residents) = (Some(12), Some(60_000));
        assert_eq!((part.share(), part.per_100k()), (Some(0.25), Some(5.0)));
        (part.denominator, part.residents) = (Some(0), Some(0));
        assert_eq!((part.share(), part.per_100k()), (None, None));
    }
}
