-- The part of a dossier that another unit works on: its own number, state, steps and clock. It is the other side of a request that
-- hands work over, has its id, and is no dossier: whoever counts dossiers reads another table.
CREATE TABLE child_dossier (
    id UUID NOT NULL PRIMARY KEY REFERENCES coordination (id),
    dossier UUID NOT NULL REFERENCES dossier (id),
    -- counted within the dossier, from 1; the code is the dossier's with this number behind it
    number BIGINT NOT NULL,
    code TEXT NOT NULL UNIQUE,
    -- the one that was sent on to this unit
    previous UUID,
    unit UUID NOT NULL,
    unit_name TEXT NOT NULL,
    from_name TEXT NOT NULL,
    -- the process it runs under; without a procedure the one that all have, with shares of the quota
    procedure_code TEXT,
    process_version BIGINT NOT NULL,
    quota TEXT NOT NULL,
    step TEXT NOT NULL,
    step_since TIMESTAMPTZ NOT NULL,
    step_due TIMESTAMPTZ,
    state TEXT NOT NULL,
    resume_state TEXT,
    is_open BOOLEAN NOT NULL,
    assignee UUID,
    assignee_name TEXT,
    proposed_by UUID,
    sent_at TIMESTAMPTZ NOT NULL,
    accept_by TIMESTAMPTZ NOT NULL,
    accepted_at TIMESTAMPTZ,
    is_late_accept BOOLEAN NOT NULL,
    due_at TIMESTAMPTZ NOT NULL,
    is_due_confirmed BOOLEAN NOT NULL,
    -- the dossier itself waits for its applicant
    is_held BOOLEAN NOT NULL,
    stopped_at TIMESTAMPTZ,
    stopped_minutes BIGINT NOT NULL,
    -- working minutes that stood still after the due date: nobody's lateness
    late_paused_minutes BIGINT NOT NULL,
    ended_at TIMESTAMPTZ,
    is_late BOOLEAN NOT NULL,
    late_minutes BIGINT NOT NULL,
    worked_minutes BIGINT,
    changed_at TIMESTAMPTZ NOT NULL,
    revision BIGINT NOT NULL,
    UNIQUE (dossier, number)
);
-- The work list of a unit and how long it is, read from the index alone.
CREATE INDEX child_unit_open ON child_dossier (unit, due_at, id) WHERE is_open;
CREATE INDEX child_assignee_open ON child_dossier (assignee, due_at, id) WHERE is_open AND assignee IS NOT NULL;
-- What ended, for the figures; what comes due, for reminders.
CREATE INDEX child_ended ON child_dossier (ended_at, unit) WHERE ended_at IS NOT NULL;
CREATE INDEX child_due_open ON child_dossier (due_at, id) WHERE is_open;

-- Each step of it. The reason is sealed.
CREATE TABLE child_event (
    child UUID NOT NULL REFERENCES child_dossier (id),
    seq BIGINT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    action TEXT NOT NULL,
    from_state TEXT,
    to_state TEXT NOT NULL,
    step TEXT NOT NULL,
    account UUID,
    actor_name TEXT,
    unit_name TEXT,
    to_name TEXT,
    note BYTEA,
    PRIMARY KEY (child, seq)
);

-- Each stop of its clock, closed by its end: the dossier waits for its applicant, or the unit that sent it was asked.
CREATE TABLE child_stop (
    child UUID NOT NULL REFERENCES child_dossier (id),
    cause TEXT NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    due_before TIMESTAMPTZ NOT NULL,
    due_after TIMESTAMPTZ,
    PRIMARY KEY (child, cause, started_at)
);

-- Files of its answer while it is worked on; with the answer they become files of the dossier.
CREATE TABLE child_file (
    file UUID NOT NULL PRIMARY KEY REFERENCES dossier_file (id),
    child UUID NOT NULL REFERENCES child_dossier (id)
);
CREATE INDEX child_file_child ON child_file (child, file);

-- What was reminded of, so that each is told once.
CREATE TABLE child_reminder (
    child UUID NOT NULL REFERENCES child_dossier (id),
    stage TEXT NOT NULL,
    about TIMESTAMPTZ NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (child, stage, about)
);
