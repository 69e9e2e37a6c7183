//! What a reading of the bureaus' lists is reported as: the elements of `files` that
//! `onshin import bureau --json` prints.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::bureau::{FileListing, Reading};
use super::seeds;
use crate::model::register::{Code10, Errors, Institution, Listing, Size, Warning, fiscal_year};

pub mod indicators;
pub mod counts;
pub mod data;
pub mod published;

/// One prefecture's list in figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FileReport {
    /// The file, with the archive or sheet it is in.
    pub file: String,
    /// SHA-256 of the xlsx.
    pub sha256: String,
    /// The prefecture's two digits.
    pub prefecture_code: String,
    /// The prefecture's name.
    pub prefecture: String,
    /// The day whose state the list shows.
    pub as_of: NaiveDate,
    /// The day the list was made.
    pub created_on: Option<NaiveDate>,
    /// All rows of data, of every fee table.
    pub rows: u32,
    /// Medical institutions.
    pub institutions: usize,
    /// Medical institutions that have notified nothing.
    pub institutions_without_filing: usize,
    /// Whether the list shows institutions without filings at all: else their number is no whole.
    pub all_institutions: bool,
    /// Rows that an error left out.
    pub errors: Errors,
    /// Institutions accepted for online care.
    pub online_care: OnlineCare,
    /// What was odd.
    pub warnings: Vec<Warning>,
}

/// Institutions accepted for online care, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OnlineCare {
    /// All.
    pub facilities: usize,
    /// With 20 beds or more.
    pub hospitals: usize,
    /// With 1 to 19 beds.
    pub bedded_clinics: usize,
    /// With none.
    pub clinics_without_beds: usize,
    /// Six-digit code of the municipality → facilities. Those of unknown place are left out (and
    /// each has a warning).
    pub by_municipality: BTreeMap<String, usize>,
    /// Fiscal year → facilities that started in it, not cumulated.
    pub by_start_fiscal_year: BTreeMap<String, usize>,
}

/// The reports of a reading. What was left out of an archive is told with its first list.
pub fn reports(reading: &Reading) -> Vec<FileReport> {
    let mut reports: Vec<FileReport> = reading.files.iter().map(report).collect();
    if let Some(first) = reports.first_mut() {
        first.warnings.extend(reading.skipped.iter().cloned());
    }
    reports
}

/// One list in figures.
pub fn report(file: &FileListing) -> FileReport {
    let listing = &file.listing;
    FileReport {
        file: file.file.clone(),
        sha256: file.sha256.clone(),
        prefecture_code: listing.prefecture_code.clone(),
        prefecture: listing.prefecture.clone(),
        as_of: listing.as_of,
        created_on: listing.created_on,
        rows: listing.rows,
        institutions: listing.institutions.len(),
        institutions_without_filing: listing.without_filing(),
        all_institutions: listing.all_institutions,
        errors: listing.errors,
        online_care: online_care(listing),
        warnings: listing.warnings.clone(),
    }
}

/// The institutions of `listing` that have notified online care, under whichever criterion was in
/// force on its day: a listing holds no other notifications.
fn online_care(listing: &Listing) -> OnlineCare {
    let by_code: HashMap<Code10, &Institution> =
        listing.institutions.iter().map(|institution| (institution.code, institution)).collect();
    let mut counted = HashSet::new();
    let mut care = OnlineCare::default();
    for notification in &listing.notifications {
        let Some(institution) = by_code.get(&notification.institution) else { continue };
        if !counted.insert(institution.code) {
            continue;
        }
        care.facilities += 1;
        match institution.size {
            Size::Hospital => care.hospitals += 1,
            Size::BeddedClinic => care.bedded_clinics += 1,
            Size::ClinicWithoutBeds => care.clinics_without_beds += 1,
        }
        if let Some(code) = &institution.municipality {
            *care.by_municipality.entry(code.clone()).or_default() += 1;
        }
        // A day before the criterion began is a slip: it is not known, as in the counts.
        let began = seeds::criteria().beginning(notification.criterion);
        let start =
            notification.effective_from.filter(|start| began.is_none_or(|day| day <= *start));
        if let Some(start) = start {
            *care.by_start_fiscal_year.entry(fiscal_year(start).to_string()).or_default() += 1;
        }
    }
    care
}
