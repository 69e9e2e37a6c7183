//! Whom to turn to in an emergency.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::clearance::area;
use super::extract::{Asked, At, Body, Caller};
use super::json::Items;
use super::problem::Problem;
use crate::actions::clearance::Contact;
use crate::actions::{App, partners};
use crate::format::seeds;
use crate::model::{BookingId, PartnerId};
use crate::store::PartnerRow;

/// The routes of partners and emergencies.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_partners, add_partner))
        .routes(routes!(remove_partner))
        .routes(routes!(list_municipalities))
        .routes(routes!(patient_emergency))
        .routes(routes!(clinic_emergency))
}

/// An institution that takes the clinic's patients in an emergency.
#[derive(Debug, Serialize, ToSchema)]
struct Partner {
    /// Its id.
    id: PartnerId,
    /// Its name.
    name: String,
    /// Telephone.
    telephone: String,
    /// Street address.
    address: String,
    /// Six digits of its municipality.
    municipality_code: String,
}

impl From<PartnerRow> for Partner {
    fn from(row: PartnerRow) -> Self {
        let PartnerRow { id, name, telephone, address, municipality_code } = row;
        Self { id, name, telephone, address, municipality_code }
    }
}

fn shown(rows: Vec<PartnerRow>) -> Json<Items<Partner>> {
    Json(Items { items: rows.into_iter().map(Partner::from).collect() })
}

/// The partners of the clinic.
#[utoipa::path(get, path = "/api/clinic/partners", tag = "clinic",
    responses((status = 200, body = Items<Partner>), (status = "default", body = Problem)))]
async fn list_partners(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Items<Partner>>, Problem> {
    Ok(shown(partners::list(&app, &caller.actor).await?))
}

/// A new partner.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PartnerWish {
    /// Its name.
    name: String,
    /// Telephone.
    telephone: String,
    /// Street address.
    address: String,
    /// Six digits of its municipality.
    municipality_code: String,
}

/// Adds a partner.
#[utoipa::path(post, path = "/api/clinic/partners", request_body = PartnerWish, tag = "clinic",
    responses((status = 200, body = Items<Partner>), (status = "default", body = Problem)))]
async fn add_partner(
    State(app): State<App>,
    caller: Caller,
    Body(wish): Body<PartnerWish>,
) -> Result<Json<Items<Partner>>, Problem> {
    let at = (wish.address.as_str(), wish.municipality_code.as_str());
    let rows = partners::add(&app, &caller.actor, &wish.name, &wish.telephone, at).await?;
    Ok(shown(rows))
}

/// Takes a partner away.
#[utoipa::path(delete, path = "/api/clinic/partners/{id}", params(("id" = PartnerId, Path)),
    tag = "clinic",
    responses((status = 200, body = Items<Partner>), (status = "default", body = Problem)))]
async fn remove_partner(
    State(app): State<App>,
    caller: Caller,
    At(id): At<PartnerId>,
) -> Result<Json<Items<Partner>>, Problem> {
    Ok(shown(partners::remove(&app, &caller.actor, id).await?))
}

/// Of which prefecture.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OfPrefecture {
    prefecture: String,
}

/// A municipality.
#[derive(Debug, Serialize, ToSchema)]
struct MunicipalityName {
    /// Six digits.
    code: String,
    /// Its name.
    name: String,
    /// Its official name in English, where it is known (Tokyo).
    name_en: Option<&'static str>,
}

/// All municipalities of a prefecture, in order of code.
#[utoipa::path(get, path = "/api/municipalities", tag = "public",
    params(("prefecture" = String, Query, description = "Two digits")),
    responses((status = 200, body = Items<MunicipalityName>), (status = "default", body = Problem)))]
async fn list_municipalities(Asked(of): Asked<OfPrefecture>) -> Json<Items<MunicipalityName>> {
    let all = seeds::municipalities().iter();
    let here = all.filter(|place| place.prefecture_code == of.prefecture);
    let name = |place: &seeds::Municipality| MunicipalityName {
        name_en: seeds::municipality_in_english(&place.code),
        code: place.code.clone(),
        name: place.name.clone(),
    };
    Json(Items { items: here.map(name).collect() })
}

/// Where the ambulance is to go.
#[derive(Debug, Serialize, ToSchema)]
struct EmergencyPlace {
    /// The names of its prefecture and municipality, which stand before the address.
    area: String,
    /// Its address.
    address: String,
    /// Whom to call for the patient; told to the patient and the clinic alone.
    contact: Option<Contact>,
}

/// What is wanted in an emergency; the number is 119.
#[derive(Debug, Serialize, ToSchema)]
struct Emergency {
    /// The number of the ambulance.
    number: &'static str,
    /// Where the patient is, as they confirmed it.
    place: Option<EmergencyPlace>,
    /// The nearest partner.
    partner: Option<Partner>,
    /// The clinic's telephone.
    telephone: String,
}

async fn opened(app: &App, caller: &Caller, id: BookingId) -> Result<Json<Emergency>, Problem> {
    let found = partners::emergency(app, &caller.actor, id).await?;
    let contact = found.contact;
    let place = found.place.map(|known| EmergencyPlace {
        area: area(&known.place.municipality),
        address: known.place.address,
        contact,
    });
    Ok(Json(Emergency {
        number: "119",
        place,
        partner: found.partner.map(Partner::from),
        telephone: found.telephone,
    }))
}

/// Opens what is wanted in an emergency, for the patient, and for a nurse or the family beside them
/// while the patient lets them be in the visit. It is written down.
#[utoipa::path(post, path = "/api/visits/{id}/emergency", params(("id" = BookingId, Path)),
    tag = "visit",
    responses((status = 200, body = Emergency), (status = "default", body = Problem)))]
async fn patient_emergency(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
) -> Result<Json<Emergency>, Problem> {
    opened(&app, &caller, id).await
}

/// Opens what is wanted in an emergency, for the clinic. It is written down.
#[utoipa::path(post, path = "/api/clinic/visits/{id}/emergency", params(("id" = BookingId, Path)),
    tag = "visit",
    responses((status = 200, body = Emergency), (status = "default", body = Problem)))]
async fn clinic_emergency(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
) -> Result<Json<Emergency>, Problem> {
    opened(&app, &caller, id).await
}
