-- One row a record for its key statement and all its wraps.
--
-- A statement is a batch of one now (shared/seal/key_batch.h): the same parts in another order, and
-- the signature holds as it did.
--   before: 85 | 50 record | 50 team | 50 maker | 5820 commitment | 5840 signature
--   after:  86 | 50 maker | 50 team | 00 | 5840 signature | 83 00 50 record 5820 commitment | 40
--
-- A wrap (shared/seal/wrap.h) no longer names its record, and they stand one after another.
--   84 | recipient | 50 recipient id | epoch | 5850 box
-- Epochs were 0 or 1: no program made a second reader key before this migration.
CREATE TABLE keys_of_record (
    record BLOB PRIMARY KEY NOT NULL,
    statement BLOB NOT NULL,
    wraps BLOB NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO keys_of_record (record, statement, wraps)
SELECT
    record,
    CAST(x'86' || substr(statement, 36, 17) || substr(statement, 19, 17) || x'00'
        || substr(statement, 87, 66) || x'8300' || substr(statement, 2, 17)
        || substr(statement, 53, 34) || x'40' AS BLOB),
    coalesce((
        SELECT CAST(group_concat(
            x'84' || substr(x'0001020304', recipient + 1, 1) || x'50' || recipient_id
                || substr(x'0001', epoch + 1, 1) || x'5850' || box, '') AS BLOB)
        FROM wrap
        WHERE wrap.record = record_key.record), x'')
FROM record_key;

DROP TABLE wrap;
DROP TABLE record_key;
ALTER TABLE keys_of_record RENAME TO record_key;
