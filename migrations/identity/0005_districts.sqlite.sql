-- Committees of districts, until 30 June 2025: a kind of unit of its own. SQLite changes a check by making the table anew.
CREATE TABLE unit_made_anew (
    id BLOB /*uuid*/ NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('province', 'department', 'district', 'commune', 'desk', 'division')),
    opened_on TEXT /*date*/ NOT NULL,
    closed_on TEXT /*date*/,
    working_hours TEXT NOT NULL,
    sectors TEXT /*json*/ NOT NULL,
    version INTEGER NOT NULL
) STRICT;
INSERT INTO unit_made_anew (id, kind, opened_on, closed_on, working_hours, sectors, version)
    SELECT id, kind, opened_on, closed_on, working_hours, sectors, version FROM unit;
DROP TABLE unit;
ALTER TABLE unit_made_anew RENAME TO unit;
