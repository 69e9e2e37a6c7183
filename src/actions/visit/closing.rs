//! How a visit is closed: by its own doctor, with its outcome.

use serde_json::json;

use super::{load, role};
use crate::actions::{App, Error, Result};
use crate::engine::booking::{self as rules, Wish};
use crate::model::BookingId;
use crate::model::audit::Entry;
use crate::model::booking::Outcome;
use crate::model::facility::ServiceKind;
use crate::model::intake::TalkOutcome;
use crate::model::person::Actor;
use crate::model::visit::Role;
use crate::seal::Place;
use crate::store::BookingView;

/// How a clinician closes a visit.
#[derive(Debug)]
pub struct Closing {
    /// How it ended.
    pub outcome: Outcome,
    /// What else there is to say; sealed.
    pub note: Option<String>,
    /// What came of a talk before care that took place.
    pub talk: Option<TalkOutcome>,
}

/// Closes a visit with its outcome. Only its own doctor may.
pub async fn close(
    app: &App,
    actor: &Actor,
    id: BookingId,
    closing: Closing,
) -> Result<BookingView> {
    let note = closing.note.map(|note| note.trim().to_owned()).filter(|note| !note.is_empty());
    if note.as_ref().is_some_and(|note| note.chars().count() > 4000) {
        return Err(Error::invalid("/note", "too_long"));
    }
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let booking = load(&mut tx, id).await?;
    if role(actor, &booking)? != Role::Clinician {
        return Err(Error::Forbidden);
    }
    let visit = tx.visit(id).await?.ok_or(Error::NotFound)?;
    let next = rules::apply(&booking, Wish::Close(closing.outcome), now)?;
    // Online care is done only where both sides saw each other (guideline V1(6)).
    let seen = visit.patient_video_seconds > 0 && visit.clinician_video_seconds > 0;
    if closing.outcome == Outcome::Done && !seen {
        return Err(Error::Refused("video_not_seen"));
    }
    let patient = tx.patient(booking.patient.ok_or(Error::NotFound)?).await?;
    let patient = patient.ok_or(Error::NotFound)?;
    let sealed = match (note, &patient.wrapped_key) {
        (Some(note), Some(wrapped)) => {
            let key = app.vault.unwrap(patient.id.0, wrapped)?;
            Some(key.seal(Place::new("visit.note", id.0), note.as_bytes()))
        }
        _ => None,
    };
    tx.update_booking(&next, booking.version).await?;
    if !tx.close_visit(id, closing.outcome.as_str(), sealed.as_ref(), now).await? {
        return Err(Error::Refused("already_closed"));
    }
    if let Some(talk) = closing.talk {
        let kind = tx.asking(booking.service).await?.map(|asking| asking.kind);
        if kind != Some(ServiceKind::PreConsultation) || closing.outcome != Outcome::Done {
            return Err(Error::invalid("/pre_consultation_outcome", "unknown"));
        }
        tx.add_talk_outcome(id, booking.facility, talk, now).await?;
    }
    let entry = Entry::of(actor, "visit.close", id, now).at_facility(booking.facility);
    tx.commit(entry.with(json!({ "outcome": closing.outcome }))).await?;
    app.tell_end(id);
    let view = app.store.read().await?.booking_view(id).await?;
    view.ok_or(Error::NotFound)
}
