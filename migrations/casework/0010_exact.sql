-- Why a dossier was not received, or is to be denied: the same list of defects as a request for more, kept with the step
-- that states it. Sealed.
CREATE TABLE dossier_ground (
    event UUID NOT NULL PRIMARY KEY REFERENCES dossier_event (id),
    dossier UUID NOT NULL REFERENCES dossier (id),
    defects BYTEA NOT NULL
);
CREATE INDEX dossier_ground_dossier ON dossier_ground (dossier);

-- The step of the process at which more was asked for; none for what was asked before this was kept.
ALTER TABLE dossier_supplement ADD COLUMN step TEXT;

-- A version of a procedure holds from a day, once somebody else than who brought it has approved it. What was there before
-- held at once, the newer one instead of the older.
ALTER TABLE procedure_version ADD COLUMN holds_from DATE;
ALTER TABLE procedure_version ADD COLUMN standing TEXT NOT NULL DEFAULT 'approved';
ALTER TABLE procedure_version ADD COLUMN made_by TEXT NOT NULL DEFAULT '';
ALTER TABLE procedure_version ADD COLUMN decided_by TEXT;
ALTER TABLE procedure_version ADD COLUMN decided_at TIMESTAMPTZ;
UPDATE procedure_version SET holds_from = (
    SELECT min(later.valid_from) FROM procedure_version AS later
    WHERE later.code = procedure_version.code AND later.version >= procedure_version.version);
CREATE INDEX procedure_version_standing ON procedure_version (standing, holds_from);
CREATE INDEX draft_procedure ON draft (procedure_code);

-- The folders of definitions that hold in this province instead of those that come with the program, each from its day.
-- The texts lie in definition_folder. Rows are never changed.
CREATE TABLE definition_version (
    system TEXT NOT NULL,
    seq BIGINT NOT NULL,
    version BIGINT NOT NULL,
    digest TEXT NOT NULL REFERENCES definition_folder (digest),
    valid_from DATE NOT NULL,
    applied_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (system, seq)
);
