//! Changes of hours from their plan on, and the visits that they strand.

use sqlx::FromRow;

use super::{Error, Result, Tx, on, run};
use crate::model::booking::Status;
use crate::model::{BookingId, ClinicianId, FacilityId, HoursChangeId, PatientId, ServiceId};
use crate::time::Instant;

/// A change of hours, as it is kept.
#[derive(Clone, Debug, FromRow)]
pub struct HoursChangeRow {
    /// Its id.
    pub id: HoursChangeId,
    /// Whose hours.
    pub facility_id: FacilityId,
    /// `draft`, `applied` or `undone`.
    pub state: String,
    /// What it changes, as JSON.
    pub edits: String,
    /// What brings back what was before, as JSON.
    pub inverse: String,
    /// The versions of calendar and hours, as JSON.
    pub seen: String,
    /// Rises with each deed.
    pub version: i64,
    /// When it was planned.
    pub created_at: Instant,
    /// When it was applied.
    pub applied_at: Option<Instant>,
    /// Not before it patients are told.
    pub send_after: Option<Instant>,
    /// When it was taken back.
    pub undone_at: Option<Instant>,
}

/// A visit that a change strands, as it is now.
#[derive(Clone, Debug, FromRow)]
pub struct StrandedRow {
    /// The change.
    pub change_id: HoursChangeId,
    /// The booking.
    pub booking_id: BookingId,
    /// Its number.
    pub number: Option<String>,
    /// The kind of visit.
    pub service_id: ServiceId,
    /// How it stands.
    pub status: Status,
    /// Its version.
    pub version: i64,
    /// When it starts now.
    pub starts_at: Instant,
    /// When it ends now.
    pub ends_at: Instant,
    /// With whom it is now.
    pub clinician_id: ClinicianId,
    /// When it started before.
    pub was_start: Instant,
    /// With whom it was before.
    pub was_clinician_id: ClinicianId,
    /// The times that are offered instead, as JSON.
    pub offers: String,
    /// Not before it the patient is told; nothing while the change is only planned.
    pub send_after: Option<Instant>,
    /// When the patient was told.
    pub sent_at: Option<Instant>,
    /// `moved`, `cancelled`, `kept` or `undone`.
    pub answer: Option<String>,
}

/// A visit ahead, with what decides whether it keeps its time.
#[derive(Clone, Debug, FromRow)]
#[expect(missing_docs, reason = "columns, named as in the schema")]
pub struct VisitAhead {
    pub id: BookingId,
    pub number: Option<String>,
    pub clinician_id: ClinicianId,
    pub service_id: ServiceId,
    pub patient_id: Option<PatientId>,
    pub starts_at: Instant,
    pub ends_at: Instant,
    pub busy_from: Instant,
    pub busy_until: Instant,
}

macro_rules! select_change {
    ($rest:literal) => {
        concat!(
            "SELECT id, facility_id, state, edits, inverse, seen, version, created_at, applied_at,
                send_after, undone_at FROM hours_change ",
            $rest
        )
    };
}

macro_rules! select_stranded {
    ($rest:literal) => {
        concat!(
            "SELECT s.change_id, s.booking_id, b.number, b.service_id, b.status, b.version,
                b.starts_at, b.ends_at, b.clinician_id, s.was_start, s.was_clinician_id, s.offers,
                s.send_after, s.sent_at, s.answer
             FROM hours_change_booking AS s JOIN booking AS b ON b.id = s.booking_id ",
            $rest
        )
    };
}

impl Tx {
    /// The visits of a facility that are not over at `now` and still take their time.
    pub async fn visits_ahead(
        &mut self,
        facility: FacilityId,
        now: Instant,
    ) -> Result<Vec<VisitAhead>> {
        let sql = "SELECT id, number, clinician_id, service_id, patient_id, starts_at, ends_at,
                busy_from, busy_until
            FROM booking
            WHERE facility_id = $1 AND starts_at > $2 AND occupies AND patient_id IS NOT NULL
                AND lead_id IS NULL
            ORDER BY starts_at, id";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(facility).bind(now).fetch_all(db).await?))
    }

    /// When patients with a visit ahead at the facility are in visits, wherever.
    pub async fn patients_times(
        &mut self,
        facility: FacilityId,
        now: Instant,
    ) -> Result<Vec<(PatientId, BookingId, Instant, Instant)>> {
        let sql = "SELECT patient_id, id, starts_at, ends_at FROM booking
            WHERE occupies AND starts_at > $2 AND patient_id IN (
                SELECT patient_id FROM booking
                WHERE facility_id = $1 AND occupies AND starts_at > $2)";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(facility).bind(now).fetch_all(db).await?))
    }

    /// Keeps a planned change.
    pub async fn add_hours_change(&mut self, row: &HoursChangeRow) -> Result<()> {
        let sql = "INSERT INTO hours_change
                (id, facility_id, state, edits, inverse, seen, version, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        run!(
            self,
            sqlx::query(sql)
                .bind(row.id)
                .bind(row.facility_id)
                .bind(&row.state)
                .bind(&row.edits)
                .bind(&row.inverse)
                .bind(&row.seen)
                .bind(row.version)
                .bind(row.created_at)
        );
        Ok(())
    }

    /// A change of the facility's hours.
    pub async fn hours_change(
        &mut self,
        facility: FacilityId,
        id: HoursChangeId,
    ) -> Result<Option<HoursChangeRow>> {
        let sql = select_change!("WHERE facility_id = $1 AND id = $2");
        Ok(on!(self, |db| sqlx::query_as(sql).bind(facility).bind(id).fetch_optional(db).await?))
    }

    /// The latest changes of the facility's hours.
    pub async fn hours_changes(
        &mut self,
        facility: FacilityId,
        most: i64,
    ) -> Result<Vec<HoursChangeRow>> {
        let sql =
            select_change!("WHERE facility_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2");
        Ok(on!(self, |db| sqlx::query_as(sql).bind(facility).bind(most).fetch_all(db).await?))
    }

    /// Keeps what became of a change, if it is still as of `version`.
    pub async fn update_hours_change(&mut self, row: &HoursChangeRow, version: i64) -> Result<()> {
        let sql = "UPDATE hours_change SET state = $3, inverse = $4, seen = $5, version = $6,
                applied_at = $7, send_after = $8, undone_at = $9
            WHERE id = $1 AND version = $2";
        let changed = run!(
            self,
            sqlx::query(sql)
                .bind(row.id)
                .bind(version)
                .bind(&row.state)
                .bind(&row.inverse)
                .bind(&row.seen)
                .bind(row.version)
                .bind(row.applied_at)
                .bind(row.send_after)
                .bind(row.undone_at)
        );
        if changed == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// Forgets the facility's plans that were made before `then` and never applied.
    pub async fn forget_plans(&mut self, facility: FacilityId, then: Instant) -> Result<()> {
        let sql = "DELETE FROM hours_change_booking WHERE change_id IN (
            SELECT id FROM hours_change
            WHERE facility_id = $1 AND state = 'draft' AND created_at < $2)";
        run!(&mut *self, sqlx::query(sql).bind(facility).bind(then));
        let sql = "DELETE FROM hours_change
            WHERE facility_id = $1 AND state = 'draft' AND created_at < $2";
        run!(self, sqlx::query(sql).bind(facility).bind(then));
        Ok(())
    }

    /// Notes a visit that a change strands, and what is offered instead. `send_after` is nothing
    /// while the change is only planned.
    pub async fn put_stranded(
        &mut self,
        change: HoursChangeId,
        facility: FacilityId,
        visit: &VisitAhead,
        offers: &str,
        send_after: Option<Instant>,
    ) -> Result<()> {
        let sql = "INSERT INTO hours_change_booking (change_id, booking_id, facility_id, was_start,
                was_clinician_id, offers, send_after)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (change_id, booking_id) DO UPDATE SET
                was_start = excluded.was_start, was_clinician_id = excluded.was_clinician_id,
                offers = excluded.offers, send_after = excluded.send_after";
        run!(
            self,
            sqlx::query(sql)
                .bind(change)
                .bind(visit.id)
                .bind(facility)
                .bind(visit.starts_at)
                .bind(visit.clinician_id)
                .bind(offers)
                .bind(send_after)
        );
        Ok(())
    }

    /// The visits that a change strands, in the order of the times that they lose.
    pub async fn stranded_by(&mut self, change: HoursChangeId) -> Result<Vec<StrandedRow>> {
        let sql = select_stranded!("WHERE s.change_id = $1 ORDER BY s.was_start, s.booking_id");
        Ok(on!(self, |db| sqlx::query_as(sql).bind(change).fetch_all(db).await?))
    }

    /// How a booking is stranded by an applied change, where nobody has answered yet; by the
    /// latest of several.
    pub async fn stranded(&mut self, booking: BookingId) -> Result<Option<StrandedRow>> {
        let sql = select_stranded!(
            "WHERE s.booking_id = $1 AND s.answer IS NULL AND s.send_after IS NOT NULL
             ORDER BY s.send_after DESC, s.change_id DESC LIMIT 1"
        );
        Ok(on!(self, |db| sqlx::query_as(sql).bind(booking).fetch_optional(db).await?))
    }

    /// Notes what became of a stranded booking; whether it was one.
    pub async fn answer_stranded(
        &mut self,
        booking: BookingId,
        answer: &str,
        now: Instant,
    ) -> Result<bool> {
        let sql = "UPDATE hours_change_booking SET answer = $2, answered_at = $3
            WHERE booking_id = $1 AND answer IS NULL AND send_after IS NOT NULL";
        Ok(run!(self, sqlx::query(sql).bind(booking).bind(answer).bind(now)) > 0)
    }

    /// Takes back what a change has marked, since it was undone.
    pub async fn unmark_stranded(&mut self, change: HoursChangeId, now: Instant) -> Result<()> {
        let sql = "UPDATE hours_change_booking SET answer = 'undone', answered_at = $2
            WHERE change_id = $1 AND answer IS NULL";
        run!(self, sqlx::query(sql).bind(change).bind(now));
        Ok(())
    }
}
