//! Where the patient is during the visit, and whom to call for them: said by the patient, or by the
//! clinic on the telephone. It is told to the clinic, to 119 and, for an ambulance, to who is beside the
//! patient in the visit.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::key_of;
use crate::actions::{App, Error, Fault, Result};
use crate::format::seeds;
use crate::model::audit::Entry;
use crate::model::clearance::PlaceKind;
use crate::model::person::Actor;
use crate::model::{BookingId, SiteId};
use crate::seal::{Key, Place as Sealing, SealError};
use crate::store::{BookingView, NewPlace, PlaceRow, Tx};
use crate::time::Instant;

/// The longest address, in characters.
const ADDRESS_MOST: usize = 200;
/// The longest name of a person to call, or what they are to the patient.
const NAME_MOST: usize = 100;

/// Whom to call for the patient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EmergencyContact)]
pub struct Contact {
    /// Their name.
    pub name: String,
    /// What they are to the patient.
    pub relation: String,
    /// Their telephone.
    pub phone: String,
}

/// Where somebody says that the patient is.
#[derive(Clone, Debug)]
pub struct Place {
    /// What kind of place.
    pub kind: PlaceKind,
    /// Its address, as 119 needs it.
    pub address: String,
    /// Six digits of its municipality.
    pub municipality: String,
    /// Whether nobody else is there who may not hear.
    pub private: bool,
    /// The registered reception facility (オンライン診療受診施設) at which they are.
    pub site: Option<SiteId>,
    /// Whom to call.
    pub contact: Contact,
}

/// The same as it is kept.
#[derive(Clone, Debug)]
pub struct Where {
    /// What was said.
    pub place: Place,
    /// Two digits.
    pub prefecture: String,
    /// When it was said.
    pub at: Instant,
}

fn address_place(id: BookingId) -> Sealing {
    Sealing::new("visit_place.address", id.0)
}

fn contact_place(id: BookingId) -> Sealing {
    Sealing::new("emergency_contact.contact", id.0)
}

/// Opens where the patient of a visit is; nothing where nobody said it.
pub(in crate::actions) async fn opened(
    tx: &mut Tx,
    key: &Key,
    id: BookingId,
) -> Result<Option<Where>> {
    match tx.place(id).await? {
        Some(row) => open(tx, key, row).await.map(Some),
        None => Ok(None),
    }
}

async fn open(tx: &mut Tx, key: &Key, row: PlaceRow) -> Result<Where> {
    let id = row.booking_id;
    let contact = tx.emergency_contact(id).await?.ok_or(SealError)?;
    let contact = key.open(contact_place(id), &contact)?;
    let place = Place {
        kind: row.kind,
        address: key.open_text(address_place(id), &row.address)?,
        municipality: row.municipality_code,
        private: row.private_ok,
        site: row.site_id,
        contact: serde_json::from_slice(&contact).map_err(|_| SealError)?,
    };
    Ok(Where { place, prefecture: row.prefecture_code, at: row.at })
}

/// Where the patient said they are, and else where they were the last time, to be confirmed.
pub async fn place_of_patient(
    app: &App,
    actor: &Actor,
    id: BookingId,
) -> Result<(Option<Where>, Option<Where>)> {
    if !actor.holds(id) {
        return Err(Error::NotFound);
    }
    let mut tx = app.store.read().await?;
    let view = tx.booking_view(id).await?.ok_or(Error::NotFound)?;
    let key = key_of(app, &view)?.ok_or(Error::NotFound)?;
    let now = opened(&mut tx, &key, id).await?;
    let patient = view.booking.patient.ok_or(Error::NotFound)?;
    let before = match &now {
        Some(_) => None,
        None => tx.place_before(patient, view.booking.facility, id).await?,
    };
    let Some(before) = before else { return Ok((now, None)) };
    // What is no reception facility any more is not offered again.
    if let Some(site) = before.site_id
        && tx.reception_in_effect(site).await?.is_none()
    {
        return Ok((now, None));
    }
    Ok((now, Some(open(&mut tx, &key, before).await?)))
}

/// Whether the actor may say where the patient of a booking is.
fn may_say(actor: &Actor, view: &BookingView) -> bool {
    actor.holds(view.booking.id) || actor.facility() == Some(view.booking.facility)
}

/// A place as its registered reception facility fills it in: kind and municipality are its own, and
/// so is the address, unless something is added to it, as a room.
///
/// # Errors
/// When its notification is not in effect.
async fn filled(tx: &mut Tx, place: Place) -> Result<Place> {
    let Some(id) = place.site else { return Ok(place) };
    let unknown = || Error::invalid("/reception_site_id", "unknown");
    let site = tx.reception_in_effect(id).await?.ok_or_else(unknown)?;
    let street = street(&site.address, &site.municipality);
    let own = format!("{street} {}", site.name);
    let address = match place.address.trim() {
        more if more.starts_with(street) => more.to_owned(),
        "" => own,
        more => format!("{own} {more}"),
    };
    let kind = PlaceKind::OnlineCareFacility;
    Ok(Place { kind, address, municipality: site.municipality, ..place })
}

/// What of an address follows the names of its prefecture and municipality.
pub fn street<'a>(address: &'a str, municipality: &str) -> &'a str {
    let Some(of) = seeds::municipality(municipality) else { return address };
    let rest = address.strip_prefix(of.prefecture.as_str()).unwrap_or(address);
    rest.strip_prefix(of.name.as_str()).unwrap_or(rest).trim_start()
}

/// Keeps where the patient is.
pub async fn put_place(app: &App, actor: &Actor, id: BookingId, place: Place) -> Result<Where> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let view = tx.booking_view(id).await?.ok_or(Error::NotFound)?;
    if !may_say(actor, &view) {
        return Err(Error::NotFound);
    }
    if view.booking.status.is_terminal() {
        return Err(Error::Refused("wrong_status"));
    }
    let (place, prefecture) = checked(filled(&mut tx, place).await?)?;
    let key = key_of(app, &view)?.ok_or(Error::NotFound)?;
    let facility = view.booking.facility;
    let by = actor.account().filter(|_| !actor.holds(id)).map(|account| account.id);
    let new = NewPlace {
        kind: place.kind,
        address: &key.seal(address_place(id), place.address.as_bytes()),
        prefecture: &prefecture,
        municipality: &place.municipality,
        private: place.private,
        site: place.site,
        by,
        at: now,
    };
    tx.put_place(id, facility, &new).await?;
    let contact = key.seal(contact_place(id), json!(place.contact).to_string().as_bytes());
    tx.put_emergency_contact(id, facility, &contact, now).await?;
    let entry = Entry::of(actor, "place.put", id, now).at_facility(facility);
    tx.commit(entry.with(json!({ "kind": place.kind }))).await?;
    app.changed(facility);
    Ok(Where { place, prefecture, at: now })
}

/// The place in one form, with the prefecture of its municipality.
fn checked(place: Place) -> Result<(Place, String)> {
    let Contact { name, relation, phone } = &place.contact;
    let contact = Contact {
        name: name.trim().to_owned(),
        relation: relation.trim().to_owned(),
        phone: phone.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')' | '　')).collect(),
    };
    let place = Place { address: place.address.trim().to_owned(), contact, ..place };
    let municipality = seeds::municipality(&place.municipality);
    let long = |text: &str, most| text.chars().count() > most;
    let digits = place.contact.phone.trim_start_matches('+');
    let telephone = (10..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    let checks = [
        (place.address.is_empty(), "/address", "required"),
        (long(&place.address, ADDRESS_MOST), "/address", "too_long"),
        (municipality.is_none(), "/municipality_code", "unknown"),
        (place.contact.name.is_empty(), "/contact/name", "required"),
        (long(&place.contact.name, NAME_MOST), "/contact/name", "too_long"),
        (long(&place.contact.relation, NAME_MOST), "/contact/relation", "too_long"),
        (!telephone, "/contact/phone", "phone"),
    ];
    let faults: Vec<_> = checks
        .into_iter()
        .filter(|check| check.0)
        .map(|(_, pointer, code)| Fault { pointer, code })
        .collect();
    match municipality {
        Some(municipality) if faults.is_empty() => {
            Ok((place, municipality.prefecture_code.clone()))
        }
        _ => Err(Error::Invalid(faults)),
    }
}
