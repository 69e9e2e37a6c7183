-- How good the connections of a visit were, as the people in it measured them: what a visit that was
-- held, or could not be, is traced to. Numbers alone.
CREATE TABLE visit_quality (
    participant_id BLOB PRIMARY KEY,
    booking_id BLOB NOT NULL,
    facility_id BLOB NOT NULL,
    first_at TEXT NOT NULL,
    last_at TEXT NOT NULL,
    -- For how long they measured, and of that: pictures came in, all ran over a relay.
    seconds INTEGER NOT NULL,
    picture_seconds INTEGER NOT NULL,
    relay_seconds INTEGER NOT NULL,
    -- What they measured last.
    rtt_ms INTEGER CHECK (rtt_ms >= 0),
    jitter_ms INTEGER CHECK (jitter_ms >= 0),
    loss_permille INTEGER CHECK (loss_permille BETWEEN 0 AND 1000),
    fps INTEGER CHECK (fps >= 0),
    CONSTRAINT visit_quality_times CHECK (first_at <= last_at),
    CONSTRAINT visit_quality_parts CHECK
        (picture_seconds BETWEEN 0 AND seconds AND relay_seconds BETWEEN 0 AND seconds),
    FOREIGN KEY (participant_id, booking_id) REFERENCES visit_participant (id, booking_id),
    FOREIGN KEY (booking_id, facility_id) REFERENCES booking (id, facility_id)
) STRICT;
CREATE INDEX visit_quality_of ON visit_quality (booking_id);
