//! Waiting for a time to become free. What is given back is offered to those who wait, as a hold of
//! theirs: to one after the other, or to all at once and the first to confirm has it.

use std::net::IpAddr;

use chrono::{NaiveDate, TimeDelta};

use super::calendar::{self, Calendars, Wished, today};
use super::clinic::own_facility;
use super::confirm::{self, Answers, ForWhom, Questionnaire};
use super::limits::network;
use super::{App, Error, Fault, Result, messages, untangled};
use crate::engine::booking as rules;
use crate::engine::slots::{self, Place};
use crate::engine::waitlist::{Policy, starts};
use crate::model::audit::Entry;
use crate::model::booking::{Booking, Origin, Status};
use crate::model::message::Kind;
use crate::model::person::Actor;
use crate::model::schedule::{Service, check_minutes};
use crate::model::waitlist::Mode;
use crate::model::{BookingId, ClinicianId, FacilityId, FreedId, ServiceId, WaitlistId};
use crate::seal::token::Token;
use crate::store::{self, FacilityFilter, FreedRow, Tx, WaitlistRow};
use crate::time::Instant;

/// For how many things one patient may wait.
const MOST: i64 = 5;
/// How many days somebody may wait.
const LONGEST: i64 = 92;
/// How many freed times one round looks at.
const ROUND: i64 = 50;
/// The days over which a clinic sees how many freed times were filled.
const RATED: TimeDelta = TimeDelta::days(30);

/// What somebody wants to wait for, and who they are.
#[derive(Clone, Debug)]
pub struct Joining {
    /// Where.
    pub facility: FacilityId,
    /// The kind of visit.
    pub service: ServiceId,
    /// With whom; nobody named means anybody.
    pub clinician: Option<ClinicianId>,
    /// The first local date.
    pub from_date: NaiveDate,
    /// The last local date.
    pub until_date: NaiveDate,
    /// From which minute of the day on.
    pub from_minute: u16,
    /// Up to which minute of the day it may start.
    pub until_minute: u16,
    /// Who waits; what it is about is asked when a time is confirmed.
    pub person: Answers,
}

/// Puts somebody on the list. A browser without a session is given one.
pub async fn join(
    app: &App,
    actor: &Actor,
    address: IpAddr,
    wish: Joining,
) -> Result<(WaitlistRow, Option<Token>)> {
    app.limits.hold_address.check(&network(address))?;
    let now = app.clock.now();
    let (person, mut faults) = confirm::checked_person(wish.person.clone(), now);
    faults.extend(faults_of(&wish));
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let mut tx = app.store.begin().await?;
    let filter = FacilityFilter::one(wish.facility);
    let facility = tx.facility(wish.facility).await?.ok_or(Error::NotFound)?;
    let offers = tx.offers(&filter).await?;
    super::booking::find_offer(&offers, wish.service)?;
    if let Some(whom) = wish.clinician {
        let known = tx.clinicians(&filter).await?;
        known.iter().find(|one| one.id == whom).ok_or(Error::NotFound)?;
    }
    if wish.until_date < today(&facility, now) {
        return Err(Error::invalid("/until", "in_past"));
    }
    let (session, new_session) = confirm::session_of(&mut tx, actor, now).await?;
    let (patient, key) = confirm::keep_patient(app, &mut tx, &person, now).await?;
    tx.lock(patient.0).await?;
    if tx.waiting_count(patient).await? >= MOST {
        return Err(Error::Refused("too_many_waiting"));
    }
    let id = WaitlistId::new();
    let contact = Questionnaire { symptoms: String::new(), ..confirm::contact(&person) };
    let row = WaitlistRow {
        id,
        facility_id: wish.facility,
        service_id: wish.service,
        clinician_id: wish.clinician,
        patient_id: patient,
        session_hash: session,
        from_date: wish.from_date,
        until_date: wish.until_date,
        from_minute: wish.from_minute.into(),
        until_minute: wish.until_minute.into(),
        language: person.language.name().to_owned(),
        for_whom: if person.for_whom == ForWhom::Myself { "self" } else { "family" }.to_owned(),
        contact: confirm::sealed_at(&key, place_of(id), &contact),
        consented_at: now,
        status: "waiting".to_owned(),
        created_at: now,
        wrapped_key: None,
        facility_name: facility.name,
        name_ja: String::new(),
        name_en: String::new(),
        zone: facility.zone.name().to_owned(),
        offers: 0,
    };
    match tx.add_waitlist(&row).await {
        Err(store::Error::Exists(_)) => return Err(Error::Refused("already_waiting")),
        other => other?,
    }
    let entry = Entry::of(actor, "waitlist.join", id, now).at_facility(wish.facility);
    tx.commit(entry).await?;
    Ok((row, new_session))
}

fn faults_of(wish: &Joining) -> Vec<Fault> {
    let mut faults = Vec::new();
    let days = (wish.until_date - wish.from_date).num_days();
    if !(0..=LONGEST).contains(&days) {
        faults.push(Fault { pointer: "/until", code: "range" });
    }
    if check_minutes(wish.from_minute, wish.until_minute, 0).is_err() {
        faults.push(Fault { pointer: "/until_minute", code: "range" });
    }
    faults
}

fn place_of(id: WaitlistId) -> crate::seal::Place {
    crate::seal::Place::new("waitlist.contact", id.0)
}

/// Who an entry is about; nothing where the patient was forgotten.
pub fn person_of(app: &App, row: &WaitlistRow) -> Result<Option<Questionnaire>> {
    let Some(wrapped) = &row.wrapped_key else { return Ok(None) };
    let key = app.vault.unwrap(row.patient_id.0, wrapped)?;
    Ok(Some(confirm::opened_at(&key, place_of(row.id), &row.contact)?))
}

/// What this browser's people wait for.
pub async fn mine(app: &App, actor: &Actor) -> Result<Vec<WaitlistRow>> {
    let Actor::Patient { session, .. } = actor else { return Err(Error::SignedOut) };
    Ok(app.store.read().await?.waiting_of(session).await?)
}

/// Takes somebody off the list: the browser that put them there, or the clinic.
pub async fn leave(app: &App, actor: &Actor, id: WaitlistId) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let found = match actor {
        Actor::Patient { session, .. } => tx.waiting_of(session).await?,
        _ => tx.waiting(own_facility(actor)?).await?,
    };
    let row = found.iter().find(|row| row.id == id).ok_or(Error::NotFound)?;
    if !tx.end_waitlist(id, "left", now).await? {
        return Err(Error::NotFound);
    }
    let entry = Entry::of(actor, "waitlist.leave", id, now).at_facility(row.facility_id);
    Ok(tx.commit(entry).await?)
}

/// A clinic's list.
pub struct ClinicList {
    /// Who waits, the longest first.
    pub waiting: Vec<WaitlistRow>,
    /// How freed times are offered.
    pub policy: Policy,
    /// To be named when that is changed; 0 where it was never said.
    pub version: i64,
    /// Freed times offered in the last 30 days.
    pub offered: i64,
    /// How many of them were booked by who waited.
    pub filled: i64,
}

/// Who waits at the actor's clinic. Reading it is audited.
pub async fn of_clinic(app: &App, actor: &Actor) -> Result<ClinicList> {
    let (facility, now) = (own_facility(actor)?, app.clock.now());
    let mut tx = app.store.begin().await?;
    let waiting = tx.waiting(facility).await?;
    let (policy, version) = tx.waitlist_policy(facility).await?;
    let (offered, filled) = tx.fill_rate(facility, now - RATED).await?;
    tx.commit(Entry::of(actor, "waitlist.read", facility, now).at_facility(facility)).await?;
    Ok(ClinicList { waiting, policy, version, offered, filled })
}

/// Says how the actor's clinic offers freed times.
pub async fn put_policy(app: &App, actor: &Actor, policy: Policy, version: i64) -> Result<()> {
    let facility = own_facility(actor)?;
    let window = policy.window.num_minutes();
    if !(5..=1440).contains(&window) {
        return Err(Error::invalid("/window_min", "range"));
    }
    if !(1..=20).contains(&policy.most) {
        return Err(Error::invalid("/most", "range"));
    }
    if policy.quiet_from > 1440 || policy.quiet_until > 1440 {
        return Err(Error::invalid("/quiet_from", "range"));
    }
    let mut tx = app.store.begin().await?;
    tx.put_waitlist_policy(facility, &policy, version).await?;
    let entry = Entry::of(actor, "waitlist.policy", facility, app.clock.now());
    Ok(tx.commit(entry.at_facility(facility)).await?)
}

/// Notes, in a deed's own unit of work, that it gave the time of `booking` back.
pub(super) async fn freed(tx: &mut Tx, booking: &Booking, now: Instant) -> Result<()> {
    if booking.starts_at > now && booking.lane == 0 && booking.status != Status::Held {
        tx.note_freed(FreedId::new(), booking, now).await?;
    }
    Ok(())
}

/// Offers what became free to those who wait; how many offers were made.
pub async fn offer_round(app: &App) -> Result<usize> {
    let freed = app.store.read().await?.freed_times(ROUND).await?;
    let mut made = 0;
    for one in freed {
        made += untangled(|| offer_one(app, one)).await?;
    }
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    // Wherever a facility is, its day has ended when it has been over here for a day.
    tx.end_old_waitlist(now.date_naive() - chrono::Days::new(1), now).await?;
    tx.commit_unaudited().await?;
    Ok(made)
}

async fn offer_one(app: &App, freed: FreedRow) -> Result<usize> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    tx.lock(freed.facility_id.0).await?;
    tx.rely_on_hours(freed.facility_id).await?;
    let (policy, _) = tx.waitlist_policy(freed.facility_id).await?;
    let offered = tx.offers_made(freed.id).await?;
    let live = |status, expires: Option<Instant>| {
        status == Status::Held && expires.is_some_and(|at| now < at)
    };
    if offered.iter().any(|(_, _, status, expires)| live(*status, *expires)) {
        return Ok(0);
    }
    let taken = offered.iter().find(|one| !matches!(one.2, Status::Held | Status::Expired));
    if let Some((entry, ..)) = taken {
        tx.end_waitlist(*entry, "booked", now).await?;
    }
    let over = policy.mode == Mode::Off || freed.ends_at <= now || offered.len() >= policy.most;
    if taken.is_some() || over {
        return done(tx, freed.id, now).await;
    }
    let facility = tx.facility(freed.facility_id).await?.ok_or(Error::NotFound)?;
    if policy.is_quiet(facility.zone, now) {
        return Ok(0);
    }
    let known: Vec<_> = offered.iter().map(|one| one.0).collect();
    let mut waiting = tx.waiting(freed.facility_id).await?;
    waiting.retain(|row| !known.contains(&row.id));
    let made = offer_to(app, &mut tx, &freed, &waiting, (&policy, facility.zone), now).await?;
    if made == 0 {
        return done(tx, freed.id, now).await;
    }
    let entry = Entry::of(&Actor::System, "waitlist.offer", freed.id, now);
    tx.commit(entry.at_facility(freed.facility_id)).await?;
    Ok(made)
}

async fn done(mut tx: Tx, freed: FreedId, now: Instant) -> Result<usize> {
    tx.end_freed(freed, now).await?;
    tx.commit_unaudited().await?;
    Ok(0)
}

/// Holds the freed time for the first who can use it; with [`Mode::All`] for all who can use the
/// same.
async fn offer_to(
    app: &App,
    tx: &mut Tx,
    freed: &FreedRow,
    waiting: &[WaitlistRow],
    (policy, zone): (&Policy, chrono_tz::Tz),
    now: Instant,
) -> Result<usize> {
    let wished = Wished {
        facility: freed.facility_id,
        clinician: Some(freed.clinician_id),
        start: freed.starts_at,
    };
    let calendars = calendar::around(app, tx, &wished, now).await?;
    let most = if policy.mode == Mode::All { policy.most } else { 1 };
    let mut given: Vec<Place> = Vec::new();
    for row in waiting {
        let Some((place, offer)) = place_for(app, &calendars, freed, row, zone, now) else {
            continue;
        };
        let same = given.first().is_none_or(|first| first.slot == place.slot);
        if !same || (!given.is_empty() && !offer.service.demands.are_plain()) {
            continue;
        }
        let id = BookingId::new();
        let held = rules::hold(id, &place, &offer.service, Some(row.patient_id), now);
        let shared = most > 1 && offer.service.demands.are_plain();
        let held = Booking {
            origin: Origin::Waitlist,
            hold_expires_at: Some(policy.held_until(held.starts_at, now)),
            session_key: if shared { freed.id.0 } else { held.session_key },
            seat: if shared { i64::try_from(given.len()).unwrap_or(0) } else { held.seat },
            ..held
        };
        if hold_for(app, tx, (&held, &place, &offer.service), row, freed.id, now).await? {
            given.push(place);
        }
        if given.len() >= most {
            break;
        }
    }
    Ok(given.len())
}

/// The first place within a freed time that suits who waits.
fn place_for(
    app: &App,
    calendars: &Calendars,
    freed: &FreedRow,
    row: &WaitlistRow,
    zone: chrono_tz::Tz,
    now: Instant,
) -> Option<(Place, crate::model::facility::Offer)> {
    let offer = calendars.offers.iter().find(|offer| offer.service.id == row.service_id)?;
    let own = calendars.of(app, freed.facility_id, Some(freed.clinician_id));
    let calendar = own.first()?;
    let wanted = row.wanted();
    let mut suiting = starts(Tx::freed_span(freed)?)
        .filter(|start| wanted.suits(zone, freed.clinician_id, *start));
    let place = suiting.find_map(|at| slots::place(calendar, &offer.service, at, now).ok())?;
    Some((place, offer.clone()))
}

/// Makes the hold of an offer and its message; false where the patient cannot be there, or somebody
/// else was faster.
async fn hold_for(
    app: &App,
    tx: &mut Tx,
    (held, place, service): (&Booking, &Place, &Service),
    row: &WaitlistRow,
    freed: FreedId,
    now: Instant,
) -> Result<bool> {
    let Some(contact) = person_of(app, row)? else { return Ok(false) };
    let Some(wrapped) = &row.wrapped_key else { return Ok(false) };
    let key = app.vault.unwrap(row.patient_id.0, wrapped)?;
    super::booking::make_room(tx, place, service, now).await?;
    match tx.add_place(held, &place.companions).await {
        Err(store::Error::ClinicianOverlap | store::Error::PatientOverlap) => return Ok(false),
        other => other?,
    }
    let contact = confirm::sealed(&key, held.id, &contact);
    tx.give_hold(held.id, row, &contact).await?;
    tx.show_offer(held.id, &row.session_hash).await?;
    tx.add_waitlist_offer(held.id, row.id, freed, now).await?;
    messages::queue(tx, app, Kind::Offered, held, now).await?;
    Ok(true)
}
