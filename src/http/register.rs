//! The upload of a bureau's list, and the lists so far.

use axum::Json;
use axum::extract::State;
use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::http::StatusCode;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::extract::{Caller, too_large};
use super::json::Items;
use super::problem::Problem;
use crate::actions::register::{self, Upload};
use crate::actions::{App, Error};
use crate::engine::import::Tally;
use crate::format::report::FileReport;
use crate::format::seeds;
use crate::model::ImportId;

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
