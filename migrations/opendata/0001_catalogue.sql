-- Who publishes: agencies of the province by their word, and those that were entered over the interface.
CREATE TABLE opendata_organisation (
    name TEXT PRIMARY KEY,
    title_vi TEXT NOT NULL,
    title_en TEXT,
    notes TEXT,
    url TEXT,
    origin TEXT NOT NULL CHECK (origin IN ('agency', 'external')),
    state TEXT NOT NULL CHECK (state IN ('active', 'deleted')),
    created_at TIMESTAMPTZ NOT NULL
);

-- The catalogue. `document` holds the dataset; the other columns are what lists, facets and feeds are made from. `seq` grows with
-- each change of any dataset: whoever keeps an index in memory reads what is above the one she knows.
CREATE TABLE opendata_dataset (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    seq BIGINT NOT NULL UNIQUE,
    origin TEXT NOT NULL CHECK (origin IN ('register', 'external')),
    system TEXT,
    kind TEXT,
    state TEXT NOT NULL CHECK (state IN ('active', 'withdrawn', 'deleted')),
    publisher TEXT NOT NULL,
    title_key BYTEA NOT NULL,
    words TEXT NOT NULL,
    facets TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    modified_at TIMESTAMPTZ NOT NULL,
    document JSONB NOT NULL
);
CREATE INDEX opendata_dataset_modified ON opendata_dataset (state, modified_at, id);

-- Which dataset a resource belongs to.
CREATE TABLE opendata_resource (
    id UUID PRIMARY KEY,
    dataset UUID NOT NULL REFERENCES opendata_dataset (id)
);
CREATE INDEX opendata_resource_dataset ON opendata_resource (dataset);

-- What changed in the catalogue, for the feed.
CREATE TABLE opendata_change (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    dataset UUID NOT NULL REFERENCES opendata_dataset (id),
    act TEXT NOT NULL CHECK (act IN ('published', 'changed', 'data', 'withdrawn')),
    at TIMESTAMPTZ NOT NULL
);
CREATE INDEX opendata_change_dataset ON opendata_change (dataset, id);
