//! What must be clear around a visit, and where the patient is.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{At, Body, Caller};
use super::problem::Problem;
use crate::actions::App;
use crate::actions::clearance::{self, Clearance, Contact, Place, Where, Word};
use crate::format::seeds;
use crate::model::clearance::{Due, Item, ItemState, Method, PlaceKind};
use crate::model::{BookingId, SiteId};

/// The routes of what must be clear.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_place, put_place))
        .routes(routes!(put_place_by_clinic))
        .routes(routes!(get_clearance))
        .routes(routes!(put_item))
        .routes(routes!(waive_item))
}

/// Where the patient is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VisitPlace {
    /// What kind of place.
    kind: PlaceKind,
    /// The names of its prefecture and municipality, which stand before the address.
    area: String,
    /// Its address.
    address: String,
    /// Two digits of its prefecture.
    prefecture_code: String,
    /// Six digits of its municipality.
    municipality_code: String,
    /// Whether nobody else is there who may not hear.
    private: bool,
    /// The registered reception facility at which they are.
    reception_site_id: Option<SiteId>,
    /// Whom to call for the patient.
    contact: Contact,
    /// When it was said.
    at: DateTime<Utc>,
}

/// The names of prefecture and municipality.
pub(super) fn area(municipality: &str) -> String {
    let area = seeds::municipality(municipality);
    area.map_or_else(String::new, |area| format!("{}{}", area.prefecture, area.name))
}

impl From<Where> for VisitPlace {
    fn from(known: Where) -> Self {
        Self {
            kind: known.place.kind,
            area: area(&known.place.municipality),
            address: known.place.address,
            prefecture_code: known.prefecture,
            municipality_code: known.place.municipality,
            private: known.place.private,
            reception_site_id: known.place.site,
            contact: known.place.contact,
            at: known.at,
        }
    }
}

/// Where the patient says they are.
#[derive(Debug, Serialize, ToSchema)]
struct SaidPlace {
    /// For this visit; nothing as long as nobody said it.
    now: Option<VisitPlace>,
    /// At the visit before, to be confirmed.
    before: Option<VisitPlace>,
}

/// Where the patient is, for the patient.
#[utoipa::path(get, path = "/api/visits/{id}/place", params(("id" = BookingId, Path)),
    tag = "visit",
    responses((status = 200, body = SaidPlace), (status = "default", body = Problem)))]
async fn get_place(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
) -> Result<Json<SaidPlace>, Problem> {
    let (now, before) = clearance::place_of_patient(&app, &caller.actor, id).await?;
    Ok(Json(SaidPlace { now: now.map(VisitPlace::from), before: before.map(VisitPlace::from) }))
}

/// Where the patient is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PlaceWish {
    /// What kind of place.
    kind: PlaceKind,
    /// Its address, as an ambulance needs it.
    address: String,
    /// Six digits of its municipality.
    municipality_code: String,
    /// Whether nobody else is there who may not hear.
    private: bool,
    /// The registered reception facility at which they are: it gives kind, municipality and
    /// address, to which something may be added, as a room.
    #[serde(default)]
    reception_site_id: Option<SiteId>,
    /// Whom to call for the patient.
    contact: Contact,
}

async fn put(
    app: &App,
    caller: &Caller,
    id: BookingId,
    wish: PlaceWish,
) -> Result<Json<VisitPlace>, Problem> {
    let place = Place {
        kind: wish.kind,
        address: wish.address,
        municipality: wish.municipality_code,
        private: wish.private,
        site: wish.reception_site_id,
        contact: wish.contact,
    };
    Ok(Json(clearance::put_place(app, &caller.actor, id, place).await?.into()))
}

/// Says where the patient is, by the patient.
#[utoipa::path(put, path = "/api/visits/{id}/place", params(("id" = BookingId, Path)),
    request_body = PlaceWish, tag = "visit",
    responses((status = 200, body = VisitPlace), (status = "default", body = Problem)))]
async fn put_place(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
    Body(wish): Body<PlaceWish>,
) -> Result<Json<VisitPlace>, Problem> {
    put(&app, &caller, id, wish).await
}

/// Says where the patient is, as the clinic heard it.
#[utoipa::path(put, path = "/api/clinic/visits/{id}/place", params(("id" = BookingId, Path)),
    request_body = PlaceWish, tag = "visit",
    responses((status = 200, body = VisitPlace), (status = "default", body = Problem)))]
async fn put_place_by_clinic(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
    Body(wish): Body<PlaceWish>,
) -> Result<Json<VisitPlace>, Problem> {
    put(&app, &caller, id, wish).await
}

/// One item that must be clear.
#[derive(Debug, Serialize, ToSchema)]
struct ClearanceItem {
    /// Which.
    item: Item,
    /// By when.
    due: Due,
    /// How it stands.
    state: ItemState,
    /// Whether it is due then only if this turns out to be a first visit.
    if_first: bool,
    /// Whether it may be let go with a reason.
    waivable: bool,
    /// How it was checked.
    method: Option<Method>,
    /// Why it was let go.
    reason: Option<String>,
    /// Since when.
    at: Option<DateTime<Utc>>,
    /// To be named when it is changed.
    version: i64,
}

/// All that must be clear around a visit.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Clearance)]
struct ClearanceJson {
    /// The items.
    items: Vec<ClearanceItem>,
    /// Where the patient is.
    place: Option<VisitPlace>,
}

impl From<Clearance> for ClearanceJson {
    fn from(clearance: Clearance) -> Self {
        let items = clearance.items.into_iter().map(|one| ClearanceItem {
            item: one.stand.item,
            due: one.stand.due,
            state: one.stand.state,
            if_first: one.if_first,
            waivable: one.waivable,
            method: one.method,
            reason: one.reason,
            at: one.at,
            version: one.version,
        });
        Self { items: items.collect(), place: clearance.place.map(VisitPlace::from) }
    }
}

/// What must be clear around a visit.
#[utoipa::path(get, path = "/api/clinic/visits/{id}/clearance", params(("id" = BookingId, Path)),
    tag = "visit",
    responses((status = 200, body = ClearanceJson), (status = "default", body = Problem)))]
async fn get_clearance(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
) -> Result<Json<ClearanceJson>, Problem> {
    Ok(Json(clearance::read(&app, &caller.actor, id).await?.into()))
}

/// What the clinic found.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ItemWish {
    /// The version that the person saw.
    version: i64,
    /// Whether it is as it must be.
    passed: bool,
    /// How it was checked: needed for identity and insurance. Never a number of a document.
    method: Option<Method>,
}

/// Says what the clinic found of an item.
#[utoipa::path(put, path = "/api/clinic/visits/{id}/clearance/{item}",
    params(("id" = BookingId, Path), ("item" = Item, Path)), request_body = ItemWish,
    tag = "visit",
    responses((status = 200, body = ClearanceJson), (status = "default", body = Problem)))]
async fn put_item(
    State(app): State<App>,
    caller: Caller,
    At((id, item)): At<(BookingId, Item)>,
    Body(wish): Body<ItemWish>,
) -> Result<Json<ClearanceJson>, Problem> {
    let word = if wish.passed { Word::Done(wish.method) } else { Word::Failed };
    let read = clearance::put(&app, &caller.actor, id, item, wish.version, word).await?;
    Ok(Json(read.into()))
}

/// Why an item is let go.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WaiveWish {
    /// The version that the person saw.
    version: i64,
    /// Why.
    reason: String,
}

/// Lets an item go, with a reason.
#[utoipa::path(post, path = "/api/clinic/visits/{id}/clearance/{item}/waive",
    params(("id" = BookingId, Path), ("item" = Item, Path)), request_body = WaiveWish,
    tag = "visit",
    responses((status = 200, body = ClearanceJson), (status = "default", body = Problem)))]
async fn waive_item(
    State(app): State<App>,
    caller: Caller,
    At((id, item)): At<(BookingId, Item)>,
    Body(wish): Body<WaiveWish>,
) -> Result<Json<ClearanceJson>, Problem> {
    let word = Word::Waived(wish.reason);
    let read = clearance::put(&app, &caller.actor, id, item, wish.version, word).await?;
    Ok(Json(read.into()))
}
