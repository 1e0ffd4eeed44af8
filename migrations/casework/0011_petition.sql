-- Complaints, denunciations, recommendations: registers of their own, beside dossiers and never among them.
CREATE TABLE petition (
    id UUID NOT NULL PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('complaint', 'denunciation', 'recommendation')),
    -- what the questions led to; the kind may be corrected by who classifies
    stated_kind TEXT NOT NULL,
    state TEXT NOT NULL,
    is_open BOOLEAN NOT NULL,
    -- was a denunciation at any time: the identity needs its own right for ever
    is_protected BOOLEAN NOT NULL,
    channel TEXT NOT NULL CHECK (channel IN ('online', 'desk')),
    -- the unit that handles it, and its name on the day
    unit UUID NOT NULL,
    unit_name TEXT NOT NULL,
    -- nobody in the province is above what it is against: it can only be forwarded
    is_outside BOOLEAN NOT NULL,
    -- whose decision or conduct it is against, and whether that unit must keep its hands off
    against UUID NOT NULL,
    against_name TEXT NOT NULL,
    target TEXT NOT NULL CHECK (target IN ('decision', 'officer', 'head')),
    is_conflicting BOOLEAN NOT NULL,
    -- keyed index of the folded name of the person it is against
    against_index BYTEA NOT NULL,
    -- keyed index of the account that filed: found by who signs in, by nobody else
    filer_index BYTEA,
    -- masked name; none where the identity is protected
    filer_mask TEXT,
    content BYTEA NOT NULL,
    identity BYTEA NOT NULL,
    filed_at TIMESTAMPTZ NOT NULL,
    due_at TIMESTAMPTZ,
    is_due_confirmed BOOLEAN NOT NULL,
    -- what lists sort by: due_at while open, the last change afterwards
    sort_at TIMESTAMPTZ NOT NULL,
    outcome TEXT,
    forwarded_to TEXT,
    changed_at TIMESTAMPTZ NOT NULL,
    revision BIGINT NOT NULL
);
CREATE INDEX petition_unit_list ON petition (unit, is_open, sort_at, id);
CREATE INDEX petition_unit_kind ON petition (unit, is_open, kind, sort_at, id);
CREATE INDEX petition_filer ON petition (filer_index, filed_at, id);

-- The last number given in a year. One row is the lock under which numbers are given.
CREATE TABLE petition_number (
    year BIGINT NOT NULL PRIMARY KEY,
    last BIGINT NOT NULL
);

-- Each step: who, where, when. Words are sealed. Who filed stands in no step.
CREATE TABLE petition_event (
    id UUID NOT NULL PRIMARY KEY,
    petition UUID NOT NULL REFERENCES petition (id),
    seq BIGINT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    step TEXT NOT NULL,
    to_state TEXT NOT NULL,
    to_kind TEXT NOT NULL,
    account UUID,
    actor_name TEXT,
    unit_name TEXT,
    note BYTEA,
    UNIQUE (petition, seq)
);
