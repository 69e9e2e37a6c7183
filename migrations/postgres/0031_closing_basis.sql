-- No first visit by the guideline is closed as done without that on which it rests (G-02, guideline
-- V1(2)), and none loses it afterwards. Visits that were closed before this stand as they were
-- closed: triggers look at what is written from here on, and nobody can say today what a visit
-- rested on then. Such a row may still be changed in everything that does not make it one.
CREATE FUNCTION visit_closing_basis() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Locked, so that nobody takes it away meanwhile.
    PERFORM 1 FROM intake
        WHERE booking_id = NEW.booking_id AND first_visit_basis IS NOT NULL FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'visit_closing_basis'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'visit_closing_basis';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER visit_closing_basis_insert BEFORE INSERT ON visit_closing
    FOR EACH ROW WHEN (NEW.mode = 'online' AND NEW.guideline_first_visit)
    EXECUTE FUNCTION visit_closing_basis();
CREATE TRIGGER visit_closing_basis_update
    BEFORE UPDATE OF booking_id, mode, guideline_first_visit ON visit_closing
    FOR EACH ROW WHEN (NEW.mode = 'online' AND NEW.guideline_first_visit)
    EXECUTE FUNCTION visit_closing_basis();

CREATE FUNCTION intake_basis_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM visit_closing WHERE booking_id = OLD.booking_id
            AND mode = 'online' AND guideline_first_visit) THEN
        RAISE EXCEPTION 'visit_closing_basis'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'visit_closing_basis';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER intake_basis_update BEFORE UPDATE OF booking_id, first_visit_basis ON intake
    FOR EACH ROW WHEN (OLD.first_visit_basis IS NOT NULL
        AND (NEW.first_visit_basis IS NULL OR NEW.booking_id <> OLD.booking_id))
    EXECUTE FUNCTION intake_basis_stays();
CREATE TRIGGER intake_basis_delete BEFORE DELETE ON intake
    FOR EACH ROW WHEN (OLD.first_visit_basis IS NOT NULL)
    EXECUTE FUNCTION intake_basis_stays();
