-- The record types this database's last program knew, and whom it told of their records
-- (shared/model/record_type.h: Audience). A program that knows another audience tells anew.
CREATE TABLE known_type (
    number INTEGER PRIMARY KEY,
    audience INTEGER NOT NULL
) STRICT;

-- Every program before this migration knew these.
INSERT INTO known_type VALUES (1, 2), (2, 3), (3, 3), (4, 3), (5, 2);
