-- How each institution was, by the lists: a list of a day says how everything was on that day. A row
-- holds from the day of the list that first showed it so to the day of the list that showed it
-- otherwise, or no more. As with notifications, what was known is superseded and never changed.
CREATE TABLE institution_state (
    id UUID PRIMARY KEY,
    code10 TEXT NOT NULL REFERENCES institution (code10),
    valid_from DATE NOT NULL,
    valid_until DATE,
    name TEXT NOT NULL,
    postal_code TEXT,
    address TEXT NOT NULL,
    municipality_code TEXT CHECK (length(municipality_code) = 6),
    beds BIGINT CHECK (beds >= 0),
    size TEXT NOT NULL CHECK (size IN ('hospital', 'bedded_clinic', 'clinic_without_beds')),
    filed BOOLEAN NOT NULL,
    import_id UUID NOT NULL REFERENCES bureau_import (id),
    recorded_at TIMESTAMPTZ NOT NULL,
    superseded_at TIMESTAMPTZ,
    CONSTRAINT institution_state_days CHECK (valid_until > valid_from),
    CONSTRAINT institution_state_known CHECK (superseded_at >= recorded_at)
);
CREATE UNIQUE INDEX institution_state_once ON institution_state (code10)
    WHERE superseded_at IS NULL AND valid_until IS NULL;
CREATE INDEX institution_state_of ON institution_state (code10);
CREATE INDEX institution_state_import ON institution_state (import_id);

-- An import that was taken back stays in sight: what was known in the meantime can still be asked.
ALTER TABLE bureau_import ADD COLUMN undone_at TIMESTAMPTZ CHECK (undone_at >= imported_at);
-- Whether the list shows institutions without any notification: only then is their number a whole
-- of which the accepted ones are a share.
ALTER TABLE bureau_import ADD COLUMN all_institutions BOOLEAN NOT NULL DEFAULT FALSE;

-- What earlier lists left: how it was when each prefecture's first list was read is not known better
-- than by the present state.
INSERT INTO institution_state (id, code10, valid_from, name, postal_code, address, municipality_code,
    beds, size, filed, import_id, recorded_at)
SELECT gen_random_uuid(), i.code10, b.as_of, i.name, i.postal_code, i.address, i.municipality_code,
    i.beds, i.size, i.filed, b.id, b.imported_at
FROM institution AS i JOIN bureau_import AS b ON b.id = (
    SELECT first.id FROM bureau_import AS first WHERE first.prefecture_code = i.prefecture_code
    ORDER BY first.as_of, first.imported_at LIMIT 1)
WHERE i.source = 'bureau' AND i.gone_on IS NULL;
