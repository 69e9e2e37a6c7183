//! The two front ends, embedded in the binary. Documents name their files by content, so files
//! can be kept for a year and documents never.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use rust_embed::RustEmbed;

/// What the front end's build left; nothing where it was not built.
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/web/dist"]
#[allow_missing = true]
struct Dist;

/// A document of the front end.
fn document(file: &str) -> Response {
    let Some(found) = Dist::get(file) else {
        let words = "The front end was not built: run `make web`.";
        return (StatusCode::NOT_FOUND, words).into_response();
    };
    let headers = [(header::CACHE_CONTROL, "no-cache")];
    (headers, Html(found.data)).into_response()
}

/// What a person sees at an address that leads nowhere: the front end says so, in their language.
pub(super) fn not_found() -> Response {
    let mut response = document("patient/index.html");
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

/// Finding and booking.
pub(super) async fn patient() -> Response {
    document("patient/index.html")
}

/// The patient's visit: the only document of patients in which camera and microphone work.
pub(super) async fn patient_visit() -> Response {
    document("patient/visit.html")
}

/// Clinics and administrators.
pub(super) async fn staff() -> Response {
    document("staff/index.html")
}

/// The clinician's visit.
pub(super) async fn staff_visit() -> Response {
    document("staff/visit.html")
}

/// A file that a document names.
pub(super) async fn file(Path(path): Path<String>) -> Response {
    let Some(found) = Dist::get(&format!("assets/{path}")) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let kind = found.metadata.mimetype().to_owned();
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable".to_owned()),
    ];
    (headers, found.data).into_response()
}
