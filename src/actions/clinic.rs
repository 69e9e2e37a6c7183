//! The clinic's day: who comes, hours, dates that differ.

use chrono::NaiveDate;
use serde_json::json;

use super::calendar::today;
use super::hours::edit::{MOST_STRETCHES, faulty};
use super::{App, Error, Result};
use crate::model::audit::Entry;
use crate::model::facility::{Clinician, Facility, Offer};
use crate::model::person::Actor;
use crate::model::schedule::{DateException, Difference, WeeklyHours, check_hours};
use crate::model::{ClinicianId, ExceptionId, FacilityId};
use crate::store::{BookingView, FacilityFilter, Tx};
use crate::time::zone;

/// The facility for which the actor works.
pub(super) fn own_facility(actor: &Actor) -> Result<FacilityId> {
    actor.facility().ok_or(Error::Forbidden)
}

pub(super) async fn load_own(tx: &mut Tx, actor: &Actor) -> Result<Facility> {
    tx.facility(own_facility(actor)?).await?.ok_or(Error::NotFound)
}

/// The visits of a local day, today where none is given. Reading them is a deed that is audited.
pub async fn day(
    app: &App,
    actor: &Actor,
    date: Option<NaiveDate>,
) -> Result<(NaiveDate, Vec<BookingView>)> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let facility = load_own(&mut tx, actor).await?;
    let date = date.unwrap_or_else(|| today(&facility, now));
    let span = zone::day(facility.zone, date).ok_or(Error::invalid("/date", "range"))?;
    let visits = tx.visits_between(facility.id, span).await?;
    let entry = Entry::of(actor, "visits.read", date, now).at_facility(facility.id);
    tx.commit(entry.with(json!({ "count": visits.len() }))).await?;
    Ok((date, visits))
}

/// The doctors of the actor's facility.
pub async fn clinicians(app: &App, actor: &Actor) -> Result<Vec<Clinician>> {
    let filter = FacilityFilter::one(own_facility(actor)?);
    Ok(app.store.read().await?.clinicians(&filter).await?)
}

/// A doctor's weekly hours, with the version that a change must name.
pub struct Hours {
    /// Rises with each change.
    pub version: i64,
    /// The hours.
    pub hours: Vec<WeeklyHours>,
    /// What the facility offers.
    pub offers: Vec<Offer>,
}

/// A doctor's weekly hours.
pub async fn hours(app: &App, actor: &Actor, clinician: ClinicianId) -> Result<Hours> {
    let filter = FacilityFilter::one(own_facility(actor)?);
    let mut tx = app.store.read().await?;
    let version = version_of(&mut tx, &filter, clinician).await?;
    let all = tx.weekly_hours(&filter).await?.into_iter();
    let hours = all.filter(|(whose, _)| *whose == clinician).map(|(_, hours)| hours).collect();
    Ok(Hours { version, hours, offers: tx.offers(&filter).await? })
}

async fn version_of(tx: &mut Tx, filter: &FacilityFilter, id: ClinicianId) -> Result<i64> {
    let clinicians = tx.clinicians(filter).await?;
    let found = clinicians.iter().find(|clinician| clinician.id == id);
    Ok(found.ok_or(Error::NotFound)?.hours_version)
}

/// Whether the facility has this doctor.
pub(super) async fn require_clinician(
    tx: &mut Tx,
    facility: FacilityId,
    clinician: ClinicianId,
) -> Result<()> {
    version_of(tx, &FacilityFilter::one(facility), clinician).await.map(|_| ())
}

/// Replaces a doctor's weekly hours.
pub async fn put_hours(
    app: &App,
    actor: &Actor,
    clinician: ClinicianId,
    version: i64,
    hours: Vec<WeeklyHours>,
) -> Result<Hours> {
    if hours.len() > MOST_STRETCHES {
        return Err(Error::invalid("/hours", "too_many"));
    }
    check_hours(&hours).map_err(faulty)?;
    let facility = own_facility(actor)?;
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    // Who confirms or moves a booking meanwhile decides before this or after it.
    tx.change_hours(facility).await?;
    let filter = FacilityFilter::one(facility);
    version_of(&mut tx, &filter, clinician).await?;
    let offers = tx.offers(&filter).await?;
    let offered = |id| offers.iter().any(|offer| offer.service.id == id);
    if !hours.iter().filter_map(|stretch| stretch.service).all(offered) {
        return Err(Error::NotFound);
    }
    tx.put_weekly_hours(facility, clinician, version, &hours).await?;
    let entry = Entry::of(actor, "hours.put", clinician, now).at_facility(facility);
    tx.commit(entry.with(json!({ "stretches": hours.len() }))).await?;
    self::hours(app, actor, clinician).await
}

/// Dates that differ, from `from` to `to`, both included, with their notes.
pub async fn exceptions(
    app: &App,
    actor: &Actor,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<(DateException, String)>> {
    let filter = FacilityFilter::one(own_facility(actor)?);
    let found = app.store.read().await?.exceptions(&filter, from, to).await?;
    Ok(found.into_iter().map(|(_, exception, note)| (exception, note)).collect())
}

/// Adds a date that differs; the visits that lie on it stay, and are told.
pub async fn add_exception(
    app: &App,
    actor: &Actor,
    exception: DateException,
    note: String,
) -> Result<Vec<BookingView>> {
    if note.chars().count() > 200 {
        return Err(Error::invalid("/note", "too_long"));
    }
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let facility = load_own(&mut tx, actor).await?;
    if exception.date < today(&facility, now) {
        return Err(Error::invalid("/date", "in_past"));
    }
    if let Some(clinician) = exception.clinician {
        version_of(&mut tx, &FacilityFilter::one(facility.id), clinician).await?;
    }
    tx.change_hours(facility.id).await?;
    tx.add_exception(facility.id, &exception, &note).await?;
    tx.raise_calendar_version(facility.id).await?;
    let span = zone::day(facility.zone, exception.date).ok_or(Error::invalid("/date", "range"))?;
    let mut stranded = tx.visits_between(facility.id, span).await?;
    let concerned = |view: &BookingView| {
        let whose = exception.clinician.is_none_or(|whom| whom == view.booking.clinician);
        whose && view.booking.status.occupies() && exception.difference == Difference::Closed
    };
    stranded.retain(concerned);
    let entry = Entry::of(actor, "exception.add", exception.id, now).at_facility(facility.id);
    tx.commit(entry.with(json!({ "date": exception.date, "stranded": stranded.len() }))).await?;
    Ok(stranded)
}

/// Removes a date that differs.
pub async fn remove_exception(app: &App, actor: &Actor, id: ExceptionId) -> Result<()> {
    let facility = own_facility(actor)?;
    let mut tx = app.store.begin().await?;
    if !tx.remove_exception(facility, id).await? {
        return Err(Error::NotFound);
    }
    tx.raise_calendar_version(facility).await?;
    let entry = Entry::of(actor, "exception.remove", id, app.clock.now());
    Ok(tx.commit(entry.at_facility(facility)).await?)
}
