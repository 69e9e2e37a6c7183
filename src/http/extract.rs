//! What handlers take: the actor whom the guard recognised, JSON bodies that say what is wrong
//! with them, the address of the caller.

use std::convert::Infallible;
use std::net::IpAddr;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;

use super::problem::{Problem, accepted};
use crate::actions;
use crate::format::Lang;
use crate::model::person::Actor;
use crate::seal::token::Token;
use crate::time::Instant;

/// The cookie of a patient's browser. The prefix binds it to this host and to TLS.
pub const PATIENT_COOKIE: &str = "__Host-onshin-patient";
/// The cookie of an account's session.
pub const STAFF_COOKIE: &str = "__Host-onshin-staff";

/// Who asks, as the guard recognised them, and with which token.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who.
    pub actor: Actor,
    /// The session's token, for ending or widening it.
    pub token: Option<Token>,
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        // The guard puts the caller in; a route without the guard has nobody.
        let caller = parts.extensions.get::<Self>().cloned();
        Ok(caller.unwrap_or(Self { actor: Actor::Nobody, token: None }))
    }
}

/// The address of the caller, past the configured number of proxies.
#[derive(Clone, Copy, Debug)]
pub struct Address(pub IpAddr);

impl<S: Sync> FromRequestParts<S> for Address {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let unknown = Self(IpAddr::from([0, 0, 0, 0]));
        Ok(parts.extensions.get::<Self>().copied().unwrap_or(unknown))
    }
}

impl<S: Sync> FromRequestParts<S> for Lang {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(accepted(parts.headers.get(header::ACCEPT_LANGUAGE)))
    }
}

/// A JSON body.
#[derive(Clone, Debug)]
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
        let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/json") {
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "wrong_media_type"));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|_| too_large())?;
        read(&bytes).map(Self)
    }
}

/// The body as what the route takes; or the field that is not of its kind. The reader's own words
/// repeat what was sent, which may be a patient's answer: they are neither told nor logged, and of
/// fields only those are named whose names could be ours.
fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let malformed = || Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "malformed");
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let body = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        tracing::debug!("body refused");
        let ours =
            |key: &str| key.len() <= 40 && key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        let part = |part: &Segment| match part {
            Segment::Seq { index } => Some(format!("/{index}")),
            Segment::Map { key } => ours(key).then(|| format!("/{key}")),
            Segment::Enum { .. } | Segment::Unknown => Some(String::new()),
        };
        let pointer = error.path().iter().map(part).collect::<Option<String>>().unwrap_or_default();
        let field = !error.inner().is_syntax() && !error.inner().is_eof() && !pointer.is_empty();
        if field { malformed().with_field(pointer, "form") } else { malformed() }
    })?;
    json.end().map_err(|_| malformed())?;
    Ok(body)
}

/// A time in a body, as it was written: what is wrong with it is told by its name.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub struct Written(String);

impl Written {
    /// The instant that it means.
    pub fn instant(&self) -> Result<Instant, actions::Error> {
        actions::explain::instant(&self.0)
    }
}

/// The body is larger than this route takes.
pub(super) fn too_large() -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large")
}

/// An id, or another single part, of the path. What is no id is not found.
#[derive(Clone, Copy, Debug)]
pub struct At<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for At<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<T>::from_request_parts(parts, state).await;
        path.map(|path| Self(path.0)).map_err(|_| Problem::new(StatusCode::NOT_FOUND, "not_found"))
    }
}

/// The query, checked.
#[derive(Clone, Copy, Debug)]
pub struct Asked<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        query
            .map(|query| Self(query.0))
            .map_err(|_| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "malformed"))
    }
}

/// The token in the cookie `name`, if there is one of the right form.
pub fn cookie(headers: &HeaderMap, name: &str) -> Option<Token> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
    pairs.filter(|(key, _)| key.trim() == name).find_map(|(_, v)| Token::presented(v.trim()))
}

/// A `Set-Cookie` value that gives the token to the browser.
pub fn set_cookie(name: &str, token: &Token) -> String {
    format!("{name}={}; Path=/; Secure; HttpOnly; SameSite=Lax", token.reveal())
}

/// A `Set-Cookie` value that takes the cookie back.
pub fn drop_cookie(name: &str) -> String {
    format!("{name}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0")
}
