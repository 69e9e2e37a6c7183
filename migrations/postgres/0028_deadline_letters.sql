-- Who files is told by mail of what is due, where they say so. The address is sealed: it is a person's.
ALTER TABLE account ADD COLUMN email BYTEA;

-- One letter of one deadline to one account: a month and a week before it, and when it has passed, each
-- once. due_at is when to try next; the count of attempts tells whose try it was. No booking is told
-- of here, which is why these are no rows of outbox; they are sent by the same hands.
CREATE TABLE filing_letter (
    id UUID PRIMARY KEY,
    account_id UUID NOT NULL REFERENCES account (id),
    duty TEXT NOT NULL CHECK (duty IN ('online_care', 'self_check', 'correction')),
    due_on DATE NOT NULL,
    stage TEXT NOT NULL CHECK (stage IN ('month', 'week', 'passed')),
    due_at TIMESTAMPTZ NOT NULL,
    attempts BIGINT NOT NULL CHECK (attempts >= 0),
    state TEXT NOT NULL CHECK (state IN
        ('waiting', 'sent', 'dropped', 'no_address', 'not_configured', 'dead')),
    reason TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ,
    CONSTRAINT filing_letter_once UNIQUE (account_id, duty, due_on, stage),
    CONSTRAINT filing_letter_over CHECK ((state = 'waiting') = (finished_at IS NULL))
);
CREATE INDEX filing_letter_due ON filing_letter (due_at) WHERE state = 'waiting';
