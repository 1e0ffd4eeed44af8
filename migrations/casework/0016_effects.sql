-- What a step of a process brought about besides moving the dossier: a result that waits to be signed, a record entered or
-- changed in a register. One row an effect: a step that is done is done once.
CREATE TABLE dossier_effect (
    id UUID NOT NULL PRIMARY KEY,
    dossier UUID NOT NULL REFERENCES dossier (id),
    step TEXT NOT NULL,
    -- which of the step's effects, from 0
    place BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('issue', 'register')),
    state TEXT NOT NULL CHECK (state IN ('done', 'same', 'by-hand')),
    -- the step of the history that brought it about
    event UUID NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    made_by TEXT NOT NULL,
    -- of a result: the paper
    paper UUID,
    -- of a record: where it lies, which version this wrote and how
    system TEXT,
    register TEXT,
    record UUID,
    revision BIGINT,
    act TEXT,
    UNIQUE (dossier, step, place)
);
CREATE INDEX dossier_effect_record ON dossier_effect (record, revision);

-- What an officer wrote for a record before the step that enters it: only what differs from the answers, sealed.
CREATE TABLE dossier_entry (
    id UUID NOT NULL PRIMARY KEY,
    dossier UUID NOT NULL REFERENCES dossier (id),
    step TEXT NOT NULL,
    place BIGINT NOT NULL,
    content BYTEA NOT NULL,
    written_by TEXT NOT NULL,
    written_at TIMESTAMPTZ NOT NULL,
    UNIQUE (dossier, step, place)
);
