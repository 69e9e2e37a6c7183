//! A row of days: the ends of fiscal years or the first days of months, each counted as of that
//! day. All of them are read in one pass over the register.

use chrono::{Datelike, Days, NaiveDate};

use super::ask::{self, Filter, Moment, Scope, Within, month_key};
use super::pieces::{Piece, Reader, Reading};
use super::snapshot::{Day, Snapshot, date, day};
use super::{By, Figures, Flows, Missing, NoCount, NoGrowth, Point, growth};
use crate::model::register::{Criterion, fiscal_year};
use crate::time::Instant;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Trend {
    /// By [`By::Year`] or [`By::Month`].
    pub by: By,
    /// The last day that may be a point.
    pub until: NaiveDate,
    /// As known at this instant.
    pub known: Instant,
    /// Of what; else at each point of the criterion that was in force.
    pub criterion: Option<Criterion>,
    /// Which facilities.
    pub within: Within,
}

/// A day of a trend.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// `2025` or `2025-09`; the whole day where it is neither a year's end nor a month's beginning.
    pub key: String,
    /// The day.
    pub date: NaiveDate,
    /// Whether it is a year's end or a month's beginning, and not the day of the last list.
    pub regular: bool,
    /// What was counted.
    pub criterion: Criterion,
    /// How many.
    pub figures: Figures,
    /// Institutions there are, where the lists show all.
    pub denominator: Option<u32>,
    /// What came and went since the step before, where that was counted under the same criterion.
    pub flows: Option<Flows>,
    /// Of year ends: against the year end before.
    pub growth: Option<Result<f64, NoGrowth>>,
}

/// A row of days.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Steps {
    /// In order of time.
    pub steps: Vec<Step>,
    /// Why there is none.
    pub reason: Option<NoCount>,
    /// The days between which all prefectures that were asked about can be counted.
    pub lists: Option<(NaiveDate, NaiveDate)>,
    /// Prefectures that were asked about and are not in it.
    pub missing: Vec<Missing>,
}

/// Counts.
pub fn trend(register: &Snapshot, asked: &Trend) -> Steps {
    let moment = Moment { day: day(asked.until), known: asked.known.timestamp_micros() };
    let (scopes, missing) = ask::scopes(register, asked.within.prefecture.as_deref(), moment);
    let mut found = Steps { missing, ..Steps::default() };
    let Some((first, last)) = bounds(&scopes) else {
        found.reason = Some(found.missing.first().map_or(NoCount::NoList, |one| one.reason));
        return found;
    };
    found.lists = Some((date(first), date(last)));
    let mut steps = days(asked.by, first, last);
    for step in &mut steps {
        step.criterion = asked.criterion.unwrap_or_else(|| register.criterion_on(step.date));
    }
    for run in steps.chunk_by_mut(|a, b| a.criterion == b.criterion) {
        fill(register, asked, &scopes, run);
    }
    if asked.by == By::Year {
        let points: Vec<Point> = steps.iter().map(point).collect();
        for (step, growth) in steps.iter_mut().zip(growth(&points)) {
            step.growth = Some(growth);
        }
    }
    found.steps = steps;
    found
}

fn point(step: &Step) -> Point {
    Point {
        fiscal_year: fiscal_year(step.date),
        year_end: step.regular,
        criterion: step.criterion,
        count: step.figures.facilities,
    }
}

/// From the day on which every prefecture has a list, up to the day until which every one has one:
/// before, a sum would rise because a prefecture came into it.
fn bounds(scopes: &[Scope]) -> Option<(Day, Day)> {
    let first = scopes.iter().map(|scope| scope.covered.first).max()?;
    let last = scopes.iter().filter_map(|scope| scope.covered.last).min()?;
    Some((first, last.max(first)))
}

fn days(by: By, first: Day, last: Day) -> Vec<Step> {
    let (first, last) = (date(first), date(last));
    let mut found: Vec<(NaiveDate, String, bool)> = Vec::new();
    if by == By::Year {
        for year in fiscal_year(first)..=fiscal_year(last) {
            let Some(end) = NaiveDate::from_ymd_opt(year + 1, 3, 31) else { continue };
            if first <= end && end <= last {
                found.push((end, year.to_string(), true));
            }
        }
    } else {
        let mut month = first.with_day(1).unwrap_or(first);
        if month < first {
            found.push((first, first.to_string(), false));
        }
        while month <= last {
            if first <= month {
                found.push((month, month_key(month), true));
            }
            let Some(next) = month.checked_add_months(chrono::Months::new(1)) else { break };
            month = next;
        }
    }
    if found.last().is_none_or(|(date, ..)| *date < last) {
        found.push((last, last.to_string(), false));
    }
    let step = |(date, key, regular)| Step {
        key,
        date,
        regular,
        criterion: Criterion::IctCare,
        figures: Figures::default(),
        denominator: None,
        flows: None,
        growth: None,
    };
    found.into_iter().map(step).collect()
}

/// What changes at a point, to be summed up from the first.
#[derive(Clone, Copy, Debug, Default)]
struct Change {
    /// By [`crate::model::register::Size`].
    sizes: [i64; 3],
    possible: i64,
    sure: i64,
    institutions: i64,
    flows: Flows,
}

/// Fills steps of one criterion.
fn fill(register: &Snapshot, asked: &Trend, scopes: &[Scope], steps: &mut [Step]) {
    let Some(criterion) = steps.first().map(|step| step.criterion) else { return };
    let days: Vec<Day> = steps.iter().map(|step| day(step.date)).collect();
    let mut changes = vec![Change::default(); days.len() + 1];
    let filter = Filter::new(register, &asked.within);
    let known = asked.known.timestamp_micros();
    let mut reader = Reader::default();
    let index = |of: Day| days.partition_point(|day| *day < of);
    for scope in scopes {
        for at in register.range(Some(&scope.prefecture)) {
            for sure in [false, true] {
                let reading = Reading { criterion, known, sure };
                reader.read(register, at, reading, |piece| {
                    if filter.takes(piece.place, piece.size) {
                        add(&mut changes, piece, index(piece.start), index(piece.end), sure);
                    }
                });
            }
            reader.presence(register, at, known, |there| {
                if filter.takes(there.place, there.size) {
                    changes[index(there.start)].institutions += 1;
                    changes[index(there.end)].institutions -= 1;
                }
            });
        }
    }
    sum(steps, &changes);
    for step in steps {
        // Whether the lists up to that day show all institutions.
        let shown = |scope: &Scope| register.covered(&scope.prefecture, day(step.date), known);
        let all = scopes.iter().all(|scope| shown(scope).is_some_and(|covered| covered.all));
        step.denominator = all.then_some(step.figures.institutions);
    }
}

fn add(changes: &mut [Change], piece: Piece, from: usize, until: usize, sure: bool) {
    if sure {
        changes[from].sure += 1;
        changes[until].sure -= 1;
        return;
    }
    changes[from].possible += 1;
    changes[until].possible -= 1;
    changes[from].sizes[piece.size as usize] += 1;
    changes[until].sizes[piece.size as usize] -= 1;
    ask::flow(&mut changes[from].flows, piece, true, false);
    ask::flow(&mut changes[until].flows, piece, false, true);
}

fn sum(steps: &mut [Step], changes: &[Change]) {
    let number = |sum: i64| u32::try_from(sum).unwrap_or_default();
    let mut now = Change::default();
    for (at, (step, change)) in steps.iter_mut().zip(changes).enumerate() {
        for (sum, by) in now.sizes.iter_mut().zip(change.sizes) {
            *sum += by;
        }
        now.possible += change.possible;
        now.sure += change.sure;
        now.institutions += change.institutions;
        let [hospitals, bedded_clinics, clinics_without_beds] = now.sizes.map(number);
        step.figures = Figures {
            facilities: number(now.possible),
            hospitals,
            bedded_clinics,
            clinics_without_beds,
            uncertain: number(now.possible - now.sure),
            institutions: number(now.institutions),
        };
        step.flows = (at > 0).then_some(change.flows);
    }
}

/// The day before the first of the following fiscal year: its end.
pub fn year_end(fiscal_year: i32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(fiscal_year + 1, 4, 1)?.checked_sub_days(Days::new(1))
}
