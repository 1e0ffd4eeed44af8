-- The national portal: how each dossier stands on both sides, every transfer between them, what came in and could not be taken.
-- No personal data: a message that names an applicant is composed when it is sent and kept nowhere.

CREATE TABLE exchange_link (
    dossier UUID NOT NULL PRIMARY KEY,
    -- our code, and the one under which the portal knows it (its own for what was filed there)
    code TEXT NOT NULL,
    national_code TEXT NOT NULL UNIQUE,
    is_from_portal BOOLEAN NOT NULL,
    unit UUID NOT NULL,
    -- the vector of states, national codes 1-10: ours; what the portal said yes to; what it showed; what a ministry told
    our_state BIGINT NOT NULL,
    our_at TIMESTAMPTZ NOT NULL,
    told_state BIGINT,
    seen_state BIGINT,
    seen_at TIMESTAMPTZ,
    seen_ended_at TIMESTAMPTZ,
    ministry TEXT,
    ministry_state BIGINT,
    ministry_at TIMESTAMPTZ,
    -- numbers of the last transfer and of the last settled one
    last_number BIGINT NOT NULL,
    settled_number BIGINT NOT NULL,
    send_at TIMESTAMPTZ,
    refusals BIGINT NOT NULL,
    is_alone BOOLEAN NOT NULL,
    check_at TIMESTAMPTZ,
    checks BIGINT NOT NULL,
    mends BIGINT NOT NULL,
    drift TEXT,
    drift_since TIMESTAMPTZ,
    -- which node is at it, and until when that holds
    holder UUID,
    held_until TIMESTAMPTZ,
    due_at TIMESTAMPTZ,
    ended_at TIMESTAMPTZ,
    filed_at TIMESTAMPTZ,
    arrived_at TIMESTAMPTZ,
    -- to whom a lateness is put down, and when to look again
    judge_at TIMESTAMPTZ,
    cause TEXT
);
CREATE INDEX exchange_link_send ON exchange_link (send_at) WHERE send_at IS NOT NULL;
CREATE INDEX exchange_link_check ON exchange_link (check_at) WHERE check_at IS NOT NULL;
CREATE INDEX exchange_link_judge ON exchange_link (judge_at) WHERE judge_at IS NOT NULL;
CREATE INDEX exchange_link_drift ON exchange_link (drift_since, dossier, drift) WHERE drift IS NOT NULL;
CREATE INDEX exchange_link_drift_kind ON exchange_link (drift, drift_since, dossier) WHERE drift IS NOT NULL;
CREATE INDEX exchange_link_cause ON exchange_link (unit, due_at, dossier, cause) WHERE cause IS NOT NULL;

CREATE TABLE exchange_transfer (
    -- the idempotency key: the event of the outbox, or a key of its own for a mend
    id UUID NOT NULL PRIMARY KEY,
    dossier UUID NOT NULL,
    number BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('register', 'update', 'progress', 'mend', 'arrival')),
    stand TEXT NOT NULL CHECK (stand IN ('waiting', 'accepted', 'confirmed', 'failed', 'superseded')),
    -- the state that it tells, and the event behind it
    told BIGINT NOT NULL,
    action TEXT NOT NULL,
    -- dates, and who did it as the public sees it
    facts JSONB NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    tries BIGINT NOT NULL,
    first_tried_at TIMESTAMPTZ,
    tried_at TIMESTAMPTZ,
    settled_at TIMESTAMPTZ,
    -- why the last try was none
    reason TEXT,
    said TEXT,
    receipt TEXT,
    UNIQUE (dossier, number)
);
CREATE INDEX exchange_transfer_stand ON exchange_transfer (stand, at, id);
CREATE INDEX exchange_transfer_at ON exchange_transfer (at, id);

-- What came in and could not be taken: a dossier that we never had, an agency that nobody knows. One row a code and reason.
CREATE TABLE exchange_stray (
    code TEXT NOT NULL,
    reason TEXT NOT NULL,
    service TEXT NOT NULL,
    said TEXT NOT NULL,
    times BIGINT NOT NULL,
    first_at TIMESTAMPTZ NOT NULL,
    last_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (code, reason)
);
CREATE INDEX exchange_stray_at ON exchange_stray (last_at, code);

-- How far a pull has come, how the line fares, what the comparison of catalogues found.
CREATE TABLE exchange_note (
    name TEXT NOT NULL PRIMARY KEY,
    value JSONB NOT NULL,
    at TIMESTAMPTZ NOT NULL
);
