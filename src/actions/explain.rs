//! Why a time is free, or is not: the engine's findings with what they point to.

use chrono::Datelike;

use super::calendar::{Calendars, KNOWN_YEARS, Wished, around};
use super::{App, Error, Result};
use crate::engine::availability::{Calendar, Cause, Reason};
use crate::engine::slots::{self, Fact, Refusal};
use crate::format::why::{About, Exception, Finding, Period, Stretch};
use crate::model::facility::Clinician;
use crate::model::schedule::{DateException, Service};
use crate::model::{ClinicianId, ExceptionId, FacilityId, ServiceId};
use crate::store::{FacilityFilter, Tx};
use crate::time::Instant;
use crate::time::zone::{date_of, weekday};

/// All that speaks for and against a time with one clinician.
pub struct Explained {
    /// With whom.
    pub clinician: Clinician,
    /// Why not; nothing when it can be booked.
    pub code: Option<&'static str>,
    /// What each rule said, in the order in which they are asked.
    pub findings: Vec<Finding>,
}

/// All that speaks for and against a time at a facility.
pub struct Answer {
    /// The facility's zone.
    pub zone: chrono_tz::Tz,
    /// With each clinician who was asked about.
    pub clinicians: Vec<Explained>,
}

/// Why a visit can or cannot start at `wished.start`, with the clinician that is named or with each
/// of the facility. Whether the asker may know is decided before.
pub async fn explain(app: &App, service: ServiceId, wished: &Wished) -> Result<Answer> {
    let now = app.clock.now();
    let mut tx = app.store.read().await?;
    let filter = FacilityFilter::one(wished.facility);
    let facility = tx.facility(wished.facility).await?.ok_or(Error::NotFound)?;
    let mut clinicians = tx.clinicians(&filter).await?;
    let offers = tx.offers(&filter).await?;
    let offer = offers.iter().find(|offer| offer.service.id == service);
    let service = &offer.ok_or(Error::NotFound)?.service;
    let all = clinicians.clone();
    clinicians.retain(|one| wished.clinician.is_none_or(|wanted| wanted == one.id));
    if clinicians.is_empty() {
        return Err(Error::NotFound);
    }
    let zone = facility.zone;
    let mut explained = Vec::with_capacity(clinicians.len());
    if KNOWN_YEARS.contains(&wished.start.year()) {
        let calendars = around(app, &mut tx, wished, now).await?;
        let names = Names::load(&mut tx, wished, all).await?;
        for clinician in clinicians {
            let asked = Asked { app, service, wished, now };
            explained.push(asked.of(&mut tx, &calendars, &names, clinician).await?);
        }
    } else {
        // No database is asked about such years.
        let code = Refusal::InvalidTime.code();
        explained.extend(clinicians.into_iter().map(|clinician| Explained {
            clinician,
            code: Some(code),
            findings: vec![Finding::new(About::Time, Some(code), zone)],
        }));
    }
    Ok(Answer { zone, clinicians: explained })
}

/// What ids stand for.
struct Names {
    clinicians: Vec<Clinician>,
    exceptions: Vec<(DateException, String)>,
}

impl Names {
    async fn load(tx: &mut Tx, wished: &Wished, clinicians: Vec<Clinician>) -> Result<Self> {
        let date = wished.start.date_naive();
        let (from, to) = (date.pred_opt().unwrap_or(date), date.succ_opt().unwrap_or(date));
        let filter = FacilityFilter::one(wished.facility);
        let exceptions = tx.exceptions(&filter, from, to).await?.into_iter();
        let exceptions = exceptions.map(|(_, one, note)| (one, note)).collect();
        Ok(Self { clinicians, exceptions })
    }

    fn clinician(&self, id: ClinicianId) -> String {
        let found = self.clinicians.iter().find(|one| one.id == id);
        found.map(|one| one.name.clone()).unwrap_or_default()
    }

    fn exception(&self, id: ExceptionId) -> Exception {
        let found = self.exceptions.iter().find(|(one, _)| one.id == id);
        Exception {
            exception_id: id,
            clinician_id: found.and_then(|(one, _)| one.clinician),
            note: found.map(|(_, note)| note.clone()).unwrap_or_default(),
        }
    }
}

/// What is asked.
struct Asked<'a> {
    app: &'a App,
    service: &'a Service,
    wished: &'a Wished,
    now: Instant,
}

impl Asked<'_> {
    async fn of(
        &self,
        tx: &mut Tx,
        calendars: &Calendars,
        names: &Names,
        clinician: Clinician,
    ) -> Result<Explained> {
        let own = calendars.of(self.app, self.wished.facility, Some(clinician.id));
        let calendar = own.first().ok_or(Error::NotFound)?;
        let told = slots::explain(calendar, self.service, self.wished.start, self.now);
        let code = told.refusal().map(super::calendar::code_of);
        let zone = calendar.practice.zone;
        let mut findings = Vec::with_capacity(told.findings.len());
        for finding in told.findings {
            let code = finding.refusal.as_ref().map(super::calendar::code_of);
            let about = self.about(tx, calendar, names, finding.fact).await?;
            findings.push(Finding::new(about, code, zone));
        }
        Ok(Explained { clinician, code, findings })
    }

    /// What a fact points to.
    async fn about(
        &self,
        tx: &mut Tx,
        calendar: &Calendar<'_>,
        names: &Names,
        fact: Fact,
    ) -> Result<About> {
        let person = |clinician_id| (clinician_id, names.clinician(clinician_id));
        Ok(match fact {
            Fact::Time => About::Time,
            Fact::Now(now) => About::Present { now },
            Fact::Notice(earliest) => {
                About::Notice { earliest, minutes: self.service.notice.num_minutes() }
            }
            Fact::WorkingDays(days, first_day) => About::WorkingDays { days, first_day },
            Fact::Offered(whom) => {
                let (clinician_id, name) = person(whom);
                About::Offered { clinician_id, name }
            }
            Fact::Horizon(last) => About::Horizon { last, days: self.service.horizon_days },
            Fact::Closed(reason) => self.closed(calendar, names, reason),
            Fact::Hours(stretches, exceptions) => About::Hours {
                stretches: stretches
                    .into_iter()
                    .map(|span| Stretch { start: span.start, end: span.end })
                    .collect(),
                exceptions: exceptions.into_iter().map(|id| names.exception(id)).collect(),
            },
            Fact::Grid(before, after) => {
                About::Grid { before, after, step_min: self.service.step.num_minutes() }
            }
            Fact::CalendarAge { as_of, fresh_until } => About::CalendarAge { as_of, fresh_until },
            Fact::CalendarReach(known_until) => About::CalendarReach { known_until },
            Fact::Busy(busy) => match busy.cause {
                Cause::Outside => About::Outside { start: busy.span.start, end: busy.span.end },
                Cause::Booking(id) => {
                    let booking = tx.booking(id).await?;
                    About::Booking {
                        booking_id: booking.as_ref().and_then(|one| one.lead).unwrap_or(id),
                        number: booking.as_ref().and_then(|one| one.number.clone()),
                        status: booking.as_ref().map(|one| one.status),
                        start: busy.span.start,
                        end: busy.span.end,
                        hold_expires_at: booking.and_then(|one| one.hold_expires_at),
                    }
                }
            },
            Fact::Seats { taken, of } => About::Seats { taken, of },
            Fact::DayLimit { used, most } => About::DayLimit { used, most },
            Fact::Colleague(whom) => {
                let (clinician_id, name) = person(whom);
                About::Colleague { clinician_id, name }
            }
            Fact::Rooms { free, of } => About::Rooms { free, of },
        })
    }

    /// What closes the day.
    fn closed(&self, calendar: &Calendar<'_>, names: &Names, reason: Reason) -> About {
        let date = date_of(calendar.practice.zone, self.wished.start);
        match reason {
            Reason::NotAccepted => {
                let periods = calendar.practice.acceptance.iter();
                let period =
                    |one: &crate::time::span::Dates| Period { from: one.from, until: one.until };
                About::Acceptance { date, periods: periods.map(period).collect() }
            }
            Reason::NotTrained => {
                About::Training { date, completed_on: calendar.roster.trained_on }
            }
            Reason::FacilityClosed(id) | Reason::ClinicianClosed(id) => {
                About::Exception { date, exception: names.exception(id) }
            }
            Reason::ClosedPeriod(closure_id, name) => {
                About::Closure { closure_id, name: name.to_string(), date }
            }
            Reason::Holiday(name) => About::Holiday { name: name.to_string(), date },
            Reason::HolidaysUnknown => About::HolidaysUnknown { date },
            Reason::NoHours => About::Weekly { date, weekday: weekday(date) },
            // These two are told beside the times themselves, the next two as notice and horizon.
            Reason::CalendarStale | Reason::CalendarUnknown => {
                About::CalendarReach { known_until: calendar.roster.elsewhere.known_until }
            }
            Reason::Past => About::Present { now: self.now },
            Reason::BeyondHorizon => About::Horizon { last: date, days: self.service.horizon_days },
        }
    }
}

/// An instant as a person writes it: RFC 3339. A local time without a zone is told as such, since
/// guessing one could be an hour wrong.
pub fn instant(text: &str) -> Result<Instant> {
    // A plus that was not escaped arrives as a space.
    let text = match text.rsplit_once(' ') {
        Some((time, zone)) if zone.len() == 5 && time.contains('T') => format!("{time}+{zone}"),
        _ => text.to_owned(),
    };
    let zoned = |text: &str| chrono::DateTime::parse_from_rfc3339(text).ok();
    let short = || {
        // Without seconds, as `2026-12-01T10:30+09:00` or with a Z.
        chrono::DateTime::parse_from_str(&text.replace('Z', "+00:00"), "%Y-%m-%dT%H:%M%:z").ok()
    };
    if let Some(at) = zoned(&text).or_else(short) {
        return Ok(at.to_utc());
    }
    let local = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"];
    let naive = local.iter().any(|f| chrono::NaiveDateTime::parse_from_str(&text, f).is_ok());
    Err(Error::invalid("/start", if naive { "no_zone" } else { "time" }))
}

/// The facility of this id or of these ten digits.
pub async fn find_facility(app: &App, text: &str) -> Result<FacilityId> {
    let mut tx = app.store.read().await?;
    if let Ok(id) = text.parse::<FacilityId>() {
        return Ok(tx.facility(id).await?.ok_or(Error::NotFound)?.id);
    }
    let all = tx.facilities(&FacilityFilter::default()).await?;
    Ok(all.iter().find(|one| one.code10 == text).ok_or(Error::NotFound)?.id)
}

/// The kind of visit of this id or name at a facility.
pub async fn find_service(app: &App, facility: FacilityId, text: &str) -> Result<ServiceId> {
    let offers = app.store.read().await?.offers(&FacilityFilter::one(facility)).await?;
    let id: Option<ServiceId> = text.parse().ok();
    let found = offers.iter().find(|offer| {
        Some(offer.service.id) == id || offer.name_ja == text || offer.name_en == text
    });
    Ok(found.ok_or(Error::NotFound)?.service.id)
}

/// The clinician of this id or name at a facility.
pub async fn find_clinician(app: &App, facility: FacilityId, text: &str) -> Result<ClinicianId> {
    let clinicians = app.store.read().await?.clinicians(&FacilityFilter::one(facility)).await?;
    let id: Option<ClinicianId> = text.parse().ok();
    let found =
        clinicians.iter().find(|one| Some(one.id) == id || one.name == text || one.name_en == text);
    Ok(found.ok_or(Error::NotFound)?.id)
}
