//! The yearly report of a facility that gives care using ICT devices (8月報告; rules.md 2.1): what
//! goes into it and what it says. Numbers in the report are of visits, not of patients.

use std::collections::BTreeMap;
use std::str::FromStr;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::booking::{UnknownName, named};
use super::closing::{DoctorPlace, RecordAccess, ReferralReason};
use super::{BookingId, ClinicianId};
use crate::time::Instant;

named! {
    /// Where a number comes from.
    CountSource {
        /// From the visits that this service knows, or drawn by a facility from its own system.
        Derived = "derived",
        /// Typed by somebody.
        Manual = "manual",
    }
}

named! {
    /// Which form a facility hands in.
    AugustForm {
        /// 医科: elsewhere is another prefecture; from 20 % on ten of them are explained.
        Medical = "medical",
        /// 歯科: elsewhere is another municipality; from 80 % on five of them are explained.
        Dental = "dental",
    }
}

named! {
    /// Why a report cannot be final, or what must be looked at.
    AugustFault {
        /// The period of the report is not over.
        NotOver = "not_over",
        /// There was no visit: no report is due.
        NoVisits = "no_visits",
        /// Nobody knows where a patient was.
        UnknownPlace = "unknown_place",
        /// Counts of visits in person are missing.
        InPersonMissing = "in_person_missing",
        /// How care in person is arranged is not said of an area.
        ArrangementMissing = "arrangement_missing",
        /// How talks before care are held is not said.
        TalkStyleMissing = "talk_style_missing",
        /// A visit took place on a day on which the criterion was not in effect; it is not counted.
        NotInEffect = "not_in_effect",
        /// A visit was paid by the patient alone; it is not counted.
        SelfPay = "self_pay",
    }
}

impl AugustFault {
    /// Whether it keeps the report from being final.
    pub const fn blocks(self) -> bool {
        !matches!(self, Self::NotInEffect | Self::SelfPay)
    }
}

/// One visit that took place online, as the report needs it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, as in the report")]
pub struct Visit {
    /// Which.
    #[sqlx(rename = "booking_id")]
    pub booking: BookingId,
    /// The facility's date on which it took place.
    #[sqlx(rename = "local_date")]
    pub date: NaiveDate,
    /// 初診料 was billed.
    #[sqlx(rename = "billing_first_visit")]
    pub first: bool,
    /// A talk before care went before it.
    #[sqlx(rename = "pre_consultation_done")]
    pub talk: bool,
    /// Whether it was followed by a visit in person here, as far as this service knows.
    pub later_in_person: bool,
    /// Why the patient was sent on.
    #[sqlx(rename = "referral_reason")]
    pub referral: Option<ReferralReason>,
    /// The patient's prefecture, two digits.
    #[sqlx(rename = "patient_prefecture")]
    pub prefecture: Option<String>,
    /// The patient's municipality, six digits.
    #[sqlx(rename = "patient_municipality")]
    pub municipality: Option<String>,
    /// Whether a public insurance paid.
    pub insured: bool,
    /// Who.
    #[sqlx(rename = "clinician_id")]
    pub clinician: ClinicianId,
    /// Where the doctor was.
    pub doctor_place: DoctorPlace,
    /// In which prefecture, where that was outside the institution.
    pub doctor_prefecture: Option<String>,
    /// How past records were seen there.
    pub record_access: Option<RecordAccess>,
}

/// What a facility says of a month's visits in person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InPerson {
    /// 初診料.
    pub first: i64,
    /// 再診料等.
    pub repeat: i64,
    /// Of the month's online first visits those without a later visit in person here; nothing means
    /// as this service knows them.
    pub no_later_visit: Option<i64>,
    /// Where the numbers come from.
    pub source: CountSource,
}

/// How talks before care are held; several are possible.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AugustTalk)]
pub struct TalkStyles {
    /// Talk and care in one go.
    pub series: bool,
    /// Talk and care at different times.
    pub separated: bool,
    /// Otherwise.
    pub other: bool,
}

/// How care in person is arranged for patients in one area.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AugustArrangement)]
pub struct Arrangement {
    /// Which institution.
    pub institution: String,
    /// How patients get there.
    pub referral: String,
    /// Whether it was agreed on before.
    pub agreed: bool,
}

/// What a facility says beside its visits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// Rises with each change; 0 before the first.
    pub version: i64,
    /// How talks before care are held; nothing before it is said.
    pub talk: Option<TalkStyles>,
    /// By area.
    pub arrangements: BTreeMap<String, Arrangement>,
    /// By the month's first day.
    pub in_person: BTreeMap<NaiveDate, InPerson>,
}

/// Who reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = AugustHead)]
pub struct Head {
    /// The institution's name.
    pub name: String,
    /// Its seven digits.
    pub code7: String,
    /// Its address, from the prefecture on.
    pub address: String,
    /// Its prefecture, two digits.
    pub prefecture: String,
    /// Its municipality, six digits.
    pub municipality: String,
    /// Which form.
    pub form: AugustForm,
}

/// Visits of patients in one kind of place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = AugustPlaced)]
pub struct Placed {
    /// How many.
    pub visits: i64,
    /// Of those, sent on as beyond the institution's ability or as urgent.
    pub referred: i64,
}

/// One month of the report, or all of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = AugustFigures)]
pub struct Figures {
    /// 1-1 ①: patients in the institution's own prefecture (dentistry: municipality).
    pub same: Placed,
    /// 1-1 ②: patients elsewhere.
    pub other: Placed,
    /// Patients of whom nobody knows where they were.
    pub unknown: Placed,
    /// 2: online, 初診料.
    pub online_first: i64,
    /// 2: online, 再診料等.
    pub online_repeat: i64,
    /// Of the online first visits those with a talk before.
    pub first_with_talk: i64,
    /// Of the online first visits those without a later visit in person here.
    pub first_without_later: i64,
    /// 2: in person, 初診料; nothing where a month is missing.
    pub in_person_first: Option<i64>,
    /// 2: in person, 再診料等.
    pub in_person_repeat: Option<i64>,
}

/// A month and its figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = AugustMonth)]
pub struct Month {
    /// Its first day.
    pub month: NaiveDate,
    /// Its figures.
    pub figures: Figures,
    /// Where the counts in person come from; nothing where they are missing.
    pub in_person_source: Option<CountSource>,
    /// Where the count without a later visit comes from.
    pub later_source: CountSource,
}

/// A share in the hundred with its fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = AugustShare)]
pub struct Share {
    /// Elsewhere.
    pub part: i64,
    /// All whose place is known.
    pub whole: i64,
    /// Whether it is more than the form lets go without a word.
    pub over: bool,
}

/// 1-2: one area in which many patients were.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = AugustArea)]
pub struct AreaRow {
    /// Two digits of the prefecture (dentistry: six of the municipality).
    pub area: String,
    /// How many visits.
    pub visits: i64,
    /// How care in person is arranged, where that was said.
    pub arrangement: Option<Arrangement>,
}

/// 1-3: a doctor who was outside the institution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = AugustDoctor)]
pub struct DoctorRow {
    /// Name.
    pub name: String,
    /// 常勤.
    pub full_time: bool,
    /// Where.
    pub place: DoctorPlace,
    /// In which prefecture.
    pub prefecture: Option<String>,
    /// How past records were seen.
    pub record_access: Option<RecordAccess>,
    /// How many visits.
    pub visits: i64,
}

/// What stands against a final report, or must be looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = AugustProblem)]
pub struct Problem {
    /// What.
    pub code: AugustFault,
    /// How many visits, months or areas.
    pub count: i64,
    /// Whether the report cannot be final.
    pub blocks: bool,
    /// Of which: visits by their ids, months, areas; the first hundred.
    pub of: Vec<String>,
}

/// The report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = AugustReport)]
pub struct Report {
    /// Who reports.
    pub head: Head,
    /// The year in whose August it is handed in.
    pub year: i32,
    /// The first day that is reported.
    pub from: NaiveDate,
    /// The last day.
    pub until: NaiveDate,
    /// 1-1 and 2, month by month.
    pub months: Vec<Month>,
    /// All months.
    pub total: Figures,
    /// The share of ② of ①+②; nothing without visits.
    pub share: Option<Share>,
    /// 1-2; empty where the share is not over.
    pub areas: Vec<AreaRow>,
    /// 1-3.
    pub doctors: Vec<DoctorRow>,
    /// 3; nothing before it is said.
    pub talk: Option<TalkStyles>,
    /// The form's own check: ①+② = online 初診料 + 再診料等. It fails while a place is unknown.
    pub sums_agree: bool,
    /// What stands against it.
    pub problems: Vec<Problem>,
}

/// A final report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Final {
    /// 1 for the first, more for what was handed in later.
    pub version: i64,
    /// When it was made final.
    pub at: Instant,
    /// What it says.
    pub report: Report,
}
