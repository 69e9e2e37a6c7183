//! What the service speaks of. Names follow the glossary of the field: 予約 is a booking,
//! 仮押さえ a hold, 届出 a notification, 施設基準 a criterion.

use uuid::Uuid;

pub mod audit;
pub mod august;
pub mod booking;
pub mod care_plan;
pub mod clearance;
pub mod closing;
pub mod closure;
pub mod event;
pub mod facility;
pub mod indicator;
pub mod filing;
pub mod message;
pub mod own;
pub mod intake;
pub mod person;
pub mod public;
pub mod questionnaire;
pub mod register;
pub mod schedule;
pub mod subsidy;
pub mod terms;
pub mod visit;
pub mod waitlist;

/// Makes an id type: a UUID that cannot be mistaken for the id of something else.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)+) => { $(
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize, sqlx::Type, utoipa::ToSchema,
        )]
        #[sqlx(transparent)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id; ids made later sort later.
            pub fn new() -> Self {
                Self(new_id())
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )+ };
}

ids! {
    /// A facility that works with this service: a tenant.
    FacilityId;
    /// A doctor at a facility.
    ClinicianId;
    /// A kind of visit that a facility offers.
    ServiceId;
    /// A person who is treated.
    PatientId;
    /// A visit's place in time: held, requested, booked and all that follows.
    BookingId;
    /// Somebody who signs in with a password.
    AccountId;
    /// One person's part in one visit.
    ParticipantId;
    /// A date on which a clinic is closed or open otherwise than every week.
    ExceptionId;
    /// Several days on which a clinic is closed.
    ClosureId;
    /// A change of hours, from its plan on.
    HoursChangeId;
    /// A room in which patients without a place of their own are received.
    RoomId;
    /// A place with such rooms (オンライン診療受診施設).
    SiteId;
    /// Visits that were booked together, one after the other.
    SeriesId;
    /// A named capacity beside the ordinary one.
    OverbookingId;
    /// An institution that takes a clinic's patients in an emergency.
    PartnerId;
    /// Somebody's wait for a time.
    WaitlistId;
    /// A time that somebody gave back.
    FreedId;
    /// An address at which a calendar program reads visits.
    FeedId;
    /// A clinician's calendar elsewhere.
    OutsideId;
    /// A deed that is to be told.
    MessageId;
    /// One message by one way.
    DeliveryId;
    /// Where a facility's own programs hear of its bookings.
    WebhookId;
    /// One reading of a bureau's list.
    ImportId;
    /// A list that was read and waits for somebody's word.
    DraftId;
    /// One notification of a criterion by an institution.
    NotificationId;
    /// One value of an indicator.
    FigureId;
    /// A count that somebody published.
    PublishedId;
    /// A grant of the subsidy programme.
    GrantId;
    /// A check that bookings stand as their events say.
    CheckId;
    /// A final yearly report.
    ReportId;
    /// A notification that is made through this service.
    FilingId;
    /// A letter that tells of a deadline.
    LetterId;
}

/// A new id, sortable by time of making.
#[expect(clippy::disallowed_methods, reason = "this is the one place that makes ids")]
pub fn new_id() -> Uuid {
    Uuid::now_v7()
}
