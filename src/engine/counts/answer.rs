//! A question about the register and its answer, whatever divides it: what the API, the cards, the
//! command line and the pages of officials all show.

use chrono::NaiveDate;

use super::ask::{self, Question, Within};
use super::snapshot::Snapshot;
use super::trend::{self, Steps, Trend};
use super::{By, Counts, Missing, NoCount, NoGrowth, Part};
use crate::model::register::{Criterion, Size};
use crate::time::Instant;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Divided how.
    pub by: By,
    /// On which day; of a row of days, up to which.
    pub as_of: NaiveDate,
    /// As known at this instant.
    pub known: Instant,
    /// Of what; else of the criterion in force on each day.
    pub criterion: Option<Criterion>,
    /// Which facilities.
    pub within: Within,
    /// Since when what came and went is to be told.
    pub since: Option<NaiveDate>,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What was asked.
    pub asked: Asked,
    /// The criterion that was counted last, or on the day.
    pub criterion: Criterion,
    /// The parts, or the days in order.
    pub rows: Vec<Row>,
    /// All parts together; of a row of days the last. None where nothing can be said.
    pub total: Option<Part>,
    /// Why there is no total.
    pub reason: Option<NoCount>,
    /// The days of the lists that answer: the first and the last.
    pub lists: Option<(NaiveDate, NaiveDate)>,
    /// Prefectures that were asked about and are not in it.
    pub missing: Vec<Missing>,
}

/// One part, or one day.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its key, see [`By`].
    pub key: String,
    /// Its figures.
    pub part: Part,
    /// What makes it a day, where it is one.
    pub day: Option<Day>,
}

/// A day of a row of days.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Day {
    /// The day.
    pub date: NaiveDate,
    /// Whether it is a year's end or a month's beginning.
    pub regular: bool,
    /// What was counted on it.
    pub criterion: Criterion,
    /// Of year ends: against the year end before.
    pub growth: Option<Result<f64, NoGrowth>>,
}

/// Answers.
pub fn answer(register: &Snapshot, asked: &Asked) -> Answer {
    if asked.by.is_time() {
        let trend = Trend {
            by: asked.by,
            until: asked.as_of,
            known: asked.known,
            criterion: asked.criterion,
            within: asked.within.clone(),
        };
        of_days(asked, register, trend::trend(register, &trend))
    } else {
        let question = Question {
            by: asked.by,
            as_of: asked.as_of,
            known: asked.known,
            criterion: asked.criterion,
            within: asked.within.clone(),
            since: asked.since,
        };
        of_parts(asked, register, ask::count(register, &question))
    }
}

fn counted(asked: &Asked, register: &Snapshot) -> Criterion {
    asked.criterion.unwrap_or_else(|| register.criterion_on(asked.as_of))
}

fn of_parts(asked: &Asked, register: &Snapshot, counts: Counts) -> Answer {
    let row = |(key, part)| Row { key, part, day: None };
    let mut rows: Vec<Row> = counts.parts.into_iter().map(row).collect();
    // What has no order of its own stands by its size.
    match asked.by {
        By::Prefecture | By::Municipality | By::Area => {
            rows.sort_by_key(|row| std::cmp::Reverse(row.part.figures.facilities));
        }
        By::Kind => rows.sort_by_key(|row| Size::ALL.iter().position(|one| one.code() == row.key)),
        By::Criterion => {
            rows.sort_by_key(|row| Criterion::ALL.iter().position(|one| one.code() == row.key));
        }
        By::Year | By::Month | By::StartYear => {}
    }
    Answer {
        criterion: counted(asked, register),
        asked: asked.clone(),
        rows,
        total: counts.total,
        reason: counts.reason,
        lists: counts.lists,
        missing: counts.missing,
    }
}

fn of_days(asked: &Asked, register: &Snapshot, found: Steps) -> Answer {
    let row = |step: trend::Step| Row {
        key: step.key,
        part: Part {
            figures: step.figures,
            flows: step.flows,
            residents: None,
            denominator: step.denominator,
        },
        day: Some(Day {
            date: step.date,
            regular: step.regular,
            criterion: step.criterion,
            growth: step.growth,
        }),
    };
    let rows: Vec<Row> = found.steps.into_iter().map(row).collect();
    let last = rows.last();
    Answer {
        criterion: last
            .and_then(|row| row.day)
            .map_or_else(|| counted(asked, register), |d| d.criterion),
        total: last.map(|row| row.part),
        asked: asked.clone(),
        rows,
        reason: found.reason,
        lists: found.lists,
        missing: found.missing,
    }
}
