-- Boundaries of areas by the days on which they hold: the shape of a province or a commune between two days. Several may overlap in
-- time for one code: the one that began last is drawn.
CREATE TABLE map_boundary (
    id UUID PRIMARY KEY,
    code TEXT NOT NULL,
    tier TEXT NOT NULL CHECK (tier IN ('province', 'district', 'commune')),
    name TEXT NOT NULL,
    name_en TEXT,
    name_fold TEXT NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE,
    source TEXT NOT NULL,
    geometry BYTEA NOT NULL,
    west DOUBLE PRECISION NOT NULL,
    south DOUBLE PRECISION NOT NULL,
    east DOUBLE PRECISION NOT NULL,
    north DOUBLE PRECISION NOT NULL,
    loaded_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX map_boundary_code ON map_boundary (tier, code, valid_from);
CREATE INDEX map_boundary_name ON map_boundary (name_fold);
