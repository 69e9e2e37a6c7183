//! Visits that come again, for patients and for the clinic.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::bookings::CancelWish;
use super::extract::{Asked, At, Body, Caller, Written};
use super::facilities::SlotJson;
use super::json::{BookingJson, Items};
use super::problem::Problem;
use super::words::sentence;
use crate::actions::series::{self, Plan};
use crate::actions::{App, Error};
use crate::format::Lang;
use crate::model::{BookingId, ClinicianId};
use crate::store::BookingView;

/// The routes of visits that come again.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(propose_series, book_series))
        .routes(routes!(propose_series_at_desk, book_series_at_desk))
        .routes(routes!(series_visits))
        .routes(routes!(series_visits_at_desk))
        .routes(routes!(cancel_series))
        .routes(routes!(cancel_series_at_desk))
}

/// How visits come again.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct PlanQuery {
    /// Days from one to the next, 1 to 56.
    every_days: u16,
    /// How many more, 1 to 11.
    count: usize,
}

/// What one of the visits could be.
#[derive(Debug, Serialize, ToSchema)]
struct ProposalJson {
    /// The local date.
    date: NaiveDate,
    /// The same time on that day, where it is free.
    slot: Option<SlotJson>,
    /// Why it is not: a stable code.
    code: Option<String>,
    /// The same as a sentence, in the language that was asked for.
    detail: Option<String>,
    /// Near times that are free instead.
    alternatives: Vec<SlotJson>,
}

/// The chosen times.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SeriesWish {
    /// Each with its doctor, 1 to 11.
    visits: Vec<SeriesVisit>,
}

/// One of the chosen times.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SeriesVisit {
    /// With whom.
    clinician_id: ClinicianId,
    /// When it starts.
    #[schema(value_type = String, format = DateTime)]
    start: Written,
}

/// What became of one visit of a series.
#[derive(Debug, Serialize, ToSchema)]
struct CalledOff {
    /// Which.
    id: BookingId,
    /// Why it was not called off: a stable code.
    code: Option<String>,
    /// The same as a sentence, in the language that was asked for.
    detail: Option<String>,
}

async fn proposed(
    app: &App,
    caller: &Caller,
    id: BookingId,
    query: PlanQuery,
    language: Lang,
) -> Result<Json<Items<ProposalJson>>, Problem> {
    let plan = Plan { every_days: query.every_days, count: query.count };
    let found = series::propose(app, &caller.actor, id, plan).await?;
    let json = |one: series::Proposal| ProposalJson {
        date: one.date,
        slot: one.slot.map(SlotJson::from),
        code: one.code.map(str::to_owned),
        detail: one.code.map(|code| sentence(code, language).to_owned()),
        alternatives: one.alternatives.into_iter().map(SlotJson::from).collect(),
    };
    Ok(Json(Items { items: found.into_iter().map(json).collect() }))
}

async fn booked(
    app: &App,
    caller: &Caller,
    id: BookingId,
    wish: SeriesWish,
) -> Result<(StatusCode, Json<Items<BookingJson>>), Problem> {
    let chosen = wish.visits.iter().map(|visit| Ok((visit.clinician_id, visit.start.instant()?)));
    let chosen = chosen.collect::<Result<Vec<_>, Error>>()?;
    let views = series::book(app, &caller.actor, id, &chosen).await?;
    Ok((StatusCode::CREATED, Json(in_json(app, &views)?)))
}

fn in_json(app: &App, views: &[BookingView]) -> Result<Items<BookingJson>, Problem> {
    let items = views.iter().map(|view| BookingJson::new(view, &app.vault));
    Ok(Items { items: items.collect::<Result<_, _>>().map_err(Error::from)? })
}

async fn listed(
    app: &App,
    caller: &Caller,
    id: BookingId,
) -> Result<Json<Items<BookingJson>>, Problem> {
    Ok(Json(in_json(app, &series::visits(app, &caller.actor, id).await?)?))
}

async fn called_off(
    app: &App,
    caller: &Caller,
    id: BookingId,
    wish: CancelWish,
    language: Lang,
) -> Result<Json<Items<CalledOff>>, Problem> {
    let told = series::cancel(app, &caller.actor, id, wish.reason).await?;
    let json = |(id, done): (_, Result<(), &str>)| {
        let code = done.err();
        let detail = code.map(|code| sentence(code, language).to_owned());
        CalledOff { id, code: code.map(str::to_owned), detail }
    };
    Ok(Json(Items { items: told.into_iter().map(json).collect() }))
}

/// What would follow this visit.
#[utoipa::path(get, path = "/api/bookings/{id}/series",
    params(("id" = BookingId, Path), PlanQuery), tag = "patients",
    responses((status = 200, body = Items<ProposalJson>), (status = "default", body = Problem)))]
async fn propose_series(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
    language: Lang,
    Asked(query): Asked<PlanQuery>,
) -> Result<Json<Items<ProposalJson>>, Problem> {
    proposed(&app, &caller, id, query, language).await
}

/// The same for the clinic.
#[utoipa::path(get, path = "/api/clinic/visits/{id}/series",
    params(("id" = BookingId, Path), PlanQuery), tag = "clinic",
    responses((status = 200, body = Items<ProposalJson>), (status = "default", body = Problem)))]
async fn propose_series_at_desk(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
    language: Lang,
    Asked(query): Asked<PlanQuery>,
) -> Result<Json<Items<ProposalJson>>, Problem> {
    proposed(&app, &caller, id, query, language).await
}

/// Books the chosen times after this visit: all of them, or none.
#[utoipa::path(post, path = "/api/bookings/{id}/series", params(("id" = BookingId, Path)),
    request_body = SeriesWish, tag = "patients",
    responses((status = 201, body = Items<BookingJson>), (status = "default", body = Problem)))]
async fn book_series(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
    Body(wish): Body<SeriesWish>,
) -> Result<(StatusCode, Json<Items<BookingJson>>), Problem> {
    booked(&app, &caller, id, wish).await
}

/// The same for the clinic.
#[utoipa::path(post, path = "/api/clinic/visits/{id}/series", params(("id" = BookingId, Path)),
    request_body = SeriesWish, tag = "clinic",
    responses((status = 201, body = Items<BookingJson>), (status = "default", body = Problem)))]
async fn book_series_at_desk(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
    Body(wish): Body<SeriesWish>,
) -> Result<(StatusCode, Json<Items<BookingJson>>), Problem> {
    booked(&app, &caller, id, wish).await
}

/// The visits of this visit's series, in order, past and called off ones too.
#[utoipa::path(get, path = "/api/bookings/{id}/series/visits",
    params(("id" = BookingId, Path)), tag = "patients",
    responses((status = 200, body = Items<BookingJson>), (status = "default", body = Problem)))]
async fn series_visits(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
) -> Result<Json<Items<BookingJson>>, Problem> {
    listed(&app, &caller, id).await
}

/// The same for the clinic.
#[utoipa::path(get, path = "/api/clinic/visits/{id}/series/visits",
    params(("id" = BookingId, Path)), tag = "clinic",
    responses((status = 200, body = Items<BookingJson>), (status = "default", body = Problem)))]
async fn series_visits_at_desk(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
) -> Result<Json<Items<BookingJson>>, Problem> {
    listed(&app, &caller, id).await
}

/// Calls off this visit of a series and those after it.
#[utoipa::path(post, path = "/api/bookings/{id}/series/cancel",
    params(("id" = BookingId, Path)), request_body = CancelWish, tag = "patients",
    responses((status = 200, body = Items<CalledOff>), (status = "default", body = Problem)))]
async fn cancel_series(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
    language: Lang,
    Body(wish): Body<CancelWish>,
) -> Result<Json<Items<CalledOff>>, Problem> {
    called_off(&app, &caller, id, wish, language).await
}

/// The same for the clinic.
#[utoipa::path(post, path = "/api/clinic/visits/{id}/series/cancel",
    params(("id" = BookingId, Path)), request_body = CancelWish, tag = "clinic",
    responses((status = 200, body = Items<CalledOff>), (status = "default", body = Problem)))]
async fn cancel_series_at_desk(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
    language: Lang,
    Body(wish): Body<CancelWish>,
) -> Result<Json<Items<CalledOff>>, Problem> {
    called_off(&app, &caller, id, wish, language).await
}
