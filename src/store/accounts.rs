//! Accounts and sessions. A session is known by the hash of its token alone.

use super::{Result, Tx, on, run};
use crate::model::person::{Account, Role};
use crate::model::{AccountId, BookingId, ClinicianId, FacilityId, ParticipantId};
use crate::seal::token::TokenHash;
use crate::time::Instant;

/// An account as it is stored.
#[derive(Debug, sqlx::FromRow)]
pub struct AccountRow {
    /// Its id.
    pub id: AccountId,
    /// The name to sign in with.
    pub login: String,
    /// The person's name.
    pub name: String,
    /// PHC string of the password.
    pub password_hash: String,
    /// What they may do.
    pub role: Role,
    /// Where.
    pub facility_id: Option<FacilityId>,
    /// Which doctor they are.
    pub clinician_id: Option<ClinicianId>,
}

impl From<AccountRow> for Account {
    fn from(row: AccountRow) -> Self {
        Self {
            id: row.id,
            login: row.login,
            name: row.name,
            role: row.role,
            facility: row.facility_id,
            clinician: row.clinician_id,
        }
    }
}

/// A patient's browser: its session's times and the bookings it may see.
#[derive(Debug)]
pub struct PatientSession {
    /// When it was made.
    pub created_at: Instant,
    /// When it was last used.
    pub seen_at: Instant,
    /// Its bookings.
    pub bookings: Vec<BookingId>,
    /// The visits to which it was invited, and as whom.
    pub guest_of: Vec<(BookingId, ParticipantId)>,
}

macro_rules! select_account {
    ($rest:literal) => {
        concat!(
            "SELECT account.id, login, name, password_hash, role, facility_id, clinician_id
             FROM account ",
            $rest
        )
    };
}

impl Tx {
    /// The account with this login, unless it is disabled.
    pub async fn account_by_login(&mut self, login: &str) -> Result<Option<AccountRow>> {
        let sql = select_account!("WHERE login = $1 AND disabled_at IS NULL");
        Ok(on!(self, |db| sqlx::query_as(sql).bind(login).fetch_optional(db).await?))
    }

    /// Adds an account; fails with [`super::Error::Exists`] when the login is taken.
    pub async fn add_account(&mut self, row: &AccountRow, now: Instant) -> Result<()> {
        let sql = "INSERT INTO account
            (id, login, name, password_hash, role, facility_id, clinician_id, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        run!(
            self,
            sqlx::query(sql)
                .bind(row.id)
                .bind(&row.login)
                .bind(&row.name)
                .bind(&row.password_hash)
                .bind(row.role)
                .bind(row.facility_id)
                .bind(row.clinician_id)
                .bind(now)
        );
        Ok(())
    }

    /// Starts a session, for `account` or, without one, for a patient's browser.
    pub async fn add_session(
        &mut self,
        hash: &TokenHash,
        account: Option<AccountId>,
        now: Instant,
    ) -> Result<()> {
        let sql = "INSERT INTO session (hash, account_id, created_at, seen_at)
                   VALUES ($1, $2, $3, $3)";
        run!(self, sqlx::query(sql).bind(hash).bind(account).bind(now));
        Ok(())
    }

    /// The account behind a session that was made after `made` and used after `seen`.
    pub async fn session_account(
        &mut self,
        hash: &TokenHash,
        made: Instant,
        seen: Instant,
    ) -> Result<Option<(AccountRow, Instant)>> {
        let sql = select_account!(
            "JOIN session ON account_id = account.id
             WHERE hash = $1 AND session.created_at > $2 AND seen_at > $3
               AND disabled_at IS NULL"
        );
        let row: Option<AccountRow> = on!(self, |db| {
            sqlx::query_as(sql).bind(hash).bind(made).bind(seen).fetch_optional(db).await?
        });
        let Some(row) = row else { return Ok(None) };
        let sql = "SELECT seen_at FROM session WHERE hash = $1";
        let seen: Instant =
            on!(self, |db| sqlx::query_scalar(sql).bind(hash).fetch_one(db).await?);
        Ok(Some((row, seen)))
    }

    /// The patient's browser behind a session that was made after `made` and used after `seen`.
    pub async fn session_patient(
        &mut self,
        hash: &TokenHash,
        made: Instant,
        seen: Instant,
    ) -> Result<Option<PatientSession>> {
        let sql = "SELECT created_at, seen_at FROM session
                   WHERE hash = $1 AND account_id IS NULL AND created_at > $2 AND seen_at > $3";
        let times: Option<(Instant, Instant)> = on!(self, |db| {
            sqlx::query_as(sql).bind(hash).bind(made).bind(seen).fetch_optional(db).await?
        });
        let Some((created_at, seen_at)) = times else { return Ok(None) };
        let sql = "SELECT booking_id FROM session_booking WHERE session_hash = $1";
        let bookings =
            on!(&mut *self, |db| sqlx::query_scalar(sql).bind(hash).fetch_all(db).await?);
        let guest_of = self.session_guests(hash).await?;
        Ok(Some(PatientSession { created_at, seen_at, bookings, guest_of }))
    }

    /// Lets the session see the booking.
    pub async fn open_booking(&mut self, hash: &TokenHash, booking: BookingId) -> Result<()> {
        let sql = "INSERT INTO session_booking (session_hash, booking_id) VALUES ($1, $2)
                   ON CONFLICT DO NOTHING";
        run!(self, sqlx::query(sql).bind(hash).bind(booking));
        self.feed_booking(hash, booking).await
    }

    /// Notes that the session was used.
    pub async fn touch_session(&mut self, hash: &TokenHash, now: Instant) -> Result<()> {
        let sql = "UPDATE session SET seen_at = $2 WHERE hash = $1";
        run!(self, sqlx::query(sql).bind(hash).bind(now));
        Ok(())
    }

    /// Ends a session.
    pub async fn end_session(&mut self, hash: &TokenHash) -> Result<()> {
        let sql = "DELETE FROM session WHERE hash = $1";
        run!(self, sqlx::query(sql).bind(hash));
        Ok(())
    }

    /// Forgets sessions that were made before `made` or last used before `seen`.
    pub async fn forget_sessions(&mut self, made: Instant, seen: Instant) -> Result<u64> {
        let sql = "DELETE FROM session WHERE created_at <= $1 OR seen_at <= $2";
        Ok(run!(self, sqlx::query(sql).bind(made).bind(seen)))
    }
}
