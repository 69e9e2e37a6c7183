-- How often a visit was moved to another time or doctor. A server that has people in it knows the
-- number from when they came: a higher one says that another server moved it.
ALTER TABLE visit ADD COLUMN moves INTEGER NOT NULL DEFAULT 0 CHECK (moves >= 0);
