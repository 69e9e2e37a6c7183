//! The check of a patient's line before the visit, against the server's own peer.

use std::net::IpAddr;

use serde_json::json;
use uuid::Uuid;

use super::limits::network;
use super::{App, Error, Result, waiting};
use crate::engine::line::{LineResult, judge};
use crate::live::media::echo::{ClientNumbers, LineCheckError};
use crate::model::BookingId;
use crate::model::person::Actor;

impl From<LineCheckError> for Error {
    fn from(error: LineCheckError) -> Self {
        match error {
            LineCheckError::Busy => Self::Refused("line_check_busy"),
            LineCheckError::BadOffer => Self::invalid("/sdp", "unknown"),
            LineCheckError::Unavailable(why) => {
                tracing::warn!(why, "line check unavailable");
                Self::Refused("line_check_busy")
            }
        }
    }
}

/// Begins a check with a browser's offer: its id, and the answer.
pub async fn begin(
    app: &App,
    actor: &Actor,
    address: IpAddr,
    id: BookingId,
    offer: &str,
) -> Result<(Uuid, String)> {
    if !actor.holds(id) {
        return Err(Error::NotFound);
    }
    app.limits.line_check_address.check(&network(address))?;
    Ok(app.line_checks.answer(offer).await?)
}

/// Ends a check: what both sides counted, judged, and kept with the appointment as numbers.
pub async fn finish(
    app: &App,
    actor: &Actor,
    id: BookingId,
    check: Uuid,
    counted: ClientNumbers,
) -> Result<LineResult> {
    if !actor.holds(id) {
        return Err(Error::NotFound);
    }
    let numbers = app.line_checks.finish(check, counted).await.ok_or(Error::NotFound)?;
    let result = judge(numbers);
    let mut tx = app.store.begin().await?;
    tx.note_line_check(id, &json!(result).to_string()).await?;
    tx.commit_unaudited().await?;
    waiting::checked(app, id).await;
    Ok(result)
}
