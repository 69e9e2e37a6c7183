//! Reviewing what was handed in, and who is late.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::FilingWhole;
use crate::actions::App;
use crate::actions::filings::{self, review};
use crate::engine::filing::Acceptance;
use crate::http::extract::{Asked, At, Body, Caller};
use crate::http::json::Items;
use crate::http::problem::Problem;
use crate::model::filing::{FilingKind, FilingState, Form};
use crate::model::{FacilityId, FilingId};
use crate::store::{DueRow, QueueRow, SelfCheckedBy};

/// The routes of reviewing.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_handed_in))
        .routes(routes!(list_late))
        .routes(routes!(list_self_checks))
        .routes(routes!(get_handed_in))
        .routes(routes!(return_filing))
        .routes(routes!(accept_filing))
        .routes(routes!(revoke_filing))
}

/// Which.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct QueueQuery {
    /// Of one state; of all where nothing is said.
    state: Option<FilingState>,
    /// Of one kind; of all where nothing is said.
    kind: Option<FilingKind>,
}

/// A notification that was handed in.
#[derive(Debug, Serialize, ToSchema)]
struct HandedIn {
    /// Its id.
    id: FilingId,
    /// What is notified.
    kind: FilingKind,
    /// Where it stands.
    state: FilingState,
    /// The clinic's or the reception facility's name.
    name: String,
    /// The institution's ten digits.
    code10: Option<String>,
    /// When it was first handed in.
    submitted_on: Option<NaiveDate>,
    /// By when it is to be corrected.
    correct_by: Option<NaiveDate>,
    /// 受理番号.
    acceptance_number: Option<String>,
    /// The first day on which it holds.
    effective_from: Option<NaiveDate>,
    /// By when the law asks for it.
    due_on: Option<NaiveDate>,
}

impl From<QueueRow> for HandedIn {
    fn from(row: QueueRow) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            state: row.state,
            name: row.name,
            code10: row.code10,
            submitted_on: row.submitted_on,
            correct_by: row.correct_by,
            acceptance_number: row.acceptance_number,
            effective_from: row.effective_from,
            due_on: row.due_on,
        }
    }
}

/// What was handed in, those first that have waited longest.
#[utoipa::path(get, path = "/api/admin/filings", params(QueueQuery), tag = "filing",
    responses((status = 200, body = Items<HandedIn>), (status = "default", body = Problem)))]
async fn list_handed_in(
    State(app): State<App>,
    Asked(query): Asked<QueueQuery>,
) -> Result<Json<Items<HandedIn>>, Problem> {
    let rows = review::queue(&app, query.state, query.kind).await?;
    Ok(Json(Items { items: rows.into_iter().map(HandedIn::from).collect() }))
}

/// Which part.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct LateQuery {
    /// Two digits; all prefectures where nothing is said.
    prefecture: Option<String>,
    /// The institution behind which to go on.
    #[serde(default)]
    after: String,
}

/// An institution that has not notified online care.
#[derive(Debug, Serialize, ToSchema)]
struct Late {
    /// Ten digits.
    code10: String,
    /// Its name.
    name: String,
    /// Six digits.
    municipality_code: Option<String>,
    /// Since when its criterion is in effect.
    effective_from: Option<NaiveDate>,
    /// Where its notification stands, if it began one.
    state: Option<FilingState>,
}

impl From<DueRow> for Late {
    fn from(row: DueRow) -> Self {
        let DueRow { code10, name, municipality_code, effective_from, state } = row;
        Self { code10, name, municipality_code, effective_from, state }
    }
}

/// Who must notify online care to the governor and has not yet.
#[derive(Debug, Serialize, ToSchema)]
struct LateFilings {
    /// Until when.
    due_on: NaiveDate,
    /// How many days are left; less than none where it is late.
    days_left: i64,
    /// How many gave online care on the law's first day, and still do.
    bound: i64,
    /// How many of them have handed a notification in.
    notified: i64,
    /// Some of the others, in order of their codes.
    items: Vec<Late>,
}

/// Who gave online care on the law's first day and has not notified it yet.
#[utoipa::path(get, path = "/api/admin/filings/due", params(LateQuery), tag = "filing",
    responses((status = 200, body = LateFilings), (status = "default", body = Problem)))]
async fn list_late(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<LateQuery>,
) -> Result<Json<LateFilings>, Problem> {
    let due = review::due(&app, &caller.actor, query.prefecture.as_deref(), &query.after).await?;
    Ok(Json(LateFilings {
        due_on: due.due_on,
        days_left: due.days_left,
        bound: due.page.bound,
        notified: due.page.notified,
        items: due.page.rows.into_iter().map(Late::from).collect(),
    }))
}

/// How a clinic's self-check of a year stands.
#[derive(Debug, Serialize, ToSchema)]
struct SelfCheckOf {
    /// The clinic.
    facility_id: FacilityId,
    /// Its name.
    name: String,
    /// How many demands do not hold; nothing where it is not done.
    unmet: Option<i64>,
    /// When it was done.
    at: Option<DateTime<Utc>>,
}

impl From<SelfCheckedBy> for SelfCheckOf {
    fn from(row: SelfCheckedBy) -> Self {
        let SelfCheckedBy { facility_id, name, unmet, at } = row;
        Self { facility_id, name, unmet, at }
    }
}

/// How the self-checks of a year stand, as of its 1 August.
#[utoipa::path(get, path = "/api/admin/self-checks/{year}", params(("year" = i32, Path)),
    tag = "filing",
    responses((status = 200, body = Items<SelfCheckOf>), (status = "default", body = Problem)))]
async fn list_self_checks(
    State(app): State<App>,
    At(year): At<i32>,
) -> Result<Json<Items<SelfCheckOf>>, Problem> {
    let rows = filings::self_check::of_all(&app, year).await?;
    Ok(Json(Items { items: rows.into_iter().map(SelfCheckOf::from).collect() }))
}

/// A notification that was handed in.
#[utoipa::path(get, path = "/api/admin/filings/{id}", params(("id" = FilingId, Path)),
    tag = "filing",
    responses((status = 200, body = FilingWhole), (status = "default", body = Problem)))]
async fn get_handed_in(
    State(app): State<App>,
    caller: Caller,
    At(id): At<FilingId>,
) -> Result<Json<FilingWhole>, Problem> {
    Ok(Json(filings::read(&app, &caller.actor, id).await?.into()))
}

/// What is to be corrected.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReturnWish {
    /// The version that the person saw.
    version: i64,
    /// Why.
    reason: String,
    /// Field or demand, and what is to be corrected there.
    #[serde(default)]
    remarks: Form,
    /// By when.
    #[serde(default)]
    correct_by: Option<NaiveDate>,
}

/// Gives a notification back for correction.
#[utoipa::path(post, path = "/api/admin/filings/{id}/return", params(("id" = FilingId, Path)),
    request_body = ReturnWish, tag = "filing",
    responses((status = 200, body = FilingWhole), (status = "default", body = Problem)))]
async fn return_filing(
    State(app): State<App>,
    caller: Caller,
    At(id): At<FilingId>,
    Body(wish): Body<ReturnWish>,
) -> Result<Json<FilingWhole>, Problem> {
    let ReturnWish { version, reason, remarks, correct_by } = wish;
    let of = (id, version);
    let done = review::give_back(&app, &caller.actor, of, &reason, remarks, correct_by).await?;
    Ok(Json(done.into()))
}

/// Number and days of an acceptance.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AcceptWish {
    /// The version that the person saw.
    version: i64,
    /// 受理番号.
    acceptance_number: String,
    /// 受理年月日.
    accepted_on: NaiveDate,
    /// The first day on which it holds.
    effective_from: NaiveDate,
}

/// Accepts a notification.
#[utoipa::path(post, path = "/api/admin/filings/{id}/accept", params(("id" = FilingId, Path)),
    request_body = AcceptWish, tag = "filing",
    responses((status = 200, body = FilingWhole), (status = "default", body = Problem)))]
async fn accept_filing(
    State(app): State<App>,
    caller: Caller,
    At(id): At<FilingId>,
    Body(wish): Body<AcceptWish>,
) -> Result<Json<FilingWhole>, Problem> {
    let acceptance = Acceptance {
        number: wish.acceptance_number,
        accepted_on: wish.accepted_on,
        effective_from: wish.effective_from,
    };
    let done = review::accept(&app, &caller.actor, (id, wish.version), acceptance).await?;
    Ok(Json(done.into()))
}

/// Why and from when on it is taken away.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RevokeWish {
    /// The version that the person saw.
    version: i64,
    /// Why.
    reason: String,
    /// The first day on which it holds no more.
    ended_on: NaiveDate,
}

/// Takes away what was accepted.
#[utoipa::path(post, path = "/api/admin/filings/{id}/revoke", params(("id" = FilingId, Path)),
    request_body = RevokeWish, tag = "filing",
    responses((status = 200, body = FilingWhole), (status = "default", body = Problem)))]
async fn revoke_filing(
    State(app): State<App>,
    caller: Caller,
    At(id): At<FilingId>,
    Body(wish): Body<RevokeWish>,
) -> Result<Json<FilingWhole>, Problem> {
    let of = (id, wish.version);
    let done = review::revoke(&app, &caller.actor, of, &wish.reason, wish.ended_on).await?;
    Ok(Json(done.into()))
}
