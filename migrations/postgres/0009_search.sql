-- What lets a server keep rules and free times in memory and still answer by what is committed,
-- also where another server changed it.

-- Rises with every change of what decides when the facility can be booked, but for its bookings.
-- changed_in is the transaction of the last such change: it orders changes as readers see them,
-- which no clock does.
ALTER TABLE facility
    ADD COLUMN rules_version BIGINT NOT NULL DEFAULT 1,
    ADD COLUMN changed_in BIGINT NOT NULL DEFAULT 0;
ALTER TABLE facility ALTER COLUMN changed_in SET DEFAULT pg_current_xact_id()::text::bigint;
CREATE INDEX facility_changed ON facility (changed_in);

ALTER TABLE booking ADD COLUMN changed_in BIGINT NOT NULL DEFAULT 0;
ALTER TABLE booking ALTER COLUMN changed_in SET DEFAULT pg_current_xact_id()::text::bigint;
CREATE INDEX booking_changed ON booking (changed_in);

-- Every transaction below `low` has ended, and whoever reads this sees what it did. None from
-- `high` on has begun.
CREATE VIEW change_horizon AS
    SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS low,
           pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS high;

CREATE FUNCTION booking_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_in := pg_current_xact_id()::text::bigint;
    RETURN NEW;
END $$;
CREATE TRIGGER booking_changed BEFORE UPDATE ON booking
    FOR EACH ROW EXECUTE FUNCTION booking_changed();

CREATE FUNCTION facility_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.rules_version = OLD.rules_version THEN
        NEW.rules_version := OLD.rules_version + 1;
    END IF;
    NEW.changed_in := pg_current_xact_id()::text::bigint;
    RETURN NEW;
END $$;
CREATE TRIGGER facility_changed BEFORE UPDATE ON facility
    FOR EACH ROW EXECUTE FUNCTION facility_changed();

-- Of tables whose rows name their facility. A calendar elsewhere comes and goes with its times.
CREATE FUNCTION rules_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE facility SET rules_version = rules_version + 1
    WHERE id IN (SELECT facility_id FROM touched);
    RETURN NULL;
END $$;
CREATE FUNCTION rules_changed_from() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE facility SET rules_version = rules_version + 1
    WHERE id IN (SELECT facility_id FROM touched UNION SELECT facility_id FROM before);
    RETURN NULL;
END $$;
DO $$
DECLARE
    name TEXT;
BEGIN
    FOREACH name IN ARRAY ARRAY['clinician', 'service', 'service_clinician', 'service_team',
        'weekly_hours', 'date_exception', 'facility_room', 'outside_calendar',
        'closure', 'holiday_choice']
    LOOP
        EXECUTE format('CREATE TRIGGER rules_inserted AFTER INSERT ON %I
            REFERENCING NEW TABLE AS touched
            FOR EACH STATEMENT EXECUTE FUNCTION rules_changed()', name);
        EXECUTE format('CREATE TRIGGER rules_updated AFTER UPDATE ON %I
            REFERENCING NEW TABLE AS touched OLD TABLE AS before
            FOR EACH STATEMENT EXECUTE FUNCTION rules_changed_from()', name);
        EXECUTE format('CREATE TRIGGER rules_deleted AFTER DELETE ON %I
            REFERENCING OLD TABLE AS touched
            FOR EACH STATEMENT EXECUTE FUNCTION rules_changed()', name);
    END LOOP;
END $$;

-- A room is a rule of the facilities that use it.
CREATE FUNCTION room_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE facility SET rules_version = rules_version + 1
    WHERE id IN (SELECT facility_id FROM facility_room WHERE room_id = NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER room_changed AFTER UPDATE ON room
    FOR EACH ROW EXECUTE FUNCTION room_changed();

-- An acceptance is a rule of the facility that is its institution.
CREATE FUNCTION notification_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE facility SET rules_version = rules_version + 1
    WHERE code10 IN (SELECT code10 FROM touched);
    RETURN NULL;
END $$;
CREATE FUNCTION notification_changed_from() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE facility SET rules_version = rules_version + 1
    WHERE code10 IN (SELECT code10 FROM touched UNION SELECT code10 FROM before);
    RETURN NULL;
END $$;
CREATE TRIGGER rules_inserted AFTER INSERT ON notification REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION notification_changed();
CREATE TRIGGER rules_updated AFTER UPDATE ON notification
    REFERENCING NEW TABLE AS touched OLD TABLE AS before
    FOR EACH STATEMENT EXECUTE FUNCTION notification_changed_from();
CREATE TRIGGER rules_deleted AFTER DELETE ON notification REFERENCING OLD TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION notification_changed();
