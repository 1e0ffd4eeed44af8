-- What one administrator asked for and a second one decides: an account, an administrator's role, that a small unit needs no
-- second one.

CREATE TABLE account_proposal (
    id UUID NOT NULL PRIMARY KEY,
    act TEXT NOT NULL CHECK (act IN ('open', 'grant', 'move', 'alone')),
    -- Whose account; null when it is about a unit.
    account UUID REFERENCES account (id),
    role TEXT,
    unit UUID NOT NULL,
    valid_from DATE,
    valid_to DATE,
    reason TEXT NOT NULL,
    proposed_by UUID NOT NULL REFERENCES account (id),
    proposed_at TIMESTAMPTZ NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'approved', 'refused')),
    decided_by UUID REFERENCES account (id),
    decided_at TIMESTAMPTZ,
    decision TEXT
);
CREATE INDEX account_proposal_list ON account_proposal (state, proposed_at, id);
CREATE INDEX account_proposal_by_account ON account_proposal (account, act);

-- Units, with what lies below them, at which one administrator is enough. A row that ended stays.
CREATE TABLE account_alone (
    id UUID NOT NULL PRIMARY KEY,
    unit UUID NOT NULL,
    reason TEXT NOT NULL,
    set_by UUID REFERENCES account (id),
    set_at TIMESTAMPTZ NOT NULL,
    ended_by UUID REFERENCES account (id),
    ended_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX account_alone_live ON account_alone (unit) WHERE ended_at IS NULL;
