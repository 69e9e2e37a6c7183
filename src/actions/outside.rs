//! A clinician's busy times elsewhere: read from a file, kept as times alone, and taken into
//! account wherever a time is listed, held or moved.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde_json::json;

use super::clinic::{load_own, own_facility, require_clinician};
use super::{App, Error, Result};
use crate::format::ical::busy::{self, Ignored, WINDOW_DAYS, Why};
use crate::format::ical::parse::Fault;
use crate::model::audit::Entry;
use crate::model::person::Actor;
use crate::model::{ClinicianId, OutsideId};
use crate::store::OutsideRow;
use crate::time::Instant;
use crate::time::span::Span;

/// The most calendars of one clinician.
const CALENDARS: usize = 10;

/// A calendar elsewhere, as it was read.
#[derive(Debug)]
pub struct Outside {
    /// Its id.
    pub id: OutsideId,
    /// As of when its times are.
    pub fetched_at: Instant,
    /// Until when they were followed; later times are not known.
    pub known_until: Instant,
    /// How many entries it had.
    pub entries: i64,
    /// What was left out: the reason's code, how many entries, the first of them.
    pub ignored: BTreeMap<String, (usize, usize)>,
}

impl From<OutsideRow> for Outside {
    fn from(row: OutsideRow) -> Self {
        let ignored = serde_json::from_str(&row.ignored).unwrap_or_default();
        let OutsideRow { id, fetched_at, known_until, entries, .. } = row;
        Self { id, fetched_at, known_until, entries, ignored }
    }
}

/// The calendars elsewhere of a clinician.
pub async fn list(app: &App, actor: &Actor, clinician: ClinicianId) -> Result<Vec<Outside>> {
    let facility = own_facility(actor)?;
    let mut tx = app.store.read().await?;
    let rows = tx.outside_of(facility, clinician).await?;
    Ok(rows.into_iter().map(Outside::from).collect())
}

/// Takes the busy times of a calendar's file. Where `replaces` names one that was read before, its
/// times end in the same moment.
pub async fn add(
    app: &App,
    actor: &Actor,
    clinician: ClinicianId,
    replaces: Option<OutsideId>,
    file: Vec<u8>,
) -> Result<Outside> {
    let now = app.clock.now();
    let facility = load_own(&mut app.store.read().await?, actor).await?;
    let window = Span { start: now, end: now + TimeDelta::days(WINDOW_DAYS) };
    let zone = facility.zone;
    // Following a large calendar takes a while; others' requests need not wait for it.
    let reading = tokio::task::spawn_blocking(move || busy::read(&file, zone, window)).await;
    let reading = reading.map_err(|_| Error::invalid("/file", "calendar_unreadable"))?;
    let reading = reading.map_err(|fault: Fault| Error::invalid("/file", fault.code()))?;
    let row = OutsideRow {
        id: OutsideId::new(),
        clinician,
        fetched_at: now,
        known_until: window.end,
        entries: i64::try_from(reading.entries).unwrap_or(i64::MAX),
        ignored: json!(listed(&reading.ignored)).to_string(),
    };
    let busy = reading.busy(window);
    let mut tx = app.store.begin().await?;
    require_clinician(&mut tx, facility.id, clinician).await?;
    if let Some(old) = replaces
        && !tx.remove_outside(facility.id, old).await?
    {
        return Err(Error::NotFound);
    }
    if tx.outside_of(facility.id, clinician).await?.len() >= CALENDARS {
        return Err(Error::invalid("/file", "too_many"));
    }
    tx.add_outside(facility.id, &row, &busy).await?;
    let entry = Entry::of(actor, "outside.add", clinician, now).at_facility(facility.id);
    tx.commit(entry.with(json!({ "entries": row.entries, "busy": busy.len() }))).await?;
    Ok(row.into())
}

/// What was left out, by the codes of its reasons.
fn listed(ignored: &BTreeMap<Why, Ignored>) -> BTreeMap<&'static str, (usize, usize)> {
    ignored.iter().map(|(why, one)| (why.code(), (one.count, one.first))).collect()
}

/// Forgets a calendar elsewhere: its times are free again.
pub async fn remove(app: &App, actor: &Actor, id: OutsideId) -> Result<()> {
    let facility = own_facility(actor)?;
    let mut tx = app.store.begin().await?;
    if !tx.remove_outside(facility, id).await? {
        return Err(Error::NotFound);
    }
    let entry = Entry::of(actor, "outside.remove", id, app.clock.now());
    Ok(tx.commit(entry.at_facility(facility)).await?)
}
