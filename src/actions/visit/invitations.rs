//! Invitations of third persons to a visit, and the browsers that come by them.

use std::net::IpAddr;

use serde_json::json;

use super::participants::{Guest, guest, name_place, own, responsibility_place};
use crate::actions::confirm::{self, Speech, session_of};
use crate::actions::limits::network;
use crate::actions::{App, Error, Result};
use crate::model::audit::Entry;
use crate::model::person::Actor;
use crate::model::visit::{Role, VisitState};
use crate::model::{BookingId, ParticipantId};
use crate::seal::token::Token;
use crate::store::NewGuest;

/// The most invitations of a visit that stand at the same time.
const INVITED_MOST: usize = 20;
/// The longest name, in characters.
const NAME_MOST: usize = 100;
/// The longest account of who answers for what, in characters.
const RESPONSIBILITY_MOST: usize = 2_000;

/// A third person with their link.
pub struct Invited {
    /// The person.
    pub guest: Guest,
    /// Opens once; shown once.
    pub link: String,
}

/// Who is to come.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    /// What they will be.
    pub role: Role,
    /// Their name.
    pub name: &'a str,
    /// The language in which they read.
    pub language: Speech,
    /// What a remote specialist answers for, as agreed beforehand.
    pub responsibility: &'a str,
    /// Whether a remote specialist was told of the case.
    pub briefed: bool,
}

impl Wish<'_> {
    /// A remote specialist is told of the case before, and who answers for what is agreed on before
    /// (rules.md E-10); of nobody else is that asked.
    fn check(&self) -> Result<()> {
        if !self.role.is_third() {
            return Err(Error::invalid("/role", "unknown"));
        }
        texts("/name", self.name, true, NAME_MOST)?;
        let specialist = self.role == Role::Specialist;
        texts("/responsibility", self.responsibility, specialist, RESPONSIBILITY_MOST)?;
        if specialist && !self.briefed {
            return Err(Error::invalid("/briefed", "required"));
        }
        Ok(())
    }
}

fn texts(field: &'static str, text: &str, required: bool, most: usize) -> Result<()> {
    if required && text.trim().is_empty() {
        return Err(Error::invalid(field, "required"));
    }
    if text.trim().chars().count() > most { Err(Error::invalid(field, "too_long")) } else { Ok(()) }
}

/// Invites somebody to a visit of the actor's clinic. The link opens once, until the visit's
/// waiting room closes.
pub async fn invite(app: &App, actor: &Actor, id: BookingId, wish: Wish<'_>) -> Result<Invited> {
    wish.check()?;
    let Wish { role, name, language, responsibility, .. } = wish;
    let room = super::room(app, actor, id).await?;
    let now = app.clock.now();
    if room.state == VisitState::Ended || now >= room.closes_at {
        return Err(Error::Refused("too_late"));
    }
    let invited_by = actor.account().ok_or(Error::Forbidden)?.id;
    let (who, link) = (ParticipantId::new(), Token::random());
    let mut tx = app.store.begin().await?;
    let view = own(&mut tx, actor, id).await?;
    tx.lock(id.0).await?;
    let standing = tx.guests(id).await?.iter().filter(|row| row.removed_at.is_none()).count();
    if standing >= INVITED_MOST {
        return Err(Error::Refused("visit_full"));
    }
    let (key, _) = confirm::opened(&view, &app.vault)?.ok_or(Error::NotFound)?;
    let new = NewGuest {
        id: who,
        booking: id,
        facility: view.booking.facility,
        role,
        name: key.seal(name_place(who), name.trim().as_bytes()),
        language: language.name(),
        invited_by,
        invite: link.hash(),
        expires_at: room.closes_at,
        responsibility: (role == Role::Specialist)
            .then(|| key.seal(responsibility_place(who), responsibility.trim().as_bytes())),
    };
    tx.add_guest(&new).await?;
    let row = tx.guest(id, who).await?.ok_or(Error::NotFound)?;
    let entry = Entry::of(actor, "visit.invite", id, now).at_facility(view.booking.facility);
    tx.commit(entry.with(json!({ "participant": who, "role": role }))).await?;
    Ok(Invited { guest: guest(Some(&key), &row, now)?, link: app.guest_link(&link) })
}

/// Opens an invitation on the actor's browser, once. The token of a new session is returned where
/// there was none. The browser that opened it may come back to it.
pub async fn open_invitation(
    app: &App,
    actor: &Actor,
    address: IpAddr,
    link: &str,
) -> Result<(BookingId, Option<Token>)> {
    app.limits.link_address.check(&network(address))?;
    let link = Token::presented(link).ok_or(Error::NotFound)?.hash();
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let Some(row) = tx.use_invitation(&link, now).await? else {
        let row = tx.guest_by_invitation(&link).await?.ok_or(Error::NotFound)?;
        let again = actor.guest_in(row.booking_id) == Some(row.id);
        return match (again, row.removed_at, row.invite_used_at) {
            (true, None, Some(_)) => Ok((row.booking_id, None)),
            (_, Some(_), _) => Err(Error::NotFound),
            (_, None, Some(_)) => Err(Error::Refused("invite_used")),
            (_, None, None) => Err(Error::Refused("invite_expired")),
        };
    };
    let (session, new_session) = session_of(&mut tx, actor, now).await?;
    tx.add_session_guest(&session, row.id).await?;
    let entry = Entry::of(actor, "visit.guest", row.booking_id, now).at_facility(row.facility_id);
    tx.commit(entry.with(json!({ "participant": row.id }))).await?;
    Ok((row.booking_id, new_session))
}
