//! Reception facilities (オンライン診療受診施設): for who runs them, for clinics, for everybody.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{self, At, Body, Caller};
use super::json::Items;
use super::problem::Problem;
use crate::actions::App;
use crate::actions::clearance::street;
use crate::actions::reception::{self, Asked, Place};
use crate::model::filing::{Reception, ReceptionKind};
use crate::model::{AccountId, FacilityId, RoomId, SiteId};
use crate::store::LinkRow;

/// The routes of reception facilities.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_public))
        .routes(routes!(list_sites, add_site))
        .routes(routes!(put_site))
        .routes(routes!(add_site_room))
        .routes(routes!(remove_site_room))
        .routes(routes!(ask_facility))
        .routes(routes!(unlink_facility))
        .routes(routes!(list_asked))
        .routes(routes!(confirm_site, leave_site))
}

/// A reception facility.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReceptionSite)]
pub(super) struct SiteJson {
    /// Its id.
    id: SiteId,
    /// 設置者.
    operator_name: String,
    /// Its name.
    name: String,
    /// What kind of place it is.
    kind: ReceptionKind,
    /// Street address; of a vehicle, where it is kept.
    address: String,
    /// Six digits.
    municipality_code: String,
    /// Telephone.
    telephone: String,
    /// Whom to call at any hour.
    contact_24h: String,
    /// In yen, apart from the price of care.
    usage_fee: i64,
    /// When it is open, in words.
    open_hours: String,
    /// Whether a nurse helps there.
    has_nurse: bool,
    /// To be named when it is changed.
    version: i64,
}

impl From<Reception> for SiteJson {
    fn from(site: Reception) -> Self {
        Self {
            id: site.id,
            operator_name: site.operator_name,
            name: site.name,
            kind: site.kind,
            address: site.address,
            municipality_code: site.municipality,
            telephone: site.telephone,
            contact_24h: site.contact_24h,
            usage_fee: site.usage_fee,
            open_hours: site.open_hours,
            has_nurse: site.has_nurse,
            version: site.version,
        }
    }
}

/// The bond between a reception facility and a clinic.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReceptionLink)]
pub(super) struct LinkJson {
    /// The clinic.
    facility_id: FacilityId,
    /// Its name.
    facility_name: String,
    /// When it was asked.
    asked_at: DateTime<Utc>,
    /// When it said that the place is fit.
    confirmed_at: Option<DateTime<Utc>>,
    /// What it looked at.
    fitness: Option<String>,
}

impl From<LinkRow> for LinkJson {
    fn from(row: LinkRow) -> Self {
        Self {
            facility_id: row.facility_id,
            facility_name: row.facility_name,
            asked_at: row.asked_at,
            confirmed_at: row.confirmed_at,
            fitness: row.fitness,
        }
    }
}

/// A room of a reception facility.
#[derive(Debug, Serialize, ToSchema)]
struct SiteRoom {
    /// Its id.
    id: RoomId,
    /// Its name.
    name: String,
}

/// A reception facility with its rooms and its clinics.
#[derive(Debug, Serialize, ToSchema)]
struct ReceptionPlace {
    /// It.
    site: SiteJson,
    /// Its rooms.
    rooms: Vec<SiteRoom>,
    /// Its clinics, asked or confirmed.
    links: Vec<LinkJson>,
}

impl From<Place> for ReceptionPlace {
    fn from(place: Place) -> Self {
        let room = |(id, name)| SiteRoom { id, name };
        Self {
            site: place.site.into(),
            rooms: place.rooms.into_iter().map(room).collect(),
            links: place.links.into_iter().map(LinkJson::from).collect(),
        }
    }
}

fn shown(places: Vec<Place>) -> Json<Items<ReceptionPlace>> {
    Json(Items { items: places.into_iter().map(ReceptionPlace::from).collect() })
}

/// A reception facility whose notification is in effect, as everybody may know it.
#[derive(Debug, Serialize, ToSchema)]
struct PublicReception {
    /// It.
    site: SiteJson,
    /// What of its address follows the names of its prefecture and municipality.
    street: String,
    /// The names of the clinics whose patients are received there.
    clinics: Vec<String>,
}

/// Which reception facilities.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ReceptionQuery {
    /// Of one prefecture: its two digits.
    prefecture: Option<String>,
    /// Of one municipality: its six digits.
    municipality: Option<String>,
}

/// The reception facilities whose notification is in effect.
#[utoipa::path(get, path = "/api/reception-facilities", params(ReceptionQuery), tag = "public",
    responses((status = 200, body = Items<PublicReception>), (status = "default", body = Problem)))]
async fn list_public(
    State(app): State<App>,
    extract::Asked(query): extract::Asked<ReceptionQuery>,
) -> Result<Json<Items<PublicReception>>, Problem> {
    let one = |place: Place| PublicReception {
        street: street(&place.site.address, &place.site.municipality).to_owned(),
        site: place.site.into(),
        clinics: place.links.into_iter().map(|link| link.facility_name).collect(),
    };
    let (prefecture, municipality) = (query.prefecture, query.municipality);
    let all = reception::public(&app, prefecture.as_deref(), municipality.as_deref()).await?;
    Ok(Json(Items { items: all.into_iter().map(one).collect() }))
}

/// The places that the caller runs.
#[utoipa::path(get, path = "/api/reception/sites", tag = "reception",
    responses((status = 200, body = Items<ReceptionPlace>), (status = "default", body = Problem)))]
async fn list_sites(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Items<ReceptionPlace>>, Problem> {
    Ok(shown(reception::mine(&app, &caller.actor).await?))
}

/// What the law asks of a reception facility.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReceptionWish {
    /// The version that the person saw; 0 of a new one.
    version: i64,
    /// 設置者.
    operator_name: String,
    /// Its name: not one by which people would take it for a hospital or a clinic.
    name: String,
    /// What kind of place it is.
    kind: ReceptionKind,
    /// Street address; of a vehicle, where it is kept.
    address: String,
    /// Six digits.
    municipality_code: String,
    /// Telephone.
    telephone: String,
    /// Whom to call at any hour.
    contact_24h: String,
    /// In yen, apart from the price of care.
    usage_fee: i64,
    /// When it is open, in words.
    open_hours: String,
    /// Whether a nurse helps there.
    has_nurse: bool,
}

impl ReceptionWish {
    fn of(self, id: SiteId) -> Reception {
        Reception {
            id,
            // Who it is follows from the session, not from what was sent.
            operator: AccountId::default(),
            operator_name: self.operator_name,
            name: self.name,
            kind: self.kind,
            address: self.address,
            municipality: self.municipality_code,
            telephone: self.telephone,
            contact_24h: self.contact_24h,
            usage_fee: self.usage_fee,
            open_hours: self.open_hours,
            has_nurse: self.has_nurse,
            version: self.version,
        }
    }
}

/// Adds a place.
#[utoipa::path(post, path = "/api/reception/sites", request_body = ReceptionWish, tag = "reception",
    responses((status = 201, body = ReceptionPlace), (status = "default", body = Problem)))]
async fn add_site(
    State(app): State<App>,
    caller: Caller,
    Body(wish): Body<ReceptionWish>,
) -> Result<(StatusCode, Json<ReceptionPlace>), Problem> {
    let place = reception::add(&app, &caller.actor, wish.of(SiteId::new())).await?;
    Ok((StatusCode::CREATED, Json(place.into())))
}

/// Changes a place.
#[utoipa::path(put, path = "/api/reception/sites/{id}", params(("id" = SiteId, Path)),
    request_body = ReceptionWish, tag = "reception",
    responses((status = 200, body = ReceptionPlace), (status = "default", body = Problem)))]
async fn put_site(
    State(app): State<App>,
    caller: Caller,
    At(id): At<SiteId>,
    Body(wish): Body<ReceptionWish>,
) -> Result<Json<ReceptionPlace>, Problem> {
    Ok(Json(reception::put(&app, &caller.actor, wish.of(id)).await?.into()))
}

/// A new room.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SiteRoomWish {
    /// Its name.
    name: String,
}

/// Adds a room to a place.
#[utoipa::path(post, path = "/api/reception/sites/{id}/rooms", params(("id" = SiteId, Path)),
    request_body = SiteRoomWish, tag = "reception",
    responses((status = 200, body = ReceptionPlace), (status = "default", body = Problem)))]
async fn add_site_room(
    State(app): State<App>,
    caller: Caller,
    At(id): At<SiteId>,
    Body(wish): Body<SiteRoomWish>,
) -> Result<Json<ReceptionPlace>, Problem> {
    Ok(Json(reception::add_room(&app, &caller.actor, id, &wish.name).await?.into()))
}

/// Removes a room of a place, for every clinic that uses it.
#[utoipa::path(delete, path = "/api/reception/sites/{id}/rooms/{room}",
    params(("id" = SiteId, Path), ("room" = RoomId, Path)), tag = "reception",
    responses((status = 200, body = ReceptionPlace), (status = "default", body = Problem)))]
async fn remove_site_room(
    State(app): State<App>,
    caller: Caller,
    At((id, room)): At<(SiteId, RoomId)>,
) -> Result<Json<ReceptionPlace>, Problem> {
    Ok(Json(reception::remove_room(&app, &caller.actor, id, room).await?.into()))
}

/// A clinic to be asked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReceptionLinkWish {
    /// Which.
    facility_id: FacilityId,
}

/// Asks a clinic whether its patients may be received at a place.
#[utoipa::path(post, path = "/api/reception/sites/{id}/links", params(("id" = SiteId, Path)),
    request_body = ReceptionLinkWish, tag = "reception",
    responses((status = 200, body = ReceptionPlace), (status = "default", body = Problem)))]
async fn ask_facility(
    State(app): State<App>,
    caller: Caller,
    At(id): At<SiteId>,
    Body(wish): Body<ReceptionLinkWish>,
) -> Result<Json<ReceptionPlace>, Problem> {
    Ok(Json(reception::ask(&app, &caller.actor, id, wish.facility_id).await?.into()))
}

/// Ends the bond of a place with a clinic.
#[utoipa::path(delete, path = "/api/reception/sites/{id}/links/{facility}",
    params(("id" = SiteId, Path), ("facility" = FacilityId, Path)), tag = "reception",
    responses((status = 200, body = ReceptionPlace), (status = "default", body = Problem)))]
async fn unlink_facility(
    State(app): State<App>,
    caller: Caller,
    At((id, facility)): At<(SiteId, FacilityId)>,
) -> Result<Json<ReceptionPlace>, Problem> {
    Ok(Json(reception::unlink(&app, &caller.actor, id, facility).await?.into()))
}

/// A place that asks a clinic, or that it confirmed.
#[derive(Debug, Serialize, ToSchema)]
struct AskedSite {
    /// The place.
    site: SiteJson,
    /// The bond.
    link: LinkJson,
}

fn asked(all: Vec<Asked>) -> Json<Items<AskedSite>> {
    let one = |one: Asked| AskedSite { site: one.site.into(), link: one.link.into() };
    Json(Items { items: all.into_iter().map(one).collect() })
}

/// The places of the clinic, asked or confirmed.
#[utoipa::path(get, path = "/api/clinic/reception-sites", tag = "reception",
    responses((status = 200, body = Items<AskedSite>), (status = "default", body = Problem)))]
async fn list_asked(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Items<AskedSite>>, Problem> {
    Ok(asked(reception::of_clinic(&app, &caller.actor).await?))
}

/// What the clinic looked at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FitnessWish {
    /// In words.
    fitness: String,
}

/// Says that a place is fit for the clinic's patients.
#[utoipa::path(put, path = "/api/clinic/reception-sites/{id}", params(("id" = SiteId, Path)),
    request_body = FitnessWish, tag = "reception",
    responses((status = 200, body = Items<AskedSite>), (status = "default", body = Problem)))]
async fn confirm_site(
    State(app): State<App>,
    caller: Caller,
    At(id): At<SiteId>,
    Body(wish): Body<FitnessWish>,
) -> Result<Json<Items<AskedSite>>, Problem> {
    Ok(asked(reception::confirm(&app, &caller.actor, id, &wish.fitness).await?))
}

/// Ends the bond of the clinic with a place.
#[utoipa::path(delete, path = "/api/clinic/reception-sites/{id}", params(("id" = SiteId, Path)),
    tag = "reception",
    responses((status = 200, body = Items<AskedSite>), (status = "default", body = Problem)))]
async fn leave_site(
    State(app): State<App>,
    caller: Caller,
    At(id): At<SiteId>,
) -> Result<Json<Items<AskedSite>>, Problem> {
    Ok(asked(reception::leave(&app, &caller.actor, id).await?))
}
