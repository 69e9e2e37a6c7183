//! "Why is this time not free?", for the clinic.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::extract::{Asked, Caller};
use super::problem::Problem;
use crate::actions::calendar::Wished;
use crate::actions::{App, Error, explain};
use crate::format::why::Finding;
use crate::model::{ClinicianId, FacilityId, ServiceId};

/// Which time.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct WhyQuery {
    /// The kind of visit.
    service: ServiceId,
    /// When it would start, with its offset from UTC.
    #[param(example = "2026-12-01T10:30:00+09:00")]
    start: String,
    /// With whom; nobody named means each doctor of the clinic.
    clinician: Option<ClinicianId>,
}

/// All that speaks for and against a time with one doctor.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WhyClinician {
    /// With whom.
    clinician_id: ClinicianId,
    /// Their name.
    name: String,
    /// Whether it can be booked.
    free: bool,
    /// Why not, by the first rule that is against.
    code: Option<&'static str>,
    /// What each rule said, in the order in which they are asked.
    findings: Vec<Finding>,
}

/// All that speaks for and against a time.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Why {
    /// Where.
    facility_id: FacilityId,
    /// The kind of visit.
    service_id: ServiceId,
    /// The time that was asked about.
    start: DateTime<Utc>,
    /// The facility's zone.
    zone: String,
    /// With each doctor.
    clinicians: Vec<WhyClinician>,
}

impl Why {
    /// An answer, as it is written.
    pub(crate) fn new(wished: &Wished, service: ServiceId, answer: explain::Answer) -> Self {
        let one = |told: explain::Explained| WhyClinician {
            clinician_id: told.clinician.id,
            name: told.clinician.name,
            free: told.code.is_none(),
            code: told.code,
            findings: told.findings,
        };
        Self {
            facility_id: wished.facility,
            service_id: service,
            start: wished.start,
            zone: answer.zone.name().to_owned(),
            clinicians: answer.clinicians.into_iter().map(one).collect(),
        }
    }
}

/// Why a time is free, or is not.
#[utoipa::path(get, path = "/api/clinic/explain", params(WhyQuery), tag = "clinic",
    responses((status = 200, body = Why), (status = "default", body = Problem)))]
pub(super) async fn explain_time(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<WhyQuery>,
) -> Result<Json<Why>, Problem> {
    let facility = caller.actor.facility().ok_or(Error::Forbidden)?;
    let start = explain::instant(&query.start)?;
    let wished = Wished { facility, clinician: query.clinician, start };
    let answer = explain::explain(&app, query.service, &wished).await?;
    Ok(Json(Why::new(&wished, query.service, answer)))
}
