//! One try of one delivery: look again, write, send, note how it went.

use super::tries::{AT_ONCE, LEASE, Tried, all_at_once};
use super::{letter, short, webhooks};
use crate::actions::confirm::{Questionnaire, opened};
use crate::actions::{App, Error, Result, untangled};
use crate::engine::messages::still_true;
use crate::format::Lang;
use crate::format::messages::{Facts, Texts, has_link, texts};
use crate::model::message::{Channel, DeliveryState, Kind};
use crate::seal::Place;
use crate::seal::token::Token;
use crate::store::{BookingView, Lease, Leased, Tx};
use crate::time::Instant;

/// Tries what is due by `channel`; how many tries that were.
///
/// # Errors
/// When the database refuses.
pub async fn deliver(app: &App, channel: Channel) -> Result<usize> {
    let leased = untangled(|| lease(app, channel)).await?;
    let count = leased.len();
    all_at_once(leased, |one| try_one(app.clone(), one)).await;
    Ok(count)
}

async fn lease(app: &App, channel: Channel) -> Result<Vec<Leased>> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    tx.share_alone().await?;
    let leased = tx.lease_deliveries(channel, now, now + LEASE, AT_ONCE).await?;
    tx.commit_unaudited().await?;
    Ok(leased)
}

async fn try_one(app: App, one: Leased) -> Result<()> {
    let tried = match one.delivery.channel {
        Channel::Webhook => webhooks::send(&app, &one).await,
        Channel::Mail | Channel::Sms => tell(&app, &one).await,
    };
    let tried = Tried::sealed(tried)?;
    untangled(|| note(&app, &one, &tried)).await
}

/// Notes how a try went.
async fn note(app: &App, one: &Leased, tried: &Tried) -> Result<()> {
    let mut tx = app.store.begin().await?;
    let lease = Lease::Delivery(one.delivery.id, one.delivery.attempts);
    let ended = tried.note(app, &mut tx, lease).await?;
    if ended == Some(DeliveryState::Sent) && one.message.kind == Kind::NewTimes {
        tx.note_new_times_sent(one.message.booking, app.clock.now()).await?;
    }
    Ok(tx.commit_unaudited().await?)
}

/// Who is told, and of what.
pub(super) struct Told<'a> {
    /// The lease.
    pub(super) one: &'a Leased,
    /// The booking as it is now.
    pub(super) view: BookingView,
    /// How the patient can be reached.
    pub(super) contact: Contact,
    /// What is said.
    pub(super) texts: Texts,
    /// In which language.
    pub(super) language: Lang,
    /// Now.
    pub(super) now: Instant,
}

/// How a patient can be reached.
pub(super) struct Contact {
    /// Telephone, as digits.
    pub(super) phone: String,
    /// Mail address.
    pub(super) email: Option<String>,
}

/// Tells the patient, if it is still true and there is a way.
async fn tell(app: &App, one: &Leased) -> Result<Tried> {
    let channel = one.delivery.channel;
    let configured = match channel {
        Channel::Mail => app.out.mail.is_some(),
        _ => app.out.sms.is_some(),
    };
    if !configured {
        return Ok(Tried::NotConfigured);
    }
    let now = app.clock.now();
    let mut tx = app.store.read().await?;
    let view = tx.booking_view(one.message.booking).await?.ok_or(Error::NotFound)?;
    let newer = tx.is_superseded(&one.message).await?;
    if let Err(untrue) = still_true(&one.message, &view.booking, newer, now) {
        return Ok(Tried::Dropped(untrue.code()));
    }
    // Undone, answered or kept by the clinic in the meantime.
    if one.message.kind == Kind::NewTimes && tx.stranded(view.booking.id).await?.is_none() {
        return Ok(Tried::Dropped("answered"));
    }
    let Some(contact) = contact(app, &mut tx, &view).await? else {
        return Ok(Tried::NoAddress("forgotten"));
    };
    drop(tx);
    if let Some(missing) = match channel {
        Channel::Mail => contact.email.is_none().then_some("no_email"),
        _ => (!short::is_mobile(&contact.phone)).then_some("no_mobile"),
    } {
        return Ok(Tried::NoAddress(missing));
    }
    let language = if view.details.language.as_deref() == Some("en") { Lang::En } else { Lang::Ja };
    let link = link(app, one, now).await?;
    let Some(texts) = said(one, &view, language, &link) else { return Ok(Tried::Dead("no_text")) };
    let told = Told { one, view, contact, texts, language, now };
    if channel == Channel::Mail {
        letter::send(app, &told).await
    } else {
        short::send(app, &told).await
    }
}

fn said(one: &Leased, view: &BookingView, language: Lang, link: &str) -> Option<Texts> {
    let facts = Facts {
        clinic: &view.details.facility_name,
        starts_at: view.booking.starts_at,
        zone: view.details.zone.parse().unwrap_or(chrono_tz::Asia::Tokyo),
        number: view.booking.number.as_deref().unwrap_or("-"),
        link,
        telephone: &view.details.facility_telephone,
    };
    texts(one.message.kind, language, &facts)
}

/// A link of its own for this message: only the hash of a link's secret is kept, so that an earlier
/// one cannot be told again.
async fn link(app: &App, one: &Leased, now: Instant) -> Result<String> {
    if !has_link(one.message.kind) {
        return Ok(String::new());
    }
    let token = Token::random();
    let mut tx = app.store.begin().await?;
    tx.add_link(&token.hash(), one.message.booking, now).await?;
    tx.commit_unaudited().await?;
    Ok(app.link(&token))
}

/// How the patient said they can be reached: with this booking, else when they were first here.
/// Nothing where they were forgotten.
async fn contact(app: &App, tx: &mut Tx, view: &BookingView) -> Result<Option<Contact>> {
    if view.details.questionnaire.is_some() {
        let answers = opened(view, &app.vault)?;
        return Ok(answers.map(|(_, Questionnaire { phone, email, .. })| Contact { phone, email }));
    }
    let Some(patient) = view.booking.patient else { return Ok(None) };
    let Some(row) = tx.patient(patient).await? else { return Ok(None) };
    let Some(wrapped) = &row.wrapped_key else { return Ok(None) };
    let key = app.vault.unwrap(patient.0, wrapped)?;
    let open = |column, sealed| key.open_text(Place::new(column, patient.0), sealed);
    let email = row.email.as_ref().map(|sealed| open("patient.email", sealed)).transpose()?;
    Ok(Some(Contact { phone: open("patient.phone", &row.phone)?, email }))
}
