-- Messages, their deliveries by channel, what people want, which browsers listen. No address and no words of a message are here.

CREATE TABLE notice_message (
    id UUID NOT NULL PRIMARY KEY,
    -- The event it tells of.
    event UUID NOT NULL,
    kind TEXT NOT NULL,
    -- What tells recipients apart: account, person, or what the source knows.
    recipient UUID NOT NULL,
    account UUID,
    person UUID,
    -- Who opens the address when it is sent, and by what.
    source TEXT NOT NULL,
    at_source UUID NOT NULL,
    matter UUID NOT NULL,
    -- Code of the dossier: what the person knows the matter by.
    reference TEXT NOT NULL,
    -- Where a letter is printed.
    unit UUID,
    path TEXT NOT NULL,
    -- Codes, times, days, amounts, counts, names of units.
    parameters JSONB NOT NULL,
    lang TEXT NOT NULL,
    is_urgent BOOLEAN NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    -- Not worth telling after that.
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX notice_message_once ON notice_message (event, kind, recipient);
CREATE INDEX notice_message_at ON notice_message (at);
CREATE INDEX notice_message_matter ON notice_message (matter, at);

CREATE TABLE notice_delivery (
    id UUID NOT NULL PRIMARY KEY,
    message UUID NOT NULL REFERENCES notice_message (id),
    channel TEXT NOT NULL,
    recipient UUID NOT NULL,
    unit UUID,
    state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'delivered', 'failed', 'refused', 'skipped')),
    reason TEXT,
    -- What a server said, as kind and number; never its words.
    detail TEXT,
    attempts BIGINT NOT NULL,
    cost_dong BIGINT NOT NULL,
    -- When the event was: the order in which a recipient is told.
    at TIMESTAMPTZ NOT NULL,
    -- Queued: not before then. Sending: since then.
    next_at TIMESTAMPTZ NOT NULL,
    tried_at TIMESTAMPTZ,
    settled_at TIMESTAMPTZ,
    provider_id TEXT
);
CREATE UNIQUE INDEX notice_delivery_once ON notice_delivery (message, channel);
CREATE INDEX notice_delivery_turn ON notice_delivery (channel, state, at, id);
CREATE INDEX notice_delivery_due ON notice_delivery (channel, state, next_at);
CREATE INDEX notice_delivery_recipient ON notice_delivery (recipient, channel, state, at);
CREATE INDEX notice_delivery_provider ON notice_delivery (channel, provider_id);
CREATE INDEX notice_delivery_at ON notice_delivery (at, id);
CREATE INDEX notice_delivery_unit ON notice_delivery (unit, channel, state, at);

-- How a channel fares: caps of the day and the minute, and how long it is left alone.
CREATE TABLE notice_channel (
    channel TEXT NOT NULL PRIMARY KEY,
    day DATE,
    spent_dong BIGINT NOT NULL,
    minute BIGINT NOT NULL,
    minute_count BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    paused_until TIMESTAMPTZ,
    last_error TEXT,
    sent_at TIMESTAMPTZ
);

CREATE TABLE notice_preference (
    account UUID NOT NULL PRIMARY KEY,
    lang TEXT NOT NULL,
    -- Channels switched off, and switched on beyond the usual ones.
    off_channels JSONB NOT NULL,
    on_channels JSONB NOT NULL,
    -- Sealed: e-mail and telephone that the person typed for notices.
    contact BYTEA,
    changed_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE notice_device (
    id UUID NOT NULL PRIMARY KEY,
    account UUID NOT NULL,
    -- Keyed index of the address at the push service: one browser is one row.
    endpoint_index BYTEA NOT NULL UNIQUE,
    -- Sealed: address and keys of the browser.
    details BYTEA NOT NULL,
    made_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX notice_device_account ON notice_device (account, made_at);
