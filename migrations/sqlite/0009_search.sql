-- What lets a server keep rules and free times in memory and still answer by what is committed,
-- also where another server changed it.

-- Rises with every change of what decides when the facility can be booked, but for its bookings.
-- changed_in numbers the changes of both tables in one order: there is one writer at a time.
ALTER TABLE facility ADD COLUMN rules_version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE facility ADD COLUMN changed_in INTEGER NOT NULL DEFAULT 0;
CREATE INDEX facility_changed ON facility (changed_in);
ALTER TABLE booking ADD COLUMN changed_in INTEGER NOT NULL DEFAULT 0;
CREATE INDEX booking_changed ON booking (changed_in);

-- Whoever reads this sees every change below `low`, and none from `high` on.
CREATE VIEW change_horizon AS
    SELECT max(coalesce((SELECT max(changed_in) FROM booking), 0),
               coalesce((SELECT max(changed_in) FROM facility), 0)) + 1 AS low,
           9223372036854775807 AS high;

CREATE TRIGGER booking_changed_insert AFTER INSERT ON booking BEGIN
    UPDATE booking SET changed_in = (SELECT low FROM change_horizon) WHERE id = NEW.id;
END;
CREATE TRIGGER booking_changed_update AFTER UPDATE OF version, status, facility_id, clinician_id,
    service_id, starts_at, ends_at, busy_from, busy_until, hold_expires_at, lane, session_key, seat,
    room_id, local_date, day_seat ON booking
BEGIN
    UPDATE booking SET changed_in = (SELECT low FROM change_horizon) WHERE id = NEW.id;
END;

CREATE TRIGGER facility_changed_insert AFTER INSERT ON facility BEGIN
    UPDATE facility SET changed_in = (SELECT low FROM change_horizon) WHERE id = NEW.id;
END;
CREATE TRIGGER facility_changed_update AFTER UPDATE ON facility
WHEN NEW.rules_version = OLD.rules_version AND NEW.changed_in = OLD.changed_in
BEGIN
    UPDATE facility SET rules_version = rules_version + 1 WHERE id = NEW.id;
END;
CREATE TRIGGER facility_changed_rules AFTER UPDATE OF rules_version ON facility BEGIN
    UPDATE facility SET changed_in = (SELECT low FROM change_horizon) WHERE id = NEW.id;
END;

-- Of tables whose rows name their facility. A calendar elsewhere comes and goes with its times.
CREATE TRIGGER rules_inserted_clinician AFTER INSERT ON clinician BEGIN
    UPDATE facility SET rules_version = rules_version + 1 WHERE id = NEW.facility_id;
END;
CREATE TRIGGER rules_updated_clinician AFTER UPDATE ON clinician BEGIN
    UPDATE facility SET rules_version = rules_version + 1
    WHERE id IN (OLD.facility_id, NEW.facility_id);
END;
CREATE TRIGGER rules_deleted_clinician AFTER DELETE ON clinician BEGIN
    UPDATE facility SET rules_version = rules_version + 1 WHERE id = OLD.facility_id;
END;
CREATE TRIGGER rules_inserted_service AFTER INSERT ON service BEGIN
    UPDATE facility SET rules_version = rules_version + 1 WHERE id = NEW.facility_id;
END;
CREATE TRIGGER rules_updated_service AFTER UPDATE ON service BEGIN
    UPDATE facility SET rules_version = rules_version + 1
    WHERE id IN (OLD.facility_id, NEW.facility_id);
END;
CREATE TRIGGER rules_deleted_service AFTER DELETE ON service BEGIN
    UPDATE facility SET rules_version = rules_version + 1 WHERE id = OLD.facility_id;
END;
CREATE TRIGGER rules_inserted_service_clinician AFTER INSERT ON service_clinician BEGIN
    UPDATE facility SET rules_version = rules_version + 1 WHERE id = NEW.facility_id;
END;
CREATE TRIGGER rules_updated_service_clinician AFTER UPDATE ON service_clinician BEGIN
    UPDATE facility SET rules_version = rules_version + 1
    WHERE id IN (OLD.facility_id, NEW.facility_id);
END;
CREATE TRIGGER rules_deleted_service_clinician AFTER DELETE ON service_clinician BEGIN
    UPDATE facility SET rules_version = rules_version + 1 WHERE id = OLD.facility_id;
END;
CREATE TRIGGER rules_inserted_service_team AFTER INSERT ON service_team BEGIN
    UPDATE facility SET rules_version = rules_version + 1 WHERE id = NEW.facility_id;
END;
CREATE TRIGGER rules_updated_service_team AFTER UPDATE ON service_team BEGIN
    UPDATE facility SET rules_version = rules_version + 1
    WHERE id IN (OLD.facility_id, NEW.facility_id);
END;
CREATE TRIGGER rules_deleted_service_team AFTER DELETE ON service_team BEGIN
    UPDATE facility SET rules_version = rules_version + 1 WHERE id = OLD.facility_id;
END;
CREATE TRIGGER rules_inserted_weekly_hours AFTER INSERT ON weekly_hours BEGIN
    UPDATE facility SET rules_version = rules_version + 1 WHERE id = NEW.facility_id;
END;
CREATE TRIGGER rules_updated_weekly_hours AFTER UPDATE ON weekly_hours BEGIN
    UPDATE facility SET rules_version = rules_version + 1
    WHERE id IN (OLD.facility_id, NEW.facility_id);
END;
CREATE TRIGGER rules_deleted_weekly_hours AFTER DELETE ON weekly_hours BEGIN
    UPDATE facility SET rules_version = rules_version + 1 WHERE id = OLD.facility_id;
END;
CREATE TRIGGER rules_inserted_date_exception AFTER INSERT ON date_exception BEGIN
    UPDATE facility SET rules_version = rules_version + 1 WHERE id = NEW.facility_id;
END;
CREATE TRIGGER rules_updated_date_exception AFTER UPDATE ON date_exception BEGIN
    UPDATE facility SET rules_version = rules_version + 1
    WHERE id IN (OLD.facility_id, NEW.facility_id);
END;
CREATE TRIGGER rules_deleted_date_exception AFTER DELETE ON date_exception BEGIN
    UPDATE facility SET rules_version = rules_version + 1 WHERE id = OLD.facility_id;
END;
CREATE TRIGGER rules_inserted_facility_room AFTER INSERT ON facility_room BEGIN
    UPDATE facility SET rules_version = rules_version + 1 WHERE id = NEW.facility_id;
END;
CREATE TRIGGER rules_updated_facility_room AFTER UPDATE ON facility_room BEGIN
    UPDATE facility SET rules_version = rules_version + 1
    WHERE id IN (OLD.facility_id, NEW.facility_id);
END;
CREATE TRIGGER rules_deleted_facility_room AFTER DELETE ON facility_room BEGIN
    UPDATE facility SET rules_version = rules_version + 1 WHERE id = OLD.facility_id;
END;
CREATE TRIGGER rules_inserted_outside_calendar AFTER INSERT ON outside_calendar BEGIN
    UPDATE facility SET rules_version = rules_version + 1 WHERE id = NEW.facility_id;
END;
CREATE TRIGGER rules_updated_outside_calendar AFTER UPDATE ON outside_calendar BEGIN
    UPDATE facility SET rules_version = rules_version + 1
    WHERE id IN (OLD.facility_id, NEW.facility_id);
END;
CREATE TRIGGER rules_deleted_outside_calendar AFTER DELETE ON outside_calendar BEGIN
    UPDATE facility SET rules_version = rules_version + 1 WHERE id = OLD.facility_id;
END;
CREATE TRIGGER rules_inserted_closure AFTER INSERT ON closure BEGIN
    UPDATE facility SET rules_version = rules_version + 1 WHERE id = NEW.facility_id;
END;
CREATE TRIGGER rules_updated_closure AFTER UPDATE ON closure BEGIN
    UPDATE facility SET rules_version = rules_version + 1
    WHERE id IN (OLD.facility_id, NEW.facility_id);
END;
CREATE TRIGGER rules_deleted_closure AFTER DELETE ON closure BEGIN
    UPDATE facility SET rules_version = rules_version + 1 WHERE id = OLD.facility_id;
END;
CREATE TRIGGER rules_inserted_holiday_choice AFTER INSERT ON holiday_choice BEGIN
    UPDATE facility SET rules_version = rules_version + 1 WHERE id = NEW.facility_id;
END;
CREATE TRIGGER rules_updated_holiday_choice AFTER UPDATE ON holiday_choice BEGIN
    UPDATE facility SET rules_version = rules_version + 1
    WHERE id IN (OLD.facility_id, NEW.facility_id);
END;
CREATE TRIGGER rules_deleted_holiday_choice AFTER DELETE ON holiday_choice BEGIN
    UPDATE facility SET rules_version = rules_version + 1 WHERE id = OLD.facility_id;
END;

-- A room is a rule of the facilities that use it.
CREATE TRIGGER room_changed AFTER UPDATE ON room BEGIN
    UPDATE facility SET rules_version = rules_version + 1
    WHERE id IN (SELECT facility_id FROM facility_room WHERE room_id = NEW.id);
END;

-- An acceptance is a rule of the facility that is its institution.
CREATE TRIGGER rules_inserted_notification AFTER INSERT ON notification BEGIN
    UPDATE facility SET rules_version = rules_version + 1 WHERE code10 = NEW.code10;
END;
CREATE TRIGGER rules_updated_notification AFTER UPDATE ON notification BEGIN
    UPDATE facility SET rules_version = rules_version + 1
    WHERE code10 IN (OLD.code10, NEW.code10);
END;
CREATE TRIGGER rules_deleted_notification AFTER DELETE ON notification BEGIN
    UPDATE facility SET rules_version = rules_version + 1 WHERE code10 = OLD.code10;
END;
