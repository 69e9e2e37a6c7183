//! How good the connections of a visit were: kept while it goes on, and shown to its clinic.

use super::room;
use crate::actions::{App, Result};
use crate::live::hub::Measured;
use crate::model::BookingId;
use crate::model::person::Actor;
use crate::store::QualityRow;

/// Keeps what somebody's page measured.
pub(super) async fn note(app: &App, measured: &Measured) -> Result<()> {
    let mut tx = app.store.begin().await?;
    tx.note_quality(measured, app.clock.now()).await?;
    Ok(tx.commit_unaudited().await?)
}

/// How good the connections of a visit of the actor's clinic were so far.
///
/// # Errors
/// [`crate::actions::Error::NotFound`] for the visits of others.
pub async fn of(app: &App, actor: &Actor, id: BookingId) -> Result<Vec<QualityRow>> {
    room(app, actor, id).await?;
    Ok(app.store.read().await?.quality_of(id).await?)
}
