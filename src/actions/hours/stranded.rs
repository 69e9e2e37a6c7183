//! Which visits a change strands, and what is offered to whom instead.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::prepared::{Prepared, Present};
use crate::actions::calendar::{self, Calendars, Range};
use crate::actions::{App, Error, Result};
use crate::engine::hours::{self, Free, Stranded};
use crate::engine::slots::{self, Refusal, Slot};
use crate::model::facility::Facility;
use crate::model::schedule::Service;
use crate::model::{BookingId, ClinicianId, FacilityId, ServiceId};
use crate::store::{Tx, VisitAhead};
use crate::time::Instant;
use crate::time::span::Span;

/// Times that are offered to each.
pub(super) const OFFERED: usize = 3;
/// How many days from today are loaded: the farthest horizon, and one for zones.
const REACH: u16 = Service::FARTHEST + 2;

/// An offered time, as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offered {
    /// When it starts.
    pub start: Instant,
    /// When it ends.
    pub end: Instant,
    /// With whom.
    pub clinician: ClinicianId,
}

impl From<Slot> for Offered {
    fn from(slot: Slot) -> Self {
        Self { start: slot.visit.start, end: slot.visit.end, clinician: slot.clinician }
    }
}

/// A visit that loses its time, why, and what is offered instead.
pub(super) struct Loss {
    pub(super) visit: VisitAhead,
    pub(super) offers: Vec<Offered>,
}

/// The facility's calendars over all days that can be booked.
pub(super) async fn calendars(
    app: &App,
    tx: &mut Tx,
    facility: &Facility,
    now: Instant,
) -> Result<Calendars> {
    let range = Range { from: calendar::today(facility, now), count: REACH };
    // Rules may have been changed here, so what is seen of them is not for others to keep.
    Calendars::with_rules(app, tx, facility.id, range, now, (0, false)).await
}

/// What `change` would take from whom, and three equal times for each, as if it held already.
pub(super) async fn losses(
    app: &App,
    tx: &mut Tx,
    present: &Present,
    change: &Prepared,
    now: Instant,
) -> Result<Vec<Loss>> {
    let facility = &present.facility;
    let before = calendars(app, tx, facility, now).await?;
    let visits = tx.visits_ahead(facility.id, now).await?;
    let keeps = |calendars: &Calendars, visit: &VisitAhead| {
        lost(app, calendars, facility.id, visit, now).is_none()
    };
    let had: Vec<_> = visits.into_iter().filter(|visit| keeps(&before, visit)).collect();
    let after = before.changed(facility.id, |rules| change.rules(rules), &change.hours());
    let loses = |visit: &VisitAhead| !keeps(&after, visit);
    let stranded: Vec<_> = had.into_iter().filter(loses).collect();
    let elsewhere = tx.patients_times(facility.id, now).await?;
    let others = |visit: &VisitAhead| {
        let own = elsewhere.iter().filter(|one| Some(one.0) == visit.patient_id);
        let spans = own.filter(|one| one.1 != visit.id).map(|one| Span::new(one.2, one.3));
        spans.flatten().collect()
    };
    let wanting: Vec<Stranded> = stranded
        .iter()
        .filter_map(|visit| {
            Some(Stranded {
                visit: Span::new(visit.starts_at, visit.ends_at)?,
                clinician: visit.clinician_id,
                service: visit.service_id,
                elsewhere: others(visit),
            })
        })
        .collect();
    let offers = allot(app, &after, facility, &wanting, now);
    let told = |(visit, offers): (VisitAhead, Vec<Slot>)| {
        let offers = offers.into_iter().map(Offered::from).collect();
        Loss { visit, offers }
    };
    Ok(stranded.into_iter().zip(offers).map(told).collect())
}

/// Those of `visits` that keep their time by the rules as they are in this unit of work, and those
/// that do not.
pub(in crate::actions) async fn by_rules(
    app: &App,
    tx: &mut Tx,
    id: FacilityId,
    visits: Vec<VisitAhead>,
    now: Instant,
) -> Result<(Vec<VisitAhead>, Vec<VisitAhead>)> {
    let facility = tx.facility(id).await?.ok_or(Error::NotFound)?;
    let calendars = calendars(app, tx, &facility, now).await?;
    let keeps = |visit: &VisitAhead| lost(app, &calendars, id, visit, now).is_none();
    Ok(visits.into_iter().partition(keeps))
}

/// Why a visit does not keep its time by the rules; nothing where it does.
pub(super) fn lost(
    app: &App,
    calendars: &Calendars,
    facility: FacilityId,
    visit: &VisitAhead,
    now: Instant,
) -> Option<Refusal> {
    let offer = calendars.offers.iter().find(|one| one.service.id == visit.service_id)?;
    let span = Span::new(visit.starts_at, visit.ends_at)?;
    let own = calendars.of(app, facility, Some(visit.clinician_id));
    own.iter().find_map(|calendar| hours::lost(calendar, &offer.service, span, now))
}

fn allot(
    app: &App,
    calendars: &Calendars,
    facility: &Facility,
    wanting: &[Stranded],
    now: Instant,
) -> Vec<Vec<Slot>> {
    let wanted = |service: &Service| wanting.iter().any(|one| one.service == service.id);
    let services: BTreeMap<ServiceId, Service> = calendars
        .offers
        .iter()
        .filter(|offer| wanted(&offer.service))
        .map(|offer| (offer.service.id, offer.service.clone()))
        .collect();
    let own = calendars.of(app, facility.id, None);
    let range = Range { from: calendar::today(facility, now), count: REACH - 1 };
    let days = calendar::days(facility, range);
    let mut free = Free::default();
    for service in services.values() {
        let offers = slots::offers_of_all(&own, service, &days, now);
        free.add(service.id, offers.into_iter().flat_map(|day| day.slots));
    }
    hours::allot(wanting, &free, &services, OFFERED)
}

/// Which of the offered times are free still, and others where some are not: what a patient can
/// choose from now.
pub(super) async fn still_free(
    app: &App,
    tx: &mut Tx,
    booking: BookingId,
    visit: &VisitAhead,
    facility: FacilityId,
    offered: &[Offered],
    now: Instant,
) -> Result<Vec<Offered>> {
    let Some(loaded) = tx.facility(facility).await? else { return Ok(Vec::new()) };
    let calendars = calendars(app, tx, &loaded, now).await?.without(booking);
    let Some(offer) = calendars.offers.iter().find(|one| one.service.id == visit.service_id) else {
        return Ok(Vec::new());
    };
    let is_free = |one: &&Offered| {
        let own = calendars.of(app, facility, Some(one.clinician));
        own.iter().any(|calendar| slots::check(calendar, &offer.service, one.start, now).is_ok())
    };
    let mut free: Vec<Offered> = offered.iter().filter(is_free).copied().collect();
    if free.len() < OFFERED {
        let all = calendars.of(app, facility, None);
        let near = slots::alternatives(&all, &offer.service, visit.starts_at, now, 2 * OFFERED);
        let known = |slot: &Slot| free.iter().any(|one| one.start == slot.visit.start);
        let more: Vec<_> = near.into_iter().filter(|slot| !known(slot)).collect();
        free.extend(more.into_iter().map(Offered::from));
        free.truncate(OFFERED);
    }
    Ok(free)
}
