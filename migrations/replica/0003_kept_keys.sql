-- Keys of records that are not held here any more, while the log holds own words of them: a
-- restored server may have forgotten both. No wrap that stands here opens here.
CREATE TABLE kept_key (
    record BLOB PRIMARY KEY NOT NULL,
    sealed BLOB NOT NULL
) WITHOUT ROWID;
