-- How a visit was closed: what was decided, what was prescribed, and what the yearly report asks of
-- each visit. Personal texts are sealed under the patient's key.

-- Item 1-3 of the yearly report names the doctors with their employment.
ALTER TABLE clinician ADD COLUMN employment TEXT NOT NULL DEFAULT 'full_time'
    CHECK (employment IN ('full_time', 'part_time'));

CREATE TABLE visit_closing (
    booking_id UUID PRIMARY KEY,
    facility_id UUID NOT NULL,
    clinician_id UUID NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('online_care', 'pre_consultation')),
    -- The facility's date on which it took place, not the day for which it was booked.
    local_date DATE NOT NULL,
    mode TEXT NOT NULL CHECK (mode IN ('online', 'in_person')),
    -- First by the guideline (drug rules) and first by the fees: neither follows from the other.
    guideline_first_visit BOOLEAN NOT NULL,
    billing_first_visit BOOLEAN NOT NULL,
    pre_consultation_done BOOLEAN NOT NULL,
    underlying_info_known BOOLEAN NOT NULL,
    medications_confirmed BOOLEAN NOT NULL,
    prescription TEXT NOT NULL CHECK (prescription IN ('none', 'paper', 'electronic')),
    days BIGINT CHECK (days BETWEEN 1 AND 180),
    narcotic BOOLEAN NOT NULL,
    psychotropic BOOLEAN NOT NULL,
    high_risk BOOLEAN NOT NULL,
    exchange_number BYTEA,
    exchange_expires_at TIMESTAMPTZ,
    exchange_shown_at TIMESTAMPTZ,
    referral_reason TEXT CHECK (referral_reason IN ('beyond_ability', 'urgent', 'other')),
    referred_to BYTEA,
    conversion_reason TEXT CHECK (conversion_reason IN (
        'examination_needed', 'unsuitable', 'line_failure', 'patient_wish', 'other')),
    onward_policy BYTEA,
    nurse_acts BYTEA,
    -- Unknown stays unknown: it must never be counted as the clinic's own prefecture.
    patient_prefecture TEXT CHECK (length(patient_prefecture) = 2),
    patient_municipality TEXT CHECK (length(patient_municipality) = 6),
    doctor_place TEXT NOT NULL CHECK (doctor_place IN ('clinic', 'home', 'other_facility', 'other')),
    doctor_prefecture TEXT CHECK (length(doctor_prefecture) = 2),
    record_access TEXT CHECK (record_access IN ('in_house', 'cloud_emr', 'other')),
    next_booking_id UUID,
    closed_by UUID NOT NULL REFERENCES account (id),
    closed_at TIMESTAMPTZ NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT visit_closing_prescription CHECK ((prescription = 'none') = (days IS NULL)),
    CONSTRAINT visit_closing_classes CHECK
        (prescription <> 'none' OR NOT (narcotic OR psychotropic OR high_risk)),
    -- Guideline V1(5): at the first visit no narcotics and no psychotropics.
    CONSTRAINT visit_closing_r01 CHECK (NOT guideline_first_visit OR NOT (narcotic OR psychotropic)),
    -- Where underlying conditions are not known: no drug that needs special safety management.
    CONSTRAINT visit_closing_r02 CHECK (underlying_info_known OR NOT high_risk),
    -- There, too, nothing for eight days or more.
    CONSTRAINT visit_closing_r03 CHECK (underlying_info_known OR days IS NULL OR days <= 7),
    -- What the patient takes already is confirmed before anything is prescribed.
    CONSTRAINT visit_closing_r04 CHECK (prescription = 'none' OR medications_confirmed),
    -- A talk before care is no visit: nothing is prescribed in it.
    CONSTRAINT visit_closing_talk CHECK (kind <> 'pre_consultation'
        OR (prescription = 'none' AND NOT guideline_first_visit AND NOT billing_first_visit)),
    CONSTRAINT visit_closing_onward CHECK
        (mode <> 'online' OR NOT guideline_first_visit OR onward_policy IS NOT NULL),
    CONSTRAINT visit_closing_conversion CHECK ((mode = 'in_person') = (conversion_reason IS NOT NULL)),
    CONSTRAINT visit_closing_referral CHECK ((referral_reason IS NULL) = (referred_to IS NULL)),
    -- A doctor outside the clinic says where, and how past records are seen.
    CONSTRAINT visit_closing_place CHECK (doctor_place = 'clinic'
        OR (doctor_prefecture IS NOT NULL AND record_access IS NOT NULL)),
    -- Shown once: whoever sees the number takes it out of the row.
    CONSTRAINT visit_closing_exchange CHECK (
        (exchange_number IS NULL OR (exchange_expires_at IS NOT NULL AND exchange_shown_at IS NULL))
        AND (exchange_expires_at IS NULL OR prescription = 'electronic')
        AND (exchange_shown_at IS NULL OR exchange_expires_at IS NOT NULL)),
    FOREIGN KEY (booking_id, facility_id) REFERENCES booking (id, facility_id),
    FOREIGN KEY (clinician_id, facility_id) REFERENCES clinician (id, facility_id),
    FOREIGN KEY (next_booking_id, facility_id) REFERENCES booking (id, facility_id)
);
CREATE INDEX visit_closing_day ON visit_closing (facility_id, local_date);
CREATE INDEX visit_closing_of_clinician ON visit_closing (clinician_id, closed_at);
CREATE INDEX visit_closing_expiry ON visit_closing (exchange_expires_at)
    WHERE exchange_number IS NOT NULL;
