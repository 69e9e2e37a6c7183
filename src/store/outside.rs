//! Calendars elsewhere: what was read of them, and where they are read again.

use std::collections::BTreeSet;

use chrono_tz::Tz;
use sqlx::FromRow;

use super::facilities::{bind_filter, wanted};
use super::{FacilityFilter, Result, Store, Tx, on, run};
use crate::model::{BookingId, ClinicianId, FacilityId, OutsideId};
use crate::seal::Sealed;
use crate::time::Instant;
use crate::time::span::Span;

/// A clinician's calendar elsewhere, as it is shown.
#[derive(Debug, FromRow)]
#[expect(missing_docs, reason = "columns, named as in the schema")]
pub struct OutsideRow {
    pub id: OutsideId,
    pub clinician_id: ClinicianId,
    pub fetched_at: Instant,
    pub known_until: Instant,
    pub entries: i64,
    pub ignored: String,
    /// Of those that are read at an address; the others came as files.
    pub host: Option<String>,
    pub tried_at: Option<Instant>,
    pub due_at: Option<Instant>,
    pub failures: Option<i64>,
    pub failure: Option<String>,
}

/// What was read of a calendar.
#[derive(Debug)]
pub struct OutsideTimes {
    /// As of when its times are.
    pub fetched_at: Instant,
    /// Until when they were followed.
    pub known_until: Instant,
    /// How many entries it had.
    pub entries: i64,
    /// What was left out of it, as JSON.
    pub ignored: String,
    /// When it is busy: sorted and disjoint.
    pub busy: Vec<Span>,
}

/// By what a server tells whether a calendar is the same still.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validators {
    /// `ETag`.
    pub etag: Option<String>,
    /// `Last-Modified`.
    pub modified: Option<String>,
}

/// Where a new calendar is read again.
#[derive(Debug)]
pub struct AddressRow {
    /// The address.
    pub url: Sealed,
    /// As it is shown.
    pub host: String,
    /// What the server said beside it.
    pub validators: Validators,
    /// When it is read next.
    pub due_at: Instant,
}

/// When a calendar's turn is.
#[derive(Clone, Copy, Debug)]
pub enum Turn {
    /// When it is due.
    Due,
    /// When nobody has tried it since.
    NotSince(Instant),
}

/// A calendar that nobody else reads for a while.
#[derive(Debug)]
#[expect(missing_docs, reason = "columns, named as in the schema")]
pub struct LeasedCalendar {
    pub id: OutsideId,
    pub facility: FacilityId,
    pub clinician: ClinicianId,
    /// The clinic's, in which times without a zone are meant.
    pub zone: Tz,
    pub known_until: Instant,
    pub url: Sealed,
    pub validators: Validators,
    /// Which try this is.
    pub attempt: i64,
    /// How many failed before it.
    pub failures: i64,
}

/// How a try ended.
#[derive(Clone, Debug)]
pub struct Tried {
    /// The code of what went wrong.
    pub failure: Option<&'static str>,
    /// What the server said; unchanged where nothing.
    pub validators: Option<Validators>,
    /// When it is read next.
    pub due_at: Instant,
}

#[derive(FromRow)]
struct LeasedRow {
    url: Sealed,
    etag: Option<String>,
    modified: Option<String>,
    attempt: i64,
    failures: i64,
}

macro_rules! select_outside {
    ($rest:literal) => {
        concat!(
            "SELECT id, clinician_id, fetched_at, known_until, entries, ignored, host, tried_at,
                due_at, failures, failure
             FROM outside_calendar LEFT JOIN outside_address ON calendar_id = id ",
            $rest
        )
    };
}

impl Store {
    /// The calendars at addresses whose turn it is, the longest due first; one statement and
    /// nothing around it.
    pub async fn due_calendars(&self, now: Instant, most: i64) -> Result<Vec<OutsideId>> {
        let sql = "SELECT calendar_id FROM outside_address
                   WHERE due_at <= $1 AND (leased_until IS NULL OR leased_until <= $1)
                   ORDER BY due_at LIMIT $2";
        Ok(match self {
            Self::Sqlite { readers, .. } => {
                sqlx::query_scalar(sql).bind(now).bind(most).fetch_all(readers).await?
            }
            Self::Postgres(pool) => {
                sqlx::query_scalar(sql).bind(now).bind(most).fetch_all(pool).await?
            }
        })
    }

    /// The calendars at addresses of those who are to be at a booking, and of one clinician more,
    /// that nobody has tried since `since`, or that somebody reads now; in the same way.
    pub async fn aged_calendars(
        &self,
        booking: BookingId,
        clinician: Option<ClinicianId>,
        since: Instant,
        now: Instant,
    ) -> Result<Vec<OutsideId>> {
        let sql = "SELECT calendar_id FROM outside_calendar
                   JOIN outside_address ON calendar_id = outside_calendar.id
                   WHERE clinician_id IN (SELECT clinician_id FROM booking WHERE id = $1
                        UNION ALL SELECT clinician_id FROM booking WHERE lead_id = $1
                        UNION ALL SELECT id FROM clinician WHERE id = $2)
                     AND (tried_at <= $3 OR leased_until > $4)";
        Ok(match self {
            Self::Sqlite { readers, .. } => {
                let query = sqlx::query_scalar(sql).bind(booking).bind(clinician);
                query.bind(since).bind(now).fetch_all(readers).await?
            }
            Self::Postgres(pool) => {
                let query = sqlx::query_scalar(sql).bind(booking).bind(clinician);
                query.bind(since).bind(now).fetch_all(pool).await?
            }
        })
    }

    /// Whether somebody reads a calendar now.
    pub async fn is_calendar_leased(&self, id: OutsideId, now: Instant) -> Result<bool> {
        let sql = "SELECT count(*) FROM outside_address
                   WHERE calendar_id = $1 AND leased_until > $2";
        let count: i64 = match self {
            Self::Sqlite { readers, .. } => {
                sqlx::query_scalar(sql).bind(id).bind(now).fetch_one(readers).await?
            }
            Self::Postgres(pool) => {
                sqlx::query_scalar(sql).bind(id).bind(now).fetch_one(pool).await?
            }
        };
        Ok(count > 0)
    }
}

impl Tx {
    /// Adds a clinician's calendar elsewhere.
    pub async fn add_outside(
        &mut self,
        (id, facility, clinician): (OutsideId, FacilityId, ClinicianId),
        times: &OutsideTimes,
        address: Option<&AddressRow>,
    ) -> Result<()> {
        let sql = "INSERT INTO outside_calendar
            (id, facility_id, clinician_id, fetched_at, known_until, entries, ignored)
            VALUES ($1, $2, $3, $4, $5, $6, $7)";
        run!(
            self,
            sqlx::query(sql)
                .bind(id)
                .bind(facility)
                .bind(clinician)
                .bind(times.fetched_at)
                .bind(times.known_until)
                .bind(times.entries)
                .bind(&times.ignored)
        );
        if let Some(address) = address {
            let sql = "INSERT INTO outside_address
                (calendar_id, url, host, etag, modified, due_at, attempt, failures, tried_at)
                VALUES ($1, $2, $3, $4, $5, $6, 0, 0, $7)";
            run!(
                self,
                sqlx::query(sql)
                    .bind(id)
                    .bind(&address.url)
                    .bind(&address.host)
                    .bind(&address.validators.etag)
                    .bind(&address.validators.modified)
                    .bind(address.due_at)
                    .bind(times.fetched_at)
            );
        }
        self.add_outside_busy(id, clinician, times.busy.iter()).await
    }

    async fn add_outside_busy(
        &mut self,
        id: OutsideId,
        clinician: ClinicianId,
        busy: impl Iterator<Item = &Span>,
    ) -> Result<()> {
        let sql = "INSERT INTO outside_busy (calendar_id, clinician_id, starts_at, ends_at)
                   VALUES ($1, $2, $3, $4)";
        for span in busy {
            run!(self, sqlx::query(sql).bind(id).bind(clinician).bind(span.start).bind(span.end));
        }
        Ok(())
    }

    /// The calendars elsewhere of a facility's clinician, the oldest first.
    pub async fn outside_of(
        &mut self,
        facility: FacilityId,
        clinician: ClinicianId,
    ) -> Result<Vec<OutsideRow>> {
        let sql = select_outside!("WHERE facility_id = $1 AND clinician_id = $2 ORDER BY id");
        Ok(on!(self, |db| sqlx::query_as(sql).bind(facility).bind(clinician).fetch_all(db).await?))
    }

    /// One calendar elsewhere of a facility.
    pub async fn outside(
        &mut self,
        facility: FacilityId,
        id: OutsideId,
    ) -> Result<Option<OutsideRow>> {
        let sql = select_outside!("WHERE facility_id = $1 AND id = $2");
        Ok(on!(self, |db| sqlx::query_as(sql).bind(facility).bind(id).fetch_optional(db).await?))
    }

    /// Forgets a calendar elsewhere and its times; whether there was one.
    pub async fn remove_outside(&mut self, facility: FacilityId, id: OutsideId) -> Result<bool> {
        let sql = "DELETE FROM outside_calendar WHERE facility_id = $1 AND id = $2";
        Ok(run!(self, sqlx::query(sql).bind(facility).bind(id)) == 1)
    }

    /// Of each calendar elsewhere of the facilities' clinicians: as of when it is, until when it was
    /// followed, and whether it is read at an address.
    pub async fn calendars_elsewhere(
        &mut self,
        filter: &FacilityFilter,
    ) -> Result<Vec<(ClinicianId, Instant, Instant, bool)>> {
        let sql = concat!(
            "SELECT clinician_id, fetched_at, known_until, url IS NOT NULL FROM outside_calendar
             JOIN ",
            wanted!(),
            " ON wanted.id = facility_id
             LEFT JOIN outside_address ON calendar_id = outside_calendar.id"
        );
        Ok(on!(self, |db| bind_filter!(sqlx::query_as(sql), filter).fetch_all(db).await?))
    }

    /// Takes a calendar whose turn it is, until `until` for nobody else; nothing where somebody
    /// else has it, or it was not its turn.
    pub async fn lease_calendar(
        &mut self,
        id: OutsideId,
        turn: Turn,
        now: Instant,
        until: Instant,
    ) -> Result<Option<LeasedCalendar>> {
        let long_ago = chrono::DateTime::UNIX_EPOCH;
        let (due, since) = match turn {
            Turn::Due => (now, long_ago),
            Turn::NotSince(since) => (long_ago, since),
        };
        let sql = "UPDATE outside_address
                   SET leased_until = $3, tried_at = $2, attempt = attempt + 1
                   WHERE calendar_id = $1 AND (due_at <= $4 OR tried_at <= $5)
                     AND (leased_until IS NULL OR leased_until <= $2)
                   RETURNING url, etag, modified, attempt, failures";
        let row: Option<LeasedRow> = on!(self, |db| {
            let query = sqlx::query_as(sql).bind(id).bind(now).bind(until);
            query.bind(due).bind(since).fetch_optional(db).await?
        });
        let Some(row) = row else { return Ok(None) };
        let sql = "SELECT facility_id, clinician_id, known_until, zone
                   FROM outside_calendar JOIN facility ON facility.id = facility_id
                   WHERE outside_calendar.id = $1";
        let (facility, clinician, known_until, zone): (_, _, _, String) =
            on!(self, |db| sqlx::query_as(sql).bind(id).fetch_one(db).await?);
        Ok(Some(LeasedCalendar {
            id,
            facility,
            clinician,
            zone: zone.parse().unwrap_or(chrono_tz::Asia::Tokyo),
            known_until,
            url: row.url,
            validators: Validators { etag: row.etag, modified: row.modified },
            attempt: row.attempt,
            failures: row.failures,
        }))
    }

    /// Ends a try; whether it was the last one that began. One whose calendar is gone, or that
    /// somebody else has tried since, has nothing to say.
    pub async fn finish_calendar(&mut self, one: &LeasedCalendar, how: &Tried) -> Result<bool> {
        let sql = "UPDATE outside_address
                   SET leased_until = NULL, due_at = $3, failures = $4, failure = $5,
                       etag = $6, modified = $7
                   WHERE calendar_id = $1 AND attempt = $2";
        let failures = if how.failure.is_some() { one.failures + 1 } else { 0 };
        let validators = how.validators.as_ref().unwrap_or(&one.validators);
        let changed = run!(
            self,
            sqlx::query(sql)
                .bind(one.id)
                .bind(one.attempt)
                .bind(how.due_at)
                .bind(failures)
                .bind(how.failure)
                .bind(&validators.etag)
                .bind(&validators.modified)
        );
        Ok(changed == 1)
    }

    /// Notes that a calendar is as it was, as of `now`.
    pub async fn confirm_outside(&mut self, id: OutsideId, now: Instant) -> Result<()> {
        let sql = "UPDATE outside_calendar SET fetched_at = $2 WHERE id = $1";
        run!(self, sqlx::query(sql).bind(id).bind(now));
        Ok(())
    }

    /// Makes what was read now what is known of a calendar. Only what differs is written.
    pub async fn replace_outside(
        &mut self,
        one: &LeasedCalendar,
        times: &OutsideTimes,
    ) -> Result<()> {
        let sql = "UPDATE outside_calendar
                   SET fetched_at = $2, known_until = $3, entries = $4, ignored = $5
                   WHERE id = $1";
        run!(
            self,
            sqlx::query(sql)
                .bind(one.id)
                .bind(times.fetched_at)
                .bind(times.known_until)
                .bind(times.entries)
                .bind(&times.ignored)
        );
        let sql = "SELECT starts_at, ends_at FROM outside_busy WHERE calendar_id = $1";
        let known: Vec<(Instant, Instant)> =
            on!(self, |db| sqlx::query_as(sql).bind(one.id).fetch_all(db).await?);
        let known: BTreeSet<Span> =
            known.into_iter().map(|(start, end)| Span { start, end }).collect();
        let busy: BTreeSet<Span> = times.busy.iter().copied().collect();
        let sql = "DELETE FROM outside_busy WHERE calendar_id = $1 AND starts_at = $2";
        for gone in known.difference(&busy) {
            run!(self, sqlx::query(sql).bind(one.id).bind(gone.start));
        }
        self.add_outside_busy(one.id, one.clinician, busy.difference(&known)).await
    }
}
