-- What checks of a patient's line before a visit found, against the server's own peer. Numbers and
-- codes; no address of anybody.
CREATE TABLE line_check (
    id BLOB PRIMARY KEY,
    booking_id BLOB NOT NULL,
    facility_id BLOB NOT NULL,
    at TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('ok', 'degraded', 'failed')),
    reason TEXT CHECK (reason IN ('no_connection', 'too_short', 'inconsistent', 'loss_up', 'loss_down',
        'delay', 'jitter', 'bandwidth_up', 'bandwidth_down', 'no_direct', 'no_relay')),
    -- Nothing where the browser's number was no number.
    rtt_ms INTEGER CHECK (rtt_ms >= 0),
    jitter_ms INTEGER CHECK (jitter_ms >= 0),
    loss_up_permille INTEGER NOT NULL CHECK (loss_up_permille BETWEEN 0 AND 1000),
    loss_down_permille INTEGER NOT NULL CHECK (loss_down_permille BETWEEN 0 AND 1000),
    -- Kilobits a second; nothing where that was not tried.
    up_kbps INTEGER CHECK (up_kbps >= 0),
    down_kbps INTEGER CHECK (down_kbps >= 0),
    direct_ok INTEGER NOT NULL CHECK (direct_ok IN (0, 1)),
    -- Nothing where there is no relay.
    relay_ok INTEGER CHECK (relay_ok IN (0, 1)),
    relay_rtt_ms INTEGER CHECK (relay_rtt_ms >= 0),
    relay_loss_permille INTEGER CHECK (relay_loss_permille BETWEEN 0 AND 1000),
    took_ms INTEGER NOT NULL CHECK (took_ms BETWEEN 0 AND 15000),
    CONSTRAINT line_check_reason CHECK ((verdict = 'ok') = (reason IS NULL)),
    CHECK (relay_ok IS NOT NULL OR (relay_rtt_ms IS NULL AND relay_loss_permille IS NULL)),
    FOREIGN KEY (booking_id, facility_id) REFERENCES booking (id, facility_id)
) STRICT;
CREATE INDEX line_check_of ON line_check (booking_id, at);
