-- Keys of other programs: each acts at one unit, within the actions of its scopes. Of the secret only its SHA-256 is kept. The
-- requests of a day are counted here, some at a time.
CREATE TABLE api_token (
    id UUID PRIMARY KEY,
    key BYTEA NOT NULL UNIQUE,
    unit UUID NOT NULL,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    per_minute BIGINT NOT NULL,
    per_day BIGINT NOT NULL,
    account UUID,
    who TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_on DATE,
    used_on DATE,
    used_count BIGINT NOT NULL,
    used_at TIMESTAMPTZ,
    revoked_at TIMESTAMPTZ,
    revoked_who TEXT
);
CREATE INDEX api_token_unit ON api_token (unit, created_at);
