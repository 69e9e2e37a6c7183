//! The way from the hub to one socket: a short line of texts. Who does not read is cut off alone;
//! nobody waits for them. What was said is kept until the page says that it handled it, so that a
//! page that comes back hears what it missed.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use serde::Serialize;

use crate::live::message::{Bye, ServerMessage};

/// Texts that may wait to be written, and their bytes.
const TEXTS_MOST: usize = 256;
const BYTES_MOST: usize = 512 * 1024;
/// Texts that are kept for a page that may come back, and their bytes: they fit into the line together
/// with what is said first.
const TEXTS_KEPT: usize = TEXTS_MOST - 16;
const BYTES_KEPT: usize = BYTES_MOST - 64 * 1024;
/// Bytes that most messages fit into.
const FEW: usize = 512;
/// Places that a line keeps while nothing waits in it.
const PLACES_KEPT: usize = 16;
/// Room beyond that for the last words: `visit` and `bye`.
const RESERVE: usize = 2;

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
pub struct Outbox(Arc<Shared>);

/// The hub's end.
#[derive(Debug)]
pub(super) struct Line(Arc<Shared>);

/// Both ends. A queue of its own costs less than a channel: a socket that is idle holds no places,
/// and one that is busy is woken once for all that waits.
#[derive(Debug, Default)]
struct Shared {
    queue: Mutex<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    texts: VecDeque<Bytes>,
    bytes: usize,
    /// How it ends, once that is known.
    end: Option<End>,
    /// Who waits for something to do.
    waker: Option<Waker>,
}

#[derive(Clone, Copy, Debug)]
enum End {
    /// After all texts.
    Close(Bye),
    /// At once: they read too slowly.
    Cut,
    /// The hub has nothing to say any more.
    Gone,
    /// All is said.
    Over,
}

impl Outbox {
    /// The next thing to do; nothing when there is no more. May be dropped while it waits without
    /// losing anything.
    pub async fn recv(&mut self) -> Option<Out> {
        poll_fn(|context| self.0.lock().poll_next(context)).await
    }

    /// The next text that waits now, if there is one.
    pub fn text(&mut self) -> Option<Bytes> {
        self.0.lock().text()
    }

    /// Resolves when the socket was given up for reading too slowly: a write under way should be
    /// given up too. Never resolves otherwise.
    pub async fn cut(&mut self) {
        poll_fn(|context| self.0.lock().poll_cut(context)).await;
    }
}

impl Queue {
    fn next(&mut self) -> Poll<Option<Out>> {
        // Whoever was cut off for reading too slowly does not get the rest first.
        if matches!(self.end, Some(End::Cut)) {
            self.texts.clear();
            self.end = Some(End::Over);
            return Poll::Ready(Some(close(Bye::TooMuch)));
        }
        if let Some(text) = self.text() {
            return Poll::Ready(Some(Out::Text(text)));
        }
        match self.end {
            None => Poll::Pending,
            Some(End::Close(bye)) => {
                self.end = Some(End::Over);
                Poll::Ready(Some(close(bye)))
            }
            Some(_) => Poll::Ready(None),
        }
    }

    /// The next text, unless the line is cut.
    fn text(&mut self) -> Option<Bytes> {
        if matches!(self.end, Some(End::Cut)) {
            return None;
        }
        let text = self.texts.pop_front()?;
        self.bytes -= text.len();
        if self.texts.is_empty() && self.texts.capacity() > PLACES_KEPT {
            self.texts = VecDeque::new();
        }
        Some(text)
    }

    fn poll_next(&mut self, context: &Context<'_>) -> Poll<Option<Out>> {
        let next = self.next();
        if next.is_pending() {
            self.wait(context);
        }
        next
    }

    fn poll_cut(&mut self, context: &Context<'_>) -> Poll<()> {
        if matches!(self.end, Some(End::Cut)) {
            return Poll::Ready(());
        }
        self.wait(context);
        Poll::Pending
    }

    fn wait(&mut self, context: &Context<'_>) {
        match &mut self.waker {
            Some(waker) => waker.clone_from(context.waker()),
            none => *none = Some(context.waker().clone()),
        }
    }

    /// Keeps a text of those before the `most`-th; cuts the line when it is full.
    fn put(&mut self, text: Bytes, most: usize) {
        if self.end.is_some() {
            return;
        }
        if self.texts.len() >= most || self.bytes + text.len() > BYTES_MOST {
            self.end = Some(End::Cut);
        } else {
            self.bytes += text.len();
            self.texts.push_back(text);
        }
    }

    fn end(&mut self, end: End) {
        if self.end.is_none() {
            self.end = Some(end);
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something to the queue and wakes whoever waits for it.
    fn change(&self, change: impl FnOnce(&mut Queue)) {
        let waker = {
            let mut queue = self.lock();
            change(&mut queue);
            queue.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
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
    let mut text = Vec::with_capacity(match message {
        // What takes escaping is an end of a line in thirty or so bytes.
        ServerMessage::Sdp { desc, .. } => desc.sdp.len() + desc.sdp.len() / 8 + FEW,
        _ => FEW,
    });
    match serde_json::to_writer(&mut text, &Envelope { seq, message }) {
        Ok(()) => Some(text.into()),
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
    pub(super) fn first(&self) -> u64 {
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
    let shared = Arc::<Shared>::default();
    (Line(Arc::clone(&shared)), Outbox(shared))
}

impl Line {
    /// Puts a text in the line; cuts the line when it is full.
    pub(super) fn send(&self, text: Bytes) {
        self.0.change(|queue| queue.put(text, TEXTS_MOST));
    }

    /// Says good-bye after all that was said before, and closes.
    pub(super) fn close(self, bye: Bye) {
        self.end(None, bye);
    }

    /// Says one more thing, then good-bye.
    pub(super) fn close_with(self, last: Bytes, bye: Bye) {
        self.end(Some(last), bye);
    }

    fn end(&self, last: Option<Bytes>, bye: Bye) {
        let words = last.into_iter().chain(written(None, &bye.message()));
        self.0.change(|queue| {
            words.for_each(|text| queue.put(text, TEXTS_MOST + RESERVE));
            queue.end(End::Close(bye));
        });
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.0.change(|queue| queue.end(End::Gone));
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
