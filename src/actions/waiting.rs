//! The waiting room: whose turn comes when, told to those who wait, and that a doctor is late.

use std::collections::HashSet;
use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};
use serde_json::json;

use super::calendar::today;
use super::clinic::{load_own, own_facility, require_clinician};
use super::{App, Error, Result};
use crate::engine::visit::queue::{self, Place};
use crate::live::message::QueuePlace;
use crate::model::audit::Entry;
use crate::model::person::Actor;
use crate::model::{BookingId, ClinicianId, FacilityId};
use crate::store::{DelayRow, Tx};
use crate::time::zone;

/// By how many minutes a doctor may say to be late; 0 takes it back.
pub const DELAYS: [i64; 4] = [0, 5, 10, 15];

/// How long a page of the day is kept waiting: less than a request may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// The places of those who wait for a doctor today.
async fn places(
    app: &App,
    tx: &mut Tx,
    (facility, clinician): (FacilityId, ClinicianId),
) -> Result<Vec<Place>> {
    let now = app.clock.now();
    let facility = tx.facility(facility).await?.ok_or(Error::NotFound)?;
    let date = today(&facility, now);
    let day = zone::day(facility.zone, date).ok_or(Error::NotFound)?;
    let arrived = tx.arrived(clinician, day).await?;
    let delays = tx.delays(facility.id, date).await?;
    let minutes = delays.iter().find(|row| row.clinician_id == clinician).map_or(0, |d| d.minutes);
    Ok(queue::places(&arrived, now, TimeDelta::minutes(minutes)))
}

fn told(place: &Place) -> QueuePlace {
    QueuePlace {
        position: place.position,
        ahead: place.ahead,
        expected_at: Some(place.expected_at),
        late_min: u32::try_from(place.late_min).ok().filter(|minutes| *minutes > 0),
    }
}

/// Tells those who wait for a doctor their places. What fails is told in the next round.
async fn tell_places(app: &App, of: (FacilityId, ClinicianId)) {
    let found = async { places(app, &mut app.store.read().await?, of).await };
    match found.await {
        Ok(places) => places.iter().for_each(|one| app.hub.place(one.booking, told(one))),
        Err(error) => {
            tracing::debug!(error = &error as &dyn std::error::Error, "places were not told");
        }
    }
}

/// Somebody came, was let in, or went: those who wait for the same doctor are told their places,
/// and the clinic that its day is different.
pub(super) async fn changed(app: &App, id: BookingId) {
    let Ok(mut tx) = app.store.read().await else { return };
    let Ok(Some(booking)) = tx.booking(id).await else { return };
    drop(tx);
    app.changed(booking.facility);
    tell_places(app, (booking.facility, booking.clinician)).await;
}

/// What a patient's devices or line can do is known: the clinic is told that its day is different.
pub(super) async fn checked(app: &App, id: BookingId) {
    let Ok(mut tx) = app.store.read().await else { return };
    if let Ok(Some(booking)) = tx.booking(id).await {
        app.changed(booking.facility);
    }
}

/// The mark of the day of the actor's clinic, as soon as it is not what was `seen`, and after
/// [`PATIENCE`] in any case.
pub async fn changes(app: &App, actor: &Actor, seen: Option<u64>) -> Result<u64> {
    Ok(app.hints().mark(own_facility(actor)?, seen, PATIENCE).await)
}

/// Tells everybody who waits here their place as it is now: time goes on, and other processes of
/// the service let people in, too.
pub async fn round(app: &App) -> Result<()> {
    let mut doctors = HashSet::new();
    let mut tx = app.store.read().await?;
    for id in app.hub.waited_for() {
        if let Some(booking) = tx.booking(id).await? {
            doctors.insert((booking.facility, booking.clinician));
        }
    }
    drop(tx);
    for doctor in doctors {
        tell_places(app, doctor).await;
    }
    Ok(())
}

/// How late the doctors of the actor's clinic said to be today.
pub async fn delays(app: &App, actor: &Actor) -> Result<(NaiveDate, Vec<DelayRow>)> {
    let mut tx = app.store.read().await?;
    let facility = load_own(&mut tx, actor).await?;
    let date = today(&facility, app.clock.now());
    Ok((date, tx.delays(facility.id, date).await?))
}

/// Says how late a doctor is today: those who wait hear it, in their language.
pub async fn put_delay(
    app: &App,
    actor: &Actor,
    clinician: Option<ClinicianId>,
    minutes: i64,
) -> Result<(NaiveDate, Vec<DelayRow>)> {
    if !DELAYS.contains(&minutes) {
        return Err(Error::invalid("/minutes", "range"));
    }
    let account = actor.account().ok_or(Error::Forbidden)?;
    let clinician = clinician.or(account.clinician);
    let clinician = clinician.ok_or(Error::invalid("/clinician_id", "required"))?;
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let facility = load_own(&mut tx, actor).await?;
    require_clinician(&mut tx, facility.id, clinician).await?;
    let date = today(&facility, now);
    let of = (clinician, facility.id);
    tx.put_delay(of, date, minutes, account.id, now).await?;
    let entry = Entry::of(actor, "clinician.delay", clinician, now).at_facility(facility.id);
    tx.commit(entry.with(json!({ "minutes": minutes }))).await?;
    let mut tx = app.store.read().await?;
    let minutes = u32::try_from(minutes).unwrap_or_default();
    for place in places(app, &mut tx, (facility.id, clinician)).await? {
        app.hub.late(place.booking, minutes, Some(place.expected_at));
        app.hub.place(place.booking, told(&place));
    }
    Ok((date, tx.delays(facility.id, date).await?))
}
