-- Version 2 of a relay's database: what each room takes, and invitations to begin an account.

ALTER TABLE room ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
UPDATE room SET bytes =
    (SELECT coalesce(sum(length(body)), 0) FROM record WHERE record.room = room.id);

-- The token itself is not kept: whoever reads the database cannot use it.
CREATE TABLE invitation (
    digest BLOB PRIMARY KEY,
    uses INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL
) WITHOUT ROWID;

PRAGMA user_version = 2;
