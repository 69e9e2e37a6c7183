-- What must be clear before a visit and at its end, the plan of online care, and whom to send to in
-- an emergency. Personal texts are sealed under the patient's key.

-- What somebody of the clinic saw to. What follows from other rows is kept there alone.
CREATE TABLE clearance_item (
    booking_id BLOB NOT NULL,
    facility_id BLOB NOT NULL,
    item TEXT NOT NULL CHECK (item IN (
        'questionnaire', 'medical_information', 'identity_patient', 'identity_doctor_shown',
        'eligibility', 'consent_online_care', 'consent_privacy', 'care_plan_agreed',
        'location_confirmed', 'emergency_contact', 'device_test', 'recording_agreement',
        'fee_acknowledged', 'surroundings')),
    state TEXT NOT NULL CHECK (state IN ('done', 'waived', 'failed')),
    -- How: a code. Never a number of a document, never a picture of one.
    method TEXT CHECK (method IN (
        'photo_id', 'two_docs', 'one_doc_plus_questions', 'jpki', 'myna_eligibility',
        'myna_home_web', 'card_image', 'certificate')),
    reason BLOB,
    account_id BLOB NOT NULL REFERENCES account (id),
    at TEXT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (booking_id, item),
    CONSTRAINT clearance_item_waived CHECK ((state = 'waived') = (reason IS NOT NULL)),
    -- What the patient agrees to nobody can waive.
    CONSTRAINT clearance_item_consent CHECK (state <> 'waived'
        OR item NOT IN ('consent_online_care', 'consent_privacy')),
    CONSTRAINT clearance_item_method CHECK (CASE
        WHEN state <> 'done' OR item NOT IN ('identity_patient', 'eligibility') THEN method IS NULL
        WHEN item = 'identity_patient' THEN method IS NOT NULL AND method IN
            ('photo_id', 'two_docs', 'one_doc_plus_questions', 'jpki', 'myna_eligibility')
        ELSE method IS NOT NULL AND method IN ('myna_home_web', 'card_image', 'certificate') END),
    FOREIGN KEY (booking_id, facility_id) REFERENCES booking (id, facility_id)
) STRICT;

-- Where the patient is during the visit, with whom to call for them.
CREATE TABLE visit_place (
    booking_id BLOB PRIMARY KEY,
    facility_id BLOB NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('home', 'workplace', 'care_facility',
        'online_care_facility', 'clinic_without_doctor', 'other')),
    address BLOB NOT NULL,
    prefecture_code TEXT NOT NULL CHECK (length(prefecture_code) = 2),
    municipality_code TEXT NOT NULL CHECK (length(municipality_code) = 6),
    private_ok INTEGER NOT NULL CHECK (private_ok IN (0, 1)),
    account_id BLOB REFERENCES account (id),
    at TEXT NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT visit_place_prefecture CHECK (substr(municipality_code, 1, 2) = prefecture_code),
    FOREIGN KEY (booking_id, facility_id) REFERENCES booking (id, facility_id)
) STRICT;

CREATE TABLE emergency_contact (
    booking_id BLOB PRIMARY KEY,
    facility_id BLOB NOT NULL,
    contact BLOB NOT NULL,
    at TEXT NOT NULL,
    FOREIGN KEY (booking_id, facility_id) REFERENCES booking (id, facility_id)
) STRICT;

-- Institutions that take a clinic's patients in an emergency.
CREATE TABLE partner_institution (
    id BLOB PRIMARY KEY,
    facility_id BLOB NOT NULL REFERENCES facility (id),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    telephone TEXT NOT NULL CHECK (length(telephone) BETWEEN 1 AND 30),
    address TEXT NOT NULL CHECK (length(address) BETWEEN 1 AND 200),
    municipality_code TEXT NOT NULL CHECK (length(municipality_code) = 6),
    closed_at TEXT
) STRICT;
CREATE INDEX partner_institution_of ON partner_institution (facility_id);

-- The plan of online care (guideline V1(3)): one for each patient of a facility, in versions that
-- stay as they were.
CREATE TABLE care_plan (
    id BLOB PRIMARY KEY,
    facility_id BLOB NOT NULL REFERENCES facility (id),
    patient_id BLOB NOT NULL REFERENCES patient (id),
    UNIQUE (facility_id, patient_id),
    UNIQUE (id, facility_id)
) STRICT;
CREATE TABLE care_plan_version (
    id BLOB PRIMARY KEY,
    plan_id BLOB NOT NULL,
    facility_id BLOB NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    body BLOB NOT NULL,
    recording TEXT NOT NULL CHECK (recording IN ('none', 'doctor_side', 'patient_side', 'both')),
    account_id BLOB NOT NULL REFERENCES account (id),
    created_at TEXT NOT NULL,
    UNIQUE (plan_id, version),
    UNIQUE (id, facility_id),
    FOREIGN KEY (plan_id, facility_id) REFERENCES care_plan (id, facility_id)
) STRICT;
CREATE TABLE care_plan_agreement (
    version_id BLOB NOT NULL,
    booking_id BLOB NOT NULL,
    facility_id BLOB NOT NULL,
    method TEXT NOT NULL CHECK (method IN ('tapped', 'spoken', 'paper')),
    account_id BLOB REFERENCES account (id),
    at TEXT NOT NULL,
    PRIMARY KEY (version_id, booking_id),
    -- Who taps agrees for themselves; somebody heard it, or holds the paper.
    CONSTRAINT care_plan_agreement_witness CHECK ((method = 'tapped') = (account_id IS NULL)),
    FOREIGN KEY (version_id, facility_id) REFERENCES care_plan_version (id, facility_id),
    FOREIGN KEY (booking_id, facility_id) REFERENCES booking (id, facility_id)
) STRICT;
CREATE INDEX care_plan_agreement_of ON care_plan_agreement (booking_id);
CREATE TRIGGER care_plan_version_no_update BEFORE UPDATE ON care_plan_version BEGIN
    SELECT RAISE(ABORT, 'care_plan_version_is_final');
END;
CREATE TRIGGER care_plan_version_no_replace BEFORE INSERT ON care_plan_version
WHEN EXISTS (SELECT 1 FROM care_plan_version WHERE id = NEW.id) BEGIN
    SELECT RAISE(ABORT, 'care_plan_version_is_final');
END;
CREATE TRIGGER care_plan_version_no_delete BEFORE DELETE ON care_plan_version BEGIN
    SELECT RAISE(ABORT, 'care_plan_version_is_final');
END;
CREATE TRIGGER care_plan_agreement_no_update BEFORE UPDATE ON care_plan_agreement BEGIN
    SELECT RAISE(ABORT, 'care_plan_agreement_is_final');
END;
CREATE TRIGGER care_plan_agreement_no_replace BEFORE INSERT ON care_plan_agreement
WHEN EXISTS (SELECT 1 FROM care_plan_agreement WHERE version_id = NEW.version_id AND booking_id = NEW.booking_id) BEGIN
    SELECT RAISE(ABORT, 'care_plan_agreement_is_final');
END;
CREATE TRIGGER care_plan_agreement_no_delete BEFORE DELETE ON care_plan_agreement BEGIN
    SELECT RAISE(ABORT, 'care_plan_agreement_is_final');
END;
