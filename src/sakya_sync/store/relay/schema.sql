-- Version 1 of a relay's database.

CREATE TABLE room (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    subject BLOB NOT NULL,
    digest BLOB,
    snapshot_number INTEGER,
    snapshot_head BLOB,
    snapshot_seq INTEGER
);
CREATE INDEX room_subject ON room (subject);

-- Only ever appended to.
CREATE TABLE record (
    seq INTEGER PRIMARY KEY,
    room INTEGER NOT NULL,
    author BLOB NOT NULL,
    wseq INTEGER NOT NULL,
    body BLOB NOT NULL
);
CREATE INDEX record_room ON record (room, author, wseq);

CREATE TABLE head (
    room INTEGER NOT NULL,
    author BLOB NOT NULL,
    wseq INTEGER NOT NULL,
    chain BLOB NOT NULL,
    PRIMARY KEY (room, author)
) WITHOUT ROWID;

-- Peer ids are unsigned 64-bit numbers, which SQLite's integers do not hold: decimal text.
CREATE TABLE owner (
    room INTEGER NOT NULL,
    peer TEXT NOT NULL,
    author BLOB NOT NULL,
    next INTEGER NOT NULL,
    PRIMARY KEY (room, peer)
) WITHOUT ROWID;

CREATE TABLE access (
    subject BLOB NOT NULL,
    number INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (subject, number)
) WITHOUT ROWID;

CREATE TABLE nonce (
    device BLOB NOT NULL,
    nonce BLOB NOT NULL,
    time_ms INTEGER NOT NULL,
    PRIMARY KEY (device, nonce)
) WITHOUT ROWID;
CREATE INDEX nonce_time ON nonce (time_ms);

PRAGMA user_version = 1;
