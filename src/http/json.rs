//! What goes over the wire. These types are a promise to others; those of `model` are not.

use chrono::{DateTime, Datelike, Timelike, Utc};
use serde::{Serialize, Serializer};
use serde_json::Value;
use utoipa::ToSchema;

use super::line::LineBrief;
use crate::actions::confirm;
use crate::actions::hours::Offered;
use crate::model::booking::{Booking, Status};
use crate::model::clearance::Item;
use crate::model::facility::{Clinician, Facility, Offer, ServiceKind};
use crate::model::{BookingId, ClinicianId, FacilityId, PatientId, ServiceId};
use crate::seal::{Place, SealError, Vault};
use crate::store::{BookingDetails, BookingView};

/// Writes an instant as RFC 3339 in UTC, for answers that have thousands of them: a whole second
/// digit by digit, anything else as the library does, which takes ten times as long.
pub(super) fn instant<S: Serializer>(at: &DateTime<Utc>, to: S) -> Result<S::Ok, S::Error> {
    let (date, time) = (at.date_naive(), at.time());
    let year = u32::try_from(date.year()).ok().filter(|year| *year <= 9999);
    let Some(year) = year.filter(|_| time.nanosecond() == 0) else { return at.serialize(to) };
    let mut text = *b"0000-00-00T00:00:00Z";
    let mut put = |places: std::ops::Range<usize>, mut number: u32| {
        for digit in text[places].iter_mut().rev() {
            *digit = b"0123456789"[(number % 10) as usize];
            number /= 10;
        }
    };
    put(0..4, year);
    put(5..7, date.month());
    put(8..10, date.day());
    put(11..13, time.hour());
    put(14..16, time.minute());
    put(17..19, time.second());
    to.serialize_str(std::str::from_utf8(&text).unwrap_or_default())
}

/// A list of something.
#[derive(Debug, Serialize, ToSchema)]
pub struct Items<T> {
    /// Its elements.
    pub items: Vec<T>,
}

/// A kind of visit.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Service)]
pub struct ServiceJson {
    /// Its id.
    pub id: ServiceId,
    /// What kind of act it is.
    pub kind: ServiceKind,
    /// Its name.
    pub name_ja: String,
    /// Its name in English.
    pub name_en: String,
    /// How many minutes it takes.
    pub length_min: i64,
    /// Insured care or self-pay.
    pub insured: bool,
    /// What it costs, in words.
    pub fee_note_ja: String,
    /// The same in English.
    pub fee_note_en: String,
    /// Minutes before its start until which a patient can change it.
    pub change_cutoff_min: i64,
    /// Minutes before its start until which a patient can cancel it.
    pub cancel_cutoff_min: i64,
    /// Whether the clinic must approve a booking.
    pub needs_approval: bool,
}

impl From<Offer> for ServiceJson {
    fn from(offer: Offer) -> Self {
        Self {
            id: offer.service.id,
            kind: offer.kind,
            name_ja: offer.name_ja,
            name_en: offer.name_en,
            length_min: offer.service.length.num_minutes(),
            insured: offer.insured,
            fee_note_ja: offer.fee_note_ja,
            fee_note_en: offer.fee_note_en,
            change_cutoff_min: offer.service.change_cutoff.num_minutes(),
            cancel_cutoff_min: offer.service.cancel_cutoff.num_minutes(),
            needs_approval: offer.service.needs_approval,
        }
    }
}

/// A doctor.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Clinician)]
pub struct ClinicianJson {
    /// Their id.
    pub id: ClinicianId,
    /// Name.
    pub name: String,
    /// Name in English letters.
    pub name_en: String,
    /// 医籍登録年.
    pub license_year: i64,
}

impl From<Clinician> for ClinicianJson {
    fn from(c: Clinician) -> Self {
        Self { id: c.id, name: c.name, name_en: c.name_en, license_year: c.license_year }
    }
}

/// The first free time of a facility.
#[derive(Debug, Serialize, ToSchema)]
pub struct NextFree {
    /// When it starts.
    pub start: DateTime<Utc>,
    /// For which kind of visit.
    pub service_id: ServiceId,
}

/// A facility in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct FacilityCard {
    /// Its id.
    pub id: FacilityId,
    /// Name.
    pub name: String,
    /// Name in kana.
    pub kana: String,
    /// Name in English.
    pub name_en: String,
    /// Street address.
    pub address: String,
    /// Six-digit code of its municipality.
    pub municipality_code: String,
    /// Name of its municipality.
    pub municipality: String,
    /// Departments.
    pub departments: Vec<String>,
    /// Languages, as BCP 47 tags.
    pub languages: Vec<String>,
    /// Telephone.
    pub telephone: String,
    /// Its zone.
    pub zone: String,
    /// Its first free times, three at most.
    pub next_free: Vec<NextFree>,
}

impl FacilityCard {
    /// The card of `f`.
    pub fn new(f: Facility, municipality: String, next_free: Vec<NextFree>) -> Self {
        Self {
            id: f.id,
            name: f.name,
            kana: f.kana,
            name_en: f.name_en,
            address: f.address,
            municipality_code: f.municipality_code,
            municipality,
            departments: f.departments,
            languages: f.languages,
            telephone: f.telephone,
            zone: f.zone.name().to_owned(),
            next_free,
        }
    }
}

/// Where a booking is.
#[derive(Debug, Serialize, ToSchema)]
pub struct FacilityBrief {
    /// Its id.
    pub id: FacilityId,
    /// Name.
    pub name: String,
    /// Telephone.
    pub telephone: String,
    /// Street address.
    pub address: String,
}

impl FacilityBrief {
    /// Where the booking is.
    pub fn of(view: &BookingView) -> Self {
        let details = &view.details;
        Self {
            id: view.booking.facility,
            name: details.facility_name.clone(),
            telephone: details.facility_telephone.clone(),
            address: details.facility_address.clone(),
        }
    }
}

/// With whom a booking is.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClinicianBrief {
    /// Their id.
    pub id: ClinicianId,
    /// Name.
    pub name: String,
    /// 医籍登録年.
    pub license_year: i64,
}

impl ClinicianBrief {
    /// With whom the booking is.
    pub fn of(view: &BookingView) -> Self {
        let (name, license_year) = (view.details.clinician_name.clone(), view.details.license_year);
        Self { id: view.booking.clinician, name, license_year }
    }
}

/// A hold or a booking.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Booking)]
pub struct BookingJson {
    /// Its id.
    pub id: BookingId,
    /// What people call it; none yet for a hold.
    pub number: Option<String>,
    /// Where it stands.
    pub status: Status,
    /// Where it is.
    pub facility: FacilityBrief,
    /// What it is.
    pub service: ServiceJson,
    /// With whom.
    pub clinician: ClinicianBrief,
    /// When it starts.
    pub start: DateTime<Utc>,
    /// When it ends.
    pub end: DateTime<Utc>,
    /// The facility's zone.
    pub zone: String,
    /// The first instant at which a hold is over.
    pub hold_expires_at: Option<DateTime<Utc>>,
    /// Whether a hold can be extended still.
    pub hold_extendable: bool,
    /// The first instant at which a patient cannot change it any more.
    pub can_change_until: DateTime<Utc>,
    /// The first instant at which a patient cannot cancel it any more.
    pub can_cancel_until: DateTime<Utc>,
    /// Rises with each change.
    pub version: i64,
    /// The patient's name.
    pub patient_name: Option<String>,
    /// Times to choose from instead, where the clinic's change of hours took this one.
    pub new_times: Vec<NewTime>,
}

/// A time that is offered instead of one that the clinic took. It is not held.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewTime {
    /// When it starts.
    pub start: DateTime<Utc>,
    /// When it ends.
    pub end: DateTime<Utc>,
    /// With whom.
    pub clinician_id: ClinicianId,
}

impl BookingJson {
    /// The booking as its patient sees it.
    pub fn new(view: &BookingView, vault: &Vault) -> Result<Self, SealError> {
        let (b, d) = (&view.booking, &view.details);
        let minutes = chrono::TimeDelta::minutes;
        Ok(Self {
            id: b.id,
            number: b.number.clone(),
            status: b.status,
            facility: FacilityBrief::of(view),
            service: service(b, d),
            clinician: ClinicianBrief::of(view),
            start: b.starts_at,
            end: b.ends_at,
            zone: d.zone.clone(),
            hold_expires_at: b.hold_expires_at,
            hold_extendable: b.status == Status::Held && !b.hold_extended,
            can_change_until: b.starts_at - minutes(d.change_cutoff_min),
            can_cancel_until: b.starts_at - minutes(d.cancel_cutoff_min),
            version: b.version,
            patient_name: Personal::of(view, vault)?.map(|personal| personal.name),
            new_times: Vec::new(),
        })
    }

    /// The same with times to choose from instead.
    #[must_use]
    pub fn with_new_times(mut self, times: Vec<Offered>) -> Self {
        let time =
            |one: Offered| NewTime { start: one.start, end: one.end, clinician_id: one.clinician };
        self.new_times = times.into_iter().map(time).collect();
        self
    }
}

fn service(b: &Booking, d: &BookingDetails) -> ServiceJson {
    ServiceJson {
        id: b.service,
        kind: d.kind,
        name_ja: d.name_ja.clone(),
        name_en: d.name_en.clone(),
        length_min: d.length_min,
        insured: d.insured,
        fee_note_ja: d.fee_note_ja.clone(),
        fee_note_en: d.fee_note_en.clone(),
        change_cutoff_min: d.change_cutoff_min,
        cancel_cutoff_min: d.cancel_cutoff_min,
        needs_approval: d.needs_approval,
    }
}

/// What is personal about a booking, unsealed. Forgotten patients have none.
#[derive(Debug, Serialize, ToSchema)]
pub struct Personal {
    /// The patient's name.
    pub name: String,
    /// Its reading.
    pub kana: String,
    /// Their birth date.
    pub birth_date: String,
    /// Their telephone.
    pub phone: String,
    /// Their e-mail address.
    pub email: Option<String>,
    /// Symptoms, or what it is about.
    pub symptoms: String,
    /// What the booker is to the patient.
    pub relation: Option<String>,
    /// The booker's name.
    pub booker_name: Option<String>,
}

impl Personal {
    /// Unseals what is personal about the booking.
    pub fn of(view: &BookingView, vault: &Vault) -> Result<Option<Self>, SealError> {
        let Some((key, answers)) = confirm::opened(view, vault)? else { return Ok(None) };
        let (Some(PatientId(patient)), Some(sealed)) =
            (view.booking.patient, &view.details.patient_birth_date)
        else {
            return Ok(None);
        };
        let birth_date = key.open_text(Place::new("patient.birth_date", patient), sealed)?;
        Ok(Some(Self {
            name: answers.name,
            kana: answers.kana,
            birth_date,
            phone: answers.phone,
            email: answers.email,
            symptoms: answers.symptoms,
            relation: answers.relation,
            booker_name: answers.booker_name,
        }))
    }
}

/// A visit in the clinic's list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClinicVisit {
    /// The booking.
    pub booking: BookingJson,
    /// What is personal about it.
    pub patient: Option<Personal>,
    /// Since when the patient waits.
    pub waiting_since: Option<DateTime<Utc>>,
    /// When the patient was admitted.
    pub admitted_at: Option<DateTime<Utc>>,
    /// What the patient's device can do.
    pub device_check: Option<Value>,
    /// What the line check found, where it was before its numbers were kept apart.
    pub line_check: Option<Value>,
    /// The last check of the patient's line.
    pub line: Option<LineBrief>,
    /// How it ended.
    pub outcome: Option<String>,
    /// Until when the clinic must answer, where the patient has asked for it.
    pub answer_by: Option<DateTime<Utc>>,
    /// What is not clear yet and must be before the patient is let in; only in the list of a day.
    pub open: Option<Vec<Item>>,
}

impl ClinicVisit {
    /// The visit as the clinic sees it.
    pub fn new(view: &BookingView, vault: &Vault) -> Result<Self, SealError> {
        let d = &view.details;
        let parsed = |text: &Option<String>| {
            text.as_deref().and_then(|text| serde_json::from_str(text).ok())
        };
        Ok(Self {
            booking: BookingJson::new(view, vault)?,
            patient: Personal::of(view, vault)?,
            waiting_since: d.waiting_since,
            admitted_at: d.admitted_at,
            device_check: parsed(&d.device_check),
            line_check: parsed(&d.line_check),
            line: None,
            outcome: d.outcome.clone(),
            answer_by: view.booking.answer_by,
            open: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Serialize)]
    struct At(#[serde(serialize_with = "instant")] DateTime<Utc>);

    proptest! {
        #[test]
        fn an_instant_is_written_as_the_library_does(
            second in prop_oneof![-62_167_219_300i64..253_402_300_900, 1_700_000_000i64..1_900_000_000],
            nanos in prop_oneof![Just(0u32), Just(500_000_000), 0u32..1_999_999_999],
        ) {
            if let Some(at) = DateTime::from_timestamp(second, nanos) {
                prop_assert_eq!(serde_json::to_string(&At(at)).unwrap(), serde_json::to_string(&at).unwrap());
            }
        }
    }
}
