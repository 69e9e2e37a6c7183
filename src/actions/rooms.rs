//! Where a clinic's patients are received, and its named overbooking capacities.

use serde_json::json;

use super::clinic::own_facility;
use super::{App, Error, Result};
use crate::format::seeds;
use crate::model::audit::Entry;
use crate::model::facility::canonical;
use crate::model::person::Actor;
use crate::model::{OverbookingId, RoomId, SiteId};
use crate::store::{OverbookingRow, RoomRow, SiteRow};

/// Rooms that a clinic can have.
const MOST_ROOMS: usize = 100;
/// Named capacities that a clinic can have; the schema's lanes.
const MOST_LANES: i64 = 8;

/// Where a new room is.
#[derive(Clone, Debug)]
pub enum Site {
    /// At a place where the clinic has a room already.
    Known(SiteId),
    /// At a new one.
    New {
        /// Its name.
        name: String,
        /// Street address.
        address: String,
        /// Six-digit code of its municipality.
        municipality_code: String,
        /// Telephone.
        telephone: String,
    },
}

/// The rooms of the actor's clinic.
pub async fn rooms(app: &App, actor: &Actor) -> Result<Vec<RoomRow>> {
    let facility = own_facility(actor)?;
    Ok(app.store.read().await?.rooms_of(facility).await?)
}

/// Adds a room.
pub async fn add_room(app: &App, actor: &Actor, site: Site, name: &str) -> Result<Vec<RoomRow>> {
    let name = text("/name", name, 50)?;
    let facility = own_facility(actor)?;
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let known = tx.rooms_of(facility).await?;
    if known.len() >= MOST_ROOMS {
        return Err(Error::Refused("too_many_rooms"));
    }
    let site_id = match site {
        Site::Known(id) if known.iter().any(|room| room.site_id == id) => id,
        Site::Known(_) => return Err(Error::NotFound),
        Site::New { name, address, municipality_code, telephone } => {
            let row = SiteRow {
                id: SiteId::new(),
                name: text("/site/name", &name, 100)?,
                address: text("/site/address", &address, 200)?,
                municipality_code: municipality(&municipality_code)?,
                telephone: text("/site/telephone", &telephone, 30)?,
            };
            tx.add_site(&row).await?;
            row.id
        }
    };
    if known.iter().any(|room| room.site_id == site_id && room.name == name) {
        return Err(Error::invalid("/name", "taken"));
    }
    let id = RoomId::new();
    tx.add_room(facility, site_id, id, &name).await?;
    let entry = Entry::of(actor, "room.add", id, now).at_facility(facility);
    tx.commit(entry.with(json!({ "site": site_id }))).await?;
    rooms(app, actor).await
}

/// Names a room, if its name is still `was`. One that other clinics use too keeps its name.
pub async fn name_room(
    app: &App,
    actor: &Actor,
    id: RoomId,
    was: &str,
    name: &str,
) -> Result<Vec<RoomRow>> {
    let name = text("/name", name, 50)?;
    let facility = own_facility(actor)?;
    let mut tx = app.store.begin().await?;
    if !tx.rooms_of(facility).await?.iter().any(|room| room.id == id) {
        return Err(Error::NotFound);
    }
    if tx.users_of_room(id).await? > 1 {
        return Err(Error::Refused("room_shared"));
    }
    tx.name_room(id, was, &name).await?;
    let entry = Entry::of(actor, "room.name", id, app.clock.now());
    tx.commit(entry.at_facility(facility)).await?;
    rooms(app, actor).await
}

/// Lets the clinic use a room no more.
pub async fn remove_room(app: &App, actor: &Actor, id: RoomId) -> Result<()> {
    let facility = own_facility(actor)?;
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    if !tx.rooms_of(facility).await?.iter().any(|room| room.id == id) {
        return Err(Error::NotFound);
    }
    tx.change_hours(facility).await?;
    if tx.visits_in_room(facility, id, now).await? > 0 {
        return Err(Error::Refused("room_in_use"));
    }
    tx.leave_room(facility, id, now).await?;
    Ok(tx.commit(Entry::of(actor, "room.remove", id, now).at_facility(facility)).await?)
}

/// The named capacities of the actor's clinic that are open.
pub async fn overbookings(app: &App, actor: &Actor) -> Result<Vec<OverbookingRow>> {
    let facility = own_facility(actor)?;
    let mut all = app.store.read().await?.overbookings(facility).await?;
    all.retain(|one| one.closed_at.is_none());
    Ok(all)
}

/// Adds a named capacity.
pub async fn add_overbooking(app: &App, actor: &Actor, name: &str) -> Result<Vec<OverbookingRow>> {
    let name = text("/name", name, 50)?;
    let facility = own_facility(actor)?;
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let known = tx.overbookings(facility).await?;
    let open = |lane: i64| known.iter().any(|one| one.lane == lane && one.closed_at.is_none());
    if known.iter().any(|one| one.name == name && one.closed_at.is_none()) {
        return Err(Error::invalid("/name", "taken"));
    }
    let lane = (1..=MOST_LANES).find(|lane| !open(*lane));
    let lane = lane.ok_or(Error::Refused("too_many_overbookings"))?;
    let id = OverbookingId::new();
    tx.open_overbooking(facility, id, lane, &name).await?;
    let entry = Entry::of(actor, "overbooking.add", id, now).at_facility(facility);
    tx.commit(entry.with(json!({ "lane": lane }))).await?;
    overbookings(app, actor).await
}

/// Names a capacity, if its name is still `was`.
pub async fn name_overbooking(
    app: &App,
    actor: &Actor,
    id: OverbookingId,
    was: &str,
    name: &str,
) -> Result<Vec<OverbookingRow>> {
    let name = text("/name", name, 50)?;
    let facility = own_facility(actor)?;
    let mut tx = app.store.begin().await?;
    let known = tx.overbookings(facility).await?;
    if !known.iter().any(|one| one.id == id && one.closed_at.is_none()) {
        return Err(Error::NotFound);
    }
    tx.name_overbooking(facility, id, was, &name).await?;
    let entry = Entry::of(actor, "overbooking.name", id, app.clock.now());
    tx.commit(entry.at_facility(facility)).await?;
    overbookings(app, actor).await
}

/// Closes a named capacity for new bookings; those that are in it stay.
pub async fn remove_overbooking(app: &App, actor: &Actor, id: OverbookingId) -> Result<()> {
    let facility = own_facility(actor)?;
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let known = tx.overbookings(facility).await?;
    if !known.iter().any(|one| one.id == id && one.closed_at.is_none()) {
        return Err(Error::NotFound);
    }
    tx.close_overbooking(facility, id, now).await?;
    Ok(tx.commit(Entry::of(actor, "overbooking.remove", id, now).at_facility(facility)).await?)
}

/// A text of one line, neither empty nor too long.
pub(in crate::actions) fn text(pointer: &'static str, text: &str, most: usize) -> Result<String> {
    if text.trim().chars().any(char::is_control) {
        return Err(Error::invalid(pointer, "one_line"));
    }
    let text = canonical(text);
    if text.is_empty() {
        return Err(Error::invalid(pointer, "required"));
    }
    if text.chars().count() > most {
        return Err(Error::invalid(pointer, "too_long"));
    }
    Ok(text)
}

/// The code of a municipality that there is.
fn municipality(code: &str) -> Result<String> {
    let known = seeds::municipality(code).map(|one| one.code.clone());
    known.ok_or(Error::invalid("/site/municipality_code", "unknown"))
}
