//! What is told of bookings: of which deed, by which way, and how that went. No texts.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::booking::{UnknownName, named};
use super::{BookingId, DeliveryId, FacilityId, MessageId, WebhookId};
use crate::time::Instant;

named! {
    /// What a message is about.
    Kind {
        /// The visit is agreed.
        Booked = "booked",
        /// The clinic was asked for the visit.
        Requested = "requested",
        /// The clinic agreed to a request.
        Approved = "approved",
        /// The clinic did not agree to a request, or did not answer it.
        Declined = "declined",
        /// The visit is at another time.
        Moved = "moved",
        /// The visit was called off.
        Cancelled = "cancelled",
        /// A freed time is kept for somebody who waits for one.
        Offered = "offered",
        /// The clinic's hours changed: the visit needs another time.
        NewTimes = "new_times",
        /// The visit is near.
        Reminder = "reminder",
        /// It is the patient's turn, and their page is not there.
        Called = "called",
    }
}

named! {
    /// By which way.
    Channel {
        /// Electronic mail to the patient.
        Mail = "mail",
        /// A short message to the patient's telephone.
        Sms = "sms",
        /// A request to an address of the facility.
        Webhook = "webhook",
    }
}

named! {
    /// How it went.
    DeliveryState {
        /// It will be tried, for the first time or again.
        Waiting = "waiting",
        /// The next on its way has taken it.
        Sent = "sent",
        /// It was no longer true, and was not sent.
        Dropped = "dropped",
        /// There is no address for this way.
        NoAddress = "no_address",
        /// This way is not configured: nothing was sent.
        NotConfigured = "not_configured",
        /// It was given up.
        Dead = "dead",
    }
}

/// A deed that is to be told.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Whose booking.
    #[sqlx(rename = "facility_id")]
    pub facility: FacilityId,
    /// Of which booking.
    #[sqlx(rename = "booking_id")]
    pub booking: BookingId,
    /// What it is about.
    pub kind: Kind,
    /// How many minutes before the visit, for reminders.
    pub lead_min: Option<i64>,
    /// The booking's version after the deed.
    pub turn: i64,
    /// From when on it is told.
    pub due_at: Instant,
    /// When the deed was done.
    pub created_at: Instant,
}

/// One message by one way.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Delivery {
    /// Its id.
    pub id: DeliveryId,
    /// Of which message.
    #[sqlx(rename = "message_id")]
    pub message: MessageId,
    /// By which way.
    pub channel: Channel,
    /// To which of the facility's addresses.
    #[sqlx(rename = "webhook_id")]
    pub webhook: Option<WebhookId>,
    /// When it is tried next, or was to be tried last.
    pub due_at: Instant,
    /// How often it was tried.
    pub attempts: i64,
    /// How it went.
    pub state: DeliveryState,
    /// Why, as a stable code.
    pub reason: Option<String>,
    /// When it was over.
    pub finished_at: Option<Instant>,
}
