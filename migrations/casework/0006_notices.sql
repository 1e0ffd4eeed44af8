-- What was reminded of: a stage of a dossier is told once for each deadline.
CREATE TABLE dossier_reminder (
    dossier UUID NOT NULL REFERENCES dossier (id),
    -- receipt-near, receipt-late, near, over, escalated, supplement
    stage TEXT NOT NULL,
    -- The deadline; for supplement the hour since which the applicant is asked.
    about TIMESTAMPTZ NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (dossier, stage, about)
);
CREATE INDEX dossier_reminder_at ON dossier_reminder (at);
