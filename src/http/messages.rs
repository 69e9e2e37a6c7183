//! What was told of bookings and how that went, for the clinic; and the endpoints at which its own
//! programs hear of them.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::extract::{Asked, At, Body, Caller};
use super::json::Items;
use super::problem::Problem;
use crate::actions::App;
use crate::actions::messages::{self, webhooks};
use crate::model::message::{Channel, Delivery, DeliveryState, Kind, Message};
use crate::model::{BookingId, DeliveryId, MessageId, WebhookId};

/// Of which booking.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct OfBooking {
    /// The booking.
    booking: BookingId,
}

/// One message by one way.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Delivery)]
pub(super) struct DeliveryJson {
    /// Its id, for sending it again.
    id: DeliveryId,
    /// By which way.
    channel: Channel,
    /// To which of the clinic's endpoints.
    webhook_id: Option<WebhookId>,
    /// How it went.
    state: DeliveryState,
    /// Why, as a stable code.
    reason: Option<String>,
    /// How often it was tried.
    attempts: i64,
    /// When it is tried next, while it waits.
    next_at: Option<DateTime<Utc>>,
    /// When it was over.
    finished_at: Option<DateTime<Utc>>,
}

impl From<Delivery> for DeliveryJson {
    fn from(one: Delivery) -> Self {
        Self {
            id: one.id,
            channel: one.channel,
            webhook_id: one.webhook,
            state: one.state,
            reason: one.reason,
            attempts: one.attempts,
            next_at: (one.state == DeliveryState::Waiting).then_some(one.due_at),
            finished_at: one.finished_at,
        }
    }
}

/// What is told of one deed. No texts: they are written when they are sent, and not kept.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Message)]
pub(super) struct MessageJson {
    /// Its id.
    id: MessageId,
    /// What it is about.
    kind: Kind,
    /// How many minutes before the visit, for reminders.
    lead_minutes: Option<i64>,
    /// From when on it is told.
    due_at: DateTime<Utc>,
    /// The ways it went; none while it is not due.
    deliveries: Vec<DeliveryJson>,
}

impl From<(Message, Vec<Delivery>)> for MessageJson {
    fn from((message, deliveries): (Message, Vec<Delivery>)) -> Self {
        Self {
            id: message.id,
            kind: message.kind,
            lead_minutes: message.lead_min,
            due_at: message.due_at,
            deliveries: deliveries.into_iter().map(DeliveryJson::from).collect(),
        }
    }
}

/// What was and will be told of a booking.
#[utoipa::path(get, path = "/api/clinic/messages", params(OfBooking), tag = "clinic",
    responses((status = 200, body = Items<MessageJson>), (status = "default", body = Problem)))]
pub(super) async fn list_messages(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<OfBooking>,
) -> Result<Json<Items<MessageJson>>, Problem> {
    let found = messages::of_booking(&app, &caller.actor, query.booking).await?;
    Ok(Json(Items { items: found.into_iter().map(MessageJson::from).collect() }))
}

/// A delivery that was given up.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Undelivered {
    /// Of which booking.
    booking_id: BookingId,
    /// What it is about.
    kind: Kind,
    /// The delivery.
    delivery: DeliveryJson,
}

/// What could not be delivered, the latest first.
#[utoipa::path(get, path = "/api/clinic/messages/undelivered", tag = "clinic",
    responses((status = 200, body = Items<Undelivered>), (status = "default", body = Problem)))]
pub(super) async fn list_undelivered(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Items<Undelivered>>, Problem> {
    let found = messages::undelivered(&app, &caller.actor).await?.into_iter();
    let items = found.map(|one| Undelivered {
        booking_id: one.message.booking,
        kind: one.message.kind,
        delivery: one.delivery.into(),
    });
    Ok(Json(Items { items: items.collect() }))
}

/// Tries a delivery again that was given up, or had no way when it was tried.
#[utoipa::path(post, path = "/api/clinic/messages/{id}/again",
    params(("id" = DeliveryId, Path)), tag = "clinic",
    responses((status = 204), (status = "default", body = Problem)))]
pub(super) async fn send_again(
    State(app): State<App>,
    caller: Caller,
    At(id): At<DeliveryId>,
) -> Result<StatusCode, Problem> {
    messages::send_again(&app, &caller.actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// An endpoint at which the clinic's own programs hear of its bookings.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Webhook)]
pub(super) struct WebhookJson {
    /// Its id.
    id: WebhookId,
    /// Where it is.
    url: String,
    /// When it was added.
    created_at: DateTime<Utc>,
}

impl From<webhooks::Endpoint> for WebhookJson {
    fn from(one: webhooks::Endpoint) -> Self {
        Self { id: one.id, url: one.url, created_at: one.created_at }
    }
}

/// The clinic's endpoints.
#[utoipa::path(get, path = "/api/clinic/webhooks", tag = "clinic",
    responses((status = 200, body = Items<WebhookJson>), (status = "default", body = Problem)))]
pub(super) async fn list_webhooks(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Items<WebhookJson>>, Problem> {
    let found = webhooks::list(&app, &caller.actor).await?;
    Ok(Json(Items { items: found.into_iter().map(WebhookJson::from).collect() }))
}

/// An endpoint that is to be added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WebhookWish {
    /// Where it is, by https.
    url: String,
}

/// An endpoint with its secret.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WebhookAdded {
    /// The endpoint.
    item: WebhookJson,
    /// What it checks our signatures with (Standard Webhooks). Shown this once.
    secret: String,
}

/// Adds an endpoint.
#[utoipa::path(post, path = "/api/clinic/webhooks", request_body = WebhookWish, tag = "clinic",
    responses((status = 201, body = WebhookAdded), (status = "default", body = Problem)))]
pub(super) async fn add_webhook(
    State(app): State<App>,
    caller: Caller,
    Body(wish): Body<WebhookWish>,
) -> Result<(StatusCode, Json<WebhookAdded>), Problem> {
    let (endpoint, secret) = webhooks::add(&app, &caller.actor, wish.url).await?;
    Ok((StatusCode::CREATED, Json(WebhookAdded { item: endpoint.into(), secret })))
}

/// Removes an endpoint.
#[utoipa::path(delete, path = "/api/clinic/webhooks/{id}", params(("id" = WebhookId, Path)),
    tag = "clinic",
    responses((status = 204), (status = "default", body = Problem)))]
pub(super) async fn remove_webhook(
    State(app): State<App>,
    caller: Caller,
    At(id): At<WebhookId>,
) -> Result<StatusCode, Problem> {
    webhooks::remove(&app, &caller.actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How a trial went.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WebhookTried {
    /// Whether the endpoint took it.
    taken: bool,
    /// What went wrong, as a stable code.
    reason: Option<String>,
}

/// Sends a message of no booking to an endpoint, now.
#[utoipa::path(post, path = "/api/clinic/webhooks/{id}/test", params(("id" = WebhookId, Path)),
    tag = "clinic",
    responses((status = 200, body = WebhookTried), (status = "default", body = Problem)))]
pub(super) async fn test_webhook(
    State(app): State<App>,
    caller: Caller,
    At(id): At<WebhookId>,
) -> Result<Json<WebhookTried>, Problem> {
    let reason = webhooks::test(&app, &caller.actor, id).await?;
    Ok(Json(WebhookTried { taken: reason.is_none(), reason }))
}
