//! Turning a hold into a booking, and coming back to it by its link.

use std::net::IpAddr;

use chrono::NaiveDate;
use rand::RngCore;
use serde::{Deserialize, Serialize};
use serde_json::json;
use subtle::ConstantTimeEq;

use super::calendar::{self, Wished};
use super::limits::network;
use super::{App, Error, Fault, Result, messages, outside, questions, quota, untangled};
use crate::engine::booking::{self as rules, Wish};
use crate::engine::messages::link_opens;
use crate::model::audit::Entry;
use crate::model::booking::{Booking, Origin, Status};
use crate::model::facility::folded;
use crate::model::intake::Source;
use crate::model::person::Actor;
use crate::model::questionnaire;
use crate::model::schedule::Service;
use crate::model::terms::ConsentMethod;
use crate::model::{BookingId, PatientId};
use crate::seal::token::{Token, TokenHash};
use crate::seal::{Key, Place, SealError, Sealed, Vault};
use crate::store::{self, BookingView, Confirmation, PatientRow, Tx};
use crate::time::Instant;

mod person;
mod told;

pub(super) use person::is_email;
pub use told::Told;

/// Visits that one patient may have ahead.
const OPEN_BOOKINGS: i64 = 5;

/// Whose visit it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ForWhom {
    /// The person who books.
    #[serde(rename = "self")]
    Myself,
    /// Somebody of their family.
    Family,
}

/// The language of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Speech {
    /// 日本語.
    Ja,
    /// English.
    En,
}

impl Speech {
    /// As it is stored. Who chose none reads Japanese.
    pub(super) fn stored(name: Option<&str>) -> Self {
        if name == Some(Self::En.name()) { Self::En } else { Self::Ja }
    }

    /// Its name as it is stored (ISO 639).
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Ja => "ja",
            Self::En => "en",
        }
    }
}

/// What the patient answered.
#[derive(Clone, Debug)]
pub struct Answers {
    /// Whose visit it is.
    pub for_whom: ForWhom,
    /// What the booker is to the patient, where they differ.
    pub relation: Option<String>,
    /// The booker's name, where they differ.
    pub booker_name: Option<String>,
    /// The patient's name.
    pub name: String,
    /// Its reading.
    pub kana: String,
    /// The patient's birth date.
    pub birth_date: NaiveDate,
    /// Telephone.
    pub phone: String,
    /// E-mail address.
    pub email: Option<String>,
    /// The language of messages.
    pub language: Speech,
    /// Symptoms, or what it is about.
    pub symptoms: String,
    /// Whether they agreed to online care (guideline V1(1): expressly), where `told` does not say
    /// to which texts.
    pub consent: bool,
    /// What they were shown, and what they said to it.
    pub told: Told,
}

/// What is kept sealed of the answers, with the booking: name and contact as they were typed this
/// time. The patient's row, by which the same person is known again, keeps those of the first.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Questionnaire {
    /// The patient's name.
    pub name: String,
    /// Its reading.
    pub kana: String,
    /// Telephone.
    pub phone: String,
    /// E-mail address.
    pub email: Option<String>,
    /// Symptoms, or what it is about.
    pub symptoms: String,
    /// What the booker is to the patient.
    pub relation: Option<String>,
    /// The booker's name.
    pub booker_name: Option<String>,
    /// Answers to the service's questions.
    #[serde(default)]
    pub answers: questionnaire::answers::Answers,
    /// Answers about signs that must not wait.
    #[serde(default)]
    pub triage: questionnaire::answers::Answers,
    /// When the patient was last seen in person here.
    #[serde(default)]
    pub last_in_person_on: Option<NaiveDate>,
    /// Which information about the patient there is.
    #[serde(default)]
    pub medical_information_source: Vec<Source>,
}

/// Confirms a hold; the booking, and the token of its link, which is shown this once. Staff may
/// confirm for a patient on the telephone, and say by `told` how the patient agreed.
pub async fn confirm(
    app: &App,
    actor: &Actor,
    id: BookingId,
    answers: Answers,
) -> Result<(BookingView, Token)> {
    let answers = person::checked(answers, app.clock.now());
    if answers.1.is_empty() && (actor.holds(id) || actor.facility().is_some()) {
        outside::recheck(app, id, None).await?;
    }
    let link = match untangled(|| confirm_once(app, actor, id, &answers)).await {
        Ok(link) => link,
        Err(error) => return Err(calendar::with_near_booking(app, error, id).await),
    };
    let view = app.store.read().await?.booking_view(id).await?.ok_or(Error::NotFound)?;
    Ok((view, link))
}

/// Whether the actor may confirm it: the patient by a box they tick, the clinic by word or paper.
fn may_confirm(actor: &Actor, booking: &Booking, method: ConsentMethod) -> bool {
    match method {
        ConsentMethod::Checkbox => actor.holds(booking.id),
        ConsentMethod::Spoken | ConsentMethod::Paper => actor.facility() == Some(booking.facility),
    }
}

async fn confirm_once(
    app: &App,
    actor: &Actor,
    id: BookingId,
    (answers, faults): &(Answers, Vec<Fault>),
) -> Result<Token> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let booking = of_offer(&mut tx, id, now).await?;
    if !may_confirm(actor, &booking, answers.told.method) {
        return Err(Error::NotFound);
    }
    // Before or after a change of hours, and not in its midst.
    tx.rely_on_hours(booking.facility).await?;
    let offers = tx.offers(&store::FacilityFilter::one(booking.facility)).await?;
    let offer = offers.into_iter().find(|offer| offer.service.id == booking.service);
    let offer = offer.ok_or(Error::NotFound)?;
    let (service, answer_within) = (offer.service.clone(), offer.answer_within);
    let by_service = service.needs_approval;
    still_offered(app, &mut tx, &booking, service, now).await?;
    let asked = questions::load(&mut tx, booking.service).await?;
    if told::red_flag(&asked, &answers.told)? {
        return told::call_the_clinic(tx, actor, &booking, &asked, now).await;
    }
    let fit = told::fit(&asked, &answers.told, faults, app, &booking)?;
    let (patient, key) = keep_patient(app, &mut tx, answers, now).await?;
    tx.lock(patient.0).await?;
    let basis = told::judge(app, &mut tx, &asked, &fit, patient, &booking).await?;
    let answer_within = (by_service || basis.ask_clinic).then_some(answer_within);
    let number = rules::number_from(rand::rng().next_u64());
    let next = rules::apply(&booking, Wish::Confirm { patient, number, answer_within }, now)?;
    if tx.open_bookings(patient, now).await? >= OPEN_BOOKINGS {
        return Err(Error::Refused("too_many_bookings"));
    }
    quota::confirmed(&mut tx, &booking, (patient, &offer), now).await?;
    let link = Token::random();
    let questionnaire = sealed(&key, id, &questionnaire(answers, &fit));
    let confirmation = confirmation(answers, &link, questionnaire, now);
    tx.confirm_booking(&next, booking.version, &confirmation).await?;
    tx.keep_visit(id, booking.facility).await?;
    told::keep(&mut tx, actor, &booking, &asked, (&answers.told, &fit, &basis), now).await?;
    messages::queue(&mut tx, app, messages::confirmed(&next), &next, now).await?;
    let entry = Entry::of(actor, "booking.confirm", id, now).at_facility(booking.facility);
    tx.commit(entry.with(json!({ "status": next.status }))).await?;
    app.changed(booking.facility);
    Ok(link)
}

/// The booking; where others were offered the same time, the one of them that wins.
async fn of_offer(tx: &mut Tx, id: BookingId, now: Instant) -> Result<Booking> {
    let booking = tx.booking(id).await?.ok_or(Error::NotFound)?;
    if booking.origin != Origin::Waitlist || booking.status != Status::Held {
        return Ok(booking);
    }
    tx.lock(booking.session_key).await?;
    let booking = tx.booking(id).await?.ok_or(Error::NotFound)?;
    if booking.hold_expires_at.is_some_and(|expires| now < expires) {
        tx.win_offer(&booking, now).await?;
    }
    Ok(booking)
}

fn confirmation(
    answers: &Answers,
    link: &Token,
    questionnaire: Sealed,
    consented_at: Instant,
) -> Confirmation {
    Confirmation {
        link: link.hash(),
        for_whom: if answers.for_whom == ForWhom::Myself { "self" } else { "family" },
        language: answers.language.name(),
        questionnaire,
        consented_at,
    }
}

/// That the held time can still be booked: the clinic may have closed the day meanwhile, or its
/// acceptance may have lapsed. Notice and horizon were kept when it was held.
async fn still_offered(
    app: &App,
    tx: &mut Tx,
    held: &Booking,
    service: Service,
    now: Instant,
) -> Result<()> {
    // A hold that ran out is told as such, not as a time in the past.
    if held.hold_expires_at.is_none_or(|expires| expires <= now) {
        return Ok(());
    }
    let service = service.without_notice();
    let (facility, clinician) = (held.facility, Some(held.clinician));
    let wished = Wished { facility, clinician, start: held.starts_at };
    let calendars = calendar::around_in(app, tx, &wished, now, held.lane).await?;
    let calendars = calendars.without(held.id);
    calendar::verdict(app, calendars, &service, &wished, now).map(|_| ())
}

/// Where a booking's answers are sealed.
fn questionnaire_place(id: BookingId) -> Place {
    Place::new("booking.questionnaire", id.0)
}

/// The answers of a booking and its patient's key; nothing where there is no patient yet, or one
/// who was forgotten.
pub fn opened(
    view: &BookingView,
    vault: &Vault,
) -> std::result::Result<Option<(Key, Questionnaire)>, SealError> {
    let (patient, details) = (view.booking.patient, &view.details);
    let Some((patient, wrapped)) = patient.zip(details.wrapped_key.as_ref()) else {
        return Ok(None);
    };
    let key = vault.unwrap(patient.0, wrapped)?;
    let sealed = details.questionnaire.as_ref().ok_or(SealError)?;
    let answers = opened_at(&key, questionnaire_place(view.booking.id), sealed)?;
    Ok(Some((key, answers)))
}

/// Seals the answers of a booking.
pub(super) fn sealed(key: &Key, id: BookingId, answers: &Questionnaire) -> Sealed {
    sealed_at(key, questionnaire_place(id), answers)
}

/// Seals answers for a place of their own.
pub(super) fn sealed_at(key: &Key, place: Place, answers: &Questionnaire) -> Sealed {
    key.seal(place, json!(answers).to_string().as_bytes())
}

/// Opens what [`sealed_at`] sealed.
pub(super) fn opened_at(
    key: &Key,
    place: Place,
    sealed: &Sealed,
) -> std::result::Result<Questionnaire, SealError> {
    serde_json::from_slice(&key.open(place, sealed)?).map_err(|_| SealError)
}

/// Who somebody is, in one form, and everything that is wrong with it.
pub(super) fn checked_person(person: Answers, now: Instant) -> (Answers, Vec<Fault>) {
    person::checked(person, now)
}

/// Name and contact alone.
pub(super) fn contact(person: &Answers) -> Questionnaire {
    Questionnaire {
        name: person.name.clone(),
        kana: person.kana.clone(),
        phone: person.phone.clone(),
        email: person.email.clone(),
        relation: person.relation.clone(),
        booker_name: person.booker_name.clone(),
        ..Questionnaire::default()
    }
}

fn questionnaire(answers: &Answers, fit: &told::Fit) -> Questionnaire {
    Questionnaire {
        symptoms: answers.symptoms.clone(),
        answers: fit.answers.clone(),
        triage: fit.triage.clone(),
        last_in_person_on: fit.said.last_in_person_on,
        medical_information_source: fit.said.sources.clone(),
        ..contact(answers)
    }
}

/// The row of the patient who answered, made where there is none, and their key.
pub(super) async fn keep_patient(
    app: &App,
    tx: &mut Tx,
    answers: &Answers,
    now: Instant,
) -> Result<(PatientId, Key)> {
    let (id, key) = (PatientId::new(), Key::random());
    let place = |column| Place::new(column, id.0);
    let seal = |column, text: &str| key.seal(place(column), text.as_bytes());
    let birth_date = answers.birth_date.to_string();
    let reading: String = folded(&answers.kana).split_whitespace().collect();
    let identity = format!("{reading}\0{birth_date}\0{}", answers.phone);
    let row = PatientRow {
        id,
        wrapped_key: Some(app.vault.wrap(id.0, &key)),
        identity_index: app.vault.index("patient.identity", &identity),
        phone_index: app.vault.index("patient.phone", &answers.phone),
        name: seal("patient.name", &answers.name),
        kana: seal("patient.kana", &answers.kana),
        birth_date: seal("patient.birth_date", &birth_date),
        phone: seal("patient.phone", &answers.phone),
        email: answers.email.as_deref().map(|email| seal("patient.email", email)),
    };
    let (kept, wrapped) = tx.keep_patient(&row, now).await?;
    let key = app.vault.unwrap(kept.0, &wrapped.ok_or(SealError)?)?;
    Ok((kept, key))
}

/// The session of a patient's browser; a new one, with its token, where there is none.
pub(super) async fn session_of(
    tx: &mut Tx,
    actor: &Actor,
    now: Instant,
) -> Result<(TokenHash, Option<Token>)> {
    if let Actor::Patient { session, .. } = actor {
        return Ok((session.clone(), None));
    }
    let token = Token::random();
    tx.add_session(&token.hash(), None, now).await?;
    Ok((token.hash(), Some(token)))
}

/// What a link led to.
pub struct Opened {
    /// The booking behind it.
    pub view: BookingView,
    /// Whether this browser may see it now; otherwise the birth date is asked for.
    pub opened: bool,
    /// The token of a new session, for a browser that had none.
    pub session: Option<Token>,
}

/// Opens a booking by the secret of its link and the patient's birth date; a browser that opened it
/// before needs the link alone. Whoever has the link is told whose clinic it is, so that they can
/// telephone. A browser without a session is given one.
pub async fn open_link(
    app: &App,
    actor: &Actor,
    address: IpAddr,
    link: &str,
    birth_date: Option<NaiveDate>,
) -> Result<Opened> {
    app.limits.link_address.check(&network(address))?;
    let link = Token::presented(link).ok_or(Error::NotFound)?.hash();
    if birth_date.is_some() {
        app.limits.link.check(&link)?;
    }
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let id = tx.booking_by_link(&link).await?.ok_or(Error::NotFound)?;
    let view = tx.booking_view(id).await?.ok_or(Error::NotFound)?;
    let zone = view.details.zone.parse().unwrap_or(chrono_tz::Asia::Tokyo);
    let booking = &view.booking;
    // Whoever finds an old message learns no more than whoever invents a link.
    if !link_opens(booking, zone, now) {
        return Err(Error::NotFound);
    }
    let row = tx.patient(booking.patient.ok_or(Error::NotFound)?).await?.ok_or(Error::NotFound)?;
    // A patient who was forgotten has no key any more; their links lead nowhere.
    let wrapped = row.wrapped_key.as_ref().ok_or(Error::NotFound)?;
    let key = app.vault.unwrap(row.id.0, wrapped)?;
    let Some(birth_date) = birth_date else {
        let opened = actor.holds(id);
        return Ok(Opened { view, opened, session: None });
    };
    let known = key.open(Place::new("patient.birth_date", row.id.0), &row.birth_date)?;
    if !bool::from(known.ct_eq(birth_date.to_string().as_bytes())) {
        return Err(Error::WrongBirthDate);
    }
    let (session, new_session) = session_of(&mut tx, actor, now).await?;
    tx.open_booking(&session, id).await?;
    let entry = Entry::of(actor, "booking.open", id, now).at_facility(booking.facility);
    tx.commit(entry).await?;
    Ok(Opened { view, opened: true, session: new_session })
}
