//! Who was not let into a visit is noted (reliability W-03): when, and for what reason.

use serde_json::json;

use crate::actions::{App, Error, Result};
use crate::model::BookingId;
use crate::model::audit::Entry;
use crate::model::person::Actor;

/// Notes that `actor` was refused the visit of `id`, if there is one. What the caller hears is the
/// refusal, whether it could be noted or not.
pub(super) async fn note(app: &App, actor: &Actor, id: BookingId, code: &str) {
    if let Err(error) = keep(app, actor, id, code).await {
        tracing::warn!(error = &error as &dyn std::error::Error, "a refusal was not noted");
    }
}

async fn keep(app: &App, actor: &Actor, id: BookingId, code: &str) -> Result<()> {
    let mut tx = app.store.begin().await?;
    let Some(booking) = tx.booking(id).await? else { return Ok(()) };
    let entry = Entry::of(actor, "visit.refused", id, app.clock.now());
    tx.commit(entry.at_facility(booking.facility).with(json!({ "code": code }))).await?;
    Ok(())
}

/// What a refusal is called; nothing for what is none.
pub(super) fn code(error: &Error) -> Option<&'static str> {
    match error {
        Error::NotFound => Some("not_found"),
        Error::SignedOut => Some("signed_out"),
        Error::Refused(code) => Some(code),
        _ => None,
    }
}
