//! Changing a clinic's hours: first what it strands, then the change, then one message to each
//! patient, and until that is sent the way back.
//!
//! A visit that loses its time keeps its row and goes on to occupy it, until its patient takes
//! another, or the clinic calls it off or keeps it after all.

use chrono::{NaiveDate, TimeDelta};
use serde_json::json;

use super::clinic::own_facility;
use super::{App, Error, Result, messages};
use crate::engine::availability::OwnDays;
use crate::engine::slots::Refusal;
use crate::model::audit::Entry;
use crate::model::facility::Clinician;
use crate::model::message::Kind;
use crate::model::person::Actor;
use crate::model::schedule::OnHolidays;
use crate::model::{BookingId, FacilityId, HoursChangeId};
use crate::store::{BookingView, FacilityFilter, HoursChangeRow, StrandedRow, Tx, VisitAhead};
use crate::time::Instant;

pub mod edit;
mod prepared;
mod stranded;

use edit::Edit;
use prepared::{Prepared, Present, Versions};
use stranded::Loss;
pub use stranded::Offered;
pub(super) use stranded::by_rules;

/// How many minutes after a change patients are told, where nobody says otherwise.
pub const SEND_AFTER: u16 = 10;
/// The longest time to think again, in minutes.
const LONGEST_WAIT: u16 = 24 * 60;
/// How long a plan that was never applied is kept.
const PLAN_KEPT: TimeDelta = TimeDelta::days(2);
/// How many changes a list shows.
const LISTED: i64 = 50;

/// A change of hours with what it strands.
pub struct Change {
    /// As it is kept.
    pub row: HoursChangeRow,
    /// What it changes.
    pub edits: Vec<Edit>,
    /// The visits that it strands, with the times that are offered instead.
    pub stranded: Vec<(StrandedRow, Vec<Offered>)>,
    /// The clinicians of the facility, for their names.
    pub clinicians: Vec<Clinician>,
}

impl Change {
    /// Until when, exclusively, it can be taken back.
    pub fn can_undo_until(&self) -> Option<Instant> {
        let sent = self.stranded.iter().any(|(row, _)| row.sent_at.is_some());
        self.row.send_after.filter(|_| self.row.state == "applied" && !sent)
    }
}

/// Plans a change: nothing of the hours is written, and what it would strand is answered.
pub async fn plan(app: &App, actor: &Actor, mut edits: Vec<Edit>) -> Result<Change> {
    let facility = own_facility(actor)?;
    let now = app.clock.now();
    // Ids are given here, whatever was sent.
    for edit in &mut edits {
        match edit {
            Edit::AddException { exception_id, .. } => *exception_id = None,
            Edit::AddClosure { closure_id, .. } => *closure_id = None,
            _ => {}
        }
    }
    let mut tx = app.store.begin().await?;
    let present = Present::load(&mut tx, facility, now).await?;
    let prepared = Prepared::check(app, &present, &mut edits, false)?;
    let losses = stranded::losses(app, &mut tx, &present, &prepared, now).await?;
    let row = HoursChangeRow {
        id: HoursChangeId::new(),
        facility_id: facility,
        state: "draft".to_owned(),
        edits: json!(edits).to_string(),
        inverse: "[]".to_owned(),
        seen: json!(present.versions).to_string(),
        version: 1,
        created_at: now,
        applied_at: None,
        send_after: None,
        undone_at: None,
    };
    tx.forget_plans(facility, now - PLAN_KEPT).await?;
    tx.add_hours_change(&row).await?;
    mark(&mut tx, &row, &losses, None).await?;
    let entry = Entry::of(actor, "hours.plan", row.id, now).at_facility(facility);
    tx.commit(entry.with(json!({ "edits": edits.len(), "stranded": losses.len() }))).await?;
    change(app, actor, row.id).await
}

async fn mark(
    tx: &mut Tx,
    row: &HoursChangeRow,
    losses: &[Loss],
    send_after: Option<Instant>,
) -> Result<()> {
    for loss in losses {
        let offers = json!(loss.offers).to_string();
        tx.put_stranded(row.id, row.facility_id, &loss.visit, &offers, send_after).await?;
    }
    Ok(())
}

/// Makes a planned change, if it still strands the same visits as when it was planned.
pub async fn apply(
    app: &App,
    actor: &Actor,
    id: HoursChangeId,
    version: i64,
    wait: u16,
) -> Result<Change> {
    if wait > LONGEST_WAIT {
        return Err(Error::invalid("/send_after_min", "range"));
    }
    let facility = own_facility(actor)?;
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    // Who confirms or moves a booking meanwhile decides before this change or after it.
    tx.change_hours(facility).await?;
    let mut row = load(&mut tx, facility, id, "draft", version).await?;
    let mut edits = read(&row.edits)?;
    let present = Present::load(&mut tx, facility, now).await?;
    if versions(&row)? != present.versions {
        return Err(Error::Refused("stale"));
    }
    let prepared = Prepared::check(app, &present, &mut edits, false)?;
    let losses = stranded::losses(app, &mut tx, &present, &prepared, now).await?;
    let planned = tx.stranded_by(id).await?;
    let mut known: Vec<_> = planned.iter().map(|row| row.booking_id).collect();
    let mut found: Vec<_> = losses.iter().map(|loss| loss.visit.id).collect();
    known.sort_unstable();
    found.sort_unstable();
    if known != found {
        return Err(Error::Refused("plan_changed"));
    }
    prepared.keep(&mut tx, facility).await?;
    let send_after = now + TimeDelta::minutes(wait.into());
    mark(&mut tx, &row, &losses, Some(send_after)).await?;
    for loss in &losses {
        let booking = tx.booking(loss.visit.id).await?.ok_or(Error::NotFound)?;
        let due = (send_after, now);
        messages::queue_for(&mut tx, app, Kind::NewTimes, &booking, due).await?;
    }
    let after = Present::load(&mut tx, facility, now).await?;
    "applied".clone_into(&mut row.state);
    row.inverse = json!(prepared.inverse()).to_string();
    row.seen = json!(after.versions).to_string();
    row.version += 1;
    (row.applied_at, row.send_after) = (Some(now), Some(send_after));
    tx.update_hours_change(&row, version).await?;
    let entry = Entry::of(actor, "hours.apply", id, now).at_facility(facility);
    tx.commit(entry.with(json!({ "edits": edits.len(), "stranded": losses.len() }))).await?;
    change(app, actor, id).await
}

/// Brings back what was before a change, while nobody was told of it and nothing else was changed
/// since.
pub async fn undo(app: &App, actor: &Actor, id: HoursChangeId, version: i64) -> Result<Change> {
    let facility = own_facility(actor)?;
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    tx.change_hours(facility).await?;
    let mut row = load(&mut tx, facility, id, "applied", version).await?;
    let told = tx.stranded_by(id).await?;
    let due = row.send_after.is_none_or(|due| due <= now) && !told.is_empty();
    if due || told.iter().any(|one| one.sent_at.is_some()) {
        return Err(Error::Refused("already_sent"));
    }
    let present = Present::load(&mut tx, facility, now).await?;
    if versions(&row)? != present.versions {
        return Err(Error::Refused("stale"));
    }
    let mut back = read(&row.inverse)?;
    let prepared = Prepared::check(app, &present, &mut back, true)?;
    if !stranded::losses(app, &mut tx, &present, &prepared, now).await?.is_empty() {
        return Err(Error::Refused("undo_strands"));
    }
    prepared.keep(&mut tx, facility).await?;
    tx.unmark_stranded(id, now).await?;
    "undone".clone_into(&mut row.state);
    row.version += 1;
    row.undone_at = Some(now);
    tx.update_hours_change(&row, version).await?;
    tx.commit(Entry::of(actor, "hours.undo", id, now).at_facility(facility)).await?;
    change(app, actor, id).await
}

/// Leaves a stranded visit at its time after all.
pub async fn keep(
    app: &App,
    actor: &Actor,
    id: HoursChangeId,
    booking: BookingId,
) -> Result<Change> {
    let facility = own_facility(actor)?;
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    tx.hours_change(facility, id).await?.ok_or(Error::NotFound)?;
    let marked = tx.stranded_by(id).await?;
    let one = marked.iter().find(|row| row.booking_id == booking).ok_or(Error::NotFound)?;
    if one.answer.is_some() || !tx.answer_stranded(booking, "kept", now).await? {
        return Err(Error::Refused("wrong_status"));
    }
    tx.commit(Entry::of(actor, "hours.keep", booking, now).at_facility(facility)).await?;
    change(app, actor, id).await
}

/// A change, with who has answered and how.
pub async fn change(app: &App, actor: &Actor, id: HoursChangeId) -> Result<Change> {
    let facility = own_facility(actor)?;
    let mut tx = app.store.read().await?;
    let row = tx.hours_change(facility, id).await?.ok_or(Error::NotFound)?;
    let clinicians = tx.clinicians(&FacilityFilter::one(facility)).await?;
    filled(&mut tx, row, clinicians).await
}

/// The facility's latest changes.
pub async fn changes(app: &App, actor: &Actor) -> Result<Vec<Change>> {
    let facility = own_facility(actor)?;
    let mut tx = app.store.read().await?;
    let clinicians = tx.clinicians(&FacilityFilter::one(facility)).await?;
    let mut all = Vec::new();
    for row in tx.hours_changes(facility, LISTED).await? {
        all.push(filled(&mut tx, row, clinicians.clone()).await?);
    }
    Ok(all)
}

async fn filled(tx: &mut Tx, row: HoursChangeRow, clinicians: Vec<Clinician>) -> Result<Change> {
    let edits = read(&row.edits)?;
    let marked = tx.stranded_by(row.id).await?.into_iter();
    let stranded = marked.map(|one| Ok((one.clone(), offers(&one)?)));
    Ok(Change { stranded: stranded.collect::<Result<_>>()?, row, edits, clinicians })
}

/// The change, if it is in this state and of this version.
async fn load(
    tx: &mut Tx,
    facility: FacilityId,
    id: HoursChangeId,
    state: &str,
    version: i64,
) -> Result<HoursChangeRow> {
    let row = tx.hours_change(facility, id).await?.ok_or(Error::NotFound)?;
    if row.state != state {
        return Err(Error::Refused("wrong_status"));
    }
    if row.version != version {
        return Err(Error::Refused("stale"));
    }
    Ok(row)
}

fn read(edits: &str) -> Result<Vec<Edit>> {
    serde_json::from_str(edits).map_err(unreadable)
}

fn versions(row: &HoursChangeRow) -> Result<Versions> {
    serde_json::from_str(&row.seen).map_err(unreadable)
}

fn offers(row: &StrandedRow) -> Result<Vec<Offered>> {
    serde_json::from_str(&row.offers).map_err(unreadable)
}

/// What this service wrote and cannot read any more.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn unreadable(error: serde_json::Error) -> Error {
    tracing::error!(%error, "a change of hours cannot be read");
    Error::Refused("internal")
}

/// The times that a patient can choose from instead of the one that the clinic took; none where it
/// did not, and none before the patient is told.
pub async fn new_times(app: &App, view: &BookingView) -> Result<Vec<Offered>> {
    let (booking, now) = (&view.booking, app.clock.now());
    if !booking.status.occupies() || booking.patient.is_none() {
        return Ok(Vec::new());
    }
    let mut tx = app.store.read().await?;
    let Some(row) = tx.stranded(booking.id).await? else { return Ok(Vec::new()) };
    if row.send_after.is_none_or(|due| now < due) {
        return Ok(Vec::new());
    }
    let visit = VisitAhead {
        id: booking.id,
        number: None,
        clinician_id: booking.clinician,
        service_id: booking.service,
        patient_id: booking.patient,
        starts_at: booking.starts_at,
        ends_at: booking.ends_at,
        busy_from: booking.busy_from,
        busy_until: booking.busy_until,
    };
    let offered = offers(&row)?;
    stranded::still_free(app, &mut tx, booking.id, &visit, booking.facility, &offered, now).await
}

/// A visit ahead that the rules do not allow any more.
pub struct Misplaced {
    /// The visit.
    pub visit: VisitAhead,
    /// Why.
    pub refusal: Refusal,
}

/// Visits ahead that no longer fit the rules, for whatever cause: hours, holidays, an acceptance
/// that lapsed.
pub async fn misplaced(app: &App, actor: &Actor) -> Result<(Vec<Misplaced>, Vec<Clinician>)> {
    let id = own_facility(actor)?;
    let now = app.clock.now();
    let mut tx = app.store.read().await?;
    let facility = tx.facility(id).await?.ok_or(Error::NotFound)?;
    let calendars = stranded::calendars(app, &mut tx, &facility, now).await?;
    let visits = tx.visits_ahead(id, now).await?;
    let found = visits.into_iter().filter_map(|visit| {
        let refusal = stranded::lost(app, &calendars, id, &visit, now)?;
        Some(Misplaced { visit, refusal })
    });
    Ok((found.collect(), tx.clinicians(&FacilityFilter::one(id)).await?))
}

/// What a facility does on its own days.
pub async fn own_days(app: &App, actor: &Actor) -> Result<(OnHolidays, OwnDays)> {
    let id = own_facility(actor)?;
    let mut tx = app.store.read().await?;
    let facility = tx.facility(id).await?.ok_or(Error::NotFound)?;
    let own = tx.own_days(&FacilityFilter::one(id)).await?.pop();
    Ok((facility.on_holidays, own.map(|(_, own)| own).unwrap_or_default()))
}

/// A holiday, and what the facility does on it.
pub struct HolidayRule {
    /// When.
    pub date: NaiveDate,
    /// Its name.
    pub name: String,
    /// Whether it is open.
    pub open: bool,
    /// Whether that was chosen for this date, for the name, or for all.
    pub by: &'static str,
}

/// The holidays from `from` to `to`, both included, with what the facility does on each.
pub fn holiday_rules(
    app: &App,
    on_holidays: OnHolidays,
    own: &OwnDays,
    from: NaiveDate,
    to: NaiveDate,
) -> Vec<HolidayRule> {
    use crate::model::closure::WhichHoliday;
    let rule = |(date, name): (NaiveDate, &std::sync::Arc<str>)| {
        let choice = own.choice(date, Some(name));
        let by = match choice.map(|choice| &choice.which) {
            None => "default",
            Some(WhichHoliday::Named(_)) => "name",
            Some(WhichHoliday::On(_)) => "date",
        };
        let open = choice.map_or(on_holidays == OnHolidays::Open, |choice| choice.open);
        HolidayRule { date, name: name.to_string(), open, by }
    };
    app.holidays.between(from, to).map(rule).collect()
}
