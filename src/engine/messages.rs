//! What is still true enough to be told, when visits are reminded of, and when to try again.

use chrono::TimeDelta;
use chrono_tz::Tz;

use super::booking::check_in_window;
use crate::model::booking::{Booking, Status};
use crate::model::message::{Kind, Message};
use crate::time::Instant;

/// How long before a visit it is reminded of, the longest first, in minutes.
pub const LEADS: [i64; 3] = [7 * 24 * 60, 24 * 60, 60];
/// How often a delivery is tried before it is given up.
pub const ATTEMPTS: i64 = 10;

/// The first pause after a try that failed, and the longest.
const FIRST_PAUSE: TimeDelta = TimeDelta::seconds(30);
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(2);

/// For how long a call makes sense.
const CALLED_FOR: TimeDelta = TimeDelta::minutes(10);

/// How long the links of a visit that was called off still open it.
const KEPT_AFTER_CANCELLING: TimeDelta = TimeDelta::days(7);

/// The reminders of a visit at `starts_at` that lie ahead of `now`: how many minutes before it, and
/// when.
pub fn reminders(starts_at: Instant, now: Instant) -> impl Iterator<Item = (i64, Instant)> {
    let all = LEADS.into_iter().map(move |lead| (lead, starts_at - TimeDelta::minutes(lead)));
    all.filter(move |(_, due)| *due > now)
}

/// Why a message is not true any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untrue {
    /// Something newer is told of the booking, or will be.
    Superseded,
    /// The booking is not as the message says.
    Changed,
    /// What it speaks of is over.
    Over,
}

impl Untrue {
    /// A stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::Superseded => "superseded",
            Self::Changed => "changed",
            Self::Over => "over",
        }
    }
}

/// Whether `message` may be told to the patient at `now`, of a booking that stands like this.
/// `newer` says whether something newer of it is to be told.
///
/// # Errors
/// [`Untrue`].
pub fn still_true(
    message: &Message,
    booking: &Booking,
    newer: bool,
    now: Instant,
) -> Result<(), Untrue> {
    use Status::{Booked, Cancelled, CheckedIn, Declined, Expired, Held, InProgress, Requested};
    if newer && message.kind != Kind::Reminder {
        return Err(Untrue::Superseded);
    }
    let (fits, until): (&[Status], Instant) = match message.kind {
        Kind::Booked | Kind::Approved => (&[Booked, CheckedIn, InProgress], booking.ends_at),
        Kind::Requested => (&[Requested], booking.starts_at),
        Kind::Moved => (&[Requested, Booked, CheckedIn, InProgress], booking.ends_at),
        Kind::NewTimes => (&[Requested, Booked], booking.starts_at),
        Kind::Declined => (&[Declined, Expired], booking.ends_at),
        Kind::Cancelled => (&[Cancelled], booking.ends_at),
        Kind::Offered => (&[Held], booking.hold_expires_at.unwrap_or(now)),
        Kind::Reminder => (&[Booked], reminded_until(message, booking)?),
        Kind::Called => (&[Booked, CheckedIn, InProgress], message.created_at + CALLED_FOR),
    };
    if !fits.contains(&booking.status) {
        Err(Untrue::Changed)
    } else if now >= until {
        Err(Untrue::Over)
    } else {
        Ok(())
    }
}

/// Until when a reminder makes sense: the next one's time, or the start. It must be one of the time
/// at which the visit is now.
fn reminded_until(message: &Message, booking: &Booking) -> Result<Instant, Untrue> {
    let before = |lead| booking.starts_at - TimeDelta::minutes(lead);
    let lead = message.lead_min.unwrap_or(0);
    if message.due_at != before(lead) {
        return Err(Untrue::Changed);
    }
    let next = LEADS.into_iter().find(|other| *other < lead);
    Ok(before(next.unwrap_or(0)))
}

/// Whether the links of a booking still open it: until the end of the day after the visit, and, for
/// one that was called off, for a week more.
pub fn link_opens(booking: &Booking, zone: Tz, now: Instant) -> bool {
    match booking.status {
        Status::Cancelled | Status::Declined | Status::Expired => {
            now < booking.changed_at + KEPT_AFTER_CANCELLING
        }
        _ => check_in_window(booking, zone).is_some_and(|window| now < window.end),
    }
}

/// How long to wait after the try of this number, counted from 1; nothing when it was the last.
/// `chance`, from 0 to 1, spreads those that failed together.
pub fn pause_after(attempts: i64, chance: f64) -> Option<TimeDelta> {
    if attempts >= ATTEMPTS {
        return None;
    }
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0).min(16);
    let pause = (FIRST_PAUSE * 2_i32.pow(doublings)).min(LONGEST_PAUSE);
    let spread = pause.num_milliseconds() / 4;
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a jitter")]
    let jitter = (spread as f64 * (chance.clamp(0.0, 1.0) * 2.0 - 1.0)) as i64;
    Some(pause + TimeDelta::milliseconds(jitter))
}

#[cfg(test)]
mod tests;
