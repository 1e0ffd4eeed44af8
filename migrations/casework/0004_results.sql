-- A paper that was issued: one of the seven forms or the result itself. The row is written before the paper is printed, so
-- that its number is given once; the blob is the PDF as it went out.
CREATE TABLE paper (
    id UUID NOT NULL PRIMARY KEY,
    -- what the QR code leads to; 80 bits of chance
    token TEXT NOT NULL UNIQUE,
    -- none for a register of many dossiers
    dossier UUID REFERENCES dossier (id),
    form TEXT NOT NULL,
    -- the step, request or extension that it follows from: printed again, it is the same paper
    basis UUID NOT NULL,
    unit UUID NOT NULL,
    unit_name TEXT NOT NULL,
    series TEXT NOT NULL,
    year BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    number TEXT NOT NULL,
    title TEXT NOT NULL,
    issued_on DATE NOT NULL,
    issued_at TIMESTAMPTZ NOT NULL,
    -- who signs, as on the paper, and whose hands made it
    officer_name TEXT NOT NULL,
    made_by UUID NOT NULL,
    dossier_code TEXT NOT NULL,
    procedure_name TEXT NOT NULL,
    person_mask TEXT NOT NULL,
    -- what was typed for it, sealed; none for forms that follow from the history alone
    content BYTEA,
    template_version BIGINT,
    layout_version BIGINT,
    blob UUID,
    sha256 BYTEA,
    size_bytes BIGINT,
    standing TEXT NOT NULL,
    ended_at TIMESTAMPTZ,
    ended_by TEXT,
    end_cause TEXT,
    end_note BYTEA,
    replaced_by UUID,
    -- when the applicant first fetched it: the proof of an electronic delivery
    fetched_at TIMESTAMPTZ,
    UNIQUE (dossier, form, basis)
);
CREATE INDEX paper_dossier ON paper (dossier, issued_at, id);
CREATE INDEX paper_blob ON paper (blob);
CREATE INDEX paper_unit ON paper (unit, year, series, seq);

-- The last number of a series of a unit in a year (NĐ 30/2020: from 01 each year).
CREATE TABLE paper_number (
    unit UUID NOT NULL,
    series TEXT NOT NULL,
    year BIGINT NOT NULL,
    last BIGINT NOT NULL,
    PRIMARY KEY (unit, series, year)
);

-- What the applicant says of how it went, once, for a while to be changed. Figures count scores and name nobody.
CREATE TABLE rating (
    dossier UUID NOT NULL PRIMARY KEY REFERENCES dossier (id),
    unit UUID NOT NULL,
    unit_name TEXT NOT NULL,
    desk UUID NOT NULL,
    -- the set of factors that was asked, as it was on the day
    factors TEXT NOT NULL,
    rated_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX rating_rated ON rating (rated_at);

CREATE TABLE rating_score (
    dossier UUID NOT NULL REFERENCES rating (dossier),
    factor TEXT NOT NULL,
    -- 1 very dissatisfied to 5 very satisfied
    score BIGINT NOT NULL,
    PRIMARY KEY (dossier, factor)
);
