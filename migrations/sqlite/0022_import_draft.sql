-- What an import did, so that it can be taken back: which rows it superseded, what stood in the place
-- of institutions that it was the first to show, which institutions probably became which others.
ALTER TABLE notification ADD COLUMN superseded_import_id BLOB REFERENCES bureau_import (id);
ALTER TABLE institution_state ADD COLUMN superseded_import_id BLOB REFERENCES bureau_import (id);
CREATE INDEX notification_superseded_import ON notification (superseded_import_id)
    WHERE superseded_import_id IS NOT NULL;
CREATE INDEX institution_state_superseded_import ON institution_state (superseded_import_id)
    WHERE superseded_import_id IS NOT NULL;
CREATE INDEX notification_import ON notification (import_id);

CREATE TABLE import_replaced (
    import_id BLOB NOT NULL REFERENCES bureau_import (id),
    code10 TEXT NOT NULL REFERENCES institution (code10),
    name TEXT NOT NULL,
    postal_code TEXT,
    address TEXT NOT NULL,
    municipality_code TEXT,
    beds INTEGER,
    size TEXT NOT NULL,
    filed INTEGER NOT NULL,
    source TEXT NOT NULL,
    gone_on TEXT,
    PRIMARY KEY (import_id, code10)
) STRICT;

-- A code that a list shows no more and one that it shows first, at one address: probably the same
-- institution under another operator. A person decides; in a net figure it is neither loss nor gain.
CREATE TABLE redesignation (
    id BLOB PRIMARY KEY,
    import_id BLOB NOT NULL REFERENCES bureau_import (id),
    old_code10 TEXT NOT NULL REFERENCES institution (code10),
    new_code10 TEXT NOT NULL REFERENCES institution (code10),
    address TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    superseded_at TEXT,
    CONSTRAINT redesignation_two CHECK (old_code10 <> new_code10),
    CONSTRAINT redesignation_once UNIQUE (import_id, old_code10, new_code10)
) STRICT;
CREATE INDEX redesignation_new ON redesignation (new_code10);
CREATE INDEX redesignation_old ON redesignation (old_code10);

-- Whether the lists that were read show institutions without filings: those that hold some do.
UPDATE bureau_import SET all_institutions = 1
WHERE json_extract(report, '$.institutions_without_filing') > 0;

-- A list that was read and is not in the register yet: what it would change, row by row, until
-- somebody has it kept or its time is over.
CREATE TABLE import_draft (
    id BLOB PRIMARY KEY,
    account_id BLOB REFERENCES account (id),
    file TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    committed_at TEXT,
    CONSTRAINT import_draft_times CHECK (expires_at > created_at AND committed_at >= created_at)
) STRICT;
CREATE INDEX import_draft_expires ON import_draft (expires_at);

-- One prefecture's list in it. base_id is the import that it was compared with: that of a list before
-- it in the same draft, perhaps, which is why it points nowhere.
CREATE TABLE import_draft_list (
    draft_id BLOB NOT NULL REFERENCES import_draft (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    import_id BLOB NOT NULL,
    base_id BLOB,
    prefecture_code TEXT NOT NULL CHECK (length(prefecture_code) = 2),
    as_of TEXT NOT NULL,
    lapsed_after TEXT,
    created_on TEXT,
    all_institutions INTEGER NOT NULL,
    changes INTEGER NOT NULL,
    file TEXT NOT NULL,
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
    report TEXT NOT NULL,
    summary TEXT NOT NULL,
    columns TEXT NOT NULL,
    PRIMARY KEY (draft_id, position),
    CONSTRAINT import_draft_list_import UNIQUE (import_id)
) STRICT;

CREATE TABLE import_draft_row (
    draft_id BLOB NOT NULL,
    position INTEGER NOT NULL,
    thing TEXT NOT NULL CHECK (thing IN ('institution', 'notification')),
    kind TEXT NOT NULL CHECK (kind IN ('new', 'changed', 'lapsed', 'unchanged', 'error', 'warning')),
    number INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (draft_id, position, thing, kind, number),
    CONSTRAINT import_draft_row_list FOREIGN KEY (draft_id, position)
        REFERENCES import_draft_list (draft_id, position) ON DELETE CASCADE
) STRICT;
