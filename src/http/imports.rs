//! The bureaus' lists: upload, preview, keeping, taking back.

use axum::Json;
use axum::extract::State;
use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Asked, At, Body, Caller, too_large};
use super::json::Items;
use super::problem::Problem;
use crate::actions::imports::drafts::{self, Kind, Thing};
use crate::actions::imports::{self, Upload};
use crate::actions::{App, Error};
use crate::format::Lang;
use crate::model::{DraftId, ImportId};

pub(super) mod json;

use json::{DraftBrief, DraftJson, ImportJson, ImportRows};

/// Rows of one page.
const PAGE: i64 = 50;

/// All but the upload, which may be larger and take longer.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_imports))
        .routes(routes!(get_draft, drop_draft))
        .routes(routes!(list_draft_rows))
        .routes(routes!(draft_errors))
        .routes(routes!(commit_draft))
        .routes(routes!(undo_import))
}

/// The lists that were read into the register, newest first.
#[utoipa::path(get, path = "/api/admin/imports", tag = "register",
    responses((status = 200, body = Items<ImportJson>), (status = "default", body = Problem)))]
pub(super) async fn list_imports(
    State(app): State<App>,
) -> Result<Json<Items<ImportJson>>, Problem> {
    let past = imports::history(&app).await?;
    Ok(Json(Items { items: past.into_iter().map(ImportJson::from).collect() }))
}

/// Files.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form; the handler reads it part by part")]
pub(super) struct ImportForm {
    /// The bureau's list: xlsx or zip. Several may be sent.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// The drafts that wait for somebody's word, newest first.
#[utoipa::path(get, path = "/api/admin/imports/drafts", tag = "register",
    responses((status = 200, body = Items<DraftBrief>), (status = "default", body = Problem)))]
pub(super) async fn list_drafts(
    State(app): State<App>,
) -> Result<Json<Items<DraftBrief>>, Problem> {
    let open = drafts::open(&app).await?;
    Ok(Json(Items { items: open.into_iter().map(DraftBrief::from).collect() }))
}

/// Reads lists and keeps, as a draft, what they would change. The register stays as it is.
#[utoipa::path(post, path = "/api/admin/imports/drafts", tag = "register",
    request_body(content = ImportForm, content_type = "multipart/form-data"),
    responses((status = 200, body = DraftJson), (status = "default", body = Problem)))]
pub(super) async fn add_draft(
    State(app): State<App>,
    caller: Caller,
    language: Lang,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Json<DraftJson>, Problem> {
    let wrong = |_| Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "wrong_media_type");
    let uploads = read_form(form.map_err(wrong)?).await?;
    if uploads.is_empty() {
        return Err(Error::invalid("/file", "required").into());
    }
    let draft = drafts::prepare(&app, &caller.actor, uploads).await?;
    Ok(Json(DraftJson::new(draft, language)))
}

async fn read_form(mut form: Multipart) -> Result<Vec<Upload>, Problem> {
    let bad = |error: axum::extract::multipart::MultipartError| {
        if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
            too_large()
        } else {
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "malformed")
        }
    };
    let mut uploads = Vec::new();
    while let Some(field) = form.next_field().await.map_err(bad)? {
        if field.name() != Some("file") {
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "malformed"));
        }
        let name = field.file_name().unwrap_or("upload").to_owned();
        let bytes = field.bytes().await.map_err(bad)?.to_vec();
        uploads.push(Upload { name, bytes });
    }
    Ok(uploads)
}

/// What a draft would change, in figures.
#[utoipa::path(get, path = "/api/admin/imports/drafts/{id}", tag = "register",
    params(("id" = DraftId, Path)),
    responses((status = 200, body = DraftJson), (status = "default", body = Problem)))]
pub(super) async fn get_draft(
    State(app): State<App>,
    language: Lang,
    At(id): At<DraftId>,
) -> Result<Json<DraftJson>, Problem> {
    Ok(Json(DraftJson::new(drafts::get(&app, id).await?, language)))
}

/// Forgets a draft.
#[utoipa::path(delete, path = "/api/admin/imports/drafts/{id}", tag = "register",
    params(("id" = DraftId, Path)),
    responses((status = 204), (status = "default", body = Problem)))]
pub(super) async fn drop_draft(
    State(app): State<App>,
    caller: Caller,
    At(id): At<DraftId>,
) -> Result<StatusCode, Problem> {
    drafts::discard(&app, &caller.actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Which rows.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct RowsQuery {
    /// The list's place in the draft.
    list: i64,
    /// Of institutions or of notifications.
    #[param(inline)]
    thing: Thing,
    /// What becomes of them.
    #[param(inline)]
    kind: Kind,
    /// The page, from 1.
    page: Option<i64>,
}

/// Rows of a draft, a page at a time.
#[utoipa::path(get, path = "/api/admin/imports/drafts/{id}/rows", tag = "register",
    params(("id" = DraftId, Path), RowsQuery),
    responses((status = 200, body = ImportRows), (status = "default", body = Problem)))]
pub(super) async fn list_draft_rows(
    State(app): State<App>,
    language: Lang,
    At(id): At<DraftId>,
    Asked(query): Asked<RowsQuery>,
) -> Result<Json<ImportRows>, Problem> {
    let page = query.page.unwrap_or(1).clamp(1, 1_000_000);
    let asked = (query.thing, query.kind);
    // One more than a page, to know whether another follows.
    let range = ((page - 1) * PAGE, PAGE + 1);
    let rows = drafts::rows(&app, (id, query.list), asked, range).await?;
    Ok(Json(ImportRows::new(rows, page, PAGE, language)))
}

/// The language of a file that a link asks for: the page's, which need not be the browser's.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct FileQuery {
    /// `ja` or `en`; else the browser's.
    lang: Option<String>,
}

/// The rows that an error left out or a warning is about, as a workbook with the reasons.
#[utoipa::path(get, path = "/api/admin/imports/drafts/{id}/errors.xlsx", tag = "register",
    params(("id" = DraftId, Path), FileQuery),
    responses((status = 200, body = Vec<u8>,
        content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (status = "default", body = Problem)))]
pub(super) async fn draft_errors(
    State(app): State<App>,
    accepted: Lang,
    At(id): At<DraftId>,
    Asked(query): Asked<FileQuery>,
) -> Result<Response, Problem> {
    let language = match query.lang.as_deref() {
        Some("en") => Lang::En,
        Some("ja") => Lang::Ja,
        _ => accepted,
    };
    let bytes = drafts::workbook(&app, id, language).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"import-errors.xlsx\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, bytes).into_response())
}

/// A word for a draft.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CommitDraft {
    /// Keep it although more than 5 % of something are gone.
    #[serde(default)]
    confirm_drop: bool,
}

/// Keeps a draft: in one transaction, as it was shown.
#[utoipa::path(post, path = "/api/admin/imports/drafts/{id}/commit", tag = "register",
    params(("id" = DraftId, Path)), request_body = CommitDraft,
    responses((status = 200, body = DraftJson), (status = "default", body = Problem)))]
pub(super) async fn commit_draft(
    State(app): State<App>,
    caller: Caller,
    language: Lang,
    At(id): At<DraftId>,
    Body(body): Body<CommitDraft>,
) -> Result<Json<DraftJson>, Problem> {
    let draft = drafts::commit(&app, &caller.actor, id, body.confirm_drop).await?;
    Ok(Json(DraftJson::new(draft, language)))
}

/// Takes the newest import of a prefecture back.
#[utoipa::path(post, path = "/api/admin/imports/{id}/undo", tag = "register",
    params(("id" = ImportId, Path)),
    responses((status = 200, body = Items<ImportJson>), (status = "default", body = Problem)))]
pub(super) async fn undo_import(
    State(app): State<App>,
    caller: Caller,
    At(id): At<ImportId>,
) -> Result<Json<Items<ImportJson>>, Problem> {
    imports::undo(&app, &caller.actor, id).await?;
    let past = imports::history(&app).await?;
    Ok(Json(Items { items: past.into_iter().map(ImportJson::from).collect() }))
}
