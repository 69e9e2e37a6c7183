-- More of what a place in time can be: seats of a group, several clinicians together, rooms of a
-- reception facility (オンライン診療受診施設), limits per day, named overbooking.

-- Where patients without a place of their own are received, and its rooms. Its rooms may serve the
-- patients of several clinics.
CREATE TABLE reception_site (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    municipality_code TEXT NOT NULL CHECK (length(municipality_code) = 6),
    telephone TEXT NOT NULL
);
CREATE TABLE room (
    id UUID PRIMARY KEY,
    site_id UUID NOT NULL REFERENCES reception_site (id),
    name TEXT NOT NULL,
    closed_at TIMESTAMPTZ
);
CREATE INDEX room_of ON room (site_id);
-- The rooms in which a clinic's patients may be received.
CREATE TABLE facility_room (
    facility_id UUID NOT NULL REFERENCES facility (id),
    room_id UUID NOT NULL REFERENCES room (id),
    PRIMARY KEY (facility_id, room_id)
);

-- A named capacity beside the ordinary one, used by staff with a reason. Each is a lane of its own
-- in its clinicians' time.
CREATE TABLE overbooking (
    id UUID PRIMARY KEY,
    facility_id UUID NOT NULL REFERENCES facility (id),
    lane BIGINT NOT NULL CHECK (lane BETWEEN 1 AND 8),
    name TEXT NOT NULL,
    closed_at TIMESTAMPTZ,
    UNIQUE (facility_id, lane)
);

ALTER TABLE service
    ADD COLUMN visit TEXT NOT NULL DEFAULT 'any' CHECK (visit IN ('any', 'first', 'repeat')),
    ADD COLUMN notice_working_days BIGINT NOT NULL DEFAULT 0
        CHECK (notice_working_days BETWEEN 0 AND 30),
    ADD COLUMN daily_limit BIGINT CHECK (daily_limit BETWEEN 1 AND 200),
    ADD COLUMN capacity BIGINT NOT NULL DEFAULT 1 CHECK (capacity BETWEEN 1 AND 50),
    ADD COLUMN needs_room BOOLEAN NOT NULL DEFAULT FALSE,
    ADD COLUMN patient_daily_limit BIGINT NOT NULL DEFAULT 2
        CHECK (patient_daily_limit BETWEEN 1 AND 20),
    ADD COLUMN answer_within_min BIGINT NOT NULL DEFAULT 2880 CHECK (answer_within_min >= 5),
    ADD COLUMN version BIGINT NOT NULL DEFAULT 1,
    ADD COLUMN closed_at TIMESTAMPTZ;

-- Who offers a kind of visit; nobody named means everybody of the facility.
CREATE TABLE service_clinician (
    service_id UUID NOT NULL,
    clinician_id UUID NOT NULL,
    facility_id UUID NOT NULL,
    PRIMARY KEY (service_id, clinician_id),
    FOREIGN KEY (service_id, facility_id) REFERENCES service (id, facility_id),
    FOREIGN KEY (clinician_id, facility_id) REFERENCES clinician (id, facility_id)
);
-- Who must be there together beside the clinician with whom it is booked.
CREATE TABLE service_team (
    service_id UUID NOT NULL,
    clinician_id UUID NOT NULL,
    facility_id UUID NOT NULL,
    PRIMARY KEY (service_id, clinician_id),
    FOREIGN KEY (service_id, facility_id) REFERENCES service (id, facility_id),
    FOREIGN KEY (clinician_id, facility_id) REFERENCES clinician (id, facility_id)
);

ALTER TABLE booking
    -- The booking for which this row keeps another clinician's time.
    ADD COLUMN lead_id UUID REFERENCES booking (id),
    -- What shares its clinician's time: the seats of one group; otherwise the booking alone.
    ADD COLUMN session_key UUID,
    ADD COLUMN seat BIGINT NOT NULL DEFAULT 0 CHECK (seat BETWEEN 0 AND 49),
    -- 0 is the ordinary time; others are named overbooking capacities.
    ADD COLUMN lane BIGINT NOT NULL DEFAULT 0 CHECK (lane BETWEEN 0 AND 8),
    ADD COLUMN room_id UUID REFERENCES room (id),
    -- The facility's date and the place among the day's visits of this kind, where they are limited.
    ADD COLUMN local_date DATE,
    ADD COLUMN day_seat BIGINT CHECK (day_seat BETWEEN 0 AND 199),
    -- iCalendar's SEQUENCE: rises with each change of time, clinician or room, and at the end.
    ADD COLUMN sequence BIGINT NOT NULL DEFAULT 0 CHECK (sequence >= 0),
    ADD COLUMN series_id UUID,
    ADD COLUMN origin TEXT NOT NULL DEFAULT 'patient'
        CHECK (origin IN ('patient', 'staff', 'waitlist', 'series')),
    -- Until when the clinic must answer a request.
    ADD COLUMN answer_by TIMESTAMPTZ,
    ADD COLUMN changed_at TIMESTAMPTZ;
UPDATE booking SET session_key = id, changed_at = created_at;
ALTER TABLE booking
    ALTER COLUMN session_key SET NOT NULL,
    ALTER COLUMN changed_at SET NOT NULL,
    DROP CONSTRAINT booking_patient,
    ADD CONSTRAINT booking_patient CHECK (lead_id IS NOT NULL OR status IN ('held', 'expired') OR (
        patient_id IS NOT NULL AND number IS NOT NULL AND link_hash IS NOT NULL
        AND consented_at IS NOT NULL)),
    ADD CONSTRAINT booking_companion CHECK (lead_id IS NULL OR (
        patient_id IS NULL AND number IS NULL AND room_id IS NULL AND day_seat IS NULL
        AND lead_id <> id)),
    ADD CONSTRAINT booking_day_seat_date CHECK (day_seat IS NULL OR local_date IS NOT NULL),
    DROP CONSTRAINT booking_clinician_overlap,
    ADD CONSTRAINT booking_clinician_overlap EXCLUDE USING gist
        (clinician_id WITH =, lane WITH =, tstzrange(busy_from, busy_until) WITH &&,
         session_key WITH <>) WHERE (occupies),
    ADD CONSTRAINT booking_room_overlap EXCLUDE USING gist
        (room_id WITH =, tstzrange(busy_from, busy_until) WITH &&)
        WHERE (occupies AND room_id IS NOT NULL);
CREATE UNIQUE INDEX booking_seat ON booking (session_key, seat) WHERE occupies;
CREATE UNIQUE INDEX booking_day_seat ON booking (clinician_id, service_id, local_date, day_seat)
    WHERE occupies AND day_seat IS NOT NULL;
CREATE INDEX booking_of_lead ON booking (lead_id) WHERE lead_id IS NOT NULL;
CREATE INDEX booking_room_time ON booking (room_id, busy_until)
    WHERE occupies AND room_id IS NOT NULL;
CREATE INDEX booking_of_series ON booking (series_id) WHERE series_id IS NOT NULL;
CREATE INDEX booking_answer ON booking (answer_by) WHERE status = 'requested';
-- One visit at a time (guideline V1(6)); the seats of a group are one visit.
DROP INDEX booking_one_in_progress;
ALTER TABLE booking ADD CONSTRAINT booking_one_in_progress EXCLUDE USING gist
    (clinician_id WITH =, session_key WITH <>) WHERE (status = 'in_progress');

-- Those who must be there together go where their lead goes.
CREATE FUNCTION booking_companions_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE booking SET status = NEW.status, starts_at = NEW.starts_at, ends_at = NEW.ends_at,
        busy_from = NEW.busy_from, busy_until = NEW.busy_until,
        hold_expires_at = NEW.hold_expires_at, version = version + 1, changed_at = NEW.changed_at
    WHERE lead_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER booking_companions_follow
    AFTER UPDATE OF status, starts_at, ends_at, busy_from, busy_until, hold_expires_at ON booking
    FOR EACH ROW WHEN (NEW.lead_id IS NULL) EXECUTE FUNCTION booking_companions_follow();
