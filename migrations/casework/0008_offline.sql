-- The desk that works with the line down: its devices, the codes reserved for them, and what they sent.

-- A browser at a desk that takes dossiers without the line. Its row outlives it: what it sent stays explained.
CREATE TABLE offline_device (
    id UUID NOT NULL PRIMARY KEY,
    label TEXT NOT NULL,
    desk UUID NOT NULL,
    desk_name TEXT NOT NULL,
    -- the unit in which its officer acts
    unit UUID NOT NULL,
    unit_name TEXT NOT NULL,
    officer UUID NOT NULL,
    officer_name TEXT NOT NULL,
    -- public key of the device: what it seals is authenticated by it
    device_key BYTEA NOT NULL,
    -- key pair of the server for this device alone; the private half is sealed
    public_key BYTEA NOT NULL,
    secret BYTEA NOT NULL,
    registered_at TIMESTAMPTZ NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL,
    -- what had to be added to its clock when it was last seen, in milliseconds
    clock_ms BIGINT NOT NULL,
    revoked_at TIMESTAMPTZ,
    revoked_by UUID,
    revoked_by_name TEXT
);
CREATE INDEX offline_device_desk ON offline_device (desk, registered_at);
CREATE INDEX offline_device_officer ON offline_device (officer, registered_at);

-- The last number reserved of an agency's day. It counts apart from dossier_number, so that the numbers given at desks with
-- the line up keep running without gaps.
CREATE TABLE offline_number (
    agency TEXT NOT NULL,
    day DATE NOT NULL,
    last BIGINT NOT NULL,
    PRIMARY KEY (agency, day)
);

-- Numbers of an agency's day that only one device may give.
CREATE TABLE offline_block (
    agency TEXT NOT NULL,
    day DATE NOT NULL,
    first BIGINT NOT NULL,
    last BIGINT NOT NULL,
    device UUID NOT NULL REFERENCES offline_device (id),
    reserved_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (agency, day, first)
);
CREATE INDEX offline_block_device ON offline_block (device, day);

-- One item that a device sent, or that an officer set aside with a reason: no code that was printed vanishes.
CREATE TABLE offline_item (
    id UUID NOT NULL PRIMARY KEY,
    device UUID NOT NULL REFERENCES offline_device (id),
    code TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('taken', 'set-aside')),
    dossier UUID REFERENCES dossier (id),
    -- what the paper receipt says, and what had been added to the device's clock for it
    printed_at TIMESTAMPTZ NOT NULL,
    clock_ms BIGINT NOT NULL,
    -- how much more the clock was wrong when the item came in
    drift_ms BIGINT NOT NULL,
    -- the instant from which deadlines run, and why that one
    received_at TIMESTAMPTZ,
    ground TEXT CHECK (ground IN ('paper', 'drift', 'contact')),
    sent_at TIMESTAMPTZ NOT NULL,
    sent_by UUID NOT NULL,
    sent_by_name TEXT NOT NULL,
    reason BYTEA
);
CREATE INDEX offline_item_device ON offline_item (device, sent_at);
CREATE INDEX offline_item_dossier ON offline_item (dossier);
