//! The check of a patient's line before the visit.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::extract::{Address, At, Body, Caller};
use super::problem::Problem;
use crate::actions::{App, Error, line};
use crate::engine::line::LineResult;
use crate::live::ice::IceServer;
use crate::live::media::echo::ClientNumbers;
use crate::model::BookingId;
use crate::store::LastLine;

/// Seconds after which a place is likely free where all were taken.
const SOON: u32 = 4;
/// Milliseconds within which the browser has to be done, so that the server still knows the check.
const DEADLINE_MS: u32 = 11_500;

/// The routes of the line check.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(begin_line_check))
        .routes(routes!(relay_line_check))
        .routes(routes!(finish_line_check))
}

/// A browser's offer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Offer {
    /// Its description.
    sdp: String,
}

/// A check that has begun.
#[derive(Serialize, ToSchema)]
struct LineCheckBegun {
    /// The check's id.
    check_id: Uuid,
    /// The server's description, with all candidates.
    sdp: String,
    /// Servers for a second connection by way of the relay; none where there is no relay.
    ice_servers: Vec<IceServer>,
    /// Milliseconds within which the check has to be finished.
    deadline_ms: u32,
}

/// The server's answer to the offer of the second connection.
#[derive(Serialize, ToSchema)]
struct LineCheckRelayed {
    /// The server's description, with all candidates.
    sdp: String,
}

/// Where all places are taken, a moment later one is free.
fn busy(error: Error) -> Problem {
    match error {
        Error::Refused(code @ "line_check_busy") => {
            Problem::new(StatusCode::TOO_MANY_REQUESTS, code).retry_after(SOON)
        }
        other => other.into(),
    }
}

/// Begins a line check with the offer of the direct connection.
#[utoipa::path(post, path = "/api/bookings/{id}/line-check", params(("id" = BookingId, Path)),
    request_body = Offer, tag = "visit",
    responses((status = 200, body = LineCheckBegun), (status = "default", body = Problem)))]
async fn begin_line_check(
    State(app): State<App>,
    caller: Caller,
    Address(address): Address,
    At(id): At<BookingId>,
    Body(offer): Body<Offer>,
) -> Result<Json<LineCheckBegun>, Problem> {
    let begun = line::begin(&app, &caller.actor, address, id, &offer.sdp).await.map_err(busy)?;
    let line::Begun { check: check_id, sdp, ice_servers } = begun;
    Ok(Json(LineCheckBegun { check_id, sdp, ice_servers, deadline_ms: DEADLINE_MS }))
}

/// Adds the connection by way of the relay.
#[utoipa::path(post, path = "/api/bookings/{id}/line-check/{check}/relay",
    params(("id" = BookingId, Path), ("check" = Uuid, Path)), request_body = Offer, tag = "visit",
    responses((status = 200, body = LineCheckRelayed), (status = "default", body = Problem)))]
async fn relay_line_check(
    State(app): State<App>,
    caller: Caller,
    At((id, check)): At<(BookingId, Uuid)>,
    Body(offer): Body<Offer>,
) -> Result<Json<LineCheckRelayed>, Problem> {
    let sdp = line::relayed(&app, &caller.actor, id, check, &offer.sdp).await.map_err(busy)?;
    Ok(Json(LineCheckRelayed { sdp }))
}

/// Ends a line check.
#[utoipa::path(post, path = "/api/bookings/{id}/line-check/{check}/finish",
    params(("id" = BookingId, Path), ("check" = Uuid, Path)), request_body = ClientNumbers,
    tag = "visit",
    responses((status = 200, body = LineResult), (status = "default", body = Problem)))]
async fn finish_line_check(
    State(app): State<App>,
    caller: Caller,
    At((id, check)): At<(BookingId, Uuid)>,
    Body(counted): Body<ClientNumbers>,
) -> Result<Json<LineResult>, Problem> {
    Ok(Json(line::finish(&app, &caller.actor, id, check, counted).await?))
}

/// The last check of a patient's line, as the clinic sees it. Shares are in thousandths.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LineBrief {
    /// When it was.
    pub at: DateTime<Utc>,
    /// `ok`, `degraded` or `failed`.
    pub verdict: String,
    /// Why it is not `ok`.
    pub reason: Option<String>,
    /// Milliseconds there and back.
    pub rtt_ms: Option<i64>,
    /// Milliseconds by which that varies.
    pub jitter_ms: Option<i64>,
    /// Lost from the patient to the server.
    pub loss_up_permille: i64,
    /// Lost from the server to the patient.
    pub loss_down_permille: i64,
    /// Kilobits a second from the patient to the server, at most 1,500.
    pub up_kbps: Option<i64>,
    /// Kilobits a second from the server to the patient.
    pub down_kbps: Option<i64>,
    /// Whether the direct way works.
    pub direct_ok: bool,
    /// Whether the relay's way works; nothing where there is no relay.
    pub relay_ok: Option<bool>,
}

impl From<&LastLine> for LineBrief {
    fn from(last: &LastLine) -> Self {
        let line = &last.line;
        Self {
            at: last.at,
            verdict: line.verdict.clone(),
            reason: line.reason.clone(),
            rtt_ms: line.rtt_ms,
            jitter_ms: line.jitter_ms,
            loss_up_permille: line.loss_up_permille,
            loss_down_permille: line.loss_down_permille,
            up_kbps: line.up_kbps,
            down_kbps: line.down_kbps,
            direct_ok: line.direct_ok,
            relay_ok: line.relay_ok,
        }
    }
}
