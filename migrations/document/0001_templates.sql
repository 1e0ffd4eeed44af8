-- Templates of papers: every version that was ever in force. Those of the whole country come with the program, a province
-- writes its own beside them; a paper remembers the versions it was made with.
CREATE TABLE template_version (
    name TEXT NOT NULL,
    version BIGINT NOT NULL,
    -- 'country' for what came with the program, 'province' for what was written here
    origin TEXT NOT NULL,
    source TEXT NOT NULL,
    sha256 BYTEA NOT NULL,
    note TEXT NOT NULL,
    made_at TIMESTAMPTZ NOT NULL,
    made_by UUID,
    PRIMARY KEY (name, version)
);

-- The version of each template that new papers are made with.
CREATE TABLE template_current (
    name TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL
);
