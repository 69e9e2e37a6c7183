-- The service's own side: what happened to each booking, from which its state follows; the check
-- that it does; counts by municipality and month; and the yearly report of the facility criteria
-- (8月報告).

-- What happened to bookings, in order. Written by triggers, so that no change of state can be
-- forgotten, whoever makes it. No key leads to booking: these rows are to stand where one is lost.
-- written_in is the transaction: it orders events as readers see them, which no clock does.
CREATE TABLE booking_event (
    written_in BIGINT NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
    booking_id UUID NOT NULL,
    seq BIGINT NOT NULL CHECK (seq >= 1),
    at TIMESTAMPTZ NOT NULL,
    was TEXT CHECK (was IN (
        'held', 'requested', 'booked', 'checked_in', 'in_progress', 'fulfilled', 'converted',
        'aborted', 'cancelled', 'declined', 'expired', 'no_show', 'doctor_absent')),
    status TEXT NOT NULL CHECK (status IN (
        'held', 'requested', 'booked', 'checked_in', 'in_progress', 'fulfilled', 'converted',
        'aborted', 'cancelled', 'declined', 'expired', 'no_show', 'doctor_absent')),
    clinician_id UUID NOT NULL,
    patient_id UUID,
    room_id UUID,
    starts_at TIMESTAMPTZ NOT NULL,
    ends_at TIMESTAMPTZ NOT NULL,
    version BIGINT NOT NULL,
    -- How the booking stood when these rows began; what was before it nobody wrote down.
    backfilled BOOLEAN NOT NULL DEFAULT FALSE,
    CONSTRAINT booking_event_first CHECK (seq > 1 OR was IS NULL),
    CONSTRAINT booking_event_backfilled CHECK (NOT backfilled OR seq = 1),
    CONSTRAINT booking_event_order UNIQUE (booking_id, seq)
);
-- Rows come in this order, so that a summary of the pages is enough.
CREATE INDEX booking_event_written ON booking_event USING brin (written_in)
    WITH (autosummarize = on);

INSERT INTO booking_event (booking_id, seq, at, was, status, clinician_id, patient_id, room_id,
        starts_at, ends_at, version, backfilled)
    SELECT id, 1, changed_at, NULL, status, clinician_id, patient_id, room_id, starts_at, ends_at,
        version, TRUE
    FROM booking;

-- Whoever reads this sees every event below `low`.
CREATE VIEW event_horizon AS
    SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS low;

CREATE FUNCTION booking_event_write() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO booking_event (booking_id, seq, at, was, status, clinician_id, patient_id, room_id,
            starts_at, ends_at, version)
        VALUES (NEW.id,
            (SELECT coalesce(max(seq), 0) + 1 FROM booking_event WHERE booking_id = NEW.id),
            NEW.changed_at, CASE TG_OP WHEN 'UPDATE' THEN OLD.status END, NEW.status,
            NEW.clinician_id, NEW.patient_id, NEW.room_id, NEW.starts_at, NEW.ends_at,
            NEW.version);
    RETURN NULL;
END $$;
CREATE TRIGGER booking_event_insert AFTER INSERT ON booking
    FOR EACH ROW EXECUTE FUNCTION booking_event_write();
CREATE TRIGGER booking_event_update AFTER UPDATE OF status, clinician_id, patient_id, room_id,
    starts_at, ends_at, version ON booking
    FOR EACH ROW WHEN (NEW.status <> OLD.status OR NEW.clinician_id <> OLD.clinician_id
        OR NEW.patient_id IS DISTINCT FROM OLD.patient_id
        OR NEW.room_id IS DISTINCT FROM OLD.room_id OR NEW.starts_at <> OLD.starts_at
        OR NEW.ends_at <> OLD.ends_at OR NEW.version <> OLD.version)
    EXECUTE FUNCTION booking_event_write();

CREATE FUNCTION booking_event_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'booking_event_is_final';
END $$;
CREATE TRIGGER booking_event_no_update BEFORE UPDATE OR DELETE ON booking_event
    FOR EACH ROW EXECUTE FUNCTION booking_event_is_final();
CREATE TRIGGER booking_event_no_truncate BEFORE TRUNCATE ON booking_event
    FOR EACH STATEMENT EXECUTE FUNCTION booking_event_is_final();

-- A check that each booking stands as its events say. One of the whole each night, of whichever
-- server is first; in between of what changed.
CREATE TABLE fold_check (
    id UUID PRIMARY KEY,
    scope TEXT NOT NULL CHECK (scope IN ('whole', 'changed')),
    night DATE UNIQUE,
    started_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ,
    bookings BIGINT NOT NULL CHECK (bookings >= 0),
    events BIGINT NOT NULL CHECK (events >= 0),
    divergent BIGINT NOT NULL CHECK (divergent BETWEEN 0 AND bookings),
    -- From where the next one looks.
    next_row BIGINT NOT NULL,
    next_event BIGINT NOT NULL,
    CONSTRAINT fold_check_night CHECK (night IS NULL OR scope = 'whole'),
    CONSTRAINT fold_check_times CHECK (finished_at >= started_at)
);
CREATE INDEX fold_check_latest ON fold_check (started_at);
-- Where they part. Ids and codes only.
CREATE TABLE fold_divergence (
    check_id UUID NOT NULL REFERENCES fold_check (id) ON DELETE CASCADE,
    booking_id UUID NOT NULL,
    code TEXT NOT NULL CHECK (code IN ('no_events', 'no_row', 'order', 'opening', 'was',
        'transition', 'place', 'patient', 'version', 'differs')),
    detail TEXT NOT NULL,
    PRIMARY KEY (check_id, booking_id)
);

-- Visits by municipality ('all' of them together) and month ('2026' is a year), as the last whole
-- check counted them from the events. Months that are over only. Of different patients no more than
-- five are told apart: fewer must not be published. What has no row is none.
CREATE TABLE own_month (
    place TEXT NOT NULL CHECK (place = 'all' OR length(place) = 6),
    period TEXT NOT NULL CHECK (length(period) IN (4, 7)),
    measure TEXT NOT NULL CHECK (measure IN ('offered', 'held', 'booked', 'kept', 'converted',
        'cancelled', 'patient_absent', 'doctor_absent', 'failed', 'open')),
    visits BIGINT NOT NULL CHECK (visits >= 0),
    patients BIGINT NOT NULL CHECK (patients BETWEEN 0 AND 5),
    -- Whether the number may be shown: it stands for few, or others would follow from it.
    shown BOOLEAN NOT NULL,
    PRIMARY KEY (place, period, measure),
    CONSTRAINT own_month_patients CHECK (patients <= visits),
    -- Whatever else decides: what stands for few is not shown.
    CONSTRAINT own_month_few CHECK (NOT shown OR patients >= 5)
);

-- The yearly report: what the visits do not tell. Counts of visits in person, by month.
CREATE TABLE august_month (
    facility_id UUID NOT NULL REFERENCES facility (id),
    month DATE NOT NULL CHECK (extract(day FROM month) = 1),
    in_person_first BIGINT NOT NULL CHECK (in_person_first BETWEEN 0 AND 1000000),
    in_person_repeat BIGINT NOT NULL CHECK (in_person_repeat BETWEEN 0 AND 1000000),
    -- Online first visits without a later visit in person here; NULL: as this service knows them.
    no_later_visit BIGINT CHECK (no_later_visit BETWEEN 0 AND 1000000),
    -- Typed by somebody, or drawn from the facility's own system.
    count_source TEXT NOT NULL CHECK (count_source IN ('manual', 'derived')),
    account_id UUID NOT NULL REFERENCES account (id),
    at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (facility_id, month)
);
-- What is answered once a year: how talks before care are held (several ways are possible).
CREATE TABLE august_answer (
    facility_id UUID NOT NULL REFERENCES facility (id),
    year BIGINT NOT NULL CHECK (year BETWEEN 2019 AND 2100),
    talk_series BOOLEAN NOT NULL,
    talk_separated BOOLEAN NOT NULL,
    talk_other BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (facility_id, year)
);
-- How care in person is arranged where many patients are elsewhere, by prefecture (two digits), or
-- by municipality (six) for dentistry.
CREATE TABLE august_arrangement (
    facility_id UUID NOT NULL,
    year BIGINT NOT NULL,
    area TEXT NOT NULL CHECK (length(area) IN (2, 6)),
    institution TEXT NOT NULL CHECK (length(institution) BETWEEN 1 AND 200),
    referral TEXT NOT NULL CHECK (length(referral) BETWEEN 1 AND 500),
    agreed BOOLEAN NOT NULL,
    PRIMARY KEY (facility_id, year, area),
    FOREIGN KEY (facility_id, year) REFERENCES august_answer (facility_id, year)
);
-- Reports that are final, as they were handed in.
CREATE TABLE august_report (
    id UUID PRIMARY KEY,
    facility_id UUID NOT NULL REFERENCES facility (id),
    year BIGINT NOT NULL CHECK (year BETWEEN 2019 AND 2100),
    version BIGINT NOT NULL CHECK (version >= 1),
    body TEXT NOT NULL,
    account_id UUID NOT NULL REFERENCES account (id),
    at TIMESTAMPTZ NOT NULL,
    CONSTRAINT august_report_version UNIQUE (facility_id, year, version)
);
CREATE FUNCTION august_report_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'august_report_is_final';
END $$;
CREATE TRIGGER august_report_no_update BEFORE UPDATE OR DELETE ON august_report
    FOR EACH ROW EXECUTE FUNCTION august_report_is_final();
CREATE TRIGGER august_report_no_truncate BEFORE TRUNCATE ON august_report
    FOR EACH STATEMENT EXECUTE FUNCTION august_report_is_final();
