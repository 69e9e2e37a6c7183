//! What the clients know: what they asked for, and what they were told.

use std::time::Duration;

use serde_json::Value;

use super::http::Answer;

/// A clinician's quarter of an hour.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) clinician: String,
    /// `2026-12-01T03:00:00Z`; all are of the same length and on one grid.
    pub(super) start: String,
}

/// What is done to a booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    Hold,
    Confirm,
    Move,
    Cancel,
    Release,
}

/// A booking as an answer has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) id: String,
    pub(super) status: String,
    pub(super) place: Place,
    pub(super) version: i64,
}

impl Seen {
    /// Of the answer to any deed but a release, which says nothing.
    pub(super) fn of(answer: &Answer) -> Option<Self> {
        let whole = answer.json();
        let booking = if whole["booking"].is_object() { &whole["booking"] } else { &whole };
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let clinician = text(&booking["clinician"]["id"])?.replace('-', "");
        Some(Self {
            id: text(&booking["id"])?.replace('-', ""),
            status: text(&booking["status"])?,
            place: Place { clinician, start: text(&booking["start"])? },
            version: booking["version"].as_i64()?,
        })
    }
}

/// One wish of one client, with all its tries.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) deed: Deed,
    /// The booking, once it is known; of a hold, that of the answer.
    pub(super) booking: Option<String>,
    /// When it was sent first.
    pub(super) sent: Duration,
    /// How often it was sent until it was answered for good.
    pub(super) tries: u32,
    /// Nothing where it was given up.
    pub(super) told: Option<Told>,
    /// Answers that no client should get: codes, and what was said.
    pub(super) odd: Vec<String>,
}

/// The answer to a wish.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) at: Duration,
    pub(super) status: u16,
    /// The booking as it was told; none of a release or a refusal.
    pub(super) seen: Option<Seen>,
    /// An answer to the same wish under the same key that was another.
    pub(super) differs: Option<String>,
}

impl Entry {
    /// Whether it was told as done.
    pub(super) fn is_done(&self) -> bool {
        self.told.as_ref().is_some_and(|told| (200..300).contains(&told.status))
    }
}
