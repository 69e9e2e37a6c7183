//! Whether the service lives, and whether it can do its work.

use axum::extract::State;
use axum::http::StatusCode;

use crate::actions::App;

/// The process answers.
#[utoipa::path(get, path = "/livez", tag = "operation", responses((status = 200)))]
pub(super) async fn live() -> &'static str {
    "ok"
}

/// The database answers too.
#[utoipa::path(get, path = "/readyz", tag = "operation",
    responses((status = 200), (status = 503)))]
pub(super) async fn ready(State(app): State<App>) -> (StatusCode, &'static str) {
    let answered = match app.store.read().await {
        Ok(mut tx) => tx.facility_count().await.is_ok(),
        Err(_) => false,
    };
    if answered {
        (StatusCode::OK, "ok")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer")
    }
}
