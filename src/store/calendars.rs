//! Feeds that other programs read.

use super::{Result, Tx, on, run};
use crate::model::{BookingId, ClinicianId, FacilityId, FeedId};
use crate::seal::token::TokenHash;
use crate::time::Instant;

/// A feed as it is listed; its secret is nowhere.
#[derive(Debug, sqlx::FromRow)]
pub struct FeedRow {
    /// Its id.
    pub id: FeedId,
    /// Whose visits; nobody for a patient's.
    pub clinician_id: Option<ClinicianId>,
    /// In which language it speaks.
    pub language: String,
    /// When it was made.
    pub created_at: Instant,
    /// When a program last read it.
    pub read_at: Option<Instant>,
}

macro_rules! select_feed {
    ($rest:literal) => {
        concat!(
            "SELECT calendar_feed.id, clinician_id, language, created_at, read_at
             FROM calendar_feed ",
            $rest
        )
    };
}

impl Tx {
    /// Adds a feed of a clinician, or of what the browser of a session opened and will open.
    pub async fn add_feed(
        &mut self,
        row: &FeedRow,
        secret: &TokenHash,
        session: Option<&TokenHash>,
    ) -> Result<()> {
        let sql = "INSERT INTO calendar_feed
            (id, secret_hash, clinician_id, session_hash, language, created_at)
            VALUES ($1, $2, $3, $4, $5, $6)";
        run!(
            self,
            sqlx::query(sql)
                .bind(row.id)
                .bind(secret)
                .bind(row.clinician_id)
                .bind(session)
                .bind(&row.language)
                .bind(row.created_at)
        );
        let sql = "INSERT INTO calendar_feed_booking (feed_id, booking_id)
                   SELECT $1, booking_id FROM session_booking WHERE session_hash = $2";
        run!(self, sqlx::query(sql).bind(row.id).bind(session));
        Ok(())
    }

    /// Adds a booking that a patient's browser opened to the feeds of that browser.
    pub(super) async fn feed_booking(
        &mut self,
        session: &TokenHash,
        booking: BookingId,
    ) -> Result<()> {
        let sql = "INSERT INTO calendar_feed_booking (feed_id, booking_id)
                   SELECT id, $2 FROM calendar_feed
                   WHERE session_hash = $1 AND revoked_at IS NULL
                   ON CONFLICT DO NOTHING";
        run!(self, sqlx::query(sql).bind(session).bind(booking));
        Ok(())
    }

    /// The feeds of a facility's clinician that are not revoked, the oldest first.
    pub async fn clinician_feeds(
        &mut self,
        facility: FacilityId,
        clinician: ClinicianId,
    ) -> Result<Vec<FeedRow>> {
        let sql = select_feed!(
            "JOIN clinician ON clinician.id = clinician_id
             WHERE facility_id = $1 AND clinician_id = $2 AND revoked_at IS NULL
             ORDER BY calendar_feed.id"
        );
        Ok(on!(self, |db| sqlx::query_as(sql).bind(facility).bind(clinician).fetch_all(db).await?))
    }

    /// The feeds of a patient's browser that are not revoked, the oldest first.
    pub async fn session_feeds(&mut self, session: &TokenHash) -> Result<Vec<FeedRow>> {
        let sql = select_feed!(
            "WHERE session_hash = $1 AND revoked_at IS NULL ORDER BY calendar_feed.id"
        );
        Ok(on!(self, |db| sqlx::query_as(sql).bind(session).fetch_all(db).await?))
    }

    /// Ends a feed of a facility's clinician; whether there was one.
    pub async fn revoke_clinician_feed(
        &mut self,
        facility: FacilityId,
        id: FeedId,
        now: Instant,
    ) -> Result<bool> {
        let sql = "UPDATE calendar_feed SET revoked_at = $3
                   WHERE id = $2 AND revoked_at IS NULL
                     AND clinician_id IN (SELECT id FROM clinician WHERE facility_id = $1)";
        Ok(run!(self, sqlx::query(sql).bind(facility).bind(id).bind(now)) == 1)
    }

    /// Ends a feed of a patient's browser; whether there was one.
    pub async fn revoke_session_feed(
        &mut self,
        session: &TokenHash,
        id: FeedId,
        now: Instant,
    ) -> Result<bool> {
        let sql = "UPDATE calendar_feed SET revoked_at = $3
                   WHERE id = $2 AND revoked_at IS NULL AND session_hash = $1";
        Ok(run!(self, sqlx::query(sql).bind(session).bind(id).bind(now)) == 1)
    }

    /// The feed with this secret, unless it was revoked; with the facility of its clinician.
    pub async fn feed(
        &mut self,
        secret: &TokenHash,
    ) -> Result<Option<(FeedRow, Option<FacilityId>)>> {
        let sql = select_feed!("WHERE secret_hash = $1 AND revoked_at IS NULL");
        let row: Option<FeedRow> =
            on!(self, |db| sqlx::query_as(sql).bind(secret).fetch_optional(db).await?);
        let Some(row) = row else { return Ok(None) };
        let sql = "SELECT facility_id FROM clinician WHERE id = $1";
        let facility = on!(self, |db| {
            sqlx::query_scalar(sql).bind(row.clinician_id).fetch_optional(db).await?
        });
        Ok(Some((row, facility)))
    }

    /// The bookings of a patient's feed.
    pub async fn bookings_of_feed(&mut self, id: FeedId) -> Result<Vec<BookingId>> {
        let sql = "SELECT booking_id FROM calendar_feed_booking WHERE feed_id = $1";
        Ok(on!(self, |db| sqlx::query_scalar(sql).bind(id).fetch_all(db).await?))
    }

    /// Notes that a feed was read.
    pub async fn note_feed_read(&mut self, id: FeedId, now: Instant) -> Result<()> {
        let sql = "UPDATE calendar_feed SET read_at = $2 WHERE id = $1";
        run!(self, sqlx::query(sql).bind(id).bind(now));
        Ok(())
    }
}
