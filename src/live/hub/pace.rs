//! How fast a page may talk, and how often it may talk nonsense.

use std::collections::VecDeque;

use chrono::TimeDelta;

use crate::live::message::{CANDIDATES, CAPTIONS, CHAT, MESSAGES, Rate};
use crate::time::Instant;

/// Messages over the limit until the socket is closed.
const STRIKES_MOST: u8 = 3;
/// Texts that are no message until the socket is closed, and the time in which they count.
const BAD_MOST: usize = 5;
const BAD_WITHIN: TimeDelta = TimeDelta::seconds(60);

/// A bucket that fills with time, in millionths of a token.
#[derive(Debug)]
pub(super) struct Bucket {
    rate: Rate,
    micros: i64,
    at: Instant,
}

const TOKEN: i64 = 1_000_000;

impl Bucket {
    pub(super) fn full(rate: Rate, now: Instant) -> Self {
        Self { rate, micros: rate.burst * TOKEN, at: now }
    }

    pub(super) fn take(&mut self, count: usize, now: Instant) -> bool {
        // A minute brings `per_minute` tokens. More than an hour fills any bucket.
        let passed = (now - self.at).clamp(TimeDelta::zero(), TimeDelta::hours(1));
        let passed = passed.num_microseconds().unwrap_or_default();
        let brought = passed * self.rate.per_minute / 60;
        self.micros = (self.micros + brought).min(self.rate.burst * TOKEN);
        self.at = self.at.max(now);
        let cost = i64::try_from(count).unwrap_or(i64::MAX).saturating_mul(TOKEN);
        let enough = self.micros >= cost;
        if enough {
            self.micros -= cost;
        }
        enough
    }

    fn is_full(&self) -> bool {
        self.micros >= (self.rate.burst - 1) * TOKEN
    }
}

/// Whether a message may be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Yes.
    Fine,
    /// No; the page may try again a little later.
    Slower,
    /// No, and it was told often enough.
    Close,
}

/// The pace of one socket.
#[derive(Debug)]
pub(super) struct Pace {
    messages: Bucket,
    chat: Bucket,
    captions: Bucket,
    candidates: Bucket,
    strikes: u8,
    bad: VecDeque<Instant>,
}

impl Pace {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            messages: Bucket::full(MESSAGES, now),
            chat: Bucket::full(CHAT, now),
            captions: Bucket::full(CAPTIONS, now),
            candidates: Bucket::full(CANDIDATES, now),
            strikes: 0,
            bad: VecDeque::new(),
        }
    }

    /// A text came.
    pub(super) fn text(&mut self, now: Instant) -> Verdict {
        if self.messages.take(1, now) {
            // Whoever was quiet for long starts anew.
            if self.messages.is_full() {
                self.strikes = 0;
            }
            return Verdict::Fine;
        }
        self.strikes += 1;
        if self.strikes < STRIKES_MOST { Verdict::Slower } else { Verdict::Close }
    }

    /// A line of chat came.
    pub(super) fn chat(&mut self, now: Instant) -> bool {
        self.chat.take(1, now)
    }

    /// A caption came.
    pub(super) fn caption(&mut self, now: Instant) -> bool {
        self.captions.take(1, now)
    }

    /// So many candidates came.
    pub(super) fn candidates(&mut self, count: usize, now: Instant) -> bool {
        self.candidates.take(count, now)
    }

    /// The text was no message. True when it was one too many.
    pub(super) fn bad(&mut self, now: Instant) -> bool {
        self.bad.push_back(now);
        while self.bad.front().is_some_and(|at| now - *at >= BAD_WITHIN) {
            self.bad.pop_front();
        }
        self.bad.len() >= BAD_MOST
    }
}
