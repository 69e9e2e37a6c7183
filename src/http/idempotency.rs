//! `Idempotency-Key`: a request that is repeated has one effect and one answer.
//!
//! Every write under `/api` takes the header, except those in [`WITHOUT`]. The first request with a
//! key is done, and its answer is kept for 24 hours in the same transaction as its effect; a repeat
//! gets that answer, with `Idempotency-Replayed: true`. Repeats that come meanwhile wait.
//!
//! - The same key for another method, address or body is refused (422).
//! - **Kept** are successes and refusals by a rule (403, 404, 409): a repeat that was on its way for
//!   long must not do what was refused to the person. **Not kept** are what says nothing about the
//!   deed: 401, 413, 415, 422, 429 and 5xx. An answer that is no success undoes all that the request
//!   did.
//! - A key belongs to the account, or to the browser's session. Where there is neither, the key
//!   itself is the secret: the answer to the first hold carries a session's cookie, and must not be
//!   had by guessing. So it must then be long enough to be random ([`SECRET`]). The address is no
//!   part of it, since telephones change theirs between two tries. When the cookie of the first
//!   answer arrived and its body did not, the repeat comes with that cookie and is recognised by it.

use axum::body::{Body, to_bytes};
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use utoipa::openapi::path::{ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{OpenApi, Required};

use super::access::{self, Access};
use super::extract::{Address, Caller, PATIENT_COOKIE, set_cookie, too_large};
use super::problem::{Problem, accepted};
use crate::actions::limits::network;
use crate::actions::once::{self, Claim, Earlier, Reply};
use crate::actions::{self, App};
use crate::model::person::Actor;
use crate::store;

/// Writes that take no key. Signing in and out can be done twice; the rest is of the moment: a
/// check or a ticket that is repeated must be a new one, a number that is shown once is kept in no
/// answer, and an upload is compared by its content.
pub const WITHOUT: &[&str] = &[
    "/api/session",
    "/api/visits/{id}/signal-ticket",
    "/api/clinic/visits/{id}/signal-ticket",
    "/api/visits/{id}/exchange-number",
    "/api/visits/{id}/emergency",
    "/api/clinic/visits/{id}/emergency",
    "/api/bookings/{id}/device-check",
    "/api/bookings/{id}/line-check",
    "/api/bookings/{id}/line-check/{check}/finish",
    "/api/bookings/{id}/line-check/{check}/relay",
    "/api/clinic/webhooks/{id}/test",
    "/api/clinic/outside/{id}/fetch",
    "/api/admin/imports/drafts",
];

/// The header.
pub const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Says that an answer is one given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// The longest key.
const LONGEST: usize = 255;
/// The shortest key where nothing else protects it: 128 random bits in base64.
const SECRET: usize = 22;

/// Whether this route takes a key.
pub fn takes_key(method: &Method, path: &str) -> bool {
    let writes = matches!(*method, Method::POST | Method::PUT | Method::DELETE | Method::PATCH);
    writes && path.starts_with("/api/") && !WITHOUT.contains(&path)
}

/// Names the header in the OpenAPI document, at every route that takes it.
pub fn describe(document: &mut OpenApi) {
    let words = "A value made for this one action: its repeats have no second effect and get the \
                 first answer. 1 to 255 visible ASCII characters; without a session at least 22, \
                 random. Kept for 24 hours. Another request under the same key is refused (422).";
    let parameter = ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(words))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String).max_length(Some(LONGEST))))
        .build();
    for (path, item) in &mut document.paths.paths {
        let writes = [
            (Method::POST, &mut item.post),
            (Method::PUT, &mut item.put),
            (Method::DELETE, &mut item.delete),
            (Method::PATCH, &mut item.patch),
        ];
        for (method, operation) in writes {
            if let Some(operation) = operation.as_mut().filter(|_| takes_key(&method, path)) {
                operation.parameters.get_or_insert_default().push(parameter.clone().into());
            }
        }
    }
}

/// Serves a request that carries a key once, and its repeats from what was kept.
pub async fn once(request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let keyed = request.headers().contains_key(KEY)
        && path.is_some_and(|path| takes_key(request.method(), path));
    if !keyed {
        return next.run(request).await;
    }
    let language = accepted(request.headers().get(header::ACCEPT_LANGUAGE));
    match serve(request, next).await {
        Ok(response) => response,
        Err(problem) => problem.in_language(language).into_response(),
    }
}

/// Who brings a key, and which.
struct Owner {
    key: String,
    /// The session or account; nothing where the key is all there is.
    known: Option<String>,
    /// Whether the first try may have been without a session.
    visitor: bool,
    /// The cookie that the request carries, as an answer would give it.
    cookie: Option<String>,
    network: String,
}

impl Owner {
    fn of(request: &Request) -> Result<Self, Problem> {
        let key = key_of(request.headers())?.to_owned();
        let found = request.extensions();
        let caller = found.get::<Caller>();
        let token = caller.and_then(|caller| caller.token.as_ref());
        let known = caller.and_then(|caller| match &caller.actor {
            Actor::Account(account) => Some(format!("account {}", account.id)),
            Actor::Patient { .. } => token.map(|token| format!("browser {}", token.reveal())),
            _ => None,
        });
        if known.is_none() && key.len() < SECRET {
            return Err(refused("idempotency_key_weak"));
        }
        let path = found.get::<MatchedPath>().map(MatchedPath::as_str).unwrap_or_default();
        let visitor = access::of(request.method(), path) == Some(Access::Visitor);
        let cookie = token.map(|token| set_cookie(PATIENT_COOKIE, token));
        let network = found.get::<Address>().map(|address| network(address.0).to_string());
        Ok(Self { key, known, visitor, cookie, network: network.unwrap_or_default() })
    }

    fn is_of(&self, reply: &Reply) -> bool {
        let given = reply.headers.iter().find(|(name, _)| name == header::SET_COOKIE.as_str());
        given.is_some_and(|(_, value)| Some(value) == self.cookie.as_ref())
    }
}

fn refused(code: &'static str) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code)
}

/// The key: one header of 1 to 255 visible ASCII characters.
fn key_of(headers: &HeaderMap) -> Result<&str, Problem> {
    let mut lines = headers.get_all(KEY).iter();
    let key = lines.next().filter(|_| lines.next().is_none()).map(HeaderValue::as_bytes);
    let right =
        |key: &&[u8]| (1..=LONGEST).contains(&key.len()) && key.iter().all(u8::is_ascii_graphic);
    let key = key.filter(right).and_then(|key| std::str::from_utf8(key).ok());
    key.ok_or_else(|| refused("idempotency_key_malformed"))
}

async fn serve(request: Request, next: Next) -> Result<Response, Problem> {
    let owner = Owner::of(&request)?;
    let missing = || Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal");
    let app = request.extensions().get::<App>().cloned().ok_or_else(missing)?;
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, super::BODY).await.map_err(|_| too_large())?;
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
    let method = parts.method.clone();
    let claim = |whose: Option<&str>| {
        let asked = (method.as_str(), target.as_str(), &body[..]);
        Claim::new(&app.vault, whose.unwrap_or("visitor"), &owner.key, asked)
    };
    let mine = claim(owner.known.as_deref());
    let turn = app.limits.turns.wait(&mine).await.ok_or_else(in_use)?;
    if let Some(response) = replay(&app, &mine).await? {
        return Ok(response);
    }
    if owner.known.is_some() && owner.visitor {
        // The cookie of the first answer arrived, the rest of it did not.
        let first = once::earlier(&app, &claim(None)).await?;
        if let Earlier::Same(reply) = first
            && owner.is_of(&reply)
        {
            return given_again(reply);
        }
    }
    let whose = owner.known.as_deref().unwrap_or(&owner.network);
    app.limits.key_owner.check(&app.vault.index("idempotency.owner", whose))?;
    let unit = mine.unit();
    let request = Request::from_parts(parts, Body::from(body.clone()));
    let response = once::once(unit.clone(), next.run(request)).await;
    if unit.is_repeated() {
        return replay(&app, &mine).await?.ok_or_else(in_use);
    }
    let (response, kept) = finish(&app, &unit, &mine, response).await?;
    if kept {
        turn.answered();
    }
    Ok(response)
}

/// Somebody else is being served under this key for too long.
fn in_use() -> Problem {
    Problem::new(StatusCode::CONFLICT, "idempotency_key_in_use").retry_after(5)
}

async fn replay(app: &App, claim: &Claim) -> Result<Option<Response>, Problem> {
    match once::earlier(app, claim).await? {
        Earlier::Nothing => Ok(None),
        Earlier::Same(reply) => given_again(reply).map(Some),
        Earlier::Other => Err(refused("idempotency_key_reused")),
    }
}

fn given_again(reply: Reply) -> Result<Response, Problem> {
    let mut response = Response::builder().status(reply.status).header(REPLAYED, "true");
    for (name, value) in reply.headers {
        response = response.header(name, value);
    }
    let broken = |_| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal");
    response.body(Body::from(reply.body)).map_err(broken)
}

/// Keeps the answer with what was done, and gives it; or lets all go. Whether an answer is kept.
async fn finish(
    app: &App,
    unit: &store::once::Unit,
    claim: &Claim,
    response: Response,
) -> Result<(Response, bool), Problem> {
    let status = response.status();
    if !status.is_success() {
        unit.give_up();
        let by_a_rule =
            matches!(status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND | StatusCode::CONFLICT);
        if !by_a_rule {
            return Ok((response, false));
        }
    }
    let (parts, body) = response.into_parts();
    let broken = || Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal");
    let body = to_bytes(body, usize::MAX).await.map_err(|_| broken())?;
    let body = String::from_utf8(body.into()).map_err(|_| broken())?;
    let header = |(name, value): (&HeaderName, &HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    let headers = parts.headers.iter().filter_map(header).collect();
    let reply = Reply { status: status.as_u16(), headers, body };
    match once::keep(app, unit, claim, &reply).await {
        Ok(()) => Ok((Response::from_parts(parts, Body::from(reply.body)), true)),
        Err(actions::Error::Store(store::Error::Repeated)) => {
            Ok((replay(app, claim).await?.ok_or_else(in_use)?, true))
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_one_line_of_visible_characters() {
        let parsed = |lines: &[&[u8]]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(KEY, HeaderValue::from_bytes(line).unwrap());
            }
            key_of(&headers).map(str::to_owned).map_err(|problem| problem.code)
        };
        let long = [b'k'; 256];
        assert_eq!(parsed(&[b"a"]), Ok("a".to_owned()));
        assert_eq!(parsed(&[&long[..255]]).unwrap().len(), 255);
        for wrong in [&[&b""[..]][..], &[&long], &[b"a b"], &[b"\xe3\x81\x82"], &[b"a", b"a"]] {
            assert_eq!(parsed(wrong), Err("idempotency_key_malformed"), "{wrong:?}");
        }
    }

    #[test]
    fn every_exception_is_a_route() {
        for path in WITHOUT {
            assert!(
                access::TABLE.iter().any(|row| row.1 == *path && row.0 != Method::GET),
                "{path}"
            );
        }
        assert!(takes_key(&Method::POST, "/api/bookings"));
        assert!(!takes_key(&Method::GET, "/api/bookings"));
        assert!(!takes_key(&Method::POST, "/api/session"));
    }
}
