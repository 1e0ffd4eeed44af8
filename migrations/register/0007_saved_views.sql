-- A list as somebody wants to find it again: words, filters and order. With a unit it is everybody's who works there.
CREATE TABLE register_view (
    id UUID PRIMARY KEY,
    system TEXT NOT NULL,
    kind TEXT NOT NULL,
    account UUID NOT NULL,
    unit UUID,
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX register_view_account ON register_view (system, kind, account);
CREATE INDEX register_view_unit ON register_view (system, kind, unit);
