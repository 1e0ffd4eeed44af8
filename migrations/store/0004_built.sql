-- The statements by which tables were made from definitions, in PostgreSQL's words: an archive carries them, so that the same
-- tables can be made where it is brought in.
CREATE TABLE built_schema (
    seq BIGINT PRIMARY KEY,
    statement TEXT NOT NULL
);
