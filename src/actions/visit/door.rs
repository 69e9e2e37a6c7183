//! The door of a visit's room: who shows a ticket or comes back with a token takes their seat, and who
//! is signed out loses it.

use chrono::TimeDelta;
use serde_json::json;

use super::participants::{self, left};
use super::{ice_servers, keep_epoch, refused, state, stricter};
use crate::actions::{App, Error, Result, confirm};
use crate::engine::visit::window;
use crate::live::hub::{Heard, Joining, Outbox, Present, Seat, VideoSeconds};
use crate::live::message::Bye;
use crate::model::audit::Entry;
use crate::model::person::Actor;
use crate::model::visit::{Role, VisitState};
use crate::model::{BookingId, ParticipantId};
use crate::seal::resume::Resume;
use crate::seal::token::Token;
use crate::store::{BookingView, GuestRow, Ticketed, Tx, VisitRow};
use crate::time::Instant;

/// Longest life of a token to come back with.
const RESUME: TimeDelta = TimeDelta::hours(4);

/// What a page shows at the door.
#[derive(Clone, Copy, Debug)]
pub enum Presented<'a> {
    /// A ticket, good once.
    Ticket(&'a str),
    /// The token of a page that was seated before, and the last message that it handled.
    Token(&'a str, u64),
}

/// Somebody who may take a seat.
struct Entering {
    who: Ticketed,
    view: BookingView,
    visit: VisitRow,
    present: Vec<Present>,
    /// Their invitation, where they are a third person.
    guest: Option<GuestRow>,
    heard: Option<Heard>,
}

/// Lets whoever shows a ticket or a token take their seat.
///
/// # Errors
///
/// The good-bye that the page is told.
pub async fn enter(
    app: &App,
    id: BookingId,
    shown: Presented<'_>,
    tab: Option<String>,
) -> std::result::Result<(Seat, Outbox), Bye> {
    let now = app.clock.now();
    let entering = match shown {
        Presented::Ticket(ticket) => by_ticket(app, id, ticket, tab.as_deref(), now).await,
        Presented::Token(token, seq) => by_token(app, id, (token, seq), tab.as_deref(), now).await,
    };
    let seated = match entering {
        Ok(entering) => seated(app, id, entering?, tab, now).await,
        Err(error) => Err(error),
    };
    let error = match seated {
        Ok(seated) => return Ok(seated),
        Err(error) => error,
    };
    if let Some(code) = refused::code(&error) {
        refused::note(app, &Actor::System, id, code).await;
    }
    Err(match error {
        Error::SignedOut => Bye::Unauthorized,
        Error::NotFound => Bye::NoVisit,
        Error::Refused("too_early") => Bye::Moved,
        Error::Refused(_) => Bye::Ended,
        other => {
            tracing::warn!(error = &other as &dyn std::error::Error, "nobody was seated");
            Bye::Draining
        }
    })
}

async fn by_ticket(
    app: &App,
    id: BookingId,
    ticket: &str,
    tab: Option<&str>,
    now: Instant,
) -> Result<std::result::Result<Entering, Bye>> {
    let ticket = Token::presented(ticket).ok_or(Error::SignedOut)?;
    let mut tx = app.store.begin().await?;
    let who = tx.use_ticket(&ticket.hash(), id, now).await?.ok_or(Error::SignedOut)?;
    let entering = entering(app, tx, who, None, tab, now).await?;
    Ok(Ok(entering))
}

/// A token is looked up again: who was sent out, came with another page since, or is signed out does
/// not come back with it.
async fn by_token(
    app: &App,
    id: BookingId,
    (token, seq): (&str, u64),
    tab: Option<&str>,
    now: Instant,
) -> Result<std::result::Result<Entering, Bye>> {
    let says = app.vault.resume(token).filter(|says| says.booking == id.0);
    let says = says.ok_or(Error::SignedOut)?;
    if says.expires_at <= now.timestamp() {
        return Ok(Err(Bye::Expired));
    }
    let mut tx = app.store.begin().await?;
    let who = tx.participant(id, ParticipantId(says.participant)).await?;
    let who = who.ok_or(Error::NotFound)?;
    let bye = if who.removed_at.is_some() {
        Some(Bye::Removed)
    } else if who.session_no != says.session_no {
        // Nobody came with another page: the visit is at another time.
        Some(if who.session_hash.is_none() { Bye::Moved } else { Bye::Replaced })
    } else if !tx.still_signed_in(who.participant_id).await? {
        Some(Bye::SignedOut)
    } else {
        None
    };
    if let Some(bye) = bye {
        let entry = Entry::of(&Actor::System, "visit.refused", id, now);
        let detail = json!({ "participant": who.participant_id, "code": bye.code() });
        tx.commit(entry.at_facility(who.facility_id).with(detail)).await?;
        return Ok(Err(bye));
    }
    let same = says.life == app.hub.life();
    let heard = if same { Heard::UpTo(seq) } else { Heard::Elsewhere };
    Ok(Ok(entering(app, tx, who, Some(heard), tab, now).await?))
}

/// Notes the page and closes `tx`.
async fn entering(
    app: &App,
    mut tx: Tx,
    who: Ticketed,
    heard: Option<Heard>,
    tab: Option<&str>,
    now: Instant,
) -> Result<Entering> {
    let id = who.booking_id;
    let view = tx.booking_view(id).await?.ok_or(Error::NotFound)?;
    let visit = tx.visit(id).await?.ok_or(Error::NotFound)?;
    // Before this page is noted: whether it is the same as before decides whether media go on.
    let rows = tx.present(id).await?;
    let guests = tx.guests(id).await?;
    let zone = view.details.zone.parse().map_err(|_| Error::NotFound)?;
    let open = window(&view.booking, zone).ok_or(Error::NotFound)?;
    let closed = match state(&view.booking, open.start, now) {
        VisitState::Scheduled => Some("too_early"),
        VisitState::Ended => Some("too_late"),
        _ if now >= open.end => Some("too_late"),
        VisitState::Open | VisitState::InProgress => None,
    };
    if closed.is_none() {
        tx.note_page(who.participant_id, tab).await?;
    }
    tx.commit_unaudited().await?;
    if let Some(closed) = closed {
        return Err(Error::Refused(closed));
    }
    let guest = |who: ParticipantId| guests.iter().find(|guest| guest.id == who);
    let present = rows.into_iter().map(|row| {
        let name = name(app, &view, row.role, guest(row.id))?;
        Ok(Present { participant: row.id, role: row.role, name, tab: row.media_page })
    });
    let present = present.collect::<Result<_>>()?;
    let guest = guest(who.participant_id).cloned();
    Ok(Entering { who, view, visit, present, guest, heard })
}

async fn seated(
    app: &App,
    id: BookingId,
    entering: Entering,
    tab: Option<String>,
    now: Instant,
) -> Result<(Seat, Outbox)> {
    let Entering { who, view, visit, mut present, guest, heard } = entering;
    if !app.hub.knows(id) {
        present = participants::still_there(app, id, present).await?;
    }
    let mut admitted = who.admitted_at.is_some();
    if let Some(guest) = &guest {
        admitted = participants::still_in(app, guest).await?;
        present.retain(|one| admitted || one.participant != guest.id);
    }
    let (seat, outbox) = app.hub.join(Joining {
        booking: id,
        participant: who.participant_id,
        role: who.role,
        name: name(app, &view, who.role, guest.as_ref())?,
        admitted,
        account: who.account_id,
        resume_token: resume_token(app, &who, &view, now),
        heard,
        tab,
        state: state(&view.booking, now, now),
        epoch: visit.epoch,
        moves: visit.moves,
        present,
        video: VideoSeconds {
            patient: visit.patient_video_seconds,
            clinician: visit.clinician_video_seconds,
        },
        ice_servers: ice_servers(app, &view.booking, who.participant_id),
        policy: stricter(app.ice_policy, view.details.ice_policy),
        now,
    });
    if let Some(epoch) = seat.raised_epoch() {
        keep_epoch(app, id, epoch).await?;
    }
    Ok((seat, outbox))
}

/// Good until the room closes, and for four hours at most.
fn resume_token(app: &App, who: &Ticketed, view: &BookingView, now: Instant) -> String {
    let zone = view.details.zone.parse().ok();
    let closes = zone.and_then(|zone| window(&view.booking, zone)).map(|open| open.end);
    let latest = now + RESUME;
    app.vault.resume_token(&Resume {
        booking: who.booking_id.0,
        participant: who.participant_id.0,
        session_no: who.session_no,
        life: app.hub.life(),
        expires_at: closes.map_or(latest, |closes| closes.min(latest)).timestamp(),
    })
}

/// How the others in the visit see somebody called.
fn name(app: &App, view: &BookingView, role: Role, guest: Option<&GuestRow>) -> Result<String> {
    let details = &view.details;
    if let Some(guest) = guest {
        return participants::name_of(app, view, guest)?.ok_or(Error::NotFound);
    }
    Ok(match role {
        Role::Patient => {
            confirm::opened(view, &app.vault)?.map_or_else(String::new, |(_, a)| a.name)
        }
        Role::Clinician => details.clinician_name.clone(),
        Role::Staff => details.facility_name.clone(),
        // Nobody else is seated who is not invited by name.
        _ => return Err(Error::NotFound),
    })
}

/// Gives up the places of those who left a visit and did not come back.
pub async fn sweep(app: &App) -> Result<()> {
    for (booking, who) in app.hub.sweep(app.clock.now()) {
        // Who came back in this moment is not gone.
        if !app.hub.is_here(booking, who) {
            left(app, booking, who).await?;
        }
    }
    Ok(())
}

/// Sends away whoever is in a visit though they were sent out of it, which another server may have
/// done or this one while they came back, or though their session is over or their account closed.
pub async fn send_out(app: &App) -> Result<()> {
    if app.hub.doors.count() == 0 {
        return Ok(());
    }
    for (booking, who, removed) in app.store.read().await?.unwelcome().await? {
        let bye = if removed.is_some() { Bye::Removed } else { Bye::SignedOut };
        if app.hub.send_away(booking, who, bye) {
            app.relay.revoke(booking, Some(who), app.clock.now());
            left(app, booking, who).await?;
        }
    }
    Ok(())
}

/// Does here what another server did to the visits in which people are connected here: those that
/// it closed or called off end, and those that it moved send everybody away.
pub async fn catch_up(app: &App) -> Result<()> {
    let visits = app.hub.visits();
    if visits.is_empty() {
        return Ok(());
    }
    for visit in app.store.read().await?.visit_standings(&visits).await? {
        if visit.is_over {
            app.hub.ended(visit.id);
        } else if !app.hub.moved_since(visit.id, visit.moves) {
            continue;
        }
        app.relay.revoke(visit.id, None, app.clock.now());
    }
    Ok(())
}
