//! The parts people play in a visit, and how far a visit has come.

use serde::{Deserialize, Serialize};

/// What somebody is in a visit.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema,
)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schema(as = VisitRole)]
pub enum Role {
    /// The doctor: admits, ends, and is half of the picture.
    Clinician,
    /// Staff of the clinic: keeps the waiting room, takes no part in picture and sound.
    Staff,
    /// The person who is treated.
    Patient,
    /// Somebody of the patient's family who speaks for them.
    FamilyProxy,
    /// A nurse who is beside the patient.
    Nurse,
    /// Another doctor who is asked for advice.
    Specialist,
    /// Carries what is said from one language to another, spoken or signed.
    Interpreter,
    /// Sees and hears, and is not seen, heard or read.
    Observer,
}

impl Role {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::Clinician,
        Self::Staff,
        Self::Patient,
        Self::FamilyProxy,
        Self::Nurse,
        Self::Specialist,
        Self::Interpreter,
        Self::Observer,
    ];

    /// Whether the person belongs to the clinic, and so needs no admission.
    pub const fn is_host(self) -> bool {
        matches!(self, Self::Clinician | Self::Staff)
    }

    /// Whether the person is a third one, who comes in only by the patient's consent (guideline
    /// V1(5); rules.md E-05).
    pub const fn is_third(self) -> bool {
        matches!(
            self,
            Self::FamilyProxy | Self::Nurse | Self::Specialist | Self::Interpreter | Self::Observer
        )
    }

    /// Whether a third person may be beside the patient, and so has to call for help.
    pub const fn may_be_beside(self) -> bool {
        matches!(self, Self::FamilyProxy | Self::Nurse)
    }

    /// Whether the person sees and hears the others, and reads what they write and what is written
    /// of what they say. The clinic's own staff do not: nobody asked the patient about them (E-05).
    pub const fn takes_media(self) -> bool {
        !matches!(self, Self::Staff)
    }

    /// Whether the person is seen and heard.
    pub const fn sends_media(self) -> bool {
        !matches!(self, Self::Staff | Self::Observer)
    }

    /// Whether the person may write to the others. Whoever only looks on says nothing in any way.
    pub const fn may_chat(self) -> bool {
        self.sends_media()
    }

    /// Whether the person may write what is said.
    pub const fn may_caption(self) -> bool {
        matches!(self, Self::Clinician | Self::Patient | Self::Interpreter | Self::Nurse)
    }
}

/// How far a visit has come. Later is greater.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum VisitState {
    /// Its waiting room is not open yet.
    Scheduled,
    /// The waiting room is open.
    Open,
    /// The patient was admitted.
    InProgress,
    /// The clinician ended it.
    Ended,
}

/// What a patient says to a third person's coming in.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema,
)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schema(as = VisitAnswer)]
pub enum Answer {
    /// They may come in, this once.
    Yes,
    /// They may not.
    No,
}

/// How a patient said it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema,
)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schema(as = VisitAnswerMethod)]
pub enum AnswerMethod {
    /// On their own page.
    Tapped,
    /// To the doctor, who wrote it down.
    Spoken,
}
