//! Turning a hold into a booking, and coming back to it by its link.

use std::net::IpAddr;

use chrono::{Datelike, NaiveDate, TimeDelta};
use rand::RngCore;
use serde::{Deserialize, Serialize};
use serde_json::json;
use subtle::ConstantTimeEq;
use unicode_normalization::UnicodeNormalization;

use super::calendar::{self, Wished};
use super::limits::network;
use super::{App, Error, Fault, Result, untangled};
use crate::engine::booking::{self as rules, Wish};
use crate::model::audit::Entry;
use crate::model::booking::Booking;
use crate::model::facility::folded;
use crate::model::person::Actor;
use crate::model::schedule::Service;
use crate::model::{BookingId, PatientId};
use crate::seal::token::Token;
use crate::seal::{Key, Place, SealError, Vault};
use crate::store::{self, BookingView, Confirmation, PatientRow, Tx};
use crate::time::Instant;

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
    /// Whether they agreed to online care (guideline V1(1): expressly).
    pub consent: bool,
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
}

/// Confirms a hold; the booking, and the token of its link, which is shown this once.
pub async fn confirm(
    app: &App,
    actor: &Actor,
    id: BookingId,
    answers: Answers,
) -> Result<(BookingView, Token)> {
    let answers = checked(answers, app.clock.now())?;
    let link = untangled(|| confirm_once(app, actor, id, &answers)).await?;
    let view = app.store.read().await?.booking_view(id).await?.ok_or(Error::NotFound)?;
    Ok((view, link))
}

async fn confirm_once(app: &App, actor: &Actor, id: BookingId, answers: &Answers) -> Result<Token> {
    if !actor.holds(id) {
        return Err(Error::NotFound);
    }
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let booking = tx.booking(id).await?.ok_or(Error::NotFound)?;
    // Before or after a change of hours, and not in its midst.
    tx.share(booking.facility.0).await?;
    let offers = tx.offers(&store::FacilityFilter::one(booking.facility)).await?;
    let offer = offers.into_iter().find(|offer| offer.service.id == booking.service);
    let offer = offer.ok_or(Error::NotFound)?;
    let (service, answer_within) = (offer.service, offer.answer_within);
    let answer_within = service.needs_approval.then_some(answer_within);
    still_offered(app, &mut tx, &booking, service, now).await?;
    let (patient, key) = keep_patient(app, &mut tx, answers, now).await?;
    tx.lock(patient.0).await?;
    let number = rules::number_from(rand::rng().next_u64());
    let next = rules::apply(&booking, Wish::Confirm { patient, number, answer_within }, now)?;
    if tx.open_bookings(patient, now).await? >= OPEN_BOOKINGS {
        return Err(Error::Refused("too_many_bookings"));
    }
    let link = Token::random();
    let confirmation = Confirmation {
        link: link.hash(),
        for_whom: if answers.for_whom == ForWhom::Myself { "self" } else { "family" },
        language: if answers.language == Speech::Ja { "ja" } else { "en" },
        questionnaire: key.seal(questionnaire_place(id), &questionnaire(answers)),
        consented_at: now,
    };
    tx.confirm_booking(&next, booking.version, &confirmation).await?;
    tx.keep_visit(id, booking.facility).await?;
    let entry = Entry::of(actor, "booking.confirm", id, now).at_facility(booking.facility);
    tx.commit(entry.with(json!({ "status": next.status }))).await?;
    Ok(link)
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
    let service = Service { notice: TimeDelta::zero(), horizon_days: Service::FARTHEST, ..service };
    let (facility, clinician) = (held.facility, Some(held.clinician));
    let wished = Wished { facility, clinician, start: held.starts_at };
    let calendars = calendar::around(tx, &wished, now).await?.without(held.id);
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
    let answers = key.open(questionnaire_place(view.booking.id), sealed)?;
    Ok(Some((key, serde_json::from_slice(&answers).map_err(|_| SealError)?)))
}

fn questionnaire(answers: &Answers) -> Vec<u8> {
    let kept = Questionnaire {
        name: answers.name.clone(),
        kana: answers.kana.clone(),
        phone: answers.phone.clone(),
        email: answers.email.clone(),
        symptoms: answers.symptoms.clone(),
        relation: answers.relation.clone(),
        booker_name: answers.booker_name.clone(),
    };
    json!(kept).to_string().into_bytes()
}

/// The row of the patient who answered, made where there is none, and their key.
async fn keep_patient(
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

/// The answers in one form, or everything that is wrong with them.
fn checked(mut a: Answers, now: Instant) -> Result<Answers> {
    let mut faults = Vec::new();
    let mut fault = |pointer, code| faults.push(Fault { pointer, code });
    let mut text = |value: &mut String, pointer: &'static str, most: usize| {
        *value = clean(value);
        if value.is_empty() {
            fault(pointer, "required");
        } else if value.chars().count() > most {
            fault(pointer, "too_long");
        }
    };
    text(&mut a.name, "/name", 100);
    text(&mut a.kana, "/kana", 100);
    text(&mut a.symptoms, "/symptoms", 2000);
    if a.for_whom == ForWhom::Family {
        text(a.relation.get_or_insert_default(), "/relation", 50);
        text(a.booker_name.get_or_insert_default(), "/booker_name", 100);
    } else {
        (a.relation, a.booker_name) = (None, None);
    }
    if !a.kana.is_empty() && !a.kana.chars().all(is_reading) {
        fault("/kana", "kana");
    }
    // Where it is tomorrow already, somebody may have been born.
    let today = now.date_naive() + chrono::Days::new(1);
    if a.birth_date > today {
        fault("/birth_date", "in_future");
    } else if a.birth_date.year() < 1890 {
        fault("/birth_date", "too_old");
    }
    match phone(&a.phone) {
        Some(digits) => a.phone = digits,
        None => fault("/phone", "phone"),
    }
    a.email = a.email.map(|email| clean(&email)).filter(|email| !email.is_empty());
    if a.email.as_deref().is_some_and(|email| !is_email(email)) {
        fault("/email", "email");
    }
    if !a.consent {
        fault("/consent", "required");
    }
    if faults.is_empty() { Ok(a) } else { Err(Error::Invalid(faults)) }
}

/// One canonical form, without characters that only steer how others are shown.
fn clean(text: &str) -> String {
    let visible = |c: &char| {
        let steers = matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}');
        !steers && (!c.is_control() || *c == '\n')
    };
    text.nfc().filter(visible).collect::<String>().trim().to_owned()
}

/// Kana, or letters for names that have none.
fn is_reading(c: char) -> bool {
    matches!(c, 'ぁ'..='ゖ' | 'ァ'..='ヺ' | 'ｦ'..='ﾟ' | 'ー' | '・' | ' ' | '　' | '-' | '\'' | '.')
        || c.is_alphabetic() && !is_ideograph(c)
}

fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// The digits of a telephone number, with a leading `+` where it has a country code.
fn phone(text: &str) -> Option<String> {
    let folded: String = text.nfkc().collect();
    let (plus, rest) = match folded.trim().strip_prefix('+') {
        Some(rest) => ("+", rest),
        None => ("", folded.trim()),
    };
    let separates = |c: &char| !matches!(c, '-' | ' ' | '(' | ')' | '‐' | '−' | 'ー' | '–' | '.');
    let digits: String = rest.chars().filter(separates).collect();
    let right = (10..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    // One person writes one number in both ways; as one number it is one person.
    match (plus, digits.strip_prefix("81")) {
        ("+", Some(national)) => right.then(|| format!("0{}", national.trim_start_matches('0'))),
        _ => right.then(|| format!("{plus}{digits}")),
    }
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let plain =
        |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '<' | '>' | ',' | ';');
    text.len() <= 254
        && !local.is_empty()
        && domain.contains('.')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && text.chars().all(plain)
}

/// Opens a booking by the secret of its link and the patient's birth date. A browser without a
/// session is given one, whose token is returned.
pub async fn open_link(
    app: &App,
    actor: &Actor,
    address: IpAddr,
    link: &str,
    birth_date: NaiveDate,
) -> Result<(BookingId, Option<Token>)> {
    app.limits.link_address.check(&network(address))?;
    let link = Token::presented(link).ok_or(Error::NotFound)?.hash();
    app.limits.link.check(&link)?;
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let id = tx.booking_by_link(&link).await?.ok_or(Error::NotFound)?;
    let booking = tx.booking(id).await?.ok_or(Error::NotFound)?;
    let row = tx.patient(booking.patient.ok_or(Error::NotFound)?).await?.ok_or(Error::NotFound)?;
    // A patient who was forgotten has no key any more; their links lead nowhere.
    let wrapped = row.wrapped_key.as_ref().ok_or(Error::NotFound)?;
    let key = app.vault.unwrap(row.id.0, wrapped)?;
    let known = key.open(Place::new("patient.birth_date", row.id.0), &row.birth_date)?;
    if !bool::from(known.ct_eq(birth_date.to_string().as_bytes())) {
        return Err(Error::WrongBirthDate);
    }
    let new_session = (!matches!(actor, Actor::Patient { .. })).then(Token::random);
    let session = match (actor, &new_session) {
        (Actor::Patient { session, .. }, _) => session.clone(),
        (_, Some(token)) => {
            tx.add_session(&token.hash(), None, now).await?;
            token.hash()
        }
        (_, None) => return Err(Error::SignedOut),
    };
    tx.open_booking(&session, id).await?;
    let entry = Entry::of(actor, "booking.open", id, now).at_facility(booking.facility);
    tx.commit(entry).await?;
    Ok((id, new_session))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers() -> Answers {
        Answers {
            for_whom: ForWhom::Myself,
            relation: Some("母".to_owned()),
            booker_name: None,
            name: " 音無\u{202e} 花 ".to_owned(),
            kana: "オトナシ ハナ".to_owned(),
            birth_date: "1948-05-03".parse().unwrap(),
            phone: "０３（１２３４）５６７８".to_owned(),
            email: Some(String::new()),
            language: Speech::Ja,
            symptoms: "せき".to_owned(),
            consent: true,
        }
    }

    fn now() -> Instant {
        "2026-12-01T00:00:00Z".parse().unwrap()
    }

    #[test]
    fn answers_take_one_form() {
        let a = checked(answers(), now()).unwrap();
        assert_eq!((a.name.as_str(), a.phone.as_str()), ("音無 花", "0312345678"));
        assert_eq!((a.email, a.relation), (None, None));
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let bad = Answers {
            for_whom: ForWhom::Family,
            relation: None,
            booker_name: Some("x".repeat(101)),
            name: "\u{200b}".to_owned(),
            kana: "音無".to_owned(),
            birth_date: "2026-12-03".parse().unwrap(),
            phone: "12345".to_owned(),
            email: Some("a@b\r\n.example".to_owned()),
            symptoms: "あ".repeat(2001),
            consent: false,
            ..answers()
        };
        let Err(Error::Invalid(faults)) = checked(bad, now()) else { panic!("accepted") };
        let told: Vec<_> = faults.iter().map(|f| (f.pointer, f.code)).collect();
        let expected = [
            ("/name", "required"),
            ("/symptoms", "too_long"),
            ("/relation", "required"),
            ("/booker_name", "too_long"),
            ("/kana", "kana"),
            ("/birth_date", "in_future"),
            ("/phone", "phone"),
            ("/email", "email"),
            ("/consent", "required"),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn addresses_and_numbers() {
        assert!(is_email("hana@mail.example") && is_email("h+1@docomo.ne.jp"));
        for bad in ["hana", "@mail.example", "hana@mail", "ha na@mail.example", "a@b.example,c@d.e"]
        {
            assert!(!is_email(bad), "{bad}");
        }
        assert_eq!(phone("+81 90-1234-5678").as_deref(), Some("09012345678"));
        assert_eq!(phone("+1 415 555 0100").as_deref(), Some("+14155550100"));
        assert_eq!(phone("090-1234-567x"), None);
    }
}
