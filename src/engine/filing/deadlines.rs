//! By when what is to be notified, corrected or checked. Pure.

use chrono::{Datelike, NaiveDate, TimeDelta};
use serde::Serialize;
use utoipa::ToSchema;

use crate::model::FilingId;
use crate::model::filing::{Filing, FilingDuty as Duty, FilingKind, FilingState, LetterStage};

/// Days of which each is `(first, first no more)`.
pub type Period = (NaiveDate, Option<NaiveDate>);

/// A deadline is told this long before.
const AHEAD: TimeDelta = TimeDelta::days(60);

/// Something that is to be done by a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = FilingDeadline)]
pub struct Deadline {
    /// What.
    pub duty: Duty,
    /// The last day on which it is in time; of the self-check, the day of which it speaks.
    pub due_on: NaiveDate,
    /// How many days are left; less than none where it is late.
    pub days_left: i64,
    /// The filing to be corrected.
    pub filing_id: Option<FilingId>,
    /// The year of a self-check.
    pub year: Option<i32>,
}

/// What is known of one clinic.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// The day.
    pub today: NaiveDate,
    /// When its criterion is in effect.
    pub accepted: &'a [Period],
    /// Its filings.
    pub filings: &'a [Filing],
    /// The years whose self-check is done.
    pub checked: &'a [i32],
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()
}

/// The first day of the law that knows online care.
pub fn law() -> NaiveDate {
    FilingKind::OnlineCare.known_since()
}

/// Until when those may notify who gave online care on the law's first day (改正法附則, M-03).
pub fn transition_end() -> NaiveDate {
    day(2027, 3, 31)
}

fn holds(period: Period, on: NaiveDate) -> bool {
    period.0 <= on && period.1.is_none_or(|end| on < end)
}

/// By when online care is to be notified, by when the criterion was in effect: who gave it on the
/// law's first day has time, everybody else notifies before beginning.
pub fn online_care_due(accepted: &[Period], today: NaiveDate) -> Option<NaiveDate> {
    let alive = accepted.iter().any(|period| period.1.is_none_or(|end| today < end));
    if !alive {
        return None;
    }
    if accepted.iter().any(|period| holds(*period, law())) {
        return Some(transition_end());
    }
    accepted.iter().map(|period| period.0).filter(|start| *start >= law()).min()
}

/// Which letter tells of a deadline on a day that lies so many days before it: from a month before
/// it (30 days), from a week before it, and once it has passed. Each is sent once, so that it comes
/// on its first day, or when the service runs again after it; what passed longer than a week ago is
/// told by no letter.
pub fn letter(days_left: i64) -> Option<LetterStage> {
    match days_left {
        8..=30 => Some(LetterStage::Month),
        0..=7 => Some(LetterStage::Week),
        -7..=-1 => Some(LetterStage::Passed),
        _ => None,
    }
}

/// All that a clinic has to do by a day, the nearest first.
pub fn deadlines(known: Known<'_>) -> Vec<Deadline> {
    let Known { today, accepted, filings, checked } = known;
    let of = |duty, due_on: NaiveDate, filing_id, year| Deadline {
        duty,
        due_on,
        days_left: (due_on - today).num_days(),
        filing_id,
        year,
    };
    // What was handed in is done as far as its filer can do it.
    let notified = filings.iter().any(|filing| {
        filing.kind == FilingKind::OnlineCare
            && !filing.state.is_open()
            && !matches!(filing.state, FilingState::Withdrawn | FilingState::Revoked)
    });
    let mut found = Vec::new();
    if !notified {
        let due = online_care_due(accepted, today);
        found.extend(due.map(|due| of(Duty::OnlineCare, due, None, None)));
    }
    for filing in filings {
        let by = filing.correct_by;
        found.extend(by.map(|due| of(Duty::Correction, due, Some(filing.id), None)));
    }
    // The last 1 August, and the next where it is near.
    for year in [today.year() - 1, today.year(), today.year() + 1] {
        let august = day(year, 8, 1);
        let last = august <= today && today < day(year + 1, 8, 1);
        let near = august > today && august - today <= AHEAD;
        let bound = accepted.iter().any(|period| holds(*period, august));
        if (last || near) && bound && !checked.contains(&year) {
            found.push(of(Duty::SelfCheck, august, None, Some(year)));
        }
    }
    found.sort_by_key(|one| one.due_on);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn filing(kind: FilingKind, state: FilingState) -> Filing {
        let prefecture = "13".to_owned();
        Filing { prefecture, state, ..Filing::draft(FilingId::new(), kind) }
    }

    fn told(
        today: &str,
        accepted: &[Period],
        filings: &[Filing],
        checked: &[i32],
    ) -> Vec<(Duty, NaiveDate, i64)> {
        let known = Known { today: on(today), accepted, filings, checked };
        deadlines(known).iter().map(|one| (one.duty, one.due_on, one.days_left)).collect()
    }

    #[test]
    fn who_gave_online_care_when_the_law_began_has_until_the_end_of_march() {
        let due = |from: &str, until: Option<&str>| {
            online_care_due(&[(on(from), until.map(on))], on("2026-12-01"))
        };
        assert_eq!(due("2024-06-01", None), Some(on("2027-03-31")));
        // The first day itself.
        assert_eq!(due("2026-04-01", None), Some(on("2027-03-31")));
        // One day later is too late to be of the old ones.
        assert_eq!(due("2026-04-02", None), Some(on("2026-04-02")));
        assert_eq!(due("2024-06-01", Some("2026-12-01")), None);
        // Lapsed on the day before the law, and back: no longer of the old ones.
        let again = [(on("2024-06-01"), Some(on("2026-04-01"))), (on("2026-09-01"), None)];
        assert_eq!(online_care_due(&again, on("2026-12-01")), Some(on("2026-09-01")));
    }

    #[test]
    fn letters_come_a_month_and_a_week_before_and_when_it_has_passed() {
        use LetterStage::{Month, Passed, Week};
        let days = [31, 30, 8, 7, 0, -1, -7, -8];
        let stages = [None, Some(Month), Some(Month), Some(Week), Some(Week), Some(Passed)];
        assert_eq!(days.map(letter)[..6], stages);
        assert_eq!(days.map(letter)[6..], [Some(Passed), None]);
    }

    #[test]
    fn days_are_counted_down_and_past_the_day() {
        let old = [(on("2024-06-01"), None)];
        let left = |today: &str| told(today, &old, &[], &[2025, 2026])[0].2;
        assert_eq!((left("2027-03-30"), left("2027-03-31"), left("2027-04-01")), (1, 0, -1));
    }

    #[test]
    fn what_was_handed_in_is_no_longer_due_until_it_comes_back() {
        let old = [(on("2024-06-01"), None)];
        let with = |state| {
            let filings = [filing(FilingKind::OnlineCare, state)];
            told("2026-12-01", &old, &filings, &[2026]).len()
        };
        for state in [FilingState::Submitted, FilingState::Accepted, FilingState::InEffect] {
            assert_eq!(with(state), 0, "{state}");
        }
        for state in [FilingState::Draft, FilingState::Withdrawn, FilingState::Revoked] {
            assert_eq!(with(state), 1, "{state}");
        }
        // The other kind does not stand for it.
        let other = [filing(FilingKind::Criterion, FilingState::InEffect)];
        assert_eq!(told("2026-12-01", &old, &other, &[2026]).len(), 1);
    }

    #[test]
    fn what_is_to_be_corrected_has_its_own_day() {
        let mut returned = filing(FilingKind::Criterion, FilingState::ReturnedForCorrection);
        returned.correct_by = Some(on("2026-12-10"));
        assert_eq!(
            told("2026-12-01", &[], &[returned], &[]),
            [(Duty::Correction, on("2026-12-10"), 9)]
        );
    }

    #[test]
    fn the_self_check_speaks_of_the_first_of_august() {
        let new = [(on("2026-08-01"), None)];
        let checks = |today: &str, done: &[i32]| {
            let all =
                told(today, &new, &[filing(FilingKind::OnlineCare, FilingState::InEffect)], done);
            all.into_iter().map(|one| (one.1.year(), one.2)).collect::<Vec<_>>()
        };
        // In effect on the day itself; sixty days before it is told.
        assert_eq!(checks("2026-06-01", &[]), []);
        assert_eq!(checks("2026-06-02", &[]), [(2026, 60)]);
        assert_eq!(checks("2026-08-01", &[]), [(2026, 0)]);
        assert_eq!(checks("2027-07-31", &[]), [(2026, -364), (2027, 1)]);
        assert_eq!(checks("2027-07-31", &[2026]), [(2027, 1)]);
        assert_eq!(checks("2027-08-01", &[2027]), []);
        let late = [(on("2026-08-02"), None)];
        let notified = [filing(FilingKind::OnlineCare, FilingState::InEffect)];
        assert_eq!(told("2026-12-01", &late, &notified, &[]), []);
    }
}
