-- What is taken of a facility's time, all of it in the index: what is over is not in it, however
-- much that is. By the status and not by what follows from it: SQLite takes a generated column for
-- one that needs the whole row.
CREATE INDEX booking_taken ON booking (facility_id, starts_at, busy_until, busy_from, clinician_id,
    lead_id, id, lane, service_id, seat, day_seat, hold_expires_at, status)
    WHERE status IN ('held', 'requested', 'booked', 'checked_in', 'in_progress');
