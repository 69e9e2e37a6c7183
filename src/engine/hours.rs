//! Which visits a change of the rules strands, and which times could take their place.

use std::collections::{BTreeMap, HashMap};

use chrono::TimeDelta;

use crate::model::schedule::Service;
use crate::model::{ClinicianId, ServiceId};
use crate::time::Instant;
use crate::time::span::Span;
use crate::time::zone::LocalDay;

use super::availability::Calendar;
use super::slots::{self, Refusal, Slot};

/// A time this much nearer with a colleague is as good as one with the same clinician.
const WAITS_FOR: TimeDelta = TimeDelta::days(14);

/// Why the rules do not allow a visit at the time it has; nothing where they do. What else takes
/// the time, how soon it is and where its start lies on the grid take no time from a visit that is
/// agreed.
pub fn lost(
    calendar: &Calendar<'_>,
    service: &Service,
    visit: Span,
    now: Instant,
) -> Option<Refusal> {
    let service = Service { length: visit.length(), ..service.clone() };
    let told = slots::explain(calendar, &service, visit.start, now);
    let mut against = told.findings.into_iter().filter_map(|finding| finding.refusal);
    let own = against.find(takes_the_time);
    own.or_else(|| team_gone(calendar, &service, visit).then_some(Refusal::TeamNotFree))
}

/// Whether somebody else who must be there does not work then. That they have something is no
/// matter: it may be this visit.
fn team_gone(calendar: &Calendar<'_>, service: &Service, visit: Span) -> bool {
    let day = LocalDay::of(calendar.practice.zone, visit.start);
    let works = |calendar: Calendar<'_>| {
        let open = day.and_then(|day| calendar.open(service.id, &day).ok()).unwrap_or_default();
        open.iter().any(|stretch| stretch.contains(visit))
    };
    let mut companions = service.demands.companions(calendar.roster.clinician);
    companions.any(|one| !calendar.colleague(one).is_some_and(works))
}

/// Whether a refusal says that nobody works then, and not that something else is in the way.
fn takes_the_time(refusal: &Refusal) -> bool {
    match refusal {
        Refusal::InvalidTime
        | Refusal::InPast
        | Refusal::TooSoon { .. }
        | Refusal::BeyondHorizon { .. }
        | Refusal::OffGrid
        | Refusal::CalendarStale { .. }
        | Refusal::CalendarUnknown { .. }
        | Refusal::Taken
        | Refusal::DailyLimit
        | Refusal::TeamNotFree
        | Refusal::NoRoom => false,
        Refusal::NotAccepted
        | Refusal::NotTrained
        | Refusal::NotOffered
        | Refusal::ClosedDay
        | Refusal::ClosedPeriod(_)
        | Refusal::Holiday(_)
        | Refusal::HolidaysUnknown
        | Refusal::OutsideHours => true,
    }
}

/// A visit that needs another time.
#[derive(Clone, Debug)]
pub struct Stranded {
    /// The time that it loses.
    pub visit: Span,
    /// With whom.
    pub clinician: ClinicianId,
    /// The kind of visit, which stays the same.
    pub service: ServiceId,
    /// The patient's other visits.
    pub elsewhere: Vec<Span>,
}

/// The free times of some services, each clinician's in order.
#[derive(Clone, Debug, Default)]
pub struct Free(HashMap<ServiceId, BTreeMap<ClinicianId, Vec<Span>>>);

impl Free {
    /// Adds what is free for a kind of visit.
    pub fn add(&mut self, service: ServiceId, slots: impl IntoIterator<Item = Slot>) {
        let of_service = self.0.entry(service).or_default();
        for slot in slots {
            of_service.entry(slot.clinician).or_default().push(slot.visit);
        }
        for visits in of_service.values_mut() {
            visits.sort_unstable();
        }
    }
}

/// At most `count` times for each of the stranded visits, in their order. With the same clinician
/// first, unless a colleague is free more than two weeks sooner; nearest first.
///
/// The first time of each is offered to nobody else, so that all can take theirs. `services` tells
/// what is kept free around.
pub fn allot(
    stranded: &[Stranded],
    free: &Free,
    services: &BTreeMap<ServiceId, Service>,
    count: usize,
) -> Vec<Vec<Slot>> {
    let mut promised = Promised::default();
    let firsts: Vec<Option<Slot>> = stranded
        .iter()
        .map(|one| {
            let first = near(one, free, services, &promised, 1).into_iter().next();
            promised.extend(first, services.get(&one.service));
            first
        })
        .collect();
    let rest = count.saturating_sub(1);
    stranded
        .iter()
        .zip(firsts)
        .map(|(one, first)| {
            // Their own first time is promised too, and so does not come again.
            let more = near(one, free, services, &promised, rest);
            first.into_iter().chain(more).take(count).collect()
        })
        .collect()
}

/// What is promised to somebody of each clinician's time.
#[derive(Default)]
struct Promised(HashMap<ClinicianId, Vec<Span>>);

impl Promised {
    fn extend(&mut self, slot: Option<Slot>, service: Option<&Service>) {
        if let Some((slot, service)) = slot.zip(service) {
            self.0.entry(slot.clinician).or_default().push(service.occupied(slot.visit));
        }
    }

    fn overlaps(&self, clinician: ClinicianId, occupied: Span) -> bool {
        let spans = self.0.get(&clinician).map_or(&[][..], Vec::as_slice);
        spans.iter().any(|span| span.overlaps(occupied))
    }
}

fn near(
    one: &Stranded,
    free: &Free,
    services: &BTreeMap<ServiceId, Service>,
    promised: &Promised,
    count: usize,
) -> Vec<Slot> {
    let (Some(of_service), Some(service)) = (free.0.get(&one.service), services.get(&one.service))
    else {
        return Vec::new();
    };
    let distance = |visit: &Span| (visit.start - one.visit.start).abs();
    let mut found = Vec::new();
    for (&clinician, visits) in of_service {
        let fits = |visit: &&Span| {
            !promised.overlaps(clinician, service.occupied(**visit))
                && !one.elsewhere.iter().any(|other| other.overlaps(**visit))
                && (clinician, visit.start) != (one.clinician, one.visit.start)
        };
        let later = visits.partition_point(|visit| visit.start < one.visit.start);
        let before = visits[..later].iter().rev().filter(fits).take(count);
        let after = visits[later..].iter().filter(fits).take(count);
        found.extend(before.chain(after).map(|visit| Slot { visit: *visit, clinician }));
    }
    found.sort_by_key(|slot| {
        let waits = if slot.clinician == one.clinician { TimeDelta::zero() } else { WAITS_FOR };
        (distance(&slot.visit) + waits, slot.visit.start, slot.clinician)
    });
    // One time comes once, with whom it is best.
    let mut starts = Vec::new();
    found.retain(|slot| {
        let new = !starts.contains(&slot.visit.start);
        starts.push(slot.visit.start);
        new
    });
    found.truncate(count);
    found
}

#[cfg(test)]
mod tests;
