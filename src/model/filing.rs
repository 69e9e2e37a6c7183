//! Notifications (届出) that are made through this service. Three kinds stay apart, since each goes to
//! somebody else and rests on another law: the criterion of the fees to the regional bureau, online
//! care to the governor (医療法, from 2026-04-01), a reception facility by whoever runs it.

use std::collections::BTreeMap;
use std::str::FromStr;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::booking::{UnknownName, named};
use super::{AccountId, FacilityId, FilingId, SiteId};
use crate::time::Instant;

named! {
    /// What is notified.
    FilingKind {
        /// 施設基準の届出「情報通信機器を用いた診療」, to the regional bureau.
        Criterion = "criterion",
        /// オンライン診療の届出, to the governor.
        OnlineCare = "online_care",
        /// オンライン診療受診施設の届出, to the governor, by its 設置者.
        ReceptionFacility = "reception_facility",
    }
}

impl FilingKind {
    /// The first day on which the law knows it (医療法 as of 2026-04-01; fees of 2022-04-01).
    pub fn known_since(self) -> NaiveDate {
        let (year, month) = match self {
            Self::Criterion => (2022, 4),
            Self::OnlineCare | Self::ReceptionFacility => (2026, 4),
        };
        NaiveDate::from_ymd_opt(year, month, 1).unwrap_or_default()
    }
}

named! {
    /// Where a filing stands.
    FilingState {
        /// It is being written.
        Draft = "draft",
        /// It waits for who reviews it.
        Submitted = "submitted",
        /// 補正: something in it is to be corrected.
        ReturnedForCorrection = "returned_for_correction",
        /// It was corrected, and waits again.
        Resubmitted = "resubmitted",
        /// 受理: it has its number and its days.
        Accepted = "accepted",
        /// Its first day has come.
        InEffect = "in_effect",
        /// 変更: another one took its place.
        Changed = "changed",
        /// 辞退 or 取り下げ.
        Withdrawn = "withdrawn",
        /// It was taken away by who accepted it.
        Revoked = "revoked",
    }
}

impl FilingState {
    /// Whether its filer can write in it.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Draft | Self::ReturnedForCorrection)
    }

    /// Whether somebody is to review it.
    pub const fn is_waiting(self) -> bool {
        matches!(self, Self::Submitted | Self::Resubmitted)
    }

    /// Whether nothing can follow.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Changed | Self::Withdrawn | Self::Revoked)
    }
}

named! {
    /// What is done to a filing.
    FilingStep {
        /// Its filer hands it in.
        Submit = "submit",
        /// It is given back, with what is to be corrected.
        Return = "return",
        /// Its filer hands it in once more.
        Resubmit = "resubmit",
        /// It is accepted, with number and days.
        Accept = "accept",
        /// Its first day comes.
        TakeEffect = "take_effect",
        /// Another one takes its place.
        Change = "change",
        /// Its filer takes it back, or gives it up.
        Withdraw = "withdraw",
        /// Who accepted it takes it away.
        Revoke = "revoke",
    }
}

named! {
    /// What has a deadline.
    FilingDuty {
        /// The notification of online care to the governor (医療法, M-03).
        OnlineCare = "online_care",
        /// The yearly self-check of the criterion (F-04).
        SelfCheck = "self_check",
        /// What was returned is to be corrected.
        Correction = "correction",
    }
}

named! {
    /// Which letter of a deadline.
    LetterStage {
        /// A month before it.
        Month = "month",
        /// A week before it.
        Week = "week",
        /// It has passed.
        Passed = "passed",
    }
}

named! {
    /// What kind of place a reception facility is (医療法 2条の2②).
    ReceptionKind {
        /// A booth, as at a station.
        Booth = "booth",
        /// 郵便局.
        PostOffice = "post_office",
        /// 公民館など.
        CommunityHall = "community_hall",
        /// A vehicle.
        Vehicle = "vehicle",
        /// Any other.
        Other = "other",
    }
}

/// What is filled in: the field's id and its text.
pub type Form = BTreeMap<String, String>;

/// What kind of answer a field takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// Words in one line.
    #[default]
    Text,
    /// Several lines.
    Long,
    /// One of its options.
    Choice,
    /// A date.
    Date,
}

/// One answer to choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FilingOption)]
pub struct Choice {
    /// Its id.
    pub id: String,
    /// In Japanese.
    pub ja: String,
    /// In English.
    pub en: String,
}

/// One field of a form. What the ministry's forms ask changes with the years, so fields are data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FilingField)]
pub struct Field {
    /// Its id, unique in its kind.
    pub id: String,
    /// In Japanese.
    pub ja: String,
    /// In English.
    pub en: String,
    /// What answer it takes.
    #[serde(default, rename = "type")]
    pub of: FieldType,
    /// Whether it must be filled in, where it is shown.
    #[serde(default)]
    pub required: bool,
    /// What can be chosen.
    #[serde(default)]
    pub options: Vec<Choice>,
    /// It is shown only while that field has this answer: `[field, answer]`.
    #[serde(default)]
    pub shown_when: Option<[String; 2]>,
    /// Where the law or the form asks for it.
    pub source: String,
}

/// One thing that must hold, for which there is evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FilingCriterion)]
pub struct Demand {
    /// Its id, unique in its kind.
    pub item: String,
    /// The letter by which the notice calls it: ア, イ, ウ, エ; empty where it has none.
    #[serde(default)]
    pub letter: String,
    /// In Japanese.
    pub ja: String,
    /// In English.
    pub en: String,
    /// Whether the evidence is a page: its address, the day on which somebody looked at it, and
    /// the day of the copy that is kept.
    #[serde(default)]
    pub page: bool,
    /// Where it stands.
    pub source: String,
}

/// What a kind of filing asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FilingDefinition)]
pub struct Definition {
    /// Of which kind.
    pub kind: FilingKind,
    /// The name of the notification, in Japanese.
    pub ja: String,
    /// In English.
    pub en: String,
    /// To whom it goes, in Japanese.
    pub to_ja: String,
    /// In English.
    pub to_en: String,
    /// Its fields, in order.
    #[serde(rename = "field")]
    pub fields: Vec<Field>,
    /// What must hold.
    #[serde(rename = "demand")]
    pub demands: Vec<Demand>,
}

/// What stands for one demand.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Check {
    /// Which demand.
    pub item: String,
    /// Whether it holds.
    pub met: bool,
    /// What shows it.
    pub evidence: String,
    /// The page.
    pub url: Option<String>,
    /// The day on which somebody looked at it.
    pub checked_on: Option<NaiveDate>,
    /// The day of the copy that is kept.
    pub snapshot_on: Option<NaiveDate>,
}

/// A filing.
#[derive(Clone, Debug)]
pub struct Filing {
    /// Its id.
    pub id: FilingId,
    /// What is notified.
    pub kind: FilingKind,
    /// Two digits: numbers are unique in it.
    pub prefecture: String,
    /// The institution's ten digits; of the kinds that an institution files.
    pub code10: Option<String>,
    /// The clinic that files.
    pub facility: Option<FacilityId>,
    /// The reception facility that is notified.
    pub site: Option<SiteId>,
    /// Where it stands.
    pub state: FilingState,
    /// The one whose place it will take.
    pub replaces: Option<FilingId>,
    /// By when the law asks for it.
    pub due_on: Option<NaiveDate>,
    /// What is filled in.
    pub form: Form,
    /// When it was first handed in.
    pub submitted_on: Option<NaiveDate>,
    /// By when it is to be corrected.
    pub correct_by: Option<NaiveDate>,
    /// 受理番号.
    pub acceptance_number: Option<String>,
    /// 受理年月日.
    pub accepted_on: Option<NaiveDate>,
    /// 算定開始年月日, or the first day on which it holds.
    pub effective_from: Option<NaiveDate>,
    /// The first day on which it holds no more.
    pub ended_on: Option<NaiveDate>,
    /// Rises with every change.
    pub version: i64,
}

impl Filing {
    /// One that is begun: nothing is said in it yet.
    pub fn draft(id: FilingId, kind: FilingKind) -> Self {
        Self {
            id,
            kind,
            prefecture: String::new(),
            code10: None,
            facility: None,
            site: None,
            state: FilingState::Draft,
            replaces: None,
            due_on: None,
            form: Form::new(),
            submitted_on: None,
            correct_by: None,
            acceptance_number: None,
            accepted_on: None,
            effective_from: None,
            ended_on: None,
            version: 1,
        }
    }
}

/// What was done to a filing.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its place among the events of its filing, from 1.
    pub number: i64,
    /// What.
    pub step: FilingStep,
    /// Where the filing stood.
    pub from: FilingState,
    /// Where it stands since.
    pub to: FilingState,
    /// Why.
    pub reason: Option<String>,
    /// What is to be corrected, field by field.
    pub remarks: Form,
    /// What was handed in.
    pub form: Option<Form>,
    /// Who did it; nobody where its day came.
    pub by: Option<AccountId>,
    /// Their name.
    pub by_name: Option<String>,
    /// When.
    pub at: Instant,
}

/// A place where patients receive online care, with whoever runs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reception {
    /// Its id.
    pub id: SiteId,
    /// Whose account runs it.
    pub operator: AccountId,
    /// 設置者: a person or a company, medical or not.
    pub operator_name: String,
    /// Its name.
    pub name: String,
    /// What kind of place it is.
    pub kind: ReceptionKind,
    /// Street address; of a vehicle, where it is kept.
    pub address: String,
    /// Six digits.
    pub municipality: String,
    /// Telephone.
    pub telephone: String,
    /// Whom to call at any hour when a device fails or a patient gets worse.
    pub contact_24h: String,
    /// In yen, apart from the price of care.
    pub usage_fee: i64,
    /// When it is open, in words.
    pub open_hours: String,
    /// Whether a nurse helps there (D to P with N).
    pub has_nurse: bool,
    /// Rises with every change.
    pub version: i64,
}
