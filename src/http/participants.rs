//! Third persons in a visit: the clinic invites them and sends them away; they open their link once
//! and see where they are to be, and nothing of the patient.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::bookings::given;
use super::extract::{Address, At, Body, Caller};
use super::json::{ClinicianBrief, FacilityBrief, Items};
use super::problem::Problem;
use crate::actions::App;
use crate::actions::confirm::Speech;
use crate::actions::visit::invitations::{self, Invited, Wish};
use crate::actions::visit::participants::{self, Guest, GuestState, GuestVisit};
use crate::model::visit::{Answer, AnswerMethod, Role, VisitState};
use crate::model::{BookingId, ParticipantId};

/// The routes of third persons.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_people, invite))
        .routes(routes!(remove_person))
        .routes(routes!(put_answer))
        .routes(routes!(open_invitation))
        .routes(routes!(guest_visit))
}

/// A third person, as the clinic sees them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VisitPerson)]
pub(super) struct PersonJson {
    /// Their part in the visit.
    participant: ParticipantId,
    /// What they are.
    role: Role,
    /// Their name; none where the patient was forgotten.
    name: Option<String>,
    /// The language in which they read.
    language: Speech,
    /// Where they are.
    state: GuestState,
    /// Since when they wait, or take part.
    since: Option<DateTime<Utc>>,
    /// Whether they were asked for more patience.
    held: bool,
    /// Until when their link opens.
    link_expires_at: Option<DateTime<Utc>>,
    /// What a remote specialist, who was told of the case before, answers for.
    responsibility: Option<String>,
    /// What the patient answered last about them.
    consent: Option<ConsentJson>,
}

/// What the patient answered.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VisitConsent)]
struct ConsentJson {
    /// What.
    answer: Answer,
    /// How.
    method: AnswerMethod,
    /// When.
    at: DateTime<Utc>,
}

impl From<Guest> for PersonJson {
    fn from(guest: Guest) -> Self {
        Self {
            participant: guest.participant,
            role: guest.role,
            name: guest.name,
            language: guest.language,
            state: guest.state,
            since: guest.since,
            held: guest.held,
            link_expires_at: guest.link_expires_at,
            responsibility: guest.responsibility,
            consent: guest.consent.map(|row| ConsentJson {
                answer: row.answer,
                method: row.method,
                at: row.at,
            }),
        }
    }
}

fn listed(people: Vec<Guest>) -> Json<Items<PersonJson>> {
    Json(Items { items: people.into_iter().map(PersonJson::from).collect() })
}

/// The third persons of a visit.
#[utoipa::path(get, path = "/api/clinic/visits/{id}/people", params(("id" = BookingId, Path)),
    tag = "visit",
    responses((status = 200, body = Items<PersonJson>), (status = "default", body = Problem)))]
async fn list_people(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
) -> Result<Json<Items<PersonJson>>, Problem> {
    Ok(listed(participants::list(&app, &caller.actor, id).await?))
}

/// Who is to come.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct InviteWish {
    /// What they will be.
    role: Role,
    /// Their name, as the patient will be asked about it.
    name: String,
    /// The language in which they read.
    language: Speech,
    /// For a remote specialist: who answers for what, as agreed beforehand.
    #[serde(default)]
    responsibility: String,
    /// For a remote specialist: they were told of the case.
    #[serde(default)]
    briefed: bool,
}

/// A third person with their link, which is shown this once.
#[derive(Debug, Serialize, ToSchema)]
struct Invitation {
    /// The person.
    #[serde(flatten)]
    person: PersonJson,
    /// Opens once, on the browser that the person will use.
    link: String,
}

/// Invites a third person. Nobody comes in by it alone: the patient is asked each time.
#[utoipa::path(post, path = "/api/clinic/visits/{id}/people", params(("id" = BookingId, Path)),
    request_body = InviteWish, tag = "visit",
    responses((status = 201, body = Invitation), (status = "default", body = Problem)))]
async fn invite(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
    Body(wish): Body<InviteWish>,
) -> Result<impl IntoResponse, Problem> {
    let InviteWish { role, name, language, responsibility, briefed } = wish;
    let wish = Wish { role, name: &name, language, responsibility: &responsibility, briefed };
    let Invited { guest, link } = invitations::invite(&app, &caller.actor, id, wish).await?;
    Ok((StatusCode::CREATED, Json(Invitation { person: guest.into(), link })))
}

/// Sends a third person away for good; their link, tickets and socket are void.
#[utoipa::path(delete, path = "/api/clinic/visits/{id}/people/{participant}",
    params(("id" = BookingId, Path), ("participant" = ParticipantId, Path)), tag = "visit",
    responses((status = 200, body = Items<PersonJson>), (status = "default", body = Problem)))]
async fn remove_person(
    State(app): State<App>,
    caller: Caller,
    At((id, who)): At<(BookingId, ParticipantId)>,
) -> Result<Json<Items<PersonJson>>, Problem> {
    Ok(listed(participants::remove_by_clinic(&app, &caller.actor, id, who).await?))
}

/// What the patient said.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AnswerWish {
    /// What.
    answer: Answer,
}

/// Writes down what the patient said about a third person who waits: for patients who have no
/// screen of their own to answer on. By a yes the person is in.
#[utoipa::path(put, path = "/api/clinic/visits/{id}/people/{participant}/consent",
    params(("id" = BookingId, Path), ("participant" = ParticipantId, Path)),
    request_body = AnswerWish, tag = "visit",
    responses((status = 200, body = Items<PersonJson>), (status = "default", body = Problem)))]
async fn put_answer(
    State(app): State<App>,
    caller: Caller,
    At((id, who)): At<(BookingId, ParticipantId)>,
    Body(wish): Body<AnswerWish>,
) -> Result<Json<Items<PersonJson>>, Problem> {
    Ok(listed(participants::spoken(&app, &caller.actor, (id, who), wish.answer).await?))
}

/// The secret of an invitation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GuestWish {
    /// What stands after `#g.` in the link.
    token: String,
}

/// Where a third person is to be.
#[derive(Debug, Serialize, ToSchema)]
struct GuestOpened {
    /// The visit.
    booking_id: BookingId,
}

/// Opens an invitation, once: from then on this browser is the person's.
#[utoipa::path(post, path = "/api/visitor/guest", request_body = GuestWish, tag = "visit",
    responses((status = 200, body = GuestOpened), (status = "default", body = Problem)))]
async fn open_invitation(
    State(app): State<App>,
    caller: Caller,
    Address(address): Address,
    Body(wish): Body<GuestWish>,
) -> Result<impl IntoResponse, Problem> {
    let (booking_id, session) =
        invitations::open_invitation(&app, &caller.actor, address, &wish.token).await?;
    Ok((given(session), Json(GuestOpened { booking_id })))
}

/// A visit as a third person sees it before they are let in: nothing of the patient.
#[derive(Debug, Serialize, ToSchema)]
struct GuestRoom {
    /// The visit.
    booking_id: BookingId,
    /// The clinic.
    facility: FacilityBrief,
    /// The doctor.
    clinician: ClinicianBrief,
    /// When it is to start.
    start: DateTime<Utc>,
    /// When it is to end.
    end: DateTime<Utc>,
    /// The clinic's zone.
    zone: String,
    /// What you are in it.
    role: Role,
    /// How far it has come.
    state: VisitState,
    /// When its waiting room opens.
    opens_at: DateTime<Utc>,
    /// When it closes for good.
    closes_at: DateTime<Utc>,
    /// Which paths its media may take.
    ice_policy: crate::model::facility::IcePolicy,
}

impl From<GuestVisit> for GuestRoom {
    fn from(visit: GuestVisit) -> Self {
        let GuestVisit { room, role } = visit;
        let (booking, details) = (&room.view.booking, &room.view.details);
        Self {
            booking_id: booking.id,
            facility: FacilityBrief::of(&room.view),
            clinician: ClinicianBrief::of(&room.view),
            start: booking.starts_at,
            end: booking.ends_at,
            zone: details.zone.clone(),
            role,
            state: room.state,
            opens_at: room.opens_at,
            closes_at: room.closes_at,
            ice_policy: room.ice_policy,
        }
    }
}

/// A visit, for a third person who is invited to it.
#[utoipa::path(get, path = "/api/visits/{id}/guest", params(("id" = BookingId, Path)),
    tag = "visit",
    responses((status = 200, body = GuestRoom), (status = "default", body = Problem)))]
async fn guest_visit(
    State(app): State<App>,
    caller: Caller,
    At(id): At<BookingId>,
) -> Result<Json<GuestRoom>, Problem> {
    Ok(Json(participants::visit(&app, &caller.actor, id).await?.into()))
}
