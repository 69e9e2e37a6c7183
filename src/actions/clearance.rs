//! What must be clear around a visit: how everything stands, what the clinic saw to, and what it
//! let go with a reason.

use std::collections::{BTreeMap, HashMap, hash_map};

use serde_json::json;

use super::clinic::own_facility;
use super::confirm;
use super::{App, Error, Result};
use crate::engine::clearance::{self as rules, Of, Stand};
use crate::format::seeds;
use crate::model::audit::Entry;
use crate::model::booking::Booking;
use crate::model::clearance::{Due, Item, ItemState, Method};
use crate::model::facility::Stage;
use crate::model::person::Actor;
use crate::model::{AccountId, BookingId, FacilityId, ServiceId};
use crate::seal::{Key, Place as Sealing, SealError};
use crate::store::{Asking, BookingView, FactsRow, ItemRow, Tx};
use crate::time::Instant;
use crate::time::span::Span;

mod place;

pub(super) use place::opened as opened_place;
pub use place::{Contact, Place, Where, place_of_patient, put_place, street};

/// The longest reason, in characters.
const REASON_MOST: usize = 500;

/// One item as the clinic reads it.
#[derive(Clone, Debug)]
pub struct Stood {
    /// Which, by when, and how it stands.
    pub stand: Stand,
    /// It is asked so of a first visit alone, and whether this is one only its doctor will say.
    pub if_first: bool,
    /// Whether the clinic may let it go.
    pub waivable: bool,
    /// How it was checked.
    pub method: Option<Method>,
    /// Why it was let go.
    pub reason: Option<String>,
    /// Since when.
    pub at: Option<Instant>,
    /// Of what was seen to; 0 where nobody has.
    pub version: i64,
}

/// All that must be clear around a visit.
#[derive(Clone, Debug)]
pub struct Clearance {
    /// The items.
    pub items: Vec<Stood>,
    /// Where the patient is.
    pub place: Option<Where>,
}

/// What somebody of the clinic says of an item.
#[derive(Clone, Debug)]
pub enum Word {
    /// It is clear, checked so.
    Done(Option<Method>),
    /// It was looked at and is not as it must be.
    Failed,
    /// It is let go.
    Waived(String),
}

/// A booking of the actor's clinic, and their account.
async fn own(tx: &mut Tx, actor: &Actor, id: BookingId) -> Result<(BookingView, AccountId)> {
    let facility = own_facility(actor)?;
    let account = actor.account().ok_or(Error::Forbidden)?.id;
    let view = tx.booking_view(id).await?.ok_or(Error::NotFound)?;
    if view.booking.facility == facility { Ok((view, account)) } else { Err(Error::NotFound) }
}

/// The key of a booking's patient; nothing of one who was forgotten.
fn key_of(app: &App, view: &BookingView) -> Result<Option<Key>> {
    Ok(confirm::opened(view, &app.vault)?.map(|(key, _)| key))
}

/// How everything stands around a visit of the actor's clinic. Reading it is a deed that is audited:
/// it says where the patient is.
pub async fn read(app: &App, actor: &Actor, id: BookingId) -> Result<Clearance> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let (view, _) = own(&mut tx, actor, id).await?;
    let read = stood(app, &mut tx, &view).await?;
    let entry = Entry::of(actor, "clearance.read", id, now).at_facility(view.booking.facility);
    tx.commit(entry).await?;
    Ok(read)
}

async fn stood(app: &App, tx: &mut Tx, view: &BookingView) -> Result<Clearance> {
    let booking = &view.booking;
    let asking = tx.asking(booking.service).await?.ok_or(Error::NotFound)?;
    let first = likely_first(tx, booking, &asking).await?;
    let door = required(view, &asking, asking.visit == Stage::First);
    let asked = rules::foreseen(door.clone(), required(view, &asking, first));
    let facts = tx.clearance_facts(booking.id).await?.ok_or(Error::NotFound)?;
    let rows = tx.clearance_items(booking.id).await?;
    let stands = judged(view, &asked, &facts, rows.iter().map(|row| (row.item, row.state)));
    let key = key_of(app, view)?;
    let item = |stand: Stand| {
        let row = rows.iter().find(|row| row.item == stand.item);
        let reason = row.and_then(|row| row.reason.as_ref()).zip(key.as_ref());
        let reason = reason.map(|(sealed, key)| key.open_text(reason_place(booking.id), sealed));
        Ok::<_, SealError>(Stood {
            stand,
            if_first: door.get(&stand.item) != Some(&stand.due),
            waivable: rules::is_waivable(stand.item, first),
            method: row.and_then(|row| row.method),
            reason: reason.transpose()?,
            at: row.map(|row| row.at),
            version: row.map_or(0, |row| row.version),
        })
    };
    let items = stands.into_iter().map(item).collect::<std::result::Result<_, _>>()?;
    let place = match &key {
        Some(key) => place::opened(tx, key, booking.id).await?,
        None => None,
    };
    Ok(Clearance { items, place })
}

/// Whether a visit is a first one, as far as can be known before its doctor says so: by its service
/// or, of one for everybody, where the patient is new here.
async fn likely_first(tx: &mut Tx, booking: &Booking, asking: &Asking) -> Result<bool> {
    match asking.visit {
        Stage::First => Ok(true),
        Stage::Repeat => Ok(false),
        Stage::Any => {
            let Some(patient) = booking.patient else { return Ok(false) };
            Ok(!tx.seen_before(patient, booking.facility, booking.id).await?)
        }
    }
}

fn reason_place(id: BookingId) -> Sealing {
    Sealing::new("clearance_item.reason", id.0)
}

/// Says how an item stands. A waiver has its reason; consent, the basis of a first visit and the
/// identity at one are let go by nobody.
pub async fn put(
    app: &App,
    actor: &Actor,
    id: BookingId,
    item: Item,
    version: i64,
    word: Word,
) -> Result<Clearance> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let (view, account) = own(&mut tx, actor, id).await?;
    let booking = &view.booking;
    if booking.status.is_terminal() {
        return Err(Error::Refused("wrong_status"));
    }
    let asking = tx.asking(booking.service).await?.ok_or(Error::NotFound)?;
    let key = key_of(app, &view)?.ok_or(Error::NotFound)?;
    let (state, method, reason) = match word {
        Word::Done(method) => (ItemState::Done, checked_method(item, method)?, None),
        Word::Failed => (ItemState::Failed, None, None),
        Word::Waived(reason) => {
            if !rules::is_waivable(item, asking.visit == Stage::First) {
                return Err(Error::Refused("not_waivable"));
            }
            (ItemState::Waived, None, Some(checked_reason(&reason)?))
        }
    };
    let reason = reason.map(|reason| key.seal(reason_place(id), reason.as_bytes()));
    let row = ItemRow { item, state, method, reason, account_id: account, at: now, version };
    tx.put_clearance_item(id, booking.facility, &row).await?;
    let read = stood(app, &mut tx, &view).await?;
    let entry = Entry::of(actor, "clearance.put", id, now).at_facility(booking.facility);
    tx.commit(entry.with(json!({ "item": item, "state": state, "method": method }))).await?;
    app.changed(booking.facility);
    Ok(read)
}

/// Identity and insurance say how they were checked; of the rest only what the clinic itself sees
/// can be ticked.
fn checked_method(item: Item, method: Option<Method>) -> Result<Option<Method>> {
    match (item, method) {
        (Item::IdentityPatient | Item::Eligibility, None) => {
            Err(Error::invalid("/method", "required"))
        }
        (_, Some(method)) if method.is_of(item) => Ok(Some(method)),
        (_, Some(_)) => Err(Error::invalid("/method", "unknown")),
        (Item::DeviceTest | Item::Surroundings | Item::FeeAcknowledged, None) => Ok(None),
        (_, None) => Err(Error::Refused("not_tickable")),
    }
}

fn checked_reason(reason: &str) -> Result<String> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Error::invalid("/reason", "required"));
    }
    if reason.chars().count() > REASON_MOST {
        return Err(Error::invalid("/reason", "too_long"));
    }
    Ok(reason.to_owned())
}

/// How everything stands: what follows from other rows, and what somebody saw to, which counts more.
async fn standing(
    tx: &mut Tx,
    view: &BookingView,
    asking: &Asking,
    first: bool,
) -> Result<Vec<Stand>> {
    let id = view.booking.id;
    let facts = tx.clearance_facts(id).await?.ok_or(Error::NotFound)?;
    let seen_to = tx.clearance_items(id).await?.into_iter().map(|row| (row.item, row.state));
    Ok(judged(view, &required(view, asking, first), &facts, seen_to))
}

/// What the rules of its day ask of a visit.
fn required(view: &BookingView, asking: &Asking, first: bool) -> BTreeMap<Item, Due> {
    let date = asking.date(view.booking.starts_at);
    let of = Of { kind: asking.kind, first, insured: asking.insured, date };
    rules::required(seeds::clearance(), of)
}

fn judged(
    view: &BookingView,
    required: &BTreeMap<Item, Due>,
    facts: &FactsRow,
    seen_to: impl IntoIterator<Item = (Item, ItemState)>,
) -> Vec<Stand> {
    let mut known = derived(view, facts);
    known.extend(seen_to);
    rules::stand(required, &known)
}

/// What follows from other rows.
fn derived(view: &BookingView, facts: &FactsRow) -> BTreeMap<Item, ItemState> {
    let details = &view.details;
    let mut known: BTreeMap<Item, ItemState> = [
        (Item::Questionnaire, details.questionnaire.is_some()),
        (Item::MedicalInformation, facts.has_basis),
        (Item::IdentityDoctorShown, details.admitted_at.is_some()),
        (Item::CarePlanAgreed, facts.has_plan),
        (Item::LocationConfirmed, facts.private_ok.is_some()),
        (Item::EmergencyContact, facts.has_contact),
        (Item::DeviceTest, details.device_check.is_some()),
        // The service records nothing, and that is what stands where nobody agreed to more.
        (Item::RecordingAgreement, true),
        (Item::FeeAcknowledged, facts.knows_fee),
    ]
    .into_iter()
    .filter_map(|(item, done)| done.then_some((item, ItemState::Done)))
    .collect();
    let done = |yes| if yes { ItemState::Done } else { ItemState::Failed };
    if let Some(private) = facts.private_ok {
        known.insert(Item::Surroundings, done(private));
    }
    known.insert(Item::ConsentOnlineCare, done(facts.consents_care));
    known.insert(Item::ConsentPrivacy, done(facts.consents_privacy));
    known
}

/// What keeps the patients of a facility's visits within `span` from being let in, visit by visit.
pub(super) async fn open_between(
    tx: &mut Tx,
    (facility, span): (FacilityId, Span),
    views: &[BookingView],
) -> Result<HashMap<BookingId, Vec<Item>>> {
    let mut seen_to: HashMap<BookingId, Vec<(Item, ItemState)>> = HashMap::new();
    for (id, item, state) in tx.clearance_states_between(facility, span).await? {
        seen_to.entry(id).or_default().push((item, state));
    }
    let facts = tx.clearance_facts_between(facility, span).await?;
    let facts: HashMap<_, _> = facts.into_iter().map(|row| (row.id, row)).collect();
    let mut services: HashMap<ServiceId, Option<Asking>> = HashMap::new();
    let mut open = HashMap::new();
    for view in views {
        let (id, service) = (view.booking.id, view.booking.service);
        let asking = match services.entry(service) {
            hash_map::Entry::Occupied(known) => known.into_mut(),
            hash_map::Entry::Vacant(unknown) => unknown.insert(tx.asking(service).await?),
        };
        if let Some((asking, facts)) = asking.as_ref().zip(facts.get(&id)) {
            let seen_to = seen_to.remove(&id).unwrap_or_default();
            let required = required(view, asking, asking.visit == Stage::First);
            let stands = judged(view, &required, facts, seen_to);
            open.insert(id, rules::open(&stands, Due::Admission));
        }
    }
    Ok(open)
}

/// Whether the patient may be let in, as far as the rules of the day say.
pub(super) async fn admissible(tx: &mut Tx, booking: &Booking) -> Result<()> {
    let view = tx.booking_view(booking.id).await?.ok_or(Error::NotFound)?;
    let asking = tx.asking(booking.service).await?.ok_or(Error::NotFound)?;
    let stands = standing(tx, &view, &asking, asking.visit == Stage::First).await?;
    if rules::open(&stands, Due::Admission).is_empty() {
        Ok(())
    } else {
        Err(Error::Refused("clearance_missing"))
    }
}

/// Whether the visit may be closed as done; whether it was a first one is the doctor's word, which
/// the door could not know of a service for everybody. The identity at a first visit must have been
/// checked, and its basis be known (G-02, guideline V1(2) and (4)): a waiver does not count.
pub(super) async fn closable(tx: &mut Tx, booking: &Booking, first: bool) -> Result<()> {
    let view = tx.booking_view(booking.id).await?.ok_or(Error::NotFound)?;
    let asking = tx.asking(booking.service).await?.ok_or(Error::NotFound)?;
    let stands = standing(tx, &view, &asking, first).await?;
    let unchecked = |one: &Stand| {
        one.item == Item::IdentityPatient
            && one.due <= Due::Closing
            && one.state != ItemState::Done
            && !rules::is_waivable(one.item, first)
    };
    if stands.iter().any(unchecked) {
        return Err(Error::Refused("identity_missing"));
    }
    // What was due before stopped the patient at the door; here the rest is asked.
    let door = required(&view, &asking, asking.visit == Stage::First);
    let mut open = rules::open_at_the_end(&stands, &door);
    let rests = stands.iter().any(|one| one.item == Item::MedicalInformation);
    if rests && !open.contains(&Item::MedicalInformation) {
        let intake = tx.intake(booking.id).await?;
        if intake.and_then(|intake| intake.first_visit_basis).is_none() {
            open.push(Item::MedicalInformation);
        }
    }
    if open.is_empty() { Ok(()) } else { Err(Error::Unclear(open)) }
}
