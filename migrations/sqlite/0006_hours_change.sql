-- Closures, the clinic's choice for each holiday, breaks; and changes of hours that show first what
-- they strand.

-- A pause of a date: its minutes are taken from whatever the hours are.
ALTER TABLE date_exception ADD COLUMN is_break INTEGER NOT NULL DEFAULT 0;

-- Rises with every change of exceptions, closures and holidays.
ALTER TABLE facility ADD COLUMN calendar_version INTEGER NOT NULL DEFAULT 1;

-- Days on which a facility, or one clinician, is closed: those of a range of dates, or of every
-- year from one day of a month (month * 100 + day) to another, which may lie in the next year. Both
-- ends are included.
CREATE TABLE closure (
    id BLOB PRIMARY KEY,
    facility_id BLOB NOT NULL REFERENCES facility (id),
    clinician_id BLOB,
    name TEXT NOT NULL,
    yearly_from INTEGER CHECK (yearly_from BETWEEN 101 AND 1231),
    yearly_to INTEGER CHECK (yearly_to BETWEEN 101 AND 1231),
    first_on TEXT,
    last_on TEXT,
    CONSTRAINT closure_kind CHECK (
        (yearly_from IS NULL) = (yearly_to IS NULL) AND (first_on IS NULL) = (last_on IS NULL)
        AND (yearly_from IS NULL) <> (first_on IS NULL)),
    CHECK (first_on <= last_on),
    FOREIGN KEY (clinician_id, facility_id) REFERENCES clinician (id, facility_id)
) STRICT;
CREATE INDEX closure_of ON closure (facility_id);

-- What the facility does on the holidays of a name, or on the holiday of one date.
CREATE TABLE holiday_choice (
    facility_id BLOB NOT NULL REFERENCES facility (id),
    name TEXT,
    on_date TEXT,
    is_open INTEGER NOT NULL,
    CHECK ((name IS NULL) <> (on_date IS NULL)),
    UNIQUE (facility_id, name),
    UNIQUE (facility_id, on_date)
) STRICT;

-- A change of hours: planned, applied, taken back. Its edits and what brings back what was before
-- them are JSON.
CREATE TABLE hours_change (
    id BLOB PRIMARY KEY,
    facility_id BLOB NOT NULL REFERENCES facility (id),
    state TEXT NOT NULL CHECK (state IN ('draft', 'applied', 'undone')),
    edits TEXT NOT NULL,
    inverse TEXT NOT NULL,
    -- The versions of calendar and hours: as planned, and once applied.
    seen TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    applied_at TEXT,
    send_after TEXT,
    undone_at TEXT,
    CHECK ((applied_at IS NULL) = (send_after IS NULL)),
    CHECK ((state = 'draft') = (applied_at IS NULL)),
    CHECK ((state = 'undone') = (undone_at IS NOT NULL)),
    UNIQUE (id, facility_id)
) STRICT;
CREATE INDEX hours_change_of ON hours_change (facility_id, created_at);

-- A visit that a change strands, with the times that its patient is offered instead (JSON).
CREATE TABLE hours_change_booking (
    change_id BLOB NOT NULL,
    booking_id BLOB NOT NULL,
    facility_id BLOB NOT NULL,
    was_start TEXT NOT NULL,
    was_clinician_id BLOB NOT NULL,
    offers TEXT NOT NULL,
    -- Set when the change is applied: not before it the patient is told, and can choose.
    send_after TEXT,
    sent_at TEXT,
    answer TEXT CHECK (answer IN ('moved', 'cancelled', 'kept', 'undone')),
    answered_at TEXT,
    PRIMARY KEY (change_id, booking_id),
    CHECK ((answer IS NULL) = (answered_at IS NULL)),
    FOREIGN KEY (change_id, facility_id) REFERENCES hours_change (id, facility_id),
    FOREIGN KEY (booking_id, facility_id) REFERENCES booking (id, facility_id)
) STRICT;
CREATE INDEX hours_change_booking_open ON hours_change_booking (booking_id)
    WHERE answer IS NULL AND send_after IS NOT NULL;
