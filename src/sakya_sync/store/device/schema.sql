-- Version 1 of a device's database for one subject (a project, or an account).

CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;

-- Certificates and epoch statements, verbatim. `acked` is 0 while the relay may not have one.
CREATE TABLE access (
    seq INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    body BLOB NOT NULL,
    acked INTEGER NOT NULL
);

-- `version` and `digest` say what is held; `covered` is the seq of the last record that the checkpoint includes;
-- `unrendered` is 1 while something has come that the folder does not show yet.
CREATE TABLE room (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    checkpoint BLOB NOT NULL DEFAULT x'',
    covered INTEGER NOT NULL DEFAULT 0,
    version BLOB NOT NULL DEFAULT x'00',
    digest BLOB,
    unrendered INTEGER NOT NULL DEFAULT 0,
    snapshot_number INTEGER,
    snapshot_head BLOB
);

-- Sealed records, verbatim: those of others as they came, our own from the moment they are sealed.
CREATE TABLE record (
    seq INTEGER PRIMARY KEY,
    room INTEGER NOT NULL,
    author BLOB NOT NULL,
    wseq INTEGER NOT NULL,
    body BLOB NOT NULL,
    acked INTEGER NOT NULL,
    UNIQUE (room, author, wseq)
);
CREATE INDEX outbox ON record (room) WHERE acked = 0;

-- Our own edits that wait to be sealed: plain Loro updates.
CREATE TABLE pending (
    seq INTEGER PRIMARY KEY,
    room INTEGER NOT NULL,
    body BLOB NOT NULL
);
CREATE INDEX pending_room ON pending (room);

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

-- What disk and document last agreed on, file by file. `intended` rows are written before a file is replaced,
-- so that a crash between the two never makes our own write look like somebody's edit.
CREATE TABLE base (
    file TEXT NOT NULL,
    intended INTEGER NOT NULL,
    path TEXT NOT NULL,
    digest BLOB NOT NULL,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    executable INTEGER NOT NULL,
    eol TEXT NOT NULL,
    bom INTEGER NOT NULL,
    frontier BLOB NOT NULL,
    PRIMARY KEY (file, intended)
) WITHOUT ROWID;

-- Bases that a file had before, oldest first: a program may have one of them in its window still.
CREATE TABLE earlier (
    file TEXT NOT NULL,
    number INTEGER NOT NULL,
    frontier BLOB NOT NULL,
    superseded INTEGER NOT NULL,
    PRIMARY KEY (file, number)
) WITHOUT ROWID;

-- Empty folders that disk and structure document last agreed on, as the disk has their paths.
CREATE TABLE folder (
    path TEXT PRIMARY KEY
) WITHOUT ROWID;

-- What a scan would have taken away, and the writer has to say whether it is meant: files that are gone, or
-- have lost most of their text.
CREATE TABLE held (
    file TEXT PRIMARY KEY,
    path TEXT NOT NULL,
    gone INTEGER NOT NULL
) WITHOUT ROWID;

-- What a writer should know of: files that cannot be synced, deletions held back, names that collided.
CREATE TABLE attention (
    path TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (path, reason)
) WITHOUT ROWID;

-- How many words the files of a content have; worth keeping because counting a whole novel takes a second.
CREATE TABLE counted (
    digest BLOB PRIMARY KEY,
    words INTEGER NOT NULL
) WITHOUT ROWID;

PRAGMA user_version = 1;
