//! Published counts beside counts from rows: read by anybody, entered and explained by the prefecture.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Asked, At, Body, Caller};
use super::indicators::{KeptJson, Look, is_csv};
use super::json::Items;
use super::pages::{self, InLanguage};
use super::problem::Problem;
use crate::actions::{App, Error, reconcile};
use crate::format::Lang;
use crate::format::page::Page;
use crate::format::pages::reconciliation;
use crate::format::report::indicators::Reconciled;
use crate::format::table::{Bom, figures};
use crate::model::PublishedId;
use crate::model::indicator::PublishedCount;
use crate::model::register::Criterion;

/// The routes of the reconciliation.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_reconciliation))
        .routes(routes!(reconciliation_csv))
        .routes(routes!(add_count))
        .routes(routes!(add_counts))
        .routes(routes!(explain))
}

/// Of what.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct OfPrefecture {
    /// Of one prefecture only: its two digits.
    prefecture: Option<String>,
}

/// Published counts, each beside what the rows of the register say of the same day.
#[utoipa::path(get, path = "/api/reconciliation", params(OfPrefecture), tag = "register",
    responses((status = 200, body = Items<Reconciled>), (status = "default", body = Problem)))]
async fn get_reconciliation(
    State(app): State<App>,
    Asked(of): Asked<OfPrefecture>,
) -> Result<Json<Items<Reconciled>>, Problem> {
    Ok(Json(Items { items: reconcile::list(&app, of.prefecture.as_deref()).await? }))
}

/// The same as a page.
pub(super) async fn page(
    State(app): State<App>,
    accepted: Lang,
    Asked(query): Asked<InLanguage>,
) -> Result<Response, Problem> {
    let language = query.language(accepted);
    let rows = reconcile::list(&app, None).await?;
    Ok(pages::page(&Page {
        title: language.pick("公表値と名簿の突合", "Published counts and the register").to_owned(),
        language,
        path: Some("/reconciliation".to_owned()),
        body: reconciliation::body(&rows, language),
        embed: false,
    }))
}

/// The same as CSV.
#[utoipa::path(get, path = "/reconciliation.csv", params(InLanguage), tag = "register",
    responses((status = 200, content_type = "text/csv", body = String),
        (status = "default", body = Problem)))]
async fn reconciliation_csv(
    State(app): State<App>,
    accepted: Lang,
    Asked(query): Asked<InLanguage>,
) -> Result<Response, Problem> {
    let rows = reconcile::list(&app, None).await?;
    let table = figures::reconciliation(&rows, query.language(accepted));
    Ok(pages::csv("reconciliation.csv", table.to_csv(Bom::With)))
}

/// A count that somebody published.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewCount {
    /// Of which prefecture: two digits.
    prefecture: String,
    /// Of which criterion.
    criterion: Criterion,
    /// A year, a month or a day, as exactly as its source says.
    #[schema(example = "2025-09-01")]
    period: String,
    /// Whether it stands for the end of a fiscal year.
    #[serde(default)]
    year_end: bool,
    /// How many facilities.
    facilities: i64,
    /// Who says so.
    source: String,
}

/// Enters a published count, or corrects the one of the same time and source.
#[utoipa::path(post, path = "/api/admin/published-counts", request_body = NewCount,
    tag = "register",
    responses((status = 200, body = KeptJson), (status = "default", body = Problem)))]
async fn add_count(
    State(app): State<App>,
    caller: Caller,
    Body(new): Body<NewCount>,
) -> Result<Json<KeptJson>, Problem> {
    let period = new.period.trim().parse().map_err(|()| Error::invalid("/period", "period"))?;
    let count = PublishedCount {
        prefecture: new.prefecture,
        criterion: new.criterion,
        period,
        year_end: new.year_end,
        facilities: new.facilities,
        source: new.source,
    };
    Ok(Json(reconcile::add(&app, &caller.actor, count).await?.into()))
}

/// Enters the counts of a CSV: `prefecture,criterion,period,year_end,facilities,source`, or
/// 都道府県,施設基準,時点,年度末,施設数,出典. All of them or none.
#[utoipa::path(post, path = "/api/admin/published-counts/file", params(Look), tag = "register",
    request_body(content = String, content_type = "text/csv"),
    responses((status = 200, body = KeptJson), (status = "default", body = Problem)))]
async fn add_counts(
    State(app): State<App>,
    caller: Caller,
    Asked(look): Asked<Look>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<KeptJson>, Problem> {
    is_csv(&headers)?;
    Ok(Json(reconcile::add_file(&app, &caller.actor, &body, look.dry_run).await?.into()))
}

/// Why a count differs.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Explanation {
    /// In words; empty to take it back.
    explanation: String,
}

/// Says why a published count differs from the rows.
#[utoipa::path(put, path = "/api/admin/published-counts/{id}/explanation",
    params(("id" = PublishedId, Path)), request_body = Explanation, tag = "register",
    responses((status = 204), (status = "default", body = Problem)))]
async fn explain(
    State(app): State<App>,
    caller: Caller,
    At(id): At<PublishedId>,
    Body(told): Body<Explanation>,
) -> Result<Response, Problem> {
    reconcile::explain(&app, &caller.actor, id, &told.explanation).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
