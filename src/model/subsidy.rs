//! The subsidy for devices of online care (オンライン医療相談・診療等環境整備補助事業): an application,
//! its decision, the report of what was bought, the payment.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use super::indicator::Device;
use super::{GrantId, register::Code10};

/// Where a grant stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[schema(as = SubsidyStatus)]
pub enum Status {
    /// 交付申請.
    Applied,
    /// 交付決定.
    Decided,
    /// 不交付.
    Refused,
    /// 取下げ.
    Withdrawn,
    /// 実績報告.
    Reported,
    /// 支払済.
    Paid,
}

/// A device that was applied for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SubsidyItem)]
pub struct Item {
    /// What it is. A smartphone is none of them.
    pub kind: Device,
    /// Its name.
    pub name: String,
    /// How many.
    pub quantity: i64,
    /// What all of them cost, in yen, tax included.
    pub yen: i64,
}

/// What a paper shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[schema(as = SubsidyPaperKind)]
pub enum PaperKind {
    /// 領収書.
    Receipt,
    /// 写真.
    Photo,
    /// Anything else.
    Other,
}

/// A paper that came with the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SubsidyPaper)]
pub struct Paper {
    /// What it shows.
    pub kind: PaperKind,
    /// What it is called, or where it is filed.
    pub name: String,
}

/// A grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// Who applied.
    pub institution: Code10,
    /// The year in which it began in April.
    pub fiscal_year: i64,
    /// Where it stands.
    pub status: Status,
    /// When it was applied for.
    pub applied_on: NaiveDate,
    /// When it was decided or refused.
    pub decided_on: Option<NaiveDate>,
    /// When it was reported.
    pub reported_on: Option<NaiveDate>,
    /// When it was paid.
    pub paid_on: Option<NaiveDate>,
    /// How many yen were asked for.
    pub requested_yen: i64,
    /// How many were granted at most.
    pub decided_yen: Option<i64>,
    /// How many were spent.
    pub spent_yen: Option<i64>,
    /// How many were paid.
    pub paid_yen: Option<i64>,
    /// Why it was refused or withdrawn.
    pub reason: String,
    /// Rises with each step.
    pub version: i64,
}

/// What is done with a grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// So many yen are granted at most.
    Decide(i64),
    /// It is refused.
    Refuse(String),
    /// It is taken back.
    Withdraw(String),
    /// So many yen were spent, and these papers show it.
    Report(i64, Vec<Paper>),
    /// So many yen were paid.
    Pay(i64),
}
