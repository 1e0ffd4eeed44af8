CREATE TRIGGER "<N>_insert" AFTER INSERT ON <T>
    WHEN (NEW.<C> NOT NULL AND NOT ST_IsEmpty(NEW.<C>))
BEGIN
    INSERT OR REPLACE INTO <R> VALUES (NEW."fid", ST_MinX(NEW.<C>), ST_MaxX(NEW.<C>), ST_MinY(NEW.<C>), ST_MaxY(NEW.<C>));
END;
CREATE TRIGGER "<N>_update2" AFTER UPDATE OF <C> ON <T>
    WHEN OLD."fid" = NEW."fid" AND (NEW.<C> IS NULL OR ST_IsEmpty(NEW.<C>))
BEGIN
    DELETE FROM <R> WHERE id = OLD."fid";
END;
CREATE TRIGGER "<N>_update4" AFTER UPDATE ON <T>
    WHEN OLD."fid" != NEW."fid" AND (NEW.<C> IS NULL OR ST_IsEmpty(NEW.<C>))
BEGIN
    DELETE FROM <R> WHERE id IN (OLD."fid", NEW."fid");
END;
CREATE TRIGGER "<N>_update5" AFTER UPDATE ON <T>
    WHEN OLD."fid" != NEW."fid" AND (NEW.<C> NOT NULL AND NOT ST_IsEmpty(NEW.<C>))
BEGIN
    DELETE FROM <R> WHERE id = OLD."fid";
    INSERT OR REPLACE INTO <R> VALUES (NEW."fid", ST_MinX(NEW.<C>), ST_MaxX(NEW.<C>), ST_MinY(NEW.<C>), ST_MaxY(NEW.<C>));
END;
CREATE TRIGGER "<N>_update6" AFTER UPDATE OF <C> ON <T>
    WHEN OLD."fid" = NEW."fid" AND (NEW.<C> NOT NULL AND NOT ST_IsEmpty(NEW.<C>))
        AND (OLD.<C> NOT NULL AND NOT ST_IsEmpty(OLD.<C>))
BEGIN
    UPDATE <R> SET minx = ST_MinX(NEW.<C>), maxx = ST_MaxX(NEW.<C>), miny = ST_MinY(NEW.<C>), maxy = ST_MaxY(NEW.<C>)
        WHERE id = NEW."fid";
END;
CREATE TRIGGER "<N>_update7" AFTER UPDATE OF <C> ON <T>
    WHEN OLD."fid" = NEW."fid" AND (NEW.<C> NOT NULL AND NOT ST_IsEmpty(NEW.<C>))
        AND (OLD.<C> IS NULL OR ST_IsEmpty(OLD.<C>))
BEGIN
    INSERT INTO <R> VALUES (NEW."fid", ST_MinX(NEW.<C>), ST_MaxX(NEW.<C>), ST_MinY(NEW.<C>), ST_MaxY(NEW.<C>));
END;
CREATE TRIGGER "<N>_delete" AFTER DELETE ON <T>
    WHEN OLD.<C> NOT NULL
BEGIN
    DELETE FROM <R> WHERE id = OLD."fid";
END;
