-- What checks of a patient's line before a visit found, against the server's own peer. Numbers and
-- codes; no address of anybody.
CREATE TABLE line_check (
    id UUID PRIMARY KEY,
    booking_id UUID NOT NULL,
    facility_id UUID NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('ok', 'degraded', 'failed')),
    reason TEXT CHECK (reason IN ('no_connection', 'too_short', 'inconsistent', 'loss_up', 'loss_down',
        'delay', 'jitter', 'bandwidth_up', 'bandwidth_down', 'no_direct', 'no_relay')),
    -- Nothing where the browser's number was no number.
    rtt_ms BIGINT CHECK (rtt_ms >= 0),
    jitter_ms BIGINT CHECK (jitter_ms >= 0),
    loss_up_permille BIGINT NOT NULL CHECK (loss_up_permille BETWEEN 0 AND 1000),
    loss_down_permille BIGINT NOT NULL CHECK (loss_down_permille BETWEEN 0 AND 1000),
    -- Kilobits a second; nothing where that was not tried.
    up_kbps BIGINT CHECK (up_kbps >= 0),
    down_kbps BIGINT CHECK (down_kbps >= 0),
    direct_ok BOOLEAN NOT NULL,
    -- Nothing where there is no relay.
    relay_ok BOOLEAN,
    relay_rtt_ms BIGINT CHECK (relay_rtt_ms >= 0),
    relay_loss_permille BIGINT CHECK (relay_loss_permille BETWEEN 0 AND 1000),
    took_ms BIGINT NOT NULL CHECK (took_ms BETWEEN 0 AND 15000),
    CONSTRAINT line_check_reason CHECK ((verdict = 'ok') = (reason IS NULL)),
    CHECK (relay_ok IS NOT NULL OR (relay_rtt_ms IS NULL AND relay_loss_permille IS NULL)),
    FOREIGN KEY (booking_id, facility_id) REFERENCES booking (id, facility_id)
);
CREATE INDEX line_check_of ON line_check (booking_id, at);
