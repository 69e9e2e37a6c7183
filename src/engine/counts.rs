//! Facilities into counts, and counts into growth. Sums of parts equal the whole: every row falls
//! into exactly one part of every division, if only the one called "unknown".

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::model::register::{Code10, Criterion, Institution, Notification, Size, fiscal_year};

/// The part of those whose place or start nobody knows.
pub const UNKNOWN: &str = "unknown";

/// By what facilities are divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// By prefecture; the key is its two digits.
    Prefecture,
    /// By municipality; the key is its six digits.
    Municipality,
    /// By hospital, clinic with beds, clinic without; the key is [`Size::code`].
    Kind,
    /// By the fiscal year in which the present acceptance took effect. These are today's holders by
    /// their start, not the numbers of the past: closed clinics are not among them.
    StartYear,
}

impl By {
    /// All.
    pub const ALL: [Self; 4] = [Self::Prefecture, Self::Municipality, Self::Kind, Self::StartYear];

    /// The word for it in data and on the command line.
    pub fn code(self) -> &'static str {
        match self {
            Self::Prefecture => "prefecture",
            Self::Municipality => "municipality",
            Self::Kind => "kind",
            Self::StartYear => "start_year",
        }
    }
}

impl std::str::FromStr for By {
    type Err = String;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|by| by.code() == code);
        found.ok_or_else(|| format!("counts are not divided by {code:?}"))
    }
}

/// What counting needs to know of one institution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its prefecture's two digits.
    pub prefecture: String,
    /// Its municipality's six digits.
    pub municipality: Option<String>,
    /// Hospital or clinic.
    pub size: Size,
    /// Whether it holds the criterion that is counted.
    pub accepted: bool,
    /// Since when.
    pub start: Option<NaiveDate>,
}

/// The rows of `institutions`, accepted where `notifications` has `criterion` of them.
pub fn rows(
    institutions: &[Institution],
    notifications: &[Notification],
    criterion: Criterion,
) -> Vec<Row> {
    let held: BTreeMap<Code10, Option<NaiveDate>> = notifications
        .iter()
        .filter(|notification| notification.criterion == criterion)
        .map(|notification| (notification.institution, notification.effective_from))
        .collect();
    let row = |institution: &Institution| Row {
        prefecture: institution.code.prefecture().to_owned(),
        municipality: institution.municipality.clone(),
        size: institution.size,
        accepted: held.contains_key(&institution.code),
        start: held.get(&institution.code).copied().flatten(),
    };
    institutions.iter().map(row).collect()
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
    /// Institutions known, accepted or not.
    pub institutions: u32,
}

impl Figures {
    fn add(&mut self, row: &Row) {
        self.institutions += 1;
        if !row.accepted {
            return;
        }
        self.facilities += 1;
        match row.size {
            Size::Hospital => self.hospitals += 1,
            Size::BeddedClinic => self.bedded_clinics += 1,
            Size::ClinicWithoutBeds => self.clinics_without_beds += 1,
        }
    }
}

/// A division of facilities.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// The parts by key, in order of key. A part may have institutions and no facility.
    pub parts: BTreeMap<String, Figures>,
    /// All rows together.
    pub total: Figures,
}

/// Counts `rows` divided by `by`.
pub fn count<'a>(rows: impl IntoIterator<Item = &'a Row>, by: By) -> Counts {
    let mut counts = Counts::default();
    for row in rows {
        counts.total.add(row);
        counts.parts.entry(key(row, by)).or_default().add(row);
    }
    counts
}

fn key(row: &Row, by: By) -> String {
    let unknown = || UNKNOWN.to_owned();
    match by {
        By::Prefecture => row.prefecture.clone(),
        By::Municipality => row.municipality.clone().unwrap_or_else(unknown),
        By::Kind => row.size.code().to_owned(),
        By::StartYear => row.start.map_or_else(unknown, |start| fiscal_year(start).to_string()),
    }
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
    use proptest::prelude::*;

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

    fn any_row() -> impl Strategy<Value = Row> {
        let day = (2020..2027_i32, 1..=12_u32).prop_map(|(y, m)| NaiveDate::from_ymd_opt(y, m, 1));
        let place = prop::option::of(prop::sample::select(vec!["131016", "131024", "111007"]));
        let size = prop::sample::select(Size::ALL.to_vec());
        let prefecture = prop::sample::select(vec!["11", "13"]);
        (prefecture, place, size, any::<bool>(), day, any::<bool>()).prop_map(
            |(prefecture, place, size, accepted, day, dated)| Row {
                prefecture: prefecture.to_owned(),
                municipality: place.map(str::to_owned),
                size,
                accepted,
                start: day.filter(|_| dated),
            },
        )
    }

    proptest! {
        #[test]
        fn the_parts_of_every_division_sum_to_the_whole(
            rows in prop::collection::vec(any_row(), 0..60),
        ) {
            for by in By::ALL {
                let counts = count(&rows, by);
                let sum = |figure: fn(&Figures) -> u32| counts.parts.values().map(figure).sum::<u32>();
                prop_assert_eq!(sum(|f| f.facilities), counts.total.facilities);
                prop_assert_eq!(sum(|f| f.institutions), counts.total.institutions);
                prop_assert_eq!(sum(|f| f.hospitals), counts.total.hospitals);
                let whole = counts.total;
                let sizes = whole.hospitals + whole.bedded_clinics + whole.clinics_without_beds;
                prop_assert_eq!(sizes, whole.facilities);
                prop_assert_eq!(whole.institutions as usize, rows.len());
                let accepted = rows.iter().filter(|row| row.accepted).count();
                prop_assert_eq!(whole.facilities as usize, accepted);
            }
        }
    }
}
