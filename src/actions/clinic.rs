//! The clinic's day: who comes, hours, dates that differ. They are changed by a plan
//! ([`super::hours`]) and in no other way.

use std::collections::HashMap;

use chrono::{Datelike, NaiveDate};
use serde_json::json;

use super::calendar::{KNOWN_YEARS, today};
use super::hours::by_rules;
use super::{App, Error, Result, clearance};
use crate::model::audit::Entry;
use crate::model::clearance::Item;
use crate::model::facility::{Clinician, Facility, Offer};
use crate::model::person::Actor;
use crate::model::schedule::{DateException, WeeklyHours};
use crate::model::{BookingId, ClinicianId, FacilityId};
use crate::store::{BookingView, FacilityFilter, Tx};
use crate::time::zone;

/// The facility for which the actor works.
pub(super) fn own_facility(actor: &Actor) -> Result<FacilityId> {
    actor.facility().ok_or(Error::Forbidden)
}

pub(super) async fn load_own(tx: &mut Tx, actor: &Actor) -> Result<Facility> {
    tx.facility(own_facility(actor)?).await?.ok_or(Error::NotFound)
}

/// A local day of a facility.
#[derive(Debug)]
pub struct DayOf {
    /// The date.
    pub date: NaiveDate,
    /// Its visits, in order of their start.
    pub visits: Vec<BookingView>,
    /// Of visits that are not over, what is not clear yet and must be before the patient is let in.
    pub open: HashMap<BookingId, Vec<Item>>,
}

/// The visits of a local day, today where none is given. Reading them is a deed that is audited.
pub async fn day(app: &App, actor: &Actor, date: Option<NaiveDate>) -> Result<DayOf> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let facility = load_own(&mut tx, actor).await?;
    let date = date.unwrap_or_else(|| today(&facility, now));
    let span = zone::day(facility.zone, date).ok_or(Error::invalid("/date", "range"))?;
    let visits = tx.visits_between(facility.id, span).await?;
    let mut open = clearance::open_between(&mut tx, (facility.id, span), &visits).await?;
    for over in visits.iter().filter(|view| view.booking.status.is_terminal()) {
        open.remove(&over.booking.id);
    }
    let entry = Entry::of(actor, "visits.read", date, now).at_facility(facility.id);
    tx.commit(entry.with(json!({ "count": visits.len() }))).await?;
    Ok(DayOf { date, visits, open })
}

/// The doctors of the actor's facility.
pub async fn clinicians(app: &App, actor: &Actor) -> Result<Vec<Clinician>> {
    let filter = FacilityFilter::one(own_facility(actor)?);
    Ok(app.store.read().await?.clinicians(&filter).await?)
}

/// Says when a doctor completed the training for online care, where `was` is what is known. Where
/// visits that are agreed would lose their doctor by it, they are told, and nothing is changed
/// unless `keeps_visits` says that they stay all the same.
pub async fn put_training(
    app: &App,
    actor: &Actor,
    clinician: ClinicianId,
    (was, completed_on): (Option<NaiveDate>, Option<NaiveDate>),
    keeps_visits: bool,
) -> Result<Vec<Clinician>> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let facility = load_own(&mut tx, actor).await?;
    require_clinician(&mut tx, facility.id, clinician).await?;
    if completed_on.is_some_and(|date| date > today(&facility, now)) {
        return Err(Error::invalid("/completed_on", "in_future"));
    }
    if completed_on.is_some_and(|date| !KNOWN_YEARS.contains(&date.year())) {
        return Err(Error::invalid("/completed_on", "range"));
    }
    tx.change_hours(facility.id).await?;
    let ahead = tx.visits_ahead(facility.id, now).await?;
    let (kept, _) = by_rules(app, &mut tx, facility.id, ahead, now).await?;
    tx.put_training(facility.id, clinician, was, completed_on).await?;
    let (_, stranded) = by_rules(app, &mut tx, facility.id, kept, now).await?;
    let count = stranded.len();
    if count > 0 && !keeps_visits {
        return Err(Error::Strands(stranded));
    }
    let entry = Entry::of(actor, "clinician.training", clinician, now).at_facility(facility.id);
    tx.commit(entry.with(json!({ "completed_on": completed_on, "stranded": count }))).await?;
    clinicians(app, actor).await
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
