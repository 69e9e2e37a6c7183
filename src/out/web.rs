//! Requests to web addresses that others name: a clinic's webhook, a doctor's calendar.
//!
//! Such an address may lead back into the house: to this machine's own services, its neighbours, the
//! cloud's metadata. So a name is resolved once, addresses that are not of the public internet are
//! left out (in every disguise, see [`crate::live::turn::filter`]), and the connection goes to the
//! very address that was looked at: a name that answers otherwise the second time is not asked a
//! second time. Only https, no redirects, no credentials in the address, an end to size and time.
//! Operators may name origins for which this does not hold, for tests and for receivers of their own.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_util::task::AbortOnDropHandle;

use crate::live::turn::filter::is_public;

mod target;
mod tls;

pub use tls::{Roots, RootsError};

use target::Target;

/// How much of an answer's head is read, in bytes, and how many lines it may have.
const HEAD: usize = 32 * 1024;
const HEAD_LINES: usize = 64;
/// Of the addresses that a name has, this many are tried.
const TRIED: usize = 4;

/// How long a request may take with everything, and how much it may bring.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The body, in bytes.
    pub bytes: usize,
    /// From the resolving of the name to the last byte.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 1024 * 1024, time: Duration::from_secs(5) }
    }
}

/// Why there is no answer. It names nothing that the other side said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No address of the web, or one with a user name in it.
    #[error("not a web address")]
    Address,
    /// Only https is asked.
    #[error("not https")]
    Insecure,
    /// All that the name stands for is not on the public internet.
    #[error("an address that is not public")]
    Forbidden,
    /// The name stands for nothing.
    #[error("no such host")]
    Unresolved,
    /// Nobody takes the connection.
    #[error("no connection")]
    Unreachable,
    /// The other side does not prove to be the one that was meant.
    #[error("no secure connection")]
    Tls,
    /// It took too long.
    #[error("no answer in time")]
    Timeout,
    /// It brings more than is read.
    #[error("the answer is too large")]
    TooLarge,
    /// What came back is no answer.
    #[error("the answer cannot be read")]
    Broken,
}

impl Error {
    /// A stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Insecure => "insecure",
            Self::Forbidden => "forbidden_address",
            Self::Unresolved => "unresolved",
            Self::Unreachable => "unreachable",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::TooLarge => "too_large",
            Self::Broken => "broken_answer",
        }
    }
}

/// What came back, whatever its status: a redirect is an answer like others.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Vec<u8>,
}

/// The longest word by which a server tells whether something is the same still.
const VALIDATOR: usize = 200;

impl Answer {
    /// By what it can be asked for again, unless it changed: its `ETag` and `Last-Modified`.
    pub fn validators(&self) -> [Option<String>; 2] {
        [header::ETAG, header::LAST_MODIFIED].map(|name| {
            let value = self.headers.get(name)?.to_str().ok()?;
            (value.len() <= VALIDATOR).then(|| value.to_owned())
        })
    }
}

/// The headers that ask for something unless it is as [`Answer::validators`] said.
pub fn unless_changed(
    etag: Option<&str>,
    modified: Option<&str>,
) -> Vec<(HeaderName, HeaderValue)> {
    let asked = [(header::IF_NONE_MATCH, etag), (header::IF_MODIFIED_SINCE, modified)];
    let header = |(name, value): (HeaderName, Option<&str>)| {
        Some((name, HeaderValue::from_str(value?).ok()?))
    };
    asked.into_iter().filter_map(header).collect()
}

/// The addresses of a host and port.
type Found = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;
/// Who knows them.
type Resolver = Box<dyn Fn(String, u16) -> Found + Send + Sync>;

/// Who asks. Cheap to clone.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    allowed: Vec<String>,
    roots: Roots,
    resolve: Resolver,
}

impl Client {
    /// A client that asks the world, and besides it the origins in `allowed`
    /// (`http://127.0.0.1:9000`), whatever their scheme and address. Whom to believe to be who they
    /// are says `roots`.
    pub fn new(allowed: &[String], roots: Roots) -> Self {
        let resolve = |host: String, port| -> Found {
            Box::pin(async move { Ok(tokio::net::lookup_host((host, port)).await?.collect()) })
        };
        Self::with_resolver(allowed, roots, Box::new(resolve))
    }

    fn with_resolver(allowed: &[String], roots: Roots, resolve: Resolver) -> Self {
        let origin = |text: &String| url::Url::parse(text).ok().map(|url| target::origin(&url));
        let allowed = allowed.iter().filter_map(origin).collect();
        Self(Arc::new(Inner { allowed, roots, resolve }))
    }

    /// Whether this is an address that would be asked at all. What its name stands for is looked at
    /// when it is asked.
    ///
    /// # Errors
    /// [`Error::Address`], [`Error::Insecure`], or [`Error::Forbidden`] for an address in numbers.
    pub fn check(&self, url: &str) -> Result<(), Error> {
        Target::new(url, &self.0.allowed).map(|_| ())
    }

    /// The host of an address that would be asked, with the port where it is not the usual one:
    /// what may be shown of an address with a secret in it.
    ///
    /// # Errors
    /// As of [`Client::check`].
    pub fn host(&self, url: &str) -> Result<String, Error> {
        Target::new(url, &self.0.allowed).map(|target| target.authority)
    }

    /// Asks for what is at `url`.
    ///
    /// # Errors
    /// [`Error`]; every answer is one, also that of status 404.
    pub async fn get(
        &self,
        url: &str,
        headers: &[(HeaderName, HeaderValue)],
        limits: Limits,
    ) -> Result<Answer, Error> {
        let asked = async {
            let target = Target::new(url, &self.0.allowed)?;
            let (answer, _connection) =
                self.ask(&target, Method::GET, headers, Bytes::new()).await?;
            let (head, body) = answer.into_parts();
            let body = read(body, limits.bytes).await?;
            Ok(Answer { status: head.status, headers: head.headers, body })
        };
        in_time(limits.time, asked).await
    }

    /// Sends `body` to `url`; the status of the answer. What the answer says beyond it is not read.
    ///
    /// # Errors
    /// As of [`Client::get`].
    pub async fn post(
        &self,
        url: &str,
        headers: &[(HeaderName, HeaderValue)],
        body: Vec<u8>,
        time: Duration,
    ) -> Result<StatusCode, Error> {
        let asked = async {
            let target = Target::new(url, &self.0.allowed)?;
            let (answer, _connection) =
                self.ask(&target, Method::POST, headers, body.into()).await?;
            Ok(answer.status())
        };
        in_time(time, asked).await
    }

    async fn ask(
        &self,
        target: &Target,
        method: Method,
        headers: &[(HeaderName, HeaderValue)],
        body: Bytes,
    ) -> Result<(hyper::Response<Incoming>, AbortOnDropHandle<()>), Error> {
        let mut request = Request::builder()
            .method(method)
            .uri(&target.path)
            .header(header::HOST, &target.authority)
            .header(header::USER_AGENT, "Onshin");
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(body)).map_err(|_| Error::Address)?;
        let stream = self.connect(target).await?;
        if target.secure {
            send(self.0.roots.secured(&target.host, stream).await?, request).await
        } else {
            send(stream, request).await
        }
    }

    /// A connection to one of the addresses that the target's name has now.
    async fn connect(&self, target: &Target) -> Result<TcpStream, Error> {
        let mut places = match target.literal {
            Some(ip) => vec![SocketAddr::new(ip, target.port)],
            None => (self.0.resolve)(target.host.clone(), target.port)
                .await
                .map_err(|_| Error::Unresolved)?,
        };
        if places.is_empty() {
            return Err(Error::Unresolved);
        }
        if !target.allowed {
            places.retain(|place| is_public(place.ip()));
        }
        if places.is_empty() {
            return Err(Error::Forbidden);
        }
        for place in places.into_iter().take(TRIED) {
            if let Ok(stream) = TcpStream::connect(place).await {
                return Ok(stream);
            }
        }
        Err(Error::Unreachable)
    }
}

/// Sends a request over a connection of its own; the answer, and the task that reads on.
async fn send<S>(
    stream: S,
    request: Request<Full<Bytes>>,
) -> Result<(hyper::Response<Incoming>, AbortOnDropHandle<()>), Error>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(HEAD)
        .max_headers(HEAD_LINES)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|_| Error::Broken)?;
    let task = AbortOnDropHandle::new(tokio::spawn(async move {
        // Told to whoever waits for the answer.
        let _ = connection.await;
    }));
    let answer = sender.send_request(request).await.map_err(|_| Error::Broken)?;
    Ok((answer, task))
}

async fn read(mut body: Incoming, most: usize) -> Result<Vec<u8>, Error> {
    if body.size_hint().lower() > most as u64 {
        return Err(Error::TooLarge);
    }
    let mut all = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Error::Broken)?.into_data() else { continue };
        if all.len() + data.len() > most {
            return Err(Error::TooLarge);
        }
        all.extend_from_slice(&data);
    }
    Ok(all)
}

async fn in_time<T>(
    time: Duration,
    asked: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    tokio::time::timeout(time, asked).await.unwrap_or(Err(Error::Timeout))
}

#[cfg(test)]
mod tests;
