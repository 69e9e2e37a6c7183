-- Calendars of other programs: feeds that they read from us, and busy times that we read from them.

-- An address at which a calendar program reads visits: a clinician's, or those that a patient's
-- browser opened. Its secret is kept as a hash; who revokes it ends it.
CREATE TABLE calendar_feed (
    id UUID PRIMARY KEY,
    secret_hash BYTEA NOT NULL UNIQUE,
    clinician_id UUID REFERENCES clinician (id),
    session_hash BYTEA,
    language TEXT NOT NULL CHECK (language IN ('ja', 'en')),
    created_at TIMESTAMPTZ NOT NULL,
    read_at TIMESTAMPTZ,
    revoked_at TIMESTAMPTZ,
    CONSTRAINT calendar_feed_of_one CHECK ((clinician_id IS NULL) <> (session_hash IS NULL))
);
CREATE INDEX calendar_feed_of_clinician ON calendar_feed (clinician_id);
CREATE INDEX calendar_feed_of_session ON calendar_feed (session_hash);
-- What a patient's feed shows. It stays when the browser's session is over.
CREATE TABLE calendar_feed_booking (
    feed_id UUID NOT NULL REFERENCES calendar_feed (id) ON DELETE CASCADE,
    booking_id UUID NOT NULL REFERENCES booking (id),
    PRIMARY KEY (feed_id, booking_id)
);

-- A clinician's calendar elsewhere, of which only the busy times are kept: no titles, no people.
CREATE TABLE outside_calendar (
    id UUID PRIMARY KEY,
    facility_id UUID NOT NULL,
    clinician_id UUID NOT NULL,
    fetched_at TIMESTAMPTZ NOT NULL,
    known_until TIMESTAMPTZ NOT NULL,
    entries BIGINT NOT NULL CHECK (entries >= 0),
    ignored TEXT NOT NULL,
    FOREIGN KEY (clinician_id, facility_id) REFERENCES clinician (id, facility_id)
);
CREATE INDEX outside_calendar_of ON outside_calendar (clinician_id);
CREATE TABLE outside_busy (
    calendar_id UUID NOT NULL REFERENCES outside_calendar (id) ON DELETE CASCADE,
    clinician_id UUID NOT NULL REFERENCES clinician (id),
    starts_at TIMESTAMPTZ NOT NULL,
    ends_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (calendar_id, starts_at),
    CONSTRAINT outside_busy_order CHECK (starts_at < ends_at)
);
CREATE INDEX outside_busy_of ON outside_busy (clinician_id, ends_at);
