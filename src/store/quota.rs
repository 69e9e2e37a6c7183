//! Counts by which holds and bookings are limited.

use super::{Result, Tx, on, run};
use crate::model::{BookingId, FacilityId, PatientId};
use crate::seal::BlindIndex;
use crate::seal::token::TokenHash;
use crate::time::Instant;
use crate::time::span::Span;

/// How many, at one facility and at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Share {
    /// At the facility that was asked for.
    pub here: i64,
    /// At all facilities together.
    pub all: i64,
}

/// Counts rows of `booking AS b`, at facility `$2` and at all.
macro_rules! share {
    ($rest:literal) => {
        concat!(
            "SELECT CAST(COALESCE(SUM(CASE WHEN b.facility_id = $2 THEN 1 ELSE 0 END), 0) AS bigint)
                 AS here, count(*) AS \"all\" ",
            $rest
        )
    };
}

impl Tx {
    /// Notes from which network a hold came.
    pub async fn note_origin(
        &mut self,
        hold: BookingId,
        network: &BlindIndex,
        now: Instant,
    ) -> Result<()> {
        let sql = "INSERT INTO hold_origin (booking_id, network_index, created_at)
                   VALUES ($1, $2, $3)";
        run!(self, sqlx::query(sql).bind(hold).bind(network).bind(now));
        Ok(())
    }

    /// Forgets from which network a hold came; it counts no more.
    pub async fn forget_origin(&mut self, hold: BookingId) -> Result<()> {
        run!(self, sqlx::query("DELETE FROM hold_origin WHERE booking_id = $1").bind(hold));
        Ok(())
    }

    /// Forgets from which networks holds until `before` came; how many.
    pub async fn forget_origins(&mut self, before: Instant) -> Result<u64> {
        let sql = "DELETE FROM hold_origin WHERE created_at <= $1";
        Ok(run!(self, sqlx::query(sql).bind(before)))
    }

    /// Holds of a network that live at `now` and were made after `since`.
    pub async fn network_holds(
        &mut self,
        network: &BlindIndex,
        facility: FacilityId,
        since: Instant,
        now: Instant,
    ) -> Result<Share> {
        let sql = share!(
            "FROM hold_origin AS o JOIN booking AS b ON b.id = o.booking_id
             WHERE o.network_index = $1 AND o.created_at > $3
               AND b.status = 'held' AND b.hold_expires_at > $4"
        );
        Ok(on!(self, |db| {
            sqlx::query_as(sql)
                .bind(network)
                .bind(facility)
                .bind(since)
                .bind(now)
                .fetch_one(db)
                .await?
        }))
    }

    /// Holds of a network that were made after `since` and that nobody confirmed in time.
    pub async fn unused_by_network(
        &mut self,
        network: &BlindIndex,
        facility: FacilityId,
        since: Instant,
        now: Instant,
    ) -> Result<Share> {
        let sql = share!(
            "FROM hold_origin AS o JOIN booking AS b ON b.id = o.booking_id
             WHERE o.network_index = $1 AND o.created_at > $3 AND b.patient_id IS NULL
               AND (b.status = 'expired' OR (b.status = 'held' AND b.hold_expires_at <= $4))"
        );
        Ok(on!(self, |db| {
            sqlx::query_as(sql)
                .bind(network)
                .bind(facility)
                .bind(since)
                .bind(now)
                .fetch_one(db)
                .await?
        }))
    }

    /// The same of one browser.
    pub async fn unused_by_session(
        &mut self,
        session: &TokenHash,
        since: Instant,
        now: Instant,
    ) -> Result<i64> {
        let sql = "SELECT count(*) FROM session_booking AS s
                JOIN hold_origin AS o ON o.booking_id = s.booking_id
                JOIN booking AS b ON b.id = s.booking_id
            WHERE s.session_hash = $1 AND o.created_at > $2 AND b.patient_id IS NULL
              AND (b.status = 'expired' OR (b.status = 'held' AND b.hold_expires_at <= $3))";
        Ok(on!(self, |db| {
            sqlx::query_scalar(sql).bind(session).bind(since).bind(now).fetch_one(db).await?
        }))
    }

    /// Holds that live at `now` in any browser that sees a booking of a patient whom this one sees.
    pub async fn holds_around_patients(
        &mut self,
        session: &TokenHash,
        now: Instant,
    ) -> Result<i64> {
        let sql = "SELECT count(DISTINCT b.id) FROM session_booking AS mine
                JOIN booking AS seen ON seen.id = mine.booking_id
                JOIN booking AS same ON same.patient_id = seen.patient_id
                JOIN session_booking AS theirs ON theirs.booking_id = same.id
                JOIN session_booking AS held ON held.session_hash = theirs.session_hash
                JOIN booking AS b ON b.id = held.booking_id
            WHERE mine.session_hash = $1 AND b.status = 'held' AND b.hold_expires_at > $2";
        Ok(on!(self, |db| sqlx::query_scalar(sql).bind(session).bind(now).fetch_one(db).await?))
    }

    /// Visits of a patient at a facility that start in `span`, those that were called off left out,
    /// and `but` too.
    pub async fn patient_visits(
        &mut self,
        patient: PatientId,
        facility: FacilityId,
        span: Span,
        but: BookingId,
    ) -> Result<i64> {
        let sql = "SELECT count(*) FROM booking
            WHERE patient_id = $1 AND facility_id = $2 AND starts_at >= $3 AND starts_at < $4
              AND id <> $5 AND lead_id IS NULL
              AND status NOT IN ('cancelled', 'declined', 'expired')";
        Ok(on!(self, |db| {
            sqlx::query_scalar(sql)
                .bind(patient)
                .bind(facility)
                .bind(span.start)
                .bind(span.end)
                .bind(but)
                .fetch_one(db)
                .await?
        }))
    }

    /// Bookings of a patient that were called off after `since`, except where the clinic could not
    /// hold them.
    pub async fn called_off_by_patient(
        &mut self,
        patient: PatientId,
        facility: FacilityId,
        since: Instant,
    ) -> Result<Share> {
        let sql = share!(
            "FROM booking AS b WHERE b.patient_id = $1 AND b.changed_at > $3 AND b.lead_id IS NULL
               AND b.status = 'cancelled' AND b.cancel_reason <> 'clinic_unavailable'"
        );
        Ok(on!(self, |db| {
            sqlx::query_as(sql).bind(patient).bind(facility).bind(since).fetch_one(db).await?
        }))
    }

    /// The same of everybody who held from the network from which `hold` came.
    pub async fn called_off_by_network(
        &mut self,
        hold: BookingId,
        facility: FacilityId,
        since: Instant,
    ) -> Result<Share> {
        let sql = share!(
            "FROM hold_origin AS mine
                JOIN hold_origin AS o ON o.network_index = mine.network_index
                JOIN booking AS b ON b.id = o.booking_id
             WHERE mine.booking_id = $1 AND b.changed_at > $3
               AND b.status = 'cancelled' AND b.cancel_reason <> 'clinic_unavailable'"
        );
        Ok(on!(self, |db| {
            sqlx::query_as(sql).bind(hold).bind(facility).bind(since).fetch_one(db).await?
        }))
    }
}
