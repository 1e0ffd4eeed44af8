-- The folders of definitions that a draft or a dossier began under, by the digest of paths and texts. A newer program still
-- draws the older form from here. Rows are never changed.
CREATE TABLE definition_folder (
    digest TEXT PRIMARY KEY,
    system TEXT NOT NULL,
    version BIGINT NOT NULL,
    content JSONB NOT NULL,
    kept_at TIMESTAMPTZ NOT NULL
);
