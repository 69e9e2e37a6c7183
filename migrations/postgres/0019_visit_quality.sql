-- How good the connections of a visit were, as the people in it measured them: what a visit that was
-- held, or could not be, is traced to. Numbers alone.
CREATE TABLE visit_quality (
    participant_id UUID PRIMARY KEY,
    booking_id UUID NOT NULL,
    facility_id UUID NOT NULL,
    first_at TIMESTAMPTZ NOT NULL,
    last_at TIMESTAMPTZ NOT NULL,
    -- For how long they measured, and of that: pictures came in, all ran over a relay.
    seconds BIGINT NOT NULL,
    picture_seconds BIGINT NOT NULL,
    relay_seconds BIGINT NOT NULL,
    -- What they measured last.
    rtt_ms BIGINT CHECK (rtt_ms >= 0),
    jitter_ms BIGINT CHECK (jitter_ms >= 0),
    loss_permille BIGINT CHECK (loss_permille BETWEEN 0 AND 1000),
    fps BIGINT CHECK (fps >= 0),
    CONSTRAINT visit_quality_times CHECK (first_at <= last_at),
    CONSTRAINT visit_quality_parts CHECK
        (picture_seconds BETWEEN 0 AND seconds AND relay_seconds BETWEEN 0 AND seconds),
    FOREIGN KEY (participant_id, booking_id) REFERENCES visit_participant (id, booking_id),
    FOREIGN KEY (booking_id, facility_id) REFERENCES booking (id, facility_id)
);
CREATE INDEX visit_quality_of ON visit_quality (booking_id);
