-- The outbox: every state change appends an event in its own transaction. `position` is the order in which consumers read.
-- On PostgreSQL it is given after the commit (store/src/outbox), so that no consumer skips a row that commits late.
CREATE TABLE outbox (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    position BIGINT,
    event UUID NOT NULL,
    kind TEXT NOT NULL,
    subject UUID NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    payload JSONB NOT NULL
);
CREATE UNIQUE INDEX outbox_event ON outbox (event);
CREATE UNIQUE INDEX outbox_position ON outbox (position);
CREATE INDEX outbox_unnumbered ON outbox (id) WHERE position IS NULL;
CREATE INDEX outbox_subject ON outbox (subject, id);

CREATE TABLE outbox_consumer (
    name TEXT PRIMARY KEY,
    position BIGINT NOT NULL,
    holder UUID,
    lease_until TIMESTAMPTZ,
    failures BIGINT NOT NULL,
    last_error TEXT,
    moved_at TIMESTAMPTZ NOT NULL
);

-- Work for later. A finished job's row is deleted; a dead one waits for an operator.
CREATE TABLE job (
    id UUID PRIMARY KEY,
    kind TEXT NOT NULL,
    unique_key TEXT,
    payload JSONB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('ready', 'running', 'dead')),
    run_at TIMESTAMPTZ NOT NULL,
    attempts BIGINT NOT NULL,
    attempts_max BIGINT NOT NULL,
    holder UUID,
    lease_until TIMESTAMPTZ,
    last_error TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    failed_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX job_unique ON job (kind, unique_key) WHERE state <> 'dead';
CREATE INDEX job_due ON job (state, run_at);

-- Idempotency keys of forms: a second send of the same form gets the first one's answer.
CREATE TABLE once_key (
    scope TEXT NOT NULL,
    key UUID NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    answer TEXT,
    PRIMARY KEY (scope, key)
);
CREATE INDEX once_key_at ON once_key (at);

-- Names of the full-text indexes, so that an import can build them anew.
CREATE TABLE search_index (
    name TEXT PRIMARY KEY
);
