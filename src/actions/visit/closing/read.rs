//! What is read again of a closed visit: by its patient, and by its doctor, to whom the form before
//! it is closed suggests what is known.

use serde_json::json;

use super::{key_of, own};
use crate::actions::confirm::Speech;
use crate::actions::{App, Error, Result};
use crate::model::BookingId;
use crate::model::audit::Entry;
use crate::model::booking::{Booking, Outcome};
use crate::model::clearance::{Item, ItemState};
use crate::model::closing::{CareMode, DoctorPlace, PrescriptionKind, RecordAccess, Referral};
use crate::model::facility::{ServiceKind, Stage};
use crate::model::person::Actor;
use crate::seal::Place;
use crate::store::{ClosingRow, Tx};
use crate::time::Instant;

/// Where the exchange number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exchange {
    /// It waits to be shown, until then.
    Ready(Instant),
    /// It was shown, then.
    Shown(Instant),
    /// It ran out, then.
    Expired(Instant),
}

/// A closed visit, as its patient and its doctor read it.
#[derive(Clone, Debug)]
pub struct Closed {
    /// How it ended.
    pub outcome: Outcome,
    /// What was said of it, where care took place.
    pub said: Option<Said>,
}

/// What was said of a visit that took place.
#[derive(Clone, Debug)]
pub struct Said {
    /// Where it took place in the end.
    pub mode: CareMode,
    /// In which form something was prescribed.
    pub prescription: PrescriptionKind,
    /// For how many days.
    pub days: Option<i64>,
    /// The number for the pharmacy.
    pub exchange: Option<Exchange>,
    /// To whom the patient was sent.
    pub referral: Option<Referral>,
    /// What follows.
    pub onward_policy: Option<String>,
    /// The visit that follows, and when it starts.
    pub next: Option<(BookingId, Instant)>,
}

/// What the form says before the doctor has said anything. Each is the doctor's to change.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each suggests a field of the form")]
pub struct Suggested {
    /// Care, or a talk before it.
    pub kind: ServiceKind,
    /// Whether both sides had a picture, without which it cannot be closed as done.
    pub video_seen: bool,
    /// By the kind of visit and whether the patient was treated here before.
    pub guideline_first_visit: bool,
    /// By whether the patient was treated here before, alone.
    pub billing_first_visit: bool,
    /// Where something is known of the patient from before.
    pub underlying_info_known: bool,
    /// Whether the patient's identity was checked for this visit.
    pub identity_checked: bool,
    /// The version of that item, to be named when it is changed.
    pub identity_version: i64,
    /// Whether it is known on what a first visit rests.
    pub basis_known: bool,
    /// The version of that, to be named when it is said.
    pub basis_version: i64,
    /// In which the patient reads what follows.
    pub language: Speech,
    /// Where the patient said they are.
    pub patient_prefecture: Option<String>,
    /// As at the doctor's last visit.
    pub doctor_place: DoctorPlace,
    /// The same.
    pub doctor_prefecture: Option<String>,
    /// The same.
    pub record_access: Option<RecordAccess>,
}

/// A closed visit, for its patient; nothing as long as it is not closed.
pub async fn of_patient(app: &App, actor: &Actor, id: BookingId) -> Result<Option<Closed>> {
    if !actor.holds(id) {
        return Err(Error::NotFound);
    }
    let mut tx = app.store.read().await?;
    let booking = tx.booking(id).await?.ok_or(Error::NotFound)?;
    closed(app, &mut tx, &booking).await
}

/// A visit's closing form, for its own doctor: suggestions, and what was said once it is closed.
/// Reading it is a deed that is audited.
pub async fn of_clinic(
    app: &App,
    actor: &Actor,
    id: BookingId,
) -> Result<(Suggested, Option<Closed>)> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let (booking, _) = own(&mut tx, actor, id).await?;
    let suggested = suggested(&mut tx, &booking).await?;
    let closed = closed(app, &mut tx, &booking).await?;
    let entry = Entry::of(actor, "closing.read", id, now).at_facility(booking.facility);
    tx.commit(entry.with(json!({ "closed": closed.is_some() }))).await?;
    Ok((suggested, closed))
}

async fn suggested(tx: &mut Tx, booking: &Booking) -> Result<Suggested> {
    let asking = tx.asking(booking.service).await?.ok_or(Error::NotFound)?;
    let patient = booking.patient.ok_or(Error::NotFound)?;
    let seen_before = tx.seen_before(patient, booking.facility, booking.id).await?;
    let intake = tx.intake(booking.id).await?;
    let visit = tx.visit(booking.id).await?.ok_or(Error::NotFound)?;
    let last = tx.last_place(booking.clinician).await?;
    let items = tx.clearance_items(booking.id).await?;
    let identity = items.iter().find(|row| row.item == Item::IdentityPatient);
    let patient_place = tx.place(booking.id).await?;
    let language = tx.booking_view(booking.id).await?.and_then(|view| view.details.language);
    let basis_known = intake.as_ref().is_some_and(|intake| intake.first_visit_basis.is_some());
    let care = asking.kind == ServiceKind::OnlineCare;
    let (place, prefecture, access) = last.map_or((DoctorPlace::Clinic, None, None), |last| {
        (last.doctor_place, last.doctor_prefecture, last.record_access)
    });
    Ok(Suggested {
        kind: asking.kind,
        video_seen: visit.patient_video_seconds > 0 && visit.clinician_video_seconds > 0,
        guideline_first_visit: match asking.visit {
            Stage::First => care,
            Stage::Any => care && !seen_before,
            Stage::Repeat => false,
        },
        billing_first_visit: care && !seen_before,
        underlying_info_known: seen_before || basis_known,
        identity_version: identity.map_or(0, |row| row.version),
        identity_checked: identity.is_some_and(|row| row.state == ItemState::Done),
        basis_known,
        basis_version: intake.map_or(0, |intake| intake.version),
        language: Speech::stored(language.as_deref()),
        patient_prefecture: patient_place.map(|place| place.prefecture_code),
        doctor_place: place,
        doctor_prefecture: prefecture,
        record_access: access,
    })
}

async fn closed(app: &App, tx: &mut Tx, booking: &Booking) -> Result<Option<Closed>> {
    let Some(outcome) = Outcome::ALL.iter().find(|outcome| outcome.status() == booking.status)
    else {
        return Ok(None);
    };
    let said = match tx.closing(booking.id).await? {
        Some(row) => said(app, tx, booking, row).await?,
        None => None,
    };
    Ok(Some(Closed { outcome: *outcome, said }))
}

/// Opens what was said; nothing of a patient who was forgotten.
async fn said(app: &App, tx: &mut Tx, booking: &Booking, row: ClosingRow) -> Result<Option<Said>> {
    let Some(key) = key_of(app, tx, booking).await? else { return Ok(None) };
    let open = |column, sealed| key.open_text(Place::new(column, booking.id.0), sealed);
    let referred_to = row.referred_to.as_ref();
    let referred_to = referred_to.map(|to| open("visit_closing.referred_to", to)).transpose()?;
    let policy = row.onward_policy.as_ref();
    let policy = policy.map(|policy| open("visit_closing.onward_policy", policy)).transpose()?;
    let next = match row.next_booking_id {
        Some(next) => tx.booking(next).await?.map(|next| (next.id, next.starts_at)),
        None => None,
    };
    let exchange = row.exchange_expires_at.map(|expires_at| match row.exchange_shown_at {
        Some(shown) => Exchange::Shown(shown),
        None if expires_at <= app.clock.now() => Exchange::Expired(expires_at),
        None => Exchange::Ready(expires_at),
    });
    Ok(Some(Said {
        mode: row.mode,
        prescription: row.prescription,
        days: row.days,
        exchange,
        referral: row.referral_reason.zip(referred_to).map(|(reason, to)| Referral { reason, to }),
        onward_policy: policy,
        next,
    }))
}
