-- The public log: hashes only. What a hash stands for is known from the fact's own row and the salt beside it.

-- One row for each fact that is recorded: its salted commitment, and where it stands once the sequencer has taken it in.
CREATE TABLE ledger_fact (
    id UUID NOT NULL PRIMARY KEY,
    -- what kind of fact, and its id in its own room
    kind TEXT NOT NULL,
    subject UUID NOT NULL,
    salt BYTEA NOT NULL,
    -- SHA-256 of the salt and the canonical bytes of the fact
    commitment BYTEA NOT NULL,
    added_at TIMESTAMPTZ NOT NULL,
    -- none while it is pending
    place BIGINT UNIQUE,
    logged_at TIMESTAMPTZ,
    UNIQUE (kind, subject)
);
CREATE INDEX ledger_fact_pending ON ledger_fact (added_at, id) WHERE place IS NULL;

-- The tree, in the tiles of c2sp.org/tlog-tiles. Level 0 holds the entries themselves, 32 bytes each, from which its hashes
-- follow; the levels above hold hashes. The last tile of a level may be partial and grows.
CREATE TABLE ledger_tile (
    level BIGINT NOT NULL,
    number BIGINT NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (level, number)
);

-- Every checkpoint that was ever signed. There is one for a size, so that no two of one size can differ.
CREATE TABLE ledger_checkpoint (
    size BIGINT NOT NULL PRIMARY KEY,
    root BYTEA NOT NULL,
    -- as it was signed (c2sp.org/signed-note)
    note TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL
);

-- Which node is at what, and until when that holds. It spares work; what is true is held by the tables above.
CREATE TABLE ledger_lease (
    name TEXT NOT NULL PRIMARY KEY,
    holder UUID NOT NULL,
    until TIMESTAMPTZ NOT NULL
);

-- The witnesses that are asked: what each cosigned last, and how asking fares.
CREATE TABLE ledger_witness (
    name TEXT NOT NULL PRIMARY KEY,
    size BIGINT NOT NULL,
    fails BIGINT NOT NULL,
    next_at TIMESTAMPTZ NOT NULL,
    answered_at TIMESTAMPTZ,
    -- why the last try was none
    said TEXT
);

CREATE TABLE ledger_cosignature (
    size BIGINT NOT NULL REFERENCES ledger_checkpoint (size),
    witness TEXT NOT NULL,
    line TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (size, witness)
);

-- The logs of others that this province witnesses: the last checkpoint that it cosigned of each.
CREATE TABLE ledger_witnessed (
    origin TEXT NOT NULL PRIMARY KEY,
    size BIGINT NOT NULL,
    root BYTEA NOT NULL,
    note TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL
);
