-- Who may be in a visit beside patient and doctor, and by whose consent.

-- What the patient answered when a third person was to come in (guideline V1(6), E-05): for one
-- stay of one person, and never changed afterwards. A spoken answer is written down by the doctor.
CREATE TABLE visit_consent (
    id UUID PRIMARY KEY,
    booking_id UUID NOT NULL,
    facility_id UUID NOT NULL,
    participant_id UUID NOT NULL,
    stay BIGINT NOT NULL,
    answer TEXT NOT NULL CHECK (answer IN ('yes', 'no')),
    method TEXT NOT NULL CHECK (method IN ('tapped', 'spoken')),
    account_id UUID REFERENCES account (id),
    at TIMESTAMPTZ NOT NULL,
    CONSTRAINT visit_consent_spoken CHECK ((method = 'spoken') = (account_id IS NOT NULL)),
    UNIQUE (id, participant_id, stay, answer),
    FOREIGN KEY (booking_id, facility_id) REFERENCES booking (id, facility_id)
);
CREATE INDEX visit_consent_of ON visit_consent (booking_id);
CREATE TRIGGER visit_consent_no_change BEFORE UPDATE OR DELETE ON visit_consent
    FOR EACH ROW EXECUTE FUNCTION version_is_final();
CREATE FUNCTION visit_consent_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'visit_consent_is_final';
END $$;
CREATE TRIGGER visit_consent_no_truncate BEFORE TRUNCATE ON visit_consent
    FOR EACH STATEMENT EXECUTE FUNCTION visit_consent_stays();

ALTER TABLE visit_participant
    DROP CONSTRAINT visit_participant_role_check,
    DROP CONSTRAINT visit_participant_check,
    -- Third persons without an account: name sealed, and the language of what they read.
    ADD COLUMN name BYTEA,
    ADD COLUMN language TEXT CHECK (language IN ('ja', 'en')),
    ADD COLUMN invited_by UUID REFERENCES account (id),
    ADD COLUMN invite_hash BYTEA UNIQUE,
    ADD COLUMN invite_expires_at TIMESTAMPTZ,
    ADD COLUMN invite_used_at TIMESTAMPTZ,
    -- Which of the person's sockets counts: the newest. What came with an older one is void.
    ADD COLUMN session_no BIGINT NOT NULL DEFAULT 0,
    -- The session that the newest socket was opened from, and the page.
    ADD COLUMN session_hash BYTEA,
    ADD COLUMN media_page TEXT,
    -- A third person's; since when the patient waits is kept with the visit.
    ADD COLUMN waiting_since TIMESTAMPTZ,
    ADD COLUMN denied_at TIMESTAMPTZ,
    ADD COLUMN held_at TIMESTAMPTZ,
    ADD COLUMN left_at TIMESTAMPTZ,
    -- Rises with each going out: a consent is for one stay.
    ADD COLUMN stay BIGINT NOT NULL DEFAULT 1,
    ADD COLUMN consent_id UUID,
    ADD COLUMN consent_answer TEXT CHECK (consent_answer = 'yes'),
    -- What a remote specialist answers for, sealed, and that they were told of the case (E-10).
    ADD COLUMN responsibility BYTEA,
    ADD COLUMN briefed BOOLEAN NOT NULL DEFAULT FALSE,
    ADD CONSTRAINT visit_participant_role CHECK (role IN ('clinician', 'staff', 'patient',
        'family_proxy', 'nurse', 'specialist', 'interpreter', 'observer')),
    ADD CONSTRAINT visit_participant_who CHECK (CASE role
        WHEN 'patient' THEN account_id IS NULL AND invite_hash IS NULL
        WHEN 'clinician' THEN account_id IS NOT NULL AND invite_hash IS NULL
        WHEN 'staff' THEN account_id IS NOT NULL AND invite_hash IS NULL
        ELSE (account_id IS NULL) = (invite_hash IS NOT NULL) END),
    ADD CONSTRAINT visit_participant_invite CHECK (
        (invite_hash IS NULL) = (invite_expires_at IS NULL)
        AND (invite_hash IS NULL) = (invited_by IS NULL)
        AND (invite_hash IS NULL) = (language IS NULL)
        AND (invite_hash IS NOT NULL OR (name IS NULL AND invite_used_at IS NULL))),
    -- A third person is in the visit by a consent that is for this stay, and only then.
    ADD CONSTRAINT visit_participant_consent CHECK (CASE
        WHEN role IN ('clinician', 'staff', 'patient') THEN consent_id IS NULL
        ELSE (admitted_at IS NULL) = (consent_id IS NULL) END),
    ADD CONSTRAINT visit_participant_answer CHECK
        ((consent_id IS NULL) = (consent_answer IS NULL)),
    -- Whoever was sent away is not in.
    ADD CONSTRAINT visit_participant_removed CHECK (removed_at IS NULL OR admitted_at IS NULL
        OR role IN ('clinician', 'staff')),
    ADD UNIQUE (id, booking_id),
    ADD FOREIGN KEY (consent_id, id, stay, consent_answer)
        REFERENCES visit_consent (id, participant_id, stay, answer);
ALTER TABLE visit_consent ADD FOREIGN KEY (participant_id, booking_id)
    REFERENCES visit_participant (id, booking_id);

-- Who goes out asks anew: what was agreed to was this stay.
CREATE FUNCTION visit_participant_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'visit_participant_stay';
END $$;
CREATE TRIGGER visit_participant_stay BEFORE UPDATE ON visit_participant
    FOR EACH ROW WHEN (OLD.admitted_at IS NOT NULL AND NEW.admitted_at IS NULL
        AND NEW.stay <= OLD.stay OR NEW.stay < OLD.stay)
    EXECUTE FUNCTION visit_participant_stay();

-- A ticket dies with the session that asked for it.
ALTER TABLE signal_ticket
    ADD COLUMN session_hash BYTEA REFERENCES session (hash) ON DELETE CASCADE;

-- Which browser came by which invitation.
CREATE TABLE session_guest (
    session_hash BYTEA NOT NULL REFERENCES session (hash) ON DELETE CASCADE,
    participant_id UUID NOT NULL REFERENCES visit_participant (id),
    PRIMARY KEY (session_hash, participant_id)
);

-- One visit at a time (guideline V1(6)); the seats of a group are seen one after the other, too.
ALTER TABLE booking DROP CONSTRAINT booking_one_in_progress;
CREATE UNIQUE INDEX booking_one_in_progress ON booking (clinician_id)
    WHERE status = 'in_progress';
