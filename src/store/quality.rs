//! How good the connections of a visit were, as the pages in it measured them.

use sqlx::FromRow;

use super::{Result, Tx, on, run};
use crate::live::hub::Measured;
use crate::model::visit::Role;
use crate::model::{BookingId, ParticipantId};
use crate::time::Instant;

/// How good the connection of one person was.
#[derive(Clone, Debug, FromRow)]
#[expect(missing_docs, reason = "columns, named as in the schema")]
pub struct QualityRow {
    pub participant_id: ParticipantId,
    pub role: Role,
    pub first_at: Instant,
    pub last_at: Instant,
    pub seconds: i64,
    pub picture_seconds: i64,
    pub relay_seconds: i64,
    pub rtt_ms: Option<i64>,
    pub jitter_ms: Option<i64>,
    pub loss_permille: Option<i64>,
    pub fps: Option<i64>,
}

impl Tx {
    /// Adds up how good somebody's connection was; the newest numbers take the place of those before.
    pub async fn note_quality(&mut self, measured: &Measured, now: Instant) -> Result<()> {
        let sql = "INSERT INTO visit_quality (participant_id, booking_id, facility_id, first_at,
                last_at, seconds, picture_seconds, relay_seconds, rtt_ms, jitter_ms, loss_permille,
                fps)
            SELECT id, booking_id, facility_id, $2, $2, $3, $4, $5, $6, $7, $8, $9
                FROM visit_participant WHERE id = $1
            ON CONFLICT (participant_id) DO UPDATE SET
                last_at = CASE WHEN excluded.last_at > visit_quality.last_at
                    THEN excluded.last_at ELSE visit_quality.last_at END,
                seconds = visit_quality.seconds + excluded.seconds,
                picture_seconds = visit_quality.picture_seconds + excluded.picture_seconds,
                relay_seconds = visit_quality.relay_seconds + excluded.relay_seconds,
                rtt_ms = excluded.rtt_ms, jitter_ms = excluded.jitter_ms,
                loss_permille = excluded.loss_permille, fps = excluded.fps";
        run!(
            self,
            sqlx::query(sql)
                .bind(measured.participant)
                .bind(now)
                .bind(measured.seconds)
                .bind(measured.picture_seconds)
                .bind(measured.relay_seconds)
                .bind(measured.rtt_ms)
                .bind(measured.jitter_ms)
                .bind(measured.loss_permille)
                .bind(measured.fps)
        );
        Ok(())
    }

    /// How good the connections of a visit were, in the order in which people came.
    pub async fn quality_of(&mut self, booking: BookingId) -> Result<Vec<QualityRow>> {
        let sql = "SELECT q.participant_id, p.role, q.first_at, q.last_at, q.seconds,
                q.picture_seconds, q.relay_seconds, q.rtt_ms, q.jitter_ms, q.loss_permille, q.fps
            FROM visit_quality AS q JOIN visit_participant AS p ON p.id = q.participant_id
            WHERE q.booking_id = $1 ORDER BY q.first_at, q.participant_id";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(booking).fetch_all(db).await?))
    }
}
