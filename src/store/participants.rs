//! Third persons in a visit: whom the clinic invited, by which browser they came, and the patient's
//! consent to each of their stays.

use sqlx::FromRow;

use super::{Result, Tx, on, run};
use crate::model::visit::{Answer, AnswerMethod, Role};
use crate::model::{AccountId, BookingId, FacilityId, ParticipantId, new_id};
use crate::seal::Sealed;
use crate::seal::token::TokenHash;
use crate::time::Instant;

/// A third person's part in a visit, as stored.
#[derive(Clone, Debug, FromRow)]
pub struct GuestRow {
    /// Their part's id.
    pub id: ParticipantId,
    /// The visit.
    pub booking_id: BookingId,
    /// The facility.
    pub facility_id: FacilityId,
    /// What they are.
    pub role: Role,
    /// Their name, sealed; nobody's whose patient was forgotten.
    pub name: Option<Sealed>,
    /// The language in which they read, as `ja`.
    pub language: Option<String>,
    /// Until when their link opens.
    pub invite_expires_at: Option<Instant>,
    /// When their link was opened.
    pub invite_used_at: Option<Instant>,
    /// Since when they wait.
    pub waiting_since: Option<Instant>,
    /// Since when they take part.
    pub admitted_at: Option<Instant>,
    /// When they were not let in.
    pub denied_at: Option<Instant>,
    /// When they were asked for more patience.
    pub held_at: Option<Instant>,
    /// When they went out last.
    pub left_at: Option<Instant>,
    /// When they were sent away for good.
    pub removed_at: Option<Instant>,
    /// Which of their stays comes next, or is going on; a consent is for one.
    pub stay: i64,
    /// What a remote specialist answers for, sealed.
    pub responsibility: Option<Sealed>,
}

impl GuestRow {
    /// Whether they wait to be let in.
    pub fn waits(&self) -> bool {
        self.waiting_since.is_some() && self.admitted_at.is_none() && self.removed_at.is_none()
    }
}

/// What a patient answered about one person.
#[derive(Clone, Debug, FromRow)]
pub struct AnswerRow {
    /// About whom.
    pub participant_id: ParticipantId,
    /// What.
    pub answer: Answer,
    /// How.
    pub method: AnswerMethod,
    /// When.
    pub at: Instant,
}

/// Somebody who is invited.
#[derive(Debug)]
pub struct NewGuest {
    /// Their part's id.
    pub id: ParticipantId,
    /// The visit.
    pub booking: BookingId,
    /// The facility.
    pub facility: FacilityId,
    /// What they are.
    pub role: Role,
    /// Their name, sealed.
    pub name: Sealed,
    /// The language in which they read, as `ja`.
    pub language: &'static str,
    /// Who invites them.
    pub invited_by: AccountId,
    /// Of the secret of their link.
    pub invite: TokenHash,
    /// Until when the link opens.
    pub expires_at: Instant,
    /// What a remote specialist answers for, sealed; they were told of the case.
    pub responsibility: Option<Sealed>,
}

macro_rules! select_guest {
    ($rest:literal) => {
        concat!(
            "SELECT id, booking_id, facility_id, role, name, language, invite_expires_at,
                invite_used_at, waiting_since, admitted_at, denied_at, held_at, left_at,
                removed_at, stay, responsibility
             FROM visit_participant ",
            $rest
        )
    };
}

impl Tx {
    /// Invites somebody.
    pub async fn add_guest(&mut self, guest: &NewGuest) -> Result<()> {
        let sql =
            "INSERT INTO visit_participant (id, booking_id, facility_id, role, name, language,
                invited_by, invite_hash, invite_expires_at, responsibility, briefed)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
        run!(
            self,
            sqlx::query(sql)
                .bind(guest.id)
                .bind(guest.booking)
                .bind(guest.facility)
                .bind(guest.role)
                .bind(&guest.name)
                .bind(guest.language)
                .bind(guest.invited_by)
                .bind(&guest.invite)
                .bind(guest.expires_at)
                .bind(&guest.responsibility)
                .bind(guest.responsibility.is_some())
        );
        Ok(())
    }

    /// A third person of a visit.
    pub async fn guest(
        &mut self,
        booking: BookingId,
        id: ParticipantId,
    ) -> Result<Option<GuestRow>> {
        let sql = select_guest!(
            "WHERE id = $1 AND booking_id = $2 AND role NOT IN ('clinician', 'staff', 'patient')"
        );
        Ok(on!(self, |db| sqlx::query_as(sql).bind(id).bind(booking).fetch_optional(db).await?))
    }

    /// The third persons of a visit, in the order in which they were invited.
    pub async fn guests(&mut self, booking: BookingId) -> Result<Vec<GuestRow>> {
        let sql = select_guest!(
            "WHERE booking_id = $1 AND role NOT IN ('clinician', 'staff', 'patient') ORDER BY id"
        );
        Ok(on!(self, |db| sqlx::query_as(sql).bind(booking).fetch_all(db).await?))
    }

    /// Uses a link up, if it was good at `now` and nobody used it; whose it is.
    pub async fn use_invitation(
        &mut self,
        invite: &TokenHash,
        now: Instant,
    ) -> Result<Option<GuestRow>> {
        let sql = "UPDATE visit_participant SET invite_used_at = $2
                   WHERE invite_hash = $1 AND invite_used_at IS NULL AND invite_expires_at > $2
                     AND removed_at IS NULL";
        if run!(&mut *self, sqlx::query(sql).bind(invite).bind(now)) == 0 {
            return Ok(None);
        }
        self.guest_by_invitation(invite).await
    }

    /// Whose link it is, whatever became of it.
    pub async fn guest_by_invitation(&mut self, invite: &TokenHash) -> Result<Option<GuestRow>> {
        let sql = select_guest!("WHERE invite_hash = $1");
        Ok(on!(self, |db| sqlx::query_as(sql).bind(invite).fetch_optional(db).await?))
    }

    /// Lets the session's browser come in this person's part.
    pub async fn add_session_guest(&mut self, hash: &TokenHash, who: ParticipantId) -> Result<()> {
        let sql = "INSERT INTO session_guest (session_hash, participant_id) VALUES ($1, $2)
                   ON CONFLICT DO NOTHING";
        run!(self, sqlx::query(sql).bind(hash).bind(who));
        Ok(())
    }

    /// As whom the session's browser may come to which visits.
    pub async fn session_guests(
        &mut self,
        hash: &TokenHash,
    ) -> Result<Vec<(BookingId, ParticipantId)>> {
        let sql = "SELECT p.booking_id, p.id FROM session_guest AS g
                   JOIN visit_participant AS p ON p.id = g.participant_id
                   WHERE g.session_hash = $1 AND p.removed_at IS NULL";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(hash).fetch_all(db).await?))
    }

    /// Notes that a third person waits; since when they do.
    pub async fn guest_waits(&mut self, who: ParticipantId, now: Instant) -> Result<Instant> {
        let sql = "UPDATE visit_participant SET waiting_since = COALESCE(waiting_since, $2),
                denied_at = NULL, left_at = NULL
            WHERE id = $1 AND admitted_at IS NULL AND removed_at IS NULL";
        run!(&mut *self, sqlx::query(sql).bind(who).bind(now));
        let sql = "SELECT COALESCE(waiting_since, $2) FROM visit_participant WHERE id = $1";
        Ok(on!(self, |db| sqlx::query_scalar(sql).bind(who).bind(now).fetch_one(db).await?))
    }

    /// Notes that somebody who waits was asked for more patience.
    pub async fn note_held(
        &mut self,
        booking: BookingId,
        who: ParticipantId,
        now: Instant,
    ) -> Result<bool> {
        let sql = "UPDATE visit_participant SET held_at = $3
                   WHERE booking_id = $1 AND id = $2 AND removed_at IS NULL";
        Ok(run!(self, sqlx::query(sql).bind(booking).bind(who).bind(now)) == 1)
    }

    /// Notes that somebody was not let in. They may ask again, from the end of the queue.
    pub async fn note_denied(
        &mut self,
        booking: BookingId,
        who: ParticipantId,
        now: Instant,
    ) -> Result<bool> {
        let sql = "UPDATE visit_participant SET denied_at = $3, held_at = NULL,
                waiting_since = NULL
            WHERE booking_id = $1 AND id = $2 AND removed_at IS NULL AND admitted_at IS NULL";
        Ok(run!(self, sqlx::query(sql).bind(booking).bind(who).bind(now)) == 1)
    }

    /// Sends somebody away for good, with all that would let them in again.
    pub async fn remove_person(
        &mut self,
        booking: BookingId,
        who: ParticipantId,
        now: Instant,
    ) -> Result<bool> {
        let sql = "UPDATE visit_participant SET removed_at = $3, waiting_since = NULL,
                admitted_at = NULL, consent_id = NULL, consent_answer = NULL, stay = stay + 1
            WHERE booking_id = $1 AND id = $2 AND removed_at IS NULL
              AND role NOT IN ('clinician', 'staff')";
        if run!(&mut *self, sqlx::query(sql).bind(booking).bind(who).bind(now)) == 0 {
            return Ok(false);
        }
        for sql in [
            "DELETE FROM signal_ticket WHERE participant_id = $1",
            "DELETE FROM session_guest WHERE participant_id = $1",
        ] {
            run!(&mut *self, sqlx::query(sql).bind(who));
        }
        Ok(true)
    }

    /// Keeps what the patient answered about somebody's next stay; `account` is the doctor who
    /// heard it, where it was spoken. The answer's id.
    pub async fn add_answer(
        &mut self,
        about: &GuestRow,
        answer: Answer,
        account: Option<AccountId>,
        now: Instant,
    ) -> Result<uuid::Uuid> {
        let id = new_id();
        let method = if account.is_some() { AnswerMethod::Spoken } else { AnswerMethod::Tapped };
        let sql = "INSERT INTO visit_consent (id, booking_id, facility_id, participant_id, stay,
                answer, method, account_id, at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        run!(
            self,
            sqlx::query(sql)
                .bind(id)
                .bind(about.booking_id)
                .bind(about.facility_id)
                .bind(about.id)
                .bind(about.stay)
                .bind(answer)
                .bind(method)
                .bind(account)
                .bind(now)
        );
        Ok(id)
    }

    /// What the patient answered, the newest last.
    pub async fn answers(&mut self, booking: BookingId) -> Result<Vec<AnswerRow>> {
        let sql = "SELECT participant_id, answer, method, at FROM visit_consent
                   WHERE booking_id = $1 ORDER BY id";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(booking).fetch_all(db).await?))
    }

    /// Lets a third person in by the patient's consent to this stay.
    pub async fn admit_guest(
        &mut self,
        guest: &GuestRow,
        consent: uuid::Uuid,
        now: Instant,
    ) -> Result<bool> {
        let sql = "UPDATE visit_participant SET admitted_at = $3, consent_id = $2,
                consent_answer = 'yes', waiting_since = NULL, held_at = NULL, denied_at = NULL,
                left_at = NULL
            WHERE id = $1 AND removed_at IS NULL AND admitted_at IS NULL AND stay = $4";
        Ok(run!(self, sqlx::query(sql).bind(guest.id).bind(consent).bind(now).bind(guest.stay))
            == 1)
    }

    /// Ends the stay of every third person in a visit, and with it what was agreed to.
    pub(super) async fn end_stays(&mut self, booking: BookingId, now: Instant) -> Result<()> {
        let sql = "UPDATE visit_participant SET left_at = $2, admitted_at = NULL,
                waiting_since = NULL, consent_id = NULL, consent_answer = NULL, stay = stay + 1
            WHERE booking_id = $1 AND removed_at IS NULL AND consent_id IS NOT NULL";
        run!(self, sqlx::query(sql).bind(booking).bind(now));
        Ok(())
    }

    /// Ends a third person's stay, and with it what was agreed to; false where there was none.
    pub async fn end_stay(
        &mut self,
        booking: BookingId,
        who: ParticipantId,
        now: Instant,
    ) -> Result<bool> {
        let sql = "UPDATE visit_participant SET left_at = $3, admitted_at = NULL,
                waiting_since = NULL, consent_id = NULL, consent_answer = NULL, stay = stay + 1
            WHERE booking_id = $1 AND id = $2 AND removed_at IS NULL
              AND role NOT IN ('clinician', 'staff', 'patient')
              AND (admitted_at IS NOT NULL OR waiting_since IS NOT NULL)";
        Ok(run!(self, sqlx::query(sql).bind(booking).bind(who).bind(now)) == 1)
    }
}
