//! Calendars of other programs: feeds that they read, hours in and out, busy times out.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::clinic::WhoseQuery;
use super::extract::{Address, Asked, At, Body, Caller, too_large};
use super::json::Items;
use super::problem::Problem;
use crate::actions::feeds::{self, NewFeed};
use crate::actions::hours::edit::Stretch;
use crate::actions::{App, Error};
use crate::format::{Lang, ical};
use crate::model::{ClinicianId, FeedId};
use crate::seal::token::Token;
use crate::store::FeedRow;

/// An address at which a calendar program reads visits.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Feed)]
pub(super) struct FeedJson {
    /// Its id.
    id: FeedId,
    /// In which language it speaks.
    language: String,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When a program last read it.
    read_at: Option<DateTime<Utc>>,
    /// The address itself, told once: whoever has it sees when visits are.
    address: Option<String>,
}

impl From<FeedRow> for FeedJson {
    fn from(row: FeedRow) -> Self {
        let FeedRow { id, language, created_at, read_at, .. } = row;
        Self { id, language, created_at, read_at, address: None }
    }
}

impl From<NewFeed> for FeedJson {
    fn from(new: NewFeed) -> Self {
        Self { address: Some(new.address), ..Self::from(new.row) }
    }
}

fn listed(rows: Vec<FeedRow>) -> Json<Items<FeedJson>> {
    Json(Items { items: rows.into_iter().map(FeedJson::from).collect() })
}

fn document(text: String) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, ical::MEDIA_TYPE),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"onshin.ics\""),
    ];
    (headers, text)
}

/// The calendar behind an address. The secret is its last part, because a calendar program can
/// send nothing else; the log has only the route.
#[utoipa::path(get, path = "/calendars/{file}", params(("file" = String, Path)), tag = "calendars",
    responses((status = 200, content_type = "text/calendar", body = String),
        (status = "default", body = Problem)))]
pub(super) async fn read_feed(
    State(app): State<App>,
    Address(address): Address,
    At(file): At<String>,
) -> Result<impl IntoResponse, Problem> {
    let secret = file.strip_suffix(".ics").and_then(Token::presented).ok_or(Error::NotFound)?;
    Ok(document(feeds::read(&app, &secret, address).await?))
}

/// The feeds of this browser's visits.
#[utoipa::path(get, path = "/api/feeds", tag = "calendars",
    responses((status = 200, body = Items<FeedJson>), (status = "default", body = Problem)))]
pub(super) async fn list_my_feeds(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Items<FeedJson>>, Problem> {
    Ok(listed(feeds::mine(&app, &caller.actor).await?))
}

/// Makes a feed of the visits that this browser opened, and those that it opens later.
#[utoipa::path(post, path = "/api/feeds", tag = "calendars",
    responses((status = 201, body = FeedJson), (status = "default", body = Problem)))]
pub(super) async fn add_my_feed(
    State(app): State<App>,
    caller: Caller,
    language: Lang,
) -> Result<(StatusCode, Json<FeedJson>), Problem> {
    let feed = feeds::add_mine(&app, &caller.actor, language).await?;
    Ok((StatusCode::CREATED, Json(feed.into())))
}

/// Ends a feed that this browser made.
#[utoipa::path(delete, path = "/api/feeds/{id}", params(("id" = FeedId, Path)), tag = "calendars",
    responses((status = 204), (status = "default", body = Problem)))]
pub(super) async fn revoke_my_feed(
    State(app): State<App>,
    caller: Caller,
    At(id): At<FeedId>,
) -> Result<StatusCode, Problem> {
    feeds::revoke_mine(&app, &caller.actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A doctor's feeds.
#[utoipa::path(get, path = "/api/clinic/feeds", params(WhoseQuery), tag = "calendars",
    responses((status = 200, body = Items<FeedJson>), (status = "default", body = Problem)))]
pub(super) async fn list_feeds(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<WhoseQuery>,
) -> Result<Json<Items<FeedJson>>, Problem> {
    Ok(listed(feeds::of_clinician(&app, &caller.actor, query.clinician).await?))
}

/// A feed that is to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FeedWish {
    /// Whose visits.
    clinician_id: ClinicianId,
}

/// Makes a feed of a doctor's visits.
#[utoipa::path(post, path = "/api/clinic/feeds", request_body = FeedWish, tag = "calendars",
    responses((status = 201, body = FeedJson), (status = "default", body = Problem)))]
pub(super) async fn add_feed(
    State(app): State<App>,
    caller: Caller,
    language: Lang,
    Body(wish): Body<FeedWish>,
) -> Result<(StatusCode, Json<FeedJson>), Problem> {
    let made = feeds::add_for_clinician(&app, &caller.actor, wish.clinician_id, language);
    Ok((StatusCode::CREATED, Json(made.await?.into())))
}

/// Ends a doctor's feed.
#[utoipa::path(delete, path = "/api/clinic/feeds/{id}", params(("id" = FeedId, Path)),
    tag = "calendars", responses((status = 204), (status = "default", body = Problem)))]
pub(super) async fn revoke_feed(
    State(app): State<App>,
    caller: Caller,
    At(id): At<FeedId>,
) -> Result<StatusCode, Problem> {
    feeds::revoke_for_clinician(&app, &caller.actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// When a doctor is busy, as a calendar.
#[utoipa::path(get, path = "/api/clinic/freebusy.ics", params(WhoseQuery), tag = "calendars",
    responses((status = 200, content_type = "text/calendar", body = String),
        (status = "default", body = Problem)))]
pub(super) async fn get_freebusy(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<WhoseQuery>,
) -> Result<impl IntoResponse, Problem> {
    Ok(document(feeds::freebusy(&app, &caller.actor, query.clinician).await?))
}

/// A doctor's hours, as a calendar.
#[utoipa::path(get, path = "/api/clinic/hours.ics", params(WhoseQuery), tag = "calendars",
    responses((status = 200, content_type = "text/calendar", body = String),
        (status = "default", body = Problem)))]
pub(super) async fn get_hours_file(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<WhoseQuery>,
) -> Result<impl IntoResponse, Problem> {
    Ok(document(feeds::hours(&app, &caller.actor, query.clinician).await?))
}

/// A calendar's file as it was sent.
pub(super) fn file(
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Vec<u8>, Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("text/calendar") {
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "wrong_media_type"));
    }
    Ok(body.map_err(|_| too_large())?.to_vec())
}

/// A date whose hours differ.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OtherDate {
    /// The local date.
    date: NaiveDate,
    /// Its hours, in minutes of the day; none where it is closed.
    open: Vec<(u16, u16)>,
}

/// What a file's hours would be.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HoursPreview {
    /// The weekly hours, as they can be put.
    hours: Vec<Stretch>,
    /// The dates that differ, as they can be added.
    exceptions: Vec<OtherDate>,
}

/// Reads hours from a file, for the form to show; nothing is changed.
#[utoipa::path(post, path = "/api/clinic/hours.ics", params(WhoseQuery), tag = "calendars",
    request_body(content = String, content_type = "text/calendar"),
    responses((status = 200, body = HoursPreview), (status = "default", body = Problem)))]
pub(super) async fn preview_hours(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<WhoseQuery>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<HoursPreview>, Problem> {
    let file = file(&headers, body)?;
    let read = feeds::preview_hours(&app, &caller.actor, query.clinician, file).await?;
    let other = |other: ical::hours::OtherDay| OtherDate { date: other.date, open: other.open };
    Ok(Json(HoursPreview {
        hours: read.hours.into_iter().map(Stretch::from).collect(),
        exceptions: read.others.into_iter().map(other).collect(),
    }))
}
