-- Which kinds of record have a table, and what their columns are: what the next definition is held against. The tables
-- themselves are made from definitions.
CREATE TABLE register_kind (
    system TEXT NOT NULL,
    kind TEXT NOT NULL,
    table_name TEXT NOT NULL UNIQUE,
    shape JSONB NOT NULL,
    version BIGINT NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (system, kind)
);

-- A file that was brought in. Its rows carry its id and are seen by nobody while it is open.
CREATE TABLE register_import (
    id UUID PRIMARY KEY,
    system TEXT NOT NULL,
    kind TEXT NOT NULL,
    file_name TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'done', 'undone')),
    rows_total BIGINT NOT NULL,
    account UUID,
    who TEXT NOT NULL,
    unit UUID NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    touched_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ
);
CREATE INDEX register_import_kind ON register_import (system, kind, started_at);
