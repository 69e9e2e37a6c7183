//! Finding a clinic and its free times.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::extract::{Address, Asked, At};
use super::json::{ClinicianJson, FacilityCard, Items, NextFree, ServiceJson};
use super::problem::Problem;
use crate::actions::directory::{self, Search};
use crate::actions::{App, Error};
use crate::engine::slots::DayOffers;
use crate::format::seeds;
use crate::model::{ClinicianId, FacilityId, ServiceId};

/// What is looked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct SearchQuery {
    /// In name, address and departments.
    q: Option<String>,
    /// Six-digit code of a municipality.
    municipality: Option<String>,
}

/// Facilities that match, at most 50, those with the earliest free time first. Of more than 50
/// that match, the 50 that were added first are looked at.
#[utoipa::path(get, path = "/api/facilities", params(SearchQuery), tag = "patients",
    responses((status = 200, body = Items<FacilityCard>), (status = "default", body = Problem)))]
pub(super) async fn search_facilities(
    State(app): State<App>,
    Address(address): Address,
    Asked(query): Asked<SearchQuery>,
) -> Result<Json<Items<FacilityCard>>, Problem> {
    let search = Search { text: query.q, municipality: query.municipality };
    let found = directory::search(&app, address, search).await?;
    let card = |found: directory::Found| {
        let free = found.next_free.into_iter();
        let next = |(slot, service_id): (crate::engine::slots::Slot, _)| NextFree {
            start: slot.visit.start,
            service_id,
        };
        let municipality = place_name(&found.facility.municipality_code);
        FacilityCard::new(found.facility, municipality, free.map(next).collect())
    };
    Ok(Json(Items { items: found.into_iter().map(card).collect() }))
}

fn place_name(code: &str) -> String {
    seeds::municipality(code).map_or_else(String::new, |place| place.name.clone())
}

/// A municipality that has facilities.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Place {
    /// Six-digit code.
    code: String,
    /// Name.
    name: String,
    /// How many facilities it has.
    facilities: i64,
}

/// Municipalities that have facilities.
#[utoipa::path(get, path = "/api/places", tag = "patients",
    responses((status = 200, body = Items<Place>), (status = "default", body = Problem)))]
pub(super) async fn list_places(State(app): State<App>) -> Result<Json<Items<Place>>, Problem> {
    let places = directory::places(&app).await?.into_iter();
    let place =
        |(code, facilities): (String, i64)| Place { name: place_name(&code), code, facilities };
    Ok(Json(Items { items: places.map(place).collect() }))
}

/// A facility with its doctors and what it offers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Facility)]
pub(super) struct FacilityJson {
    #[serde(flatten)]
    card: FacilityCard,
    /// About the clinic.
    about_ja: String,
    /// About the clinic, in English.
    about_en: String,
    /// Its doctors.
    clinicians: Vec<ClinicianJson>,
    /// What it offers.
    services: Vec<ServiceJson>,
}

/// One facility.
#[utoipa::path(get, path = "/api/facilities/{id}", params(("id" = FacilityId, Path)),
    tag = "patients",
    responses((status = 200, body = FacilityJson), (status = "default", body = Problem)))]
pub(super) async fn get_facility(
    State(app): State<App>,
    At(id): At<FacilityId>,
) -> Result<Json<FacilityJson>, Problem> {
    let (facility, clinicians, offers) = directory::facility(&app, id).await?;
    let (about_ja, about_en) = (facility.about_ja.clone(), facility.about_en.clone());
    let municipality = place_name(&facility.municipality_code);
    Ok(Json(FacilityJson {
        card: FacilityCard::new(facility, municipality, Vec::new()),
        about_ja,
        about_en,
        clinicians: clinicians.into_iter().map(ClinicianJson::from).collect(),
        services: offers.into_iter().map(ServiceJson::from).collect(),
    }))
}

/// Which free times.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct SlotsQuery {
    /// For which kind of visit.
    service: ServiceId,
    /// From which local date on; today where none is given.
    from: Option<NaiveDate>,
    /// For how many days, 1 to 62; 7 where none is given.
    days: Option<u16>,
}

/// A time that can be booked.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Slot)]
pub(super) struct SlotJson {
    /// When it starts.
    start: DateTime<Utc>,
    /// When it ends.
    end: DateTime<Utc>,
    /// With whom.
    clinician_id: ClinicianId,
}

/// The free times of a day.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Day)]
pub(super) struct DayJson {
    /// The local date.
    date: NaiveDate,
    /// The public holiday on it.
    holiday: Option<String>,
    /// Why there are none: a stable code. None where some are free, or all are taken.
    closed_reason: Option<String>,
    /// The free times, in order.
    slots: Vec<SlotJson>,
}

impl From<crate::engine::slots::Slot> for SlotJson {
    fn from(slot: crate::engine::slots::Slot) -> Self {
        let (start, end) = (slot.visit.start, slot.visit.end);
        Self { start, end, clinician_id: slot.clinician }
    }
}

impl From<DayOffers> for DayJson {
    fn from(day: DayOffers) -> Self {
        Self {
            date: day.date,
            holiday: day.holiday.map(|name| name.to_string()),
            closed_reason: day.closed.map(|reason| reason.code().to_owned()),
            slots: day.slots.into_iter().map(SlotJson::from).collect(),
        }
    }
}

/// Free times, day by day.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Slots)]
pub(super) struct SlotsJson {
    /// The zone of the dates.
    zone: String,
    /// The days.
    days: Vec<DayJson>,
}

/// Free times of a facility for a kind of visit.
#[utoipa::path(get, path = "/api/facilities/{id}/slots",
    params(("id" = FacilityId, Path), SlotsQuery), tag = "patients",
    responses((status = 200, body = SlotsJson), (status = "default", body = Problem)))]
pub(super) async fn list_slots(
    State(app): State<App>,
    At(id): At<FacilityId>,
    Asked(query): Asked<SlotsQuery>,
) -> Result<Json<SlotsJson>, Problem> {
    let count = query.days.unwrap_or(7);
    if !(1..=62).contains(&count) {
        return Err(Error::invalid("/days", "range").into());
    }
    let times = directory::free_times(&app, id, query.service, query.from, count).await?;
    let (facility, days) = times;
    let days = days.into_iter().map(DayJson::from).collect();
    Ok(Json(SlotsJson { zone: facility.zone.name().to_owned(), days }))
}
