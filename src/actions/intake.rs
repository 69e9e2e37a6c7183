//! What a booking was made with, as its clinic reads it; a doctor's word on the basis of a first
//! visit; consent that is withdrawn.

use chrono::NaiveDate;
use serde_json::json;

use super::clearance;
use super::clinic::own_facility;
use super::confirm::{self, Questionnaire};
use super::{App, Error, Result};
use crate::engine::first_visit::Said;
use crate::model::audit::Entry;
use crate::model::booking::Booking;
use crate::model::facility::Stage;
use crate::model::intake::{FirstVisitBasis, Intake};
use crate::model::person::Actor;
use crate::model::terms::{ConsentKind, Fees};
use crate::model::{BookingId, FacilityId};
use crate::store::{BookingView, ConsentRow, QuestionList, Tx};

/// What a booking was made with.
pub struct Read {
    /// Versions and basis.
    pub intake: Intake,
    /// The questionnaire that was answered.
    pub list: Option<QuestionList>,
    /// The list of signs that was answered.
    pub triage: Option<QuestionList>,
    /// The fees that were shown.
    pub fees: Option<Fees>,
    /// The consents.
    pub consents: Vec<ConsentRow>,
    /// The answers; nothing of a patient who was forgotten.
    pub answers: Option<Questionnaire>,
    /// For which patients the service is.
    pub visit: Stage,
    /// The local date of the visit.
    pub date: NaiveDate,
}

/// What is kept of a booking of before any of it was.
fn empty(booking: BookingId, facility: FacilityId) -> Intake {
    Intake {
        booking,
        facility,
        questionnaire_id: None,
        triage_id: None,
        fee_version_id: None,
        refusal_acknowledged_at: None,
        fee_acknowledged_at: None,
        first_visit_basis: None,
        pre_consultation_id: None,
        confirmed_at: None,
        confirmed_by: None,
        version: 0,
    }
}

/// A booking of the actor's facility.
async fn own(tx: &mut Tx, actor: &Actor, id: BookingId) -> Result<BookingView> {
    let facility = own_facility(actor)?;
    let view = tx.booking_view(id).await?.ok_or(Error::NotFound)?;
    if view.booking.facility == facility { Ok(view) } else { Err(Error::NotFound) }
}

/// What a booking was made with, for its clinic. Reading it is a deed that is audited.
pub async fn read(app: &App, actor: &Actor, id: BookingId) -> Result<Read> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let view = own(&mut tx, actor, id).await?;
    let facility = view.booking.facility;
    let intake = tx.intake(id).await?.unwrap_or_else(|| empty(id, facility));
    let list = match intake.questionnaire_id {
        Some(list) => tx.questionnaire_version(list).await?,
        None => None,
    };
    let triage = match intake.triage_id {
        Some(list) => tx.triage_version(list).await?,
        None => None,
    };
    let fees = match intake.fee_version_id {
        Some(fees) => tx.fee_version(fees).await?,
        None => None,
    };
    let consents = tx.consents(id).await?;
    let asking = tx.asking(view.booking.service).await?.ok_or(Error::NotFound)?;
    let answers = confirm::opened(&view, &app.vault)?.map(|(_, answers)| answers);
    tx.commit(Entry::of(actor, "intake.read", id, now).at_facility(facility)).await?;
    let (visit, date) = (asking.visit, asking.date(view.booking.starts_at));
    Ok(Read { intake, list, triage, fees, consents, answers, visit, date })
}

/// A doctor's word on the basis of the first visit of one of their bookings: what was not said
/// again stays as the patient said it.
pub async fn put_basis(
    app: &App,
    actor: &Actor,
    id: BookingId,
    version: i64,
    said: Said,
) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let view = own(&mut tx, actor, id).await?;
    let booking = &view.booking;
    let account = actor.account().ok_or(Error::SignedOut)?;
    if account.clinician != Some(booking.clinician) {
        return Err(Error::Forbidden);
    }
    if booking.status.is_terminal() {
        return Err(Error::Refused("wrong_status"));
    }
    let basis = said.basis.ok_or(Error::invalid("/basis", "required"))?;
    let (key, mut answers) = confirm::opened(&view, &app.vault)?.ok_or(Error::NotFound)?;
    if said.last_in_person_on.is_some() {
        answers.last_in_person_on = said.last_in_person_on;
    }
    if !said.sources.is_empty() {
        answers.medical_information_source = said.sources;
    }
    let talk = talk_for(&mut tx, booking, basis, &answers).await?;
    if tx.intake(id).await?.is_none() {
        tx.add_intake(&empty(id, booking.facility)).await?;
    }
    tx.put_basis(id, version, basis, talk, (account.id, now)).await?;
    tx.put_answers(id, &confirm::sealed(&key, id, &answers)).await?;
    let entry = Entry::of(actor, "first_visit.confirm", id, now).at_facility(booking.facility);
    Ok(tx.commit(entry.with(json!({ "basis": basis }))).await?)
}

/// The talk on which the basis rests, where it does, if everything is there that it needs.
async fn talk_for(
    tx: &mut Tx,
    booking: &Booking,
    basis: FirstVisitBasis,
    answers: &Questionnaire,
) -> Result<Option<BookingId>> {
    match basis {
        FirstVisitBasis::Kakaritsuke if answers.last_in_person_on.is_none() => {
            Err(Error::invalid("/last_in_person_on", "required"))
        }
        FirstVisitBasis::InfoSufficient if answers.medical_information_source.is_empty() => {
            Err(Error::invalid("/medical_information_source", "required"))
        }
        FirstVisitBasis::PreConsultation => {
            let patient = booking.patient.ok_or(Error::NotFound)?;
            let talk = tx.agreed_talk(patient, booking.facility).await?;
            talk.map(Some).ok_or(Error::Refused("no_pre_consultation"))
        }
        _ => Ok(None),
    }
}

/// Whether the patient may be let in: a first visit has its basis (guideline V1(2)), nobody is
/// treated online who no longer wishes it, and what is due before is clear.
pub(super) async fn admissible(tx: &mut Tx, booking: &Booking) -> Result<()> {
    let asking = tx.asking(booking.service).await?.ok_or(Error::NotFound)?;
    if asking.visit == Stage::First {
        let intake = tx.intake(booking.id).await?;
        if intake.and_then(|intake| intake.first_visit_basis).is_none() {
            return Err(Error::Refused("first_visit_basis_missing"));
        }
    }
    let consents = tx.consents(booking.id).await?;
    let stands = |kind| {
        let mut of = consents.iter().filter(|consent| consent.kind == kind).peekable();
        of.peek().is_none() || of.any(|consent| consent.withdrawn_at.is_none())
    };
    if !ConsentKind::ALL.into_iter().all(stands) {
        return Err(Error::Refused("consent_withdrawn"));
    }
    clearance::admissible(tx, booking).await
}

/// Withdraws a patient's consent. The booking stays until somebody calls it off, but is not held.
pub async fn withdraw(app: &App, actor: &Actor, id: BookingId, kind: ConsentKind) -> Result<()> {
    if !actor.holds(id) {
        return Err(Error::NotFound);
    }
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let booking = tx.booking(id).await?.ok_or(Error::NotFound)?;
    if !tx.withdraw_consent(id, kind, now).await? {
        return Err(Error::NotFound);
    }
    let entry = Entry::of(actor, "consent.withdraw", id, now).at_facility(booking.facility);
    Ok(tx.commit(entry.with(json!({ "kind": kind }))).await?)
}
