-- Files that came with a form which could not be carried out. Held by a keyed index of account and form: the table says nobody's
-- name. What no form takes over goes after a day.
CREATE TABLE kept_file (
    file UUID NOT NULL PRIMARY KEY REFERENCES dossier_file (id),
    holder BYTEA NOT NULL,
    kept_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX kept_file_holder ON kept_file (holder, kept_at, file);
CREATE INDEX kept_file_kept_at ON kept_file (kept_at, file);
