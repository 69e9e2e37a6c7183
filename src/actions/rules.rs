//! The rules of facilities, kept in memory. Every facility carries a version that the database
//! raises with any change of its rules, whoever makes it; rules are used only while their version
//! is the one that the deed at hand has read. The bookings are never kept here.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use chrono::NaiveDate;

use super::{App, Error, Result};
use crate::engine::availability::{Elsewhere, Practice, RoomTime, Roster};
use crate::model::facility::{Clinician, Facility, Offer, folded};
use crate::model::schedule::WeeklyHours;
use crate::model::{ClinicianId, FacilityId, ServiceId};
use crate::store::{FacilityFilter, Tx};
use crate::time::Instant;
use crate::time::span::Dates;

/// All that decides when a facility can be booked, but for what is taken.
#[derive(Debug)]
pub struct Rules {
    /// The version of the database's that this is.
    pub version: i64,
    /// The facility.
    pub facility: Facility,
    /// Its doctors.
    pub clinicians: Vec<Clinician>,
    /// What it offers.
    pub offers: Vec<Offer>,
    /// What holds for all its doctors. Nothing is taken of its rooms.
    pub practice: Practice,
    /// Hours, one for each doctor. Nothing is taken of them.
    pub rosters: Vec<Roster>,
    /// Name, address and departments, folded, for searching.
    pub text: String,
}

impl Rules {
    /// When the next calendar elsewhere of one of its doctors is too old, if nobody reads it.
    pub fn fresh_until(&self, now: Instant) -> Instant {
        let all = self.rosters.iter().map(|roster| roster.elsewhere.fresh_until);
        all.filter(|until| now < *until).min().unwrap_or(Instant::MAX_UTC)
    }

    /// What it offers, by id.
    pub fn offer(&self, service: ServiceId) -> Option<&Offer> {
        self.offers.iter().find(|offer| offer.service.id == service)
    }

    /// Whether anything it offers needs a room.
    pub fn need_rooms(&self) -> bool {
        self.offers.iter().any(|offer| offer.service.demands.needs_room)
    }
}

/// Rules by facility, as of the newest version that was read.
#[derive(Debug, Default)]
pub(crate) struct Kept(RwLock<HashMap<FacilityId, Arc<Rules>>>);

impl Kept {
    /// The rules of a facility, if they are of this version.
    pub(crate) fn get(&self, facility: FacilityId, version: i64) -> Option<Arc<Rules>> {
        let kept = self.0.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        kept.get(&facility).filter(|rules| rules.version == version).cloned()
    }

    /// Keeps rules for others. They must have been read by a unit of work that only reads: what
    /// another has not committed yet may never be, and its version be given again.
    pub(crate) fn keep(&self, rules: &Arc<Rules>) {
        let mut kept = self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        let newer = kept.get(&rules.facility.id).is_some_and(|old| old.version > rules.version);
        if !newer {
            kept.insert(rules.facility.id, Arc::clone(rules));
        }
    }
}

/// The rules of a facility whose version is known to be this one: those that are kept, or else as
/// they are now. `keep` tells that `tx` only reads, so that they may be kept for others.
pub(crate) async fn current(
    app: &App,
    tx: &mut Tx,
    facility: FacilityId,
    version: i64,
    keep: bool,
) -> Result<Arc<Rules>> {
    if let Some(rules) = app.rules().get(facility, version) {
        return Ok(rules);
    }
    let rules = load(tx, &FacilityFilter::one(facility)).await?.pop().ok_or(Error::NotFound)?;
    let rules = Arc::new(rules);
    if keep {
        app.rules().keep(&rules);
    }
    Ok(rules)
}

/// Reads the rules of the facilities that `filter` asks for, whatever is kept: the one place where
/// rules are loaded. The number of statements is the same for one facility and for all.
pub(crate) async fn load(tx: &mut Tx, filter: &FacilityFilter) -> Result<Vec<Rules>> {
    let facilities = tx.facilities(filter).await?;
    let versions: HashMap<_, _> = tx.rules_versions(filter).await?.into_iter().collect();
    let mut clinicians = grouped(tx.clinicians(filter).await?, |one| one.facility);
    let mut offers = grouped(tx.offers(filter).await?, |one| one.service.facility);
    let mut hours: HashMap<ClinicianId, Vec<WeeklyHours>> = HashMap::new();
    for (clinician, one) in tx.weekly_hours(filter).await? {
        hours.entry(clinician).or_default().push(one);
    }
    let mut elsewhere: HashMap<ClinicianId, Elsewhere> = HashMap::new();
    for (whose, as_of, known_until, by_address) in tx.calendars_elsewhere(filter).await? {
        let known = elsewhere.entry(whose).or_default();
        *known = known.and(as_of, known_until, by_address);
    }
    let mut practices = practices(tx, &facilities, filter).await?;
    let mut rules = Vec::with_capacity(facilities.len());
    for facility in facilities {
        let id = facility.id;
        let Some(practice) = practices.remove(&id) else { continue };
        let clinicians = clinicians.remove(&id).unwrap_or_default();
        let roster = |one: &Clinician| {
            let hours = hours.remove(&one.id).unwrap_or_default();
            let elsewhere = elsewhere.remove(&one.id).unwrap_or_default();
            Roster::new(one.id, one.training_completed_on, hours, Vec::new()).knowing(elsewhere)
        };
        rules.push(Rules {
            version: versions.get(&id).copied().unwrap_or_default(),
            rosters: clinicians.iter().map(roster).collect(),
            text: searched(&facility),
            facility,
            clinicians,
            offers: offers.remove(&id).unwrap_or_default(),
            practice,
        });
    }
    Ok(rules)
}

async fn practices(
    tx: &mut Tx,
    facilities: &[Facility],
    filter: &FacilityFilter,
) -> Result<HashMap<FacilityId, Practice>> {
    let (from, until) = (date(2000), date(2100));
    let exceptions = tx.exceptions(filter, from, until).await?.into_iter();
    let mut exceptions = grouped(exceptions.map(|(id, one, _)| (id, one)), |(id, _)| *id);
    let mut acceptance = grouped(tx.acceptance(filter).await?, |(id, ..)| *id);
    let mut own: HashMap<FacilityId, _> = tx.own_days(filter).await?.into_iter().collect();
    let mut rooms = grouped(tx.rooms(filter).await?, |(id, _)| *id);
    let practice = |f: &Facility| {
        let exceptions = exceptions.remove(&f.id).unwrap_or_default();
        let acceptance = acceptance.remove(&f.id).unwrap_or_default().into_iter();
        let mut practice = Practice::new(
            f.id,
            f.zone,
            f.on_holidays,
            acceptance.map(|(_, from, until)| Dates { from: Some(from), until }).collect(),
            exceptions.into_iter().map(|(_, one)| one).collect(),
        );
        practice = practice.with_own_days(own.remove(&f.id).unwrap_or_default());
        let rooms = rooms.remove(&f.id).unwrap_or_default().into_iter();
        practice.rooms = rooms.map(|(_, room)| RoomTime { room, busy: Vec::new() }).collect();
        (f.id, practice)
    };
    Ok(facilities.iter().map(practice).collect())
}

fn date(year: i32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default()
}

/// In name, address and departments is searched as the facility's row has it.
fn searched(f: &Facility) -> String {
    let departments = f.departments.join(" ");
    let parts = [&f.name, &f.kana, &f.name_en, &f.address, &departments].map(String::as_str);
    folded(&parts.join(" "))
}

fn grouped<T>(
    list: impl IntoIterator<Item = T>,
    facility: impl Fn(&T) -> FacilityId,
) -> HashMap<FacilityId, Vec<T>> {
    let mut groups: HashMap<_, Vec<T>> = HashMap::new();
    for one in list {
        groups.entry(facility(&one)).or_default().push(one);
    }
    groups
}
