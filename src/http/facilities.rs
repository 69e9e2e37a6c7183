//! Finding a clinic and its free times.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use bytes::Bytes;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::extract::{Asked, At};
use super::json::{ClinicianJson, FacilityCard, Items, ServiceJson, instant};
use super::problem::Problem;
use super::search::place_name;
use crate::actions::directory::{self, Dates, TimesOf};
use crate::actions::{App, Error};
use crate::engine::slots::DayOffers;
use crate::format::seeds;
use crate::model::{ClinicianId, FacilityId, ServiceId};

/// A municipality that has facilities.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Place {
    /// Six-digit code.
    code: String,
    /// Name.
    name: String,
    /// Its official name in English, where it is known (Tokyo).
    name_en: Option<&'static str>,
    /// How many facilities it has.
    facilities: i64,
    /// Its secondary medical area, where it is known.
    area: Option<String>,
}

/// Municipalities that have facilities.
#[utoipa::path(get, path = "/api/places", tag = "patients",
    responses((status = 200, body = Items<Place>), (status = "default", body = Problem)))]
pub(super) async fn list_places(State(app): State<App>) -> Result<Json<Items<Place>>, Problem> {
    let places = directory::places(&app).await?.into_iter();
    let place = |(code, facilities): (String, i64)| Place {
        name: place_name(&code),
        name_en: seeds::municipality_in_english(&code),
        area: seeds::municipality(&code).map(|place| place.medical_area.clone()),
        code,
        facilities,
    };
    Ok(Json(Items { items: places.map(place).collect() }))
}

/// A facility with its doctors and what it offers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Facility)]
pub(super) struct FacilityJson {
    #[serde(flatten)]
    card: FacilityCard,
    /// Where the public reads of it: who, where, notifications, and what it posts.
    public_page: String,
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
    let public_page = format!("/facilities/{}", facility.code10);
    Ok(Json(FacilityJson {
        public_page,
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
    /// With whom; nobody named means anybody.
    clinician: Option<ClinicianId>,
    /// `start`: each start once, whoever is free then.
    by: Option<By>,
}

/// How free times are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum By {
    /// Each start once.
    Start,
}

/// A time that can be booked.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Slot)]
pub(super) struct SlotJson {
    /// When it starts.
    #[serde(serialize_with = "instant")]
    start: DateTime<Utc>,
    /// When it ends.
    #[serde(serialize_with = "instant")]
    end: DateTime<Utc>,
    /// With whom; left out where each start is listed once.
    #[serde(skip_serializing_if = "Option::is_none")]
    clinician_id: Option<ClinicianId>,
    /// How many of those who were asked for are free at this start.
    #[serde(skip_serializing_if = "Option::is_none")]
    clinicians: Option<usize>,
    /// Who they are: places in the answer's `clinicians`, from 0; only where each start is listed
    /// once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    with: Vec<usize>,
}

impl From<crate::engine::slots::Slot> for SlotJson {
    fn from(slot: crate::engine::slots::Slot) -> Self {
        let (start, end) = (slot.visit.start, slot.visit.end);
        let clinician_id = Some(slot.clinician);
        Self { start, end, clinician_id, clinicians: None, with: Vec::new() }
    }
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

impl DayJson {
    /// A day, with every time in a row of its own.
    fn by_time(day: DayOffers) -> Self {
        let alike = day.slots.chunk_by(|a, b| a.visit.start == b.visit.start);
        let slots = alike.flat_map(|alike| {
            alike.iter().map(|slot| SlotJson { clinicians: Some(alike.len()), ..(*slot).into() })
        });
        let slots = slots.collect();
        Self::new(day, slots)
    }

    /// A day, with every start in one row, and who of `all` is free then.
    fn by_start(day: DayOffers, all: &mut Vec<ClinicianId>) -> Self {
        let alike = day.slots.chunk_by(|a, b| a.visit.start == b.visit.start);
        let mut place = |clinician: ClinicianId| {
            all.iter().position(|one| *one == clinician).unwrap_or_else(|| {
                all.push(clinician);
                all.len() - 1
            })
        };
        let slots = alike.map(|alike| SlotJson {
            start: alike[0].visit.start,
            end: alike[0].visit.end,
            clinician_id: None,
            clinicians: Some(alike.len()),
            with: alike.iter().map(|slot| place(slot.clinician)).collect(),
        });
        let slots = slots.collect();
        Self::new(day, slots)
    }

    fn new(day: DayOffers, slots: Vec<SlotJson>) -> Self {
        Self {
            date: day.date,
            slots,
            holiday: day.holiday.map(|name| name.to_string()),
            closed_reason: day.closed.map(|reason| reason.code().to_owned()),
        }
    }
}

/// Free times, day by day.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Slots)]
pub(super) struct SlotsJson {
    /// The zone of the dates.
    zone: String,
    /// Who is free at any of the starts; only where each start is listed once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    clinicians: Vec<ClinicianId>,
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
) -> Result<impl IntoResponse, Problem> {
    let count = query.days.unwrap_or(7);
    if !(1..=62).contains(&count) {
        return Err(Error::invalid("/days", "range").into());
    }
    let (service, clinician) = (query.service, query.clinician);
    let of = TimesOf { facility: id, service, clinician };
    let dates = Dates { from: query.from, count: Some(count) };
    let form = if query.by.is_some() { STARTS } else { TIMES };
    let written = directory::free_times(&app, of, dates, form, |facility, days| {
        let mut clinicians = Vec::new();
        let day = |day| match query.by {
            Some(By::Start) => DayJson::by_start(day, &mut clinicians),
            None => DayJson::by_time(day),
        };
        let days = days.into_iter().map(day).collect();
        written(&SlotsJson { zone: facility.zone.name().to_owned(), clinicians, days })
    });
    Ok(json(written.await?))
}

/// The forms in which free times are written.
const TIMES: u8 = 0;
const STARTS: u8 = 1;
const COUNTS: u8 = 2;

/// An answer as it goes over the wire. Of our own types nothing is left that has no JSON.
fn written(answer: &impl Serialize) -> Bytes {
    serde_json::to_vec(answer).unwrap_or_default().into()
}

fn json(body: Bytes) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], body)
}

/// Of what the days are counted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct DaysQuery {
    /// For which kind of visit.
    service: ServiceId,
    /// With whom; nobody named means anybody.
    clinician: Option<ClinicianId>,
}

/// How much is free on a day.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DayCount)]
pub(super) struct DayCountJson {
    /// The local date.
    date: NaiveDate,
    /// How many starts are free.
    free: usize,
    /// The public holiday on it.
    holiday: Option<String>,
    /// Why there are none: a stable code. None where some are free, or all are taken.
    closed_reason: Option<String>,
}

/// How much is free, day by day.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Days)]
pub(super) struct DaysJson {
    /// The zone of the dates.
    zone: String,
    /// The days, from today to the last that can be booked.
    days: Vec<DayCountJson>,
}

/// How much is free on each day that can be booked.
#[utoipa::path(get, path = "/api/facilities/{id}/days",
    params(("id" = FacilityId, Path), DaysQuery), tag = "patients",
    responses((status = 200, body = DaysJson), (status = "default", body = Problem)))]
pub(super) async fn list_days(
    State(app): State<App>,
    At(id): At<FacilityId>,
    Asked(query): Asked<DaysQuery>,
) -> Result<impl IntoResponse, Problem> {
    let of = TimesOf { facility: id, service: query.service, clinician: query.clinician };
    let dates = Dates { from: None, count: None };
    let written = directory::free_times(&app, of, dates, COUNTS, |facility, days| {
        let day = |day: DayOffers| DayCountJson {
            date: day.date,
            free: day.slots.chunk_by(|a, b| a.visit.start == b.visit.start).count(),
            holiday: day.holiday.map(|name| name.to_string()),
            closed_reason: day.closed.map(|reason| reason.code().to_owned()),
        };
        let days = days.into_iter().map(day).collect();
        written(&DaysJson { zone: facility.zone.name().to_owned(), days })
    });
    Ok(json(written.await?))
}
