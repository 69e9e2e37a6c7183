-- Who waits for a time to become free, what became free, and what was offered to whom. An offer is
-- a hold: a row of booking whose patient is the one who waits.
CREATE TABLE waitlist_entry (
    id BLOB PRIMARY KEY,
    facility_id BLOB NOT NULL,
    service_id BLOB NOT NULL,
    clinician_id BLOB,
    patient_id BLOB NOT NULL REFERENCES patient (id),
    session_hash BLOB NOT NULL,
    from_date TEXT NOT NULL,
    until_date TEXT NOT NULL,
    from_minute INTEGER NOT NULL CHECK (from_minute BETWEEN 0 AND 1435 AND from_minute % 5 = 0),
    until_minute INTEGER NOT NULL CHECK (until_minute BETWEEN 5 AND 1440 AND until_minute % 5 = 0),
    language TEXT NOT NULL CHECK (language IN ('ja', 'en')),
    for_whom TEXT NOT NULL CHECK (for_whom IN ('self', 'family')),
    contact BLOB NOT NULL,
    consented_at TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('waiting', 'booked', 'left', 'over')),
    created_at TEXT NOT NULL,
    ended_at TEXT,
    CHECK (from_date <= until_date),
    CHECK (from_minute < until_minute),
    CHECK ((status = 'waiting') = (ended_at IS NULL)),
    FOREIGN KEY (service_id, facility_id) REFERENCES service (id, facility_id),
    FOREIGN KEY (clinician_id, facility_id) REFERENCES clinician (id, facility_id)
) STRICT;
CREATE INDEX waitlist_entry_of ON waitlist_entry (facility_id, created_at) WHERE status = 'waiting';
CREATE INDEX waitlist_entry_session ON waitlist_entry (session_hash);
CREATE UNIQUE INDEX waitlist_entry_once ON waitlist_entry (patient_id, service_id)
    WHERE status = 'waiting';

-- A clinician's time that somebody gave back while others waited. Open until it is offered to all
-- who may want it, or too near.
CREATE TABLE freed_time (
    id BLOB PRIMARY KEY,
    facility_id BLOB NOT NULL,
    clinician_id BLOB NOT NULL,
    starts_at TEXT NOT NULL,
    ends_at TEXT NOT NULL,
    freed_at TEXT NOT NULL,
    done_at TEXT,
    CHECK (starts_at < ends_at),
    FOREIGN KEY (clinician_id, facility_id) REFERENCES clinician (id, facility_id)
) STRICT;
CREATE INDEX freed_time_open ON freed_time (freed_at) WHERE done_at IS NULL;
CREATE UNIQUE INDEX freed_time_once ON freed_time (clinician_id, starts_at, ends_at)
    WHERE done_at IS NULL;

CREATE TABLE waitlist_offer (
    booking_id BLOB PRIMARY KEY REFERENCES booking (id),
    entry_id BLOB NOT NULL REFERENCES waitlist_entry (id),
    freed_id BLOB NOT NULL REFERENCES freed_time (id),
    offered_at TEXT NOT NULL,
    UNIQUE (entry_id, freed_id)
) STRICT;
CREATE INDEX waitlist_offer_freed ON waitlist_offer (freed_id);

-- How a facility offers freed times; no row means one by one, half an hour each, not at night.
CREATE TABLE waitlist_policy (
    facility_id BLOB PRIMARY KEY REFERENCES facility (id),
    mode TEXT NOT NULL CHECK (mode IN ('one', 'all', 'off')),
    window_min INTEGER NOT NULL CHECK (window_min BETWEEN 5 AND 1440),
    most INTEGER NOT NULL CHECK (most BETWEEN 1 AND 20),
    quiet_from INTEGER NOT NULL CHECK (quiet_from BETWEEN 0 AND 1440),
    quiet_until INTEGER NOT NULL CHECK (quiet_until BETWEEN 0 AND 1440),
    version INTEGER NOT NULL
) STRICT;
