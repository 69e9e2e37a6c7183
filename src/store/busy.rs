//! What is taken at facilities that are known by their ids: the statements that every hold and
//! every search of free times makes, and no more than these.

use chrono::TimeDelta;
use sqlx::FromRow;

use super::{Result, Tx, on};
use crate::engine::availability::{Busy, Cause, Placed};
use crate::model::{BookingId, ClinicianId, FacilityId, ServiceId};
use crate::time::Instant;
use crate::time::span::Span;

/// A clinician's time that is taken.
#[derive(Clone, Copy, Debug)]
pub struct Taken {
    /// Whose.
    pub clinician: ClinicianId,
    /// 0 is ordinary time.
    pub lane: i64,
    /// From when until when, and by what.
    pub busy: Busy,
    /// When it is free again by itself: the end of a hold. It may have passed.
    pub expires: Option<Instant>,
}

impl Taken {
    /// Whether it is a hold that ran out by `now`.
    pub fn is_over(&self, now: Instant) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }
}

/// A row of `booking`, or a time that a calendar elsewhere has taken; or nothing.
#[derive(FromRow)]
struct TakenRow {
    rules_version: i64,
    clinician_id: Option<ClinicianId>,
    id: Option<BookingId>,
    lane: Option<i64>,
    service_id: Option<ServiceId>,
    starts_at: Option<Instant>,
    seat: Option<i64>,
    day_seat: Option<i64>,
    busy_from: Option<Instant>,
    busy_until: Option<Instant>,
    hold_expires_at: Option<Instant>,
}

impl TakenRow {
    fn taken(&self) -> Option<Taken> {
        let visit = self.service_id.zip(self.starts_at).map(|(service, start)| Placed {
            service,
            start,
            seat: self.seat.and_then(|seat| u16::try_from(seat).ok()).unwrap_or(u16::MAX),
            day_seat: self.day_seat.and_then(|seat| u16::try_from(seat).ok()),
        });
        let span = Span::new(self.busy_from?, self.busy_until?)?;
        let cause = self.id.map_or(Cause::Outside, Cause::Booking);
        Some(Taken {
            clinician: self.clinician_id?,
            lane: self.lane?,
            busy: Busy { span, cause, visit },
            expires: self.hold_expires_at,
        })
    }
}

/// Between which starts a booking must lie to take any of `span`: the schema allows four hours of
/// visit and one of buffer on each side. The index of a facility's bookings is by their starts.
fn starts(span: Span) -> (Instant, Instant) {
    (span.start - TimeDelta::hours(5), span.end + TimeDelta::hours(1))
}

// By the statuses that occupy, as the index `booking_taken` is, which answers it alone.
macro_rules! taken {
    ($which:literal) => {
        concat!(
            "SELECT facility.rules_version, clinician_id, coalesce(booking.lead_id, booking.id) AS id,
                lane, service_id, starts_at, seat, day_seat, busy_from, busy_until, hold_expires_at
             FROM facility LEFT JOIN booking ON booking.facility_id = facility.id
                AND status IN ('held', 'requested', 'booked', 'checked_in', 'in_progress')
                AND starts_at > $2 AND starts_at < $3 AND busy_until > $4 AND busy_from < $5
             WHERE facility.id ",
            $which,
            " UNION ALL SELECT facility.rules_version, outside_busy.clinician_id, NULL, 0, NULL,
                NULL, 0, NULL, outside_busy.starts_at, outside_busy.ends_at, NULL
             FROM facility JOIN clinician ON clinician.facility_id = facility.id
                JOIN outside_busy ON outside_busy.clinician_id = clinician.id
             WHERE outside_busy.ends_at > $4 AND outside_busy.starts_at < $5 AND facility.id ",
            $which
        )
    };
}

impl Tx {
    /// What is taken of a facility's time in `span`, holds that ran out included, and the version
    /// of its rules, as of one instant; nothing where there is no such facility.
    pub async fn taken_at(
        &mut self,
        facility: FacilityId,
        span: Span,
    ) -> Result<Option<(i64, Vec<Taken>)>> {
        let (from, until) = starts(span);
        let rows: Vec<TakenRow> = on!(self, |db| {
            let query = sqlx::query_as(taken!("= $1")).bind(facility).bind(from).bind(until);
            query.bind(span.start).bind(span.end).fetch_all(db).await?
        });
        let version = rows.first().map(|row| row.rules_version);
        let taken = rows.iter().filter_map(TakenRow::taken);
        Ok(version.map(|version| (version, taken.collect())))
    }

    /// What is taken of the time of many facilities in `span`, in one statement.
    pub async fn taken_of(&mut self, facilities: &[FacilityId], span: Span) -> Result<Vec<Taken>> {
        let (from, until) = starts(span);
        let rows: Vec<TakenRow> = match self {
            // Lists of values are what the two engines do not share.
            Tx::Sqlite(tx) => {
                let ids: Vec<String> =
                    facilities.iter().map(|id| id.0.simple().to_string()).collect();
                let sql = taken!("IN (SELECT unhex(value) FROM json_each($1))");
                let query = sqlx::query_as(sql).bind(serde_json::json!(ids).to_string());
                let query = query.bind(from).bind(until).bind(span.start).bind(span.end);
                query.fetch_all(&mut **tx).await?
            }
            Tx::Postgres(tx) => {
                let ids: Vec<uuid::Uuid> = facilities.iter().map(|id| id.0).collect();
                let query = sqlx::query_as(taken!("= ANY($1)")).bind(ids);
                let query = query.bind(from).bind(until).bind(span.start).bind(span.end);
                query.fetch_all(&mut **tx).await?
            }
        };
        Ok(rows.iter().filter_map(TakenRow::taken).collect())
    }
}
