//! How good the connections of a visit were, and calling its patient in.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{At, Caller};
use super::json::Items;
use super::problem::Problem;
use crate::actions::App;
use crate::actions::visit::{calls, quality};
use crate::model::visit::Role;
use crate::model::{BookingId, ParticipantId};
use crate::store::QualityRow;

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_quality)).routes(routes!(call_patient))
}

/// How good the connection of one person was, as their page measured it.
#[derive(Debug, Serialize, ToSchema)]
struct VisitQuality {
    /// Their part in the visit.
    participant: ParticipantId,
    /// What they are.
    role: Role,
    /// When it was measured first.
    first_at: DateTime<Utc>,
    /// When it was measured last.
    last_at: DateTime<Utc>,
    /// For how long, in seconds.
    seconds: i64,
    /// For how many of them pictures came.
    picture_seconds: i64,
    /// For how many of them everything went over a relay.
    relay_seconds: i64,
    /// Milliseconds there and back, at last.
    rtt_ms: Option<i64>,
    /// Milliseconds by which that varied, at last.
    jitter_ms: Option<i64>,
    /// Lost packets in thousandths, at last.
    loss_permille: Option<i64>,
    /// Pictures a second, at last.
    fps: Option<i64>,
}

impl From<QualityRow> for VisitQuality {
    fn from(row: QualityRow) -> Self {
        Self {
            participant: row.participant_id,
            role: row.role,
            first_at: row.first_at,
            last_at: row.last_at,
            seconds: row.seconds,
            picture_seconds: row.picture_seconds,
            relay_seconds: row.relay_seconds,
            rtt_ms: row.rtt_ms,
            jitter_ms: row.jitter_ms,
            loss_permille: row.loss_permille,
            fps: row.fps,
        }
    }
}

/// How good the connections of a visit were so far.
#[utoipa::path(get, path = "/api/clinic/visits/{id}/quality", params(("id" = BookingId, Path)),
    tag = "visit",
    responses((status = 200, body = Items<VisitQuality>), (status = "default", body = Problem)))]
async fn list_quality(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
) -> Result<Json<Items<VisitQuality>>, Problem> {
    let items = quality::of(&app, &caller.actor, id).await?;
    Ok(Json(Items { items: items.into_iter().map(VisitQuality::from).collect() }))
}

/// Calls the patient by message, when their page is not there.
#[utoipa::path(post, path = "/api/clinic/visits/{id}/call", params(("id" = BookingId, Path)),
    tag = "visit",
    responses((status = 204), (status = "default", body = Problem)))]
async fn call_patient(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
) -> Result<StatusCode, Problem> {
    calls::call(&app, &caller.actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
