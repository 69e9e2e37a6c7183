//! Indicators of the plan: read by anybody, entered by the prefecture.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Asked, At, Body, Caller};
use super::json::Items;
use super::pages::{self, InLanguage};
use super::problem::Problem;
use crate::actions::indicators::{self, Written};
use crate::actions::{App, indicators as actions};
use crate::format::Lang;
use crate::format::report::indicators::IndicatorReport;
use crate::format::table::{Bom, figures};
use crate::model::FigureId;

/// The routes of indicators.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_indicators))
        .routes(routes!(indicators_csv))
        .routes(routes!(add_value))
        .routes(routes!(add_values))
        .routes(routes!(retract_value))
}

/// Indicators of the medical care plan, with their values.
#[utoipa::path(get, path = "/api/indicators", tag = "register",
    responses((status = 200, body = Items<IndicatorReport>), (status = "default", body = Problem)))]
async fn get_indicators(State(app): State<App>) -> Result<Json<Items<IndicatorReport>>, Problem> {
    Ok(Json(Items { items: actions::list(&app).await? }))
}

/// The same as CSV, in the form in which values are brought.
#[utoipa::path(get, path = "/indicators.csv", params(InLanguage), tag = "register",
    responses((status = 200, content_type = "text/csv", body = String),
        (status = "default", body = Problem)))]
async fn indicators_csv(
    State(app): State<App>,
    accepted: Lang,
    Asked(query): Asked<InLanguage>,
) -> Result<Response, Problem> {
    let table = figures::indicators(&actions::list(&app).await?, query.language(accepted));
    Ok(pages::csv("indicators.csv", table.to_csv(Bom::With)))
}

/// A value of a survey.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewValue {
    /// Of which indicator.
    key: String,
    /// A year, a month or a day, as exactly as its source says: `2026`, `2026-03`, `2026-03-01`.
    #[schema(example = "2026-03")]
    period: String,
    /// Whether it was projected and not counted.
    #[serde(default)]
    projection: bool,
    /// In the indicator's unit, with three decimals at most.
    #[schema(example = "70.0")]
    value: String,
    /// The part of a share.
    numerator: Option<i64>,
    /// The whole of a share.
    denominator: Option<i64>,
    /// Who says so.
    source: String,
}

/// What came of values that were brought.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FiguresKept)]
pub(super) struct KeptJson {
    /// Nothing like them was known.
    new: usize,
    /// They correct what was known.
    changed: usize,
    /// They were known already.
    unchanged: usize,
}

impl From<indicators::Kept> for KeptJson {
    fn from(kept: indicators::Kept) -> Self {
        Self { new: kept.new, changed: kept.changed, unchanged: kept.unchanged }
    }
}

/// Enters a value, or corrects the one of the same indicator, time and source.
#[utoipa::path(post, path = "/api/admin/indicators", request_body = NewValue, tag = "register",
    responses((status = 200, body = KeptJson), (status = "default", body = Problem)))]
async fn add_value(
    State(app): State<App>,
    caller: Caller,
    Body(new): Body<NewValue>,
) -> Result<Json<KeptJson>, Problem> {
    let written = Written {
        key: new.key,
        period: new.period,
        projection: new.projection,
        value: new.value,
        fraction: (new.numerator, new.denominator),
        source: new.source,
    };
    Ok(Json(actions::add(&app, &caller.actor, &written).await?.into()))
}

/// Whether to look only.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Look {
    /// Say what would come of it, and keep nothing.
    #[serde(default)]
    pub(super) dry_run: bool,
}

/// Enters the values of a CSV: `key,period,projection,value,numerator,denominator,source`, or
/// 指標,時点,推計,値,分子,分母,出典. All of them or none; each fault names its row and column.
#[utoipa::path(post, path = "/api/admin/indicators/file", params(Look), tag = "register",
    request_body(content = String, content_type = "text/csv"),
    responses((status = 200, body = KeptJson), (status = "default", body = Problem)))]
async fn add_values(
    State(app): State<App>,
    caller: Caller,
    Asked(look): Asked<Look>,
    headers: axum::http::HeaderMap,
    body: Bytes,
) -> Result<Json<KeptJson>, Problem> {
    is_csv(&headers)?;
    Ok(Json(actions::add_file(&app, &caller.actor, &body, look.dry_run).await?.into()))
}

/// That a body is said to be CSV.
pub(super) fn is_csv(headers: &axum::http::HeaderMap) -> Result<(), Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
    if kind.eq_ignore_ascii_case("text/csv") {
        return Ok(());
    }
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "wrong_media_type"))
}

/// Takes a value back.
#[utoipa::path(delete, path = "/api/admin/indicators/{id}", params(("id" = FigureId, Path)),
    tag = "register", responses((status = 204), (status = "default", body = Problem)))]
async fn retract_value(
    State(app): State<App>,
    caller: Caller,
    At(id): At<FigureId>,
) -> Result<Response, Problem> {
    actions::retract(&app, &caller.actor, id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
