//! Where a clinic's patients are received, and its named overbooking capacities.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::{At, Body, Caller};
use super::json::Items;
use super::problem::Problem;
use crate::actions::App;
use crate::actions::rooms::{self, Site};
use crate::model::{OverbookingId, RoomId, SiteId};
use crate::store::{OverbookingRow, RoomRow};

/// A place where patients are received.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SiteJson {
    /// Its id.
    id: SiteId,
    /// Its name.
    name: String,
    /// Street address.
    address: String,
    /// Six-digit code of its municipality.
    municipality_code: String,
    /// Telephone.
    telephone: String,
}

/// A room in which patients are received.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Room)]
pub(super) struct RoomJson {
    /// Its id.
    id: RoomId,
    /// Its name.
    name: String,
    /// Where it is.
    site: SiteJson,
}

fn shown(rooms: Vec<RoomRow>) -> Json<Items<RoomJson>> {
    let room = |row: RoomRow| RoomJson {
        id: row.id,
        name: row.name,
        site: SiteJson {
            id: row.site_id,
            name: row.site_name,
            address: row.address,
            municipality_code: row.municipality_code,
            telephone: row.telephone,
        },
    };
    Json(Items { items: rooms.into_iter().map(room).collect() })
}

/// The rooms of the clinic.
#[utoipa::path(get, path = "/api/clinic/rooms", tag = "clinic",
    responses((status = 200, body = Items<RoomJson>), (status = "default", body = Problem)))]
pub(super) async fn list_rooms(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Items<RoomJson>>, Problem> {
    Ok(shown(rooms::rooms(&app, &caller.actor).await?))
}

/// A new place where patients are received.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SiteWish {
    /// Its name.
    name: String,
    /// Street address.
    address: String,
    /// Six-digit code of its municipality.
    municipality_code: String,
    /// Telephone.
    telephone: String,
}

/// A new room.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RoomWish {
    /// Its name.
    name: String,
    /// A place where the clinic has a room already.
    site_id: Option<SiteId>,
    /// Or a new one.
    site: Option<SiteWish>,
}

/// Adds a room; all rooms are answered.
#[utoipa::path(post, path = "/api/clinic/rooms", request_body = RoomWish, tag = "clinic",
    responses((status = 201, body = Items<RoomJson>), (status = "default", body = Problem)))]
pub(super) async fn add_room(
    State(app): State<App>,
    caller: Caller,
    Body(wish): Body<RoomWish>,
) -> Result<(StatusCode, Json<Items<RoomJson>>), Problem> {
    let site = match (wish.site_id, wish.site) {
        (Some(id), None) => Site::Known(id),
        (None, Some(site)) => Site::New {
            name: site.name,
            address: site.address,
            municipality_code: site.municipality_code,
            telephone: site.telephone,
        },
        _ => return Err(crate::actions::Error::invalid("/site", "required").into()),
    };
    let all = rooms::add_room(&app, &caller.actor, site, &wish.name).await?;
    Ok((StatusCode::CREATED, shown(all)))
}

/// A new name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NameWish {
    /// The name that the person saw.
    was: String,
    /// The new one.
    name: String,
}

/// Names a room; all rooms are answered.
#[utoipa::path(put, path = "/api/clinic/rooms/{id}", params(("id" = RoomId, Path)),
    request_body = NameWish, tag = "clinic",
    responses((status = 200, body = Items<RoomJson>), (status = "default", body = Problem)))]
pub(super) async fn name_room(
    State(app): State<App>,
    caller: Caller,
    At(id): At<RoomId>,
    Body(wish): Body<NameWish>,
) -> Result<Json<Items<RoomJson>>, Problem> {
    Ok(shown(rooms::name_room(&app, &caller.actor, id, &wish.was, &wish.name).await?))
}

/// Lets the clinic use a room no more.
#[utoipa::path(delete, path = "/api/clinic/rooms/{id}", params(("id" = RoomId, Path)),
    tag = "clinic", responses((status = 204), (status = "default", body = Problem)))]
pub(super) async fn remove_room(
    State(app): State<App>,
    caller: Caller,
    At(id): At<RoomId>,
) -> Result<StatusCode, Problem> {
    rooms::remove_room(&app, &caller.actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A named capacity beside the ordinary one.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Overbooking)]
pub(super) struct OverbookingJson {
    /// Its id.
    id: OverbookingId,
    /// Its lane in the doctors' time.
    lane: i64,
    /// Its name.
    name: String,
}

fn capacities(all: Vec<OverbookingRow>) -> Json<Items<OverbookingJson>> {
    let one = |row: OverbookingRow| OverbookingJson { id: row.id, lane: row.lane, name: row.name };
    Json(Items { items: all.into_iter().map(one).collect() })
}

/// The clinic's named overbooking capacities.
#[utoipa::path(get, path = "/api/clinic/overbookings", tag = "clinic",
    responses((status = 200, body = Items<OverbookingJson>), (status = "default", body = Problem)))]
pub(super) async fn list_overbookings(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Items<OverbookingJson>>, Problem> {
    Ok(capacities(rooms::overbookings(&app, &caller.actor).await?))
}

/// A new named capacity.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OverbookingWish {
    /// Its name.
    name: String,
}

/// Adds a named capacity; all are answered.
#[utoipa::path(post, path = "/api/clinic/overbookings", request_body = OverbookingWish,
    tag = "clinic",
    responses((status = 201, body = Items<OverbookingJson>), (status = "default", body = Problem)))]
pub(super) async fn add_overbooking(
    State(app): State<App>,
    caller: Caller,
    Body(wish): Body<OverbookingWish>,
) -> Result<(StatusCode, Json<Items<OverbookingJson>>), Problem> {
    let all = rooms::add_overbooking(&app, &caller.actor, &wish.name).await?;
    Ok((StatusCode::CREATED, capacities(all)))
}

/// Names a capacity; all are answered.
#[utoipa::path(put, path = "/api/clinic/overbookings/{id}",
    params(("id" = OverbookingId, Path)), request_body = NameWish, tag = "clinic",
    responses((status = 200, body = Items<OverbookingJson>), (status = "default", body = Problem)))]
pub(super) async fn name_overbooking(
    State(app): State<App>,
    caller: Caller,
    At(id): At<OverbookingId>,
    Body(wish): Body<NameWish>,
) -> Result<Json<Items<OverbookingJson>>, Problem> {
    let all = rooms::name_overbooking(&app, &caller.actor, id, &wish.was, &wish.name).await?;
    Ok(capacities(all))
}

/// Closes a named capacity for new bookings.
#[utoipa::path(delete, path = "/api/clinic/overbookings/{id}",
    params(("id" = OverbookingId, Path)), tag = "clinic",
    responses((status = 204), (status = "default", body = Problem)))]
pub(super) async fn remove_overbooking(
    State(app): State<App>,
    caller: Caller,
    At(id): At<OverbookingId>,
) -> Result<StatusCode, Problem> {
    rooms::remove_overbooking(&app, &caller.actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
