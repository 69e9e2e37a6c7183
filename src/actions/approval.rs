//! Requests that the clinic must approve. They occupy their time from the first second; approving
//! takes nothing more, and declining gives it back.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::calendar::{self, Wished};
use super::clinic::own_facility;
use super::{App, Error, Result, messages, outside, waitlist};
use crate::engine::booking::{self as rules, Wish};
use crate::model::BookingId;
use crate::model::audit::Entry;
use crate::model::booking::Booking;
use crate::model::message::Kind;
use crate::model::person::Actor;
use crate::store::{BookingView, Tx};
use crate::time::Instant;

/// How many unanswered requests one round lets go.
const ROUND: i64 = 100;

/// Why a clinic does not agree to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeclineReason {
    /// The patient should be seen in person.
    InPersonNeeded,
    /// Online care does not suit what it is about.
    NotSuitable,
    /// The clinic cannot hold it.
    ClinicUnavailable,
    /// There is another booking for the same.
    Duplicate,
    /// Anything else.
    Other,
}

impl DeclineReason {
    /// As it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InPersonNeeded => "in_person_needed",
            Self::NotSuitable => "not_suitable",
            Self::ClinicUnavailable => "clinic_unavailable",
            Self::Duplicate => "duplicate",
            Self::Other => "other",
        }
    }
}

/// The requests that wait for the actor's clinic, the most urgent first. Reading them is audited.
pub async fn requests(app: &App, actor: &Actor) -> Result<Vec<BookingView>> {
    let facility = own_facility(actor)?;
    let mut tx = app.store.begin().await?;
    let found = tx.requests(facility).await?;
    let entry = Entry::of(actor, "requests.read", facility, app.clock.now()).at_facility(facility);
    tx.commit(entry.with(json!({ "count": found.len() }))).await?;
    Ok(found)
}

/// Agrees to a request, as it was at `version`. Its time must still be one that can be booked: the
/// acceptance or the training may have ended since.
pub async fn approve(app: &App, actor: &Actor, id: BookingId, version: i64) -> Result<BookingView> {
    outside::recheck(app, id, None).await?;
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let booking = own_request(&mut tx, actor, id, version).await?;
    still_possible(app, &mut tx, &booking, now).await?;
    let next = rules::apply(&booking, Wish::Approve, now)?;
    tx.update_booking(&next, version).await?;
    messages::queue(&mut tx, app, Kind::Approved, &next, now).await?;
    let entry = Entry::of(actor, "booking.approve", id, now).at_facility(booking.facility);
    tx.commit(entry).await?;
    app.changed(booking.facility);
    super::booking::load(app, id).await
}

/// Does not agree to a request.
pub async fn decline(
    app: &App,
    actor: &Actor,
    id: BookingId,
    version: i64,
    reason: DeclineReason,
) -> Result<BookingView> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let booking = own_request(&mut tx, actor, id, version).await?;
    let next = rules::apply(&booking, Wish::Decline, now)?;
    tx.update_booking(&next, version).await?;
    tx.note_cancel_reason(id, reason.as_str()).await?;
    waitlist::freed(&mut tx, &booking, now).await?;
    messages::queue(&mut tx, app, Kind::Declined, &next, now).await?;
    let entry = Entry::of(actor, "booking.decline", id, now).at_facility(booking.facility);
    tx.commit(entry.with(json!({ "reason": reason }))).await?;
    app.changed(booking.facility);
    super::booking::load(app, id).await
}

async fn own_request(tx: &mut Tx, actor: &Actor, id: BookingId, version: i64) -> Result<Booking> {
    let booking = tx.booking(id).await?.ok_or(Error::NotFound)?;
    if own_facility(actor)? != booking.facility {
        return Err(Error::NotFound);
    }
    if booking.version != version {
        return Err(Error::Refused("stale"));
    }
    Ok(booking)
}

async fn still_possible(app: &App, tx: &mut Tx, booking: &Booking, now: Instant) -> Result<()> {
    let offer = super::booking::offer_of(tx, booking).await?;
    let service = offer.service.without_notice();
    let (facility, clinician) = (booking.facility, Some(booking.clinician));
    let wished = Wished { facility, clinician, start: booking.starts_at };
    let calendars = calendar::around(app, tx, &wished, now).await?.without(booking.id);
    calendar::verdict(app, calendars, &service, &wished, now).map(|_| ())
}

/// Lets go the requests that the clinic has not answered in time; how many.
pub async fn expire_requests(app: &App) -> Result<usize> {
    let now = app.clock.now();
    let unanswered = app.store.read().await?.unanswered_requests(now, ROUND).await?;
    let mut expired = 0;
    for id in unanswered {
        let mut tx = app.store.begin().await?;
        let Some(booking) = tx.booking(id).await? else { continue };
        // Answered in the meantime.
        let Ok(next) = rules::apply(&booking, Wish::Expire, now) else { continue };
        tx.update_booking(&next, booking.version).await?;
        waitlist::freed(&mut tx, &booking, now).await?;
        messages::queue(&mut tx, app, Kind::Declined, &next, now).await?;
        let entry = Entry::of(&Actor::System, "booking.expire", id, now);
        tx.commit(entry.at_facility(booking.facility)).await?;
        expired += 1;
    }
    Ok(expired)
}
