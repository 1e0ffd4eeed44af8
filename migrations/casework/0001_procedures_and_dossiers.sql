-- The catalogue of procedures, every version that was ever in force, and one row a procedure for lists and search.
CREATE TABLE procedure_version (
    code TEXT NOT NULL,
    version BIGINT NOT NULL,
    content JSONB NOT NULL,
    content_sha256 BYTEA NOT NULL,
    valid_from DATE NOT NULL,
    imported_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (code, version)
);

CREATE TABLE procedure_current (
    code TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    content_sha256 BYTEA NOT NULL,
    summary JSONB NOT NULL,
    withdrawn_at TIMESTAMPTZ
);

-- One row; its revision grows with each import, so that every node knows when to read the catalogue again.
CREATE TABLE catalogue_revision (
    id BIGINT NOT NULL PRIMARY KEY,
    revision BIGINT NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL
);

-- What a citizen has typed and not yet sent. The content is sealed; it goes away 30 days after the last change.
CREATE TABLE draft (
    id UUID NOT NULL PRIMARY KEY,
    account UUID NOT NULL,
    person UUID NOT NULL,
    procedure_code TEXT NOT NULL,
    procedure_version BIGINT NOT NULL,
    procedure_name TEXT NOT NULL,
    step TEXT NOT NULL,
    content BYTEA NOT NULL,
    revision BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX draft_account ON draft (account, changed_at);
CREATE INDEX draft_changed ON draft (changed_at);

CREATE TABLE dossier (
    id UUID NOT NULL PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    procedure_code TEXT NOT NULL,
    procedure_version BIGINT NOT NULL,
    procedure_name TEXT NOT NULL,
    -- the competent agency, the desk that receives, and their names on the day (units are renamed, receipts are not)
    unit UUID NOT NULL,
    unit_name TEXT NOT NULL,
    desk UUID NOT NULL,
    desk_name TEXT NOT NULL,
    person UUID NOT NULL,
    account UUID,
    person_mask TEXT NOT NULL,
    person_index BYTEA NOT NULL,
    check_person BYTEA NOT NULL,
    check_phone BYTEA,
    representation TEXT NOT NULL,
    entered TEXT NOT NULL,
    delivery TEXT NOT NULL,
    content BYTEA NOT NULL,
    state TEXT NOT NULL,
    resume_state TEXT,
    is_open BOOLEAN NOT NULL,
    assignee UUID,
    assignee_name TEXT,
    proposed_by UUID,
    outcome TEXT,
    supplements BIGINT NOT NULL,
    submitted_at TIMESTAMPTZ NOT NULL,
    check_by TIMESTAMPTZ NOT NULL,
    received_at TIMESTAMPTZ,
    is_late_receipt BOOLEAN NOT NULL,
    time_limit TEXT,
    due_at TIMESTAMPTZ,
    is_due_confirmed BOOLEAN NOT NULL,
    -- what the work list sorts by: check_by until reception, due_at after it
    sort_at TIMESTAMPTZ NOT NULL,
    stopped_at TIMESTAMPTZ,
    decided_at TIMESTAMPTZ,
    returned_at TIMESTAMPTZ,
    is_late BOOLEAN NOT NULL,
    -- working minutes that stood still for the applicant, and that the authority took in the end
    stopped_minutes BIGINT NOT NULL,
    worked_minutes BIGINT,
    changed_at TIMESTAMPTZ NOT NULL,
    revision BIGINT NOT NULL
);
CREATE INDEX dossier_unit_list ON dossier (unit, is_open, sort_at, id);
CREATE INDEX dossier_unit_state ON dossier (unit, state, sort_at, id);
CREATE INDEX dossier_desk_list ON dossier (desk, is_open, sort_at, id);
CREATE INDEX dossier_desk_state ON dossier (desk, state, sort_at, id);
CREATE INDEX dossier_open_list ON dossier (is_open, sort_at, id);
CREATE INDEX dossier_assignee ON dossier (assignee, is_open, sort_at, id);
CREATE INDEX dossier_person ON dossier (person, submitted_at, id);
CREATE INDEX dossier_account ON dossier (account, submitted_at, id);
CREATE INDEX dossier_person_index ON dossier (person_index, submitted_at);
CREATE INDEX dossier_unit_submitted ON dossier (unit, submitted_at, id);
CREATE INDEX dossier_unit_received ON dossier (unit, received_at, id);
CREATE INDEX dossier_unit_returned ON dossier (unit, returned_at, id);
CREATE INDEX dossier_unit_decided ON dossier (unit, decided_at, id);
CREATE INDEX dossier_desk_submitted ON dossier (desk, submitted_at, id);
CREATE INDEX dossier_desk_received ON dossier (desk, received_at, id);
CREATE INDEX dossier_desk_returned ON dossier (desk, returned_at, id);
CREATE INDEX dossier_desk_decided ON dossier (desk, decided_at, id);
CREATE INDEX dossier_submitted ON dossier (submitted_at);
CREATE INDEX dossier_procedure ON dossier (procedure_code, submitted_at);
CREATE INDEX dossier_decided ON dossier (decided_at);

-- The last number given by an agency on a day. One row is the lock under which numbers are given.
CREATE TABLE dossier_number (
    agency TEXT NOT NULL,
    day DATE NOT NULL,
    last BIGINT NOT NULL,
    PRIMARY KEY (agency, day)
);

-- Each step of a dossier: who, in which role, where, when, what. The reason is sealed: people's names stand in reasons.
CREATE TABLE dossier_event (
    id UUID NOT NULL PRIMARY KEY,
    dossier UUID NOT NULL REFERENCES dossier (id),
    seq BIGINT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    action TEXT NOT NULL,
    from_state TEXT,
    to_state TEXT NOT NULL,
    capacity TEXT NOT NULL,
    account UUID,
    actor_name TEXT,
    unit UUID,
    unit_name TEXT,
    note BYTEA,
    UNIQUE (dossier, seq)
);

-- Each stop of the clock, closed by its end.
CREATE TABLE dossier_stop (
    id UUID NOT NULL PRIMARY KEY,
    dossier UUID NOT NULL REFERENCES dossier (id),
    cause TEXT NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    due_before TIMESTAMPTZ,
    due_after TIMESTAMPTZ
);
CREATE INDEX dossier_stop_dossier ON dossier_stop (dossier, started_at);

-- A request for what is missing: one complete list of defects, and the applicant's answer. Both sealed.
CREATE TABLE dossier_supplement (
    id UUID NOT NULL PRIMARY KEY,
    dossier UUID NOT NULL REFERENCES dossier (id),
    seq BIGINT NOT NULL,
    is_before_reception BOOLEAN NOT NULL,
    asked_at TIMESTAMPTZ NOT NULL,
    asked_by TEXT NOT NULL,
    asked_unit TEXT NOT NULL,
    request BYTEA NOT NULL,
    answered_at TIMESTAMPTZ,
    answer BYTEA,
    UNIQUE (dossier, seq)
);

-- Files of drafts and dossiers. The name is sealed, the bytes are a blob of their own key.
CREATE TABLE dossier_file (
    id UUID NOT NULL PRIMARY KEY,
    draft UUID,
    dossier UUID,
    purpose TEXT NOT NULL,
    component BIGINT,
    supplement UUID,
    blob UUID NOT NULL,
    name BYTEA NOT NULL,
    media_type TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    sha256 BYTEA NOT NULL,
    added_at TIMESTAMPTZ NOT NULL,
    added_by UUID NOT NULL
);
CREATE INDEX dossier_file_draft ON dossier_file (draft, added_at);
CREATE INDEX dossier_file_blob ON dossier_file (blob);
CREATE INDEX dossier_file_dossier ON dossier_file (dossier, added_at);

-- How the result was handed over. Who took it and against what is sealed.
CREATE TABLE dossier_delivery (
    dossier UUID NOT NULL PRIMARY KEY REFERENCES dossier (id),
    way TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    officer UUID NOT NULL,
    officer_name TEXT NOT NULL,
    detail BYTEA NOT NULL
);

-- What the citizen is told. No personal data: the words are made from the kind when the page is drawn.
CREATE TABLE notice (
    id UUID NOT NULL PRIMARY KEY,
    account UUID NOT NULL,
    dossier UUID NOT NULL,
    dossier_code TEXT NOT NULL,
    procedure_name TEXT NOT NULL,
    kind TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    read_at TIMESTAMPTZ
);
CREATE INDEX notice_account ON notice (account, at, id);
CREATE INDEX notice_unread ON notice (account, read_at);

-- Wrong answers to "last four digits", so that nobody tries all ten thousand.
CREATE TABLE track_attempt (
    dossier UUID NOT NULL PRIMARY KEY,
    since TIMESTAMPTZ NOT NULL,
    failures BIGINT NOT NULL
);
