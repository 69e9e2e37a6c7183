//! What must be clear around a visit: a set of items, not a sequence.

use std::str::FromStr;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::booking::{UnknownName, named};
use super::facility::ServiceKind;

named! {
    /// One thing that is cleared.
    Item {
        /// 問診, with medicines.
        Questionnaire = "questionnaire",
        /// What a first visit rests on.
        MedicalInformation = "medical_information",
        /// 本人確認.
        IdentityPatient = "identity_patient",
        /// The doctor's name and year of registration were in view.
        IdentityDoctorShown = "identity_doctor_shown",
        /// 資格確認.
        Eligibility = "eligibility",
        /// Consent to online care.
        ConsentOnlineCare = "consent_online_care",
        /// Consent to the use of personal information.
        ConsentPrivacy = "consent_privacy",
        /// The plan of online care was agreed.
        CarePlanAgreed = "care_plan_agreed",
        /// 患者の所在.
        LocationConfirmed = "location_confirmed",
        /// Whom to call for the patient.
        EmergencyContact = "emergency_contact",
        /// Camera, microphone and line were tried.
        DeviceTest = "device_test",
        /// What is recorded: nothing, where nobody agreed to more.
        RecordingAgreement = "recording_agreement",
        /// The fee was acknowledged.
        FeeAcknowledged = "fee_acknowledged",
        /// Nobody else is where the patient is.
        Surroundings = "surroundings",
    }
}

named! {
    /// By when an item must be clear. Earlier is smaller.
    Due {
        /// Before the patient is let in.
        Admission = "admission",
        /// Before the visit is closed as done.
        Closing = "closing",
        /// It is shown, and stops nothing.
        Advised = "advised",
    }
}

named! {
    /// How an item stands.
    ItemState {
        /// Nobody has seen to it.
        Pending = "pending",
        /// It is clear.
        Done = "done",
        /// Somebody of the clinic let it go, with a reason.
        Waived = "waived",
        /// It was looked at, and is not as it must be.
        Failed = "failed",
    }
}

impl ItemState {
    /// Whether nothing is left to do.
    pub const fn is_clear(self) -> bool {
        matches!(self, Self::Done | Self::Waived)
    }
}

named! {
    /// How a patient's identity, or their insurance, was checked. Neither a number of a document
    /// nor a picture of one is ever kept.
    Method {
        /// A document with a photograph.
        PhotoId = "photo_id",
        /// Two kinds of documents without.
        TwoDocs = "two_docs",
        /// One of them, looked at closely, with questions.
        OneDocPlusQuestions = "one_doc_plus_questions",
        /// 公的個人認証.
        Jpki = "jpki",
        /// By オンライン資格確認.
        MynaEligibility = "myna_eligibility",
        /// マイナ在宅受付Web.
        MynaHomeWeb = "myna_home_web",
        /// The card was shown to the camera.
        CardImage = "card_image",
        /// 資格確認書.
        Certificate = "certificate",
    }
}

impl Method {
    /// Whether the item is checked in this way.
    pub const fn is_of(self, item: Item) -> bool {
        let insurance = matches!(self, Self::MynaHomeWeb | Self::CardImage | Self::Certificate);
        match item {
            Item::IdentityPatient => !insurance,
            Item::Eligibility => insurance,
            _ => false,
        }
    }
}

named! {
    /// What kind of place the patient is at (guideline V2(2)).
    PlaceKind {
        /// Home.
        Home = "home",
        /// The place of work.
        Workplace = "workplace",
        /// 介護施設など.
        CareFacility = "care_facility",
        /// オンライン診療受診施設.
        OnlineCareFacility = "online_care_facility",
        /// A clinic without a doctor at that time.
        ClinicWithoutDoctor = "clinic_without_doctor",
        /// Anywhere else.
        Other = "other",
    }
}

/// Whom a rule is about, of first and repeat visits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfStage {
    /// Every visit.
    Any,
    /// First visits alone.
    First,
}

/// Whom a rule is about, by who pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfPayment {
    /// Every visit.
    Any,
    /// Insured care alone.
    Insured,
}

/// One rule: of whom, what, by when, and on which days it holds.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Rule {
    /// Of which kind of act.
    pub kind: ServiceKind,
    /// Of which visits.
    pub stage: OfStage,
    /// Of which payment.
    pub insured: OfPayment,
    /// What.
    pub item: Item,
    /// By when.
    pub due: Due,
    /// The first day.
    pub valid_from: NaiveDate,
    /// The day after the last, where it is known.
    pub valid_until: Option<NaiveDate>,
    /// Where it comes from.
    pub source: String,
}
