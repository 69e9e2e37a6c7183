//! How a visit is closed: by its own doctor, with its outcome and, where care took place, with what
//! the guideline and the yearly report ask of it.

use chrono::NaiveDate;
use serde_json::json;

use super::{load, role};
use crate::actions::clearance;
use crate::actions::{App, Error, Fault, Result};
use crate::engine::booking::{self as rules, Wish};
use crate::engine::closing as form;
use crate::format::seeds;
use crate::model::audit::Entry;
use crate::model::booking::{Booking, Outcome};
use crate::model::closing::Facts;
use crate::model::facility::ServiceKind;
use crate::model::intake::TalkOutcome;
use crate::model::person::Actor;
use crate::model::visit::Role;
use crate::model::{AccountId, BookingId};
use crate::seal::{Key, Place, Sealed};
use crate::store::{Asking, BookingView, ClosingTexts, NewClosing, Tx};
use crate::time::{Instant, zone};

mod exchange;
mod read;

pub use exchange::{Shown, erase_expired, put_exchange_number, show_exchange_number};
pub use read::{Closed, Exchange, Said, Suggested, of_clinic, of_patient};

/// How a clinician closes a visit.
#[derive(Debug)]
pub struct Closing {
    /// How it ended.
    pub outcome: Outcome,
    /// What else there is to say; sealed.
    pub note: Option<String>,
    /// What came of a talk before care that took place.
    pub talk: Option<TalkOutcome>,
    /// What the doctor says of a visit that took place.
    pub facts: Option<Facts>,
}

/// The text without what surrounds it; nothing where nothing is left.
fn trimmed(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

impl Closing {
    /// With all texts in one form.
    fn tidy(mut self) -> Self {
        self.note = trimmed(self.note);
        if let Some(facts) = &mut self.facts {
            facts.onward_policy = trimmed(facts.onward_policy.take());
            facts.nurse_acts = trimmed(facts.nurse_acts.take());
            facts.exchange_number = trimmed(facts.exchange_number.take());
            if let Some(referral) = &mut facts.referral {
                referral.to = referral.to.trim().to_owned();
            }
        }
        self
    }
}

/// Closes a visit with its outcome. Only its own doctor may.
pub async fn close(
    app: &App,
    actor: &Actor,
    id: BookingId,
    closing: Closing,
) -> Result<BookingView> {
    let closing = closing.tidy();
    if closing.note.as_ref().is_some_and(|note| note.chars().count() > 4000) {
        return Err(Error::invalid("/note", "too_long"));
    }
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let (booking, by) = own(&mut tx, actor, id).await?;
    let visit = tx.visit(id).await?.ok_or(Error::NotFound)?;
    let next = rules::apply(&booking, Wish::Close(closing.outcome), now)?;
    // Online care is done only where both sides saw each other (guideline V1(6)).
    let seen = visit.patient_video_seconds > 0 && visit.clinician_video_seconds > 0;
    if closing.outcome == Outcome::Done && !seen {
        return Err(Error::Refused("video_not_seen"));
    }
    let asking = tx.asking(booking.service).await?.ok_or(Error::NotFound)?;
    let facts = checked(&mut tx, &closing, &booking, &asking).await?;
    if let (Some(facts), Outcome::Done) = (&facts, closing.outcome) {
        clearance::closable(&mut tx, &booking, facts.guideline_first_visit).await?;
    }
    let key = key_of(app, &mut tx, &booking).await?;
    let note = sealed(key.as_ref(), "visit.note", id, closing.note.as_deref());
    tx.update_booking(&next, booking.version).await?;
    if !tx.close_visit(id, closing.outcome.as_str(), note.as_ref(), now).await? {
        return Err(Error::Refused("already_closed"));
    }
    tx.all_left(id, now).await?;
    if let Some(talk) = closing.talk {
        if asking.kind != ServiceKind::PreConsultation || closing.outcome != Outcome::Done {
            return Err(Error::invalid("/pre_consultation_outcome", "unknown"));
        }
        tx.add_talk_outcome(id, booking.facility, talk, now).await?;
    }
    if let (Some(facts), Some(mode)) = (&facts, form::mode(closing.outcome)) {
        // A patient who was forgotten has no key: nothing more is kept of their visit.
        let key = key.as_ref().ok_or(Error::NotFound)?;
        let number = facts.exchange_number.as_ref();
        let new = NewClosing {
            booking: &booking,
            kind: asking.kind,
            local_date: asking.date(visit.admitted_at.unwrap_or(booking.starts_at)),
            mode,
            pre_consultation_done: had_talk(&mut tx, &booking).await?,
            facts,
            texts: texts(key, id, facts),
            exchange_expires_at: number.and_then(|_| expiry(&asking, now)),
            by,
            at: now,
        };
        tx.add_closing(&new).await?;
    }
    let entry = Entry::of(actor, "visit.close", id, now).at_facility(booking.facility);
    tx.commit(entry.with(json!({ "outcome": closing.outcome }))).await?;
    app.tell_end(id);
    let view = app.store.read().await?.booking_view(id).await?;
    view.ok_or(Error::NotFound)
}

/// A booking that the actor treats, and their account.
async fn own(tx: &mut Tx, actor: &Actor, id: BookingId) -> Result<(Booking, AccountId)> {
    let booking = load(tx, id).await?;
    if role(actor, &booking)? != Role::Clinician {
        return Err(Error::Forbidden);
    }
    let account = actor.account().ok_or(Error::Forbidden)?;
    Ok((booking, account.id))
}

/// The key of a booking's patient; nothing of one who was forgotten.
async fn key_of(app: &App, tx: &mut Tx, booking: &Booking) -> Result<Option<Key>> {
    let patient = tx.patient(booking.patient.ok_or(Error::NotFound)?).await?;
    let patient = patient.ok_or(Error::NotFound)?;
    let wrapped = patient.wrapped_key.as_ref();
    Ok(wrapped.map(|wrapped| app.vault.unwrap(patient.id.0, wrapped)).transpose()?)
}

fn sealed(
    key: Option<&Key>,
    column: &'static str,
    id: BookingId,
    text: Option<&str>,
) -> Option<Sealed> {
    key.zip(text).map(|(key, text)| key.seal(Place::new(column, id.0), text.as_bytes()))
}

fn texts(key: &Key, id: BookingId, facts: &Facts) -> ClosingTexts {
    let seal = |column, text: Option<&str>| sealed(Some(key), column, id, text);
    let referral = facts.referral.as_ref().map(|referral| referral.to.as_str());
    ClosingTexts {
        exchange_number: seal("visit_closing.exchange_number", facts.exchange_number.as_deref()),
        referred_to: seal("visit_closing.referred_to", referral),
        onward_policy: seal("visit_closing.onward_policy", facts.onward_policy.as_deref()),
        nurse_acts: seal("visit_closing.nurse_acts", facts.nurse_acts.as_deref()),
    }
}

/// What the doctor said, if it is whole and of this visit.
async fn checked(
    tx: &mut Tx,
    closing: &Closing,
    booking: &Booking,
    asking: &Asking,
) -> Result<Option<Facts>> {
    let mut faults = form::faults(closing.outcome, asking.kind, closing.facts.as_ref());
    let mut facts = closing.facts.clone();
    if let Some(facts) = &mut facts {
        fill_place(tx, booking, facts).await?;
        faults.extend(places(facts));
        if !follows(tx, booking, facts).await? {
            faults.push(("/facts/next_booking_id", "unknown"));
        }
    }
    if faults.is_empty() {
        return Ok(facts);
    }
    let faults = faults.into_iter().map(|(pointer, code)| Fault { pointer, code });
    Err(Error::Invalid(faults.collect()))
}

/// Where the patient was, as they confirmed it, unless the doctor says otherwise.
async fn fill_place(tx: &mut Tx, booking: &Booking, facts: &mut Facts) -> Result<()> {
    if facts.patient_prefecture.is_some() || facts.patient_municipality.is_some() {
        return Ok(());
    }
    if let Some(place) = tx.place(booking.id).await? {
        facts.patient_prefecture = Some(place.prefecture_code);
        facts.patient_municipality = Some(place.municipality_code);
    }
    Ok(())
}

/// What is wrong with the places; a municipality says its prefecture.
fn places(facts: &mut Facts) -> Vec<(&'static str, &'static str)> {
    let mut faults = Vec::new();
    if let Some(code) = &facts.patient_municipality {
        match seeds::municipality(code) {
            Some(place) => facts.patient_prefecture = Some(place.prefecture_code.clone()),
            None => faults.push(("/facts/patient_municipality", "unknown")),
        }
    }
    let known = |code: &Option<String>| {
        code.as_deref().is_none_or(|code| seeds::prefecture(code).is_some())
    };
    if !known(&facts.patient_prefecture) {
        faults.push(("/facts/patient_prefecture", "unknown"));
    }
    if !known(&facts.doctor_prefecture) {
        faults.push(("/facts/doctor_prefecture", "unknown"));
    }
    faults
}

/// Whether the visit that is said to follow does: of the same patient, here, and later.
async fn follows(tx: &mut Tx, booking: &Booking, facts: &Facts) -> Result<bool> {
    let Some(next) = facts.next_booking_id else { return Ok(true) };
    let next = tx.booking(next).await?;
    Ok(next.is_some_and(|next| {
        next.patient == booking.patient
            && next.facility == booking.facility
            && next.starts_at > booking.starts_at
    }))
}

/// Whether a talk before care went before the visit.
async fn had_talk(tx: &mut Tx, booking: &Booking) -> Result<bool> {
    let intake = tx.intake(booking.id).await?;
    if intake.is_some_and(|intake| intake.pre_consultation_id.is_some()) {
        return Ok(true);
    }
    let patient = booking.patient.ok_or(Error::NotFound)?;
    Ok(tx.agreed_talk(patient, booking.facility).await?.is_some())
}

/// The first instant at which an exchange number of `issued` is over: it is good for four days, the
/// day of issue among them.
fn expiry(asking: &Asking, issued: Instant) -> Option<Instant> {
    let zone = asking.zone.parse().ok()?;
    let over: NaiveDate = asking.date(issued).checked_add_days(chrono::Days::new(4))?;
    zone::instant_at(zone, over, 0)
}
