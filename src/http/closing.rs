//! The closing form of a visit.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{At, Body, Caller};
use super::json::BookingJson;
use super::problem::Problem;
use crate::actions::visit::closing::{self, Closing};
use crate::actions::{App, Error};
use crate::model::BookingId;
use crate::model::booking::Outcome;
use crate::model::intake::TalkOutcome;

/// The routes of how a visit ends.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(close_visit))
}

/// How a visit ended.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CloseWish {
    /// How it ended.
    outcome: Outcome,
    /// What else there is to say.
    note: Option<String>,
    /// What came of a talk before care that took place.
    pre_consultation_outcome: Option<TalkOutcome>,
}

/// Closes a visit with its outcome.
#[utoipa::path(post, path = "/api/clinic/visits/{id}/close", params(("id" = BookingId, Path)),
    request_body = CloseWish, tag = "visit",
    responses((status = 200, body = BookingJson), (status = "default", body = Problem)))]
async fn close_visit(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
    Body(wish): Body<CloseWish>,
) -> Result<Json<BookingJson>, Problem> {
    let talk = wish.pre_consultation_outcome;
    let closing = Closing { outcome: wish.outcome, note: wish.note, talk };
    let view = closing::close(&app, &caller.actor, id, closing).await?;
    Ok(Json(BookingJson::new(&view, &app.vault).map_err(Error::from)?))
}
