-- Figures of the medical care plan beside the register: indicators of surveys, counts that others
-- published, the subsidy programme, and what clinics post.

-- What is followed. The rows come from seeds/indicator_names.csv.
CREATE TABLE indicator (
    key TEXT PRIMARY KEY CHECK (length(key) BETWEEN 1 AND 60),
    topic TEXT NOT NULL CHECK (topic IN ('records', 'network', 'population')),
    unit TEXT NOT NULL CHECK (unit IN ('percent', 'ten_thousand_people', 'people')),
    -- Whether the plan evaluates itself by it, and which way it is to go.
    goal TEXT CHECK (goal IN ('raise', 'lower')),
    title_ja TEXT NOT NULL,
    title_en TEXT NOT NULL,
    position BIGINT NOT NULL UNIQUE
);

-- A value at a time, in thousandths of its unit. A correction supersedes the row and adds another;
-- rows of the seeds came with the program and were recorded by nobody.
CREATE TABLE indicator_value (
    id UUID PRIMARY KEY,
    indicator_key TEXT NOT NULL REFERENCES indicator (key),
    -- A year, a month or a day: 2020, 2023-03, 2025-01-01. Texts sort as the times do.
    period TEXT NOT NULL CHECK (length(period) IN (4, 7, 10)),
    projection BOOLEAN NOT NULL,
    thousandths BIGINT NOT NULL CHECK (thousandths BETWEEN 0 AND 1000000000000),
    numerator BIGINT CHECK (numerator BETWEEN 0 AND 1000000000),
    denominator BIGINT CHECK (denominator BETWEEN 1 AND 1000000000),
    source TEXT NOT NULL CHECK (length(source) BETWEEN 1 AND 200),
    origin TEXT NOT NULL CHECK (origin IN ('seed', 'form', 'csv')),
    recorded_by UUID REFERENCES account (id),
    recorded_at TIMESTAMPTZ,
    superseded_at TIMESTAMPTZ,
    CONSTRAINT indicator_value_fraction CHECK ((numerator IS NULL) = (denominator IS NULL)),
    -- A printed share is its fraction, rounded to a tenth of a per cent.
    CONSTRAINT indicator_value_share CHECK (CASE WHEN numerator IS NULL THEN TRUE
        WHEN thousandths > 100000 OR numerator > denominator THEN FALSE
        ELSE abs(thousandths * denominator - numerator * 100000) <= 50 * denominator END),
    CONSTRAINT indicator_value_origin CHECK ((origin = 'seed') = (recorded_at IS NULL)),
    CONSTRAINT indicator_value_known CHECK (superseded_at >= recorded_at)
);
CREATE UNIQUE INDEX indicator_value_once ON indicator_value (indicator_key, period, source)
    WHERE superseded_at IS NULL;

-- A number of facilities that somebody published. It is shown beside what rows say, never with it.
CREATE TABLE published_count (
    id UUID PRIMARY KEY,
    prefecture_code TEXT NOT NULL CHECK (length(prefecture_code) = 2),
    criterion TEXT NOT NULL CHECK (criterion IN ('online_care_fee_legacy', 'ict_care')),
    period TEXT NOT NULL CHECK (length(period) IN (4, 7, 10)),
    -- Stands for the end of a fiscal year.
    year_end BOOLEAN NOT NULL,
    facilities BIGINT NOT NULL CHECK (facilities BETWEEN 0 AND 1000000),
    source TEXT NOT NULL CHECK (length(source) BETWEEN 1 AND 200),
    origin TEXT NOT NULL CHECK (origin IN ('seed', 'form', 'csv')),
    -- Why it differs from the rows, in the words of whoever looked into it.
    explanation TEXT CHECK (length(explanation) BETWEEN 1 AND 1000),
    explained_by UUID REFERENCES account (id),
    explained_at TIMESTAMPTZ,
    recorded_by UUID REFERENCES account (id),
    recorded_at TIMESTAMPTZ,
    superseded_at TIMESTAMPTZ,
    CONSTRAINT published_count_explained CHECK ((explanation IS NULL) = (explained_at IS NULL)),
    CONSTRAINT published_count_origin CHECK ((origin = 'seed') = (recorded_at IS NULL)),
    CONSTRAINT published_count_known CHECK (superseded_at >= recorded_at)
);
CREATE UNIQUE INDEX published_count_once
    ON published_count (prefecture_code, criterion, period, source) WHERE superseded_at IS NULL;

-- What a clinic declares to the public (guideline V2(1); criterion エ). It stands until it is taken
-- back; a new declaration is a further row.
CREATE TABLE facility_posting (
    id UUID PRIMARY KEY,
    facility_id UUID NOT NULL REFERENCES facility (id),
    follows_guideline BOOLEAN NOT NULL,
    no_psychotropics BOOLEAN NOT NULL,
    note_ja TEXT NOT NULL CHECK (length(note_ja) <= 1000),
    note_en TEXT NOT NULL CHECK (length(note_en) <= 1000),
    declared_by UUID REFERENCES account (id),
    declared_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX facility_posting_of ON facility_posting (facility_id, declared_at);

-- オンライン医療相談・診療等環境整備補助事業: once for each institution, whatever the year.
CREATE TABLE subsidy_grant (
    id UUID PRIMARY KEY,
    code10 TEXT NOT NULL REFERENCES institution (code10),
    -- The year in which it began in April.
    fiscal_year BIGINT NOT NULL CHECK (fiscal_year BETWEEN 2018 AND 2100),
    status TEXT NOT NULL CHECK (status IN
        ('applied', 'decided', 'refused', 'withdrawn', 'reported', 'paid')),
    applied_on DATE NOT NULL,
    decided_on DATE,
    reported_on DATE,
    paid_on DATE,
    requested_yen BIGINT NOT NULL CHECK (requested_yen BETWEEN 1 AND 100000000),
    decided_yen BIGINT,
    spent_yen BIGINT,
    paid_yen BIGINT,
    reason TEXT NOT NULL CHECK (length(reason) <= 1000),
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    -- Not for dentists: the third digit is the fee table's, 1 for medicine.
    CONSTRAINT subsidy_grant_medical CHECK (substr(code10, 3, 1) = '1'),
    CONSTRAINT subsidy_grant_year CHECK (applied_on >= make_date(CAST(fiscal_year AS integer), 4, 1)
        AND applied_on < make_date(CAST(fiscal_year AS integer) + 1, 4, 1)),
    CONSTRAINT subsidy_grant_days CHECK (decided_on >= applied_on AND reported_on >= decided_on
        AND paid_on >= reported_on),
    CONSTRAINT subsidy_grant_amounts CHECK (decided_yen BETWEEN 1 AND requested_yen
        AND spent_yen >= 0 AND paid_yen BETWEEN 0 AND decided_yen AND paid_yen <= spent_yen),
    CONSTRAINT subsidy_grant_decision CHECK (
        (status IN ('decided', 'reported', 'paid')) <= (decided_yen IS NOT NULL)
        AND (decided_yen IS NULL OR decided_on IS NOT NULL)
        AND (status <> 'applied' OR decided_on IS NULL)
        AND (status <> 'refused' OR (decided_on IS NOT NULL AND decided_yen IS NULL))),
    CONSTRAINT subsidy_grant_report CHECK ((status IN ('reported', 'paid')) = (reported_on IS NOT NULL)
        AND (reported_on IS NULL) = (spent_yen IS NULL)),
    CONSTRAINT subsidy_grant_payment CHECK ((status = 'paid') = (paid_on IS NOT NULL)
        AND (paid_on IS NULL) = (paid_yen IS NULL)),
    CONSTRAINT subsidy_grant_reason CHECK (status NOT IN ('refused', 'withdrawn') OR length(reason) > 0)
);
CREATE UNIQUE INDEX subsidy_grant_once ON subsidy_grant (code10)
    WHERE status NOT IN ('refused', 'withdrawn');
CREATE INDEX subsidy_grant_of_year ON subsidy_grant (fiscal_year, applied_on);

-- What it is for: devices that serve online care alone. Smartphones are not among the kinds.
CREATE TABLE subsidy_item (
    grant_id UUID NOT NULL REFERENCES subsidy_grant (id),
    position BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN
        ('pc', 'tablet', 'camera', 'microphone', 'headset', 'router', 'other')),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    quantity BIGINT NOT NULL CHECK (quantity BETWEEN 1 AND 100),
    yen BIGINT NOT NULL CHECK (yen BETWEEN 1 AND 100000000),
    PRIMARY KEY (grant_id, position)
);

-- What came with the report: receipts and photographs, by name and content.
CREATE TABLE subsidy_paper (
    grant_id UUID NOT NULL REFERENCES subsidy_grant (id),
    position BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('receipt', 'photo', 'other')),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    PRIMARY KEY (grant_id, position)
);
