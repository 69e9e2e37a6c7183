-- Answers to requests that carried an Idempotency-Key, written in the same transaction as what the
-- request did. Keys and requests are kept as keyed digests, answers sealed: they hold names and
-- cookies. Gone a day later.
CREATE TABLE idempotency (
    key_index BYTEA PRIMARY KEY CHECK (octet_length(key_index) = 32),
    request_index BYTEA NOT NULL CHECK (octet_length(request_index) = 32),
    answer BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX idempotency_age ON idempotency (created_at);

-- From which network a hold came, as a keyed digest, so that one network cannot hold a clinic's
-- whole day. Gone a day later.
CREATE TABLE hold_origin (
    booking_id UUID PRIMARY KEY REFERENCES booking (id) ON DELETE CASCADE,
    network_index BYTEA NOT NULL CHECK (octet_length(network_index) = 32),
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX hold_origin_network ON hold_origin (network_index, created_at);
CREATE INDEX hold_origin_age ON hold_origin (created_at);

-- Who sees a booking: asked by the limits of holds, and when a booking goes.
CREATE INDEX session_booking_of ON session_booking (booking_id);
