-- Who is in a visit, by the session they came from: looked for every second, so that whoever is
-- signed out does not stay. Few are there at a time.
CREATE INDEX visit_participant_present ON visit_participant (session_hash)
    WHERE media_page IS NOT NULL AND left_at IS NULL;
