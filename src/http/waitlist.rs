//! Waiting for a time to become free, for patients and for the clinic.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::bookings::given;
use super::extract::{Address, At, Body, Caller};
use super::json::Items;
use super::problem::Problem;
use crate::actions::App;
use crate::actions::confirm::{Answers, ForWhom, Speech};
use crate::actions::waitlist::{self, Joining};
use crate::engine::waitlist::Policy;
use crate::model::waitlist::Mode;
use crate::model::{ClinicianId, FacilityId, ServiceId, WaitlistId};
use crate::store::WaitlistRow;

/// The routes of the waiting list.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(join, list_mine))
        .routes(routes!(leave))
        .routes(routes!(list_clinic))
        .routes(routes!(remove))
        .routes(routes!(put_policy))
}

/// What somebody waits for, and who they are.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WaitlistWish {
    /// Where.
    facility_id: FacilityId,
    /// For which kind of visit.
    service_id: ServiceId,
    /// With whom; nobody named means anybody.
    clinician_id: Option<ClinicianId>,
    /// The first local date.
    from: NaiveDate,
    /// The last local date.
    until: NaiveDate,
    /// From which minute of the day on; midnight where none is given.
    #[serde(default)]
    from_minute: u16,
    /// Up to which minute of the day it may start.
    until_minute: Option<u16>,
    /// Whose visit it is.
    for_whom: ForWhom,
    /// What the booker is to the patient, where they differ.
    relation: Option<String>,
    /// The booker's name, where they differ.
    booker_name: Option<String>,
    /// The patient's name.
    name: String,
    /// Its reading.
    kana: String,
    /// The patient's birth date.
    birth_date: NaiveDate,
    /// Telephone.
    phone: String,
    /// E-mail address.
    email: Option<String>,
    /// The language of messages.
    language: Speech,
    /// Whether they agree that the clinic writes to them.
    consent: bool,
}

/// Something that is waited for.
#[derive(Debug, Serialize, ToSchema)]
struct WaitlistJson {
    /// Its id.
    id: WaitlistId,
    /// Where.
    facility_id: FacilityId,
    /// Its name.
    facility_name: String,
    /// The kind of visit.
    service_id: ServiceId,
    /// Its name.
    service_ja: String,
    /// Its name in English.
    service_en: String,
    /// With whom; nobody named means anybody.
    clinician_id: Option<ClinicianId>,
    /// The first local date.
    from: NaiveDate,
    /// The last local date.
    until: NaiveDate,
    /// From which minute of the day on.
    from_minute: i64,
    /// Up to which minute of the day it may start.
    until_minute: i64,
    /// Since when.
    since: DateTime<Utc>,
    /// How many times were offered so far.
    offers: i64,
    /// The patient's name, for the clinic.
    patient_name: Option<String>,
}

impl WaitlistJson {
    fn of(row: WaitlistRow, patient_name: Option<String>) -> Self {
        Self {
            id: row.id,
            facility_id: row.facility_id,
            facility_name: row.facility_name,
            service_id: row.service_id,
            service_ja: row.name_ja,
            service_en: row.name_en,
            clinician_id: row.clinician_id,
            from: row.from_date,
            until: row.until_date,
            from_minute: row.from_minute,
            until_minute: row.until_minute,
            since: row.created_at,
            offers: row.offers,
            patient_name,
        }
    }
}

/// Waits for a time to become free.
#[utoipa::path(post, path = "/api/waitlist", request_body = WaitlistWish, tag = "patients",
    responses((status = 201, body = WaitlistJson), (status = "default", body = Problem)))]
async fn join(
    State(app): State<App>,
    caller: Caller,
    Address(address): Address,
    Body(wish): Body<WaitlistWish>,
) -> Result<impl IntoResponse, Problem> {
    let person = Answers {
        for_whom: wish.for_whom,
        relation: wish.relation,
        booker_name: wish.booker_name,
        name: wish.name,
        kana: wish.kana,
        birth_date: wish.birth_date,
        phone: wish.phone,
        email: wish.email,
        language: wish.language,
        // What it is about is asked when a time is confirmed.
        symptoms: "-".to_owned(),
        consent: wish.consent,
        told: crate::actions::confirm::Told::default(),
    };
    let wish = Joining {
        facility: wish.facility_id,
        service: wish.service_id,
        clinician: wish.clinician_id,
        from_date: wish.from,
        until_date: wish.until,
        from_minute: wish.from_minute,
        until_minute: wish.until_minute.unwrap_or(1440),
        person,
    };
    let (row, token) = waitlist::join(&app, &caller.actor, address, wish).await?;
    Ok((StatusCode::CREATED, given(token), Json(WaitlistJson::of(row, None))))
}

/// What this browser's people wait for.
#[utoipa::path(get, path = "/api/waitlist", tag = "patients",
    responses((status = 200, body = Items<WaitlistJson>), (status = "default", body = Problem)))]
async fn list_mine(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Items<WaitlistJson>>, Problem> {
    let rows = waitlist::mine(&app, &caller.actor).await?;
    let items = rows.into_iter().map(|row| WaitlistJson::of(row, None)).collect();
    Ok(Json(Items { items }))
}

/// Stops waiting.
#[utoipa::path(delete, path = "/api/waitlist/{id}", params(("id" = WaitlistId, Path)),
    tag = "patients", responses((status = 204), (status = "default", body = Problem)))]
async fn leave(
    State(app): State<App>,
    caller: Caller,
    At(id): At<WaitlistId>,
) -> Result<StatusCode, Problem> {
    waitlist::leave(&app, &caller.actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How freed times are offered.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PolicyJson {
    /// To whom at once.
    mode: Mode,
    /// For how many minutes an offer is held.
    #[schema(minimum = 5, maximum = 1440)]
    window_min: i64,
    /// To how many one freed time is offered at most.
    #[schema(minimum = 1, maximum = 20)]
    most: u16,
    /// The minute of the day from which nobody is woken.
    #[schema(minimum = 0, maximum = 1440)]
    quiet_from: u16,
    /// The minute of the day at which the quiet ends.
    #[schema(minimum = 0, maximum = 1440)]
    quiet_until: u16,
    /// To be named when it is changed; 0 where it was never said.
    version: i64,
}

impl PolicyJson {
    fn of(policy: &Policy, version: i64) -> Self {
        Self {
            mode: policy.mode,
            window_min: policy.window.num_minutes(),
            most: u16::try_from(policy.most).unwrap_or(u16::MAX),
            quiet_from: policy.quiet_from,
            quiet_until: policy.quiet_until,
            version,
        }
    }
}

/// A clinic's waiting list.
#[derive(Debug, Serialize, ToSchema)]
struct ClinicWaitlist {
    /// Who waits, the longest first.
    items: Vec<WaitlistJson>,
    /// How freed times are offered.
    policy: PolicyJson,
    /// Freed times offered in the last 30 days.
    offered: i64,
    /// How many of them were booked by who waited.
    filled: i64,
}

/// Who waits at the clinic.
#[utoipa::path(get, path = "/api/clinic/waitlist", tag = "clinic",
    responses((status = 200, body = ClinicWaitlist), (status = "default", body = Problem)))]
async fn list_clinic(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<ClinicWaitlist>, Problem> {
    let list = waitlist::of_clinic(&app, &caller.actor).await?;
    let mut items = Vec::with_capacity(list.waiting.len());
    for row in list.waiting {
        let name = waitlist::person_of(&app, &row)?.map(|person| person.name);
        items.push(WaitlistJson::of(row, name));
    }
    let policy = PolicyJson::of(&list.policy, list.version);
    Ok(Json(ClinicWaitlist { items, policy, offered: list.offered, filled: list.filled }))
}

/// Takes somebody off the clinic's list.
#[utoipa::path(delete, path = "/api/clinic/waitlist/{id}", params(("id" = WaitlistId, Path)),
    tag = "clinic", responses((status = 204), (status = "default", body = Problem)))]
async fn remove(
    State(app): State<App>,
    caller: Caller,
    At(id): At<WaitlistId>,
) -> Result<StatusCode, Problem> {
    waitlist::leave(&app, &caller.actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Says how the clinic offers freed times.
#[utoipa::path(put, path = "/api/clinic/waitlist/policy", request_body = PolicyJson,
    tag = "clinic", responses((status = 204), (status = "default", body = Problem)))]
async fn put_policy(
    State(app): State<App>,
    caller: Caller,
    Body(wish): Body<PolicyJson>,
) -> Result<StatusCode, Problem> {
    let policy = Policy {
        mode: wish.mode,
        window: TimeDelta::try_minutes(wish.window_min).unwrap_or_default(),
        most: wish.most.into(),
        quiet_from: wish.quiet_from,
        quiet_until: wish.quiet_until,
    };
    waitlist::put_policy(&app, &caller.actor, policy, wish.version).await?;
    Ok(StatusCode::NO_CONTENT)
}
