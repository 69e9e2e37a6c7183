//! Calling a patient in: on their page where it is open, and by message where it is not (web.md
//! section 5, row 16: within ten seconds).

use std::time::Duration;

use chrono::TimeDelta;

use super::room;
use crate::actions::clinic::own_facility;
use crate::actions::{App, Error, Result, messages};
use crate::model::BookingId;
use crate::model::audit::Entry;
use crate::model::booking::Booking;
use crate::model::message::Kind;
use crate::model::person::Actor;
use crate::model::visit::VisitState;
use crate::store::Tx;
use crate::time::Instant;

/// How long a page that is connected has to say that it heard of it; pages say so every five seconds.
const HEARS_WITHIN: TimeDelta = TimeDelta::seconds(6);
/// How often it is looked whether it did.
const LOOK: Duration = Duration::from_millis(250);
/// A patient is called by message no more often.
const GAP: TimeDelta = TimeDelta::minutes(1);

/// Writes down, with the admission, that the patient is to be called: at once where no page of theirs
/// is connected, else when it has not said that it heard of it.
pub(super) async fn with_admission(
    tx: &mut Tx,
    app: &App,
    booking: &Booking,
    now: Instant,
) -> Result<()> {
    let connected = app.hub.told_patient(booking.id).is_some();
    let due = if connected { now + HEARS_WITHIN } else { now };
    messages::queue_for(tx, app, Kind::Called, booking, (due, now)).await
}

/// Takes the call back when the patient's page says that it heard that they were let in. Should the
/// process end meanwhile they get a message too many.
pub(super) fn take_back(app: &App, id: BookingId) {
    let Some(seq) = app.hub.told_patient(id) else { return };
    let (app, until) = (app.clone(), tokio::time::Instant::now() + seconds(HEARS_WITHIN));
    tokio::spawn(async move {
        while !app.hub.patient_handled(id, seq) {
            if tokio::time::Instant::now() >= until {
                return;
            }
            tokio::time::sleep(LOOK).await;
        }
        if let Err(error) = drop_calls(&app, id).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "a call was not taken back");
        }
    });
}

fn seconds(span: TimeDelta) -> Duration {
    span.to_std().unwrap_or_default()
}

async fn drop_calls(app: &App, id: BookingId) -> Result<()> {
    let mut tx = app.store.begin().await?;
    tx.drop_calls(id).await?;
    Ok(tx.commit_unaudited().await?)
}

/// Calls the patient of a visit of the actor's clinic who is not in the waiting room.
///
/// # Errors
/// [`Error::Refused`] while the patient's page is connected (`patient_here`), within a minute of the
/// call before (`called_just_now`), and outside of the visit's time.
pub async fn call(app: &App, actor: &Actor, id: BookingId) -> Result<()> {
    let facility = own_facility(actor)?;
    let found = room(app, actor, id).await?;
    let now = app.clock.now();
    match found.state {
        VisitState::Scheduled => return Err(Error::Refused("too_early")),
        VisitState::Ended => return Err(Error::Refused("too_late")),
        _ if now >= found.closes_at => return Err(Error::Refused("too_late")),
        VisitState::Open | VisitState::InProgress => {}
    }
    if app.hub.told_patient(id).is_some() {
        return Err(Error::Refused("patient_here"));
    }
    let mut tx = app.store.begin().await?;
    tx.lock(id.0).await?;
    if tx.last_call(id).await?.is_some_and(|last| now - last < GAP) {
        return Err(Error::Refused("called_just_now"));
    }
    let booking = tx.booking(id).await?.ok_or(Error::NotFound)?;
    messages::queue(&mut tx, app, Kind::Called, &booking, now).await?;
    Ok(tx.commit(Entry::of(actor, "visit.call", id, now).at_facility(facility)).await?)
}
