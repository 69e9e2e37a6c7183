//! Booking, for patients.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::{Address, At, Body, Caller, PATIENT_COOKIE, Written, set_cookie};
use super::json::{BookingJson, FacilityBrief, Items};
use super::problem::{Current, Problem};
use super::terms::TermsJson;
use crate::actions::booking::{self, CancelReason, NewTime};
use crate::actions::calendar::Wished;
use crate::actions::confirm::{self, Answers, ForWhom, Speech, Told};
use crate::actions::{App, Error, feeds, hours, questions};
use crate::engine::first_visit::Said;
use crate::format::{Lang, ical};
use crate::model::intake::{FirstVisitBasis, Source};
use crate::model::questionnaire::answers::Answers as QuestionAnswers;
use crate::model::terms::{ConsentMethod, Given};
use crate::model::{BookingId, ClinicianId, FacilityId, ServiceId};
use crate::seal::token::Token;
use crate::store::BookingView;

fn shown(app: &App, view: &BookingView) -> Result<Json<BookingJson>, Problem> {
    Ok(Json(BookingJson::new(view, &app.vault).map_err(Error::from)?))
}

/// With the times to choose from, where the clinic took this one.
async fn shown_to_patient(app: &App, view: &BookingView) -> Result<Json<BookingJson>, Problem> {
    let times = hours::new_times(app, view).await?;
    let Json(booking) = shown(app, view)?;
    Ok(Json(booking.with_new_times(times)))
}

/// The cookie of a new session, if there is one.
pub(super) fn given(token: Option<Token>) -> AppendHeaders<Option<(header::HeaderName, String)>> {
    let cookie = |token| (header::SET_COOKIE, set_cookie(PATIENT_COOKIE, &token));
    AppendHeaders(token.map(cookie))
}

/// A time that somebody wishes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HoldWish {
    /// Where.
    facility_id: FacilityId,
    /// For which kind of visit.
    service_id: ServiceId,
    /// With whom; nobody named means anybody who is free.
    clinician_id: Option<ClinicianId>,
    /// When it starts.
    #[schema(value_type = String, format = DateTime)]
    start: Written,
}

/// Holds a time for ten minutes.
#[utoipa::path(post, path = "/api/bookings", request_body = HoldWish, tag = "patients",
    responses((status = 201, body = BookingJson), (status = "default", body = Problem)))]
pub(super) async fn hold(
    State(app): State<App>,
    caller: Caller,
    Address(address): Address,
    Body(wish): Body<HoldWish>,
) -> Result<impl IntoResponse, Problem> {
    let (facility, clinician) = (wish.facility_id, wish.clinician_id);
    let wished = Wished { facility, clinician, start: wish.start.instant()? };
    let held = booking::hold(&app, &caller.actor, address, wish.service_id, wished).await?;
    Ok((StatusCode::CREATED, given(held.1), shown(&app, &held.0)?))
}

/// The bookings that this browser opened.
#[utoipa::path(get, path = "/api/bookings", tag = "patients",
    responses((status = 200, body = Items<BookingJson>), (status = "default", body = Problem)))]
pub(super) async fn list_bookings(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Items<BookingJson>>, Problem> {
    let views = booking::all_mine(&app, &caller.actor).await?;
    let mut items = Vec::with_capacity(views.len());
    for view in &views {
        items.push(shown_to_patient(&app, view).await?.0);
    }
    Ok(Json(Items { items }))
}

/// One booking that this browser opened.
#[utoipa::path(get, path = "/api/bookings/{id}", params(("id" = BookingId, Path)),
    tag = "patients",
    responses((status = 200, body = BookingJson), (status = "default", body = Problem)))]
pub(super) async fn get_booking(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
) -> Result<Json<BookingJson>, Problem> {
    shown_to_patient(&app, &booking::mine(&app, &caller.actor, id).await?).await
}

/// One booking as iCalendar, for the patient's own calendar.
#[utoipa::path(get, path = "/api/bookings/{id}/calendar.ics", params(("id" = BookingId, Path)),
    tag = "patients",
    responses((status = 200, content_type = "text/calendar", body = String),
        (status = "default", body = Problem)))]
pub(super) async fn get_calendar(
    State(app): State<App>,
    caller: Caller,
    language: Lang,
    At(id): At<BookingId>,
) -> Result<impl IntoResponse, Problem> {
    let view = booking::mine(&app, &caller.actor, id).await?;
    let text = feeds::calendar(&app, &view, language).ok_or(Error::NotFound)?;
    let headers = [
        (header::CONTENT_TYPE, ical::MEDIA_TYPE),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"onshin.ics\""),
    ];
    Ok((headers, text))
}

/// Ten minutes more for a hold, once.
#[utoipa::path(post, path = "/api/bookings/{id}/extend", params(("id" = BookingId, Path)),
    tag = "patients",
    responses((status = 200, body = BookingJson), (status = "default", body = Problem)))]
pub(super) async fn extend_hold(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
) -> Result<Json<BookingJson>, Problem> {
    shown(&app, &booking::extend(&app, &caller.actor, id).await?)
}

/// Gives a hold back.
#[utoipa::path(post, path = "/api/bookings/{id}/release", params(("id" = BookingId, Path)),
    tag = "patients", responses((status = 204), (status = "default", body = Problem)))]
pub(super) async fn release_hold(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
) -> Result<StatusCode, Problem> {
    booking::release(&app, &caller.actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What the patient answers.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ConfirmWish {
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
    /// Symptoms, or what it is about.
    symptoms: String,
    /// Whether they agree to online care, on a page that shows but one text.
    #[serde(default)]
    consent: bool,
    /// How they agree who answer on the telephone; patients tick boxes.
    consent_method: Option<SpokenOrPaper>,
    /// To which texts they agree, each by a box of its own.
    consents: Option<Vec<Given>>,
    /// The version of the questionnaire that was shown.
    questionnaire_version: Option<i64>,
    /// Answers to it, by the question's id.
    #[serde(default)]
    #[schema(value_type = std::collections::BTreeMap<String, serde_json::Value>)]
    answers: QuestionAnswers,
    /// The version of the clinic's list of signs that was shown.
    triage_version: Option<i64>,
    /// Answers to it, by the question's id.
    #[serde(default)]
    #[schema(value_type = std::collections::BTreeMap<String, serde_json::Value>)]
    triage: QuestionAnswers,
    /// The version of the fees that was shown.
    fee_version: Option<i64>,
    /// That online care may be refused after a talk before care.
    #[serde(default)]
    refusal_acknowledged: bool,
    /// What a talk before care costs.
    #[serde(default)]
    fee_acknowledged: bool,
    /// On what a first visit rests.
    first_visit_basis: Option<FirstVisitBasis>,
    /// When they were last seen in person here.
    last_in_person_on: Option<NaiveDate>,
    /// Which information about them there is.
    #[serde(default)]
    medical_information_source: Vec<Source>,
}

impl ConfirmWish {
    fn answers(self, method: ConsentMethod) -> Answers {
        let told = Told {
            method,
            consents: self.consents,
            questionnaire_version: self.questionnaire_version,
            answers: self.answers,
            triage_version: self.triage_version,
            triage: self.triage,
            fee_version: self.fee_version,
            refusal_acknowledged: self.refusal_acknowledged,
            fee_acknowledged: self.fee_acknowledged,
            said: Said {
                basis: self.first_visit_basis,
                last_in_person_on: self.last_in_person_on,
                sources: self.medical_information_source,
            },
        };
        Answers {
            for_whom: self.for_whom,
            relation: self.relation,
            booker_name: self.booker_name,
            name: self.name,
            kana: self.kana,
            birth_date: self.birth_date,
            phone: self.phone,
            email: self.email,
            language: self.language,
            symptoms: self.symptoms,
            consent: self.consent,
            told,
        }
    }
}

/// A confirmed booking.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Confirmed {
    /// The booking.
    booking: BookingJson,
    /// The address at which it can be opened with the birth date. Its secret is shown this once.
    link: String,
}

/// Turns a hold into a booking.
#[utoipa::path(post, path = "/api/bookings/{id}/confirm", params(("id" = BookingId, Path)),
    request_body = ConfirmWish, tag = "patients",
    responses((status = 200, body = Confirmed), (status = "default", body = Problem)))]
pub(super) async fn confirm_booking(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
    Body(wish): Body<ConfirmWish>,
) -> Result<Json<Confirmed>, Problem> {
    if wish.consent_method.is_some() {
        return Err(Error::invalid("/consent_method", "unknown").into());
    }
    let answers = wish.answers(ConsentMethod::Checkbox);
    confirmed(&app, &caller, id, answers).await
}

async fn confirmed(
    app: &App,
    caller: &Caller,
    id: BookingId,
    answers: Answers,
) -> Result<Json<Confirmed>, Problem> {
    let (view, token) = match confirm::confirm(app, &caller.actor, id, answers).await {
        Ok(done) => done,
        Err(Error::Changed(code)) => return Err(changed(app, id, code).await?),
        Err(error) => return Err(error.into()),
    };
    let Json(booking) = shown(app, &view)?;
    // The secret is in the fragment, which browsers send to nobody.
    let link = app.link(&token);
    Ok(Json(Confirmed { booking, link }))
}

/// What was shown has changed: what stands now, for the day of the visit.
async fn changed(app: &App, id: BookingId, code: &'static str) -> Result<Problem, Problem> {
    let (asked, date) = questions::asked_for(app, id).await?;
    let current = if code == "questionnaire_changed" {
        Current { questionnaire: Some((&asked).into()), terms: None }
    } else {
        Current { questionnaire: None, terms: Some(TermsJson::on(&asked, date)) }
    };
    Ok(Problem::new(StatusCode::CONFLICT, code).with_current(current))
}

/// How somebody agrees who has no page before them.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum SpokenOrPaper {
    /// By saying so.
    Spoken,
    /// On paper.
    Paper,
}

/// Turns a hold into a booking, for a patient on the telephone.
#[utoipa::path(post, path = "/api/clinic/bookings/{id}/confirm",
    params(("id" = BookingId, Path)), request_body = ConfirmWish, tag = "clinic",
    responses((status = 200, body = Confirmed), (status = "default", body = Problem)))]
pub(super) async fn confirm_by_staff(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
    Body(wish): Body<ConfirmWish>,
) -> Result<Json<Confirmed>, Problem> {
    let method = match wish.consent_method.ok_or(Error::invalid("/consent_method", "required"))? {
        SpokenOrPaper::Spoken => ConsentMethod::Spoken,
        SpokenOrPaper::Paper => ConsentMethod::Paper,
    };
    confirmed(&app, &caller, id, wish.answers(method)).await
}

/// Why it is called off.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CancelWish {
    /// The reason.
    pub(super) reason: CancelReason,
}

/// Calls a booking off.
#[utoipa::path(post, path = "/api/bookings/{id}/cancel", params(("id" = BookingId, Path)),
    request_body = CancelWish, tag = "patients",
    responses((status = 200, body = BookingJson), (status = "default", body = Problem)))]
pub(super) async fn cancel_booking(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
    Body(wish): Body<CancelWish>,
) -> Result<Json<BookingJson>, Problem> {
    shown(&app, &booking::cancel(&app, &caller.actor, id, wish.reason).await?)
}

/// Where a booking is to be moved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MoveWish {
    /// With whom.
    clinician_id: ClinicianId,
    /// When it starts.
    #[schema(value_type = String, format = DateTime)]
    start: Written,
    /// The version that the person saw.
    version: i64,
}

/// Puts a booking at another time in one step.
#[utoipa::path(post, path = "/api/bookings/{id}/move", params(("id" = BookingId, Path)),
    request_body = MoveWish, tag = "patients",
    responses((status = 200, body = BookingJson), (status = "default", body = Problem)))]
pub(super) async fn move_booking(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
    Body(wish): Body<MoveWish>,
) -> Result<Json<BookingJson>, Problem> {
    let (clinician, start, version) = (wish.clinician_id, wish.start.instant()?, wish.version);
    let to = NewTime { clinician, start, version, over: None };
    shown(&app, &booking::move_to(&app, &caller.actor, id, to).await?)
}

/// A link's secret and the birth date that opens it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LinkWish {
    /// What stands after `#` in the link.
    token: String,
    /// The patient's birth date. A browser that opened the booking before needs none.
    birth_date: Option<NaiveDate>,
}

/// What a link led to.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Opened {
    /// The booking that was opened; none where the birth date is needed.
    booking_id: Option<BookingId>,
    /// The clinic, which can be telephoned.
    facility: FacilityBrief,
}

/// Opens a booking by its link.
#[utoipa::path(post, path = "/api/visitor", request_body = LinkWish, tag = "patients",
    responses((status = 200, body = Opened), (status = "default", body = Problem)))]
pub(super) async fn open_link(
    State(app): State<App>,
    caller: Caller,
    Address(address): Address,
    Body(wish): Body<LinkWish>,
) -> Result<impl IntoResponse, Problem> {
    let confirm::Opened { view, opened, session } =
        confirm::open_link(&app, &caller.actor, address, &wish.token, wish.birth_date).await?;
    let booking_id = opened.then_some(view.booking.id);
    Ok((given(session), Json(Opened { booking_id, facility: FacilityBrief::of(&view) })))
}
