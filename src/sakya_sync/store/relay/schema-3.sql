-- Version 3 of a relay's database: heads, owners and sizes are no longer written with each record.

-- They follow from the records. Those up to this one have been taken in.
CREATE TABLE settled (seq INTEGER NOT NULL);
INSERT INTO settled SELECT coalesce(max(seq), 0) FROM record;

-- A digest follows from the heads.
ALTER TABLE room DROP COLUMN digest;

PRAGMA user_version = 3;
