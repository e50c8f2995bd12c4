-- Everything a server keeps. Ids, keys' wraps and sealed values are stored as they came; what can
-- be read here is what SECURITY.md lists.

-- The server's lives, oldest first; the last one is now. A restored server holds what its backup
-- held: cursors of earlier epochs reach no further than the positions noted here.
CREATE TABLE epoch (
    number INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    started_ms INTEGER NOT NULL,
    roster_position INTEGER NOT NULL,
    parked_told INTEGER NOT NULL,
    -- Numbers of parked items are never used again, not even for those a restore forgot.
    parked_number INTEGER NOT NULL
) STRICT;

CREATE TABLE epoch_start (
    epoch INTEGER NOT NULL REFERENCES epoch (number),
    team BLOB NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (epoch, team)
) STRICT, WITHOUT ROWID;

CREATE TABLE team_position (
    team BLOB PRIMARY KEY NOT NULL,
    position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The roster, in the order in which this server accepted it.
CREATE TABLE statement (
    position INTEGER PRIMARY KEY,
    bytes BLOB NOT NULL
) STRICT;

CREATE TABLE replica_contact (
    replica BLOB PRIMARY KEY NOT NULL,
    last_contact_ms INTEGER NOT NULL,
    unsent INTEGER NOT NULL,
    clock_offset_ms INTEGER NOT NULL,
    app_version TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE change_log (
    log BLOB PRIMARY KEY NOT NULL,
    replica BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    hash BLOB NOT NULL,
    -- Of the newest receipt; the floor of the next.
    received_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Evidence: segments as they were signed. `bytes` is a frame of shared/protocol. Those of a branch
-- that came second are kept beside the log they contradict.
CREATE TABLE segment (
    id INTEGER PRIMARY KEY,
    log BLOB NOT NULL,
    is_branch INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    head BLOB NOT NULL,
    bytes BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX segment_end ON segment (log, is_branch, last, head);

-- Which segments speak of a record: what an erasure has to visit.
CREATE TABLE segment_record (
    record BLOB NOT NULL,
    segment INTEGER NOT NULL,
    PRIMARY KEY (record, segment)
) STRICT, WITHOUT ROWID;

CREATE TABLE receipt (
    id INTEGER PRIMARY KEY,
    log BLOB NOT NULL,
    after INTEGER NOT NULL,
    through INTEGER NOT NULL,
    mark INTEGER NOT NULL,
    bytes BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX receipt_range ON receipt (log, through);

CREATE TABLE safe_mark (
    log BLOB PRIMARY KEY NOT NULL,
    through INTEGER NOT NULL,
    bytes BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE backup (
    backed_up_ms INTEGER PRIMARY KEY
) STRICT;

-- Merged states. `position` is the last place in the team's order; `fields` says for each field
-- where it changed last, by which log, and where another log had changed it before.
CREATE TABLE record (
    number INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    team BLOB NOT NULL,
    type INTEGER NOT NULL,
    position INTEGER NOT NULL,
    keys_position INTEGER NOT NULL,
    keys_log BLOB NOT NULL,
    keys_before INTEGER NOT NULL,
    confirmed_position INTEGER NOT NULL,
    is_erased INTEGER NOT NULL,
    owners BLOB NOT NULL,
    former_owners BLOB NOT NULL,
    fields BLOB NOT NULL,
    state BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX record_position ON record (team, position);

CREATE TABLE record_key (
    record BLOB PRIMARY KEY NOT NULL,
    statement BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE wrap (
    record BLOB NOT NULL,
    recipient INTEGER NOT NULL,
    recipient_id BLOB NOT NULL,
    epoch INTEGER NOT NULL,
    box BLOB NOT NULL,
    PRIMARY KEY (record, recipient, recipient_id, epoch)
) STRICT, WITHOUT ROWID;

-- Changes kept but not merged. `told` orders them anew whenever one changes.
CREATE TABLE parked (
    number INTEGER PRIMARY KEY,
    told INTEGER NOT NULL UNIQUE,
    log BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    digest BLOB NOT NULL,
    author BLOB NOT NULL,
    record BLOB NOT NULL,
    team BLOB NOT NULL,
    reason INTEGER NOT NULL,
    detail TEXT NOT NULL,
    body BLOB NOT NULL,
    adopted_log BLOB,
    adopted_sequence INTEGER
) STRICT;
CREATE UNIQUE INDEX parked_change ON parked (log, sequence, digest);
CREATE INDEX parked_record ON parked (record);

CREATE TABLE erasure_confirmation (
    record BLOB NOT NULL,
    replica BLOB NOT NULL,
    PRIMARY KEY (record, replica)
) STRICT, WITHOUT ROWID;
