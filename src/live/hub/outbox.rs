//! The way from the hub to one socket: a short line of texts. Who does not read is cut off alone;
//! nobody waits for them. What was said is kept until the page says that it handled it, so that a
//! page that comes back hears what it missed.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use serde::Serialize;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::live::message::{Bye, ServerMessage};

/// Texts that may wait to be written, and their bytes.
const TEXTS_MOST: usize = 256;
const BYTES_MOST: usize = 512 * 1024;
/// Texts that are kept for a page that may come back, and their bytes: they fit into the line together
/// with what is said first.
const TEXTS_KEPT: usize = TEXTS_MOST - 16;
const BYTES_KEPT: usize = BYTES_MOST - 64 * 1024;
/// Room beyond that for the last words: `visit`, `bye` and the close itself.
const RESERVE: usize = 3;

/// What the socket has to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Out {
    /// Write a text frame.
    Text(Bytes),
    /// Close with this code; nothing comes after it.
    Close {
        /// The close code.
        code: u16,
        /// Its name, short enough for a close frame.
        reason: &'static str,
    },
}

/// The socket's end: read it until it says to close or ends.
#[derive(Debug)]
pub struct Outbox {
    outs: mpsc::Receiver<Out>,
    bytes: Arc<AtomicUsize>,
    cut: CancellationToken,
    over: bool,
}

impl Outbox {
    /// The next thing to do; nothing when there is no more. May be dropped while it waits without
    /// losing anything.
    pub async fn recv(&mut self) -> Option<Out> {
        if self.over {
            return None;
        }
        // Whoever was cut off for reading too slowly does not get the rest first.
        let out = tokio::select! {
            biased;
            () = self.cut.cancelled() => Some(close(Bye::TooMuch)),
            out = self.outs.recv() => out,
        };
        match &out {
            Some(Out::Text(text)) => {
                self.bytes.fetch_sub(text.len(), Ordering::Relaxed);
            }
            Some(Out::Close { .. }) | None => self.over = true,
        }
        out
    }

    /// Resolves when the socket was given up for reading too slowly: a write under way should be
    /// given up too. Never resolves otherwise.
    pub fn cut(&self) -> impl Future<Output = ()> + Send + use<> {
        self.cut.clone().cancelled_owned()
    }
}

/// The hub's end.
#[derive(Debug)]
pub(super) struct Line {
    outs: mpsc::Sender<Out>,
    bytes: Arc<AtomicUsize>,
    cut: CancellationToken,
}

#[derive(Serialize)]
struct Envelope<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    seq: Option<u64>,
    #[serde(flatten)]
    message: &'a ServerMessage,
}

/// A message as it is written, with its number if it has one.
pub(super) fn written(seq: Option<u64>, message: &ServerMessage) -> Option<Bytes> {
    match serde_json::to_vec(&Envelope { seq, message }) {
        Ok(text) => Some(text.into()),
        Err(why) => {
            tracing::error!(%why, "a message could not be written");
            None
        }
    }
}

/// What was said to one person and is not known to have been handled: the newest texts, in order.
#[derive(Debug)]
pub(super) struct Kept {
    texts: VecDeque<Bytes>,
    bytes: usize,
    /// The number of the next text; those that are kept have the numbers before it.
    next: u64,
}

impl Kept {
    pub(super) const fn new() -> Self {
        Self { texts: VecDeque::new(), bytes: 0, next: 1 }
    }

    /// The number of the next text.
    pub(super) const fn next(&self) -> u64 {
        self.next
    }

    /// The number of the oldest text that is kept.
    fn first(&self) -> u64 {
        self.next - self.texts.len() as u64
    }

    /// Keeps the text of the next number. When there are too many the oldest are forgotten, and
    /// whoever has not heard them can only start from a snapshot.
    pub(super) fn push(&mut self, text: Bytes) {
        self.bytes += text.len();
        self.texts.push_back(text);
        self.next += 1;
        while self.texts.len() > TEXTS_KEPT || self.bytes > BYTES_KEPT {
            self.drop_first();
        }
    }

    /// The page handled all up to this number.
    pub(super) fn handled(&mut self, seq: u64) {
        while self.first() <= seq && !self.texts.is_empty() {
            self.drop_first();
        }
    }

    /// Forgets all: a snapshot stands for it.
    pub(super) fn clear(&mut self) {
        self.texts.clear();
        self.bytes = 0;
    }

    /// What came after this number; nothing when some of it is forgotten, or it was never said.
    pub(super) fn since(&self, seq: u64) -> Option<impl Iterator<Item = &Bytes>> {
        let heard = seq.checked_add(1)?.checked_sub(self.first())?;
        (seq < self.next)
            .then(|| self.texts.iter().skip(usize::try_from(heard).unwrap_or(usize::MAX)))
    }

    fn drop_first(&mut self) {
        if let Some(text) = self.texts.pop_front() {
            self.bytes -= text.len();
        }
    }
}

/// The two ends of a new line.
pub(super) fn line() -> (Line, Outbox) {
    let (sender, outs) = mpsc::channel(TEXTS_MOST + RESERVE);
    let bytes = Arc::new(AtomicUsize::new(0));
    let cut = CancellationToken::new();
    let line = Line { outs: sender, bytes: Arc::clone(&bytes), cut: cut.clone() };
    (line, Outbox { outs, bytes, cut, over: false })
}

impl Line {
    /// Puts a text in the line; cuts the line when it is full.
    pub(super) fn send(&self, text: Bytes) {
        let queued = self.outs.max_capacity() - self.outs.capacity();
        if queued >= TEXTS_MOST {
            self.cut.cancel();
        } else {
            self.put(text);
        }
    }

    /// Says good-bye after all that was said before, and closes.
    pub(super) fn close(self, bye: Bye) {
        if let Some(text) = written(None, &bye.message()) {
            self.put(text);
        }
        if self.outs.try_send(close(bye)).is_err() {
            self.cut.cancel();
        }
    }

    /// Says one more thing, then good-bye.
    pub(super) fn close_with(self, last: Bytes, bye: Bye) {
        self.put(last);
        self.close(bye);
    }

    fn put(&self, text: Bytes) {
        let len = text.len();
        let queued = self.bytes.fetch_add(len, Ordering::Relaxed);
        if queued + len > BYTES_MOST || self.outs.try_send(Out::Text(text)).is_err() {
            self.cut.cancel();
        }
    }
}

fn close(bye: Bye) -> Out {
    Out::Close { code: bye.close_code(), reason: bye.code() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(kept: &Kept) -> Bytes {
        Bytes::from(kept.next().to_string())
    }

    fn since(kept: &Kept, seq: u64) -> Option<Vec<u64>> {
        let read = |text: &Bytes| std::str::from_utf8(text).unwrap().parse().unwrap();
        kept.since(seq).map(|texts| texts.map(read).collect())
    }

    #[test]
    fn what_was_not_handled_is_said_again_and_nothing_else() {
        let mut kept = Kept::new();
        assert_eq!(since(&kept, 0), Some(vec![]));
        for _ in 0..5 {
            kept.push(text(&kept));
        }
        assert_eq!(since(&kept, 2), Some(vec![3, 4, 5]));
        kept.handled(3);
        assert_eq!(since(&kept, 3), Some(vec![4, 5]));
        assert_eq!(since(&kept, 5), Some(vec![]));
        assert_eq!(since(&kept, 2), None, "forgotten");
        assert_eq!(since(&kept, 6), None, "never said");
        assert_eq!(since(&kept, u64::MAX), None);
        kept.handled(99);
        assert_eq!((kept.next(), since(&kept, 5)), (6, Some(vec![])));
    }

    #[test]
    fn too_much_forgets_the_oldest() {
        let mut kept = Kept::new();
        for _ in 0..=TEXTS_KEPT {
            kept.push(text(&kept));
        }
        assert_eq!(since(&kept, 0), None);
        assert_eq!(since(&kept, 1).unwrap().len(), TEXTS_KEPT);
        kept.push(Bytes::from(vec![b'1'; BYTES_KEPT]));
        assert_eq!(kept.texts.len(), 1);
        kept.clear();
        assert_eq!((kept.bytes, kept.first()), (0, kept.next()));
    }
}
