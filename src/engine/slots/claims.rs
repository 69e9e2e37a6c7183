//! What a visit needs beside its clinician's free time: a seat of a group, a place among the day's
//! visits of its kind, colleagues, a room.

use std::collections::BTreeSet;

use crate::model::schedule::Service;
use crate::time::Instant;
use crate::time::span::Span;
use crate::time::zone::{LocalDay, date_of};

use super::super::availability::{Busy, Calendar, Placed};
use super::Refusal;
use super::explain::{Fact, Finding};

/// Whether `busy` keeps `visit` from its time. The other patients of the same group do not.
pub(super) fn is_in_the_way(busy: &Busy, service: &Service, visit: Span) -> bool {
    let same = |placed: Placed| placed.service == service.id && placed.start == visit.start;
    service.demands.capacity <= 1 || !busy.visit.is_some_and(same)
}

/// Whether everything that `visit` needs can be had.
pub(super) fn are_met(
    calendar: &Calendar<'_>,
    service: &Service,
    visit: Span,
    now: Instant,
) -> bool {
    if service.demands.are_plain() {
        return true;
    }
    let mut busy = calendar.roster.busy_in(service.occupied(visit));
    !busy.any(|one| is_in_the_way(one, service, visit))
        && findings(calendar, service, visit, now).iter().all(|finding| finding.refusal.is_none())
}

/// What is asked of each demand, and found.
pub(super) fn findings(
    calendar: &Calendar<'_>,
    service: &Service,
    visit: Span,
    now: Instant,
) -> Vec<Finding> {
    let mut found = Vec::new();
    found.extend(seats(calendar, service, visit));
    found.extend(day_limit(calendar, service, visit));
    found.extend(colleagues(calendar, service, visit, now));
    found.extend(rooms(calendar, service, visit));
    found
}

fn seats(calendar: &Calendar<'_>, service: &Service, visit: Span) -> Option<Finding> {
    let of = service.demands.capacity;
    if of <= 1 {
        return None;
    }
    let taken = taken_seats(calendar, service, visit).len();
    let full = taken >= usize::from(of);
    Some(Finding { fact: Fact::Seats { taken, of }, refusal: full.then_some(Refusal::Taken) })
}

/// The seats of this visit's group that are taken.
pub(super) fn taken_seats(
    calendar: &Calendar<'_>,
    service: &Service,
    visit: Span,
) -> BTreeSet<u16> {
    let sessions = calendar.roster.visits_of(service.id);
    let same = sessions.filter(|(_, placed)| placed.start == visit.start);
    same.map(|(_, placed)| placed.seat).collect()
}

fn day_limit(calendar: &Calendar<'_>, service: &Service, visit: Span) -> Option<Finding> {
    let most = service.demands.daily_limit?;
    let date = date_of(calendar.practice.zone, visit.start);
    let zone = calendar.practice.zone;
    let of_day = calendar.roster.visits_of(service.id);
    let used = of_day.filter(|(_, placed)| date_of(zone, placed.start) == date).count();
    let over = used >= usize::from(most);
    let refusal = over.then_some(Refusal::DailyLimit);
    Some(Finding { fact: Fact::DayLimit { used, most }, refusal })
}

fn colleagues(
    calendar: &Calendar<'_>,
    service: &Service,
    visit: Span,
    now: Instant,
) -> Vec<Finding> {
    let companions = service.demands.companions(calendar.roster.clinician);
    let asked = companions.map(|companion| {
        let is_there = |one: Calendar<'_>| is_there(&one, service, visit, now);
        let free = calendar.colleague(companion).is_some_and(is_there);
        let refusal = (!free).then_some(Refusal::TeamNotFree);
        Finding { fact: Fact::Colleague(companion), refusal }
    });
    asked.collect()
}

/// Whether the calendar's clinician works all through `visit` and has nothing else, as far as that
/// is known.
fn is_there(calendar: &Calendar<'_>, service: &Service, visit: Span, now: Instant) -> bool {
    let occupied = service.occupied(visit);
    let elsewhere = calendar.roster.elsewhere;
    if elsewhere.stale_at(now).is_some() || !elsewhere.reaches(occupied) {
        return false;
    }
    let Some(day) = LocalDay::of(calendar.practice.zone, visit.start) else { return false };
    let open = calendar.open(service.id, &day).unwrap_or_default();
    open.iter().any(|stretch| stretch.contains(visit))
        && calendar.roster.busy_in(occupied).next().is_none()
}

fn rooms(calendar: &Calendar<'_>, service: &Service, visit: Span) -> Option<Finding> {
    if !service.demands.needs_room {
        return None;
    }
    let occupied = service.occupied(visit);
    let rooms = &calendar.practice.rooms;
    let free = rooms.iter().filter(|room| room.is_free(occupied)).count();
    let refusal = (free == 0).then_some(Refusal::NoRoom);
    Some(Finding { fact: Fact::Rooms { free, of: rooms.len() }, refusal })
}
