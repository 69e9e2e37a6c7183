-- No first visit by the guideline is closed as done without that on which it rests (G-02, guideline
-- V1(2)), and none loses it afterwards. Visits that were closed before this stand as they were
-- closed: triggers look at what is written from here on, and nobody can say today what a visit
-- rested on then. Such a row may still be changed in everything that does not make it one.
CREATE TRIGGER visit_closing_basis_insert BEFORE INSERT ON visit_closing
WHEN NEW.mode = 'online' AND NEW.guideline_first_visit AND NOT EXISTS (SELECT 1 FROM intake
    WHERE booking_id = NEW.booking_id AND first_visit_basis IS NOT NULL) BEGIN
    SELECT RAISE(ABORT, 'visit_closing_basis');
END;
CREATE TRIGGER visit_closing_basis_update
BEFORE UPDATE OF booking_id, mode, guideline_first_visit ON visit_closing
WHEN NEW.mode = 'online' AND NEW.guideline_first_visit AND NOT EXISTS (SELECT 1 FROM intake
    WHERE booking_id = NEW.booking_id AND first_visit_basis IS NOT NULL) BEGIN
    SELECT RAISE(ABORT, 'visit_closing_basis');
END;
CREATE TRIGGER intake_basis_update BEFORE UPDATE OF booking_id, first_visit_basis ON intake
WHEN OLD.first_visit_basis IS NOT NULL
    AND (NEW.first_visit_basis IS NULL OR NEW.booking_id <> OLD.booking_id)
    AND EXISTS (SELECT 1 FROM visit_closing WHERE booking_id = OLD.booking_id
        AND mode = 'online' AND guideline_first_visit) BEGIN
    SELECT RAISE(ABORT, 'visit_closing_basis');
END;
CREATE TRIGGER intake_basis_delete BEFORE DELETE ON intake
WHEN OLD.first_visit_basis IS NOT NULL
    AND EXISTS (SELECT 1 FROM visit_closing WHERE booking_id = OLD.booking_id
        AND mode = 'online' AND guideline_first_visit) BEGIN
    SELECT RAISE(ABORT, 'visit_closing_basis');
END;
-- A row that replaces another deletes it without a trigger.
CREATE TRIGGER intake_basis_replace BEFORE INSERT ON intake
WHEN NEW.first_visit_basis IS NULL AND EXISTS (SELECT 1 FROM intake
        WHERE booking_id = NEW.booking_id AND first_visit_basis IS NOT NULL)
    AND EXISTS (SELECT 1 FROM visit_closing WHERE booking_id = NEW.booking_id
        AND mode = 'online' AND guideline_first_visit) BEGIN
    SELECT RAISE(ABORT, 'visit_closing_basis');
END;
