//! What the public reads of institutions, as the database gives it.

use chrono::NaiveDate;
use sqlx::FromRow;

use super::FacilityId;
use crate::time::Instant;

/// An institution as it is known now.
#[derive(Clone, Debug, FromRow)]
#[expect(missing_docs, reason = "columns, named as in the schema")]
pub struct PublicInstitution {
    pub code10: String,
    pub prefecture_code: String,
    pub name: String,
    pub postal_code: Option<String>,
    pub address: String,
    pub municipality_code: Option<String>,
    pub beds: Option<i64>,
    pub size: String,
    pub source: String,
    pub gone_on: Option<NaiveDate>,
}

/// A notification as it was known for a time.
#[derive(Clone, Debug, FromRow)]
#[expect(missing_docs, reason = "columns, named as in the schema")]
pub struct Past {
    pub criterion: String,
    pub acceptance_number: String,
    pub effective_from: Option<NaiveDate>,
    pub lapsed_after: Option<NaiveDate>,
    pub lapsed_on: Option<NaiveDate>,
    pub source: String,
    /// The day of the list that showed it.
    pub as_of: Option<NaiveDate>,
    pub recorded_at: Instant,
    pub superseded_at: Option<Instant>,
}

/// An institution that another one probably was before, or became later.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
#[expect(missing_docs, reason = "columns, named as in the schema")]
pub struct Redesignated {
    pub code10: String,
    pub name: String,
    /// The day of the list that showed the one and not the other.
    pub as_of: NaiveDate,
    /// 1 where it was before, 0 where it came later.
    pub earlier: i32,
}

/// What a clinic declares to the public.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
#[expect(missing_docs, reason = "columns, named as in the schema")]
pub struct Posting {
    pub follows_guideline: bool,
    pub no_psychotropics: bool,
    pub note_ja: String,
    pub note_en: String,
    pub declared_at: Instant,
}

/// A row of the open data: an institution, what it holds, and its facility here.
#[derive(Clone, Debug, FromRow)]
#[expect(missing_docs, reason = "columns, named as in the schema")]
pub struct OpenRow {
    pub code10: String,
    pub name: String,
    pub postal_code: Option<String>,
    pub address: String,
    pub municipality_code: Option<String>,
    pub beds: Option<i64>,
    pub size: String,
    pub effective_from: Option<NaiveDate>,
    pub accepted: bool,
    pub kana: Option<String>,
    pub name_en: Option<String>,
    pub telephone: Option<String>,
    pub departments: Option<String>,
    pub facility_id: Option<FacilityId>,
}
