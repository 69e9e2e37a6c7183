//! What happens around a booking's video visit: who may be in it, what was checked, how it ended.

use sqlx::FromRow;

use super::{Result, Tx, on, run};
use crate::model::visit::Role;
use crate::model::{AccountId, BookingId, FacilityId, ParticipantId};
use crate::seal::token::TokenHash;
use crate::time::Instant;

/// The visit of a booking, as stored.
#[derive(Debug, Clone, FromRow)]
pub struct VisitRow {
    /// Rises when its peers must connect anew.
    pub epoch: i64,
    /// Since when the patient waits.
    pub waiting_since: Option<Instant>,
    /// When the patient was admitted.
    pub admitted_at: Option<Instant>,
    /// When it ended.
    pub ended_at: Option<Instant>,
    /// Seconds for which the patient saw a picture.
    pub patient_video_seconds: i64,
    /// Seconds for which the clinician saw a picture.
    pub clinician_video_seconds: i64,
}

/// Whom a ticket lets in.
#[derive(Debug, FromRow)]
pub struct Ticketed {
    /// The person's part.
    pub participant_id: ParticipantId,
    /// The visit.
    pub booking_id: BookingId,
    /// The facility.
    pub facility_id: FacilityId,
    /// What they are.
    pub role: Role,
    /// When they were admitted.
    pub admitted_at: Option<Instant>,
}

impl Tx {
    /// Makes the visit of a booking, if there is none yet.
    pub async fn keep_visit(&mut self, id: BookingId, facility: FacilityId) -> Result<()> {
        let sql = "INSERT INTO visit (booking_id, facility_id, epoch, patient_video_seconds,
                clinician_video_seconds)
            VALUES ($1, $2, 0, 0, 0) ON CONFLICT DO NOTHING";
        run!(self, sqlx::query(sql).bind(id).bind(facility));
        Ok(())
    }

    /// The visit of a booking.
    pub async fn visit(&mut self, id: BookingId) -> Result<Option<VisitRow>> {
        let sql = "SELECT epoch, waiting_since, admitted_at, ended_at, patient_video_seconds,
                clinician_video_seconds
            FROM visit WHERE booking_id = $1";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(id).fetch_optional(db).await?))
    }

    /// Adds the person to the visit unless they are in it; either way, their part's id.
    pub async fn keep_participant(
        &mut self,
        booking: BookingId,
        facility: FacilityId,
        role: Role,
        account: Option<AccountId>,
    ) -> Result<ParticipantId> {
        let sql = "INSERT INTO visit_participant (id, booking_id, facility_id, role, account_id)
                   VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
        run!(
            &mut *self,
            sqlx::query(sql)
                .bind(ParticipantId::new())
                .bind(booking)
                .bind(facility)
                .bind(role)
                .bind(account)
        );
        // Who looked in as staff treats the patient once the visit is moved to them.
        let sql = "UPDATE visit_participant SET role = $3
                   WHERE booking_id = $1 AND account_id = $2 AND role <> $3
                     AND role IN ('clinician', 'staff')";
        run!(&mut *self, sqlx::query(sql).bind(booking).bind(account).bind(role));
        let sql = "SELECT id FROM visit_participant
                   WHERE booking_id = $1 AND (account_id = $2 OR ($2 IS NULL AND role = 'patient'))";
        Ok(on!(self, |db| sqlx::query_scalar(sql)
            .bind(booking)
            .bind(account)
            .fetch_one(db)
            .await?))
    }

    /// Forgets who waited and what opens the door: the visit is at another time now.
    pub async fn start_over(&mut self, booking: BookingId) -> Result<()> {
        let sql = "UPDATE visit SET waiting_since = NULL, admitted_at = NULL, ended_at = NULL
                   WHERE booking_id = $1";
        run!(&mut *self, sqlx::query(sql).bind(booking));
        let sql = "UPDATE visit_participant SET admitted_at = NULL, waiting_since = NULL,
                denied_at = NULL, held_at = NULL, left_at = NULL, consent_id = NULL,
                consent_answer = NULL, stay = stay + 1
            WHERE booking_id = $1";
        run!(&mut *self, sqlx::query(sql).bind(booking));
        let sql = "DELETE FROM signal_ticket WHERE participant_id IN
                   (SELECT id FROM visit_participant WHERE booking_id = $1)";
        run!(self, sqlx::query(sql).bind(booking));
        Ok(())
    }

    /// Keeps a ticket that opens the signaling socket once, and forgets those that ran out.
    pub async fn add_ticket(
        &mut self,
        hash: &TokenHash,
        participant: ParticipantId,
        expires_at: Instant,
        now: Instant,
    ) -> Result<()> {
        let sql = "DELETE FROM signal_ticket WHERE expires_at <= $1";
        run!(&mut *self, sqlx::query(sql).bind(now));
        let sql =
            "INSERT INTO signal_ticket (hash, participant_id, expires_at) VALUES ($1, $2, $3)";
        run!(self, sqlx::query(sql).bind(hash).bind(participant).bind(expires_at));
        Ok(())
    }

    /// Uses a ticket up; whom it lets in, if it was good at `now` and for this visit.
    pub async fn use_ticket(
        &mut self,
        hash: &TokenHash,
        booking: BookingId,
        now: Instant,
    ) -> Result<Option<Ticketed>> {
        let sql = "DELETE FROM signal_ticket WHERE hash = $1 AND expires_at > $2
                   RETURNING participant_id";
        let participant: Option<ParticipantId> = on!(&mut *self, |db| {
            sqlx::query_scalar(sql).bind(hash).bind(now).fetch_optional(db).await?
        });
        let sql = "SELECT id AS participant_id, booking_id, facility_id, role, admitted_at
                   FROM visit_participant
                   WHERE id = $1 AND booking_id = $2 AND removed_at IS NULL";
        Ok(on!(self, |db| {
            sqlx::query_as(sql).bind(participant).bind(booking).fetch_optional(db).await?
        }))
    }

    /// Notes that the person was admitted.
    pub async fn admit(
        &mut self,
        booking: BookingId,
        who: ParticipantId,
        now: Instant,
    ) -> Result<bool> {
        let sql = "UPDATE visit_participant SET admitted_at = COALESCE(admitted_at, $3)
                   WHERE booking_id = $1 AND id = $2 AND removed_at IS NULL";
        let known = run!(&mut *self, sqlx::query(sql).bind(booking).bind(who).bind(now));
        if known == 0 {
            return Ok(false);
        }
        let sql = "UPDATE visit SET admitted_at = COALESCE(admitted_at, $2) WHERE booking_id = $1";
        run!(self, sqlx::query(sql).bind(booking).bind(now));
        Ok(true)
    }

    /// Notes that the patient waits.
    pub async fn note_waiting(&mut self, booking: BookingId, now: Instant) -> Result<()> {
        let sql = "UPDATE visit SET waiting_since = COALESCE(waiting_since, $2)
                   WHERE booking_id = $1";
        run!(self, sqlx::query(sql).bind(booking).bind(now));
        Ok(())
    }

    /// Notes what the patient's device can do; codes and numbers only, as JSON.
    pub async fn note_device_check(&mut self, booking: BookingId, result: &str) -> Result<()> {
        let sql = "UPDATE visit SET device_check = $2 WHERE booking_id = $1";
        run!(self, sqlx::query(sql).bind(booking).bind(result));
        Ok(())
    }

    /// Notes for how many seconds each side saw a picture so far; never fewer than before.
    pub async fn note_video(
        &mut self,
        booking: BookingId,
        patient: i64,
        clinician: i64,
    ) -> Result<()> {
        let sql = "UPDATE visit SET
                patient_video_seconds = CASE WHEN $2 > patient_video_seconds
                    THEN $2 ELSE patient_video_seconds END,
                clinician_video_seconds = CASE WHEN $3 > clinician_video_seconds
                    THEN $3 ELSE clinician_video_seconds END
            WHERE booking_id = $1";
        run!(self, sqlx::query(sql).bind(booking).bind(patient).bind(clinician));
        Ok(())
    }

    /// Notes that connections start anew; the epoch only rises.
    pub async fn note_epoch(&mut self, booking: BookingId, epoch: i64) -> Result<()> {
        let sql = "UPDATE visit SET epoch = $2 WHERE booking_id = $1 AND epoch < $2";
        run!(self, sqlx::query(sql).bind(booking).bind(epoch));
        Ok(())
    }

    /// Notes that the call ended; it may be taken up again until the visit is closed.
    pub async fn note_ended(&mut self, booking: BookingId, now: Instant) -> Result<()> {
        let sql = "UPDATE visit SET ended_at = $2 WHERE booking_id = $1";
        run!(self, sqlx::query(sql).bind(booking).bind(now));
        Ok(())
    }
}
