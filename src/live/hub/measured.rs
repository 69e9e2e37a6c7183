//! How good a person's connection is, as their page measured it: sums for the record, told now and
//! then and when they go.

use chrono::TimeDelta;

use crate::live::message::Quality;
use crate::model::ParticipantId;
use crate::time::Instant;

/// Longest time between two reports that counts.
const GAP_MOST: TimeDelta = TimeDelta::seconds(10);
/// Seconds that are told at once.
const TELL_AFTER: TimeDelta = TimeDelta::seconds(30);

/// What was measured since it was last told, in whole seconds, and the newest numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measured {
    /// By whom.
    pub participant: ParticipantId,
    /// Seconds between reports.
    pub seconds: i64,
    /// Seconds of those in which pictures came in.
    pub picture_seconds: i64,
    /// Seconds of those that ran over a relay.
    pub relay_seconds: i64,
    /// Round trip, in milliseconds.
    pub rtt_ms: Option<i64>,
    /// Jitter, in milliseconds.
    pub jitter_ms: Option<i64>,
    /// Packets lost of a thousand.
    pub loss_permille: Option<i64>,
    /// Pictures a second.
    pub fps: Option<i64>,
}

/// The count of one person.
#[derive(Debug, Default)]
pub(super) struct Measure {
    last_at: Option<Instant>,
    all: TimeDelta,
    pictures: TimeDelta,
    relay: TimeDelta,
    newest: Option<Newest>,
}

#[derive(Clone, Copy, Debug)]
struct Newest {
    rtt_ms: Option<i64>,
    jitter_ms: Option<i64>,
    loss_permille: Option<i64>,
    fps: Option<i64>,
}

impl Measure {
    /// A report came; whether pictures did since the one before.
    pub(super) fn report(&mut self, quality: &Quality, pictures: bool, now: Instant) {
        let since = self.last_at.map_or(TimeDelta::zero(), |at| now - at);
        let since = since.clamp(TimeDelta::zero(), GAP_MOST);
        self.last_at = Some(self.last_at.map_or(now, |at| at.max(now)));
        self.all += since;
        if pictures {
            self.pictures += since;
        }
        if quality.relay == Some(true) {
            self.relay += since;
        }
        let whole = |number: Option<f64>| number.map(rounded);
        self.newest = Some(Newest {
            rtt_ms: whole(quality.rtt_ms),
            jitter_ms: whole(quality.jitter_ms),
            loss_permille: whole(quality.loss.map(|part| part * 1_000.0)),
            fps: whole(quality.fps),
        });
    }

    /// What is to be told, if it is much.
    pub(super) fn due(&mut self, participant: ParticipantId) -> Option<Measured> {
        if self.all >= TELL_AFTER { self.rest(participant) } else { None }
    }

    /// What is to be told.
    pub(super) fn rest(&mut self, participant: ParticipantId) -> Option<Measured> {
        let newest = self.newest.take()?;
        let seconds = taken(&mut self.all);
        Some(Measured {
            participant,
            seconds,
            // Parts of a second add up at other times than the whole.
            picture_seconds: taken(&mut self.pictures).min(seconds),
            relay_seconds: taken(&mut self.relay).min(seconds),
            rtt_ms: newest.rtt_ms,
            jitter_ms: newest.jitter_ms,
            loss_permille: newest.loss_permille,
            fps: newest.fps,
        })
    }
}

/// The whole seconds; what is left of one stays.
fn taken(time: &mut TimeDelta) -> i64 {
    let seconds = time.num_seconds();
    *time -= TimeDelta::seconds(seconds);
    seconds
}

#[expect(clippy::cast_possible_truncation, reason = "between nought and 1e9, as it was read")]
fn rounded(number: f64) -> i64 {
    number.round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Instant {
        let start: Instant = "2026-12-01T01:00:00Z".parse().unwrap();
        start + TimeDelta::milliseconds(millis)
    }

    fn quality(relay: bool, loss: f64) -> Quality {
        let text = serde_json::json!({ "pc": "p", "relay": relay, "loss": loss, "rtt_ms": 12.6 });
        serde_json::from_value(text).unwrap()
    }

    #[test]
    fn seconds_add_up_and_each_is_told_once() {
        let (who, mut measure) = (ParticipantId::new(), Measure::default());
        assert_eq!(measure.rest(who), None);
        // 4.6 s apart, the fourth after a long silence.
        for (nth, pictures) in [(0, true), (1, true), (2, false), (20, true)] {
            measure.report(&quality(nth == 1, 0.015), pictures, at(nth * 4_600));
            assert_eq!(measure.due(who), None);
        }
        let told = measure.rest(who).unwrap();
        assert_eq!((told.seconds, told.picture_seconds, told.relay_seconds), (19, 14, 4));
        assert_eq!((told.rtt_ms, told.loss_permille, told.fps), (Some(13), Some(15), None));
        assert_eq!(measure.rest(who), None, "nothing new");
        let mut told = 0;
        for nth in 21..30 {
            measure.report(&quality(false, 0.0), true, at(nth * 4_600));
            told += measure.due(who).map_or(0, |one| one.seconds);
        }
        told += measure.rest(who).unwrap().seconds;
        // 19.2 s before, of which 19 were told, and nine times 4.6.
        assert_eq!(told, 41);
    }
}
