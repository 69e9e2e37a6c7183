//! Finding a clinic and its free times, without an account.

use std::net::IpAddr;

use chrono::{Datelike, NaiveDate};

use super::calendar::{Calendars, KNOWN_YEARS, Range, days, today};
use super::limits::network;
use super::{App, Error, Result};
use crate::engine::slots::{self, DayOffers, Slot};
use crate::model::facility::{Clinician, Facility, Offer, folded};
use crate::model::{FacilityId, ServiceId};
use crate::store::FacilityFilter;
use crate::time::zone::{self, Days};

/// How many facilities one search answers at most.
const FOUND: i64 = 50;
/// How many days ahead a search looks for the first free times.
const SEARCHED_DAYS: u16 = 14;
/// How many free times a search shows of each facility.
const SHOWN: usize = 3;

/// A facility with its first free times.
pub struct Found {
    /// The facility.
    pub facility: Facility,
    /// Its first free times, each with its kind of visit.
    pub next_free: Vec<(Slot, ServiceId)>,
}

/// What is looked for.
#[derive(Debug, Default)]
pub struct Search {
    /// In name, address and departments.
    pub text: Option<String>,
    /// Six-digit code.
    pub municipality: Option<String>,
}

/// Facilities that match, at most 50, those with the earliest free time first. Of more than 50
/// that match, the 50 that were added first are looked at.
pub async fn search(app: &App, address: IpAddr, search: Search) -> Result<Vec<Found>> {
    app.limits.search_address.check(&network(address))?;
    let now = app.clock.now();
    let text = search.text.map(|text| folded(text.trim())).filter(|text| !text.is_empty());
    if text.as_ref().is_some_and(|text| text.chars().count() > 100) {
        return Err(Error::invalid("/q", "too_long"));
    }
    let municipality = search.municipality;
    let filter = FacilityFilter { facility: None, municipality, text, limit: FOUND };
    let range = Range { from: now.date_naive(), count: SEARCHED_DAYS };
    let mut tx = app.store.read().await?;
    let calendars = Calendars::load(&mut tx, &filter, range, now).await?;
    let mut found: Vec<Found> = calendars
        .facilities
        .iter()
        .map(|facility| Found {
            facility: facility.clone(),
            next_free: first_free(app, &calendars, facility, range, now),
        })
        .collect();
    found.sort_by_key(|one| {
        let first = one.next_free.first().map(|(slot, _)| slot.visit.start);
        (first.is_none(), first)
    });
    Ok(found)
}

fn first_free(
    app: &App,
    calendars: &Calendars,
    facility: &Facility,
    range: Range,
    now: crate::time::Instant,
) -> Vec<(Slot, ServiceId)> {
    let own = calendars.of(app, facility.id, None);
    // One day less than loaded, so that the day after the first free time is known too.
    let days = days(facility, Range { count: range.count - 1, ..range });
    let mut free = Vec::new();
    for offer in calendars.offers.iter().filter(|o| o.service.facility == facility.id) {
        let service = &offer.service;
        for calendar in &own {
            let Some(first) = slots::earliest(calendar, service, &days, now) else { continue };
            // On the day of the first and the next, which are loaded.
            let from = zone::date_of(facility.zone, first.visit.start);
            let two = Days::new(facility.zone, from, 2);
            let next = slots::offers(calendar, service, &two, now).into_iter();
            let next = next.flat_map(|day| day.slots).take(SHOWN);
            free.extend(next.map(|slot| (slot, service.id)));
        }
    }
    free.sort();
    free.dedup_by_key(|(slot, _)| slot.visit.start);
    free.truncate(SHOWN);
    free
}

/// Municipalities that have a facility: six-digit code and how many.
pub async fn places(app: &App) -> Result<Vec<(String, i64)>> {
    Ok(app.store.read().await?.facility_places().await?)
}

/// A facility with its doctors and what it offers.
pub async fn facility(app: &App, id: FacilityId) -> Result<(Facility, Vec<Clinician>, Vec<Offer>)> {
    let mut tx = app.store.read().await?;
    let facility = tx.facility(id).await?.ok_or(Error::NotFound)?;
    let filter = FacilityFilter::one(id);
    Ok((facility, tx.clinicians(&filter).await?, tx.offers(&filter).await?))
}

/// Free times of a facility for a kind of visit, day by day from `from` (today where none is
/// given).
pub async fn free_times(
    app: &App,
    id: FacilityId,
    service: ServiceId,
    from: Option<NaiveDate>,
    count: u16,
) -> Result<(Facility, Vec<DayOffers>)> {
    let now = app.clock.now();
    if from.is_some_and(|from| !KNOWN_YEARS.contains(&from.year())) {
        return Err(Error::invalid("/from", "range"));
    }
    let mut tx = app.store.read().await?;
    let facility = tx.facility(id).await?.ok_or(Error::NotFound)?;
    let range = Range { from: from.unwrap_or_else(|| today(&facility, now)), count };
    let calendars = Calendars::load(&mut tx, &FacilityFilter::one(id), range, now).await?;
    let offer = calendars.offers.iter().find(|offer| offer.service.id == service);
    let offer = offer.ok_or(Error::NotFound)?;
    let own = calendars.of(app, id, None);
    let offers = slots::offers_of_all(&own, &offer.service, &days(&facility, range), now);
    Ok((facility, offers))
}
