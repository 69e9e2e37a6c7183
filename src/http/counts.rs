//! The published series, and counts from the lists.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Asked, At};
use super::json::Items;
use super::problem::Problem;
use crate::actions::{App, Error, counts};
use crate::engine::counts::By;
use crate::format::chart::series;
use crate::format::report::published::{self, CountsReport, IndicatorReport, SeriesReport};
use crate::format::table::{self, Bom};
use crate::format::{Lang, seeds};

/// The published series, the counts, and both as files.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_series))
        .routes(routes!(get_indicators))
        .routes(routes!(get_counts))
        .routes(routes!(series_svg))
        .routes(routes!(series_csv))
        .routes(routes!(counts_file))
}

/// The published series, with its break.
#[utoipa::path(get, path = "/api/series", tag = "register",
    responses((status = 200, body = SeriesReport), (status = "default", body = Problem)))]
pub(super) async fn get_series(language: Lang) -> Json<SeriesReport> {
    Json(published::series(seeds::series(), language))
}

/// Indicators of the medical care plan.
#[utoipa::path(get, path = "/api/indicators", tag = "register",
    responses((status = 200, body = Items<IndicatorReport>), (status = "default", body = Problem)))]
pub(super) async fn get_indicators() -> Json<Items<IndicatorReport>> {
    Json(Items { items: published::indicators(seeds::indicators()) })
}

/// Of what, divided how.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct CountsQuery {
    /// How they are divided.
    by: By,
    /// Of one prefecture only: its two digits.
    prefecture: Option<String>,
}

/// Facilities accepted for online care, by the last lists.
#[utoipa::path(get, path = "/api/counts", params(CountsQuery), tag = "register",
    responses((status = 200, body = CountsReport), (status = "default", body = Problem)))]
pub(super) async fn get_counts(
    State(app): State<App>,
    language: Lang,
    Asked(query): Asked<CountsQuery>,
) -> Result<Json<CountsReport>, Problem> {
    let counted = counts::count(&app, query.by, query.prefecture.as_deref()).await?;
    Ok(Json(published::counts(&counted.counts, query.by, counted.as_of, language)))
}

/// The language of a drawing or table.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct FileQuery {
    /// `ja` or `en`; else the browser's.
    lang: Option<String>,
    /// Of one prefecture only: its two digits.
    prefecture: Option<String>,
}

impl FileQuery {
    fn language(&self, accepted: Lang) -> Lang {
        match self.lang.as_deref() {
            Some("en") => Lang::En,
            Some("ja") => Lang::Ja,
            _ => accepted,
        }
    }
}

fn file(kind: &'static str, name: &str, text: String) -> Response {
    let disposition = if kind.starts_with("text/csv") {
        format!("attachment; filename=\"{name}\"")
    } else {
        "inline".to_owned()
    };
    let headers: [(HeaderName, String); 3] = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, "no-cache".to_owned()),
    ];
    (headers, text).into_response()
}

const SVG: &str = "image/svg+xml; charset=utf-8";
const CSV: &str = "text/csv; charset=utf-8";

/// The published series as a drawing.
#[utoipa::path(get, path = "/counts/series.svg", params(FileQuery), tag = "register",
    responses((status = 200, content_type = "image/svg+xml", body = String)))]
pub(super) async fn series_svg(accepted: Lang, Asked(query): Asked<FileQuery>) -> Response {
    let language = query.language(accepted);
    let words = series::Words::published(language);
    file(SVG, "series.svg", series::svg(seeds::series(), &words, language))
}

/// The published series as CSV.
#[utoipa::path(get, path = "/counts/series.csv", params(FileQuery), tag = "register",
    responses((status = 200, content_type = "text/csv", body = String)))]
pub(super) async fn series_csv(accepted: Lang, Asked(query): Asked<FileQuery>) -> Response {
    let table = table::counts::series(seeds::series(), query.language(accepted));
    file(CSV, "series.csv", table.to_csv(Bom::With))
}

/// Counts by the last lists, as a drawing or as CSV: `prefecture.svg`, `municipality.csv`,
/// `kind.svg` and so on.
#[utoipa::path(get, path = "/counts/by/{file}", params(("file" = String, Path), FileQuery),
    tag = "register",
    responses((status = 200, body = String), (status = "default", body = Problem)))]
pub(super) async fn counts_file(
    State(app): State<App>,
    accepted: Lang,
    At(name): At<String>,
    Asked(query): Asked<FileQuery>,
) -> Result<Response, Problem> {
    let (by, kind) = name.split_once('.').ok_or(Error::NotFound)?;
    let by: By = by.parse().map_err(|_| Error::NotFound)?;
    let language = query.language(accepted);
    let counted = counts::count(&app, by, query.prefecture.as_deref()).await?;
    match kind {
        "svg" => Ok(file(SVG, &name, counted.drawing(by, language))),
        "csv" => {
            let table = table::counts::counts(&counted.counts, by, language);
            Ok(file(CSV, &name, table.to_csv(Bom::With)))
        }
        _ => Err(Error::NotFound.into()),
    }
}
