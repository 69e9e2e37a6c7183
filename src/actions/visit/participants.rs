//! Third persons in a visit: whom the clinic invites, what the patient says to each of their stays,
//! and how a stay ends. Nobody of them is in without a consent of the patient that is kept with it
//! (rules.md E-05); the schema says so too.

use chrono::TimeDelta;
use serde::Serialize;
use serde_json::json;

use super::{Room, entry, load};
use crate::actions::clinic::own_facility;
use crate::actions::confirm::{self, Speech};
use crate::actions::{App, Error, Result};
use crate::live::hub::{Hub, Present, Seat};
use crate::live::message::Bye;
use crate::model::audit::Entry;
use crate::model::booking::{Booking, Status};
use crate::model::person::Actor;
use crate::model::visit::{Answer, Role};
use crate::model::{BookingId, ParticipantId};
use crate::seal::{Key, Place, Sealed};
use crate::store::once::after_commit;
use crate::store::{AnswerRow, BookingView, GuestRow, Tx};
use crate::time::Instant;

/// The most people in one visit, with patient and doctor (video.md section 6).
const PEOPLE_MOST: usize = 6;
/// For how long after its start the service takes those whom it does not know for still there: as
/// long as it keeps the place of somebody whose socket is gone.
const GRACE: TimeDelta = TimeDelta::seconds(120);

/// Where a third person is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GuestState {
    /// Has a link that was not opened yet.
    Invited,
    /// Has a link that opens no more.
    Expired,
    /// Opened the link, and is not there.
    Away,
    /// Waits to be let in.
    Waiting,
    /// Was not let in.
    Denied,
    /// Takes part.
    Inside,
    /// Was sent away for good.
    Removed,
}

/// A third person, as the clinic sees them.
#[derive(Debug)]
pub struct Guest {
    /// Their part in the visit.
    pub participant: ParticipantId,
    /// What they are.
    pub role: Role,
    /// Their name; none where the patient was forgotten.
    pub name: Option<String>,
    /// The language in which they read.
    pub language: Speech,
    /// Where they are.
    pub state: GuestState,
    /// Since when they wait, or take part.
    pub since: Option<Instant>,
    /// Whether they were asked for more patience.
    pub held: bool,
    /// Until when their link opens, where it still does.
    pub link_expires_at: Option<Instant>,
    /// What a remote specialist answers for.
    pub responsibility: Option<String>,
    /// What the patient answered last about them.
    pub consent: Option<AnswerRow>,
}

/// A visit as a third person may know it.
pub struct GuestVisit {
    /// Place, times and state; of the patient's nothing is to be passed on.
    pub room: Room,
    /// What the person is in it.
    pub role: Role,
}

/// A visit of the actor's clinic.
pub(super) async fn own(tx: &mut Tx, actor: &Actor, id: BookingId) -> Result<BookingView> {
    let facility = own_facility(actor)?;
    let view = tx.booking_view(id).await?.ok_or(Error::NotFound)?;
    if view.booking.facility == facility { Ok(view) } else { Err(Error::NotFound) }
}

/// A visit of which the actor is the doctor.
async fn treated(tx: &mut Tx, actor: &Actor, id: BookingId) -> Result<BookingView> {
    let view = own(tx, actor, id).await?;
    let treats = actor.account().and_then(|account| account.clinician);
    if treats == Some(view.booking.clinician) { Ok(view) } else { Err(Error::Forbidden) }
}

pub(super) fn name_place(who: ParticipantId) -> Place {
    Place::new("visit_participant.name", who.0)
}

pub(super) fn responsibility_place(who: ParticipantId) -> Place {
    Place::new("visit_participant.responsibility", who.0)
}

/// How a third person is called; nothing where the patient, under whose key it is, was forgotten.
pub(super) fn name_of(app: &App, view: &BookingView, row: &GuestRow) -> Result<Option<String>> {
    let key = confirm::opened(view, &app.vault)?.map(|(key, _)| key);
    named(key.as_ref(), row)
}

fn named(key: Option<&Key>, row: &GuestRow) -> Result<Option<String>> {
    opened(key, name_place(row.id), row.name.as_ref())
}

fn opened(key: Option<&Key>, place: Place, text: Option<&Sealed>) -> Result<Option<String>> {
    Ok(key.zip(text).map(|(key, text)| key.open_text(place, text)).transpose()?)
}

/// The third persons of a visit, for its clinic.
pub async fn list(app: &App, actor: &Actor, id: BookingId) -> Result<Vec<Guest>> {
    let mut tx = app.store.read().await?;
    let view = own(&mut tx, actor, id).await?;
    listed(app, &mut tx, &view).await
}

async fn listed(app: &App, tx: &mut Tx, view: &BookingView) -> Result<Vec<Guest>> {
    let now = app.clock.now();
    let key = confirm::opened(view, &app.vault)?.map(|(key, _)| key);
    let answers = tx.answers(view.booking.id).await?;
    let rows = tx.guests(view.booking.id).await?.into_iter();
    rows.map(|row| {
        let consent = answers.iter().rfind(|answer| answer.participant_id == row.id).cloned();
        Ok(Guest { consent, ..guest(key.as_ref(), &row, now)? })
    })
    .collect()
}

pub(super) fn guest(key: Option<&Key>, row: &GuestRow, now: Instant) -> Result<Guest> {
    let state = state_of(row, now);
    let unused = matches!(state, GuestState::Invited);
    Ok(Guest {
        participant: row.id,
        role: row.role,
        name: named(key, row)?,
        language: Speech::stored(row.language.as_deref()),
        state,
        since: row.admitted_at.or(row.waiting_since),
        held: row.held_at.is_some() && row.waits(),
        link_expires_at: row.invite_expires_at.filter(|_| unused),
        responsibility: opened(key, responsibility_place(row.id), row.responsibility.as_ref())?,
        consent: None,
    })
}

fn state_of(row: &GuestRow, now: Instant) -> GuestState {
    let open = row.invite_expires_at.is_some_and(|expires| now < expires);
    if row.removed_at.is_some() {
        GuestState::Removed
    } else if row.admitted_at.is_some() {
        GuestState::Inside
    } else if row.waiting_since.is_some() {
        GuestState::Waiting
    } else if row.denied_at.is_some() {
        GuestState::Denied
    } else if row.invite_used_at.is_some() || row.invite_expires_at.is_none() {
        GuestState::Away
    } else if open {
        GuestState::Invited
    } else {
        GuestState::Expired
    }
}

/// The visit to which the actor is invited.
pub async fn visit(app: &App, actor: &Actor, id: BookingId) -> Result<GuestVisit> {
    let who = actor.guest_in(id).ok_or(Error::NotFound)?;
    let row = app.store.read().await?.guest(id, who).await?.ok_or(Error::NotFound)?;
    let room = super::found(app, id, |_| Ok(row.role)).await?;
    Ok(GuestVisit { room, role: row.role })
}

/// Whether a third person who comes with a new socket is still in by what the patient agreed to:
/// where their place was kept, or could not be because the service was started since.
pub(super) async fn still_in(app: &App, guest: &GuestRow) -> Result<bool> {
    if stays(app, guest) {
        return Ok(true);
    }
    if guest.admitted_at.is_some() {
        left(app, guest.booking_id, guest.id).await?;
    }
    Ok(false)
}

/// Whether what the patient agreed to of a third person is going on.
fn stays(app: &App, guest: &GuestRow) -> bool {
    let here = || is_fresh(app) || app.hub.is_here(guest.booking_id, guest.id);
    guest.admitted_at.is_some() && here()
}

/// As whom the actor may be beside the patient, while they are in the visit by the patient's consent
/// (E-05): these alone of all third persons may have to send an ambulance to where the patient is.
pub(in crate::actions) async fn beside(
    app: &App,
    tx: &mut Tx,
    actor: &Actor,
    booking: &Booking,
) -> Result<Option<ParticipantId>> {
    let Some(who) = actor.guest_in(booking.id) else { return Ok(None) };
    if booking.status != Status::InProgress {
        return Ok(None);
    }
    let row = tx.guest(booking.id, who).await?;
    let row = row.filter(|row| row.role.may_be_beside() && stays(app, row));
    Ok(row.map(|row| row.id))
}

/// Whether the service was started so lately that nobody's place could be given up since.
fn is_fresh(app: &App) -> bool {
    app.clock.now() - app.started() < GRACE
}

/// Who is looked for when the first comes into a visit that this process does not know. A third person
/// is only right after the service was started: what the patient agreed to was that stay, and it ended
/// with the grace, whoever was there to see it.
pub(super) async fn still_there(
    app: &App,
    id: BookingId,
    present: Vec<Present>,
) -> Result<Vec<Present>> {
    if is_fresh(app) {
        return Ok(present);
    }
    let (third, others): (Vec<_>, _) = present.into_iter().partition(|one| one.role.is_third());
    for one in third {
        left(app, id, one.participant).await?;
    }
    Ok(others)
}

/// A third person waits; since when.
pub(super) async fn knock(app: &App, seat: &Seat) -> Result<()> {
    let (id, who, now) = (seat.booking(), seat.participant(), app.clock.now());
    let mut tx = app.store.begin().await?;
    let booking = load(&mut tx, id).await?;
    if booking.status.is_terminal() {
        return Err(Error::Refused("wrong_status"));
    }
    let since = tx.guest_waits(who, now).await?;
    tx.commit(entry(app, seat, "visit.knock", &booking)).await?;
    app.hub.knocked(id, who, since);
    Ok(())
}

/// Somebody who waits is asked for more patience.
pub(super) async fn hold(app: &App, seat: &Seat, who: ParticipantId) -> Result<()> {
    let (id, now) = (seat.booking(), app.clock.now());
    let mut tx = app.store.begin().await?;
    let booking = load(&mut tx, id).await?;
    if !tx.note_held(id, who, now).await? {
        return Err(Error::Refused("not_waiting"));
    }
    let entry = entry(app, seat, "visit.hold", &booking);
    tx.commit(entry.with(json!({ "participant": who, "by": seat.participant() }))).await?;
    app.hub.held(id, who);
    Ok(())
}

/// Somebody who waits is not let in.
pub(super) async fn deny(app: &App, seat: &Seat, who: ParticipantId) -> Result<()> {
    let (id, now) = (seat.booking(), app.clock.now());
    let mut tx = app.store.begin().await?;
    let booking = load(&mut tx, id).await?;
    if !tx.note_denied(id, who, now).await? {
        return Err(Error::Refused("not_waiting"));
    }
    tx.forget_waiting(id, who).await?;
    let entry = entry(app, seat, "visit.deny", &booking);
    tx.commit(entry.with(json!({ "participant": who, "by": seat.participant() }))).await?;
    app.hub.denied(id, who);
    Ok(())
}

/// The patient's answer to whether a third person may come in, from the patient's own page. By a
/// yes the person is in: consent and admission are one deed.
pub(super) async fn answer(
    app: &App,
    seat: &Seat,
    who: ParticipantId,
    answer: Answer,
) -> Result<()> {
    if seat.role() != Role::Patient {
        return Err(Error::Forbidden);
    }
    let mut tx = app.store.begin().await?;
    let booking = load(&mut tx, seat.booking()).await?;
    let (admitted, epoch) = decide(app, &mut tx, &booking, (who, answer), None).await?;
    let entry = entry(app, seat, "visit.consent", &booking);
    let detail = json!({ "participant": who, "answer": answer, "by": seat.participant() });
    tx.commit(entry.with(detail)).await?;
    match tell(&app.hub, (booking.id, who), admitted, epoch) {
        Some(raised) => super::keep_epoch(app, booking.id, raised).await,
        None => Ok(()),
    }
}

/// Tells what the patient answered. The visit's new epoch if connections had to start anew.
fn tell(
    hub: &Hub,
    (id, who): (BookingId, ParticipantId),
    admitted: bool,
    epoch: i64,
) -> Option<i64> {
    if admitted {
        return hub.admitted(id, who, epoch);
    }
    hub.denied(id, who);
    None
}

/// The patient's answer as the doctor heard it, for patients without a screen of their own.
pub async fn spoken(
    app: &App,
    actor: &Actor,
    (id, who): (BookingId, ParticipantId),
    answer: Answer,
) -> Result<Vec<Guest>> {
    let mut tx = app.store.begin().await?;
    let view = treated(&mut tx, actor, id).await?;
    let booking = &view.booking;
    let account = actor.account().map(|account| account.id);
    let (admitted, epoch) = decide(app, &mut tx, booking, (who, answer), account).await?;
    let entry = Entry::of(actor, "visit.consent", id, app.clock.now());
    let detail = json!({ "participant": who, "answer": answer, "spoken": true });
    tx.commit(entry.at_facility(booking.facility).with(detail)).await?;
    // Nobody is let in by what may yet be rolled back. An epoch that rises is kept by the next round.
    let hub = app.hub.clone();
    after_commit(move || _ = tell(&hub, (id, who), admitted, epoch));
    list(app, actor, id).await
}

/// Keeps what the patient answered about a person who waits, and lets them in by a yes. Whether
/// they are in, and the visit's epoch.
async fn decide(
    app: &App,
    tx: &mut Tx,
    booking: &Booking,
    (who, answer): (ParticipantId, Answer),
    account: Option<crate::model::AccountId>,
) -> Result<(bool, i64)> {
    let (id, now) = (booking.id, app.clock.now());
    if booking.status != Status::InProgress {
        return Err(Error::Refused("wrong_status"));
    }
    tx.lock(id.0).await?;
    let row = tx.guest(id, who).await?.ok_or(Error::Refused("not_waiting"))?;
    if !row.waits() {
        return Err(Error::Refused("not_waiting"));
    }
    let inside = tx.guests(id).await?.iter().filter(|row| row.admitted_at.is_some()).count();
    if answer == Answer::Yes && inside + 2 >= PEOPLE_MOST {
        return Err(Error::Refused("visit_full"));
    }
    let consent = tx.add_answer(&row, answer, account, now).await?;
    let done = match answer {
        Answer::Yes => tx.admit_guest(&row, consent, now).await?,
        Answer::No => tx.note_denied(id, who, now).await?,
    };
    if !done {
        return Err(Error::Refused("not_waiting"));
    }
    let epoch = tx.visit(id).await?.map_or(0, |visit| visit.epoch);
    Ok((answer == Answer::Yes, epoch))
}

/// Sends a person away for good, from the doctor's page.
pub(super) async fn remove(app: &App, seat: &Seat, who: ParticipantId) -> Result<()> {
    let mut tx = app.store.begin().await?;
    let booking = load(&mut tx, seat.booking()).await?;
    if tx.remove_person(booking.id, who, app.clock.now()).await? {
        let entry = entry(app, seat, "visit.remove", &booking);
        tx.commit(entry.with(json!({ "participant": who, "by": seat.participant() }))).await?;
    } else if tx.participant(booking.id, who).await?.is_none_or(|one| one.removed_at.is_none()) {
        return Err(Error::Refused("not_found"));
    }
    // Also where it was kept before, and they are here all the same.
    send_away(app, booking.id, who);
    Ok(())
}

/// Ends the socket of somebody who was sent away, and what they hold of the relay, once that is kept
/// for good.
fn send_away(app: &App, id: BookingId, who: ParticipantId) {
    let app = app.clone();
    after_commit(move || {
        app.hub.send_away(id, who, Bye::Removed);
        app.relay.revoke(id, Some(who), app.clock.now());
    });
}

/// Sends a third person away for good, for the clinic; those who are left.
pub async fn remove_by_clinic(
    app: &App,
    actor: &Actor,
    id: BookingId,
    who: ParticipantId,
) -> Result<Vec<Guest>> {
    let mut tx = app.store.begin().await?;
    let view = own(&mut tx, actor, id).await?;
    tx.guest(id, who).await?.ok_or(Error::NotFound)?;
    if tx.remove_person(id, who, app.clock.now()).await? {
        let entry = Entry::of(actor, "visit.remove", id, app.clock.now());
        let entry = entry.at_facility(view.booking.facility);
        tx.commit(entry.with(json!({ "participant": who }))).await?;
    }
    send_away(app, id, who);
    list(app, actor, id).await
}

/// Somebody is gone: after a restart they are not looked for. What the patient agreed to of a third
/// person was this stay, and the next one is asked for anew.
pub async fn left(app: &App, id: BookingId, who: ParticipantId) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    if !tx.end_stay(id, who, now).await? {
        tx.note_left(who, now).await?;
        return Ok(tx.commit_unaudited().await?);
    }
    let booking = load(&mut tx, id).await?;
    let entry = Entry::of(&Actor::System, "visit.leave", id, now).at_facility(booking.facility);
    tx.commit(entry.with(json!({ "participant": who }))).await?;
    app.relay.revoke(id, Some(who), now);
    Ok(())
}
