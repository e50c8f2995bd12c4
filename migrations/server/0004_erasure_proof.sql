-- Erasures that no change held here made: a restored server had forgotten them, and was shown them
-- by somebody other than their author. The segment is as it was signed, but for the other bodies.
CREATE TABLE erasure_proof (
    record BLOB PRIMARY KEY NOT NULL,
    segment BLOB NOT NULL
) STRICT, WITHOUT ROWID;
