-- The same tables, columns and constraint names as in ../postgres. Instants are UTC, as RFC 3339
-- text that ends in +00:00, so that the order of the text is the order of time.

-- Register --------------------------------------------------------------------------------------

-- One reading of one prefecture's list of a bureau.
CREATE TABLE bureau_import (
    id BLOB PRIMARY KEY,
    prefecture_code TEXT NOT NULL CHECK (length(prefecture_code) = 2),
    as_of TEXT NOT NULL,
    created_on TEXT,
    file TEXT NOT NULL,
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
    report TEXT NOT NULL,
    imported_at TEXT NOT NULL
) STRICT;
CREATE INDEX bureau_import_latest ON bureau_import (prefecture_code, as_of);

CREATE TABLE institution (
    code10 TEXT PRIMARY KEY CHECK (length(code10) = 10),
    prefecture_code TEXT NOT NULL CHECK (length(prefecture_code) = 2),
    name TEXT NOT NULL,
    postal_code TEXT,
    address TEXT NOT NULL,
    municipality_code TEXT CHECK (length(municipality_code) = 6),
    beds INTEGER CHECK (beds >= 0),
    size TEXT NOT NULL CHECK (size IN ('hospital', 'bedded_clinic', 'clinic_without_beds')),
    source TEXT NOT NULL CHECK (source IN ('bureau', 'demo', 'filing')),
    filed INTEGER NOT NULL,
    gone_on TEXT
) STRICT;
CREATE INDEX institution_place ON institution (prefecture_code, municipality_code);

-- A criterion's notification, with the time for which it is valid and the time since which it is
-- known. A correction or a lapse supersedes the row and adds another. The lists show no day of
-- lapsing, only that it lies after one day and not after another.
CREATE TABLE notification (
    id BLOB PRIMARY KEY,
    code10 TEXT NOT NULL REFERENCES institution (code10),
    criterion TEXT NOT NULL CHECK (criterion IN ('online_care_fee_legacy', 'ict_care')),
    acceptance_number TEXT NOT NULL,
    effective_from TEXT,
    lapsed_after TEXT,
    lapsed_on TEXT CHECK (lapsed_on > lapsed_after),
    source TEXT NOT NULL CHECK (source IN ('bureau', 'demo', 'filing')),
    import_id BLOB REFERENCES bureau_import (id),
    recorded_at TEXT NOT NULL,
    superseded_at TEXT,
    CHECK ((source = 'bureau') = (import_id IS NOT NULL))
) STRICT;
CREATE INDEX notification_of ON notification (code10, criterion);
CREATE UNIQUE INDEX notification_once ON notification (code10, criterion)
    WHERE superseded_at IS NULL AND lapsed_on IS NULL;

-- Facilities and their people -------------------------------------------------------------------

-- A facility that works with this service. What it may offer follows from its institution's
-- notifications.
CREATE TABLE facility (
    id BLOB PRIMARY KEY,
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
    version INTEGER NOT NULL
) STRICT;
CREATE INDEX facility_place ON facility (municipality_code);

CREATE TABLE clinician (
    id BLOB PRIMARY KEY,
    facility_id BLOB NOT NULL REFERENCES facility (id),
    name TEXT NOT NULL,
    name_en TEXT NOT NULL,
    license_year INTEGER NOT NULL CHECK (license_year BETWEEN 1940 AND 2100),
    training_completed_on TEXT,
    hours_version INTEGER NOT NULL,
    UNIQUE (id, facility_id)
) STRICT;
CREATE INDEX clinician_of ON clinician (facility_id);

CREATE TABLE service (
    id BLOB PRIMARY KEY,
    facility_id BLOB NOT NULL REFERENCES facility (id),
    kind TEXT NOT NULL CHECK (kind IN ('online_care', 'pre_consultation')),
    name_ja TEXT NOT NULL,
    name_en TEXT NOT NULL,
    fee_note_ja TEXT NOT NULL,
    fee_note_en TEXT NOT NULL,
    insured INTEGER NOT NULL,
    length_min INTEGER NOT NULL CHECK (length_min BETWEEN 5 AND 240 AND length_min % 5 = 0),
    buffer_before_min INTEGER NOT NULL CHECK (buffer_before_min BETWEEN 0 AND 60 AND buffer_before_min % 5 = 0),
    buffer_after_min INTEGER NOT NULL CHECK (buffer_after_min BETWEEN 0 AND 60 AND buffer_after_min % 5 = 0),
    step_min INTEGER NOT NULL CHECK (step_min BETWEEN 5 AND 240 AND step_min % 5 = 0),
    notice_min INTEGER NOT NULL CHECK (notice_min >= 0),
    horizon_days INTEGER NOT NULL CHECK (horizon_days BETWEEN 0 AND 366),
    change_cutoff_min INTEGER NOT NULL CHECK (change_cutoff_min >= 0),
    cancel_cutoff_min INTEGER NOT NULL CHECK (cancel_cutoff_min >= 0),
    needs_approval INTEGER NOT NULL,
    UNIQUE (id, facility_id)
) STRICT;
CREATE INDEX service_of ON service (facility_id);

CREATE TABLE weekly_hours (
    facility_id BLOB NOT NULL,
    clinician_id BLOB NOT NULL,
    position INTEGER NOT NULL,
    weekday INTEGER NOT NULL CHECK (weekday BETWEEN 1 AND 7),
    opens INTEGER NOT NULL CHECK (opens BETWEEN 0 AND 1435 AND opens % 5 = 0),
    closes INTEGER NOT NULL CHECK (closes BETWEEN 5 AND 1440 AND closes % 5 = 0),
    weeks_of_month INTEGER CHECK (weeks_of_month BETWEEN 1 AND 31),
    alternate_from TEXT,
    valid_from TEXT,
    valid_until TEXT,
    service_id BLOB,
    PRIMARY KEY (clinician_id, position),
    CHECK (opens < closes),
    CHECK (weeks_of_month IS NULL OR alternate_from IS NULL),
    FOREIGN KEY (clinician_id, facility_id) REFERENCES clinician (id, facility_id),
    FOREIGN KEY (service_id, facility_id) REFERENCES service (id, facility_id)
) STRICT;
CREATE INDEX weekly_hours_of ON weekly_hours (facility_id);

CREATE TABLE date_exception (
    id BLOB PRIMARY KEY,
    facility_id BLOB NOT NULL REFERENCES facility (id),
    clinician_id BLOB,
    on_date TEXT NOT NULL,
    opens INTEGER CHECK (opens BETWEEN 0 AND 1435 AND opens % 5 = 0),
    closes INTEGER CHECK (closes BETWEEN 5 AND 1440 AND closes % 5 = 0),
    note TEXT NOT NULL,
    CHECK ((opens IS NULL) = (closes IS NULL)),
    CHECK (opens < closes),
    FOREIGN KEY (clinician_id, facility_id) REFERENCES clinician (id, facility_id)
) STRICT;
CREATE INDEX date_exception_of ON date_exception (facility_id, on_date);

CREATE TABLE account (
    id BLOB PRIMARY KEY,
    login TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('clinician', 'clinic_staff', 'prefecture_admin', 'operator')),
    facility_id BLOB REFERENCES facility (id),
    clinician_id BLOB,
    disabled_at TEXT,
    created_at TEXT NOT NULL,
    CHECK ((role IN ('clinician', 'clinic_staff')) = (facility_id IS NOT NULL)),
    CHECK ((role = 'clinician') = (clinician_id IS NOT NULL)),
    FOREIGN KEY (clinician_id, facility_id) REFERENCES clinician (id, facility_id)
) STRICT;

-- Patients --------------------------------------------------------------------------------------

-- Everything personal is sealed under the patient's key; destroying wrapped_key forgets them.
CREATE TABLE patient (
    id BLOB PRIMARY KEY,
    wrapped_key BLOB,
    identity_index BLOB NOT NULL UNIQUE,
    phone_index BLOB NOT NULL,
    name BLOB NOT NULL,
    kana BLOB NOT NULL,
    birth_date BLOB NOT NULL,
    phone BLOB NOT NULL,
    email BLOB,
    created_at TEXT NOT NULL
) STRICT;

-- One row per place in a clinician's time: a hold, a request and a booking are the same row.
CREATE TABLE booking (
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
    CONSTRAINT booking_patient CHECK (status IN ('held', 'expired') OR (
        patient_id IS NOT NULL AND number IS NOT NULL AND link_hash IS NOT NULL
        AND consented_at IS NOT NULL)),
    UNIQUE (id, facility_id),
    FOREIGN KEY (clinician_id, facility_id) REFERENCES clinician (id, facility_id),
    FOREIGN KEY (service_id, facility_id) REFERENCES service (id, facility_id)
) STRICT;
CREATE INDEX booking_clinician_time ON booking (clinician_id, busy_until) WHERE occupies;
CREATE INDEX booking_day ON booking (facility_id, starts_at);
CREATE INDEX booking_of_patient ON booking (patient_id, ends_at);
CREATE INDEX booking_hold_expiry ON booking (hold_expires_at) WHERE status = 'held';
-- A doctor sees one patient at a time (guideline V1(6)).
CREATE UNIQUE INDEX booking_one_in_progress ON booking (clinician_id)
    WHERE status = 'in_progress';

-- What happened around a booking's video visit. No media; the closing note is sealed.
CREATE TABLE visit (
    booking_id BLOB PRIMARY KEY,
    facility_id BLOB NOT NULL,
    epoch INTEGER NOT NULL,
    device_check TEXT,
    line_check TEXT,
    waiting_since TEXT,
    admitted_at TEXT,
    ended_at TEXT,
    patient_video_seconds INTEGER NOT NULL CHECK (patient_video_seconds >= 0),
    clinician_video_seconds INTEGER NOT NULL CHECK (clinician_video_seconds >= 0),
    outcome TEXT CHECK (outcome IN
        ('done', 'converted_to_in_person', 'patient_absent', 'doctor_absent', 'could_not_connect')),
    note BLOB,
    closed_at TEXT,
    CHECK ((outcome IS NULL) = (closed_at IS NULL)),
    -- Online care is done only where both sides saw each other (guideline V1(6)).
    CONSTRAINT visit_video_seen CHECK
        (outcome <> 'done' OR (patient_video_seconds > 0 AND clinician_video_seconds > 0)),
    FOREIGN KEY (booking_id, facility_id) REFERENCES booking (id, facility_id)
) STRICT;

-- Who may be in a visit. Admission is per person and stays until removed.
CREATE TABLE visit_participant (
    id BLOB PRIMARY KEY,
    booking_id BLOB NOT NULL,
    facility_id BLOB NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('clinician', 'staff', 'patient')),
    account_id BLOB REFERENCES account (id),
    admitted_at TEXT,
    removed_at TEXT,
    CHECK ((role = 'patient') = (account_id IS NULL)),
    FOREIGN KEY (booking_id, facility_id) REFERENCES booking (id, facility_id)
) STRICT;
CREATE UNIQUE INDEX visit_participant_patient ON visit_participant (booking_id)
    WHERE role = 'patient';
CREATE UNIQUE INDEX visit_participant_account ON visit_participant (booking_id, account_id)
    WHERE account_id IS NOT NULL;

-- Opens the signaling socket once.
CREATE TABLE signal_ticket (
    hash BLOB PRIMARY KEY,
    participant_id BLOB NOT NULL REFERENCES visit_participant (id),
    expires_at TEXT NOT NULL
) STRICT;

-- Who is signed in: an account, or a browser that holds or opened bookings.
CREATE TABLE session (
    hash BLOB PRIMARY KEY,
    account_id BLOB REFERENCES account (id),
    created_at TEXT NOT NULL,
    seen_at TEXT NOT NULL
) STRICT;
CREATE INDEX session_of_account ON session (account_id);
CREATE TABLE session_booking (
    session_hash BLOB NOT NULL REFERENCES session (hash) ON DELETE CASCADE,
    booking_id BLOB NOT NULL REFERENCES booking (id),
    PRIMARY KEY (session_hash, booking_id)
) STRICT;

-- Who did what to what: ids only, written with the change itself, never altered.
CREATE TABLE audit_entry (
    id BLOB PRIMARY KEY,
    at TEXT NOT NULL,
    actor_kind TEXT NOT NULL CHECK (actor_kind IN ('patient', 'account', 'system', 'command')),
    actor_id BLOB,
    facility_id BLOB REFERENCES facility (id),
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX audit_entry_facility ON audit_entry (facility_id, at);

CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry BEGIN
    SELECT RAISE(ABORT, 'audit_entry_is_final');
END;
-- INSERT OR REPLACE deletes without firing the trigger of deletion.
CREATE TRIGGER audit_entry_no_replace BEFORE INSERT ON audit_entry
WHEN EXISTS (SELECT 1 FROM audit_entry WHERE id = NEW.id) BEGIN
    SELECT RAISE(ABORT, 'audit_entry_is_final');
END;
CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry BEGIN
    SELECT RAISE(ABORT, 'audit_entry_is_final');
END;

-- What PostgreSQL does with exclusion constraints, under the same names: no two rows that occupy
-- overlap for one clinician or for one patient. Nobody in particular (NULL) overlaps nobody.
CREATE TRIGGER booking_clinician_overlap_insert AFTER INSERT ON booking WHEN NEW.occupies BEGIN
    SELECT RAISE(ABORT, 'booking_clinician_overlap') FROM booking AS b
    WHERE b.occupies AND b.clinician_id = NEW.clinician_id AND b.busy_until > NEW.busy_from
      AND b.busy_from < NEW.busy_until AND b.id <> NEW.id;
END;
CREATE TRIGGER booking_clinician_overlap_update AFTER UPDATE OF status, clinician_id, busy_from, busy_until ON booking WHEN NEW.occupies BEGIN
    SELECT RAISE(ABORT, 'booking_clinician_overlap') FROM booking AS b
    WHERE b.occupies AND b.clinician_id = NEW.clinician_id AND b.busy_until > NEW.busy_from
      AND b.busy_from < NEW.busy_until AND b.id <> NEW.id;
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

-- What the master key answered when this database was new. A key that answers otherwise opens
-- nothing in here. One row.
CREATE TABLE master_key_check (
    single INTEGER PRIMARY KEY CHECK (single = 1),
    proof BLOB NOT NULL
) STRICT;
