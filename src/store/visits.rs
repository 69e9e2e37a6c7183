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
    /// How often it was moved.
    pub moves: i64,
}

/// How a visit stands for whoever has people in it.
#[derive(Debug, FromRow)]
pub struct VisitStanding {
    /// The visit.
    pub id: BookingId,
    /// It is closed or called off.
    pub is_over: bool,
    /// How often it was moved.
    pub moves: i64,
}

/// Whom a ticket or a token lets in.
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
    /// Their account, if they have one.
    pub account_id: Option<AccountId>,
    /// When they were sent out for good.
    pub removed_at: Option<Instant>,
    /// Which entry of theirs counts: rises with each ticket that is used, and when the visit is moved.
    pub session_no: i64,
    /// The session from which they came; none until they come, and again once the visit was moved.
    pub session_hash: Option<TokenHash>,
}

/// Somebody who was in a visit when it was last heard of.
#[derive(Debug, FromRow)]
pub struct PresentRow {
    /// The person's part.
    pub id: ParticipantId,
    /// What they are.
    pub role: Role,
    /// The page they were there with.
    pub media_page: String,
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
                clinician_video_seconds, moves
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

    /// Forgets who waited and all that opens the door: the visit is at another time now, perhaps with
    /// another doctor. Whoever comes takes a new ticket, which says anew what they are in it.
    pub async fn start_over(&mut self, booking: BookingId) -> Result<()> {
        let sql = "UPDATE visit SET waiting_since = NULL, admitted_at = NULL, ended_at = NULL,
                   moves = moves + 1 WHERE booking_id = $1";
        run!(&mut *self, sqlx::query(sql).bind(booking));
        let sql = "UPDATE visit_participant SET admitted_at = NULL, waiting_since = NULL,
                denied_at = NULL, held_at = NULL, left_at = NULL, media_page = NULL,
                consent_id = NULL, consent_answer = NULL, stay = stay + 1,
                session_no = session_no + 1, session_hash = NULL,
                removed_at = CASE role WHEN 'patient' THEN NULL ELSE removed_at END
            WHERE booking_id = $1";
        run!(&mut *self, sqlx::query(sql).bind(booking));
        let sql = "DELETE FROM signal_ticket WHERE participant_id IN
                   (SELECT id FROM visit_participant WHERE booking_id = $1)";
        run!(self, sqlx::query(sql).bind(booking));
        Ok(())
    }

    /// Keeps a ticket that opens the signaling socket once, and forgets those that ran out. It dies
    /// with the session that asked for it.
    pub async fn add_ticket(
        &mut self,
        hash: &TokenHash,
        participant: ParticipantId,
        session: Option<&TokenHash>,
        expires_at: Instant,
        now: Instant,
    ) -> Result<()> {
        let sql = "DELETE FROM signal_ticket WHERE expires_at <= $1";
        run!(&mut *self, sqlx::query(sql).bind(now));
        let sql = "INSERT INTO signal_ticket (hash, participant_id, session_hash, expires_at)
                   VALUES ($1, $2, $3, $4)";
        run!(self, sqlx::query(sql).bind(hash).bind(participant).bind(session).bind(expires_at));
        Ok(())
    }

    /// Uses a ticket up; whom it lets in, if it was good at `now` and for this visit. Whatever the
    /// person came with before is void from here on.
    pub async fn use_ticket(
        &mut self,
        hash: &TokenHash,
        booking: BookingId,
        now: Instant,
    ) -> Result<Option<Ticketed>> {
        let sql = "DELETE FROM signal_ticket WHERE hash = $1 AND expires_at > $2
                   RETURNING participant_id, session_hash";
        let used: Option<(ParticipantId, Option<TokenHash>)> = on!(&mut *self, |db| {
            sqlx::query_as(sql).bind(hash).bind(now).fetch_optional(db).await?
        });
        let Some((participant, session)) = used else { return Ok(None) };
        let sql = "UPDATE visit_participant SET session_no = session_no + 1, session_hash = $3
                   WHERE id = $1 AND booking_id = $2 AND removed_at IS NULL";
        run!(&mut *self, sqlx::query(sql).bind(participant).bind(booking).bind(session));
        let who = self.participant(booking, participant).await?;
        Ok(who.filter(|who| who.removed_at.is_none()))
    }

    /// Somebody's part in a visit.
    pub async fn participant(
        &mut self,
        booking: BookingId,
        who: ParticipantId,
    ) -> Result<Option<Ticketed>> {
        let sql = "SELECT id AS participant_id, booking_id, facility_id, role, admitted_at,
                       account_id, removed_at, session_no, session_hash
                   FROM visit_participant WHERE id = $1 AND booking_id = $2";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(who).bind(booking).fetch_optional(db).await?))
    }

    /// Whether the session from which the person came is there and its account may be used.
    pub async fn still_signed_in(&mut self, who: ParticipantId) -> Result<bool> {
        let sql = "SELECT count(*) FROM visit_participant
                   JOIN session ON session.hash = visit_participant.session_hash
                   LEFT JOIN account ON account.id = session.account_id
                   WHERE visit_participant.id = $1 AND account.disabled_at IS NULL";
        let found: i64 = on!(self, |db| sqlx::query_scalar(sql).bind(who).fetch_one(db).await?);
        Ok(found > 0)
    }

    /// How these visits stand.
    pub async fn visit_standings(&mut self, visits: &[BookingId]) -> Result<Vec<VisitStanding>> {
        macro_rules! standings {
            ($these:literal) => {
                concat!(
                    "SELECT b.id, (b.status NOT IN
                        ('held', 'requested', 'booked', 'checked_in', 'in_progress')) AS is_over,
                        v.moves
                     FROM booking AS b JOIN visit AS v ON v.booking_id = b.id WHERE b.id ",
                    $these
                )
            };
        }
        Ok(match self {
            // Lists of values are what the two engines do not share.
            Tx::Sqlite(tx) => {
                let ids: Vec<_> = visits.iter().map(|id| id.0.simple().to_string()).collect();
                let sql = standings!("IN (SELECT unhex(value) FROM json_each($1))");
                let query = sqlx::query_as(sql).bind(serde_json::json!(ids).to_string());
                query.fetch_all(&mut **tx).await?
            }
            Tx::Postgres(tx) => {
                let ids: Vec<_> = visits.iter().map(|id| id.0).collect();
                let query = sqlx::query_as(standings!("= ANY($1)")).bind(ids);
                query.fetch_all(&mut **tx).await?
            }
        })
    }

    /// Who is in a visit though they were sent out of it, and since when; or, with no such time, though
    /// their session is over or their account may not be used any more.
    pub async fn unwelcome(&mut self) -> Result<Vec<(BookingId, ParticipantId, Option<Instant>)>> {
        let sql = "SELECT booking_id, id, removed_at FROM visit_participant
                   WHERE media_page IS NOT NULL AND left_at IS NULL
                       AND (removed_at IS NOT NULL OR (session_hash IS NOT NULL
                           AND NOT EXISTS (SELECT 1 FROM session
                               LEFT JOIN account ON account.id = session.account_id
                               WHERE session.hash = visit_participant.session_hash
                                   AND account.disabled_at IS NULL)))";
        Ok(on!(self, |db| sqlx::query_as(sql).fetch_all(db).await?))
    }

    /// Notes that the person was admitted.
    pub async fn admit(
        &mut self,
        booking: BookingId,
        who: ParticipantId,
        now: Instant,
    ) -> Result<bool> {
        let sql = "UPDATE visit_participant SET admitted_at = COALESCE(admitted_at, $3),
                denied_at = NULL, held_at = NULL, left_at = NULL
            WHERE booking_id = $1 AND id = $2 AND removed_at IS NULL";
        let known = run!(&mut *self, sqlx::query(sql).bind(booking).bind(who).bind(now));
        if known == 0 {
            return Ok(false);
        }
        let sql = "UPDATE visit SET admitted_at = COALESCE(admitted_at, $2) WHERE booking_id = $1";
        run!(self, sqlx::query(sql).bind(booking).bind(now));
        Ok(true)
    }

    /// Who was in the visit when it was last heard of: with a page, and not gone since.
    pub async fn present(&mut self, booking: BookingId) -> Result<Vec<PresentRow>> {
        let sql = "SELECT id, role, media_page FROM visit_participant
                   WHERE booking_id = $1 AND media_page IS NOT NULL AND left_at IS NULL
                       AND removed_at IS NULL
                       AND (admitted_at IS NOT NULL OR role IN ('clinician', 'staff'))
                   ORDER BY id";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(booking).fetch_all(db).await?))
    }

    /// Notes with which page the person is there.
    pub async fn note_page(&mut self, who: ParticipantId, page: Option<&str>) -> Result<()> {
        let sql = "UPDATE visit_participant SET media_page = $2, left_at = NULL WHERE id = $1";
        run!(self, sqlx::query(sql).bind(who).bind(page));
        Ok(())
    }

    /// Notes that the person is gone; nothing if they were gone before.
    pub async fn note_left(&mut self, who: ParticipantId, now: Instant) -> Result<()> {
        let sql = "UPDATE visit_participant SET left_at = $2 WHERE id = $1 AND left_at IS NULL";
        run!(self, sqlx::query(sql).bind(who).bind(now));
        Ok(())
    }

    /// Notes that the patient waits.
    pub async fn note_waiting(&mut self, booking: BookingId, now: Instant) -> Result<()> {
        let sql = "UPDATE visit SET waiting_since = COALESCE(waiting_since, $2)
                   WHERE booking_id = $1";
        run!(&mut *self, sqlx::query(sql).bind(booking).bind(now));
        let sql = "UPDATE visit_participant SET denied_at = NULL, left_at = NULL
                   WHERE booking_id = $1 AND role = 'patient'";
        run!(self, sqlx::query(sql).bind(booking));
        Ok(())
    }

    /// The patient waits no longer, if this is the patient: they were not let in.
    pub async fn forget_waiting(&mut self, booking: BookingId, who: ParticipantId) -> Result<()> {
        let sql = "UPDATE visit SET waiting_since = NULL
                   WHERE booking_id = $1 AND EXISTS (SELECT 1 FROM visit_participant AS p
                     WHERE p.id = $2 AND p.booking_id = $1 AND p.role = 'patient')";
        run!(self, sqlx::query(sql).bind(booking).bind(who));
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

    /// Notes that everybody is gone, and ends what the patient agreed to of third persons: that was
    /// this stay.
    pub async fn all_left(&mut self, booking: BookingId, now: Instant) -> Result<()> {
        let sql = "UPDATE visit_participant SET left_at = $2
                   WHERE booking_id = $1 AND left_at IS NULL";
        run!(&mut *self, sqlx::query(sql).bind(booking).bind(now));
        self.end_stays(booking, now).await
    }
}
