//! The closing form of a visit, what its patient reads of it, and the number for the pharmacy.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{At, Body, Caller};
use super::json::BookingJson;
use super::problem::Problem;
use crate::actions::confirm::Speech;
use crate::actions::visit::closing::{self, Closed, Closing, Exchange};
use crate::actions::{App, Error};
use crate::model::BookingId;
use crate::model::booking::Outcome;
use crate::model::closing::{
    CareMode, DoctorPlace, Facts, PrescriptionKind, RecordAccess, Referral,
};
use crate::model::facility::ServiceKind;
use crate::model::intake::TalkOutcome;

/// The routes of how a visit ends.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(close_visit))
        .routes(routes!(clinic_closing))
        .routes(routes!(patient_closing))
        .routes(routes!(show_exchange_number))
        .routes(routes!(put_exchange_number))
}

/// How a visit ended.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CloseWish {
    /// How it ended.
    outcome: Outcome,
    /// What else there is to say.
    note: Option<String>,
    /// What came of a talk before care that took place.
    pre_consultation_outcome: Option<TalkOutcome>,
    /// What the doctor says of a visit that took place; needed for one that is done, or that goes
    /// on in person.
    facts: Option<Facts>,
}

/// Closes a visit with its outcome.
#[utoipa::path(post, path = "/api/clinic/visits/{id}/close", params(("id" = BookingId, Path)),
    request_body = CloseWish, tag = "visit",
    responses((status = 200, body = BookingJson), (status = "default", body = Problem)))]
async fn close_visit(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
    Body(wish): Body<CloseWish>,
) -> Result<Json<BookingJson>, Problem> {
    let talk = wish.pre_consultation_outcome;
    let closing = Closing { outcome: wish.outcome, note: wish.note, talk, facts: wish.facts };
    let view = closing::close(&app, &caller.actor, id, closing).await?;
    Ok(Json(BookingJson::new(&view, &app.vault).map_err(Error::from)?))
}

/// Where the number for the pharmacy is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ExchangeState {
    /// It waits to be shown.
    Ready,
    /// It was shown.
    Shown,
    /// It ran out.
    Expired,
}

/// The number for the pharmacy: where it is, never the number itself.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Exchange)]
struct ExchangeJson {
    /// Where it is.
    state: ExchangeState,
    /// Until when it waits, when it was shown, or when it ran out.
    at: DateTime<Utc>,
}

impl From<Exchange> for ExchangeJson {
    fn from(exchange: Exchange) -> Self {
        let (state, at) = match exchange {
            Exchange::Ready(at) => (ExchangeState::Ready, at),
            Exchange::Shown(at) => (ExchangeState::Shown, at),
            Exchange::Expired(at) => (ExchangeState::Expired, at),
        };
        Self { state, at }
    }
}

/// The visit that follows.
#[derive(Debug, Serialize, ToSchema)]
struct NextVisit {
    /// Its booking.
    id: BookingId,
    /// When it starts.
    start: DateTime<Utc>,
}

/// What was said of a visit that took place.
#[derive(Debug, Serialize, ToSchema)]
struct ClosingSaid {
    /// Where it took place in the end.
    mode: CareMode,
    /// In which form something was prescribed.
    prescription: PrescriptionKind,
    /// For how many days.
    days: Option<i64>,
    /// The number for the pharmacy.
    exchange: Option<ExchangeJson>,
    /// To whom the patient was sent.
    referral: Option<Referral>,
    /// What follows.
    onward_policy: Option<String>,
    /// The visit that follows.
    next: Option<NextVisit>,
}

/// How a visit was closed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Closed)]
struct ClosedJson {
    /// How it ended; nothing as long as it is not closed.
    outcome: Option<Outcome>,
    /// What was said of it, where care took place.
    said: Option<ClosingSaid>,
}

impl From<Option<Closed>> for ClosedJson {
    fn from(closed: Option<Closed>) -> Self {
        let Some(Closed { outcome, said }) = closed else {
            return Self { outcome: None, said: None };
        };
        let said = said.map(|said| ClosingSaid {
            mode: said.mode,
            prescription: said.prescription,
            days: said.days,
            exchange: said.exchange.map(ExchangeJson::from),
            referral: said.referral,
            onward_policy: said.onward_policy,
            next: said.next.map(|(id, start)| NextVisit { id, start }),
        });
        Self { outcome: Some(outcome), said }
    }
}

/// How a visit was closed, for its patient.
#[utoipa::path(get, path = "/api/visits/{id}/closing", params(("id" = BookingId, Path)),
    tag = "visit",
    responses((status = 200, body = ClosedJson), (status = "default", body = Problem)))]
async fn patient_closing(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
) -> Result<Json<ClosedJson>, Problem> {
    Ok(Json(closing::of_patient(&app, &caller.actor, id).await?.into()))
}

/// What the form says before the doctor has said anything.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "each suggests a field of the form")]
struct ClosingSuggested {
    /// Care, or a talk before it.
    kind: ServiceKind,
    /// Whether both sides had a picture, without which it cannot be closed as done.
    video_seen: bool,
    /// First by the guideline.
    guideline_first_visit: bool,
    /// First by the fees.
    billing_first_visit: bool,
    /// Whether underlying conditions and the like are known.
    underlying_info_known: bool,
    /// Whether the patient's identity was checked for this visit.
    identity_checked: bool,
    /// The version of that item, to be named when it is changed.
    identity_version: i64,
    /// Whether it is known on what a first visit rests.
    basis_known: bool,
    /// The version of that, to be named when it is said.
    basis_version: i64,
    /// In which the patient reads what follows.
    language: Speech,
    /// Two digits of the prefecture in which the patient said they are.
    patient_prefecture: Option<String>,
    /// Where the doctor was.
    doctor_place: DoctorPlace,
    /// In which prefecture.
    doctor_prefecture: Option<String>,
    /// How past records were seen.
    record_access: Option<RecordAccess>,
}

/// A visit's closing form.
#[derive(Debug, Serialize, ToSchema)]
struct ClosingForm {
    /// What is suggested.
    suggested: ClosingSuggested,
    /// What was said.
    closed: ClosedJson,
}

/// A visit's closing form, for its doctor.
#[utoipa::path(get, path = "/api/clinic/visits/{id}/closing", params(("id" = BookingId, Path)),
    tag = "visit",
    responses((status = 200, body = ClosingForm), (status = "default", body = Problem)))]
async fn clinic_closing(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
) -> Result<Json<ClosingForm>, Problem> {
    let (suggested, closed) = closing::of_clinic(&app, &caller.actor, id).await?;
    let suggested = ClosingSuggested {
        kind: suggested.kind,
        video_seen: suggested.video_seen,
        guideline_first_visit: suggested.guideline_first_visit,
        billing_first_visit: suggested.billing_first_visit,
        underlying_info_known: suggested.underlying_info_known,
        identity_checked: suggested.identity_checked,
        identity_version: suggested.identity_version,
        basis_known: suggested.basis_known,
        basis_version: suggested.basis_version,
        language: suggested.language,
        patient_prefecture: suggested.patient_prefecture,
        doctor_place: suggested.doctor_place,
        doctor_prefecture: suggested.doctor_prefecture,
        record_access: suggested.record_access,
    };
    Ok(Json(ClosingForm { suggested, closed: closed.into() }))
}

/// A number for the pharmacy, as it is shown this once.
#[derive(Debug, Serialize, ToSchema)]
struct ExchangeNumber {
    /// Six digits.
    number: String,
    /// The first instant at which it is over.
    expires_at: DateTime<Utc>,
}

/// Shows the patient the number for the pharmacy, once.
#[utoipa::path(post, path = "/api/visits/{id}/exchange-number", params(("id" = BookingId, Path)),
    tag = "visit",
    responses((status = 200, body = ExchangeNumber), (status = "default", body = Problem)))]
async fn show_exchange_number(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
) -> Result<Json<ExchangeNumber>, Problem> {
    let shown = closing::show_exchange_number(&app, &caller.actor, id).await?;
    Ok(Json(ExchangeNumber { number: shown.number, expires_at: shown.expires_at }))
}

/// A number for the pharmacy.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ExchangeWish {
    /// Six digits.
    number: String,
}

/// Gives a closed visit's electronic prescription its number, or a new one.
#[utoipa::path(put, path = "/api/clinic/visits/{id}/exchange-number",
    params(("id" = BookingId, Path)), request_body = ExchangeWish, tag = "visit",
    responses((status = 204), (status = "default", body = Problem)))]
async fn put_exchange_number(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
    Body(wish): Body<ExchangeWish>,
) -> Result<StatusCode, Problem> {
    closing::put_exchange_number(&app, &caller.actor, id, &wish.number).await?;
    Ok(StatusCode::NO_CONTENT)
}
