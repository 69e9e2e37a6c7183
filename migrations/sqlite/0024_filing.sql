-- Notifications (届出) made through this service: three kinds that stay apart, one machine of states,
-- what stands for the criteria, and the places where patients are received (オンライン診療受診施設)
-- with whoever runs them.

-- A reception facility is run by somebody who need not be of a clinic: an account of their own.
-- SQLite changes no constraint of a table that is there: the table is made anew. Migrations run
-- with foreign keys off, and all of them are checked afterwards.
CREATE TABLE account_new (
    id BLOB PRIMARY KEY,
    login TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    role TEXT NOT NULL CONSTRAINT account_role CHECK (role IN
        ('clinician', 'clinic_staff', 'facility_operator', 'prefecture_admin', 'operator')),
    facility_id BLOB REFERENCES facility (id),
    clinician_id BLOB,
    disabled_at TEXT,
    created_at TEXT NOT NULL,
    CHECK ((role IN ('clinician', 'clinic_staff')) = (facility_id IS NOT NULL)),
    CHECK ((role = 'clinician') = (clinician_id IS NOT NULL)),
    FOREIGN KEY (clinician_id, facility_id) REFERENCES clinician (id, facility_id)
) STRICT;
INSERT INTO account_new (id, login, name, password_hash, role, facility_id, clinician_id, disabled_at, created_at)
    SELECT id, login, name, password_hash, role, facility_id, clinician_id, disabled_at, created_at FROM account;
DROP TABLE account;
ALTER TABLE account_new RENAME TO account;

-- What the law asks of a reception facility (医療法 2条の2②). Those that clinics entered for their own
-- rooms have no operator.
ALTER TABLE reception_site ADD COLUMN operator_id BLOB REFERENCES account (id);
ALTER TABLE reception_site ADD COLUMN operator_name TEXT CHECK (length(operator_name) BETWEEN 1 AND 100);
ALTER TABLE reception_site ADD COLUMN kind TEXT NOT NULL DEFAULT 'other'
    CHECK (kind IN ('booth', 'post_office', 'community_hall', 'vehicle', 'other'));
-- Whom to call at any hour when a device fails or a patient gets worse.
ALTER TABLE reception_site ADD COLUMN contact_24h TEXT CHECK (length(contact_24h) BETWEEN 1 AND 100);
-- In yen; apart from the price of care.
ALTER TABLE reception_site ADD COLUMN usage_fee INTEGER CHECK (usage_fee BETWEEN 0 AND 1000000);
ALTER TABLE reception_site ADD COLUMN open_hours TEXT NOT NULL DEFAULT '' CHECK (length(open_hours) <= 200);
ALTER TABLE reception_site ADD COLUMN has_nurse INTEGER NOT NULL DEFAULT 0 CHECK (has_nurse IN (0, 1));
ALTER TABLE reception_site ADD COLUMN version INTEGER NOT NULL DEFAULT 1 CHECK (version >= 1);
CREATE INDEX reception_site_of ON reception_site (operator_id) WHERE operator_id IS NOT NULL;

-- The institutions whose patients are received there. The institution says that the place is fit.
CREATE TABLE reception_link (
    site_id BLOB NOT NULL REFERENCES reception_site (id),
    facility_id BLOB NOT NULL REFERENCES facility (id),
    asked_at TEXT NOT NULL,
    confirmed_at TEXT,
    confirmed_by BLOB REFERENCES account (id),
    fitness TEXT CHECK (length(trim(fitness)) BETWEEN 1 AND 1000),
    PRIMARY KEY (site_id, facility_id),
    CONSTRAINT reception_link_confirmed CHECK (
        (confirmed_at IS NULL) = (confirmed_by IS NULL) AND (confirmed_at IS NULL) = (fitness IS NULL))
) STRICT;
CREATE INDEX reception_link_of ON reception_link (facility_id);

-- The steps that there are between states; the program's own table says the same, and a test
-- compares them.
CREATE TABLE filing_way (
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    PRIMARY KEY (from_state, to_state)
) STRICT;
INSERT INTO filing_way (from_state, to_state) VALUES
    ('draft', 'submitted'), ('submitted', 'returned_for_correction'), ('submitted', 'accepted'),
    ('returned_for_correction', 'resubmitted'), ('resubmitted', 'returned_for_correction'),
    ('resubmitted', 'accepted'), ('accepted', 'in_effect'), ('in_effect', 'changed'),
    ('draft', 'withdrawn'), ('submitted', 'withdrawn'), ('returned_for_correction', 'withdrawn'),
    ('resubmitted', 'withdrawn'), ('accepted', 'withdrawn'), ('in_effect', 'withdrawn'),
    ('accepted', 'revoked'), ('in_effect', 'revoked');

CREATE TABLE filing (
    id BLOB PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('criterion', 'online_care', 'reception_facility')),
    prefecture_code TEXT NOT NULL CHECK (length(prefecture_code) = 2),
    code10 TEXT REFERENCES institution (code10),
    facility_id BLOB REFERENCES facility (id),
    site_id BLOB REFERENCES reception_site (id),
    criterion TEXT CHECK (criterion = 'ict_care'),
    state TEXT NOT NULL CHECK (state IN ('draft', 'submitted', 'returned_for_correction',
        'resubmitted', 'accepted', 'in_effect', 'changed', 'withdrawn', 'revoked')),
    -- The one that is in effect and that this one will take the place of.
    replaces_id BLOB REFERENCES filing (id),
    -- By when the law asks for it (of those who gave online care on 2026-04-01).
    due_on TEXT,
    form TEXT NOT NULL,
    submitted_on TEXT,
    correct_by TEXT,
    acceptance_number TEXT CHECK (length(acceptance_number) BETWEEN 1 AND 60),
    accepted_on TEXT,
    effective_from TEXT,
    -- The first day on which it holds no more.
    ended_on TEXT,
    version INTEGER NOT NULL CHECK (version >= 1),
    created_at TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    CONSTRAINT filing_whose CHECK (CASE kind
        WHEN 'reception_facility' THEN site_id IS NOT NULL AND facility_id IS NULL AND code10 IS NULL
        ELSE site_id IS NULL AND facility_id IS NOT NULL AND code10 IS NOT NULL END),
    CONSTRAINT filing_criterion CHECK ((kind = 'criterion') = (criterion IS NOT NULL)),
    CONSTRAINT filing_submitted CHECK (CASE state WHEN 'draft' THEN submitted_on IS NULL
        WHEN 'withdrawn' THEN TRUE ELSE submitted_on IS NOT NULL END),
    CONSTRAINT filing_acceptance CHECK ((acceptance_number IS NULL) = (accepted_on IS NULL)
        AND (accepted_on IS NULL) = (effective_from IS NULL)),
    CONSTRAINT filing_accepted CHECK (CASE
        WHEN state IN ('accepted', 'in_effect', 'changed', 'revoked') THEN accepted_on IS NOT NULL
        WHEN state = 'withdrawn' THEN TRUE ELSE accepted_on IS NULL END),
    -- It counts from the month in which it was filed at the earliest.
    CONSTRAINT filing_dates CHECK (accepted_on IS NULL OR (submitted_on IS NOT NULL
        AND accepted_on >= submitted_on AND effective_from >= substr(submitted_on, 1, 8) || '01')),
    CONSTRAINT filing_ended CHECK ((ended_on IS NOT NULL) = (state IN ('changed', 'withdrawn', 'revoked'))),
    CONSTRAINT filing_end_after CHECK (ended_on IS NULL OR submitted_on IS NULL OR ended_on >= submitted_on),
    -- The law knows these two kinds since that day.
    CONSTRAINT filing_law CHECK (kind = 'criterion' OR effective_from IS NULL OR effective_from >= '2026-04-01'),
    CONSTRAINT filing_due CHECK (due_on IS NULL OR kind = 'online_care'),
    CONSTRAINT filing_correct_by CHECK (correct_by IS NULL OR state = 'returned_for_correction'),
    CONSTRAINT filing_replaces CHECK (replaces_id <> id)
) STRICT;
CREATE INDEX filing_of_facility ON filing (facility_id) WHERE facility_id IS NOT NULL;
CREATE INDEX filing_of_site ON filing (site_id) WHERE site_id IS NOT NULL;
CREATE INDEX filing_by_state ON filing (state, kind);
-- One under way and one in effect, of a kind, for whom it is.
CREATE UNIQUE INDEX filing_one_under_way ON filing (kind, code10) WHERE code10 IS NOT NULL
    AND state IN ('draft', 'submitted', 'returned_for_correction', 'resubmitted', 'accepted');
CREATE UNIQUE INDEX filing_one_under_way_of_site ON filing (kind, site_id) WHERE site_id IS NOT NULL
    AND state IN ('draft', 'submitted', 'returned_for_correction', 'resubmitted', 'accepted');
CREATE UNIQUE INDEX filing_one_in_effect ON filing (kind, code10)
    WHERE code10 IS NOT NULL AND state = 'in_effect';
CREATE UNIQUE INDEX filing_one_in_effect_of_site ON filing (kind, site_id)
    WHERE site_id IS NOT NULL AND state = 'in_effect';
CREATE UNIQUE INDEX filing_number ON filing (prefecture_code, kind, acceptance_number)
    WHERE acceptance_number IS NOT NULL;

-- What was done to a filing, by whom and why; with what was filed, as it was then.
CREATE TABLE filing_event (
    id BLOB PRIMARY KEY,
    filing_id BLOB NOT NULL REFERENCES filing (id),
    number INTEGER NOT NULL CHECK (number >= 1),
    step TEXT NOT NULL CHECK (step IN ('submit', 'return', 'resubmit', 'accept', 'take_effect',
        'change', 'withdraw', 'revoke')),
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    reason TEXT CHECK (length(trim(reason)) BETWEEN 1 AND 1000),
    remarks TEXT,
    form TEXT,
    account_id BLOB REFERENCES account (id),
    at TEXT NOT NULL,
    UNIQUE (filing_id, number),
    CONSTRAINT filing_event_way FOREIGN KEY (from_state, to_state) REFERENCES filing_way (from_state, to_state),
    CONSTRAINT filing_event_reason CHECK (reason IS NOT NULL OR from_state = 'draft'
        OR step NOT IN ('return', 'withdraw', 'revoke')),
    CONSTRAINT filing_event_form CHECK ((step IN ('submit', 'resubmit')) = (form IS NOT NULL)),
    CONSTRAINT filing_event_who CHECK (account_id IS NOT NULL OR step IN ('take_effect', 'change'))
) STRICT;

-- What stands for each thing that must hold, with its evidence (施設基準 ア–エ and the like).
CREATE TABLE facility_criterion_check (
    filing_id BLOB NOT NULL REFERENCES filing (id),
    item TEXT NOT NULL CHECK (length(item) BETWEEN 1 AND 40),
    met INTEGER NOT NULL CHECK (met IN (0, 1)),
    evidence TEXT NOT NULL CHECK (length(evidence) <= 2000),
    url TEXT CHECK (length(url) <= 500),
    -- The day on which somebody looked at the page, and the day of the copy that is kept.
    checked_on TEXT,
    snapshot_on TEXT,
    account_id BLOB NOT NULL REFERENCES account (id),
    at TEXT NOT NULL,
    PRIMARY KEY (filing_id, item),
    CONSTRAINT facility_criterion_check_evidence CHECK (met = 0 OR length(trim(evidence)) > 0),
    CONSTRAINT facility_criterion_check_posting CHECK (met = 0 OR item <> 'posting'
        OR (url IS NOT NULL AND checked_on IS NOT NULL AND snapshot_on IS NOT NULL))
) STRICT;

-- The yearly self-check as of each 1 August: the same things again.
CREATE TABLE self_check (
    facility_id BLOB NOT NULL REFERENCES facility (id),
    year INTEGER NOT NULL CHECK (year BETWEEN 2022 AND 2100),
    item TEXT NOT NULL CHECK (length(item) BETWEEN 1 AND 40),
    met INTEGER NOT NULL CHECK (met IN (0, 1)),
    evidence TEXT NOT NULL CHECK (length(evidence) <= 2000),
    url TEXT CHECK (length(url) <= 500),
    checked_on TEXT,
    snapshot_on TEXT,
    account_id BLOB NOT NULL REFERENCES account (id),
    at TEXT NOT NULL,
    PRIMARY KEY (facility_id, year, item),
    CONSTRAINT self_check_evidence CHECK (length(trim(evidence)) > 0),
    CONSTRAINT self_check_posting CHECK (met = 0 OR item <> 'posting'
        OR (url IS NOT NULL AND checked_on IS NOT NULL AND snapshot_on IS NOT NULL))
) STRICT;
CREATE TABLE self_check_done (
    facility_id BLOB NOT NULL REFERENCES facility (id),
    year INTEGER NOT NULL CHECK (year BETWEEN 2022 AND 2100),
    unmet INTEGER NOT NULL CHECK (unmet >= 0),
    account_id BLOB NOT NULL REFERENCES account (id),
    at TEXT NOT NULL,
    PRIMARY KEY (facility_id, year)
) STRICT;

CREATE TRIGGER filing_begins BEFORE INSERT ON filing WHEN NEW.state <> 'draft' BEGIN
    SELECT RAISE(ABORT, 'filing_begins');
END;
CREATE TRIGGER filing_step BEFORE UPDATE OF state ON filing
WHEN OLD.state <> NEW.state AND NOT EXISTS (SELECT 1 FROM filing_way
    WHERE from_state = OLD.state AND to_state = NEW.state) BEGIN
    SELECT RAISE(ABORT, 'filing_step');
END;
CREATE TRIGGER filing_is_kept BEFORE UPDATE ON filing
WHEN OLD.kind <> NEW.kind OR OLD.code10 IS NOT NEW.code10 OR OLD.site_id IS NOT NEW.site_id
    OR (OLD.state NOT IN ('draft', 'returned_for_correction') AND OLD.form <> NEW.form)
    OR (OLD.submitted_on IS NOT NULL AND OLD.submitted_on IS NOT NEW.submitted_on)
    OR (OLD.accepted_on IS NOT NULL AND (OLD.acceptance_number IS NOT NEW.acceptance_number
        OR OLD.accepted_on IS NOT NEW.accepted_on OR OLD.effective_from IS NOT NEW.effective_from)) BEGIN
    SELECT RAISE(ABORT, 'filing_is_kept');
END;
CREATE TRIGGER filing_no_delete BEFORE DELETE ON filing BEGIN
    SELECT RAISE(ABORT, 'filing_is_kept');
END;
CREATE TRIGGER filing_event_no_update BEFORE UPDATE ON filing_event BEGIN
    SELECT RAISE(ABORT, 'filing_event_is_final');
END;
CREATE TRIGGER filing_event_no_replace BEFORE INSERT ON filing_event
WHEN EXISTS (SELECT 1 FROM filing_event WHERE id = NEW.id) BEGIN
    SELECT RAISE(ABORT, 'filing_event_is_final');
END;
CREATE TRIGGER filing_event_no_delete BEFORE DELETE ON filing_event BEGIN
    SELECT RAISE(ABORT, 'filing_event_is_final');
END;
