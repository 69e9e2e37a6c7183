//! The check of a patient's line before the visit, against the server's own peer.

use std::collections::HashMap;
use std::net::IpAddr;

use chrono::TimeDelta;
use uuid::Uuid;

use super::limits::network;
use super::{App, Error, Result, waiting};
use crate::engine::line::{LineResult, judge};
use crate::live::ice::IceServer;
use crate::live::media::echo::{ClientNumbers, LineCheckError};
use crate::model::booking::Booking;
use crate::model::facility::IcePolicy;
use crate::model::person::Actor;
use crate::model::{BookingId, ParticipantId};
use crate::store::{BookingView, LastLine, LineRow};
use crate::time::span::Span;

/// The longest time there and back that is kept, in milliseconds.
const LONGEST_MS: f64 = 60_000.0;
/// The longest check that is kept, in milliseconds, as the schema says.
const LONGEST_CHECK_MS: u32 = 15_000;

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

/// A check that has begun.
pub struct Begun {
    /// Its id.
    pub check: Uuid,
    /// The answer to the browser's offer.
    pub sdp: String,
    /// The servers for its second connection; none where there is no relay.
    pub ice_servers: Vec<IceServer>,
}

/// Begins a check with a browser's offer.
pub async fn begin(
    app: &App,
    actor: &Actor,
    address: IpAddr,
    id: BookingId,
    offer: &str,
) -> Result<Begun> {
    open(app, actor, id).await?;
    app.limits.line_check_address.check(&network(address))?;
    let (check, sdp) = app.line_checks.answer(offer).await?;
    // Whoever tries the line is nobody in the visit yet: all of one booking's checks are one holder,
    // and the shortest life will do.
    let (now, holder) = (app.clock.now(), ParticipantId(id.0));
    let ice_servers = app.ice.for_participant(id, holder, now, now);
    let ice_servers = ice_servers.into_iter().filter(|server| server.credential.is_some());
    Ok(Begun { check, sdp, ice_servers: ice_servers.collect() })
}

/// The answer to the offer of a check's second connection, which goes through the relay.
pub async fn relayed(
    app: &App,
    actor: &Actor,
    id: BookingId,
    check: Uuid,
    offer: &str,
) -> Result<String> {
    open(app, actor, id).await?;
    app.line_checks.answer_relayed(check, offer).await?.ok_or(Error::NotFound)
}

/// Ends a check: what both sides counted, judged, and kept with the appointment as numbers.
pub async fn finish(
    app: &App,
    actor: &Actor,
    id: BookingId,
    check: Uuid,
    counted: ClientNumbers,
) -> Result<LineResult> {
    let (booking, policy) = open(app, actor, id).await?;
    let numbers = app.line_checks.finish(check, counted).await.ok_or(Error::NotFound)?;
    let result = judge(numbers, policy == IcePolicy::Relay);
    let row = row(&result, counted.took_ms);
    let mut tx = app.store.begin().await?;
    tx.add_line_check(id, booking.facility, &row, app.clock.now()).await?;
    tx.commit_unaudited().await?;
    waiting::checked(app, id).await;
    Ok(result)
}

/// The booking, if its patient may try the line for it, and which paths its media may take.
async fn open(app: &App, actor: &Actor, id: BookingId) -> Result<(Booking, IcePolicy)> {
    if !actor.holds(id) {
        return Err(Error::NotFound);
    }
    let view = app.store.read().await?.booking_view(id).await?.ok_or(Error::NotFound)?;
    if view.booking.status.is_terminal() {
        return Err(Error::Refused("too_late"));
    }
    let policy = super::visit::stricter(app.ice_policy, view.details.ice_policy);
    Ok((view.booking, policy))
}

/// The result in whole numbers.
fn row(result: &LineResult, took_ms: u32) -> LineRow {
    let code = |value: serde_json::Value| value.as_str().map(str::to_owned).unwrap_or_default();
    let permille = |share: f64| whole(share * 1000.0, 1000.0).unwrap_or(1000);
    LineRow {
        verdict: code(serde_json::json!(result.verdict)),
        reason: result.reason.map(|reason| code(serde_json::json!(reason))),
        rtt_ms: whole(result.rtt_ms, LONGEST_MS),
        jitter_ms: whole(result.jitter_ms, LONGEST_MS),
        loss_up_permille: permille(result.loss_up),
        loss_down_permille: permille(result.loss_down),
        up_kbps: result.up_kbps.map(i64::from),
        down_kbps: result.down_kbps.map(i64::from),
        direct_ok: result.direct_ok,
        relay_ok: result.relay_ok,
        relay_rtt_ms: result.relay_rtt_ms.and_then(|ms| whole(ms, LONGEST_MS)),
        relay_loss_permille: result.relay_loss.map(permille),
        took_ms: took_ms.min(LONGEST_CHECK_MS).into(),
    }
}

/// A number from 0 to `most`, rounded; nothing for what is no such number at all.
fn whole(value: f64, most: f64) -> Option<i64> {
    if !value.is_finite() || value < 0.0 {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "it is between 0 and 60,000")]
    let rounded = value.min(most).round() as i64;
    Some(rounded)
}

/// The last check of each of these visits of one facility that has one.
pub async fn last_of(app: &App, views: &[BookingView]) -> Result<HashMap<BookingId, LastLine>> {
    let starts = || views.iter().map(|view| view.booking.starts_at);
    let (Some(first), Some(last)) = (starts().min(), starts().max()) else {
        return Ok(HashMap::new());
    };
    let Some(facility) = views.first().map(|view| view.booking.facility) else {
        return Ok(HashMap::new());
    };
    let span = Span { start: first, end: last + TimeDelta::seconds(1) };
    let lines = app.store.read().await?.lines_between(facility, span).await?;
    Ok(lines.into_iter().map(|line| (line.booking_id, line)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::line::{LineNumbers, PathNumbers};

    #[test]
    fn what_a_browser_says_becomes_whole_numbers_within_bounds() {
        let path = |rtt_ms| PathNumbers { sent: 3, echoed: 2, received: 1, rtt_ms, jitter_ms: 1.5 };
        let of = |rtt_ms| {
            let numbers = LineNumbers { direct: path(rtt_ms), ..LineNumbers::default() };
            row(&judge(numbers, false), 99_999)
        };
        let kept = of(40.4);
        assert_eq!((kept.verdict.as_str(), kept.reason.as_deref()), ("failed", Some("too_short")));
        assert_eq!((kept.rtt_ms, kept.jitter_ms, kept.took_ms), (Some(40), Some(2), 15_000));
        assert_eq!((kept.loss_up_permille, kept.loss_down_permille), (333, 500));
        assert_eq!(
            (of(f64::NAN).rtt_ms, of(-1.0).rtt_ms, of(1e300).rtt_ms),
            (None, None, Some(60_000))
        );
    }
}
