-- The words of records, for search without marks. One index for all kinds: the kind, the unit and the values that are counted stand
-- among the words as signs that nobody types.
CREATE SEARCH INDEX register_search;

-- How far the digest of a kind is: what it is made of, the place in the order of changes, and the record up to which a first walk
-- over the table has come.
CREATE TABLE register_digest (
    system TEXT NOT NULL,
    kind TEXT NOT NULL,
    made_of TEXT NOT NULL,
    place TEXT NOT NULL,
    walked UUID,
    at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (system, kind)
);

-- How many records of a unit have a value. The sign is the one that stands among the words of those records.
CREATE TABLE register_tally (
    system TEXT NOT NULL,
    kind TEXT NOT NULL,
    sign TEXT NOT NULL,
    unit UUID NOT NULL,
    field TEXT NOT NULL,
    value TEXT NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (system, kind, sign, unit)
);
CREATE INDEX register_tally_field ON register_tally (system, kind, field, value, unit, n);
