//! 引換番号: the number with which a pharmacy finds an electronic prescription. The patient sees it
//! once; then, or when it has run out, it is stored no longer.

use super::{expiry, key_of, own, sealed};
use crate::actions::{App, Error, Result};
use crate::engine::closing::is_exchange_number;
use crate::model::BookingId;
use crate::model::audit::Entry;
use crate::model::person::Actor;
use crate::seal::Place;
use crate::time::Instant;

/// An exchange number as it is shown.
pub struct Shown {
    /// Six digits.
    pub number: String,
    /// The first instant at which it is over.
    pub expires_at: Instant,
}

/// Shows the patient the exchange number, this once.
pub async fn show_exchange_number(app: &App, actor: &Actor, id: BookingId) -> Result<Shown> {
    if !actor.holds(id) {
        return Err(Error::NotFound);
    }
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let booking = tx.booking(id).await?.ok_or(Error::NotFound)?;
    let closing = tx.closing(id).await?;
    let (number, expires_at) = closing
        .and_then(|closing| Some((closing.exchange_number, closing.exchange_expires_at?)))
        .ok_or(Error::Refused("no_exchange_number"))?;
    if expires_at <= now {
        return Err(Error::Refused("exchange_number_expired"));
    }
    let number = number.ok_or(Error::Refused("exchange_number_shown"))?;
    let key = key_of(app, &mut tx, &booking).await?.ok_or(Error::NotFound)?;
    let number = key.open_text(Place::new("visit_closing.exchange_number", id.0), &number)?;
    if !tx.take_exchange_number(id, now).await? {
        return Err(Error::Refused("exchange_number_shown"));
    }
    let entry = Entry::of(actor, "exchange_number.show", id, now).at_facility(booking.facility);
    tx.commit(entry).await?;
    Ok(Shown { number, expires_at })
}

/// Gives a closed visit's electronic prescription its number, where it came later, or a new one.
pub async fn put_exchange_number(
    app: &App,
    actor: &Actor,
    id: BookingId,
    number: &str,
) -> Result<()> {
    let number = number.trim();
    if !is_exchange_number(number) {
        return Err(Error::invalid("/number", "exchange_number"));
    }
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let (booking, _) = own(&mut tx, actor, id).await?;
    let asking = tx.asking(booking.service).await?.ok_or(Error::NotFound)?;
    let key = key_of(app, &mut tx, &booking).await?.ok_or(Error::NotFound)?;
    let column = "visit_closing.exchange_number";
    let sealed = sealed(Some(&key), column, id, Some(number)).ok_or(Error::NotFound)?;
    let expires_at = expiry(&asking, now).ok_or(Error::NotFound)?;
    if !tx.put_exchange_number(id, &sealed, expires_at).await? {
        return Err(Error::Refused("no_electronic_prescription"));
    }
    let entry = Entry::of(actor, "exchange_number.put", id, now).at_facility(booking.facility);
    Ok(tx.commit(entry).await?)
}

/// Erases what has run out.
pub async fn erase_expired(app: &App) -> Result<()> {
    let mut tx = app.store.begin().await?;
    let erased = tx.erase_exchange_numbers(app.clock.now()).await?;
    if erased > 0 {
        tracing::info!(erased, "exchange numbers that have run out");
    }
    Ok(tx.commit_unaudited().await?)
}
