//! What is asked before a visit: for patients, and for the clinic that edits it.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::{At, Body, Caller};
use super::problem::Problem;
use crate::actions::App;
use crate::actions::questions::{self, Asked, Edited};
use crate::format::seeds;
use crate::model::ServiceId;
use crate::model::facility::Stage;
use crate::model::intake::WithoutBasis;
use crate::model::questionnaire::Question;
use crate::store::QuestionList;

/// A version of questions.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ListJson {
    /// Its number.
    version: i64,
    /// The questions, in their order.
    questions: Vec<Question>,
}

impl From<&QuestionList> for ListJson {
    fn from(list: &QuestionList) -> Self {
        Self { version: list.version, questions: list.questions.clone() }
    }
}

/// On what a visit rests.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FirstVisitJson {
    /// For first visits, repeat visits or both.
    visit: Stage,
    /// What becomes of a first visit without a basis.
    without_basis: WithoutBasis,
}

/// What is asked before a visit.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Questionnaire)]
pub struct QuestionnaireJson {
    /// For which service.
    service_id: ServiceId,
    /// Its number; none where nothing is asked but symptoms.
    version: Option<i64>,
    /// The questions, in their order.
    questions: Vec<Question>,
    /// The clinic's signs that must not wait.
    red_flags: Option<ListJson>,
    /// On what a visit rests.
    first_visit: FirstVisitJson,
}

impl From<&Asked> for QuestionnaireJson {
    fn from(asked: &Asked) -> Self {
        let list = asked.list.as_ref();
        Self {
            service_id: asked.asking.service,
            version: list.map(|list| list.version),
            questions: list.map(|list| list.questions.clone()).unwrap_or_default(),
            red_flags: asked.triage.as_ref().map(ListJson::from),
            first_visit: FirstVisitJson {
                visit: asked.asking.visit,
                without_basis: asked.asking.without_basis,
            },
        }
    }
}

/// What is asked before a visit.
#[utoipa::path(get, path = "/api/services/{id}/questionnaire",
    params(("id" = ServiceId, Path)), tag = "patients",
    responses((status = 200, body = QuestionnaireJson), (status = "default", body = Problem)))]
pub(super) async fn get_questionnaire(
    State(app): State<App>,
    At(id): At<ServiceId>,
) -> Result<Json<QuestionnaireJson>, Problem> {
    Ok(Json((&questions::asked(&app, id).await?).into()))
}

/// A questionnaire as its clinic edits it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EditedQuestionnaire {
    /// To be named when it is changed; none where there is none.
    version: Option<i64>,
    /// The questions, in their order.
    questions: Vec<Question>,
    /// Questions to start from.
    template: Vec<Question>,
}

impl From<Edited> for EditedQuestionnaire {
    fn from(edited: Edited) -> Self {
        let template = seeds::default_questions().to_vec();
        Self { version: edited.version, questions: edited.questions, template }
    }
}

/// The questionnaire of one of the clinic's services.
#[utoipa::path(get, path = "/api/clinic/services/{id}/questionnaire",
    params(("id" = ServiceId, Path)), tag = "clinic",
    responses((status = 200, body = EditedQuestionnaire), (status = "default", body = Problem)))]
pub(super) async fn clinic_questionnaire(
    State(app): State<App>,
    caller: Caller,
    At(id): At<ServiceId>,
) -> Result<Json<EditedQuestionnaire>, Problem> {
    Ok(Json(questions::questionnaire(&app, &caller.actor, id).await?.into()))
}

/// The next version of questions.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct QuestionsWish {
    /// The version that the person saw.
    version: Option<i64>,
    /// The questions, in their order.
    questions: Vec<Question>,
}

/// Makes the next version of a service's questionnaire.
#[utoipa::path(put, path = "/api/clinic/services/{id}/questionnaire",
    params(("id" = ServiceId, Path)), request_body = QuestionsWish, tag = "clinic",
    responses((status = 200, body = EditedQuestionnaire), (status = "default", body = Problem)))]
pub(super) async fn put_questionnaire(
    State(app): State<App>,
    caller: Caller,
    At(id): At<ServiceId>,
    Body(wish): Body<QuestionsWish>,
) -> Result<Json<EditedQuestionnaire>, Problem> {
    let (seen, list) = (wish.version, wish.questions);
    let put = questions::put_questionnaire(&app, &caller.actor, id, seen, list);
    Ok(Json(put.await?.into()))
}

/// The clinic's signs that must not wait.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EditedTriage {
    /// To be named when they are changed; none where there are none.
    version: Option<i64>,
    /// The questions, in their order.
    questions: Vec<Question>,
}

impl From<Edited> for EditedTriage {
    fn from(edited: Edited) -> Self {
        Self { version: edited.version, questions: edited.questions }
    }
}

/// The clinic's signs that must not wait.
#[utoipa::path(get, path = "/api/clinic/triage", tag = "clinic",
    responses((status = 200, body = EditedTriage), (status = "default", body = Problem)))]
pub(super) async fn get_triage(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<EditedTriage>, Problem> {
    Ok(Json(questions::triage(&app, &caller.actor).await?.into()))
}

/// Makes the next version of the clinic's signs that must not wait.
#[utoipa::path(put, path = "/api/clinic/triage", request_body = QuestionsWish, tag = "clinic",
    responses((status = 200, body = EditedTriage), (status = "default", body = Problem)))]
pub(super) async fn put_triage(
    State(app): State<App>,
    caller: Caller,
    Body(wish): Body<QuestionsWish>,
) -> Result<Json<EditedTriage>, Problem> {
    let put = questions::put_triage(&app, &caller.actor, wish.version, wish.questions);
    Ok(Json(put.await?.into()))
}

/// What becomes of a first visit without a basis.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WithoutBasisJson {
    /// What.
    without_basis: WithoutBasis,
}

/// What becomes of a first visit without a basis.
#[utoipa::path(get, path = "/api/clinic/services/{id}/first-visit",
    params(("id" = ServiceId, Path)), tag = "clinic",
    responses((status = 200, body = WithoutBasisJson), (status = "default", body = Problem)))]
pub(super) async fn get_without_basis(
    State(app): State<App>,
    caller: Caller,
    At(id): At<ServiceId>,
) -> Result<Json<WithoutBasisJson>, Problem> {
    let without_basis = questions::without_basis(&app, &caller.actor, id).await?;
    Ok(Json(WithoutBasisJson { without_basis }))
}

/// Sets what becomes of a first visit without a basis.
#[utoipa::path(put, path = "/api/clinic/services/{id}/first-visit",
    params(("id" = ServiceId, Path)), request_body = WithoutBasisJson, tag = "clinic",
    responses((status = 200, body = WithoutBasisJson), (status = "default", body = Problem)))]
pub(super) async fn put_without_basis(
    State(app): State<App>,
    caller: Caller,
    At(id): At<ServiceId>,
    Body(wish): Body<WithoutBasisJson>,
) -> Result<Json<WithoutBasisJson>, Problem> {
    let put = questions::put_without_basis(&app, &caller.actor, id, wish.without_basis);
    Ok(Json(WithoutBasisJson { without_basis: put.await? }))
}
