//! The published series, counts from the lists, and the upload of a list.

use axum::Json;
use axum::extract::State;
use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::extract::{Asked, At, Caller, too_large};
use super::json::Items;
use super::problem::Problem;
use crate::actions::register::{self, Upload};
use crate::actions::{App, Error};
use crate::engine::counts::By;
use crate::engine::import::Tally;
use crate::format::chart::series;
use crate::format::report::FileReport;
use crate::format::report::published::{self, CountsReport, IndicatorReport, SeriesReport};
use crate::format::table::{self, Bom};
use crate::format::{Lang, seeds};
use crate::model::ImportId;

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
    let counted = register::count(&app, query.by, query.prefecture.as_deref()).await?;
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
    let counted = register::count(&app, by, query.prefecture.as_deref()).await?;
    match kind {
        "svg" => Ok(file(SVG, &name, counted.drawing(by, language))),
        "csv" => {
            let table = table::counts::counts(&counted.counts, by, language);
            Ok(file(CSV, &name, table.to_csv(Bom::With)))
        }
        _ => Err(Error::NotFound.into()),
    }
}

/// A list that was read.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Import)]
pub(super) struct ImportJson {
    /// Its id.
    id: ImportId,
    /// The prefecture's two digits.
    prefecture_code: String,
    /// The prefecture's name.
    prefecture: String,
    /// The day whose state the list shows.
    as_of: NaiveDate,
    /// The file.
    file: String,
    /// SHA-256 of the file.
    sha256: String,
    /// When it was read.
    imported_at: DateTime<Utc>,
    /// What was read, in figures.
    report: Value,
}

/// The lists that were read, newest first.
#[utoipa::path(get, path = "/api/admin/imports", tag = "register",
    responses((status = 200, body = Items<ImportJson>), (status = "default", body = Problem)))]
pub(super) async fn list_imports(
    State(app): State<App>,
) -> Result<Json<Items<ImportJson>>, Problem> {
    let rows = register::imports(&app).await?.into_iter();
    let items = rows.map(|row| ImportJson {
        prefecture: seeds::prefecture(&row.prefecture_code).unwrap_or_default().to_owned(),
        id: row.id,
        prefecture_code: row.prefecture_code,
        as_of: row.as_of,
        file: row.file,
        sha256: row.sha256,
        imported_at: row.imported_at,
        report: serde_json::from_str(&row.report).unwrap_or_default(),
    });
    Ok(Json(Items { items: items.collect() }))
}

/// A file, and whether to look only.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form; the handler reads it part by part")]
pub(super) struct ImportForm {
    /// The bureau's list: xlsx or zip.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// Whether to look only and keep nothing.
    dry_run: Option<bool>,
}

/// What an import did, or would do.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ImportDone {
    /// Whether anything was kept.
    imported: bool,
    /// Whether the register has it all already.
    unchanged: bool,
    /// What was read, in figures.
    files: Vec<FileReport>,
    /// What the institutions gained and lost.
    institutions: Tally,
    /// What the notifications gained and lost.
    notifications: Tally,
}

/// Reads a list.
#[utoipa::path(post, path = "/api/admin/imports", tag = "register",
    request_body(content = ImportForm, content_type = "multipart/form-data"),
    responses((status = 200, body = ImportDone), (status = "default", body = Problem)))]
pub(super) async fn import_list(
    State(app): State<App>,
    caller: Caller,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Json<ImportDone>, Problem> {
    let wrong = |_| Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "wrong_media_type");
    let form = form.map_err(wrong)?;
    let (uploads, dry_run) = read_form(form).await?;
    if uploads.is_empty() {
        return Err(Error::invalid("/file", "required").into());
    }
    let done = register::import(&app, &caller.actor, uploads, dry_run).await?;
    let gained = done.notifications;
    let changes = gained.new + gained.changed + gained.lapsed;
    let others = done.institutions;
    let other_changes = others.new + others.changed + others.lapsed;
    Ok(Json(ImportDone {
        imported: done.written,
        unchanged: changes + other_changes == 0,
        files: done.files,
        institutions: others,
        notifications: gained,
    }))
}

async fn read_form(mut form: Multipart) -> Result<(Vec<Upload>, bool), Problem> {
    let bad = |error: axum::extract::multipart::MultipartError| {
        if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
            too_large()
        } else {
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "malformed")
        }
    };
    let (mut uploads, mut dry_run) = (Vec::new(), false);
    while let Some(field) = form.next_field().await.map_err(bad)? {
        match field.name() {
            Some("file") => {
                let name = field.file_name().unwrap_or("upload").to_owned();
                let bytes = field.bytes().await.map_err(bad)?.to_vec();
                uploads.push(Upload { name, bytes });
            }
            Some("dry_run") => dry_run = field.text().await.map_err(bad)? == "true",
            _ => return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "malformed")),
        }
    }
    Ok((uploads, dry_run))
}
