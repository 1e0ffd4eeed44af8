-- The internal process of a procedure, every version that was ever in force or is being written. The text is the steps as
-- TOML; a dossier keeps the version it was sent in under. Version 0 is no row: it is the process that follows from the
-- catalogue's time limit.
CREATE TABLE process_version (
    procedure_code TEXT NOT NULL,
    version BIGINT NOT NULL,
    -- the folder of definitions it came from, or `province` when it was written on a page
    origin TEXT NOT NULL,
    steps TEXT NOT NULL,
    steps_sha256 BYTEA NOT NULL,
    note TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at TIMESTAMPTZ NOT NULL,
    -- who let it into force and from which day; a version without them is being written
    approved_by TEXT,
    approved_at TIMESTAMPTZ,
    valid_from DATE,
    PRIMARY KEY (procedure_code, version)
);

-- One row; its revision grows with each version that comes into force, so that every node reads them again.
CREATE TABLE process_revision (
    id BIGINT NOT NULL PRIMARY KEY,
    revision BIGINT NOT NULL
);

-- Where a dossier stands in its process: the step, since when, until when, and which unit has it.
ALTER TABLE dossier ADD COLUMN process_version BIGINT NOT NULL DEFAULT 0;
ALTER TABLE dossier ADD COLUMN step TEXT;
ALTER TABLE dossier ADD COLUMN step_since TIMESTAMPTZ;
ALTER TABLE dossier ADD COLUMN step_due TIMESTAMPTZ;
ALTER TABLE dossier ADD COLUMN at_unit UUID;
ALTER TABLE dossier ADD COLUMN at_unit_name TEXT;
ALTER TABLE dossier ADD COLUMN extensions BIGINT NOT NULL DEFAULT 0;
UPDATE dossier SET at_unit = unit, at_unit_name = unit_name, step_since = changed_at, step = CASE COALESCE(resume_state, state)
    WHEN 'submitted' THEN 'receive' WHEN 'refused' THEN 'receive' WHEN 'received' THEN 'examine' WHEN 'processing' THEN 'examine'
    WHEN 'proposed' THEN 'decide' ELSE 'give' END;
CREATE INDEX dossier_at_list ON dossier (at_unit, is_open, sort_at, id);
DROP INDEX dossier_unit_state;
CREATE INDEX dossier_process ON dossier (procedure_code, process_version, is_open);

-- A question to another unit about a dossier, or work that another unit takes over. Who asks stays responsible until the
-- other one has accepted. Question and answer are sealed.
CREATE TABLE coordination (
    id UUID NOT NULL PRIMARY KEY,
    dossier UUID NOT NULL REFERENCES dossier (id),
    kind TEXT NOT NULL,
    step TEXT NOT NULL,
    -- the agency's word in the process, or the unit's id when an officer asked on her own
    agency TEXT NOT NULL,
    agency_name TEXT NOT NULL,
    -- the unit that answers; none when the agency does not work in this program
    unit UUID,
    state TEXT NOT NULL,
    asked_at TIMESTAMPTZ NOT NULL,
    asked_by TEXT NOT NULL,
    asked_unit TEXT NOT NULL,
    due_at TIMESTAMPTZ NOT NULL,
    question BYTEA,
    accepted_at TIMESTAMPTZ,
    accepted_by TEXT,
    ended_at TIMESTAMPTZ,
    ended_by TEXT,
    opinion TEXT,
    answer BYTEA
);
CREATE INDEX coordination_dossier ON coordination (dossier, asked_at);
CREATE INDEX coordination_unit ON coordination (unit, state, due_at, id);

-- Each extension of a due date, asked for before the old one passed, with its apology (form 04): its reason is the note of
-- its step in the history.
CREATE TABLE dossier_extension (
    id UUID NOT NULL PRIMARY KEY,
    dossier UUID NOT NULL REFERENCES dossier (id),
    at TIMESTAMPTZ NOT NULL,
    due_before TIMESTAMPTZ NOT NULL,
    due_after TIMESTAMPTZ NOT NULL,
    officer_name TEXT NOT NULL,
    unit_name TEXT NOT NULL,
    event UUID NOT NULL REFERENCES dossier_event (id)
);
CREATE INDEX dossier_extension_dossier ON dossier_extension (dossier, at);
