//! The register: what the regional health bureaus publish about institutions (医療機関) and the
//! notifications (届出) they have accepted from them.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The ten digits that name an institution in all of Japan: prefecture (2), fee table (1),
/// number (7). The seven digits alone are not unique: thousands occur in more than one prefecture.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, example = "1310529818")]
pub struct Code10([u8; 10]);

/// What is not a code of ten digits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a code of ten digits: {0:?}")]
pub struct BadCode(pub String);

impl Code10 {
    /// The digit for medicine (医科) among the fee tables (点数表); pharmacy is 4.
    pub const MEDICINE: char = '1';
    /// The digit for dentistry (歯科).
    pub const DENTISTRY: char = '3';

    /// The code of a medical institution from its prefecture (`"13"`) and its seven digits.
    pub fn medical(prefecture: &str, number: &str) -> Result<Self, BadCode> {
        format!("{prefecture:0>2}{}{number:0>7}", Self::MEDICINE).parse()
    }

    /// All ten digits.
    pub fn as_str(&self) -> &str {
        // Only ASCII digits are ever let in.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The prefecture's two digits, `"13"` for Tokyo.
    pub fn prefecture(&self) -> &str {
        &self.as_str()[..2]
    }

    /// The seven digits that the bureau prints.
    pub fn number(&self) -> &str {
        &self.as_str()[3..]
    }

    /// Whether the last digit fits the others. Four prefectures of Kanto compute it over the six
    /// digits before it, all others over all nine; a misfit is worth a warning and no more.
    pub fn check_digit_fits(&self) -> bool {
        let from = if matches!(self.prefecture(), "11" | "12" | "13" | "14") { 3 } else { 0 };
        let weigh = |(place, byte): (usize, &u8)| {
            let product = u32::from(byte - b'0') * if place % 2 == 0 { 2 } else { 1 };
            product / 10 + product % 10
        };
        let sum: u32 = self.0[from..9].iter().rev().enumerate().map(weigh).sum();
        (10 - sum % 10) % 10 == u32::from(self.0[9] - b'0')
    }
}

impl FromStr for Code10 {
    type Err = BadCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes: [u8; 10] = text.as_bytes().try_into().map_err(|_| BadCode(text.to_owned()))?;
        let digits = bytes.iter().all(u8::is_ascii_digit);
        if digits { Ok(Self(bytes)) } else { Err(BadCode(text.to_owned())) }
    }
}

impl TryFrom<String> for Code10 {
    type Error = BadCode;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Code10> for String {
    fn from(code: Code10) -> Self {
        code.as_str().to_owned()
    }
}

impl fmt::Display for Code10 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Code10 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Code10({})", self.as_str())
    }
}

/// What an institution is by its beds (medical care act, article 1-5): a hospital has 20 or more.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Size {
    /// 20 beds or more (病院).
    Hospital,
    /// 1 to 19 beds (有床診療所).
    BeddedClinic,
    /// No beds, or none stated (無床診療所).
    ClinicWithoutBeds,
}

impl Size {
    /// All, from the largest.
    pub const ALL: [Self; 3] = [Self::Hospital, Self::BeddedClinic, Self::ClinicWithoutBeds];

    /// The size that a total of `beds` means; a total not stated means none.
    pub fn of(beds: Option<u32>) -> Self {
        match beds {
            Some(20..) => Self::Hospital,
            Some(1..=19) => Self::BeddedClinic,
            Some(0) | None => Self::ClinicWithoutBeds,
        }
    }

    /// The word for it in data: `hospital`, `bedded_clinic`, `clinic_without_beds`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Hospital => "hospital",
            Self::BeddedClinic => "bedded_clinic",
            Self::ClinicWithoutBeds => "clinic_without_beds",
        }
    }
}

/// A criterion (施設基準) that this service follows. Series of the two are never joined.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    /// オンライン診療料 (fiscal 2018 to 2021): repeat visits only.
    OnlineCareFeeLegacy,
    /// 情報通信機器を用いた診療 (from fiscal 2022): first and repeat visits.
    IctCare,
}

impl Criterion {
    /// All, the oldest first.
    pub const ALL: [Self; 2] = [Self::OnlineCareFeeLegacy, Self::IctCare];

    /// The word for it in data: `online_care_fee_legacy`, `ict_care`.
    pub fn code(self) -> &'static str {
        match self {
            Self::OnlineCareFeeLegacy => "online_care_fee_legacy",
            Self::IctCare => "ict_care",
        }
    }
}

impl FromStr for Criterion {
    type Err = String;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|criterion| criterion.code() == code);
        found.ok_or_else(|| format!("no criterion is called {code:?}"))
    }
}

/// An institution as a list states it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Institution {
    /// Its code in all of Japan.
    pub code: Code10,
    /// Its name, in NFKC, spaces at the ends removed.
    pub name: String,
    /// `NNN-NNNN`.
    pub postal_code: Option<String>,
    /// Its address as stated (mostly without the prefecture), in NFKC.
    pub address: String,
    /// The six digits of its municipality (JIS X 0402 with check digit), where the address tells.
    pub municipality: Option<String>,
    /// All its beds, where stated.
    pub beds: Option<u32>,
    /// Hospital or clinic, by its beds.
    pub size: Size,
    /// Whether the list states any notification of it, of whatever criterion.
    pub filed: bool,
}

/// One accepted notification of a criterion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Notification {
    /// Who notified.
    pub institution: Code10,
    /// Of what.
    pub criterion: Criterion,
    /// `第N号`, in NFKC. Unique in a prefecture; its greatest is no count.
    pub acceptance_number: String,
    /// From when it is in effect (算定開始年月日); nothing where the list states an impossible date.
    pub effective_from: Option<NaiveDate>,
}

/// One prefecture's list, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// `"13"`.
    pub prefecture_code: String,
    /// `東京都` as the list writes it.
    pub prefecture: String,
    /// The day whose state the list shows (現在), from its title and not from its file name.
    pub as_of: NaiveDate,
    /// The day it was made (作成).
    pub created_on: Option<NaiveDate>,
    /// Whether it also shows institutions without any notification (全医療機関出力). Only then is
    /// the number of institutions a denominator.
    pub all_institutions: bool,
    /// All rows of data, of every fee table, blank ones left out.
    pub rows: u32,
    /// Medical institutions (区分 医科), each once, in order of code.
    pub institutions: Vec<Institution>,
    /// Notifications of the criteria we follow, at most one per institution and criterion.
    pub notifications: Vec<Notification>,
    /// What was odd, and where.
    pub warnings: Vec<Warning>,
    /// The names of the columns, as the sheet writes them.
    pub columns: Vec<String>,
    /// Rows that an error left out or that a warning is about, as the sheet has them: the first
    /// thousands.
    pub odd: Vec<OddRow>,
    /// How many rows were left out, all of them.
    pub errors: Errors,
}

/// How many rows an error left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Errors {
    /// Rows that would have stated an institution.
    pub institutions: usize,
    /// Rows whose institution was kept and whose notification was not.
    pub notifications: usize,
    /// Sheets and members of the upload that look like lists and could not be read: told with the
    /// first list of the upload.
    #[serde(default, skip_serializing_if = "is_none")]
    pub lists: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the serializer calls it so")]
fn is_none(count: &usize) -> bool {
    *count == 0
}

impl Errors {
    /// All of them.
    pub fn all(&self) -> usize {
        self.institutions + self.notifications + self.lists
    }
}

/// A row that stands out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OddRow {
    /// Counted from 1, as a spreadsheet shows it.
    pub row: u32,
    /// Why it stands out.
    pub code: WarningCode,
    /// What was found, in the list's own words.
    pub detail: String,
    /// Its cells, by column.
    pub cells: Vec<String>,
}

impl Listing {
    /// Medical institutions that have notified nothing.
    pub fn without_filing(&self) -> usize {
        self.institutions.iter().filter(|institution| !institution.filed).count()
    }
}

/// Something odd in a list that did not stop its reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Warning {
    /// What kind.
    pub code: WarningCode,
    /// The row of the sheet, counted from 1 as a spreadsheet shows it.
    pub row: Option<u32>,
    /// What was found, in the list's own words.
    pub detail: String,
}

/// The kinds of [`Warning`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WarningCode {
    /// The last digit of the code does not fit the others.
    CheckDigit,
    /// The code is not seven digits; the row was left out.
    BadCode,
    /// No prefecture has this code; the row was left out.
    BadPrefecture,
    /// No fee table (区分) is called so; the row was left out.
    UnknownCategory,
    /// The institution has no name; the row was left out.
    NoName,
    /// The same criterion a second time with another number or start; the row was left out.
    ConflictingNotification,
    /// No municipality of the prefecture stands in the address.
    UnknownMunicipality,
    /// A date that no era has.
    ImpossibleDate,
    /// In effect only after the day of the list.
    StartAfterAsOf,
    /// The same criterion a second time; the first row was kept.
    DuplicateNotification,
    /// The symbol is the criterion's, the name is not.
    CriterionName,
    /// The name is a criterion's, or the symbol nearly so; the notification was left out.
    OtherSymbol,
    /// A cell that is read holds an error of a spreadsheet (`#N/A`); the row was left out.
    ErrorCell,
    /// The start is the number of a day, and the workbook counts days from 1904; the notification
    /// was left out.
    BareDay,
    /// The start is before the criterion's own beginning, so it is not known.
    StartBeforeCriterion,
    /// The number of beds cannot be told for sure, or does not fit the kind of institution.
    UnclearBeds,
    /// No institution of the list has notified the criterion in force.
    NothingAccepted,
    /// A sheet or member that looks like a list and could not be read as one.
    UnreadList,
    /// The title does not say when the list was made.
    NoCreationDate,
    /// A member of the archive that is no list of medical institutions.
    SkippedMember,
    /// The same prefecture's list twice in one upload; the newer one was kept.
    RepeatedList,
    /// More than 5 % of the stored list's notifications, or institutions, are gone.
    LargeDrop,
    /// There were more warnings than are kept.
    More,
}

impl WarningCode {
    /// Whether the row, or a whole list, was left out: an error, and not only a warning.
    pub fn is_error(self) -> bool {
        let notification = matches!(
            self,
            Self::ConflictingNotification | Self::OtherSymbol | Self::BareDay | Self::UnreadList
        );
        notification || self.leaves_out_institution()
    }

    /// Whether the row's institution was left out with it.
    pub fn leaves_out_institution(self) -> bool {
        matches!(
            self,
            Self::BadCode
                | Self::BadPrefecture
                | Self::UnknownCategory
                | Self::NoName
                | Self::ErrorCell
        )
    }
}

/// The fiscal year (年度, from 1 April) that `date` falls in, as the year it began.
pub fn fiscal_year(date: NaiveDate) -> i32 {
    if date.month() >= 4 { date.year() } else { date.year() - 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Code10 {
        text.parse().unwrap()
    }

    #[test]
    fn a_code_has_its_parts_and_ten_digits() {
        let code = Code10::medical("13", "0529818").unwrap();
        assert_eq!(
            (code.as_str(), code.prefecture(), code.number()),
            ("1310529818", "13", "0529818")
        );
        for bad in ["", "131052981", "13105298188", "131052981x", "１３１０５２９８１８"]
        {
            assert!(bad.parse::<Code10>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_check_digit_follows_the_prefecture() {
        // Tokyo computes over six digits, Tottori over nine.
        assert!(code("1310529818").check_digit_fits());
        assert!(!code("1310529819").check_digit_fits());
        assert!(code("3110111097").check_digit_fits());
        assert!(!code("3110111098").check_digit_fits());
    }

    #[test]
    fn twenty_beds_make_a_hospital() {
        let sizes = [None, Some(0), Some(1), Some(19), Some(20)].map(Size::of);
        let none = Size::ClinicWithoutBeds;
        assert_eq!(sizes, [none, none, Size::BeddedClinic, Size::BeddedClinic, Size::Hospital]);
    }

    #[test]
    fn a_fiscal_year_begins_in_april() {
        let of = |text: &str| fiscal_year(text.parse().unwrap());
        assert_eq!((of("2022-03-31"), of("2022-04-01")), (2021, 2022));
    }
}
