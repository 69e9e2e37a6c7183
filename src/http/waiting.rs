//! The waiting room, for the clinic: that a doctor is late, and that its day changed.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Asked, Body, Caller};
use super::problem::Problem;
use crate::actions::{App, waiting};
use crate::model::ClinicianId;
use crate::store::DelayRow;

/// The routes of the waiting room.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_delays, put_delay)).routes(routes!(day_changes))
}

/// What a page of the day knows.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ChangesQuery {
    /// The mark that it was given last.
    after: Option<u64>,
}

/// A mark of the clinic's day.
#[derive(Debug, Serialize, ToSchema)]
struct DayMark {
    /// Another one than before means that something changed.
    mark: u64,
}

/// Waits until something changes in the clinic's days, for twenty seconds at most. Without `after`
/// the answer comes at once.
#[utoipa::path(get, path = "/api/clinic/visits/changes", params(ChangesQuery), tag = "clinic",
    responses((status = 200, body = DayMark), (status = "default", body = Problem)))]
async fn day_changes(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<ChangesQuery>,
) -> Result<Json<DayMark>, Problem> {
    let mark = waiting::changes(&app, &caller.actor, query.after).await?;
    Ok(Json(DayMark { mark }))
}

/// How late a doctor is today.
#[derive(Debug, Serialize, ToSchema)]
struct Delay {
    /// Who.
    clinician_id: ClinicianId,
    /// By how many minutes.
    minutes: i64,
    /// When it was said.
    said_at: DateTime<Utc>,
}

/// How late the doctors are today; those who said nothing are not there.
#[derive(Debug, Serialize, ToSchema)]
struct Delays {
    /// The local date.
    date: NaiveDate,
    /// The doctors.
    items: Vec<Delay>,
}

fn listed((date, rows): (NaiveDate, Vec<DelayRow>)) -> Json<Delays> {
    let one = |row: DelayRow| Delay {
        clinician_id: row.clinician_id,
        minutes: row.minutes,
        said_at: row.said_at,
    };
    Json(Delays { date, items: rows.into_iter().map(one).collect() })
}

/// How late the doctors of the clinic said to be today.
#[utoipa::path(get, path = "/api/clinic/delay", tag = "clinic",
    responses((status = 200, body = Delays), (status = "default", body = Problem)))]
async fn get_delays(State(app): State<App>, caller: Caller) -> Result<Json<Delays>, Problem> {
    Ok(listed(waiting::delays(&app, &caller.actor).await?))
}

/// How late a doctor is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DelayWish {
    /// Who; for a doctor's own account nobody need be named.
    clinician_id: Option<ClinicianId>,
    /// By how many minutes: 0, 5, 10 or 15. 0 takes it back.
    minutes: i64,
}

/// Says how late a doctor is today. Those who wait hear it at once, in their language.
#[utoipa::path(put, path = "/api/clinic/delay", request_body = DelayWish, tag = "clinic",
    responses((status = 200, body = Delays), (status = "default", body = Problem)))]
async fn put_delay(
    State(app): State<App>,
    caller: Caller,
    Body(wish): Body<DelayWish>,
) -> Result<Json<Delays>, Problem> {
    let DelayWish { clinician_id, minutes } = wish;
    Ok(listed(waiting::put_delay(&app, &caller.actor, clinician_id, minutes).await?))
}
