//! Calendars of other programs: a doctor's busy times in, from files and from addresses.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::calendars::file;
use super::clinic::WhoseQuery;
use super::extract::{Asked, At, Body, Caller};
use super::json::Items;
use super::problem::Problem;
use super::words;
use crate::actions::{App, outside};
use crate::format::Lang;
use crate::model::{ClinicianId, OutsideId};

/// What was left out of a calendar.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LeftOut {
    /// How many entries.
    count: usize,
    /// The first of them: 1 is the first entry of the file.
    first: usize,
}

/// What went wrong the last time that a calendar was read at its address.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OutsideFailure {
    /// A stable code.
    code: String,
    /// The same in words.
    detail: String,
}

/// Where a calendar is read, by itself every quarter of an hour, and how that goes.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OutsideAddress {
    /// Its host. The rest is told to nobody: it may be a secret.
    host: String,
    /// When it was last asked, whether or not it answered.
    tried_at: DateTime<Utc>,
    /// When it is asked next, unless somebody books before.
    due_at: DateTime<Utc>,
    /// How often it failed since it last went well.
    failures: i64,
    /// What went wrong the last time.
    failure: Option<OutsideFailure>,
    /// When what is known is too old to offer the doctor's times by.
    fresh_until: DateTime<Utc>,
    /// Whether it is: then the doctor has no free times until it is read, or taken away.
    stale: bool,
}

impl OutsideAddress {
    fn of(address: outside::Address, language: Lang) -> Self {
        let outside::Address { host, tried_at, due_at, failures, failure, fresh_until, stale } =
            address;
        let failure = failure.map(|code| {
            let detail = words::field("/url", &code, language);
            OutsideFailure { code, detail }
        });
        Self { host, tried_at, due_at, failures, failure, fresh_until, stale }
    }
}

/// A doctor's calendar elsewhere.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OutsideCalendar)]
pub(super) struct OutsideJson {
    /// Its id.
    id: OutsideId,
    /// As of when its times are.
    fetched_at: DateTime<Utc>,
    /// Until when they were followed; later times are not known, and not offered.
    known_until: DateTime<Utc>,
    /// How many entries it had.
    entries: i64,
    /// What was left out, by the reason's code: `cancelled`, `transparent`, `no_length`,
    /// `no_start`, `bad_end`, `bad_rule`, `bad_date`, `unknown_zone`, `later_too`.
    ignored: BTreeMap<String, LeftOut>,
    /// Where it is read again; nothing of one that came as a file.
    address: Option<OutsideAddress>,
}

impl OutsideJson {
    fn of(one: outside::Outside, language: Lang) -> Self {
        let left_out = |(count, first)| LeftOut { count, first };
        let ignored = one.ignored.into_iter().map(|(why, what)| (why, left_out(what))).collect();
        let address = one.address.map(|address| OutsideAddress::of(address, language));
        let outside::Outside { id, fetched_at, known_until, entries, .. } = one;
        Self { id, fetched_at, known_until, entries, ignored, address }
    }
}

/// A doctor's calendars elsewhere.
#[utoipa::path(get, path = "/api/clinic/outside", params(WhoseQuery), tag = "calendars",
    responses((status = 200, body = Items<OutsideJson>), (status = "default", body = Problem)))]
pub(super) async fn list_outside(
    State(app): State<App>,
    caller: Caller,
    language: Lang,
    Asked(query): Asked<WhoseQuery>,
) -> Result<Json<Items<OutsideJson>>, Problem> {
    let found = outside::list(&app, &caller.actor, query.clinician).await?;
    let items = found.into_iter().map(|one| OutsideJson::of(one, language)).collect();
    Ok(Json(Items { items }))
}

/// Whose calendar is read.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct OutsideQuery {
    /// The doctor.
    clinician: ClinicianId,
    /// The calendar whose times this one replaces.
    replaces: Option<OutsideId>,
}

/// Takes a doctor's busy times from a calendar's file. Titles and people are not kept.
#[utoipa::path(post, path = "/api/clinic/outside", params(OutsideQuery), tag = "calendars",
    request_body(content = String, content_type = "text/calendar"),
    responses((status = 201, body = OutsideJson), (status = "default", body = Problem)))]
pub(super) async fn add_outside(
    State(app): State<App>,
    caller: Caller,
    language: Lang,
    Asked(query): Asked<OutsideQuery>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<OutsideJson>), Problem> {
    let file = file(&headers, body)?;
    let added = outside::add(&app, &caller.actor, query.clinician, query.replaces, file).await?;
    Ok((StatusCode::CREATED, Json(OutsideJson::of(added, language))))
}

/// A calendar that is to be read at its address.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OutsideWish {
    /// Whose time it takes.
    clinician_id: ClinicianId,
    /// Where it is, by https (or webcal, which is the same).
    url: String,
}

/// Reads a doctor's busy times at an address, now and from now on. The address must answer with a
/// calendar. It may hold a secret: it is kept sealed, and only its host is shown.
#[utoipa::path(post, path = "/api/clinic/outside/addresses", request_body = OutsideWish,
    tag = "calendars",
    responses((status = 201, body = OutsideJson), (status = "default", body = Problem)))]
pub(super) async fn add_outside_address(
    State(app): State<App>,
    caller: Caller,
    language: Lang,
    Body(wish): Body<OutsideWish>,
) -> Result<(StatusCode, Json<OutsideJson>), Problem> {
    let added = outside::add_address(&app, &caller.actor, wish.clinician_id, &wish.url).await?;
    Ok((StatusCode::CREATED, Json(OutsideJson::of(added, language))))
}

/// Reads a calendar at its address now; how that went is in `address`.
#[utoipa::path(post, path = "/api/clinic/outside/{id}/fetch", params(("id" = OutsideId, Path)),
    tag = "calendars",
    responses((status = 200, body = OutsideJson), (status = "default", body = Problem)))]
pub(super) async fn fetch_outside(
    State(app): State<App>,
    caller: Caller,
    language: Lang,
    At(id): At<OutsideId>,
) -> Result<Json<OutsideJson>, Problem> {
    let read = outside::fetch_now(&app, &caller.actor, id).await?;
    Ok(Json(OutsideJson::of(read, language)))
}

/// Forgets a calendar elsewhere: its times are free again.
#[utoipa::path(delete, path = "/api/clinic/outside/{id}", params(("id" = OutsideId, Path)),
    tag = "calendars", responses((status = 204), (status = "default", body = Problem)))]
pub(super) async fn remove_outside(
    State(app): State<App>,
    caller: Caller,
    At(id): At<OutsideId>,
) -> Result<StatusCode, Problem> {
    outside::remove(&app, &caller.actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
