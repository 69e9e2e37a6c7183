//! Reception facilities (オンライン診療受診施設, 医療法 2条の2②): whoever runs one keeps what the law asks
//! of it; a clinic says that it is fit for its patients; everybody can read who is linked and what
//! its use costs.

use serde_json::json;

use super::clinic::own_facility;
use super::rooms::text;
use super::{App, Error, Result};
use crate::format::{filings, seeds};
use crate::model::audit::Entry;
use crate::model::filing::Reception;
use crate::model::person::{Account, Actor, Role};
use crate::model::{FacilityId, RoomId, SiteId};
use crate::store::{LinkRow, Tx};

/// Places that one account can run.
const MOST: usize = 50;
/// Rooms that one place can have.
const MOST_ROOMS: usize = 100;
/// Institutions that one place can be linked with.
const MOST_LINKS: usize = 200;
/// The highest fee for the use, in yen.
const FEE_MOST: i64 = 1_000_000;
/// The longest words on fitness, in characters.
const FITNESS_MOST: usize = 1000;

/// A reception facility with its rooms and its institutions.
#[derive(Clone, Debug)]
pub struct Place {
    /// It.
    pub site: Reception,
    /// Its rooms.
    pub rooms: Vec<(RoomId, String)>,
    /// Its institutions, asked or confirmed.
    pub links: Vec<LinkRow>,
}

fn operator(actor: &Actor) -> Result<&Account> {
    let account = actor.account().filter(|account| account.role == Role::FacilityOperator);
    account.ok_or(Error::Forbidden)
}

async fn own(tx: &mut Tx, actor: &Actor, id: SiteId) -> Result<Reception> {
    let account = operator(actor)?;
    let site = tx.reception(id).await?.filter(|site| site.operator == account.id);
    site.ok_or(Error::NotFound)
}

async fn place(tx: &mut Tx, site: Reception) -> Result<Place> {
    let rooms = tx.rooms_of_site(site.id).await?;
    let links = tx.links_of_site(site.id).await?;
    Ok(Place { site, rooms, links })
}

async fn places(tx: &mut Tx, sites: Vec<Reception>) -> Result<Vec<Place>> {
    let mut all = Vec::new();
    for site in sites {
        all.push(place(tx, site).await?);
    }
    Ok(all)
}

/// The places that the actor runs.
pub async fn mine(app: &App, actor: &Actor) -> Result<Vec<Place>> {
    let account = operator(actor)?;
    let mut tx = app.store.read().await?;
    let sites = tx.receptions_of(account.id).await?;
    places(&mut tx, sites).await
}

/// A place as it is kept, or what is wrong with it. A name by which people would take it for a
/// hospital or a clinic is refused (医療法 3条4項).
fn checked(site: Reception) -> Result<Reception> {
    if filings::misleading(&site.name).is_some() {
        return Err(Error::invalid("/name", "misleading_name"));
    }
    if seeds::municipality(&site.municipality).is_none() {
        return Err(Error::invalid("/municipality_code", "unknown"));
    }
    if !(0..=FEE_MOST).contains(&site.usage_fee) {
        return Err(Error::invalid("/usage_fee", "range"));
    }
    let open_hours = match site.open_hours.trim() {
        "" => String::new(),
        hours => text("/open_hours", hours, 200)?,
    };
    Ok(Reception {
        operator_name: text("/operator_name", &site.operator_name, 100)?,
        name: text("/name", &site.name, 100)?,
        address: text("/address", &site.address, 200)?,
        telephone: text("/telephone", &site.telephone, 30)?,
        contact_24h: text("/contact_24h", &site.contact_24h, 100)?,
        open_hours,
        ..site
    })
}

/// Adds a place. Who runs it is the actor, whatever it says.
pub async fn add(app: &App, actor: &Actor, site: Reception) -> Result<Place> {
    let account = operator(actor)?;
    let now = app.clock.now();
    let site = checked(Reception { id: SiteId::new(), operator: account.id, version: 1, ..site })?;
    let mut tx = app.store.begin().await?;
    if tx.receptions_of(account.id).await?.len() >= MOST {
        return Err(Error::Refused("too_many_sites"));
    }
    tx.add_reception(&site).await?;
    let id = site.id;
    let read = place(&mut tx, site).await?;
    tx.commit(Entry::of(actor, "reception.add", id, now)).await?;
    Ok(read)
}

/// Changes a place, if it is still as of its version.
pub async fn put(app: &App, actor: &Actor, site: Reception) -> Result<Place> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let known = own(&mut tx, actor, site.id).await?;
    let site = checked(Reception { operator: known.operator, ..site })?;
    tx.put_reception(&site).await?;
    let after = Reception { version: site.version + 1, ..site };
    let id = after.id;
    let read = place(&mut tx, after).await?;
    tx.commit(Entry::of(actor, "reception.put", id, now)).await?;
    Ok(read)
}

/// Adds a room.
pub async fn add_room(app: &App, actor: &Actor, id: SiteId, name: &str) -> Result<Place> {
    let now = app.clock.now();
    let name = text("/name", name, 50)?;
    let mut tx = app.store.begin().await?;
    let site = own(&mut tx, actor, id).await?;
    let rooms = tx.rooms_of_site(id).await?;
    if rooms.len() >= MOST_ROOMS {
        return Err(Error::Refused("too_many_rooms"));
    }
    if rooms.iter().any(|room| room.1 == name) {
        return Err(Error::invalid("/name", "taken"));
    }
    let room = RoomId::new();
    tx.add_site_room(id, room, &name).await?;
    let read = place(&mut tx, site).await?;
    tx.commit(Entry::of(actor, "reception.room", room, now).with(json!({ "site": id }))).await?;
    Ok(read)
}

/// Removes a room, for every clinic that uses it; not while a visit is booked in it.
pub async fn remove_room(app: &App, actor: &Actor, id: SiteId, room: RoomId) -> Result<Place> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let site = own(&mut tx, actor, id).await?;
    if !tx.rooms_of_site(id).await?.iter().any(|known| known.0 == room) {
        return Err(Error::NotFound);
    }
    // A booking that takes the room waits for the end of this, and then finds none. In one order
    // for everybody, so that none waits for one that waits for it.
    for clinic in tx.clinics_of_room(room).await? {
        tx.change_hours(clinic).await?;
    }
    if !tx.close_room(room, now).await? {
        return Err(Error::Refused("room_in_use"));
    }
    let read = place(&mut tx, site).await?;
    let entry = Entry::of(actor, "reception.room_remove", room, now);
    tx.commit(entry.with(json!({ "site": id }))).await?;
    Ok(read)
}

/// Asks a clinic whether its patients may be received here.
pub async fn ask(app: &App, actor: &Actor, id: SiteId, facility: FacilityId) -> Result<Place> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let site = own(&mut tx, actor, id).await?;
    if tx.facility(facility).await?.is_none() {
        return Err(Error::invalid("/facility_id", "unknown"));
    }
    if tx.links_of_site(id).await?.len() >= MOST_LINKS {
        return Err(Error::Refused("too_many_links"));
    }
    tx.ask_link(id, facility, now).await?;
    let read = place(&mut tx, site).await?;
    tx.commit(Entry::of(actor, "reception.ask", id, now).at_facility(facility)).await?;
    Ok(read)
}

/// Ends the bond with a clinic, by the place's operator.
pub async fn unlink(app: &App, actor: &Actor, id: SiteId, facility: FacilityId) -> Result<Place> {
    let mut tx = app.store.begin().await?;
    let site = own(&mut tx, actor, id).await?;
    end(app, &mut tx, id, facility).await?;
    let read = place(&mut tx, site).await?;
    let entry = Entry::of(actor, "reception.unlink", id, app.clock.now());
    tx.commit(entry.at_facility(facility)).await?;
    Ok(read)
}

async fn end(app: &App, tx: &mut Tx, site: SiteId, facility: FacilityId) -> Result<()> {
    // A booking that takes a room there waits for the end of this, and then finds none.
    tx.change_hours(facility).await?;
    if tx.visits_at_site(facility, site, app.clock.now()).await? > 0 {
        return Err(Error::Refused("room_in_use"));
    }
    if tx.end_link(site, facility).await? { Ok(()) } else { Err(Error::NotFound) }
}

/// A place that asks a clinic, or that it confirmed.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The bond.
    pub link: LinkRow,
    /// The place.
    pub site: Reception,
}

/// The places of the actor's clinic, asked or confirmed.
pub async fn of_clinic(app: &App, actor: &Actor) -> Result<Vec<Asked>> {
    let facility = own_facility(actor)?;
    let mut tx = app.store.read().await?;
    let mut all = Vec::new();
    for link in tx.links_of_facility(facility).await? {
        if let Some(site) = tx.reception(link.site_id).await? {
            all.push(Asked { link, site });
        }
    }
    Ok(all)
}

/// Says that a place is fit for the clinic's patients, and what was looked at (M-06). Its rooms are
/// then among those of the clinic.
pub async fn confirm(app: &App, actor: &Actor, id: SiteId, fitness: &str) -> Result<Vec<Asked>> {
    let facility = own_facility(actor)?;
    let by = actor.account().ok_or(Error::SignedOut)?.id;
    let now = app.clock.now();
    let fitness = crate::model::facility::canonical(fitness);
    if fitness.is_empty() {
        return Err(Error::invalid("/fitness", "required"));
    }
    if fitness.chars().count() > FITNESS_MOST {
        return Err(Error::invalid("/fitness", "too_long"));
    }
    let mut tx = app.store.begin().await?;
    if !tx.confirm_link(id, facility, &fitness, by, now).await? {
        return Err(Error::NotFound);
    }
    tx.commit(Entry::of(actor, "reception.confirm", id, now).at_facility(facility)).await?;
    of_clinic(app, actor).await
}

/// Ends the bond with a place, by the clinic.
pub async fn leave(app: &App, actor: &Actor, id: SiteId) -> Result<Vec<Asked>> {
    let facility = own_facility(actor)?;
    let mut tx = app.store.begin().await?;
    end(app, &mut tx, id, facility).await?;
    let entry = Entry::of(actor, "reception.leave", id, app.clock.now());
    tx.commit(entry.at_facility(facility)).await?;
    of_clinic(app, actor).await
}

/// The places whose notification is in effect, of a prefecture or a municipality: what the law wants
/// everybody to know of them.
pub async fn public(
    app: &App,
    prefecture: Option<&str>,
    municipality: Option<&str>,
) -> Result<Vec<Place>> {
    let mut tx = app.store.read().await?;
    let sites = tx.receptions_in_effect(prefecture, municipality).await?;
    let mut all = places(&mut tx, sites).await?;
    for place in &mut all {
        place.links.retain(|link| link.confirmed_at.is_some());
    }
    Ok(all)
}
