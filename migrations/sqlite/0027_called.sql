-- A patient whose page is closed is called by a message when it is their turn. SQLite changes no
-- constraint of a table that is there: the table is made anew.
CREATE TABLE outbox_new (
    id BLOB PRIMARY KEY,
    facility_id BLOB NOT NULL,
    booking_id BLOB NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('booked', 'requested', 'approved', 'declined', 'moved',
        'cancelled', 'offered', 'new_times', 'reminder', 'called')),
    lead_min INTEGER CHECK (lead_min > 0),
    turn INTEGER NOT NULL,
    due_at TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'handed_on', 'dropped')),
    created_at TEXT NOT NULL,
    CHECK ((kind = 'reminder') = (lead_min IS NOT NULL)),
    FOREIGN KEY (booking_id, facility_id) REFERENCES booking (id, facility_id)
) STRICT;
INSERT INTO outbox_new (id, facility_id, booking_id, kind, lead_min, turn, due_at, state, created_at)
    SELECT id, facility_id, booking_id, kind, lead_min, turn, due_at, state, created_at FROM outbox;
DROP TABLE outbox;
ALTER TABLE outbox_new RENAME TO outbox;
CREATE INDEX outbox_due ON outbox (due_at) WHERE state = 'waiting';
CREATE INDEX outbox_of ON outbox (booking_id, turn);

-- A remote specialist is in no visit before who answers for what is agreed on, and before they were
-- told of the case (E-10).
CREATE TRIGGER visit_participant_specialist_insert BEFORE INSERT ON visit_participant
WHEN NEW.role = 'specialist' AND NEW.admitted_at IS NOT NULL
    AND (NEW.responsibility IS NULL OR NOT NEW.briefed) BEGIN
    SELECT RAISE(ABORT, 'visit_participant_specialist');
END;
CREATE TRIGGER visit_participant_specialist_update BEFORE UPDATE ON visit_participant
WHEN NEW.role = 'specialist' AND NEW.admitted_at IS NOT NULL
    AND (NEW.responsibility IS NULL OR NOT NEW.briefed) BEGIN
    SELECT RAISE(ABORT, 'visit_participant_specialist');
END;
