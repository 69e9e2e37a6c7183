//! The yearly report, from the visits of a facility and what it says beside them: pure
//! (rules.md 2.1; 8.6, invariants 8 and 11).

use std::collections::{BTreeMap, HashMap};

use chrono::{Datelike, Months, NaiveDate};

use crate::model::ClinicianId;
use crate::model::august::{
    Answers, AreaRow, AugustFault, AugustForm, CountSource, DoctorRow, Figures, Head, Month,
    Problem, Report, Share, Visit,
};
use crate::model::closing::{DoctorPlace, RecordAccess, ReferralReason};
use crate::time::span::Dates;

/// How many visits, months or areas a problem names.
const NAMED: usize = 100;

/// The first and the last day of the report that is handed in in August of `year`: the twelve
/// months before, or from the day on from which the criterion is in effect.
pub fn period(year: i32, effective: &[Dates]) -> Option<(NaiveDate, NaiveDate)> {
    let first = NaiveDate::from_ymd_opt(year - 1, 8, 1)?;
    let last = NaiveDate::from_ymd_opt(year, 7, 31)?;
    let inside = effective.iter().filter(|dates| {
        dates.from.is_none_or(|from| from <= last) && dates.until.is_none_or(|until| first < until)
    });
    let from = inside.map(|dates| dates.from.unwrap_or(first).max(first)).min()?;
    Some((from, last))
}

/// What a report is made of.
#[derive(Clone, Debug)]
pub struct Made<'a> {
    /// Who reports.
    pub head: Head,
    /// In August of which year.
    pub year: i32,
    /// When the criterion was in effect.
    pub effective: &'a [Dates],
    /// The visits that took place online.
    pub visits: &'a [Visit],
    /// Doctors by name, and whether they work full time.
    pub doctors: &'a HashMap<ClinicianId, (String, bool)>,
    /// What the facility says.
    pub answers: &'a Answers,
    /// The facility's date.
    pub today: NaiveDate,
}

/// The report; nothing where the criterion was not in effect on any day of its period.
pub fn report(made: &Made<'_>) -> Option<Report> {
    let (from, until) = period(made.year, made.effective)?;
    let inside = |visit: &&Visit| from <= visit.date && visit.date <= until;
    let of_period: Vec<&Visit> = made.visits.iter().filter(inside).collect();
    let in_effect = |date: NaiveDate| made.effective.iter().any(|dates| dates.contains(date));
    let (counted, outside): (Vec<&Visit>, Vec<&Visit>) =
        of_period.into_iter().partition(|visit| visit.insured && in_effect(visit.date));
    let months = months(made, &counted, (from, until));
    let total = sum(&months);
    let elsewhere = areas_of(made, &counted);
    let share = share(made.head.form, &total);
    let areas =
        if share.is_some_and(|share| share.over) { rows(made, elsewhere) } else { Vec::new() };
    let sums_agree =
        total.same.visits + total.other.visits == total.online_first + total.online_repeat;
    let mut report = Report {
        head: made.head.clone(),
        year: made.year,
        from,
        until,
        months,
        total,
        share,
        areas,
        doctors: doctors(made, &counted),
        talk: made.answers.talk,
        sums_agree,
        problems: Vec::new(),
    };
    report.problems = problems(made, &report, &counted, &outside);
    Some(report)
}

/// Whether nothing stands against making the report final.
pub fn may_be_final(report: &Report) -> bool {
    report.sums_agree && report.problems.iter().all(|problem| !problem.blocks)
}

/// Where a patient was, as the form divides it.
fn area(form: AugustForm, visit: &Visit) -> Option<&str> {
    match form {
        AugustForm::Medical => visit.prefecture.as_deref(),
        AugustForm::Dental => visit.municipality.as_deref(),
    }
}

fn own(head: &Head) -> &str {
    match head.form {
        AugustForm::Medical => &head.prefecture,
        AugustForm::Dental => &head.municipality,
    }
}

/// The first day of a date's month.
pub fn month_of(date: NaiveDate) -> NaiveDate {
    date.with_day(1).unwrap_or(date)
}

/// The months of a report, by their first days.
pub fn months_between(from: NaiveDate, until: NaiveDate) -> Vec<NaiveDate> {
    let first = month_of(from);
    (0..)
        .map_while(|more| first.checked_add_months(Months::new(more)))
        .take_while(|month| *month <= until)
        .collect()
}

fn months(
    made: &Made<'_>,
    counted: &[&Visit],
    (from, until): (NaiveDate, NaiveDate),
) -> Vec<Month> {
    let own = own(&made.head);
    let mut found: BTreeMap<NaiveDate, Figures> = BTreeMap::new();
    for visit in counted {
        let figures = found.entry(month_of(visit.date)).or_default();
        let placed = match area(made.head.form, visit) {
            None => &mut figures.unknown,
            Some(area) if area == own => &mut figures.same,
            Some(_) => &mut figures.other,
        };
        placed.visits += 1;
        let referred =
            matches!(visit.referral, Some(ReferralReason::BeyondAbility | ReferralReason::Urgent));
        placed.referred += i64::from(referred);
        if visit.first {
            figures.online_first += 1;
            figures.first_with_talk += i64::from(visit.talk);
            figures.first_without_later += i64::from(!visit.later_in_person);
        } else {
            figures.online_repeat += 1;
        }
    }
    let month = |month: NaiveDate| {
        let said = made.answers.in_person.get(&month);
        let mut figures = found.get(&month).copied().unwrap_or_default();
        figures.in_person_first = said.map(|said| said.first);
        figures.in_person_repeat = said.map(|said| said.repeat);
        let mut later_source = CountSource::Derived;
        if let Some((said, count)) = said.and_then(|said| Some((said, said.no_later_visit?))) {
            figures.first_without_later = count;
            later_source = said.source;
        }
        Month { month, figures, in_person_source: said.map(|said| said.source), later_source }
    };
    months_between(from, until).into_iter().map(month).collect()
}

fn sum(months: &[Month]) -> Figures {
    let mut total =
        Figures { in_person_first: Some(0), in_person_repeat: Some(0), ..Figures::default() };
    let both = |a: Option<i64>, b: Option<i64>| Some(a? + b?);
    for Month { figures, .. } in months {
        for (all, one) in [
            (&mut total.same, &figures.same),
            (&mut total.other, &figures.other),
            (&mut total.unknown, &figures.unknown),
        ] {
            all.visits += one.visits;
            all.referred += one.referred;
        }
        total.online_first += figures.online_first;
        total.online_repeat += figures.online_repeat;
        total.first_with_talk += figures.first_with_talk;
        total.first_without_later += figures.first_without_later;
        total.in_person_first = both(total.in_person_first, figures.in_person_first);
        total.in_person_repeat = both(total.in_person_repeat, figures.in_person_repeat);
    }
    total
}

/// The share above which areas are explained, in the hundred, and how many of them.
const fn explained(form: AugustForm) -> (i64, usize) {
    match form {
        AugustForm::Medical => (20, 10),
        AugustForm::Dental => (80, 5),
    }
}

fn share(form: AugustForm, total: &Figures) -> Option<Share> {
    let (part, whole) = (total.other.visits, total.same.visits + total.other.visits);
    let over = part * 100 > whole * explained(form).0;
    (whole > 0).then_some(Share { part, whole, over })
}

/// Visits by area elsewhere, the most first.
fn areas_of(made: &Made<'_>, counted: &[&Visit]) -> Vec<(String, i64)> {
    let mut by_area: BTreeMap<&str, i64> = BTreeMap::new();
    let own = own(&made.head);
    for area in counted.iter().filter_map(|visit| area(made.head.form, visit)) {
        if area != own {
            *by_area.entry(area).or_default() += 1;
        }
    }
    let mut areas: Vec<_> = by_area.into_iter().map(|(area, n)| (area.to_owned(), n)).collect();
    areas.sort_by_key(|(_, visits)| std::cmp::Reverse(*visits));
    areas
}

fn rows(made: &Made<'_>, areas: Vec<(String, i64)>) -> Vec<AreaRow> {
    let row = |(area, visits): (String, i64)| AreaRow {
        arrangement: made.answers.arrangements.get(&area).cloned(),
        area,
        visits,
    };
    areas.into_iter().take(explained(made.head.form).1).map(row).collect()
}

fn doctors(made: &Made<'_>, counted: &[&Visit]) -> Vec<DoctorRow> {
    type Key<'v> = (ClinicianId, DoctorPlace, Option<&'v str>, Option<RecordAccess>);
    let mut found: BTreeMap<Key<'_>, i64> = BTreeMap::new();
    for visit in counted.iter().filter(|visit| visit.doctor_place != DoctorPlace::Clinic) {
        let at = visit.doctor_prefecture.as_deref();
        *found
            .entry((visit.clinician, visit.doctor_place, at, visit.record_access))
            .or_default() += 1;
    }
    let row = |((clinician, place, prefecture, record_access), visits): (Key<'_>, i64)| {
        let (name, full_time) = made.doctors.get(&clinician).cloned().unwrap_or_default();
        let prefecture = prefecture.map(str::to_owned);
        DoctorRow { name, full_time, place, prefecture, record_access, visits }
    };
    found.into_iter().map(row).collect()
}

fn problems(made: &Made<'_>, report: &Report, counted: &[&Visit], left: &[&Visit]) -> Vec<Problem> {
    let ids = |visits: Vec<&&Visit>| visits.iter().map(|visit| visit.booking.to_string()).collect();
    let unknown = counted.iter().filter(|visit| area(made.head.form, visit).is_none()).collect();
    let (not_paid, not_in_effect) = left.iter().partition(|visit| !visit.insured);
    let missing = report.months.iter().filter(|month| month.in_person_source.is_none());
    let unsaid = report.areas.iter().filter(|row| row.arrangement.is_none());
    let talks = report.total.first_with_talk > 0;
    let said = report.talk.is_some_and(|talk| talk.series || talk.separated || talk.other);
    let told = |one: bool| if one { vec![String::new()] } else { Vec::new() };
    let found: [(AugustFault, Vec<String>); 8] = [
        (AugustFault::NotOver, told(made.today <= report.until)),
        (AugustFault::NoVisits, told(counted.is_empty())),
        (AugustFault::UnknownPlace, ids(unknown)),
        (
            AugustFault::InPersonMissing,
            missing.map(|month| month.month.format("%Y-%m").to_string()).collect(),
        ),
        (AugustFault::ArrangementMissing, unsaid.map(|row| row.area.clone()).collect()),
        (AugustFault::TalkStyleMissing, told(talks && !said)),
        (AugustFault::NotInEffect, ids(not_in_effect)),
        (AugustFault::SelfPay, ids(not_paid)),
    ];
    let problem = |(code, mut of): (AugustFault, Vec<String>)| {
        let count = i64::try_from(of.len()).unwrap_or(i64::MAX);
        of.retain(|one| !one.is_empty());
        of.truncate(NAMED);
        (count > 0).then_some(Problem { code, count, blocks: code.blocks(), of })
    };
    found.into_iter().filter_map(problem).collect()
}

#[cfg(test)]
mod tests;
