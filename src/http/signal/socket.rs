//! One socket of WebSocket: what is heard and said on it. What is read lies in one place for all
//! sockets of a thread, so that one that is silent holds no memory for it.

use std::cell::RefCell;
use std::io;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use std::future::poll_fn;

use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::time::timeout;

use super::frames::{self, Fault, Frames, Heard};

/// Bytes that are read at once: all that two pages tell each other to connect.
const READ: usize = 32 * 1024;
/// Bytes that a thread keeps for what it writes.
const WRITE_KEPT: usize = 64 * 1024;
/// How long a page may take to hear why it is closed. Whoever hangs up while something waits to be
/// read takes back what was said last.
const LINGER: Duration = Duration::from_secs(1);

thread_local! {
    static READING: RefCell<Vec<u8>> = RefCell::new(vec![0; READ]);
    static WRITING: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Why nothing more is heard.
#[derive(Debug)]
pub(super) enum End {
    /// The page is gone.
    Gone,
    /// What it says cannot be read.
    Fault(Fault),
}

/// One socket.
#[derive(Debug)]
pub(super) struct Socket {
    stream: TokioIo<Upgraded>,
    frames: Frames,
    /// What was heard was not all that is there.
    more: bool,
    /// What is said and not written yet.
    unsent: Vec<u8>,
}

impl Socket {
    pub(super) fn new(stream: Upgraded) -> Self {
        Self {
            stream: TokioIo::new(stream),
            frames: Frames::default(),
            more: false,
            unsent: Vec::new(),
        }
    }

    /// Waits until bytes come and gives `each` what is whole in them, until it breaks off; nothing
    /// when it did not. May be dropped while it waits without losing anything.
    pub(super) async fn hear<T>(
        &mut self,
        mut each: impl FnMut(Heard<'_>) -> ControlFlow<T>,
    ) -> Result<Option<T>, End> {
        poll_fn(|context| self.poll_hear(context, &mut each)).await
    }

    fn poll_hear<T>(
        &mut self,
        context: &mut Context<'_>,
        each: &mut impl FnMut(Heard<'_>) -> ControlFlow<T>,
    ) -> Poll<Result<Option<T>, End>> {
        if self.more {
            return Poll::Ready(self.given(&mut [], each));
        }
        READING.with_borrow_mut(|bytes| {
            let mut read = ReadBuf::new(bytes);
            let came = ready!(Pin::new(&mut self.stream).poll_read(context, &mut read));
            Poll::Ready(match (came, read.filled_mut()) {
                (Err(_), _) | (_, []) => Err(End::Gone),
                (Ok(()), bytes) => self.given(bytes, each),
            })
        })
    }

    fn given<T>(
        &mut self,
        bytes: &mut [u8],
        each: &mut impl FnMut(Heard<'_>) -> ControlFlow<T>,
    ) -> Result<Option<T>, End> {
        let flow = self.frames.take(bytes, each).map_err(End::Fault)?;
        self.more = flow.is_break();
        Ok(flow.break_value())
    }

    /// Writes what `fill` says, as much of it as the machine takes now; [`Socket::flush`] writes the
    /// rest.
    pub(super) async fn write(&mut self, fill: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        let mut fill = Some(fill);
        poll_fn(|context| {
            let Some(fill) = fill.take() else { return Poll::Ready(Ok(())) };
            WRITING.with_borrow_mut(|out| {
                out.clear();
                fill(out);
                let written = self.written_now(context, out);
                out.shrink_to(WRITE_KEPT);
                Poll::Ready(written)
            })
        })
        .await
    }

    fn written_now(&mut self, context: &mut Context<'_>, out: &[u8]) -> io::Result<()> {
        let mut written = 0;
        // In the order in which it was said.
        if self.unsent.is_empty()
            && let Poll::Ready(taken) = Pin::new(&mut self.stream).poll_write(context, out)
        {
            written = taken?;
        }
        self.unsent.extend_from_slice(&out[written..]);
        Ok(())
    }

    /// Whether all was written.
    pub(super) fn is_flushed(&self) -> bool {
        self.unsent.is_empty()
    }

    /// Writes what waits. May be dropped without losing anything.
    pub(super) async fn flush(&mut self) -> io::Result<()> {
        while !self.unsent.is_empty() {
            let written = self.stream.write(&self.unsent).await?;
            if written == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            self.unsent.drain(..written);
        }
        self.unsent = Vec::new();
        Ok(())
    }

    /// Says good-bye and that nothing follows.
    pub(super) async fn close(&mut self, code: u16, reason: &str) -> io::Result<()> {
        self.write(|out| frames::close(out, code, reason)).await?;
        self.flush().await?;
        self.stream.shutdown().await
    }

    /// Waits until the page has hung up, for a while, whatever it still says.
    pub(super) async fn linger(mut self) {
        let silence = poll_fn(|context| {
            READING.with_borrow_mut(|bytes| {
                let mut read = ReadBuf::new(bytes);
                let came = ready!(Pin::new(&mut self.stream).poll_read(context, &mut read));
                Poll::Ready(came.is_ok() && !read.filled().is_empty())
            })
        });
        let mut silence = std::pin::pin!(silence);
        let _ = timeout(LINGER, async { while silence.as_mut().await {} }).await;
    }
}
