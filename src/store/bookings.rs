//! Bookings. That no two overlap is the database's promise: PostgreSQL's exclusion constraints,
//! SQLite's triggers of the same names.

use sqlx::FromRow;

use super::{Error, Result, Tx, on, run};
use crate::model::booking::Booking;
use crate::model::facility::{IcePolicy, ServiceKind};
use crate::model::{BookingId, ClinicianId, FacilityId, OverbookingId, PatientId, RoomId};
use crate::seal::Sealed;
use crate::seal::token::TokenHash;
use crate::time::Instant;
use crate::time::span::Span;

/// What confirming a hold adds to it.
#[derive(Debug)]
pub struct Confirmation {
    /// Hash of the link's secret.
    pub link: TokenHash,
    /// `self` or `family`.
    pub for_whom: &'static str,
    /// `ja` or `en`.
    pub language: &'static str,
    /// Sealed answers.
    pub questionnaire: Sealed,
    /// When the patient agreed.
    pub consented_at: Instant,
}

/// A booking with the names that its readers need.
#[derive(Debug)]
pub struct BookingView {
    /// The booking.
    pub booking: Booking,
    /// Names and rules around it.
    pub details: BookingDetails,
}

/// Names and rules around a booking.
#[derive(Debug, FromRow)]
#[expect(missing_docs, reason = "columns, named as in the schema")]
pub struct BookingDetails {
    pub facility_name: String,
    pub facility_telephone: String,
    pub facility_address: String,
    pub zone: String,
    pub ice_policy: IcePolicy,
    pub clinician_name: String,
    pub license_year: i64,
    pub kind: ServiceKind,
    pub name_ja: String,
    pub name_en: String,
    pub fee_note_ja: String,
    pub fee_note_en: String,
    pub insured: bool,
    pub length_min: i64,
    pub change_cutoff_min: i64,
    pub cancel_cutoff_min: i64,
    pub needs_approval: bool,
    pub room_name: Option<String>,
    pub site_name: Option<String>,
    pub site_address: Option<String>,
    pub for_whom: Option<String>,
    pub language: Option<String>,
    pub questionnaire: Option<Sealed>,
    pub wrapped_key: Option<Sealed>,

    pub patient_birth_date: Option<Sealed>,

    pub waiting_since: Option<Instant>,
    pub admitted_at: Option<Instant>,
    pub ended_at: Option<Instant>,
    pub device_check: Option<String>,
    pub line_check: Option<String>,
    pub outcome: Option<String>,
}

#[derive(FromRow)]
struct ViewRow {
    #[sqlx(flatten)]
    booking: Booking,
    #[sqlx(flatten)]
    details: BookingDetails,
}

impl From<ViewRow> for BookingView {
    fn from(row: ViewRow) -> Self {
        Self { booking: row.booking, details: row.details }
    }
}

macro_rules! columns {
    () => {
        "b.id, b.number, b.facility_id, b.clinician_id, b.service_id, b.patient_id, b.status,
         b.starts_at, b.ends_at, b.busy_from, b.busy_until, b.hold_expires_at, b.hold_extended,
         b.version, b.created_at, b.lead_id, b.session_key, b.seat, b.lane, b.room_id,
         b.local_date, b.day_seat, b.sequence, b.series_id, b.origin, b.answer_by, b.changed_at"
    };
}

macro_rules! select_view {
    ($rest:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            ", f.name AS facility_name, f.telephone AS facility_telephone,
               f.address AS facility_address, f.zone, f.ice_policy, c.name AS clinician_name,
               c.license_year, s.kind, s.name_ja, s.name_en, s.fee_note_ja, s.fee_note_en,
               s.insured, s.length_min, s.change_cutoff_min, s.cancel_cutoff_min, s.needs_approval,
               r.name AS room_name, rs.name AS site_name, rs.address AS site_address,
               b.for_whom, b.language, b.questionnaire, p.wrapped_key, p.birth_date AS patient_birth_date,
               v.waiting_since, v.admitted_at, v.ended_at,
               v.device_check, v.line_check, v.outcome
             FROM booking AS b
                JOIN facility AS f ON f.id = b.facility_id
                JOIN clinician AS c ON c.id = b.clinician_id
                JOIN service AS s ON s.id = b.service_id
                LEFT JOIN patient AS p ON p.id = b.patient_id
                LEFT JOIN visit AS v ON v.booking_id = b.id
                LEFT JOIN room AS r ON r.id = b.room_id
                LEFT JOIN reception_site AS rs ON rs.id = r.site_id ",
            $rest
        )
    };
}

impl Tx {
    /// Adds a booking and the rows that keep its companions' time, or says that one is taken.
    pub async fn add_place(&mut self, b: &Booking, companions: &[ClinicianId]) -> Result<()> {
        self.add_booking(b).await?;
        for companion in companions {
            self.add_booking(&b.companion(*companion)).await?;
        }
        Ok(())
    }

    /// Adds a booking, or says that its time is taken. The insert waits for nobody's mistake: a
    /// plain one deadlocks where many want overlapping times at once.
    pub async fn add_booking(&mut self, b: &Booking) -> Result<()> {
        let sql = "INSERT INTO booking (id, facility_id, clinician_id, service_id, patient_id,
                number, status, starts_at, ends_at, busy_from, busy_until, hold_expires_at,
                hold_extended, version, created_at, lead_id, session_key, seat, lane, room_id,
                local_date, day_seat, sequence, series_id, origin, answer_by, changed_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
                $19, $20, $21, $22, $23, $24, $25, $26, $27)
            ON CONFLICT DO NOTHING RETURNING id";
        let added: Option<BookingId> = on!(self, |db| {
            sqlx::query_scalar(sql)
                .bind(b.id)
                .bind(b.facility)
                .bind(b.clinician)
                .bind(b.service)
                .bind(b.patient)
                .bind(&b.number)
                .bind(b.status)
                .bind(b.starts_at)
                .bind(b.ends_at)
                .bind(b.busy_from)
                .bind(b.busy_until)
                .bind(b.hold_expires_at)
                .bind(b.hold_extended)
                .bind(b.version)
                .bind(b.created_at)
                .bind(b.lead)
                .bind(b.session_key)
                .bind(b.seat)
                .bind(b.lane)
                .bind(b.room)
                .bind(b.local_date)
                .bind(b.day_seat)
                .bind(b.sequence)
                .bind(b.series)
                .bind(b.origin)
                .bind(b.answer_by)
                .bind(b.changed_at)
                .fetch_optional(db)
                .await?
        });
        added.map(|_| ()).ok_or(Error::ClinicianOverlap)
    }

    /// Lets go the holds of a clinician, or in a room, in `span` that ran out by `now`. Those of
    /// their companions follow.
    pub async fn expire_holds_in(
        &mut self,
        clinician: ClinicianId,
        room: Option<RoomId>,
        span: Span,
        now: Instant,
    ) -> Result<()> {
        let sql = "UPDATE booking SET status = 'expired', hold_expires_at = NULL,
                version = version + 1, changed_at = $4
            WHERE id IN (SELECT coalesce(lead_id, id) FROM booking
                WHERE occupies AND (clinician_id = $1 OR room_id = $5)
                  AND busy_until > $2 AND busy_from < $3
                  AND status = 'held' AND hold_expires_at <= $4)";
        run!(
            self,
            sqlx::query(sql).bind(clinician).bind(span.start).bind(span.end).bind(now).bind(room)
        );
        Ok(())
    }

    /// Lets go every hold that ran out by `now`; how many.
    pub async fn expire_holds(&mut self, now: Instant) -> Result<u64> {
        let sql = "UPDATE booking SET status = 'expired', hold_expires_at = NULL,
                version = version + 1, changed_at = $1
            WHERE status = 'held' AND hold_expires_at <= $1 AND lead_id IS NULL";
        Ok(run!(self, sqlx::query(sql).bind(now)))
    }

    /// The booking with this id.
    pub async fn booking(&mut self, id: BookingId) -> Result<Option<Booking>> {
        let sql = concat!("SELECT ", columns!(), " FROM booking AS b WHERE b.id = $1");
        Ok(on!(self, |db| sqlx::query_as(sql).bind(id).fetch_optional(db).await?))
    }

    /// Keeps what changed of a booking, if it is still as of `version`.
    pub async fn update_booking(&mut self, b: &Booking, version: i64) -> Result<()> {
        let sql = "UPDATE booking SET clinician_id = $3, patient_id = $4, number = $5, status = $6,
                starts_at = $7, ends_at = $8, busy_from = $9, busy_until = $10,
                hold_expires_at = $11, hold_extended = $12, version = $13, session_key = $14,
                seat = $15, lane = $16, room_id = $17, local_date = $18, day_seat = $19,
                sequence = $20, answer_by = $21, changed_at = $22
            WHERE id = $1 AND version = $2";
        let changed = run!(
            self,
            sqlx::query(sql)
                .bind(b.id)
                .bind(version)
                .bind(b.clinician)
                .bind(b.patient)
                .bind(&b.number)
                .bind(b.status)
                .bind(b.starts_at)
                .bind(b.ends_at)
                .bind(b.busy_from)
                .bind(b.busy_until)
                .bind(b.hold_expires_at)
                .bind(b.hold_extended)
                .bind(b.version)
                .bind(b.session_key)
                .bind(b.seat)
                .bind(b.lane)
                .bind(b.room)
                .bind(b.local_date)
                .bind(b.day_seat)
                .bind(b.sequence)
                .bind(b.answer_by)
                .bind(b.changed_at)
        );
        if changed == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// Makes a held row a booking, if it is still as of `version`.
    pub async fn confirm_booking(
        &mut self,
        b: &Booking,
        version: i64,
        c: &Confirmation,
    ) -> Result<()> {
        let sql = "UPDATE booking SET patient_id = $3, number = $4, status = $5,
                hold_expires_at = NULL, version = $6, link_hash = $7, for_whom = $8, language = $9,
                questionnaire = $10, consented_at = $11, answer_by = $12, changed_at = $11
            WHERE id = $1 AND version = $2";
        let changed = run!(
            self,
            sqlx::query(sql)
                .bind(b.id)
                .bind(version)
                .bind(b.patient)
                .bind(&b.number)
                .bind(b.status)
                .bind(b.version)
                .bind(&c.link)
                .bind(c.for_whom)
                .bind(c.language)
                .bind(&c.questionnaire)
                .bind(c.consented_at)
                .bind(b.answer_by)
        );
        if changed == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// Notes why a booking was cancelled.
    pub async fn note_cancel_reason(&mut self, id: BookingId, reason: &str) -> Result<()> {
        let sql = "UPDATE booking SET cancel_reason = $2 WHERE id = $1";
        run!(self, sqlx::query(sql).bind(id).bind(reason));
        Ok(())
    }

    /// A booking with the names that its readers need.
    pub async fn booking_view(&mut self, id: BookingId) -> Result<Option<BookingView>> {
        let sql = select_view!("WHERE b.id = $1");
        let row: Option<ViewRow> =
            on!(self, |db| sqlx::query_as(sql).bind(id).fetch_optional(db).await?);
        Ok(row.map(BookingView::from))
    }

    /// The visits of a facility that start in `span`: all that were ever booked, no mere holds.
    pub async fn visits_between(
        &mut self,
        facility: FacilityId,
        span: Span,
    ) -> Result<Vec<BookingView>> {
        let sql = select_view!(
            "WHERE b.facility_id = $1 AND b.starts_at >= $2 AND b.starts_at < $3
               AND b.patient_id IS NOT NULL ORDER BY b.starts_at, b.id"
        );
        let rows: Vec<ViewRow> = on!(self, |db| {
            sqlx::query_as(sql).bind(facility).bind(span.start).bind(span.end).fetch_all(db).await?
        });
        Ok(rows.into_iter().map(BookingView::from).collect())
    }

    /// The requests of a facility that wait for an answer, the most urgent first.
    pub async fn requests(&mut self, facility: FacilityId) -> Result<Vec<BookingView>> {
        let sql = select_view!(
            "WHERE b.facility_id = $1 AND b.status = 'requested' AND b.lead_id IS NULL
             ORDER BY b.answer_by, b.id"
        );
        let rows: Vec<ViewRow> =
            on!(self, |db| sqlx::query_as(sql).bind(facility).fetch_all(db).await?);
        Ok(rows.into_iter().map(BookingView::from).collect())
    }

    /// Requests that nobody answered by `now`.
    pub async fn unanswered_requests(&mut self, now: Instant, most: i64) -> Result<Vec<BookingId>> {
        let sql = "SELECT id FROM booking
            WHERE status = 'requested' AND lead_id IS NULL AND coalesce(answer_by, starts_at) <= $1
            ORDER BY answer_by LIMIT $2";
        Ok(on!(self, |db| sqlx::query_scalar(sql).bind(now).bind(most).fetch_all(db).await?))
    }

    /// The lane of a facility's named overbooking capacity.
    pub async fn overbooking_lane(
        &mut self,
        facility: FacilityId,
        id: OverbookingId,
    ) -> Result<Option<i64>> {
        let sql = "SELECT lane FROM overbooking
                   WHERE id = $1 AND facility_id = $2 AND closed_at IS NULL";
        Ok(on!(self, |db| sqlx::query_scalar(sql)
            .bind(id)
            .bind(facility)
            .fetch_optional(db)
            .await?))
    }

    /// The booking behind a link's secret.
    pub async fn booking_by_link(&mut self, link: &TokenHash) -> Result<Option<BookingId>> {
        let sql = "SELECT id FROM booking WHERE link_hash = $1
                   UNION ALL SELECT booking_id FROM booking_link WHERE hash = $1";
        Ok(on!(self, |db| sqlx::query_scalar(sql).bind(link).fetch_optional(db).await?))
    }

    /// How many holds of these bookings live at `now`.
    pub async fn live_holds(&mut self, session: &TokenHash, now: Instant) -> Result<i64> {
        let sql = "SELECT count(*) FROM session_booking JOIN booking ON booking.id = booking_id
                   WHERE session_hash = $1 AND status = 'held' AND hold_expires_at > $2";
        Ok(on!(self, |db| sqlx::query_scalar(sql).bind(session).bind(now).fetch_one(db).await?))
    }

    /// How many bookings of the patient lie ahead of `now`.
    pub async fn open_bookings(&mut self, patient: PatientId, now: Instant) -> Result<i64> {
        let sql = "SELECT count(*) FROM booking
                   WHERE patient_id = $1 AND occupies AND ends_at > $2 AND lead_id IS NULL";
        Ok(on!(self, |db| sqlx::query_scalar(sql).bind(patient).bind(now).fetch_one(db).await?))
    }
}
