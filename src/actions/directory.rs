//! Finding a clinic and its free times, without an account.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};

use super::calendar::{KNOWN_YEARS, Range, days, today};
use super::limits::network;
use super::rules::Rules;
use super::summary::{Asked, Wanted};
use super::{App, Error, Result};
use crate::engine::slots::{self, DayOffers};
use crate::format::seeds;
use crate::model::facility::{Clinician, Facility, Offer, ServiceKind, Stage, canonical, folded};
use crate::model::{ClinicianId, FacilityId, ServiceId};
use crate::store::FacilityFilter;

mod order;

use order::{Cursor, Key, hour_of};

pub use super::summary::View;

/// How many facilities one page of a search has where nothing else is asked for.
const PAGE: usize = 50;
/// How many it has at most.
const LONGEST_PAGE: usize = 2000;
/// Of how many days a search counts the free times at most.
const COUNTED_DAYS: u16 = 14;

/// A facility with its first free times.
pub struct Found {
    /// The facility, with what it offers.
    pub rules: Arc<Rules>,
    /// Its first free times, and how many there are.
    pub view: View,
}

/// A part of what a search found.
pub struct Page {
    /// The facilities.
    pub items: Vec<Found>,
    /// How many there are in all.
    pub total: usize,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

/// What is looked for.
#[derive(Debug, Default)]
pub struct Search {
    /// In name, address and departments.
    pub text: Option<String>,
    /// Six-digit code.
    pub municipality: Option<String>,
    /// Name of a secondary medical area (二次保健医療圏).
    pub area: Option<String>,
    /// Name of a department.
    pub department: Option<String>,
    /// BCP 47 tag of a language.
    pub language: Option<String>,
    /// For first or repeat visits.
    pub visit: Option<Stage>,
    /// What kind of act.
    pub kind: Option<ServiceKind>,
    /// With free times on or after this local date.
    pub date: Option<NaiveDate>,
    /// Of how many days free times are counted.
    pub days: Option<u16>,
    /// How many on one page.
    pub limit: Option<usize>,
    /// Where the page begins.
    pub cursor: Option<String>,
}

impl Search {
    fn wanted(&self) -> Wanted {
        let visit = self.visit.filter(|visit| *visit != Stage::Any);
        Wanted { visit, kind: self.kind }
    }

    fn asked(&self) -> Result<Asked> {
        if self.date.is_some_and(|date| !KNOWN_YEARS.contains(&date.year())) {
            return Err(Error::invalid("/date", "range"));
        }
        let days = self.days.unwrap_or(0);
        if days > COUNTED_DAYS {
            return Err(Error::invalid("/days", "range"));
        }
        Ok(Asked { from: self.date, days, wanted: self.wanted() })
    }

    /// What tells whether a facility is looked for.
    fn filter(&self) -> Result<impl Fn(&Rules) -> bool + use<>> {
        let text = self.text.as_deref().map(|text| folded(&canonical(text)));
        let text = text.filter(|text| !text.is_empty());
        if text.as_ref().is_some_and(|text| text.chars().count() > 100) {
            return Err(Error::invalid("/q", "too_long"));
        }
        let area = match &self.area {
            Some(area) => Some(municipalities_of(area).ok_or(Error::invalid("/area", "unknown"))?),
            None => None,
        };
        let municipality = self.municipality.clone();
        let (department, language) = (self.department.clone(), self.language.clone());
        let wanted = self.wanted();
        let all = self.visit.is_none() && self.kind.is_none();
        Ok(move |rules: &Rules| {
            let f = &rules.facility;
            municipality.as_ref().is_none_or(|code| *code == f.municipality_code)
                && area.as_ref().is_none_or(|area| area.contains(&*f.municipality_code))
                && department.as_ref().is_none_or(|name| f.departments.contains(name))
                && language.as_ref().is_none_or(|tag| f.languages.contains(tag))
                && text.as_ref().is_none_or(|text| rules.text.contains(&**text))
                && (all || rules.offers.iter().any(|offer| wanted.fits(offer)))
        })
    }
}

/// The codes of the municipalities of a secondary medical area; nothing where there is no such.
fn municipalities_of(area: &str) -> Option<BTreeSet<&'static str>> {
    let all = seeds::municipalities().iter().filter(|one| one.medical_area == area);
    let codes: BTreeSet<&str> = all.map(|one| &*one.code).collect();
    (!area.is_empty() && !codes.is_empty()).then_some(codes)
}

/// Facilities that match, those with the earliest free time first. All are looked at, whatever the
/// number that is shown.
pub async fn search(app: &App, address: IpAddr, search: Search) -> Result<Page> {
    app.limits.search_address.check(&network(address))?;
    let now = app.clock.now();
    let (asked, filter) = (search.asked()?, search.filter()?);
    let limit = search.limit.unwrap_or(PAGE);
    if !(1..=LONGEST_PAGE).contains(&limit) {
        return Err(Error::invalid("/limit", "range"));
    }
    let cursor = match &search.cursor {
        Some(text) => Some(Cursor::parse(text).ok_or(Error::invalid("/cursor", "format"))?),
        None => None,
    };
    let hour = cursor.map_or(hour_of(now), |cursor| cursor.hour);
    let seen = app.summary().search(app, &asked, filter, now).await?;
    let total = seen.len();
    let mut found: Vec<_> = seen
        .into_iter()
        .map(|one| {
            let (id, first) = (one.rules.facility.id, one.view.next.first());
            let key = Key::new(id, first.map(|(start, _)| *start), one.view.free_count, hour);
            (key, one)
        })
        .filter(|(key, _)| cursor.is_none_or(|cursor| cursor.after < *key))
        .collect();
    found.sort_unstable_by_key(|(key, _)| *key);
    let more = found.len() > limit;
    found.truncate(limit);
    let last = found.last().filter(|_| more).map(|(after, _)| Cursor { hour, after: *after });
    let next = last.map(Cursor::text);
    let items = found.into_iter().map(|(_, one)| Found { rules: one.rules, view: one.view });
    Ok(Page { items: items.collect(), total, next })
}

/// What can be chosen in a search, each with how many facilities there are.
#[derive(Debug, Default)]
pub struct Choices {
    /// Secondary medical areas with their municipalities.
    pub areas: BTreeMap<String, BTreeMap<String, usize>>,
    /// Departments.
    pub departments: BTreeMap<String, usize>,
    /// Languages.
    pub languages: BTreeMap<String, usize>,
}

/// What can be chosen in a search.
pub async fn choices(app: &App) -> Result<Choices> {
    let mut choices = Choices::default();
    for rules in app.summary().rules(app).await? {
        let f = &rules.facility;
        if let Some(place) = seeds::municipality(&f.municipality_code)
            && !place.medical_area.is_empty()
        {
            let area = choices.areas.entry(place.medical_area.clone()).or_default();
            *area.entry(place.code.clone()).or_default() += 1;
        }
        for department in &f.departments {
            *choices.departments.entry(department.clone()).or_default() += 1;
        }
        for language in &f.languages {
            *choices.languages.entry(language.clone()).or_default() += 1;
        }
    }
    Ok(choices)
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

/// Whose free times, and for what.
#[derive(Clone, Copy, Debug)]
pub struct TimesOf {
    /// Where.
    pub facility: FacilityId,
    /// For which kind of visit.
    pub service: ServiceId,
    /// With whom; nobody named means anybody.
    pub clinician: Option<ClinicianId>,
}

/// Free times of a facility for a kind of visit, day by day from `from` (today where none is
/// given); as many days as `count` says, or all that can be booked.
pub async fn free_times(
    app: &App,
    of: TimesOf,
    from: Option<NaiveDate>,
    count: Option<u16>,
) -> Result<(Facility, Vec<DayOffers>)> {
    let now = app.clock.now();
    if from.is_some_and(|from| !KNOWN_YEARS.contains(&from.year())) {
        return Err(Error::invalid("/from", "range"));
    }
    // Today is the facility's, whose zone is known once it is loaded; a day more on both sides of
    // what is loaded is enough for any.
    let first = from.unwrap_or(now.date_naive());
    let (rules, as_of) = app.summary().known(app, of.facility).await?;
    let horizon = || Some(rules.offer(of.service)?.service.horizon_days + 1);
    let count = count.or_else(horizon).ok_or(Error::NotFound)?;
    let loaded = Range { from: first.pred_opt().unwrap_or(first), count: count + 2 };
    let calendars = app.summary().calendars(app, (&rules, as_of), loaded, now).await?;
    let facility = calendars.facilities.first().ok_or(Error::NotFound)?.clone();
    let offer = calendars.offers.iter().find(|offer| offer.service.id == of.service);
    let offer = offer.ok_or(Error::NotFound)?;
    let own = calendars.of(app, of.facility, of.clinician);
    if own.is_empty() && of.clinician.is_some() {
        return Err(Error::NotFound);
    }
    let range = Range { from: from.unwrap_or_else(|| today(&facility, now)), count };
    let offers = slots::offers_of_all(&own, &offer.service, &days(&facility, range), now);
    Ok((facility, offers))
}
