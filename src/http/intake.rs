//! What a booking was made with, for its clinic; the basis of a first visit; consent withdrawn.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::extract::{At, Body, Caller};
use super::problem::Problem;
use super::terms::FeesJson;
use crate::actions::App;
use crate::actions::intake::{self, Read};
use crate::engine::first_visit::Said;
use crate::model::BookingId;
use crate::model::facility::Stage;
use crate::model::intake::{FirstVisitBasis, Source};
use crate::model::questionnaire::Question;
use crate::model::questionnaire::answers::Answers;
use crate::model::terms::{ConsentKind, ConsentMethod};
use crate::store::{ConsentRow, QuestionList};

/// A question with what was said to it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Answered {
    /// The question, as it was asked.
    question: Question,
    /// The answer, where there is one.
    answer: Option<Value>,
}

/// A version of questions, answered.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AnsweredList {
    /// Its number.
    version: i64,
    /// The questions, in their order.
    items: Vec<Answered>,
}

impl AnsweredList {
    fn new(list: QuestionList, answers: Option<&Answers>) -> Self {
        let answered = |question: Question| {
            let answer = answers.and_then(|answers| answers.get(&question.id)).cloned();
            Answered { question, answer }
        };
        let items = list.questions.into_iter().map(answered).collect();
        Self { version: list.version, items }
    }
}

/// A consent as it was given.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ConsentJson {
    /// To what.
    kind: ConsentKind,
    /// To which version of its text.
    version: i64,
    /// How.
    method: ConsentMethod,
    /// When.
    at: DateTime<Utc>,
    /// When it was withdrawn.
    withdrawn_at: Option<DateTime<Utc>>,
}

impl From<ConsentRow> for ConsentJson {
    fn from(row: ConsentRow) -> Self {
        let ConsentRow { kind, version, method, at, withdrawn_at, .. } = row;
        Self { kind, version, method, at, withdrawn_at }
    }
}

/// On what a first visit rests.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BasisJson {
    /// For whom the service is.
    visit: Stage,
    /// The basis, where there is one.
    basis: Option<FirstVisitBasis>,
    /// When the patient was last seen in person here, as they say.
    last_in_person_on: Option<NaiveDate>,
    /// Which information there is.
    medical_information_source: Vec<Source>,
    /// The talk on which it rests.
    pre_consultation_id: Option<BookingId>,
    /// When the doctor confirmed it.
    confirmed_at: Option<DateTime<Utc>>,
    /// To be named when it is confirmed or changed.
    version: i64,
}

/// What a booking was made with.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Intake)]
pub(super) struct IntakeJson {
    /// The answers, with the questions of the version that was answered.
    questionnaire: Option<AnsweredList>,
    /// The same of the clinic's signs that must not wait.
    triage: Option<AnsweredList>,
    /// Symptoms, or what it is about.
    symptoms: Option<String>,
    /// The consents.
    consents: Vec<ConsentJson>,
    /// The fees that were shown.
    fees: Option<FeesJson>,
    /// Whether it was acknowledged that online care may be refused.
    refusal_acknowledged: bool,
    /// Whether the fee was acknowledged.
    fee_acknowledged: bool,
    /// On what a first visit rests.
    first_visit: BasisJson,
}

impl From<Read> for IntakeJson {
    fn from(read: Read) -> Self {
        let Read { intake, list, triage, fees, consents, answers, visit, date } = read;
        let list = list.map(|list| AnsweredList::new(list, answers.as_ref().map(|a| &a.answers)));
        let triage =
            triage.map(|list| AnsweredList::new(list, answers.as_ref().map(|a| &a.triage)));
        Self {
            questionnaire: list,
            triage,
            symptoms: answers.as_ref().map(|answers| answers.symptoms.clone()),
            consents: consents.into_iter().map(ConsentJson::from).collect(),
            fees: fees.map(|fees| FeesJson::on(&fees, date)),
            refusal_acknowledged: intake.refusal_acknowledged_at.is_some(),
            fee_acknowledged: intake.fee_acknowledged_at.is_some(),
            first_visit: BasisJson {
                visit,
                basis: intake.first_visit_basis,
                last_in_person_on: answers.as_ref().and_then(|answers| answers.last_in_person_on),
                medical_information_source: answers
                    .map(|answers| answers.medical_information_source)
                    .unwrap_or_default(),
                pre_consultation_id: intake.pre_consultation_id,
                confirmed_at: intake.confirmed_at,
                version: intake.version,
            },
        }
    }
}

/// What a booking was made with.
#[utoipa::path(get, path = "/api/clinic/visits/{id}/intake", params(("id" = BookingId, Path)),
    tag = "clinic",
    responses((status = 200, body = IntakeJson), (status = "default", body = Problem)))]
pub(super) async fn get_intake(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
) -> Result<Json<IntakeJson>, Problem> {
    Ok(Json(intake::read(&app, &caller.actor, id).await?.into()))
}

/// A doctor's word on the basis of a first visit.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BasisWish {
    /// The version that the person saw.
    version: i64,
    /// The basis.
    basis: FirstVisitBasis,
    /// When the patient was last seen in person, where it is not as the patient said.
    last_in_person_on: Option<NaiveDate>,
    /// Which information there is, where it is not as the patient said.
    #[serde(default)]
    medical_information_source: Vec<Source>,
}

/// Confirms or sets the basis of a first visit.
#[utoipa::path(put, path = "/api/clinic/visits/{id}/basis", params(("id" = BookingId, Path)),
    request_body = BasisWish, tag = "clinic",
    responses((status = 200, body = IntakeJson), (status = "default", body = Problem)))]
pub(super) async fn put_basis(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
    Body(wish): Body<BasisWish>,
) -> Result<Json<IntakeJson>, Problem> {
    let said = Said {
        basis: Some(wish.basis),
        last_in_person_on: wish.last_in_person_on,
        sources: wish.medical_information_source,
    };
    intake::put_basis(&app, &caller.actor, id, wish.version, said).await?;
    Ok(Json(intake::read(&app, &caller.actor, id).await?.into()))
}

/// Withdraws a consent.
#[utoipa::path(post, path = "/api/bookings/{id}/consents/{kind}/withdraw",
    params(("id" = BookingId, Path), ("kind" = ConsentKind, Path)), tag = "patients",
    responses((status = 204), (status = "default", body = Problem)))]
pub(super) async fn withdraw_consent(
    State(app): State<App>,
    caller: Caller,
    At((id, kind)): At<(BookingId, ConsentKind)>,
) -> Result<StatusCode, Problem> {
    intake::withdraw(&app, &caller.actor, id, kind).await?;
    Ok(StatusCode::NO_CONTENT)
}
