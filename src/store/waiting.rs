//! Who waits for a doctor today, and how late the doctor said to be.

use chrono::NaiveDate;
use sqlx::FromRow;

use super::{Result, Tx, on, run};
use crate::engine::visit::queue::{Arrived, Stand};
use crate::model::booking::Status;
use crate::model::{AccountId, BookingId, ClinicianId, FacilityId};
use crate::time::Instant;
use crate::time::span::Span;

/// How late a doctor said to be today.
#[derive(Clone, Debug, FromRow)]
pub struct DelayRow {
    /// Who.
    pub clinician_id: ClinicianId,
    /// By how many minutes; 0 takes it back.
    pub minutes: i64,
    /// When it was said.
    pub said_at: Instant,
}

#[derive(FromRow)]
struct ArrivedRow {
    id: BookingId,
    starts_at: Instant,
    ends_at: Instant,
    status: Status,
    waiting_since: Option<Instant>,
    admitted_at: Option<Instant>,
}

impl From<ArrivedRow> for Arrived {
    fn from(row: ArrivedRow) -> Self {
        let stand = if row.status == Status::InProgress {
            Stand::Seen(row.admitted_at.unwrap_or(row.starts_at))
        } else {
            Stand::Waiting(row.waiting_since.unwrap_or(row.starts_at))
        };
        let length = row.ends_at - row.starts_at;
        Self { booking: row.id, starts_at: row.starts_at, length, stand }
    }
}

impl Tx {
    /// A doctor's visits that were to start within `day` and whose patient waits or is being seen.
    pub async fn arrived(&mut self, clinician: ClinicianId, day: Span) -> Result<Vec<Arrived>> {
        let sql = "SELECT b.id, b.starts_at, b.ends_at, b.status, v.waiting_since, v.admitted_at
            FROM booking AS b JOIN visit AS v ON v.booking_id = b.id
            WHERE b.clinician_id = $1 AND b.starts_at >= $2 AND b.starts_at < $3
              AND b.status IN ('checked_in', 'in_progress')
              AND (b.status = 'in_progress' OR (v.waiting_since IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM visit_participant AS p
                WHERE p.booking_id = b.id AND p.role = 'patient' AND p.denied_at IS NOT NULL)))";
        let rows: Vec<ArrivedRow> = on!(self, |db| {
            sqlx::query_as(sql).bind(clinician).bind(day.start).bind(day.end).fetch_all(db).await?
        });
        Ok(rows.into_iter().map(Arrived::from).collect())
    }

    /// Keeps how late a doctor is today.
    pub async fn put_delay(
        &mut self,
        (clinician, facility): (ClinicianId, FacilityId),
        date: NaiveDate,
        minutes: i64,
        account: AccountId,
        now: Instant,
    ) -> Result<()> {
        let sql = "INSERT INTO clinician_delay
                (clinician_id, facility_id, local_date, minutes, said_at, account_id)
            VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (clinician_id, local_date) DO UPDATE
                SET minutes = excluded.minutes, said_at = excluded.said_at,
                    account_id = excluded.account_id";
        run!(
            self,
            sqlx::query(sql)
                .bind(clinician)
                .bind(facility)
                .bind(date)
                .bind(minutes)
                .bind(now)
                .bind(account)
        );
        Ok(())
    }

    /// How late the doctors of a facility said to be on a day; those who said nothing are not there.
    pub async fn delays(&mut self, facility: FacilityId, date: NaiveDate) -> Result<Vec<DelayRow>> {
        let sql = "SELECT clinician_id, minutes, said_at FROM clinician_delay
                   WHERE facility_id = $1 AND local_date = $2 ORDER BY clinician_id";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(facility).bind(date).fetch_all(db).await?))
    }
}
