-- Persons without a number, doubles and how they are joined, guardians, the deceased.

-- By what a record is found without opening it: keyed indexes of the number, of an old nine-digit number, of name and day of birth.
CREATE TABLE person_mark (
    person UUID NOT NULL REFERENCES person (id),
    kind TEXT NOT NULL CHECK (kind IN ('number', 'old-number', 'name-birth')),
    mark BYTEA NOT NULL,
    PRIMARY KEY (person, kind)
);
CREATE INDEX person_mark_by_mark ON person_mark (kind, mark, person);

-- Two records that may be of one person: for somebody to decide. The smaller id stands first.
CREATE TABLE person_double (
    one UUID NOT NULL REFERENCES person (id),
    other UUID NOT NULL REFERENCES person (id),
    why TEXT NOT NULL CHECK (why IN ('old-number', 'name-birth')),
    found_at TIMESTAMPTZ NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'joined', 'apart')),
    decided_at TIMESTAMPTZ,
    decided_by UUID,
    decision TEXT,
    PRIMARY KEY (one, other)
);
CREATE INDEX person_double_list ON person_double (state, found_at, one, other);

-- That a record is of the same person as another. Neither is changed: reads follow the link while it holds.
CREATE TABLE person_link (
    id UUID NOT NULL PRIMARY KEY,
    person UUID NOT NULL REFERENCES person (id),
    merged_into UUID NOT NULL REFERENCES person (id),
    -- the pair on which it was decided
    one UUID NOT NULL,
    other UUID NOT NULL,
    valid_from TIMESTAMPTZ NOT NULL,
    made_by UUID NOT NULL,
    reason TEXT NOT NULL,
    valid_to TIMESTAMPTZ,
    ended_by UUID,
    ended_why TEXT
);
CREATE UNIQUE INDEX person_link_live ON person_link (person) WHERE valid_to IS NULL;
CREATE INDEX person_link_into ON person_link (merged_into, valid_to);
CREATE INDEX person_link_pair ON person_link (one, other, valid_from);

-- Who acts for whom, as it was stated when something was filed.
CREATE TABLE person_guardian (
    person UUID NOT NULL REFERENCES person (id),
    guardian UUID NOT NULL REFERENCES person (id),
    tie TEXT NOT NULL,
    stated_at TIMESTAMPTZ NOT NULL,
    -- the dossier in which it was stated first
    matter UUID NOT NULL,
    PRIMARY KEY (person, guardian)
);
CREATE INDEX person_guardian_by_guardian ON person_guardian (guardian, person);

-- That a person has died: day, source and reason are sealed together. A mark made in error is ended, never removed.
CREATE TABLE person_death (
    id UUID NOT NULL PRIMARY KEY,
    person UUID NOT NULL REFERENCES person (id),
    details BYTEA NOT NULL,
    marked_at TIMESTAMPTZ NOT NULL,
    marked_by UUID NOT NULL,
    ended_at TIMESTAMPTZ,
    ended_by UUID,
    ended_why TEXT
);
CREATE UNIQUE INDEX person_death_live ON person_death (person) WHERE ended_at IS NULL;
