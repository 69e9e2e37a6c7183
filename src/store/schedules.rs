//! Hours, exceptions, busy times and acceptance: what the engine needs, in a fixed number of
//! statements whatever the number of clinicians.

use chrono::NaiveDate;

use super::facilities::{bind_filter, wanted};
use super::{Error, FacilityFilter, Result, Tx, on, run};
use crate::engine::availability::{Busy, Cause, Placed};
use crate::model::schedule::{DateException, Difference, WeeklyHours, Weeks};
use crate::model::{BookingId, ClinicianId, ExceptionId, FacilityId, RoomId, ServiceId};
use crate::time::Instant;
use crate::time::span::{Dates, Span};

#[derive(sqlx::FromRow)]
struct ExceptionRow {
    id: ExceptionId,
    facility_id: FacilityId,
    clinician_id: Option<ClinicianId>,
    on_date: NaiveDate,
    opens: Option<i64>,
    closes: Option<i64>,
    is_break: bool,
    note: String,
}

#[derive(sqlx::FromRow)]
struct HoursRow {
    clinician_id: ClinicianId,
    weekday: i64,
    opens: i64,
    closes: i64,
    weeks_of_month: Option<i64>,
    alternate_from: Option<NaiveDate>,
    valid_from: Option<NaiveDate>,
    valid_until: Option<NaiveDate>,
    service_id: Option<ServiceId>,
}

impl HoursRow {
    fn into_parts(self) -> (ClinicianId, WeeklyHours) {
        let weeks = match (self.weeks_of_month, self.alternate_from) {
            (Some(which), _) => Weeks::OfMonth(u8::try_from(which).unwrap_or(0)),
            (None, Some(date)) => Weeks::Alternate(date),
            (None, None) => Weeks::Every,
        };
        let hours = WeeklyHours {
            weekday: u8::try_from(self.weekday).unwrap_or(0),
            opens: minute(self.opens),
            closes: minute(self.closes),
            weeks,
            valid: Dates { from: self.valid_from, until: self.valid_until },
            service: self.service_id,
        };
        (self.clinician_id, hours)
    }
}

/// Minutes of a day, which the schema keeps between 0 and 1440.
fn minute(stored: i64) -> u16 {
    u16::try_from(stored).unwrap_or(0)
}

impl ExceptionRow {
    fn into_parts(self) -> (FacilityId, DateException, String) {
        let difference = match (self.opens, self.closes) {
            (Some(from), Some(to)) if self.is_break => {
                Difference::Break { from: minute(from), to: minute(to) }
            }
            (Some(opens), Some(closes)) => {
                Difference::Open { opens: minute(opens), closes: minute(closes) }
            }
            _ => Difference::Closed,
        };
        let exception = DateException {
            id: self.id,
            clinician: self.clinician_id,
            date: self.on_date,
            difference,
        };
        (self.facility_id, exception, self.note)
    }
}

/// A row of `booking` as far as it takes time.
#[derive(sqlx::FromRow)]
struct BusyRow {
    clinician_id: ClinicianId,
    /// Nothing for what is taken by a calendar elsewhere.
    id: Option<BookingId>,
    lane: i64,
    room_id: Option<RoomId>,
    service_id: Option<ServiceId>,
    starts_at: Instant,
    seat: i64,
    day_seat: Option<i64>,
    busy_from: Instant,
    busy_until: Instant,
}

impl BusyRow {
    fn busy(&self) -> Option<Busy> {
        let span = Span::new(self.busy_from, self.busy_until)?;
        let (Some(id), Some(service)) = (self.id, self.service_id) else {
            return Some(Busy { span, cause: Cause::Outside, visit: None });
        };
        let visit = Placed {
            service,
            start: self.starts_at,
            seat: u16::try_from(self.seat).unwrap_or(u16::MAX),
            day_seat: self.day_seat.and_then(|seat| u16::try_from(seat).ok()),
        };
        Some(Busy { span, cause: Cause::Booking(id), visit: Some(visit) })
    }
}

macro_rules! busy_columns {
    () => {
        "booking.clinician_id, coalesce(booking.lead_id, booking.id) AS id, lane, room_id,
         service_id, starts_at, seat, day_seat, busy_from, busy_until"
    };
}

impl Tx {
    /// Weekly hours of every clinician of the facilities that `filter` asks for.
    pub async fn weekly_hours(
        &mut self,
        filter: &FacilityFilter,
    ) -> Result<Vec<(ClinicianId, WeeklyHours)>> {
        let sql = concat!(
            "SELECT clinician_id, weekday, opens, closes, weeks_of_month, alternate_from,
                valid_from, valid_until, service_id
             FROM weekly_hours JOIN ",
            wanted!(),
            " ON wanted.id = facility_id ORDER BY clinician_id, position"
        );
        let rows: Vec<HoursRow> =
            on!(self, |db| bind_filter!(sqlx::query_as(sql), filter).fetch_all(db).await?);
        Ok(rows.into_iter().map(HoursRow::into_parts).collect())
    }

    /// Exceptions from `from` to `to`, both included, with their facility and note.
    pub async fn exceptions(
        &mut self,
        filter: &FacilityFilter,
        from: NaiveDate,
        to: NaiveDate,
    ) -> Result<Vec<(FacilityId, DateException, String)>> {
        let sql = concat!(
            "SELECT date_exception.id, facility_id, clinician_id, on_date, opens, closes,
                is_break, note
             FROM date_exception JOIN ",
            wanted!(),
            " ON wanted.id = facility_id WHERE on_date BETWEEN $5 AND $6
             ORDER BY on_date, date_exception.id"
        );
        let rows: Vec<ExceptionRow> = on!(self, |db| {
            let query = bind_filter!(sqlx::query_as(sql), filter);
            query.bind(from).bind(to).fetch_all(db).await?
        });
        Ok(rows.into_iter().map(ExceptionRow::into_parts).collect())
    }

    /// Times that are taken between `span`'s ends, buffers included, by visits and by calendars
    /// elsewhere; holds that ran out by `now` take nothing. Each with its lane: 0 is ordinary time.
    pub async fn busy(
        &mut self,
        filter: &FacilityFilter,
        span: Span,
        now: Instant,
    ) -> Result<Vec<(ClinicianId, i64, Busy)>> {
        let sql = concat!(
            "SELECT ",
            busy_columns!(),
            " FROM clinician JOIN ",
            wanted!(),
            " ON wanted.id = clinician.facility_id
                JOIN booking ON booking.clinician_id = clinician.id
             WHERE occupies AND busy_until > $5 AND busy_from < $6
               AND (hold_expires_at IS NULL OR hold_expires_at > $7)
             UNION ALL
             SELECT outside_busy.clinician_id, NULL, 0, NULL, NULL, starts_at, 0, NULL,
                 starts_at, ends_at
             FROM clinician JOIN ",
            wanted!(),
            " ON wanted.id = clinician.facility_id
                JOIN outside_busy ON outside_busy.clinician_id = clinician.id
             WHERE ends_at > $5 AND starts_at < $6"
        );
        let rows: Vec<BusyRow> = on!(self, |db| {
            let query = bind_filter!(sqlx::query_as(sql), filter);
            query.bind(span.start).bind(span.end).bind(now).fetch_all(db).await?
        });
        let busy = |row: &BusyRow| Some((row.clinician_id, row.lane, row.busy()?));
        Ok(rows.iter().filter_map(busy).collect())
    }

    /// The rooms that facilities use, of those that `filter` asks for.
    pub async fn rooms(&mut self, filter: &FacilityFilter) -> Result<Vec<(FacilityId, RoomId)>> {
        let sql = concat!(
            "SELECT facility_room.facility_id, room.id FROM facility_room JOIN ",
            wanted!(),
            " ON wanted.id = facility_room.facility_id
                JOIN room ON room.id = facility_room.room_id
             WHERE room.closed_at IS NULL ORDER BY room.id"
        );
        Ok(on!(self, |db| bind_filter!(sqlx::query_as(sql), filter).fetch_all(db).await?))
    }

    /// What is taken between `span`'s ends of the rooms that the facilities use, by any facility.
    pub async fn room_busy(
        &mut self,
        filter: &FacilityFilter,
        span: Span,
        now: Instant,
    ) -> Result<Vec<(RoomId, Busy)>> {
        let sql = concat!(
            "SELECT ",
            busy_columns!(),
            " FROM booking WHERE occupies AND room_id IN (SELECT room_id FROM facility_room JOIN ",
            wanted!(),
            " ON wanted.id = facility_room.facility_id)
               AND busy_until > $5 AND busy_from < $6
               AND (hold_expires_at IS NULL OR hold_expires_at > $7)"
        );
        let rows: Vec<BusyRow> = on!(self, |db| {
            let query = bind_filter!(sqlx::query_as(sql), filter);
            query.bind(span.start).bind(span.end).bind(now).fetch_all(db).await?
        });
        Ok(rows.iter().filter_map(|row| Some((row.room_id?, row.busy()?))).collect())
    }

    /// For each facility the local dates on which its care by ICT devices is accepted: from the
    /// first date up to, not including, the second.
    pub async fn acceptance(
        &mut self,
        filter: &FacilityFilter,
    ) -> Result<Vec<(FacilityId, NaiveDate, Option<NaiveDate>)>> {
        let sql = concat!(
            "SELECT facility.id, effective_from, lapsed_on
             FROM facility JOIN ",
            wanted!(),
            " ON wanted.id = facility.id
                JOIN notification ON notification.code10 = facility.code10
             WHERE criterion = 'ict_care' AND superseded_at IS NULL
               AND effective_from IS NOT NULL
             ORDER BY effective_from"
        );
        Ok(on!(self, |db| bind_filter!(sqlx::query_as(sql), filter).fetch_all(db).await?))
    }

    /// Replaces a clinician's weekly hours, if they are still as of `version`.
    pub async fn put_weekly_hours(
        &mut self,
        facility: FacilityId,
        clinician: ClinicianId,
        version: i64,
        hours: &[WeeklyHours],
    ) -> Result<()> {
        let sql = "UPDATE clinician SET hours_version = hours_version + 1
                   WHERE id = $1 AND facility_id = $2 AND hours_version = $3";
        let changed = run!(self, sqlx::query(sql).bind(clinician).bind(facility).bind(version));
        if changed == 0 {
            return Err(Error::Stale);
        }
        let sql = "DELETE FROM weekly_hours WHERE clinician_id = $1";
        run!(&mut *self, sqlx::query(sql).bind(clinician));
        let sql = "INSERT INTO weekly_hours (facility_id, clinician_id, position, weekday, opens,
                closes, weeks_of_month, alternate_from, valid_from, valid_until, service_id)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
        for (position, h) in (0_i64..).zip(hours) {
            let (of_month, alternate) = match h.weeks {
                Weeks::Every => (None, None),
                Weeks::OfMonth(which) => (Some(i64::from(which)), None),
                Weeks::Alternate(date) => (None, Some(date)),
            };
            run!(
                &mut *self,
                sqlx::query(sql)
                    .bind(facility)
                    .bind(clinician)
                    .bind(position)
                    .bind(i64::from(h.weekday))
                    .bind(i64::from(h.opens))
                    .bind(i64::from(h.closes))
                    .bind(of_month)
                    .bind(alternate)
                    .bind(h.valid.from)
                    .bind(h.valid.until)
                    .bind(h.service)
            );
        }
        Ok(())
    }

    /// Adds a date that differs.
    pub async fn add_exception(
        &mut self,
        facility: FacilityId,
        exception: &DateException,
        note: &str,
    ) -> Result<()> {
        let (opens, closes) = match exception.difference {
            Difference::Closed => (None, None),
            Difference::Open { opens, closes } => (Some(i64::from(opens)), Some(i64::from(closes))),
            Difference::Break { from, to } => (Some(i64::from(from)), Some(i64::from(to))),
        };
        let is_break = matches!(exception.difference, Difference::Break { .. });
        let sql = "INSERT INTO date_exception
            (id, facility_id, clinician_id, on_date, opens, closes, is_break, note)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        run!(
            self,
            sqlx::query(sql)
                .bind(exception.id)
                .bind(facility)
                .bind(exception.clinician)
                .bind(exception.date)
                .bind(opens)
                .bind(closes)
                .bind(is_break)
                .bind(note)
        );
        Ok(())
    }

    /// Removes an exception of the facility; false when there is none of this id.
    pub async fn remove_exception(
        &mut self,
        facility: FacilityId,
        id: ExceptionId,
    ) -> Result<bool> {
        let sql = "DELETE FROM date_exception WHERE id = $1 AND facility_id = $2";
        Ok(run!(self, sqlx::query(sql).bind(id).bind(facility)) == 1)
    }
}
