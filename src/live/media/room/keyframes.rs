//! When a person's page is asked for a key frame: at once, but no more often than it can give them.
//! What is asked too early is asked later, not forgotten.

use std::time::{Duration, Instant};

/// Between two requests to one camera.
const BETWEEN: Duration = Duration::from_secs(1);

/// The requests to one camera.
#[derive(Debug, Default)]
pub(super) struct KeyFrames {
    asked: Option<Instant>,
    wanted: bool,
}

impl KeyFrames {
    /// Somebody needs one.
    pub(super) fn want(&mut self) {
        self.wanted = true;
    }

    /// Whether to ask now.
    pub(super) fn due(&mut self, now: Instant) -> bool {
        let rested = self.asked.is_none_or(|at| now.saturating_duration_since(at) >= BETWEEN);
        let due = self.wanted && rested;
        if due {
            self.asked = Some(now);
            self.wanted = false;
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_spaced_and_none_is_forgotten() {
        let start = Instant::now();
        let mut frames = KeyFrames::default();
        assert!(!frames.due(start), "nobody asked");
        frames.want();
        assert!(frames.due(start) && !frames.due(start));
        frames.want();
        frames.want();
        assert!(!frames.due(start + BETWEEN / 2));
        assert!(frames.due(start + BETWEEN) && !frames.due(start + BETWEEN * 3));
    }
}
