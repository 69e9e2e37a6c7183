-- Who may be in a visit beside patient and doctor, and by whose consent.

-- What the patient answered when a third person was to come in (guideline V1(6), E-05): for one
-- stay of one person, and never changed afterwards. A spoken answer is written down by the doctor.
CREATE TABLE visit_consent (
    id BLOB PRIMARY KEY,
    booking_id BLOB NOT NULL,
    facility_id BLOB NOT NULL,
    participant_id BLOB NOT NULL,
    stay INTEGER NOT NULL,
    answer TEXT NOT NULL CHECK (answer IN ('yes', 'no')),
    method TEXT NOT NULL CHECK (method IN ('tapped', 'spoken')),
    account_id BLOB REFERENCES account (id),
    at TEXT NOT NULL,
    CONSTRAINT visit_consent_spoken CHECK ((method = 'spoken') = (account_id IS NOT NULL)),
    UNIQUE (id, participant_id, stay, answer),
    FOREIGN KEY (booking_id, facility_id) REFERENCES booking (id, facility_id),
    FOREIGN KEY (participant_id, booking_id) REFERENCES visit_participant (id, booking_id)
) STRICT;
CREATE INDEX visit_consent_of ON visit_consent (booking_id);
CREATE TRIGGER visit_consent_no_update BEFORE UPDATE ON visit_consent BEGIN
    SELECT RAISE(ABORT, 'visit_consent_is_final');
END;
CREATE TRIGGER visit_consent_no_delete BEFORE DELETE ON visit_consent BEGIN
    SELECT RAISE(ABORT, 'visit_consent_is_final');
END;
-- REPLACE deletes without asking the trigger above.
CREATE TRIGGER visit_consent_no_replace BEFORE INSERT ON visit_consent
WHEN EXISTS (SELECT 1 FROM visit_consent AS c WHERE c.id = NEW.id) BEGIN
    SELECT RAISE(ABORT, 'visit_consent_is_final');
END;

-- SQLite changes no constraint of a table that is there: the table is made anew.
CREATE TABLE visit_participant_new (
    id BLOB PRIMARY KEY,
    booking_id BLOB NOT NULL,
    facility_id BLOB NOT NULL,
    role TEXT NOT NULL,
    account_id BLOB REFERENCES account (id),
    admitted_at TEXT,
    removed_at TEXT,
    -- Third persons without an account: name sealed, and the language of what they read.
    name BLOB,
    language TEXT CHECK (language IN ('ja', 'en')),
    invited_by BLOB REFERENCES account (id),
    invite_hash BLOB UNIQUE,
    invite_expires_at TEXT,
    invite_used_at TEXT,
    -- Which of the person's sockets counts: the newest. What came with an older one is void.
    session_no INTEGER NOT NULL DEFAULT 0,
    -- The session that the newest socket was opened from, and the page.
    session_hash BLOB,
    media_page TEXT,
    -- A third person's; since when the patient waits is kept with the visit.
    waiting_since TEXT,
    denied_at TEXT,
    held_at TEXT,
    left_at TEXT,
    -- Rises with each going out: a consent is for one stay.
    stay INTEGER NOT NULL DEFAULT 1,
    consent_id BLOB,
    consent_answer TEXT CHECK (consent_answer = 'yes'),
    -- What a remote specialist answers for, sealed, and that they were told of the case (E-10).
    responsibility BLOB,
    briefed INTEGER NOT NULL DEFAULT 0 CHECK (briefed IN (0, 1)),
    CONSTRAINT visit_participant_role CHECK (role IN ('clinician', 'staff', 'patient',
        'family_proxy', 'nurse', 'specialist', 'interpreter', 'observer')),
    CONSTRAINT visit_participant_who CHECK (CASE role
        WHEN 'patient' THEN account_id IS NULL AND invite_hash IS NULL
        WHEN 'clinician' THEN account_id IS NOT NULL AND invite_hash IS NULL
        WHEN 'staff' THEN account_id IS NOT NULL AND invite_hash IS NULL
        ELSE (account_id IS NULL) = (invite_hash IS NOT NULL) END),
    CONSTRAINT visit_participant_invite CHECK (
        (invite_hash IS NULL) = (invite_expires_at IS NULL)
        AND (invite_hash IS NULL) = (invited_by IS NULL)
        AND (invite_hash IS NULL) = (language IS NULL)
        AND (invite_hash IS NOT NULL OR (name IS NULL AND invite_used_at IS NULL))),
    -- A third person is in the visit by a consent that is for this stay, and only then.
    CONSTRAINT visit_participant_consent CHECK (CASE
        WHEN role IN ('clinician', 'staff', 'patient') THEN consent_id IS NULL
        ELSE (admitted_at IS NULL) = (consent_id IS NULL) END),
    CONSTRAINT visit_participant_answer CHECK
        ((consent_id IS NULL) = (consent_answer IS NULL)),
    -- Whoever was sent away is not in.
    CONSTRAINT visit_participant_removed CHECK (removed_at IS NULL OR admitted_at IS NULL
        OR role IN ('clinician', 'staff')),
    UNIQUE (id, booking_id),
    FOREIGN KEY (consent_id, id, stay, consent_answer)
        REFERENCES visit_consent (id, participant_id, stay, answer),
    FOREIGN KEY (booking_id, facility_id) REFERENCES booking (id, facility_id)
) STRICT;
INSERT INTO visit_participant_new (id, booking_id, facility_id, role, account_id, admitted_at, removed_at)
    SELECT id, booking_id, facility_id, role, account_id, admitted_at, removed_at
    FROM visit_participant;
DROP TABLE visit_participant;
ALTER TABLE visit_participant_new RENAME TO visit_participant;
CREATE UNIQUE INDEX visit_participant_patient ON visit_participant (booking_id)
    WHERE role = 'patient';
CREATE UNIQUE INDEX visit_participant_account ON visit_participant (booking_id, account_id)
    WHERE account_id IS NOT NULL;

-- Who goes out asks anew: what was agreed to was this stay.
CREATE TRIGGER visit_participant_stay BEFORE UPDATE ON visit_participant
WHEN OLD.admitted_at IS NOT NULL AND NEW.admitted_at IS NULL AND NEW.stay <= OLD.stay
    OR NEW.stay < OLD.stay BEGIN
    SELECT RAISE(ABORT, 'visit_participant_stay');
END;

-- A ticket dies with the session that asked for it.
ALTER TABLE signal_ticket
    ADD COLUMN session_hash BLOB REFERENCES session (hash) ON DELETE CASCADE;

-- Which browser came by which invitation.
CREATE TABLE session_guest (
    session_hash BLOB NOT NULL REFERENCES session (hash) ON DELETE CASCADE,
    participant_id BLOB NOT NULL REFERENCES visit_participant (id),
    PRIMARY KEY (session_hash, participant_id)
) STRICT;

-- One visit at a time (guideline V1(6)); the seats of a group are seen one after the other, too.
DROP TRIGGER booking_one_in_progress_insert;
DROP TRIGGER booking_one_in_progress_update;
CREATE TRIGGER booking_one_in_progress_insert AFTER INSERT ON booking
WHEN NEW.status = 'in_progress' BEGIN
    SELECT RAISE(ABORT, 'booking_one_in_progress') FROM booking AS b
    WHERE b.status = 'in_progress' AND b.clinician_id = NEW.clinician_id AND b.id <> NEW.id;
END;
CREATE TRIGGER booking_one_in_progress_update AFTER UPDATE OF status, clinician_id ON booking
WHEN NEW.status = 'in_progress' BEGIN
    SELECT RAISE(ABORT, 'booking_one_in_progress') FROM booking AS b
    WHERE b.status = 'in_progress' AND b.clinician_id = NEW.clinician_id AND b.id <> NEW.id;
END;
