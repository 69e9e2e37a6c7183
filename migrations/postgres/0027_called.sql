-- A patient whose page is closed is called by a message when it is their turn.
ALTER TABLE outbox
    DROP CONSTRAINT outbox_kind_check,
    ADD CONSTRAINT outbox_kind_check CHECK (kind IN ('booked', 'requested', 'approved', 'declined',
        'moved', 'cancelled', 'offered', 'new_times', 'reminder', 'called'));

-- A remote specialist is in no visit before who answers for what is agreed on, and before they were
-- told of the case (E-10).
CREATE FUNCTION visit_participant_specialist() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'visit_participant_specialist';
END $$;
CREATE TRIGGER visit_participant_specialist BEFORE INSERT OR UPDATE ON visit_participant
    FOR EACH ROW WHEN (NEW.role = 'specialist' AND NEW.admitted_at IS NOT NULL
        AND (NEW.responsibility IS NULL OR NOT NEW.briefed))
    EXECUTE FUNCTION visit_participant_specialist();
