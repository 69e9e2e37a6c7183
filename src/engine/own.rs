//! What is counted of the service's own visits, from what happened to them: pure.

use std::collections::HashMap;

use chrono::NaiveDate;
use uuid::Uuid;

use crate::model::booking::{Origin, Status};
use crate::model::event::{BookingEvent, State};
use crate::model::own::{Count, FEW, Measure};

mod publish;

pub use publish::{Published, judged, months_over};

/// All municipalities together.
pub const ALL: &str = "all";

/// How a visit counts, as its events tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// How it began: [`Measure::Offered`] or [`Measure::Held`].
    pub began: Measure,
    /// What became of it, if it was ever agreed: one of [`Measure::OUTCOMES`].
    pub outcome: Option<Measure>,
}

/// What the events of a booking count as. They must fold; see [`super::fold`].
pub fn told(origin: Origin, events: &[BookingEvent]) -> Option<Told> {
    let last = events.last()?.state.status;
    let began = if origin == Origin::Waitlist { Measure::Offered } else { Measure::Held };
    let agreed = events.iter().any(|event| was_agreed(event.state.status))
        // What was before a row's first event nobody wrote down: who calls off had agreed.
        || events.len() == 1 && last == Status::Cancelled;
    let outcome = match last {
        Status::Fulfilled => Measure::Kept,
        Status::Converted => Measure::Converted,
        Status::Cancelled => Measure::Cancelled,
        Status::NoShow => Measure::PatientAbsent,
        Status::DoctorAbsent => Measure::DoctorAbsent,
        Status::Aborted => Measure::Failed,
        _ => Measure::Open,
    };
    Some(Told { began, outcome: agreed.then_some(outcome) })
}

/// Whether a state is reached only by a visit that both sides agreed on.
const fn was_agreed(status: Status) -> bool {
    match status {
        Status::Booked
        | Status::CheckedIn
        | Status::InProgress
        | Status::Fulfilled
        | Status::Converted
        | Status::Aborted
        | Status::NoShow
        | Status::DoctorAbsent => true,
        Status::Held
        | Status::Requested
        | Status::Cancelled
        | Status::Declined
        | Status::Expired => false,
    }
}

/// Counts as they grow: however many visits, it holds a few ids for each municipality and month.
#[derive(Debug, Default)]
pub struct Tally {
    cells: HashMap<(String, String, Measure), Cell>,
}

#[derive(Debug, Default)]
struct Cell {
    visits: i64,
    /// Different patients, and no more of them than matter.
    patients: Vec<Uuid>,
}

impl Tally {
    /// Counts one visit of a municipality, whose facility's date at its start was `date`. Of a
    /// time that nobody took over, nobody knows for whom it was: it stands for somebody else each.
    pub fn add(&mut self, place: &str, date: NaiveDate, told: Told, id: Uuid, state: &State) {
        let (year, month) = (date.format("%Y").to_string(), date.format("%Y-%m").to_string());
        let patient = state.patient.map_or(id, |patient| patient.0);
        let measures = [Some(told.began), told.outcome.map(|_| Measure::Booked), told.outcome];
        for measure in measures.into_iter().flatten() {
            for place in [place, ALL] {
                for period in [&month, &year] {
                    let key = (place.to_owned(), period.clone(), measure);
                    let cell = self.cells.entry(key).or_default();
                    cell.visits += 1;
                    let known = cell.patients.contains(&patient);
                    if !known && i64::try_from(cell.patients.len()).is_ok_and(|len| len < FEW) {
                        cell.patients.push(patient);
                    }
                }
            }
        }
    }

    /// The counts, in order. Which of them may be shown is decided by [`judged`].
    pub fn counts(self) -> Vec<Count> {
        let count = |((place, period, measure), cell): ((String, String, Measure), Cell)| Count {
            place,
            period,
            measure,
            visits: cell.visits,
            patients: i64::try_from(cell.patients.len()).unwrap_or(FEW),
            shown: false,
        };
        let mut counts: Vec<Count> = self.cells.into_iter().map(count).collect();
        counts.sort_unstable_by(|a, b| {
            (&a.place, &a.period, a.measure).cmp(&(&b.place, &b.period, b.measure))
        });
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{BookingId, ClinicianId, PatientId};
    use crate::time::Instant;

    fn events(statuses: &[Status]) -> Vec<BookingEvent> {
        let at: Instant = "2026-12-01T00:00:00Z".parse().unwrap();
        let state = |status| State {
            status,
            clinician: ClinicianId::new(),
            patient: None,
            room: None,
            starts_at: at,
            ends_at: at,
            version: 1,
        };
        let event = |(seq, status): (i64, &Status)| BookingEvent {
            booking: BookingId::new(),
            seq,
            at,
            was: None,
            state: state(*status),
            backfilled: false,
        };
        (1..).zip(statuses).map(event).collect()
    }

    #[test]
    fn only_what_was_agreed_has_an_outcome() {
        use Status::{
            Booked, Cancelled, CheckedIn, Declined, Expired, Fulfilled, Held, InProgress,
        };
        let outcome =
            |statuses: &[Status]| told(Origin::Patient, &events(statuses)).unwrap().outcome;
        assert_eq!(outcome(&[Held]), None);
        assert_eq!(outcome(&[Held, Expired]), None);
        assert_eq!(outcome(&[Held, Status::Requested, Declined]), None);
        // A request that the patient took back was never agreed.
        assert_eq!(outcome(&[Held, Status::Requested, Cancelled]), None);
        assert_eq!(outcome(&[Held, Booked, Cancelled]), Some(Measure::Cancelled));
        assert_eq!(outcome(&[Held, Booked]), Some(Measure::Open));
        let kept = [Held, Booked, CheckedIn, InProgress, Fulfilled];
        assert_eq!(outcome(&kept), Some(Measure::Kept));
        assert_eq!(outcome(&[Cancelled]), Some(Measure::Cancelled));
        let offered = told(Origin::Waitlist, &events(&[Held, Expired])).unwrap();
        assert_eq!((offered.began, offered.outcome), (Measure::Offered, None));
    }

    #[test]
    fn parts_are_the_whole_and_few_patients_stay_few() {
        let mut tally = Tally::default();
        let kept = Told { began: Measure::Held, outcome: Some(Measure::Kept) };
        let patient = Some(PatientId::new());
        for (place, day) in [("131016", 1), ("131016", 2), ("131024", 3), ("131024", 40)] {
            let date = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + chrono::Days::new(day);
            for _ in 0..3 {
                let state = State { patient, ..events(&[Status::Fulfilled])[0].state };
                tally.add(place, date, kept, BookingId::new().0, &state);
            }
        }
        let counts = tally.counts();
        let of = |place: &str, period: &str| {
            let found = counts.iter().find(|count| {
                count.place == place && count.period == period && count.measure == Measure::Kept
            });
            found.map(|count| (count.visits, count.patients))
        };
        assert_eq!(of("131016", "2026-01"), Some((6, 1)));
        assert_eq!(of("131024", "2026-02"), Some((3, 1)));
        assert_eq!(of(ALL, "2026-01"), Some((9, 1)));
        assert_eq!(of(ALL, "2026"), Some((12, 1)));
        assert_eq!(of("131016", "2026-02"), None);
    }
}
