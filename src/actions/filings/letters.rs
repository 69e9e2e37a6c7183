//! Letters that tell whoever files of a deadline, where they have said so: planned now and then, sent by
//! those who send messages, looked at once more before each is sent. Nobody is told of what is handed
//! in.

use chrono::TimeDelta;
use rand::Rng;

use super::{account, due, today};
use crate::actions::confirm::is_email;
use crate::actions::{App, Error, Result, untangled};
use crate::engine::filing::deadlines;
use crate::engine::messages::pause_after;
use crate::format::deadlines::{Facts, letter};
use crate::model::AccountId;
use crate::model::audit::Entry;
use crate::model::filing::FilingDuty;
use crate::model::message::DeliveryState;
use crate::model::person::Actor;
use crate::out::mail;
use crate::seal::Place;
use crate::store::LetterRow;

/// How many letters are tried in one go.
const AT_ONCE: i64 = 16;
/// For how long a try has its letter for itself: longer than any may take.
const LEASE: TimeDelta = TimeDelta::seconds(90);

fn place(account: AccountId) -> Place {
    Place::new("account.email", account.0)
}

/// Where the actor is told of deadlines; nowhere, where they want no letters.
///
/// # Errors
/// When the actor is no account.
pub async fn address(app: &App, actor: &Actor) -> Result<Option<String>> {
    let id = account(actor)?.id;
    let sealed = app.store.read().await?.account_email(id).await?;
    Ok(sealed.map(|sealed| app.vault.open_own(place(id), &sealed)).transpose()?)
}

/// Changes it; an empty one is none.
///
/// # Errors
/// When it is no mail address.
pub async fn put_address(app: &App, actor: &Actor, wish: Option<&str>) -> Result<Option<String>> {
    let id = account(actor)?.id;
    let email = wish.map(str::trim).filter(|text| !text.is_empty());
    if email.is_some_and(|email| !is_email(email)) {
        return Err(Error::invalid("/email", "email"));
    }
    let now = app.clock.now();
    let sealed = email.map(|email| app.vault.seal_own(place(id), email.as_bytes()));
    let mut tx = app.store.begin().await?;
    tx.put_account_email(id, sealed.as_ref()).await?;
    let action = if sealed.is_some() { "letters.want" } else { "letters.stop" };
    tx.commit(Entry::of(actor, action, id, now)).await?;
    Ok(email.map(str::to_owned))
}

/// Writes down the letters that today's deadlines ask for, each once; how many there are new.
///
/// # Errors
/// When the database refuses.
pub async fn plan(app: &App) -> Result<usize> {
    let now = app.clock.now();
    let today = today(now);
    let mut asked = Vec::new();
    let mut tx = app.store.read().await?;
    for to in tx.letter_recipients().await? {
        for one in due(&mut tx, (to.id, to.facility_id), today).await?.1 {
            let stage = deadlines::letter(one.days_left);
            asked.extend(stage.map(|stage| (to.id, (one.duty, one.due_on, stage))));
        }
    }
    drop(tx);
    if asked.is_empty() {
        return Ok(0);
    }
    untangled(|| async {
        let mut tx = app.store.begin().await?;
        let mut added = 0;
        for (to, what) in &asked {
            added += usize::from(tx.add_letter(*to, *what, now).await?);
        }
        tx.commit_unaudited().await?;
        Ok(added)
    })
    .await
}

/// Sends every letter that is due, until there is no more or `stop` says so.
///
/// # Errors
/// When the database refuses.
pub async fn send_due(app: &App, stop: impl Fn() -> bool) -> Result<()> {
    while !stop() {
        let leased = untangled(|| lease(app)).await?;
        if leased.is_empty() {
            break;
        }
        for one in leased {
            let went = send(app, &one).await?;
            untangled(|| note(app, &one, went)).await?;
        }
    }
    Ok(())
}

async fn lease(app: &App) -> Result<Vec<LetterRow>> {
    let now = app.clock.now();
    // Asked first without the writer's turn: mostly there is none.
    if !app.store.read().await?.has_letters(now).await? {
        return Ok(Vec::new());
    }
    let mut tx = app.store.begin().await?;
    tx.share_alone().await?;
    let leased = tx.lease_letters(now, now + LEASE, AT_ONCE).await?;
    tx.commit_unaudited().await?;
    Ok(leased)
}

/// How a try went: for good, with why, or to be tried again.
type Went = (Option<DeliveryState>, Option<&'static str>);

/// Tries one letter, if what it tells is still so.
async fn send(app: &App, one: &LetterRow) -> Result<Went> {
    let Some(mailer) = &app.out.mail else {
        return Ok((Some(DeliveryState::NotConfigured), None));
    };
    let now = app.clock.now();
    let mut tx = app.store.read().await?;
    let Some(to) = tx.letter_recipient(one.account_id).await? else {
        return Ok((Some(DeliveryState::NoAddress), Some("no_email")));
    };
    let (_, all) = due(&mut tx, (to.id, to.facility_id), today(now)).await?;
    drop(tx);
    let still = all.iter().find(|due| due.duty == one.duty && due.due_on == one.due_on);
    let Some(still) = still else { return Ok((Some(DeliveryState::Dropped), Some("handed_in"))) };
    if deadlines::letter(still.days_left) != Some(one.stage) {
        return Ok((Some(DeliveryState::Dropped), Some("over")));
    }
    let door = if one.duty == FilingDuty::SelfCheck { "self-check" } else { "filings" };
    let link = format!("{}/staff/{door}", app.public_url());
    let name = to.facility_name.as_deref().unwrap_or(&to.name);
    let facts = Facts {
        duty: one.duty,
        stage: one.stage,
        due_on: one.due_on,
        days_left: still.days_left,
        name,
        link: &link,
    };
    let Some(written) = letter(&facts) else {
        return Ok((Some(DeliveryState::Dead), Some("no_text")));
    };
    let Ok(email) = app.vault.open_own(place(to.id), &to.email) else {
        return Ok((None, Some("sealed")));
    };
    let letter = mail::Letter {
        id: &one.id.to_string(),
        to: &email,
        subject: &written.subject,
        text: &written.text,
        calendar: None,
        at: now,
    };
    Ok(match mailer.send(&letter).await {
        Ok(()) => (Some(DeliveryState::Sent), None),
        Err(error @ mail::Error::Address) => (Some(DeliveryState::NoAddress), Some(error.code())),
        Err(error @ mail::Error::Refused) => (Some(DeliveryState::Dead), Some(error.code())),
        Err(error) => (None, Some(error.code())),
    })
}

/// Notes how a try went.
async fn note(app: &App, one: &LetterRow, (state, reason): Went) -> Result<()> {
    let now = app.clock.now();
    let pause = pause_after(one.attempts, rand::rng().random());
    let mut tx = app.store.begin().await?;
    match (state, pause) {
        (Some(state), _) => tx.finish_letter(one, state, reason, now).await?,
        (None, Some(pause)) => {
            tx.put_off_letter(one, reason.unwrap_or_default(), now + pause).await?;
        }
        (None, None) => tx.finish_letter(one, DeliveryState::Dead, reason, now).await?,
    }
    if state == Some(DeliveryState::Dead) || (state.is_none() && pause.is_none()) {
        tracing::warn!(letter = %one.id, reason, "a letter was given up");
    }
    Ok(tx.commit_unaudited().await?)
}
