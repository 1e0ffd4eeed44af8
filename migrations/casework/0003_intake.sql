-- How dossiers come in: at which desk, by whom, for whom; numbers of the queue; files that wait for the scanner.

-- A dossier that an officer took in: from the counter or the post. What was filed online has no row here.
CREATE TABLE dossier_intake (
    dossier UUID NOT NULL PRIMARY KEY REFERENCES dossier (id),
    channel TEXT NOT NULL CHECK (channel IN ('desk', 'post')),
    taken_by UUID NOT NULL,
    taken_by_name TEXT NOT NULL,
    -- the desk that took it, which need not be the one that receives
    taken_desk UUID NOT NULL,
    taken_desk_name TEXT NOT NULL,
    taken_at TIMESTAMPTZ NOT NULL,
    -- when the form was opened: how long a person stood at the counter
    began_at TIMESTAMPTZ NOT NULL,
    -- the day of the postmark, from which a deadline of the applicant counts
    postmark_on DATE,
    ticket UUID
);
CREATE INDEX dossier_intake_desk ON dossier_intake (taken_desk, taken_at);
CREATE INDEX dossier_intake_officer ON dossier_intake (taken_by, taken_at);

-- Who else a dossier is about: others who apply, the person represented, the organisation.
CREATE TABLE dossier_party (
    dossier UUID NOT NULL REFERENCES dossier (id),
    seq BIGINT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('applicant', 'represented', 'organisation')),
    person UUID,
    organisation UUID,
    PRIMARY KEY (dossier, seq)
);
CREATE INDEX dossier_party_person ON dossier_party (person);
CREATE INDEX dossier_party_organisation ON dossier_party (organisation);

-- The last number given at a desk on a day. One row is the lock under which numbers are given.
CREATE TABLE queue_day (
    desk UUID NOT NULL,
    day DATE NOT NULL,
    last BIGINT NOT NULL,
    PRIMARY KEY (desk, day)
);

-- One number of a desk's queue. It says nothing of the person who holds it.
CREATE TABLE queue_ticket (
    id UUID NOT NULL PRIMARY KEY,
    desk UUID NOT NULL,
    day DATE NOT NULL,
    number BIGINT NOT NULL,
    lane TEXT NOT NULL,
    -- the old, the disabled, pregnant women, people with small children go first
    is_priority BOOLEAN NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'called', 'absent', 'done')),
    taken_at TIMESTAMPTZ NOT NULL,
    called_at TIMESTAMPTZ,
    last_called_at TIMESTAMPTZ,
    calls BIGINT NOT NULL,
    counter TEXT NOT NULL,
    officer UUID,
    ended_at TIMESTAMPTZ,
    UNIQUE (desk, day, number)
);
CREATE INDEX queue_ticket_state ON queue_ticket (desk, day, state, number);
CREATE INDEX queue_ticket_called ON queue_ticket (desk, day, last_called_at);
CREATE INDEX queue_ticket_officer ON queue_ticket (officer, day, state);

-- A file that must pass the scanner before anybody opens it. No row: no scanner was set up when it came.
CREATE TABLE file_check (
    file UUID NOT NULL PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'clean', 'infected')),
    queued_at TIMESTAMPTZ NOT NULL,
    tried_at TIMESTAMPTZ,
    attempts BIGINT NOT NULL,
    -- what the scanner or the connection said last
    said TEXT NOT NULL
);
CREATE INDEX file_check_state ON file_check (state, queued_at);
