//! What the clinic's staff do for patients, as on the telephone: hold a time, also beyond notice
//! and horizon or in a named overbooking capacity, each with a reason that is audited. Hours,
//! acceptance and training bind them like everybody.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::booking::{Turn, find_offer, load, lost_a_race, make_room};
use super::calendar::{self, Calendars, Wished};
use super::clinic::own_facility;
use super::{App, Error, Result, untangled};
use crate::engine::booking::{self as rules, Wish};
use crate::engine::slots::Place;
use crate::model::audit::Entry;
use crate::model::booking::{Booking, Origin, Status};
use crate::model::person::Actor;
use crate::model::schedule::Service;
use crate::model::{BookingId, ClinicianId, FacilityId, OverbookingId, ServiceId};
use crate::store::{BookingView, Tx};
use crate::time::Instant;

/// Why staff go beyond what patients can do by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OverrideReason {
    /// It cannot wait.
    Urgent,
    /// A course of treatment must not be interrupted.
    ContinuingCare,
    /// The patient cannot do otherwise.
    PatientNeeds,
    /// The clinic's own doing: an earlier visit was moved or called off.
    ClinicCaused,
    /// The service or the line was down.
    SystemFailure,
}

/// A time that staff wish for a patient.
#[derive(Clone, Copy, Debug)]
pub struct DeskWish {
    /// For which kind of visit.
    pub service: ServiceId,
    /// With whom; nobody named means anybody who is free.
    pub clinician: Option<ClinicianId>,
    /// When it would start.
    pub start: Instant,
    /// In which named capacity; none is ordinary time.
    pub overbooking: Option<OverbookingId>,
    /// Why notice and horizon do not count, or the capacity is used.
    pub reason: Option<OverrideReason>,
}

/// Holds a time for a patient at the desk or on the telephone.
pub async fn hold(app: &App, actor: &Actor, wish: DeskWish) -> Result<BookingView> {
    let facility = own_facility(actor)?;
    if wish.overbooking.is_some() && wish.reason.is_none() {
        return Err(Error::Refused("override_needed"));
    }
    let wished = Wished { facility, clinician: wish.clinician, start: wish.start };
    let mut held = Err(Error::Lost);
    for turn in Turn::of(&wished) {
        held = untangled(|| hold_once(app, actor, facility, wish, turn)).await;
        if !lost_a_race(&held) {
            break;
        }
    }
    match held {
        Ok(id) => load(app, id).await,
        Err(error) => {
            let wished = Wished { facility, clinician: wish.clinician, start: wish.start };
            Err(calendar::with_near(app, error, wish.service, &wished).await)
        }
    }
}

async fn hold_once(
    app: &App,
    actor: &Actor,
    facility: FacilityId,
    wish: DeskWish,
    turn: Turn,
) -> Result<BookingId> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    turn.take(&mut tx).await?;
    let lane = match wish.overbooking {
        Some(id) => tx.overbooking_lane(facility, id).await?.ok_or(Error::NotFound)?,
        None => 0,
    };
    let wished = Wished { facility, clinician: wish.clinician, start: wish.start };
    let calendars = calendar::around_in(app, &mut tx, &wished, now, lane).await?;
    let service = find_offer(&calendars.offers, wish.service)?.service;
    let (place, overridden) = place(app, calendars, &service, &wished, wish.reason, now)?;
    let held = rules::hold(BookingId::new(), &place, &service, None, now);
    let held = Booking { lane, origin: Origin::Staff, ..held };
    make_room(&mut tx, &place, &service, now).await?;
    tx.add_place(&held, &place.companions).await?;
    let entry = Entry::of(actor, "desk.hold", held.id, now).at_facility(facility);
    let reason = wish.reason.filter(|_| overridden || lane > 0);
    let detail = json!({ "override": reason, "overbooking": wish.overbooking });
    tx.commit(if reason.is_some() { entry.with(detail) } else { entry }).await?;
    Ok(held.id)
}

/// The place, and whether notice or horizon were passed over for it.
fn place(
    app: &App,
    calendars: Calendars,
    service: &Service,
    wished: &Wished,
    reason: Option<OverrideReason>,
    now: Instant,
) -> Result<(Place, bool)> {
    if reason.is_none() {
        return Ok((calendar::verdict(app, calendars, service, wished, now)?, false));
    }
    let relaxed = service.without_notice();
    Ok((calendar::verdict(app, calendars, &relaxed, wished, now)?, true))
}

/// Gives a hold of the desk back.
pub async fn release(app: &App, actor: &Actor, id: BookingId) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let booking = held_here(&mut tx, actor, id).await?;
    let next = rules::apply(&booking, Wish::Release, now)?;
    tx.update_booking(&next, booking.version).await?;
    let entry = Entry::of(actor, "desk.release", id, now).at_facility(booking.facility);
    Ok(tx.commit(entry).await?)
}

async fn held_here(tx: &mut Tx, actor: &Actor, id: BookingId) -> Result<Booking> {
    let booking = tx.booking(id).await?.ok_or(Error::NotFound)?;
    if is_held_by_desk(actor, &booking) { Ok(booking) } else { Err(Error::NotFound) }
}

/// Whether the actor's clinic holds this time for a patient.
pub fn is_held_by_desk(actor: &Actor, booking: &Booking) -> bool {
    actor.facility() == Some(booking.facility)
        && booking.origin == Origin::Staff
        && matches!(booking.status, Status::Held | Status::Expired)
}

/// The reason as it is audited.
pub(super) fn noted(reason: Option<OverrideReason>) -> Value {
    reason.map_or(Value::Null, |reason| json!(reason))
}
