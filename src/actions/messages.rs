//! Telling people of bookings. What is to be told is written down in the deed's own unit of work
//! ([`queue`]), shared out to the ways it goes ([`share_out`]), and sent by whoever leased it
//! ([`deliver`]): at least once, in order per booking and way, and only what is still true.

use std::time::Duration;

use chrono::TimeDelta;

use super::clinic::own_facility;
use super::filings::letters;
use super::{App, Error, Result, untangled};
use crate::engine::messages::reminders;
use crate::model::audit::Entry;
use crate::model::booking::{Booking, Status};
use crate::model::message::{Channel, Delivery, Kind, Message};
use crate::model::person::Actor;
use crate::model::{BookingId, DeliveryId, MessageId};
use crate::store::once::after_commit;
use crate::store::{Leased, Tx};
use crate::time::Instant;

mod deliver;
mod letter;
mod short;
pub(super) mod tries;
pub mod webhooks;

pub use deliver::deliver;

/// How many messages are shared out in one unit of work.
const SHARED_AT_ONCE: i64 = 64;
/// How much of what was given up is listed.
pub(super) const LISTED: i64 = 200;
/// How long links to visits that are over are still known, as dead ones.
const LINKS_KEPT: TimeDelta = TimeDelta::days(30);

/// Notes that the patient is to be told of a deed: `booking` is as the deed left it. Reminders come
/// and go with it. Written in the deed's unit of work, so that there is neither one without the
/// other.
///
/// # Errors
/// When the database refuses.
pub async fn queue(
    tx: &mut Tx,
    app: &App,
    kind: Kind,
    booking: &Booking,
    now: Instant,
) -> Result<()> {
    queue_for(tx, app, kind, booking, (now, now)).await
}

/// The same, to be told no sooner than `due`, the first of the two instants; the second is now.
///
/// # Errors
/// When the database refuses.
pub async fn queue_for(
    tx: &mut Tx,
    app: &App,
    kind: Kind,
    booking: &Booking,
    (due, now): (Instant, Instant),
) -> Result<()> {
    // Who holds a time sees on the screen what becomes of it.
    if booking.status == Status::Held && kind != Kind::Offered {
        return Ok(());
    }
    let about = |kind, lead_min, due_at| Message {
        id: MessageId::new(),
        facility: booking.facility,
        booking: booking.id,
        kind,
        lead_min,
        turn: booking.version,
        due_at,
        created_at: now,
    };
    let mut all = vec![about(kind, None, due)];
    if matches!(kind, Kind::Moved | Kind::Cancelled | Kind::Declined) {
        tx.drop_reminders(booking.id).await?;
    }
    let agreed = matches!(kind, Kind::Booked | Kind::Approved | Kind::Moved);
    if agreed && booking.status == Status::Booked {
        let ahead = reminders(booking.starts_at, now);
        all.extend(ahead.map(|(lead, due)| about(Kind::Reminder, Some(lead), due)));
    }
    tx.add_messages(&all).await?;
    ring(app);
    Ok(())
}

/// What is told of a booking that was just confirmed.
pub fn confirmed(booking: &Booking) -> Kind {
    if booking.status == Status::Requested { Kind::Requested } else { Kind::Booked }
}

/// Wakes those who send, once what there is to send is kept for good.
pub(super) fn ring(app: &App) {
    let app = app.clone();
    after_commit(move || app.out.bell.notify_waiters());
}

/// Whether anything is due.
///
/// # Errors
/// When the database refuses.
pub async fn is_due(app: &App) -> Result<bool> {
    Ok(app.store.read().await?.is_due(app.clock.now()).await?)
}

/// Gives each message that is due a delivery for every way it goes; how many were shared out.
///
/// # Errors
/// When the database refuses.
pub async fn share_out(app: &App) -> Result<usize> {
    untangled(|| share_out_once(app)).await
}

async fn share_out_once(app: &App) -> Result<usize> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    tx.share_alone().await?;
    let due = tx.due_messages(now, SHARED_AT_ONCE).await?;
    for message in &due {
        tx.hand_on(message.id).await?;
        tx.add_delivery(message, Channel::Mail, None, now).await?;
        tx.add_delivery(message, Channel::Sms, None, now).await?;
        // Programs have clocks of their own, and are not called in.
        if !matches!(message.kind, Kind::Reminder | Kind::Called) {
            for webhook in tx.webhooks(message.facility).await? {
                tx.add_delivery(message, Channel::Webhook, Some(webhook.id), now).await?;
            }
        }
    }
    tx.commit_unaudited().await?;
    Ok(due.len())
}

/// Shares out and sends everything that is due by `channel`, until there is no more or `stop` says
/// so; by mail, what is told of deadlines as well.
///
/// # Errors
/// When the database refuses.
pub async fn send_due(app: &App, channel: Channel, stop: impl Fn() -> bool) -> Result<()> {
    if channel == Channel::Mail {
        letters::send_due(app, &stop).await?;
    }
    while !stop() && is_due(app).await? {
        let shared = share_out(app).await?;
        if deliver(app, channel).await? == 0 && shared == 0 {
            break;
        }
    }
    Ok(())
}

/// Waits until there may be something new, at most for `pause`. What rings the bell is written
/// within a moment.
pub async fn wait(app: &App, pause: Duration) {
    let rung = tokio::time::timeout(pause, app.out.bell.notified()).await;
    if rung.is_ok() {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// What was and will be told of a booking of the actor's facility.
///
/// # Errors
/// [`Error::NotFound`] for the bookings of others.
pub async fn of_booking(
    app: &App,
    actor: &Actor,
    id: BookingId,
) -> Result<Vec<(Message, Vec<Delivery>)>> {
    let facility = own_facility(actor)?;
    let mut tx = app.store.read().await?;
    let booking = tx.booking(id).await?.filter(|booking| booking.facility == facility);
    booking.ok_or(Error::NotFound)?;
    Ok(tx.messages_of(facility, id).await?)
}

/// What could not be delivered of the actor's facility, the latest first.
///
/// # Errors
/// When the actor works for none.
pub async fn undelivered(app: &App, actor: &Actor) -> Result<Vec<Leased>> {
    let facility = own_facility(actor)?;
    Ok(app.store.read().await?.dead_deliveries(facility, LISTED).await?)
}

/// Tries a delivery again that was given up.
///
/// # Errors
/// [`Error::NotFound`] where there is none that was given up.
pub async fn send_again(app: &App, actor: &Actor, id: DeliveryId) -> Result<()> {
    let facility = own_facility(actor)?;
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    if !tx.revive_delivery(facility, id, now).await? {
        return Err(Error::NotFound);
    }
    tx.commit(Entry::of(actor, "message.again", id, now).at_facility(facility)).await?;
    ring(app);
    Ok(())
}

/// Forgets links to visits that are long over, and counts of days gone by.
///
/// # Errors
/// When the database refuses.
pub async fn forget(app: &App) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    tx.forget_links(now - LINKS_KEPT, (now - TimeDelta::days(3)).date_naive()).await?;
    Ok(tx.commit_unaudited().await?)
}
