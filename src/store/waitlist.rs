//! Who waits, what became free, what was offered.

use sqlx::FromRow;

use super::{Error, Result, Tx, on, run};
use crate::engine::waitlist::{Policy, Wanted};
use crate::model::booking::{Booking, Status};
use crate::model::waitlist::Mode;
use crate::model::{BookingId, ClinicianId, FacilityId, FreedId, PatientId, ServiceId, WaitlistId};
use crate::seal::Sealed;
use crate::seal::token::TokenHash;
use crate::time::Instant;
use crate::time::span::Span;

/// Somebody who waits.
#[derive(Clone, Debug, FromRow)]
#[expect(missing_docs, reason = "columns, named as in the schema")]
pub struct WaitlistRow {
    pub id: WaitlistId,
    pub facility_id: FacilityId,
    pub service_id: ServiceId,
    pub clinician_id: Option<ClinicianId>,
    pub patient_id: PatientId,
    pub session_hash: TokenHash,
    pub from_date: chrono::NaiveDate,
    pub until_date: chrono::NaiveDate,
    pub from_minute: i64,
    pub until_minute: i64,
    pub language: String,
    pub for_whom: String,
    pub contact: Sealed,
    pub consented_at: Instant,
    pub status: String,
    pub created_at: Instant,
    pub wrapped_key: Option<Sealed>,
    pub facility_name: String,
    pub name_ja: String,
    pub name_en: String,
    pub zone: String,
    pub offers: i64,
}

impl WaitlistRow {
    /// What they wait for.
    pub fn wanted(&self) -> Wanted {
        let minute = |stored| u16::try_from(stored).unwrap_or(0);
        Wanted {
            service: self.service_id,
            clinician: self.clinician_id,
            from_date: self.from_date,
            until_date: self.until_date,
            from_minute: minute(self.from_minute),
            until_minute: minute(self.until_minute),
        }
    }
}

/// A time that became free.
#[derive(Clone, Copy, Debug, FromRow)]
#[expect(missing_docs, reason = "columns, named as in the schema")]
pub struct FreedRow {
    pub id: FreedId,
    pub facility_id: FacilityId,
    pub clinician_id: ClinicianId,
    pub starts_at: Instant,
    pub ends_at: Instant,
}

#[derive(FromRow)]
struct PolicyRow {
    mode: Mode,
    window_min: i64,
    most: i64,
    quiet_from: i64,
    quiet_until: i64,
    version: i64,
}

macro_rules! select_entry {
    ($rest:literal) => {
        concat!(
            "SELECT w.id, w.facility_id, w.service_id, w.clinician_id, w.patient_id,
                w.session_hash, w.from_date,
                w.until_date, w.from_minute, w.until_minute, w.language, w.for_whom, w.contact,
                w.consented_at, w.status, w.created_at, p.wrapped_key, f.name AS facility_name,
                s.name_ja, s.name_en, f.zone,
                (SELECT count(*) FROM waitlist_offer AS o WHERE o.entry_id = w.id) AS offers
             FROM waitlist_entry AS w JOIN patient AS p ON p.id = w.patient_id
                JOIN facility AS f ON f.id = w.facility_id
                JOIN service AS s ON s.id = w.service_id ",
            $rest
        )
    };
}

impl Tx {
    /// Adds somebody who waits; refused where they wait for the same already.
    pub async fn add_waitlist(&mut self, e: &WaitlistRow) -> Result<()> {
        let sql = "INSERT INTO waitlist_entry (id, facility_id, service_id, clinician_id,
                patient_id, session_hash, from_date, until_date, from_minute, until_minute,
                language, for_whom, contact, consented_at, status, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 'waiting', $15)
            ON CONFLICT DO NOTHING";
        let added = run!(
            self,
            sqlx::query(sql)
                .bind(e.id)
                .bind(e.facility_id)
                .bind(e.service_id)
                .bind(e.clinician_id)
                .bind(e.patient_id)
                .bind(&e.session_hash)
                .bind(e.from_date)
                .bind(e.until_date)
                .bind(e.from_minute)
                .bind(e.until_minute)
                .bind(&e.language)
                .bind(&e.for_whom)
                .bind(&e.contact)
                .bind(e.consented_at)
                .bind(e.created_at)
        );
        if added == 1 { Ok(()) } else { Err(Error::Exists("waitlist_entry_once".to_owned())) }
    }

    /// Who waits at a facility, the longest first.
    pub async fn waiting(&mut self, facility: FacilityId) -> Result<Vec<WaitlistRow>> {
        let sql = select_entry!(
            "WHERE w.facility_id = $1 AND w.status = 'waiting' ORDER BY w.created_at, w.id"
        );
        Ok(on!(self, |db| sqlx::query_as(sql).bind(facility).fetch_all(db).await?))
    }

    /// What a browser's people wait for.
    pub async fn waiting_of(&mut self, session: &TokenHash) -> Result<Vec<WaitlistRow>> {
        let sql = select_entry!(
            "WHERE w.session_hash = $1 AND w.status = 'waiting' ORDER BY w.created_at, w.id"
        );
        Ok(on!(self, |db| sqlx::query_as(sql).bind(session).fetch_all(db).await?))
    }

    /// How many entries of a patient wait.
    pub async fn waiting_count(&mut self, patient: PatientId) -> Result<i64> {
        let sql =
            "SELECT count(*) FROM waitlist_entry WHERE patient_id = $1 AND status = 'waiting'";
        Ok(on!(self, |db| sqlx::query_scalar(sql).bind(patient).fetch_one(db).await?))
    }

    /// Ends an entry; false where it had ended.
    pub async fn end_waitlist(&mut self, id: WaitlistId, as_: &str, now: Instant) -> Result<bool> {
        let sql = "UPDATE waitlist_entry SET status = $2, ended_at = $3
                   WHERE id = $1 AND status = 'waiting'";
        Ok(run!(self, sqlx::query(sql).bind(id).bind(as_).bind(now)) == 1)
    }

    /// Ends entries whose last date is before `date`.
    pub async fn end_old_waitlist(&mut self, date: chrono::NaiveDate, now: Instant) -> Result<u64> {
        let sql = "UPDATE waitlist_entry SET status = 'over', ended_at = $2
                   WHERE status = 'waiting' AND until_date < $1";
        Ok(run!(self, sqlx::query(sql).bind(date).bind(now)))
    }

    /// Notes that a booking's time became free, where somebody waits at its facility.
    pub async fn note_freed(&mut self, id: FreedId, b: &Booking, now: Instant) -> Result<()> {
        let sql = "INSERT INTO freed_time
                (id, facility_id, clinician_id, starts_at, ends_at, freed_at)
            SELECT $1, $2, $3, $4, $5, $6 WHERE EXISTS
                (SELECT 1 FROM waitlist_entry WHERE facility_id = $2 AND status = 'waiting')
            ON CONFLICT DO NOTHING";
        run!(
            self,
            sqlx::query(sql)
                .bind(id)
                .bind(b.facility)
                .bind(b.clinician)
                .bind(b.busy_from)
                .bind(b.busy_until)
                .bind(now)
        );
        Ok(())
    }

    /// Times that became free and are not done with.
    pub async fn freed_times(&mut self, most: i64) -> Result<Vec<FreedRow>> {
        let sql = "SELECT id, facility_id, clinician_id, starts_at, ends_at FROM freed_time
                   WHERE done_at IS NULL ORDER BY freed_at LIMIT $1";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(most).fetch_all(db).await?))
    }

    /// Is done with a freed time.
    pub async fn end_freed(&mut self, id: FreedId, now: Instant) -> Result<()> {
        let sql = "UPDATE freed_time SET done_at = $2 WHERE id = $1 AND done_at IS NULL";
        run!(self, sqlx::query(sql).bind(id).bind(now));
        Ok(())
    }

    /// The offers of a freed time, with what became of their holds.
    pub async fn offers_made(
        &mut self,
        freed: FreedId,
    ) -> Result<Vec<(WaitlistId, BookingId, Status, Option<Instant>)>> {
        let sql = "SELECT o.entry_id, o.booking_id, b.status, b.hold_expires_at
                   FROM waitlist_offer AS o JOIN booking AS b ON b.id = o.booking_id
                   WHERE o.freed_id = $1 ORDER BY o.offered_at, o.booking_id";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(freed).fetch_all(db).await?))
    }

    /// Lets the browser that waits see the offer, where it is still known.
    pub async fn show_offer(&mut self, id: BookingId, session: &TokenHash) -> Result<()> {
        let sql = "INSERT INTO session_booking (session_hash, booking_id)
            SELECT $1, $2 WHERE EXISTS (SELECT 1 FROM session WHERE hash = $1)";
        run!(self, sqlx::query(sql).bind(session).bind(id));
        Ok(())
    }

    /// Notes an offer.
    pub async fn add_waitlist_offer(
        &mut self,
        booking: BookingId,
        entry: WaitlistId,
        freed: FreedId,
        now: Instant,
    ) -> Result<()> {
        let sql = "INSERT INTO waitlist_offer (booking_id, entry_id, freed_id, offered_at)
                   VALUES ($1, $2, $3, $4)";
        run!(self, sqlx::query(sql).bind(booking).bind(entry).bind(freed).bind(now));
        Ok(())
    }

    /// Gives a hold to the one to whom it is offered, with what is needed to write to them.
    pub async fn give_hold(
        &mut self,
        id: BookingId,
        e: &WaitlistRow,
        contact: &Sealed,
    ) -> Result<()> {
        let sql = "UPDATE booking SET patient_id = $2, language = $3, for_whom = $4,
                questionnaire = $5 WHERE id = $1 AND status = 'held'";
        let given = run!(
            self,
            sqlx::query(sql)
                .bind(id)
                .bind(e.patient_id)
                .bind(&e.language)
                .bind(&e.for_whom)
                .bind(contact)
        );
        if given == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// Lets a hold that shares its time with others of the same offer win: the others end, and
    /// from here on nobody shares it.
    pub async fn win_offer(&mut self, b: &Booking, now: Instant) -> Result<()> {
        let sql = "UPDATE booking SET status = 'expired', hold_expires_at = NULL,
                version = version + 1, changed_at = $3
            WHERE session_key = $1 AND id <> $2 AND status = 'held'";
        run!(&mut *self, sqlx::query(sql).bind(b.session_key).bind(b.id).bind(now));
        let sql = "UPDATE booking SET session_key = id, seat = 0 WHERE id = $1";
        run!(&mut *self, sqlx::query(sql).bind(b.id));
        Ok(())
    }

    /// How a facility offers freed times, with the version that a change must name.
    pub async fn waitlist_policy(&mut self, facility: FacilityId) -> Result<(Policy, i64)> {
        let sql = "SELECT mode, window_min, most, quiet_from, quiet_until, version
                   FROM waitlist_policy WHERE facility_id = $1";
        let row: Option<PolicyRow> =
            on!(self, |db| sqlx::query_as(sql).bind(facility).fetch_optional(db).await?);
        let Some(row) = row else { return Ok((Policy::default(), 0)) };
        let minute = |stored| u16::try_from(stored).unwrap_or(0);
        let policy = Policy {
            mode: row.mode,
            window: chrono::TimeDelta::minutes(row.window_min),
            most: usize::try_from(row.most).unwrap_or(1),
            quiet_from: minute(row.quiet_from),
            quiet_until: minute(row.quiet_until),
        };
        Ok((policy, row.version))
    }

    /// Keeps how a facility offers freed times, if it is still as of `version`; 0 where it was
    /// never said.
    pub async fn put_waitlist_policy(
        &mut self,
        facility: FacilityId,
        p: &Policy,
        version: i64,
    ) -> Result<()> {
        let sql = "INSERT INTO waitlist_policy
                (facility_id, mode, window_min, most, quiet_from, quiet_until, version)
            SELECT $1, $2, $3, $4, $5, $6, 1 WHERE $7 = 0
            ON CONFLICT DO NOTHING";
        let change = "UPDATE waitlist_policy SET mode = $2, window_min = $3, most = $4,
                quiet_from = $5, quiet_until = $6, version = version + 1
            WHERE facility_id = $1 AND version = $7";
        let sql = if version == 0 { sql } else { change };
        let changed = run!(
            self,
            sqlx::query(sql)
                .bind(facility)
                .bind(p.mode)
                .bind(p.window.num_minutes())
                .bind(i64::try_from(p.most).unwrap_or(1))
                .bind(i64::from(p.quiet_from))
                .bind(i64::from(p.quiet_until))
                .bind(version)
        );
        if changed == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// How many freed times a facility offered since `since`, and how many of them were booked.
    pub async fn fill_rate(&mut self, facility: FacilityId, since: Instant) -> Result<(i64, i64)> {
        let sql = "SELECT count(DISTINCT o.freed_id),
                count(DISTINCT CASE WHEN b.patient_id IS NOT NULL AND b.status NOT IN
                    ('held', 'expired', 'declined') THEN o.freed_id END)
             FROM waitlist_offer AS o JOIN booking AS b ON b.id = o.booking_id
             WHERE b.facility_id = $1 AND o.offered_at >= $2";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(facility).bind(since).fetch_one(db).await?))
    }

    /// The span of a freed time; nothing if it is none.
    pub fn freed_span(freed: &FreedRow) -> Option<Span> {
        Span::new(freed.starts_at, freed.ends_at)
    }
}
