//! A clinician's busy times elsewhere: read from a file or, again and again, at an address, kept as
//! times alone, and taken into account wherever a time is listed, held or moved.
//!
//! An address may hold a secret: it is sealed, and shown by its host. How old what was read there
//! may be is the engine's rule ([`crate::engine::availability::FRESH`]); how it is read is
//! [`fetch`]'s.

use std::collections::BTreeMap;

use serde_json::json;

use super::clinic::{load_own, own_facility, require_clinician};
use super::{App, Error, Result};
use crate::engine::availability::Elsewhere;
use crate::model::audit::Entry;
use crate::model::facility::Facility;
use crate::model::person::Actor;
use crate::model::{ClinicianId, OutsideId};
use crate::seal::Place;
use crate::store::{self, AddressRow, OutsideRow, OutsideTimes, Tx};
use crate::time::Instant;

mod fetch;

pub use fetch::fetch_due;
pub(super) use fetch::recheck;

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
    /// Where it is read again; nothing of one that came as a file.
    pub address: Option<Address>,
}

/// Where a calendar is read, and how that goes.
#[derive(Debug)]
pub struct Address {
    /// Its host: the rest may be a secret.
    pub host: String,
    /// When it was last asked, whether or not it answered.
    pub tried_at: Instant,
    /// When it is asked next, unless somebody books before.
    pub due_at: Instant,
    /// How often it failed since it last went well.
    pub failures: i64,
    /// What went wrong the last time.
    pub failure: Option<String>,
    /// When what is known is too old to offer the clinician's times by.
    pub fresh_until: Instant,
    /// Whether it is.
    pub stale: bool,
}

impl Outside {
    fn of(row: OutsideRow, now: Instant) -> Self {
        let known = Elsewhere::default().and(row.fetched_at, row.known_until, true);
        let address =
            row.host.zip(row.tried_at.zip(row.due_at)).map(|(host, (tried_at, due_at))| {
                let failures = row.failures.unwrap_or_default();
                let (failure, fresh_until) = (row.failure, known.fresh_until);
                let stale = known.stale_at(now).is_some();
                Address { host, tried_at, due_at, failures, failure, fresh_until, stale }
            });
        Self {
            id: row.id,
            fetched_at: row.fetched_at,
            known_until: row.known_until,
            entries: row.entries,
            ignored: serde_json::from_str(&row.ignored).unwrap_or_default(),
            address,
        }
    }
}

/// The calendars elsewhere of a clinician.
pub async fn list(app: &App, actor: &Actor, clinician: ClinicianId) -> Result<Vec<Outside>> {
    let (facility, now) = (own_facility(actor)?, app.clock.now());
    let mut tx = app.store.read().await?;
    let rows = tx.outside_of(facility, clinician).await?;
    Ok(rows.into_iter().map(|row| Outside::of(row, now)).collect())
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
    let times = fetch::read(file, facility.zone, now).await;
    let times = times.map_err(|code| Error::invalid("/file", code))?;
    let mut tx = app.store.begin().await?;
    if let Some(old) = replaces {
        tx.change_hours(facility.id).await?;
        if !tx.remove_outside(facility.id, old).await? {
            return Err(Error::NotFound);
        }
    }
    keep(tx, actor, (&facility, clinician), &times, ("/file", None)).await
}

/// Takes the busy times of a calendar at an address, now and from now on.
pub async fn add_address(
    app: &App,
    actor: &Actor,
    clinician: ClinicianId,
    address: &str,
) -> Result<Outside> {
    let now = app.clock.now();
    let url = fetch::by_https(address);
    let host = app.out.web.host(&url).map_err(|error| Error::invalid("/url", error.code()))?;
    let facility = {
        let mut tx = app.store.read().await?;
        let facility = load_own(&mut tx, actor).await?;
        require_clinician(&mut tx, facility.id, clinician).await?;
        facility
    };
    app.limits.calendar_fetch.check(&facility.id)?;
    let found = fetch::ask(app, &url, facility.zone, now, None).await;
    let found = found.map_err(|code| Error::invalid("/url", code))?;
    let times = found.times.ok_or(Error::invalid("/url", fetch::UNEXPECTED))?;
    let id = OutsideId::new();
    let address = AddressRow {
        url: app.vault.seal_own(url_place(id), url.as_bytes()),
        host,
        validators: found.validators,
        due_at: now + fetch::EVERY,
    };
    let tx = app.store.begin().await?;
    keep(tx, actor, (&facility, clinician), &times, ("/url", Some((id, address)))).await
}

/// Adds what was read of a new calendar.
async fn keep(
    mut tx: Tx,
    actor: &Actor,
    (facility, clinician): (&Facility, ClinicianId),
    times: &OutsideTimes,
    (asked, address): (&'static str, Option<(OutsideId, AddressRow)>),
) -> Result<Outside> {
    let now = times.fetched_at;
    tx.lock(clinician.0).await?;
    require_clinician(&mut tx, facility.id, clinician).await?;
    if tx.outside_of(facility.id, clinician).await?.len() >= CALENDARS {
        return Err(Error::invalid(asked, "too_many"));
    }
    let (id, address) = address.unzip();
    let id = id.unwrap_or_default();
    tx.add_outside((id, facility.id, clinician), times, address.as_ref()).await?;
    let row = tx.outside(facility.id, id).await?.ok_or(Error::NotFound)?;
    let entry = Entry::of(actor, "outside.add", clinician, now).at_facility(facility.id);
    let host = address.map(|address| address.host);
    let detail = json!({ "entries": times.entries, "busy": times.busy.len(), "host": host });
    tx.commit(entry.with(detail)).await?;
    Ok(Outside::of(row, now))
}

/// Reads a calendar at its address now, and says how that went.
pub async fn fetch_now(app: &App, actor: &Actor, id: OutsideId) -> Result<Outside> {
    let (facility, now) = (own_facility(actor)?, app.clock.now());
    let known = app.store.read().await?.outside(facility, id).await?;
    known.filter(|row| row.host.is_some()).ok_or(Error::NotFound)?;
    app.limits.calendar_fetch.check(&facility)?;
    let fetching = fetch::fetch(app, id, store::Turn::NotSince(now));
    // Somebody else who reads it, and does not come to an end, is not waited for.
    tokio::time::timeout(fetch::PATIENCE_OF_STAFF, fetching).await.unwrap_or(Ok(()))?;
    let mut tx = app.store.begin().await?;
    // Removed meanwhile.
    let row = tx.outside(facility, id).await?.ok_or(Error::NotFound)?;
    let entry = Entry::of(actor, "outside.fetch", id, now).at_facility(facility);
    tx.commit(entry.with(json!({ "failure": row.failure }))).await?;
    Ok(Outside::of(row, now))
}

/// Forgets a calendar elsewhere: its times are free again.
pub async fn remove(app: &App, actor: &Actor, id: OutsideId) -> Result<()> {
    let facility = own_facility(actor)?;
    let mut tx = app.store.begin().await?;
    tx.change_hours(facility).await?;
    if !tx.remove_outside(facility, id).await? {
        return Err(Error::NotFound);
    }
    let entry = Entry::of(actor, "outside.remove", id, app.clock.now());
    Ok(tx.commit(entry.at_facility(facility)).await?)
}

fn url_place(id: OutsideId) -> Place {
    Place::new("outside_address.url", id.0)
}
