//! 診療計画: the plan of online care.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Asked, At, Body, Caller};
use super::problem::Problem;
use crate::actions::App;
use crate::actions::care_plan::{self, Plan, Written};
use crate::model::BookingId;
use crate::model::care_plan::{PlanMethod, Recording, Sections};

/// The routes of the plan.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(clinic_plan, put_plan))
        .routes(routes!(patient_plan))
        .routes(routes!(agree_to_plan))
        .routes(routes!(witness_plan))
}

/// A version of a plan.
#[derive(Debug, Serialize, ToSchema)]
struct CarePlan {
    /// Its number, from 1.
    version: i64,
    /// The nine sections.
    sections: Sections,
    /// What may be recorded.
    recording: Recording,
    /// When it was written.
    created_at: DateTime<Utc>,
    /// When it was agreed to for this visit.
    agreed_at: Option<DateTime<Utc>>,
    /// How.
    agreed_by: Option<PlanMethod>,
}

impl From<Plan> for CarePlan {
    fn from(plan: Plan) -> Self {
        Self {
            version: plan.version,
            sections: plan.sections,
            recording: plan.recording,
            created_at: plan.created_at,
            agreed_at: plan.agreed.map(|(_, at)| at),
            agreed_by: plan.agreed.map(|(method, _)| method),
        }
    }
}

/// That there is a version.
#[derive(Debug, Serialize, ToSchema)]
struct CarePlanVersion {
    /// Its number, from 1.
    version: i64,
    /// When it was written.
    created_at: DateTime<Utc>,
}

/// The plan of a visit's patient.
#[derive(Debug, Serialize, ToSchema)]
struct CarePlanFound {
    /// The version that was asked for, or the newest; nothing where none was written.
    plan: Option<CarePlan>,
    /// All versions, the newest first.
    versions: Vec<CarePlanVersion>,
}

/// Which version.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct VersionQuery {
    /// Its number; the newest where none is given.
    version: Option<i64>,
}

async fn found(
    app: &App,
    caller: &Caller,
    id: BookingId,
    asked: &VersionQuery,
) -> Result<Json<CarePlanFound>, Problem> {
    let read = care_plan::read(app, &caller.actor, id, asked.version).await?;
    let version = |(version, created_at)| CarePlanVersion { version, created_at };
    let versions = read.versions.into_iter().map(version).collect();
    Ok(Json(CarePlanFound { plan: read.plan.map(CarePlan::from), versions }))
}

/// The plan, for the clinic.
#[utoipa::path(get, path = "/api/clinic/visits/{id}/care-plan",
    params(("id" = BookingId, Path), VersionQuery), tag = "visit",
    responses((status = 200, body = CarePlanFound), (status = "default", body = Problem)))]
async fn clinic_plan(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
    Asked(asked): Asked<VersionQuery>,
) -> Result<Json<CarePlanFound>, Problem> {
    found(&app, &caller, id, &asked).await
}

/// The plan, for the patient.
#[utoipa::path(get, path = "/api/visits/{id}/care-plan",
    params(("id" = BookingId, Path), VersionQuery), tag = "visit",
    responses((status = 200, body = CarePlanFound), (status = "default", body = Problem)))]
async fn patient_plan(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
    Asked(asked): Asked<VersionQuery>,
) -> Result<Json<CarePlanFound>, Problem> {
    found(&app, &caller, id, &asked).await
}

/// A next version.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CarePlanWish {
    /// The version that the doctor saw; 0 where there was none.
    version: i64,
    /// The nine sections.
    sections: Sections,
    /// What may be recorded.
    recording: Recording,
}

/// Writes the next version. What was written stays.
#[utoipa::path(put, path = "/api/clinic/visits/{id}/care-plan", params(("id" = BookingId, Path)),
    request_body = CarePlanWish, tag = "visit",
    responses((status = 200, body = CarePlan), (status = "default", body = Problem)))]
async fn put_plan(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
    Body(wish): Body<CarePlanWish>,
) -> Result<Json<CarePlan>, Problem> {
    let CarePlanWish { version, sections, recording } = wish;
    let written = Written { version, sections, recording };
    Ok(Json(care_plan::write(&app, &caller.actor, id, written).await?.into()))
}

/// To which version the patient agrees.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AgreeWish {
    /// The version that was read.
    version: i64,
}

/// The patient agrees to the plan, for this visit.
#[utoipa::path(post, path = "/api/visits/{id}/care-plan/agree",
    params(("id" = BookingId, Path)), request_body = AgreeWish, tag = "visit",
    responses((status = 200, body = CarePlan), (status = "default", body = Problem)))]
async fn agree_to_plan(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
    Body(wish): Body<AgreeWish>,
) -> Result<Json<CarePlan>, Problem> {
    let tapped = PlanMethod::Tapped;
    Ok(Json(care_plan::agree(&app, &caller.actor, id, wish.version, tapped).await?.into()))
}

/// That the patient agreed before somebody of the clinic.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WitnessWish {
    /// The version that was talked about.
    version: i64,
    /// By word or on paper.
    method: PlanMethod,
}

/// Keeps that the patient agreed to the plan by word or on paper.
#[utoipa::path(post, path = "/api/clinic/visits/{id}/care-plan/agree",
    params(("id" = BookingId, Path)), request_body = WitnessWish, tag = "visit",
    responses((status = 200, body = CarePlan), (status = "default", body = Problem)))]
async fn witness_plan(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
    Body(wish): Body<WitnessWish>,
) -> Result<Json<CarePlan>, Problem> {
    let WitnessWish { version, method } = wish;
    Ok(Json(care_plan::agree(&app, &caller.actor, id, version, method).await?.into()))
}
