-- A patient who takes a visit from a reception facility says at which (医療法 2条の2②).
ALTER TABLE visit_place ADD COLUMN site_id UUID REFERENCES reception_site (id)
    CONSTRAINT visit_place_site CHECK (site_id IS NULL OR kind = 'online_care_facility');

-- A room in which a visit is booked is not closed, whoever closes it.
CREATE FUNCTION room_in_use() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.closed_at IS NULL AND NEW.closed_at IS NOT NULL AND EXISTS (SELECT 1 FROM booking
        WHERE room_id = NEW.id AND occupies AND ends_at > NEW.closed_at) THEN
        RAISE EXCEPTION 'room_in_use' USING ERRCODE = 'check_violation', CONSTRAINT = 'room_in_use';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER room_in_use BEFORE UPDATE OF closed_at ON room
    FOR EACH ROW EXECUTE FUNCTION room_in_use();
