//! One span and one line of the log for each request. Nothing personal is in them: of the address
//! only the route that it matched, since ids, links and searches stand in the rest.

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use tokio::time::Instant;
use tracing::Instrument;

use crate::model::new_id;

/// The answer's header by which a person can name a request and its lines in the log be found.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Runs a request in a span of its own, and logs how it ended.
pub async fn request(request: Request, next: Next) -> Response {
    let id = short_id();
    let path = request.extensions().get::<MatchedPath>().cloned();
    let path = path.as_ref().map_or("-", MatchedPath::as_str);
    let span = tracing::info_span!("request", id, method = known(request.method()), path);
    answered(id, request, next).instrument(span).await
}

async fn answered(id: String, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let mut response = next.run(request).await;
    let (status, ms) = (response.status().as_u16(), begun.elapsed().as_millis());
    if response.status().is_server_error() {
        tracing::info!(status, ms, "answered");
    } else {
        tracing::debug!(status, ms, "answered");
    }
    if let Ok(id) = HeaderValue::try_from(id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// Twelve random digits in hexadecimal: the end of an id, whose beginning is the time.
fn short_id() -> String {
    let id = new_id().simple().to_string();
    id[id.len() - 12..].to_owned()
}

/// A method may be any word that a client likes to write; only those that we know are repeated.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
