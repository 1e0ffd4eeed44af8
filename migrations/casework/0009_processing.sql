-- How work is shared out: who is away and who stands in, work that is offered to another officer, internal notes, and what was
-- decided about the dossiers of a unit that several units followed.

-- An officer is away from one day to another. While it holds, new work for her goes to her deputy, who acts in her own name.
CREATE TABLE absence (
    id UUID NOT NULL PRIMARY KEY,
    officer UUID NOT NULL,
    officer_name TEXT NOT NULL,
    unit UUID NOT NULL,
    deputy UUID NOT NULL,
    deputy_name TEXT NOT NULL,
    from_day DATE NOT NULL,
    -- the last day of it
    until_day DATE NOT NULL,
    -- one of few words: why somebody is ill is nobody's business
    cause TEXT NOT NULL CHECK (cause IN ('leave', 'mission', 'training', 'other')),
    entered_at TIMESTAMPTZ NOT NULL,
    entered_by UUID NOT NULL,
    entered_name TEXT NOT NULL,
    -- she came back earlier
    ended_at TIMESTAMPTZ,
    ended_name TEXT
);
CREATE INDEX absence_officer ON absence (officer, until_day);
CREATE INDEX absence_deputy ON absence (deputy, until_day);
CREATE INDEX absence_unit ON absence (unit, until_day);

-- For whom an officer acted who stood in, and to whom work went.
ALTER TABLE dossier_event ADD COLUMN for_account UUID;
ALTER TABLE dossier_event ADD COLUMN for_name TEXT;
ALTER TABLE dossier_event ADD COLUMN to_name TEXT;

-- Work of one officer that is offered to another of the same unit: the first one stays responsible until the other accepts.
-- The row goes when it is accepted, given back or overtaken; the history of the dossier keeps what happened.
CREATE TABLE handover (
    dossier UUID NOT NULL PRIMARY KEY REFERENCES dossier (id),
    from_officer UUID NOT NULL,
    from_name TEXT NOT NULL,
    to_officer UUID NOT NULL,
    to_name TEXT NOT NULL,
    offered_at TIMESTAMPTZ NOT NULL,
    offered_by UUID NOT NULL,
    offered_name TEXT NOT NULL,
    -- the step whose note is the reason
    event UUID NOT NULL REFERENCES dossier_event (id)
);
CREATE INDEX handover_to ON handover (to_officer, offered_at);

-- An internal note of an officer. It is never edited; it may be struck out, with a reason, and stays readable as struck out.
CREATE TABLE dossier_comment (
    id UUID NOT NULL PRIMARY KEY,
    dossier UUID NOT NULL REFERENCES dossier (id),
    at TIMESTAMPTZ NOT NULL,
    account UUID NOT NULL,
    officer_name TEXT NOT NULL,
    unit UUID,
    unit_name TEXT NOT NULL,
    text BYTEA NOT NULL,
    struck_at TIMESTAMPTZ,
    struck_name TEXT,
    struck_why BYTEA
);
CREATE INDEX dossier_comment_dossier ON dossier_comment (dossier, at);

-- Where the open dossiers of a unit go that is no more and that not exactly one unit followed: decided once, by a person.
CREATE TABLE succession_choice (
    unit UUID NOT NULL PRIMARY KEY,
    heir UUID NOT NULL,
    -- the decision's number and day
    basis TEXT NOT NULL,
    decided_at TIMESTAMPTZ NOT NULL,
    decided_by UUID NOT NULL,
    decided_name TEXT NOT NULL
);

-- Dossiers that lie still.
CREATE INDEX dossier_still ON dossier (is_open, changed_at, id);
