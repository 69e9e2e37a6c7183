//! What may become of a booking: (booking, wish, now) → the changed booking, or why not.
//!
//! ```text
//! held ─┬→ requested ─┬→ booked ─┬→ checked_in ─┬→ in_progress ─┬→ fulfilled
//!       ├─────────────┼──↗       │              │               ├→ converted
//!       └→ expired ←──┤          └──────┬───────┘               └→ aborted
//!          declined ←─┘                 └→ cancelled, no_show, doctor_absent, aborted
//! ```
//!
//! Every instant that ends something is the first at which it is over: a hold that expires at
//! 10:10 cannot be confirmed at 10:10, and at the cut-off itself it is too late. Each change raises
//! the version by one. Nothing leaves a terminal state.

use chrono::TimeDelta;
use chrono_tz::Tz;

use crate::model::booking::{Booking, Origin, Outcome, Party, Status};
use crate::model::schedule::Service;
use crate::model::{BookingId, PatientId};
use crate::time::Instant;
use crate::time::span::Span;
use crate::time::zone::LocalDay;

use super::availability::{Busy, Cause, Placed};
use super::slots::{self, Place};

mod number;

pub use number::{number_from, parse_number};

/// How long a hold lasts, and how much the one extension adds.
pub const HOLD: TimeDelta = TimeDelta::minutes(10);
/// How long before its start a patient can enter the waiting room.
pub const CHECK_IN_BEFORE: TimeDelta = TimeDelta::minutes(30);
/// How long after its start nobody counts as absent yet.
pub const GRACE: TimeDelta = TimeDelta::minutes(15);

/// What somebody wants of a booking.
#[derive(Clone, Debug)]
pub enum Wish<'a> {
    /// Ten minutes more for a hold, once.
    Extend,
    /// Turns a live hold into a booking, or into a request where the clinic must approve.
    Confirm {
        /// Whose visit it is.
        patient: PatientId,
        /// What people will call it, from [`number_from`].
        number: String,
        /// How soon the clinic answers, where it must approve first.
        answer_within: Option<TimeDelta>,
    },
    /// The clinic agrees to a request.
    Approve,
    /// The clinic does not agree to a request.
    Decline,
    /// Gives a hold back.
    Release,
    /// Calls the visit off.
    Cancel {
        /// Who does.
        by: Party,
        /// How long before the start a patient must; see [`Service::cancel_cutoff`].
        cutoff: TimeDelta,
    },
    /// Puts it at another time, with the same clinician or another, in one step.
    Move {
        /// Who does.
        by: Party,
        /// The new place, as [`slots::place`] gave it.
        to: Place,
        /// The kind of visit, which stays the same: what is kept free, and the patient's cut-off.
        service: &'a Service,
        /// The version that was seen when the wish was made.
        version: i64,
    },
    /// The patient enters the waiting room.
    CheckIn {
        /// The facility's zone.
        zone: Tz,
    },
    /// The clinician lets the patient in.
    Admit,
    /// The clinician closes the visit.
    Close(Outcome),
    /// Ends a hold that has run out, or a request that was not answered before its start.
    Expire,
}

/// Why a wish cannot be fulfilled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The time itself cannot be booked.
    #[error(transparent)]
    Time(#[from] slots::Refusal),
    /// The hold has run out.
    #[error("the hold has run out")]
    HoldExpired,
    /// A hold is extended only once.
    #[error("the hold was extended already")]
    AlreadyExtended,
    /// Too near to its start for the patient.
    #[error("this was possible until {until}")]
    CutOffPassed {
        /// The first instant at which it was too late.
        until: Instant,
    },
    /// Not possible as the booking stands.
    #[error("not possible for a booking that is {0}")]
    WrongStatus(Status),
    /// Not yet.
    #[error("not before {from}")]
    TooEarly {
        /// From when on it is possible.
        from: Instant,
    },
    /// Not any more.
    #[error("this was possible until {until}")]
    TooLate {
        /// The first instant at which it was too late.
        until: Instant,
    },
    /// Somebody changed it since it was looked at.
    #[error("the booking was changed in the meantime; it is at version {version} now")]
    Stale {
        /// The present version.
        version: i64,
    },
    /// It is at this time already.
    #[error("the booking is at this time already")]
    Unchanged,
}

impl Refusal {
    /// A stable name, for interfaces.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Time(refusal) => refusal.code(),
            Self::HoldExpired => "hold_expired",
            Self::AlreadyExtended => "already_extended",
            Self::CutOffPassed { .. } => "cut_off_passed",
            Self::WrongStatus(_) => "wrong_status",
            Self::TooEarly { .. } => "too_early",
            Self::TooLate { .. } => "too_late",
            Self::Stale { .. } => "stale",
            Self::Unchanged => "unchanged",
        }
    }
}

/// A hold of `place`, as [`slots::place`] gave it, for ten minutes.
pub fn hold(
    id: BookingId,
    place: &Place,
    service: &Service,
    patient: Option<PatientId>,
    now: Instant,
) -> Booking {
    let slot = place.slot;
    let occupied = service.occupied(slot.visit);
    Booking {
        id,
        number: None,
        facility: service.facility,
        clinician: slot.clinician,
        service: service.id,
        patient,
        status: Status::Held,
        starts_at: slot.visit.start,
        ends_at: slot.visit.end,
        busy_from: occupied.start,
        busy_until: occupied.end,
        hold_expires_at: Some(now + HOLD),
        hold_extended: false,
        version: 1,
        created_at: now,
        lead: None,
        session_key: place.session.unwrap_or(id.0),
        seat: place.seat.into(),
        lane: 0,
        room: place.room,
        local_date: place.day.map(|(date, _)| date),
        day_seat: place.day.map(|(_, seat)| seat.into()),
        sequence: 0,
        series: None,
        origin: Origin::Patient,
        answer_by: None,
        changed_at: now,
    }
}

/// What becomes of `booking` by `wish`.
pub fn apply(booking: &Booking, wish: Wish<'_>, now: Instant) -> Result<Booking, Refusal> {
    let mut next = match wish {
        Wish::Extend => extend(booking, now),
        Wish::Confirm { patient, number, answer_within } => {
            confirm(booking, patient, number, answer_within, now)
        }
        Wish::Approve => approve(booking, now),
        Wish::Decline => decline(booking),
        Wish::Release => release(booking, now),
        Wish::Cancel { by, cutoff } => cancel(booking, by, cutoff, now),
        Wish::Move { by, to, service, version } => moved(booking, by, &to, service, version, now),
        Wish::CheckIn { zone } => check_in(booking, zone, now),
        Wish::Admit => admit(booking),
        Wish::Close(outcome) => close(booking, outcome, now),
        Wish::Expire => expire(booking, now),
    }?;
    next.version = booking.version + 1;
    next.changed_at = now;
    if tells_calendars(booking, &next) {
        next.sequence += 1;
    }
    if next.status != Status::Held {
        next.hold_expires_at = None;
    }
    Ok(next)
}

/// Whether a calendar that has the visit must hear of the change (RFC 5546, 2.1.4).
fn tells_calendars(before: &Booking, after: &Booking) -> bool {
    let known = before.status != Status::Held;
    let place = |b: &Booking| (b.starts_at, b.ends_at, b.clinician, b.room);
    let called_off = matches!(after.status, Status::Cancelled | Status::Declined | Status::Expired);
    known && (place(before) != place(after) || called_off)
}

/// What `bookings` take of their clinician's time at `now`, for a
/// [`Roster`](super::availability::Roster).
pub fn busy<'a>(
    bookings: impl IntoIterator<Item = &'a Booking>,
    now: Instant,
) -> impl Iterator<Item = Busy> {
    bookings.into_iter().filter_map(move |booking| {
        let span = booking.occupied(now)?;
        let cause = Cause::Booking(booking.lead.unwrap_or(booking.id));
        Some(Busy { span, cause, visit: Some(placed(booking)) })
    })
}

fn placed(booking: &Booking) -> Placed {
    Placed {
        service: booking.service,
        start: booking.starts_at,
        seat: u16::try_from(booking.seat).unwrap_or(u16::MAX),
        day_seat: booking.day_seat.and_then(|seat| u16::try_from(seat).ok()),
    }
}

/// When the patient can enter the waiting room: from half an hour before the start to the end of
/// the local day after it, so that a visit that runs late or over midnight is not locked out.
pub fn check_in_window(booking: &Booking, zone: Tz) -> Option<Span> {
    let next = LocalDay::of(zone, booking.starts_at)?.date.succ_opt()?;
    // The day after may be one that never came.
    let day = LocalDay::new(zone, next).or_else(|| LocalDay::new(zone, next.succ_opt()?))?;
    Span::new(booking.starts_at - CHECK_IN_BEFORE, day.span.end)
}

fn is(booking: &Booking, allowed: &[Status]) -> Result<Booking, Refusal> {
    if allowed.contains(&booking.status) {
        Ok(booking.clone())
    } else {
        Err(Refusal::WrongStatus(booking.status))
    }
}

/// The booking, if it is a hold that has not run out.
fn live_hold(booking: &Booking, now: Instant) -> Result<Booking, Refusal> {
    match (booking.status, booking.hold_expires_at) {
        (Status::Held, Some(expires)) if now < expires => Ok(booking.clone()),
        (Status::Held | Status::Expired, _) => Err(Refusal::HoldExpired),
        (status, _) => Err(Refusal::WrongStatus(status)),
    }
}

fn from(earliest: Instant, now: Instant) -> Result<(), Refusal> {
    if now < earliest { Err(Refusal::TooEarly { from: earliest }) } else { Ok(()) }
}

fn until(end: Instant, now: Instant) -> Result<(), Refusal> {
    if now < end { Ok(()) } else { Err(Refusal::TooLate { until: end }) }
}

/// The patient is held to the cut-off; the clinic only to the end of the visit.
fn in_time(booking: &Booking, by: Party, cutoff: TimeDelta, now: Instant) -> Result<(), Refusal> {
    match by {
        Party::Clinic => until(booking.ends_at, now),
        // What the clinic has not answered yet can be taken back until it would begin.
        Party::Patient if booking.status == Status::Requested => until(booking.starts_at, now),
        Party::Patient => {
            let until = booking.starts_at - cutoff.max(TimeDelta::zero());
            if now < until { Ok(()) } else { Err(Refusal::CutOffPassed { until }) }
        }
    }
}

fn extend(booking: &Booking, now: Instant) -> Result<Booking, Refusal> {
    let held = live_hold(booking, now)?;
    if held.hold_extended {
        return Err(Refusal::AlreadyExtended);
    }
    let hold_expires_at = held.hold_expires_at.map(|expires| expires + HOLD);
    Ok(Booking { hold_expires_at, hold_extended: true, ..held })
}

fn confirm(
    booking: &Booking,
    patient: PatientId,
    number: String,
    answer_within: Option<TimeDelta>,
    now: Instant,
) -> Result<Booking, Refusal> {
    let held = live_hold(booking, now)?;
    until(held.ends_at, now)?;
    let status = if answer_within.is_some() { Status::Requested } else { Status::Booked };
    let answer_by = answer_within.map(|within| held.starts_at.min(now + within));
    let number = held.number.or(Some(number));
    Ok(Booking { status, patient: Some(patient), number, answer_by, ..held })
}

fn approve(booking: &Booking, now: Instant) -> Result<Booking, Refusal> {
    let requested = is(booking, &[Status::Requested])?;
    until(requested.starts_at, now)?;
    Ok(Booking { status: Status::Booked, ..requested })
}

fn decline(booking: &Booking) -> Result<Booking, Refusal> {
    Ok(Booking { status: Status::Declined, ..is(booking, &[Status::Requested])? })
}

fn release(booking: &Booking, now: Instant) -> Result<Booking, Refusal> {
    Ok(Booking { status: Status::Expired, ..live_hold(booking, now)? })
}

fn cancel(
    booking: &Booking,
    by: Party,
    cutoff: TimeDelta,
    now: Instant,
) -> Result<Booking, Refusal> {
    let live = is(booking, &[Status::Requested, Status::Booked, Status::CheckedIn])?;
    in_time(&live, by, cutoff, now)?;
    Ok(Booking { status: Status::Cancelled, ..live })
}

fn moved(
    booking: &Booking,
    by: Party,
    to: &Place,
    service: &Service,
    version: i64,
    now: Instant,
) -> Result<Booking, Refusal> {
    let live = if booking.status == Status::Held {
        // A hold keeps its deadline, wherever it is moved.
        live_hold(booking, now)?
    } else {
        let live = is(booking, &[Status::Requested, Status::Booked, Status::CheckedIn])?;
        in_time(&live, by, service.change_cutoff, now)?;
        live
    };
    if live.version != version {
        return Err(Refusal::Stale { version: live.version });
    }
    let slot = to.slot;
    if (live.clinician, live.starts_at) == (slot.clinician, slot.visit.start) {
        return Err(Refusal::Unchanged);
    }
    let occupied = service.occupied(slot.visit);
    // Who waited for the old time does not wait for the new one.
    let status = if live.status == Status::CheckedIn { Status::Booked } else { live.status };
    Ok(Booking {
        status,
        clinician: slot.clinician,
        starts_at: slot.visit.start,
        ends_at: slot.visit.end,
        busy_from: occupied.start,
        busy_until: occupied.end,
        session_key: to.session.unwrap_or(live.id.0),
        seat: to.seat.into(),
        room: to.room,
        local_date: to.day.map(|(date, _)| date),
        day_seat: to.day.map(|(_, seat)| seat.into()),
        ..live
    })
}

fn check_in(booking: &Booking, zone: Tz, now: Instant) -> Result<Booking, Refusal> {
    let booked = is(booking, &[Status::Booked])?;
    let window = check_in_window(&booked, zone).ok_or(slots::Refusal::InvalidTime)?;
    from(window.start, now)?;
    until(window.end, now)?;
    Ok(Booking { status: Status::CheckedIn, ..booked })
}

fn admit(booking: &Booking) -> Result<Booking, Refusal> {
    Ok(Booking { status: Status::InProgress, ..is(booking, &[Status::CheckedIn])? })
}

fn close(booking: &Booking, outcome: Outcome, now: Instant) -> Result<Booking, Refusal> {
    use Status::{Booked, CheckedIn, InProgress};
    let (allowed, earliest): (&[Status], _) = match outcome {
        Outcome::Done => (&[InProgress], None),
        Outcome::ConvertedToInPerson => (&[CheckedIn, InProgress], None),
        Outcome::PatientAbsent | Outcome::DoctorAbsent => {
            (&[Booked, CheckedIn], Some(booking.starts_at + GRACE))
        }
        Outcome::CouldNotConnect if booking.status == InProgress => (&[InProgress], None),
        Outcome::CouldNotConnect => (&[Booked, CheckedIn], Some(booking.starts_at)),
    };
    let live = is(booking, allowed)?;
    if let Some(earliest) = earliest {
        from(earliest, now)?;
    }
    Ok(Booking { status: outcome.status(), ..live })
}

fn expire(booking: &Booking, now: Instant) -> Result<Booking, Refusal> {
    let live = is(booking, &[Status::Held, Status::Requested])?;
    from(live.hold_expires_at.or(live.answer_by).unwrap_or(live.starts_at), now)?;
    Ok(Booking { status: Status::Expired, ..live })
}

#[cfg(test)]
mod tests;
