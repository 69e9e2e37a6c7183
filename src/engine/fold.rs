//! How a booking stands, from what happened to it: pure. The nightly check compares it with the row.

use crate::model::booking::Status;
use crate::model::event::{BookingEvent, Standing, State};

#[cfg(test)]
mod tests;

/// Why a booking does not stand as its events say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Divergence {
    /// There is a row, and nothing ever happened to it.
    NoEvents,
    /// Things happened to it, and there is no row.
    NoRow,
    /// An event is missing or there twice.
    Order {
        /// The place that was expected.
        expected: i64,
        /// The one that was found.
        found: i64,
    },
    /// A booking begins as a hold.
    Opening(Status),
    /// An event says that the booking stood otherwise than the one before left it.
    Was {
        /// As the event before left it.
        expected: Status,
        /// As this one says.
        found: Option<Status>,
    },
    /// No rule leads from one state to the other.
    Transition {
        /// The state before.
        from: Status,
        /// The state after.
        to: Status,
    },
    /// Time, clinician or room changed in a state in which nothing moves.
    Place(Status),
    /// The patient changed after the visit was agreed.
    Patient(Status),
    /// The version fell.
    Version {
        /// Before.
        from: i64,
        /// After.
        to: i64,
    },
    /// The row says something else than the events.
    Differs(&'static str),
}

impl Divergence {
    /// Its stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoEvents => "no_events",
            Self::NoRow => "no_row",
            Self::Order { .. } => "order",
            Self::Opening(_) => "opening",
            Self::Was { .. } => "was",
            Self::Transition { .. } => "transition",
            Self::Place(_) => "place",
            Self::Patient(_) => "patient",
            Self::Version { .. } => "version",
            Self::Differs(_) => "differs",
        }
    }

    /// What exactly: codes and numbers, nothing personal.
    pub fn detail(self) -> String {
        match self {
            Self::NoEvents | Self::NoRow => String::new(),
            Self::Order { expected, found } => format!("{expected} {found}"),
            Self::Opening(status) | Self::Place(status) | Self::Patient(status) => {
                status.to_string()
            }
            Self::Was { expected, found } => {
                format!("{expected} {}", found.map_or("none", Status::as_str))
            }
            Self::Transition { from, to } => format!("{from} {to}"),
            Self::Version { from, to } => format!("{from} {to}"),
            Self::Differs(field) => field.to_owned(),
        }
    }
}

/// Whether some rule of [`super::booking`] leads from one state to the other. A state follows itself
/// while a booking can be moved or a hold extended.
pub const fn follows(from: Status, to: Status) -> bool {
    use Status::{
        Aborted, Booked, Cancelled, CheckedIn, Converted, Declined, DoctorAbsent, Expired,
        Fulfilled, Held, InProgress, NoShow, Requested,
    };
    match from {
        Held => matches!(to, Held | Requested | Booked | Expired),
        Requested => matches!(to, Requested | Booked | Declined | Cancelled | Expired),
        Booked => {
            matches!(to, Booked | CheckedIn | Cancelled | NoShow | DoctorAbsent | Aborted)
        }
        // Who waited for a time that was moved does not wait for the new one.
        CheckedIn => matches!(
            to,
            Booked | InProgress | Cancelled | Converted | NoShow | DoctorAbsent | Aborted
        ),
        InProgress => matches!(to, Fulfilled | Converted | Aborted),
        Fulfilled | Converted | Aborted | Cancelled | Declined | Expired | NoShow
        | DoctorAbsent => false,
    }
}

/// How a booking stands after its events, which are in order.
pub fn fold(events: &[BookingEvent]) -> Result<State, Divergence> {
    let (first, rest) = events.split_first().ok_or(Divergence::NoEvents)?;
    if first.seq != 1 {
        return Err(Divergence::Order { expected: 1, found: first.seq });
    }
    if first.state.status != Status::Held && !first.backfilled {
        return Err(Divergence::Opening(first.state.status));
    }
    rest.iter().zip(2..).try_fold(first.state, |state, (event, seq)| {
        if event.seq != seq {
            return Err(Divergence::Order { expected: seq, found: event.seq });
        }
        next(&state, event)
    })
}

/// What an event makes of a state.
fn next(state: &State, event: &BookingEvent) -> Result<State, Divergence> {
    let (from, to) = (state.status, event.state.status);
    if event.was != Some(from) {
        return Err(Divergence::Was { expected: from, found: event.was });
    }
    if !follows(from, to) {
        return Err(Divergence::Transition { from, to });
    }
    let place = |state: &State| (state.clinician, state.room, state.starts_at, state.ends_at);
    let movable = matches!(to, Status::Held | Status::Requested | Status::Booked);
    if place(state) != place(&event.state) && !movable {
        return Err(Divergence::Place(to));
    }
    if state.patient != event.state.patient && from != Status::Held {
        return Err(Divergence::Patient(to));
    }
    if event.state.version < state.version {
        return Err(Divergence::Version { from: state.version, to: event.state.version });
    }
    Ok(event.state)
}

/// Compares what the events say with the row; how the booking stands if they agree.
pub fn check(row: Option<&Standing>, events: &[BookingEvent]) -> Result<State, Divergence> {
    let row = row.ok_or(Divergence::NoRow)?;
    let state = fold(events)?;
    let (a, b) = (&state, &row.state);
    let fields = [
        ("status", a.status == b.status),
        ("clinician", a.clinician == b.clinician),
        ("patient", a.patient == b.patient),
        ("room", a.room == b.room),
        ("starts_at", a.starts_at == b.starts_at),
        ("ends_at", a.ends_at == b.ends_at),
        ("version", a.version == b.version),
    ];
    match fields.iter().find(|(_, same)| !same) {
        Some((field, _)) => Err(Divergence::Differs(field)),
        None => Ok(state),
    }
}
