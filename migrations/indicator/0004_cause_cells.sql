-- Counts and sums of late dossiers by what they waited for most, as `figure_cell` has them of all dossiers: pages add these up instead
-- of walking over dossiers. `level` is day, day-unit, day-procedure, month, month-unit or month-procedure, as there. A late
-- dossier counts on the day on which it ended.
-- Cells are counted at the next start, or by `figures rebuild`.
CREATE TABLE figure_cause_cell (
    level TEXT NOT NULL,
    -- 2026-11-22 or 2026-11
    day TEXT NOT NULL,
    unit UUID NOT NULL,
    procedure TEXT NOT NULL,
    cause TEXT NOT NULL CHECK (cause IN ('agency', 'officer', 'leader')),
    late BIGINT NOT NULL,
    agency_minutes BIGINT NOT NULL,
    officer_minutes BIGINT NOT NULL,
    leader_minutes BIGINT NOT NULL,
    applicant_minutes BIGINT NOT NULL,
    by_person BIGINT NOT NULL,
    by_system BIGINT NOT NULL,
    PRIMARY KEY (level, day, unit, procedure, cause)
);
-- The last late dossiers of one unit, and of one procedure.
CREATE INDEX figure_fact_late_unit ON figure_fact (unit, ended_on, dossier, procedure) WHERE is_counted AND is_late;
CREATE INDEX figure_fact_late_procedure ON figure_fact (procedure, ended_on, dossier) WHERE is_counted AND is_late;
DELETE FROM figure_state;
