//! Whom to turn to in an emergency: 119 with the patient's address, and the institution near them
//! that takes the clinic's patients.

use serde_json::json;

use super::clearance::{Contact, Where, opened_place};
use super::clinic::own_facility;
use super::confirm;
use super::rooms::text;
use super::visit::participants;
use super::{App, Error, Result};
use crate::engine::clearance::{Area, nearest};
use crate::format::seeds;
use crate::model::audit::Entry;
use crate::model::person::Actor;
use crate::model::{BookingId, PartnerId};
use crate::store::PartnerRow;

/// Partners that a clinic can have.
const MOST: usize = 50;

/// What is wanted in an emergency.
#[derive(Clone, Debug)]
pub struct Emergency {
    /// Where the patient is, as they confirmed it; nothing where nobody did.
    pub place: Option<Where>,
    /// Whom to call for the patient; nothing for third persons, who need it for no ambulance.
    pub contact: Option<Contact>,
    /// The nearest partner in the patient's prefecture.
    pub partner: Option<PartnerRow>,
    /// The clinic's telephone.
    pub telephone: String,
}

/// The partners of the actor's clinic.
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<PartnerRow>> {
    let facility = own_facility(actor)?;
    Ok(app.store.read().await?.partners(facility).await?)
}

/// Adds a partner.
pub async fn add(
    app: &App,
    actor: &Actor,
    name: &str,
    telephone: &str,
    (address, municipality): (&str, &str),
) -> Result<Vec<PartnerRow>> {
    let row = PartnerRow {
        id: PartnerId::new(),
        name: text("/name", name, 100)?,
        telephone: text("/telephone", telephone, 30)?,
        address: text("/address", address, 200)?,
        municipality_code: municipality.to_owned(),
    };
    if seeds::municipality(municipality).is_none() {
        return Err(Error::invalid("/municipality_code", "unknown"));
    }
    let facility = own_facility(actor)?;
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    if tx.partners(facility).await?.len() >= MOST {
        return Err(Error::Refused("too_many_partners"));
    }
    tx.add_partner(facility, &row).await?;
    tx.commit(Entry::of(actor, "partner.add", row.id, now).at_facility(facility)).await?;
    list(app, actor).await
}

/// Takes a partner away.
pub async fn remove(app: &App, actor: &Actor, id: PartnerId) -> Result<Vec<PartnerRow>> {
    let facility = own_facility(actor)?;
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    if !tx.close_partner(facility, id, now).await? {
        return Err(Error::NotFound);
    }
    tx.commit(Entry::of(actor, "partner.remove", id, now).at_facility(facility)).await?;
    list(app, actor).await
}

/// Opens what is wanted in an emergency of a visit: for its patient, its clinic, and a third person
/// who may be beside the patient, while they are in it. Each opening is a deed that is audited.
pub async fn emergency(app: &App, actor: &Actor, id: BookingId) -> Result<Emergency> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let view = tx.booking_view(id).await?.ok_or(Error::NotFound)?;
    let facility = view.booking.facility;
    let third = !actor.holds(id) && actor.facility() != Some(facility);
    let beside =
        if third { participants::beside(app, &mut tx, actor, &view.booking).await? } else { None };
    if third && beside.is_none() {
        return Err(Error::NotFound);
    }
    let key = confirm::opened(&view, &app.vault)?.map(|(key, _)| key);
    let place = match &key {
        Some(key) => opened_place(&mut tx, key, id).await?,
        None => None,
    };
    let partners = tx.partners(facility).await?;
    let partner = place.as_ref().and_then(|place| near(place, &partners)).cloned();
    let contact = place.as_ref().filter(|_| !third).map(|place| place.place.contact.clone());
    let near = partner.as_ref().map(|partner| partner.id);
    let known = json!({ "place": place.is_some(), "partner": near, "participant": beside });
    tx.commit(Entry::of(actor, "emergency.open", id, now).at_facility(facility).with(known))
        .await?;
    Ok(Emergency { place, contact, partner, telephone: view.details.facility_telephone })
}

fn near<'p>(place: &Where, partners: &'p [PartnerRow]) -> Option<&'p PartnerRow> {
    let areas: Vec<_> = partners.iter().map(|one| area(&one.municipality_code)).collect();
    nearest(area(&place.place.municipality), &areas).map(|at| &partners[at])
}

fn area(municipality: &str) -> Area<'_> {
    let known = seeds::municipality(municipality);
    Area { municipality, medical_area: known.map_or("", |known| &known.medical_area) }
}
