//! Signing in and out, and who a session is.

use std::net::IpAddr;

use chrono::TimeDelta;

use super::limits::network;
use super::{App, Error, Result};
use crate::model::audit::Entry;
use crate::model::person::{Account, Actor, Role};
use crate::model::{AccountId, ClinicianId, FacilityId};
use crate::seal::password;
use crate::seal::token::Token;
use crate::store::AccountRow;

/// How long sessions live.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// An account's, unused.
    pub staff_idle: TimeDelta,
    /// A patient's browser's, unused. A waiting patient may look at one page for long.
    pub patient_idle: TimeDelta,
    /// Anybody's, however much it is used.
    pub absolute: TimeDelta,
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self {
            staff_idle: TimeDelta::hours(1),
            patient_idle: TimeDelta::hours(12),
            absolute: TimeDelta::hours(12),
        }
    }
}

/// The longest login, in bytes.
const LOGIN_BYTES: usize = 200;
/// A session's last use is noted this often.
const NOTED: TimeDelta = TimeDelta::minutes(1);

/// The actor behind an account's session, if it is alive.
pub async fn staff(app: &App, token: &Token) -> Result<Option<Actor>> {
    let now = app.clock.now();
    let mut tx = app.store.read().await?;
    let lives = &app.sessions;
    let (made, seen) = (now - lives.absolute, now - lives.staff_idle);
    let found = tx.session_account(&token.hash(), made, seen).await?;
    let Some((row, seen)) = found else { return Ok(None) };
    drop(tx);
    note_quietly(app, token, seen).await;
    Ok(Some(Actor::Account(row.into())))
}

/// The actor behind a patient's session, if it is alive.
pub async fn patient(app: &App, token: &Token) -> Result<Option<Actor>> {
    let now = app.clock.now();
    let mut tx = app.store.read().await?;
    let lives = &app.sessions;
    let (made, seen) = (now - lives.absolute, now - lives.patient_idle);
    let found = tx.session_patient(&token.hash(), made, seen).await?;
    let Some(session) = found else { return Ok(None) };
    drop(tx);
    note_quietly(app, token, session.seen_at).await;
    let (bookings, guest_of) = (session.bookings, session.guest_of);
    Ok(Some(Actor::Patient { session: token.hash(), bookings, guest_of }))
}

/// Notes the use of a session. A request that only reads does not fail because the writer is busy.
async fn note_quietly(app: &App, token: &Token, seen: crate::time::Instant) {
    if let Err(error) = note(app, token, seen).await {
        tracing::debug!(error = &error as &dyn std::error::Error, "a session's use was not noted");
    }
}

async fn note(app: &App, token: &Token, seen: crate::time::Instant) -> Result<()> {
    let now = app.clock.now();
    if now - seen > NOTED {
        let mut tx = app.store.begin().await?;
        tx.touch_session(&token.hash(), now).await?;
        tx.commit_unaudited().await?;
    }
    Ok(())
}

/// Signs in with login and password: the account, and the token of a new session.
pub async fn sign_in(
    app: &App,
    address: IpAddr,
    login: &str,
    password: String,
) -> Result<(Account, Token)> {
    let login = login.trim().to_lowercase();
    // What can be no login and no password is not worth remembering.
    if login.len() > LOGIN_BYTES || password.chars().count() > password::MAX_LENGTH {
        return Err(Error::WrongLogin);
    }
    let network = network(address);
    app.limits.login_address.check(&network)?;
    app.limits.login_here.check(&(login.clone(), network))?;
    app.limits.login_name.check(&login)?;
    let mut tx = app.store.read().await?;
    let row = tx.account_by_login(&login).await?;
    drop(tx);
    let stored = row.as_ref().map(|row| row.password_hash.clone());
    let right = password::verify(password, stored).await;
    let Some(row) = row.filter(|_| right) else { return Err(Error::WrongLogin) };
    let (account, token, now) = (Account::from(row), Token::random(), app.clock.now());
    let mut tx = app.store.begin().await?;
    tx.add_session(&token.hash(), Some(account.id), now).await?;
    let entry = Entry::of(&Actor::Account(account.clone()), "session.start", account.id, now);
    tx.commit(entry).await?;
    Ok((account, token))
}

/// Ends the session.
pub async fn sign_out(app: &App, actor: &Actor, token: &Token) -> Result<()> {
    let account = actor.account().ok_or(Error::SignedOut)?;
    let mut tx = app.store.begin().await?;
    tx.end_session(&token.hash()).await?;
    let entry = Entry::of(actor, "session.end", account.id, app.clock.now());
    Ok(tx.commit(entry).await?)
}

/// A new account.
#[derive(Debug)]
pub struct NewAccount {
    /// The name to sign in with.
    pub login: String,
    /// The person's name.
    pub name: String,
    /// Their password, at least [`password::MIN_LENGTH`] characters.
    pub password: String,
    /// What they may do.
    pub role: Role,
    /// Where, for roles of a facility.
    pub facility: Option<FacilityId>,
    /// Which doctor, for clinicians.
    pub clinician: Option<ClinicianId>,
}

/// Adds an account.
pub async fn add_account(app: &App, actor: &Actor, new: NewAccount) -> Result<AccountId> {
    let length = new.password.chars().count();
    if !(password::MIN_LENGTH..=password::MAX_LENGTH).contains(&length) {
        return Err(Error::invalid("/password", "length"));
    }
    if new.role.is_of_a_facility() != new.facility.is_some() {
        return Err(Error::invalid("/facility", "facility_of_role"));
    }
    if (new.role == Role::Clinician) != new.clinician.is_some() {
        return Err(Error::invalid("/clinician", "clinician_of_role"));
    }
    let login = new.login.trim().to_lowercase();
    if login.is_empty() || login.len() > LOGIN_BYTES {
        return Err(Error::invalid("/login", "length"));
    }
    let row = AccountRow {
        id: AccountId::new(),
        login,
        name: new.name,
        password_hash: password::hash(new.password).await,
        role: new.role,
        facility_id: new.facility,
        clinician_id: new.clinician,
    };
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    tx.add_account(&row, now).await.map_err(|error| match error {
        crate::store::Error::Exists(_) => Error::invalid("/login", "taken"),
        other => other.into(),
    })?;
    let entry = Entry::of(actor, "account.add", row.id, now);
    tx.commit(entry.with(serde_json::json!({ "role": row.role }))).await?;
    Ok(row.id)
}

/// Forgets sessions that are over.
pub async fn forget_sessions(app: &App) -> Result<u64> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let lives = &app.sessions;
    let unused = lives.staff_idle.max(lives.patient_idle);
    let forgotten = tx.forget_sessions(now - lives.absolute, now - unused).await?;
    tx.commit_unaudited().await?;
    Ok(forgotten)
}
