//! Who did what to what. Ids only: an entry must outlive the erasure of a person.

use std::fmt::Display;

use serde_json::Value;
use uuid::Uuid;

use super::person::Actor;
use super::{FacilityId, new_id};
use crate::time::Instant;

/// One line of the audit log, written in the transaction of the change it tells.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its id.
    pub id: Uuid,
    /// When.
    pub at: Instant,
    /// `patient`, `account`, `system` or `command`.
    pub actor_kind: &'static str,
    /// The account, where one is signed in.
    pub actor_id: Option<Uuid>,
    /// The facility whose data it concerns.
    pub facility: Option<FacilityId>,
    /// A verb of the domain, as `booking.hold`.
    pub action: &'static str,
    /// The id of what was changed.
    pub subject: String,
    /// Further ids and codes; nothing personal.
    pub detail: Value,
}

impl Entry {
    /// `actor` did `action` to `subject` at `at`.
    pub fn of(actor: &Actor, action: &'static str, subject: impl Display, at: Instant) -> Self {
        Self {
            id: new_id(),
            at,
            actor_kind: actor.kind(),
            actor_id: actor.account().map(|account| account.id.0),
            facility: None,
            action,
            subject: subject.to_string(),
            detail: Value::Null,
        }
    }

    /// The same, about data of `facility`.
    #[must_use]
    pub fn at_facility(mut self, facility: FacilityId) -> Self {
        self.facility = Some(facility);
        self
    }

    /// The same, with more to say.
    #[must_use]
    pub fn with(mut self, detail: Value) -> Self {
        self.detail = detail;
        self
    }
}
