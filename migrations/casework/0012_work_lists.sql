-- What stands around a work list (numbers of the tabs, what it can be narrowed to) is read from one index of the open dossiers
-- of a unit or a desk, and never from the rows.
CREATE INDEX dossier_at_open ON dossier (at_unit, state, sort_at, assignee, procedure_code, assignee_name, is_open)
    WHERE is_open;
CREATE INDEX dossier_desk_open ON dossier (desk, state, sort_at, assignee, procedure_code, assignee_name, is_open)
    WHERE is_open;
DROP INDEX dossier_desk_state;
