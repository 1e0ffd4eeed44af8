-- Committees of districts, until 30 June 2025: a kind of unit of its own.
ALTER TABLE unit DROP CONSTRAINT unit_kind_check;
ALTER TABLE unit ADD CONSTRAINT unit_kind_check
    CHECK (kind IN ('province', 'department', 'district', 'commune', 'desk', 'division'));
