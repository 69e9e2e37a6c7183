//! One try of one delivery: look again, write, send, note how it went.

use std::borrow::Cow;

use chrono::TimeDelta;
use rand::Rng;
use tokio::task::JoinSet;

use super::{letter, short, webhooks};
use crate::actions::confirm::{Questionnaire, opened};
use crate::actions::{App, Error, Result, untangled};
use crate::engine::messages::{pause_after, still_true};
use crate::format::Lang;
use crate::format::messages::{Facts, Texts, has_link, texts};
use crate::model::message::{Channel, DeliveryState};
use crate::seal::Place;
use crate::seal::token::Token;
use crate::store::{BookingView, Leased, Tx};
use crate::time::Instant;

/// How many deliveries are tried at once by one way.
const AT_ONCE: i64 = 16;
/// For how long a try has its delivery for itself: longer than any may take.
const LEASE: TimeDelta = TimeDelta::seconds(90);

/// How a try went.
pub(super) enum Tried {
    /// The next on the way has it.
    Sent,
    /// There is no need any more.
    Dropped(&'static str),
    /// There is no address.
    NoAddress(&'static str),
    /// There is no such way.
    NotConfigured,
    /// It will never go.
    Dead(&'static str),
    /// It may go later.
    Later(Cow<'static, str>),
}

/// Tries what is due by `channel`; how many tries that were.
///
/// # Errors
/// When the database refuses.
pub async fn deliver(app: &App, channel: Channel) -> Result<usize> {
    let leased = untangled(|| lease(app, channel)).await?;
    let count = leased.len();
    let mut tries = JoinSet::new();
    for one in leased {
        tries.spawn(try_one(app.clone(), one));
    }
    while let Some(ended) = tries.join_next().await {
        // A try that broke off is taken up again when its lease ends.
        if !matches!(ended, Ok(Ok(()))) {
            tracing::warn!(%channel, "a delivery broke off");
        }
    }
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
    let tried = match tried {
        // The key is another, or somebody changed what was sealed: for people to look at.
        Err(Error::Seal(_)) => Tried::Later("sealed".into()),
        tried => tried?,
    };
    untangled(|| note(&app, &one, &tried)).await
}

/// Notes how a try went.
async fn note(app: &App, one: &Leased, tried: &Tried) -> Result<()> {
    let (now, delivery) = (app.clock.now(), &one.delivery);
    let (state, reason) = match tried {
        Tried::Sent => (DeliveryState::Sent, None),
        Tried::Dropped(reason) => (DeliveryState::Dropped, Some(*reason)),
        Tried::NoAddress(reason) => (DeliveryState::NoAddress, Some(*reason)),
        Tried::NotConfigured => (DeliveryState::NotConfigured, None),
        Tried::Dead(reason) => (DeliveryState::Dead, Some(*reason)),
        Tried::Later(reason) => (DeliveryState::Dead, Some(reason.as_ref())),
    };
    let pause = match tried {
        Tried::Later(_) => pause_after(delivery.attempts, rand::rng().random()),
        _ => None,
    };
    let mut tx = app.store.begin().await?;
    if let Some(pause) = pause {
        tx.put_off_delivery(delivery, reason.unwrap_or_default(), now + pause).await?;
    } else {
        tx.finish_delivery(delivery, state, reason, now).await?;
        if state == DeliveryState::Dead {
            tracing::warn!(delivery = %delivery.id, channel = %delivery.channel, reason,
                "a delivery was given up");
        }
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
