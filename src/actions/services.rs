//! What kinds of visit a clinic offers, and how: length, distances, notice, limits, who gives them.

use serde_json::json;

use super::clinic::own_facility;
use super::hours::by_rules;
use super::rooms::text;
use super::{App, Error, Fault, Result};
use crate::model::audit::Entry;
use crate::model::facility::{Offer, ServiceKind, Stage};
use crate::model::person::Actor;
use crate::model::schedule::{Demands, Service};
use crate::model::{ClinicianId, FacilityId, ServiceId};
use crate::store::{FacilityFilter, Tx};

/// The rules of a kind of visit, as staff set them. Times are minutes.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "fields named as those of the service and of its demands")]
pub struct Rules {
    pub length_min: i64,
    pub buffer_before_min: i64,
    pub buffer_after_min: i64,
    pub step_min: i64,
    pub notice_min: i64,
    pub notice_working_days: i64,
    pub horizon_days: i64,
    pub change_cutoff_min: i64,
    pub cancel_cutoff_min: i64,
    pub needs_approval: bool,
    pub answer_within_min: i64,
    pub visit: Stage,
    pub daily_limit: Option<i64>,
    pub capacity: i64,
    pub needs_room: bool,
    pub patient_daily_limit: i64,
    pub clinicians: Vec<ClinicianId>,
    pub team: Vec<ClinicianId>,
}

/// A kind of visit that a clinic does not offer yet.
#[derive(Clone, Debug)]
pub struct NewService {
    /// What kind of act it is.
    pub kind: ServiceKind,
    /// Its name.
    pub name_ja: String,
    /// Its name in English.
    pub name_en: String,
    /// Insured care or self-pay.
    pub insured: bool,
    /// Its rules.
    pub rules: Rules,
}

/// Kinds of visit that a clinic can have.
const MOST_SERVICES: usize = 50;

/// The longest notice, in minutes, and cut-offs alike: a year.
const YEAR: i64 = 366 * 24 * 60;

impl Rules {
    /// Everything that is wrong with them. The limits are those of the schema.
    fn faults(&self, clinicians: &[ClinicianId]) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (pointer, value, least, most, step) in [
            ("/length_min", self.length_min, 5, 240, 5),
            ("/buffer_before_min", self.buffer_before_min, 0, 60, 5),
            ("/buffer_after_min", self.buffer_after_min, 0, 60, 5),
            ("/step_min", self.step_min, 5, 240, 5),
            ("/notice_min", self.notice_min, 0, YEAR, 5),
            ("/notice_working_days", self.notice_working_days, 0, 30, 1),
            ("/horizon_days", self.horizon_days, 0, 366, 1),
            ("/change_cutoff_min", self.change_cutoff_min, 0, YEAR, 5),
            ("/cancel_cutoff_min", self.cancel_cutoff_min, 0, YEAR, 5),
            ("/answer_within_min", self.answer_within_min, 5, 30 * 24 * 60, 1),
            ("/daily_limit", self.daily_limit.unwrap_or(1), 1, 200, 1),
            ("/capacity", self.capacity, 1, 50, 1),
            ("/patient_daily_limit", self.patient_daily_limit, 1, 20, 1),
        ] {
            if !(least..=most).contains(&value) {
                faults.push(Fault { pointer, code: "range" });
            } else if value % step != 0 {
                faults.push(Fault { pointer, code: "unit" });
            }
        }
        for (pointer, named) in [("/clinicians", &self.clinicians), ("/team", &self.team)] {
            let mut known = Vec::new();
            for id in named {
                if !clinicians.contains(id) || known.contains(&id) {
                    faults.push(Fault { pointer, code: "unknown" });
                    break;
                }
                known.push(id);
            }
        }
        // The seats of a group are one visit of one clinician, in no particular place.
        if self.capacity > 1 && self.needs_room {
            faults.push(Fault { pointer: "/needs_room", code: "group" });
        }
        if self.capacity > 1 && !self.team.is_empty() {
            faults.push(Fault { pointer: "/team", code: "group" });
        }
        faults
    }

    /// The offer under these rules.
    fn applied_to(&self, offer: &Offer) -> Offer {
        let minutes = chrono::TimeDelta::minutes;
        let small = |number: i64| u16::try_from(number).unwrap_or(u16::MAX);
        let mut offer = offer.clone();
        let service = &mut offer.service;
        service.length = minutes(self.length_min);
        service.buffer_before = minutes(self.buffer_before_min);
        service.buffer_after = minutes(self.buffer_after_min);
        service.step = minutes(self.step_min);
        service.notice = minutes(self.notice_min);
        service.horizon_days = small(self.horizon_days);
        service.change_cutoff = minutes(self.change_cutoff_min);
        service.cancel_cutoff = minutes(self.cancel_cutoff_min);
        service.needs_approval = self.needs_approval;
        service.demands = Demands {
            notice_working_days: u8::try_from(self.notice_working_days).unwrap_or(u8::MAX),
            daily_limit: self.daily_limit.map(small),
            capacity: small(self.capacity),
            needs_room: self.needs_room,
            clinicians: self.clinicians.clone(),
            team: self.team.clone(),
        };
        offer.visit = self.visit;
        offer.patient_daily_limit = self.patient_daily_limit;
        offer.answer_within = minutes(self.answer_within_min);
        offer
    }
}

/// What the actor's clinic offers.
pub async fn services(app: &App, actor: &Actor) -> Result<Vec<Offer>> {
    let filter = FacilityFilter::one(own_facility(actor)?);
    Ok(app.store.read().await?.offers(&filter).await?)
}

/// One kind of visit of the actor's clinic.
pub async fn service(app: &App, actor: &Actor, id: ServiceId) -> Result<Offer> {
    let mut tx = app.store.read().await?;
    find(&mut tx, actor, id).await
}

async fn find(tx: &mut Tx, actor: &Actor, id: ServiceId) -> Result<Offer> {
    let filter = FacilityFilter::one(own_facility(actor)?);
    let found = tx.offers(&filter).await?.into_iter().find(|offer| offer.service.id == id);
    found.ok_or(Error::NotFound)
}

/// Offers a kind of visit more. It has all hours of its clinicians that are of no other kind, until
/// a change of hours gives it its own.
pub async fn add_service(app: &App, actor: &Actor, new: NewService) -> Result<Offer> {
    let facility = own_facility(actor)?;
    let now = app.clock.now();
    let name_ja = text("/name_ja", &new.name_ja, 100)?;
    let name_en = text("/name_en", &new.name_en, 100)?;
    let mut tx = app.store.begin().await?;
    tx.change_hours(facility).await?;
    let filter = FacilityFilter::one(facility);
    let known = tx.offers(&filter).await?;
    if known.len() >= MOST_SERVICES {
        return Err(Error::Refused("too_many_services"));
    }
    if known.iter().any(|offer| offer.name_ja == name_ja) {
        return Err(Error::invalid("/name_ja", "taken"));
    }
    let clinicians: Vec<_> = tx.clinicians(&filter).await?.iter().map(|one| one.id).collect();
    let faults = new.rules.faults(&clinicians);
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let id = ServiceId::new();
    let blank = blank(facility, id, &new, name_ja, name_en);
    tx.add_offer(&new.rules.applied_to(&blank)).await?;
    tx.commit(Entry::of(actor, "service.add", id, now).at_facility(facility)).await?;
    service(app, actor, id).await
}

/// A kind of visit before it has rules.
fn blank(
    facility: FacilityId,
    id: ServiceId,
    new: &NewService,
    name_ja: String,
    name_en: String,
) -> Offer {
    let none = chrono::TimeDelta::zero();
    let service = Service {
        id,
        facility,
        length: none,
        buffer_before: none,
        buffer_after: none,
        step: none,
        notice: none,
        horizon_days: 0,
        cancel_cutoff: none,
        change_cutoff: none,
        needs_approval: false,
        demands: Demands::default(),
    };
    Offer {
        service,
        kind: new.kind,
        visit: new.rules.visit,
        name_ja,
        name_en,
        fee_note_ja: String::new(),
        fee_note_en: String::new(),
        insured: new.insured,
        patient_daily_limit: 1,
        answer_within: none,
        version: 1,
    }
}

/// Offers a kind of visit no more. What is agreed or waited for would lose it, and so do hours of
/// its own: those come first.
pub async fn close_service(app: &App, actor: &Actor, id: ServiceId) -> Result<()> {
    let facility = own_facility(actor)?;
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    tx.change_hours(facility).await?;
    find(&mut tx, actor, id).await?;
    if tx.service_is_wanted(facility, id, now).await? {
        return Err(Error::Refused("service_in_use"));
    }
    let hours = tx.weekly_hours(&FacilityFilter::one(facility)).await?;
    if hours.iter().any(|(_, stretch)| stretch.service == Some(id)) {
        return Err(Error::Refused("service_has_hours"));
    }
    tx.close_service(facility, id, now).await?;
    Ok(tx.commit(Entry::of(actor, "service.close", id, now).at_facility(facility)).await?)
}

/// Sets the rules of a kind of visit, if they are still as of `version`. Visits that are agreed
/// keep their times. Where those who give them would not, or not all who must be there work then,
/// the visits are told, and nothing is set unless `keeps_visits` says that they stay all the same.
pub async fn put_service(
    app: &App,
    actor: &Actor,
    id: ServiceId,
    version: i64,
    rules: &Rules,
    keeps_visits: bool,
) -> Result<Offer> {
    let facility = own_facility(actor)?;
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let offer = find(&mut tx, actor, id).await?;
    let clinicians = tx.clinicians(&FacilityFilter::one(facility)).await?;
    let clinicians: Vec<_> = clinicians.iter().map(|one| one.id).collect();
    let faults = rules.faults(&clinicians);
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    // Who books meanwhile does so under the old rules or the new ones.
    tx.change_hours(facility).await?;
    let ahead = tx.visits_ahead(facility, now).await?;
    let (kept, _) = by_rules(app, &mut tx, facility, ahead, now).await?;
    tx.put_offer(&rules.applied_to(&offer), version).await?;
    let (_, stranded) = by_rules(app, &mut tx, facility, kept, now).await?;
    let count = stranded.len();
    if count > 0 && !keeps_visits {
        return Err(Error::Strands(stranded));
    }
    let entry = Entry::of(actor, "service.put", id, now).at_facility(facility);
    tx.commit(entry.with(json!({ "version": version + 1, "stranded": count }))).await?;
    service(app, actor, id).await
}
