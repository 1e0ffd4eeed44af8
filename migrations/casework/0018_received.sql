-- The public figure of who filed herself is of what was received: a request that no desk has received is no dossier yet.
CREATE INDEX dossier_received ON dossier (received_at, entered) WHERE received_at IS NOT NULL;
