//! Who acts: staff with accounts, patients by their bookings, the machine itself.

use super::{AccountId, BookingId, ClinicianId, FacilityId, ParticipantId};
use crate::seal::token::TokenHash;

/// What an account may do.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    sqlx::Type,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 医師: own visits, admits, closes.
    Clinician,
    /// 事務: bookings, hours.
    ClinicStaff,
    /// オンライン診療受診施設の設置者: own places, their rooms, fee and filing; nothing clinical.
    FacilityOperator,
    /// 都: the register, imports, counts; never patients.
    PrefectureAdmin,
    /// システム事業者: health and configuration; never clinical content.
    Operator,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] = [
        Self::Clinician,
        Self::ClinicStaff,
        Self::FacilityOperator,
        Self::PrefectureAdmin,
        Self::Operator,
    ];

    /// As it is stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Clinician => "clinician",
            Self::ClinicStaff => "clinic_staff",
            Self::FacilityOperator => "facility_operator",
            Self::PrefectureAdmin => "prefecture_admin",
            Self::Operator => "operator",
        }
    }

    /// Whether the role belongs to one facility.
    pub fn is_of_a_facility(self) -> bool {
        matches!(self, Self::Clinician | Self::ClinicStaff)
    }
}

impl std::str::FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|role| role.as_str() == text);
        known.ok_or_else(|| format!("unknown role {text}"))
    }
}

/// Somebody who signed in with a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// The name to sign in with.
    pub login: String,
    /// The person's name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Where, for roles of a facility.
    pub facility: Option<FacilityId>,
    /// Which doctor they are, for clinicians.
    pub clinician: Option<ClinicianId>,
}

/// Who asks. Made from the session alone, never from what a request says.
#[derive(Clone, Debug)]
pub enum Actor {
    /// Nobody who is known.
    Nobody,
    /// A browser that holds or opened these bookings.
    Patient {
        /// Its session.
        session: TokenHash,
        /// The bookings that it may see.
        bookings: Vec<BookingId>,
        /// The visits to which it was invited, and as whom.
        guest_of: Vec<(BookingId, ParticipantId)>,
    },
    /// An account.
    Account(Account),
    /// The command line.
    Command,
    /// The service itself.
    System,
}

impl Actor {
    /// As the audit log names the kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Nobody | Self::Patient { .. } => "patient",
            Self::Account(_) => "account",
            Self::Command => "command",
            Self::System => "system",
        }
    }

    /// The account, where one is signed in.
    pub fn account(&self) -> Option<&Account> {
        match self {
            Self::Account(account) => Some(account),
            _ => None,
        }
    }

    /// The facility for which the actor works.
    pub fn facility(&self) -> Option<FacilityId> {
        self.account().and_then(|account| account.facility)
    }

    /// Whether this patient's browser opened `booking`.
    pub fn holds(&self, booking: BookingId) -> bool {
        matches!(self, Self::Patient { bookings, .. } if bookings.contains(&booking))
    }

    /// As whom this browser was invited to the visit, where it was.
    pub fn guest_in(&self, visit: BookingId) -> Option<ParticipantId> {
        let Self::Patient { guest_of, .. } = self else { return None };
        guest_of.iter().find(|(booking, _)| *booking == visit).map(|(_, who)| *who)
    }
}
