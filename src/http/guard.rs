//! Before every handler: the same site, the right kind of actor. After it: headers that keep the
//! browser from doing what a page of ours never does.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::access::{self, Access};
use super::extract::{Address, Caller, PATIENT_COOKIE, STAFF_COOKIE, cookie};
use super::problem::{Problem, accepted};
use crate::actions::{self, App, people};
use crate::model::person::Actor;

/// What the guard goes by.
#[derive(Clone)]
pub struct Guard {
    /// For sessions.
    pub app: App,
    /// The origins that are this site, as `https://onshin.example`.
    pub origins: Arc<[String]>,
    /// How many proxies stand before the service and add to `X-Forwarded-For`.
    pub proxy_hops: usize,
}

/// Lets a request through to its handler, with the caller recognised.
pub async fn admit(State(guard): State<Guard>, mut request: Request, next: Next) -> Response {
    let language = accepted(request.headers().get(header::ACCEPT_LANGUAGE));
    let address = caller_address(&request, guard.proxy_hops);
    let path = request.extensions().get::<MatchedPath>().cloned();
    let (method, headers) = (request.method().clone(), request.headers().clone());
    match recognise(&guard, path.as_ref().map(MatchedPath::as_str), &method, &headers).await {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            request.extensions_mut().insert(Address(address));
            request.extensions_mut().insert(guard.app);
            next.run(request).await
        }
        Err(problem) => problem.in_language(language).into_response(),
    }
}

async fn recognise(
    guard: &Guard,
    path: Option<&str>,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Caller, Problem> {
    let nobody = Caller { actor: Actor::Nobody, token: None };
    // What matches no route goes to the fallback, which knows nothing but "not found".
    let Some(path) = path else { return Ok(nobody) };
    let Some(access) = access::of(method, path) else {
        return Err(Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"));
    };
    let safe = matches!(*method, Method::GET | Method::HEAD);
    if (!safe || access == Access::Ticket) && !is_same_site(guard, headers) {
        return Err(Problem::new(StatusCode::FORBIDDEN, "cross_site"));
    }
    match access {
        Access::Public | Access::Ticket => Ok(nobody),
        Access::Visitor => Ok(patient(guard, headers).await?.unwrap_or(nobody)),
        Access::Patient => patient(guard, headers).await?.ok_or(actions::Error::SignedOut.into()),
        Access::Staff(roles) => {
            let caller = staff(guard, headers).await?.ok_or(actions::Error::SignedOut)?;
            let allowed = caller.actor.account().is_some_and(|a| roles.contains(&a.role));
            if allowed { Ok(caller) } else { Err(actions::Error::Forbidden.into()) }
        }
    }
}

async fn patient(guard: &Guard, headers: &HeaderMap) -> Result<Option<Caller>, Problem> {
    let Some(token) = cookie(headers, PATIENT_COOKIE) else { return Ok(None) };
    let actor = people::patient(&guard.app, &token).await?;
    Ok(actor.map(|actor| Caller { actor, token: Some(token) }))
}

async fn staff(guard: &Guard, headers: &HeaderMap) -> Result<Option<Caller>, Problem> {
    let Some(token) = cookie(headers, STAFF_COOKIE) else { return Ok(None) };
    let actor = people::staff(&guard.app, &token).await?;
    Ok(actor.map(|actor| Caller { actor, token: Some(token) }))
}

/// Whether a page of this site sent the request. `Origin` is on every unsafe request and every
/// WebSocket handshake of a browser; where it is absent the request is refused.
fn is_same_site(guard: &Guard, headers: &HeaderMap) -> bool {
    let fetch_site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    if fetch_site.is_some_and(|site| site != b"same-origin") {
        return false;
    }
    let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    origin.is_some_and(|origin| guard.origins.iter().any(|ours| ours == origin))
}

/// The address that the outermost trusted proxy saw. What a client itself writes into the header
/// stands further left and is not looked at.
fn caller_address(request: &Request, hops: usize) -> IpAddr {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map_or(IpAddr::from([0, 0, 0, 0]), |info| info.0.ip());
    if hops == 0 {
        return peer;
    }
    let lines = request.headers().get_all("x-forwarded-for").iter();
    let chain: Vec<&str> =
        lines.filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(',')).collect();
    let seen = chain.len().checked_sub(hops).and_then(|at| chain[at].trim().parse().ok());
    seen.unwrap_or(peer)
}

const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; media-src 'self' blob:; font-src 'self'; \
    manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; \
    object-src 'none'";
/// A published figure may stand in others' pages; nothing runs in it and nobody is signed in to it.
const EMBEDDED_CSP: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; \
    base-uri 'none'; form-action 'none'; frame-ancestors *; object-src 'none'";
const NO_DEVICES: &str = "camera=(), microphone=(), display-capture=(), geolocation=(), payment=()";
const VISIT_DEVICES: &str =
    "camera=(self), microphone=(self), display-capture=(self), geolocation=(), payment=()";

/// Gives up a request that takes longer than `most`: a body that does not come, a database that
/// does not answer. What it had begun to write is rolled back.
pub async fn in_time(State(most): State<Duration>, request: Request, next: Next) -> Response {
    let language = accepted(request.headers().get(header::ACCEPT_LANGUAGE));
    let answer = tokio::time::timeout(most, next.run(request)).await;
    answer.unwrap_or_else(|_| {
        tracing::warn!(seconds = most.as_secs(), "request took too long");
        Problem::busy().in_language(language).into_response()
    })
}

/// Marks an answer that other sites may show in a frame.
#[derive(Clone, Copy, Debug)]
pub struct Embeddable;

/// Adds the headers of every answer.
pub async fn headers(request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let mut response = next.run(request).await;
    let embeddable = response.extensions().get::<Embeddable>().is_some();
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, CSP);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "no-referrer");
    set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    if embeddable {
        set(header::CONTENT_SECURITY_POLICY, EMBEDDED_CSP);
        set(HeaderName::from_static("cross-origin-resource-policy"), "cross-origin");
    }
    let visit =
        path == "/visit" || path.starts_with("/visit/") || path.starts_with("/staff/visit/");
    let devices = if visit { VISIT_DEVICES } else { NO_DEVICES };
    set(HeaderName::from_static("permissions-policy"), devices);
    if path.starts_with("/api/") {
        set(header::CACHE_CONTROL, "no-store");
    }
    response
}
