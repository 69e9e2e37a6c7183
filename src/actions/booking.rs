//! Holding a time, giving it back, changing it, calling it off.

use std::net::IpAddr;

use chrono::TimeDelta;
use serde_json::json;
use uuid::Uuid;

use super::calendar::{self, Gone, Wished};
use super::crowd;
use super::desk::OverrideReason;
use super::limits::network;
use super::{App, Error, Result, messages, outside, quota, untangled, waitlist};
use crate::engine::booking::{self as rules, Refusal, Wish};
use crate::engine::slots::Place;
use crate::model::audit::Entry;
use crate::model::booking::{Booking, Party};
use crate::model::facility::Offer;
use crate::model::message::Kind;
use crate::model::person::Actor;
use crate::model::schedule::Service;
use crate::model::{BookingId, ClinicianId, ServiceId};
use crate::seal::token::{Token, TokenHash};
use crate::store::{self, BookingView, Tx};
use crate::time::Instant;

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Time(time) => {
                Self::NotFree { code: calendar::code_of(&time), alternatives: Vec::new() }
            }
            other => Self::Refused(other.code()),
        }
    }
}

/// Holds a time for ten minutes. A browser without a session is given one, whose token is
/// returned beside the booking.
pub async fn hold(
    app: &App,
    actor: &Actor,
    address: IpAddr,
    service: ServiceId,
    wished: Wished,
) -> Result<(BookingView, Option<Token>)> {
    app.limits.hold_address.check(&network(address))?;
    let new_session = (!matches!(actor, Actor::Patient { .. })).then(Token::random);
    let session = match (actor, &new_session) {
        (Actor::Patient { session, .. }, _) => session.clone(),
        (_, Some(token)) => token.hash(),
        (_, None) => return Err(Error::SignedOut),
    };
    let asker = (&session, address);
    let new = new_session.is_some();
    let first = match first_of_crowd(app, service, &wished).await {
        Turned::First(first) => Some(first),
        Turned::Away(error) => return Err(error),
        Turned::Loose => None,
    };
    let mut held = Err(Error::Lost);
    for turn in Turn::of(&wished) {
        held = untangled(|| hold_once(app, actor, asker, new, service, wished, turn)).await;
        // Another seat, room or clinician may be free: asked again, one after the other.
        if !lost_a_race(&held) {
            break;
        }
    }
    if let Some(first) = first {
        // Those behind are told when they could see what was kept.
        let app = app.clone();
        store::once::after_commit(move || tell(app, first, service, wished));
    }
    match held {
        Ok(id) => Ok((load(app, id).await?, new_session)),
        Err(error) => Err(calendar::with_near(app, error, service, &wished).await),
    }
}

/// How often who is behind others looks whether the time is free still, before trying all the same.
const LOOKS: usize = 6;

type Lead = crowd::Lead<Gone>;

/// What comes of standing in a crowd.
enum Turned {
    /// Goes first.
    First(Lead),
    /// The time is gone.
    Away(Error),
    /// Waited long enough; tries beside the others.
    Loose,
}

/// Where many want one time in the same moment, lets one of them try. The others are told what came
/// of it, or look: who finds the time gone is refused without a unit of work.
async fn first_of_crowd(app: &App, service: ServiceId, wished: &Wished) -> Turned {
    if cfg!(feature = "no-overlap-check") {
        return Turned::Loose;
    }
    let whom = wished.clinician.map_or(wished.facility.0, |clinician| clinician.0);
    let wanted = Uuid::new_v5(&whom, wished.start.to_rfc3339().as_bytes());
    for _ in 0..LOOKS {
        let told = match app.crowd().join(wanted) {
            crowd::Place::First(lead) => return Turned::First(lead),
            crowd::Place::Behind(ahead) => ahead.done().await,
        };
        if let Some(gone) = told.filter(|gone| gone.is_of(service, wished)) {
            return Turned::Away(gone.into());
        }
        if let Err(error) = calendar::glance(app, service, wished).await {
            return Turned::Away(calendar::with_near(app, error, service, wished).await);
        }
    }
    Turned::Loose
}

/// Tells those behind that the time is gone and what is near, if it is: one looks for all.
fn tell(app: App, first: Lead, service: ServiceId, wished: Wished) {
    if first.is_followed() {
        tokio::spawn(async move {
            if let Some(gone) = calendar::gone(&app, service, &wished).await {
                first.tell(gone);
            }
        });
    }
}

/// Whether those who want times wait for each other, and which of them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// All at once: the database lets one of those win who want the same.
    Free,
    /// One after the other, those of one key.
    Queued(Uuid),
}

impl Turn {
    /// How a time is tried: at once, then after those who want the same start, at last after all
    /// of the facility: the places of a day are wanted at other starts too.
    pub(super) fn of(wished: &Wished) -> [Self; 3] {
        let facility = wished.facility.0;
        let start = Uuid::new_v5(&facility, wished.start.to_rfc3339().as_bytes());
        [Self::Free, Self::Queued(start), Self::Queued(facility)]
    }

    /// Waits for its turn.
    pub(super) async fn take(self, tx: &mut Tx) -> Result<()> {
        match self {
            Self::Free => Ok(()),
            Self::Queued(key) => Ok(tx.lock(key).await?),
        }
    }
}

/// Whether the engine saw a free time that the database then refused.
pub(super) fn lost_a_race<T>(deed: &Result<T>) -> bool {
    matches!(deed, Err(Error::Lost))
}

/// What to tell who was not given the time: that another may be free, unless only this one was
/// asked for.
pub(super) fn lost(error: store::Error, wished: &Wished, service: &Service) -> Error {
    let only = wished.clinician.is_some() && service.demands.are_plain();
    match error.into() {
        Error::Lost if only => Error::NotFree { code: "slot_taken", alternatives: Vec::new() },
        error => error,
    }
}

async fn hold_once(
    app: &App,
    actor: &Actor,
    (session, address): (&TokenHash, IpAddr),
    new_session: bool,
    service: ServiceId,
    wished: Wished,
    turn: Turn,
) -> Result<BookingId> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    turn.take(&mut tx).await?;
    if new_session {
        tx.add_session(session, None, now).await?;
    }
    let calendars = calendar::around(app, &mut tx, &wished, now).await?;
    let (offer, expired) = (find_offer(&calendars.offers, service)?, calendars.has_expired());
    let place = calendar::verdict(app, calendars, &offer.service, &wished, now)?;
    let booking = rules::hold(BookingId::new(), &place, &offer.service, None, now);
    if expired || place.room.is_some() {
        make_room(&mut tx, &place, &offer.service, now).await?;
    }
    let placed = tx.add_place(&booking, &place.companions).await;
    placed.map_err(|error| lost(error, &wished, &offer.service))?;
    tx.open_booking(session, booking.id).await?;
    quota::held(app, &mut tx, (session, address), &booking).await?;
    let entry = Entry::of(actor, "booking.hold", booking.id, now).at_facility(booking.facility);
    tx.commit(entry).await?;
    Ok(booking.id)
}

/// Lets go what ran out and would keep `place` from its time.
pub(super) async fn make_room(
    tx: &mut Tx,
    place: &Place,
    service: &Service,
    now: Instant,
) -> Result<()> {
    let mut span = service.occupied(place.slot.visit);
    if place.day.is_some() {
        // A hold that ran out may have one of the day's places at any time of it.
        span = span.pad(TimeDelta::days(1), TimeDelta::days(1));
    }
    for clinician in place.companions.iter().chain([&place.slot.clinician]) {
        tx.expire_holds_in(*clinician, place.room, span, now).await?;
    }
    Ok(())
}

pub(super) fn find_offer(offers: &[Offer], service: ServiceId) -> Result<Offer> {
    let offer = offers.iter().find(|offer| offer.service.id == service);
    offer.cloned().ok_or(Error::NotFound)
}

pub(super) async fn load(app: &App, id: BookingId) -> Result<BookingView> {
    app.store.read().await?.booking_view(id).await?.ok_or(Error::NotFound)
}

/// A booking that this patient's browser opened. Others are not found, as those that are not.
pub async fn mine(app: &App, actor: &Actor, id: BookingId) -> Result<BookingView> {
    if !actor.holds(id) {
        return Err(Error::NotFound);
    }
    load(app, id).await
}

/// All bookings that this patient's browser opened, those ahead first.
pub async fn all_mine(app: &App, actor: &Actor) -> Result<Vec<BookingView>> {
    let Actor::Patient { bookings, .. } = actor else { return Err(Error::SignedOut) };
    let mut tx = app.store.read().await?;
    let mut found = Vec::with_capacity(bookings.len());
    for id in bookings {
        found.extend(tx.booking_view(*id).await?);
    }
    found.sort_by_key(|view| (view.booking.status.is_terminal(), view.booking.starts_at));
    Ok(found)
}

/// Ten minutes more for a hold, once.
pub async fn extend(app: &App, actor: &Actor, id: BookingId) -> Result<BookingView> {
    change_mine(app, actor, id, "booking.extend", |_, _| Wish::Extend).await
}

/// Gives a hold back.
pub async fn release(app: &App, actor: &Actor, id: BookingId) -> Result<BookingView> {
    change_mine(app, actor, id, "booking.release", |_, _| Wish::Release).await
}

async fn change_mine<'a>(
    app: &App,
    actor: &Actor,
    id: BookingId,
    action: &'static str,
    wish: impl FnOnce(&Booking, Instant) -> Wish<'a>,
) -> Result<BookingView> {
    if !actor.holds(id) {
        return Err(Error::NotFound);
    }
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let booking = tx.booking(id).await?.ok_or(Error::NotFound)?;
    let next = rules::apply(&booking, wish(&booking, now), now)?;
    tx.update_booking(&next, booking.version).await?;
    if !next.status.occupies() {
        quota::given_back(&mut tx, &booking, now).await?;
    }
    tx.commit(Entry::of(actor, action, id, now).at_facility(booking.facility)).await?;
    load(app, id).await
}

/// Lets go every hold that ran out; how many.
pub async fn expire_holds(app: &App) -> Result<u64> {
    let mut tx = app.store.begin().await?;
    let expired = tx.expire_holds(app.clock.now()).await?;
    tx.commit_unaudited().await?;
    Ok(expired)
}

/// Why a visit is called off.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CancelReason {
    /// It is not needed any more.
    NoLongerNeeded,
    /// The patient feels better.
    FeelingBetter,
    /// The patient goes to another clinic.
    OtherClinic,
    /// It was booked by mistake.
    Mistake,
    /// The clinic cannot hold it.
    ClinicUnavailable,
    /// Anything else.
    Other,
}

impl CancelReason {
    /// As it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoLongerNeeded => "no_longer_needed",
            Self::FeelingBetter => "feeling_better",
            Self::OtherClinic => "other_clinic",
            Self::Mistake => "mistake",
            Self::ClinicUnavailable => "clinic_unavailable",
            Self::Other => "other",
        }
    }
}

/// Calls a visit off: a patient their own until the cut-off, the clinic its patients' until the
/// end.
pub async fn cancel(
    app: &App,
    actor: &Actor,
    id: BookingId,
    reason: CancelReason,
) -> Result<BookingView> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let booking = tx.booking(id).await?.ok_or(Error::NotFound)?;
    let by = party(actor, &booking)?;
    let offer = offer_of(&mut tx, &booking).await?;
    // Who loses a time by the clinic's doing is held to no cut-off.
    let stranded = tx.answer_stranded(id, "cancelled", now).await?;
    let cutoff = if stranded { TimeDelta::zero() } else { offer.service.cancel_cutoff };
    let wish = Wish::Cancel { by, cutoff };
    let next = rules::apply(&booking, wish, now)?;
    tx.update_booking(&next, booking.version).await?;
    tx.note_cancel_reason(id, reason.as_str()).await?;
    tx.all_left(id, now).await?;
    waitlist::freed(&mut tx, &booking, now).await?;
    messages::queue(&mut tx, app, Kind::Cancelled, &next, now).await?;
    let entry = Entry::of(actor, "booking.cancel", id, now).at_facility(booking.facility);
    tx.commit(entry.with(json!({ "reason": reason, "by": by.as_str() }))).await?;
    app.tell_end(id);
    load(app, id).await
}

/// Whose wish it is: the patient's who opened the booking, or the clinic's whose it is.
pub(super) fn party(actor: &Actor, booking: &Booking) -> Result<Party> {
    if actor.holds(booking.id) {
        Ok(Party::Patient)
    } else if actor.facility() == Some(booking.facility) {
        Ok(Party::Clinic)
    } else {
        Err(Error::NotFound)
    }
}

pub(super) async fn offer_of(tx: &mut Tx, booking: &Booking) -> Result<Offer> {
    let filter = store::FacilityFilter::one(booking.facility);
    find_offer(&tx.offers(&filter).await?, booking.service)
}

/// Where a visit is to be moved.
#[derive(Clone, Copy, Debug)]
pub struct NewTime {
    /// With whom.
    pub clinician: ClinicianId,
    /// When it would start.
    pub start: Instant,
    /// The version of the booking that the person saw.
    pub version: i64,
    /// Why staff pass over notice, horizon and the patient's cut-off.
    pub over: Option<OverrideReason>,
}

/// Puts a visit at another time in one step: it never has none and never two.
pub async fn move_to(app: &App, actor: &Actor, id: BookingId, to: NewTime) -> Result<BookingView> {
    if actor.holds(id) || actor.facility().is_some() {
        outside::recheck(app, id, Some(to.clinician)).await?;
    }
    let moved = untangled(|| move_once(app, actor, id, to)).await;
    if let Err(error @ (Error::NotFree { .. } | Error::Lost)) = moved {
        let booking = load(app, id).await?.booking;
        let (facility, clinician) = (booking.facility, Some(to.clinician));
        let wished = Wished { facility, clinician, start: to.start };
        return Err(calendar::with_near(app, error, booking.service, &wished).await);
    }
    moved?;
    load(app, id).await
}

async fn move_once(app: &App, actor: &Actor, id: BookingId, to: NewTime) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let booking = tx.booking(id).await?.ok_or(Error::NotFound)?;
    let by = party(actor, &booking)?;
    // Before or after a change of hours, and not in its midst.
    tx.rely_on_hours(booking.facility).await?;
    // In one order for all, so that two that swap clinicians do not wait for each other.
    let (first, second) =
        (booking.clinician.min(to.clinician), booking.clinician.max(to.clinician));
    tx.lock(first.0).await?;
    if second != first {
        tx.lock(second.0).await?;
    }
    let (facility, clinician) = (booking.facility, Some(to.clinician));
    let wished = Wished { facility, clinician, start: to.start };
    let calendars = calendar::around_in(app, &mut tx, &wished, now, booking.lane).await?;
    let calendars = calendars.without(id);
    let offer = find_offer(&calendars.offers, booking.service)?;
    let mut service = offer.service.clone();
    // Who loses a time by the clinic's doing is held to no cut-off.
    if tx.answer_stranded(id, "moved", now).await? {
        service.change_cutoff = TimeDelta::zero();
    }
    let late = booking.starts_at - service.change_cutoff <= now;
    if by == Party::Clinic && late && to.over.is_none() {
        return Err(Error::Refused("override_needed"));
    }
    let over = to.over.filter(|_| by == Party::Clinic);
    let service = if over.is_some() { service.without_notice() } else { service };
    let place = calendar::verdict(app, calendars, &service, &wished, now)?;
    make_room(&mut tx, &place, &service, now).await?;
    let wish = Wish::Move { by, to: place, service: &service, version: to.version };
    let next = rules::apply(&booking, wish, now)?;
    tx.update_booking(&next, booking.version).await?;
    if let (Party::Patient, Some(patient)) = (by, next.patient) {
        quota::moved(&mut tx, &next, (patient, &offer)).await?;
    }
    waitlist::freed(&mut tx, &booking, now).await?;
    tx.start_over(id).await?;
    messages::queue(&mut tx, app, Kind::Moved, &next, now).await?;
    let entry = Entry::of(actor, "booking.move", id, now).at_facility(facility);
    let detail = json!({ "from": booking.starts_at, "to": next.starts_at, "by": by.as_str(),
        "override": super::desk::noted(over) });
    tx.commit(entry.with(detail)).await?;
    app.tell_moved(id);
    Ok(())
}
