//! Facilities that work with the service, their doctors, and what they offer.

use chrono_tz::Tz;

use super::schedule::{OnHolidays, Service};
use super::{ClinicianId, FacilityId};

/// A facility, as patients see it.
#[derive(Clone, Debug)]
pub struct Facility {
    /// Its id.
    pub id: FacilityId,
    /// The ten digits of its institution.
    pub code10: String,
    /// Name.
    pub name: String,
    /// Name in kana, for reading and sorting.
    pub kana: String,
    /// Name in English.
    pub name_en: String,
    /// Street address.
    pub address: String,
    /// Six-digit code of its municipality (JIS X 0402).
    pub municipality_code: String,
    /// Telephone, shown on every screen of its patients.
    pub telephone: String,
    /// Departments (診療科).
    pub departments: Vec<String>,
    /// Languages spoken, as BCP 47 tags.
    pub languages: Vec<String>,
    /// About the clinic, in Japanese.
    pub about_ja: String,
    /// About the clinic, in English.
    pub about_en: String,
    /// The zone of its local days.
    pub zone: Tz,
    /// What it does on public holidays.
    pub on_holidays: OnHolidays,
    /// Whether media may show addresses.
    pub ice_policy: IcePolicy,
    /// Rises with every change.
    pub version: i64,
}

/// Which network paths a visit's media may take.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
    sqlx::Type,
)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum IcePolicy {
    /// Direct where possible.
    All,
    /// Through the relay only, so that neither side learns the other's address.
    Relay,
}

/// A doctor of a facility.
#[derive(Clone, Debug)]
pub struct Clinician {
    /// Their id.
    pub id: ClinicianId,
    /// Where they work.
    pub facility: FacilityId,
    /// Name.
    pub name: String,
    /// Name in English letters.
    pub name_en: String,
    /// 医籍登録年: shown to patients (guideline V1(4)).
    pub license_year: i64,
    /// When they completed the training for online care (guideline V3(1)).
    pub training_completed_on: Option<chrono::NaiveDate>,
    /// Rises when their weekly hours change.
    pub hours_version: i64,
}

/// What kind of act it is; rules of law are keyed by it.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
    sqlx::Type,
)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ServiceKind {
    /// オンライン診療.
    OnlineCare,
    /// 診療前相談: no diagnosis, no prescription (guideline V1(2)).
    PreConsultation,
}

/// For whom a kind of visit is: a first visit needs its basis (guideline V1(2)).
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
    sqlx::Type,
)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// First and repeat visits.
    #[default]
    Any,
    /// 初診.
    First,
    /// 再診.
    Repeat,
}

/// A kind of visit with what patients read about it.
#[derive(Clone, Debug)]
pub struct Offer {
    /// Its times.
    pub service: Service,
    /// What kind of act it is.
    pub kind: ServiceKind,
    /// For first visits, repeat visits or both.
    pub visit: Stage,
    /// Name.
    pub name_ja: String,
    /// Name in English.
    pub name_en: String,
    /// What it costs, in words.
    pub fee_note_ja: String,
    /// The same in English.
    pub fee_note_en: String,
    /// Insured care or self-pay.
    pub insured: bool,
    /// How many of one patient's visits may lie on one day at the facility.
    pub patient_daily_limit: i64,
    /// How soon the clinic answers a request.
    pub answer_within: chrono::TimeDelta,
    /// Rises with every change.
    pub version: i64,
}

/// `text` as it is searched: width, case and kind of kana no longer matter.
pub fn folded(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    text.nfkc().flat_map(char::to_lowercase).map(hiragana).collect()
}

/// A text that somebody typed, in one canonical form: without characters that only steer how others
/// are shown, or that are not shown at all. Lines may end.
pub fn canonical(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    let steers = |c: char| {
        matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{61c}' | '\u{180e}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
    };
    let visible = |c: &char| !steers(*c) && (!c.is_control() || *c == '\n');
    // First what is not shown goes: it may stand between a letter and its accent.
    text.chars().filter(visible).nfc().collect::<String>().trim().to_owned()
}

/// Katakana as hiragana; anything else as it is.
fn hiragana(c: char) -> char {
    match c {
        'ァ'..='ヶ' => char::from_u32(u32::from(c) - 0x60).unwrap_or(c),
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_otherwise_is_found_alike() {
        assert_eq!(folded("ｵﾄﾅｼ Clinic　"), folded("おとなし ＣＬＩＮＩＣ "));
        assert_ne!(folded("音無"), folded("音有"));
    }
}
