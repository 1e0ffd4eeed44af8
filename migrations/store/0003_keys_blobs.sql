-- What a database remembers of its keys: a constant sealed by them. One row.
CREATE TABLE key_check (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    sealed BYTEA NOT NULL,
    index_mac BYTEA NOT NULL
);

-- Has a row while an import is running: a store whose import broke off is not served.
CREATE TABLE import_mark (
    id BIGINT PRIMARY KEY CHECK (id = 1)
);

-- Names of stored objects. An erased blob keeps its row, without its hash and its key.
CREATE TABLE blob (
    id UUID PRIMARY KEY,
    owner UUID NOT NULL,
    sha256 BYTEA,
    size BIGINT NOT NULL CHECK (size >= 0),
    stored_size BIGINT NOT NULL CHECK (stored_size >= 0),
    media_type TEXT NOT NULL,
    personal BOOLEAN NOT NULL,
    wrapped_key BYTEA,
    created_at TIMESTAMPTZ NOT NULL,
    erased_at TIMESTAMPTZ
);

-- The same body is stored once within one owner; erased rows have no hash and never clash.
CREATE UNIQUE INDEX blob_owner_body ON blob (owner, sha256, personal);
