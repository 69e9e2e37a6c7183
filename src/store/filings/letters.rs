//! Letters that tell of deadlines: to whom, which were written, how the sending went.

use chrono::NaiveDate;
use sqlx::FromRow;

use crate::model::filing::{FilingDuty, LetterStage};
use crate::model::message::DeliveryState;
use crate::model::{AccountId, FacilityId, LetterId};
use crate::seal::Sealed;
use crate::store::{Result, Tx, on, run};
use crate::time::Instant;

/// An account that may file and wants letters.
#[derive(Debug, FromRow)]
pub struct Recipient {
    /// Its id.
    pub id: AccountId,
    /// The person's name.
    pub name: String,
    /// Where; nowhere for who runs reception facilities.
    pub facility_id: Option<FacilityId>,
    /// The clinic's name.
    pub facility_name: Option<String>,
    /// The address, sealed.
    pub email: Sealed,
}

/// A letter, leased: this process alone tries it now.
#[derive(Clone, Debug, FromRow)]
pub struct LetterRow {
    /// Its id.
    pub id: LetterId,
    /// To whom.
    pub account_id: AccountId,
    /// Of what.
    pub duty: FilingDuty,
    /// By when that is due.
    pub due_on: NaiveDate,
    /// Which of its letters.
    pub stage: LetterStage,
    /// How often it was tried, this time counted.
    pub attempts: i64,
}

macro_rules! recipients {
    ($rest:literal) => {
        concat!(
            "SELECT account.id, account.name, facility_id, facility.name AS facility_name, email
             FROM account LEFT JOIN facility ON facility.id = facility_id
             WHERE email IS NOT NULL AND disabled_at IS NULL
               AND role IN ('clinician', 'clinic_staff', 'facility_operator') ",
            $rest
        )
    };
}

impl Tx {
    /// The sealed address of an account.
    pub async fn account_email(&mut self, id: AccountId) -> Result<Option<Sealed>> {
        let sql = "SELECT email FROM account WHERE id = $1";
        let found: Option<Option<Sealed>> =
            on!(self, |db| sqlx::query_scalar(sql).bind(id).fetch_optional(db).await?);
        Ok(found.flatten())
    }

    /// Keeps an account's address, sealed, or forgets it.
    pub async fn put_account_email(&mut self, id: AccountId, email: Option<&Sealed>) -> Result<()> {
        let sql = "UPDATE account SET email = $2 WHERE id = $1";
        run!(self, sqlx::query(sql).bind(id).bind(email));
        Ok(())
    }

    /// Everybody who may file and wants letters.
    pub async fn letter_recipients(&mut self) -> Result<Vec<Recipient>> {
        let sql = recipients!("ORDER BY account.id");
        Ok(on!(self, |db| sqlx::query_as(sql).fetch_all(db).await?))
    }

    /// One of them, if it still is.
    pub async fn letter_recipient(&mut self, id: AccountId) -> Result<Option<Recipient>> {
        let sql = recipients!("AND account.id = $1");
        Ok(on!(self, |db| sqlx::query_as(sql).bind(id).fetch_optional(db).await?))
    }

    /// Adds a letter, due at `now`, unless it was written before; whether it was added.
    pub async fn add_letter(
        &mut self,
        to: AccountId,
        (duty, due_on, stage): (FilingDuty, NaiveDate, LetterStage),
        now: Instant,
    ) -> Result<bool> {
        let sql =
            "INSERT INTO filing_letter (id, account_id, duty, due_on, stage, due_at, attempts,
                state, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, 0, 'waiting', $6)
            ON CONFLICT (account_id, duty, due_on, stage) DO NOTHING";
        let added = run!(
            self,
            sqlx::query(sql)
                .bind(LetterId::new())
                .bind(to)
                .bind(duty)
                .bind(due_on)
                .bind(stage)
                .bind(now)
        );
        Ok(added == 1)
    }

    /// Whether a letter is due.
    pub async fn has_letters(&mut self, now: Instant) -> Result<bool> {
        let sql = "SELECT count(*) FROM filing_letter WHERE state = 'waiting' AND due_at <= $1";
        let due: i64 = on!(self, |db| sqlx::query_scalar(sql).bind(now).fetch_one(db).await?);
        Ok(due > 0)
    }

    /// Takes letters that are due, until `until` for nobody else, each counted as tried. The caller
    /// shares out alone.
    pub async fn lease_letters(
        &mut self,
        now: Instant,
        until: Instant,
        most: i64,
    ) -> Result<Vec<LetterRow>> {
        let sql = "UPDATE filing_letter SET due_at = $2, attempts = attempts + 1
            WHERE id IN (SELECT id FROM filing_letter WHERE state = 'waiting' AND due_at <= $1
                ORDER BY due_at, id LIMIT $3)
            RETURNING id, account_id, duty, due_on, stage, attempts";
        Ok(on!(self, |db| {
            sqlx::query_as(sql).bind(now).bind(until).bind(most).fetch_all(db).await?
        }))
    }

    /// Ends a letter whose try this is.
    pub async fn finish_letter(
        &mut self,
        tried: &LetterRow,
        state: DeliveryState,
        reason: Option<&str>,
        now: Instant,
    ) -> Result<()> {
        let sql = "UPDATE filing_letter SET state = $3, reason = $4, finished_at = $5
            WHERE id = $1 AND attempts = $2 AND state = 'waiting'";
        run!(
            self,
            sqlx::query(sql).bind(tried.id).bind(tried.attempts).bind(state).bind(reason).bind(now)
        );
        Ok(())
    }

    /// Puts off a letter whose try this is.
    pub async fn put_off_letter(
        &mut self,
        tried: &LetterRow,
        reason: &str,
        due: Instant,
    ) -> Result<()> {
        let sql = "UPDATE filing_letter SET due_at = $3, reason = $4
            WHERE id = $1 AND attempts = $2 AND state = 'waiting'";
        run!(self, sqlx::query(sql).bind(tried.id).bind(tried.attempts).bind(due).bind(reason));
        Ok(())
    }
}
