-- Areas, units, people and organisations.

-- Versions of the lists that are held in memory: a change of a list makes its number grow.
CREATE TABLE list_version (
    name TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL
);

CREATE TABLE area (
    id UUID NOT NULL PRIMARY KEY,
    -- Code and, unless it is of the first list, the year of its making: 18073@2025.
    key TEXT NOT NULL UNIQUE,
    -- Code of the commune that may have taken it in; shown, never followed.
    hint TEXT
);

-- A code, a parent and a name that went together. valid_*: may have been in force; seen_*: a list shows it.
CREATE TABLE area_state (
    area UUID NOT NULL REFERENCES area (id),
    place BIGINT NOT NULL,
    code TEXT NOT NULL,
    parent UUID,
    name_vi TEXT NOT NULL,
    name_en TEXT NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE,
    seen_from DATE NOT NULL,
    seen_to DATE,
    PRIMARY KEY (area, place)
);
CREATE INDEX area_state_by_code ON area_state (code);

CREATE TABLE area_successor (
    old_area UUID NOT NULL REFERENCES area (id),
    new_area UUID NOT NULL REFERENCES area (id),
    starts_on DATE NOT NULL,
    corrected BOOLEAN NOT NULL,
    PRIMARY KEY (old_area, new_area)
);

CREATE TABLE unit (
    id UUID NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('province', 'department', 'commune', 'desk', 'division')),
    opened_on DATE NOT NULL,
    -- The last day, none while it exists.
    closed_on DATE,
    -- Name of the working hours it keeps.
    working_hours TEXT NOT NULL,
    -- Sectors of procedures it is competent for: a list of texts.
    sectors JSONB NOT NULL,
    version BIGINT NOT NULL
);

CREATE TABLE unit_code (
    unit UUID NOT NULL REFERENCES unit (id),
    code TEXT NOT NULL,
    -- new: H27.01 (QĐ 20/2020); old: 000.00.01.H27 (QCVN 102:2016).
    form TEXT NOT NULL CHECK (form IN ('new', 'old')),
    -- Whether somebody has read it in the decision that issued it.
    verified BOOLEAN NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE,
    PRIMARY KEY (unit, form, valid_from)
);
CREATE INDEX unit_code_by_code ON unit_code (code);

CREATE TABLE unit_name (
    unit UUID NOT NULL REFERENCES unit (id),
    name_vi TEXT NOT NULL,
    name_en TEXT,
    name_fold TEXT NOT NULL,
    name_sort BYTEA NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE,
    PRIMARY KEY (unit, valid_from)
);

-- Where a unit stands: below which unit, and which area it serves.
CREATE TABLE unit_place (
    unit UUID NOT NULL REFERENCES unit (id),
    parent UUID REFERENCES unit (id),
    area UUID REFERENCES area (id),
    valid_from DATE NOT NULL,
    valid_to DATE,
    PRIMARY KEY (unit, valid_from)
);

CREATE TABLE unit_successor (
    old_unit UUID NOT NULL REFERENCES unit (id),
    new_unit UUID NOT NULL REFERENCES unit (id),
    starts_on DATE NOT NULL,
    PRIMARY KEY (old_unit, new_unit)
);

-- What was changed at a unit, on whose word.
CREATE TABLE unit_change (
    id UUID NOT NULL PRIMARY KEY,
    unit UUID NOT NULL REFERENCES unit (id),
    kind TEXT NOT NULL,
    on_day DATE NOT NULL,
    reason TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    account UUID
);
CREATE INDEX unit_change_by_unit ON unit_change (unit, at);

CREATE TABLE person (
    id UUID NOT NULL PRIMARY KEY,
    -- Keyed index of the 12-digit number.
    number_index BYTEA NOT NULL UNIQUE,
    -- Keyed index of number, folded name and day of birth: tells whether a claim agrees without opening anything.
    match_index BYTEA NOT NULL,
    -- The same without the day of birth, and whether that day is known.
    name_index BYTEA NOT NULL,
    birth_known BOOLEAN NOT NULL,
    -- Number, name, birth, sex, address, telephone, e-mail: one sealed document.
    details BYTEA NOT NULL,
    -- "Tr*** H**": enough for a list.
    name_masked TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    version BIGINT NOT NULL
);

CREATE TABLE organisation (
    id UUID NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('organisation', 'household')),
    tax_index BYTEA NOT NULL UNIQUE,
    match_index BYTEA NOT NULL,
    -- Open for organisations; a household's code and name are those of a person and stay sealed.
    tax_code TEXT,
    name TEXT,
    name_fold TEXT,
    name_sort BYTEA,
    name_masked TEXT NOT NULL,
    details BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    version BIGINT NOT NULL
);
CREATE INDEX organisation_by_name ON organisation (name_sort, id);

-- A claim that does not agree with the record it names: for an officer to decide, never overwritten by itself.
CREATE TABLE person_question (
    id UUID NOT NULL PRIMARY KEY,
    person UUID REFERENCES person (id),
    organisation UUID REFERENCES organisation (id),
    -- Keyed index of the claim: the same claim is one question.
    claim_index BYTEA NOT NULL UNIQUE,
    claim BYTEA NOT NULL,
    -- Where the claim came from: sign-in, dossier, counter.
    source TEXT NOT NULL,
    asked_at TIMESTAMPTZ NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'accepted', 'refused')),
    decided_at TIMESTAMPTZ,
    decided_by UUID,
    decision TEXT
);
CREATE INDEX person_question_by_state ON person_question (state, asked_at);
