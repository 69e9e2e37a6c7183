//! A free time becomes a place: which seat, which room, who else. What the database keeps apart is
//! named here, so that two who want the same place want the same names.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use uuid::Uuid;

use crate::model::schedule::Service;
use crate::model::{ClinicianId, RoomId};
use crate::time::Instant;
use crate::time::span::Span;
use crate::time::zone::date_of;

use super::super::availability::Calendar;
use super::claims::taken_seats;
use super::{Refusal, Slot, check};

/// A free time with all that a booking of it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// When and with whom.
    pub slot: Slot,
    /// What the patients of one group share; nothing where the visit is for one patient.
    pub session: Option<Uuid>,
    /// The seat in the group.
    pub seat: u16,
    /// The room.
    pub room: Option<RoomId>,
    /// The facility's date, where the day's visits of this kind are limited, and the place among
    /// them.
    pub day: Option<(NaiveDate, u16)>,
    /// Who must be there beside the slot's clinician.
    pub companions: Vec<ClinicianId>,
}

impl Place {
    /// A clinician's time and nothing else.
    pub fn plain(slot: Slot) -> Self {
        Self { slot, session: None, seat: 0, room: None, day: None, companions: Vec::new() }
    }
}

/// The place at `start`, if a visit can start there; the one answer for hold, booking and change.
pub fn place(
    calendar: &Calendar<'_>,
    service: &Service,
    start: Instant,
    now: Instant,
) -> Result<Place, Refusal> {
    let slot = check(calendar, service, start, now)?;
    let demands = &service.demands;
    let group = demands.capacity > 1;
    let seats = taken_seats(calendar, service, slot.visit);
    let occupied = service.occupied(slot.visit);
    let mut rooms = calendar.practice.rooms.iter().filter(|room| room.is_free(occupied));
    let room = if demands.needs_room { rooms.next().map(|room| room.room) } else { None };
    Ok(Place {
        session: group.then(|| session_of(service, slot)),
        seat: if group { lowest_free(&seats) } else { 0 },
        room,
        day: demands.daily_limit.map(|_| day_place(calendar, service, slot.visit)),
        companions: demands.companions(slot.clinician).collect(),
        slot,
    })
}

/// Of those whose calendars are given and who are free at `start`, the one with the least to do
/// that day, then in the days around; of two alike the one named first. If nobody is, the reason
/// of whoever came nearest.
pub fn choose(
    calendars: &[Calendar<'_>],
    service: &Service,
    start: Instant,
    now: Instant,
) -> Result<Place, Refusal> {
    let mut refusals = Vec::new();
    let mut free = Vec::new();
    for calendar in calendars {
        match place(calendar, service, start, now) {
            Ok(place) => free.push((load(calendar, start), place)),
            Err(why) => refusals.push(why),
        }
    }
    let chosen = free.into_iter().min_by_key(|(load, _)| *load).map(|(_, place)| place);
    let nearest = refusals.into_iter().min_by_key(how_far);
    chosen.ok_or(nearest.unwrap_or(Refusal::OutsideHours))
}

/// How far from being free somebody is who is refused so: who is merely taken is nearest.
fn how_far(refusal: &Refusal) -> u8 {
    match refusal {
        Refusal::Taken => 0,
        Refusal::DailyLimit | Refusal::TeamNotFree | Refusal::NoRoom => 1,
        Refusal::NotOffered => 3,
        _ => 2,
    }
}

/// Minutes taken on the day of `start`, and in all that is known.
fn load(calendar: &Calendar<'_>, start: Instant) -> (i64, i64) {
    let zone = calendar.practice.zone;
    let date = date_of(zone, start);
    let taken = calendar.roster.taken().iter();
    let minutes = |span: &Span| span.length().num_minutes();
    let of_day = taken.clone().filter(|span| date_of(zone, span.start) == date);
    (of_day.map(minutes).sum(), taken.map(minutes).sum())
}

/// The same for everybody who wants a seat of this group.
fn session_of(service: &Service, slot: Slot) -> Uuid {
    let name = format!("{}/{}", slot.clinician, slot.visit.start.timestamp());
    Uuid::new_v5(&service.id.0, name.as_bytes())
}

fn day_place(calendar: &Calendar<'_>, service: &Service, visit: Span) -> (NaiveDate, u16) {
    let zone = calendar.practice.zone;
    let date = date_of(zone, visit.start);
    let of_day = calendar.roster.visits_of(service.id);
    let of_day = of_day.filter(|(_, placed)| date_of(zone, placed.start) == date);
    (date, lowest_free(&of_day.filter_map(|(_, placed)| placed.day_seat).collect()))
}

fn lowest_free(taken: &BTreeSet<u16>) -> u16 {
    (0..=u16::MAX).find(|seat| !taken.contains(seat)).unwrap_or(u16::MAX)
}
