-- More of what a place in time can be: seats of a group, several clinicians together, rooms of a
-- reception facility (オンライン診療受診施設), limits per day, named overbooking.

-- Where patients without a place of their own are received, and its rooms. Its rooms may serve the
-- patients of several clinics.
CREATE TABLE reception_site (
    id BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    municipality_code TEXT NOT NULL CHECK (length(municipality_code) = 6),
    telephone TEXT NOT NULL
) STRICT;
CREATE TABLE room (
    id BLOB PRIMARY KEY,
    site_id BLOB NOT NULL REFERENCES reception_site (id),
    name TEXT NOT NULL,
    closed_at TEXT
) STRICT;
CREATE INDEX room_of ON room (site_id);
-- The rooms in which a clinic's patients may be received.
CREATE TABLE facility_room (
    facility_id BLOB NOT NULL REFERENCES facility (id),
    room_id BLOB NOT NULL REFERENCES room (id),
    PRIMARY KEY (facility_id, room_id)
) STRICT;

-- A named capacity beside the ordinary one, used by staff with a reason. Each is a lane of its own
-- in its clinicians' time.
CREATE TABLE overbooking (
    id BLOB PRIMARY KEY,
    facility_id BLOB NOT NULL REFERENCES facility (id),
    lane INTEGER NOT NULL CHECK (lane BETWEEN 1 AND 8),
    name TEXT NOT NULL,
    closed_at TEXT,
    UNIQUE (facility_id, lane)
) STRICT;

ALTER TABLE service ADD COLUMN visit TEXT NOT NULL DEFAULT 'any' CHECK (visit IN ('any', 'first', 'repeat'));
ALTER TABLE service ADD COLUMN notice_working_days INTEGER NOT NULL DEFAULT 0
        CHECK (notice_working_days BETWEEN 0 AND 30);
ALTER TABLE service ADD COLUMN daily_limit INTEGER CHECK (daily_limit BETWEEN 1 AND 200);
ALTER TABLE service ADD COLUMN capacity INTEGER NOT NULL DEFAULT 1 CHECK (capacity BETWEEN 1 AND 50);
ALTER TABLE service ADD COLUMN needs_room INTEGER NOT NULL DEFAULT 0 CHECK (needs_room IN (0, 1));
ALTER TABLE service ADD COLUMN patient_daily_limit INTEGER NOT NULL DEFAULT 2
        CHECK (patient_daily_limit BETWEEN 1 AND 20);
ALTER TABLE service ADD COLUMN answer_within_min INTEGER NOT NULL DEFAULT 2880 CHECK (answer_within_min >= 5);
ALTER TABLE service ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE service ADD COLUMN closed_at TEXT;

-- Who offers a kind of visit; nobody named means everybody of the facility.
CREATE TABLE service_clinician (
    service_id BLOB NOT NULL,
    clinician_id BLOB NOT NULL,
    facility_id BLOB NOT NULL,
    PRIMARY KEY (service_id, clinician_id),
    FOREIGN KEY (service_id, facility_id) REFERENCES service (id, facility_id),
    FOREIGN KEY (clinician_id, facility_id) REFERENCES clinician (id, facility_id)
) STRICT;
-- Who must be there together beside the clinician with whom it is booked.
CREATE TABLE service_team (
    service_id BLOB NOT NULL,
    clinician_id BLOB NOT NULL,
    facility_id BLOB NOT NULL,
    PRIMARY KEY (service_id, clinician_id),
    FOREIGN KEY (service_id, facility_id) REFERENCES service (id, facility_id),
    FOREIGN KEY (clinician_id, facility_id) REFERENCES clinician (id, facility_id)
) STRICT;

-- SQLite changes no constraint of a table that is there: the table is made anew. Migrations run
-- with foreign keys off, and all of them are checked afterwards.
CREATE TABLE booking_new (
    id BLOB PRIMARY KEY,
    facility_id BLOB NOT NULL REFERENCES facility (id),
    clinician_id BLOB NOT NULL,
    service_id BLOB NOT NULL,
    patient_id BLOB REFERENCES patient (id),
    number TEXT UNIQUE,
    status TEXT NOT NULL CHECK (status IN (
        'held', 'requested', 'booked', 'checked_in', 'in_progress', 'fulfilled', 'converted',
        'aborted', 'cancelled', 'declined', 'expired', 'no_show', 'doctor_absent')),
    occupies INTEGER NOT NULL GENERATED ALWAYS AS
        (status IN ('held', 'requested', 'booked', 'checked_in', 'in_progress')) STORED,
    starts_at TEXT NOT NULL,
    ends_at TEXT NOT NULL,
    busy_from TEXT NOT NULL,
    busy_until TEXT NOT NULL,
    hold_expires_at TEXT,
    hold_extended INTEGER NOT NULL,
    link_hash BLOB UNIQUE,
    for_whom TEXT CHECK (for_whom IN ('self', 'family')),
    language TEXT CHECK (language IN ('ja', 'en')),
    questionnaire BLOB,
    consented_at TEXT,
    cancel_reason TEXT,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    -- The booking for which this row keeps another clinician's time.
    lead_id BLOB REFERENCES booking (id),
    -- What shares its clinician's time: the seats of one group; otherwise the booking alone.
    session_key BLOB NOT NULL,
    seat INTEGER NOT NULL DEFAULT 0 CHECK (seat BETWEEN 0 AND 49),
    -- 0 is the ordinary time; others are named overbooking capacities.
    lane INTEGER NOT NULL DEFAULT 0 CHECK (lane BETWEEN 0 AND 8),
    room_id BLOB REFERENCES room (id),
    -- The facility's date and the place among the day's visits of this kind, where they are limited.
    local_date TEXT,
    day_seat INTEGER CHECK (day_seat BETWEEN 0 AND 199),
    -- iCalendar's SEQUENCE: rises with each change of time, clinician or room, and at the end.
    sequence INTEGER NOT NULL DEFAULT 0 CHECK (sequence >= 0),
    series_id BLOB,
    origin TEXT NOT NULL DEFAULT 'patient'
        CHECK (origin IN ('patient', 'staff', 'waitlist', 'series')),
    -- Until when the clinic must answer a request.
    answer_by TEXT,
    changed_at TEXT NOT NULL,
    CONSTRAINT booking_times CHECK (
        unixepoch(starts_at) < unixepoch(ends_at)
        AND unixepoch(ends_at) - unixepoch(starts_at) <= 14400
        AND unixepoch(busy_from) <= unixepoch(starts_at)
        AND unixepoch(ends_at) <= unixepoch(busy_until)
        AND unixepoch(starts_at) - unixepoch(busy_from) <= 3600
        AND unixepoch(busy_until) - unixepoch(ends_at) <= 3600
        AND starts_at >= '2018-01-01' AND ends_at < '2100-01-01'),
    -- There and back again gives the same text only for an instant that exists, in its one form.
    CONSTRAINT booking_zulu CHECK (
        starts_at IS strftime('%Y-%m-%dT%H:%M:00+00:00', unixepoch(starts_at), 'unixepoch')
        AND ends_at IS strftime('%Y-%m-%dT%H:%M:00+00:00', unixepoch(ends_at), 'unixepoch')
        AND busy_from IS strftime('%Y-%m-%dT%H:%M:00+00:00', unixepoch(busy_from), 'unixepoch')
        AND busy_until IS strftime('%Y-%m-%dT%H:%M:00+00:00', unixepoch(busy_until), 'unixepoch')),
    CONSTRAINT booking_grid CHECK (
        unixepoch(starts_at) % 300 = 0 AND unixepoch(ends_at) % 300 = 0
        AND unixepoch(busy_from) % 300 = 0 AND unixepoch(busy_until) % 300 = 0),
    CONSTRAINT booking_hold CHECK ((status = 'held') = (hold_expires_at IS NOT NULL)),
    CONSTRAINT booking_patient CHECK (lead_id IS NOT NULL OR status IN ('held', 'expired') OR (
        patient_id IS NOT NULL AND number IS NOT NULL AND link_hash IS NOT NULL
        AND consented_at IS NOT NULL)),
    CONSTRAINT booking_companion CHECK (lead_id IS NULL OR (
        patient_id IS NULL AND number IS NULL AND room_id IS NULL AND day_seat IS NULL
        AND lead_id <> id)),
    CONSTRAINT booking_day_seat_date CHECK (day_seat IS NULL OR local_date IS NOT NULL),
    UNIQUE (id, facility_id),
    FOREIGN KEY (clinician_id, facility_id) REFERENCES clinician (id, facility_id),
    FOREIGN KEY (service_id, facility_id) REFERENCES service (id, facility_id)
) STRICT;
INSERT INTO booking_new (id, facility_id, clinician_id, service_id, patient_id, number, status, starts_at, ends_at, busy_from, busy_until, hold_expires_at, hold_extended, link_hash, for_whom, language, questionnaire, consented_at, cancel_reason, version, created_at, session_key, changed_at)
    SELECT id, facility_id, clinician_id, service_id, patient_id, number, status, starts_at, ends_at, busy_from, busy_until, hold_expires_at, hold_extended, link_hash, for_whom, language, questionnaire, consented_at, cancel_reason, version, created_at, id, created_at FROM booking;
DROP TABLE booking;
ALTER TABLE booking_new RENAME TO booking;
CREATE INDEX booking_clinician_time ON booking (clinician_id, busy_until) WHERE occupies;
CREATE INDEX booking_day ON booking (facility_id, starts_at);
CREATE INDEX booking_of_patient ON booking (patient_id, ends_at);
CREATE INDEX booking_hold_expiry ON booking (hold_expires_at) WHERE status = 'held';
CREATE UNIQUE INDEX booking_seat ON booking (session_key, seat) WHERE occupies;
CREATE UNIQUE INDEX booking_day_seat ON booking (clinician_id, service_id, local_date, day_seat)
    WHERE occupies AND day_seat IS NOT NULL;
CREATE INDEX booking_of_lead ON booking (lead_id) WHERE lead_id IS NOT NULL;
CREATE INDEX booking_room_time ON booking (room_id, busy_until)
    WHERE occupies AND room_id IS NOT NULL;
CREATE INDEX booking_of_series ON booking (series_id) WHERE series_id IS NOT NULL;
CREATE INDEX booking_answer ON booking (answer_by) WHERE status = 'requested';
CREATE INDEX booking_in_progress ON booking (clinician_id) WHERE status = 'in_progress';

CREATE TRIGGER booking_clinician_overlap_insert AFTER INSERT ON booking WHEN NEW.occupies BEGIN
    SELECT RAISE(ABORT, 'booking_clinician_overlap') FROM booking AS b
    WHERE b.occupies AND b.clinician_id = NEW.clinician_id AND b.lane = NEW.lane
      AND b.busy_until > NEW.busy_from AND b.busy_from < NEW.busy_until
      AND b.session_key <> NEW.session_key AND b.id <> NEW.id;
END;
CREATE TRIGGER booking_clinician_overlap_update AFTER UPDATE OF status, clinician_id, lane, session_key, busy_from, busy_until ON booking WHEN NEW.occupies BEGIN
    SELECT RAISE(ABORT, 'booking_clinician_overlap') FROM booking AS b
    WHERE b.occupies AND b.clinician_id = NEW.clinician_id AND b.lane = NEW.lane
      AND b.busy_until > NEW.busy_from AND b.busy_from < NEW.busy_until
      AND b.session_key <> NEW.session_key AND b.id <> NEW.id;
END;
CREATE TRIGGER booking_patient_overlap_insert AFTER INSERT ON booking WHEN NEW.occupies BEGIN
    SELECT RAISE(ABORT, 'booking_patient_overlap') FROM booking AS b
    WHERE b.occupies AND b.patient_id = NEW.patient_id AND b.ends_at > NEW.starts_at
      AND b.starts_at < NEW.ends_at AND b.id <> NEW.id;
END;
CREATE TRIGGER booking_patient_overlap_update AFTER UPDATE OF status, patient_id, starts_at, ends_at ON booking WHEN NEW.occupies BEGIN
    SELECT RAISE(ABORT, 'booking_patient_overlap') FROM booking AS b
    WHERE b.occupies AND b.patient_id = NEW.patient_id AND b.ends_at > NEW.starts_at
      AND b.starts_at < NEW.ends_at AND b.id <> NEW.id;
END;

CREATE TRIGGER booking_room_overlap_insert AFTER INSERT ON booking
WHEN NEW.occupies AND NEW.room_id IS NOT NULL BEGIN
    SELECT RAISE(ABORT, 'booking_room_overlap') FROM booking AS b
    WHERE b.occupies AND b.room_id = NEW.room_id AND b.busy_until > NEW.busy_from
      AND b.busy_from < NEW.busy_until AND b.id <> NEW.id;
END;
CREATE TRIGGER booking_room_overlap_update AFTER UPDATE OF status, room_id, busy_from, busy_until ON booking
WHEN NEW.occupies AND NEW.room_id IS NOT NULL BEGIN
    SELECT RAISE(ABORT, 'booking_room_overlap') FROM booking AS b
    WHERE b.occupies AND b.room_id = NEW.room_id AND b.busy_until > NEW.busy_from
      AND b.busy_from < NEW.busy_until AND b.id <> NEW.id;
END;
-- One visit at a time (guideline V1(6)); the seats of a group are one visit.
CREATE TRIGGER booking_one_in_progress_insert AFTER INSERT ON booking
WHEN NEW.status = 'in_progress' BEGIN
    SELECT RAISE(ABORT, 'booking_one_in_progress') FROM booking AS b
    WHERE b.status = 'in_progress' AND b.clinician_id = NEW.clinician_id
      AND b.session_key <> NEW.session_key AND b.id <> NEW.id;
END;
CREATE TRIGGER booking_one_in_progress_update AFTER UPDATE OF status, clinician_id, session_key ON booking
WHEN NEW.status = 'in_progress' BEGIN
    SELECT RAISE(ABORT, 'booking_one_in_progress') FROM booking AS b
    WHERE b.status = 'in_progress' AND b.clinician_id = NEW.clinician_id
      AND b.session_key <> NEW.session_key AND b.id <> NEW.id;
END;

-- Those who must be there together go where their lead goes.
CREATE TRIGGER booking_companions_follow
AFTER UPDATE OF status, starts_at, ends_at, busy_from, busy_until, hold_expires_at ON booking
WHEN NEW.lead_id IS NULL BEGIN
    UPDATE booking SET status = NEW.status, starts_at = NEW.starts_at, ends_at = NEW.ends_at,
        busy_from = NEW.busy_from, busy_until = NEW.busy_until,
        hold_expires_at = NEW.hold_expires_at, version = version + 1, changed_at = NEW.changed_at
    WHERE lead_id = NEW.id;
END;
