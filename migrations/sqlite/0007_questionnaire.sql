-- The same tables, columns and constraint names as in ../postgres. What is asked, told and
-- agreed before a visit. Versions are final: a change is a new row with the next number, and the
-- highest number is the current one.

-- Questionnaires --------------------------------------------------------------------------------

-- What a service asks besides symptoms; the questions as JSON.
CREATE TABLE questionnaire_version (
    id BLOB PRIMARY KEY,
    facility_id BLOB NOT NULL,
    service_id BLOB NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    questions TEXT NOT NULL,
    account_id BLOB REFERENCES account (id),
    created_at TEXT NOT NULL,
    UNIQUE (service_id, version),
    UNIQUE (id, facility_id),
    FOREIGN KEY (service_id, facility_id) REFERENCES service (id, facility_id)
) STRICT;

-- The clinic's own list of signs that must not wait for a video visit (guideline V1(2)).
CREATE TABLE triage_version (
    id BLOB PRIMARY KEY,
    facility_id BLOB NOT NULL REFERENCES facility (id),
    version INTEGER NOT NULL CHECK (version >= 1),
    questions TEXT NOT NULL,
    account_id BLOB REFERENCES account (id),
    created_at TEXT NOT NULL,
    UNIQUE (facility_id, version),
    UNIQUE (id, facility_id)
) STRICT;

-- Consent ---------------------------------------------------------------------------------------

-- What is agreed to, in its own words. Without a facility it is the house's text, for those that
-- have none of their own.
CREATE TABLE consent_text (
    id BLOB PRIMARY KEY,
    facility_id BLOB REFERENCES facility (id),
    kind TEXT NOT NULL CHECK (kind IN ('online_care', 'privacy')),
    version INTEGER NOT NULL CHECK (version >= 1),
    text_ja TEXT NOT NULL,
    text_en TEXT NOT NULL,
    account_id BLOB REFERENCES account (id),
    created_at TEXT NOT NULL,
    UNIQUE (facility_id, kind, version)
) STRICT;
CREATE UNIQUE INDEX consent_text_house ON consent_text (kind, version) WHERE facility_id IS NULL;

INSERT INTO consent_text (id, kind, version, text_ja, text_en, created_at) VALUES
(x'0d30c000000000000000000000000001', 'online_care', 1,
'ビデオでは分からないことがあります。医師が必要と考えたときは、来院をお願いします。
診察のはじめに、医師と患者の本人確認を行います。
録画・録音はしません。診察は、ほかの人に聞かれない場所で受けてください。
以上の説明を読み、オンライン診療を受けることに同意します。',
'Some things cannot be told by video. If the doctor thinks it necessary, you will be asked to come to the clinic.
At the beginning of the visit, doctor and patient show each other who they are.
Nothing is recorded. Please take the visit where nobody else can hear it.
I have read this and agree to receive online medical care.',
'2026-11-01T00:00:00+00:00'),
(x'0d30c000000000000000000000000002', 'privacy', 1,
'お名前・連絡先・症状・病歴など、ここで入力した内容は、この診療のために医療機関だけが使います。
入力した内容は暗号にして保管します。法律に定めがある場合のほかは、同意なしにほかへ渡しません。
同意は、診察の前ならいつでも取り消せます。取り消すと、この予約でオンライン診療は受けられません。
以上の説明を読み、健康についての情報をこの目的で使うことに同意します。',
'Your name, contact, symptoms and medical history as entered here are used by the clinic alone, and for this care.
They are kept encrypted and, unless a law demands it, given to nobody without your consent.
You can withdraw your consent at any time before the visit. Then this booking cannot be held as online care.
I have read this and agree to the use of information about my health for this purpose.',
'2026-11-01T00:00:00+00:00');

-- Who agreed to what, when and how. Withdrawn, it stays as a row.
CREATE TABLE consent (
    id BLOB PRIMARY KEY,
    booking_id BLOB NOT NULL,
    facility_id BLOB NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('online_care', 'privacy')),
    text_id BLOB NOT NULL REFERENCES consent_text (id),
    version INTEGER NOT NULL,
    method TEXT NOT NULL CHECK (method IN ('checkbox', 'spoken', 'paper')),
    account_id BLOB REFERENCES account (id),
    at TEXT NOT NULL,
    withdrawn_at TEXT,
    -- What was said or signed was heard or seen by somebody of the clinic.
    CONSTRAINT consent_witness CHECK ((method = 'checkbox') = (account_id IS NULL)),
    CONSTRAINT consent_order CHECK (withdrawn_at >= at),
    FOREIGN KEY (booking_id, facility_id) REFERENCES booking (id, facility_id)
) STRICT;
CREATE UNIQUE INDEX consent_once ON consent (booking_id, kind) WHERE withdrawn_at IS NULL;

-- Fees ------------------------------------------------------------------------------------------

-- A service with fees keeps its kind of payment: another kind is another service.
CREATE UNIQUE INDEX service_payment ON service (id, insured);

CREATE TABLE fee_version (
    id BLOB PRIMARY KEY,
    facility_id BLOB NOT NULL,
    service_id BLOB NOT NULL,
    insured INTEGER NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    cancel_fee_yen INTEGER CHECK (cancel_fee_yen BETWEEN 0 AND 1000000),
    cancel_note_ja TEXT NOT NULL,
    cancel_note_en TEXT NOT NULL,
    account_id BLOB REFERENCES account (id),
    created_at TEXT NOT NULL,
    UNIQUE (service_id, version),
    UNIQUE (id, facility_id),
    UNIQUE (id, insured),
    FOREIGN KEY (service_id, facility_id) REFERENCES service (id, facility_id),
    FOREIGN KEY (service_id, insured) REFERENCES service (id, insured)
) STRICT;

CREATE TABLE fee_item (
    fee_version_id BLOB NOT NULL,
    position INTEGER NOT NULL,
    insured INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN (
        'consultation', 'system_usage_fee', 'pre_consultation_fee', 'prescription_fee',
        'delivery_fee', 'document_fee', 'reservation_fee', 'other')),
    name_ja TEXT NOT NULL,
    name_en TEXT NOT NULL,
    note_ja TEXT NOT NULL,
    note_en TEXT NOT NULL,
    yen INTEGER CHECK (yen BETWEEN 0 AND 10000000),
    points_code TEXT,
    PRIMARY KEY (fee_version_id, position),
    CONSTRAINT fee_item_amount CHECK (yen IS NULL OR points_code IS NULL),
    -- Insured online care may cost no fee for the booking itself.
    CONSTRAINT fee_item_reservation CHECK (kind <> 'reservation_fee' OR NOT insured),
    FOREIGN KEY (fee_version_id, insured) REFERENCES fee_version (id, insured)
) STRICT;

-- The basis of a first visit ---------------------------------------------------------------------

-- What becomes of a wish for a first visit without a basis: the clinic is asked, or it is refused.
ALTER TABLE service ADD COLUMN without_basis TEXT NOT NULL DEFAULT 'request'
    CHECK (without_basis IN ('request', 'refuse'));

-- What came of a talk before care (guideline V1(2)).
CREATE TABLE pre_consultation (
    booking_id BLOB PRIMARY KEY,
    facility_id BLOB NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN
        ('proceed_online', 'in_person_here', 'refer_elsewhere', 'decline')),
    recorded_at TEXT NOT NULL,
    UNIQUE (booking_id, outcome),
    FOREIGN KEY (booking_id, facility_id) REFERENCES booking (id, facility_id)
) STRICT;

-- What a booking was made with: the versions that were shown and answered, what was acknowledged,
-- and the basis of a first visit (guideline V1(2)). Answers and dates are sealed with the booking.
CREATE TABLE intake (
    booking_id BLOB PRIMARY KEY,
    facility_id BLOB NOT NULL,
    questionnaire_id BLOB,
    triage_id BLOB,
    fee_version_id BLOB,
    refusal_acknowledged_at TEXT,
    fee_acknowledged_at TEXT,
    first_visit_basis TEXT CHECK (first_visit_basis IN
        ('kakaritsuke', 'info_sufficient', 'pre_consultation')),
    pre_consultation_id BLOB,
    pre_consultation_outcome TEXT CHECK (pre_consultation_outcome = 'proceed_online'),
    confirmed_at TEXT,
    confirmed_by BLOB REFERENCES account (id),
    version INTEGER NOT NULL,
    CONSTRAINT intake_pre_consultation CHECK (
        (first_visit_basis IS NOT NULL AND first_visit_basis = 'pre_consultation')
            = (pre_consultation_id IS NOT NULL)
        AND (pre_consultation_id IS NULL) = (pre_consultation_outcome IS NULL)),
    CONSTRAINT intake_confirmed CHECK ((confirmed_at IS NULL) = (confirmed_by IS NULL)),
    FOREIGN KEY (booking_id, facility_id) REFERENCES booking (id, facility_id),
    FOREIGN KEY (questionnaire_id, facility_id)
        REFERENCES questionnaire_version (id, facility_id),
    FOREIGN KEY (triage_id, facility_id) REFERENCES triage_version (id, facility_id),
    FOREIGN KEY (fee_version_id, facility_id) REFERENCES fee_version (id, facility_id),
    -- Only a talk at this facility after which online care may follow.
    FOREIGN KEY (pre_consultation_id, facility_id) REFERENCES booking (id, facility_id),
    FOREIGN KEY (pre_consultation_id, pre_consultation_outcome)
        REFERENCES pre_consultation (booking_id, outcome)
) STRICT;

-- What was shown to somebody stays as it was shown.
CREATE TRIGGER questionnaire_version_no_update BEFORE UPDATE ON questionnaire_version BEGIN
    SELECT RAISE(ABORT, 'questionnaire_version_is_final');
END;
CREATE TRIGGER questionnaire_version_no_delete BEFORE DELETE ON questionnaire_version BEGIN
    SELECT RAISE(ABORT, 'questionnaire_version_is_final');
END;
CREATE TRIGGER triage_version_no_update BEFORE UPDATE ON triage_version BEGIN
    SELECT RAISE(ABORT, 'triage_version_is_final');
END;
CREATE TRIGGER triage_version_no_delete BEFORE DELETE ON triage_version BEGIN
    SELECT RAISE(ABORT, 'triage_version_is_final');
END;
CREATE TRIGGER consent_text_no_update BEFORE UPDATE ON consent_text BEGIN
    SELECT RAISE(ABORT, 'consent_text_is_final');
END;
CREATE TRIGGER consent_text_no_delete BEFORE DELETE ON consent_text BEGIN
    SELECT RAISE(ABORT, 'consent_text_is_final');
END;
CREATE TRIGGER fee_version_no_update BEFORE UPDATE ON fee_version BEGIN
    SELECT RAISE(ABORT, 'fee_version_is_final');
END;
CREATE TRIGGER fee_version_no_delete BEFORE DELETE ON fee_version BEGIN
    SELECT RAISE(ABORT, 'fee_version_is_final');
END;
CREATE TRIGGER fee_item_no_update BEFORE UPDATE ON fee_item BEGIN
    SELECT RAISE(ABORT, 'fee_item_is_final');
END;
CREATE TRIGGER fee_item_no_delete BEFORE DELETE ON fee_item BEGIN
    SELECT RAISE(ABORT, 'fee_item_is_final');
END;
