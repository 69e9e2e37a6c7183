-- That a doctor is late today, as the clinic said it; patients who wait are told. Not more than a
-- quarter of an hour at a time: later than that, visits are moved.
CREATE TABLE clinician_delay (
    clinician_id UUID NOT NULL,
    facility_id UUID NOT NULL,
    local_date DATE NOT NULL,
    minutes BIGINT NOT NULL CHECK (minutes IN (0, 5, 10, 15)),
    said_at TIMESTAMPTZ NOT NULL,
    account_id UUID NOT NULL REFERENCES account (id),
    PRIMARY KEY (clinician_id, local_date),
    FOREIGN KEY (clinician_id, facility_id) REFERENCES clinician (id, facility_id)
);

-- Who waits for a doctor today: read at each change of a place.
CREATE INDEX booking_arrived ON booking (clinician_id, starts_at)
    WHERE status IN ('checked_in', 'in_progress');
