-- One change to many records, decided on a list that was looked at: which records at which version, what became of each.
CREATE TABLE register_bulk (
    id UUID PRIMARY KEY,
    system TEXT NOT NULL,
    kind TEXT NOT NULL,
    field TEXT NOT NULL,
    value JSONB NOT NULL,
    reason TEXT NOT NULL,
    valid_from DATE NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'done', 'undoing', 'undone')),
    account UUID,
    who TEXT NOT NULL,
    unit UUID NOT NULL,
    undone_who TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ
);
CREATE INDEX register_bulk_kind ON register_bulk (system, kind, created_at);

CREATE TABLE register_bulk_row (
    bulk UUID NOT NULL REFERENCES register_bulk (id),
    record UUID NOT NULL,
    seen BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'changed', 'same', 'passed', 'refused', 'undone', 'kept')),
    revision BIGINT,
    PRIMARY KEY (bulk, record)
);
CREATE INDEX register_bulk_row_state ON register_bulk_row (bulk, state, record);
