//! 診療計画: written by the doctor of a visit, in versions that stay; read and agreed to by the
//! patient.

use serde_json::json;
use uuid::Uuid;

use super::clinic::own_facility;
use super::confirm;
use super::{App, Error, Fault, Result};
use crate::model::BookingId;
use crate::model::audit::Entry;
use crate::model::care_plan::{PlanMethod, Recording, Sections};
use crate::model::new_id;
use crate::model::person::Actor;
use crate::seal::{Key, Place, SealError};
use crate::store::{AgreementRow, BookingView, PlanRow, Tx};
use crate::time::Instant;

/// A version of a plan, opened.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Its id.
    pub id: Uuid,
    /// Its number.
    pub version: i64,
    /// The nine sections.
    pub sections: Sections,
    /// What may be recorded.
    pub recording: Recording,
    /// When it was written.
    pub created_at: Instant,
    /// How and when it was agreed to for this visit.
    pub agreed: Option<(PlanMethod, Instant)>,
}

/// What a doctor writes.
#[derive(Clone, Debug)]
pub struct Written {
    /// The version that the doctor saw; 0 where there was none.
    pub version: i64,
    /// The nine sections.
    pub sections: Sections,
    /// What may be recorded.
    pub recording: Recording,
}

/// The visit of a booking, if the actor is its patient or of its clinic.
async fn load(tx: &mut Tx, actor: &Actor, id: BookingId) -> Result<BookingView> {
    let view = tx.booking_view(id).await?.ok_or(Error::NotFound)?;
    let may = actor.holds(id) || actor.facility() == Some(view.booking.facility);
    if may { Ok(view) } else { Err(Error::NotFound) }
}

fn key_of(app: &App, view: &BookingView) -> Result<Key> {
    Ok(confirm::opened(view, &app.vault)?.ok_or(Error::NotFound)?.0)
}

fn body_place(version: Uuid) -> Place {
    Place::new("care_plan_version.body", version)
}

/// The newest version of the plan of a visit's patient, with whether it was agreed to for this
/// visit.
async fn newest(tx: &mut Tx, key: &Key, view: &BookingView) -> Result<Option<Plan>> {
    opened(tx, key, view, None).await
}

/// The same of the version that is named.
async fn opened(
    tx: &mut Tx,
    key: &Key,
    view: &BookingView,
    version: Option<i64>,
) -> Result<Option<Plan>> {
    let booking = &view.booking;
    let patient = booking.patient.ok_or(Error::NotFound)?;
    let row = tx.care_plan(patient, booking.facility, version).await?;
    let Some(row) = row else { return Ok(None) };
    let sections = key.open(body_place(row.id), &row.body)?;
    let agreed = tx.care_plan_agreements(booking.id).await?;
    let agreed = agreed.iter().find(|agreed| agreed.version_id == row.id);
    Ok(Some(Plan {
        id: row.id,
        version: row.version,
        sections: serde_json::from_slice(&sections).map_err(|_| SealError)?,
        recording: row.recording,
        created_at: row.created_at,
        agreed: agreed.map(|agreed| (agreed.method, agreed.at)),
    }))
}

/// A plan to be read.
#[derive(Clone, Debug)]
pub struct Read {
    /// The version that was asked for, or the newest; nothing where none was written.
    pub plan: Option<Plan>,
    /// The numbers of all versions and when each was written, the newest first: what was replaced
    /// stays to be read.
    pub versions: Vec<(i64, Instant)>,
}

/// A version of the plan, the newest where none is named. Reading it is a deed that is audited.
pub async fn read(app: &App, actor: &Actor, id: BookingId, version: Option<i64>) -> Result<Read> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let view = load(&mut tx, actor, id).await?;
    let key = key_of(app, &view)?;
    let plan = opened(&mut tx, &key, &view, version).await?;
    if plan.is_none() && version.is_some() {
        return Err(Error::NotFound);
    }
    let patient = view.booking.patient.ok_or(Error::NotFound)?;
    let versions = tx.care_plan_versions(patient, view.booking.facility).await?;
    let entry = Entry::of(actor, "care_plan.read", id, now).at_facility(view.booking.facility);
    let read = plan.as_ref().map(|plan| plan.version);
    tx.commit(entry.with(json!({ "version": read }))).await?;
    Ok(Read { plan, versions })
}

/// Writes the next version. Only a doctor who treats the patient does.
pub async fn write(app: &App, actor: &Actor, id: BookingId, written: Written) -> Result<Plan> {
    let faults = written.sections.faults();
    if !faults.is_empty() {
        let fault = |(pointer, code)| Fault { pointer, code };
        return Err(Error::Invalid(faults.into_iter().map(fault).collect()));
    }
    own_facility(actor)?;
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let view = load(&mut tx, actor, id).await?;
    let booking = &view.booking;
    let account = actor.account().ok_or(Error::Forbidden)?;
    if account.clinician != Some(booking.clinician) {
        return Err(Error::Forbidden);
    }
    let key = key_of(app, &view)?;
    let patient = booking.patient.ok_or(Error::NotFound)?;
    let seen = tx.care_plan(patient, booking.facility, None).await?.map_or(0, |plan| plan.version);
    if seen != written.version {
        return Err(Error::Refused("stale"));
    }
    let version = new_id();
    let row = PlanRow {
        id: version,
        version: seen + 1,
        body: key.seal(body_place(version), json!(written.sections).to_string().as_bytes()),
        recording: written.recording,
        account_id: account.id,
        created_at: now,
    };
    tx.add_care_plan_version(patient, booking.facility, &row).await?;
    let plan = newest(&mut tx, &key, &view).await?.ok_or(Error::NotFound)?;
    let entry = Entry::of(actor, "care_plan.write", id, now).at_facility(booking.facility);
    tx.commit(entry.with(json!({ "version": plan.version }))).await?;
    Ok(plan)
}

/// Keeps that the patient agreed to the newest version, for this visit, which is not over yet: by
/// their own tap, or as somebody of the clinic heard it or holds it on paper.
pub async fn agree(
    app: &App,
    actor: &Actor,
    id: BookingId,
    version: i64,
    method: PlanMethod,
) -> Result<Plan> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let view = load(&mut tx, actor, id).await?;
    let booking = &view.booking;
    if actor.holds(id) != (method == PlanMethod::Tapped) {
        return Err(Error::invalid("/method", "unknown"));
    }
    if booking.status.is_terminal() {
        return Err(Error::Refused("wrong_status"));
    }
    let key = key_of(app, &view)?;
    let plan = newest(&mut tx, &key, &view).await?.ok_or(Error::Refused("no_care_plan"))?;
    if plan.version != version {
        return Err(Error::Refused("stale"));
    }
    let witness = actor.account().filter(|_| method != PlanMethod::Tapped);
    let agreed = AgreementRow { version_id: plan.id, method, at: now };
    let witness = witness.map(|account| account.id);
    tx.agree_care_plan(id, booking.facility, &agreed, witness).await?;
    let plan = newest(&mut tx, &key, &view).await?.ok_or(Error::NotFound)?;
    let entry = Entry::of(actor, "care_plan.agree", id, now).at_facility(booking.facility);
    tx.commit(entry.with(json!({ "version": version, "method": method }))).await?;
    Ok(plan)
}
