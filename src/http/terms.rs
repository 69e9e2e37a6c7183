//! What a patient is told before a visit: what is agreed to, and what it costs.

use axum::Json;
use axum::extract::State;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::extract::{Asked as AskedQuery, At, Body, Caller};
use super::json::Items;
use super::problem::Problem;
use crate::actions::App;
use crate::actions::questions::{self, Asked};
use crate::format::seeds;
use crate::model::ServiceId;
use crate::model::facility::ServiceKind;
use crate::model::terms::{CancelPolicy, ConsentKind, ConsentText, FeeItem, FeeKind, Fees};

/// Shares of the fee that patients pay, in per cent.
const SHARES: [i64; 3] = [30, 20, 10];

/// What is agreed to.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ConsentText)]
pub struct ConsentTextJson {
    /// To what.
    kind: ConsentKind,
    /// To be named with the consent.
    version: i64,
    /// Its words.
    text_ja: String,
    /// The same in English.
    text_en: String,
    /// Whether it is the clinic's own.
    own: bool,
}

impl From<&ConsentText> for ConsentTextJson {
    fn from(text: &ConsentText) -> Self {
        Self {
            kind: text.kind,
            version: text.version,
            text_ja: text.text_ja.clone(),
            text_en: text.text_en.clone(),
            own: text.own,
        }
    }
}

/// What a share comes to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Estimate {
    /// The share, in per cent.
    share_pct: i64,
    /// Yen, rounded to ten.
    yen: i64,
}

/// A fee in points, of which the patient pays a share: an estimate.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PointsJson {
    /// Its row in the table of points.
    code: String,
    /// How many on that day.
    points: i64,
    /// Since when.
    valid_from: NaiveDate,
    /// What common shares come to.
    estimates: Vec<Estimate>,
}

/// One fee, as it is shown.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FeeJson {
    /// What it is for.
    kind: FeeKind,
    /// Its name.
    name_ja: String,
    /// Its name in English.
    name_en: String,
    /// What else there is to say.
    note_ja: String,
    /// The same in English.
    note_en: String,
    /// Its amount in yen, tax included, where it is fixed.
    yen: Option<i64>,
    /// Its points, where the patient pays a share.
    points: Option<PointsJson>,
}

/// Fees, as they are shown.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Fees)]
pub struct FeesJson {
    /// To be named with the confirmation.
    version: i64,
    /// The fees, in their order.
    items: Vec<FeeJson>,
    /// What is paid for calling off.
    cancel: CancelPolicy,
}

impl FeesJson {
    /// The fees on a date.
    pub(super) fn on(fees: &Fees, date: NaiveDate) -> Self {
        let items = fees.items.iter().map(|item| fee_on(item, date)).collect();
        Self { version: fees.version, items, cancel: fees.cancel.clone() }
    }
}

fn fee_on(item: &FeeItem, date: NaiveDate) -> FeeJson {
    let row = item.points_code.as_ref().and_then(|code| seeds::points_on(code, date));
    let estimate = |points: &crate::model::terms::Points, share_pct| {
        let yen = points.share(share_pct);
        Estimate { share_pct, yen }
    };
    let points = row.map(|points| PointsJson {
        code: points.code.clone(),
        points: points.points,
        valid_from: points.valid_from,
        estimates: SHARES.into_iter().map(|share| estimate(points, share)).collect(),
    });
    FeeJson {
        kind: item.kind,
        name_ja: item.name_ja.clone(),
        name_en: item.name_en.clone(),
        note_ja: item.note_ja.clone(),
        note_en: item.note_en.clone(),
        yen: item.yen,
        points,
    }
}

/// What must be acknowledged by a box of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Acknowledge {
    /// That online care may be refused afterwards.
    Refusal,
    /// The fee.
    Fee,
}

/// What is agreed to and paid.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Terms)]
pub struct TermsJson {
    /// For which service.
    service_id: ServiceId,
    /// What is agreed to, each apart.
    consents: Vec<ConsentTextJson>,
    /// What it costs, where it is said.
    fees: Option<FeesJson>,
    /// What must be acknowledged.
    acknowledge: Vec<Acknowledge>,
}

impl TermsJson {
    /// What holds for a visit on a date.
    pub(super) fn on(asked: &Asked, date: NaiveDate) -> Self {
        let talk = asked.asking.kind == ServiceKind::PreConsultation;
        Self {
            service_id: asked.asking.service,
            consents: asked.texts.iter().map(ConsentTextJson::from).collect(),
            fees: asked.fees.as_ref().map(|fees| FeesJson::on(fees, date)),
            acknowledge: if talk { vec![Acknowledge::Refusal, Acknowledge::Fee] } else { vec![] },
        }
    }
}

/// For which day.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct OnQuery {
    /// The local date of the visit; today where none is given.
    on: Option<NaiveDate>,
}

/// What is agreed to and paid.
#[utoipa::path(get, path = "/api/services/{id}/terms", params(("id" = ServiceId, Path), OnQuery),
    tag = "patients",
    responses((status = 200, body = TermsJson), (status = "default", body = Problem)))]
pub(super) async fn get_terms(
    State(app): State<App>,
    At(id): At<ServiceId>,
    AskedQuery(query): AskedQuery<OnQuery>,
) -> Result<Json<TermsJson>, Problem> {
    let asked = questions::asked(&app, id).await?;
    let date = query.on.unwrap_or_else(|| asked.today(app.clock.now()));
    Ok(Json(TermsJson::on(&asked, date)))
}

/// The texts to which the clinic's patients agree.
#[utoipa::path(get, path = "/api/clinic/consent-texts", tag = "clinic",
    responses((status = 200, body = Items<ConsentTextJson>), (status = "default", body = Problem)))]
pub(super) async fn list_consent_texts(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Items<ConsentTextJson>>, Problem> {
    let texts = questions::consent_texts(&app, &caller.actor).await?;
    Ok(Json(Items { items: texts.iter().map(ConsentTextJson::from).collect() }))
}

/// The clinic's own next text.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ConsentTextWish {
    /// The version that the person saw.
    version: i64,
    /// Its words.
    text_ja: String,
    /// The same in English.
    text_en: String,
}

/// Makes the clinic's own next text.
#[utoipa::path(put, path = "/api/clinic/consent-texts/{kind}",
    params(("kind" = ConsentKind, Path)), request_body = ConsentTextWish, tag = "clinic",
    responses((status = 200, body = Items<ConsentTextJson>), (status = "default", body = Problem)))]
pub(super) async fn put_consent_text(
    State(app): State<App>,
    caller: Caller,
    At(kind): At<ConsentKind>,
    Body(wish): Body<ConsentTextWish>,
) -> Result<Json<Items<ConsentTextJson>>, Problem> {
    let words = (wish.text_ja.as_str(), wish.text_en.as_str());
    let put = questions::put_consent_text(&app, &caller.actor, kind, wish.version, words);
    Ok(Json(Items { items: put.await?.iter().map(ConsentTextJson::from).collect() }))
}

/// The fees of a service as its clinic edits them.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EditedFees {
    /// Whether care is insured: then the booking itself costs nothing.
    insured: bool,
    /// To be named when they are changed; none where there are none.
    version: Option<i64>,
    /// The fees, in their order.
    items: Vec<FeeItem>,
    /// What is paid for calling off.
    cancel: CancelPolicy,
}

impl From<(bool, Option<Fees>)> for EditedFees {
    fn from((insured, fees): (bool, Option<Fees>)) -> Self {
        let version = fees.as_ref().map(|fees| fees.version);
        let (items, cancel) = fees.map(|fees| (fees.items, fees.cancel)).unwrap_or_default();
        Self { insured, version, items, cancel }
    }
}

/// The fees of one of the clinic's services.
#[utoipa::path(get, path = "/api/clinic/services/{id}/fees", params(("id" = ServiceId, Path)),
    tag = "clinic",
    responses((status = 200, body = EditedFees), (status = "default", body = Problem)))]
pub(super) async fn get_fees(
    State(app): State<App>,
    caller: Caller,
    At(id): At<ServiceId>,
) -> Result<Json<EditedFees>, Problem> {
    Ok(Json(questions::fees(&app, &caller.actor, id).await?.into()))
}

/// The next version of fees.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FeesWish {
    /// The version that the person saw.
    version: Option<i64>,
    /// The fees, in their order.
    items: Vec<FeeItem>,
    /// What is paid for calling off.
    #[serde(default)]
    cancel: CancelPolicy,
}

/// Makes the next version of a service's fees.
#[utoipa::path(put, path = "/api/clinic/services/{id}/fees", params(("id" = ServiceId, Path)),
    request_body = FeesWish, tag = "clinic",
    responses((status = 200, body = EditedFees), (status = "default", body = Problem)))]
pub(super) async fn put_fees(
    State(app): State<App>,
    caller: Caller,
    At(id): At<ServiceId>,
    Body(wish): Body<FeesWish>,
) -> Result<Json<EditedFees>, Problem> {
    let FeesWish { version, items, cancel } = wish;
    let put = questions::put_fees(&app, &caller.actor, id, version, items, cancel);
    Ok(Json(put.await?.into()))
}
