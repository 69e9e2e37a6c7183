//! Reading calendars at their addresses: by themselves every quarter of an hour, and once more
//! before somebody's visit is confirmed or moved.
//!
//! No unit of work is open while another's server is asked. Who asks has leased the calendar before,
//! so that of several servers and requests one asks and the others wait for it; what came is written
//! in one unit of work, in which times are replaced and never missing. A try that outlives its lease
//! finds that a later one has begun, and is forgotten.
//!
//! Redirects are not followed: the addresses that calendar services give out answer themselves.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::TimeDelta;
use chrono_tz::Tz;
use serde_json::json;
use tokio::task::JoinSet;

use super::url_place;
use crate::actions::{App, Result, untangled};
use crate::format::ical::busy::{self, Ignored, WINDOW_DAYS, Why};
use crate::format::ical::parse::BYTES;
use crate::model::{BookingId, ClinicianId, OutsideId};
use crate::out::web;
use crate::store::{LeasedCalendar, OutsideTimes, Tried, Turn, Validators};
use crate::time::Instant;
use crate::time::span::Span;

/// How often a calendar is read by itself. Others' calendar servers bear that; what happens between
/// two readings is found out when somebody confirms.
pub(super) const EVERY: TimeDelta = TimeDelta::minutes(15);
/// The pause after the first failure; each further one doubles it.
const AGAIN: TimeDelta = TimeDelta::minutes(1);
/// The longest pause after failures: some twenty tries before what is known is too old.
const AGAIN_AT_LAST: TimeDelta = TimeDelta::hours(1);
/// How long nobody else reads a calendar that somebody reads; longer than that can take.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// How long an answer may take to arrive whole.
const ANSWER: Duration = Duration::from_secs(10);
/// Who confirms or moves a visit waits for a calendar that was not tried since this before.
const RECHECK: TimeDelta = TimeDelta::minutes(1);
/// And waits for so long. Then what is known counts, if it is not too old; the reading goes on.
const PATIENCE: Duration = Duration::from_secs(3);
/// Who asks for a reading waits until it is done, or for so long.
pub(super) const PATIENCE_OF_STAFF: Duration = Duration::from_secs(20);
/// How often who waits for another's reading looks whether it is done.
const LOOK: Duration = Duration::from_millis(50);
/// How many calendars one server reads at once.
const BATCH: i64 = 8;
/// A calendar is asked for whole at least so often: what "unchanged" leaves alone was followed from
/// then on, not from now on.
const WHOLE: TimeDelta = TimeDelta::days(1);
/// More busy times than this are written beside others' commits.
const MANY: usize = 1000;

/// The code of an answer that was not expected.
pub(super) const UNEXPECTED: &str = "unexpected_status";

/// What came from an address.
#[derive(Debug)]
pub(super) struct Found {
    /// What it says; nothing where it is as it was.
    pub(super) times: Option<OutsideTimes>,
    pub(super) validators: Validators,
}

/// An address as calendar programs write it, as one that is asked: `webcal:` means https.
pub(super) fn by_https(text: &str) -> String {
    let text = text.trim();
    match text.split_once("://") {
        Some((scheme, rest)) if matches!(&*scheme.to_lowercase(), "webcal" | "webcals") => {
            format!("https://{rest}")
        }
        _ => text.to_owned(),
    }
}

/// What a calendar's file says, from `now` on; or the code of what is wrong with it.
pub(super) async fn read(
    file: Vec<u8>,
    zone: Tz,
    now: Instant,
) -> std::result::Result<OutsideTimes, &'static str> {
    let window = Span { start: now, end: now + TimeDelta::days(WINDOW_DAYS) };
    // Following a large calendar takes a while; others' requests need not wait for it.
    let reading = tokio::task::spawn_blocking(move || {
        busy::read(&file, zone, window).map(|reading| (reading.busy(window), reading))
    });
    let reading = reading.await.map_err(|_| "calendar_unreadable")?;
    let (busy, reading) = reading.map_err(|fault| fault.code())?;
    Ok(OutsideTimes {
        fetched_at: now,
        known_until: window.end,
        entries: i64::try_from(reading.entries).unwrap_or(i64::MAX),
        ignored: json!(listed(&reading.ignored)).to_string(),
        busy,
    })
}

/// What was left out, by the codes of its reasons.
fn listed(ignored: &BTreeMap<Why, Ignored>) -> BTreeMap<&'static str, (usize, usize)> {
    ignored.iter().map(|(why, one)| (why.code(), (one.count, one.first))).collect()
}

/// Asks for a calendar, and reads it; `known` is what the server said the last time. Or the code of
/// what went wrong.
pub(super) async fn ask(
    app: &App,
    url: &str,
    zone: Tz,
    now: Instant,
    known: Option<&Validators>,
) -> std::result::Result<Found, &'static str> {
    let limits = web::Limits { bytes: BYTES, time: ANSWER };
    let unless =
        |known: &Validators| web::unless_changed(known.etag.as_deref(), known.modified.as_deref());
    let headers = known.map(unless).unwrap_or_default();
    let answer = app.out.web.get(url, &headers, limits).await.map_err(|error| match error {
        web::Error::TooLarge => "calendar_too_large",
        other => other.code(),
    })?;
    match answer.status.as_u16() {
        200 => {}
        304 if !headers.is_empty() => {
            let validators = known.cloned().unwrap_or_default();
            return Ok(Found { times: None, validators });
        }
        300..=399 => return Err("redirected"),
        401 | 403 => return Err("not_allowed"),
        404 | 410 => return Err("not_there"),
        429 | 500.. => return Err("unavailable"),
        _ => return Err(UNEXPECTED),
    }
    let [etag, modified] = answer.validators();
    let times = read(answer.body, zone, now).await?;
    Ok(Found { times: Some(times), validators: Validators { etag, modified } })
}

/// Reads a calendar anew if it is its turn; if somebody else does, waits for them.
pub(super) async fn fetch(app: &App, id: OutsideId, turn: Turn) -> Result<()> {
    // On its own: whoever waits for it may go away, and what a request does is no part of it.
    let own = app.clone();
    let refreshing = tokio::spawn(async move { refresh(&own, id, turn).await });
    let refreshed = refreshing.await;
    if refreshed.unwrap_or_else(|failed| std::panic::resume_unwind(failed.into_panic()))? {
        return Ok(());
    }
    while app.store.is_calendar_leased(id, app.clock.now()).await? {
        tokio::time::sleep(LOOK).await;
    }
    Ok(())
}

/// Reads a calendar anew; false where it was not its turn, or somebody else is at it.
async fn refresh(app: &App, id: OutsideId, turn: Turn) -> Result<bool> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let leased = tx.lease_calendar(id, turn, now, now + LEASE).await?;
    tx.commit_unaudited().await?;
    let Some(one) = leased else { return Ok(false) };
    let url = app.vault.open_own(url_place(id), &one.url)?;
    let followed_from = one.known_until - TimeDelta::days(WINDOW_DAYS);
    let known = Some(&one.validators).filter(|_| now - followed_from < WHOLE);
    let found = ask(app, &url, one.zone, now, known).await;
    untangled(|| keep(app, &one, &found, now)).await?;
    Ok(true)
}

/// Keeps what came, or that nothing did.
async fn keep(
    app: &App,
    one: &LeasedCalendar,
    found: &std::result::Result<Found, &'static str>,
    now: Instant,
) -> Result<()> {
    let times = found.as_ref().ok().and_then(|found| found.times.as_ref());
    let many = times.is_some_and(|times| times.busy.len() > MANY);
    let mut tx = if many { app.store.begin_long().await? } else { app.store.begin().await? };
    let tried = Tried {
        failure: found.as_ref().err().copied(),
        validators: found.as_ref().ok().map(|found| found.validators.clone()),
        due_at: now + if found.is_ok() { EVERY } else { pause(one.failures) },
    };
    if found.is_ok() {
        // Who confirms a visit does so before this or after it, and not in its midst.
        tx.change_hours(one.facility).await?;
    }
    if !tx.finish_calendar(one, &tried).await? {
        return Ok(());
    }
    match (found, times) {
        (Ok(_), Some(times)) => tx.replace_outside(one, times).await?,
        (Ok(_), None) => tx.confirm_outside(one.id, now).await?,
        (Err(code), _) => tracing::info!(calendar = %one.id, code, "a calendar was not read"),
    }
    Ok(tx.commit_unaudited().await?)
}

/// How long to wait after a failure that `failures` came before.
fn pause(failures: i64) -> TimeDelta {
    (AGAIN * (1 << failures.clamp(0, 8))).min(AGAIN_AT_LAST)
}

/// Reads calendars whose turn it is; whether there may be more of them.
pub async fn fetch_due(app: &App) -> Result<bool> {
    let due = app.store.due_calendars(app.clock.now(), BATCH).await?;
    let full = i64::try_from(due.len()).is_ok_and(|count| count == BATCH);
    let mut all = JoinSet::new();
    for id in due {
        let app = app.clone();
        all.spawn(async move { refresh(&app, id, Turn::Due).await });
    }
    let mut failed = Ok(full);
    for one in all.join_all().await {
        if let Err(error) = one {
            failed = Err(error);
        }
    }
    failed
}

/// Reads anew what those do elsewhere who are to be at a booking, and one clinician more, unless
/// that was tried a moment ago. Called before a unit of work begins, never within one. It decides
/// nothing: whether what is known is fresh enough is the engine's rule. A hold is not worth the
/// wait, since nothing comes of it without a confirmation.
pub(in crate::actions) async fn recheck(
    app: &App,
    booking: BookingId,
    clinician: Option<ClinicianId>,
) -> Result<()> {
    let now = app.clock.now();
    let since = now - RECHECK;
    let aged = app.store.aged_calendars(booking, clinician, since, now).await?;
    if aged.is_empty() {
        return Ok(());
    }
    let mut all = JoinSet::new();
    for id in aged {
        let app = app.clone();
        all.spawn(async move { fetch(&app, id, Turn::NotSince(since)).await });
    }
    let done = tokio::time::timeout(PATIENCE, async {
        while let Some(one) = all.join_next().await {
            if let Ok(Err(error)) = one {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "a calendar that could not be read before a visit is kept");
            }
        }
    });
    if done.await.is_err() {
        tracing::info!(%booking, "a visit is kept by what was known of a calendar");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_an_hour_and_no_farther() {
        let minutes: Vec<_> = (0..8).map(|failures| pause(failures).num_minutes()).collect();
        assert_eq!(minutes, [1, 2, 4, 8, 16, 32, 60, 60]);
        for failures in [30, 31, 32, 64, i64::MAX] {
            assert_eq!(pause(failures), AGAIN_AT_LAST, "{failures}");
        }
    }

    #[test]
    fn webcal_means_https() {
        assert_eq!(by_https(" webcal://c.example/a?b "), "https://c.example/a?b");
        assert_eq!(by_https("WebCal://c.example/"), "https://c.example/");
        assert_eq!(by_https("https://webcal.example/"), "https://webcal.example/");
        assert_eq!(by_https("file:///etc/passwd"), "file:///etc/passwd");
    }
}
