//! The check that each booking stands as what happened to it says: all of them every night, what
//! changed every few minutes. The whole check counts the service's own visits on its way.
//!
//! A page of bookings is read at a time, each in a snapshot of its own, so that the check neither
//! holds many rows nor keeps others waiting.

use std::collections::{BTreeSet, HashMap};

use chrono::{NaiveDate, TimeDelta, Timelike};
use chrono_tz::Asia::Tokyo;
use chrono_tz::Tz;

use super::{App, Error, Result};
use crate::engine::{august, fold, own};
use crate::model::audit::Entry;
use crate::model::event::{BookingEvent, Check, CheckScope, Standing};
use crate::model::own::Count;
use crate::model::person::Actor;
use crate::model::{BookingId, CheckId, FacilityId};
use crate::store::{DivergenceRow, Horizon};
use crate::time::{Instant, zone};

/// Bookings that are read at once.
const PAGE: i64 = 500;
/// Divergences that one check keeps; it counts all of them.
const KEPT: usize = 1000;
/// The hour in Tokyo from which on a night's check is due.
const NIGHT: u32 = 3;
/// After how long a check that never ended is somebody else's.
const GIVEN_UP: TimeDelta = TimeDelta::hours(1);
/// For how long checks of what changed that found nothing are kept.
const REMEMBERED: TimeDelta = TimeDelta::days(30);

/// What a check found.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The check.
    pub check: Check,
    /// Where bookings stand otherwise, the first of them.
    pub divergences: Vec<DivergenceRow>,
}

/// A check while it goes on.
struct Round {
    check: Check,
    found: Vec<DivergenceRow>,
}

impl Round {
    fn new(scope: CheckScope, now: Instant) -> Self {
        let check = Check {
            id: CheckId::new(),
            scope,
            started_at: now,
            finished_at: None,
            bookings: 0,
            events: 0,
            divergent: 0,
        };
        Self { check, found: Vec::new() }
    }

    /// Looks at one booking; how it counts, if it stands as its events say.
    fn look(
        &mut self,
        id: BookingId,
        row: Option<&Standing>,
        events: &[BookingEvent],
    ) -> Option<own::Told> {
        self.check.bookings += 1;
        self.check.events += i64::try_from(events.len()).unwrap_or(i64::MAX);
        match fold::check(row, events) {
            Ok(_) => row.and_then(|row| own::told(row.origin, events)),
            Err(divergence) => {
                self.check.divergent += 1;
                if self.found.len() < KEPT {
                    let (code, detail) = (divergence.code().to_owned(), divergence.detail());
                    self.found.push(DivergenceRow { booking_id: id, code, detail });
                }
                None
            }
        }
    }

    /// Says aloud what was found, and gives it.
    fn told(self) -> Checked {
        let Check { id, bookings, divergent, .. } = self.check;
        if divergent > 0 {
            tracing::error!(check = %id, divergent, "bookings stand otherwise than their events say");
        } else {
            tracing::debug!(check = %id, bookings, "bookings stand as their events say");
        }
        Checked { check: self.check, divergences: self.found }
    }
}

/// What is due: the night's check of all, once for all servers, or a look at what changed.
pub async fn round(app: &App) -> Result<()> {
    let now = app.clock.now();
    let local = now.with_timezone(&Tokyo);
    let date = local.date_naive();
    let night = if local.hour() < NIGHT { date.pred_opt().unwrap_or(date) } else { date };
    let mut tx = app.store.begin().await?;
    tx.give_up_check(night, now - GIVEN_UP).await?;
    tx.forget_checks(now - REMEMBERED).await?;
    let there = tx.has_check(night).await?;
    tx.commit_unaudited().await?;
    if there {
        changed(app).await?;
    } else {
        whole(app, &Actor::System, Some(night)).await?;
    }
    Ok(())
}

/// Checks all bookings, and counts them; nothing where the night's check is another server's.
pub async fn whole(app: &App, actor: &Actor, night: Option<NaiveDate>) -> Result<Option<Checked>> {
    let now = app.clock.now();
    let mut round = Round::new(CheckScope::Whole, now);
    let mut tx = app.store.begin().await?;
    let horizon = tx.fold_horizon().await?;
    if !tx.begin_check(round.check.id, (CheckScope::Whole, night), horizon, now).await? {
        return Ok(None);
    }
    let places = tx.facility_zones().await?;
    tx.commit_unaudited().await?;
    let places: HashMap<FacilityId, (String, Tz)> = places
        .into_iter()
        .map(|(id, place, zone)| (id, (place, zone.parse().unwrap_or(Tokyo))))
        .collect();
    let mut tally = own::Tally::default();
    let mut after = Horizon::START;
    loop {
        let mut tx = app.store.read().await?;
        let Some(last) = tx.fold_page(after, PAGE).await?.pop() else { break };
        let rows = tx.standings(after, last).await?;
        let events = tx.events_between(after, last).await?;
        drop(tx);
        for (id, row, events) in joined(&rows, &events) {
            let Some(told) = round.look(id, row, events) else { continue };
            let Some((row, last)) = row.zip(events.last()) else { continue };
            let Some((place, zone)) = places.get(&row.facility) else { continue };
            let date = zone::date_of(*zone, last.state.starts_at);
            let over = date < august::month_of(zone::date_of(*zone, now));
            if row.lead.is_none() && over {
                tally.add(place, date, told, id.0, &last.state);
            }
        }
        after = last;
    }
    let counts = judged(tally, zone::date_of(Tokyo, now)).await?;
    let mut tx = app.store.begin_long().await?;
    for divergence in &round.found {
        tx.add_divergence(round.check.id, divergence).await?;
    }
    tx.put_own_counts(&counts).await?;
    round.check.finished_at = Some(app.clock.now().max(now));
    tx.end_check(&round.check).await?;
    match actor {
        Actor::System => tx.commit_unaudited().await?,
        _ => tx.commit(Entry::of(actor, "fold.check", round.check.id, now)).await?,
    }
    Ok(Some(round.told()))
}

/// The counts of all years, with what may be shown of them. That is arithmetic for a while: beside
/// those who answer requests, not among them.
async fn judged(tally: own::Tally, today: NaiveDate) -> Result<Vec<Count>> {
    let work = move || {
        let counts = tally.counts();
        let of_year = |count: &Count| count.period.get(..4).unwrap_or_default().to_owned();
        let years: BTreeSet<String> = counts.iter().map(of_year).collect();
        let mut judged = Vec::new();
        for year in years {
            let months = year.parse().map_or_else(|_| Vec::new(), |n| own::months_over(n, today));
            let own: Vec<Count> =
                counts.iter().filter(|count| of_year(count) == year).cloned().collect();
            judged.extend(own::judged(&year, &months, &own));
        }
        judged
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "counts that could not be judged");
        Error::Refused("internal")
    })
}

/// Checks what changed since the check before; nothing where nothing did, or there was none.
pub async fn changed(app: &App) -> Result<Option<Checked>> {
    let now = app.clock.now();
    let mut round = Round::new(CheckScope::Changed, now);
    let mut tx = app.store.read().await?;
    let Some(since) = tx.last_horizon().await? else { return Ok(None) };
    let horizon = tx.fold_horizon().await?;
    drop(tx);
    let mut after = Horizon::START;
    loop {
        let mut tx = app.store.read().await?;
        let ids = tx.fold_changed(since, after, PAGE).await?;
        let Some(last) = ids.last() else { break };
        after = *last;
        for id in ids {
            let (row, events) = tx.standing(id).await?;
            round.look(id, row.as_ref(), &events);
        }
    }
    if round.check.bookings == 0 {
        return Ok(None);
    }
    let mut tx = app.store.begin().await?;
    tx.begin_check(round.check.id, (CheckScope::Changed, None), horizon, now).await?;
    for divergence in &round.found {
        tx.add_divergence(round.check.id, divergence).await?;
    }
    round.check.finished_at = Some(app.clock.now().max(now));
    tx.end_check(&round.check).await?;
    tx.commit_unaudited().await?;
    Ok(Some(round.told()))
}

/// The last check of each scope that ended.
pub async fn last(app: &App) -> Result<Vec<Check>> {
    let mut tx = app.store.read().await?;
    let mut last = Vec::new();
    for scope in [CheckScope::Whole, CheckScope::Changed] {
        last.extend(tx.checks(Some(scope), 1).await?.pop());
    }
    Ok(last)
}

/// The last checks, the newest first, each with what it found.
pub async fn seen(app: &App, most: i64) -> Result<Vec<Checked>> {
    let mut tx = app.store.read().await?;
    let mut seen = Vec::new();
    for check in tx.checks(None, most).await? {
        let divergences =
            if check.divergent > 0 { tx.divergences(check.id, 20).await? } else { Vec::new() };
        seen.push(Checked { check, divergences });
    }
    Ok(seen)
}

/// Rows and events, both in order of id, booking by booking.
fn joined<'a>(
    mut rows: &'a [Standing],
    mut events: &'a [BookingEvent],
) -> impl Iterator<Item = (BookingId, Option<&'a Standing>, &'a [BookingEvent])> {
    std::iter::from_fn(move || {
        let of_row = rows.first().map(|row| row.id);
        let of_event = events.first().map(|event| event.booking);
        let id = [of_row, of_event].into_iter().flatten().min()?;
        let row = if of_row == Some(id) { rows.split_off_first() } else { None };
        let count = events.iter().take_while(|event| event.booking == id).count();
        let (own, rest) = events.split_at(count);
        events = rest;
        Some((id, row, own))
    })
}
