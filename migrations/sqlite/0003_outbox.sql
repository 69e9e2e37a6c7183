-- What is to be told of bookings, to whom it was told and how that went. Ids and kinds alone: what
-- a message says is written when it is sent, and kept nowhere.

-- Where a facility's own programs hear of its bookings. The address may hold a secret, so both are
-- sealed; removing an endpoint forgets them.
CREATE TABLE webhook (
    id BLOB PRIMARY KEY,
    facility_id BLOB NOT NULL REFERENCES facility (id),
    url BLOB,
    secret BLOB,
    created_at TEXT NOT NULL,
    removed_at TEXT,
    CHECK ((removed_at IS NULL) = (url IS NOT NULL)),
    CHECK ((url IS NULL) = (secret IS NULL)),
    UNIQUE (id, facility_id)
) STRICT;
CREATE INDEX webhook_of ON webhook (facility_id) WHERE removed_at IS NULL;

-- One deed that is to be told, written in the deed's own unit of work. turn is the booking's version
-- after it: what is told of a booking is told in this order. Reminders are due later and stand
-- outside of it.
CREATE TABLE outbox (
    id BLOB PRIMARY KEY,
    facility_id BLOB NOT NULL,
    booking_id BLOB NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('booked', 'requested', 'approved', 'declined', 'moved',
        'cancelled', 'offered', 'new_times', 'reminder')),
    lead_min INTEGER CHECK (lead_min > 0),
    turn INTEGER NOT NULL,
    due_at TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'handed_on', 'dropped')),
    created_at TEXT NOT NULL,
    CHECK ((kind = 'reminder') = (lead_min IS NOT NULL)),
    FOREIGN KEY (booking_id, facility_id) REFERENCES booking (id, facility_id)
) STRICT;
CREATE INDEX outbox_due ON outbox (due_at) WHERE state = 'waiting';
CREATE INDEX outbox_of ON outbox (booking_id, turn);

-- One message by one way. due_at is when to try next; who tries moves it past the time that trying
-- may take, so that nobody else does, and the count of attempts tells whose try it was.
CREATE TABLE delivery (
    id BLOB PRIMARY KEY,
    message_id BLOB NOT NULL REFERENCES outbox (id),
    facility_id BLOB NOT NULL,
    booking_id BLOB NOT NULL,
    channel TEXT NOT NULL CHECK (channel IN ('mail', 'sms', 'webhook')),
    webhook_id BLOB,
    due_at TEXT NOT NULL,
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    state TEXT NOT NULL CHECK (state IN
        ('waiting', 'sent', 'dropped', 'no_address', 'not_configured', 'dead')),
    reason TEXT,
    finished_at TEXT,
    CHECK ((state = 'waiting') = (finished_at IS NULL)),
    CHECK ((channel = 'webhook') = (webhook_id IS NOT NULL)),
    FOREIGN KEY (booking_id, facility_id) REFERENCES booking (id, facility_id),
    FOREIGN KEY (webhook_id, facility_id) REFERENCES webhook (id, facility_id)
) STRICT;
CREATE INDEX delivery_due ON delivery (channel, due_at) WHERE state = 'waiting';
CREATE INDEX delivery_waiting ON delivery (booking_id, channel) WHERE state = 'waiting';
CREATE INDEX delivery_dead ON delivery (facility_id, finished_at) WHERE state = 'dead';
CREATE INDEX delivery_of ON delivery (message_id);

-- How many short messages a number got on a day. The index of a number differs from day to day.
CREATE TABLE sms_count (
    day TEXT NOT NULL,
    number_index BLOB NOT NULL,
    sent INTEGER NOT NULL CHECK (sent >= 0),
    PRIMARY KEY (day, number_index)
) STRICT;

-- Secrets of links in messages, beside the one that was shown when the booking was confirmed.
CREATE TABLE booking_link (
    hash BLOB PRIMARY KEY,
    booking_id BLOB NOT NULL REFERENCES booking (id),
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX booking_link_of ON booking_link (booking_id);
