//! The subsidy for devices of online care, for the prefecture.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Asked, At, Body, Caller};
use super::json::Items;
use super::problem::Problem;
use crate::actions::subsidies::{self, Application, Whole};
use crate::actions::{App, Error};
use crate::engine::subsidy::report_due;
use crate::model::GrantId;
use crate::model::subsidy::{Item, Paper, Status, Step};
use crate::store::GrantRow;

/// The routes of the subsidy.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_grants, apply))
        .routes(routes!(get_grant))
        .routes(routes!(take_step))
}

/// A grant.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SubsidyGrant)]
struct GrantJson {
    /// Its id.
    id: GrantId,
    /// The institution's ten digits.
    code10: String,
    /// The institution's name.
    name: String,
    /// The year in which it began in April.
    fiscal_year: i64,
    /// Where it stands.
    status: Status,
    /// When it was applied for.
    applied_on: NaiveDate,
    /// When it was decided or refused.
    decided_on: Option<NaiveDate>,
    /// When it was reported.
    reported_on: Option<NaiveDate>,
    /// When it was paid.
    paid_on: Option<NaiveDate>,
    /// By when it is to be reported.
    report_due: Option<NaiveDate>,
    /// Yen asked for.
    requested_yen: i64,
    /// Yen granted at most.
    decided_yen: Option<i64>,
    /// Yen spent.
    spent_yen: Option<i64>,
    /// Yen paid.
    paid_yen: Option<i64>,
    /// Why it was refused or withdrawn.
    reason: String,
    /// To be named with the next step.
    version: i64,
}

impl From<GrantRow> for GrantJson {
    fn from(row: GrantRow) -> Self {
        let grant = row.grant;
        Self {
            id: grant.id,
            code10: grant.institution.to_string(),
            name: row.name,
            fiscal_year: grant.fiscal_year,
            status: grant.status,
            applied_on: grant.applied_on,
            decided_on: grant.decided_on,
            reported_on: grant.reported_on,
            paid_on: grant.paid_on,
            report_due: report_due(grant.fiscal_year),
            requested_yen: grant.requested_yen,
            decided_yen: grant.decided_yen,
            spent_yen: grant.spent_yen,
            paid_yen: grant.paid_yen,
            reason: grant.reason,
            version: grant.version,
        }
    }
}

/// A grant with what it is for and what was reported.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SubsidyGrantWhole)]
struct WholeJson {
    #[serde(flatten)]
    grant: GrantJson,
    /// What it is for.
    items: Vec<Item>,
    /// The papers of its report.
    papers: Vec<Paper>,
}

impl From<Whole> for WholeJson {
    fn from(whole: Whole) -> Self {
        Self { grant: whole.row.into(), items: whole.items, papers: whole.papers }
    }
}

/// Of which year.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct OfYear {
    /// The year in which the fiscal year began.
    fiscal_year: Option<i64>,
}

/// The grants, the newest first.
#[utoipa::path(get, path = "/api/admin/subsidies", params(OfYear), tag = "register",
    responses((status = 200, body = Items<GrantJson>), (status = "default", body = Problem)))]
async fn list_grants(
    State(app): State<App>,
    Asked(of): Asked<OfYear>,
) -> Result<Json<Items<GrantJson>>, Problem> {
    let rows = subsidies::list(&app, of.fiscal_year).await?;
    Ok(Json(Items { items: rows.into_iter().map(GrantJson::from).collect() }))
}

/// An application.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ApplicationWish {
    /// The institution's ten digits.
    code10: String,
    /// When it was made.
    applied_on: NaiveDate,
    /// Yen asked for.
    requested_yen: i64,
    /// For what. Smartphones are not paid for.
    items: Vec<Item>,
    /// That the institution is no public body.
    not_public: bool,
}

/// Takes an application; each institution is granted the subsidy once.
#[utoipa::path(post, path = "/api/admin/subsidies", request_body = ApplicationWish,
    tag = "register",
    responses((status = 201, body = WholeJson), (status = "default", body = Problem)))]
async fn apply(
    State(app): State<App>,
    caller: Caller,
    Body(wish): Body<ApplicationWish>,
) -> Result<(StatusCode, Json<WholeJson>), Problem> {
    let wish = Application {
        code10: wish.code10,
        applied_on: wish.applied_on,
        requested_yen: wish.requested_yen,
        items: wish.items,
        not_public: wish.not_public,
    };
    let whole = subsidies::apply(&app, &caller.actor, wish).await?;
    Ok((StatusCode::CREATED, Json(whole.into())))
}

/// One grant.
#[utoipa::path(get, path = "/api/admin/subsidies/{id}", params(("id" = GrantId, Path)),
    tag = "register",
    responses((status = 200, body = WholeJson), (status = "default", body = Problem)))]
async fn get_grant(
    State(app): State<App>,
    At(id): At<GrantId>,
) -> Result<Json<WholeJson>, Problem> {
    Ok(Json(subsidies::get(&app, id).await?.into()))
}

/// Which step.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SubsidyStepKind)]
enum StepKind {
    /// Grant it.
    Decide,
    /// Refuse it.
    Refuse,
    /// Take it back.
    Withdraw,
    /// Report what was bought.
    Report,
    /// Pay it.
    Pay,
}

/// A step.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StepWish {
    /// Which.
    step: StepKind,
    /// The version of the grant that was looked at.
    version: i64,
    /// When it was taken.
    on: NaiveDate,
    /// Yen: granted, spent or paid.
    yen: Option<i64>,
    /// Why it is refused or taken back.
    #[serde(default)]
    reason: String,
    /// Receipts and photographs of the report.
    #[serde(default)]
    papers: Vec<Paper>,
}

/// Takes the next step with a grant.
#[utoipa::path(post, path = "/api/admin/subsidies/{id}/steps", params(("id" = GrantId, Path)),
    request_body = StepWish, tag = "register",
    responses((status = 200, body = WholeJson), (status = "default", body = Problem)))]
async fn take_step(
    State(app): State<App>,
    caller: Caller,
    At(id): At<GrantId>,
    Body(wish): Body<StepWish>,
) -> Result<Json<WholeJson>, Problem> {
    let yen = || wish.yen.ok_or(Error::invalid("/yen", "required"));
    let step = match wish.step {
        StepKind::Decide => Step::Decide(yen()?),
        StepKind::Refuse => Step::Refuse(wish.reason),
        StepKind::Withdraw => Step::Withdraw(wish.reason),
        StepKind::Report => Step::Report(yen()?, wish.papers),
        StepKind::Pay => Step::Pay(yen()?),
    };
    let at = (id, wish.version);
    Ok(Json(subsidies::step(&app, &caller.actor, at, &step, wish.on).await?.into()))
}
