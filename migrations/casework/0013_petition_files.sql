-- Which files belong to a petition. The files themselves lie where all others lie, in quarantine until they were looked at; who
-- added one is not written down: it would say who denounces.
CREATE TABLE petition_file (
    file UUID NOT NULL PRIMARY KEY REFERENCES dossier_file (id),
    petition UUID NOT NULL REFERENCES petition (id)
);
CREATE INDEX petition_file_of ON petition_file (petition, file);
-- The register of a period.
CREATE INDEX petition_unit_filed ON petition (unit, filed_at, id);
