-- The service's own side: what happened to each booking, from which its state follows; the check
-- that it does; counts by municipality and month; and the yearly report of the facility criteria
-- (8月報告).

-- What happened to bookings, in order. Written by triggers, so that no change of state can be
-- forgotten, whoever makes it. No key leads to booking: these rows are to stand where one is lost.
-- The numbers of written_in rise in the order in which readers see the rows.
CREATE TABLE booking_event (
    written_in INTEGER PRIMARY KEY,
    booking_id BLOB NOT NULL,
    seq INTEGER NOT NULL CHECK (seq >= 1),
    at TEXT NOT NULL,
    was TEXT CHECK (was IN (
        'held', 'requested', 'booked', 'checked_in', 'in_progress', 'fulfilled', 'converted',
        'aborted', 'cancelled', 'declined', 'expired', 'no_show', 'doctor_absent')),
    status TEXT NOT NULL CHECK (status IN (
        'held', 'requested', 'booked', 'checked_in', 'in_progress', 'fulfilled', 'converted',
        'aborted', 'cancelled', 'declined', 'expired', 'no_show', 'doctor_absent')),
    clinician_id BLOB NOT NULL,
    patient_id BLOB,
    room_id BLOB,
    starts_at TEXT NOT NULL,
    ends_at TEXT NOT NULL,
    version INTEGER NOT NULL,
    -- How the booking stood when these rows began; what was before it nobody wrote down.
    backfilled INTEGER NOT NULL DEFAULT 0 CHECK (backfilled IN (0, 1)),
    CONSTRAINT booking_event_first CHECK (seq > 1 OR was IS NULL),
    CONSTRAINT booking_event_backfilled CHECK (NOT backfilled OR seq = 1),
    CONSTRAINT booking_event_order UNIQUE (booking_id, seq)
) STRICT;

INSERT INTO booking_event (booking_id, seq, at, was, status, clinician_id, patient_id, room_id,
        starts_at, ends_at, version, backfilled)
    SELECT id, 1, changed_at, NULL, status, clinician_id, patient_id, room_id, starts_at, ends_at,
        version, 1
    FROM booking;

-- Whoever reads this sees every event below `low`.
CREATE VIEW event_horizon AS
    SELECT coalesce((SELECT max(written_in) FROM booking_event), 0) + 1 AS low;

CREATE TRIGGER booking_event_insert AFTER INSERT ON booking BEGIN
    INSERT INTO booking_event (booking_id, seq, at, was, status, clinician_id, patient_id, room_id,
            starts_at, ends_at, version)
        VALUES (NEW.id,
            (SELECT coalesce(max(seq), 0) + 1 FROM booking_event WHERE booking_id = NEW.id),
            NEW.changed_at, NULL, NEW.status, NEW.clinician_id, NEW.patient_id, NEW.room_id,
            NEW.starts_at, NEW.ends_at, NEW.version);
END;
CREATE TRIGGER booking_event_update AFTER UPDATE OF status, clinician_id, patient_id, room_id,
    starts_at, ends_at, version ON booking
WHEN NEW.status <> OLD.status OR NEW.clinician_id <> OLD.clinician_id
    OR NEW.patient_id IS NOT OLD.patient_id OR NEW.room_id IS NOT OLD.room_id
    OR NEW.starts_at <> OLD.starts_at OR NEW.ends_at <> OLD.ends_at OR NEW.version <> OLD.version
BEGIN
    INSERT INTO booking_event (booking_id, seq, at, was, status, clinician_id, patient_id, room_id,
            starts_at, ends_at, version)
        VALUES (NEW.id,
            (SELECT coalesce(max(seq), 0) + 1 FROM booking_event WHERE booking_id = NEW.id),
            NEW.changed_at, OLD.status, NEW.status, NEW.clinician_id, NEW.patient_id, NEW.room_id,
            NEW.starts_at, NEW.ends_at, NEW.version);
END;

CREATE TRIGGER booking_event_no_update BEFORE UPDATE ON booking_event BEGIN
    SELECT RAISE(ABORT, 'booking_event_is_final');
END;
CREATE TRIGGER booking_event_no_delete BEFORE DELETE ON booking_event BEGIN
    SELECT RAISE(ABORT, 'booking_event_is_final');
END;
-- REPLACE deletes without asking the trigger above.
CREATE TRIGGER booking_event_no_replace BEFORE INSERT ON booking_event
WHEN EXISTS (SELECT 1 FROM booking_event AS e
    WHERE e.written_in = NEW.written_in OR (e.booking_id = NEW.booking_id AND e.seq = NEW.seq)) BEGIN
    SELECT RAISE(ABORT, 'booking_event_is_final');
END;

-- A check that each booking stands as its events say. One of the whole each night, of whichever
-- server is first; in between of what changed.
CREATE TABLE fold_check (
    id BLOB PRIMARY KEY,
    scope TEXT NOT NULL CHECK (scope IN ('whole', 'changed')),
    night TEXT UNIQUE,
    started_at TEXT NOT NULL,
    finished_at TEXT,
    bookings INTEGER NOT NULL CHECK (bookings >= 0),
    events INTEGER NOT NULL CHECK (events >= 0),
    divergent INTEGER NOT NULL CHECK (divergent BETWEEN 0 AND bookings),
    -- From where the next one looks.
    next_row INTEGER NOT NULL,
    next_event INTEGER NOT NULL,
    CONSTRAINT fold_check_night CHECK (night IS NULL OR scope = 'whole'),
    CONSTRAINT fold_check_times CHECK (finished_at >= started_at)
) STRICT;
CREATE INDEX fold_check_latest ON fold_check (started_at);
-- Where they part. Ids and codes only.
CREATE TABLE fold_divergence (
    check_id BLOB NOT NULL REFERENCES fold_check (id) ON DELETE CASCADE,
    booking_id BLOB NOT NULL,
    code TEXT NOT NULL CHECK (code IN ('no_events', 'no_row', 'order', 'opening', 'was',
        'transition', 'place', 'patient', 'version', 'differs')),
    detail TEXT NOT NULL,
    PRIMARY KEY (check_id, booking_id)
) STRICT;

-- Visits by municipality ('all' of them together) and month ('2026' is a year), as the last whole
-- check counted them from the events. Months that are over only. Of different patients no more than
-- five are told apart: fewer must not be published. What has no row is none.
CREATE TABLE own_month (
    place TEXT NOT NULL CHECK (place = 'all' OR length(place) = 6),
    period TEXT NOT NULL CHECK (length(period) IN (4, 7)),
    measure TEXT NOT NULL CHECK (measure IN ('offered', 'held', 'booked', 'kept', 'converted',
        'cancelled', 'patient_absent', 'doctor_absent', 'failed', 'open')),
    visits INTEGER NOT NULL CHECK (visits >= 0),
    patients INTEGER NOT NULL CHECK (patients BETWEEN 0 AND 5),
    -- Whether the number may be shown: it stands for few, or others would follow from it.
    shown INTEGER NOT NULL CHECK (shown IN (0, 1)),
    PRIMARY KEY (place, period, measure),
    CONSTRAINT own_month_patients CHECK (patients <= visits),
    -- Whatever else decides: what stands for few is not shown.
    CONSTRAINT own_month_few CHECK (NOT shown OR patients >= 5)
) STRICT;

-- The yearly report: what the visits do not tell. Counts of visits in person, by month.
CREATE TABLE august_month (
    facility_id BLOB NOT NULL REFERENCES facility (id),
    month TEXT NOT NULL CHECK (substr(month, 9) = '01'),
    in_person_first INTEGER NOT NULL CHECK (in_person_first BETWEEN 0 AND 1000000),
    in_person_repeat INTEGER NOT NULL CHECK (in_person_repeat BETWEEN 0 AND 1000000),
    -- Online first visits without a later visit in person here; NULL: as this service knows them.
    no_later_visit INTEGER CHECK (no_later_visit BETWEEN 0 AND 1000000),
    -- Typed by somebody, or drawn from the facility's own system.
    count_source TEXT NOT NULL CHECK (count_source IN ('manual', 'derived')),
    account_id BLOB NOT NULL REFERENCES account (id),
    at TEXT NOT NULL,
    PRIMARY KEY (facility_id, month)
) STRICT;
-- What is answered once a year: how talks before care are held (several ways are possible).
CREATE TABLE august_answer (
    facility_id BLOB NOT NULL REFERENCES facility (id),
    year INTEGER NOT NULL CHECK (year BETWEEN 2019 AND 2100),
    talk_series INTEGER NOT NULL CHECK (talk_series IN (0, 1)),
    talk_separated INTEGER NOT NULL CHECK (talk_separated IN (0, 1)),
    talk_other INTEGER NOT NULL CHECK (talk_other IN (0, 1)),
    version INTEGER NOT NULL,
    PRIMARY KEY (facility_id, year)
) STRICT;
-- How care in person is arranged where many patients are elsewhere, by prefecture (two digits), or
-- by municipality (six) for dentistry.
CREATE TABLE august_arrangement (
    facility_id BLOB NOT NULL,
    year INTEGER NOT NULL,
    area TEXT NOT NULL CHECK (length(area) IN (2, 6)),
    institution TEXT NOT NULL CHECK (length(institution) BETWEEN 1 AND 200),
    referral TEXT NOT NULL CHECK (length(referral) BETWEEN 1 AND 500),
    agreed INTEGER NOT NULL CHECK (agreed IN (0, 1)),
    PRIMARY KEY (facility_id, year, area),
    FOREIGN KEY (facility_id, year) REFERENCES august_answer (facility_id, year)
) STRICT;
-- Reports that are final, as they were handed in.
CREATE TABLE august_report (
    id BLOB PRIMARY KEY,
    facility_id BLOB NOT NULL REFERENCES facility (id),
    year INTEGER NOT NULL CHECK (year BETWEEN 2019 AND 2100),
    version INTEGER NOT NULL CHECK (version >= 1),
    body TEXT NOT NULL,
    account_id BLOB NOT NULL REFERENCES account (id),
    at TEXT NOT NULL,
    CONSTRAINT august_report_version UNIQUE (facility_id, year, version)
) STRICT;
CREATE TRIGGER august_report_no_update BEFORE UPDATE ON august_report BEGIN
    SELECT RAISE(ABORT, 'august_report_is_final');
END;
CREATE TRIGGER august_report_no_delete BEFORE DELETE ON august_report BEGIN
    SELECT RAISE(ABORT, 'august_report_is_final');
END;
CREATE TRIGGER august_report_no_replace BEFORE INSERT ON august_report
WHEN EXISTS (SELECT 1 FROM august_report AS r WHERE r.id = NEW.id
    OR (r.facility_id = NEW.facility_id AND r.year = NEW.year AND r.version = NEW.version)) BEGIN
    SELECT RAISE(ABORT, 'august_report_is_final');
END;
