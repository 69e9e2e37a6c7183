//! What a patient is told and agrees to before a visit: consent in its own words, and fees.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What is agreed to; each apart from the other.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    sqlx::Type,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum ConsentKind {
    /// To be treated online (guideline V1(1): expressly).
    OnlineCare,
    /// That information about one's health is used for it.
    Privacy,
}

impl ConsentKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::OnlineCare, Self::Privacy];
}

/// How somebody agreed.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum ConsentMethod {
    /// By a box that was not ticked before.
    Checkbox,
    /// By saying so to somebody of the clinic, as on the telephone.
    Spoken,
    /// On paper.
    Paper,
}

/// A text that is agreed to.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ConsentText {
    /// Its id.
    pub id: Uuid,
    /// What it is about.
    pub kind: ConsentKind,
    /// Its number among the texts of its kind and owner.
    pub version: i64,
    /// Whether it is the facility's own; else the house's.
    pub own: bool,
    /// Its words.
    pub text_ja: String,
    /// The same in English.
    pub text_en: String,
}

/// A consent as it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// To what.
    pub kind: ConsentKind,
    /// To which version of its text.
    pub version: i64,
}

/// What a fee is for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum FeeKind {
    /// The visit itself.
    Consultation,
    /// The means of communication.
    SystemUsageFee,
    /// A talk before care.
    PreConsultationFee,
    /// The issue of a prescription.
    PrescriptionFee,
    /// Sending of medicines or papers.
    DeliveryFee,
    /// Certificates and the like.
    DocumentFee,
    /// The booking itself: not allowed for insured online care.
    ReservationFee,
    /// Anything else.
    Other,
}

/// One fee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeeItem {
    /// What it is for.
    pub kind: FeeKind,
    /// Its name.
    pub name_ja: String,
    /// Its name in English.
    pub name_en: String,
    /// What else there is to say.
    #[serde(default)]
    pub note_ja: String,
    /// The same in English.
    #[serde(default)]
    pub note_en: String,
    /// Its amount in yen, tax included, where it is fixed.
    pub yen: Option<i64>,
    /// Its row in the table of points, where the patient pays a share of it.
    pub points_code: Option<String>,
}

/// What is paid for calling a visit off late.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelPolicy {
    /// How many yen; nothing said where there is none.
    pub fee_yen: Option<i64>,
    /// When, in words.
    #[serde(default)]
    pub note_ja: String,
    /// The same in English.
    #[serde(default)]
    pub note_en: String,
}

/// The fees of a service, as one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fees {
    /// Its id.
    pub id: Uuid,
    /// Its number.
    pub version: i64,
    /// The fees, in the order in which they are shown.
    pub items: Vec<FeeItem>,
    /// What is paid for calling off.
    pub cancel: CancelPolicy,
}

/// Items that one version may have.
pub const MOST_ITEMS: usize = 20;

impl FeeItem {
    /// What is wrong with it, by field, in a service that is `insured`.
    pub fn check(&self, insured: bool) -> Option<(&'static str, &'static str)> {
        let words = [
            ("name_ja", &self.name_ja, true),
            ("name_en", &self.name_en, true),
            ("note_ja", &self.note_ja, false),
            ("note_en", &self.note_en, false),
        ];
        for (field, text, needed) in words {
            if needed && text.trim().is_empty() {
                return Some((field, "required"));
            }
            if text.chars().count() > 300 {
                return Some((field, "too_long"));
            }
        }
        if insured && self.kind == FeeKind::ReservationFee {
            return Some(("kind", "reservation_fee"));
        }
        if self.yen.is_some_and(|yen| !(0..=10_000_000).contains(&yen)) {
            return Some(("yen", "range"));
        }
        if self.points_code.is_some() && (self.yen.is_some() || !insured) {
            return Some(("points_code", "range"));
        }
        None
    }
}

/// A row of the table of points: what a kind of visit counts on the days from `valid_from` up to,
/// not including, `valid_until`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Points {
    /// The kind of visit, as `first_visit_ict`.
    pub code: String,
    /// The first day.
    pub valid_from: NaiveDate,
    /// The day after the last, where it is known.
    pub valid_until: Option<NaiveDate>,
    /// How many points; one is ten yen.
    pub points: i64,
}

impl Points {
    /// What a patient with a share of so many per cent pays of it: rounded to ten yen, as at the
    /// counter.
    pub fn share(&self, percent: i64) -> i64 {
        // Points × 10 yen × share, in tens of yen, half up.
        (self.points * percent + 50) / 100 * 10
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_to_ten_yen() {
        let points = |points| Points {
            code: "first_visit_ict".to_owned(),
            valid_from: "2024-06-01".parse().unwrap(),
            valid_until: None,
            points,
        };
        assert_eq!([30, 20, 10].map(|share| points(253).share(share)), [760, 510, 250]);
        assert_eq!([30, 20, 10].map(|share| points(75).share(share)), [230, 150, 80]);
        assert_eq!(points(251).share(30), 750);
    }

    #[test]
    fn a_booking_is_free_where_care_is_insured() {
        let item = FeeItem {
            kind: FeeKind::ReservationFee,
            name_ja: "予約料".to_owned(),
            name_en: "Booking".to_owned(),
            note_ja: String::new(),
            note_en: String::new(),
            yen: Some(500),
            points_code: None,
        };
        assert_eq!(item.check(true), Some(("kind", "reservation_fee")));
        assert_eq!(item.check(false), None);
        let points = Some("first_visit_ict".to_owned());
        let both = FeeItem { kind: FeeKind::Consultation, points_code: points, ..item.clone() };
        assert_eq!(both.check(true), Some(("points_code", "range")));
        assert_eq!(FeeItem { yen: None, ..both.clone() }.check(true), None);
        assert_eq!(FeeItem { yen: None, ..both }.check(false), Some(("points_code", "range")));
        assert_eq!(FeeItem { yen: Some(-1), ..item }.check(false), Some(("yen", "range")));
    }
}
