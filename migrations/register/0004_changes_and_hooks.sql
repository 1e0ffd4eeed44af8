-- What changed, in the order of the outbox: one row for a version, one for a whole import. Clients read on from the last position
-- that they had.
CREATE TABLE register_change (
    position BIGINT PRIMARY KEY,
    system TEXT NOT NULL,
    kind TEXT NOT NULL,
    record UUID,
    batch UUID,
    revision BIGINT,
    act TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL
);
CREATE INDEX register_change_kind ON register_change (system, kind, position);
CREATE INDEX register_change_at ON register_change (at);

-- Up to which position changes are no longer kept.
CREATE TABLE register_feed (
    id BIGINT PRIMARY KEY,
    pruned_to BIGINT NOT NULL
);

-- Programs that are told of changes. Their secrets follow from the keys of the province and are not stored.
CREATE TABLE register_hook (
    id UUID PRIMARY KEY,
    unit UUID NOT NULL,
    system TEXT NOT NULL,
    kind TEXT NOT NULL,
    url TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('active', 'disabled', 'ended')),
    place TEXT NOT NULL,
    failures BIGINT NOT NULL,
    last_error TEXT,
    told_at TIMESTAMPTZ,
    account UUID,
    who TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX register_hook_kind ON register_hook (system, kind, state);
CREATE INDEX register_hook_unit ON register_hook (unit, created_at);
