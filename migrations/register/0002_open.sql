-- What of a kind of record somebody approved for everybody to see: the digest of the rule that was approved. Another rule waits for
-- another approval; a row that was withdrawn stays.
CREATE TABLE register_open (
    id UUID PRIMARY KEY,
    system TEXT NOT NULL,
    kind TEXT NOT NULL,
    rule TEXT NOT NULL,
    rows_seen BIGINT NOT NULL,
    account UUID,
    who TEXT NOT NULL,
    approved_at TIMESTAMPTZ NOT NULL,
    withdrawn_account UUID,
    withdrawn_who TEXT,
    withdrawn_reason TEXT,
    withdrawn_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX register_open_live ON register_open (system, kind) WHERE withdrawn_at IS NULL;
CREATE INDEX register_open_kind ON register_open (system, kind, approved_at);
