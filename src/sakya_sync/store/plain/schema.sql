-- Version 1 of the database of a relay's plain rooms.

CREATE TABLE room (
    id INTEGER PRIMARY KEY,
    magic TEXT NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (magic, name)
);

-- Appended to; what is covered by a later entry goes when its grace period is over.
CREATE TABLE entry (
    seq INTEGER PRIMARY KEY,
    room INTEGER NOT NULL,
    number INTEGER NOT NULL,
    body BLOB NOT NULL,
    retired_ms INTEGER
);
CREATE INDEX entry_room ON entry (room, number);
CREATE INDEX entry_retired ON entry (retired_ms) WHERE retired_ms IS NOT NULL;

-- What a room has to remember of entries that are gone.
CREATE TABLE mark (
    room INTEGER NOT NULL,
    mark BLOB NOT NULL,
    PRIMARY KEY (room, mark)
) WITHOUT ROWID;

PRAGMA user_version = 1;
