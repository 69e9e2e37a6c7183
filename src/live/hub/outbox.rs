//! The way from the hub to one socket: a short line of texts. Who does not read is cut off alone;
//! nobody waits for them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Serialize;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::live::message::{Bye, ServerMessage};

/// Texts that may wait to be written, and their bytes.
const TEXTS_MOST: usize = 256;
const BYTES_MOST: usize = 512 * 1024;
/// Room beyond that for the last words: `visit`, `bye` and the close itself.
const RESERVE: usize = 3;

/// What the socket has to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Out {
    /// Write a text frame.
    Text(String),
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
    seq: u64,
}

#[derive(Serialize)]
struct Envelope<'a> {
    seq: u64,
    #[serde(flatten)]
    message: &'a ServerMessage,
}

/// The two ends of a new line.
pub(super) fn line() -> (Line, Outbox) {
    let (sender, outs) = mpsc::channel(TEXTS_MOST + RESERVE);
    let bytes = Arc::new(AtomicUsize::new(0));
    let cut = CancellationToken::new();
    let line = Line { outs: sender, bytes: Arc::clone(&bytes), cut: cut.clone(), seq: 0 };
    (line, Outbox { outs, bytes, cut, over: false })
}

impl Line {
    /// Puts a message in the line; cuts the line when it is full.
    pub(super) fn send(&mut self, message: &ServerMessage) {
        let queued = self.outs.max_capacity() - self.outs.capacity();
        if queued >= TEXTS_MOST {
            self.cut.cancel();
        } else {
            self.put(message);
        }
    }

    /// Says good-bye after all that was said before, and closes.
    pub(super) fn close(mut self, bye: Bye) {
        self.put(&bye.message());
        if self.outs.try_send(close(bye)).is_err() {
            self.cut.cancel();
        }
    }

    /// Says one more thing, then good-bye.
    pub(super) fn close_with(mut self, last: &ServerMessage, bye: Bye) {
        self.put(last);
        self.close(bye);
    }

    fn put(&mut self, message: &ServerMessage) {
        self.seq += 1;
        let text = match serde_json::to_string(&Envelope { seq: self.seq, message }) {
            Ok(text) => text,
            Err(why) => {
                tracing::error!(%why, "a message could not be written");
                return;
            }
        };
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
