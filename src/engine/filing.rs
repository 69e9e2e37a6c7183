//! Notifications that are made through this service: one machine of states for the three kinds, and
//! what must stand before a step is taken. Pure.

use chrono::{Datelike, NaiveDate, TimeDelta};

use crate::model::filing::{
    Check, Definition, Demand, Field, FieldType, FilingKind, FilingState, FilingStep, Form,
};

pub mod deadlines;

use FilingState as S;
use FilingStep as Do;

/// Who takes a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Whose notification it is.
    Filer,
    /// Who accepts such notifications.
    Reviewer,
    /// Nobody: a day has come, or another filing has taken this one's place.
    Itself,
}

/// Every step that there is: from where, what, by whom, to where (rules 8.5). The database knows the
/// pairs of states as well, and refuses any other.
pub const WAYS: &[(FilingState, FilingStep, By, FilingState)] = &[
    (S::Draft, Do::Submit, By::Filer, S::Submitted),
    (S::Submitted, Do::Return, By::Reviewer, S::ReturnedForCorrection),
    (S::Resubmitted, Do::Return, By::Reviewer, S::ReturnedForCorrection),
    (S::ReturnedForCorrection, Do::Resubmit, By::Filer, S::Resubmitted),
    (S::Submitted, Do::Accept, By::Reviewer, S::Accepted),
    (S::Resubmitted, Do::Accept, By::Reviewer, S::Accepted),
    (S::Accepted, Do::TakeEffect, By::Itself, S::InEffect),
    (S::InEffect, Do::Change, By::Itself, S::Changed),
    (S::Draft, Do::Withdraw, By::Filer, S::Withdrawn),
    (S::Submitted, Do::Withdraw, By::Filer, S::Withdrawn),
    (S::ReturnedForCorrection, Do::Withdraw, By::Filer, S::Withdrawn),
    (S::Resubmitted, Do::Withdraw, By::Filer, S::Withdrawn),
    (S::Accepted, Do::Withdraw, By::Filer, S::Withdrawn),
    (S::InEffect, Do::Withdraw, By::Filer, S::Withdrawn),
    (S::Accepted, Do::Revoke, By::Reviewer, S::Revoked),
    (S::InEffect, Do::Revoke, By::Reviewer, S::Revoked),
];

/// Where `step` by `by` leads from `state`; nothing where it may not be taken.
pub fn next(state: FilingState, step: FilingStep, by: By) -> Option<FilingState> {
    let way = WAYS.iter().find(|way| way.0 == state && way.1 == step && way.2 == by);
    way.map(|way| way.3)
}

/// What may be done from `state` by `by`.
pub fn possible(state: FilingState, by: By) -> Vec<FilingStep> {
    let ways = WAYS.iter().filter(|way| way.0 == state && way.2 == by);
    ways.map(|way| way.1).collect()
}

/// The longest text of one line, in characters.
const LINE_MOST: usize = 200;
/// The longest of several lines.
const LONG_MOST: usize = 2000;
/// The longest address of a page, in bytes.
const URL_MOST: usize = 500;
/// The longest acceptance number, in characters.
const NUMBER_MOST: usize = 60;
/// A day of acceptance and the first day of effect lie no further apart.
const AHEAD_MOST: TimeDelta = TimeDelta::days(366);

/// A place in what was sent, and a stable code of what is wrong there.
pub type Fault = (String, &'static str);

/// Whether a field is asked, by what else is filled in.
pub fn is_shown(field: &Field, form: &Form) -> bool {
    let holds = |[other, answer]: &[String; 2]| form.get(other).is_some_and(|is| is == answer);
    field.shown_when.as_ref().is_none_or(holds)
}

/// What is filled in, without what is not asked and without what is empty: so it is kept.
pub fn kept(definition: &Definition, form: &Form) -> Form {
    let asked = definition.fields.iter().filter(|field| is_shown(field, form));
    let filled = asked.filter_map(|field| {
        let text = form.get(&field.id)?.trim();
        (!text.is_empty()).then(|| (field.id.clone(), text.to_owned()))
    });
    filled.collect()
}

/// What is wrong with a form. Only one that is handed in must be `whole`.
pub fn faults(definition: &Definition, form: &Form, whole: bool) -> Vec<Fault> {
    let known = |id: &str| definition.fields.iter().any(|field| field.id == id);
    let mut found: Vec<Fault> = form
        .keys()
        .filter(|id| !known(id))
        // What is not a field of ours is not told back.
        .map(|_| ("/form".to_owned(), "unknown"))
        .take(1)
        .collect();
    for field in definition.fields.iter().filter(|field| is_shown(field, form)) {
        let text = form.get(&field.id).map_or("", |text| text.trim());
        let code = if text.is_empty() {
            (whole && field.required).then_some("required")
        } else {
            wrong(field, text)
        };
        found.extend(code.map(|code| (format!("/form/{}", field.id), code)));
    }
    found
}

fn wrong(field: &Field, text: &str) -> Option<&'static str> {
    let long = |most| (text.chars().count() > most).then_some("too_long");
    match field.of {
        FieldType::Text if text.chars().any(char::is_control) => Some("one_line"),
        FieldType::Text => long(LINE_MOST),
        FieldType::Long => long(LONG_MOST),
        FieldType::Choice => {
            (!field.options.iter().any(|option| option.id == text)).then_some("unknown")
        }
        FieldType::Date => text.parse::<NaiveDate>().is_err().then_some("date"),
    }
}

/// What is wrong with the evidence of one thing, at the place `at`. What does not hold needs none.
pub fn evidence_faults(at: &str, demand: &Demand, check: &Check, today: NaiveDate) -> Vec<Fault> {
    let told = |part: &str, code| (format!("{at}{part}"), code);
    let mut found = Vec::new();
    if check.evidence.chars().count() > LONG_MOST {
        found.push(told("/evidence", "too_long"));
    }
    if check.met && check.evidence.trim().is_empty() {
        found.push(told("/evidence", "required"));
    }
    match check.url.as_deref() {
        None if demand.page && check.met => found.push(told("/url", "required")),
        Some(url) if !is_page(url) => found.push(told("/url", "page")),
        _ => {}
    }
    for (part, day) in [("/checked_on", check.checked_on), ("/snapshot_on", check.snapshot_on)] {
        match day {
            None if demand.page && check.met => found.push(told(part, "required")),
            Some(day) if day > today => found.push(told(part, "in_future")),
            _ => {}
        }
    }
    found
}

/// Whether it is the address of a page that everybody can open.
fn is_page(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
    let clean = url.len() <= URL_MOST && !url.chars().any(|c| c.is_whitespace() || c.is_control());
    clean && host.contains('.') && !host.starts_with('.') && !host.contains('@')
}

/// Why the demands of a kind are not all met: none may be open when it is handed in, nor when it is
/// accepted (施設基準 ア–エ).
pub fn unmet(definition: &Definition, checks: &[Check], today: NaiveDate) -> Vec<Fault> {
    let mut found = Vec::new();
    for demand in &definition.demands {
        let at = format!("/checks/{}", demand.item);
        match checks.iter().find(|check| check.item == demand.item) {
            Some(check) if check.met => found.extend(evidence_faults(&at, demand, check, today)),
            _ => found.push((at, "not_met")),
        }
    }
    found
}

/// What accepting gives a filing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acceptance {
    /// 受理番号.
    pub number: String,
    /// 受理年月日.
    pub accepted_on: NaiveDate,
    /// The first day on which it holds.
    pub effective_from: NaiveDate,
}

/// What is wrong with an acceptance of what was handed in on `submitted_on`.
pub fn acceptance_faults(
    kind: FilingKind,
    submitted_on: NaiveDate,
    accepted: &Acceptance,
    today: NaiveDate,
) -> Vec<(&'static str, &'static str)> {
    let number = accepted.number.trim();
    let (day, from) = (accepted.accepted_on, accepted.effective_from);
    let month = submitted_on.with_day(1).unwrap_or(submitted_on);
    let checks = [
        (number.is_empty(), "/acceptance_number", "required"),
        (number.chars().any(char::is_control), "/acceptance_number", "one_line"),
        (number.chars().count() > NUMBER_MOST, "/acceptance_number", "too_long"),
        (day > today, "/accepted_on", "in_future"),
        (day < submitted_on, "/accepted_on", "before_submission"),
        // What is accepted in its month may count from that month's first day.
        (from < month, "/effective_from", "before_submission"),
        (from < kind.known_since(), "/effective_from", "before_law"),
        (from > day + AHEAD_MOST, "/effective_from", "range"),
    ];
    checks.into_iter().filter(|check| check.0).map(|(_, field, code)| (field, code)).collect()
}

/// From which day a filing that is given up or taken away holds no more may be said: not before
/// `today` by whose it is; by who takes it away neither before its first day nor before it was
/// handed in, which may be later.
pub fn end_fault(
    by: By,
    (effective_from, submitted_on): (Option<NaiveDate>, Option<NaiveDate>),
    end: NaiveDate,
    today: NaiveDate,
) -> Option<&'static str> {
    let held = effective_from.max(submitted_on);
    let earliest = if by == By::Filer { Some(today) } else { held };
    if earliest.is_some_and(|earliest| end < earliest) {
        return Some("too_early_end");
    }
    (end > today + AHEAD_MOST).then_some("range")
}

#[cfg(test)]
mod tests;
