//! Visits that come again: the same patient, kind of visit and local time, every so many days. What
//! is proposed is chosen and booked in one step: all of it, or nothing.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use rand::RngCore;
use serde_json::json;

use super::booking::{CancelReason, find_offer, load, make_room};
use super::calendar::{self, Wished};
use super::confirm;
use super::{App, Error, Result, messages, outside, quota, untangled};
use crate::engine::booking::{self as rules, Wish};
use crate::engine::slots::Slot;
use crate::model::audit::Entry;
use crate::model::booking::{Booking, Origin, Status};
use crate::model::facility::{Offer, Stage};
use crate::model::person::Actor;
use crate::model::{BookingId, ClinicianId, SeriesId};
use crate::seal::token::Token;
use crate::store::{BookingView, Confirmation, FacilityFilter, Tx};
use crate::time::Instant;
use crate::time::zone::{LocalDay, date_of};

/// The most visits that are added at once.
const MOST: usize = 11;
/// Visits that one patient may have ahead when they book by themselves.
const OPEN: i64 = 5;

/// How visits come again.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Days from one to the next: 1 to 56.
    pub every_days: u16,
    /// How many are added.
    pub count: usize,
}

/// What one of the visits could be.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// The local date on which it would be.
    pub date: NaiveDate,
    /// The same time on that day, where it is free.
    pub slot: Option<Slot>,
    /// Why it is not, by the stable code.
    pub code: Option<&'static str>,
    /// Near times that are free instead.
    pub alternatives: Vec<Slot>,
}

/// What would follow `id` by `plan`. Nothing is written.
pub async fn propose(app: &App, actor: &Actor, id: BookingId, plan: Plan) -> Result<Vec<Proposal>> {
    if !(1..=56).contains(&plan.every_days) {
        return Err(Error::invalid("/every_days", "range"));
    }
    if !(1..=MOST).contains(&plan.count) {
        return Err(Error::invalid("/count", "range"));
    }
    let now = app.clock.now();
    let mut tx = app.store.read().await?;
    let (booking, offer) = first(&mut tx, actor, id).await?;
    let zone = tx.facility(booking.facility).await?.ok_or(Error::NotFound)?.zone;
    let day = date_of(zone, booking.starts_at);
    let minute = minute_of(zone, booking.starts_at);
    let mut proposals = Vec::with_capacity(plan.count);
    for n in 1..=plan.count {
        let days = u64::from(plan.every_days) * u64::try_from(n).unwrap_or(0);
        let Some(date) = day.checked_add_days(chrono::Days::new(days)) else { break };
        // A local time that does not exist on that day is looked for from the day's start.
        let local = LocalDay::new(zone, date);
        let start = local.as_ref().and_then(|day| day.at(minute).or(Some(day.span.start)));
        let Some(start) = start else { continue };
        let clinician = Some(booking.clinician);
        let wished = Wished { facility: booking.facility, clinician, start };
        let calendars = calendar::around(app, &mut tx, &wished, now).await?;
        let verdict = calendar::verdict(app, calendars, &offer.service, &wished, now);
        let error = match verdict {
            Ok(place) => {
                let slot = Some(place.slot);
                proposals.push(Proposal { date, slot, code: None, alternatives: Vec::new() });
                continue;
            }
            Err(error) => error,
        };
        let of = offer.service.id;
        match calendar::with_near_in(app, &mut tx, error, of, &wished).await {
            Error::NotFree { code, alternatives } => {
                proposals.push(Proposal { date, slot: None, code: Some(code), alternatives });
            }
            error => return Err(error),
        }
    }
    Ok(proposals)
}

fn minute_of(zone: chrono_tz::Tz, at: Instant) -> u16 {
    use chrono::Timelike;
    let local = at.with_timezone(&zone);
    u16::try_from(local.hour() * 60 + local.minute()).unwrap_or(0)
}

/// The booking that the others follow, and its kind of visit.
async fn first(tx: &mut Tx, actor: &Actor, id: BookingId) -> Result<(Booking, Offer)> {
    let booking = tx.booking(id).await?.ok_or(Error::NotFound)?;
    super::booking::party(actor, &booking)?;
    let agreed = [Status::Requested, Status::Booked, Status::CheckedIn, Status::Fulfilled];
    if !agreed.contains(&booking.status) {
        return Err(Error::Refused("wrong_status"));
    }
    let offers = tx.offers(&FacilityFilter::one(booking.facility)).await?;
    let offer = find_offer(&offers, booking.service)?;
    if offer.visit == Stage::First {
        return Err(Error::Refused("first_visit_once"));
    }
    Ok((booking, offer))
}

/// The visits of the series of `id`, past and called off ones too; none where it has no series. A
/// patient sees those that their browser opened.
pub async fn visits(app: &App, actor: &Actor, id: BookingId) -> Result<Vec<BookingView>> {
    let mut tx = app.store.read().await?;
    let booking = tx.booking(id).await?.ok_or(Error::NotFound)?;
    super::booking::party(actor, &booking)?;
    let Some(series) = booking.series else { return Ok(Vec::new()) };
    let mut views = Vec::new();
    for one in tx.series_visits(series).await? {
        let Some(view) = tx.booking_view(one).await? else { continue };
        if super::booking::party(actor, &view.booking).is_ok() {
            views.push(view);
        }
    }
    Ok(views)
}

/// Books the chosen times after `id`: all of them, or none.
pub async fn book(
    app: &App,
    actor: &Actor,
    id: BookingId,
    chosen: &[(ClinicianId, Instant)],
) -> Result<Vec<BookingView>> {
    if !(1..=MOST).contains(&chosen.len()) {
        return Err(Error::invalid("/visits", "range"));
    }
    let mut chosen = chosen.to_vec();
    chosen.sort_by_key(|(_, start)| *start);
    if actor.holds(id) || actor.facility().is_some() {
        let clinicians: BTreeSet<_> = chosen.iter().map(|(clinician, _)| *clinician).collect();
        for clinician in clinicians {
            outside::recheck(app, id, Some(clinician)).await?;
        }
    }
    let made = untangled(|| book_once(app, actor, id, &chosen)).await?;
    let mut views = Vec::with_capacity(made.len());
    for id in made {
        views.push(load(app, id).await?);
    }
    Ok(views)
}

async fn book_once(
    app: &App,
    actor: &Actor,
    id: BookingId,
    chosen: &[(ClinicianId, Instant)],
) -> Result<Vec<BookingId>> {
    let now = app.clock.now();
    let view = app.store.read().await?.booking_view(id).await?.ok_or(Error::NotFound)?;
    let mut tx = app.store.begin().await?;
    let (booking, offer) = first(&mut tx, actor, id).await?;
    let patient = booking.patient.ok_or(Error::NotFound)?;
    tx.rely_on_hours(booking.facility).await?;
    // In one order for all, so that two series do not wait for each other.
    let mut clinicians: Vec<_> = chosen.iter().map(|(clinician, _)| clinician.0).collect();
    clinicians.sort_unstable();
    clinicians.dedup();
    for clinician in clinicians {
        tx.lock(clinician).await?;
    }
    tx.lock(patient.0).await?;
    let by_patient = actor.holds(id);
    let many = i64::try_from(chosen.len()).unwrap_or(i64::MAX);
    if by_patient && tx.open_bookings(patient, now).await? + many > OPEN {
        return Err(Error::Refused("too_many_bookings"));
    }
    let series = booking.series.unwrap_or_else(SeriesId::new);
    tx.put_in_series(id, series).await?;
    let mut made = Vec::with_capacity(chosen.len());
    for (clinician, start) in chosen {
        let to = (*clinician, *start);
        made.push(add_one(app, &mut tx, actor, (&view, &offer, series), to, now).await?);
    }
    let entry = Entry::of(actor, "series.book", series.0, now).at_facility(booking.facility);
    tx.commit(entry.with(json!({ "first": id, "visits": made }))).await?;
    Ok(made)
}

/// Adds one visit of a series, as a hold that is confirmed at once with what was answered before.
async fn add_one(
    app: &App,
    tx: &mut Tx,
    actor: &Actor,
    (view, offer, series): (&BookingView, &Offer, SeriesId),
    (clinician, start): (ClinicianId, Instant),
    now: Instant,
) -> Result<BookingId> {
    let (first, service) = (&view.booking, &offer.service);
    let wished = Wished { facility: first.facility, clinician: Some(clinician), start };
    let calendars = calendar::around(app, tx, &wished, now).await?;
    let place = match calendar::verdict(app, calendars, service, &wished, now) {
        Ok(place) => place,
        Err(error) => {
            return Err(calendar::with_near_in(app, tx, error, service.id, &wished).await);
        }
    };
    make_room(tx, &place, service, now).await?;
    let id = BookingId::new();
    let held = rules::hold(id, &place, service, first.patient, now);
    let held = Booking { origin: Origin::Series, series: Some(series), ..held };
    tx.add_place(&held, &place.companions).await?;
    let patient = first.patient.ok_or(Error::NotFound)?;
    quota::confirmed(tx, &held, (patient, offer), now).await?;
    let number = rules::number_from(rand::rng().next_u64());
    let answer_within = service.needs_approval.then_some(offer.answer_within);
    let next = rules::apply(&held, Wish::Confirm { patient, number, answer_within }, now)?;
    let (key, answers) = confirm::opened(view, &app.vault)?.ok_or(Error::NotFound)?;
    let details = &view.details;
    let confirmation = Confirmation {
        link: Token::random().hash(),
        for_whom: if details.for_whom.as_deref() == Some("family") { "family" } else { "self" },
        language: confirm::Speech::stored(details.language.as_deref()).name(),
        questionnaire: confirm::sealed(&key, id, &answers),
        consented_at: now,
    };
    tx.confirm_booking(&next, held.version, &confirmation).await?;
    tx.keep_visit(id, first.facility).await?;
    tx.carry_intake(first.id, id).await?;
    messages::queue(tx, app, messages::confirmed(&next), &next, now).await?;
    if let Actor::Patient { session, .. } = actor {
        tx.open_booking(session, id).await?;
    }
    Ok(id)
}

/// Calls off what is left of a series, from `id` on: each visit by the rule that holds for it. Those
/// that were called off, and those that were not with the reason why.
pub async fn cancel(
    app: &App,
    actor: &Actor,
    id: BookingId,
    reason: CancelReason,
) -> Result<Vec<(BookingId, std::result::Result<(), &'static str>)>> {
    let mut tx = app.store.read().await?;
    let booking = tx.booking(id).await?.ok_or(Error::NotFound)?;
    super::booking::party(actor, &booking)?;
    let series = booking.series.ok_or(Error::Refused("no_series"))?;
    let ahead = tx.series_ahead(series, booking.starts_at).await?;
    drop(tx);
    let mut told = Vec::with_capacity(ahead.len());
    for one in ahead {
        match super::booking::cancel(app, actor, one, reason).await {
            Ok(_) => told.push((one, Ok(()))),
            Err(Error::Refused(code)) => told.push((one, Err(code))),
            // Opened by another browser of the same person.
            Err(Error::NotFound) => told.push((one, Err("not_found"))),
            Err(error) => return Err(error),
        }
    }
    Ok(told)
}
