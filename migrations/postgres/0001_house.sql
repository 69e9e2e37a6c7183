-- The same tables, columns and constraint names as in ../sqlite. Instants are UTC.
CREATE EXTENSION IF NOT EXISTS btree_gist;

-- Register --------------------------------------------------------------------------------------

-- One reading of one prefecture's list of a bureau.
CREATE TABLE bureau_import (
    id UUID PRIMARY KEY,
    prefecture_code TEXT NOT NULL CHECK (length(prefecture_code) = 2),
    as_of DATE NOT NULL,
    created_on DATE,
    file TEXT NOT NULL,
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
    report TEXT NOT NULL,
    imported_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX bureau_import_latest ON bureau_import (prefecture_code, as_of);

CREATE TABLE institution (
    code10 TEXT PRIMARY KEY CHECK (length(code10) = 10),
    prefecture_code TEXT NOT NULL CHECK (length(prefecture_code) = 2),
    name TEXT NOT NULL,
    postal_code TEXT,
    address TEXT NOT NULL,
    municipality_code TEXT CHECK (length(municipality_code) = 6),
    beds BIGINT CHECK (beds >= 0),
    size TEXT NOT NULL CHECK (size IN ('hospital', 'bedded_clinic', 'clinic_without_beds')),
    source TEXT NOT NULL CHECK (source IN ('bureau', 'demo', 'filing')),
    filed BOOLEAN NOT NULL,
    gone_on DATE
);
CREATE INDEX institution_place ON institution (prefecture_code, municipality_code);

-- A criterion's notification, with the time for which it is valid and the time since which it is
-- known. A correction or a lapse supersedes the row and adds another. The lists show no day of
-- lapsing, only that it lies after one day and not after another.
CREATE TABLE notification (
    id UUID PRIMARY KEY,
    code10 TEXT NOT NULL REFERENCES institution (code10),
    criterion TEXT NOT NULL CHECK (criterion IN ('online_care_fee_legacy', 'ict_care')),
    acceptance_number TEXT NOT NULL,
    effective_from DATE,
    lapsed_after DATE,
    lapsed_on DATE CHECK (lapsed_on > lapsed_after),
    source TEXT NOT NULL CHECK (source IN ('bureau', 'demo', 'filing')),
    import_id UUID REFERENCES bureau_import (id),
    recorded_at TIMESTAMPTZ NOT NULL,
    superseded_at TIMESTAMPTZ,
    CHECK ((source = 'bureau') = (import_id IS NOT NULL))
);
CREATE INDEX notification_of ON notification (code10, criterion);
CREATE UNIQUE INDEX notification_once ON notification (code10, criterion)
    WHERE superseded_at IS NULL AND lapsed_on IS NULL;

-- Facilities and their people -------------------------------------------------------------------

-- A facility that works with this service. What it may offer follows from its institution's
-- notifications.
CREATE TABLE facility (
    id UUID PRIMARY KEY,
    code10 TEXT NOT NULL UNIQUE REFERENCES institution (code10),
    name TEXT NOT NULL,
    kana TEXT NOT NULL,
    name_en TEXT NOT NULL,
    search TEXT NOT NULL,
    address TEXT NOT NULL,
    municipality_code TEXT NOT NULL CHECK (length(municipality_code) = 6),
    telephone TEXT NOT NULL,
    departments TEXT NOT NULL,
    languages TEXT NOT NULL,
    about_ja TEXT NOT NULL,
    about_en TEXT NOT NULL,
    zone TEXT NOT NULL,
    on_holidays TEXT NOT NULL CHECK (on_holidays IN ('closed', 'open')),
    ice_policy TEXT NOT NULL CHECK (ice_policy IN ('all', 'relay')),
    version BIGINT NOT NULL
);
CREATE INDEX facility_place ON facility (municipality_code);

CREATE TABLE clinician (
    id UUID PRIMARY KEY,
    facility_id UUID NOT NULL REFERENCES facility (id),
    name TEXT NOT NULL,
    name_en TEXT NOT NULL,
    license_year BIGINT NOT NULL CHECK (license_year BETWEEN 1940 AND 2100),
    training_completed_on DATE,
    hours_version BIGINT NOT NULL,
    UNIQUE (id, facility_id)
);
CREATE INDEX clinician_of ON clinician (facility_id);

CREATE TABLE service (
    id UUID PRIMARY KEY,
    facility_id UUID NOT NULL REFERENCES facility (id),
    kind TEXT NOT NULL CHECK (kind IN ('online_care', 'pre_consultation')),
    name_ja TEXT NOT NULL,
    name_en TEXT NOT NULL,
    fee_note_ja TEXT NOT NULL,
    fee_note_en TEXT NOT NULL,
    insured BOOLEAN NOT NULL,
    length_min BIGINT NOT NULL CHECK (length_min BETWEEN 5 AND 240 AND length_min % 5 = 0),
    buffer_before_min BIGINT NOT NULL CHECK (buffer_before_min BETWEEN 0 AND 60 AND buffer_before_min % 5 = 0),
    buffer_after_min BIGINT NOT NULL CHECK (buffer_after_min BETWEEN 0 AND 60 AND buffer_after_min % 5 = 0),
    step_min BIGINT NOT NULL CHECK (step_min BETWEEN 5 AND 240 AND step_min % 5 = 0),
    notice_min BIGINT NOT NULL CHECK (notice_min >= 0),
    horizon_days BIGINT NOT NULL CHECK (horizon_days BETWEEN 0 AND 366),
    change_cutoff_min BIGINT NOT NULL CHECK (change_cutoff_min >= 0),
    cancel_cutoff_min BIGINT NOT NULL CHECK (cancel_cutoff_min >= 0),
    needs_approval BOOLEAN NOT NULL,
    UNIQUE (id, facility_id)
);
CREATE INDEX service_of ON service (facility_id);

CREATE TABLE weekly_hours (
    facility_id UUID NOT NULL,
    clinician_id UUID NOT NULL,
    position BIGINT NOT NULL,
    weekday BIGINT NOT NULL CHECK (weekday BETWEEN 1 AND 7),
    opens BIGINT NOT NULL CHECK (opens BETWEEN 0 AND 1435 AND opens % 5 = 0),
    closes BIGINT NOT NULL CHECK (closes BETWEEN 5 AND 1440 AND closes % 5 = 0),
    weeks_of_month BIGINT CHECK (weeks_of_month BETWEEN 1 AND 31),
    alternate_from DATE,
    valid_from DATE,
    valid_until DATE,
    service_id UUID,
    PRIMARY KEY (clinician_id, position),
    CHECK (opens < closes),
    CHECK (weeks_of_month IS NULL OR alternate_from IS NULL),
    FOREIGN KEY (clinician_id, facility_id) REFERENCES clinician (id, facility_id),
    FOREIGN KEY (service_id, facility_id) REFERENCES service (id, facility_id)
);
CREATE INDEX weekly_hours_of ON weekly_hours (facility_id);

CREATE TABLE date_exception (
    id UUID PRIMARY KEY,
    facility_id UUID NOT NULL REFERENCES facility (id),
    clinician_id UUID,
    on_date DATE NOT NULL,
    opens BIGINT CHECK (opens BETWEEN 0 AND 1435 AND opens % 5 = 0),
    closes BIGINT CHECK (closes BETWEEN 5 AND 1440 AND closes % 5 = 0),
    note TEXT NOT NULL,
    CHECK ((opens IS NULL) = (closes IS NULL)),
    CHECK (opens < closes),
    FOREIGN KEY (clinician_id, facility_id) REFERENCES clinician (id, facility_id)
);
CREATE INDEX date_exception_of ON date_exception (facility_id, on_date);

CREATE TABLE account (
    id UUID PRIMARY KEY,
    login TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('clinician', 'clinic_staff', 'prefecture_admin', 'operator')),
    facility_id UUID REFERENCES facility (id),
    clinician_id UUID,
    disabled_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    CHECK ((role IN ('clinician', 'clinic_staff')) = (facility_id IS NOT NULL)),
    CHECK ((role = 'clinician') = (clinician_id IS NOT NULL)),
    FOREIGN KEY (clinician_id, facility_id) REFERENCES clinician (id, facility_id)
);

-- Patients --------------------------------------------------------------------------------------

-- Everything personal is sealed under the patient's key; destroying wrapped_key forgets them.
CREATE TABLE patient (
    id UUID PRIMARY KEY,
    wrapped_key BYTEA,
    identity_index BYTEA NOT NULL UNIQUE,
    phone_index BYTEA NOT NULL,
    name BYTEA NOT NULL,
    kana BYTEA NOT NULL,
    birth_date BYTEA NOT NULL,
    phone BYTEA NOT NULL,
    email BYTEA,
    created_at TIMESTAMPTZ NOT NULL
);

-- One row per place in a clinician's time: a hold, a request and a booking are the same row.
CREATE TABLE booking (
    id UUID PRIMARY KEY,
    facility_id UUID NOT NULL REFERENCES facility (id),
    clinician_id UUID NOT NULL,
    service_id UUID NOT NULL,
    patient_id UUID REFERENCES patient (id),
    number TEXT UNIQUE,
    status TEXT NOT NULL CHECK (status IN (
        'held', 'requested', 'booked', 'checked_in', 'in_progress', 'fulfilled', 'converted',
        'aborted', 'cancelled', 'declined', 'expired', 'no_show', 'doctor_absent')),
    occupies BOOLEAN NOT NULL GENERATED ALWAYS AS
        (status IN ('held', 'requested', 'booked', 'checked_in', 'in_progress')) STORED,
    starts_at TIMESTAMPTZ NOT NULL,
    ends_at TIMESTAMPTZ NOT NULL,
    busy_from TIMESTAMPTZ NOT NULL,
    busy_until TIMESTAMPTZ NOT NULL,
    hold_expires_at TIMESTAMPTZ,
    hold_extended BOOLEAN NOT NULL,
    link_hash BYTEA UNIQUE,
    for_whom TEXT CHECK (for_whom IN ('self', 'family')),
    language TEXT CHECK (language IN ('ja', 'en')),
    questionnaire BYTEA,
    consented_at TIMESTAMPTZ,
    cancel_reason TEXT,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT booking_times CHECK (
        starts_at < ends_at AND ends_at - starts_at <= interval '4 hours'
        AND busy_from <= starts_at AND ends_at <= busy_until
        AND starts_at - busy_from <= interval '1 hour' AND busy_until - ends_at <= interval '1 hour'
        AND starts_at >= '2018-01-01T00:00:00Z' AND ends_at < '2100-01-01T00:00:00Z'),
    CONSTRAINT booking_grid CHECK (
        extract(epoch FROM starts_at) % 300 = 0 AND extract(epoch FROM ends_at) % 300 = 0
        AND extract(epoch FROM busy_from) % 300 = 0 AND extract(epoch FROM busy_until) % 300 = 0),
    CONSTRAINT booking_hold CHECK ((status = 'held') = (hold_expires_at IS NOT NULL)),
    CONSTRAINT booking_patient CHECK (status IN ('held', 'expired') OR (
        patient_id IS NOT NULL AND number IS NOT NULL AND link_hash IS NOT NULL
        AND consented_at IS NOT NULL)),
    CONSTRAINT booking_clinician_overlap EXCLUDE USING gist
        (clinician_id WITH =, tstzrange(busy_from, busy_until) WITH &&) WHERE (occupies),
    CONSTRAINT booking_patient_overlap EXCLUDE USING gist
        (patient_id WITH =, tstzrange(starts_at, ends_at) WITH &&) WHERE (occupies),
    UNIQUE (id, facility_id),
    FOREIGN KEY (clinician_id, facility_id) REFERENCES clinician (id, facility_id),
    FOREIGN KEY (service_id, facility_id) REFERENCES service (id, facility_id)
);
CREATE INDEX booking_clinician_time ON booking (clinician_id, busy_until) WHERE occupies;
CREATE INDEX booking_day ON booking (facility_id, starts_at);
CREATE INDEX booking_of_patient ON booking (patient_id, ends_at);
CREATE INDEX booking_hold_expiry ON booking (hold_expires_at) WHERE status = 'held';
-- A doctor sees one patient at a time (guideline V1(6)).
CREATE UNIQUE INDEX booking_one_in_progress ON booking (clinician_id)
    WHERE status = 'in_progress';

-- What happened around a booking's video visit. No media; the closing note is sealed.
CREATE TABLE visit (
    booking_id UUID PRIMARY KEY,
    facility_id UUID NOT NULL,
    epoch BIGINT NOT NULL,
    device_check TEXT,
    line_check TEXT,
    waiting_since TIMESTAMPTZ,
    admitted_at TIMESTAMPTZ,
    ended_at TIMESTAMPTZ,
    patient_video_seconds BIGINT NOT NULL CHECK (patient_video_seconds >= 0),
    clinician_video_seconds BIGINT NOT NULL CHECK (clinician_video_seconds >= 0),
    outcome TEXT CHECK (outcome IN
        ('done', 'converted_to_in_person', 'patient_absent', 'doctor_absent', 'could_not_connect')),
    note BYTEA,
    closed_at TIMESTAMPTZ,
    CHECK ((outcome IS NULL) = (closed_at IS NULL)),
    -- Online care is done only where both sides saw each other (guideline V1(6)).
    CONSTRAINT visit_video_seen CHECK
        (outcome <> 'done' OR (patient_video_seconds > 0 AND clinician_video_seconds > 0)),
    FOREIGN KEY (booking_id, facility_id) REFERENCES booking (id, facility_id)
);

-- Who may be in a visit. Admission is per person and stays until removed.
CREATE TABLE visit_participant (
    id UUID PRIMARY KEY,
    booking_id UUID NOT NULL,
    facility_id UUID NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('clinician', 'staff', 'patient')),
    account_id UUID REFERENCES account (id),
    admitted_at TIMESTAMPTZ,
    removed_at TIMESTAMPTZ,
    CHECK ((role = 'patient') = (account_id IS NULL)),
    FOREIGN KEY (booking_id, facility_id) REFERENCES booking (id, facility_id)
);
CREATE UNIQUE INDEX visit_participant_patient ON visit_participant (booking_id)
    WHERE role = 'patient';
CREATE UNIQUE INDEX visit_participant_account ON visit_participant (booking_id, account_id)
    WHERE account_id IS NOT NULL;

-- Opens the signaling socket once.
CREATE TABLE signal_ticket (
    hash BYTEA PRIMARY KEY,
    participant_id UUID NOT NULL REFERENCES visit_participant (id),
    expires_at TIMESTAMPTZ NOT NULL
);

-- Who is signed in: an account, or a browser that holds or opened bookings.
CREATE TABLE session (
    hash BYTEA PRIMARY KEY,
    account_id UUID REFERENCES account (id),
    created_at TIMESTAMPTZ NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX session_of_account ON session (account_id);
CREATE TABLE session_booking (
    session_hash BYTEA NOT NULL REFERENCES session (hash) ON DELETE CASCADE,
    booking_id UUID NOT NULL REFERENCES booking (id),
    PRIMARY KEY (session_hash, booking_id)
);

-- Who did what to what: ids only, written with the change itself, never altered.
CREATE TABLE audit_entry (
    id UUID PRIMARY KEY,
    at TIMESTAMPTZ NOT NULL,
    actor_kind TEXT NOT NULL CHECK (actor_kind IN ('patient', 'account', 'system', 'command')),
    actor_id UUID,
    facility_id UUID REFERENCES facility (id),
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX audit_entry_facility ON audit_entry (facility_id, at);

CREATE FUNCTION audit_entry_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit_entry_is_final';
END $$;
CREATE TRIGGER audit_entry_no_update BEFORE UPDATE OR DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_entry_is_final();
CREATE TRIGGER audit_entry_no_truncate BEFORE TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_is_final();

-- What the master key answered when this database was new. A key that answers otherwise opens
-- nothing in here. One row.
CREATE TABLE master_key_check (
    single BIGINT PRIMARY KEY CHECK (single = 1),
    proof BYTEA NOT NULL
);
