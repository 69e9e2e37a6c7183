//! The demo: invented clinics and accounts, the same every time, from `seeds/demo.toml`.

use chrono::{NaiveDate, TimeDelta};
use serde::Deserialize;
use uuid::Uuid;

use super::people::{self, NewAccount};
use super::{App, Error, Result};
use crate::format::seeds;
use crate::model::audit::Entry;
use crate::model::facility::{Clinician, Facility, IcePolicy, Offer, ServiceKind, Stage};
use crate::model::person::{Actor, Role};
use crate::model::public::Posting;
use crate::model::questionnaire::{Question, QuestionKind};
use crate::model::register::{Code10, Criterion, Institution, Notification, Size};
use crate::model::schedule::{Demands, OnHolidays, Service, WeeklyHours};
use crate::model::terms::{CancelPolicy, FeeItem};
use crate::model::{ClinicianId, FacilityId, ServiceId};
use crate::store::{Made, Tx};
use crate::time::Instant;

/// The password of every account of the demo. It is printed at the start, so it guards nothing.
pub const PASSWORD: &str = "onshin-demo-2026";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Demo {
    facility: Vec<DemoFacility>,
    account: Vec<DemoAccount>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoFacility {
    code10: Code10,
    name: String,
    kana: String,
    name_en: String,
    address: String,
    municipality: String,
    telephone: String,
    departments: Vec<String>,
    languages: Vec<String>,
    about_ja: String,
    about_en: String,
    on_holidays: OnHolidays,
    accepted_from: NaiveDate,
    lapsed: Option<(NaiveDate, NaiveDate)>,
    services: Vec<DemoService>,
    #[serde(default)]
    red_flags: Vec<DemoSign>,
    clinician: Vec<DemoClinician>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoSign {
    id: String,
    ja: String,
    en: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoService {
    kind: ServiceKind,
    name_ja: String,
    name_en: String,
    fee_ja: String,
    fee_en: String,
    length: i64,
    step: i64,
    #[serde(default)]
    buffer_after: i64,
    notice: i64,
    horizon: u16,
    change_cutoff: i64,
    cancel_cutoff: i64,
    #[serde(default)]
    visit: Stage,
    #[serde(default = "insured")]
    insured: bool,
    /// Whether it asks the house's questions as its own.
    #[serde(default)]
    default_questions: bool,
    #[serde(default)]
    fees: Vec<FeeItem>,
    #[serde(default)]
    cancel: CancelPolicy,
}

fn insured() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoClinician {
    name: String,
    name_en: String,
    license_year: i64,
    #[serde(default)]
    hours: Vec<(u8, u16, u16)>,
    /// Hours of one kind of visit, by its place among the services.
    #[serde(default)]
    service_hours: Vec<(usize, u8, u16, u16)>,
}

/// An account of the demo.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemoAccount {
    /// The name to sign in with.
    pub login: String,
    /// The person's name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    facility: Option<Code10>,
}

fn read() -> Result<Demo> {
    toml::from_str(include_str!("../../seeds/demo.toml")).map_err(|error| {
        tracing::error!(%error, "seeds/demo.toml");
        Error::Refused("internal")
    })
}

/// The accounts of the demo.
pub fn accounts() -> Result<Vec<DemoAccount>> {
    Ok(read()?.account)
}

/// An id that is the same every time: of the facility's code, what it is, and its place.
fn id(code: Code10, what: u8, place: usize) -> Uuid {
    let code: u128 = code.as_str().parse().unwrap_or_default();
    Uuid::from_u128(0x0d30 << 112 | u128::from(what) << 104 | code << 16 | place as u128)
}

/// Fills an empty database with the demo; false when there are facilities already.
pub async fn fill(app: &App, actor: &Actor) -> Result<bool> {
    let demo = read()?;
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    if tx.facility_count().await? > 0 {
        return Ok(false);
    }
    for facility in &demo.facility {
        add_facility(&mut tx, facility, now).await?;
    }
    tx.commit(Entry::of(actor, "demo.fill", "demo", now)).await?;
    for account in demo.account {
        let clinician = account.facility.filter(|_| account.role == Role::Clinician);
        let new = NewAccount {
            login: account.login,
            name: account.name,
            password: PASSWORD.to_owned(),
            role: account.role,
            facility: account.facility.map(|code| FacilityId(id(code, 1, 0))),
            clinician: clinician.map(|code| ClinicianId(id(code, 2, 0))),
        };
        people::add_account(app, actor, new).await?;
    }
    Ok(true)
}

async fn add_facility(tx: &mut Tx, f: &DemoFacility, now: Instant) -> Result<()> {
    let institution = Institution {
        code: f.code10,
        name: f.name.clone(),
        postal_code: None,
        address: f.address.clone(),
        municipality: Some(f.municipality.clone()),
        beds: None,
        size: Size::ClinicWithoutBeds,
        filed: true,
    };
    tx.put_institutions(&[&institution], "demo").await?;
    let notification = Notification {
        institution: f.code10,
        criterion: Criterion::IctCare,
        acceptance_number: format!("（情報通信）見本第{}号", f.code10.number()),
        effective_from: Some(f.accepted_from),
    };
    tx.add_notification(&notification, f.lapsed, now).await?;
    let facility = FacilityId(id(f.code10, 1, 0));
    tx.add_facility(&Facility {
        id: facility,
        code10: f.code10.to_string(),
        name: f.name.clone(),
        kana: f.kana.clone(),
        name_en: f.name_en.clone(),
        address: f.address.clone(),
        municipality_code: f.municipality.clone(),
        telephone: f.telephone.clone(),
        departments: f.departments.clone(),
        languages: f.languages.clone(),
        about_ja: f.about_ja.clone(),
        about_en: f.about_en.clone(),
        zone: chrono_tz::Asia::Tokyo,
        on_holidays: f.on_holidays,
        ice_policy: IcePolicy::All,
        version: 1,
    })
    .await?;
    let posting = Posting {
        follows_guideline: true,
        no_psychotropics: true,
        note_ja: String::new(),
        note_en: String::new(),
        declared_at: now,
    };
    tx.add_posting(facility, &posting, &Actor::System).await?;
    for (place, service) in f.services.iter().enumerate() {
        let id = ServiceId(id(f.code10, 3, place));
        tx.add_offer(&offer(facility, id, service)).await?;
        add_terms(tx, Made { facility, version: 1, account: None, at: now }, id, service).await?;
    }
    if !f.red_flags.is_empty() {
        let signs: Vec<_> = f.red_flags.iter().map(sign).collect();
        tx.add_triage(Made { facility, version: 1, account: None, at: now }, &signs).await?;
    }
    for (place, one) in f.clinician.iter().enumerate() {
        let clinician = ClinicianId(id(f.code10, 2, place));
        add_clinician(tx, f.code10, clinician, one).await?;
    }
    Ok(())
}

fn sign(sign: &DemoSign) -> Question {
    Question {
        id: sign.id.clone(),
        kind: QuestionKind::RedFlag,
        required: true,
        label_ja: sign.ja.clone(),
        label_en: sign.en.clone(),
        help_ja: String::new(),
        help_en: String::new(),
        options: Vec::new(),
        shown_when: None,
        max_length: None,
        min: None,
        max: None,
    }
}

/// What a service asks and costs.
async fn add_terms(tx: &mut Tx, made: Made, id: ServiceId, s: &DemoService) -> Result<()> {
    if s.default_questions {
        tx.add_questionnaire(made, id, seeds::default_questions()).await?;
    }
    if !s.fees.is_empty() {
        tx.add_fees(made, (id, s.insured), &s.fees, &s.cancel).await?;
    }
    Ok(())
}

fn offer(facility: FacilityId, id: ServiceId, s: &DemoService) -> Offer {
    let minutes = TimeDelta::minutes;
    Offer {
        service: Service {
            id,
            facility,
            length: minutes(s.length),
            buffer_before: minutes(0),
            buffer_after: minutes(s.buffer_after),
            step: minutes(s.step),
            notice: minutes(s.notice),
            horizon_days: s.horizon,
            cancel_cutoff: minutes(s.cancel_cutoff),
            change_cutoff: minutes(s.change_cutoff),
            needs_approval: false,
            demands: Demands::default(),
        },
        kind: s.kind,
        visit: s.visit,
        name_ja: s.name_ja.clone(),
        name_en: s.name_en.clone(),
        fee_note_ja: s.fee_ja.clone(),
        fee_note_en: s.fee_en.clone(),
        insured: s.insured,
        patient_daily_limit: 2,
        answer_within: TimeDelta::days(2),
        version: 1,
    }
}

async fn add_clinician(
    tx: &mut Tx,
    code: Code10,
    clinician: ClinicianId,
    one: &DemoClinician,
) -> Result<()> {
    let facility = FacilityId(id(code, 1, 0));
    tx.add_clinician(&Clinician {
        id: clinician,
        facility,
        name: one.name.clone(),
        name_en: one.name_en.clone(),
        license_year: one.license_year,
        training_completed_on: NaiveDate::from_ymd_opt(2022, 3, 1),
        hours_version: 1,
    })
    .await?;
    let general =
        one.hours.iter().map(|&(day, opens, closes)| WeeklyHours::every(day, opens, closes));
    let of_one = one.service_hours.iter().map(|&(place, day, opens, closes)| {
        let service = Some(ServiceId(id(code, 3, place)));
        WeeklyHours { service, ..WeeklyHours::every(day, opens, closes) }
    });
    let hours: Vec<_> = general.chain(of_one).collect();
    tx.put_weekly_hours(facility, clinician, 1, &hours).await?;
    Ok(())
}
