//! Endpoints at which a facility's own programs hear of its bookings: signed, and with ids alone, so
//! that whoever reads along learns nothing of a patient.

use serde_json::{Value, json};

use super::tries::Tried;
use crate::actions::clinic::own_facility;
use crate::actions::{App, Error, Result};
use crate::model::audit::Entry;
use crate::model::person::Actor;
use crate::model::{MessageId, WebhookId};
use crate::out::hook;
use crate::out::web::Limits;
use crate::seal::Place;
use crate::store::{Leased, WebhookRow};
use crate::time::Instant;

/// How many endpoints a facility may have.
const ENDPOINTS: usize = 5;

/// An endpoint.
#[derive(Debug)]
pub struct Endpoint {
    /// Its id.
    pub id: WebhookId,
    /// Where it is.
    pub url: String,
    /// When it was added.
    pub created_at: Instant,
}

/// The endpoints of the actor's facility.
///
/// # Errors
/// When the actor works for none.
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<Endpoint>> {
    let facility = own_facility(actor)?;
    let rows = app.store.read().await?.webhooks(facility).await?;
    rows.into_iter()
        .map(|row| {
            let url = app.vault.open_own(url_place(row.id), &row.url)?;
            Ok(Endpoint { id: row.id, url, created_at: row.created_at })
        })
        .collect()
}

/// Adds an endpoint; it, and the secret that it shares with us, which is shown this once.
///
/// # Errors
/// When the address is none that is asked, or there are too many.
pub async fn add(app: &App, actor: &Actor, url: String) -> Result<(Endpoint, String)> {
    let facility = own_facility(actor)?;
    app.out.web.check(&url).map_err(|error| Error::invalid("/url", error.code()))?;
    let now = app.clock.now();
    let (id, secret) = (WebhookId::new(), hook::new_secret());
    let row = WebhookRow {
        id,
        facility_id: facility,
        url: app.vault.seal_own(url_place(id), url.as_bytes()),
        secret: app.vault.seal_own(secret_place(id), secret.as_bytes()),
        created_at: now,
    };
    let mut tx = app.store.begin().await?;
    tx.lock(facility.0).await?;
    if tx.webhooks(facility).await?.len() >= ENDPOINTS {
        return Err(Error::Refused("too_many_webhooks"));
    }
    tx.add_webhook(&row).await?;
    tx.commit(Entry::of(actor, "webhook.add", id, now).at_facility(facility)).await?;
    Ok((Endpoint { id, url, created_at: now }, secret))
}

/// Removes an endpoint; what waits for it is not sent.
///
/// # Errors
/// [`Error::NotFound`] for those of others.
pub async fn remove(app: &App, actor: &Actor, id: WebhookId) -> Result<()> {
    let facility = own_facility(actor)?;
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    if !tx.remove_webhook(facility, id, now).await? {
        return Err(Error::NotFound);
    }
    Ok(tx.commit(Entry::of(actor, "webhook.remove", id, now).at_facility(facility)).await?)
}

/// Sends a message of no booking to an endpoint now; nothing where it was taken, else the code of
/// what is wrong.
///
/// # Errors
/// [`Error::NotFound`] for those of others, [`Error::RateLimited`].
pub async fn test(app: &App, actor: &Actor, id: WebhookId) -> Result<Option<String>> {
    let facility = own_facility(actor)?;
    app.limits.webhook_test.check(&facility)?;
    let row = app.store.read().await?.webhook(id).await?;
    let row = row.filter(|row| row.facility_id == facility).ok_or(Error::NotFound)?;
    let now = app.clock.now();
    let data = json!({ "facility_id": facility });
    let sent = post(app, &row, MessageId::new(), &payload("webhook.test", now, &data)).await?;
    let entry = Entry::of(actor, "webhook.test", id, now).at_facility(facility);
    let tx = app.store.begin().await?;
    tx.commit(entry.with(json!({ "taken": sent.is_ok() }))).await?;
    Ok(sent.err())
}

/// Sends a message to its endpoint.
pub(super) async fn send(app: &App, one: &Leased) -> Result<Tried> {
    let Some(id) = one.delivery.webhook else { return Ok(Tried::Dropped("removed")) };
    let Some(row) = app.store.read().await?.webhook(id).await? else {
        return Ok(Tried::Dropped("removed"));
    };
    let message = &one.message;
    let data = json!({
        "facility_id": message.facility,
        "booking_id": message.booking,
        "sequence": message.turn,
    });
    let body = payload(&format!("booking.{}", message.kind), message.created_at, &data);
    Ok(match post(app, &row, message.id, &body).await? {
        Ok(()) => Tried::Sent,
        // The receiver says that it is there no more.
        Err(code) if code == "http_410" => Tried::Dead("http_410"),
        Err(code) => Tried::Later(code.into()),
    })
}

fn payload(kind: &str, at: Instant, data: &Value) -> Vec<u8> {
    json!({ "type": kind, "timestamp": at, "data": data }).to_string().into_bytes()
}

/// Posts a body to an endpoint, signed now; the code of what went wrong.
async fn post(
    app: &App,
    row: &WebhookRow,
    message: MessageId,
    body: &[u8],
) -> Result<std::result::Result<(), String>> {
    let url = app.vault.open_own(url_place(row.id), &row.url)?;
    let secret = app.vault.open_own(secret_place(row.id), &row.secret)?;
    let id = format!("msg_{}", message.0.simple());
    let Some(headers) = hook::headers(&secret, &id, app.clock.now(), body) else {
        return Ok(Err("secret".to_owned()));
    };
    let sent = app.out.web.post(&url, &headers, body.to_vec(), Limits::default().time).await;
    Ok(match sent {
        Ok(status) if status.is_success() => Ok(()),
        Ok(status) => Err(format!("http_{}", status.as_u16())),
        Err(error) => Err(error.code().to_owned()),
    })
}

fn url_place(id: WebhookId) -> Place {
    Place::new("webhook.url", id.0)
}

fn secret_place(id: WebhookId) -> Place {
    Place::new("webhook.secret", id.0)
}
