-- Changes that were issued again under another name, of which this server holds no parked first
-- one: a restored server may hear the second before the first, and must not count both.
CREATE TABLE reissued (
    log BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    digest BLOB NOT NULL,
    by_log BLOB NOT NULL,
    by_sequence INTEGER NOT NULL,
    PRIMARY KEY (log, sequence, digest)
) STRICT, WITHOUT ROWID;
