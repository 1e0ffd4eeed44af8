-- A dossier that was just sent in has been neither received nor decided nor returned, and nobody has it: indexes by those times
-- hold the dossiers that have them. Lists walk `at_unit` since 0002, and work is never
-- looked for by officer but among what is open.
DROP INDEX dossier_unit_list;
DROP INDEX dossier_assignee;
DROP INDEX dossier_unit_received;
DROP INDEX dossier_unit_returned;
DROP INDEX dossier_unit_decided;
DROP INDEX dossier_desk_received;
DROP INDEX dossier_desk_returned;
DROP INDEX dossier_desk_decided;
DROP INDEX dossier_decided;
CREATE INDEX dossier_unit_received ON dossier (unit, received_at, id) WHERE received_at IS NOT NULL;
CREATE INDEX dossier_unit_returned ON dossier (unit, returned_at, id) WHERE returned_at IS NOT NULL;
CREATE INDEX dossier_unit_decided ON dossier (unit, decided_at, id) WHERE decided_at IS NOT NULL;
CREATE INDEX dossier_desk_received ON dossier (desk, received_at, id) WHERE received_at IS NOT NULL;
CREATE INDEX dossier_desk_returned ON dossier (desk, returned_at, id) WHERE returned_at IS NOT NULL;
CREATE INDEX dossier_desk_decided ON dossier (desk, decided_at, id) WHERE decided_at IS NOT NULL;
CREATE INDEX dossier_decided ON dossier (decided_at) WHERE decided_at IS NOT NULL;
CREATE INDEX dossier_assignee ON dossier (assignee, sort_at, id) WHERE is_open AND assignee IS NOT NULL;
