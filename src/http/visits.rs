//! The visit's room, for its patient and its clinic; the line check.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::{At, Body, Caller};
use super::json::BookingJson;
use super::problem::Problem;
use crate::actions::visit::{self, Room};
use crate::actions::{App, Error};
use crate::live::message::{Line, Precheck};
use crate::model::BookingId;
use crate::model::facility::IcePolicy;
use crate::model::visit::{Role, VisitState};
use crate::seal::token::Token;

/// A visit as somebody finds it who stands before its door.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Room)]
pub(super) struct RoomJson {
    /// Its booking.
    booking: BookingJson,
    /// What you are in it.
    role: Role,
    /// How far it has come.
    state: VisitState,
    /// When its waiting room opens.
    opens_at: DateTime<Utc>,
    /// When it closes for good.
    closes_at: DateTime<Utc>,
    /// Which paths its media may take.
    ice_policy: IcePolicy,
}

async fn room(app: &App, caller: &Caller, id: BookingId) -> Result<Json<RoomJson>, Problem> {
    let Room { view, role, state, opens_at, closes_at, ice_policy } =
        visit::room(app, &caller.actor, id).await?;
    let booking = BookingJson::new(&view, &app.vault).map_err(Error::from)?;
    Ok(Json(RoomJson { booking, role, state, opens_at, closes_at, ice_policy }))
}

/// The visit, for its patient.
#[utoipa::path(get, path = "/api/visits/{id}", params(("id" = BookingId, Path)), tag = "visit",
    responses((status = 200, body = RoomJson), (status = "default", body = Problem)))]
pub(super) async fn patient_room(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
) -> Result<Json<RoomJson>, Problem> {
    room(&app, &caller, id).await
}

/// The visit, for its clinic.
#[utoipa::path(get, path = "/api/clinic/visits/{id}", params(("id" = BookingId, Path)),
    tag = "visit",
    responses((status = 200, body = RoomJson), (status = "default", body = Problem)))]
pub(super) async fn clinic_room(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
) -> Result<Json<RoomJson>, Problem> {
    room(&app, &caller, id).await
}

/// Opens the signaling socket once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Ticket)]
pub(super) struct TicketJson {
    /// To be said in the first message of the socket, never in an address.
    ticket: String,
    /// When it can no longer be used.
    expires_at: DateTime<Utc>,
}

async fn ticket(app: &App, caller: &Caller, id: BookingId) -> Result<Json<TicketJson>, Problem> {
    let session = caller.token.as_ref().map(Token::hash);
    let (ticket, expires_at) = visit::ticket(app, &caller.actor, session.as_ref(), id).await?;
    Ok(Json(TicketJson { ticket: ticket.reveal().to_owned(), expires_at }))
}

/// A ticket for the patient.
#[utoipa::path(post, path = "/api/visits/{id}/signal-ticket", params(("id" = BookingId, Path)),
    tag = "visit",
    responses((status = 200, body = TicketJson), (status = "default", body = Problem)))]
pub(super) async fn patient_ticket(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
) -> Result<Json<TicketJson>, Problem> {
    ticket(&app, &caller, id).await
}

/// A ticket for the clinic.
#[utoipa::path(post, path = "/api/clinic/visits/{id}/signal-ticket",
    params(("id" = BookingId, Path)), tag = "visit",
    responses((status = 200, body = TicketJson), (status = "default", body = Problem)))]
pub(super) async fn clinic_ticket(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
) -> Result<Json<TicketJson>, Problem> {
    ticket(&app, &caller, id).await
}

/// What a patient's device can do.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DeviceCheck {
    /// There is a picture.
    camera: bool,
    /// There is sound.
    microphone: bool,
    /// The patient heard the tone.
    speaker: bool,
    /// What the line check said.
    line: Option<Line>,
}

/// Keeps what a patient's device can do.
#[utoipa::path(post, path = "/api/bookings/{id}/device-check", params(("id" = BookingId, Path)),
    request_body = DeviceCheck, tag = "visit",
    responses((status = 204), (status = "default", body = Problem)))]
pub(super) async fn check_device(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
    Body(check): Body<DeviceCheck>,
) -> Result<StatusCode, Problem> {
    let DeviceCheck { camera, microphone, speaker, line } = check;
    let check = Precheck { camera, microphone, speaker, line };
    visit::check_device(&app, &caller.actor, id, &check).await?;
    Ok(StatusCode::NO_CONTENT)
}
