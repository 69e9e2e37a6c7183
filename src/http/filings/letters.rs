//! Where whoever files is told of deadlines, and which of those letters did not arrive.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::actions::App;
use crate::actions::filings::letters;
use crate::http::extract::{At, Body, Caller};
use crate::http::json::Items;
use crate::http::problem::Problem;
use crate::model::LetterId;
use crate::model::filing::{FilingDuty, LetterStage};
use crate::model::message::DeliveryState;
use crate::store;

/// The routes of letters.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_letters, put_letters))
        .routes(routes!(list_undelivered_letters))
        .routes(routes!(list_all_undelivered_letters))
        .routes(routes!(send_letter_again))
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

/// A letter of a deadline that did not arrive. Its address is a person's and is not told.
#[derive(Debug, Serialize, ToSchema)]
struct UndeliveredLetter {
    /// Its id, for sending it again.
    id: LetterId,
    /// The clinic's name, or the person's who runs reception facilities.
    name: String,
    /// Whose letter it is.
    person: String,
    /// Of what.
    duty: FilingDuty,
    /// By when that is due.
    due_on: NaiveDate,
    /// Which of its letters.
    stage: LetterStage,
    /// How it ended.
    state: DeliveryState,
    /// Why, as a stable code.
    reason: Option<String>,
    /// How often it was tried.
    attempts: i64,
    /// When it was given up.
    finished_at: Option<DateTime<Utc>>,
}

impl From<store::UndeliveredLetter> for UndeliveredLetter {
    fn from(one: store::UndeliveredLetter) -> Self {
        let store::UndeliveredLetter { id, name, person, duty, due_on, stage, .. } = one;
        let (state, reason, attempts) = (one.state, one.reason, one.attempts);
        let finished_at = one.finished_at;
        Self { id, name, person, duty, due_on, stage, state, reason, attempts, finished_at }
    }
}

/// The letters of deadlines that did not arrive, of the signed-in person's clinic or of themselves
/// alone, the latest first.
#[utoipa::path(get, path = "/api/filings/letters/undelivered", tag = "filing",
    responses((status = 200, body = Items<UndeliveredLetter>), (status = "default", body = Problem)))]
async fn list_undelivered_letters(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Items<UndeliveredLetter>>, Problem> {
    let found = letters::undelivered(&app, &caller.actor).await?;
    Ok(Json(Items { items: found.into_iter().map(Into::into).collect() }))
}

/// The letters of deadlines that did not arrive, of all who file, the latest first.
#[utoipa::path(get, path = "/api/admin/filings/letters", tag = "filing",
    responses((status = 200, body = Items<UndeliveredLetter>), (status = "default", body = Problem)))]
async fn list_all_undelivered_letters(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Items<UndeliveredLetter>>, Problem> {
    list_undelivered_letters(State(app), caller).await
}

/// Tries a letter again that was given up, or had no way when it was tried.
#[utoipa::path(post, path = "/api/filings/letters/{id}/again",
    params(("id" = LetterId, Path)), tag = "filing",
    responses((status = 204), (status = "default", body = Problem)))]
async fn send_letter_again(
    State(app): State<App>,
    caller: Caller,
    At(id): At<LetterId>,
) -> Result<StatusCode, Problem> {
    letters::send_again(&app, &caller.actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
