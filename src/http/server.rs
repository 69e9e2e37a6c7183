//! The sockets below the router: how many, how long they may dawdle, and how they end.
//!
//! A client that sends half a request and then nothing must not keep anybody else from being
//! served; so a request's head has a time by which it is there, and connections have a number.

use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::middleware::AddExtension;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::{Service, ServiceExt};

/// The largest head of a request, in bytes; what a connection may hold before it is understood.
const HEAD_MOST: usize = 64 * 1024;
/// How long to wait when the machine has no descriptor left for another connection.
const BREATH: Duration = Duration::from_millis(200);

/// What connections are held to.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How long the head of a request may take, from the moment one could be sent: also how long
    /// a connection may idle between two.
    pub head: Duration,
    /// How many connections there may be at once, those of WebSocket among them. Further
    /// ones wait in the machine's queue.
    pub connections: usize,
    /// How long requests that are under way may take to end after the service was told to stop.
    pub farewell: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            connections: 12_288,
            farewell: Duration::from_secs(20),
        }
    }
}

/// Serves `router` to whoever connects, until `stop`; then takes nobody new, and returns when the
/// requests that were under way have ended or the farewell is over.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, stop: CancellationToken) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.head).max_buf_size(HEAD_MOST);
    let mut make = router.into_make_service_with_connect_info::<SocketAddr>();
    let places = Arc::new(Semaphore::new(limits.connections));
    let open = TaskTracker::new();
    loop {
        let taken = tokio::select! {
            taken = next(&listener, &places) => taken,
            () = stop.cancelled() => break,
        };
        let Some((socket, peer)) = taken else { break };
        tracing::trace!(free = places.available_permits(), "connected");
        let Ok(service): Result<Served, _> = ready(&mut make, peer).await;
        let service = TowerToHyperService::new(service);
        let connection = http.serve_connection(TokioIo::new(socket), service).with_upgrades();
        let told = stop.clone();
        open.spawn(async move {
            let mut connection = pin!(connection);
            let ended = tokio::select! {
                ended = connection.as_mut() => ended,
                () = told.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = ended {
                // The other side's doing: it went away, dawdled, or spoke no HTTP.
                tracing::debug!(error = &error as &dyn std::error::Error, "connection ended");
            }
        });
    }
    drop(listener);
    open.close();
    if tokio::time::timeout(limits.farewell, open.wait()).await.is_err() {
        tracing::warn!("requests were under way for too long; they are cut off");
    }
}

/// The router, told who is on the other side.
type Served = AddExtension<Router, ConnectInfo<SocketAddr>>;

async fn ready<M: Service<SocketAddr>>(
    make: &mut M,
    peer: SocketAddr,
) -> Result<M::Response, M::Error> {
    make.ready().await?.call(peer).await
}

/// The next connection, once there is a place for it. None when there will be no more places.
async fn next(listener: &TcpListener, places: &Arc<Semaphore>) -> Option<(Counted, SocketAddr)> {
    let place = places.clone().acquire_owned().await.ok()?;
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                // Answers are written whole; holding back their last packet only delays them.
                let _ = stream.set_nodelay(true);
                return Some((Counted { stream, _place: place }, peer));
            }
            Err(error) if is_the_peers(&error) => {}
            Err(error) => {
                // Mostly that there is no descriptor left; one comes free when somebody leaves.
                tracing::error!(%error, "cannot take a connection");
                tokio::time::sleep(BREATH).await;
            }
        }
    }
}

/// Whether a connection failed because the other side gave it up before it was taken.
fn is_the_peers(error: &io::Error) -> bool {
    use io::ErrorKind as K;
    matches!(error.kind(), K::ConnectionRefused | K::ConnectionAborted | K::ConnectionReset)
}

/// A connection that gives its place back when it is closed, whatever it has become by then.
struct Counted {
    stream: TcpStream,
    _place: OwnedSemaphorePermit,
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
