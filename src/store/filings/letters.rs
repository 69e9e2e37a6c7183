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

/// Whose letters are looked at.
#[derive(Clone, Copy, Debug)]
pub enum Whose {
    /// Everybody's: by who watches that deadlines are kept.
    All,
    /// Those of everybody at a clinic.
    Facility(FacilityId),
    /// Those of one account alone.
    Account(AccountId),
}

impl Whose {
    fn parts(self) -> (Option<FacilityId>, Option<AccountId>) {
        match self {
            Self::All => (None, None),
            Self::Facility(facility) => (Some(facility), None),
            Self::Account(account) => (None, Some(account)),
        }
    }
}

/// A letter that did not arrive. To which address is not told.
#[derive(Debug, FromRow)]
pub struct UndeliveredLetter {
    /// Its id.
    pub id: LetterId,
    /// The clinic's name, or the person's who runs reception facilities.
    pub name: String,
    /// The name of whose letter it is.
    pub person: String,
    /// Of what.
    pub duty: FilingDuty,
    /// By when that is due.
    pub due_on: NaiveDate,
    /// Which of its letters.
    pub stage: LetterStage,
    /// How it ended.
    pub state: DeliveryState,
    /// Why, as a stable code.
    pub reason: Option<String>,
    /// How often it was tried.
    pub attempts: i64,
    /// When it was given up.
    pub finished_at: Option<Instant>,
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

    /// Letters that were given up or whose address is none, the latest first.
    pub async fn undelivered_letters(
        &mut self,
        whose: Whose,
        most: i64,
    ) -> Result<Vec<UndeliveredLetter>> {
        let (facility, account) = whose.parts();
        let sql = "SELECT l.id, COALESCE(facility.name, account.name) AS name,
                account.name AS person, l.duty, l.due_on, l.stage, l.state, l.reason, l.attempts,
                l.finished_at
            FROM filing_letter AS l JOIN account ON account.id = l.account_id
                LEFT JOIN facility ON facility.id = account.facility_id
            WHERE (l.state = 'dead' OR (l.state = 'no_address' AND l.reason = 'address'))
              AND ($1 IS NULL OR account.facility_id = $1) AND ($2 IS NULL OR account.id = $2)
            ORDER BY l.finished_at DESC, l.id LIMIT $3";
        Ok(on!(self, |db| {
            sqlx::query_as(sql).bind(facility).bind(account).bind(most).fetch_all(db).await?
        }))
    }

    /// Lets a letter be tried again that was given up or had no way; whether there was one.
    pub async fn revive_letter(
        &mut self,
        whose: Whose,
        id: LetterId,
        now: Instant,
    ) -> Result<bool> {
        let (facility, account) = whose.parts();
        let sql = "UPDATE filing_letter SET state = 'waiting', reason = NULL, finished_at = NULL,
                attempts = 0, due_at = $4
            WHERE id = $1 AND state IN ('dead', 'no_address', 'not_configured')
              AND account_id IN (SELECT account.id FROM account
                  WHERE ($2 IS NULL OR facility_id = $2) AND ($3 IS NULL OR account.id = $3))";
        let revived = run!(self, sqlx::query(sql).bind(id).bind(facility).bind(account).bind(now));
        Ok(revived == 1)
    }
}
