-- Calendars of other programs: feeds that they read from us, and busy times that we read from them.

-- An address at which a calendar program reads visits: a clinician's, or those that a patient's
-- browser opened. Its secret is kept as a hash; who revokes it ends it.
CREATE TABLE calendar_feed (
    id BLOB PRIMARY KEY,
    secret_hash BLOB NOT NULL UNIQUE,
    clinician_id BLOB REFERENCES clinician (id),
    session_hash BLOB,
    language TEXT NOT NULL CHECK (language IN ('ja', 'en')),
    created_at TEXT NOT NULL,
    read_at TEXT,
    revoked_at TEXT,
    CONSTRAINT calendar_feed_of_one CHECK ((clinician_id IS NULL) <> (session_hash IS NULL))
) STRICT;
CREATE INDEX calendar_feed_of_clinician ON calendar_feed (clinician_id);
CREATE INDEX calendar_feed_of_session ON calendar_feed (session_hash);
-- What a patient's feed shows. It stays when the browser's session is over.
CREATE TABLE calendar_feed_booking (
    feed_id BLOB NOT NULL REFERENCES calendar_feed (id) ON DELETE CASCADE,
    booking_id BLOB NOT NULL REFERENCES booking (id),
    PRIMARY KEY (feed_id, booking_id)
) STRICT;

-- A clinician's calendar elsewhere, of which only the busy times are kept: no titles, no people.
CREATE TABLE outside_calendar (
    id BLOB PRIMARY KEY,
    facility_id BLOB NOT NULL,
    clinician_id BLOB NOT NULL,
    fetched_at TEXT NOT NULL,
    known_until TEXT NOT NULL,
    entries INTEGER NOT NULL CHECK (entries >= 0),
    ignored TEXT NOT NULL,
    FOREIGN KEY (clinician_id, facility_id) REFERENCES clinician (id, facility_id)
) STRICT;
CREATE INDEX outside_calendar_of ON outside_calendar (clinician_id);
CREATE TABLE outside_busy (
    calendar_id BLOB NOT NULL REFERENCES outside_calendar (id) ON DELETE CASCADE,
    clinician_id BLOB NOT NULL REFERENCES clinician (id),
    starts_at TEXT NOT NULL,
    ends_at TEXT NOT NULL,
    PRIMARY KEY (calendar_id, starts_at),
    CONSTRAINT outside_busy_order CHECK (starts_at < ends_at)
) STRICT;
CREATE INDEX outside_busy_of ON outside_busy (clinician_id, ends_at);
