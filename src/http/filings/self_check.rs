//! The yearly self-check of the criterion.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::CheckJson;
use crate::actions::App;
use crate::actions::filings::self_check::{self, SelfChecks};
use crate::http::extract::{At, Body, Caller};
use crate::http::problem::Problem;
use crate::model::filing::Demand;

/// The routes of self-checks.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_self_checks)).routes(routes!(put_self_check))
}

/// A self-check that is done.
#[derive(Debug, Serialize, ToSchema)]
struct SelfCheckDone {
    /// Of which year: as of its 1 August.
    year: i64,
    /// How many demands do not hold.
    unmet: i64,
    /// When it was done.
    at: DateTime<Utc>,
}

/// The self-checks of a clinic.
#[derive(Debug, Serialize, ToSchema)]
struct SelfCheckList {
    /// What is asked.
    demands: Vec<Demand>,
    /// Those that are done, the newest first.
    done: Vec<SelfCheckDone>,
    /// What was found in the newest.
    last: Vec<CheckJson>,
}

impl From<SelfChecks> for SelfCheckList {
    fn from(all: SelfChecks) -> Self {
        let done = |one: crate::store::SelfChecked| SelfCheckDone {
            year: one.year,
            unmet: one.unmet,
            at: one.at,
        };
        Self {
            demands: all.definition.demands.clone(),
            done: all.done.into_iter().map(done).collect(),
            last: all.last.into_iter().map(CheckJson::from).collect(),
        }
    }
}

/// The self-checks of the clinic.
#[utoipa::path(get, path = "/api/clinic/self-checks", tag = "filing",
    responses((status = 200, body = SelfCheckList), (status = "default", body = Problem)))]
async fn get_self_checks(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<SelfCheckList>, Problem> {
    Ok(Json(self_check::list(&app, &caller.actor).await?.into()))
}

/// What was found.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SelfCheckWish {
    /// Of each demand.
    checks: Vec<CheckJson>,
}

/// Keeps a year's self-check.
#[utoipa::path(put, path = "/api/clinic/self-checks/{year}", params(("year" = i32, Path)),
    request_body = SelfCheckWish, tag = "filing",
    responses((status = 200, body = SelfCheckList), (status = "default", body = Problem)))]
async fn put_self_check(
    State(app): State<App>,
    caller: Caller,
    At(year): At<i32>,
    Body(wish): Body<SelfCheckWish>,
) -> Result<Json<SelfCheckList>, Problem> {
    let checks = wish.checks.into_iter().map(Into::into).collect();
    Ok(Json(self_check::put(&app, &caller.actor, year, checks).await?.into()))
}
