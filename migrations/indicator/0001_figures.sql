-- What figures are made of: one row a dossier without personal data, and cells that count these rows by day and by month.

CREATE TABLE figure_fact (
    dossier UUID NOT NULL PRIMARY KEY,
    code TEXT NOT NULL,
    -- the competent agency and the desk, as the dossier has them now
    unit UUID NOT NULL,
    desk UUID NOT NULL,
    procedure TEXT NOT NULL,
    -- who typed it: self, assisted, officer; post when an officer typed what the post brought
    channel TEXT NOT NULL,
    state TEXT NOT NULL,
    -- not decided yet
    is_open BOOLEAN NOT NULL,
    -- what must be kept next while the authority's clock runs
    until_at TIMESTAMPTZ,
    filed_at TIMESTAMPTZ NOT NULL,
    filed_on DATE NOT NULL,
    received_at TIMESTAMPTZ,
    received_on DATE,
    due_at TIMESTAMPTZ,
    ended_at TIMESTAMPTZ,
    ended_on DATE,
    -- decided, refused, stopped, withdrawn
    ending TEXT,
    -- where the clock stood at the end: the end, or the beginning of a wait for the applicant that the end cut off
    stood_at TIMESTAMPTZ,
    returned_at TIMESTAMPTZ,
    -- decided and had a due date: what on-time, working time and returns are counted over
    is_counted BOOLEAN NOT NULL,
    is_early BOOLEAN NOT NULL,
    is_late BOOLEAN NOT NULL,
    is_late_receipt BOOLEAN NOT NULL,
    -- how often the applicant was asked for more
    requests BIGINT NOT NULL,
    extensions BIGINT NOT NULL,
    worked_minutes BIGINT NOT NULL,
    stopped_minutes BIGINT NOT NULL,
    -- for QĐ 766/QĐ-TTg, groups 3 and 4
    has_result BOOLEAN NOT NULL,
    has_papers BOOLEAN NOT NULL,
    owes BOOLEAN NOT NULL,
    paid_online BOOLEAN NOT NULL
);
CREATE INDEX figure_fact_filed ON figure_fact (filed_on, dossier);
CREATE INDEX figure_fact_received ON figure_fact (received_on, dossier);
CREATE INDEX figure_fact_ended ON figure_fact (ended_on, dossier);
CREATE INDEX figure_fact_unit_filed ON figure_fact (unit, filed_on, dossier);
CREATE INDEX figure_fact_unit_received ON figure_fact (unit, received_on, dossier);
CREATE INDEX figure_fact_unit_ended ON figure_fact (unit, ended_on, dossier);
CREATE INDEX figure_fact_procedure_filed ON figure_fact (procedure, filed_on, dossier);
CREATE INDEX figure_fact_procedure_ended ON figure_fact (procedure, ended_on, dossier);
-- The rare ones, which a list must find without walking over all others.
CREATE INDEX figure_fact_late ON figure_fact (ended_on, dossier) WHERE is_counted AND is_late;
CREATE INDEX figure_fact_asked ON figure_fact (ended_on, dossier) WHERE is_counted AND requests > 0;
CREATE INDEX figure_fact_extended ON figure_fact (ended_on, dossier) WHERE is_counted AND extensions > 0;
CREATE INDEX figure_fact_other ON figure_fact (ended_on, dossier) WHERE NOT is_counted;
CREATE INDEX figure_fact_late_receipt ON figure_fact (received_on, dossier) WHERE is_late_receipt;
CREATE INDEX figure_fact_helped ON figure_fact (filed_on, dossier) WHERE channel <> 'self';
CREATE INDEX figure_fact_open ON figure_fact (unit, procedure, state, until_at, channel, is_open) WHERE is_open;
CREATE INDEX figure_fact_open_until ON figure_fact (until_at, dossier) WHERE is_open;

-- Counts and sums of facts. `level` says what a row is of:
--   day             one day, unit, procedure, channel
--   day-unit        one day, unit, channel; procedure is empty
--   month           as day, of a month
--   month-unit      as day-unit, of a month
--   month-procedure one month, procedure, channel of all units; unit is the nil UUID
-- A dossier counts on the day it was filed, on the day it was received, and on the day it ended.
CREATE TABLE figure_cell (
    level TEXT NOT NULL,
    -- 2026-11-22 or 2026-11
    day TEXT NOT NULL,
    unit UUID NOT NULL,
    procedure TEXT NOT NULL,
    channel TEXT NOT NULL,
    entries BIGINT NOT NULL,
    filed BIGINT NOT NULL,
    received BIGINT NOT NULL,
    late_receipts BIGINT NOT NULL,
    decided BIGINT NOT NULL,
    early BIGINT NOT NULL,
    late BIGINT NOT NULL,
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
    PRIMARY KEY (level, day, unit, procedure, channel)
);
CREATE INDEX figure_cell_unit ON figure_cell (level, unit, day);
CREATE INDEX figure_cell_procedure ON figure_cell (level, procedure, day);

-- For what a late dossier waited: working minutes of its time at each holder, and the longest of them. `attributed` is what
-- another room found out with evidence: person or system.
CREATE TABLE figure_cause (
    dossier UUID NOT NULL PRIMARY KEY REFERENCES figure_fact (dossier),
    cause TEXT NOT NULL CHECK (cause IN ('agency', 'officer', 'leader')),
    agency_minutes BIGINT NOT NULL,
    officer_minutes BIGINT NOT NULL,
    leader_minutes BIGINT NOT NULL,
    applicant_minutes BIGINT NOT NULL,
    attributed TEXT
);

-- One row: when the facts were made from the dossiers as a whole, and under which formulas.
CREATE TABLE figure_state (
    id BIGINT NOT NULL PRIMARY KEY,
    built_at TIMESTAMPTZ NOT NULL,
    formulas BIGINT NOT NULL
);

-- A report that was kept: its numbers and its formulas as they were. Rows are never changed.
CREATE TABLE figure_report (
    id UUID NOT NULL PRIMARY KEY,
    unit UUID NOT NULL,
    unit_name TEXT NOT NULL,
    from_day DATE NOT NULL,
    to_day DATE NOT NULL,
    cut_off TIMESTAMPTZ NOT NULL,
    kept_at TIMESTAMPTZ NOT NULL,
    kept_by UUID NOT NULL,
    kept_name TEXT NOT NULL,
    formulas BIGINT NOT NULL,
    content JSONB NOT NULL
);
CREATE INDEX figure_report_unit ON figure_report (unit, kept_at);
