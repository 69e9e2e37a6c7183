//! What is to be told of bookings, and how the telling went.

use chrono::NaiveDate;
use sqlx::FromRow;

use super::{Result, Tx, on, run};
use crate::model::message::{Channel, Delivery, Message};
use crate::model::{BookingId, DeliveryId, FacilityId, MessageId, WebhookId};
use crate::seal::BlindIndex;
use crate::seal::token::TokenHash;
use crate::time::Instant;

/// The most messages that one deed has: itself, and its reminders.
pub const MESSAGES_AT_ONCE: usize = 4;

/// Whoever shares out what is due does it alone: "outbox" as a number.
const SHARING: uuid::Uuid = uuid::Uuid::from_u128(0x6f75_7462_6f78);

/// Whoever counts short messages of a day does it alone: "sms" as a number, and the day's.
const COUNTING: u128 = 0x0073_6d73 << 32;

/// A delivery with what it tells; leased, this process alone tries it now.
#[derive(Debug)]
pub struct Leased {
    /// The delivery, with this try counted.
    pub delivery: Delivery,
    /// What it tells.
    pub message: Message,
}

/// A message beside a delivery: its columns under names of their own.
#[derive(FromRow)]
struct LeasedRow {
    #[sqlx(flatten)]
    delivery: Delivery,
    o_id: MessageId,
    o_facility_id: FacilityId,
    o_booking_id: BookingId,
    o_kind: crate::model::message::Kind,
    o_lead_min: Option<i64>,
    o_turn: i64,
    o_due_at: Instant,
    o_created_at: Instant,
}

impl From<LeasedRow> for Leased {
    fn from(row: LeasedRow) -> Self {
        let message = Message {
            id: row.o_id,
            facility: row.o_facility_id,
            booking: row.o_booking_id,
            kind: row.o_kind,
            lead_min: row.o_lead_min,
            turn: row.o_turn,
            due_at: row.o_due_at,
            created_at: row.o_created_at,
        };
        Self { delivery: row.delivery, message }
    }
}

macro_rules! message {
    () => {
        "id, facility_id, booking_id, kind, lead_min, turn, due_at, created_at"
    };
}

macro_rules! delivery_and_message {
    ($rest:literal) => {
        concat!(
            "SELECT d.id, d.message_id, d.channel, d.webhook_id, d.due_at, d.attempts, d.state,
                d.reason, d.finished_at, o.id AS o_id, o.facility_id AS o_facility_id,
                o.booking_id AS o_booking_id, o.kind AS o_kind, o.lead_min AS o_lead_min,
                o.turn AS o_turn, o.due_at AS o_due_at, o.created_at AS o_created_at
             FROM delivery AS d JOIN outbox AS o ON o.id = d.message_id ",
            $rest
        )
    };
}

macro_rules! insert_messages {
    ($($more:literal),*) => {
        concat!(
            "INSERT INTO outbox (id, facility_id, booking_id, kind, lead_min, turn, due_at,
                created_at, state)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'waiting')",
            $(", ", $more),*
        )
    };
}

const INSERTS: [&str; MESSAGES_AT_ONCE] = [
    insert_messages!(),
    insert_messages!("($9, $10, $11, $12, $13, $14, $15, $16, 'waiting')"),
    insert_messages!(
        "($9, $10, $11, $12, $13, $14, $15, $16, 'waiting')",
        "($17, $18, $19, $20, $21, $22, $23, $24, 'waiting')"
    ),
    insert_messages!(
        "($9, $10, $11, $12, $13, $14, $15, $16, 'waiting')",
        "($17, $18, $19, $20, $21, $22, $23, $24, 'waiting')",
        "($25, $26, $27, $28, $29, $30, $31, $32, 'waiting')"
    ),
];

impl Tx {
    /// Adds what is to be told of one deed, in one statement; at most [`MESSAGES_AT_ONCE`].
    pub async fn add_messages(&mut self, messages: &[Message]) -> Result<()> {
        for few in messages.chunks(MESSAGES_AT_ONCE) {
            on!(self, |db| {
                let mut query = sqlx::query(INSERTS[few.len() - 1]);
                for m in few {
                    query = query
                        .bind(m.id)
                        .bind(m.facility)
                        .bind(m.booking)
                        .bind(m.kind)
                        .bind(m.lead_min)
                        .bind(m.turn)
                        .bind(m.due_at)
                        .bind(m.created_at);
                }
                query.execute(db).await?;
            });
        }
        Ok(())
    }

    /// Lets the reminders of a booking go that are not shared out yet.
    pub async fn drop_reminders(&mut self, booking: BookingId) -> Result<()> {
        let sql = "UPDATE outbox SET state = 'dropped'
                   WHERE booking_id = $1 AND kind = 'reminder' AND state = 'waiting'";
        run!(self, sqlx::query(sql).bind(booking));
        Ok(())
    }

    /// Lets the calls of a booking's patient go that are not shared out yet: they are there.
    pub async fn drop_calls(&mut self, booking: BookingId) -> Result<()> {
        let sql = "UPDATE outbox SET state = 'dropped'
                   WHERE booking_id = $1 AND kind = 'called' AND state = 'waiting'";
        run!(self, sqlx::query(sql).bind(booking));
        Ok(())
    }

    /// When a booking's patient was called last, by a message that was not dropped.
    pub async fn last_call(&mut self, booking: BookingId) -> Result<Option<Instant>> {
        let sql = "SELECT MAX(created_at) FROM outbox
                   WHERE booking_id = $1 AND kind = 'called' AND state <> 'dropped'";
        Ok(on!(self, |db| sqlx::query_scalar(sql).bind(booking).fetch_one(db).await?))
    }

    /// Whether anything is due at `now`.
    pub async fn is_due(&mut self, now: Instant) -> Result<bool> {
        let sql = "SELECT count(*) FROM (
            SELECT 1 AS one FROM outbox WHERE state = 'waiting' AND due_at <= $1
            UNION ALL
            SELECT 1 FROM delivery WHERE state = 'waiting' AND due_at <= $1 LIMIT 1) AS due";
        let due: i64 = on!(self, |db| sqlx::query_scalar(sql).bind(now).fetch_one(db).await?);
        Ok(due > 0)
    }

    /// Makes others who share out wait until this unit of work ends.
    pub async fn share_alone(&mut self) -> Result<()> {
        self.lock(SHARING).await
    }

    /// Messages that are due and not shared out yet, the earliest of each booking first.
    pub async fn due_messages(&mut self, now: Instant, most: i64) -> Result<Vec<Message>> {
        let sql = concat!(
            "SELECT ",
            message!(),
            " FROM outbox WHERE state = 'waiting' AND due_at <= $1
              ORDER BY due_at, turn, id LIMIT $2"
        );
        Ok(on!(self, |db| sqlx::query_as(sql).bind(now).bind(most).fetch_all(db).await?))
    }

    /// Notes that a message is shared out.
    pub async fn hand_on(&mut self, message: MessageId) -> Result<()> {
        let sql = "UPDATE outbox SET state = 'handed_on' WHERE id = $1 AND state = 'waiting'";
        run!(self, sqlx::query(sql).bind(message));
        Ok(())
    }

    /// Adds a delivery of `message`, due at `now`.
    pub async fn add_delivery(
        &mut self,
        message: &Message,
        channel: Channel,
        webhook: Option<WebhookId>,
        now: Instant,
    ) -> Result<()> {
        let sql = "INSERT INTO delivery (id, message_id, facility_id, booking_id, channel,
                webhook_id, due_at, attempts, state)
            VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 'waiting')";
        run!(
            self,
            sqlx::query(sql)
                .bind(DeliveryId::new())
                .bind(message.id)
                .bind(message.facility)
                .bind(message.booking)
                .bind(channel)
                .bind(webhook)
                .bind(now)
        );
        Ok(())
    }

    /// Takes deliveries that are due, until `until` for nobody else, each counted as tried. Of a
    /// booking's on one way only the first is taken: nothing overtakes, and a reminder waits for
    /// everything that happened.
    pub async fn lease_deliveries(
        &mut self,
        channel: Channel,
        now: Instant,
        until: Instant,
        most: i64,
    ) -> Result<Vec<Leased>> {
        let sql = delivery_and_message!(
            "WHERE d.state = 'waiting' AND d.channel = $1 AND d.due_at <= $2
               AND NOT EXISTS (
                 SELECT 1 FROM delivery AS e JOIN outbox AS p ON p.id = e.message_id
                 WHERE e.booking_id = d.booking_id AND e.channel = d.channel
                   AND e.webhook_id IS NOT DISTINCT FROM d.webhook_id
                   AND e.state = 'waiting' AND p.kind <> 'reminder'
                   AND (o.kind = 'reminder' OR p.turn < o.turn
                     OR (p.turn = o.turn AND p.id < o.id)))
               AND NOT EXISTS (
                 SELECT 1 FROM outbox AS p
                 WHERE p.booking_id = d.booking_id AND p.state = 'waiting'
                   AND p.kind <> 'reminder' AND (o.kind = 'reminder' OR p.turn < o.turn))
             ORDER BY d.due_at, d.id LIMIT $3"
        );
        let rows: Vec<LeasedRow> = on!(self, |db| {
            sqlx::query_as(sql).bind(channel).bind(now).bind(most).fetch_all(db).await?
        });
        let mut leased: Vec<Leased> = rows.into_iter().map(Leased::from).collect();
        for one in &mut leased {
            let sql = "UPDATE delivery SET due_at = $2, attempts = attempts + 1 WHERE id = $1";
            run!(self, sqlx::query(sql).bind(one.delivery.id).bind(until));
            one.delivery.attempts += 1;
        }
        Ok(leased)
    }

    /// Whether something newer than `message` is told of its booking, or will be.
    pub async fn is_superseded(&mut self, message: &Message) -> Result<bool> {
        let sql = "SELECT count(*) FROM outbox
                   WHERE booking_id = $1 AND turn > $2 AND kind <> 'reminder'";
        let newer: i64 = on!(self, |db| {
            sqlx::query_scalar(sql).bind(message.booking).bind(message.turn).fetch_one(db).await?
        });
        Ok(newer > 0)
    }

    /// What was and will be told of a booking of the facility, each message with its deliveries,
    /// the oldest first.
    pub async fn messages_of(
        &mut self,
        facility: FacilityId,
        booking: BookingId,
    ) -> Result<Vec<(Message, Vec<Delivery>)>> {
        let sql = concat!(
            "SELECT ",
            message!(),
            " FROM outbox WHERE booking_id = $1 AND facility_id = $2 AND state <> 'dropped'"
        );
        let mut messages: Vec<Message> =
            on!(self, |db| sqlx::query_as(sql).bind(booking).bind(facility).fetch_all(db).await?);
        messages.sort_by_key(|message| (message.due_at, message.turn, message.id));
        let sql = "SELECT id, message_id, channel, webhook_id, due_at, attempts, state, reason,
                finished_at
            FROM delivery WHERE booking_id = $1 AND facility_id = $2 ORDER BY id";
        let deliveries: Vec<Delivery> =
            on!(self, |db| sqlx::query_as(sql).bind(booking).bind(facility).fetch_all(db).await?);
        let of = |message: &Message| {
            deliveries.iter().filter(|one| one.message == message.id).cloned().collect()
        };
        Ok(messages.into_iter().map(|message| (message.clone(), of(&message))).collect())
    }

    /// The deliveries of the facility that were given up, the latest first.
    pub async fn dead_deliveries(
        &mut self,
        facility: FacilityId,
        most: i64,
    ) -> Result<Vec<Leased>> {
        let sql = delivery_and_message!(
            "WHERE d.facility_id = $1 AND d.state = 'dead' ORDER BY d.finished_at DESC, d.id LIMIT $2"
        );
        let rows: Vec<LeasedRow> =
            on!(self, |db| sqlx::query_as(sql).bind(facility).bind(most).fetch_all(db).await?);
        Ok(rows.into_iter().map(Leased::from).collect())
    }

    /// Lets a delivery be tried again that was given up or had no way; whether there was one.
    pub async fn revive_delivery(
        &mut self,
        facility: FacilityId,
        id: DeliveryId,
        now: Instant,
    ) -> Result<bool> {
        let sql = "UPDATE delivery SET state = 'waiting', reason = NULL, finished_at = NULL,
                attempts = 0, due_at = $3
            WHERE id = $1 AND facility_id = $2
              AND state IN ('dead', 'no_address', 'not_configured')";
        Ok(run!(self, sqlx::query(sql).bind(id).bind(facility).bind(now)) == 1)
    }

    /// Makes others who count short messages of that day wait until this unit of work ends.
    pub async fn lock_sms(&mut self, day: NaiveDate) -> Result<()> {
        let day = u128::from(chrono::Datelike::num_days_from_ce(&day).unsigned_abs());
        self.lock(uuid::Uuid::from_u128(COUNTING | day)).await
    }

    /// Takes a count back: nothing was sent.
    pub async fn uncount_sms(&mut self, day: NaiveDate, number: &BlindIndex) -> Result<()> {
        let sql = "UPDATE sms_count SET sent = sent - 1
                   WHERE day = $1 AND number_index = $2 AND sent > 0";
        run!(self, sqlx::query(sql).bind(day).bind(number));
        Ok(())
    }

    /// Counts a short message to a number: how many it has got that day with this one, and all
    /// numbers together.
    pub async fn count_sms(&mut self, day: NaiveDate, number: &BlindIndex) -> Result<(i64, i64)> {
        let sql = "INSERT INTO sms_count (day, number_index, sent) VALUES ($1, $2, 1)
            ON CONFLICT (day, number_index) DO UPDATE SET sent = sms_count.sent + 1
            RETURNING sent";
        let own: i64 =
            on!(self, |db| sqlx::query_scalar(sql).bind(day).bind(number).fetch_one(db).await?);
        let sql = "SELECT CAST(SUM(sent) AS BIGINT) FROM sms_count WHERE day = $1";
        let all: i64 = on!(self, |db| sqlx::query_scalar(sql).bind(day).fetch_one(db).await?);
        Ok((own, all))
    }

    /// Adds the secret of another link to a booking.
    pub async fn add_link(
        &mut self,
        link: &TokenHash,
        booking: BookingId,
        now: Instant,
    ) -> Result<()> {
        let sql = "INSERT INTO booking_link (hash, booking_id, created_at) VALUES ($1, $2, $3)";
        run!(self, sqlx::query(sql).bind(link).bind(booking).bind(now));
        Ok(())
    }

    /// Forgets links to visits that ended before `ended`, and counts of days before `day`.
    pub async fn forget_links(&mut self, ended: Instant, day: NaiveDate) -> Result<()> {
        // Link by link: there are fewer of them than of visits that are over.
        let sql = "DELETE FROM booking_link WHERE EXISTS (SELECT 1 FROM booking
                   WHERE booking.id = booking_link.booking_id AND booking.ends_at < $1)";
        run!(self, sqlx::query(sql).bind(ended));
        run!(self, sqlx::query("DELETE FROM sms_count WHERE day < $1").bind(day));
        Ok(())
    }
}
