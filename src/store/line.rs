//! What checks of a patient's line found: numbers, and what they mean.

use sqlx::FromRow;

use super::{Result, Tx, on, run};
use crate::model::{BookingId, FacilityId, new_id};
use crate::time::Instant;
use crate::time::span::Span;

/// Checks that are kept of one visit; older ones give way.
const KEPT: i64 = 20;

/// One check, as it is kept. Shares are in thousandths.
#[derive(Clone, Debug, Default, PartialEq, Eq, FromRow)]
#[expect(missing_docs, reason = "columns, named as in the schema")]
pub struct LineRow {
    pub verdict: String,
    pub reason: Option<String>,
    pub rtt_ms: Option<i64>,
    pub jitter_ms: Option<i64>,
    pub loss_up_permille: i64,
    pub loss_down_permille: i64,
    pub up_kbps: Option<i64>,
    pub down_kbps: Option<i64>,
    pub direct_ok: bool,
    pub relay_ok: Option<bool>,
    pub relay_rtt_ms: Option<i64>,
    pub relay_loss_permille: Option<i64>,
    pub took_ms: i64,
}

/// The last check of a visit.
#[derive(Clone, Debug, FromRow)]
#[expect(missing_docs, reason = "columns, named as in the schema")]
pub struct LastLine {
    pub booking_id: BookingId,
    pub at: Instant,
    #[sqlx(flatten)]
    pub line: LineRow,
}

impl Tx {
    /// Keeps what a check of the line of `booking` found.
    pub async fn add_line_check(
        &mut self,
        booking: BookingId,
        facility: FacilityId,
        line: &LineRow,
        now: Instant,
    ) -> Result<()> {
        let sql =
            "INSERT INTO line_check (id, booking_id, facility_id, at, verdict, reason, rtt_ms,
                jitter_ms, loss_up_permille, loss_down_permille, up_kbps, down_kbps, direct_ok,
                relay_ok, relay_rtt_ms, relay_loss_permille, took_ms)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";
        run!(
            self,
            sqlx::query(sql)
                .bind(new_id())
                .bind(booking)
                .bind(facility)
                .bind(now)
                .bind(&line.verdict)
                .bind(&line.reason)
                .bind(line.rtt_ms)
                .bind(line.jitter_ms)
                .bind(line.loss_up_permille)
                .bind(line.loss_down_permille)
                .bind(line.up_kbps)
                .bind(line.down_kbps)
                .bind(line.direct_ok)
                .bind(line.relay_ok)
                .bind(line.relay_rtt_ms)
                .bind(line.relay_loss_permille)
                .bind(line.took_ms)
        );
        let sql = "DELETE FROM line_check WHERE booking_id = $1 AND id NOT IN (
                SELECT id FROM line_check WHERE booking_id = $1 ORDER BY at DESC, id DESC LIMIT $2)";
        run!(self, sqlx::query(sql).bind(booking).bind(KEPT));
        Ok(())
    }

    /// The last check of each visit of a facility that starts within `span` and has one.
    pub async fn lines_between(
        &mut self,
        facility: FacilityId,
        span: Span,
    ) -> Result<Vec<LastLine>> {
        let sql = "SELECT l.booking_id, l.at, l.verdict, l.reason, l.rtt_ms, l.jitter_ms,
                l.loss_up_permille, l.loss_down_permille, l.up_kbps, l.down_kbps, l.direct_ok,
                l.relay_ok, l.relay_rtt_ms, l.relay_loss_permille, l.took_ms
            FROM booking AS b JOIN line_check AS l ON l.booking_id = b.id
            WHERE b.facility_id = $1 AND b.starts_at >= $2 AND b.starts_at < $3
                AND NOT EXISTS (SELECT 1 FROM line_check AS later
                    WHERE later.booking_id = l.booking_id
                        AND (later.at > l.at OR (later.at = l.at AND later.id > l.id)))";
        Ok(on!(self, |db| sqlx::query_as(sql)
            .bind(facility)
            .bind(span.start)
            .bind(span.end)
            .fetch_all(db)
            .await?))
    }
}
