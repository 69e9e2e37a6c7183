//! The visit itself: its room, and who gets in. What must outlast a restart is kept first; the hub
//! is told afterwards.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{App, Error, Result, intake, waiting};
use crate::engine::booking::{self as rules, Wish};
use crate::engine::visit::window;
use crate::live::hub::{Act, Seat};
use crate::live::message::Precheck;
use crate::model::audit::Entry;
use crate::model::booking::{Booking, Status};
use crate::model::facility::IcePolicy;
use crate::model::person::Actor;
use crate::model::visit::{Answer, Role, VisitState};
use crate::model::{BookingId, ParticipantId};
use crate::seal::token::{Token, TokenHash};
use crate::store::{BookingView, Tx};
use crate::time::Instant;

pub mod calls;
pub mod closing;
pub mod invitations;
pub mod participants;
pub mod quality;

mod door;
mod refused;

pub use door::{Presented, catch_up, enter, send_out, sweep};

/// How long a ticket waits to be used.
const TICKET: TimeDelta = TimeDelta::seconds(30);

/// A visit as somebody finds it who stands before its door.
pub struct Room {
    /// Its booking.
    pub view: BookingView,
    /// What the actor is in it.
    pub role: Role,
    /// How far it has come.
    pub state: VisitState,
    /// When its waiting room opens.
    pub opens_at: Instant,
    /// When it closes for good.
    pub closes_at: Instant,
    /// Which paths its media may take.
    pub ice_policy: IcePolicy,
}

/// The visit of a booking, for its patient or its clinic.
pub async fn room(app: &App, actor: &Actor, id: BookingId) -> Result<Room> {
    found(app, id, |booking| role(actor, booking)).await
}

async fn found(
    app: &App,
    id: BookingId,
    role: impl FnOnce(&Booking) -> Result<Role>,
) -> Result<Room> {
    let mut tx = app.store.read().await?;
    let view = tx.booking_view(id).await?.ok_or(Error::NotFound)?;
    let role = role(&view.booking)?;
    let zone = view.details.zone.parse().map_err(|_| Error::NotFound)?;
    let open = window(&view.booking, zone).ok_or(Error::NotFound)?;
    let state = state(&view.booking, open.start, app.clock.now());
    let ice_policy = stricter(app.ice_policy, view.details.ice_policy);
    Ok(Room { view, role, state, opens_at: open.start, closes_at: open.end, ice_policy })
}

pub(super) fn stricter(a: IcePolicy, b: IcePolicy) -> IcePolicy {
    if a == IcePolicy::Relay { a } else { b }
}

/// What the actor is in the visit. To others it does not exist.
fn role(actor: &Actor, booking: &Booking) -> Result<Role> {
    if actor.holds(booking.id) {
        return Ok(Role::Patient);
    }
    let account = actor.account().ok_or(Error::NotFound)?;
    if account.facility != Some(booking.facility) {
        return Err(Error::NotFound);
    }
    let treats = account.clinician == Some(booking.clinician);
    Ok(if treats { Role::Clinician } else { Role::Staff })
}

/// How far a visit has come. A call that was hung up is not the visit's end: until the visit is
/// closed with its outcome, both may come back.
fn state(booking: &Booking, opens_at: Instant, now: Instant) -> VisitState {
    if booking.status.is_terminal() {
        VisitState::Ended
    } else if booking.status == Status::InProgress {
        VisitState::InProgress
    } else if now < opens_at {
        VisitState::Scheduled
    } else {
        VisitState::Open
    }
}

/// A ticket that opens the signaling socket of the visit once, and when it expires.
/// It dies with the session that asks for it.
pub async fn ticket(
    app: &App,
    actor: &Actor,
    session: Option<&TokenHash>,
    id: BookingId,
) -> Result<(Token, Instant)> {
    let given = give_ticket(app, actor, session, id).await;
    if let Some(code) = given.as_ref().err().and_then(refused::code) {
        refused::note(app, actor, id, code).await;
    }
    given
}

async fn give_ticket(
    app: &App,
    actor: &Actor,
    session: Option<&TokenHash>,
    id: BookingId,
) -> Result<(Token, Instant)> {
    let guest = actor.guest_in(id).filter(|_| !actor.holds(id));
    let room = match guest {
        Some(_) => participants::visit(app, actor, id).await?.room,
        None => room(app, actor, id).await?,
    };
    let now = app.clock.now();
    let booking = &room.view.booking;
    match room.state {
        VisitState::Scheduled => return Err(Error::Refused("too_early")),
        VisitState::Ended => return Err(Error::Refused("too_late")),
        VisitState::Open | VisitState::InProgress if now >= room.closes_at => {
            return Err(Error::Refused("too_late"));
        }
        VisitState::Open | VisitState::InProgress => {}
    }
    let (ticket, expires_at) = (Token::random(), now + TICKET);
    let account = actor.account().filter(|_| room.role != Role::Patient).map(|a| a.id);
    let mut tx = app.store.begin().await?;
    let participant = match guest {
        Some(guest) => guest,
        None => tx.keep_participant(id, booking.facility, room.role, account).await?,
    };
    // A ticket that opens nothing would be asked for again and again.
    let who = tx.participant(id, participant).await?;
    if who.is_some_and(|who| who.removed_at.is_some()) {
        return Err(Error::Refused("removed"));
    }
    tx.add_ticket(&ticket.hash(), participant, session, expires_at, now).await?;
    let entry = Entry::of(actor, "visit.ticket", id, now).at_facility(booking.facility);
    tx.commit(entry.with(json!({ "participant": participant }))).await?;
    Ok((ticket, expires_at))
}

fn ice_servers(app: &App, booking: &Booking, participant: ParticipantId) -> Value {
    let now = app.clock.now();
    json!(app.ice.for_participant(booking.id, participant, booking.ends_at, now))
}

/// Stores the epochs that rose in the hub.
pub async fn keep_epochs(app: &App) -> Result<()> {
    for (visit, epoch) in app.hub.raised() {
        keep_epoch(app, visit, epoch).await?;
    }
    Ok(())
}

async fn keep_epoch(app: &App, id: BookingId, epoch: i64) -> Result<()> {
    let mut tx = app.store.begin().await?;
    tx.note_epoch(id, epoch).await?;
    Ok(tx.commit_unaudited().await?)
}

/// Does what a page asked for through the hub. What the database refuses is told to the page.
pub async fn act(app: &App, seat: &Seat, act: Act) {
    let third = seat.role().is_third();
    let moves = matches!(
        act,
        Act::Knock
            | Act::Admit(_)
            | Act::Deny(_)
            | Act::Consent { .. }
            | Act::Remove(_)
            | Act::End
            | Act::Leave
    );
    let done = match act {
        Act::Knock if third => participants::knock(app, seat).await,
        Act::Knock => knock(app, seat).await,
        Act::Precheck(_) if third => Ok(()),
        Act::Precheck(result) => note_device_check(app, seat.booking(), &result).await,
        Act::Admit(who) => admit(app, seat, who).await,
        Act::Deny(who) => participants::deny(app, seat, who).await,
        Act::Hold(who) => participants::hold(app, seat, who).await,
        Act::Consent { participant, yes } => {
            let answer = if yes { Answer::Yes } else { Answer::No };
            participants::answer(app, seat, participant, answer).await
        }
        Act::Remove(who) => participants::remove(app, seat, who).await,
        Act::End => end(app, seat).await,
        Act::Turn => turn(app, seat).await,
        Act::Leave => participants::left(app, seat.booking(), seat.participant()).await,
        Act::Video { patient_seconds, clinician_seconds } => {
            video(app, seat.booking(), patient_seconds, clinician_seconds).await
        }
        Act::Measured(measured) => quality::note(app, &measured).await,
    };
    if let Err(error) = done {
        let code = match error {
            Error::Refused(code) => code,
            other => {
                tracing::warn!(error = &other as &dyn std::error::Error, "deed of a visit failed");
                "failed"
            }
        };
        app.hub.refused(seat, code);
    } else if moves {
        waiting::changed(app, seat.booking()).await;
    }
}

/// The entry of a deed in a visit. The seat was taken with a ticket, which names its account.
fn entry(app: &App, seat: &Seat, action: &'static str, booking: &Booking) -> Entry {
    let entry = Entry::of(&Actor::System, action, booking.id, app.clock.now());
    entry.at_facility(booking.facility).with(json!({ "participant": seat.participant() }))
}

async fn load(tx: &mut Tx, id: BookingId) -> Result<Booking> {
    tx.booking(id).await?.ok_or(Error::NotFound)
}

async fn knock(app: &App, seat: &Seat) -> Result<()> {
    let (id, now) = (seat.booking(), app.clock.now());
    let mut tx = app.store.begin().await?;
    let booking = load(&mut tx, id).await?;
    if booking.status.is_terminal() {
        return Err(Error::Refused("wrong_status"));
    }
    if booking.status == Status::Booked {
        let view = tx.booking_view(id).await?.ok_or(Error::NotFound)?;
        let zone = view.details.zone.parse().map_err(|_| Error::NotFound)?;
        let next = rules::apply(&booking, Wish::CheckIn { zone }, now)?;
        tx.update_booking(&next, booking.version).await?;
    }
    tx.note_waiting(id, now).await?;
    let since = tx.visit(id).await?.and_then(|visit| visit.waiting_since).unwrap_or(now);
    tx.commit(entry(app, seat, "visit.knock", &booking)).await?;
    app.hub.knocked(id, seat.participant(), since);
    Ok(())
}

async fn admit(app: &App, seat: &Seat, who: ParticipantId) -> Result<()> {
    let (id, now) = (seat.booking(), app.clock.now());
    let mut tx = app.store.begin().await?;
    let booking = load(&mut tx, id).await?;
    if booking.status != Status::InProgress {
        intake::admissible(&mut tx, &booking).await?;
        let next = rules::apply(&booking, Wish::Admit, now)?;
        tx.update_booking(&next, booking.version).await?;
    }
    if !tx.admit(id, who, now).await? {
        return Err(Error::Refused("not_found"));
    }
    // Third persons are let in by the patient's answer.
    let booking = load(&mut tx, id).await?;
    calls::with_admission(&mut tx, app, &booking, now).await?;
    let epoch = tx.visit(id).await?.map_or(0, |visit| visit.epoch);
    tx.commit(entry(app, seat, "visit.admit", &booking)).await?;
    if let Some(raised) = app.hub.admitted(id, who, epoch) {
        keep_epoch(app, id, raised).await?;
    }
    calls::take_back(app, id);
    Ok(())
}

async fn end(app: &App, seat: &Seat) -> Result<()> {
    let mut tx = app.store.begin().await?;
    let booking = load(&mut tx, seat.booking()).await?;
    if booking.status != Status::InProgress {
        return Err(Error::Refused("wrong_status"));
    }
    tx.note_ended(booking.id, app.clock.now()).await?;
    tx.all_left(booking.id, app.clock.now()).await?;
    tx.commit(entry(app, seat, "visit.end", &booking)).await?;
    app.hub.ended(booking.id);
    app.relay.revoke(booking.id, None, app.clock.now());
    Ok(())
}

async fn turn(app: &App, seat: &Seat) -> Result<()> {
    let booking = load(&mut app.store.read().await?, seat.booking()).await?;
    app.hub.ice_servers(seat, ice_servers(app, &booking, seat.participant()));
    Ok(())
}

async fn video(app: &App, id: BookingId, patient: i64, clinician: i64) -> Result<()> {
    let mut tx = app.store.begin().await?;
    tx.note_video(id, patient, clinician).await?;
    Ok(tx.commit_unaudited().await?)
}

/// Keeps what the device of the patient who opened the booking can do.
pub async fn check_device(
    app: &App,
    actor: &Actor,
    id: BookingId,
    result: &Precheck,
) -> Result<()> {
    if !actor.holds(id) {
        return Err(Error::NotFound);
    }
    note_device_check(app, id, result).await
}

/// Keeps what a patient's device can do; codes only.
async fn note_device_check(app: &App, id: BookingId, result: &Precheck) -> Result<()> {
    let mut tx = app.store.begin().await?;
    tx.note_device_check(id, &json!(result).to_string()).await?;
    tx.commit_unaudited().await?;
    waiting::checked(app, id).await;
    Ok(())
}
