-- Everything a replica keeps. A column `sealed` holds its row's content under the store key,
-- bound to its table and key columns; all other columns are random ids, sequences and counts.
-- Row layouts: field-client/replica/store_codec.h.

CREATE TABLE single (
    name TEXT PRIMARY KEY NOT NULL,
    sealed BLOB NOT NULL
) WITHOUT ROWID;

-- The change logs this replica has written, in the order it opened them; the newest is written.
CREATE TABLE change_log (
    place INTEGER PRIMARY KEY,
    log BLOB NOT NULL UNIQUE,
    sealed BLOB NOT NULL
);

CREATE TABLE change (
    log BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    record BLOB NOT NULL,
    sealed BLOB NOT NULL,
    UNIQUE (log, sequence)
);
CREATE INDEX change_by_record ON change (record);

CREATE TABLE segment (
    log BLOB NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    UNIQUE (log, first)
);

CREATE TABLE receipt (
    log BLOB NOT NULL,
    through INTEGER NOT NULL,
    after INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    UNIQUE (log, through, after)
);

CREATE TABLE record (
    record BLOB NOT NULL UNIQUE,
    has_waiting INTEGER NOT NULL,
    sealed BLOB NOT NULL
);
CREATE INDEX record_waiting ON record (record) WHERE has_waiting = 1;

CREATE TABLE history (
    number INTEGER PRIMARY KEY,
    record BLOB NOT NULL,
    sealed BLOB NOT NULL
);
CREATE INDEX history_by_record ON history (record);

CREATE TABLE queued_key (record BLOB PRIMARY KEY NOT NULL) WITHOUT ROWID;
CREATE TABLE queued_erased (record BLOB PRIMARY KEY NOT NULL) WITHOUT ROWID;

-- Roster statements in the order they were accepted here.
CREATE TABLE statement (
    number INTEGER PRIMARY KEY,
    is_queued INTEGER NOT NULL,
    sealed BLOB NOT NULL
);
CREATE INDEX statement_queued ON statement (number) WHERE is_queued = 1;

CREATE TABLE parked (
    number INTEGER PRIMARY KEY,
    record BLOB NOT NULL,
    sealed BLOB NOT NULL
);
