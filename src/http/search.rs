//! Searching over all facilities.

use axum::Json;
use axum::extract::State;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::extract::{Address, Asked};
use super::json::{FacilityCard, NextFree};
use super::problem::Problem;
use crate::actions::App;
use crate::actions::directory::{self, Found, Search};
use crate::format::seeds;
use crate::model::ServiceId;
use crate::model::facility::{Offer, ServiceKind, Stage};

/// What is looked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct SearchQuery {
    /// In name, address and departments.
    q: Option<String>,
    /// Six-digit code of a municipality.
    municipality: Option<String>,
    /// Name of a secondary medical area (二次保健医療圏).
    area: Option<String>,
    /// Name of a department.
    department: Option<String>,
    /// BCP 47 tag of a language.
    language: Option<String>,
    /// For first or repeat visits.
    visit: Option<Stage>,
    /// What kind of act.
    kind: Option<ServiceKind>,
    /// With free times on or after this local date.
    date: Option<NaiveDate>,
    /// Of how many days free times are counted, 14 at most; none where it is left out.
    days: Option<u16>,
    /// How many results, 1 to 2000; 50 where none is given.
    limit: Option<usize>,
    /// Where the page before said that this one begins.
    cursor: Option<String>,
}

impl From<SearchQuery> for Search {
    fn from(query: SearchQuery) -> Self {
        Self {
            text: query.q,
            municipality: query.municipality,
            area: query.area,
            department: query.department,
            language: query.language,
            visit: query.visit,
            kind: query.kind,
            date: query.date,
            days: query.days,
            limit: query.limit,
            cursor: query.cursor,
        }
    }
}

/// A kind of visit, in short.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ServiceBrief {
    /// Its id.
    id: ServiceId,
    /// What kind of act it is.
    kind: ServiceKind,
    /// For first visits, repeat visits or both.
    visit: Stage,
    /// Its name.
    name_ja: String,
    /// Its name in English.
    name_en: String,
    /// Insured care or self-pay.
    insured: bool,
    /// How many minutes it takes.
    length_min: i64,
}

impl From<&Offer> for ServiceBrief {
    fn from(offer: &Offer) -> Self {
        Self {
            id: offer.service.id,
            kind: offer.kind,
            visit: offer.visit,
            name_ja: offer.name_ja.clone(),
            name_en: offer.name_en.clone(),
            insured: offer.insured,
            length_min: offer.service.length.num_minutes(),
        }
    }
}

/// How many times are free on a day.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FreeOn {
    /// The local date.
    date: NaiveDate,
    /// How many starts.
    free: u32,
}

/// A facility that was found.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FoundFacility {
    #[serde(flatten)]
    card: FacilityCard,
    /// What it offers.
    services: Vec<ServiceBrief>,
    /// How many starts are free on the day of the first of them.
    free_count: u32,
    /// How many starts are free on each of the days that were asked for.
    days: Vec<FreeOn>,
}

impl From<Found> for FoundFacility {
    fn from(found: Found) -> Self {
        let f = &found.rules.facility;
        let next = found.view.next.into_iter();
        let next = next.map(|(start, service_id)| NextFree { start, service_id }).collect();
        let days = found.view.days.into_iter().map(|(date, free)| FreeOn { date, free });
        Self {
            card: FacilityCard::new(f.clone(), place_name(&f.municipality_code), next),
            services: found.rules.offers.iter().map(ServiceBrief::from).collect(),
            free_count: found.view.free_count,
            days: days.collect(),
        }
    }
}

/// The name of a municipality.
pub(super) fn place_name(code: &str) -> String {
    seeds::municipality(code).map_or_else(String::new, |place| place.name.clone())
}

/// A part of what was found.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FoundFacilities {
    /// The facilities.
    items: Vec<FoundFacility>,
    /// How many there are in all.
    total: usize,
    /// Where the next part begins, if there is one.
    next_cursor: Option<String>,
}

/// Facilities that match, those with the earliest free time first; of equal ones not always the
/// same first.
#[utoipa::path(get, path = "/api/facilities", params(SearchQuery), tag = "patients",
    responses((status = 200, body = FoundFacilities), (status = "default", body = Problem)))]
pub(super) async fn search_facilities(
    State(app): State<App>,
    Address(address): Address,
    Asked(query): Asked<SearchQuery>,
) -> Result<Json<FoundFacilities>, Problem> {
    let page = directory::search(&app, address, query.into()).await?;
    Ok(Json(FoundFacilities {
        items: page.items.into_iter().map(FoundFacility::from).collect(),
        total: page.total,
        next_cursor: page.next,
    }))
}

/// A municipality that can be chosen.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PlaceChoice {
    /// Six-digit code.
    code: String,
    /// Name.
    name: String,
    /// Its official name in English, where it is known (Tokyo).
    name_en: Option<&'static str>,
    /// How many facilities it has.
    facilities: usize,
}

/// A secondary medical area that can be chosen.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AreaChoice {
    /// Name.
    name: String,
    /// Name in English.
    name_en: &'static str,
    /// How many facilities it has.
    facilities: usize,
    /// Its municipalities that have facilities.
    municipalities: Vec<PlaceChoice>,
}

/// A department that can be chosen.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DepartmentChoice {
    /// Name.
    name: String,
    /// How many facilities have it.
    facilities: usize,
}

/// A language that can be chosen.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LanguageChoice {
    /// BCP 47 tag.
    tag: String,
    /// In how many facilities it is spoken.
    facilities: usize,
}

/// What can be chosen in a search.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SearchChoices {
    /// Secondary medical areas that have facilities.
    areas: Vec<AreaChoice>,
    /// Departments.
    departments: Vec<DepartmentChoice>,
    /// Languages.
    languages: Vec<LanguageChoice>,
}

/// What can be chosen in a search, each with how many facilities there are.
#[utoipa::path(get, path = "/api/search-choices", tag = "patients",
    responses((status = 200, body = SearchChoices), (status = "default", body = Problem)))]
pub(super) async fn list_choices(State(app): State<App>) -> Result<Json<SearchChoices>, Problem> {
    let choices = directory::choices(&app).await?;
    let place = |(code, facilities): (String, usize)| PlaceChoice {
        name: place_name(&code),
        name_en: seeds::municipality_in_english(&code),
        code,
        facilities,
    };
    let mut areas: Vec<AreaChoice> = choices
        .areas
        .into_iter()
        .map(|(name, places)| AreaChoice {
            name_en: seeds::area_in_english(&name).unwrap_or_default(),
            facilities: places.values().sum(),
            municipalities: places.into_iter().map(place).collect(),
            name,
        })
        .collect();
    // In the order of the bureau's codes: from the centre outwards.
    areas.sort_by(|a, b| first_code(a).cmp(first_code(b)));
    let departments = choices.departments.into_iter();
    let mut departments: Vec<_> =
        departments.map(|(name, facilities)| DepartmentChoice { name, facilities }).collect();
    departments.sort_by_key(|one| std::cmp::Reverse(one.facilities));
    let languages = choices.languages.into_iter();
    let languages = languages.map(|(tag, facilities)| LanguageChoice { tag, facilities });
    Ok(Json(SearchChoices { areas, departments, languages: languages.collect() }))
}

fn first_code(area: &AreaChoice) -> &str {
    area.municipalities.first().map_or("", |place| &place.code)
}
