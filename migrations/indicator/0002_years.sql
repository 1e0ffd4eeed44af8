-- Cells of years, of thirds of months and of all units by procedure; who typed a dossier is a count of the cell and no longer a
-- part of its key. To whom a lateness was put down belongs to the dossier, late by our own clock or not.
-- Cells are counted anew at the next start, or by `figures rebuild`.

CREATE TABLE figure_attribution (
    dossier UUID NOT NULL PRIMARY KEY,
    put_to TEXT NOT NULL CHECK (put_to IN ('person', 'system')),
    noted_at TIMESTAMPTZ NOT NULL
);
INSERT INTO figure_attribution (dossier, put_to, noted_at)
    SELECT c.dossier, c.attributed, COALESCE(f.ended_at, f.filed_at) FROM figure_cause AS c
    INNER JOIN figure_fact AS f ON f.dossier = c.dossier WHERE c.attributed IS NOT NULL;
ALTER TABLE figure_cause DROP COLUMN attributed;
ALTER TABLE figure_fact ADD COLUMN attributed TEXT;
CREATE INDEX figure_fact_attributed ON figure_fact (ended_on, dossier) WHERE attributed IS NOT NULL;

-- What a kept report is narrowed to, so that a list of them need not read them whole; none for those of before.
ALTER TABLE figure_report ADD COLUMN narrowed TEXT;

DROP TABLE figure_cell;

-- Counts and sums of facts. `level` says what a row is of:
--   day, month, year                            one unit and procedure
--   day-unit, month-unit                        one unit; procedure is empty
--   day-procedure, third-procedure, month-procedure, year-procedure
--                                               one procedure of all units; unit is the nil UUID
-- A dossier counts on the day it was filed, on the day it was received, and on the day it ended.
CREATE TABLE figure_cell (
    level TEXT NOT NULL,
    -- 2026-11-22, 2026-11-3 (the third of the month that begins on the 21st), 2026-11, 2026
    day TEXT NOT NULL,
    unit UUID NOT NULL,
    procedure TEXT NOT NULL,
    entries BIGINT NOT NULL,
    filed BIGINT NOT NULL,
    self_filed BIGINT NOT NULL,
    assisted BIGINT NOT NULL,
    on_behalf BIGINT NOT NULL,
    received BIGINT NOT NULL,
    late_receipts BIGINT NOT NULL,
    decided BIGINT NOT NULL,
    early BIGINT NOT NULL,
    late BIGINT NOT NULL,
    late_person BIGINT NOT NULL,
    late_system BIGINT NOT NULL,
    worked_minutes BIGINT NOT NULL,
    requests BIGINT NOT NULL,
    clean BIGINT NOT NULL,
    extended BIGINT NOT NULL,
    undue BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    stopped BIGINT NOT NULL,
    withdrawn BIGINT NOT NULL,
    ended_due BIGINT NOT NULL,
    kept_due BIGINT NOT NULL,
    with_result BIGINT NOT NULL,
    with_papers BIGINT NOT NULL,
    owing BIGINT NOT NULL,
    paid_online BIGINT NOT NULL,
    PRIMARY KEY (level, day, unit, procedure)
);
-- Every question of a page names either units or procedures: all procedures together stand under the one without a name. The
-- primary key is for counting anew and for verifying.
CREATE INDEX figure_cell_unit ON figure_cell (level, unit, day);
CREATE INDEX figure_cell_procedure ON figure_cell (level, procedure, day);
DELETE FROM figure_state;
