//! Changing a clinic's hours: plan, apply, take back; closures and holidays.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::extract::{Asked, At, Body, Caller};
use super::json::Items;
use super::problem::Problem;
use super::words;
use crate::actions::hours::edit::{DateRange, Edit, YearlyDays};
use crate::actions::hours::{self, Change};
use crate::actions::{App, Error};
use crate::format::Lang;
use crate::model::booking::Status;
use crate::model::closure::{Closure, Extent, HolidayChoice, WhichHoliday};
use crate::model::facility::Clinician;
use crate::model::schedule::OnHolidays;
use crate::model::{BookingId, ClinicianId, ClosureId, HoursChangeId, ServiceId};
use crate::store::StrandedRow;

/// A time that is offered instead of one that a clinic took.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OfferedTime {
    /// When it starts.
    start: DateTime<Utc>,
    /// When it ends.
    end: DateTime<Utc>,
    /// With whom.
    clinician_id: ClinicianId,
    /// Their name.
    clinician_name: String,
}

/// A visit that a change strands.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct StrandedVisit {
    /// The booking.
    booking_id: BookingId,
    /// Its number.
    number: Option<String>,
    /// When it started before.
    start: DateTime<Utc>,
    /// With whom it was before.
    clinician_id: ClinicianId,
    /// Their name.
    clinician_name: String,
    /// The kind of visit.
    service_id: ServiceId,
    /// How the booking stands.
    status: Status,
    /// The booking's version.
    version: i64,
    /// `moved`, `cancelled`, `kept` or `undone`; nothing while nobody has answered.
    answer: Option<String>,
    /// Where it is now, when it was moved.
    new_start: Option<DateTime<Utc>>,
    /// When the patient was told.
    sent_at: Option<DateTime<Utc>>,
    /// What is offered instead.
    offers: Vec<OfferedTime>,
}

/// How many of the stranded visits stand how.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(super) struct ChangeCounts {
    /// All of them.
    stranded: usize,
    /// Those that nobody has answered.
    waiting: usize,
    /// Those whose patients took a new time.
    moved: usize,
    /// Those that were called off.
    cancelled: usize,
    /// Those that the clinic keeps.
    kept: usize,
}

/// A change of hours.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HoursChange)]
pub(super) struct ChangeJson {
    /// Its id.
    id: HoursChangeId,
    /// To be named by the next deed.
    version: i64,
    /// `draft`, `applied` or `undone`.
    state: String,
    /// When it was planned.
    created_at: DateTime<Utc>,
    /// When it was applied.
    applied_at: Option<DateTime<Utc>>,
    /// Not before it patients are told.
    send_after: Option<DateTime<Utc>>,
    /// Until when it can be taken back.
    can_undo_until: Option<DateTime<Utc>>,
    /// When it was taken back.
    undone_at: Option<DateTime<Utc>>,
    /// What it changes.
    edits: Vec<Edit>,
    /// The visits that it strands; none in a list of changes.
    stranded: Vec<StrandedVisit>,
    /// How many of them stand how.
    counts: ChangeCounts,
}

impl From<Change> for ChangeJson {
    fn from(change: Change) -> Self {
        let row = &change.row;
        let visit = |(row, offers): &(StrandedRow, Vec<hours::Offered>)| {
            stranded(row, offers, &change.clinicians)
        };
        Self {
            id: row.id,
            version: row.version,
            state: row.state.clone(),
            created_at: row.created_at,
            applied_at: row.applied_at,
            send_after: row.send_after,
            can_undo_until: change.can_undo_until(),
            undone_at: row.undone_at,
            stranded: change.stranded.iter().map(visit).collect(),
            counts: counts(&change.stranded),
            edits: change.edits,
        }
    }
}

fn counts(stranded: &[(StrandedRow, Vec<hours::Offered>)]) -> ChangeCounts {
    let of = |answer: Option<&str>| {
        stranded.iter().filter(|(row, _)| row.answer.as_deref() == answer).count()
    };
    ChangeCounts {
        stranded: stranded.len(),
        waiting: of(None),
        moved: of(Some("moved")),
        cancelled: of(Some("cancelled")),
        kept: of(Some("kept")),
    }
}

fn name_of(clinicians: &[Clinician], id: ClinicianId) -> String {
    let found = clinicians.iter().find(|one| one.id == id);
    found.map(|one| one.name.clone()).unwrap_or_default()
}

fn stranded(
    row: &StrandedRow,
    offers: &[hours::Offered],
    clinicians: &[Clinician],
) -> StrandedVisit {
    let offer = |one: &hours::Offered| OfferedTime {
        start: one.start,
        end: one.end,
        clinician_id: one.clinician,
        clinician_name: name_of(clinicians, one.clinician),
    };
    let moved = row.answer.as_deref() == Some("moved");
    StrandedVisit {
        booking_id: row.booking_id,
        number: row.number.clone(),
        start: row.was_start,
        clinician_id: row.was_clinician_id,
        clinician_name: name_of(clinicians, row.was_clinician_id),
        service_id: row.service_id,
        status: row.status,
        version: row.version,
        answer: row.answer.clone(),
        new_start: moved.then_some(row.starts_at),
        sent_at: row.sent_at,
        offers: offers.iter().map(offer).collect(),
    }
}

/// What is to be changed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PlanWish {
    /// One thing after the other, at most 1,000.
    edits: Vec<Edit>,
}

/// Plans a change of hours: what it would strand, and what would be offered instead.
#[utoipa::path(post, path = "/api/clinic/hours-changes", request_body = PlanWish, tag = "clinic",
    responses((status = 201, body = ChangeJson), (status = "default", body = Problem)))]
pub(super) async fn plan_change(
    State(app): State<App>,
    caller: Caller,
    Body(wish): Body<PlanWish>,
) -> Result<(StatusCode, Json<ChangeJson>), Problem> {
    let planned = hours::plan(&app, &caller.actor, wish.edits).await?;
    Ok((StatusCode::CREATED, Json(planned.into())))
}

/// The latest changes of hours.
#[utoipa::path(get, path = "/api/clinic/hours-changes", tag = "clinic",
    responses((status = 200, body = Items<ChangeJson>), (status = "default", body = Problem)))]
pub(super) async fn list_changes(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Items<ChangeJson>>, Problem> {
    let brief = |change| ChangeJson { stranded: Vec::new(), ..ChangeJson::from(change) };
    let changes = hours::changes(&app, &caller.actor).await?;
    Ok(Json(Items { items: changes.into_iter().map(brief).collect() }))
}

/// A change of hours, with who has answered and how.
#[utoipa::path(get, path = "/api/clinic/hours-changes/{id}",
    params(("id" = HoursChangeId, Path)), tag = "clinic",
    responses((status = 200, body = ChangeJson), (status = "default", body = Problem)))]
pub(super) async fn get_change(
    State(app): State<App>,
    caller: Caller,
    At(id): At<HoursChangeId>,
) -> Result<Json<ChangeJson>, Problem> {
    Ok(Json(hours::change(&app, &caller.actor, id).await?.into()))
}

/// That a planned change is to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ApplyWish {
    /// The version that the person saw.
    version: i64,
    /// How many minutes from now patients are told; until then it can be taken back.
    #[serde(default = "send_after")]
    #[schema(minimum = 0, maximum = 1440)]
    send_after_min: u16,
}

fn send_after() -> u16 {
    hours::SEND_AFTER
}

/// Makes a planned change.
#[utoipa::path(post, path = "/api/clinic/hours-changes/{id}/apply",
    params(("id" = HoursChangeId, Path)), request_body = ApplyWish, tag = "clinic",
    responses((status = 200, body = ChangeJson), (status = "default", body = Problem)))]
pub(super) async fn apply_change(
    State(app): State<App>,
    caller: Caller,
    At(id): At<HoursChangeId>,
    Body(wish): Body<ApplyWish>,
) -> Result<Json<ChangeJson>, Problem> {
    let applied = hours::apply(&app, &caller.actor, id, wish.version, wish.send_after_min);
    Ok(Json(applied.await?.into()))
}

/// That a change is to be taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UndoWish {
    /// The version that the person saw.
    version: i64,
}

/// Brings back what was before a change.
#[utoipa::path(post, path = "/api/clinic/hours-changes/{id}/undo",
    params(("id" = HoursChangeId, Path)), request_body = UndoWish, tag = "clinic",
    responses((status = 200, body = ChangeJson), (status = "default", body = Problem)))]
pub(super) async fn undo_change(
    State(app): State<App>,
    caller: Caller,
    At(id): At<HoursChangeId>,
    Body(wish): Body<UndoWish>,
) -> Result<Json<ChangeJson>, Problem> {
    Ok(Json(hours::undo(&app, &caller.actor, id, wish.version).await?.into()))
}

/// Leaves a stranded visit at its time after all.
#[utoipa::path(post, path = "/api/clinic/hours-changes/{id}/visits/{booking}/keep",
    params(("id" = HoursChangeId, Path), ("booking" = BookingId, Path)), tag = "clinic",
    responses((status = 200, body = ChangeJson), (status = "default", body = Problem)))]
pub(super) async fn keep_visit(
    State(app): State<App>,
    caller: Caller,
    At((id, booking)): At<(HoursChangeId, BookingId)>,
) -> Result<Json<ChangeJson>, Problem> {
    Ok(Json(hours::keep(&app, &caller.actor, id, booking).await?.into()))
}

/// A visit ahead that the rules do not allow any more.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MisplacedVisit {
    /// The booking.
    booking_id: BookingId,
    /// Its number.
    number: Option<String>,
    /// When it starts.
    start: DateTime<Utc>,
    /// When it ends.
    end: DateTime<Utc>,
    /// The kind of visit.
    service_id: ServiceId,
    /// With whom.
    clinician_id: ClinicianId,
    /// Their name.
    clinician_name: String,
    /// Why, for programs.
    code: &'static str,
    /// Why, in Japanese.
    ja: &'static str,
    /// Why, in English.
    en: &'static str,
}

/// Visits ahead that the rules do not allow any more, for whatever cause.
#[utoipa::path(get, path = "/api/clinic/stranded", tag = "clinic",
    responses((status = 200, body = Items<MisplacedVisit>), (status = "default", body = Problem)))]
pub(super) async fn list_misplaced(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Items<MisplacedVisit>>, Problem> {
    let (found, clinicians) = hours::misplaced(&app, &caller.actor).await?;
    let items = found.into_iter().map(|one| MisplacedVisit {
        booking_id: one.visit.id,
        number: one.visit.number,
        start: one.visit.starts_at,
        end: one.visit.ends_at,
        service_id: one.visit.service_id,
        clinician_id: one.visit.clinician_id,
        clinician_name: name_of(&clinicians, one.visit.clinician_id),
        code: one.refusal.code(),
        ja: words::sentence(one.refusal.code(), Lang::Ja),
        en: words::sentence(one.refusal.code(), Lang::En),
    });
    Ok(Json(Items { items: items.collect() }))
}

/// Several days on which a clinic, or one of its doctors, is closed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Closure)]
pub(super) struct ClosureJson {
    /// Its id.
    id: ClosureId,
    /// Whom it concerns; nobody named means the whole clinic.
    clinician_id: Option<ClinicianId>,
    /// What it is called.
    name: String,
    /// The same days of every year.
    yearly: Option<YearlyDays>,
    /// These dates, once.
    dates: Option<DateRange>,
}

impl From<Closure> for ClosureJson {
    fn from(closure: Closure) -> Self {
        let (yearly, dates) = match closure.extent {
            Extent::Yearly { from, to } => {
                (Some(YearlyDays { from: from.to_string(), to: to.to_string() }), None)
            }
            Extent::Dates { from, to } => (None, Some(DateRange { from, to })),
        };
        let (id, clinician_id) = (closure.id, closure.clinician);
        Self { id, clinician_id, name: closure.name.to_string(), yearly, dates }
    }
}

/// Days on which the clinic is closed for longer.
#[utoipa::path(get, path = "/api/clinic/closures", tag = "clinic",
    responses((status = 200, body = Items<ClosureJson>), (status = "default", body = Problem)))]
pub(super) async fn list_closures(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Items<ClosureJson>>, Problem> {
    let (_, own) = hours::own_days(&app, &caller.actor).await?;
    Ok(Json(Items { items: own.closures.into_iter().map(ClosureJson::from).collect() }))
}

/// From when until when.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct HolidaysQuery {
    /// The first date.
    from: NaiveDate,
    /// The last date.
    to: NaiveDate,
}

/// A holiday, and what the clinic does on it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HolidayJson {
    /// When.
    date: NaiveDate,
    /// Its name.
    name: String,
    /// Whether the clinic is open.
    open: bool,
    /// What decides: a choice for this `date`, for the `name`, or the `default`.
    by: &'static str,
}

/// What the clinic does on a holiday, where that is not what it does on all others.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HolidayChoice)]
pub(super) struct ChoiceJson {
    /// On all of this name.
    name: Option<String>,
    /// On the one of this date.
    date: Option<NaiveDate>,
    /// Open as on any other day, or closed.
    open: bool,
}

impl From<HolidayChoice> for ChoiceJson {
    fn from(choice: HolidayChoice) -> Self {
        let (name, date) = match choice.which {
            WhichHoliday::Named(name) => (Some(name.to_string()), None),
            WhichHoliday::On(date) => (None, Some(date)),
        };
        Self { name, date, open: choice.open }
    }
}

/// Holidays, and what the clinic does on them.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HolidayList {
    /// What it does where nothing else was chosen.
    on_holidays: OnHolidays,
    /// The holidays asked for.
    items: Vec<HolidayJson>,
    /// What was chosen.
    choices: Vec<ChoiceJson>,
    /// The last day of which it is known whether it is a holiday.
    known_until: Option<NaiveDate>,
}

/// Holidays, and what the clinic does on them.
#[utoipa::path(get, path = "/api/clinic/holidays", params(HolidaysQuery), tag = "clinic",
    responses((status = 200, body = HolidayList), (status = "default", body = Problem)))]
pub(super) async fn list_holidays(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<HolidaysQuery>,
) -> Result<Json<HolidayList>, Problem> {
    if query.to < query.from || query.to - query.from > chrono::TimeDelta::days(3 * 366) {
        return Err(Error::invalid("/to", "range").into());
    }
    let (on_holidays, own) = hours::own_days(&app, &caller.actor).await?;
    let rules = hours::holiday_rules(&app, on_holidays, &own, query.from, query.to).into_iter();
    let items =
        rules.map(|one| HolidayJson { date: one.date, name: one.name, open: one.open, by: one.by });
    Ok(Json(HolidayList {
        on_holidays,
        items: items.collect(),
        choices: own.holidays.into_iter().map(ChoiceJson::from).collect(),
        known_until: app.holidays.known_until(),
    }))
}
