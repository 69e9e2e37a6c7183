//! The only error that leaves: problem+json (RFC 9457) with a stable code and a sentence that a
//! person can act on, in their language.

use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::questions::QuestionnaireJson;
use super::terms::TermsJson;
use super::words;
use crate::actions;
use crate::format::Lang;
use crate::store;
use chrono::{DateTime, Utc};

/// What is answered instead of what was asked for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    /// `about:blank`: the status and the code say it all.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The status in words.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// Stable, for programs.
    pub code: &'static str,
    /// A sentence for the person, in the language that was asked for.
    pub detail: String,
    /// What is wrong with which field.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub errors: Box<[FieldProblem]>,
    /// Near times that are free, where the wished one is not.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub alternatives: Box<[Alternative]>,
    /// What else the person needs, where there is anything.
    #[serde(flatten)]
    pub more: Option<Box<More>>,
    #[serde(skip)]
    language: Lang,
}

/// What is wrong with one field.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FieldProblem {
    /// JSON pointer to it.
    pub pointer: String,
    /// Stable, for programs.
    pub code: &'static str,
    /// A sentence for the person.
    pub detail: String,
}

/// What else the person needs.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct More {
    /// What stands now, where what was shown has changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current: Option<Current>,
    /// The visits whose time it would take.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stranded: Vec<StrandedBrief>,
    /// The clinic's telephone, where it is to be called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub telephone: Option<String>,
    /// The number for emergencies, where one may be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub emergency: Option<&'static str>,
    /// Seconds to wait before trying again.
    #[serde(skip)]
    retry_after: Option<u32>,
    /// Why a file is no list, which its own words say better.
    #[serde(skip)]
    list: Option<crate::format::bureau::Error>,
}

/// A visit that would lose its time.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StrandedBrief {
    /// The booking.
    pub booking_id: crate::model::BookingId,
    /// Its number.
    pub number: Option<String>,
    /// When it starts.
    pub start: DateTime<Utc>,
}

/// What stands now.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct Current {
    /// What is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub questionnaire: Option<QuestionnaireJson>,
    /// What is agreed to and paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terms: Option<TermsJson>,
}

/// A time that is free.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Alternative {
    /// When it starts.
    pub start: DateTime<Utc>,
    /// When it ends.
    pub end: DateTime<Utc>,
    /// With whom.
    pub clinician_id: crate::model::ClinicianId,
}

/// The first language of `Accept-Language` that the screens have.
pub fn accepted(header: Option<&HeaderValue>) -> Lang {
    let text = header.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let tags = text.split(',').map(|tag| tag.trim().get(..2).unwrap_or_default());
    let mut known = tags.filter_map(|tag| match tag.to_ascii_lowercase().as_str() {
        "ja" => Some(Lang::Ja),
        "en" => Some(Lang::En),
        _ => None,
    });
    known.next().unwrap_or_default()
}

impl Problem {
    /// It cannot be done now; in a few seconds it may.
    pub fn busy() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy").retry_after(5)
    }

    /// The same, for those who try again after so many seconds.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.more = Some(Box::new(More { retry_after: Some(seconds), ..More::default() }));
        self
    }

    /// A problem of this status and code.
    pub fn new(status: StatusCode, code: &'static str) -> Self {
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            code,
            detail: String::new(),
            errors: Box::default(),
            alternatives: Box::default(),
            more: None,
            language: Lang::default(),
        }
    }

    /// The same, in words of `language`.
    #[must_use]
    pub fn in_language(mut self, language: Lang) -> Self {
        self.language = language;
        self
    }

    /// The same, with what stands now.
    #[must_use]
    pub(super) fn with_current(mut self, current: Current) -> Self {
        self.more = Some(Box::new(More { current: Some(current), ..More::default() }));
        self
    }

    /// The same, with what is wrong with one field.
    #[must_use]
    pub(super) fn with_field(self, pointer: String, code: &'static str) -> Self {
        self.with_faults(std::iter::once((pointer, code)))
    }

    fn with_faults(mut self, faults: impl Iterator<Item = (String, &'static str)>) -> Self {
        let detail = String::new();
        let field = |(pointer, code)| FieldProblem { pointer, code, detail: detail.clone() };
        self.errors = faults.map(field).collect();
        self
    }
}

impl From<actions::Error> for Problem {
    fn from(error: actions::Error) -> Self {
        use actions::Error as E;
        let new = Self::new;
        match error {
            E::NotFound => new(StatusCode::NOT_FOUND, "not_found"),
            E::SignedOut => new(StatusCode::UNAUTHORIZED, "signed_out"),
            E::Forbidden => new(StatusCode::FORBIDDEN, "forbidden"),
            E::WrongLogin => new(StatusCode::FORBIDDEN, "wrong_login"),
            E::WrongBirthDate => new(StatusCode::FORBIDDEN, "wrong_birth_date"),
            E::RateLimited(wait) => new(StatusCode::TOO_MANY_REQUESTS, "rate_limited")
                .retry_after(u32::try_from(wait.as_secs()).unwrap_or(u32::MAX - 1) + 1),
            E::Refused(code) | E::Changed(code) => new(StatusCode::CONFLICT, code),
            E::Unclear(items) => {
                let fault = |item| (format!("/clearance/{item}"), "required");
                let faults = items.into_iter().map(fault);
                new(StatusCode::CONFLICT, "clearance_missing").with_faults(faults)
            }
            E::Lost => new(StatusCode::CONFLICT, "slot_taken"),
            E::NotFree { code, alternatives } => Self {
                alternatives: alternatives
                    .into_iter()
                    .map(|slot| Alternative {
                        start: slot.visit.start,
                        end: slot.visit.end,
                        clinician_id: slot.clinician,
                    })
                    .collect(),
                ..new(StatusCode::CONFLICT, code)
            },
            E::Invalid(faults) => {
                let faults = faults.into_iter().map(|fault| (fault.pointer.to_owned(), fault.code));
                new(StatusCode::UNPROCESSABLE_ENTITY, "invalid").with_faults(faults)
            }
            E::InvalidAt(faults) => {
                let faults = faults.into_iter().map(|fault| (fault.pointer, fault.code));
                new(StatusCode::UNPROCESSABLE_ENTITY, "invalid").with_faults(faults)
            }
            E::Strands(visits) => {
                let brief = |one: store::VisitAhead| StrandedBrief {
                    booking_id: one.id,
                    number: one.number,
                    start: one.starts_at,
                };
                let stranded = visits.into_iter().map(brief).collect();
                let more = Some(Box::new(More { stranded, ..More::default() }));
                Self { more, ..new(StatusCode::CONFLICT, "strands_visits") }
            }
            E::CallTheClinic { telephone } => {
                let (telephone, emergency) = (Some(telephone), Some("119"));
                let more = More { telephone, emergency, ..More::default() };
                let more = Some(Box::new(more));
                Self { more, ..new(StatusCode::CONFLICT, "call_the_clinic") }
            }
            E::List(error) => {
                tracing::info!(error = &error as &dyn std::error::Error, "list refused");
                let more = Some(Box::new(More { list: Some(error), ..More::default() }));
                Self { more, ..new(StatusCode::UNPROCESSABLE_ENTITY, "not_a_list") }
            }
            E::OlderList { .. } => new(StatusCode::CONFLICT, "older_list"),
            E::Store(store::Error::Repeated) => {
                new(StatusCode::CONFLICT, "idempotency_key_in_use").retry_after(5)
            }
            E::Store(store::Error::Unstorable) => {
                new(StatusCode::UNPROCESSABLE_ENTITY, "malformed")
            }
            E::Store(error @ (store::Error::Unavailable(_) | store::Error::Retry(_))) => {
                tracing::error!(error = &error as &dyn std::error::Error, "database unavailable");
                Self::busy()
            }
            E::Store(error) => internal(&error),
            E::Seal(error) => internal(&error),
        }
    }
}

/// Logged here, once; the caller learns only that it was not their fault.
fn internal(error: &(dyn std::error::Error + 'static)) -> Problem {
    tracing::error!(error, "request failed");
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal")
}

impl From<store::Error> for Problem {
    fn from(error: store::Error) -> Self {
        actions::Error::from(error).into()
    }
}

/// Says what a handler refused in the language that was asked for: handlers do not know it.
pub async fn speak(language: Lang, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    match response.extensions_mut().remove::<Problem>() {
        Some(problem) if problem.language != language => {
            problem.in_language(language).into_response()
        }
        _ => response,
    }
}

impl IntoResponse for Problem {
    fn into_response(mut self) -> Response {
        words::sentence(self.code, self.language).clone_into(&mut self.detail);
        if let Some(list) = self.more.as_ref().and_then(|more| more.list.as_ref()) {
            let (list, end) = (list.message(self.language), self.language.pick("。", ". "));
            self.detail = format!("{list}{end}{}", self.detail);
        }
        for field in &mut self.errors {
            field.detail = words::field(&field.pointer, field.code, self.language);
        }
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = self.more.as_ref().and_then(|more| more.retry_after);
        let known = self.clone();
        let mut response = (status, Json(self)).into_response();
        response.extensions_mut().insert(known);
        let headers = response.headers_mut();
        let kind = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, kind);
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}
