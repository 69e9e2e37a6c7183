//! What calendars elsewhere are told: a visit, a person's visits, a doctor's busy times and hours.

use std::net::IpAddr;

use chrono::TimeDelta;
use chrono_tz::Tz;

use super::calendar::{Calendars, Range, today};
use super::clinic::{load_own, own_facility, require_clinician};
use super::limits::network;
use super::{App, Error, Result};
use crate::format::Lang;
use crate::format::ical::event::{self, Appointment, Method, Parties};
use crate::format::ical::freebusy::freebusy as write_freebusy;
use crate::format::ical::hours::{Hours, availability, other_days};
use crate::format::ical::import::{self, Import};
use crate::model::audit::Entry;
use crate::model::booking::Status;
use crate::model::person::Actor;
use crate::model::{ClinicianId, FeedId};
use crate::seal::token::{Token, TokenHash};
use crate::store::{BookingView, FeedRow, Tx};
use crate::time::span::Span;

/// How many feeds one clinician or one patient's browser may have at a time.
const FEEDS: usize = 10;
/// How far back a feed shows visits, in days.
const BACK: i64 = 90;
/// How far ahead feeds, busy times and dates that differ go, in days.
const AHEAD: u16 = 400;
/// How long a program may wait until it reads a feed again, in minutes.
const REFRESH: u32 = 60;

/// What a calendar is told of a booking. Its address asks the reader to sign in.
fn appointment(app: &App, view: &BookingView, clinic: bool) -> Option<Appointment> {
    let zone: Tz = view.details.zone.parse().ok()?;
    let (id, door) = (view.booking.id, if clinic { "staff/visit" } else { "visit" });
    let portal = format!("{}/{door}/{id}", app.public_url);
    Appointment::of(&view.booking, zone, portal)
}

/// A booking as a calendar, for its patient to keep; nothing where it has no time.
pub fn calendar(app: &App, view: &BookingView, language: Lang) -> Option<String> {
    let one = appointment(app, view, false)?;
    Some(event::single(&one, Method::Publish, language, app.clock.now()))
}

/// The same for a message: an invitation while the visit stands, a cancellation once it does not.
/// With the name of its method, which the part's media type repeats (RFC 6047, 2.4).
pub fn invitation(
    app: &App,
    view: &BookingView,
    parties: Parties<'_>,
    language: Lang,
) -> Option<(&'static str, String)> {
    let one = appointment(app, view, false)?;
    let off = matches!(one.status, Status::Cancelled | Status::Declined | Status::Expired);
    let method = if off { Method::Cancel(parties) } else { Method::Request(parties) };
    Some((method.name(), event::single(&one, method, language, app.clock.now())))
}

/// A feed with its secret, which is told once.
pub struct NewFeed {
    /// As it is listed.
    pub row: FeedRow,
    /// Its address.
    pub address: String,
}

fn new_feed(app: &App, clinician: Option<ClinicianId>, language: Lang) -> (NewFeed, TokenHash) {
    let secret = Token::random();
    let row = FeedRow {
        id: FeedId::new(),
        clinician_id: clinician,
        language: language.tag().to_owned(),
        created_at: app.clock.now(),
        read_at: None,
    };
    let address = format!("{}/calendars/{}.ics", app.public_url, secret.reveal());
    (NewFeed { row, address }, secret.hash())
}

/// Makes an address at which a calendar program reads a doctor's visits.
pub async fn add_for_clinician(
    app: &App,
    actor: &Actor,
    clinician: ClinicianId,
    language: Lang,
) -> Result<NewFeed> {
    let facility = own_facility(actor)?;
    let (feed, secret) = new_feed(app, Some(clinician), language);
    let mut tx = app.store.begin().await?;
    require_clinician(&mut tx, facility, clinician).await?;
    if tx.clinician_feeds(facility, clinician).await?.len() >= FEEDS {
        return Err(Error::invalid("/clinician_id", "too_many"));
    }
    tx.add_feed(&feed.row, &secret, None).await?;
    let entry = Entry::of(actor, "feed.add", feed.row.id, feed.row.created_at);
    tx.commit(entry.at_facility(facility)).await?;
    Ok(feed)
}

/// A doctor's feeds.
pub async fn of_clinician(
    app: &App,
    actor: &Actor,
    clinician: ClinicianId,
) -> Result<Vec<FeedRow>> {
    let facility = own_facility(actor)?;
    Ok(app.store.read().await?.clinician_feeds(facility, clinician).await?)
}

/// Ends a doctor's feed: its address is found no more.
pub async fn revoke_for_clinician(app: &App, actor: &Actor, id: FeedId) -> Result<()> {
    let (facility, now) = (own_facility(actor)?, app.clock.now());
    let mut tx = app.store.begin().await?;
    if !tx.revoke_clinician_feed(facility, id, now).await? {
        return Err(Error::NotFound);
    }
    Ok(tx.commit(Entry::of(actor, "feed.revoke", id, now).at_facility(facility)).await?)
}

fn session_of(actor: &Actor) -> Result<&TokenHash> {
    match actor {
        Actor::Patient { session, .. } => Ok(session),
        _ => Err(Error::SignedOut),
    }
}

/// Makes an address at which a calendar program reads the visits that this browser opened, and
/// those that it opens later.
pub async fn add_mine(app: &App, actor: &Actor, language: Lang) -> Result<NewFeed> {
    let session = session_of(actor)?;
    let (feed, secret) = new_feed(app, None, language);
    let mut tx = app.store.begin().await?;
    if tx.session_feeds(session).await?.len() >= FEEDS {
        return Err(Error::invalid("/language", "too_many"));
    }
    tx.add_feed(&feed.row, &secret, Some(session)).await?;
    tx.commit(Entry::of(actor, "feed.add", feed.row.id, feed.row.created_at)).await?;
    Ok(feed)
}

/// The feeds that this browser made.
pub async fn mine(app: &App, actor: &Actor) -> Result<Vec<FeedRow>> {
    Ok(app.store.read().await?.session_feeds(session_of(actor)?).await?)
}

/// Ends a feed that this browser made.
pub async fn revoke_mine(app: &App, actor: &Actor, id: FeedId) -> Result<()> {
    let (session, now) = (session_of(actor)?, app.clock.now());
    let mut tx = app.store.begin().await?;
    if !tx.revoke_session_feed(session, id, now).await? {
        return Err(Error::NotFound);
    }
    Ok(tx.commit(Entry::of(actor, "feed.revoke", id, now)).await?)
}

/// The calendar behind a feed's secret.
pub async fn read(app: &App, secret: &Token, address: IpAddr) -> Result<String> {
    app.limits.feed_address.check(&network(address))?;
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let (row, facility) = tx.feed(&secret.hash()).await?.ok_or(Error::NotFound)?;
    let reach = Span { start: now - TimeDelta::days(BACK), end: now + days(AHEAD) };
    let mut views = Vec::new();
    if let (Some(facility), Some(clinician)) = (facility, row.clinician_id) {
        views = tx.visits_between(facility, reach).await?;
        views.retain(|view| view.booking.clinician == clinician);
    } else {
        for id in tx.bookings_of_feed(row.id).await? {
            views.extend(tx.booking_view(id).await?);
        }
        views.retain(|view| view.booking.visit().is_some_and(|visit| visit.overlaps(reach)));
    }
    views.retain(|view| shown(view.booking.status));
    views.sort_by_key(|view| (view.booking.starts_at, view.booking.id));
    tx.note_feed_read(row.id, now).await?;
    tx.commit_unaudited().await?;
    let language = if row.language == "en" { Lang::En } else { Lang::Ja };
    let clinic = row.clinician_id.is_some();
    let visits: Vec<_> = views.iter().filter_map(|view| appointment(app, view, clinic)).collect();
    Ok(event::feed(&visits, language.pick("予約", "Appointments"), REFRESH, language, now))
}

/// Whether a calendar shows a visit: one that stands or was held. Others vanish from it.
fn shown(status: Status) -> bool {
    matches!(status, Status::Fulfilled) || (status.occupies() && status != Status::Held)
}

fn days(count: u16) -> TimeDelta {
    TimeDelta::days(count.into())
}

/// When a doctor is busy, with visits or elsewhere, without a word on what with.
pub async fn freebusy(app: &App, actor: &Actor, clinician: ClinicianId) -> Result<String> {
    let (facility, now) = (own_facility(actor)?, app.clock.now());
    let window = Span { start: now, end: now + days(AHEAD) };
    let mut tx = app.store.read().await?;
    require_clinician(&mut tx, facility, clinician).await?;
    let (_, all) = tx.taken_at(facility, window).await?.ok_or(Error::NotFound)?;
    let busy = all.into_iter().filter(|one| one.clinician == clinician && !one.is_over(now));
    let busy: Vec<Span> = busy.map(|one| one.busy.span).collect();
    Ok(write_freebusy(&clinician.to_string(), &app.public_url, window, &busy, now))
}

/// A doctor's hours as rules, with the dates of the next year that differ.
pub async fn hours(app: &App, actor: &Actor, clinician: ClinicianId) -> Result<String> {
    let now = app.clock.now();
    let mut tx = app.store.read().await?;
    let facility = load_own(&mut tx, actor).await?;
    let from = today(&facility, now);
    let range = Range { from, count: AHEAD };
    let calendars = Calendars::seen(app, &mut tx, facility.id, range, now).await?;
    let all = calendars.of(app, facility.id, Some(clinician));
    let calendar = all.first().ok_or(Error::NotFound)?;
    let others = other_days(calendar, from, AHEAD);
    let until = from + days(AHEAD);
    let hours = &calendar.roster.hours;
    let of = Hours { clinician, zone: facility.zone, hours, from, others: &others, until };
    Ok(availability(&of, now))
}

/// What a file's hours would be as ours; nothing is changed.
pub async fn preview_hours(
    app: &App,
    actor: &Actor,
    clinician: ClinicianId,
    file: Vec<u8>,
) -> Result<Import> {
    let mut tx: Tx = app.store.read().await?;
    let facility = load_own(&mut tx, actor).await?;
    require_clinician(&mut tx, facility.id, clinician).await?;
    drop(tx);
    let (zone, from) = (facility.zone, today(&facility, app.clock.now()));
    let read = tokio::task::spawn_blocking(move || import::hours(&file, zone, from)).await;
    let read = read.map_err(|_| Error::invalid("/file", "calendar_unreadable"))?;
    read.map_err(|refusal| Error::invalid("/file", refusal.code()))
}
