-- A change's body stands once: in its own row until a kept segment holds it, then in the segment
-- alone. Changes are numbered through all logs, in the order they were written, so that the number
-- is the row: a log's changes are those after `before`, one after another.

CREATE TABLE change_log_2 (
    place INTEGER PRIMARY KEY,
    log BLOB NOT NULL UNIQUE,
    before INTEGER NOT NULL,
    sealed BLOB NOT NULL
);
INSERT INTO change_log_2 (place, log, before, sealed)
    SELECT place, log,
           (SELECT coalesce(sum(length), 0)
            FROM (SELECT max(sequence) AS length FROM change
                  JOIN change_log AS earlier ON earlier.log = change.log
                  WHERE earlier.place < change_log.place GROUP BY change.log)),
           sealed
    FROM change_log;

CREATE TABLE change_2 (
    number INTEGER PRIMARY KEY,
    record BLOB NOT NULL,
    sealed BLOB                 -- Null: a segment holds the body.
);
-- What stands in both stays so: nothing is dropped that was not first looked at.
INSERT INTO change_2 (number, record, sealed)
    SELECT before + sequence, record, change.sealed
    FROM change JOIN change_log_2 ON change_log_2.log = change.log
    ORDER BY before + sequence;

DROP TABLE change;
DROP TABLE change_log;
ALTER TABLE change_2 RENAME TO change;
ALTER TABLE change_log_2 RENAME TO change_log;
CREATE INDEX change_by_record ON change (record);

-- The first of a record's own changes in the newest log that has not entered its base; 0: none.
-- Of a record that waits it is not known yet which: what has entered already is known when seen.
CREATE TABLE record_2 (
    record BLOB NOT NULL UNIQUE,
    waiting_from INTEGER NOT NULL,
    sealed BLOB NOT NULL
);
INSERT INTO record_2 (record, waiting_from, sealed)
    SELECT record, has_waiting, sealed FROM record ORDER BY rowid;
DROP TABLE record;
ALTER TABLE record_2 RENAME TO record;
CREATE INDEX record_waiting ON record (waiting_from) WHERE waiting_from > 0;
