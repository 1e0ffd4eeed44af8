-- A file on its way into a register: handed in, led to fields, checked, written, perhaps taken back. The import that it
-- becomes has the same id. What the file holds lies sealed in blobs; nothing of it stands here.
CREATE TABLE register_batch (
    id UUID PRIMARY KEY,
    system TEXT NOT NULL,
    kind TEXT NOT NULL,
    unit UUID NOT NULL,
    account UUID,
    who TEXT NOT NULL,
    file_name TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    source UUID,
    sample UUID,
    mended UUID,
    stage TEXT NOT NULL CHECK (stage IN ('preview', 'checking', 'checked', 'writing', 'paused', 'done', 'undoing',
        'undone', 'dropped')),
    choices JSONB NOT NULL,
    report JSONB NOT NULL,
    rows_total BIGINT NOT NULL,
    rows_done BIGINT NOT NULL,
    rows_taken BIGINT NOT NULL,
    holder UUID,
    is_stopping BOOLEAN NOT NULL,
    reason TEXT,
    undone_by TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    touched_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ
);
CREATE INDEX register_batch_kind ON register_batch (system, kind, created_at);
CREATE INDEX register_batch_stage ON register_batch (stage, touched_at);

-- What the columns of files of one source were led to the last time: a source is a unit and the names of the columns.
CREATE TABLE register_mapping (
    system TEXT NOT NULL,
    kind TEXT NOT NULL,
    unit UUID NOT NULL,
    signature BYTEA NOT NULL,
    choices JSONB NOT NULL,
    used_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (system, kind, unit, signature)
);
