//! What waits for a viewer whose socket takes nothing more: bounded, the oldest is lost first, and
//! sound goes before pictures.

use std::collections::VecDeque;

/// Packets of sound and of pictures that wait for one viewer, at most: about two seconds and half a
/// second.
const AUDIO: usize = 128;
const VIDEO: usize = 64;

/// What waits for one viewer.
#[derive(Debug)]
pub(super) struct Queue<P> {
    audio: VecDeque<P>,
    video: VecDeque<P>,
}

impl<P> Default for Queue<P> {
    fn default() -> Self {
        Self { audio: VecDeque::new(), video: VecDeque::new() }
    }
}

impl<P> Queue<P> {
    /// Adds a packet; the oldest of its kind is returned, if there is no room for both.
    pub(super) fn push(&mut self, audio: bool, packet: P) -> Option<P> {
        let (queue, most) = if audio { (&mut self.audio, AUDIO) } else { (&mut self.video, VIDEO) };
        let lost = if queue.len() == most { queue.pop_front() } else { None };
        queue.push_back(packet);
        lost
    }

    /// The next to go out: sound first.
    pub(super) fn pop(&mut self) -> Option<P> {
        self.audio.pop_front().or_else(|| self.video.pop_front())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_is_lost_and_sound_goes_first() {
        let mut queue = Queue::default();
        let lost: Vec<_> = (0..VIDEO + 3).filter_map(|at| queue.push(false, at)).collect();
        assert_eq!(lost, [0, 1, 2], "the oldest pictures");
        assert_eq!(queue.push(true, 1_000), None, "pictures take no room from sound");
        assert_eq!((queue.pop(), queue.pop()), (Some(1_000), Some(3)));
        assert_eq!(std::iter::from_fn(|| queue.pop()).count(), VIDEO - 1);
    }
}
