//! Notifications that are made through this service: for whose they are, and for who reviews them.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{At, Body, Caller};
use super::problem::Problem;
use super::reception::{LinkJson, SiteJson};
use crate::actions::App;
use crate::actions::filings::{self, Whole};
use crate::engine::filing::deadlines::Deadline;
use crate::model::filing::{
    Check, Definition, Event, Filing, FilingKind, FilingState, FilingStep, Form,
};
use crate::model::{FilingId, SiteId};

mod admin;
pub(super) mod form1;
mod letters;
mod self_check;

/// The routes of notifications.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_filings, begin_filing))
        .routes(routes!(get_filing, put_filing))
        .routes(routes!(put_filing_check))
        .routes(routes!(submit_filing))
        .routes(routes!(withdraw_filing))
        .merge(admin::routes())
        .merge(self_check::routes())
        .merge(letters::routes())
}

/// A notification, in short.
#[derive(Debug, Serialize, ToSchema)]
struct FilingBrief {
    /// Its id.
    id: FilingId,
    /// What is notified.
    kind: FilingKind,
    /// Where it stands.
    state: FilingState,
    /// The reception facility that is notified.
    site_id: Option<SiteId>,
    /// The one whose place it takes.
    replaces_id: Option<FilingId>,
    /// By when the law asks for it.
    due_on: Option<NaiveDate>,
    /// By when it is to be corrected.
    correct_by: Option<NaiveDate>,
    /// When it was first handed in.
    submitted_on: Option<NaiveDate>,
    /// 受理番号.
    acceptance_number: Option<String>,
    /// 受理年月日.
    accepted_on: Option<NaiveDate>,
    /// The first day on which it holds.
    effective_from: Option<NaiveDate>,
    /// The first day on which it holds no more.
    ended_on: Option<NaiveDate>,
    /// To be named when it is changed.
    version: i64,
}

impl From<Filing> for FilingBrief {
    fn from(filing: Filing) -> Self {
        Self {
            id: filing.id,
            kind: filing.kind,
            state: filing.state,
            site_id: filing.site,
            replaces_id: filing.replaces,
            due_on: filing.due_on,
            correct_by: filing.correct_by,
            submitted_on: filing.submitted_on,
            acceptance_number: filing.acceptance_number,
            accepted_on: filing.accepted_on,
            effective_from: filing.effective_from,
            ended_on: filing.ended_on,
            version: filing.version,
        }
    }
}

/// What stands for one demand.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FilingCheck)]
struct CheckJson {
    /// Which demand.
    item: String,
    /// Whether it holds.
    met: bool,
    /// What shows it.
    evidence: String,
    /// The page, where the evidence is one.
    #[serde(default)]
    url: Option<String>,
    /// The day on which somebody looked at it.
    #[serde(default)]
    checked_on: Option<NaiveDate>,
    /// The day of the copy that is kept.
    #[serde(default)]
    snapshot_on: Option<NaiveDate>,
}

impl From<Check> for CheckJson {
    fn from(check: Check) -> Self {
        let Check { item, met, evidence, url, checked_on, snapshot_on } = check;
        Self { item, met, evidence, url, checked_on, snapshot_on }
    }
}

impl From<CheckJson> for Check {
    fn from(check: CheckJson) -> Self {
        let CheckJson { item, met, evidence, url, checked_on, snapshot_on } = check;
        Self { item, met, evidence, url, checked_on, snapshot_on }
    }
}

/// What was done to a notification.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FilingEvent)]
struct EventJson {
    /// Its place among all, from 1.
    number: i64,
    /// What.
    step: FilingStep,
    /// Where the notification stood.
    from: FilingState,
    /// Where it stands since.
    to: FilingState,
    /// Why.
    reason: Option<String>,
    /// What is to be corrected: field or demand, and remark.
    remarks: Form,
    /// What was handed in.
    form: Option<Form>,
    /// Who did it; nobody where its day came.
    by: Option<String>,
    /// When.
    at: DateTime<Utc>,
}

impl From<Event> for EventJson {
    fn from(event: Event) -> Self {
        Self {
            number: event.number,
            step: event.step,
            from: event.from,
            to: event.to,
            reason: event.reason,
            remarks: event.remarks,
            form: event.form,
            by: event.by_name,
            at: event.at,
        }
    }
}

/// What stands against handing in.
#[derive(Debug, Serialize, ToSchema)]
struct FilingFault {
    /// The place, as `/form/manager`.
    pointer: String,
    /// A stable code.
    code: &'static str,
}

/// A notification with all that is shown of it.
#[derive(Debug, Serialize, ToSchema)]
struct FilingWhole {
    /// In short.
    filing: FilingBrief,
    /// What its kind asks.
    definition: Definition,
    /// The clinic's or the reception facility's name.
    name: String,
    /// Street address.
    address: String,
    /// The institution's ten digits.
    code10: Option<String>,
    /// What is filled in.
    form: Form,
    /// What stands for its demands.
    checks: Vec<CheckJson>,
    /// The place that is notified.
    site: Option<SiteJson>,
    /// The institutions of that place.
    links: Vec<LinkJson>,
    /// What was done to it.
    events: Vec<EventJson>,
    /// What the reader may do.
    may: Vec<FilingStep>,
    /// What stands against handing it in.
    open: Vec<FilingFault>,
}

impl From<Whole> for FilingWhole {
    fn from(whole: Whole) -> Self {
        let fault = |(pointer, code)| FilingFault { pointer, code };
        Self {
            definition: whole.definition.clone(),
            name: whole.name,
            address: whole.address,
            code10: whole.filing.code10.clone(),
            form: whole.filing.form.clone(),
            filing: whole.filing.into(),
            checks: whole.checks.into_iter().map(CheckJson::from).collect(),
            site: whole.site.map(SiteJson::from),
            links: whole.links.into_iter().map(LinkJson::from).collect(),
            events: whole.events.into_iter().map(EventJson::from).collect(),
            may: whole.may,
            open: whole.open.into_iter().map(fault).collect(),
        }
    }
}

/// What somebody has notified, and what is due.
#[derive(Debug, Serialize, ToSchema)]
struct MyFilings {
    /// The newest first.
    items: Vec<FilingBrief>,
    /// What is due, the nearest first.
    deadlines: Vec<Deadline>,
    /// The kinds that they can begin.
    kinds: Vec<FilingKind>,
    /// The places that they run.
    sites: Vec<SiteJson>,
}

/// What the caller has notified, and what is due.
#[utoipa::path(get, path = "/api/filings", tag = "filing",
    responses((status = 200, body = MyFilings), (status = "default", body = Problem)))]
async fn list_filings(State(app): State<App>, caller: Caller) -> Result<Json<MyFilings>, Problem> {
    let mine = filings::mine(&app, &caller.actor).await?;
    Ok(Json(MyFilings {
        items: mine.filings.into_iter().map(FilingBrief::from).collect(),
        deadlines: mine.deadlines,
        kinds: mine.kinds,
        sites: mine.sites.into_iter().map(SiteJson::from).collect(),
    }))
}

/// What is to be notified.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FilingWish {
    /// What.
    kind: FilingKind,
    /// The reception facility, of that kind alone.
    #[serde(default)]
    site_id: Option<SiteId>,
}

/// Begins a notification.
#[utoipa::path(post, path = "/api/filings", request_body = FilingWish, tag = "filing",
    responses((status = 201, body = FilingWhole), (status = "default", body = Problem)))]
async fn begin_filing(
    State(app): State<App>,
    caller: Caller,
    Body(wish): Body<FilingWish>,
) -> Result<(StatusCode, Json<FilingWhole>), Problem> {
    let read = filings::begin(&app, &caller.actor, wish.kind, wish.site_id).await?;
    Ok((StatusCode::CREATED, Json(read.into())))
}

/// A notification.
#[utoipa::path(get, path = "/api/filings/{id}", params(("id" = FilingId, Path)), tag = "filing",
    responses((status = 200, body = FilingWhole), (status = "default", body = Problem)))]
async fn get_filing(
    State(app): State<App>,
    caller: Caller,
    At(id): At<FilingId>,
) -> Result<Json<FilingWhole>, Problem> {
    Ok(Json(filings::read(&app, &caller.actor, id).await?.into()))
}

/// What is filled in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FormWish {
    /// The version that the person saw.
    version: i64,
    /// Field and text.
    form: Form,
}

/// Keeps what is filled in.
#[utoipa::path(put, path = "/api/filings/{id}", params(("id" = FilingId, Path)),
    request_body = FormWish, tag = "filing",
    responses((status = 200, body = FilingWhole), (status = "default", body = Problem)))]
async fn put_filing(
    State(app): State<App>,
    caller: Caller,
    At(id): At<FilingId>,
    Body(wish): Body<FormWish>,
) -> Result<Json<FilingWhole>, Problem> {
    let read = filings::put(&app, &caller.actor, id, wish.version, wish.form).await?;
    Ok(Json(read.into()))
}

/// Keeps what stands for one demand.
#[utoipa::path(put, path = "/api/filings/{id}/check", params(("id" = FilingId, Path)),
    request_body = CheckJson, tag = "filing",
    responses((status = 200, body = FilingWhole), (status = "default", body = Problem)))]
async fn put_filing_check(
    State(app): State<App>,
    caller: Caller,
    At(id): At<FilingId>,
    Body(check): Body<CheckJson>,
) -> Result<Json<FilingWhole>, Problem> {
    Ok(Json(filings::put_check(&app, &caller.actor, id, check.into()).await?.into()))
}

/// Of which version.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SubmitWish {
    /// The version that the person saw.
    version: i64,
}

/// Hands a notification in, for the first time or corrected.
#[utoipa::path(post, path = "/api/filings/{id}/submit", params(("id" = FilingId, Path)),
    request_body = SubmitWish, tag = "filing",
    responses((status = 200, body = FilingWhole), (status = "default", body = Problem)))]
async fn submit_filing(
    State(app): State<App>,
    caller: Caller,
    At(id): At<FilingId>,
    Body(wish): Body<SubmitWish>,
) -> Result<Json<FilingWhole>, Problem> {
    Ok(Json(filings::submit(&app, &caller.actor, id, wish.version).await?.into()))
}

/// Why and from when on it is given up.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WithdrawWish {
    /// The version that the person saw.
    version: i64,
    /// Why; of what was never handed in, nothing needs to be said.
    #[serde(default)]
    reason: String,
    /// The first day on which it holds no more; today where nothing is said.
    #[serde(default)]
    ended_on: Option<NaiveDate>,
}

/// Takes a notification back, or gives up what was accepted.
#[utoipa::path(post, path = "/api/filings/{id}/withdraw", params(("id" = FilingId, Path)),
    request_body = WithdrawWish, tag = "filing",
    responses((status = 200, body = FilingWhole), (status = "default", body = Problem)))]
async fn withdraw_filing(
    State(app): State<App>,
    caller: Caller,
    At(id): At<FilingId>,
    Body(wish): Body<WithdrawWish>,
) -> Result<Json<FilingWhole>, Problem> {
    let WithdrawWish { version, reason, ended_on } = wish;
    let done = filings::withdraw(&app, &caller.actor, id, version, &reason, ended_on).await?;
    Ok(Json(done.into()))
}
