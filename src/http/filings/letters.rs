//! Where whoever files is told of deadlines.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::actions::App;
use crate::actions::filings::letters;
use crate::http::extract::{Body, Caller};
use crate::http::problem::Problem;

/// The routes of letters.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_letters, put_letters))
}

/// Where letters of deadlines go.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DeadlineLetters {
    /// The signed-in person's mail address; nothing, where they want no letters.
    email: Option<String>,
}

/// Where the signed-in person is told of deadlines.
#[utoipa::path(get, path = "/api/filings/letters", tag = "filing",
    responses((status = 200, body = DeadlineLetters), (status = "default", body = Problem)))]
async fn get_letters(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<DeadlineLetters>, Problem> {
    let email = letters::address(&app, &caller.actor).await?;
    Ok(Json(DeadlineLetters { email }))
}

/// Changes where the signed-in person is told of deadlines.
#[utoipa::path(put, path = "/api/filings/letters", request_body = DeadlineLetters, tag = "filing",
    responses((status = 200, body = DeadlineLetters), (status = "default", body = Problem)))]
async fn put_letters(
    State(app): State<App>,
    caller: Caller,
    Body(wish): Body<DeadlineLetters>,
) -> Result<Json<DeadlineLetters>, Problem> {
    let email = letters::put_address(&app, &caller.actor, wish.email.as_deref()).await?;
    Ok(Json(DeadlineLetters { email }))
}
