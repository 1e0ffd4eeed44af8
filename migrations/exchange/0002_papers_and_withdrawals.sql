-- What the portal tells besides states: papers and results by reference, fees. When an applicant took a dossier back there. What is
-- left of a transfer once it was pruned.

-- She took it back there at this hour, and it was not carried out yet; then what came of it: 'done', or why not.
ALTER TABLE exchange_link ADD COLUMN taken_back_at TIMESTAMPTZ;
ALTER TABLE exchange_link ADD COLUMN taken_back_answer TEXT;
CREATE INDEX exchange_link_taken_back ON exchange_link (taken_back_at) WHERE taken_back_at IS NOT NULL;

-- A paper or a result that lies at the other side and is fetched from there. Its address and name are sealed, and gone once it is here.
CREATE TABLE exchange_paper (
    id UUID NOT NULL PRIMARY KEY,
    dossier UUID NOT NULL,
    what TEXT NOT NULL CHECK (what IN ('component', 'result')),
    -- which paper of the procedure it is, counted from 0; its code, as the other side calls it
    component BIGINT,
    code TEXT NOT NULL,
    source BYTEA,
    stand TEXT NOT NULL CHECK (stand IN ('waiting', 'taken', 'failed')),
    reason TEXT,
    tries BIGINT NOT NULL,
    -- when it is fetched; none once it is settled
    next_at TIMESTAMPTZ,
    heard_at TIMESTAMPTZ NOT NULL,
    settled_at TIMESTAMPTZ,
    -- the file that it became here
    file UUID
);
CREATE INDEX exchange_paper_dossier ON exchange_paper (dossier, heard_at, id);
CREATE INDEX exchange_paper_next ON exchange_paper (next_at) WHERE next_at IS NOT NULL;

-- What the other side says of fees. It is shown to officers, and moves no bill: how a bill stands follows from money alone.
CREATE TABLE exchange_fee (
    dossier UUID NOT NULL,
    reference TEXT NOT NULL,
    name TEXT NOT NULL,
    amount BIGINT NOT NULL,
    is_paid BOOLEAN NOT NULL,
    heard_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (dossier, reference)
);

-- What is kept of a transfer after its time: its place in the order, and the receipt, which says the rest.
CREATE TABLE exchange_receipt (
    id UUID NOT NULL PRIMARY KEY,
    dossier UUID NOT NULL,
    number BIGINT NOT NULL,
    told BIGINT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    -- none for what was carried by a later one
    receipt TEXT,
    UNIQUE (dossier, number)
);

-- Pruning walks along it.
CREATE INDEX exchange_transfer_settled ON exchange_transfer (settled_at, id) WHERE settled_at IS NOT NULL;
