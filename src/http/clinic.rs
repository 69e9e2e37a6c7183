//! The clinic's day, hours and dates that differ.

use axum::Json;
use axum::extract::State;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::bookings::CancelWish;
use super::extract::{Asked, At, Body, Caller};
use super::json::{BookingJson, ClinicVisit, ClinicianJson, Items, ServiceJson};
use super::problem::Problem;
use crate::actions::clinic::DayOf;
use crate::actions::hours::edit::{ExceptionKind, Stretch};
use crate::actions::{App, Error, booking, clinic, line};
use crate::model::facility::Clinician;
use crate::model::schedule::DateException;
use crate::model::{BookingId, ClinicianId, ExceptionId};
use crate::seal::SealError;
use crate::store::BookingView;

/// Which day.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct DayQuery {
    /// The local date; today where none is given.
    date: Option<NaiveDate>,
}

/// The visits of a day.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DayList {
    /// The local date.
    date: NaiveDate,
    /// In order of their start.
    items: Vec<ClinicVisit>,
}

/// The visits of a day.
#[utoipa::path(get, path = "/api/clinic/visits", params(DayQuery), tag = "clinic",
    responses((status = 200, body = DayList), (status = "default", body = Problem)))]
pub(super) async fn list_visits(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<DayQuery>,
) -> Result<Json<DayList>, Problem> {
    let DayOf { date, visits, mut open } = clinic::day(&app, &caller.actor, query.date).await?;
    let lines = line::last_of(&app, &visits).await?;
    let shown = |view: &BookingView| -> Result<ClinicVisit, SealError> {
        let line = lines.get(&view.booking.id).map(Into::into);
        let open = open.remove(&view.booking.id);
        Ok(ClinicVisit { line, open, ..ClinicVisit::new(view, &app.vault)? })
    };
    let items = visits.iter().map(shown).collect::<Result<_, _>>().map_err(Error::from)?;
    Ok(Json(DayList { date, items }))
}

/// Calls a visit off, for the clinic.
#[utoipa::path(post, path = "/api/clinic/visits/{id}/cancel", params(("id" = BookingId, Path)),
    request_body = CancelWish, tag = "clinic",
    responses((status = 200, body = BookingJson), (status = "default", body = Problem)))]
pub(super) async fn cancel_visit(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
    Body(wish): Body<CancelWish>,
) -> Result<Json<BookingJson>, Problem> {
    let view = booking::cancel(&app, &caller.actor, id, wish.reason).await?;
    Ok(Json(BookingJson::new(&view, &app.vault).map_err(Error::from)?))
}

/// A doctor, as the clinic knows them.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ClinicClinician {
    #[serde(flatten)]
    shown: ClinicianJson,
    /// When they completed the training for online care; nothing means never.
    training_completed_on: Option<NaiveDate>,
}

fn listed(clinicians: Vec<Clinician>) -> Json<Items<ClinicClinician>> {
    let one = |clinician: Clinician| ClinicClinician {
        training_completed_on: clinician.training_completed_on,
        shown: clinician.into(),
    };
    Json(Items { items: clinicians.into_iter().map(one).collect() })
}

/// When a doctor completed the training for online care.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TrainingWish {
    /// What is known.
    was: Option<NaiveDate>,
    /// When it was completed; nothing means never.
    completed_on: Option<NaiveDate>,
    /// Whether it is changed although visits that are agreed would lose their doctor: those stay,
    /// and are listed as stranded.
    #[serde(default)]
    keeps_visits: bool,
}

/// Says when a doctor completed the training for online care.
#[utoipa::path(put, path = "/api/clinic/clinicians/{id}/training",
    params(("id" = ClinicianId, Path)), request_body = TrainingWish, tag = "clinic",
    responses((status = 200, body = Items<ClinicClinician>), (status = "default", body = Problem)))]
pub(super) async fn put_training(
    State(app): State<App>,
    caller: Caller,
    At(id): At<ClinicianId>,
    Body(wish): Body<TrainingWish>,
) -> Result<Json<Items<ClinicClinician>>, Problem> {
    let (dates, keeps) = ((wish.was, wish.completed_on), wish.keeps_visits);
    Ok(listed(clinic::put_training(&app, &caller.actor, id, dates, keeps).await?))
}

/// The doctors of the clinic.
#[utoipa::path(get, path = "/api/clinic/clinicians", tag = "clinic",
    responses((status = 200, body = Items<ClinicClinician>), (status = "default", body = Problem)))]
pub(super) async fn list_clinicians(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Items<ClinicClinician>>, Problem> {
    Ok(listed(clinic::clinicians(&app, &caller.actor).await?))
}

/// Whose hours.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct WhoseQuery {
    /// The doctor.
    pub(super) clinician: ClinicianId,
}

/// A doctor's weekly hours.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Hours)]
pub(super) struct HoursJson {
    /// To be named when they are changed.
    version: i64,
    /// The hours.
    hours: Vec<Stretch>,
    /// What the clinic offers.
    services: Vec<ServiceJson>,
}

impl From<clinic::Hours> for HoursJson {
    fn from(hours: clinic::Hours) -> Self {
        Self {
            version: hours.version,
            hours: hours.hours.into_iter().map(Stretch::from).collect(),
            services: hours.offers.into_iter().map(ServiceJson::from).collect(),
        }
    }
}

/// A doctor's weekly hours.
#[utoipa::path(get, path = "/api/clinic/hours", params(WhoseQuery), tag = "clinic",
    responses((status = 200, body = HoursJson), (status = "default", body = Problem)))]
pub(super) async fn get_hours(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<WhoseQuery>,
) -> Result<Json<HoursJson>, Problem> {
    Ok(Json(clinic::hours(&app, &caller.actor, query.clinician).await?.into()))
}

/// From when until when.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct RangeQuery {
    /// The first date.
    from: NaiveDate,
    /// The last date.
    to: NaiveDate,
}

/// A date that differs.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Exception)]
pub(super) struct ExceptionJson {
    /// Its id.
    id: ExceptionId,
    /// Whom it concerns; nobody named means the whole clinic.
    clinician_id: Option<ClinicianId>,
    /// The local date.
    date: NaiveDate,
    /// What is different.
    kind: ExceptionKind,
    /// First minute of the local day.
    opens: Option<u16>,
    /// The minute after the last.
    closes: Option<u16>,
    /// Why, for the staff.
    note: String,
}

impl ExceptionJson {
    fn new(exception: DateException, note: String) -> Self {
        let (kind, opens, closes) = ExceptionKind::of(exception.difference);
        let (id, clinician_id, date) = (exception.id, exception.clinician, exception.date);
        Self { id, clinician_id, date, kind, opens, closes, note }
    }
}

/// Dates that differ.
#[utoipa::path(get, path = "/api/clinic/exceptions", params(RangeQuery), tag = "clinic",
    responses((status = 200, body = Items<ExceptionJson>), (status = "default", body = Problem)))]
pub(super) async fn list_exceptions(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<RangeQuery>,
) -> Result<Json<Items<ExceptionJson>>, Problem> {
    let found = clinic::exceptions(&app, &caller.actor, query.from, query.to).await?;
    let items = found.into_iter().map(|(one, note)| ExceptionJson::new(one, note)).collect();
    Ok(Json(Items { items }))
}
