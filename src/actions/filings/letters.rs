//! Letters that tell whoever files of a deadline, where they have said so: planned now and then, sent by
//! those who send messages, looked at once more before each is sent. Nobody is told of what is handed
//! in.

use super::{account, due, reviewer, today};
use crate::actions::confirm::is_email;
use crate::actions::messages::tries::{AT_ONCE, LEASE, Tried, all_at_once};
use crate::actions::messages::{LISTED, ring};
use crate::actions::{App, Error, Result, untangled};
use crate::engine::filing::deadlines;
use crate::format::deadlines::{Facts, letter};
use crate::model::audit::Entry;
use crate::model::filing::FilingDuty;
use crate::model::person::Actor;
use crate::model::{AccountId, LetterId};
use crate::out::mail;
use crate::seal::Place;
use crate::store::{Lease, LetterRow, UndeliveredLetter, Whose};

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
        all_at_once(leased, |one| try_one(app.clone(), one)).await;
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

async fn try_one(app: App, one: LetterRow) -> Result<()> {
    let tried = Tried::sealed(send(&app, &one).await)?;
    untangled(|| async {
        let mut tx = app.store.begin().await?;
        tried.note(&app, &mut tx, Lease::Letter(one.id, one.attempts)).await?;
        Ok(tx.commit_unaudited().await?)
    })
    .await
}

/// Tries one letter, if what it tells is still so.
async fn send(app: &App, one: &LetterRow) -> Result<Tried> {
    let Some(mailer) = &app.out.mail else { return Ok(Tried::NotConfigured) };
    let now = app.clock.now();
    let mut tx = app.store.read().await?;
    let Some(to) = tx.letter_recipient(one.account_id).await? else {
        return Ok(Tried::NoAddress("no_email"));
    };
    let (_, all) = due(&mut tx, (to.id, to.facility_id), today(now)).await?;
    drop(tx);
    let still = all.iter().find(|due| due.duty == one.duty && due.due_on == one.due_on);
    let Some(still) = still else { return Ok(Tried::Dropped("handed_in")) };
    if deadlines::letter(still.days_left) != Some(one.stage) {
        return Ok(Tried::Dropped("over"));
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
    let Some(written) = letter(&facts) else { return Ok(Tried::Dead("no_text")) };
    let email = app.vault.open_own(place(to.id), &to.email)?;
    let letter = mail::Letter {
        id: &one.id.to_string(),
        to: &email,
        subject: &written.subject,
        text: &written.text,
        calendar: None,
        at: now,
    };
    Ok(mailer.send(&letter).await.into())
}

/// Whose letters the actor may look at: an administrator everybody's, somebody of a clinic those of
/// that clinic, everybody else their own.
fn whose(actor: &Actor) -> Result<Whose> {
    let account = account(actor)?;
    Ok(match account.facility {
        _ if reviewer(actor) => Whose::All,
        Some(facility) => Whose::Facility(facility),
        None => Whose::Account(account.id),
    })
}

/// Letters that did not arrive, of those that the actor may look at, the latest first.
///
/// # Errors
/// When the actor is no account.
pub async fn undelivered(app: &App, actor: &Actor) -> Result<Vec<UndeliveredLetter>> {
    let whose = whose(actor)?;
    Ok(app.store.read().await?.undelivered_letters(whose, LISTED).await?)
}

/// Tries a letter again that was given up.
///
/// # Errors
/// [`Error::NotFound`] where there is none of the actor's that was given up.
pub async fn send_again(app: &App, actor: &Actor, id: LetterId) -> Result<()> {
    let whose = whose(actor)?;
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    if !tx.revive_letter(whose, id, now).await? {
        return Err(Error::NotFound);
    }
    tx.commit(Entry::of(actor, "letter.again", id, now)).await?;
    ring(app);
    Ok(())
}
