//! How a visit that took place was closed: what the law asks of each one (guideline V1(3), V1(5),
//! V2(1)), and what the yearly report of the facility criteria counts.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::BookingId;
use super::booking::{UnknownName, named};

named! {
    /// Where care took place in the end.
    CareMode {
        /// By video.
        Online = "online",
        /// It goes on in person.
        InPerson = "in_person",
    }
}

named! {
    /// In which form something was prescribed.
    PrescriptionKind {
        /// Nothing was.
        None = "none",
        /// On paper.
        Paper = "paper",
        /// As 電子処方箋.
        Electronic = "electronic",
    }
}

named! {
    /// Why the patient was sent to another institution; the report counts them.
    ReferralReason {
        /// 自院での対応が困難.
        BeyondAbility = "beyond_ability",
        /// 緊急.
        Urgent = "urgent",
        /// Anything else.
        Other = "other",
    }
}

named! {
    /// Why online care was given up for care in person (guideline V1(2)).
    ConversionReason {
        /// The patient must be touched, heard or tested.
        ExaminationNeeded = "examination_needed",
        /// Online care does not suit the illness.
        Unsuitable = "unsuitable",
        /// Picture or sound were not good enough.
        LineFailure = "line_failure",
        /// The patient wishes it.
        PatientWish = "patient_wish",
        /// Anything else.
        Other = "other",
    }
}

named! {
    /// Where the doctor was (guideline V2(1)).
    DoctorPlace {
        /// In the institution.
        Clinic = "clinic",
        /// At home or the like.
        Home = "home",
        /// At another institution of theirs.
        OtherFacility = "other_facility",
        /// Anywhere else.
        Other = "other",
    }
}

named! {
    /// How the doctor saw the patient's past records.
    RecordAccess {
        /// The institution's own.
        InHouse = "in_house",
        /// クラウド型電子カルテ.
        CloudEmr = "cloud_emr",
        /// Otherwise.
        Other = "other",
    }
}

/// What was prescribed, as far as the rules for online care need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Prescription {
    /// In which form.
    pub kind: PrescriptionKind,
    /// For how many days; only where something was prescribed.
    pub days: Option<i64>,
    /// 麻薬.
    #[serde(default)]
    pub narcotic: bool,
    /// 向精神薬.
    #[serde(default)]
    pub psychotropic: bool,
    /// 特に安全管理が必要な医薬品 (薬剤管理指導料「1」).
    #[serde(default)]
    pub high_risk: bool,
}

impl Prescription {
    /// Nothing was prescribed.
    pub const NONE: Self = Self {
        kind: PrescriptionKind::None,
        days: None,
        narcotic: false,
        psychotropic: false,
        high_risk: false,
    };
}

/// To whom the patient was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Referral {
    /// Why.
    pub reason: ReferralReason,
    /// The institution.
    pub to: String,
}

/// What a doctor says of a visit that took place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ClosingFacts)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, as in the report")]
pub struct Facts {
    /// First by the guideline: also a new symptom in ongoing care. The rules for drugs go by it.
    pub guideline_first_visit: bool,
    /// First by the fees. Neither follows from the other (Q&A of the guideline).
    pub billing_first_visit: bool,
    /// Whether underlying conditions and the like are known.
    pub underlying_info_known: bool,
    /// Whether the doctor confirmed what the patient takes already.
    pub medications_confirmed: bool,
    /// What was prescribed.
    pub prescription: Prescription,
    /// 引換番号 of the 電子処方箋: six digits.
    pub exchange_number: Option<String>,
    /// To whom the patient was sent.
    pub referral: Option<Referral>,
    /// Why it goes on in person.
    pub conversion_reason: Option<ConversionReason>,
    /// What follows, and what to do when it gets worse; the patient reads it.
    pub onward_policy: Option<String>,
    /// What a nurse beside the patient did on the doctor's word.
    pub nurse_acts: Option<String>,
    /// Two digits of the prefecture in which the patient was; nothing where nobody knows.
    pub patient_prefecture: Option<String>,
    /// Six digits of the municipality.
    pub patient_municipality: Option<String>,
    /// Where the doctor was.
    pub doctor_place: DoctorPlace,
    /// In which prefecture, two digits; outside the institution only.
    pub doctor_prefecture: Option<String>,
    /// How past records were seen; outside the institution only.
    pub record_access: Option<RecordAccess>,
    /// The visit that follows.
    pub next_booking_id: Option<BookingId>,
}
