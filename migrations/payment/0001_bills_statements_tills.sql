-- Accounts at banks on which units receive money, and how each bank's statements are to be read (TOML).
CREATE TABLE payment_account (
    id UUID NOT NULL PRIMARY KEY,
    unit UUID NOT NULL,
    bank_bin TEXT NOT NULL,
    bank_name TEXT NOT NULL,
    number TEXT NOT NULL,
    holder TEXT NOT NULL,
    statement_format TEXT NOT NULL,
    -- Grows when the key of the bank's notices is renewed; 0 while notices are not taken.
    notice_key BIGINT NOT NULL,
    opened_at TIMESTAMPTZ NOT NULL,
    closed_at TIMESTAMPTZ,
    revision BIGINT NOT NULL,
    UNIQUE (bank_bin, number)
);
CREATE INDEX payment_account_unit ON payment_account (unit, opened_at);

-- What one procedure costs from a day on.
CREATE TABLE tariff (
    procedure_code TEXT NOT NULL,
    valid_from DATE NOT NULL,
    content JSONB NOT NULL,
    entered_at TIMESTAMPTZ NOT NULL,
    entered_by UUID NOT NULL,
    PRIMARY KEY (procedure_code, valid_from)
);

-- The last number of each prefix of references. The row is the lock; prefixes that were ever used are known by it.
CREATE TABLE reference_number (
    prefix TEXT NOT NULL PRIMARY KEY,
    last BIGINT NOT NULL
);

CREATE TABLE bill (
    id UUID NOT NULL PRIMARY KEY,
    reference TEXT NOT NULL UNIQUE,
    -- What it is for: a dossier; its code, and the name of its procedure on the day.
    subject UUID NOT NULL,
    subject_code TEXT NOT NULL,
    about TEXT NOT NULL,
    unit UUID NOT NULL,
    unit_name TEXT NOT NULL,
    desk UUID NOT NULL,
    account UUID REFERENCES payment_account (id),
    person UUID,
    payer_mask TEXT NOT NULL,
    payer BYTEA NOT NULL,
    lines JSONB NOT NULL,
    amount BIGINT NOT NULL,
    -- Sums of the payments and refunds of this bill, kept in the same transaction; `tinhso verify` adds them up again.
    settled BIGINT NOT NULL,
    surplus BIGINT NOT NULL,
    refunded BIGINT NOT NULL,
    -- What is still to come: nothing once it is paid or cancelled.
    waiting BIGINT NOT NULL,
    state TEXT NOT NULL,
    issued_at TIMESTAMPTZ NOT NULL,
    issued_by UUID,
    issued_name TEXT NOT NULL,
    paid_at TIMESTAMPTZ,
    cancelled_at TIMESTAMPTZ,
    cancelled_name TEXT,
    cancelled_why BYTEA,
    revision BIGINT NOT NULL
);
CREATE INDEX bill_subject ON bill (subject, issued_at);
CREATE INDEX bill_unit ON bill (unit, issued_at, id);
CREATE INDEX bill_unit_state ON bill (unit, state, issued_at, id);
CREATE INDEX bill_desk ON bill (desk, issued_at, id);
CREATE INDEX bill_desk_state ON bill (desk, state, issued_at, id);
CREATE INDEX bill_waiting ON bill (account, waiting);

-- A file of a bank that was taken in: what it says of itself, and how many of its lines were new.
CREATE TABLE statement_import (
    id UUID NOT NULL PRIMARY KEY,
    account UUID NOT NULL REFERENCES payment_account (id),
    file_sha256 BYTEA NOT NULL,
    part BIGINT NOT NULL,
    from_day DATE NOT NULL,
    to_day DATE NOT NULL,
    opening BIGINT,
    closing BIGINT,
    sum_in BIGINT NOT NULL,
    sum_out BIGINT NOT NULL,
    lines BIGINT NOT NULL,
    lines_new BIGINT NOT NULL,
    lines_known BIGINT NOT NULL,
    lines_doubled BIGINT NOT NULL,
    imported_at TIMESTAMPTZ NOT NULL,
    imported_by UUID NOT NULL,
    imported_name TEXT NOT NULL,
    UNIQUE (account, file_sha256, part)
);
CREATE INDEX statement_import_account ON statement_import (account, imported_at, id);

-- A booking. Who paid and the text are sealed; the key tells it again by a keyed index.
CREATE TABLE bank_line (
    id UUID NOT NULL PRIMARY KEY,
    account UUID NOT NULL REFERENCES payment_account (id),
    key_index BYTEA NOT NULL,
    -- The statement that has it; none while only a notice of the bank told of it.
    import UUID REFERENCES statement_import (id),
    booked_on DATE NOT NULL,
    direction TEXT NOT NULL,
    amount BIGINT NOT NULL,
    detail BYTEA NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL,
    UNIQUE (account, key_index)
);
CREATE INDEX bank_line_day ON bank_line (account, booked_on, id);
CREATE INDEX bank_line_import ON bank_line (import);

-- What each đồng of a line is. A part that a person decided ends, and others take its place: those that have not ended make
-- up the line.
CREATE TABLE line_part (
    id UUID NOT NULL PRIMARY KEY,
    line UUID NOT NULL REFERENCES bank_line (id),
    seq BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    class TEXT NOT NULL,
    what TEXT NOT NULL,
    bill UUID REFERENCES bill (id),
    refund UUID,
    -- Code of the rule or explanation.
    code TEXT,
    candidates JSONB NOT NULL,
    decided_at TIMESTAMPTZ,
    decided_name TEXT,
    reason BYTEA,
    ended_at TIMESTAMPTZ
);
CREATE INDEX line_part_line ON line_part (line, seq);
CREATE INDEX line_part_class ON line_part (class, ended_at);

-- Money that came for a bill: from a line of the bank, or as cash at a desk.
CREATE TABLE payment (
    id UUID NOT NULL PRIMARY KEY,
    bill UUID NOT NULL REFERENCES bill (id),
    amount BIGINT NOT NULL,
    is_surplus BOOLEAN NOT NULL,
    way TEXT NOT NULL,
    paid_on DATE NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    -- The officer who took it or said whose it is; the program when the bank's line named the bill.
    by_name TEXT,
    receipt_unit UUID,
    receipt_year BIGINT,
    receipt_number BIGINT,
    UNIQUE (receipt_unit, receipt_year, receipt_number)
);
CREATE INDEX payment_bill ON payment (bill, at);

CREATE TABLE receipt_number (
    unit UUID NOT NULL,
    year BIGINT NOT NULL,
    last BIGINT NOT NULL,
    PRIMARY KEY (unit, year)
);

CREATE TABLE refund (
    id UUID NOT NULL PRIMARY KEY,
    reference TEXT NOT NULL UNIQUE,
    bill UUID REFERENCES bill (id),
    -- The part of a line that belongs to nobody here and goes back.
    part UUID REFERENCES line_part (id),
    unit UUID NOT NULL,
    desk UUID NOT NULL,
    account UUID REFERENCES payment_account (id),
    way TEXT NOT NULL,
    amount BIGINT NOT NULL,
    sent BIGINT NOT NULL,
    -- To whom, and why: sealed.
    target BYTEA NOT NULL,
    ordered_at TIMESTAMPTZ NOT NULL,
    ordered_name TEXT NOT NULL,
    sent_at TIMESTAMPTZ,
    cancelled_at TIMESTAMPTZ
);
CREATE INDEX refund_bill ON refund (bill, ordered_at);
CREATE INDEX refund_unit ON refund (unit, ordered_at);
CREATE INDEX refund_desk ON refund (desk, ordered_at);

-- The till of a desk on a day. Once it is closed nothing of it changes.
CREATE TABLE till (
    id UUID NOT NULL PRIMARY KEY,
    desk UUID NOT NULL,
    desk_name TEXT NOT NULL,
    day DATE NOT NULL,
    opening BIGINT NOT NULL,
    opened_at TIMESTAMPTZ NOT NULL,
    expected BIGINT,
    counted BIGINT,
    handed_over BIGINT,
    why BYTEA,
    closed_at TIMESTAMPTZ,
    closed_by UUID,
    closed_name TEXT,
    UNIQUE (desk, day)
);

-- Cash taken (more than nothing) or given back (less).
CREATE TABLE cash (
    id UUID NOT NULL PRIMARY KEY,
    till UUID NOT NULL REFERENCES till (id),
    bill UUID REFERENCES bill (id),
    refund UUID REFERENCES refund (id),
    amount BIGINT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    by_account UUID NOT NULL,
    by_name TEXT NOT NULL
);
CREATE INDEX cash_till ON cash (till, at);
