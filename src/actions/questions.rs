//! What is asked, told and agreed before a visit: read by patients, edited by their clinic. Every
//! edit is a new version and names the one that was seen.

use chrono::NaiveDate;
use serde_json::json;

use super::clinic::own_facility;
use super::{App, Error, Result};
use crate::format::seeds;
use crate::model::audit::Entry;
use crate::model::facility::Stage;
use crate::model::intake::WithoutBasis;
use crate::model::person::Actor;
use crate::model::questionnaire::{self, Fault, ListOf, Question};
use crate::model::terms::{CancelPolicy, ConsentKind, ConsentText, FeeItem, Fees, MOST_ITEMS};
use crate::model::{BookingId, FacilityId, ServiceId};
use crate::store::{Asking, Made, QuestionList, Tx};
use crate::time::Instant;

/// The longest text of consent, in characters.
const CONSENT: usize = 5000;

/// What a patient is asked and told before a visit of one service.
pub struct Asked {
    /// What decides about it.
    pub asking: Asking,
    /// The service's questions, where it has any.
    pub list: Option<QuestionList>,
    /// Whether these are the house's, which nobody has answered yet at this service.
    pub by_default: bool,
    /// The clinic's signs that must not wait, where it has any.
    pub triage: Option<QuestionList>,
    /// What is agreed to.
    pub texts: Vec<ConsentText>,
    /// What it costs, where it is said.
    pub fees: Option<Fees>,
}

impl Asked {
    /// The local date at the facility.
    pub fn today(&self, now: Instant) -> NaiveDate {
        self.asking.date(now)
    }
}

/// What a patient is asked and told now.
pub(super) async fn load(tx: &mut Tx, service: ServiceId) -> Result<Asked> {
    let asking = tx.asking(service).await?.ok_or(Error::NotFound)?;
    let stored = tx.questionnaire(service).await?;
    let by_default = stored.is_none() && asking.visit == Stage::First;
    let list = if by_default { Some(default_list()) } else { stored };
    let asks = |list: &QuestionList| !list.questions.is_empty();
    let facility = asking.facility;
    Ok(Asked {
        asking,
        list: list.filter(asks),
        by_default,
        triage: tx.triage(facility).await?.filter(asks),
        texts: tx.consent_texts(facility).await?,
        fees: tx.fees(service).await?,
    })
}

/// The house's questions as the first version of a service's.
fn default_list() -> QuestionList {
    let questions = seeds::default_questions().to_vec();
    QuestionList { id: uuid::Uuid::nil(), version: 1, questions }
}

/// Makes the house's questions the first version of the service's, where they are asked; either
/// way, the version that is answered now.
pub(super) async fn keep_list(tx: &mut Tx, asked: &Asked, at: Made) -> Result<Option<uuid::Uuid>> {
    let Some(list) = &asked.list else { return Ok(None) };
    if !asked.by_default {
        return Ok(Some(list.id));
    }
    let made = Made { version: 1, account: None, ..at };
    match tx.add_questionnaire(made, asked.asking.service, &list.questions).await {
        Ok(id) => Ok(Some(id)),
        // Somebody answered them at the same time.
        Err(crate::store::Error::Stale) => {
            Ok(tx.questionnaire(asked.asking.service).await?.map(|list| list.id))
        }
        Err(error) => Err(error.into()),
    }
}

/// What a patient is asked and told before a visit of a service.
pub async fn asked(app: &App, service: ServiceId) -> Result<Asked> {
    load(&mut app.store.read().await?, service).await
}

/// The same for a booking, and the local date of its visit.
pub async fn asked_for(app: &App, id: BookingId) -> Result<(Asked, NaiveDate)> {
    let mut tx = app.store.read().await?;
    let booking = tx.booking(id).await?.ok_or(Error::NotFound)?;
    let asked = load(&mut tx, booking.service).await?;
    let date = asked.asking.date(booking.starts_at);
    Ok((asked, date))
}

/// A service of the actor's facility.
async fn own_service(tx: &mut Tx, actor: &Actor, service: ServiceId) -> Result<Asking> {
    let facility = own_facility(actor)?;
    let asking = tx.asking(service).await?.ok_or(Error::NotFound)?;
    if asking.facility == facility { Ok(asking) } else { Err(Error::NotFound) }
}

/// A list of questions as its clinic edits it.
pub struct Edited {
    /// Its number; nothing where there is none yet.
    pub version: Option<i64>,
    /// The questions.
    pub questions: Vec<Question>,
}

impl From<Option<QuestionList>> for Edited {
    fn from(list: Option<QuestionList>) -> Self {
        let version = list.as_ref().map(|list| list.version);
        Self { version, questions: list.map(|list| list.questions).unwrap_or_default() }
    }
}

/// The questionnaire of a service of the actor's facility.
pub async fn questionnaire(app: &App, actor: &Actor, service: ServiceId) -> Result<Edited> {
    let mut tx = app.store.read().await?;
    own_service(&mut tx, actor, service).await?;
    let asked = load(&mut tx, service).await?;
    let stored = tx.questionnaire(service).await?;
    Ok(if asked.by_default { asked.list } else { stored }.into())
}

/// The number of the version after the one that was seen, if that is the current one.
fn next(seen: Option<i64>, current: Option<i64>) -> Result<i64> {
    if seen == current { Ok(current.unwrap_or(0) + 1) } else { Err(Error::Refused("stale")) }
}

fn made(app: &App, actor: &Actor, facility: FacilityId, version: i64) -> Made {
    let account = actor.account().map(|account| account.id);
    Made { facility, version, account, at: app.clock.now() }
}

fn refuse(faults: Vec<Fault>) -> Result<()> {
    if faults.is_empty() { Ok(()) } else { Err(Error::InvalidAt(faults)) }
}

/// Makes the next version of a service's questionnaire.
pub async fn put_questionnaire(
    app: &App,
    actor: &Actor,
    service: ServiceId,
    seen: Option<i64>,
    questions: Vec<Question>,
) -> Result<Edited> {
    refuse(questionnaire::check(&questions, ListOf::Questions))?;
    let mut tx = app.store.begin().await?;
    let facility = own_service(&mut tx, actor, service).await?.facility;
    let asked = load(&mut tx, service).await?;
    let stored = tx.questionnaire(service).await?.map(|list| list.version);
    let version = next(seen, if asked.by_default { Some(1) } else { stored })?;
    let made = made(app, actor, facility, version);
    keep_list(&mut tx, &asked, made).await?;
    tx.add_questionnaire(made, service, &questions).await?;
    let entry = Entry::of(actor, "questionnaire.put", service, made.at).at_facility(facility);
    tx.commit(entry.with(json!({ "version": version }))).await?;
    Ok(Edited { version: Some(version), questions })
}

/// The signs that must not wait, as the actor's facility has them.
pub async fn triage(app: &App, actor: &Actor) -> Result<Edited> {
    let facility = own_facility(actor)?;
    Ok(app.store.read().await?.triage(facility).await?.into())
}

/// Makes the next version of the facility's signs that must not wait.
pub async fn put_triage(
    app: &App,
    actor: &Actor,
    seen: Option<i64>,
    questions: Vec<Question>,
) -> Result<Edited> {
    refuse(questionnaire::check(&questions, ListOf::RedFlags))?;
    let facility = own_facility(actor)?;
    let mut tx = app.store.begin().await?;
    let current = tx.triage(facility).await?.map(|list| list.version);
    let version = next(seen, current)?;
    let made = made(app, actor, facility, version);
    tx.add_triage(made, &questions).await?;
    let entry = Entry::of(actor, "triage.put", facility, made.at).at_facility(facility);
    tx.commit(entry.with(json!({ "version": version }))).await?;
    Ok(Edited { version: Some(version), questions })
}

/// The texts to which patients of the actor's facility agree.
pub async fn consent_texts(app: &App, actor: &Actor) -> Result<Vec<ConsentText>> {
    let facility = own_facility(actor)?;
    Ok(app.store.read().await?.consent_texts(facility).await?)
}

/// Makes the facility's own next text.
pub async fn put_consent_text(
    app: &App,
    actor: &Actor,
    kind: ConsentKind,
    seen: i64,
    words: (&str, &str),
) -> Result<Vec<ConsentText>> {
    for (pointer, text) in [("/text_ja", words.0), ("/text_en", words.1)] {
        if text.trim().is_empty() {
            return Err(Error::invalid(pointer, "required"));
        }
        if text.chars().count() > CONSENT {
            return Err(Error::invalid(pointer, "too_long"));
        }
    }
    let facility = own_facility(actor)?;
    let mut tx = app.store.begin().await?;
    let texts = tx.consent_texts(facility).await?;
    let current = texts.iter().find(|text| text.kind == kind).map(|text| text.version);
    // Its own first text follows the house's, so that a number is never of two texts.
    let version = next(Some(seen), current)?;
    let made = made(app, actor, facility, version);
    tx.add_consent_text(made, kind, words.0.trim(), words.1.trim()).await?;
    let entry = Entry::of(actor, "consent_text.put", facility, made.at).at_facility(facility);
    tx.commit(entry.with(json!({ "kind": kind, "version": version }))).await?;
    consent_texts(app, actor).await
}

/// The fees of a service of the actor's facility, and whether it is insured.
pub async fn fees(app: &App, actor: &Actor, service: ServiceId) -> Result<(bool, Option<Fees>)> {
    let mut tx = app.store.read().await?;
    let asking = own_service(&mut tx, actor, service).await?;
    Ok((asking.insured, tx.fees(service).await?))
}

/// Makes the next version of a service's fees.
pub async fn put_fees(
    app: &App,
    actor: &Actor,
    service: ServiceId,
    seen: Option<i64>,
    items: Vec<FeeItem>,
    cancel: CancelPolicy,
) -> Result<(bool, Option<Fees>)> {
    let mut tx = app.store.begin().await?;
    let asking = own_service(&mut tx, actor, service).await?;
    refuse(check_fees(&items, &cancel, asking.insured))?;
    let current = tx.fees(service).await?.map(|fees| fees.version);
    let version = next(seen, current)?;
    let made = made(app, actor, asking.facility, version);
    tx.add_fees(made, (service, asking.insured), &items, &cancel).await?;
    let entry = Entry::of(actor, "fees.put", service, made.at).at_facility(asking.facility);
    tx.commit(entry.with(json!({ "version": version }))).await?;
    fees(app, actor, service).await
}

fn check_fees(items: &[FeeItem], cancel: &CancelPolicy, insured: bool) -> Vec<Fault> {
    let fault = |pointer: String, code| Fault { pointer, code };
    if items.len() > MOST_ITEMS {
        return vec![fault("/items".to_owned(), "too_long")];
    }
    let mut faults = Vec::new();
    for (place, item) in items.iter().enumerate() {
        if let Some((field, code)) = item.check(insured) {
            faults.push(fault(format!("/items/{place}/{field}"), code));
        }
        let known = |code: &String| seeds::points().iter().any(|row| row.code == *code);
        if item.points_code.as_ref().is_some_and(|code| !known(code)) {
            faults.push(fault(format!("/items/{place}/points_code"), "unknown"));
        }
    }
    if cancel.fee_yen.is_some_and(|yen| !(0..=1_000_000).contains(&yen)) {
        faults.push(fault("/cancel/fee_yen".to_owned(), "range"));
    }
    for (field, text) in [("note_ja", &cancel.note_ja), ("note_en", &cancel.note_en)] {
        if text.chars().count() > 300 {
            faults.push(fault(format!("/cancel/{field}"), "too_long"));
        }
    }
    faults
}

/// What becomes of a first visit without a basis at a service of the actor's facility.
pub async fn without_basis(app: &App, actor: &Actor, service: ServiceId) -> Result<WithoutBasis> {
    let mut tx = app.store.read().await?;
    Ok(own_service(&mut tx, actor, service).await?.without_basis)
}

/// Sets it.
pub async fn put_without_basis(
    app: &App,
    actor: &Actor,
    service: ServiceId,
    without: WithoutBasis,
) -> Result<WithoutBasis> {
    let facility = own_facility(actor)?;
    let mut tx = app.store.begin().await?;
    if !tx.put_without_basis(facility, service, without).await? {
        return Err(Error::NotFound);
    }
    let entry = Entry::of(actor, "first_visit.put", service, app.clock.now());
    tx.commit(entry.at_facility(facility).with(json!({ "without_basis": without }))).await?;
    Ok(without)
}
