-- What is taken of a facility's time, all of it in the index: what is over is not in it, however
-- much that is.
CREATE INDEX booking_taken ON booking (facility_id, starts_at)
    INCLUDE (busy_until, busy_from, clinician_id, lead_id, id, lane, service_id, seat, day_seat,
        hold_expires_at, status)
    WHERE status IN ('held', 'requested', 'booked', 'checked_in', 'in_progress');
