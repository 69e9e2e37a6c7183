//! For how long each side saw a picture. The fee for a visit by video needs a picture, so the
//! service counts what the pages decoded, not how long they were connected.

use chrono::TimeDelta;

use crate::engine::visit::Role;
use crate::time::Instant;

/// Longest time between two reports that counts.
const GAP_MOST: TimeDelta = TimeDelta::seconds(10);
/// Shortest time between two tellings.
const TELL_EVERY: TimeDelta = TimeDelta::seconds(5);

/// Seconds for which each side saw a picture, since the visit began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VideoSeconds {
    /// The patient's page.
    pub patient: i64,
    /// The clinician's page.
    pub clinician: i64,
}

#[derive(Debug)]
struct Side {
    seen: TimeDelta,
    /// Up to when it is counted, so that two pages of a side do not count twice.
    until: Option<Instant>,
}

/// The count of one visit.
#[derive(Debug)]
pub(super) struct Video {
    patient: Side,
    clinician: Side,
    told: VideoSeconds,
    told_at: Option<Instant>,
}

impl Video {
    /// Goes on from what was counted before.
    pub(super) fn from(so_far: VideoSeconds) -> Self {
        let side = |seconds| Side { seen: TimeDelta::seconds(seconds), until: None };
        Self {
            patient: side(so_far.patient),
            clinician: side(so_far.clinician),
            told: so_far,
            told_at: None,
        }
    }

    /// A page decoded pictures between two of its reports.
    pub(super) fn saw(&mut self, role: Role, since: Instant, now: Instant) {
        let side = match role {
            Role::Patient => &mut self.patient,
            Role::Clinician => &mut self.clinician,
            // The fee asks for the picture between doctor and patient.
            _ => return,
        };
        let since = since.max(now - GAP_MOST);
        let since = side.until.map_or(since, |until| since.max(until));
        if now > since {
            side.seen += now - since;
            side.until = Some(now);
        }
    }

    /// The count, if it grew and was not told just now.
    pub(super) fn due(&mut self, now: Instant) -> Option<VideoSeconds> {
        let rested = self.told_at.is_none_or(|at| now - at >= TELL_EVERY);
        if rested { self.rest(now) } else { None }
    }

    /// The count, if it grew since it was told.
    pub(super) fn rest(&mut self, now: Instant) -> Option<VideoSeconds> {
        let count = VideoSeconds {
            patient: self.patient.seen.num_seconds(),
            clinician: self.clinician.seen.num_seconds(),
        };
        if count == self.told {
            return None;
        }
        self.told = count;
        self.told_at = Some(now);
        Some(count)
    }
}
