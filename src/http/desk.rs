//! The clinic's desk: requests to answer, times held for patients on the telephone, visits moved.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{At, Body, Caller, Written};
use super::json::{BookingJson, ClinicVisit, Items};
use super::problem::Problem;
use crate::actions::approval::{self, DeclineReason};
use crate::actions::booking::{self, NewTime};
use crate::actions::desk::{self, DeskWish, OverrideReason};
use crate::actions::{App, Error};
use crate::model::{BookingId, ClinicianId, OverbookingId, ServiceId};
use crate::store::BookingView;

/// The routes of the desk.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_requests))
        .routes(routes!(approve_request))
        .routes(routes!(decline_request))
        .routes(routes!(hold_at_desk))
        .routes(routes!(release_at_desk))
        .routes(routes!(move_visit))
}

fn shown(app: &App, view: &BookingView) -> Result<Json<BookingJson>, Problem> {
    Ok(Json(BookingJson::new(view, &app.vault).map_err(Error::from)?))
}

/// The requests that wait for an answer, the most urgent first.
#[utoipa::path(get, path = "/api/clinic/requests", tag = "clinic",
    responses((status = 200, body = Items<ClinicVisit>), (status = "default", body = Problem)))]
async fn list_requests(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Items<ClinicVisit>>, Problem> {
    let views = approval::requests(&app, &caller.actor).await?;
    let items = views.iter().map(|view| ClinicVisit::new(view, &app.vault));
    Ok(Json(Items { items: items.collect::<Result<_, _>>().map_err(Error::from)? }))
}

/// An answer to what the person saw.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ApproveWish {
    /// The version that the person saw.
    version: i64,
}

/// Agrees to a request.
#[utoipa::path(post, path = "/api/clinic/requests/{id}/approve",
    params(("id" = BookingId, Path)), request_body = ApproveWish, tag = "clinic",
    responses((status = 200, body = BookingJson), (status = "default", body = Problem)))]
async fn approve_request(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
    Body(wish): Body<ApproveWish>,
) -> Result<Json<BookingJson>, Problem> {
    shown(&app, &approval::approve(&app, &caller.actor, id, wish.version).await?)
}

/// An answer with its reason.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DeclineWish {
    /// The version that the person saw.
    version: i64,
    /// Why.
    reason: DeclineReason,
}

/// Does not agree to a request.
#[utoipa::path(post, path = "/api/clinic/requests/{id}/decline",
    params(("id" = BookingId, Path)), request_body = DeclineWish, tag = "clinic",
    responses((status = 200, body = BookingJson), (status = "default", body = Problem)))]
async fn decline_request(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
    Body(wish): Body<DeclineWish>,
) -> Result<Json<BookingJson>, Problem> {
    let declined = approval::decline(&app, &caller.actor, id, wish.version, wish.reason).await?;
    shown(&app, &declined)
}

/// A time that staff hold for a patient.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DeskHold {
    /// For which kind of visit.
    service_id: ServiceId,
    /// With whom; nobody named means anybody who is free.
    clinician_id: Option<ClinicianId>,
    /// When it starts.
    #[schema(value_type = String, format = DateTime)]
    start: Written,
    /// In which named overbooking capacity; none is ordinary time.
    overbooking_id: Option<OverbookingId>,
    /// Why notice and horizon do not count, or the capacity is used.
    override_reason: Option<OverrideReason>,
}

/// Holds a time for a patient at the desk or on the telephone.
#[utoipa::path(post, path = "/api/clinic/bookings", request_body = DeskHold, tag = "clinic",
    responses((status = 201, body = BookingJson), (status = "default", body = Problem)))]
async fn hold_at_desk(
    State(app): State<App>,
    caller: Caller,
    Body(wish): Body<DeskHold>,
) -> Result<(StatusCode, Json<BookingJson>), Problem> {
    let wish = DeskWish {
        service: wish.service_id,
        clinician: wish.clinician_id,
        start: wish.start.instant()?,
        overbooking: wish.overbooking_id,
        reason: wish.override_reason,
    };
    let held = desk::hold(&app, &caller.actor, wish).await?;
    Ok((StatusCode::CREATED, shown(&app, &held)?))
}

/// Gives a time back that staff held.
#[utoipa::path(post, path = "/api/clinic/bookings/{id}/release",
    params(("id" = BookingId, Path)), tag = "clinic",
    responses((status = 204), (status = "default", body = Problem)))]
async fn release_at_desk(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
) -> Result<StatusCode, Problem> {
    desk::release(&app, &caller.actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Where staff put a visit.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DeskMove {
    /// With whom.
    clinician_id: ClinicianId,
    /// When it starts.
    #[schema(value_type = String, format = DateTime)]
    start: Written,
    /// The version that the person saw.
    version: i64,
    /// Why notice, horizon and the patient's cut-off do not count.
    override_reason: Option<OverrideReason>,
}

/// Puts a patient's visit at another time, in one step.
#[utoipa::path(post, path = "/api/clinic/visits/{id}/move",
    params(("id" = BookingId, Path)), request_body = DeskMove, tag = "clinic",
    responses((status = 200, body = BookingJson), (status = "default", body = Problem)))]
async fn move_visit(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
    Body(wish): Body<DeskMove>,
) -> Result<Json<BookingJson>, Problem> {
    let (clinician, start, version) = (wish.clinician_id, wish.start.instant()?, wish.version);
    let to = NewTime { clinician, start, version, over: wish.override_reason };
    shown(&app, &booking::move_to(&app, &caller.actor, id, to).await?)
}
