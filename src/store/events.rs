//! What happened to bookings, and the checks that they stand so. The events themselves are written
//! by triggers (migration 0025) and by nothing else.

use chrono::NaiveDate;
use sqlx::FromRow;
use uuid::Uuid;

use super::{Result, Tx, on, run};
use crate::model::event::{BookingEvent, Check, CheckScope, Standing};
use crate::model::{BookingId, CheckId};
use crate::time::Instant;

/// From where a check looks: changes of rows and events below are seen by one before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromRow)]
pub struct Horizon {
    /// Of rows.
    pub next_row: i64,
    /// Of events.
    pub next_event: i64,
}

/// A booking that stands otherwise than its events say.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct DivergenceRow {
    /// Which.
    pub booking_id: BookingId,
    /// What is wrong: a stable code.
    pub code: String,
    /// What exactly.
    pub detail: String,
}

macro_rules! standing {
    () => {
        "SELECT id, facility_id, lead_id, origin, status, clinician_id, patient_id, room_id,
            starts_at, ends_at, version FROM booking "
    };
}
macro_rules! event {
    () => {
        "SELECT booking_id, seq, at, was, status, clinician_id, patient_id, room_id, starts_at,
            ends_at, version, backfilled FROM booking_event "
    };
}
macro_rules! check {
    () => {
        "SELECT id, scope, started_at, finished_at, bookings, events, divergent FROM fold_check "
    };
}

impl Tx {
    /// From where the next check is to look, when one begins now.
    pub async fn fold_horizon(&mut self) -> Result<Horizon> {
        let sql = "SELECT change_horizon.low AS next_row, event_horizon.low AS next_event
            FROM change_horizon CROSS JOIN event_horizon";
        Ok(on!(self, |db| sqlx::query_as(sql).fetch_one(db).await?))
    }

    /// The next ids above `after` of which there is a row or an event, in order.
    pub async fn fold_page(&mut self, after: BookingId, most: i64) -> Result<Vec<BookingId>> {
        let sql = "SELECT id FROM
                (SELECT id FROM booking WHERE id > $1 ORDER BY id LIMIT $2) AS of_rows
            UNION SELECT id FROM
                (SELECT DISTINCT booking_id AS id FROM booking_event WHERE booking_id > $1
                 ORDER BY booking_id LIMIT $2) AS of_events
            ORDER BY 1 LIMIT $2";
        Ok(on!(self, |db| sqlx::query_scalar(sql).bind(after).bind(most).fetch_all(db).await?))
    }

    /// The same, of rows and events that changed since `since`.
    pub async fn fold_changed(
        &mut self,
        since: Horizon,
        after: BookingId,
        most: i64,
    ) -> Result<Vec<BookingId>> {
        let sql = "SELECT id FROM booking WHERE changed_in >= $1 AND id > $3
            UNION SELECT booking_id FROM booking_event WHERE written_in >= $2 AND booking_id > $3
            ORDER BY 1 LIMIT $4";
        Ok(on!(self, |db| sqlx::query_scalar(sql)
            .bind(since.next_row)
            .bind(since.next_event)
            .bind(after)
            .bind(most)
            .fetch_all(db)
            .await?))
    }

    /// The rows above `after` up to `last`, in order of id.
    pub async fn standings(&mut self, after: BookingId, last: BookingId) -> Result<Vec<Standing>> {
        let sql = concat!(standing!(), "WHERE id > $1 AND id <= $2 ORDER BY id");
        Ok(on!(self, |db| sqlx::query_as(sql).bind(after).bind(last).fetch_all(db).await?))
    }

    /// The events of the bookings above `after` up to `last`, in order.
    pub async fn events_between(
        &mut self,
        after: BookingId,
        last: BookingId,
    ) -> Result<Vec<BookingEvent>> {
        let sql = concat!(
            event!(),
            "WHERE booking_id > $1 AND booking_id <= $2 ORDER BY booking_id, seq"
        );
        Ok(on!(self, |db| sqlx::query_as(sql).bind(after).bind(last).fetch_all(db).await?))
    }

    /// One booking's row and its events.
    pub async fn standing(
        &mut self,
        id: BookingId,
    ) -> Result<(Option<Standing>, Vec<BookingEvent>)> {
        let sql = concat!(standing!(), "WHERE id = $1");
        let row = on!(&mut *self, |db| sqlx::query_as(sql).bind(id).fetch_optional(db).await?);
        let sql = concat!(event!(), "WHERE booking_id = $1 ORDER BY seq");
        let events = on!(self, |db| sqlx::query_as(sql).bind(id).fetch_all(db).await?);
        Ok((row, events))
    }

    /// Notes that a check begins; false where the night's is somebody else's already.
    pub async fn begin_check(
        &mut self,
        id: CheckId,
        (scope, night): (CheckScope, Option<NaiveDate>),
        from: Horizon,
        now: Instant,
    ) -> Result<bool> {
        let sql = "INSERT INTO fold_check (id, scope, night, started_at, bookings, events,
                divergent, next_row, next_event)
            VALUES ($1, $2, $3, $4, 0, 0, 0, $5, $6) ON CONFLICT DO NOTHING";
        let begun = run!(
            self,
            sqlx::query(sql)
                .bind(id)
                .bind(scope)
                .bind(night)
                .bind(now)
                .bind(from.next_row)
                .bind(from.next_event)
        );
        Ok(begun == 1)
    }

    /// Lets another server do a night's check that somebody began before `before` and never ended.
    pub async fn give_up_check(&mut self, night: NaiveDate, before: Instant) -> Result<()> {
        let sql = "UPDATE fold_check SET night = NULL
            WHERE night = $1 AND finished_at IS NULL AND started_at < $2";
        run!(self, sqlx::query(sql).bind(night).bind(before));
        Ok(())
    }

    /// Whether a night has a check.
    pub async fn has_check(&mut self, night: NaiveDate) -> Result<bool> {
        let sql = "SELECT count(*) FROM fold_check WHERE night = $1";
        let found: i64 = on!(self, |db| sqlx::query_scalar(sql).bind(night).fetch_one(db).await?);
        Ok(found > 0)
    }

    /// Notes how a check ended.
    pub async fn end_check(&mut self, check: &Check) -> Result<()> {
        let sql = "UPDATE fold_check SET finished_at = $2, bookings = $3, events = $4,
            divergent = $5 WHERE id = $1";
        run!(
            self,
            sqlx::query(sql)
                .bind(check.id)
                .bind(check.finished_at)
                .bind(check.bookings)
                .bind(check.events)
                .bind(check.divergent)
        );
        Ok(())
    }

    /// Notes a booking that stands otherwise.
    pub async fn add_divergence(&mut self, check: CheckId, row: &DivergenceRow) -> Result<()> {
        let sql = "INSERT INTO fold_divergence (check_id, booking_id, code, detail)
            VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
        run!(
            self,
            sqlx::query(sql).bind(check).bind(row.booking_id).bind(&row.code).bind(&row.detail)
        );
        Ok(())
    }

    /// The last checks that ended, the newest first.
    pub async fn checks(&mut self, scope: Option<CheckScope>, most: i64) -> Result<Vec<Check>> {
        let sql = concat!(
            check!(),
            "WHERE finished_at IS NOT NULL AND ($1 IS NULL OR scope = $1)
             ORDER BY started_at DESC, id DESC LIMIT $2"
        );
        Ok(on!(self, |db| sqlx::query_as(sql).bind(scope).bind(most).fetch_all(db).await?))
    }

    /// From where to look after the last check that ended; nothing before the first.
    pub async fn last_horizon(&mut self) -> Result<Option<Horizon>> {
        let sql = "SELECT next_row, next_event FROM fold_check WHERE finished_at IS NOT NULL
            ORDER BY started_at DESC, id DESC LIMIT 1";
        Ok(on!(self, |db| sqlx::query_as(sql).fetch_optional(db).await?))
    }

    /// What a check found.
    pub async fn divergences(&mut self, check: CheckId, most: i64) -> Result<Vec<DivergenceRow>> {
        let sql = "SELECT booking_id, code, detail FROM fold_divergence WHERE check_id = $1
            ORDER BY booking_id LIMIT $2";
        Ok(on!(self, |db| sqlx::query_as(sql).bind(check).bind(most).fetch_all(db).await?))
    }

    /// Forgets checks of what changed that found nothing, from before `before`.
    pub async fn forget_checks(&mut self, before: Instant) -> Result<()> {
        let sql = "DELETE FROM fold_check
            WHERE scope = 'changed' AND divergent = 0 AND started_at < $1";
        run!(self, sqlx::query(sql).bind(before));
        Ok(())
    }
}

impl Horizon {
    /// Before everything.
    pub const START: BookingId = BookingId(Uuid::nil());
}
