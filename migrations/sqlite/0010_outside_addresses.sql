-- Calendars elsewhere that are read at their address, again and again.

-- Where a calendar is read. The address is sealed, since whoever has it can read the calendar; only
-- its host is shown. Apart from outside_calendar, whose every change is one of rules: that a try
-- failed changes nothing of what is known.
-- leased_until: for so long nobody else asks. attempt: which try this is, so that one whose lease
-- ran out cannot overwrite what a later one found.
CREATE TABLE outside_address (
    calendar_id BLOB PRIMARY KEY REFERENCES outside_calendar (id) ON DELETE CASCADE,
    url BLOB NOT NULL,
    host TEXT NOT NULL,
    etag TEXT,
    modified TEXT,
    due_at TEXT NOT NULL,
    leased_until TEXT,
    attempt INTEGER NOT NULL CHECK (attempt >= 0),
    failures INTEGER NOT NULL CHECK (failures >= 0),
    tried_at TEXT NOT NULL,
    failure TEXT,
    CONSTRAINT outside_address_failure CHECK ((failures = 0) = (failure IS NULL))
) STRICT;
CREATE INDEX outside_address_due ON outside_address (due_at);
