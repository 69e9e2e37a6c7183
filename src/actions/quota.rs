//! How much of clinics' time may be held or booked, so that nobody can keep it from others: counted
//! in the database, after the time was taken and before it is kept, under a lock per network or
//! patient. How *often* something is tried is counted in memory, see [`super::limits`].

use std::net::IpAddr;

use chrono::TimeDelta;

use super::limits::network;
use super::{App, Error, Result};
use crate::model::booking::Booking;
use crate::model::facility::Offer;
use crate::model::{FacilityId, PatientId};
use crate::seal::token::TokenHash;
use crate::store::Tx;
use crate::time::span::Span;
use crate::time::{Instant, zone};

/// Times that one browser may hold at once.
const BROWSER: i64 = 2;
/// Times that all browsers may hold at once that see bookings of the same patients.
const PATIENT: i64 = 4;
/// Times that one network may hold at once at one facility. A household or an office shares one.
const NETWORK_HERE: i64 = 8;
/// Times that one network may hold at once in all. Many telephones share one.
const NETWORK: i64 = 40;
/// Holds of one browser that may stay unused, before it has to wait.
const UNUSED: i64 = 3;
/// For how long they count.
const COOL_DOWN: TimeDelta = TimeDelta::minutes(30);
/// Holds of one network at one facility that may stay unused, before it has to wait.
const NETWORK_UNUSED: i64 = 24;
/// For how long they count.
const NETWORK_COOL_DOWN: TimeDelta = TimeDelta::hours(2);
/// Who gives a hold back sooner only changed their mind, and it is not counted as unused.
const CHANGED_MIND: TimeDelta = TimeDelta::minutes(3);
/// Longer than any hold lives.
const LIFE: TimeDelta = TimeDelta::hours(1);

/// Bookings that one patient may call off at one facility, before the next is made by telephone.
const CALLED_OFF_HERE: i64 = 5;
/// The same in all.
const CALLED_OFF: i64 = 10;
/// For how long they count.
const REMEMBERED: TimeDelta = TimeDelta::days(7);
/// The same for everybody who held from one network, at one facility, within [`KEPT`]: names can be
/// invented, networks less easily.
const NETWORK_CALLED_OFF: i64 = 20;
/// How long it is kept from which network a hold came.
const KEPT: TimeDelta = TimeDelta::hours(24);

/// A hold was just made: whether the browser, its patients and its network may have it.
pub(super) async fn held(
    app: &App,
    tx: &mut Tx,
    (session, address): (&TokenHash, IpAddr),
    hold: &Booking,
) -> Result<()> {
    let (here, now) = (hold.facility, hold.created_at);
    let origin = app.vault.index("hold_origin.network", &network(address).to_string());
    // The last lock of a hold, so that it waits for nobody who could wait for it.
    tx.lock(origin.id()).await?;
    tx.note_origin(hold.id, &origin, now).await?;
    // The new hold is counted with the others.
    if tx.live_holds(session, now).await? > BROWSER {
        return Err(Error::Refused("too_many_holds"));
    }
    if tx.holds_around_patients(session, now).await? > PATIENT {
        return Err(Error::Refused("too_many_patient_holds"));
    }
    if tx.unused_by_session(session, now - COOL_DOWN, now).await? >= UNUSED {
        return Err(Error::Refused("too_many_unused_holds"));
    }
    let live = tx.network_holds(&origin, here, now - LIFE, now).await?;
    let unused = tx.unused_by_network(&origin, here, now - NETWORK_COOL_DOWN, now).await?;
    if live.here > NETWORK_HERE || live.all > NETWORK || unused.here >= NETWORK_UNUSED {
        return Err(Error::Refused("too_many_network_holds"));
    }
    Ok(())
}

/// A hold was given back.
pub(super) async fn given_back(tx: &mut Tx, hold: &Booking, now: Instant) -> Result<()> {
    if now - hold.created_at < CHANGED_MIND {
        tx.forget_origin(hold.id).await?;
    }
    Ok(())
}

/// A hold is about to become the patient's, who is locked: whether they may have one more.
pub(super) async fn confirmed(
    tx: &mut Tx,
    hold: &Booking,
    (patient, offer): (PatientId, &Offer),
    now: Instant,
) -> Result<()> {
    let here = hold.facility;
    let called_off = tx.called_off_by_patient(patient, here, now - REMEMBERED).await?;
    let around = tx.called_off_by_network(hold.id, here, now - KEPT).await?;
    let much = called_off.here >= CALLED_OFF_HERE || called_off.all >= CALLED_OFF;
    if much || around.here >= NETWORK_CALLED_OFF {
        return Err(Error::Refused("too_many_called_off"));
    }
    one_more_on_the_day(tx, hold, patient, offer).await
}

/// A patient's visit was put at another time: whether it may be there.
pub(super) async fn moved(
    tx: &mut Tx,
    visit: &Booking,
    (patient, offer): (PatientId, &Offer),
) -> Result<()> {
    tx.lock(patient.0).await?;
    one_more_on_the_day(tx, visit, patient, offer).await
}

/// Whether the patient may have `visit` beside the others of its local day at the facility.
async fn one_more_on_the_day(
    tx: &mut Tx,
    visit: &Booking,
    patient: PatientId,
    offer: &Offer,
) -> Result<()> {
    let day = local_day(tx, visit.facility, visit.starts_at).await?;
    let others = tx.patient_visits(patient, visit.facility, day, visit.id).await?;
    if others >= offer.patient_daily_limit {
        return Err(Error::Refused("too_many_on_the_day"));
    }
    Ok(())
}

async fn local_day(tx: &mut Tx, facility: FacilityId, at: Instant) -> Result<Span> {
    let facility = tx.facility(facility).await?.ok_or(Error::NotFound)?;
    let date = at.with_timezone(&facility.zone).date_naive();
    zone::day(facility.zone, date).ok_or(Error::NotFound)
}

/// Forgets from which networks holds came that count no more; how many.
pub async fn forget_origins(app: &App) -> Result<u64> {
    let mut tx = app.store.begin().await?;
    let forgotten = tx.forget_origins(app.clock.now() - KEPT).await?;
    tx.commit_unaudited().await?;
    Ok(forgotten)
}
