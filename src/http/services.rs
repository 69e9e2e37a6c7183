//! How a clinic offers its kinds of visit.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::{At, Body, Caller};
use super::json::Items;
use super::problem::Problem;
use crate::actions::App;
use crate::actions::services::{self, NewService, Rules};
use crate::model::facility::{Offer, ServiceKind, Stage};
use crate::model::{ClinicianId, ServiceId};

/// The rules of a kind of visit. Times are minutes.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ServiceRules {
    /// How long it takes.
    #[schema(minimum = 5, maximum = 240)]
    length_min: i64,
    /// What is kept free before it.
    #[schema(minimum = 0, maximum = 60)]
    buffer_before_min: i64,
    /// What is kept free after it.
    #[schema(minimum = 0, maximum = 60)]
    buffer_after_min: i64,
    /// From one start to the next.
    #[schema(minimum = 5, maximum = 240)]
    step_min: i64,
    /// How long before its start it must be booked.
    #[schema(minimum = 0)]
    notice_min: i64,
    /// How many working days of the clinic before its day it must be booked.
    #[schema(minimum = 0, maximum = 30)]
    notice_working_days: i64,
    /// How many days ahead it can be booked.
    #[schema(minimum = 0, maximum = 366)]
    horizon_days: i64,
    /// Until how long before its start patients can change it.
    #[schema(minimum = 0)]
    change_cutoff_min: i64,
    /// Until how long before its start patients can cancel it.
    #[schema(minimum = 0)]
    cancel_cutoff_min: i64,
    /// Whether the clinic must approve a booking.
    needs_approval: bool,
    /// Within which time it must.
    #[schema(minimum = 5)]
    answer_within_min: i64,
    /// For which patients it is.
    visit: Stage,
    /// How many a doctor has on one day at most.
    #[schema(minimum = 1, maximum = 200)]
    daily_limit: Option<i64>,
    /// How many patients share one visit.
    #[schema(minimum = 1, maximum = 50)]
    capacity: i64,
    /// Whether the patient is received in a room.
    needs_room: bool,
    /// How many one patient can have on one day.
    #[schema(minimum = 1, maximum = 20)]
    patient_daily_limit: i64,
    /// Who offers it; nobody named means everybody.
    clinicians: Vec<ClinicianId>,
    /// Who must be there together, beside the doctor with whom it is booked.
    team: Vec<ClinicianId>,
}

impl From<&Offer> for ServiceRules {
    fn from(offer: &Offer) -> Self {
        let (s, d) = (&offer.service, &offer.service.demands);
        Self {
            length_min: s.length.num_minutes(),
            buffer_before_min: s.buffer_before.num_minutes(),
            buffer_after_min: s.buffer_after.num_minutes(),
            step_min: s.step.num_minutes(),
            notice_min: s.notice.num_minutes(),
            notice_working_days: d.notice_working_days.into(),
            horizon_days: s.horizon_days.into(),
            change_cutoff_min: s.change_cutoff.num_minutes(),
            cancel_cutoff_min: s.cancel_cutoff.num_minutes(),
            needs_approval: s.needs_approval,
            answer_within_min: offer.answer_within.num_minutes(),
            visit: offer.visit,
            daily_limit: d.daily_limit.map(i64::from),
            capacity: d.capacity.into(),
            needs_room: d.needs_room,
            patient_daily_limit: offer.patient_daily_limit,
            clinicians: d.clinicians.clone(),
            team: d.team.clone(),
        }
    }
}

impl From<ServiceRules> for Rules {
    fn from(rules: ServiceRules) -> Self {
        Self {
            length_min: rules.length_min,
            buffer_before_min: rules.buffer_before_min,
            buffer_after_min: rules.buffer_after_min,
            step_min: rules.step_min,
            notice_min: rules.notice_min,
            notice_working_days: rules.notice_working_days,
            horizon_days: rules.horizon_days,
            change_cutoff_min: rules.change_cutoff_min,
            cancel_cutoff_min: rules.cancel_cutoff_min,
            needs_approval: rules.needs_approval,
            answer_within_min: rules.answer_within_min,
            visit: rules.visit,
            daily_limit: rules.daily_limit,
            capacity: rules.capacity,
            needs_room: rules.needs_room,
            patient_daily_limit: rules.patient_daily_limit,
            clinicians: rules.clinicians,
            team: rules.team,
        }
    }
}

/// A kind of visit with its rules.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ClinicService {
    /// Its id.
    id: ServiceId,
    /// To be named when it is changed.
    version: i64,
    /// What kind of act it is.
    kind: ServiceKind,
    /// Its name.
    name_ja: String,
    /// Its name in English.
    name_en: String,
    /// Insured care or self-pay.
    insured: bool,
    /// Its rules.
    rules: ServiceRules,
}

impl From<Offer> for ClinicService {
    fn from(offer: Offer) -> Self {
        Self {
            id: offer.service.id,
            version: offer.version,
            kind: offer.kind,
            rules: ServiceRules::from(&offer),
            name_ja: offer.name_ja,
            name_en: offer.name_en,
            insured: offer.insured,
        }
    }
}

/// What the clinic offers, with the rules.
#[utoipa::path(get, path = "/api/clinic/services", tag = "clinic",
    responses((status = 200, body = Items<ClinicService>), (status = "default", body = Problem)))]
pub(super) async fn list_services(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Items<ClinicService>>, Problem> {
    let offers = services::services(&app, &caller.actor).await?;
    Ok(Json(Items { items: offers.into_iter().map(ClinicService::from).collect() }))
}

/// A kind of visit that is to be offered.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewServiceWish {
    /// What kind of act it is.
    kind: ServiceKind,
    /// Its name.
    name_ja: String,
    /// Its name in English.
    name_en: String,
    /// Insured care or self-pay.
    insured: bool,
    /// Its rules.
    rules: ServiceRules,
}

/// Offers a kind of visit more.
#[utoipa::path(post, path = "/api/clinic/services", request_body = NewServiceWish, tag = "clinic",
    responses((status = 201, body = ClinicService), (status = "default", body = Problem)))]
pub(super) async fn add_service(
    State(app): State<App>,
    caller: Caller,
    Body(wish): Body<NewServiceWish>,
) -> Result<(StatusCode, Json<ClinicService>), Problem> {
    let new = NewService {
        kind: wish.kind,
        name_ja: wish.name_ja,
        name_en: wish.name_en,
        insured: wish.insured,
        rules: wish.rules.into(),
    };
    let added = services::add_service(&app, &caller.actor, new).await?;
    Ok((StatusCode::CREATED, Json(added.into())))
}

/// Offers a kind of visit no more.
#[utoipa::path(delete, path = "/api/clinic/services/{id}", params(("id" = ServiceId, Path)),
    tag = "clinic", responses((status = 204), (status = "default", body = Problem)))]
pub(super) async fn close_service(
    State(app): State<App>,
    caller: Caller,
    At(id): At<ServiceId>,
) -> Result<StatusCode, Problem> {
    services::close_service(&app, &caller.actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A kind of visit, with its rules.
#[utoipa::path(get, path = "/api/clinic/services/{id}", params(("id" = ServiceId, Path)),
    tag = "clinic",
    responses((status = 200, body = ClinicService), (status = "default", body = Problem)))]
pub(super) async fn get_service(
    State(app): State<App>,
    caller: Caller,
    At(id): At<ServiceId>,
) -> Result<Json<ClinicService>, Problem> {
    Ok(Json(services::service(&app, &caller.actor, id).await?.into()))
}

/// New rules of a kind of visit.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ServiceWish {
    /// The version that the person saw.
    version: i64,
    /// The rules.
    rules: ServiceRules,
    /// Whether they are set although visits that are agreed would not be allowed by them: those
    /// stay, and are listed as stranded.
    #[serde(default)]
    keeps_visits: bool,
}

/// Sets the rules of a kind of visit. Visits that are agreed keep their times.
#[utoipa::path(put, path = "/api/clinic/services/{id}", params(("id" = ServiceId, Path)),
    request_body = ServiceWish, tag = "clinic",
    responses((status = 200, body = ClinicService), (status = "default", body = Problem)))]
pub(super) async fn put_service(
    State(app): State<App>,
    caller: Caller,
    At(id): At<ServiceId>,
    Body(wish): Body<ServiceWish>,
) -> Result<Json<ClinicService>, Problem> {
    let rules = Rules::from(wish.rules);
    let (version, keeps) = (wish.version, wish.keeps_visits);
    let put = services::put_service(&app, &caller.actor, id, version, &rules, keeps).await?;
    Ok(Json(put.into()))
}
