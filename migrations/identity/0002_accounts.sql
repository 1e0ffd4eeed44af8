-- Accounts, roles, sign-ins, uses of personal data, the audit log.

CREATE TABLE account (
    id UUID NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('citizen', 'organisation', 'officer')),
    -- Officers only: the name to sign in with, lower case.
    login TEXT UNIQUE,
    -- Officers only: name at work, its folded form for search, its sort key.
    name TEXT NOT NULL,
    name_fold TEXT NOT NULL,
    name_sort BYTEA NOT NULL,
    -- Citizens and organisations: the sealed person record.
    person UUID,
    -- Organisations: on whose behalf the person acts.
    organisation UUID,
    created_at TIMESTAMPTZ NOT NULL,
    created_by UUID,
    disabled_at TIMESTAMPTZ,
    disabled_why TEXT,
    failures BIGINT NOT NULL,
    locked_until TIMESTAMPTZ,
    -- Last sign-in, opening or enabling: 45 idle days count from here.
    used_at TIMESTAMPTZ NOT NULL,
    signed_in_at TIMESTAMPTZ,
    password_hash TEXT,
    password_set_at TIMESTAMPTZ,
    password_must_change BOOLEAN NOT NULL,
    totp_secret BYTEA,
    totp_confirmed_at TIMESTAMPTZ,
    -- The last 30-second step whose code was taken: a code is good once.
    totp_last_step BIGINT,
    roles_version BIGINT NOT NULL,
    -- Key of the person for citizens' accounts: one account per kind and person (organisations: per tax code).
    owner_index BYTEA UNIQUE
);
CREATE INDEX account_by_name ON account (kind, name_sort, id);
CREATE INDEX account_by_person ON account (person);
CREATE INDEX account_by_use ON account (kind, used_at);

CREATE TABLE account_recovery_code (
    account UUID NOT NULL REFERENCES account (id),
    hash BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ,
    PRIMARY KEY (account, hash)
);

-- Which subject of which identity provider an account answers to. The subject is a pseudonym of the provider: kept as a keyed index.
CREATE TABLE account_link (
    provider TEXT NOT NULL,
    subject_index BYTEA NOT NULL,
    account UUID NOT NULL REFERENCES account (id),
    linked_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (provider, subject_index)
);
CREATE INDEX account_link_by_account ON account_link (account);

CREATE TABLE role_assignment (
    id UUID NOT NULL PRIMARY KEY,
    account UUID NOT NULL REFERENCES account (id),
    role TEXT NOT NULL,
    unit UUID NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE,
    granted_by UUID,
    granted_at TIMESTAMPTZ NOT NULL,
    reason TEXT NOT NULL,
    withdrawn_at TIMESTAMPTZ,
    withdrawn_by UUID,
    withdrawn_why TEXT
);
CREATE INDEX role_assignment_by_account ON role_assignment (account, granted_at);
CREATE INDEX role_assignment_by_unit ON role_assignment (unit, role);

CREATE TABLE session (
    -- SHA-256 of the token in the cookie.
    key BYTEA NOT NULL PRIMARY KEY,
    id UUID NOT NULL UNIQUE,
    account UUID NOT NULL REFERENCES account (id),
    level TEXT NOT NULL,
    stage TEXT NOT NULL,
    device TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    acting UUID,
    provider TEXT,
    -- Sealed ID token, a hint for signing out at the provider.
    logout_hint BYTEA,
    -- A new second factor's sealed secret until its first code is typed in.
    enrolment BYTEA
);
CREATE INDEX session_by_account ON session (account, seen_at);
CREATE INDEX session_by_expiry ON session (expires_at);

-- Who looked at whose data and why. One row per view and person.
CREATE TABLE data_use (
    id UUID NOT NULL PRIMARY KEY,
    person UUID NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    purpose TEXT NOT NULL CHECK (purpose IN ('own', 'dossier', 'task', 'legal-basis', 'system')),
    -- The dossier or task; null for a legal basis or one's own data.
    matter UUID,
    -- Code of the dossier, number of the article: what a person can recognise.
    reference TEXT NOT NULL,
    account UUID,
    role TEXT,
    unit UUID,
    -- The officer's name and the unit's name on that day.
    who TEXT NOT NULL,
    unit_name TEXT NOT NULL
);
CREATE INDEX data_use_by_person ON data_use (person, at, id);
CREATE INDEX data_use_by_account ON data_use (account, at);

-- The audit log: each row's hash covers its content and the hash before it.
CREATE TABLE audit_entry (
    seq BIGINT NOT NULL PRIMARY KEY,
    at TIMESTAMPTZ NOT NULL,
    actor UUID,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail JSONB NOT NULL,
    previous BYTEA NOT NULL,
    hash BYTEA NOT NULL
);
CREATE INDEX audit_entry_by_action ON audit_entry (action, seq);
CREATE INDEX audit_entry_by_actor ON audit_entry (actor, seq);
CREATE INDEX audit_entry_by_subject ON audit_entry (subject, seq);

-- One row: the end of the chain. Writers meet here, so that the chain stays linear.
CREATE TABLE audit_head (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    seq BIGINT NOT NULL,
    hash BYTEA NOT NULL
);
